/**
 * What the lab says in words: epoch, loss and accuracy, what it is doing, the verdict of a run that ended, how far
 * Python's start has come, what failed and the way on. Screen readers hear it when a run stands still, not while it runs.
 */

import { button, make } from "./fields.js";
import { formatAccuracy, formatLoss, formatRate } from "./runs.js";

/** @typedef {import("./messages").Frame} Frame */
/** @typedef {import("./messages").Progress} Progress */
/** @typedef {"recorded" | "loading" | "ready" | "training" | "paused" | "finished" | "failed"} State */

/**
 * @typedef {object} Said what there is to say
 * @property {Frame | null} frame
 * @property {number | undefined} loss of the last epoch
 * @property {number | undefined} accuracy of the last epoch
 * @property {number} rate
 * @property {boolean} slow whether single updates are followed
 * @property {boolean} waiting whether training begins as soon as Python is ready
 * @property {string} failure a sentence
 */

export class Report {
  /**
   * @param {() => void} retry
   * @param {AbortSignal} signal
   */
  constructor(retry, signal) {
    this.numbers = make("p", { class: "gd-numbers" });
    this.words = make("p", { class: "gd-words" });
    this.status = make("div", { class: "gd-status", role: "status" }, this.numbers, this.words);
    this.bar = make("progress", { "aria-label": "Loading Python" });
    this.stage = make("span");
    this.loading = make("div", { class: "gd-loading" }, this.bar, this.stage);
    this.retry = button("Retry", "gd-button-train", retry, signal);
    this.element = make("div", { class: "gd-report" }, this.status, this.loading, this.retry);
  }

  /**
   * @param {State} state
   * @param {Said} said
   */
  show(state, said) {
    this.status.setAttribute("aria-live", state === "training" ? "off" : "polite");
    this.loading.hidden = state !== "loading";
    this.retry.hidden = state !== "failed";
    if (said.frame) this.numbers.replaceChildren(...numbers(said.frame, said));
    this.words.replaceChildren(...words(state, said));
  }

  /** @param {Progress} progress */
  showProgress({ label, loaded, total }) {
    if (total > 0) {
      this.bar.max = total;
      this.bar.value = loaded;
      this.stage.textContent = `${label}: ${megabytes(loaded)} of ${megabytes(total)} MB`;
    } else {
      this.bar.removeAttribute("value");
      this.stage.textContent = `${label} …`;
    }
  }
}

/**
 * @param {Frame} frame
 * @param {Said} said
 * @returns {Node[]}
 */
function numbers({ epoch, last_epoch }, { loss, accuracy }) {
  const values = [
    ["Epoch", `${epoch} of ${last_epoch}`],
    ["Loss", formatLoss(loss)],
    ["Accuracy", formatAccuracy(accuracy)],
  ];
  return values.map(([name, value]) =>
    make("span", {}, `${name} `, make("b", {}, value), make("i", {}, ", ")),
  );
}

/**
 * @param {State} state
 * @param {Said} said
 * @returns {(Node | string)[]}
 */
function words(state, { frame, rate, slow, waiting, failure }) {
  switch (state) {
    case "recorded":
      return [
        "This run was recorded when the page was built. Press Train to start Python and run it yourself.",
      ];
    case "loading":
      return [
        waiting
          ? "Training begins as soon as Python is ready."
          : "Python is starting in the background; you can go on reading.",
      ];
    case "failed":
      return [
        make("strong", {}, "Something went wrong."),
        ` ${failure} Retry starts Python afresh; your settings and earlier runs are kept.`,
      ];
    case "ready":
      return [
        "Ready: random weights, nothing learned yet. Press Train, then turn the dial and try to break it.",
      ];
    case "paused":
      return ["Paused. Train goes on from here, Step trains one more epoch, Reset starts again."];
    case "training":
      return [slow && frame ? lastUpdate(frame) : `Training at learning rate ${formatRate(rate)}.`];
    case "finished":
      return frame ? outcome(frame) : [];
  }
}

/** @param {Frame} frame */
function lastUpdate({ update, updates_per_epoch, batch_loss }) {
  return `Update ${update || updates_per_epoch} of ${updates_per_epoch}: loss of this batch ${formatLoss(batch_loss)}.`;
}

/**
 * @param {Frame} frame of a run that ended
 * @returns {(Node | string)[]}
 */
function outcome({ verdict, stopped }) {
  if (!verdict) return [];
  const { name, reason, remedy } = verdict;
  const goingOn = name === "diverged" ? " Train would go on from the last finite weights." : "";
  return [
    make("strong", { class: `gd-verdict gd-verdict-${name}` }, `Verdict: ${name}.`),
    ` ${stopped} ${reason} ${remedy}${goingOn}`,
  ];
}

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}
