"""Blocks about training runs: the lab, pictures of recorded runs, the Keras listing, and the table of settings.

Their bodies are YAML: any setting of `gd_core`, checked by `gd_core`, and what `OPTIONS` lists for the kind.
"""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gd_core import keras_twin, settings, valley_session
from gd_core.activations import ACTIVATIONS
from gd_core.checks import shown
from gd_core.datasets import DATASETS
from gd_core.graph import GRAPHS
from gd_core.language import say
from gd_core.optimizers import OPTIMIZERS
from gd_core.schedules import SCHEDULES
from gd_core.settings import Settings
from gd_core.vanishing import MOST_LAYERS
from scripts import pictures
from scripts.recording import Recording

from .code import highlighted, listing, unmeasured_listing
from .fences import Block, Entry, Fence, Place, Report, read_mapping, read_settings, unknown
from .frame import lab_frame


@dataclass(frozen=True)
class Option:
    """What a kind takes besides the settings of a run: what may be given, what stands where nothing is, its meaning."""

    allowed: str
    default: str
    help: str


def _written(default: Any) -> str:
    """Write a value as an author would."""
    return str(list(default)) if isinstance(default, tuple) else str(default)


def _valley_default(name: str) -> str:
    """Write a setting's default, and the other one that it has with two curvatures."""
    one, two = valley_session.parse({}), valley_session.parse({"curvatures": valley_session.RAVINE_CURVATURES})
    defaults = [_written(getattr(settings, name)) for settings in (one, two)]
    return (
        defaults[0]
        if name == "curvatures" or defaults[0] == defaults[1]
        else f"{defaults[0]}; in a ravine {defaults[1]}"
    )


OPTIONS: dict[str, dict[str, Option]] = {
    "lab": {
        "title": Option("a text", "Training lab", "the heading, which is also the lab's name"),
        "presets": Option("lines “name: {setting: value, …}”", "none", "buttons that set several things at once"),
        "predict": Option("yes or no", "no", "whether the reader is asked beforehand what the loss will do"),
    },
    "compare": {
        "title": Option("a text", "Compare", "the heading, which is also the lab's name"),
        "variants": Option(
            "lines “name: {setting: value, …}”", "must be given", "the runs to set against the plain one"
        ),
    },
    "rule": {
        "title": Option("a text", "Your own update rule", "the heading, which is also the lab's name"),
    },
    "rates": {
        "learning_rates": Option("a list of two to four numbers", "must be given", "the learning rates to compare"),
    },
    "curve": {
        "title": Option("a text", "none", "a line above the picture"),
    },
    "sweep": {
        "title": Option("a text", "Sweep the dial", "the heading, which is also the lab's name"),
    },
    "keras": {},
    "step": {
        "title": Option("a text", "One slow step", "the heading, which is also the lab's name"),
    },
    "valley": {
        name: Option(setting.allowed, _valley_default(name), setting.help)
        for name, setting in valley_session.SETTINGS.items()
    }
    | {"title": Option("a text", "A walk into the valley", "the heading, which is also the lab's name")},
    "network": {
        "title": Option("a text", "A network that works", "the heading, which is also the lab's name"),
        "point": Option("a list of two numbers from -6 to 6", "[2, -1]", "x and y of the point, to begin with"),
    },
    "graph": {
        "title": Option("a text", "Walk back through the network", "the heading, which is also the lab's name"),
        "graph": Option(f"one of {', '.join(GRAPHS)}", "chain", "which computation"),
        "values": Option("“{name: number, …}”", "those that the graph comes with", "the numbers in it"),
    },
    "gradients": {
        "title": Option("a text", "Check the gradient", "the heading, which is also the lab's name"),
    },
    "vanishing": {
        "title": Option("a text", "How much arrives?", "the heading, which is also the lab's name"),
        "depth": Option(f"a whole number from 1 to {MOST_LAYERS}", str(MOST_LAYERS), "hidden layers at first"),
    },
}
"""What each kind of block takes; those about runs take `gd_core.settings.SETTINGS` besides."""


def dataset_name(dataset: str) -> str:
    """Say what a member of `DATASETS` is called in menus."""
    return {
        "moons": say("Two moons"),
        "circle": say("Circle in a ring"),
        "gauss": say("Two clouds"),
        "xor": say("Four corners (xor)"),
        "spiral": say("Two spirals"),
    }[dataset]


