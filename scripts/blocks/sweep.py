"""The sweep: one network trained at 48 learning rates, as a block of its own or beside the page's training lab."""

import html
from dataclasses import dataclass

from gd_core.checks import shown
from gd_core.datasets import DATASETS
from gd_core.language import say
from gd_core.settings import Settings
from scripts import pictures

from .fences import Block, Fence, Place, Report, read_mapping, read_settings
from .frame import lab_frame
from .runs import OPTIONS, dataset_name, read_title


@dataclass(frozen=True)
class Sweep(Block):
    """A sweep over all rates of the dial, with the recorded one of its settings."""

    settings: Settings
    title: str

    @property
    def sweeps(self) -> tuple[Settings, ...]:
        """The one sweep that stands in the page before Python has started."""
        return (self.settings,)

    def render(self, place: Place) -> str:
        """Return the element that the page's script mounts, with the recorded sweep inside."""
        (recording,) = place.sweeps
        name = f"sweep-{place.number}"
        caption = say(
            "Recorded when this page was built: {run}, trained once for each of {rates} learning rates. {regions} In"
            " the sweet spot every run comes at least nine tenths as far down as the best. A cross is a run that"
            " oscillates or diverges, a triangle one that ends above the picture.",
            run=describe(self.settings),
            rates=len(recording["rates"]),
            regions=recording["regions"]["sentence"],
        )
        as_table = html.escape(say("The sweep as a table"))
        heads = "".join(
            f'<th scope="col">{head}</th>' for head in (say("Learning rate"), say("Final loss"), say("Verdict"))
        )
        content = (
            f'<figure class="gd-sweep"><div class="gd-sweep-frame">{pictures.sweep(recording, name)}</div>'
            f"<figcaption>{html.escape(caption)}</figcaption></figure>"
            f'<details class="gd-twin"><summary>{as_table}</summary>'
            f'<div class="gd-table-frame" tabindex="0" role="group" aria-label="{as_table}">'
            f'<table class="gd-table"><thead><tr>{heads}</tr></thead>'
            f"<tbody>{pictures.sweep_table(recording)}</tbody></table>"
            "</div></details>"
        )
        shown = ("rates", "losses", "verdicts", "regions", "epoch", "initial_loss", "chance")
        data = {
            "settings": self.settings.as_dict(),
            "recorded": {part: value for part, value in recording.items() if part in shown},
            "scale": pictures.SWEEP,
            "datasets": {dataset: dataset_name(dataset) for dataset in DATASETS},
        }
        return lab_frame(place, "sweep", name, self.title or say("Sweep the dial"), content, data)


def describe(settings: Settings) -> str:
    """Say in words what is trained in a sweep."""
    layers = "-".join(str(units) for units in (2, *settings.hidden_layers, 1))
    given = {
        "layers": layers,
        "activation": settings.activation,
        "points": settings.points,
        "dataset": dataset_name(settings.dataset),
        "optimizer": settings.optimizer,
        "batch_size": settings.batch_size,
    }
    if settings.epochs == 1:
        return say(
            "a network {layers} ({activation}) on {points} points ({dataset}), {optimizer}, batches of {batch_size},"
            " 1 epoch",
            **given,
        )
    return say(
        "a network {layers} ({activation}) on {points} points ({dataset}), {optimizer}, batches of {batch_size},"
        " {epochs} epochs",
        epochs=settings.epochs,
        **given,
    )


def read_sweep(fence: Fence, report: Report) -> Sweep | None:
    """Read a sweep: any setting of `gd_core` but the learning rate, and `title`."""
    entries = read_mapping(fence, report)
    if entries is None:
        return None
    title = read_title(entries, report)
    rate = entries.pop("learning_rate", None)
    if rate:
        report(rate.line, f"a sweep tries every learning rate, so it takes none; got {shown(rate.value)}")
    chosen = read_settings(entries, report, OPTIONS["sweep"])
    return Sweep(chosen, title) if chosen else None
