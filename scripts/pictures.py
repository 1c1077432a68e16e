"""Pictures of recorded runs as SVG: pure functions from a recording to HTML.

Colours come from the theme's CSS variables, so that the same picture suits light and dark; shapes, dashes and labels
say what the colours say. Each picture has a title and a description for those who do not see it.
"""

import html
import math
from collections.abc import Callable, Sequence
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from gd_core.losses import LOSSES
from scripts.recording import Recording

Scale = Callable[[float], float]

LEFT, RIGHT, TOP, BOTTOM = 44, 10, 26, 36
"""The margins around a curve, in the picture's units."""

BANDS = (0.1, 0.3, 0.46, 0.54, 0.7, 0.9)
SHADES = ((0, 0.5), (0, 0.3), (0, 0.12), None, (1, 0.12), (1, 0.3), (1, 0.5))
"""The class and opacity that paint each band of probability."""


def recorded_run(recording: Recording, name: str) -> str:
    """Return a figure of a run: the data with what the network made of it, the loss curve, and both in words.

    `name` keeps the ids of several pictures on a page apart.
    """
    settings, verdict = recording["settings"], recording["verdict"]
    epochs = len(recording["losses"])
    caption = (
        f"Recorded when this page was built: {epochs} {_epochs(epochs)} at learning rate "
        f"{settings['learning_rate']:g}. Loss {show(recording['losses'][-1])}, "
        f"accuracy {100 * float(recording['accuracies'][-1]):.3g}%. Verdict: {verdict['name']}. {verdict['reason']}"
    )
    return (
        '<figure class="gd-recorded"><div class="gd-recorded-pictures">'
        f"{surface(recording, name)}{loss_curve(recording, name)}</div>"
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
    )


