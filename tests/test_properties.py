"""What holds for all inputs: whatever is given at a door is taken or refused, and the mathematics is right.

Hypothesis makes the inputs, the same in every run.
"""

import contextlib
import copy
import inspect
import io
import json
import math
import random
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gd_core import ACTIVATIONS, DATASETS, LOSSES, OPTIMIZERS, SCHEDULES, Network, Run, judge, numerals, train, valley
from gd_core.__main__ import main
from gd_core.gradient_check import loss_of_network, nudged_gradient
from gd_core.graph import GRAPHS, backward, forward
from gd_core.labs import LABS, answer, make_lab
from gd_core.missions import GOALS, follow
from gd_core.optimizers import SGD
from gd_core.session import Session
from gd_core.settings import LEARNING_RATES, SETTINGS, parse, problems
from gd_core.valley_session import ValleySession

hypothesis.settings.register_profile("course", derandomize=True, database=None, deadline=None, max_examples=200)
hypothesis.settings.load_profile("course")

few = hypothesis.settings(max_examples=60)
many = hypothesis.settings(max_examples=400)

# --- nasty values ---------------------------------------------------------------------------------------------

SCRIPT = "<img src=x onerror=alert(1)>"
ODD: list[Any] = [
    *(None, True, False, 0, -1, 0.0, -0.0, 0.5, 1e-320, 1e308, -1e308, 10**400, -(10**400), 10**5000, 1j, b"1"),
    *(math.nan, math.inf, -math.inf, np.nan, np.float32("inf"), np.int64(3), np.array([1.0]), np.array(None)),
    *("", " ", "1", "NaN", "٣", "tanh", "\u2028", "\x00", "🙂", SCRIPT, "__class__", "a" * 10_000, "'; import os", "e"),
    *(
        [],
        [[]],
        [None],
        [math.nan],
        [1, 2],
        ["a"],
        {},
        {"a": 1},
        {1: 2},
        {"learning_rate": math.nan},
        (),
        set(),
        object,
    ),
]
nasty = st.one_of(
    st.sampled_from(range(len(ODD))).map(lambda index: copy.copy(ODD[index])),
    st.floats(),
    st.integers(),
    st.text(max_size=8),
    st.lists(st.floats() | st.text(max_size=2), max_size=3),
)


def told(error: ValueError | TypeError) -> str:
    """Return an error's sentence, which must have its parts: what was wrong, what is allowed, what came."""
    sentence = str(error)
    assert re.search(r"\b(must|takes?|unknown|choose)\b", sentence), sentence
    assert re.search(r"\b(got|unknown)\b", sentence), sentence
    assert len(sentence) < 3000, sentence
    return sentence


def takes_or_refuses(call: Callable[[], Any]) -> None:
    """Call something; it may return or refuse, and nothing else."""
    try:
        call()
    except (ValueError, TypeError) as error:
        told(error)


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


INPUTS, TARGETS = DATASETS["moons"](6, noise=0.1, rng=rng())
SMALL = Network((2, 2, 1))
PARAMS = SMALL.init(rng())
TRAINED = {"inputs": INPUTS, "targets": TARGETS, "network": SMALL, "optimizer": SGD(0.1), "batch_size": 2, "seed": 1}


def hyperparameters(make: Callable[..., Any]) -> dict[str, Any]:
    """What an optimizer takes, with its defaults."""
    return {name: parameter.default for name, parameter in inspect.signature(make).parameters.items()}


