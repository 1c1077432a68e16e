"""The authors' blocks, by Python-Markdown alone: each renders, and each mistake is found at the author's own line."""

import html
import json
import re
from pathlib import Path
from typing import Any

import markdown
import pytest

from gd_core import settings
from scripts.blocks import (
    KINDS,
    Code,
    Fence,
    Problem,
    Prose,
    Quiz,
    makeExtension,
    read_page,
    replace_formulas,
    split_fences,
)
from scripts.recording import record_natively

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


def render(text: str, *, extensions: tuple[Any, ...] = (), **options: Any) -> tuple[str, list[Problem]]:
    """Render a page by Python-Markdown with the blocks, and return its HTML and its mistakes."""
    problems: list[Problem] = []
    blocks = makeExtension(problems=problems, file="docs/page.md", **options)
    return markdown.markdown(text, extensions=[blocks, *extensions]), problems


def mistakes(text: str, first_line: int = 1) -> list[str]:
    """Return every mistake of a page as a message, and make sure that rendering reports the very same ones."""
    parts = read_page(text.splitlines(), first_line, "docs/page.md")
    found = [problem for part in parts for problem in part.problems]
    assert render(text, first_line=first_line)[1] == found
    return [str(problem) for problem in found]


def words(fragment: str) -> str:
    """Return the text of some HTML."""
    return html.unescape(re.sub(r"<[^>]*>", "", fragment))


# --- every block renders --------------------------------------------------------------------------------------


def test_every_kind_of_block_renders_by_python_markdown_alone() -> None:
    bodies = {
        "lab": "epochs: 5",
        "rates": "epochs: 5\nlearning_rates: [0.001, 0.1]",
        "quiz": QUIZ.split("\n", 1)[1].rsplit("```", 1)[0].rstrip("\n"),
        "source": "gd_core.training:descend",
        "keras": "",
    }
    assert bodies.keys() == KINDS.keys()
    marks = {
        "lab": "<gd-lab",
        "rates": '<figure class="gd-rates"',
        "quiz": "<gd-quiz",
        "source": "def</span>",
        "keras": "data-gd-rate",
    }
    for kind, body in bodies.items():
        page, problems = render(f"Before.\n\n```{kind}\n{body}\n```\n\nAfter.")
        assert not problems
        assert marks[kind] in page
        assert page.startswith("<p>Before.</p>")
        assert page.endswith("<p>After.</p>")
        assert "\x02" not in page


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


def test_a_labs_menus_offer_everything_that_gd_core_has() -> None:
    page, _ = render("```lab\nepochs: 5\n```")
    (attribute,) = re.findall(r'data-choices="([^"]*)"', page)
    choices = json.loads(html.unescape(attribute))
    assert [name for name, _ in choices["dataset"]] == list(settings.SETTINGS["dataset"].choices)
    assert [name for name, _ in choices["activation"]] == list(settings.SETTINGS["activation"].choices)
    assert {label: tuple(layers) for layers, label in choices["hidden_layers"]} == settings.NETWORKS
    assert tuple(choices["learning_rate"]) == settings.LEARNING_RATES


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
    assert "needs JavaScript" in page[page.index("<noscript") : page.index("</noscript>")]


def test_a_run_that_blows_up_has_a_picture_that_says_where_it_stopped() -> None:
    page, problems = render("```rates\nactivation: relu\nlearning_rates: [0.1, 100]\n```")
    assert not problems
    assert "stopped at epoch" in page
    assert "nan" not in re.sub(r"<[dt]e?[^>]*>[^<]*</", "", page)
    assert "inf" not in " ".join(re.findall(r' d="([^"]*)"', page))


def test_a_source_block_shows_the_function_word_for_word() -> None:
    page, _ = render("```source\ngd_core.training:descend\n```")
    shown = words(page[page.index("<code>") : page.index("</code>")])
    assert shown.startswith("def descend(")
    assert shown in (ROOT / "gd_core" / "training.py").read_text(encoding="utf-8")


