"""The authors' blocks, by Python-Markdown alone: each renders, and each mistake is found at the author's own line."""

import ast
import html
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import markdown
import pytest

from gd_core import settings, valley
from gd_core.rule import EXAMPLES, ORIGINAL
from scripts import cells, proofread
from scripts.blocks import KINDS, Problem, makeExtension, read_page
from scripts.blocks.code import find_excerpts
from scripts.blocks.fences import Code, Fence, Prose, split_fences
from scripts.blocks.inline import Formulas
from scripts.blocks.quiz import Quiz
from scripts.blocks.valley import dial_ends, grounds_around
from scripts.pages import Pages, find_anchors, split_front_matter
from scripts.recording import record_natively
from scripts.runtime import cache_folder

ROOT = Path(__file__).resolve().parent.parent

QUIZ = """\
```quiz
1. Which way does a step go?
   - [x] Down the slope
     > Against the gradient.
   - [ ] Up the slope
     > That would raise the loss.
```
"""


NESTING = ("admonition", "pymdownx.details", "pymdownx.tabbed", "pymdownx.superfences")


def render(text: str, *, extensions: tuple[Any, ...] = (), **options: Any) -> tuple[str, list[Problem]]:
    """Render a page by Python-Markdown with the blocks, and return its HTML and its mistakes."""
    problems: list[Problem] = []
    blocks = makeExtension(problems=problems, file="docs/page.md", **options)
    return markdown.markdown(text, extensions=[blocks, *extensions]), problems


RUN = cells.runner(cache_folder())
"""Runs code cells, each list of them once."""

PAGES = Pages(ROOT / "docs")


def mistakes(text: str, first_line: int = 1) -> list[str]:
    """Return every mistake of a page as a message, and make sure that rendering reports the very same ones."""
    looks: dict[str, Any] = {"run": RUN, "complaint": partial(PAGES.complaint, "page.md")}
    parts = read_page(text.splitlines(), first_line, "docs/page.md", **looks)
    found = [problem for part in parts for problem in part.problems]
    assert render(text, extensions=NESTING, first_line=first_line, **looks)[1] == found
    return [str(problem) for problem in found]


def words(fragment: str) -> str:
    """Return the text of some HTML."""
    return html.unescape(re.sub(r"<[^>]*>", "", fragment))


# --- every block renders --------------------------------------------------------------------------------------


BODIES = {
    "lab": "epochs: 5",
    "network": "epochs: 5\nhidden_layers: [2]",
    "rule": "epochs: 5",
    "compare": "epochs: 5\nvariants:\n  Momentum: {optimizer: momentum}",
    "missions": "break-it:\n  title: Break it\n  text: Raise the rate.\n  goal: break",
    "score": "",
    "progress": "index.md",
    "rates": "epochs: 5\nlearning_rates: [0.001, 0.1]",
    "quiz": QUIZ.split("\n", 1)[1].rsplit("```", 1)[0].rstrip("\n"),
    "source": "gd_core.training:descend",
    "keras": "",
    "curve": "epochs: 5",
    "sweep": "epochs: 5\npoints: 20",
    "cell": "print(1 < 2)",
    "graph": "graph: shared",
    "gradients": "hidden_layers: [4]",
    "vanishing": "depth: 3",
    "settings": "lab",
    "step": "hidden_layers: [3]",
    "valley": "curvatures: [0.05, 2]",
}
"""The body of a block of every kind."""


def fenced(kind: str) -> str:
    """Write a block of a kind."""
    return f"```{'python {.cell}' if kind == 'cell' else kind}\n{BODIES[kind]}\n```"


def test_every_kind_of_block_renders_by_python_markdown_alone() -> None:
    assert BODIES.keys() == KINDS.keys()
    marks = {
        "lab": "<gd-lab",
        "network": 'data-kind="network"',
        "rule": 'data-kind="rule"',
        "compare": 'data-baseline="',
        "missions": "<gd-missions",
        "score": "<gd-score",
        "progress": "<gd-progress",
        "rates": '<figure class="gd-rates"',
        "quiz": "<gd-quiz",
        "source": "def</span>",
        "keras": "data-gd-rate",
        "curve": '<figure class="gd-judge"',
        "sweep": '<figure class="gd-sweep"',
        "graph": 'data-kind="graph"',
        "gradients": 'data-kind="gradients"',
        "vanishing": 'data-kind="vanishing"',
        "cell": '<gd-cell id="cell-1"',
        "settings": "<code>presets</code>",
        "step": 'data-kind="step"',
        "valley": "<ellipse",
    }
    for kind in BODIES:
        page, problems = render(f"Before.\n\n{fenced(kind)}\n\nAfter.")
        assert not problems
        assert marks[kind] in page
        assert page.startswith("<p>Before.</p>")
        assert page.endswith("<p>After.</p>")
        assert "\x02" not in page


class Marked(dict[str, str]):
    """A language that puts brackets around every message, whichever it is."""

    def get(self, message: str, default: object = None) -> str:  # noqa: ARG002
        return f"⟦{message}⟧"


MARKED = {"decimal": ",", "group": "'", "grouped_from": 4, "messages": Marked()}

IN_NO_LANGUAGE = {"tanh", "Keras", "gradient_descent_in_keras.py", "gd_core/training.py"}


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"settings"}))  # the table of settings is for authors
def test_all_that_a_block_tells_is_in_the_language_of_the_page(kind: str) -> None:
    page, problems = render(fenced(kind), language=MARKED)
    assert not problems
    labels = re.findall(r'(?:aria-label|title|data-score)="([^"]*)"', page)
    without_code = re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL)
    text = " ".join([words(re.sub("(?=<)", " ", without_code)), *map(html.unescape, labels)])
    assert not re.search(r"\d\.\d", text)
    while text != (text := re.sub("⟦[^⟦⟧]*⟧", "", text)):
        pass
    left = set(re.findall(r"[\w./]*[A-Za-z]{2}[\w./]*", text)) - IN_NO_LANGUAGE
    assert left <= set(re.findall(r"[\w./]+", BODIES[kind]))


def test_mistakes_are_told_to_authors_in_english_in_every_language() -> None:
    _, problems = render("```lab\nlearning_rate: -1\n```", language=MARKED)
    assert [problem.sentence for problem in problems] == ["learning_rate must be a number from 0.0001 to 100, got -1"]


