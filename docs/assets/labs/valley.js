/**
 * The valley: one weight on a parabola, or two in a ravine. Every turn of the dial is answered by Python with the whole
 * walk from the start (`gd_core.valley`); this file walks along it, step by step, in the picture that the page brought.
 * Two motions only: a step flies from place to place, and the picture follows the dial.
 */

import { FINE_STOPS, createDial } from "./dial.js";
import { button, make, menu } from "./fields.js";
import { Lab } from "./lab.js";
import { number, t } from "./language.js";
import { formatRate, thinned } from "./runs.js";
import { ValleyPicture } from "./valley-picture.js";

/** @typedef {import("./messages").ValleySettings} ValleySettings */
/** @typedef {import("./messages").ValleyWalk} ValleyWalk */
/** @typedef {import("./report.js").State} State */
/** @typedef {import("./report.js").Words} Words */
/** @typedef {import("./valley-picture.js").Scene} Scene */

/**
 * @typedef {object} Choices what the controls offer
 * @property {[number[], string][]} curvatures
 * @property {[string, string][]} optimizer
 * @property {number[]} momentum
 * @property {[number, number]} learning_rate ends of the dial
 * @property {number[]} starts how far from the floor each weight may begin
 * @property {number[]} window how far from the floor each weight is seen
 * @property {import("./dial.js").Mark[]} marks of the dial at first
 * @property {number} longest steps that a walk may have at most
 * @property {import("./valley-picture.js").View} view
 */

/** Steps a second while training: in a valley, in a ravine, and once the walk has left the picture. */
const PACE = { 1: 3, 2: 15, away: 200 };

/** Milliseconds that one step flies. */
const FLIGHT = 260;

const TABLE_ROWS = 40;

/** How the picture is read, by the number of weights. */
const CAPTIONS = {
  1: t`The straight line shows the slope here, the arrow the next step. Drag the first point to begin elsewhere.`,
  2: t`Seen from above: each line joins places of equal loss, and the floor is darkest. The arrow is the next step. Drag the first point to begin elsewhere.`,
};

export class ValleyLab extends Lab {
  /** @param {HTMLElement} host */
  constructor(host) {
    super(host);
    /** @type {ValleySettings} what the controls say; Python follows */
    this.settings = this.told("settings");
    /** @type {Choices} */
    this.choices = this.told("choices");
    /** How many weights there are. */
    this.count = this.settings.curvatures.length;
    this.names = this.count === 1 ? ["w"] : ["w₁", "w₂"];
    /** Steps that a walk has unless the reader goes on. */
    this.usual = this.settings.steps;

    /** @type {Partial<ValleySettings>} changes not yet sent */
    this.unsent = {};
    this.changing = false;
    /** @type {ValleyWalk | null} */
    this.walk = null;
    /** The steps that the reader has asked for; a walk that ends earlier shows fewer. */
    this.wanted = 0;
    /** Whether the reader has walked since the last change of a setting. */
    this.walked = false;
    this.running = false;
    /** Whether a longer walk is on its way. */
    this.longer = false;
    /** Whether the walk had left the picture already when the reader pressed Train. */
    this.left = false;
    /** @type {{ walk: ValleyWalk, shown: number, label: string } | null} the walk before */
    this.ghost = null;
    /** When the last step began to fly, in milliseconds; 0 if none flies. */
    this.flewAt = 0;
    this.tickedAt = 0;
    this.credit = 0;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");

    this.build();
    this.mount();
  }

  // --- building -------------------------------------------------------------------------------------------------

