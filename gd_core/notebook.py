"""The code cells of a page: pieces of Python that share their names, as in a notebook.

A `Notebook` runs one piece after another. What a piece prints is kept, and after it the value of its last line if that
is an expression, as Python's own prompt would show it. The build runs a page's cells with it, and so does the page.
"""

import ast
import contextlib
import io
import sys
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from .checks import mapping, text
from .reader import Output, compiled, explain, names_for_readers, parsed


class Notebook:
    """Names that pieces of code share, and the place where these are run.

    Args:
        settings: nothing can be set, so this is empty.

    Raises:
        ValueError: `settings` is not empty.
    """

    def __init__(self, settings: Mapping[str, Any] | None = None) -> None:
        if settings is not None and mapping("settings", settings):
            raise ValueError(f"code cells take no settings, got {', '.join(map(str, settings))}")
        self._names = names_for_readers(__name__="__main__")
        self._count = 0

    def open(self) -> None:
        """Answer the page's first request: there is nothing to tell."""

    def run(self, source: str) -> dict[str, Any]:
        """Run a piece of code; the names that it defines are there for the next.

        Args:
            source: Python.

        Returns:
            `output`: what it printed and the value of its last line, at most `reader.OUTPUT_LIMIT` characters; and
            `error`: None, or what went wrong as `line`, counted from 1, and `sentence`.

        Raises:
            ValueError: `source` is no text.
        """
        text("source", source)
        self._count += 1
        name = f"<cell {self._count}>"
        output, error = Output(), None
        with _listening(output):
            try:
                self._run(parsed(source, name), name)
            except BaseException as raised:
                mistake = explain(raised, name)
                error = {"line": mistake.line, "sentence": mistake.sentence}
        return {"output": output.kept(), "error": error}

    def _run(self, tree: ast.Module, name: str) -> None:
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compiled(tree, name), self._names)  # noqa: S102 - running the code of a cell is the point
        if isinstance(last, ast.Expr):
            value = eval(compiled(ast.Expression(last.value), name), self._names)  # noqa: S307 - and its last line
            if value is not None:
                print(repr(value))


@contextlib.contextmanager
def _listening(output: Output) -> Iterator[None]:
    """Send to `output` whatever is printed; nobody can be asked for input, and warnings are not shown."""
    with (
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        stdin, sys.stdin = sys.stdin, io.StringIO("")
        try:
            yield
        finally:
            sys.stdin = stdin
