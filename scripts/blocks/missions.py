"""What a lesson asks of its readers and how far they are: missions, the lesson's score, progress on other pages.

A mission is checked by `gd_core.missions` on the runs of the page's first training lab. Whatever can be accomplished on
a page, a mission or a question, carries `data-score` with the name of its kind; the score counts those.
"""

import html
import json
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from gd_core.checks import shown
from gd_core.language import say
from gd_core.missions import GOALS
from gd_core.settings import Setting, problems

from .fences import Block, Entry, Fence, Place, Report, read_mapping, unknown
from .frame import page_name
from .runs import read_title

NAME = re.compile(r"[\w-]+")
FORM = '"name:" with the lines "title: …", "text: …", "goal: …" indented below it'


@dataclass(frozen=True)
class Mission:
    """Something to bring about in the lab.

    `name` is its id in the page; `given` is what its goal takes; `written` is the first line of its text, and the text
    with the author's own line breaks.
    """

    line: int
    name: str
    title: str
    text: str
    written: tuple[int, str]
    goal: str
    given: Mapping[str, Any]


@dataclass(frozen=True)
class Missions(Block):
    """A list of missions."""

    title: str
    missions: tuple[Mission, ...]

    @property
    def texts(self) -> tuple[tuple[int, str], ...]:
        """What is asked."""
        return tuple(mission.written for mission in self.missions)

    @property
    def ids(self) -> tuple[tuple[int, str], ...]:
        """The names of the missions."""
        return tuple((mission.line, mission.name) for mission in self.missions)

    def render(self, place: Place) -> Element:
        """Return a list that reads well as it is, and that the page's script follows."""
        name = f"missions-{place.number}"
        element = Element(
            "gd-missions",
            {
                "class": "gd-missions",
                "id": name,
                "role": "region",
                "aria-labelledby": f"{name}-title",
                "data-kind": "missions",
            },
        )
        SubElement(element, "h3", {"class": "gd-missions-title", "id": f"{name}-title"}).text = self.title or say(
            "Missions"
        )
        items = SubElement(element, "ol", {"class": "gd-mission-list"})
        for mission in self.missions:
            item = SubElement(items, "li", {"class": "gd-mission", "id": mission.name, "data-score": say("Missions")})
            item.set("data-mission", json.dumps({"goal": mission.goal, **mission.given}))
            item.set("data-key", f"{page_name(place)}#{mission.name}")
            SubElement(item, "strong", {"class": "gd-mission-title"}).text = mission.title
            SubElement(item, "p").text = place.inline(mission.text)
        return element


def read_missions(fence: Fence, report: Report) -> Missions | None:
    """Read a `title` and missions by their names, each with `title`, `text`, `goal`, and what the goal takes."""
    entries = read_mapping(fence, report)
    if entries is None:
        return None
    title = read_title(entries, report)
    if not entries:
        report(fence.line, f"a missions block needs at least one mission, {FORM}, got none")
        return None
    missions = [_read_mission(name, entry, report) for name, entry in entries.items()]
    found = tuple(mission for mission in missions if mission)
    return Missions(title, found) if found else None


def _read_mission(name: str, entry: Entry, report: Report) -> Mission | None:
    if not NAME.fullmatch(name):
        report(entry.line, f"a mission's name consists of letters, digits, hyphens and underscores, got {name!r}")
        return None
    if not isinstance(entry.value, dict) or not entry.value:
        report(entry.line, f"a mission is written {FORM}, got {name!r}: {shown(entry.value)}")
        return None
    entries = dict(entry.entries)
    texts: dict[str, tuple[int, str]] = {}
    for part in ("title", "text", "goal"):
        given = entries.pop(part, None)
        if given is None or not isinstance(given.value, str) or not given.value.strip():
            came = "none" if given is None else shown(given.value)
            report((given or entry).line, f"the mission {name!r} needs a {part}, a text that is not empty, got {came}")
        else:
            texts[part] = given.line, given.value.strip()
    line, goal = texts.get("goal", (entry.line, ""))
    if goal and goal not in GOALS:
        report(line, unknown("goal", goal, GOALS))
        return None
    takes: dict[str, Setting] = GOALS[goal][1] if goal else {}
    for wrong, sentence in problems({part: given.value for part, given in entries.items()}, takes):
        known = wrong in takes
        parts = ["title", "text", "goal", *takes]
        report(entries[wrong].line, sentence if known else unknown(f"part of the mission {name!r}", wrong, parts))
    if len(texts) < 3:
        return None
    given_values = {part: entries[part].value if part in entries else takes[part].default for part in takes}
    written = entry.entries["text"].written
    return Mission(entry.line, name, texts["title"][1], texts["text"][1], written, goal, given_values)


@dataclass(frozen=True)
class Score(Block):
    """What is done on the page and what is left; JavaScript counts it."""

    def render(self, place: Place) -> str:
        """Return the element that the page's script fills."""
        return (
            f'<gd-score class="gd-score" id="score-{place.number}" data-kind="score"'
            f' data-page="{html.escape(page_name(place))}"></gd-score>'
        )


def read_score(fence: Fence, report: Report) -> Score | None:
    """Read a score, which is empty."""
    return Score() if _is_empty(fence, report, "score") else None


@dataclass(frozen=True)
class Progress(Block):
    """How far the reader has come on another page, as this browser remembers it."""

    page: str
    line: int

    @property
    def pages(self) -> tuple[tuple[int, str], ...]:
        """That page."""
        return ((self.line, self.page),)

    def render(self, place: Place) -> str:  # noqa: ARG002 - every block is asked the same way
        """Return the element that the page's script fills; without it nothing is shown."""
        name = html.escape(self.page.removesuffix(".md"))
        return f'<gd-progress class="gd-progress" data-kind="progress" data-page="{name}" hidden></gd-progress>'


def read_progress(fence: Fence, report: Report) -> Progress | None:
    """Read a progress block, which holds the file of a page, seen from the folder of all pages."""
    lines = [(fence.line + 1 + index, line.strip()) for index, line in enumerate(fence.body) if line.strip()]
    if len(lines) != 1 or not lines[0][1].endswith(".md"):
        came = "nothing" if not lines else repr(" ".join(line for _, line in lines))
        report(
            lines[0][0] if lines else fence.line,
            f"a progress block holds one line, the file of a page like modules/04-….md, got {came}",
        )
        return None
    return Progress(posixpath.normpath(lines[0][1]), lines[0][0])


def _is_empty(fence: Fence, report: Report, kind: str) -> bool:
    for index, line in enumerate(fence.body):
        if line.strip():
            report(fence.line + 1 + index, f"a {kind} block is empty, got {line.strip()!r}")
            return False
    return True
