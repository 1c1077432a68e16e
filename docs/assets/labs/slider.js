/** A slider with its label and its value beside it. */

import { make } from "./fields.js";

/** @typedef {{ element: HTMLElement, place: (value: number) => void }} Slider */

/**
 * Build a slider.
 *
 * @param {object} options
 * @param {string} options.id
 * @param {string} options.name
 * @param {[number, number]} options.ends
 * @param {number} options.step
 * @param {(value: number) => string} options.write
 * @param {(value: number) => void} options.turn called with every value while it is dragged
 * @param {() => void} options.settle called when it is let go
 * @param {AbortSignal} options.signal
 * @returns {Slider}
 */
export function createSlider({ id, name, ends, step, write, turn, settle, signal }) {
  const input = make("input", {
    type: "range",
    id,
    class: "gd-slider",
    min: String(ends[0]),
    max: String(ends[1]),
    step: String(step),
  });
  const value = make("span", { class: "gd-slider-value", "aria-hidden": "true" });
  /** @param {number} shown */
  const place = (shown) => {
    input.value = String(shown);
    input.setAttribute("aria-valuetext", write(shown));
    value.textContent = write(shown);
  };
  input.addEventListener(
    "input",
    () => {
      place(Number(input.value));
      turn(Number(input.value));
    },
    { signal },
  );
  input.addEventListener("change", settle, { signal });
  const head = make("div", { class: "gd-slider-head" }, make("label", { for: id }, name), value);
  return { element: make("div", { class: "gd-field gd-slider-field" }, head, input), place };
}
