"""Verdicts: on curves made up for each of them, and on the lesson's own runs over many seeds."""

import math
from collections import Counter

import numpy as np
import pytest

from gd_core import judge, train
from gd_core.diagnosis import LONG_ENOUGH, RUNAWAY_EPOCHS, has_diverged
from gd_core.settings import parse
from gd_core.training import Run

CHANCE = math.log(2.0)
EPOCHS = np.arange(200.0)
NOISE = np.random.default_rng(0).normal(0.0, 1.0, 200)

CURVES = {
    "a slow straight line": (0.8 - 0.0005 * EPOCHS, "crawling", 200),
    "hardly moving at all": (0.8 - 0.000005 * EPOCHS, "crawling", 200),
    "half of the way": (0.8 * 0.997**EPOCHS, "crawling", 200),
    "steadily down": (0.8 * 0.985**EPOCHS, "learning", 44),
    "down and flat": (0.8 * 0.9**EPOCHS, "converged", 25),
    "down and flat, with noise": (0.8 * 0.9**EPOCHS + 0.001 * np.abs(NOISE), "converged", 25),
    "flat from the start": (0.7 + 0.002 * NOISE, "stuck", 1),
    "down to a plateau": (0.5 + 0.3 * 0.8**EPOCHS, "stuck", 15),
    "up at once and staying there": (np.append(0.29, np.full(199, 0.54)), "stuck", 2),
    "slowly up": (0.7 + 0.004 * EPOCHS, "stuck", 200),
    "found, and thrown back at the end": (np.append(0.44 * 0.9 ** EPOCHS[:99], 0.27), "learning", 100),
    "found, and thrown back beyond the start": (np.append(0.44 * 0.9 ** EPOCHS[:99], 0.5), "learning", 100),
    "swinging": (0.8 + 0.5 * (-1.0) ** EPOCHS, "oscillating", 3),
    "jumping about": (2.0 + np.abs(NOISE), "oscillating", None),
    "up and away": (0.7 * 1.2 ** EPOCHS[:20], "diverged", 14),
    "suddenly infinite": (np.append(np.full(10, 0.5), math.inf), "diverged", 11),
    "suddenly not a number": (np.append(np.full(10, 0.5), math.nan), "diverged", 11),
    "one explosion": (np.append(np.full(10, 0.5), 1e9), "diverged", 11),
}


@pytest.mark.parametrize(("curve", "name", "epoch"), CURVES.values(), ids=CURVES.keys())
def test_a_curve_gets_its_verdict_and_the_epoch_where_it_turned(
    curve: np.ndarray, name: str, epoch: int | None
) -> None:
    verdict = judge(curve.tolist(), CHANCE)

    assert verdict.name == name
    assert verdict.epoch == epoch if epoch is not None else 1 <= verdict.epoch <= len(curve)


@pytest.mark.parametrize(("curve", "name", "epoch"), CURVES.values(), ids=CURVES.keys())
def test_verdicts_do_not_depend_on_the_unit_of_the_loss(curve: np.ndarray, name: str, epoch: int | None) -> None:
    verdict = judge((curve * 8.0).tolist(), CHANCE * 8.0)

    assert verdict.name == name
    assert epoch is None or verdict.epoch == epoch


@pytest.mark.parametrize("curve", [curve for curve, _, _ in CURVES.values()], ids=CURVES.keys())
def test_every_verdict_has_one_sentence_of_reason_and_one_of_remedy(curve: np.ndarray) -> None:
    verdict = judge(curve.tolist(), CHANCE)

    for sentence in (verdict.reason, verdict.remedy):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert sentence.count(". ") == 0
        assert "nan" not in sentence.lower()


