"""The drawing functions alone, in a page of the site: the axes they choose, and what a blown-up run leaves visible."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.lab import ENTRY

VIEW = """{
  width: 400, height: 300, ratio: 1, font: "sans-serif", ghosts: ["#00ff00"],
  colours: { class0: "#0000ff", class1: "#ff8800", curve: "#ff0000", grid: "#dddddd", axis: "#555555",
             paper: "#ffffff", text: "#000000" },
}"""

LEARNS = "Array.from({ length: 100 }, (_, i) => 0.7 / (1 + i / 10))"
BLOWS_UP = "[0.8, 3, 40, 1e9, 1e130, Infinity, NaN]"


@pytest.fixture
def drawing(page: Page, site: str) -> Page:
    page.goto(site)
    page.evaluate(
        f"async (entry) => {{ window.canvas = await import(new URL('canvas.js', entry.src)); window.view = {VIEW}; }}",
        page.locator(ENTRY).element_handle(),
    )
    return page


def scale(page: Page, lines: str, *, logarithmic: bool = False) -> dict[str, Any]:
    """Return the axes' ends, and the height of the losses 0.7 and 0.07 in shares of the frame."""
    result: dict[str, Any] = page.evaluate(
        f"""(logarithmic) => {{
          const lines = {lines}.map((losses, i) => ({{ losses, ghost: i - 1 }}));
          const data = {{ lines, lastEpoch: 100, chance: Math.LN2, logarithmic, cursor: null, turn: null }};
          const scale = canvas.curveScale(view, data);
          const share = (loss) => (scale.bottom - scale.y(loss)) / (scale.bottom - scale.top);
          return {{ low: scale.low, high: scale.high, seven: share(0.7), tenth: share(0.07),
                    back: [0, 50, 100].map((epoch) => scale.epochAt(scale.x(epoch))) }};
        }}""",
        logarithmic,
    )
    return result


def test_a_run_that_learns_uses_the_whole_linear_scale(drawing: Page) -> None:
    assert scale(drawing, f"[{LEARNS}]") == {
        "low": 0,
        "high": 0.8,
        "seven": pytest.approx(0.875),
        "tenth": pytest.approx(0.0875),
        "back": [0, 50, 100],
    }


@pytest.mark.parametrize("logarithmic", [False, True])
def test_a_run_that_learns_stays_readable_beside_one_that_blew_up_before(drawing: Page, logarithmic: bool) -> None:
    axes = scale(drawing, f"[{BLOWS_UP}, {LEARNS}]", logarithmic=logarithmic)
    assert axes["seven"] - axes["tenth"] > 0.15


@pytest.mark.parametrize("before", ["", f"{LEARNS}, "])
def test_the_linear_scale_follows_the_run_under_way_up_to_150_times_chance(drawing: Page, before: str) -> None:
    assert scale(drawing, f"[{before}[0.8, 60, 50, 46]]")["high"] == 60
    assert 100 < scale(drawing, f"[{before}{BLOWS_UP}]")["high"] < 150


def test_a_logarithmic_scale_keeps_to_numbers_that_can_be_read(drawing: Page) -> None:
    axes = scale(drawing, "[[0.7, 1e-30, 0, 1e130]]", logarithmic=True)
    assert axes["low"] == 1e-6
    assert axes["high"] == 1e3
    assert scale(drawing, "[[NaN, Infinity]]", logarithmic=True)["high"] == 1
    assert scale(drawing, "[[]]")["high"] == 0.8


