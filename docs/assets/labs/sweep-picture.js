/**
 * The picture of a sweep, final loss against learning rate: the one that was drawn when the page was built
 * (`scripts/pictures.py`), brought to life. What is shown comes from outside; this file finds the parts and moves them.
 */

import { make } from "./fields.js";
import { number, t } from "./language.js";
import { formatLoss, formatRate, verdictName } from "./runs.js";
import { svg } from "./svg.js";

/** @typedef {import("./messages").Regions} Regions */
/** @typedef {import("./messages").VerdictName} VerdictName */

/**
 * Where rates and losses lie, as the picture was drawn: the ends of each axis in the picture's units, and what lies there.
 * Both axes are logarithmic.
 *
 * @typedef {Record<"x" | "y" | "rates" | "losses", [number, number]>} Scale
 */

/**
 * A sweep to be seen; every array has one entry for each rate.
 *
 * @typedef {object} Shown
 * @property {ArrayLike<number>} rates
 * @property {ArrayLike<number>} losses
 * @property {ArrayLike<number> | null} alive 0 for a run that has diverged, while the sweep goes on
 * @property {VerdictName[] | null} verdicts once it is whole
 * @property {Regions | null} regions once it is whole
 * @property {number} epoch
 * @property {number} chance
 */

const BROKEN = ["oscillating", "diverged"];

/** How far the name of the sweet spot keeps from the ends, where the other two stand. */
const ROOM = 110;

export class SweepPicture {
  /**
   * @param {HTMLElement} still what holds the picture, its caption and its table
   * @param {Scale} scale
   */
  constructor(still, scale) {
    this.scale = scale;
    this.figure = /** @type {HTMLElement} */ (still.querySelector("figure"));
    this.caption = /** @type {HTMLElement} */ (still.querySelector("figcaption"));
    this.rows = /** @type {HTMLElement} */ (still.querySelector("tbody"));
    this.svg = /** @type {SVGSVGElement} */ (still.querySelector("svg"));
    this.description = /** @type {SVGElement} */ (this.svg.querySelector("desc"));
    this.cursor = svg("path", { class: "gd-sweep-cursor" });
    this.runs = svg("g", { class: "gd-sweep-runs" });
    this.svg.append(this.cursor, this.runs);
    /** @type {Shown | null} the sweep in the table */
    this.written = null;
  }

  /** Take away what the script has added. */
  restore() {
    this.cursor.remove();
    this.runs.remove();
    this.figure.classList.remove("gd-sweep-stale");
  }

  /** @param {Shown} shown */
  draw(shown) {
    const { rates, losses, verdicts, alive, regions, chance } = shown;
    const [left, right] = this.scale.x;
    const top = this.scale.y[1];
    let curve = "";
    let dots = "";
    let crosses = "";
    let above = "";
    for (let i = 0; i < rates.length; i++) {
      const [x, y] = this.place(rates[i], losses[i]);
      curve += `${i === 0 ? "M" : "L"}${x} ${y}`;
      if (verdicts ? BROKEN.includes(verdicts[i]) : alive?.[i] === 0)
        crosses += `M${x - 4} ${y - 4}l8 8m0-8l-8 8`;
      else dots += `M${x - 3} ${y}a3 3 0 1 0 6 0a3 3 0 1 0-6 0z`;
      if (!(losses[i] <= this.scale.losses[1])) above += `M${x - 4} ${top - 3}h8l-4-7z`;
    }
    const best = regions?.best ?? null;
    const [bestX, bestY] = best === null ? [0, 0] : this.place(rates[best], losses[best]);
    const [, level] = this.place(rates[0], chance);
    this.set(".gd-curve", curve);
    this.set(".gd-sweep-dots", dots);
    this.set(".gd-sweep-crosses", crosses);
    this.set(".gd-alert", above);
    this.set(".gd-sweep-best", best === null ? "" : `M${bestX - 7} ${bestY}a7 7 0 1 0 14 0a7 7 0 1 0-14 0z`);
    this.set(".gd-chance", `M${left} ${level}H${right}`);
    const name = /** @type {SVGElement} */ (this.svg.querySelector(".gd-sweep-chance"));
    name.setAttribute("y", String(level - 5));
    name.textContent = t`guessing: ${number(chance.toPrecision(2))}`;
    this.drawBands(regions, rates.length);
    if (regions && this.written !== shown) this.write(shown);
  }

