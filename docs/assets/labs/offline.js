/**
 * What comes after everything else: the service worker is registered, which keeps the lessons for a visit without a
 * network, and a page that comes by instant navigation is held against the scripts that run already.
 *
 * Nothing depends on it. Where a browser has no service workers, or forbids them, the site is what it is without.
 */

/** What a page names as its entry. */
const ENTRY = "script[src$='/labs/main.js']";

/** Load a page afresh that was made for scripts of another version: these would not know its labs. */
function compareVersions() {
  const entry = /** @type {HTMLScriptElement | null} */ (document.querySelector(ENTRY));
  if (entry && entry.src !== new URL("main.js", import.meta.url).href) location.reload();
}

async function register() {
  const { connection } = /** @type {{ connection?: { saveData?: boolean } }} */ (navigator);
  /** @type {HTMLElement | null} names the folder of the page's language, in which its service worker lies */
  const wanted = document.querySelector(`${ENTRY}[data-offline]`);
  if (!wanted || !navigator.serviceWorker || connection?.saveData) return;
  await navigator.serviceWorker.register(new URL(`../../../${wanted.dataset.offline}sw.js`, import.meta.url));
}

// The theme tells of every page that it has put in place of another, and first of the one that was loaded.
/** @type {any} */ (window).document$?.subscribe(compareVersions);
register().catch(() => {}); // forbidden, or the network is away
