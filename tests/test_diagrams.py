"""Diagrams of networks: everything is there, apart from each other, and to be found by a page's script."""

import math
import re
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise

import pytest

from gd_core.network import Network
from gd_core.settings import NETWORKS
from scripts.diagrams import HEAD, describe, layer_names, network_diagram, place_units

LAYERS = [(2, *hidden, 1) for hidden in NETWORKS.values()]


def parse(picture: str) -> ET.Element:
    return ET.fromstring(picture.replace("data-search-exclude", 'data-search-exclude=""'))  # noqa: S314 - it is ours


def groups(picture: str, kind: str) -> list[ET.Element]:
    return [group for group in parse(picture).iter("g") if kind in group.get("class", "").split()]


@pytest.mark.parametrize("layers", LAYERS)
def test_every_weight_bias_and_unit_is_there_once(layers: tuple[int, ...]) -> None:
    picture = network_diagram(layers, "net")

    weights = [
        (line.get("data-layer"), line.get("data-from"), line.get("data-to"))
        for line in groups(picture, "gd-net-weight")
    ]
    units = [(unit.get("data-layer"), unit.get("data-unit")) for unit in groups(picture, "gd-net-unit")]
    assert len(weights) == len(set(weights)) == Network(layers).size
    assert set(weights) == {
        (str(layer), str(source), str(to))
        for layer, (below, here) in enumerate(pairwise(layers), 1)
        for to in range(here)
        for source in (*range(below), "bias")
    }
    assert units == [(str(layer), str(unit)) for layer, count in enumerate(layers) for unit in range(count)]


@pytest.mark.parametrize("layers", LAYERS)
def test_units_lie_inside_the_picture_and_do_not_touch(layers: tuple[int, ...]) -> None:
    picture = network_diagram(layers, "net")
    root = parse(picture)
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    radius = float(root.attrib["data-radius"])

    places = []
    for unit in groups(picture, "gd-net-unit"):
        x, y = map(float, re.findall(r"[\d.]+", unit.attrib["transform"]))
        assert radius <= x <= width - radius
        assert y - radius >= HEAD
        assert y + radius <= height
        places.append((x, y))
    assert all(math.dist(one, other) > 2 * radius + 3 for one, other in combinations(places, 2))


def test_larger_units_make_room_for_what_is_drawn_into_them() -> None:
    picture = parse(network_diagram((2, 8, 8, 1), "net", radius=20.0, numbered=False))

    assert picture.get("data-radius") == "20.0"
    assert [text.text for text in picture.iter("text")] == ["inputs", "hidden 1", "hidden 2", "output", "x", "y"]


def test_lines_tell_size_sign_and_which_is_chosen() -> None:
    weights = [([[0.5, -2.0], [0.0, 1.0]], [0.25, -0.125]), ([[1.5], [-1.0]], [0.0])]

    picture = network_diagram((2, 2, 1), "net", weights=weights, chosen=(1, "bias", 1))

    looks = {
        (line.attrib["data-layer"], line.attrib["data-from"], line.attrib["data-to"]): (
            line.attrib["class"].split()[1:],
            line.attrib["style"],
        )
        for line in groups(picture, "gd-net-weight")
    }
    assert looks["1", "0", "0"] == (["gd-net-plus"], "--gd-size:0.5")
    assert looks["1", "0", "1"] == (["gd-net-minus"], "--gd-size:2")
    assert looks["1", "bias", "1"] == (["gd-net-bias", "gd-net-minus", "gd-net-chosen"], "--gd-size:0.125")
    assert looks["2", "1", "0"] == (["gd-net-minus"], "--gd-size:1")
    assert picture.count("gd-net-chosen") == 1


def test_a_diagram_has_a_name_and_a_description_of_its_own() -> None:
    root = parse(network_diagram((2, 4, 1), "one", title="A <net>"))

    title, description = root.find("title"), root.find("desc")
    assert title is not None
    assert description is not None
    assert (root.get("role"), title.text, description.text) == ("img", "A <net>", describe((2, 4, 1)))
    assert root.get("aria-labelledby") == title.get("id") == "one-network-title"
    assert root.get("aria-describedby") == description.get("id") == "one-network-description"
    assert "then 4 hidden units" in describe((2, 4, 1))


def test_layers_are_named_as_far_as_there_is_room() -> None:
    assert layer_names((2, 1)) == ["inputs", "output"]
    assert layer_names((2, 4, 1)) == ["inputs", "hidden", "output"]
    assert layer_names((2, 8, 8, 1)) == ["inputs", "hidden 1", "hidden 2", "output"]
    assert layer_names((2, 3, 3, 3, 3, 1), short=True) == ["in", "1", "2", "3", "4", "out"]


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="a diagram shows layers of at most 16 units, got 17"):
        network_diagram((2, 17, 1), "net")
    with pytest.raises(ValueError, match="4 columns of units of radius 60 need a width of at least 526, got 344"):
        place_units((2, 8, 8, 1), radius=60.0, width=344)
