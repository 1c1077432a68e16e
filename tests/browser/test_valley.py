"""The valley and the ravine, by their controls' names: steps, the dial and its marks, the start, where steps go."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from scripts.bench.browser import in_time
from tests.browser.conftest import Enter, OpenPage
from tests.browser.lab import GUIDE, SLOW, count_by_ticks, hurry, retype, scroll_to


class Hand:
    """A reader's hands and eyes at one valley."""

    def __init__(self, page: Page, title: str) -> None:
        self.page = page
        self.element = page.get_by_role("region", name=title, exact=True)
        self.status = self.element.get_by_role("status")
        self.dial = self.element.get_by_role("slider", name="Learning rate", exact=True)
        self.rate = self.element.get_by_role("textbox", name="Learning rate value", exact=True)
        self.picture = self.element.get_by_role("img")
        self.rows = self.element.get_by_role("row")

    def press(self, name: str) -> None:
        self.element.get_by_role("button", name=name, exact=True).click()

    def choose(self, menu: str, option: str) -> None:
        self.element.get_by_role("combobox", name=menu, exact=True).select_option(option)

    def start(self, weight: str) -> Locator:
        return self.element.get_by_role("slider", name=f"Start of {weight}", exact=True)

    def type_rate(self, text: str) -> None:
        retype(self.rate, text)
        self.rate.press("Enter")

    def says(self, *sentences: str) -> None:
        for sentence in sentences:
            expect(self.status).to_contain_text(sentence)

    def reaches(self, state: str) -> None:
        expect(self.element).to_have_attribute("data-state", state, timeout=SLOW)

    def part(self, name: str) -> Locator:
        return self.picture.locator(f".gd-v-{name}")

    def column(self, number: int) -> list[str]:
        """A column of the table without its head; the first is the number of the step."""
        if not self.element.get_by_role("table").is_visible():
            self.element.get_by_text("The walk as a table").click()
        cells: list[str] = self.element.locator("tbody tr").evaluate_all(
            "(rows, number) => rows.map((row) => row.children[number].textContent)", number
        )
        return cells


@pytest.fixture
def guide(enter: Enter) -> Page:
    """The authors' guide, entered anew."""
    return enter(GUIDE)


def ready(page: Page, title: str) -> Hand:
    hand = Hand(page, title)
    scroll_to(hand.element)
    hand.reaches("ready")
    return hand


@pytest.fixture
def valley(guide: Page) -> Hand:
    return ready(guide, "Roll down the valley")


@pytest.fixture
def ravine(guide: Page) -> Hand:
    return ready(guide, "The ravine")


def test_two_steps_at_a_tenth_go_where_the_lesson_says(valley: Hand) -> None:
    valley.says("Step 0 of 40", "w 4,", "Slope 8,", "Loss 16,", "It glides down: 0.1 is below 1/λ = 0.5")
    valley.press("Step")
    valley.says("Step 1 of 40", "w 3.2,")
    valley.press("Step")
    valley.says("w 2.56,", "Slope 5.12,")
    valley.reaches("paused")
    expect(valley.part("slope-text")).to_have_text("slope 5.12")
    expect(valley.part("step-text")).to_have_text("step −0.1 · 5.12 = −0.512")
    expect(valley.picture.locator("desc")).to_contain_text("w = 2.56 after 2 steps. It glides down")
    assert valley.column(1) == ["4", "3.2", "2.56"]
    assert valley.column(3) == ["–", "−0.8", "−0.64"]
    assert valley.column(4) == ["16", "10.24", "6.554"]


