"""The frame of a lab, the element that the page's script mounts, and the name by which it knows the page."""

import html
import json
import re
from collections import Counter
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


LAB = re.compile(r"<gd-lab\b[^>]*>")
DATA = re.compile(r' data-([a-z-]+)="([^"]*)"')
LARGE = 1000
"""Characters from which data are worth sharing."""


def told_once(page: str) -> str:
    """Return a page that tells its labs nothing at length twice: that stands before the first, named `gd-told-1`.

    In a template: of scripts that instant navigation brings Material's script keeps neither name nor type.
    """
    counts = Counter(value for lab in LAB.findall(page) for _, value in DATA.findall(lab) if len(value) > LARGE)
    names = {value: f"gd-told-{n}" for n, value in enumerate((v for v, count in counts.items() if count > 1), 1)}
    told = set[str]()

    def share(lab: re.Match[str]) -> str:
        new = [value for _, value in DATA.findall(lab[0]) if value in names and value not in told]
        told.update(new)
        before = "".join(f'<template id="{names[v]}">{v.replace("&quot;", chr(34))}</template>' for v in new)
        return before + DATA.sub(
            lambda data: f' data-{data[1]}="#{names[data[2]]}"' if data[2] in names else data[0], lab[0]
        )

    return LAB.sub(share, page)


def page_name(place: Place) -> str:
    """Name the page among the site's, as browsers remember what was done on it."""
    return "/".join(PurePosixPath(place.file.removesuffix(".md")).parts[1:])
