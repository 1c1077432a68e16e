/**
 * The sweep: the reader's own network trained at 48 learning rates at once. It follows the page's training lab
 * (`hub.js`): takes its settings, shows its finished runs on the curve, and turns its dial.
 */

import { button, make, weave } from "./fields.js";
import * as hub from "./hub.js";
import { Lab } from "./lab.js";
import { t } from "./language.js";
import { formatLoss, formatRate, recordedNumber, verdictName } from "./runs.js";
import { SweepPicture } from "./sweep-picture.js";

/** @typedef {import("./messages").Settings} Settings */
/** @typedef {import("./messages").SweepFrame} SweepFrame */
/** @typedef {import("./report.js").Numbers} Numbers */
/** @typedef {import("./report.js").State} State */
/** @typedef {import("./report.js").Words} Words */
/** @typedef {import("./runs.js").Run} Run */
/** @typedef {import("./sweep-picture.js").Shown} Shown */

/** Milliseconds of training per request: short, because the training lab's requests wait in the same line. */
const SLICE = 25;

/** Rates that Page Up and Page Down pass: a factor of ten. */
const DECADE = 8;

/**
 * What a reader calls the settings of a sweep.
 *
 * @type {Record<Exclude<keyof Settings, "learning_rate">, string>}
 */
const NAMES = {
  dataset: t`data`,
  points: t`points`,
  noise: t`noise`,
  data_seed: t`data`,
  hidden_layers: t`network`,
  activation: t`activation`,
  loss: t`loss`,
  optimizer: t`optimizer`,
  schedule: t`schedule`,
  batch_size: t`batch size`,
  epochs: t`epochs`,
  seed: t`first weights`,
};

export class SweepLab extends Lab {
  /** @param {HTMLElement} host */
  constructor(host) {
    super(host);
    const recorded = this.told("recorded");
    /** @type {Shown} */
    this.recorded = { ...recorded, losses: recorded.losses.map(recordedNumber), alive: null };
    /** @type {Settings} what is swept where the page has no training lab */
    this.own = this.told("settings");
    /** @type {Record<string, string>} what the datasets are called */
    this.datasets = this.told("datasets");
    /** The last sweep that is whole. */
    this.whole = { shown: this.recorded, settings: this.own };
    /** @type {{ frame: SweepFrame | null, settings: Settings } | null} */
    this.underWay = null;
    /** Whether the last thing that happened was that the reader gave a sweep up. */
    this.cancelled = false;
    /** The rate that is chosen, by its place among the rates. */
    this.chosen = this.recorded.regions?.best ?? 0;
    /** @type {number | null} the one under the pointer */
    this.pointed = null;

    const still = /** @type {HTMLElement} */ (this.still);
    this.picture = new SweepPicture(still, this.told("scale"));
    this.recordedCaption = this.picture.caption.textContent;
    this.button = button(t`Sweep 48 rates`, "gd-button-train", () => this.press(), this.signal);
    this.bar = make("progress", { "aria-label": t`Progress of the sweep`, max: "1", value: "0" });
    this.reader = make("div", {
      class: "gd-reader",
      role: "slider",
      tabindex: "0",
      "aria-label": t`Learning rate to read from the sweep`,
      "aria-valuemin": "0",
      "aria-valuemax": String(this.recorded.rates.length - 1),
    });
    this.use = button(t`Use this rate`, "", () => this.useRate(), this.signal);
    this.reading = make("p", { class: "gd-sweep-reading" });
    /** What was last done with the dial. */
    this.handed = make("p", { class: "gd-caption", "aria-live": "polite" });
    this.runsNote = make("p", { class: "gd-caption" });
    this.below = make(
      "div",
      { class: "gd-sweep-below" },
      make("div", { class: "gd-row" }, this.use, this.reading),
      this.handed,
      this.runsNote,
    );
    this.picture.svg.parentElement?.append(this.reader);
    this.picture.figure.insertBefore(this.below, this.picture.caption);
    this.root.append(
      make("div", { class: "gd-row gd-sweep-controls" }, this.button, this.bar),
      this.report.element,
      still,
    );
    this.followPointer();
    this.followKeys();
    hub.follow(() => this.show(), this.signal);
    this.mount();
  }

  unmount() {
    this.underWay = null;
    super.unmount();
    this.reader.remove();
    this.below.remove();
    this.picture.draw(this.recorded);
    this.picture.caption.textContent = this.recordedCaption;
    this.picture.restore();
  }

  /** What the training lab's controls say; without one, what the block says. */
  wanted() {
    return hub.firstTrainer()?.settings() ?? this.own;
  }

  /** What there is to see: the sweep under way, or the last whole one. */
  seen() {
    const { frame, settings } = this.underWay ?? { frame: null, settings: this.own };
    return frame ? { shown: /** @type {Shown} */ (frame), settings } : this.whole;
  }

  // --- what the reader does -------------------------------------------------------------------------------------