def test_a_lab_carries_every_setting_and_the_way_to_the_runtime() -> None:
    page, _ = render(
        "```lab\ntitle: Break <it>\nlearning_rate: 1e-2\nepochs: 5\n```", root="../../", runtime="assets/runtime/abc/"
    )
    attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', page[: page.index(">")]))
    given = json.loads(html.unescape(attributes["data-settings"]))
    assert given == settings.parse({"learning_rate": 0.01, "epochs": 5}).as_dict()
    assert attributes["data-runtime"] == "../../assets/runtime/abc/"
    assert attributes["data-state"] == "recorded"
    assert attributes["role"] == "region"
    title = f'<h3 class="gd-lab-title" id="{attributes["aria-labelledby"]}">Break &lt;it&gt;</h3>'
    assert title in page


def test_a_rule_block_holds_the_original_the_examples_and_the_plain_run() -> None:
    page, problems = render("```rule\ntitle: Yours\nepochs: 5\n```")
    assert not problems
    attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', page[: page.index(">")]))
    examples = json.loads(html.unescape(attributes["data-examples"]))
    assert examples == [list(example) for example in EXAMPLES.items()]
    assert json.loads(html.unescape(attributes["data-baseline"]))["name"] == "Plain descent"
    assert json.loads(html.unescape(attributes["data-settings"]))["optimizer"] == "sgd"
    listing = page[page.index('<div class="gd-rule-listing">') : page.index("</code>")]
    assert words(listing[listing.index("<code>") :]) == ORIGINAL
    assert "gd-recorded" in page


def test_a_labs_menus_offer_everything_that_gd_core_has() -> None:
    page, _ = render("```lab\nepochs: 5\n```")
    (attribute,) = re.findall(r'data-choices="([^"]*)"', page)
    choices = json.loads(html.unescape(attribute))
    assert [name for name, _ in choices["dataset"]] == list(settings.SETTINGS["dataset"].choices)
    assert [name for name, _ in choices["activation"]] == list(settings.SETTINGS["activation"].choices)
    assert {label: tuple(layers) for layers, label in choices["hidden_layers"]} == settings.NETWORKS
    assert tuple(choices["learning_rate"]) == settings.LEARNING_RATES


def attribute(page: str, name: str) -> Any:
    """Return what an element carries for the page's script."""
    (text,) = re.findall(rf'data-{name}="([^"]*)"', page)
    return json.loads(html.unescape(text))


def test_a_labs_menu_offers_its_own_network_and_those_of_its_presets() -> None:
    page, _ = render("```lab\nepochs: 5\nhidden_layers: [3, 2]\npresets:\n  Flat: {hidden_layers: [5]}\n```")
    offered = attribute(page, "choices")["hidden_layers"]
    assert [[3, 2], "2-3-2-1"] in offered
    assert [[5], "2-5-1"] in offered
    assert len(offered) == len(settings.NETWORKS) + 2


def test_a_comparison_carries_its_plain_run_and_variants_that_differ_in_nothing_else() -> None:
    page, problems = render(
        "```compare\nepochs: 5\nlearning_rate: 0.2\nvariants:\n"
        "  Momentum: {optimizer: momentum}\n  Cosine: {schedule: cosine, learning_rate: 2}\n```"
    )
    assert not problems
    baseline = attribute(page, "baseline")
    assert (baseline["name"], len(baseline["losses"]), baseline["verdict"]["epoch"] > 0) == ("Plain descent", 5, True)
    assert attribute(page, "presets") == [
        ["Momentum", {"optimizer": "momentum", "learning_rate": 0.2, "schedule": "constant"}],
        ["Cosine", {"optimizer": "sgd", "learning_rate": 2.0, "schedule": "cosine"}],
    ]
    assert attribute(page, "choices")["menus"] == ["optimizer", "schedule"]


def test_missions_carry_their_goals_and_what_these_take_with_defaults() -> None:
    page, problems = render(
        "```missions\nlow:\n  title: Low\n  text: Below $0.2$, *soon*.\n  goal: learn\n  below: 0.2\n```",
        extensions=("md_in_html",),
    )
    assert not problems
    (given,) = re.findall(r"data-mission='([^']*)'|data-mission=\"([^\"]*)\"", page)
    assert json.loads(html.unescape("".join(given))) == {"goal": "learn", "below": 0.2, "epochs": 200}
    assert "<em>soon</em>" in page
    assert "<math" in page
    assert 'data-score="Missions"' in page
    assert 'id="low"' in page


def test_a_labs_presets_travel_in_their_order_with_checked_values() -> None:
    page, problems = render(
        "```lab\nepochs: 5\npresets:\n  Too small: {learning_rate: 1e-4}\n  Wide: {hidden_layers: [16], epochs: 7}\n```"
    )
    assert not problems
    (attribute,) = re.findall(r'data-presets="([^"]*)"', page)
    presets = json.loads(html.unescape(attribute))
    assert presets == [["Too small", {"learning_rate": 0.0001}], ["Wide", {"hidden_layers": [16], "epochs": 7}]]


def test_a_lab_may_be_empty() -> None:
    page, problems = render("```lab\n```", record=lambda runs: record_natively([replace(runs[0], epochs=5)]))
    assert not problems
    assert 'data-presets="[]"' in page
    assert ">Training lab</h3>" in page


def test_a_curve_to_be_judged_tells_neither_settings_nor_verdict() -> None:
    page, problems = render("```curve\ntitle: Run A\nlearning_rate: 100\nepochs: 20\n```")
    assert not problems
    shown = words(page)
    assert "Run A" in shown
    assert re.search(r"The loss is [\d.]+ in epoch 1, .* Its highest value is [\d.]+, its lowest [\d.]+\.", shown)
    for secret in ("100", "diverged", "stopped", "Verdict", "learning rate"):
        assert secret not in shown


def test_the_table_of_settings_is_made_from_those_that_check_them() -> None:
    page, _ = render("```settings\n```")
    rows = [[words(cell) for cell in re.findall(r"<td>(.*?)</td>", row)] for row in re.findall(r"<tr>(.*?)</tr>", page)]
    assert [row[0] for row in rows[1:]] == list(settings.SETTINGS)
    assert ["learning_rate", "the size of the steps", "a number from 0.0001 to 100", "0.1"] in rows
    assert rows[5][3] == "[8, 8]"


def test_the_runs_of_a_page_are_recorded_at_once_and_each_only_once() -> None:
    asked: list[list[settings.Settings]] = []

    def record(runs: list[settings.Settings]) -> list[Any]:
        asked.append(runs)
        return record_natively(runs)

    lab = "```lab\nepochs: 5\nlearning_rate: 0.1\n```\n"
    render(f"{lab}\n{lab}\n```rates\nepochs: 5\nlearning_rates: [0.1, 0.2]\n```", record=record)
    assert [[run.learning_rate for run in runs] for runs in asked] == [[0.1, 0.2]]


