"""The middle of values."""

import numpy as np
import pytest

from gd_core.numerals import median


@pytest.mark.parametrize("count", range(1, 12))
def test_the_median_is_numpys_to_the_last_bit(count: int) -> None:
    rng = np.random.default_rng(count)
    for values in rng.normal(scale=10.0 ** rng.integers(-9, 9), size=(50, count)):
        assert median(values) == np.median(values)


@pytest.mark.parametrize("values", [[np.inf], [1.0, np.inf, np.inf], [-np.inf, -1.0, 0.0]])
def test_the_median_of_endless_values_is_numpys_too(values: list[float]) -> None:
    assert median(values) == np.median(values)


@pytest.mark.parametrize("values", [[np.nan], [1.0, np.nan, 2.0], [np.nan, 1.0]])
def test_the_median_with_what_is_no_number_is_none(values: list[float]) -> None:
    assert np.isnan(median(values))