  build() {
    const { id, signal, settings, choices } = this;
    this.train = button(t`Train`, "gd-button-train", () => this.play(), signal);
    const buttons = make(
      "div",
      { class: "gd-buttons" },
      this.train,
      button(t`Step`, "gd-button-step", () => this.step(), signal),
      button(t`Reset`, "gd-button-reset", () => this.reset(), signal),
    );
    const row = make("div", { class: "gd-row" }, buttons, ...this.menus());
    this.dial = createDial({
      id,
      rate: settings.learning_rate,
      ends: choices.learning_rate,
      decade: FINE_STOPS,
      marks: choices.marks,
      turn: (learning_rate) => this.change({ learning_rate }),
      signal,
    });
    this.starts = make(
      "div",
      { class: "gd-row gd-valley-starts" },
      ...this.names.map((_, i) => this.slider(i)),
    );
    this.picture = this.still?.querySelector("svg")
      ? new ValleyPicture(this.still, choices.view, this.count, choices.window)
      : null;
    this.picture?.followDrag((place) => this.begin(place), signal);
    this.table = make("table", { class: "gd-table" });
    this.details = make(
      "details",
      { class: "gd-twin" },
      make("summary", {}, t`The walk as a table`),
      make(
        "div",
        { class: "gd-table-frame", tabindex: "0", role: "group", "aria-label": t`The walk as a table` },
        this.table,
      ),
    );
    this.details.addEventListener("toggle", () => this.writeTable(), { signal });
    this.root.append(
      make("div", { class: "gd-controls" }, row, this.dial.element),
      this.report.element,
      ...(this.still ? [this.still] : []),
      this.starts,
      this.details,
    );
  }

  /** @returns {HTMLElement[]} */
  menus() {
    const { id, signal, settings, choices } = this;
    const fields = [];
    if (this.count > 1 || settings.optimizer !== "sgd") {
      const rule = menu({
        id: `${id}-optimizer`,
        name: t`Update rule`,
        choices: choices.optimizer,
        value: settings.optimizer,
        choose: (optimizer) => this.change({ optimizer }),
        signal,
      });
      const momentum = menu({
        id: `${id}-momentum`,
        name: t`Momentum μ`,
        choices: choices.momentum.map((value) => [String(value), number(String(value))]),
        value: String(settings.momentum),
        choose: (value) => this.change({ momentum: Number(value) }),
        signal,
      });
      this.momentum = momentum.element;
      fields.push(rule.element, momentum.element);
    }
    const ground = menu({
      id: `${id}-curvatures`,
      name: this.count === 1 ? t`Curvature` : t`Curvatures`,
      choices: choices.curvatures.map(([curvatures, name]) => [curvatures.join(), name]),
      value: settings.curvatures.join(),
      choose: (value) => this.change({ curvatures: value.split(",").map(Number) }),
      signal,
    });
    return [...fields, ground.element];
  }

  /**
   * The slider of a weight's start.
   *
   * @param {number} index
   */
  slider(index) {
    const { choices, settings, signal } = this;
    const furthest = choices.starts[index];
    const input = make("input", {
      type: "range",
      id: `${this.id}-start-${index}`,
      class: "gd-valley-start",
      min: String(-furthest),
      max: String(furthest),
      step: "0.1",
      value: String(settings.start[index]),
    });
    const output = make("span", { class: "gd-valley-value", "aria-hidden": "true" });
    input.addEventListener(
      "input",
      () => {
        const start = [...this.settings.start];
        start[index] = Number(input.value);
        this.change({ start });
      },
      { signal },
    );
    this.sliders = [...(this.sliders ?? []), { input, output }];
    return make(
      "div",
      { class: "gd-field gd-valley-field" },
      make("label", { for: input.id }, t`Start of ${this.names[index]}`),
      make("div", { class: "gd-valley-range" }, input, output),
    );
  }

  unmount() {
    this.running = false;
    this.picture?.restore();
    super.unmount();
  }

  // --- what the reader does -------------------------------------------------------------------------------------

  async play() {
    this.running = !this.running;
    this.left = this.away(this.shown());
    this.show();
    if (!this.running) return;
    this.tickedAt = 0;
    this.credit = 1;
    if (!(await this.load()) || !this.running || !this.walk) return;
    if (this.shown() >= this.last() || this.away(this.shown())) await this.goOn();
    this.left = this.away(this.shown());
    this.tickedAt = 0;
    this.invalidate();
  }

  async step() {
    this.running = false;
    this.show();
    if (!(await this.load()) || !this.walk) return;
    if (this.shown() >= this.last()) await this.goOn();
    this.advance(1);
    this.show();
  }

  reset() {
    this.running = false;
    this.load();
    if (this.walked) this.keepGhost();
    else if (this.wanted === 0) this.ghost = null;
    this.wanted = 0;
    this.flewAt = 0;
    if (this.settings.steps !== this.usual) this.change({ steps: this.usual });
    this.show();
  }

