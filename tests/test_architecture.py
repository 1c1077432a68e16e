"""The arrows between the chapters: who may import whom; and the page about them, held against the sources."""

import ast
import re
import sys
from pathlib import Path

import pytest

from scripts.architecture import AREAS, STATIONS, arrows, filled, layers, purpose, python_imports
from scripts.versions import without_comments

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
CHAPTERS = [
    ["language"],
    ["checks"],
    ["activations", "losses", "datasets", "schedules", "graph", "numerals", "reader"],
    ["network", "optimizers", "diagnosis", "graph_session"],
    ["training", "settings", "anatomy", "rule", "notebook"],
    ["keras_twin", "missions", "takeaway", "slow_step", "sweep", "valley", "network_session"],
    ["gradient_check", "vanishing", "session", "step_session", "valley_session"],
    ["labs"],
    ["__main__", "__init__"],
]
"""Every chapter of `gd_core`; each may import those of earlier lines only."""

OPTIONAL = {"__main__": {"matplotlib"}}
"""What a chapter may import besides, where somebody asks for it: the command line's pictures."""

AT_ONCE = re.compile(r"""^(?:import|\} from) .*?"\./([\w-]+)\.js";""", re.MULTILINE)
"""A script's import that is no later one."""


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

    for module in python_imports(ROOT / "gd_core" / f"{chapter}.py"):
        if module.startswith("."):
            assert module == "." or f".{module.split('.')[1]}" in earlier
        else:
            assert module.split(".")[0] in sys.stdlib_module_names | others


def test_only_scripts_and_tests_know_the_tools() -> None:
    """`scripts` may import `gd_core`; nothing in `gd_core` imports `scripts` or `tests`."""
    for path in (ROOT / "scripts").glob("*.py"):
        assert not any(module.split(".")[0] == "tests" for module in python_imports(path)), path.name


def test_in_the_browser_one_module_makes_the_worker_and_drawing_imports_only_words() -> None:
    imports = arrows("labs")
    worker = {"worker", "python", "snapshot", "files", "confine"}

    assert imports["canvas"] == {"language"}
    assert imports["language"] == frozenset()
    assert not any(worker & wanted for name, wanted in imports.items() if name not in worker)
    makers = [name for name in imports if "new Worker(" in (ROOT / AREAS["labs"] / f"{name}.js").read_text()]
    assert makers == ["early"]


@pytest.mark.parametrize("area", AREAS)
def test_arrows_go_round_in_no_circle_and_every_module_says_what_it_is(area: str) -> None:
    imports = arrows(area)
    sorted_names = [name for layer in layers(imports) for name in layer]

    assert sorted(sorted_names) == sorted(imports)
    assert any(imports.values())
    for name, wanted in imports.items():
        assert all(sorted_names.index(other) < sorted_names.index(name) for other in wanted), name
        assert len(purpose(area, name)) > 8, name


def test_modules_that_import_each_other_are_named() -> None:
    with pytest.raises(ValueError, match="in a circle, got a, b"):
        layers({"a": frozenset("b"), "b": frozenset("a"), "c": frozenset()})


def test_the_page_asks_for_what_is_made_and_gets_it_in_the_same_line() -> None:
    page = PAGE.read_text(encoding="utf-8")
    shown = filled(page)

    assert shown.count('class="gd-made"') == 1 + len(AREAS)
    assert "<!-- " in page
    assert "<!-- " not in shown
    assert shown.count("\n") == page.count("\n")


def test_the_picture_names_files_that_are_there() -> None:
    for stations in STATIONS.values():
        for pattern, _ in stations:
            assert list(ROOT.glob(pattern)), pattern


def defines(source: Path, name: str) -> bool:
    """Whether a source defines something of this name, which may be a class' own, like `Run.add`."""
    text = source.read_text(encoding="utf-8")
    inner = name.split(".")[-1]
    if source.suffix == ".py":
        return all(
            re.search(rf"^\s*(?:(?:def|class) {part}\b|{part}\b[^=\n]* = )", text, re.M) for part in name.split(".")
        )
    within = (
        text[text.index(f"class {name.split('.')[0]} ") :]
        if "." in name and f"class {name.split('.')[0]} " in text
        else text
    )
    definition = rf"^\s*(?:export )?(?:(?:async )?function |class |const |let |async )?{inner}(?: = |\(.*\) \{{$|\(\{{)"
    return bool(re.search(definition, within, re.M)) and ("." not in name or within is not text)


LINES = list(enumerate(PAGE.read_text(encoding="utf-8").splitlines(), 1))
NAMED_IN = re.compile(r"`([\w.]+)`(?: and `([\w.]+)`)? (?:in|of) `([\w/.-]+\.(?:py|js))`")


def test_every_file_that_the_page_names_is_there() -> None:
    named = [(number, path) for number, line in LINES for path in re.findall(r"`((?:\w+/)+[\w.-]+\.\w+)`", line)]
    assert len(named) > 30
    assert [f"line {number}: {path}" for number, path in named if not (ROOT / path).is_file()] == []


def test_every_function_that_the_page_names_is_defined_where_it_says() -> None:
    named = [
        (number, name, match[3])
        for number, line in LINES
        for match in NAMED_IN.finditer(line)
        for name in (match[1], match[2])
        if name
    ]
    assert len(named) > 30
    gone = [f"line {number}: {name} in {file}" for number, name, file in named if not defines(ROOT / file, name)]
    assert gone == []
    assert not defines(ROOT / "gd_core/training.py", "Run.no_such_thing")
    assert not defines(ROOT / "docs/assets/labs/runs.js", "Run.noSuchThing")


def test_scripts_that_run_before_the_language_is_known_say_nothing_by_then() -> None:
    """What the entries and the worker load at once speaks inside functions only; kinds of labs are loaded later."""
    folder = ROOT / AREAS["labs"]
    early: set[str] = set()
    wanted = {"main", "worker"}
    while wanted:
        early |= wanted
        texts = {name: without_comments((folder / f"{name}.js").read_text(encoding="utf-8")) for name in early}
        wanted = {other for text in texts.values() for other in AT_ONCE.findall(text)} - early

    assert {"quiz", "keras", "fields", "files"} < early
    assert {name for name, text in texts.items() if re.search(r"(?<!\w)t`", text)} > {"quiz", "files"}
    for name in early:
        source = (folder / f"{name}.js").read_text(encoding="utf-8")
        for statement in re.findall(
            r"^(?:export )?(?:const|let) .*?;$(?=\n\S|\n\n|\Z)", source, re.DOTALL | re.MULTILINE
        ):
            assert "=>" in statement or not re.search(r"(?<!\w)t`", statement), f"{name}.js: {statement}"
