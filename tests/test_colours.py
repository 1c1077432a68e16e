"""The pictures' colours: contrast with what is behind them, and told apart also by readers who see fewer colours.

Colours, dashes and tints are read where the page has them: the custom properties of labs.css, the tables of canvas.js.
"""

import json
import re
from itertools import combinations
from pathlib import Path

import pytest
from coloraide import Color

from scripts.pictures import SHADES

LABS = Path(__file__).resolve().parents[1] / "docs" / "assets" / "labs"
SHEET = (LABS / "labs.css").read_text(encoding="utf-8")
CANVAS = (LABS / "canvas.js").read_text(encoding="utf-8")


def variables(selector: str) -> dict[str, str]:
    block = SHEET[SHEET.index(f"{selector} {{") :]
    return dict(re.findall(r"--gd-([\w-]+): (#[0-9a-f]{6});", block[: block.index("}")]))


SCHEMES = {"light": variables(":root"), "dark": variables('[data-md-color-scheme="slate"]')}

WRITTEN = ("text", "axis", "class-0", "class-1", "curve", "alert", "good", "action")
"""Colours in which words are written, by canvases, pictures and style sheets."""

GHOSTS = tuple(f"ghost-{number}" for number in range(1, 6))
DRAWN = (*WRITTEN, *GHOSTS, "edge")
"""Colours of lines, marks and rims that mean something."""

SIDE_BY_SIDE = {
    "the two classes": ("class-0", "class-1"),
    "curves of runs": ("curve", *GHOSTS),
    "the sweep's dots, crosses, runs and best rate": ("curve", "alert", "class-1", "good"),
    "the valley's ground, walk, step and way out": ("class-0", "curve", "class-1", "alert"),
}

APART = 10
"""How far such colours lie apart at least, by CIEDE2000: ten times what attentive readers just notice on large fields,
since lines and points are thin and small."""

EYES = ("protan", "deutan", "tritan")


def contrast(one: str, other: str) -> float:
    return Color(one).contrast(other, method="wcag21")


def seen(colour: str, eyes: str) -> Color:
    """A colour as it is without one kind of cones: Machado, Oliveira and Fernandes (2009) at severity 1."""
    return Color(colour).filter(eyes, 1, method="machado").clip("srgb")


def tinted(paper: str, colour: str, share: float) -> str:
    """A colour laid over paper, as canvases and SVG do it."""
    return Color(paper).mix(colour, share, space="srgb").to_string(hex=True)


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> dict[str, str]:
    return SCHEMES[request.param]


def test_both_schemes_name_the_same_colours() -> None:
    assert SCHEMES["light"].keys() == SCHEMES["dark"].keys()
    assert set(DRAWN) < SCHEMES["light"].keys()


def test_words_have_a_contrast_of_4_5_and_lines_and_marks_of_3(scheme: dict[str, str]) -> None:
    faint = {
        (name, ground): round(ratio, 2)
        for name in DRAWN
        for ground in ("paper", "panel")
        if (ratio := contrast(scheme[name], scheme[ground])) < (4.5 if name in WRITTEN else 3)
    }
    assert faint == {}
    assert contrast(scheme["on-action"], scheme["action"]) >= 4.5


def test_points_and_boundary_stand_out_from_the_surface_on_either_side(scheme: dict[str, str]) -> None:
    tint = re.search(r"const TINT = ([\d.]+);", CANVAS)
    assert tint
    strongest = float(tint[1])
    assert max(shade[1] for shade in SHADES if shade) == strongest, "the recorded picture is tinted as the live one"
    for side in ("class-0", "class-1"):
        surface = tinted(scheme["paper"], scheme[side], strongest)
        for mark in ("class-0", "class-1", "text"):
            assert contrast(scheme[mark], surface) >= 3, (mark, side)


def test_names_stand_out_from_the_sweeps_bands(scheme: dict[str, str]) -> None:
    sheet = (LABS / "sweep.css").read_text(encoding="utf-8")
    bands = re.findall(r"\.gd-sweep-\w+ rect \{\s+fill: var\(--gd-([\w-]+)\);\s+fill-opacity: ([\d.]+);", sheet)
    assert [name for name, _ in bands] == ["axis", "good", "alert"]
    for name, share in bands:
        assert contrast(scheme[name], tinted(scheme["paper"], scheme[name], float(share))) >= 4.5, name


@pytest.mark.parametrize("together", SIDE_BY_SIDE)
def test_colours_side_by_side_are_told_apart_by_all_eyes(scheme: dict[str, str], together: str) -> None:
    close = {
        (one, other, eyes): round(distance, 1)
        for one, other in combinations(SIDE_BY_SIDE[together], 2)
        for eyes in EYES
        if (distance := seen(scheme[one], eyes).delta_e(seen(scheme[other], eyes), method="2000")) < APART
    }
    assert close == {}
    for one, other in combinations(SIDE_BY_SIDE[together], 2):
        assert Color(scheme[one]).delta_e(scheme[other], method="2000") >= APART


def test_runs_in_one_picture_differ_in_their_dashes_too() -> None:
    table = re.search(r"export const DASHES = (\[.*?\n\]);", CANVAS, re.DOTALL)
    kept = re.search(r"const GHOSTS = (\d+);", (LABS / "training.js").read_text(encoding="utf-8"))
    assert table
    assert kept
    dashes = [tuple(dash) for dash in json.loads(re.sub(r",\s*\]", "]", table[1]))]
    assert len(set(dashes)) == len(dashes) >= int(kept[1])


@pytest.mark.parametrize(
    ("sheet", "part"),
    [
        ("valley.css", ".gd-v-ghost"),
        ("graph.css", ".gd-depth-sigmoid"),
        ("diagram.css", ".gd-net-minus .gd-net-line"),
        ("step.css", ".gd-promise"),
    ],
)
def test_lines_whose_colours_are_near_are_dashed(sheet: str, part: str) -> None:
    rule = re.search(rf"{re.escape(part)} \{{([^}}]*)\}}", (LABS / sheet).read_text(encoding="utf-8"))
    assert rule
    assert re.search(r"stroke-dasharray: [\d. ]+;", rule[1])
