"""Every dataset: its promises, and the geometry that its docstring names."""

import numpy as np
import pytest

from gd_core import DATASETS
from gd_core.datasets import DOMAIN, Dataset

COUNT = 400

every_dataset = pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS.keys())


def draw(name: str, noise: float = 0.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    return DATASETS[name](COUNT, noise=noise, rng=np.random.default_rng(seed))


@every_dataset
@pytest.mark.parametrize("count", [1, 2, 7, 256])
def test_points_come_with_one_target_each_and_both_classes_are_equally_many(dataset: Dataset, count: int) -> None:
    inputs, targets = dataset(count, noise=0.1, rng=np.random.default_rng(3))

    assert inputs.shape == (count, 2)
    assert inputs.dtype == np.float64
    assert targets.shape == (count,)
    assert np.count_nonzero(targets == 1.0) == count // 2
    assert np.count_nonzero(targets == 0.0) == count - count // 2


@every_dataset
def test_the_same_generator_draws_the_same_points_and_another_draws_others(dataset: Dataset) -> None:
    first, again, other = (dataset(50, noise=0.1, rng=np.random.default_rng(seed)) for seed in (1, 1, 2))

    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[1], other[1])


@every_dataset
def test_points_without_noise_lie_in_the_drawn_square_and_reach_across_it(dataset: Dataset) -> None:
    inputs, _ = dataset(COUNT, noise=0.0, rng=np.random.default_rng(0))

    assert np.abs(inputs).max() <= DOMAIN
    assert np.ptp(inputs, axis=0).min() > 0.7 * DOMAIN


@every_dataset
def test_points_come_shuffled(dataset: Dataset) -> None:
    _, targets = dataset(COUNT, noise=0.1, rng=np.random.default_rng(0))

    changes = np.count_nonzero(np.diff(targets))
    assert changes > COUNT / 3  # sorted classes would change once


@every_dataset
def test_noise_moves_points(dataset: Dataset) -> None:
    calm, _ = dataset(COUNT, noise=0.0, rng=np.random.default_rng(0))
    noisy, _ = dataset(COUNT, noise=0.5, rng=np.random.default_rng(0))

    assert not np.allclose(calm, noisy)


@every_dataset
@pytest.mark.parametrize(
    ("count", "noise", "message"),
    [
        (0, 0.1, "count must be a whole number from 1 to 1,000,000, got 0"),
        (-3, 0.1, "count must be a whole number from 1 to 1,000,000, got -3"),
        (10, -0.1, "noise must be a number from 0 to 1000, got -0.1"),
        (10, float("nan"), "noise must be a number from 0 to 1000, got nan"),
        (10, float("inf"), "noise must be a number from 0 to 1000, got inf"),
    ],
)
def test_bad_arguments_are_refused_with_a_reason(dataset: Dataset, count: int, noise: float, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        dataset(count, noise=noise, rng=np.random.default_rng(0))


def test_moons_are_two_half_circles_of_radius_three() -> None:
    inputs, targets = draw("moons")

    upper, lower = inputs[targets == 0.0], inputs[targets == 1.0]
    assert np.allclose(np.hypot(*(upper - (-1.5, -0.75)).T), 3.0)
    assert np.allclose(np.hypot(*(lower - (1.5, 0.75)).T), 3.0)
    assert upper[:, 1].min() >= -0.75
    assert lower[:, 1].max() <= 0.75


def test_circle_is_a_disc_inside_a_ring() -> None:
    inputs, targets = draw("circle")

    radius = np.hypot(*inputs.T)
    assert radius[targets == 1.0].max() <= 2.5
    assert radius[targets == 0.0].min() >= 3.5
    assert radius.max() <= 5.0


@pytest.mark.parametrize(("noise", "variance"), [(0.0, 0.5), (0.5, 4.0)])
def test_gauss_spreads_as_in_playground(noise: float, variance: float) -> None:
    inputs, targets = DATASETS["gauss"](40_000, noise=noise, rng=np.random.default_rng(0))

    for target, centre in ((0.0, -2.0), (1.0, 2.0)):
        blob = inputs[targets == target]
        assert blob.mean(axis=0) == pytest.approx((centre, centre), abs=0.1)
        assert blob.var(axis=0) == pytest.approx((variance, variance), rel=0.05)


def test_xor_tells_the_classes_by_the_sign_of_the_product() -> None:
    inputs, targets = draw("xor")

    assert np.array_equal(inputs.prod(axis=1) > 0.0, targets == 1.0)
    assert np.abs(inputs).min() >= 0.3
    assert np.abs(inputs).max() <= 5.3
    quadrants = {(x > 0, y > 0) for x, y in inputs}
    assert len(quadrants) == 4


def test_spiral_arms_wind_evenly_and_are_mirror_images() -> None:
    inputs, targets = draw("spiral")

    arms = [inputs[targets == target] for target in (0.0, 1.0)]
    arms = [arm[np.argsort(np.hypot(*arm.T))] for arm in arms]
    assert np.allclose(arms[0], -arms[1])
    radius = np.hypot(*arms[1].T)
    assert np.allclose(np.diff(radius), 5.0 / 200)
    turned = np.unwrap(np.arctan2(arms[1][1:, 0], arms[1][1:, 1]))
    assert turned[-1] - turned[0] == pytest.approx(1.75 * 2 * np.pi * 198 / 200)
