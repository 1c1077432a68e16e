"""Bad input in a real browser: addresses, number boxes, what the browser keeps, settings and requests of labs."""

import random
import re
import sys
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from gd_core.settings import SETTINGS, problems
from scripts.bench.browser import in_time
from tests.browser.conftest import Enter, OpenPage
from tests.browser.lab import GUIDE, LESSON, MODULE_3, Lab, all_are_mounted

SCRIPTS = (
    "<img src=x onerror=ran()>",
    "<script>ran()</script>",
    '"><svg onload=ran()>',
    "javascript:ran()",
    "${ran()}",
    "{{ran()}}",
    "__import__('js').ran()",
)
NASTY = (
    *SCRIPTS,
    *("", " ", "0", "-0", "-1", "1e9", "1e999", "-1e999", "NaN", "Infinity", "null", "undefined", "true", "[]", "{}"),
    *(
        "0x10",
        "1,5",
        "1.5.5",
        "٣",
        "½",
        "８",
        "−1",
        "1e-400",
        "9" * 400,
        "8-8-",
        "-",
        "8-8-8-8-8-8-8",
        "64-64-64-64-64-64-65",
    ),
    *(
        "\u2028",
        "\u202e",
        "\x00",
        "🙂",
        "é" * 2000,
        "a" * 5000,
        "moons ",
        "Moons",
        "../..",
        "%",
        "%00",
        "'; --",
        "\\u0000",
    ),
    *('{"chosen":', '{"chosen": [1]}', '{"chosen": "x", "checked": 1}', '{"chosen": ["<b>"], "checked": true}', '"x"'),
    *(
        '{"notes": 1}',
        '{"notes": {"rate": "x"}}',
        '{"notes": [1], "done": true}',
        '{"notes": {"works": 1, "fails": {}}}',
    ),
    *(
        '{"notes": {"rate": -1, "epochs": 0.5, "broken": null}}',
        '{"done": 5, "total": 3}',
        '{"done": 0.5, "total": 1e308}',
    ),
    *('{"made": "<b>", "right": 1e999}', '{"made": 1, "right": 7}', '{"made": -1}', '{"__proto__": {"done": true}}'),
    *('{"notes": {"a": ' + "[" * 3000 + "]" * 3000 + "}}", "[" * 50_000, "def update(", "while True: pass"),
)

WATCH_SCRIPTS = "window.ran = () => { window.hasRun = true; };"
"""What every script among the nasty values would call."""


def nothing_ran(page: Page) -> None:
    assert page.evaluate("() => window.hasRun") is None


def scripted(page: Page) -> Page:
    page.add_init_script(WATCH_SCRIPTS)
    return page


# --- addresses ------------------------------------------------------------------------------------------------

SHARE = """
  const base = document.querySelector("script[src*='labs/main.js']").src.replace(/main.js.*/, "");
  const { linkTo, settingsInAddress } = await import(new URL("share.js", base).href);
  const told = document.querySelector(document.querySelector("gd-lab").dataset.choices);
  const { limits } = JSON.parse(told.content.textContent);
  const before = location.href;
"""

READ_ADDRESSES = """async (queries) => {
  SHARE
  try {
    return queries.map((query) => {
      history.replaceState(history.state, "", query);
      return settingsInAddress("lab-1", limits);
    });
  } finally {
    history.replaceState(history.state, "", before);
  }
}"""

ROUND_TRIP = """async (all) => {
  SHARE
  try {
    return all.map((settings) => {
      history.replaceState(history.state, "", linkTo("lab-1", settings));
      return settingsInAddress("lab-1", limits);
    });
  } finally {
    history.replaceState(history.state, "", before);
  }
}"""


def queries(count: int) -> list[str]:
    """Addresses that set something nasty, each one thing or a few, some of them not even well formed."""
    chance = random.Random(6)
    names = [*SETTINGS, "lab", "constructor", "__proto__", "toString", "learning_rte", "<b>", ""]
    found = []
    for _ in range(count):
        given = [(chance.choice(names), chance.choice(NASTY)[:1500]) for _ in range(chance.randint(1, 4))]
        query = urlencode([("lab", "lab-1"), *given])
        found.append("?" + (query if chance.random() < 0.8 else query[: chance.randrange(len(query))] + "%&=%E0%A4"))
    return found


