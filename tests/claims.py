"""What the lessons say of runs, sentence by sentence: the one table, executed over many seeds by `test_claims.py`.

Each claim quotes its lesson word for word, and names the settings that it is about and what must come of them. A claim
holds for a seed if it holds for the data and the first weights of that seed. What a lesson says of one recorded
network, or of a parabola, has nothing random in it; the tests of Modules 3, 4 and 5 compute that.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

from gd_core.gradient_check import GradientsSession
from gd_core.session import Session
from gd_core.settings import parse
from gd_core.sweep import record
from gd_core.training import Run
from gd_core.vanishing import deep_network, layer_sizes, shrinking, smallest

CHANCE = float(np.log(2.0))


@dataclass(frozen=True)
class Claim:
    """A sentence of a lesson.

    Attributes:
        lesson: the number of the module.
        sentence: its words, as they stand in the lesson, without Markdown's signs.
        verdict: what must come of the runs.
        holds: says whether it does for a seed.
        settings: of the runs, where they differ from those of Module 4's lab.
    """

    lesson: str
    sentence: str
    verdict: str
    holds: Callable[[int], bool]
    settings: Mapping[str, Any] = field(default_factory=dict)


# --- runs -------------------------------------------------------------------------------------------------------


def begin(seed: int, **settings: Any) -> Session:
    return Session({"seed": seed, "data_seed": seed} | settings)


@cache
def finished(seed: int, **settings: Any) -> Session:
    """A run that has been trained to its end."""
    session = begin(seed, **settings)
    session.advance({"epochs": session.settings.epochs}, 0)
    return session


def losses(seed: int, **settings: Any) -> list[float]:
    return finished(seed, **settings).run.losses


def verdict(seed: int, **settings: Any) -> str:
    return finished(seed, **settings).run.verdict().name


def first_epoch_below(seed: int, loss: float, **settings: Any) -> int:
    """The first epoch whose loss is below `loss`; a million if there is none."""
    below = np.flatnonzero(np.array(losses(seed, **settings)) < loss)
    return int(below[0]) + 1 if len(below) else 1_000_000


def trained_on(seed: int, rate: float) -> list[float]:
    """The losses of a run that blew up at 100 and was trained on at another rate, as long again."""
    session = begin(seed, learning_rate=100.0)
    session.advance({"epochs": 200}, 0)
    session.change({"learning_rate": rate}, 0)
    session.advance({"epochs": 200}, 0)
    return session.run.losses


# --- Module 4 ---------------------------------------------------------------------------------------------------


def crawls_down(seed: int) -> bool:
    curve = losses(seed, learning_rate=0.0001)
    return 0.7 * curve[0] < curve[-1] < curve[0]


def stops_early_far_above_chance(seed: int) -> bool:
    curve = losses(seed, learning_rate=100.0)
    return len(curve) <= 15 and max(curve) > 10.0 * CHANCE and verdict(seed, learning_rate=100.0) == "diverged"


def saturated(seed: int) -> bool:
    session = finished(seed, learning_rate=100.0)
    values, _ = session.settings.draw_data()
    shares = []
    for weights, biases in session.settings.network().unpack(session.run.params)[:-1]:
        values = np.tanh(values @ weights + biases)
        shares.append(np.mean(1.0 - values**2 < 0.01))
    return bool(min(shares) > 0.9)


def first_update_beats_a_crawling_epoch(seed: int) -> bool:
    session = begin(seed)
    inputs, targets = session.settings.draw_data()
    network = session.settings.network()
    before, _ = network.loss_and_gradient(session.run.params, inputs, targets)
    session.advance({"updates": 1}, 0)
    after, _ = network.loss_and_gradient(session.run.params, inputs, targets)
    return before - after > 0.0005


SCHEDULES = ("step", "cosine", "warmup")


def schedules_settle(seed: int) -> bool:
    runs = {name: losses(seed, learning_rate=10.0, schedule=name) for name in SCHEDULES}
    ends = sorted(run[-1] for run in runs.values())
    moves = [np.abs(np.diff(runs[name][-10:])).max() for name in ("cosine", "warmup")]
    return ends[-1] < CHANCE and max(moves) < 0.05 * CHANCE and ends[1] > losses(seed)[-1]


@cache
def sweep(seed: int) -> dict[str, Any]:
    return record({"seed": seed, "data_seed": seed})


def larger_rates_end_lower(seed: int) -> bool:
    found = sweep(seed)
    first, last, best = (found["regions"][name] for name in ("learns_from", "learns_to", "best"))
    return bool(3.0 * found["losses"][best] < found["losses"][first] and best > (first + last) / 2)


def cliff_is_near(seed: int) -> bool:
    regions = sweep(seed)["regions"]
    return bool(3 * (regions["breaks_from"] - regions["best"]) < regions["best"] - regions["crawls_to"])


GOALS: list[dict[str, Any]] = [
    {"goal": "learn", "below": 0.1, "epochs": 200},
    {"goal": "crawl"},
    {"goal": "break"},
    {"goal": "rescue"},
    {"goal": "edge"},
]


def all_missions_can_be_accomplished(seed: int) -> bool:
    """As a reader would: crawl, learn, break, rescue, then halve the way to the edge."""
    missions = [goal | {"notes": {}} for goal in GOALS]
    session = begin(seed)

    def train(rate: float, *, reset: bool = True) -> list[bool]:
        if reset:
            session.reset(0)
        session.change({"learning_rate": rate}, 0)
        session.advance({"epochs": 200}, 0)
        told = session.judge(missions)
        for mission, standing in zip(missions, told, strict=True):
            mission["notes"] = standing["notes"]
        return [standing["done"] for standing in told]

    train(0.0001)
    train(100.0)
    train(0.1, reset=False)
    done = train(0.1)
    works, fails = 0.1, 100.0
    while fails > 2.0 * works:
        middle = math.sqrt(works * fails)
        done = train(middle)
        if session.run.verdict().name in ("learning", "converged"):
            works = middle
        else:
            fails = middle
    return all(done)


MODULE_4 = [
    Claim(
        "04",
        "The curve does go down, and every step points the right way. But a step is so short that 1,600 of them get"
        " nowhere.",
        "the loss keeps at least 70 % of what it was, and falls",
        crawls_down,
        {"learning_rate": 0.0001},
    ),
    Claim(
        "04",
        "A steep fall, a bend, a long flattening tail.",
        "converged",
        lambda seed: verdict(seed) == "converged",
        {"learning_rate": 0.1},
    ),
    Claim(
        "04",
        "At 10 the run neither learns nor explodes; it jumps about",
        "oscillating",
        lambda seed: verdict(seed, learning_rate=10.0) == "oscillating",
        {"learning_rate": 10.0},
    ),
    Claim(
        "04",
        "At 100 the loss shoots far above the dotted line within a few epochs, and the lab stops it.",
        "diverged, above ten times chance, within 15 epochs",
        stops_early_far_above_chance,
        {"learning_rate": 100.0},
    ),
    Claim(
        "04",
        "Did you notice that 1 or 2 learns faster than 0.1?",
        "both come below a loss of 0.03 after fewer epochs",
        lambda seed: all(
            first_epoch_below(seed, 0.03, learning_rate=rate) < first_epoch_below(seed, 0.03) for rate in (1.0, 2.0)
        ),
        {"learning_rate": (1.0, 2.0)},
    ),
    Claim(
        "04",
        "It limps: after as many epochs again it is still far behind a fresh start at 0.1",
        "at least five times the loss of a fresh start",
        lambda seed: not trained_on(seed, 0.1)[-1] < 5.0 * losses(seed)[-1],
        {"learning_rate": "100, then 0.1"},
    ),
    Claim(
        "04",
        "Nearly all hidden units sit where tanh is flat, at −1 or +1",
        "nine tenths of all outputs, in both layers",
        saturated,
        {"learning_rate": 100.0},
    ),
    Claim(
        "04",
        "At a good rate the same network does that much, and more, in its first update.",
        "the loss falls by more than 0.0005",
        first_update_beats_a_crawling_epoch,
    ),
    Claim(
        "04",
        "among the rates that learn, the larger ones end lower",
        "the sweet spot ends at least three times lower than it begins, and its lowest point lies in its upper half",
        larger_rates_end_lower,
    ),
    Claim(
        "04",
        "the cliff is steep while the slope on the left is gentle",
        "above the best rate, the way to failure is at least three times shorter than the way down from crawling",
        cliff_is_near,
    ),
    Claim(
        "04",
        "Here it brings the loss below 0.1 in less than half the epochs.",
        "less than half the epochs of plain descent at the same rate",
        lambda seed: (
            2 * first_epoch_below(seed, 0.1, optimizer="momentum", learning_rate=0.1) < first_epoch_below(seed, 0.1)
        ),
        {"optimizer": "momentum", "learning_rate": 0.1},
    ),
    Claim(
        "04",
        "on this network and this data it ends about as low as momentum does",
        "at most three times momentum's last loss",
        lambda seed: (
            losses(seed, learning_rate=1.0)[-1] < 3.0 * losses(seed, optimizer="momentum", learning_rate=0.1)[-1]
        ),
        {"learning_rate": 1.0},
    ),
    Claim(
        "04",
        "Cosine and warm-up settle, and all three end below the dotted line, though hardly ever as low as 0.1 would"
        " have come from the start",
        "those two move below 5 % of chance over the last ten epochs; below chance; two above the plain run at 0.1",
        schedules_settle,
        {"learning_rate": 10.0, "schedule": SCHEDULES},
    ),
    Claim(
        "04",
        "The lab watches your runs and ticks these off",
        "all five missions are accomplished by the rates 0.0001, 100 and 0.1, and by halving the way to the edge",
        all_missions_can_be_accomplished,
    ),
]

# --- Module 5 ---------------------------------------------------------------------------------------------------


@cache
def check(seed: int, nudge: float) -> tuple[float, float]:
    """The largest and the median relative difference over all weights."""
    found = GradientsSession(parse({"seed": seed, "data_seed": seed}).as_dict()).all(nudge)
    return found["largest"], found["median"]


@cache
def sizes(activation: str, seed: int) -> tuple[float, ...]:
    """The size of the gradient in each layer of ten hidden ones, at the first weights."""
    inputs, targets = parse({"seed": seed, "data_seed": seed}).draw_data()
    network = deep_network(10, activation)
    return tuple(layer_sizes(network, network.init(np.random.default_rng(seed)), inputs, targets))


@cache
def deep(activation: str, depth: int, epochs: int, seed: int) -> Run:
    """A deep network that has been trained."""
    settings = replace(parse({"seed": seed, "data_seed": seed}), epochs=epochs)
    network = deep_network(depth, activation)
    run = Run(*settings.draw_data(), network, settings.make_optimizer(), batch_size=settings.batch_size, seed=seed)
    while run.epoch < epochs and not run.diverged:
        run.finish_epoch()
    return run


def factor(activation: str, seed: int) -> float:
    """What the gradient is divided by from layer to layer."""
    return shrinking(np.array(sizes(activation, seed))) or math.nan


def no_weight_of_the_first_layer_moves_a_ten_thousandth(seed: int) -> bool:
    network = deep_network(10, "sigmoid")
    before, _ = network.unpack(network.init(np.random.default_rng(seed)))[0]
    after, _ = network.unpack(deep("sigmoid", 10, 50, seed).params)[0]
    return bool(np.abs(after - before).max() < 1e-4 * np.sqrt(np.mean(before**2)))


SIGMOID = {"activation": "sigmoid", "hidden_layers": (8,) * 10, "epochs": 50}
TANH = SIGMOID | {"activation": "tanh"}

MODULE_5 = [
    Claim(
        "05",
        "They agree, with a nudge of a hundred-thousandth to five digits or more on every one of the 105 weights.",
        "largest relative difference below 1e-5",
        lambda seed: check(seed, 1e-5)[0] < 1e-5,
    ),
    Claim(
        "05",
        "The curve falls, and then it rises again.",
        "at 1 and at 1e-12 the median difference is a thousand times that at 1e-5",
        lambda seed: min(check(seed, 1.0)[1], check(seed, 1e-12)[1]) > 1000.0 * check(seed, 1e-5)[1],
    ),
    Claim(
        "05",
        "Each ten times narrower, it is a hundred times better.",
        "between 90 and 110 times",
        lambda seed: 90.0 < check(seed, 1e-2)[1] / check(seed, 1e-3)[1] < 110.0,
    ),
    Claim(
        "05",
        "It differs from backpropagation's number in the third digit.",
        "at 1e-12 the median difference lies between 1e-4 and 1e-2",
        lambda seed: 1e-4 < check(seed, 1e-12)[1] < 1e-2,
    ),
    Claim(
        "05",
        "With sigmoid each hidden layer divides the gradient by about four, at the first weights already.",
        "3 to 5.2",
        lambda seed: 3.0 < factor("sigmoid", seed) < 5.2,
        SIGMOID,
    ),
    Claim(
        "05",
        "what reaches the inputs is tens of thousands of times smaller than what the last layer got",
        "ten thousand times at least, and the inputs get the least",
        lambda seed: (
            1e4 * sizes("sigmoid", seed)[0] < sizes("sigmoid", seed)[-1]
            and smallest(np.array(sizes("sigmoid", seed))) == "inputs"
        ),
        SIGMOID,
    ),
    Claim(
        "05",
        "In 50 epochs no weight of the first layer moves by as much as a ten-thousandth of a typical weight in it",
        "the largest move is below 1e-4 of their root mean square",
        no_weight_of_the_first_layer_moves_a_ten_thousandth,
        SIGMOID,
    ),
    Claim(
        "05",
        "the loss stands at that of somebody who guesses",
        "stuck, within 0.01 of ln 2",
        lambda seed: (
            deep("sigmoid", 10, 50, seed).verdict().name == "stuck"
            and abs(deep("sigmoid", 10, 50, seed).losses[-1] - CHANCE) < 0.01
        ),
        SIGMOID,
    ),
    Claim(
        "05",
        "With tanh all layers get about as much, and the same depth learns from the same data at the same rate.",
        "a factor between 0.75 and 1.35 a layer; a last loss below half of chance",
        lambda seed: (
            0.75 < factor("tanh", seed) < 1.35
            and smallest(np.array(sizes("tanh", seed))) == "alike"
            and deep("tanh", 10, 50, seed).losses[-1] < 0.5 * CHANCE
        ),
        TANH,
    ),
    Claim(
        "05",
        "ReLU, whose slope is 1 wherever it is on, keeps the gradient about as large from layer to layer, too.",
        "a factor between 0.6 and 1.6 a layer",
        lambda seed: 0.6 < factor("relu", seed) < 1.6,
        SIGMOID | {"activation": "relu"},
    ),
    Claim(
        "05",
        "Four times hardly anything is still hardly anything.",
        "six layers are stuck after 50 epochs, and above 0.65 after 200",
        lambda seed: (
            deep("sigmoid", 6, 50, seed).verdict().name == "stuck" and deep("sigmoid", 6, 200, seed).losses[-1] > 0.65
        ),
        SIGMOID | {"hidden_layers": (8,) * 6},
    ),
    Claim(
        "05",
        "Its slope is close to 1 for small sums, so that the gradient reaches the first layers.",
        "six layers of tanh come below 0.4",
        lambda seed: deep("tanh", 6, 50, seed).losses[-1] < 0.4,
        TANH | {"hidden_layers": (8,) * 6},
    ),
]

CLAIMS = MODULE_4 + MODULE_5