def test_a_recorded_run_is_a_picture_with_a_name_a_description_and_its_numbers_in_words() -> None:
    page, _ = render("```lab\nepochs: 20\n```")
    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(pictures) == 2
    for picture in pictures:
        label = re.search(
            r'role="img" data-search-exclude aria-labelledby="([^"]+)" aria-describedby="([^"]+)"', picture
        )
        assert label
        assert f'<title id="{label[1]}">' in picture
        assert f'<desc id="{label[2]}">' in picture
    assert "20 epochs at learning rate 0.1" in words(page)
    assert "need JavaScript" in page[page.index("<noscript") : page.index("</noscript>")]


def test_a_run_that_blows_up_has_a_picture_that_says_where_it_stopped() -> None:
    page, problems = render("```rates\nactivation: relu\nlearning_rates: [0.1, 100]\n```")
    assert not problems
    assert "stopped at epoch" in page
    assert "nan" not in re.sub(r"<[dt]e?[^>]*>[^<]*</", "", page)
    assert "inf" not in " ".join(re.findall(r' d="([^"]*)"', page))


def test_a_valley_is_a_picture_of_its_walk_with_the_reason_in_words() -> None:
    page, problems = render("```valley\ntitle: Down\nlearning_rate: 1.1\nsteps: 5\n```")
    assert not problems
    assert 'data-kind="valley"' in page
    assert "5 steps are shown. It climbs out: 1.1 is above 2/λ = 1" in words(page)
    settings = json.loads(html.unescape(re.findall(r'data-settings="([^"]*)"', page)[0]))
    assert settings == {
        "curvatures": [2.0],
        "start": [4.0],
        "learning_rate": 1.1,
        "optimizer": "sgd",
        "momentum": 0.7,
        "steps": 5,
    }
    choices = json.loads(html.unescape(re.findall(r'data-choices="([^"]*)"', page)[0]))
    assert [[2.0], "λ = 2"] in choices["curvatures"]
    assert choices["learning_rate"] == [0.01, 5.0]
    without = page[page.index("<noscript") : page.index("</noscript>")]
    assert [rate for rate in ("0.1", "0.9", "1.1") if f"Learning rate {rate}<" in without] == ["0.1", "0.9", "1.1"]
    assert "It glides" in words(without)
    assert "It bounces" in words(without)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_a_valley_of_two_weights_shows_lines_of_equal_loss_and_stays_with_numbers_in_view() -> None:
    page, problems = render("```valley\ncurvatures: [0.05, 2]\nlearning_rate: 1.9\nsteps: 2000\n```")
    assert not problems
    assert page.count("<ellipse") == 16
    assert "it is beyond all numbers" in words(page)
    assert "nan" not in page
    assert "inf" not in page.replace("infin", "")
    assert all(abs(float(number)) <= 1e5 for number in re.findall(r"[ML](-?[\d.]+)", page))


@pytest.mark.parametrize("curvatures", [(2.0,), (0.05,), (100.0,), (0.05, 2.0), (2.0, 0.05), (2.0, 2.0), (0.05, 100.0)])
def test_a_valleys_menus_offer_what_its_own_settings_allow(curvatures: tuple[float, ...]) -> None:
    grounds = grounds_around(curvatures)
    assert list(curvatures) in [ground for ground, _ in grounds]
    assert len({name for _, name in grounds}) == len(grounds) > 1
    low, high = dial_ends([ground for ground, _ in grounds], 0.1)
    assert low <= 0.1 <= high
    for ground, _ in grounds:
        checked = valley.parse({"curvatures": ground, "learning_rate": low})
        limit = valley.limit_of("sgd", max(checked.curvatures), 0.0)
        assert low < limit
        assert limit < high


def test_a_source_block_shows_the_function_word_for_word() -> None:
    page, _ = render("```source\ngd_core.training:descend\n```")
    shown = words(page[page.index("<code>") : page.index("</code>")])
    assert shown.startswith("def descend(")
    assert shown in (ROOT / "gd_core" / "training.py").read_text(encoding="utf-8")


def test_a_source_block_dedents_a_method_and_keeps_its_decorators() -> None:
    page, _ = render("```source\ngd_core.session:Session.finished\n```")
    assert words(page[page.index("<code>") : page.index("</code>")]).startswith("@property\ndef finished(self)")


def test_a_marked_region_has_a_name_like_a_function() -> None:
    text = "def f():\n    # --- no name ---\n    b = 2\n    # ---\n    # --- step ---\n    c = 3\n    # ---\n"
    assert dict(find_excerpts(text)) == {"f": (1, 6), "step": (6, 6)}


def test_a_keras_listing_marks_the_rate_and_nothing_else() -> None:
    page, _ = render("```keras\nlearning_rate: 0.25\n```")
    assert re.findall(r"<span[^>]*data-gd-rate>([^<]*)</span>", page) == [
        "0.25",
        "0.25",
    ]  # in the short form and in the whole script
    assert "SGD(learning_rate=0.25)" in words(page)


def test_a_number_is_asked_for_without_showing_it_before_the_solution() -> None:
    page, problems = render(NUMBER_QUIZ)
    assert not problems
    assert 'data-choose="number"' in page
    before, solution = page.split("<details")
    assert "0.3" not in before
    assert 'data-number="0.3" data-right="true" data-tolerance="0.01"' in solution.replace("'", '"')
    assert 'data-number="0.7" data-right="false" data-tolerance="0.0"' in solution
    assert "Right: 0.3 ± 0.01" in words(solution)


@pytest.mark.parametrize(
    ("written", "number", "tolerance"),
    [
        ("−4.8", -4.8, 0.0),
        ("2e-3 ± 1e-4", 0.002, 0.0001),
        ("5 +- 1", 5.0, 1.0),
        ("5 +/- .5", 5.0, 0.5),
        ("20", 20.0, 0.0),
    ],
)
def test_numbers_are_written_as_people_write_them(written: str, number: float, tolerance: float) -> None:
    page, problems = render(NUMBER_QUIZ.replace("0.3 ± 0.01", written))
    assert not problems
    assert f'data-number="{number!r}"' in page
    assert f'data-tolerance="{tolerance!r}"' in page


def test_a_question_shows_a_curve_between_its_text_and_its_answers() -> None:
    page, problems = render(CURVE_QUIZ)
    assert not problems
    marks = ["<legend>", 'class="gd-judge"', "<svg", "</figure>", 'class="gd-quiz-answers"', "<details"]
    assert [page.index(mark) for mark in marks] == sorted(page.index(mark) for mark in marks)
    assert page.count("<svg") == 1


def test_a_quizs_best_score_is_kept_by_its_questions_whatever_their_order() -> None:
    one, two = "1. A?\n   - [=] 1\n     > B", "2. C?\n   - [=] 2\n     > D"
    keys = [
        re.findall(r'data-quiz="page#([^"]+)"', render(f"```quiz\n{body}\n```")[0])
        for body in (f"{one}\n{two}", f"{two}\n{one}", one)
    ]
    assert keys[0] == keys[1] != keys[2]


