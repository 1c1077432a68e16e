/**
 * Take an image of the memory of Python with NumPy and `gd_core` imported, for pages to start from.
 *
 *     node make_snapshot.mjs PYODIDE WORK
 *
 * PYODIDE holds Pyodide's own files. WORK holds `stdlib.zip`, the folder `wheels`, both compiled without docstrings, and
 * gets `memory`, `libraries` (NumPy's, one after the other) and `snapshot.json`. The same input gives the same
 * bytes.
 */

import crypto from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SITE_PACKAGES, takeSnapshot } from "../docs/assets/labs/snapshot.js";

/** NumPy's libraries that `numpy` and `numpy.random` open, each after those that it needs. */
const LIBRARIES = [
  "_core/_multiarray_umath",
  "linalg/_umath_linalg",
  "random/_common",
  "random/bit_generator",
  "random/_bounded_integers",
  "random/_pcg64",
  "random/_mt19937",
  "random/_generator",
  "random/mtrand",
  "random/_philox",
  "random/_sfc64",
];

// The same input shall give the same bytes: neither the hour nor chance get into the image, nor whether a clock moved on
// between two looks at it.
let hour = 315_532_800_000;
let tick = 0;
let chance = 0;
Date.now = () => (hour += tick);
performance.now = () => (hour += tick) / 1e6;
crypto.randomFillSync = (/** @type {any} */ bytes) => bytes.fill(chance);

const [pyodide, work] = process.argv.slice(2).map((path) => resolve(path));
/** @type {typeof import("pyodide")} */
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`).href);
const { default: createModule } = await import(pathToFileURL(`${pyodide}/pyodide.asm.mjs`).href);

/** @param {string} name */
const read = (name) => new Uint8Array(readFileSync(`${work}/${name}`));
const wheels = readdirSync(`${work}/wheels`).map((name) => read(`wheels/${name}`));

// The libraries lie in NumPy's wheel: a Python that is not kept unpacks them.
const unpacking = await loadPyodide({ indexURL: pyodide });
for (const wheel of wheels) unpacking.unpackArchive(wheel, "wheel", { extractDir: SITE_PACKAGES });
const files = LIBRARIES.map((name) => {
  const path = `${SITE_PACKAGES}/numpy/${name}.cpython-314-wasm32-emscripten.so`;
  return { path, bytes: /** @type {Uint8Array<ArrayBuffer>} */ (unpacking.FS.readFile(path)) };
});
const libraries = await Promise.all(
  files.map(async ({ path, bytes }) => ({ path, compiled: await WebAssembly.compile(bytes) })),
);

const options = { indexURL: pyodide, stdLibURL: `${work}/stdlib.zip` };
/** @param {import("pyodide").PyodideInterface} python */
const prepare = (python) => {
  for (const wheel of wheels) python.unpackArchive(wheel, "wheel", { extractDir: SITE_PACKAGES });
  python.FS.writeFile(`${SITE_PACKAGES}/restored.py`, readFileSync(new URL("restored.py", import.meta.url)));
  python.runPython("import importlib; importlib.invalidate_caches()\nimport restored; restored.prepare()");
};
const disturb = () => {
  hour = 4e12 + 0x5a5a5a5a;
  tick = 7e6;
  chance = 0xa5;
};
const { image, snapshot } = await takeSnapshot(
  loadPyodide,
  createModule,
  options,
  libraries,
  prepare,
  disturb,
);
writeFileSync(`${work}/memory`, image);
writeFileSync(`${work}/libraries`, Buffer.concat(files.map(({ bytes }) => bytes)));
const lengths = files.map(({ path, bytes }) => [path, bytes.length]);
writeFileSync(`${work}/snapshot.json`, JSON.stringify({ libraries: lengths, ...snapshot }));
