/**
 * The picture of a valley or a ravine: the very SVG that came with the page (`scripts/valley_pictures.py`), brought to
 * life by moving its parts. Knows how weights and losses become places, and nothing of Python or of the page around it.
 */

import { number, t } from "./language.js";
import { svg } from "./svg.js";

/** @typedef {import("./messages").ValleyWalk} ValleyWalk */
/** @typedef {[number, number]} Point */

/**
 * @typedef {object} View the picture's measures, in its own units
 * @property {number} width
 * @property {number} height
 * @property {number} centre where the first weight is 0
 * @property {number} unit of a weight
 * @property {number} floor where the loss (or the second weight) is 0
 * @property {number} ceiling where the highest loss (or second weight) is
 * @property {number} top the loss at the edge of the page's own valley
 */

/**
 * @typedef {object} Scene what there is to see
 * @property {ValleyWalk} walk
 * @property {number} shown steps that are shown
 * @property {number} flown how far the last of them has flown, 0 to 1
 * @property {number[]} start
 * @property {string} away where the weights are, if they are out of the picture; else empty
 * @property {{ walk: ValleyWalk, shown: number } | null} ghost
 * @property {number} rate
 * @property {boolean} plain whether a step is the learning rate times the slope
 * @property {string} description
 * @property {string} caption
 */

/** Pixels beyond which nothing is drawn: a weight of 1e300 has a direction, but no place. */
const FAR = 1e5;

const PARTS = /** @type {const} */ ([
  ...["ghost", "ghost-dots", "trail", "dots", "tangent", "drop", "step", "away", "next", "now", "start"],
  ...["slope-text", "step-text", "away-text", "ground", "ticks", "ellipses"],
]);

export class ValleyPicture {
  /**
   * @param {HTMLElement} still what holds the SVG and its caption
   * @param {View} view
   * @param {number} count of weights
   * @param {number[]} window how far from the floor each weight is seen
   */
  constructor(still, view, count, window) {
    this.original = /** @type {SVGSVGElement} */ (still.querySelector("svg"));
    this.caption = /** @type {HTMLElement} */ (still.querySelector("figcaption"));
    this.recorded = this.caption.textContent;
    this.live = /** @type {SVGSVGElement} */ (this.original.cloneNode(true));
    this.view = view;
    this.count = count;
    this.window = window;
    this.top = 0;
    /** @type {Map<string, SVGElement>} */
    this.parts = new Map();
    for (const name of PARTS) {
      const part = /** @type {SVGElement | null} */ (this.live.querySelector(`.gd-v-${name}`));
      if (part) this.parts.set(name, part);
    }
  }

  /** Put the page's own picture back. */
  restore() {
    this.live.replaceWith(this.original);
    this.caption.textContent = this.recorded;
  }

  /**
   * Let the start be dragged.
   *
   * @param {(place: number[]) => void} drag called with the weights under the pointer
   * @param {AbortSignal} signal
   */
  followDrag(drag, signal) {
    const handle = /** @type {SVGElement} */ (this.parts.get("start"));
    const move = (/** @type {PointerEvent} */ event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(
        this.live.getScreenCTM()?.inverse(),
      );
      const { centre, floor, unit } = this.view;
      drag([(at.x - centre) / unit, (floor - at.y) / unit].slice(0, this.count));
    };
    handle.addEventListener(
      "pointerdown",
      (event) => {
        event.preventDefault();
        handle.setPointerCapture(event.pointerId);
      },
      { signal },
    );
    handle.addEventListener("pointermove", move, { signal });
  }

  /** @param {Scene} scene */
  draw(scene) {
    if (this.original.isConnected) this.original.replaceWith(this.live);
    if (this.caption.textContent !== scene.caption) this.caption.textContent = scene.caption;
    const { walk, shown, flown } = scene;
    this.ground(walk);
    const places = this.places(walk, shown + 1);
    const arrived = flown >= 1 || shown === 0;
    const settled = arrived ? places : places.slice(0, -1);
    this.set("trail", { d: line(settled) });
    this.set("dots", { d: dots(settled) });
    const before = scene.ghost ? this.places(scene.ghost.walk, scene.ghost.shown + 1) : [];
    this.set("ghost", { d: line(before) });
    this.set("ghost-dots", { d: dots(before) });
    const [startX, startY] = this.places(walk, 1)[0];
    this.set("start", { cx: startX, cy: startY });

    const from = arrived ? shown : shown - 1;
    this.drawNow(places, arrived, flown, scene.away);
    this.drawStep(scene, from);
    const description = this.live.querySelector("desc");
    if (description && description.textContent !== scene.description)
      description.textContent = scene.description;
  }

