"""The training loop, against a slow and obvious one, and what happens to runs that leave the numbers."""

import math
import warnings

import numpy as np
import pytest

from gd_core import ACTIVATIONS, DATASETS, LOSSES, OPTIMIZERS, Epoch, Network, Run, train
from gd_core.schedules import CosineDecay


def moons(count: int = 100) -> tuple[np.ndarray, np.ndarray]:
    return DATASETS["moons"](count, noise=0.1, rng=np.random.default_rng(5))


def slow_training(
    inputs: np.ndarray, targets: np.ndarray, network: Network, rate: float, epochs: int, batch_size: int, seed: int
) -> list[tuple[float, float, np.ndarray]]:
    """Train by the book: one batch after another through `loss_and_gradient`, w ← w − η g."""
    rng = np.random.default_rng(seed)
    params = network.init(rng)
    history = []
    for _ in range(epochs):
        order = rng.permutation(len(inputs))
        losses, right = 0.0, 0
        for start in range(0, len(inputs), batch_size):
            chosen = order[start : start + batch_size]
            logits = network.logits(params, inputs[chosen])
            loss, gradient = network.loss_and_gradient(params, inputs[chosen], targets[chosen])
            losses += loss * len(chosen)
            right += int(np.count_nonzero((logits > 0.0) == (targets[chosen] == 1.0)))
            params = params - rate * gradient
        history.append((losses / len(inputs), right / len(inputs), params))
    return history


@pytest.mark.parametrize("batch_size", [1, 32, 100, 1000])
@pytest.mark.parametrize("layers", [(2, 1), (2, 8, 8, 1)])
def test_training_does_what_the_book_says(batch_size: int, layers: tuple[int, ...]) -> None:
    inputs, targets = moons()
    network = Network(layers)

    records = list(train(inputs, targets, network, OPTIMIZERS["sgd"](0.1), epochs=5, batch_size=batch_size, seed=3))

    expected = slow_training(inputs, targets, network, 0.1, 5, batch_size, 3)
    assert [record.epoch for record in records] == [1, 2, 3, 4, 5]
    assert [record.loss for record in records] == pytest.approx([loss for loss, _, _ in expected], rel=1e-12)
    assert [record.accuracy for record in records] == [accuracy for _, accuracy, _ in expected]
    for record, (_, _, params) in zip(records, expected, strict=True):
        assert record.params == pytest.approx(params, rel=1e-11, abs=1e-13)


def test_no_batch_size_means_all_points_at_once() -> None:
    inputs, targets = moons()

    whole, counted = (
        [r.loss for r in train(inputs, targets, Network(), OPTIMIZERS["sgd"](0.1), epochs=5, batch_size=size, seed=3)]
        for size in (None, 100)
    )

    assert whole == counted


def test_batches_of_32_are_the_default() -> None:
    inputs, targets = moons()

    default = [r.loss for r in train(inputs, targets, Network(), OPTIMIZERS["sgd"](0.1), epochs=3, seed=3)]
    named = [r.loss for r in train(inputs, targets, Network(), OPTIMIZERS["sgd"](0.1), epochs=3, batch_size=32, seed=3)]

    assert default == named


def test_every_epoch_sees_every_point_once_and_in_a_new_order() -> None:
    inputs, targets = moons()
    run = Run(inputs, targets, Network(), OPTIMIZERS["sgd"](0.1), batch_size=32, seed=3)

    orders = []
    for _ in range(3):
        batches = run.shuffled_batches()
        seen = np.concatenate([batch.inputs[:2].T for batch in batches])
        signs = np.concatenate([batch.signs for batch in batches])
        assert [len(batch.signs) for batch in batches] == [32, 32, 32, 4]
        orders.append([int(np.flatnonzero((inputs == point).all(axis=1))[0]) for point in seen])
        assert np.array_equal(signs, 1.0 - 2.0 * targets[orders[-1]])

    assert all(sorted(order) == list(range(100)) for order in orders)
    assert orders[0] != orders[1] != orders[2] != orders[0]


def test_records_hold_copies_of_the_parameters() -> None:
    inputs, targets = moons()
    records = list(train(inputs, targets, Network(), OPTIMIZERS["sgd"](0.1), epochs=3, seed=3))

    assert not np.array_equal(records[0].params, records[1].params)
    records[0].params[:] = 0.0
    assert records[1].params.all()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_everything_learns_two_blobs_and_the_same_seed_gives_the_same_bits(
    optimizer: str, activation: str, loss: str
) -> None:
    inputs, targets = DATASETS["gauss"](128, noise=0.0, rng=np.random.default_rng(0))

    first, again = (
        list(
            train(inputs, targets, Network((2, 6, 1), activation, loss), OPTIMIZERS[optimizer](0.1), epochs=30, seed=1)
        )
        for _ in range(2)
    )

    assert first[-1].loss < 0.5 * LOSSES[loss].chance
    assert first[-1].accuracy > 0.95
    assert [record.loss for record in first] == [record.loss for record in again]
    assert np.array_equal(first[-1].params, again[-1].params)


