"""What readers do with a rule of their own, told in a real browser with the real Python."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from gd_core.rule import EXAMPLES, ORIGINAL
from scripts.bundle import run_in_bundle
from tests.browser.conftest import Enter, OpenPage, Watch, press_in_menu
from tests.browser.lab import GUIDE, SLOW, Lab, retype

RECORD = Path(__file__).resolve().parents[2] / "scripts" / "record_in_bundle.py"
HEAD = "def update(params, gradient, state, learning_rate):\n"
ENDLESS = HEAD + "    while True:\n        pass"


class RuleLab(Lab):
    """The rule lab of the authors' page."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.element = page.locator("gd-lab[data-kind=rule]")
        self.status = self.element.get_by_role("status")
        self.legend = self.element.get_by_role("listitem")
        self.code = self.element.get_by_role("textbox", name="Your update rule, in Python", exact=True)
        self.problem = self.element.get_by_role("alert")
        self.train = self.button("Train")
        self.run = self.button("Run my rule")
        self.stop = self.button("Stop")
        self.example = self.element.get_by_role("combobox", name="Example", exact=True)

    def write(self, text: str) -> None:
        """Replace the whole text, as by pasting."""
        self.code.focus()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def reaches_epoch(self, epoch: int) -> None:
        self.page.wait_for_function(
            "epoch => Number(/Epoch (\\d+)/.exec(document.querySelector('gd-lab[data-kind=rule] [role=status]')"
            ".textContent)?.[1]) >= epoch",
            arg=epoch,
        )


@pytest.fixture
def rule(enter: Enter) -> RuleLab:
    """A new rule lab with Python ready."""
    lab = RuleLab(enter(GUIDE))
    lab.element.scroll_into_view_if_needed()
    lab.reaches("ready")
    expect(lab.code).to_be_visible()
    return lab


def test_the_rule_as_it_stands_is_plain_descent_to_the_last_bit(rule: RuleLab) -> None:
    expect(rule.code).to_have_value(ORIGINAL.rstrip())
    rule.run.click()
    rule.reaches("finished")

    settings = json.loads(rule.element.get_attribute("data-settings") or "")
    recorded: Any = run_in_bundle(RECORD, [settings])
    assert rule.csv() == recorded[0]["csv"]
    assert rule.runs()[0].startswith("this run: plain descent, rate 0.1")
    assert rule.runs()[-1].startswith("Plain descent (recorded), rate 0.1")


def test_momentum_goes_further_from_the_same_start_and_the_minus_decides_the_direction(rule: RuleLab) -> None:
    rule.choose("Example", "Momentum")
    rule.run.click()
    rule.reaches("finished")
    expect(rule.status).to_contain_text("Verdict: converged.")

    rule.choose("Example", "Forgot the minus")
    expect(rule.code).to_have_value(EXAMPLES["Forgot the minus"].rstrip())
    rule.run.click()
    expect(rule.status).to_contain_text("Verdict: diverged.", timeout=SLOW)
    expect(rule.status).to_contain_text("either your steps lead uphill, or they are too long")
    assert [run.split(",")[0] for run in rule.runs()] == [
        "this run: forgot the minus",
        "momentum",
        "Plain descent (recorded)",
    ]


def test_a_rule_typed_by_hand_is_indented_runs_at_ctrl_enter_and_shows_what_it_prints(rule: RuleLab) -> None:
    rule.code.focus()
    rule.page.keyboard.press("Control+a")
    rule.page.keyboard.type(HEAD.rstrip() + "\nif not state:\nstate['said'] = print('hello')\n")
    rule.page.keyboard.press("Shift+Tab")
    rule.page.keyboard.type("params -= learning_rate * gradient")
    expect(rule.code).to_have_value(
        HEAD + "    if not state:\n        state['said'] = print('hello')\n    params -= learning_rate * gradient"
    )
    expect(rule.example).to_have_value("Your own")
    rule.page.keyboard.press("Control+Enter")
    rule.reaches("finished")
    expect(rule.element.get_by_label("Your rule printed")).to_have_text("hello\n")
    assert rule.runs()[0].startswith("this run: my rule 1, rate 0.1")


@pytest.mark.fault(
    "a misspelt name in the reader's own rule",
    "marks the line, says what Python says and its guess at the right name; the mark goes when it is mended",
)
def test_a_mistake_marks_its_line_in_words_too_and_goes_when_it_is_mended(rule: RuleLab) -> None:
    rule.write(HEAD + "    change = learning_rate * gradient\n    params -= chnge")
    rule.run.click()
    expect(rule.problem).to_have_text(re.compile(r"^Line 3\. NameError: name 'chnge' is not defined\."))
    expect(rule.problem).to_contain_text("Did you mean: 'change'?")
    expect(rule.status).to_contain_text("Stopped in update 1, because your rule failed in line 3.")
    expect(rule.code).to_have_attribute("aria-invalid", "true")
    marked = rule.element.locator(".gd-bad-line")
    expect(marked).to_have_text("    params -= chnge")
    assert marked.evaluate("line => getComputedStyle(line, '::before').content") == '"✗"'
    rule.reaches("finished")

    rule.code.focus()
    rule.page.keyboard.press("Control+End")
    for _ in "nge":
        rule.page.keyboard.press("Backspace")
    rule.page.keyboard.type("ange")
    rule.run.click()
    expect(rule.problem).to_have_text("")
    expect(marked).to_have_count(0)
    expect(rule.status).to_contain_text("Verdict:", timeout=SLOW)
    assert rule.code.get_attribute("aria-invalid") is None


