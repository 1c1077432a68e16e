"""What can be set about a run, with its range, default and help: one table for labs, command line, menus and tests.

`parse` is the one place where settings are checked, when the site is built and again when a lab opens. Settings
arrive as plain values (from YAML, JSON or the command line) and leave as a frozen `Settings`.
"""

import difflib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .activations import ACTIVATIONS
from .checks import is_number, mapping, shown
from .datasets import DATASETS
from .language import say
from .losses import LOSSES
from .network import Network
from .optimizers import OPTIMIZERS, Optimizer
from .schedules import SCHEDULES, Schedule

LEARNING_RATES = (0.0001, 100.0)
"""The ends of the learning rate's dial."""

NETWORKS: dict[str, tuple[int, ...]] = {
    "2-1": (),
    "2-4-1": (4,),
    "2-8-8-1": (8, 8),
    "2-16-16-16-1": (16, 16, 16),
}
"""Networks that a menu offers: their name, and their hidden layers."""


@dataclass(frozen=True)
class Setting:
    """One thing that can be set.

    Attributes:
        kind: "whole" number, "number", "choice" of a name, "layers" (a list of whole numbers, which may be empty), or
            "numbers" (a list of numbers, which may not).
        default: its value where nothing is said.
        help: one line for people.
        lowest: smallest value allowed; of a list, for each entry. Not for choices.
        highest: largest value allowed; of a list, for each entry. Not for choices.
        choices: the names allowed, only for choices.
        longest: how many entries a list may have.
    """

    kind: Literal["whole", "number", "choice", "layers", "numbers"]
    default: Any
    help: str
    lowest: float = 0
    highest: float = 0
    choices: tuple[str, ...] = ()
    longest: int = 0

    @property
    def allowed(self) -> str:
        """What may be given, in words that follow "must be"."""
        limits: dict[str, Any] = {"lowest": self.lowest, "highest": self.highest, "longest": self.longest}
        match self.kind:
            case "choice":
                return say("one of {names}", names=", ".join(self.choices))
            case "layers":
                return say("a list of at most {longest} whole numbers from {lowest:,} to {highest:,}", **limits)
            case "numbers":
                return say("a list of 1 to {longest} numbers from {lowest:g} to {highest:g}", **limits)
            case "whole":
                return say("a whole number from {lowest:,} to {highest:,}", **limits)
            case "number":
                return say("a number from {lowest:g} to {highest:g}", **limits)


SETTINGS: dict[str, Setting] = {
    "dataset": Setting("choice", "moons", "the points to tell apart", choices=tuple(DATASETS)),
    "points": Setting("whole", 256, "how many points", 2, 10_000),
    "noise": Setting("number", 0.1, "how far points stray from their class", 0.0, 0.5),
    "data_seed": Setting("whole", 1, "which points are drawn", 0, 999_999_999),
    "hidden_layers": Setting("layers", (8, 8), "units of each hidden layer", 1, 64, longest=6),
    "activation": Setting("choice", "tanh", "what hidden units do with their sum", choices=tuple(ACTIVATIONS)),
    "loss": Setting("choice", "binary_crossentropy", "how wrong answers are measured", choices=tuple(LOSSES)),
    "optimizer": Setting("choice", "sgd", "the update rule", choices=tuple(OPTIMIZERS)),
    "learning_rate": Setting("number", 0.1, "the size of the steps", *LEARNING_RATES),
    "schedule": Setting("choice", "constant", "how the learning rate changes", choices=tuple(SCHEDULES)),
    "batch_size": Setting("whole", 32, "points per update", 1, 10_000),
    "epochs": Setting("whole", 200, "passes over the data", 1, 10_000),
    "seed": Setting("whole", 1, "which first weights and order of points are drawn", 0, 999_999_999),
}
"""Every setting of a training lab, by its name."""


