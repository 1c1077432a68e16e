/**
 * The dial for the learning rate: a logarithmic slider whose stops are round numbers, ten to a decade, and a text box
 * for any rate in between. It can bear marks: rates that have a name, where the slider stops as well.
 */

import { make, numberBox } from "./fields.js";
import { number, t } from "./language.js";
import { formatRate, plainRate } from "./runs.js";

/** The stops of one decade. */
const STOPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];

/** Those of a dial that spans few decades. */
export const FINE_STOPS = [
  1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 9,
];

/** @typedef {{ rate: number, label: string }} Mark */

/**
 * @typedef {object} Dial
 * @property {HTMLElement} element
 * @property {(rate: number) => void} show
 * @property {(marks: Mark[]) => void} mark replace the marks; those beyond the dial's ends are left out
 */

/**
 * Build the dial.
 *
 * @param {object} options
 * @param {string} options.id
 * @param {number} options.rate
 * @param {[number, number]} options.ends lowest and highest rate
 * @param {(rate: number) => void} options.turn called with every new rate, also while the slider is dragged
 * @param {number[]} [options.decade] the stops of one decade
 * @param {Mark[]} [options.marks]
 * @param {AbortSignal} options.signal
 * @returns {Dial}
 */
export function createDial({ id, rate, ends: [lowest, highest], turn, decade = STOPS, marks = [], signal }) {
  const round = stopsBetween(lowest, highest, decade);
  let stops = round;
  /** @type {Mark[]} */
  let marked = [];
  const slider = make("input", {
    type: "range",
    id: `${id}-rate`,
    class: "gd-dial-slider",
    min: "0",
    step: "any",
  });
  const input = make("input", {
    type: "text",
    id: `${id}-rate-value`,
    class: "gd-dial-value",
    inputmode: "decimal",
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": t`Learning rate value`,
  });
  const track = make("div", { class: "gd-dial-track" }, slider);
  let current = rate;

  /** @param {number} shown */
  const place = (shown) => {
    current = shown;
    const position = positionOf(shown, stops);
    slider.value = String(position);
    const names = marked.filter((mark) => mark.rate === shown).map(({ label }) => `, ${label}`);
    slider.setAttribute("aria-valuetext", formatRate(shown) + names.join(""));
    track.style.setProperty("--gd-filled", String(position / (stops.length - 1)));
  };
  /** @param {number} chosen */
  const choose = (chosen) => {
    if (chosen === current) return place(chosen);
    place(chosen);
    turn(chosen);
  };
  const box = numberBox({
    input,
    name: t`The learning rate`,
    range: { lowest, highest, whole: false },
    value: rate,
    write: formatRate,
    accept: choose,
    signal,
  });
  /** @param {number} stop */
  const goTo = (stop) => {
    const chosen = stops[Math.min(Math.max(stop, 0), stops.length - 1)];
    box.show(chosen);
    choose(chosen);
  };

  slider.addEventListener("input", () => goTo(Math.round(Number(slider.value))), { signal });
  slider.addEventListener(
    "keydown",
    (event) => {
      const position = positionOf(current, stops);
      const above = Math.floor(position + 1e-9) + 1;
      const below = Math.ceil(position - 1e-9) - 1;
      const stop = {
        ArrowRight: above,
        ArrowUp: above,
        ArrowLeft: below,
        ArrowDown: below,
        PageUp: Math.round(positionOf(stops[Math.round(position)] * 10, stops)),
        PageDown: Math.round(positionOf(stops[Math.round(position)] / 10, stops)),
        Home: 0,
        End: stops.length - 1,
      }[event.key];
      if (stop === undefined) return;
      event.preventDefault();
      goTo(stop);
    },
    { signal },
  );

  const scale = make("div", { class: "gd-dial-scale", "aria-hidden": "true" });
  const names = make("div", { class: "gd-dial-marks", "aria-hidden": "true" });
  const told = make("p", { id: `${id}-rate-marks`, hidden: "" });
  track.append(scale);

  /**
   * @param {number} stop
   * @param {string} style
   * @param {string} text
   */
  const tick = (stop, style, text) => {
    const element = make("span", { class: style }, text);
    element.style.setProperty("--gd-at", String(positionOf(stop, stops) / (stops.length - 1)));
    return element;
  };
  /** @param {Mark[]} given */
  const mark = (given) => {
    marked = given
      .map((one) => ({ rate: Number(plainRate(one.rate)), label: one.label }))
      .filter((one) => one.rate >= lowest && one.rate <= highest);
    stops = [...new Set([...round, ...marked.map((one) => one.rate)])].sort((a, b) => a - b);
    slider.max = String(stops.length - 1);
    place(current);
    scale.replaceChildren(
      ...stops.map((stop) => {
        const whole = Number(`1e${Math.round(Math.log10(stop))}`) === stop;
        return tick(stop, whole ? "gd-decade" : "gd-stop", whole ? formatRate(stop) : "");
      }),
    );
    names.replaceChildren(...marked.map((one) => tick(one.rate, "gd-mark", one.label)));
    names.hidden = marked.length === 0;
    told.textContent = marked.map((one) => t`${one.label} is at ${short(one.rate)}`).join("; ");
    if (marked.length > 0) slider.setAttribute("aria-describedby", told.id);
    else slider.removeAttribute("aria-describedby");
  };

  const element = make(
    "div",
    { class: "gd-dial" },
    make(
      "div",
      { class: "gd-dial-head" },
      make("label", { for: slider.id }, t`Learning rate`),
      make("span", { class: "gd-dial-symbol", "aria-hidden": "true" }, "η ="),
      input,
    ),
    box.problem,
    names,
    track,
    make(
      "div",
      { class: "gd-dial-ends", "aria-hidden": "true" },
      make("span", {}, t`tiny steps`),
      make("span", {}, t`huge steps`),
    ),
    told,
  );
  mark(marks);
  return {
    element,
    mark,
    show: (shown) => {
      box.show(shown);
      place(shown);
    },
  };
}

/**
 * @param {number} lowest
 * @param {number} highest
 * @param {number[]} decade the stops from 1 to 10
 * @returns {number[]} the round numbers from `lowest` to `highest`
 */
function stopsBetween(lowest, highest, decade) {
  const stops = [];
  for (let power = Math.floor(Math.log10(lowest)); power <= Math.log10(highest); power++) {
    for (const stop of decade) {
      const rate = Number(`${stop}e${power}`);
      if (rate >= lowest && rate <= highest) stops.push(rate);
    }
  }
  return stops;
}

/**
 * Where a rate lies among the stops; between two of them logarithmically.
 *
 * @param {number} rate
 * @param {number[]} stops
 * @returns {number}
 */
function positionOf(rate, stops) {
  const above = stops.findIndex((stop) => stop >= rate);
  if (above <= 0) return above < 0 ? stops.length - 1 : 0;
  const below = above - 1;
  return below + Math.log(rate / stops[below]) / Math.log(stops[above] / stops[below]);
}

/**
 * @param {number} rate
 * @returns {string} with four digits at most, for reading
 */
function short(rate) {
  return number(String(Number(rate.toPrecision(4))));
}
