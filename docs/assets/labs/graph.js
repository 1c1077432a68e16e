/**
 * The graph lab: a reader walks the chain rule back through a computation graph, guesses each gradient's sign or value, and
 * sees the factors. The page brings the graph's picture and its whole walk along, so the lab works before Python does;
 * Python is asked when a number in the graph is changed.
 */

import { button, make, numberBox, readNumber } from "./fields.js";
import { Lab } from "./lab.js";
import { number, t } from "./language.js";

/** @typedef {import("./messages").Sign} Sign */
/** @typedef {import("./messages").Walk} Walk */
/** @typedef {import("./messages").WalkStep} WalkStep */
/** @typedef {import("./report.js").Words} Words */

/** @typedef {{ given: string, right: boolean } | { given: null }} Answer what a reader said; null if only shown */

/** @type {[sign: Sign, name: string][]} */
const SIGNS = [
  ["+", t`+ rises`],
  ["-", t`− falls`],
  ["0", t`0 stays`],
];

/** What a reader may type for a gradient. */
const ANY = { lowest: -1e6, highest: 1e6, whole: false };

const COLUMNS = /** @type {const} */ (["incoming", "local", "outgoing", "total"]);

export class GraphLab extends Lab {
  /** @param {HTMLElement} host */
  constructor(host) {
    super(host);
    /** @type {{ graph: string, values: Record<string, number> }} what the boxes say; Python follows */
    this.settings = this.told("settings");
    /** @type {Record<string, [number, number]>} */
    this.ranges = this.told("ranges");
    /** @type {Walk} */
    this.walk = this.told("walk");
    /** The numbers that `walk` belongs to. */
    this.walked = JSON.stringify(this.settings.values);
    /** The step that is asked or shown, from 0; that of the end once all are done. */
    this.cursor = 0;
    /** @type {(Answer | undefined)[]} for each step */
    this.answers = [];

    this.picture = /** @type {SVGSVGElement} */ (host.querySelector("svg.gd-graph"));
    this.figure = /** @type {HTMLElement} */ (this.picture.parentElement);
    /** The picture as the page brought it, for when the lab leaves. */
    this.untouched = this.picture.cloneNode(true);

    const { signal } = this;
    this.factor = make("p", { class: "gd-walk-factor" });
    this.signs = SIGNS.map(([sign, name]) => button(name, "", () => this.guess(sign), signal));
    this.input = make("input", {
      type: "text",
      id: `${this.id}-value`,
      class: "gd-number",
      autocomplete: "off",
      spellcheck: "false",
    });
    this.problem = make("p", { class: "gd-problem", id: `${this.id}-value-problem`, hidden: "" });
    this.input.addEventListener(
      "keydown",
      (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault(); // or the button that gets the focus is pressed, too
        this.check();
      },
      { signal },
    );
    this.asking = make(
      "div",
      { class: "gd-walk-asking", role: "group", "aria-label": t`Your guess` },
      this.factor,
      make("div", { class: "gd-buttons" }, ...this.signs),
      make(
        "div",
        { class: "gd-buttons" },
        make(
          "div",
          { class: "gd-field" },
          make("label", { for: this.input.id }, t`or type the gradient`),
          this.input,
        ),
        button(t`Check`, "", () => this.check(), signal),
        button(t`Just show me`, "", () => this.answer({ given: null }), signal),
      ),
      this.problem,
    );
    this.equation = make("p", { class: "gd-walk-equation" });
    this.back = button(t`Back`, "", () => this.go(this.cursor - 1, "back"), signal);
    this.next = button(t`Next`, "gd-button-train", () => this.go(this.cursor + 1, "next"), signal);
    this.again = button(t`Reset`, "", () => this.restart(), signal);
    this.rows = make("tbody");
    this.table = make("div", {
      class: "gd-table-frame",
      role: "region",
      "aria-label": t`The walk so far`,
      tabindex: "0",
    });
    this.build();
    this.host.toggleAttribute("data-live", true);
    this.mount();
  }

  // --- building -------------------------------------------------------------------------------------------------

  build() {
    const panel = make(
      "div",
      { class: "gd-walk-panel" },
      this.report.element,
      make("div", { class: "gd-walk-slot" }, this.asking, this.equation),
      make("div", { class: "gd-buttons" }, this.back, this.next, this.again),
    );
    const headings = [t`back from → to`, t`incoming`, t`× local`, t`= outgoing`, t`sum so far`];
    const head = make("tr", {}, ...headings.map((heading) => make("th", { scope: "col" }, heading)));
    const caption = make("caption", {}, t`The walk so far`);
    this.table.append(
      make("table", { class: "gd-table gd-walk-table" }, caption, make("thead", {}, head), this.rows),
    );
    this.root.append(
      make("div", { class: "gd-walk-live" }, this.picture, panel),
      this.table,
      this.buildValues(),
    );
  }

