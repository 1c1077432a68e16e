"""The valley and the ravine: the lesson's own numbers, and every word about a learning rate held against a walk."""

import math
from typing import Any

import numpy as np
import pytest

from gd_core import valley
from gd_core.optimizers import OPTIMIZERS, Momentum, Nesterov, Optimizer, State
from gd_core.valley import RULES, explain, judge, limit_of, loss, slope, walk
from gd_core.valley_session import parse

CURVATURES = (0.1, 0.5, 2.0, 3.0, 8.0)
MOMENTA = (0.0, 0.5, 0.7, 0.9, 0.99)


def plain(rate: float, *, curvature: float = 2.0, start: float = 4.0, steps: int = 40) -> valley.Walk:
    return walk([curvature], [start], OPTIMIZERS["sgd"](learning_rate=rate), steps)


# --- the valley ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "way"),
    [
        # the slope at w is 2 w
        (0.01, (4.0, 3.92, 3.8416, 3.764768)),  # 4 − 0.01·8 = 3.92; 3.92 − 0.01·7.84 = 3.8416; …
        (0.1, (4.0, 3.2, 2.56, 2.048)),  # 4 − 0.1·8 = 3.2; 3.2 − 0.1·6.4 = 2.56; 2.56 − 0.1·5.12 = 2.048
        (0.5, (4.0, 0.0)),  # 4 − 0.5·8 = 0
        (0.9, (4.0, -3.2, 2.56, -2.048)),  # 4 − 0.9·8 = −3.2; −3.2 + 0.9·6.4 = 2.56; …
        (1.0, (4.0, -4.0, 4.0, -4.0)),  # 4 − 8 = −4; −4 + 8 = 4; …
        (1.1, (4.0, -4.8, 5.76, -6.912)),  # 4 − 1.1·8 = −4.8; −4.8 + 1.1·9.6 = 5.76; 5.76 − 1.1·11.52 = −6.912
    ],
)
def test_the_first_steps_are_those_worked_out_by_hand(rate: float, way: tuple[float, ...]) -> None:
    found = plain(rate)
    assert found.weights[:4, 0] == pytest.approx(way, rel=1e-12, abs=1e-12)
    assert found.losses[:4] == pytest.approx([weight**2 for weight in way], rel=1e-12, abs=1e-12)
    assert found.slopes[:4, 0] == pytest.approx([2.0 * weight for weight in way], rel=1e-12, abs=1e-12)


def test_two_steps_with_momentum_are_those_worked_out_by_hand() -> None:
    """λ = 2, η = 0.1, μ = 0.5. v = −0.1·8 = −0.8, w = 3.2; v = 0.5·(−0.8) − 0.1·6.4 = −1.04, w = 2.16."""
    way = walk([2.0], [4.0], Momentum(0.1, 0.5), 2)
    assert way.weights[:, 0] == pytest.approx([4.0, 3.2, 2.16], rel=1e-12)


