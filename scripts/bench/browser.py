"""What sections that use a browser share: fresh pages, waiting until Python is ready, slow networks, and workers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from playwright.sync_api import Browser, Page

from scripts.bench.server import Site

HERE = Path(__file__).resolve().parent
RIVALS = HERE.parent.parent / "build" / "rivals" / "node_modules"
MOUNTS = {"/bench/": HERE, "/rivals/": RIVALS}
"""What the benchmark serves beside the site, so that workers of a page can load it."""

LESSON = "modules/04-gradient-descent-in-practice/"
LAB = "lab-1"
PATIENCE = 180_000
"""Milliseconds after which a page that is not ready has failed."""

LONG_PATIENCE = 1_800_000
"""Milliseconds after which a worker has failed that measures a whole section by one message."""

NOTE_READY = """
  const watch = new MutationObserver(() => {
    if (!document.querySelector("gd-lab[data-state=ready]")) return;
    window.readyAt = performance.now();
    watch.disconnect();
  });
  watch.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-state"] });
"""


def in_time(script: str, awaited: str, patience: int = PATIENCE) -> str:
    """Return a script that does what another does, and throws when that has come to no end in time.

    What is handed to `evaluate` has no limit of its own: a promise that is never kept would be waited for without end.

    Args:
        script: a function in JavaScript that returns a promise.
        awaited: what it waits for, as in "waited in vain for …".
        patience: milliseconds that it may take.
    """
    vain = json.dumps(f"waited {patience / 1000:g} s in vain for {awaited}")
    return f"""(...given) => {{
      let timer;
      const late = new Promise((_, reject) => {{
        timer = setTimeout(() => reject(new Error({vain})), {patience});
      }});
      return Promise.race([({script})(...given), late]).finally(() => clearTimeout(timer));
    }}"""


WAIT_UNTIL_READY = """(patience) => new Promise((resolve, reject) => {
  const given = performance.now() + patience;
  const ask = () => {
    if (window.readyAt) resolve(window.readyAt);
    else if (performance.now() > given) reject(new Error(`not ready after ${patience} ms: ${document.title}`));
    else setTimeout(ask, 20);
  };
  ask();
})"""

START_WORKER = """([name, url, type]) => {
  window.benchWorkers ??= {};
  window.benchWorkers[name] = new Worker(url, { type });
}"""

ASK_WORKER = """([name, message]) => new Promise((resolve, reject) => {
  const worker = window.benchWorkers[name];
  worker.onmessage = ({ data }) => ("error" in data ? reject(new Error(data.error)) : resolve(data.value));
  worker.onerror = (event) => reject(new Error(event.message || "the worker could not be loaded"));
  worker.postMessage(message);
})"""


@dataclass
class Bench:
    """What sections are given.

    Attributes:
        browser: a Chromium.
        site: the built site.
        bare: a page that loads the same Python the plain way, and nothing else.
        repeats: how often everything is measured.
        networks: megabits a second of the networks that starts are measured on; 0 for one that is not slowed.
    """

    browser: Browser
    site: Site
    bare: Site
    repeats: int
    networks: list[float]

    @contextmanager
    def page(self, **options: Any) -> Iterator[Page]:
        """Open a page with nothing cached; `options` are those of Playwright's `new_context`."""
        context = self.browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        context.add_init_script(NOTE_READY)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        yield page
        wait_for_rest(page)  # Chromium 156 crashes now and then when a window is closed in the middle of its work
        context.close()

    @property
    def lesson(self) -> str:
        """The address of the lesson's first lab."""
        return f"{self.site.address}{LESSON}#{LAB}"

    @property
    def labs(self) -> str:
        """The address of the site's own scripts."""
        (entry,) = self.site.folder.glob("assets/*/labs/main.js")
        return self.site.address + entry.parent.relative_to(self.site.folder).as_posix() + "/"

    @property
    def runtime(self) -> str:
        """The address of the site's bundle."""
        (manifest,) = (self.site.folder / "assets" / "runtime").glob("*/manifest.json")
        return self.site.address + manifest.parent.relative_to(self.site.folder).as_posix() + "/"


def time_until_ready(page: Page, address: str) -> float:
    """Milliseconds from the start of the navigation until Python is ready; it starts once the browser is at rest."""
    wait_for_rest(page)
    page.goto(address)
    return float(page.evaluate(WAIT_UNTIL_READY, PATIENCE))


def wait_for_rest(page: Page) -> None:
    """Wait until the browser does nothing for a moment, or for ten seconds.

    A window that has just been opened loads Chromium's own interface first, which takes half a second of both cores,
    and after a start a page keeps what the next visit needs. A reader's visit competes with neither.
    """
    session = cast(Browser, page.context.browser).new_browser_cdp_session()
    spent, calm = 0.0, 0
    for _ in range(100):
        page.wait_for_timeout(100)
        processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
        before, spent = spent, sum(process["cpuTime"] for process in processes)
        calm = calm + 1 if spent - before < 0.01 else 0
        if calm == 3:
            break
    session.detach()


def slow_down(page: Page, megabits: float) -> None:
    """Slow the network of a page and of its workers, as a browser's own tools do; 0 leaves it as it is."""
    if megabits:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        rate = megabits * 1e6 / 8
        conditions = {"offline": False, "latency": 40, "downloadThroughput": rate, "uploadThroughput": rate}
        session.send("Network.emulateNetworkConditions", conditions)


class PageWorker:
    """A worker of a page, started from a file of the benchmark; answers one message after the other."""

    def __init__(self, page: Page, url: str, kind: str) -> None:
        self.page, self.name = page, url
        page.evaluate(START_WORKER, [url, url, kind])

    def ask(self, message: Any) -> Any:
        """Send a message and return what is answered; raises Playwright's `Error` when the worker fails."""
        return self.page.evaluate(in_time(ASK_WORKER, f"an answer of {self.name}", LONG_PATIENCE), [self.name, message])


class PythonInPage(PageWorker):
    """The lesson's Python in a worker of its own, to run modules of this package in."""

    def __init__(self, page: Page, bench: Bench) -> None:
        super().__init__(page, "/bench/python_worker.mjs", "module")
        self.ask({"labs": bench.labs, "runtime": bench.runtime})

    def main(self, module: str, argument: Any) -> Any:
        """Call `main(argument)` of a module of this package, which may import its neighbours, NumPy and `gd_core`."""
        files = {path.relative_to(HERE).as_posix(): path.read_text(encoding="utf-8") for path in HERE.rglob("*.py")}
        return json.loads(self.ask({"files": files, "module": module, "argument": json.dumps(argument)}))