@pytest.mark.parametrize(
    ("rate", "words", "steps"),
    [
        ("0.01", "It crawls: 0.01 is far below 1/λ = 0.5", ["4", "3.92", "3.842", "3.765"]),
        ("0.5", "It lands in one step", ["4", "0"]),
        ("0.9", "It bounces inwards", ["4", "−3.2", "2.56", "−2.048"]),
        ("1", "It swings for ever", ["4", "−4", "4", "−4"]),
        ("1.1", "It climbs out: 1.1 is above 2/λ = 1", ["4", "−4.8", "5.76", "−6.912"]),
    ],
)
def test_every_rate_is_named_with_its_reason(valley: Hand, rate: str, words: str, steps: list[str]) -> None:
    valley.type_rate(rate)
    valley.says(words)
    for done in range(1, len(steps)):
        valley.press("Step")
        valley.says(f"Step {done} of 40")
    assert valley.column(1) == steps
    expect(valley.element).to_have_attribute("data-state", "finished" if rate == "0.5" else "paused")


def test_the_dial_stops_at_its_marks_and_tells_them(valley: Hand) -> None:
    expect(valley.dial).to_have_accessible_description("1/λ is at 0.5; 2/λ is at 1")
    assert valley.element.locator(".gd-mark").all_inner_texts() == ["1/λ", "2/λ"]
    valley.type_rate("0.45")
    valley.dial.press("ArrowRight")
    expect(valley.dial).to_have_attribute("aria-valuetext", "0.5, 1/λ")
    valley.says("It lands in one step")
    valley.choose("Curvature", "λ = 4")
    expect(valley.dial).to_have_accessible_description("1/λ is at 0.25; 2/λ is at 0.5")
    expect(valley.dial).to_have_attribute("aria-valuetext", "0.5, 2/λ")
    valley.says("It swings for ever: the learning rate is exactly 2/λ = 0.5")
    valley.type_rate("0.11")
    valley.dial.press("Home")
    expect(valley.rate).to_have_value("0.01")
    valley.dial.press("PageUp")
    expect(valley.rate).to_have_value("0.1")
    valley.dial.press("End")
    expect(valley.rate).to_have_value("5")
    valley.dial.press("PageDown")
    expect(valley.rate).to_have_value("0.5")


def test_the_picture_follows_the_dial_with_the_steps_that_were_taken(valley: Hand) -> None:
    for _ in range(2):
        valley.press("Step")
    valley.says("Step 2 of 40")
    valley.dial.press("End")
    valley.says(
        "Step 2 of 40", "w 324,", "Out of the picture since step 1: w = 324."
    )  # the factor is 1 − 5·2 = −9: −36, 324
    valley.type_rate("0.9")
    valley.says("Step 2 of 40", "w 2.56,", "It bounces inwards")
    expect(valley.element).to_contain_text("Dashed: the walk before, rate 0.1, 2 steps.")


def test_a_walk_that_leaves_the_picture_is_followed_until_numbers_end(valley: Hand) -> None:
    valley.type_rate("5")
    valley.press("Train")
    valley.says("Step 1 has left the picture: w = −36.", "Train follows it further")
    valley.reaches("paused")
    expect(valley.part("away")).to_have_attribute("d", re.compile("^M"))
    expect(valley.part("away-text")).to_have_text("w = −36")
    expect(valley.part("ground")).to_be_visible()
    valley.press("Train")
    valley.reaches("finished")
    valley.says("w is beyond all numbers", "Loss beyond all numbers")
    expect(valley.part("away-text")).to_have_text("w is beyond all numbers")
    valley.press("Reset")
    valley.reaches("ready")
    valley.says("Step 0 of 40", "w 4,")
    expect(valley.part("away-text")).to_have_text("")


def test_training_stops_at_the_floor_and_pause_stops_it_before(valley: Hand) -> None:
    valley.type_rate("0.3")
    valley.press("Train")
    expect(valley.status).to_have_attribute("aria-live", "off")
    expect(valley.status).to_contain_text(re.compile(r"Step [2-5] of 40"))
    valley.press("Pause")
    valley.reaches("paused")
    expect(valley.status).to_have_attribute("aria-live", "polite")
    valley.press("Train")
    valley.reaches("finished")
    valley.says("Arrived after 7 steps.")  # 4·0.4^6 = 0.016, 4·0.4^7 = 0.0066
    valley.press("Train")  # nothing is left to walk: it begins again
    valley.says("Step 1 of 40")


