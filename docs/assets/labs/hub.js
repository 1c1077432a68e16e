/**
 * What the labs of a page tell each other. A training lab joins; others follow it: what its controls say, what its runs
 * became, and they may turn its controls.
 */

/** @typedef {import("./messages").Settings} Settings */
/** @typedef {import("./runs.js").Run} Run */

/**
 * A training lab as others see it.
 *
 * @typedef {object} Trainer
 * @property {HTMLElement} host its element
 * @property {() => Settings} settings what its controls say
 * @property {() => Run[]} runs its runs of at least one epoch, oldest first, the one under way included; one that has ended
 *   has a verdict
 * @property {(settings: Partial<Settings>) => void} set turns its controls
 * @property {(request: import("./messages").LabRequest) => Promise<any>} ask asks its object in Python
 */

/** @type {Set<Trainer>} */
const trainers = new Set();
/** @type {Set<() => void>} */
const followers = new Set();
/** @type {Set<() => void>} */
const runFollowers = new Set();

/**
 * @param {Trainer} trainer
 * @param {AbortSignal} signal takes it away again
 */
export function join(trainer, signal) {
  trainers.add(trainer);
  signal.addEventListener("abort", () => {
    trainers.delete(trainer);
    changed();
  });
  changed();
}

/** The first training lab of the page, if there is one. */
export function firstTrainer() {
  return [...trainers].reduce(
    (/** @type {Trainer | null} */ first, next) =>
      first && first.host.compareDocumentPosition(next.host) & Node.DOCUMENT_POSITION_FOLLOWING
        ? first
        : next,
    null,
  );
}

/** Tell the followers that a trainer's settings or runs have changed. */
export function changed() {
  for (const follower of followers) follower();
}

/**
 * Tell the followers that a run of a trainer has ended.
 *
 * @param {HTMLElement} host the trainer's element
 */
export function ended(host) {
  changed();
  if (host !== firstTrainer()?.host) return;
  for (const follower of runFollowers) follower();
}

/**
 * Be told when a run of the first training lab has ended.
 *
 * @param {() => void} follower
 * @param {AbortSignal} signal
 */
export function onRun(follower, signal) {
  runFollowers.add(follower);
  signal.addEventListener("abort", () => runFollowers.delete(follower));
}

/**
 * Be told when something has changed; it is looked up in `firstTrainer`.
 *
 * @param {() => void} follower
 * @param {AbortSignal} signal
 */
export function follow(follower, signal) {
  followers.add(follower);
  signal.addEventListener("abort", () => followers.delete(follower));
}