DOORS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    **{name: (dataset, {"count": 5, "noise": 0.1, "rng": rng()}) for name, dataset in DATASETS.items()},
    "Network": (Network, {"layers": (2, 2, 1), "activation": "tanh", "loss": "binary_crossentropy"}),
    "init": (SMALL.init, {"rng": rng()}),
    "unpack": (SMALL.unpack, {"params": PARAMS}),
    "logits": (SMALL.logits, {"params": PARAMS, "inputs": INPUTS}),
    "loss_and_gradient": (SMALL.loss_and_gradient, {"params": PARAMS, "inputs": INPUTS, "targets": TARGETS}),
    **{name: (make, hyperparameters(make)) for name, make in OPTIMIZERS.items()},
    "constant": (SCHEDULES["constant"], {"learning_rate": 0.1}),
    "step": (SCHEDULES["step"], {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5}),
    "exponential": (SCHEDULES["exponential"], {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5}),
    "cosine": (SCHEDULES["cosine"], {"initial_learning_rate": 0.1, "decay_steps": 3, "alpha": 0.5}),
    "warmup": (SCHEDULES["warmup"], {"warmup_target": 0.1, "warmup_steps": 3, "decay_steps": 3}),
    **{
        f"{name} for a run": (schedule.for_run, {"learning_rate": 0.1, "steps": 9})
        for name, schedule in SCHEDULES.items()
    },
    "Run": (Run, TRAINED),
    "train": (lambda **given: next(train(**given), None), TRAINED | {"epochs": 1}),
    "judge": (judge, {"losses": [0.5, 0.4], "chance": 0.7, "first_epoch": 1}),
    "parse": (parse, {"given": {"epochs": 3}}),
    "make_lab": (make_lab, {"kind": "valley", "settings": {}}),
    "answer": (answer, {"lab": make_lab("valley", {}), "request": "walk", "arguments": {"steps": 3}}),
    "walk": (valley.walk, {"curvatures": [1.0], "start": [2.0], "optimizer": SGD(0.1), "steps": 4}),
    "judge a valley": (
        valley.judge,
        {"optimizer": "momentum", "learning_rate": 0.1, "curvature": 2.0, "momentum": 0.5},
    ),
    "forward": (forward, {"graph": GRAPHS["shared"], "values": {"x": 1.0, "target": 1.0, "w": 1.0}}),
    "follow": (follow, {"missions": [{"goal": "learn", "notes": {}}], "run": None}),
}
"""Every door of the package: what is called, and arguments that it takes."""

OWN_KIND = {("forward", "graph"), ("follow", "run"), ("answer", "lab"), ("walk", "optimizer")}
"""Arguments that only other chapters pass, objects of theirs."""


@pytest.mark.fault(
    "an argument of gd_core that is NaN, infinite, negative, huge, empty, of another type, or a script",
    "is refused in three parts: what was wrong, what is allowed, what came",
)
@pytest.mark.parametrize(
    ("door", "argument"),
    [(door, argument) for door, (_, good) in DOORS.items() for argument in good if (door, argument) not in OWN_KIND],
)
def test_whatever_comes_to_a_door_is_taken_or_refused_in_three_parts(door: str, argument: str) -> None:
    call, good = DOORS[door]
    call(**good)

    @hypothesis.settings(max_examples=40)
    @given(nasty)
    def knock(value: Any) -> None:
        takes_or_refuses(lambda: call(**good | {argument: value}))

    knock()
    for value in ODD:
        takes_or_refuses(partial(call, **good | {argument: value}))


# --- labs -----------------------------------------------------------------------------------------------------

TINY = {"points": 8, "epochs": 3, "hidden_layers": [2], "batch_size": 4}
WEIGHT = {"layer": 1, "source": "bias", "to": 1}
RULE = "def update(params, gradient, state, learning_rate):\n    params -= learning_rate * gradient"
MISSIONS = [{"goal": goal, "notes": {"rate": 1.0, "loss": 0.5}} for goal in GOALS]

OPENED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "training": (TINY, {"surface": 4}),
    "step": (TINY, {"done": [0.1], "rate": 0.2, "weight": WEIGHT}),
    "valley": ({"curvatures": [1.0]}, {}),
    "sweep": (TINY, {}),
    "network": (TINY | {"params": [0.5] * 9}, {"size": 4}),
    "graph": ({"graph": "fork", "values": {"x": 1}}, {}),
    "gradients": (TINY, {}),
    "vanishing": (TINY, {"hidden_layers": 2, "activation": "tanh"}),
    "cells": ({}, {}),
}
"""Settings of a lab of each kind, and the arguments with which it is opened."""

REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    *(("training", name, {"surface": 4}) for name in ("open", "reset")),
    ("training", "advance", {"amount": {"updates": 2}, "surface": 0}),
    ("training", "change", {"settings": {"learning_rate": 0.2, "points": 9}, "surface": 0}),
    ("training", "rule", {"source": RULE, "surface": 0}),
    ("training", "judge", {"missions": MISSIONS}),
    ("training", "notebook", {"wheel": "gd_core"}),
    ("step", "open", {"done": [0.1, 0.2], "rate": 0.2, "weight": WEIGHT}),
    ("step", "look", {"rate": 0.3, "weight": WEIGHT}),
    ("step", "make", {"rate": 0.3}),
    ("valley", "walk", {"curvatures": [1, 2], "start": [1, 2], "learning_rate": 0.3, "optimizer": "adam", "steps": 3}),
    ("sweep", "begin", {"settings": TINY}),
    ("sweep", "advance", {"milliseconds": 1}),
    ("network", "alter", {"off": [[1, 0]], "noise": 0.1, "shake": 3, "nudges": [[1, 0, 0, 2.0]], "size": 4}),
    ("network", "move", {"x": 1.0, "y": 2.0}),
    ("graph", "change", {"values": {"x": 1.0, "w1": 2.0}}),
    ("gradients", "weight", {"layer": 1, "source": "bias", "to": 0}),
    ("gradients", "all", {"nudge": 0.1}),
    ("vanishing", "layers", {"hidden_layers": 2, "activation": "relu", "seed": 3}),
    ("vanishing", "train", {"hidden_layers": 1, "epochs": 1, "seed": 3}),
    ("cells", "run", {"source": "1 + 1"}),
]

LOOKS: dict[str, tuple[str, dict[str, Any]]] = {
    "training": ("advance", {"amount": {"epochs": 1}, "surface": 4}),
    "step": ("look", {"rate": 0.4}),
    "valley": ("walk", {}),
    "sweep": ("advance", {"milliseconds": math.inf}),
    "network": ("move", {"x": 1.0, "y": 1.0}),
    "graph": ("open", {}),
    "gradients": ("weight", {"layer": 1, "source": 0, "to": 0}),
    "vanishing": ("layers", {"hidden_layers": 2, "activation": "tanh", "seed": 1}),
    "cells": ("run", {"source": "2 + 2"}),
}
"""For each kind a request whose answer shows how the lab stands."""


def spoil(given: Any, value: Any, chance: random.Random) -> Any:
    """Put a value somewhere into arguments, in the place of what is there or beside it."""
    if isinstance(given, dict) and given and chance.random() < 0.9:
        name = chance.choice(list(given))
        return given | {name: spoil(given[name], value, chance)}
    if isinstance(given, dict) and chance.random() < 0.3:
        return given | {str(value)[:9] if chance.random() < 0.5 else "unknown": value}
    if isinstance(given, list) and given and chance.random() < 0.8:
        at = chance.randrange(len(given))
        return [*given[:at], spoil(given[at], value, chance), *given[at + 1 :]]
    return value


@pytest.mark.fault(
    "a request to a lab with a bad value anywhere in it",
    "is refused in three parts, and the lab answers the next request as if it had never come",
)
@pytest.mark.parametrize(("kind", "request_", "good"), REQUESTS, ids=[f"{kind}-{name}" for kind, name, _ in REQUESTS])
def test_a_lab_takes_a_request_or_refuses_it_and_stays_as_it_was(
    kind: str, request_: str, good: dict[str, Any]
) -> None:
    settings, opening = OPENED[kind]

    def opened() -> object:
        lab = make_lab(kind, settings)
        answer(lab, "open", opening)
        return lab

    expected = answer(opened(), *LOOKS[kind])
    answer(opened(), request_, good)

    @few
    @given(nasty, st.integers(0, 10**6))
    def knock(value: Any, seed: int) -> None:
        lab = opened()
        try:
            answer(lab, request_, spoil(good, value, random.Random(seed)))
        except (ValueError, TypeError) as error:
            told(error)
            np.testing.assert_equal(answer(lab, *LOOKS[kind]), expected)

    knock()


@pytest.mark.parametrize("kind", LABS)
def test_a_lab_is_made_or_refused_in_three_parts(kind: str) -> None:
    settings, opening = OPENED[kind]

    @few
    @given(nasty, st.integers(0, 10**6))
    def knock(value: Any, seed: int) -> None:
        takes_or_refuses(lambda: make_lab(kind, spoil(settings, value, random.Random(seed))))
        takes_or_refuses(lambda: answer(make_lab(kind, settings), "open", spoil(opening, value, random.Random(seed))))

    knock()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@many
