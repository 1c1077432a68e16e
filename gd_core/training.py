"""The training loop: forward, loss, gradient, update, again and again.

`descend` is the loop of the lesson. `Run` is what it works on: the one object that changes while a network trains.
`train` drives it from the first epoch to the last. A run that diverges stops, keeps its whole curve, and goes back to
the last weights that were numbers.
"""

import math
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy import count_nonzero, equal, greater, less
from numpy.typing import ArrayLike, NDArray

from .checks import instance, shown, whole
from .diagnosis import RUNAWAY_EPOCHS, Verdict, has_diverged, judge
from .language import say
from .losses import LOSSES
from .network import Batch, Model, Network
from .optimizers import Optimizer

Array = NDArray[np.float64]

_ZERO = np.array(0.0)  # as an array, since NumPy takes half a call's time to make one of a number


def descend(run: "Run") -> Iterator[float]:
    """Train for one epoch; yield the loss of each batch."""
    model = run.model
    for batch in run.shuffled_batches():
        # 1. Forward: what does the network answer for these points?
        model.forward(batch)
        # 2. Loss: how wrong are the answers, as one number?
        loss = model.loss(batch)
        # 3. Gradient: how would the loss change with each weight?
        gradient = model.gradient(batch)
        # 4. Update: move every weight a little, downhill.
        run.optimizer.update(run.params, gradient, run.state, run.step)
        yield loss


@dataclass(frozen=True)
class Epoch:
    """What one pass over the data did.

    Attributes:
        epoch: its number, counted from 1.
        loss: mean over its points, each measured before the update of its batch, as Keras' `fit` reports it. May be
            infinite or not a number when the run diverged.
        accuracy: share of its points on the right side, between 0 and 1, measured at the same moments.
        params: a copy of the parameters after it. When it left the numbers, the last parameters that were finite.
    """

    epoch: int
    loss: float
    accuracy: float
    params: Array


class Run:
    """A network in training.

    `optimizer` may be replaced at any time, by one of the same kind, to change the learning rate of the updates to
    come.

    Attributes:
        optimizer: the update rule in force.
        model: the network and its weights.
        params: the parameters in training, shape `(size,)`: the model's own vector, which every update changes.
        state: the optimizer's state.
        step: number of updates done, which is the number of the next one.
        epoch: number of whole epochs done.
        update: number of updates done in the epoch under way, 0 between epochs.
        initial_loss: loss of the first weights over all points, before any update.
        batch_loss: loss of the last batch, measured before its update; not a number before the first.
        losses: loss of every epoch done.
        accuracies: accuracy of every epoch done.
        diverged: whether the run is over because its loss ran away or left the numbers.
        chance: the loss of a network that gives one half to every point.
        judged_from: number of losses that a verdict leaves out: those before the run was taken up again.
    """

    def __init__(
        self,
        inputs: ArrayLike,
        targets: ArrayLike,
        network: Network,
        optimizer: Optimizer,
        *,
        batch_size: int | None = 32,
        seed: int,
    ) -> None:
        """Draw the first weights; the arguments are those of `train`."""
        if batch_size is not None:
            batch_size = whole("batch_size", batch_size, 1, otherwise=say(", or None for all points"))
        whole("seed", seed, 0)
        instance("network", network, Network)
        _check_optimizer(optimizer)
        points, signs = network.columns(inputs, targets)
        self._rng = np.random.default_rng(seed)
        self.optimizer = optimizer
        self.model = Model(network, network.init(self._rng))
        self.params = self.model.params
        self.state = optimizer.init(self.params)
        self.step = 0
        self.epoch = 0
        self.update = 0
        self.initial_loss = network.loss_and_gradient(self.params, inputs, targets)[0]
        self.batch_loss = float("nan")
        self.losses: list[float] = []
        self.accuracies: list[float] = []
        self.diverged = False
        self.judged_from = 0
        self.chance = LOSSES[network.loss].chance
        self._finite_params = self.params.copy()
        self._nothing = np.zeros_like(self.params)
        self._loss_sum = 0.0
        self._updates: Iterator[float] = iter(())
        self._dealt = False  # whether the coming epoch's batches lie ready already

        # The batches are views of what an epoch's shuffling fills. Each is one piece of memory, as BLAS wants it.
        self._points, self._signs = np.ascontiguousarray(points.T), signs
        self._shuffled_points, self._shuffled_signs = np.empty_like(self._points), np.empty_like(signs)
        self._logits = np.empty(len(signs))
        size = len(signs) if batch_size is None else min(batch_size, len(signs))
        edges = [*range(0, len(signs), size), len(signs)]
        self.batches: list[Batch] = [
            self.model.batch(
                self._shuffled_points[start:stop].T, self._shuffled_signs[start:stop], self._logits[start:stop]
            )
            for start, stop in pairwise(edges)
        ]
        self._sizes = [len(batch.signs) for batch in self.batches]

    def shuffled_batches(self) -> list[Batch]:
        """Deal the points into batches in a new random order; the batches of the epoch before are overwritten."""
        if not self._dealt:
            order = self._rng.permutation(len(self._signs))
            self._points.take(order, 0, self._shuffled_points, "clip")  # "clip" spares a hidden copy
            self._signs.take(order, 0, self._shuffled_signs, "clip")
        self._dealt = False
        return self.batches

    def next_batch(self) -> Batch:
        """Return the batch of the coming update, for a look ahead; the run goes on as if nobody had looked."""
        if self.update == 0 and not self._dealt:
            self.shuffled_batches()
            self._dealt = True
        return self.batches[self.update]

    def advance(self) -> Epoch | None:
        """Do one update; return the record of its epoch if it was the last of it, else None.

        Callers silence NumPy with `np.errstate(all="ignore")`, once for many updates.
        """
        if self.update == 0:
            # A run that its own loop held would outlive its last use, megabytes of it, until Python looks for circles.
            self._updates = descend(weakref.proxy(self))
            self._loss_sum = 0.0
        self.batch_loss = next(self._updates)
        self._loss_sum += self.batch_loss * self._sizes[self.update]
        self.step += 1
        self.update += 1
        return self._end_epoch() if self.update == len(self.batches) else None

    @np.errstate(all="ignore")
    def finish_epoch(self) -> Epoch:
        """Do the updates that are left of the epoch under way, or a whole one, and return its record."""
        while (record := self.advance()) is None:
            pass
        return record

    def resume(self) -> None:
        """Take up a run that has diverged, from the weights it kept; what came before no longer counts against it."""
        if self.diverged:
            self.diverged = False
            self.judged_from = self.epoch

    def verdict(self) -> Verdict:
        """Say what has become of the run so far. Raises `ValueError` before its first epoch is done."""
        return judge(self.losses[self.judged_from :], self.chance, first_epoch=self.judged_from + 1)

    def _end_epoch(self) -> Epoch:
        self.update = 0
        self.epoch += 1
        count = len(self._logits)
        loss = self._loss_sum / count
        accuracy = int(count_nonzero(equal(greater(self._logits, _ZERO), less(self._shuffled_signs, _ZERO)))) / count
        self.losses.append(loss)
        self.accuracies.append(accuracy)
        # 0 · ∞ is not a number, so that one product looks at all parameters.
        if math.isfinite(loss) and math.isfinite(self.params.dot(self._nothing)):
            self._finite_params[:] = self.params
        else:
            self.params[:] = self._finite_params
            self.state = self.optimizer.init(self.params)
        recent = self.losses[max(self.judged_from, self.epoch - RUNAWAY_EPOCHS) :]
        self.diverged = has_diverged(recent, self.chance)
        return Epoch(self.epoch, loss, accuracy, self.params.copy())


