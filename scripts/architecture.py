"""How the project hangs together, read from its sources: who imports whom, and the way of a lab as a picture.

The page "How it is built" shows both (`docs/architecture.md`): a line there that holds `<!-- path of a lab -->` or, for
example, `<!-- imports of gd_core -->` is filled when the site is built. `tests/test_architecture.py` holds the arrows.
"""

import ast
import html
import re
from collections.abc import Mapping
from pathlib import Path

from scripts.svg import path, picture, text
from scripts.versions import without_comments

ROOT = Path(__file__).resolve().parent.parent
PAGE = "architecture.md"

Arrows = Mapping[str, frozenset[str]]
"""The modules of an area by name, each with those of the same area that it imports."""

AREAS = {"gd_core": "gd_core", "scripts": "scripts", "labs": "docs/assets/labs"}
"""What is drawn, by the name that a page uses, and its folder."""

SCRIPT_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']\./([\w-]+)\.js["']""")


def python_imports(source: Path) -> set[str]:
    """Return what a Python file imports, modules and what it takes from them; what is relative begins with a dot."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found.add(module)
            found |= {(f"{module}." if node.module else module) + alias.name for alias in node.names}
    return found


def script_imports(source: Path) -> set[str]:
    """Return the names of the scripts beside it that a script imports, at once or later; types are no imports."""
    return set(SCRIPT_IMPORT.findall(without_comments(source.read_text(encoding="utf-8"))))


def arrows(area: str) -> Arrows:
    """Return who imports whom in an area, a key of `AREAS`."""
    folder = ROOT / AREAS[area]
    if area == "labs":
        return {source.stem: frozenset(script_imports(source)) for source in sorted(folder.glob("*.js"))}
    files = {
        ".".join(source.relative_to(folder).with_suffix("").parts): source
        for source in sorted(folder.rglob("*.py"))
        if not {"bench", "theme"} & {*source.relative_to(folder).parts} and source.stem != "__init__"
    }
    return {name: frozenset(_known(name, python_imports(source), area, files)) for name, source in files.items()}


def _known(name: str, imported: set[str], area: str, known: Mapping[str, Path]) -> set[str]:
    """Return those of the imported modules that belong to the area, by their names in it."""
    package = name.rpartition(".")[0]
    found = set()
    for module in imported:
        whole = f"{area}.{package}{'.' if package else ''}{module[1:]}" if module.startswith(".") else module
        inside = whole.removeprefix(f"{area}.")
        found |= {inside} & known.keys() if inside != whole else set()
    return found - {name}


def layers(imports: Arrows) -> list[list[str]]:
    """Sort modules so that each imports only those of earlier layers, and stands as early as it can.

    Raises:
        ValueError: some import each other in a circle.
    """
    left = dict(imports)
    done: set[str] = set()
    found = []
    while left:
        layer = sorted(name for name, wanted in left.items() if wanted <= done)
        if not layer:
            raise ValueError(f"modules must not import each other in a circle, got {', '.join(sorted(left))}")
        found.append(layer)
        done |= {*layer}
        for name in layer:
            del left[name]
    return found


def purpose(area: str, name: str) -> str:
    """Return the first sentence of what a module says of itself, in plain text."""
    folder = ROOT / AREAS[area]
    if area == "labs":
        comment = re.match(r"/\*\*(.*?)\*/", (folder / f"{name}.js").read_text(encoding="utf-8"), re.DOTALL)
        said = re.sub(r"^\s*\* ?", "", comment[1], flags=re.MULTILINE) if comment else ""
    else:
        source = folder.joinpath(*name.split(".")).with_suffix(".py")
        said = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    paragraph = " ".join(said.strip().split("\n\n")[0].split())
    return re.split(r"(?<=[.?!]) (?=[A-Z`])|: `python", paragraph)[0].rstrip(".").replace("`", "")