def optimizer_name(optimizer: str) -> str:
    """Say what a member of `OPTIMIZERS` is called in menus."""
    return {
        "sgd": say("Plain descent"),
        "momentum": say("Momentum"),
        "nesterov": say("Nesterov momentum"),
        "rmsprop": say("RMSProp"),
        "adam": say("Adam"),
    }[optimizer]


def schedule_name(schedule: str) -> str:
    """Say what a member of `SCHEDULES` is called in menus."""
    return {
        "constant": say("Constant rate"),
        "step": say("Halved at each quarter"),
        "exponential": say("Exponential decay"),
        "cosine": say("Cosine"),
        "warmup": say("Warm-up, then cosine"),
    }[schedule]


Preset = tuple[str, dict[str, Any]]
"""The name of a preset, and the settings that it sets."""


@dataclass(frozen=True)
class Lab(Block):
    """A training lab, with the recorded run of its settings.

    Attributes:
        settings: the run it begins with.
        title: its heading; empty for the kind's own.
        presets: its buttons.
        predict: whether the reader is asked beforehand what the loss will do.
        menus: the settings that it offers in menus.
        compared: whether the recorded run stays in the picture beside the reader's runs, under its optimizer's name.
    """

    settings: Settings
    title: str
    presets: tuple[Preset, ...]
    predict: bool = False
    menus: tuple[str, ...] = ("dataset", "hidden_layers")
    compared: bool = False

    @property
    def runs(self) -> tuple[Settings, ...]:
        """The one run that stands in the page before Python has started."""
        return (self.settings,)

    def render(self, place: Place) -> str:
        """Return the element that the page's script mounts, with the recorded run inside."""
        (recording,) = place.recordings
        name = f"{'compare' if self.compared else 'lab'}-{place.number}"
        title = self.title or (say("Compare") if self.compared else say("Training lab"))
        picture = pictures.recorded_run(recording, name)
        return lab_frame(place, "training", name, title, picture, self.data(recording))

    def data(self, recording: Recording) -> dict[str, object]:
        """Return what the page's script needs to know, as `lab_frame` takes it."""
        data: dict[str, object] = {
            "settings": self.settings.as_dict(),
            "choices": _choices(),
            "offered": {"menus": self.menus, "hidden_layers": self._networks()},
            "presets": self.presets,
            "predict": self.predict,
        }
        if self.compared:
            data["baseline"] = {
                "name": optimizer_name(self.settings.optimizer),
                "initial_loss": recording["initial_loss"],
                "losses": _short(recording["losses"]),
                "accuracies": _short(recording["accuracies"]),
                "verdict": recording["verdict"],
            }
        return data

    def _networks(self) -> list[tuple[list[int], str]]:
        """Return the networks that its menu offers: the common ones, its own, and those of its presets."""
        offered = {layers: label for label, layers in settings.NETWORKS.items()}
        own = [
            self.settings.hidden_layers,
            *(tuple(sets["hidden_layers"]) for _, sets in self.presets if "hidden_layers" in sets),
        ]
        for layers in own:
            offered.setdefault(layers, "-".join(str(units) for units in (2, *layers, 1)))
        return [(list(layers), label) for layers, label in offered.items()]


def _short(numbers: Sequence[float | str]) -> list[float | str]:
    """Write numbers to be drawn with six digits: all that anybody sees, in a third of the characters."""
    return [number if isinstance(number, str) else float(f"{number:.6g}") for number in numbers]


def _choices() -> dict[str, object]:
    """Return what training labs offer: menus as pairs of value and text, and what each setting may be."""
    return {
        "dataset": [[dataset, dataset_name(dataset)] for dataset in DATASETS],
        "activation": [[activation, activation] for activation in ACTIVATIONS],
        "optimizer": [[optimizer, optimizer_name(optimizer)] for optimizer in OPTIMIZERS],
        "schedule": [[schedule, schedule_name(schedule)] for schedule in SCHEDULES],
        "learning_rate": list(settings.LEARNING_RATES),
        "epochs": [settings.SETTINGS["epochs"].lowest, settings.SETTINGS["epochs"].highest],
        "limits": {
            name: {
                "kind": setting.kind,
                "allowed": setting.allowed,
                "lowest": setting.lowest,
                "highest": setting.highest,
                "longest": setting.longest,
                "choices": setting.choices,
            }
            for name, setting in settings.SETTINGS.items()
        },
    }


