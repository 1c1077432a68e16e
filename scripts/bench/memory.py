"""What the lessons keep: memory with all labs of a page open, and what is left after many runs in a row.

Pyodide's memory only ever grows, so its size is the most that was ever needed. It is asked of the page's own worker,
which is served with `worker_probe.js` at its end.
"""

import statistics
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page

from scripts.bench.browser import HERE, LAB, Bench, in_time, time_until_ready
from scripts.bench.report import Figure, Goal
from scripts.bench.server import published

MODULES = "modules"
RUNS, EPOCHS = 100, 1000
WINDOW = 10
"""Runs at either end whose medians are compared; the first so many are left out, since caches fill in them. Only after
these is asked what is left: a probe collects Python's garbage, and would hide that without it nobody does in time."""

HEAP = Goal("ours", "at most", 80)

OPEN_ALL_LABS = in_time(
    """async () => {
  for (const lab of document.querySelectorAll("gd-lab")) {
    lab.scrollIntoView();
    while (lab.dataset.state !== "ready") {
      if (lab.dataset.state === "failed") throw new Error(`${lab.id} failed: ${lab.textContent}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}""",
    "every lab of the page to be ready",
)

ALL_ARE_BUILT = in_time(
    """async () => {
  const isBuilt = (lab) => lab.querySelector(":scope > .gd-live");
  while (![...document.querySelectorAll("gd-lab")].every(isBuilt)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}""",
    "every lab of the page to be built",
)
"""Labs further down come one by one while Python runs, and are no growth."""

TRAIN_ONCE = in_time(
    """async (id) => {
  const lab = document.getElementById(id);
  const press = (name) =>
    [...lab.querySelectorAll("button")].find((button) => button.textContent.trim() === name).click();
  const reach = async (state) => {
    while (lab.dataset.state !== state) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  press("Reset");
  await reach("ready");
  press("Train");
  await reach("finished");
}""",
    "a run from Reset to its end",
)


def measure(bench: Bench) -> list[Figure]:
    """Measure the pages' memory, then that of many runs in a row."""
    with tempfile.TemporaryDirectory() as folder:
        worker = Path(folder) / "worker.js"
        (served,) = bench.site.folder.glob("assets/*/labs/worker.js")
        parts = (served, HERE / "worker_probe.js")
        worker.write_text("\n".join(part.read_text(encoding="utf-8") for part in parts), encoding="utf-8")
        with published(bench.site.folder, {f"/{served.relative_to(bench.site.folder).as_posix()}": worker}) as site:
            probed = replace(bench, site=site)
            return [*open_pages(probed), *runs_in_a_row(probed)]


def open_pages(bench: Bench) -> list[Figure]:
    """Measure Python's memory with all labs of a page open, for each lesson."""
    figures = []
    for folder in sorted(path.parent for path in (bench.site.folder / MODULES).glob("*/index.html")):
        with bench.page() as page:
            page.goto(f"{bench.site.address}{MODULES}/{folder.name}/")
            labs = page.locator("gd-lab").count()
            page.evaluate(OPEN_ALL_LABS)
            heap = probe(page)["memory"] / 1e6
            name = f"MB of Python's memory, module {folder.name[:2]} with all {labs} labs open"
            figures.append(Figure("memory", name, heap, goal=HEAP))
    return figures


def runs_in_a_row(bench: Bench) -> list[Figure]:
    """Measure what is left after each of many runs, and compare the last ones with earlier ones."""
    with bench.page() as page:
        time_until_ready(page, bench.lesson)
        page.evaluate(ALL_ARE_BUILT)
        lab = page.locator(f"#{LAB}")
        lab.get_by_role("spinbutton", name="Epochs").fill(str(EPOCHS))
        lab.get_by_role("combobox", name="Speed").select_option("fastest")
        session = page.context.new_cdp_session(page)
        left = []
        for run in range(RUNS):
            page.evaluate(TRAIN_ONCE, LAB)
            if WINDOW <= run < 2 * WINDOW or run >= RUNS - WINDOW:
                left.append(probe(page) | page_memory(session))
    return [
        Figure("memory", f"{name}, growth in {RUNS} runs", growth([entry[key] for entry in left]) / unit, goal=goal)
        for key, name, unit, goal in GROWTH
    ]


GROWTH = [
    ("memory", "MB of Python's memory", 1e6, Goal("ours", "at most", 0)),
    ("objects", "objects that Python holds", 1, Goal("ours", "at most", 20)),
    ("proxies", "proxies not destroyed", 1, Goal("ours", "at most", 0)),
    ("page", "MB of the page after a collection", 1e6, Goal("ours", "at most", 0.2)),
    ("nodes", "nodes of the page", 1, Goal("ours", "at most", 0)),
]
"""What may grow: its name in a probe, in the table, the unit, and how much is none. Python keeps free lists and a
page keeps compiled code: there a little comes and goes."""


def growth(values: list[float]) -> float:
    """Return the median of the last values less that of the first."""
    return statistics.median(values[-WINDOW:]) - statistics.median(values[:WINDOW])


def probe(page: Page) -> dict[str, float]:
    """Ask the page's worker what it holds."""
    (worker,) = (worker for worker in page.workers if worker.url.endswith("/labs/worker.js"))
    found: dict[str, float] = worker.evaluate("probe()")
    return found


def page_memory(session: CDPSession) -> dict[str, float]:
    """Ask the browser what the page holds, after a collection."""
    session.send("HeapProfiler.collectGarbage")
    heap: dict[str, Any] = session.send("Runtime.getHeapUsage")
    return {"page": heap["usedSize"], "nodes": session.send("Memory.getDOMCounters")["nodes"]}
