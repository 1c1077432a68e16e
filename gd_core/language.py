"""The language in which readers are told things: English, until another one is spoken.

The code says every sentence in English, `say("The loss after {epochs} epochs", epochs=200)`, and that sentence is its
own key in the file of a language. What has no translation is said in English. This chapter knows no language, no other
chapter and no file: whoever drives the labs hands the language in.
"""

import re
import string
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Real
from typing import Any

Language = Mapping[str, Any]
"""A language's file: `messages`, from English to the language (None: left in English); `decimal` and `group`, marks;
`grouped_from`, the number of digits from which on groups are marked."""

_FOUR_DIGITS = re.compile(r"\b(\d),(?=\d{3}(?![\d,]))")
"""The mark in a number like 1,600, which some languages write without."""

_EXPONENT = re.compile(r"(?<=\de[+-])0(?=\d)")
"""The zero of an exponent like e-05, which Python fills up to two digits."""


@dataclass(frozen=True)
class _Spoken:
    messages: Mapping[str, str | None]
    marks: Mapping[int, str]
    grouped_from: int


_ENGLISH = _Spoken({}, {}, 4)
_spoken = _ENGLISH


def speak(language: Language | None) -> None:
    """Speak a language from now on; None or an empty one is English."""
    global _spoken
    _spoken = (
        _Spoken(
            language["messages"],
            str.maketrans({".": language["decimal"], ",": language["group"]}),
            language["grouped_from"],
        )
        if language
        else _ENGLISH
    )


@contextmanager
def speaking(language: Language | None) -> Iterator[None]:
    """Speak a language for as long as the block lasts, then the one from before."""
    global _spoken
    before = _spoken
    speak(language)
    try:
        yield
    finally:
        _spoken = before


def say(message: str, /, **values: object) -> str:
    """Return a message in the language spoken, filled like `str.format`.

    Args:
        message: in English. Always written out where it is said, since translations are looked for in the source.
        values: what the fields of the message stand for. Numbers are written by `number`; texts stand as they are.

    >>> say("{count:,} points, a loss of {loss:.2g}", count=2000, loss=0.00005)
    '2,000 points, a loss of 5e-5'
    """
    return _FORMATTER.vformat(_spoken.messages.get(message) or message, (), values)


def number(text: str) -> str:
    """Return a number that is written as in English, like "1,000", "5e-05" or "2.1 × 10^6", as people write it.

    It gets the language's own marks, and an exponent loses its leading zero.
    """
    text = _EXPONENT.sub("", text)
    if _spoken.grouped_from > 4:
        text = _FOUR_DIGITS.sub(r"\1", text)
    return text.translate(_spoken.marks)


class _Formatter(string.Formatter):
    """Fill as `str.format` does, but write numbers with the language's marks."""

    def format_field(self, value: Any, format_spec: str) -> str:
        text: str = format(value, format_spec)
        return number(text) if isinstance(value, Real) and not isinstance(value, bool) else text


_FORMATTER = _Formatter()
