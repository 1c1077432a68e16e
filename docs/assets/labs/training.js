/**
 * The training lab: a reader turns the dial, trains, and sees what becomes of it. This file holds the lab's state and its
 * one animation-frame loop; it asks Python for frames (`client.js`) and hands them to the pictures (`plots.js`) and to the
 * words (`report.js`).
 */

import { numbersOf, wordsOf } from "./commentary.js";
import { createControls } from "./controls.js";
import { button, make } from "./fields.js";
import * as hub from "./hub.js";
import * as keras from "./keras.js";
import { Lab } from "./lab.js";
import { t } from "./language.js";
import { Plots } from "./plots.js";
import { Prediction } from "./prediction.js";
import { Run, formatRate, plainRate, verdictName } from "./runs.js";
import { copy, linkTo, pictureOf, save, settingsInAddress } from "./share.js";

/** @typedef {import("./messages").Amount} Amount */
/** @typedef {import("./messages").Frame} Frame */
/** @typedef {import("./messages").Settings} Settings */
/** @typedef {import("./controls.js").Choices} Choices */
/** @typedef {import("./report.js").State} State */

/** Points along a side of the surface's grid: while training, and when it stands still. */
const SURFACE = 48;
const FINE_SURFACE = 96;

/** Earlier runs that are kept; the oldest goes. */
const GHOSTS = 8;

/**
 * Paced speeds: so many units a second whatever the screen's frame rate, but no more than `most` at once, so that a slow
 * machine trains slower instead of falling behind.
 *
 * @type {Record<"slow" | "normal", { perSecond: number, most: number, amount: (count: number) => Amount }>}
 */
const PACES = {
  slow: { perSecond: 10, most: 1, amount: (updates) => ({ updates }) },
  normal: { perSecond: 60, most: 4, amount: (epochs) => ({ epochs }) },
};

/** "fastest": milliseconds of training per request, requests under way at once, milliseconds between two surfaces. */
const FASTEST = { milliseconds: 15, atOnce: 2, surfaceEvery: 40 };

/** Milliseconds after which Python comes back to be told of Pause and of the dial: an epoch may take a minute. */
const LONGEST = 250;

/** Settings that continue the run under way; any other begins a new one. */
const CONTINUE = new Set(["learning_rate", "epochs"]);

/** Settings in which two runs may differ and still be worth comparing: they have one start. */
const COMPARABLE = new Set([...CONTINUE, "optimizer", "schedule"]);

/** A run that stopped early gets an axis of its own length, but of no fewer epochs than this. */
const SHORTEST_AXIS = 10;

/** What losses and schedules are called in the name of a run. @type {[string, string][]} */
const NAMES = [
  ["binary_crossentropy", t`binary crossentropy`],
  ["mean_squared_error", t`mean squared error`],
  ["constant", t`constant rate`],
  ["step", t`step rate`],
  ["exponential", t`exponential rate`],
  ["cosine", t`cosine rate`],
  ["warmup", t`warmup rate`],
];

