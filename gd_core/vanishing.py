"""How much of the gradient arrives in each layer of a deep network.

On its way back the gradient is multiplied, layer after layer, by the slope of that layer's activation and by its
weights. Where those factors are small on average, what is left after ten layers is next to nothing: the gradient
*vanishes*. This chapter measures that at the first weights and says where the least arrives.

Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .network import Network

Array = NDArray[np.float64]

UNITS = 8
"""Units in every hidden layer of the networks compared."""

MOST_LAYERS = 10
"""Hidden layers of the deepest of them."""

EVEN = 30.0
"""Layers whose gradients differ by less than this factor count as much alike."""

Where = Literal["inputs", "middle", "output", "alike"]


def deep_network(hidden_layers: int, activation: str) -> Network:
    """Return a network of two inputs and so many hidden layers of `UNITS` units."""
    return Network((2, *[UNITS] * hidden_layers, 1), activation)


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

    Args:
        sizes: one number a layer, at least two, from the inputs to the output.
    """
    if sizes.min() > 0.0 and sizes.max() / sizes.min() < EVEN:
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
