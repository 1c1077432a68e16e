"""The block of a sweep: its recorded picture, its table, what it hands to the page's script, and its mistakes."""

import html
import json
import re
from typing import Any

import markdown
import pytest

from gd_core.diagnosis import verdict_name
from gd_core.settings import Settings, parse
from scripts.blocks import makeExtension, read_page
from scripts.recording import SweepRecording, record_sweeps_natively

SMALL = "points: 40\nhidden_layers: [4]\nepochs: 12\n"
BLOCK = f"```sweep\n{SMALL}```\n"


def render(text: str, **options: Any) -> str:
    return markdown.markdown(text, extensions=[makeExtension(file="docs/page.md", **options)])


def recorded(**changes: Any) -> SweepRecording:
    (recording,) = record_sweeps_natively([parse({"points": 40, "hidden_layers": [4], "epochs": 12} | changes)])
    return recording


def test_a_sweep_is_a_picture_with_its_regions_in_words_and_a_table_of_every_rate() -> None:
    page, recording = render(BLOCK), recorded()

    sentence = html.escape(recording["regions"]["sentence"])
    assert page.count(sentence) == 3  # the picture's description, the caption, the data for the script
    assert '<svg class="gd-picture gd-picture-sweep"' in page
    assert ">Sweep the dial</h3>" in page
    assert "a network 2-4-1 (tanh) on 40 points (Two moons), sgd, batches of 32, 12 epochs" in page
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td></tr>', page)
    assert [float(rate) for rate, _, _ in rows] == recording["rates"]
    assert [verdict for _, _, verdict in rows] == list(map(verdict_name, recording["verdicts"]))


def test_every_run_has_one_mark_and_those_above_the_picture_a_triangle_besides() -> None:
    recording = recorded(activation="relu", hidden_layers=[8, 8], epochs=20)
    page = render("```sweep\npoints: 40\nhidden_layers: [8, 8]\nactivation: relu\nepochs: 20\n```\n")

    paths = dict(re.findall(r'<path class="gd-([\w-]+)" d="([^"]*)"', page))
    broken = [verdict in ("oscillating", "diverged") for verdict in recording["verdicts"]]
    above = [not float(loss) <= 100.0 for loss in recording["losses"]]
    assert 0 < sum(above) < sum(broken) < 48
    assert paths["sweep-dots"].count("M") == 48 - sum(broken)
    assert paths["sweep-crosses"].count("M") == sum(broken)
    assert paths["alert"].count("M") == sum(above)
    assert paths["curve"].count("L") == 47
    heights = [float(place.split(" ")[1]) for place in paths["curve"][1:].split("L")]
    assert min(heights) == 30.0  # the picture's upper edge
    assert "nan" not in paths["curve"]


def test_a_region_that_is_not_there_is_hidden() -> None:
    page = render("```sweep\ndataset: xor\nhidden_layers: []\npoints: 40\n```\n")

    bands = dict(re.findall(r'<g class="gd-sweep-band gd-sweep-(\w+)" visibility="(\w+)"', page))
    assert bands == {"crawls": "hidden", "learns": "hidden", "breaks": "hidden"}
    assert "No rate learns here" in page
    assert set(re.findall(r'gd-sweep-band gd-sweep-\w+" visibility="(\w+)"', render(BLOCK))) == {"visible"}


def test_the_script_gets_the_settings_the_recorded_sweep_and_the_scale() -> None:
    page = render(BLOCK)

    data = {
        name: json.loads(html.unescape(value))
        for name, value in re.findall(r'data-(settings|recorded|scale|datasets)="([^"]*)"', page)
    }
    assert data["settings"] == recorded()["settings"]
    assert data["recorded"]["losses"] == recorded()["losses"]
    assert data["scale"]["rates"] == [0.0001, 100.0]
    assert data["datasets"]["moons"] == "Two moons"
    assert 'data-kind="sweep"' in page
    assert 'id="sweep-1"' in page


def test_the_sweeps_of_a_page_are_recorded_at_once_and_each_only_once() -> None:
    asked: list[list[Settings]] = []

    def record(sweeps: list[Settings]) -> list[SweepRecording]:
        asked.append(sweeps)
        return record_sweeps_natively(sweeps)

    render(f"{BLOCK}\n{BLOCK}\n```sweep\n{SMALL}optimizer: adam\n```\n", record_sweeps=record)

    assert [[settings.optimizer for settings in sweeps] for sweeps in asked] == [["sgd", "adam"]]


@pytest.mark.parametrize(
    ("body", "line", "sentence"),
    [
        ("learning_rate: 0.1", 2, "a sweep tries every learning rate, so it takes none; got 0.1"),
        ("epochs: 0", 2, "epochs must be a whole number from 1 to 10,000, got 0"),
        ("title: ''", 2, "title must be a text that is not empty, got ''"),
        ("points: 50\nepoch: 5", 3, "unknown setting 'epoch'; choose one of dataset,"),
        ("- 1", 2, 'the body of a sweep block must be lines "setting: value"'),
    ],
)
def test_every_mistake_is_told_with_the_authors_line(body: str, line: int, sentence: str) -> None:
    (part,) = read_page(f"```sweep\n{body}\n```".splitlines(), file="docs/page.md")

    (problem,) = part.problems
    assert (problem.line, part.block) == (line, None)
    assert problem.sentence.startswith(sentence)
