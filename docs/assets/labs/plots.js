/**
 * The training lab's two pictures in the page: their canvases, the reading cursor of the curve, and the text twins of both. What is drawn comes from outside; how it is drawn is `canvas.js`.
 */

import { DASHES, curveScale, drawCurve, drawSurface } from "./canvas.js";
import { make, menu } from "./fields.js";
import { t } from "./language.js";
import { formatAccuracy, formatLoss, thinned, verdictName } from "./runs.js";
import { Screen, context } from "./screen.js";

/** @typedef {import("./runs.js").Run} Run */
/** @typedef {import("./canvas.js").CurveData} CurveData */

/** @typedef {{ run: Run, ghost: number, label: string }} Entry a run in the picture; ghost as in `canvas.js` */

/**
 * @typedef {object} Picture what there is to see
 * @property {import("./messages").Points} points
 * @property {import("./messages").Surface | null} surface
 * @property {Entry[]} entries ghosts first, the run under way last
 * @property {number} lastEpoch
 * @property {number} chance
 * @property {number} earlier how many of the reader's earlier runs are in it
 * @property {number} kept how many of those the lab keeps
 */

const TABLE_ROWS = 24;

/** Milliseconds between two versions of the words and the open table while a run goes on: they are costly to lay out. */
const WORDS_PAUSE = 80;

/** The pictures and their words. They ask for a new drawing when the reader or the theme changes what must be seen. */
export class Plots {
  /**
   * @param {string} id prefix of ids
   * @param {() => void} invalidate ask for `draw` in the next animation frame
   * @param {() => void} drawNow ask for it at once
   * @param {AbortSignal} signal
   */
  constructor(id, invalidate, drawNow, signal) {
    this.invalidate = invalidate;
    /** @type {Picture | null} */
    this.picture = null;
    /** @type {number | null} the epoch being read */
    this.cursor = null;
    this.logarithmic = false;
    this.legendKey = "";
    this.wordsWritten = 0;
    /** @type {unknown[]} what the surface on the canvas was drawn from; the same again need not be drawn again */
    this.surfaceDrawn = [];

    this.dataCanvas = make("canvas", {
      role: "img",
      "aria-label": t`Training points and the network's decision surface`,
    });
    this.dataFrame = make("div", { class: "gd-frame gd-frame-data" }, this.dataCanvas);
    this.dataText = make("figcaption", { class: "gd-caption" });

    this.curveCanvas = make("canvas", { "aria-hidden": "true" });
    this.reader = make("div", {
      class: "gd-reader",
      role: "slider",
      tabindex: "0",
      "aria-label": t`Epoch to read from the curve`,
      "aria-valuemin": "0",
    });
    this.curveFrame = make("div", { class: "gd-frame gd-frame-curve" }, this.curveCanvas, this.reader);
    this.legend = make("ul", { class: "gd-legend" });
    this.hint = make("p", { class: "gd-caption" });
    const axis = menu({
      id: `${id}-axis`,
      name: t`Loss axis`,
      choices: [
        ["linear", t`linear`],
        ["logarithmic", t`logarithmic`],
      ],
      value: "linear",
      choose: (value) => {
        this.logarithmic = value === "logarithmic";
        invalidate();
      },
      signal,
    });
    axis.element.classList.add("gd-field-small");

    this.table = make("table", { class: "gd-table" });
    this.details = make(
      "details",
      { class: "gd-twin" },
      make("summary", {}, t`The curve as a table`),
      make(
        "div",
        { class: "gd-table-frame", tabindex: "0", role: "group", "aria-label": t`The curve as a table` },
        this.table,
      ),
    );
    this.details.addEventListener("toggle", () => this.writeTable(), { signal });

    this.element = make(
      "div",
      { class: "gd-plots" },
      make(
        "figure",
        { class: "gd-plot gd-plot-data" },
        make(
          "div",
          { class: "gd-plot-head" },
          make("h4", { class: "gd-plot-title" }, t`Data and decision surface`),
        ),
        this.dataFrame,
        this.dataText,
      ),
      make(
        "figure",
        { class: "gd-plot gd-plot-curve" },
        make(
          "div",
          { class: "gd-plot-head" },
          make("h4", { class: "gd-plot-title" }, t`Loss curve`),
          axis.element,
        ),
        this.curveFrame,
        this.legend,
        this.hint,
      ),
    );
    this.followPointer(signal);
    this.followKeys(signal);
    this.screen = new Screen([this.dataFrame, this.curveFrame], invalidate, drawNow, signal);
  }

