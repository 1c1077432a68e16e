/**
 * One slow step: the four stages of one update, one at a time, with the real numbers of a network and a batch. The page
 * brings the first round as text, tables and pictures; this script shows one stage of it at a time, puts the words and
 * numbers that Python sends in their places, and has the reader choose a weight and turn the dial.
 *
 * Until the reader goes on to the next batch nothing is changed: going back to an earlier stage is looking once more.
 */

import { drawAlong } from "./step-along.js";
import { createDial } from "./dial.js";
import { button, make, menu } from "./fields.js";
import { Lab } from "./lab.js";
import { language, t } from "./language.js";

/** @typedef {import("./messages").PointRow} PointRow */
/** @typedef {import("./messages").StepFrame} StepFrame */
/** @typedef {import("./messages").WeightPlace} WeightPlace */
/** @typedef {import("./report.js").Numbers} Numbers */
/** @typedef {import("./report.js").State} State */
/** @typedef {import("./report.js").Words} Words */

const STAGES = [t`Forward`, t`Loss`, t`Gradient`, t`Update`];

/** The button that leads on from each. */
const NEXT = [t`Next: loss`, t`Next: gradient`, t`Next: update`, t`Next batch`];

/** Points that a table shows at once. */
const ROWS = 8;

const TRUTHS = ["● 0", "◆ 1"];

/** @typedef {"falls" | "rises" | "unsure"} Guess What a reader may say before the loss after the update is shown. */

/** @type {[Guess, string][]} */
const GUESSES = [
  ["falls", t`It falls`],
  ["rises", t`It rises`],
  ["unsure", t`Just show me`],
];

/** How thick the line of the steepest slope is drawn, as the size of a weight. */
const STEEPEST = 2.5;

export class StepLab extends Lab {
  /** @param {HTMLElement} host */
  constructor(host) {
    super(host);
    /** @type {import("./messages").Settings} */
    this.settings = this.told("settings");
    /** @type {[name: string, units: number][]} the layers, from the inputs to the output */
    this.layers = this.told("layers");
    /** @type {{ words: Record<string, string>, weight: WeightPlace }} the first round, as the page brought it */
    const first = this.told("first");
    this.texts = first.words;
    /** The weight in the reader's hand. */
    this.weight = first.weight;
    this.rate = this.settings.learning_rate;
    /** @type {number[]} the learning rates of the updates made */
    this.done = [];
    /** @type {StepFrame | null} the last one */
    this.frame = null;
    this.stage = 1;
    /** @type {{ guess: Guess, rate: number } | null} what the reader said of this round, and of which rate */
    this.guess = null;
    /** The first of the points that the tables show. */
    this.firstRow = 0;
    /** @type {"weights" | "slopes"} */
    this.lines = "weights";
    this.looking = false;
    this.lookAgain = false;
    this.making = false;

    // The page's own elements come to life; a copy of them stays for when the lab leaves.
    const live = /** @type {HTMLElement} */ (this.still);
    this.still = /** @type {HTMLElement} */ (live.cloneNode(true));
    const step = /** @type {HTMLElement} */ (live.querySelector(".gd-step"));
    this.step = step;
    this.sections = all(step, ".gd-step-stage");
    this.code = all(step, ".gd-code-stage");
    this.outcome = /** @type {HTMLElement} */ (step.querySelector(".gd-step-outcome"));
    this.along = /** @type {SVGSVGElement} */ (step.querySelector(".gd-picture-along"));
    this.net = /** @type {SVGSVGElement} */ (step.querySelector(".gd-net"));
    this.lineOf = linesOf(this.net);

    const { id, signal } = this;
    this.stageButtons = STAGES.map((name, index) =>
      button(`${index + 1} ${name}`, "gd-step-button", () => this.turnTo(index + 1), signal),
    );
    this.next = button("", "gd-button-train", () => this.goOn(), signal);
    this.pagers = all(step, ".gd-step-points").map((table) => ({ table, ...this.createPager() }));
    /** @type {(part: string, name: string) => ReturnType<typeof menu>} */
    const placeMenu = (part, name) =>
      menu({
        id: `${id}-${part}`,
        name,
        choices: [],
        value: "",
        choose: () => this.choose(this.chosenInMenus()),
        signal,
      });
    this.menus = {
      layer: placeMenu("layer", t`Layer`),
      from: placeMenu("from", t`From`),
      to: placeMenu("to", t`To`),
    };
    this.dial = createDial({
      id,
      rate: this.rate,
      ends: this.told("rates"),
      turn: (rate) => {
        this.rate = rate;
        this.look();
      },
      signal,
    });
    this.guessButtons = GUESSES.map(([guess, words]) => ({
      guess,
      element: button(words, "", () => this.say(guess), signal),
    }));

    this.root.append(live);
    this.build();
    this.showWeight();
    this.mount();
  }

