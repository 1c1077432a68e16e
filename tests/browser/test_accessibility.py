"""axe finds nothing: on every page as it comes, in every state of labs and quiz; light and dark, wide and narrow."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from scripts.languages import ENGLISH, language_of, read_languages
from tests.browser.conftest import Enter, OpenPage, Watch
from tests.browser.lab import GUIDE, LESSON, MODULE_3, MODULE_5, SLOW, Lab, lay_out_everything, retype, scroll_to

LOOKS: list[tuple[Any, int]] = [("light", 1280), ("dark", 360)]
"""Both schemes and both widths: contrast does not depend on the width, nor anything else on the scheme."""


def look_at(page: Page, scheme: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.locator(f"#__palette_{2 if scheme == 'dark' else 1}").dispatch_event("click")
    expect(page.locator("body")).to_have_attribute(
        "data-md-color-scheme", "slate" if scheme == "dark" else "default", timeout=SLOW
    )


def findings(page: Page, part: str = "body") -> list[str]:
    """What axe finds in a part of the page, a line each."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(Axe().axe_script)
    whole = part == "body"
    rules = {"target-size": {"enabled": True}}
    # What axe loads beforehand is for a rule on whole pages, and takes as long as all others.
    options = {"resultTypes": ["violations"], "rules": rules, "preload": whole}
    report = page.evaluate(
        "([part, options]) => axe.run(part ?? document, options)", [None if whole else part, options]
    )
    return [
        f"{violation['id']}: {node['html'][:160]}: {' '.join(node['failureSummary'].split())}"
        for violation in report["violations"]
        for node in violation["nodes"]
    ]


def stall(_: Route) -> None:
    """Never answer."""


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_nothing_on_any_page(open_page: OpenPage, site: str, site_folder: Path, scheme: Any, width: int) -> None:
    """A translation has the same blocks as its original; axe looks at one in `test_languages.py`."""
    paths = sorted(path.relative_to(site_folder).as_posix() for path in site_folder.rglob("*.html"))
    names = [name for name in paths if language_of(name, read_languages()) == ENGLISH]
    assert {"index.html", "404.html", "authoring/index.html", "licences/index.html"} < set(names)
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page.route("**/assets/runtime/**", stall)
    found = {}
    for name in names:
        page.goto(site + name.removesuffix("index.html"))
        lay_out_everything(page)
        found[name] = findings(page)
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_nothing_while_python_loads_and_when_it_has_failed(open_page: OpenPage, site: str, watch: Watch) -> None:
    page = open_page(reduced_motion="reduce")
    held: list[Route] = []
    page.route("**/pyodide.asm.wasm*", lambda route: held.append(route))
    page.goto(site + GUIDE)
    lay_out_everything(page)
    labs = page.locator("gd-lab")
    for state in ("loading", "failed"):
        for lab in labs.all():
            lab.scroll_into_view_if_needed()
            expect(lab).to_have_attribute("data-state", state, timeout=SLOW)
        for scheme, width in LOOKS:
            look_at(page, scheme, width)
            assert findings(page, "gd-lab") == []
        page.route("**/pyodide.asm.wasm*", lambda route: route.abort())
        for route in held:
            route.abort()
        held.clear()
    watch.forgive("pyodide.asm.wasm")


Inspect = Callable[[str], None]


@pytest.fixture
def inspect(
    enter: Enter, visitor: tuple[Page, Watch], request: pytest.FixtureRequest
) -> Iterator[tuple[Page, Inspect]]:
    """A page, entered anew, and a function that has axe look at a part of it, as it stands, light and dark."""
    page, _ = visitor
    enter(getattr(request, "param", GUIDE))

    def look(part: str) -> None:
        for scheme, width in LOOKS:
            look_at(page, scheme, width)
            page.locator(part).scroll_into_view_if_needed()
            assert findings(page, part) == []
        look_at(page, "light", 1280)

    yield page, look
    look_at(page, "light", 1280)


def reach(lab: Locator, state: str) -> None:
    expect(lab).to_have_attribute("data-state", state, timeout=SLOW)


def near(page: Page, part: str) -> Locator:
    """Scroll to a lab and wait until Python is ready for it."""
    lab = page.locator(part)
    scroll_to(lab)
    reach(lab, "ready")
    return lab


