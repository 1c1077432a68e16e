"""The same network trained at many learning rates at once: final loss against rate, and where it breaks.

All runs of a sweep begin with the same weights and see the same batches, those of a single `Run`; they differ in the
learning rate alone. So they are trained in stacks, one NumPy call for many networks, which costs a fraction of one run
after another. In the browser every loss is, bit for bit, that of the single run at that rate; natively they agree to
within rounding, which runs that thrash amplify.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .checks import above_zero, sequence
from .diagnosis import Verdict, has_diverged, judge
from .language import say
from .network import Model, Network
from .optimizers import OPTIMIZERS, Optimizer
from .schedules import Schedule, SideBySide
from .settings import LEARNING_RATES, Settings, parse
from .training import Run

Array = NDArray[np.float64]

RATES = tuple(float(f"{rate:.3g}") for rate in np.geomspace(*LEARNING_RATES, 48))
"""The rates of the lesson's sweep: 48, spread evenly over the dial on its logarithmic scale, to three digits."""

ROOM = 100_000
"""Outputs of hidden units that one stack holds at most, so that its arrays stay in the processor's cache and one update
of a stack stays short. A single network may need more."""

NEARLY_ALL = 0.9
"""A rate learns if its run comes this share of the way down that the best run comes …"""
HALF = 0.5
"""… and a run that comes less than this share of it crawls, below the best rate, or is broken, above it."""
SOME = 0.9
"""No rate learns at all if the best loss is not below this share of chance."""


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
        if not sequence("learning_rates", learning_rates):
            raise ValueError(say("learning_rates must hold at least one rate, got none"))
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


# --- regions ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Regions:
    """Where the rates of a sweep crawl, learn and break. Each is a place among the rates, counted from 0, or None.

    The rule: the sweet spot is the longest unbroken stretch of rates whose runs neither oscillate nor diverge and come
    at least nine tenths as far down from the first loss as the best such run does. A lucky run among broken ones, of
    which there are some beyond the cliff, is therefore no sweet spot.

    Attributes:
        crawls_to: the end of the rates, from the lowest up, whose runs come less than half as far down.
        learns_from: the lower end of the sweet spot.
        learns_to: its upper end: the largest rate that still learns, the edge of the cliff.
        best: the rate of the sweet spot with the lowest loss; if there is none, of all runs that settle.
        breaks_from: the next rate above the sweet spot whose run oscillates, diverges, or comes less than half as far.
        sentence: all of this in words.
    """

    crawls_to: int | None
    learns_from: int | None
    learns_to: int | None
    best: int | None
    breaks_from: int | None
    sentence: str


def find_regions(
    rates: Sequence[float], losses: Sequence[float], verdicts: Sequence[str], initial_loss: float, chance: float
) -> Regions:
    """Say where a sweep crawls, learns and breaks.

    Args:
        rates: the learning rates, rising.
        losses: the last loss of each run; may be infinite or not a number.
        verdicts: the name of each run's verdict.
        initial_loss: the loss that all runs began with.
        chance: the loss of a network that gives one half to every point.
    """
    steady = [verdict not in ("oscillating", "diverged") for verdict in verdicts]
    settled = [run for run in range(len(rates)) if steady[run]]
    if not settled:
        return Regions(None, None, None, None, 0, say("Every rate breaks it: no run settles anywhere."))
    best = min(settled, key=lambda run: losses[run])
    if not losses[best] < min(SOME * chance, initial_loss):
        sentence = say(
            "No rate learns here: the best of them, {rate:.2g}, ends at a loss of {loss:.2g}, and guessing gives"
            " {chance:.2g}.",
            rate=rates[best],
            loss=losses[best],
            chance=chance,
        )
        return Regions(None, None, None, best, None, sentence)
    shares = [(initial_loss - loss) / (initial_loss - losses[best]) for loss in losses]
    learns = [run for run in settled if shares[run] >= NEARLY_ALL]
    first, last = _longest_stretch(learns)
    best = min(range(first, last + 1), key=lambda run: losses[run])
    crawls_to = next(run for run, share in enumerate(shares) if share >= HALF or run == first) - 1
    broken = (run for run in range(last + 1, len(rates)) if not (steady[run] and shares[run] >= HALF))
    ends = (None if crawls_to < 0 else crawls_to), first, last, best, next(broken, None)
    return Regions(*ends, _sentence(rates, *ends))


