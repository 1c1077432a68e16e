/**
 * The training lab: a reader turns the dial, trains, and sees what becomes of it. This file holds the lab's state and its
 * one animation-frame loop; it asks Python for frames (`client.js`) and hands them to the pictures (`plots.js`) and to the
 * words (`report.js`).
 */

import { numbersOf, wordsOf } from "./commentary.js";
import { createControls } from "./controls.js";
import { make } from "./fields.js";
import * as hub from "./hub.js";
import * as keras from "./keras.js";
import { Lab } from "./lab.js";
import { Plots } from "./plots.js";
import { Run, formatRate } from "./runs.js";

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

/** "fastest": milliseconds of training per request, requests per drawn frame, milliseconds between two surfaces. */
const FASTEST = { milliseconds: 15, perFrame: 4, surfaceEvery: 40 };

/** Settings that continue the run under way; any other begins a new one. */
const CONTINUE = new Set(["learning_rate", "epochs"]);

/** A run that stopped early gets an axis of its own length, but of no fewer epochs than this. */
const SHORTEST_AXIS = 10;

export class TrainingLab extends Lab {
  /** @param {HTMLElement} host */
  constructor(host) {
    super(host);
    /** @type {Settings} what the controls say; Python follows */
    this.settings = JSON.parse(host.dataset.settings ?? "");
    /** What the page's Keras listing shows, but for the rate. */
    this.inKeras = butRate(this.settings);
    /** @type {Choices} */
    this.choices = JSON.parse(host.dataset.choices ?? "");
    this.settingWords = settingWords(this.choices);

    /** @type {Partial<Settings>} changes not yet sent */
    this.unsent = {};
    this.changing = false;
    /** Advances that Python has not answered yet. */
    this.unanswered = 0;
    /** Whether the reader wants it to train; it may still be loading. */
    this.running = false;

    /** @type {Frame | null} the last one */
    this.frame = null;
    /** @type {Run | null} the run under way */
    this.run = null;
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
    this.requests = 0;

    const { id, signal } = this;
    this.controls = createControls({
      id,
      settings: this.settings,
      choices: this.choices,
      presets: JSON.parse(host.dataset.presets ?? "[]"),
      signal,
      on: {
        train: () => this.train(),
        step: () => this.step(),
        reset: () => this.reset(),
        newWeights: () => this.change({ seed: this.settings.seed + 1 }),
        newData: () => this.change({ data_seed: this.settings.data_seed + 1 }),
        clear: () => this.clear(),
        download: () => this.download(),
        speed: (speed) => {
          this.speed = speed;
          this.invalidate();
        },
        change: (settings) => this.change(settings),
      },
    });
    this.plots = new Plots(id, () => this.invalidate(), signal);
    this.build();
    hub.join(
      {
        host,
        settings: () => this.settings,
        runs: () => [...this.ghosts.map(({ run }) => run), ...(this.run?.epochs ? [this.run] : [])],
        set: (settings) => this.controls.set(settings),
      },
      signal,
    );
    this.mount();
  }

