/**
 * Python with NumPy and `gd_core` already imported, as an image of its memory: taken when the site is built
 * (`scripts/make_snapshot.mjs`), put back in a page, where all that a start computes is computed already.
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
 * chance and count as zeros. A checksum over the rest tells whether this browser has laid out its memory as the builder did;
 * if not, the image is refused.
 *
 * All of this rests on internals of the one Pyodide that the bundle pins. Whoever restores must be ready to start plainly.
 */

/** @typedef {import("pyodide").PyodideInterface} Python */

/** A library as it is linked: its path in Python's file system, and its WebAssembly, compiled. */
/** @typedef {{ path: string, compiled: WebAssembly.Module }} Library */

/**
 * What a restore must know besides the image.
 *
 * @typedef {object} Snapshot
 * @property {[handle: number, path: string][]} handles under which Python had opened them
 * @property {number[]} varying where blocks of a fresh instance's memory begin that hold the hour or chance
 * @property {number} checksum of a fresh instance's memory
 * @property {number} header bytes of the header that Pyodide puts before a memory
 */

/** @typedef {(settings: any) => Promise<any>} CreateModule Emscripten's: an instance of Pyodide's module from settings */

/** Where modules lie in Python's file system. */
export const SITE_PACKAGES = "/lib/python3.14/site-packages";

const TABLE_BASE = 14_400;

/** Bytes in a block that varies. */
const BLOCK = 64;

/**
 * What Python is told of its surroundings, the same wherever it runs, since it is part of a fresh memory. The hash seed is
 * there so that the same input gives the same image.
 */
const SURROUNDINGS = {
  env: { HOME: "/home/pyodide", LANG: "C.UTF-8", PYTHONHASHSEED: "0", _: "python" },
  _sysExecutable: "python",
};

/** Bytes below which a module is one function's: those of a library are thousands. */
const SMALL = 128;

/** Words in common that end a run of an image: fewer of them are cheaper than the next run. */
const GAP = 16;

/**
 * Make an instance with the libraries linked before Python's runtime begins.
 *
 * @param {CreateModule} createModule
 * @param {any} settings
 * @param {Promise<Library[]> | Library[]} libraries
 */
async function createWithLibraries(createModule, settings, libraries) {
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
 * Start Python with libraries linked, let `prepare` import what shall be in the image, and take it.
 *
 * @param {(options: any) => Promise<Python>} loadPyodide
 * @param {CreateModule} createModule
 * @param {any} options for `loadPyodide`
 * @param {Library[]} libraries
 * @param {(python: Python) => void} prepare
 * @param {() => void} disturb changes the hour and chance, so that it shows what depends on them
 * @returns {Promise<{ image: Uint8Array<ArrayBuffer>, snapshot: Snapshot }>}
 */
export async function takeSnapshot(loadPyodide, createModule, options, libraries, prepare, disturb) {
  /** @type {any} */
  let module;
  const python = await loadPyodide({
    ...options,
    ...SURROUNDINGS,
    _makeSnapshot: true,
    createPyodideModule: async (/** @type {any} */ settings) =>
      (module = await createWithLibraries(createModule, settings, libraries)),
  });
  prepare(python);
  const image = python.makeMemorySnapshot();
  const opened = Object.entries(module.LDSO.loadedLibsByHandle).map(
    ([handle, { name }]) => /** @type {[number, string]} */ ([Number(handle), name]),
  );

  const restoring = { ...options, ...SURROUNDINGS, _loadSnapshot: image };
  const fresh = await freshMemory(loadPyodide, createModule, restoring, libraries);
  disturb();
  const disturbed = await freshMemory(loadPyodide, createModule, restoring, libraries);
  const varying = blocksThatDiffer(fresh, disturbed);
  const checksum = checksumOf(fresh, varying);
  return {
    image: encode(image, fresh),
    snapshot: {
      handles: opened.filter(([handle]) => handle !== 0),
      varying,
      checksum,
      header: new Uint32Array(image.buffer)[1],
    },
  };
}

/**
 * The memory of an instance before its image is put back.
 *
 * @param {(options: any) => Promise<Python>} loadPyodide
 * @param {CreateModule} createModule
 * @param {any} options for `loadPyodide`
 * @param {Library[]} libraries
 * @returns {Promise<Uint8Array>}
 */
function freshMemory(loadPyodide, createModule, options, libraries) {
  return new Promise((resolve, reject) => {
    const createPyodideModule = async (/** @type {any} */ settings) => {
      const { HEAPU8 } = await createWithLibraries(createModule, settings, libraries);
      resolve(HEAPU8);
      throw new Error("this instance shall not run");
    };
    loadPyodide({ ...options, createPyodideModule }).catch(reject);
  });
}

/**
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
function blocksThatDiffer(one, other) {
  const differing = new Set();
  for (let i = 0; i < one.length; i++) {
    if (one[i] !== other[i]) differing.add(i - (i % BLOCK));
  }
  return [...differing];
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
      const checksum = checksumOf(module.HEAPU8, snapshot.varying);
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
 * A checksum of a fresh instance's memory, from which the blocks that vary are cleared.
 *
 * @param {Uint8Array} fresh
 * @param {number[]} varying where those blocks begin
 */
function checksumOf(fresh, varying) {
  for (const block of varying) fresh.fill(0, block, block + BLOCK);
  const words = new Int32Array(fresh.buffer, fresh.byteOffset, fresh.length / 4);
  const pairs = new Float64Array(fresh.buffer, fresh.byteOffset, fresh.length / 8);
  let checksum = 0;
  for (let i = 0; i < pairs.length; i++) {
    // so that zeros after the end, of which one instance has more, count for nothing
    if (pairs[i] === 0) continue;
    for (const at of [2 * i, 2 * i + 1]) checksum = (Math.imul(checksum, 31) + (words[at] ^ at)) | 0;
  }
  return checksum;
}

/**
 * An image: how long the memory is in bytes, and the runs that differ from a fresh instance's. In words of four bytes: the
 * memory's length, the header's, and the number of runs; for each run, where it begins in the memory and how long it is;
 * Pyodide's header; the runs themselves, one after the other.
 *
 * @param {Uint8Array} taken as Pyodide takes it: a header, whose second word is its length, and the memory
 * @param {Uint8Array} fresh the memory of a fresh instance, at most as long
 */
function encode(taken, fresh) {
  const words = new Int32Array(taken.buffer);
  const header = words.subarray(0, words[1] / 4);
  const memory = words.subarray(header.length);
  const others = new Int32Array(fresh.buffer, fresh.byteOffset, fresh.length / 4);
  /** @type {[start: number, length: number][]} */
  const runs = [];
  let end = -GAP;
  for (let i = 0; i < memory.length; i++) {
    if (memory[i] === (others[i] ?? 0)) continue;
    if (i - end >= GAP) runs.push([i, 1]);
    else runs[runs.length - 1][1] = i + 1 - runs[runs.length - 1][0];
    end = i + 1;
  }
  const parts = runs.map(([start, length]) => memory.subarray(start, start + length));
  const image = [
    Int32Array.of(4 * memory.length, header.length, runs.length, ...runs.flat()),
    header,
    ...parts,
  ];
  const whole = new Int32Array(image.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const part of image) {
    whole.set(part, place);
    place += part.length;
  }
  return new Uint8Array(whole.buffer);
}

/**
 * Make the memory of a fresh instance that of an image.
 *
 * @param {any} module
 * @param {Uint8Array} image as `encode` makes it
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
