"""The sweep: one network trained at 48 learning rates, as a block of its own or beside the page's training lab."""

import html
from dataclasses import dataclass

from gd_core.checks import shown
from gd_core.settings import Settings
from scripts import pictures

from .fences import Block, Fence, Place, Report, read_mapping, read_settings
from .frame import lab_frame
from .runs import OPTIONS, read_title


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
        caption = (
            f"Recorded when this page was built: {describe(self.settings)}, trained once for each of "
            f"{len(recording['rates'])} learning rates. {recording['regions']['sentence']} In the sweet spot every "
            "run comes at least nine tenths as far down as the best. A cross is a run that oscillates or diverges, a "
            "triangle one that ends above the picture."
        )
        content = (
            f'<figure class="gd-sweep"><div class="gd-sweep-frame">{pictures.sweep(recording, name)}</div>'
            f"<figcaption>{html.escape(caption)}</figcaption></figure>"
            '<details class="gd-twin"><summary>The sweep as a table</summary>'
            '<div class="gd-table-frame" tabindex="0" role="group" aria-label="The sweep as a table">'
            '<table class="gd-table"><thead><tr><th scope="col">Learning rate</th><th scope="col">Final loss</th>'
            f'<th scope="col">Verdict</th></tr></thead><tbody>{pictures.sweep_table(recording)}</tbody></table>'
            "</div></details>"
        )
        shown = ("rates", "losses", "verdicts", "regions", "epoch", "initial_loss", "chance")
        data = {
            "settings": self.settings.as_dict(),
            "recorded": {part: value for part, value in recording.items() if part in shown},
            "scale": pictures.SWEEP,
        }
        return lab_frame(place, "sweep", name, self.title, content, data)


def describe(settings: Settings) -> str:
    """Say in words what is trained in a sweep."""
    layers = "-".join(str(units) for units in (2, *settings.hidden_layers, 1))
    return (
        f"a network {layers} ({settings.activation}) on {settings.points} points of {settings.dataset}, "
        f"{settings.optimizer}, batches of {settings.batch_size}, {settings.epochs} "
        f"{'epoch' if settings.epochs == 1 else 'epochs'}"
    )


def read_sweep(fence: Fence, report: Report) -> Sweep | None:
    """Read a sweep: any setting of `gd_core` but the learning rate, and `title`."""
    entries = read_mapping(fence, report)
    if entries is None:
        return None
    title = read_title(entries, report, "Sweep the dial")
    rate = entries.pop("learning_rate", None)
    if rate:
        report(rate.line, f"a sweep tries every learning rate, so it takes none; got {shown(rate.value)}")
    chosen = read_settings(entries, report, OPTIONS["sweep"])
    return Sweep(chosen, title) if chosen else None
