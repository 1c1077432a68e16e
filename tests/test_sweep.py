"""The sweep: many rates at once against one run after another, where it crawls, learns and breaks, and its frames."""

import json
import math
import statistics
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from gd_core import DATASETS, OPTIMIZERS, Network
from gd_core.settings import LEARNING_RATES
from gd_core.sweep import RATES, Regions, Sweep, SweepSession, find_regions, record
from scripts.bundle import run_in_bundle
from tests import sweep_table
from tests.sweep_table import TABLE, Pair

SHORT = {"points": 40, "hidden_layers": [4], "epochs": 6}


def moons(count: int = 100) -> tuple[np.ndarray, np.ndarray]:
    return DATASETS["moons"](count, noise=0.1, rng=np.random.default_rng(5))


def sweep_at(*rates: float, network: Network | None = None, optimizer: str = "sgd") -> Sweep:
    return Sweep(*moons(), network or Network(), OPTIMIZERS[optimizer], rates, batch_size=32, seed=3)


# --- the losses are those of single runs ----------------------------------------------------------------------


def test_the_rates_of_the_lesson_spread_evenly_over_the_dial() -> None:
    steps = np.diff(np.log(RATES))

    assert len(RATES) == 48
    assert (RATES[0], RATES[-1]) == LEARNING_RATES
    assert steps == pytest.approx(np.full(47, steps.mean()), rel=0.04)  # three digits move a rate by 0.5 % at most


@pytest.mark.parametrize("name", TABLE)
def test_a_sweep_trains_every_rate_as_a_run_by_itself_does(name: str) -> None:
    """Natively: to a relative 1e-9 wherever a run learns, its loss below where it began; the verdict is the same."""
    learned = 0
    for pair in sweep_table.main([name])[name]:
        sweep, single = ([float.fromhex(loss) for loss in losses] for losses in (pair["sweep"], pair["single"]))
        if single[-1] < single[0]:
            learned += 1
            assert sweep == pytest.approx(single, rel=1e-9), pair["rate"]
            assert pair["verdicts"][0] == pair["verdicts"][1]
        else:
            assert sweep[0] == pytest.approx(single[0], rel=1e-9, nan_ok=True)
    assert learned >= 6


@pytest.fixture(scope="module")
def bundled() -> dict[str, list[Pair]]:
    """The table in WebAssembly under Node."""
    return cast("dict[str, list[Pair]]", run_in_bundle(Path(sweep_table.__file__), list(TABLE)))


@pytest.mark.parametrize("name", TABLE)
def test_in_the_browser_every_loss_of_a_sweep_is_that_of_the_single_run_to_the_last_bit(
    name: str, bundled: dict[str, list[Pair]]
) -> None:
    """Runs that thrash and runs that diverge included."""
    for pair in bundled[name]:
        assert pair["sweep"] == pair["single"], pair["rate"]
        assert pair["verdicts"][0] == pair["verdicts"][1]


def test_the_table_holds_runs_of_every_fate(bundled: dict[str, list[Pair]]) -> None:
    fates = {pair["verdicts"][0] for pairs in bundled.values() for pair in pairs}
    assert fates == {"crawling", "learning", "converged", "oscillating", "stuck", "diverged", "undecided"}
    assert "nan" in {loss for pairs in bundled.values() for pair in pairs for loss in pair["sweep"]}


def test_a_run_that_diverged_keeps_its_curve_and_costs_nothing_any_more() -> None:
    sweep = sweep_at(0.1, 100.0, 0.2)

    for _ in range(60):
        sweep.finish_epoch()

    assert sweep.alive == [0, 2]
    assert [len(losses) for losses in sweep.losses] == [60, len(sweep.losses[1]), 60]
    assert 5 <= len(sweep.losses[1]) < 60
    assert [verdict.name for verdict in sweep.verdicts()][1] == "diverged"


def test_a_sweep_without_survivors_stands_still() -> None:
    sweep = sweep_at(1e100, 1e200, network=Network((2, 4, 1), "linear"))

    sweep.finish_epoch()
    sweep.finish_epoch()

    assert sweep.alive == []
    assert sweep.epoch == 1
    assert [len(losses) for losses in sweep.losses] == [1, 1]