def test_one_right_answer_asks_for_one_and_two_ask_for_several() -> None:
    page, _ = render(QUIZ)
    assert 'data-choose="one"' in page
    page, _ = render(QUIZ.replace("- [ ]", "- [x]"))
    assert 'data-choose="several"' in page
    assert "More than one answer is right" in page


def test_a_quiz_reads_well_without_javascript() -> None:
    page, _ = render(QUIZ)
    solution = words(page[page.index("<details") : page.index("</details>")])
    assert "Right: Down the slope" in solution
    assert "Not right: Up the slope" in solution
    assert "That would raise the loss." in solution


def test_markdown_links_and_formulas_work_inside_a_quiz() -> None:
    text = QUIZ.replace("Down the slope", "Down, by $\\eta$ times **the slope**").replace("Against", "[Against](x.md)")
    page, problems = render(text)
    assert not problems
    assert page.count("<strong>the slope</strong>") == 2
    assert page.count("<mi>η</mi>") == 2
    assert '<a href="x.md">Against</a>' in page


def test_what_a_reader_chose_is_kept_by_name_or_text_never_by_position() -> None:
    other = "1. Another?\n   - [x] Yes\n     > Why.\n   - [ ] No\n     > Why not."
    before, _ = render(QUIZ)
    after, _ = render(QUIZ.replace("```quiz", f"```quiz\n{other}"))
    keys = re.findall(r'data-question="([^"]+)"', before)
    assert keys == re.findall(r'data-question="([^"]+)"', after)[1:]
    named, _ = render(QUIZ.replace("go?", "go? {#direction}"))
    edited, _ = render(QUIZ.replace("does a step go?", "should a step\n   go? {#direction}"))
    assert re.findall(r'data-question="([^"]+)"', named) == ["page#direction"]
    assert re.findall(r'data-question="([^"]+)"', edited) == ["page#direction"]
    assert "{#" not in edited


@pytest.mark.parametrize(
    ("name", "wrap"),
    [
        ("admonition", lambda block: '!!! note "Try"\n\n' + indent(block)),
        ("list", lambda block: "1. First:\n\n" + indent(block)),
        ("details", lambda block: '??? note "More"\n\n' + indent(block)),
        ("tab", lambda block: '=== "One"\n\n' + indent(block)),
        ("quotation", lambda block: "> Look:\n>\n" + quote(block)),
    ],
)
@pytest.mark.parametrize("block", [QUIZ, "```lab\nepochs: 5\n```\n", "```source\ngd_core.training:descend\n```\n"])
def test_blocks_work_where_authors_nest_them(name: str, wrap: Any, block: str) -> None:
    page, problems = render(wrap(block) + "\nAfter.\n", extensions=NESTING)
    assert not problems
    outside = {"list": "</ol>", "details": "</details>", "quotation": "</blockquote>"}.get(name, "</div>")
    inner = re.search(r"<gd-quiz|<gd-lab|<div class=\"language-python", page)
    assert inner
    assert inner.start() < page.rindex(outside)
    assert not page.startswith("<gd-")
    assert "```" not in page


def indent(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True))


def quote(text: str) -> str:
    return "".join(f"> {line}" if line.strip() else f">{line}" for line in text.splitlines(keepends=True))


# --- examples stay examples -----------------------------------------------------------------------------------


def test_a_block_shown_inside_a_longer_fence_stays_an_example() -> None:
    text = f"````markdown\n{QUIZ}\n```lab\nwrong: $\\frac$\n```\n````\n\nText.\n"
    pieces = list(split_fences(text.splitlines(), KINDS))
    assert [type(piece) for piece in pieces] == [Code, Prose]
    page, problems = render(text, extensions=("pymdownx.superfences",))
    assert not problems
    assert "<gd-quiz" not in page
    assert "```quiz" in words(page)


def test_a_block_inside_a_fence_of_tildes_stays_an_example() -> None:
    page, problems = render(f"~~~\n{QUIZ}~~~\n", extensions=("pymdownx.superfences",))
    assert not problems
    assert "<gd-quiz" not in page


def test_ordinary_fences_pass_unread() -> None:
    text = "```python\nprint('$x$')\n```\n"
    page, problems = render(text, extensions=("pymdownx.superfences",))
    assert not problems
    assert "print('$x$')" in words(page)


def test_splitting_loses_no_line() -> None:
    text = f"One\n\n```python\n1\n```\n{QUIZ}\n```\nunclosed, so it is prose\n"
    lines = text.splitlines()
    pieces = list(split_fences(lines, KINDS))
    back: list[str] = []
    for piece in pieces:
        back += [f"```{piece.kind}", *piece.body, "```"] if isinstance(piece, Fence) else piece.lines
    assert back == lines


# --- formulas -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("The rate $\\eta$ and $w_1$.", ["<mi>η</mi>", "<mi>w</mi>"]),
        ("$a < b$ and $c > d$", ["<mo>&lt;</mo>", "<mo>&gt;</mo>"]),
        ("broken\nover $a\n+ b$ lines", ["<mo>+</mo>"]),
        ("$$\na\n=\nb\n$$", ['display="block"']),
        ("It costs $5 and $6.", []),
        ("It costs \\$5, or \\$x\\$.", []),
        ("In code: `$x$` and ``a ` $y$``.", []),
        ("A dollar $ alone.", []),
        ("<!-- $x$ -->", []),
        ("One $a\n\nb$ two.", []),
    ],
)
def test_formulas_are_found_and_other_dollars_stay(text: str, formulas: list[str]) -> None:
    stashed: list[str] = []
    rest = Formulas().replace(text, lambda mathml: stashed.append(mathml) or f"[{len(stashed)}]")  # type: ignore[func-returns-value]
    assert len(stashed) == len(formulas)
    for mathml, expected in zip(stashed, formulas, strict=True):
        assert expected in mathml
    if not formulas:
        assert rest == text


def test_an_escaped_dollar_is_shown_as_a_dollar() -> None:
    assert render("It costs \\$5.")[0] == "<p>It costs $5.</p>"


def test_a_formula_with_a_less_than_sign_is_not_taken_for_html() -> None:
    page, _ = render("If $a<b$, then $$x<y$$ as well.", extensions=("md_in_html",))
    assert page.count("<mo>&lt;</mo>") == 2


def test_a_display_formula_in_a_list_stays_in_its_item() -> None:
    page, _ = render("- Item:\n\n    $$\n    a = b\n    $$\n\n    More.")
    assert page.index("<li>") < page.index("<math") < page.index("More.") < page.index("</li>")


