"""The built site in a real browser: served at the root and under a subpath, and watched for whatever goes wrong."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from scripts.chromium import INSTALL, QUIET, find_chromium
from scripts.local_server import serve
from tests.browser.lab import LESSON, Lab

ROOT = Path(__file__).resolve().parents[2]

# A busy machine may take its time: how fast things are is the benchmark's business.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def site_folder() -> Path:
    folder = Path(os.environ.get("GD_SITE", ROOT / "site"))
    if not (folder / LESSON / "index.html").exists():
        pytest.fail(f"no built site in {folder}; build it with `make build`")
    return folder


@pytest.fixture(scope="session")
def site(site_folder: Path) -> Iterator[str]:
    with serve(site_folder, "/") as address:
        yield address


@pytest.fixture(scope="session")
def site_under_a_subpath(site_folder: Path) -> Iterator[str]:
    with serve(site_folder, "/somebody/lesson/") as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.fail(f"no Chromium found; install one with `{INSTALL}`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@dataclass
class Watch:
    """What went wrong in a page: errors in its console, errors nobody caught, requests to other hosts."""

    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        page.on("request", partial(self._request, page))

    def forgive(self, part: str) -> None:
        """Take out the problems that a test caused on purpose."""
        self.problems = [problem for problem in self.problems if part not in problem]

    def runtime_requests(self) -> list[str]:
        return [url for url in self.requests if "/assets/runtime/" in url]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text} ({message.location.get('url')})")

    def _request(self, page: Page, request: Request) -> None:
        self.requests.append(request.url)
        url = urlsplit(request.url)
        if url.scheme in ("http", "https") and url.netloc != urlsplit(page.url).netloc and page.url != "about:blank":
            self.problems.append(f"request to another host: {request.url}")


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    yield watch
    assert watch.problems == []


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, watch: Watch) -> Iterator[OpenPage]:
    """A function that opens an empty page, with the options of Playwright's `new_context`; each page is watched."""
    contexts = []

    def open_one(**options: Any) -> Page:
        options = {"viewport": {"width": 1280, "height": 900}} | options
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        watch.follow(page)
        return page

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def visitor(browser: Browser) -> Iterator[tuple[Page, Watch]]:
    """One reader whose tab stays open from test to test, so that Python starts only once."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page, watch = context.new_page(), Watch()
    page.set_default_timeout(60_000)
    watch.follow(page)
    yield page, watch
    context.close()


Enter = Callable[[str], Page]


@pytest.fixture
def enter(visitor: tuple[Page, Watch], site: str) -> Iterator[Enter]:
    """A function that enters a page with labs, by its address below the site's root, in the visitor's tab.

    It comes from the course page by instant navigation, with nothing kept in storage, so that Python goes on from test
    to test and nothing else does.
    """
    page, watch = visitor

    def enter_page(address: str) -> Page:
        if not page.url.startswith(site):
            page.goto(site)
        page.evaluate("() => localStorage.clear()")
        if urlsplit(page.url).path != "/":
            page.get_by_role("link", name="All modules").first.click()
        expect(page.locator("gd-lab")).to_have_count(0)
        page.locator(f"a[href*='{address}']").first.evaluate("link => link.click()")  # the menu may be folded
        expect(page.locator("gd-lab").first).to_be_attached()
        return page

    yield enter_page
    found, watch.problems = watch.problems, []
    assert found == []


@pytest.fixture
def lab(enter: Enter) -> Lab:
    """A new training lab with Python ready."""
    lab = Lab(enter(LESSON))
    lab.element.scroll_into_view_if_needed()
    lab.reaches("ready")
    return lab


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page()
