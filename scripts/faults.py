"""The table of faults, `tests/FAULTS.md`: every fault that a test makes on purpose, and what the page does about it.

A test says both in its mark, `@pytest.mark.fault("what", "outcome")`, and pytest itself tells which tests there are, so
that the table holds what is tested and nothing else. `make faults` writes it; a test holds that it is current.
"""

import contextlib
import io
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "tests" / "FAULTS.md"
MARK = "fault"

HEAD = """\
# What goes wrong, and what the page does

Each row is a fault or a bad input that a test makes on purpose, and what the page does about it, as the test's own mark
says. `make faults` writes this table from the tests, so nothing stands here that is not tested.

| fault or input | what the page does | shown by |
| --- | --- | --- |
"""


@dataclass(frozen=True, order=True)
class Row:
    """A line of the table: a fault, what the page does, and the file (below `tests/`) and function that show it."""

    file: str
    what: str
    outcome: str
    test: str

    def __str__(self) -> str:
        return f"| {self.what} | {self.outcome} | [{self.file}]({self.file}): `{self.test}` |"


class Collector:
    """A plugin of pytest that notes the rows of all tests found; those of a parametrized test are noted once."""

    def __init__(self) -> None:
        self.rows: dict[Row, None] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the rows, in the order of files and, within a file, of tests.

        Raises pytest.UsageError, which ends pytest's run, when a mark does not say two things, or its test never runs.
        """
        for item in session.items:
            for mark in item.iter_markers(MARK):
                if len(mark.args) != 2 or mark.kwargs or not all(map(is_phrase, mark.args)):
                    raise pytest.UsageError(
                        f"{item.nodeid}: fault must have two phrases, on one line and without a full stop or a bar,"
                        f" got {mark.args}"
                    )
                if any(item.iter_markers(name="skip")) or any(item.iter_markers(name="xfail")):
                    raise pytest.UsageError(f"{item.nodeid}: a test of a fault must run and hold, got one that may not")
                file = item.path.relative_to(TABLE.parent).as_posix()
                name = getattr(item, "originalname", item.name)
                self.rows[Row(file, *mark.args, name)] = None


def is_phrase(text: object) -> bool:
    """Tell whether a text can stand in a cell of the table."""
    return isinstance(text, str) and text.strip() == text != "" and not text.endswith(".") and not {*"|\n"} & {*text}


def collect(files: Iterable[Path]) -> list[Row]:
    """Return the rows of the tests in `files`.

    Raises ValueError with what pytest said when it cannot collect them, or a mark is wrong.
    """
    collector, said = Collector(), io.StringIO()
    options = ["--collect-only", "--quiet", "--noconftest", f"--rootdir={ROOT}", "-p", "no:cacheprovider"]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = pytest.main([*options, *map(str, files)], plugins=[collector])
    if status != pytest.ExitCode.OK:
        raise ValueError(f"the tests cannot be collected:\n{said.getvalue()}")
    return list(collector.rows)


def marked() -> list[Path]:
    """Return the test files that have a mark, since importing all of them takes long."""
    found = sorted(TABLE.parent.glob("test_*.py")) + sorted(TABLE.parent.glob("browser/test_*.py"))
    return [path for path in found if f"mark.{MARK}" in path.read_text(encoding="utf-8")]


def table() -> str:
    """Return the whole file as the tests say it is."""
    return HEAD + "".join(f"{row}\n" for row in collect(marked()))


if __name__ == "__main__":
    current = table()
    if "--check" not in sys.argv:
        TABLE.write_text(current, encoding="utf-8")
    elif not TABLE.exists() or TABLE.read_text(encoding="utf-8") != current:
        sys.exit("tests/FAULTS.md is not what the tests say; write it anew with `make faults`")
