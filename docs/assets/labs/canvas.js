/**
 * Drawing: pure functions of a context, a view and data. They keep no state, know no clock, look nothing up in the
 * page and import nothing of ours but the words. All lengths are CSS pixels; `view.ratio` makes them crisp on dense screens.
 */

import { number, t } from "./language.js";

/** @typedef {Record<"class0" | "class1" | "curve" | "grid" | "axis" | "paper" | "text", string>} Colours */

/**
 * @typedef {object} View
 * @property {number} width in CSS pixels
 * @property {number} height in CSS pixels
 * @property {number} ratio device pixels per CSS pixel
 * @property {string} font the font's family
 * @property {Colours} colours as `#rrggbb`
 * @property {string[]} ghosts colours of earlier runs
 */

/**
 * @typedef {object} Line
 * @property {ArrayLike<number>} losses one run's losses by epoch; `losses[0]` is that of the first weights
 * @property {number} ghost -1 for the run under way, else a number that chooses colour and dash
 */

/**
 * @typedef {object} CurveData
 * @property {Line[]} lines ghosts first, the run under way last
 * @property {number} lastEpoch right end of the axis
 * @property {number} chance loss of a network that always answers one half
 * @property {boolean} logarithmic
 * @property {number | null} cursor the epoch that is being read
 * @property {{ epoch: number, label: string } | null} turn where the run turned, and what it turned into
 */

/** Dash patterns of ghosts; with five colours and eight patterns, forty ghosts in a row look different. */
export const DASHES = [
  [7, 4],
  [2, 2],
  [12, 3, 2, 3],
  [5, 2],
  [3, 4],
  [9, 3, 2, 3, 2, 3],
  [14, 5],
  [4, 6],
];

const MARGIN = { left: 48, right: 14, top: 34, bottom: 40 };
const FONT_SIZE = 12;

/** How much of a class's colour is in the surface where the network is certain: points stand out from it. */
const TINT = 0.3;

/** A logarithmic axis shows no more than this: beyond lie marks at the edge. */
const LOG_LOWEST = 1e-6;
const LOG_HIGHEST = 1e3;

// --- the data and the network's surface -------------------------------------------------------------------------

/**
 * Draw the probabilities as colours, the boundary where both classes are equally likely, and the points.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {import("./messages").Points} points
 * @param {import("./messages").Surface | null} surface
 * @returns {void}
 */
export function drawSurface(context, view, points, surface) {
  context.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
  context.fillStyle = view.colours.paper;
  context.fillRect(0, 0, view.width, view.height);
  if (surface) {
    paintProbabilities(context, view, surface);
    strokeBoundary(context, view, surface);
  }
  paintPoints(context, view, points);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {import("./messages").Surface} surface
 */
function paintProbabilities(context, view, { size, probabilities }) {
  const ramp = colourRamp(view);
  const image = new ImageData(size, size);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = ramp[Math.round(probabilities[i] * 255)];
  const small = new OffscreenCanvas(size, size);
  /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext("2d")).putImageData(image, 0, 0);
  context.drawImage(small, 0, 0, view.width, view.height);
}

/**
 * 256 opaque pixels from certainly class 0 over the paper's colour to certainly class 1.
 *
 * @param {View} view
 * @returns {Uint32Array} in the byte order of canvas pixels
 */
function colourRamp({ colours }) {
  const paper = channels(colours.paper);
  const ends = [channels(colours.class0), channels(colours.class1)];
  const bytes = new Uint8ClampedArray(4 * 256);
  for (let i = 0; i < 256; i++) {
    const certainty = Math.abs(i / 127.5 - 1);
    const end = ends[i < 128 ? 0 : 1];
    for (let c = 0; c < 3; c++) bytes[4 * i + c] = paper[c] + TINT * certainty * (end[c] - paper[c]);
    bytes[4 * i + 3] = 255;
  }
  return new Uint32Array(bytes.buffer);
}

/**
 * @param {string} colour as `#rrggbb`
 * @returns {number[]}
 */
function channels(colour) {
  return [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16));
}

/**
 * Stroke the line of probability one half through the grid (marching squares, straight pieces).
 *
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {import("./messages").Surface} surface
 */
