/**
 * The dial for the learning rate: a logarithmic slider whose stops are round numbers, ten to a decade, and a text box
 * for any rate in between.
 */

import { make, numberBox } from "./fields.js";
import { formatRate } from "./runs.js";

/** The stops of one decade. */
const STOPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];

/**
 * @typedef {object} Dial
 * @property {HTMLElement} element
 * @property {(rate: number) => void} show
 */

/**
 * Build the dial.
 *
 * @param {object} options
 * @param {string} options.id
 * @param {number} options.rate
 * @param {[number, number]} options.ends lowest and highest rate
 * @param {(rate: number) => void} options.turn called with every new rate, also while the slider is dragged
 * @param {AbortSignal} options.signal
 * @returns {Dial}
 */
export function createDial({ id, rate, ends: [lowest, highest], turn, signal }) {
  const stops = stopsBetween(lowest, highest);
  const slider = make("input", {
    type: "range",
    id: `${id}-rate`,
    class: "gd-dial-slider",
    min: "0",
    max: String(stops.length - 1),
    step: "any",
  });
  const input = make("input", {
    type: "text",
    id: `${id}-rate-value`,
    class: "gd-dial-value",
    inputmode: "decimal",
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": "Learning rate value",
  });
  const track = make("div", { class: "gd-dial-track" }, slider);
  let current = rate;

  /** @param {number} shown */
  const place = (shown) => {
    current = shown;
    const position = positionOf(shown, stops);
    slider.value = String(position);
    slider.setAttribute("aria-valuetext", formatRate(shown));
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
    name: "The learning rate",
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
        PageUp: Math.round(position) + STOPS.length,
        PageDown: Math.round(position) - STOPS.length,
        Home: 0,
        End: stops.length - 1,
      }[event.key];
      if (stop === undefined) return;
      event.preventDefault();
      goTo(stop);
    },
    { signal },
  );

  place(rate);
  const scale = make("div", { class: "gd-dial-scale", "aria-hidden": "true" });
  for (const [position, stop] of stops.entries()) {
    const decade = position % STOPS.length === 0;
    const tick = make("span", { class: decade ? "gd-decade" : "gd-stop" }, decade ? formatRate(stop) : "");
    tick.style.setProperty("--gd-at", String(position / (stops.length - 1)));
    scale.append(tick);
  }
  track.append(scale);
  const element = make(
    "div",
    { class: "gd-dial" },
    make(
      "div",
      { class: "gd-dial-head" },
      make("label", { for: slider.id }, "Learning rate"),
      make("span", { class: "gd-dial-symbol", "aria-hidden": "true" }, "η ="),
      input,
    ),
    box.problem,
    track,
    make(
      "div",
      { class: "gd-dial-ends", "aria-hidden": "true" },
      make("span", {}, "tiny steps"),
      make("span", {}, "huge steps"),
    ),
  );
  return {
    element,
    show: (shown) => {
      box.show(shown);
      place(shown);
    },
  };
}

/**
 * @param {number} lowest
 * @param {number} highest
 * @returns {number[]} the round numbers from `lowest` to `highest`
 */
function stopsBetween(lowest, highest) {
  const stops = [];
  for (let power = Math.floor(Math.log10(lowest)); power <= Math.log10(highest); power++) {
    for (const stop of STOPS) {
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
