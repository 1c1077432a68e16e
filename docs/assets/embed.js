/**
 * Tells the page around a frame how high the lab in it is, at first and whenever that changes. It listens to nothing and
 * takes nothing from there; `docs/embedding.md` shows what a page may do with it.
 */

/** @type {Element | null} */
const content = document.querySelector(".gd-embed");

if (content && parent !== window) {
  new ResizeObserver(() => {
    parent.postMessage({ type: "gd-height", height: Math.ceil(document.body.offsetHeight) }, "*");
  }).observe(content);
}
