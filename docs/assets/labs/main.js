/**
 * The entry: mounts each `<gd-lab>` when it enters the page and unmounts it when it leaves, which is also how instant
 * navigation comes and goes. What a lab is lives in one module per kind, loaded by the pages that hold one.
 */

import "./keras.js";
import "./quiz.js";

/**
 * The kinds of labs: each loads what builds the lab into its element.
 *
 * @type {Record<string, () => Promise<new (host: HTMLElement) => import("./lab.js").Lab>>}
 */
const KINDS = {
  training: async () => (await import("./training.js")).TrainingLab,
};

class LabElement extends HTMLElement {
  /** @type {import("./lab.js").Lab | null} */
  lab = null;

  async connectedCallback() {
    const Kind = await KINDS[this.dataset.kind ?? ""]?.();
    if (Kind && this.isConnected && !this.lab) this.lab = new Kind(this);
  }

  disconnectedCallback() {
    this.lab?.unmount();
    this.lab = null;
  }
}

customElements.define("gd-lab", LabElement);
