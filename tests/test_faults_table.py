"""The table of faults says what the tests say, and refuses marks that say nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.faults import ROOT, is_phrase


def collect(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Collect in a process of its own: pytest does not run within pytest."""
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_table_is_current() -> None:
    done = collect("-m", "scripts.faults", "--check")
    assert done.returncode == 0, done.stderr


def rows_of(folder: Path, source: str) -> "subprocess.CompletedProcess[str]":
    path = folder / "test_it.py"
    path.write_text(source)
    program = (
        "import sys; from pathlib import Path; from scripts import faults;"
        "faults.TABLE = Path(sys.argv[1]).parent / 'FAULTS.md'; print(*faults.collect([Path(sys.argv[1])]), sep='\\n')"
    )
    return collect("-c", program, str(path))


def test_a_parametrized_test_gives_a_row_for_each_fault(tmp_path: Path) -> None:
    done = rows_of(
        tmp_path,
        "import pytest\n"
        "mark = pytest.mark.fault\n"
        "@pytest.mark.parametrize('a', [pytest.param(n, marks=mark(f'fault {n}', 'says so')) for n in (1, 2)])\n"
        "@pytest.mark.parametrize('b', 'xy')\n"
        "def test_one(a, b, fixture_of_a_conftest): pass\n"
        "def test_two(): pass\n",
    )
    assert done.stdout.splitlines() == [
        "| fault 1 | says so | [test_it.py](test_it.py): `test_one` |",
        "| fault 2 | says so | [test_it.py](test_it.py): `test_one` |",
    ], done.stderr


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("@pytest.mark.fault('only one')\ndef test_one(): pass", "fault must have two phrases"),
        ("@pytest.mark.fault('a', 'b.')\ndef test_one(): pass", "without a full stop"),
        ("@pytest.mark.skip(reason='never')\n@pytest.mark.fault('a', 'b')\ndef test_one(): pass", "must run and hold"),
        ("@pytest.mark.xfail(reason='x')\n@pytest.mark.fault('a', 'b')\ndef test_one(): pass", "must run and hold"),
        ("raise ValueError('broken')", "broken"),
    ],
)
def test_a_mark_that_would_lie_is_refused(tmp_path: Path, source: str, complaint: str) -> None:
    done = rows_of(tmp_path, f"import pytest\n{source}\n")
    assert done.returncode != 0
    assert complaint in done.stderr


def test_a_phrase_fits_into_a_cell() -> None:
    assert is_phrase("says which file, offers Retry")
    assert not any(map(is_phrase, ["", " a", "a.", "a | b", "a\nb", 3]))
