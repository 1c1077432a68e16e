"""Pictures on logarithmic axes for the labs about gradients: pure functions from numbers to SVG.

Both pictures carry their scale in data attributes and name their parts, so that a lab's script can move them.
"""

import math
from collections.abc import Sequence

from gd_core.language import say
from scripts import svg

WIDTH = 400

# --- the error of finite differences ------------------------------------------------------------------------------

LEFT, RIGHT, TOP, BOTTOM = 48, 24, 24, 40
HEIGHT = 300
LOWEST = -16
"""The exponent at the bottom: a double has sixteen digits."""


def error_curve(nudges: Sequence[float], differences: Sequence[float], name: str, marked: int, description: str) -> str:
    """Return the relative difference over the nudge, both logarithmic, wide nudges at the left.

    Args:
        nudges: falling, evenly spaced in their logarithms.
        differences: as many, at least 0.
        name: keeps the ids of several pictures on a page apart.
        marked: which of them carries the mark.
        description: for those who do not see it.
    """
    dx = (WIDTH - LEFT - RIGHT) / (len(nudges) - 1)
    dy = (HEIGHT - TOP - BOTTOM) / -LOWEST
    points = [(LEFT + index * dx, _level(difference, dy)) for index, difference in enumerate(differences)]
    parts = []
    for exponent in range(0, LOWEST - 1, -4):
        y = TOP - exponent * dy
        parts.append(f'<path class="gd-grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(svg.text("tick", LEFT - 6, y + 4, _power(exponent), "end"))
    decade = (len(nudges) - 1) / -math.log10(nudges[-1] / nudges[0]) * dx
    for exponent in range(0, -13, -3):
        x = LEFT - exponent * decade
        parts.append(f'<path class="gd-axis" d="M{x:.1f} {HEIGHT - BOTTOM}v4"/>')
        parts.append(svg.text("tick", x, HEIGHT - BOTTOM + 17, _power(exponent), "middle"))
    parts.append(f'<path class="gd-axis" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>')
    parts.append(svg.text("label", 4, 14, say("relative difference")))
    parts.append(svg.text("label", WIDTH - RIGHT, HEIGHT - 5, say("nudge, ever smaller →"), "end"))
    line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    parts.append(f'<path class="gd-curve" data-curve d="{line}"/>')
    x, y = points[marked]
    parts.append(f'<circle class="gd-error-mark" data-mark cx="{x:.1f}" cy="{y:.1f}" r="6"/>')
    scale = f'data-x0="{LEFT}" data-dx="{dx:.4f}" data-y0="{TOP}" data-dy="{dy:.4f}" data-lowest="{LOWEST}"'
    return svg.picture(
        name, "error", WIDTH, HEIGHT, say("Error of the nudged slope"), description, "".join(parts), data=scale
    )


def _level(difference: float, dy: float) -> float:
    return TOP - max(math.log10(difference) if difference > 0.0 else LOWEST, LOWEST) * dy


# --- the gradient in each layer ---------------------------------------------------------------------------------

NAMES, VALUES, ROW, HEAD = 62, 62, 26, 26
"""Room for the layers' names and for the values behind the bars; height of a row; room above them."""
SMALLEST = -9
"""The exponent at which bars begin."""


def layer_bars(texts: Sequence[str], sizes: Sequence[float], rows: int, name: str, description: str) -> str:
    """Return the size of the gradient in every layer as bars, from the inputs at the top to the output.

    Args:
        texts: the sizes as people read them.
        sizes: at least 0.
        rows: how many rows to make; those that are not needed are hidden.
        name: keeps the ids of several pictures on a page apart.
        description: for those who do not see it.
    """
    decade = (WIDTH - NAMES - VALUES) / -SMALLEST
    height = HEAD + rows * ROW + 4
    parts = []
    for exponent in range(SMALLEST, 1, 3):
        x = NAMES + (exponent - SMALLEST) * decade
        parts.append(f'<path class="gd-grid" d="M{x:.1f} {HEAD - 4}V{height - 4}"/>')
        parts.append(svg.text("tick", x, 14, _power(exponent), "middle"))
    for row in range(rows):
        used = row < len(sizes)
        shown = "inline" if used else "none"
        level = math.log10(sizes[row]) if used and sizes[row] > 0.0 else SMALLEST
        width = max(level - SMALLEST, 0.0) * decade
        y = HEAD + row * ROW
        label = say("output") if row == len(sizes) - 1 else say("layer {layer}", layer=row + 1)
        parts.append(
            f'<g class="gd-layer" data-row="{row}" display="{shown}">'
            f'<text class="gd-label" x="{NAMES - 8}" y="{y + 17}" text-anchor="end" data-name>{label}</text>'
            f'<rect class="gd-bar" x="{NAMES}" y="{y + 3}" width="{width:.1f}" height="{ROW - 6}" rx="3"/>'
            f'<text class="gd-bar-value" x="{NAMES + width + 5:.1f}" y="{y + 17}">{texts[row] if used else ""}</text>'
            "</g>"
        )
    scale = f'data-left="{NAMES}" data-decade="{decade:.4f}" data-smallest="{SMALLEST}"'
    title = say("Size of the gradient in each layer")
    return svg.picture(name, "layers", WIDTH, height, title, description, "".join(parts), data=scale)


# --- parts ------------------------------------------------------------------------------------------------------


def _power(exponent: int) -> str:
    return "1" if exponent == 0 else f"1e{exponent}".replace("-", "−")
