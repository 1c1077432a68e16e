"""Every claim of a lesson stands there word for word, and holds for nearly every seed.

Thirty seeds, of which one may fail; `CLAIM_SEEDS=100` runs more, of which one in twenty may.
"""

import os
import re
from functools import cache
from pathlib import Path

import pytest

from tests.claims import CLAIMS, Claim

MODULES = Path(__file__).resolve().parent.parent / "docs" / "modules"
SEEDS = int(os.environ.get("CLAIM_SEEDS", "30"))
NEARLY_ALL = 0.95


@cache
def lesson(number: str) -> str:
    """A lesson without Markdown's signs, its lines run together."""
    (file,) = MODULES.glob(f"{number}-*.md")
    text = re.sub(r"^ *> ", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return " ".join(text.replace("*", "").split())


def name(claim: Claim) -> str:
    return f"{claim.lesson}: {claim.sentence[:60]}"


def test_no_claim_stands_twice() -> None:
    assert len({claim.sentence for claim in CLAIMS}) == len(CLAIMS)


@pytest.mark.parametrize("claim", CLAIMS, ids=name)
def test_the_lesson_says_it_in_these_words(claim: Claim) -> None:
    assert claim.sentence in lesson(claim.lesson)


@pytest.mark.parametrize("claim", CLAIMS, ids=name)
def test_it_holds_for_nearly_every_start(claim: Claim) -> None:
    failed = [seed for seed in range(SEEDS) if not claim.holds(seed)]

    assert SEEDS - len(failed) >= NEARLY_ALL * SEEDS, f"{claim.verdict}: not for the seeds {failed}"
