/**
 * What the reader's browser keeps for this site. Browsers that forbid storage throw on the mere mention of it; everything
 * then works without remembering.
 */

/**
 * @param {string} key
 * @returns {string | null}
 */
export function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @param {string | null} text null removes what was kept
 */
export function keep(key, text) {
  try {
    if (text === null) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // Not remembered; see above.
  }
}

/**
 * Learn that another tab has kept something else under a key.
 *
 * @param {string} key
 * @param {() => void} changed
 * @param {AbortSignal} signal
 */
export function onNews(key, changed, signal) {
  // all is forgotten at once without a key
  addEventListener("storage", (event) => (event.key ?? key) === key && changed(), { signal });
}

/**
 * Read an object that was kept; what cannot be read, or is none, counts as nothing kept.
 *
 * @param {string} key
 * @returns {Record<string, unknown>}
 */
export function recallObject(key) {
  try {
    const value = JSON.parse(recall(key) ?? "{}");
    return value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}
