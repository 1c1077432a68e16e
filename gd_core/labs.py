"""The labs of a page, as its worker drives them: an object for each lab, made by the lab's kind, asked by name.

A kind is a class that takes a mapping of settings, with a method for each request that a page may send: the request
`{type: "advance", lab: 1, amount: …, surface: 48}` calls `advance(amount=…, surface=48)` of the first lab's object. The
first request is always `open`. Answers hold numbers, strings, None, flat arrays, and lists and dicts of these; they and
the requests are described in `docs/assets/labs/messages.d.ts`.
"""

import contextlib
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from .checks import mapping, one_of, shown
from .gradient_check import GradientsSession
from .graph_session import GraphSession
from .language import say
from .network_session import NetworkSession
from .notebook import Notebook
from .session import Session
from .step_session import StepSession
from .sweep import SweepSession
from .valley_session import ValleySession
from .vanishing import VanishingSession

LABS: dict[str, Callable[[Mapping[str, Any]], object]] = {
    "training": Session,
    "step": StepSession,
    "valley": ValleySession,
    "sweep": SweepSession,
    "network": NetworkSession,
    "graph": GraphSession,
    "gradients": GradientsSession,
    "vanishing": VanishingSession,
    "cells": Notebook,
}


def make_lab(kind: str, settings: Mapping[str, Any]) -> object:
    """Make a lab of a kind, a key of `LABS`, with its settings by name.

    Raises:
        ValueError: there is no such kind, or a setting is wrong.
        MemoryError: there is not enough for it.
    """
    make = LABS[one_of("kind of lab", kind, sorted(LABS))]
    with contextlib.suppress(MemoryError):
        return make(mapping("settings", settings))
    raise _too_large()


def answer(lab: object, request: str, arguments: Mapping[str, Any]) -> Any:
    """Call the method of a lab that a request names, with the arguments by name, and return what it returns.

    Raises:
        ValueError: the lab takes no such request, or refuses an argument.
        MemoryError: there is not enough for it.
    """
    method = getattr(type(lab), request, None) if isinstance(request, str) else None
    if not inspect.isfunction(method) or request.startswith("_"):
        known = [name for name, _ in inspect.getmembers(type(lab), inspect.isfunction) if not name.startswith("_")]
        raise ValueError(
            f"unknown request {shown(request)} to a {type(lab).__name__}; choose one of {', '.join(known)}"
        )
    signature = _signature(method)
    try:
        signature.bind(lab, **mapping("arguments", arguments))
    except TypeError as error:
        takes = ", ".join([*signature.parameters][1:]) or "nothing"
        raise ValueError(f"{request} takes {takes}, got {', '.join(map(str, arguments)) or 'nothing'}") from error
    with contextlib.suppress(MemoryError):
        return method(lab, **arguments)
    raise _too_large()


def _too_large() -> MemoryError:
    """Say instead of NumPy how it is, and what helps.

    To be raised when NumPy's own error is gone: with it go the arrays that did fit, to which its traceback holds on.
    """
    return MemoryError(
        say("There is not enough memory for this; fewer points or units, or smaller batches, need less.")
    )


_signature = functools.cache(inspect.signature)
