"""How much gradient arrives in each layer: measured by hand on a small network, and over many first weights."""

from typing import Any

import numpy as np
import pytest

from gd_core import DATASETS, Network
from gd_core.vanishing import MOST_LAYERS, UNITS, VanishingSession, deep_network, layer_sizes, shrinking, smallest

SEEDS = range(40)
NEARLY_ALL = 38
"""Of forty: what holds for 95 of 100."""


def sizes(activation: str, depth: int, seed: int) -> np.ndarray:
    network = deep_network(depth, activation)
    inputs, targets = DATASETS["moons"](256, noise=0.1, rng=np.random.default_rng(seed))
    return layer_sizes(network, network.init(np.random.default_rng(seed)), inputs, targets)


def test_the_size_of_a_layer_is_the_root_mean_square_of_its_weights_gradient() -> None:
    """A linear unit 2-1: z = 1·3 + 2·4 + 0 = 11, so σ(z) − 0 = 1 to four places; the gradient is (3, 4), its bias 1.

    √((9 + 16) / 2) = √12.5 = 3.5355
    """
    network = Network((2, 1))
    found = layer_sizes(network, np.array([1.0, 2.0, 0.0]), [[3.0, 4.0]], [0.0])
    assert found == pytest.approx([3.5355], abs=2e-4)


def test_a_deep_network_has_layers_of_eight() -> None:
    assert deep_network(3, "sigmoid").layers == (2, UNITS, UNITS, UNITS, 1)


@pytest.mark.parametrize(
    ("found", "where"),
    [
        ([1e-5, 1e-3, 1e-1], "inputs"),
        ([1e-1, 1e-5, 1e-1], "middle"),
        ([1e-1, 1e-3, 1e-5], "output"),
        ([1e-2, 3e-2, 2e-1], "alike"),
        ([0.0, 0.0, 1e-2], "inputs"),
        ([1e-2, 0.3], "inputs"),
        ([1e-2, 0.29], "alike"),
        ([2e-3, 2e-3, 9e-3, 4e-2], "inputs"),  # one hidden layer to the next: 4.5
        ([2e-3, 9e-3, 1.7e-2, 4e-2], "alike"),  # 1.9
    ],
)
def test_the_smallest_gradient_is_placed(found: list[float], where: str) -> None:
    assert smallest(np.array(found)) == where


def test_the_factor_from_layer_to_layer_is_that_of_the_square_ones() -> None:
    assert shrinking(np.array([9.0, 1.0, 4.0, 16.0, 7.0])) == pytest.approx(4.0)
    assert shrinking(np.array([9.0, 1.0, 7.0])) is None
    assert shrinking(np.array([0.0, 0.0, 1.0, 1.0])) is None


def test_a_sigmoid_layer_keeps_about_a_quarter_of_the_gradient() -> None:
    """Its slope is never above 1/4, and first weights neither stretch nor shrink much: between a third and a fifth."""
    factors = [shrinking(sizes("sigmoid", MOST_LAYERS, seed)) for seed in SEEDS]
    assert sum(factor is not None and 3.0 < factor < 5.2 for factor in factors) >= NEARLY_ALL


def test_a_tanh_layer_keeps_nearly_all_of_it() -> None:
    factors = [shrinking(sizes("tanh", MOST_LAYERS, seed)) for seed in SEEDS]
    assert sum(factor is not None and 0.75 < factor < 1.35 for factor in factors) >= NEARLY_ALL


@pytest.mark.parametrize(("activation", "where"), [("sigmoid", "inputs"), ("tanh", "alike")])
def test_ten_layers_starve_the_inputs_with_sigmoid_and_nobody_with_tanh(activation: str, where: str) -> None:
    assert sum(smallest(sizes(activation, MOST_LAYERS, seed)) == where for seed in SEEDS) >= NEARLY_ALL


# --- the lab --------------------------------------------------------------------------------------------------


def test_what_is_measured_is_told_with_its_numbers() -> None:
    found = VanishingSession({}).open(10, "sigmoid")
    assert len(found["sizes"]) == len(found["texts"]) == 11
    assert found["where"] == "inputs"
    assert found["said"].startswith("The smallest gradient is near the inputs: the largest is 0.075 and the smallest")
    assert "times less." in found["said"]
    assert "sigmoid divides it by about 4.6 a layer." in found["said"]


def test_the_loss_of_the_settings_is_the_one_measured_and_trained() -> None:
    squared = VanishingSession({"loss": "mean_squared_error"})
    usual = VanishingSession({})
    network = deep_network(10, "sigmoid", "mean_squared_error")
    params = network.init(np.random.default_rng(1))

    sizes = squared.layers(10, "sigmoid", 1)["sizes"]

    assert sizes.tolist() == layer_sizes(network, params, squared.inputs, squared.targets).tolist()
    assert sizes.tolist() != usual.layers(10, "sigmoid", 1)["sizes"].tolist()
    assert squared.train(1, 1, 1)["chance"] == 0.25


def test_tanh_gives_all_layers_much_the_same() -> None:
    said = VanishingSession({}).open(10, "tanh")["said"]
    assert said.startswith("All layers get much the same, within a factor of 30: the largest is")
    assert "From one hidden layer to the next, tanh changes it by a factor of" in said


def test_one_hidden_layer_has_no_factor() -> None:
    assert "layer to the next" not in VanishingSession({}).open(1, "relu")["said"]


def test_the_same_depth_is_trained_with_both() -> None:
    found = VanishingSession({}).train(10, 50, 1)
    assert list(found["runs"]) == ["sigmoid", "tanh"]
    assert found["runs"]["sigmoid"]["verdict"]["name"] == "stuck"
    assert found["runs"]["tanh"]["losses"][-1] < 0.1
    assert all(len(run["losses"]) == 51 for run in found["runs"].values())


def test_a_run_that_diverges_ends_early_and_says_so() -> None:
    found = VanishingSession({"learning_rate": 100.0}).train(2, 50, 1)
    assert found["runs"]["tanh"]["verdict"]["name"] == "diverged"
    assert len(found["runs"]["tanh"]["losses"]) < 51


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (("layers", 0, "tanh", 1), "hidden_layers must be a whole number from 1 to 10, got 0"),
        (("layers", 11, "tanh", 1), "hidden_layers must be a whole number from 1 to 10, got 11"),
        (("layers", 3, "linear", 1), "unknown activation 'linear'; choose one of sigmoid, tanh, relu"),
        (("train", 3, 0, 1), "epochs must be a whole number from 1 to 100, got 0"),
        (("train", 3, 101, 1), "epochs must be a whole number from 1 to 100, got 101"),
    ],
)
def test_what_cannot_be_measured_is_refused(request_: tuple[Any, ...], message: str) -> None:
    name, *arguments = request_
    with pytest.raises(ValueError, match=message):
        getattr(VanishingSession({}), name)(*arguments)