def test_a_walk_that_is_not_there_yet_goes_on_when_asked(valley: Hand) -> None:
    valley.type_rate("1")
    for _ in range(41):
        valley.press("Step")
    valley.says("Step 41 of 80", "w −4,")


def test_the_start_is_moved_by_keyboard_and_by_dragging(valley: Hand) -> None:
    valley.start("w").press("ArrowLeft")
    valley.says("w 3.9,", "Slope 7.8,")
    valley.start("w").press("Home")
    valley.says("w −5,", "Slope −10,", "Loss 25,")
    handle = valley.part("start")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    valley.page.mouse.move(x, y)
    valley.page.mouse.down()
    frame = valley.picture.bounding_box()
    assert frame is not None
    valley.page.mouse.move(frame["x"] + frame["width"] * (326 + 3 * 47) / 640, y, steps=5)
    valley.page.mouse.up()
    valley.says("w 3,", "Loss 9,")
    expect(valley.start("w")).to_have_value("3")
    valley.start("w").fill("0")
    valley.says("The floor: the slope is 0 here, so there is no step.")


def test_the_ravine_zigzags_and_momentum_is_the_way_out(ravine: Hand) -> None:
    ravine.says("Along w₁ (λ = 0.05) it glides down", "Along w₂ (λ = 2) it bounces inwards")
    expect(ravine.element.locator(".gd-mark")).to_have_text(["2/λ₂", "2/λ₁"])
    ravine.press("Train")
    ravine.reaches("finished")
    ravine.says("Arrived after 146 steps.")
    expect(ravine.element.get_by_role("combobox", name="Momentum μ")).to_be_hidden()
    ravine.choose("Update rule", "momentum")
    ravine.says("Arrived after 35 steps.", "Along both weights it rolls past the floor and back")
    expect(ravine.element).to_contain_text("Dashed: the walk before, rate 0.9, plain, 146 steps.")
    assert (ravine.part("ghost").get_attribute("d") or "").count("L") == 146
    expect(ravine.element.locator(".gd-mark")).to_have_text(["limit of w₂"])  # the other is off the dial
    ravine.choose("Momentum μ", "0.9")
    ravine.says("A rate above 1.9 would climb out along w₂.")  # 2·1.9/2
    ravine.type_rate("2")
    ravine.says("w₂ decides: 2 is above its limit 2(1 + μ)/λ = 1.9")
    ravine.choose("Update rule", "adam")
    ravine.says("Both weights begin at one pace")
    expect(ravine.element.locator(".gd-mark")).to_have_count(0)
    ravine.choose("Curvatures", "λ₁ = 2, λ₂ = 2")
    expect(ravine.picture.locator("ellipse")).to_have_count(6)
    expect(ravine.element).not_to_contain_text("Dashed")


def test_the_valley_by_keyboard_alone(valley: Hand) -> None:
    page = valley.page
    valley.element.get_by_role("button", name="Train", exact=True).focus()
    names = []
    for _ in range(8):
        names.append(
            page.evaluate(
                """() => { const here = document.activeElement;
                  return here.getAttribute("aria-label") ?? here.labels?.[0]?.textContent ?? here.textContent; }"""
            )
        )
        page.keyboard.press("Tab")
    assert names == [
        "Train",
        "Step",
        "Reset",
        "Curvature",
        "Learning rate value",
        "Learning rate",
        "Start of w",
        "The walk as a table",
    ]
    valley.element.get_by_role("button", name="Step", exact=True).focus()
    page.keyboard.press("Enter")
    valley.says("Step 1 of 40")
    outline = valley.start("w").evaluate("(e) => { e.focus(); return getComputedStyle(e).outlineStyle; }")
    assert outline == "solid"


