"""Sweeps beside the single runs at their rates, for every family of settings, natively and in the bundle.

One file for both sides, as `parity_table.py`: `main` trains every sweep of the table and returns, for every rate, the
losses of the sweep and of the single run as `float.hex`, and both verdicts.
"""

from dataclasses import replace
from typing import Any, TypedDict

from gd_core import OPTIMIZERS, SCHEDULES
from gd_core.settings import parse
from gd_core.sweep import RATES, Sweep
from gd_core.training import Run

SHORT = {"points": 70, "epochs": 20, "hidden_layers": [6, 5]}
"""Batches of 32, 32 and 6 points, so that an epoch ends with a smaller one."""

TABLE: dict[str, dict[str, Any]] = {
    "the lesson's": {"epochs": 40},
    "no hidden layer": SHORT | {"hidden_layers": []},
    "three hidden layers": SHORT | {"hidden_layers": [4, 4, 4]},
    "relu": SHORT | {"activation": "relu"},
    "sigmoid": SHORT | {"activation": "sigmoid"},
    "linear": {"activation": "linear", "epochs": 6},
    "squared error": SHORT | {"loss": "mean_squared_error"},
    **{name: SHORT | {"optimizer": name} for name in OPTIMIZERS},
    **{name: SHORT | {"schedule": name} for name in SCHEDULES},
    "cosine with adam": SHORT | {"schedule": "cosine", "optimizer": "adam"},
    "one point": SHORT | {"points": 20, "batch_size": 1},
    "all points": SHORT | {"batch_size": 70},
    "many points": {"points": 1000, "batch_size": 1000, "epochs": 6},
}
"""Settings by name; the last need more than one stack."""


class Pair(TypedDict):
    """One rate in a sweep, and by itself."""

    rate: float
    sweep: list[str]
    single: list[str]
    verdicts: list[str]


def main(names: list[str]) -> dict[str, list[Pair]]:
    """Train the sweeps that `names` names, over every third rate of the lesson's sweep, and their runs one by one."""
    rates = RATES[::3]
    pairs: dict[str, list[Pair]] = {}
    for name in names:
        settings = parse(TABLE[name])
        inputs, targets = settings.draw_data()
        runs = [replace(settings, learning_rate=rate) for rate in rates]
        how: dict[str, Any] = {"batch_size": settings.batch_size, "seed": settings.seed}
        sweep = Sweep(
            inputs,
            targets,
            settings.network(),
            OPTIMIZERS[settings.optimizer],
            [run.make_schedule() for run in runs],
            **how,
        )
        while sweep.epoch < settings.epochs and sweep.alive:
            sweep.finish_epoch()
        pairs[name] = []
        for run, losses, verdict in zip(runs, sweep.losses, sweep.verdicts(), strict=True):
            single = Run(inputs, targets, settings.network(), run.make_optimizer(), **how)
            while single.epoch < settings.epochs and not single.diverged:
                single.finish_epoch()
            pairs[name].append(
                {
                    "rate": run.learning_rate,
                    "sweep": [float(loss).hex() for loss in losses],
                    "single": [float(loss).hex() for loss in single.losses],
                    "verdicts": [verdict.name, single.verdict().name],
                }
            )
    return pairs
