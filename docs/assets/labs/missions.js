/**
 * `<gd-missions>`: follows the runs of the page's first training lab and ticks the missions off that they accomplish. Python
 * judges (`gd_core.missions`); what it must remember of each mission is kept in the browser under the mission's name.
 */

import { button, make } from "./fields.js";
import * as hub from "./hub.js";
import { t } from "./language.js";
import { keep, onNews, recallObject } from "./storage.js";

/** @typedef {import("./messages").MissionStanding} MissionStanding */

export class Missions {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    this.leaving = new AbortController();
    const items = /** @type {NodeListOf<HTMLElement>} */ (host.querySelectorAll(".gd-mission"));
    this.missions = Array.from(items, (item) => new Mission(item));
    this.news = make("p", { class: "gd-missions-news", "aria-live": "polite" });
    this.clear = button(t`Begin the missions again`, "", () => this.forget(), this.leaving.signal);
    this.clear.addEventListener("blur", () => this.show(), { signal: this.leaving.signal });
    this.foot = make("div", { class: "gd-missions-foot gd-live" }, this.news, this.clear);
    host.append(this.foot);
    hub.onRun(() => this.judge(), this.leaving.signal);
    for (const mission of this.missions) {
      const follow = () => {
        mission.recall();
        this.show();
      };
      onNews(mission.key, follow, this.leaving.signal);
    }
    this.show();
  }

  unmount() {
    this.leaving.abort();
    this.foot.remove();
    for (const mission of this.missions) mission.rest();
  }

  /** A run has ended: ask what it means for the missions. */
  async judge() {
    const told = await hub.firstTrainer()?.ask({
      type: "judge",
      missions: this.missions.map(({ asked, notes }) => ({ ...asked, notes })),
    });
    if (!told || this.leaving.signal.aborted) return;
    /** @type {MissionStanding[]} */
    const standings = told;
    const before = this.missions.map(({ done }) => done);
    this.missions.forEach((mission, i) => mission.take(standings[i]));
    const news = this.missions.filter(({ done }, i) => done && !before[i]).map(({ title }) => title);
    if (news.length > 0) this.news.textContent = t`Mission accomplished: ${news.join(", ")}.`;
    this.show();
  }

  forget() {
    for (const mission of this.missions) mission.take({ notes: {}, done: false, sentence: "" });
    this.news.textContent = "";
    this.show();
  }

  show() {
    const begun = this.missions.some(({ done, sentence }) => done || sentence !== "");
    this.clear.hidden = !begun && document.activeElement !== this.clear; // it would take the focus along
    document.dispatchEvent(new Event("gd-scored"));
  }
}

/** How deep notes go: settings by name, one of them a list. What lies deeper was not written here, and Python might fall over it. */
const DEEPEST = 3;

/**
 * @param {unknown} value
 * @param {number} deepest
 * @returns {boolean} whether objects and lists in it lie no deeper
 */
function isFlat(value, deepest) {
  if (value === null || typeof value !== "object") return true;
  return deepest > 0 && Object.values(value).every((inner) => isFlat(inner, deepest - 1));
}

/** One mission: its item in the page, what it asks, how far it has come. */
class Mission {
  /** @param {HTMLElement} item */
  constructor(item) {
    this.item = item;
    this.key = `gd-mission:${item.dataset.key}`;
    /** @type {Record<string, unknown>} */
    this.asked = JSON.parse(item.dataset.mission ?? "{}");
    this.title = item.querySelector(".gd-mission-title")?.textContent ?? "";
    this.mark = make("span", { class: "gd-mission-mark" });
    this.told = make("p", { class: "gd-mission-told" });
    item.querySelector(".gd-mission-title")?.after(this.mark);
    item.append(this.told);
    this.recall();
  }

  /** Take what was kept, here or in another tab. */
  recall() {
    const kept = recallObject(this.key);
    this.take({
      notes:
        kept.notes && typeof kept.notes === "object" && isFlat(kept.notes, DEEPEST)
          ? /** @type {Record<string, unknown>} */ (kept.notes)
          : {},
      done: kept.done === true,
      sentence: typeof kept.sentence === "string" ? kept.sentence : "",
    });
  }

  /** @param {MissionStanding} standing */
  take({ notes, done, sentence }) {
    this.notes = notes;
    this.done = done;
    this.sentence = sentence;
    keep(this.key, Object.keys(notes).length > 0 || done ? JSON.stringify({ notes, done, sentence }) : null);
    this.item.toggleAttribute("data-done", done);
    this.mark.textContent = done ? t`✓ done` : t`to do`;
    this.told.textContent = sentence;
    this.told.hidden = sentence === "";
  }

  rest() {
    this.mark.remove();
    this.told.remove();
  }
}