  /** @param {AbortSignal} signal */
  followPointer(signal) {
    const read = (/** @type {PointerEvent} */ event) => {
      if (!this.picture) return;
      const scale = curveScale(this.screen.view(this.curveCanvas), this.curveData(this.picture));
      this.read(scale.epochAt(event.clientX - this.curveFrame.getBoundingClientRect().left));
    };
    this.reader.addEventListener("pointermove", read, { signal });
    this.reader.addEventListener("pointerdown", read, { signal });
    this.reader.addEventListener("pointerleave", () => this.read(null), { signal });
    this.reader.addEventListener("blur", () => this.read(null), { signal });
  }

  /** @param {AbortSignal} signal */
  followKeys(signal) {
    this.reader.addEventListener(
      "keydown",
      (event) => {
        const last = this.epochs();
        const at = this.cursor ?? last;
        const epoch = {
          ArrowLeft: at - 1,
          ArrowDown: at - 1,
          ArrowRight: at + 1,
          ArrowUp: at + 1,
          PageDown: at - 10,
          PageUp: at + 10,
          Home: 0,
          End: last,
          Escape: null,
        }[event.key];
        if (epoch === undefined) return;
        event.preventDefault();
        this.read(epoch);
      },
      { signal },
    );
  }

  /** @returns {number} epochs of the longest run */
  epochs() {
    return Math.max(0, ...(this.picture?.entries ?? []).map(({ run }) => run.epochs));
  }

  /** @param {number | null} epoch to read, or null to stop reading */
  read(epoch) {
    const last = this.epochs();
    this.cursor = epoch === null || last === 0 ? null : Math.min(Math.max(epoch, 0), last);
    this.invalidate();
  }

  /**
   * Draw everything and, when they are due, bring the words in step.
   *
   * @param {Picture} picture
   * @param {boolean} settled whether the run stands still
   * @returns {boolean} whether the words were due
   */
  draw(picture, settled) {
    this.picture = picture;
    const dataView = this.screen.fit(this.dataCanvas);
    const curveView = this.screen.fit(this.curveCanvas);
    if (!dataView || !curveView) return false;
    const drawn = [
      picture.points,
      picture.surface,
      this.screen.palette,
      dataView.width,
      dataView.height,
      dataView.ratio,
    ];
    if (drawn.some((part, i) => part !== this.surfaceDrawn[i])) {
      this.surfaceDrawn = drawn;
      drawSurface(context(this.dataCanvas), dataView, picture.points, picture.surface);
    }
    const { clipped } = drawCurve(context(this.curveCanvas), curveView, this.curveData(picture));
    const due = settled || performance.now() - this.wordsWritten > WORDS_PAUSE;
    if (due) this.writeWords(picture, clipped);
    return due;
  }

  /**
   * @param {Picture} picture
   * @returns {CurveData}
   */
  curveData({ entries, lastEpoch, chance }) {
    const { verdict } = entries[entries.length - 1].run;
    return {
      lines: entries.map(({ run, ghost }) => ({ losses: run.losses, ghost })),
      lastEpoch: Math.max(lastEpoch, this.epochs()),
      chance,
      logarithmic: this.logarithmic,
      cursor: this.cursor,
      turn: verdict && verdict.epoch > 0 ? { epoch: verdict.epoch, label: verdictName(verdict.name) } : null,
    };
  }

  /**
   * @param {Picture} picture
   * @param {boolean} clipped
   */
  writeWords(picture, clipped) {
    this.wordsWritten = performance.now();
    const { run } = picture.entries[picture.entries.length - 1];
    const epoch = run.epochs;
    const count = picture.points.x.length;
    write(
      this.dataText,
      epoch === 0
        ? t`${count} points of two classes (discs and diamonds). The line is the boundary that the first, random weights draw.`
        : t`In epoch ${epoch} the network put ${formatAccuracy(run.accuracies[epoch])} of the ${count} points on the right side of its boundary.`,
    );
    const hints = [];
    if (clipped)
      hints.push(t`▲ marks losses above the scale or not finite; the logarithmic axis reaches higher.`);
    if (picture.earlier > 0) hints.push(t`The last ${picture.kept} runs stay here until you clear them.`);
    write(this.hint, hints.join(" "));
    this.writeLegend(picture.entries);
    this.writeReading(picture.entries);
    this.writeTable();
  }

