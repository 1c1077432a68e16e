/**
 * Python with NumPy and `gd_core` already imported, as an image of its memory: taken when the site is built
 * (`scripts/make_snapshot.mjs`), put back in a page, where all that a start computes is computed already.
 *
 * Pyodide takes and restores images of its own memory, but knows nothing of libraries such as NumPy's, which are linked
 * into the memory and the function table while Python runs. So they are loaded here *before* Python's runtime begins, in
 * one fixed order, and land at the same addresses every time; Python then finds them loaded. Three things need care. The
 * function table is longer in one environment than in another before the first library: it is filled up to `TABLE_BASE`.
 * The memory of a fresh instance has the size it was compiled with: it is made as large as the image. And handles of
 * opened libraries live on JavaScript's side: they are noted in the snapshot and registered again.
 *
 * An image holds the memory *exclusive-or* that of a fresh instance with its libraries: what both have in common, the
 * constants of Python and NumPy, becomes zeros and costs nothing to ship. A few blocks hold the hour or chance and count
 * as zeros. A checksum over the rest tells whether this browser has laid out its memory as the builder did; if not, the
 * image is refused.
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

/** Bytes before the image in what Pyodide calls a snapshot. */
const HEADER_LENGTH_AT = 1;

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
  settings.preRun.push(async (/** @type {any} */ module) => {
    module.addRunDependency("libraries");
    try {
      await link(module, await libraries);
    } catch (error) {
      failure = error;
    }
    module.removeRunDependency("libraries");
  });
  const module = await createModule(settings);
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
  const exported = new Map();
  for (const value of Object.values(exports))
    if (typeof value === "function") exported.set(value.name, value);
  for (let i = base; i < table.length; i++) {
    const entered = table.get(i);
    const same = entered && exported.get(entered.name);
    if (!same) continue;
    if (same === entered) return;
    table.set(i, same);
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
 * @returns {Promise<{ image: Uint8Array, snapshot: Snapshot }>}
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
  const checksum = exclusiveOr(memoryIn(image), fresh, varying);
  return {
    image,
    snapshot: {
      handles: opened.filter(([handle]) => handle !== 0),
      varying,
      checksum,
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
 * @param {Uint8Array<ArrayBuffer>} image is changed
 * @param {Promise<void>} filled when the image is complete: until then Python prepares
 * @param {Snapshot} snapshot
 * @returns {Promise<Python>}
 * @throws {Error} this instance's memory is laid out in another way
 */
export async function restoreSnapshot(
  loadPyodide,
  createModule,
  options,
  libraries,
  image,
  filled,
  snapshot,
) {
  /** @type {any} */
  let module;
  const python = await loadPyodide({
    ...options,
    ...SURROUNDINGS,
    _loadSnapshot: image,
    createPyodideModule: async (/** @type {any} */ settings) => {
      module = await createWithLibraries(createModule, settings, libraries);
      await filled;
      const memory = memoryIn(image);
      const checksum = exclusiveOr(memory, module.HEAPU8, snapshot.varying);
      if (checksum !== snapshot.checksum) {
        throw new Error(`the memory must have the checksum ${snapshot.checksum}, got ${checksum}`);
      }
      if (module.HEAPU8.length < memory.length) module.growMemory(memory.length);
      return module;
    },
  });
  for (const [handle, path] of snapshot.handles) {
    module.LDSO.loadedLibsByHandle[handle] = module.LDSO.loadedLibsByName[path];
  }
  return python;
}

/**
 * The part of Pyodide's snapshot that is memory.
 *
 * @param {Uint8Array} image
 */
function memoryIn(image) {
  const header = new Uint32Array(image.buffer, image.byteOffset, HEADER_LENGTH_AT + 1);
  return image.subarray(header[HEADER_LENGTH_AT]);
}

/**
 * Change `memory` to its exclusive-or with the memory of a fresh instance.
 *
 * @param {Uint8Array} memory
 * @param {Uint8Array} fresh at most as long; blocks that vary are cleared
 * @param {number[]} varying where those blocks begin
 * @returns {number} a checksum of `fresh`
 */
function exclusiveOr(memory, fresh, varying) {
  for (const block of varying) fresh.fill(0, block, block + BLOCK);
  const words = new Int32Array(memory.buffer, memory.byteOffset, memory.length / 4);
  const others = new Int32Array(fresh.buffer, fresh.byteOffset, fresh.length / 4);
  let checksum = 0;
  for (let i = 0; i < others.length; i++) {
    if (others[i] === 0) continue; // so that zeros after the end, of which one instance has more, count for nothing
    checksum = (Math.imul(checksum, 31) + (others[i] ^ i)) | 0;
    words[i] ^= others[i];
  }
  return checksum;
}