def test_a_step_flies_unless_motion_is_unwelcome(open_page: OpenPage, site: str) -> None:
    for motion, moves in (("no-preference", True), ("reduce", False)):
        page = open_page(reduced_motion=motion)
        page.goto(site + GUIDE)
        hand = ready(page, "Roll down the valley")
        hand.type_rate("0.9")
        hand.says("It bounces inwards")
        seen: list[float] = page.evaluate(
            in_time(
                """(end) => new Promise((resolve) => {
              const lab = document.querySelector("gd-lab[data-kind=valley]");
              const seen = [];
              const waiting = [];
              let now = performance.now();
              // What is drawn sees 16 ms pass from frame to frame, however busy the machine is.
              window.requestAnimationFrame = (draw) => waiting.push(draw);
              const frame = () => {
                if (waiting.length > 0) now += 16;
                for (const draw of waiting.splice(0)) draw(now);
                seen.push(Number(lab.querySelector(".gd-v-now").getAttribute("cx")));
                if (Math.abs(seen.at(-1) - end) < 0.1 && waiting.length === 0) resolve(seen);
                else setTimeout(frame);
              };
              lab.querySelectorAll("button")[1].click();
              frame();
            })""",
                "the step's end",
            ),
            326 - 3.2 * 47.0,
        )
        ends = (326 + 4 * 47.0, 326 - 3.2 * 47.0)
        between = [x for x in seen if all(abs(x - end) > 0.1 for end in ends)]
        assert bool(between) == moves


def test_a_phone_shows_a_valley_without_scrolling_sideways(open_page: OpenPage, site: str) -> None:
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True)
    page.goto(site + GUIDE)
    for title in ("Roll down the valley", "The ravine"):
        hand = ready(page, title)
        hand.press("Step")
        hand.says("Step 1 of")
        widths: Any = page.evaluate(
            """(title) => { const lab = [...document.querySelectorAll("gd-lab")]
                 .find((one) => one.querySelector("h3").textContent === title);
               const box = lab.getBoundingClientRect();
               return { page: document.documentElement.scrollWidth,
                 out: [...lab.querySelectorAll("*")].filter((e) => !e.closest("svg"))
                   .filter((e) => e.getBoundingClientRect().right > box.right + 1).map((e) => e.className),
                 small: [...lab.querySelectorAll("button, select, input, summary")]
                   .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 39).map((e) => e.id) }; }""",
            title,
        )
        assert widths == {"page": 360, "out": [], "small": []}


def test_without_scripts_a_valley_is_a_picture_with_its_reason(open_page: OpenPage, site: str) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(site + GUIDE)
    valley = Hand(page, "Roll down the valley")
    expect(valley.picture.first).to_be_visible()
    expect(valley.element).to_contain_text("it arrives after 27 steps. It glides down: 0.1 is below 1/λ = 0.5")
    expect(valley.picture).to_have_count(4)  # and three small ones: it glides, bounces, climbs out
    expect(Hand(page, "The ravine").element).to_contain_text("it arrives after 146 steps.")


@pytest.mark.fault(
    "the worker of the valley cannot be loaded",
    "says so and keeps its picture; Retry walks with the rate chosen meanwhile",
)
def test_a_lost_worker_becomes_a_sentence_and_retry_keeps_the_readers_choices(
    page: Page, site: str, browser_name: str
) -> None:
    count_by_ticks(page)
    page.route("**/labs/worker.js", lambda route: route.abort())
    page.goto(site + GUIDE)
    valley = Hand(page, "Roll down the valley")
    valley.element.scroll_into_view_if_needed()
    if browser_name == "firefox":
        hurry(page, 20)  # it does not always tell that an import has failed; then the minute's watchdog does
    valley.reaches("failed")
    hurry(page, 1)
    expect(valley.picture).to_be_visible()
    valley.type_rate("0.9")
    page.unroute("**/labs/worker.js")
    valley.press("Retry")
    valley.reaches("ready")
    valley.says("It bounces inwards: 0.9 lies between")


def test_taken_out_the_lab_puts_the_pages_own_picture_back(valley: Hand) -> None:
    valley.press("Step")
    valley.says("Step 1 of 40")
    assert valley.element.evaluate(
        """(lab) => {
          lab.remove();
          const caption = lab.querySelector("figcaption").textContent;
          return [lab.querySelectorAll("figure svg").length, lab.querySelector(".gd-live"), caption.slice(0, 15)];
        }"""
    ) == [1, None, "Worked out when"]
