"""One slow step as a page shows it: a few requests, each answered by the round's numbers and the words for them.

A round is one batch and the update that it leads to. The sentences are made here, so that the picture of the first
round, made when the site is built, and the lab in the page say the same. Frames hold numbers, strings, flat arrays,
and lists and dicts of these; their fields are described in `docs/assets/labs/messages.d.ts`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .checks import mapping, number, sequence, shown
from .language import number as marked
from .language import say
from .network import Network
from .numerals import digits, median, plain, share, signed, signed_digits
from .settings import LEARNING_RATES, parse
from .slow_step import NUDGE, Array, Forward, Loss, Slope, SlowStep, Update, Weight

Frame = dict[str, Any]

BATCH_SIZE = 8
"""Points per update where nothing is said: as many as a table shows at once."""

INPUTS = ("x", "y")
"""What the two inputs are called."""

ALONG = 41
"""At how many learning rates the loss is measured for the curve along the step, from 0 to twice the chosen one."""

CLOSE = 0.1
"""How far, as a share of itself, a change may miss what the slope promised and still be called nearly that."""


class StepSession:
    """A run in slow motion, as a page drives it.

    Args:
        settings: values by name, as `gd_core.settings.parse` takes them; `batch_size` is 8 where nothing is said.

    Raises:
        ValueError: a setting is wrong, or asks for more than plain gradient descent at a constant rate.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = parse({"batch_size": BATCH_SIZE} | dict(mapping("settings", settings)))
        self.rate = self.settings.learning_rate
        self.slow = SlowStep(self.settings)
        self.weight = steepest(self.slow)
        places = self.slow.weights
        self._places = {
            "layer": np.array([place.layer for place in places], dtype=np.float64),
            "source": np.array([-1 if place.source is None else place.source for place in places], dtype=np.float64),
            "to": np.array([place.to for place in places], dtype=np.float64),
        }

    def open(self, done: Sequence[float] = (), rate: float | None = None, weight: Frame | None = None) -> Frame:
        """Return the round, begun afresh from the first weights.

        Args:
            done: the learning rates of updates to make first, one after another: how a page finds back to where it was.
            rate: the learning rate on the dial; None for that of the settings.
            weight: the weight in the reader's hand, as `look` takes it; None for the steepest.

        Raises:
            ValueError: a rate is outside of the dial, or there is no such weight; nothing has changed then.
        """
        rate = self.settings.learning_rate if rate is None else rate
        for given in (*sequence("done", done), rate):
            _check_rate(given)
        chosen = None if weight is None else self._weight(weight)
        self.slow = SlowStep(self.settings)
        self.weight = chosen or steepest(self.slow)
        for given in done:
            self.slow.make(given)
        return self.look(rate)

    def look(self, rate: float, weight: Frame | None = None) -> Frame:
        """Return the round with another learning rate, or another weight in the hand.

        Args:
            rate: the learning rate that the coming update would have.
            weight: `layer`, the layer that it leads to, 1 for the first after the inputs; `source`, the unit that it
                comes from, counted from 0, or "bias"; `to`, the unit that it leads to. None leaves the one in the hand.

        Raises:
            ValueError: the rate is outside of the dial, or there is no such weight.
        """
        _check_rate(rate)
        if weight is not None:
            self.weight = self._weight(weight)
        self.rate = rate
        return self._frame()

    def make(self, rate: float) -> Frame:
        """Make the update at a learning rate, which stays on the dial, and return the next round.

        Raises:
            ValueError: the rate is outside of the dial.
        """
        _check_rate(rate)
        self.rate = rate
        self.slow.make(rate)
        return self._frame()

    def _weight(self, given: Frame) -> Weight:
        """Return the weight that a request names."""
        if set(mapping("weight", given)) != {"layer", "source", "to"}:
            raise ValueError(f"weight must have layer, source and to, got {shown(given)}")
        # A page takes them out of arrays, where all numbers are floats.
        layer, source, to = (
            int(value) if isinstance(value, float) and value.is_integer() else value
            for value in (given["layer"], given["source"], given["to"])
        )
        chosen = Weight(layer, None if source == "bias" else source, to)
        self.slow.index(chosen)
        return chosen

    @np.errstate(all="ignore")
    def _frame(self) -> Frame:
        slow, run = self.slow, self.slow.run
        forward, loss, gradient = slow.forward(), slow.loss(), slow.gradient()
        slope, update = slow.slope(self.weight), slow.update(self.rate)
        rates = np.linspace(0.0, 2.0 * self.rate, ALONG)
        return {
            "learning_rate": self.rate,
            "loss": loss.mean,
            "loss_after": update.loss_after,
            "predicted": update.predicted,
            "rows": point_rows(forward, loss),
            "weights": {
                **self._places,
                "value": run.params.copy(),
                "gradient": gradient,
            },
            "weight": {
                "layer": self.weight.layer,
                "source": "bias" if self.weight.source is None else self.weight.source,
                "to": self.weight.to,
            },
            "along": {
                "rates": rates,
                "losses": slow.losses_along(rates.tolist()),
            },
            "words": {
                **round_words(run.epoch + 1, run.update + 1, len(run.batches), len(loss.each)),
                **forward_words(forward),
                **loss_words(loss, run.chance),
                **gradient_words(self.weight, slope, gradient, loss.mean, run.model.network),
                **update_words(self.weight, slope, update, run.model.network, len(loss.each)),
            },
        }


