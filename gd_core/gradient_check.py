"""The gradient the slow way: nudge one weight, watch the loss, and compare with backpropagation.

A finite difference needs nothing but the loss, so it shares no formula and no mistake with `Network.loss_and_gradient`:
where the two agree, both are right. It costs two forward passes a weight, and it is never exact. `GradientsSession` is
what the browser's worker holds for a lab of the kind `gradients`; it looks at the first batch of a training run.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .checks import above_zero, is_whole, shown
from .language import number, say
from .network import Model, Network
from .numerals import median, show
from .settings import parse
from .training import Run

Array = NDArray[np.float64]
LossOf = Callable[[Array], float]
"""Gives the loss of a parameter vector; nothing else about it matters here."""


def loss_of_network(network: Network, inputs: ArrayLike, targets: ArrayLike) -> LossOf:
    """Return a function from parameters to the mean loss over the points; each call is one forward pass and no more.

    It works in memory of its own, so that each thread needs a function of its own.

    Raises:
        ValueError: a shape does not fit, or a target is neither 0 nor 1.
    """
    model = Model(network, np.zeros(network.size))
    batch = model.batch(*network.columns(inputs, targets))

    @np.errstate(all="ignore")
    def loss_of(params: Array) -> float:
        model.params[:] = params
        model.forward(batch)
        return model.loss(batch)

    return loss_of


def nudged_slope(loss_of: LossOf, params: Array, index: int, nudge: float) -> float:
    """Estimate the slope of the loss along one weight from two forward passes: a nudge up, and one down.

    $(loss(w + ε) − loss(w − ε)) / 2ε$, the *central* difference. A straight line through two points of a curve misses
    its slope by about $ε²$ times the curve's third derivative over 6; a one-sided difference would miss it by about
    $ε$.

    Args:
        loss_of: gives the loss of a parameter vector.
        params: shape `(size,)`; left as it is.
        index: which weight, from 0.
        nudge: $ε$, above 0.

    Raises:
        ValueError: the nudge is not above 0.

    Example: the slope of $w² + 3w$ at 2 is 7.

    >>> import numpy as np
    >>> round(nudged_slope(lambda params: float(params[0] ** 2 + 3 * params[0]), np.array([2.0]), 0, 1e-4), 6)
    7.0
    """
    above_zero("nudge", nudge)
    above, below = np.array(params, np.float64), np.array(params, np.float64)
    above[index] += nudge
    below[index] -= nudge
    return (loss_of(above) - loss_of(below)) / (2.0 * nudge)


def nudged_gradient(loss_of: LossOf, params: Array, nudge: float) -> Array:
    """Estimate the whole gradient, shape `(size,)`: two forward passes for every weight."""
    return np.array([nudged_slope(loss_of, params, index, nudge) for index in range(len(params))])


def relative_difference(estimate: float, exact: float) -> float:
    """Return $|estimate − exact|$ in shares of the larger of the two, between 0 (equal) and 2 (opposite)."""
    larger = max(abs(estimate), abs(exact))
    return abs(estimate - exact) / larger if larger else 0.0


@dataclass(frozen=True)
class Cost:
    """What a gradient costs, counted in trips through the network.

    Attributes:
        forward: trips from the inputs to the loss.
        backward: trips from the loss back, each about as much work as one or two forward.
    """

    forward: int
    backward: int


def cost_of_nudging(weights: int) -> Cost:
    """Count the trips that finite differences take: two a weight."""
    return Cost(forward=2 * weights, backward=0)


COST_OF_BACKPROPAGATION = Cost(forward=1, backward=1)
"""However many weights there are."""


# --- the lab ----------------------------------------------------------------------------------------------------

Frame = dict[str, Any]
Source = int | Literal["bias"]

PER_DECADE = 4
NUDGES = np.array([10.0 ** (-step / PER_DECADE) for step in range(12 * PER_DECADE + 1)])
"""The nudges that the lab offers, from 1 down to 1e-12."""

USUAL = 1e-5
"""The nudge with which all weights are checked unless another is asked for: about where the error is smallest."""

CLOSE = 10.0
"""A difference at most so many times the smallest, but for what is so small by luck, is as good as nudging gets."""


class GradientsSession:
    """A network at its first weights and the first batch of its run: each weight's slope, by both ways.

    Args:
        settings: of a training run, as `gd_core.settings.parse` takes them.

    Raises:
        ValueError: a setting is wrong.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = parse(settings)
        self.network = self.settings.network()
        run = Run(
            *self.settings.draw_data(),
            self.network,
            self.settings.make_optimizer(),
            batch_size=self.settings.batch_size,
            seed=self.settings.seed,
        )
        batch = run.shuffled_batches()[0]
        inputs, targets = batch.inputs[:-1].T, (1.0 - batch.signs) / 2.0
        self.params = run.params
        self.loss_of = loss_of_network(self.network, inputs, targets)
        self.loss, self.gradient = self.network.loss_and_gradient(self.params, inputs, targets)
        self.points = len(targets)

    def open(self) -> Frame:
        """Return the layers, the cost of both ways, and the first weight of the first unit."""
        weights, cost = self.network.size, cost_of_nudging(self.network.size)
        return {
            "layers": list(self.network.layers),
            "weights": weights,
            "points": self.points,
            "cost": say(
                "Nudging all {weights} weights takes {trips} trips through the network, two for each. Backpropagation"
                " took {forward} forward and {backward} back, and would do so for any number of weights.",
                weights=weights,
                trips=cost.forward,
                forward=COST_OF_BACKPROPAGATION.forward,
                backward=COST_OF_BACKPROPAGATION.backward,
            ),
            "weight": self.weight(1, 0, 0),
        }

    def weight(self, layer: int, source: Source, to: int) -> Frame:
        """Return the slope along one weight by both ways, for every one of `NUDGES`.

        Args:
            layer: which layer the weight leads to; the first after the inputs is 1.
            source: the unit that it comes from, counted from 0, or "bias".
            to: the unit that it leads to, counted from 0.

        Raises:
            ValueError: there is no such weight.
        """
        index = self._index(layer, source, to)
        exact = float(self.gradient[index])
        checks = [self._check(index, float(nudge), exact) for nudge in NUDGES]
        differences = np.array([check["difference"] for check in checks])
        texts = [check["texts"] | {"why": why} for check, why in zip(checks, _whys(differences), strict=True)]
        return {
            "layer": layer,
            "source": source,
            "to": to,
            "label": self._label(index),
            "value": float(self.params[index]),
            "value_text": show(float(self.params[index])),
            "exact": exact,
            "exact_text": _digits(exact),
            "loss": self.loss,
            "nudges": NUDGES.copy(),
            "differences": differences,
            "checks": texts,
        }

    def all(self, nudge: float = USUAL) -> Frame:
        """Check every weight with one nudge and say where the two ways differ most.

        Raises:
            ValueError: `nudge` is not above 0.
        """
        above_zero("nudge", nudge)
        estimate = nudged_gradient(self.loss_of, self.params, nudge)
        differences = [relative_difference(float(a), float(b)) for a, b in zip(estimate, self.gradient, strict=True)]
        worst = int(np.argmax(differences))
        return {
            "largest": differences[worst],
            "median": median(differences),
            "differences": np.array(differences),
            "said": say(
                "All {count} checked with a nudge of {nudge}, in {trips} trips through the network. The two ways differ"
                " most at {weight}: by {largest} of the slope; half of all weights differ by less than {median}.",
                count=self.network.size,
                nudge=show(nudge),
                trips=cost_of_nudging(self.network.size).forward,
                weight=self._label(worst),
                largest=show(differences[worst]),
                median=show(median(differences)),
            ),
        }

    def _check(self, index: int, nudge: float, exact: float) -> Frame:
        above, below = self.params.copy(), self.params.copy()
        above[index] += nudge
        below[index] -= nudge
        losses = self.loss_of(above), self.loss_of(below)
        estimate = nudged_slope(self.loss_of, self.params, index, nudge)
        difference = relative_difference(estimate, exact)
        return {
            "difference": difference,
            "texts": {
                "nudge": show(nudge),
                "above": _digits(losses[0]),
                "below": _digits(losses[1]),
                "estimate": _digits(estimate),
                "difference": show(difference),
            },
        }

    def _index(self, layer: int, source: Source, to: int) -> int:
        """Find a weight in the parameter vector, where each unit's weights stand together, its bias last."""
        layers = self.network.layers
        if not (is_whole(layer) and is_whole(to) and 1 <= layer < len(layers) and 0 <= to < layers[layer]):
            sentence = say(
                "a weight must lead to a unit of layers 1 to {last}, got {unit} of {layer}",
                last=len(layers) - 1,
                unit=shown(to),
                layer=shown(layer),
            )
            raise ValueError(sentence)
        fan_in = layers[layer - 1]
        if source != "bias" and not (is_whole(source) and 0 <= source < fan_in):
            raise ValueError(
                say('source must be "bias" or a unit from 0 to {last}, got {came}', last=fan_in - 1, came=shown(source))
            )
        start = sum((below + 1) * above for below, above in pairwise(layers[:layer]))
        return start + to * (fan_in + 1) + (fan_in if source == "bias" else source)

    def _label(self, index: int) -> str:
        """Name a weight in words, like "the weight from x to unit 3 of hidden layer 1"."""
        layers = self.network.layers
        for layer, (fan_in, units) in enumerate(pairwise(layers), 1):
            if index < (fan_in + 1) * units:
                to, source = divmod(index, fan_in + 1)
                came = "xy"[source] if layer == 1 and source < 2 else say("unit {unit}", unit=source + 1)
                if layer == len(layers) - 1:
                    if source == fan_in:
                        return say("the bias of the output")
                    return say("the weight from {source} to the output", source=came)
                place = {"unit": to + 1, "layer": layer}
                if source == fan_in:
                    return say("the bias of unit {unit} of hidden layer {layer}", **place)
                return say("the weight from {source} to unit {unit} of hidden layer {layer}", source=came, **place)
            index -= (fan_in + 1) * units
        raise ValueError(say("a parameter's number must be below {count}", count=self.network.size))


def _digits(value: float) -> str:
    """Write a number with fifteen digits, nearly all that it has, so that people see which ones are shared."""
    return number(f"{value:.15g}".replace("-", "−"))


def _whys(differences: Array) -> list[str]:
    """Say of each difference what makes it as large as it is; they are those of `NUDGES`, from wide to narrow."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(differences, 2, mode="edge"), 5).max(axis=1)
    best, good = around.argmin(), CLOSE * around.min()
    return [_why(float(difference), good, wide=place < best) for place, difference in enumerate(differences)]


def _why(difference: float, good: float, *, wide: bool) -> str:
    if difference == 0.0:
        return say("The same, to the last digit.")
    if difference <= good:
        return say("About as good as nudging gets: a wider nudge bends, a narrower one drowns in rounding.")
    if wide:
        return say(
            "Most of this is the bend of the curve between the two nudges. It shrinks with the square of the nudge: ten"
            " times narrower, a hundred times less."
        )
    return say(
        "Most of this is rounding: two losses that share their first digits are subtracted, and few digits are left."
        " The narrower the nudge, the fewer."
    )
