"""What a first visit loads until Python is ready: which files, of which kind, and how many bytes of each kind cross.

`first_visit` computes it from the built site alone, so that a test can hold it against `BUDGETS`; `measure` asks a
browser what it really loads. Both count bytes as GitHub Pages sends them, compressed.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

from scripts.bench.browser import LESSON, Bench, time_until_ready
from scripts.bench.report import Figure, Goal
from scripts.bench.server import crossing

LABS = re.compile(r"assets/[0-9a-f]{16}/labs/")
"""The folder of our scripts, named after their version."""
RUNTIME = "assets/runtime/"


@dataclass(frozen=True)
class Budget:
    """How much of something a first visit may load, and why so much."""

    most: int
    why: str


BUDGETS = {
    "HTML": Budget(
        75_000, "one lesson: text, formulas as MathML, pictures of recorded runs, and the styles of all that"
    ),
    "fonts": Budget(16_000, "of the one for formulas what lessons mostly write; text takes the reader's own"),
    "pictures": Budget(5_000, "the icon; all others are drawn, or part of the HTML"),
    "our JavaScript": Budget(71_000, "all labs of a lesson, and Python's worker"),
    "the theme's JavaScript": Budget(50_000, "its bundle and its search, as they come"),
    "the theme's lists": Budget(1_000, "which pages there are"),
    "scripts of Python's start": Budget(
        150_000, "what the image needs of Pyodide's, and the unpacker with its WebAssembly"
    ),
    "WebAssembly": Budget(2_900_000, "CPython, without exports that nothing asks for, packed"),
    "NumPy's libraries": Budget(1_100_000, "those that NumPy opens when it is imported, packed"),
    "memory": Budget(3_200_000, "Python with NumPy and gd_core imported, packed"),
    "WebAssembly for a fast line": Budget(3_500_000, "the same, as browsers unpack it by themselves"),
    "NumPy's libraries for a fast line": Budget(1_450_000, "the same, as browsers unpack it by themselves"),
    "memory for a fast line": Budget(4_000_000, "the same, as browsers unpack it by themselves"),
    "Python's lists": Budget(5_000, "the bundle's manifest and Pyodide's lock file"),
}
"""The most bytes of each kind that may cross on a first visit of a lesson, until Python is ready.

Those of Python's start come to less than 7.5 MB together on a slow line, and to less than 9.5 MB on a fast one."""

LATE = {
    "python_stdlib.zip": Budget(2_600_000, "as Pyodide publishes it"),
    "numpy": Budget(2_400_000, "compiled, without its tests, headers, f2py and docstrings"),
    "gd_core": Budget(190_000, "compiled, without its docstrings"),
}
"""The most bytes of each archive, by the beginning of its name: read where the snapshot does not serve."""

REQUESTS = Budget(52, "modules are served as they are written, a file each")
"""The most requests until then."""

TRAINING_LAB = Budget(
    32_500, "a lab should be there before the reader is; what speaks other languages than English takes 700 of them"
)
"""The most bytes of our JavaScript for a page that holds a training lab only, without Python's worker."""

FURTHER_KIND = Budget(10_000, "a page that holds several kinds loads all of them")
"""The most bytes that any other kind of lab may add to that."""

THE_THEME_ASKS_FOR = ("sitemap.xml", "assets/javascripts/workers/search.*.min.js")
"""Files that the theme's script loads by itself: for instant navigation, and for the search, whose list comes later."""

KINDS = {
    ".html": "HTML",
    ".css": "style sheets",
    ".woff2": "fonts",
    ".svg": "pictures",
    ".png": "pictures",
    ".js": "the theme's JavaScript",
    ".json": "the theme's lists",
    ".xml": "the theme's lists",
}
RUNTIME_KINDS = {
    r".*\.mjs": "scripts of Python's start",
    r".*\.wasm(\.trimmed\.zst)?": "WebAssembly",
    r".*\.wasm\.trimmed\.deflate": "WebAssembly for a fast line",
    r"libraries\.zst": "NumPy's libraries",
    r"libraries\.deflate": "NumPy's libraries for a fast line",
    r"memory\.zst": "memory",
    r"memory\.deflate": "memory for a fast line",
    r"python_stdlib.*": "standard library",
    r"numpy.*": "NumPy",
    r"gd_core.*": "gd_core",
    r".*\.json": "Python's lists",
}
"""Of the bundle's files, by name; any other is named after its role in the manifest."""


def kind_of(path: str, roles: dict[str, str]) -> str:
    """Say what kind of file an address below the site's root is; `roles` are those of the bundle's manifest."""
    name = PurePosixPath(path).name
    if path.startswith(RUNTIME):
        found = next((kind for pattern, kind in RUNTIME_KINDS.items() if re.fullmatch(pattern, name)), None)
        return found or roles.get(name, "other")
    if LABS.match(path) and path.endswith(".js"):
        return "our JavaScript"
    return "HTML" if path == "" or path.endswith("/") else KINDS.get(PurePosixPath(name).suffix, "other")


def roles_of(site: Path) -> dict[str, str]:
    """Return the role of each file of the site's bundle, by its name."""
    (manifest,) = (site / RUNTIME).glob("*/manifest.json")
    return {name: file["role"] for name, file in json.loads(manifest.read_text())["files"].items()}


NOT_OVER = {"slow": (".deflate",), "fast": (".zst", "zstddec-stream.mjs")}
"""What a start does not read over a slow line and over a fast one, by the ends of the files' names."""


