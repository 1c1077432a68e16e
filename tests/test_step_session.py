"""The slow step as a page drives it: its frames, and the sentences that go with the numbers."""

import json
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from gd_core.numerals import digits, plain, share, signed, signed_digits
from gd_core.settings import parse
from gd_core.slow_step import Slope, SlowStep, Update, Weight
from gd_core.step_session import StepSession, steepest, update_words

SMALL: dict[str, Any] = {"points": 20, "hidden_layers": [4, 3]}


def as_plain(value: Any) -> Any:
    """What JSON makes of a frame, so that two of them can be compared."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return {key: as_plain(inner) for key, inner in value.items()}
    return value


def test_a_batch_has_eight_points_where_nothing_is_said() -> None:
    frame = StepSession(SMALL).open()

    assert len(frame["rows"]) == 8
    assert frame["words"]["round"] == "Epoch 1, batch 1 of 3: 8 points."


def test_batches_follow_each_other_into_the_next_epoch() -> None:
    session = StepSession(SMALL)
    session.open()

    rounds = [session.make(0.1)["words"]["round"] for _ in range(3)]

    assert rounds == [
        "Epoch 1, batch 2 of 3: 8 points.",
        "Epoch 1, batch 3 of 3: 4 points.",
        "Epoch 2, batch 1 of 3: 8 points.",
    ]


def test_the_loss_after_is_where_the_next_look_at_the_same_points_begins() -> None:
    session = StepSession({"points": 8, "batch_size": 8})
    before = session.open()

    after = session.make(0.1)

    assert after["loss"] == pytest.approx(before["loss_after"], rel=1e-12)


def test_turning_the_dial_moves_nothing_but_what_would_come() -> None:
    session = StepSession(SMALL)
    first = session.open()

    turned = session.look(5.0)
    back = session.look(first["learning_rate"])

    assert turned["learning_rate"] == 5.0
    assert turned["predicted"] == pytest.approx(first["predicted"] * 50)
    assert turned["weights"]["value"].tolist() == first["weights"]["value"].tolist()
    assert as_plain(back) == as_plain(first)


def test_a_page_finds_back_to_where_it_was() -> None:
    session = StepSession(SMALL)
    session.open()
    session.make(0.7)
    session.make(2.0)
    weight = {"layer": 2, "source": 1, "to": 2}
    left = session.look(0.01, weight)

    again = StepSession(SMALL).open(done=[0.7, 2.0], rate=0.01, weight=weight)

    assert as_plain(again) == as_plain(left)


def test_open_begins_afresh() -> None:
    session = StepSession(SMALL)
    first = session.open()
    session.look(3.0, {"layer": 1, "source": "bias", "to": 0})
    session.make(2.0)

    assert as_plain(session.open()) == as_plain(first)


def test_the_first_weight_in_the_hand_is_the_steepest() -> None:
    slow = SlowStep(parse(SMALL | {"batch_size": 8}))

    assert slow.slope(steepest(slow)).rank == 1


def test_a_frame_that_was_given_away_does_not_change() -> None:
    session = StepSession(SMALL)
    frame = session.open()
    kept = json.dumps(as_plain(frame))

    session.make(0.1)

    assert json.dumps(as_plain(frame)) == kept


def test_the_bars_are_as_long_as_the_losses() -> None:
    frame = StepSession(SMALL).open()
    losses = SlowStep(parse(SMALL | {"batch_size": 8})).loss().each

    assert [row["size"] for row in frame["rows"]] == pytest.approx((losses / losses.max()).tolist())
    assert [row["loss"] for row in frame["rows"]] == [f"{loss:.4f}" for loss in losses]


@pytest.mark.parametrize(
    ("layers", "weight", "name"),
    [
        ([4, 3], {"layer": 1, "source": 0, "to": 2}, "The weight from x to hidden 1, unit 3"),
        ([4, 3], {"layer": 2, "source": 3, "to": 0}, "The weight from hidden 1, unit 4 to hidden 2, unit 1"),
        ([4, 3], {"layer": 2, "source": "bias", "to": 1}, "The bias of hidden 2, unit 2"),
        ([4], {"layer": 1, "source": 1, "to": 3}, "The weight from y to hidden unit 4"),
        ([4], {"layer": 2, "source": "bias", "to": 0}, "The bias of the output"),
        ([], {"layer": 1, "source": 0, "to": 0}, "The weight from x to the output"),
    ],
)
def test_weights_are_named_by_where_they_lead(layers: list[int], weight: dict[str, Any], name: str) -> None:
    session = StepSession(SMALL | {"hidden_layers": layers})

    assert session.look(0.1, weight)["words"]["weight"] == name


def test_a_slope_is_told_as_a_push() -> None:
    session = StepSession(SMALL)
    frame = session.open()
    layers, sources, targets = (frame["weights"][name] for name in ("layer", "source", "to"))

    for index, gradient in enumerate(frame["weights"]["gradient"]):
        source = "bias" if sources[index] < 0 else float(sources[index])
        weight = {"layer": float(layers[index]), "source": source, "to": float(targets[index])}
        words = session.look(0.1, weight)["words"]
        assert ("raises the loss" in words["meaning"]) == (gradient > 0)
        assert words["gradient"] == signed_digits(gradient)
        assert f"slope {words['gradient']}." in words["meaning"]


def test_the_update_is_written_out() -> None:
    slope = Slope(value=0.5, gradient=-2.0, rank=1, loss_above=0.0, loss_below=0.0, measured=0.0)
    update = Update(0.1, np.zeros(9), loss_before=1.0, loss_after=0.61, predicted=-0.4, all_before=1.0, all_after=0.8)
    network = parse({"hidden_layers": [2]}).network()

    words = update_words(Weight(1, 0, 0), slope, update, network, 8)

    assert words["formula"] == "0.500000 − 0.1 × (−2.000000) = 0.7000"  # 0.5 + 0.2
    assert (words["promised"], words["came"]) == ("−0.400", "−0.390")
    assert words["moved"].endswith("so do all the others: 9 in one go.")


@pytest.mark.parametrize(
    ("before", "after", "predicted", "words"),
    [
        (1.0, 0.905, -0.1, "Nearly what the slope promised"),
        (1.0, 0.95, -0.1, "It fell by 50% of what the slope promised: along the way it got less steep."),
        (1.0, 0.80, -0.1, "It fell by 200% of what the slope promised: along the way it got steeper."),
        (1.0, 0.50, -2.0, "It fell by 25% of what the slope promised, which was a loss below zero."),
        (1.0, 1.20, -0.1, "The slope promised a fall, and the loss did not fall"),
        (1.0, math.inf, -0.1, "The step has left all numbers behind"),
        (1.0, 1.0, 0.0, "All slopes are 0 here, so nothing moves."),
    ],
)
def test_what_came_is_compared_with_what_was_promised(
    before: float, after: float, predicted: float, words: str
) -> None:
    slope = Slope(0.0, 1.0, 1, 0.0, 0.0, 0.0)
    update = Update(0.1, np.zeros(9), before, after, predicted, 1.0, 1.0)

    said = update_words(Weight(1, 0, 0), slope, update, parse({"hidden_layers": [2]}).network(), 8)["after"]

    assert words in said


def test_a_run_that_blows_up_still_has_words_for_everything() -> None:
    session = StepSession({"points": 8, "batch_size": 4, "activation": "linear", "hidden_layers": [8, 8]})
    session.open()

    for _ in range(40):
        words = session.make(100.0)["words"]
        assert all(
            isinstance(text, str) and text and "nan" not in text and "inf" not in text for text in words.values()
        )


@pytest.mark.parametrize("rate", [0, -1, 1e-9, 101, math.nan, math.inf, "0.1", True])
def test_a_rate_that_the_dial_does_not_have_is_refused(rate: Any) -> None:
    session = StepSession(SMALL)

    requests: list[Callable[[], object]] = [
        partial(session.look, rate),
        partial(session.make, rate),
        partial(session.open, rate=rate),
        partial(session.open, done=[rate]),
    ]
    for request in requests:
        with pytest.raises(ValueError, match=r"rate must be a number from 0\.0001 to 100, got"):
            request()
    assert session.rate == 0.1


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.71231, "0.712"),
        (-0.0433333, "−0.0433"),
        (12.345, "12.3"),
        (1234.5, "1234"),
        (0.0000123, "0.0000123"),
        (1.23e-9, "1.23 × 10^−9"),
        (0.0, "0"),
        (math.nan, "beyond all numbers"),
    ],
)
def test_numbers_keep_three_digits(value: float, written: str) -> None:
    assert digits(value) == written


def test_numbers_are_written_for_people() -> None:
    assert (plain(0.71231), plain(123.456), plain(2.5e9), plain(math.inf)) == (
        "0.7123",
        "123.5",
        "2.50 × 10^9",
        "beyond all numbers",
    )
    assert (share(0.5), share(0.0001), share(0.99999), share(1.0)) == ("0.500", "< 0.001", "> 0.999", "1.000")
    assert (signed(0.5, 2), signed(-0.5, 2), signed(-0.001, 2)) == ("+0.50", "−0.50", "0.00")
    assert (signed(2.5e7, 2), signed(-2.5e12, 2)) == ("+2.50 × 10^7", "−2.50 × 10^12")
    assert (signed_digits(0.5), signed_digits(-0.5), signed_digits(0.0)) == ("+0.500", "−0.500", "0")
