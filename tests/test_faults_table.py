"""The table of faults says what the tests say, and refuses marks that say nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.faults import ROOT, is_phrase

PARAMETRIZED = """\
mark = pytest.mark.fault
@pytest.mark.parametrize("a", [pytest.param(n, marks=mark(f"fault {n}", "says so")) for n in (1, 2)])
@pytest.mark.parametrize("b", "xy")
def test_one(a, b, fixture_of_a_conftest): pass
def test_two(): pass
"""

REFUSED = [
    ("@pytest.mark.fault('only one')\ndef test_one(): pass", "fault must have two phrases"),
    ("@pytest.mark.fault('a', 'b.')\ndef test_one(): pass", "without a full stop"),
    ("@pytest.mark.skip(reason='never')\n@pytest.mark.fault('a', 'b')\ndef test_one(): pass", "must run and hold"),
    ("@pytest.mark.xfail(reason='x')\n@pytest.mark.fault('a', 'b')\ndef test_one(): pass", "must run and hold"),
    ("raise ValueError('broken')", "broken"),
]

COLLECT_EACH = """\
import json, sys
from pathlib import Path
from scripts import faults
faults.TABLE = Path(sys.argv[1], "FAULTS.md")
for path in sorted(faults.TABLE.parent.glob("test_*.py")):
    try:
        print(json.dumps([str(row) for row in faults.collect([path])]))
    except ValueError as error:
        print(json.dumps(str(error)))
"""


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in a process of its own: pytest does not collect within pytest."""
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_table_is_current() -> None:
    done = run("-m", "scripts.faults", "--check")
    assert done.returncode == 0, done.stderr


def test_every_fault_gives_one_row_and_a_mark_that_would_lie_is_refused(tmp_path: Path) -> None:
    for number, source in enumerate([PARAMETRIZED, *(source for source, _ in REFUSED)]):
        (tmp_path / f"test_{number}.py").write_text(f"import pytest\n{source}\n")

    done = run("-c", COLLECT_EACH, str(tmp_path))
    rows, *refusals = map(json.loads, done.stdout.splitlines())

    assert rows == [f"| fault {n} | says so | [test_0.py](test_0.py): `test_one` |" for n in (1, 2)], done.stderr
    assert len(refusals) == len(REFUSED)
    for refusal, (source, complaint) in zip(refusals, REFUSED, strict=True):
        assert complaint in refusal, source


@pytest.mark.parametrize("text", ["", " a", "a.", "a | b", "a\nb", 3])
def test_what_does_not_fit_into_a_cell_is_no_phrase(text: object) -> None:
    assert not is_phrase(text)
