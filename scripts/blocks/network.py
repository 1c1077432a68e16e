"""The network block: a network with good weights, for a reader to walk through.

Its body is YAML: the settings of the run that makes the weights, a title, and the point that the walk begins with.
"""

import html
from dataclasses import dataclass

from gd_core.checks import shown
from gd_core.datasets import DOMAIN
from gd_core.language import say
from gd_core.network_session import NetworkSession
from gd_core.settings import Settings
from scripts import pictures
from scripts.network_pictures import THUMBNAIL, diagram, show, walk

from .fences import Block, Entry, Fence, Place, Report, read_mapping, read_settings
from .frame import lab_frame
from .runs import OPTIONS, read_title

MOST_LAYERS, MOST_UNITS = 3, 12
"""Larger networks make a diagram that nobody can read."""

POINT = (2.0, -1.0)
"""The point with which a walk begins where the author names none."""


@dataclass(frozen=True)
class NetworkLab(Block):
    """A network lab, with the recorded run whose last weights are the good ones."""

    settings: Settings
    title: str
    point: tuple[float, float]

    @property
    def runs(self) -> tuple[Settings, ...]:
        """The run that makes the weights."""
        return (self.settings,)

    def render(self, place: Place) -> str:
        """Return the element that the page's script mounts, with the walk of one point inside."""
        (recording,) = place.recordings
        name = f"network-{place.number}"
        given = {**self.settings.as_dict(), "params": recording["params"]}
        walkthrough = NetworkSession(given)
        frame, moved = walkthrough.open(THUMBNAIL), walkthrough.move(*self.point)
        layers, activation = walkthrough.network.layers, self.settings.activation
        caption = say(
            "Trained when this page was built: {right} of {count} points right, loss {loss}. The point ({x}, {y}) is of"
            " class {answer}, says the network, with probability {probability} for class 1.",
            right=frame["right"],
            count=frame["count"],
            loss=pictures.show(frame["loss"]),
            x=show(self.point[0]),
            y=show(self.point[1]),
            answer=moved["answer"],
            probability=show(moved["probability"]),
        )
        content = (
            '<figure class="gd-network-static"><div class="gd-network-pictures">'
            f"{pictures.surface(recording, name, ring=self.point)}{diagram(layers, frame, moved, name)}</div>"
            f"{walk(layers, activation, frame, moved)}<figcaption>{html.escape(caption)}</figcaption></figure>"
        )
        title = self.title or say("A network that works")
        return lab_frame(place, "network", name, title, content, {"settings": given, "point": self.point})


def read_network(fence: Fence, report: Report) -> NetworkLab | None:
    """Read a network lab: any setting of `gd_core`, `title`, and `point`."""
    entries = read_mapping(fence, report)
    if entries is None:
        return None
    title = read_title(entries, report)
    point = _read_point(entries.pop("point", None), report)
    chosen = read_settings(entries, report, OPTIONS["network"])
    if chosen and not (1 <= len(chosen.hidden_layers) <= MOST_LAYERS and max(chosen.hidden_layers) <= MOST_UNITS):
        report(
            entries["hidden_layers"].line,
            f"hidden_layers of a network block must be 1 to {MOST_LAYERS} layers of at most {MOST_UNITS} units, "
            f"got {list(chosen.hidden_layers)}",
        )
        return None
    return NetworkLab(chosen, title, point) if chosen and point else None


def _read_point(given: Entry | None, report: Report) -> tuple[float, float] | None:
    if given is None:
        return POINT
    numbers = given.value if isinstance(given.value, list) else []
    fits = [isinstance(number, int | float) and not isinstance(number, bool) for number in numbers]
    if len(fits) != 2 or not all(fits) or not all(-DOMAIN <= number <= DOMAIN for number in numbers):
        report(
            given.line,
            f"point must be two numbers from {-DOMAIN:g} to {DOMAIN:g}, like [2, -1], got {shown(given.value)}",
        )
        return None
    return float(numbers[0]), float(numbers[1])
