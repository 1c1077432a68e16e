"""The core of the lesson in every browser: starting, training, breaking and mending a run, leaving and coming back.

What else is told elsewhere carries the mark `also_in` where it stands.
"""

import pytest
from playwright.sync_api import Page, expect

from scripts.bench.start import WAIT_UNTIL_KEPT
from tests.browser.conftest import Enter, OpenPage, Watch
from tests.browser.lab import GUIDE, LESSON, Lab, all_are_mounted

pytestmark = pytest.mark.also_in("firefox", "webkit")


def test_the_default_run_learns_and_one_at_rate_100_breaks_and_is_mended(lab: Lab) -> None:
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()
    expect(lab.status).to_contain_text("Epoch 200 of 200, Loss 0.00936, Accuracy 100.0 %, Verdict: converged.")

    lab.press("Reset")
    lab.type_rate("100")
    lab.trains_to_the_end()
    expect(lab.status).to_contain_text("Verdict: diverged.")
    expect(lab.status).to_contain_text("Press Reset and divide the learning rate by ten.")

    lab.press("Reset")
    lab.press("Just right")
    expect(lab.rate).to_have_value("0.1")
    lab.trains_to_the_end()
    expect(lab.status).to_contain_text("Loss 0.00936,")
    assert [run.split(" ", 3)[:3] for run in lab.runs()] == [
        ["this", "run:", "rate"],
        ["rate", "100", "diverged"],
        ["rate", "0.1", "converged"],
    ]


def test_a_run_is_paused_stepped_and_begun_again(lab: Lab) -> None:
    lab.train.click()
    lab.reaches_epoch(5)
    lab.pause.click()
    lab.reaches("paused")
    done = lab.epoch()
    lab.press("Step")
    lab.reaches_epoch(done + 1)
    lab.reaches("paused")
    lab.press("Reset")
    lab.reaches("ready")
    assert lab.epoch() == 0


def test_the_pictures_show_what_was_trained(lab: Lab) -> None:
    """Both canvases hold more than one colour once a run is over."""
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()
    colours = lab.element.evaluate(
        """lab => new Promise(requestAnimationFrame).then(() => [...lab.querySelectorAll("canvas")].map((canvas) => {
             const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
             return new Set(new Uint32Array(data.buffer)).size;
           }))"""
    )
    assert len(colours) == 2
    assert min(colours) > 10


def test_leaving_in_the_middle_of_a_run_and_coming_back_keeps_python(enter: Enter, lab: Lab) -> None:
    lab.train.click()
    lab.reaches_epoch(3)
    lab.page.evaluate("() => { window.sameDocument = true; }")
    again = Lab(enter(LESSON))
    again.element.scroll_into_view_if_needed()
    again.reaches("ready")
    assert again.page.evaluate("() => window.sameDocument")
    assert again.epoch() == 0


def test_a_question_is_answered_and_explained(enter: Enter) -> None:
    page = enter(GUIDE)
    all_are_mounted(page)
    question = page.get_by_role("group", name="What does this run need")
    question.get_by_role("radio").first.check()
    question.get_by_role("button", name="Check").click()
    expect(question.get_by_role("status")).to_contain_text("Not right.")
    question.get_by_role("button", name="Try again").click()
    question.get_by_role("radio").nth(1).check()
    question.get_by_role("button", name="Check").click()
    expect(question.get_by_role("status")).to_contain_text("Right.")


def test_a_second_visit_starts_python_from_what_the_first_has_kept(
    open_page: OpenPage, site: str, watch: Watch
) -> None:
    page = open_page()
    Lab.ready(page, site)
    page.evaluate(WAIT_UNTIL_KEPT)
    all_are_mounted(page)  # WebKit reports a module that is on its way when its page is left
    first = watch.runtime_requests()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    Lab.ready(page, site)
    all_are_mounted(page)
    assert [text for text in said if "plainly" in text] == []
    assert watch.runtime_requests() == first
    assert starts_from_the_image(page, first)


def starts_from_the_image(page: Page, requests: list[str]) -> bool:
    """Whether Python was put back from its image: the plain way asks for the standard library."""
    assert page.locator("gd-lab").first.get_attribute("data-state") == "ready"
    return any("/memory." in url for url in requests) and not any(
        url.endswith("/python_stdlib.zip") for url in requests
    )