  /** Put controls among the page's elements. */
  build() {
    const { id, signal, step } = this;
    const stages = make("div", { class: "gd-step-stages", role: "group", "aria-label": t`Stages` });
    stages.append(...this.stageButtons);
    const again = button(t`Start again`, "gd-step-again", () => this.startAgain(), signal);
    const nav = make("div", { class: "gd-step-nav" }, stages, this.next, again);
    step.querySelector(".highlight")?.after(nav, this.report.element);

    for (const { table, element } of this.pagers) {
      if (table.nextElementSibling?.matches(".gd-step-rest")) table.nextElementSibling.remove();
      table.after(element);
    }

    const { layer, from, to } = this.menus;
    const menus = make("div", { class: "gd-row", role: "group", "aria-label": t`Weight` });
    menus.append(layer.element, from.element, to.element);
    const lines = menu({
      id: `${id}-lines`,
      name: t`Lines show`,
      choices: [
        ["weights", t`weights`],
        ["slopes", t`slopes`],
      ],
      value: this.lines,
      choose: (value) => {
        this.lines = value === "slopes" ? "slopes" : "weights";
        this.invalidate();
      },
      signal,
    }).element;
    lines.classList.add("gd-field-small");
    this.net.addEventListener("click", (event) => this.pick(event), { signal });
    this.net.after(make("div", { class: "gd-step-lines" }, lines));
    const network = step.querySelector(".gd-step-network");
    const hint = t`Pick a weight: tap a line or a small square, or use the menus.`;
    network?.before(make("p", { class: "gd-step-hint" }, hint));
    network?.lastElementChild?.prepend(menus);

    step.querySelector(".gd-step-rule")?.before(this.dial.element);
    const question = make(
      "p",
      { id: `${id}-question` },
      t`Before you look: will the loss of this batch fall?`,
    );
    const guesses = make("div", { class: "gd-buttons" }, ...this.guessButtons.map(({ element }) => element));
    const asked = { class: "gd-step-question", role: "group", "aria-labelledby": question.id };
    this.outcome.before(make("div", asked, question, guesses));
  }

  /** Buttons that leaf through the points of a batch larger than the tables. */
  createPager() {
    const shown = make("span");
    const earlier = button(t`Earlier`, "", () => this.leaf(-ROWS), this.signal);
    const later = button(t`Later`, "", () => this.leaf(ROWS), this.signal);
    const named = { class: "gd-step-pager", role: "group", "aria-label": t`Points` };
    const element = make("div", named, earlier, shown, later);
    element.hidden = Math.min(this.settings.batch_size, this.settings.points) <= ROWS;
    return { element, shown, earlier, later };
  }

  // --- what the reader does -------------------------------------------------------------------------------------

  /** @param {number} stage */
  turnTo(stage) {
    this.stage = stage;
    this.show();
  }

  goOn() {
    if (this.stage < STAGES.length) this.turnTo(this.stage + 1);
    else this.makeUpdate();
  }

