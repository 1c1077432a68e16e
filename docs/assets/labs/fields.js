/**
 * Parts that controls are made of: elements, labelled menus, and number boxes which refuse a bad value in three parts
 * (what was wrong, what is allowed, what came) without losing the good one.
 */

import { number, parseNumber, t } from "./language.js";

/**
 * Make an element. Attributes are set as text; children are nodes or text, never markup.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * Put nodes into a message: t`Go to ${"{0}"}.` has a place for the first of them.
 *
 * @param {string} message
 * @param {...Node} nodes
 * @returns {(Node | string)[]}
 */
export function weave(message, ...nodes) {
  return message.split(/\{(\d+)\}/).map((part, index) => (index % 2 ? nodes[Number(part)] : part));
}

/**
 * A button.
 *
 * @param {string} name
 * @param {string} style a class
 * @param {() => void} press
 * @param {AbortSignal} signal
 */
export function button(name, style, press, signal) {
  const element = make("button", { type: "button", class: `gd-button ${style}` }, name);
  element.addEventListener("click", press, { signal });
  return element;
}

/**
 * A menu with its label.
 *
 * @param {object} options
 * @param {string} options.id
 * @param {string} options.name
 * @param {[string, string][]} options.choices value and text of each
 * @param {string} options.value
 * @param {(value: string) => void} options.choose
 * @param {AbortSignal} options.signal
 * @returns {{ element: HTMLElement, select: HTMLSelectElement }}
 */
export function menu({ id, name, choices, value, choose, signal }) {
  const select = make("select", { id, class: "gd-select" });
  for (const [key, text] of choices) select.append(make("option", { value: key }, text));
  select.value = value;
  select.addEventListener("change", () => choose(select.value), { signal });
  return { element: make("div", { class: "gd-field" }, make("label", { for: id }, name), select), select };
}

/** @typedef {{ lowest: number, highest: number, whole: boolean }} Range */

/**
 * Read a number that somebody typed.
 *
 * @param {string} name of the setting, for the sentence
 * @param {string} text
 * @param {Range} range
 * @returns {{ value: number } | { problem: string }}
 */
export function readNumber(name, text, { lowest, highest, whole }) {
  const value = parseNumber(text, whole);
  if (value >= lowest && value <= highest && (!whole || Number.isInteger(value))) return { value };
  const [least, most] = [lowest, highest].map((end) =>
    number(end.toLocaleString("en", { maximumFractionDigits: 9 })),
  );
  const came = text.trim() === "" ? t`nothing` : quoted(text.trim().slice(0, 40));
  return {
    problem: whole
      ? t`${name} must be a whole number from ${least} to ${most}, got ${came}.`
      : t`${name} must be a number from ${least} to ${most}, got ${came}.`,
  };
}

/**
 * Put what somebody typed in quotation marks.
 *
 * @param {string} text
 */
export function quoted(text) {
  return t`“${text}”`;
}

/**
 * A box for a number, with a place for its problem. The value counts when Enter is pressed or the box is left; Escape
 * brings back the value in force.
 *
 * @param {object} options
 * @param {HTMLInputElement} options.input
 * @param {string} options.name of the setting, for the sentence
 * @param {Range} options.range
 * @param {number} options.value
 * @param {(value: number) => string} options.write
 * @param {(value: number) => void} options.accept
 * @param {AbortSignal} options.signal
 * @returns {{ problem: HTMLElement, show: (value: number) => void }}
 */
export function numberBox({ input, name, range, value, write, accept, signal }) {
  const problem = make("p", { class: "gd-problem", id: `${input.id}-problem`, role: "alert", hidden: "" });
  let inForce = value;

  /** @param {string} sentence empty when all is well */
  const report = (sentence) => {
    problem.textContent = sentence;
    problem.hidden = sentence === "";
    if (sentence) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", problem.id);
    } else {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
    }
  };
  /** @param {number} shown */
  const show = (shown) => {
    inForce = shown;
    input.value = write(shown);
    report("");
  };

  input.addEventListener(
    "change",
    () => {
      const text = input.validity.badInput ? t`no number` : input.value;
      const read = readNumber(name, text, range);
      if ("problem" in read) {
        report(t`${read.problem} It stays ${write(inForce)}.`);
      } else {
        show(read.value);
        accept(read.value);
      }
    },
    { signal },
  );
  input.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Escape") show(inForce);
    },
    { signal },
  );
  show(value);
  return { problem, show };
}