def test_a_source_block_dedents_a_method_and_keeps_its_decorators() -> None:
    page, _ = render("```source\ngd_core.training:Run.params\n```")
    assert words(page[page.index("<code>") : page.index("</code>")]).startswith("@property\ndef params(self)")


def test_a_keras_listing_marks_the_rate_and_nothing_else() -> None:
    page, _ = render("```keras\nlearning_rate: 0.25\n```")
    assert re.findall(r"<span[^>]*data-gd-rate>([^<]*)</span>", page) == ["0.25"]
    assert "SGD(learning_rate=0.25)" in words(page)


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
    ],
)
@pytest.mark.parametrize("block", [QUIZ, "```lab\nepochs: 5\n```\n", "```source\ngd_core.training:descend\n```\n"])
def test_blocks_work_where_authors_nest_them(name: str, wrap: Any, block: str) -> None:
    extensions = ("admonition", "pymdownx.details", "pymdownx.tabbed", "pymdownx.superfences")
    page, problems = render(wrap(block) + "\nAfter.\n", extensions=extensions)
    assert not problems
    outside = {"list": "</ol>"}.get(name, "</details>" if name == "details" else "</div>")
    inner = re.search(r"<gd-quiz|<gd-lab|<div class=\"language-python", page)
    assert inner
    assert inner.start() < page.rindex(outside)
    assert not page.startswith("<gd-")
    assert "```" not in page


def indent(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True))


# --- examples stay examples -----------------------------------------------------------------------------------


def test_a_block_shown_inside_a_longer_fence_stays_an_example() -> None:
    text = f"````markdown\n{QUIZ}\n```lab\nwrong: $\\frac$\n```\n````\n\nText.\n"
    pieces = list(split_fences(text.splitlines()))
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
    pieces = list(split_fences(lines))
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
    rest = replace_formulas(text, lambda mathml: stashed.append(mathml) or f"[{len(stashed)}]")  # type: ignore[func-returns-value]
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


# --- mistakes -------------------------------------------------------------------------------------------------

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
    "answer without text": (QUIZ.replace("Up the slope", ""), 5, "this answer has no text"),
    "question without text": (QUIZ.replace("Which way does a step go?", "{#a}"), 2, "this question has no text"),
    "answer first": ("```quiz\n- [x] B\n```", 2, "this answer belongs to no question"),
    "explanation first": ("```quiz\n1. A?\n   > C\n```", 3, "this explanation belongs to no answer"),
    "stray line": (QUIZ.replace("1. Which", "Which"), 2, "a quiz holds"),
    "same question twice": (f"{QUIZ}\n{QUIZ}", 10, "this question stands in line 2 already"),
    "formula": ("One\ntwo $a + \\frc{1}{2}$ three", 2, "character 5: unknown command"),
    "formula over lines": ("One\n\n$$\na\n+ \\frc\n$$", 5, "unknown command"),
    "formula not closed": ("One\n\n$$a\n\nTwo", 3, "this formula is not closed"),
    "formula in an answer": (QUIZ.replace("Up the", "Up $\\frc$ the"), 5, "unknown command"),
    "formula in an explanation": (QUIZ.replace("would raise", "would\n     $\\frc$ raise"), 7, "unknown command"),
}


@pytest.mark.parametrize("name", MISTAKES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["unix", "windows"])
def test_every_mistake_is_told_with_the_authors_line(name: str, ending: str) -> None:
    text, line, sentence = MISTAKES[name]
    found = mistakes(text.replace("\n", ending))
    assert any(message.startswith(f"docs/page.md:{line}: ") and sentence in message for message in found), found


@pytest.mark.parametrize("name", MISTAKES)
def test_lines_are_right_below_front_matter_and_inside_a_list(name: str) -> None:
    text, line, sentence = MISTAKES[name]
    nested = "1. Item\n\n" + indent(text)
    sentence = re.sub(r"line (\d+)", lambda match: f"line {int(match[1]) + 7}", sentence)
    found = mistakes(nested, first_line=6)
    assert any(f":{line + 7}: " in message and sentence in message for message in found), found


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
