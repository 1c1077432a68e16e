/**
 * The reader's own update rule: a training lab with a text above its controls. What is written there takes the place of
 * step 4 of the loop; the run of plain descent stays in the picture beside it.
 *
 * The text runs when a button is pressed, and never because a page was opened. A rule that does not come back is ended
 * together with Python, which starts afresh: the text and the curves live in the page and stay.
 */

import * as client from "./client.js";
import { openEditor } from "./editor.js";
import { button, make, menu } from "./fields.js";
import { language, t } from "./language.js";
import { formatRate } from "./runs.js";
import { keep, recall } from "./storage.js";
import { TrainingLab } from "./training.js";

/** @typedef {import("./messages").Frame} Frame */
/** @typedef {import("./messages").Mistake} Mistake */
/** @typedef {import("./messages").Settings} Settings */
/** @typedef {import("./report.js").State} State */
/** @typedef {import("./report.js").Words} Words */
/** @typedef {import("./runs.js").Run} Run */

const FINE_SURFACE = 96;

/** Milliseconds that a rule may take beyond what was asked of it, and for each update that was. */
const PATIENCE = 2000;
const PATIENCE_PER_UPDATE = 5;

/**
 * Stop ends Python if an answer under way takes more than these milliseconds; of a run that has come some way, more than
 * so many times as long as the last answer did.
 */
const USUAL = 4;
const GRACE = 100;
const LONGEST_GRACE = 1000;

const OWN = t`Your own`;

/** The text, its editor, and the buttons that belong to it. */
class Panel {
  /**
   * @param {object} options
   * @param {string} options.id prefix of ids
   * @param {[string, string][]} options.examples names and texts; the first is the original
   * @param {HTMLElement} options.listing the original, as the page brought it
   * @param {string} options.key under which the text is kept
   * @param {{ run: () => void, stop: () => void, change: () => void }} options.on
   * @param {AbortSignal} options.signal
   */
  constructor({ id, examples, listing, key, on, signal }) {
    this.examples = examples.map(([name, text]) => [name, text.trimEnd()]);
    this.key = key;
    this.on = on;
    this.signal = signal;
    this.original = this.examples[0][1];
    const kept = recall(key);
    this.text = kept ?? this.original;
    /** What the reader wrote last that is no example. */
    this.own = kept !== null && this.nameOf(kept) === OWN ? kept : "";
    /** @type {Promise<void> | null} */
    this.opening = null;
    /** @type {import("./editor.js").Editor | null} */
    this.editor = null;
    this.marked = "";

    this.run = button(t`Run my rule`, "gd-button-train", on.run, signal);
    this.stop = button(t`Stop`, "", on.stop, signal);
    this.edit = button(t`Edit the rule`, "", () => this.open(true), signal);
    this.back = button(t`Back to the original`, "", () => this.set(this.original), signal);
    const { element, select } = menu({
      id: `${id}-example`,
      name: t`Example`,
      choices: [...examples.map(([name]) => name), OWN].map((name) => [name, name]),
      value: this.nameOf(this.text),
      choose: (name) => this.set(this.examples.find(([other]) => other === name)?.[1] ?? this.own),
      signal,
    });
    this.select = select;
    this.listing = listing;
    this.place = make("div", { class: "gd-rule-code" }, listing);
    this.printed = make("pre", {
      class: "gd-printed",
      tabindex: "0",
      "aria-label": t`Your rule printed`,
      "data-title": t`Printed by your rule:`,
    });
    this.element = make(
      "div",
      { class: "gd-rule" },
      this.place,
      make(
        "div",
        { class: "gd-row" },
        make("div", { class: "gd-buttons" }, this.run, this.stop, this.edit, this.back),
        element,
      ),
      this.printed,
    );
    this.print("");
    this.show(false);
    if (kept !== null) this.open(false); // what is kept is not what the listing shows
  }

  /** @param {string} text */
  nameOf(text) {
    return this.examples.find(([, other]) => other === text)?.[0] ?? OWN;
  }

  /**
   * Open the editor where the listing is.
   *
   * @param {boolean} focus
   */
  async open(focus) {
    this.opening ??= openEditor(this.place, {
      value: this.text,
      label: t`Your update rule, in Python`,
      onChange: (text) => this.changed(text),
      onRun: () => this.on.run(),
      signal: this.signal,
    }).then((editor) => {
      if (this.signal.aborted) return;
      this.editor = editor;
      this.listing.hidden = true;
      this.edit.hidden = true;
      if (editor.value !== this.text) editor.setValue(this.text); // an example chosen meanwhile
    });
    await this.opening;
    if (focus) this.editor?.focus();
  }

