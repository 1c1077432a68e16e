"""Without the network, across updates of the site, from an archive, and from the file system."""

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from scripts.bench.browser import in_time
from scripts.bench.payload import labs_of
from scripts.local_server import Handler, serve
from scripts.offline import ARCHIVE, SOURCE, write_worker
from tests.browser.conftest import OpenPage, Watch
from tests.browser.lab import ENTRY, LESSON, Lab, instead, python_is_kept

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted(f"modules/{path.stem}/" for path in (ROOT / "docs" / "modules").glob("*.md"))

PATIENCE = "PATIENCE = 10_000;"
"""Where the service worker says how many milliseconds it waits for an answer."""

STORES = "async () => (await caches.keys()).filter((name) => name.startsWith('gd-site '))"
UPDATED = in_time(
    """async () => {
  const registration = await (await navigator.serviceWorker.ready).update();
  const next = registration.installing ?? registration.waiting;
  const settled = () => !next || ["activated", "redundant"].includes(next.state);
  while (!settled()) await new Promise((resolve) => next.addEventListener("statechange", resolve, { once: true }));
  return (await caches.keys()).filter((name) => name.startsWith("gd-site "));
}""",
    "the browser to take an update or refuse it",
)
"""What is kept once the browser has looked for an update and taken it, or refused it."""


def wait_until_kept(page: Page) -> None:
    """Wait until the service worker has all it keeps, and serves the page: it does neither before the other."""
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def version(page: Page) -> str:
    """The folder of the scripts that the page names."""
    return str(page.locator(ENTRY).evaluate("({ src }) => src.split('/').at(-3)"))


class Asked(Handler):
    """Serve as hosts do that have browsers ask each time."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()


class Proxy(Asked):
    """Serve as a school's proxy does, until the network behind it is gone."""

    gone = ""
    closing: Event

    def do_GET(self) -> None:  # noqa: N802 -- the name is the base class's
        """Answer with the file, with an error of its own, or not at all."""
        if self.gone == "answers with an error":
            self.send_error(502)
        elif self.gone == "says nothing":
            self.closing.wait()
        else:
            super().do_GET()


class Deployment:
    """A site whose server is given new versions of it, as hosts are: all at once, the old one gone."""

    def __init__(self, site: Path, folder: Path) -> None:
        self.site, self.folder = site, folder
        self.now = folder / "now"
        self.labs = labs_of(site)
        self.put(site)

    def put(self, version: Path) -> None:
        """Serve another version from now on."""
        link = self.folder / "next"
        link.symlink_to(version)
        link.replace(self.now)

    def make(self, name: str, *, keeps: bool = True) -> Path:
        """Make a version that differs in its scripts' folder and in its pages: `name` stands in their titles."""
        made = self.folder / name
        runtime = made / "assets" / "runtime"
        shutil.copytree(self.site, made, ignore=shutil.ignore_patterns("runtime", ARCHIVE))
        runtime.symlink_to(self.site / "assets" / "runtime")
        labs = f"assets/{name:0>16}/labs/"
        (made / labs).parent.mkdir()
        (made / self.labs).rename(made / labs)
        for page in made.rglob("*.html"):
            text = page.read_text(encoding="utf-8").replace(self.labs, labs).replace("<title>", f"<title>{name} ")
            page.write_text(text if keeps else text.replace(" data-offline", ""), encoding="utf-8")
        write_worker(made, ROOT / "docs" / SOURCE, labs, keeps=keeps)
        return made


@pytest.fixture
def deployment(site_folder: Path, tmp_path: Path) -> Deployment:
    return Deployment(site_folder, tmp_path)


def open_all_labs(page: Page) -> None:
    """Bring every lab of a page near, and hold that Python answers it."""
    for lab in page.locator("gd-lab").all():
        lab.scroll_into_view_if_needed()
        expect(lab).to_have_attribute("data-state", re.compile("ready|finished"))
        expect(lab.get_by_role("status").first).not_to_be_empty()
    expect(page.locator("gd-lab[data-state=failed]")).to_have_count(0)


