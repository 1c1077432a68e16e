"""The sweep in a real browser, on the authors' page, whose first training lab has the recorded sweep's settings."""

import json
import math
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from gd_core.sweep import RATES
from tests.browser.conftest import Enter, OpenPage, Watch
from tests.browser.lab import GUIDE, SLOW, Lab, kill_python, retype, scroll_to


class Sweep:
    """The sweep of a page, by the names of its controls, and the training lab that it follows."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.element = page.get_by_role("region", name="How large may the steps be?", exact=True)
        self.status = self.element.get_by_role("status")
        self.start = self.button("Sweep 48 rates")
        self.cancel = self.button("Cancel")
        self.use = self.button("Use this rate")
        self.reader = self.element.get_by_role("slider", name="Learning rate to read from the sweep", exact=True)
        self.bar = self.element.get_by_role("progressbar", name="Progress of the sweep", exact=True)
        self.rows = self.element.locator("tbody tr")
        self.lab = Lab(page)

    @classmethod
    def visit(cls, page: Page, site: str) -> "Sweep":
        """Open the guide and wait until Python is ready for both labs."""
        page.goto(site + GUIDE)
        return cls(page).ready()

    def ready(self) -> "Sweep":
        """Wait until Python is ready for the sweep and for the lab that it follows."""
        scroll_to(self.element)
        self.reaches("ready")
        scroll_to(self.lab.element)
        self.lab.reaches("ready")
        return self

    def button(self, name: str) -> Locator:
        return self.element.get_by_role("button", name=name, exact=True)

    def reaches(self, state: str) -> None:
        expect(self.element).to_have_attribute("data-state", state, timeout=SLOW)

    def reads(self, place: int) -> None:
        """The slider stands at a rate, and says so."""
        expect(self.reader).to_have_attribute("aria-valuenow", str(place))
        expect(self.reader).to_have_attribute(
            "aria-valuetext", re.compile(rf"^{re.escape(f'{RATES[place]:g}')}: loss ")
        )

    def value(self) -> str:
        return self.reader.get_attribute("aria-valuetext") or ""

    def place(self) -> int:
        return int(self.reader.get_attribute("aria-valuenow") or "")

    def table(self) -> list[list[str]]:
        return [row.split("\t") for row in self.rows.all_text_contents()]

    def ask_for_epochs(self, epochs: int) -> None:
        """Set the training lab's epochs, which the next sweep takes."""
        retype(self.lab.epochs, str(epochs))
        self.lab.epochs.press("Enter")

    def click_at(self, place: int) -> None:
        """Click or tap the picture where a rate lies; the axis runs from 64 to 584 of 600."""
        box = self.reader.bounding_box()
        assert box is not None
        x = (64 + place / (len(RATES) - 1) * 520) / 600 * box["width"]
        self.reader.click(position={"x": x, "y": box["height"] / 2})


@pytest.fixture
def sweep(enter: Enter) -> Sweep:
    """A new sweep with Python ready."""
    return Sweep(enter(GUIDE)).ready()


def test_a_rate_of_the_sweep_begins_a_run_of_its_own_where_one_has_ended(sweep: Sweep) -> None:
    lab = sweep.lab
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()
    sweep.use.click()
    lab.reaches("ready")
    rate = lab.rate.input_value()
    lab.trains_to_the_end()

    (newest, before) = lab.runs()
    assert newest.startswith(f"this run: rate {rate} ")
    assert "→" not in newest + before
    expect(sweep.element.locator(".gd-sweep-runs path")).to_have_count(2)


