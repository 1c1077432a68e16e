"""A point's walk through a network as HTML: the diagram with what every unit says all over the plane, and every sum.

Pure functions from what `gd_core.network_session` answers. The page's script takes the same elements over and goes on
writing into them, so what is in here is found by data attributes: `data-layer` and `data-unit` as in a diagram, and in
a line of the walk `data-sum` and `data-result`.
"""

import html
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gd_core.datasets import DOMAIN
from gd_core.language import number, say
from gd_core.network_session import Frame
from scripts import pictures
from scripts.diagrams import network_diagram

THUMBNAIL = 24
"""Cells along a side of a unit's small picture."""

RADIUS, LARGE_RADIUS = 18.0, 26.0
"""Half the side of a unit's small picture, in the diagram's units: large enough for a finger, larger where few are."""

FEW = 6
"""So many units are written out at once; the sums of more are folded away."""


def diagram(layers: Sequence[int], frame: Frame, moved: Frame, name: str) -> str:
    """Return the network as SVG: in every unit what it says all over the plane, below it what it says of the point."""
    weights = [
        (values["weights"].reshape(-1, fan_in).T.tolist(), values["biases"].tolist())
        for fan_in, values in zip(layers, frame["layers"], strict=False)
    ]
    inside: dict[tuple[int, int], str] = {}
    below = {(0, 0): show(moved["x"]), (0, 1): show(moved["y"])}
    size, radius = frame["size"], LARGE_RADIUS if max(layers) <= FEW else RADIUS
    for layer, (landscape, values) in enumerate(zip(frame["landscapes"], moved["layers"], strict=True), 1):
        for unit, (cells, output) in enumerate(zip(landscape.reshape(-1, size, size), values["outputs"], strict=True)):
            ends = frame["borders"][unit] if layer == 1 else None
            inside[layer, unit] = thumbnail(cells, ends, radius)
            below[layer, unit] = show(output)
    description = say(
        "From left to right: the inputs x and y, {hidden} hidden units, and the output. In each unit lies a small"
        " picture of what it says all over the plane, with a plus sign where that is positive; below it stands what it"
        " says of the point. The thicker a line, the larger the weight; negative weights are dashed.",
        hidden=say(" and ").join(str(units) for units in layers[1:-1]),
    )
    return network_diagram(
        layers,
        name,
        weights=weights,
        radius=radius,
        inside=inside,
        below=below,
        title=say("The network and what each unit says"),
        description=description,
    )


def thumbnail(cells: NDArray[np.float64], ends: NDArray[np.float64] | None, radius: float) -> str:
    """Return what a unit says all over the plane as SVG around (0, 0), with the line of a unit that draws one."""
    scale = 2 * radius / len(cells)
    line, sign, left, top = "", "", 0.0, 0.0
    if ends is not None:
        x0, y0, x1, y1 = (float(end) * radius / DOMAIN for end in ends)
        line = f"M{x0:.1f} {-y0:.1f}L{x1:.1f} {-y1:.1f}"
    if place := place_sign(cells):
        sign, left, top = "+", (2 * place[0] - 1) * radius, (2 * place[1] - 1) * radius + 4
    return (
        f'<g class="gd-thumb" transform="translate({-radius:g} {-radius:g}) scale({scale:.4g})"'
        f' shape-rendering="crispEdges">{"".join(pictures.bands(cells))}</g><path class="gd-thumb-line" d="{line}"/>'
        f'<text class="gd-thumb-plus" x="{left:.1f}" y="{top:.1f}" text-anchor="middle">{sign}</text>'
    )


def place_sign(cells: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return where a plus sign tells the positive side: in the cell of that side nearest to the middle of them all.

    As shares of the picture from the left and from the top; None if no cell is positive.
    """
    rows, columns = np.nonzero(cells > 0.5)
    if not len(rows):
        return None
    nearest = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
    return (float(columns[nearest]) + 0.5) / len(cells), (float(rows[nearest]) + 0.5) / len(cells)


def walk(layers: Sequence[int], activation: str, frame: Frame, moved: Frame) -> str:
    """Return every sum on the point's way in words and numbers, layer by layer."""
    parts = [
        '<div class="gd-sums">',
        f'<p class="gd-sums-layer">{say("Inputs")}</p><ul><li data-layer="0"><span data-result>'
        f"x = <b>{show(moved['x'])}</b>, y = <b>{show(moved['y'])}</b></span></li></ul>",
    ]
    incoming = [moved["x"], moved["y"]]
    for layer, (values, gone) in enumerate(zip(frame["layers"], moved["layers"], strict=True), 1):
        fan_in = layers[layer - 1]
        last = layer == len(layers) - 1
        if last:
            title = say("Output")
        else:
            title = say("Hidden units") if len(layers) == 3 else say("Hidden layer {layer}", layer=layer)
        parts.append(f'<p class="gd-sums-layer">{title}</p><ul>')
        for unit in range(layers[layer]):
            weights = values["weights"][unit * fan_in : (unit + 1) * fan_in]
            spelled = spell(weights, incoming, values["biases"][unit], gone["sums"][unit])
            name = "" if last else f"<b>{say('Unit {unit}', unit=unit + 1)}</b> "
            result = f"{'σ' if last else activation}({show(gone['sums'][unit])}) = <b>{show(gone['outputs'][unit])}</b>"
            if last:
                result += say(", so class {answer}", answer=f"<b>{moved['answer']}</b>")
            parts.append(
                f'<li data-layer="{layer}" data-unit="{unit}">{name}<span data-sum>{html.escape(spelled)}</span>, '
                f"<span data-result>{result}</span></li>"
            )
        parts.append("</ul>")
        incoming = gone["outputs"].tolist()
    parts.append("</div>")
    if sum(layers[1:-1]) > FEW:
        summary = say("Every sum on the way")
        return f'<details class="gd-sums-fold"><summary>{summary}</summary>{"".join(parts)}</details>'
    return "".join(parts)


def spell(weights: Sequence[float], incoming: Sequence[float], bias: float, result: float) -> str:
    """Write a weighted sum with its numbers: 0.38 × 2.00 − 1.36 × (−1.00) + 3.46 = 2.86."""
    text = ""
    for weight, value in zip(weights, incoming, strict=True):
        factor = f"({show(value)})" if show(value).startswith("−") else show(value)
        text += f"{_signed(weight, first=not text)} × {factor}"
    return f"{text}{_signed(bias, first=False)} = {show(result)}"


def _signed(value: float, *, first: bool) -> str:
    text = show(value)
    if first:
        return text
    return f" − {text[1:]}" if text.startswith("−") else f" + {text}"


def show(value: float) -> str:
    """Write a number with two decimals and a real minus sign."""
    text = f"{value:.2f}"
    return number(text.replace("-", "" if float(text) == 0.0 else "−"))
