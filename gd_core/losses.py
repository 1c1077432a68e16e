"""How wrong a network is, as one number.

Both losses are functions of the *wrong-way logit* $u$: the logit $z$ of a point of class 0, and $−z$ of a point of
class 1. It is negative where the network is right and positive where it is wrong, and $σ(u)$ is the probability that
the network gives to the wrong class. Written so, no loss subtracts two nearly equal numbers, and none overflows before
$u$ does.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy import exp, logaddexp, multiply, sqrt, subtract
from numpy.typing import NDArray

Array = NDArray[np.float64]

_ZERO = np.array(0.0)  # as an array, since NumPy takes half a call's time to make one of a number


@dataclass(frozen=True)
class Loss:
    """A loss of one point as a function of its wrong-way logit $u$; the loss of a batch is the mean.

    Attributes:
        value: `value(u, into)` writes each point's loss; shapes `(n,)`.
        slope: `slope(u, values, into)` writes its derivative by `u`, told from the losses as well; shapes `(n,)`.
        chance: the loss of a network that gives one half to every point.
    """

    value: Callable[[Array, Array], None]
    slope: Callable[[Array, Array, Array], None]
    chance: float


def _binary_crossentropy(u: Array, into: Array) -> None:
    logaddexp(_ZERO, u, into)  # -log(1 - σ(u)) = log(1 + eᵘ)


def _binary_crossentropy_slope(u: Array, values: Array, into: Array) -> None:
    subtract(u, values, into)  # σ(u) = exp(u − log(1 + eᵘ)), to the last digits also where it is tiny
    exp(into, into)


def _mean_squared_error(u: Array, into: Array) -> None:
    into[:] = 1.0 / (1.0 + exp(-u))  # σ(u), which is |p − target|
    multiply(into, into, into)


def _mean_squared_error_slope(u: Array, values: Array, into: Array) -> None:  # noqa: ARG001 - the losses tell enough
    into[:] = 2.0 * values * (1.0 - sqrt(values))  # d e²/du = 2 e · e (1 − e), with e = σ(u)


LOSSES: dict[str, Loss] = {
    "binary_crossentropy": Loss(_binary_crossentropy, _binary_crossentropy_slope, chance=float(np.log(2.0))),
    "mean_squared_error": Loss(_mean_squared_error, _mean_squared_error_slope, chance=0.25),
}
"""Named as in Keras. `binary_crossentropy` is taken from logits (`BinaryCrossentropy(from_logits=True)`);
`mean_squared_error` compares the probability `σ(z)` with the target, as Keras does behind a sigmoid output."""
