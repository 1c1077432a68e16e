/**
 * Start Python with NumPy and `gd_core` from a bundle, in a module worker or under Node.
 *
 * A start puts back a memory image in which all of them are imported already (`snapshot.js`). When anything about that
 * does not fit, a browser that lays out its memory in another way or a file that cannot be had, Python starts plainly by
 * itself: from Pyodide's own files and two archives.
 *
 * Pyodide's own loader waits for ever, or goes on without a word, when a file is missing or damaged. So every file is
 * fetched and checked by us before Pyodide sees it (`files.js`); whatever goes wrong becomes a `StartError` with one
 * sentence for the reader. This module knows nothing of pages and labs.
 */

import { Files, StartError, chunksOf, download } from "./files.js";
import { t } from "./language.js";
import { SITE_PACKAGES, restoreSnapshot, unifyFunctions } from "./snapshot.js";

/** @typedef {import("pyodide").PyodideInterface} Python */
/** @typedef {import("./files.js").Bytes} Bytes */
/** @typedef {import("./files.js").Progress} Progress */
/** @typedef {import("./files.js").Read} Read */
/** @typedef {typeof import("pyodide").loadPyodide} LoadPyodide */
/** @typedef {import("./snapshot.js").CreateModule} CreateModule */

const WASM = "pyodide.asm.wasm";
const LIBRARIES = "libraries";
const MEMORY = "memory";
/** What `scripts/trim_pyodide.mjs` has left of Pyodide's script and WebAssembly, which is all that the image needs. */
const TRIMMED_SCRIPT = "pyodide.asm.trimmed.mjs";
const TRIMMED_WASM = "pyodide.asm.wasm.trimmed";
const SCRIPT = "pyodide.asm.mjs";
const PACKED = [TRIMMED_WASM, LIBRARIES, MEMORY];
const SMALLEST = ".zst";
const UNPACKED_BY_BROWSER = ".deflate";
const UNPACKER = "zstddec-stream.mjs";
const STANDARD_LIBRARY = "/lib/python314.zip";

/** The largest file that every start loads, by which the line is measured. */
const MEASURED = TRIMMED_SCRIPT;

/**
 * Bytes a millisecond, 20 Mbit/s, from which a line counts as fast: then what the browser unpacks by itself, a quarter
 * larger, is there sooner than what Zstandard has packed.
 */
const FAST = 2500;

/** Milliseconds that reading a file for a late import may take: at 50 kbit/s the largest takes seven minutes. */
const LATE = 600_000;

/** Milliseconds that the import which it is for may take after that: on a phone some seconds. */
const IMPORTING = 10_000;

/** The smallest module with what Pyodide's needs of a browser: it catches an exception and mentions a reference. */
// prettier-ignore
const NEEDS = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, // the magic word, version 1
  1, 4, 1, 96, 0, 0, // types: one, () → ()
  3, 2, 1, 0, // functions: one, of that type
  10, 11, 1, 9, 0, 6, 64, 208, 112, 26, 25, 11, 11, // its code: try, ref.null, drop, catch_all, end, end
);

/**
 * Start Python and import NumPy and `gd_core`.
 *
 * @param {string | URL} runtimeURL the bundle's folder, as an absolute address
 * @param {object} [options]
 * @param {Read} [options.read] reads one file; by `fetch`, if not given
 * @param {(url: URL) => Bytes} [options.readAtOnce] the same without waiting, for Python's late imports
 * @param {(progress: Progress) => void} [options.onProgress] told of every stage, and of the bytes while they come
 * @param {number} [options.patience] milliseconds without any progress after which the start has failed
 * @returns {Promise<Python>}
 * @throws {StartError} whatever goes wrong
 */
export async function startPython(runtimeURL, options = {}) {
  const { read = download, readAtOnce = downloadAtOnce, onProgress = () => {}, patience = 30_000 } = options;
  const folder = new URL(runtimeURL);
  if (!folder.pathname.endsWith("/")) folder.pathname += "/";
  const watchdog = new Watchdog(patience);
  const stop = new AbortController();
  /** @param {Progress} progress */
  const report = (progress) => {
    watchdog.feed(progress.label);
    onProgress(progress);
  };
  const files = new Files(folder, read, report, stop.signal);
  try {
    return await Promise.race([start(files, readAtOnce, report), watchdog.stalled]);
  } catch (error) {
    stop.abort();
    throw error instanceof StartError ? error : new StartError(t`Python could not start: ${lastLine(error)}`);
  } finally {
    watchdog.rest();
  }
}

