"""What Module 5 says of its graphs, its sums and its quiz. What it says of random weights stands in `claims.py`."""

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from gd_core import session
from gd_core.gradient_check import COST_OF_BACKPROPAGATION, GradientsSession, cost_of_nudging
from gd_core.graph import GRAPHS, backward, forward, gradients
from gd_core.settings import Settings, parse
from scripts.blocks import read_page
from scripts.blocks.quiz import Quiz

ROOT = Path(__file__).resolve().parent.parent
LESSON = (ROOT / "docs" / "modules" / "05-backpropagation-intuition.md").read_text(encoding="utf-8")
SEEDS = range(30)
NEARLY_ALL = 29


def settings_of(seed: int) -> Settings:
    return parse({"seed": seed, "data_seed": seed})


# --- the walk ---------------------------------------------------------------------------------------------------


def chain(**values: float) -> dict[str, float]:
    graph = GRAPHS["chain"]
    return gradients(forward(graph, {**graph.data, **graph.weights} | values))


def test_the_recap_is_right() -> None:
    assert 3.0 * (2 * 3.0) == 18.0
    z = 3.0 * 1.001
    assert z**2 == pytest.approx(9.018, abs=1e-4)


def test_seven_steps_give_four_gradients() -> None:
    graph = GRAPHS["chain"]
    nodes = forward(graph, {**graph.data, **graph.weights})
    assert len(list(backward(nodes))) == 7
    assert len(graph.weights) == 4


def test_a_silent_input_teaches_its_weight_nothing() -> None:
    assert chain(x=0.0)["w1"] == 0.0
    assert chain(x=0.0)["b1"] != 0.0


def test_the_other_target_turns_every_gradient_round() -> None:
    one, other = chain(target=1.0), chain(target=0.0)
    assert all(one[name] * other[name] < 0.0 for name in one if name != "loss")


def test_nothing_comes_through_a_weight_of_zero() -> None:
    found = chain(w2=0.0)
    assert found["w1"] == found["b1"] == 0.0
    assert found["w2"] != 0.0


def test_a_saturated_unit_lets_next_to_nothing_through() -> None:
    graph = GRAPHS["chain"]
    nodes = forward(graph, {**graph.data, **graph.weights, "b1": 5.0})
    assert nodes["h"].value > 0.9999
    assert nodes["h"].local[0] < 1e-4


def test_the_two_paths_of_the_second_graph_say_what_the_lesson_says() -> None:
    graph = GRAPHS["fork"]
    one, other = [step for step in backward(forward(graph, {**graph.data, **graph.weights})) if step.parent == "h"]
    assert (round(one.outgoing, 3), round(other.outgoing, 2), round(other.total, 3)) == (0.449, -0.22, 0.229)
    assert "0.449" in LESSON
    assert "−0.22:" in LESSON
    assert "0.229" in LESSON


# --- the check --------------------------------------------------------------------------------------------------


def test_nudging_the_lessons_network_takes_210_trips() -> None:
    layers = GradientsSession({}).network.layers
    assert sum((fan_in + 1) * units for fan_in, units in pairwise(layers)) == 105
    assert cost_of_nudging(105).forward == 210
    assert COST_OF_BACKPROPAGATION.forward == COST_OF_BACKPROPAGATION.backward == 1


def test_a_trip_back_is_about_as_much_work_as_two_forward() -> None:
    """Multiplications for one point: forward one a weight; back one a weight, and one for each arrow between units."""
    arrows = [fan_in * units for fan_in, units in pairwise((2, 8, 8, 1))]
    forward_work, back_work = 105, 105 + sum(arrows[1:]) + 16
    assert 1.5 < back_work / forward_work < 2.0


def test_two_hundred_billion_seconds_are_more_than_six_thousand_years() -> None:
    assert 6000 < cost_of_nudging(100_000_000_000).forward / (365.25 * 24 * 3600) < 7000


# --- the vanishing gradient -------------------------------------------------------------------------------------


def test_ten_quarters_leave_a_millionth() -> None:
    left = math.prod([0.25] * 10)
    assert left == pytest.approx(1e-6, rel=0.05)


def test_the_slope_of_sigmoid_is_a_quarter_at_most() -> None:
    outputs = np.linspace(0.0, 1.0, 1001)
    assert (outputs * (1.0 - outputs)).max() == 0.25


# --- the quiz ---------------------------------------------------------------------------------------------------


def quiz() -> Quiz:
    (found,) = [part.block for part in read_page(LESSON.split("\n")) if isinstance(part.block, Quiz)]
    return found


def test_the_quiz_has_six_questions() -> None:
    assert len(quiz().questions) == 6


def test_the_numbers_of_the_quiz_are_right() -> None:
    right = {
        question.name: answer.number.value
        for question in quiz().questions
        for answer in question.answers
        if answer.right and answer.number
    }
    assert right == {
        "through-tanh": pytest.approx(-0.5 * (1.0 - 0.6**2)),
        "two-paths": pytest.approx(0.4 - 0.1),
    }


def test_the_curve_of_the_quiz_is_stuck() -> None:
    (curve,) = [curve for question in quiz().questions for curve in question.curves]
    assert session.record(curve.settings.as_dict())["verdict"]["name"] == "stuck"
