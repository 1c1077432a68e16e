"""The network lab in a browser: a reader moves a point, looks at units, silences some, spoils weights."""

import json
import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from gd_core import anatomy
from gd_core.network_session import NetworkSession
from scripts.bench.browser import in_time
from tests.browser.conftest import Enter, OpenPage
from tests.browser.lab import MODULE_3, SLOW, kill_python, scroll_to


class NetworkLab:
    """A network lab of the lesson by the names of its controls."""

    def __init__(self, page: Page, number: int = 0) -> None:
        self.page = page
        self.element = page.locator("gd-lab[data-kind='network']").nth(number)
        self.status = self.element.get_by_role("status")
        self.point = self.element.get_by_role("slider", name="Point in the plane", exact=True)
        self.answer = self.element.locator(".gd-plane-answer")
        self.noise = self.slider("Shake all weights by")
        self.value = self.slider("Value of this weight")
        self.walk = self.element.locator(".gd-live .gd-sums")

    @classmethod
    def ready(cls, page: Page, site: str, number: int = 0) -> "NetworkLab":
        page.goto(site + MODULE_3)
        lab = cls(page, number)
        lab.is_ready()
        return lab

    def is_ready(self) -> None:
        scroll_to(self.element)
        expect(self.element).to_have_attribute("data-state", "ready", timeout=SLOW)

    def slider(self, name: str) -> Locator:
        return self.element.get_by_role("slider", name=name, exact=True)

    def unit(self, name: str) -> Locator:
        """A unit of the diagram; behind its name it tells what it says."""
        return self.element.get_by_role("radio", name=re.compile(f"^{name}, "))

    def press(self, name: str) -> None:
        self.element.get_by_role("button", name=name, exact=True).click()

    def heading(self, name: str) -> Locator:
        return self.element.get_by_role("heading", name=name, exact=True)

    def goes_to(self, x: str, y: str) -> None:
        """Wait until the network has answered for that place."""
        expect(self.point).to_have_attribute("aria-valuetext", re.compile(f"^x {x}, y {y}: "))

    def comes_near(self, x: float, y: float) -> None:
        """Wait until the network has answered for a place to which a pointer led, which is as exact as pixels are."""
        self.page.wait_for_function(
            """([handle, x, y]) => {
                const told = /^x (.+), y (.+): /.exec(handle.getAttribute("aria-valuetext").replaceAll("−", "-"));
                return told && Math.abs(told[1] - x) < 0.11 && Math.abs(told[2] - y) < 0.11;
            }""",
            arg=[self.point.element_handle(), x, y],
        )

    def scores(self, loss: float, right: int) -> None:
        """Wait until the status tells that score; the loss stands there in two digits."""
        self.page.wait_for_function(
            """([status, loss, right]) => {
                const told = /Loss ([\\d.e+-]+).*Right (\\d+) of/s.exec(status.textContent);
                return told && Math.abs(told[1] / loss - 1) < 0.06 && Number(told[2]) === right;
            }""",
            arg=[self.status.element_handle(), loss, right],
            timeout=SLOW,
        )

    def in_python(self) -> NetworkSession:
        """The same network, here."""
        return NetworkSession(json.loads(self.element.get_attribute("data-settings") or ""))


@pytest.fixture
def lab(enter: Enter) -> NetworkLab:
    """A new lab with Python ready."""
    lab = NetworkLab(enter(MODULE_3))
    lab.is_ready()
    return lab


def score(walk: NetworkSession, *off: anatomy.Unit) -> tuple[float, int]:
    return anatomy.score(walk.network, walk.good, walk.inputs, walk.targets, off)


# --- a point goes through -------------------------------------------------------------------------------------


def test_python_says_what_the_page_said_before(lab: NetworkLab) -> None:
    recorded = lab.element.locator(".gd-lab-static .gd-sums").text_content()
    expect(lab.walk).to_have_text(recorded or "nothing")
    lab.scores(*score(lab.in_python()))