def test_a_sweep_here_is_the_recorded_one_and_a_run_at_its_best_rate_lies_on_the_curve(sweep: Sweep) -> None:
    expect(sweep.status).to_contain_text("Recorded when this page was built. Up to ")
    regions = re.search(r"Up to .* it breaks\.", sweep.status.text_content() or "")
    assert regions is not None
    recorded = json.loads(sweep.element.get_attribute("data-recorded") or "")
    lowest = min(loss for loss in map(float, recorded["losses"]) if math.isfinite(loss))

    sweep.start.click()
    sweep.reaches("finished")

    expect(sweep.status).to_contain_text(
        f"Epoch 100 of 100, Lowest loss {lowest:.3g}, {regions[0]}", use_inner_text=False
    )
    expect(sweep.element).to_contain_text("Trained in this page: a network 2-4-1 (tanh)")
    rate, loss, verdict = re.split(r": loss |, ", sweep.value())

    sweep.use.click()
    expect(sweep.lab.rate).to_have_value(rate)
    expect(sweep.element).to_contain_text(f"The dial is set to {rate} in Four corners.")
    sweep.lab.choose("Speed", "fastest")
    sweep.lab.trains_to_the_end()

    expect(sweep.lab.status).to_contain_text(f"Loss {loss},")
    expect(sweep.lab.status).to_contain_text(f"Verdict: {verdict}.")
    expect(sweep.element).to_contain_text("◆ Your run with these settings.")
    expect(sweep.element.locator(".gd-sweep-runs path")).to_have_count(1)


def test_the_table_holds_what_the_build_recorded_and_a_sweep_here_changes_no_digit(sweep: Sweep) -> None:
    sweep.page.get_by_text("The sweep as a table").click()
    before = sweep.rows.all_inner_texts()

    sweep.start.click()
    sweep.reaches("finished")

    assert len(before) == 48
    assert sweep.rows.all_inner_texts() == before


@pytest.mark.also_in("firefox")
def test_by_keyboard_the_curve_is_read_and_sets_the_dial(sweep: Sweep) -> None:
    sweep.reader.focus()
    best = sweep.place()
    sweep.reads(best)
    for key, place in [
        ("ArrowRight", best + 1),
        ("ArrowDown", best),
        ("PageUp", best + 8),
        ("Home", 0),
        ("ArrowLeft", 0),
        ("End", 47),
        ("PageDown", 39),
    ]:
        sweep.reader.press(key)
        sweep.reads(place)
    expect(sweep.reader).to_have_attribute("aria-valuetext", re.compile(", (oscillating|diverged)$"))

    sweep.reader.press("Enter")

    expect(sweep.lab.rate).to_have_value(f"{RATES[39]:g}")
    expect(sweep.reader).to_be_focused()


def test_by_keyboard_a_sweep_is_begun_and_cancelled(sweep: Sweep) -> None:
    sweep.ask_for_epochs(5000)
    sweep.start.focus()
    sweep.start.press("Enter")
    expect(sweep.cancel).to_be_focused()
    expect(sweep.bar).to_be_visible()
    expect(sweep.status).to_contain_text(re.compile(r"Epoch \d+ of 5000, .*Still training \d+ of 48", re.DOTALL))
    expect(sweep.status).to_have_attribute("aria-live", "off")

    sweep.cancel.press("Enter")

    expect(sweep.start).to_be_focused()
    expect(sweep.bar).to_be_hidden()
    expect(sweep.status).to_have_attribute("aria-live", "polite")
    expect(sweep.status).to_contain_text("Cancelled; this is the sweep before it. Up to")
    sweep.ask_for_epochs(20)
    sweep.start.press("Enter")
    sweep.reaches("finished")
    expect(sweep.status).to_contain_text("Epoch 20 of 20")


def test_a_tap_on_the_curve_sets_the_dial_and_all_fits_a_phone(open_page: OpenPage, site: str) -> None:
    page = open_page(viewport={"width": 360, "height": 800}, has_touch=True, color_scheme="dark")
    sweep = Sweep.visit(page, site)
    sweep.element.scroll_into_view_if_needed()

    sweep.click_at(10)

    expect(sweep.lab.rate).to_have_value(f"{RATES[10]:g}")
    sweep.reads(10)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    for target in (sweep.start, sweep.use):
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 40


