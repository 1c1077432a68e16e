/**
 * The service worker: keeps the course page, the lessons and all that they load, so that somebody who has been here once
 * can go on without a network. The site's build writes its list into this file and serves it from the site's root, and
 * with other lists from the folder of each other language, where it serves the pages of that folder.
 *
 * Nobody is held on an old version: a page comes from the network wherever there is one that answers, and what is kept serves
 * only where there is none. What lies at an address with a version in it never changes, and is taken from what is kept at once. What
 * is kept is never what happened to come by, such as a sign-in page: it is fetched and checked as a whole, for one version,
 * before this worker takes over from an older one. Python is not kept here: `files.js` does that.
 */

/**
 * The site's `version`; the folder of the `labs`' scripts, which every page names; the `folder` of the language, like "de/", or "";
 * and the SHA-256 of each file to keep. Folders and files go by their address from the site's root.
 *
 * @typedef {{ version: string, labs: string, folder: string, files: Record<string, string> }} Site
 * @typedef {Event & { waitUntil: (done: Promise<unknown>) => void }} ExtendableEvent
 * @typedef {ExtendableEvent & { request: Request, preloadResponse: Promise<Response | undefined>,
 *   respondWith: (response: Promise<Response>) => void }} FetchEvent
 */

/** The build puts its list in place of null. Without one this worker removes itself and what it has kept. */
const SITE = /** @type {Site | null} */ (null);

/** @type {any} what TypeScript takes for a window */
const worker = self;
const SCOPE = /** @type {ServiceWorkerRegistration} */ (worker.registration).scope;

/** The site's root. */
const ROOT = SCOPE.slice(0, SCOPE.length - (SITE?.folder.length ?? 0));

/** The stores of this site and language; others on the same host have theirs. */
const STORES = `gd-site ${SCOPE} `;
const STORE = `${STORES}${SITE?.version}`;

/** Addresses with a version in them. */
const FROZEN = /^assets\/([0-9a-f]{16}\/|editor\/|javascripts\/.*\.[0-9a-f]{8}\.min\.js$)/;

/**
 * Milliseconds without the beginning of an answer after which what is kept serves: a network that is gone may say nothing
 * at all. So may a proxy's, which then answers itself, with an error of its own.
 */
const PATIENCE = 10_000;

worker.addEventListener("install", (/** @type {ExtendableEvent} */ event) => {
  event.waitUntil(SITE ? keepAll(SITE) : worker.skipWaiting());
});

worker.addEventListener("activate", (/** @type {ExtendableEvent} */ event) => {
  event.waitUntil(SITE ? takeOver() : retire());
});

if (SITE) {
  worker.addEventListener("fetch", (/** @type {FetchEvent} */ event) => {
    const { origin, pathname } = new URL(event.request.url);
    const path = decodeURI(`${origin}${pathname}`.replace(ROOT, ""));
    if (event.request.method !== "GET") return;
    if (FROZEN.test(path)) event.respondWith(keptOrFetched(event.request));
    else if (Object.hasOwn(SITE.files, path)) event.respondWith(fetchedOrKept(event, ROOT + path));
  });
}

/**
 * Keep all files of a version, or none.
 *
 * @param {Site} site
 */
async function keepAll({ labs, files }) {
  const { connection } = /** @type {{ connection?: { saveData?: boolean } }} */ (navigator);
  if (connection?.saveData) throw new Error("the reader's browser is to save data");
  try {
    const store = await caches.open(STORE);
    for (const [path, sha256] of Object.entries(files)) {
      const address = ROOT + path;
      const known = FROZEN.test(path) ? await caches.match(address) : undefined;
      await store.put(address, known ?? (await fetchChecked(path, sha256, labs)));
    }
  } catch (error) {
    await caches.delete(STORE);
    throw error;
  }
  await worker.skipWaiting();
}

/**
 * Fetch a file, as its server has it now, and check that it is that of this version.
 *
 * @param {string} path
 * @param {string} sha256
 * @param {string} labs
 */
async function fetchChecked(path, sha256, labs) {
  const isPage = /(^|\/)$/.test(path);
  // A page that the reader has not opened must not stay in the browser's cache: opened, it would not be asked for again.
  const cache = isPage ? "no-store" : FROZEN.test(path) ? "default" : "no-cache";
  const response = await fetch(ROOT + path, { cache });
  const bytes = await response.clone().arrayBuffer();
  // A server may add something of its own to its pages; what counts is which scripts they go with.
  const right = isPage ? new TextDecoder().decode(bytes).includes(labs) : (await digest(bytes)) === sha256;
  if (!response.ok || response.redirected || !right) throw new Error(`${path} is not that of this version`);
  return response;
}

/** @param {ArrayBuffer} bytes */
async function digest(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Serve the pages that are open, too; keep the version before for them, which may have scripts yet to load. */
async function takeOver() {
  const others = (await caches.keys()).filter((name) => name.startsWith(STORES) && name !== STORE);
  for (const name of others.slice(0, -1)) await caches.delete(name);
  await worker.registration.navigationPreload?.enable();
  await worker.clients.claim();
}

async function retire() {
  for (const name of await caches.keys()) if (name.startsWith(STORES)) await caches.delete(name);
  await worker.registration.unregister();
}

/** @param {Request} request */
async function keptOrFetched(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

/**
 * @param {FetchEvent} event
 * @param {string} address
 */
async function fetchedOrKept({ request, preloadResponse }, address) {
  const asked = (async () => (await preloadResponse) ?? (await fetch(request)))();
  const silence = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
  const answer = await Promise.race([asked.catch(() => null), silence]);
  if (answer && answer.status < 500) return answer;
  const store = await caches.open(STORE);
  return (await store.match(address, { ignoreVary: true })) ?? asked;
}