@pytest.mark.fault(
    "an address that sets anything but what a setting may be, or what is no setting",
    "the lab says what the link may set and what it set instead, keeps its own, and runs nothing",
)
def test_addresses_are_read_or_refused_in_three_parts(enter: Enter) -> None:
    page = enter(LESSON)

    for told in page.evaluate(READ_ADDRESSES.replace("SHARE", SHARE), queries(600)):
        if told is None:
            continue  # the address is not for this lab
        assert problems(told["settings"]) == []
        for sentence in told["problems"]:
            assert sentence.startswith("The link")
            assert ("which is no setting." in sentence) or (" must be " in sentence and ", got “" in sentence)
            assert "undefined" not in sentence.split(", got")[0]
            assert len(sentence) < 400


def test_settings_survive_the_way_into_an_address_and_back(enter: Enter) -> None:
    chance = random.Random(7)

    def drawn(name: str) -> Any:
        setting = SETTINGS[name]
        if setting.kind == "choice":
            return chance.choice(setting.choices)
        if setting.kind == "layers":
            return [chance.randint(1, 64) for _ in range(chance.randint(0, setting.longest))]
        if setting.kind == "whole":
            return chance.choice([int(setting.lowest), int(setting.highest), chance.randint(1, int(setting.highest))])
        return chance.choice([setting.lowest, setting.highest, chance.uniform(setting.lowest, setting.highest)])

    sent = [{name: drawn(name) for name in SETTINGS} for _ in range(200)]
    assert all(problems(settings) == [] for settings in sent)

    came = enter(LESSON).evaluate(ROUND_TRIP.replace("SHARE", SHARE), sent)

    assert came == [{"settings": settings, "problems": []} for settings in sent]


@pytest.mark.fault(
    "an address with a script in it, as a lab's setting, a search word, or an anchor",
    "is text wherever it is shown, and never run",
)
def test_no_address_runs_anything(open_page: OpenPage, site: str) -> None:
    page = scripted(open_page())
    script = " ".join(SCRIPTS)
    settings = {"lab": "lab-1", "dataset": script, "epochs": SCRIPTS[0], SCRIPTS[1]: "1", "h": script, "q": script}
    for address in (f"?{urlencode(settings)}#{quote(script)}", f"?lab={quote(script)}#__search", f"#{SCRIPTS[0]}"):
        page.goto("about:blank")
        page.goto(f"{site}{LESSON}{address}")
        lab = Lab(page)
        lab.element.scroll_into_view_if_needed()
        lab.reaches("ready")
        expect(lab.status).to_contain_text("Epoch 0 of")
        nothing_ran(page)


# --- number boxes ---------------------------------------------------------------------------------------------

TYPE_ALL = """([box, texts]) => texts.map((text) => {
  const before = box.value;
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.dispatchEvent(new Event("change", { bubbles: true }));
  const problem = document.getElementById(box.getAttribute("aria-describedby") ?? "")?.textContent ?? "";
  const outcome = { text, before, value: box.value, invalid: box.getAttribute("aria-invalid"), problem };
  box.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  return outcome;
})"""


def takes_a_number_or_says_what_it_must_be(box: Locator, lowest: float, highest: float) -> None:
    """Write every nasty text into a number box."""
    for told in box.page.evaluate(TYPE_ALL, [box.element_handle(), list(NASTY)]):
        if told["invalid"]:
            assert " must be " in told["problem"], told
            assert ", got " in told["problem"], told
            assert f"It stays {told['before']}." in told["problem"], told
            assert len(told["problem"]) < 200, told
        else:
            assert told["problem"] == "", told
            assert lowest <= float(told["value"]) <= highest, told


@pytest.mark.fault(
    "a number box filled with NaN, infinities, negative, huge, empty, text, Unicode or a script",
    "says what the number must be and what came, and the old number stays in force",
)
@pytest.mark.parametrize(("box", "lowest", "highest"), [("rate", 0.0001, 100), ("epochs", 1, 10_000)])
def test_a_number_box_takes_a_number_or_says_what_it_must_be(lab: Lab, box: str, lowest: float, highest: float) -> None:
    takes_a_number_or_says_what_it_must_be(getattr(lab, box), lowest, highest)
    nothing_ran(lab.page)
    expect(lab.element).to_have_attribute("data-state", "ready")


BOXES = ".gd-live input:is([type=number], [type=text]):not(.gd-walk-asking *)"
"""All but those for a guess, which is judged when it is made."""

KINDS_WITH_BOXES = {"training", "rule", "valley", "step", "graph"}


