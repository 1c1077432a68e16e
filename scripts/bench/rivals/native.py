"""The rivals outside of a browser, in the environment of the Keras tests: `python -m scripts.bench.rivals.native 5`.

Prints what came of the contest as JSON. A rival that cannot be imported is told of, and the others go on.
"""

import json
import sys
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from scripts.bench.rivals import ours
from scripts.bench.rivals.task import Request, Task, Trainer, answer, hold


def points(task: Task) -> tuple[Any, Any]:
    """Return inputs `(n, 2)` and targets `(n,)` as float32, which all three work in."""
    return np.reshape(task["inputs"], (-1, 2)).astype(np.float32), np.array(task["targets"], np.float32)


def weights(task: Task) -> list[tuple[Any, Any]]:
    """Return the first weights `(fan_in, fan_out)` and biases of each layer."""
    shapes = [(layer["fan_in"], layer["fan_out"]) for layer in task["layers"]]
    return [
        (np.reshape(layer["weights"], shape).astype(np.float32), np.array(layer["biases"], np.float32))
        for layer, shape in zip(task["layers"], shapes, strict=True)
    ]


class Keras:
    """Keras' `fit`, one call for all epochs."""

    def __init__(self, task: Task) -> None:
        import keras

        self.inputs, self.targets = points(task)
        self.batch_size = task["batch_size"]
        hidden = [keras.layers.Dense(layer["fan_out"], activation="tanh") for layer in task["layers"][:-1]]
        self.model = keras.Sequential([keras.Input((2,)), *hidden, keras.layers.Dense(1)])
        self.model.set_weights([array for pair in weights(task) for array in pair])
        self.model.compile(
            optimizer=keras.optimizers.SGD(task["learning_rate"]),
            loss=keras.losses.BinaryCrossentropy(from_logits=True),
        )

    def train(self, epochs: int) -> None:
        """Train for so many epochs."""
        self.model.fit(self.inputs, self.targets, epochs=epochs, batch_size=self.batch_size, verbose=0)

    def loss(self) -> float:
        """Return the mean loss over all points."""
        return float(self.model.evaluate(self.inputs, self.targets, batch_size=len(self.targets), verbose=0))


class PyTorch:
    """The usual loop over batches, eager."""

    def __init__(self, task: Task) -> None:
        import torch

        torch.set_num_threads(1)
        self.inputs, self.targets = map(torch.from_numpy, points(task))
        layers: list[Any] = []
        for kernel, bias in weights(task):
            linear = torch.nn.Linear(*kernel.shape)
            linear.weight.data, linear.bias.data = torch.from_numpy(kernel.T.copy()), torch.from_numpy(bias)
            layers += [linear, torch.nn.Tanh()]
        self.model = torch.nn.Sequential(*layers[:-1], torch.nn.Flatten(0))
        self.optimizer = torch.optim.SGD(self.model.parameters(), task["learning_rate"])
        self.judge = torch.nn.BCEWithLogitsLoss()
        self.batch_size = task["batch_size"]

    def train(self, epochs: int) -> None:
        """Train for so many epochs."""
        import torch

        for _ in range(epochs):
            order = torch.randperm(len(self.targets))
            shuffled = (all_of[order].split(self.batch_size) for all_of in (self.inputs, self.targets))
            losses = []
            for inputs, targets in zip(*shuffled, strict=True):
                self.optimizer.zero_grad()
                loss = self.judge(self.model(inputs), targets)
                loss.backward()
                self.optimizer.step()
                losses.append(loss.item())

    def loss(self) -> float:
        """Return the mean loss over all points."""
        return float(self.judge(self.model(self.inputs), self.targets).detach())


class ScikitLearn:
    """`MLPClassifier.fit`, one call for all epochs; it draws its own first weights."""

    def __init__(self, task: Task) -> None:
        from sklearn.neural_network import MLPClassifier

        self.inputs, self.targets = points(task)
        self.make = partial(
            MLPClassifier,
            hidden_layer_sizes=[layer["fan_out"] for layer in task["layers"][:-1]],
            activation="tanh",
            solver="sgd",
            alpha=0.0,
            batch_size=task["batch_size"],
            learning_rate_init=task["learning_rate"],
            momentum=0.0,
            tol=0.0,
            random_state=1,
        )
        self.model: Any = None

    def train(self, epochs: int) -> None:
        """Train for so many epochs."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged
            self.model = self.make(max_iter=epochs, n_iter_no_change=epochs + 1).fit(self.inputs, self.targets)

    def loss(self) -> float:
        """Return the mean loss over all points."""
        if self.model is None:
            return float(np.log(2.0))  # it has no weights before it is trained
        chances = self.model.predict_proba(self.inputs)[np.arange(len(self.targets)), self.targets.astype(int)]
        return float(-np.log(np.maximum(chances, 1e-30)).mean())


RIVALS: dict[str, Callable[[Task], Trainer]] = {
    "Keras fit": Keras,
    "PyTorch eager": PyTorch,
    "scikit-learn fit": ScikitLearn,
}
"""The rivals by name."""


def main(repeats: int) -> int:
    """Hold the contest and print it; returns the exit status."""
    everybody: dict[str, Callable[[Request], Any]] = {"ours": ours.main}
    everybody |= {name: partial(answer, make) for name, make in RIVALS.items()}
    print(json.dumps(hold(everybody, repeats)))
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
