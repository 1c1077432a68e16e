/**
 * A point's way through a network in numbers, written as `scripts/network_pictures.py` writes it when the site is built: both have to
 * agree, since the page goes on where the recorded form ends.
 */

import { number } from "./language.js";

/**
 * Write a number with two decimals and a real minus sign.
 *
 * @param {number} value
 * @returns {string}
 */
export function show(value) {
  const text = value.toFixed(2);
  return number(text.replace("-", Number(text) === 0 ? "" : "−"));
}

/**
 * Write a weighted sum with its numbers: 0.38 × 2.00 − 1.36 × (−1.00) + 3.46 = 2.86.
 *
 * @param {ArrayLike<number>} weights
 * @param {ArrayLike<number>} incoming
 * @param {number} bias
 * @param {number} result
 * @returns {string}
 */
export function spell(weights, incoming, bias, result) {
  let text = "";
  for (let i = 0; i < weights.length; i++) {
    const value = show(incoming[i]);
    text += `${signed(weights[i], !text)} × ${value.startsWith("−") ? `(${value})` : value}`;
  }
  return `${text}${signed(bias, false)} = ${show(result)}`;
}

/**
 * @param {number} value
 * @param {boolean} first
 */
function signed(value, first) {
  const text = show(value);
  if (first) return text;
  return text.startsWith("−") ? ` − ${text.slice(1)}` : ` + ${text}`;
}
