/**
 * What a lab says in words: some numbers, what it is doing, what came of it, how far Python's start has come, what failed
 * and the way on. Screen readers hear it when a run stands still, not while it runs.
 */

import { button, make } from "./fields.js";
import { number, t } from "./language.js";

/** @typedef {import("./messages").Progress} Progress */
/** @typedef {"recorded" | "loading" | "ready" | "training" | "paused" | "finished" | "failed"} State */
/** @typedef {[name: string, value: string][]} Numbers */
/** @typedef {(Node | string)[]} Words */

export class Report {
  /**
   * @param {() => void} retry
   * @param {AbortSignal} signal
   */
  constructor(retry, signal) {
    this.numbers = make("p", { class: "gd-numbers" });
    this.words = make("p", { class: "gd-words" });
    this.status = make("div", { class: "gd-status", role: "status" }, this.numbers, this.words);
    this.bar = make("progress", { "aria-label": t`Loading Python` });
    this.stage = make("span");
    this.loading = make("div", { class: "gd-loading" }, this.bar, this.stage);
    this.retry = button(t`Retry`, "gd-button-train", retry, signal);
    this.element = make("div", { class: "gd-report" }, this.status, this.loading, this.retry);
  }

  /**
   * @param {State} state
   * @param {Numbers} numbers the last ones stay while there are none
   * @param {Words} words if empty, what is said in all labs
   * @param {string} failure a sentence
   */
  show(state, numbers, words, failure) {
    this.status.setAttribute("aria-live", state === "training" ? "off" : "polite");
    this.loading.hidden = state !== "loading";
    this.retry.hidden = state !== "failed";
    if (numbers.length > 0) say(this.numbers, numbers.map(spoken));
    say(this.words, words.length > 0 ? words : common(state, failure));
  }

  /** @param {Progress} progress */
  showProgress({ label, loaded, total }) {
    if (total > 0) {
      this.bar.max = total;
      this.bar.value = loaded;
      this.stage.textContent = t`${label}: ${megabytes(loaded)} of ${megabytes(total)} MB`;
    } else {
      this.bar.removeAttribute("value");
      this.stage.textContent = `${label} …`;
    }
  }
}

/**
 * Put words into a paragraph, unless they stand there: a screen reader would speak them again.
 *
 * @param {HTMLElement} paragraph
 * @param {Words} words
 */
function say(paragraph, words) {
  const text = words.map((word) => (typeof word === "string" ? word : word.textContent)).join("");
  if (paragraph.textContent !== text) paragraph.replaceChildren(...words);
}

/**
 * @param {[string, string]} number
 * @returns {Node}
 */
function spoken([name, value]) {
  return make("span", {}, `${name} `, make("b", {}, value), make("i", {}, ", "));
}

/**
 * @param {State} state
 * @param {string} failure
 * @returns {Words}
 */
function common(state, failure) {
  if (state === "loading") return [t`Python is starting in the background; you can go on reading.`];
  if (state !== "failed") return [];
  return [
    make("strong", {}, t`Something went wrong.`),
    ` ${failure} ${t`Retry starts Python afresh; your settings and earlier runs are kept.`}`,
  ];
}

/** @param {number} bytes */
function megabytes(bytes) {
  return number((bytes / 1e6).toFixed(1));
}
