"""The bare step of the benchmark trains what `gd_core` trains, batch by batch."""

import numpy as np
import pytest

from gd_core import DATASETS, OPTIMIZERS, Network, Run
from scripts.bench import bare_step


@pytest.mark.parametrize("batch_size", [256, 32, 10, 1])
def test_the_bare_step_comes_to_the_losses_and_weights_of_a_run(batch_size: int) -> None:
    inputs, targets = DATASETS["moons"](256, noise=0.1, rng=np.random.default_rng(5))
    run = Run(inputs, targets, Network(), OPTIMIZERS["sgd"](0.1), batch_size=batch_size, seed=3)
    rng = np.random.default_rng(3)
    params = Network().init(rng)
    epoch = bare_step.begin(inputs, targets, params, batch_size=batch_size, learning_rate=0.1, rng=rng)

    for _ in range(3):
        losses = epoch()
        assert run.finish_epoch().loss == pytest.approx(
            np.average(losses, weights=[len(batch.signs) for batch in run.batches]), rel=1e-9
        )
    assert params == pytest.approx(run.params, rel=1e-9)
