/**
 * The files of a bundle: fetched, with their bytes counted, checked before anybody sees them, and kept, so that a later
 * visit needs no network. A bundle's folder is named after the manifest's hash, and the manifest holds those of all other
 * files. What has once been held against its hash is kept with a checksum, which tells damage as well and costs a tenth:
 * browsers copy whatever they hash. Whatever goes wrong becomes a `StartError` with one sentence for the reader. This module
 * knows nothing of Python.
 */

import { t } from "./language.js";

/** @typedef {Omit<import("./messages.d.ts").Progress, "type">} Progress */
/** @typedef {"module" | "lock" | "snapshot" | "core" | "archive" | "extra"} Role */
/** @typedef {{ sha256: string, bytes: number }} Contents */
/** @typedef {Contents & { role: Role, unpacked?: Contents }} ManifestFile `unpacked` is what a packed file holds */
/**
 * `libraries` are those that lie one after the other in the file of that name, however it is packed.
 *
 * @typedef {import("./snapshot.js").Snapshot & { libraries: [path: string, length: number][] }} SnapshotFiles
 * @typedef {{ files: Record<string, ManifestFile>, snapshot: SnapshotFiles }} Manifest
 */
/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/**
 * How to read a file: `expected` is its size in bytes if that is known, `fresh` asks for it past the browser's cache,
 * `onBytes` is told how many bytes have come so far, and `onPace` how many have crossed the network in a millisecond.
 *
 * @typedef {{ expected?: number, fresh: boolean, signal: AbortSignal, onBytes: (count: number) => void,
 *   onPace?: (pace: number) => void }} HowToRead
 * @typedef {(url: URL, how: HowToRead) => Promise<Bytes>} Read
 */

const MANIFEST = "manifest.json";

/** The header of a kept file that holds its checksum. */
const CHECKSUM = "Gd-Checksum";

/** Python cannot start; the message is one sentence for the reader of the page. */
export class StartError extends Error {
  name = "StartError";
}

export class Files {
  /**
   * @param {URL} folder the bundle's
   * @param {Read} read reads one file
   * @param {(progress: Progress) => void} report told of the bytes while they come
   * @param {AbortSignal} signal gives up
   */
  constructor(folder, read, report, signal) {
    this.folder = folder;
    this.read = read;
    this.report = report;
    this.signal = signal;
    this.kept = openStore();
    /** @type {Map<string, Promise<Bytes>>} files that have been asked for */
    this.asked = new Map();
    /** @type {Map<string, number>} bytes a millisecond at which files have come over the network */
    this.paces = new Map();
    /** @type {string[]} files that will be asked for, so that the sum of all is told from the beginning */
    this.foreseen = [];
    /** @type {Map<string, number>} bytes that have come of each file under way */
    this.counts = new Map();
    /** @type {Manifest} */
    this.manifest = {
      files: {},
      snapshot: { libraries: [], handles: [], varying: [], occupied: [], checksum: 0, header: 0 },
    };
    /** @type {Map<string, Bytes>} what packed files held, by the hash of that */
    this.unpacked = new Map();
    /** @type {Bytes} the same as it was read */
    this.manifestBytes = new Uint8Array();
  }

  async readManifest() {
    const [promised] = /(?<=\/)[0-9a-f]{16}(?=\/$)/.exec(this.folder.pathname) ?? [""];
    /** @param {Bytes} bytes */
    const findFault = async (bytes) => {
      try {
        JSON.parse(new TextDecoder().decode(bytes));
      } catch {
        return damaged(MANIFEST, bytes);
      }
      return promised && (await differs(bytes, promised)) ? damaged(MANIFEST, bytes, altered()) : "";
    };
    const url = new URL(MANIFEST, this.folder);
    const onBytes = () => this.report(downloading(0, 0));
    const bytes = await this.readTwice(url, url.href, { onBytes }, findFault);
    this.manifest = JSON.parse(new TextDecoder().decode(bytes));
    this.manifestBytes = bytes;
  }

  /**
   * The names of the files with these roles.
   *
   * @param {...Role} roles
   */
  named(...roles) {
    return Object.keys(this.manifest.files).filter((name) => roles.includes(this.manifest.files[name].role));
  }

  /**
   * Read and verify files all at once, and report their bytes as one sum.
   *
   * @param {string[]} names
   * @param {string[]} [foreseen] those that will most likely be asked for next
   */
  ask(names, foreseen = []) {
    const { files } = this.manifest;
    const unasked = names.filter((name) => !this.asked.has(name));
    if (unasked.length === 0) return;
    this.foreseen = foreseen;
    for (const name of unasked) {
      this.counts.set(name, 0);
      const asked = this.readVerified(name, files[name]);
      asked.catch(() => {}); // whoever waits for it is told
      this.asked.set(name, asked);
    }
    this.reportBytes();
  }

  /**
   * The contents of a file, once it is there.
   *
   * @param {string} name
   * @returns {Promise<Bytes>}
   */
  get(name) {
    if (!this.manifest.files[name]) throw new StartError(missing(name));
    this.ask([name]);
    return /** @type {Promise<Bytes>} */ (this.asked.get(name));
  }