def test_arrow_keys_move_the_point_and_every_number_follows(lab: NetworkLab) -> None:
    lab.point.focus()
    for key in ["ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowLeft", "PageDown"]:
        lab.page.keyboard.press(key)
    lab.goes_to("1.20", "−1.90")
    trace = anatomy.trace(lab.in_python().network, lab.in_python().good, (1.2, -1.9))
    expect(lab.answer).to_contain_text(f"Logit {trace.logit:.2f}".replace("-", "−"))
    expect(lab.walk).to_contain_text("x = 1.20, y = −1.90")
    for unit, output in enumerate(trace.outputs[0], 1):
        expect(lab.unit(f"unit {unit}")).to_have_accessible_name(f"unit {unit}, says {output:.2f}".replace("-", "−"))
    lab.page.keyboard.press("Home")
    lab.goes_to("−6.00", "−1.90")
    lab.page.keyboard.press("ArrowLeft")
    lab.page.keyboard.press("ArrowUp")
    lab.goes_to("−6.00", "−1.80")


def test_the_mouse_drags_the_point_and_the_last_place_counts(lab: NetworkLab) -> None:
    frame = lab.element.locator(".gd-plane-frame")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box
    mouse = lab.page.mouse
    mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    mouse.down()
    mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"], steps=30)
    mouse.up()
    lab.comes_near(3.0, 3.0)
    left = lab.point.get_attribute("aria-valuetext")
    mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
    expect(lab.point).to_have_attribute("aria-valuetext", left or "")
    assert lab.point.evaluate("handle => handle === document.activeElement")


def test_sliders_move_the_point_too(lab: NetworkLab) -> None:
    lab.slider("x").fill("-3")
    lab.slider("y").fill("3")
    lab.goes_to("−3.00", "3.00")
    expect(lab.unit("unit 2")).to_have_accessible_name("unit 2, says −1.00")
    expect(lab.answer).to_contain_text("the answer is class 0")


def test_while_the_point_is_dragged_only_its_latest_place_is_asked_for(lab: NetworkLab) -> None:
    """Two hundred moves in one task: Python is asked for the first and for the last."""
    asked = lab.element.evaluate(
        in_time(
            """async (element) => {
            const { mounted } = element, ask = mounted.ask, asked = [];
            mounted.ask = (request) => { asked.push([request.type, request.x]); return ask.call(mounted, request); };
            for (let i = 1; i <= 200; i++) mounted.plane.take({ x: i / 50, y: 0 });
            while (mounted.asking) await new Promise(requestAnimationFrame);
            delete mounted.ask;
            return asked;
        }""",
            "the last answer of Python",
        )
    )
    assert asked == [["move", 0], ["move", 4]]
    lab.goes_to("4.00", "0.00")


# --- units ----------------------------------------------------------------------------------------------------


def test_a_unit_is_chosen_by_pointer_or_by_keys(lab: NetworkLab) -> None:
    lab.unit("unit 3").click()
    expect(lab.heading("What unit 3 says")).to_be_visible()
    expect(lab.unit("unit 3")).to_be_checked()
    expect(lab.element.get_by_role("group", name="Unit 3")).to_contain_text("tanh(0.52) = 0.48")
    for key, name in [
        ("ArrowUp", "unit 2"),
        ("ArrowUp", "unit 1"),
        ("ArrowUp", "unit 1"),
        ("ArrowRight", "the output"),
    ]:
        lab.page.keyboard.press(key)
        expect(lab.unit(name)).to_be_focused()
        expect(lab.unit(name)).to_be_checked()
    expect(lab.heading("What the network answers")).to_be_visible()
    assert lab.element.get_by_role("radio").count() == 4
    assert lab.element.locator(".gd-net [tabindex='0']").count() == 1