  /**
   * Where the weights are now, or where they went.
   *
   * @param {Point[]} places
   * @param {boolean} arrived
   * @param {number} flown
   * @param {string} away
   */
  drawNow(places, arrived, flown, away) {
    const end = places[places.length - 1];
    const begin = places[Math.max(places.length - 2, 0)];
    const part = arrived ? 1 : flown * flown * (3 - 2 * flown);
    const at = between(begin, end, part);
    const out = away !== "" && arrived;
    this.set("now", { cx: at[0], cy: at[1], visibility: out ? "hidden" : "visible" });
    const text = /** @type {SVGElement} */ (this.parts.get("away-text"));
    text.textContent = out ? away : "";
    if (!out) {
      this.set("away", { d: "" });
      return;
    }
    // An arrow at the edge: in a ravine beside the place, in a valley where the way from the floor leaves the picture.
    const { left, right, top, bottom, middle } = this.edges();
    const inset = 8;
    /** @type {Point} */
    let tip = [within(end[0], left + inset, right - inset), within(end[1], top + inset, bottom - inset)];
    let [x, y] = [end[0] - within(end[0], left, right), end[1] - within(end[1], top, bottom)];
    if (this.count === 1) {
      [x, y] = [end[0] - middle[0], end[1] - middle[1]];
      const reach = Math.min(
        (right - middle[0] - inset) / Math.abs(x),
        (middle[1] - top - inset) / Math.abs(y),
      );
      tip = [middle[0] + x * reach, middle[1] + y * reach];
    }
    const angle = Math.atan2(y, x);
    this.set("away", { d: arrow(moved(tip, -44 * Math.cos(angle), -44 * Math.sin(angle)), tip) });
    const side = tip[0] > (left + right) / 2 ? -1 : 1;
    text.setAttribute("x", String(tip[0] + side * (Math.abs(x) > Math.abs(y) ? 56 : 24)));
    text.setAttribute("y", String(within(tip[1] + 6, top + 24, bottom - 12)));
    text.setAttribute("text-anchor", side < 0 ? "end" : "start");
  }

  /**
   * The step from here: in a valley the tangent and the step along the axis, in a ravine the step itself.
   *
   * @param {Scene} scene
   * @param {number} from
   */
  drawStep({ walk, rate, plain, away }, from) {
    const { view, count } = this;
    const last = walk.losses.length - 1;
    const there = from < last;
    const weights = Array.from(walk.weights.subarray(from * count, (from + 2) * count));
    const [here, next] = this.places(walk, from + 2).slice(from);
    const seen = there && away === "" && this.inside(weights.slice(0, count));
    const landing = seen && this.inside(weights.slice(count));
    this.set("next", { visibility: landing ? "visible" : "hidden", cx: next?.[0] ?? 0, cy: next?.[1] ?? 0 });
    const slopeText = /** @type {SVGElement} */ (this.parts.get("slope-text"));
    const stepText = /** @type {SVGElement} */ (this.parts.get("step-text"));
    slopeText.textContent = stepText.textContent = "";
    if (!seen) {
      for (const name of ["tangent", "drop", "step"]) this.set(name, { d: "" });
      return;
    }
    if (count > 1) {
      this.set("step", { d: arrow(here, next) });
      return;
    }
    const slope = walk.slopes[from];
    const rise = (slope / this.top) * ((view.floor - view.ceiling) / view.unit); // units up for a unit to the right
    const reach = 92 / Math.hypot(1, rise);
    this.set("tangent", { d: line([moved(here, -reach, reach * rise), moved(here, reach, -reach * rise)]) });
    const lane = view.floor + 42;
    const { left, right } = this.edges();
    const tip = Math.min(Math.max(next[0], left - 24), right + 24);
    this.set("step", { d: arrow([here[0], lane], [tip, lane]) });
    this.set("drop", {
      d: `${line([here, [here[0], lane]])}${landing ? line([next, [next[0], lane]]) : ""}`,
    });
    const side = here[0] > view.centre ? -1 : 1;
    slopeText.textContent = t`slope ${short(slope)}`;
    slopeText.setAttribute("x", String(here[0] + side * 16));
    slopeText.setAttribute("y", String(here[1] - 12 < view.ceiling + 12 ? view.ceiling + 14 : here[1] - 12));
    slopeText.setAttribute("text-anchor", side < 0 ? "end" : "start");
    const taken = weights[1] - weights[0];
    stepText.textContent = plain
      ? t`step −${short(rate)} · ${slope < 0 ? `(${short(slope)})` : short(slope)} = ${short(taken)}`
      : t`step ${short(taken)}`;
    stepText.setAttribute("x", String(Math.min(Math.max((here[0] + tip) / 2, left + 100), right - 100)));
    stepText.setAttribute("y", String(lane + 26));
    stepText.setAttribute("text-anchor", "middle");
  }

