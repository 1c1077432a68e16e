"""The script beside a lab, run by real Keras, trains to the lab's losses.

Two tolerances, both relative and both for every epoch:

- Keras in float64 (`twin.precision` says how): 1e-12. Measured: at most 2e-14. So the points, the weights, the batches,
  the losses and the updates are the same; nothing but rounding is left.
- Keras in float32, as readers have it: 1e-4. Measured: 3e-6 for gradient descent with and without momentum and for
  RMSProp, 3e-5 for Adam, whose 1 − β₂ᵗ loses digits in float32 during the first updates.

A thrashing run magnifies every rounding error, up to a hundredthousandfold an epoch, so that its curves part within a
few epochs in either precision; `THRASHING` says after how many. Agreement is asserted before that and, for the lab's
preset, update by update after it. A run that blows up agrees up to the epoch in which the lab stops it, unless its
losses are too big for float32, which ends at 3e38: there Keras leaves the numbers, in the same epoch.

A few runs that learn magnify rounding as well, and are left out here: RMSProp at 0.003 on 32 points in one batch, whose
gradient almost vanishes, moves by 3e-4 in the lab itself when one of its first weights changes by 1e-15.
"""

import math
import os
import runpy
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gd_core import OPTIMIZERS, SCHEDULES
from gd_core.keras_twin import listing, script
from gd_core.settings import parse
from tests.keras.twin import apart, in_keras, in_the_lab, new_run, precision, untrained, verdict
from tests.parity_table import LEARNING_RATES

TOLERANCES = {"float64": 1e-12, "float32": 1e-4}

LEARNING: dict[str, dict[str, Any]] = {
    "too small": {"learning_rate": 0.0001},
    "just right": {"learning_rate": 0.1},
    **{name: {"points": 64, "optimizer": name, "learning_rate": rate} for name, rate in LEARNING_RATES.items()},
    "squared error": {"points": 32, "loss": "mean_squared_error", "learning_rate": 1.0},
    "deep": {
        "points": 64,
        "dataset": "spiral",
        "hidden_layers": [16, 16, 16],
        "optimizer": "adam",
        "learning_rate": 0.01,
    },
}
"""Runs of 200 epochs that learn, more or less: the lab's presets, and every optimizer and loss."""

OTHERS: dict[str, dict[str, Any]] = {
    "relu": {"points": 32, "dataset": "circle", "activation": "relu"},
    "sigmoid": {"points": 32, "dataset": "gauss", "activation": "sigmoid"},
    "linear": {"points": 32, "dataset": "xor", "activation": "linear", "noise": 0.0},
    "no hidden layer, a smaller last batch": {"points": 45, "hidden_layers": [], "batch_size": 20},
    "all points at once, other seeds": {"points": 50, "batch_size": 10_000, "seed": 5, "data_seed": 7},
}
"""More such runs, for what is left: every dataset and activation, other networks, batches and seeds."""

THRASHING: dict[str, tuple[dict[str, Any], int, int]] = {
    "thrashing": ({"learning_rate": 10.0}, 2, 1),
    "momentum": ({"optimizer": "momentum", "learning_rate": 1.0}, 5, 4),
    "adam": ({"optimizer": "adam", "learning_rate": 1.0}, 2, 2),
}
"""Runs at too high a rate, with the number of epochs for which Keras agrees in float64 and in float32."""

BLOWING_UP: dict[str, dict[str, Any]] = {
    "blow it up": {"learning_rate": 100.0},
    "momentum": {"optimizer": "momentum", "learning_rate": 100.0},
    "rmsprop": {"optimizer": "rmsprop", "learning_rate": 100.0},
    "adam": {"optimizer": "adam", "learning_rate": 100.0},
    "relu": {"activation": "relu", "hidden_layers": [16, 16, 16], "learning_rate": 100.0},
    "out of the numbers": {"activation": "linear", "learning_rate": 100.0},
}


@pytest.mark.parametrize(
    ("given", "floatx"),
    [
        *(
            pytest.param(given, floatx, id=f"{name}-{floatx}")
            for name, given in LEARNING.items()
            for floatx in TOLERANCES
        ),
        *(pytest.param(given, "float64", id=name) for name, given in OTHERS.items()),
    ],
)
def test_a_run_that_learns_has_the_labs_curve_over_all_its_200_epochs(given: dict[str, Any], floatx: str) -> None:
    settings = parse(given)
    lab = in_the_lab(settings)

    with precision(floatx):
        twin = in_keras(settings)

    assert len(twin.losses) == 200
    assert apart(lab.losses, twin.losses).max() < TOLERANCES[floatx]
    assert twin.accuracies == pytest.approx(lab.accuracies, abs=1e-6)
    assert verdict(twin.losses, settings).name == lab.verdict().name


