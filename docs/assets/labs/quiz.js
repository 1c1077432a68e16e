/**
 * `<gd-quiz>`: turns the questions of a page, readable as they stand, into a quiz that is answered, checked and scored.
 *
 * The page brings everything: each question is a `fieldset` with its key, and an explanation for every answer. What a
 * reader answers is kept in the browser under the question's key and by the answers' own keys, so that a page whose
 * questions were inserted, reordered or edited never shows an answer that was given to another one. Nothing here
 * writes text as HTML; nodes that the page holds are moved or copied.
 */

import { quoted } from "./fields.js";
import { hasDecimalComma, parseNumber, ready, t } from "./language.js";
import { keep, onNews, recall } from "./storage.js";

const STORAGE_PREFIX = "gd-quiz:";

/**
 * What is kept of a question.
 *
 * @typedef {object} Saved
 * @property {string[]} chosen the keys of the answers chosen, or the number as it was typed
 * @property {boolean} checked whether the reader had them checked
 */

/**
 * What the page says about an answer.
 *
 * @typedef {object} Reason
 * @property {string} key
 * @property {boolean} right
 * @property {number} number the number itself, where one is asked for
 * @property {number} tolerance how far from it an answer may lie
 * @property {HTMLElement} why
 */

/**
 * What became of an answer: a sentence, and the reasons to show below it. A `complaint` says that there was nothing to
 * judge.
 *
 * @typedef {{ right: boolean, sentence: string, reasons: Reason[] } | { complaint: string }} Judgement
 */

/**
 * The boxes of a question. `chosen` is what the reader has put in, as it is kept.
 *
 * @typedef {object} Field
 * @property {() => string[]} chosen
 * @property {(chosen: string[]) => boolean} restore puts back what was kept; false if not all of it is there any more
 * @property {(disabled: boolean) => void} rest
 * @property {() => void} focus
 * @property {() => Judgement} judge
 */

class Quiz extends HTMLElement {
  /** @type {Question[]} */
  questions = [];
  best = 0;
  key = "";
  score = element("p", { role: "status" });

  leaving = new AbortController();

  /** Runs each time that the element enters a page; a page that instant navigation brings back is ready already. */
  connectedCallback() {
    if (this.questions.length === 0) this.build();
    this.leaving = new AbortController();
    this.followOthers();
  }

  build() {
    this.key = `${STORAGE_PREFIX}best:${this.dataset.quiz}`;
    const groups = /** @type {NodeListOf<HTMLFieldSetElement>} */ (
      this.querySelectorAll(".gd-quiz-question")
    );
    this.best = this.kept();
    this.questions = Array.from(groups, (group) => new Question(group, () => this.showScore()));
    this.clear = button(t`Clear my answers`, () => this.clearAnswers());
    this.forget = button(t`Forget my best score`, () => this.forgetBest());
    this.append(element("div", { class: "gd-quiz-summary" }, this.score, this.clear, this.forget));
    this.classList.add("gd-quiz-ready");
    this.showScore();
  }

  disconnectedCallback() {
    this.leaving.abort();
  }

  /** Take over what another tab keeps. */
  followOthers() {
    const { signal } = this.leaving;
    for (const question of this.questions) {
      const follow = () => {
        question.follow();
        this.showScore();
      };
      onNews(question.key, follow, signal);
    }
    const followBest = () => {
      // of another version of the questions it may be less: brought down, the two would go on correcting each other
      this.best = recall(this.key) ? Math.max(this.best, this.kept()) : 0;
      this.showScore();
    };
    onNews(this.key, followBest, signal);
  }

  /** The most right answers that were kept. */
  kept() {
    const kept = Number(recall(this.key));
    return kept > 0 && kept <= this.querySelectorAll(".gd-quiz-question").length ? Math.floor(kept) : 0;
  }

  /** Show how many answers are right, and the most that ever were. */
  showScore() {
    const right = this.questions.filter((question) => question.verdict === "right").length;
    if (right > this.best) {
      this.best = right;
      keep(this.key, String(right));
    }
    const all = this.questions.length;
    const score =
      this.best > 0 ? t`Score: ${right} of ${all}, best ${this.best}` : t`Score: ${right} of ${all}`;
    if (this.score.textContent !== score) this.score.textContent = score; // the same again would be spoken again
    const answered = this.questions.some((question) => question.answered);
    if (this.clear) this.clear.hidden = !answered;
    if (this.forget) this.forget.hidden = answered || this.best === 0;
    document.dispatchEvent(new Event("gd-scored"));
  }

  clearAnswers() {
    for (const question of this.questions) question.clear();
    this.questions[0]?.field.focus();
  }

  forgetBest() {
    this.best = 0;
    keep(this.key, null);
    this.showScore();
    this.questions[0]?.field.focus();
  }
}

