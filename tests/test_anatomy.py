"""Looking into a network: everything on the way, units switched off, weights shaken."""

import math

import numpy as np
import pytest

from gd_core import anatomy
from gd_core.activations import ACTIVATIONS
from gd_core.datasets import DOMAIN
from gd_core.network import Network

SMALL = Network((2, 2, 1), "tanh")
# unit 0: sum = 1 x − 2 y + 0.5     unit 1: sum = 0 x + 1 y − 1     output: 3 h0 − 1 h1 + 0.25
BY_HAND = np.array([1.0, -2.0, 0.5, 0.0, 1.0, -1.0, 3.0, -1.0, 0.25])


def random_network(layers: tuple[int, ...], activation: str = "tanh") -> tuple[Network, np.ndarray]:
    network = Network(layers, activation)
    return network, np.random.default_rng(3).normal(size=network.size)


def points(count: int) -> np.ndarray:
    return np.random.default_rng(4).uniform(-6.0, 6.0, (count, 2))


def test_a_point_is_followed_as_by_hand() -> None:
    """The point (1, 0.5): sums 1·1 − 2·0.5 + 0.5 = 0.5 and 0·1 + 1·0.5 − 1 = −0.5; tanh(±0.5) = ±0.46212.

    The logit is 3·0.46212 − 1·(−0.46212) + 0.25 = 1.38635 + 0.46212 + 0.25 = 2.09847, and σ(2.09847) =
    1 / (1 + e^−2.09847) = 1 / (1 + 0.12264) = 0.89076.
    """
    trace = anatomy.trace(SMALL, BY_HAND, (1.0, 0.5))
    assert trace.sums[0] == pytest.approx([0.5, -0.5])
    assert trace.outputs[0] == pytest.approx([0.46212, -0.46212], abs=1e-5)
    assert trace.terms[0] == pytest.approx(np.array([[1.0, -1.0], [0.0, 0.5]]))
    assert trace.terms[1] == pytest.approx(np.array([[1.38635, 0.46212]]), abs=1e-5)
    assert trace.logit == pytest.approx(2.09847, abs=1e-5)
    assert trace.probability == pytest.approx(0.89076, abs=1e-5)
    assert trace.answer == 1


def test_switching_a_unit_off_takes_its_term_out_of_the_next_sum() -> None:
    """As above without unit 0: −1·(−0.46212) + 0.25 = 0.71212."""
    trace = anatomy.trace(SMALL, BY_HAND, (1.0, 0.5), [(1, 0)])
    assert trace.sums[0][0] == pytest.approx(0.5), "it still adds up"
    assert trace.outputs[0][0] == 0.0, "and passes on nothing"
    assert trace.logit == pytest.approx(0.71212, abs=1e-5)


