/**
 * What all labs of a page have in common: a lab builds itself into its element, has Python start when it comes near the
 * screen, opens its own object there (`gd_core.labs`), asks it, draws in animation frames, fails with a sentence and a way
 * on, and leaves without a trace. What a lab shows and asks is its kind's affair.
 *
 * A kind extends `Lab`: its constructor builds controls and pictures into `root` and ends with `mount()`; it overrides
 * `openingRequest` and `opened`, `words` (what the status says) and `draw`.
 */

import * as client from "./client.js";
import { make } from "./fields.js";
import { Report } from "./report.js";

/** @typedef {import("./messages").LabRequest} LabRequest */
/** @typedef {import("./report.js").Numbers} Numbers */
/** @typedef {import("./report.js").State} State */
/** @typedef {import("./report.js").Words} Words */

/** How far from the screen Python starts to load. */
const NEAR = "400px";

let labs = 0;

/** A number for an object in Python, of which the page has no other. */
export function newLab() {
  return ++labs;
}

export class Lab {
  /** @param {HTMLElement} host the `<gd-lab>` element */
  constructor(host) {
    this.host = host;
    this.lab = newLab();
    /** A prefix for ids. */
    this.id = host.id || `lab-${this.lab}`;
    this.runtime = new URL(host.dataset.runtime ?? "", document.baseURI).href;
    this.leaving = new AbortController();
    /** Takes listeners away when the lab leaves the page. */
    this.signal = this.leaving.signal;

    /** @type {Promise<boolean> | null} the opening in Python; its result says whether it worked */
    this.opening = null;
    /** Whether it is open, so that requests reach Python. */
    this.open = false;
    /** @type {string} why the lab failed; empty while it has not */
    this.failure = "";
    /** Whether the lab is on the screen. */
    this.visible = false;
    this.animation = 0;

    this.report = new Report(() => this.load(), this.signal);
    /** The picture of a recorded run, which the page brought along. */
    this.still = /** @type {HTMLElement | null} */ (host.querySelector(".gd-lab-static"));
    this.root = make("div", { class: "gd-live" });
  }

  /**
   * What the page tells the lab; what it tells several stands before the first, and `#gd-told-1` names it.
   *
   * @param {string} name of the attribute behind `data-`
   * @returns {any} null if nothing is told
   */
  told(name) {
    const text = this.host.dataset[name] ?? "null";
    if (!text.startsWith("#")) return JSON.parse(text);
    const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById(text.slice(1)));
    return JSON.parse(template?.content.textContent ?? "");
  }

  /** Enter the page, once everything is built. */
  mount() {
    this.host.append(this.root);
    this.watch();
    this.show();
  }

  /** Stop, let Python forget the lab, and leave the element as it was. */
  unmount() {
    this.leaving.abort();
    cancelAnimationFrame(this.animation);
    if (this.open) client.request({ type: "close", lab: this.lab }).catch(() => {});
    this.open = false;
    if (this.still) this.host.append(this.still);
    this.root.remove();
    this.host.removeAttribute("data-live");
  }

  /** Learn when the lab comes near or leaves the screen, and what becomes of the worker. */
  watch() {
    const near = new IntersectionObserver(
      (entries) => {
        // a busy browser tells several at once
        if (!entries.some((entry) => entry.isIntersecting)) return;
        near.disconnect();
        const { connection } = /** @type {{ connection?: { saveData?: boolean } }} */ (navigator);
        if (!connection?.saveData) this.load();
      },
      { rootMargin: NEAR },
    );
    const onScreen = new IntersectionObserver((entries) => {
      this.visible = entries[entries.length - 1].isIntersecting;
      this.invalidate();
    });
    near.observe(this.host);
    onScreen.observe(this.host);
    const deaf = client.listen({
      progress: (progress) => this.report.showProgress(progress),
      lost: (error) => {
        if (error.name === "Stopped") this.startAfresh(error.message);
        else if (this.open) this.fail(error);
      },
    });
    this.signal.addEventListener("abort", () => {
      near.disconnect();
      onScreen.disconnect();
      deaf();
    });
  }

  // --- what Python does -----------------------------------------------------------------------------------------

  /**
   * Start Python if need be and open the lab there.
   *
   * @returns {Promise<boolean>} whether it is open
   */
  load() {
    if (!this.opening) {
      this.failure = "";
      this.opening = this.openInPython();
      this.show();
    }
    return this.opening;
  }

  async openInPython() {
    try {
      await client.start(this.runtime);
      if (this.signal.aborted) return false;
      this.open = true;
      const opening = this.openingRequest();
      this.opened(await client.request({ ...opening, lab: this.lab }), opening);
      this.show();
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  /**
   * What to open the lab with: the kind, its settings, and what else its `open` takes.
   *
   * @returns {LabRequest}
   */
  openingRequest() {
    throw new Error("a kind of lab must say how it is opened");
  }

  /**
   * Take the answer to the opening.
   *
   * @param {any} _answer
   * @param {any} _request
   */
  opened(_answer, _request) {}

  /**
   * Ask Python for something. Answers come in the order of requests.
   *
   * @param {LabRequest} request
   * @returns {Promise<any>} the answer, or undefined when it failed or the lab is not open, or no more
   */
  async ask(request) {
    if (!this.open) return undefined;
    try {
      const value = await client.request({ ...request, lab: this.lab }, this.patience(request));
      return this.signal.aborted ? undefined : value;
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  /**
   * How many milliseconds an answer may take before Python is stopped; nothing where no code of the reader's runs.
   *
   * @param {LabRequest} _request
   * @returns {number | undefined}
   */
  patience(_request) {
    return undefined;
  }

  /**
   * Python was ended on purpose, for this lab or another: begin again by itself.
   *
   * @param {string} _reason a sentence
   */
  startAfresh(_reason) {
    if (!this.opening) return;
    this.open = false;
    this.opening = null;
    this.load();
  }

  /** @param {unknown} error */
  fail(error) {
    if (this.signal.aborted || (error instanceof client.PythonError && error.name === "Stopped")) return;
    this.failure = error instanceof Error ? error.message : String(error);
    this.opening = null;
    this.open = false;
    this.show();
  }

  // --- showing --------------------------------------------------------------------------------------------------

  /** @returns {State} */
  state() {
    if (this.failure) return "failed";
    if (this.open) return "ready";
    return this.opening ? "loading" : "recorded";
  }

  /** Bring state, words and controls in step at once; the pictures follow in the next animation frame. */
  show() {
    const state = this.state();
    this.host.dataset.state = state;
    this.report.show(state, this.numbers(state), this.words(state), this.failure);
    this.invalidate();
  }

  /**
   * The numbers in the status.
   *
   * @param {State} _state
   * @returns {Numbers}
   */
  numbers(_state) {
    return [];
  }

  /**
   * The sentences in the status; empty for those that are the same in all labs (loading, failed).
   *
   * @param {State} _state
   * @returns {Words}
   */
  words(_state) {
    return [];
  }

  /** Draw in the next animation frame. */
  invalidate() {
    this.animation ||= requestAnimationFrame((now) => {
      this.animation = 0;
      this.draw(now);
    });
  }

  /**
   * Draw. Asking for the next frame (`invalidate`) in here makes an animation.
   *
   * @param {number} _now in milliseconds
   */
  draw(_now) {}
}