def read_lab(fence: Fence, report: Report) -> Lab | None:
    """Read a lab: any setting of `gd_core`, `title`, `presets` and `predict`."""
    entries = read_mapping(fence, report)
    if entries is None:
        return None
    title = read_title(entries, report)
    presets = _read_presets("presets", entries.pop("presets", None), report)
    predict = entries.pop("predict", None)
    if predict and not isinstance(predict.value, bool):
        report(predict.line, f"predict must be yes or no, got {shown(predict.value)}")
    chosen = read_settings(entries, report, OPTIONS["lab"])
    return Lab(chosen, title, presets, predict=bool(predict and predict.value)) if chosen else None


VARIED = ("optimizer", "learning_rate", "schedule")
"""What may differ between the runs of a comparison: they have the same data, network and first weights."""


def read_compare(fence: Fence, report: Report) -> Lab | None:
    """Read a comparison: any setting of `gd_core` for the plain run, `title`, and `variants`."""
    entries = read_mapping(fence, report)
    if entries is None:
        return None
    title = read_title(entries, report)
    given = entries.pop("variants", None)
    variants = _read_presets("variants", given, report)
    chosen = read_settings(entries, report, OPTIONS["compare"])
    if given is None:
        report(fence.line, "a compare block needs variants, lines “name: {setting: value}”, got none")
    for name, entry in given.entries.items() if given else ():
        for setting, inner in entry.entries.items():
            if setting in settings.SETTINGS and setting not in VARIED:
                report(
                    inner.line, f"a variant may differ in {', '.join(VARIED)}, got {setting} in the variant {name!r}"
                )
    if not chosen or not variants:
        return None
    plain = {setting: chosen.as_dict()[setting] for setting in VARIED}
    presets = tuple((name, plain | sets) for name, sets in variants)
    return Lab(chosen, title, presets, menus=("optimizer", "schedule"), compared=True)


def read_title(entries: dict[str, Entry], report: Report) -> str:
    """Take the title out of a block's entries and check it; empty if there is none."""
    title = entries.pop("title", None)
    if title is None:
        return ""
    if not isinstance(title.value, str) or not title.value.strip():
        report(title.line, f"title must be a text that is not empty, got {shown(title.value)}")
        return ""
    return title.value.strip()


def _read_presets(option: str, given: Entry | None, report: Report) -> tuple[Preset, ...]:
    if given is None:
        return ()
    form = '"name: {setting: value}", like "Too small: {learning_rate: 0.0001}"'
    if not isinstance(given.value, dict) or not given.value:
        report(given.line, f"{option} must be lines {form}, got {shown(given.value)}")
        return ()
    presets: list[Preset] = []
    for name, entry in given.entries.items():
        if not isinstance(entry.value, dict) or not entry.value or not name.strip():
            report(entry.line, f"each of the {option} must be written {form}, got {name!r}: {shown(entry.value)}")
            continue
        chosen = read_settings(entry.entries, report)
        if chosen:
            sets = {setting: chosen.as_dict()[setting] for setting in entry.entries}
            same = [other for other, also in presets if also == sets]
            if same:
                report(entry.line, f"{name!r} sets what {same[0]!r} sets; keep one of the two")
            presets.append((name.strip(), sets))
    return tuple(presets)


@dataclass(frozen=True)
class Rates(Block):
    """Recorded runs from one start at several learning rates, side by side."""

    compared: tuple[Settings, ...]

    @property
    def runs(self) -> tuple[Settings, ...]:
        """One run for each learning rate."""
        return self.compared

    def render(self, place: Place) -> str:
        """Return the figure."""
        return pictures.rates(place.recordings, f"rates-{place.number}")


def read_rates(fence: Fence, report: Report) -> Rates | None:
    """Read a comparison: any setting of `gd_core` but the learning rate, and `learning_rates`, two to four numbers."""
    entries = read_mapping(fence, report)
    if entries is None:
        return None
    rates = entries.pop("learning_rates", None)
    if rate := entries.pop("learning_rate", None):
        report(rate.line, f"a rates block compares learning_rates, so it takes no other; got {shown(rate.value)}")
    chosen = read_settings(entries, report, OPTIONS["rates"])
    if rates is None:
        report(fence.line, "a rates block needs learning_rates, a list of two to four numbers, got none")
        return None
    if not isinstance(rates.value, list) or not 2 <= len(rates.value) <= 4:
        report(rates.line, f"learning_rates must be a list of two to four numbers, got {shown(rates.value)}")
        return None
    checked = [read_settings({"learning_rate": Entry(rates.line, rate)}, report) for rate in rates.value]
    return Rates(tuple(replace(chosen, learning_rate=one.learning_rate) for one in checked if one)) if chosen else None


