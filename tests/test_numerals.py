"""The middle of values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gd_core.numerals import median


@given(st.lists(st.floats(allow_nan=False, width=64), min_size=1, max_size=9))
def test_the_median_is_numpys_to_the_last_bit(values: list[float]) -> None:
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(median(values), np.median(values))


@pytest.mark.parametrize("values", [[np.nan], [1.0, np.nan, 2.0], [np.nan, 1.0]])
def test_the_median_with_what_is_no_number_is_none(values: list[float]) -> None:
    assert np.isnan(median(values))
