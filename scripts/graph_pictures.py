"""Computation graphs as SVG: pure functions from a walk, as `gd_core.graph_session` tells it, to HTML.

Inputs and weights stand above what is made from them and the loss at the bottom, so that backpropagation runs up the
page. Every edge and every node is a group with a name, by which the lab's script finds it: what the picture shows of
the walk is decided by the attribute `data-state` of these groups, in the script and in `graph.css` alone.
"""

import html
import math
from collections.abc import Mapping
from typing import Any

from gd_core.language import say

Frame = Mapping[str, Any]
Place = tuple[float, float]

LAYOUTS: dict[str, tuple[str, ...]] = {
    "chain": (
        "w1   x     b1",
        ".    z     .",
        "w2   h     b2",
        ".    o     target",
        ".    loss  .",
    ),
    "fork": (
        "w1   x     .",
        ".    z     .",
        "w2   h     .",
        "s    .     .",
        "r    .     .",
        ".    o     target",
        ".    loss  .",
    ),
    "shared": (
        ".    x     .",
        "w    z     .",
        ".    h     .",
        ".    o     target",
        ".    loss  .",
    ),
}
"""Where the nodes of each of `gd_core.graph.GRAPHS` stand: rows of three."""

WIDTH, ROW, COLUMN = 360, 102, 122
BOX, HEIGHT = 108, 58
"""Width and height of a node's box."""
EDGE = 8
"""Room around the picture."""


def columns() -> dict[str, str]:
    """Say the numbers of a step as a table calls them."""
    return {
        "incoming": say("incoming"),
        "local": say("× local"),
        "outgoing": say("= outgoing"),
        "total": say("sum so far"),
    }


def graph(walk: Frame, layout: str, name: str) -> str:
    """Return a graph with its values and, at every edge, the finished walk.

    Args:
        walk: what `gd_core.graph_session.GraphSession.open` returns.
        layout: a key of `LAYOUTS`.
        name: keeps the ids of several pictures on a page apart.
    """
    rows = LAYOUTS[layout]
    places = {node: _middle(column, row) for row, line in enumerate(rows) for column, node in enumerate(line.split())}
    height = 2 * EDGE + (len(rows) - 1) * ROW + HEIGHT
    walked = {(step["node"], step["parent"]): index for index, step in enumerate(walk["steps"])}
    parts = []
    for node in walk["nodes"]:
        for parent in node["parents"]:
            index = walked.get((node["name"], parent))
            factor = walk["steps"][index]["texts"]["local"] if index is not None else ""
            parts.append(_edge(places[parent], places[node["name"]], index, factor))
    arrived = {step["parent"]: step["texts"]["total"] for step in walk["steps"]} | {walk["nodes"][-1]["name"]: "1"}
    parts += [_node(node, places[node["name"]], arrived.get(node["name"], "")) for node in walk["nodes"]]
    ids = f"{name}-graph-title", f"{name}-graph-description"
    return (
        f'<svg class="gd-graph" viewBox="0 0 {WIDTH} {height}" role="img" data-search-exclude'
        f' aria-labelledby="{ids[0]}" aria-describedby="{ids[1]}">'
        f'<title id="{ids[0]}">{say("Computation graph")}</title>'
        f'<desc id="{ids[1]}">{html.escape(walk["description"])}</desc>'
        f"{''.join(parts)}</svg>"
    )


def table(walk: Frame) -> str:
    """Return the finished walk as a table, one row a step."""
    rows = "".join(
        f'<tr><th scope="row">{step["labels"]}</th>'
        + "".join(f"<td>{step['texts'][column]}</td>" for column in columns())
        + "</tr>"
        for step in walk["steps"]
    )
    head = "".join(f'<th scope="col">{heading}</th>' for heading in (say("back from → to"), *columns().values()))
    return f'<table class="gd-table gd-walk-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _middle(column: int, row: int) -> Place:
    return WIDTH / 2 + (column - 1) * COLUMN, EDGE + HEIGHT / 2 + row * ROW


def _node(node: Frame, at: Place, gradient: str) -> str:
    x, y = at
    return (
        f'<g class="gd-node gd-node-{_kind(node)}" data-node="{node["name"]}">'
        f'<rect x="{x - BOX / 2:g}" y="{y - HEIGHT / 2:g}" width="{BOX}" height="{HEIGHT}" rx="9"/>'
        f'<text class="gd-node-value" x="{x:g}" y="{y - 11:g}"><tspan>{node["label"]}</tspan> = '
        f"<tspan data-value>{node['value_text']}</tspan></text>"
        f'<text class="gd-node-made" x="{x:g}" y="{y + 4:g}">{_second_line(node)}</text>'
        f'<text class="gd-node-gradient" x="{x:g}" y="{y + 21:g}" data-gradient>{_slope(gradient)}</text></g>'
    )


def _second_line(node: Frame) -> str:
    """Say where a value comes from, or how it was made."""
    match node["operation"]:
        case "data":
            return say("from the data")
        case "weight":
            return say("a weight")
        case "cross_entropy":
            return say("cross-entropy")
    return str(node["formula"]).partition(" = ")[2]


def _slope(gradient: str) -> str:
    return say("gradient {gradient}", gradient=gradient) if gradient else ""


def _kind(node: Frame) -> str:
    return node["operation"] if node["operation"] in ("data", "weight") else "made"


def _edge(parent: Place, node: Place, index: int | None, factor: str) -> str:
    """Draw an edge: the line, a head at either end, and its factor. `index` is that of its step; data has none."""
    start, end = _rim(parent, node, 3), _rim(node, parent, 3)
    line = f'<path class="gd-edge-line" d="M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}"/>'
    ahead = f'<path class="gd-edge-head" d="{_head(start, end)}"/>'
    if index is None:
        return f'<g class="gd-edge" data-state="data">{line}{ahead}</g>'
    back = f'<path class="gd-edge-back" d="{_head(end, start)}"/>'
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + 4.5
    text = f'<text class="gd-edge-factor" x="{x:.1f}" y="{y:.1f}">× {factor}</text>'
    return f'<g class="gd-edge" data-edge="{index}" data-state="walked">{line}{ahead}{back}{text}</g>'


def _rim(box: Place, other: Place, gap: float) -> Place:
    """Return where the line from the middle of a box to another place leaves the box, and a little further."""
    dx, dy = other[0] - box[0], other[1] - box[1]
    share = min((BOX / 2) / abs(dx) if dx else math.inf, (HEIGHT / 2) / abs(dy) if dy else math.inf)
    share += gap / math.hypot(dx, dy)
    return box[0] + share * dx, box[1] + share * dy


def _head(start: Place, end: Place) -> str:
    """Return the path of an arrow's head at `end`."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    ux, uy = dx / length, dy / length
    wing = [(end[0] - 8 * ux + side * 4.5 * uy, end[1] - 8 * uy - side * 4.5 * ux) for side in (1, -1)]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in (end, *wing)) + "z"
