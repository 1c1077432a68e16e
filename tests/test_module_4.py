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


def test_the_table_of_three_rates_on_a_parabola_is_right() -> None:
    """The loss w² has the slope 2 w; three steps from 4, as the lesson's table prints them."""
    table = {0.001: "3.99 3.98 3.98", 0.1: "3.20 2.56 2.05", 1.1: "-4.80 5.76 -6.91"}
    for rate, row in table.items():
        weight, steps = 4.0, []
        for _ in range(3):
            weight -= rate * 2.0 * weight
            steps.append(f"{weight:.2f}")
        assert " ".join(steps) == row
