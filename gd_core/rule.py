"""The reader's own update rule: step 4 of the loop, written in the page.

The text defines one function, `update(params, gradient, state, learning_rate)`. It changes `params` in place; whatever
must last from one update to the next it puts into the dict `state`. `OwnRule` makes an optimizer of it, so that the
very loop `gd_core.training.descend` runs it, from the same first weights and over the same batches as every other rule.

Which number an update has is not told: a rule that wants to know counts in `state`. Weights that are no longer numbers
are no mistake but a run that has diverged, and `gd_core.diagnosis` says so.
"""

import ast
import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .checks import shown
from .diagnosis import Verdict
from .language import say
from .reader import Mistake, compiled, explain, names_for_readers, parsed
from .schedules import Schedule, Schedules, learning_rate_at

Array = NDArray[np.float64]
Update = Callable[[Array, Array, dict[Any, Any], Any], object]

EXAMPLES = {
    "Plain descent": """\
def update(params, gradient, state, learning_rate):
    # Move every weight a little, downhill.
    params -= learning_rate * gradient
""",
    "Forgot the minus": """\
def update(params, gradient, state, learning_rate):
    # One sign is wrong. Which way does this go?
    params += learning_rate * gradient
""",
    "Momentum": """\
def update(params, gradient, state, learning_rate):
    # A ball with some weight: keep 0.9 of the speed.
    velocity = state.get("velocity", 0.0)
    velocity = 0.9 * velocity - learning_rate * gradient
    params += velocity
    state["velocity"] = velocity
""",
    "Sign only": """\
def update(params, gradient, state, learning_rate):
    # Every weight moves equally far. Try a rate of 0.001.
    params -= learning_rate * np.sign(gradient)
""",
    "Clip the gradient": """\
def update(params, gradient, state, learning_rate):
    # However steep the slope, no step beyond the rate.
    length = np.linalg.norm(gradient)
    if length > 1:
        gradient = gradient / length
    params -= learning_rate * gradient
""",
}
"""Rules to begin from, by the names of a menu; the first is the one that stands in the page."""

ORIGINAL = EXAMPLES["Plain descent"]


def example_name(name: str) -> str:
    """Say the name of one of `EXAMPLES`."""
    return {
        "Plain descent": say("Plain descent"),
        "Forgot the minus": say("Forgot the minus"),
        "Momentum": say("Momentum"),
        "Sign only": say("Sign only"),
        "Clip the gradient": say("Clip the gradient"),
    }[name]


SIGNATURE = "update(params, gradient, state, learning_rate)"
NAME = "<your rule>"


