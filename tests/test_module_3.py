"""What Module 3 says about its two networks, computed from the settings that its page gives to its labs."""

from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gd_core import anatomy
from gd_core.network import Network
from gd_core.network_session import NetworkSession
from gd_core.session import record
from gd_core.settings import Settings
from scripts.blocks import read_page
from scripts.blocks.network import NetworkLab
from scripts.blocks.quiz import Quiz

PAGE = Path(__file__).resolve().parent.parent / "docs" / "modules" / "03-a-network-that-already-works.md"
SHAKES = range(1, 101)
"""The first hundred shakes that the lab's button makes."""


@cache
def blocks() -> tuple[object, ...]:
    return tuple(part.block for part in read_page(PAGE.read_text(encoding="utf-8").split("\n")) if part.block)


@cache
def trained(settings: Settings) -> NetworkSession:
    return NetworkSession({**settings.as_dict(), "params": record(settings.as_dict(), surface=2)["params"]})


def labs() -> list[NetworkLab]:
    return [block for block in blocks() if isinstance(block, NetworkLab)]


@pytest.fixture
def triangle() -> NetworkSession:
    return trained(labs()[0].settings)


@pytest.fixture
def crescents() -> NetworkSession:
    return trained(labs()[1].settings)


def score(walk: NetworkSession, *off: anatomy.Unit) -> tuple[float, int]:
    return anatomy.score(walk.network, walk.good, walk.inputs, walk.targets, off)


def shaken(walk: NetworkSession, noise: float) -> list[tuple[float, int]]:
    return [
        anatomy.score(
            walk.network,
            anatomy.shaken(walk.good, noise, np.random.default_rng(shake)),
            walk.inputs,
            walk.targets,
        )
        for shake in SHAKES
    ]


def lost(walk: NetworkSession, noise: float) -> float:
    """How many points a shake of that strength usually costs."""
    return float(len(walk.targets) - np.median([right for _, right in shaken(walk, noise)]))


def answers(walk: NetworkSession, *off: anatomy.Unit) -> NDArray[np.bool_]:
    """Where the network answers class 1, on a grid from the top left."""
    size = 60
    return np.greater(anatomy.landscapes(walk.network, walk.good, size, off)[-1], 0.5).reshape(size, size)


# --- three units, one triangle --------------------------------------------------------------------------------


def test_thirteen_numbers_get_every_point_right(triangle: NetworkSession) -> None:
    assert triangle.network.size == 13
    assert score(triangle)[1] == len(triangle.targets) == 128


def test_no_straight_line_separates_the_disc_from_the_ring(triangle: NetworkSession) -> None:
    """The ring's points surround those of the disc: in every direction some lie further out on both sides."""
    angles = np.linspace(0.0, np.pi, 60)
    for direction in np.column_stack((np.cos(angles), np.sin(angles))):
        along = triangle.inputs @ direction
        ring, disc = along[triangle.targets == 0.0], along[triangle.targets == 1.0]
        assert ring.min() < disc.min() < disc.max() < ring.max()


def test_the_point_goes_through_as_the_text_tells(triangle: NetworkSession) -> None:
    lab = labs()[0]
    assert lab.point == (2.0, -1.0)
    trace = anatomy.trace(triangle.network, triangle.good, lab.point)
    assert np.round(trace.outputs[0], 2).tolist() == [0.99, 1.00, 0.48]
    assert (round(trace.logit, 2), round(trace.probability, 2)) == (2.96, 0.95)


def test_on_the_way_to_the_right_unit_3_changes_its_mind_and_the_output_follows(triangle: NetworkSession) -> None:
    traces = {x: anatomy.trace(triangle.network, triangle.good, (x, -1.0)) for x in np.arange(2.0, 4.01, 0.01)}
    turns = [next(x for x, trace in traces.items() if trace.sums[0][2] < 0.0)]
    turns.append(next(x for x, trace in traces.items() if trace.logit < 0.0))
    assert [round(float(x), 1) for x in turns] == [2.4, 2.5]
    assert all((trace.sums[0][:2] > 0.0).all() for trace in traces.values())
    assert round(anatomy.trace(triangle.network, triangle.good, (3.0, -1.0)).probability, 2) == 0.08


