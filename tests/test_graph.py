"""The computation graph: its numbers by hand, its gradients against finite differences and against the network."""

import math
from collections.abc import Mapping

import numpy as np
import pytest

from gd_core import Network
from gd_core.graph import GRAPHS, OPERATIONS, Graph, backward, forward, gradients

SEEDS = range(30)


def start(graph: Graph) -> dict[str, float]:
    return {**graph.data, **graph.weights}


def random_values(graph: Graph, seed: int) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    values = {name: float(rng.normal(0.0, 1.5)) for name in start(graph)}
    return values | {"target": float(rng.integers(0, 2))}


def loss_of(graph: Graph, values: Mapping[str, float]) -> float:
    *_, loss = forward(graph, values).values()
    return loss.value


def test_a_walk_by_hand() -> None:
    """The graph `shared` from x = 1, w = 1, target = 1: z = 1·1, h = tanh 1 = 0.761594, o = 1·h.

    loss = log(1 + e^0.761594) − 0.761594 = log(3.141687) − 0.761594 = 1.144760 − 0.761594 = 0.383166
    ∂loss/∂o = σ(0.761594) − 1 = 0.681700 − 1 = −0.318300
    ∂loss/∂w, directly = −0.318300 · h = −0.242415
    ∂loss/∂h = −0.318300 · w = −0.318300
    ∂loss/∂z = −0.318300 · (1 − 0.761594²) = −0.318300 · 0.419974 = −0.133678
    ∂loss/∂w, through z = −0.133678 · x = −0.133678; both: −0.242415 − 0.133678 = −0.376093
    """
    graph = GRAPHS["shared"]
    nodes = forward(graph, {"x": 1.0, "w": 1.0, "target": 1.0})
    steps = list(backward(nodes))

    assert nodes["loss"].value == pytest.approx(0.383166, abs=1e-6)
    assert [(step.node, step.parent) for step in steps] == [
        ("loss", "o"),
        ("o", "w"),
        ("o", "h"),
        ("h", "z"),
        ("z", "w"),
    ]
    assert [step.outgoing for step in steps] == pytest.approx(
        [-0.318300, -0.242415, -0.318300, -0.133678, -0.133678], abs=1e-6
    )
    assert steps[-1].total == pytest.approx(-0.376093, abs=1e-6)


@pytest.mark.parametrize("name", GRAPHS)
def test_gradients_are_those_of_finite_differences(name: str) -> None:
    graph = GRAPHS[name]
    for seed in SEEDS:
        values = random_values(graph, seed)
        found = gradients(forward(graph, values))
        for weight in graph.weights:
            above, below = (loss_of(graph, values | {weight: values[weight] + nudge}) for nudge in (1e-5, -1e-5))
            assert found[weight] == pytest.approx((above - below) / 2e-5, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("target", [0.0, 1.0])
def test_the_chain_is_a_network_of_one_unit(target: float) -> None:
    graph, network = GRAPHS["chain"], Network((1, 1, 1))
    for seed in SEEDS:
        values = random_values(graph, seed) | {"target": target}
        nodes = forward(graph, values)
        found = gradients(nodes)
        names = ("w1", "b1", "w2", "b2")
        loss, gradient = network.loss_and_gradient(
            np.array([values[name] for name in names]), [[values["x"]]], [target]
        )
        assert nodes["loss"].value == pytest.approx(loss, rel=1e-12)
        assert [found[name] for name in names] == pytest.approx(gradient, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("name", GRAPHS)
def test_a_gradient_is_complete_before_it_is_sent_on(name: str) -> None:
    steps = list(backward(forward(GRAPHS[name], start(GRAPHS[name]))))
    for index, step in enumerate(steps):
        arrived = [other.outgoing for other in steps if other.parent == step.node]
        sent = [other for other in steps[:index] if other.parent == step.node]
        assert len(sent) == len(arrived)
        assert step.incoming == pytest.approx(sum(arrived) if arrived else 1.0, rel=1e-15)
        assert step.outgoing == step.incoming * step.local


@pytest.mark.parametrize("name", GRAPHS)
def test_every_weight_gets_a_gradient_and_the_data_none(name: str) -> None:
    graph = GRAPHS[name]
    found = gradients(forward(graph, start(graph)))
    assert graph.weights.keys() <= found.keys()
    assert not graph.data.keys() & found.keys()


def test_paths_meet_in_fork_and_shared_and_nowhere_in_chain() -> None:
    meets = {}
    for name, graph in GRAPHS.items():
        parents = [step.parent for step in backward(forward(graph, start(graph)))]
        meets[name] = {parent for parent in parents if parents.count(parent) > 1}
    assert meets == {"chain": set(), "fork": {"h"}, "shared": {"w"}}


def test_in_fork_the_two_paths_disagree() -> None:
    """The lesson shows them: one says up, the other down, and the sum decides."""
    one, other = [
        step.outgoing for step in backward(forward(GRAPHS["fork"], start(GRAPHS["fork"]))) if step.parent == "h"
    ]
    assert one * other < 0.0


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("weighted_sum", (0.7, -1.2, 0.4)),
        ("product", (0.7, -1.2)),
        ("add", (0.7, -1.2)),
        ("tanh", (0.7,)),
        ("cross_entropy", (0.7, 1.0)),
        ("cross_entropy", (-2.0, 0.0)),
    ],
)
def test_local_derivatives_are_those_of_finite_differences(name: str, values: tuple[float, ...]) -> None:
    operation = OPERATIONS[name]
    _, local = operation(*values)
    for place, derivative in enumerate(local):
        nudged = [
            operation(*(value + (nudge if index == place else 0.0) for index, value in enumerate(values)))[0]
            for nudge in (1e-5, -1e-5)
        ]
        assert derivative == pytest.approx((nudged[0] - nudged[1]) / 2e-5, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("logit", [-800.0, 800.0])
def test_the_loss_of_a_huge_logit_is_finite(logit: float) -> None:
    for target in (0.0, 1.0):
        value, (slope, _) = OPERATIONS["cross_entropy"](logit, target)
        assert math.isfinite(value)
        assert -1.0 <= slope <= 1.0