  /** @param {Entry[]} entries */
  writeLegend(entries) {
    const key = entries.map(({ run, ghost, label }) => `${ghost} ${label} ${run.verdict?.name}`).join("\n");
    if (key === this.legendKey) return;
    this.legendKey = key;
    this.legend.replaceChildren(
      ...[...entries]
        .reverse()
        .map(({ run, ghost, label }) =>
          make(
            "li",
            { class: ghost < 0 ? "gd-current" : "gd-ghost" },
            swatch(ghost),
            make("span", {}, ghost < 0 ? t`this run: ${label}` : label),
            make("span", { class: "gd-outcome" }, run.verdict ? verdictName(run.verdict.name) : ""),
            make("span", { class: "gd-value" }),
          ),
        ),
    );
  }

  /**
   * Say what the cursor reads, for eyes in the legend, for ears as the slider's value.
   *
   * @param {Entry[]} entries
   */
  writeReading(entries) {
    const newestFirst = [...entries].reverse();
    const values = newestFirst.map(({ run }) => {
      if (this.cursor === null) return "";
      const loss = run.losses[this.cursor];
      return loss === undefined ? t`ended before` : t`loss ${formatLoss(loss)}`;
    });
    this.legend.querySelectorAll(".gd-value").forEach((value, i) => {
      write(value, values[i]);
    });
    const last = this.epochs();
    const spoken =
      this.cursor === null
        ? last === 0
          ? t`no epoch yet`
          : t`${last} epochs; arrow keys read them`
        : `${this.cursor === 0 ? t`before training` : t`epoch ${this.cursor}`}: ` +
          newestFirst
            .map(({ ghost, label }, i) => (ghost < 0 ? values[i] : `${label}: ${values[i]}`))
            .join("; ");
    this.reader.setAttribute("aria-valuemax", String(last));
    this.reader.setAttribute("aria-valuenow", String(this.cursor ?? last));
    this.reader.setAttribute("aria-valuetext", spoken);
  }

  /** Write the table of the run under way and the losses of earlier ones, if it is open. */
  writeTable() {
    if (!this.details.open || !this.picture) return;
    const entries = [...this.picture.entries].reverse();
    const current = entries[0].run;
    const head = make(
      "tr",
      {},
      ...[t`Epoch`, t`Loss`, t`Accuracy`].map((name) => make("th", { scope: "col" }, name)),
    );
    for (const { label } of entries.slice(1)) head.append(make("th", { scope: "col" }, t`Loss, ${label}`));
    const rows = thinned(this.epochs(), TABLE_ROWS).map((epoch) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, String(epoch)),
        make("td", {}, cell(current.losses[epoch], formatLoss)),
        make("td", {}, cell(current.accuracies[epoch], formatAccuracy)),
        ...entries.slice(1).map(({ run }) => make("td", {}, cell(run.losses[epoch], formatLoss))),
      ),
    );
    this.table.replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
  }
}

/**
 * @param {number | undefined} value
 * @param {(value: number) => string} format
 */
function cell(value, format) {
  return value === undefined ? "–" : format(value);
}

/**
 * A short line as the canvas draws it.
 *
 * @param {number} ghost
 */
function swatch(ghost) {
  const colour = ghost < 0 ? "--gd-curve" : `--gd-ghost-${(ghost % 5) + 1}`;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 34 8");
  svg.setAttribute("class", "gd-swatch");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", "M0 4H34");
  line.style.stroke = `var(${colour})`;
  line.style.strokeWidth = ghost < 0 ? "3" : "2";
  if (ghost >= 0) line.style.strokeDasharray = DASHES[ghost % DASHES.length].join(" ");
  svg.append(line);
  return svg;
}

/**
 * Set text only where it changed, so that nothing is laid out for nothing.
 *
 * @param {Element} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
