/**
 * Take an image of the memory of Python with NumPy and `gd_core` imported, for pages to start from.
 *
 *     node make_snapshot.mjs PYODIDE TERSER WORK
 *
 * PYODIDE holds Pyodide's own files, TERSER is the one file of Terser. WORK holds `stdlib.zip` and the folder `wheels`, both
 * compiled without docstrings. It gets `trimmed`, a folder with Pyodide's script and WebAssembly as `trim_pyodide.mjs` leaves
 * them, `memory`, `libraries` (NumPy's, one after the other) and `snapshot.json`. The same input gives the same bytes.
 */

import crypto from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { runInThisContext } from "node:vm";
import { SITE_PACKAGES } from "../docs/assets/labs/snapshot.js";
import { takeSnapshot } from "./take_snapshot.mjs";
import { trim } from "./trim_pyodide.mjs";

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

const [pyodide, terser, work] = process.argv.slice(2).map((path) => resolve(path));
/** @type {typeof import("pyodide")} */
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`).href);

/** @param {string} path */
const read = (path) => new Uint8Array(readFileSync(path));
/** @param {string | URL} path */
const readText = (path) => readFileSync(path, "utf8");
const wheels = readdirSync(`${work}/wheels`).map((name) => read(`${work}/wheels/${name}`));

// The libraries lie in NumPy's wheel: a Python that is not kept unpacks them.
const unpacking = await loadPyodide({ indexURL: pyodide });
for (const wheel of wheels) unpacking.unpackArchive(wheel, "wheel", { extractDir: SITE_PACKAGES });
/**
 * @param {string} path
 * @returns {Uint8Array<ArrayBuffer>}
 */
const readLibrary = (path) => unpacking.FS.readFile(path);
const files = LIBRARIES.map((name) => {
  const path = `${SITE_PACKAGES}/numpy/${name}.cpython-314-wasm32-emscripten.so`;
  return { path, bytes: readLibrary(path) };
});
const libraries = await Promise.all(
  files.map(async ({ path, bytes }) => ({ path, compiled: await WebAssembly.compile(bytes) })),
);

const find = 'import glob; sorted(glob.glob("**/*.so", root_dir=root, recursive=True))';
const paths = unpacking.runPython(find, { globals: unpacking.toPy({ root: SITE_PACKAGES }) }).toJs();
runInThisContext(readText(terser)); // as a browser's script, which asks for no other package
const { minify } = /** @type {any} */ (globalThis).Terser;
const trimmed = await trim(
  {
    script: readText(`${pyodide}/pyodide.asm.mjs`),
    wasm: read(`${pyodide}/pyodide.asm.wasm`),
    callers: [
      readText(`${pyodide}/pyodide.mjs`),
      ...["../docs/assets/labs/snapshot.js", "take_snapshot.mjs", "make_snapshot.mjs"].map((name) =>
        readText(new URL(name, import.meta.url)),
      ),
    ],
    libraries: paths.map((/** @type {string} */ path) => readLibrary(`${SITE_PACKAGES}/${path}`)),
  },
  minify,
);
const folder = `${work}/trimmed`;
mkdirSync(folder);
writeFileSync(`${folder}/pyodide.asm.mjs`, trimmed.script);
writeFileSync(`${folder}/pyodide.asm.wasm`, trimmed.wasm);
copyFileSync(`${pyodide}/pyodide-lock.json`, `${folder}/pyodide-lock.json`);
const { default: createModule } = await import(pathToFileURL(`${folder}/pyodide.asm.mjs`).href);

const options = { indexURL: folder, stdLibURL: `${work}/stdlib.zip` };
/**
 * @param {import("pyodide").PyodideInterface} python
 * @param {any} module
 */
const prepare = (python, module) => {
  for (const wheel of wheels) python.unpackArchive(wheel, "wheel", { extractDir: SITE_PACKAGES });
  python.FS.writeFile(`${SITE_PACKAGES}/restored.py`, readFileSync(new URL("restored.py", import.meta.url)));
  python.runPython("import importlib; importlib.invalidate_caches()\nimport restored; restored.prepare()");
  letGoOfLibraries(module);
  clearFreedMemory(module);
};

/**
 * Where an opened library's own structure notes the file that it was read from and how long that is (`struct dso` in
 * Emscripten's `dynlink.c`).
 */
const FILE = 28;

/**
 * Free the files that libraries were read from, five megabytes of them: only another thread would link them again.
 *
 * @param {any} module
 */
function letGoOfLibraries({ LDSO, HEAPU32, _free }) {
  const lengths = new Map(files.map(({ path, bytes }) => [path, bytes.length]));
  for (const [handle, { name }] of Object.entries(LDSO.loadedLibsByHandle)) {
    if (!lengths.has(name)) continue;
    const noted = HEAPU32.subarray((Number(handle) + FILE) / 4, (Number(handle) + FILE) / 4 + 2);
    if (noted[1] !== lengths.get(name)) {
      throw new Error(
        `a file's length must be ${lengths.get(name)} at ${FILE + 4} of ${name}'s handle, got ${noted[1]}`,
      );
    }
    _free(noted[0]);
    noted.fill(0);
  }
}

/**
 * Fill the holes of the heap with zeros, which an image need not hold: allocate them all, the largest first, and let go.
 *
 * @param {any} module
 */
function clearFreedMemory(module) {
  const end = module.HEAPU8.findLastIndex((/** @type {number} */ byte) => byte !== 0);
  const held = [];
  for (let size = 1 << 22; size >= 16; size = size > 64 ? size / 2 : size - 8) {
    let place = module._malloc(size);
    for (; place + size <= end; place = module._malloc(size)) {
      module.HEAPU8.fill(0, place, place + size); // another view each time that the memory has grown
      held.push(place);
    }
    module._free(place); // it lies where nothing has been
  }
  for (const place of held) module._free(place);
}

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
