"""The style sheets that a page needs, written into the page: nothing has to arrive before its first paint but the page.

A sheet that is linked holds the first paint back for another round trip, and instant navigation shows a page before the
sheets that only that page links have arrived. `mkdocs.yml` lists the sheets; what is said here is which pages need one.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from posixpath import dirname, join, normpath, relpath

NEEDED_BY = {
    "assets/labs/valley.css": r"gd-valley|data-kind=\"valley\"",
    "assets/labs/step.css": r"gd-step|gd-picture-along|data-kind=\"step\"",
    "assets/labs/sweep.css": r"gd-sweep|gd-picture-sweep|data-kind=\"sweep\"",
    "assets/labs/network.css": r"gd-network|gd-thumb|gd-sums|data-kind=\"network\"",
    "assets/labs/diagram.css": r"gd-net\b|data-kind=\"(network|step|gradients)\"",
    "assets/labs/graph.css": r"gd-graph|data-kind=\"(graph|gradients|vanishing)\"",
    "assets/labs/editor.css": r"<gd-cell|data-kind=\"rule\"",
    "assets/labs/architecture.css": r"gd-way|gd-imports",
    "assets/labs/embed.css": r"gd-embed",
}
"""What in a page asks for a sheet. All other sheets are for every page."""

LINK = re.compile(r"<link rel=\"stylesheet\" href=\"([^\"]+)\">\s*")
SPARE = re.compile(r"/\*.*?\*/|(?<=[{};,])\s+|\s+(?=[{}])", re.DOTALL)
RELATIVE = re.compile(r"url\(\"(?!data:|[a-z]+:|/)([^\"]+)\"\)")


def styles_inside(html: str, address: str, folders: Sequence[Path]) -> str:
    """Return a page with the sheets that it needs in it, and without its links to all sheets.

    Args:
        html: the page.
        address: its address from the site's root, like "modules/04-…/".
        folders: where the sheets are looked for, by their addresses from the site's root; a link to one that is in none
            of them stays.
    """
    body = html[html.index("<body") :]
    common: list[str] = []
    special: list[str] = []

    def take(link: re.Match[str]) -> str:
        sheet = normpath(join(dirname(address), link[1]))
        path = next((folder / sheet for folder in folders if (folder / sheet).is_file()), None)
        if path is None:
            return link[0]
        if sheet not in NEEDED_BY or re.search(NEEDED_BY[sheet], body):
            way = relpath(dirname(sheet), dirname(address) or ".")
            (special if sheet in NEEDED_BY else common).append(RELATIVE.sub(rf'url("{way}/\1")', minified(path)))
        return ""

    html = LINK.sub(take, html)
    # Two elements: instant navigation keeps the first from page to page and changes the second.
    inside = "".join(f"<style>{''.join(styles)}</style>" for styles in (common, special) if styles)
    return html.replace("</head>", f"{inside}</head>", 1)


def minified(path: Path) -> str:
    """Return a sheet without its comments and its indentation; the theme's, for listings in labs, too."""
    return SPARE.sub("", path.read_text(encoding="utf-8")).strip().replace("pre>code", "pre code")
