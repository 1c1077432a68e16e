"""Code cells: run in their order when the site is built, what they show, and how their mistakes are told."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts import cells
from tests.blocks import RUN, render, words


def test_the_cells_of_a_page_share_their_names_in_order_as_in_a_notebook() -> None:
    assert cells.run_natively(
        ["import numpy as np\na = np.ones(3)", "assert a.sum() == 3\nprint(len(a))\na", "from gd_core import train"]
    ) == [cells.Outcome(), cells.Outcome("3\narray([1., 1., 1.])\n"), cells.Outcome()]


def test_a_cell_that_fails_is_told_by_its_own_line_and_those_that_depend_on_it_are_not() -> None:
    outcomes = cells.run_natively(["print('so far')\nb = 1 / 0\n", "b + 1\n", "{}['key']\n"])
    assert outcomes == [
        cells.Outcome("so far\n", cells.Failure(2, "ZeroDivisionError: division by zero")),
        cells.Outcome(),
        cells.Outcome("", cells.Failure(1, "KeyError: 'key'")),
    ]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("while True: pass", "it was still running after 5 seconds"),
        ("import os; os._exit(3)", "it ended Python with status 3"),
    ],
)
def test_a_cell_that_never_comes_back_is_told_by_its_first_line(source: str, sentence: str) -> None:
    before, ended, after = cells.run_natively(["a = 1", source, "b = 2"], seconds=5.0)
    assert before.failure is after.failure is None
    assert ended.failure
    assert ended.failure.line == 0
    assert ended.failure.sentence.startswith(sentence)


@pytest.mark.parametrize("source", ["exit()", "input()", "import no_such_module"])
def test_a_cell_that_leaves_or_asks_fails(source: str) -> None:
    (outcome,) = cells.run_natively([source])
    assert outcome.failure
    assert outcome.failure.line == 1


def test_cells_run_again_only_when_they_changed(tmp_path: Path) -> None:
    asked: list[list[str]] = []
    outcomes = [cells.Outcome("some", cells.Failure(1, "no")), cells.Outcome("more")]

    def run(sources: Sequence[str]) -> list[cells.Outcome]:
        asked.append(list(sources))
        return outcomes

    remember = cells.runner(tmp_path, run)
    for sources in (["a"], ["a"], ["b"], ["a"]):
        assert remember(sources) == outcomes
    assert asked == [["a"], ["b"]]


def test_a_cell_that_was_too_slow_once_is_run_again(tmp_path: Path) -> None:
    asked: list[list[str]] = []

    def run(sources: Sequence[str]) -> list[cells.Outcome]:
        asked.append(list(sources))
        return [cells.Outcome(failure=cells.Failure(0, "it was still running"))]

    remember = cells.runner(tmp_path, run)
    remember(["a"])
    remember(["a"])
    assert asked == [["a"], ["a"]]


def test_a_cell_shows_its_title_and_its_code_word_for_word() -> None:
    page, problems = render('```python {.cell #once title="One <update>"}\n\nw = 1 < 2\n```', run=RUN)
    assert not problems
    assert '<gd-cell id="once" role="group" aria-label="One &lt;update&gt;"' in page
    assert words(page[page.index("<code>") : page.index("</code>")]) == "\nw = 1 < 2\n"
    assert "gd-cell-output" not in page


def test_a_cell_shows_what_it_gave_when_the_site_was_built() -> None:
    page, problems = render("```python {.cell}\nw = 4\n```\n\n```python {.cell}\nprint('<b>')\nw\n```", run=RUN)
    assert not problems
    assert re.findall(r'<pre class="gd-cell-output"[^>]*>(.*?)</pre>', page, re.DOTALL) == ["\n&lt;b&gt;\n4\n"]