  /**
   * Walk on where a walk has ended: with more steps, or, if there is nothing left to walk, from the start again. One
   * that has left the picture gets all the steps there are.
   */
  async goOn() {
    const { settings, choices } = this;
    if (!this.walk) return;
    if (this.walk.end !== "steps" || settings.steps >= choices.longest) {
      if (this.shown() >= this.last()) this.wanted = 0;
      return;
    }
    const steps = this.away(this.shown()) ? choices.longest : settings.steps + this.usual;
    this.settings.steps = Math.min(steps, choices.longest);
    this.wanted = this.shown();
    this.longer = true;
    const walk = await this.ask({ type: "walk", steps: this.settings.steps });
    this.longer = false;
    if (walk) this.take(walk);
  }

  /**
   * Turn something; the walk is walked again from the start, as far as it was.
   *
   * @param {Partial<ValleySettings>} settings
   */
  change(settings) {
    if (this.walked && settings.steps === undefined) this.keepGhost();
    if (settings.curvatures) this.ghost = null; // that was another valley
    if (settings.steps === undefined && this.settings.steps !== this.usual) settings.steps = this.usual;
    Object.assign(this.settings, settings);
    Object.assign(this.unsent, settings);
    this.flewAt = 0;
    this.sendChanges();
    this.show();
  }

  /**
   * Drag the start.
   *
   * @param {number[]} place
   */
  begin(place) {
    const start = place.map((value, index) => {
      const furthest = this.choices.starts[index];
      return Math.round(Math.min(Math.max(value, -furthest), furthest) * 10) / 10;
    });
    if (start.join() !== this.settings.start.join()) this.change({ start });
  }

  keepGhost() {
    this.walked = false;
    if (!this.walk || this.shown() === 0) return;
    this.ghost = { walk: this.walk, shown: this.shown(), label: this.label() };
  }

  /** How a walk is told from others. */
  label() {
    const { learning_rate, optimizer, momentum } = this.settings;
    const names = new Map(this.choices.optimizer);
    const rule = this.count > 1 ? `, ${names.get(optimizer)}` : "";
    const how = this.remembers() ? ` ${number(String(momentum))}` : "";
    const steps = this.shown();
    const counted = steps === 1 ? t`1 step` : t`${steps} steps`;
    return `${t`rate ${formatRate(learning_rate)}`}${rule}${how}, ${counted}`;
  }

  remembers() {
    return ["momentum", "nesterov"].includes(this.settings.optimizer);
  }

  // --- what Python does -----------------------------------------------------------------------------------------

  /** @returns {import("./messages").LabRequest} */
  openingRequest() {
    this.unsent = {};
    return { type: "open", kind: "valley", settings: { ...this.settings } };
  }

  /** @param {ValleyWalk} walk */
  opened(walk) {
    this.changing = false;
    this.take(walk);
    this.sendChanges();
  }

  /** Send what the controls changed, one message at a time: while a dial is dragged, only its latest place counts. */
  async sendChanges() {
    if (!this.open || !this.walk || this.changing || Object.keys(this.unsent).length === 0) return;
    const changes = this.unsent;
    this.unsent = {};
    this.changing = true;
    const walk = await this.ask({ type: "walk", ...changes });
    this.changing = false;
    if (walk) this.take(walk);
    this.sendChanges();
  }

  /** @param {ValleyWalk} walk */
  take(walk) {
    this.walk = walk;
    this.dial?.mark(walk.marks);
    this.show();
  }

  /** @param {unknown} error */
  fail(error) {
    this.running = false;
    this.changing = false;
    super.fail(error);
  }

  // --- the walk -------------------------------------------------------------------------------------------------

  /** The steps that the walk has. */
  last() {
    return this.walk ? this.walk.losses.length - 1 : 0;
  }

  /** The steps that are shown. */
  shown() {
    return Math.min(this.wanted, this.last());
  }

  /**
   * The weights after so many steps.
   *
   * @param {number} step
   */
  place(step) {
    return Array.from(this.walk?.weights.subarray(step * this.count, (step + 1) * this.count) ?? []);
  }

  /**
   * The slopes after so many steps.
   *
   * @param {number} step
   */
  slope(step) {
    return Array.from(this.walk?.slopes.subarray(step * this.count, (step + 1) * this.count) ?? []);
  }

