"""Formulas in pages: found among other dollars, set as MathML, numbered and referred to."""

import re

import pytest

from scripts.blocks.inline import Formulas
from tests.blocks import quote, render


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


@pytest.mark.parametrize(
    "text",
    [
        "\\[sic\\] and \\(see below\\)",
        "`\\(x^2\\)`",
        "\\\\(x\\\\)",
        "\\[x\\](y)",
        "\\(the rate $\\eta$\\)",
        "<!-- \\(x\\) -->",
    ],
)
def test_brackets_that_are_written_out_are_no_formula(text: str) -> None:
    told: list[str] = []
    Formulas().check(text, 1, lambda _, sentence: told.append(sentence))
    assert told == []


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