@pytest.mark.parametrize(("optimizer", "schedule"), list(product(OPTIMIZERS, SCHEDULES)))
def test_every_optimizer_follows_every_schedule_as_in_the_lab(optimizer: str, schedule: str) -> None:
    settings = parse(
        {
            "points": 48,
            "epochs": 20,
            "optimizer": optimizer,
            "learning_rate": LEARNING_RATES[optimizer],
            "schedule": schedule,
        }
    )
    lab = in_the_lab(settings)

    with precision("float64"):
        twin = in_keras(settings)

    assert apart(lab.losses, twin.losses).max() < TOLERANCES["float64"]
    assert twin.accuracies == lab.accuracies


@pytest.mark.parametrize("floatx", TOLERANCES)
@pytest.mark.parametrize("name", THRASHING)
def test_a_run_that_thrashes_has_the_labs_curve_until_rounding_takes_over(name: str, floatx: str) -> None:
    given, *epochs = THRASHING[name]
    agreeing = dict(zip(("float64", "float32"), epochs, strict=True))[floatx]
    settings = parse(given | {"epochs": 25})
    lab = in_the_lab(settings)

    with precision(floatx):
        twin = in_keras(settings)

    difference = apart(lab.losses, twin.losses)
    tolerance = {"float64": 1e-10, "float32": 1e-3}[floatx]
    assert difference[:agreeing].max() < tolerance
    assert difference[agreeing:].max() > 10.0 * tolerance


def test_a_run_that_thrashes_is_the_same_run_update_by_update() -> None:
    """From the lab's weights, each of 400 updates at a rate of 10 leads Keras to the lab's next weights."""
    settings = parse({"learning_rate": 10.0, "epochs": 50})
    run = new_run(settings)
    layers = run.model.network.unpack(run.params)
    loss_apart, weights_apart = [], []

    with precision("float64"):
        model = untrained(settings)
        while run.epoch < settings.epochs:
            model.set_weights([array.copy() for layer in layers for array in layer])
            batch = run.batches[run.update]
            run.advance()
            model.reset_metrics()
            loss, _ = model.train_on_batch(batch.inputs[:-1].T.copy(), (batch.signs < 0.0).astype(float))
            # Of a loss near 0 Keras keeps no more digits than of one near 1, to which it adds.
            loss_apart.append(abs(loss - run.batch_loss) / max(run.batch_loss, 1.0))
            after = [array for layer in layers for array in layer]
            weights_apart += [np.abs(a - b).max() for a, b in zip(model.get_weights(), after, strict=True)]

    assert len(loss_apart) == 400
    assert max(loss_apart) < 1e-12
    assert max(weights_apart) < 1e-9
    assert run.verdict().name == "oscillating"


def test_a_run_that_thrashes_comes_to_the_labs_verdict_in_float32() -> None:
    settings = parse({"learning_rate": 10.0})

    twin = in_keras(settings)

    assert verdict(twin.losses, settings).name == in_the_lab(settings).verdict().name == "oscillating"


@pytest.mark.parametrize("floatx", TOLERANCES)
@pytest.mark.parametrize("name", BLOWING_UP)
def test_a_run_that_blows_up_does_so_in_keras_in_the_same_epoch(name: str, floatx: str) -> None:
    lab = in_the_lab(parse(BLOWING_UP[name]))
    settings = parse(BLOWING_UP[name] | {"epochs": lab.epoch})

    with precision(floatx):
        twin = in_keras(settings)

    theirs = verdict(twin.losses, settings)
    assert lab.diverged
    assert (theirs.name, theirs.epoch) == (lab.verdict().name, lab.verdict().epoch)
    assert apart(lab.losses, twin.losses).max() < TOLERANCES[floatx]


def test_a_loss_beyond_float32_leaves_the_numbers_in_keras_and_has_the_same_verdict() -> None:
    settings = parse({"activation": "relu", "learning_rate": 100.0, "epochs": 1})
    lab = in_the_lab(settings)

    twin = in_keras(settings)

    assert float(np.finfo(np.float32).max) < lab.losses[0] < math.inf
    assert not math.isfinite(twin.losses[0])
    assert verdict(twin.losses, settings).name == lab.verdict().name == "diverged"


def test_the_script_runs_by_itself(tmp_path: Path) -> None:
    settings = parse({"points": 32, "epochs": 3})
    file = tmp_path / "keras_twin.py"
    file.write_text(script(settings), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}

    done = subprocess.run(
        [sys.executable, "-I", file], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )

    losses = [float(row.split(",")[1]) for row in done.stdout.splitlines()[1:]]
    assert losses == pytest.approx(in_the_lab(settings).losses, rel=TOLERANCES["float32"])


def test_the_short_form_runs_on_the_points_that_a_reader_supplies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = parse({"points": 32, "epochs": 3, "schedule": "cosine", "optimizer": "nesterov"})
    inputs, targets = settings.draw_data()
    file = tmp_path / "listing.py"
    file.write_text(listing(settings), encoding="utf-8")

    runpy.run_path(str(file), {"inputs": inputs, "targets": targets})

    assert "Epoch 3/3" in capsys.readouterr().out
