"""One lab's training run, as a page drives it: a few requests, each answered by a frame of plain values.

A `Session` is what the browser's worker holds for every lab; `record` runs a whole run at once, for the pictures that a
page shows before Python has started. Frames hold numbers, strings, None, flat arrays and dicts of these, so that they
cross to JavaScript in one conversion; their fields are described in `docs/assets/labs/messages.d.ts`. This chapter
knows nothing of how anything is drawn.
"""

import contextlib
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import keras_twin
from .checks import above_zero, is_number, mapping, shown, text, whole
from .datasets import DOMAIN
from .diagnosis import Verdict
from .language import say
from .missions import Outcome, follow
from .optimizers import Optimizer
from .reader import Mistake, Output
from .rule import OwnRule, RuleError, of_own_rule
from .schedules import learning_rate_at
from .settings import Settings, parse
from .takeaway import to_csv, to_notebook
from .training import Run

Frame = dict[str, Any]

FINEST = 512
"""Cells along each side of the finest surface."""

FADED = 0.1
"""A schedule that has brought the rate down to less than this share of the dial's is what keeps a run from moving."""

LIVE = frozenset({"learning_rate", "epochs"})
"""Settings that act on the run under way; a change of any other begins a new run."""


class Session:
    """A training run and the settings it follows.

    Args:
        settings: values by name, as `gd_core.settings.parse` takes them.

    Raises:
        ValueError: a setting is wrong.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = parse(settings)
        self._grids: dict[int, NDArray[np.float64]] = {}
        self._mistake: Mistake | None = None
        self._draw_data()
        self._begin(None, Output())

    def open(self, surface: int) -> Frame:
        """Return the first frame, with the points.

        Args:
            surface: points along each side of the grid of probabilities, at most `FINEST`, or 0 for none.

        Raises:
            ValueError: it is no such number, as in all that follows; nothing has changed then.
        """
        _check_surface(surface)
        return self._frame(surface, points=True)

    @np.errstate(all="ignore")
    def advance(
        self, amount: Mapping[str, float], surface: int, *, ahead: bool = False, within: float = math.inf
    ) -> Frame:
        """Train on and return what is new.

        A finished run is continued: its last epoch moves on by `settings.epochs`, a schedule is laid out anew over all
        of them, and one that diverged goes on from the weights it kept. One whose own rule has failed is over; `reset`
        and `rule` begin another.

        Args:
            amount: one of `{"updates": n}`, `{"epochs": n}` (the epoch under way counts as one) and
                `{"milliseconds": t}`. The run never goes beyond its last epoch.
            surface: as for `open`.
            ahead: whether it was asked before the last answer was there. A run that has finished meanwhile stays so.
            within: milliseconds after which it comes back with what is done, at least one update: an epoch of a large
                network may take a minute.

        Raises:
            ValueError: `amount` is none of these, or not a positive number; `within` is no number above 0, or infinity.
        """
        _check_surface(surface)
        if within != math.inf:
            above_zero("within", within)
        (unit, size), *rest = mapping("amount", amount).items() or [("nothing", 0)]
        if rest or unit not in ("updates", "epochs", "milliseconds") or not (is_number(size) and size > 0):
            raise ValueError(
                "amount must be one positive number of updates, epochs or milliseconds, got "
                + (", ".join(f"{name} {shown(value)}" for name, value in amount.items()) or "nothing")
            )
        if self._mistake or (ahead and self.finished):
            return self._frame(surface)
        if self.finished:
            self.run.resume()
            self.last_epoch = self.run.epoch + self.settings.epochs
            self.run.optimizer = self._optimizer()
        deadline = time.perf_counter() + min(size if unit == "milliseconds" else math.inf, within) / 1000.0
        updates, epochs = (size if unit == name else math.inf for name in ("updates", "epochs"))
        try:
            with contextlib.redirect_stdout(self._printed):
                while updates > 0 and epochs > 0:
                    updates -= 1
                    if self.run.advance() is not None:
                        epochs -= 1
                        if self.finished:
                            break
                    if time.perf_counter() >= deadline:
                        break
        except RuleError as error:
            self._mistake = error.mistake
        return self._frame(surface)

    def change(self, settings: Mapping[str, Any], surface: int) -> Frame:
        """Change some settings; what is not named stays.

        The learning rate and the number of epochs act on the run under way, anything else begins a new run.

        Args:
            settings: the new values by name.
            surface: as for `open`.

        Raises:
            ValueError: a setting is wrong; nothing has changed then.
        """
        _check_surface(surface)
        before, self.settings = self.settings, parse(self.settings.as_dict() | dict(mapping("settings", settings)))
        changed = {
            field.name
            for field in fields(Settings)
            if getattr(before, field.name) != getattr(self.settings, field.name)
        }
        if changed <= LIVE:
            if "epochs" in changed:
                self.last_epoch = max(self.settings.epochs, self.run.epoch + (self.run.update > 0))
            self.run.optimizer = self._optimizer()
            self._note_rate()
            return self._frame(surface)
        new_data = bool(changed & {"dataset", "points", "noise", "data_seed"})
        if new_data:
            self._draw_data()
        self._begin_again()
        return self._frame(surface, points=new_data)

    def reset(self, surface: int) -> Frame:
        """Begin again with the same data and the same first weights; `surface` as for `open`."""
        _check_surface(surface)
        self._begin_again()
        return self._frame(surface, points=True)

    def rule(self, source: str | None, surface: int) -> Frame:
        """Begin again with the reader's own update rule: same data, same first weights, same batches.

        It stays in force for every later run until another takes its place. A text that is no rule changes nothing, and
        the frame says in `mistake` what is wrong with it.

        Args:
            source: Python, as `gd_core.rule.OwnRule` takes it; None for the settings' own optimizer.
            surface: as for `open`.
        """
        _check_surface(surface)
        printed = Output()
        rule = None
        if source or isinstance(source, str):  # JavaScript's null arrives as something else than None
            try:
                rule = self._made(text("source", source), printed)
            except RuleError as error:
                return self._frame(surface) | {"mistake": asdict(error.mistake), "printed": printed.kept()}
        self._begin(rule, printed)
        return self._frame(surface, points=True)

    def csv(self) -> str:
        """Return the run as CSV: the header `epoch,loss,accuracy` and a line for every epoch, in full precision."""
        return to_csv(self.run)

    def keras(self) -> dict[str, list[str]]:
        """Return the run in Keras, as `listing` and `script`, each in two parts: before and after the learning rate."""
        mark = "LEARNING_RATE"
        forms = {"listing": keras_twin.listing, "script": keras_twin.script}
        return {name: form(self.settings, mark).split(mark) for name, form in forms.items()}

    def judge(self, missions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Tell missions of the run, if it has ended; they and the answer are described at `missions.follow`."""
        if not self.finished or self._mistake:
            return follow(missions, None)
        settings = self.settings.as_dict()
        del settings["learning_rate"]
        run, rates = self.run, [rate for _, rate in self.rates]
        return follow(missions, Outcome(settings, rates, run.losses, run.verdict().name, run.judged_from))

    def notebook(self, wheel: str) -> str:
        """Return the run as code for a notebook; `wheel` is the address of the wheel of `gd_core`."""
        return to_notebook(self.settings, text("wheel", wheel))

    @property
    def finished(self) -> bool:
        """Whether the run has diverged or reached its last epoch, or its own rule has failed."""
        reached = self.run.epoch >= self.last_epoch and self.run.update == 0
        return self._mistake is not None or self.run.diverged or reached

    def _optimizer(self) -> Optimizer:
        """Return the update rule in force, the reader's own or that of the settings, laid out over all epochs."""
        optimizer = replace(self.settings, epochs=self.last_epoch).make_optimizer()
        return self._rule.at(optimizer.learning_rate) if self._rule else optimizer

    def _draw_data(self) -> None:
        self.inputs, self.targets = self.settings.draw_data()

    def _made(self, source: str, printed: Output) -> OwnRule:
        with contextlib.redirect_stdout(printed):
            return OwnRule(source, self.settings.learning_rate)

    def _begin_again(self) -> None:
        """Begin a run with the rule in force, made anew, since what it remembers is part of the run that is over."""
        printed = Output()
        self._begin(self._made(self._rule.source, printed) if self._rule else None, printed)

    def _begin(self, rule: OwnRule | None, printed: Output) -> None:
        self._rule = rule
        self._printed = printed
        self._mistake = None
        self.last_epoch = self.settings.epochs
        self.run: Run = Run(
            self.inputs,
            self.targets,
            self.settings.network(),
            self._optimizer(),
            batch_size=self.settings.batch_size,
            seed=self.settings.seed,
        )
        self.rates = [(0, self.settings.learning_rate)]
        self._reported = 0

    def _note_rate(self) -> None:
        """Note the learning rate in force from the next update on."""
        step, rate = self.run.step, self.settings.learning_rate
        if self.rates[-1][0] == step:
            self.rates.pop()
        if not self.rates or self.rates[-1][1] != rate:
            self.rates.append((step, rate))

    def _frame(self, surface: int, *, points: bool = False) -> Frame:
        run, first = self.run, self._reported
        self._reported = run.epoch
        return {
            "epoch": run.epoch,
            "update": run.update,
            "updates_per_epoch": len(run.batches),
            "batch_loss": run.batch_loss,
            "initial_loss": run.initial_loss,
            "chance": run.chance,
            "finished": self.finished,
            "last_epoch": self.last_epoch,
            "losses": np.array(run.losses[first:]),
            "accuracies": np.array(run.accuracies[first:]),
            "verdict": asdict(self._verdict()) if self.finished and not self._mistake else None,
            "stopped": self._stopped() if self.finished else "",
            "mistake": asdict(self._mistake) if self._mistake else None,
            "printed": self._printed.kept(),
            "surface": self._surface(surface) if surface else None,
            "points": self._points() if points else None,
        }

    def _verdict(self) -> Verdict:
        verdict = self.run.verdict()
        if self._rule:
            return of_own_rule(verdict, self.run.losses)
        first, now = self.settings.learning_rate, learning_rate_at(self.run.optimizer.learning_rate, self.run.step)
        if verdict.name not in ("crawling", "learning", "stuck") or now >= FADED * first:
            return verdict
        remedy = say(
            "The schedule has brought the learning rate down to {rate:.2g}: train on, which lays it out anew over all"
            " epochs, or press Reset and try another rate.",
            rate=float(now),
        )
        return replace(verdict, remedy=remedy)

    def _stopped(self) -> str:
        if self._mistake:
            return say(
                "Stopped in update {update:,}, because your rule failed in line {line}.",
                update=self.run.step + 1,
                line=self._mistake.line,
            )
        if self.run.diverged:
            return say("Stopped at epoch {epoch:,}, because the loss ran away.", epoch=self.run.epoch)
        return say("Stopped after epoch {epoch:,}, the last one asked for.", epoch=self.run.epoch)

    def _points(self) -> dict[str, Any]:
        return {
            "x": self.inputs[:, 0].copy(),
            "y": self.inputs[:, 1].copy(),
            "targets": self.targets.copy(),
            "domain": DOMAIN,
        }

    @np.errstate(all="ignore")
    def _surface(self, size: int) -> dict[str, Any]:
        """Return the probability of class 1 in the middle of every cell of a grid, row by row from the top left."""
        if size not in self._grids:
            middles = DOMAIN * ((np.arange(size) + 0.5) * 2.0 / size - 1.0)
            x, y = np.meshgrid(middles, -middles)
            self._grids[size] = np.vstack((x.ravel(), y.ravel(), np.ones(size * size)))
        model = self.run.model
        logits = model.forward(model.batch(self._grids[size], np.ones(size * size)))
        probabilities = 1.0 / (1.0 + np.exp(-logits))
        return {"size": size, "probabilities": np.nan_to_num(probabilities, nan=0.5).astype(np.float32)}