export class TrainingLab extends Lab {
  /** @param {HTMLElement} host */
  constructor(host) {
    super(host);
    /** @type {Settings} what the controls say; Python follows */
    this.settings = this.told("settings");
    /** What the page's Keras listing shows, but for the rate. */
    this.inKeras = butRate(this.settings);
    /** @type {Choices} */
    this.choices = { ...this.told("choices"), ...this.told("offered") };
    this.settingWords = settingWords(this.choices);
    /** @type {{ name: string } & import("./runs.js").Recorded | null} */
    const recorded = this.told("baseline");
    /** The recorded run where it stays in the picture beside the reader's. */
    this.baseline = recorded && { name: recorded.name, run: Run.recorded(this.settings, recorded) };
    /** What the page's address sets, and what is wrong with that. */
    this.link = settingsInAddress(host.id, this.choices.limits);
    Object.assign(this.settings, this.link?.settings);

    /** @type {Partial<Settings>} changes not yet sent */
    this.unsent = {};
    this.changing = false;
    /** Fulfilled once they are made. @type {Promise<void> | undefined} */
    this.changed = undefined;
    /** Advances that Python has not answered yet. */
    this.unanswered = 0;
    /** Whether the reader wants it to train; it may still be loading. */
    this.running = false;

    /** @type {Frame | null} the last one */
    this.frame = null;
    /** @type {Run | null} the run under way */
    this.run = null;
    /** Whether a run was lost because Python was ended, for another lab. */
    this.afresh = false;
    /** @type {{ run: Run, ghost: number }[]} */
    this.ghosts = [];
    this.ghostsMade = 0;
    /** @type {import("./messages").Points | null} */
    this.points = null;
    /** @type {import("./messages").Surface | null} */
    this.surface = null;
    this.surfaceAt = 0;

    /** @type {"slow" | "normal" | "fastest"} */
    this.speed = "normal";
    this.tickedAt = 0;
    this.credit = 0;

    const { id, signal } = this;
    this.controls = createControls({
      id,
      settings: this.settings,
      choices: this.choices,
      presets: this.told("presets"),
      signal,
      on: {
        train: () => this.train(),
        step: () => this.step(),
        reset: () => this.reset(),
        newWeights: () => this.change({ seed: this.next("seed") }),
        newData: () => this.change({ data_seed: this.next("data_seed") }),
        clear: () => this.clear(),
        preset: (settings) => this.preset(settings),
        speed: (speed) => {
          this.speed = speed;
          this.invalidate();
        },
        change: (settings) => this.change(settings),
      },
    });
    this.plots = new Plots(
      id,
      () => this.invalidate(),
      () => this.drawRuns(),
      signal,
    );
    this.prediction =
      host.dataset.predict === "true" ? new Prediction(id, `${host.dataset.page}#${id}`) : null;
    /** What came of the prediction for the run that has ended. */
    this.predicted = "";
    this.handed = make("p", { class: "gd-caption gd-handed", "aria-live": "polite" });
    this.build();
    hub.join(
      {
        host,
        settings: () => this.settings,
        runs: () => [...this.ghosts.map(({ run }) => run), ...(this.run?.epochs ? [this.run] : [])],
        set: (settings) => {
          this.controls.show(settings);
          this.change(settings);
          if (this.open && hasBegun(this.frame) && continues(settings)) this.reset();
        },
        ask: async (request) => (this.open ? this.ask(request) : undefined),
      },
      signal,
    );
    this.mount();
  }

  /** Put everything in its place; the recorded picture lies where the live ones will be. */
  build() {
    const stage = make("div", { class: "gd-stage" }, ...(this.still ? [this.still] : []), this.plots.element);
    this.root.append(
      ...(this.link?.problems.length
        ? [
            make(
              "p",
              { class: "gd-problem", role: "alert" },
              `${this.link.problems.join(" ")} ${t`What the lab says itself stands instead.`}`,
            ),
          ]
        : []),
      this.controls.element,
      ...(this.prediction ? [this.prediction.element] : []),
      this.report.element,
      stage,
      this.controls.more,
      make(
        "div",
        { class: "gd-buttons gd-share", role: "group", "aria-label": t`Share and keep` },
        button(t`Copy link`, "", () => this.copyLink(), this.signal),
        button(t`Download CSV`, "", () => this.downloadCsv(), this.signal),
        button(t`Download JSON`, "", () => this.downloadJson(), this.signal),
        button(t`Download picture`, "", () => this.downloadPicture(), this.signal),
        button(t`Copy notebook code`, "", () => this.copyNotebook(), this.signal),
      ),
      this.handed,
      this.plots.details,
    );
  }

  unmount() {
    this.running = false;
    super.unmount();
  }

  // --- what the reader does -------------------------------------------------------------------------------------

  train() {
    this.running = !this.running;
    if (this.running) this.load();
    else this.settle();
    this.show();
  }

  async step() {
    this.running = false;
    this.show();
    if (!(await this.load())) return;
    await this.changed;
    do await this.advance({ epochs: 1 }, FINE_SURFACE);
    while (this.open && !this.running && this.frame?.update && !this.frame.finished);
  }

  async reset() {
    this.running = false;
    this.show();
    if (!this.open) {
      await this.load();
      return;
    }
    const frame = await this.ask({ type: "reset", surface: FINE_SURFACE });
    if (frame) this.begin(frame);
  }

  /** @param {Partial<Settings>} settings */
  change(settings) {
    Object.assign(this.settings, settings);
    Object.assign(this.unsent, settings);
    if (!continues(settings)) this.running = false;
    if (settings.learning_rate !== undefined && keras.shows(this.host))
      keras.showRate(settings.learning_rate);
    if (!this.changing) this.changed = this.sendChanges();
    this.show();
    hub.changed();
  }

  /**
   * Set what a preset's button sets. In a comparison its run begins at once, from the start.
   *
   * @param {Partial<Settings>} settings
   */
  async preset(settings) {
    this.controls.show(settings);
    this.change(settings);
    if (!this.baseline) return;
    if (this.open) await this.reset();
    if (!this.running) this.train();
  }

  /** @param {"seed" | "data_seed"} name */
  next(name) {
    return (this.settings[name] + 1) % (this.choices.limits[name].highest + 1);
  }

