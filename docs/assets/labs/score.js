/**
 * `<gd-score>` and `<gd-progress>`: how many of a page's missions and questions are done, what is left, and the same in brief
 * on other pages. Everything that counts carries `data-score`, the name of its kind, and `data-done` once it is done.
 */

import { make } from "./fields.js";
import { t } from "./language.js";
import { keep, recallObject } from "./storage.js";

const PREFIX = "gd-score:";

export class Score {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.leaving = new AbortController();
    document.addEventListener("gd-scored", () => this.show(), { signal: this.leaving.signal });
    this.show();
  }

  unmount() {
    this.leaving.abort();
    this.host.replaceChildren();
  }

  show() {
    const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-score]")]);
    const left = all.filter((item) => !item.hasAttribute("data-done"));
    const done = all.length - left.length;
    keep(PREFIX + this.host.dataset.page, done > 0 ? JSON.stringify({ done, total: all.length }) : null);
    const kinds = [...new Set(all.map((item) => item.dataset.score ?? ""))];
    const bars = kinds.map((kind) => {
      const own = all.filter((item) => item.dataset.score === kind);
      const count = own.filter((item) => item.hasAttribute("data-done")).length;
      return make(
        "p",
        { class: "gd-score-kind" },
        make("span", {}, t`${kind}: ${count} of ${own.length}`),
        make("progress", { max: String(own.length), value: String(count), "aria-label": t`${kind} done` }),
      );
    });
    const sentence =
      left.length === 0
        ? t`All ${all.length} done. Well steered!`
        : done === 0
          ? t`${all.length} things to do on this page; none is done yet.`
          : t`${done} of ${all.length} done.`;
    const links = left.map((item) => make("li", {}, link(item)));
    this.host.replaceChildren(
      make("p", { class: "gd-score-sum", "aria-live": "polite" }, make("strong", {}, sentence)),
      ...bars,
      ...(links.length > 0
        ? [make("details", {}, make("summary", {}, t`What is left`), make("ul", {}, ...links))]
        : []),
    );
  }
}

/** @param {HTMLElement} item */
function link(item) {
  const title = item.querySelector("legend, .gd-mission-title")?.textContent?.trim() ?? "";
  const short = title.length > 70 ? `${title.slice(0, 68).trimEnd()} …` : title;
  const anchor = item.id || item.closest("[id]")?.id || "";
  return make("a", { href: `#${anchor}` }, `${item.dataset.score}: ${short}`);
}

/**
 * @param {unknown} value
 * @returns {value is number}
 */
function isCount(value) {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) < 1000;
}

export class Progress {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    const { done, total } = recallObject(PREFIX + host.dataset.page);
    if (!isCount(done) || !isCount(total) || done > total) return;
    host.hidden = false;
    host.replaceChildren(
      make("progress", { max: String(total), value: String(done), "aria-hidden": "true" }),
      make("span", {}, done === total ? t`all ${total} done` : t`${done} of ${total} done`),
    );
  }

  unmount() {
    this.host.replaceChildren();
    this.host.hidden = true;
  }
}