/** One question: its boxes, its buttons, its result. */
class Question {
  /** @type {"" | "right" | "wrong"} */
  verdict = "";

  /**
   * @param {HTMLFieldSetElement} group
   * @param {() => void} changed called when an answer or the verdict has changed
   */
  constructor(group, changed) {
    this.group = group;
    this.changed = changed;
    this.key = STORAGE_PREFIX + group.dataset.question;
    this.result = element("div", { class: "gd-quiz-result", role: "status" });
    this.result.id = `${group.closest("gd-quiz")?.id}-result-${group.dataset.question}`;
    this.check = button(t`Check`, () => this.submit());
    this.again = button(t`Try again`, () => {
      this.clear();
      this.field.focus();
    });
    const items = /** @type {NodeListOf<HTMLElement>} */ (
      group.querySelectorAll(".gd-quiz-solution li[data-answer]")
    );
    const reasons = Array.from(items, (item) => ({
      key: item.dataset.answer ?? "",
      right: item.dataset.right === "true",
      number: Number(item.dataset.number),
      tolerance: Number(item.dataset.tolerance),
      why: /** @type {HTMLElement} */ (item.querySelector(".gd-quiz-why")),
    }));
    this.field =
      group.dataset.choose === "number"
        ? numberField(group, reasons, this)
        : choices(group, reasons, this, group.dataset.choose === "several");
    group.append(element("div", { class: "gd-quiz-buttons" }, this.check, this.again), this.result);
    const solution = group.querySelector("details");
    if (solution) solution.hidden = true;
    this.restore();
  }

  get answered() {
    return this.field.chosen().length > 0;
  }

  /** The reader has put something in: remember it; nothing is judged before "Check". */
  touched() {
    this.result.replaceChildren();
    this.save();
    this.rest();
    this.changed();
  }

  submit() {
    if (!this.answered || this.verdict !== "") return;
    this.judge();
    if (this.verdict === "") this.field.focus();
    else this.again.focus();
  }

  judge() {
    const judgement = this.field.judge();
    if ("complaint" in judgement) {
      this.result.dataset.verdict = "wrong";
      this.result.replaceChildren(element("p", {}, judgement.complaint));
      return;
    }
    this.verdict = judgement.right ? "right" : "wrong";
    const summary = element("p", { class: "gd-quiz-verdict" }, judgement.sentence);
    const reasons = judgement.reasons.map((reason) => {
      const shown = element("p", {}, ...Array.from(reason.why.childNodes, (node) => node.cloneNode(true)));
      if (judgement.reasons.length > 1) shown.prepend(reason.right ? "✓ " : "✗ ");
      return shown;
    });
    this.result.dataset.verdict = this.verdict;
    this.result.replaceChildren(summary, ...reasons);
    this.save();
    this.rest();
    this.changed();
  }

  clear() {
    this.field.restore([]);
    this.verdict = "";
    this.touched();
  }

  /** A question that was checked rests until it is tried again. */
  rest() {
    const checked = this.verdict !== "";
    this.field.rest(checked);
    this.group.toggleAttribute("data-done", this.verdict === "right");
    this.check.hidden = checked;
    this.check.disabled = !this.answered;
    this.again.hidden = !checked;
  }

  save() {
    const chosen = this.field.chosen();
    /** @type {Saved} */
    const saved = { chosen, checked: this.verdict !== "" };
    keep(this.key, chosen.length > 0 ? JSON.stringify(saved) : null);
  }

  /** Take over what was answered in another tab. */
  follow() {
    this.verdict = "";
    this.result.replaceChildren();
    this.restore();
  }

  restore() {
    const saved = parse(recall(this.key));
    const complete = this.field.restore(saved.chosen);
    if (saved.checked && complete && saved.chosen.length > 0) this.judge();
    this.rest();
  }
}

/**
 * Put each answer's own nodes into a label behind a radio button or a check box.
 *
 * @param {HTMLElement} group
 * @param {Reason[]} reasons
 * @param {Question} question
 * @param {boolean} several whether more than one answer is right
 * @returns {Field}
 */
function choices(group, reasons, question, several) {
  const items = Array.from(group.querySelectorAll(".gd-quiz-answers > li"));
  const answers = items.map((item, index) => {
    const input = document.createElement("input");
    input.type = several ? "checkbox" : "radio";
    input.name = question.key;
    input.addEventListener("change", () => question.touched());
    const text = element("span", {}, ...item.childNodes);
    item.replaceChildren(element("label", { class: "gd-quiz-answer" }, input, text));
    return { ...reasons[index], input };
  });
  return {
    chosen: () => answers.filter((answer) => answer.input.checked).map((answer) => answer.key),
    restore(chosen) {
      for (const answer of answers) answer.input.checked = chosen.includes(answer.key);
      return chosen.every((key) => answers.some((answer) => answer.key === key));
    },
    rest(disabled) {
      for (const answer of answers) answer.input.disabled = disabled;
    },
    focus: () => answers[0]?.input.focus(),
    judge() {
      const chosen = answers.filter((answer) => answer.input.checked);
      const missed = answers.filter((answer) => answer.right && !answer.input.checked).length;
      const wrong = chosen.filter((answer) => !answer.right).length;
      const right = missed === 0 && wrong === 0;
      return { right, sentence: choiceSentence(right, several, wrong, missed), reasons: chosen };
    },
  };
}