def test_a_new_optimizer_changes_the_updates_to_come_and_no_others() -> None:
    inputs, targets = moons()
    turned = Run(inputs, targets, Network(), OPTIMIZERS["sgd"](0.1), seed=3)
    steady = Run(inputs, targets, Network(), OPTIMIZERS["sgd"](0.1), seed=3)

    for run in (turned, steady):
        for _ in range(5):  # one epoch of four batches, and one update more
            run.advance()
    turned.optimizer = OPTIMIZERS["sgd"](0.2)
    before = turned.params.copy()
    turned.advance()
    steady.advance()

    assert (turned.epoch, turned.update, turned.step) == (1, 2, 6)
    assert turned.losses == steady.losses
    assert turned.batch_loss == steady.batch_loss
    assert turned.params - before == pytest.approx(2.0 * (steady.params - before), rel=1e-9, abs=1e-15)


def test_a_schedule_counts_updates_not_epochs() -> None:
    inputs, targets = moons()
    asked: list[int] = []

    def schedule(step: int) -> float:
        asked.append(step)
        return CosineDecay(0.1, 12)(step)

    list(train(inputs, targets, Network(), OPTIMIZERS["sgd"](schedule), epochs=3, seed=3))

    assert asked == list(range(12))


def test_a_run_that_leaves_the_numbers_keeps_its_curve_and_its_last_finite_weights() -> None:
    inputs, targets = moons()
    run = Run(inputs, targets, Network((2, 8, 8, 1), "linear"), OPTIMIZERS["sgd"](0.1), seed=3)
    healthy = [run.finish_epoch() for _ in range(3)]

    run.optimizer = OPTIMIZERS["sgd"](1e200)
    broken = run.finish_epoch()

    assert run.diverged
    assert not math.isfinite(broken.loss)
    assert run.losses[:3] == [record.loss for record in healthy]
    assert len(run.losses) == 4
    assert np.array_equal(broken.params, healthy[-1].params)


def test_a_run_that_leaves_the_numbers_at_once_keeps_its_first_weights() -> None:
    inputs, targets = moons()
    network = Network((2, 8, 8, 1), "linear")

    records = list(train(inputs, targets, network, OPTIMIZERS["sgd"](1e200), epochs=200, seed=0))

    assert len(records) == 1
    assert np.array_equal(records[0].params, network.init(np.random.default_rng(0)))


@pytest.mark.parametrize("seed", range(10))
def test_a_run_that_thrashes_far_above_chance_stops_early_though_every_number_is_finite(seed: int) -> None:
    inputs, targets = moons(256)

    records = list(train(inputs, targets, Network(), OPTIMIZERS["sgd"](100.0), epochs=200, seed=seed))

    assert len(records) < 50
    assert all(math.isfinite(record.loss) for record in records)
    assert records[-1].loss > 10.0 * math.log(2.0)


def test_a_diverged_run_can_be_taken_up_again_from_the_weights_it_kept() -> None:
    inputs, targets = moons(256)
    run = Run(inputs, targets, Network((2, 8, 8, 1), "linear"), OPTIMIZERS["sgd"](50.0), seed=0)
    while not run.diverged:
        run.finish_epoch()
    broken_at, kept = run.epoch, run.params.copy()

    run.resume()
    run.optimizer = OPTIMIZERS["sgd"](1e-4)
    record = run.finish_epoch()

    assert not run.diverged
    assert record.epoch == broken_at + 1
    assert np.abs(record.params - kept).max() < 1.0
    assert run.verdict().epoch > broken_at


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("rate", [1.0, 1e3, 1e30, 1e300])
def test_no_numpy_warning_ever_escapes(activation: str, optimizer: str, rate: float) -> None:
    inputs, targets = moons(64)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for loss in LOSSES:
            network = Network((2, 8, 8, 1), activation, loss)
            for record in train(inputs, targets, network, OPTIMIZERS[optimizer](rate), epochs=20, seed=0):
                network.logits(record.params, inputs)
                network.loss_and_gradient(record.params, inputs, targets)


def test_no_epochs_are_no_records() -> None:
    assert list(train(*moons(), Network(), OPTIMIZERS["sgd"](0.1), epochs=0, seed=0)) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"epochs": -1}, "epochs must be a whole number of at least 0, got -1"),
        ({"epochs": 1, "batch_size": 0}, "batch_size must be a whole number of at least 1, or None .* got 0"),
    ],
)
def test_bad_arguments_are_refused_before_anything_runs(arguments: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        train(*moons(), Network(), OPTIMIZERS["sgd"](0.1), seed=0, **arguments)


def test_a_record_is_frozen() -> None:
    record = Epoch(1, 0.5, 0.5, np.zeros(3))

    with pytest.raises(AttributeError):
        record.loss = 0.0  # type: ignore[misc]
