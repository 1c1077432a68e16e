"""How much of the gradient arrives in each layer of a deep network.

On its way back the gradient is multiplied, layer after layer, by the slope of that layer's activation and by its
weights. Where those factors are small on average, what is left after ten layers is next to nothing: the gradient
*vanishes*. This chapter measures that at the first weights and says where the least arrives. `VanishingSession` is what
the browser's worker holds for a lab of the kind `vanishing`.

Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .checks import one_of, whole
from .language import number, say
from .network import Network
from .numerals import show
from .settings import parse
from .training import Run

Array = NDArray[np.float64]

UNITS = 8
"""Units in every hidden layer of the networks compared."""

MOST_LAYERS = 10
"""Hidden layers of the deepest of them."""

EVEN = 30.0
"""Layers whose gradients differ by less than this factor count as much alike …"""
STEADY = 2.0
"""… unless each hidden layer has, on average, less than the one above by more than this factor."""

Where = Literal["inputs", "middle", "output", "alike"]


def deep_network(hidden_layers: int, activation: str, loss: str = "binary_crossentropy") -> Network:
    """Return a network of two inputs and so many hidden layers of `UNITS` units."""
    return Network((2, *[UNITS] * hidden_layers, 1), activation, loss)


def layer_sizes(network: Network, params: Array, inputs: ArrayLike, targets: ArrayLike) -> Array:
    """Return the size of the gradient in each layer: the root mean square over the layer's weights, without biases.

    Args:
        network: the network.
        params: shape `(size,)`.
        inputs: shape `(n, layers[0])`; the gradient is that of the mean loss over them.
        targets: shape `(n,)`, 0 or 1.

    Returns:
        One number a layer, from the inputs to the output, at least 0.
    """
    _, gradient = network.loss_and_gradient(params, inputs, targets)
    return np.array([np.sqrt(np.mean(np.square(weights))) for weights, _ in network.unpack(gradient)])


def smallest(sizes: Array) -> Where:
    """Say where the gradient is smallest: which third of the layers holds the least, or that all are much alike.

    A few layers that differ little count as alike only where the gradient does not steadily shrink on its way back.

    Args:
        sizes: one number a layer, at least two, from the inputs to the output.
    """
    if sizes.min() > 0.0 and sizes.max() / sizes.min() < EVEN and (shrinking(sizes) or 1.0) <= STEADY:
        return "alike"
    place = 3 * int(np.argmin(sizes)) // len(sizes)
    return ("inputs", "middle", "output")[place]


def shrinking(sizes: Array) -> float | None:
    """Return the factor by which the gradient shrinks from one hidden layer to the one below, on average.

    The geometric mean over the square layers, those from hidden units to hidden units; the first layer (two inputs) and
    the last (one output) have another shape. None if there are fewer than two of them, or nothing arrives.
    """
    square = sizes[1:-1]
    if len(square) < 2 or not square.min() > 0.0:
        return None
    return float((square[-1] / square[0]) ** (1.0 / (len(square) - 1)))


# --- the lab ----------------------------------------------------------------------------------------------------

Frame = dict[str, Any]

COMPARED = ("sigmoid", "tanh", "relu")
"""The activations of the lab."""

MOST_EPOCHS = 100


class VanishingSession:
    """Deep networks at their first weights, and what becomes of them in training.

    Args:
        settings: of a training run, as `gd_core.settings.parse` takes them; its network is replaced by those compared,
            and its epochs by those that `train` is asked for.

    Raises:
        ValueError: a setting is wrong.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = parse(settings)
        self.inputs, self.targets = self.settings.draw_data()
        self._seed = self.settings.seed

    def open(self, hidden_layers: int, activation: str) -> Frame:
        """Return the gradients of a first network; as `layers`."""
        return self.layers(hidden_layers, activation, self._seed)

    def layers(self, hidden_layers: int, activation: str, seed: int) -> Frame:
        """Measure the gradient in every layer of a network at its first weights.

        Args:
            hidden_layers: from 1 to `MOST_LAYERS`.
            activation: one of `COMPARED`.
            seed: decides the first weights.

        Raises:
            ValueError: an argument is outside of what is said above.
        """
        network = _checked(hidden_layers, activation, self.settings.loss)
        whole("seed", seed, 0)
        params = network.init(np.random.default_rng(seed))
        sizes = layer_sizes(network, params, self.inputs, self.targets)
        where, factor = smallest(sizes), shrinking(sizes)
        return {
            "hidden_layers": hidden_layers,
            "activation": activation,
            "seed": seed,
            "sizes": sizes,
            "texts": [show(float(size)) for size in sizes],
            "where": where,
            "said": _tell(sizes, where, factor, activation),
        }

    def train(self, hidden_layers: int, epochs: int, seed: int) -> Frame:
        """Train the same depth with sigmoid and with tanh, from the same seed, and say what became of both.

        Args:
            hidden_layers: from 1 to `MOST_LAYERS`.
            epochs: from 1 to `MOST_EPOCHS`.
            seed: decides the first weights and the order of the points.

        Raises:
            ValueError: an argument is outside of what is said above.
        """
        whole("epochs", epochs, 1, MOST_EPOCHS)
        whole("seed", seed, 0)
        settings = replace(self.settings, epochs=epochs, seed=seed)
        runs = {}
        for activation in ("sigmoid", "tanh"):
            network = _checked(hidden_layers, activation, self.settings.loss)
            run = Run(
                self.inputs,
                self.targets,
                network,
                settings.make_optimizer(),
                batch_size=settings.batch_size,
                seed=seed,
            )
            while run.epoch < epochs and not run.diverged:
                run.finish_epoch()
            runs[activation] = {
                "losses": np.array([run.initial_loss, *run.losses]),
                "verdict": asdict(run.verdict()),
                "accuracy": run.accuracies[-1],
            }
        return {"hidden_layers": hidden_layers, "epochs": epochs, "chance": run.chance, "runs": runs}