@pytest.mark.parametrize(
    ("latex", "parts"),
    [
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", ["<mtable", "<mi>b</mi>", "<mi>c</mi>"]),
        (r"f(x) = \begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}", ["<mo>{</mo>", "otherwise"]),
        (r"\begin{equation} a = b \label{eq:a} \end{equation}", ["<mtext>(1)</mtext>", 'id="eq:a"']),
        (r"1.5 \times 10^{-3}", ["<mn>1.5</mn>", "×", "<msup><mn>10</mn>"]),
        (r"\boldsymbol{w} \leftarrow \boldsymbol{w} - \eta \nabla L", ["<mi>𝒘</mi>", '<mo stretchy="false">←</mo>']),
    ],
    ids=["aligned", "cases", "equation", "numbers", "vectors"],
)
def test_formulas_that_lessons_need_are_set(latex: str, parts: list[str]) -> None:
    for text in (f"$${latex}$$", f"$$\n{latex}\n$$", quote(f"$$\n{latex}\n$$")):
        page, problems = render(text)
        assert not problems
        assert all(part in page for part in parts), page
        assert "&gt;&lt;" not in page


def test_equations_of_a_page_count_on_and_are_referred_to() -> None:
    text = "$$\\begin{equation} a \\label{one} \\end{equation}$$\n\nText\n\n$$\\begin{equation} b \\end{equation}$$\n\n"
    page, problems = render(text + "See $\\eqref{one}$.")
    assert not problems
    assert re.findall(r"<mtext>\((\d)\)", page) == ["1", "2"]
    assert 'See <a href="#one">(1)</a>.' in page


def test_a_formula_in_a_quotation_is_free_of_its_marks() -> None:
    page, problems = render("> $$\n> a\n> = b\n> $$\n")
    assert not problems
    assert "&gt;" not in page
    assert page.startswith("<blockquote>")


# --- mistakes -------------------------------------------------------------------------------------------------

NUMBER_QUIZ = """\
```quiz
1. Half of 0.6?
   - [=] 0.3 ± 0.01
     > Right.
   - [ ] 0.7
     > No.
```
"""
CURVE_QUIZ = """\
````quiz
1. Which way?
   ```curve
   epochs: 5
   ```
   - [x] Down
     > So it is.
   - [ ] Up
     > It is not.
````
"""
PRESETS = "```lab\npresets:\n  Small: {learning_rate: 0.001}\n  Big: {learning_rate: 100}\n```"

