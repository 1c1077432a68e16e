"""The labs about backpropagation: a computation graph to walk back through, one factor at a time."""

import html
from dataclasses import dataclass
from typing import Any

from gd_core.walk import Walk, problems, value_range
from scripts import graph_picture

from .fences import Block, Entry, Fence, Place, Report, read_mapping, unknown
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
        walk = Walk(settings).open()
        content = (
            f'<figure class="gd-walk">{graph_picture.graph(walk, self.graph, name)}'
            f"<figcaption>{html.escape(walk['outcome'])}</figcaption></figure>"
            f'<div class="gd-table-frame">{graph_picture.table(walk)}</div>'
        )
        values = {node["name"]: node["value"] for node in walk["nodes"] if not node["parents"]}
        data = {
            "settings": {"graph": self.graph, "values": values},
            "walk": walk,
            "ranges": {given: value_range(given) for given in values},
        }
        return lab_frame(place, "graph", name, self.title, content, data)


def read_graph(fence: Fence, report: Report) -> GraphLab | None:
    """Read a graph: `title`, `graph` and `values`."""
    entries = read_mapping(fence, report)
    if entries is None:
        return None
    title = read_title(entries, report, OPTIONS["graph"]["title"].default)
    lines = entries | (entries["values"].entries if "values" in entries else {})
    found = [_at(name, sentence, lines) for name, sentence in problems({n: e.value for n, e in entries.items()})]
    for line, sentence in found:
        report(line, sentence)
    if found:
        return None
    values = entries["values"].value if "values" in entries else {}
    graph = entries["graph"].value if "graph" in entries else "chain"
    return GraphLab(title, graph, tuple((name, float(value)) for name, value in values.items()))


def _at(name: str, sentence: str, lines: dict[str, Entry]) -> tuple[int, str]:
    """Put a problem where it stands. A name that is no setting of this block may be a slip of the pen."""
    known = name in OPTIONS["graph"] or not sentence.startswith("unknown setting")
    return lines[name].line, sentence if known else unknown("setting", name, OPTIONS["graph"])