def train(
    inputs: ArrayLike,
    targets: ArrayLike,
    network: Network,
    optimizer: Optimizer,
    *,
    epochs: int,
    batch_size: int | None = 32,
    seed: int,
) -> Iterator[Epoch]:
    """Train a network and yield a record of every epoch.

    Args:
        inputs: shape `(n, layers[0])`.
        targets: shape `(n,)`, 0 or 1.
        network: what is trained.
        optimizer: the update rule.
        epochs: how many passes over the data, at least 0; fewer if the run diverges.
        batch_size: points per update, at least 1; the last batch of an epoch may be smaller. `None`, or more
            than there are points, takes all of them at once.
        seed: decides the first weights and the order of the points in every epoch; a whole number of at least 0.

    Raises:
        ValueError: an argument is outside of what is said above.
        TypeError: `network` is no `Network`, or `optimizer` lacks a method of `Optimizer`.

    >>> from gd_core import DATASETS, OPTIMIZERS
    >>> inputs, targets = DATASETS["moons"](256, noise=0.1, rng=np.random.default_rng(0))
    >>> run = train(inputs, targets, Network((2, 8, 8, 1)), OPTIMIZERS["sgd"](learning_rate=1.0), epochs=100, seed=0)
    >>> losses = [record.loss for record in run]
    >>> len(losses), losses[-1] < 0.05 < losses[0]
    (100, True)
    """
    whole("epochs", epochs, 0)
    run = Run(inputs, targets, network, optimizer, batch_size=batch_size, seed=seed)
    return _epochs(run, epochs)


def _check_optimizer(optimizer: object) -> None:
    if isinstance(optimizer, type) or not all(callable(getattr(optimizer, name, None)) for name in ("init", "update")):
        came = shown(optimizer)
        raise TypeError(say("optimizer must be made by a member of gd_core.OPTIMIZERS, got {came}", came=came))


def _epochs(run: Run, epochs: int) -> Iterator[Epoch]:
    while run.epoch < epochs and not run.diverged:
        yield run.finish_epoch()
