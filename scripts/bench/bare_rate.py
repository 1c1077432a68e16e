"""How many updates a second the bare step does at a lab's first task; runs in a page, beside the lab."""

import time

import numpy as np

from gd_core.settings import parse
from scripts.bench.bare_step import train

EPOCHS_AT_ONCE = 100


def main(milliseconds: float) -> float:
    """Train for that long, after as many epochs as are timed at once to warm up."""
    settings = parse({})
    inputs, targets = settings.draw_data()
    rng = np.random.default_rng(settings.seed)
    params = settings.network().init(rng)

    def some() -> int:
        size, rate = settings.batch_size, settings.learning_rate
        return len(train(inputs, targets, params, batch_size=size, epochs=EPOCHS_AT_ONCE, learning_rate=rate, rng=rng))

    some()
    updates, begun, spent = 0, time.perf_counter(), 0.0
    while spent < milliseconds / 1000.0:
        updates += some()
        spent = time.perf_counter() - begun
    return updates / spent
