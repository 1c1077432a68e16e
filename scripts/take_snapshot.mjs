/**
 * Takes the image of Python's memory that `docs/assets/labs/snapshot.js` puts back: the half of that work which is done where
 * the site is built.
 */

import {
  BLOCK,
  SURROUNDINGS,
  checksumOfParts,
  clear,
  createWithLibraries,
} from "../docs/assets/labs/snapshot.js";

/** @typedef {import("pyodide").PyodideInterface} Python */
/** @typedef {import("../docs/assets/labs/snapshot.js").CreateModule} CreateModule */
/** @typedef {import("../docs/assets/labs/snapshot.js").Library} Library */
/** @typedef {import("../docs/assets/labs/snapshot.js").Snapshot} Snapshot */

/** Words in common that end a run of an image: fewer of them are cheaper than the next run. */
const GAP = 16;

/** Bytes in a page, of which the parts consist that are occupied. */
const PAGE = 65_536;

/**
 * Start Python with libraries linked, let `prepare` import what shall be in the image, and take it.
 *
 * @param {(options: any) => Promise<Python>} loadPyodide
 * @param {CreateModule} createModule
 * @param {any} options for `loadPyodide`
 * @param {Library[]} libraries
 * @param {(python: Python, module: any) => void} prepare
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
  prepare(python, module);
  const image = python.makeMemorySnapshot();
  const opened = Object.entries(module.LDSO.loadedLibsByHandle).map(
    ([handle, { name }]) => /** @type {[number, string]} */ ([Number(handle), name]),
  );

  const restoring = { ...options, ...SURROUNDINGS, _loadSnapshot: image };
  const fresh = await freshMemory(loadPyodide, createModule, restoring, libraries);
  disturb();
  const disturbed = await freshMemory(loadPyodide, createModule, restoring, libraries);
  const varying = blocksThatDiffer(fresh, disturbed);
  clear(fresh, varying);
  const occupied = occupiedParts(fresh);
  const checksum = checksumOfParts(fresh, occupied);
  return {
    image: encode(image, fresh),
    snapshot: {
      handles: opened.filter(([handle]) => handle !== 0),
      varying,
      occupied,
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
 * The parts of a memory that hold anything.
 *
 * @param {Uint8Array} memory a whole number of pages
 */
function occupiedParts(memory) {
  /** @type {[start: number, end: number][]} */
  const parts = [];
  for (let page = 0; page < memory.length; page += PAGE) {
    if (memory.subarray(page, page + PAGE).every((byte) => byte === 0)) continue;
    const last = parts.at(-1);
    if (last?.[1] === page) last[1] += PAGE;
    else parts.push([page, page + PAGE]);
  }
  return parts;
}

/**
 * The image of a memory, in the form that `fill` of `snapshot.js` reads.
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
