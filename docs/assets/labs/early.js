/**
 * Starts Python while the page is still arriving, where it will be needed and nothing has to be downloaded for it that
 * would not be anyway: for a reader who follows a link to a lab, and for one whose browser has kept Python since an earlier
 * visit. Every other start waits until a lab comes near the screen (`lab.js`).
 */

import { start } from "./client.js";

const { dataset } = /** @type {HTMLElement} */ (document.querySelector("script[data-runtime]"));
const runtime = new URL(dataset.runtime ?? "", location.href).href;

/** Whether an earlier visit has kept this version of Python: its manifest is what is kept last (`files.js`). */
async function isKept() {
  try {
    return Boolean(await caches.match(`${runtime}manifest.json`, { cacheName: "gd-python" }));
  } catch {
    return false;
  }
}

const { connection } = /** @type {{ connection?: { saveData?: boolean } }} */ (navigator);
const linked = location.hash.startsWith("#lab-") && !connection?.saveData;

// A lab that starts it again says what went wrong.
if (linked || (await isKept())) start(runtime).catch(() => {});