@pytest.mark.parametrize("room", [1, 1000, 10**9])
def test_the_height_of_the_stacks_changes_no_loss(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rates = (0.01, 0.1, 1.0, 100.0, 0.3)
    expected = sweep_at(*rates)
    monkeypatch.setattr("gd_core.sweep.ROOM", room)
    sweep = sweep_at(*rates)

    for _ in range(15):
        expected.finish_epoch()
        sweep.finish_epoch()

    assert sweep.alive == expected.alive == [0, 1, 2, 4]
    for losses, others in zip(sweep.losses[:3], expected.losses[:3], strict=True):
        assert losses == pytest.approx(others, rel=1e-9)


def test_one_update_at_a_time_ends_an_epoch_after_its_last_batch() -> None:
    sweep = sweep_at(0.1, 0.2)  # 100 points: batches of 32, 32, 32, 4, in one stack

    ended = [sweep.advance() for _ in range(8)]

    assert ended == [False, False, False, True] * 2
    assert sweep.epoch == 2
    sweep.advance()
    assert sweep.progress == 2.25


def test_a_sweep_without_rates_or_with_a_bad_one_is_refused_with_a_reason() -> None:
    with pytest.raises(ValueError, match=r"^learning_rates must hold at least one rate, got none$"):
        sweep_at()
    with pytest.raises(ValueError, match=r"^learning_rate must be a finite number above 0, got -0\.1$"):
        sweep_at(0.1, -0.1)


# --- regions --------------------------------------------------------------------------------------------------

TEN = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)

# First loss 1.0, best 0.0: a run crawls above 0.5 and learns from 0.1 down.
TYPICAL = [0.9, 0.6, 0.4, 0.1, 0.05, 0.02, 0.0, 0.3, 0.7, 40.0]
FATES = ["crawling", "crawling", *["learning"] * 3, *["converged"] * 2, "learning", "oscillating", "diverged"]


def regions(losses: list[float], verdicts: list[str] = FATES) -> Regions:
    return find_regions(TEN, losses, verdicts, 1.0, 0.69)


def test_crawl_sweet_spot_and_cliff_of_a_typical_sweep() -> None:
    found = regions(TYPICAL)

    assert found == Regions(1, 3, 6, 6, 8, found.sentence)
    assert found.sentence == "Up to 0.003 it crawls; from 0.03 to 1 it learns, best at 1; from 10 on it breaks."


def test_depth_counts_from_the_first_loss_to_the_best_loss_not_to_zero() -> None:
    # First loss 1.0, best 0.5: half of the way is 0.75, nine tenths of it 0.55.
    found = regions([0.8, 0.76, 0.74, 0.56, 0.54, 0.5, 0.54, 0.6, 0.76, 0.9], ["learning"] * 10)

    assert (found.crawls_to, found.learns_from, found.learns_to, found.best) == (1, 4, 6, 5)
    assert found.breaks_from == 8


def test_a_lucky_run_beyond_the_cliff_is_no_sweet_spot() -> None:
    losses, fates = TYPICAL.copy(), FATES.copy()
    losses[6], losses[9], fates[9] = 0.001, 0.0, "converged"

    found = regions(losses, fates)

    assert (found.learns_from, found.learns_to, found.best, found.breaks_from) == (3, 6, 6, 8)


def test_a_run_that_oscillates_does_not_learn_however_low_it_ends() -> None:
    fates = FATES.copy()
    fates[6] = "oscillating"

    found = regions(TYPICAL, fates)

    assert (found.learns_to, found.best, found.breaks_from) == (5, 5, 6)


def test_a_sweet_spot_of_one_rate_without_a_crawl_before_it() -> None:
    found = regions([0.0, *[0.3] * 9], ["converged", *["learning"] * 9])

    assert found.sentence == "At 0.001 alone it learns; no rate breaks it."
    assert (found.crawls_to, found.learns_from, found.learns_to, found.breaks_from) == (None, 0, 0, None)


def test_of_two_sweet_spots_alike_in_length_the_lower_one_counts() -> None:
    found = regions([0.0, 0.0, 0.3, 0.0, 0.0, *[0.3] * 5], ["learning"] * 10)

    assert (found.learns_from, found.learns_to) == (0, 1)


