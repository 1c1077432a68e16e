"""What Module 4 says of its quiz and of the edge. What else it says of runs stands in `claims.py`."""

from pathlib import Path

import pytest

from gd_core import session
from scripts.blocks import read_page
from scripts.blocks.quiz import Quiz
from tests.claims import losses

ROOT = Path(__file__).resolve().parent.parent
SEEDS = range(30)


def test_the_curves_of_the_quiz_are_what_its_right_answers_say() -> None:
    text = (ROOT / "docs" / "modules" / "04-gradient-descent-in-practice.md").read_text(encoding="utf-8")
    (quiz,) = [part.block for part in read_page(text.split("\n")) if isinstance(part.block, Quiz)]
    verdicts = {
        question.name: [session.record(curve.settings.as_dict())["verdict"]["name"] for curve in question.curves]
        for question in quiz.questions
        if question.curves
    }
    assert verdicts == {"crawling": ["crawling"], "oscillating": ["oscillating"]}


@pytest.mark.parametrize("rate", [3.0, 7.0])
def test_the_edge_of_learning_lies_between_three_and_seven(rate: float) -> None:
    """Up to 3 most starts learn, from 7 on most do not."""
    learnt = sum(losses(seed, learning_rate=rate)[-1] < 0.05 for seed in SEEDS)
    assert learnt > 20 if rate < 5.0 else learnt < 10
