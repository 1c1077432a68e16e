"""How long a sweep of 48 learning rates takes, in runs; needs NumPy and `gd_core` only, so it runs in a page too."""

import statistics
import time
from typing import TypedDict

import numpy as np

from gd_core.session import Session
from gd_core.sweep import SweepSession


class SweepTimes(TypedDict):
    """Medians: milliseconds of one run and of a sweep with its settings, and how many runs a sweep costs."""

    run: float
    sweep: float
    ratio: float


def main(repeats: int) -> SweepTimes:
    """Measure runs and sweeps of the lesson's settings in turn, so many of each, after one of each to warm up."""
    runs, sweeps = [], []
    for _ in range(repeats + 1):
        runs.append(_milliseconds(Session({"learning_rate": 0.1})))
        sweeps.append(_milliseconds(SweepSession({})))
    return {
        "run": statistics.median(runs[1:]),
        "sweep": statistics.median(sweeps[1:]),
        "ratio": statistics.median(sweep / run for run, sweep in zip(runs[1:], sweeps[1:], strict=True)),
    }


@np.errstate(all="ignore")
def _milliseconds(session: Session | SweepSession) -> float:
    begun = time.perf_counter()
    if isinstance(session, Session):
        session.advance({"epochs": session.settings.epochs}, 0)
    else:
        session.advance(1e9)
    return 1000.0 * (time.perf_counter() - begun)