def test_each_unit_guards_the_side_that_the_text_names(triangle: NetworkSession) -> None:
    outside = {0: (0.0, -5.0), 1: (-3.0, 3.0), 2: (5.0, -0.5)}  # below, at the upper left, at the right
    for unit, point in outside.items():
        says = anatomy.trace(triangle.network, triangle.good, point).sums[0]
        assert [index for index in range(3) if says[index] < 0.0] == [unit]


def test_the_output_counts_votes(triangle: NetworkSession) -> None:
    weights, (bias,) = triangle.network.unpack(triangle.good)[1]
    assert (weights.min().round(1), weights.max().round(1), bias.round(1)) == (4.4, 4.6, -8.2)
    table = {(1, 1, 1): 5.3, (-1, 1, 1): -3.5, (1, -1, 1): -3.9, (1, 1, -1): -3.7}
    for votes, logit in table.items():
        assert round(float(np.dot(votes, weights[:, 0]) + bias), 1) == logit
    assert round(float(weights[:2].sum()), 0) == 9.0, "two yeses bring 9, says the quiz"


@pytest.mark.parametrize(("unit", "right"), [(0, 106), (1, 91), (2, 96)])
def test_a_silent_unit_opens_its_side_out_to_the_edge(triangle: NetworkSession, unit: int, right: int) -> None:
    assert score(triangle, (1, unit))[1] == right
    weights, (bias,) = triangle.network.unpack(triangle.good)[1]
    assert np.delete(weights, unit).sum() + bias > 0.0, "two yeses are enough"
    whole, open_ = answers(triangle), answers(triangle, (1, unit))
    for rim in (whole[[0, -1]], whole[:, [0, -1]].T):
        assert not rim.any()
    assert open_[[0, -1]].any() or open_[:, [0, -1]].any(), "out to the edge of the plane"
    said = anatomy.landscapes(triangle.network, triangle.good, 60)[0]
    yes = np.greater(said, 0.5).reshape(3, 60, 60)
    assert not yes[unit][open_ & ~whole].any(), "what is won lies beyond its line"
    one, other = (yes[index] for index in range(3) if index != unit)
    assert (one & other)[open_].all(), "where both of the others say yes"
    assert 0.5 < open_[whole].mean() < 0.65, "nearly half of the triangle is lost"
    logits = anatomy.forward(
        triangle.network, triangle.good, anatomy.grid(60), anatomy.switches(triangle.network, [(1, unit)])
    )[-1].sums
    assert logits.max() < 1.0


def test_unit_2_leaves_about_0_7(triangle: NetworkSession) -> None:
    weights, (bias,) = triangle.network.unpack(triangle.good)[1]
    assert round(float(weights[1, 0]), 1) == 4.6
    assert round(float(weights[0, 0] + weights[2, 0] + bias), 1) == 0.7


def test_with_all_units_silent_the_bias_says_class_0_everywhere(triangle: NetworkSession) -> None:
    loss, right = score(triangle, (1, 0), (1, 1), (1, 2))
    assert (round(loss, 1), right) == (4.1, 64)
    assert not answers(triangle, (1, 0), (1, 1), (1, 2)).any()


def test_the_bias_says_how_many_votes_it_takes(triangle: NetworkSession) -> None:
    area = []
    for bias in (-10.0, -8.172, -5.0, 0.0):
        frame = triangle.alter(off=[], noise=0.0, shake=1, nudges=[[2, 0, 3, bias]], size=60)
        area.append(int((frame["landscapes"][1] > 0.5).sum()))
    assert area == sorted(set(area)), "the triangle grows with the bias"
    assert frame["right"] == 64 + 1, "at 0, one point of the ring is left"


