"""The whole table of runs comes out alike natively and in the bundle that the site serves."""

from __future__ import annotations

import math
from concurrent.futures import Future

import pytest

from tests import parity_table
from tests.parity_table import EPOCHS, Table

TOLERANCE = 1e-9


@pytest.fixture(scope="module")
def tables(bundled_table: Future[Table]) -> tuple[Table, Table]:
    """The table natively and in WebAssembly, made at the same time."""
    native = parity_table.main(parity_table.datasets())
    return native, bundled_table.result()


def curves(table: Table) -> dict[str, list[float]]:
    return {name: [float.fromhex(loss) for loss in losses] for name, losses in table["losses"].items()}


def test_every_run_that_learns_has_the_same_losses_natively_and_in_the_bundle(tables: tuple[Table, Table]) -> None:
    native, bundled = (curves(table) for table in tables)
    assert bundled.keys() == native.keys()
    # A run learns if its loss is lower at the end than in the first epoch; where it is not, roundings may grow.
    learning = {name for name, losses in native.items() if losses[-1] < losses[0]}
    assert len(learning) >= 0.95 * len(native)
    differences = {
        name: max(abs(here - there) / here for here, there in zip(native[name], bundled[name], strict=True))
        for name in learning
    }
    assert {name: difference for name, difference in differences.items() if difference > TOLERANCE} == {}


def test_the_table_trains_every_run_for_all_its_updates(tables: tuple[Table, Table]) -> None:
    for table in map(curves, tables):
        assert {len(losses) for losses in table.values()} == {EPOCHS}
        assert all(math.isfinite(loss) for losses in table.values() for loss in losses)
