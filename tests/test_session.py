"""A session answers a page's requests with frames."""

import json
import math
from typing import Any

import numpy as np
import pytest

from gd_core.keras_twin import listing, script
from gd_core.session import Session, record

SHORT: dict[str, Any] = {"points": 64, "epochs": 10, "hidden_layers": [4]}


def lines(csv: str) -> list[list[str]]:
    return [line.split(",") for line in csv.splitlines()]


def test_the_first_frame_holds_the_points_and_nothing_trained() -> None:
    frame = Session(SHORT).open(surface=8)

    assert (frame["epoch"], frame["update"], frame["updates_per_epoch"]) == (0, 0, 2)
    assert (frame["finished"], frame["last_epoch"], frame["verdict"], frame["stopped"]) == (False, 10, None, "")
    assert math.isnan(frame["batch_loss"])
    assert len(frame["losses"]) == len(frame["accuracies"]) == 0
    assert len(frame["points"]["x"]) == len(frame["points"]["y"]) == len(frame["points"]["targets"]) == 64
    assert len(frame["surface"]["probabilities"]) == 8 * 8


def test_frames_hold_each_epoch_once_however_far_they_go() -> None:
    session = Session(SHORT)
    amounts = [{"updates": 1}, {"epochs": 1}, {"updates": 3}, {"epochs": 2}, {"milliseconds": 60_000}]

    frames = [session.advance(amount, 0) for amount in amounts]

    assert [(frame["epoch"], frame["update"]) for frame in frames] == [(0, 1), (1, 0), (2, 1), (4, 0), (10, 0)]
    assert [frame["epoch"] - len(frame["losses"]) for frame in frames] == [0, 0, 1, 2, 4]
    losses = np.concatenate([frame["losses"] for frame in frames])
    assert [[str(number), repr(loss)] for number, loss in enumerate(losses.tolist(), 1)] == [
        row[:2] for row in lines(session.csv())[1:]
    ]
    assert [frame["finished"] for frame in frames] == [False, False, False, False, True]


def test_a_frame_that_was_given_away_does_not_change() -> None:
    session = Session(SHORT)
    frame = session.advance({"epochs": 1}, 8)
    losses, surface = frame["losses"].copy(), frame["surface"]["probabilities"].copy()

    session.advance({"epochs": 5}, 8)

    assert np.array_equal(frame["losses"], losses)
    assert np.array_equal(frame["surface"]["probabilities"], surface)


def test_a_short_time_stops_between_two_updates() -> None:
    frame = Session(SHORT | {"epochs": 10_000}).advance({"milliseconds": 0.001}, 0)

    assert (frame["epoch"], frame["update"]) == (0, 1)


def test_an_answer_that_may_not_take_longer_comes_back_within_an_epoch_and_the_run_is_the_same() -> None:
    settings = {"epochs": 3, "points": 90}
    whole, parted = Session(settings), Session(settings)
    whole.advance({"epochs": 3}, 0)

    frame = parted.advance({"epochs": 3}, 0, within=1e-6)
    assert (frame["epoch"], frame["update"]) == (0, 1)
    while not parted.finished:
        parted.advance({"epochs": 3}, 0, within=1e-6)

    assert parted.csv() == whole.csv()
    with pytest.raises(ValueError, match=r"within must be .* above 0, got 0"):
        parted.advance({"epochs": 1}, 0, within=0)


def test_a_run_ends_with_a_verdict_and_a_sentence_and_can_be_continued() -> None:
    session, longer = Session(SHORT), Session(SHORT | {"epochs": 20})
    ended = session.advance({"epochs": 10}, 0)

    continued = session.advance({"epochs": 10}, 0)
    longer.advance({"epochs": 20}, 0)

    assert ended["stopped"] == "Stopped after epoch 10, the last one asked for."
    assert ended["verdict"]["name"] == "undecided"
    assert (continued["epoch"], continued["last_epoch"], len(continued["losses"])) == (20, 20, 10)
    assert session.csv() == longer.csv()


