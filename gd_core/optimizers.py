"""What to do with a gradient: the update rules.

An optimizer is a frozen dataclass of hyperparameters with two methods. `init(params)` makes the state that lasts from
one update to the next, zeros throughout. `update(params, gradient, state, step)` changes `params` and `state` in place
and leaves `gradient` alone; `step` counts updates from 0. All arrays are flat vectors of the same length, or stacks of
such vectors, `(networks, size)`: an optimizer knows nothing of layers. Defaults are Keras' (`keras.optimizers`).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy import add, divide, multiply, sqrt, subtract
from numpy.typing import NDArray

from .checks import above_zero, is_number, shown
from .language import say
from .schedules import Schedule, Schedules, learning_rate_at

Array = NDArray[np.float64]
State = tuple[Array, ...]


class Optimizer(Protocol):
    """What every member of `OPTIMIZERS` makes."""

    @property
    def learning_rate(self) -> float | Schedule | Schedules:
        """The learning rate $η$, above 0: a number, or a schedule that gives it (of a stack, them) for every step."""
        ...

    def init(self, params: Array) -> Any:
        """Return the state before the first update, which is the optimizer's own affair: here always a `State`."""
        ...

    def update(self, params: Array, gradient: Array, state: Any, step: int) -> None:
        """Change `params` and `state` in place by update number `step`, counted from 0."""
        ...


@dataclass(frozen=True)
class SGD:
    """Plain gradient descent: $w ← w − η g$.

    "Stochastic" when the gradient comes from a mini-batch. The same in Keras and PyTorch.

    >>> import numpy as np
    >>> params, gradient = np.array([4.0]), np.array([8.0])  # the loss w², whose slope is 2w
    >>> optimizer = SGD(learning_rate=0.1)
    >>> optimizer.update(params, gradient, optimizer.init(params), step=0)
    >>> params.round(6).tolist()
    [3.2]
    """

    learning_rate: float | Schedule | Schedules = 0.01

    def __post_init__(self) -> None:
        _check(self)

    def init(self, params: Array) -> State:
        """Return the state before the first update: nothing but scratch."""
        return (np.zeros_like(params),)

    def update(self, params: Array, gradient: Array, state: State, step: int) -> None:
        """Move `params` against `gradient`."""
        (change,) = state
        multiply(gradient, learning_rate_at(self.learning_rate, step), change)
        subtract(params, change, params)


@dataclass(frozen=True)
class Momentum:
    """Gradient descent with momentum: $v ← μ v − η g$, $w ← w + v$.

    Keras' convention (`SGD(momentum=μ)`), where the velocity contains the learning rate. PyTorch's is
    $v ← μ v + g$, $w ← w − η v$: the same path as long as $η$ is constant, another one once it changes.
    Source: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
    """

    learning_rate: float | Schedule | Schedules = 0.01
    momentum: float = 0.9

    def __post_init__(self) -> None:
        _check(self, momentum=self.momentum)

    def init(self, params: Array) -> State:
        """Return the state before the first update: velocity 0, and scratch."""
        return np.zeros_like(params), np.zeros_like(params)

    def update(self, params: Array, gradient: Array, state: State, step: int) -> None:
        """Add the step against `gradient` to the velocity, and the velocity to `params`."""
        velocity, change = state
        multiply(gradient, learning_rate_at(self.learning_rate, step), change)
        multiply(velocity, self.momentum, velocity)
        subtract(velocity, change, velocity)
        add(params, velocity, params)


@dataclass(frozen=True)
class Nesterov:
    """Nesterov's momentum: $v ← μ v − η g$, $w ← w + μ v − η g$.

    Keras' convention (`SGD(momentum=μ, nesterov=True)`): the gradient is taken at the looked-ahead weights, which are
    the ones stored. PyTorch's `nesterov=True` is the same path as long as $η$ is constant.
    Source: Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013.
    """

    learning_rate: float | Schedule | Schedules = 0.01
    momentum: float = 0.9

    def __post_init__(self) -> None:
        _check(self, momentum=self.momentum)

    def init(self, params: Array) -> State:
        """Return the state before the first update: velocity 0, and scratch."""
        return np.zeros_like(params), np.zeros_like(params), np.zeros_like(params)

    def update(self, params: Array, gradient: Array, state: State, step: int) -> None:
        """Add the step against `gradient` to the velocity, and look one velocity ahead."""
        velocity, change, ahead = state
        multiply(gradient, learning_rate_at(self.learning_rate, step), change)
        multiply(velocity, self.momentum, velocity)
        subtract(velocity, change, velocity)
        multiply(velocity, self.momentum, ahead)
        subtract(ahead, change, ahead)
        add(params, ahead, params)


