/**
 * The plane of the network lab: what a unit says at every place, the data over it, and a point that the reader moves, by
 * mouse, finger, keys, or two sliders.
 */

import { drawSurface } from "./canvas.js";
import { make, weave } from "./fields.js";
import { t } from "./language.js";
import { Screen, context } from "./screen.js";
import { createSlider } from "./slider.js";
import { placeSign, sampled } from "./network-thumbnails.js";
import { show } from "./network-sums.js";

/** @typedef {{ x: number, y: number }} Point */

/** How far arrow keys move the point, without and with Shift. */
const STEP = 0.1;
const LEAP = 1;

/** Half the side of the plane, as `gd_core.datasets` has it. */
export const DOMAIN = 6;

export class Plane {
  /**
   * @param {object} options
   * @param {string} options.id prefix of ids
   * @param {Element} options.still what is seen until the first drawing
   * @param {Point} options.point
   * @param {(point: Point) => void} options.move called with every new place
   * @param {() => void} options.settle called when a slider is let go
   * @param {() => void} options.invalidate asks for a drawing
   * @param {() => void} options.drawNow asks for one at once
   * @param {AbortSignal} options.signal
   */
  constructor({ id, still, point, move, settle, invalidate, drawNow, signal }) {
    this.point = point;
    this.move = move;
    this.canvas = make("canvas", { role: "img" });
    this.handle = make("div", {
      class: "gd-plane-point",
      role: "slider",
      tabindex: "0",
      "aria-label": t`Point in the plane`,
      "aria-valuemin": String(-DOMAIN),
      "aria-valuemax": String(DOMAIN),
    });
    this.signs = ["+", "−"].map((sign) =>
      make("span", { class: "gd-plane-sign", "aria-hidden": "true", hidden: "" }, sign),
    );
    this.frame = make(
      "div",
      { class: "gd-frame gd-frame-data gd-plane-frame" },
      still,
      this.canvas,
      ...this.signs,
      this.handle,
    );
    this.title = make("h4", { class: "gd-plot-title" });
    this.answer = make("p", { class: "gd-plane-answer" });
    /** The sliders of x and y. */
    this.axes = /** @type {const} */ (["x", "y"]).map((name) =>
      createSlider({
        id: `${id}-${name}`,
        name,
        ends: [-DOMAIN, DOMAIN],
        step: 0.05,
        write: show,
        turn: (value) => this.take({ ...this.point, [name]: value }),
        settle,
        signal,
      }),
    );
    this.element = make(
      "div",
      { class: "gd-plot" },
      this.title,
      this.frame,
      make("div", { class: "gd-plane-axes" }, ...this.axes.map(({ element }) => element)),
      this.answer,
    );
    this.screen = new Screen([this.frame], invalidate, drawNow, signal);
    this.listen(signal);
    this.place();
  }

  /** @param {AbortSignal} signal */
  listen(signal) {
    const { frame, handle } = this;
    /** @param {MouseEvent} event */
    const follow = (event) => {
      const box = this.canvas.getBoundingClientRect();
      this.take({
        x: (((event.clientX - box.left) / box.width) * 2 - 1) * DOMAIN,
        y: (1 - ((event.clientY - box.top) / box.height) * 2) * DOMAIN,
      });
    };
    let dragging = false;
    frame.addEventListener(
      "pointerdown",
      (event) => {
        // a finger scrolls the page unless it takes the point; its tap arrives as a click
        if (event.button !== 0 || (event.pointerType === "touch" && event.target !== handle)) return;
        event.preventDefault();
        handle.focus({ preventScroll: true });
        frame.setPointerCapture(event.pointerId);
        dragging = true;
        follow(event);
      },
      { signal },
    );
    frame.addEventListener(
      "pointermove",
      (event) => {
        if (dragging) follow(event);
      },
      { signal },
    );
    for (const type of /** @type {const} */ (["pointerup", "pointercancel"])) {
      frame.addEventListener(type, () => (dragging = false), { signal });
    }
    frame.addEventListener("click", follow, { signal });
    handle.addEventListener("keydown", (event) => this.step(event), { signal });
  }

  /** @param {KeyboardEvent} event */
  step(event) {
    const far = event.shiftKey ? LEAP : STEP;
    const [right, up] =
      {
        ArrowRight: [far, 0],
        ArrowLeft: [-far, 0],
        ArrowUp: [0, far],
        ArrowDown: [0, -far],
        PageUp: [0, LEAP],
        PageDown: [0, -LEAP],
        Home: [-2 * DOMAIN, 0],
        End: [2 * DOMAIN, 0],
      }[event.key] ?? [];
    if (right === undefined || up === undefined) return;
    event.preventDefault();
    this.take({ x: this.point.x + right, y: this.point.y + up });
  }

  /** @param {Point} point anywhere; the nearest place that can be had is taken */
  take({ x, y }) {
    this.point = { x: held(x), y: held(y) };
    this.place();
    this.move(this.point);
  }

  /** Put the point where the reader wants it; what the network says of it follows. */
  place() {
    const { x, y } = this.point;
    this.handle.style.left = `${50 + (x / DOMAIN) * 50}%`;
    this.handle.style.top = `${50 - (y / DOMAIN) * 50}%`;
    this.handle.setAttribute("aria-valuenow", String(x));
    this.axes[0].place(x);
    this.axes[1].place(y);
  }

  /**
   * Say what the network makes of the point.
   *
   * @param {import("./messages").Trace} trace
   */
  say({ x, y, logit, probability, answer }) {
    this.handle.setAttribute(
      "aria-valuetext",
      t`x ${show(x)}, y ${show(y)}: probability of class 1 ${show(probability)}, so class ${answer}`,
    );
    this.answer.replaceChildren(
      ...weave(
        t`Logit ${"{0}"}, so class 1 with probability ${"{1}"}: the answer is class ${"{2}"}.`,
        ...[show(logit), show(probability), String(answer)].map((value) => make("b", {}, value)),
      ),
    );
  }

  /**
   * Say in words what is seen.
   *
   * @param {string} title
   * @param {string} description
   */
  name(title, description) {
    this.title.textContent = title;
    this.canvas.setAttribute("aria-label", description);
  }

  /**
   * Draw what a unit says, and the data.
   *
   * @param {import("./messages").Points} points
   * @param {import("./messages").Surface} surface
   * @param {boolean} signed whether plus and minus mark the two sides
   */
  draw(points, surface, signed) {
    const view = this.screen.fit(this.canvas);
    if (!view) return;
    this.frame.toggleAttribute("data-drawn", true);
    drawSurface(context(this.canvas), view, points, surface);
    const small = sampled(surface.probabilities, surface.size);
    for (const [index, sign] of this.signs.entries()) {
      const place = signed ? placeSign(small, index === 0 ? 1 : -1) : null;
      sign.hidden = !place;
      if (place) Object.assign(sign.style, { left: `${100 * place.left}%`, top: `${100 * place.top}%` });
    }
  }
}

/**
 * A coordinate within the square, on a grid that is fine enough for any finger.
 *
 * @param {number} value
 */
function held(value) {
  return Math.round(20 * Math.min(Math.max(value, -DOMAIN), DOMAIN)) / 20;
}