  /**
   * Whether the walk is out of the picture after so many steps.
   *
   * @param {number} step
   */
  away(step) {
    return this.place(step).some((weight, index) => !(Math.abs(weight) <= this.choices.window[index]));
  }

  /**
   * Take steps.
   *
   * @param {number} steps
   */
  advance(steps) {
    const before = this.shown();
    this.wanted = Math.min(before + steps, this.last());
    if (this.wanted === before) return;
    this.walked = true;
    this.flewAt = this.calm.matches || steps > 1 ? 0 : performance.now();
    this.invalidate();
  }

  /**
   * Draw; while training, walk on.
   *
   * @param {number} now in milliseconds
   */
  draw(now) {
    if (this.running && this.open && this.walk && this.visible && !this.longer) {
      const passed = this.tickedAt ? now - this.tickedAt : 0;
      this.tickedAt = now;
      const pace = this.left ? PACE.away : this.count === 1 ? PACE[1] : PACE[2];
      this.credit = Math.min(this.credit + (passed * pace) / 1000, pace / 20 + 1.5);
      const steps = Math.floor(this.credit + 0.01);
      if (steps > 0) {
        this.credit -= steps;
        this.advance(steps);
        const leaving = !this.left && this.away(this.shown());
        if (this.shown() >= this.last() || leaving) this.running = false;
        this.show();
      }
      if (this.running) this.invalidate();
    }
    this.drawWalk(now);
  }

  /** @param {number} now in milliseconds */
  drawWalk(now) {
    if (!this.walk || !this.open || !this.picture) return;
    const { walk, ghost } = this;
    const shown = this.shown();
    const flown = this.flewAt ? Math.min((now - this.flewAt) / FLIGHT, 1) : 1;
    if (flown >= 1) this.flewAt = 0;
    else this.invalidate();
    this.picture.draw({
      walk,
      shown,
      flown: Math.max(flown, 0),
      start: this.settings.start,
      away: this.away(shown) ? this.whereAway(shown) : "",
      ghost,
      rate: this.settings.learning_rate,
      plain: this.settings.optimizer === "sgd",
      description: `${shown === 1 ? t`${this.where(shown)} after 1 step.` : t`${this.where(shown)} after ${shown} steps.`} ${walk.explanation}`,
      caption:
        CAPTIONS[this.count === 1 ? 1 : 2] + (ghost ? ` ${t`Dashed: the walk before, ${ghost.label}.`}` : ""),
    });
  }

  // --- showing --------------------------------------------------------------------------------------------------

  /** @returns {State} */
  state() {
    const state = super.state();
    if (state !== "ready") return state;
    if (!this.walk) return "loading";
    if (this.running) return "training";
    if (this.wanted === 0 && this.last() > 0) return "ready";
    return this.shown() >= this.last() ? "finished" : "paused";
  }

  show() {
    const name = this.running ? t`Pause` : t`Train`;
    if (this.train && this.train.textContent !== name) {
      this.train.textContent = name;
      this.train.classList.toggle("gd-running", this.running);
    }
    for (const [index, { input, output }] of (this.sliders ?? []).entries()) {
      const start = this.settings.start[index];
      input.value = String(start);
      output.textContent = write(start);
      input.setAttribute("aria-valuetext", write(start));
    }
    this.momentum?.toggleAttribute("hidden", !this.remembers());
    super.show();
    if (!this.running) this.writeTable();
  }

  /** @returns {import("./report.js").Numbers} */
  numbers() {
    if (!this.walk || !this.open) return [];
    const shown = this.shown();
    const places = this.place(shown).map((weight, index) => [this.names[index], write(weight)]);
    const slope = this.count === 1 ? [[t`Slope`, write(this.walk.slopes[shown])]] : [];
    return /** @type {import("./report.js").Numbers} */ ([
      [t`Step`, t`${shown} of ${this.settings.steps}`],
      ...places,
      ...slope,
      [t`Loss`, write(this.walk.losses[shown])],
    ]);
  }