def test_a_hidden_unit_shows_its_two_sides_by_signs_not_by_colour_alone(lab: NetworkLab) -> None:
    signs = lab.element.locator(".gd-plane-sign")
    expect(signs.first).to_be_hidden()
    lab.unit("unit 3").click()
    expect(signs.first).to_be_visible()
    plus, minus = (signs.nth(index).bounding_box() for index in (0, 1))
    assert plus
    assert minus
    assert plus["x"] < minus["x"], "unit 3 says yes on the left"


def test_switching_units_off_changes_score_and_walk_at_once_and_can_be_undone(lab: NetworkLab) -> None:
    walk = lab.in_python()
    lab.unit("unit 2").click()
    lab.press("Switch it off")
    lab.scores(*score(walk, (1, 1)))
    expect(lab.status).to_contain_text("Unit 2 switched off. Before: loss 0.024, 128 of 128 right.")
    expect(lab.unit("unit 2")).to_have_accessible_name("unit 2, switched off")
    expect(lab.walk).to_contain_text("switched off: 0.00")
    lab.unit("unit 1").click()
    lab.press("Switch it off")
    lab.scores(*score(walk, (1, 0), (1, 1)))
    lab.press("Switch it on")
    lab.scores(*score(walk, (1, 1)))
    lab.press("Switch all on")
    lab.scores(*score(walk))
    expect(lab.status).to_contain_text("All units are on, and all weights are good.")


def test_the_output_cannot_be_switched_off(lab: NetworkLab) -> None:
    expect(lab.element.get_by_role("group", name="The output")).to_be_visible()
    expect(lab.element.get_by_role("button", name="Switch it off")).to_have_count(0)


# --- weights --------------------------------------------------------------------------------------------------


def test_shaking_makes_it_worse_and_the_good_weights_come_back(lab: NetworkLab) -> None:
    walk = lab.in_python()
    lab.noise.fill("0.5")
    for shake in (1, 2):
        params = anatomy.shaken(walk.good, 0.5, np.random.default_rng(shake))
        loss, right = anatomy.score(walk.network, params, walk.inputs, walk.targets)
        assert loss > score(walk)[0]
        lab.scores(loss, right)
        lab.press("Another shake")
    expect(lab.status).to_contain_text("All weights shaken by 0.50.")
    lab.press("Good weights back")
    lab.scores(*score(walk))
    expect(lab.noise).to_have_value("0")


def test_a_weight_is_moved_by_its_slider_and_by_keys(lab: NetworkLab) -> None:
    walk = lab.in_python()
    lab.element.get_by_role("combobox", name="Weight", exact=True).select_option("bias")
    expect(lab.value).to_have_attribute("aria-valuetext", "−8.17")
    lab.value.fill("0")
    params = walk.good.copy()
    params[-1] = 0.0
    lab.scores(*anatomy.score(walk.network, params, walk.inputs, walk.targets))
    expect(lab.status).to_contain_text("One weight moved.")
    lab.value.press("ArrowRight")
    expect(lab.value).to_have_attribute("aria-valuetext", "0.05")
    lab.press("Good weights back")
    expect(lab.value).to_have_attribute("aria-valuetext", "−8.17")
    lab.scores(*score(walk))


def test_a_line_of_the_diagram_leads_to_its_weight(lab: NetworkLab) -> None:
    lab.element.locator(".gd-live .gd-net-weight[data-layer='1'][data-from='1'][data-to='0']").dispatch_event("click")
    expect(lab.heading("Unit 1")).to_be_visible()
    expect(lab.element.get_by_role("combobox", name="Weight", exact=True)).to_have_value("1")
    expect(lab.value).to_have_attribute("aria-valuetext", "1.36")


# --- the larger one -------------------------------------------------------------------------------------------


def test_in_the_larger_network_three_units_are_not_missed(lab: NetworkLab) -> None:
    larger = NetworkLab(lab.page, 1)
    larger.is_ready()
    walk = larger.in_python()
    for unit in (1, 4, 8):
        larger.unit(f"unit {unit} of hidden layer 2").click()
        larger.press("Switch it off")
    larger.scores(*score(walk, (2, 0), (2, 3), (2, 7)))
    expect(larger.status).to_contain_text("Right 256 of 256")
    expect(lab.status).to_contain_text("All units are on")


