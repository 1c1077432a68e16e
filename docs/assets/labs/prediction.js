/**
 * Predict, then run: the reader says beforehand what the loss will do at a rate; the run's verdict is set against it. How
 * often they were right is kept in the browser.
 */

import { make } from "./fields.js";
import { keep, recallObject } from "./storage.js";

/** @typedef {import("./messages").VerdictName} VerdictName */

/** What may be predicted, and the verdicts that it comes to. @type {[string, VerdictName[]][]} */
const ANSWERS = [
  ["fall", ["learning", "converged"]],
  ["crawl", ["crawling"]],
  ["bounce", ["oscillating"]],
  ["blow up", ["diverged"]],
];

/** What a verdict says the loss did. @type {Record<VerdictName, string>} */
const DID = {
  learning: "it fell",
  converged: "it fell",
  crawling: "it crawled",
  oscillating: "it bounced",
  diverged: "it blew up",
  stuck: "it got stuck, which was none of the four",
};

export class Prediction {
  /**
   * @param {string} id prefix of ids
   * @param {string} key under which the browser keeps how often the reader was right
   */
  constructor(id, key) {
    this.key = `gd-predictions:${key}`;
    const kept = recallObject(this.key);
    this.made = whole(kept.made);
    this.right = Math.min(whole(kept.right), this.made);
    this.inputs = ANSWERS.map(([answer]) =>
      make("input", { type: "radio", name: `${id}-prediction`, value: answer }),
    );
    this.tally = make("span", { class: "gd-tally" });
    this.element = make(
      "fieldset",
      { class: "gd-prediction" },
      make("legend", {}, "Predict first: at this rate, the loss will"),
      ...this.inputs.map((input) => make("label", {}, input, input.value)),
      this.tally,
    );
    this.showTally();
  }

  /** What the reader has chosen; empty if nothing. */
  get chosen() {
    return this.inputs.find((input) => input.checked)?.value ?? "";
  }

  /** @param {boolean} locked whether a run is under way, so that it is too late */
  lock(locked) {
    for (const input of this.inputs) input.disabled = locked;
  }

  /** Ask anew. */
  clear() {
    for (const input of this.inputs) input.checked = false;
  }

  /**
   * Set the prediction against what became of the run, and count it.
   *
   * @param {VerdictName} verdict
   * @returns {string} a sentence; empty if nothing was predicted
   */
  judge(verdict) {
    const { chosen } = this;
    if (!chosen) return "";
    const right = ANSWERS.some(([answer, verdicts]) => answer === chosen && verdicts.includes(verdict));
    this.made += 1;
    this.right += right ? 1 : 0;
    keep(this.key, JSON.stringify({ made: this.made, right: this.right }));
    this.showTally();
    return right ? `You predicted it: ${DID[verdict]}.` : `You said it would ${chosen}; ${DID[verdict]}.`;
  }

  showTally() {
    this.tally.textContent =
      this.made > 0
        ? `${this.right} of ${this.made} ${this.made === 1 ? "prediction" : "predictions"} right`
        : "";
  }
}

/** @param {unknown} value */
function whole(value) {
  return Number.isInteger(value) && Number(value) > 0 ? Number(value) : 0;
}
