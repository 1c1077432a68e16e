/**
 * How much of the gradient arrives: a reader guesses where in a deep network it is smallest, sees its size in each layer,
 * and then trains the same depth with sigmoid and with tanh. The first network's numbers come with the page.
 */

import { verdictBadge } from "./commentary.js";
import { button, make, menu } from "./fields.js";
import { Lab } from "./lab.js";
import { number, t } from "./language.js";
import { formatLoss, verdictName } from "./runs.js";
import { svg } from "./svg.js";

/** @typedef {import("./messages").LayerGradients} LayerGradients */
/** @typedef {import("./messages").TrainedDepth} TrainedDepth */
/** @typedef {import("./messages").Where} Where */
/** @typedef {import("./report.js").Words} Words */

/** @type {[where: Where, name: string][]} */
const GUESSES = [
  ["inputs", t`Near the inputs`],
  ["middle", t`In the middle`],
  ["output", t`Near the output`],
  ["alike", t`Much the same in all`],
];

export class VanishingLab extends Lab {
  /** @param {HTMLElement} host */
  constructor(host) {
    super(host);
    /** @type {Partial<import("./messages").Settings>} */
    this.settings = this.told("settings");
    /** @type {{ activations: string[], most: number, spoken: Record<Where, string> }} */
    this.choices = this.told("choices");
    /** @type {LayerGradients} */
    this.measured = this.told("measured");
    /** What the controls say. */
    this.chosen = {
      hidden_layers: this.measured.hidden_layers,
      activation: this.measured.activation,
      seed: this.measured.seed,
    };
    /** Activations for which the reader has guessed; after that, depth and weights are shown at once. */
    this.guessed = new Set();
    /** @type {Where | "shown" | null} the guess about what the status tells now; null when there was none */
    this.guess = null;
    /** @type {TrainedDepth | null} */
    this.trained = null;
    /** @type {{ hidden_layers: number, epochs: number, seed: number } | null} what is being trained */
    this.training = null;

    this.picture = /** @type {SVGSVGElement} */ (host.querySelector(".gd-picture-layers"));
    this.figure = /** @type {HTMLElement} */ (this.picture.parentElement);
    /** The picture as the page brought it, for when the lab leaves. */
    this.untouched = this.picture.cloneNode(true);

    const { signal } = this;
    this.depth = make("input", {
      type: "range",
      id: `${this.id}-depth`,
      class: "gd-check-slider",
      min: "1",
      max: String(this.choices.most),
      step: "1",
      value: String(this.chosen.hidden_layers),
    });
    this.depth.addEventListener("input", () => this.change({ hidden_layers: Number(this.depth.value) }), {
      signal,
    });
    this.depthShown = make("b");
    this.asking = make(
      "div",
      {
        class: "gd-walk-asking",
        role: "group",
        "aria-label": t`Your guess: where is the gradient smallest?`,
      },
      make(
        "div",
        { class: "gd-buttons" },
        ...GUESSES.map(([where, name]) => button(name, "", () => this.answer(where), signal)),
        button(t`Just show me`, "", () => this.answer("shown"), signal),
      ),
    );
    this.trainButtons = [20, 50].map((epochs) =>
      button(
        t`Train both, ${epochs} epochs`,
        epochs === 50 ? "gd-button-train" : "",
        () => this.train(epochs),
        signal,
      ),
    );
    this.outcome = make("div", { class: "gd-depth-outcome" });
    this.build();
    this.host.toggleAttribute("data-live", true);
    this.mount();
  }

  // --- building -------------------------------------------------------------------------------------------------

  build() {
    const activation = menu({
      id: `${this.id}-activation`,
      name: t`Activation`,
      choices: this.choices.activations.map((name) => [name, name]),
      value: this.chosen.activation,
      choose: (name) => this.change({ activation: name }),
      signal: this.signal,
    });
    const depth = make(
      "div",
      { class: "gd-check-nudge gd-depth-slider" },
      make("label", { for: this.depth.id }, t`Hidden layers`),
      this.depthShown,
      this.depth,
    );
    this.root.append(
      make(
        "div",
        { class: "gd-row" },
        activation.element,
        depth,
        button(t`New weights`, "", () => this.change({ seed: this.chosen.seed + 1 }), this.signal),
      ),
      this.report.element,
      this.asking,
      this.picture,
      make("div", { class: "gd-buttons" }, ...this.trainButtons),
      this.outcome,
    );
  }

  unmount() {
    super.unmount();
    this.figure.prepend(this.untouched);
  }

  // --- what the reader does -------------------------------------------------------------------------------------

  /** @param {Where | "shown"} guess */
  answer(guess) {
    this.guessed.add(this.measured.activation);
    this.guess = guess;
    this.show();
    this.depth.focus({ preventScroll: true });
  }

