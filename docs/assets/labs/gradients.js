/**
 * The check of the gradient: a reader picks a weight, in menus or in the picture of the network, turns the nudge, and sees
 * how nudging and backpropagation differ. Python answers for all nudges of a weight at once, so that turning needs no
 * waiting; the page brings the first weight along.
 */

import { button, make, menu, weave } from "./fields.js";
import { Lab } from "./lab.js";
import { t } from "./language.js";

/** @typedef {import("./messages").CheckOfAll} CheckOfAll */
/** @typedef {import("./messages").CheckedWeight} CheckedWeight */
/** @typedef {import("./messages").GradientCheck} GradientCheck */
/** @typedef {import("./report.js").Words} Words */

export class GradientsLab extends Lab {
  /** @param {HTMLElement} host */
  constructor(host) {
    super(host);
    /** @type {Partial<import("./messages").Settings>} */
    this.settings = this.told("settings");
    /** @type {GradientCheck} */
    this.check = this.told("check");
    /** @type {string[]} */
    this.names = this.told("names");
    /** @type {CheckedWeight} */
    this.weight = this.check.weight;
    /** The nudge chosen, as its place in `weight.nudges`. */
    this.nudge = Number(host.dataset.usual);
    /** @type {CheckOfAll | null} */
    this.all = null;
    /** Whether the weight chosen is not yet the one shown. */
    this.asking = false;

    this.pictures = /** @type {HTMLElement} */ (host.querySelector(".gd-check-pictures"));
    this.figure = /** @type {HTMLElement} */ (this.pictures.parentElement);
    /** The pictures as the page brought them, for when the lab leaves. */
    this.untouched = this.pictures.cloneNode(true);
    this.error = /** @type {SVGSVGElement} */ (this.pictures.querySelector(".gd-picture-error"));

    const { signal } = this;
    const { layers } = this.check;
    this.layer = menu({
      id: `${this.id}-layer`,
      name: t`Layer`,
      choices: layers
        .slice(1)
        .map((_, index) => [String(index + 1), `${this.names[index]} → ${this.names[index + 1]}`]),
      value: "1",
      choose: () => {
        this.fillMenus();
        this.choose();
      },
      signal,
    });
    /** @type {Omit<Parameters<typeof menu>[0], "id" | "name">} */
    const empty = { choices: [], value: "", choose: () => this.choose(), signal };
    this.source = menu({ ...empty, id: `${this.id}-from`, name: t`From` });
    this.to = menu({ ...empty, id: `${this.id}-to`, name: t`To` });
    this.slider = make("input", {
      type: "range",
      id: `${this.id}-nudge`,
      class: "gd-check-slider",
      min: "0",
      max: String(this.weight.nudges.length - 1),
      step: "1",
      value: String(this.nudge),
    });
    this.slider.addEventListener(
      "input",
      () => {
        this.nudge = Number(this.slider.value);
        this.all = null;
        this.show();
      },
      { signal },
    );
    this.chosen = make("b");
    this.numbersShown = make("tbody");
    this.build();
    this.fillMenus();
    this.host.toggleAttribute("data-live", true);
    this.mount();
  }

  // --- building -------------------------------------------------------------------------------------------------

  build() {
    this.pictures.addEventListener("click", (event) => this.pick(event), { signal: this.signal });
    const nudge = make(
      "div",
      { class: "gd-check-nudge" },
      make("label", { for: this.slider.id }, t`Nudge`),
      this.chosen,
      this.slider,
      make(
        "div",
        { class: "gd-dial-ends", "aria-hidden": "true" },
        make("span", {}, t`1, wide`),
        make("span", {}, t`1e−12, tiny`),
      ),
    );
    this.root.append(
      make("div", { class: "gd-row" }, this.layer.element, this.source.element, this.to.element),
      nudge,
      this.pictures,
      make(
        "div",
        { class: "gd-table-frame" },
        make("table", { class: "gd-table gd-check-table" }, this.numbersShown),
      ),
      this.report.element,
      make(
        "div",
        { class: "gd-buttons" },
        button(
          t`Check all ${this.check.weights} at once`,
          "gd-button-train",
          () => this.checkAll(),
          this.signal,
        ),
      ),
    );
  }

  /** Offer the units of the layer chosen, the first of them as a beginning. */
  fillMenus() {
    const layer = Number(this.layer.select.value);
    const { layers } = this.check;
    const last = layer === layers.length - 1;
    const sources = Array.from({ length: layers[layer - 1] }, (_, unit) =>
      option(String(unit), layer === 1 ? (["x", "y"][unit] ?? String(unit + 1)) : t`unit ${unit + 1}`),
    );
    this.source.select.replaceChildren(...sources, option("bias", t`its bias`));
    this.to.select.replaceChildren(
      ...Array.from({ length: layers[layer] }, (_, unit) =>
        option(String(unit), last ? t`the output` : t`unit ${unit + 1}`),
      ),
    );
  }

  unmount() {
    super.unmount();
    this.figure.prepend(this.untouched);
  }

  // --- what the reader does -------------------------------------------------------------------------------------

