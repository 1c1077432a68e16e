"""The reference of `gd_core`: what its docstrings say is what the page shows, and the examples in them hold."""

import doctest
import importlib

import pytest

from scripts.blocks import read_page
from scripts.hooks import with_copy_buttons
from scripts.reference import ROOT, latex_of, modules, reference

CHAPTERS = sorted(path.stem for path in (ROOT / "gd_core").glob("*.py") if not path.stem.startswith("_"))
EXAMPLES = [
    chapter for chapter in CHAPTERS if ">>> " in (ROOT / "gd_core" / f"{chapter}.py").read_text(encoding="utf-8")
]


@pytest.mark.parametrize("chapter", EXAMPLES)
def test_the_examples_in_docstrings_give_what_they_say(chapter: str) -> None:
    found = doctest.testmod(importlib.import_module(f"gd_core.{chapter}"))
    assert found.attempted > 0
    assert found.failed == 0


def test_every_chapter_is_in_the_reference_and_every_formula_in_it_is_one() -> None:
    text = reference()
    assert [module.name for module in modules()] == CHAPTERS
    for chapter in CHAPTERS:
        assert f"\n## `gd_core.{chapter}` {{" in f"\n{text}"
    assert [str(problem) for part in read_page(text.split("\n")) for problem in part.problems] == []


def test_a_function_shows_its_signature_arguments_results_errors_and_examples() -> None:
    text = reference()
    section = text[text.index("### `train` {") :].split("\n## ")[0]
    for part in (
        "```{ .python .no-copy }\ntrain(\n    inputs: ArrayLike,\n",
        "    *,\n    epochs: int,\n    batch_size: int | None = 32,\n",
        ") -> Iterator[Epoch]\n```",
        "- `targets`: shape `(n,)`, 0 or 1.",
        "- raises `ValueError`: an argument is outside of what is said above.",
        "```pycon\n>>> from gd_core import",
    ):
        assert part in section, part


def test_a_signature_has_no_button_that_would_cover_its_end_and_an_example_has_one() -> None:
    listings = [
        f'<div class="{style} highlight"><pre><span></span><code>f()</code></pre></div>'
        for style in ("language-python no-copy", "language-pycon")
    ]
    signature, example = (with_copy_buttons(listing) for listing in listings)
    assert signature == listings[0]
    assert "<button" in example


def test_a_constant_shows_its_value_and_a_table_its_type() -> None:
    text = reference()
    assert "\nRUNAWAY = 10.0\n```\n" in text
    assert "\nGRAPHS: dict[str, Graph]\n```\n" in text


@pytest.mark.parametrize(
    ("written", "latex"),
    [
        ("w ← w − η g / √(s + ε)", r"w ← w − η g / \sqrt{s + ε}"),
        ("√(1 − β₂ᵗ) / (1 − β₁ᵗ)", r"\sqrt{1 − β_{2}^{t}} / (1 − β_{1}^{t})"),
        ("w − η m̂ / (√v̂ + ε)", r"w − η \hat{m} / (\sqrt{\hat{v}} + ε)"),
        ("η · decay_rate^{t}", r"η \cdot  \operatorname{decay\_rate}^{t}"),
        ("√(6 / (a + √(b)))", r"\sqrt{6 / (a + \sqrt{b})}"),
    ],
)
def test_a_formula_as_one_writes_it_becomes_latex(written: str, latex: str) -> None:
    assert latex_of(written) == latex


def test_a_formula_with_an_open_bracket_is_refused() -> None:
    with pytest.raises(ValueError, match="every bracket of a formula must be closed, got '√\\(2'"):
        latex_of("√(2")
