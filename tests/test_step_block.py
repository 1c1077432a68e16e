"""The block of a slow step: the loop that really trains, its stages marked, and the first round complete."""

import html
import inspect
import json
import re

import markdown
import pytest

from gd_core import training
from gd_core.settings import parse
from gd_core.step_session import StepSession
from scripts.blocks import makeExtension
from scripts.blocks.code import find_stages, staged
from scripts.blocks.step import stage_names
from tests.blocks import words

LOOP = inspect.getsource(training.descend)


def render(body: str = "") -> str:
    problems: list[object] = []
    page = markdown.markdown(f"```step\n{body}\n```", extensions=[makeExtension(problems=problems)])
    assert not problems
    return page


def said(page: str) -> dict[str, str]:
    """What the page says, by the names that the script will use."""
    return {name: words(text) for name, text in re.findall(r'data-words="(\w+)">(.*?)</', page)}


def test_the_loop_has_the_four_stages_each_with_its_statement() -> None:
    lines = LOOP.splitlines()

    stages = find_stages(LOOP)

    assert list(stages) == [1, 2, 3, 4]
    for number, (name, question) in enumerate(stage_names(), 1):
        comment, statement = (lines[line - 1].strip() for line in stages[number])
        assert comment == f"# {number}. {name}: {question}"
        assert f".{name.lower()}(" in statement


def test_a_statement_over_several_lines_belongs_to_its_stage_whole() -> None:
    assert find_stages("# 1. One\na = (\n    1\n)\n# a remark\nb = 2\n# 2. Two\nc = 3\n") == {
        1: range(1, 5),
        2: range(7, 9),
    }


def test_marking_the_stages_changes_no_letter_of_the_code() -> None:
    marked = staged(LOOP)

    assert words(marked) == LOOP
    assert [
        words(stage)
        for stage in re.findall(r'<span class="gd-code-stage" data-stage="\d">(?:.|\n)*?\n(?:.|\n)*?\n', marked)
    ] == [
        "".join(LOOP.splitlines(keepends=True)[lines.start - 1 : lines.stop - 1])
        for lines in find_stages(LOOP).values()
    ]


def test_the_page_shows_the_loop_word_for_word() -> None:
    code = re.search(r"<pre><span></span><span[^>]*><code[^>]*>(.*?)</code></span></pre>", render(), re.DOTALL)

    assert code
    assert words(code[1]) == LOOP


def test_the_first_round_is_in_the_page_as_python_would_tell_it() -> None:
    settings = parse({"dataset": "xor", "batch_size": 5, "learning_rate": 0.7})
    frame = StepSession(settings.as_dict()).open()

    page = render("dataset: xor\nbatch_size: 5\nlearning_rate: 0.7")

    shown = said(page)
    assert {"round", "forward", "loss", "loss_before", "meaning", "rank", "check", "formula", "after"} <= shown.keys()
    assert shown == {name: frame["words"][name] for name in shown}
    tables = re.findall(r'<table class="gd-step-table gd-step-points".*?</table>', page)
    assert len(tables) == 2
    for table in tables:
        assert [words(number) for number in re.findall(r'<tr><th scope="row">(.*?)</th>', table)] == list("12345")
        for row in frame["rows"]:
            assert row["loss" if "loss" in table[:80] else "probability"] in table


def test_a_batch_has_eight_points_unless_the_author_says_otherwise() -> None:
    assert "batch 1 of 32: 8 points" in said(render())["round"]
    assert "batch 1 of 8: 32 points" in said(render("batch_size: 32"))["round"]


def test_a_large_batch_shows_its_first_points_and_says_how_many_there_are() -> None:
    page = render("batch_size: 32")

    assert page.count('data-cell="probability"') == 8
    assert "And 24 more." in page


@pytest.mark.parametrize("loss", ["binary_crossentropy", "mean_squared_error"])
def test_the_columns_say_how_a_loss_comes_about(loss: str) -> None:
    heads = re.findall(r'<th scope="col">(.*?)</th>', render(f"loss: {loss}"))

    assert (
        heads[9]
        == {"binary_crossentropy": "Loss: −ln of that", "mean_squared_error": "Loss: what is missing, squared"}[loss]
    )


def test_the_script_finds_what_it_needs() -> None:
    page = render("title: Slowly\nhidden_layers: [3]")
    attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', page[: page.index(">")]))
    given = {
        name: json.loads(html.unescape(attributes[f"data-{name}"])) for name in ("settings", "layers", "rates", "first")
    }

    assert attributes["data-kind"] == "step"
    assert given["settings"]["batch_size"] == 8
    assert given["layers"] == [["inputs", 2], ["hidden", 3], ["output", 1]]
    assert given["rates"] == [0.0001, 100.0]
    assert given["first"]["words"] == StepSession(given["settings"]).open()["words"]
    weight = given["first"]["weight"]
    chosen = re.search(r'gd-net-chosen" [^>]*', page)
    assert chosen
    for name, value in (("layer", weight["layer"]), ("from", weight["source"]), ("to", weight["to"])):
        assert f'data-{name}="{value}"' in page[chosen.start() : chosen.start() + 200]


def test_every_stage_has_its_heading_and_every_id_stands_once() -> None:
    page = markdown.markdown("```step\n```\n\n```step\nseed: 2\n```", extensions=[makeExtension(problems=[])])
    ids = re.findall(r' id="([^"]+)"', page)

    assert len(ids) == len(set(ids))
    assert [words(head) for head in re.findall(r"<h4.*?</h4>", page)[:4]] == [
        f"{number}. {name}: {question}" for number, (name, question) in enumerate(stage_names(), 1)
    ]