@given(st.dictionaries(st.sampled_from([*SETTINGS, "colour", ""]), json_values | nasty))
def test_settings_are_taken_or_refused_with_a_sentence_for_each(settings: dict[str, Any]) -> None:
    found = problems(settings)

    assert {name for name, _ in found} <= set(settings)
    for name, sentence in found:
        assert name in sentence
        told(ValueError(sentence))
    if not found:
        assert parse(json.loads(json.dumps(parse(settings).as_dict()))) == parse(settings)


NOTES = ("loss", "rate", "epochs", "broken", "fresh", "fresh_epochs", "works", "fails", "settings")


@pytest.mark.fault(
    "what the browser keeps of a mission holds anything but what a mission writes", "counts as nothing kept"
)
@many
@given(st.sampled_from(list(GOALS)), st.dictionaries(st.sampled_from(NOTES), json_values) | json_values)
def test_notes_of_a_mission_may_be_anything(goal: str, notes: Any) -> None:
    session = Session(TINY)
    session.advance({"epochs": 3}, 0)

    (now,) = session.judge([{"goal": goal, "notes": notes}])

    assert session.judge([{"goal": goal, "notes": now["notes"]}])[0]["notes"] == now["notes"]


@few
@given(st.lists(st.sampled_from([*(f"--{name.replace('_', '-')}" for name in SETTINGS), "--x"]) | st.text(max_size=5)))
def test_the_command_line_trains_or_ends_with_status_2(arguments: list[str]) -> None:
    assume(not {"-h", "--help"} & {argument.strip() for argument in arguments})
    small = ["--points=8", "--epochs=1", "--hidden-layers=1"]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            main([*arguments, *small])
        except SystemExit as stopped:
            status = stopped.code
        else:
            status = 0
    assert status in (0, 2)


# --- edges ----------------------------------------------------------------------------------------------------

EDGES: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "one point": ([[1.0, 2.0]], [1.0], {}),
    "one class only": ([[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]], [1.0, 1.0, 1.0], {}),
    "identical points": (np.ones((10, 2)), [0.0] * 5 + [1.0] * 5, {}),
    "identical points of one class": (np.zeros((10, 2)), [0.0] * 10, {}),
    "batch larger than the data": (INPUTS, TARGETS, {"batch_size": 10_000}),
    "batches of one": (INPUTS, TARGETS, {"batch_size": 1}),
    "all points at once": (INPUTS, TARGETS, {"batch_size": None}),
    "10,000 points": (*DATASETS["moons"](10_000, noise=0.1, rng=rng()), {}),
    "points far away": (INPUTS * 1e150, TARGETS, {}),
}


@pytest.mark.fault(
    "data at their edges: one point, one class, identical points, a batch larger than the data, 10,000 points",
    "train like any other, with a verdict",
)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("edge", EDGES)
def test_data_at_their_edges_are_trained_on(edge: str, optimizer: str) -> None:
    inputs, targets, more = EDGES[edge]
    run = Run(inputs, targets, Network((2, 4, 1)), OPTIMIZERS[optimizer](0.1), **{"batch_size": 32, "seed": 1} | more)

    for _ in range(6):
        if not run.diverged:
            run.finish_epoch()

    assert np.isfinite(run.params).all()
    assert run.verdict().name in VERDICTS
    assert all(0.0 <= accuracy <= 1.0 for accuracy in run.accuracies)


def test_identical_points_of_both_classes_are_as_good_as_guessing() -> None:
    inputs, targets, _ = EDGES["identical points"]
    *_, last = train(inputs, targets, Network(), SGD(0.1), epochs=300, batch_size=None, seed=1)

    assert last.loss == pytest.approx(LOSSES["binary_crossentropy"].chance, abs=1e-6)


@pytest.mark.fault("zero epochs asked of the loop", "no epoch, and no error")
def test_zero_epochs_are_none() -> None:
    assert list(train(INPUTS, TARGETS, SMALL, SGD(0.1), epochs=0, seed=1)) == []