@pytest.mark.fault(
    "any number box of any kind of lab filled with any of these",
    "says what the number must be and what came, and the old number stays in force; the lab goes on",
)
def test_every_number_box_of_every_lab_takes_a_number_or_says_what_it_must_be(enter: Enter) -> None:
    page = enter(GUIDE)
    all_are_mounted(page)
    seen = set()
    for lab in page.locator("gd-lab").all():
        if lab.locator(BOXES).count() == 0:
            continue
        lab.scroll_into_view_if_needed()
        expect(lab).to_have_attribute("data-state", "ready")
        seen.add(lab.get_attribute("data-kind"))
        for box in lab.locator(BOXES).all():
            takes_a_number_or_says_what_it_must_be(box, -sys.float_info.max, sys.float_info.max)
        expect(lab).to_have_attribute("data-state", "ready")
    assert seen == KINDS_WITH_BOXES
    nothing_ran(page)


GUESS_ALL = """([group, texts]) => {
  const box = group.querySelector("input[type=text]");
  const named = (name) => [...group.querySelectorAll("button")].find((button) => button.textContent === name);
  return texts.map((text) => {
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    named("Check").click();
    const outcome = { text, invalid: box.getAttribute("aria-invalid"), said: group.textContent };
    const again = named("Try again");
    if (again && !again.hidden) again.click();
    return outcome;
  });
}"""


@pytest.mark.fault(
    "a number that a quiz or a walk through a graph asks for is no number",
    "says what it must be and what came, and waits for another",
)
def test_a_number_that_is_asked_for_is_judged_or_told_what_it_must_be(enter: Enter) -> None:
    page = enter(GUIDE)
    all_are_mounted(page)
    question = page.locator("gd-quiz fieldset").filter(has=page.locator(".gd-quiz-number")).first
    question.scroll_into_view_if_needed()
    asked = [text for text in NASTY if text.strip()]
    for told in page.evaluate(GUESS_ALL, [question.element_handle(), asked]):
        if told["invalid"]:
            assert "must be a number" in told["said"] or "can mean two things" in told["said"], told
            assert "got “" in told["said"], told
        else:
            assert "Right." in told["said"] or "Not right." in told["said"], told

    walk = page.locator(".gd-walk-asking").first
    walk.scroll_into_view_if_needed()
    no_numbers = [text for text in NASTY if not re.match(r"[\s+−-]*[\d.]", text) or text == "1e999"]
    for told in page.evaluate(GUESS_ALL, [walk.element_handle(), no_numbers]):
        assert told["invalid"], told
        assert " must be " in told["said"], told
        assert ", got " in told["said"], told
    nothing_ran(page)


# --- what the browser keeps -----------------------------------------------------------------------------------

KEYS = """() => {
  const found = [];
  for (const { dataset } of document.querySelectorAll("[data-question]")) found.push(`gd-quiz:${dataset.question}`);
  for (const { dataset } of document.querySelectorAll("gd-quiz")) found.push(`gd-quiz:best:${dataset.quiz}`);
  for (const { dataset } of document.querySelectorAll(".gd-mission")) found.push(`gd-mission:${dataset.key}`);
  for (const { dataset, id } of document.querySelectorAll("gd-lab, gd-cell"))
    found.push(`gd-code:${dataset.page}#${id}`, `gd-predictions:${dataset.page}#${id}`);
  for (const { dataset } of document.querySelectorAll("gd-score, gd-progress")) found.push(`gd-score:${dataset.page}`);
  return found;
}"""


GARBAGE = [text for text in NASTY if not text.startswith('{"notes": [1], "done": true')]
"""What says nothing: of that one the page can read that the mission is done."""


@pytest.mark.fault(
    "everything that the browser keeps holds garbage: answers, scores, missions, predictions, code",
    "counts as nothing kept; the page is whole, and runs are trained and judged as ever",
)
@pytest.mark.parametrize("address", [LESSON, MODULE_3, ""])
def test_garbage_in_storage_counts_as_nothing_kept(open_page: OpenPage, site: str, address: str) -> None:
    page = scripted(open_page())
    page.goto(site + address)
    keys = page.evaluate(KEYS)
    assert keys
    missions = page.locator(".gd-mission").count()
    for turn in range(0, len(GARBAGE), 9):
        kept = {key: GARBAGE[(turn + number) % len(GARBAGE)] for number, key in enumerate(keys)}
        page.evaluate(
            "kept => { for (const [key, text] of Object.entries(kept)) localStorage.setItem(key, text); }", kept
        )
        page.reload()
        expect(page.locator(".gd-mission-mark")).to_have_text(["to do"] * missions)
        expect(page.locator("gd-quiz:not(.gd-quiz-ready)")).to_have_count(0)
        for element in page.locator("gd-cell, gd-score").all():
            element.scroll_into_view_if_needed()
        nothing_ran(page)


