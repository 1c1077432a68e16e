"""The authors' blocks, by Python-Markdown alone: each renders, nested, too, and examples of them stay examples."""

import ast
import html
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from gd_core import settings, valley, valley_session
from gd_core.rule import EXAMPLES, ORIGINAL
from gd_core.session import record
from scripts.blocks import KINDS, read_page
from scripts.blocks.code import find_excerpts
from scripts.blocks.fences import Code, Fence, Prose, split_fences
from scripts.blocks.frame import told_once
from scripts.blocks.quiz import Quiz
from scripts.blocks.valley import dial_ends, grounds_around
from scripts.pages import find_anchors
from scripts.recording import record_natively
from tests.blocks import CURVE_QUIZ, NESTING, NUMBER_QUIZ, QUIZ, ROOT, indent, quote, render, words

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
    """Write a block of a kind, and another below it without which it would be a mistake."""
    block = f"```{'python {.cell}' if kind == 'cell' else kind}\n{BODIES[kind]}\n```"
    needed = {"missions": "lab", "score": "quiz"}.get(kind)
    return f"{block}\n\n{fenced(needed)}" if needed else block


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


@pytest.mark.parametrize("kind", KINDS)
def test_links_may_name_a_block_of_each_kind_that_has_an_id(kind: str) -> None:
    page, _ = render(fenced(kind))
    assert (f"{kind}-1" in find_anchors(fenced(kind).splitlines())) == (f' id="{kind}-1"' in page)


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
    assert left <= set(re.findall(r"[\w./]+", fenced(kind)))


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
    assert words(listing[listing.index("<code") :]) == ORIGINAL
    assert "gd-recorded" in page


def test_a_labs_menus_offer_everything_that_gd_core_has() -> None:
    page, _ = render("```lab\nepochs: 5\n```")
    choices = attribute(page, "choices")
    assert [name for name, _ in choices["dataset"]] == list(settings.SETTINGS["dataset"].choices)
    assert [name for name, _ in choices["activation"]] == list(settings.SETTINGS["activation"].choices)
    assert {label: tuple(layers) for layers, label in attribute(page, "offered")["hidden_layers"]} == settings.NETWORKS
    assert tuple(choices["learning_rate"]) == settings.LEARNING_RATES


def attribute(page: str, name: str) -> Any:
    """Return what an element carries for the page's script."""
    (text,) = re.findall(rf'data-{name}="([^"]*)"', page)
    return json.loads(html.unescape(text))


def test_a_labs_menu_offers_its_own_network_and_those_of_its_presets() -> None:
    page, _ = render("```lab\nepochs: 5\nhidden_layers: [3, 2]\npresets:\n  Flat: {hidden_layers: [5]}\n```")
    offered = attribute(page, "offered")["hidden_layers"]
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
    assert attribute(page, "offered")["menus"] == ["optimizer", "schedule"]


def test_what_labs_of_a_page_have_in_common_is_told_once_before_the_first() -> None:
    alone, first, second, other = (render("```lab\nepochs: 5\n```")[0].replace("lab-1", f"lab-{n}") for n in range(4))
    alone = alone.replace("Two moons", "Zwei Monde")
    other = other.replace("Two moons", "Due &lt;/lune&gt;")
    once = told_once(alone + first + second + other + other)
    named = re.findall(r'data-choices="#([^"]*)"', once)
    assert [named.index(name) for name in named] == [0, 0, 2, 2]
    for name, lab, source in ((named[0], "lab-1", first), (named[2], "lab-3", other)):
        (told,) = re.findall(
            rf'<template id="{name}">(.*?)</template>(?:<template.*?</template>)*<gd-lab [^>]*"{lab}"', once
        )
        assert json.loads(html.unescape(told)) == attribute(source, "choices")
    assert attribute(once[: len(alone)], "choices") == attribute(alone, "choices"), "nobody else is told that"
    assert once.count('data-presets="[]"') == 5, "what is short stands everywhere"


def test_a_comparison_tells_its_curve_in_as_many_digits_as_can_be_seen() -> None:
    page, _ = render("```compare\nepochs: 5\nvariants:\n  Momentum: {optimizer: momentum}\n```")
    told, exact = attribute(page, "baseline"), record({"epochs": 5})
    for part in ("losses", "accuracies"):
        assert told[part] == pytest.approx(exact[part], rel=1e-5)
        assert max(len(str(number)) for number in told[part]) <= len("0.123456")


def test_missions_carry_their_goals_and_what_these_take_with_defaults() -> None:
    page, problems = render(
        "```missions\nlow:\n  title: Low\n  text: Below $0.2$, *soon*.\n  goal: learn\n  below: 0.2\n```\n\n"
        "```lab\nepochs: 5\n```",
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
        checked = valley_session.parse({"curvatures": ground, "learning_rate": low})
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


def test_a_question_is_read_across_wrapped_lines() -> None:
    text = QUIZ.replace("a step go?", "a\n   step go?").replace("Against the", "Against\n     > the")
    (part,) = [part for part in read_page(text.splitlines()) if part.block]
    assert isinstance(part.block, Quiz)
    question = part.block.questions[0]
    assert question.text == "Which way does a\nstep go?"
    assert question.answers[0].why == "Against\nthe gradient."


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
