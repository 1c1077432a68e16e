"""What the tests of the Keras twin share: run a lab, run its script in Keras, and compare the two curves."""

import contextlib
import io
import runpy
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import dtypes
from numpy.typing import NDArray

from gd_core import LOSSES, Run, Verdict, judge
from gd_core.diagnosis import has_diverged
from gd_core.keras_twin import script
from gd_core.settings import Settings

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """The losses and accuracies of a run's epochs."""

    losses: list[float]
    accuracies: list[float]


@contextlib.contextmanager
def precision(name: str) -> Iterator[None]:
    """Let Keras compute in "float32", its default, or in "float64".

    On PyTorch, Keras has no float64: with `set_floatx("float64")` the weights are float64, but its operations, matrix
    products among them, bring them down to float32 (the table changed here). Lifting that tells rounding from
    everything else: what is left when Keras has the lab's precision is a difference of the two algorithms.
    """
    before = dtypes.BIT64_TO_BIT32_DTYPE["float64"]
    keras.config.set_floatx(name)
    keras.config.set_dtype_policy(name)
    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = name
    try:
        yield
    finally:
        dtypes.BIT64_TO_BIT32_DTYPE["float64"] = before
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")


def in_the_lab(settings: Settings) -> Run:
    """Run the settings as the lab does, up to the last epoch or to where the run diverges."""
    run = new_run(settings)
    while run.epoch < settings.epochs and not run.diverged:
        run.finish_epoch()
    return run


def new_run(settings: Settings) -> Run:
    """Return the lab's run of the settings before its first update."""
    return Run(
        *settings.draw_data(),
        settings.network(),
        settings.make_optimizer(),
        batch_size=settings.batch_size,
        seed=settings.seed,
    )


def in_keras(settings: Settings) -> Curve:
    """Run the settings' script in this process, and read the curve that it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        run_script(settings)
    header, *rows = printed.getvalue().splitlines()
    assert header == "epoch,loss,accuracy"
    cells = [row.split(",") for row in rows]
    assert [int(epoch) for epoch, _, _ in cells] == list(range(1, settings.epochs + 1))
    return Curve([float(loss) for _, loss, _ in cells], [float(accuracy) for _, _, accuracy in cells])


def untrained(settings: Settings) -> Any:
    """Return the Keras model of the settings' script, compiled, with its first weights."""
    with contextlib.redirect_stdout(io.StringIO()):
        return run_script(replace(settings, epochs=0))["model"]


def run_script(settings: Settings) -> dict[str, Any]:
    """Run the settings' script in this process and return its globals."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "keras_twin.py"
        file.write_text(script(settings), encoding="utf-8")
        return runpy.run_path(str(file), run_name="__main__")


def apart(ours: Sequence[float], theirs: Sequence[float]) -> Array:
    """Return the relative difference of two curves at every epoch, shape `(n,)`; 0 where neither is finite."""
    lab, twin = np.array(ours), np.array(theirs)
    assert lab.shape == twin.shape
    neither = ~np.isfinite(lab) & ~np.isfinite(twin)
    with np.errstate(invalid="ignore"):
        return np.where(neither, 0.0, np.abs(lab - twin) / np.abs(lab))


def verdict(losses: list[float], settings: Settings) -> Verdict:
    """Judge a curve of Keras as the lab judges its own: at its end, or where it is seen to diverge."""
    chance = LOSSES[settings.loss].chance
    stops = (epoch for epoch in range(1, len(losses) + 1) if has_diverged(losses[:epoch], chance))
    return judge(losses[: next(stops, len(losses))], chance)