MISTAKES = {
    "misspelt kind": ("Text.\n\n```quizz\n1. A?\n```", 3, "unknown block 'quizz'; choose one of"),
    "not closed": ("Text.\n\n```lab\nepochs: 5\n", 3, "this lab block is not closed"),
    "not closed before the next": ("```lab\nepochs: 5\n\n```keras\n```", 1, "this lab block is not closed"),
    "bad YAML": ("```lab\nepochs: 5\nnoise: [1\n```", 3, "this is not valid YAML"),
    "a tab in YAML": ("```lab\nepochs:\n\t- 5: {\n```", 3, "this is not valid YAML"),
    "no mapping": ("```lab\n- epochs\n```", 2, 'must be lines "setting: value"'),
    "unknown setting": ("```lab\nepochs: 5\nlearnin_rate: 0.1\n```", 3, "did you mean learning_rate?"),
    "misspelt title": ("```lab\ntitel: Try\n```", 2, "did you mean title?"),
    "wrong type": ("```lab\nepochs: many\n```", 2, "epochs must be a whole number from 1 to 10,000, got 'many'"),
    "out of range": ("```lab\n\nlearning_rate: 1e9\n```", 3, "learning_rate must be a number from 0.0001 to 100"),
    "unknown choice": ("```lab\ndataset: cirlce\n```", 2, "unknown dataset 'cirlce', did you mean 'circle'"),
    "set twice": ("```lab\nepochs: 5\nnoise: 0\nepochs: 6\n```", 4, "epochs is set twice, first in line 2"),
    "empty title": ("```lab\ntitle:\n```", 2, "title must be a text that is not empty, got None"),
    "no rates": ("```rates\nepochs: 5\n```", 1, "needs learning_rates, a list of two to four numbers"),
    "one rate": ("```rates\nlearning_rates: [1]\n```", 2, "must be a list of two to four numbers, got [1]"),
    "a rate off the dial": ("```rates\nepochs: 5\nlearning_rates: [1, 0]\n```", 3, "learning_rate must be a number"),
    "keras setting": ("```keras\ntitle: No\n```", 2, "unknown setting 'title'"),
    "source without name": ("```source\ngd_core.training\n```", 2, 'one line "module:function"'),
    "source of two": ("```source\na:b\nc:d\n```", 2, "got 2 lines"),
    "empty source": ("```source\n```", 1, "got nothing"),
    "unknown module": ("```source\ngd_core.trainin:descend\n```", 2, "did you mean gd_core.training?"),
    "unknown function": ("```source\n\ngd_core.training:decend\n```", 3, "did you mean descend?"),
    "empty quiz": ("```quiz\n```", 1, "a quiz needs at least one question"),
    "no right answer": (QUIZ.replace("[x]", "[ ]"), 2, 'no answer is marked [x]; mark the right one(s) with "- [x]"'),
    "one answer": ("```quiz\n1. A?\n   - [x] B\n     > C\n```", 2, "a question needs at least two answers, got 1"),
    "no answers": ("```quiz\n\n1. A?\n```", 3, "a question needs at least two answers, got 0"),
    "same answer twice": (QUIZ.replace("Up the", "Down the"), 5, "this answer stands in line 3 already"),
    "no explanation": (QUIZ.replace("     > Against the gradient.\n", ""), 3, "this answer has no explanation"),
    "unknown mark": (QUIZ.replace("[ ]", "[y]"), 5, "unknown mark [y]; write [x]"),
    "answer without mark": (QUIZ.replace("- [ ] Up", "- Up"), 5, "this answer has no mark"),
    "no such date": ("```lab\nepochs: 2026-13-45\n```", 2, "this is not valid YAML"),
    "no such date further down": (
        "```lab\nepochs: 5\nseed: 2026-13-45\n```",
        3,
        "'2026-13-45' cannot be read as timestamp",
    ),
    "a tag that does not fit": ("```lab\nepochs: 5\nseed: !!int x\n```", 3, "'x' cannot be read as int"),
    "a control character": ("```lab\nepochs: 5\n\nseed: \x07\n```", 4, "this is not valid YAML: special characters"),
    "nested too deeply": (f"```lab\nepochs: 5\nseed: {'[' * 900}\n```", 3, "it is nested too deeply"),
    "an entry inside itself": (
        "```lab\nepochs: 5\npresets: &a {b: *a}\n```",
        3,
        "found unconstructable recursive node",
    ),
    "a number beyond all": (
        f"```lab\n\nepochs: 0x{'f' * 5000}\n```",
        3,
        "got something of type int that cannot be written out",
    ),
    "a number of 400 digits": (f"```lab\nepochs: {'9' * 400}\n```", 2, "epochs must be a whole number"),
    "answer without text": (QUIZ.replace("Up the slope", ""), 5, "this answer has no text"),
    "question without text": (QUIZ.replace("Which way does a step go?", "{#a}"), 2, "this question has no text"),
    "answer first": ("```quiz\n- [x] B\n```", 2, "this answer belongs to no question"),
    "explanation first": ("```quiz\n1. A?\n   > C\n```", 3, "this explanation belongs to no answer"),
    "stray line": (QUIZ.replace("1. Which", "Which"), 2, "a quiz holds"),
    "same question twice": (f"{QUIZ}\n{QUIZ}", 10, "this question stands in line 2 already"),
    "two names": (
        QUIZ.replace("go?", "go? {#a}").replace("```\n", "1. B? {#a}\n   - [=] 1\n     > C\n```"),
        7,
        "the id 'a'",
    ),
    "heading's id": (f"# A {{#a}}\n\n{QUIZ.replace('go?', 'go? {#a}')}", 4, "the id 'a' stands in line 1 already"),
    "number without text": (NUMBER_QUIZ.replace(" 0.3 ± 0.01", ""), 3, "this answer has no text"),
    "no number": (NUMBER_QUIZ.replace("0.3", "a third"), 3, "a number is written like"),
    "bad tolerance": (NUMBER_QUIZ.replace("± 0.01", "± -1"), 3, "a number is written like"),
    "number without explanation": (NUMBER_QUIZ.replace("     > Right.\n", ""), 3, "this answer has no explanation"),
    "mistake within tolerance": (NUMBER_QUIZ.replace("0.7", "0.305"), 5, "this answer stands in line 3 already"),
    "two numbers": (NUMBER_QUIZ.replace("[ ]", "[=]"), 5, "a question asks for one number"),
    "number and choice": (NUMBER_QUIZ.replace("[ ]", "[x]"), 5, "this question asks for a number"),
    "fence in a quiz": (
        QUIZ.replace("   - [x]", "   ```\n   x\n   ```\n   - [x]"),
        3,
        "a quiz holds no fences but curve",
    ),
    "curve before questions": ("```quiz\n   ```curve\n   ```\n1. A?\n```", 2, "stands below a question's text"),
    "curve in a quiz": (CURVE_QUIZ.replace("epochs: 5", "epochs: 0"), 4, "epochs must be a whole number"),
    "curve in a quiz not closed": (CURVE_QUIZ.replace("   ```\n", ""), 3, "this curve block is not closed"),
    "curve setting": ("```curve\nepochs: 5\nverdict: no\n```", 3, "unknown setting 'verdict'"),
    "options": ("Text\n\n```lab {#here}\n```", 3, 'a lab block begins with "```lab" and no more'),
    "misspelt class": ("```python {.cel}\n1\n```", 1, "unknown block 'cel'; choose one of"),
    "capital letter": ("\n```Quiz\n```", 2, "did you mean quiz?"),
    "predict as a word": ("```lab\npredict: perhaps\n```", 2, "predict must be yes or no, got 'perhaps'"),
    "no variants": ("```compare\nepochs: 5\n```", 1, "a compare block needs variants"),
    "a variant of other data": (
        "```compare\nvariants:\n  Moons: {dataset: moons}\n```",
        3,
        "a variant may differ in optimizer, learning_rate, schedule, got dataset",
    ),
    "no missions": ("```missions\n```", 1, "a missions block needs at least one mission"),
    "a mission as a word": ("```missions\nlearn: soon\n```", 2, "a mission is written"),
    "a mission without a goal": ("```missions\na:\n  title: A\n  text: B\n```", 2, "needs a goal"),
    "an unknown goal": (
        "```missions\na:\n  title: A\n  text: B\n  goal: brake\n```",
        5,
        "unknown goal 'brake'; choose one of learn, crawl, break, rescue, edge; did you mean break?",
    ),
    "a goal out of range": (
        "```missions\na:\n  title: A\n  text: B\n  goal: learn\n  below: 7\n```",
        6,
        "below must be a number from 1e-06 to 1, got 7",
    ),
    "a goal that takes nothing": (
        "```missions\na:\n  title: A\n  text: B\n  goal: crawl\n  below: 0.1\n```",
        6,
        "unknown part of the mission 'a' 'below'; choose one of title, text, goal",
    ),
    "a mission with a bad formula": (
        "```missions\na:\n  title: A\n  text: $\\etta$\n  goal: crawl\n```",
        4,
        "unknown command",
    ),
    "a score with words": ("```score\nplease\n```", 2, "a score block is empty, got 'please'"),
    "progress of nothing": ("```progress\n```", 1, "a progress block holds one line"),
    "progress of no page": ("```progress\nmodule 4\n```", 2, "a progress block holds one line"),
    "presets as a list": ("```lab\npresets: [1]\n```", 2, "presets must be lines"),
    "no presets": ("```lab\npresets: {}\n```", 2, "presets must be lines"),
    "preset of nothing": ("```lab\npresets:\n  A: {}\n```", 3, "each of the presets must be written"),
    "preset of a number": ("```lab\npresets:\n  A: 3\n```", 3, "each of the presets must be written"),
    "preset out of range": (PRESETS.replace("100", "1000"), 4, "learning_rate must be a number from 0.0001 to 100"),
    "preset unknown setting": (PRESETS.replace("Big: {learning", "Big: {learnin"), 4, "did you mean learning_rate?"),
    "preset twice": (PRESETS.replace("Big", "Small"), 4, "Small is set twice, first in line 3"),
    "setting twice in a preset": (PRESETS.replace("100}", "100, learning_rate: 1}"), 4, "learning_rate is set twice"),
    "two presets alike": (PRESETS.replace("100", "0.001"), 4, "'Big' sets what 'Small' sets"),
    "step with another optimizer": (
        "```step\nepochs: 5\noptimizer: adam\n```",
        3,
        "optimizer must be sgd in a step block, where the arithmetic shows, got adam",
    ),
    "step with a schedule": ("```step\nschedule: cosine\n```", 2, "schedule must be constant in a step block"),
    "step with a wide network": (
        "```step\nhidden_layers: [4, 17]\n```",
        2,
        "hidden_layers must be at most 4 layers of at most 16 units, which is what a diagram can show, got [4, 17]",
    ),
    "step with a deep network": ("```step\n\nhidden_layers: [2, 2, 2, 2, 2]\n```", 3, "at most 4 layers"),
    "step setting": ("```step\nbatchsize: 8\n```", 2, "did you mean batch_size?"),
    "step out of range": ("```step\nbatch_size: 0\n```", 2, "batch_size must be a whole number from 1"),
    "step without title": ("```step\ntitle: ''\n```", 2, "title must be a text that is not empty"),
    "valley setting": ("```valley\ncurvature: [2]\n```", 2, "did you mean curvatures?"),
    "valley out of range": ("```valley\n\ncurvatures: [0]\n```", 3, "curvatures must be a list of 1 to 2 numbers"),
    "valley start": ("```valley\nsteps: 5\nstart: [9]\n```", 3, "start of w must be from -5 to 5, got 9"),
    "valley starts": ("```valley\ncurvatures: [1, 2]\nstart: [1]\n```", 3, "start must have 2 numbers, as curvatures"),
    "valley rule": ("```valley\noptimizer: adm\n```", 2, "unknown optimizer 'adm', did you mean 'adam'"),
    "valley title": ("```valley\ntitle: ''\n```", 2, "title must be a text that is not empty, got ''"),
    "cell that does not compile": ("```python {.cell}\na = 1\nif a\n    a\n```", 3, "this cell does not compile"),
    "cell not indented": ("```python {.cell}\nif True:\na\n```", 3, "this cell does not compile: expected an indented"),
    "cell that fails": ("Text\n\n```python {.cell}\na = 1\n\na / 0\n```", 6, "ZeroDivisionError: division by zero"),
    "cell that fails in a call": (
        "```python {.cell}\ndef f():\n    return [][0]\n```\n\n```python {.cell}\na = 1\nf()\n```",
        8,
        "IndexError: list index out of range",
    ),
    "cell of another language": ("```js {.cell}\n1\n```", 1, 'a code cell begins with "```python {.cell}"'),
    "cell as a word": ("\n```cell\n1\n```", 2, 'a code cell begins with "```python {.cell}"'),
    "cell option": ("```python {.cell run=yes}\n1\n```", 1, "unknown option of a cell 'run=yes'"),
    "cell option twice": ("```python {.cell #a #b}\n1\n```", 1, "the cell's name is set twice"),
    "empty cell": ("```python {.cell}\n\n```", 1, "this cell is empty"),
    "cell not closed": ("Text\n\n```python {.cell}\n1\n", 3, "this cell block is not closed"),
    "two cells of one name": (
        "```python {.cell #a}\n1\n```\n\n```python {.cell #a}\n2\n```",
        5,
        "the id 'a' stands in line 1 already",
    ),
    "rule with an optimizer": ("```rule\nepochs: 5\noptimizer: adam\n```", 3, "optimizer cannot be set here: readers"),
    "rule misspelt": ("```rule\nepohcs: 5\n```", 2, "choose one of dataset, points"),
    "table of what": ("```settings\nlabb\n```", 2, "unknown kind 'labb'; choose one of lab, "),
    "broken link": ("One\n[two](gone.md) three", 2, 'the link "gone.md" leads nowhere: there is no file docs/gone.md'),
    "misspelt link": ("One\n\n[x](indx.md)", 3, "did you mean index.md?"),
    "link to the root": ("\n[x](/index.md)", 2, "start at this page, like ../index.md"),
    "link out of the site": ("\n[x](../README.md)", 2, "leads nowhere"),
    "link by reference": ("[x][y]\n\n[y]: gone.md", 3, "leads nowhere"),
    "link in HTML": ('One\n<a href="gone.md">x</a>', 2, "leads nowhere"),
    "picture": ("One\n\n![a](a.png)", 3, 'the link "a.png" leads nowhere'),
    "broken anchor": ("[x](index.md#one-nuron)", 1, "docs/index.md has no #one-nuron; did you mean one-neuron?"),
    "link that is no address": ("One\n[x](http://[y)", 2, "is no address"),
    "link to a very long name": (f"One\n[x]({'a' * 300})", 2, "leads nowhere"),
    "link in an answer": (QUIZ.replace("Up the", "[Up](gone.md) the"), 5, "leads nowhere"),
    "link in an explanation": (QUIZ.replace("would raise", "would\n     [raise](gone.md)"), 7, "leads nowhere"),
    "formula": (
        "One\ntwo $a + \\frc{1}{2}$ three",
        2,
        'character 5 of this formula, at "\\frc{1}{2}": unknown command',
    ),
    "formula of many open brackets": (
        f"One\n${'(' * 40}$",
        2,
        "at most 2,000 characters and 10 open brackets, got 40 and 40",
    ),
    "formula without an end": (f"One\n\n${'a' * 2001}$", 3, "at most 2,000 characters and 10 open brackets, got 2,001"),
    "formula in a folded text": (
        "```missions\na:\n  title: A\n  text: >\n    One\n    two $\\frc$\n  goal: crawl\n```",
        6,
        "unknown command",
    ),
    "formula in a wrapped text": (
        "```missions\na:\n  title: A\n  text: One\n    two $\\frc$\n  goal: crawl\n```",
        5,
        "unknown command",
    ),
    "formula after an empty line of a question": (
        QUIZ.replace("a step go?", "a\n\n   $\\frc$ go?"),
        4,
        "unknown command",
    ),
    "formula beyond ASCII": ("Two $é + 𝒘 \\frc$", 1, 'character 7 of this formula, at "\\frc"'),
    "formula that ends too early": (
        "\n\n$\\frac{1}{2$",
        3,
        'character 11 of this formula, at its end, after "\\frac{1}{2"',
    ),
    "formula over lines": ("One\n\n$$\na\n+ \\frc\n$$", 5, "unknown command"),
    "aligned formula": (
        "$$\n\\begin{aligned}\na &= b \\\\\n&= \\frc{c}\n\\end{aligned}\n$$",
        4,
        'at "\\frc{c} \\end{aligned}": unknown command',
    ),
    "formula not closed": ("One\n\n$$a\n\nTwo", 3, "this formula is not closed"),
    "formula in a heading": ("Text\n\n## The $\\frc$", 3, "unknown command"),
    "formula in a table": ("| a |\n| - |\n| $x$ |\n| $\\frc$ |", 4, "unknown command"),
    "formula in an answer": (QUIZ.replace("Up the", "Up $\\frc$ the"), 5, "unknown command"),
    "formula in an explanation": (QUIZ.replace("would raise", "would\n     $\\frc$ raise"), 7, "unknown command"),
}


