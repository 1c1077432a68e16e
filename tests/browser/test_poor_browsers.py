"""Browsers that lack what the labs or Python need: each gets a sentence and the recorded run, and no button is dead."""

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from scripts.runtime import program
from tests.browser.conftest import OpenPage, Watch
from tests.browser.lab import LESSON, Lab

ROOT = Path(__file__).resolve().parents[2]

STAYS = "says so and offers Retry; the recorded run stays"
UNABLE = "says so in each experiment; the recorded run stays"

NO_MODULE_WORKERS = """
window.Worker = new Proxy(Worker, { construct: (OldWorker, [address]) => new OldWorker(address) });
"""


def shows_the_recorded_run(page: Page) -> None:
    expect(page.locator("gd-lab .gd-recorded svg").first).to_be_visible()


def refuses_with(page: Page, site: str, sentence: str) -> None:
    """The lab says the sentence beside its recorded run, says it again on Retry, and Train is no way around it."""
    lab = Lab.visit(page, site)
    for button in ("Retry", "Train"):
        lab.reaches("failed")
        expect(lab.status).to_contain_text(sentence)
        shows_the_recorded_run(page)
        lab.press(button)
    lab.reaches("failed")
    expect(lab.status).to_contain_text(sentence)


def begin_worker_with(page: Page, code: str) -> None:
    """Have the worker run some code before its own; what it imports is loaded by then, and has done nothing yet."""

    def put_before(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=code + answer.text())

    page.route("**/labs/worker.js", put_before)


@pytest.mark.parametrize(
    ("lacking", "sentence"),
    [
        pytest.param(
            "delete globalThis.WebAssembly;",
            "This browser cannot run Python: it has no WebAssembly",
            id="no WebAssembly",
            marks=pytest.mark.fault("a browser without WebAssembly", STAYS),
        ),
        pytest.param(
            "WebAssembly.validate = () => false;",
            "This browser cannot run Python: its WebAssembly lacks exceptions.",
            id="no exceptions in WebAssembly",
            marks=pytest.mark.fault("a browser whose WebAssembly knows no exceptions", STAYS),
        ),
    ],
)
def test_without_what_python_needs_a_sentence_says_what_and_nothing_is_downloaded(
    page: Page, site: str, watch: Watch, lacking: str, sentence: str
) -> None:
    begin_worker_with(page, lacking)
    refuses_with(page, site, sentence)
    assert watch.runtime_requests() == []


def test_what_python_needs_of_webassembly_is_asked_of_the_engine_itself() -> None:
    """Node can be had without the exceptions that Pyodide's WebAssembly uses."""
    command = [program("node"), "--no-experimental-wasm-legacy-eh", str(ROOT / "tests" / "start_python.mjs")]
    answer = subprocess.run([*command, '[{"url": "file:///nowhere/"}]'], capture_output=True, text=True, check=True)
    assert "its WebAssembly lacks exceptions" in answer.stdout


@pytest.mark.fault("a browser whose workers take no modules", STAYS)
def test_without_module_workers_a_sentence_says_so(page: Page, site: str) -> None:
    page.add_init_script(NO_MODULE_WORKERS)
    refuses_with(page, site, "This browser cannot run Python: its workers take no modules.")


@pytest.mark.fault("a browser without Cache Storage", "starts Python all the same; a later visit downloads it again")
def test_without_cache_storage_python_starts_all_the_same(page: Page, site: str) -> None:
    begin_worker_with(page, "delete WorkerGlobalScope.prototype.caches;")
    lab = Lab.ready(page, site)
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()
    assert page.evaluate("() => caches.has('gd-python')") is False


@pytest.mark.parametrize(
    "lacking",
    [
        pytest.param(name, marks=pytest.mark.fault(f"a browser without {name}", UNABLE))
        for name in ("IntersectionObserver", "customElements")
    ],
)
def test_without_what_the_page_needs_every_experiment_says_so(
    page: Page, site: str, watch: Watch, lacking: str
) -> None:
    page.add_init_script(f"delete window.{lacking};")
    page.goto(site + LESSON)
    says_that_it_has_not_come_up(page)
    watch.forgive(lacking)
    watch.forgive("undefined")


@pytest.mark.fault("the script of the labs cannot be had", UNABLE)
def test_where_the_script_of_the_labs_cannot_be_had_every_experiment_says_so(
    page: Page, site: str, watch: Watch
) -> None:
    page.route("**/labs/main.js", lambda route: route.abort())
    page.goto(site + LESSON)
    says_that_it_has_not_come_up(page)
    watch.forgive("labs/main.js")


def says_that_it_has_not_come_up(page: Page) -> None:
    page.locator("gd-lab").first.scroll_into_view_if_needed()
    expect(page.locator("gd-lab .gd-unable").first).to_be_visible()
    expect(page.locator("gd-lab .gd-unable").first).to_contain_text("This experiment has not come up")
    shows_the_recorded_run(page)
    expect(page.locator("gd-lab").first.get_by_role("button")).to_have_count(0)


@pytest.mark.fault("JavaScript is switched off", "says so in each experiment; the recorded run stays")
def test_without_javascript_every_experiment_says_so(open_page: OpenPage, site: str) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(site + LESSON)
    expect(page.locator("gd-lab noscript p").first).to_contain_text("need JavaScript")
    expect(page.locator("gd-lab .gd-unable").first).to_be_hidden()
    shows_the_recorded_run(page)
    expect(page.locator("gd-lab").first.get_by_role("button")).to_have_count(0)


def test_a_lab_that_came_up_says_nothing_of_that_kind(lab: Lab) -> None:
    expect(lab.element.locator(".gd-unable")).to_be_hidden()