@pytest.mark.fault(
    "a lab's settings at their ends: 2 and 10,000 points, 64-64-64 units, batches of 1 and 10,000",
    "train like any other",
)
@pytest.mark.parametrize(
    "settings",
    [
        {"points": 2},
        {"points": 10_000, "batch_size": 10_000},
        {"hidden_layers": [64, 64, 64]},
        {"hidden_layers": []},
        {"hidden_layers": [1] * 6},
        {"points": 2, "batch_size": 10_000, "learning_rate": 100},
        {"noise": 0.5, "data_seed": 999_999_999, "seed": 999_999_999},
    ],
    ids=str,
)
@pytest.mark.parametrize("dataset", DATASETS)
def test_settings_at_their_ends_train(settings: dict[str, Any], dataset: str) -> None:
    session = Session(settings | {"dataset": dataset, "epochs": 1})

    frame = session.advance({"epochs": 1}, 8)

    assert frame["finished"]
    assert frame["verdict"]["name"] in VERDICTS


@pytest.mark.parametrize(
    "settings", [{"points": 1}, {"points": 10_001}, {"epochs": 0}, {"hidden_layers": [65]}], ids=str
)
def test_settings_beyond_their_ends_are_refused_in_three_parts(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be .* from .*, got") as caught:
        Session(settings)
    told(caught.value)


# --- mathematics ----------------------------------------------------------------------------------------------

VERDICTS = {"crawling", "learning", "converged", "oscillating", "stuck", "diverged", "undecided"}
coordinates = st.floats(-4.0, 4.0)
networks = st.builds(
    lambda hidden, activation, loss: Network((2, *hidden, 1), activation, loss),
    st.lists(st.integers(1, 4), max_size=3),
    st.sampled_from(sorted(ACTIVATIONS)),
    st.sampled_from(sorted(LOSSES)),
)


@st.composite
def problems_to_learn(draw: st.DrawFn) -> tuple[Network, np.ndarray, np.ndarray, np.ndarray]:
    """A network, parameters, points and their classes."""
    network = draw(networks)
    points = draw(st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=6))
    targets = draw(st.lists(st.sampled_from((0.0, 1.0)), min_size=len(points), max_size=len(points)))
    params = np.random.default_rng(draw(st.integers(0, 10**6))).normal(size=network.size)
    return network, params, np.array(points), np.array(targets)


@given(problems_to_learn())
def test_the_gradient_of_any_network_is_what_nudging_gives(problem: tuple[Network, np.ndarray, Any, Any]) -> None:
    network, params, inputs, targets = problem
    loss_of = loss_of_network(network, inputs, targets)
    _, gradient = network.loss_and_gradient(params, inputs, targets)

    estimates = [nudged_gradient(loss_of, params, nudge) for nudge in (1e-5, 3e-6)]

    # Where a ReLU has its kink between two nudges, nudging is what is wrong: its two estimates then disagree.
    smooth = np.isclose(estimates[0], estimates[1], rtol=1e-4, atol=1e-7)
    assert np.allclose(gradient[smooth], estimates[0][smooth], rtol=1e-3, atol=1e-6)
    assert smooth.all() or network.activation == "relu"


@given(problems_to_learn(), st.randoms(use_true_random=False))
def test_the_order_of_the_points_does_not_matter(problem: tuple[Network, Any, Any, Any], chance: random.Random) -> None:
    network, params, inputs, targets = problem
    order = list(range(len(targets)))
    chance.shuffle(order)

    loss, gradient = network.loss_and_gradient(params, inputs, targets)
    other_loss, other_gradient = network.loss_and_gradient(params, inputs[order], targets[order])

    assert other_loss == pytest.approx(loss, rel=1e-12)
    assert np.allclose(other_gradient, gradient, rtol=1e-9, atol=1e-12)


@given(problems_to_learn())
def test_a_loss_is_never_negative_and_that_of_no_opinion_is_chance(problem: tuple[Network, Any, Any, Any]) -> None:
    network, params, inputs, targets = problem

    assert network.loss_and_gradient(params, inputs, targets)[0] >= 0.0
    assert network.loss_and_gradient(np.zeros(network.size), inputs, targets)[0] == pytest.approx(
        LOSSES[network.loss].chance
    )


@given(problems_to_learn())
def test_both_classes_are_treated_alike(problem: tuple[Network, Any, Any, Any]) -> None:
    network, params, inputs, targets = problem
    mirrored = params.copy()
    for part in network.unpack(mirrored)[-1]:
        part *= -1.0

    assert np.allclose(network.logits(mirrored, inputs), -network.logits(params, inputs))
    assert network.loss_and_gradient(mirrored, inputs, 1.0 - targets)[0] == pytest.approx(
        network.loss_and_gradient(params, inputs, targets)[0]
    )