# --- the page -------------------------------------------------------------------------------------------------


def test_without_scripts_the_walk_of_a_point_can_be_read(open_page: OpenPage, site: str) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(site + MODULE_3)
    lab = page.locator("gd-lab").first
    expect(lab.get_by_role("img", name="The network and what each unit says")).to_be_visible()
    expect(lab.get_by_role("img", name="The data and the network's answer")).to_be_visible()
    expect(lab).to_contain_text("1.43 × 2.00 − 0.16 × (−1.00) + 3.23 = 0.52, tanh(0.52) = 0.48")
    expect(lab).to_contain_text("128 of 128 points right, loss 0.024")


def test_until_python_is_there_the_lab_shows_the_recorded_walk_and_keeps_what_is_chosen(page: Page, site: str) -> None:
    page.route("**/labs/worker.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(site + MODULE_3)
    lab = NetworkLab(page)
    lab.element.scroll_into_view_if_needed()
    expect(lab.element).to_have_attribute("data-state", "loading")
    expect(lab.element.get_by_role("group", name="The output")).to_contain_text(
        "= 2.96, then σ(2.96) = 0.95, so class 1"
    )
    expect(lab.value).to_have_attribute("aria-valuetext", "4.40")
    lab.element.get_by_role("radio", name="unit 3", exact=True).click()
    expect(lab.element.get_by_role("group", name="Unit 3")).to_contain_text("= 0.52, then tanh(0.52) = 0.48")
    lab.element.get_by_role("combobox", name="Weight", exact=True).select_option("bias")
    expect(lab.value).to_have_attribute("aria-valuetext", "3.23")


def test_on_a_phone_it_fits_and_a_finger_moves_the_point(open_page: OpenPage, site: str) -> None:
    page = open_page(viewport={"width": 360, "height": 800}, has_touch=True, is_mobile=True)
    for number in (0, 1):
        lab = NetworkLab.ready(page, site, number)
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        for radio in lab.element.get_by_role("radio").all():
            box = radio.locator(".gd-net-rim").bounding_box()
            assert box
            assert min(box["width"], box["height"]) > 30.0
        frame = lab.element.locator(".gd-plane-frame")
        frame.scroll_into_view_if_needed()
        size = (frame.bounding_box() or {"width": 0.0})["width"]
        frame.tap(position={"x": 0.25 * size, "y": 0.25 * size})
        lab.comes_near(-3.0, 3.0)


@pytest.mark.fault(
    "the worker dies while a network is looked into", "says so; Retry brings back units switched off and the point"
)
def test_a_worker_that_dies_loses_none_of_the_readers_choices(page: Page, site: str) -> None:
    lab = NetworkLab.ready(page, site)
    lab.unit("unit 2").click()
    lab.press("Switch it off")
    expect(lab.status).to_contain_text("Right 91 of")
    lab.point.press("ArrowRight")
    lab.goes_to("2.10", "−1.00")
    kill_python(page)
    expect(lab.element).to_have_attribute("data-state", "failed")
    expect(lab.status).to_contain_text("stopped unexpectedly")
    lab.press("Retry")
    lab.is_ready()
    expect(lab.status).to_contain_text("Right 91 of")
    expect(lab.unit("unit 2")).to_have_accessible_name("unit 2, switched off")
    lab.goes_to("2.10", "−1.00")


def test_leaving_and_coming_back_finds_the_lab_as_it_was_built(lab: NetworkLab) -> None:
    lab.unit("unit 1").click()
    lab.press("Switch it off")
    expect(lab.status).to_contain_text("Unit 1 switched off")
    lab.page.get_by_role("link", name="All modules").first.click()
    expect(lab.page.locator("gd-lab")).to_have_count(0)
    lab.page.go_back()
    lab.is_ready()
    assert lab.element.locator(".gd-live").count() == 1
    lab.scores(*score(lab.in_python()))
