/**
 * Python with NumPy and `gd_core` already imported, as an image of its memory: taken when the site is built
 * (`scripts/take_snapshot.mjs`), put back in a page, where all that a start computes is computed already.
 *
 * Pyodide takes and restores images of its own memory, but knows nothing of libraries such as NumPy's, which are linked
 * into the memory and the function table while Python runs. So they are loaded here *before* Python's runtime begins, in
 * one fixed order, and land at the same addresses every time; Python then finds them loaded. Three things need care. The
 * function table is longer in one environment than in another before the first library: it is filled up to `TABLE_BASE`.
 * The memory of a fresh instance has the size it was compiled with: it is made as large as that of the image. And handles of
 * opened libraries live on JavaScript's side: they are noted in the snapshot and registered again.
 *
 * An image holds only where the memory differs from that of a fresh instance with its libraries: what they have in common,
 * the constants of Python and NumPy, and zeros cost nothing, neither to ship nor to put back. A few blocks hold the hour or
 * chance and count as zeros. A checksum over the rest, where the builder's held anything, tells whether this browser has laid
 * out its memory as the builder did; if not, the image is refused.
 *
 * All of this rests on internals of the one Pyodide that the bundle pins. Whoever restores must be ready to start plainly.
 */

import { checksumOf } from "./files.js";

/** @typedef {import("pyodide").PyodideInterface} Python */

/** A library as it is linked: its path in Python's file system, and its WebAssembly, compiled. */
/** @typedef {{ path: string, compiled: WebAssembly.Module }} Library */

/**
 * What a restore must know besides the image.
 *
 * @typedef {object} Snapshot
 * @property {[handle: number, path: string][]} handles under which Python had opened them
 * @property {number[]} varying where blocks of a fresh instance's memory begin that hold the hour or chance
 * @property {[start: number, end: number][]} occupied the parts of a fresh instance's memory that are not all zeros
 * @property {number} checksum of those parts
 * @property {number} header bytes of the header that Pyodide puts before a memory
 */

/** @typedef {(settings: any) => Promise<any>} CreateModule Emscripten's: an instance of Pyodide's module from settings */

/** Where modules lie in Python's file system. */
export const SITE_PACKAGES = "/lib/python3.14/site-packages";

const TABLE_BASE = 9_600;

/** Bytes in a block that varies. */
export const BLOCK = 64;

/**
 * What Python is told of its surroundings, the same wherever it runs, since it is part of a fresh memory. The hash seed is
 * there so that the same input gives the same image.
 */
export const SURROUNDINGS = {
  env: { HOME: "/home/pyodide", LANG: "C.UTF-8", PYTHONHASHSEED: "0", _: "python" },
  _sysExecutable: "python",
};

/** Bytes below which a module is one function's: those of a library are thousands. */
const SMALL = 128;

/**
 * Make an instance with the libraries linked before Python's runtime begins.
 *
 * @param {CreateModule} createModule
 * @param {any} settings
 * @param {Promise<Library[]> | Library[]} libraries
 */
export async function createWithLibraries(createModule, settings, libraries) {
  /** @type {unknown} */
  let failure = null;
  delete settings.INITIAL_MEMORY; // that of the image, which a fresh instance need not have
  settings.preRun.push(async (/** @type {any} */ module) => {
    module.addRunDependency("libraries");
    try {
      await link(module, await libraries);
    } catch (error) {
      failure = error;
    }
    module.removeRunDependency("libraries");
  });
  const module = await compilingOnce(() => createModule(settings));
  if (failure) throw failure;
  return module;
}

/**
 * @param {any} module
 * @param {Library[]} libraries
 */
async function link(module, libraries) {
  module.wasmTable.grow(TABLE_BASE - module.wasmTable.length);
  const flags = { loadAsync: true, global: false, nodelete: true, allowUndefined: true };
  const { Instance } = WebAssembly;
  for (const { path, compiled } of libraries) {
    const base = module.wasmTable.length;
    const LinkedInstance = function (/** @type {WebAssembly.Module} */ linked, /** @type {any} */ imports) {
      const instance = new Instance(linked, imports);
      if (linked === compiled) unifyFunctions(instance, module.wasmTable, base);
      return instance;
    };
    WebAssembly.Instance = /** @type {any} */ (LinkedInstance);
    try {
      const exports = await module.loadWebAssemblyModule(compiled, flags, path, {}, 0);
      const entry = module.newDSO(path, undefined, exports);
      entry.refcount = Infinity;
      entry.global = false;
    } finally {
      WebAssembly.Instance = Instance;
    }
  }
  module.reportUndefinedSymbols();
}

