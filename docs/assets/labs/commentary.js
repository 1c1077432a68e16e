/** What the training lab says of a run: its numbers, what it is doing, and its verdict when it has ended. */

import { make } from "./fields.js";
import { t } from "./language.js";
import { formatAccuracy, formatLoss, formatRate, verdictName } from "./runs.js";

/** @typedef {import("./messages").Frame} Frame */
/** @typedef {import("./report.js").Numbers} Numbers */
/** @typedef {import("./report.js").State} State */
/** @typedef {import("./report.js").Words} Words */
/** @typedef {import("./runs.js").Run} Run */

/**
 * @param {Frame} frame
 * @param {Run} run
 * @returns {Numbers}
 */
export function numbersOf({ epoch, last_epoch }, run) {
  return [
    [t`Epoch`, t`${epoch} of ${last_epoch}`],
    [t`Loss`, formatLoss(run.losses.at(-1))],
    [t`Accuracy`, formatAccuracy(run.accuracies.at(-1))],
  ];
}

/**
 * @param {State} state
 * @param {object} said
 * @param {Frame | null} said.frame
 * @param {number} said.rate
 * @param {boolean} said.slow whether single updates are followed
 * @param {boolean} said.waiting whether training begins as soon as Python is ready
 * @param {boolean} said.linked whether an address has set the lab up
 * @returns {Words}
 */
export function wordsOf(state, { frame, rate, slow, waiting, linked }) {
  switch (state) {
    case "recorded":
      if (linked)
        return [t`A link has set this lab up; the pictures show another, recorded run. Press Train.`];
      return [
        t`This run was recorded when the page was built. Press Train to start Python and run it yourself.`,
      ];
    case "loading":
      return waiting ? [t`Training begins as soon as Python is ready.`] : [];
    case "failed":
      return [];
    case "ready":
      if (linked) return [t`Ready, as the link has set it up: press Train to see its run.`];
      return [
        t`Ready: random weights, nothing learned yet. Press Train, then turn the dial and try to break it.`,
      ];
    case "paused":
      return [t`Paused. Train goes on from here, Step trains one more epoch, Reset starts again.`];
    case "training":
      return [slow && frame ? lastUpdate(frame) : t`Training at learning rate ${formatRate(rate)}.`];
    case "finished":
      return frame ? outcome(frame) : [];
  }
}

/** @param {Frame} frame */
function lastUpdate({ update, updates_per_epoch, batch_loss }) {
  return t`Update ${update || updates_per_epoch} of ${updates_per_epoch}: loss of this batch ${formatLoss(batch_loss)}.`;
}

/**
 * @param {Frame} frame of a run that ended
 * @returns {Words}
 */
function outcome({ verdict, stopped }) {
  if (!verdict) return [];
  const { name, reason, remedy } = verdict;
  const goingOn = name === "diverged" ? ` ${t`Train would go on from the last finite weights.`}` : "";
  return [verdictBadge(name), ` ${stopped} ${reason} ${remedy}${goingOn}`];
}

/** @param {import("./messages").VerdictName} name */
export function verdictBadge(name) {
  return make("strong", { class: `gd-verdict gd-verdict-${name}` }, t`Verdict: ${verdictName(name)}.`);
}
