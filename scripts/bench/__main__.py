"""What the lesson costs, measured: `make bench`, or `python -m scripts.bench` for the sections that are named.

Everything that is compared is measured in turn, in one run on one machine, since seconds on a shared machine mean
little and ratios something. Prints one table and writes it to `build/bench.json`. Speed is reported here, and asserted
nowhere.

    python -m scripts.bench --only start,memory      measure these sections; others of today are kept
    python -m scripts.bench --networks 0,1.6,10,50   start also on networks of so many Mbit/s (0: not slowed)
    python -m scripts.bench --readme                 write the table of build/bench.json into the README
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from scripts.bench import memory, navigation, payload, speed, start, training
from scripts.bench.browser import LESSON, MOUNTS, Bench
from scripts.bench.report import Figure, describe, from_json, insert, markdown, table, to_json
from scripts.bench.rivals import contest
from scripts.bench.server import published
from scripts.browsers import QUIET, find_chromium
from scripts.bundle import run
from scripts.runtime import fetch, program

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "build" / "bench.json"
README = ROOT / "README.md"

SECTIONS: dict[str, Callable[[Bench], list[Figure]]] = {
    "start": start.measure,
    "bytes": payload.measure,
    "navigation": navigation.measure,
    "training": training.measure,
    "speed": speed.measure,
    "memory": memory.measure,
    "rivals": contest.measure,
}
"""Every section, in the order of the table."""


def main() -> int:
    """Measure, print the table, write it, and return the exit status."""
    options = arguments()
    if options.readme:
        README.write_text(insert(README.read_text(encoding="utf-8"), markdown(*from_json(read_results()))), "utf-8")
        return 0
    chromium = find_chromium()
    if chromium is None or not (options.site / LESSON).exists():
        sys.stderr.write("error: the benchmark needs Chromium and the built site; run `make bench`\n")
        return 1
    measure(options, chromium)
    machine, figures = from_json(read_results())
    print(f"{describe(machine)}\n\n{table(figures)}")
    return 0


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench", description="Measure what the lesson costs.")
    parser.add_argument("--only", type=sections, default=list(SECTIONS), help=f"sections, of {','.join(SECTIONS)}")
    parser.add_argument("--repeats", type=int, default=7, help="how often each is measured (default: 7)")
    parser.add_argument(
        "--networks", type=networks, default=[0.0], help="Mbit/s of networks to start on; 0: not slowed"
    )
    parser.add_argument("--site", type=Path, default=ROOT / "site", help="the built site (default: site)")
    parser.add_argument("--readme", action="store_true", help="write the last table into the README, measure nothing")
    return parser.parse_args()


def sections(text: str) -> list[str]:
    """Read names of sections; raises ValueError for one that there is not."""
    names = text.split(",")
    for name in names:
        if name not in SECTIONS:
            raise argparse.ArgumentTypeError(f"unknown section {name!r}; choose of {', '.join(SECTIONS)}")
    return names


def networks(text: str) -> list[float]:
    """Read megabits a second."""
    return [float(part) for part in text.split(",")]


def measure(options: argparse.Namespace, chromium: str) -> None:
    """Measure the sections asked for, and write each as soon as it is known."""
    with ExitStack() as stack:
        bare = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name, file in fetch().items():
            shutil.copy(file, bare / name)
        (bare / "index.html").write_text(start.BARE_PAGE)
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        stack.callback(browser.close)
        site, plain = (stack.enter_context(published(folder, MOUNTS)) for folder in (options.site, bare))
        bench = Bench(browser, site, plain, options.repeats, options.networks)
        machine = describe_machine(browser.version)
        for name, section in SECTIONS.items():
            if name in options.only:
                sys.stderr.write(f"Measuring: {name}\n")
                write_results(machine, name, section(bench))


def write_results(machine: dict[str, Any], section: str, figures: list[Figure]) -> None:
    """Write the figures of a section beside those of others that this machine has given today."""
    known_machine, known = from_json(read_results()) if RESULTS.exists() else ({}, [])
    if known_machine == machine:
        figures = [*figures, *(figure for figure in known if figure.section != section)]
    figures.sort(key=lambda figure: list(SECTIONS).index(figure.section))
    RESULTS.write_text(json.dumps(to_json(machine, figures), indent=1) + "\n")


def describe_machine(chromium: str) -> dict[str, Any]:
    """Say what the figures were measured on, and when."""
    return {
        "": f"{os.cpu_count()} cores of {processor()}",
        "Chromium": chromium,
        "Python": platform.python_version(),
        "Node": run(program("node"), "--version").strip().removeprefix("v"),
        "on": date.today().isoformat(),
    }


def processor() -> str:
    """Return the processor's name, or its kind where the system does not tell."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def read_results() -> dict[str, Any]:
    """Return the report of the last run."""
    results: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return results


if __name__ == "__main__":
    sys.exit(main())