  /** A box for every number that goes in. */
  buildValues() {
    const fields = [];
    for (const { name, label, operation } of this.walk.nodes) {
      if (!(name in this.settings.values)) continue;
      const input = make("input", {
        type: "text",
        id: `${this.id}-${name}`,
        class: "gd-number",
        autocomplete: "off",
        spellcheck: "false",
      });
      const [lowest, highest] = this.ranges[name];
      const box = numberBox({
        input,
        name: label,
        range: { lowest, highest, whole: false },
        value: this.settings.values[name],
        write: (value) => number(String(value)),
        accept: (value) => this.change(name, value),
        signal: this.signal,
      });
      const kind = operation === "data" ? "data" : "weight";
      fields.push(
        make(
          "div",
          { class: `gd-field gd-walk-${kind}` },
          make("label", { for: input.id }, label),
          input,
          box.problem,
        ),
      );
    }
    return make(
      "fieldset",
      { class: "gd-walk-values" },
      make("legend", {}, t`Other numbers? The walk then starts again.`),
      make("div", { class: "gd-row" }, ...fields),
    );
  }

  unmount() {
    super.unmount();
    this.figure.prepend(this.untouched);
  }

  // --- what the reader does -------------------------------------------------------------------------------------

  /** @param {Sign} sign */
  guess(sign) {
    const { sign: right } = this.walk.steps[this.cursor];
    this.answer({ given: SIGNS.find(([other]) => other === sign)?.[1] ?? sign, right: sign === right });
  }

  /** Take the number in the box for an answer, if it is one. */
  check() {
    const read = readNumber(t`The gradient`, this.input.value.replace("−", "-"), ANY);
    this.complain("problem" in read ? read.problem : "");
    if ("problem" in read) return;
    const { outgoing, tolerance } = this.walk.steps[this.cursor];
    this.answer({ given: this.input.value.trim(), right: Math.abs(read.value - outgoing) <= tolerance });
  }

  /** @param {string} sentence empty when all is well */
  complain(sentence) {
    this.problem.textContent = sentence;
    this.problem.hidden = sentence === "";
    this.input.toggleAttribute("aria-invalid", sentence !== "");
    if (sentence) {
      this.input.setAttribute("aria-invalid", "true");
      this.input.setAttribute("aria-describedby", this.problem.id);
      this.input.focus();
    } else {
      this.input.removeAttribute("aria-describedby");
    }
  }

  /** @param {Answer} answer */
  answer(answer) {
    this.answers[this.cursor] = answer;
    this.show();
    this.next.focus();
  }

  /**
   * @param {number} cursor
   * @param {"back" | "next"} from the button pressed, which may have become useless
   */
  go(cursor, from) {
    this.cursor = cursor;
    this.show();
    const used = this[from];
    if (!this.asking.hidden) this.signs[0].focus();
    else if (used.disabled) (from === "next" ? this.again : this.next).focus();
  }

  restart() {
    this.begin();
    this.signs[0].focus();
  }

  /**
   * @param {string} name of a number in the graph
   * @param {number} value
   */
  async change(name, value) {
    if (this.settings.values[name] === value) return;
    this.settings.values[name] = value;
    if (!(await this.load())) return;
    const values = { ...this.settings.values };
    /** @type {Walk | undefined} */
    const walk = await this.ask({ type: "change", values });
    if (walk) this.take(walk, values);
  }

  // --- what Python does -----------------------------------------------------------------------------------------

  /** @override */
  openingRequest() {
    const settings = { ...this.settings, values: { ...this.settings.values } };
    return /** @type {const} */ ({ type: "open", kind: "graph", settings });
  }

  /**
   * @override
   * @param {Walk} walk
   * @param {{ settings: { values: Record<string, number> } }} request
   */
  opened(walk, { settings }) {
    this.take(walk, settings.values);
  }

  /**
   * Begin a new walk, unless it is the one under way: then the reader goes on.
   *
   * @param {Walk} walk
   * @param {Record<string, number>} values
   */
  take(walk, values) {
    const numbers = JSON.stringify(values);
    if (numbers === this.walked) return;
    this.walked = numbers;
    this.walk = walk;
    this.begin();
  }

  begin() {
    this.cursor = 0;
    this.answers = [];
    this.show();
  }

  // --- showing --------------------------------------------------------------------------------------------------

  /** Whether the step at the cursor has been answered or shown. */
  get revealed() {
    return this.answers[this.cursor] !== undefined;
  }

  get finished() {
    return this.cursor >= this.walk.steps.length;
  }

