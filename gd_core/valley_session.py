"""A valley as a page drives it: what may be set, and the whole walk as the answer to every change.

The walk and the words for it are those of `valley`. This chapter knows what a reader may set and how far the picture
reaches, and nothing of drawing.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .language import say
from .optimizers import OPTIMIZERS, Optimizer
from .settings import Setting, problems
from .valley import RULES, Walk, explain, marks, walk, weight_names

LONGEST = 2000
"""No walk has more steps."""
WINDOWS = {1: (6.0,), 2: (10.0, 5.0)}
"""How far from the floor each weight is looked at, by the number of weights: what "left the picture" means."""
STARTS = {1: (5.0,), 2: (9.0, 4.5)}
"""How far from the floor a reader may begin."""


def rule_name(optimizer: str) -> str:
    """Say what one of `RULES` is called in the valley's menu."""
    return {
        "sgd": say("plain"),
        "momentum": say("momentum"),
        "nesterov": say("Nesterov"),
        "adam": say("Adam"),
    }[optimizer]


SETTINGS: dict[str, Setting] = {
    "curvatures": Setting("numbers", (2.0,), "the curvature λ of each weight: one, or two", 0.05, 100.0, longest=2),
    "start": Setting("numbers", (4.0,), "where each weight begins", -9.0, 9.0, longest=2),
    "learning_rate": Setting("number", 0.1, "how far to step for a given slope", 0.0001, 100.0),
    "optimizer": Setting("choice", "sgd", "the update rule", choices=RULES),
    "momentum": Setting("number", 0.7, "how much of its velocity a step keeps, where the rule has one", 0.0, 0.99),
    "steps": Setting("whole", 40, "how many steps a walk may take", 1, LONGEST),
}
"""Every setting of a valley; with two curvatures the defaults are those of `RAVINE`."""

RAVINE: dict[str, Any] = {"start": (-8.0, 2.0), "learning_rate": 0.9, "steps": 200}
RAVINE_CURVATURES = (0.05, 2.0)


@dataclass(frozen=True)
class Settings:
    """A checked set of settings; `SETTINGS` says what each means. Make it with `parse`."""

    curvatures: tuple[float, ...]
    start: tuple[float, ...]
    learning_rate: float
    optimizer: str
    momentum: float
    steps: int

    def make_optimizer(self) -> Optimizer:
        """Return the update rule."""
        rule: Callable[..., Optimizer] = OPTIMIZERS[self.optimizer]
        if self.optimizer in ("momentum", "nesterov"):
            return rule(learning_rate=self.learning_rate, momentum=self.momentum)
        return rule(learning_rate=self.learning_rate)

    def walk(self) -> Walk:
        """Walk."""
        return walk(self.curvatures, self.start, self.make_optimizer(), self.steps)


def complaints(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return everything that is wrong with settings, as pairs of the setting's name and a sentence."""
    found = problems(given, SETTINGS)
    if found:
        return found
    count = len(given.get("curvatures", SETTINGS["curvatures"].default))
    start = given.get("start", ())
    if "start" in given and len(start) != count:
        came = repr(list(start))
        sentence = (
            say("start must have one number, as curvatures has, got {came}", came=came)
            if count == 1
            else say("start must have {count} numbers, as curvatures has, got {came}", count=count, came=came)
        )
        found.append(("start", sentence))
    for name, value, furthest in zip(weight_names(count), start, STARTS[count], strict=False):
        if not found and abs(value) > furthest:
            sentence = say(
                "start of {weight} must be from {lowest:g} to {highest:g}, got {came}",
                weight=name,
                lowest=-furthest,
                highest=furthest,
                came=repr(value),
            )
            found.append(("start", sentence))
    return found


def parse(given: Mapping[str, Any]) -> Settings:
    """Check settings and fill in the defaults.

    Args:
        given: values by name, as YAML or JSON gives them.

    Raises:
        ValueError: something is wrong; the message has one line for each problem.
    """
    found = complaints(given)
    if found:
        raise ValueError("\n".join(sentence for _, sentence in found))
    curvatures = tuple(float(value) for value in given.get("curvatures", SETTINGS["curvatures"].default))
    defaults = {name: setting.default for name, setting in SETTINGS.items()}
    values = defaults | (RAVINE if len(curvatures) == 2 else {}) | dict(given)
    return Settings(
        curvatures,
        tuple(float(value) for value in values["start"]),
        float(values["learning_rate"]),
        values["optimizer"],
        float(values["momentum"]),
        int(values["steps"]),
    )


class ValleySession:
    """A valley that a reader explores: every change of a setting is answered by the whole walk from the start.

    Args:
        settings: values by name, as `parse` takes them.

    Raises:
        ValueError: a setting is wrong.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = parse(settings)

    def open(self) -> dict[str, Any]:
        """Return the walk with the settings that the valley was made with."""
        return self.walk()

    def walk(self, **changes: Any) -> dict[str, Any]:
        """Change some settings and return the walk; what is not named stays.

        Args:
            changes: the new values by name.

        Returns:
            `weights`, `slopes` (flat, a place after the other) and `losses`; `end` as in `Walk`; `regimes` with `name`
            and `factor` of each weight, and `explanation`; the dial's `marks`; `top`, the loss at the edge of the
            picture, and `ellipses`, the half axes of lines of equal loss, flat, for two weights.

        Raises:
            ValueError: a setting is wrong; nothing has changed then.
        """
        now = {name: getattr(self.settings, name) for name in SETTINGS} | changes
        self.settings = settings = parse(now)
        way = settings.walk()
        regimes, explanation = explain(
            settings.optimizer, settings.learning_rate, settings.curvatures, settings.momentum
        )
        return {
            "weights": way.weights.ravel(),
            "slopes": way.slopes.ravel(),
            "losses": way.losses,
            "end": way.end,
            "regimes": [{"name": regime.name, "factor": regime.factor} for regime in regimes],
            "explanation": explanation,
            "marks": marks(settings.optimizer, settings.curvatures, settings.momentum),
            **scene(settings.curvatures),
        }


def scene(curvatures: Sequence[float]) -> dict[str, Any]:
    """Return what the ground looks like: `top`, the loss at the edge of the window, and `ellipses`.

    `ellipses` are the half axes of lines of equal loss around the floor, flat, from the largest to the smallest: the
    loss λ₁a²/2 at a place (a, 0) is also that of (0, b) with b = a √(λ₁/λ₂). Their losses grow like 1, 4, 9, …, so
    that they are evenly spaced as on a parabola. Empty for one weight.
    """
    window = WINDOWS[len(curvatures)]
    if len(curvatures) == 1:
        return {"top": 0.5 * curvatures[0] * window[0] ** 2, "ellipses": np.zeros(0)}
    ratio = math.sqrt(curvatures[0] / curvatures[1])
    reach = math.hypot(window[0], window[1] / ratio)
    count = 16 if reach > 32.0 else math.ceil(reach / 2.0)
    first = np.arange(count, 0, -1) * (reach / count)
    top = 0.5 * (curvatures[0] * window[0] ** 2 + curvatures[1] * window[1] ** 2)
    return {"top": top, "ellipses": np.column_stack((first, first * ratio)).ravel()}
