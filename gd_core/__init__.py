"""Gradient descent on small neural networks, in NumPy: the mathematics of the lesson.

Read the chapters in this order: `datasets` (what is learned), `activations`, `losses` and `network` (what learns),
`anatomy` (a network taken apart), `schedules` and `optimizers` (how a step is taken), `training` (the loop),
`diagnosis` (what became of it), `settings` and `session` (a run as a page drives it), `keras_twin` (the same in Keras).
The labs of the lessons add theirs: `network_session` (a point's way through a network), `valley` (descent where all of
it can be seen), `sweep` (every learning rate at once), `slow_step` (one update in its four stages), `missions` (what
readers bring about), `graph` and `graph_session` (the chain rule, one factor at a time), `gradient_check` and
`vanishing` (what it gives, layer by layer), `rule` and `notebook` (code that readers write); `labs` lists them all.
`checks` looks at whatever any of them is given, and `language` says all of it in the reader's own language.
"""

from .activations import ACTIVATIONS
from .datasets import DATASETS
from .diagnosis import Verdict, judge
from .losses import LOSSES
from .network import Network
from .optimizers import OPTIMIZERS
from .schedules import SCHEDULES
from .training import Epoch, Run, descend, train

__all__ = [
    "ACTIVATIONS",
    "DATASETS",
    "LOSSES",
    "OPTIMIZERS",
    "SCHEDULES",
    "Epoch",
    "Network",
    "Run",
    "Verdict",
    "descend",
    "judge",
    "train",
]
