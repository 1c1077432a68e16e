/**
 * ConvNetJS: its `Trainer` with plain SGD, which tells the loss of every point. It has no sigmoid output, so that a softmax
 * over two classes stands in; its first weights are ours for class 1 and zero for class 0, which is the same function.
 */

import { compete } from "./train.mjs";

/** @typedef {import("./train.mjs").Task} Task */

const SCRIPT = "/rivals/convnetjs/build/convnet.js";

/** @type {any} */
let convnetjs;

compete(load());

async function load() {
  Object.assign(self, { window: self });
  await import(SCRIPT);
  convnetjs = /** @type {any} */ (self).jsfeat; // the name under which the script hands itself out
  return make;
}

/** @param {Task} task @returns {import("./train.mjs").Trainer} */
function make({ layers, batch_size, learning_rate, inputs, targets }) {
  const net = new convnetjs.Net();
  net.makeLayers([
    { type: "input", out_sx: 1, out_sy: 1, out_depth: 2 },
    ...layers.slice(0, -1).map(({ fan_out }) => ({ type: "fc", num_neurons: fan_out, activation: "tanh" })),
    { type: "softmax", num_classes: 2 },
  ]);
  const full = net.layers.filter((/** @type {any} */ layer) => layer.layer_type === "fc");
  layers.forEach(({ fan_in, fan_out, weights, biases }, index) => {
    const { filters, biases: into } = full[index];
    const first = filters.length - fan_out; // the one output is the second of two classes
    for (const filter of filters) filter.w.fill(0);
    for (let unit = 0; unit < fan_out; unit++) {
      for (let i = 0; i < fan_in; i++) filters[first + unit].w[i] = weights[i * fan_out + unit];
      into.w[first + unit] = biases[unit];
    }
  });
  const trainer = new convnetjs.Trainer(net, {
    method: "sgd",
    learning_rate,
    momentum: 0,
    batch_size,
    l1_decay: 0,
    l2_decay: 0,
  });
  const points = targets.map((_, index) => new convnetjs.Vol(inputs.slice(2 * index, 2 * index + 2)));

  return {
    updatesPerEpoch: targets.length / batch_size,
    train(epochs) {
      for (let epoch = 0; epoch < epochs; epoch++) {
        for (const index of convnetjs.randperm(points.length)) trainer.train(points[index], targets[index]);
      }
    },
    loss() {
      const chances = points.map((point, index) => net.forward(point).w[targets[index]]);
      return chances.reduce((sum, chance) => sum - Math.log(chance), 0) / chances.length;
    },
  };
}
