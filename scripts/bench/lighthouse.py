"""What Lighthouse says of the built pages on its mobile profile: `python -m scripts.bench.lighthouse`.

With `--rules` it checks every page against Lighthouse's rules of accessibility, best practices and search, says what is
wrong, and fails if any score is below 100; else it measures how fast some pages are.

Lighthouse is installed below `build/` by npm when it is first asked for; nothing else needs it. The site is served as
its host serves it, gzipped, below a path. Medians of several visits are printed; all but the score are milliseconds,
and layout shift a share. On a machine that does other work they say more about that work than about the page.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.browsers import QUIET, find_chromium
from scripts.local_server import Host, serve
from scripts.runtime import program

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "lighthouse"
PACKAGES = Path(__file__).parent / "lighthouse_packages"
"""Lighthouse and all that it needs, pinned with hashes."""
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
RULES = ("accessibility", "best-practices", "seo")
"""The categories that say something of the page and nothing of the machine."""


def main() -> int:
    """Visit pages, print what Lighthouse says of them, and return the exit status."""
    parser = argparse.ArgumentParser(description="Measure pages with Lighthouse's mobile profile, or check them.")
    parser.add_argument("--rules", action="store_true", help="check every page against the rules instead of measuring")
    parser.add_argument("--site", type=Path, default=ROOT / "site", help="the built site (default: site/)")
    parser.add_argument("--visits", type=int, default=5, help="visits of each page (default: 5)")
    parser.add_argument("pages", nargs="*", help="addresses below the site's root (default: four; all for --rules)")
    options = parser.parse_args()
    chromium = find_chromium()
    if chromium is None or not options.site.exists():
        sys.stderr.write("error: Lighthouse needs Chromium and the built site; run `make build`\n")
        return 1
    install()
    if options.rules:
        with serve(options.site, "/", Host) as address:
            return check(address, options.site, options.pages or every_page(options.site), chromium)
    with serve(options.site, "/lesson/", Host) as address:
        measure(address, options.pages or PAGES, options.visits, chromium)
    return 0


def every_page(site: Path) -> list[str]:
    """Return the addresses of a site's pages below its root."""
    files = (path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    return sorted(file.removesuffix("index.html") for file in files)


def measure(address: str, pages: Sequence[str], visits: int, chromium: str) -> None:
    """Visit each page several times and print the medians."""
    print("page | score | " + " | ".join(AUDITS))
    for page in pages:
        reports = [visit(address + page, chromium, "performance") for _ in range(visits)]
        columns = [[100 * report["categories"]["performance"]["score"] for report in reports]]
        columns += [[report["audits"][audit]["numericValue"] for report in reports] for audit in AUDITS.values()]
        print(" | ".join([page or "(home)", *(f"{round(statistics.median(column), 2):g}" for column in columns)]))


def check(address: str, site: Path, pages: Sequence[str], chromium: str) -> int:
    """Visit each page once, print its scores and what is wrong with it, and return 1 if anything is.

    A page that tells search engines to leave it out, as the one for frames does, has no score of search.
    """
    print("page | " + " | ".join(RULES))
    wrong = 0
    for page in pages:
        file = site / page / "index.html" if page.endswith("/") or not page else site / page
        rules = RULES[: -1 if 'content="noindex"' in file.read_text(encoding="utf-8") else None]
        report = visit(address + page, chromium, *rules)
        scores = [100 * report["categories"][rule]["score"] for rule in rules]
        print(" | ".join([page or "(home)", *(f"{score:g}" for score in scores)]), flush=True)
        wrong |= min(scores) < 100
        failed = {
            part["id"]
            for rule in rules
            for part in report["categories"][rule]["auditRefs"]
            if part["weight"] and report["audits"][part["id"]]["score"] == 0
        }
        for name in sorted(failed):
            audit = report["audits"][name]
            print(f"    {name}: {audit['title']}")
            for item in audit.get("details", {}).get("items", []):
                print(f"        {item.get('node', {}).get('snippet') or item}")
    return wrong


def install() -> None:
    """Install Lighthouse where it is not yet.

    Raises:
        subprocess.CalledProcessError: npm failed; what it said stands above.
    """
    if not (FOLDER / "node_modules" / "lighthouse").exists():
        shutil.copytree(PACKAGES, FOLDER, dirs_exist_ok=True)
        subprocess.run([program("npm"), "ci", "--silent", "--prefix", str(FOLDER)], check=True)


def visit(address: str, chromium: str, *categories: str) -> dict[str, Any]:
    """Return Lighthouse's report of one visit with an empty cache.

    Raises:
        subprocess.CalledProcessError: Lighthouse failed; what it said stands above.
    """
    command = [
        str(FOLDER / "node_modules" / ".bin" / "lighthouse"),
        address,
        "--quiet",
        f"--only-categories={','.join(categories)}",
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
