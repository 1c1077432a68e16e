/**
 * The page's way to Python: one worker per tab, shared by all labs and kept across instant navigation. Every request is
 * answered or refused, also when the worker cannot be loaded, dies, falls silent or sends garbage; after any of those
 * the next `start` makes a fresh worker.
 */

import { t } from "./language.js";

/** @typedef {import("./messages").Progress} Progress */
/** @typedef {import("./messages").Request} Request */
/** @typedef {import("./messages").WorkerMessage} WorkerMessage */
/** @typedef {{ resolve: (value: any) => void, reject: (error: Error) => void, patience: number }} Waiting */

/**
 * @typedef {object} Listener
 * @property {(progress: Progress) => void} progress Python's start moved on
 * @property {(error: Error) => void} lost the worker is gone, and every session with it
 */

/** The worker was lost, or Python refused: `message` is a sentence for the reader. */
export class PythonError extends Error {
  /**
   * @param {string} type the Python exception's name, or "WorkerLost", or "Stopped" if Python was ended on purpose
   * @param {string} message
   */
  constructor(type, message) {
    super(message);
    this.name = type;
  }
}

/**
 * Milliseconds without a word from the worker, while an answer is due, after which it counts as dead. Counted in ticks of
 * a timer, not on the clock: a laptop that slept an hour has not been silent for an hour.
 */
const PATIENCE = 60_000;
const TICK = 200;

/** The number of the request for Python's start, which a worker has been given when it comes here. */
const START = 0;

/** @type {Worker | null} */
let worker = null;
/** @type {{ runtime: string, ready: Promise<void> } | null} */
let started = null;
/** @type {Map<number, Waiting>} */
const waiting = new Map();
/** @type {Set<Listener>} */
const listeners = new Set();
/** @type {Progress | null} */
let lastProgress = null;
let nextId = START + 1;
let silence = 0;
let watchdog = 0;

/**
 * Start Python, or join the start under way, or return at once when it runs.
 *
 * @param {string} runtime absolute address of the runtime's folder
 * @returns {Promise<void>} rejects with a `PythonError`
 */
export function start(runtime) {
  if (started && started.runtime !== runtime) lose(t`Python was restarted in another version.`);
  if (!started) {
    const own = { runtime, ready: begin(runtime) };
    started = own;
    own.ready.catch(() => {
      if (started === own) started = null; // not even a worker was made
    });
  }
  return started.ready;
}

/** @param {string} runtime */
async function begin(runtime) {
  const { worker: own, takesModules, heard, hearing } = startWorker(runtime);
  worker = own;
  /** @param {any} event */
  const hear = (event) => {
    // a last word from a worker that was given up counts no more
    if (own !== worker) return;
    if (event.type === "message") receive(event.data);
    else if (event.type === "messageerror") loseUnreadable();
    else {
      event.preventDefault();
      if (!takesModules)
        lose(t`This browser cannot run Python: its workers take no modules. Newer versions do.`);
      else if (event.message) lose(t`Python's worker stopped unexpectedly.`);
      else lose(t`Python's worker could not be loaded.`);
    }
  };
  const answer = answerTo(START, PATIENCE);
  hearing.abort();
  for (const type of ["message", "messageerror", "error"]) own.addEventListener(type, hear);
  // what it has said before anybody listened
  for (const event of heard) hear(event);
  try {
    await answer;
  } catch (error) {
    if (own === worker) end();
    throw error;
  }
}

/**
 * Ask the worker for something.
 *
 * @param {Request} message
 * @param {number} [patience] milliseconds that the answer may take, from when all earlier requests are answered; Python
 *   is stopped after that
 * @returns {Promise<any>} what `messages.d.ts` says the answer is; rejects with a `PythonError`
 */
export function request(message, patience = PATIENCE) {
  if (!worker) return Promise.reject(new PythonError("WorkerLost", t`Python is not running.`));
  const id = nextId++;
  worker.postMessage({ ...message, id });
  return answerTo(id, patience);
}

/**
 * @param {number} id of a request that has been posted
 * @param {number} patience
 * @returns {Promise<any>}
 */
function answerTo(id, patience) {
  if (waiting.size === 0) silence = 0;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject, patience });
    watch();
  });
}

/**
 * Be told of progress and loss. Progress made so far is told at once.
 *
 * @param {Listener} listener
 * @returns {() => void} ends it
 */
export function listen(listener) {
  listeners.add(listener);
  if (lastProgress) listener.progress(lastProgress);
  return () => listeners.delete(listener);
}

/** @param {WorkerMessage} message */
function receive(message) {
  silence = 0;
  if (message?.type === "progress") {
    silence = -(message.silence ?? 0);
    lastProgress = message;
    for (const listener of listeners) listener.progress(message);
    return;
  }
  const answered = message?.type === "reply" ? waiting.get(message.id) : undefined;
  if (!answered) {
    loseUnreadable();
    return;
  }
  waiting.delete(message.id);
  if ("error" in message) answered.reject(new PythonError(message.error.type, message.error.message));
  else answered.resolve(message.value);
}

function loseUnreadable() {
  lose(t`Python's worker sent something unreadable.`);
}

/** Count the silence for as long as an answer is due. Answers come in the order of requests, so one of them is due. */
function watch() {
  if (watchdog) return;
  silence = 0;
  watchdog = window.setInterval(() => {
    silence += TICK;
    const [due] = waiting.values();
    if (!due) {
      clearInterval(watchdog);
      watchdog = 0;
    } else if (silence >= PATIENCE) {
      lose(t`Python's worker has not answered for ${PATIENCE / 1000} seconds.`);
    } else if (silence >= due.patience) {
      stop(t`Python was stopped, because no answer came within ${Math.round(due.patience / 1000)} seconds.`);
    }
  }, TICK);
}

/**
 * End Python in the middle of what it does: the way out of code that does not come to an end.
 *
 * @param {string} sentence what the labs are told
 */
export function stop(sentence) {
  if (worker) lose(sentence, "Stopped");
}

/**
 * Give the worker up: refuse what is waiting, tell the labs.
 *
 * @param {string} sentence
 * @param {string} [type] of the error
 */
function lose(sentence, type = "WorkerLost") {
  const error = new PythonError(type, sentence);
  const refused = [...waiting.values()];
  end();
  for (const { reject } of refused) reject(error);
  for (const listener of [...listeners]) listener.lost(error);
}

function end() {
  worker?.terminate();
  globalThis.isPythonStarting = false;
  worker = null;
  started = null;
  lastProgress = null;
  waiting.clear();
  clearInterval(watchdog);
  watchdog = 0;
}