  /** @param {Partial<{ hidden_layers: number, activation: string, seed: number }>} choice */
  async change(choice) {
    Object.assign(this.chosen, choice);
    this.guess = null;
    this.trained = null;
    this.show();
    if (!(await this.load())) return;
    /** @type {LayerGradients | undefined} */
    const measured = await this.ask({ type: "layers", ...this.chosen });
    if (measured) this.take(measured);
  }

  /** @param {number} epochs */
  async train(epochs) {
    if (this.training) return;
    const { hidden_layers, seed } = this.chosen;
    this.training = { hidden_layers, epochs, seed };
    this.trained = null;
    this.guess = null;
    this.show();
    /** @type {TrainedDepth | undefined} */
    const trained = (await this.load()) ? await this.ask({ type: "train", ...this.training }) : undefined;
    this.training = null;
    this.trained = trained ?? null;
    this.show();
  }

  // --- what Python does -----------------------------------------------------------------------------------------

  /** @override */
  openingRequest() {
    const { hidden_layers, activation } = this.chosen;
    return /** @type {const} */ ({
      type: "open",
      kind: "vanishing",
      settings: { ...this.settings, seed: this.chosen.seed },
      hidden_layers,
      activation,
    });
  }

  /**
   * @override
   * @param {LayerGradients} measured
   */
  opened(measured) {
    this.take(measured);
  }

  /** @param {LayerGradients} measured */
  take(measured) {
    const { hidden_layers, activation, seed } = this.chosen;
    if (
      measured.hidden_layers !== hidden_layers ||
      measured.activation !== activation ||
      measured.seed !== seed
    )
      return;
    this.measured = measured;
    this.show();
  }

  // --- showing --------------------------------------------------------------------------------------------------

  /** Whether the numbers shown are those of what is chosen. */
  get current() {
    const { hidden_layers, activation, seed } = this.chosen;
    const { measured } = this;
    return (
      measured.hidden_layers === hidden_layers && measured.activation === activation && measured.seed === seed
    );
  }

  get revealed() {
    return this.guessed.has(this.chosen.activation);
  }

  /** @override */
  state() {
    const state = super.state();
    return state === "ready" && this.training ? "training" : state;
  }

  /** @override */
  show() {
    super.show();
    this.asking.hidden = this.revealed;
    this.depthShown.textContent = String(this.chosen.hidden_layers);
    for (const train of this.trainButtons)
      train.setAttribute("aria-disabled", String(this.training !== null));
    this.showOutcome();
  }

  /** @override */
  words() {
    if (this.failure) return [];
    const { hidden_layers, activation } = this.chosen;
    if (this.training) {
      const { hidden_layers, epochs } = this.training;
      return [
        hidden_layers === 1
          ? t`Training both networks of 1 hidden layer for ${epochs} epochs …`
          : t`Training both networks of ${hidden_layers} hidden layers for ${epochs} epochs …`,
      ];
    }
    const compared = this.trained && this.guess === null ? comparison(this.trained) : "";
    if (!this.revealed)
      return [
        compared && `${compared} `,
        hidden_layers === 1
          ? t`Guess first: in a network of 1 hidden layer with ${activation}, where is the gradient smallest?`
          : t`Guess first: in a network of ${hidden_layers} hidden layers with ${activation}, where is the gradient smallest?`,
      ];
    if (compared) return [compared];
    if (!this.current) return [this.open ? t`Measuring …` : t`Measured as soon as Python is ready.`];
    return [...this.verdict(), this.measured.said];
  }

  /**
   * @returns {Words}
   */
  verdict() {
    if (this.guess === null || this.guess === "shown") return [];
    const right = this.guess === this.measured.where;
    return [
      make(
        "strong",
        { class: right ? "gd-walk-right" : "gd-walk-wrong" },
        `${right ? t`✓ Right.` : t`✗ Not so.`} `,
      ),
    ];
  }

  /** @override */
  draw() {
    const { picture, measured } = this;
    const shown = this.revealed && this.current;
    const { left, decade, smallest } = picture.dataset;
    const layers = this.chosen.hidden_layers + 1;
    for (const row of /** @type {NodeListOf<SVGElement>} */ (picture.querySelectorAll("[data-row]"))) {
      const layer = Number(row.dataset.row);
      row.setAttribute("display", layer < layers ? "inline" : "none");
      if (layer >= layers) continue;
      const size = shown ? measured.sizes[layer] : 0;
      const level = size > 0 ? Math.log10(size) : Number(smallest);
      const width = Math.max(level - Number(smallest), 0) * Number(decade);
      const value = row.querySelector(".gd-bar-value");
      row.querySelector(".gd-bar")?.setAttribute("width", width.toFixed(1));
      value?.setAttribute("x", String(Number(left) + width + 5));
      if (value) value.textContent = shown ? measured.texts[layer] : "?";
      const name = row.querySelector("[data-name]");
      if (name) name.textContent = layer === layers - 1 ? t`output` : t`layer ${layer + 1}`;
    }
    const description = picture.querySelector("desc");
    if (description)
      description.textContent = shown
        ? t`From the inputs to the output: ${measured.texts.join(", ")}.`
        : t`Hidden until you have guessed.`;
  }

