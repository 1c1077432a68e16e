"""How the learning rate changes during a run.

A schedule is a function of the step number: `schedule(step)` is the learning rate of update number `step`, counted from
0. Each is a frozen dataclass whose `for_run` gives the shape that fits a run of so many updates, which is what the
lesson's menus mean by its name. The names of the fields are Keras' (`keras.optimizers.schedules`).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .checks import above_zero, number, whole
from .language import say

Schedule = Callable[[int], float]
Schedules = Callable[[int], NDArray[np.float64]]
"""Of a stack of networks: `schedules(step)` is the column of their learning rates, `(networks, 1)`."""


@dataclass(frozen=True)
class Constant:
    """Keep one learning rate."""

    learning_rate: float

    def __post_init__(self) -> None:
        above_zero("learning_rate", self.learning_rate)

    @classmethod
    def for_run(cls, learning_rate: float, steps: int) -> Self:  # noqa: ARG003 - a constant has no length
        """Return the schedule for a run of `steps` updates: `learning_rate` throughout."""
        return cls(learning_rate)

    def __call__(self, step: int) -> float:  # noqa: ARG002 - the same at every step
        """Return the learning rate of update `step`, counted from 0."""
        return self.learning_rate


@dataclass(frozen=True)
class StepDecay:
    """Multiply the rate by `decay_rate` after every `decay_steps` updates.

    $η(t) = η₀ · decay_rate^{⌊t / decay_steps⌋}$: Keras' `ExponentialDecay(..., staircase=True)`, PyTorch's
    `StepLR(step_size=decay_steps, gamma=decay_rate)` stepped once an update.
    """

    initial_learning_rate: float
    decay_steps: int
    decay_rate: float

    def __post_init__(self) -> None:
        _check_decay(self.initial_learning_rate, self.decay_steps, self.decay_rate)

    @classmethod
    def for_run(cls, learning_rate: float, steps: int) -> Self:
        """Return the schedule that halves the rate after each quarter of a run of `steps` updates."""
        return cls(learning_rate, max(1, (whole("steps", steps, 0) + 3) // 4), 0.5)

    def __call__(self, step: int) -> float:
        """Return the learning rate of update `step`, counted from 0."""
        return self.initial_learning_rate * math.pow(self.decay_rate, step // self.decay_steps)


@dataclass(frozen=True)
class ExponentialDecay:
    """Shrink the rate by the same factor at every update.

    $η(t) = η₀ · decay_rate^{t / decay_steps}$, as Keras' `ExponentialDecay`. PyTorch's `ExponentialLR(gamma)` is
    the same with `gamma = decay_rate ** (1 / decay_steps)`.
    """

    initial_learning_rate: float
    decay_steps: int
    decay_rate: float

    def __post_init__(self) -> None:
        _check_decay(self.initial_learning_rate, self.decay_steps, self.decay_rate)

    @classmethod
    def for_run(cls, learning_rate: float, steps: int) -> Self:
        """Return the schedule that ends a run of `steps` updates at a hundredth of the first rate."""
        return cls(learning_rate, max(1, whole("steps", steps, 0)), 0.01)

    def __call__(self, step: int) -> float:
        """Return the learning rate of update `step`, counted from 0."""
        return self.initial_learning_rate * math.pow(self.decay_rate, step / self.decay_steps)


@dataclass(frozen=True)
class CosineDecay:
    """Follow half a cosine wave from the first rate down to `alpha` times it.

    $η(t) = η₀ · (α + (1 − α) · c(t))$ with $c(t) = (1 + cos(π · min(t / T, 1))) / 2$,
    where $T$ is `decay_steps`, as Keras' `CosineDecay`; PyTorch's
    `CosineAnnealingLR(T_max=decay_steps, eta_min=alpha * η₀)` agrees up to `decay_steps` and rises again after it.
    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017, without restarts.

    >>> schedule = CosineDecay(0.1, decay_steps=100)
    >>> [round(schedule(step), 4) for step in (0, 50, 100, 150)]
    [0.1, 0.05, 0.0, 0.0]
    """

    initial_learning_rate: float
    decay_steps: int
    alpha: float = 0.0

    def __post_init__(self) -> None:
        above_zero("initial_learning_rate", self.initial_learning_rate)
        whole("decay_steps", self.decay_steps, 1)
        number("alpha", self.alpha, 0.0, 1.0)

    @classmethod
    def for_run(cls, learning_rate: float, steps: int) -> Self:
        """Return the schedule that reaches 0 right after a run of `steps` updates."""
        return cls(learning_rate, max(1, whole("steps", steps, 0)))

    def __call__(self, step: int) -> float:
        """Return the learning rate of update `step`, counted from 0."""
        wave = 0.5 * (1.0 + math.cos(math.pi * min(step / self.decay_steps, 1.0)))
        return self.initial_learning_rate * (self.alpha + (1.0 - self.alpha) * wave)


@dataclass(frozen=True)
class WarmUp:
    """Raise the rate from 0 to its full size in equal steps, then follow half a cosine wave down.

    $η(t) = η · t / warmup_steps$ for $t < warmup_steps$, then `CosineDecay(η, decay_steps)` from there on: Keras'
    `CosineDecay(0.0, decay_steps, warmup_target=η, warmup_steps=warmup_steps)`. Its first update has rate 0.
    Source: Goyal et al., "Accurate, Large Minibatch SGD", 2017.
    """

    warmup_target: float
    warmup_steps: int
    decay_steps: int

    def __post_init__(self) -> None:
        above_zero("warmup_target", self.warmup_target)
        whole("warmup_steps", self.warmup_steps, 1)
        whole("decay_steps", self.decay_steps, 1)

    @classmethod
    def for_run(cls, learning_rate: float, steps: int) -> Self:
        """Return the schedule that warms up during the first tenth of a run of `steps` updates."""
        warmup_steps = max(1, whole("steps", steps, 0) // 10)
        return cls(learning_rate, warmup_steps, max(1, steps - warmup_steps))

    def __call__(self, step: int) -> float:
        """Return the learning rate of update `step`, counted from 0."""
        if step < self.warmup_steps:
            return self.warmup_target * step / self.warmup_steps
        return CosineDecay(self.warmup_target, self.decay_steps)(step - self.warmup_steps)


def _check_decay(initial_learning_rate: float, decay_steps: int, decay_rate: float) -> None:
    above_zero("initial_learning_rate", initial_learning_rate)
    whole("decay_steps", decay_steps, 1)
    if above_zero("decay_rate", decay_rate) > 1.0:
        raise ValueError(say("decay_rate must be a number above 0 and at most 1, got {came}", came=repr(decay_rate)))


SCHEDULES: dict[str, type[Constant | StepDecay | ExponentialDecay | CosineDecay | WarmUp]] = {
    "constant": Constant,
    "step": StepDecay,
    "exponential": ExponentialDecay,
    "cosine": CosineDecay,
    "warmup": WarmUp,
}


class SideBySide:
    """Give each network of a stack a learning rate of its own.

    Args:
        learning_rates: a number or a schedule for each network.
    """

    def __init__(self, learning_rates: "Sequence[float | Schedule]") -> None:
        self.learning_rates = learning_rates
        self._constant = None if any(map(callable, learning_rates)) else self._column(0)

    def __call__(self, step: int) -> NDArray[np.float64]:
        """Return the learning rates of update `step`, counted from 0: shape `(networks, 1)`."""
        return self._column(step) if self._constant is None else self._constant

    def _column(self, step: int) -> NDArray[np.float64]:
        return np.array([[rate(step) if callable(rate) else rate] for rate in self.learning_rates])


def learning_rate_at(learning_rate: "float | Schedule | Schedules", step: int) -> float | NDArray[np.float64]:
    """Return the learning rate of update `step`, whether it is a number or a schedule; of a stack, the column.

    A number comes as an array without axes, the same one every time, since NumPy takes the time of a call to make one.
    """
    return learning_rate(step) if callable(learning_rate) else _as_array(learning_rate)


_as_array = lru_cache(np.array)
