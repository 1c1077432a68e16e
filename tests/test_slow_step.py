"""One update in slow motion has the numbers of the real loop, and looking at it changes nothing."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from gd_core import ACTIVATIONS, LOSSES, Run
from gd_core.settings import Settings, parse
from gd_core.slow_step import NUDGE, SlowStep, Update, Weight


def small(**given: Any) -> Settings:
    return parse({"points": 20, "batch_size": 8, "hidden_layers": [4, 3]} | given)


def real_run(settings: Settings) -> Run:
    return Run(
        *settings.draw_data(),
        settings.network(),
        settings.make_optimizer(),
        batch_size=settings.batch_size,
        seed=settings.seed,
    )


def look_at_everything(slow: SlowStep) -> None:
    slow.forward()
    slow.loss()
    slow.gradient()
    slow.slope(Weight(1, 0, 0))
    slow.update(0.5)
    slow.losses_along([0.0, 3.0])
    slow.update(100.0)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_slow_steps_are_those_of_the_real_run_bit_for_bit(activation: str, loss: str) -> None:
    settings = small(activation=activation, loss=loss, learning_rate=0.3)
    slow, run = SlowStep(settings), real_run(settings)

    for _ in range(10):  # three epochs of three batches, and one update more
        look_at_everything(slow)
        promised = slow.update(0.3)
        slow.make(0.3)
        run.advance()

        assert np.array_equal(slow.run.params, run.params)
        assert np.array_equal(promised.params, run.params)
        assert slow.run.batch_loss == run.batch_loss == promised.loss_before
    assert slow.run.losses == run.losses
    assert slow.run.accuracies == run.accuracies
    assert (slow.run.epoch, slow.run.update, slow.run.step) == (3, 1, 10)


def test_looking_ahead_deals_no_points_twice() -> None:
    settings = small()
    peeked, run = real_run(settings), real_run(settings)

    for _ in range(7):
        assert peeked.next_batch() is peeked.next_batch()
        peeked.advance()
        run.advance()

    assert np.array_equal(peeked.params, run.params)
    assert peeked.losses == run.losses


def test_the_loss_after_an_update_is_what_the_network_says_of_the_same_points() -> None:
    slow = SlowStep(small())
    forward, network = slow.forward(), slow.run.model.network

    update = slow.update(2.0)

    after, _ = network.loss_and_gradient(update.params, forward.inputs, forward.targets)
    before, _ = network.loss_and_gradient(slow.run.params, forward.inputs, forward.targets)
    assert update.loss_after == pytest.approx(after, rel=1e-14)
    assert update.loss_before == pytest.approx(before, rel=1e-14)
    assert update.came == update.loss_after - update.loss_before


def test_all_points_are_measured_before_and_after_too() -> None:
    settings = small()
    slow, (inputs, targets) = SlowStep(settings), settings.draw_data()

    update = slow.update(2.0)

    network = slow.run.model.network
    assert update.all_before == slow.run.initial_loss
    assert update.all_after == pytest.approx(network.loss_and_gradient(update.params, inputs, targets)[0], rel=1e-14)


def test_each_points_loss_is_the_textbooks_and_the_mean_is_their_mean() -> None:
    slow = SlowStep(small())
    forward, loss = slow.forward(), slow.loss()

    for target, probability, each in zip(forward.targets, forward.probabilities, loss.each, strict=True):
        given = probability if target == 1.0 else 1.0 - probability
        assert each == pytest.approx(
            -math.log(given), rel=1e-12
        )  # the loss of a point: -log of what the truth was given
    assert loss.mean == pytest.approx(sum(loss.each) / len(loss.each), rel=1e-14)


def test_an_answer_is_right_when_more_than_half_goes_to_the_truth() -> None:
    slow = SlowStep(small(seed=4))

    forward = slow.forward()

    assert forward.right.tolist() == ((forward.probabilities > 0.5) == (forward.targets == 1.0)).tolist()
    assert {True, False} == set(forward.right.tolist())


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "linear"])
@pytest.mark.parametrize("loss", LOSSES)
def test_a_nudge_measures_the_slope_that_the_gradient_says_for_every_weight(activation: str, loss: str) -> None:
    slow = SlowStep(small(activation=activation, loss=loss))
    slow.make(1.0)  # so that no bias is zero
    gradient = slow.gradient()

    for index, weight in enumerate(slow.weights):
        slope = slow.slope(weight)
        assert slope.gradient == gradient[index]
        assert slope.measured == pytest.approx(gradient[index], rel=1e-4, abs=1e-7)
        assert slope.measured == (slope.loss_above - slope.loss_below) / (2 * NUDGE)


def test_weights_have_their_places_in_the_vector() -> None:
    slow = SlowStep(small())
    params = slow.run.params

    layers = slow.run.model.network.unpack(params)
    for index, weight in enumerate(slow.weights):
        weights, biases = layers[weight.layer - 1]
        value = biases[weight.to] if weight.source is None else weights[weight.source, weight.to]
        assert slow.index(weight) == index
        assert slow.slope(weight).value == value == params[index]
    assert len(set(slow.weights)) == params.size


def test_ranks_count_from_the_steepest_slope() -> None:
    slow = SlowStep(small())
    sizes = np.abs(slow.gradient())

    ranks = [slow.slope(weight).rank for weight in slow.weights]

    assert ranks[int(np.argmax(sizes))] == 1
    assert sorted(ranks) == list(range(1, len(sizes) + 1))
    assert all(sizes[one] >= sizes[other] for one, other in pairwise(np.argsort(ranks)))


def test_the_promise_is_kept_the_better_the_shorter_the_step() -> None:
    slow = SlowStep(parse({"batch_size": 8}))

    missed = [
        abs(slow.update(rate).came / slow.update(rate).predicted - 1.0) for rate in (1e-4, 1e-3, 1e-2, 0.1, 1, 10)
    ]

    assert missed == sorted(missed)
    assert missed[0] < 1e-4
    assert missed[-1] > 0.9


def test_the_promise_is_the_rate_times_the_sum_of_all_squared_slopes() -> None:
    slow = SlowStep(small())

    assert slow.update(0.25).predicted == pytest.approx(-0.25 * sum(slow.gradient() ** 2), rel=1e-12)


def test_the_losses_along_the_step_begin_before_it_and_pass_through_its_end() -> None:
    slow = SlowStep(small())

    along = slow.losses_along([0.0, 0.5, 1.0])

    assert along[0] == slow.loss().mean
    assert along[1:].tolist() == pytest.approx([slow.update(0.5).loss_after, slow.update(1.0).loss_after], rel=1e-12)


def test_a_run_that_leaves_the_numbers_goes_on_from_the_last_finite_weights() -> None:
    slow = SlowStep(small(activation="linear"))
    kept = slow.run.params.copy()

    for _ in range(3):  # one epoch, after which a run sees that its numbers are gone
        slow.make(1e308)

    assert np.array_equal(slow.run.params, kept)
    assert not slow.run.diverged


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"optimizer": "adam"}, "optimizer must be sgd for a slow step, got 'adam'"),
        ({"schedule": "cosine"}, "schedule must be constant for a slow step, got 'cosine'"),
    ],
)
def test_only_plain_gradient_descent_is_shown(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        SlowStep(small(**given))


@pytest.mark.parametrize(
    ("weight", "sentence"),
    [
        (Weight(0, 0, 0), "layer must be a whole number from 1 to 3, got 0"),
        (Weight(4, 0, 0), "layer must be a whole number from 1 to 3, got 4"),
        (Weight(2, 4, 0), "source must be a whole number from 0 to 3 below layer 2, or None for the bias, got 4"),
        (Weight(2, -1, 0), "source must be a whole number from 0 to 3 below layer 2, or None for the bias, got -1"),
        (Weight(3, 0, 1), "to must be a whole number from 0 to 0 in layer 3, got 1"),
        (Weight(3, None, -1), "to must be a whole number from 0 to 0 in layer 3, got -1"),
    ],
)
def test_a_weight_that_is_not_there_is_refused(weight: Weight, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        SlowStep(small()).slope(weight)


# --- what the lesson says of its slow step --------------------------------------------------------------------


def lessons(rate: float) -> Update:
    return SlowStep(parse({"batch_size": 8})).update(rate)


def test_at_a_tenth_the_loss_falls_nearly_as_far_as_promised() -> None:
    update = lessons(0.1)

    assert 0.9 < update.came / update.predicted < 1.0
    assert update.all_after < update.all_before


def test_at_one_the_slope_promises_the_impossible() -> None:
    update = lessons(1.0)

    assert update.loss_before + update.predicted < 0.0 < update.loss_after < update.loss_before


def test_at_ten_the_step_suits_its_batch_and_spoils_the_rest() -> None:
    update = lessons(10.0)

    assert update.loss_after < 0.01
    assert update.all_after > update.all_before


def test_at_a_hundred_the_step_suits_nobody() -> None:
    update = lessons(100.0)

    assert update.loss_after > update.loss_before
    assert update.all_after > update.all_before
