"""Parts of pictures as SVG. Colours and strokes come from the style sheets, by the classes that the parts carry."""

import html
import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import pairwise

REPEATED = (
    # A picture in a page that no script changes; sweeps and valleys come to life themselves.
    r'<(?P<tag>svg) (?P<head>class="gd-picture gd-picture-(?:surface|curve)"[^>]*)>'
    r"(?P<words><title.*?</desc>)(?P<drawing>.*?)</svg>",
    # The points of a data set, under other answers.
    r'<(?P<tag>g) (?P<head>class="gd-points")>(?P<words>)(?P<drawing>.*?)</g>',
)
"""What a page may have several times: the tag, its attributes, what stays where it is, and what is drawn."""

LARGE = 2000
"""Characters from which a drawing is worth sharing."""


def path(kind: str, data: str) -> str:
    """Return a path; `kind` names its class behind "gd-"."""
    return f'<path class="gd-{kind}" d="{data}"/>'


SEEN = 0.05
"""How far a line may pass from a point that it leaves out: half of the last digit that is written."""


def line(points: Sequence[tuple[float, float]]) -> str:
    """Return the data of a path through points from left to right, without those that lie on its way anyhow.

    From each point that is kept, the line to the next may take all slopes that pass what lies between closely enough.
    """
    kept = [points[0]]
    lowest, highest = -math.inf, math.inf
    for before, (x, y) in pairwise(points):
        if not lowest <= (y - kept[-1][1]) / (x - kept[-1][0]) <= highest:
            kept.append(before)
            lowest, highest = -math.inf, math.inf
        run, rise = x - kept[-1][0], y - kept[-1][1]
        lowest, highest = max(lowest, (rise - SEEN) / run), min(highest, (rise + SEEN) / run)
    kept += points[1:][-1:]
    tenths = [(round(10 * x), round(10 * y)) for x, y in kept]
    steps = (f"{(x - x0) / 10:g} {(y - y0) / 10:g}" for (x0, y0), (x, y) in pairwise(tenths))
    return f"M{tenths[0][0] / 10:g} {tenths[0][1] / 10:g}l{' '.join(steps)}".removesuffix("l").replace(" -", "-")


def text(kind: str, x: float, y: float, words: str, anchor: str = "start") -> str:
    """Return words at a place; `anchor` says which part of them stands there: start, middle or end."""
    return f'<text class="gd-{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'


def picture(
    name: str, kind: str, width: int, height: int, title: str, description: str, content: str, *, data: str = ""
) -> str:
    """Return a whole picture, with a title and a description for those who do not see it.

    Args:
        name: keeps the ids of several pictures on a page apart.
        kind: names its class behind "gd-picture-".
        width: of the drawing, in its own units; so is `height`.
        height: see above.
        title: what it is, in plain text.
        description: what it shows, in plain text.
        content: what is drawn, as SVG.
        data: attributes for the page's script.
    """
    ids = f"{name}-{kind}-title", f"{name}-{kind}-description"
    more = f" {data}" if data else ""
    return (
        f'<svg class="gd-picture gd-picture-{kind}" viewBox="0 0 {width} {height}" role="img" data-search-exclude'
        f'{more} aria-labelledby="{ids[0]}" aria-describedby="{ids[1]}">'
        f'<title id="{ids[0]}">{html.escape(title)}</title><desc id="{ids[1]}">{html.escape(description)}</desc>'
        f"{content}</svg>"
    )


def drawn_once(page: str) -> str:
    """Return a page in which what is large and `REPEATED` stands once: elsewhere the first is shown again.

    By `xlink:href`, since Material's script writes every `href` anew, which that of a `use` does not allow.
    """
    for pattern in REPEATED:
        counts = Counter(match["drawing"] for match in re.finditer(pattern, page, re.DOTALL))
        page = re.sub(pattern, partial(_shared, counts, {}), page, flags=re.DOTALL)
    return page


def _shared(counts: Counter[str], first: dict[str, str], match: re.Match[str]) -> str:
    """Return a drawing with an id, if it is the first of several, or a look at that first one."""
    tag, head, words, drawing = match.group("tag", "head", "words", "drawing")
    if len(drawing) < LARGE or counts[drawing] == 1:
        return match[0]
    if drawing in first:
        return f'<{tag} {head}>{words}<use xlink:href="#{first[drawing]}"/></{tag}>'
    first[drawing] = f"gd-first-{tag}-{len(first) + 1}"
    return f'<{tag} id="{first[drawing]}" {head}>{words}{drawing}</{tag}>'