  /**
   * Those of some packed files whose contents no earlier visit has kept, unpacked.
   *
   * @param {string[]} names
   */
  async notKept(names) {
    const kept = await Promise.all(
      names.map((name) => this.find(keyOf(contentsOf(name, this.manifest).sha256))),
    );
    return names.filter((_, i) => !kept[i]);
  }

  /**
   * What a packed file holds: as an earlier visit has kept it, or as it is unpacked now.
   *
   * @param {string} name
   * @param {(packed: Bytes, place: Bytes) => Promise<void>} unpack
   */
  async getUnpacked(name, unpack) {
    const contents = contentsOf(name, this.manifest);
    const kept = await this.recallIf(keyOf(contents.sha256), (bytes) => faultOf(name, contents, bytes));
    if (kept) return kept;
    const bytes = new Uint8Array(contents.bytes);
    await unpack(await this.get(name), bytes);
    this.unpacked.set(contents.sha256, bytes);
    return bytes;
  }

  /** Let go of files of other versions, which may fill the room there is, and keep what has been read for later visits. */
  async keep() {
    const store = await this.kept;
    if (!store) return;
    const { files } = this.manifest;
    const manifest = new URL(MANIFEST, this.folder).href;
    const hashes = Object.values(files).map(({ sha256, unpacked }) => (unpacked ?? { sha256 }).sha256);
    const current = new Set([manifest, ...hashes.map(keyOf)]);
    for (const { url } of await store.keys()) if (!current.has(url)) await store.delete(url);
    const read = new Map(this.unpacked);
    for (const [name, asked] of this.asked) {
      const bytes = await asked.catch(() => null);
      if (bytes && !files[name].unpacked) read.set(files[name].sha256, bytes);
    }
    for (const [sha256, bytes] of read) {
      const key = keyOf(sha256);
      if (await store.match(key)) continue;
      await store.put(key, new Response(bytes, { headers: { [CHECKSUM]: String(checksumOf(bytes)) } }));
    }
    await store.put(manifest, new Response(this.manifestBytes)); // last: it tells that all of them are there
  }

  /**
   * @param {string} name
   * @param {ManifestFile} file
   */
  async readVerified(name, file) {
    /** @param {number} count */
    const onBytes = (count) => {
      this.counts.set(name, Math.max(this.counts.get(name) ?? 0, Math.min(count, file.bytes)));
      this.reportBytes();
    };
    const onPace = (/** @type {number} */ pace) => this.paces.set(name, pace);
    const how = { expected: file.bytes, onBytes, onPace };
    const url = new URL(name, this.folder);
    const bytes = await this.readTwice(url, keyOf(file.sha256), how, (bytes) => faultOf(name, file, bytes));
    onBytes(bytes.length);
    return bytes;
  }

  reportBytes() {
    const { files } = this.manifest;
    let [loaded, total] = [0, 0];
    for (const name of [...this.counts.keys(), ...this.foreseen]) {
      loaded += this.counts.get(name) ?? 0;
      total += files[name].bytes;
    }
    this.report(downloading(loaded, total));
  }

  /**
   * Take a file from what was kept, or read it, and once more past the browser's cache if what came is at fault: a cache
   * may keep a damaged answer.
   *
   * @param {URL} url
   * @param {string} key
   * @param {Omit<HowToRead, "fresh" | "signal">} how
   * @param {(bytes: Bytes) => string | Promise<string>} findFault "" when there is none
   */
  async readTwice(url, key, how, findFault) {
    const kept = await this.recallIf(key, findFault);
    if (kept) return kept;
    let fault = "";
    for (const fresh of [false, true]) {
      const bytes = await this.read(url, { ...how, signal: this.signal, fresh });
      fault = await findFault(bytes);
      if (fault === "") return bytes;
    }
    throw new StartError(fault);
  }

  /**
   * What was kept under a key, unless it is at fault: then it is let go of. A store that is at fault has kept nothing.
   *
   * @param {string} key
   * @param {(bytes: Bytes) => string | Promise<string>} findFault
   */
  async recallIf(key, findFault) {
    try {
      const kept = await this.find(key);
      if (!kept) return null;
      const bytes = new Uint8Array(await kept.arrayBuffer());
      const noted = kept.headers.get(CHECKSUM);
      const isWhole = noted ? noted === String(checksumOf(bytes)) : (await findFault(bytes)) === "";
      if (isWhole) return bytes;
      await (await this.kept)?.delete(key);
    } catch {
      // as if nothing had been kept
    }
    return null;
  }

  /** @param {string} key */
  async find(key) {
    try {
      return await (await this.kept)?.match(key);
    } catch {
      return undefined;
    }
  }
}

/**
 * Where files are kept between visits, by address or by the hash of their contents, so that no visit gets an old one.
 *
 * @returns {Promise<Cache | null>} null where a browser forbids it
 */
async function openStore() {
  try {
    return await caches.open("gd-python");
  } catch {
    return null;
  }
}