def steepest(slow: SlowStep) -> Weight:
    """Return the weight whose slope is the steepest; the first of several."""
    return slow.weights[int(np.argmax(np.abs(slow.gradient())))]


# --- words ----------------------------------------------------------------------------------------------------


def round_words(epoch: int, update: int, updates: int, points: int) -> Frame:
    """Say where in the run a round is; `epoch` and `update` count from 1."""
    return {
        "epoch": marked(f"{epoch:,}"),
        "batch": say("{update:,} of {updates:,}", update=update, updates=updates),
        "round": say(
            "Epoch {epoch:,}, batch {update:,} of {updates:,}: {points}.",
            epoch=epoch,
            update=update,
            updates=updates,
            points=_points(points),
        ),
    }


def point_rows(forward: Forward, loss: Loss) -> list[Frame]:
    """Return each point's numbers as they are written in a table."""
    given = np.where(forward.targets == 1.0, forward.probabilities, 1.0 - forward.probabilities)
    most = float(loss.each.max())
    return [
        {
            "x": signed(float(x), 2),
            "y": signed(float(y), 2),
            "truth": int(target),
            "probability": share(float(probability)),
            "given": share(float(own)),
            "right": bool(right),
            "loss": plain(float(lost)),
            "size": float(lost) / most if 0.0 < most < math.inf else 0.0,
        }
        for (x, y), target, probability, own, right, lost in zip(
            forward.inputs, forward.targets, forward.probabilities, given, forward.right, loss.each, strict=True
        )
    ]


def forward_words(forward: Forward) -> Frame:
    """Say how many answers are right."""
    right, points = int(np.count_nonzero(forward.right)), len(forward.right)
    return {
        "forward": say("The network takes the right side for {right} of {points}.", right=right, points=_points(points))
    }


def loss_words(loss: Loss, chance: float) -> Frame:
    """Say what the loss is, beside that of guessing, and which point hurts most."""
    worst = int(np.argmax(loss.each))
    points = len(loss.each)
    mean = (
        say("The loss of this batch is its loss: {loss}.", loss=plain(loss.mean))
        if points == 1
        else say(
            "The loss of this batch is the mean of its {points} losses: {loss}.", points=points, loss=plain(loss.mean)
        )
    )
    others = say(
        "Guessing fifty-fifty would cost {chance}. Point {point} hurts most, with {loss}.",
        chance=plain(chance),
        point=worst + 1,
        loss=plain(float(loss.each[worst])),
    )
    return {"loss_before": plain(loss.mean), "loss": f"{mean} {others}"}


def gradient_words(weight: Weight, slope: Slope, gradient: Array, loss: float, network: Network) -> Frame:
    """Say what the slope of one weight means, where it ranks, and what the check by hand gives."""
    sizes = np.abs(gradient)
    name = weight_name(weight, network)
    number = signed_digits(slope.gradient)
    above, below = plain(slope.loss_above, 8), plain(slope.loss_below, 8)
    return {
        "weight": f"{name[0].upper()}{name[1:]}",
        "value": signed(slope.value, 4),
        "gradient": number,
        "meaning": _meaning(weight, slope.gradient),
        "rank": say(
            "By size, its slope is number {rank} of {count}. The steepest is {largest}, the middle one {median}.",
            rank=slope.rank,
            count=len(gradient),
            largest=digits(float(sizes.max())),
            median=digits(median(sizes)),
        ),
        "nudge_down": below,
        "nudge_none": plain(loss, 8),
        "nudge_up": above,
        "check": say(
            "({above} − {below}) ÷ {width:g} = {measured}, and the gradient says {gradient}.",
            above=above,
            below=below,
            width=2 * NUDGE,
            measured=signed_digits(slope.measured),
            gradient=number,
        ),
    }


def _meaning(weight: Weight, gradient: float) -> str:
    """Say what a slope means for whoever pushes the weight."""
    slope = signed_digits(gradient)
    if weight.source is None:
        if gradient == 0.0:
            return say("Pushing this bias by a hair leaves the loss where it is: slope 0.")
        if gradient > 0.0:
            return say("Pushing this bias up by a hair raises the loss: slope {slope}.", slope=slope)
        return say("Pushing this bias up by a hair lowers the loss: slope {slope}.", slope=slope)
    if gradient == 0.0:
        return say("Pushing this weight by a hair leaves the loss where it is: slope 0.")
    if gradient > 0.0:
        return say("Pushing this weight up by a hair raises the loss: slope {slope}.", slope=slope)
    return say("Pushing this weight up by a hair lowers the loss: slope {slope}.", slope=slope)


