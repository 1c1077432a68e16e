"""The built site in real browsers: served at the root and under a subpath, and watched for whatever goes wrong.

Every story is told in Chromium; those marked `also_in` in Firefox or WebKit, too. `GD_BROWSERS=firefox pytest …`
tells all of them there; what needs a thing that this browser cannot be told to do is then skipped.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Playwright,
    Request,
    expect,
    sync_playwright,
)

from scripts.browsers import INSTALL, QUIET, find_own, find_system
from scripts.local_server import serve
from tests.browser.lab import LESSON, NOTE_PYTHONS, Lab, scroll_to
from tests.browser.webkit import open_webkit

ROOT = Path(__file__).resolve().parents[2]

# A busy machine may take its time: how fast things are is the benchmark's business.
expect.set_options(timeout=30_000)


Preferences = dict[str, str | float | bool]

FIREFOX: Preferences = {
    "ui.prefersReducedMotion": 1,
    "ui.useOverlayScrollbars": 1,
    "ui.primaryPointerCapabilities": 6,  # a mouse: fine, and hovering
    "ui.allPointerCapabilities": 6,
    "security.fileuri.strict_origin_policy": True,  # Playwright lets files ask for files
    "focusmanager.testmode": True,  # a page behind another has the focus, too
    "browser.download.alwaysOpenPanel": False,  # the list of downloads takes the focus, and nobody gives it back
}
"""What Firefox has on the desk of a reader, and a machine without a screen has not."""

TOLD_FIREFOX: dict[str, dict[object, Preferences]] = {
    "color_scheme": {
        "dark": {"layout.css.prefers-color-scheme.content-override": 0},
        "light": {"layout.css.prefers-color-scheme.content-override": 1},
    },
    "forced_colors": {"active": {"browser.display.document_color_use": 2, "ui.useAccessibilityTheme": 1}},
    "reduced_motion": {"no-preference": {"ui.prefersReducedMotion": 0}},
}
"""What Playwright cannot tell a page of Debian's Firefox, and the browser's own settings can: a Firefox for each.
Not that a page runs no scripts: Playwright waits in a page by timers, which would not come then either."""


@pytest.fixture(scope="session")
def site_folder() -> Path:
    folder = Path(os.environ.get("GD_SITE", ROOT / "site"))
    if not (folder / LESSON / "index.html").exists():
        pytest.fail(f"no built site in {folder}; build it with `make build`")
    return folder


@pytest.fixture(scope="session")
def site(site_folder: Path) -> Iterator[str]:
    """The site at the path that it was built for: the page for what is not there knows no other."""
    built_for = re.search(r'data-built-for="([^"]+)"', (site_folder / "index.html").read_text(encoding="utf-8"))
    assert built_for
    with serve(site_folder, urlsplit(built_for[1]).path) as address:
        yield address


@pytest.fixture(scope="session")
def site_under_a_subpath(site_folder: Path) -> Iterator[str]:
    with serve(site_folder, "/somebody/lesson/") as address:
        yield address


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tell a story in the browsers that it is for."""
    if "browser_name" not in metafunc.fixturenames:
        return
    also = metafunc.definition.get_closest_marker("also_in")
    chosen = os.environ.get("GD_BROWSERS")
    names = chosen.split(",") if chosen else ["chromium", *(also.args if also else ())]
    if names != ["chromium"]:
        metafunc.parametrize("browser_name", names, indirect=True)