@pytest.mark.parametrize("layers", [(2, 1), (2, 4, 1), (2, 8, 8, 1), (2, 3, 5, 4, 1)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_walk_ends_at_the_logits_that_the_network_gives(layers: tuple[int, ...], activation: str) -> None:
    network, params = random_network(layers, activation)
    inputs = points(20)
    steps = anatomy.forward(network, params, inputs, anatomy.switches(network))
    expected = network.logits(params, inputs)
    assert [step.sums.shape for step in steps] == [(20, units) for units in layers[1:]]
    np.testing.assert_allclose(steps[-1].sums[:, 0], expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(steps[-1].outputs[:, 0], 1.0 / (1.0 + np.exp(-expected)), atol=1e-15)
    for point, logit in zip(inputs, expected, strict=True):
        assert anatomy.trace(network, params, point).logit == pytest.approx(logit, rel=1e-12, abs=1e-12)


def test_terms_and_bias_make_every_sum() -> None:
    network, params = random_network((2, 3, 4, 1))
    trace = anatomy.trace(network, params, (1.0, -2.0))
    for (_, biases), terms, sums in zip(network.unpack(params), trace.terms, trace.sums, strict=True):
        np.testing.assert_allclose(terms.sum(axis=1) + biases, sums, rtol=1e-12)


@pytest.mark.parametrize("unit", [(1, 0), (1, 2), (2, 3)])
def test_a_unit_that_is_off_is_a_network_without_it(unit: anatomy.Unit) -> None:
    network, params = random_network((2, 3, 4, 1))
    layer, place = unit
    units = list(network.layers)
    units[layer] -= 1
    without = Network(tuple(units))
    smaller = np.zeros(without.size)
    parts = zip(network.unpack(params), without.unpack(smaller), strict=True)
    for index, ((weights, biases), (fewer_weights, fewer_biases)) in enumerate(parts, 1):
        if index == layer:
            weights, biases = np.delete(weights, place, axis=1), np.delete(biases, place)
        if index == layer + 1:
            weights = np.delete(weights, place, axis=0)
        fewer_weights[:], fewer_biases[:] = weights, biases
    steps = anatomy.forward(network, params, points(9), anatomy.switches(network, [unit]))
    np.testing.assert_allclose(steps[-1].sums[:, 0], without.logits(smaller, points(9)), rtol=1e-12)


def test_the_score_is_the_networks_loss_and_counts_who_is_right() -> None:
    network, params = random_network((2, 4, 1))
    targets = np.tile((0.0, 1.0), 10)
    loss, right = anatomy.score(network, params, points(20), targets)
    assert loss == pytest.approx(network.loss_and_gradient(params, points(20), targets)[0], rel=1e-12)
    assert right == sum((network.logits(params, points(20)) > 0.0) == (targets == 1.0))


def test_with_all_units_off_only_the_last_bias_speaks() -> None:
    """The logit is 0.25 everywhere: right for the 2 points of class 1. Loss: log(1 + e^∓0.25) = 0.57594 and 0.82594."""
    loss, right = anatomy.score(SMALL, BY_HAND, points(3), [1.0, 0.0, 1.0], [(1, 0), (1, 1)])
    assert right == 2
    assert loss == pytest.approx((2 * 0.57594 + 0.82594) / 3, abs=1e-5)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_landscapes_hold_what_each_unit_says_at_the_middle_of_each_cell(activation: str) -> None:
    network, params = random_network((2, 3, 4, 1), activation)
    found = anatomy.landscapes(network, params, 5)
    assert [layer.shape for layer in found] == [(3, 25), (4, 25), (1, 25)]
    assert all(((layer >= 0.0) & (layer <= 1.0)).all() for layer in found)
    # Row 1 from the top, column 3 of 5 cells of 12/5: x = −6 + 3.5 · 2.4 = 2.4 and y = 6 − 1.5 · 2.4 = 2.4.
    trace = anatomy.trace(network, params, (2.4, 2.4))
    assert found[-1][0, 5 * 1 + 3] == pytest.approx(trace.probability, rel=1e-12)
    for layer, sums in zip(found[:-1], trace.sums, strict=False):
        assert ((layer[:, 8] > 0.5) == (sums > 0.0)).all(), "one half is where the sum is 0"
    if activation == "tanh":
        assert found[1][:, 8] == pytest.approx((trace.outputs[1] + 1) / 2)


def test_a_silenced_unit_shows_what_it_would_say_and_is_missed_by_those_above_it() -> None:
    network, params = random_network((2, 3, 1))
    before, after = (anatomy.landscapes(network, params, 6, off) for off in ([], [(1, 1)]))
    np.testing.assert_array_equal(before[0], after[0])
    assert not np.allclose(before[1], after[1])


@pytest.mark.parametrize(
    ("weights", "bias", "ends"),
    [
        ((1.0, 0.0), -2.0, (2.0, -6.0, 2.0, 6.0)),  # x = 2
        ((0.0, 2.0), 3.0, (-6.0, -1.5, 6.0, -1.5)),  # y = −1.5
        ((1.0, 1.0), 0.0, (-6.0, 6.0, 6.0, -6.0)),  # from corner to corner
        ((1.0, 2.0), 2.0, (-6.0, 2.0, 6.0, -4.0)),
        ((2.0, 1.0), 2.0, (-4.0, 6.0, 2.0, -6.0)),
        ((1.0, 1.0), -13.0, None),  # passes outside of the square
        ((0.0, 0.0), 1.0, None),
    ],
)
def test_the_border_of_a_unit_is_where_its_sum_is_zero(
    weights: tuple[float, float], bias: float, ends: tuple[float, ...] | None
) -> None:
    found = anatomy.border(np.array(weights), bias)
    assert found == (None if ends is None else pytest.approx(ends))
    for x, y in () if found is None else (found[:2], found[2:]):
        assert weights[0] * x + weights[1] * y + bias == pytest.approx(0.0)
        assert max(abs(x), abs(y)) == pytest.approx(DOMAIN)


def test_a_shake_moves_every_weight_further_the_same_way_the_stronger_it_is() -> None:
    _, params = random_network((2, 8, 8, 1))
    weak, strong = (anatomy.shaken(params, noise, np.random.default_rng(5)) for noise in (0.1, 0.3))
    np.testing.assert_allclose(strong - params, 3.0 * (weak - params))
    np.testing.assert_array_equal(anatomy.shaken(params, 0.0, np.random.default_rng(5)), params)
    assert np.std(weak - params) == pytest.approx(0.1, rel=0.2)


@pytest.mark.parametrize("point", [(1.0,), (1.0, 2.0, 3.0), (math.nan, 0.0), (0.0, math.inf)])
def test_a_point_that_is_none_is_refused(point: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="point must be 2 finite numbers, got"):
        anatomy.trace(SMALL, BY_HAND, point)


@pytest.mark.parametrize("unit", [(1, 2), (1, -1), (2, 0), (0, 0), (-1, 0), (7, 0)])
def test_only_hidden_units_that_exist_are_switched_off(unit: anatomy.Unit) -> None:
    with pytest.raises(ValueError, match=r"must be a hidden unit .* of layers \(2, 2, 1\)"):
        anatomy.switches(SMALL, [unit])


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="noise must be a finite number of at least 0, got -1"):
        anatomy.shaken(BY_HAND, -1.0, np.random.default_rng(1))
    with pytest.raises(ValueError, match="a network with 2 inputs, got 3"):
        anatomy.landscapes(Network((3, 1)), np.zeros(4), 4)
    with pytest.raises(ValueError, match="size must be a whole number from 1 to 512, got 0"):
        anatomy.landscapes(SMALL, BY_HAND, 0)
    with pytest.raises(ValueError, match=r"params must have shape \(9,\)"):
        anatomy.trace(SMALL, np.zeros(5), (0.0, 0.0))
