/**
 * What the rivals in the browser have in common: each is a worker that answers the requests of `task.py`, in the same way
 * as `answer` there does.
 *
 * @typedef {{ fan_in: number, fan_out: number, weights: number[], biases: number[] }} Layer
 * @typedef {{ layers: Layer[], batch_size: number, learning_rate: number, inputs: number[], targets: number[] }} Task
 * @typedef {{ task: Task } & ({ milliseconds: number } | { updates: number })} Request
 *
 * @typedef {object} Trainer
 * @property {number} updatesPerEpoch
 * @property {(epochs: number) => void | Promise<unknown>} train with the points in a new order every epoch, knowing the
 *   loss of every batch, as a lab does
 * @property {() => number} loss the mean loss over all points
 */

/** @param {Promise<(task: Task) => Trainer>} loaded gives, once loaded, what starts a training from the first weights */
export function compete(loaded) {
  self.addEventListener("message", async (/** @type {MessageEvent<Request>} */ { data }) => {
    try {
      const make = await loaded;
      self.postMessage({ value: await answer(make(data.task), data) });
    } catch (error) {
      self.postMessage({ error: String(error) });
    }
  });
}

/**
 * @param {Trainer} trainer
 * @param {Request} request
 * @returns {Promise<number | number[]>} microseconds an update takes in one training of many epochs, or the two losses
 */
async function answer(trainer, request) {
  if ("updates" in request) {
    const before = trainer.loss();
    await trainer.train(Math.ceil(request.updates / trainer.updatesPerEpoch));
    return [before, trainer.loss()];
  }
  await trainer.train(1);
  for (let epochs = 1; ;) {
    const begun = performance.now();
    await trainer.train(epochs);
    const spent = performance.now() - begun;
    if (spent >= request.milliseconds) return (1000 * spent) / (epochs * trainer.updatesPerEpoch);
    epochs = Math.ceil(epochs * Math.max(2, (1.2 * request.milliseconds) / Math.max(spent, 0.1)));
  }
}
