"""What the docstrings of `gd_core` say of Keras and PyTorch, asked of Keras and PyTorch."""

import math
from collections.abc import Callable
from itertools import product
from typing import Any

import keras
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from gd_core import OPTIMIZERS, SCHEDULES, keras_twin
from gd_core.optimizers import SGD, Adam, Momentum, Nesterov, Optimizer, RMSProp
from gd_core.schedules import CosineDecay, ExponentialDecay, StepDecay
from tests.keras.twin import precision

Array = NDArray[np.float64]

UPDATES = 40
START = np.array([1.0, -0.5, 2.0, 0.3])
GRADIENTS = np.random.default_rng(0).normal(size=(UPDATES, 4)) * (10.0, 1.0, 1e-3, 1e-6)
"""Gradients of sizes from far above every epsilon to close to it."""


def our_path(optimizer: Optimizer, gradients: Array = GRADIENTS) -> Array:
    """The weights after every update, shape `(updates, 4)`."""
    params = START.copy()
    state = optimizer.init(params)
    path = []
    for step, gradient in enumerate(gradients):
        optimizer.update(params, gradient, state, step)
        path.append(params.copy())
    return np.array(path)


def torch_path(
    make: Callable[[list[torch.Tensor]], torch.optim.Optimizer],
    gradients: Array = GRADIENTS,
    make_schedule: Callable[[torch.optim.Optimizer], Any] | None = None,
) -> Array:
    """The same with an optimizer of PyTorch, whose schedule, if any, takes a step after every update."""
    weights = torch.tensor(START, requires_grad=True)
    optimizer = make([weights])
    schedule = make_schedule(optimizer) if make_schedule else None
    path = []
    for gradient in gradients:
        weights.grad = torch.tensor(gradient)
        optimizer.step()
        if schedule:
            schedule.step()
        path.append(weights.detach().numpy().copy())
    return np.array(path)