@dataclass(frozen=True)
class Curve(Block):
    """The loss curve of one recorded run, for the reader to judge: neither its verdict nor its settings are told."""

    settings: Settings
    title: str

    @property
    def runs(self) -> tuple[Settings, ...]:
        """The one run."""
        return (self.settings,)

    def render(self, place: Place) -> str:
        """Return the figure."""
        (recording,) = place.recordings
        return pictures.curve(recording, f"curve-{place.number}", self.title)


def read_curve(fence: Fence, report: Report) -> Curve | None:
    """Read a curve: any setting of `gd_core`, and `title`."""
    entries = read_mapping(fence, report)
    if entries is None:
        return None
    title = read_title(entries, report)
    chosen = read_settings(entries, report, OPTIONS["curve"])
    return Curve(chosen, title) if chosen else None


@dataclass(frozen=True)
class Keras(Block):
    """The same run in Keras; the first training lab of the page keeps it up to date."""

    settings: Settings

    def render(self, place: Place) -> str:  # noqa: ARG002 - every block is asked the same way
        """Return the short form and, folded away, the long one, with the learning rate marked for the labs."""
        summary = say("The whole run as one script")
        explained = say(
            "The same points, the same first weights, the same batches: a file that runs as it stands, with NumPy,"
            " Keras 3 and one of its backends."
        )
        script = unmeasured_listing(self._code(keras_twin.script), "gradient_descent_in_keras.py")
        return (
            f'<gd-keras><div data-gd-form="listing">{listing(self._code(keras_twin.listing), "Keras")}</div>'
            f"<details><summary>{summary}</summary><p>{explained}</p>"
            f'<div data-gd-form="script">{script}</div></details></gd-keras>'
        )

    def _code(self, write: Callable[[Settings, str], str]) -> str:
        mark = "LEARNING_RATE_OF_THE_LAB"
        rate = f'<span class="mf" data-gd-rate>{self.settings.learning_rate!r}</span>'
        return re.sub(rf"<span[^>]*>{mark}</span>", rate, highlighted(write(self.settings, mark)))


def read_keras(fence: Fence, report: Report) -> Keras | None:
    """Read a Keras listing: any setting of `gd_core`."""
    entries = read_mapping(fence, report)
    chosen = None if entries is None else read_settings(entries, report)
    return Keras(chosen) if chosen else None


@dataclass(frozen=True)
class SettingsTable(Block):
    """The settings of a run, or what a kind takes besides them, as a table made from those that check them."""

    kind: str

    def render(self, place: Place) -> str:  # noqa: ARG002 - every block is asked the same way
        """Return the table."""
        if self.kind:
            rows = [(name, option.help, option.allowed, option.default) for name, option in OPTIONS[self.kind].items()]
        else:
            rows = [
                (name, setting.help, setting.allowed, _written(setting.default))
                for name, setting in settings.SETTINGS.items()
            ]
        body = "".join(
            f"<tr><td><code>{html.escape(name)}</code></td><td>{html.escape(meaning)}</td>"
            f"<td>{html.escape(allowed)}</td><td>{html.escape(default)}</td></tr>"
            for name, meaning, allowed, default in rows
        )
        head = "<th>Setting</th><th>What it is</th><th>Allowed</th><th>Otherwise</th>"
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def read_settings_table(fence: Fence, report: Report) -> SettingsTable | None:
    """Read a table of settings: empty for those of a run, or the name of a kind for what it takes besides."""
    words = [(fence.line + 1 + index, line.strip()) for index, line in enumerate(fence.body) if line.strip()]
    line, kind = words[0] if words else (fence.line, "")
    kinds = [name for name, options in OPTIONS.items() if options]
    if len(words) > 1 or (kind and kind not in kinds):
        report(line, unknown("kind", " ".join(word for _, word in words), kinds))
        return None
    return SettingsTable(kind)
