"""What all tests share: they run against the wheel of `gd_core` that the site serves, not against the tree."""

import filecmp
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent

# `scripts` and `tests` are found in the tree, behind the installed packages: so `gd_core` comes from its wheel.
sys.path.append(str(ROOT))


def pytest_sessionstart() -> None:
    """Refuse to test anything but the package as it stands in the tree."""
    import gd_core

    installed, tree = Path(gd_core.__file__).parent, ROOT / "gd_core"
    if installed == tree:
        pytest.exit("gd_core must be installed from its wheel; run the tests with `make test`", returncode=2)
    names = sorted(path.name for path in tree.glob("*.py"))
    _, different, missing = filecmp.cmpfiles(tree, installed, names, shallow=False)
    if different or missing:
        pytest.exit(
            f"the installed gd_core is not the tree's ({', '.join(different + missing)}); run `make test`",
            returncode=2,
        )


@pytest.fixture(scope="session")
def bundled_table() -> Iterator[Future[Any]]:
    """The table of runs (`tests/parity_table.py`) in WebAssembly under Node; begun at its first use."""
    from scripts.bundle import run_in_bundle
    from tests import parity_table

    with ThreadPoolExecutor() as pool:
        yield pool.submit(run_in_bundle, Path(parity_table.__file__), list(parity_table.datasets()))
