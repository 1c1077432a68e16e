/**
 * The controls of the training lab, by the names that readers and tests rely on. They hold no state of a run: what is
 * pressed or chosen goes out through `on`, what must be shown comes in through `show`.
 */

import { createDial } from "./dial.js";
import { button, make, menu, numberBox } from "./fields.js";
import { t } from "./language.js";

/** @typedef {import("./messages").Settings} Settings */

/**
 * @typedef {object} Choices what the lab offers, from the page
 * @property {(keyof typeof MENUS)[]} menus the settings that have a menu
 * @property {[string, string][]} dataset
 * @property {[number[], string][]} hidden_layers
 * @property {[string, string][]} activation
 * @property {[string, string][]} optimizer
 * @property {[string, string][]} schedule
 * @property {[number, number]} learning_rate lowest and highest
 * @property {[number, number]} epochs fewest and most
 * @property {import("./share.js").Limits} limits what each setting may be
 */

/** The settings that a lab may offer in a menu, and what the menus are called. */
const MENUS = {
  dataset: t`Data`,
  hidden_layers: t`Network`,
  activation: t`Activation`,
  optimizer: t`Update rule`,
  schedule: t`Schedule`,
};

/** @typedef {[string, Partial<Settings>]} Preset a button's name and what it sets */

/** @typedef {"slow" | "normal" | "fastest"} Speed */

/**
 * @typedef {object} Handlers
 * @property {() => void} train pressed Train or Pause
 * @property {() => void} step
 * @property {() => void} reset
 * @property {() => void} newWeights
 * @property {() => void} newData
 * @property {() => void} clear
 * @property {(settings: Partial<Settings>) => void} preset pressed a preset
 * @property {(speed: Speed) => void} speed
 * @property {(settings: Partial<Settings>) => void} change
 */

/**
 * @typedef {object} Controls
 * @property {HTMLElement} element the controls above the pictures
 * @property {HTMLElement} more those below
 * @property {(settings: Partial<Settings>) => void} show what they say
 * @property {(running: boolean) => void} showRunning whether Train reads Pause
 */

/**
 * Build the controls.
 *
 * @param {object} options
 * @param {string} options.id prefix of ids
 * @param {Settings} options.settings
 * @param {Choices} options.choices
 * @param {Preset[]} options.presets
 * @param {Handlers} options.on
 * @param {AbortSignal} options.signal takes the listeners away
 * @returns {Controls}
 */
export function createControls({ id, settings, choices, presets, on, signal }) {
  const train = button(t`Train`, "gd-button-train", on.train, signal);
  const speed = menu({
    id: `${id}-speed`,
    name: t`Speed`,
    choices: [
      ["slow", t`slow`],
      ["normal", t`normal`],
      ["fastest", t`fastest`],
    ],
    value: "normal",
    choose: (value) => on.speed(/** @type {Speed} */ (value)),
    signal,
  });
  const [fewest, most] = choices.epochs;
  const epochs = make("input", {
    type: "number",
    id: `${id}-epochs`,
    class: "gd-number",
    min: String(fewest),
    max: String(most),
    inputmode: "numeric",
  });
  const epochsBox = numberBox({
    input: epochs,
    name: t`Epochs`,
    range: { lowest: fewest, highest: most, whole: true },
    value: settings.epochs,
    write: String,
    accept: (value) => on.change({ epochs: value }),
    signal,
  });
  const dial = createDial({
    id,
    rate: settings.learning_rate,
    ends: choices.learning_rate,
    turn: (rate) => on.change({ learning_rate: rate }),
    signal,
  });
  const menus = choices.menus.map((name) => ({
    name,
    ...menu({
      id: `${id}-${name}`,
      name: MENUS[name],
      choices: choices[name].map(([value, text]) => [written(value), text]),
      value: written(settings[name]),
      choose: (value) => on.change({ [name]: name === "hidden_layers" ? JSON.parse(value) : value }),
      signal,
    }),
  }));

  /** @param {Partial<Settings>} chosen */
  const show = (chosen) => {
    if (chosen.learning_rate !== undefined) dial.show(chosen.learning_rate);
    if (chosen.epochs !== undefined) epochsBox.show(chosen.epochs);
    for (const { name, select } of menus) {
      if (chosen[name] === undefined) continue;
      const value = written(chosen[name]);
      select.value = value;
      // a network that a link brings along
      if (select.selectedIndex < 0)
        select.add(new Option([2, ...JSON.parse(value), 1].join("-"), value, true, true));
    }
  };
  show(settings);
  const presetButtons = make(
    "div",
    { class: "gd-buttons gd-presets", role: "group", "aria-label": t`Presets` },
    ...presets.map(([name, preset]) => button(name, "", () => on.preset(preset), signal)),
  );

  const element = make(
    "div",
    { class: "gd-controls" },
    make(
      "div",
      { class: "gd-row" },
      make(
        "div",
        { class: "gd-buttons" },
        train,
        button(t`Step`, "", on.step, signal),
        button(t`Reset`, "", on.reset, signal),
      ),
      speed.element,
      make(
        "div",
        { class: "gd-field" },
        make("label", { for: epochs.id }, t`Epochs`),
        epochs,
        epochsBox.problem,
      ),
    ),
    dial.element,
    ...(presets.length > 0 ? [presetButtons] : []),
  );
  const more = make(
    "div",
    { class: "gd-row gd-more" },
    ...menus.map((one) => one.element),
    make(
      "div",
      { class: "gd-buttons" },
      button(t`New data`, "", on.newData, signal),
      button(t`New weights`, "", on.newWeights, signal),
      button(t`Clear runs`, "", on.clear, signal),
    ),
  );
  return {
    element,
    more,
    show,
    showRunning: (running) => {
      const name = running ? t`Pause` : t`Train`;
      if (train.textContent === name) return;
      train.textContent = name;
      train.classList.toggle("gd-running", running);
    },
  };
}

/** @param {string | number[] | undefined} value of a setting that has a menu */
function written(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}
