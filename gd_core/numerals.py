"""Numbers as people read them: with a real minus sign, the marks of the language, and the digits that are of use.

Labs tell their numbers in words made here, so that the page built beforehand and the live lab say the same.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from .language import number, say


def show(value: float) -> str:
    """Write a number for people: three digits, a real minus sign, and never 0 for what is not 0."""
    if value == 0.0 or not math.isfinite(value):
        return "0" if value == 0.0 else say("beyond all numbers")
    if 1e-3 <= abs(value) < 1e3:
        places = max(0, 2 - math.floor(math.log10(abs(value))))
        text = f"{value:.{places}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        mantissa, exponent = f"{value:.2e}".split("e")
        text = f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return _written(text)


def median(values: ArrayLike) -> float:
    """Return the middle one of values, or the mean of the two in the middle; NaN if one of them is NaN.

    It gives what `np.median` gives, which imports `numpy.ma`: that is not in the memory that pages start from, and a
    page would have to fetch two archives for it, or fail without a network.

    Args:
        values: `(n,)` numbers, at least one.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    half = len(ordered) // 2
    if math.isnan(ordered[-1]):  # they are sorted to the end
        return math.nan
    return float(ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2.0)


def plain(value: float, decimals: int = 4) -> str:
    """Write a loss: so many decimals, fewer where it is large, or that it is no number any more."""
    if not math.isfinite(value):
        return say("beyond all numbers")
    if abs(value) >= 1e6:
        return _in_powers(f"{value:.2e}")
    return _written(f"{value:.{decimals if abs(value) < 100 else 1}f}")


def share(value: float) -> str:
    """Write a probability with three decimals; what is not quite 0 or 1 does not look as if it were."""
    if not math.isfinite(value):
        return say("none")
    if 0.0 < value < 0.0005:
        return number("< 0.001")
    if 0.9995 <= value < 1.0:
        return number("> 0.999")
    return number(f"{value:.3f}")


def signed(value: float, decimals: int) -> str:
    """Write a number with its sign and so many decimals."""
    if not math.isfinite(value):
        return say("beyond all numbers")
    if abs(value) >= 1e6:
        return _in_powers(f"{value:+.2e}")
    text = f"{value:+.{decimals}f}"
    return _written(text if float(text) else text[1:])


def digits(value: float) -> str:
    """Write a number with three digits that count, however small it is."""
    if value == 0.0 or not math.isfinite(value):
        return "0" if value == 0.0 else say("beyond all numbers")
    if not 1e-6 <= abs(value) < 1e6:
        return _in_powers(f"{value:.2e}")
    return _written(f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}")


def signed_digits(value: float) -> str:
    """Write a number with its sign and three digits that count."""
    return f"+{digits(value)}" if 0.0 < value < math.inf else digits(value)


def _in_powers(text: str) -> str:
    """Write a number that Python wrote as 2.1e+06 as people do, 2.1 × 10^6."""
    mantissa, exponent = text.split("e")
    return _written(f"{mantissa} × 10^{int(exponent)}")


def _written(text: str) -> str:
    """Give a number as Python writes it the marks of people: a real minus sign, and those of the language."""
    return number(text.replace("-", "−"))