class RuleError(Exception):
    """The reader's rule cannot be used; `mistake` says where and why."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(f"line {mistake.line}: {mistake.sentence}")
        self.mistake = mistake


@dataclass(frozen=True)
class OwnRule:
    """An optimizer whose update rule is a reader's text, with `np` and `math` at hand.

    Args:
        source: Python that defines `update`. Whatever else it does is done once, when the optimizer is made.
        learning_rate: a number, or a schedule that gives it for every step.

    Raises:
        RuleError: the text is not Python, fails, or defines no `update` of four arguments.
    """

    source: str
    learning_rate: float | Schedule | Schedules
    function: Update = field(init=False, repr=False, compare=False)
    replaced: int = field(init=False, repr=False, compare=False)
    """The first line where `update` gives the name `params` to something else, or 0."""
    returned: int = field(init=False, repr=False, compare=False)
    """The first line where `update` returns something, or 0."""

    def __post_init__(self) -> None:
        names = names_for_readers(__name__="rule", np=np, math=math)
        try:
            tree = parsed(self.source, NAME)
            exec(compiled(tree, NAME), names)  # noqa: S102 - running the reader's code is the point
        except BaseException as error:
            raise RuleError(explain(error, NAME)) from error
        line = _line_of_update(tree)
        function = names.get("update")
        if not callable(function):
            came = say("nothing of that name") if function is None else repr(function)
            sentence = say("This must define {signature}, and defines {came}.", signature=SIGNATURE, came=came)
            raise RuleError(Mistake(line, sentence))
        came = shown(function)  # of functions that Python does not tell the arguments of
        try:
            signature = inspect.signature(function)
            came = str(signature)
            signature.bind(*"pgsl")
        except (TypeError, ValueError):
            sentence = say(
                "update must take four arguments, (params, gradient, state, learning_rate), got {came}.", came=came
            )
            raise RuleError(Mistake(line, sentence)) from None
        replaced, returned = _departures(tree)
        for name, value in {"function": function, "replaced": replaced, "returned": returned}.items():
            object.__setattr__(self, name, value)

    def at(self, learning_rate: float | Schedule | Schedules) -> Self:
        """Return this rule at another learning rate; the function, with all that it remembers, is the same one."""
        other = object.__new__(type(self))
        for name, value in (vars(self) | {"learning_rate": learning_rate}).items():
            object.__setattr__(other, name, value)
        return other

    def init(self, params: Array) -> dict[Any, Any]:  # noqa: ARG002 - every optimizer is asked the same way
        """Return the state before the first update: an empty dict, which is the reader's to fill."""
        return {}

    def update(self, params: Array, gradient: Array, state: dict[Any, Any], step: int) -> None:
        """Let the reader's rule change `params` and `state` in place.

        It gets a gradient of its own, since the next batch overwrites this one, and a rule may keep it.

        Raises:
            RuleError: the rule fails, or makes new weights instead of changing those it was given.
        """
        rate = float(learning_rate_at(self.learning_rate, step))
        before = params.copy() if self.replaced or self.returned else params
        given = params[:]
        try:
            result = self.function(given, gradient.copy(), state, rate)
        except BaseException as error:
            raise RuleError(_explain(error, len(params))) from error
        line = self.replaced or (self.returned if result is not None and result is not given else 0)
        if line and rate and gradient.any() and np.array_equal(params, before, equal_nan=True):
            sentence = say(
                "This makes new weights and leaves those of the network as they are; change params in place:"
                " params -= … or params[:] = …"
            )
            raise RuleError(Mistake(line, sentence))


def of_own_rule(verdict: Verdict, losses: Sequence[float]) -> Verdict:
    """Return a verdict on a run of `losses` with what it must say of a rule that nobody has checked.

    Every other rule goes downhill, so that a loss which climbs can only mean steps that are too long. This one may also
    go uphill.
    """
    if len(losses) > 1 and math.isclose(min(losses), max(losses), rel_tol=1e-9):
        return replace(
            verdict,
            reason=say("The loss has not changed at all: your rule leaves the weights as they are."),
            remedy=say("Change params in place, against the gradient: params -= …"),
        )
    if verdict.name not in ("diverged", "stuck") or losses[-1] < losses[0]:
        return verdict
    return replace(
        verdict,
        reason=say("The loss climbed: either your steps lead uphill, or they are too long."),
        remedy=say(
            "Look at the sign first, since downhill is against the gradient; if it is right, divide the learning rate"
            " by ten."
        ),
    )


def _explain(error: BaseException, size: int) -> Mistake:
    """Say what an exception in an update means; where shapes do not fit, say which ones would."""
    mistake = explain(error, NAME)
    if isinstance(error, ValueError) and "broadcast" in mistake.sentence:
        sentence = say(
            "{mistake}; params and gradient are vectors of {size} numbers.", mistake=mistake.sentence, size=size
        )
        return Mistake(mistake.line, sentence)
    return mistake


def _definition(tree: ast.Module) -> ast.FunctionDef | None:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "update"]
    return found[-1] if found else None


def _line_of_update(tree: ast.Module) -> int:
    definition = _definition(tree)
    return definition.lineno if definition else 1


def _departures(tree: ast.Module) -> tuple[int, int]:
    """Return the first lines where `update` gives its first argument's name away, and where it returns something."""
    definition = _definition(tree)
    arguments = [*definition.args.posonlyargs, *definition.args.args] if definition else []
    replaced = returned = 0
    for node in reversed(list(_statements(definition.body))) if definition and arguments else ():
        if isinstance(node, ast.Assign):
            named = [target.id for target in node.targets if isinstance(target, ast.Name)]
            replaced = node.lineno if arguments[0].arg in named else replaced
        elif isinstance(node, ast.Return) and node.value:
            returned = node.lineno
    return replaced, returned


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements and those inside them, but not those of functions and classes inside."""
    for node in body:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for name in ("body", "orelse", "handlers", "finalbody", "cases"):
                for inner in getattr(node, name, []):
                    yield from _statements([inner] if isinstance(inner, ast.stmt) else inner.body)
