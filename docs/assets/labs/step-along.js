/** The picture of the loss along a step, drawn anew for every learning rate. */

import { t } from "./language.js";
import { formatRate } from "./runs.js";
import { svg } from "./svg.js";

/** @typedef {import("./messages").StepFrame} StepFrame */

/** The layout, as `scripts/pictures.py` lays it out. */
const ALONG = { width: 304, height: 200, side: 14, top: 30, bottom: 34 };

/**
 * Draw the loss along the step, and the straight line that the slope promises; the same as `along_the_step` in
 * `scripts/pictures.py`.
 *
 * @param {SVGSVGElement} picture
 * @param {StepFrame} frame
 */
export function drawAlong(picture, { learning_rate: rate, loss, loss_after, predicted, along, words }) {
  const { width, height, side, top, bottom } = ALONG;
  const floor = height - bottom;
  const promised = loss + predicted;
  const seen = [...along.losses, Math.max(loss + 2 * predicted, 0)].filter(Number.isFinite);
  const high = Math.max(...seen);
  const least = Math.min(...seen);
  const low = least < 0.25 * high ? 0 : least;
  /** @param {number} at */
  const x = (at) => side + (at / (2 * rate)) * (width - 2 * side);
  /** @param {number} value */
  const y = (value) => floor - ((value - low) / (high - low || 1)) * (floor - top);
  const end = predicted ? Math.min(2, (loss - low) / -predicted) : 2;
  const above = loss_after >= promised ? -10 : 18;
  const points = [...along.rates]
    .map((at, index) => [x(at), y(along.losses[index])])
    .filter(([, level]) => Number.isFinite(level))
    .map(([across, level]) => `${across.toFixed(1)} ${level.toFixed(1)}`);
  /** @type {SVGElement[]} */
  const parts = [
    path("axis", `M${side} ${floor}H${width - side}`),
    path("grid", `M${x(rate)} ${top - 8}V${floor}`),
    path("promise", `M${x(0)} ${y(loss)}L${x(end * rate)} ${y(loss + end * predicted)}`),
    path("curve", `M${points.join("L")}`),
    path("start", `M${x(0) - 4} ${y(loss)}a4 4 0 1 0 8 0a4 4 0 1 0-8 0z`),
    text("tick gd-over", side, y(loss) - 10, t`before ${words.loss_before}`),
    text("tick", side, height - 16, "0"),
    text("tick", x(rate), height - 16, formatRate(rate), "middle"),
    text("tick", width - side, height - 16, formatRate(2 * rate), "end"),
    text("label", x(rate), height - 2, t`learning rate`, "middle"),
  ];
  if (Number.isFinite(loss_after)) {
    parts.push(path("came", `M${x(rate) - 5} ${y(loss_after)}a5 5 0 1 0 10 0a5 5 0 1 0-10 0z`));
    parts.push(text("label gd-over", x(rate) + 10, y(loss_after) + above, t`after ${words.loss_after}`));
  }
  if (promised >= low) parts.push(path("promised", `M${x(rate) - 5} ${y(promised) - 5}h10v10h-10z`));
  const level = promised >= low ? y(promised) + 8 - above : floor - 6;
  // At the left, unless the label of the start is there.
  const [across, anchor] =
    promised < low && y(loss) > floor - 30 ? [x(rate) + 10, "start"] : [x(rate) - 10, "end"];
  parts.push(text("tick gd-over", across, level, t`promised ${words.promised_loss}`, anchor));
  const description = picture.querySelector("desc");
  if (description) {
    description.textContent = t`From ${words.loss_before} at rate 0, the slope's straight line promises ${words.promised_loss} at rate ${words.rate}; the curve of the loss itself is at ${words.loss_after} there.`;
  }
  picture.replaceChildren(...[...picture.querySelectorAll("title, desc")], ...parts);
}

/**
 * @param {string} kind
 * @param {string} data
 */
function path(kind, data) {
  return svg("path", { class: `gd-${kind}`, d: data });
}

/**
 * @param {string} kind
 * @param {number} x
 * @param {number} y
 * @param {string} words
 * @param {string} anchor
 */
function text(kind, x, y, words, anchor = "start") {
  return svg("text", { class: `gd-${kind}`, x, y, "text-anchor": anchor }, words);
}