  /** @param {Event} event a click into the picture of the network */
  pick(event) {
    const line = /** @type {Element} */ (event.target).closest(".gd-net-weight");
    if (!(line instanceof SVGElement)) return;
    const { layer = "1", from = "0", to = "0" } = line.dataset;
    this.layer.select.value = layer;
    this.fillMenus();
    this.source.select.value = from;
    this.to.select.value = to;
    this.choose();
  }

  /** Ask Python for the weight that the menus name. */
  async choose() {
    this.all = null;
    this.asking = true;
    this.show();
    if (this.open) await this.fetch();
    else await this.load(); // asks for it itself
  }

  async fetch() {
    /** @type {CheckedWeight | undefined} */
    const weight = await this.ask({ type: "weight", ...this.wanted() });
    if (!weight || !this.isWanted(weight)) return;
    this.weight = weight;
    this.asking = false;
    this.show();
  }

  async checkAll() {
    if (!(await this.load())) return;
    /** @type {CheckOfAll | undefined} */
    const all = await this.ask({ type: "all", nudge: this.weight.nudges[this.nudge] });
    if (!all) return;
    this.all = all;
    this.show();
  }

  /** The weight that the menus name. */
  wanted() {
    const source = this.source.select.value;
    return {
      layer: Number(this.layer.select.value),
      source: source === "bias" ? /** @type {const} */ ("bias") : Number(source),
      to: Number(this.to.select.value),
    };
  }

  /** @param {CheckedWeight} weight */
  isWanted({ layer, source, to }) {
    const wanted = this.wanted();
    return layer === wanted.layer && source === wanted.source && to === wanted.to;
  }

  // --- what Python does -----------------------------------------------------------------------------------------

  /** @override */
  openingRequest() {
    return /** @type {const} */ ({ type: "open", kind: "gradients", settings: this.settings });
  }

  /**
   * @override
   * @param {GradientCheck} check
   */
  opened(check) {
    this.check = check;
    if (this.isWanted(check.weight)) {
      this.weight = check.weight;
      this.asking = false;
    } else this.fetch();
  }

  // --- showing --------------------------------------------------------------------------------------------------

  /** @override */
  show() {
    super.show();
    const texts = this.weight.checks[this.nudge];
    this.chosen.textContent = `ε = ${texts.nudge}`;
    this.slider.setAttribute("aria-valuetext", texts.nudge);
    this.slider.style.setProperty("--gd-filled", String(this.nudge / (this.weight.nudges.length - 1)));
    /** @type {[string, string][]} */
    const rows = [
      [t`loss at w + ${texts.nudge}`, texts.above],
      [t`loss at w − ${texts.nudge}`, texts.below],
      [t`slope by nudging`, texts.estimate],
      [t`slope by backpropagation`, this.weight.exact_text],
      [t`relative difference`, texts.difference],
    ];
    this.numbersShown.replaceChildren(
      ...rows.map(([name, value]) =>
        make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, value)),
      ),
    );
  }

  /** @override */
  words() {
    if (this.failure) return [];
    if (this.asking)
      return [
        this.open ? t`Looking at another weight …` : t`Your weight is looked at as soon as Python is ready.`,
      ];
    if (this.all) return [this.all.said, " ", this.check.cost];
    const { label, value_text, checks } = this.weight;
    const { nudge, difference, why } = checks[this.nudge];
    return [
      ...weave(
        t`${"{0}"}, now ${value_text}. At a nudge of ${nudge} the two ways differ by ${difference} of the slope.`,
        make("strong", {}, `${label[0].toUpperCase()}${label.slice(1)}`),
      ),
      ` ${why}`,
    ];
  }

  /** @override */
  draw() {
    const { x0, dx, y0, dy, lowest } = this.scale();
    const { differences, layer, source, to } = this.weight;
    const points = Array.from(differences, (difference, index) => {
      const level = difference > 0 ? Math.max(Math.log10(difference), lowest) : lowest;
      return [x0 + index * dx, y0 - level * dy];
    });
    const path = points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L");
    this.error.querySelector("[data-curve]")?.setAttribute("d", `M${path}`);
    const mark = this.error.querySelector("[data-mark]");
    mark?.setAttribute("cx", points[this.nudge][0].toFixed(1));
    mark?.setAttribute("cy", points[this.nudge][1].toFixed(1));
    for (const line of this.pictures.querySelectorAll(".gd-net-weight[data-chosen]"))
      line.removeAttribute("data-chosen");
    this.pictures
      .querySelector(`.gd-net-weight[data-layer="${layer}"][data-from="${source}"][data-to="${to}"]`)
      ?.setAttribute("data-chosen", "");
    const { label, checks } = this.weight;
    const ends = [checks[0], checks[this.nudge], checks[checks.length - 1]];
    const told = ends.map(({ nudge, difference }) => t`${difference} at a nudge of ${nudge}`).join(", ");
    const description = this.error.querySelector("desc");
    if (description) description.textContent = t`For ${label}: the two ways differ by ${told}.`;
  }

  /** The scale of the picture, which it brings along. */
  scale() {
    const { x0, dx, y0, dy, lowest } = this.error.dataset;
    return { x0: Number(x0), dx: Number(dx), y0: Number(y0), dy: Number(dy), lowest: Number(lowest) };
  }
}

/**
 * @param {string} value
 * @param {string} text
 */
function option(value, text) {
  return make("option", { value }, text);
}
