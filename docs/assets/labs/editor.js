/**
 * The code editor: one component for update rules and code cells, loaded when a reader opens the first one.
 *
 * It is Prism code editor, after a trial beside CodeMirror 6 by keyboard, in the accessibility tree, at 360 pixels and in
 * forced colours. Both passed; Prism's is a real text area with colours behind it, so that undo, the phone's keyboard and
 * a screen reader's reading of the whole text are the browser's own, while CodeMirror keeps only the lines in view and is
 * five times as much to load (124 kB against 22). What CodeMirror has besides, search, folding and large files, a rule of
 * four lines does not need.
 *
 * Where the library cannot be loaded, a plain text area takes its place. Tab indents once somebody has begun to edit;
 * who only comes by with Tab passes through, and Escape gives Tab its way back. The page says so below the code.
 */

import { make } from "./fields.js";
import { t } from "./language.js";

/**
 * @typedef {object} Editor
 * @property {HTMLElement} element
 * @property {string} value the code as it stands
 * @property {(value: string) => void} setValue
 * @property {(line: number | null, sentence?: string) => void} markLine says what is wrong in a line, counted from 1; null
 *   takes it back
 * @property {() => void} focus
 */

/**
 * What is used of the library.
 *
 * @typedef {object} Prism
 * @property {HTMLElement} container
 * @property {HTMLTextAreaElement} textarea
 * @property {HTMLCollection} lines by number, counted from 1
 * @property {string} value
 * @property {Record<string, unknown>} keyCommandMap
 * @property {(options: { value: string }) => void} setOptions
 */

/** @typedef {(editor: Prism) => boolean | void} Command */

/** Beside the folder that is named after the version of our scripts. */
const LIBRARY = new URL("../../editor/prism-code-editor-5.4.0/dist/", import.meta.url);

const INDENT = 4;

/** After what a new line goes in by one step. */
const OPENS_BLOCK = /[:([{]\s*(#.*)?$/;

/** Keys that neither edit nor move in the text. */
const PASSING = new Set(["Tab", "Shift", "Control", "Alt", "Meta", "Escape"]);

let editors = 0;

/**
 * Open an editor at the end of an element.
 *
 * @param {HTMLElement} host
 * @param {object} options
 * @param {string} options.value
 * @param {string} options.label the text box's name
 * @param {(value: string) => void} options.onChange called when the reader has changed something
 * @param {() => void} options.onRun called at Ctrl + Enter
 * @param {AbortSignal} options.signal takes it away again
 * @returns {Promise<Editor>}
 */
export async function openEditor(host, { value, label, onChange, onRun, signal }) {
  const id = `gd-editor-${++editors}`;
  const problem = make("p", { class: "gd-editor-problem", id: `${id}-problem`, role: "alert" });
  const hint = make("p", { class: "gd-editor-hint", id: `${id}-hint` });
  const element = make("div", { class: "gd-editor", hidden: "" }, problem, hint);
  host.append(element);
  signal.addEventListener("abort", () => element.remove());

  const prism = await openPrism(element, value, signal).catch(() => null);
  const textarea = prism?.textarea ?? plainTextarea(element, value);
  const place = prism?.container ?? textarea;
  element.prepend(place);
  element.hidden = false;
  textarea.setAttribute("aria-label", label);
  textarea.setAttribute("aria-describedby", `${problem.id} ${hint.id}`);
  hint.textContent = prism
    ? t`While you edit, Tab indents; Escape, then Tab, moves on. Ctrl + Enter runs it.`
    : t`Tab moves on. Ctrl + Enter runs it.`;
  textarea.addEventListener("input", () => onChange(textarea.value), { signal });
  element.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      event.stopPropagation();
      onRun();
    },
    { capture: true, signal },
  );

  /** @type {Editor["markLine"]} */
  const markLine = (line, sentence = "") => {
    for (const marked of place.querySelectorAll(".gd-bad-line")) marked.classList.remove("gd-bad-line");
    if (line !== null) prism?.lines[line]?.classList.add("gd-bad-line");
    textarea.toggleAttribute("aria-invalid", false);
    if (line !== null) textarea.setAttribute("aria-invalid", "true");
    problem.replaceChildren(...(line === null ? [] : [make("strong", {}, t`Line ${line}.`), ` ${sentence}`]));
  };
  return {
    element,
    get value() {
      return textarea.value;
    },
    setValue(next) {
      markLine(null);
      if (prism) prism.setOptions({ value: next });
      else textarea.value = next;
    },
    markLine,
    focus: () => textarea.focus(),
  };
}

/**
 * @param {HTMLElement} element
 * @param {string} value
 * @param {AbortSignal} signal
 * @returns {Promise<Prism>} its container is not in the page yet
 */
async function openPrism(element, value, signal) {
  /** @type {(name: string) => Promise<any>} */
  const load = (name) => import(new URL(name, LIBRARY).href);
  const [{ createEditor, languageMap }, { defaultKeymap, editorCommands }] = await Promise.all([
    load("index.js"),
    load("extensions/commands/index.js"),
    load("prism/languages/python.js"),
    style(element, new URL("layout.css", LIBRARY).href),
  ]);
  languageMap.python ??= {
    comments: { line: "#" },
    autoIndent: [
      (/** @type {[number]} */ [start], /** @type {string} */ text) =>
        OPENS_BLOCK.test(text.slice(text.lastIndexOf("\n", start - 1) + 1, start)),
    ],
  };

  let editing = false;
  /** @type {(key: string) => Command} */
  const whileEditing = (key) => (editor) => editing && defaultKeymap[key](editor);
  const keys = {
    Tab: whileEditing("Tab"),
    "Shift+Tab": whileEditing("8+Tab"),
    Enter: defaultKeymap.Enter,
    "Shift+Enter": defaultKeymap["8+Enter"],
    "Mod+]": defaultKeymap["Mod+]"],
    "Mod+[": defaultKeymap["Mod+["],
    "Mod+/": defaultKeymap["Mod+/"],
  };
  /** @type {Prism} */
  const prism = createEditor(
    null,
    { language: "python", value, tabSize: INDENT, wordWrap: true },
    editorCommands(keys, []),
  );
  prism.keyCommandMap.Escape = null; // it would take the focus away
  prism.container.addEventListener(
    "keydown",
    ({ key }) => {
      if (key === "Escape") editing = false;
      else if (!PASSING.has(key)) editing = true;
    },
    { capture: true, signal },
  );
  prism.textarea.addEventListener("pointerdown", () => (editing = true), { signal });
  prism.textarea.addEventListener("blur", () => (editing = false), { signal });
  return prism;
}

/**
 * Load a style sheet. It stands in the element itself, since instant navigation clears the page's head.
 *
 * @param {HTMLElement} element
 * @param {string} href
 * @returns {Promise<void>}
 */
function style(element, href) {
  return new Promise((resolve, reject) => {
    const link = make("link", { rel: "stylesheet", href });
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => reject(new Error(`${href} could not be loaded`)));
    element.append(link);
  });
}

/**
 * @param {HTMLElement} element
 * @param {string} value
 */
function plainTextarea(element, value) {
  for (const link of element.querySelectorAll("link")) link.remove();
  const textarea = make("textarea", {
    class: "gd-editor-plain",
    rows: String(Math.max(4, value.split("\n").length + 1)),
    spellcheck: "false",
    autocapitalize: "off",
    autocomplete: "off",
  });
  textarea.value = value;
  return textarea;
}
