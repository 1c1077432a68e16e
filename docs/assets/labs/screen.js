/**
 * Canvases in the page: they get the pixels that their place has, and the theme's colours, and are drawn again when either
 * changes. What is drawn is `canvas.js`.
 */

import { make } from "./fields.js";

/** @typedef {import("./canvas.js").View} View */

/** Fits canvases to their parents and to the theme. */
export class Screen {
  /**
   * @param {HTMLElement[]} frames the parents of the canvases
   * @param {() => void} invalidate asks for a new drawing
   * @param {() => void} drawNow draws at once
   * @param {AbortSignal} signal
   */
  constructor(frames, invalidate, drawNow, signal) {
    /** @type {Pick<View, "font" | "colours" | "ghosts"> | null} read again after each change of theme */
    this.palette = null;
    const sizes = new ResizeObserver(invalidate);
    for (const frame of frames) sizes.observe(frame);
    const repaint = () => {
      this.palette = null;
      invalidate();
    };
    const theme = new MutationObserver(repaint);
    theme.observe(document.body, { attributes: true, attributeFilter: ["data-md-color-scheme"] });
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
      matchMedia(query).addEventListener("change", repaint, { signal });
    }
    addEventListener("resize", invalidate, { signal });
    // paper has the colours of the light scheme, which are the root's, and no frame comes before it
    const print = () => {
      this.palette = readPalette(document.documentElement);
      drawNow();
    };
    addEventListener("beforeprint", print, { signal });
    addEventListener("afterprint", repaint, { signal });
    // a window that moves to another screen may keep its size
    const followRatio = () => {
      const ratio = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
      ratio.addEventListener("change", followRatio, { signal, once: true });
      invalidate();
    };
    followRatio();
    signal.addEventListener("abort", () => {
      sizes.disconnect();
      theme.disconnect();
    });
  }

  /**
   * Give a canvas the pixels its place has.
   *
   * @param {HTMLCanvasElement} canvas
   * @returns {View | null} null while it has no place
   */
  fit(canvas) {
    const view = this.view(canvas);
    const width = Math.round(view.width * view.ratio);
    const height = Math.round(view.height * view.ratio);
    if (width === 0 || height === 0) return null;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    return view;
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @returns {View}
   */
  view(canvas) {
    const frame = /** @type {HTMLElement} */ (canvas.parentElement);
    this.palette ??= readPalette(frame);
    return {
      width: frame.clientWidth,
      height: frame.clientHeight,
      ratio: devicePixelRatio,
      ...this.palette,
    };
  }
}

/**
 * Read the theme's colours as the canvas writes them: any opaque colour becomes `#rrggbb`. They are asked of an element,
 * since a canvas knows nothing of the page's scheme, and gives the system's colours as in a light one.
 *
 * @param {HTMLElement} element
 * @returns {Pick<View, "font" | "colours" | "ghosts">}
 */
function readPalette(element) {
  const ghost = [1, 2, 3, 4, 5].map((number) => `ghost-${number}`);
  const probes = ["class-0", "class-1", "curve", "grid", "axis", "paper", "text", ...ghost].map((name) =>
    make("i", { style: `color: var(--gd-${name})` }),
  );
  const probe = make("i", { style: "forced-color-adjust: none" }, ...probes);
  // with all of them: a browser works out the page's style once, and not for each
  element.append(probe);
  const pen = context(make("canvas"));
  const [class0, class1, curve, grid, axis, paper, text, ...ghosts] = probes.map((own) => {
    pen.fillStyle = getComputedStyle(own).color;
    return String(pen.fillStyle);
  });
  const font = getComputedStyle(document.body).fontFamily;
  probe.remove();
  return { font, colours: { class0, class1, curve, grid, axis, paper, text }, ghosts };
}

/**
 * Every drawing begins with paper all over, so that a browser need not mix it with what is beneath, frame by frame.
 *
 * @param {HTMLCanvasElement} canvas
 */
export function context(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
}
