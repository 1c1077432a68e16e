/**
 * `<gd-cell>`: a piece of Python that runs in the page. All cells of a page share their names, as in a notebook: running
 * one runs those above it first, if they have not run. What each showed when the site was built stands below it before
 * that. A cell that does not come to an end is stopped together with Python, which starts afresh.
 */

import * as client from "./client.js";
import { openEditor } from "./editor.js";
import { button, make } from "./fields.js";
import { newLab } from "./lab.js";
import { t } from "./language.js";
import { keep, recall } from "./storage.js";

/** @typedef {import("./messages").CellResult} CellResult */

/** The names that the cells of a page share, and who has defined them. */
class Notebook {
  /** @type {Cell[]} */
  cells = [];
  lab = newLab();
  /** @type {Set<Cell>} those that have run since Python started */
  ran = new Set();
  /** @type {Cell | null} the one that runs now */
  running = null;
  /** @type {Promise<void> | null} */
  opening = null;
  /** @type {Promise<void>} cells run one after another */
  queue = Promise.resolve();
  /** @type {() => void} */
  deaf = () => {};

  /** @param {Cell} cell */
  add(cell) {
    if (this.cells.length === 0)
      this.deaf = client.listen({
        progress: ({ label }) => {
          for (const waiting of this.cells) waiting.progress(label);
        },
        lost: () => this.forget(),
      });
    this.cells.push(cell);
    this.cells.sort(({ host: one }, { host: other }) =>
      one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1,
    );
  }

  /** @param {Cell} cell */
  remove(cell) {
    this.cells = this.cells.filter((other) => other !== cell);
    this.ran.delete(cell);
    if (this.running === cell)
      client.stop(t`Python was stopped, because code on another page was still running.`);
    if (this.cells.length > 0) return;
    this.deaf();
    if (this.opening) client.request({ type: "close", lab: this.lab }).catch(() => {});
    this.forget();
  }

  /** Python is gone, and every name with it. */
  forget() {
    this.opening = null;
    this.ran.clear();
  }

  /** @param {string} runtime */
  open(runtime) {
    this.opening ??= (async () => {
      await client.start(runtime);
      if (this.cells.length > 0)
        await client.request({ type: "open", kind: "cells", settings: {}, lab: this.lab });
    })();
    return this.opening;
  }

  /**
   * Run a cell, and before it those above that have not run.
   *
   * @param {Cell} cell
   * @returns {Promise<void>}
   */
  run(cell) {
    this.queue = this.queue.then(() => this.runInOrder(cell));
    return this.queue;
  }

  /** @param {Cell} wanted */
  async runInOrder(wanted) {
    if (!this.cells.includes(wanted)) return;
    const above = this.cells.slice(0, this.cells.indexOf(wanted)).filter((cell) => !this.ran.has(cell));
    try {
      for (const cell of [...above, wanted]) {
        await this.open(wanted.runtime);
        if (!this.cells.includes(wanted)) return; // its page was left meanwhile
        if ((await this.runOne(cell)) || cell === wanted) continue;
        wanted.rest(t`Not run, because “${cell.label}” above it fails.`);
        return;
      }
    } catch (error) {
      this.opening = null;
      const stopped = error instanceof client.PythonError && error.name === "Stopped";
      const sentence = error instanceof Error ? error.message : String(error);
      for (const cell of new Set([this.running ?? wanted, wanted])) {
        cell.print(""); // what an earlier run showed is not what this one did
        cell.rest(
          stopped
            ? t`${sentence} Python starts afresh; your code is kept.`
            : t`Something went wrong. ${sentence} Run starts Python afresh.`,
          stopped ? "stopped" : "failed",
        );
      }
      this.running = null;
      if (stopped && this.cells.length > 0) this.open(wanted.runtime).catch(() => (this.opening = null));
    }
  }

  /**
   * @param {Cell} cell
   * @returns {Promise<boolean>} whether it came to its end
   */
  async runOne(cell) {
    this.running = cell;
    cell.begin();
    /** @type {CellResult} */
    const result = await client.request({ type: "run", source: cell.text, lab: this.lab });
    this.running = null;
    if (result.error) this.ran.delete(cell);
    else this.ran.add(cell);
    cell.take(result);
    return result.error === null;
  }
}

/** The cells of the page that is open. */
const notebook = new Notebook();

export class Cell {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.label = host.getAttribute("aria-label") ?? "";
    this.runtime = new URL(host.dataset.runtime ?? "", document.baseURI).href;
    this.key = `gd-code:${host.dataset.page}#${host.id}`;
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    this.listing = /** @type {HTMLElement} */ (host.querySelector(".highlight"));
    this.recorded = /** @type {HTMLElement | null} */ (host.querySelector(".gd-cell-output"));
    this.original = (this.listing.querySelector("code")?.textContent ?? "").trimEnd();
    const kept = recall(this.key);
    this.text = kept ?? this.original;
    /** @type {import("./editor.js").Editor | null} */
    this.editor = null;
    this.editing = new AbortController();
    /** Whether it waits for its turn, or runs. */
    this.busy = false;