  /** Make the update in earnest and turn to the next batch. */
  async makeUpdate() {
    if (this.making) return;
    this.making = true;
    const { rate } = this;
    /** @type {StepFrame | undefined} */
    const frame = (await this.load()) ? await this.ask({ type: "make", rate }) : undefined;
    this.making = false;
    if (!frame) return;
    this.done.push(rate);
    this.beginRound(frame);
  }

  async startAgain() {
    this.done = [];
    if (this.open) {
      const frame = await this.ask(this.openingRequest());
      if (frame) this.beginRound(frame);
    } else {
      this.load();
      this.guess = null;
      this.turnTo(1);
    }
  }

  /** @param {StepFrame} frame */
  beginRound(frame) {
    this.stage = 1;
    this.guess = null;
    this.firstRow = 0;
    this.take(frame);
  }

  /** @param {Guess} guess */
  say(guess) {
    this.guess = { guess, rate: this.rate };
    this.show();
  }

  /** @param {WeightPlace} weight */
  choose(weight) {
    this.weight = weight;
    this.showWeight();
    this.look();
  }

  /** @param {number} rows */
  leaf(rows) {
    const last = (this.frame?.rows.length ?? 0) - 1;
    const first = this.firstRow + rows;
    if (first < 0 || first > last) return;
    this.firstRow = first;
    this.showRows();
  }

  /**
   * Take the line that is nearest to a click into the hand.
   *
   * @param {MouseEvent} event
   */
  pick(event) {
    const matrix = this.net.getScreenCTM();
    if (!matrix) return;
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    let nearest = null;
    let least = Infinity;
    for (const line of this.lineOf.values()) {
      const distance = distanceTo(line, x, y);
      if (distance < least) [nearest, least] = [line, distance];
    }
    if (nearest && least < 12) this.choose(placeOf(nearest));
  }

  // --- what Python does -----------------------------------------------------------------------------------------

  /** @returns {import("./messages").StepRequest} */
  openingRequest() {
    const { settings, done, rate, weight } = this;
    return { type: "open", kind: "step", settings, done: [...done], rate, weight };
  }

  /** @param {StepFrame} frame */
  opened(frame) {
    this.take(frame);
  }

  /** Ask for the round as the dial and the menus have it; while they move, only their latest place counts. */
  async look() {
    this.lookAgain = true;
    this.show();
    if (this.looking || !(await this.load())) return;
    this.looking = true;
    while (this.lookAgain) {
      this.lookAgain = false;
      /** @type {StepFrame | undefined} */
      const frame = await this.ask({ type: "look", rate: this.rate, weight: this.weight });
      if (!frame) break;
      this.take(frame);
    }
    this.looking = false;
  }

  /** @param {StepFrame} frame */
  take(frame) {
    this.frame = frame;
    this.texts = frame.words;
    for (const element of all(this.step, "[data-words]")) {
      element.textContent = frame.words[element.dataset.words ?? ""];
    }
    this.showRows();
    this.show();
  }

  // --- showing --------------------------------------------------------------------------------------------------

  show() {
    super.show();
    const { stage } = this;
    for (const [index, element] of this.stageButtons.entries()) mark(element, index + 1 === stage);
    for (const line of this.code) mark(line, line.dataset.stage === String(stage));
    for (const section of this.sections) section.hidden = section.dataset.stage !== String(stage);
    this.next.textContent = NEXT[stage - 1];
    this.outcome.hidden = this.guess === null;
    for (const { guess, element } of this.guessButtons) {
      element.setAttribute("aria-pressed", String(this.guess?.guess === guess));
    }
  }

  /**
   * @param {State} _state
   * @returns {Numbers}
   */
  numbers(_state) {
    const { epoch, batch, loss_before, loss_after } = this.texts;
    /** @type {Numbers} */
    const numbers = [
      [t`Epoch`, epoch],
      [t`Batch`, batch],
    ];
    if (this.stage > 1) numbers.push([t`Loss before`, loss_before]);
    if (this.stage === STAGES.length && this.guess) numbers.push([t`Loss after`, loss_after]);
    return numbers;
  }