def spelt(text: str, learning_rate: float, steps: int) -> str:
    """Fill the gaps of a row of `keras_twin.SCHEDULES`, worked out here once more."""
    return text.format(
        rate=repr(learning_rate),
        steps=steps,
        quarter=-(-steps // 4),
        warmup=max(1, steps // 10),
        rest=max(1, steps - max(1, steps // 10)),
    )


def in_keras(expression: str) -> Any:
    """Evaluate an expression of `keras_twin`'s tables."""
    return eval(expression, {"keras": keras})  # noqa: S307 - our own tables


@pytest.mark.parametrize(("name", "schedule"), list(product(OPTIMIZERS, SCHEDULES)))
def test_every_update_is_that_of_keras(name: str, schedule: str) -> None:
    ours = OPTIMIZERS[name](learning_rate=SCHEDULES[schedule].for_run(0.1, UPDATES))

    with precision("float64"):
        rate = spelt(keras_twin.SCHEDULES[schedule], 0.1, UPDATES)
        optimizer = in_keras(f"keras.optimizers.{keras_twin.OPTIMIZERS[name].format(rate=rate)}")
        weights = keras.Variable(START)
        path = []
        for gradient in GRADIENTS:
            optimizer.apply([keras.ops.convert_to_tensor(gradient)], [weights])
            path.append(keras.ops.convert_to_numpy(weights).copy())

    np.testing.assert_allclose(our_path(ours), path, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("steps", [1, 7, 400])
@pytest.mark.parametrize("name", [name for name in SCHEDULES if name != "constant"])
def test_every_learning_rate_of_a_schedule_is_that_of_keras(name: str, steps: int) -> None:
    ours = SCHEDULES[name].for_run(0.3, steps)

    with precision("float64"):
        theirs = in_keras(spelt(keras_twin.SCHEDULES[name], 0.3, steps))
        rates = [float(theirs(step)) for step in range(steps + 5)]

    assert [ours(step) for step in range(steps + 5)] == pytest.approx(rates, rel=1e-12, abs=1e-15)


def test_keras_takes_no_whole_number_for_a_learning_rate() -> None:
    """Which is why listings write 10.0."""
    with pytest.raises(ValueError, match="learning_rate=10"):
        keras.optimizers.SGD(learning_rate=10)


def test_first_weights_come_from_the_distribution_that_keras_draws_them_from() -> None:
    layer = keras.layers.Dense(60)
    layer.build((None, 40))
    kernel, bias = layer.get_weights()

    limit = math.sqrt(6.0 / (40 + 60))
    assert isinstance(layer.kernel_initializer, keras.initializers.GlorotUniform)
    assert 0.98 * limit < np.abs(kernel).max() <= limit * (1.0 + 1e-6)
    assert not bias.any()


def test_relu_is_flat_at_its_kink() -> None:
    at = torch.zeros(1, requires_grad=True)

    (slope,) = torch.autograd.grad(keras.ops.relu(at).sum(), at)

    assert slope.item() == 0.0


def test_gradient_descent_is_that_of_pytorch() -> None:
    assert our_path(SGD(0.1)) == pytest.approx(torch_path(lambda w: torch.optim.SGD(w, lr=0.1)), rel=1e-12)


@pytest.mark.parametrize(("ours", "nesterov"), [(Momentum, False), (Nesterov, True)])
def test_momentum_is_that_of_pytorch_until_the_rate_changes(ours: type[Optimizer], nesterov: bool) -> None:
    def make(weights: list[torch.Tensor]) -> torch.optim.Optimizer:
        return torch.optim.SGD(weights, lr=0.1, momentum=0.9, nesterov=nesterov)

    def halve_after_10(optimizer: torch.optim.Optimizer) -> torch.optim.lr_scheduler.StepLR:
        return torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.5)

    maker: Callable[..., Optimizer] = ours
    constant, changing = maker(0.1), maker(StepDecay(0.1, 10, 0.5))
    assert our_path(constant) == pytest.approx(torch_path(make), rel=1e-10)
    difference = np.abs(our_path(changing) - torch_path(make, make_schedule=halve_after_10)).max(axis=1)
    assert difference[:10].max() < 1e-12
    assert difference[10:].min() > 1e-2


def test_rmsprop_of_pytorch_forgets_more_slowly_and_adds_epsilon_outside_the_root() -> None:
    def make(weights: list[torch.Tensor]) -> torch.optim.Optimizer:
        return torch.optim.RMSprop(weights, lr=0.1)

    params, square = START.copy(), np.zeros(4)
    path = []
    for gradient in GRADIENTS:
        square = 0.99 * square + 0.01 * gradient**2
        params = params - 0.1 * gradient / (np.sqrt(square) + 1e-8)
        path.append(params)

    assert torch_path(make) == pytest.approx(np.array(path), rel=1e-12)
    assert np.abs(our_path(RMSProp(0.1)) - path).max() > 0.1


def test_adam_of_pytorch_differs_only_where_the_gradient_is_near_epsilon() -> None:
    theirs = torch_path(lambda w: torch.optim.Adam(w, lr=0.1))

    difference = np.abs(our_path(Adam(0.1)) - theirs).max(axis=0)

    # Gradients around 10, 1, 1e-3, 1e-6.
    assert difference[:2].max() < 1e-4
    assert difference[2] < 1e-2
    assert difference[3] > 0.1


def test_schedules_of_pytorch_are_those_that_the_docstrings_name() -> None:
    lr_scheduler = torch.optim.lr_scheduler

    def rates(make: Callable[[torch.optim.Optimizer], Any]) -> list[float]:
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.8)
        schedule, found = make(optimizer), []
        for _ in range(30):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        return found

    step = StepDecay(0.8, 10, 0.5)
    exponential = ExponentialDecay(0.8, 10, 0.25)
    cosine = CosineDecay(0.8, 20, alpha=0.1)
    annealed = rates(lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=20, eta_min=0.08))
    assert [step(t) for t in range(30)] == pytest.approx(rates(lambda o: lr_scheduler.StepLR(o, 10, 0.5)))
    assert [exponential(t) for t in range(30)] == pytest.approx(
        rates(lambda o: lr_scheduler.ExponentialLR(o, gamma=0.25**0.1))
    )
    assert [cosine(t) for t in range(21)] == pytest.approx(annealed[:21])
    assert annealed[29] > 2.0 * annealed[20]
    assert cosine(29) == cosine(20)
