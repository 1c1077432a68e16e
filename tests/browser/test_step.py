"""What a reader does with a slow step, told in a real browser with the real Python: that of the authors' guide."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from gd_core.settings import parse
from gd_core.step_session import StepSession
from gd_core.training import Run
from tests.browser.conftest import Enter, OpenPage
from tests.browser.lab import GUIDE, SLOW, kill_python, retype, scroll_to

SETTINGS: dict[str, Any] = {"dataset": "gauss", "hidden_layers": [3], "learning_rate": 0.3, "batch_size": 12}
"""What the guide's slow step sets."""


class Step:
    """A slow step by the names of its controls."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.element = page.locator('gd-lab[data-kind="step"]')
        self.status = self.element.get_by_role("status")
        self.stages = self.element.get_by_role("group", name="Stages").get_by_role("button")
        self.next = self.element.get_by_role("button", name=re.compile("^Next"))
        self.dial = self.element.get_by_role("slider", name="Learning rate", exact=True)
        self.rate = self.element.get_by_role("textbox", name="Learning rate value", exact=True)
        self.weight = self.element.locator('[data-words="weight"]')
        self.formula = self.element.locator('[data-words="formula"]')
        self.after = self.element.locator('[data-words="loss_after"]')
        self.current_code = self.element.locator("code [aria-current=step]")

    @classmethod
    def visit(cls, page: Page, site: str) -> "Step":
        page.goto(site + GUIDE)
        step = cls(page)
        scroll_to(step.element)
        return step

    @classmethod
    def ready(cls, page: Page, site: str) -> "Step":
        step = cls.visit(page, site)
        step.reaches("ready")
        return step

    def reaches(self, state: str) -> None:
        expect(self.element).to_have_attribute("data-state", state, timeout=SLOW)

    def button(self, name: str) -> Locator:
        return self.element.get_by_role("button", name=name, exact=True)

    def menu(self, name: str) -> Locator:
        return self.element.get_by_role("combobox", name=name, exact=True)

    def turn_to(self, name: str) -> None:
        self.stages.filter(has_text=name).click()

    def type_rate(self, text: str) -> None:
        retype(self.rate, text)
        self.rate.press("Enter")

    def shows(self, number: int) -> None:
        """Expect one stage and no other, in the buttons, in the code and below."""
        names = ["1 Forward", "2 Loss", "3 Gradient", "4 Update"]
        expect(self.element.locator("[aria-current=step]")).to_have_count(2)
        expect(self.stages.nth(number - 1)).to_have_attribute("aria-current", "step")
        expect(self.current_code).to_contain_text(f"# {number}. {names[number - 1][2:]}: ")
        headings = self.element.get_by_role("heading", level=4)
        expect(headings).to_have_count(1)
        expect(headings).to_contain_text(f"{number}. {names[number - 1][2:]}")


@pytest.fixture
def step(enter: Enter) -> Step:
    """A new slow step with Python ready."""
    step = Step(enter(GUIDE))
    step.element.scroll_into_view_if_needed()
    step.reaches("ready")
    return step


def test_the_primary_button_leads_through_the_stages_and_the_lines_of_the_loop_light_up(step: Step) -> None:
    for number, what_comes in enumerate(["Next: loss", "Next: gradient", "Next: update", "Next batch"], 1):
        step.shows(number)
        expect(step.next).to_have_text(what_comes)
        mark = step.current_code.evaluate("(line) => getComputedStyle(line, '::before').content")
        assert "▶" in mark, "the current lines are marked by more than colour"
        step.next.click()
    step.shows(1)
    expect(step.status).to_contain_text("Batch 2 of 22")


def test_every_number_of_the_first_rounds_is_what_gd_core_says(step: Step) -> None:
    session = StepSession(SETTINGS)
    frame = session.open()
    for _ in range(3):
        shown = {
            name: step.element.locator(f'[data-words="{name}"]').first.text_content()
            for name in frame["words"]
            if step.element.locator(f'[data-words="{name}"]').count()
        }
        assert len(shown) >= 14
        assert shown == {name: frame["words"][name] for name in shown}
        step.turn_to("Forward")
        answers = step.element.locator('[data-cell="probability"]').all_inner_texts()
        assert answers == [row["probability"] for row in frame["rows"][:8]]
        step.turn_to("Update")
        step.next.click()
        frame = session.make(0.3)
        expect(step.status).to_contain_text(f"Batch {frame['words']['batch']}")


def test_going_on_is_the_real_training_run(step: Step) -> None:
    settings = parse(SETTINGS)
    run = Run(*settings.draw_data(), settings.network(), settings.make_optimizer(), batch_size=12, seed=settings.seed)
    for update in range(1, 6):
        expect(step.status).to_contain_text(f"Batch {update} of 22")  # Python has dealt it
        step.turn_to("Update")
        run.advance()
        expect(step.status).to_contain_text(f"Loss before {run.batch_loss:.4f}")
        step.next.click()


def test_a_weight_is_chosen_by_menus(step: Step) -> None:
    step.turn_to("Gradient")
    step.menu("Layer").select_option("hidden")
    expect(step.weight).to_have_text("The weight from x to hidden unit 1")
    step.menu("From").select_option("y")
    step.menu("To").select_option("unit 3")
    expect(step.weight).to_have_text("The weight from y to hidden unit 3")
    words = StepSession(SETTINGS).open(weight={"layer": 1, "source": 1, "to": 2})["words"]
    expect(step.status).to_contain_text(f"slope {words['gradient']}.")
    expect(step.element.locator('[data-words="check"]')).to_have_text(words["check"])
    expect(step.element.locator('[data-words="rank"]')).to_have_text(words["rank"])
    step.menu("From").select_option("bias")
    expect(step.weight).to_have_text("The bias of hidden unit 3")
    chosen = step.element.locator(".gd-net-chosen")
    expect(chosen).to_have_count(1)
    assert chosen.evaluate("(line) => ({ ...line.dataset })") == {"layer": "1", "from": "bias", "to": "2"}


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ('[data-layer="1"][data-from="1"][data-to="0"]', "The weight from y to hidden unit 1"),
        ('[data-layer="2"][data-from="2"]', "The weight from hidden unit 3 to the output"),
        ('[data-layer="1"][data-from="bias"][data-to="1"]', "The bias of hidden unit 2"),
    ],
)
def test_a_weight_is_chosen_by_a_tap_on_its_line(step: Step, place: str, name: str) -> None:
    step.turn_to("Gradient")
    step.element.locator(".gd-net").scroll_into_view_if_needed()
    # A fifth of the way along the line, where it is nearest to itself; the middle of a bias' stub is beside its square.
    x, y = step.element.locator(f".gd-net-weight{place} .gd-net-line").evaluate(
        """(line) => {
          const { x, y } = line.getPointAtLength(0.2 * line.getTotalLength()).matrixTransform(line.getScreenCTM());
          return [x, y];
        }"""
    )
    step.page.mouse.click(x, y)
    expect(step.weight).to_have_text(name)
    assert step.menu("To").evaluate("(menu) => menu.selectedOptions[0].text") in name + " output"


def test_the_lines_show_slopes_when_asked(step: Step) -> None:
    step.turn_to("Gradient")
    sizes = """(net) => [...net.querySelectorAll(".gd-net-weight")].map((line) => [
      ["layer", "from", "to"].map((name) => line.dataset[name]).join(),
      Number(line.style.getPropertyValue("--gd-size")),
    ])"""
    net = step.element.locator(".gd-net")
    step.menu("Lines show").select_option("slopes")
    expect(step.element.locator(".gd-net-chosen")).to_have_attribute("style", "--gd-size: 2.5;")  # the steepest
    slopes = dict(net.evaluate(sizes))
    step.menu("Lines show").select_option("weights")
    expect(step.element.locator(".gd-net-chosen")).not_to_have_attribute("style", "--gd-size: 2.5;")
    weights = dict(net.evaluate(sizes))
    frame = StepSession(SETTINGS).open()["weights"]
    steepest = max(abs(frame["gradient"]))
    for index, value in enumerate(frame["value"]):
        source = "bias" if frame["source"][index] < 0 else f"{frame['source'][index]:.0f}"
        place = f"{frame['layer'][index]:.0f},{source},{frame['to'][index]:.0f}"
        assert weights[place] == pytest.approx(abs(value), abs=1e-9)
        assert slopes[place] == pytest.approx(2.5 * abs(frame["gradient"][index]) / steepest, abs=1e-9)


def test_the_answer_waits_for_the_readers_guess(step: Step) -> None:
    step.turn_to("Update")
    expect(step.after).to_be_hidden()
    expect(step.status).not_to_contain_text("Loss after")
    step.button("It rises").click()
    expect(step.button("It rises")).to_have_attribute("aria-pressed", "true")
    expect(step.button("It rises")).to_be_focused()
    expect(step.after).to_be_visible()
    words = StepSession(SETTINGS).open()["words"]
    expect(step.status).to_contain_text(f"You said: it rises. {words['after']}")
    step.next.click()
    step.turn_to("Update")
    expect(step.after).to_be_hidden()


def test_the_arithmetic_follows_the_dial_and_a_long_step_parts_from_the_slope(step: Step) -> None:
    session = StepSession(SETTINGS)
    step.turn_to("Update")
    step.button("Just show me").click()
    step.dial.press("ArrowRight")
    expect(step.formula).to_have_text(session.open(rate=0.4)["words"]["formula"])
    expect(step.status).to_contain_text("At learning rate 0.4 ")
    for rate, verdict in (
        ("0.001", "Nearly what the slope promised"),
        ("100", "far beyond the place where the slope holds"),
    ):
        step.type_rate(rate)
        words = session.look(float(rate))["words"]
        expect(step.formula).to_have_text(words["formula"])
        expect(step.after).to_have_text(words["loss_after"])
        expect(step.status).to_contain_text(verdict)
        picture = step.element.get_by_role("img", name="The loss of this batch along the step")
        expect(picture).to_contain_text(f"after {words['loss_after']}")
        expect(picture.locator("desc")).to_contain_text(f"promises {words['promised_loss']} at rate {rate}")


def test_one_can_go_back_within_a_round_and_nothing_has_changed(step: Step) -> None:
    step.turn_to("Update")
    step.button("It falls").click()
    step.type_rate("10")
    expect(step.status).to_contain_text("At learning rate 10 ")
    before = step.element.locator('[data-words="loss_before"]').first.text_content()
    step.turn_to("Forward")
    step.shows(1)
    expect(step.status).to_contain_text("Batch 1 of 22")
    step.turn_to("Update")
    expect(step.after).to_be_visible()
    expect(step.rate).to_have_value("10")
    assert step.element.locator('[data-words="loss_before"]').first.text_content() == before


def test_start_again_begins_the_same_run_at_the_readers_rate(step: Step) -> None:
    first = step.element.locator("tbody").first.text_content()
    step.turn_to("Update")
    step.type_rate("5")
    for update in (2, 3):
        step.turn_to("Update")
        step.next.click()
        expect(step.status).to_contain_text(f"Batch {update} of 22")
    step.button("Start again").click()
    expect(step.status).to_contain_text("Batch 1 of 22")
    step.shows(1)
    assert step.element.locator("tbody").first.text_content() == first
    step.turn_to("Update")
    expect(step.rate).to_have_value("5")


def test_a_large_batch_is_leafed_through(step: Step) -> None:
    rows = StepSession(SETTINGS).open()["rows"]
    later, earlier = step.button("Later"), step.button("Earlier")
    expect(earlier).to_have_attribute("aria-disabled", "true")
    later.click()
    expect(step.element).to_contain_text("9 to 12 of 12")
    shown = step.element.get_by_role("table").get_by_role("row")
    expect(shown).to_have_count(1 + 4)
    assert shown.nth(1).inner_text().split("\t")[0].strip() == "9"
    for row, given in zip(shown.all()[1:], rows[8:], strict=True):
        expect(row).to_contain_text(given["probability"])
    later.press("Enter")  # there are no later ones
    expect(step.element).to_contain_text("9 to 12 of 12")
    step.turn_to("Loss")
    expect(step.element.get_by_role("cell", name=rows[11]["loss"])).to_be_visible()
    earlier.click()
    expect(step.element).to_contain_text("1 to 8 of 12")


def test_the_slow_step_by_keyboard_alone(step: Step) -> None:
    step.page.locator("body").press("Home")
    step.next.focus()
    for number in (2, 3, 4):
        step.page.keyboard.press("Enter")
        step.shows(number)
        expect(step.next).to_be_focused()
    step.stages.nth(2).focus()
    step.page.keyboard.press("Space")
    step.shows(3)
    names = []
    for _ in range(7):
        step.page.keyboard.press("Tab")
        names.append(
            step.page.evaluate(
                "() => document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent"
            )
        )
        assert step.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert names == ["4 Update", "Next: update", "Start again", "Lines show", "Layer", "From", "To"]
    step.menu("Layer").focus()
    step.page.keyboard.press("h")
    expect(step.weight).to_contain_text("to hidden unit 1")
    step.next.focus()
    step.page.keyboard.press("Enter")
    names = []
    for _ in range(6):
        step.page.keyboard.press("Tab")
        names.append(
            step.page.evaluate(
                """() => document.activeElement.getAttribute("aria-label")
                  ?? document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent"""
            )
        )
    assert names == ["Start again", "Learning rate value", "Learning rate", "It falls", "It rises", "Just show me"]
    step.page.keyboard.press("Enter")
    expect(step.after).to_be_visible()


def test_a_phone_shows_every_stage_without_scrolling_sideways(open_page: OpenPage, site: str) -> None:
    page = open_page(viewport={"width": 360, "height": 740}, device_scale_factor=3, has_touch=True)
    step = Step.ready(page, site)
    for name in ("Forward", "Loss", "Gradient", "Update"):
        step.turn_to(name)
        if name == "Update":
            step.button("It falls").click()
            step.type_rate("100")
            expect(step.status).to_contain_text("At learning rate 100 ")
        assert page.evaluate("() => document.documentElement.scrollWidth") == 360
        outside = page.evaluate(
            """() => [...document.querySelectorAll('gd-lab[data-kind="step"] *')]
                 .filter((e) => !e.closest("pre") && e.getBoundingClientRect().right > 360)
                 .map((e) => e.outerHTML.slice(0, 80))"""
        )
        assert outside == []
        for control in step.element.locator(":is(button, select, input):visible").all():
            if control.evaluate("(control) => control.closest('pre, .md-code__nav') === null"):
                box = control.bounding_box()
                assert box is not None
                assert box["height"] >= 32, control.evaluate("(control) => control.outerHTML")


def test_without_scripts_all_four_stages_stand_in_the_page(open_page: OpenPage, site: str) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(site + GUIDE)
    step = Step(page)
    words = StepSession(SETTINGS).open()["words"]
    headings = step.element.get_by_role("heading", level=4)
    expect(headings).to_have_count(4)
    for heading in headings.all():
        expect(heading).to_be_visible()
    for name in ("round", "forward", "loss", "meaning", "check", "formula", "after", "everywhere"):
        sentence = step.element.locator(f'[data-words="{name}"]')
        expect(sentence).to_be_visible()
        expect(sentence).to_have_text(words[name])
    expect(step.element.get_by_role("img", name="The network and its weights")).to_be_visible()


def test_the_stages_can_be_read_before_python_is_there(page: Page, site: str) -> None:
    page.route("**/pyodide.asm.wasm*", lambda _: None)
    step = Step.visit(page, site)
    step.reaches("loading")
    for number in (2, 3, 4):
        step.next.click()
        step.shows(number)
        expect(step.status).to_contain_text("Python is starting")
    step.button("It falls").click()
    expect(step.after).to_have_text(StepSession(SETTINGS).open()["words"]["loss_after"])


def test_what_was_chosen_before_python_is_there_counts_once_it_is(page: Page, site: str) -> None:
    step = Step.visit(page, site)
    step.turn_to("Gradient")
    step.menu("Layer").select_option("hidden")
    step.turn_to("Update")
    step.type_rate("2")
    step.next.click()
    step.reaches("ready")
    expect(step.status).to_contain_text("Batch 2 of 22")
    session = StepSession(SETTINGS)
    words = session.open(done=[2.0], rate=2.0, weight={"layer": 1, "source": 0, "to": 0})["words"]
    expect(step.formula).to_have_text(words["formula"])


@pytest.mark.fault(
    "the worker dies in the middle of one slow step", "says so; Retry comes back to the same batch, weight and rate"
)
def test_a_worker_that_dies_loses_nothing(page: Page, site: str) -> None:
    step = Step.ready(page, site)
    step.turn_to("Gradient")
    step.menu("Layer").select_option("hidden")
    step.turn_to("Update")
    step.type_rate("2")
    step.next.click()
    expect(step.status).to_contain_text("Batch 2 of 22")
    step.turn_to("Update")
    step.type_rate("0.5")
    expected = StepSession(SETTINGS).open(done=[2.0], rate=0.5, weight={"layer": 1, "source": 0, "to": 0})["words"]
    expect(step.formula).to_have_text(expected["formula"])
    kill_python(page)
    step.reaches("failed")
    expect(step.status).to_contain_text("stopped unexpectedly")
    step.button("Retry").click()
    step.reaches("ready")
    step.shows(4)
    expect(step.rate).to_have_value("0.5")
    expect(step.formula).to_have_text(expected["formula"])
    step.next.click()
    expect(step.status).to_contain_text("Batch 3 of 22")


def test_leaving_and_coming_back_begins_afresh(page: Page, site: str) -> None:
    step = Step.ready(page, site)
    step.turn_to("Update")
    step.next.click()
    expect(step.status).to_contain_text("Batch 2 of 22")
    page.get_by_role("link", name="All modules").first.click()
    expect(step.element).to_have_count(0)
    page.go_back()
    expect(step.element).to_have_count(1)
    step.element.scroll_into_view_if_needed()
    step.reaches("ready")
    step.shows(1)
    expect(step.status).to_contain_text("Batch 1 of 22")
