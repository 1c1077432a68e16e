"""The arrows between the chapters: who may import whom."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = [
    ["checks"],
    ["activations", "losses", "datasets", "schedules", "graph", "numerals", "reader"],
    ["network", "optimizers", "diagnosis", "graph_session"],
    ["training", "settings", "anatomy", "rule", "notebook"],
    ["keras_twin", "missions", "takeaway", "slow_step", "sweep", "valley", "network_session"],
    ["gradient_check", "vanishing", "session", "step_session"],
    ["labs"],
    ["__main__", "__init__"],
]
"""Every chapter of `gd_core`; each may import those of earlier lines only."""

OPTIONAL = {"__main__": {"matplotlib"}}
"""What a chapter may import besides, where somebody asks for it: the command line's pictures."""


def imports(path: Path) -> set[str]:
    """The modules that a file imports; relative ones begin with a dot."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


IMPORT_MORE = {"ma", "median", "nanmedian", "percentile", "nanpercentile", "quantile", "nanquantile"}
"""Names in NumPy whose use imports modules that are not in the memory that pages start from."""


def test_nothing_of_numpy_is_used_that_a_page_would_have_to_fetch() -> None:
    for path in (ROOT / "gd_core").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np":
                assert node.attr not in IMPORT_MORE, f"{path.name}:{node.lineno}"


def test_every_chapter_has_its_place() -> None:
    assert {path.stem for path in (ROOT / "gd_core").glob("*.py")} == {name for row in CHAPTERS for name in row}


@pytest.mark.parametrize(("row", "chapter"), [(row, name) for row, names in enumerate(CHAPTERS) for name in names])
def test_a_chapter_imports_only_earlier_ones_numpy_and_the_standard_library(row: int, chapter: str) -> None:
    earlier = {f".{name}" for names in CHAPTERS[:row] for name in names}
    others = {"numpy"} | OPTIONAL.get(chapter, set())

    for module in imports(ROOT / "gd_core" / f"{chapter}.py"):
        if module.startswith("."):
            assert module in earlier or module == "."
        else:
            assert module.split(".")[0] in sys.stdlib_module_names | others


def test_only_scripts_and_tests_know_the_tools() -> None:
    """`scripts` may import `gd_core`; nothing in `gd_core` imports `scripts` or `tests`."""
    for path in (ROOT / "scripts").glob("*.py"):
        assert not any(module.split(".")[0] == "tests" for module in imports(path)), path.name