function strokeBoundary(context, view, { size, probabilities }) {
  const cell = view.width / size;
  /** @type {(row: number, column: number) => number} with the outermost values going on beyond the grid */
  const value = (row, column) =>
    probabilities[clamp(row, 0, size - 1) * size + clamp(column, 0, size - 1)] - 0.5;
  context.beginPath();
  for (let row = -1; row < size; row++) {
    for (let column = -1; column < size; column++) {
      const a = value(row, column);
      const b = value(row, column + 1);
      const c = value(row + 1, column + 1);
      const d = value(row + 1, column);
      /** @type {number[]} */
      const crossings = [];
      if (a > 0 !== b > 0) crossings.push(column + a / (a - b), row);
      if (b > 0 !== c > 0) crossings.push(column + 1, row + b / (b - c));
      if (d > 0 !== c > 0) crossings.push(column + d / (d - c), row + 1);
      if (a > 0 !== d > 0) crossings.push(column, row + a / (a - d));
      for (let i = 0; i + 3 < crossings.length; i += 4) {
        context.moveTo((crossings[i] + 0.5) * cell, (crossings[i + 1] + 0.5) * cell);
        context.lineTo((crossings[i + 2] + 0.5) * cell, (crossings[i + 3] + 0.5) * cell);
      }
    }
  }
  context.lineWidth = 2.5;
  context.lineCap = "round";
  context.setLineDash([]);
  context.strokeStyle = view.colours.text;
  context.stroke();
}

/**
 * Class 0 as discs, class 1 as diamonds: the shape says what the colour says.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {import("./messages").Points} points
 */
function paintPoints(context, view, { x, y, targets, domain }) {
  const radius = Math.max(2.5, Math.min(4.2, view.width / 90)) * (x.length > 600 ? 0.7 : 1);
  for (const kind of [0, 1]) {
    context.beginPath();
    for (let i = 0; i < x.length; i++) {
      if (targets[i] !== kind) continue;
      const left = (0.5 + x[i] / (2 * domain)) * view.width;
      const top = (0.5 - y[i] / (2 * domain)) * view.height;
      if (kind === 0) {
        context.moveTo(left + radius, top);
        context.arc(left, top, radius, 0, 2 * Math.PI);
      } else {
        const reach = 1.3 * radius;
        context.moveTo(left, top - reach);
        context.lineTo(left + reach, top);
        context.lineTo(left, top + reach);
        context.lineTo(left - reach, top);
        context.closePath();
      }
    }
    context.fillStyle = kind === 0 ? view.colours.class0 : view.colours.class1;
    context.fill();
    context.lineWidth = 1;
    context.strokeStyle = view.colours.paper;
    context.stroke();
  }
}

// --- the loss curve ---------------------------------------------------------------------------------------------

/**
 * @typedef {object} Scale where epochs and losses lie in the picture
 * @property {number} left
 * @property {number} right
 * @property {number} top
 * @property {number} bottom
 * @property {number} low loss at the bottom
 * @property {number} high loss at the top
 * @property {(epoch: number) => number} x
 * @property {(loss: number) => number} y below `low` and above `high` it goes on beyond the frame
 * @property {(x: number) => number} epochAt
 */

/**
 * Choose the axes. The linear axis follows the run under way, so that a blow-up is seen going up; earlier runs widen it to
 * three times chance level and no further, so that none of them flattens a run that learns.
 *
 * @param {View} view
 * @param {CurveData} data
 * @returns {Scale}
 */
export function curveScale(view, data) {
  const left = MARGIN.left;
  const right = view.width - MARGIN.right;
  const top = MARGIN.top;
  const bottom = view.height - MARGIN.bottom;
  const all = data.lines.map(({ losses }) => extent(losses));
  const lowest = Math.min(...all.map((run) => run.lowest));
  const highest = Math.max(...all.map((run) => run.highest));

  let low = 0;
  let high;
  if (data.logarithmic) {
    low = 10 ** Math.floor(Math.log10(clamp(Math.min(lowest, 0.1), LOG_LOWEST, 1)));
    high = 10 ** Math.ceil(Math.log10(clamp(highest, 1, LOG_HIGHEST)));
  } else {
    const own = Math.min(all[all.length - 1].highest, 150 * data.chance);
    high = roundUp(Math.max(own, Math.min(highest, 3 * data.chance), 1.1 * data.chance));
  }
  const place = data.logarithmic ? Math.log10 : Number;
  const span = place(high) - place(low);
  const width = (right - left) / data.lastEpoch;
  return {
    left,
    right,
    top,
    bottom,
    low,
    high,
    x: (epoch) => left + epoch * width,
    y: (loss) => bottom - ((place(loss) - place(low)) / span) * (bottom - top),
    epochAt: (x) => Math.round((x - left) / width),
  };
}

