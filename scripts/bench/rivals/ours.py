"""`gd_core` at the tasks of the rivals: the run of a lab, shuffled every epoch, with the loss of every batch."""

import numpy as np

from gd_core.network import Network
from gd_core.optimizers import OPTIMIZERS
from gd_core.training import Run
from scripts.bench.rivals.task import Request, Task, answer


class Ours:
    """A run of `gd_core`."""

    def __init__(self, task: Task) -> None:
        network = Network((2, *(layer["fan_out"] for layer in task["layers"])))
        self.inputs, self.targets = np.reshape(task["inputs"], (-1, 2)), np.array(task["targets"])
        optimizer = OPTIMIZERS["sgd"](learning_rate=task["learning_rate"])
        self.run = Run(self.inputs, self.targets, network, optimizer, batch_size=task["batch_size"], seed=1)
        for (weights, biases), layer in zip(network.unpack(self.run.params), task["layers"], strict=True):
            weights[:] = np.reshape(layer["weights"], weights.shape)
            biases[:] = layer["biases"]

    def train(self, epochs: int) -> None:
        """Train for so many epochs."""
        for _ in range(epochs):
            self.run.finish_epoch()

    def loss(self) -> float:
        """Return the mean loss over all points."""
        return self.run.model.network.loss_and_gradient(self.run.params, self.inputs, self.targets)[0]


def main(request: Request) -> float | list[float]:
    """Answer a request of the contest."""
    return answer(Ours, request)