@pytest.mark.fault("a rule of the wrong shape", "says what an update must take, and runs nothing")
def test_what_is_no_rule_is_not_run(rule: RuleLab) -> None:
    rule.write("def update(params, gradient):\n    pass")
    rule.run.click()
    expect(rule.problem).to_contain_text("Line 1. update must take four arguments")
    expect(rule.status).to_contain_text("This is no rule yet: see line 1. Nothing was run.")
    rule.reaches("ready")


def test_no_text_is_no_rule(rule: RuleLab) -> None:
    rule.write("")
    rule.run.click()
    expect(rule.problem).to_contain_text("defines nothing of that name")
    expect(rule.status).to_contain_text("Nothing was run.")
    rule.reaches("ready")


def test_another_text_begins_anew_and_reset_goes_back_whatever_is_written(rule: RuleLab) -> None:
    rule.run.click()
    rule.reaches_epoch(3)
    rule.button("Pause").click()
    rule.reaches("paused")
    expect(rule.status).to_contain_text("Train goes on from here")

    rule.choose("Example", "Momentum")
    expect(rule.status).to_contain_text("The rule has changed: Train and Step start again with it.")
    rule.button("Step").click()
    expect(rule.status).to_contain_text("Epoch 1 of")
    assert rule.runs()[0].startswith("this run: momentum")

    rule.write(HEAD + "    oops(")
    expect(rule.status).to_contain_text("The rule has changed")
    rule.button("Reset").click()
    rule.reaches("ready")
    expect(rule.status).to_contain_text("Epoch 0 of")


@pytest.mark.fault(
    "an endless loop in the reader's own rule", "stops Python by itself, says why, starts it afresh; code and runs stay"
)
def test_a_loop_without_an_end_is_stopped_by_itself_and_nothing_is_lost(rule: RuleLab) -> None:
    rule.run.click()
    rule.reaches("finished")
    rule.write(ENDLESS)
    rule.run.click()
    expect(rule.status).to_contain_text("Does a loop in your rule have no end?", timeout=20_000)
    expect(rule.status).to_contain_text("Python starts afresh; your code and your runs are kept.")
    expect(rule.code).to_have_value(ENDLESS)
    assert any(run.startswith("plain descent") for run in rule.runs())
    rule.reaches("ready")

    rule.choose("Example", "Plain descent")
    rule.run.click()
    rule.reaches("finished")
    expect(rule.status).to_contain_text("Verdict:")


@pytest.mark.fault(
    "an endless loop in the reader's own rule, and Stop", "ends it at once and starts Python afresh; the code stays"
)
def test_stop_ends_a_loop_at_once_and_other_labs_say_what_they_lost(rule: RuleLab) -> None:
    other = Lab(rule.page)
    retype(other.epochs, "10000")  # the sweep takes the lab's settings, and shall not end before it is stopped
    other.epochs.press("Enter")
    other.press("Step")
    other.reaches("paused")
    sweep = rule.page.locator("gd-lab[data-kind=sweep]").first
    sweep.get_by_role("button", name="Sweep 48 rates").click()
    expect(sweep).to_have_attribute("data-state", "training")
    rule.write(ENDLESS)
    rule.run.click()
    expect(rule.status).to_contain_text("Your rule trains at learning rate 0.1.")
    rule.stop.click()
    expect(rule.status).to_contain_text("Stopped. Python starts afresh")
    expect(rule.stop).to_have_attribute("aria-disabled", "true")
    expect(rule.code).to_have_value(ENDLESS)
    rule.reaches("ready")
    other.reaches("ready")
    lost = "Python had to start afresh: this run is lost, and Train begins anew."
    expect(other.status).to_contain_text(lost)
    expect(sweep.get_by_role("status")).to_contain_text("Cancelled; this is the sweep before it.")
    other.press("Step")
    other.reaches("paused")
    other.press("Reset")
    other.reaches("ready")
    expect(other.status).not_to_contain_text(lost)


def test_stop_lets_a_rule_that_works_stand_where_it_is(rule: RuleLab) -> None:
    rule.run.click()
    rule.reaches_epoch(3)
    rule.stop.click()
    rule.reaches("paused")
    expect(rule.stop).to_have_attribute("aria-disabled", "true")
    expect(rule.stop).to_be_focused()
    rule.train.click()
    rule.reaches("finished")
    expect(rule.status).to_contain_text("Epoch 100 of 100")


