"""A network whose weights are given, as a page walks through it: a point moves, units are switched off, weights shaken.

A `NetworkSession` is what the browser's worker holds for a network lab, and what the lab's picture is drawn from when
the site is built. It changes nothing for good: every request says how the network shall stand, and is answered by how
it does. Frames hold numbers, None, flat arrays, lists and dicts of these, as `docs/assets/labs/messages.d.ts` says.
This chapter knows nothing of how anything is drawn.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from . import anatomy
from .checks import is_whole, mapping, number, numbers, shown, whole
from .datasets import DOMAIN
from .settings import parse

Frame = dict[str, Any]

NOISE = (0.0, 2.0)
"""The ends of the shake's dial: standard deviation of what is added to every weight."""

WEIGHTS = (-10.0, 10.0)
"""The ends of the dial by which one weight is moved."""


class NetworkSession:
    """A network with good weights, and the data on which they are good.

    Args:
        settings: those of the run that made the weights, by name, as `gd_core.settings.parse` takes them, and
            `params`, the weights and biases as a flat list.

    Raises:
        ValueError: a setting is wrong, or there are not as many `params` as the network has.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        given = dict(mapping("settings", settings))
        params = given.pop("params", ())
        self.settings = parse(given)
        self.network = self.settings.network()
        self.inputs, self.targets = self.settings.draw_data()
        self.good = numbers("params", params).copy()
        if self.good.shape != (self.network.size,) or not np.isfinite(self.good).all():
            raise ValueError(
                f"params must be {self.network.size} finite numbers, one for each weight and bias of layers "
                f"{self.network.layers}, got {shown(params)}"
            )
        self.params = self.good
        self.off: list[anatomy.Unit] = []

    def open(self, size: int) -> Frame:
        """Return the points, and the network as it was given; `size` as for `alter`."""
        return self.alter(off=[], noise=0.0, shake=1, nudges=[], size=size) | {
            "points": {
                "x": self.inputs[:, 0].copy(),
                "y": self.inputs[:, 1].copy(),
                "targets": self.targets.copy(),
                "domain": DOMAIN,
            }
        }

    def alter(
        self,
        off: Sequence[Sequence[int]],
        noise: float,
        shake: int,
        nudges: Sequence[Sequence[float]],
        size: int,
    ) -> Frame:
        """Let the network stand as is said here, starting from the good weights, and return how it does.

        Args:
            off: the hidden units that are switched off, each as layer (0 are the inputs) and unit (from 0).
            noise: standard deviation of the random numbers that are added to all weights and biases.
            shake: which random numbers those are, a whole number of at least 0.
            nudges: weights that are set by hand, each as layer, unit, which of its inputs, and value. The input after
                the last one stands for the bias.
            size: cells along each side of the landscapes.

        Raises:
            ValueError: a value is outside of what is said above; nothing has changed then.
        """
        whole("size", size, 1, anatomy.FINEST)
        number("noise", noise, *NOISE)
        whole("shake", shake, 0)
        units = [(layer, unit) for layer, unit in _rows("off", off, 2)]
        anatomy.switches(self.network, units)
        params = anatomy.shaken(self.good, noise, np.random.default_rng(shake))
        layers = self.network.unpack(params)
        for layer, unit, place, value in _rows("nudges", nudges, 4):
            if not _exists(self.network.layers, layer, unit, place):
                raise ValueError(
                    f"a weight that is set must be one of layers {self.network.layers}, named by layer from 1, unit "
                    f"and input from 0, got {shown((layer, unit, place))}"
                )
            number("a weight that is set", value, *WEIGHTS)
            weights, biases = layers[layer - 1]
            if place == len(weights):
                biases[unit] = value
            else:
                weights[place, unit] = value
        self.params, self.off = params, units
        return self._frame(size)

    def move(self, x: float, y: float) -> Frame:
        """Send a point through the network as it stands, and return everything on the way.

        Raises:
            ValueError: a coordinate is no finite number.
        """
        number("x", x)
        number("y", y)
        trace = anatomy.trace(self.network, self.params, (x, y), self.off)
        return {
            "x": x,
            "y": y,
            "layers": [
                {"sums": sums.copy(), "outputs": outputs.copy(), "terms": terms.ravel()}
                for sums, outputs, terms in zip(trace.sums, trace.outputs, trace.terms, strict=True)
            ],
            "logit": trace.logit,
            "probability": trace.probability,
            "answer": trace.answer,
        }

    @np.errstate(all="ignore")
    def _frame(self, size: int) -> Frame:
        loss, right = anatomy.score(self.network, self.params, self.inputs, self.targets, self.off)
        layers = self.network.unpack(self.params)
        first_weights, first_biases = layers[0]
        borders = [anatomy.border(weights, bias) for weights, bias in zip(first_weights.T, first_biases, strict=True)]
        landscapes = anatomy.landscapes(self.network, self.params, size, self.off)
        return {
            "loss": loss,
            "right": right,
            "count": len(self.targets),
            "layers": [{"weights": weights.T.ravel(), "biases": biases.copy()} for weights, biases in layers],
            "borders": [None if ends is None else np.array(ends) for ends in borders],
            "size": size,
            "landscapes": [layer.astype(np.float32).ravel() for layer in landscapes],
        }


def _rows(name: str, rows: object, length: int) -> list[Sequence[Any]]:
    """Return a list of lists that are so long, or raise `ValueError`."""
    lists = isinstance(rows, list | tuple) and all(isinstance(row, list | tuple) and len(row) == length for row in rows)
    if not lists:
        raise ValueError(f"{name} must be a list of lists of {length}, got {shown(rows)}")
    return list(rows)  # type: ignore[call-overload, no-any-return]


def _exists(layers: Sequence[int], layer: object, unit: object, place: object) -> bool:
    """Whether a network has that weight; the place after the last input is the bias."""
    if not (is_whole(layer) and is_whole(unit) and is_whole(place)):
        return False
    return 1 <= layer < len(layers) and 0 <= unit < layers[layer] and 0 <= place <= layers[layer - 1]