  followPointer() {
    const { reader, signal } = this;
    const last = this.recorded.rates.length - 1;
    /** @param {MouseEvent} event */
    const placeOf = ({ clientX }) => this.kept(Math.round(this.picture.shareAt(clientX) * last));
    /** @param {number | null} place */
    const point = (place) => {
      this.pointed = place;
      this.invalidate();
    };
    reader.addEventListener("pointermove", (event) => point(placeOf(event)), { signal });
    reader.addEventListener("pointerleave", () => point(null), { signal });
    reader.addEventListener(
      "click",
      (event) => {
        this.chosen = placeOf(event);
        point(null);
        this.useRate();
      },
      { signal },
    );
  }

  followKeys() {
    this.reader.addEventListener(
      "keydown",
      (event) => {
        const uses = event.key === "Enter" || event.key === " ";
        const place = {
          ArrowLeft: this.chosen - 1,
          ArrowDown: this.chosen - 1,
          ArrowRight: this.chosen + 1,
          ArrowUp: this.chosen + 1,
          PageDown: this.chosen - DECADE,
          PageUp: this.chosen + DECADE,
          Home: 0,
          End: Infinity,
        }[event.key];
        if (!uses && place === undefined) return;
        event.preventDefault();
        if (place !== undefined) this.chosen = this.kept(place);
        if (uses) this.useRate();
        this.invalidate();
      },
      { signal: this.signal },
    );
  }

  /** @param {number} place */
  kept(place) {
    return Math.min(Math.max(place, 0), this.recorded.rates.length - 1);
  }

  /** Set the training lab's dial to the rate that is chosen. */
  useRate() {
    const trainer = hub.firstTrainer();
    if (!trainer) return;
    const rate = this.recorded.rates[this.chosen];
    trainer.set({ learning_rate: rate });
    const title = trainer.host.querySelector(".gd-lab-title")?.textContent ?? t`the training lab`;
    this.handed.replaceChildren(
      ...weave(
        t`The dial is set to ${formatRate(rate)} in ${"{0}"}. Train there, and your run becomes a diamond on this curve.`,
        make("a", { href: `#${trainer.host.id}` }, title),
      ),
    );
  }

  press() {
    if (this.underWay) {
      this.underWay = null;
      this.cancelled = true;
      this.show();
    } else {
      this.train();
    }
  }

  async train() {
    const sweep = { frame: /** @type {SweepFrame | null} */ (null), settings: { ...this.wanted() } };
    this.underWay = sweep;
    this.cancelled = false;
    this.handed.replaceChildren();
    this.show();
    if (!(await this.load()) || this.underWay !== sweep) return;
    /** @type {SweepFrame | undefined} */
    let frame = await this.ask({ type: "begin", settings: sweep.settings });
    while (frame && !frame.finished && this.underWay === sweep) {
      sweep.frame = frame;
      this.show();
      frame = await this.ask({ type: "advance", milliseconds: SLICE });
    }
    if (!frame || this.underWay !== sweep) return;
    this.underWay = null;
    this.whole = { shown: frame, settings: sweep.settings };
    this.chosen = frame.regions?.best ?? this.chosen;
    this.show();
  }

  // --- what Python does -----------------------------------------------------------------------------------------

  /** @returns {import("./messages").LabRequest} */
  openingRequest() {
    return { type: "open", kind: "sweep", settings: this.own };
  }

  /** @param {unknown} error */
  fail(error) {
    this.cancelled = this.underWay !== null;
    this.underWay = null;
    super.fail(error);
  }

  // --- showing --------------------------------------------------------------------------------------------------

  /** @returns {State} */
  state() {
    const state = super.state();
    if (state !== "ready") return state;
    if (this.underWay) return "training";
    return this.whole.shown === this.recorded ? "ready" : "finished";
  }

  /** @returns {Numbers} */
  numbers() {
    const { shown, settings } = this.seen();
    const lowest = Math.min(...Array.from(shown.losses).filter(Number.isFinite));
    /** @type {Numbers} */
    const numbers = [
      [t`Epoch`, t`${shown.epoch} of ${settings.epochs}`],
      [t`Lowest loss`, formatLoss(lowest)],
    ];
    if (shown.alive && this.underWay) {
      const alive = Array.from(shown.alive).filter(Boolean).length;
      numbers.push([t`Still training`, t`${alive} of ${shown.rates.length}`]);
    }
    return numbers;
  }

  /**
   * @param {State} state
   * @returns {Words}
   */
  words(state) {
    if (state === "failed") return [];
    if (this.underWay)
      return [
        state === "training"
          ? t`Training 48 copies of the network, each at its own learning rate.`
          : t`The sweep begins as soon as Python is ready.`,
      ];
    const { shown, settings } = this.whole;
    const words = [shown.regions?.sentence ?? ""];
    if (this.cancelled) words.unshift(`${t`Cancelled; this is the sweep before it.`} `);
    else if (shown === this.recorded) words.unshift(`${t`Recorded when this page was built.`} `);
    const other = differences(settings, this.wanted());
    if (other.length > 0)
      words.push(` ${t`The training lab now has other settings than this curve: ${other.join(", ")}.`}`);
    return words;
  }