SOUND = (
    '{"chosen": ["a"], "checked": true}',
    '{"notes": {"rate": 0.1, "loss": 0.5, "settings": {"hidden_layers": [8, 8]}}, "done": true, "sentence": "Done."}',
    '{"done": 3, "total": 9}',
    '{"made": 4, "right": 2}',
    '"converged"',
    "3",
    "def update(params, gradient, state, learning_rate):\n    params -= learning_rate * gradient\n",
)
"""Such as the page itself keeps."""


def damaged(chance: random.Random) -> str:
    """Something that was kept, once others have been at it: cut, with signs lost, changed or put in."""
    text = chance.choice(SOUND if chance.random() < 0.7 else NASTY)
    for _ in range(chance.randint(0, 3)):
        start = chance.randint(0, len(text))
        end = min(len(text), start + chance.choice((0, 1, 1, 4, 40)))
        text = text[:start] + chance.choice(("", chr(chance.randint(0, 0xD7FF)), *NASTY))[:2000] + text[end:]
    return text


COME_AGAIN = in_time(
    """async (turns) => {
  const html = await (await fetch(location)).text();
  const article = document.querySelector("article");
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("article");
  // Of labs, those with predictions and a rule have something kept.
  for (const lab of fresh.querySelectorAll("gd-lab:not([data-predict=true], [data-kind=rule])")) lab.remove();
  const mounted = () => [...document.querySelectorAll("gd-lab, gd-quiz, .gd-mission, gd-score, gd-cell")].every((one) =>
    one.matches(".gd-quiz-ready") || one.querySelector(".gd-mission-mark, .gd-score-sum, .gd-live"));
  const told = [];
  for (const kept of turns) {
    localStorage.clear();
    for (const [key, text] of Object.entries(kept)) localStorage.setItem(key, text);
    article.replaceChildren(...document.importNode(fresh, true).childNodes);
    while (!mounted()) await new Promise((resolve) => setTimeout(resolve, 5));
    told.push([...document.querySelectorAll(".gd-mission-mark, .gd-score-sum")].map((one) => one.textContent));
  }
  return told;
}""",
    "every lab, cell and quiz of the page, visit after visit",
)


@pytest.mark.fault(
    "anything that the browser keeps was damaged in any way: 40 visits, each with everything damaged anew",
    "counts as nothing kept, or as what can still be read of it; the page is whole and nothing runs by itself",
)
@pytest.mark.parametrize("address", [LESSON, GUIDE])
def test_a_page_is_whole_whatever_was_kept_of_it(open_page: OpenPage, site: str, address: str) -> None:
    page = scripted(open_page())
    page.route("**/assets/runtime/**", lambda _: None)
    page.goto(site + address)
    keys = page.evaluate(KEYS)
    assert page.locator("gd-lab[data-predict=true], gd-lab[data-kind=rule]").count() > 0
    chance = random.Random(11)
    turns = [{key: damaged(chance) for key in keys if chance.random() < 0.9} for _ in range(40)]

    marks = {"to do", "✓ done"}
    for said in page.evaluate(COME_AGAIN, turns):
        assert all(text in marks or re.search(r"\d+ (of \d+ done|things to do)|All \d+ done", text) for text in said)
    nothing_ran(page)


NOTES = [text for text in NASTY if text.startswith('{"notes"')]


@pytest.mark.fault(
    "what is kept of a mission is not what a mission wrote", "counts as nothing kept, and a run is judged as ever"
)
def test_missions_are_judged_whatever_was_kept_of_them(open_page: OpenPage, site: str) -> None:
    page = scripted(open_page())
    page.goto(site + LESSON)
    for number, key in enumerate(page.evaluate(KEYS)):
        if key.startswith("gd-mission:"):
            page.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, NOTES[number % len(NOTES)]])
    page.reload()
    lab = Lab(page)
    lab.element.scroll_into_view_if_needed()
    lab.reaches("ready")
    lab.choose("Speed", "fastest")
    lab.press("Blow it up")
    lab.trains_to_the_end()

    missions = page.locator(".gd-missions").first
    missions.scroll_into_view_if_needed()
    expect(missions.locator(".gd-mission-mark", has_text="done")).not_to_have_count(0)


# --- labs -----------------------------------------------------------------------------------------------------