/**
 * @param {ArrayLike<number>} losses
 * @returns {{ lowest: number, highest: number }} of those that are finite; the lowest also above 0
 */
function extent(losses) {
  let lowest = Infinity;
  let highest = 0;
  for (let i = 0; i < losses.length; i++) {
    const loss = losses[i];
    if (loss > highest && loss < Infinity) highest = loss;
    if (loss > 0 && loss < lowest) lowest = loss;
  }
  return { lowest, highest };
}

/**
 * Draw axes, chance level, earlier runs, the run under way, marks for what lies off the scale, and the cursor.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {CurveData} data
 * @returns {{ clipped: boolean }} whether a loss lay above the scale or was not finite
 */
export function drawCurve(context, view, data) {
  const scale = curveScale(view, data);
  context.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
  context.fillStyle = view.colours.paper;
  context.fillRect(0, 0, view.width, view.height);
  context.lineCap = "butt";
  drawAxes(context, view, data, scale);
  drawChance(context, view, data, scale);
  let clipped = false;
  for (const line of data.lines) {
    const colour = line.ghost < 0 ? view.colours.curve : view.ghosts[line.ghost % view.ghosts.length];
    strokeLine(context, scale, line, colour);
    if (markClipped(context, scale, line, colour)) clipped = true;
  }
  context.setLineDash([]);
  nameChance(context, view, data, scale);
  namePeak(context, view, data, scale);
  if (data.turn) drawTurn(context, view, scale, data.turn);
  if (data.cursor !== null) drawCursor(context, view, data, scale, data.cursor);
  return { clipped };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {CurveData} data
 * @param {Scale} scale
 */
function drawAxes(context, view, data, scale) {
  const { left, right, top, bottom } = scale;
  context.font = `${FONT_SIZE}px ${view.font}`;
  context.fillStyle = view.colours.axis;
  context.strokeStyle = view.colours.grid;
  context.lineWidth = 1;
  context.setLineDash([]);

  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const tick of data.logarithmic ? decades(scale.low, scale.high) : niceTicks(scale.high, 5)) {
    const y = Math.round(scale.y(tick)) + 0.5;
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(right, y);
    context.stroke();
    context.fillText(tickLabel(tick), left - 6, y);
  }

  context.textAlign = "center";
  context.textBaseline = "top";
  for (const tick of niceTicks(data.lastEpoch, Math.max(2, (right - left) / 55))) {
    if (!Number.isInteger(tick)) continue;
    const x = Math.round(scale.x(tick)) + 0.5;
    context.beginPath();
    context.moveTo(x, bottom);
    context.lineTo(x, bottom + 4);
    context.stroke();
    const label = tickLabel(tick);
    context.fillText(label, Math.min(x, view.width - context.measureText(label).width / 2), bottom + 7);
  }

  context.strokeStyle = view.colours.axis;
  context.beginPath();
  context.moveTo(left + 0.5, top);
  context.lineTo(left + 0.5, bottom + 0.5);
  context.lineTo(right, bottom + 0.5);
  context.stroke();

  context.font = `600 ${FONT_SIZE}px ${view.font}`;
  context.textAlign = "right";
  context.textBaseline = "bottom";
  context.fillText(t`epoch`, right, view.height - 2);
  context.textAlign = "left";
  context.textBaseline = "top";
  context.fillText(t`loss`, 4, 4);
}

/**
 * The loss of a network that answers one half to everything: what lies above is worse than guessing.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {CurveData} data
 * @param {Scale} scale
 */
