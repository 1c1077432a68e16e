"""A walk through the lesson by ear: tests/SCREEN_READER.md, held against the browser's accessibility tree.

Every step does something by keyboard and notes what a screen reader then has to say: where the focus is, what was
spoken by itself, what stands there to be read. After a change that is meant, GD_WRITE_WALK=1 writes the document anew.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.lab import LESSON, Lab

WALK = Path(__file__).resolve().parents[1] / "SCREEN_READER.md"

LISTEN = """() => {
  window.spoken = [];
  const live = "[role=status], [role=alert], [aria-live]";
  new MutationObserver((changes) => {
    const regions = changes.map(({ target }) => (target.closest ? target : target.parentElement)?.closest(live));
    for (const region of new Set(regions)) {
      if (!region?.checkVisibility() || region.getAttribute("aria-live") === "off") continue;
      const text = region.innerText.replace(/\\s+/g, " ").replaceAll(" ,", ",").trim();
      if (text) window.spoken.push(text);
    }
  }).observe(document.body, { characterData: true, childList: true, subtree: true });
}"""
"""Notes what live regions say, as screen readers speak it: each region whole, whenever something is put into it."""

HEAD = """\
# The lesson by ear

What a screen reader has to say on a walk through Module 4 by keyboard alone. A test takes the same walk and compares
every line with the browser's accessibility tree (`tests/browser/test_screen_reader.py`, which also writes this file).

