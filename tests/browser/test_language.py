"""The labs in another language than English: words, numbers that are written, numbers that are typed.

A language of a few messages stands in for the site's own, so that no story depends on a translation; what has none is
said in English.
"""

import re
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenPage, Watch
from tests.browser.lab import ENTRY, LESSON, SLOW, Lab

GERMAN = {
    "name": "Deutsch",
    "decimal": ",",
    "group": ".",
    "grouped_from": 4,
    "messages": {
        "Train": "Trainieren",
        "Learning rate": "Lernrate",
        "Learning rate value": "Wert der Lernrate",
        "The learning rate": "Die Lernrate",
        "“{0}”": "„{0}“",
        "{0} must be a number from {1} to {2}, got {3}.": "{0}: nötig ist eine Zahl von {1} bis {2}, nicht {3}.",
        "{0} It stays {1}.": "{0} Es bleibt bei {1}.",
        "{0} of {1}": "{0} von {1}",
        "epoch": "Epoche",
        "Loss axis": None,
        "Your number": "Deine Zahl",
        "Download the script": "Skript herunterladen",
    },
}

DRAWN = """
  window.drawn = new Set();
  const { fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
    window.drawn.add(text);
    fillText.call(this, text, ...place);
  };
"""
"""Keeps every text that is written into a canvas."""

NUMBERS = """async (entry) => {
  const { language, number, parseNumber } = await import(entry.replace("main.js", "language.js"));
  const { readNumber } = await import(entry.replace("main.js", "quiz.js"));
  const inGroupsFromFiveDigits = (text) => {
    Object.assign(language, { group: " ", grouped_from: 5 });
    return number(text);
  };
  return {
    written: ["0.25", "1,234.5", "1e-5", "−2.1 × 10^6", "1, 2"].map(number),
    read: ["0,3", "0.3", ",5", "1e-2", "−3", "1,234", "1.500", "1.234,5", "1,5,5", ""].map((text) => parseNumber(text)),
    whole: ["10000", "10.000", "10,000", "10 000", "1.000.000", "1.50", "10.00", "-1.000"].map((text) =>
      parseNumber(text, true),
    ),
    inQuiz: ["−3,5", "3.5", "1,500", "0.125"].map(readNumber),
    unclear: readNumber("1.500"),
    fromFive: ["1,600", "−1,600.25", "1,600 of 12,800", "1,234,567"].map(inGroupsFromFiveDigits),
  };
}"""


def speak(page: Page, answer: dict[str, Any]) -> None:
    """Have the lesson be in German, and its language's file be answered like this."""

    def in_german(route: Route) -> None:
        fetched = route.fetch()
        route.fulfill(response=fetched, body=fetched.text().replace('<html lang="en"', '<html lang="de"', 1))

    page.route(re.compile(re.escape(LESSON) + r"(#.*)?$"), in_german)
    page.route("**/labs/languages/de.json", lambda route: route.fulfill(**answer))


def test_labs_speak_write_and_read_the_language_of_their_page(open_page: OpenPage, site: str) -> None:
    page = open_page(reduced_motion="reduce")
    speak(page, {"json": GERMAN})
    page.add_init_script(DRAWN)
    lab = Lab.visit(page, site)

    dial = lab.element.get_by_role("slider", name="Lernrate", exact=True)
    lab.rate = lab.element.get_by_role("textbox", name="Wert der Lernrate")
    lab.type_rate("0,3")
    expect(dial).to_have_attribute("aria-valuetext", "0,3")
    expect(page.locator("gd-keras [data-gd-rate]").first).to_have_text("0.3")
    lab.type_rate("1.500")
    problem = "Die Lernrate: nötig ist eine Zahl von 0,0001 bis 100, nicht „1.500“. Es bleibt bei 0,3."
    expect(lab.element.get_by_role("alert")).to_have_text(problem)
    lab.type_rate("0.25")
    expect(lab.rate).to_have_value("0,25")
    expect(page.locator(".gd-keras-download")).to_have_text("Skript herunterladen")
    expect(page.locator(".gd-quiz-number span").first).to_have_text("Deine Zahl")
    expect(lab.axis).to_be_visible()  # of what is not translated, the English name

    lab.button("Trainieren").click()
    lab.reaches("finished")
    expect(lab.element.locator(".gd-numbers")).to_contain_text("200 von 200")
    expect(lab.element.locator(".gd-words")).to_have_text(re.compile(r"\d,\d"))
    expect(lab.element.locator(".gd-words")).not_to_have_text(re.compile(r"\d\.\d"))
    drawn = page.evaluate("() => [...window.drawn]")
    assert {"Epoche", "0,2"} <= set(drawn)
    assert [text for text in drawn if re.search(r"\d\.\d", text)] == []
    assert re.search(r"^1,0\.\d+,", lab.csv(), re.MULTILINE)


def test_numbers_have_the_marks_of_the_language_and_none_is_read_that_can_mean_two_things(
    open_page: OpenPage, site: str
) -> None:
    page = open_page()
    speak(page, {"json": GERMAN})
    page.goto(site + LESSON)
    expect(page.locator(".gd-quiz-number span").first).to_have_text("Deine Zahl")
    found = page.evaluate(NUMBERS, page.locator(ENTRY).evaluate("entry => entry.src"))

    assert found["written"] == ["0,25", "1.234,5", "1e-5", "−2,1 × 10^6", "1, 2"]
    assert found["read"][:4] == [0.3, 0.3, 0.5, 0.01]
    assert found["read"][5] == 1.234
    assert all(value != value for value in [found["read"][4], *found["read"][6:]])
    assert found["whole"][:6] == [10_000, 10_000, 10_000, 10_000, 1_000_000, 1.5]
    assert found["whole"][6] == 10.0
    assert found["whole"][7] != found["whole"][7]
    assert found["inQuiz"] == [-3.5, 3.5, 1.5, 0.125]
    assert found["unclear"].startswith("A point before three digits can mean two things")
    assert found["fromFive"] == ["1600", "−1600,25", "1600 of 12 800", "1 234 567"]


def test_a_language_that_cannot_be_had_leaves_english(open_page: OpenPage, site: str, watch: Watch) -> None:
    page = open_page()
    speak(page, {"status": 404, "body": "<!doctype html>"})
    lab = Lab.visit(page, site)

    expect(lab.train).to_be_visible(timeout=SLOW)
    lab.type_rate("0.3")
    expect(lab.dial).to_have_attribute("aria-valuetext", "0.3")
    watch.forgive("languages/de.json")