def nested(opener: str, text: str) -> str:
    return f"{opener}\n\n{indent(text)}"


PLACES: dict[str, tuple[int, Callable[[str], str]]] = {
    "plain": (0, lambda text: text),
    "windows": (0, lambda text: text.replace("\n", "\r\n")),
    "list": (2, lambda text: nested("1. Item", text)),
    "nested list": (4, lambda text: "- Item\n\n" + indent(nested("- Item", text))),
    "admonition": (2, lambda text: nested('!!! note "Try"', text)),
    "details": (2, lambda text: nested('??? note "Try"', text)),
    "tab": (4, lambda text: '=== "One"\n\n    Text.\n\n' + indent(text)),
    "quotation": (2, lambda text: "> Text.\n>\n" + quote(text)),
}
"""Where an author may put something: how many lines come before it, and how it is written there."""

FRONT_MATTER = "---\ntitle: Page\ndescription: A page\n---\n"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", MISTAKES)
def test_every_mistake_is_told_with_the_authors_line(name: str, place: str) -> None:
    text, line, sentence = MISTAKES[name]
    before, write = PLACES[place]
    first_line, lines = split_front_matter(FRONT_MATTER + write(text).replace("\r\n", "\n"))
    offset = before + 4
    sentence = re.sub(r"(in line )(\d+)", lambda match: f"{match[1]}{int(match[2]) + offset}", sentence)
    ending = "\r\n" if place == "windows" else "\n"
    found = mistakes(ending.join(lines), first_line)
    told = [message for message in found if sentence in message]
    assert told, found
    assert all(message.startswith(f"docs/page.md:{line + offset}: ") for message in told)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_and_causes_no_others(name: str) -> None:
    found = mistakes(MISTAKES[name][0])
    assert len(found) == 1
    assert "\n" not in found[0]