  clear() {
    this.ghosts = [];
    this.invalidate();
    hub.changed();
  }

  async downloadCsv() {
    if (!(await this.load())) return;
    /** @type {string | undefined} */
    const text = await this.ask({ type: "csv" });
    if (text !== undefined) save(`${this.fileName()}.csv`, text, "text/csv");
  }

  /** Save every run in the picture, with its settings, rates, losses and verdict. */
  async downloadJson() {
    if (!(await this.load())) return;
    const runs = [...this.ghosts.map(({ run }) => run), ...(this.run ? [this.run] : [])];
    // numbers that are none become the texts that Python reads back
    const text = JSON.stringify(
      runs,
      (_, value) =>
        typeof value !== "number" || isFinite(value) ? value : `${value}`.toLowerCase().replace("inity", ""),
      1,
    );
    save(`${this.fileName()}.json`, text, "application/json");
  }

  async downloadPicture() {
    if (!(await this.load()) || !this.run) return;
    this.drawRuns();
    const { dataCanvas, curveCanvas, screen } = this.plots;
    const title = this.host.querySelector(".gd-lab-title")?.textContent ?? "";
    const lines = this.entries()
      .reverse()
      .map(({ run, label }) => (run.verdict ? `${label}: ${verdictName(run.verdict.name)}` : label));
    const picture = await pictureOf(
      [dataCanvas, curveCanvas],
      title,
      [...lines, location.origin + location.pathname],
      screen.view(curveCanvas),
    );
    if (picture) save(`${this.fileName()}.png`, picture, "image/png");
  }

  async copyLink() {
    const link = linkTo(this.host.id, this.settings);
    history.replaceState(history.state, "", link);
    this.handOver(
      window === top ? t`The link stands in the address bar.` : t`The link is ${link}.`,
      (await copy(link)) ? t`It is copied.` : "",
      this.lost() || t`Whoever opens it gets this very run.`,
    );
  }

  /** What is lost of a run whose settings are copied. */
  lost() {
    const { run, frame, settings } = this;
    return run?.rates.some(({ rate }) => rate !== settings.learning_rate) ||
      (frame && frame.last_epoch !== settings.epochs)
      ? t`It sets what the controls say; what was done on the way is lost.`
      : "";
  }

  async copyNotebook() {
    if (!(await this.load())) return;
    const list = await fetch(new URL("manifest.json", this.runtime)).catch(() => null);
    if (!list?.ok) return this.handOver(t`The code cannot be had without the network; try again.`);
    const { files } = await list.json();
    const name = Object.keys(files).find((file) => file.endsWith("-py3-none-any.whl")) ?? "";
    const wheel = new URL(name, this.runtime).href;
    /** @type {string | undefined} */
    const code = await this.ask({ type: "notebook", wheel });
    if (code === undefined) return;
    let how = t`The code is copied: paste it into a cell of a notebook.`;
    if (!(await copy(code))) {
      save(`${this.fileName()}.py.txt`, code, "text/plain");
      how = t`Your browser does not let pages copy, so the code was downloaded instead.`;
    }
    this.handOver(how, this.lost());
  }

  /** @param {...string} sentences about something copied */
  handOver(...sentences) {
    this.handed.textContent = sentences.join(" ");
  }

  /** A name for files about the run under way. */
  fileName() {
    const { dataset, hidden_layers, seed } = this.settings;
    const rates = this.run?.rates.map(({ rate }) => plainRate(rate)).join("-to-");
    return `run-${dataset}-${[2, ...hidden_layers, 1].join("-")}-rate-${rates}-seed-${seed}`;
  }

  // --- what Python does -----------------------------------------------------------------------------------------

  /** @returns {import("./messages").LabRequest} */
  openingRequest() {
    this.frame = null;
    this.unsent = {};
    return { type: "open", kind: "training", settings: { ...this.settings }, surface: SURFACE };
  }

  /**
   * @param {Frame} frame
   * @param {{ settings: Settings }} request
   */
  opened(frame, { settings }) {
    this.begin(frame, settings);
    this.settle();
    this.followInKeras();
  }

  /**
   * Train on.
   *
   * @param {Amount} amount
   * @param {number} surface
   */
  async advance(amount, surface) {
    const ahead = this.unanswered > 0;
    this.unanswered += 1;
    /** @type {Frame | undefined} */
    const frame = await this.ask({ type: "advance", amount, surface, ahead, within: LONGEST });
    this.unanswered -= 1;
    if (!frame) return;
    const ended = this.running && frame.finished;
    if (ended) this.running = false;
    this.take(frame);
    if (ended) this.settle();
  }

