/**
 * Start Python with NumPy and `gd_core` from a bundle, in a module worker or under Node.
 *
 * Pyodide's own loader waits for ever, or goes on without a word, when a file is missing or damaged. So every file is
 * fetched here, with its bytes counted, and checked against the bundle's manifest before Pyodide sees it; whatever goes
 * wrong becomes a `StartError` with one sentence for the reader. This module knows nothing of pages and labs.
 */

/** @typedef {import("pyodide").PyodideInterface} Python */
/** @typedef {Omit<import("./messages.d.ts").Progress, "type">} Progress */
/** @typedef {{ sha256: string, bytes: number, role: "module" | "core" | "archive" | "extra" }} ManifestFile */
/** @typedef {{ files: Record<string, ManifestFile> }} Manifest */

/**
 * How to read a file: `expected` is its size in bytes if that is known, `fresh` asks for it past the browser's cache, and
 * `onBytes` is told how many bytes have come so far.
 *
 * @typedef {{ expected?: number, fresh: boolean, signal: AbortSignal, onBytes: (count: number) => void }} HowToRead
 * @typedef {(url: URL, how: HowToRead) => Promise<Uint8Array<ArrayBuffer>>} Read
 */

/** Python cannot start; the message is one sentence for the reader of the page. */
export class StartError extends Error {
  name = "StartError";
}

/**
 * Start Python and import NumPy and `gd_core`.
 *
 * @param {string | URL} runtimeURL the bundle's folder, as an absolute address
 * @param {object} [options]
 * @param {Read} [options.read] reads one file; by `fetch`, if not given
 * @param {(progress: Progress) => void} [options.onProgress] told of every stage, and of the bytes while they come
 * @param {number} [options.patience] milliseconds without any progress after which the start has failed
 * @returns {Promise<Python>}
 * @throws {StartError} whatever goes wrong
 */
export async function startPython(runtimeURL, options = {}) {
  const { read = download, onProgress = () => {}, patience = 30_000 } = options;
  const folder = new URL(runtimeURL);
  if (!folder.pathname.endsWith("/")) folder.pathname += "/";
  const watchdog = new Watchdog(patience);
  const stop = new AbortController();
  /** @param {Progress} progress */
  const report = (progress) => {
    watchdog.feed(progress.label);
    onProgress(progress);
  };
  try {
    return await Promise.race([start(folder, read, report, stop.signal), watchdog.stalled]);
  } catch (error) {
    stop.abort();
    throw error instanceof StartError ? error : new StartError(`Python could not start: ${lastLine(error)}`);
  } finally {
    watchdog.rest();
  }
}

/**
 * @param {URL} folder
 * @param {Read} read
 * @param {(progress: Progress) => void} report
 * @param {AbortSignal} signal
 */
async function start(folder, read, report, signal) {
  if (typeof WebAssembly !== "object") {
    throw new StartError("This browser cannot run Python: it has no WebAssembly, or has it switched off.");
  }
  const manifest = await readManifest(folder, read, signal);
  const needed = Object.entries(manifest.files).filter(([, file]) => file.role !== "extra");
  const files = await readAll(folder, needed, read, report, signal);

  report({ stage: "start", label: "Starting Python", loaded: 0, total: 0 });
  const python = await startPyodide(folder, files);

  report({ stage: "import", label: "Loading the network", loaded: 0, total: 0 });
  for (const [name, file] of needed) {
    if (file.role === "archive") python.unpackArchive(bytesOf(files, name), "wheel");
  }
  for (const name of ["numpy", "gd_core"]) python.pyimport(name).destroy();
  return python;
}

/**
 * Read and verify every file, all at once, and report their bytes as one sum.
 *
 * @param {URL} folder
 * @param {[string, ManifestFile][]} needed
 * @param {Read} read
 * @param {(progress: Progress) => void} report
 * @param {AbortSignal} signal
 */
