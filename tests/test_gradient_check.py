"""Finite differences: against slopes known by hand, and what their error does as the nudge shrinks."""

import numpy as np
import pytest

from gd_core import DATASETS, Network
from gd_core.gradient_check import (
    COST_OF_BACKPROPAGATION,
    cost_of_nudging,
    nudged_gradient,
    nudged_slope,
    relative_difference,
)


def cubic(params: np.ndarray) -> float:
    return float(params[0] ** 3 + 5.0 * params[1])


def test_a_slope_by_hand() -> None:
    """w³ at 2 with a nudge of 0.1: (2.1³ − 1.9³) / 0.2 = (9.261 − 6.859) / 0.2 = 12.01; the slope is 3 · 2² = 12.

    The difference is the nudge squared times the third derivative over 6: 0.01 · 6 / 6.
    """
    params = np.array([2.0, 1.0])
    assert nudged_slope(cubic, params, 0, 0.1) == pytest.approx(12.01, rel=1e-12)
    assert nudged_gradient(cubic, params, 0.1) == pytest.approx([12.01, 5.0], rel=1e-12)
    assert params.tolist() == [2.0, 1.0]


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [(2.0, 1.0, 0.5), (1.0, 2.0, 0.5), (1.0, -1.0, 2.0), (0.0, 0.0, 0.0), (0.0, 3.0, 1.0)],
)
def test_the_relative_difference_is_a_share_of_the_larger(one: float, other: float, difference: float) -> None:
    assert relative_difference(one, other) == difference


def test_nudging_costs_two_trips_a_weight_and_backpropagation_two_in_all() -> None:
    calls = 0

    def counted(params: np.ndarray) -> float:
        nonlocal calls
        calls += 1
        return cubic(params)

    nudged_gradient(counted, np.array([2.0, 1.0]), 0.1)

    assert calls == cost_of_nudging(2).forward == 4
    assert cost_of_nudging(105).forward == 210
    assert (COST_OF_BACKPROPAGATION.forward, COST_OF_BACKPROPAGATION.backward) == (1, 1)


def test_it_agrees_with_backpropagation_on_every_weight_of_the_lesson() -> None:
    network = Network()
    inputs, targets = DATASETS["moons"](32, noise=0.1, rng=np.random.default_rng(1))
    params = network.init(np.random.default_rng(1))
    _, gradient = network.loss_and_gradient(params, inputs, targets)

    estimate = nudged_gradient(lambda at: network.loss_and_gradient(at, inputs, targets)[0], params, 1e-5)

    assert len(estimate) == 105
    assert estimate == pytest.approx(gradient, rel=1e-6, abs=1e-10)