@pytest.fixture
def browser_name(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", "chromium"))


SCREEN = {"width": 1280, "height": 900}

USUAL = {"viewport": SCREEN, "reduced_motion": "reduce", "service_workers": "block"}
"""What most stories ask for: Playwright's routes do not see what a service worker asks for."""

NOT_ASKED_FOR = {"has_touch": False, "is_mobile": False}

UNTOLD = {
    "firefox": {"has_touch", "is_mobile", "java_script_enabled", "service_workers", *TOLD_FIREFOX},
    "webkit": {"viewport", "color_scheme", "device_scale_factor", "forced_colors", "has_touch", "is_mobile"}
    | {"java_script_enabled", "permissions", "reduced_motion", "service_workers"},
}
"""What Playwright cannot tell Debian's Firefox and WebKit. If it is what is usual, it is left out: Firefox is started
with little motion; WebKit keeps a size of its own, and moves. Firefox may be started with other settings instead."""


class Browsers:
    """Opens pages in any browser. Each browser is started when it is first asked for; one that a machine has not is
    skipped, with the reason, unless it is Chromium."""

    def __init__(self, playwright: Playwright, stack: ExitStack) -> None:
        self.playwright = playwright
        self.stack = stack
        self.started: dict[str, Browser] = {}
        self.missing: dict[str, str] = {}
        self.visitors: dict[str, tuple[Page, Watch]] = {}

    def open_page(self, name: str, stack: ExitStack, **options: Any) -> Page:
        """Open an empty page in a context of its own.

        Args:
            name: `chromium`, `firefox` or `webkit`.
            stack: closes it.
            options: of Playwright's `new_context`.
        """
        system = find_system(name)
        blocked = system and name == "firefox" and options.get("service_workers") == "block"
        preferences: Preferences = {}
        if system and name in UNTOLD:
            usual = USUAL | NOT_ASKED_FOR
            told = {key: value for key, value in options.items() if usual.get(key) != value}
            if name == "firefox":
                for option in TOLD_FIREFOX.keys() & told.keys():
                    preferences |= TOLD_FIREFOX[option][told.pop(option)]
            if untold := UNTOLD[name] & told.keys():
                pytest.skip(f"{system} cannot be told {', '.join(sorted(untold))}")
            options = {key: value for key, value in options.items() if key not in UNTOLD[name]}
        with self.skipping(name):
            if system and name == "webkit":
                return stack.enter_context(open_webkit(self.playwright, system))
            browser = self.start(name, preferences)
        context = browser.new_context(**options)
        stack.callback(context.close)
        if system and name == "firefox":
            context.add_init_script(NOTE_PYTHONS)
        if blocked:
            context.add_init_script("delete Navigator.prototype.serviceWorker;")
        return context.new_page()

    def start(self, name: str, preferences: Preferences) -> Browser:
        """Start a browser with settings of its own, or return the one that was started so before."""
        key = f"{name} {preferences}"
        if key not in self.started:
            self.started[key] = self.launch(name, preferences)
            self.stack.callback(self.started[key].close)
        return self.started[key]

    def launch(self, name: str, preferences: Preferences) -> Browser:
        path = self.path(name)
        if name == "chromium":
            return self.playwright.chromium.launch(executable_path=path, args=QUIET)
        if name == "firefox" and find_system(name):
            return self.playwright.firefox.launch(
                executable_path=path, channel="moz-firefox", firefox_user_prefs=FIREFOX | preferences
            )
        browser: Browser = getattr(self.playwright, name).launch()
        return browser

    def path(self, name: str) -> str:
        """Return where a browser lies.

        Raises:
            FileNotFoundError: nowhere.
        """
        path = find_system(name) or find_own(self.playwright, name)
        if path is None:
            raise FileNotFoundError(f"no {name} found; install one with `{INSTALL}`")
        return path

    @contextmanager
    def skipping(self, name: str) -> Iterator[None]:
        """Skip what follows if a browser cannot be started, and never try again."""
        try:
            if name in self.missing:
                pytest.skip(self.missing[name])
            yield
        except (OSError, Error) as error:
            if name == "chromium":
                raise
            self.missing[name] = f"{name} cannot be started here: {error}"
            pytest.skip(self.missing[name])


@pytest.fixture(scope="session")
def browsers() -> Iterator[Browsers]:
    with sync_playwright() as playwright, ExitStack() as stack:
        yield Browsers(playwright, stack)


NO_FAULT = re.compile(
    r"error loading dynamically imported module|download failed \(font-family.* status=2147500036"
    r"|Incorrect number of children for <\w+/> tag|^The operation was aborted\. $"
)
"""What Firefox says of files that a page still wanted when it was left, or a worker when it was ended, and of a formula
of which only the beginning has arrived. It says the same of a module that cannot be had, and of a download given up
that nobody hears of, which are problems in Chromium, where every story is told; whether formulas are whole `make html`
tells."""


HOST = "127.0.0.1"
"""Where every site of a story is served. What a page asks for is held against this, not against the page's address: a
worker still asks while its page is already on its way to another."""


@dataclass
class Watch:
    """What went wrong in a page: errors in its console, errors nobody caught, requests to other hosts."""

    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", self._uncaught)
        page.on("request", self._request)

    def forgive(self, part: str) -> None:
        """Take out the problems that a test caused on purpose."""
        self.problems = [problem for problem in self.problems if part not in problem]

    def runtime_requests(self) -> list[str]:
        return [url for url in self.requests if "/assets/runtime/" in url]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text} ({message.location.get('url')})")

    def _uncaught(self, error: Error) -> None:
        if not NO_FAULT.search(str(error)):
            self.problems.append(f"uncaught: {error}")

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)
        url = urlsplit(request.url)
        if url.scheme in ("http", "https") and url.hostname != HOST:
            self.problems.append(f"request to another host: {request.url}")


@pytest.fixture
def watch() -> Iterator[Watch]:
    watch = Watch()
    yield watch
    assert watch.problems == []


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browsers: Browsers, browser_name: str, watch: Watch) -> Iterator[OpenPage]:
    """A function that opens an empty page, with the options of Playwright's `new_context`; each page is watched."""
    with ExitStack() as stack:

        def open_one(**options: Any) -> Page:
            page = browsers.open_page(
                browser_name, stack, **({"viewport": SCREEN, "service_workers": "block"} | options)
            )
            page.set_default_timeout(60_000)
            watch.follow(page)
            return page

        yield open_one


@pytest.fixture
def visitor(browsers: Browsers, browser_name: str) -> tuple[Page, Watch]:
    """One reader in each browser whose tab stays open from test to test, so that Python starts only once."""
    if browser_name not in browsers.visitors:
        page, watch = browsers.open_page(browser_name, browsers.stack, **USUAL), Watch()
        page.set_default_timeout(60_000)
        watch.follow(page)
        browsers.visitors[browser_name] = page, watch
    return browsers.visitors[browser_name]


def press_in_menu(link: Locator) -> None:
    """Follow a link of the menu, which may be folded."""
    link.first.evaluate("link => link.click()")


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
        if urlsplit(page.url).path != urlsplit(site).path:
            press_in_menu(page.get_by_role("link", name="All modules", include_hidden=True))
        expect(page.locator("gd-lab")).to_have_count(0)
        press_in_menu(page.locator(f"a[href*='{address}']"))
        expect(page.locator("gd-lab").first).to_be_attached()
        return page

    yield enter_page
    found, watch.problems = watch.problems, []
    assert found == []


@pytest.fixture
def lab(enter: Enter) -> Lab:
    """A new training lab with Python ready."""
    lab = Lab(enter(LESSON))
    scroll_to(lab.element)
    lab.reaches("ready")
    return lab


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page()
