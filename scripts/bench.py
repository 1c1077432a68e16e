"""What the lesson costs a reader, beside a bare page that loads the same Python the plain way: `make bench`.

Everything is measured in one run on one machine, ours and theirs in turn, since seconds on a shared machine mean little
and ratios something. Prints a table; needs the built site and Chromium. Speed is reported here and asserted nowhere.
"""

import argparse
import gzip
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import cast

from playwright.sync_api import Browser, Page, Response, sync_playwright

from gd_core.session import Session
from scripts import bench_sweep
from scripts.bundle import run_in_bundle
from scripts.chromium import QUIET, find_chromium
from scripts.local_server import serve
from scripts.runtime import fetch

SITE = Path(__file__).resolve().parent.parent / "site"
LESSON = "modules/04-gradient-descent-in-practice/"

BARE_PAGE = """<!doctype html>
<title>A bare page</title>
<script type="module">
  import { loadPyodide } from "./pyodide.mjs";
  const python = await loadPyodide();
  await python.loadPackage("numpy");
  python.runPython("import numpy");
  window.readyAt = performance.now();
</script>
"""

WATCH_LAB = """
  const watch = new MutationObserver(() => {
    if (!document.querySelector("gd-lab[data-state=ready]")) return;
    window.readyAt = performance.now();
    watch.disconnect();
  });
  watch.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-state"] });
"""

WAIT_UNTIL_READY = """() => new Promise((ready) => {
  const ask = () => (window.readyAt ? ready(window.readyAt) : setTimeout(ask, 20));
  ask();
})"""

WATCH_LONG_TASKS = """() => {
  window.longTasks = [];
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((entry) => entry.duration)))
    .observe({ type: "longtask" });
}"""

READ_EPOCH = """() => [
  performance.now(), Number(/Epoch ([\\d]+)/.exec(document.querySelector("gd-lab [role=status]").textContent)[1])
]"""


def main() -> int:
    """Measure, print the table, and return the exit status."""
    parser = argparse.ArgumentParser(description="Measure start, bytes and training speed of the built site.")
    parser.add_argument("--repeats", type=int, default=7, help="starts of each page (default: 7)")
    repeats = parser.parse_args().repeats
    path = find_chromium()
    if path is None or not SITE.exists():
        sys.stderr.write("error: the benchmark needs Chromium and the built site; run `make bench`\n")
        return 1
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        bare = Path(folder)
        for name, file in fetch().items():
            shutil.copy(file, bare / name)
        (bare / "index.html").write_text(BARE_PAGE)
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        with serve(SITE, "/") as site, serve(bare, "/") as plain:
            print(f"{platform.machine()}, {os.cpu_count()} cores, Chromium {browser.version}, {repeats} starts each\n")
            print_starts(browser, site, plain, repeats)
            print_bytes(browser, site)
            print_training(browser, site)
        browser.close()
    print_sweep(repeats)
    return 0


def print_starts(browser: Browser, site: str, plain: str, repeats: int) -> None:
    """Print the time from navigation to ready: first and second visit of the lesson, and the bare page, in turn."""
    first, again, theirs = [], [], []
    for _ in range(repeats):
        with new_page(browser) as page:
            first.append(time_until_ready(page, site + LESSON + "#lab-1"))
            page.goto("about:blank")
            again.append(time_until_ready(page, site + LESSON + "#lab-1"))
        with new_page(browser) as page:
            theirs.append(time_until_ready(page, plain))
    for name, ours in (("first visit", first), ("second visit", again)):
        ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
        print(
            f"until ready, {name}: {statistics.median(ours) / 1000:.2f} s, bare page "
            f"{statistics.median(theirs) / 1000:.2f} s, ratio {ratio:.2f} (median of pairs)"
        )


def time_until_ready(page: Page, address: str) -> float:
    """Milliseconds from the start of the navigation until Python is ready."""
    page.goto(address)
    return float(page.evaluate(WAIT_UNTIL_READY))


def print_bytes(browser: Browser, site: str) -> None:
    """Print what a first visit loads, the page and Python, as it is and gzipped as a web server would."""
    with new_page(browser) as page:
        sizes: dict[str, tuple[int, int]] = {}

        def note(response: Response) -> None:
            body = response.body()
            sizes[response.url] = (len(body), len(gzip.compress(body, 6)))

        page.on("response", note)
        time_until_ready(page, site + LESSON + "#lab-1")
        python = {url for url in sizes if "/assets/runtime/" in url}
        for name, urls in (("page, before anything of Python", sizes.keys() - python), ("Python", python)):
            raw, packed = (sum(sizes[url][index] for url in urls) for index in (0, 1))
            print(f"{name}: {len(urls)} requests, {raw / 1e6:.2f} MB, {packed / 1e6:.2f} MB gzipped")


def print_training(browser: Browser, site: str) -> None:
    """Print the updates a second of the default task, in the page at "fastest" while it draws, and natively."""
    with new_page(browser) as page:
        time_until_ready(page, site + LESSON + "#lab-1")
        page.get_by_role("spinbutton", name="Epochs").fill("10000")
        page.get_by_role("combobox", name="Speed").select_option("fastest")
        page.evaluate(WATCH_LONG_TASKS)
        page.get_by_role("button", name="Train", exact=True).click()
        page.wait_for_timeout(1000)
        readings = []
        for _ in range(6):
            readings.append(page.evaluate(READ_EPOCH))
            page.wait_for_timeout(700)
        rates = [8000.0 * (after[1] - before[1]) / (after[0] - before[0]) for before, after in pairwise(readings)]
        long_tasks = page.evaluate("window.longTasks")
    session = Session({"epochs": 10_000})
    session.advance({"milliseconds": 200}, 0)
    native = []
    for _ in range(5):
        begun, step = time.perf_counter(), session.run.step
        session.advance({"milliseconds": 300}, 0)
        native.append((session.run.step - step) / (time.perf_counter() - begun))
    ours, theirs = statistics.median(rates), statistics.median(native)
    print(f"updates a second: {ours:,.0f} in the page while drawing, {theirs:,.0f} natively, ratio {ours / theirs:.2f}")
    print(f"main-thread tasks over 50 ms while training: {len(long_tasks)}")


def print_sweep(repeats: int) -> None:
    """Print what a sweep of 48 rates costs, in single runs of the same settings: in WebAssembly and natively."""
    bundled = cast("bench_sweep.SweepTimes", run_in_bundle(Path(bench_sweep.__file__), repeats))
    for where, times in (("in WebAssembly", bundled), ("natively", bench_sweep.main(repeats))):
        print(
            f"sweep of 48 rates {where}: {times['sweep']:,.0f} ms, one run {times['run']:,.0f} ms, "
            f"ratio {times['ratio']:.1f} (median of pairs)"
        )


@contextmanager
def new_page(browser: Browser) -> Iterator[Page]:
    """Open a page with nothing cached."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(WATCH_LAB)
    page = context.new_page()
    page.set_default_timeout(120_000)
    yield page
    context.close()


if __name__ == "__main__":
    sys.exit(main())
