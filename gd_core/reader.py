"""What a reader writes: compile it, keep what it prints within bounds, say in one sentence what is wrong with it.

This chapter is for code that somebody types into a page: `rule` runs an update rule with it, `notebook` the cells of a
page. Such code may compute whatever Python can. It runs in the reader's own browser, in a worker that reaches neither
the page nor a network, and an endless loop in it is ended from outside, with the whole of Python.
"""

import ast
import builtins
import io
import traceback
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

from .language import say

OUTPUT_LIMIT = 10_000
"""So many characters of what code prints are kept."""

OUTSIDE = frozenset(
    {
        *("js", "pyodide", "pyodide_js", "_pyodide", "_pyodide_core", "micropip"),
        *("socket", "ssl", "http.client", "urllib.request", "ftplib", "smtplib", "webbrowser", "subprocess"),
    }
)
"""Modules that lead out of Python, where code in a page finds every door shut: better said than found out."""


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a reader's code: the line, counted from 1, and one sentence."""

    line: int
    sentence: str


class Output(io.StringIO):
    """A stream that takes everything and keeps its first `limit` characters."""

    def __init__(self, limit: int = OUTPUT_LIMIT) -> None:
        super().__init__()
        self.limit = limit
        self.cut = False

    def write(self, text: str) -> int:
        """Keep `text` as far as there is room; return its length, as every stream does."""
        room = self.limit - self.tell()
        super().write(text[: max(0, room)])
        self.cut = self.cut or len(text) > room
        return len(text)

    def kept(self) -> str:
        """Return what was kept, and a last line that says so if that is not all."""
        if not self.cut:
            return self.getvalue()
        cut = say("… and more, of which only the first {count:,} characters are kept.", count=self.limit)
        return f"{self.getvalue().rstrip()}\n{cut}"


def names_for_readers(**names: object) -> dict[str, Any]:
    """Return the names that a reader's code begins with: Python's own, with an `import` that says what it refuses."""
    return {"__builtins__": vars(builtins) | {"__import__": _import}, **names}


def _import(
    name: str,
    globals: Mapping[str, object] | None = None,  # noqa: A002 - the names are Python's
    locals: Mapping[str, object] | None = None,  # noqa: A002
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> Any:
    for wanted in (name, *(f"{name}.{part}" for part in fromlist or ())):
        if any(wanted == module or wanted.startswith(f"{module}.") for module in OUTSIDE):
            sentence = say(
                "{module} cannot be imported: code in a page reaches neither the page nor a network", module=wanted
            )
            raise ImportError(sentence)
    return builtins.__import__(name, globals, locals, fromlist or (), level)


def parsed(source: str, name: str) -> ast.Module:
    """Return the syntax tree of a reader's code; `name` stands for its file. Raises `SyntaxError` or `ValueError`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source, name)


def compiled(tree: ast.Module | ast.Expression, name: str) -> CodeType:
    """Return code that `exec` takes, or `eval` if `tree` is an expression, with nothing inherited from this file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mode = "eval" if isinstance(tree, ast.Expression) else "exec"
        return compile(tree, name, mode, dont_inherit=True)


def explain(error: BaseException, name: str) -> Mistake:
    """Say what an exception means to whoever wrote the code.

    Args:
        error: what compiling or running the code has raised: an `exit()` in it, too.
        name: what stood for the code's file.

    Returns:
        The last line of the code that was under way, or the one that does not compile, and what Python says of it,
        with Python's own guess at a misspelt name.
    """
    if isinstance(error, SyntaxError) and error.filename == name:
        return Mistake(max(1, error.lineno or 1), say("Python cannot read this: {message}.", message=error.msg))
    lines = [frame.lineno or 1 for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name]
    sentence = " ".join("".join(traceback.TracebackException.from_exception(error).format_exception_only()).split())
    return Mistake(lines[-1] if lines else 1, sentence.removesuffix(":"))
