"""Points in the plane that belong to one of two classes: the problems on which the lesson trains.

Every dataset is a function `(count, *, noise, rng)` and a row of the table `DATASETS`. Half of the points belong to
each class (the odd one to class 0), they come shuffled, and they lie within `[-DOMAIN, DOMAIN]` on both axes apart from
the tails of the noise. Circle, gauss, xor and spiral follow TensorFlow Playground (`src/dataset.ts`); each docstring
says where ours differs.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .checks import instance, number, whole

Array = NDArray[np.float64]

DOMAIN = 6.0
"""Half the side of the square that the lesson draws: both axes run from -DOMAIN to DOMAIN."""

MOST_POINTS = 1_000_000
MOST_NOISE = 1000.0
"""Far beyond what can be seen, and no trouble to draw."""


class Dataset(Protocol):
    """What every member of `DATASETS` is: a function that draws `count` points from `rng`."""

    __name__: str

    def __call__(self, count: int, *, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return `inputs` `(count, 2)` and `targets` `(count,)`, 0.0 or 1.0."""
        ...


def moons(count: int, *, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw two interleaved half circles, one for each class.

    The shape is scikit-learn's `make_moons` with the angles drawn at random instead of evenly spaced, centred at the
    origin and enlarged three times, so that it fills the square like the other sets. `noise` is the standard deviation
    of normal noise in units of the half circles' radius, as in `make_moons`.

    Args:
        count: number of points, from 1 to `MOST_POINTS`.
        noise: from 0 to `MOST_NOISE`; 0.1 leaves the moons apart, 0.3 makes them touch.
        rng: source of all randomness.

    Returns:
        `inputs`, shape `(count, 2)`, and `targets`, shape `(count,)`, 0.0 for the upper moon and 1.0 for the lower one.

    Raises:
        ValueError: `count` or `noise` is outside of what is said above.
        TypeError: `rng` is no generator.

    >>> inputs, targets = moons(256, noise=0.1, rng=np.random.default_rng(0))
    >>> inputs.shape, int(targets.sum())
    ((256, 2), 128)
    """
    zeros, ones = _split(count, noise, rng)
    angle = rng.uniform(0.0, np.pi, count)
    upper = np.column_stack((np.cos(angle[:zeros]), np.sin(angle[:zeros])))
    lower = np.column_stack((1.0 - np.cos(angle[zeros:]), 0.5 - np.sin(angle[zeros:])))
    centre, scale = np.array((0.5, 0.25)), 3.0
    points = np.concatenate((upper, lower)) - centre + rng.normal(0.0, abs(noise), (count, 2))  # NumPy refuses −0
    return _shuffled(scale * points, zeros, ones, rng)


def circle(count: int, *, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw a disc of class 1 inside a ring of class 0.

    As in Playground, radii are uniform in [0, 2.5] and [3.5, 5]. Playground's noise relabels points near the border;
    ours moves them, by up to `5 * noise` along each axis, so that the classes stay balanced.

    Arguments, results and errors are those of `moons`.
    """
    zeros, ones = _split(count, noise, rng)
    radius = np.concatenate((rng.uniform(3.5, 5.0, zeros), rng.uniform(0.0, 2.5, ones)))
    angle = rng.uniform(0.0, 2.0 * np.pi, count)
    points = np.column_stack((radius * np.sin(angle), radius * np.cos(angle)))
    return _shuffled(points + rng.uniform(-5.0, 5.0, (count, 2)) * noise, zeros, ones, rng)


def gauss(count: int, *, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw two round blobs, class 1 around (2, 2) and class 0 around (-2, -2).

    As in Playground, the variance of each blob grows from 0.5 without noise by 7 for every unit of noise.

    Arguments, results and errors are those of `moons`.
    """
    zeros, ones = _split(count, noise, rng)
    centre = np.concatenate((np.full(zeros, -2.0), np.full(ones, 2.0)))
    points = centre[:, np.newaxis] + rng.normal(0.0, np.sqrt(0.5 + 7.0 * noise), (count, 2))
    return _shuffled(points, zeros, ones, rng)


def xor(count: int, *, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw four squares, class 1 where both coordinates have the same sign.

    As in Playground, coordinates are uniform within 5 of the axes and pushed 0.3 away from them. Playground draws
    both coordinates freely and relabels by noise; ours draws as many points of each class and lets the noise move
    them, by up to `5 * noise` along each axis.

    Arguments, results and errors are those of `moons`.
    """
    zeros, ones = _split(count, noise, rng)
    points = rng.uniform(0.3, 5.3, (count, 2)) * rng.choice((-1.0, 1.0), (count, 1))
    points[:zeros, 1] *= -1.0
    return _shuffled(points + rng.uniform(-5.0, 5.0, (count, 2)) * noise, zeros, ones, rng)


def spiral(count: int, *, noise: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw two arms that wind around each other one and three quarter times.

    As in Playground, arm positions are evenly spaced, and noise moves each point by up to `noise` along each axis.

    Arguments, results and errors are those of `moons`.
    """
    zeros, ones = _split(count, noise, rng)
    along = np.concatenate((np.arange(zeros) / zeros, np.arange(ones) / max(ones, 1)))
    angle = 1.75 * 2.0 * np.pi * along
    angle[:zeros] += np.pi
    points = 5.0 * along[:, np.newaxis] * np.column_stack((np.sin(angle), np.cos(angle)))
    return _shuffled(points + rng.uniform(-1.0, 1.0, (count, 2)) * noise, zeros, ones, rng)


DATASETS: dict[str, Dataset] = {
    "moons": moons,
    "circle": circle,
    "gauss": gauss,
    "xor": xor,
    "spiral": spiral,
}


def _split(count: int, noise: float, rng: np.random.Generator) -> tuple[int, int]:
    """Return how many points each class gets, after checking the arguments that all datasets share."""
    count = whole("count", count, 1, MOST_POINTS)
    number("noise", noise, 0.0, MOST_NOISE)
    instance("rng", rng, np.random.Generator)
    ones = count // 2
    return count - ones, ones


def _shuffled(points: Array, zeros: int, ones: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return the points, whose first `zeros` rows are of class 0, in random order and with their targets."""
    order = rng.permutation(zeros + ones)
    targets = np.concatenate((np.zeros(zeros), np.ones(ones)))
    return points[order], targets[order]
