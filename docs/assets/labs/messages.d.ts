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

export type VerdictName =
  | "crawling"
  | "learning"
  | "converged"
  | "oscillating"
  | "stuck"
  | "diverged"
  /** the curve is too short to tell */
  | "undecided";

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
  /** Mean loss of each new epoch, the last of which is `epoch`; may hold Infinity or NaN. */
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
  /**
   * Train on. A finished run is continued: its `last_epoch` moves on by `settings.epochs`; but not if the request was sent
   * `ahead` of the answer that tells of the end. After the milliseconds of `within` it comes back, wherever it is.
   */
  | { type: "advance"; amount: Amount; surface: number; ahead: boolean; within: number }
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

// --- one slow step ----------------------------------------------------------------------------------------------

/** A weight by its place: the layer that it leads to, 1 for the first after the inputs; units count from 0. */
export interface WeightPlace {
  layer: number;
  source: number | "bias";
  to: number;
}

/** A point of the batch as a table writes it. */
export interface PointRow {
  x: string;
  y: string;
  truth: 0 | 1;
  /** What the network gives to class 1. */
  probability: string;
  /** What it gives to the point's own class. */
  given: string;
  right: boolean;
  loss: string;
  /** The loss as a share of the batch's largest, 0 to 1. */
  size: number;
}

/** What a slow step reports after each request: the round, which is a batch and the update that it leads to. */
export interface StepFrame {
  /** The learning rate that the coming update would have. */
  learning_rate: number;
  /** Loss of the batch before the update. */
  loss: number;
  /** Loss of the same batch after it. */
  loss_after: number;
  /** The change that the gradient promises, −η‖g‖². */
  predicted: number;
  rows: PointRow[];
  /** All weights, in one order; `source` is -1 for a bias. */
  weights: {
    layer: Float64Array;
    source: Float64Array;
    to: Float64Array;
    value: Float64Array;
    gradient: Float64Array;
  };
  /** The weight in the reader's hand. */
  weight: WeightPlace;
  /** The loss of the batch after a step at each of these rates, from 0 to twice `learning_rate`. */
  along: { rates: Float64Array; losses: Float64Array };
  /** Numbers and sentences as they are shown, by the name that stands in the page as `data-words`. */
  words: Record<string, string>;
}

export type StepRequest =
  /** `done`: the learning rates of updates to make first. */
  | { type: "open"; kind: "step"; settings: Settings; done: number[]; rate: number; weight: WeightPlace }
  /** The same round with another learning rate, or another weight in the hand. */
  | { type: "look"; rate: number; weight: WeightPlace }
  /** Make the update and turn to the next batch. */
  | { type: "make"; rate: number };

// --- the valley -------------------------------------------------------------------------------------------------

/** The settings of a valley, as `gd_core.valley_session.Settings` defines and checks them. */
export interface ValleySettings {
  /** λ of each weight: one, or two. */
  curvatures: number[];
  /** Where each weight begins. */
  start: number[];
  learning_rate: number;
  optimizer: string;
  momentum: number;
  steps: number;
}

/** A walk from the start on; numbers may be infinite or NaN at its end. */
export interface ValleyWalk {
  /** The place at the start and after each step, flat: all weights of a place, then those of the next. */
  weights: Float64Array;
  /** The gradient at each place, flat likewise. */
  slopes: Float64Array;
  /** The loss at each place. */
  losses: Float64Array;
  /** Why the walk ends: at the floor, beyond all numbers, or because it may have no more steps. */
  end: "arrived" | "beyond" | "steps";
  /** What the learning rate makes of each weight. */
  regimes: { name: string; factor: number }[];
  /** The same in sentences, with the reason. */
  explanation: string;
  /** The learning rates that decide, for the dial. */
  marks: { rate: number; label: string }[];
  /** The loss at the edge (with two weights, in the corners) of the picture. */
  top: number;
  /** Half axes of lines of equal loss, flat, from the largest to the smallest; none for one weight. */
  ellipses: Float64Array;
}

/** Both are answered by a `ValleyWalk`. */
export type ValleyRequest =
  | { type: "open"; kind: "valley"; settings: ValleySettings }
  /** Change what is named, and walk again from the start. */
  | ({ type: "walk" } & Partial<ValleySettings>);

// --- sweep ------------------------------------------------------------------------------------------------------

