/**
 * Start Pyodide under Node and run `compile_wheels.py` in it.
 *
 *     node compile_wheels.mjs PYODIDE TOOLS WORK
 *
 * PYODIDE holds Pyodide's own files, TOOLS the unpacked pyodide-build and pyodide-lock, and WORK the folder `wheels`
 * with what is to be compiled. The fixed date and hash seed make the same input give the same bytes; nobody reads
 * docstrings in the browser, so they are left out, and so is in which columns of a line each instruction stands.
 */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [pyodide, tools, work] = process.argv.slice(2).map((path) => resolve(path));
/** @type {typeof import("pyodide")} */
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`).href);
const python = await loadPyodide({
  indexURL: pyodide,
  env: {
    SOURCE_DATE_EPOCH: "315532800",
    PYTHONHASHSEED: "0",
    PYTHONOPTIMIZE: "2",
    PYTHONNODEBUGRANGES: "1",
  },
});
python.mountNodeFS("/tools", tools);
python.mountNodeFS("/bundle", work);
python.runPython(readFileSync(new URL("compile_wheels.py", import.meta.url), "utf8"), {
  filename: "compile_wheels.py",
});