  /** @param {string} text */
  changed(text) {
    this.text = text;
    const name = this.nameOf(text);
    if (name === OWN) this.own = text;
    this.select.value = name;
    keep(this.key, text === this.original ? null : text);
    this.on.change();
  }

  /**
   * Put another text into the editor.
   *
   * @param {string} text
   */
  set(text) {
    this.mark(null);
    this.editor?.setValue(text);
    this.changed(text);
    this.open(false);
  }

  /** @param {Mistake | null} mistake */
  mark(mistake) {
    const marked = mistake ? `${mistake.line}: ${mistake.sentence}` : "";
    if (marked === this.marked) return; // said once
    this.marked = marked;
    if (mistake) this.open(false).then(() => this.editor?.markLine(mistake.line, mistake.sentence));
    else this.editor?.markLine(null);
  }

  /** @param {string} text what the rule has printed */
  print(text) {
    this.printed.hidden = text === "";
    if (this.printed.textContent !== text) this.printed.textContent = text;
  }

  /** @param {boolean} busy whether there is something to stop */
  show(busy) {
    // not disabled, which would take the focus away from whoever pressed them
    this.stop.setAttribute("aria-disabled", String(!busy));
    this.back.setAttribute("aria-disabled", String(this.text === this.original));
    for (const option of this.select.options)
      if (option.value === OWN) option.disabled = this.own === "" && this.nameOf(this.text) !== OWN;
  }
}

export class RuleLab extends TrainingLab {
  /** @type {string | null} the text that Python holds; null for none */
  inForce = null;
  /** @type {Map<Run, string>} what the runs of a rule are called */
  names = new Map();
  /** @type {Map<string, string>} the same by text, for texts that are no example */
  ownNames = new Map();
  /** What to say instead of the usual words, until the next run. */
  notice = "";
  /** Requests that Python has not answered yet, and how many it has. */
  pending = 0;
  answered = 0;
  /** When the last request was sent, and how long the last answer took, in milliseconds. */
  askedAt = 0;
  took = 0;
  /** Whether the rule is to run as soon as Python is there. */
  wanted = false;
  stopping = false;

  /** Called by the base's constructor, when the fields above are not there yet. */
  build() {
    const listing = /** @type {HTMLElement} */ (this.host.querySelector(".gd-rule-listing"));
    this.panel = new Panel({
      id: this.id,
      examples: this.told("examples"),
      listing,
      key: `gd-code:${this.host.dataset.page}#${this.id}`,
      on: { run: () => this.runRule(), stop: () => this.stop(), change: () => this.show() },
      signal: this.signal,
    });
    super.build();
    this.root.prepend(this.rule.element);
    this.buttonNamed(t`Copy notebook code`)?.remove(); // it would not hold the rule
  }

  get rule() {
    return /** @type {Panel} */ (this.panel);
  }

  /** @param {string} name */
  buttonNamed(name) {
    return Array.from(this.root.querySelectorAll("button")).find(({ textContent }) => textContent === name);
  }

  unmount() {
    super.unmount();
    this.rule.listing.hidden = false;
    this.still?.prepend(this.rule.listing);
  }

  /** The editor comes when Python does. */
  load() {
    this.rule.open(false);
    return super.load();
  }

  // --- what the reader does -------------------------------------------------------------------------------------

  /** Train from the start with the rule as it is written. */
  async runRule() {
    this.running = false;
    this.notice = "";
    this.wanted = true;
    this.show();
    const ready = (await this.load()) && this.wanted;
    this.wanted = false;
    if (ready && (await this.sendRule())) this.running = true;
    this.show();
  }

  /** End what is under way: between two answers if one comes at once, else together with Python. */
  stop() {
    const { answered } = this;
    this.running = false;
    this.wanted = false;
    this.show();
    if (this.pending === 0 || !this.open) return;
    const onItsWay = this.frame !== null && this.frame.epoch + this.frame.update > 0;
    const grace = onItsWay ? Math.min(Math.max(GRACE, USUAL * this.took), LONGEST_GRACE) : GRACE;
    setTimeout(
      () => {
        if (this.pending === 0 || this.answered !== answered || this.signal.aborted) return;
        this.stopping = true;
        client.stop(t`Python was stopped, because code on this page was.`);
        this.stopping = false;
      },
      grace - (performance.now() - this.askedAt),
    );
  }

  train() {
    if (!this.running && this.isNew()) this.runRule();
    else super.train();
  }

  async step() {
    if (!this.isNew()) return super.step();
    this.running = false;
    this.show();
    if ((await this.load()) && (await this.sendRule())) await super.step();
  }

