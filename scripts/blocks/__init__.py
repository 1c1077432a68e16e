"""The blocks that authors write in Markdown: labs, pictures of runs, quizzes, code, formulas.

Chapters, each knowing only those before it: `fences` (how a page is cut), `inline` (formulas and links), `frame` (of a
lab), a chapter for each family of blocks, `page` (which kinds there are; a page as a whole), `extension`
(Python-Markdown). None of them knows MkDocs: the file's name, the way to the site's root, what links may lead to, and
what runs networks and code are handed in.
"""

from typing import Any

from .extension import BlocksExtension
from .fences import Problem
from .page import KINDS, Part, read_page

__all__ = ["KINDS", "BlocksExtension", "Part", "Problem", "makeExtension", "read_page"]


def makeExtension(**kwargs: Any) -> BlocksExtension:  # noqa: N802
    """Make the extension: the name by which Python-Markdown finds it."""
    return BlocksExtension(**kwargs)
