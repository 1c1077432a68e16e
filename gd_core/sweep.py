"""The same network trained at many learning rates at once: final loss against rate, and where it breaks.

All runs of a sweep begin with the same weights and see the same batches, those of a single `Run`; they differ in the
learning rate alone. So they are trained in stacks, one NumPy call for many networks, which costs a fraction of one run
after another. In the browser every loss is, bit for bit, that of the single run at that rate; natively they agree to
within rounding, which runs that thrash amplify.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .diagnosis import Verdict, has_diverged, judge
from .network import Model, Network
from .optimizers import Optimizer
from .schedules import Schedule, SideBySide
from .training import Run

Array = NDArray[np.float64]

ROOM = 100_000
"""Outputs of hidden units that one stack holds at most, so that its arrays stay in the processor's cache and one update
of a stack stays short. A single network may need more."""


class Sweep:
    """Runs that differ in their learning rates alone, in training side by side.

    Attributes:
        losses: loss of every epoch done, for each rate; those of a run that diverged end there.
        epoch: number of whole epochs done.
        initial_loss: loss of the first weights, which all runs share, over all points.
        chance: the loss of a network that gives one half to every point.
    """

    def __init__(
        self,
        inputs: ArrayLike,
        targets: ArrayLike,
        network: Network,
        make_optimizer: Callable[..., Optimizer],
        learning_rates: Sequence[float | Schedule],
        *,
        batch_size: int | None = 32,
        seed: int,
    ) -> None:
        """Give every run the same first weights.

        Args:
            inputs: as for `train`; so are `targets`, `network`, `batch_size` and `seed`.
            targets: see above.
            network: see above.
            make_optimizer: a member of `OPTIMIZERS`.
            learning_rates: a number or a schedule for each run; at least one.
            batch_size: see above.
            seed: see above.

        Raises:
            ValueError: an argument is outside of what is said here or at `train`.
        """
        if not learning_rates:
            raise ValueError("learning_rates must hold at least one rate, got none")
        for rate in learning_rates:
            make_optimizer(learning_rate=rate)  # refuses a rate that is none
        # A single run deals the batches, and would train on them itself if it were asked to.
        self._dealer = Run(inputs, targets, network, make_optimizer(), batch_size=batch_size, seed=seed)
        self.initial_loss = self._dealer.initial_loss
        self.chance = self._dealer.chance
        self.losses: list[list[float]] = [[] for _ in learning_rates]
        self.epoch = 0
        self._part = 0  # updates done in the epoch under way, one stack at a time

        outputs = (sum(network.layers[1:-1]) + 1) * max(len(batch.signs) for batch in self._dealer.batches)
        height = max(1, ROOM // outputs)
        runs = range(len(learning_rates))
        self._stacks = [
            _Stack(list(runs[first : first + height]), self._dealer, make_optimizer, learning_rates)
            for first in runs[::height]
        ]

    @property
    def alive(self) -> list[int]:
        """The runs that have not diverged, by their place among the rates."""
        return [run for stack in self._stacks for run in stack.runs]

    @property
    def progress(self) -> float:
        """Epochs done, with the share of the one under way."""
        return self.epoch + self._part / max(1, len(self._stacks) * len(self._dealer.batches))

    def advance(self) -> bool:
        """Do one update of one stack; return whether it was the last of an epoch. Nothing is left to do without runs.

        Callers silence NumPy with `np.errstate(all="ignore")`, once for many updates.
        """
        if not self._stacks:
            return True
        if self._part == 0:
            self._dealer.shuffled_batches()
        batch, stack = divmod(self._part, len(self._stacks))
        self._stacks[stack].update(batch)
        self._part += 1
        if self._part < len(self._stacks) * len(self._dealer.batches):
            return False
        self._part = 0
        self._end_epoch()
        return True

    @np.errstate(all="ignore")
    def finish_epoch(self) -> None:
        """Do the updates that are left of the epoch under way, or a whole one."""
        while not self.advance():
            pass

    def verdicts(self) -> list[Verdict]:
        """Say what has become of each run so far. Raises `ValueError` before the first epoch is done."""
        return [judge(losses, self.chance) for losses in self.losses]

    def _end_epoch(self) -> None:
        """Write down the losses, and take out the runs that have diverged."""
        self.epoch += 1
        for stack in self._stacks:
            for run, loss in zip(stack.runs, stack.end_epoch(), strict=True):
                self.losses[run].append(loss)
            stack.keep([not has_diverged(self.losses[run], self.chance) for run in stack.runs])
        self._stacks = [stack for stack in self._stacks if stack.runs]


class _Stack:
    """Some runs of a sweep: their networks on top of each other, trained by the same calls."""

    def __init__(
        self,
        runs: list[int],
        dealer: Run,
        make_optimizer: Callable[..., Optimizer],
        learning_rates: Sequence[float | Schedule],
    ) -> None:
        self.runs = runs
        self.step = 0
        self._dealer = dealer
        self._make_optimizer = make_optimizer
        self._learning_rates = learning_rates
        self._params = np.tile(dealer.params, (len(runs), 1))
        self._finite_params = self._params.copy()
        self._state = make_optimizer().init(self._params)
        self._settle()

    def _settle(self) -> None:
        """Make the working memory for as many networks as there are."""
        rates = SideBySide([self._learning_rates[run] for run in self.runs])
        self._optimizer = self._make_optimizer(learning_rate=rates)
        self._model = Model(self._dealer.model.network, self._params)
        self._batches = [self._model.batch(batch.inputs, batch.signs) for batch in self._dealer.batches]
        self._loss_sums = np.zeros(len(self.runs))

    def update(self, number: int) -> None:
        """Take batch `number` of the epoch through the four steps of `descend`."""
        batch = self._batches[number]
        self._model.forward(batch)
        self._loss_sums += self._model.losses(batch) * len(batch.signs)
        gradient = self._model.gradient(batch)
        self._optimizer.update(self._params, gradient, self._state, self.step)
        self.step += 1

    def end_epoch(self) -> list[float]:
        """Return each run's loss of the epoch; take weights that left the numbers back to the last that did not."""
        losses = self._loss_sums / sum(len(batch.signs) for batch in self._batches)
        self._loss_sums[:] = 0.0
        finite = np.isfinite(losses) & np.isfinite(self._params).all(axis=1)
        self._finite_params[finite] = self._params[finite]
        self._params[~finite] = self._finite_params[~finite]
        for part in self._state:
            part[~finite] = 0.0
        return [float(loss) for loss in losses]

    def keep(self, going: Sequence[bool]) -> None:
        """Go on with these runs and let the others go."""
        if all(going):
            return
        self.runs = [run for run, goes in zip(self.runs, going, strict=True) if goes]
        self._params, self._finite_params = self._params[going], self._finite_params[going]
        self._state = tuple(part[going] for part in self._state)
        self._settle()
