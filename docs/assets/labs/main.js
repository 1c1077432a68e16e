/**
 * The entry: mounts labs and what belongs to them when they enter the page and unmounts them when they leave, which is also
 * how instant navigation comes and goes. What each is lives in one module per kind, loaded by the pages that hold one.
 */

import "./keras.js";
import { ready } from "./language.js";
import "./quiz.js";

/** @typedef {{ unmount: () => void }} Mounted */

/**
 * The kinds: each loads what builds it into its element.
 *
 * @type {Record<string, () => Promise<new (host: HTMLElement) => Mounted>>}
 */
const KINDS = {
  graph: async () => (await import("./graph.js")).GraphLab,
  gradients: async () => (await import("./gradients.js")).GradientsLab,
  training: async () => (await import("./training.js")).TrainingLab,
  valley: async () => (await import("./valley.js")).ValleyLab,
  sweep: async () => (await import("./sweep.js")).SweepLab,
  network: async () => (await import("./network.js")).NetworkLab,
  vanishing: async () => (await import("./vanishing.js")).VanishingLab,
  rule: async () => (await import("./rule.js")).RuleLab,
  cell: async () => (await import("./cell.js")).Cell,
  missions: async () => (await import("./missions.js")).Missions,
  score: async () => (await import("./score.js")).Score,
  progress: async () => (await import("./score.js")).Progress,
  step: async () => (await import("./step.js")).StepLab,
};

/** How far from the screen an element is mounted at once; what is farther waits until the browser has time. */
const NEAR = "100% 0px";

/** Milliseconds that it may wait for that: some browsers are never idle. */
const PATIENCE = 200;

/** Milliseconds between two looks whether anything is busy. */
const TICK = 100;

/**
 * Milliseconds between two things mounted that are far: a tenth of a second after new fields have come, a browser that fills
 * in forms looks at them, and lays them out for that. Of several labs at once that would be one long task.
 */
const PACE = 120;

/** Labs that are being opened, or that draw as fast as they can, and should not have to wait. */
const BUSY = "gd-lab:is([data-state=loading], [data-state=training])";

/**
 * Do what nobody waits for, once neither Python's start nor a lab needs the time.
 *
 * @param {() => void} task
 */
function inIdleTime(task) {
  const look = () => {
    if (isPythonStarting || document.querySelector(BUSY)) setTimeout(look, TICK);
    else task();
  };
  if ("requestIdleCallback" in window) requestIdleCallback(look, { timeout: PATIENCE });
  else setTimeout(look, PATIENCE);
}

/** In the page, and not mounted yet. @type {Set<Mount>} */
const waiting = new Set();

const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries)
      if (isIntersecting) /** @type {Mount} */ (target).mount();
  },
  { rootMargin: NEAR },
);

/** Mount what waits, one by one, so that no single task is long. */
function mountWaiting() {
  const [next] = waiting;
  next?.mount().finally(() => setTimeout(() => inIdleTime(mountWaiting), PACE));
}

class Mount extends HTMLElement {
  /** @type {Mounted | null} */
  mounted = null;

  connectedCallback() {
    if (waiting.size === 0) inIdleTime(mountWaiting);
    waiting.add(this);
    near.observe(this);
  }

  disconnectedCallback() {
    this.leaveQueue();
    this.mounted?.unmount();
    this.mounted = null;
  }

  async mount() {
    this.leaveQueue();
    try {
      // what a kind says, it may say as soon as it is loaded
      await ready;
      const Kind = await KINDS[this.dataset.kind ?? ""]();
      if (this.isConnected && !this.mounted) this.mounted = new Kind(this);
    } catch (error) {
      dispatchEvent(new Event("gd-absent"));
      throw error;
    }
  }

  leaveQueue() {
    waiting.delete(this);
    near.unobserve(this);
  }
}

for (const name of ["gd-lab", "gd-cell", "gd-score", "gd-progress"]) {
  customElements.define(name, class extends Mount {});
}

/** Missions wait for nothing: they must hear of every run, also of one that was asked for while Python was starting. */
customElements.define(
  "gd-missions",
  class extends Mount {
    connectedCallback() {
      this.mount();
    }
  },
);

addEventListener("load", () => inIdleTime(() => import("./offline.js")));