amounts = st.lists(
    st.builds(lambda unit, size: {unit: size}, st.sampled_from(("updates", "epochs")), st.integers(1, 7)), max_size=6
)


@few
@given(amounts, st.sampled_from(sorted(OPTIMIZERS)), st.sampled_from(sorted(SCHEDULES)), st.integers(1, 40))
def test_a_run_in_parts_is_the_whole_run_bit_for_bit(
    parts: list[dict[str, int]], optimizer: str, schedule: str, batch_size: int
) -> None:
    settings = {"points": 30, "epochs": 8, "hidden_layers": [3], "batch_size": batch_size}
    settings |= {"optimizer": optimizer, "schedule": schedule}
    whole, parted = Session(settings), Session(settings)
    whole.advance({"epochs": 8}, 0)

    for amount in parts:
        if not parted.finished:
            parted.advance(amount, 4)
    while not parted.finished:
        parted.advance({"updates": 3}, 0)

    assert parted.csv() == whole.csv()
    assert parted.run.params.tobytes() == whole.run.params.tobytes()


@pytest.mark.fault("a loss curve of any numbers, infinity and NaN among them", "has one of the six verdicts")
@many
@given(
    st.lists(st.floats() | st.floats(0.0, 1.0), min_size=1, max_size=40),
    st.floats(0.01, 1.0),
    st.integers(1, 1000),
)
def test_every_curve_has_a_verdict(losses: list[float], chance: float, first_epoch: int) -> None:
    verdict = judge(losses, chance, first_epoch=first_epoch)

    assert verdict.name in VERDICTS
    assert first_epoch <= verdict.epoch < first_epoch + len(losses)
    assert verdict.reason.endswith(".")
    assert verdict.remedy.endswith(".")


@given(st.sampled_from(sorted(SCHEDULES)), st.floats(1e-4, 100.0), st.integers(0, 10**6), st.integers(0, 2 * 10**6))
def test_the_schedule_of_a_run_stays_between_nothing_and_its_rate(name: str, rate: float, steps: int, at: int) -> None:
    assert 0.0 <= SCHEDULES[name].for_run(rate, steps)(at) <= rate * (1.0 + 1e-12)


@given(st.floats())
def test_every_number_is_written(value: float) -> None:
    for write in (numerals.show, numerals.plain, numerals.share, numerals.digits, numerals.signed_digits):
        assert "nan" not in write(value)
        assert "inf" not in write(value)
    assert "-" not in numerals.signed(value, 3)


@given(st.sampled_from(sorted(GRAPHS)), st.randoms(use_true_random=False))
def test_the_walk_back_through_a_graph_is_what_nudging_gives(name: str, chance: random.Random) -> None:
    graph = GRAPHS[name]
    values = {given: chance.uniform(-2.0, 2.0) for given in (*graph.data, *graph.weights)} | {"target": 1.0}
    totals = {step.parent: step.total for step in backward(forward(graph, values))}

    def loss(nudged: Mapping[str, float]) -> float:
        return [*forward(graph, nudged).values()][-1].value

    for weight in graph.weights:
        above, below = (loss(values | {weight: values[weight] + nudge}) for nudge in (1e-5, -1e-5))
        assert totals[weight] == pytest.approx((above - below) / 2e-5, rel=1e-4, abs=1e-7)


@given(
    st.sampled_from(sorted(valley.RULES)),
    st.floats(*LEARNING_RATES),
    st.lists(st.floats(0.05, 100.0), min_size=1, max_size=2),
    st.floats(0.0, 0.99),
)
def test_every_valley_is_explained(optimizer: str, rate: float, curvatures: list[float], momentum: float) -> None:
    session = ValleySession({"curvatures": curvatures})
    frame = session.walk(optimizer=optimizer, learning_rate=rate, momentum=momentum)

    assert all(valley.phrase(regime["name"]) for regime in frame["regimes"])
    assert frame["explanation"].endswith(".")
    assert len(frame["losses"]) == len(frame["weights"]) / len(curvatures)
