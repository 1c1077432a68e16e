"""What tests of the authors' blocks share: a page rendered by Python-Markdown alone, its mistakes, its text."""

import html
import re
from functools import partial
from pathlib import Path
from typing import Any

import markdown

from scripts import cells
from scripts.blocks import Problem, makeExtension, read_page
from scripts.pages import Pages
from scripts.runtime import cache_folder

ROOT = Path(__file__).resolve().parent.parent

QUIZ = """\
```quiz
1. Which way does a step go?
   - [x] Down the slope
     > Against the gradient.
   - [ ] Up the slope
     > That would raise the loss.
```
"""
NUMBER_QUIZ = """\
```quiz
1. Half of 0.6?
   - [=] 0.3 ± 0.01
     > Right.
   - [ ] 0.7
     > No.
```
"""
CURVE_QUIZ = """\
````quiz
1. Which way?
   ```curve
   epochs: 5
   ```
   - [x] Down
     > So it is.
   - [ ] Up
     > It is not.
````
"""

NESTING = ("admonition", "pymdownx.details", "pymdownx.tabbed", "pymdownx.superfences")


def render(text: str, *, extensions: tuple[Any, ...] = (), **options: Any) -> tuple[str, list[Problem]]:
    """Render a page by Python-Markdown with the blocks, and return its HTML and its mistakes."""
    problems: list[Problem] = []
    blocks = makeExtension(problems=problems, file="docs/page.md", **options)
    return markdown.markdown(text, extensions=[blocks, *extensions]), problems


RUN = cells.runner(cache_folder())
"""Runs code cells, each list of them once."""

PAGES = Pages(ROOT / "docs")


def mistakes(text: str, first_line: int = 1) -> list[str]:
    """Return every mistake of a page as a message, and make sure that rendering reports the very same ones."""
    looks: dict[str, Any] = {"run": RUN, "complaint": partial(PAGES.complaint, "page.md")}
    parts = read_page(text.splitlines(), first_line, "docs/page.md", **looks)
    found = [problem for part in parts for problem in part.problems]
    assert render(text, extensions=NESTING, first_line=first_line, **looks)[1] == found
    return [str(problem) for problem in found]


def words(fragment: str) -> str:
    """Return the text of some HTML."""
    return html.unescape(re.sub(r"<[^>]*>", "", fragment))


def indent(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True))


def quote(text: str) -> str:
    return "".join(f"> {line}" if line.strip() else f">{line}" for line in text.splitlines(keepends=True))
