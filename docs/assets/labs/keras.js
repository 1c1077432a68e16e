/**
 * `<gd-keras>`: a lab's run in Keras, short and as a whole script that can be downloaded. The first training lab keeps both in
 * step with itself, through `showRate` and `showForms`.
 */

import { ready, t } from "./language.js";
import { plainRate } from "./runs.js";
import { save } from "./share.js";

/** @typedef {import("./messages").KerasForms} KerasForms */

class Keras extends HTMLElement {
  connectedCallback() {
    if (this.querySelector("button.gd-keras-download")) return; // back by instant navigation
    const download = document.createElement("button");
    download.type = "button";
    download.className = "md-button gd-keras-download";
    download.textContent = t`Download the script`;
    download.addEventListener("click", () => this.download());
    this.querySelector("details")?.append(download);
  }

  download() {
    const text = this.querySelector("[data-gd-form=script] code")?.textContent ?? "";
    save("gradient_descent_in_keras.py", text, "text/x-python");
  }
}

ready.then(() => customElements.define("gd-keras", Keras));

/**
 * Whether the page shows the run of this lab in Keras: of the first training lab, built or not.
 *
 * @param {HTMLElement} lab
 */
export function shows(lab) {
  const keras = document.querySelector("gd-keras");
  return keras !== null && document.querySelector("gd-lab[data-kind=training]") === lab;
}

/**
 * Write the rate as Python does: Keras takes 10.0 and refuses 10.
 *
 * @param {number} rate
 */
export function showRate(rate) {
  const text = Number.isInteger(rate) ? rate.toFixed(1) : plainRate(rate);
  for (const place of document.querySelectorAll("[data-gd-rate]")) place.textContent = text;
}

/**
 * Show the run of other settings. Written by Python while the page is open, it comes without the colours of a listing
 * that was made with the site.
 *
 * @param {KerasForms} forms
 * @param {number} rate
 */
export function showForms(forms, rate) {
  for (const [name, [before, after]] of Object.entries(forms)) {
    for (const code of document.querySelectorAll(`gd-keras [data-gd-form=${name}] code`)) {
      const place = document.createElement("span");
      place.setAttribute("data-gd-rate", "");
      code.replaceChildren(before, place, after);
    }
  }
  showRate(rate);
}