def test_a_diverged_run_stops_and_says_so_and_can_be_taken_up_again() -> None:
    session = Session({"learning_rate": 100.0})

    broken = session.advance({"epochs": 200}, 8)
    session.change({"learning_rate": 0.01}, 0)
    going_on = session.advance({"epochs": 1}, 0)

    assert broken["finished"]
    assert broken["epoch"] < 50
    assert broken["verdict"]["name"] == "diverged"
    assert broken["stopped"] == f"Stopped at epoch {broken['epoch']}, because the loss ran away."
    assert np.isfinite(broken["surface"]["probabilities"]).all()
    assert not going_on["finished"]
    assert (going_on["epoch"], going_on["last_epoch"]) == (broken["epoch"] + 1, broken["epoch"] + 200)


def test_the_learning_rate_acts_on_the_run_under_way() -> None:
    session = Session(SHORT)
    session.advance({"updates": 3}, 0)

    frame = session.change({"learning_rate": 1.0}, 0)
    session.advance({"epochs": 10}, 0)

    assert (frame["epoch"], frame["update"], frame["points"]) == (1, 1, None)
    changed, plain, high = (lines(csv) for csv in (session.csv(), *(run_csv(rate) for rate in (0.1, 1.0))))
    assert changed[:2] == plain[:2]
    assert changed[4] != plain[4]
    assert changed[4] != high[4]


def run_csv(learning_rate: float) -> str:
    session = Session(SHORT | {"learning_rate": learning_rate})
    session.advance({"epochs": 10}, 0)
    return session.csv()


@pytest.mark.parametrize(("epochs", "last", "finished"), [(20, 20, False), (5, 5, True), (2, 5, True)])
def test_the_number_of_epochs_acts_on_the_run_under_way(epochs: int, last: int, finished: bool) -> None:
    session = Session(SHORT)
    session.advance({"epochs": 5}, 0)

    frame = session.change({"epochs": epochs}, 0)

    assert (frame["epoch"], frame["last_epoch"], frame["finished"]) == (5, last, finished)


@pytest.mark.parametrize(
    ("change", "new_points"),
    [
        ({"seed": 7}, False),
        ({"hidden_layers": [3]}, False),
        ({"activation": "relu"}, False),
        ({"data_seed": 7}, True),
        ({"dataset": "circle"}, True),
    ],
)
def test_other_settings_begin_a_new_run(change: dict[str, Any], new_points: bool) -> None:
    session = Session(SHORT)
    session.advance({"epochs": 5}, 0)

    frame = session.change(change, 0)
    session.advance({"epochs": 10}, 0)
    fresh = Session(SHORT | change)
    fresh.advance({"epochs": 10}, 0)

    assert (frame["epoch"], frame["last_epoch"]) == (0, 10)
    assert (frame["points"] is not None) == new_points
    assert session.csv() == fresh.csv()


def test_a_bad_change_is_refused_and_changes_nothing() -> None:
    session = Session(SHORT)
    session.advance({"epochs": 5}, 0)
    before = session.csv()

    with pytest.raises(ValueError, match=r"learning_rate must be a number from 0\.0001 to 100, got -1"):
        session.change({"learning_rate": -1, "seed": 7}, 0)

    assert session.settings == Session(SHORT).settings
    assert session.csv() == before
    assert session.advance({"epochs": 1}, 0)["epoch"] == 6


def test_reset_brings_back_the_same_points_and_the_same_run() -> None:
    session = Session(SHORT)
    first = session.open(8)
    session.advance({"epochs": 10}, 0)
    csv = session.csv()

    again = session.reset(8)
    empty = session.csv()
    session.advance({"epochs": 10}, 0)

    assert np.array_equal(first["points"]["x"], again["points"]["x"])
    assert np.array_equal(first["surface"]["probabilities"], again["surface"]["probabilities"])
    assert empty == "epoch,loss,accuracy\n"
    assert session.csv() == csv


@pytest.mark.parametrize(
    "amount", [{}, {"epochs": 0}, {"epochs": -1}, {"epochs": math.nan}, {"hours": 1}, {"epochs": 1, "updates": 1}]
)
def test_an_amount_that_is_none_is_refused(amount: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="amount must be one positive number of updates, epochs or milliseconds, got"):
        Session(SHORT).advance(amount, 0)


def test_a_session_gives_its_run_in_keras_around_the_place_of_the_rate() -> None:
    session = Session(SHORT)
    session.change({"hidden_layers": [3, 3], "learning_rate": 0.3}, 0)

    forms = session.keras()

    assert "0.3".join(forms["listing"]) == listing(session.settings)
    assert "0.3".join(forms["script"]) == script(session.settings)


