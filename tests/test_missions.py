"""Missions: each is accomplished by the runs that it asks for, and by no others."""

import re
from typing import Any

import numpy as np
import pytest

from gd_core.missions import GOALS, follow
from gd_core.session import Session

Mission = dict[str, Any]

RUN = {"epochs": 100}


class Reader:
    """A lab and its missions, told of every run that ends."""

    def __init__(self, goal: str, **given: Any) -> None:
        self.session = Session(RUN | {"learning_rate": 0.1})
        self.mission: Mission = {"goal": goal, "notes": {}} | given
        self.told: dict[str, Any] = {}

    def trains(self, rate: float | None = None, *, reset: bool = True) -> dict[str, Any]:
        """Train to the end, at another rate if one is given; return the mission's standing."""
        if reset:
            self.session.reset(0)
        if rate is not None:
            self.session.change({"learning_rate": rate}, 0)
        self.session.advance({"epochs": self.session.settings.epochs}, 0)
        (self.told,) = self.session.judge([self.mission])
        self.mission["notes"] = self.told["notes"]
        return self.told


def test_learning_asks_for_a_loss_within_its_epochs() -> None:
    reader = Reader("learn", below=0.1, epochs=100)

    assert not reader.trains(0.001)["done"]
    assert reader.trains(1.0)["done"]
    assert "Rate 1 brought the loss down to" in reader.told["sentence"]


def test_a_loss_that_comes_too_late_does_not_count() -> None:
    late = Reader("learn", below=0.2, epochs=2)

    assert not late.trains(1.0)["done"]
    assert min(late.session.run.losses) < 0.2


def test_crawling_asks_for_a_run_long_enough_to_tell() -> None:
    reader = Reader("crawl")
    reader.session.change({"epochs": 20}, 0)
    assert not reader.trains(0.001)["done"]
    reader.session.change({"epochs": 100}, 0)

    assert reader.trains(0.001)["done"]


def test_breaking_asks_for_a_run_that_diverges() -> None:
    reader = Reader("break")

    assert not reader.trains(0.1)["done"]
    assert reader.trains(100)["done"]
    assert reader.told["sentence"] == "Rate 100 did it."


def test_a_rescue_is_a_run_from_the_broken_weights_and_one_from_the_start_at_the_same_rate() -> None:
    reader = Reader("rescue")
    assert reader.trains(100)["sentence"] == ""
    assert not reader.trains(1.0)["done"], "from the start, before the broken weights were tried"
    reader.trains(100)

    first = reader.trains(1.0, reset=False)
    assert not first["done"]
    assert "press Reset" in first["sentence"]
    assert not reader.trains(0.5)["done"], "another rate"

    assert reader.trains(1.0)["done"]
    broken, fresh = (float(loss) for loss in re.findall(r"to (?:a loss of )?([\d.]*\d)", reader.told["sentence"]))
    assert fresh < broken


def test_a_rescue_compares_runs_that_differ_in_their_start_alone() -> None:
    reader = Reader("rescue")
    reader.trains(100)
    reader.trains(1.0, reset=False)

    reader.session.change({"dataset": "gauss"}, 0)
    assert not reader.trains(1.0)["done"], "other data"
    reader.session.change({"dataset": "moons", "seed": 5}, 0)
    assert not reader.trains(1.0)["done"], "other weights"
    reader.session.change({"seed": RUN.get("seed", 1)}, 0)
    assert reader.trains(1.0)["done"]


def test_a_rate_to_try_lies_between_the_ends_of_the_edge() -> None:
    for works in np.geomspace(1e-4, 10.0, 500):
        for ratio in (2.0001, 2.05, 3.0, 20.0):
            notes = {"settings": {}, "works": [works], "fails": [works * ratio]}
            told = follow([{"goal": "edge", "notes": notes}], None)[0]["sentence"]
            assert works < float(told.rpartition("like ")[2].removesuffix(".")) < works * ratio, told


def test_going_on_at_a_rate_as_high_is_no_rescue() -> None:
    reader = Reader("rescue")
    reader.trains(100)

    assert not reader.trains(reset=False)["sentence"]


def test_the_edge_is_found_between_a_rate_that_learns_and_one_at_most_twice_as_large_that_does_not() -> None:
    reader = Reader("edge")
    assert reader.trains(100)["sentence"] == "Rate 100 does not learn. Look further down."
    assert reader.trains(1)["sentence"].startswith("The edge lies between 1 and 100. Try a rate between them, like 10")
    works, fails = 1.0, 100.0
    while not reader.told["done"]:
        middle = (works * fails) ** 0.5
        reader.trains(middle)
        if middle in reader.told["notes"]["works"]:
            works = middle
        else:
            fails = middle
            assert middle in reader.told["notes"]["fails"]

    assert works < fails <= 2 * works


def test_the_edge_of_other_settings_is_another_edge() -> None:
    reader = Reader("edge")
    reader.trains(100)
    reader.session.change({"seed": 2}, 0)

    assert reader.trains(1)["notes"]["fails"] == []


def test_turning_the_dial_on_the_way_tells_nothing_of_the_edge() -> None:
    reader = Reader("edge")
    reader.session.advance({"epochs": 5}, 0)

    assert reader.trains(3, reset=False)["notes"] == {}


def test_a_mission_that_is_accomplished_stays_so() -> None:
    reader = Reader("break")
    reader.trains(100)

    assert reader.trains(0.1)["done"]


def test_a_run_under_way_changes_nothing() -> None:
    session = Session(RUN | {"learning_rate": 100})
    session.advance({"epochs": 2}, 0)

    assert session.judge([{"goal": "break", "notes": {}}]) == [{"notes": {}, "done": False, "sentence": ""}]


@pytest.mark.parametrize("goal", GOALS)
def test_a_mission_nobody_has_begun_has_nothing_to_tell(goal: str) -> None:
    assert follow([{"goal": goal}], None) == [{"notes": {}, "done": False, "sentence": ""}]


def test_an_unknown_goal_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown goal 'brake'; choose one of learn, crawl, break, rescue, edge"):
        follow([{"goal": "brake"}], None)