def rates(recordings: Sequence[Recording], name: str) -> str:
    """Return a figure of runs from one start at several learning rates, on common axes, with a caption."""
    everything = [loss for recording in recordings for loss in _numbers(recording)]
    low, high = _decades_around(everything)
    epochs = max(len(recording["losses"]) for recording in recordings)
    panels = []
    for index, recording in enumerate(recordings, 1):
        rate, verdict = recording["settings"]["learning_rate"], recording["verdict"]
        curve = loss_curve(recording, f"{name}-{index}", width=300, height=210, last_epoch=epochs, decades=(low, high))
        panels.append(
            f'<div class="gd-rate"><p>Learning rate {rate:g}: <strong>{verdict["name"]}</strong></p>'
            f"{curve}<p>{html.escape(verdict['reason'])}</p></div>"
        )
    caption = (
        "Recorded when this page was built. Same data, same first weights, same order of the batches: only the "
        "learning rate differs. All pictures share their axes, and each line upwards means ten times the loss. "
        "The dotted line is the loss of a network that only guesses."
    )
    return (
        f'<figure class="gd-rates"><div class="gd-rates-panels">{"".join(panels)}</div>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def curve(recording: Recording, name: str, title: str = "") -> str:
    """Return a figure of a loss curve to be judged: it tells the losses, and neither the settings nor the verdict."""
    heading = f"<p>{html.escape(title)}</p>" if title else ""
    picture = loss_curve(recording, name, description=describe_losses(recording))
    return f'<figure class="gd-judge">{heading}{picture}</figure>'


def loss_curve(
    recording: Recording,
    name: str,
    *,
    width: int = 400,
    height: int = 300,
    last_epoch: int | None = None,
    decades: tuple[int, int] | None = None,
    description: str = "",
) -> str:
    """Return the loss curve of a run as SVG; with `decades`, the exponents at its ends, the axis is logarithmic.

    `description` replaces the one that names the learning rate and the verdict.
    """
    losses = _numbers(recording)
    chance = LOSSES[recording["settings"]["loss"]].chance
    last_epoch = last_epoch or len(losses)
    if decades:
        low, high = (float(end) for end in decades)
        ticks = {float(end): _power(end) for end in range(decades[0], decades[1] + 1)}
    else:
        finite = [loss for loss in losses if math.isfinite(loss)]
        steps = nice_steps(max([1.1 * chance, recording["initial_loss"], *finite]), 5)
        low, high = 0.0, steps[-1]
        ticks = {step: f"{step:g}" for step in steps}

    def x(epoch: float) -> float:
        return LEFT + epoch / last_epoch * (width - LEFT - RIGHT)

    def y(loss: float) -> float:
        at = math.log10(max(loss, 1e-300)) if decades else loss
        return height - BOTTOM - (at - low) / (high - low) * (height - TOP - BOTTOM)

    top, bottom, right = TOP, height - BOTTOM, width - RIGHT
    parts = []
    for value, label in ticks.items():
        at = bottom - (value - low) / (high - low) * (bottom - top)
        parts += [_path("grid", f"M{LEFT} {at:.1f}H{right}"), _text("tick", LEFT - 6, at + 4, label, "end")]
    for epoch in nice_steps(last_epoch, 4):
        if epoch <= last_epoch and epoch.is_integer():
            parts.append(_path("axis", f"M{x(epoch):.1f} {bottom}v4"))
            parts.append(_text("tick", x(epoch), bottom + 16, f"{epoch:g}", "middle"))
    parts.append(_path("axis", f"M{LEFT} {top}V{bottom}H{right}"))
    parts.append(_path("chance", f"M{LEFT} {y(chance):.1f}H{right}"))
    parts.append(_text("label", 4, 14, "loss"))
    parts.append(_text("label", right, height - 4, "epoch", "end"))
    curve = [recording["initial_loss"], *losses]
    parts.append(_path("curve", _polyline(curve, x, y, top, bottom)))
    parts.append(_text("tick gd-over", right, y(chance) + 13, f"guessing: {chance:.2g}", "end"))
    for epoch, loss in enumerate(losses, 1):
        if not math.isfinite(loss):
            parts.append(_path("alert", f"M{x(epoch) - 4:.1f} {top}h8l-4-7z"))
            break
    if len(losses) < last_epoch:
        end, level = x(len(losses)), min(max(y(losses[-1]), top), bottom) if math.isfinite(losses[-1]) else top
        side, anchor = (9, "start") if 2 * end < LEFT + right else (-9, "end")
        parts.append(_path("alert", f"M{end - 4:.1f} {level:.1f}a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"))
        parts.append(_text("label", end + side, level + 4, f"stopped at epoch {len(losses)}", anchor))
    return _svg(name, "curve", width, height, "Loss curve", description or describe(recording), "".join(parts))


def surface(recording: Recording, name: str, size: int = 300, *, ring: tuple[float, float] | None = None) -> str:
    """Return the data and the network's decision surface as SVG, with a ring around one place if that is given."""
    points = recording["points"]
    probabilities = _refined(recording)
    cells = len(probabilities)
    parts = [f'<g transform="scale({size / cells:.4f})" shape-rendering="crispEdges">']
    parts += bands(probabilities)
    parts.append("</g>")
    for kind, shape in ((0, "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z"), (1, "m0-4l4 4l-4 4l-4-4z")):
        marks = [
            f"M{(0.5 + px / (2 * points['domain'])) * size:.1f} {(0.5 - py / (2 * points['domain'])) * size:.1f}{shape}"
            for px, py, target in zip(points["x"], points["y"], points["targets"], strict=True)
            if target == kind
        ]
        parts.append(f'<path class="gd-point gd-class-{kind}" d="{"".join(marks)}"/>')
    if ring:
        x, y = (0.5 + ring[0] / (2 * points["domain"])) * size, (0.5 - ring[1] / (2 * points["domain"])) * size
        parts.append(f'<circle class="gd-ring" cx="{x:.1f}" cy="{y:.1f}" r="8"/>')
    accuracy = 100 * float(recording["accuracies"][-1])
    description = (
        f"{len(points['x'])} points, discs of class 0 and diamonds of class 1, over the network's answer at every "
        f"place of the plane. It gives {accuracy:.3g} percent of the points their own class."
    )
    return _svg(name, "surface", size, size, "The data and the network's answer", description, "".join(parts))


def bands(probabilities: NDArray[np.float64]) -> list[str]:
    """Return a square grid of values from 0 to 1, a cell a unit wide, as one path for each shade that is painted."""
    rows: dict[tuple[int, float], list[str]] = {shade: [] for shade in SHADES if shade}
    for row, line in enumerate(np.searchsorted(BANDS, probabilities)):
        column = 0
        for shade, group in groupby(SHADES[band] for band in line):
            length = len(list(group))
            if shade:
                rows[shade].append(f"M{column} {row}h{length}v1h-{length}z")
            column += length
    return [
        f'<path class="gd-class-{kind}" fill-opacity="{opacity}" d="{"".join(paths)}"/>'
        for (kind, opacity), paths in rows.items()
    ]


def describe(recording: Recording) -> str:
    """Say in words what a loss curve shows."""
    losses = recording["losses"]
    highest = max((loss for loss in _numbers(recording) if math.isfinite(loss)), default=math.inf)
    return (
        f"At learning rate {recording['settings']['learning_rate']:g} the loss goes from {show(losses[0])} in the "
        f"first epoch to {show(losses[-1])} in epoch {len(losses)}; its highest value is {show(highest)}. "
        f"Verdict: {recording['verdict']['name']}."
    )


def describe_losses(recording: Recording) -> str:
    """Say in words what a loss curve shows, and leave it to the reader what that means."""
    losses = _numbers(recording)
    shown = sorted({1, len(losses), *(int(epoch) for epoch in nice_steps(len(losses), 8)[1:] if epoch < len(losses))})
    points = ", ".join(f"{show(losses[epoch - 1])} in epoch {epoch}" for epoch in shown)
    finite = [loss for loss in losses if math.isfinite(loss)]
    moves = [abs(after - before) for before, after in pairwise(finite)]
    last_move = max(moves[-max(1, len(moves) // 4) :], default=0.0)
    chance = LOSSES[recording["settings"]["loss"]].chance
    return (
        f"The loss is {points}. Its highest value is {show(max(finite, default=math.inf))}, its lowest "
        f"{show(min(finite, default=math.inf))}. Over the last quarter it moves by {show(last_move)} at most from one "
        f"epoch to the next. Guessing would give {chance:.2g}."
    )


def show(loss: float | str) -> str:
    """Write a loss for people: two or three digits, or that it is no number any more."""
    value = float(loss)
    if not math.isfinite(value):
        return "beyond all numbers"
    return f"{value:.2g}" if value < 10 else f"{value:.3g}"


def nice_steps(high: float, wanted: int) -> list[float]:
    """Return multiples of 1, 2 or 5 times a power of ten, from 0 to the first at or above `high`."""
    power = 10.0 ** math.floor(math.log10(high / wanted))
    step = next(multiple * power for multiple in (1, 2, 5, 10) if multiple * power * wanted >= high)
    return [round(index * step, 12) for index in range(math.ceil(high / step - 1e-9) + 1)]


def _refined(recording: Recording) -> NDArray[np.float64]:
    """Return the grid of probabilities, twice as fine by linear interpolation, so that its steps hardly show."""
    size = recording["surface"]["size"]
    grid = np.array(recording["surface"]["probabilities"], dtype=float).reshape(size, size)
    places = np.linspace(0, size - 1, 2 * size)
    for _ in range(2):
        grid = np.array([np.interp(places, np.arange(size), row) for row in grid]).T
    return grid


def _numbers(recording: Recording) -> list[float]:
    return [float(loss) for loss in recording["losses"]]


def _decades_around(losses: Sequence[float]) -> tuple[int, int]:
    """Return the powers of ten around losses, cut where a picture would get too fine: 1e-6 and 1e6."""
    finite = [loss for loss in losses if math.isfinite(loss) and loss > 0] or [1.0]
    low = math.floor(math.log10(max(min(finite), 1e-6)))
    return low, max(math.ceil(math.log10(min(max(finite), 1e6))), low + 1)


def _polyline(losses: Sequence[float], x: Scale, y: Scale, top: float, bottom: float) -> str:
    """Join the finite losses, from epoch 0 on; the others leave a gap, and what is off the scale keeps to the edge."""
    path, pen = [], "M"
    for epoch, loss in enumerate(losses):
        if not math.isfinite(loss):
            pen = "M"
            continue
        path.append(f"{pen}{x(epoch):.1f} {min(max(y(loss), top), bottom):.1f}")
        pen = "L"
    return "".join(path)


def _power(exponent: int) -> str:
    return f"{10.0**exponent:g}" if -4 <= exponent <= 4 else f"1e{exponent}"


def _epochs(count: int) -> str:
    return "epoch" if count == 1 else "epochs"


def _path(kind: str, data: str) -> str:
    return f'<path class="gd-{kind}" d="{data}"/>'


def _text(kind: str, x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text class="gd-{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def _svg(name: str, kind: str, width: int, height: int, title: str, description: str, content: str) -> str:
    ids = f"{name}-{kind}-title", f"{name}-{kind}-description"
    return (
        f'<svg class="gd-picture gd-picture-{kind}" viewBox="0 0 {width} {height}" role="img" data-search-exclude'
        f' aria-labelledby="{ids[0]}" aria-describedby="{ids[1]}">'
        f'<title id="{ids[0]}">{html.escape(title)}</title><desc id="{ids[1]}">{html.escape(description)}</desc>'
        f"{content}</svg>"
    )