  /** @param {State} state */
  words(state) {
    if (state === "recorded")
      return [
        t`This walk was worked out when the page was built. Press Train to start Python and walk yourself.`,
      ];
    if (!this.walk || !["ready", "training", "paused", "finished"].includes(state)) return [];
    const { explanation } = this.walk;
    const shown = this.shown();
    const what = make("strong", {}, `${this.headline(state, shown)} `);
    return [what, [explanation, this.wayOn(state, shown)].filter(Boolean).join(" ")];
  }

  /**
   * What there is to see, in a few words.
   *
   * @param {State} state
   * @param {number} shown
   * @returns {string}
   */
  headline(state, shown) {
    if (!this.walk) return "";
    if (this.last() === 0) return t`The floor: the slope is 0 here, so there is no step.`;
    if (this.away(shown)) {
      const first = this.firstAway();
      const where = this.whereAway(shown);
      return first === shown
        ? t`Step ${shown} has left the picture: ${where}.`
        : t`Out of the picture since step ${first}: ${where}.`;
    }
    if (state !== "finished") return "";
    if (this.walk.end === "arrived")
      return shown === 1 ? t`Arrived after 1 step.` : t`Arrived after ${shown} steps.`;
    return shown === 1 ? t`Not there after 1 step.` : t`Not there after ${shown} steps.`;
  }

  /**
   * What the reader may do next, where that is not plain.
   *
   * @param {State} state
   * @param {number} shown
   */
  wayOn(state, shown) {
    if (state === "ready") return t`Press Step for one step, Train for all of them.`;
    if (state === "training" || !this.walk || this.last() === 0) return "";
    if (this.away(shown))
      return this.walk.end === "steps" ? t`Train follows it further; Reset brings it back.` : "";
    return state === "finished" && this.walk.end === "steps" ? t`Train goes on.` : "";
  }

  firstAway() {
    let step = 0;
    while (step < this.last() && !this.away(step)) step += 1;
    return step;
  }

  /**
   * Where the weights are.
   *
   * @param {number} step
   */
  where(step) {
    return this.place(step)
      .map((weight, index) => `${this.names[index]} = ${write(weight)}`)
      .join(", ");
  }

  /**
   * Where those weights are that are out of the picture.
   *
   * @param {number} step
   */
  whereAway(step) {
    const { window } = this.choices;
    return this.place(step)
      .map((weight, index) => ({
        weight,
        name: this.names[index],
        far: !(Math.abs(weight) <= window[index]),
      }))
      .filter(({ far }) => far)
      .map(({ weight, name }) =>
        Number.isFinite(weight) ? `${name} = ${write(weight)}` : t`${name} is beyond all numbers`,
      )
      .join(", ");
  }

  /** Write the text twin, if it is open. */
  writeTable() {
    if (!this.details?.open || !this.walk || !this.table) return;
    const { names } = this;
    const heads = [
      t`Step`,
      ...names,
      ...names.map((name) => (names.length === 1 ? t`Slope` : t`Slope of ${name}`)),
      ...names.map((name) => (names.length === 1 ? t`Step taken` : t`Step of ${name}`)),
      t`Loss`,
    ];
    const head = make("tr", {}, ...heads.map((name) => make("th", { scope: "col" }, name)));
    const rows = thinned(this.shown(), TABLE_ROWS).map((step) => this.row(step));
    this.table.replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
  }

  /** @param {number} step */
  row(step) {
    const place = this.place(step);
    const before = step > 0 ? this.place(step - 1) : null;
    const taken = place.map((weight, index) => (before ? write(weight - before[index]) : "–"));
    const loss = write(this.walk?.losses[step] ?? NaN);
    const values = [...place.map(write), ...this.slope(step).map(write), ...taken, loss];
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, String(step)),
      ...values.map((value) => make("td", {}, value)),
    );
  }
}

/**
 * Write a number for people: four digits at most, a real minus, and words where numbers end.
 *
 * @param {number} value
 * @returns {string}
 */
export function write(value) {
  if (!Number.isFinite(value)) return t`beyond all numbers`;
  const size = Math.abs(value);
  const plain = String(size < 1 ? Number(value.toFixed(3)) : Number(value.toPrecision(4)));
  const text =
    size >= 1e5 ? value.toExponential(2).replace("e+", "e") : size >= 1000 ? value.toFixed(0) : plain;
  return number(text === "-0" ? "0" : text.replace("-", "−"));
}
