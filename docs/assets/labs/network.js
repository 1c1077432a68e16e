/**
 * The network lab: a network whose weights are good. The reader moves a point (`network-plane.js`) and sees every sum on
 * its way (`network-sums.js`), looks at what a single unit says all over the plane (`network-units.js`), switches units
 * off, and spoils weights. The diagram and the sums are the very elements that the page brought along, copied and written
 * into.
 */

import { button, make, menu, weave } from "./fields.js";
import { Lab } from "./lab.js";
import { number, t } from "./language.js";
import { DOMAIN, Plane } from "./network-plane.js";
import { createSlider } from "./slider.js";
import { Diagram } from "./network-units.js";
import { show, spell } from "./network-sums.js";

/** @typedef {import("./messages").NetworkFrame} NetworkFrame */
/** @typedef {import("./messages").Points} Points */
/** @typedef {import("./messages").Stand} Stand */
/** @typedef {import("./messages").Trace} Trace */
/** @typedef {import("./messages").Unit} Unit */
/** @typedef {import("./report.js").State} State */

/** Cells along a side of what units say all over the plane: while a dial is turned, and when all stands still. */
const SIZE = 48;
const FINE_SIZE = 96;

/** The ends of the dials, as `gd_core.network_session` has them. */
const MOST_NOISE = 2;
const MOST_WEIGHT = 10;

/** How strong a shake is that somebody asks for while the dial stands at 0. */
const SHAKE = 0.5;

export class NetworkLab extends Lab {
  /** @param {HTMLElement} host */
  constructor(host) {
    super(host);
    this.settings = this.told("settings");
    /** @type {number[]} from the inputs to the output */
    this.layers = [2, ...this.settings.hidden_layers, 1];
    /** @type {Unit} the unit that is looked at; to begin with, the output */
    this.unit = [this.layers.length - 1, 0];
    /** @type {Stand} */
    this.stand = { off: [], noise: 0, shake: 1, nudges: [] };
    /** What has changed since Python was last asked, and whether it is being asked. */
    this.moved = false;
    this.altered = false;
    this.asking = false;
    /** Whether a dial is being turned: the status keeps silent until it is let go. */
    this.turning = false;

    /** @type {NetworkFrame | null} */
    this.frame = null;
    /** @type {NetworkFrame | null} with the good weights, all units on */
    this.good = null;
    /** @type {Trace | null} */
    this.trace = null;
    /** @type {Points | null} */
    this.points = null;
    /** Whether the diagram is behind the frame. */
    this.stale = false;

    const { id, signal } = this;
    const [x, y] = this.told("point");
    this.plane = new Plane({
      id,
      still: this.copy(".gd-picture-surface"),
      point: { x, y },
      move: () => {
        this.moved = true;
        this.send();
      },
      settle: () => this.settle(),
      invalidate: () => this.invalidate(),
      drawNow: () => this.draw(),
      signal,
    });
    this.diagram = new Diagram({
      svg: /** @type {SVGElement} */ (this.copy(".gd-net")),
      layers: this.layers,
      nameOf: (unit) => this.nameOf(unit),
      choose: (unit, place) => this.choose(unit, place),
      signal,
    });
    this.walk = this.copy(".gd-sums-fold, .gd-sums");

    this.unitTitle = make("h4", { class: "gd-plot-title", id: `${id}-unit` });
    this.sum = make("p", { class: "gd-network-sum" });
    this.toggle = button(t`Switch it off`, "", () => this.switchUnit(), signal);
    this.weight = menu({
      id: `${id}-weight`,
      name: t`Weight`,
      choices: [],
      value: "",
      choose: () => this.showWeight(),
      signal,
    });
    this.value = createSlider({
      id: `${id}-value`,
      name: t`Value of this weight`,
      ends: [-MOST_WEIGHT, MOST_WEIGHT],
      step: 0.05,
      write: show,
      turn: (value) => this.nudge(value),
      settle: () => this.settle(),
      signal,
    });
    this.noise = createSlider({
      id: `${id}-noise`,
      name: t`Shake all weights by`,
      ends: [0, MOST_NOISE],
      step: 0.05,
      write: show,
      turn: (noise) => {
        this.turning = true;
        this.alter({ noise });
      },
      settle: () => this.settle(),
      signal,
    });
    this.build();
    this.noise.place(0);
    this.choose(this.unit);
    this.mount();
  }