  /**
   * @param {string} selector
   * @param {string} path
   */
  set(selector, path) {
    this.svg.querySelector(selector)?.setAttribute("d", path);
  }

  /**
   * @param {Regions | null} regions
   * @param {number} count of rates
   */
  drawBands(regions, count) {
    const [left, right] = this.scale.x;
    const step = (right - left) / (count - 1);
    /** @type {[string, number | null | undefined, number | null | undefined][]} */
    const bands = [
      ["crawls", 0, regions?.crawls_to],
      ["learns", regions?.learns_from, regions?.learns_to],
      ["breaks", regions?.breaks_from, count - 1],
    ];
    for (const [kind, first, last] of bands) {
      const band = /** @type {SVGElement} */ (this.svg.querySelector(`.gd-sweep-${kind}`));
      const there = typeof first === "number" && typeof last === "number";
      band.setAttribute("visibility", there ? "visible" : "hidden");
      if (!there) continue;
      const start = Math.max(left, left + (first - 0.5) * step);
      const end = Math.min(right, left + (last + 0.5) * step);
      const area = /** @type {SVGElement} */ (band.querySelector("rect"));
      area.setAttribute("x", String(start));
      area.setAttribute("width", String(end - start));
      if (kind !== "learns") continue;
      const middle = Math.min(Math.max((start + end) / 2, left + ROOM), right - ROOM);
      band.querySelector("text")?.setAttribute("x", String(middle));
    }
  }

  /**
   * Show runs as diamonds.
   *
   * @param {{ rate: number, loss: number }[]} runs
   */
  drawRuns(runs) {
    this.runs.replaceChildren(
      ...runs.map(({ rate, loss }) => {
        const [x, y] = this.place(rate, loss);
        return svg("path", { d: `M${x} ${y - 8}l8 8l-8 8l-8-8z` });
      }),
    );
  }

  /** @param {number} rate to draw the cursor at */
  point(rate) {
    const [x] = this.place(rate, 1);
    this.cursor.setAttribute("d", `M${x} ${this.scale.y[0]}V${this.scale.y[1]}`);
  }

  /**
   * Say in words what is drawn: for ears, and in the table.
   *
   * @param {Shown} shown a whole sweep
   */
  write(shown) {
    this.written = shown;
    const { rates, losses, verdicts, regions } = shown;
    this.description.textContent = `${regions?.sentence} ${t`The table below has every rate with its loss and verdict.`}`;
    const rows = Array.from(rates, (rate, i) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, formatRate(rate)),
        make("td", {}, formatLoss(losses[i])),
        make("td", {}, verdicts ? verdictName(verdicts[i]) : ""),
      ),
    );
    this.rows.replaceChildren(...rows);
  }

  /**
   * Where a rate and a loss lie; what is beyond the ends of an axis, or no number, keeps to an end.
   *
   * @param {number} rate
   * @param {number} loss
   * @returns {[number, number]}
   */
  place(rate, loss) {
    const { x, y, rates, losses } = this.scale;
    return [between(x, rates, rate), between(y, losses, loss)];
  }

  /**
   * How far along the axis of rates a place on the screen lies, from 0 to 1.
   *
   * @param {number} clientX
   */
  shareAt(clientX) {
    const { left, width } = this.svg.getBoundingClientRect();
    const [first, last] = this.scale.x;
    return (((clientX - left) / width) * this.svg.viewBox.baseVal.width - first) / (last - first);
  }
}

/**
 * @param {[number, number]} ends of an axis
 * @param {[number, number]} values what lies there
 * @param {number} value
 */
function between([first, last], [low, high], value) {
  const kept = value < high ? Math.max(value, low) : high;
  return Number((first + (Math.log(kept / low) / Math.log(high / low)) * (last - first)).toFixed(1));
}