def test_the_surface_is_the_networks_probability_from_the_top_left_row_by_row() -> None:
    session = Session(SHORT)
    surface = session.advance({"epochs": 3}, 4)["surface"]

    middles = [-4.5, -1.5, 1.5, 4.5]
    grid = [(x, y) for y in reversed(middles) for x in middles]
    logits = session.settings.network().logits(session.run.params, grid)
    assert surface["size"] == 4
    assert surface["probabilities"].dtype == np.float32
    assert surface["probabilities"] == pytest.approx(1.0 / (1.0 + np.exp(-logits)), rel=1e-6)


def test_a_recording_is_the_whole_run_and_survives_json() -> None:
    session = Session(SHORT)
    frame = session.advance({"epochs": 10}, 0)

    recording = json.loads(json.dumps(record(SHORT, surface=8), allow_nan=False))

    assert recording["losses"] == frame["losses"].tolist()
    assert recording["accuracies"] == frame["accuracies"].tolist()
    assert recording["verdict"] == frame["verdict"]
    assert recording["csv"] == session.csv()
    assert recording["settings"] == session.settings.as_dict()
    assert len(recording["surface"]["probabilities"]) == 64


def test_a_recording_writes_losses_that_are_not_finite_as_words() -> None:
    recording = record({"activation": "linear", "learning_rate": 100.0})

    assert [float(loss) for loss in recording["losses"]] == pytest.approx([math.nan], nan_ok=True)
    assert json.dumps(recording, allow_nan=False)


def test_a_request_sent_ahead_of_the_end_does_not_continue_the_run() -> None:
    session = Session(SHORT)
    last = session.advance({"epochs": SHORT["epochs"]}, 0)
    assert last["finished"]

    late = session.advance({"milliseconds": 15}, 0, ahead=True)
    assert (late["epoch"], late["last_epoch"], len(late["losses"])) == (last["epoch"], last["last_epoch"], 0)
    assert session.advance({"epochs": 1}, 0)["epoch"] == last["epoch"] + 1


@pytest.mark.parametrize("schedule", ["step", "exponential", "cosine", "warmup"])
def test_of_a_run_whose_schedule_is_at_its_end_the_gradient_is_not_blamed(schedule: str) -> None:
    """At a thousandth this run crawls, and the rate it ends with is a tenth of that or less."""
    session = Session({"learning_rate": 0.001, "schedule": schedule})

    verdict = session.advance({"epochs": session.settings.epochs}, 0)["verdict"]

    assert verdict["name"] in ("crawling", "stuck")
    assert "gradient" not in verdict["reason"]
    assert "The schedule has brought the learning rate down to " in verdict["remedy"]
    assert "The schedule" not in Session({"learning_rate": 0.001}).advance({"epochs": 200}, 0)["verdict"]["remedy"]


@pytest.mark.parametrize("schedule", ["cosine", "warmup"])
def test_training_on_lays_the_schedule_out_anew_so_that_the_run_moves_and_the_dial_works(schedule: str) -> None:
    session = Session(SHORT | {"learning_rate": 0.1, "schedule": schedule})
    session.advance({"epochs": 10}, 0)
    ended = session.run.params.copy()

    session.advance({"updates": 1}, 0)
    moved = session.run.params - ended
    assert session.last_epoch == 20
    assert np.abs(moved).max() > 0.0

    session.advance({"epochs": 10}, 0)
    longer = Session(SHORT | {"learning_rate": 0.1, "schedule": schedule})
    longer.advance({"epochs": 10}, 0)
    longer.change({"epochs": 20}, 0)
    longer.advance({"epochs": 10}, 0)
    assert session.csv() == longer.csv()

    slow, quick = Session(SHORT | {"schedule": schedule}), Session(SHORT | {"schedule": schedule})
    for run, rate in ((slow, 0.1), (quick, 1.0)):
        run.advance({"epochs": 10}, 0)
        run.advance({"updates": 1}, 0)
        run.change({"learning_rate": rate}, 0)
        run.advance({"epochs": 10}, 0)
    assert slow.run.losses[:10] == quick.run.losses[:10]
    assert slow.run.losses[10:] != quick.run.losses[10:]
