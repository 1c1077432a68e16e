"""Pictures of a valley and of a ravine as SVG: pure functions from a walk to HTML.

The page's script (`docs/assets/labs/valley.js`) brings the very same picture to life: it looks for the parts by their
classes and moves them, by the measures in `view`. Colours come from `labs.css`; the words beside say what they say.
"""

import html
import math
from collections.abc import Iterator, Sequence

from gd_core import valley, valley_session
from gd_core.language import number, say
from gd_core.valley import Walk
from gd_core.valley_session import Settings
from scripts.pictures import nice_steps

Point = tuple[float, float]

FAR = 1e5
"""Pixels beyond which nothing is drawn: a weight of 1e300 has a direction, but no place."""


def view(curvatures: Sequence[float]) -> dict[str, float]:
    """Return the measures of a picture, in its own units.

    The weight 0 stands at `centre`, and `unit` is 1. With one weight, the loss 0 lies at `floor` and the highest shown
    at `ceiling`; with two, the second weight is 0 at `floor`, and its unit is the same. `top` is the loss at
    the edge.
    """
    top = {"top": valley_session.scene(curvatures)["top"]}
    if len(curvatures) == 1:
        return top | {"width": 640, "height": 396, "centre": 326, "unit": 47, "floor": 318, "ceiling": 18}
    return top | {"width": 640, "height": 346, "centre": 320, "unit": 30, "floor": 160, "ceiling": 10}


def figure(settings: Settings, name: str) -> str:
    """Return the figure of a walk, with a caption that says what became of it and why."""
    way = settings.walk()
    return (
        f'<figure class="gd-valley-figure">{picture(settings, way, name)}'
        f'<figcaption class="gd-caption">{html.escape(caption(settings, way))}</figcaption></figure>'
    )


def comparison(settings: Settings, name: str) -> str:
    """Return three small valleys for those who cannot turn the dial: a rate that glides, bounces, climbs out."""
    panels: list[str] = []
    for share in (0.2, 1.8, 2.2):
        (curvature,) = settings.curvatures
        rate = round(share / curvature, 4)
        other = Settings(settings.curvatures, settings.start, rate, "sgd", settings.momentum, 3 if share > 2.0 else 10)
        _, words = valley.explain("sgd", rate, settings.curvatures)
        heading = say("Learning rate {rate:g}", rate=rate)
        panels.append(
            f'<div class="gd-rate"><p>{heading}</p>{picture(other, other.walk(), f"{name}-{len(panels)}")}'
            f"<p>{html.escape(words)}</p></div>"
        )
    return f'<div class="gd-rates-panels">{"".join(panels)}</div>'


def caption(settings: Settings, way: Walk) -> str:
    """Say what a walk was and what became of it."""
    steps = say("1 step") if way.steps == 1 else say("{count} steps", count=way.steps)
    if way.end == "arrived":
        end = say("it arrives after {steps}", steps=steps)
    elif way.end == "beyond":
        end = say("after {steps} it is beyond all numbers", steps=steps)
    else:
        end = say("{steps} are shown", steps=steps)
    _, words = valley.explain(settings.optimizer, settings.learning_rate, settings.curvatures, settings.momentum)
    given = {"rate": settings.learning_rate, "end": end, "words": words}
    if settings.optimizer == "sgd":
        return say("Worked out when this page was built: a walk at learning rate {rate:g}; {end}. {words}", **given)
    return say(
        "Worked out when this page was built: a walk with {rule} at learning rate {rate:g}; {end}. {words}",
        rule=valley_session.rule_name(settings.optimizer),
        **given,
    )


def picture(settings: Settings, way: Walk, name: str) -> str:
    """Return a walk as SVG, all its steps and the place where it ends."""
    count = len(settings.curvatures)
    measures = view(settings.curvatures)
    width, height = measures["width"], measures["height"]
    ids = f"{name}-title", f"{name}-description", f"{name}-clip"
    title = say("A weight in a valley") if count == 1 else say("Two weights in a ravine, seen from above")
    if count == 1:
        content = "".join(_draw_valley(way, measures, ids[2]))
    else:
        content = "".join(_draw_ravine(way, measures, ids[2], settings.curvatures))
    return (
        f'<svg class="gd-valley gd-valley-{count}" viewBox="0 0 {width:g} {height:g}" role="img" data-search-exclude'
        f' aria-labelledby="{ids[0]}" aria-describedby="{ids[1]}"><title id="{ids[0]}">{title}</title>'
        f'<desc id="{ids[1]}">{html.escape(describe(settings, way))}</desc>{content}</svg>'
    )


def describe(settings: Settings, way: Walk) -> str:
    """Say in words what a picture shows."""
    names = valley.weight_names(len(settings.curvatures))
    start, end = (
        ", ".join(f"{name} = {show(float(value))}" for name, value in zip(names, row, strict=True))
        for row in (way.weights[0], way.weights[-1])
    )
    given = {"start": start, "end": end, "steps": way.steps}
    if len(names) == 1:
        return say(
            "The loss is a parabola. The walk begins at {start} and stands at {end} after {steps} steps.", **given
        )
    return say(
        "Lines of equal loss are ellipses around the floor. The walk begins at {start} and stands at {end} after"
        " {steps} steps.",
        **given,
    )


def show(value: float) -> str:
    """Write a number for people: three digits, a real minus, and words where numbers end."""
    if not math.isfinite(value):
        return say("beyond all numbers")
    text = f"{value:.3g}" if abs(value) < 1000.0 else f"{value:.2e}"
    return number(text.replace("-", "−").replace("e+", "e"))