def test_all_mistakes_of_a_page_are_told_in_one_run_in_their_order() -> None:
    text = "```lab\nepochs: 0\nnoise: 9\ndatset: moons\n```\n\n$\\frc$\n\n```quizz\n```\n\n```quiz\n1. A?\n```\n"
    found = mistakes(text)
    assert [int(message.split(":")[1]) for message in found] == [2, 3, 4, 7, 9, 13]


def test_a_mistake_is_shown_in_the_page_as_text() -> None:
    page, _ = render("```lab\n<b>: 1\n```")
    assert "docs/page.md, line 2" in page
    assert "<b>:" not in page
    assert "unknown setting &#x27;&lt;b&gt;&#x27;" in page


def test_a_question_is_read_across_wrapped_lines() -> None:
    text = QUIZ.replace("a step go?", "a\n   step go?").replace("Against the", "Against\n     > the")
    (part,) = [part for part in read_page(text.splitlines()) if part.block]
    assert isinstance(part.block, Quiz)
    question = part.block.questions[0]
    assert question.text == "Which way does a\nstep go?"
    assert question.answers[0].why == "Against\nthe gradient."


# --- code cells -----------------------------------------------------------------------------------------------


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


# --- what an author has beside the site --------------------------------------------------------------------------


def test_anchors_are_those_that_the_page_will_have() -> None:
    text = (
        "# The page\n\n## Twice\n\n## Twice\n\n## With `code` and *stress*\n\n## Named {#other}\n\n"
        f'Under\n=====\n\n<a id="raw"></a> [x](#y){{ #span }}\n\n{QUIZ.replace("go?", "go? {#direction}")}\n'
        "```python {.cell #code}\n1\n```\n\n````\n## Example\n````\n"
    )
    assert find_anchors(text.splitlines()) == {
        "the-page",
        "twice",
        "twice_1",
        "with-code-and-stress",
        "other",
        "under",
        "raw",
        "span",
        "quiz-1",
        "direction",
        "cell-1",
        "code",
    }


@pytest.mark.parametrize(
    ("text", "first", "line"),
    [
        ("Text", 1, "Text"),
        ("---\na: 1\n---\nText", 4, "Text"),
        ("---\na: 1\n---\n\nText", 4, ""),
        ("---\na: 1\n...\nText", 4, "Text"),
        ("\ufeff---\na: 1\n---\nText", 4, "Text"),
        ("---\n---\nText", 3, "Text"),
        ("Text\n---\nText\n---\n", 1, "Text"),
    ],
)
def test_front_matter_is_not_read(text: str, first: int, line: str) -> None:
    first_line, lines = split_front_matter(text)
    assert (first_line, lines[0]) == (first, line)


def test_proofreading_tells_every_mistake_of_every_file(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text(f"---\ntitle: Good\n---\n\n# Good\n\n{QUIZ}\n[x](bad.md#bad) [y](good.md#quiz-1)")
    (tmp_path / "bad.md").write_bytes(
        b"---\r\ntitle: Bad\r\n---\r\n\r\n# Bad\r\n\r\n```lab\r\nepochs: 0\r\n```\r\n[x](else.md)"
    )
    (tmp_path / "ugly.md").write_bytes(b"# \xff")
    files = [tmp_path / name for name in ("good.md", "bad.md", "ugly.md")]
    found = [str(problem) for problem in proofread.proofread(files, RUN)]
    folder = tmp_path.name
    assert found == [
        f"{folder}/bad.md:8: epochs must be a whole number from 1 to 10,000, got 0",
        f'{folder}/bad.md:10: the link "else.md" leads nowhere: there is no file {folder}/else.md',
        f"{folder}/ugly.md:1: this file must be UTF-8, got byte 0xff",
    ]


def test_proofreading_ends_with_the_status_that_scripts_ask_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n")
    assert proofread.main([str(page)]) == 0
    page.write_text("$\\frc$\n\n$\\frc$\n")
    assert proofread.main([str(page)]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert proofread.main([str(tmp_path / "none.md")]) == 2


def test_the_pages_of_the_site_have_no_mistakes() -> None:
    assert proofread.proofread(sorted((ROOT / "docs").rglob("*.md")), RUN) == []


# --- the chapters ---------------------------------------------------------------------------------------------


CHAPTERS = [
    *("fences", "inline", "frame", "code"),
    *("runs", "missions", "backpropagation", "network", "quiz", "rule", "step", "sweep", "valley"),
    *("page", "extension", "__init__"),
]
"""The chapters of `scripts.blocks`; each may import earlier ones only, and none knows MkDocs."""


def test_the_chapters_of_the_blocks_know_only_earlier_ones_and_no_site_generator() -> None:
    folder = ROOT / "scripts" / "blocks"
    assert {path.stem for path in folder.glob("*.py")} == set(CHAPTERS)
    for index, chapter in enumerate(CHAPTERS):
        for node in ast.walk(ast.parse((folder / f"{chapter}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                assert node.module in CHAPTERS[:index], chapter
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(module.split(".")[0] in ("mkdocs", "material") for module in modules), chapter