def test_where_no_run_comes_below_guessing_no_rate_learns() -> None:
    found = regions([0.9, 0.8, 0.7, 0.69, 0.68, 0.7, 0.8, 5.0, math.inf, math.nan], [*["stuck"] * 7, *["diverged"] * 3])

    assert (found.crawls_to, found.learns_from, found.learns_to, found.best) == (None, None, None, 4)
    assert found.sentence == (
        "No rate learns here: the best of them, 0.1, ends at a loss of 0.68, and guessing gives 0.69."
    )


def test_where_no_run_settles_every_rate_breaks() -> None:
    found = regions([0.1] * 10, ["oscillating"] * 10)

    assert found == Regions(None, None, None, None, 0, "Every rate breaks it: no run settles anywhere.")


def test_losses_that_are_no_numbers_break() -> None:
    losses = [*TYPICAL[:8], math.nan, math.inf]

    assert regions(losses, [*FATES[:8], "diverged", "diverged"]).breaks_from == 8


def test_the_lesson_s_sweep_crawls_learns_and_breaks_where_the_lesson_says() -> None:
    found = [record({"seed": seed})["regions"] for seed in range(1, 8)]

    def median(limit: str) -> float:
        return statistics.median(float(RATES[regions[limit]]) for regions in found)

    assert median("crawls_to") == pytest.approx(0.001, rel=1.0)
    assert median("learns_from") == pytest.approx(0.027, rel=0.4)
    # The edge: "somewhere between 3 and 7". One sweep may find it a place or two further on, and processors that round
    # differently find it in different places, so it is looked for half-way between the limits of many.
    assert 3.0 < math.sqrt(median("learns_to") * median("breaks_from")) < 7.0


# --- as a page drives it --------------------------------------------------------------------------------------


def test_the_first_frame_shows_every_run_at_its_first_loss() -> None:
    frame = SweepSession(SHORT).open()

    assert frame["rates"].tolist() == list(RATES)
    assert frame["losses"].tolist() == [frame["initial_loss"]] * 48
    assert frame["alive"].tolist() == [1] * 48
    assert (frame["epoch"], frame["last_epoch"], frame["progress"], frame["finished"]) == (0, 6, 0.0, False)
    assert frame["verdicts"] is None
    assert frame["regions"] is None


def test_slices_of_time_lead_to_the_end_and_change_nothing() -> None:
    session, progress = SweepSession(SHORT), [0.0]
    while not (frame := session.advance(0.001))["finished"]:  # so short a slice is a single update
        progress.append(frame["progress"])

    whole = SweepSession(SHORT).advance(math.inf)
    assert len(progress) == 12  # six epochs of two batches; the last update ends the sweep
    assert progress == sorted(progress)
    assert frame["progress"] == 1.0
    assert frame["losses"].tolist() == pytest.approx(whole["losses"].tolist(), nan_ok=True)
    assert frame["verdicts"] == whole["verdicts"]
    assert frame["regions"] == whole["regions"]


def test_a_finished_sweep_stays_as_it_is() -> None:
    session = SweepSession(SHORT)
    before = session.advance(math.inf)

    assert session.advance(5.0)["losses"].tolist() == before["losses"].tolist()


def test_another_sweep_begins_with_other_settings() -> None:
    session = SweepSession(SHORT)
    session.advance(math.inf)

    frame = session.begin({"points": 20, "epochs": 3, "learning_rate": 5.0})

    assert (frame["epoch"], frame["last_epoch"], frame["finished"]) == (0, 3, False)
    with pytest.raises(ValueError, match="epochs must be a whole number"):
        session.begin({"epochs": 0})
    assert session.advance(math.inf)["epoch"] == 3


def test_a_recording_is_the_last_frame_and_survives_json() -> None:
    recording = json.loads(json.dumps(record(SHORT | {"activation": "linear"}), allow_nan=False))

    frame = SweepSession(SHORT | {"activation": "linear"}).advance(math.inf)
    assert [float(loss) for loss in recording["losses"]] == pytest.approx(frame["losses"].tolist(), nan_ok=True)
    assert recording["verdicts"] == frame["verdicts"]
    assert recording["regions"] == frame["regions"]
    assert recording["settings"]["activation"] == "linear"
    assert recording["alive"].count(0) > 0
