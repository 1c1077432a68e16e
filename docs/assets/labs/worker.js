/**
 * The worker: starts Python, takes from it every way out, and hands each request to its lab in `gd_core.labs`. Beside
 * `python.js` and `snapshot.js` the only file that knows Pyodide. What it answers is defined in `messages.d.ts`.
 */

import { confine } from "./confine.js";
import { language, learn } from "./language.js";
import { startPython } from "./python.js";

/** @typedef {import("./messages").RequestMessage} RequestMessage */

/** What a confined worker has no name for any more. */
const postMessage = /** @type {Worker["postMessage"]} */ (self.postMessage.bind(self));
const reportError = self.reportError.bind(self);

/** @type {any} Pyodide, once started */
let python = null;
/** @type {any} Pyodide's classes; kept, because Pyodide hands out nothing more once it has failed for good */
let ffi = null;
/** @type {any} the module `gd_core.labs` */
let gdLabs = null;
/** @type {Map<number, any>} the page's labs, as `gd_core.labs` makes them */
const labs = new Map();

/** A request that Python is not even asked. */
class Refusal extends Error {}

/** @param {RequestMessage} message */
async function answer({ id, ...request }) {
  if (request.type === "start") {
    await learn(request.language); // so that even its first word is in the page's language
    python = await startPython(request.runtime, {
      onProgress: (progress) => postMessage({ type: "progress", ...progress }),
    });
    ffi = python.ffi;
    gdLabs = python.pyimport("gd_core.labs");
    if (language) withPython(language, (mapping) => python.pyimport("gd_core.language").speak(mapping));
    confine();
    return null;
  }
  const { type, lab, ...rest } = request;
  if (type === "open" || type === "close") {
    labs.get(lab)?.destroy();
    labs.delete(lab);
  }
  if (type === "close") return null;
  if ("kind" in rest) {
    const { kind, settings, ...others } = rest;
    labs.set(
      lab,
      withPython(settings, (mapping) => gdLabs.make_lab(kind, mapping)),
    );
    return ask(lab, type, others);
  }
  return ask(lab, type, rest);
}

/**
 * Have a lab answer a request.
 *
 * @param {number} lab
 * @param {string} type
 * @param {object} rest what the request holds besides
 */
function ask(lab, type, rest) {
  const asked = labs.get(lab);
  if (!asked) throw new Refusal(`lab must be one that was opened, got ${lab}`);
  return withPython(rest, (mapping) => plain(gdLabs.answer(asked, type, mapping)));
}

self.addEventListener("message", async (/** @type {MessageEvent<RequestMessage>} */ { data }) => {
  const { id, type } = data;
  try {
    const value = await answer(data);
    postMessage({ type: "reply", id, value }, { transfer: buffers(value) });
  } catch (error) {
    // These leave Python usable. Anything else after the start does not: the page replaces this worker.
    if (type === "start" || error instanceof Refusal || isPythonException(error))
      postMessage({ type: "reply", id, error: described(error) });
    else reportError(error);
  }
});

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
    if (mapping instanceof ffi.PyProxy) mapping.destroy(); // a text, which is for Python to refuse, is none
  }
}

/**
 * Turn what Python answered into plain values, dicts into objects and arrays into typed arrays, and let go of it.
 *
 * @param {any} value
 * @returns {unknown}
 */
function plain(value) {
  if (!(value instanceof ffi.PyProxy)) return value ?? null;
  try {
    return value.toJs({ dict_converter: fromEntries, create_pyproxies: false });
  } finally {
    value.destroy();
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
  return ffi !== null && error instanceof ffi.PythonError;
}

/**
 * What went wrong in one sentence: of a Python traceback the message alone.
 *
 * @param {any} error
 * @returns {{ type: string, message: string }}
 */
function described(error) {
  const message = String(error?.message ?? error).trim();
  if (!isPythonException(error)) return { type: error?.name ?? "Error", message };
  const last = message.lastIndexOf(`\n${error.type}: `);
  return { type: error.type, message: last < 0 ? error.type : message.slice(last + error.type.length + 3) };
}