def _checked(hidden_layers: int, activation: str, loss: str) -> Network:
    whole("hidden_layers", hidden_layers, 1, MOST_LAYERS)
    one_of("activation", activation, COMPARED)
    return deep_network(hidden_layers, activation, loss)


def spoken() -> dict[Where, str]:
    """Say for every answer where the gradient is smallest, as a sentence without its end."""
    return {
        "inputs": say("The smallest gradient is near the inputs"),
        "middle": say("The smallest gradient is in the middle"),
        "output": say("The smallest gradient is near the output"),
        "alike": say("All layers get much the same, within a factor of {factor:g}", factor=EVEN),
    }


def _tell(sizes: Array, where: Where, factor: float | None, activation: str) -> str:
    """Say where the least arrives, how little that is, and how much each layer keeps."""
    lowest, highest = float(sizes.min()), float(sizes.max())
    place = spoken()[where]
    if not lowest > 0.0:
        return say(
            "{place}: nothing at all arrives there, since every path to it passes units that are off.", place=place
        )
    ends = {"place": place, "largest": show(highest), "smallest": show(lowest)}
    if where == "alike":
        said = say("{place}: the largest is {largest} and the smallest {smallest}.", **ends)
    else:
        said = say(
            "{place}: the largest is {largest} and the smallest {smallest}, {times} times less.",
            times=number(f"{float(f'{highest / lowest:.2g}'):,.0f}"),
            **ends,
        )
    if factor is not None and factor > 1.5:
        said += " " + say(
            "On its way back through the hidden layers {activation} divides it by about {factor:.2g} a layer.",
            activation=activation,
            factor=factor,
        )
    elif factor is not None:
        said += " " + say(
            "From one hidden layer to the next, {activation} changes it by a factor of {factor:.2g} on average.",
            activation=activation,
            factor=factor,
        )
    return said