def test_the_slope_is_that_of_the_loss() -> None:
    bends, rng = np.array([0.05, 2.0]), np.random.default_rng(0)
    for place in rng.normal(scale=4.0, size=(20, 2)):
        for index in range(2):
            push = np.zeros(2)
            push[index] = 1e-5
            measured = (loss(place + push, bends) - loss(place - push, bends)) / 2e-5
            assert measured == pytest.approx(slope(place, bends)[index], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", RULES)
def test_two_weights_go_their_ways_as_if_each_were_alone(name: str) -> None:
    rule = OPTIMIZERS[name](learning_rate=0.3)
    both = walk([0.05, 2.0], [-8.0, 2.0], rule, 30).weights
    for index, (curvature, start) in enumerate([(0.05, -8.0), (2.0, 2.0)]):
        alone = walk([curvature], [start], rule, 30).weights[:, 0]
        assert both[: len(alone), index].tolist() == alone.tolist()


@pytest.mark.parametrize(
    ("rate", "start", "end", "steps"),
    [
        (0.1, 4.0, "arrived", 27),  # 4·0.8^26 = 0.0121, 4·0.8^27 = 0.0097
        (0.5, 4.0, "arrived", 1),
        (0.01, 4.0, "steps", 40),
        (1.0, 4.0, "steps", 40),
        (0.1, 0.0, "arrived", 0),
    ],
)
def test_a_walk_ends_where_there_is_nothing_left_to_see(rate: float, start: float, end: str, steps: int) -> None:
    way = plain(rate, start=start)
    assert (way.end, way.steps) == (end, steps)
    assert len(way.losses) == len(way.slopes) == steps + 1


def test_a_walk_that_leaves_the_numbers_ends_and_keeps_what_it_was() -> None:
    """The factor is −3, so the weight passes 1.8e308 at step 646: 4·3^645 = 1.1e308. The loss, its square, is infinite
    from step 323 on: 4·3^322 squared is below 1.8e308, 4·3^323 squared is not."""
    way = plain(2.0, steps=2000)
    assert way.end == "beyond"
    assert np.isfinite(way.weights[:-1]).all()
    assert not np.isfinite(way.weights[-1]).any()
    assert np.isfinite(way.losses).sum() == 1 + math.floor(math.log(math.sqrt(1.7976e308) / 4.0) / math.log(3.0))


@pytest.mark.parametrize("name", ["momentum", "nesterov", "adam"])
def test_a_walk_in_full_swing_has_not_arrived_when_it_crosses_the_floor(name: str) -> None:
    way = walk([2.0], [4.0], OPTIMIZERS[name](learning_rate=0.1), 2000)
    assert way.end == "arrived"
    assert abs(way.weights[-1, 0] - way.weights[-2, 0]) < valley.ARRIVED
    assert abs(way.weights[-1, 0]) < valley.ARRIVED


# --- what a learning rate does ------------------------------------------------------------------------------


@pytest.mark.parametrize("curvature", CURVATURES)
@pytest.mark.parametrize(
    ("share", "name"),
    [
        (0.01, "crawls"),
        (0.1, "glides"),
        (0.9, "glides"),
        (1.0, "lands"),
        (1.1, "bounces"),
        (1.999, "bounces"),
        (2.0, "swings"),
        (2.001, "climbs"),
        (10.0, "climbs"),
    ],
)
def test_the_word_for_a_rate_is_what_the_walk_does(curvature: float, share: float, name: str) -> None:
    """`share` is η λ. The rate is rounded to twelve digits, as the page writes it."""
    rate = float(f"{share / curvature:.12g}")
    regime = judge("sgd", rate, curvature)
    assert regime.name == name
    first, second, third = [*plain(rate, curvature=curvature, steps=3).weights[1:, 0].tolist(), 0.0, 0.0][:3]
    assert first == pytest.approx(4.0 * regime.factor, abs=1e-9)
    match name:
        case "crawls" | "glides":
            assert 4.0 > first > second > third > 0.0
        case "lands":
            assert abs(first) < 1e-9
        case "bounces":
            assert first < 0.0 < second < 4.0
            assert abs(first) < 4.0
        case "swings":
            assert (first, second) == pytest.approx((-4.0, 4.0), abs=1e-9)
        case "climbs":
            assert first < -4.0
            assert second > -first
            assert abs(third - second) > abs(second - first) > abs(first - 4.0)  # the next step is longer still


@pytest.mark.parametrize("rate", [0.001, 0.01, 0.017])
def test_a_crawl_halves_the_distance_in_as_many_steps_as_it_says(rate: float) -> None:
    reason = judge("sgd", rate, 2.0).reason
    steps = int(reason.split("takes ")[1].split(" ")[0])
    way = plain(rate, steps=steps).weights[:, 0]
    assert way[-1] <= 2.0 < way[-2]
    assert judge("sgd", 0.02, 2.0).name == "glides"


@pytest.mark.parametrize(
    ("rate", "sentence"),
    [
        (0.1, "It glides down: 0.1 is below 1/λ = 0.5, so each step leaves 1 − ηλ = 0.8 of w"),
        (0.5, "It lands in one step: the learning rate is exactly 1/λ = 0.5"),
        (0.9, "It bounces inwards: 0.9 lies between 1/λ = 0.5 and 2/λ = 1, so each step multiplies w by 1 − ηλ = −0.8"),
        (1.0, "It swings for ever: the learning rate is exactly 2/λ = 1"),
        (1.1, "It climbs out: 1.1 is above 2/λ = 1, so each step multiplies w by 1 − ηλ = −1.2"),
    ],
)
def test_the_reason_has_the_numbers_that_decide(rate: float, sentence: str) -> None:
    (regime,), said = explain("sgd", rate, [2.0])
    assert said.startswith(sentence)
    assert said.endswith(".")
    assert valley.phrase(regime.name) in said


@pytest.mark.parametrize("curvature", CURVATURES)
@pytest.mark.parametrize("momentum", MOMENTA)
@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov"])
def test_the_limit_is_where_the_rules_own_walk_turns_from_dying_out_to_growing(
    name: str, momentum: float, curvature: float
) -> None:
    limit = limit_of(name, curvature, momentum)
    assert largest_factor(rule(name, 0.999 * limit, momentum), curvature) < 1.0
    assert largest_factor(rule(name, limit, momentum), curvature) == pytest.approx(1.0, abs=1e-6)
    assert largest_factor(rule(name, 1.001 * limit, momentum), curvature) > 1.0


@pytest.mark.parametrize("momentum", MOMENTA)
@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 1.0, 1.3, 1.9, 2.5, 4.0])
@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_the_factor_with_momentum_is_that_of_the_rule_itself(name: str, momentum: float, share: float) -> None:
    regime = judge(name, share / 2.0, 2.0, momentum)
    assert regime.factor == pytest.approx(largest_factor(rule(name, share / 2.0, momentum), 2.0), abs=1e-6)
    assert (regime.name == "climbs") == (regime.factor > 1.0 + 1e-9)


