/** TensorFlow.js without a graphics card, `optimizer.minimize` for every batch; the batches lie ready and are not shuffled. */

import { compete } from "./train.mjs";

/** @typedef {import("./train.mjs").Task} Task */

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
  const backend = new URL(self.location.href).searchParams.get("backend");
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`);
  return make;
}

/** @param {Task} task @returns {import("./train.mjs").Trainer} */
function make({ layers, batch_size, learning_rate, inputs, targets }) {
  tf.disposeVariables();
  const weights = layers.map(({ fan_in, fan_out, weights, biases }) => [
    tf.variable(tf.tensor2d(weights, [fan_in, fan_out])),
    tf.variable(tf.tensor1d(biases)),
  ]);
  const optimizer = tf.train.sgd(learning_rate);
  const points = tf.tensor2d(inputs, [targets.length, 2]);
  const answers = tf.tensor2d(targets, [targets.length, 1]);
  /** @type {[any, any][]} */
  const batches = [];
  for (let start = 0; start < targets.length; start += batch_size) {
    const size = Math.min(batch_size, targets.length - start);
    batches.push([tf.slice(points, start, size), tf.slice(answers, start, size)]);
  }

  /** @param {any} points @param {any} answers */
  const lossOf = (points, answers) => {
    const logits = weights.reduce((below, [kernel, bias], layer) => {
      const sums = tf.add(tf.matMul(below, kernel), bias);
      return layer < weights.length - 1 ? tf.tanh(sums) : sums;
    }, points);
    return tf.losses.sigmoidCrossEntropy(answers, logits);
  };

  return {
    updatesPerEpoch: batches.length,
    train(epochs) {
      for (let epoch = 0; epoch < epochs; epoch++) {
        for (const [points, answers] of batches) optimizer.minimize(() => lossOf(points, answers));
      }
    },
    loss: () => tf.tidy(() => lossOf(points, answers).dataSync()[0]),
  };
}
