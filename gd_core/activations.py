"""What a hidden unit does with its weighted sum.

An activation works on whole buffers: `apply` turns weighted sums into outputs, `slope` gives the derivative from the
outputs alone, so that the backward pass needs nothing else. NumPy's functions are imported by name here, and in the
chapters on losses, networks and optimizers: to look one up in `np` takes a tenth of the time of its call.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy import add, divide, exp, greater, maximum, multiply, negative, positive, subtract, tanh
from numpy.typing import NDArray

Array = NDArray[np.float64]

# As arrays, since NumPy takes half a call's time to make one of a number.
_ZERO, _ONE, _MINUS_TWO = np.array(0.0), np.array(1.0), np.array(-2.0)

MANY = 64
"""Points from which tanh costs less when it is made of an exponential, by half at 256 points of eight units, in a page
as well as natively; for fewer, one call costs less than five. What both give differs by rounding."""


@dataclass(frozen=True)
class Activation:
    """A function of one number, applied to every unit, and its derivative.

    Attributes:
        apply: `apply(sums, into)` writes each unit's output, told from its weighted sum; any shape, `into` may be
            `sums`.
        slope: `slope(outputs, into)` writes the derivative at each unit's sum, told from the unit's output.
        apply_to_many: does what `apply` does, in less time from `MANY` points on; None where there is no such way.
    """

    apply: Callable[[Array, Array], object]
    slope: Callable[[Array, Array], None]
    apply_to_many: Callable[[Array, Array], None] | None = None

    def apply_to(self, points: int) -> Callable[[Array, Array], object]:
        """Return the faster way to apply it to so many points."""
        return self.apply_to_many if self.apply_to_many and points >= MANY else self.apply


def _tanh_of_many(sums: Array, into: Array) -> None:
    add(sums, sums, into)  # tanh(z) = 1 − 2 / (e²ᶻ + 1), right also where e²ᶻ overflows
    exp(into, into)
    add(into, _ONE, into)
    divide(_MINUS_TWO, into, into)
    add(into, _ONE, into)


def _tanh_slope(outputs: Array, into: Array) -> None:
    multiply(outputs, outputs, into)  # tanh′ = 1 − tanh²
    subtract(_ONE, into, into)


def _relu(sums: Array, into: Array) -> None:
    maximum(sums, _ZERO, out=into)


def _relu_slope(outputs: Array, into: Array) -> None:
    greater(outputs, _ZERO, into)  # 1 where the unit is on; 0 at the kink itself, as in Keras and PyTorch


def _sigmoid(sums: Array, into: Array) -> None:
    negative(sums, into)  # σ(z) = 1 / (1 + e⁻ᶻ), right also where e⁻ᶻ overflows
    exp(into, into)
    add(into, _ONE, into)
    divide(_ONE, into, into)


def _sigmoid_slope(outputs: Array, into: Array) -> None:
    subtract(_ONE, outputs, into)  # σ′ = σ (1 − σ)
    multiply(into, outputs, into)


def _linear_slope(outputs: Array, into: Array) -> None:  # noqa: ARG001 - the slope of a line is the same everywhere
    into.fill(1.0)


ACTIVATIONS: dict[str, Activation] = {
    "tanh": Activation(tanh, _tanh_slope, _tanh_of_many),
    "relu": Activation(_relu, _relu_slope),
    "sigmoid": Activation(_sigmoid, _sigmoid_slope),
    "linear": Activation(positive, _linear_slope),
}
