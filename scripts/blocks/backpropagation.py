"""The labs about backpropagation: a graph to walk back through, a check of the gradient, and how much of it arrives."""

import html
from dataclasses import dataclass
from typing import Any

from gd_core import vanishing
from gd_core.checks import shown
from gd_core.gradient_check import NUDGES, USUAL, GradientsSession
from gd_core.graph_session import GraphSession, problems, value_range
from gd_core.language import say
from gd_core.settings import Settings
from gd_core.vanishing import COMPARED, MOST_LAYERS, VanishingSession
from scripts import graph_pictures, log_pictures
from scripts.diagrams import MOST_UNITS, layer_names, network_diagram

from .fences import Block, Entry, Fence, Place, Report, read_mapping, read_settings, unknown
from .frame import lab_frame
from .runs import OPTIONS, read_title


@dataclass(frozen=True)
class GraphLab(Block):
    """A computation graph with its walk."""

    title: str
    graph: str
    values: tuple[tuple[str, float], ...]

    def render(self, place: Place) -> str:
        """Return the element that the page's script mounts, with the finished walk inside."""
        name = f"graph-{place.number}"
        settings: dict[str, Any] = {"graph": self.graph, "values": dict(self.values)}
        walk = GraphSession(settings).open()
        content = (
            f'<figure class="gd-walk">{graph_pictures.graph(walk, self.graph, name)}'
            f"<figcaption>{html.escape(walk['outcome'])}</figcaption></figure>"
            f'<div class="gd-table-frame">{graph_pictures.table(walk)}</div>'
        )
        values = {node["name"]: node["value"] for node in walk["nodes"] if not node["parents"]}
        data = {
            "settings": {"graph": self.graph, "values": values},
            "walk": walk,
            "ranges": {given: value_range(given) for given in values},
        }
        return lab_frame(place, "graph", name, self.title or say("Walk back through the network"), content, data)


def read_graph(fence: Fence, report: Report) -> GraphLab | None:
    """Read a graph: `title`, `graph` and `values`."""
    entries = read_mapping(fence, report)
    if entries is None:
        return None
    title = read_title(entries, report)
    inner = entries["values"].entries if "values" in entries else {}
    # By their names as the author wrote them: YAML takes some for numbers, or for nothing.
    values = {name: entry.value for name, entry in inner.items()}
    given = {name: entry.value for name, entry in entries.items()} | ({"values": values} if values else {})
    found = [_at(name, sentence, entries | inner) for name, sentence in problems(given)]
    for line, sentence in found:
        report(line, sentence)
    if found:
        return None
    graph = entries["graph"].value if "graph" in entries else "chain"
    return GraphLab(title, graph, tuple((name, float(value)) for name, value in values.items()))


def _at(name: str, sentence: str, lines: dict[str, Entry]) -> tuple[int, str]:
    """Put a problem where it stands. A name that is no setting of this block may be a slip of the pen."""
    known = name in OPTIONS["graph"] or not sentence.startswith("unknown setting")
    return lines[name].line, sentence if known else unknown("setting", name, OPTIONS["graph"])


@dataclass(frozen=True)
class GradientsLab(Block):
    """A check of backpropagation against nudging, for the first batch of a run."""

    title: str
    settings: Settings

    def render(self, place: Place) -> str:
        """Return the element that the page's script mounts, with one weight's check inside."""
        name = f"gradients-{place.number}"
        check = GradientsSession(self.settings.as_dict())
        opened = check.open()
        weight, layers = opened["weight"], opened["layers"]
        usual = int(abs(NUDGES - USUAL).argmin())
        best = weight["checks"][usual]
        description = say(
            "For {weight}, wide nudges at the left: the difference between nudging and backpropagation is {first} at a"
            " nudge of 1, {best} at {best_nudge}, and {last} at {last_nudge}: it falls, then it rises again.",
            weight=weight["label"],
            first=weight["checks"][0]["difference"],
            best=best["difference"],
            best_nudge=best["nudge"],
            last=weight["checks"][-1]["difference"],
            last_nudge=weight["checks"][-1]["nudge"],
        )
        picture = log_pictures.error_curve(NUDGES.tolist(), weight["differences"].tolist(), name, usual, description)
        weights = [(each.tolist(), biases.tolist()) for each, biases in check.network.unpack(check.params)]
        diagram = network_diagram(layers, name, weights=weights, title=say("The network at its first weights"))
        caption = say(
            "Computed when this page was built, at the first weights, on a first batch of {points} points. Shown is"
            " {weight}. Backpropagation says {exact}; a nudge of {nudge} says {estimate}. {all} {cost}",
            points=opened["points"],
            weight=weight["label"],
            exact=weight["exact_text"],
            nudge=best["nudge"],
            estimate=best["estimate"],
            all=check.all()["said"],
            cost=opened["cost"],
        )
        content = (
            f'<figure class="gd-check"><div class="gd-check-pictures">{diagram}{picture}</div>'
            f"<figcaption>{html.escape(caption)}</figcaption></figure>"
        )
        data = {
            "settings": self.settings.as_dict(),
            "check": opened | {"weight": _plain(weight)},
            "names": layer_names(layers),
            "usual": usual,
        }
        return lab_frame(place, "gradients", name, self.title or say("Check the gradient"), content, data)


