"""What a weight update costs, with its loss: `gd_core`'s own beside the bare step.

Both train the lesson's network on the lesson's points, in turn and in one process. It needs NumPy and `gd_core` only,
so that it runs in a page too.
"""

import statistics
import time
from collections.abc import Callable
from typing import TypedDict

import numpy as np

from gd_core.session import Session
from scripts.bench.bare_step import begin

BATCHES = {"full batch": 256, "batch 32": 32, "batch 10": 10, "batch 1": 1}
"""Points in each batch, of 256."""

UPDATES = 400
"""So many updates, or a whole epoch, are timed at once."""


class UpdateTimes(TypedDict):
    """Medians: microseconds of an update, bare, by `Run.advance`, and by `Session.advance` as a page asks; ratios."""

    bare: float
    run: float
    session: float
    run_ratio: float
    session_ratio: float


def main(repeats: int) -> dict[str, UpdateTimes]:
    """Measure so many repeats, after one to warm up; the answer is by batch, a key of `BATCHES`."""
    return {name: _times(size, repeats) for name, size in BATCHES.items()}


@np.errstate(all="ignore")
def _times(batch_size: int, repeats: int) -> UpdateTimes:
    session = Session({"batch_size": batch_size, "epochs": 10_000})
    bare = begin(
        session.inputs,
        session.targets,
        session.run.params.copy(),
        batch_size=batch_size,
        learning_rate=session.settings.learning_rate,
        rng=np.random.default_rng(session.settings.seed),
    )
    updates = len(session.run.batches)
    epochs = max(1, UPDATES // updates)

    def train_bare() -> None:
        for _ in range(epochs):
            bare()

    def train_run() -> None:
        for _ in range(epochs * updates):
            session.run.advance()

    def train_session() -> None:
        session.advance({"epochs": epochs}, 0)

    ways = (train_bare, train_run, train_session)
    times = np.array([[_seconds(way) for way in ways] for _ in range(repeats + 1)])[1:] * 1e6 / (epochs * updates)
    bare_time, run, whole = (float(median) for median in np.median(times, axis=0))
    run_ratio, ratio = (statistics.median(times[:, way] / times[:, 0]) for way in (1, 2))
    return {
        "bare": bare_time,
        "run": run,
        "session": whole,
        "run_ratio": float(run_ratio),
        "session_ratio": float(ratio),
    }


def _seconds(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