/**
 * @param {Files} files
 * @param {(url: URL) => Bytes} readAtOnce
 * @param {(progress: Progress) => void} report
 */
async function start(files, readAtOnce, report) {
  if (typeof WebAssembly !== "object") {
    throw new StartError(t`This browser cannot run Python: it has no WebAssembly, or has it switched off.`);
  }
  if (!WebAssembly.validate(NEEDS)) {
    throw new StartError(
      t`This browser cannot run Python: its WebAssembly lacks exceptions. Newer versions have them.`,
    );
  }
  await files.readManifest();
  /** @type {Python} */
  let python;
  try {
    python = await startFromSnapshot(files, readAtOnce, report);
  } catch (error) {
    if (files.signal.aborted) throw error;
    console.warn(`Python starts plainly: ${lastLine(error)}`);
    python = await startPlainly(files, report);
  }
  files.keep().catch(() => {}); // a visit without storage is as good, but for the next
  return python;
}

/**
 * Put back the image of Python with everything imported.
 *
 * @param {Files} files
 * @param {(url: URL) => Bytes} readAtOnce
 * @param {(progress: Progress) => void} report
 * @returns {Promise<Python>}
 */
async function startFromSnapshot(files, readAtOnce, report) {
  const { manifest, folder } = files;
  const smallest = await files.notKept(PACKED.map((name) => name + SMALLEST));
  const isKept = smallest.length === 0;
  const foreseen = isKept ? [] : [UNPACKER, ...smallest];
  files.ask([...files.named("module", "lock"), TRIMMED_SCRIPT], foreseen);
  const pyodide = readPyodide(files, TRIMMED_SCRIPT);
  pyodide.catch(() => {}); // whoever waits for it is told
  const isFast = !isKept && (await isLineFast(files));
  const ending = isFast ? UNPACKED_BY_BROWSER : SMALLEST;
  files.ask(isFast ? smallest.map((name) => name.replace(SMALLEST, ending)) : foreseen);
  const unpack = isFast ? inflate : makeUnpacker(files, !isKept);
  const wasm = files.getUnpacked(TRIMMED_WASM + ending, unpack).then((bytes) => WebAssembly.compile(bytes));
  const libraries = files
    .getUnpacked(LIBRARIES + ending, unpack)
    .then((bytes) => compileAll(bytes, manifest.snapshot.libraries));
  const image = files.getUnpacked(MEMORY + ending, unpack);
  const came = Promise.all([wasm, libraries, image]).then(() =>
    report({ stage: "start", label: t`Starting Python`, loaded: 0, total: 0 }),
  );
  for (const promise of [wasm, libraries, image, came]) promise.catch(() => {}); // whoever waits for it is told

  const { loadPyodide, createModule, options } = await pyodide;
  // Pyodide asks for the standard library, too, which the image needs no more.
  const python = await withFiles(wasm, new Map([["python_stdlib.zip", new Uint8Array()]]), () =>
    restoreSnapshot(loadPyodide, createModule, options, libraries, image, manifest.snapshot),
  );

  const archives = files
    .named("core", "archive")
    .filter((name) => name.endsWith(".zip") || name.startsWith("numpy"));
  const restored = python.pyimport("restored");
  restored.wake(
    archives.map((name) => [name, manifest.files[name].sha256]),
    (/** @type {string} */ name) => {
      if (!archives.includes(name)) throw new Error(`it must be one of ${archives.join(", ")}, got ${name}`);
      // Whoever waits for an answer hears nothing meanwhile, on a slow line for minutes.
      report({ stage: "import", label: t`Loading more of Python`, loaded: 0, total: 0, silence: LATE });
      const contents = readAtOnce(new URL(name, folder));
      report({ stage: "import", label: t`Loading more of Python`, loaded: 0, total: 0, silence: IMPORTING });
      return contents;
    },
    (/** @type {string} */ name, /** @type {any} */ contents) => {
      if (name.endsWith(".zip")) python.FS.writeFile(STANDARD_LIBRARY, contents);
      else python.unpackArchive(contents, "wheel", { extractDir: SITE_PACKAGES });
    },
  );
  restored.destroy();
  return python;
}

/**
 * Compile NumPy's libraries.
 *
 * @param {Bytes} bytes of all of them, one after the other
 * @param {[path: string, length: number][]} places
 */
function compileAll(bytes, places) {
  let end = 0;
  return Promise.all(
    places.map(async ([path, length]) => ({
      path,
      compiled: await WebAssembly.compile(bytes.subarray(end, (end += length))),
    })),
  );
}

