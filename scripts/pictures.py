"""Pictures of recorded runs as SVG: pure functions from a recording to HTML.

Colours come from the theme's CSS variables, so that the same picture suits light and dark; shapes, dashes and labels
say what the colours say. Each picture has a title and a description for those who do not see it.
"""

import html
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gd_core.diagnosis import verdict_name
from gd_core.language import number, say
from gd_core.losses import LOSSES
from gd_core.settings import LEARNING_RATES
from scripts import svg
from scripts.recording import Recording, SweepRecording

Scale = Callable[[float], float]

LEFT, RIGHT, TOP, BOTTOM = 44, 10, 26, 36
"""The margins around a curve, in the picture's units."""

BANDS = (0.1, 0.3, 0.46, 0.54, 0.7, 0.9)
SHADES = ((0, 0.3), (0, 0.18), (0, 0.07), None, (1, 0.07), (1, 0.18), (1, 0.3))
"""The class and opacity that paint each band of probability."""


def recorded_run(recording: Recording, name: str) -> str:
    """Return a figure of a run: the data with what the network made of it, the loss curve, and both in words.

    `name` keeps the ids of several pictures on a page apart.
    """
    settings, verdict = recording["settings"], recording["verdict"]
    given = {
        "rate": settings["learning_rate"],
        "loss": show(recording["losses"][-1]),
        "accuracy": 100 * float(recording["accuracies"][-1]),
        "verdict": verdict_name(verdict["name"]),
        "reason": verdict["reason"],
    }
    if len(recording["losses"]) == 1:
        caption = say(
            "Recorded when this page was built: 1 epoch at learning rate {rate:g}. Loss {loss}, accuracy"
            " {accuracy:.3g}%. Verdict: {verdict}. {reason}",
            **given,
        )
    else:
        caption = say(
            "Recorded when this page was built: {epochs} epochs at learning rate {rate:g}. Loss {loss}, accuracy"
            " {accuracy:.3g}%. Verdict: {verdict}. {reason}",
            epochs=len(recording["losses"]),
            **given,
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
        name_of_verdict = f"<strong>{verdict_name(verdict['name'])}</strong>"
        heading = say("Learning rate {rate:g}: {verdict}", rate=rate, verdict=name_of_verdict)
        panels.append(f'<div class="gd-rate"><p>{heading}</p>{curve}<p>{html.escape(verdict["reason"])}</p></div>')
    caption = say(
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


def along_the_step(frame: Mapping[str, Any], name: str) -> str:
    """Return the loss of a batch along a step as SVG, up to twice the learning rate, and the slope's straight line.

    `frame` is that of a `gd_core.step_session`. The page's script draws the same for other rates (`step.js`).
    """
    width, height, side, top, bottom = 304, 200, 14, 30, 34
    floor, words = height - bottom, frame["words"]
    rates: list[float] = frame["along"]["rates"].tolist()
    losses: list[float] = frame["along"]["losses"].tolist()
    rate, before, after, change = (float(frame[key]) for key in ("learning_rate", "loss", "loss_after", "predicted"))
    promised = before + change
    seen = [loss for loss in (*losses, max(before + 2 * change, 0.0)) if math.isfinite(loss)]
    low, high = min(seen), max(seen)
    low = 0.0 if low < 0.25 * high else low

    def x(at: float) -> float:
        return side + at / rates[-1] * (width - 2 * side)

    def y(loss: float) -> float:
        return floor - (loss - low) / ((high - low) or 1.0) * (floor - top)

    # The straight line ends with the picture, or where it meets the floor.
    end = min(2.0, (before - low) / -change) if change else 2.0
    curve = "L".join(
        f"{x(at):.1f} {y(loss):.1f}" for at, loss in zip(rates, losses, strict=True) if math.isfinite(loss)
    )
    above = -10 if after >= promised else 18
    parts = [
        svg.path("axis", f"M{side} {floor}H{width - side}"),
        svg.path("grid", f"M{x(rate):.1f} {top - 8}V{floor}"),
        svg.path("promise", f"M{x(0):.1f} {y(before):.1f}L{x(end * rate):.1f} {y(before + end * change):.1f}"),
        svg.path("curve", f"M{curve}"),
        svg.path("start", f"M{x(0) - 4:.1f} {y(before):.1f}a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"),
        svg.text("tick gd-over", side, y(before) - 10, say("before {loss}", loss=words["loss_before"])),
        svg.text("tick", side, height - 16, "0"),
        svg.text("tick", x(rate), height - 16, words["rate"], "middle"),
        svg.text("tick", width - side, height - 16, number(f"{2 * rate:g}"), "end"),
        svg.text("label", x(rate), height - 2, say("learning rate"), "middle"),
    ]
    if math.isfinite(after):
        parts.append(svg.path("came", f"M{x(rate) - 5:.1f} {y(after):.1f}a5 5 0 1 0 10 0a5 5 0 1 0-10 0z"))
        there = say("after {loss}", loss=words["loss_after"])
        parts.append(svg.text("label gd-over", x(rate) + 10, y(after) + above, there))
    if promised >= low:
        parts.append(svg.path("promised", f"M{x(rate) - 5:.1f} {y(promised) - 5:.1f}h10v10h-10z"))
    at = y(promised) + 8 - above if promised >= low else floor - 6
    # At the left, unless the label of the start is there.
    across, anchor = (x(rate) + 10, "start") if promised < low and y(before) > floor - 30 else (x(rate) - 10, "end")
    parts.append(svg.text("tick gd-over", across, at, say("promised {loss}", loss=words["promised_loss"]), anchor))
    description = say(
        "From {before} at rate 0, the slope's straight line promises {promised} at rate {rate}; the curve of the loss"
        " itself is at {after} there.",
        before=words["loss_before"],
        promised=words["promised_loss"],
        rate=words["rate"],
        after=words["loss_after"],
    )
    return svg.picture(
        name, "along", width, height, say("The loss of this batch along the step"), description, "".join(parts)
    )


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
        ticks = {step: number(f"{step:g}") for step in steps}

    def x(epoch: float) -> float:
        return LEFT + epoch / last_epoch * (width - LEFT - RIGHT)

    def y(loss: float) -> float:
        at = math.log10(max(loss, 1e-300)) if decades else loss
        return height - BOTTOM - (at - low) / (high - low) * (height - TOP - BOTTOM)

    top, bottom, right = TOP, height - BOTTOM, width - RIGHT
    parts = []
    for value, label in ticks.items():
        at = bottom - (value - low) / (high - low) * (bottom - top)
        parts += [svg.path("grid", f"M{LEFT} {at:.1f}H{right}"), svg.text("tick", LEFT - 6, at + 4, label, "end")]
    for epoch in nice_steps(last_epoch, 4):
        if epoch <= last_epoch and epoch.is_integer():
            parts.append(svg.path("axis", f"M{x(epoch):.1f} {bottom}v4"))
            parts.append(svg.text("tick", x(epoch), bottom + 16, f"{epoch:g}", "middle"))
    parts.append(svg.path("axis", f"M{LEFT} {top}V{bottom}H{right}"))
    parts.append(svg.path("chance", f"M{LEFT} {y(chance):.1f}H{right}"))
    parts.append(svg.text("label", 4, 14, say("loss")))
    parts.append(svg.text("label", right, height - 4, say("epoch"), "end"))
    curve = [recording["initial_loss"], *losses]
    parts.append(svg.path("curve", _polyline(curve, x, y, top, bottom)))
    parts.append(svg.text("tick gd-over", right, y(chance) + 13, say("guessing: {chance:.2g}", chance=chance), "end"))
    for epoch, loss in enumerate(losses, 1):
        if not math.isfinite(loss):
            parts.append(svg.path("alert", f"M{x(epoch) - 4:.1f} {top}h8l-4-7z"))
            break
    if len(losses) < last_epoch:
        end, level = x(len(losses)), min(max(y(losses[-1]), top), bottom) if math.isfinite(losses[-1]) else top
        side, anchor = (9, "start") if 2 * end < LEFT + right else (-9, "end")
        parts.append(svg.path("alert", f"M{end - 4:.1f} {level:.1f}a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"))
        words = say("stopped at epoch {epoch}", epoch=len(losses))
        parts.append(svg.text("label", end + side, level + 4, words, anchor))
    description = description or describe(recording)
    return svg.picture(name, "curve", width, height, say("Loss curve"), description, "".join(parts))


def surface(recording: Recording, name: str, size: int = 300, *, ring: tuple[float, float] | None = None) -> str:
    """Return the data and the network's decision surface as SVG, with a ring around one place if that is given."""
    points = recording["points"]
    probabilities = _refined(recording)
    cells = len(probabilities)
    parts = [f'<g transform="scale({size / cells:.4f})" shape-rendering="crispEdges">']
    parts += bands(probabilities)
    parts.append("</g>")
    parts.append('<g class="gd-points">')
    for kind, shape in ((0, "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z"), (1, "m0-4l4 4l-4 4l-4-4z")):
        marks = [
            f"M{(0.5 + px / (2 * points['domain'])) * size:.1f} {(0.5 - py / (2 * points['domain'])) * size:.1f}{shape}"
            for px, py, target in zip(points["x"], points["y"], points["targets"], strict=True)
            if target == kind
        ]
        parts.append(f'<path class="gd-point gd-class-{kind}" d="{"".join(marks)}"/>')
    parts.append("</g>")
    if ring:
        x, y = (0.5 + ring[0] / (2 * points["domain"])) * size, (0.5 - ring[1] / (2 * points["domain"])) * size
        parts.append(f'<circle class="gd-ring" cx="{x:.1f}" cy="{y:.1f}" r="8"/>')
    description = say(
        "{points} points, discs of class 0 and diamonds of class 1, over the network's answer at every place of the"
        " plane. It gives {accuracy:.3g} percent of the points their own class.",
        points=len(points["x"]),
        accuracy=100 * float(recording["accuracies"][-1]),
    )
    title = say("The data and the network's answer")
    return svg.picture(name, "surface", size, size, title, description, "".join(parts))


SWEEP: dict[str, list[float]] = {"x": [64, 584], "y": [338, 30], "rates": [*LEARNING_RATES], "losses": [1e-5, 100.0]}
"""Where rates and losses lie in the picture of a sweep, both on logarithmic axes: the ends of each. The script that
brings the picture to life is told of it."""


def sweep(recording: SweepRecording, name: str) -> str:
    """Return final loss against learning rate as SVG, with the regions where rates crawl, learn and break.

    Its parts have classes, by which the page's script finds and moves them.
    """
    losses = [float(loss) for loss in recording["losses"]]
    top, highest = SWEEP["y"][1], SWEEP["losses"][1]
    curve: list[str] = []
    marks: dict[str, list[str]] = {"sweep-dots": [], "sweep-crosses": [], "alert": []}
    places = []
    for rate, loss, verdict in zip(recording["rates"], losses, recording["verdicts"], strict=True):
        x, y = _between("x", "rates", rate), _between("y", "losses", loss)
        places.append((x, y))
        curve.append(f"{x:.1f} {y:.1f}")
        if verdict in ("oscillating", "diverged"):
            marks["sweep-crosses"].append(f"M{x - 4:.1f} {y - 4:.1f}l8 8m0-8l-8 8")
        else:
            marks["sweep-dots"].append(f"M{x - 3:.1f} {y:.1f}a3 3 0 1 0 6 0a3 3 0 1 0-6 0z")
        if not loss <= highest:
            marks["alert"].append(f"M{x - 4:.1f} {top - 3}h8l-4-7z")
    parts = [*_bands(recording), *_sweep_axes(recording["chance"]), svg.path("curve", f"M{'L'.join(curve)}")]
    parts += [svg.path(kind, "".join(paths)) for kind, paths in marks.items()]
    best = recording["regions"]["best"]
    ring = "" if best is None else f"M{places[best][0] - 7:.1f} {places[best][1]:.1f}a7 7 0 1 0 14 0a7 7 0 1 0-14 0z"
    parts.append(svg.path("sweep-best", ring))
    description = say(
        "{regions} The table below has every rate with its loss and verdict.", regions=recording["regions"]["sentence"]
    )
    return svg.picture(name, "sweep", 600, 380, say("Final loss against learning rate"), description, "".join(parts))


def sweep_table(recording: SweepRecording) -> str:
    """Return the sweep as the rows of a table."""
    rows = zip(recording["rates"], recording["losses"], recording["verdicts"], strict=True)
    return "".join(
        f'<tr><th scope="row">{number(f"{rate:g}")}</th><td>{show(loss)}</td><td>{verdict_name(verdict)}</td></tr>'
        for rate, loss, verdict in rows
    )


def _between(axis: str, scale: str, value: float) -> float:
    """Place a value between the ends of a logarithmic axis of `SWEEP`; what lies beyond or is none keeps to an end."""
    low, high = (math.log10(end) for end in SWEEP[scale])
    first, last = SWEEP[axis]
    if not value < SWEEP[scale][1]:
        return last
    return first + (math.log10(max(value, SWEEP[scale][0])) - low) / (high - low) * (last - first)


def _bands(recording: SweepRecording) -> Iterator[str]:
    """Yield the three regions as bands with their names, also those that there are none of, for the script to find."""
    (left, right), (bottom, top) = SWEEP["x"], SWEEP["y"]
    regions, count = recording["regions"], len(recording["rates"])
    step = (right - left) / (count - 1)
    ends = {
        "crawls": (0, regions["crawls_to"]),
        "learns": (regions["learns_from"], regions["learns_to"]),
        "breaks": (regions["breaks_from"], count - 1),
    }
    names = {
        "crawls": (say("crawls"), "start"),
        "learns": (say("sweet spot"), "middle"),
        "breaks": (say("breaks"), "end"),
    }
    for kind, (first, last) in ends.items():
        there = first is not None and last is not None
        start = max(left, left + (first - 0.5) * step) if there else left
        end = min(right, left + (last + 0.5) * step) if there else left
        text, anchor = names[kind]
        middle = min(max((start + end) / 2, left + 110), right - 110)
        at = {"start": left + 8, "middle": middle, "end": right - 8}[anchor]
        visible = "visible" if there else "hidden"
        yield (
            f'<g class="gd-sweep-band gd-sweep-{kind}" visibility="{visible}">'
            f'<rect x="{start:.1f}" y="{top}" width="{end - start:.1f}" height="{bottom - top}"/>'
            f"{svg.text('label gd-over', at, bottom - 9, text, anchor)}</g>"
        )


def _sweep_axes(chance: float) -> Iterator[str]:
    (left, right), (bottom, top) = SWEEP["x"], SWEEP["y"]
    for exponent in range(-5, 3):
        y = _between("y", "losses", 10.0**exponent)
        yield svg.path("grid", f"M{left} {y:.1f}H{right}")
        yield svg.text("tick", left - 6, y + 4, _power(exponent), "end")
    for exponent in range(-4, 3):
        x = _between("x", "rates", 10.0**exponent)
        yield svg.path("axis", f"M{x:.1f} {bottom}v4")
        yield svg.text("tick", x, bottom + 18, _power(exponent), "middle")
    y = _between("y", "losses", chance)
    yield svg.path("axis", f"M{left} {top}V{bottom}H{right}")
    yield svg.path("chance", f"M{left} {y:.1f}H{right}")
    guessing = say("guessing: {chance:.2g}", chance=chance)
    yield svg.text("tick gd-over gd-sweep-chance", left + 0.62 * (right - left), y - 5, guessing, "middle")
    yield svg.text("label", 4, 14, say("final loss"))
    yield svg.text("label", right, bottom + 36, say("learning rate"), "end")


def bands(probabilities: NDArray[np.float64]) -> list[str]:
    """Return a square grid of values from 0 to 1, a cell a unit wide, as one path for each shade that is painted."""
    rows: dict[tuple[int, float], list[str]] = {shade: [] for shade in SHADES if shade}
    last = dict.fromkeys(rows, (0, 0))  # where each shade's last rectangle begins: from there the next is told
    for row, line in enumerate(np.searchsorted(BANDS, probabilities)):
        column = 0
        for shade, group in groupby(SHADES[band] for band in line):
            length = len(list(group))
            if shade:
                rows[shade].append(f"m{column - last[shade][0]} {row - last[shade][1]}h{length}v1h-{length}z")
                last[shade] = column, row
            column += length
    return [
        f'<path class="gd-class-{kind}" fill-opacity="{opacity}" d="{"".join(paths)}"/>'
        for (kind, opacity), paths in rows.items()
    ]


def describe(recording: Recording) -> str:
    """Say in words what a loss curve shows."""
    losses = recording["losses"]
    highest = max((loss for loss in _numbers(recording) if math.isfinite(loss)), default=math.inf)
    return say(
        "At learning rate {rate:g} the loss goes from {first} in the first epoch to {last} in epoch {epoch}; its"
        " highest value is {highest}. Verdict: {verdict}.",
        rate=recording["settings"]["learning_rate"],
        first=show(losses[0]),
        last=show(losses[-1]),
        epoch=len(losses),
        highest=show(highest),
        verdict=verdict_name(recording["verdict"]["name"]),
    )


def describe_losses(recording: Recording) -> str:
    """Say in words what a loss curve shows, and leave it to the reader what that means."""
    losses = _numbers(recording)
    shown = sorted({1, len(losses), *(int(epoch) for epoch in nice_steps(len(losses), 8)[1:] if epoch < len(losses))})
    points = ", ".join(say("{loss} in epoch {epoch}", loss=show(losses[epoch - 1]), epoch=epoch) for epoch in shown)
    finite = [loss for loss in losses if math.isfinite(loss)]
    moves = [abs(after - before) for before, after in pairwise(finite)]
    last_move = max(moves[-max(1, len(moves) // 4) :], default=0.0)
    return say(
        "The loss is {points}. Its highest value is {highest}, its lowest {lowest}. Over the last quarter it moves by"
        " {move} at most from one epoch to the next. Guessing would give {chance:.2g}.",
        points=points,
        highest=show(max(finite, default=math.inf)),
        lowest=show(min(finite, default=math.inf)),
        move=show(last_move),
        chance=LOSSES[recording["settings"]["loss"]].chance,
    )


def show(loss: float | str) -> str:
    """Write a loss for people: two or three digits, or that it is no number any more."""
    value = float(loss)
    if not math.isfinite(value):
        return say("beyond all numbers")
    return number(f"{value:.2g}" if value < 10 else f"{value:.3g}")


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
    points = [
        (x(epoch), min(max(y(loss), top), bottom)) if math.isfinite(loss) else None for epoch, loss in enumerate(losses)
    ]
    return "".join(svg.line([point for point in run if point]) for there, run in groupby(points, bool) if there)


def _power(exponent: int) -> str:
    return number(f"{10.0**exponent:g}") if -4 <= exponent <= 4 else f"1e{exponent}"
