"""Multi-layer perceptrons: from points to logits, and from the loss back to the gradient.

`Network` says what the network is and answers questions about any parameter vector. `Model` is a network with its
weights and working memory, made for doing the same pass many times. All weights live in one flat vector; only this
chapter knows how to see layers in it. It knows nothing of training.

**How the numbers lie in memory.** A NumPy call costs far more than its arithmetic on networks of this size, most of all
in WebAssembly, so everything is shaped to need few calls. Batches have a point in each column, `(features, n)`, and
carry a last row of ones, so that a layer with its biases is one matrix product: the layer's block of the parameter
vector is `(fan_out, fan_in + 1)`, and its last column is the bias. The outputs of all hidden layers share one array, so
that the activation's slope is computed once for the whole network. And many networks that differ in their weights alone
can be passed through at once: they lie in a stack, with an axis of their own before all others.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NoReturn

import numpy as np
from numpy import dot, matmul, multiply
from numpy.typing import ArrayLike, NDArray

from .activations import ACTIVATIONS
from .checks import instance, is_whole, numbers, one_of, shown
from .language import say
from .losses import LOSSES

Array = NDArray[np.float64]

LARGEST = 1_000_000
"""Parameters of the largest network, far beyond what a lesson has time for."""

product = matmul if sys.platform == "emscripten" else dot
"""`product(left, right, into)` writes the product of two matrices, `(m, k)` and `(k, n)`, into one piece of memory,
`(m, n)`. Where NumPy has BLAS, both functions hand it the same work, and a call of `dot` takes a third to a half of the
time of `matmul`, or two thirds if a matrix lies scattered; in a page NumPy has none, and `dot` takes longer."""


@dataclass(frozen=True)
class Network:
    """A fully connected network for telling two classes apart.

    Attributes:
        layers: numbers of units from the inputs to the one output, as in `(2, 8, 8, 1)`; at least two, the last 1, and
            altogether not more than `LARGEST` parameters.
        activation: what the hidden units do, a key of `ACTIVATIONS`. The output is always the bare logit.
        loss: how its answers are judged, a key of `LOSSES`.

    Raises:
        ValueError: a setting is outside of what is said above.
    """

    layers: Sequence[int] = (2, 8, 8, 1)
    activation: str = "tanh"
    loss: str = "binary_crossentropy"

    def __post_init__(self) -> None:
        layers = tuple(self.layers) if isinstance(self.layers, Sequence) else ()
        if len(layers) < 2 or not all(is_whole(units) and units >= 1 for units in layers) or layers[-1] != 1:
            raise ValueError(
                say(
                    "layers must be at least two whole numbers of at least 1, the last of them 1, got {came}",
                    came=shown(layers or self.layers),
                )
            )
        object.__setattr__(self, "layers", tuple(map(int, layers)))
        if self.size > LARGEST:
            raise ValueError(
                say("layers must make at most {most:,} parameters, got {came}", most=LARGEST, came=shown(layers))
            )
        one_of("activation", self.activation, sorted(ACTIVATIONS))
        one_of("loss", self.loss, sorted(LOSSES))

    @cached_property
    def size(self) -> int:
        """The number of parameters: weights and biases of all layers."""
        return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(self.layers))

    def init(self, rng: np.random.Generator) -> Array:
        """Draw first parameters, shape `(size,)`: Glorot-uniform weights and zero biases, as Keras' `Dense` does.

        Weights of a layer are uniform in $±√(6 / (fan_in + fan_out))$.
        Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
        """
        instance("rng", rng, np.random.Generator)
        params = np.zeros(self.size)
        for weights, _ in self.unpack(params):
            limit = np.sqrt(6.0 / sum(weights.shape))
            weights[:] = rng.uniform(-limit, limit, weights.shape)
        return params

    def unpack(self, params: Array) -> list[tuple[Array, Array]]:
        """View a parameter vector as `[(weights, biases), ...]`, one pair a layer, from the inputs to the output.

        Args:
            params: shape `(size,)`.

        Returns:
            For each layer `weights` of shape `(fan_in, fan_out)` and `biases` of shape `(fan_out,)`, both views:
            writing to them writes to `params`.

        Raises:
            ValueError: `params` has another shape.

        >>> network = Network((2, 3, 1))
        >>> params = network.init(np.random.default_rng(0))
        >>> [(weights.shape, biases.shape) for weights, biases in network.unpack(params)]
        [((2, 3), (3,)), ((3, 1), (1,))]
        """
        self._check(params)
        return [(block[:, :-1].T, block[:, -1]) for block in self._blocks(params)]

    def logits(self, params: Array, inputs: ArrayLike) -> Array:
        """Return the logit of class 1 for every point.

        Args:
            params: shape `(size,)`.
            inputs: shape `(n, layers[0])`.

        Returns:
            Shape `(n,)`; above 0 the network says class 1.

        Raises:
            ValueError: a shape does not fit, or an input is not finite.
        """
        self._check(params)
        model = Model(self, params)
        with np.errstate(all="ignore"):
            return model.forward(model.batch(*self.columns(inputs, None)))

    def loss_and_gradient(self, params: Array, inputs: ArrayLike, targets: ArrayLike) -> tuple[float, Array]:
        """Return the mean loss over the points, and its gradient.

        Args:
            params: shape `(size,)`.
            inputs: shape `(n, layers[0])`.
            targets: shape `(n,)`, 0 or 1.

        Returns:
            The loss, and the derivative of the loss by every parameter, shape `(size,)`.

        Raises:
            ValueError: a shape does not fit, an input is not finite, or a target is neither 0 nor 1.
        """
        self._check(params)
        model = Model(self, params)
        batch = model.batch(*self.columns(inputs, targets))
        with np.errstate(all="ignore"):
            model.forward(batch)
            return model.loss(batch), model.gradient(batch)

    def _check(self, params: Array) -> None:
        if not isinstance(params, np.ndarray) or params.dtype != np.float64:
            sentence = say(
                "params must be a float64 array of shape {shape}, got {came}", shape=(self.size,), came=shown(params)
            )
            raise ValueError(sentence)
        if params.shape != (self.size,):
            sentence = say(
                "params must have shape {shape} for layers {layers}, got {came}",
                shape=(self.size,),
                layers=self.layers,
                came=params.shape,
            )
            raise ValueError(sentence)

    def _blocks(self, vectors: Array) -> list[Array]:
        """View vectors, `(..., size)`, as one `(..., fan_out, fan_in + 1)` block a layer, biases in the last column."""
        blocks, start = [], 0
        for fan_in, fan_out in pairwise(self.layers):
            stop = start + (fan_in + 1) * fan_out
            blocks.append(vectors[..., start:stop].reshape(*vectors.shape[:-1], fan_out, fan_in + 1))
            start = stop
        return blocks

    def columns(self, inputs: ArrayLike, targets: ArrayLike | None) -> tuple[Array, Array]:
        """Check points and targets and return them as `Model.batch` wants them."""
        points = numbers("inputs", inputs, finite=True)
        if points.ndim != 2 or points.shape[1] != self.layers[0] or not len(points):
            wanted = f"(n, {self.layers[0]})"
            raise ValueError(
                say("inputs must have shape {shape} with n at least 1, got {came}", shape=wanted, came=points.shape)
            )
        classes = np.zeros(len(points)) if targets is None else numbers("targets", targets)
        if classes.shape != (len(points),):
            sentence = say(
                "targets must have shape {shape}, one for each input, got {came}",
                shape=(len(points),),
                came=classes.shape,
            )
            raise ValueError(sentence)
        if not np.isin(classes, (0.0, 1.0)).all():
            wrong = float(classes[~np.isin(classes, (0.0, 1.0))][0])
            raise ValueError(say("targets must all be 0 or 1, got {came}", came=shown(wrong)))
        return np.vstack((points.T, np.ones(len(points)))), 1.0 - 2.0 * classes


class Batch:
    """The points of one batch, and room for what the network says of them, or each network of a stack.

    Attributes:
        inputs: shape `(fan_in + 1, n)`, a point in each column, the last row ones.
        signs: shape `(n,)`, +1 for class 0 and -1 for class 1: the sign of a logit that is wrong.
        logits: shape `(n,)`, or `(networks, n)` of a stack, filled by the forward pass.
    """

    __slots__ = ("inputs", "inputs_back", "logits", "row", "signs", "work")

    def __init__(self, inputs: Array, signs: Array, logits: Array, work: "_Work") -> None:
        self.inputs = inputs
        self.inputs_back = inputs.T
        self.signs = signs
        self.logits = logits
        self.row = logits[..., np.newaxis, :]  # the same memory, as the last matrix product writes it
        self.work = work


class _Work:
    """Working memory of a model for batches of one size; shared by all batches of that size."""

    def __init__(self, model: "Model", size: int) -> None:
        self.activate = model.activation.apply_to(size)
        units = model.network.layers[1:-1]
        rows = sum(units) + len(units)
        stack = model.params.shape[:-1]
        # Of a single point, `dot` takes an error for a number to multiply by, and 0 · ∞ for 0.
        self.product = matmul if stack or size == 1 else product
        self.outputs = np.ones((*stack, rows, size))  # of all hidden layers, a row of ones after each
        self.slopes = np.empty((*stack, rows, size))
        self.wrong_way = np.empty((*stack, size))
        self.values = np.empty((*stack, size))
        self.error = np.empty((*stack, 1, size))  # derivative of the loss by the logits
        self.error_row = self.error[..., 0, :]
        self.shares = np.full(size, 1.0 / size)  # of the batch's mean, of each point
        self.scale = np.array(1.0 / size)  # as an array, since NumPy takes half a call's time to make one of a number
        self.hidden: list[tuple[Array, Array, Array]] = []  # block, weighted sums, outputs with ones
        # From the output back, for each hidden layer: its outputs ᵀ, the gradient's block above, the weights above ᵀ,
        # its slopes, its errors.
        self.back: list[tuple[Array, Array, Array, Array, Array]] = []
        start = 0
        for layer, count in enumerate(units):
            stop = start + count
            outputs = self.outputs[..., start : stop + 1, :]
            self.hidden.append((model.blocks[layer], outputs[..., :-1, :], outputs))
            weights_above = model.blocks[layer + 1][..., :-1].mT
            slopes, errors = self.slopes[..., start:stop, :], np.empty((*stack, count, size))
            self.back.insert(0, (outputs.mT, model.gradient_blocks[layer + 1], weights_above, slopes, errors))
            start = stop + 1


class Model:
    """A network with its weights, or a stack of such networks, and the memory to pass batches through again and again.

    The three passes are meant to be called in this order on the same batch: `forward`, `loss` (of a stack: `losses`),
    `gradient`. Callers
    that train without regard to overflow wrap them in `np.errstate(all="ignore")`.

    Args:
        network: what the network is.
        params: its parameters, shape `(size,)`, or `(networks, size)` for a stack; float64. Not copied: who changes
            them changes the model.
    """

    def __init__(self, network: Network, params: Array) -> None:
        self.network = network
        self.params = params
        self.gradient_vector = np.zeros_like(params)
        self.blocks = network._blocks(params)
        self.gradient_blocks = network._blocks(self.gradient_vector)
        self.activation = ACTIVATIONS[network.activation]
        self._loss = LOSSES[network.loss]
        self._work: dict[int, _Work] = {}

    def batch(self, inputs: Array, signs: Array, logits: Array | None = None) -> Batch:
        """Make a batch of points, whose arrays are described at `Batch`; none of them is copied."""
        size = len(signs)
        if size not in self._work:
            self._work[size] = _Work(self, size)
        room = np.empty((*self.params.shape[:-1], size)) if logits is None else logits
        return Batch(inputs, signs, room, self._work[size])

    def __reduce__(self) -> NoReturn:
        """Refuse to be copied or pickled: the copies of arrays that share their memory would share it no more."""
        raise TypeError(say("a model, or a run, cannot be copied; make a new one and keep its params"))

    def forward(self, batch: Batch) -> Array:
        """Push the batch through the network: fill and return `batch.logits`."""
        below, activate, product = batch.inputs, batch.work.activate, batch.work.product
        for block, sums, outputs in batch.work.hidden:
            product(block, below, sums)
            activate(sums, sums)
            below = outputs
        product(self.blocks[-1], below, batch.row)
        return batch.logits

    def loss(self, batch: Batch) -> float:
        """Judge the batch's logits: return the mean loss of its points."""
        return float(self.losses(batch))

    def losses(self, batch: Batch) -> Array:
        """Judge the batch's logits: return the mean loss of its points for each network of a stack, `(networks,)`."""
        work = batch.work
        multiply(batch.signs, batch.logits, work.wrong_way)
        self._loss.value(work.wrong_way, work.values)
        means: Array = work.values.dot(work.shares)  # a quarter of the time of a sum and a division
        return means

    def gradient(self, batch: Batch) -> Array:
        """Return the derivative of the batch's mean loss by every parameter, shape that of `params`.

        The chain rule from the output back to the inputs. The vector is the model's own and is overwritten by the next
        call.
        """
        work = batch.work
        error, row, product = work.error, work.error_row, work.product
        self._loss.slope(work.wrong_way, work.values, row)
        multiply(row, batch.signs, row)
        multiply(row, work.scale, row)
        self.activation.slope(work.outputs, work.slopes)
        for outputs_back, gradient, weights_above, slopes, error_below in work.back:
            product(error, outputs_back, gradient)
            matmul(weights_above, error, error_below)  # the weights lie apart: `dot` would copy them first
            multiply(error_below, slopes, error_below)
            error = error_below
        product(error, batch.inputs_back, self.gradient_blocks[0])
        return self.gradient_vector