def imports_table(area: str) -> str:
    """Return who imports whom in an area as an HTML table, a row for each module, those that import nothing first."""
    imports = arrows(area)
    rows = [
        f"<tr><td><code>{_breakable(name)}</code></td><td>{_breakable(html.escape(purpose(area, name)))}</td>"
        f"<td>{', '.join(f'<code>{_breakable(other)}</code>' for other in sorted(imports[name])) or '–'}</td></tr>"
        for layer in layers(imports)
        for name in layer
    ]
    head = "<tr><th>Module</th><th>What it is</th><th>Imports</th></tr>"
    return f'<table class="gd-imports"><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table>'


def _breakable(text: str) -> str:
    """Let long names break where their words end; `text` is HTML without tags."""
    return re.sub(r"(?<=[a-z][_/])(?=[a-z])|(?<=\w)(?=\.\w)", "<wbr>", text)


STATIONS = {
    "While the site is built": [
        ("docs/modules/*.md", "an author writes a fence, ```lab"),
        ("scripts/blocks/page.py", "finds it, and every mistake with its line"),
        ("gd_core/settings.py", "checks its settings, here and in the page"),
        ("scripts/recording.py", "runs it, in the very Python that pages get"),
        ("scripts/blocks/frame.py", "writes <gd-lab>: settings, picture, numbers"),
    ],
    "In the reader’s page": [
        ("docs/assets/labs/main.js", "sees the element and loads its kind"),
        ("docs/assets/labs/training.js", "turns the dial, asks for the next frame"),
        ("docs/assets/labs/client.js", "sends the request to the one worker"),
        ("docs/assets/labs/worker.js", "starts Python once, hands requests over"),
        ("gd_core/labs.py", "calls the method that the request names"),
        ("gd_core/session.py", "trains for some milliseconds: a frame"),
        ("docs/assets/labs/plots.js", "takes the frame, once per screen frame"),
        ("docs/assets/labs/canvas.js", "draws; then the next frame is asked for"),
    ],
}
"""The way of a lab from Markdown to canvas: files, and what each does; in two parts."""

WIDTH, BOX, GAP, HEAD = 344, 44, 16, 30
HEAD_DOWN = "m-4 -6l4 6l4 -6"
"""The picture's measures, and an arrow's head."""


def path_of_a_lab() -> str:
    """Return the way of a lab as a picture, from the top down."""
    parts: list[str] = []
    middles: dict[str, int] = {}
    y = 0
    for title, stations in STATIONS.items():
        height = HEAD + len(stations) * (BOX + GAP)
        if y:
            parts.append(path("way-arrow", f"M28 {y - GAP}V{y - 2}{HEAD_DOWN}"))
        parts.append(f'<rect class="gd-way-part" x="0.5" y="{y + 0.5}" width="{WIDTH - 1}" height="{height}" rx="8"/>')
        parts.append(text("label", 12, y + 20, title))
        y += HEAD
        for number, (file, words) in enumerate(stations):
            if number:
                parts.append(path("way-arrow", f"M28 {y - GAP}V{y - 2}{HEAD_DOWN}"))
            middles[file] = y + BOX // 2
            parts.append(f'<rect class="gd-way-box" x="12" y="{y}" width="{WIDTH - 24}" height="{BOX}" rx="5"/>')
            parts.append(text("way-file", 22, y + 18, html.escape(file)))
            parts.append(text("way-words", 22, y + 35, html.escape(words)))
            y += BOX + GAP
        y += GAP
    start, end = (middles[f"docs/assets/labs/{name}.js"] for name in ("canvas", "training"))
    parts.append(path("way-arrow", f"M{WIDTH - 12} {start}h6V{end}h-6m6 -4l-6 4l6 4"))
    told = ". ".join(
        f"{title}: " + "; ".join(f"{file} {words}" for file, words in stations) for title, stations in STATIONS.items()
    )
    return picture("architecture", "way", WIDTH, y - GAP + 1, "The way of a lab", f"{told}.", "".join(parts))


def filled(markdown: str) -> str:
    """Return the page with the pictures and tables that its marks ask for, each in the mark's own line."""
    made = {"path of a lab": path_of_a_lab} | {
        f"imports of {area}": lambda area=area: imports_table(area) for area in AREAS
    }
    for mark, make in made.items():
        markdown = markdown.replace(f"<!-- {mark} -->", f'<div class="gd-made">{make()}</div>')
    return markdown
