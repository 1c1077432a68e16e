"""Settings: every one has its range, and everything wrong with a set of them is said at once."""

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pytest

from gd_core import ACTIVATIONS, DATASETS, LOSSES, OPTIMIZERS, SCHEDULES
from gd_core.settings import LEARNING_RATES, NETWORKS, SETTINGS, Settings, parse, problems


def test_the_table_and_the_dataclass_name_the_same_settings() -> None:
    assert list(SETTINGS) == [field.name for field in fields(Settings)]


def test_nothing_given_is_the_lab_of_the_lesson() -> None:
    settings = parse({})

    assert (settings.dataset, settings.points, settings.noise) == ("moons", 256, 0.1)
    assert settings.network().layers == (2, 8, 8, 1)
    assert (settings.activation, settings.loss) == ("tanh", "binary_crossentropy")
    assert (settings.optimizer, settings.learning_rate, settings.schedule) == ("sgd", 0.1, "constant")
    assert (settings.batch_size, settings.epochs) == (32, 200)


def test_choices_are_those_of_the_tables() -> None:
    tables: dict[str, Mapping[str, object]] = {
        "dataset": DATASETS,
        "activation": ACTIVATIONS,
        "loss": LOSSES,
        "optimizer": OPTIMIZERS,
        "schedule": SCHEDULES,
    }

    choices = {name: set(setting.choices) for name, setting in SETTINGS.items() if setting.kind == "choice"}
    assert choices == {name: set(table) for name, table in tables.items()}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_default_and_every_end_of_a_range_is_allowed(name: str) -> None:
    setting = SETTINGS[name]
    allowed: list[Any] = [setting.default, *setting.choices]
    if setting.kind in ("whole", "number"):
        allowed += [setting.lowest, setting.highest]
    if setting.kind == "layers":
        allowed += [[], [setting.lowest], [setting.highest] * setting.longest]

    assert [problems({name: value}) for value in allowed] == [[]] * len(allowed)


BAD_NUMBERS: list[Any] = [None, "0.1", True, math.nan, math.inf, -math.inf, [], {}, 1j]


@pytest.mark.parametrize("name", [name for name, setting in SETTINGS.items() if setting.kind in ("whole", "number")])
def test_what_is_no_number_in_the_range_is_refused_with_range_and_value(name: str) -> None:
    setting = SETTINGS[name]
    bad = [*BAD_NUMBERS, setting.lowest - 0.00001, setting.highest + 1]
    if setting.kind == "whole":
        bad.append(setting.lowest + 0.5)

    for value in bad:
        assert problems({name: value}) == [(name, f"{name} must be {setting.allowed}, got {value!r}")]


@pytest.mark.parametrize("value", [8, "8-8", None, [8, "8"], [0], [65], [8.5], [[8]], [1] * 7, [True]])
def test_what_is_no_list_of_layers_is_refused(value: object) -> None:
    (problem,) = problems({"hidden_layers": value})

    assert problem[1].endswith(f"a list of at most 6 whole numbers from 1 to 64, got {value!r}")


@pytest.mark.parametrize("value", [3, None, ["moons"], True])
def test_what_is_no_name_is_refused(value: object) -> None:
    (problem,) = problems({"dataset": value})

    assert problem[1] == f"dataset must be one of {', '.join(DATASETS)}, got {value!r}"


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    assert problems({"dataset": "cirlce"}) == [
        ("dataset", f"unknown dataset 'cirlce', did you mean 'circle'; choose one of {', '.join(DATASETS)}")
    ]
    assert problems({"lerning_rate": 0.1}) == [
        (
            "lerning_rate",
            f"unknown setting 'lerning_rate', did you mean 'learning_rate'; choose from {', '.join(SETTINGS)}",
        )
    ]


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ValueError, match=r"epochs must be .*\n.*unknown setting 'colour'.*\n.*noise must be"):
        parse({"epochs": 0, "colour": "red", "noise": -1})


def test_settings_survive_the_way_to_json_and_back() -> None:
    settings = parse({"hidden_layers": [4, 2], "learning_rate": 3, "epochs": 7.0})

    assert parse(settings.as_dict()) == settings
    assert settings.hidden_layers == (4, 2)
    assert isinstance(settings.learning_rate, float)
    assert isinstance(settings.epochs, int)


def test_menus_offer_networks_that_are_named_after_their_layers() -> None:
    for name, hidden_layers in NETWORKS.items():
        assert name == "-".join(str(units) for units in parse({"hidden_layers": hidden_layers}).network().layers)


def test_the_dial_goes_from_ten_thousandths_to_a_hundred() -> None:
    assert LEARNING_RATES == (0.0001, 100.0)


def test_a_schedule_is_laid_out_over_the_whole_run() -> None:
    settings = parse({"schedule": "cosine", "points": 100, "batch_size": 30, "epochs": 5})

    schedule = settings.make_optimizer().learning_rate
    assert callable(schedule)
    assert schedule(10) == pytest.approx(0.05)  # half of the rate after 10 of 5 · 4 updates
    assert schedule(20) == 0.0