@pytest.mark.parametrize("logarithmic", [False, True])
def test_losses_that_are_not_finite_get_a_mark_and_erase_nothing(drawing: Page, logarithmic: bool) -> None:
    """Red pixels (the run under way) in columns: those of its finite losses, and above the frame for the others."""
    seen = drawing.evaluate(
        """(logarithmic) => {
          const losses = [0.7, 0.6, 0.5, 0.4, 0.3, Infinity, NaN, 1e130];
          const data = { lines: [{ losses, ghost: -1 }], lastEpoch: 10, chance: Math.LN2, logarithmic, cursor: null,
                         turn: null };
          const place = document.createElement("canvas");
          Object.assign(place, { width: view.width, height: view.height });
          const pen = place.getContext("2d");
          const { clipped } = canvas.drawCurve(pen, view, data);
          const scale = canvas.curveScale(view, data);
          const red = (x, y, width, height) => {
            const pixels = pen.getImageData(Math.round(x), Math.round(y), width, height).data;
            for (let i = 0; i < pixels.length; i += 4) {
              if (pixels[i] > 200 && pixels[i + 1] < 80 && pixels[i + 2] < 80 && pixels[i + 3] > 200) return true;
            }
            return false;
          };
          return {
            clipped,
            curve: [0, 1, 2, 3, 4].map((epoch) => red(scale.x(epoch) - 3, scale.y(losses[epoch]) - 3, 6, 6)),
            marks: [5, 6, 7].map((epoch) => red(scale.x(epoch) - 3, scale.top - 7, 6, 6)),
            none: red(scale.x(5) - 3, scale.top + 2, 130, 200),
          };
        }""",
        logarithmic,
    )
    assert seen == {"clipped": True, "curve": [True] * 5, "marks": [True] * 3, "none": False}


@pytest.mark.parametrize("epoch", [1, 30, 50, 51, 70, 100])
def test_the_names_of_the_turn_and_of_guessing_do_not_touch(drawing: Page, epoch: int) -> None:
    boxes = drawing.evaluate(
        """(epoch) => {
          const lines = [{ losses: Array.from({ length: 101 }, (_, i) => 0.75 - 0.0005 * i), ghost: -1 }];
          const turn = { epoch, label: "too early to tell" };
          const data = { lines, lastEpoch: 100, chance: Math.LN2, logarithmic: false, cursor: null, turn };
          const pen = Object.assign(document.createElement("canvas"), view).getContext("2d");
          const boxes = {};
          const write = pen.fillText;
          pen.fillText = (text, x, y) => {
            const { actualBoundingBoxLeft, actualBoundingBoxRight, actualBoundingBoxAscent, actualBoundingBoxDescent } =
              pen.measureText(text);
            boxes[text] = { left: x - actualBoundingBoxLeft, right: x + actualBoundingBoxRight,
                            top: y - actualBoundingBoxAscent, bottom: y + actualBoundingBoxDescent };
            write.call(pen, text, x, y);
          };
          canvas.drawCurve(pen, { ...view, ratio: 1 }, data);
          return boxes;
        }""",
        epoch,
    )
    turn, guessing = boxes["too early to tell"], boxes["guessing: 0.69"]
    beside = turn["right"] < guessing["left"] or turn["left"] > guessing["right"]
    apart = turn["bottom"] < guessing["top"] or turn["top"] > guessing["bottom"]
    assert beside or apart, (turn, guessing)


def test_the_surface_is_drawn_the_right_way_up(drawing: Page) -> None:
    """Class 1 (orange) at the top left of the grid and nowhere else; one point of class 0 at the bottom right."""
    corners = drawing.evaluate(
        """() => {
          const size = 8;
          const probabilities = Float32Array.from({ length: 64 }, (_, i) => (i % 8 < 4 && i < 32 ? 1 : 0));
          const one = (value) => new Float64Array([value]);
          const points = { x: one(5), y: one(-5), targets: one(0), domain: 6 };
          const square = { ...view, width: 240, height: 240 };
          const place = document.createElement("canvas");
          Object.assign(place, { width: 240, height: 240 });
          const pen = place.getContext("2d");
          canvas.drawSurface(pen, square, points, { size, probabilities });
          const at = (x, y) => [...pen.getImageData(x, y, 1, 1).data.slice(0, 3)];
          return { topLeft: at(30, 30), topRight: at(210, 30), bottomLeft: at(30, 210), point: at(220, 220) };
        }"""
    )
    red, _, blue = corners["topLeft"]
    assert red > blue
    for corner in ("topRight", "bottomLeft"):
        red, _, blue = corners[corner]
        assert blue > red
    assert corners["point"] == [0, 0, 255]
