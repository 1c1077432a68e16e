"""How fast a lab trains while it draws: at "fastest" in the lesson's page, beside the bare step in a worker of it.

The two take turns, so that the ratio says what drawing, asking and keeping records cost, whatever the machine does.
"""

import statistics
from typing import Any

from playwright.sync_api import Page

from scripts.bench.browser import LAB, Bench, PythonInPage, time_until_ready
from scripts.bench.report import Figure, Goal, compare

UPDATES_PER_EPOCH = 8
SETTLE, WATCH = 400, 1500
"""Milliseconds of training before and while a reading is taken."""

GOAL = Goal("ours", "at least", 11_000)
FRAMES = Goal("ours", "at least", 55)
LONG_TASKS = Goal("ours", "at most", 0)

COUNT = """() => {
  window.frames_drawn = 0;
  window.longTasks = 0;
  const count = () => {
    window.frames_drawn += 1;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  new PerformanceObserver((list) => (window.longTasks += list.getEntries().length)).observe({ type: "longtask" });
}"""

READ = """(id) => ({
  now: performance.now() / 1000,
  epoch: Number(/Epoch ([\\d]+)/.exec(document.querySelector(`#${id} [role=status]`).textContent)[1]),
  frames: window.frames_drawn,
  longTasks: window.longTasks,
})"""


def measure(bench: Bench) -> list[Figure]:
    """Measure updates and frames a second while the lab trains, and tasks that would hold a reader's click up."""
    ours, bare, frames, long_tasks = [], [], [], 0.0
    with bench.page() as page:
        time_until_ready(page, bench.lesson)
        python = PythonInPage(page, bench)
        lab = page.locator(f"#{LAB}")
        lab.get_by_role("spinbutton", name="Epochs").fill("10000")
        lab.get_by_role("combobox", name="Speed").select_option("fastest")
        page.evaluate(COUNT)
        for _ in range(bench.repeats):
            lab.get_by_role("button", name="Reset").click()
            lab.get_by_role("button", name="Train", exact=True).click()
            page.wait_for_timeout(SETTLE)
            before = read(page)
            page.wait_for_timeout(WATCH)
            after = read(page)
            lab.get_by_role("button", name="Pause").click()
            seconds = after["now"] - before["now"]
            ours.append(UPDATES_PER_EPOCH * (after["epoch"] - before["epoch"]) / seconds)
            frames.append((after["frames"] - before["frames"]) / seconds)
            long_tasks += after["longTasks"] - before["longTasks"]
            bare.append(1e6 / python.main("updates", 1)["batch 32"]["bare"])
    return [
        compare(
            "training", "updates/s in the page while drawing", ours, bare, GOAL, "beside the bare step in a worker"
        ),
        Figure("training", "frames/s while training", statistics.median(frames), goal=FRAMES),
        Figure("training", "tasks over 50 ms while training", long_tasks, goal=LONG_TASKS),
    ]


def read(page: Page) -> dict[str, Any]:
    """Read the lab's epoch and the page's counts."""
    reading: dict[str, Any] = page.evaluate(READ, LAB)
    return reading
