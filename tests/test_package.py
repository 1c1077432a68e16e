"""`gd_core` as a package: what a wheel and a source archive say of it, and hold."""

import re
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import HeaderParser
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from scripts.bundle import build_bundle
from scripts.try_pyodide import OPTIONS, own_tests, try_bundle

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {path.relative_to(ROOT).as_posix() for path in (ROOT / "gd_core").iterdir() if path.is_file()}


@pytest.fixture(scope="module")
def wheel() -> zipfile.ZipFile:
    (path,) = build_bundle().glob("gd_core-*-py3-none-any.whl")
    return zipfile.ZipFile(path)


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return HeaderParser().parsestr(wheel.read(name).decode())


def test_the_wheel_holds_the_package_its_types_and_its_licence(wheel: zipfile.ZipFile) -> None:
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert names == SOURCES
    assert "gd_core/py.typed" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel.namelist())


def test_the_package_needs_numpy_alone(metadata: Message) -> None:
    assert metadata.get_all("Requires-Dist") == ["numpy>=2.0", "matplotlib>=3.9; extra == 'plot'"]
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"


def test_the_packages_own_example_trains(metadata: Message) -> None:
    _, code, _ = str(metadata.get_payload()).split("```")
    code = code.removeprefix("python\n").replace("epochs=200", "epochs=2")

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert [line.split()[0] for line in done.stdout.splitlines()] == ["1", "2"]


def test_the_source_archive_holds_what_the_wheel_is_built_from_and_nothing_else(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (path,) = tmp_path.glob("gd_core-*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}

    assert names == SOURCES | {"LICENSE", "PKG-INFO", "pyproject.toml", ".gitignore"}


def test_all_that_is_pinned_can_be_installed_by_the_oldest_python_that_we_name(metadata: Message) -> None:
    """By its first release, too: systems stay with the one that they began with."""
    oldest = metadata["Requires-Python"].removeprefix(">=") + ".0"
    pinned = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE))

    asks = {found.name.lower().replace("_", "-"): found.metadata["Requires-Python"] or "" for found in distributions()}

    assert {"numpy", "mkdocs", "pymdown-extensions"} <= pinned & asks.keys()
    assert {name: asks[name] for name in pinned & asks.keys() if oldest not in SpecifierSet(asks[name])} == {}


def test_the_packages_own_tests_run_in_pyodide(capfd: pytest.CaptureFixture[str]) -> None:
    """One file of them, to see that they do; `make test-pyodide` runs them all."""
    assert "tests/test_numerals.py" in own_tests()

    assert try_bundle([*OPTIONS, "tests/test_numerals.py"]) == 0
    assert re.search(r"[1-9]\d* passed", capfd.readouterr().out)