def first_visit(site: Path, page: str = LESSON, line: str = "slow") -> dict[str, int]:
    """Compute what a first visit of `page` loads until Python is ready: the bytes that cross, by address.

    Counted are the page, what it names, the modules that these import and those of the kinds of labs it holds, the
    fonts of its style sheets, what the theme asks for, and every file of the bundle that a start needs.
    """
    parser = Loads(page)
    html = (site / page / "index.html").read_text(encoding="utf-8")
    parser.feed(html)
    labs = labs_of(site)
    scripts = {path for path in parser.found if path.startswith(labs) and path.endswith(".js")}
    kinds = {f"{labs}{file}" for kind, file in lab_modules(site).items() if kind in parser.kinds}
    roles = roles_of(site)
    (manifest,) = (site / RUNTIME).glob("*/manifest.json")
    named = {name for name, role in roles.items() if role in ("module", "lock", "snapshot")}
    needed = {"manifest.json", *(name for name in named if not name.endswith(NOT_OVER[line]))}
    found = parser.found | imported(site, scripts | kinds | {f"{labs}worker.js"}) | fonts(html, page)
    found |= {f"{manifest.parent.relative_to(site).as_posix()}/{name}" for name in needed}
    found |= {path.relative_to(site).as_posix() for pattern in THE_THEME_ASKS_FOR for path in site.glob(pattern)}
    return {page: crossing(site / page / "index.html")} | {path: crossing(site / path) for path in sorted(found)}


def by_kind(loaded: dict[str, int], roles: dict[str, str]) -> Counter[str]:
    """Sum up bytes by kind of file."""
    total: Counter[str] = Counter()
    for path, count in loaded.items():
        total[kind_of(path, roles)] += count
    return total


def labs_of(site: Path) -> str:
    """Return the folder of the site's own scripts, below the site's root."""
    (entry,) = site.glob("assets/*/labs/main.js")
    return f"{entry.parent.relative_to(site).as_posix()}/"


def imported(site: Path, entries: set[str]) -> set[str]:
    """Return our modules that `entries` load at once, themselves included: they and all that they import."""
    found: set[str] = set()
    wanted = sorted(entries)
    labs = labs_of(site)
    while wanted:
        path = wanted.pop()
        if path not in found:
            found.add(path)
            text = (site / path).read_text(encoding="utf-8")
            wanted += [labs + name for name in re.findall(r'(?:from|import) ?"\./([\w.-]+)"', text)]
    return found


def lab_modules(site: Path) -> dict[str, str]:
    """Return the module of each kind of lab, by its kind: what the entry loads for a page that holds one."""
    text = (site / labs_of(site) / "main.js").read_text(encoding="utf-8")
    return dict(re.findall(r'(\w+): ?async \(\) ?=> ?\(await import\("\./([\w.-]+)"\)\)', text))


def fonts(html: str, page: str) -> set[str]:
    """Return the fonts of a page's styles that its formulas ask for: of a character, the last one that has it."""
    formulas = " ".join(re.findall(r"<math\b.*?</math>", html, re.DOTALL))
    needed = {ord(character) for character in unescape(re.sub("<[^>]*>", "", formulas))}
    found = set()
    for address, ranges in reversed(re.findall(r"url\(\"([^\"]+\.woff2)\"\)[^}]*unicode-range:([^;}]+)", html)):
        spans = re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", ranges)
        served = {code for code in needed for first, last in spans if int(first, 16) <= code <= int(last or first, 16)}
        needed -= served
        if served:
            found.add(address.removeprefix("../" * page.count("/")))
    return found


class Loads(HTMLParser):
    """What a page names to be loaded with it, as addresses below the site's root, and the kinds of labs it holds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.depth = page.count("/")
        self.found: set[str] = set()
        self.kinds: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element loads."""
        named = {name: value or "" for name, value in attrs}
        loads = {"stylesheet", "icon", "preload", "modulepreload"} & set(named.get("rel", "").split())
        address = named.get("href", "") if tag == "link" and loads else named.get("src", "")
        if address and not address.startswith("data:"):
            self.found.add(address.removeprefix("../" * self.depth))
        if tag.startswith("gd-") and "data-kind" in named:
            self.kinds.add(named["data-kind"])


def measure(bench: Bench) -> list[Figure]:
    """Ask a browser what a first visit loads, and a bare page with the same Python beside it."""
    with bench.page(service_workers="block") as page:  # it would load other lessons as soon as Python is ready
        bench.site.answers.clear()
        time_until_ready(page, bench.lesson)
        ours = dict(bench.site.answers)
        requests = len(bench.site.answers)
    with bench.page() as page:
        bench.bare.answers.clear()
        time_until_ready(page, bench.bare.address)
        bare = sum(answer.bytes for answer in bench.bare.answers)
    total = by_kind(ours, roles_of(bench.site.folder))
    python = sum(count for path, count in ours.items() if path.startswith(RUNTIME))
    figures = [
        Figure("bytes", "kB before Python, all", (sum(ours.values()) - python) / 1000),
        Figure("bytes", "kB of Python, all", python / 1000, bare / 1000, python / bare, note="beside the bare page"),
        Figure("bytes", "requests until ready", requests, goal=Goal("ours", "at most", REQUESTS.most)),
    ]
    for kind, count in total.most_common():
        goal = Goal("ours", "at most", BUDGETS[kind].most / 1000) if kind in BUDGETS else None
        figures.append(Figure("bytes", f"kB of {kind}", count / 1000, goal=goal))
    return figures
