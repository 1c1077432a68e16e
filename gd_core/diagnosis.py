"""What became of a run, told from its loss curve alone.

A curve says more than its last value. Cross-entropy from logits stays finite even at a learning rate of 100, so
"diverged" cannot mean "not a number": every rule here compares the curve with `chance`, the loss of a network that
gives one half to every point. This chapter knows nothing of networks, rates or data; the thresholds below are its
whole opinion.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .checks import above_zero, numbers, shown, whole
from .language import say
from .numerals import median

RUNAWAY = 10.0
"""A loss this many times chance, for `RUNAWAY_EPOCHS` epochs in a row without falling steadily, has diverged …"""
RUNAWAY_EPOCHS = 5
EXPLOSION = 1000.0
"""… and so has one that is this many times chance even once."""
LOW = 0.1
"""A loss below this share of chance counts as found: the run has converged if it stays there."""
FLAT = 0.02
"""A curve that changes by less than this share of chance over its last quarter is flat."""
SHAKY = 0.05
"""A curve whose epochs differ by more than this share of chance on average, up as well as down, oscillates."""
SHORTEST = 5
"""A curve of fewer epochs tells nothing but that a run has diverged …"""
LONG_ENOUGH = 20
"""… and one of fewer than so many cannot tell a slow start, or a plateau near it, from a run that gets nowhere."""
MOST_OF_THE_WAY = 0.7
"""A falling curve that has not yet come this share of the way from its first loss down to `LOW` crawls."""


@dataclass(frozen=True)
class Verdict:
    """What became of a run.

    Attributes:
        name: crawling, learning, converged, oscillating, stuck, diverged, or undecided while the curve is too short to
            tell; `verdict_name` says it to people.
        epoch: the epoch, counted from 1, where the run turned into what it is.
        reason: one sentence that says what in the curve shows it.
        remedy: one sentence that says what to try next.
    """

    name: str
    epoch: int
    reason: str
    remedy: str


def verdict_name(name: str) -> str:
    """Say the name of a verdict in the language spoken."""
    return {
        "crawling": say("crawling"),
        "learning": say("learning"),
        "converged": say("converged"),
        "oscillating": say("oscillating"),
        "stuck": say("stuck"),
        "diverged": say("diverged"),
        "undecided": say("too early to tell"),
    }[name]


def has_diverged(losses: Sequence[float], chance: float) -> bool:
    """Say whether a run is beyond help, judged after its latest epoch.

    Args:
        losses: mean loss of each epoch so far, at least one; may end in infinity or not a number.
        chance: the loss of a network that gives one half to every point, above 0.

    Returns:
        True when the latest loss is not finite or above `EXPLOSION` times chance, or when the last
        `RUNAWAY_EPOCHS` losses all lie above `RUNAWAY` times chance and do not fall from one to the next.
    """
    latest = losses[-1]
    if not math.isfinite(latest) or latest > EXPLOSION * chance:
        return True
    runaway = RUNAWAY * chance
    if latest <= runaway or len(losses) < RUNAWAY_EPOCHS:
        return False
    recent = losses[-RUNAWAY_EPOCHS:]
    return all(loss > runaway for loss in recent) and not all(after < before for before, after in pairwise(recent))


@np.errstate(all="ignore")
def judge(losses: Sequence[float], chance: float, *, first_epoch: int = 1) -> Verdict:
    """Say what became of a run.

    Args:
        losses: mean loss of each epoch, at least one; any may be infinite or not a number.
        chance: the loss of a network that gives one half to every point, above 0.
        first_epoch: the number of the epoch that `losses` begins with, at least 1.

    Raises:
        ValueError: there is no loss to judge, or an argument is outside of what is said above.
    """
    above_zero("chance", chance)
    whole("first_epoch", first_epoch, 1)
    curve = numbers("losses", losses)
    if curve.ndim != 1 or not len(curve):
        if curve.ndim != 1:
            raise ValueError(say("losses must hold at least one epoch, got {came}", came=shown(losses)))
        raise ValueError(say("losses must hold at least one epoch, got none"))
    losses = curve.tolist()
    verdict = _diverged(losses, chance) if has_diverged(losses, chance) else _judge_finite(curve, chance)
    return replace(verdict, epoch=verdict.epoch + first_epoch - 1)


def _judge_finite(curve: NDArray[np.float64], chance: float) -> Verdict:
    if len(curve) < SHORTEST:
        return _undecided(curve)
    verdict = _judge_shape(curve, chance)
    return _undecided(curve) if len(curve) < LONG_ENOUGH and verdict.name in ("crawling", "stuck") else verdict


def _judge_shape(curve: NDArray[np.float64], chance: float) -> Verdict:
    last_quarter = curve[-max(3, len(curve) // 4) :]
    level = median(last_quarter)
    moves = np.diff(last_quarter)
    fall = float(last_quarter[0] - last_quarter[-1])
    if np.abs(moves).mean() > SHAKY * chance and abs(fall) < 0.5 * np.abs(moves).sum():
        return _oscillating(curve, last_quarter, chance)
    steady = bool(np.mean(moves < 0.0) > 0.9)
    flat = abs(fall) < FLAT * chance
    if flat and level < LOW * chance:
        return _converged(curve, chance)
    if level < LOW * chance <= curve[-1]:
        return _thrown_back(curve, level, chance)
    if curve[-1] >= curve[0]:
        return _stuck(curve, level, chance)
    average_fall = float(curve[0] - curve[-1]) * len(last_quarter) / len(curve)
    keeps_falling = steady and fall > 0.3 * average_fall
    if flat and not keeps_falling:
        return _stuck(curve, level, chance)
    if curve[0] - curve[-1] < MOST_OF_THE_WAY * (curve[0] - LOW * chance):
        return _crawling(curve)
    return _learning(curve)


def _undecided(curve: NDArray[np.float64]) -> Verdict:
    return Verdict(
        "undecided",
        len(curve),
        say("The loss stands at {loss:.2g}; a curve this short says little more.", loss=curve[-1]),
        say("Train for at least {epochs} epochs.", epochs=LONG_ENOUGH),
    )


def _diverged(losses: Sequence[float], chance: float) -> Verdict:
    start = len(losses)
    while start > 1 and not losses[start - 2] <= RUNAWAY * chance:
        start -= 1
    latest = losses[-1]
    if math.isfinite(latest):
        reason = say(
            "The loss reached {loss:.3g}, where guessing would give {chance:.2f}: every step overshoots the valley and"
            " lands higher up.",
            loss=latest,
            chance=chance,
        )
    else:
        reason = say(
            "The loss left the numbers, where guessing would give {chance:.2f}: every step overshoots the valley and"
            " lands higher up.",
            chance=chance,
        )
    return Verdict("diverged", start, reason, say("Press Reset and divide the learning rate by ten."))


def _oscillating(curve: NDArray[np.float64], tail: NDArray[np.float64], chance: float) -> Verdict:
    rises = np.diff(curve)
    first_rise = int(np.argmax(rises >= min(SHAKY * chance, rises.max())))
    return Verdict(
        "oscillating",
        first_rise + 2,
        say(
            "The loss keeps jumping between {lowest:.2g} and {highest:.2g}: the steps carry it from one side of the"
            " valley to the other.",
            lowest=tail.min(),
            highest=tail.max(),
        ),
        say("Lower the learning rate, to a third or a tenth."),
    )


def _converged(curve: NDArray[np.float64], chance: float) -> Verdict:
    above = np.flatnonzero(curve >= LOW * chance)
    return Verdict(
        "converged",
        int(above[-1]) + 2 if len(above) else 1,
        say(
            "The loss came down to {loss:.2g} and hardly changes any more: there is little left to gain.",
            loss=curve[-1],
        ),
        say("Nothing to mend; try how far the learning rate can go before this breaks."),
    )


def _thrown_back(curve: NDArray[np.float64], level: float, chance: float) -> Verdict:
    low = np.flatnonzero(curve < LOW * chance)
    return Verdict(
        "learning",
        int(low[-1]) + 2,
        say(
            "The loss had come down to {level:.2g}, and the last steps have thrown it back to {last:.2g}.",
            level=level,
            last=curve[-1],
        ),
        say("Train on, and it may well come back; if this happens often, lower the learning rate."),
    )


def _stuck(curve: NDArray[np.float64], level: float, chance: float) -> Verdict:
    away = np.flatnonzero(np.abs(curve - level) > FLAT * chance)
    if curve[-1] > curve[0] + FLAT * chance:
        reason = say(
            "The loss rose from {first:.2g} to {last:.2g}: from here its steps do not lead down.",
            first=curve[0],
            last=curve[-1],
        )
    else:
        reason = say(
            "The loss has stopped at {loss:.2g} and no longer falls: its steps lead no further down.",
            loss=curve[-1],
        )
    return Verdict(
        "stuck",
        min(int(away[-1]) + 2, len(curve)) if len(away) else 1,
        reason,
        say(
            "Train longer, or try another learning rate or new weights; if that does not help, give the network more"
            " units."
        ),
    )


def _crawling(curve: NDArray[np.float64]) -> Verdict:
    return Verdict(
        "crawling",
        len(curve),
        say(
            "The loss only came from {first:.2g} to {last:.2g} in {epochs} epochs, and is still falling: the steps are"
            " too short.",
            first=curve[0],
            last=curve[-1],
            epochs=len(curve),
        ),
        say("Raise the learning rate, three or ten times."),
    )


def _learning(curve: NDArray[np.float64]) -> Verdict:
    half = np.flatnonzero(curve <= (curve[0] + curve[-1]) / 2.0)
    return Verdict(
        "learning",
        int(half[0]) + 1,
        say("The loss came from {first:.2g} to {last:.2g} and is still falling.", first=curve[0], last=curve[-1]),
        say("Train for more epochs, or try a slightly higher learning rate."),
    )
