"""What Lighthouse says of the built pages on its mobile profile: `python -m scripts.bench.lighthouse`.

Lighthouse is installed below `build/` by npm when it is first asked for; nothing else needs it. The site is served as
its host serves it, gzipped, below a path. Medians of several visits are printed; all but the score are milliseconds,
and layout shift a share. On a machine that does other work they say more about that work than about the page.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from scripts.chromium import QUIET, find_chromium
from scripts.local_server import Host, serve

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "lighthouse"
LIGHTHOUSE = "lighthouse@13.5.0"
PAGES = (
    "modules/04-gradient-descent-in-practice/",
    "",
    "modules/03-a-network-that-already-works/",
    "modules/05-backpropagation-intuition/",
)
AUDITS = {
    "first paint": "first-contentful-paint",
    "largest paint": "largest-contentful-paint",
    "speed index": "speed-index",
    "blocking time": "total-blocking-time",
    "layout shift": "cumulative-layout-shift",
}
"""The figures by their names in the table, and what Lighthouse calls them."""


def main() -> int:
    """Visit each page several times, print the medians, and return the exit status."""
    parser = argparse.ArgumentParser(description="Measure pages with Lighthouse's mobile profile.")
    parser.add_argument("--site", type=Path, default=ROOT / "site", help="the built site (default: site/)")
    parser.add_argument("--visits", type=int, default=5, help="visits of each page (default: 5)")
    parser.add_argument("pages", nargs="*", default=PAGES, help="addresses below the site's root (default: four)")
    options = parser.parse_args()
    chromium = find_chromium()
    if chromium is None or not options.site.exists():
        sys.stderr.write("error: Lighthouse needs Chromium and the built site; run `make build`\n")
        return 1
    install()
    print("page | score | " + " | ".join(AUDITS))
    with serve(options.site, "/lesson/", Host) as address:
        for page in options.pages:
            reports = [visit(address + page, chromium) for _ in range(options.visits)]
            columns = [[100 * report["categories"]["performance"]["score"] for report in reports]]
            columns += [[report["audits"][audit]["numericValue"] for report in reports] for audit in AUDITS.values()]
            print(" | ".join([page or "(home)", *(f"{round(statistics.median(column), 2):g}" for column in columns)]))
    return 0


def install() -> None:
    """Install Lighthouse where it is not yet.

    Raises:
        subprocess.CalledProcessError: npm failed; what it said stands above.
    """
    if not (FOLDER / "node_modules" / LIGHTHOUSE.partition("@")[0]).exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--prefix", str(FOLDER), LIGHTHOUSE], check=True)


def visit(address: str, chromium: str) -> dict[str, Any]:
    """Return Lighthouse's report of one visit with an empty cache.

    Raises:
        subprocess.CalledProcessError: Lighthouse failed; what it said stands above.
    """
    command = [
        str(FOLDER / "node_modules" / ".bin" / "lighthouse"),
        address,
        "--quiet",
        "--only-categories=performance",
        "--disable-full-page-screenshot",
        "--output=json",
        f"--chrome-flags={' '.join(('--headless=new', '--disable-gpu', *QUIET))}",
    ]
    environment = {**os.environ, "CHROME_PATH": chromium}
    report = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout
    result: dict[str, Any] = json.loads(report)
    return result


if __name__ == "__main__":
    sys.exit(main())
