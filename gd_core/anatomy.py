"""A network taken apart: what every single unit computes, for one point and all over the plane.

Training wants one number of a network, its loss, and wants it fast; `network` is built for that. This chapter is for
looking: it keeps everything on the way from the inputs to the answer, can switch units off and shake weights, and says
how much worse the network gets. It knows nothing of training, nor of where the weights come from.

Layers count from 0, the inputs, so that layer 1 is the first one that computes; units count from 0, too. The last layer
is the output, a single unit whose bend is the logistic function.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .activations import ACTIVATIONS
from .checks import is_whole, number, numbers, shown, whole
from .datasets import DOMAIN
from .language import say
from .losses import LOSSES
from .network import Network

Array = NDArray[np.float64]
Unit = tuple[int, int]
"""A unit by its layer, where 0 are the inputs, and its place in the layer, from 0."""

FINEST = 512
"""Cells along each side of the finest landscape."""


def forward(network: Network, params: Array, inputs: Array, switches: Sequence[Array]) -> list["Step"]:
    """Send points through all layers and keep everything on the way."""
    steps = []
    outputs = inputs
    for (weights, biases), bend, on in zip(network.unpack(params), bends(network), switches, strict=True):
        # 1. Every unit weighs what comes in, adds it up, and adds its bias.
        sums = outputs @ weights + biases
        # 2. It bends the sum and passes that on; a unit that is switched off passes on 0.
        outputs = bend(sums) * on
        steps.append(Step(sums, outputs))
    return steps


@dataclass(frozen=True)
class Step:
    """What one layer did.

    Attributes:
        sums: the units' weighted sums, biases included, shape `(n, units)`. The last layer's sum is the logit.
        outputs: what they pass on, shape `(n, units)`. The last layer's is the probability of class 1.
    """

    sums: Array
    outputs: Array


@dataclass(frozen=True)
class Trace:
    """One point on its way through a network.

    Attributes:
        sums: of every layer but the inputs the units' weighted sums, each of shape `(units,)`.
        outputs: of the same layers what their units pass on, each of shape `(units,)`.
        terms: of the same layers the products weight times input that their units add up, each of shape
            `(units, fan_in)`. With the bias they make the sum.
        logit: the sum of the output unit.
        probability: of class 1, between 0 and 1.
        answer: 1 if the logit is above 0, else 0.
    """

    sums: list[Array]
    outputs: list[Array]
    terms: list[Array]
    logit: float
    probability: float
    answer: int


def bends(network: Network) -> list[Callable[[Array], Array]]:
    """Return what each layer does with its sums: the network's activation, and at the output the logistic function."""
    hidden = len(network.layers) - 2
    return [_bend(name) for name in [network.activation] * hidden + ["sigmoid"]]


def _bend(activation: str) -> Callable[[Array], Array]:
    @np.errstate(over="ignore")  # where an activation levels off, its exponential may leave the numbers
    def bend(sums: Array) -> Array:
        outputs = np.empty_like(sums)
        ACTIVATIONS[activation].apply_to(len(sums))(sums, outputs)
        return outputs

    return bend


def switches(network: Network, off: Iterable[Unit] = ()) -> list[Array]:
    """Return for each layer that computes, 1.0 for every unit that is on and 0.0 for every one that is off.

    Each is of shape `(units,)`.

    Args:
        network: whose units they are.
        off: the hidden units that are switched off.

    Raises:
        ValueError: there is no such hidden unit; the output cannot be switched off.
    """
    found = [np.ones(units) for units in network.layers[1:]]
    hidden = network.layers[1:-1]
    for layer, unit in off:
        known = is_whole(layer) and is_whole(unit)
        if not (known and 1 <= layer <= len(hidden) and 0 <= unit < hidden[layer - 1]):
            raise ValueError(
                say(
                    "a unit that is switched off must be a hidden unit (layer, unit) of layers {layers}, where layer 0"
                    " are the inputs and units count from 0, got {came}",
                    layers=network.layers,
                    came=shown((layer, unit)),
                )
            )
        found[layer - 1][unit] = 0.0
    return found


def trace(network: Network, params: Array, point: ArrayLike, off: Iterable[Unit] = ()) -> Trace:
    """Follow one point through the network.

    Args:
        network: what the network is.
        params: shape `(size,)`.
        point: shape `(layers[0],)`, finite.
        off: units that are switched off.

    Raises:
        ValueError: a shape does not fit, the point is not finite, or there is no such unit.
    """
    inputs = numbers("point", point)
    if inputs.shape != network.layers[:1] or not np.isfinite(inputs).all():
        raise ValueError(
            say("point must be {count} finite numbers, got {came}", count=network.layers[0], came=shown(point))
        )
    steps = forward(network, params, inputs[np.newaxis], switches(network, off))
    incoming = [inputs, *(step.outputs[0] for step in steps)]
    terms = [weights.T * below for (weights, _), below in zip(network.unpack(params), incoming, strict=False)]
    logit = float(steps[-1].sums[0, 0])
    return Trace(
        sums=[step.sums[0] for step in steps],
        outputs=[step.outputs[0] for step in steps],
        terms=terms,
        logit=logit,
        probability=float(steps[-1].outputs[0, 0]),
        answer=int(logit > 0.0),
    )


