/**
 * `<gd-quiz>`: turns the questions of a page, readable as they stand, into a quiz that is answered, checked and scored.
 *
 * The page brings everything: each question is a `fieldset` with its key, its answers as a list with theirs, and an
 * explanation for every answer. Answers are kept in the reader's browser under the question's key and by the answers' own
 * keys, so that a page whose questions were inserted, reordered or edited never shows an answer that was given to
 * another one. Nothing here writes text as HTML; nodes that the page holds are moved or copied.
 */

const STORAGE_PREFIX = "gd-quiz:";

/**
 * What is kept of a question.
 *
 * @typedef {object} Saved
 * @property {string[]} chosen the keys of the answers chosen
 * @property {boolean} checked whether the reader had them checked
 */

class Quiz extends HTMLElement {
  /** @type {Question[]} */
  questions = [];
  score = element("p", { role: "status" });

  /** Runs each time that the element enters a page; a page that instant navigation brings back is ready already. */
  connectedCallback() {
    if (this.questions.length > 0) return;
    const groups = /** @type {NodeListOf<HTMLFieldSetElement>} */ (
      this.querySelectorAll(".gd-quiz-question")
    );
    this.questions = Array.from(groups, (group) => new Question(group, () => this.showScore()));
    const reset = button("Clear my answers", () => this.reset());
    this.append(element("div", { class: "gd-quiz-summary" }, this.score, reset));
    this.classList.add("gd-quiz-ready");
    this.showScore();
  }

  showScore() {
    const right = this.questions.filter((question) => question.verdict === "right").length;
    const left = this.questions.filter((question) => question.verdict === "").length;
    const rest = left > 0 ? `, ${left} to go` : "";
    this.score.textContent = `${right} of ${this.questions.length} right${rest}`;
  }

  reset() {
    for (const question of this.questions) question.clear();
    this.questions[0]?.focus();
  }
}

/** One question: its answers as boxes, its buttons, its result. */
class Question {
  /** @type {"" | "right" | "wrong"} */
  verdict = "";

  /**
   * @param {HTMLFieldSetElement} group
   * @param {() => void} changed called when the verdict has changed
   */
  constructor(group, changed) {
    this.changed = changed;
    this.key = STORAGE_PREFIX + group.dataset.question;
    this.several = group.dataset.choose === "several";
    const items = /** @type {NodeListOf<HTMLElement>} */ (group.querySelectorAll(".gd-quiz-answers > li"));
    const reasons = /** @type {NodeListOf<HTMLElement>} */ (group.querySelectorAll(".gd-quiz-why"));
    this.answers = Array.from(items, (item, index) => this.answer(item, reasons[index]));
    this.result = element("div", { class: "gd-quiz-result", role: "status" });
    this.check = button("Check", () => {
      this.judge();
      this.again.focus();
    });
    this.again = button("Try again", () => {
      this.clear();
      this.focus();
    });
    group.append(element("div", { class: "gd-quiz-buttons" }, this.check, this.again), this.result);
    const solution = group.querySelector("details");
    if (solution) solution.hidden = true;
    this.restore();
  }

  /**
   * Put an answer's own nodes into a label behind a radio button or a check box.
   *
   * @param {HTMLElement} item
   * @param {HTMLElement} why
   */
  answer(item, why) {
    const input = document.createElement("input");
    input.type = this.several ? "checkbox" : "radio";
    input.name = this.key;
    input.addEventListener("change", () => this.chosen());
    const label = element(
      "label",
      { class: "gd-quiz-answer" },
      input,
      element("span", {}, ...item.childNodes),
    );
    item.replaceChildren(label);
    return { key: item.dataset.answer ?? "", right: item.dataset.right === "true", input, why };
  }

  /** The reader has chosen: remember it; nothing is judged before "Check". */
  chosen() {
    this.save();
    this.enable();
  }

  judge() {
    const chosen = this.answers.filter((answer) => answer.input.checked);
    const missed = this.answers.filter((answer) => answer.right && !answer.input.checked).length;
    const wrong = chosen.filter((answer) => !answer.right).length;
    this.verdict = missed === 0 && wrong === 0 ? "right" : "wrong";
    const summary = element("p", { class: "gd-quiz-verdict" }, this.sentence(wrong, missed));
    const reasons = chosen.map((answer) => {
      const reason = element("p", {}, ...Array.from(answer.why.childNodes, (node) => node.cloneNode(true)));
      if (this.several) reason.prepend(answer.right ? "✓ " : "✗ ");
      return reason;
    });
    this.result.dataset.verdict = this.verdict;
    this.result.replaceChildren(summary, ...reasons);
    this.save();
    this.enable();
    this.changed();
  }

  /**
   * @param {number} wrong how many answers were chosen that are not right
   * @param {number} missed how many right answers were not chosen
   */
  sentence(wrong, missed) {
    if (this.verdict === "right") return "Right.";
    if (!this.several) return "Not right.";
    const parts = [];
    if (wrong > 0) parts.push(`${wrong} of your choices ${wrong === 1 ? "is" : "are"} not right`);
    if (missed > 0) parts.push(`${missed} right ${missed === 1 ? "answer is" : "answers are"} still missing`);
    return `Not yet: ${parts.join(", and ")}.`;
  }

  clear() {
    for (const answer of this.answers) answer.input.checked = false;
    this.verdict = "";
    this.result.replaceChildren();
    this.save();
    this.enable();
    this.changed();
  }

  focus() {
    this.answers[0]?.input.focus();
  }

  /** A question that was checked rests until it is tried again. */
  enable() {
    const checked = this.verdict !== "";
    for (const answer of this.answers) answer.input.disabled = checked;
    this.check.hidden = checked;
    this.check.disabled = !this.answers.some((answer) => answer.input.checked);
    this.again.hidden = !checked;
  }

  save() {
    const chosen = this.answers.filter((answer) => answer.input.checked).map((answer) => answer.key);
    /** @type {Saved} */
    const saved = { chosen, checked: this.verdict !== "" };
    write(this.key, chosen.length > 0 ? JSON.stringify(saved) : null);
  }

  restore() {
    const saved = parse(read(this.key));
    for (const answer of this.answers) answer.input.checked = saved.chosen.includes(answer.key);
    const complete = saved.chosen.every((key) => this.answers.some((answer) => answer.key === key));
    if (saved.checked && complete && saved.chosen.length > 0) this.judge();
    else this.enable();
  }
}

/**
 * @param {string | null} text
 * @returns {Saved} what was kept; nothing if it is missing or not ours
 */
function parse(text) {
  try {
    const { chosen, checked } = JSON.parse(text ?? "{}");
    if (Array.isArray(chosen)) return { chosen, checked: checked === true };
  } catch {
    // Somebody else's text under our key counts as nothing kept.
  }
  return { chosen: [], checked: false };
}

/**
 * Browsers that forbid storage throw on the mere mention of it; the quiz then works without remembering.
 *
 * @param {string} key
 * @returns {string | null}
 */
function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @param {string | null} text null removes what was kept
 */
function write(key, text) {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // Not remembered; see `read`.
  }
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

customElements.define("gd-quiz", Quiz);
