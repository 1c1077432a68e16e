"""The network: shapes, first weights, answers, losses and gradients, against slow and obvious versions of each."""

import copy
import math
import pickle
from collections.abc import Callable
from itertools import pairwise, product

import numpy as np
import pytest

from gd_core import ACTIVATIONS, LOSSES, Network
from gd_core.activations import MANY
from gd_core.network import Model

LAYERS = [(2, 1), (2, 3, 1), (2, 8, 8, 1), (3, 4, 2, 5, 1)]
COMBINATIONS = list(product(LAYERS, ACTIVATIONS, LOSSES))


def points(network: Network, count: int = 13, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Parameters with biases that are not zero, inputs, and targets."""
    rng = np.random.default_rng(seed)
    params = network.init(rng) + rng.normal(0.0, 0.3, network.size)
    return params, rng.uniform(-3.0, 3.0, (count, network.layers[0])), rng.integers(0, 2, count).astype(float)


RULES: dict[str, Callable[[float], float]] = {
    "tanh": math.tanh,
    "relu": lambda z: max(z, 0.0),
    "sigmoid": lambda z: 1.0 / (1.0 + math.exp(-z)),
    "linear": lambda z: z,
}
"""The activations as textbooks have them."""


def slow_logit(network: Network, params: np.ndarray, point: np.ndarray) -> float:
    """The network's answer for one point, one unit after another, in plain Python."""
    values = [float(value) for value in point]
    pairs = network.unpack(params)
    for number, (weights, biases) in enumerate(pairs):
        sums = [
            sum(value * weights[i, j] for i, value in enumerate(values)) + biases[j] for j in range(weights.shape[1])
        ]
        values = sums if number == len(pairs) - 1 else [RULES[network.activation](z) for z in sums]
    return values[0]


def slow_loss(loss: str, logit: float, target: float) -> float:
    """The textbook formula, which is good for moderate logits."""
    p = 1.0 / (1.0 + math.exp(-logit))
    if loss == "mean_squared_error":
        return (p - target) ** 2
    return -(target * math.log(p) + (1.0 - target) * math.log(1.0 - p))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("count", [MANY - 1, MANY])
def test_activations_are_those_of_the_textbook_for_few_points_and_for_many(activation: str, count: int) -> None:
    sums = np.linspace(-30.0, 30.0, 2 * count).reshape(2, count)
    outputs = np.empty_like(sums)
    ACTIVATIONS[activation].apply_to(count)(sums, outputs)

    expected = [[RULES[activation](z) for z in row] for row in sums.tolist()]
    np.testing.assert_allclose(outputs, expected, rtol=0.0, atol=4 * np.finfo(float).eps)


@pytest.mark.parametrize(("activation", "lowest", "highest"), [("tanh", -1.0, 1.0), ("sigmoid", 0.0, 1.0)])
@pytest.mark.parametrize("count", [MANY - 1, MANY])
def test_an_activation_that_levels_off_does_so_for_sums_of_any_size(
    activation: str, lowest: float, highest: float, count: int
) -> None:
    sums = np.array([[-np.inf, -1e300, -1e4, 1e4, 1e300, np.inf, np.nan]]).repeat(count, axis=0).T.copy()
    with np.errstate(all="ignore"):
        ACTIVATIONS[activation].apply_to(count)(sums, sums)

    assert (sums[:3] == lowest).all()
    assert (sums[3:6] == highest).all()
    assert np.isnan(sums[6]).all()


def test_the_slope_of_the_cross_entropy_keeps_its_digits_where_the_network_is_sure() -> None:
    wrong_way, loss = np.linspace(-700.0, 700.0, 101), LOSSES["binary_crossentropy"]
    values, slopes = np.empty_like(wrong_way), np.empty_like(wrong_way)
    loss.value(wrong_way, values)
    loss.slope(wrong_way, values, slopes)

    expected = [1.0 / (1.0 + math.exp(-u)) for u in wrong_way.tolist()]
    np.testing.assert_allclose(slopes, expected, rtol=1e-12)


@pytest.mark.parametrize("layers", LAYERS)
def test_first_weights_are_glorot_uniform_and_first_biases_zero(layers: tuple[int, ...]) -> None:
    network = Network(layers)

    drawn = [network.unpack(network.init(np.random.default_rng(seed))) for seed in range(200)]

    for layer, (fan_in, fan_out) in enumerate(pairwise(layers)):
        limit = math.sqrt(6.0 / (fan_in + fan_out))
        weights = np.array([pairs[layer][0] for pairs in drawn])
        assert np.abs(weights).max() <= limit
        assert np.abs(weights).max() > 0.95 * limit
        assert weights.mean() == pytest.approx(0.0, abs=0.1 * limit)
        assert not any(pairs[layer][1].any() for pairs in drawn)


def test_parameters_are_seen_as_weights_and_biases_layer_by_layer() -> None:
    network = Network((2, 8, 8, 1))
    params = np.zeros(network.size)

    pairs = network.unpack(params)
    shapes = [(weights.shape, biases.shape) for weights, biases in pairs]
    for number, (weights, biases) in enumerate(pairs, start=1):
        weights[:] = number
        biases[:] = -number

    assert shapes == [((2, 8), (8,)), ((8, 8), (8,)), ((8, 1), (1,))]
    assert network.size == 2 * 8 + 8 + 8 * 8 + 8 + 8 * 1 + 1
    assert [np.count_nonzero(params == number) for number in (1, 2, 3)] == [16, 64, 8]
    assert [np.count_nonzero(params == -number) for number in (1, 2, 3)] == [8, 8, 1]


@pytest.mark.parametrize(("layers", "activation", "loss"), COMBINATIONS)
def test_logits_and_loss_are_those_of_the_textbook(layers: tuple[int, ...], activation: str, loss: str) -> None:
    network = Network(layers, activation, loss)
    params, inputs, targets = points(network)

    logits = network.logits(params, inputs)
    value, _ = network.loss_and_gradient(params, inputs, targets)

    expected = [slow_logit(network, params, point) for point in inputs]
    assert logits.shape == (len(inputs),)
    assert logits == pytest.approx(expected, rel=1e-12, abs=1e-12)
    losses = [slow_loss(loss, logit, target) for logit, target in zip(expected, targets, strict=True)]
    assert value == pytest.approx(sum(losses) / len(losses), rel=1e-12)


@pytest.mark.parametrize(("layers", "activation", "loss"), COMBINATIONS)
def test_gradient_is_that_of_finite_differences(layers: tuple[int, ...], activation: str, loss: str) -> None:
    network = Network(layers, activation, loss)
    params, inputs, targets = points(network)

    _, gradient = network.loss_and_gradient(params, inputs, targets)

    step = 1e-5  # central differences: error about step² for the formula, 1e-16 / step for rounding
    for index in range(network.size):
        nudge = np.zeros(network.size)
        nudge[index] = step
        above, _ = network.loss_and_gradient(params + nudge, inputs, targets)
        below, _ = network.loss_and_gradient(params - nudge, inputs, targets)
        assert gradient[index] == pytest.approx((above - below) / (2.0 * step), rel=1e-5, abs=1e-9)


@pytest.mark.parametrize(("layers", "activation", "loss"), COMBINATIONS)
def test_a_stack_of_networks_has_the_losses_and_gradients_of_each(
    layers: tuple[int, ...], activation: str, loss: str
) -> None:
    network = Network(layers, activation, loss)
    _, inputs, targets = points(network)
    params = np.array([points(network, seed=seed)[0] for seed in range(3)])

    stack = Model(network, params)
    batch = stack.batch(*network.columns(inputs, targets))
    logits = stack.forward(batch)
    losses = stack.losses(batch)
    gradients = stack.gradient(batch)

    assert gradients.shape == params.shape
    for index, own in enumerate(params):
        value, gradient = network.loss_and_gradient(own, inputs, targets)
        assert logits[index] == pytest.approx(network.logits(own, inputs), rel=1e-12, abs=1e-14)
        assert losses[index] == pytest.approx(value, rel=1e-12)
        assert gradients[index] == pytest.approx(gradient, rel=1e-11, abs=1e-14)


@pytest.mark.parametrize("count", [1, 2])
def test_a_single_network_leaves_the_numbers_where_one_of_a_stack_does(count: int) -> None:
    """An error of 0 times an output of ∞ is not a number, whatever function multiplies them."""
    network = Network((2, 1, 1), "linear")
    params = np.full(network.size, 1e200)
    inputs, targets = np.full((count, 2), 1e150), np.ones(count)

    stack = Model(network, params[np.newaxis])
    batch = stack.batch(*network.columns(inputs, targets))
    with np.errstate(all="ignore"):
        stack.forward(batch)
        loss, gradient = stack.losses(batch)[0], stack.gradient(batch)[0]

    assert np.isnan(gradient).any()
    value, own = network.loss_and_gradient(params, inputs, targets)
    assert value == loss
    assert own.tolist() == pytest.approx(gradient.tolist(), nan_ok=True)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_network_that_says_one_half_everywhere_has_the_loss_of_chance(loss: str) -> None:
    network = Network((2, 4, 1), "tanh", loss)
    _, inputs, targets = points(network)

    value, _ = network.loss_and_gradient(np.zeros(network.size), inputs, targets)

    assert value == pytest.approx(LOSSES[loss].chance, rel=1e-15)


@pytest.mark.parametrize("logit", [40.0, 800.0, 1e300])
def test_losses_of_huge_logits_are_exact_on_both_sides(logit: float) -> None:
    network = Network((1, 1))
    params = np.array([logit, 0.0])

    right, gentle = network.loss_and_gradient(params, [[1.0]], [1.0])
    wrong, steep = network.loss_and_gradient(params, [[1.0]], [0.0])

    assert right == pytest.approx(math.exp(-logit), rel=1e-12)
    assert wrong == pytest.approx(logit, rel=1e-15)
    assert abs(gentle[0]) <= math.exp(-logit) * (1.0 + 1e-12) + 1e-16
    assert steep[0] == 1.0


def test_asking_leaves_parameters_inputs_and_earlier_answers_alone() -> None:
    network = Network()
    params, inputs, targets = points(network)
    before = params.copy(), inputs.copy(), targets.copy()

    logits = network.logits(params, inputs)
    kept = logits.copy()
    _, gradient = network.loss_and_gradient(params, inputs, targets)
    kept_gradient = gradient.copy()
    network.loss_and_gradient(-params, -inputs, 1.0 - targets)
    network.logits(-params, -inputs)

    assert all(np.array_equal(old, new) for old, new in zip(before, (params, inputs, targets), strict=True))
    assert np.array_equal(logits, kept)
    assert np.array_equal(gradient, kept_gradient)


@pytest.mark.parametrize("whole", [np.int8, np.uint8, np.int64])
def test_layers_may_be_whole_numbers_of_numpy(whole: Callable[[int], int]) -> None:
    network = Network(tuple(map(whole, (2, 100, 100, 1))))

    assert network.layers == (2, 100, 100, 1)
    assert all(type(units) is int for units in network.layers)
    assert network.size == Network((2, 100, 100, 1)).size


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_what_shares_its_memory_refuses_to_be_copied(copied: Callable[[object], object]) -> None:
    network = Network((2, 3, 1))
    with pytest.raises(TypeError, match="cannot be copied; make a new one and keep its params"):
        copied(Model(network, network.init(np.random.default_rng(0))))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layers": (2,)}, r"layers must be at least two .* got \(2,\)"),
        ({"layers": (2, 8, 2)}, r"the last of them 1, got \(2, 8, 2\)"),
        ({"layers": (2, 0, 1)}, r"of at least 1, .* got \(2, 0, 1\)"),
        ({"activation": "tahn"}, "unknown activation 'tahn'; choose one of linear, relu, sigmoid, tanh"),
        ({"loss": "mse"}, "unknown loss 'mse'; choose one of binary_crossentropy, mean_squared_error"),
    ],
)
def test_impossible_networks_are_refused_with_a_reason(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Network(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("params", "inputs", "targets", "message"),
    [
        (np.zeros(5), np.zeros((4, 2)), np.zeros(4), r"params must have shape \(9,\) for layers .* got \(5,\)"),
        (np.zeros(9), np.zeros((4, 3)), np.zeros(4), r"inputs must have shape \(n, 2\) .* got \(4, 3\)"),
        (np.zeros(9), np.zeros(4), np.zeros(4), r"inputs must have shape \(n, 2\) .* got \(4,\)"),
        (np.zeros(9), np.zeros((0, 2)), np.zeros(0), r"with n at least 1, got \(0, 2\)"),
        (np.zeros(9), np.zeros((4, 2)), np.zeros(3), r"targets must have shape \(4,\), .* got \(3,\)"),
        (np.zeros(9), np.zeros((4, 2)), np.full(4, 0.5), "targets must all be 0 or 1, got 0.5"),
    ],
)
def test_shapes_that_do_not_fit_are_refused_with_a_reason(
    params: np.ndarray, inputs: np.ndarray, targets: np.ndarray, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Network((2, 2, 1)).loss_and_gradient(params, inputs, targets)
