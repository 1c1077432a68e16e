"""Figures and how they are told: one table for the terminal, the same as JSON, and as Markdown for the README.

This module knows nothing of how anything is measured.
"""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

HEADINGS = ("what", "ours", "other", "ratio", "goal", "met")
BEGIN, END = "<!-- benchmark: begin -->", "<!-- benchmark: end -->"


@dataclass(frozen=True)
class Goal:
    """What a figure shall reach: its own value, or its ratio to the other's, is at least or at most a bound."""

    of: Literal["ours", "ratio"]
    kind: Literal["at least", "at most"]
    bound: float

    def met_by(self, value: float) -> bool:
        """Say whether `value` reaches the goal."""
        return value >= self.bound if self.kind == "at least" else value <= self.bound

    def __str__(self) -> str:
        return f"{'ratio ' if self.of == 'ratio' else ''}{'≥' if self.kind == 'at least' else '≤'} {number(self.bound)}"


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        section: which part of the benchmark it comes from.
        name: what was measured, with its unit.
        ours: our value; None if it could not be had.
        other: what it is compared with, measured in turn with ours; None if nothing is, or if it could not be had.
        ratio: ours ÷ other, as the median of the pairs where there are pairs.
        goal: what shall be reached, if anything.
        note: what a reader must know to understand it, or why a value is missing.
    """

    section: str
    name: str
    ours: float | None
    other: float | None = None
    ratio: float | None = None
    goal: Goal | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is no goal or no value."""
        if self.goal is None:
            return None
        value = self.ratio if self.goal.of == "ratio" else self.ours
        return None if value is None else self.goal.met_by(value)


def compare(
    section: str, name: str, ours: Sequence[float], other: Sequence[float], goal: Goal | None = None, note: str = ""
) -> Figure:
    """Make a figure of values that were measured in turn: medians, and the median of the pairs' ratios."""
    return Figure(
        section, name, statistics.median(ours), statistics.median(other), median_of_pairs(ours, other), goal, note
    )


def median_of_pairs(ours: Sequence[float], other: Sequence[float]) -> float:
    """Return the median of ours ÷ other, pair by pair: what slows a machine for a while slows both of a pair.

    Raises:
        ValueError: there are not as many of one as of the other, or none.
    """
    if not ours:
        raise ValueError("a ratio needs at least one pair, got none")
    return statistics.median(one / two for one, two in zip(ours, other, strict=True))


def number(value: float | None) -> str:
    """Write a value with about three digits that count; nothing for None."""
    if value is None:
        return ""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def cells(figure: Figure) -> tuple[str, ...]:
    """Return the cells of a figure's line, in the order of `HEADINGS`."""
    met = {True: "yes", False: "no", None: ""}[figure.met]
    values = (figure.ours, figure.other, figure.ratio)
    return (figure.name, *map(number, values), str(figure.goal or ""), met)


def table(figures: Sequence[Figure]) -> str:
    """Return the table for a terminal: a block for every section, notes under their lines."""
    rows = [cells(figure) for figure in figures]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]

    def line(row: Sequence[str]) -> str:
        first, *others = (
            f"{text:{'<' if column in (0, 4, 5) else '>'}{width}}"
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        return "  ".join((first, *others)).rstrip()

    lines = [line(HEADINGS)]
    for place, (figure, row) in enumerate(zip(figures, rows, strict=True)):
        if place == 0 or figures[place - 1].section != figure.section:
            lines += ["", figure.section]
        lines.append(line(row))
        if figure.note:
            lines.append(f"    {figure.note}")
    return "\n".join(lines)


def to_json(machine: dict[str, Any], figures: Sequence[Figure]) -> dict[str, Any]:
    """Return the report as values that JSON can hold."""
    return {"machine": machine, "figures": [asdict(figure) | {"met": figure.met} for figure in figures]}


def from_json(report: dict[str, Any]) -> tuple[dict[str, Any], list[Figure]]:
    """Return the machine and the figures of a report that `to_json` made."""
    figures = []
    for entry in report["figures"]:
        goal = Goal(**entry["goal"]) if entry["goal"] else None
        figures.append(Figure(**{name: entry[name] for name in entry.keys() - {"goal", "met"}}, goal=goal))
    return report["machine"], figures


def describe(machine: dict[str, Any]) -> str:
    """Return the machine and the date as one line."""
    return ", ".join(f"{name} {value}" if name else str(value) for name, value in machine.items())


def markdown(machine: dict[str, Any], figures: Sequence[Figure]) -> str:
    """Return the table for the README: figures that have a goal, and all where another does better."""
    told = [figure for figure in figures if figure.goal or (figure.section == "rivals" and (figure.ratio or 1) < 1)]
    rows = [HEADINGS, ("---", *["---:"] * 3, "---", "---"), *map(cells, told)]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return f"Measured on {describe(machine)}.\n\n" + "\n".join(lines)


def insert(readme: str, text: str) -> str:
    """Put `text` between the README's two marks in place of what stands there.

    Raises:
        ValueError: one of the marks is missing.
    """
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the README must hold the marks {BEGIN} and {END}, in this order")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"