  build() {
    const { id, signal } = this;
    const about = make(
      "div",
      { class: "gd-network-panel", role: "group", "aria-labelledby": `${id}-unit` },
      this.unitTitle,
      this.sum,
      make("div", { class: "gd-row" }, this.weight.element, this.value.element),
      make(
        "div",
        { class: "gd-buttons" },
        this.toggle,
        button(t`Switch all on`, "", () => this.alter({ off: [] }), signal),
      ),
    );
    const whole = make(
      "div",
      { class: "gd-row gd-network-panel", role: "group", "aria-label": t`The whole network` },
      this.noise.element,
      make(
        "div",
        { class: "gd-buttons" },
        button(t`Another shake`, "", () => this.shakeAgain(), signal),
        button(t`Good weights back`, "", () => this.alter({ noise: 0, nudges: [] }), signal),
      ),
    );
    const network = make(
      "div",
      { class: "gd-plot" },
      make("h4", { class: "gd-plot-title" }, t`The network: choose a unit`),
      this.diagram.element,
      about,
    );
    this.plane.element.append(this.report.element, whole);
    this.root.append(make("div", { class: "gd-network-stage" }, this.plane.element, network));
    // the sums of a few units stand beside the plane; those of many are folded away, and wide
    (this.walk.matches("details") ? this.root : network).append(this.walk);
    this.host.toggleAttribute("data-live", true);
  }

  /**
   * Copy a part of what the page brought along; ids stay with the original.
   *
   * @param {string} selector
   * @returns {Element}
   */
  copy(selector) {
    const found = this.still?.querySelector(selector);
    if (!found) throw new Error(`the lab's recorded form must hold ${selector}`);
    const copied = /** @type {Element} */ (found.cloneNode(true));
    for (const element of copied.querySelectorAll("[id]")) element.removeAttribute("id");
    for (const name of ["id", "aria-labelledby", "aria-describedby"]) copied.removeAttribute(name);
    return copied;
  }

  // --- what the reader does -------------------------------------------------------------------------------------

  /** @param {Partial<Stand>} change */
  alter(change) {
    Object.assign(this.stand, change);
    if (change.noise !== undefined) this.noise.place(change.noise);
    this.altered = true;
    this.showUnit();
    this.send();
  }

  /** A dial was let go: now the status may speak, and pictures are drawn finely. */
  settle() {
    if (this.turning) this.altered = true;
    this.turning = false;
    this.send();
  }

  /** Other random numbers, and some strength if there was none. */
  shakeAgain() {
    const { noise, shake } = this.stand;
    this.alter(noise > 0 ? { shake: shake + 1 } : { noise: SHAKE });
  }

  switchUnit() {
    const others = this.stand.off.filter((unit) => String(unit) !== String(this.unit));
    this.alter({ off: this.isOff(this.unit) ? others : [...others, this.unit] });
  }

  /** @param {number} value of the chosen weight */
  nudge(value) {
    const [layer, unit] = this.unit;
    const place = Number(this.weight.select.value);
    const others = this.stand.nudges.filter(
      (nudge) => String(nudge.slice(0, 3)) !== String([layer, unit, place]),
    );
    this.turning = true;
    this.alter({ nudges: [...others, [layer, unit, place, value]] });
  }

  /**
   * Look at a unit.
   *
   * @param {Unit} unit
   * @param {number} [place] of one of its weights
   */
  choose(unit, place = 0) {
    this.unit = unit;
    const names = unit[0] === 1 ? [t`of x`, t`of y`] : this.of(unit[0] - 1);
    this.weight.select.replaceChildren(
      ...[...names, t`bias`].map((name, index) => make("option", { value: String(index) }, name)),
    );
    this.weight.select.value = String(place);
    this.showWeight();
    this.showUnit();
    this.showTrace();
    this.invalidate();
  }