def test_the_worked_limits() -> None:
    """λ = 2, μ = 0.7: 2·1.7/2 = 1.7 with momentum; 3.4/(2.4·2) = 0.7083 with Nesterov's; none for Adam."""
    assert limit_of("sgd", 2.0, 0.7) == 1.0
    assert limit_of("momentum", 2.0, 0.7) == pytest.approx(1.7)
    assert limit_of("nesterov", 2.0, 0.7) == pytest.approx(3.4 / 4.8)
    assert limit_of("adam", 2.0, 0.7) == math.inf


@pytest.mark.parametrize("curvature", CURVATURES)
@pytest.mark.parametrize("rate", [0.001, 0.1, 2.0])
def test_adams_first_step_is_as_long_as_the_learning_rate_whatever_the_slope(curvature: float, rate: float) -> None:
    way = walk([curvature], [4.0], OPTIMIZERS["adam"](learning_rate=rate), 1)
    assert 4.0 - way.weights[1, 0] == pytest.approx(rate, rel=1e-4)


@pytest.mark.parametrize("rate", [0.1, 1.0, 10.0])
def test_adam_does_not_climb_out_at_twice_two_over_lambda(rate: float) -> None:
    way = walk([4.0 / rate], [4.0], OPTIMIZERS["adam"](learning_rate=rate), 2000)
    assert np.abs(way.weights).max() < 4.0 + 10.0 * rate


def test_a_ravine_says_which_weight_decides() -> None:
    _, bounces = explain("sgd", 0.9, [0.05, 2.0])
    assert "Along w₁ (λ = 0.05) it glides down: 1 − ηλ = 0.955." in bounces
    assert "Along w₂ (λ = 2) it bounces inwards: 1 − ηλ = −0.8." in bounces
    assert "w₁ sets the pace: to halve its distance takes 16 steps." in bounces  # 0.955^15 = 0.501, 0.955^16 = 0.479
    assert "A rate above 1 would climb out along w₂." in bounces
    _, climbs = explain("sgd", 1.1, [0.05, 2.0])
    assert "w₂ decides: 1.1 is above its limit 2/λ = 1, however well it suits w₁." in climbs
    _, turned = explain("sgd", 1.1, [2.0, 0.05])
    assert "w₁ decides" in turned
    _, momentum = explain("momentum", 0.5, [0.05, 2.0], 0.7)
    assert "where the plain rule would need 28 at this rate" in momentum  # 0.975^27 = 0.505, 0.975^28 = 0.492
    _, too_much = explain("momentum", 2.0, [0.05, 2.0], 0.7)
    assert "2 is above its limit 2(1 + μ)/λ = 1.7" in too_much
    _, both = explain("momentum", 0.9, [0.05, 2.0], 0.7)
    assert "Along both weights it rolls past the floor and back: each step leaves about 0.837" in both  # √0.7
    _, round_bowl = explain("sgd", 0.1, [2.0, 2.0])
    assert "along both weights alike" in round_bowl
    assert "of each weight" in round_bowl
    _, adam = explain("adam", 0.1, [0.05, 2.0])
    assert "Both weights begin at one pace" in adam


@pytest.mark.parametrize(("rate", "momentum"), [(0.045, 0.49), (0.005, 0.81), (0.32, 0.04)])
def test_at_the_very_rate_where_rolling_begins_nothing_rolls_past_the_floor(rate: float, momentum: float) -> None:
    """At ηλ = (1 − √μ)² the two roots are one, √μ: here √0.49 = 0.7, √0.81 = 0.9, √0.04 = 0.2."""
    assert rate * 2.0 == pytest.approx((1.0 - math.sqrt(momentum)) ** 2)

    regime = judge("momentum", rate, 2.0, momentum)
    weights = walk([2.0], [4.0], Momentum(rate, momentum), 200).weights

    assert regime.name == "glides"
    assert regime.factor == pytest.approx(math.sqrt(momentum))
    assert weights.min() > 0.0