  /**
   * The ground that the walk is on, which other curvatures change.
   *
   * @param {ValleyWalk} walk
   */
  ground({ top, ellipses }) {
    const { centre, unit, floor, ceiling } = this.view;
    if (this.count > 1) {
      const group = /** @type {SVGElement} */ (this.parts.get("ellipses"));
      const key = ellipses.join();
      if (group.dataset.key === key) return;
      group.dataset.key = key;
      const rings = [];
      for (let at = 0; at < ellipses.length; at += 2)
        rings.push(
          svg("ellipse", { cx: centre, cy: floor, rx: ellipses[at] * unit, ry: ellipses[at + 1] * unit }),
        );
      group.replaceChildren(...rings);
      return;
    }
    // Another curvature shows half as a narrower valley, half on another scale: either alone would leave the picture.
    const shown = Math.sqrt(top * this.view.top);
    if (shown === this.top) return;
    this.top = shown;
    const { left, right } = this.edges();
    const edge = floor - (top / shown) * (floor - ceiling);
    this.set("ground", { d: `M${left} ${edge}Q${centre} ${2 * floor - edge} ${right} ${edge}` });
    const ticks = [];
    for (const loss of ladder(shown, 4)) {
      const y = floor - (loss / shown) * (floor - ceiling);
      ticks.push(svg("path", { class: "gd-v-grid", d: `M${left} ${y}H${right}` }));
      const at = { class: "gd-v-tick gd-v-end", x: left - 5, y: y + 5 };
      if (loss > 0) ticks.push(svg("text", at, number(String(loss))));
    }
    this.parts.get("ticks")?.replaceChildren(...ticks);
  }

  /**
   * The first places of a walk, in the picture's units.
   *
   * @param {ValleyWalk} walk
   * @param {number} number
   * @returns {Point[]}
   */
  places({ weights, losses }, number) {
    const { centre, unit, floor, ceiling } = this.view;
    const found = [];
    for (let step = 0; step < Math.min(number, losses.length); step++) {
      const x = centre + weights[step * this.count] * unit;
      const y =
        this.count > 1
          ? floor - weights[step * 2 + 1] * unit
          : floor - (losses[step] / this.top) * (floor - ceiling);
      found.push(/** @type {Point} */ ([near(x), near(y)]));
    }
    return found;
  }

  /** @param {number[]} place */
  inside(place) {
    return place.every((weight, index) => Math.abs(weight) <= this.window[index]);
  }

  edges() {
    const { centre, unit, floor, ceiling } = this.view;
    const [wide, high] = this.window;
    const left = centre - wide * unit;
    const right = centre + wide * unit;
    const bottom = this.count > 1 ? floor + high * unit : floor;
    return { left, right, top: ceiling, bottom, middle: /** @type {Point} */ ([centre, floor]) };
  }

  /**
   * @param {string} name
   * @param {Record<string, string | number>} attributes
   */
  set(name, attributes) {
    const part = this.parts.get(name);
    for (const [attribute, value] of Object.entries(attributes)) {
      const text = typeof value === "number" ? value.toFixed(1) : value;
      if (part && part.getAttribute(attribute) !== text) part.setAttribute(attribute, text);
    }
  }
}

/** @param {number} pixels */
function near(pixels) {
  return Number.isNaN(pixels) ? FAR : within(pixels, -FAR, FAR);
}

/**
 * @param {number} value
 * @param {number} lowest
 * @param {number} highest
 */
function within(value, lowest, highest) {
  return Math.min(Math.max(value, lowest), highest);
}

/** @param {Point[]} points */
function line(points) {
  return points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

/**
 * Dots: lines of no length with round ends.
 *
 * @param {Point[]} points
 */
function dots(points) {
  return points.map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join("");
}

/**
 * @param {Point} from
 * @param {Point} to
 * @param {number} part
 * @returns {Point}
 */
function between(from, to, part) {
  return [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])];
}

/**
 * @param {Point} point
 * @param {number} right
 * @param {number} down
 * @returns {Point}
 */
function moved([x, y], right, down) {
  return [x + right, y + down];
}

/**
 * An arrow: its shaft, and its head unless it is too short for one.
 *
 * @param {Point} from
 * @param {Point} to
 */
function arrow(from, to) {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  if (length < 0.05) return "";
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const size = Math.min(16, length);
  const neck = between(from, to, 1 - (0.8 * size) / length);
  return line([from, neck]) + head(to, angle, size, 0.45);
}

/**
 * @param {Point} tip
 * @param {number} angle
 * @param {number} size
 * @param {number} spread
 */
function head([x, y], angle, size, spread) {
  const corners = [-spread, spread].map((turn) => {
    const at = angle + Math.PI + turn;
    return /** @type {Point} */ ([x + size * Math.cos(at), y + size * Math.sin(at)]);
  });
  return `${line([corners[0], [x, y], corners[1]])}Z`;
}

/**
 * Round numbers from 0 on, about so many, up to the highest.
 *
 * @param {number} highest
 * @param {number} wanted
 */
function ladder(highest, wanted) {
  const power = 10 ** Math.floor(Math.log10(highest / wanted));
  const step = power * ([1, 2, 5].find((multiple) => multiple * power * wanted >= highest) ?? 10);
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) =>
    Number((index * step).toPrecision(12)),
  );
}

/**
 * Write a number with three digits and a real minus.
 *
 * @param {number} value
 */
function short(value) {
  return number(String(Number(value.toPrecision(3))).replace("-", "−"));
}
