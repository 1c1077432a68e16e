/**
 * The entry: mounts each `<gd-lab>` when it enters the page and unmounts it when it leaves, which is also how instant
 * navigation comes and goes. What a lab is lives in one module per kind.
 */

import "./keras.js";
import "./quiz.js";
import { mountTraining } from "./training.js";

/**
 * The kinds of labs: each builds itself into the element and returns what takes it away again.
 *
 * @type {Record<string, (host: HTMLElement) => () => void>}
 */
const KINDS = { training: mountTraining };

class Lab extends HTMLElement {
  connectedCallback() {
    this.unmount = KINDS[this.dataset.kind ?? ""]?.(this);
  }

  disconnectedCallback() {
    this.unmount?.();
  }
}

customElements.define("gd-lab", Lab);