@dataclass(frozen=True)
class RMSProp:
    """Divide each weight's step by the recent size of its gradient.

    $s ← ρ s + (1 − ρ) g²$, $w ← w − η g / √(s + ε)$.

    Keras' convention: $ρ = 0.9$, and $ε$ = 1e-7 under the root. PyTorch has $α = 0.99$ and adds $ε$ = 1e-8 outside
    the root.
    Source: Hinton, "Neural Networks for Machine Learning", lecture 6, 2012.
    """

    learning_rate: float | Schedule | Schedules = 0.001
    rho: float = 0.9
    epsilon: float = 1e-7

    def __post_init__(self) -> None:
        _check(self, rho=self.rho)
        above_zero("epsilon", self.epsilon)

    def init(self, params: Array) -> State:
        """Return the state before the first update: mean square 0, and scratch."""
        return np.zeros_like(params), np.zeros_like(params)

    def update(self, params: Array, gradient: Array, state: State, step: int) -> None:
        """Take the mean square of the gradient on, and move `params` by the gradient divided by its root."""
        square, change = state
        multiply(gradient, gradient, change)
        multiply(change, 1.0 - self.rho, change)
        multiply(square, self.rho, square)
        add(square, change, square)
        add(square, self.epsilon, change)
        sqrt(change, change)
        divide(gradient, change, change)
        multiply(change, learning_rate_at(self.learning_rate, step), change)
        subtract(params, change, params)


@dataclass(frozen=True)
class Adam:
    """Momentum and RMSProp together, both corrected for their start at zero.

    $m ← β₁ m + (1 − β₁) g$, $v ← β₂ v + (1 − β₂) g²$,
    $w ← w − η · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε)$, with $t$ counted from 1.

    Keras' convention: $ε$ = 1e-7 is the "epsilon hat" of the paper's section 2, added to $√v$ before the correction.
    PyTorch adds $ε$ = 1e-8 after it, $w ← w − η m̂ / (√v̂ + ε)$; the two differ only where the gradient is near $ε$.
    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015.
    """

    learning_rate: float | Schedule | Schedules = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7

    def __post_init__(self) -> None:
        _check(self, beta_1=self.beta_1, beta_2=self.beta_2)
        above_zero("epsilon", self.epsilon)

    def init(self, params: Array) -> State:
        """Return the state before the first update: both means 0, and scratch."""
        return np.zeros_like(params), np.zeros_like(params), np.zeros_like(params)

    def update(self, params: Array, gradient: Array, state: State, step: int) -> None:
        """Take both means on, and move `params` by the corrected first over the root of the second."""
        mean, square, change = state
        correction = math.sqrt(1.0 - self.beta_2 ** (step + 1)) / (1.0 - self.beta_1 ** (step + 1))
        subtract(gradient, mean, change)
        multiply(change, 1.0 - self.beta_1, change)
        add(mean, change, mean)
        multiply(gradient, gradient, change)
        subtract(change, square, change)
        multiply(change, 1.0 - self.beta_2, change)
        add(square, change, square)
        sqrt(square, change)
        add(change, self.epsilon, change)
        divide(mean, change, change)
        multiply(change, learning_rate_at(self.learning_rate, step) * correction, change)
        subtract(params, change, params)


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "rmsprop": RMSProp,
    "adam": Adam,
}


def _check(optimizer: Any, **fractions: float) -> None:
    """Refuse what is no learning rate and no fraction; hold a rate that is a number as a float, whatever it came as."""
    rate = optimizer.learning_rate
    if not callable(rate):
        object.__setattr__(optimizer, "learning_rate", above_zero("learning_rate", rate))
    for name, value in fractions.items():
        if not (is_number(value) and 0.0 <= value < 1.0):
            raise ValueError(say("{name} must be at least 0 and below 1, got {came}", name=name, came=shown(value)))
