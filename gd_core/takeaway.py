"""What a reader takes away from a run: its curve as CSV, and the code that trains it again in a notebook."""

from .settings import Settings
from .training import Run

NOTEBOOK = """\
%pip install {wheel}

import numpy as np

from gd_core import DATASETS, LOSSES, OPTIMIZERS{schedules}, Network, judge, train

# The points, the network and the update rule of the lab.
inputs, targets = DATASETS[{dataset!r}]({points}, noise={noise!r}, rng=np.random.default_rng({data_seed}))
network = Network({layers!r}, {activation!r}, {loss!r})
optimizer = OPTIMIZERS[{optimizer!r}](learning_rate={rate})

losses = []
for epoch in train(
    inputs, targets, network, optimizer, epochs={epochs}, batch_size={batch_size}, seed={seed}
):
    losses.append(epoch.loss)
    print(epoch.epoch, epoch.loss, epoch.accuracy)
print(judge(losses, LOSSES[{loss!r}].chance))
"""


def to_csv(run: Run) -> str:
    """Return a run as CSV: the header `epoch,loss,accuracy` and a line for every epoch, in full precision."""
    lines = ["epoch,loss,accuracy"]
    for epoch, (loss, accuracy) in enumerate(zip(run.losses, run.accuracies, strict=True), start=1):
        lines.append(f"{epoch},{loss!r},{accuracy!r}")
    return "\n".join(lines) + "\n"


def to_notebook(settings: Settings, wheel: str) -> str:
    """Return code that trains the same run in a notebook and prints its curve.

    Args:
        settings: the run; a dial that was turned on the way is not told.
        wheel: where pip finds this package: the address of its wheel, or its name.
    """
    rate = repr(settings.learning_rate)
    constant = settings.schedule == "constant"
    if not constant:
        rate = f"SCHEDULES[{settings.schedule!r}].for_run({rate}, steps={settings.steps})"
    return NOTEBOOK.format(
        **settings.as_dict(),
        layers=settings.network().layers,
        rate=rate,
        schedules="" if constant else ", SCHEDULES",
        wheel=wheel,
    )