*Focus* is what the reader hears as the focus moves or its name changes; *spoken* is what live regions say by
themselves; what *stands there* is read by moving on. While a run is under way the page says nothing: sixty losses a
second help nobody. When it stands still it says where, and why.
"""


@dataclass
class Step:
    """A step of the walk: what the reader does, and the part of the page that is read afterwards."""

    title: str
    told: str
    act: Callable[[Page], Locator | None]


def keys(page: Page, control: Locator, *pressed: str) -> None:
    """Come to a control and press keys."""
    control.focus()
    for key in pressed:
        page.keyboard.press(key)


def outline(page: Page) -> list[str]:
    """Landmarks and headings of a page, as readers list them."""
    kinds = "banner|navigation|main|contentinfo|complementary|region|search|heading"
    lines = (line.strip() for line in page.locator("body").aria_snapshot().splitlines())
    return [line.removesuffix(":") for line in lines if re.match(rf"- '?({kinds})\b", line)]


def tree(part: Locator) -> list[str]:
    """What stands in a part of the page; a slider says its own words for its value, where it has some."""
    text = part.aria_snapshot()
    values: list[list[str]] = part.evaluate(
        """part => [part, ...part.querySelectorAll("*")].filter((e) => e.ariaValueText)
             .map((e) => [e.ariaLabel ?? e.labels[0].textContent, e.ariaValueText])"""
    )
    for name, value in values:
        text = re.sub(rf'(slider "{name}")(: .*)?', lambda match, value=value: f"{match[1]}: {value}", text)  # type: ignore[misc]
    return text.splitlines()


def come(page: Page) -> Locator:
    lab = Lab(page)
    lab.element.scroll_into_view_if_needed()
    lab.reaches("ready")
    page.evaluate(LISTEN)
    keys(page, lab.train)
    return lab.element.locator(".gd-controls")


def predict(page: Page) -> Locator:
    group = page.get_by_role("group", name="Predict first")
    keys(page, group.get_by_role("radio").first, "Space")
    return group


def take_steps(page: Page) -> Locator:
    lab = Lab(page)
    for epoch in (1, 2):
        keys(page, lab.button("Step"), "Enter")
        expect(lab.status).to_contain_text(f"Epoch {epoch} of")
        lab.reaches("paused")
    return lab.element.locator(".gd-report")


def press_train(page: Page) -> None:
    lab = Lab(page)
    keys(page, lab.train, "Enter")
    expect(lab.pause).to_be_focused()


def wait_for_the_end(page: Page) -> Locator:
    lab = Lab(page)
    lab.reaches("finished")
    return lab.element.locator(".gd-report")


def read_the_curve(page: Page) -> None:
    lab = Lab(page)
    keys(page, lab.reader, "Home", "ArrowRight")
    expect(lab.reader).to_have_attribute("aria-valuetext", re.compile("^epoch 1:"))


def blow_up(page: Page) -> Locator:
    lab = Lab(page)
    keys(page, lab.button("Reset"), "Enter")
    lab.reaches("ready")
    keys(page, lab.dial, "End")
    keys(page, lab.train, "Enter")
    lab.reaches("finished")
    return lab.legend.first


def mistype(page: Page) -> Locator:
    lab = Lab(page)
    lab.rate.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("much")
    page.keyboard.press("Enter")
    expect(lab.rate).to_have_attribute("aria-invalid", "true")
    return lab.element.locator(".gd-dial-head")


def question(page: Page) -> Locator:
    return page.locator("gd-quiz .gd-quiz-question").first


def come_to_the_quiz(page: Page) -> Locator:
    question(page).scroll_into_view_if_needed()
    keys(page, question(page).get_by_role("radio").first)
    return question(page)


def answer(page: Page) -> Locator:
    radios = question(page).get_by_role("radio")
    wrong = question(page).locator("li[data-answer]").evaluate_all("all => all.map((one) => one.dataset.right)")
    keys(page, radios.first, "Space", *["ArrowDown"] * wrong.index("false"))
    keys(page, question(page).get_by_role("button", name="Check"), "Enter")
    expect(question(page).get_by_role("status")).not_to_be_empty()
    return question(page).get_by_role("status")


def answer_again(page: Page) -> Locator:
    right = question(page).locator("li[data-answer]").evaluate_all("all => all.map((one) => one.dataset.right)")
    keys(page, question(page).get_by_role("button", name="Try again"), "Enter", "Space")
    keys(page, question(page).get_by_role("radio").first, "Space", *["ArrowDown"] * right.index("true"))
    keys(page, question(page).get_by_role("button", name="Check"), "Enter")
    expect(question(page).get_by_role("status")).to_contain_text("Right.")
    return page.locator(".gd-quiz-summary")


def hear_the_score(page: Page) -> Locator:
    score = page.locator("gd-score")
    score.scroll_into_view_if_needed()
    expect(score).not_to_be_empty()
    return score


STEPS = [
    Step("The lab", "The focus comes to the button Train, once Python is ready.", come),
    Step("A prediction", "Space on the first answer.", predict),
    Step("Single epochs", "Enter on Step, twice.", take_steps),
    Step("A run begins", "Enter on Train. The button is called Pause from now on.", press_train),
    Step("The run ends", "Nothing is pressed.", wait_for_the_end),
    Step("The curve", "Home and the right arrow on the slider that reads the curve.", read_the_curve),
    Step("A run that blows up", "Reset; End on the dial; Train.", blow_up),
    Step("A rate that is none", "“much” typed into the box of the rate, and Enter.", mistype),
    Step("The quiz", "The focus comes to the first question.", come_to_the_quiz),
    Step("A wrong answer", "An answer is chosen by arrow keys; Enter on Check.", answer),
    Step("The right answer", "Enter on Try again, another answer, Check.", answer_again),
    Step("The score", "Reading on, below the quiz.", hear_the_score),
]


def fenced(language: str, lines: list[str]) -> str:
    return "\n".join([f"```{language}", *lines, "```", ""])


def walk(page: Page) -> str:
    """Take the walk and return the document."""
    parts = [HEAD, f"## Opening the lesson\n\nThe page is called “{page.title()}”. Landmarks and headings:\n"]
    parts.append(fenced("yaml", outline(page)))
    for step in STEPS:
        part = step.act(page)
        spoken: list[str] = page.evaluate(
            "() => new Promise(requestAnimationFrame).then(() => window.spoken.splice(0))"
        )
        parts.append(f"## {step.title}\n\n{step.told}\n")
        parts.append(f"Focus:\n\n{fenced('yaml', tree(page.locator(':focus')))}")
        if spoken:
            parts.append("Spoken:\n\n" + "".join(f"> {line}\n>\n" for line in spoken).removesuffix(">\n"))
        if part:
            parts.append(f"Stands there:\n\n{fenced('yaml', tree(part))}")
    return "\n".join(parts)


def test_a_screen_reader_hears_what_the_document_says(open_page: OpenPage, site: str) -> None:
    page = open_page(reduced_motion="reduce")
    page.goto(site + LESSON)
    expect(page.locator("gd-lab > .gd-live")).to_have_count(page.locator("gd-lab").count())
    heard = walk(page)
    if os.environ.get("GD_WRITE_WALK"):
        WALK.write_text(heard, encoding="utf-8")
    assert heard.splitlines() == WALK.read_text(encoding="utf-8").splitlines()
