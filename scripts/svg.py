"""Parts of pictures as SVG. Colours and strokes come from the style sheets, by the classes that the parts carry."""

import html
import re
from collections import Counter

STILL = re.compile(
    r'<svg (?P<head>class="gd-picture gd-picture-(?:surface|curve)"[^>]* aria-labelledby="(?P<name>[^"]+)-title"[^>]*)>'
    r"(?P<words><title.*?</desc>)(?P<drawing>.*?)</svg>",
    re.DOTALL,
)
"""A picture in a page that no script changes; sweeps and valleys come to life themselves."""

LARGE = 2000
"""Characters from which a drawing is worth sharing."""


def path(kind: str, data: str) -> str:
    """Return a path; `kind` names its class behind "gd-"."""
    return f'<path class="gd-{kind}" d="{data}"/>'


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
    """Return a page whose large still pictures stand in it once: where one is repeated, the first is shown again.

    By `xlink:href`, since Material's script writes every `href` anew, which that of a `use` does not allow.
    """
    counts = Counter(match["drawing"] for match in STILL.finditer(page))
    first: dict[str, str] = {}

    def share(match: re.Match[str]) -> str:
        drawing = match["drawing"]
        if len(drawing) < LARGE or counts[drawing] == 1:
            return match[0]
        if drawing in first:
            return f'<svg {match["head"]}>{match["words"]}<use xlink:href="#{first[drawing]}"/></svg>'
        first[drawing] = match["name"]
        return f'<svg id="{match["name"]}" {match["head"]}>{match["words"]}{drawing}</svg>'

    return STILL.sub(share, page)