/** Where the rates of a sweep crawl, learn and break: places among the rates, or null where there is none. */
export interface Regions {
  /** The end of the rates, from the lowest up, that crawl. */
  crawls_to: number | null;
  /** The ends of the sweet spot. */
  learns_from: number | null;
  learns_to: number | null;
  best: number | null;
  breaks_from: number | null;
  /** All of this in words. */
  sentence: string;
}

/** A sweep as it stands; every array has one entry for each rate. */
export interface SweepFrame {
  /** Rising. */
  rates: Float64Array;
  /** Loss of the last epoch done, before the first that of the first weights; may hold Infinity or NaN. */
  losses: Float64Array;
  /** 1 for a run in training, 0 for one that has diverged. */
  alive: Uint8Array;
  epoch: number;
  last_epoch: number;
  /** Share of the work that is done, between 0 and 1. */
  progress: number;
  initial_loss: number;
  /** Loss of a network that gives one half to every point. */
  chance: number;
  finished: boolean;
  /** Present when the sweep is finished; null before. */
  verdicts: VerdictName[] | null;
  regions: Regions | null;
}

export type SweepRequest =
  | { type: "open"; kind: "sweep"; settings: Partial<Settings> }
  /** Give up the sweep under way and begin another one. The learning rate counts for nothing. */
  | { type: "begin"; settings: Settings }
  | { type: "advance"; milliseconds: number };

// --- network ----------------------------------------------------------------------------------------------------

/** A unit: its layer, where 0 are the inputs, and its place in the layer, from 0. */
export type Unit = [layer: number, unit: number];

/** How the network shall stand; it starts from the good weights each time. */
export interface Stand {
  /** The hidden units that are switched off. */
  off: Unit[];
  /** Standard deviation of the random numbers that are added to all weights and biases. */
  noise: number;
  /** Which random numbers those are. */
  shake: number;
  /** Weights set by hand: layer, unit, which of its inputs (the one after the last is the bias), value. */
  nudges: [layer: number, unit: number, place: number, value: number][];
}

/** The network as it stands, as `gd_core.network_session.NetworkSession` tells it. Lists go by layer, the inputs left out. */
export interface NetworkFrame {
  /** Mean loss over all points. */
  loss: number;
  /** How many points of `count` get their own class. */
  right: number;
  count: number;
  /** `weights` unit by unit, each unit's inputs in their order. */
  layers: { weights: Float64Array; biases: Float64Array }[];
  /** Where each unit of the first hidden layer is undecided: a line's ends as x, y, x, y; nothing if off the square. */
  borders: (Float64Array | undefined)[];
  /** Cells along a side of the landscapes. */
  size: number;
  /** What each unit says all over the plane, unit by unit, between 0 and 1: one half where its sum is 0. */
  landscapes: Float32Array[];
}

/** One point's way through the network. Lists go by layer, the inputs left out. */
export interface Trace {
  x: number;
  y: number;
  /** `terms` are the products weight times input, unit by unit. */
  layers: { sums: Float64Array; outputs: Float64Array; terms: Float64Array }[];
  logit: number;
  /** Of class 1. */
  probability: number;
  /** 0 or 1. */
  answer: number;
}

export type NetworkRequest =
  /** The answer is a `NetworkFrame` with `points`. */
  | { type: "open"; kind: "network"; settings: Partial<Settings> & { params: number[] }; size: number }
  | ({ type: "alter"; size: number } & Stand)
  | { type: "move"; x: number; y: number };

// --- graph ------------------------------------------------------------------------------------------------------

/** A value of a computation graph, as `gd_core.graph_session` tells it. */
export interface WalkNode {
  name: string;
  /** The name as formulas write it, like "w₁". */
  label: string;
  /** "data", "weight", or what made it. */
  operation: string;
  /** Names of the values it was made from. */
  parents: string[];
  formula: string;
  value: number;
  value_text: string;
}

export type Sign = "+" | "-" | "0";

/** One step of the chain rule, from `node` back to `parent`: incoming × local = outgoing. */
export interface WalkStep {
  node: string;
  parent: string;
  /** Both names, like "o → w₂". */
  labels: string;
  incoming: number;
  local: number;
  outgoing: number;
  /** What has arrived at `parent` so far, this step included. */
  total: number;
  /** The four numbers as people read them. */
  texts: { incoming: string; local: string; outgoing: string; total: string };
  sign: Sign;
  /** How far from `outgoing` a typed number may lie. */
  tolerance: number;
  /** Whether something had arrived at `parent` before. */
  adds: boolean;
  /** The local derivative, like "∂o/∂w₂", and its formula, like "h". */
  derivative: string;
  rule: string;
  question: string;
  reason: string;
}

