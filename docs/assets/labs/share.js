/**
 * What a reader hands on or takes away: an address that sets a lab up as it is now, files, a picture. An address only turns
 * controls; nothing runs before the reader presses a button.
 */

import { make, quoted } from "./fields.js";
import { t } from "./language.js";

/** @typedef {import("./messages").Settings} Settings */

/**
 * What each setting may be, as `gd_core.settings` has it.
 *
 * @typedef {Record<string, {
 *   kind: "choice" | "layers" | "whole" | "number", allowed: string, lowest: number, highest: number, longest: number,
 *   choices: string[]
 * }>} Limits
 */

/**
 * The address of this page that sets a lab up.
 *
 * @param {string} id of the lab's element
 * @param {Settings} settings
 * @returns {string}
 */
export function linkTo(id, settings) {
  const url = new URL(location.href);
  const theme = url.searchParams.get("theme");
  const layers = settings.hidden_layers.join("-");
  /** @type {Record<string, any>} */
  const given = { ...(theme && { theme }), lab: id, ...settings, hidden_layers: layers };
  url.search = new URLSearchParams(given).toString();
  url.hash = id;
  return url.href;
}

/**
 * Read the settings that the page's address holds for a lab.
 *
 * @param {string} id of the lab's element
 * @param {Limits} limits
 * @returns {{ settings: Partial<Settings>, problems: string[] } | null} null if it holds none
 */
export function settingsInAddress(id, limits) {
  const given = new URLSearchParams(location.search);
  if (given.get("lab") !== id) return null;
  given.delete("lab");
  given.delete("theme"); // of a lab in a frame, for the whole page
  /** @type {Record<string, unknown>} */
  const settings = {};
  const problems = [];
  for (const [name, text] of given) {
    if (!Object.hasOwn(limits, name)) {
      problems.push(t`The link sets ${shortened(name)}, which is no setting.`);
      continue;
    }
    const value = read(text, limits[name]);
    if (value === undefined)
      problems.push(t`The link's ${name} must be ${limits[name].allowed}, got ${shortened(text)}.`);
    else settings[name] = value;
  }
  return { settings, problems };
}

/**
 * @param {string} text
 * @param {Limits[string]} limit
 * @returns {unknown} undefined if it is not allowed
 */
function read(text, limit) {
  const { kind, lowest, highest, longest, choices } = limit;
  if (kind === "choice") return choices.includes(text) ? text : undefined;
  /** @param {string} part */
  const number = (part) => {
    const value = /^(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(part) ? Number(part) : NaN;
    const whole = kind === "number" || Number.isInteger(value);
    return value >= lowest && value <= highest && whole ? value : undefined;
  };
  if (kind !== "layers") return number(text);
  const units = text === "" ? [] : text.split("-").map(number);
  return units.length <= longest && !units.includes(undefined) ? units : undefined;
}

/** @param {string} text */
function shortened(text) {
  return quoted(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/**
 * Save a file.
 *
 * @param {string} name
 * @param {BlobPart} content
 * @param {string} type
 */
export function save(name, content, type) {
  const href = URL.createObjectURL(new Blob([content], { type }));
  make("a", { href, download: name }).click();
  URL.revokeObjectURL(href);
}

/**
 * Put a text on the clipboard.
 *
 * @param {string} text
 * @returns {Promise<boolean>} false where the browser does not allow it
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Put canvases side by side under a title and above some lines of text.
 *
 * @param {HTMLCanvasElement[]} canvases
 * @param {string} title
 * @param {string[]} lines
 * @param {import("./canvas.js").View} view colours and font
 * @returns {Promise<Blob | null>} a PNG
 */
export function pictureOf(canvases, title, lines, { ratio, font, colours }) {
  const gap = 16 * ratio;
  const line = 20 * ratio;
  const width = canvases.reduce((sum, canvas) => sum + canvas.width + gap, gap);
  const tallest = Math.max(...canvases.map((canvas) => canvas.height));
  const height = gap + 1.5 * line + tallest + gap + lines.length * line + gap / 2;
  const whole = make("canvas");
  Object.assign(whole, { width, height });
  const pen = /** @type {CanvasRenderingContext2D} */ (whole.getContext("2d"));
  pen.fillStyle = colours.paper;
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = colours.text;
  pen.textBaseline = "top";
  pen.font = `600 ${16 * ratio}px ${font}`;
  pen.fillText(title, gap, gap);
  let left = gap;
  for (const canvas of canvases) {
    pen.drawImage(canvas, left, gap + 1.5 * line);
    left += canvas.width + gap;
  }
  pen.font = `${13 * ratio}px ${font}`;
  lines.forEach((text, i) => {
    pen.fillText(text, gap, 2 * gap + 1.5 * line + tallest + i * line, width - 2 * gap);
  });
  return new Promise((resolve) => whole.toBlob(resolve, "image/png"));
}
