"""The gradient the slow way: nudge one weight, watch the loss, and compare with backpropagation.

A finite difference needs nothing but the loss, so it shares no formula and no mistake with `Network.loss_and_gradient`:
where the two agree, both are right. It costs two forward passes a weight, and it is never exact. This chapter knows the
network from outside only.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LossOf = Callable[[Array], float]
"""Gives the loss of a parameter vector; nothing else about it matters here."""


def nudged_slope(loss_of: LossOf, params: Array, index: int, nudge: float) -> float:
    """Estimate the slope of the loss along one weight from two forward passes: a nudge up, and one down.

    (loss(w + ε) − loss(w − ε)) / 2ε, the *central* difference. A straight line through two points of a curve misses its
    slope by about ε² times the curve's third derivative over 6; a one-sided difference would miss it by about ε.

    Args:
        loss_of: gives the loss of a parameter vector.
        params: shape `(size,)`; left as it is.
        index: which weight, from 0.
        nudge: ε, above 0.
    """
    above, below = params.copy(), params.copy()
    above[index] += nudge
    below[index] -= nudge
    return (loss_of(above) - loss_of(below)) / (2.0 * nudge)


def nudged_gradient(loss_of: LossOf, params: Array, nudge: float) -> Array:
    """Estimate the whole gradient, shape `(size,)`: two forward passes for every weight."""
    return np.array([nudged_slope(loss_of, params, index, nudge) for index in range(len(params))])


def relative_difference(estimate: float, exact: float) -> float:
    """Return |estimate − exact| in shares of the larger of the two, between 0 (equal) and 2 (opposite)."""
    larger = max(abs(estimate), abs(exact))
    return abs(estimate - exact) / larger if larger else 0.0


@dataclass(frozen=True)
class Cost:
    """What a gradient costs, counted in trips through the network.

    Attributes:
        forward: trips from the inputs to the loss.
        backward: trips from the loss back, each about as much work as one or two forward.
    """

    forward: int
    backward: int


def cost_of_nudging(weights: int) -> Cost:
    """Count the trips that finite differences take: two a weight."""
    return Cost(forward=2 * weights, backward=0)


COST_OF_BACKPROPAGATION = Cost(forward=1, backward=1)
"""However many weights there are."""