/**
 * @param {boolean} right
 * @param {boolean} several
 * @param {number} wrong how many answers were chosen that are not right
 * @param {number} missed how many right answers were not chosen
 */
function choiceSentence(right, several, wrong, missed) {
  if (right) return t`Right.`;
  if (!several) return t`Not right.`;
  const falsely = wrong === 1 ? t`1 of your choices is not right` : t`${wrong} of your choices are not right`;
  const missing =
    missed === 1 ? t`1 right answer is still missing` : t`${missed} right answers are still missing`;
  if (missed === 0) return t`Not yet: ${falsely}.`;
  return wrong === 0 ? t`Not yet: ${missing}.` : t`Not yet: ${falsely}, and ${missing}.`;
}

/**
 * Make a box for a number, which Enter checks as well.
 *
 * @param {HTMLElement} group
 * @param {Reason[]} reasons
 * @param {Question} question
 * @returns {Field}
 */
function numberField(group, reasons, question) {
  const input = document.createElement("input");
  input.type = "text";
  input.autocomplete = "off";
  input.maxLength = 40;
  input.setAttribute("aria-describedby", question.result.id);
  input.addEventListener("input", () => {
    input.removeAttribute("aria-invalid");
    question.touched();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // or the same key would press the button that is focused next
    question.submit();
  });
  const label = element("label", { class: "gd-quiz-number" }, element("span", {}, t`Your number`), input);
  group.querySelector(".gd-quiz-hint")?.replaceWith(label);
  return {
    chosen: () => (input.value.trim() ? [input.value] : []),
    restore(chosen) {
      input.value = chosen[0] ?? "";
      input.removeAttribute("aria-invalid");
      return true;
    },
    rest(disabled) {
      input.readOnly = disabled;
    },
    focus: () => input.focus(),
    judge() {
      const number = readNumber(input.value);
      if (typeof number === "string") {
        input.setAttribute("aria-invalid", "true");
        return { complaint: number };
      }
      // A hair beyond the tolerance is rounding: 0.31 − 0.3 is not 0.01 in binary.
      const fits = reasons.filter(
        (reason) => Math.abs(number - reason.number) <= reason.tolerance + 1e-12 * Math.abs(reason.number),
      );
      const right = fits.some((reason) => reason.right);
      return { right, sentence: right ? t`Right.` : t`Not right.`, reasons: fits.slice(0, 1) };
    },
  };
}

/**
 * Read a number as people write it: with a point or a comma, with a typographic minus, as 2e-3.
 *
 * @param {string} typed
 * @returns {number | string} the number, or a sentence that says why there is none
 */
export function readNumber(typed) {
  const text = typed
    .trim()
    .replace(/[−–]/g, "-")
    .replace(/[\s_']/g, "");
  const came = quoted(typed.trim().slice(0, 40));
  if (hasDecimalComma()) {
    if (/^[-+]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?$/.test(text))
      return t`A point before three digits can mean two things: write 1500 or 1.5, without it; got ${came}.`;
  } else if (/^[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$/.test(text)) {
    return t`A comma before three digits can mean two things: write 1500 or 1.5, without it; got ${came}.`;
  }
  const number = parseNumber(text);
  if (Number.isFinite(number)) return number;
  return t`This must be a number, like 12.5 or −3 or 2e-3; got ${came}.`;
}

/**
 * @param {string | null} text
 * @returns {Saved} what was kept; nothing if it is missing or not ours
 */
function parse(text) {
  try {
    const { chosen, checked } = JSON.parse(text ?? "{}");
    if (Array.isArray(chosen) && chosen.every((key) => typeof key === "string")) {
      return { chosen, checked: checked === true };
    }
  } catch {
    // Somebody else's text under our key counts as nothing kept.
  }
  return { chosen: [], checked: false };
}

/**
 * @param {string} text
 * @param {() => void} pressed
 */
function button(text, pressed) {
  const made = /** @type {HTMLButtonElement} */ (
    element("button", { class: "gd-quiz-button", type: "button" }, text)
  );
  made.addEventListener("click", pressed);
  return made;
}

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

ready.then(() => customElements.define("gd-quiz", Quiz));