def read_gradients(fence: Fence, report: Report) -> GradientsLab | None:
    """Read a check of the gradient: any setting of a run, and `title`."""
    entries = read_mapping(fence, report)
    if entries is None:
        return None
    title = read_title(entries, report)
    layers = entries.get("hidden_layers")
    chosen = read_settings(entries, report, OPTIONS["gradients"])
    if chosen and max(chosen.hidden_layers, default=0) > MOST_UNITS:
        line = layers.line if layers else fence.line
        report(
            line,
            f"the check draws hidden_layers of at most {MOST_UNITS} units, got {list(chosen.hidden_layers)}",
        )
        return None
    return GradientsLab(title, chosen) if chosen else None


@dataclass(frozen=True)
class VanishingLab(Block):
    """The size of the gradient in each layer of a deep network."""

    title: str
    settings: Settings
    depth: int
    activation: str

    def render(self, place: Place) -> str:
        """Return the element that the page's script mounts, with the gradients of its first network inside."""
        name = f"vanishing-{place.number}"
        measured = VanishingSession(self.settings.as_dict()).open(self.depth, self.activation)
        given = {"layers": self.depth, "units": vanishing.UNITS, "activation": self.activation}
        description = say(
            "{layers} hidden layers of {units} units, {activation}, from the inputs to the output: {sizes}.",
            sizes=", ".join(measured["texts"]),
            **given,
        )
        picture = log_pictures.layer_bars(
            measured["texts"], measured["sizes"].tolist(), MOST_LAYERS + 1, name, description
        )
        caption = say(
            "Computed when this page was built: {layers} hidden layers of {units} units with {activation}, at their"
            " first weights. Each bar is the root mean square of a layer's gradient, and each line to the right means a"
            " thousand times as much. {said}",
            said=measured["said"],
            **given,
        )
        content = f'<figure class="gd-depth">{picture}<figcaption>{html.escape(caption)}</figcaption></figure>'
        data = {
            "settings": self.settings.as_dict(),
            "measured": _plain(measured),
            "choices": {"activations": COMPARED, "most": MOST_LAYERS, "spoken": vanishing.spoken()},
        }
        return lab_frame(place, "vanishing", name, self.title or say("How much arrives?"), content, data)


def read_vanishing(fence: Fence, report: Report) -> VanishingLab | None:
    """Read a comparison of depths: `title`, `depth`, any setting of a run but those that its readers choose."""
    entries = read_mapping(fence, report)
    if entries is None:
        return None
    title = read_title(entries, report)
    depth = entries.pop("depth", Entry(fence.line, MOST_LAYERS))
    right = isinstance(depth.value, int) and not isinstance(depth.value, bool) and 1 <= depth.value <= MOST_LAYERS
    if not right:
        report(depth.line, f"depth must be a whole number from 1 to {MOST_LAYERS}, got {shown(depth.value)}")
    for name in ("hidden_layers", "epochs"):
        if taken := entries.pop(name, None):
            report(taken.line, f"readers of this lab choose its {name}, so it takes none; got {shown(taken.value)}")
    activation = entries.get("activation", Entry(fence.line, COMPARED[0]))
    chosen = read_settings(entries, report, OPTIONS["vanishing"])
    if chosen and activation.value not in COMPARED:
        report(
            activation.line,
            f"this lab compares the activations {', '.join(COMPARED)}, got {shown(activation.value)}",
        )
        return None
    return VanishingLab(title, chosen, depth.value, activation.value) if chosen and right else None


def _plain(frame: dict[str, Any]) -> dict[str, Any]:
    """Turn a frame's arrays into lists, which JSON can hold."""
    return {name: value.tolist() if hasattr(value, "tolist") else value for name, value in frame.items()}
