/**
 * Run a Python file in a bundle under Node, started by the same code as in a page.
 *
 *     node run_in_bundle.mjs BUNDLE SCRIPT < argument.json > result.json
 *
 * Calls the script's `main` with the argument and prints what it returns. JSON has neither NaN nor infinities: a script
 * that returns one fails, and shall return strings instead. What Python prints goes to the standard error.
 */

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { startPython } from "../docs/assets/labs/python.js";

const CALL = `
import json, runpy
lambda path, argument: json.dumps(runpy.run_path(path)["main"](json.loads(argument)), allow_nan=False)
`;

const [bundle, script] = process.argv.slice(2).map((path) => resolve(path));
try {
  const python = await startPython(pathToFileURL(`${bundle}/`), {
    read: async (url) => new Uint8Array(await readFile(url)),
    readAtOnce: (url) => new Uint8Array(readFileSync(url)),
  });
  python.setStdout({ batched: (line) => process.stderr.write(`${line}\n`) });
  const path = `/tmp/${basename(script)}`;
  python.FS.writeFile(path, readFileSync(script));
  const result = python.runPython(CALL)(path, await text(process.stdin));
  process.stdout.write(result);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
