/**
 * Predict, then run: the reader says beforehand what the loss will do at a rate; the run's verdict is set against it. How
 * often they were right is kept in the browser.
 */

import { make } from "./fields.js";
import { t } from "./language.js";
import { keep, recallObject } from "./storage.js";

/** @typedef {import("./messages").VerdictName} VerdictName */

/**
 * What may be predicted: its value, its words, the verdicts that it comes to, and what is said when others came.
 *
 * @type {{ value: string, words: string, verdicts: VerdictName[], missed: (did: string) => string }[]}
 */
const ANSWERS = [
  {
    value: "fall",
    words: t`fall`,
    verdicts: ["learning", "converged"],
    missed: (did) => t`You said it would fall; ${did}.`,
  },
  {
    value: "crawl",
    words: t`crawl`,
    verdicts: ["crawling"],
    missed: (did) => t`You said it would crawl; ${did}.`,
  },
  {
    value: "bounce",
    words: t`bounce`,
    verdicts: ["oscillating"],
    missed: (did) => t`You said it would bounce; ${did}.`,
  },
  {
    value: "blow up",
    words: t`blow up`,
    verdicts: ["diverged"],
    missed: (did) => t`You said it would blow up; ${did}.`,
  },
];

/** What a verdict says the loss did. @type {Record<VerdictName, string>} */
const DID = {
  learning: t`it fell`,
  converged: t`it fell`,
  crawling: t`it crawled`,
  oscillating: t`it bounced`,
  diverged: t`it blew up`,
  stuck: t`it got stuck, which was none of the four`,
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
    this.inputs = ANSWERS.map(({ value }) =>
      make("input", { type: "radio", name: `${id}-prediction`, value }),
    );
    this.tally = make("span", { class: "gd-tally" });
    this.element = make(
      "fieldset",
      { class: "gd-prediction" },
      make("legend", {}, t`Predict first: at this rate, the loss will`),
      ...this.inputs.map((input, i) => make("label", {}, input, ANSWERS[i].words)),
      this.tally,
    );
    this.showTally();
  }

  /** What the reader has chosen. */
  get chosen() {
    return ANSWERS.find((_, i) => this.inputs[i].checked);
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
    const right = chosen.verdicts.includes(verdict);
    this.made += 1;
    this.right += right ? 1 : 0;
    keep(this.key, JSON.stringify({ made: this.made, right: this.right }));
    this.showTally();
    return right ? t`You predicted it: ${DID[verdict]}.` : chosen.missed(DID[verdict]);
  }

  showTally() {
    const { made, right } = this;
    this.tally.textContent =
      made === 0
        ? ""
        : made === 1
          ? t`${right} of ${made} prediction right`
          : t`${right} of ${made} predictions right`;
  }
}

/** @param {unknown} value */
function whole(value) {
  return Number.isInteger(value) && Number(value) > 0 ? Number(value) : 0;
}