def _check_surface(surface: int) -> None:
    whole("surface", surface, 0, FINEST)


def record(settings: Mapping[str, Any], surface: int = 48) -> dict[str, Any]:
    """Run a whole run and return it as values that JSON can hold.

    Args:
        settings: values by name, as `gd_core.settings.parse` takes them.
        surface: points along each side of the grid of probabilities.

    Returns:
        `settings`, `initial_loss`, `losses` and `accuracies` of every epoch, `verdict`, `stopped`, the last `surface`,
        `points`, the last `params`, and `csv`. Losses that are not finite are the strings "inf" and "nan", which
        `float` reads back.

    Raises:
        ValueError: a setting is wrong.
    """
    session = Session(settings)
    points = session._points()
    frame = session.advance({"epochs": session.settings.epochs}, surface)
    return {
        "settings": session.settings.as_dict(),
        "initial_loss": frame["initial_loss"],
        "losses": [loss if math.isfinite(loss) else repr(loss) for loss in frame["losses"].tolist()],
        "accuracies": frame["accuracies"].tolist(),
        "verdict": frame["verdict"],
        "stopped": frame["stopped"],
        "surface": {"size": surface, "probabilities": frame["surface"]["probabilities"].tolist()},
        "points": {name: value if name == "domain" else value.tolist() for name, value in points.items()},
        "params": session.run.params.tolist(),
        "csv": session.csv(),
    }
