/**
 * The worker: starts Python and hands each request to the lab's `gd_core.session.Session`. Apart from `python.js` the
 * only file that knows Pyodide. What it answers is defined in `messages.d.ts`.
 */

import { startPython } from "./python.js";

/** @typedef {import("./messages").RequestMessage} RequestMessage */

/** @type {any} Pyodide, once started */
let python = null;
/** @type {any} the class `gd_core.session.Session` */
let Session = null;
/** @type {Map<number, any>} the labs' sessions */
const sessions = new Map();

/** @type {{ [Type in RequestMessage["type"]]: (message: any) => unknown }} */
const ANSWERS = {
  async start({ runtime }) {
    python = await startPython(runtime, {
      onProgress: (progress) => self.postMessage({ type: "progress", ...progress }),
    });
    const module = python.pyimport("gd_core.session");
    Session = module.Session.copy(); // an attribute dies with the object it was read from
    module.destroy();
  },
  open({ lab, settings, surface }) {
    ANSWERS.close({ lab });
    const session = withPython(settings, (mapping) => Session(mapping));
    sessions.set(lab, session);
    return plain(session.open(surface));
  },
  advance: ({ lab, amount, surface }) =>
    withPython(amount, (mapping) => plain(sessionOf(lab).advance(mapping, surface))),
  change: ({ lab, settings, surface }) =>
    withPython(settings, (mapping) => plain(sessionOf(lab).change(mapping, surface))),
  reset: ({ lab, surface }) => plain(sessionOf(lab).reset(surface)),
  csv: ({ lab }) => sessionOf(lab).csv(),
  keras: ({ lab }) => plain(sessionOf(lab).keras()),
  close({ lab }) {
    sessions.get(lab)?.destroy();
    sessions.delete(lab);
  },
};

self.addEventListener("message", async (/** @type {MessageEvent<RequestMessage>} */ { data }) => {
  const { id, type } = data;
  try {
    const value = await ANSWERS[type](data);
    self.postMessage({ type: "reply", id, value }, { transfer: buffers(value) });
  } catch (error) {
    // A Python exception leaves Python usable. Anything else after the start does not: the page replaces this worker.
    if (type === "start" || isPythonException(error))
      self.postMessage({ type: "reply", id, error: described(error) });
    else reportError(error);
  }
});

/** @param {number} lab */
function sessionOf(lab) {
  const session = sessions.get(lab);
  if (!session) throw new Error(`lab must be one that was opened, got ${lab}`);
  return session;
}

/**
 * Call `use` with a Python dict made from `value`, which lives no longer than the call.
 *
 * @template T
 * @param {object} value
 * @param {(mapping: any) => T} use
 * @returns {T}
 */
function withPython(value, use) {
  const mapping = python.toPy(value);
  try {
    return use(mapping);
  } finally {
    mapping.destroy();
  }
}

/**
 * Turn a frame's dict into a plain object with typed arrays, and let go of the dict.
 *
 * @param {any} dict
 * @returns {Record<string, unknown>}
 */
function plain(dict) {
  try {
    return dict.toJs({ dict_converter: fromEntries, create_pyproxies: false });
  } finally {
    dict.destroy();
  }
}

/**
 * Make an object from a dict's entries. Python's None arrives as undefined; here it is null.
 *
 * @param {Iterable<[string, unknown]>} entries
 */
function fromEntries(entries) {
  return Object.fromEntries(Array.from(entries, ([name, value]) => [name, value ?? null]));
}

/**
 * The buffers of all typed arrays in a frame, to be handed over instead of copied.
 *
 * @param {unknown} value
 * @returns {ArrayBuffer[]}
 */
function buffers(value) {
  if (ArrayBuffer.isView(value)) return [/** @type {ArrayBuffer} */ (value.buffer)];
  return value !== null && typeof value === "object" ? Object.values(value).flatMap(buffers) : [];
}

/** @param {unknown} error */
function isPythonException(error) {
  return error instanceof python.ffi.PythonError;
}

/**
 * What went wrong in one sentence: of a Python traceback the message alone.
 *
 * @param {any} error
 * @returns {{ type: string, message: string }}
 */
function described(error) {
  const message = String(error?.message ?? error).trim();
  if (!python || !isPythonException(error)) return { type: error?.name ?? "Error", message };
  const last = message.lastIndexOf(`\n${error.type}: `);
  return { type: error.type, message: last < 0 ? error.type : message.slice(last + error.type.length + 3) };
}