def test_the_training_lab_trains_while_a_sweep_runs(sweep: Sweep) -> None:
    sweep.ask_for_epochs(5000)
    sweep.start.click()
    expect(sweep.status).to_contain_text(re.compile(r"Epoch [1-9]\d* of 5000"))

    sweep.lab.train.click()
    sweep.lab.reaches_epoch(40)

    expect(sweep.cancel).to_be_visible()
    sweep.lab.pause.click()
    sweep.lab.reaches("paused")
    sweep.cancel.click()
    sweep.reaches("ready")


def test_other_settings_in_the_lab_mark_the_curve_and_leave_their_runs_out(sweep: Sweep) -> None:
    sweep.lab.choose("Data", "moons")
    expect(sweep.status).to_contain_text("The training lab now has other settings than this curve: data.")
    expect(sweep.element.locator("figure")).to_have_class(re.compile("gd-sweep-stale"))
    sweep.lab.choose("Speed", "fastest")
    sweep.lab.trains_to_the_end()
    expect(sweep.element).to_contain_text("1 of your runs is left out: other settings,")

    sweep.start.click()
    sweep.reaches("finished")

    expect(sweep.status).not_to_contain_text("other settings")
    expect(sweep.element).to_contain_text("on 256 points (Two moons)")
    expect(sweep.element).to_contain_text("◆ Your run with these settings.")

    sweep.ask_for_epochs(50)
    expect(sweep.status).to_contain_text("other settings than this curve: epochs.")


def test_a_run_whose_rate_was_turned_on_the_way_is_left_out(sweep: Sweep) -> None:
    sweep.lab.train.click()
    sweep.lab.reaches_epoch(5)
    sweep.lab.dial.press("PageUp")
    sweep.lab.reaches("finished")

    expect(sweep.element).to_contain_text("1 of your runs is left out:")
    expect(sweep.element.locator(".gd-sweep-runs path")).to_have_count(0)


@pytest.mark.fault("the worker dies during a sweep", "says so and keeps the curve; Retry sweeps again")
def test_a_worker_that_dies_leaves_the_curve_and_retry_sweeps_again(page: Page, site: str, watch: Watch) -> None:
    sweep = Sweep.visit(page, site)
    sweep.start.click()
    sweep.reaches("finished")
    sweep.ask_for_epochs(5000)
    sweep.start.click()
    expect(sweep.status).to_contain_text("Still training")
    kill_python(page)
    sweep.reaches("failed")
    expect(sweep.status).to_contain_text("stopped unexpectedly")
    expect(sweep.element).to_contain_text("Trained in this page")

    sweep.button("Retry").click()
    sweep.reaches("finished")
    sweep.ask_for_epochs(20)
    sweep.start.click()
    expect(sweep.status).to_contain_text("Epoch 20 of 20", timeout=SLOW)
    watch.forgive("killed on purpose")


def test_without_scripts_the_recorded_sweep_is_a_picture_and_a_table(open_page: OpenPage, site: str) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(site + GUIDE)
    sweep = Sweep(page)
    expect(sweep.element.get_by_role("img", name="Final loss against learning rate")).to_be_visible()
    expect(sweep.element).to_contain_text("Recorded when this page was built: a network 2-4-1 (tanh)")
    page.get_by_text("The sweep as a table").click()
    expect(sweep.rows.last).to_be_visible()


def test_leaving_by_instant_navigation_and_coming_back_shows_the_recorded_sweep_again(sweep: Sweep) -> None:
    page = sweep.page
    sweep.ask_for_epochs(5000)
    sweep.start.click()
    expect(sweep.status).to_contain_text("Still training")
    page.get_by_role("link", name="All modules").first.click()
    expect(sweep.element).to_have_count(0)
    page.go_back()
    expect(sweep.element.get_by_role("img", name="Final loss against learning rate")).to_be_visible()
    sweep.element.scroll_into_view_if_needed()
    sweep.reaches("ready")
    expect(sweep.reader).to_have_count(1)
    expect(sweep.element).to_contain_text("Recorded when this page was built")
