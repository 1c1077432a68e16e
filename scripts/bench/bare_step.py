"""The bare step: one weight update written by hand, as fast as NumPy goes, for one network and nothing else.

It trains the lesson's network, 2-8-8-1 with tanh, by plain gradient descent on the cross-entropy, and knows the loss of
every batch: what `gd_core` is measured against. There is no choice in it, no check and no object. What makes it fast is
the shape of the data: points lie side by side with a row of ones, so that a layer with its biases is one product; all
parameters lie in one vector and all hidden outputs in one array; every array is made before the first step; and for
many points tanh is made of an exponential, which costs half.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gd_core.activations import MANY
from gd_core.network import product

Array = NDArray[np.float64]
Step = Callable[[], float]
Epoch = Callable[[], list[float]]


def begin(
    inputs: Array,
    targets: Array,
    params: Array,
    *,
    batch_size: int,
    learning_rate: float,
    rng: np.random.Generator,
) -> Epoch:
    """Return the function that trains for one epoch and returns the loss of every batch, measured before its update.

    Callers silence NumPy with `np.errstate(all="ignore")`, once for many epochs.

    Args:
        inputs: shape `(n, 2)`.
        targets: shape `(n,)`, 0 or 1.
        params: shape `(105,)`, in the order of `gd_core`'s own; changed in place.
        batch_size: points per update; the last batch of an epoch may be smaller.
        learning_rate: above 0.
        rng: shuffles the points before every epoch.
    """
    count = len(targets)
    points, signs = np.column_stack((inputs, np.ones(count))), 1.0 - 2.0 * targets
    shuffled_points, shuffled_signs = np.empty_like(points), np.empty_like(signs)
    batches = [slice(start, start + batch_size) for start in range(0, count, batch_size)]
    steps = [make_step(shuffled_points[batch].T, shuffled_signs[batch], params, learning_rate) for batch in batches]

    def epoch() -> list[float]:
        order = rng.permutation(count)
        points.take(order, 0, shuffled_points, "clip")
        signs.take(order, 0, shuffled_signs, "clip")
        return [step() for step in steps]

    return epoch


def make_step(points: Array, signs: Array, params: Array, learning_rate: float) -> Step:
    """Return the function that does the update for the batch that lies in `points` and `signs` when it is called.

    Args:
        points: rows x, y, ones.
        signs: +1 for points of class 0, -1 for those of class 1: the sign of a logit that is wrong.
        params: as for `begin`.
        learning_rate: as for `begin`.
    """
    size = len(signs)
    first, second, third = layers(params)
    gradient, change = np.empty_like(params), np.empty_like(params)
    first_gradient, second_gradient, third_gradient = layers(gradient)
    hidden, slopes = np.ones((18, size)), np.empty((18, size))
    first_outputs, second_outputs = hidden[:8], hidden[9:17]
    first_slopes, second_slopes = slopes[:8], slopes[9:17]
    first_and_ones, second_and_ones = hidden[:9], hidden[9:]
    third_error, second_error, first_error = np.empty((1, size)), np.empty((8, size)), np.empty((8, size))
    logits, wrong_way, values = np.empty((1, size)), np.empty(size), np.empty(size)
    second_back, third_back = second[:, :8].T, third[:, :8].T
    points_back, first_back, outputs_back = points.T, first_and_ones.T, second_and_ones.T
    logits_row, error_row = logits[0], third_error[0]
    zero, one, minus_two = np.array(0.0), np.array(1.0), np.array(-2.0)
    share_of_rate = np.array(learning_rate / size)
    shares = np.full(size, 1.0 / size)
    matmul, multiply, subtract, exp, logaddexp = np.matmul, np.multiply, np.subtract, np.exp, np.logaddexp
    add, divide = np.add, np.divide

    def tanh_of_many(sums: Array, outputs: Array) -> None:
        add(sums, sums, outputs)
        exp(outputs, outputs)
        add(outputs, one, outputs)
        divide(minus_two, outputs, outputs)
        add(outputs, one, outputs)

    tanh = np.tanh if size < MANY else tanh_of_many

    def step() -> float:
        product(first, points, first_outputs)
        tanh(first_outputs, first_outputs)
        product(second, first_and_ones, second_outputs)
        tanh(second_outputs, second_outputs)
        product(third, second_and_ones, logits)

        multiply(signs, logits_row, wrong_way)
        logaddexp(zero, wrong_way, values)
        loss = values.dot(shares)  # their mean

        subtract(wrong_way, values, values)  # σ(u) = exp(u - log(1 + eᵘ))
        exp(values, values)
        multiply(values, signs, error_row)
        multiply(hidden, hidden, slopes)
        subtract(one, slopes, slopes)
        product(third_error, outputs_back, third_gradient)
        matmul(third_back, third_error, second_error)
        multiply(second_error, second_slopes, second_error)
        product(second_error, first_back, second_gradient)
        matmul(second_back, second_error, first_error)
        multiply(first_error, first_slopes, first_error)
        product(first_error, points_back, first_gradient)

        multiply(gradient, share_of_rate, change)
        subtract(params, change, params)
        return float(loss)

    return step


def layers(params: Array) -> tuple[Array, Array, Array]:
    """View a vector as the blocks of the three layers, `(fan_out, fan_in + 1)` each, biases in the last column."""
    return params[:24].reshape(8, 3), params[24:96].reshape(8, 9), params[96:].reshape(1, 9)