  /** Put everything in its place; the recorded picture lies where the live ones will be. */
  build() {
    const stage = make("div", { class: "gd-stage" }, ...(this.still ? [this.still] : []), this.plots.element);
    this.root.append(
      this.controls.element,
      this.report.element,
      stage,
      this.controls.more,
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
    if (await this.load()) await this.advance({ epochs: 1 }, FINE_SURFACE);
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
    if (settings.learning_rate !== undefined) keras.showRate(settings.learning_rate);
    this.sendChanges();
    this.show();
    hub.changed();
  }

  clear() {
    this.ghosts = [];
    this.invalidate();
    hub.changed();
  }

  async download() {
    if (!(await this.load())) return;
    /** @type {string | undefined} */
    const text = await this.ask({ type: "csv" });
    if (text === undefined) return;
    const { dataset, hidden_layers, seed } = this.settings;
    const rates = this.run?.rates.map(({ rate }) => formatRate(rate)).join("-to-");
    const name = `run-${dataset}-${[2, ...hidden_layers, 1].join("-")}-rate-${rates}-seed-${seed}.csv`;
    const href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    make("a", { href, download: name }).click();
    URL.revokeObjectURL(href);
  }

  // --- what Python does -----------------------------------------------------------------------------------------

  /** @returns {import("./messages").LabRequest} */
  openingRequest() {
    this.frame = null;
    this.unsent = {};
    return { type: "open", kind: "training", settings: { ...this.settings }, surface: FINE_SURFACE };
  }

  /**
   * @param {Frame} frame
   * @param {{ settings: Settings }} request
   */
  opened(frame, { settings }) {
    this.begin(frame, settings);
    this.followInKeras();
  }

  /**
   * Train on.
   *
   * @param {Amount} amount
   * @param {number} surface
   */
  async advance(amount, surface) {
    this.unanswered += 1;
    /** @type {Frame | undefined} */
    const frame = await this.ask({ type: "advance", amount, surface });
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
    if (frame && same) {
      if (settings.learning_rate !== undefined) this.run?.turn(settings.learning_rate);
      this.take(frame);
    } else if (frame) {
      this.begin(frame, whole);
    }
    this.changing = false;
    this.followInKeras();
    this.sendChanges();
  }

  /** Bring the page's Keras listing in step with settings other than the rate, which it follows by itself. */
  async followInKeras() {
    const settings = butRate(this.settings);
    if (!this.open || settings === this.inKeras || !keras.onPage()) return;
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
    this.run = new Run(settings);
    this.take(frame);
  }

  /** @param {Frame} frame */
  take(frame) {
    const ended = frame.finished && !this.frame?.finished;
    this.frame = frame;
    this.run?.add(frame);
    if (frame.points) this.points = frame.points;
    if (frame.surface) this.surface = frame.surface;
    this.show();
    if (ended) hub.changed();
  }

  /** Once a run stands still, its surface is shown as it is then, and finer. */
  async settle() {
    if (!this.open) return;
    const frame = await this.ask({ type: "change", settings: {}, surface: FINE_SURFACE });
    if (frame) this.take(frame);
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
    this.drawRuns();
    if (!this.running || !this.open || !this.visible) {
      this.tickedAt = 0;
      return;
    }
    const passed = this.tickedAt ? now - this.tickedAt : 0;
    this.tickedAt = now;
    if (this.speed === "fastest") {
      this.requests = 0;
      this.pull();
    } else {
      const { perSecond, most, amount } = PACES[this.speed];
      this.credit = passed ? Math.min(this.credit + (passed * perSecond) / 1000, most + 0.5) : 1;
      const count = Math.min(Math.floor(this.credit + 0.01), most);
      if (count > 0 && this.mayAdvance()) {
        this.credit -= count;
        this.advance(amount(count), SURFACE);
      }
    }
    this.invalidate();
  }

  /** One advance at a time, and none before a change the reader made. */
  mayAdvance() {
    this.sendChanges();
    return this.unanswered === 0 && Object.keys(this.unsent).length === 0;
  }

  /** At "fastest", ask again as soon as an answer is there; the pictures are drawn meanwhile. */
  async pull() {
    if (!this.running || this.speed !== "fastest" || this.requests >= FASTEST.perFrame || !this.mayAdvance())
      return;
    this.requests += 1;
    const due = this.tickedAt - this.surfaceAt >= FASTEST.surfaceEvery;
    if (due) this.surfaceAt = this.tickedAt;
    await this.advance({ milliseconds: FASTEST.milliseconds }, due ? SURFACE : 0);
    this.pull();
  }

  // --- showing --------------------------------------------------------------------------------------------------

  /** @returns {State} */
  state() {
    const state = super.state();
    if (state !== "ready") return state;
    if (!this.frame) return "loading";
    if (this.running || this.unanswered > 0) return "training"; // after Pause, until the last frame is in
    if (this.frame.finished) return "finished";
    return this.frame.epoch === 0 && this.frame.update === 0 ? "ready" : "paused";
  }

  show() {
    this.controls.show(this.running);
    super.show();
  }

  numbers() {
    return this.frame && this.run ? numbersOf(this.frame, this.run) : [];
  }

  /** @param {State} state */
  words(state) {
    return wordsOf(state, {
      frame: this.frame,
      rate: this.settings.learning_rate,
      slow: this.speed === "slow",
      waiting: this.running,
    });
  }

  drawRuns() {
    if (!this.run || !this.frame || !this.points) return;
    this.host.toggleAttribute("data-live", true);
    const { run, frame } = this;
    const runs = [...this.ghosts, { run, ghost: -1 }];
    this.plots.draw(
      {
        points: this.points,
        surface: this.surface,
        entries: runs.map((entry) => ({ ...entry, label: entry.run.label(run.settings, this.settingWords) })),
        lastEpoch: frame.finished ? Math.max(frame.epoch, SHORTEST_AXIS) : frame.last_epoch,
        chance: frame.chance,
        kept: GHOSTS,
      },
      !this.running,
    );
  }
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
  /** @type {Map<string, string>} */
  const names = new Map(dataset);
  for (const [layers, name] of hidden_layers) names.set(String(layers), name);
  return new Map([
    ["dataset", (value) => names.get(value) ?? value],
    ["hidden_layers", (value) => names.get(String(value)) ?? String(value)],
    ["points", (value) => `${value} points`],
    ["noise", (value) => `noise ${value}`],
    ["data_seed", (value) => `data ${value}`],
    ["seed", (value) => `weights ${value}`],
    ["activation", (value) => value],
    ["loss", (value) => value.replaceAll("_", " ")],
    ["optimizer", (value) => value],
    ["schedule", (value) => `${value} rate`],
    ["batch_size", (value) => `batches of ${value}`],
  ]);
}
