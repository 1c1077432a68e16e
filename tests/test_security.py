"""No HTML from strings with data in it, no dependency without its hash, nothing handed on without its licence."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import markdown
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from scripts.audit import LOCKS
from scripts.bill import PIN, ROOT, WITHIN_MATERIAL, WITHIN_PYODIDE, bill
from scripts.blocks import makeExtension
from scripts.policy import DIRECTIVES, allowing_live_reload, hashes, policy, write_policies

SCRIPTS = sorted((ROOT / "docs" / "assets").rglob("*.js")) + sorted((ROOT / "scripts" / "theme").rglob("*.html"))

FROM_STRINGS = re.compile(
    r"""\b(innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|createContextualFragment|srcdoc|DOMParser|execCommand)\b
      | \bdocument\.write | \beval\( | \bnew\ Function\b | \bimport\((?!["'])
      | set(?:Timeout|Interval)\(\s*["'`] | setAttribute\(\s*["'`]on | javascript:""",
    re.VERBOSE,
)
"""What makes HTML or code out of a string."""

ALLOWED = {
    ("theme.js", "DOMParser"): "moves the addresses of sitemap.xml, which is read as XML and never shown",
    ("editor.js", "import("): "loads the editor's modules, whose names it holds itself",
    ("python.js", "import("): "runs Pyodide's modules, whose bytes have been checked, from an address of their own",
}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_makes_html_or_code_out_of_a_string(path: Path) -> None:
    found = {match[0] for match in FROM_STRINGS.finditer(path.read_text(encoding="utf-8"))}
    assert {name for name in found if (path.name, name) not in ALLOWED} == set()


def test_what_is_allowed_is_still_there() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in SCRIPTS}
    assert all(word in texts[name] for name, word in ALLOWED)


NASTY = """<img src=x onerror="alert(1)">\'</script><script>alert(2)</script>"""

BLOCKS = {
    "a title": f"```lab\nepochs: 5\ntitle: {json.dumps(NASTY)}\n```",
    "a value that is refused": f"```lab\ndataset: {json.dumps(NASTY)}\n```",
    "a name that is refused": f"```lab\n{json.dumps(NASTY)}: 1\n```",
    "an option": f"```quiz {{#{NASTY}}}\n1. What?\n```",
    "the title of a cell": '```python {.cell title="<img src=x onerror=alert(1)>"}\n1\n```',
    "the code of a cell": f"```python {{.cell}}\nprint({NASTY!r})\n```",
    "the title of code": '```python {title="<img src=x onerror=alert(1)>"}\n1\n```',
    "a formula": r"$\text{<img src=x onerror=alert(1)>}$",
}
"""Where what an author writes is text and no Markdown, in which HTML is allowed."""


@pytest.mark.fault("an author writes HTML and scripts where text belongs", "shows them as text")
@pytest.mark.parametrize("block", BLOCKS)
def test_blocks_show_as_text_what_is_no_markdown(block: str) -> None:
    html = markdown.markdown(BLOCKS[block], extensions=[makeExtension(file="docs/page.md")])
    assert "alert(" in html
    assert not re.search(r"<img src=x|<script>alert", html)


# --- the policy ---------------------------------------------------------------------------------------------------


def test_a_policy_allows_scripts_and_styles_inside_of_pages_and_no_data() -> None:
    data = '<script type="application/json">{}</script><script src="x.js"></script>'
    page = f"<script>one()</script>{data}<style>a{{}}</style>"
    assert len(hashes(page, "script")) == len(hashes(page, "style")) == 1
    text = policy([page])
    assert all(source in text for tag in ("script", "style") for source in hashes(page, tag))
    assert [part.split()[0] for part in text.split("; ")] == list(DIRECTIVES)


def test_a_page_without_a_place_for_the_policy_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<html></html>")
    with pytest.raises(ValueError, match="must have one element"):
        write_policies(tmp_path)


def test_the_script_of_live_reload_is_allowed_and_nothing_else_changes() -> None:
    page = (
        '<meta http-equiv="Content-Security-Policy" content="script-src \'self\'; img-src x"><script>reload(7)</script>'
    )

    def app(_: object, start_response: Callable[[str, list[tuple[str, str]]], None]) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", "1")])
        return [page.encode()]

    told: list[Any] = []
    (body,) = allowing_live_reload(app)({}, lambda *what: told.extend(what))
    (source,) = hashes(page, "script")
    assert body.decode() == page.replace("'self';", f"'self' {source};")
    assert told == ["200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))]]


# --- what is depended upon, and handed on ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(ROOT.glob("requirements*.txt")), ids=lambda path: path.name)
def test_every_python_package_is_pinned_with_its_hashes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    pins = list(PIN.finditer(text))
    assert len(pins) > 1
    assert [pin["name"] for pin in pins if "--hash=sha256:" not in pin["hashes"]] == []
    lines = [line for line in text.splitlines() if line and not line.startswith((" ", "#", "\t"))]
    assert len(lines) == len(pins)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.parent.name)
def test_every_package_of_npm_is_pinned_with_its_hash_and_no_address(path: Path) -> None:
    packages = json.loads(path.read_text(encoding="utf-8"))["packages"]
    for name, package in packages.items():
        assert not name or package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


def test_npm_installs_nothing_but_what_is_pinned() -> None:
    assert len(LOCKS) == 3
    asked = re.compile(r"""npm(?:"\)?,\s*"|\s+)(?:install|i|add)\b|npx (?!--no-install)""")
    sources = [ROOT / "Makefile", *(ROOT / "scripts").rglob("*.py"), *(ROOT / ".github").rglob("*.yml")]
    assert [path.name for path in sources if asked.search(path.read_text(encoding="utf-8"))] == []


def test_the_one_package_without_a_hash_is_the_one_that_says_why() -> None:
    installed = re.findall(r"pip install[^\n]*", (ROOT / "Makefile").read_text(encoding="utf-8"))
    without = [line for line in installed if not re.search(r"--require-hashes|--no-index|pip-tools", line)]
    assert without == ["pip install --quiet $(TORCH)"]
    assert "Torch" in (ROOT / "requirements-keras.in").read_text(encoding="utf-8")


def test_the_bill_of_materials_is_valid_and_names_what_is_handed_on_with_its_licence() -> None:
    text = bill()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    components = json.loads(text)["components"]
    parts = {part["name"]: part for part in components if part["scope"] == "required"}
    assert {"pyodide", "numpy", "mkdocs-material", "prism-code-editor", "zstddec", "noto-sans-math"} <= parts.keys()
    assert all(part["licenses"][0]["expression"] and part["version"] for part in parts.values())
    tools = {part["name"] for part in components if part["scope"] == "excluded"}
    assert {"mkdocs", "pytest", "typescript", "keras"} <= tools


def test_every_library_within_another_has_its_licence_in_the_site() -> None:
    texts = "\n".join(
        path.read_text(encoding="utf-8").lower()
        for path in (ROOT / "scripts" / "licenses" / "README.md", ROOT / "scripts" / "licenses-of-the-theme.txt")
    )
    spelt = {"hacl-star": "hacl*", "llvm-runtimes": "llvm's runtime", "zstd": "zstandard", "xz": "liblzma"}
    within = [*WITHIN_PYODIDE, *WITHIN_MATERIAL]
    assert [name for name in within if spelt.get(name, name) not in texts] == []
