"""Networks as SVG: units in columns, weights as lines, biases as small squares. Pure functions.

What a page's script brings to life it finds by data attributes, where layers count from 0, the inputs:

- a unit is `<g class="gd-net-unit" data-layer data-unit>`, moved to its middle, so that whatever is put into it lies
  around (0, 0); its circle's radius is the picture's `data-radius`;
- a weight is `<g class="gd-net-weight" data-layer data-from data-to>`, where `data-layer` is the layer that it leads
  to; a bias is the same with `data-from="bias"`.

How large a weight is stands in `--gd-size` (its size without the sign) and turns into thickness in `diagram.css`; its
sign is a class, `gd-net-plus` or `gd-net-minus`, and shows as colour and as dashes.
"""

import html
import math
from collections.abc import Mapping, Sequence

from gd_core.language import say

Weights = Sequence[tuple[Sequence[Sequence[float]], Sequence[float]]]
"""For each layer after the inputs `(weights, biases)`: `weights[from][to]` and `biases[to]`, as of `Network.unpack`."""

MOST_UNITS = 16
"""Units of a layer that a diagram can show apart from each other."""

HEAD, FOOT, SIDE = 24, 6, 20
"""Room above the units for the layers' names, below them, and at either side, in the picture's units."""

VALUE = 12.0
"""Room for a text below a unit."""

BIAS = 3.5
"""Half the side of a bias' square."""


def network_diagram(
    layers: Sequence[int],
    name: str,
    *,
    weights: Weights | None = None,
    inputs: Sequence[str] = ("x", "y"),
    radius: float = 0.0,
    width: int = 344,
    numbered: bool = True,
    inside: Mapping[tuple[int, int], str] | None = None,
    below: Mapping[tuple[int, int], str] | None = None,
    chosen: tuple[int, int | str, int] | None = None,
    title: str = "",
    description: str = "",
) -> str:
    """Return a network as SVG, inputs at the left, the output at the right.

    Args:
        layers: numbers of units from the inputs to the output, as in `(2, 8, 8, 1)`.
        name: keeps the ids of several pictures on a page apart.
        weights: what the lines show; without it they are all alike.
        inputs: what the inputs are called, as many as there are.
        radius: of the units; 0 takes what fits, at most 12.
        width: of the picture, whose height follows from the units; 344 fits a narrow phone unscaled.
        numbered: whether hidden units carry their number, counted from 1, and the output its letter p.
        inside: SVG by `(layer, unit)` that fills a square in place of the circle; the label moves into a corner.
        below: a text by `(layer, unit)` under each unit, as `<text class="gd-net-value">`; units move apart for it.
        chosen: `(layer, from, to)` of a weight that stands out; `from` is "bias" for a bias.
        title: the picture's name for those who do not see it; without it, that it is a network.
        description: what the picture shows, for the same; without it the numbers of units are told.

    Raises:
        ValueError: a layer has more units than a diagram can show, or the columns do not fit side by side.
    """
    if max(layers) > MOST_UNITS:
        raise ValueError(f"a diagram shows layers of at most {MOST_UNITS} units, got {max(layers)}")
    radius = radius or min(12.0, 74.0 / math.sqrt(max(layers)) / 2.2)
    room = VALUE if below else 0.0
    places = place_units(layers, radius=radius, width=width, room=room)
    height = HEAD + FOOT + max(layers) * (pitch(radius) + room)
    lines = []
    for layer in range(1, len(layers)):
        values = weights[layer - 1] if weights else None
        for to, (x, y) in enumerate(places[layer]):
            for source, (left, level) in enumerate(places[layer - 1]):
                data = f"M{left + radius:.1f} {level:.1f}L{x - radius:.1f} {y:.1f}"
                value = values[0][source][to] if values else None
                lines.append(_weight(layer, source, to, value, data, chosen=chosen == (layer, source, to)))
    units = []
    for layer, column in enumerate(places):
        values = weights[layer - 1] if weights and layer else None
        for unit, (x, y) in enumerate(column):
            if layer:
                value = values[1][unit] if values else None
                units.append(_bias(layer, unit, value, x, y, radius, chosen=chosen == (layer, "bias", unit)))
            label = ""
            if layer == 0:
                label = inputs[unit]
            elif numbered:
                label = "p" if layer == len(layers) - 1 else str(unit + 1)
            within = inside.get((layer, unit), "") if inside else ""
            text = below.get((layer, unit), "") if below else ""
            units.append(_unit(layer, unit, x, y, radius, label, within, text))
    names = "".join(
        f'<text class="gd-label" x="{column[0][0]:.1f}" y="14" text-anchor="middle">{html.escape(text)}</text>'
        for column, text in zip(places, layer_names(layers, short=len(layers) > 5), strict=True)
    )
    ids = f"{name}-network-title", f"{name}-network-description"
    return (
        f'<svg class="gd-picture gd-net" viewBox="0 0 {width} {height:.0f}" role="img" data-search-exclude'
        f' data-radius="{radius:.1f}" aria-labelledby="{ids[0]}" aria-describedby="{ids[1]}">'
        f'<title id="{ids[0]}">{html.escape(title or say("The network"))}</title>'
        f'<desc id="{ids[1]}">{html.escape(description or describe(layers))}</desc>'
        f'{names}<g class="gd-net-lines">{"".join(lines)}</g><g class="gd-net-units">{"".join(units)}</g></svg>'
    )


