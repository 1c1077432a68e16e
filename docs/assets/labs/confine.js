/**
 * Takes from a worker every way out, before it runs what a reader wrote: no request, no message to a page, no storage, no
 * further worker. What is not on the list is taken, so that a browser's next invention is taken, too.
 *
 * That is one wall. The other is the page's content policy, which the worker inherits (`client.js`): it keeps the worker
 * from all other hosts, and from making JavaScript out of text, by which it could ask for what has no name here (`import`).
 */

/**
 * Names that stay: JavaScript's own, and what Pyodide computes with. None of them leads anywhere; `eval`, `Function` and
 * timers given as text are the policy's business.
 */
const KEPT = new Set(
  `Object Function Array Number parseFloat parseInt Boolean String Symbol Date Promise RegExp JSON Math Intl Proxy Reflect BigInt
  Error AggregateError EvalError RangeError ReferenceError SuppressedError SyntaxError TypeError URIError
  Map Set WeakMap WeakSet WeakRef FinalizationRegistry Iterator AsyncIterator DisposableStack AsyncDisposableStack
  ArrayBuffer SharedArrayBuffer DataView Atomics Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array
  Uint32Array BigInt64Array BigUint64Array Float16Array Float32Array Float64Array
  decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape isFinite isNaN eval
  globalThis self WebAssembly TextDecoder TextEncoder URL Response DOMException AbortController AbortSignal
  MessageChannel MessagePort setTimeout clearTimeout setInterval clearInterval queueMicrotask structuredClone performance crypto console location`.split(
    /\s+/,
  ),
);

/** What Pyodide asks about the machine; the browser's own object can do much more. */
const ASKED = /** @type {const} */ ([
  "hardwareConcurrency",
  "language",
  "languages",
  "platform",
  "userAgent",
]);

/** Confine this worker for good. Whatever needs more later must have fetched it before. */
export function confine() {
  const navigator = Object.fromEntries(ASKED.map((name) => [name, globalThis.navigator[name]]));
  const events = globalThis.EventTarget?.prototype ?? Object.prototype;
  for (let scope = globalThis; scope !== events; scope = Object.getPrototypeOf(scope)) {
    const names = Object.getOwnPropertyNames(scope).filter((name) => !KEPT.has(name));
    for (const name of names) Reflect.deleteProperty(scope, name);
  }
  Object.assign(globalThis, { navigator });
}
