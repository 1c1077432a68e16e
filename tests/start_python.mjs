/**
 * Try `startPython` as a test describes it, and print what came of it as JSON.
 *
 *     node start_python.mjs '[{"url": …, "patience": …, "damage": [name, times]}, …]'
 *
 * For each case: the name and message of the error, or "started" with the progress that was reported and, as text, what
 * Python says the expression `evaluate` is. A `file:` address is read from disk, any other by fetch; `damage` flips a byte
 * of that file for so many reads; `tick` is by how many milliseconds clocks move on at every look, as on a busy machine; `fast` is
 * whether files count as come over a fast line, where what is read from disk comes over none.
 */

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { startPython } from "../docs/assets/labs/python.js";

/** @type {{ url: string, patience?: number, damage?: [string, number], tick?: number, fast?: boolean, evaluate?: string }[]} */
const cases = JSON.parse(process.argv[2]);
/** @typedef {import("../docs/assets/labs/files.js").HowToRead} HowToRead */
const outcomes = [];
const { now } = performance;
for (const { url, patience = 30_000, damage, tick = 0, fast = false, evaluate = "None" } of cases) {
  let passed = 0;
  performance.now = () => now.call(performance) + (passed += tick);
  let times = damage?.[1] ?? 0;
  /** @type {import("../docs/assets/labs/python.js").Progress[]} */
  const progress = [];
  const fromDisk = async (/** @type {URL} */ address, /** @type {HowToRead} */ { onPace }) => {
    if (fast) onPace?.(Infinity);
    const bytes = new Uint8Array(await readFile(address));
    if (damage && address.pathname.endsWith(damage[0]) && times-- > 0) bytes[bytes.length - 1] ^= 1;
    return bytes;
  };
  const readAtOnce = (/** @type {URL} */ address) => new Uint8Array(readFileSync(address));
  const read = url.startsWith("file:") ? { read: fromDisk, readAtOnce } : {};
  try {
    const python = await startPython(url, { ...read, patience, onProgress: (step) => progress.push(step) });
    outcomes.push({ name: "started", progress, value: String(python.runPython(evaluate)) });
  } catch (error) {
    const { name, message } = /** @type {Error} */ (error);
    outcomes.push({ name, message });
  }
}
process.stdout.write(JSON.stringify(outcomes));
process.exit();