def score(
    network: Network, params: Array, inputs: ArrayLike, targets: ArrayLike, off: Iterable[Unit] = ()
) -> tuple[float, int]:
    """Judge the network on data: return its mean loss, and how many points it gives their own class.

    Args:
        network: what the network is.
        params: shape `(size,)`.
        inputs: shape `(n, layers[0])`.
        targets: shape `(n,)`, 0 or 1.
        off: units that are switched off.

    Raises:
        ValueError: a shape does not fit, a target is neither 0 nor 1, or there is no such unit.
    """
    points, signs = network.columns(inputs, targets)
    logits = forward(network, params, points[:-1].T, switches(network, off))[-1].sums[:, 0]
    losses = np.empty_like(logits)
    LOSSES[network.loss].value(signs * logits, losses)
    right = (logits > 0.0) == (signs < 0.0)
    return float(np.mean(losses)), int(np.count_nonzero(right))


def landscapes(network: Network, params: Array, size: int, off: Iterable[Unit] = ()) -> list[Array]:
    """Say what every unit passes on all over the plane, on a grid over `[-DOMAIN, DOMAIN]²`, in one pass.

    Values are brought to [0, 1] so that one half means: the unit's sum is 0, it leans neither way. For tanh that is
    `(output + 1) / 2`; a logistic unit is left as it is; what has no bounds is divided by its largest value first. A
    unit that is switched off still shows what it would say: it is silenced on its way out.

    Args:
        network: what the network is; two inputs.
        params: shape `(size,)`.
        size: cells along each side, from 1 to `FINEST`.
        off: units that are switched off.

    Returns:
        For each layer an array of shape `(units, size * size)`, rows from the top left as a screen has them.

    Raises:
        ValueError: the network does not take two inputs, `size` is out of range, or there is no such unit.
    """
    whole("size", size, 1, FINEST)
    if network.layers[0] != 2:
        raise ValueError(say("landscapes take a network with 2 inputs, got {count}", count=network.layers[0]))
    steps = forward(network, params, grid(size), switches(network, off))
    scale = _SCALES[network.activation]
    shown = [scale(bend(step.sums)) for bend, step in zip(bends(network)[:-1], steps, strict=False)]
    return [values.T.copy() for values in (*shown, steps[-1].outputs)]


def _unbounded(outputs: Array) -> Array:
    largest: Array = np.abs(outputs).max(axis=0)
    return 0.5 + 0.5 * outputs / np.maximum(largest, 1e-12)


_SCALES: dict[str, Callable[[Array], Array]] = {
    "tanh": lambda outputs: 0.5 + 0.5 * outputs,
    "relu": _unbounded,
    "sigmoid": lambda outputs: outputs,
    "linear": _unbounded,
}


def grid(size: int) -> Array:
    """Return the middles of the cells of a `size` by `size` grid over the square, row by row from the top left.

    Shape `(size * size, 2)`.
    """
    middles: Array = DOMAIN * ((np.arange(size) + 0.5) * 2.0 / size - 1.0)
    x, y = np.meshgrid(middles, -middles)
    return np.column_stack((x.ravel(), y.ravel()))


def border(weights: Array, bias: float) -> tuple[float, float, float, float] | None:
    """Return the ends of the line where a unit of the first layer sums up to 0, as x, y, x, y on the square's rim.

    Args:
        weights: of the two inputs, shape `(2,)`.
        bias: of the unit.

    Returns:
        None if the line does not cross the square `[-DOMAIN, DOMAIN]²`, or if there is none since both weights are 0.
    """
    first, second, bias = float(weights[0]), float(weights[1]), float(bias)
    ends: list[tuple[float, float]] = []
    for side in (-DOMAIN, DOMAIN):
        if second and abs(y := -(first * side + bias) / second) <= DOMAIN:
            ends.append((side, y))
        if first and abs(x := -(second * side + bias) / first) < DOMAIN:
            ends.append((x, side))
    return (*min(ends), *max(ends)) if min(ends, default=None) != max(ends, default=None) else None


def shaken(params: Array, noise: float, rng: np.random.Generator) -> Array:
    """Return a copy of the parameters, each moved by a random number of standard deviation `noise`.

    The random numbers are those of `rng` and do not depend on `noise`: a larger one moves every parameter further the
    same way.

    Raises:
        ValueError: `noise` is negative or not finite.
    """
    number("noise", noise, 0.0)
    return params + noise * rng.normal(size=params.shape)