def test_shakes_hurt_as_much_as_the_text_says(triangle: NetworkSession) -> None:
    assert lost(triangle, 0.1) == 0.0
    assert 10.0 < lost(triangle, 0.5) < 25.0
    assert lost(triangle, 2.0) == pytest.approx(128 / 3, abs=6.0)
    assert min(loss for loss, _ in shaken(triangle, 0.2)) > score(triangle)[0]


# --- 105 numbers ----------------------------------------------------------------------------------------------


def test_it_is_the_network_that_module_4_trains(crescents: NetworkSession) -> None:
    assert labs()[1].settings.as_dict() == NetworkSession({"params": [0.0] * 105}).settings.as_dict()
    assert crescents.network.size == 105
    assert score(crescents)[1] == len(crescents.targets) == 256


@pytest.mark.parametrize("count", [1, 2, 3])
def test_no_three_units_of_the_second_hidden_layer_are_needed(crescents: NetworkSession, count: int) -> None:
    for units in combinations(range(8), count):
        assert score(crescents, *((2, unit) for unit in units))[1] == 256


def test_units_4_and_8_of_the_first_hidden_layer_stand_apart(crescents: NetworkSession) -> None:
    weights, _ = crescents.network.unpack(crescents.good)[0]
    sizes = np.hypot(*weights)
    directions = np.degrees(np.arctan2(weights[1], weights[0])) % 180.0
    apart, alike = [3, 7], [0, 1, 2, 4, 5, 6]
    assert sizes[apart].min() > 5 * sizes[alike].max()
    assert np.ptp(directions[alike]) < 15.0
    assert min(abs(directions[unit] - directions[alike].mean()) for unit in apart) > 90.0
    assert 256 - score(crescents, (1, 3))[1] == 24


def test_the_second_layer_bends_and_the_first_does_not(crescents: NetworkSession) -> None:
    """A half-plane's two sides are each convex: the middle between two cells of a side lies on that side."""
    first, second, _ = anatomy.landscapes(crescents.network, crescents.good, 41)
    rng = np.random.default_rng(1)
    bent = []
    for cells in (*first, *second):
        positive = (cells > 0.5).reshape(41, 41)
        pairs = rng.choice(np.argwhere(positive), (2000, 2))
        middles = pairs.sum(axis=1)
        even = (middles % 2 == 0).all(axis=1)
        inside = positive[tuple((middles[even] // 2).T)]
        bent.append(not inside.all())
    assert not any(bent[:8])
    assert all(bent[8:])


def test_the_larger_network_is_not_the_tougher_one(triangle: NetworkSession, crescents: NetworkSession) -> None:
    assert lost(triangle, 0.2) == 2.0
    assert lost(crescents, 0.2) >= 30.0
    assert 0.2 < np.median(np.abs(crescents.good)) < 0.4 < np.median(np.abs(triangle.good))


# --- the quiz -------------------------------------------------------------------------------------------------


def test_the_numbers_of_the_quiz() -> None:
    (quiz,) = [block for block in blocks() if isinstance(block, Quiz)]
    given = {
        question.name: [answer.number.value for answer in question.answers if answer.right and answer.number]
        for question in quiz.questions
    }
    assert given["one-sum"] == [2 * 1 - 1 * 3 + 0.5]
    assert round(float(np.tanh(-0.5)), 2) == -0.46
    assert given["count"] == [Network((2, 4, 1)).size]


def test_without_bends_all_layers_fold_into_one_straight_line() -> None:
    network = Network((2, 8, 8, 1), "linear")
    params = np.random.default_rng(2).normal(size=network.size)
    at, right, up, both = network.logits(params, [(0, 0), (1, 0), (0, 1), (3, -2)])
    assert both == pytest.approx(at + 3 * (right - at) - 2 * (up - at))