def update_words(weight: Weight, slope: Slope, update: Update, network: Network, points: int) -> Frame:
    """Write the update of one weight out, and compare what came with what the slope promised."""
    rate = marked(f"{update.learning_rate:g}")
    # Digits enough that a reader who works it out arrives at the same result.
    gradient = signed(slope.gradient, 6 + max(0, math.ceil(math.log10(update.learning_rate))))
    factor = f"({gradient})" if slope.gradient < 0.0 else gradient.lstrip("+")
    new = slope.value - update.learning_rate * slope.gradient
    came, promised = update.came, update.predicted
    change = {"rate": rate, "before": plain(update.loss_before), "after": plain(update.loss_after)}
    after = (
        say("At learning rate {rate} the loss of this point goes from {before} to {after}.", **change)
        if points == 1
        else say(
            "At learning rate {rate} the loss of these {points} points goes from {before} to {after}.",
            points=points,
            **change,
        )
    )
    everywhere = say(
        "All the data, for comparison: from {before} to {after}.",
        before=plain(update.all_before),
        after=plain(update.all_after),
    )
    return {
        "formula": f"{signed(slope.value, 6).lstrip('+')} − {rate} × {factor} = {signed(new, 4).lstrip('+')}",
        "moved": say(
            "So moves {weight}, and so do all the others: {count} in one go.",
            weight=weight_name(weight, network),
            count=network.size,
        ),
        "rate": rate,
        "loss_after": plain(update.loss_after),
        "came": signed_digits(came),
        "promised": signed_digits(promised),
        "promised_loss": plain(update.loss_before + promised)
        if update.loss_before + promised >= 0.0
        else say("below 0"),
        "after": f"{after} {_outcome(update)}",
        "everywhere": f"{everywhere} {_everywhere(update)}",
    }


def _outcome(update: Update) -> str:
    """Say how a change compares with the promise of the slope."""
    came, promised = update.came, update.predicted
    if not math.isfinite(came) or not math.isfinite(promised):
        return say("The step has left all numbers behind: nothing that the slope said holds out there.")
    if promised == 0.0:
        return say("All slopes are 0 here, so nothing moves.")
    share_kept = came / promised
    if share_kept <= 0.0:
        return say(
            "The slope promised a fall, and the loss did not fall: the step went far beyond the place where the slope"
            " holds."
        )
    if abs(share_kept - 1.0) <= CLOSE:
        return say("Nearly what the slope promised: over so short a step the slope hardly changes.")
    part = _percent(share_kept)
    if update.loss_before + promised < 0.0:
        return say(
            "It fell by {part} of what the slope promised, which was a loss below zero. No loss is: the slope holds"
            " only nearby, and this step goes further.",
            part=part,
        )
    if share_kept > 1.0:
        return say("It fell by {part} of what the slope promised: along the way it got steeper.", part=part)
    return say("It fell by {part} of what the slope promised: along the way it got less steep.", part=part)


def _everywhere(update: Update) -> str:
    if not math.isfinite(update.all_after):
        return say("It has left all numbers behind.")
    if update.all_after < update.all_before:
        return say("The step helped there, too.")
    if update.came < 0.0:
        return say("The step suits this batch, and not the rest.")
    return say("The step did not help there, either.")


def weight_name(weight: Weight, network: Network) -> str:
    """Name a weight: the weight from x to hidden unit 3, the bias of the output."""
    layers = network.layers
    to_output = weight.layer == len(layers) - 1
    target = "" if to_output else _unit_name(weight.layer, weight.to, layers)
    if weight.source is None:
        return say("the bias of the output") if to_output else say("the bias of {unit}", unit=target)
    source = _unit_name(weight.layer - 1, weight.source, layers)
    if to_output:
        return say("the weight from {source} to the output", source=source)
    return say("the weight from {source} to {unit}", source=source, unit=target)


def _unit_name(layer: int, unit: int, layers: Sequence[int]) -> str:
    """Name a unit: an input by its letter, a hidden unit by its layer, if there are several, and its number."""
    if layer == 0:
        return INPUTS[unit]
    if len(layers) == 3:
        return say("hidden unit {unit}", unit=unit + 1)
    return say("hidden {layer}, unit {unit}", layer=layer, unit=unit + 1)


# --- numbers for people -----------------------------------------------------------------------------------------


def _percent(part: float) -> str:
    text = f"{100 * part:.0f}" if part >= 0.01 else f"{100 * part:.2g}"
    return say("{number}%", number=marked(text))


def _points(count: int) -> str:
    return say("1 point") if count == 1 else say("{count:,} points", count=count)


def _check_rate(rate: float) -> None:
    number("rate", rate, *LEARNING_RATES)