    this.run = button(t`Run`, "gd-button-train", () => this.start(), signal);
    this.stop = button(t`Stop`, "", () => this.end(), signal);
    this.edit = button(t`Edit`, "", () => this.open(true), signal);
    this.back = button(t`Back to the original`, "", () => this.restore(), signal);
    this.code = make("div", { class: "gd-cell-code" });
    this.output = make("pre", {
      class: "gd-cell-output",
      tabindex: "0",
      role: "group",
      "aria-label": t`Output`,
      hidden: "",
    });
    this.words = make("p", { class: "gd-cell-words" });
    this.status = make("div", { class: "gd-cell-status", role: "status" }, this.output, this.words);
    this.live = make(
      "div",
      { class: "gd-live gd-cell-live" },
      this.code,
      make("div", { class: "gd-buttons" }, this.run, this.stop, this.edit, this.back),
      this.status,
    );
    host.append(this.live);
    this.code.append(this.listing);
    if (this.recorded) {
      this.recorded.remove();
      this.print(this.recorded.textContent ?? "");
      this.words.textContent = t`As it was when the page was built.`;
    }
    notebook.add(this);
    this.show();
    if (kept !== null) this.open(false); // what is kept is not what the listing shows
  }

  /** Leave the element as the page brought it. */
  unmount() {
    this.leaving.abort();
    this.editing.abort();
    this.listing.hidden = false;
    this.host.append(this.listing, ...(this.recorded ? [this.recorded] : []));
    this.live.remove();
    this.host.dataset.state = "recorded";
    notebook.remove(this);
  }

  // --- what the reader does -------------------------------------------------------------------------------------

  start() {
    if (this.busy) return;
    this.busy = true;
    this.words.textContent = t`Waiting for its turn.`;
    this.host.dataset.state = "loading";
    this.show();
    notebook.run(this);
  }

  /** End the code that runs, this cell's or one above it that runs first. */
  end() {
    client.stop(t`Stopped.`);
  }

  /** @param {boolean} focus */
  async open(focus) {
    const { signal } = this.editing;
    this.edit.hidden = true;
    const editor = await openEditor(this.code, {
      value: this.text,
      label: t`${this.label}, in Python`,
      onChange: (text) => this.changed(text),
      onRun: () => this.start(),
      signal,
    });
    if (signal.aborted) return;
    this.editor = editor;
    this.listing.hidden = true;
    if (focus) editor.focus();
  }

  /** @param {string} text */
  changed(text) {
    this.text = text;
    keep(this.key, text === this.original ? null : text);
    this.show();
  }

  /** Close the editor and show what the page brought. */
  restore() {
    this.editing.abort();
    this.editing = new AbortController();
    this.editor = null;
    this.listing.hidden = false;
    this.edit.hidden = false;
    this.changed(this.original);
    this.edit.focus();
  }

  // --- what Python does -----------------------------------------------------------------------------------------

  /** @param {string} label how far Python's start has come */
  progress(label) {
    if (this.busy && this.host.dataset.state === "loading") this.words.textContent = `${label} …`;
  }

  /** Its turn has come. */
  begin() {
    this.busy = true;
    this.editor?.markLine(null);
    this.host.dataset.state = "running";
    this.words.textContent = t`Running …`;
    this.show();
  }

  /** @param {CellResult} result */
  take({ output, error }) {
    this.print(output);
    if (error) {
      this.editor?.markLine(error.line, error.sentence);
      this.rest(t`Line ${error.line}. ${error.sentence}`, "failed");
    } else {
      this.rest(output === "" ? t`Done; it prints nothing.` : "", "finished");
    }
  }

  /**
   * @param {string} sentence
   * @param {string} [state]
   */
  rest(sentence, state = "failed") {
    this.busy = false;
    this.host.dataset.state = state;
    this.words.textContent = sentence;
    this.show();
  }

  // --- showing --------------------------------------------------------------------------------------------------

  /** @param {string} text */
  print(text) {
    this.output.hidden = text === "";
    this.output.textContent = text;
  }

  show() {
    this.run.setAttribute("aria-disabled", String(this.busy));
    if (!this.busy && document.activeElement === this.stop) this.run.focus(); // it goes, and the focus must not
    this.stop.hidden = !this.busy;
    this.back.hidden = this.editor === null && this.text === this.original;
  }
}