SHORT = {
    "one loss far above chance": ([62.5], "undecided"),
    "four that rise": ([0.7, 2.0, 4.0, 1.7], "undecided"),
    "four that fall": ([0.79, 0.62, 0.5, 0.4], "undecided"),
    "one that is no number": ([math.nan], "diverged"),
    "four, the last an explosion": ([0.7, 0.7, 0.7, 1e9], "diverged"),
    "a slow start": ((0.79 - 0.002 * EPOCHS[: LONG_ENOUGH - 1]).tolist(), "undecided"),
    "a plateau near the start": ((0.69 - 0.0001 * EPOCHS[: LONG_ENOUGH - 1]).tolist(), "undecided"),
    "a slow start, told": ((0.79 - 0.002 * EPOCHS[:LONG_ENOUGH]).tolist(), "crawling"),
    "a plateau, told": (np.full(LONG_ENOUGH, 0.69).tolist(), "stuck"),
    "a fall that is quick": ((0.8 * 0.7 ** EPOCHS[:8]).tolist(), "learning"),
    "found at once": ((0.05 + 0.001 * NOISE[:8]).tolist(), "converged"),
    "jumping from the start": ((2.0 + 1.0 * (-1.0) ** EPOCHS[:8]).tolist(), "oscillating"),
}


@pytest.mark.parametrize(("curve", "name"), SHORT.values(), ids=SHORT.keys())
def test_of_a_short_curve_is_told_what_cannot_be_mistaken(curve: list[float], name: str) -> None:
    verdict = judge(curve, CHANCE)

    assert verdict.name == name
    assert 1 <= verdict.epoch <= len(curve)
    assert (f"at least {LONG_ENOUGH} epochs" in verdict.remedy) == (name == "undecided")


def test_the_lessons_run_stopped_early_is_not_told_to_change_anything() -> None:
    settings = parse({})
    inputs, targets = settings.draw_data()
    run = Run(inputs, targets, settings.network(), settings.make_optimizer(), seed=settings.seed)
    names = []
    while run.epoch < 2 * LONG_ENOUGH:
        run.finish_epoch()
        names.append(run.verdict().name)

    assert set(names) == {"undecided", "learning"}


def test_a_curve_without_epochs_cannot_be_judged() -> None:
    with pytest.raises(ValueError, match="losses must hold at least one epoch, got none"):
        judge([], CHANCE)


def test_the_epoch_of_a_verdict_counts_from_the_first_epoch_that_is_judged() -> None:
    curve = CURVES["down and flat"][0].tolist()

    assert judge(curve, CHANCE, first_epoch=51).epoch == judge(curve, CHANCE).epoch + 50


def test_a_loss_far_above_chance_that_comes_down_steadily_has_not_diverged() -> None:
    losses = [100.0 * 0.9**epoch for epoch in range(30)]

    assert not any(has_diverged(losses[:count], CHANCE) for count in range(1, 31))


def test_divergence_shows_within_a_few_epochs() -> None:
    losses = [0.7, *(20.0 + (-1.0) ** epoch for epoch in range(20))]

    first = next(count for count in range(1, 21) if has_diverged(losses[:count], CHANCE))
    assert first == 1 + RUNAWAY_EPOCHS


def test_what_is_no_number_among_others_is_not_above_anything() -> None:
    losses = [1.0, math.nan, 0.5, 0.4, 0.3, 0.2]

    assert not has_diverged(losses, CHANCE)
    assert judge(losses, CHANCE).name == "learning"


def test_a_run_thrown_back_at_its_end_is_told_both_losses() -> None:
    verdict = judge([0.7, 0.3, *[0.02] * 30, 0.27], CHANCE)

    assert verdict.reason == "The loss had come down to 0.02, and the last steps have thrown it back to 0.27."


SEEDS = range(40)
TABLE = {
    0.0001: {"crawling"},
    0.001: {"crawling"},
    0.01: {"learning"},
    0.1: {"converged"},
    1.0: {"converged"},
    10.0: {"oscillating"},
    100.0: {"diverged"},
}


@pytest.mark.parametrize("learning_rate", TABLE)
def test_the_dial_of_the_lesson_reaches_every_verdict(learning_rate: float) -> None:
    """The lesson's default task, over other points and other first weights; true for at least 95 of 100 seeds."""
    verdicts: Counter[str] = Counter()
    for seed in SEEDS:
        settings = parse({"learning_rate": learning_rate, "seed": seed, "data_seed": 1000 + seed})
        records = train(
            *settings.draw_data(),
            settings.network(),
            settings.make_optimizer(),
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            seed=settings.seed,
        )
        verdicts[judge([record.loss for record in records], CHANCE).name] += 1

    expected = sum(verdicts[name] for name in TABLE[learning_rate])
    assert expected >= 0.95 * len(SEEDS), verdicts