def test_a_rate_just_below_a_limit_is_not_rounded_to_it() -> None:
    assert explain("sgd", 0.9999, [2.0])[1].startswith("It bounces inwards: 0.9999 lies between 1/λ = 0.5 and 2/λ = 1")


def test_every_rule_has_its_words_at_every_rate() -> None:
    for name in RULES:
        for rate in (0.0001, 0.01, 0.1, 0.5, 0.7, 1.0, 1.7, 3.0, 100.0):
            for curvatures in ([2.0], [0.05, 2.0], [2.0, 2.0]):
                regimes, said = explain(name, rate, curvatures, 0.7)
                assert len(regimes) == len(curvatures)
                assert said.endswith(".")
                assert "nan" not in said
                assert "inf " not in said


# --- what Module 4 says of the valley and the ravine -----------------------------------------------------------


def test_the_steps_shrink_at_a_tenth_and_grow_at_one_point_one() -> None:
    assert np.abs(np.diff(plain(0.1).weights[:4, 0])) == pytest.approx([0.8, 0.64, 0.512])
    assert np.abs(np.diff(plain(1.1).weights[:4, 0])) == pytest.approx([8.8, 10.56, 12.672])


def test_each_step_at_one_point_one_lands_on_the_other_side_and_higher_up_where_it_is_steeper() -> None:
    way = plain(1.1)
    assert (way.weights[1:, 0] * way.weights[:-1, 0] < 0.0).all()
    assert (np.diff(way.losses) > 0.0).all()
    assert (np.diff(np.abs(way.slopes[:, 0])) > 0.0).all()


def test_forty_steps_at_a_hundredth_come_no_further_than_1_78() -> None:
    way = plain(0.01)
    assert way.steps == 40
    assert f"{way.weights[-1, 0]:.2f}" == "1.78"


def test_no_plain_rate_crosses_the_ravine_in_fewer_than_130_steps_and_momentum_does_it_in_35() -> None:
    """The slower weight keeps at least (40 − 1)/(40 + 1) = 0.951 of its distance whatever the rate: 40 is the ratio of
    the curvatures, and the best rate leaves the same share of both. From 8 to 0.01 that takes 134 steps."""

    def steps(**settings: Any) -> int:
        way = parse({"curvatures": [0.05, 2.0], "steps": 2000} | settings).walk()
        return way.steps if way.end == "arrived" else 2001

    assert steps() == 146
    assert steps(optimizer="momentum") == 35
    assert min(steps(learning_rate=thousandths / 1000.0) for thousandths in range(800, 1010, 2)) == 134
    assert math.log(0.01 / 8.0) / math.log(39.0 / 41.0) > 130.0


def test_momentum_adds_up_along_the_ravine() -> None:
    """The longest step along the flat weight is more than twice the longest that the plain rule takes there."""
    longest = {
        name: np.abs(np.diff(parse({"curvatures": [0.05, 2.0], "optimizer": name}).walk().weights[:, 0])).max()
        for name in ("sgd", "momentum")
    }
    assert longest["momentum"] > 2.0 * longest["sgd"]


# --- helpers ------------------------------------------------------------------------------------------------


def rule(name: str, rate: float, momentum: float) -> Optimizer:
    if name == "sgd":
        return OPTIMIZERS["sgd"](learning_rate=rate)
    return Momentum(rate, momentum) if name == "momentum" else Nesterov(rate, momentum)


def largest_factor(optimizer: Optimizer, curvature: float) -> float:
    """The spectral radius of one update, read off the optimizer itself: what it makes of (1, 0) and of (0, 1).

    On a parabola an update is linear in the weight and the velocity, which is the first of a rule's vectors.
    """
    columns = []
    for weight, velocity in ((1.0, 0.0), (0.0, 1.0)):
        place = np.array([weight])
        state: State = optimizer.init(place)
        state[0][:] = velocity
        optimizer.update(place, curvature * place, state, 0)
        remembered = state[0][0] if len(state) > 1 else 0.0
        columns.append([place[0], remembered])
    return float(np.abs(np.linalg.eigvals(np.array(columns).T)).max())