def place_units(
    layers: Sequence[int], *, radius: float, width: float, room: float = 0.0
) -> list[list[tuple[float, float]]]:
    """Return the middle `(x, y)` of every unit, column by column, each column centred; `room` is kept below each unit.

    Raises:
        ValueError: the columns do not fit side by side.
    """
    side = max(SIDE, radius + 2)
    step = (width - 2 * side) / (len(layers) - 1)
    if step < 2 * radius + 4 * BIAS:
        raise ValueError(
            f"{len(layers)} columns of units of radius {radius:g} need a width of at least "
            f"{2 * side + (len(layers) - 1) * (2 * radius + 4 * BIAS):.0f}, got {width:g}"
        )
    middle = HEAD + (max(layers) * (pitch(radius) + room) - room) / 2
    return [
        [
            (side + layer * step, middle + (unit - (units - 1) / 2) * _spread(units, max(layers), radius, room))
            for unit in range(units)
        ]
        for layer, units in enumerate(layers)
    ]


def pitch(radius: float) -> float:
    """Return how far apart the units of the fullest column are."""
    return 2 * radius + max(4.0, radius / 2)


def layer_names(layers: Sequence[int], *, short: bool = False) -> list[str]:
    """Name the layers: inputs, hidden 1, …, output; one hidden layer needs no number."""
    hidden = len(layers) - 2
    if short:
        return [say("in"), *(str(number) for number in range(1, hidden + 1)), say("out")]
    numbers = range(1, hidden + 1)
    between = [say("hidden")] if hidden == 1 else [say("hidden {number}", number=number) for number in numbers]
    return [say("inputs"), *between, say("output")]


def describe(layers: Sequence[int]) -> str:
    """Say in words what a diagram shows."""
    hidden = [
        say(", then 1 hidden unit") if units == 1 else say(", then {units} hidden units", units=units)
        for units in layers[1:-1]
    ]
    return say(
        "{inputs} inputs at the left{hidden} and one output at the right. Every unit is joined to every unit of the"
        " layer before it by a line, its weight, and carries a small square, its bias.",
        inputs=layers[0],
        hidden="".join([*hidden, ","]) if hidden else "",
    )


def _spread(units: int, most: int, radius: float, room: float) -> float:
    """Return how far apart the units of a column are: a short column spreads a little."""
    return (pitch(radius) + room) * min(2.0, math.sqrt(most / units))


def _weight(layer: int, source: int, to: int, value: float | None, data: str, *, chosen: bool) -> str:
    """Return a line, and a wider one that nobody sees, for fingers."""
    return (
        f'<g class="gd-net-weight{_look(value, chosen)} data-layer="{layer}" data-from="{source}" data-to="{to}">'
        f'<path class="gd-net-hit" d="{data}"/><path class="gd-net-line" d="{data}"/></g>'
    )


def _bias(layer: int, unit: int, value: float | None, x: float, y: float, radius: float, *, chosen: bool) -> str:
    """Return the square above a unit's left shoulder, and the stub that joins them."""
    left, top = x - 0.9 * radius - BIAS, y - 0.9 * radius - BIAS / 2
    stub = f"M{left:.1f} {top:.1f}L{x - 0.6 * radius:.1f} {y - 0.6 * radius:.1f}"
    square = f'x="{left - BIAS:.1f}" y="{top - BIAS:.1f}" width="{2 * BIAS:g}" height="{2 * BIAS:g}"'
    return (
        f'<g class="gd-net-weight gd-net-bias{_look(value, chosen)} data-layer="{layer}" data-from="bias"'
        f' data-to="{unit}"><path class="gd-net-hit" d="{stub}"/><path class="gd-net-line" d="{stub}"/>'
        f'<rect class="gd-net-square" {square}/></g>'
    )


def _unit(layer: int, unit: int, x: float, y: float, radius: float, label: str, inside: str, below: str) -> str:
    side = f'x="{-radius:.1f}" y="{-radius:.1f}" width="{2 * radius:.1f}" height="{2 * radius:.1f}" rx="3"'
    if inside:
        body = f'<rect class="gd-net-paper" {side}/>{inside}<rect class="gd-net-rim" {side}/>'
        if label:
            place = f'x="{radius - 3:.1f}" y="{-radius + 11:.1f}" text-anchor="end"'
            body += f'<text class="gd-net-number" {place}>{html.escape(label)}</text>'
    else:
        text = f'<text class="gd-net-label" text-anchor="middle" y="4">{html.escape(label)}</text>' if label else ""
        body = f'<circle class="gd-net-circle" r="{radius:.1f}"/>{text}'
    if below:
        body += (
            f'<text class="gd-net-value" text-anchor="middle" y="{radius + VALUE - 1:.1f}">{html.escape(below)}</text>'
        )
    return (
        f'<g class="gd-net-unit" data-layer="{layer}" data-unit="{unit}" transform="translate({x:.1f} {y:.1f})">'
        f"{body}</g>"
    )


def _look(value: float | None, chosen: bool) -> str:
    """Return the classes that tell a weight's sign, and its size, from within the attribute `class`."""
    stands_out = " gd-net-chosen" if chosen else ""
    if value is None:
        return f'{stands_out}"'
    return f'{" gd-net-minus" if value < 0 else " gd-net-plus"}{stands_out}" style="--gd-size:{abs(value):.3g}"'
