"""What Module 4 says about its default lab, executed over thirty seeds of data and first weights.

The verdicts that its rates get are held by the tests of the diagnosis; these are the other claims of its text.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from gd_core import session
from gd_core.session import Session
from scripts.blocks import read_page
from scripts.blocks.quiz import Quiz

ROOT = Path(__file__).resolve().parent.parent
SEEDS = range(30)
NEARLY_ALL = 29


def begin(rate: float, seed: int, epochs: int = 200) -> Session:
    return Session({"learning_rate": rate, "seed": seed, "data_seed": seed, "epochs": epochs})


def finish(run: Session) -> list[float]:
    """Train to the end and return the loss of every epoch."""
    run.advance({"epochs": run.settings.epochs}, 0)
    return run.run.losses


@cache
def final_loss(rate: float, seed: int) -> float:
    return finish(begin(rate, seed))[-1]


def faster_than_a_tenth(rate: float) -> Callable[[int], bool]:
    return lambda seed: final_loss(rate, seed) < final_loss(0.1, seed)


def still_falls_hardly_at_a_ten_thousandth(seed: int) -> bool:
    losses = finish(begin(0.0001, seed))
    return 0.7 * losses[0] < losses[-1] < losses[0]


def a_blown_up_run_limps_when_trained_on_at_a_tenth(seed: int) -> bool:
    run = begin(100.0, seed)
    finish(run)
    run.change({"learning_rate": 0.1}, 0)
    return not finish(run)[-1] < 5 * final_loss(0.1, seed)


def a_blow_up_leaves_nearly_all_hidden_units_where_tanh_is_flat(seed: int) -> bool:
    run = begin(100.0, seed)
    finish(run)
    values, _ = run.settings.draw_data()
    shares = []
    for weights, biases in run.settings.network().unpack(run.run.params)[:-1]:
        values = np.tanh(values @ weights + biases)
        shares.append(np.mean(1.0 - values**2 < 0.01))
    return bool(min(shares) > 0.9)


def one_update_at_a_tenth_does_more_than_an_epoch_of_crawling(seed: int) -> bool:
    run = begin(0.1, seed)
    inputs, targets = run.settings.draw_data()
    network = run.settings.network()
    before, _ = network.loss_and_gradient(run.run.params, inputs, targets)
    run.advance({"updates": 1}, 0)
    after, _ = network.loss_and_gradient(run.run.params, inputs, targets)
    return before - after > 0.0005


CLAIMS: dict[str, Callable[[int], bool]] = {
    "at 0.0001 the curve goes down and gets nowhere": still_falls_hardly_at_a_ten_thousandth,
    "1 learns faster than 0.1": faster_than_a_tenth(1.0),
    "2 learns faster than 0.1": faster_than_a_tenth(2.0),
    "a run that blew up limps, far behind a fresh start": a_blown_up_run_limps_when_trained_on_at_a_tenth,
    "a blow-up leaves units where tanh is flat": a_blow_up_leaves_nearly_all_hidden_units_where_tanh_is_flat,
    "one good update does more than a crawling epoch": one_update_at_a_tenth_does_more_than_an_epoch_of_crawling,
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_the_lesson_says_holds_for_nearly_every_start(claim: str) -> None:
    assert sum(CLAIMS[claim](seed) for seed in SEEDS) >= NEARLY_ALL


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
    learnt = sum(final_loss(rate, seed) < 0.05 for seed in SEEDS)
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