/** A graph and its backward walk, told at once. */
export interface Walk {
  nodes: WalkNode[];
  steps: WalkStep[];
  /** What the walk found, and what the graph holds, in sentences. */
  outcome: string;
  description: string;
}

export type GraphRequest =
  | { type: "open"; kind: "graph"; settings: { graph: string; values: Record<string, number> } }
  /** Put other numbers in; what is not named stays. */
  | { type: "change"; values: Record<string, number> };

// --- gradients --------------------------------------------------------------------------------------------------

/** The slope along one weight by nudging, with one nudge; numbers as people read them. */
export interface NudgeTexts {
  nudge: string;
  above: string;
  below: string;
  estimate: string;
  difference: string;
  why: string;
}

/** One weight, where it stands, its slope by backpropagation, and by nudging with each of `nudges`. */
export interface CheckedWeight {
  /** The layer that it leads to; the first after the inputs is 1. */
  layer: number;
  source: number | "bias";
  to: number;
  label: string;
  value: number;
  value_text: string;
  exact: number;
  exact_text: string;
  loss: number;
  nudges: ArrayLike<number>;
  differences: ArrayLike<number>;
  checks: NudgeTexts[];
}

export interface GradientCheck {
  layers: number[];
  weights: number;
  points: number;
  cost: string;
  weight: CheckedWeight;
}

/** All weights at once: where the two ways differ most, and what that says. */
export interface CheckOfAll {
  largest: number;
  median: number;
  differences: Float64Array;
  said: string;
}

export type GradientsRequest =
  | { type: "open"; kind: "gradients"; settings: Partial<Settings> }
  | { type: "weight"; layer: number; source: number | "bias"; to: number }
  | { type: "all"; nudge: number };

// --- vanishing --------------------------------------------------------------------------------------------------

export type Where = "inputs" | "middle" | "output" | "alike";

/** The size of the gradient in each layer, inputs first, and where it is smallest. */
export interface LayerGradients {
  hidden_layers: number;
  activation: string;
  seed: number;
  sizes: ArrayLike<number>;
  texts: string[];
  where: Where;
  said: string;
}

/** Two networks of one depth, trained from one seed. `losses` begin with that of the first weights. */
export interface TrainedDepth {
  hidden_layers: number;
  epochs: number;
  chance: number;
  runs: Record<string, { losses: Float64Array; verdict: Verdict; accuracy: number }>;
}

export type VanishingRequest =
  | {
      type: "open";
      kind: "vanishing";
      settings: Partial<Settings>;
      hidden_layers: number;
      activation: string;
    }
  | { type: "layers"; hidden_layers: number; activation: string; seed: number }
  | { type: "train"; hidden_layers: number; epochs: number; seed: number };

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
export type LabRequest =
  | TrainingRequest
  | StepRequest
  | ValleyRequest
  | SweepRequest
  | NetworkRequest
  | GraphRequest
  | GradientsRequest
  | VanishingRequest
  | RuleRequest
  | CellsRequest;

export type Request =
  /** `language` is the code of the page's language, which the worker and Python speak. */
  | { type: "start"; runtime: string; language: string }
  | { type: "close"; lab: number }
  | (LabRequest & { lab: number });

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
  /** Milliseconds for which no further word need come, where that may take long. */
  silence?: number;
}

export type WorkerMessage = Reply | Progress;

/**
 * A worker that has been made and asked to start Python, by request number 0: whether its browser takes modules for
 * workers, and what has been heard of it until `hearing` is ended.
 */
export interface StartedWorker {
  worker: Worker;
  takesModules: boolean;
  heard: MessageEvent[];
  hearing: AbortController;
}

declare global {
  /** The worker that was made while the page arrived, or else a new one; `runtime` is the folder's absolute address. */
  var startWorker: (runtime: string) => StartedWorker;

  /** Whether a worker is starting Python: nothing that can wait takes processor or network from it. */
  var isPythonStarting: boolean;
}
