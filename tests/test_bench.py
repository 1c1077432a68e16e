"""The benchmark's own arithmetic and its table; what it measures is asserted nowhere."""

from functools import partial

import pytest

from scripts.bench import report
from scripts.bench.payload import kind_of
from scripts.bench.report import BEGIN, END, Figure, Goal, compare
from scripts.bench.rivals import contest
from scripts.bench.rivals.task import DEFAULT, Contest, Request, hold, tasks

MACHINE = {"": "2 cores", "Chromium": "1", "on": "2026-01-01"}
FIGURES = [
    Figure("start", "ms", 100.0, 400.0, 0.25, Goal("ratio", "at most", 0.2), "beside a bare page"),
    Figure("rivals", "updates/s, quick", 50.0, 100.0, 0.5),
    Figure("rivals", "updates/s, slow", 12_345.0, 100.0, 123.45),
    Figure("rivals", "updates/s, absent", None, note="not installed"),
]


def test_a_ratio_is_the_median_of_pairs_measured_together() -> None:
    figure = compare("start", "ms", [3.0, 30.0, 9.0], [1.0, 20.0, 10.0])  # ratios 3, 1.5 and 0.9

    assert (figure.ours, figure.other, figure.ratio) == (9.0, 10.0, 1.5)


def test_a_ratio_needs_whole_pairs() -> None:
    with pytest.raises(ValueError, match="at least one pair"):
        report.median_of_pairs([], [])
    with pytest.raises(ValueError, match="shorter"):
        report.median_of_pairs([1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (Goal("ours", "at least", 100.0), True),
        (Goal("ours", "at most", 99.0), False),
        (Goal("ratio", "at most", 0.25), True),
        (Goal("ratio", "at least", 0.3), False),
        (None, None),
    ],
)
def test_a_goal_is_met_by_the_value_or_by_the_ratio(goal: Goal | None, met: bool | None) -> None:
    assert Figure("start", "ms", 100.0, 400.0, 0.25, goal).met is met
    assert Figure("start", "ms", None, goal=goal).met is None


def test_the_table_shows_every_figure_under_its_section() -> None:
    lines = report.table(FIGURES).splitlines()

    assert lines[0].split() == ["what", "ours", "other", "ratio", "goal", "met"]
    assert [line for line in lines if line in ("start", "rivals")] == ["start", "rivals"]
    assert lines[3].split() == ["ms", "100", "400", "0.25", "ratio", "≤", "0.20", "no"]
    assert lines[4].strip() == "beside a bare page"
    assert any(line.split()[-3:] == ["12,345", "100", "123"] for line in lines)
    assert lines[-1].strip() == "not installed"


def test_a_report_comes_back_from_json_as_it_was() -> None:
    written = report.to_json(MACHINE, FIGURES)

    assert report.from_json(written) == (MACHINE, FIGURES)
    assert [figure["met"] for figure in written["figures"]] == [False, None, None, None]


def test_the_readme_tells_goals_and_where_we_lose() -> None:
    told = report.markdown(MACHINE, FIGURES)

    assert told.startswith("Measured on 2 cores, Chromium 1, on 2026-01-01.")
    assert "| ms | 100 | 400 | 0.25 | ratio ≤ 0.20 | no |" in told
    assert "quick" in told
    assert "slow" not in told


def test_the_table_takes_the_place_between_the_marks() -> None:
    readme = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    assert report.insert(readme, "new") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    with pytest.raises(ValueError, match="must hold the marks"):
        report.insert("no marks", "new")


def test_a_file_is_told_by_its_name_and_in_the_bundle_by_its_role() -> None:
    roles = {"python.bin": "snapshot"}

    assert kind_of("modules/a-lesson/", roles) == "HTML"
    assert kind_of("assets/0123456789abcdef/labs/main.js", roles) == "our JavaScript"
    assert kind_of("assets/javascripts/bundle.js", roles) == "the theme's JavaScript"
    assert kind_of("assets/runtime/1/numpy-2.whl", roles) == "NumPy"
    assert kind_of("assets/runtime/1/python.bin", roles) == "snapshot"


def test_a_rival_that_learns_nothing_is_not_compared() -> None:
    idle = Contest(
        microseconds={DEFAULT: {"ours": [10.0], "ConvNetJS": [100.0], "Keras fit": [1.0]}},
        losses={"ours": [0.7, 0.1], "ConvNetJS": [0.7, 0.2], "Keras fit": [0.7, 0.6]},
        missing={"PyTorch eager": "not installed"},
    )

    absent, fast, other = contest.figures("natively", idle)

    assert (absent.ours, absent.note) == (None, "not installed")
    assert (fast.ours, fast.other, fast.met) == (100_000.0, 10_000.0, True)
    assert other.ours is None
    assert "does other work" in other.note


def test_everybody_is_asked_in_turn_and_who_fails_is_left_out() -> None:
    asked = []

    def ask(name: str, request: Request) -> float | list[float]:
        asked.append((name, request["task"]["name"]))
        if name == "broken":
            raise RuntimeError("no such operation")
        return [0.7, 0.1] if "updates" in request else 5.0

    held = hold({name: partial(ask, name) for name in ("ours", "broken", "other")}, repeats=2)

    assert held["missing"] == {"broken": "failed: no such operation"}
    assert held["losses"].keys() == {"ours", "other"}
    assert held["microseconds"].keys() == {task["name"] for task in tasks()}
    assert held["microseconds"][DEFAULT] == {"ours": [5.0, 5.0], "other": [5.0, 5.0]}
    assert [name for name, task in asked if task == DEFAULT][3:] == ["ours", "other", "ours", "other"]