# --- without the network --------------------------------------------------------------------------------------


THE_THEME_HAS_CLOSED_ITS_SEARCH = "() => new Promise((resolve) => setTimeout(resolve, 125))"
"""An eighth of a second after a page has begun to be fetched, the theme closes drawer and search, open or not. Timers
of the same length end in the order in which they began, however busy the machine is."""


@pytest.mark.fault(
    "the network is gone after one visit to a lesson", "all three lessons open, train and score, as they do with one"
)
def test_after_one_visit_all_lessons_open_train_and_score_without_a_network(
    open_page: OpenPage, site_folder: Path, watch: Watch
) -> None:
    page = open_page(service_workers="allow")
    with serve(site_folder, "/somebody/lesson/") as site:  # no connection outlives it
        Lab.ready(page, site)
        wait_until_kept(page)
        python_is_kept(page)
    watch.requests.clear()

    page.reload()
    lab = Lab(page)
    lab.element.scroll_into_view_if_needed()
    lab.reaches("ready")
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()
    expect(page.locator("gd-score")).to_contain_text(re.compile(r"\d+ of \d+ done"))

    # The editor of rules has a library of its own.
    rule = page.locator("gd-lab[data-kind=rule]")
    rule.scroll_into_view_if_needed()
    expect(rule.locator(".prism-code-editor textarea")).to_be_visible()

    for lesson in (LESSON, LESSONS[0], LESSONS[2]):
        if lesson != LESSON:
            page.locator(f"a[href*='{lesson}']").first.evaluate("link => link.click()")
            expect(page).to_have_title(re.compile(f"Module {int(lesson[8:10])}"))
        open_all_labs(page)
        group = page.locator("gd-quiz fieldset").filter(has=page.locator("input[type=radio]")).first
        group.scroll_into_view_if_needed()
        right = group.locator("details li[data-right=true] > span").first.text_content() or ""
        group.locator("label", has_text=right).locator("input").check()
        group.get_by_role("button", name="Check", exact=True).click()
        expect(page.locator("gd-quiz").get_by_text("Score: 1 of")).to_be_visible()

    page.get_by_role("link", name="All modules").first.click()
    expect(page.locator("gd-progress").filter(has_text="done")).to_have_count(3)
    page.evaluate(THE_THEME_HAS_CLOSED_ITS_SEARCH)
    page.keyboard.press("/")
    page.keyboard.type("learning rate")
    expect(page.locator(".md-search-result__item").first).to_be_visible()

    page.goto(site + LESSONS[2])
    first = page.locator("gd-lab").first
    first.scroll_into_view_if_needed()
    expect(first).to_have_attribute("data-state", "ready")
    assert watch.runtime_requests() == []
    watch.forgive("ERR_CONNECTION_REFUSED")


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(
            "answers with an error",
            marks=pytest.mark.fault(
                "the network is gone behind a proxy, which answers with an error of its own",
                "the lessons that were kept open as without a network",
            ),
        ),
        pytest.param(
            "says nothing",
            marks=pytest.mark.fault(
                "the network is gone and nothing says so: no answer comes",
                "the lessons that were kept open after ten seconds",
            ),
        ),
    ],
)
def test_behind_a_network_that_is_gone_without_saying_so_what_was_kept_opens(
    open_page: OpenPage, deployment: Deployment, watch: Watch, gone: str
) -> None:
    page = open_page(service_workers="allow")

    class OneTestsProxy(Proxy):
        closing = Event()

    made = deployment.make("b")
    script = made / "sw.js"
    hasty = instead(script.read_text(encoding="utf-8"), PATIENCE, "PATIENCE = 500;")
    script.write_text(hasty, encoding="utf-8")
    deployment.put(made)
    with serve(deployment.now, "/", OneTestsProxy) as site:
        page.goto(site)
        wait_until_kept(page)
        OneTestsProxy.gone = gone
        page.goto(site + LESSON)
        expect(page).to_have_title(re.compile("^b .*Module 4"))
        expect(page.locator("gd-lab > .gd-live").first).to_be_attached()
        OneTestsProxy.gone = ""
        deployment.put(deployment.make("c"))
        page.goto(site + LESSON, wait_until="networkidle")
        expect(page).to_have_title(re.compile("^c "))
        page.close()  # it is still fetching labs, from a server that goes after this block
        OneTestsProxy.closing.set()
    watch.forgive("502")


