"""The block in which readers write an update rule of their own, and train with it.

It is a training lab with a text in it: `gd_core.rule` runs what the reader writes, `docs/assets/labs/rule.js` shows it.
"""

from dataclasses import dataclass

from gd_core.checks import shown
from gd_core.language import say
from gd_core.rule import EXAMPLES, ORIGINAL, example_name
from scripts import pictures

from .code import highlighted, unmeasured_listing
from .fences import Fence, Place, Report, read_mapping, read_settings
from .frame import lab_frame
from .runs import OPTIONS, Lab, read_title


@dataclass(frozen=True)
class Rule(Lab):
    """A training lab whose update rule is written in the page, with the recorded run of plain descent to compare."""

    def render(self, place: Place) -> str:
        """Return the element that the page's script mounts, with the original rule and its recorded run inside."""
        (recording,) = place.recordings
        name = f"rule-{place.number}"
        heading = say("Your own update rule")
        code = f'<div class="gd-rule-listing">{unmeasured_listing(highlighted(ORIGINAL), heading)}</div>'
        examples = [(example_name(example), text) for example, text in EXAMPLES.items()]
        data = {**self.data(recording), "examples": examples}
        return lab_frame(
            place, "rule", name, self.title or heading, code + pictures.recorded_run(recording, name), data
        )


def read_rule(fence: Fence, report: Report) -> Rule | None:
    """Read a rule block: any setting of `gd_core` but the optimizer, which the reader writes, and `title`."""
    entries = read_mapping(fence, report)
    if entries is None:
        return None
    title = read_title(entries, report)
    if optimizer := entries.pop("optimizer", None):
        sentence = "optimizer cannot be set here: readers write it, and the run to compare with is plain descent"
        report(optimizer.line, f"{sentence}; got {shown(optimizer.value)}")
    chosen = read_settings(entries, report, OPTIONS["rule"])
    return Rule(chosen, title, (), compared=True) if chosen else None
