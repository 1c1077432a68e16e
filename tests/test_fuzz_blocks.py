"""The block parser under fire: damaged pages by the thousand, no exception, no wrong line; `make fuzz` reads more."""

import re

import pytest

from scripts.blocks import fences
from tests.fuzz import SHOWN, failures, fuzz, page, read

PAGES = 10_000


@pytest.mark.fault(
    "a page whose blocks are damaged in any way: YAML, numbers, Unicode, fences, formulas, links",
    "the build goes on and tells each mistake at its own line, which a test of 200,000 such pages finds right",
)
def test_no_damaged_page_makes_an_exception_or_a_problem_at_a_wrong_line() -> None:
    assert fuzz(PAGES) == []


def test_the_damage_reaches_nearly_every_mistake_that_there_is() -> None:
    reached: set[str] = set()
    for number in range(PAGES):
        for _, sentence in read(page(number)).problems:
            reached |= {row for row, _ in SHOWN if row not in reached and re.match(row, sentence)}
        if len(reached) > 0.8 * len(SHOWN):
            return
    pytest.fail(f"{PAGES:,} pages reach {len(reached)} of {len(SHOWN)} mistakes, more than 80 % are wanted")


def test_a_page_is_known_by_its_number() -> None:
    assert page(7) == page(7) != page(8)


def test_a_problem_at_a_wrong_line_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    right = fences.Entry
    monkeypatch.setattr(fences, "Entry", lambda line, *rest: right(line + 1, *rest))

    assert any("not in line" in failure for number in range(200) for failure in failures(number))