  /**
   * @param {State} state
   * @returns {Words}
   */
  words(state) {
    if (state === "failed") return [];
    const { forward, loss, weight, meaning, after, rate } = this.texts;
    const said = this.guess && this.guess.rate === this.frame?.learning_rate ? quoted(this.guess.guess) : "";
    const sentence = [
      forward,
      loss,
      // other languages may have a noun there, or a capital after a colon
      `${weight}: ${language ? meaning : meaning[0].toLowerCase() + meaning.slice(1)}`,
      this.guess
        ? `${said}${after}`
        : t`The learning rate is ${rate}. Say what you expect, and see what comes.`,
    ][this.stage - 1];
    const starting = t`Python is starting; the dial and the weights answer once it is ready.`;
    return [state === "loading" ? `${sentence} ${starting}` : sentence];
  }

  /** Fill the tables with the points of the batch, as many as they hold. */
  showRows() {
    const rows = this.frame?.rows ?? [];
    for (const table of all(this.step, ".gd-step-points")) {
      for (const [index, element] of all(table, "tbody tr").entries()) {
        const row = rows[this.firstRow + index];
        element.hidden = row === undefined;
        if (row) fillRow(element, this.firstRow + index + 1, row);
      }
    }
    const last = Math.min(this.firstRow + ROWS, rows.length);
    for (const { shown, earlier, later } of this.pagers) {
      shown.textContent = t`${this.firstRow + 1} to ${last} of ${rows.length}`;
      earlier.setAttribute("aria-disabled", String(this.firstRow === 0));
      later.setAttribute("aria-disabled", String(last >= rows.length));
    }
  }

  /** Show in menus and diagram which weight is in the hand. */
  showWeight() {
    const { layer, source, to } = this.weight;
    /** @type {[string, string][]} */
    const layers = this.layers.slice(1).map(([name], index) => [String(index + 1), name]);
    fill(this.menus.layer.select, layers, String(layer));
    fill(this.menus.from.select, [...this.unitsOf(layer - 1), ["bias", t`bias`]], String(source));
    fill(this.menus.to.select, this.unitsOf(layer), String(to));
    const chosen = this.lineOf.get(key(this.weight));
    for (const line of this.lineOf.values()) line.classList.toggle("gd-net-chosen", line === chosen);
    chosen?.parentElement?.append(...(chosen.classList.contains("gd-net-bias") ? [] : [chosen])); // above the others
  }

  /**
   * @param {number} layer
   * @returns {[string, string][]} the units of a layer, for a menu
   */
  unitsOf(layer) {
    const units = this.layers[layer][1];
    if (layer === 0) {
      const labels = [...this.net.querySelectorAll('.gd-net-unit[data-layer="0"] text')];
      return labels.map((label, unit) => [String(unit), label.textContent ?? ""]);
    }
    const output = layer === this.layers.length - 1;
    return Array.from({ length: units }, (_, unit) => [
      String(unit),
      output ? t`output` : t`unit ${unit + 1}`,
    ]);
  }

  /** @returns {WeightPlace} what the menus say; a unit that a layer does not have gives way to its last */
  chosenInMenus() {
    const layer = Number(this.menus.layer.select.value);
    const from = this.menus.from.select.value;
    /** @type {(unit: string, layer: number) => number} */
    const within = (unit, of) => Math.min(Number(unit), this.layers[of][1] - 1);
    return {
      layer,
      source: from === "bias" ? "bias" : within(from, layer - 1),
      to: within(this.menus.to.select.value, layer),
    };
  }

  draw() {
    if (!this.frame) return;
    this.drawLines(this.frame);
    drawAlong(this.along, this.frame);
  }

