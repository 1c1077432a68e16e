"""The table of runs that must come out alike natively and in the browser: every dataset, activation, optimizer, loss.

One file for both sides: `tests/test_parity.py` calls `main` natively and, through the bundle, in WebAssembly. Losses
are written as `float.hex`, which keeps every bit and can also say `inf` and `nan`.
"""

import hashlib
import json
from itertools import product
from typing import TypedDict

from gd_core import ACTIVATIONS, DATASETS, LOSSES, OPTIMIZERS, train
from gd_core.settings import parse

UPDATES = 1_000
POINTS = 256
BATCH_SIZE = 32
EPOCHS = UPDATES * BATCH_SIZE // POINTS

LEARNING_RATES = {"sgd": 0.1, "momentum": 0.02, "nesterov": 0.02, "rmsprop": 0.003, "adam": 0.01}
"""For each optimizer a rate at which most runs learn."""


class Table(TypedDict):
    """The losses of every run, epoch by epoch, by the run's name; and one hash over them all."""

    losses: dict[str, list[str]]
    sha256: str


def main(argument: list[str]) -> Table:
    """Train every run of the table on the datasets that `argument` names, each for 1,000 updates."""
    losses = {}
    for dataset, activation, optimizer, loss in product(argument, ACTIVATIONS, OPTIMIZERS, LOSSES):
        settings = parse(
            {
                "dataset": dataset,
                "points": POINTS,
                "batch_size": BATCH_SIZE,
                "activation": activation,
                "optimizer": optimizer,
                "learning_rate": LEARNING_RATES[optimizer],
                "loss": loss,
            }
        )
        epochs = train(
            *settings.draw_data(),
            settings.network(),
            settings.make_optimizer(),
            epochs=EPOCHS,
            batch_size=settings.batch_size,
            seed=settings.seed,
        )
        losses[f"{dataset}, {activation}, {optimizer}, {loss}"] = [epoch.loss.hex() for epoch in epochs]
    return {"losses": losses, "sha256": hashlib.sha256(json.dumps(losses).encode()).hexdigest()}


def datasets() -> list[str]:
    """Return the argument for the whole table."""
    return list(DATASETS)
