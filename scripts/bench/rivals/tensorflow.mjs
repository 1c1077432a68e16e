/**
 * TensorFlow.js without a graphics card, in the two ways that its users train: `?way=loop`, their own loop around
 * `optimizer.minimize`, and `?way=fit`, `model.fit`.
 */

import { compete } from "./train.mjs";

/** @typedef {import("./train.mjs").Task} Task */
/** @typedef {import("./train.mjs").Trainer} Trainer */

const PACKAGES = "/rivals/@tensorflow";
/** @type {any} */
let tf;

compete(load());

async function load() {
  for (const path of ["tfjs/dist/tf.es2017.min.js", "tfjs-backend-wasm/dist/tf-backend-wasm.es2017.min.js"]) {
    await import(`${PACKAGES}/${path}`);
  }
  ({ tf } = /** @type {any} */ (self)); // where its scripts put it
  tf.wasm.setWasmPaths(`${PACKAGES}/tfjs-backend-wasm/wasm-out/`);
  const asked = new URL(self.location.href).searchParams;
  const backend = asked.get("backend");
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`);
  return asked.get("way") === "fit" ? fit : loop;
}

/** @param {Task} task @returns {Trainer} */
function loop({ layers, batch_size, learning_rate, inputs, targets }) {
  tf.disposeVariables();
  const weights = layers.map(({ fan_in, fan_out, weights, biases }) => [
    tf.variable(tf.tensor2d(weights, [fan_in, fan_out])),
    tf.variable(tf.tensor1d(biases)),
  ]);
  const optimizer = tf.train.sgd(learning_rate);
  const [points, answers] = data(inputs, targets);

  /** @param {any} points @param {any} answers */
  const lossOf = (points, answers) => {
    const logits = weights.reduce((below, [kernel, bias], layer) => {
      const sums = tf.add(tf.matMul(below, kernel), bias);
      return layer < weights.length - 1 ? tf.tanh(sums) : sums;
    }, points);
    return tf.losses.sigmoidCrossEntropy(answers, logits);
  };

  const trainEpoch = () => {
    const order = tf.tensor1d(new Int32Array(tf.util.createShuffledIndices(targets.length)), "int32");
    const shuffled = [tf.gather(points, order), tf.gather(answers, order)];
    const losses = [];
    for (let start = 0; start < targets.length; start += batch_size) {
      const size = Math.min(batch_size, targets.length - start);
      const [batch, wanted] = shuffled.map((all) => tf.slice(all, start, size));
      losses.push(optimizer.minimize(() => lossOf(batch, wanted), true).dataSync()[0]);
    }
    return losses;
  };

  return {
    updatesPerEpoch: Math.ceil(targets.length / batch_size),
    train(epochs) {
      for (let epoch = 0; epoch < epochs; epoch++) tf.tidy(() => void trainEpoch());
    },
    loss: () => tf.tidy(() => lossOf(points, answers).dataSync()[0]),
  };
}

/** @param {Task} task @returns {Trainer} */
function fit({ layers, batch_size, learning_rate, inputs, targets }) {
  tf.disposeVariables();
  const [points, answers] = data(inputs, targets);
  const model = tf.sequential({
    layers: layers.map(({ fan_in, fan_out, weights, biases }, layer) =>
      tf.layers.dense({
        inputShape: [fan_in],
        units: fan_out,
        activation: layer < layers.length - 1 ? "tanh" : "linear",
        weights: [tf.tensor2d(weights, [fan_in, fan_out]), tf.tensor1d(biases)],
      }),
    ),
  });
  model.compile({ optimizer: tf.train.sgd(learning_rate), loss: tf.losses.sigmoidCrossEntropy });
  return {
    updatesPerEpoch: Math.ceil(targets.length / batch_size),
    train: (epochs) => model.fit(points, answers, { epochs, batchSize: batch_size, verbose: 0 }), // it shuffles by itself
    loss: () => tf.tidy(() => tf.losses.sigmoidCrossEntropy(answers, model.predict(points)).dataSync()[0]),
  };
}

/** @param {number[]} inputs @param {number[]} targets */
function data(inputs, targets) {
  return [tf.tensor2d(inputs, [targets.length, 2]), tf.tensor2d(targets, [targets.length, 1])];
}