/**
 * The address under which contents with a hash are kept; nothing is fetched from there.
 *
 * @param {string} sha256
 */
function keyOf(sha256) {
  return new URL(`/gd-python/${sha256}`, import.meta.url).href;
}

/**
 * What a packed file holds.
 *
 * @param {string} name
 * @param {Manifest} manifest
 * @returns {Contents}
 */
function contentsOf(name, { files }) {
  const { unpacked } = files[name] ?? {};
  if (!unpacked) throw new StartError(missing(name));
  return unpacked;
}

/** @param {string} name */
function missing(name) {
  return t`The file ${name} is missing: this site's manifest does not name it.`;
}

/**
 * Say what is wrong with the bytes of a file, or "" when they are those that the manifest promises.
 *
 * @param {string} name
 * @param {Contents} file
 * @param {Bytes} bytes
 */
async function faultOf(name, file, bytes) {
  if (bytes.length !== file.bytes) {
    return damaged(name, bytes, t`${file.bytes} bytes are expected, ${bytes.length} came`);
  }
  return (await differs(bytes, file.sha256)) ? damaged(name, bytes, altered()) : "";
}

/**
 * Whether bytes have another SHA-256. Browsers offer no digest on an address without encryption; sizes must do there.
 *
 * @param {Bytes} bytes
 * @param {string} sha256 in hexadecimal digits, all of them or the first
 */
async function differs(bytes, sha256) {
  if (!globalThis.crypto?.subtle) return false;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const digits = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0"));
  return !digits.join("").startsWith(sha256);
}

/**
 * A checksum of some bytes.
 *
 * @param {Uint8Array} bytes that begin at a multiple of four in their buffer
 * @param {number} [checksum] of what stands before them
 */
export function checksumOf(bytes, checksum = bytes.length) {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
  for (let i = 0; i < words.length; i++) checksum = (Math.imul(checksum, 31) + words[i]) | 0;
  for (const byte of bytes.subarray(4 * words.length)) checksum = (Math.imul(checksum, 31) + byte) | 0;
  return checksum;
}

/**
 * @param {number} loaded
 * @param {number} total
 * @returns {Progress}
 */
function downloading(loaded, total) {
  return { stage: "download", label: t`Downloading Python and NumPy`, loaded, total };
}

function altered() {
  return t`its contents have been altered on the way`;
}

/**
 * @param {string} name
 * @param {Uint8Array} bytes
 * @param {string} [how]
 */
function damaged(name, bytes, how = t`it cannot be read`) {
  const beginning = new TextDecoder().decode(bytes.subarray(0, 100)).trimStart().toLowerCase();
  if (beginning.startsWith("<!doctype") || beginning.startsWith("<html")) return replaced(name);
  return t`The file ${name} has arrived damaged: ${how}.`;
}

/** @param {string} name of a file that a network's filter or sign-in page stands in the way of */
function replaced(name) {
  return t`A web page came instead of the file ${name}: a sign-in page or a filter of your network may stand in the way.`;
}

/**
 * Read a file by `fetch`. The size that the server tells is that of the compressed file, so the decoded bytes are counted.
 *
 * @type {Read}
 */
export async function download(url, { expected, fresh, signal, onBytes, onPace }) {
  const name = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
  try {
    const response = await fetch(url, { cache: fresh ? "reload" : "default", signal });
    if (!response.ok || !response.body) {
      throw new StartError(
        t`The file ${name} is missing: the server answered ${response.status}. If the site has been renewed since you opened this page, reloading the page helps.`,
      );
    }
    const begun = performance.now();
    const chunks = [];
    let count = 0;
    for await (const chunk of chunksOf(response.body)) {
      chunks.push(chunk);
      count += chunk.length;
      onBytes(count);
      if (expected !== undefined && count > expected) break;
    }
    const crossed = Number(response.headers.get("Content-Length")) || count; // the compressed ones, if it tells
    onPace?.(crossed / Math.max(performance.now() - begun, 1));
    const bytes = new Uint8Array(count);
    let place = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, place);
      place += chunk.length;
    }
    return bytes;
  } catch (error) {
    if (error instanceof StartError) throw error;
    const sentence = (await leadsElsewhere(url, signal))
      ? replaced(name)
      : t`The connection broke while ${name} was downloaded.`;
    throw new StartError(sentence, { cause: error });
  }
}

/**
 * Whether the server sends whoever asks for a file to another address. Following it is what the page's policy may have
 * refused, which looks like a broken connection.
 *
 * @param {URL} url
 * @param {AbortSignal} signal
 */
async function leadsElsewhere(url, signal) {
  try {
    const { type, body } = await fetch(url, { cache: "reload", redirect: "manual", signal });
    await body?.cancel();
    return type === "opaqueredirect";
  } catch {
    return false;
  }
}

/**
 * The chunks of a stream; not every browser iterates over a stream by itself.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
 */
export async function* chunksOf(stream) {
  const reader = stream.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    reader.cancel().catch(() => {});
  }
}