  /** Send what the controls changed, one message at a time: while a dial is dragged, only its latest place counts. */
  async sendChanges() {
    if (!this.open || this.changing || Object.keys(this.unsent).length === 0) return;
    const settings = this.unsent;
    this.unsent = {};
    this.changing = true;
    const same = continues(settings);
    const whole = { ...this.settings };
    const surface = same ? 0 : FINE_SURFACE;
    /** @type {Frame | undefined} */
    const frame = await this.ask({ type: "change", settings, surface });
    if (frame && !same && !hasBegun(frame)) {
      this.begin(frame, whole);
    } else if (frame) {
      this.run?.turn(settings);
      this.take(frame);
    }
    this.changing = false;
    this.followInKeras();
    await this.sendChanges();
  }

  /** Bring the page's Keras listing in step with settings other than the rate, which it follows by itself. */
  async followInKeras() {
    const settings = butRate(this.settings);
    if (!this.open || settings === this.inKeras || !keras.shows(this.host)) return;
    this.inKeras = settings;
    /** @type {import("./messages").KerasForms | undefined} */
    const forms = await this.ask({ type: "keras" });
    if (forms) keras.showForms(forms, this.settings.learning_rate);
  }

  /**
   * Begin a new run; the one before stays as a ghost.
   *
   * @param {Frame} frame
   * @param {Settings} settings of the new run
   */
  begin(frame, settings = this.settings) {
    if (this.run && this.run.epochs > 0) {
      this.ghosts.push({ run: this.run, ghost: this.ghostsMade++ });
      if (this.ghosts.length > GHOSTS) this.ghosts.shift();
    }
    // not what was predicted while Python was still loading
    if (this.run) this.prediction?.clear();
    this.run = new Run(settings);
    this.predicted = "";
    this.take(frame);
  }

  /** @param {Frame} frame */
  take(frame) {
    const ended = frame.finished && !this.frame?.finished;
    this.frame = frame;
    this.run?.add(frame);
    if (hasBegun(frame)) this.afresh = false;
    if (frame.points) this.points = frame.points;
    if (frame.surface) this.surface = frame.surface;
    // What was predicted was the first ending.
    if (this.predicted && !frame.finished) {
      this.predicted = "";
      this.prediction?.clear();
    }
    if (ended && frame.verdict && this.run?.rates.length === 1)
      this.predicted = this.prediction?.judge(frame.verdict.name) ?? "";
    if (this.running) this.invalidate();
    else this.show();
    if (ended) hub.ended(this.host);
  }

  /** Once a run stands still, its surface is shown as it is then, and finer. */
  async settle() {
    if (!this.open) return;
    const frame = await this.ask({ type: "change", settings: {}, surface: FINE_SURFACE });
    if (frame) this.take(frame);
  }

  /** @param {string} reason */
  startAfresh(reason) {
    this.running = false;
    this.afresh ||= hasBegun(this.frame);
    super.startAfresh(reason);
  }

  /** @param {unknown} error */
  fail(error) {
    this.running = false;
    super.fail(error);
  }

  // --- time -----------------------------------------------------------------------------------------------------

  /**
   * Draw; while training, ask for more.
   *
   * @param {number} now in milliseconds
   */
  draw(now) {
    const said = this.drawRuns();
    if (!this.running || !this.open || !this.visible) {
      this.tickedAt = 0;
      return;
    }
    if (said) this.show();
    const passed = this.tickedAt ? now - this.tickedAt : 0;
    this.tickedAt = now;
    if (this.speed === "fastest") this.pull();
    else {
      const { perSecond, most, amount } = PACES[this.speed];
      this.credit = passed ? Math.min(this.credit + (passed * perSecond) / 1000, most + 0.5) : 1;
      const count = Math.min(Math.floor(this.credit + 0.01), most);
      if (count > 0 && this.mayAdvance(1)) {
        this.credit -= count;
        this.advance(amount(count), SURFACE);
      }
    }
    this.invalidate();
  }

  /**
   * So many advances at once, and none before a change the reader made.
   *
   * @param {number} atOnce
   */
  mayAdvance(atOnce) {
    this.sendChanges();
    return this.unanswered < atOnce && Object.keys(this.unsent).length === 0;
  }

  /** At "fastest", Python always has something to do: one request waits while another is worked on. */
  pull() {
    while (this.running && this.visible && this.speed === "fastest" && this.mayAdvance(FASTEST.atOnce)) {
      const due = this.tickedAt - this.surfaceAt >= FASTEST.surfaceEvery;
      if (due) this.surfaceAt = this.tickedAt;
      this.advance({ milliseconds: FASTEST.milliseconds }, due ? SURFACE : 0).then(() => this.pull());
    }
  }