def test_tab_passes_through_the_code_and_indents_only_in_it(rule: RuleLab) -> None:
    text = rule.code.input_value()
    rule.run.focus()
    rule.page.keyboard.press("Shift+Tab")
    expect(rule.code).to_be_focused()
    rule.page.keyboard.press("Tab")
    expect(rule.run).to_be_focused()
    assert rule.code.input_value() == text

    rule.page.keyboard.press("Shift+Tab")
    rule.page.keyboard.press("Control+End")
    rule.page.keyboard.press("Enter")
    rule.page.keyboard.press("Tab")
    expect(rule.code).to_have_value(text + "\n        ")
    rule.page.keyboard.press("Control+z")
    rule.page.keyboard.press("Control+z")
    expect(rule.code).to_have_value(text)
    rule.page.keyboard.press("Escape")
    expect(rule.code).to_be_focused()
    rule.page.keyboard.press("Tab")
    expect(rule.run).to_be_focused()
    expect(rule.code).to_have_accessible_description(re.compile("Escape, then Tab, moves on"))


def test_the_text_is_kept_until_the_reader_goes_back_to_the_original(rule: RuleLab) -> None:
    own = HEAD + "    print('must not run')\n    params -= 0.5 * gradient"
    rule.write(own)
    page = rule.page
    page.get_by_role("link", name="All modules").first.click()
    expect(page.locator("gd-lab")).to_have_count(0)
    press_in_menu(page.get_by_role("link", name="For authors", include_hidden=True))
    rule.element.scroll_into_view_if_needed()
    expect(rule.code).to_have_value(own)
    rule.reaches("ready")
    expect(rule.element.get_by_label("Your rule printed")).to_be_hidden()

    rule.press("Back to the original")
    expect(rule.code).to_have_value(ORIGINAL.rstrip())
    expect(rule.button("Back to the original")).to_have_attribute("aria-disabled", "true")
    assert page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('gd-code:'))") == []
    rule.choose("Example", "Your own")
    expect(rule.code).to_have_value(own)


@pytest.mark.fault("a shared link to a lab that holds code", "turns controls and runs nothing")
def test_a_link_turns_controls_and_runs_nothing(open_page: OpenPage, site: str) -> None:
    page = open_page()
    page.goto(site)
    page.evaluate("code => localStorage.setItem('gd-code:authoring#rule-1', code)", HEAD + "    print(1)")
    page.goto(f"{site}{GUIDE}?lab=rule-1&learning_rate=0.5#rule-1")
    rule = RuleLab(page)
    rule.element.scroll_into_view_if_needed()
    rule.reaches("ready")
    expect(rule.element.get_by_role("textbox", name="Learning rate value")).to_have_value("0.5")
    expect(rule.code).to_have_value(HEAD + "    print(1)")
    expect(rule.status).to_contain_text("Epoch 0 of 100")
    expect(rule.element.get_by_label("Your rule printed")).to_be_hidden()


@pytest.mark.fault("the code editor's library cannot be had", "gives a plain text area that works as well")
def test_without_its_library_the_editor_is_a_plain_text_area(open_page: OpenPage, site: str, watch: Watch) -> None:
    page = open_page()
    page.route("**/assets/editor/**", lambda route: route.abort())
    page.goto(site + GUIDE)
    rule = RuleLab(page)
    rule.element.scroll_into_view_if_needed()
    expect(rule.code).to_have_value(ORIGINAL.rstrip())
    expect(rule.code).to_have_accessible_description(re.compile("^Tab moves on"))
    rule.reaches("ready")
    rule.write(HEAD + "    params -= oops")
    rule.page.keyboard.press("Control+Enter")
    expect(rule.problem).to_contain_text("Line 2. NameError: name 'oops' is not defined")
    watch.forgive("net::ERR_FAILED")


def test_the_library_is_loaded_with_the_editor_and_not_before(open_page: OpenPage, site: str) -> None:
    page = open_page()
    asked: list[str] = []

    def note(route: Route) -> None:
        asked.append(route.request.url)
        route.continue_()

    page.route("**/assets/editor/**", note)
    page.goto(site + GUIDE)
    rule = RuleLab(page)
    expect(rule.run).to_be_attached()
    assert asked == []
    rule.element.scroll_into_view_if_needed()
    expect(rule.code).to_be_visible()
    assert any(url.endswith("/dist/index.js") for url in asked)


def test_a_phone_shows_rule_and_editor_without_sideways_scrolling(open_page: OpenPage, site: str) -> None:
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True)
    page.goto(site + GUIDE)
    rule = RuleLab(page)
    rule.element.scroll_into_view_if_needed()
    expect(rule.code).to_be_visible()
    rule.code.fill(HEAD + "    " + " + ".join(["gradient"] * 12))
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360
    for name in ("Run my rule", "Stop", "Back to the original"):
        box = rule.button(name).bounding_box()
        assert box is not None
        assert box["height"] >= 40