# --- updates --------------------------------------------------------------------------------------------------


@pytest.mark.fault(
    "the site is renewed while a lesson is open, and its old scripts are gone",
    "the lesson goes on with its own scripts, which were kept; the next page that is opened is the new one",
)
def test_a_lesson_that_is_open_outlives_an_update_and_the_next_page_is_new(
    open_page: OpenPage, deployment: Deployment, watch: Watch
) -> None:
    page = open_page(service_workers="allow")
    with serve(deployment.now, "/", Asked) as site:
        page.goto(site + LESSON)
        wait_until_kept(page)
        old = version(page)
        deployment.put(deployment.make("b"))
        watch.requests.clear()

        # Python's worker and the editor are loaded only now.
        lab = Lab(page)
        lab.element.scroll_into_view_if_needed()
        lab.reaches("ready")
        rule = page.locator("gd-lab[data-kind=rule]")
        rule.scroll_into_view_if_needed()
        expect(rule.locator(".prism-code-editor textarea")).to_be_visible()
        assert any(url.endswith(f"/{old}/labs/worker.js") for url in watch.requests)

        page.get_by_role("link", name="Module 5: Backpropagation").first.evaluate("link => link.click()")
        expect(page).to_have_title(re.compile("^b "))
        expect(page.locator("gd-lab > .gd-live").first).to_be_attached()
        assert version(page) != old
        running = "async () => (await import(document.querySelector(\"script[src$='/main.js']\").src)) && location.href"
        assert page.evaluate(running) == page.url
        page.close()  # it is still fetching labs, from a server that goes after this block


def test_a_server_that_answers_is_asked_for_every_page_and_old_versions_are_let_go(
    open_page: OpenPage, deployment: Deployment
) -> None:
    page = open_page(service_workers="allow")
    with serve(deployment.now, "/", Asked) as site:
        page.goto(site)
        wait_until_kept(page)
        first = page.evaluate(STORES)
        assert len(first) == 1
        for name in ("b", "c"):
            deployment.put(deployment.make(name))
            page.goto(site + LESSON, wait_until="networkidle")
            expect(page).to_have_title(re.compile(f"^{name} "))
            stores = page.evaluate(UPDATED)
        assert len(stores) == 2
        assert first[0] not in stores
        page.goto("about:blank")  # labs come after their page, and the server goes after this block

    page.goto(site + LESSONS[2])
    expect(page).to_have_title(re.compile("^c "))


@pytest.mark.fault(
    "a sign-in page comes instead of a lesson while an update is fetched to be kept",
    "nothing of that update is kept; the version before goes on serving where there is no network",
)
def test_what_is_not_a_page_of_the_version_is_never_kept(open_page: OpenPage, deployment: Deployment) -> None:
    page = open_page(service_workers="allow")
    with serve(deployment.now, "/", Asked) as site:
        page.goto(site)
        wait_until_kept(page)
        before = page.evaluate(STORES)
        made = deployment.make("b")
        (made / LESSON / "index.html").write_text("<!doctype html><title>Sign in</title>")
        deployment.put(made)
        page.goto(site, wait_until="networkidle")  # labs come after the page, and the server goes after this block
        assert page.evaluate(UPDATED) == before

    page.goto(site + LESSON)
    expect(page).to_have_title(re.compile("Module 4"))