@dataclass(frozen=True)
class Settings:
    """A checked set of settings; `SETTINGS` says what each means. Make it with `parse`."""

    dataset: str
    points: int
    noise: float
    data_seed: int
    hidden_layers: tuple[int, ...]
    activation: str
    loss: str
    optimizer: str
    learning_rate: float
    schedule: str
    batch_size: int
    epochs: int
    seed: int

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as plain values that JSON can hold and `parse` takes back."""
        return asdict(self) | {"hidden_layers": list(self.hidden_layers)}

    def draw_data(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Draw the points: `inputs` of shape `(points, 2)` and `targets` of shape `(points,)`."""
        rng = np.random.default_rng(self.data_seed)
        return DATASETS[self.dataset](self.points, noise=self.noise, rng=rng)

    def network(self) -> Network:
        """Return the network: two inputs, the hidden layers, one output."""
        return Network((2, *self.hidden_layers, 1), self.activation, self.loss)

    @property
    def steps(self) -> int:
        """The number of updates in a whole run."""
        return self.epochs * math.ceil(self.points / self.batch_size)

    def make_schedule(self) -> float | Schedule:
        """Return the learning rate, or the schedule by which it changes, laid out over all updates of `epochs`."""
        if self.schedule == "constant":
            return self.learning_rate
        return SCHEDULES[self.schedule].for_run(self.learning_rate, self.steps)

    def make_optimizer(self) -> Optimizer:
        """Return the update rule with its learning rate or schedule."""
        return OPTIMIZERS[self.optimizer](learning_rate=self.make_schedule())


def problems(given: Mapping[str, Any], table: Mapping[str, Setting] = SETTINGS) -> list[tuple[str, str]]:
    """Return everything that is wrong with settings, as pairs of the setting's name and a sentence.

    Args:
        given: values by name, as YAML, JSON or a command line gives them. What is left out takes its default.
        table: the settings that there are: those of a training lab, or another lab's own.
    """
    found = []
    for name, value in mapping("settings", given).items():
        setting = table.get(name)
        if setting is None:
            sentence = say(
                "unknown setting {came}{hint}; choose from {names}",
                came=shown(name),
                hint=_hint(str(name), table),
                names=", ".join(table),
            )
            found.append((name, sentence))
        elif setting.kind == "choice" and isinstance(value, str) and value not in setting.choices:
            sentence = say(
                "unknown {name} {came}{hint}; choose one of {names}",
                name=name,
                came=shown(value),
                hint=_hint(value, setting.choices),
                names=", ".join(setting.choices),
            )
            found.append((name, sentence))
        elif not _fits(setting, value):
            sentence = say(
                "{name} must be {allowed}, got {came}", name=name, allowed=setting.allowed, came=shown(value)
            )
            found.append((name, sentence))
    return found


def _hint(came: str, names: Collection[str]) -> str:
    near = difflib.get_close_matches(came, names, 1)
    return say(", did you mean {near}", near=repr(near[0])) if near else ""


def parse(given: Mapping[str, Any]) -> Settings:
    """Check settings and fill in the defaults.

    Args:
        given: values by name, as YAML, JSON or a command line gives them.

    Raises:
        ValueError: something is wrong, or `given` is no mapping; the message has one line for each problem.

    >>> settings = parse({"dataset": "spiral", "hidden_layers": [8]})
    >>> settings.dataset, settings.hidden_layers, settings.learning_rate
    ('spiral', (8,), 0.1)
    >>> parse({"learning_rate": -1})
    Traceback (most recent call last):
    ValueError: learning_rate must be a number from 0.0001 to 100, got -1
    """
    found = problems(given)
    if found:
        raise ValueError("\n".join(sentence for _, sentence in found))
    values: dict[str, Any] = {}
    for name, setting in SETTINGS.items():
        value = given.get(name, setting.default)
        match setting.kind:
            case "whole":
                values[name] = int(value)
            case "number":
                values[name] = float(value) + 0.0  # −0 is 0
            case "layers":
                values[name] = tuple(int(units) for units in value)
            case "numbers":
                values[name] = tuple(float(number) for number in value)
            case "choice":
                values[name] = value
    return Settings(**values)


def _fits(setting: Setting, value: Any) -> bool:
    match setting.kind:
        case "choice":
            return isinstance(value, str) and value in setting.choices
        case "layers":
            return (
                isinstance(value, Sequence)
                and not isinstance(value, str)
                and len(value) <= setting.longest
                and all(_is_number(units, whole=True, setting=setting) for units in value)
            )
        case "numbers":
            return (
                isinstance(value, Sequence)
                and not isinstance(value, str)
                and 1 <= len(value) <= setting.longest
                and all(_is_number(number, whole=False, setting=setting) for number in value)
            )
        case "whole":
            return _is_number(value, whole=True, setting=setting)
        case "number":
            return _is_number(value, whole=False, setting=setting)


def _is_number(value: Any, *, whole: bool, setting: Setting) -> bool:
    """Whether a value is a number in the setting's range. JavaScript has no whole numbers, so 8.0 passes for 8."""
    if not is_number(value) or (whole and value != int(value)):
        return False
    return bool(setting.lowest <= value <= setting.highest)
