"""What stands at every door: is this the number, the text, the array that is wanted? If not, the sentence that says so.

A sentence says three things: what was wrong, what is allowed, what came, as Python writes it. Whatever can be written
down but is not wanted (a number out of range, a text in a number's place) is a `ValueError`; an object that is no
network or no generator is a `TypeError`. All other chapters may use this one; it knows none but `language`.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from .language import say

LONGEST = 200
"""So many characters of what came are told."""

MOST = float(np.finfo(np.float64).max)
"""The largest finite number; whole numbers of Python go beyond it."""


def shown(value: object) -> str:
    """Write what came, on one line and not too long."""
    try:
        text = " ".join(repr(value).splitlines())
    except Exception:  # a number of more digits than Python writes, or an object of somebody else's
        text = say("something of type {kind} that cannot be written out", kind=type(value).__name__)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def is_whole(value: object) -> TypeGuard[int]:
    """Whether something is a whole number by its type: neither 8.0 nor True is."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether something is a finite number. True is none."""
    return is_whole(value) or (isinstance(value, float | np.floating) and math.isfinite(value))


def whole(name: str, value: object, lowest: int, highest: int | None = None, *, otherwise: str = "") -> int:
    """Return a whole number in a range, or raise `ValueError`.

    Args:
        name: what it is; the sentence begins with it.
        value: what came.
        lowest: the smallest allowed.
        highest: the largest allowed; None for no such limit.
        otherwise: what is allowed besides, as in ", or None".
    """
    if is_whole(value) and lowest <= value and (highest is None or value <= highest):
        return int(value)
    given: dict[str, Any] = {"name": name, "lowest": lowest, "otherwise": otherwise, "came": shown(value)}
    if highest is None:
        raise ValueError(say("{name} must be a whole number of at least {lowest:,}{otherwise}, got {came}", **given))
    raise ValueError(
        say(
            "{name} must be a whole number from {lowest:,} to {highest:,}{otherwise}, got {came}",
            highest=highest,
            **given,
        )
    )


def number(name: str, value: object, lowest: float = -MOST, highest: float = MOST) -> float:
    """Return a finite number in a range, or raise `ValueError`; the arguments are those of `whole`."""
    value = _as_python(value)
    if is_number(value) and lowest <= value <= highest:
        return float(value)
    given: dict[str, Any] = {"name": name, "came": shown(value)}
    if highest < MOST:
        given |= {"lowest": lowest, "highest": highest}
        sentence = say("{name} must be a number from {lowest:g} to {highest:g}, got {came}", **given)
    elif lowest > -MOST:
        sentence = say("{name} must be a finite number of at least {lowest:g}, got {came}", lowest=lowest, **given)
    else:
        sentence = say("{name} must be a finite number, got {came}", **given)
    raise ValueError(sentence)


def above_zero(name: str, value: object) -> float:
    """Return a finite number above 0, or raise `ValueError`."""
    value = _as_python(value)
    if is_number(value) and 0.0 < value <= MOST:
        return float(value)
    raise ValueError(say("{name} must be a finite number above 0, got {came}", name=name, came=shown(value)))


def _as_python(value: object) -> object:
    """Return a number of NumPy's as one of Python's: a narrow one could not be compared with `MOST`."""
    return value.item() if isinstance(value, np.generic) else value


def one_of(name: str, value: object, table: Collection[str]) -> str:
    """Return a name that is one of some, or raise `ValueError`."""
    if isinstance(value, str) and value in table:
        return value
    raise ValueError(
        say("unknown {name} {came}; choose one of {names}", name=name, came=shown(value), names=", ".join(table))
    )


def text(name: str, value: object) -> str:
    """Return a text, or raise `ValueError`."""
    if isinstance(value, str):
        return value
    raise ValueError(say("{name} must be a text, got {came}", name=name, came=shown(value)))


def sequence(name: str, value: object) -> Sequence[Any]:
    """Return a list or a tuple, or raise `ValueError`."""
    if isinstance(value, list | tuple):
        return value
    raise ValueError(say("{name} must be a list, got {came}", name=name, came=shown(value)))


def mapping(name: str, value: object) -> Mapping[str, Any]:
    """Return values by name, or raise `ValueError`."""
    if isinstance(value, Mapping):
        return value
    raise ValueError(say("{name} must be values by name, got {came}", name=name, came=shown(value)))


def numbers(name: str, value: object, *, finite: bool = False) -> NDArray[np.float64]:
    """Return an array of numbers, or raise `ValueError`; unless `finite`, some may be infinite or not a number."""
    try:
        found = np.asarray(value)
    except ValueError:  # rows that are not equally long
        found = np.array(None)
    if found.dtype.kind not in "biuf":
        raise ValueError(say("{name} must be an array of numbers, got {came}", name=name, came=shown(value)))
    if finite and not np.isfinite(found).all():
        came = str(found[~np.isfinite(found)].flat[0])
        raise ValueError(say("{name} must be finite numbers, got {came}", name=name, came=came))
    return found.astype(np.float64, copy=False)


def instance(name: str, value: object, kind: type) -> None:
    """Raise `TypeError` unless an object is of a kind."""
    if not isinstance(value, kind):
        wanted = f"{kind.__module__}.{kind.__qualname__}"
        raise TypeError(say("{name} must be a {kind}, got {came}", name=name, kind=wanted, came=shown(value)))