/**
 * Start the interpreter, and have it import everything.
 *
 * @param {Files} files
 * @param {(progress: Progress) => void} report
 * @returns {Promise<Python>}
 */
async function startPlainly(files, report) {
  const names = files.named("module", "lock", "core", "archive");
  files.ask(names);
  /** @type {Map<string, Bytes>} */
  const contents = new Map();
  for (const name of names) contents.set(name, await files.get(name));

  report({ stage: "start", label: t`Starting Python`, loaded: 0, total: 0 });
  const { loadPyodide, createModule, options } = await readPyodide(files, SCRIPT);
  const wasm = WebAssembly.compile(await files.get(WASM));
  const python = await withFiles(wasm, contents, () =>
    loadPyodide({ ...options, createPyodideModule: createModule }),
  );

  report({ stage: "import", label: t`Loading the network`, loaded: 0, total: 0 });
  for (const name of files.named("archive")) {
    python.unpackArchive(await files.get(name), "wheel", { extractDir: SITE_PACKAGES });
  }
  for (const name of ["numpy", "gd_core"]) python.pyimport(name).destroy();
  return python;
}

/**
 * Pyodide's two modules, and the options for a start.
 *
 * @param {Files} files
 * @param {string} script the larger of the two, or what has been left of it
 * @returns {Promise<{ loadPyodide: LoadPyodide, createModule: CreateModule, options: any }>}
 */
async function readPyodide(files, script) {
  const { folder } = files;
  const [{ loadPyodide }, { default: createModule }] = await Promise.all([
    importModule(files, "pyodide.mjs"),
    importModule(files, script),
  ]);
  const options = {
    indexURL: folder.protocol === "file:" ? decodeURIComponent(folder.pathname) : folder.href,
    packageBaseUrl: folder.href,
    lockFileContents: new TextDecoder().decode(await files.get("pyodide-lock.json")),
  };
  return { loadPyodide, createModule, options };
}

/**
 * Import a module of the bundle from its verified bytes, in a worker; a page's policy, and that of a host that sends one,
 * lets scripts come from addresses alone.
 *
 * @param {Files} files
 * @param {string} name
 * @returns {Promise<any>}
 */
async function importModule(files, name) {
  const bytes = await files.get(name);
  const address = new URL(name, files.folder).href;
  if (files.folder.protocol === "file:" || "document" in globalThis) return import(address);
  const copy = URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));
  try {
    return await import(copy);
  } catch {
    return await import(address);
  } finally {
    URL.revokeObjectURL(copy);
  }
}

/**
 * Whether a larger download costs less time than unpacking a smaller one: the browser can inflate, and the largest file
 * that every start loads has come over a fast line.
 *
 * @param {Files} files
 */
async function isLineFast(files) {
  try {
    new DecompressionStream("deflate-raw");
  } catch {
    return false;
  }
  await files.get(MEASURED);
  return (files.paces.get(MEASURED) ?? 0) > FAST;
}

/**
 * Have the browser unpack into a place of the contents' length.
 *
 * @param {Bytes} packed
 * @param {Bytes} place
 */
async function inflate(packed, place) {
  const { readable, writable } = new DecompressionStream("deflate-raw");
  const writer = writable.getWriter();
  for (const done of [writer.write(packed), writer.close()]) done.catch(() => {}); // whoever reads is told
  let end = 0;
  for await (const part of chunksOf(readable)) {
    place.set(part, end);
    end += part.length;
  }
}

/**
 * A function that unpacks what was packed by Zstandard into a place of its length, one file after the other; between two,
 * whoever waits for the first has his turn, so that the browser compiles that one meanwhile. It works with little memory of
 * its own, since that is never given back.
 *
 * @param {Files} files
 * @param {boolean} soon whether it will be wanted: then what it needs is loaded at once
 * @returns {(packed: Bytes, place: Bytes) => Promise<void>}
 */
function makeUnpacker(files, soon) {
  const load = async () => {
    const { ZSTDDecoder } = await importModule(files, UNPACKER);
    const decoder = new ZSTDDecoder();
    await decoder.init();
    return decoder;
  };
  const loaded = soon ? load() : null;
  loaded?.catch(() => {}); // whoever waits for it is told
  const PART = 1 << 17;
  /** @type {Promise<void>} */
  let turn = Promise.resolve();
  return (packed, place) => {
    const unpack = async () => {
      const decoder = await (loaded ?? load());
      await new Promise((resolve) => setTimeout(resolve));
      const parts = [];
      for (let start = 0; start < packed.length; start += PART)
        parts.push(packed.subarray(start, start + PART));
      let end = 0;
      for (const part of decoder.decodeStreaming(parts)) {
        place.set(part, end);
        end += part.length;
      }
    };
    return (turn = turn.catch(() => {}).then(unpack));
  };
}