  show() {
    const name = this.underWay ? t`Cancel` : t`Sweep 48 rates`;
    if (this.button.textContent !== name) this.button.textContent = name;
    this.bar.hidden = !this.underWay;
    this.bar.value = this.underWay?.frame?.progress ?? 0;
    this.use.hidden = hub.firstTrainer() === null;
    super.show();
  }

  draw() {
    const { shown, settings } = this.seen();
    const stale = shown === this.whole.shown && differences(settings, this.wanted()).length > 0;
    this.picture.figure.classList.toggle("gd-sweep-stale", stale);
    this.picture.draw(shown);
    this.drawRuns(settings);
    this.read(shown);
    const caption =
      shown === this.recorded ? this.recordedCaption : captionOf(settings, this.datasets[settings.dataset]);
    if (this.picture.caption.textContent !== caption) this.picture.caption.textContent = caption;
  }

  /**
   * Put the reader's runs on the curve that they belong to, and count the others.
   *
   * @param {Settings} settings of the curve
   */
  drawRuns(settings) {
    const ended = (hub.firstTrainer()?.runs() ?? []).filter(({ verdict }) => verdict);
    const own = ended.filter((run) => belongs(run, settings));
    const others = ended.length - own.length;
    this.picture.drawRuns(
      own.map(({ rates, losses, epochs }) => ({ rate: rates[0].rate, loss: losses[epochs] })),
    );
    const notes = [];
    if (own.length > 0)
      notes.push(
        own.length === 1
          ? t`◆ Your run with these settings.`
          : t`◆ Your ${own.length} runs with these settings.`,
      );
    if (others > 0)
      notes.push(
        others === 1
          ? t`1 of your runs is left out: other settings, another number of epochs, or a rate that was turned on the way.`
          : t`${others} of your runs are left out: other settings, another number of epochs, or a rate that was turned on the way.`,
      );
    const note = notes.join(" ");
    if (this.runsNote.textContent !== note) this.runsNote.textContent = note;
  }

  /**
   * Say what lies at the rate that is read, for eyes below the picture, for ears as the slider's value.
   *
   * @param {Shown} shown
   */
  read({ rates, losses, verdicts }) {
    const place = this.pointed ?? this.chosen;
    const verdict = verdicts ? `, ${verdictName(verdicts[place])}` : "";
    const value = `${t`${formatRate(rates[place])}: loss ${formatLoss(losses[place])}`}${verdict}`;
    this.picture.point(rates[place]);
    this.reader.setAttribute("aria-valuenow", String(place));
    // While losses change many times a second, nobody should have to hear them.
    const spoken = this.underWay ? t`${formatRate(rates[place])}: in training` : value;
    this.reader.setAttribute("aria-valuetext", spoken);
    const reading = t`Learning rate ${value}`;
    if (this.reading.textContent !== reading) this.reading.textContent = reading;
  }
}

/**
 * Whether a run that has ended is a point of the sweep with these settings. One that was trained on is not; one that
 * diverged has ended before its last epoch, there as here.
 *
 * @param {Run} run
 * @param {Settings} settings
 */
function belongs(run, settings) {
  const own = settings.schedule === "constant" ? { ...run.settings, epochs: settings.epochs } : run.settings;
  const ended =
    run.verdict?.name === "diverged" ? run.epochs <= settings.epochs : run.epochs === settings.epochs;
  return ended && run.rates.length === 1 && differences(own, settings).length === 0;
}

/**
 * The settings, but for the rate, in which two sets differ, as a reader knows them.
 *
 * @param {Settings} one
 * @param {Settings} other
 */
function differences(one, other) {
  const names = /** @type {(keyof typeof NAMES)[]} */ (Object.keys(NAMES));
  const differing = names.filter((name) => String(one[name]) !== String(other[name]));
  return [...new Set(differing.map((name) => NAMES[name]))];
}

/**
 * @param {Settings} settings of a sweep in this page
 * @param {string} data what its dataset is called
 */
function captionOf({ hidden_layers, activation, points, optimizer, batch_size, epochs }, data) {
  const layers = [2, ...hidden_layers, 1].join("-");
  const trained =
    epochs === 1
      ? t`Trained in this page: a network ${layers} (${activation}) on ${points} points (${data}), ${optimizer}, batches of ${batch_size}, 1 epoch, once for each of 48 learning rates.`
      : t`Trained in this page: a network ${layers} (${activation}) on ${points} points (${data}), ${optimizer}, batches of ${batch_size}, ${epochs} epochs, once for each of 48 learning rates.`;
  return `${trained} ${t`In the sweet spot every run comes at least nine tenths as far down as the best. A cross is a run that oscillates or diverges, a triangle one that ends above the picture.`}`;
}