  /** @param {number} layer */
  of(layer) {
    return Array.from({ length: this.layers[layer] }, (_, unit) => t`of unit ${unit + 1}`);
  }

  // --- what Python does -----------------------------------------------------------------------------------------

  /** @returns {import("./messages").LabRequest} */
  openingRequest() {
    return { type: "open", kind: "network", settings: this.settings, size: FINE_SIZE };
  }

  /** @param {NetworkFrame & { points: Points }} frame */
  opened(frame) {
    this.points = frame.points;
    this.good = frame;
    this.take(frame);
    const { off, noise, nudges } = this.stand;
    this.altered = noise > 0 || off.length > 0 || nudges.length > 0;
    this.moved = true;
    this.send();
  }

  /** Ask for what has changed, one request at a time: while something is dragged, only its latest place counts. */
  async send() {
    this.load();
    while (this.open && !this.asking && (this.altered || this.moved)) {
      this.asking = true;
      if (this.altered) {
        this.altered = false;
        /** @type {NetworkFrame | undefined} */
        const frame = await this.ask({
          type: "alter",
          ...this.stand,
          size: this.turning ? SIZE : FINE_SIZE,
        });
        if (frame) this.take(frame);
      }
      this.moved = false;
      /** @type {Trace | undefined} */
      const trace = this.open ? await this.ask({ type: "move", ...this.plane.point }) : undefined;
      this.asking = false;
      if (!trace) return;
      this.trace = trace;
      this.showTrace();
      this.show();
    }
  }

  /** @param {NetworkFrame} frame */
  take(frame) {
    this.frame = frame;
    this.stale = true;
    if (!this.turning) this.showWeight();
    this.invalidate();
  }

  // --- showing --------------------------------------------------------------------------------------------------

  /** @returns {State} */
  state() {
    const state = super.state();
    return state === "ready" && !this.trace ? "loading" : state;
  }

  show() {
    super.show();
    if (this.turning) this.report.status.setAttribute("aria-live", "off");
  }

  /** @returns {import("./report.js").Numbers} */
  numbers() {
    if (!this.frame) return [];
    const { loss, right, count } = this.frame;
    return [
      [t`Loss`, number(loss.toPrecision(2))],
      [t`Right`, t`${right} of ${count}`],
    ];
  }

  /**
   * @param {State} state
   * @returns {import("./report.js").Words}
   */
  words(state) {
    if (state === "recorded")
      return [t`Computed when this page was built. Touch anything to start Python and go on.`];
    if (state !== "ready" || !this.good) return [];
    const { off, noise, nudges } = this.stand;
    const units = off.map((unit) => this.nameOf(unit));
    const spoiled = [
      ...(units.length > 0 ? [t`${listed(units)} switched off`] : []),
      ...(noise > 0 ? [t`all weights shaken by ${show(noise)}`] : []),
      ...(nudges.length > 0
        ? [nudges.length > 1 ? t`${nudges.length} weights moved` : t`one weight moved`]
        : []),
    ];
    if (spoiled.length === 0) return [t`All units are on, and all weights are good.`];
    const { loss, right, count } = this.good;
    return [
      t`${capital(listed(spoiled))}. Before: loss ${number(loss.toPrecision(2))}, ${right} of ${count} right.`,
    ];
  }

  /**
   * @param {Unit} unit
   * @returns {string}
   */
  nameOf([layer, unit]) {
    if (layer === this.layers.length - 1) return t`the output`;
    return this.layers.length > 3 ? t`unit ${unit + 1} of hidden layer ${layer}` : t`unit ${unit + 1}`;
  }

  /** @param {Unit} unit */
  isOff(unit) {
    return this.stand.off.some((other) => String(other) === String(unit));
  }

  /** Say which unit is looked at, and what can be done with it. */
  showUnit() {
    const output = this.unit[0] === this.layers.length - 1;
    const name = this.nameOf(this.unit);
    this.unitTitle.textContent = capital(name);
    this.plane.name(
      output ? t`What the network answers` : t`What ${name} says`,
      output
        ? t`The points, discs of class 0 and diamonds of class 1, over the network's answer all over the plane`
        : t`The points over what ${name} says all over the plane; plus and minus mark the two sides`,
    );
    this.toggle.hidden = output;
    this.toggle.textContent = this.isOff(this.unit) ? t`Switch it on` : t`Switch it off`;
    this.diagram.silence((unit) => this.isOff(unit));
  }

