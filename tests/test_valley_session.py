"""A valley as a page drives it: its settings, its answers, its picture's measures."""

import math
from typing import Any

import numpy as np
import pytest

from gd_core.optimizers import OPTIMIZERS
from gd_core.valley import RULES, loss, marks
from gd_core.valley_session import SETTINGS, Settings, ValleySession, parse, scene


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"curvatures": [2.0]}, [(0.5, "1/λ"), (1.0, "2/λ")]),
        ({"curvatures": [0.5]}, [(2.0, "1/λ"), (4.0, "2/λ")]),
        ({"curvatures": [0.05, 2.0]}, [(1.0, "2/λ₂"), (40.0, "2/λ₁")]),
        ({"curvatures": [2.0, 2.0]}, [(1.0, "2/λ")]),
        ({"curvatures": [0.05, 2.0], "optimizer": "momentum"}, [(1.7, "limit of w₂"), (68.0, "limit of w₁")]),
        ({"curvatures": [0.05, 2.0], "optimizer": "adam"}, []),
    ],
)
def test_the_dials_marks_are_the_rates_that_decide(settings: dict[str, Any], found: list[tuple[float, str]]) -> None:
    checked = parse(settings)
    given = marks(checked.optimizer, checked.curvatures, checked.momentum)
    assert [mark["label"] for mark in given] == [label for _, label in found]
    assert [mark["rate"] for mark in given] == pytest.approx([rate for rate, _ in found])


def test_the_answer_to_a_page_holds_plain_values_and_flat_arrays() -> None:
    lab = ValleySession({"curvatures": [0.05, 2.0]})
    answer = lab.walk(learning_rate=0.5, optimizer="momentum")
    count = len(answer["losses"])
    for name in ("weights", "slopes"):
        assert answer[name].shape == (2 * count,)
        assert answer[name].dtype == np.float64
    assert answer["weights"][:2].tolist() == [-8.0, 2.0]
    assert answer["slopes"][:2] == pytest.approx([-0.4, 4.0])
    assert answer["end"] == "arrived"
    assert [regime["name"] for regime in answer["regimes"]] == ["glides", "rolls"]
    assert lab.settings.optimizer == "momentum"
    assert lab.walk()["weights"].tolist() == answer["weights"].tolist()


def test_lines_of_equal_loss_are_lines_of_equal_loss() -> None:
    for curvatures in ([0.05, 2.0], [2.0, 2.0], [2.0, 0.1]):
        bends = np.array(curvatures)
        axes = scene(curvatures)["ellipses"].reshape(-1, 2)
        for along, across in axes:
            levels = [
                float(loss(np.array([along * math.cos(turn), across * math.sin(turn)]), bends)) for turn in range(6)
            ]
            assert levels == pytest.approx([levels[0]] * 6)
        # the largest goes around the whole window, so that no corner is without a line
        assert (10.0 / axes[0, 0]) ** 2 + (5.0 / axes[0, 1]) ** 2 <= 1.0 + 1e-9
    assert scene([2.0])["top"] == 36.0


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"curvatures": [1, 2, 3]}, "curvatures must be a list of 1 to 2 numbers from 0.05 to 100, got [1, 2, 3]"),
        ({"curvatures": 2}, "curvatures must be a list of 1 to 2 numbers from 0.05 to 100, got 2"),
        ({"curvatures": []}, "curvatures must be a list of 1 to 2 numbers from 0.05 to 100, got []"),
        ({"curvatures": [0]}, "curvatures must be a list of 1 to 2 numbers from 0.05 to 100, got [0]"),
        ({"start": [1, 2]}, "start must have one number, as curvatures has, got [1, 2]"),
        ({"curvatures": [1, 2], "start": [1]}, "start must have 2 numbers, as curvatures has, got [1]"),
        ({"start": [6]}, "start of w must be from -5 to 5, got 6"),
        ({"curvatures": [1, 2], "start": [1, -5]}, "start of w₂ must be from -4.5 to 4.5, got -5"),
        ({"learning_rate": 0}, "learning_rate must be a number from 0.0001 to 100, got 0"),
        ({"optimizer": "moment"}, "unknown optimizer 'moment', did you mean 'momentum'; choose one of"),
        ({"optimizer": "rmsprop"}, "unknown optimizer 'rmsprop'; choose one of sgd, momentum, nesterov, adam"),
        ({"momentum": 1}, "momentum must be a number from 0 to 0.99, got 1"),
        ({"steps": 0}, "steps must be a whole number from 1 to 2,000, got 0"),
        ({"curvature": [2]}, "unknown setting 'curvature', did you mean 'curvatures'; choose from"),
    ],
)
def test_a_wrong_setting_is_refused_in_three_parts(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=r"got|choose") as refused:
        parse(given)
    assert str(refused.value).startswith(sentence)
    lab = ValleySession({"curvatures": given["curvatures"]} if given.keys() == {"curvatures", "start"} else {})
    before = lab.settings
    with pytest.raises(ValueError, match=r"got|choose"):
        lab.walk(**given)
    assert lab.settings == before


def test_the_defaults_are_the_lessons() -> None:
    assert parse({}) == Settings((2.0,), (4.0,), 0.1, "sgd", 0.7, 40)
    assert parse({"curvatures": [0.05, 2]}) == Settings((0.05, 2.0), (-8.0, 2.0), 0.9, "sgd", 0.7, 200)
    assert SETTINGS["optimizer"].choices == tuple(RULES)
    assert set(RULES) <= set(OPTIMIZERS)
