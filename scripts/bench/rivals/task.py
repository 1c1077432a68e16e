"""What everybody trains, and how they take turns at it.

Whoever takes part answers two requests about a task: how long an update takes, and how far the loss falls in so many
updates. This module needs NumPy and `gd_core` only: it runs in the environments of others too, and in a page.
"""

import math
import time
from collections.abc import Callable
from typing import Any, Protocol, TypedDict

import numpy as np

from gd_core.datasets import DATASETS
from gd_core.network import Network

POINTS = 250
LEARNING_RATE = 0.03
MILLISECONDS = 250
"""How long a timed training lasts at least."""
LEARN = 2000
"""Updates after which losses are compared."""

SHAPES = [((2, 8, 8, 1), (POINTS, 32, 10, 1)), ((2, 4, 2, 1), (10,)), ((2, 64, 64, 1), (POINTS, 32))]
"""The networks, and the batch sizes each is trained with; 2-4-2-1 in tens is what TensorFlow Playground opens with."""

DEFAULT = "2-8-8-1, batch 32"
"""The task with the network and the batch size of a lab."""


class Layer(TypedDict):
    """First weights of a layer, row by row in shape `(fan_in, fan_out)`, and its biases."""

    fan_in: int
    fan_out: int
    weights: list[float]
    biases: list[float]


class Task(TypedDict):
    """A network to be trained: tanh inside, one sigmoid output, cross-entropy, plain gradient descent.

    `inputs` holds x and y of one point after the other.
    """

    name: str
    layers: list[Layer]
    batch_size: int
    learning_rate: float
    inputs: list[float]
    targets: list[float]


class Request(TypedDict, total=False):
    """What is asked about a task: the time of an update (`milliseconds`) or two losses (`updates`)."""

    task: Task
    milliseconds: float
    updates: int


class Trainer(Protocol):
    """One who trains a task from its first weights on."""

    def train(self, epochs: int) -> object:
        """Train for so many epochs, in one call."""

    def loss(self) -> float:
        """Return the mean loss over all points."""


class Contest(TypedDict):
    """What came of a contest.

    `microseconds` of an update by task and name, one a repeat; `losses` by name, before and after `LEARN` updates of
    the default task; `missing` tells why somebody took no part.
    """

    microseconds: dict[str, dict[str, list[float]]]
    losses: dict[str, list[float]]
    missing: dict[str, str]


def tasks() -> list[Task]:
    """Make all tasks: Playground's circle, and the same first weights for everybody."""
    inputs, targets = DATASETS["circle"](POINTS, noise=0.0, rng=np.random.default_rng(1))
    return [
        {
            "name": f"{'-'.join(map(str, layers))}, {'full batch' if size == POINTS else f'batch {size}'}",
            "layers": [
                {
                    "fan_in": weights.shape[0],
                    "fan_out": weights.shape[1],
                    "weights": weights.ravel().tolist(),
                    "biases": biases.tolist(),
                }
                for weights, biases in first_weights(Network(layers))
            ],
            "batch_size": size,
            "learning_rate": LEARNING_RATE,
            "inputs": inputs.ravel().tolist(),
            "targets": targets.tolist(),
        }
        for layers, sizes in SHAPES
        for size in sizes
    ]


def first_weights(network: Network) -> list[tuple[Any, Any]]:
    """Return weights and biases of each layer."""
    return network.unpack(network.init(np.random.default_rng(1)))


def hold(everybody: dict[str, Callable[[Request], Any]], repeats: int) -> Contest:
    """Have everybody train every task in turn, so many times; who fails is left out from then on."""
    contest = Contest(microseconds={}, losses={}, missing={})
    present = dict(everybody)
    for task in tasks():
        if task["name"] == DEFAULT:
            for name, ask in everybody.items():
                try:
                    contest["losses"][name] = ask({"task": task, "updates": LEARN})
                except Exception as error:  # whatever it is, the others go on
                    del present[name]
                    contest["missing"][name] = f"failed: {error}".splitlines()[0]
    for task in tasks():
        times: dict[str, list[float]] = {name: [] for name in present}
        for _ in range(repeats):
            for name, ask in present.items():
                times[name].append(ask({"task": task, "milliseconds": MILLISECONDS}))
        contest["microseconds"][task["name"]] = times
    return contest


def answer(make: Callable[[Task], Trainer], request: Request) -> float | list[float]:
    """Answer a request: microseconds an update takes in one training of many epochs, or the two losses."""
    task = request["task"]
    trainer = make(task)
    updates_per_epoch = math.ceil(len(task["targets"]) / task["batch_size"])
    if "updates" in request:
        before = trainer.loss()
        trainer.train(math.ceil(request["updates"] / updates_per_epoch))
        return [before, trainer.loss()]
    trainer.train(1)
    epochs, spent = 1, 0.0
    while True:
        begun = time.perf_counter()
        trainer.train(epochs)
        spent = 1000.0 * (time.perf_counter() - begun)
        if spent >= request["milliseconds"]:
            return 1000.0 * spent / (epochs * updates_per_epoch)
        epochs = math.ceil(epochs * max(2.0, 1.2 * request["milliseconds"] / max(spent, 0.1)))