def press(lab: Locator, name: str) -> None:
    lab.get_by_role("button", name=name, exact=True).click()


def choose(lab: Locator, menu: str, option: str) -> None:
    lab.get_by_role("combobox", name=menu, exact=True).select_option(option)


def unfold(lab: Locator, name: str) -> None:
    lab.get_by_text(name, exact=True).click()


Tour = tuple[Page, Inspect]


def on(address: str) -> pytest.MarkDecorator:
    """Have a test look at another page than the guide, which holds every kind of block and takes axe longer."""
    return pytest.mark.parametrize("inspect", [address], indirect=True)


def test_nothing_in_a_training_lab_before_during_and_after_runs(inspect: Tour) -> None:
    page, look = inspect
    lab = near(page, "#lab-1")
    look("#lab-1")
    choose(lab, "Speed", "slow")
    press(lab, "Train")
    reach(lab, "training")
    look("#lab-1")
    reach(lab, "training")
    press(lab, "Pause")
    unfold(lab, "The curve as a table")
    lab.get_by_role("slider", name="Epoch to read from the curve").focus()
    page.keyboard.press("Home")
    look("#lab-1")
    for rate in ("100", "0.1"):
        press(lab, "Reset")
        box = lab.get_by_role("textbox", name="Learning rate value")
        retype(box, rate)
        box.press("Enter")
        choose(lab, "Speed", "fastest")
        press(lab, "Train")
        reach(lab, "finished")
        expect(lab.get_by_role("status")).to_contain_text("diverged" if rate == "100" else "Verdict: learning")
        look("#lab-1")
    for name, role in {"Learning rate value": "textbox", "Epochs": "spinbutton"}.items():
        box = lab.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]
        retype(box, "0")
        box.press("Enter")
        expect(box).to_have_attribute("aria-invalid", "true")
    look("#lab-1")


def test_nothing_in_a_comparison(inspect: Tour) -> None:
    page, look = inspect
    lab = near(page, "#compare-1")
    lab.get_by_role("group", name="Presets").get_by_role("button").first.click()
    reach(lab, "finished")
    look("#compare-1")


def test_nothing_in_valley_and_ravine(inspect: Tour) -> None:
    page, look = inspect
    valley = near(page, "#valley-1")
    press(valley, "Step")
    unfold(valley, "The walk as a table")
    look("#valley-1")
    box = valley.get_by_role("textbox", name="Learning rate value")
    retype(box, "1.1")
    box.press("Enter")
    press(valley, "Train")
    expect(valley.get_by_role("status")).to_contain_text("has left the picture")
    look("#valley-1")
    ravine = near(page, "#valley-2")
    press(ravine, "Train")
    reach(ravine, "finished")
    choose(ravine, "Update rule", "momentum")
    look("#valley-2")


def test_nothing_in_a_sweep_while_it_runs_and_after(inspect: Tour) -> None:
    page, look = inspect
    near(page, "#lab-1")
    epochs = Lab(page).epochs  # of the lab that the sweep follows: so many that it goes on while axe looks
    retype(epochs, epochs.get_attribute("max") or "")
    epochs.press("Enter")
    sweep = near(page, "#sweep-1")
    for scheme, width in LOOKS:
        look_at(page, scheme, width)
        press(sweep, "Sweep 48 rates")
        expect(sweep.get_by_role("progressbar")).to_be_visible()
        assert findings(page, "#sweep-1") == []
        press(sweep, "Cancel")
        expect(sweep.get_by_role("progressbar")).to_be_hidden()
    unfold(sweep, "The sweep as a table")
    sweep.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    look("#sweep-1")


def test_nothing_in_the_stages_of_a_slow_step(inspect: Tour) -> None:
    page, look = inspect
    step = near(page, "#step-1")
    for stage in range(4):
        step.get_by_role("group", name="Stages").get_by_role("button").nth(stage).click()
        look("#step-1")
    step.locator(".gd-step-question button").first.click()
    look("#step-1")


@on(MODULE_3)
def test_nothing_in_the_network_lab(inspect: Tour) -> None:
    page, look = inspect
    network = near(page, "#network-1")
    look("#network-1")
    network.get_by_role("radio").nth(1).click()
    press(network, "Switch it off")
    expect(network.get_by_role("status")).to_contain_text("switched off")
    look("#network-1")
    press(network, "Another shake")
    expect(network.get_by_role("status")).to_contain_text("shaken")
    look("#network-1")


