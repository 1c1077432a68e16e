"""The labs of Module 5 as readers use them: the walk, the check of the gradient, the vanishing gradient."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Enter, OpenPage, Watch
from tests.browser.lab import MODULE_5, SLOW, retype


def visit(page: Page, site: str, name: str) -> Locator:
    """Open the lesson and return the lab of that name."""
    page.goto(site + MODULE_5)
    return region(page, name)


def region(page: Page, name: str) -> Locator:
    lab = page.get_by_role("region", name=name, exact=True)
    expect(lab).to_be_visible()
    page.wait_for_function(  # a lab that is built moves those below it
        "() => [...document.querySelectorAll('gd-lab')].every((lab) => lab.querySelector('.gd-live'))"
    )
    lab.scroll_into_view_if_needed()
    return lab


def reaches(lab: Locator, state: str) -> None:
    expect(lab).to_have_attribute("data-state", state, timeout=SLOW)


def press(lab: Locator, name: str) -> None:
    lab.get_by_role("button", name=name, exact=True).click()


def says(lab: Locator, text: str) -> None:
    expect(lab.get_by_role("status")).to_contain_text(text)


def steps(lab: Locator) -> Locator:
    return lab.get_by_role("region", name="The walk so far").locator("tbody").get_by_role("row")


@pytest.fixture
def quiet(page: Page) -> Page:
    """A page whose Python never comes: all that a reader does here needs none, and a busy machine is spared."""
    page.route("**/pyodide.asm.wasm*", lambda _: None)
    return page


@pytest.fixture
def course(enter: Enter) -> Page:
    """The lesson, entered anew."""
    return enter(MODULE_5)


WALK = "Walk back through the network"
FORK = "One value, two paths"
CHECK = "Two ways to one slope"
DEPTH = "How much arrives?"


# --- the walk ---------------------------------------------------------------------------------------------------


def test_the_whole_walk_is_gone_by_keyboard_alone(quiet: Page, site: str) -> None:
    lab, keys = visit(quiet, site, WALK), quiet.keyboard
    says(lab, "The walk begins at the loss")
    lab.get_by_role("button", name="+ rises").focus()
    keys.press("Enter")
    says(lab, "✗ Not right. You said + rises. ∂loss/∂o = σ(o) − target = −0.621")
    for number, sign in enumerate("−+−++", start=2):
        expect(lab.get_by_role("button", name="Next")).to_be_focused()
        keys.press("Enter")
        expect(lab.get_by_role("button", name="+ rises")).to_be_focused()
        says(lab, f"Step {number} of 7")
        for _ in range("+−0".index(sign)):
            keys.press("Tab")
        keys.press("Space")
        says(lab, "✓ Right.")
    keys.press("Enter")
    says(lab, "The gradient at z is 0.732")
    lab.get_by_role("textbox", name="or type the gradient").focus()
    keys.type("0,73")
    keys.press("Enter")
    says(lab, "✓ Right.")
    keys.press("Enter")
    says(lab, "The walk is done: 4 gradients are known")
    says(lab, "Guessed right 6 of 7")
    expect(lab.get_by_role("button", name="Reset")).to_be_focused()
    expect(steps(lab)).to_have_count(7)
    expect(steps(lab).last).to_have_text("z → b₁0.73210.7320.732")
    keys.press("Enter")
    says(lab, "Step 1 of 7")
    expect(steps(lab)).to_have_count(0)


def test_the_picture_shows_what_is_known_and_no_more(quiet: Page, site: str) -> None:
    lab = visit(quiet, site, WALK)
    expect(lab.locator("[data-edge='0']")).to_have_attribute("data-state", "asked")
    expect(lab.locator("[data-edge='0'] text")).to_have_text("× ?")
    expect(lab.locator("[data-edge][data-state=ahead]")).to_have_count(6)
    expect(lab.locator("[data-edge='6'] text")).to_be_hidden()
    expect(lab.locator("[data-node=o] [data-gradient]")).to_have_text("")

    press(lab, "− falls")
    shown = lab.locator("[data-edge='0']")
    expect(shown).to_have_attribute("data-state", "walking")
    expect(shown.locator("text")).to_have_text("× −0.621")
    expect(lab.locator("[data-node=o] [data-gradient]")).to_have_text("gradient −0.621")
    expect(lab.get_by_text("outgoing", exact=True)).to_be_visible()


def test_back_shows_an_earlier_step_again_and_counts_it_once(quiet: Page, site: str) -> None:
    lab = visit(quiet, site, WALK)
    press(lab, "− falls")
    press(lab, "Next")
    press(lab, "Just show me")
    says(lab, "Shown 1")
    press(lab, "Back")
    says(lab, "Step 1 of 7")
    says(lab, "✓ Right.")
    expect(steps(lab)).to_have_count(1)
    press(lab, "Next")
    says(lab, "Step 2 of 7")
    says(lab, "Guessed right 1 of 1")
    expect(steps(lab)).to_have_count(2)


def test_a_typed_gradient_that_is_no_number_is_refused_in_words(quiet: Page, site: str) -> None:
    lab = visit(quiet, site, WALK)
    box = lab.get_by_role("textbox", name="or type the gradient")
    retype(box, "much")
    press(lab, "Check")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_be_focused()
    expect(lab.get_by_text("got “much”")).to_be_visible()
    retype(box, "0.621")
    press(lab, "Check")
    says(lab, "✗ Not right. You said 0.621.")


def test_another_number_begins_the_walk_anew(course: Page) -> None:
    lab = region(course, WALK)
    press(lab, "− falls")
    box = lab.get_by_role("textbox", name="x", exact=True)
    retype(box, "0")
    box.press("Enter")
    expect(lab.locator("[data-node=x] [data-value]")).to_have_text("0", timeout=SLOW)
    says(lab, "Guessed right 0 of 0")
    for _ in range(5):
        press(lab, "Just show me")
        press(lab, "Next")
    press(lab, "0 stays")
    says(lab, "✓ Right. ∂z/∂w₁ = x = 0")
    says(lab, "the loss stays the same")


def test_a_number_out_of_range_is_refused_and_the_old_one_kept(quiet: Page, site: str) -> None:
    lab = visit(quiet, site, WALK)
    box = lab.get_by_role("textbox", name="target", exact=True)
    retype(box, "3")
    box.press("Enter")
    expect(lab.get_by_text("target must be a number from 0 to 1, got “3”. It stays 1.")).to_be_visible()
    box.press("Escape")
    expect(box).to_have_value("1")


def test_where_two_paths_meet_they_add(quiet: Page, site: str) -> None:
    lab = visit(quiet, site, FORK)
    for _ in range(5):
        press(lab, "Just show me")
        press(lab, "Next")
    expect(lab.locator("[data-node=h] [data-gradient]")).to_have_text("gradient 0.449 + …")
    says(lab, "by this second path, through s")
    press(lab, "− falls")
    says(lab, "✓ Right.")
    says(lab, "where paths meet, gradients add: 0.449 + (−0.22) = 0.229")
    expect(lab.locator("[data-node=h] [data-gradient]")).to_have_text("gradient 0.229")


def test_what_was_walked_before_python_was_ready_counts_after(page: Page, site: str) -> None:
    lab = visit(page, site, WALK)
    press(lab, "− falls")
    press(lab, "Next")
    reaches(lab, "ready")
    says(lab, "Step 2 of 7")
    says(lab, "Guessed right 1 of 1")


@pytest.mark.fault(
    "Python's start fails while a reader changes a number of the graph", "says so; Retry brings the number to Python"
)
def test_after_a_failed_start_retry_brings_the_readers_number_to_python(page: Page, site: str, watch: Watch) -> None:
    page.route("**/pyodide.asm.wasm*", lambda route: route.abort())
    lab = visit(page, site, WALK)
    reaches(lab, "failed")
    says(lab, "Something went wrong.")
    box = lab.get_by_role("textbox", name="w₂", exact=True)
    page.unroute("**/pyodide.asm.wasm*")
    retype(box, "0")
    box.press("Enter")
    reaches(lab, "ready")
    expect(lab.locator("[data-node=w2] [data-value]")).to_have_text("0")
    expect(box).to_have_value("0")
    watch.forgive("pyodide.asm.wasm")


# --- the check --------------------------------------------------------------------------------------------------


def test_a_weight_is_picked_by_menus_or_by_its_line(course: Page) -> None:
    lab = region(course, CHECK)
    says(lab, "The weight from x to unit 1 of hidden layer 1")
    lab.get_by_role("combobox", name="Layer").select_option(label="hidden 2 → output")
    expect(lab.get_by_role("status")).to_contain_text("The weight from unit 1 to the output", timeout=SLOW)
    lab.get_by_role("combobox", name="From").select_option(label="its bias")
    says(lab, "The bias of the output")
    expect(lab.locator(".gd-net-weight[data-chosen]")).to_have_attribute("data-from", "bias")

    lab.locator(".gd-net-weight[data-layer='1'][data-from='1'][data-to='0'] .gd-net-hit").dispatch_event("click")
    says(lab, "The weight from y to unit 1 of hidden layer 1")
    expect(lab.get_by_role("combobox", name="From")).to_have_value("1")
    expect(lab.locator(".gd-net-weight[data-chosen]")).to_have_count(1)


def test_the_nudge_is_turned_by_keyboard_and_the_error_falls_and_rises(course: Page) -> None:
    lab = region(course, CHECK)
    slider = lab.get_by_role("slider", name="Nudge")
    mark = lab.locator("[data-mark]")
    expect(slider).to_have_attribute("aria-valuetext", "1e−5")
    says(lab, "About as good as nudging gets")
    best = float(mark.get_attribute("cy") or "nan")
    slider.focus()
    course.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "1")
    says(lab, "the bend of the curve")
    expect(mark).not_to_have_attribute("cy", f"{best:.1f}")
    wide = float(mark.get_attribute("cy") or "nan")
    course.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "1e−12")
    says(lab, "rounding")
    expect(mark).not_to_have_attribute("cy", f"{wide:.1f}")
    tiny = float(mark.get_attribute("cy") or "nan")
    assert wide < tiny < best  # down is smaller


def test_all_weights_are_checked_at_once_and_the_trips_counted(course: Page) -> None:
    lab = region(course, CHECK)
    press(lab, "Check all 105 at once")
    expect(lab.get_by_role("status")).to_contain_text("All 105 checked with a nudge of 1e−5", timeout=SLOW)
    says(lab, "210 trips")
    says(lab, "1 forward and 1 back")
    table = lab.get_by_role("table")
    expect(table.get_by_role("row", name=re.compile("slope by backpropagation"))).to_contain_text("0.2286935")


# --- the vanishing gradient ---------------------------------------------------------------------------------------


def bars(lab: Locator) -> list[float]:
    widths = lab.locator("[data-row]:not([hidden]) rect").evaluate_all(
        "bars => bars.map((bar) => Number(bar.getAttribute('width')))"
    )
    return [float(width) for width in widths]


def test_the_bars_wait_for_a_guess_and_show_where_the_least_arrives(quiet: Page, site: str) -> None:
    lab = visit(quiet, site, DEPTH)
    says(lab, "Guess first: in a network of 10 hidden layers with sigmoid, where is the gradient smallest?")
    expect(lab.locator(".gd-bar-value").first).to_have_text("?")
    assert bars(lab) == [0.0] * 11
    press(lab, "Near the output")
    says(lab, "✗ Not so. The smallest gradient is near the inputs")
    expect(lab.locator(".gd-bar-value").last).to_have_text("0.075")
    heights = bars(lab)
    assert len(heights) == 11
    assert heights[0] < 0.3 * heights[-1]


def test_another_activation_is_guessed_anew_and_depth_is_shown_at_once(course: Page) -> None:
    lab = region(course, DEPTH)
    press(lab, "Near the inputs")
    says(lab, "✓ Right.")
    depth = lab.get_by_role("slider", name="Hidden layers")
    expect(depth).to_be_focused()
    course.keyboard.press("Home")
    expect(lab.get_by_role("status")).to_contain_text("All layers get much the same", timeout=SLOW)
    expect(lab.locator("[data-row]:visible")).to_have_count(2)
    lab.get_by_role("combobox", name="Activation").select_option("tanh")
    says(lab, "Guess first: in a network of 1 hidden layer with tanh")
    press(lab, "Just show me")
    says(lab, "All layers get much the same")


def test_the_same_depth_is_stuck_with_sigmoid_and_learns_with_tanh(course: Page) -> None:
    lab = region(course, DEPTH)
    press(lab, "Train both, 50 epochs")
    expect(lab.get_by_role("status")).to_contain_text("After 50 epochs with 10 hidden layers", timeout=SLOW)
    says(lab, "sigmoid is stuck at a loss of 0.694")
    expect(lab.get_by_role("img", name=re.compile("Loss after each epoch: sigmoid from"))).to_be_visible()
    expect(lab.get_by_role("listitem")).to_have_count(2)
    press(lab, "New weights")
    expect(lab.get_by_role("listitem")).to_have_count(0)


def test_a_guess_is_answered_also_after_training(course: Page) -> None:
    lab = region(course, DEPTH)
    press(lab, "Train both, 20 epochs")
    expect(lab.get_by_role("status")).to_contain_text("After 20 epochs with 10 hidden layers", timeout=SLOW)
    says(lab, "Guess first: in a network of 10 hidden layers with sigmoid")
    press(lab, "In the middle")
    says(lab, "✗ Not so. The smallest gradient is near the inputs")
    expect(lab.get_by_role("listitem")).to_have_count(2)


def test_training_names_the_depth_that_trains_and_keeps_the_focus(course: Page) -> None:
    lab = region(course, DEPTH)
    train = lab.get_by_role("button", name="Train both, 50 epochs")
    train.press("Enter")
    expect(train).to_have_attribute("aria-disabled", "true")
    expect(train).to_be_focused()
    lab.get_by_role("slider", name="Hidden layers").fill("3")
    says(lab, "Training both networks of 10 hidden layers for 50 epochs …")
    expect(lab.get_by_role("status")).to_contain_text("After 50 epochs with 10 hidden layers", timeout=SLOW)
    expect(train).to_have_attribute("aria-disabled", "false")


# --- all three ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_the_page_and_every_button_fits_a_finger(
    open_page: OpenPage, site: str, scheme: str
) -> None:
    page = open_page(viewport={"width": 360, "height": 800}, color_scheme=scheme)
    page.route("**/pyodide.asm.wasm*", lambda _: None)
    for name in (WALK, FORK, CHECK, DEPTH):
        lab = visit(page, site, name)
        assert page.evaluate("() => document.documentElement.scrollWidth") == 360
        for control in lab.locator("button:visible, select:visible, input:visible").all():
            box = control.bounding_box()
            assert box is not None
            assert box["height"] >= 40, control
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 360


def test_without_scripts_the_walks_are_there_finished(open_page: OpenPage, site: str) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(site + MODULE_5)

    lab = page.get_by_role("region", name=WALK, exact=True)
    expect(lab.get_by_role("img", name="Computation graph")).to_be_visible()
    expect(lab.get_by_role("row")).to_have_count(8)
    expect(lab.get_by_text("The walk is done: 4 gradients are known")).to_be_visible()
    expect(lab.locator("[data-edge='3'] text")).to_have_text("× 1")
    expect(page.get_by_text("Backpropagation says").first).to_be_visible()
    expect(page.get_by_text("The smallest gradient is near the inputs").first).to_be_visible()


def test_leaving_and_coming_back_finds_the_labs_as_they_were_built(page: Page, site: str) -> None:
    lab = visit(page, site, WALK)
    press(lab, "− falls")
    reaches(lab, "ready")
    page.get_by_role("link", name="All modules").first.click()
    expect(page.locator("gd-lab")).to_have_count(0)
    page.go_back()
    lab = region(page, WALK)
    says(lab, "Step 1 of 7")
    expect(lab.locator("svg.gd-graph")).to_have_count(1)
    expect(lab.locator("[data-edge='0']")).to_have_attribute("data-state", "asked")
    press(lab, "− falls")
    says(lab, "✓ Right.")


@pytest.mark.fault("Python is stopped while another weight is looked at", "looks at it once Python is back")
def test_a_weight_chosen_while_python_was_stopped_is_looked_at_when_it_is_back(page: Page, site: str) -> None:
    page.goto(site + MODULE_5)
    lab = page.locator("gd-lab[data-kind=gradients]")
    lab.scroll_into_view_if_needed()
    expect(lab).to_have_attribute("data-state", "ready", timeout=60_000)
    page.evaluate(
        """async () => {
          const entry = document.querySelector("script[src$='/labs/main.js']").src;
          const { stop } = await import(entry.replace("main.js", "client.js"));
          const menu = document.querySelector("gd-lab[data-kind=gradients] select");
          menu.value = "2";
          menu.dispatchEvent(new Event("change"));
          await null; // the lab has asked by then
          stop("stopped on purpose");
        }"""
    )
    expect(lab.get_by_role("status")).to_contain_text("of hidden layer 2", timeout=60_000)