  /** @override */
  show() {
    super.show();
    const asking = !this.finished && !this.revealed;
    if (asking && this.asking.hidden) {
      this.input.value = "";
      this.complain("");
    }
    this.asking.hidden = !asking;
    this.back.disabled = this.cursor === 0;
    this.next.disabled = this.finished || asking;
    this.next.textContent = this.cursor === this.walk.steps.length - 1 ? t`Finish` : t`Next`;
    this.equation.hidden = asking || this.finished;
    if (!this.equation.hidden) this.equation.replaceChildren(...equation(this.walk.steps[this.cursor]));
    if (asking) {
      const { derivative, rule } = this.walk.steps[this.cursor];
      this.factor.textContent = t`The local factor: ${derivative} = ${rule}`;
    }
    const known = this.walk.steps.slice(0, this.cursor + (this.revealed ? 1 : 0));
    this.rows.replaceChildren(
      ...known.map((step) =>
        make(
          "tr",
          {},
          make("th", { scope: "row" }, step.labels),
          ...COLUMNS.map((column) => make("td", {}, step.texts[column])),
        ),
      ),
    );
    this.table.hidden = known.length === 0;
  }

  /** @override */
  numbers() {
    const { steps } = this.walk;
    const guesses = this.answers.filter((answer) => answer?.given != null);
    const right = guesses.filter((answer) => answer && "right" in answer && answer.right);
    const shown = this.answers.filter((answer) => answer?.given === null).length;
    /** @type {import("./report.js").Numbers} */
    const numbers = [
      [t`Step`, t`${this.finished ? steps.length : this.cursor + 1} of ${steps.length}`],
      [t`Guessed right`, t`${right.length} of ${guesses.length}`],
    ];
    if (shown > 0) numbers.push([t`Shown`, String(shown)]);
    return numbers;
  }

  /**
   * @override
   * @param {import("./report.js").State} state
   * @returns {Words}
   */
  words(state) {
    if (state === "failed") return [];
    if (this.finished) return [this.walk.outcome];
    const step = this.walk.steps[this.cursor];
    const answer = this.answers[this.cursor];
    return answer ? [...verdict(answer), step.reason] : [step.question];
  }

  /** @override */
  draw() {
    const { nodes, steps } = this.walk;
    const known = steps.slice(0, this.cursor + (this.revealed ? 1 : 0));
    const now = this.finished ? null : steps[this.cursor];
    for (const node of nodes) {
      const group = this.part(`[data-node="${node.name}"]`);
      part(group, "[data-value]").textContent = node.value_text;
      part(group, "[data-gradient]").textContent = gradientOf(node.name, steps, known);
      const state =
        now?.parent === node.name
          ? this.revealed
            ? "found"
            : "asked"
          : now?.node === node.name
            ? "from"
            : "";
      group.dataset.state = state;
    }
    for (const [index, step] of steps.entries()) {
      const group = this.part(`[data-edge="${index}"]`);
      const state = index < known.length ? "walked" : step === now ? "asked" : "ahead";
      group.dataset.state = step === now && state === "walked" ? "walking" : state;
      part(group, ".gd-edge-factor").textContent = state === "asked" ? "× ?" : `× ${step.texts.local}`;
    }
    part(this.picture, "desc").textContent = this.walk.description;
  }

  /** @param {string} selector */
  part(selector) {
    return part(this.picture, selector);
  }
}

/**
 * @param {Answer} answer
 * @returns {Words}
 */
function verdict(answer) {
  if (answer.given === null) return [];
  const right = "right" in answer && answer.right;
  return [
    make(
      "strong",
      { class: right ? "gd-walk-right" : "gd-walk-wrong" },
      `${right ? t`✓ Right.` : t`✗ Not right.`} `,
    ),
    right ? "" : `${t`You said ${answer.given}.`} `,
  ];
}

/**
 * A step as an equation, each number over its name.
 *
 * @param {WalkStep} step
 */
function equation({ texts, adds }) {
  /** @type {[string, string][]} */
  const numbers = [
    [texts.incoming, t`incoming`],
    [`× ${texts.local}`, t`local`],
    [`= ${texts.outgoing}`, t`outgoing`],
  ];
  if (adds) numbers.push([`→ ${texts.total}`, t`sum of both`]);
  return numbers.map(([number, name]) =>
    make("span", {}, make("b", {}, number), " ", make("small", {}, name)),
  );
}

/**
 * What a node has got of the gradient: "+ …" while a path to it is still to be walked.
 *
 * @param {string} name
 * @param {WalkStep[]} steps
 * @param {WalkStep[]} known the first of them
 */
function gradientOf(name, steps, known) {
  if (name === steps[0].node) return t`gradient ${1}`;
  const arrived = known.filter((step) => step.parent === name);
  if (arrived.length === 0) return "";
  const more = steps.filter((step) => step.parent === name).length > arrived.length ? " + …" : "";
  return t`gradient ${arrived[arrived.length - 1].texts.total + more}`;
}

/**
 * A part of the picture, which is there: the page's picture and this script are made for each other.
 *
 * @param {Element} within
 * @param {string} selector
 */
function part(within, selector) {
  return /** @type {SVGElement} */ (within.querySelector(selector));
}
