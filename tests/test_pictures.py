"""Pictures of recorded runs say in few characters what was recorded, and nothing else."""

import re
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scripts.pictures import BANDS, SHADES, bands
from scripts.svg import SEEN, line

LAST_DIGIT = 0.1


def drawn(data: str) -> list[tuple[float, float]]:
    """The corners of a path of one relative line."""
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", data)]
    places = [(numbers[0], numbers[1])]
    for dx, dy in zip(numbers[2::2], numbers[3::2], strict=True):
        places.append((places[-1][0] + dx, places[-1][1] + dy))
    return places


@given(st.lists(st.floats(-1000, 1000), min_size=1, max_size=60), st.floats(0.02, 20))
def test_a_line_passes_all_points_as_closely_as_its_digits_allow(heights: list[float], step: float) -> None:
    points = [(44 + step * place, height) for place, height in enumerate(heights)]
    corners = drawn(line(points))
    for drawn_end, end in ((corners[0], points[0]), (corners[-1], points[-1])):
        assert np.allclose(drawn_end, end, rtol=0, atol=LAST_DIGIT / 2 + 1e-9)
    # Rounding moves a corner sideways too, where the line is steep by more than that.
    for x, y in points:
        near = [(a, b) for a, b in pairwise(corners) if a[0] - LAST_DIGIT <= x <= b[0] + LAST_DIGIT] or [
            (corners[0], corners[-1])
        ]
        assert min(distance(a, b, (x, y)) for a, b in near) <= SEEN + LAST_DIGIT


def distance(a: tuple[float, float], b: tuple[float, float], point: tuple[float, float]) -> float:
    """How far a point is from the way between two others."""
    start, way, place = np.array(a), np.subtract(b, a), np.subtract(point, a)
    along = np.clip(place @ way / (way @ way), 0, 1) if way.any() else 0
    return float(np.hypot(*(start + along * way - point)))


def test_a_line_leaves_out_what_lies_on_its_way_and_nothing_else() -> None:
    assert line([(0, 0), (1, 1), (2, 2), (3, 3), (4, 0)]) == "M0 0l3 3 1-3"
    assert line([(0, 0), (1, 0.04), (2, 0)]) == "M0 0l2 0"
    assert line([(0, 0), (1, 0.2), (2, 0)]) == "M0 0l1 0.2 1-0.2"
    assert line([(5, 7)]) == "M5 7"


@given(st.lists(st.floats(0, 1), min_size=36, max_size=36))
def test_bands_paint_every_cell_in_its_shade_once(values: list[float]) -> None:
    cells = np.reshape(values, (6, 6))
    painted = np.full((6, 6), None)
    for path in bands(cells):
        kind, opacity, data = re.fullmatch(
            r'<path class="gd-class-(\d)" fill-opacity="(.*?)" d="(.*?)"/>', path
        ).groups()  # type: ignore[union-attr]
        x = y = 0
        for dx, dy, width in re.findall(r"m(-?\d+) (-?\d+)h(\d+)v1h-\3z", data):
            x, y = x + int(dx), y + int(dy)
            assert (painted[y, x : x + int(width)] == None).all()  # noqa: E711 - of every cell
            painted[y, x : x + int(width)] = f"{kind} {opacity}"
    shades = np.array([" ".join(map(str, shade)) if shade else None for shade in SHADES], dtype=object)
    assert (painted == shades[np.searchsorted(BANDS, cells)]).all()