ASK_ALL = """async (all) => {
  const base = document.querySelector("script[src*='labs/main.js']").src.replace(/main.js.*/, "");
  const { request } = await import(new URL("client.js", base).href);
  const told = [];
  for (const message of all) {
    try {
      await request(message);
      told.push(null);
    } catch (error) {
      told.push({ type: error.name, message: error.message });
    }
  }
  return told;
}"""

TRAINING = {"points": 16, "epochs": 2, "hidden_layers": [2]}
NUMBER = 999


def requests() -> list[dict[str, Any]]:
    """Requests to Python with something nasty in them: labs that are opened, and what an opened one is asked."""
    values: list[Any] = [*NASTY[:40], None, True, -1, 0, 2.5, 1e9, 1e308, [], {}, [[]], ["8"], {"a": 1}]
    opened = {"type": "open", "kind": "training", "lab": NUMBER, "settings": TRAINING, "surface": 0}
    found: list[dict[str, Any]] = []
    for value in values:
        found += [
            opened,
            {"type": "advance", "lab": NUMBER, "amount": {"updates": value}, "surface": 0},
            {"type": "advance", "lab": NUMBER, "amount": value, "surface": 0},
            {"type": "change", "lab": NUMBER, "settings": {"learning_rate": value}, "surface": 0},
            {"type": "change", "lab": NUMBER, "settings": value, "surface": 0},
            {"type": "judge", "lab": NUMBER, "missions": [{"goal": "learn", "notes": value}]},
            {"type": "reset", "lab": NUMBER, "surface": value},
            {"type": str(value)[:50] or "none", "lab": NUMBER},
            *(opened | {"settings": TRAINING | {name: value}} for name in ("points", "dataset", "learning_rate")),
            opened | {"settings": value},
            opened | {"kind": value},
        ]
    return [message for message in found if message["type"] not in ("open", "close", "start") or "kind" in message]


@pytest.mark.fault(
    "a lab opened with bad settings, or a request to Python with bad values",
    "is refused in three parts, and Python goes on",
)
def test_python_refuses_bad_settings_and_requests_and_goes_on(lab: Lab) -> None:
    told = [error for error in lab.page.evaluate(ASK_ALL, requests()) if error]

    assert len(told) > 200
    for error in told:
        if "lab must be one that was opened" in error["message"]:
            continue  # the lab before it was refused
        assert error["type"] in ("ValueError", "TypeError"), error
        assert "got" in error["message"] or "unknown" in error["message"], error
    nothing_ran(lab.page)
    lab.trains_to_the_end()


def open_lab(page: Page, site: str, settings: dict[str, Any]) -> Lab:
    """Open the lesson's lab with settings in the address."""
    page.goto(f"{site}{LESSON}?{urlencode({'lab': 'lab-1', **settings})}#lab-1")
    lab = Lab(page)
    lab.reaches("ready")
    return lab


@pytest.mark.fault(
    "the largest lab that there is: 10,000 points, and a network of 64-64-64 units", "trains and can be paused"
)
@pytest.mark.parametrize("settings", [{"points": "10000", "batch_size": "1"}, {"hidden_layers": "64-64-64"}], ids=str)
def test_the_largest_labs_train_and_pause(open_page: OpenPage, site: str, settings: dict[str, str]) -> None:
    lab = open_lab(open_page(), site, settings)
    lab.choose("Speed", "fastest")

    lab.train.click()
    lab.reaches("training")
    lab.pause.click()

    lab.reaches("paused")


@pytest.mark.fault(
    "a lab whose epoch takes minutes: 10,000 updates of a network of six times 64 units, at any speed",
    "trains on, can be paused within an epoch, and makes one step of it",
)
def test_an_epoch_that_takes_long_can_be_paused(open_page: OpenPage, site: str) -> None:
    settings = {"points": "10000", "batch_size": "1", "hidden_layers": "64-64-64-64-64-64"}
    lab = open_lab(open_page(), site, settings)
    lab.train.click()
    lab.reaches("training")

    lab.pause.click()

    lab.reaches("paused")
    assert lab.epoch() == 0


@pytest.mark.fault("a batch larger than the data, two points", "trains to its end, with a verdict")
def test_two_points_in_one_batch_train(open_page: OpenPage, site: str) -> None:
    lab = open_lab(open_page(), site, {"points": 2, "batch_size": 10_000, "epochs": 9})

    lab.trains_to_the_end()

    expect(lab.status).to_contain_text("Stopped after epoch 9")
