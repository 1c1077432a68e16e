"""The network block: what stands in the page without JavaScript, what the script gets, and how mistakes are told."""

import html
import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import markdown
import numpy as np
import pytest

from gd_core import anatomy
from gd_core.network_session import NetworkSession
from gd_core.settings import parse
from scripts.blocks import makeExtension, read_page
from scripts.network_pictures import place_sign, show, spell
from tests.blocks import words

SETTINGS = {"dataset": "circle", "points": 40, "hidden_layers": [3], "learning_rate": 0.3, "epochs": 30}
BODY = "title: Look <inside>\ndataset: circle\npoints: 40\nhidden_layers: [3]\nlearning_rate: 0.3\nepochs: 30\n"


def render(body: str) -> str:
    problems: list[Any] = []
    page = markdown.markdown(f"```network\n{body}```", extensions=[makeExtension(problems=problems)])
    assert problems == []
    return page


def mistakes(body: str) -> list[tuple[int, str]]:
    """Every mistake in a block whose body begins in line 11."""
    parts = read_page(f"```network\n{body}```".split("\n"), 10)
    return [(problem.line, problem.sentence) for part in parts for problem in part.problems]


def data_of(page: str) -> dict[str, Any]:
    attributes = dict(re.findall(r'data-([\w-]+)="([^"]*)"', page[: page.index(">")]))
    return {name: html.unescape(value) for name, value in attributes.items()}


def pictures(page: str) -> list[ET.Element]:
    found = re.findall(r"<svg.*?</svg>", page.replace(" data-search-exclude", ""), re.DOTALL)
    return [ET.fromstring(svg) for svg in found]  # noqa: S314 - our own


def test_the_script_gets_the_settings_the_good_weights_and_the_point() -> None:
    data = data_of(render(BODY + "point: [1, -2.5]\n"))
    assert (data["kind"], data["state"]) == ("network", "recorded")
    assert json.loads(data["point"]) == [1.0, -2.5]
    given = json.loads(data["settings"])
    params = given.pop("params")
    assert given == parse(SETTINGS).as_dict()
    loss, _ = anatomy.score(
        NetworkSession({**given, "params": params}).network, np.array(params), *parse(given).draw_data()
    )
    assert loss < 0.6, "the weights are those of the end of the run"


def test_the_page_tells_the_walk_of_a_point_without_any_script() -> None:
    page = render(BODY)
    given = json.loads(data_of(page)["settings"])
    walk = NetworkSession(given)
    trace = anatomy.trace(walk.network, walk.good, (2.0, -1.0))
    text = words(page)
    assert "x = 2.00, y = −1.00" in text
    for sums, outputs in zip(trace.sums[0], trace.outputs[0], strict=True):
        assert f"= {show(sums)}, tanh({show(sums)}) = {show(outputs)}" in text
    assert f"σ({show(trace.logit)}) = {show(trace.probability)}, so class {trace.answer}" in text
    assert "Look <inside>" in text


def test_every_unit_has_its_picture_its_number_and_what_it_says() -> None:
    _, diagram = pictures(render(BODY))
    units = [unit for unit in diagram.iter("g") if unit.get("class") == "gd-net-unit"]
    assert [(unit.get("data-layer"), unit.get("data-unit")) for unit in units] == [
        ("0", "0"), ("0", "1"), ("1", "0"), ("1", "1"), ("1", "2"), ("2", "0"),
    ]  # fmt: skip
    for unit in units:
        parts = {part.get("class"): part for part in unit.iter()}
        assert re.fullmatch(r"−?\d\.\d\d", parts["gd-net-value"].text or "")
        layer = unit.get("data-layer")
        assert ("gd-thumb" in parts) == (layer != "0")
        if layer == "1":
            assert re.fullmatch(r"M\S+ \S+L\S+ \S+", parts["gd-thumb-line"].get("d") or ""), "its line"
            assert parts["gd-net-number"].text == str(int(unit.get("data-unit") or 0) + 1)
        if layer != "0":
            assert len(parts["gd-thumb"].findall("path")) == 6, "a path for each shade, which the script goes on using"