  /** Bring the slider to the chosen weight's value, and make the weight stand out. */
  showWeight() {
    const [layer, unit] = this.unit;
    const place = Number(this.weight.select.value);
    this.diagram.mark(this.unit, place);
    const fanIn = this.layers[layer - 1];
    if (this.frame) {
      const { weights, biases } = this.frame.layers[layer - 1];
      this.value.place(place === fanIn ? biases[unit] : weights[unit * fanIn + place]);
    } else {
      // before Python is there: the good weights lie layer by layer, each unit's bias behind its weights
      const before = this.layers
        .slice(1, layer)
        .reduce((sum, units, i) => sum + units * (this.layers[i] + 1), 0);
      this.value.place(this.settings.params[before + unit * (fanIn + 1) + place]);
    }
  }

  /** Write the point's way into plane, diagram and sums. */
  showTrace() {
    const { trace, frame } = this;
    if (!trace || !frame) {
      const line = this.walk.querySelector(`[data-layer="${this.unit[0]}"][data-unit="${this.unit[1]}"]`);
      const [sum, result] = ["sum", "result"].map(
        (part) => line?.querySelector(`[data-${part}]`)?.textContent,
      );
      this.sum.textContent = t`${sum ?? ""}, then ${result ?? ""}`;
      return;
    }
    this.plane.say(trace);
    this.diagram.say(trace, (unit) => this.isOff(unit));
    const inputs = ["x = ", bold(trace.x), ", y = ", bold(trace.y)];
    this.walk.querySelector('[data-layer="0"] [data-result]')?.replaceChildren(...inputs);
    let incoming = new Float64Array([trace.x, trace.y]);
    for (const [index, { sums, outputs }] of trace.layers.entries()) {
      const { weights, biases } = frame.layers[index];
      const fanIn = incoming.length;
      for (const [place, sum] of sums.entries()) {
        /** @type {Unit} */
        const unit = [index + 1, place];
        const spelled = spell(
          weights.subarray(place * fanIn, (place + 1) * fanIn),
          incoming,
          biases[place],
          sum,
        );
        const result = this.result(unit, sum, outputs[place]);
        const line = this.walk.querySelector(`[data-layer="${unit[0]}"][data-unit="${place}"]`);
        line?.querySelector("[data-sum]")?.replaceChildren(spelled);
        line?.querySelector("[data-result]")?.replaceChildren(...result);
        if (String(unit) === String(this.unit)) {
          const whole = make("span", {}, ...this.result(unit, sum, outputs[place]));
          this.sum.replaceChildren(...weave(t`${spelled}, then ${"{0}"}`, whole));
        }
      }
      incoming = new Float64Array(outputs);
    }
  }

  /**
   * @param {Unit} unit
   * @param {number} sum
   * @param {number} output
   * @returns {(string | Node)[]}
   */
  result(unit, sum, output) {
    if (unit[0] === this.layers.length - 1)
      return weave(t`σ(${show(sum)}) = ${"{0}"}, so class ${sum > 0 ? 1 : 0}`, bold(output));
    if (this.isOff(unit)) return weave(t`switched off: ${"{0}"}`, bold(0));
    return [`${this.settings.activation}(${show(sum)}) = `, bold(output)];
  }

  draw() {
    const { frame, points } = this;
    if (!frame || !points) return;
    if (this.stale) this.diagram.draw(frame, DOMAIN);
    this.stale = false;
    const [layer, unit] = this.unit;
    const { size } = frame;
    const cells = size * size;
    const probabilities = frame.landscapes[layer - 1].subarray(unit * cells, (unit + 1) * cells);
    this.plane.draw(points, { size, probabilities }, layer < this.layers.length - 1);
  }
}

/** @param {string} text */
function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

/** @param {string[]} words */
function listed(words) {
  return words.length < 2
    ? words.join("")
    : t`${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

/** @param {number} value */
function bold(value) {
  return make("b", {}, show(value));
}
