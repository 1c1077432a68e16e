"""The code editor's files: pinned, complete, and where the pages look for them."""

import posixpath
import re
from pathlib import Path

import pytest

from scripts import editor
from scripts.hooks import licences

ROOT = Path(__file__).resolve().parent.parent
PINNED = {pin.name for pin in editor.PACKAGE.pins}


@pytest.fixture(scope="module")
def files() -> Path:
    """The folder of the files, fetched if need be."""
    return editor.fetch_editor()


def test_whatever_a_module_of_the_editor_imports_is_served_with_it(files: Path) -> None:
    modules = [name for name in PINNED if name.endswith(".js")]
    found = 0
    for name in modules:
        for target in re.findall(r'(?:from|import) *"([^"]+)"', (files / name).read_text(encoding="utf-8")):
            assert target.startswith("."), f"{name} imports {target}"
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
            assert path in PINNED, f"{name} imports {path}"
            found += 1
    assert found > 5


def test_the_page_asks_for_the_version_and_the_modules_that_are_pinned() -> None:
    labs = ROOT / "docs" / "assets" / "labs"
    script = (labs / "editor.js").read_text(encoding="utf-8")

    assert f'"../../editor/{editor.FOLDER}/dist/"' in script
    named = set(re.findall(r'"([\w/.-]+\.(?:js|css))"', script))
    asked = {name for name in named if not (labs / name).is_file()}
    assert {f"dist/{name}" for name in asked} <= PINNED
    assert len(asked) >= 4


def test_the_editor_is_served_without_what_a_page_does_not_load(files: Path, tmp_path: Path) -> None:
    for _ in range(2):  # a site that is built again keeps what is there
        editor.serve_editor(files, tmp_path)

    folder = tmp_path / "assets" / "editor" / editor.FOLDER
    served = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert served == PINNED - {"LICENSE"}


def test_the_editors_licence_stands_among_those_of_the_site(files: Path, tmp_path: Path) -> None:
    text = licences(tmp_path, files)["assets/licences/editor/Prism-code-editor.txt"]

    assert "Jonas Pytte" in text
    assert "Lea Verou" in text