  /** @param {StepFrame} frame */
  drawLines({ weights }) {
    const { layer, source, to, gradient } = weights;
    const slopes = this.lines === "slopes";
    const values = slopes ? gradient : weights.value;
    const scale = slopes ? STEEPEST / (gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0) || 1) : 1;
    for (const [index, value] of values.entries()) {
      const line = this.lineOf.get(
        key({ layer: layer[index], source: source[index] < 0 ? "bias" : source[index], to: to[index] }),
      );
      line?.style.setProperty("--gd-size", String(Math.abs(value) * scale));
      line?.classList.toggle("gd-net-plus", value >= 0);
      line?.classList.toggle("gd-net-minus", value < 0);
    }
  }
}

/**
 * Put a point's numbers into its row.
 *
 * @param {HTMLElement} element
 * @param {number} number
 * @param {PointRow} row
 */
function fillRow(element, number, row) {
  const head = element.querySelector("th");
  if (head) head.textContent = String(number);
  for (const cell of all(element, "[data-cell]")) {
    switch (cell.dataset.cell) {
      case "truth":
        cell.textContent = TRUTHS[row.truth];
        cell.dataset.class = String(row.truth);
        break;
      case "right":
        cell.textContent = row.right ? t`✓ right` : t`✗ wrong`;
        cell.dataset.right = row.right ? "1" : "0";
        break;
      case "loss":
        cell.textContent = row.loss;
        cell.parentElement?.style.setProperty("--gd-share", String(row.size));
        break;
      case "x":
      case "y":
      case "given":
      case "probability":
        cell.textContent = row[cell.dataset.cell];
    }
  }
}

/**
 * @param {HTMLSelectElement} select
 * @param {[string, string][]} choices
 * @param {string} value
 */
function fill(select, choices, value) {
  if ([...select.options].map((option) => option.text).join() !== choices.map(([, words]) => words).join()) {
    select.replaceChildren(...choices.map(([name, words]) => make("option", { value: name }, words)));
  }
  select.value = value;
}

/**
 * Mark an element as the current step, or not.
 *
 * @param {HTMLElement} element
 * @param {boolean} current
 */
function mark(element, current) {
  if (current) element.setAttribute("aria-current", "step");
  else element.removeAttribute("aria-current");
}

/** @param {Guess} guess */
function quoted(guess) {
  return { falls: `${t`You said: it falls.`} `, rises: `${t`You said: it rises.`} `, unsure: "" }[guess];
}

/**
 * @param {SVGSVGElement} net
 * @returns {Map<string, SVGGElement>} the diagram's lines by their place
 */
function linesOf(net) {
  const lines = /** @type {NodeListOf<SVGGElement>} */ (net.querySelectorAll(".gd-net-weight"));
  return new Map(Array.from(lines, (line) => [key(placeOf(line)), line]));
}

/** @param {WeightPlace} place */
function key({ layer, source, to }) {
  return `${layer}/${source}/${to}`;
}

/**
 * @param {SVGGElement} line of the diagram
 * @returns {WeightPlace}
 */
function placeOf({ dataset: { layer, from, to } }) {
  return { layer: Number(layer), source: from === "bias" ? from : Number(from), to: Number(to) };
}

/**
 * How far a place is from a line of the diagram; a bias is a place itself.
 *
 * @param {SVGGElement} line
 * @param {number} x
 * @param {number} y
 */
function distanceTo(line, x, y) {
  const [x1, y1, x2, y2] =
    (line.querySelector("path")?.getAttribute("d") ?? "").match(/[\d.]+/g)?.map(Number) ?? [];
  if (line.classList.contains("gd-net-bias")) return Math.hypot(x - x1, y - y1) - 4;
  const along = ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2);
  const share = Math.min(Math.max(along, 0), 1);
  return Math.hypot(x - x1 - share * (x2 - x1), y - y1 - share * (y2 - y1));
}

/**
 * @param {Element} element
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
function all(element, selector) {
  return [...element.querySelectorAll(selector)].map((found) => /** @type {HTMLElement} */ (found));
}
