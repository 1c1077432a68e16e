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

/** What a verdict says the loss did. @type {Record<Exclude<VerdictName, "undecided">, string>} */
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
    this.inputs = ANSWERS.map(({ value }) =>
      make("input", { type: "radio", name: `${id}-prediction`, value }),
    );
    this.legend = make("legend");
    /** @type {boolean | null} */
    this.locked = null;
    this.tally = make("span", { class: "gd-tally" });
    this.element = make(
      "fieldset",
      { class: "gd-prediction" },
      this.legend,
      ...this.inputs.map((input, i) => make("label", {}, input, ANSWERS[i].words)),
      this.tally,
    );
    this.lock(false);
    this.showTally(this.counts());
  }

  /** What the reader has chosen. */
  get chosen() {
    return ANSWERS.find((_, i) => this.inputs[i].checked);
  }

  /** @param {boolean} locked whether a run is under way, so that it is too late */
  lock(locked) {
    if (locked === this.locked) return;
    this.locked = locked;
    this.legend.textContent = locked
      ? t`Press Reset to predict the next run`
      : t`Predict first: at this rate, the loss will`;
    for (const input of this.inputs) input.disabled = locked;
  }

  /** Ask anew. */
  clear() {
    for (const input of this.inputs) input.checked = false;
  }

  /**
   * Set the prediction against what became of the run, and count it. A run that is too short to tell leaves it open.
   *
   * @param {VerdictName} verdict
   * @returns {string} a sentence; empty if nothing was predicted
   */
  judge(verdict) {
    const { chosen } = this;
    if (!chosen || verdict === "undecided") return "";
    const right = chosen.verdicts.includes(verdict);
    const before = this.counts();
    const now = { made: before.made + 1, right: before.right + Number(right) };
    keep(this.key, JSON.stringify(now));
    this.showTally(now);
    return right ? t`You predicted it: ${DID[verdict]}.` : chosen.missed(DID[verdict]);
  }

  /** How often the reader has predicted, in this tab or another, and was right. */
  counts() {
    const kept = recallObject(this.key);
    const made = whole(kept.made);
    return { made, right: Math.min(whole(kept.right), made) };
  }

  /** @param {{ made: number, right: number }} counts */
  showTally({ made, right }) {
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
