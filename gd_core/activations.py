"""What a hidden unit does with its weighted sum.

An activation works in place, on whole buffers: `apply` turns weighted sums into outputs, `slope` gives the derivative
from the outputs alone, so that the backward pass needs nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# As arrays, since NumPy takes half a call's time to make one of a number.
_ONE, _MINUS_TWO = np.array(1.0), np.array(-2.0)

MANY = 64
"""Points from which tanh costs less when it is made of an exponential, by half at 256 points of eight units, in a page
as well as natively; for fewer, one call costs less than five. What both give differs by rounding."""


@dataclass(frozen=True)
class Activation:
    """A function of one number, applied to every unit, and its derivative.

    Attributes:
        apply: `apply(sums)` replaces every weighted sum by the unit's output; any shape.
        slope: `slope(outputs, into)` writes the derivative at each unit's sum, told from the unit's output.
    """

    apply: Callable[[Array], None]
    slope: Callable[[Array, Array], None]


def _tanh(sums: Array) -> None:
    if sums.shape[-1] < MANY:
        np.tanh(sums, sums)
        return
    np.add(sums, sums, sums)  # tanh(z) = 1 − 2 / (e²ᶻ + 1), right also where e²ᶻ overflows
    np.exp(sums, sums)
    np.add(sums, _ONE, sums)
    np.divide(_MINUS_TWO, sums, sums)
    np.add(sums, _ONE, sums)


def _tanh_slope(outputs: Array, into: Array) -> None:
    np.multiply(outputs, outputs, into)  # tanh′ = 1 − tanh²
    np.subtract(_ONE, into, into)


def _relu(sums: Array) -> None:
    np.maximum(sums, 0.0, out=sums)


def _relu_slope(outputs: Array, into: Array) -> None:
    np.greater(outputs, 0.0, into)  # 1 where the unit is on; 0 at the kink itself, as in Keras and PyTorch


def _sigmoid(sums: Array) -> None:
    np.negative(sums, sums)  # σ(z) = 1 / (1 + e⁻ᶻ), right also where e⁻ᶻ overflows
    np.exp(sums, sums)
    np.add(sums, _ONE, sums)
    np.divide(_ONE, sums, sums)


def _sigmoid_slope(outputs: Array, into: Array) -> None:
    np.subtract(1.0, outputs, into)  # σ′ = σ (1 − σ)
    np.multiply(into, outputs, into)


def _linear(sums: Array) -> None:
    """Leave the weighted sums as they are."""


def _linear_slope(outputs: Array, into: Array) -> None:  # noqa: ARG001 - the slope of a line is the same everywhere
    into.fill(1.0)


ACTIVATIONS: dict[str, Activation] = {
    "tanh": Activation(_tanh, _tanh_slope),
    "relu": Activation(_relu, _relu_slope),
    "sigmoid": Activation(_sigmoid, _sigmoid_slope),
    "linear": Activation(_linear, _linear_slope),
}