async function readAll(folder, needed, read, report, signal) {
  const label = "Downloading Python and NumPy";
  const total = needed.reduce((sum, [, file]) => sum + file.bytes, 0);
  const counts = new Map(needed.map(([name]) => [name, 0]));
  report({ stage: "download", label, loaded: 0, total });

  /** @param {[string, ManifestFile]} entry @returns {Promise<[string, Uint8Array<ArrayBuffer>]>} */
  const readOne = async ([name, file]) => {
    /** @param {number} count */
    const onBytes = (count) => {
      counts.set(name, Math.max(counts.get(name) ?? 0, Math.min(count, file.bytes)));
      const loaded = [...counts.values()].reduce((sum, bytes) => sum + bytes, 0);
      report({ stage: "download", label, loaded, total });
    };
    const how = { expected: file.bytes, signal, onBytes };
    const bytes = await readTwice(new URL(name, folder), how, read, (bytes) => faultOf(name, file, bytes));
    onBytes(bytes.length);
    return [name, bytes];
  };
  return new Map(await Promise.all(needed.map(readOne)));
}

/**
 * Read a file, and once more past the browser's cache if what came is at fault: a cache may keep a damaged answer.
 *
 * @param {URL} url
 * @param {Omit<HowToRead, "fresh">} how
 * @param {Read} read
 * @param {(bytes: Uint8Array<ArrayBuffer>) => string | Promise<string>} findFault "" when there is none
 */
async function readTwice(url, how, read, findFault) {
  let fault = "";
  for (const fresh of [false, true]) {
    const bytes = await read(url, { ...how, fresh });
    fault = await findFault(bytes);
    if (fault === "") return bytes;
  }
  throw new StartError(fault);
}

/**
 * @param {URL} folder
 * @param {Read} read
 * @param {AbortSignal} signal
 * @returns {Promise<Manifest>}
 */
async function readManifest(folder, read, signal) {
  const name = "manifest.json";
  /** @param {Uint8Array} bytes */
  const findFault = (bytes) => {
    try {
      return typeof JSON.parse(new TextDecoder().decode(bytes)).files === "object"
        ? ""
        : damaged(name, bytes);
    } catch {
      return damaged(name, bytes);
    }
  };
  const bytes = await readTwice(new URL(name, folder), { signal, onBytes: () => {} }, read, findFault);
  return JSON.parse(new TextDecoder().decode(bytes));
}

/**
 * Say what is wrong with the bytes of a file, or "" when they are those that the manifest promises.
 *
 * @param {string} name
 * @param {ManifestFile} file
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function faultOf(name, file, bytes) {
  if (bytes.length !== file.bytes) {
    return damaged(name, bytes, `${file.bytes} bytes are expected, ${bytes.length} came`);
  }
  // Browsers offer no digest on an address without encryption; the sizes must do there.
  if (!globalThis.crypto?.subtle) return "";
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return sha256 === file.sha256 ? "" : damaged(name, bytes, "its contents have been altered on the way");
}

/**
 * @param {string} name
 * @param {Uint8Array} bytes
 * @param {string} [how]
 */
function damaged(name, bytes, how = "it cannot be read") {
  const beginning = new TextDecoder().decode(bytes.subarray(0, 100)).trimStart().toLowerCase();
  if (beginning.startsWith("<!doctype") || beginning.startsWith("<html")) {
    return `A web page came instead of the file ${name}: a sign-in page or a filter of your network may stand in the way.`;
  }
  return `The file ${name} has arrived damaged: ${how}.`;
}

/**
 * @param {Map<string, Uint8Array<ArrayBuffer>>} files
 * @param {string} name
 */
function bytesOf(files, name) {
  const bytes = files.get(name);
  if (!bytes) throw new StartError(`The file ${name} is missing: this site's manifest does not name it.`);
  return bytes;
}

/**
 * Start the interpreter from verified bytes.
 *
 * @param {URL} folder
 * @param {Map<string, Uint8Array<ArrayBuffer>>} files
 * @returns {Promise<Python>}
 */
