"""One update of gradient descent in slow motion: its four stages, with all their numbers, before it is made.

`SlowStep` looks at the coming update of a real `Run` as often as one likes and changes nothing; `make` then lets the
run itself do it. So the numbers are those of the loop, to the last bit. What a step would do can be asked for any
learning rate, and beside it stands what the gradient alone predicts: a straight line, which holds only nearby. This
chapter knows nothing of sentences or pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .checks import whole
from .losses import LOSSES
from .network import Batch, Model
from .optimizers import SGD
from .settings import Settings
from .training import Run

Array = NDArray[np.float64]

NUDGE = 0.001
"""By how much a weight is pushed to check its slope."""


@dataclass(frozen=True)
class Forward:
    """What the network answers for the points of a batch.

    Attributes:
        inputs: the points, shape `(n, 2)`.
        targets: their classes, 0 or 1, shape `(n,)`.
        probabilities: what the network gives to class 1, shape `(n,)`.
        right: whether it takes each point's side, shape `(n,)`.
    """

    inputs: Array
    targets: Array
    probabilities: Array
    right: NDArray[np.bool_]


@dataclass(frozen=True)
class Loss:
    """How wrong the answers are: `each` point's loss, shape `(n,)`, and their `mean`, the loss of the batch."""

    each: Array
    mean: float


@dataclass(frozen=True)
class Weight:
    """One parameter by its place. `layer` is the one that it leads to, 1 for the first after the inputs.

    Attributes:
        layer: from 1 to the output's.
        source: the unit it comes from in the layer before, from 0; None for a bias.
        to: the unit it leads to, from 0.
    """

    layer: int
    source: int | None
    to: int


@dataclass(frozen=True)
class Slope:
    """What the gradient says of one weight, and the check by hand.

    Attributes:
        value: the weight now.
        gradient: the derivative of the batch's loss by it.
        rank: its place among all parameters by the size of the gradient, 1 for the steepest.
        loss_above: the loss with the weight pushed up by `NUDGE`.
        loss_below: the loss with the weight pushed down by `NUDGE`.
        measured: the slope between these two, (above − below) / (2 · `NUDGE`).
    """

    value: float
    gradient: float
    rank: int
    loss_above: float
    loss_below: float
    measured: float


@dataclass(frozen=True)
class Update:
    """What the update does, or would do, at one learning rate.

    Attributes:
        learning_rate: $η$.
        params: all parameters after it, shape `(size,)`.
        loss_before: the batch's loss before it.
        loss_after: the loss of the same batch after it.
        predicted: the change that the gradient alone promises, $−η‖g‖²$.
        all_before: the loss of all points of the data before it.
        all_after: the same after it.
    """

    learning_rate: float
    params: Array
    loss_before: float
    loss_after: float
    predicted: float
    all_before: float
    all_after: float

    @property
    def came(self) -> float:
        """The change that came: the loss after less the loss before."""
        return self.loss_after - self.loss_before


