"""What a weight update costs, with its loss: `gd_core`'s own beside the bare step, natively and in WebAssembly.

Both train the lesson's network on the lesson's points, in turn and in one process. This file also runs in the bundle,
where the tree's other files are not: `bare_step.py` comes along as text.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict, cast

import numpy as np

from gd_core.session import Session

BARE_STEP = Path(__file__).with_name("bare_step.py")

BATCHES = {"full": 256, "32": 32, "10": 10, "1": 1}
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


def natively(repeats: int) -> dict[str, UpdateTimes]:
    """Measure here; the answer is by batch, a key of `BATCHES`."""
    return main([repeats, BARE_STEP.read_text()])


def in_bundle(repeats: int) -> dict[str, UpdateTimes]:
    """Measure in WebAssembly under Node."""
    from scripts.bundle import run_in_bundle  # which the bundle itself has not

    return cast("dict[str, UpdateTimes]", run_in_bundle(Path(__file__), [repeats, BARE_STEP.read_text()]))


def main(argument: list[Any]) -> dict[str, UpdateTimes]:
    """Measure so many repeats, after one to warm up; the argument is their number, and the text of the bare step."""
    repeats, bare_step = argument
    names: dict[str, Any] = {"__name__": "bare_step"}
    exec(bare_step, names)  # noqa: S102 - it is our own file
    return {name: _times(names["begin"], size, repeats) for name, size in BATCHES.items()}


@np.errstate(all="ignore")
def _times(begin: Callable[..., Callable[[], object]], batch_size: int, repeats: int) -> UpdateTimes:
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


if __name__ == "__main__":
    for where, measure in (("natively", natively), ("in WebAssembly", in_bundle)):
        for name, row in measure(9).items():
            print(
                f"{where}, batch {name}: bare {row['bare']:.1f} µs, run {row['run']:.1f} µs ({row['run_ratio']:.2f}), "
                f"session {row['session']:.1f} µs ({row['session_ratio']:.2f})"
            )
