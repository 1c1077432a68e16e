/**
 * The words and numbers of the page's language. The code says every message in English, and that is its key in the file of
 * a language, `languages/<code>.json`; what has no translation is said in English, which has no file.
 *
 * In a page the file is fetched as soon as this module runs, and `ready` tells when it is there: the entries wait for it
 * before they load a kind of lab. The worker has no page; it learns the language that the start of Python names. So modules that
 * the entries or the worker load at once use `t` inside functions only. No module awaits the file at its top: Safari runs
 * modules too early that two others import at a time and that wait there.
 */

/**
 * The file of a language: its decimal mark, the one between groups of three digits and the number of digits from which on
 * it stands there, and each message by its English.
 *
 * @typedef {{ name: string, decimal: string, group: string, grouped_from: number, messages: Record<string, string | null> }} Language
 */

/** What people type for a number: 0.3, .3, 3, 1e-2. Not "", "0x10" or "Infinity", which JavaScript would take. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The language spoken; null for English. @type {Language | null} */
export let language = null;

/** Fulfilled once the page's language is known. */
export const ready = globalThis.document ? learn(document.documentElement.lang) : Promise.resolve();

/**
 * Fetch a language and speak it.
 *
 * @param {string} code
 */
export async function learn(code) {
  if (!code || code === "en") return;
  try {
    const response = await fetch(new URL(`./languages/${code}.json`, import.meta.url));
    language = await response.json();
  } catch {
    // English says all of it, too
  }
}

/**
 * Say a message: t`Train`, t`${epoch} of ${last}`, whose keys are "Train" and "{0} of {1}". Numbers among the values get the
 * language's marks; texts stand as they are.
 *
 * @param {TemplateStringsArray} parts
 * @param {...(string | number)} values
 * @returns {string}
 */
export function t(parts, ...values) {
  const message = parts.reduce((before, after, index) => `${before}{${index - 1}}${after}`);
  return (language?.messages[message] || message).replace(/\{(\d+)\}/g, (_, index) => {
    const value = values[index];
    return typeof value === "number" ? number(String(value)) : value;
  });
}

/**
 * Write a number, given as in English ("0.25", "1,000", "1e-5"), with the language's marks.
 *
 * @param {string} text
 * @returns {string}
 */
export function number(text) {
  if (!language) return text;
  const { decimal, group, grouped_from } = language;
  if (grouped_from > 4) text = text.replace(/\b(\d),(?=\d{3}(?![\d,]))/g, "$1");
  return text.replace(/[.,](?=\d)/g, (mark) => (mark === "." ? decimal : group));
}

/** Whether the decimal mark is a comma. */
export function hasDecimalComma() {
  return language?.decimal === ",";
}

/**
 * Read a number that somebody typed, with a decimal point or a decimal comma. Where the language has the one, what could be
 * meant to group thousands with the other is none: 1.500 or 1,500. A whole number may be grouped by either.
 *
 * @param {string} typed
 * @param {boolean} [whole] whether only a whole number can be meant
 * @returns {number} NaN if it is none
 */
export function parseNumber(typed, whole = false) {
  const text = typed.trim();
  if (whole && /^\d{1,3}([.,\s]\d{3})+$/.test(text)) return Number(text.replace(/\D/g, ""));
  const grouped = hasDecimalComma() ? /^[+-]?[1-9]\d{0,2}(\.\d{3})+$/ : /^[+-]?[1-9]\d{0,2}(,\d{3})+$/;
  if (grouped.test(text)) return NaN;
  const plain = text.replace(",", ".");
  return NUMBER.test(plain) ? Number(plain) : NaN;
}
