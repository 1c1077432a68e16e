"""Finite differences: against slopes known by hand, and what their error does as the nudge shrinks."""

import math
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest

from gd_core import DATASETS, Network, settings
from gd_core.gradient_check import (
    CLOSE,
    COST_OF_BACKPROPAGATION,
    NUDGES,
    USUAL,
    GradientsSession,
    cost_of_nudging,
    loss_of_network,
    nudged_gradient,
    nudged_slope,
    relative_difference,
)
from gd_core.training import Run


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


def test_a_nudge_of_whole_numbers_is_not_lost() -> None:
    assert nudged_slope(cubic, np.array([2, 1]), 0, 0.1) == pytest.approx(12.01, rel=1e-12)


@pytest.mark.parametrize("nudge", [0.0, -0.1, math.inf])
def test_a_slope_needs_a_nudge(nudge: float) -> None:
    with pytest.raises(ValueError, match="nudge must be a finite number above 0, got"):
        nudged_slope(cubic, np.array([2.0, 1.0]), 0, nudge)


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


def test_one_forward_pass_gives_the_networks_loss() -> None:
    network = Network((2, 3, 1), "relu", "mean_squared_error")
    inputs, targets = DATASETS["xor"](20, noise=0.1, rng=np.random.default_rng(1))
    loss_of = loss_of_network(network, inputs, targets)
    for seed in range(3):
        params = network.init(np.random.default_rng(seed))
        assert loss_of(params) == network.loss_and_gradient(params, inputs, targets)[0]


# --- the lab --------------------------------------------------------------------------------------------------


def test_the_lab_looks_at_the_first_batch_of_the_run_with_its_settings() -> None:
    chosen = settings.parse({})
    run = Run(*chosen.draw_data(), chosen.network(), chosen.make_optimizer(), batch_size=32, seed=chosen.seed)
    run.advance()
    check = GradientsSession({})
    assert check.points == 32
    assert check.loss == run.batch_loss


def test_every_weight_is_found_where_the_network_keeps_it() -> None:
    check = GradientsSession({"hidden_layers": [3, 2]})
    layers = check.network.unpack(check.gradient)
    seen = []
    for layer, (fan_in, units) in enumerate(pairwise((2, 3, 2, 1)), 1):
        weights, biases = layers[layer - 1]
        for to in range(units):
            for source in range(fan_in):
                assert check.weight(layer, source, to)["exact"] == weights[source, to]
                seen.append(check.weight(layer, source, to)["label"])
            assert check.weight(layer, "bias", to)["exact"] == biases[to]
            seen.append(check.weight(layer, "bias", to)["label"])
    assert len(set(seen)) == len(seen) == check.network.size
    assert seen[0] == "the weight from x to unit 1 of hidden layer 1"
    assert seen[1] == "the weight from y to unit 1 of hidden layer 1"
    assert seen[-1] == "the bias of the output"


def test_a_weight_is_checked_with_every_nudge() -> None:
    found = GradientsSession({}).weight(2, 4, 5)
    assert len(found["checks"]) == len(found["differences"]) == len(NUDGES) == 49
    assert (NUDGES[0], NUDGES[-1]) == (1.0, pytest.approx(1e-12))
    usual = found["checks"][int(np.argmin(np.abs(NUDGES - USUAL)))]
    assert usual["nudge"] == "1e−5"
    assert float(usual["estimate"].replace("−", "-")) == pytest.approx(found["exact"], rel=1e-6)
    assert [found["checks"][place]["why"][:25] for place in (0, 20, 48)] == [
        "Most of this is the bend ",
        "About as good as nudging ",
        "Most of this is rounding:",
    ]


def test_what_is_said_of_a_difference_holds_for_its_neighbours() -> None:
    """The bend shrinks by about a hundred with a nudge ten times narrower, four places on, until rounding shows."""
    check = GradientsSession({"hidden_layers": [4, 4], "activation": "sigmoid"})
    bent = rounded = 0
    for layer, (fan_in, units) in enumerate(pairwise(check.network.layers), 1):
        for source, to in product([*range(fan_in), "bias"], range(units)):
            found = check.weight(layer, source, to)
            differences, why = found["differences"], [texts["why"] for texts in found["checks"]]
            for place, sentence in enumerate(why):
                if "the bend" in sentence:
                    bent += 1
                    assert differences[place + 1 :].min() < differences[place] / CLOSE
                if "rounding:" in sentence:
                    rounded += 1
                    assert differences[:place].min() < differences[place] / CLOSE
    assert bent > 100
    assert rounded > 100


def test_a_weight_that_changes_nothing_has_no_difference() -> None:
    """A single ReLU unit that is off for every point: its slopes are exactly 0 by both ways."""
    check = GradientsSession({"hidden_layers": [1], "activation": "relu"})
    check.params[:] = [0.0, 0.0, -5.0, 1.0, 0.0]
    check.gradient = np.zeros(5)
    assert check.weight(1, 0, 0)["checks"][30]["why"] == "The same, to the last digit."


def test_all_weights_at_once_name_the_worst() -> None:
    check = GradientsSession({})
    found = check.all()
    assert len(found["differences"]) == 105
    assert found["largest"] == max(found["differences"]) < 1e-5
    assert found["said"].startswith("All 105 checked with a nudge of 1e−5, in 210 trips through the network.")
    assert "two for each" in check.open()["cost"]


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ((0, 0, 0), "a weight must lead to a unit of layers 1 to 3, got 0 of 0"),
        ((4, 0, 0), "a weight must lead to a unit of layers 1 to 3, got 0 of 4"),
        ((1, 0, 8), "a weight must lead to a unit of layers 1 to 3, got 8 of 1"),
        ((1, 2, 0), 'source must be "bias" or a unit from 0 to 1, got 2'),
        ((2, -1, 0), 'source must be "bias" or a unit from 0 to 7, got -1'),
    ],
)
def test_a_weight_that_is_not_there_is_refused(weight: tuple[Any, Any, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GradientsSession({}).weight(*weight)


@pytest.mark.parametrize("nudge", [0.0, -1e-5, float("nan")])
def test_a_nudge_that_is_none_is_refused(nudge: float) -> None:
    with pytest.raises(ValueError, match="nudge must be a finite number above 0, got"):
        GradientsSession({}).all(nudge)
