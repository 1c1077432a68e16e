"""Every schedule, against values worked out by hand from the formula in its docstring."""

import math

import pytest

from gd_core import SCHEDULES
from gd_core.schedules import Constant, CosineDecay, ExponentialDecay, Schedule, SideBySide, StepDecay, WarmUp

WORKED = [
    (Constant(0.1), {0: 0.1, 999: 0.1}),
    # 0.8 halves after every 10 updates
    (StepDecay(0.8, 10, 0.5), {0: 0.8, 9: 0.8, 10: 0.4, 19: 0.4, 20: 0.2, 30: 0.1}),
    # 0.8 · 0.25^(t / 10): a quarter after 10 updates, half after 5
    (ExponentialDecay(0.8, 10, 0.25), {0: 0.8, 5: 0.4, 10: 0.2, 20: 0.05}),
    # (1 + cos(π t / 12)) / 2 is 1, 3/4, 1/2, 1/4, 0 at 0, 4, 6, 8, 12; it stays at 0 afterwards
    (CosineDecay(0.8, 12), {0: 0.8, 4: 0.6, 6: 0.4, 8: 0.2, 12: 0.0, 50: 0.0}),
    # with alpha = 0.5 the wave runs between 0.8 and 0.4
    (CosineDecay(0.8, 12, 0.5), {0: 0.8, 4: 0.7, 6: 0.6, 8: 0.5, 12: 0.4, 50: 0.4}),
    # 0, 0.2, 0.4, 0.6 while it warms up, then the cosine from its top
    (WarmUp(0.8, 4, 12), {0: 0.0, 1: 0.2, 2: 0.4, 3: 0.6, 4: 0.8, 8: 0.6, 10: 0.4, 16: 0.0, 50: 0.0}),
]


@pytest.mark.parametrize(("schedule", "expected"), WORKED, ids=lambda value: type(value).__name__)
def test_learning_rates_are_those_worked_out_by_hand(schedule: Schedule, expected: dict[int, float]) -> None:
    assert {step: schedule(step) for step in expected} == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 7, 1600])
def test_the_schedule_of_a_run_stays_within_the_rate_that_was_asked_for(name: str, steps: int) -> None:
    schedule = SCHEDULES[name].for_run(0.3, steps)

    rates = [schedule(step) for step in range(steps + 5)]

    assert all(math.isfinite(rate) and 0.0 <= rate <= 0.3 for rate in rates)
    assert max(rates) == pytest.approx(0.3) or (name == "warmup" and steps < 10)


def test_schedules_of_a_run_have_the_shapes_that_the_menus_name() -> None:
    shapes = {name: SCHEDULES[name].for_run(1.0, 1600) for name in SCHEDULES}

    at = {name: [round(shape(step), 4) for step in (0, 400, 800, 1599)] for name, shape in shapes.items()}
    assert at["constant"] == [1.0, 1.0, 1.0, 1.0]
    assert at["step"] == [1.0, 0.5, 0.25, 0.125]
    assert at["exponential"] == [1.0, round(0.01**0.25, 4), 0.1, round(0.01 ** (1599 / 1600), 4)]
    assert at["cosine"] == [1.0, round((1 + math.cos(math.pi / 4)) / 2, 4), 0.5, 0.0]
    assert shapes["warmup"](80) == pytest.approx(0.5)
    assert shapes["warmup"](160) == 1.0


def test_rates_side_by_side_are_a_column_that_follows_each_schedule() -> None:
    mixed = SideBySide([0.1, StepDecay(0.8, 10, 0.5)])

    assert mixed(0).tolist() == [[0.1], [0.8]]
    assert mixed(10).tolist() == [[0.1], [0.4]]
    assert SideBySide([0.1, 0.2])(7).tolist() == [[0.1], [0.2]]
