/**
 * The diagram of the network lab: the very picture that the page brought along, whose units become a group of radio
 * buttons (one stop for the Tab key, arrow keys from unit to unit), and whose lines, small pictures and numbers follow the
 * network.
 */

import { t } from "./language.js";
import { paintThumbnail, sampled } from "./network-thumbnails.js";
import { show } from "./network-sums.js";

/** @typedef {import("./messages").NetworkFrame} NetworkFrame */
/** @typedef {import("./messages").Trace} Trace */
/** @typedef {import("./messages").Unit} Unit */

export class Diagram {
  /**
   * @param {object} options
   * @param {SVGElement} options.svg as `scripts/diagrams.py` made it
   * @param {number[]} options.layers from the inputs to the output
   * @param {(unit: Unit) => string} options.nameOf
   * @param {(unit: Unit, place?: number) => void} options.choose called with a unit, and with one of its weights if that was
   *   clicked: which of its inputs, the one after the last for the bias
   * @param {AbortSignal} options.signal
   */
  constructor({ svg, layers, nameOf, choose, signal }) {
    this.element = svg;
    this.layers = layers;
    this.nameOf = nameOf;
    this.choose = choose;
    this.radius = Number(svg.dataset.radius);
    /** @type {NodeListOf<SVGElement>} those of the biases, too */
    this.lines = svg.querySelectorAll(".gd-net-weight");
    svg.setAttribute("role", "radiogroup");
    svg.setAttribute("aria-label", t`Units of the network`);
    for (const part of svg.querySelectorAll("title, desc")) part.remove();
    for (const part of svg.querySelectorAll(".gd-net-lines, .gd-net-units > .gd-net-weight, :scope > text"))
      part.setAttribute("aria-hidden", "true");
    /** @type {SVGGElement[][]} by layer, that of the inputs first */
    this.units = layers.map((count, layer) =>
      Array.from({ length: count }, (_, unit) => {
        const selector = `.gd-net-unit[data-layer="${layer}"][data-unit="${unit}"]`;
        return /** @type {SVGGElement} */ (svg.querySelector(selector));
      }),
    );
    for (const unit of this.units[0]) unit.setAttribute("aria-hidden", "true");
    for (const [unit, element] of this.entries()) {
      element.setAttribute("role", "radio");
      element.setAttribute("aria-label", nameOf(unit));
    }
    svg.addEventListener("click", (event) => this.click(/** @type {Element} */ (event.target)), { signal });
    svg.addEventListener("keydown", (event) => this.walk(event), { signal });
  }

  /** @returns {[Unit, SVGGElement][]} all units but the inputs */
  entries() {
    return this.units
      .slice(1)
      .flatMap((column, index) =>
        column.map((element, unit) => /** @type {[Unit, SVGGElement]} */ ([[index + 1, unit], element])),
      );
  }

  /** @param {Element} target */
  click(target) {
    const unit = /** @type {SVGElement | null} */ (target.closest(".gd-net-unit[role]"));
    if (unit) {
      this.choose([Number(unit.dataset.layer), Number(unit.dataset.unit)]);
      unit.focus();
    }
    const weight = /** @type {SVGElement | null} */ (target.closest(".gd-net-weight"));
    if (!weight) return;
    const { layer, from, to } = weight.dataset;
    const place = from === "bias" ? this.layers[Number(layer) - 1] : Number(from);
    this.choose([Number(layer), Number(to)], place);
  }

  /** @param {KeyboardEvent} event */
  walk(event) {
    const [deeper, lower] =
      { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key] ?? [];
    const from = this.entries().find(([, element]) => element === event.target)?.[0];
    if (deeper === undefined || lower === undefined || !from) return;
    event.preventDefault();
    const layer = Math.min(Math.max(from[0] + deeper, 1), this.layers.length - 1);
    const unit = Math.min(Math.max(from[1] + lower, 0), this.layers[layer] - 1);
    this.choose([layer, unit]);
    this.units[layer][unit].focus();
  }

  /**
   * @param {Unit} chosen the unit that is looked at
   * @param {number} place of the one of its weights that is at hand, that of the bias after the last
   */
  mark(chosen, place) {
    const from = place === this.layers[chosen[0] - 1] ? "bias" : String(place);
    for (const { classList, dataset } of this.lines) {
      const ends = [dataset.layer, dataset.to, dataset.from];
      classList.toggle("gd-net-chosen", String(ends) === String([...chosen, from]));
    }
    for (const [unit, element] of this.entries()) {
      const here = String(unit) === String(chosen);
      element.setAttribute("aria-checked", String(here));
      element.setAttribute("tabindex", here ? "0" : "-1");
    }
  }

  /** @param {(unit: Unit) => boolean} isOff */
  silence(isOff) {
    for (const [unit, element] of this.entries()) element.classList.toggle("gd-net-off", isOff(unit));
    for (const line of this.lines) {
      const { layer, from } = line.dataset;
      line.classList.toggle("gd-net-off", from !== "bias" && isOff([Number(layer) - 1, Number(from)]));
    }
  }

  /**
   * Write what the units say of the point below them.
   *
   * @param {Trace} trace
   * @param {(unit: Unit) => boolean} isOff
   */
  say({ x, y, layers }, isOff) {
    for (const [unit, value] of [x, y].entries()) write(this.units[0][unit], show(value));
    for (const [unit, element] of this.entries()) {
      const said = show(layers[unit[0] - 1].outputs[unit[1]]);
      write(element, isOff(unit) ? t`off` : said);
      element.setAttribute(
        "aria-label",
        isOff(unit) ? t`${this.nameOf(unit)}, switched off` : t`${this.nameOf(unit)}, says ${said}`,
      );
    }
  }

  /**
   * Bring lines and small pictures in step with the network.
   *
   * @param {NetworkFrame} frame
   * @param {number} domain half the plane's side
   */
  draw({ layers, landscapes, borders, size }, domain) {
    for (const line of this.lines) {
      const { layer, from, to } = line.dataset;
      const { weights, biases } = layers[Number(layer) - 1];
      const fanIn = this.layers[Number(layer) - 1];
      const value = from === "bias" ? biases[Number(to)] : weights[Number(to) * fanIn + Number(from)];
      line.classList.toggle("gd-net-plus", value >= 0);
      line.classList.toggle("gd-net-minus", value < 0);
      line.style.setProperty("--gd-size", String(Math.abs(value)));
    }
    const cells = size * size;
    for (const [[layer, unit], element] of this.entries()) {
      const said = landscapes[layer - 1].subarray(unit * cells, (unit + 1) * cells);
      const ends = layer === 1 ? borders[unit]?.map((end) => end / domain) : undefined;
      paintThumbnail(element, this.radius, sampled(said, size), ends);
    }
  }
}

/**
 * @param {SVGElement} unit
 * @param {string} text
 */
function write(unit, text) {
  const value = unit.querySelector(".gd-net-value");
  if (value && value.textContent !== text) value.textContent = text;
}
