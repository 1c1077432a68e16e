"""Every optimizer, against two updates worked out by hand; the arithmetic stands in the comments."""

import math

import numpy as np
import pytest

from gd_core import OPTIMIZERS
from gd_core.schedules import Schedule, SideBySide, StepDecay

# Two updates of one weight that starts at 1, with gradients 2 and -1, at a learning rate of 0.1.
GRADIENTS = (2.0, -1.0)

# sgd:      1 − 0.1·2 = 0.8;  0.8 + 0.1·1 = 0.9
# momentum: v = −0.2, w = 0.8;  v = 0.9·(−0.2) + 0.1 = −0.08, w = 0.72
# nesterov: v = −0.2, w = 1 + 0.9·(−0.2) − 0.2 = 0.62;  v = −0.08, w = 0.62 + 0.9·(−0.08) + 0.1 = 0.648
# rmsprop:  s = 0.1·4 = 0.4, w = 1 − 0.2/√(0.4 + 1e-7);  s = 0.36 + 0.1·1 = 0.46, w += 0.1/√(0.46 + 1e-7)
# adam, with ε as Keras has it:
#   t = 1: m = 0.2, v = 0.004, η₁ = 0.1·√0.001/0.1, w = 1 − η₁·0.2/(√0.004 + 1e-7)
#   t = 2: m = 0.9·0.2 − 0.1 = 0.08, v = 0.999·0.004 + 0.001 = 0.004996,
#          η₂ = 0.1·√(1 − 0.999²)/(1 − 0.81), w −= η₂·0.08/(√0.004996 + 1e-7)
RMSPROP_1 = 1.0 - 0.2 / math.sqrt(0.4 + 1e-7)
ADAM_1 = 1.0 - 0.1 * math.sqrt(0.001) / 0.1 * 0.2 / (math.sqrt(0.004) + 1e-7)
WORKED = {
    "sgd": (0.8, 0.9),
    "momentum": (0.8, 0.72),
    "nesterov": (0.62, 0.648),
    "rmsprop": (RMSPROP_1, RMSPROP_1 + 0.1 / math.sqrt(0.46 + 1e-7)),
    "adam": (
        ADAM_1,
        ADAM_1 - 0.1 * math.sqrt(1.0 - 0.999**2) / (1.0 - 0.81) * 0.08 / (math.sqrt(0.004996) + 1e-7),
    ),
}

every_optimizer = pytest.mark.parametrize("name", OPTIMIZERS)


def test_every_optimizer_has_a_worked_example() -> None:
    assert WORKED.keys() == OPTIMIZERS.keys()


@every_optimizer
def test_two_updates_are_those_worked_out_by_hand(name: str) -> None:
    optimizer = OPTIMIZERS[name](learning_rate=0.1)
    params = np.array([1.0])
    state = optimizer.init(params)

    path = []
    for step, gradient in enumerate(GRADIENTS):
        optimizer.update(params, np.array([gradient]), state, step)
        path.append(float(params[0]))

    assert path == pytest.approx(WORKED[name], rel=1e-12)


@every_optimizer
def test_weights_move_independently_of_each_other(name: str) -> None:
    optimizer = OPTIMIZERS[name](learning_rate=0.1)
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=5), rng.normal(size=(4, 5))

    together = start.copy()
    state = optimizer.init(together)
    for step, gradient in enumerate(gradients):
        optimizer.update(together, gradient, state, step)

    for index in range(5):
        alone = start[index : index + 1].copy()
        own_state = optimizer.init(alone)
        for step, gradient in enumerate(gradients):
            optimizer.update(alone, gradient[index : index + 1].copy(), own_state, step)
        assert alone[0] == together[index]


@every_optimizer
def test_the_networks_of_a_stack_move_each_by_its_own_learning_rate(name: str) -> None:
    rates: list[float | Schedule] = [0.1, 0.02, StepDecay(0.4, 2, 0.5)]
    optimizer = OPTIMIZERS[name](learning_rate=SideBySide(rates))
    rng = np.random.default_rng(0)
    start, gradients = rng.normal(size=(3, 5)), rng.normal(size=(4, 3, 5))

    together = start.copy()
    state = optimizer.init(together)
    for step, gradient in enumerate(gradients):
        optimizer.update(together, gradient, state, step)

    for index, rate in enumerate(rates):
        alone, own = start[index].copy(), OPTIMIZERS[name](learning_rate=rate)
        own_state = own.init(alone)
        for step, gradient in enumerate(gradients):
            own.update(alone, gradient[index].copy(), own_state, step)
        assert alone.tolist() == together[index].tolist()


@every_optimizer
def test_an_update_leaves_the_gradient_alone(name: str) -> None:
    optimizer = OPTIMIZERS[name](learning_rate=0.1)
    params, gradient = np.ones(3), np.array([1.0, -2.0, 3.0])

    optimizer.update(params, gradient, optimizer.init(params), 0)

    assert gradient.tolist() == [1.0, -2.0, 3.0]


@every_optimizer
def test_the_learning_rate_may_be_a_schedule(name: str) -> None:
    scheduled = OPTIMIZERS[name](learning_rate=StepDecay(0.2, 1, 0.5))
    params, twin = np.array([1.0, -1.0]), np.array([1.0, -1.0])
    state, twin_state = scheduled.init(params), scheduled.init(twin)

    for step, rate in enumerate((0.2, 0.1, 0.05)):
        gradient = np.array([0.5, step - 1.0])
        scheduled.update(params, gradient, state, step)
        OPTIMIZERS[name](learning_rate=rate).update(twin, gradient, twin_state, step)

    assert params == pytest.approx(twin, rel=1e-14)


@every_optimizer
@pytest.mark.parametrize("rate", [0.0, -0.1, math.inf, math.nan])
def test_a_learning_rate_that_is_none_is_refused_with_a_reason(name: str, rate: float) -> None:
    with pytest.raises(ValueError, match=f"^learning_rate must be a finite number above 0, got {rate}$"):
        OPTIMIZERS[name](learning_rate=rate)


@pytest.mark.parametrize(
    ("name", "field"),
    [("momentum", "momentum"), ("nesterov", "momentum"), ("rmsprop", "rho"), ("adam", "beta_1"), ("adam", "beta_2")],
)
@pytest.mark.parametrize("value", [-0.1, 1.0, math.nan])
def test_a_fraction_outside_of_its_range_is_refused_with_a_reason(name: str, field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"^{field} must be at least 0 and below 1, got {value}$"):
        OPTIMIZERS[name](learning_rate=0.1, **{field: value})


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_learning_rate_of_any_kind_of_number_is_taken_as_a_float(name: str) -> None:
    for rate in (10**20, np.float32(0.5), np.int64(2)):
        optimizer = OPTIMIZERS[name](learning_rate=rate)
        params = np.zeros(2)
        optimizer.update(params, np.ones(2), optimizer.init(params), step=0)
        assert type(optimizer.learning_rate) is float
        assert np.all(params < 0.0)