class SlowStep:
    """A run of plain gradient descent, and the update that it will make next.

    Args:
        settings: the run's; optimizer `sgd` at a constant learning rate, because only there is a step −η times the
            gradient.

    Raises:
        ValueError: another optimizer or schedule.
    """

    def __init__(self, settings: Settings) -> None:
        for name, allowed in (("optimizer", "sgd"), ("schedule", "constant")):
            if getattr(settings, name) != allowed:
                raise ValueError(f"{name} must be {allowed} for a slow step, got {getattr(settings, name)!r}")
        network = settings.network()
        inputs, targets = settings.draw_data()
        self.run = Run(
            inputs,
            targets,
            network,
            settings.make_optimizer(),
            batch_size=settings.batch_size,
            seed=settings.seed,
        )
        self._loss = LOSSES[network.loss]
        # The same network once more, to try weights out without touching those in training.
        self._trial = Model(network, self.run.params.copy())
        self._all = self._trial.batch(*network.columns(inputs, targets))
        self._places = network.unpack(np.arange(network.size, dtype=np.float64))

    @property
    def batch(self) -> Batch:
        """The batch of the coming update."""
        return self.run.next_batch()

    @np.errstate(all="ignore")
    def forward(self) -> Forward:
        """Return stage 1: what the network answers for these points."""
        batch = self.batch
        logits = self.run.model.forward(batch)
        targets = (1.0 - batch.signs) / 2.0
        probabilities = 0.5 + 0.5 * np.tanh(0.5 * logits)
        return Forward(batch.inputs[:-1].T.copy(), targets, probabilities, (logits > 0.0) == (targets == 1.0))

    @np.errstate(all="ignore")
    def loss(self) -> Loss:
        """Return stage 2: how wrong the answers are, each and as one number."""
        batch = self.batch
        wrong_way = batch.signs * self.run.model.forward(batch)
        each = np.empty_like(wrong_way)
        self._loss.value(wrong_way, each)
        return Loss(each, self.run.model.loss(batch))

    @np.errstate(all="ignore")
    def gradient(self) -> Array:
        """Return stage 3: how the loss would change with each weight, shape `(size,)`; a copy."""
        batch = self.batch
        self.run.model.forward(batch)
        self.run.model.loss(batch)
        return self.run.model.gradient(batch).copy()

    def slope(self, weight: Weight) -> Slope:
        """Return what the gradient says of one weight, and check it by a nudge.

        Raises:
            ValueError: the network has no such weight.
        """
        index = self.index(weight)
        gradient = self.gradient()
        params = self.run.params
        above, below = params.copy(), params.copy()
        above[index] += NUDGE
        below[index] -= NUDGE
        loss_above, loss_below = self._loss_with(above), self._loss_with(below)
        return Slope(
            value=float(params[index]),
            gradient=float(gradient[index]),
            rank=1 + int(np.count_nonzero(np.abs(gradient) > abs(gradient[index]))),
            loss_above=loss_above,
            loss_below=loss_below,
            measured=(loss_above - loss_below) / (2.0 * NUDGE),
        )

    @np.errstate(all="ignore")
    def update(self, learning_rate: float) -> Update:
        """Try stage 4 out: move every weight a little, downhill, and measure the same batch again.

        Raises:
            ValueError: `learning_rate` is not a finite number above 0.
        """
        gradient, params = self.gradient(), self.run.params.copy()
        optimizer = SGD(learning_rate)
        optimizer.update(params, gradient, optimizer.init(params), self.run.step)
        return Update(
            learning_rate=learning_rate,
            params=params,
            loss_before=self.loss().mean,
            loss_after=self._loss_with(params),
            predicted=-learning_rate * float(gradient @ gradient),
            all_before=self._loss_with(self.run.params, self._all),
            all_after=self._loss_with(params, self._all),
        )

    @np.errstate(all="ignore")
    def losses_along(self, learning_rates: Sequence[float]) -> Array:
        """Return the loss of this batch after a step at each of these rates, shape `(len(learning_rates),)`."""
        gradient = self.gradient()
        return np.array([self._loss_with(self.run.params - rate * gradient) for rate in learning_rates])

    @np.errstate(all="ignore")
    def make(self, learning_rate: float) -> None:
        """Do stage 4 in earnest: let the run make the update, and turn to the batch after it.

        A run that leaves the numbers goes on, as `Run` has it, from the last weights that were finite.

        Raises:
            ValueError: `learning_rate` is not a finite number above 0.
        """
        self.run.optimizer = SGD(learning_rate)
        self.run.advance()
        self.run.resume()

    def index(self, weight: Weight) -> int:
        """Return where a weight lies in the parameter vector.

        Raises:
            ValueError: the network has no such weight.
        """
        layers = self.run.model.network.layers
        layer, source, to = weight.layer, weight.source, weight.to
        whole("layer", layer, 1, len(layers) - 1)
        if source is not None:
            whole("source", source, 0, layers[layer - 1] - 1, otherwise=f" below layer {layer}, or None for the bias")
        whole("to", to, 0, layers[layer] - 1, otherwise=f" in layer {layer}")
        weights, biases = self._places[layer - 1]
        return int(biases[to] if source is None else weights[source, to])

    @cached_property
    def weights(self) -> list[Weight]:
        """The place of every parameter, in the order of the parameter vector."""
        found: list[Weight] = [Weight(1, None, 0)] * self.run.params.size
        for layer, (weights, biases) in enumerate(self._places, 1):
            for to in range(len(biases)):
                for source in (*range(len(weights)), None):
                    weight = Weight(layer, source, to)
                    found[self.index(weight)] = weight
        return found

    def _loss_with(self, params: Array, points: Batch | None = None) -> float:
        """Return the loss that the batch, or other points, would have with other parameters."""
        self._trial.params[:] = params
        batch = self.batch
        with np.errstate(all="ignore"):
            # Logits of its own: those of the run's batches are counted into the epoch's accuracy.
            tried = points or self._trial.batch(batch.inputs, batch.signs)
            self._trial.forward(tried)
            return self._trial.loss(tried)
