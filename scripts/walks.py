"""A point's walk through a network as HTML: the diagram with what every unit says all over the plane, and every sum.

Pure functions from what `gd_core.walkthrough` answers. The page's script takes the same elements over and goes on
writing into them, so what is in here is found by data attributes: `data-layer` and `data-unit` as in a diagram, and in
a line of the walk `data-sum` and `data-result`.
"""

import html
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gd_core.datasets import DOMAIN
from gd_core.walkthrough import Frame
from scripts import pictures
from scripts.diagrams import network_diagram

THUMBNAIL = 24
"""Cells along a side of a unit's small picture."""

RADIUS = 18.0
"""Half the side of a unit's small picture, in the diagram's units: large enough for a finger."""

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
    size = frame["size"]
    for layer, (landscape, values) in enumerate(zip(frame["landscapes"], moved["layers"], strict=True), 1):
        for unit, (cells, output) in enumerate(zip(landscape.reshape(-1, size, size), values["outputs"], strict=True)):
            ends = frame["borders"][unit] if layer == 1 else None
            inside[layer, unit] = thumbnail(cells, ends)
            below[layer, unit] = show(output)
    hidden = " and ".join(str(units) for units in layers[1:-1])
    description = (
        f"From left to right: the inputs x and y, {hidden} hidden units, and the output. In each unit lies a small "
        "picture of what it says all over the plane, with a plus sign where that is positive; below it stands what it "
        "says of the point. The thicker a line, the larger the weight; negative weights are dashed."
    )
    return network_diagram(
        layers,
        name,
        weights=weights,
        radius=RADIUS,
        inside=inside,
        below=below,
        title="The network and what each unit says",
        description=description,
    )


def thumbnail(cells: NDArray[np.float64], ends: NDArray[np.float64] | None) -> str:
    """Return what a unit says all over the plane as SVG around (0, 0), with the line of a unit that draws one."""
    size = len(cells)
    scale = 2 * RADIUS / size
    parts = pictures.bands(cells)
    line = ""
    if ends is not None:
        x0, y0, x1, y1 = (float(end) * RADIUS / DOMAIN for end in ends)
        line = f"M{x0:.1f} {-y0:.1f}L{x1:.1f} {-y1:.1f}"
    place = plus(cells)
    left, top = place or (0.0, 0.0)
    sign = "+" if place else ""
    mark = f'<text class="gd-thumb-plus" x="{left:.1f}" y="{top + 4:.1f}" text-anchor="middle">{sign}</text>'
    return (
        f'<g class="gd-thumb" transform="translate({-RADIUS:g} {-RADIUS:g}) scale({scale:g})"'
        f' shape-rendering="crispEdges">{"".join(parts)}</g><path class="gd-thumb-line" d="{line}"/>{mark}'
    )


def plus(cells: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return where a plus sign tells the positive side: the positive cell that is nearest to the middle of them all."""
    rows, columns = np.nonzero(cells > 0.5)
    if not len(rows):
        return None
    nearest = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
    scale = 2 * RADIUS / len(cells)
    return float(columns[nearest] + 0.5) * scale - RADIUS, float(rows[nearest] + 0.5) * scale - RADIUS


def walk(layers: Sequence[int], activation: str, frame: Frame, moved: Frame) -> str:
    """Return every sum on the point's way in words and numbers, layer by layer."""
    parts = [
        '<div class="gd-walk">',
        f'<p class="gd-walk-layer">Inputs</p><ul><li data-layer="0"><span data-result>x = <b>{show(moved["x"])}</b>, '
        f"y = <b>{show(moved['y'])}</b></span></li></ul>",
    ]
    incoming = [moved["x"], moved["y"]]
    for layer, (values, gone) in enumerate(zip(frame["layers"], moved["layers"], strict=True), 1):
        fan_in = layers[layer - 1]
        last = layer == len(layers) - 1
        title = "Output" if last else "Hidden units" if len(layers) == 3 else f"Hidden layer {layer}"
        parts.append(f'<p class="gd-walk-layer">{title}</p><ul>')
        for unit in range(layers[layer]):
            weights = values["weights"][unit * fan_in : (unit + 1) * fan_in]
            spelled = spell(weights, incoming, values["biases"][unit], gone["sums"][unit])
            name = "" if last else f"<b>Unit {unit + 1}</b> "
            result = (
                f"σ({show(gone['sums'][unit])}) = <b>{show(gone['outputs'][unit])}</b>, "
                f"so class <b>{moved['answer']}</b>"
                if last
                else f"{activation}({show(gone['sums'][unit])}) = <b>{show(gone['outputs'][unit])}</b>"
            )
            parts.append(
                f'<li data-layer="{layer}" data-unit="{unit}">{name}<span data-sum>{html.escape(spelled)}</span> '
                f"<span data-result>{result}</span></li>"
            )
        parts.append("</ul>")
        incoming = gone["outputs"].tolist()
    parts.append("</div>")
    if sum(layers[1:-1]) > FEW:
        return f'<details class="gd-walk-fold"><summary>Every sum on the way</summary>{"".join(parts)}</details>'
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
    return text.replace("-", "" if float(text) == 0.0 else "−")
