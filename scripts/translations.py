"""What must be the same in a page and in its translation, whatever the words: its blocks, and where its links lead.

So a lesson that changes says which of its translations have fallen behind, and where.
"""

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from itertools import zip_longest
from typing import Any
from urllib.parse import unquote, urlsplit

from gd_core.checks import shown
from scripts.blocks import Problem, read_page
from scripts.blocks.fences import Block, Fence, Prose
from scripts.blocks.inline import check_links
from scripts.languages import original_of
from scripts.pages import Pages, split_front_matter

OWN = {"title", "text", "why", "written", "baseline", "output", "line", "why_line", "name_line"}
"""What a block has of its page alone: words, which are to be translated, and the lines in which they stand."""


@dataclass(frozen=True)
class _Difference:
    """One thing that is not as in the original: its name, what it is there and here, and the lines where it stands."""

    name: str
    original: object
    came: object
    original_line: int
    line: int


def fallen_behind(page: str, pages: Pages) -> list[Problem]:
    """Return what a translation has otherwise than its original, each with its line; nothing for an original.

    Args:
        page: the translation's path below the folder of the pages.
        pages: that folder.
    """
    original, name = original_of(page, pages.codes), pages.name(page)
    if original == page:
        return []
    if not (pages.folder / original).is_file():
        return [Problem(name, 1, f"a translation must lie where its original does, got no file {pages.name(original)}")]
    theirs, ours = (_Page(path, pages) for path in (original, page))
    problems = []
    for difference in _differences(theirs.blocks, ours.blocks, ours.last_line, pages.codes):
        source = f"{pages.name(original)}:{difference.original_line}"
        sentence = f"{difference.name} must be {difference.original} as in {source}, got {difference.came}"
        problems.append(Problem(name, difference.line, sentence))
    led = {goal for _, goal in ours.links}
    for line, goal in theirs.links:
        if goal not in led:
            led.add(goal)
            source = f"{pages.name(original)}:{line}"
            problems.append(Problem(name, ours.last_line, f"a link must lead to {goal} as in {source}, got none"))
    return problems


class _Page:
    """A page as its translations are compared with it."""

    def __init__(self, page: str, pages: Pages) -> None:
        first_line, lines = split_front_matter((pages.folder / page).read_text(encoding="utf-8", errors="replace"))
        parts = read_page(lines, first_line)
        self.last_line = first_line + len(lines) - 1
        self.blocks = [(part.piece, part.block) for part in parts if isinstance(part.piece, Fence)]
        self.links: list[tuple[int, str]] = []
        """Where links lead in the site, each with its line; a translation counts as its original."""

        def note(line: int, target: str) -> None:
            parts = urlsplit(target)
            if not parts.scheme and not parts.netloc:
                goal = original_of(pages.goal(page, unquote(parts.path)), pages.codes)
                self.links.append((line, f"{goal}#{parts.fragment}" if parts.fragment else goal))

        for part in parts:
            texts = part.block.texts if part.block else ()
            if isinstance(part.piece, Prose):
                texts = ((part.piece.line, "\n".join(part.piece.lines)),)
            for line, text in texts:
                check_links(text, line, note, lambda target, _: target)


_Blocks = Sequence[tuple[Fence, Block | None]]


def _differences(theirs: _Blocks, ours: _Blocks, last_line: int, codes: Collection[str]) -> Iterator[_Difference]:
    """Compare the blocks of two pages one by one, up to the first that is of another kind."""
    for number, (their, our) in enumerate(zip_longest(theirs, ours), 1):
        their_fence, their_block = their or (None, None)
        our_fence, our_block = our or (None, None)
        their_line = their_fence.line if their_fence else 1
        our_line = our_fence.line if our_fence else last_line
        kinds = [fence.kind if fence else "none" for fence in (their_fence, our_fence)]
        if kinds[0] != kinds[1]:
            yield _Difference(f"block {number}", kinds[0], kinds[1], their_line, our_line)
            return
        if their_block and our_block:  # a mistake in a block is told where it is made
            yield from _compared(kinds[0], their_block, our_block, their_line, our_line, codes)


def _compared(
    name: str, theirs: Any, ours: Any, their_line: int, our_line: int, codes: Collection[str]
) -> Iterator[_Difference]:
    if is_dataclass(theirs) and type(theirs) is type(ours):
        their_line, our_line = getattr(theirs, "line", their_line), getattr(ours, "line", our_line)
        for part in (part.name for part in fields(theirs) if part.name not in OWN):
            yield from _compared(part, getattr(theirs, part), getattr(ours, part), their_line, our_line, codes)
    elif isinstance(theirs, tuple) and isinstance(ours, tuple) and len(theirs) == len(ours):
        for their, our in zip(theirs, ours, strict=True):
            yield from _compared(name, their, our, their_line, our_line, codes)
    elif isinstance(theirs, tuple) and isinstance(ours, tuple):
        yield _Difference(f"the number of {name}", len(theirs), len(ours), their_line, our_line)
    elif _without_words(name, theirs, codes) != _without_words(name, ours, codes):
        yield _Difference(name, shown(theirs), shown(ours), their_line, our_line)


def _without_words(name: str, value: Any, codes: Collection[str]) -> Any:
    """Return what must be the same of a part of a block: not a preset's name, nor the comments in code."""
    if name == "presets" and isinstance(value, str):
        return None
    if name == "source":
        return ast.dump(ast.parse(value))
    return original_of(value, codes) if name == "page" else value