/**
 * Make the functions in the table the very objects that an instance exports, as the standard has it. In WebKit they are
 * others, and Emscripten, which looks functions up by identity, enters each into the table a second time: nothing then
 * lies where the image expects it. The name of either object is the function's number.
 *
 * @param {WebAssembly.Instance} instance
 * @param {WebAssembly.Table} table
 * @param {number} base where the instance's part of the table begins; it reaches to the end
 */
export function unifyFunctions({ exports }, table, base) {
  const functions = new Set(Object.values(exports).filter((value) => typeof value === "function"));
  for (let i = base; i < table.length; i++) if (functions.has(table.get(i))) return;
  const named = new Map(Array.from(functions, (value) => [value.name, value]));
  for (let i = base; i < table.length; i++) {
    const same = named.get(table.get(i)?.name);
    if (same) table.set(i, same);
  }
}

/**
 * Have Emscripten, which makes a small module for each JavaScript function that it enters into the table, compile the same
 * module once: there are hundreds of functions, and few forms of them.
 *
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function compilingOnce(work) {
  const { Module } = WebAssembly;
  /** @type {Map<string, WebAssembly.Module>} */
  const compiled = new Map();
  const CompiledOnce = function (/** @type {Uint8Array<ArrayBuffer>} */ bytes) {
    if (!(bytes.length < SMALL)) return new Module(bytes);
    const key = bytes.join();
    const module = compiled.get(key) ?? new Module(bytes);
    compiled.set(key, module);
    return module;
  };
  CompiledOnce.prototype = Module.prototype; // for instanceof; its own functions it inherits
  Object.setPrototypeOf(CompiledOnce, Module);
  WebAssembly.Module = /** @type {any} */ (CompiledOnce);
  try {
    return await work();
  } finally {
    WebAssembly.Module = Module;
  }
}

/**
 * Put Python back as it was when the snapshot was taken.
 *
 * @param {(options: any) => Promise<Python>} loadPyodide
 * @param {CreateModule} createModule
 * @param {any} options for `loadPyodide`
 * @param {Promise<Library[]>} libraries
 * @param {Promise<Uint8Array>} image until it is there, Python prepares
 * @param {Snapshot} snapshot
 * @returns {Promise<Python>}
 * @throws {Error} this instance's memory is laid out in another way
 */
export async function restoreSnapshot(loadPyodide, createModule, options, libraries, image, snapshot) {
  /** @type {any} */
  let module;
  const header = new Uint8Array(snapshot.header); // all that Pyodide itself shall put back, once it is there
  const python = await loadPyodide({
    ...options,
    ...SURROUNDINGS,
    _loadSnapshot: header,
    createPyodideModule: async (/** @type {any} */ settings) => {
      module = await createWithLibraries(createModule, settings, libraries);
      clear(module.HEAPU8, snapshot.varying);
      const checksum = checksumOfParts(module.HEAPU8, snapshot.occupied);
      if (checksum !== snapshot.checksum) {
        throw new Error(`the memory must have the checksum ${snapshot.checksum}, got ${checksum}`);
      }
      header.set(fill(module, await image));
      return module;
    },
  });
  for (const [handle, path] of snapshot.handles) {
    module.LDSO.loadedLibsByHandle[handle] = module.LDSO.loadedLibsByName[path];
  }
  return python;
}

/**
 * @param {Uint8Array} fresh
 * @param {number[]} varying where the blocks begin that hold the hour or chance
 */
export function clear(fresh, varying) {
  for (const block of varying) fresh.fill(0, block, block + BLOCK);
}

/**
 * A checksum of some parts of a memory. The others are not looked at: that they hold nothing costs a page of the computer's
 * memory each to see, and whatever had been put there would have been counted in one of these.
 *
 * @param {Uint8Array} memory
 * @param {[start: number, end: number][]} parts
 */
export function checksumOfParts(memory, parts) {
  return parts.reduce((checksum, [start, end]) => checksumOf(memory.subarray(start, end), checksum), 0);
}

/**
 * Make the memory of a fresh instance that of an image, which consists of words of four bytes: the memory's length in bytes,
 * the header's in words, and the number of runs that differ from a fresh instance's; for each run, where it begins in the
 * memory and how long it is; Pyodide's header; the runs themselves, one after the other.
 *
 * @param {any} module
 * @param {Uint8Array} image
 * @returns {Uint8Array} Pyodide's header
 */
function fill(module, image) {
  const words = new Int32Array(image.buffer, image.byteOffset, image.length / 4);
  const [length, headerLength, count] = words;
  if (module.HEAPU8.length < length) module.growMemory(length);
  const memory = new Int32Array(module.HEAPU8.buffer);
  const header = 3 + 2 * count;
  let from = header + headerLength;
  for (let run = 3; run < header; run += 2) {
    memory.set(words.subarray(from, from + words[run + 1]), words[run]);
    from += words[run + 1];
  }
  return image.subarray(4 * header, 4 * (header + headerLength));
}
