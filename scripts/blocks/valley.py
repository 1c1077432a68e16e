"""The valley: gradient descent on one parabola, or on two that make a ravine.

Its body is YAML: the settings of `gd_core.valley_session`, which also checks them, and a title.
"""

import math
from dataclasses import asdict, dataclass

from gd_core import valley, valley_session
from gd_core.language import number, say
from gd_core.valley_session import Settings
from scripts import valley_pictures

from .fences import Block, Fence, Place, Report, read_mapping, unknown
from .frame import lab_frame
from .runs import OPTIONS, read_title

MOMENTA = (0.5, 0.7, 0.8, 0.9, 0.95)
"""The momentum that a menu offers, besides the author's own."""


@dataclass(frozen=True)
class Valley(Block):
    """A valley or a ravine, with the walk that its settings give."""

    settings: Settings
    title: str

    def render(self, place: Place) -> str:
        """Return the element that the page's script mounts, with the picture of the walk inside."""
        name = f"valley-{place.number}"
        content = valley_pictures.figure(self.settings, f"{name}-picture")
        if len(self.settings.curvatures) == 1:
            content += f"<noscript data-search-exclude>{valley_pictures.comparison(self.settings, name)}</noscript>"
        data = {"settings": asdict(self.settings), "choices": self.choices()}
        return lab_frame(place, "valley", name, self.title or say("A walk into the valley"), content, data)

    def choices(self) -> dict[str, object]:
        """Return what the controls offer, and the measures of the picture."""
        count = len(self.settings.curvatures)
        grounds = grounds_around(self.settings.curvatures)
        return {
            "curvatures": grounds,
            "optimizer": [[rule, valley_session.rule_name(rule)] for rule in valley.RULES],
            "momentum": sorted({*MOMENTA, self.settings.momentum}),
            "learning_rate": dial_ends([curvatures for curvatures, _ in grounds], self.settings.learning_rate),
            "starts": list(valley_session.STARTS[count]),
            "window": list(valley_session.WINDOWS[count]),
            "longest": valley_session.LONGEST,
            "marks": valley.marks(self.settings.optimizer, self.settings.curvatures, self.settings.momentum),
            "view": valley_pictures.view(self.settings.curvatures),
        }


def grounds_around(curvatures: tuple[float, ...]) -> list[tuple[list[float], str]]:
    """Return the curvatures that a menu offers, the author's among them, with their names."""
    lowest, highest = valley_session.SETTINGS["curvatures"].lowest, valley_session.SETTINGS["curvatures"].highest
    if len(curvatures) == 1:
        around = {min(max(share * curvatures[0], lowest), highest) for share in (0.25, 0.5, 1.0, 2.0)}
        return [([value], f"λ = {number(f'{value:g}')}") for value in sorted(around)]
    flat, steep = sorted(range(2), key=lambda index: curvatures[index])
    most = curvatures[steep]
    flats = {curvatures[flat], most, *(value for value in (10.0 * curvatures[flat], most / 4.0) if value < most)}
    grounds = []
    for value in sorted(flats):
        ground = list(curvatures)
        ground[flat] = value
        label = ", ".join(f"{name} = {number(f'{curve:g}')}" for name, curve in zip(("λ₁", "λ₂"), ground, strict=True))
        grounds.append((ground, label))
    return grounds


def dial_ends(grounds: list[list[float]], learning_rate: float) -> list[float]:
    """Return the ends of the dial: wide enough for every limit of plain descent and for the author's rate.

    Both are 1, 2 or 5 times a power of ten.
    """
    curvatures = [value for ground in grounds for value in ground]
    lowest = min(0.04 / max(curvatures), learning_rate)
    highest = max(2.2 / min(curvatures), learning_rate)
    return [max(_round(lowest, down=True), 0.0001), min(_round(highest, down=False), 100.0)]


def _round(value: float, *, down: bool) -> float:
    power = math.floor(math.log10(value) + 1e-9)
    steps = [float(f"{first}e{power}") for first in (1, 2, 5, 10)]
    if down:
        return max(step for step in steps if step <= value * (1.0 + 1e-9))
    return min(step for step in steps if step >= value * (1.0 - 1e-9))


def read_valley(fence: Fence, report: Report) -> Valley | None:
    """Read a valley: any setting of `gd_core.valley_session`, and `title`."""
    entries = read_mapping(fence, report)
    if entries is None:
        return None
    title = read_title(entries, report)
    given = {name: entry.value for name, entry in entries.items()}
    found = valley_session.complaints(given)
    for name, sentence in found:
        known = name in valley_session.SETTINGS
        report(entries[name].line, sentence if known else unknown("setting", name, OPTIONS["valley"]))
    return None if found else Valley(valley_session.parse(given), title)