def test_a_ring_marks_the_point_in_the_picture_of_the_plane() -> None:
    """At (3, −1.5) of the square from −6 to 6, in a picture of 300: 150 + 3 · 25 and 150 + 1.5 · 25."""
    plane, _ = pictures(render(BODY + "point: [3, -1.5]\n"))
    (ring,) = [part for part in plane.iter("circle") if part.get("class") == "gd-ring"]
    assert (ring.get("cx"), ring.get("cy")) == ("225.0", "187.5")


def test_pictures_are_named_for_those_who_do_not_see_them() -> None:
    for picture in pictures(render(BODY)):
        assert picture.get("role") == "img"
        texts = {part.get("id"): part.text for part in picture.iter() if part.get("id")}
        assert texts[picture.get("aria-labelledby")]
        assert texts[picture.get("aria-describedby")]


def test_the_sums_of_a_larger_network_are_folded_away() -> None:
    assert "<details" not in render(BODY)
    assert '<details class="gd-sums-fold"><summary>' in render("epochs: 5\nhidden_layers: [4, 4]\n")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("point: [1]", "point must be two numbers from -6 to 6, like [2, -1], got [1]"),
        ("point: [1, 7]", "point must be two numbers from -6 to 6, like [2, -1], got [1, 7]"),
        ("point: [1, .nan]", "point must be two numbers from -6 to 6, like [2, -1], got [1, nan]"),
        ("point: [1, true]", "point must be two numbers from -6 to 6, like [2, -1], got [1, True]"),
        ("point: far", "point must be two numbers from -6 to 6, like [2, -1], got 'far'"),
        ("hidden_layers: []", "hidden_layers of a network block must be 1 to 3 layers of at most 12 units, got []"),
        ("hidden_layers: [13]", "hidden_layers of a network block must be 1 to 3 layers of at most 12 units, got [13]"),
        (
            "hidden_layers: [2, 2, 2, 2]",
            "hidden_layers of a network block must be 1 to 3 layers of at most 12 units, got [2, 2, 2, 2]",
        ),
        ("title: ''", "title must be a text that is not empty, got ''"),
        ("epochs: 0", "epochs must be a whole number from 1 to 10,000, got 0"),
    ],
)
def test_a_mistake_is_told_at_its_line(line: str, sentence: str) -> None:
    assert mistakes(f"dataset: xor\n{line}\n") == [(12, sentence)]


def test_a_misspelt_option_is_told_with_those_that_a_network_takes() -> None:
    ((line, sentence),) = mistakes("pont: [1, 2]\n")
    assert line == 11
    assert sentence.endswith("title, point; did you mean point?")


@pytest.mark.parametrize(
    ("value", "written"), [(2.0, "2.00"), (-0.126, "−0.13"), (-0.001, "0.00"), (0.0, "0.00"), (-12.0, "−12.00")]
)
def test_numbers_have_two_decimals_and_a_real_minus_sign(value: float, written: str) -> None:
    assert show(value) == written


def test_a_sum_is_written_as_it_would_be_by_hand() -> None:
    assert spell([0.376, -1.36], [2.0, -1.0], 3.464, 5.576) == "0.38 × 2.00 − 1.36 × (−1.00) + 3.46 = 5.58"
    assert spell([-1.0], [0.5], -2.0, -2.5) == "−1.00 × 0.50 − 2.00 = −2.50"


def test_a_plus_sign_stands_in_the_middle_of_the_positive_side() -> None:
    cells = np.zeros((4, 4))
    assert place_sign(cells) is None
    cells[1:4, 2:4] = 1.0
    left, top = place_sign(cells) or (0.0, 0.0)
    assert top == 2.5 / 4
    assert left in (2.5 / 4, 3.5 / 4)
