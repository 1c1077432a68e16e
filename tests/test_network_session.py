"""A network lab as a page drives it: how the network shall stand, and how it does."""

from typing import Any

import numpy as np
import pytest

from gd_core import anatomy
from gd_core.network_session import NetworkSession
from gd_core.session import record

RUN: dict[str, Any] = {"dataset": "circle", "points": 40, "hidden_layers": [3], "learning_rate": 0.3, "epochs": 30}


@pytest.fixture(scope="module")
def recording() -> dict[str, Any]:
    return record(RUN, surface=4)


@pytest.fixture
def walk(recording: dict[str, Any]) -> NetworkSession:
    return NetworkSession({**RUN, "params": recording["params"]})


def test_the_weights_are_those_that_the_run_ended_with(walk: NetworkSession, recording: dict[str, Any]) -> None:
    frame = walk.open(4)
    np.testing.assert_allclose(frame["landscapes"][-1], np.float32(recording["surface"]["probabilities"]), rtol=1e-5)
    assert frame["points"]["x"].tolist() == recording["points"]["x"]
    assert frame["count"] == 40
    weights, biases = walk.network.unpack(walk.good)[0]
    assert frame["layers"][0]["weights"].tolist() == [value for unit in weights.T for value in unit]
    assert frame["layers"][0]["biases"].tolist() == biases.tolist()
    assert [layer.size for layer in frame["landscapes"]] == [3 * 16, 16]


def test_a_point_is_told_with_everything_on_its_way(walk: NetworkSession) -> None:
    moved = walk.move(2.0, -1.0)
    trace = anatomy.trace(walk.network, walk.good, (2.0, -1.0))
    assert (moved["logit"], moved["probability"], moved["answer"]) == (trace.logit, trace.probability, trace.answer)
    assert moved["layers"][0]["terms"].tolist() == trace.terms[0].ravel().tolist()
    assert [layer["outputs"].shape for layer in moved["layers"]] == [(3,), (1,)]


def test_every_change_starts_from_the_good_weights(walk: NetworkSession) -> None:
    good = walk.open(4)
    worse = walk.alter(off=[[1, 1]], noise=1.0, shake=3, nudges=[[1, 2, 1, -4.0], [2, 0, 3, 5.0]], size=4)
    assert worse["layers"][0]["weights"][2 * 2 + 1] == -4.0
    assert worse["layers"][1]["biases"].tolist() == [5.0]
    assert worse["loss"] > good["loss"]
    again = walk.alter(off=[], noise=0.0, shake=3, nudges=[], size=4)
    assert again["loss"] == good["loss"]
    np.testing.assert_array_equal(again["landscapes"][0], good["landscapes"][0])


def test_a_switched_off_unit_counts_for_the_point_too(walk: NetworkSession) -> None:
    walk.alter(off=[[1, 0], [1, 1], [1, 2]], noise=0.0, shake=1, nudges=[], size=4)
    assert walk.move(1.0, 1.0)["logit"] == walk.network.unpack(walk.good)[-1][1][0]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"noise": -1.0}, "noise must be a number from 0 to 2, got -1.0"),
        ({"noise": float("nan")}, "noise must be a number from 0 to 2, got nan"),
        ({"shake": 0.5}, "shake must be a whole number of at least 0, got 0.5"),
        ({"off": [[2, 0]]}, "must be a hidden unit"),
        ({"nudges": [[1, 0, 0, 99.0]]}, "a weight that is set must be a number from -10 to 10, got 99.0"),
        ({"nudges": [[1, 3, 0, 1.0]]}, r"must be one of layers \(2, 3, 1\), .* got \(1, 3, 0\)"),
        ({"nudges": [[1, 0, 3, 1.0]]}, r"got \(1, 0, 3\)"),
        ({"nudges": [[3, 0, 0, 1.0]]}, r"got \(3, 0, 0\)"),
    ],
)
def test_a_wrong_change_changes_nothing(walk: NetworkSession, wrong: dict[str, Any], sentence: str) -> None:
    before = walk.params
    with pytest.raises(ValueError, match=sentence):
        walk.alter(**{"off": [], "noise": 0.0, "shake": 1, "nudges": [], "size": 4, **wrong})
    assert walk.params is before
    assert walk.off == []


@pytest.mark.parametrize("params", [[1.0, 2.0], [], [float("nan")] * 13])
def test_weights_that_do_not_fit_are_refused(params: list[float]) -> None:
    with pytest.raises(ValueError, match=r"params must be 13 finite numbers, .* got"):
        NetworkSession({**RUN, "params": params})
