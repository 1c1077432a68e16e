"""Backpropagation where every number can be seen: a computation graph of single numbers.

A graph is a list of small steps, each with a value and with its *local derivatives*: how fast it changes with each of
the values it was made from. `forward` works the values out, first to last; `backward` runs the chain rule over the same
steps, last to first. It knows nothing of layers, batches or arrays: `network` does the same with matrices.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from .checks import is_number, mapping, shown
from .language import say

Outcome = tuple[float, tuple[float, ...]]
"""What an operation gives: its value, and its derivative by each of the values it was given."""


# --- operations -------------------------------------------------------------------------------------------------


def weighted_sum(weight: float, value: float, bias: float) -> Outcome:
    """Return w·x + b. A nudge of w arrives x times as large, one of x arrives w times as large, one of b as it is."""
    return weight * value + bias, (value, weight, 1.0)


def product(weight: float, value: float) -> Outcome:
    """Return w·x. Each factor is the other one's derivative."""
    return weight * value, (value, weight)


def add(first: float, second: float) -> Outcome:
    """Return a + b. A nudge of either arrives as it is."""
    return first + second, (1.0, 1.0)


def tanh(z: float) -> Outcome:
    """Return $tanh z$. Its slope $1 − tanh² z$ is 1 in the middle and close to 0 on both sides."""
    out = math.tanh(z)
    return out, (1.0 - out * out,)


def cross_entropy(logit: float, target: float) -> Outcome:
    """Return the loss log(1 + eᵒ) − t·o of a logit o. Its slope is σ(o) − t: what was answered minus what is true."""
    loss = max(logit, 0.0) - target * logit + math.log1p(math.exp(-abs(logit)))
    answer = 0.5 + 0.5 * math.tanh(0.5 * logit)  # σ(o), without overflow
    return loss, (answer - target, -logit)


OPERATIONS: dict[str, Callable[..., Outcome]] = {
    "weighted_sum": weighted_sum,
    "product": product,
    "add": add,
    "tanh": tanh,
    "cross_entropy": cross_entropy,
}
"""What a step may do, by name."""


# --- graphs -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Node:
    """One value of a graph.

    Attributes:
        name: its name in formulas, like "z".
        operation: what made it, a key of `OPERATIONS`; "data" or "weight" if it was given.
        parents: the names of the values it was made from, in the operation's order.
        value: what came out.
        local: its local derivatives, one for each parent.
    """

    name: str
    operation: str
    parents: tuple[str, ...]
    value: float
    local: tuple[float, ...] = ()


@dataclass(frozen=True)
class Graph:
    """A computation to follow: what goes in, and the steps from there to the loss.

    Attributes:
        data: what the data gives, by name. Nobody turns it, so no gradient is sent to it.
        weights: what training may change, by name.
        steps: `(name, operation, parents)`, each made from earlier ones; the last is the loss.
    """

    data: Mapping[str, float]
    weights: Mapping[str, float]
    steps: tuple[tuple[str, str, tuple[str, ...]], ...]


GRAPHS: dict[str, Graph] = {
    "chain": Graph(
        data={"x": 2.0, "target": 1.0},
        weights={"w1": 0.5, "b1": -0.5, "w2": -1.5, "b2": 0.2},
        steps=(
            ("z", "weighted_sum", ("w1", "x", "b1")),
            ("h", "tanh", ("z",)),
            ("o", "weighted_sum", ("w2", "h", "b2")),
            ("loss", "cross_entropy", ("o", "target")),
        ),
    ),
    "fork": Graph(
        data={"x": 1.0, "target": 0.0},
        weights={"w1": 0.8, "w2": -2.0},
        steps=(
            ("z", "product", ("w1", "x")),
            ("h", "tanh", ("z",)),
            ("s", "product", ("w2", "h")),
            ("r", "tanh", ("s",)),
            ("o", "add", ("r", "h")),
            ("loss", "cross_entropy", ("o", "target")),
        ),
    ),
    "shared": Graph(
        data={"x": 1.5, "target": 1.0},
        weights={"w": 0.6},
        steps=(
            ("z", "product", ("w", "x")),
            ("h", "tanh", ("z",)),
            ("o", "product", ("w", "h")),
            ("loss", "cross_entropy", ("o", "target")),
        ),
    ),
}
"""`chain`: one unit and one output. `fork`: a unit whose output goes on both through another unit and around it.
`shared`: one weight used in two places. The numbers are where a walk begins."""


# --- forward and backward ---------------------------------------------------------------------------------------


def forward(graph: Graph, values: Mapping[str, float]) -> dict[str, Node]:
    """Work a graph out, from what goes in to the loss.

    Args:
        graph: the computation.
        values: a finite number for each name in `graph.data` and `graph.weights`.

    Returns:
        The nodes by name, each after those it was made from; the last is the loss.

    Raises:
        ValueError: a name has no finite number.
    """
    for name in (*graph.data, *graph.weights):
        if not is_number(value := mapping("values", values).get(name)):
            raise ValueError(
                say("values must hold a finite number for {name}, got {came}", name=name, came=shown(value))
            )
    given = dict.fromkeys(graph.data, "data") | dict.fromkeys(graph.weights, "weight")
    nodes = {name: Node(name, kind, (), float(values[name])) for name, kind in given.items()}
    for name, operation, parents in graph.steps:
        value, local = OPERATIONS[operation](*(nodes[parent].value for parent in parents))
        nodes[name] = Node(name, operation, parents, value, local)
    return nodes


@dataclass(frozen=True)
class Step:
    """One step of the chain rule: along one edge, against the arrow.

    Attributes:
        node: where the gradient comes from.
        parent: where it goes.
        incoming: derivative of the loss by `node`, complete.
        local: derivative of `node` by `parent`, along this edge alone.
        outgoing: what arrives at `parent` by this edge: incoming times local.
        total: what has arrived at `parent` so far, this step included.
    """

    node: str
    parent: str
    incoming: float
    local: float
    outgoing: float
    total: float


def backward(nodes: dict[str, Node]) -> Iterator[Step]:
    """Run the chain rule from the loss back to the weights, one edge at a time."""
    *_, loss = nodes
    gradient = dict.fromkeys(nodes, 0.0)
    gradient[loss] = 1.0  # the loss changes exactly as much as the loss changes
    for node in reversed(nodes.values()):
        incoming = gradient[node.name]  # complete: whatever was made from this node has been visited
        for parent, local in zip(node.parents, node.local, strict=True):
            if nodes[parent].operation == "data":
                continue  # nobody turns the data
            outgoing = incoming * local  # the chain rule
            gradient[parent] += outgoing  # where paths meet, gradients add
            yield Step(node.name, parent, incoming, local, outgoing, gradient[parent])


def gradients(nodes: dict[str, Node]) -> dict[str, float]:
    """Return the derivative of the loss by every value but the data: the whole backward walk at once.

    >>> product = Graph(data={"x": 3.0}, weights={"w": 2.0}, steps=(("loss", "product", ("w", "x")),))
    >>> gradients(forward(product, {**product.data, **product.weights}))
    {'loss': 1.0, 'w': 3.0}
    """
    *_, loss = nodes
    return {loss: 1.0} | {step.parent: step.total for step in backward(nodes)}