@on(MODULE_5)
def test_nothing_in_the_walk_back_through_a_graph(inspect: Tour) -> None:
    page, look = inspect
    graph = near(page, "#graph-1")
    box = graph.get_by_role("textbox", name="or type the gradient")
    retype(box, "much")
    press(graph, "Check")
    look("#graph-1")
    for right in (True, False):
        press(graph, "− falls" if right else "+ rises")
        look("#graph-1")
        press(graph, "Next")
    for _ in range(50):  # more than any graph asks
        if not graph.get_by_role("button", name="Just show me").is_visible():
            break
        press(graph, "Just show me")
        graph.get_by_role("button", name=re.compile("^(Next|Finish)$")).click()
    expect(graph.get_by_role("status")).to_contain_text("The walk is done")
    look("#graph-1")


@on(MODULE_5)
def test_nothing_in_the_check_of_gradients_and_in_the_vanishing_gradient(inspect: Tour) -> None:
    page, look = inspect
    check = near(page, "#gradients-1")
    look("#gradients-1")
    check.get_by_role("button", name="at once").click()
    expect(check.get_by_role("status")).to_contain_text("checked with a nudge")
    look("#gradients-1")
    depth = near(page, "#vanishing-1")
    look("#vanishing-1")
    press(depth, "Near the output")
    depth.get_by_role("button", name="Train both").first.click()
    expect(depth.get_by_role("status")).to_contain_text("epochs with", timeout=SLOW)
    look("#vanishing-1")


def test_nothing_in_the_readers_own_rule(inspect: Tour) -> None:
    page, look = inspect
    rule = near(page, "#rule-1")
    code = rule.get_by_role("textbox", name="Your update rule, in Python")
    code.focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(
        "def update(params, gradient, state, learning_rate):\n    print('hello')\n    params -= x"
    )
    press(rule, "Run my rule")
    expect(rule.get_by_role("alert")).to_contain_text("Line 3.")
    expect(rule.get_by_label("Your rule printed")).to_be_visible()
    look("#rule-1")
    choose(rule, "Example", "Forgot the minus")
    press(rule, "Run my rule")
    expect(rule.get_by_role("status")).to_contain_text("Verdict: diverged.", timeout=SLOW)
    look("#rule-1")


def test_nothing_in_cells(inspect: Tour) -> None:
    page, look = inspect
    cell = page.locator("#cell-2")
    cell.scroll_into_view_if_needed()
    press(cell, "Run")
    reach(cell, "finished")
    look("#cell-2")
    press(cell, "Edit")
    cell.get_by_role("textbox").focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("print('hello')\nnothing")
    press(cell, "Run")
    reach(cell, "failed")
    look("#cell-2")


@on(LESSON)
def test_nothing_in_predictions_missions_and_the_score(inspect: Tour) -> None:
    page, look = inspect
    lab = near(page, "gd-lab >> nth=0")
    lab.get_by_role("radio", name="bounce", exact=True).check()
    choose(lab, "Speed", "fastest")
    press(lab, "Train")
    reach(lab, "finished")
    expect(lab.get_by_role("status")).to_contain_text("You said it would bounce")
    look("#lab-1")
    expect(page.locator("#make-it-learn")).to_contain_text("✓ done")
    look("gd-missions")
    look("gd-score")


def test_nothing_in_a_quiz_chosen_wrong_right_and_misspelt(inspect: Tour) -> None:
    page, look = inspect
    quiz = page.locator("gd-quiz")
    quiz.scroll_into_view_if_needed()
    several, number, one = (quiz.locator(f"[data-choose={kind}]") for kind in ("several", "number", "one"))
    one.get_by_role("radio").first.check()
    several.get_by_role("checkbox").first.check()
    retype(number.get_by_role("textbox"), "two")
    look("gd-quiz")
    for question in (one, several, number):
        press(question, "Check")
    look("gd-quiz")
    press(one, "Try again")
    one.get_by_role("radio").nth(1).check()
    press(one, "Check")
    retype(number.get_by_role("textbox"), "2")
    press(number, "Check")
    expect(quiz.locator(".gd-quiz-summary").get_by_role("status")).to_contain_text("Score: 2 of 3")
    look("gd-quiz")
