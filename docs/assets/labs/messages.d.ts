/**
 * What the page and the worker say to each other: the one seam between JavaScript and Python.
 *
 * Names are those of `gd_core` (`Settings`, `Frame`, `Verdict` are its classes); nothing is renamed on the way.
 * The page asks, the worker answers every request once, with the same `id`. While Python starts, the worker also
 * sends `progress` messages on its own. A request to a lab calls the method that its `type` names (`gd_core.labs`).
 */

// --- training ---------------------------------------------------------------------------------------------------

/** The settings of a training lab, as `gd_core.settings.Settings` defines and checks them. */
export interface Settings {
  dataset: string;
  points: number;
  noise: number;
  data_seed: number;
  hidden_layers: number[];
  activation: string;
  loss: string;
  optimizer: string;
  learning_rate: number;
  schedule: string;
  batch_size: number;
  epochs: number;
  seed: number;
}

export type VerdictName = "crawling" | "learning" | "converged" | "oscillating" | "stuck" | "diverged";

/** What became of a run: its name, the epoch where it turned, one sentence of reason, one of remedy. */
export interface Verdict {
  name: VerdictName;
  epoch: number;
  reason: string;
  remedy: string;
}

/** The training points, sent when they change. `x` and `y` lie within [-domain, domain]. */
export interface Points {
  x: Float64Array;
  y: Float64Array;
  /** 0 or 1 for each point. */
  targets: Float64Array;
  domain: number;
}

/** The network's probability of class 1 on a square grid over [-domain, domain]², row by row from the top left. */
export interface Surface {
  size: number;
  /** size × size values between 0 and 1. */
  probabilities: Float32Array;
}

/** What a session reports after each request: the state now, and the epochs that are new since the last frame. */
export interface Frame {
  /** Whole epochs done in this run. */
  epoch: number;
  /** Updates done in the epoch under way; 0 between epochs. */
  update: number;
  updates_per_epoch: number;
  /** Mean loss of the last batch, measured before its update; NaN before the first. */
  batch_loss: number;
  /** Mean loss over all points before the first update. */
  initial_loss: number;
  /** Loss of a network that gives one half to every point. */
  chance: number;
  /** True when the run has reached its last epoch or was stopped because it diverged. */
  finished: boolean;
  /** The epoch at which a run that is continued will finish. */
  last_epoch: number;
  /** Epoch number of `losses[0]`; epochs count from 1. */
  first_epoch: number;
  /** Mean loss of each new epoch; may hold Infinity or NaN. */
  losses: Float64Array;
  /** Accuracy of each new epoch, between 0 and 1. */
  accuracies: Float64Array;
  /** Present when the run is finished; null before. */
  verdict: Verdict | null;
  /** Why the run stopped, as a sentence; empty while it has not. */
  stopped: string;
  /** What is wrong with the reader's own rule; null while nothing is. A rule that failed ends its run without a verdict. */
  mistake: Mistake | null;
  /** What the reader's own rule has printed in this run. */
  printed: string;
  /** Present when asked for. */
  surface: Surface | null;
  /** Present in the answer to `open`, `reset` and to a `change` that replaced the data. */
  points: Points | null;
}

/** The run in Keras, as `gd_core.keras_twin` writes it; each form in two parts, before and after the learning rate. */
export interface KerasForms {
  listing: [string, string];
  script: [string, string];
}

/** How far a mission has come, as `gd_core.missions` says it; the page keeps the notes for the next question. */
export interface MissionStanding {
  notes: Record<string, unknown>;
  done: boolean;
  sentence: string;
}

/** How far to train before answering: so many updates, so many epochs, or for so long. Never beyond `last_epoch`. */
export type Amount = { updates: number } | { epochs: number } | { milliseconds: number };

/** `surface` in a request: the grid's size (say 48), or 0 for none. */
export type TrainingRequest =
  | { type: "open"; kind: "training"; settings: Partial<Settings>; surface: number }
  /** Train on. A finished run is continued: its `last_epoch` moves on by `settings.epochs`. */
  | { type: "advance"; amount: Amount; surface: number }
  /** Change settings. `learning_rate` and `epochs` act on the run under way; any other setting begins a new run. */
  | { type: "change"; settings: Partial<Settings>; surface: number }
  /** Begin again: same data, same first weights. */
  | { type: "reset"; surface: number }
  | { type: "csv" }
  | { type: "keras" }
  /** The run as code for a notebook; `wheel` is the address of `gd_core`'s wheel. Answered by a string. */
  | { type: "notebook"; wheel: string }
  /** Tell missions of the run, if it has ended. Answered by `MissionStanding[]`. */
  | { type: "judge"; missions: Record<string, unknown>[] };

// --- code that readers write ------------------------------------------------------------------------------------

/** What is wrong with a reader's code: the line, counted from 1, and one sentence. */
export interface Mistake {
  line: number;
  sentence: string;
}

/** `source` is Python that defines `update`; a frame answers, and begins a new run unless there is a mistake. */
export type RuleRequest = { type: "rule"; source: string | null; surface: number };

/** What a code cell shows: what it printed and the value of its last line; and what went wrong. */
export interface CellResult {
  output: string;
  error: Mistake | null;
}

export type CellsRequest =
  { type: "open"; kind: "cells"; settings: Record<string, never> } | { type: "run"; source: string };

// --- all labs ---------------------------------------------------------------------------------------------------

/** What a lab may ask; a kind's first request is `open`, whose `kind` is a key of `gd_core.labs.LABS`. */
export type LabRequest = TrainingRequest | RuleRequest | CellsRequest;

export type Request =
  { type: "start"; runtime: string } | { type: "close"; lab: number } | (LabRequest & { lab: number });

export type RequestMessage = Request & { id: number };

/** The answer to a request. `error.type` is the Python exception's name, or the JavaScript error's. */
export type Reply =
  | { type: "reply"; id: number; value: unknown }
  | { type: "reply"; id: number; error: { type: string; message: string } };

/** How far the start has come: bytes while "download", 0 of 0 in stages that cannot be counted. */
export interface Progress {
  type: "progress";
  stage: "download" | "start" | "import";
  /** A word for people: "Downloading Python and NumPy", "Starting Python", "Loading the network". */
  label: string;
  loaded: number;
  total: number;
}

export type WorkerMessage = Reply | Progress;