  // --- showing --------------------------------------------------------------------------------------------------

  /** @returns {State} */
  state() {
    const state = super.state();
    if (state !== "ready") return state;
    if (!this.frame) return "loading";
    // after Pause, until the last frame is in
    if (this.running || this.unanswered > 0) return "training";
    if (this.frame.finished) return "finished";
    return hasBegun(this.frame) ? "paused" : "ready";
  }

  show() {
    this.controls.showRunning(this.running);
    this.prediction?.lock(this.running || hasBegun(this.frame));
    super.show();
  }

  numbers() {
    return this.frame && this.run ? numbersOf(this.frame, this.run) : [];
  }

  /** @param {State} state */
  words(state) {
    if (state === "ready" && this.afresh)
      return [t`Python had to start afresh: this run is lost, and Train begins anew.`];
    if (state === "ready" && this.baseline && !this.link)
      return [t`Ready. Press a run to set beside the plain one, or turn the dial and press Train.`];
    const words = wordsOf(state, {
      frame: this.frame,
      rate: this.settings.learning_rate,
      slow: this.speed === "slow",
      waiting: this.running,
      linked: this.link !== null,
    });
    if (state === "finished" && this.predicted) words.push(" ", make("strong", {}, this.predicted));
    return words;
  }

  /**
   * The runs in the picture: the baseline, ghosts, the run under way last.
   *
   * @returns {import("./plots.js").Entry[]}
   */
  entries() {
    const { run, baseline } = this;
    if (!run) return [];
    const runs = [...this.ghosts, { run, ghost: -1 }];
    const entries = runs.map((entry) => ({ ...entry, label: this.labelOf(entry.run) }));
    if (!baseline || !comparable(baseline.run.settings, run.settings)) return entries;
    const rate = formatRate(baseline.run.settings.learning_rate);
    const label = t`${baseline.name} (recorded), rate ${rate}`;
    return [{ run: baseline.run, ghost: GHOSTS - 1, label }, ...entries];
  }

  /**
   * What a run is called, beside the baseline or, without one, beside the run under way.
   *
   * @param {Run} run
   */
  labelOf(run) {
    return run.label((this.baseline?.run ?? this.run ?? run).settings, this.settingWords);
  }

  /** @returns {boolean} whether the words were due, too */
  drawRuns() {
    if (!this.run || !this.frame || !this.points) return false;
    this.host.toggleAttribute("data-live", true);
    const { frame } = this;
    return this.plots.draw(
      {
        points: this.points,
        surface: this.surface,
        entries: this.entries(),
        lastEpoch: frame.finished ? Math.max(frame.epoch, SHORTEST_AXIS) : frame.last_epoch,
        chance: frame.chance,
        earlier: this.ghosts.length,
        kept: GHOSTS,
      },
      !this.running,
    );
  }
}

/**
 * Whether two runs have the same start.
 *
 * @param {Settings} one
 * @param {Settings} other
 */
function comparable(one, other) {
  return Object.entries(one).every(
    ([name, value]) =>
      COMPARABLE.has(name) || String(value) === String(other[/** @type {keyof Settings} */ (name)]),
  );
}

/** @param {Frame | null} frame */
function hasBegun(frame) {
  return frame !== null && frame.epoch + frame.update > 0;
}

/** @param {Partial<Settings>} settings */
function continues(settings) {
  return Object.keys(settings).every((name) => CONTINUE.has(name));
}

/** @param {Settings} settings */
function butRate(settings) {
  return JSON.stringify({ ...settings, learning_rate: null });
}

/**
 * How settings other than the rate are written in the name of a run.
 *
 * @param {Choices} choices
 * @returns {Map<keyof Settings, (value: any) => string>}
 */
function settingWords({ dataset, hidden_layers }) {
  const names = new Map([...NAMES, ...dataset]);
  for (const [layers, name] of hidden_layers) names.set(String(layers), name);
  /** @param {any} value */
  const named = (value) => names.get(String(value)) ?? String(value);
  return new Map([
    ["dataset", named],
    ["hidden_layers", named],
    ["points", (value) => t`${value} points`],
    ["noise", (value) => t`noise ${value}`],
    ["data_seed", (value) => t`data ${value}`],
    ["seed", (value) => t`weights ${value}`],
    ["activation", named],
    ["loss", named],
    ["optimizer", named],
    ["schedule", named],
    ["batch_size", (value) => t`batches of ${value}`],
  ]);
}
