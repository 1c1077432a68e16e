"""What a first visit loads, held against the budgets in `scripts/bench/payload.py`: computed from the built site."""

import os
from pathlib import Path

import pytest

from scripts.bench.payload import (
    BUDGETS,
    FURTHER_KIND,
    LATE,
    NOT_OVER,
    REQUESTS,
    RUNTIME,
    TRAINING_LAB,
    by_kind,
    first_visit,
    imported,
    lab_modules,
    labs_of,
    roles_of,
)
from scripts.bench.server import crossing

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted(f"modules/{path.stem}/" for path in (ROOT / "docs" / "modules").glob("*.md"))


@pytest.fixture(scope="module")
def site() -> Path:
    folder = Path(os.environ.get("GD_SITE", ROOT / "site"))
    if not (folder / LESSONS[0] / "index.html").exists():
        pytest.fail(f"no built site in {folder}; build it with `make build`")
    return folder


@pytest.mark.parametrize("line", NOT_OVER)
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_first_visit_stays_within_its_budgets(site: Path, lesson: str, line: str) -> None:
    loaded = first_visit(site, lesson, line)
    bytes_of = by_kind(loaded, roles_of(site))

    assert bytes_of.keys() <= BUDGETS.keys()
    over = {kind: count for kind, count in bytes_of.items() if count > BUDGETS[kind].most}
    assert over == {}
    assert len(loaded) <= REQUESTS.most


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_a_first_visit_loads_is_found(site: Path, lesson: str) -> None:
    names = {path.rsplit("/", 1)[-1] for path in first_visit(site, lesson)}

    assert {"main.js", "lab.js", "client.js", "worker.js", "python.js", "manifest.json"} <= names
    assert {"math.woff2", "memory.zst", "pyodide.asm.wasm.trimmed.zst"} <= names
    assert not {"python_stdlib.zip", "pyodide.asm.mjs", "pyodide.asm.wasm", "math-rest.woff2"} & names


@pytest.mark.parametrize(("line", "suffix", "most"), [("slow", "", 7_500_000), ("fast", " for a fast line", 9_500_000)])
def test_all_of_pythons_start_suits_its_line(site: Path, line: str, suffix: str, most: int) -> None:
    bytes_of = by_kind(first_visit(site, line=line), roles_of(site))
    packed = {f"{kind}{suffix}" for kind in ("WebAssembly", "NumPy's libraries", "memory")}
    python = {"scripts of Python's start", "Python's lists", *packed}

    assert python <= bytes_of.keys()
    assert sum(bytes_of[kind] for kind in python) <= most


@pytest.mark.parametrize("archive", LATE)
def test_an_archive_for_later_stays_within_its_budget(site: Path, archive: str) -> None:
    (found,) = (path for path in (site / RUNTIME).glob(f"*/{archive}*") if "py3-none" not in path.name)

    assert found.stat().st_size <= LATE[archive].most


def scripts_bytes(site: Path, *names: str) -> dict[str, int]:
    """The bytes of modules and of all that they import."""
    return {path: crossing(site / path) for path in imported(site, {labs_of(site) + name for name in names})}


def test_our_scripts_for_a_training_lab_are_small(site: Path) -> None:
    found = scripts_bytes(site, "main.js", "training.js")

    assert {labs_of(site) + name for name in ("main.js", "quiz.js", "training.js", "lab.js")} <= found.keys()
    assert sum(found.values()) <= TRAINING_LAB.most


def test_every_further_kind_of_lab_adds_little(site: Path) -> None:
    common = scripts_bytes(site, "main.js", "training.js")
    kinds = lab_modules(site)
    assert kinds["training"] == "training.js"

    for kind, name in kinds.items():
        own = {path: count for path, count in scripts_bytes(site, name).items() if path not in common}
        assert sum(own.values()) <= FURTHER_KIND.most, f"{kind}: {own}"