  showOutcome() {
    const { trained } = this;
    this.outcome.hidden = !trained;
    if (!trained || this.outcome.dataset.shown === describeRun(trained)) return;
    this.outcome.dataset.shown = describeRun(trained);
    this.outcome.replaceChildren(
      lossPicture(trained),
      make(
        "ul",
        {},
        ...Object.entries(trained.runs).map(([name, { losses, verdict }]) =>
          make(
            "li",
            {},
            `${t`${name}: loss ${formatLoss(losses[losses.length - 1])}.`} `,
            verdictBadge(verdict.name),
            ` ${verdict.reason}`,
          ),
        ),
      ),
    );
  }
}

/** @param {TrainedDepth} trained */
function describeRun({ hidden_layers, epochs, runs }) {
  return `${hidden_layers} ${epochs} ${Object.values(runs).map(({ losses }) => losses.join())}`;
}

/** @param {TrainedDepth} trained */
function comparison({ hidden_layers, epochs, runs }) {
  const told = Object.entries(runs).map(
    ([name, { losses, verdict }]) =>
      t`${name} is ${verdictName(verdict.name)} at a loss of ${formatLoss(losses[losses.length - 1])}`,
  );
  return t`After ${epochs} epochs with ${hidden_layers} hidden layers, ${told[0]}, and ${told[1]}.`;
}

const WIDTH = 400;
const HEIGHT = 220;
const LEFT = 40;
const BOTTOM = HEIGHT - 30;
const TOP = 16;

/**
 * The losses of both networks: sigmoid dashed, tanh whole, guessing dotted.
 *
 * @param {TrainedDepth} trained
 */
function lossPicture({ epochs, chance, runs }) {
  const most = Math.max(
    ...Object.values(runs).flatMap(({ losses }) => [...losses].filter(Number.isFinite)),
    chance,
  );
  /** @param {number} epoch */
  const x = (epoch) => LEFT + (epoch / epochs) * (WIDTH - LEFT - 12);
  /** @param {number} loss */
  const y = (loss) => BOTTOM - (Math.min(loss, most) / most) * (BOTTOM - TOP);
  const parts = [
    svg("path", { class: "gd-axis", d: `M${LEFT} ${TOP}V${BOTTOM}H${WIDTH - 12}` }),
    svg("path", { class: "gd-chance", d: `M${LEFT} ${y(chance)}H${WIDTH - 12}` }),
    svg(
      "text",
      { class: "gd-tick gd-over", x: WIDTH - 12, y: y(chance) + 14, "text-anchor": "end" },
      t`guessing`,
    ),
    svg("text", { class: "gd-label", x: 4, y: 12 }, t`loss`),
    svg("text", { class: "gd-tick", x: LEFT - 6, y: BOTTOM + 4, "text-anchor": "end" }, "0"),
    svg(
      "text",
      { class: "gd-tick", x: LEFT - 6, y: y(chance) + 4, "text-anchor": "end" },
      number(chance.toFixed(2)),
    ),
    svg(
      "text",
      { class: "gd-label", x: WIDTH - 12, y: HEIGHT - 6, "text-anchor": "end" },
      t`epoch ${epochs}`,
    ),
  ];
  for (const [name, { losses }] of Object.entries(runs)) {
    const points = [...losses].map((loss, epoch) => `${x(epoch).toFixed(1)} ${y(loss).toFixed(1)}`);
    const middle = Math.floor(losses.length / 2);
    parts.push(
      svg("path", { class: `gd-curve gd-depth-${name}`, d: `M${points.join("L")}` }),
      svg("text", { class: "gd-label gd-over", x: x(middle), y: y(losses[middle]) - 8 }, name),
    );
  }
  const told = Object.entries(runs)
    .map(
      ([name, { losses }]) =>
        t`${name} from ${formatLoss(losses[0])} to ${formatLoss(losses[losses.length - 1])}`,
    )
    .join(", ");
  return svg(
    "svg",
    {
      class: "gd-picture gd-picture-depth",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      "aria-label": t`Loss after each epoch: ${told}.`,
    },
    ...parts,
  );
}