def test_a_site_that_keeps_nothing_any_more_takes_back_what_it_has_kept(
    open_page: OpenPage, deployment: Deployment
) -> None:
    page = open_page(service_workers="allow")
    with serve(deployment.now, "/", Asked) as site:
        page.goto(site)
        wait_until_kept(page)
        deployment.put(deployment.make("b", keeps=False))
        page.goto(site, wait_until="networkidle")
        assert page.evaluate(UPDATED) == []
        assert page.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length") == 0
        expect(page).to_have_title(re.compile("^b "))


# --- where nothing may be kept --------------------------------------------------------------------------------

FORBID = """
  Object.defineProperty(Navigator.prototype, "serviceWorker", {
    get() { throw new DOMException("The operation is insecure.", "SecurityError"); },
  });
  delete window.caches;
"""
SAVE_DATA = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } });"
LAST_MODULE = "() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/labs/offline.js'))"


@pytest.mark.fault("the browser forbids service workers and storage", "labs work as ever, but not without the network")
def test_where_service_workers_are_forbidden_the_lesson_is_what_it_is_without(open_page: OpenPage, site: str) -> None:
    page = open_page(service_workers="allow")
    page.add_init_script(FORBID)
    lab = Lab.ready(page, site)
    page.wait_for_function(LAST_MODULE)
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()


def test_readers_who_save_data_are_not_made_to_keep_anything(open_page: OpenPage, site: str) -> None:
    page = open_page(service_workers="allow")
    page.add_init_script(SAVE_DATA)
    lab = Lab.visit(page, site)
    page.wait_for_function(LAST_MODULE)
    lab.train.click()
    lab.reaches("finished")
    assert page.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length") == 0


# --- the archive ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unpacked(site_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that the site offers, unpacked."""
    folder = tmp_path_factory.mktemp("school")
    with zipfile.ZipFile(site_folder / ARCHIVE) as archive:
        archive.extractall(folder)
    (only,) = folder.iterdir()
    return only


@contextmanager
def served_by_python(folder: Path) -> Iterator[str]:
    """Serve a folder as a teacher would, and give its address."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://[\d.]+:\d+/", server.stdout.readline())
            assert found is not None
            yield found[0]
        finally:
            server.terminate()


def test_the_unpacked_archive_trains_behind_pythons_own_server(open_page: OpenPage, unpacked: Path) -> None:
    page = open_page()
    with served_by_python(unpacked) as site:
        page.goto(site)
        page.get_by_role("link", name="Go straight to the training").click()
        lab = Lab(page)
        lab.element.scroll_into_view_if_needed()
        lab.reaches("ready")
        lab.choose("Speed", "fastest")
        lab.trains_to_the_end()


@pytest.mark.fault(
    "the site is opened from the file system, by a double click",
    "text, pictures and the quiz's explanations are there; the page says why Python is not, and how to start it",
)
def test_opened_from_the_file_system_the_lessons_are_there_and_say_why_python_is_not(
    open_page: OpenPage, unpacked: Path, watch: Watch
) -> None:
    page = open_page()
    page.goto((unpacked / "index.html").as_uri())
    for number in (3, 4, 5):
        page.get_by_role("link", name=f"Module {number}: ").first.click()
        expect(page).to_have_title(re.compile(f"Module {number}"))
        expect(page.locator("article .admonition").first).to_contain_text("This page was opened as a file.")
        lab = page.locator("gd-lab").first
        expect(lab).to_contain_text("Python cannot start here")
        lab.scroll_into_view_if_needed()
        expect(lab.locator("svg").first).to_be_visible()
        page.locator("gd-quiz summary").first.click()
        expect(page.locator("gd-quiz details[open] li").first).to_be_visible()
        links = page.locator("a").evaluate_all("links => links.map((link) => link.href.split('#')[0])")
        files = {Path(unquote(urlsplit(link).path)) for link in links if link.startswith("file:")}
        assert len(files) > 5
        assert [file for file in files if not file.is_file()] == []
        page.get_by_role("link", name="All modules").first.click()
        expect(page).to_have_title(re.compile("^All modules"))
        expect(page.locator("article .admonition").first).to_contain_text("This page was opened as a file.")
    watch.forgive("file://")
