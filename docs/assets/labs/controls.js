/**
 * The controls of the training lab, by the names that readers and tests rely on. They hold no state of a run: what is
 * pressed or chosen goes out through `on`, what must be shown comes in through `show`.
 */

import { createDial } from "./dial.js";
import { button, make, menu, numberBox } from "./fields.js";

/** @typedef {import("./messages").Settings} Settings */

/**
 * @typedef {object} Choices what the lab offers, from the page
 * @property {[string, string][]} dataset
 * @property {[number[], string][]} hidden_layers
 * @property {[number, number]} learning_rate lowest and highest
 * @property {[number, number]} epochs fewest and most
 */

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
 * @property {() => void} download
 * @property {(speed: Speed) => void} speed
 * @property {(settings: Partial<Settings>) => void} change
 */

/**
 * @typedef {object} Controls
 * @property {HTMLElement} element the controls above the pictures
 * @property {HTMLElement} more those below
 * @property {(running: boolean) => void} show whether Train reads Pause
 * @property {(settings: Partial<Settings>) => void} set turn them as the reader would
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
  const train = button("Train", "gd-button-train", on.train, signal);
  const speed = menu({
    id: `${id}-speed`,
    name: "Speed",
    choices: ["slow", "normal", "fastest"].map((name) => [name, name]),
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
    name: "Epochs",
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
  const data = menu({
    id: `${id}-dataset`,
    name: "Data",
    choices: choices.dataset,
    value: settings.dataset,
    choose: (dataset) => on.change({ dataset }),
    signal,
  });
  const network = menu({
    id: `${id}-network`,
    name: "Network",
    choices: choices.hidden_layers.map(([layers, name]) => [JSON.stringify(layers), name]),
    value: JSON.stringify(settings.hidden_layers),
    choose: (layers) => on.change({ hidden_layers: JSON.parse(layers) }),
    signal,
  });

  /** @param {Partial<Settings>} preset */
  const set = (preset) => {
    if (preset.learning_rate !== undefined) dial.show(preset.learning_rate);
    if (preset.epochs !== undefined) epochsBox.show(preset.epochs);
    if (preset.dataset !== undefined) data.select.value = preset.dataset;
    if (preset.hidden_layers !== undefined) network.select.value = JSON.stringify(preset.hidden_layers);
    on.change(preset);
  };
  const presetButtons = make(
    "div",
    { class: "gd-buttons gd-presets", role: "group", "aria-label": "Presets" },
    ...presets.map(([name, preset]) => button(name, "", () => set(preset), signal)),
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
        button("Step", "", on.step, signal),
        button("Reset", "", on.reset, signal),
      ),
      speed.element,
      make(
        "div",
        { class: "gd-field" },
        make("label", { for: epochs.id }, "Epochs"),
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
    data.element,
    network.element,
    make(
      "div",
      { class: "gd-buttons" },
      button("New data", "", on.newData, signal),
      button("New weights", "", on.newWeights, signal),
      button("Clear runs", "", on.clear, signal),
      button("Download CSV", "", on.download, signal),
    ),
  );
  return {
    element,
    more,
    set,
    show: (running) => {
      const name = running ? "Pause" : "Train";
      if (train.textContent === name) return;
      train.textContent = name;
      train.classList.toggle("gd-running", running);
    },
  };
}
