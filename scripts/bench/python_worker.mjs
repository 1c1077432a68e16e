/**
 * The lesson's Python in a worker of the benchmark: started by the site's own `python.js` from the site's own bundle.
 *
 * The first message names both; every other brings the Python files of `scripts/bench` and says whose `main` to call
 * with which argument. What that returns comes back as JSON.
 */

/** @typedef {import("pyodide").PyodideInterface} Python */
/** @typedef {{ labs: string, runtime: string }} Start */
/** @typedef {{ files: Record<string, string>, module: string, argument: string }} Call */

const FOLDER = "/bench/scripts/bench";
const CALL = `
import importlib, json, sys
if "/bench" not in sys.path:
    sys.path.append("/bench")
lambda module, argument: json.dumps(importlib.import_module("scripts.bench." + module).main(json.loads(argument)))
`;

/** @type {Python | undefined} */
let python;

/** @param {Start | Call} message */
async function answer(message) {
  if ("runtime" in message) {
    /** @type {typeof import("../../docs/assets/labs/python.js")} */
    const { startPython } = await import(`${message.labs}python.js`);
    python = await startPython(message.runtime);
    return null;
  }
  if (!python) throw new Error("the first message must start Python");
  for (const [name, source] of Object.entries(message.files)) {
    const path = `${FOLDER}/${name}`;
    python.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    python.FS.writeFile(path, source);
  }
  return python.runPython(CALL)(message.module, message.argument);
}

self.addEventListener("message", async ({ data }) => {
  try {
    self.postMessage({ value: await answer(data) });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
});
