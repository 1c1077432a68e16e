"""A day in class, at speed: one tab trains, pauses, turns dials and goes from page to page, thousands of times.

    python -m scripts.soak --runs 2000

Every so many runs it notes what the tab holds after a collection, and prints it as a line of a table, which also goes
into `build/soak.json`, so that a run that is cut short has told what it saw. It ends with 0 when what is held has not
grown, Python's memory has stayed below its limit with all labs of the lesson open, and the console has had no error.
Everything is done by the page's own controls; Python starts once.

Nothing here may get hold of an element of a page, as Playwright's locators do when they wait or act: what a tool holds
stays, with its page, and would be counted as the page's.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, sync_playwright

from scripts.bench.browser import HERE, LAB, LESSON, PATIENCE, in_time
from scripts.bench.memory import HEAP, OPEN_ALL_LABS, probe
from scripts.bench.server import published
from scripts.browsers import QUIET, find_chromium

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "build" / "soak.json"

EPOCHS = 30
LEAVE_EVERY = 20
"""Runs after which the reader goes to another lesson and comes back."""

OTHER_LESSON, OTHER_LAB = "modules/05-", "graph-1"

GO = "address => document.querySelector(`a[href*='${address}']`).click()"

ARRIVE = """id => {
  const lab = document.getElementById(id);
  if (lab?.dataset.state === "failed") throw new Error(lab.querySelector("[role=status]").textContent);
  lab?.scrollIntoView(); // out of sight it waits
  return lab?.dataset.state === "ready";
}"""

ROUND = in_time(
    """async ([id, runs, first, epochs]) => {
  const lab = document.getElementById(id);
  const set = (input, value) => {
    input.value = value;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const press = (name) =>
    [...lab.querySelectorAll("button")].find((button) => button.textContent.trim() === name).click();
  const reach = (...states) =>
    new Promise((resolve, reject) => {
      const look = () => {
        if (lab.dataset.state === "failed") reject(new Error(lab.querySelector("[role=status]").textContent));
        else if (states.includes(lab.dataset.state)) resolve(lab.dataset.state);
        else return;
        watch.disconnect();
      };
      const watch = new MutationObserver(look);
      watch.observe(lab, { attributeFilter: ["data-state"] });
      look();
    });
  const rate = [...lab.querySelectorAll("input")].find((input) => input.ariaLabel === "Learning rate value");
  set(document.getElementById(`${id}-epochs`), epochs);
  set(document.getElementById(`${id}-speed`), "fastest");
  for (let run = first; run < first + runs; run++) {
    set(rate, ["0.1", "1", "0.01", "10"][run % 4]);
    press("Train");
    if (run % 2) {
      await reach("training", "finished");
      if (lab.dataset.state === "training") {
        press("Pause");
        if ((await reach("paused", "ready", "finished")) !== "finished") press("Train");
      }
    }
    await reach("finished");
    press("Reset");
    await reach("ready");
  }
}""",
    "a round of runs",
)

HELD = {
    "python": ("MB of Python's memory", 1e6, 0.0),
    "objects": ("objects in Python", 1, 50.0),
    "proxies": ("proxies", 1, 0.0),
    "page": ("MB of the page", 1e6, 0.1),
    "nodes": ("nodes", 1, 0.0),
    "listeners": ("listeners", 1, 0.0),
    "workers": ("workers", 1, 0.0),
}
"""What is noted: its name in the table, its unit, and by how much the last quarter may exceed the second."""

KEPT_BY_THEME = 0.005
"""MB of script, compiled code included, that Material keeps of every page it has shown; no element is among it. Its
`mountHeader` subscribes the header anew to the main part of all pages to come and never ends that, out of our reach."""


def held(page: Page, session: Any) -> dict[str, float]:
    """Return what the tab holds after collections."""
    for _ in range(3):  # what one collection frees may have held what the next one finds
        session.send("HeapProfiler.collectGarbage")
    counters = session.send("Memory.getDOMCounters")
    asked = probe(page)
    return {
        "python": asked["memory"],
        "objects": asked["objects"],
        "proxies": asked["proxies"],
        "page": session.send("Runtime.getHeapUsage")["usedSize"],
        "nodes": counters["nodes"],
        "listeners": counters["jsEventListeners"],
        "workers": len(page.workers),
    }


def go(page: Page, address: str, lab: str) -> None:
    """Go to a lesson by a link, as instant navigation does, and wait until a lab of it is ready."""
    page.evaluate(GO, address)
    page.wait_for_function(ARRIVE, arg=lab, timeout=PATIENCE)


def growth(values: Sequence[float]) -> float:
    """Return the median of the last quarter less that of the second: caches fill in the first."""
    quarter = max(1, len(values) // 4)
    return statistics.median(values[-quarter:]) - statistics.median(values[quarter : 2 * quarter])


def soak(site: Path, runs: int, every: int) -> int:
    """Do so many runs, print and keep what is held, and return the exit status."""
    errors: list[str] = []
    noted: list[dict[str, float]] = []
    began = time.monotonic()

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    (worker,) = (path for path in site.rglob("worker.js") if path.parent.name == "labs")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        probed = Path(folder) / "worker.js"
        probed.write_text(worker.read_text("utf-8") + "\n" + (HERE / "worker_probe.js").read_text("utf-8"), "utf-8")
        with published(site, {f"/{worker.relative_to(site).as_posix()}": probed}) as served:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=QUIET)
            page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
            page.on("console", listen)
            page.on("pageerror", lambda error: errors.append(f"uncaught: {error}"))
            page.goto(served.address + LESSON)
            session = page.context.new_cdp_session(page)
            page.evaluate(OPEN_ALL_LABS)
            page.wait_for_function(ARRIVE, arg=LAB, timeout=PATIENCE)
            print("| runs | minutes | " + " | ".join(name for name, _, _ in HELD.values()) + " | errors |")
            print("| ---: " * (len(HELD) + 3) + "|")
            for done in range(0, runs, LEAVE_EVERY):
                page.evaluate(ROUND, [LAB, min(LEAVE_EVERY, runs - done), done, str(EPOCHS)])
                count = min(done + LEAVE_EVERY, runs)
                if count % every == 0 or count == runs:
                    noted.append(held(page, session))
                    RESULT.parent.mkdir(exist_ok=True)
                    RESULT.write_text(json.dumps({"runs": count, "held": noted, "errors": errors}, indent=1))
                    cells = [f"{noted[-1][key] / unit:,.2f}".removesuffix(".00") for key, (_, unit, _) in HELD.items()]
                    minutes = (time.monotonic() - began) / 60
                    print(f"| {count:,} | {minutes:.1f} | {' | '.join(cells)} | {len(errors)} |", flush=True)
                go(page, OTHER_LESSON, OTHER_LAB)
                go(page, LESSON, LAB)
            browser.close()
    return verdict(noted, errors, runs // LEAVE_EVERY)


def verdict(noted: Sequence[dict[str, float]], errors: Sequence[str], shown: int) -> int:
    """Print what has grown, or is too much, and what the console said; 0 when that is nothing.

    Args:
        noted: what was held, from line to line of the table.
        errors: what the console said.
        shown: how many pages were shown between the second quarter and the last: half of two for each time away.
    """
    faults = [f"the console: {error}" for error in errors]
    for key, (name, unit, allowed) in HELD.items():
        grown = growth([entry[key] for entry in noted]) / unit
        if key == "page":
            allowed += KEPT_BY_THEME * shown
        if grown > allowed:
            faults.append(f"{name}: grew by {grown:,.2f}, and may grow by {allowed:g}")
    most = max(entry["python"] for entry in noted) / 1e6
    if not HEAP.met_by(most):
        faults.append(f"MB of Python's memory: must be {HEAP}, got {most:.1f}")
    print("\n".join(faults) or "Nothing has grown, and the console has had no error.")
    return 1 if faults else 0


def main(arguments: Sequence[str]) -> int:
    """Read the command line and soak the site in `site`."""
    parser = argparse.ArgumentParser(prog="python -m scripts.soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--runs", type=int, default=2000, help="how often to train (2000); below 1000 the browser is still compiling"
    )
    parser.add_argument("--every", type=int, default=100, help="runs between two lines of the table (100)")
    parser.add_argument("--site", type=Path, default=ROOT / "site", help="the folder of the built site")
    chosen = parser.parse_args(arguments)
    return soak(chosen.site.resolve(), chosen.runs, chosen.every)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
