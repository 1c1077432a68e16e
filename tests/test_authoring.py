"""The authors' guide: its examples are the blocks that stand below them, and what it promises about mistakes is so."""

import re
from functools import partial
from pathlib import Path

import pytest

from gd_core import settings
from scripts.blocks import KINDS, read_page
from scripts.blocks.fences import Code, Fence, split_fences
from scripts.cells import run_natively
from scripts.pages import Pages, split_front_matter

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
FIRST_LINE, LINES = split_front_matter(GUIDE)
PIECES = list(split_fences(LINES, KINDS, FIRST_LINE))
FIRST_PAGE, *EXAMPLES = [
    piece for piece in PIECES if isinstance(piece, Code) and re.fullmatch("`{4,}markdown", piece.lines[0])
]


def name_of(example: Code) -> str:
    return next((line.strip() for line in example.lines[1:] if line.startswith(("`", "!"))), "formulas")


@pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
def test_every_example_stands_live_below_its_source(example: Code) -> None:
    source = "\n".join(example.lines[1:-1])
    after = GUIDE.split("\n")[example.line - 1 + len(example.lines) :]
    assert "\n".join(after).lstrip("\n").startswith(source + "\n")


def test_every_kind_of_block_is_live_on_the_page() -> None:
    assert {piece.kind for piece in PIECES if isinstance(piece, Fence)} == KINDS.keys()


def test_the_first_page_of_the_guide_has_no_mistakes() -> None:
    first_line, lines = split_front_matter("\n".join(FIRST_PAGE.lines[1:-1]))
    assert first_line == 5
    assert problems_of(lines, first_line, "modules/06-better-steps.md") == []


def test_the_mistakes_of_the_guide_are_told_as_it_says() -> None:
    page, told = [
        [line for line in piece.lines[1:-1] if line or piece.lines[0].startswith("````")]
        for piece in PIECES
        if isinstance(piece, Code) and "title=" in piece.lines[0]
    ]
    assert problems_of(page, 1, "modules/06-mistakes.md") == told
    assert len(told) == 5


def problems_of(lines: list[str], first_line: int, page: str) -> list[str]:
    pages = Pages(ROOT / "docs")
    complaint = partial(pages.complaint, page)
    parts = read_page(lines, first_line, pages.name(page), run=run_natively, complaint=complaint)
    return [str(problem) for part in parts for problem in part.problems]


def test_the_lab_of_module_4_is_the_empty_lab() -> None:
    """As the guide says of an empty lab."""
    lesson = (ROOT / "docs" / "modules" / "04-gradient-descent-in-practice.md").read_text(encoding="utf-8")
    (lab,) = [
        piece for piece in split_fences(lesson.split("\n"), KINDS) if isinstance(piece, Fence) and piece.kind == "lab"
    ]
    (part,) = read_page(["```lab", *lab.body, "```"])
    assert part.block is not None
    assert part.block.runs == (settings.parse({}),)