function drawChance(context, view, data, scale) {
  const y = Math.round(scale.y(data.chance)) + 0.5;
  context.setLineDash([1, 3]);
  context.strokeStyle = view.colours.axis;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(scale.left, y);
  context.lineTo(scale.right, y);
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {CurveData} data
 * @param {Scale} scale
 */
function nameChance(context, view, data, scale) {
  context.font = `${FONT_SIZE - 1}px ${view.font}`;
  context.textAlign = "right";
  // out of the way of what the run turned into, which is written at the top
  const below = data.turn !== null && data.turn.epoch > data.lastEpoch / 2;
  context.textBaseline = below ? "top" : "bottom";
  writeOver(
    context,
    view,
    t`guessing: ${number(data.chance.toPrecision(2))}`,
    scale.right,
    scale.y(data.chance) + (below ? 4 : -2),
    "axis",
  );
}

/**
 * Where the run under way leaves the scale, say how high it got.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {CurveData} data
 * @param {Scale} scale
 */
function namePeak(context, view, data, scale) {
  const { losses } = data.lines[data.lines.length - 1];
  let first = -1;
  let peak = 0;
  for (let i = 0; i < losses.length; i++) {
    if (losses[i] <= scale.high) continue;
    if (first < 0) first = i;
    if (!(losses[i] <= peak)) peak = Number.isNaN(losses[i]) ? Infinity : losses[i];
  }
  if (first < 0) return;
  const text = peak < Infinity ? t`up to ${tickLabel(Number(peak.toPrecision(3)))}` : t`beyond all numbers`;
  context.font = `600 ${FONT_SIZE}px ${view.font}`;
  context.textAlign = "left";
  context.textBaseline = "bottom";
  const x = Math.min(scale.x(first) + 8, scale.right - context.measureText(text).width);
  writeOver(context, view, text, x, scale.top - 8, "curve");
}

/**
 * Stroke a run. Where several epochs share a column of pixels, its lowest and highest loss are kept. Values that are
 * not finite leave a gap; values off the scale leave the frame.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Scale} scale
 * @param {Line} line
 * @param {string} colour
 */
function strokeLine(context, scale, { losses, ghost }, colour) {
  context.save();
  context.beginPath();
  context.rect(scale.left, scale.top, scale.right - scale.left + 2, scale.bottom - scale.top + 2);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = ghost < 0 ? 2.5 : 1.75;
  context.lineJoin = "round";
  context.setLineDash(ghost < 0 ? [] : DASHES[ghost % DASHES.length]);
  context.beginPath();

  const perPixel = losses.length / (scale.x(losses.length) - scale.x(0));
  const stride = Math.max(1, Math.floor(2 * perPixel));
  let pen = false;
  for (let start = 0; start < losses.length; start += stride) {
    const end = Math.min(start + stride, losses.length);
    let least = start;
    let most = start;
    for (let i = start; i < end; i++) {
      if (!(losses[i] >= losses[least])) least = i;
      if (!(losses[i] <= losses[most])) most = i;
    }
    const ends = least === most ? [least] : [Math.min(least, most), Math.max(least, most)];
    for (const i of ends) {
      if (!Number.isFinite(losses[i])) {
        pen = false;
        continue;
      }
      const y = clamp(scale.y(losses[i]), scale.top - 40, scale.bottom + 40);
      if (pen) context.lineTo(scale.x(i), y);
      else context.moveTo(scale.x(i), y);
      pen = true;
    }
  }
  context.stroke();
  if (perPixel < 0.1 || losses.length === 1) dotEpochs(context, scale, losses, colour);
  context.restore();
}

/**
 * Where epochs are far apart, a dot for each: the loss is known there and nowhere between.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Scale} scale
 * @param {ArrayLike<number>} losses
 * @param {string} colour
 */
function dotEpochs(context, scale, losses, colour) {
  context.beginPath();
  for (let i = 0; i < losses.length; i++) {
    if (!(losses[i] <= scale.high)) continue;
    context.moveTo(scale.x(i), scale.y(losses[i]));
    context.arc(scale.x(i), scale.y(losses[i]), 3, 0, 2 * Math.PI);
  }
  context.fillStyle = colour;
  context.fill();
}

/**
 * Put a triangle at the top edge over every stretch of losses that lie above the scale or are not finite, and one
 * pointing down at the bottom edge where a logarithmic scale ends above the loss.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Scale} scale
 * @param {Line} line
 * @param {string} colour
 * @returns {boolean} whether anything lay above
 */
function markClipped(context, scale, { losses }, colour) {
  const apart = 11;
  let lastAbove = -Infinity;
  let lastBelow = -Infinity;
  context.beginPath();
  for (let i = 0; i < losses.length; i++) {
    const x = scale.x(i);
    if (!(losses[i] <= scale.high)) {
      if (x - lastAbove < apart) continue;
      lastAbove = x;
      context.moveTo(x - 4.5, scale.top);
      context.lineTo(x + 4.5, scale.top);
      context.lineTo(x, scale.top - 8);
    } else if (losses[i] < scale.low) {
      if (x - lastBelow < apart) continue;
      lastBelow = x;
      context.moveTo(x - 4.5, scale.bottom - 9);
      context.lineTo(x + 4.5, scale.bottom - 9);
      context.lineTo(x, scale.bottom - 1);
    }
  }
  context.fillStyle = colour;
  context.fill();
  return lastAbove > -Infinity;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {Scale} scale
 * @param {{ epoch: number, label: string }} turn
 */
function drawTurn(context, view, scale, { epoch, label }) {
  const x = scale.x(epoch);
  context.strokeStyle = view.colours.text;
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(x, scale.top + 16);
  context.lineTo(x, scale.bottom);
  context.stroke();
  context.setLineDash([]);
  context.font = `600 ${FONT_SIZE}px ${view.font}`;
  const half = context.measureText(label).width / 2;
  context.textAlign = "center";
  context.textBaseline = "top";
  writeOver(context, view, label, clamp(x, scale.left + half + 6, scale.right - half), scale.top + 3, "text");
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {CurveData} data
 * @param {Scale} scale
 * @param {number} epoch
 */
function drawCursor(context, view, data, scale, epoch) {
  const x = scale.x(epoch);
  context.strokeStyle = view.colours.text;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x, scale.top);
  context.lineTo(x, scale.bottom);
  context.stroke();
  for (const { losses, ghost } of data.lines) {
    const loss = losses[epoch];
    if (epoch >= losses.length || !Number.isFinite(loss)) continue;
    context.beginPath();
    context.arc(x, clamp(scale.y(loss), scale.top, scale.bottom), 4.5, 0, 2 * Math.PI);
    context.fillStyle = ghost < 0 ? view.colours.curve : view.ghosts[ghost % view.ghosts.length];
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = view.colours.paper;
    context.stroke();
  }
  const label = epoch === 0 ? t`before training` : t`epoch ${epoch}`;
  context.font = `600 ${FONT_SIZE}px ${view.font}`;
  const half = context.measureText(label).width / 2;
  context.textAlign = "center";
  context.textBaseline = "bottom";
  writeOver(context, view, label, clamp(x, scale.left + half, scale.right - half), scale.bottom - 4, "text");
}

/**
 * Write text on a rim of paper, so that lines beneath do not cross it out.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {View} view
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {keyof Colours} colour
 */
function writeOver(context, view, text, x, y, colour) {
  context.lineWidth = 4;
  context.lineJoin = "round";
  context.strokeStyle = view.colours.paper;
  context.strokeText(text, x, y);
  context.fillStyle = view.colours[colour];
  context.fillText(text, x, y);
}

// --- numbers for axes -------------------------------------------------------------------------------------------

/**
 * Round multiples of 1, 2 or 5 times a power of ten from 0 to `high`.
 *
 * @param {number} high above 0
 * @param {number} wanted about how many
 * @returns {number[]}
 */
function niceTicks(high, wanted) {
  const rough = high / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((multiple) => multiple * power >= rough) ?? 10);
  return Array.from({ length: Math.floor(high / step + 1e-9) + 1 }, (_, i) => i * step);
}

/**
 * Powers of ten from `low` to `high`, every second or third one if there are many.
 *
 * @param {number} low a power of ten
 * @param {number} high a power of ten
 * @returns {number[]}
 */
function decades(low, high) {
  const first = Math.round(Math.log10(low));
  const last = Math.round(Math.log10(high));
  const stride = Math.ceil((last - first) / 6);
  return Array.from(
    { length: Math.floor((last - first) / stride) + 1 },
    (_, i) => 10 ** (first + i * stride),
  );
}

/**
 * The next of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten.
 *
 * @param {number} value above 0
 * @returns {number}
 */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8].find((step) => step * power >= value) ?? 10);
}

/** @param {number} value */
function tickLabel(value) {
  if (value !== 0 && (value < 1e-3 || value >= 1e5))
    return value.toExponential(0).replace("e+", "e").replace("-", "−");
  return number(String(Number(value.toPrecision(6))));
}

/**
 * @param {number} value
 * @param {number} lowest
 * @param {number} highest
 * @returns {number}
 */
function clamp(value, lowest, highest) {
  return Math.min(Math.max(value, lowest), highest);
}