/**
 * While Pyodide starts, answer what it asks of the network from verified bytes, and hand it its WebAssembly compiled. When
 * that cannot be compiled, Pyodide only prints a warning and waits for ever; here the start fails.
 *
 * @param {Promise<WebAssembly.Module>} wasm
 * @param {Map<string, Bytes>} contents
 * @param {() => Promise<Python>} load
 */
async function withFiles(wasm, contents, load) {
  const { fetch } = globalThis;
  const { instantiate, instantiateStreaming } = WebAssembly;
  /** @type {(error: unknown) => void} */
  let fail;
  /** @type {Promise<never>} */
  const broken = new Promise((_, reject) => (fail = reject));

  globalThis.fetch = async (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    const name = address.slice(address.lastIndexOf("/") + 1);
    const bytes = name === WASM ? new Uint8Array() : contents.get(name);
    return bytes ? new Response(bytes) : fetch(input, init);
  };
  /** @param {unknown} error */
  const refuse = (error) => {
    const said = t`This browser cannot run Python: its WebAssembly refuses (${lastLine(error)}).`;
    fail(error instanceof StartError ? error : new StartError(said));
  };
  wasm.catch(refuse);
  /**
   * @param {unknown} _ its WebAssembly
   * @param {WebAssembly.Imports} [imports]
   */
  const instantiateCompiled = async (_, imports) => {
    try {
      const module = await wasm;
      const instance = await instantiate(module, imports);
      const table = /** @type {WebAssembly.Table} */ (instance.exports.__indirect_function_table);
      unifyFunctions(instance, table, 0);
      return { module, instance };
    } catch (error) {
      refuse(error);
      throw error;
    }
  };
  WebAssembly.instantiateStreaming = instantiateCompiled;
  // Under Node, Pyodide reads it from disk, and hands over its bytes. Others have nothing linked to them.
  WebAssembly.instantiate = /** @type {any} */ (
    (/** @type {BufferSource} */ source, /** @type {WebAssembly.Imports | undefined} */ imports) =>
      imports && "GOT.mem" in imports && !(source instanceof WebAssembly.Module)
        ? instantiateCompiled(source, imports)
        : instantiate(source, imports)
  );
  try {
    return await Promise.race([load(), broken]);
  } finally {
    globalThis.fetch = fetch;
    Object.assign(WebAssembly, { instantiate, instantiateStreaming });
  }
}

const { XMLHttpRequest: BlockingRequest } = globalThis; // a worker that runs a reader's code has no such name

/**
 * Read a file without waiting: only a worker may do that.
 *
 * @param {URL} url
 * @returns {Bytes}
 */
function downloadAtOnce(url) {
  const request = new BlockingRequest();
  request.open("GET", url, false);
  request.responseType = "arraybuffer";
  request.timeout = LATE;
  request.send();
  if (request.status !== 200) throw new Error(`the server answered ${request.status}`);
  return new Uint8Array(request.response);
}

/**
 * Notices when nothing has moved for `patience` milliseconds. It counts its own ticks instead of reading a clock: a
 * processor too busy to tick, or a computer asleep, is not a stall.
 */
class Watchdog {
  static TICKS = 30;
  #quiet = 0;
  #label = t`Downloading`;

  /** @param {number} patience */
  constructor(patience) {
    /** @type {Promise<never>} rejects with a StartError when nothing moves any more */
    this.stalled = new Promise((_, reject) => {
      this.timer = setInterval(() => {
        this.#quiet += 1;
        if (this.#quiet < Watchdog.TICKS) return;
        const seconds = Math.round(patience / 1000);
        reject(new StartError(t`Nothing has moved for ${seconds} seconds (${this.#label}).`));
      }, patience / Watchdog.TICKS);
    });
  }

  /** @param {string} label what is going on */
  feed(label) {
    this.#quiet = 0;
    this.#label = label;
  }

  rest() {
    clearInterval(this.timer);
  }
}

/**
 * The last line of an error's message: of a Python traceback, the one that says what happened.
 *
 * @param {unknown} error
 */
function lastLine(error) {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().split("\n").at(-1) ?? "";
}