async function startPyodide(folder, files) {
  // The page's policy allows scripts by address alone, so that these two are imported rather than handed over. They have
  // been verified a moment ago and come out of the cache.
  const [{ loadPyodide }, { default: createPyodideModule }] = await Promise.all(
    ["pyodide.mjs", "pyodide.asm.mjs"].map((name) => import(new URL(name, folder).href)),
  );
  const options = {
    packageBaseUrl: folder.href,
    lockFileContents: new TextDecoder().decode(bytesOf(files, "pyodide-lock.json")),
    createPyodideModule,
  };
  if (folder.protocol === "file:") {
    return loadPyodide({ ...options, indexURL: decodeURIComponent(folder.pathname) });
  }
  const lent = lend(files);
  try {
    return await Promise.race([loadPyodide({ ...options, indexURL: folder.href }), lent.broken]);
  } finally {
    lent.giveBack();
  }
}

/**
 * While Pyodide starts, answer what it asks of the network from verified bytes, and notice when WebAssembly refuses: of
 * that Pyodide only prints a warning, and waits for ever.
 *
 * @param {Map<string, Uint8Array<ArrayBuffer>>} files
 */
function lend(files) {
  const { fetch } = globalThis;
  const { instantiateStreaming } = WebAssembly;
  /** @type {(error: unknown) => void} */
  let fail;
  /** @type {Promise<never>} */
  const broken = new Promise((_, reject) => (fail = reject));

  globalThis.fetch = async (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    const bytes = files.get(address.slice(address.lastIndexOf("/") + 1));
    if (!bytes) return fetch(input, init);
    return new Response(bytes, { headers: { "Content-Type": "application/wasm" } });
  };
  WebAssembly.instantiateStreaming = async (source, imports) => {
    try {
      return await instantiateStreaming(source, imports);
    } catch (error) {
      fail(new StartError(`This browser cannot run Python: its WebAssembly refuses (${lastLine(error)}).`));
      throw error;
    }
  };
  const giveBack = () => {
    globalThis.fetch = fetch;
    WebAssembly.instantiateStreaming = instantiateStreaming;
  };
  return { broken, giveBack };
}

/**
 * Read a file by `fetch`. The size that the server tells is that of the compressed file, so the decoded bytes are counted.
 *
 * @type {Read}
 */
async function download(url, { expected, fresh, signal, onBytes }) {
  const name = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
  try {
    const response = await fetch(url, { cache: fresh ? "reload" : "default", signal });
    if (!response.ok || !response.body) {
      throw new StartError(`The file ${name} is missing: the server answered ${response.status}.`);
    }
    const chunks = [];
    let count = 0;
    for await (const chunk of chunksOf(response.body)) {
      chunks.push(chunk);
      count += chunk.length;
      onBytes(count);
      if (expected !== undefined && count > expected) break;
    }
    return new Uint8Array(await new Blob(chunks).arrayBuffer());
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`The connection broke while ${name} was downloaded.`, { cause: error });
  }
}

/**
 * The chunks of a stream; not every browser iterates over a stream by itself.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
 */
async function* chunksOf(stream) {
  const reader = stream.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    reader.cancel().catch(() => {});
  }
}

/**
 * Notices when nothing has moved for `patience` milliseconds. It counts its own ticks instead of reading a clock: a
 * processor too busy to tick, or a computer asleep, is not a stall.
 */
class Watchdog {
  static TICKS = 30;
  #quiet = 0;
  #label = "Downloading";

  /** @param {number} patience */
  constructor(patience) {
    /** @type {Promise<never>} rejects with a StartError when nothing moves any more */
    this.stalled = new Promise((_, reject) => {
      this.timer = setInterval(() => {
        this.#quiet += 1;
        if (this.#quiet < Watchdog.TICKS) return;
        const seconds = Math.round(patience / 1000);
        reject(new StartError(`Nothing has moved for ${seconds} seconds (${this.#label}).`));
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