def _draw_valley(way: Walk, measures: dict[str, float], clip: str) -> Iterator[str]:
    floor, ceiling, centre, unit, top = (measures[key] for key in ("floor", "ceiling", "centre", "unit", "top"))
    edge = valley_session.WINDOWS[1][0]
    left, right = centre - edge * unit, centre + edge * unit

    def x(weight: float) -> float:
        return _near(centre + weight * unit)

    def y(height: float) -> float:
        return _near(floor - height / top * (floor - ceiling))

    yield _clip(clip, left, ceiling - 8, right, floor + 8)
    yield '<g class="gd-v-ticks">'
    for step in nice_steps(top, 4):
        if step <= top:
            yield f'<path class="gd-v-grid" d="M{left:g} {y(step):.1f}H{right:g}"/>'
            if step:
                tick = number(f"{step:g}")
                yield f'<text class="gd-v-tick gd-v-end" x="{left - 5:g}" y="{y(step) + 5:.1f}">{tick}</text>'
    yield "</g>"
    yield f'<path class="gd-v-axis" d="M{left:g} {ceiling:g}V{floor:g}H{right:g}"/>'
    for weight in range(-6, 7, 2):
        yield f'<path class="gd-v-axis" d="M{x(weight):g} {floor:g}v5"/>'
        yield f'<text class="gd-v-tick gd-v-middle" x="{x(weight):g}" y="{floor + 22:g}">{show(weight)}</text>'
    yield f'<text class="gd-v-label" x="{left + 10:g}" y="{ceiling + 4:g}">{say("loss")}</text>'
    yield f'<text class="gd-v-label gd-v-end" x="{right:g}" y="{floor - 8:g}">w</text>'
    # a parabola is a quadratic Bézier curve: its control point lies as far below the floor as its ends lie above
    yield (
        f'<path class="gd-v-ground" clip-path="url(#{clip})"'
        f' d="M{left:g} {y(top):g}Q{centre:g} {2 * floor - y(top):g} {right:g} {y(top):g}"/>'
    )
    points = [(x(weight), y(height)) for (weight,), height in zip(way.weights, way.losses, strict=True)]
    yield from _walk_parts(points, clip)


def _draw_ravine(way: Walk, measures: dict[str, float], clip: str, curvatures: Sequence[float]) -> Iterator[str]:
    floor, centre, unit = (measures[key] for key in ("floor", "centre", "unit"))
    wide, high = valley_session.WINDOWS[2]
    left, right, top, bottom = centre - wide * unit, centre + wide * unit, floor - high * unit, floor + high * unit

    def place(weights: Sequence[float]) -> Point:
        return _near(centre + weights[0] * unit), _near(floor - weights[1] * unit)

    yield _clip(clip, left, top, right, bottom)
    yield f'<g class="gd-v-ellipses" clip-path="url(#{clip})">'
    ellipses = valley_session.scene(curvatures)["ellipses"].reshape(-1, 2)
    for along, across in ellipses:
        yield f'<ellipse cx="{centre:g}" cy="{floor:g}" rx="{along * unit:.2f}" ry="{across * unit:.2f}"/>'
    yield "</g>"
    yield f'<path class="gd-v-frame" d="M{left:g} {top:g}H{right:g}V{bottom:g}H{left:g}Z"/>'
    yield f'<path class="gd-v-cross" d="M{left:g} {floor:g}H{right:g}M{centre:g} {top:g}V{bottom:g}"/>'
    for weight in range(-8, 9, 4):
        at, _ = place((weight, 0.0))
        yield f'<text class="gd-v-tick gd-v-middle" x="{at:g}" y="{bottom + 20:g}">{show(weight)}</text>'
    for weight in (-4, 4):
        yield f'<text class="gd-v-tick" x="{left + 6:g}" y="{place((0.0, weight))[1] + 5:g}">{show(weight)}</text>'
    yield f'<text class="gd-v-label gd-v-end" x="{right:g}" y="{bottom + 20:g}">w₁</text>'
    yield f'<text class="gd-v-label" x="{centre + 6:g}" y="{top + 17:g}">w₂</text>'
    yield from _walk_parts([place(row) for row in way.weights.tolist()], clip)


def _walk_parts(points: Sequence[Point], clip: str) -> Iterator[str]:
    """Draw a walk, and the empty parts that only the live picture fills."""
    ends = [point for point in points if all(map(math.isfinite, point))]
    yield f'<g clip-path="url(#{clip})">'
    for part in ("ghost", "ghost-dots"):
        yield f'<path class="gd-v-{part}" d=""/>'
    yield f'<path class="gd-v-trail" d="{_line(ends)}"/>'
    yield f'<path class="gd-v-dots" d="{_dots(ends)}"/>'
    for part in ("tangent", "drop"):
        yield f'<path class="gd-v-{part}" d=""/>'
    yield "</g>"
    for part in ("step", "away"):
        yield f'<path class="gd-v-{part}" d=""/>'
    yield '<circle class="gd-v-next" r="7"/>'
    yield f'<circle class="gd-v-now" r="8" cx="{ends[-1][0]:.1f}" cy="{ends[-1][1]:.1f}"/>'
    yield '<circle class="gd-v-start" r="26"/>'
    for part in ("slope-text", "step-text", "away-text"):
        yield f'<text class="gd-v-label gd-v-{part}"></text>'


def _clip(name: str, left: float, top: float, right: float, bottom: float) -> str:
    return (
        f'<clipPath id="{name}"><rect x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}"/>'
        "</clipPath>"
    )


def _near(pixels: float) -> float:
    return min(max(pixels, -FAR), FAR)


def _line(points: Sequence[Point]) -> str:
    return "".join(f"{pen}{x:.1f} {y:.1f}" for pen, (x, y) in zip("M" + "L" * len(points), points, strict=False))


def _dots(points: Sequence[Point]) -> str:
    """Return dots as lines of no length with round ends."""
    return "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points)
