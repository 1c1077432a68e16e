"""Missions: what a reader is asked to bring about in a training lab, checked on the runs that they make.

A mission has a goal and is told of every run that ends. What it must remember from one run to the next, its `notes`, is
a small dict of plain values, which the page keeps: a goal is a function `(run, mission, notes)` that returns the new
notes, and `standing` says how far they have come. This chapter knows runs by their outcomes only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .checks import is_number, is_whole, mapping, one_of, sequence
from .language import say
from .settings import Setting, problems

LEARNS = frozenset({"learning", "converged"})
"""Verdicts of a rate that works …"""
FAILS = frozenset({"oscillating", "diverged", "stuck"})
"""… and of one that does not. A run that crawls is neither: its rate is far from the edge."""

ENOUGH = 50
"""A run of fewer epochs says too little about crawling or about the edge."""

Notes = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """A run that has ended.

    Attributes:
        settings: the run's settings but for the learning rate, by name.
        rates: the learning rates used, in their order; a new one for each turn of the dial.
        losses: the loss of every epoch.
        verdict: what became of it, judged from where it was last taken up.
        taken_up: number of epochs done when it was taken up again after it had diverged; 0 if it never was.
    """

    settings: Mapping[str, Any]
    rates: Sequence[float]
    losses: Sequence[float]
    verdict: str
    taken_up: int = 0


def learn(run: Outcome, mission: Mapping[str, Any], notes: Notes) -> Notes:
    """Bring the loss of one run below `below` within `epochs` epochs."""
    within = [loss for loss in run.losses[: mission["epochs"]] if loss < mission["below"]]
    if run.taken_up or not within:
        return notes
    return notes | {"loss": min(within), "rate": run.rates[-1]}


def crawl(run: Outcome, mission: Mapping[str, Any], notes: Notes) -> Notes:  # noqa: ARG001
    """Make a run crawl, for `ENOUGH` epochs at least."""
    if run.verdict != "crawling" or len(run.losses) < ENOUGH or run.taken_up:
        return notes
    return notes | {"loss": run.losses[-1], "rate": run.rates[-1]}


def blow_up(run: Outcome, mission: Mapping[str, Any], notes: Notes) -> Notes:  # noqa: ARG001
    """Make a run diverge."""
    return notes | {"rate": run.rates[-1]} if run.verdict == "diverged" else notes


def rescue(run: Outcome, mission: Mapping[str, Any], notes: Notes) -> Notes:  # noqa: ARG001
    """Train on from a run that diverged, at a lower rate; then at that rate from the start, all else being equal."""
    same = _but_epochs(run.settings)
    if run.taken_up and run.verdict != "diverged" and run.rates[-1] < max(run.rates):
        epochs, broken = len(run.losses) - run.taken_up, run.losses[-1]
        return {"settings": same, "rate": run.rates[-1], "epochs": epochs, "broken": broken}
    comparable = list(run.rates) == [notes.get("rate")] and notes.get("settings") == same
    if comparable and run.verdict != "diverged":
        epoch = min(len(run.losses), notes["epochs"])
        return notes | {"fresh": run.losses[epoch - 1], "fresh_epochs": epoch}
    return notes


def edge(run: Outcome, mission: Mapping[str, Any], notes: Notes) -> Notes:  # noqa: ARG001
    """Find a rate that learns and one above it, at most twice as large, that does not, all else being equal."""
    if len(run.rates) != 1 or run.taken_up:
        return notes
    if run.verdict not in FAILS and len(run.losses) < ENOUGH:
        return notes
    same = _but_epochs(run.settings)
    if notes.get("settings") != same:
        notes = {"settings": same, "works": [], "fails": []}
    found = "works" if run.verdict in LEARNS else "fails" if run.verdict in FAILS else None
    return notes | {found: sorted({*notes[found], run.rates[0]})} if found else notes


def _but_epochs(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name != "epochs"}


Goal = Callable[[Outcome, Mapping[str, Any], Notes], Notes]

GOALS: dict[str, tuple[Goal, dict[str, Setting]]] = {
    "learn": (
        learn,
        {
            "below": Setting("number", 0.1, "the loss to get below", 1e-6, 1.0),
            "epochs": Setting("whole", 200, "epochs that it may take", 1, 10_000),
        },
    ),
    "crawl": (crawl, {}),
    "break": (blow_up, {}),
    "rescue": (rescue, {}),
    "edge": (edge, {}),
}
"""Every goal by its name, with what a mission may set."""


@dataclass(frozen=True)
class Standing:
    """How far a mission has come.

    Attributes:
        done: whether it is accomplished.
        sentence: what the runs so far have shown; empty if nothing yet.
    """

    done: bool
    sentence: str


def standing(goal: str, notes: Mapping[str, Any]) -> Standing:
    """Say how far a mission with this goal, a key of `GOALS`, has come, from its notes."""
    if not notes:
        return Standing(False, "")
    match goal:
        case "learn":
            came = {"rate": notes["rate"], "loss": notes["loss"]}
            return Standing(True, say("Rate {rate:g} brought the loss down to {loss:.2g}.", **came))
        case "crawl":
            came = {"rate": notes["rate"], "loss": notes["loss"]}
            return Standing(True, say("At rate {rate:g} the loss had only come to {loss:.2g}.", **came))
        case "break":
            return Standing(True, say("Rate {rate:g} did it.", rate=notes["rate"]))
        case "rescue":
            return _rescued(notes)
        case _:
            return _found(notes)


def _rescued(notes: Mapping[str, Any]) -> Standing:
    came = {"rate": notes["rate"], "epochs": notes["epochs"], "broken": notes["broken"]}
    if "fresh" not in notes:
        sentence = say(
            "From the broken weights, {epochs} more epochs at rate {rate:g} led to a loss of {broken:.2g}. Now press"
            " Reset and train at that rate from the start.",
            **came,
        )
        return Standing(False, sentence)
    sentence = say(
        "From the broken weights, {epochs} more epochs at rate {rate:g} led to a loss of {broken:.2g}; from the start,"
        " {fresh_epochs} epochs at the same rate led to {fresh:.2g}.",
        fresh=notes["fresh"],
        fresh_epochs=notes["fresh_epochs"],
        **came,
    )
    return Standing(True, sentence)


def _found(notes: Mapping[str, Any]) -> Standing:
    works, fails = notes["works"], notes["fails"]
    if not works:
        if not fails:
            return Standing(False, "")
        return Standing(False, say("Rate {rate:g} does not learn. Look further down.", rate=min(fails)))
    best = max(works)
    above = [rate for rate in fails if rate > best]
    if not above:
        return Standing(False, say("Rate {rate:g} learns. Look further up.", rate=best))
    ends = {"best": best, "broken": min(above)}
    if min(above) <= 2.0 * best:
        sentence = say("The edge lies between {best:g}, which learns, and {broken:g}, which does not.", **ends)
        return Standing(True, sentence)
    middle = float(f"{(best * min(above)) ** 0.5:.2g}")
    sentence = say(
        "The edge lies between {best:g} and {broken:g}. Try a rate between them, like {middle:g}.",
        middle=middle,
        **ends,
    )
    return Standing(False, sentence)


RESCUED, FRESH = {"settings", "rate", "epochs", "broken"}, {"fresh", "fresh_epochs"}
"""What the notes of a rescue hold once a run was trained on, and what besides once it was trained from the start."""

NOTED = {"learn": {"loss", "rate"}, "crawl": {"loss", "rate"}, "break": {"rate"}}
"""What the notes of the simpler goals hold."""


def _sound(goal: str, notes: object) -> bool:
    """Whether notes are such as a goal makes. They come from where a browser keeps them: anybody may write there."""
    if not isinstance(notes, Mapping) or (goal not in NOTED and not isinstance(notes.get("settings"), Mapping)):
        return False
    if goal == "edge":
        rates = [notes.get("works"), notes.get("fails")]
        return all(isinstance(found, list | tuple) and all(map(_is_amount, found)) for found in rates)
    if notes.keys() not in ([NOTED[goal]] if goal in NOTED else [RESCUED, RESCUED | FRESH]):
        return False
    amounts = [value for part, value in notes.items() if part != "settings"]
    counts = [notes[part] for part in ("epochs", "fresh_epochs") if part in notes]
    return all(map(_is_amount, amounts)) and all(is_whole(count) and count > 0 for count in counts)


def _is_amount(value: object) -> bool:
    return is_number(value) and 0.0 <= value <= MOST_NOTED


MOST_NOTED = 1e300
"""No number in a note is larger."""


def follow(missions: Sequence[Mapping[str, Any]], run: Outcome | None) -> list[dict[str, Any]]:
    """Tell missions of a run that has ended.

    Args:
        missions: for each, `goal` (a key of `GOALS`), what the goal takes, and `notes` as returned before, or {}. Notes
            that no goal has written count as {}.
        run: what became of the run; None to ask for the standing only.

    Returns:
        For each mission `notes`, `done` and `sentence`.

    Raises:
        ValueError: there is no such goal, or it does not take what it is given.
    """
    told = []
    for mission in sequence("missions", missions):
        name = one_of("goal", mapping("mission", mission).get("goal"), GOALS)
        goal, takes = GOALS[name]
        given = {part: mission.get(part, setting.default) for part, setting in takes.items()}
        for _, sentence in problems(given, takes):
            raise ValueError(sentence)
        notes = dict(mission["notes"]) if _sound(name, mission.get("notes")) else {}
        before = standing(name, notes)
        if run and not before.done:
            notes = goal(run, given, notes)
        now = standing(name, notes)
        told.append({"notes": notes, "done": now.done, "sentence": now.sentence})
    return told
