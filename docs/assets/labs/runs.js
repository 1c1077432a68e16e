/**
 * Runs and the words for them: what a run's curve is, how it is told apart from others, how losses and rates are
 * written. Knows neither the page nor Python.
 */

import { number, t } from "./language.js";

/** @typedef {import("./messages").Frame} Frame */
/** @typedef {import("./messages").Settings} Settings */
/** @typedef {import("./messages").Verdict} Verdict */
/** @typedef {import("./messages").VerdictName} VerdictName */

/**
 * A recorded run; numbers that JSON cannot hold are the texts inf, -inf and nan.
 *
 * @typedef {object} Recorded
 * @property {number} initial_loss
 * @property {(number | string)[]} losses
 * @property {(number | string)[]} accuracies
 * @property {Verdict} verdict
 */

/** One run from its first weights on. */
export class Run {
  /** @type {{ epoch: number, rate: number } | null} what the dial was turned to since the last epoch */
  #turned = null;

  /** @param {Settings} settings as they were when the run began */
  constructor(settings) {
    this.settings = { ...settings };
    /** @type {{ epoch: number, rate: number }[]} the rates used, each with the number of epochs done when it came */
    this.rates = [{ epoch: 0, rate: settings.learning_rate }];
    /** @type {number[]} by epoch; `losses[0]` was measured before the first update */
    this.losses = [];
    /** @type {(number | undefined)[]} by epoch; none is known before the first */
    this.accuracies = [undefined];
    /** @type {Verdict | null} */
    this.verdict = null;
  }

  /**
   * A run that was recorded when the page was built.
   *
   * @param {Settings} settings
   * @param {Recorded} recorded
   */
  static recorded(settings, { initial_loss, losses, accuracies, verdict }) {
    const run = new Run(settings);
    run.losses = [initial_loss, ...losses.map(recordedNumber)];
    run.accuracies.push(...accuracies.map(recordedNumber));
    run.verdict = verdict;
    return run;
  }

  /** @param {Frame} frame the next epochs of this run */
  add(frame) {
    if (this.#turned && frame.losses.length > 0) {
      if (this.#turned.rate !== this.rates[this.rates.length - 1].rate) this.rates.push(this.#turned);
      this.#turned = null;
    }
    if (this.losses.length === 0) this.losses.push(frame.initial_loss);
    for (const loss of frame.losses) this.losses.push(loss);
    for (const accuracy of frame.accuracies) this.accuracies.push(accuracy);
    this.verdict = frame.verdict;
  }

  /** Whole epochs done. */
  get epochs() {
    return this.losses.length - 1;
  }

  /**
   * Change settings of the run under way. A rate is one of the run's once an epoch has been trained with it.
   *
   * @param {Partial<Settings>} settings in force from now on
   */
  turn(settings) {
    if (this.epochs === 0) {
      Object.assign(this.settings, settings);
      this.rates = [{ epoch: 0, rate: this.settings.learning_rate }];
    } else if (settings.learning_rate !== undefined) {
      this.#turned = { epoch: this.epochs, rate: settings.learning_rate };
    }
  }

  /**
   * Tell this run from `other`: its rate, and every other setting in which the two differ.
   *
   * @param {Settings} other
   * @param {Map<keyof Settings, (value: any) => string>} words how the settings that the lab offers are written
   * @returns {string}
   */
  label(other, words) {
    const rates = this.rates.map(({ rate }) => formatRate(rate));
    if (rates.length > 3) rates.splice(1, rates.length - 2, "…");
    const parts = [t`rate ${rates.join(" → ")}`];
    for (const [name, write] of words) {
      const own = this.settings[name];
      if (String(own) !== String(other[name])) parts.push(write(own));
    }
    return parts.join(", ");
  }
}

/** @param {number | string} value as recorded */
export function recordedNumber(value) {
  return typeof value === "number" ? value : Number(value.replace("inf", "Infinity").replace("nan", "NaN"));
}

/**
 * Write a loss with three digits.
 *
 * @param {number | undefined} loss
 * @returns {string}
 */
export function formatLoss(loss) {
  if (loss === undefined) return "–";
  if (Number.isNaN(loss)) return t`not a number`;
  if (!Number.isFinite(loss)) return loss > 0 ? t`infinite` : t`minus infinite`;
  if (loss !== 0 && (Math.abs(loss) < 1e-4 || Math.abs(loss) >= 1e6))
    return number(loss.toExponential(2).replace("e+", "e"));
  return number(Math.abs(loss) >= 1000 ? loss.toFixed(0) : loss.toPrecision(3));
}

/**
 * @param {number | undefined} accuracy between 0 and 1
 * @returns {string}
 */
export function formatAccuracy(accuracy) {
  return accuracy === undefined ? "–" : `${number((100 * accuracy).toFixed(1))} %`;
}

/**
 * @param {number} rate
 * @returns {string} as short as it can be without losing a digit of what was typed
 */
export function formatRate(rate) {
  return number(plainRate(rate));
}

/**
 * Write a rate for code and for the names of files, which know no language.
 *
 * @param {number} rate
 * @returns {string}
 */
export function plainRate(rate) {
  return String(Number(rate.toPrecision(12)));
}

/**
 * What a verdict is called.
 *
 * @param {VerdictName} name
 * @returns {string}
 */
export function verdictName(name) {
  return {
    crawling: t`crawling`,
    learning: t`learning`,
    converged: t`converged`,
    oscillating: t`oscillating`,
    stuck: t`stuck`,
    diverged: t`diverged`,
    undecided: t`too early to tell`,
  }[name];
}

/**
 * Epochs to list in a table, from 0 on: all of a short run; of a long one about `rows`, evenly spread, and the last.
 *
 * @param {number} count epochs done
 * @param {number} rows
 * @returns {number[]}
 */
export function thinned(count, rows) {
  const rough = Math.max(1, count / rows);
  const power = 10 ** Math.floor(Math.log10(rough));
  const stride = power * ([1, 2, 5, 10].find((multiple) => multiple * power >= rough) ?? 10);
  const epochs = [0];
  if (stride > 1 && count > 0) epochs.push(1);
  for (let epoch = stride; epoch < count; epoch += stride) epochs.push(epoch);
  if (count > 0) epochs.push(count);
  return epochs;
}