  async copyLink() {
    await super.copyLink();
    this.handOver(
      t`The link is copied or stands in the address bar. It sets the controls; your rule stays here.`,
    );
  }

  /** Whether Python holds another rule than the one that is written, or one that has failed. */
  isNew() {
    return this.inForce !== this.rule.text || this.frame?.mistake != null;
  }

  // --- what Python does -----------------------------------------------------------------------------------------

  /** @param {import("./messages").LabRequest} request */
  async ask(request) {
    this.pending += 1;
    const askedAt = performance.now();
    this.askedAt = askedAt;
    try {
      return await super.ask(request);
    } finally {
      this.took = performance.now() - askedAt;
      this.pending -= 1;
      this.answered += 1;
      this.showRule();
    }
  }

  /** @param {import("./messages").LabRequest} request */
  patience(request) {
    if (request.type !== "advance" || !("amount" in request)) return PATIENCE;
    const { amount } = request;
    if ("milliseconds" in amount) return PATIENCE + amount.milliseconds;
    const updates =
      "updates" in amount ? amount.updates : amount.epochs * (this.frame?.updates_per_epoch ?? 1);
    return PATIENCE + PATIENCE_PER_UPDATE * updates;
  }

  /**
   * Give Python the rule as it is written, which begins a new run.
   *
   * @returns {Promise<boolean>} whether it is one
   */
  async sendRule() {
    const { rule } = this;
    const source = rule.text;
    this.notice = "";
    rule.mark(null);
    /** @type {Frame | undefined} */
    const frame = await this.ask({ type: "rule", source, surface: FINE_SURFACE });
    if (!frame) return false;
    const { mistake } = frame;
    if (mistake) {
      this.inForce = null;
      this.notice = t`This is no rule yet: see line ${mistake.line}. Nothing was run.`;
      this.take({ ...frame, mistake: null });
      rule.mark(mistake);
      return false;
    }
    this.inForce = source;
    this.begin(frame);
    return true;
  }

  /**
   * @param {Frame} frame
   * @param {Settings} [settings]
   */
  begin(frame, settings) {
    super.begin(frame, settings);
    if (this.run && this.inForce !== null) this.names.set(this.run, this.nameOfRule(this.inForce));
  }

  /** @param {Frame} frame */
  take(frame) {
    super.take(frame);
    this.rule.print(frame.printed);
    if (!frame.mistake) return;
    this.running = false;
    this.rule.mark(frame.mistake);
    this.show();
  }

  /** @param {string} reason */
  startAfresh(reason) {
    if (!this.opening) return;
    this.notice = this.stopping
      ? t`Stopped.`
      : this.pending > 0
        ? t`${reason} Does a loop in your rule have no end?`
        : reason;
    this.notice += ` ${t`Python starts afresh; your code and your runs are kept.`}`;
    this.inForce = null;
    this.wanted = false;
    super.startAfresh(reason);
  }

  // --- showing --------------------------------------------------------------------------------------------------

  show() {
    this.showRule();
    super.show();
  }

  showRule() {
    this.rule.show(this.running || this.wanted || this.pending > 0);
  }

  /**
   * @param {State} state
   * @returns {Words}
   */
  words(state) {
    if (state === "failed") return [];
    if (this.wanted && state !== "ready") return [t`Your rule runs as soon as Python is ready.`];
    if (this.notice) return [this.notice];
    if (state === "recorded")
      return [
        t`The picture shows plain descent, recorded when the page was built. Press Run my rule to train with the rule above.`,
      ];
    if (state === "ready")
      return [t`Ready. Change the rule above, or take an example, and press Run my rule.`];
    if (state === "training")
      return [t`Your rule trains at learning rate ${formatRate(this.settings.learning_rate)}.`];
    if (state === "finished" && this.frame?.mistake)
      return [make("strong", {}, this.frame.stopped), ` ${t`Mend it and press Run my rule.`}`];
    if (this.isNew() && (state === "paused" || state === "finished"))
      return [t`The rule has changed: Train and Step start again with it.`];
    return super.words(state);
  }

  /** @param {Run} run */
  labelOf(run) {
    const name = this.names.get(run);
    return name ? `${name}, ${super.labelOf(run)}` : super.labelOf(run);
  }

  /** @param {string} text */
  nameOfRule(text) {
    const name = this.rule.nameOf(text);
    if (name !== OWN) return language ? name : name.toLowerCase(); // other languages may have a noun there
    const number = this.ownNames.size + 1;
    if (!this.ownNames.has(text)) this.ownNames.set(text, t`my rule ${number}`);
    return this.ownNames.get(text) ?? "";
  }
}