def _longest_stretch(runs: Sequence[int]) -> tuple[int, int]:
    """Return the ends of the longest stretch of consecutive numbers, of several the first."""
    stretches = [[runs[0], runs[0]]]
    for run in runs[1:]:
        if run == stretches[-1][1] + 1:
            stretches[-1][1] = run
        else:
            stretches.append([run, run])
    first, last = max(stretches, key=lambda ends: ends[1] - ends[0])
    return first, last


def _sentence(
    rates: Sequence[float], crawls_to: int | None, first: int, last: int, best: int, breaks_from: int | None
) -> str:
    parts = [] if crawls_to is None else [say("up to {rate:.2g} it crawls", rate=rates[crawls_to])]
    if first < last:
        ends = {"first": rates[first], "last": rates[last], "best": rates[best]}
        parts.append(say("from {first:.2g} to {last:.2g} it learns, best at {best:.2g}", **ends))
    else:
        parts.append(say("at {rate:.2g} alone it learns", rate=rates[best]))
    if breaks_from is None:
        parts.append(say("no rate breaks it"))
    else:
        parts.append(say("from {rate:.2g} on it breaks", rate=rates[breaks_from]))
    sentence = "; ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


# --- as a page drives it ------------------------------------------------------------------------------------


class SweepSession:
    """A sweep over `RATES` as a page drives it; the frames are described in `docs/assets/labs/messages.d.ts`.

    Args:
        settings: those of a training lab, as `gd_core.settings.parse` takes them; the learning rate counts for nothing.

    Raises:
        ValueError: a setting is wrong.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._begin(parse(settings))

    def open(self) -> dict[str, Any]:
        """Return the first frame: nothing is trained yet."""
        return self._frame()

    def begin(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Give up this sweep and begin another one; `settings` as for the class."""
        self._begin(parse(settings))
        return self._frame()

    @np.errstate(all="ignore")
    def advance(self, milliseconds: float) -> dict[str, Any]:
        """Train on for so long, or to the end, and return the frame.

        Raises:
            ValueError: `milliseconds` is no number above 0; infinity is one.
        """
        if milliseconds != math.inf:
            above_zero("milliseconds", milliseconds)
        deadline = time.perf_counter() + milliseconds / 1000.0
        while not self.finished:
            self.sweep.advance()
            if time.perf_counter() >= deadline:
                break
        return self._frame()

    @property
    def finished(self) -> bool:
        """Whether every run has diverged or reached its last epoch."""
        return self.sweep.epoch >= self.settings.epochs or not self.sweep.alive

    def _begin(self, settings: Settings) -> None:
        self.settings = settings
        self.sweep = sweep_of(settings)

    def _frame(self) -> dict[str, Any]:
        sweep, finished = self.sweep, self.finished
        losses = [curve[-1] if curve else sweep.initial_loss for curve in sweep.losses]
        verdicts = [verdict.name for verdict in sweep.verdicts()] if finished else None
        alive = np.zeros(len(RATES), dtype=np.uint8)
        alive[sweep.alive] = 1
        return {
            "rates": np.array(RATES),
            "losses": np.array(losses),
            "alive": alive,
            "epoch": sweep.epoch,
            "last_epoch": self.settings.epochs,
            "progress": 1.0 if finished else sweep.progress / self.settings.epochs,
            "initial_loss": sweep.initial_loss,
            "chance": sweep.chance,
            "finished": finished,
            "verdicts": verdicts,
            "regions": asdict(find_regions(RATES, losses, verdicts, sweep.initial_loss, sweep.chance))
            if verdicts
            else None,
        }


def sweep_of(settings: Settings) -> Sweep:
    """Return the sweep over `RATES` whose runs have these settings but for the learning rate."""
    inputs, targets = settings.draw_data()
    return Sweep(
        inputs,
        targets,
        settings.network(),
        OPTIMIZERS[settings.optimizer],
        [replace(settings, learning_rate=rate).make_schedule() for rate in RATES],
        batch_size=settings.batch_size,
        seed=settings.seed,
    )


def record(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Train a whole sweep and return its last frame with the settings, as values that JSON can hold.

    Losses that are not finite are the strings "inf" and "nan", which `float` reads back.

    Raises:
        ValueError: a setting is wrong.
    """
    session = SweepSession(settings)
    frame = session.advance(math.inf)
    return frame | {
        "settings": session.settings.as_dict(),
        "rates": list(RATES),
        "losses": [loss if math.isfinite(loss) else repr(loss) for loss in frame["losses"].tolist()],
        "alive": frame["alive"].tolist(),
    }
