"""The frame of a lab, the element that the page's script mounts, and the name by which it knows the page."""

import html
import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from gd_core.language import say

from .fences import Place


def lab_frame(place: Place, kind: str, name: str, title: str, content: str, data: Mapping[str, object]) -> str:
    """Return a `<gd-lab>` as HTML.

    Args:
        place: where it stands.
        kind: the kind of lab, a key of `KINDS` in `docs/assets/labs/main.js`.
        name: the element's id.
        title: the heading, which names the lab.
        content: HTML of its recorded form, complete without JavaScript.
        data: values for the script by name, like `{"settings": …}`; they arrive as JSON in `dataset.settings`.
    """
    without_scripts = say("Experiments in this page need JavaScript, which is switched off or blocked here.")
    without_labs = say("This experiment has not come up: its scripts are blocked, or this browser is too old for them.")
    recorded = say("The lesson still covers everything: the pictures show recorded results.")
    attributes = "".join(f' data-{key}="{html.escape(json.dumps(value))}"' for key, value in data.items())
    return (
        f'<gd-lab class="gd-lab" id="{name}" role="region" aria-labelledby="{name}-title"'
        f' data-state="recorded" data-kind="{kind}" data-page="{html.escape(page_name(place))}"'
        f' data-runtime="{html.escape(place.root + place.runtime)}"{attributes}>'
        f'<h3 class="gd-lab-title" id="{name}-title">{html.escape(title)}</h3>'
        f'<div class="gd-lab-static">{content}'
        f"<noscript data-search-exclude><p>{without_scripts} {recorded}</p></noscript></div>"
        f'<p class="gd-unable" data-search-exclude>{without_labs} {recorded}</p></gd-lab>'
    )


LAB = re.compile(r'<gd-lab class="gd-lab" id="([^"]+)"[^>]*>')
DATA = re.compile(r' data-([a-z-]+)="([^"]*)"')
LARGE = 200
"""Characters from which data are worth sharing."""


def told_once(page: str) -> str:
    """Return a page that tells its labs nothing at length twice: `data-choices="#lab-1"` is what `lab-1` is told."""
    told: dict[str, str] = {}

    def share(data: re.Match[str], lab: str) -> str:
        first = told.setdefault(data[0], lab) if len(data[2]) > LARGE else lab
        return data[0] if first == lab else f' data-{data[1]}="#{first}"'

    return LAB.sub(lambda lab: DATA.sub(lambda data: share(data, lab[1]), lab[0]), page)


def page_name(place: Place) -> str:
    """Name the page among the site's, as browsers remember what was done on it."""
    return "/".join(PurePosixPath(place.file.removesuffix(".md")).parts[1:])
