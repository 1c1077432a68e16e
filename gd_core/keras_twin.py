"""The same run in Keras 3: what a reader would type to get it there.

`listing` is the short form that a page shows, `script` the long one that runs as it stands. Both are made from a lab's
settings, so that they cannot drift from the run beside them, and both are plain text work: neither Keras nor the source
of this package is needed to make them, so a page can. Losses are taken from logits on both sides, which differs from
Keras' clipped probabilities exactly where runs blow up.
"""

import math

from .settings import Settings

OPTIMIZERS = {
    "sgd": "SGD(learning_rate={rate})",
    "momentum": "SGD(learning_rate={rate}, momentum=0.9)",
    "nesterov": "SGD(learning_rate={rate}, momentum=0.9, nesterov=True)",
    "rmsprop": "RMSprop(learning_rate={rate})",
    "adam": "Adam(learning_rate={rate})",
}
"""Each member of `gd_core.OPTIMIZERS`, as Keras spells it."""

SCHEDULES = {
    "constant": "{rate}",
    "step": "keras.optimizers.schedules.ExponentialDecay({rate}, {quarter}, 0.5, staircase=True)",
    "exponential": "keras.optimizers.schedules.ExponentialDecay({rate}, {steps}, 0.01)",
    "cosine": "keras.optimizers.schedules.CosineDecay({rate}, {steps})",
    "warmup": "keras.optimizers.schedules.CosineDecay(0.0, {rest}, warmup_target={rate}, warmup_steps={warmup})",
}
"""Each member of `gd_core.SCHEDULES` over a whole run, as Keras spells it."""

LOSSES = {
    "binary_crossentropy": ("Dense(1)", "BinaryCrossentropy(from_logits=True)", "0.0"),
    "mean_squared_error": ('Dense(1, activation="sigmoid")', "MeanSquaredError()", "0.5"),
}
"""Each member of `gd_core.LOSSES` as Keras spells it: the output layer that it takes, the loss, and what the output is
above where the network says class 1."""

DATASETS = {
    "moons": """\
angle = rng.uniform(0.0, np.pi, count)
upper = np.column_stack((np.cos(angle[:zeros]), np.sin(angle[:zeros])))
lower = np.column_stack((1.0 - np.cos(angle[zeros:]), 0.5 - np.sin(angle[zeros:])))
points = 3.0 * (np.concatenate((upper, lower)) - (0.5, 0.25) + rng.normal(0.0, noise, (count, 2)))
""",
    "circle": """\
radius = np.concatenate((rng.uniform(3.5, 5.0, zeros), rng.uniform(0.0, 2.5, ones)))
angle = rng.uniform(0.0, 2.0 * np.pi, count)
points = np.column_stack((radius * np.sin(angle), radius * np.cos(angle)))
points += rng.uniform(-5.0, 5.0, (count, 2)) * noise
""",
    "gauss": """\
centre = np.concatenate((np.full(zeros, -2.0), np.full(ones, 2.0)))
points = centre[:, np.newaxis] + rng.normal(0.0, np.sqrt(0.5 + 7.0 * noise), (count, 2))
""",
    "xor": """\
points = rng.uniform(0.3, 5.3, (count, 2)) * rng.choice((-1.0, 1.0), (count, 1))
points[:zeros, 1] *= -1.0
points += rng.uniform(-5.0, 5.0, (count, 2)) * noise
""",
    "spiral": """\
along = np.concatenate((np.arange(zeros) / zeros, np.arange(ones) / ones))
angle = 1.75 * 2.0 * np.pi * along
angle[:zeros] += np.pi
points = 5.0 * along[:, np.newaxis] * np.column_stack((np.sin(angle), np.cos(angle)))
points += rng.uniform(-1.0, 1.0, (count, 2)) * noise
""",
}
"""Each member of `gd_core.DATASETS` in bare NumPy, down to `points` in order of their class. A script cannot take the
package's own text, which a page does not have; a test holds the two together, bit for bit."""

SCRIPT = '''\
"""A training lab's run in Keras 3: {dataset}, a {layers} network, {optimizer}.

Needs NumPy, Keras and one of its backends, as in: pip install numpy keras torch
Prints the loss and the accuracy of every epoch.

The points, the first weights and the batches are the lab's, number for number. But Keras computes in float32 and the
lab in float64. While a run learns, their losses as a rule agree to four digits or more. Where it thrashes about, at a
learning rate that is too big, every update magnifies the last digit, and the two curves soon part: alike, but not the
same. A run that blows up does so in both, in the same epoch; the lab stops it there, this script goes on.
"""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")  # or "tensorflow", or "jax"

import keras
import numpy as np

# The points, in the order in which the lab has them.
count, noise = {points}, {noise!r}
ones = count // 2  # points of class 1
zeros = count - ones  # points of class 0
rng = np.random.default_rng({data_seed})
{draw}order = rng.permutation(count)
inputs, targets = points[order], np.repeat((0.0, 1.0), (zeros, ones))[order]

# The network, the loss and the update rule.
{model}
# The first weights: those that Keras would draw by itself, but from the lab's seed.
rng = np.random.default_rng({seed})
for layer in model.layers:
    fan_in, fan_out = layer.kernel.shape
    limit = np.sqrt(6.0 / (fan_in + fan_out))
    layer.set_weights([rng.uniform(-limit, limit, (fan_in, fan_out)), np.zeros(fan_out)])

# What `model.fit(inputs, targets, epochs={epochs}, batch_size={batch_size})` does, shuffled as the lab shuffles.
print("epoch,loss,accuracy")
for epoch in range(1, {epochs} + 1):
    order = rng.permutation(count)
    history = model.fit(inputs[order], targets[order], batch_size={batch_size}, shuffle=False, verbose=0).history
    print(epoch, history["loss"][0], history["binary_accuracy"][0], sep=",")
'''
"""The long form, with gaps for what the settings say."""


def listing(settings: Settings, learning_rate_text: str | None = None) -> str:
    """Return the short form of a run, as Python source that ends in a line break.

    `inputs`, shape `(points, 2)`, and `targets`, shape `(points,)`, are left for the reader to supply.

    Args:
        settings: the run.
        learning_rate_text: how to write the learning rate, where it should not be the number itself. Keras takes
            floats only: `SGD(learning_rate=10.0)`, for it refuses 10.
    """
    batch_size = "" if settings.batch_size == 32 else f", batch_size={settings.batch_size}"
    return (
        "import keras\n"
        "\n"
        f"{_model(settings, learning_rate_text)}"
        f"model.fit(inputs, targets, epochs={settings.epochs}{batch_size})\n"
    )


def script(settings: Settings, learning_rate_text: str | None = None) -> str:
    """Return the long form of a run: a whole Python file that trains it with Keras 3 and prints its curve as CSV.

    It needs NumPy, Keras and a backend of Keras, and nothing of this package. Same points, same first weights, same
    batches in the same order; in float32, as Keras computes unless told otherwise. It does not stop when the run
    diverges.

    Args:
        settings: the run.
        learning_rate_text: as for `listing`. It stands in the file once.
    """
    return SCRIPT.format(
        dataset=settings.dataset,
        layers="-".join(str(units) for units in settings.network().layers),
        optimizer=settings.optimizer,
        points=settings.points,
        noise=settings.noise,
        data_seed=settings.data_seed,
        draw=DATASETS[settings.dataset],
        model=_model(settings, learning_rate_text),
        seed=settings.seed,
        epochs=settings.epochs,
        batch_size=settings.batch_size,
    )


def _model(settings: Settings, learning_rate_text: str | None) -> str:
    """Return the lines that both forms share: the network, and how it is compiled."""
    steps = settings.steps
    warmup = max(1, steps // 10)
    rate = SCHEDULES[settings.schedule].format(
        rate=learning_rate_text or repr(float(settings.learning_rate)),
        steps=steps,
        quarter=max(1, math.ceil(steps / 4)),
        warmup=warmup,
        rest=max(1, steps - warmup),
    )
    output, loss, threshold = LOSSES[settings.loss]
    before = []
    if settings.schedule != "constant":
        before, rate = [f"learning_rate = {rate}"], "learning_rate"
    lines = [
        *before,
        "model = keras.Sequential([",
        "    keras.Input(shape=(2,)),",
        *(f'    keras.layers.Dense({units}, activation="{settings.activation}"),' for units in settings.hidden_layers),
        f"    keras.layers.{output},",
        "])",
        "model.compile(",
        f"    optimizer=keras.optimizers.{OPTIMIZERS[settings.optimizer].format(rate=rate)},",
        f"    loss=keras.losses.{loss},",
        f"    metrics=[keras.metrics.BinaryAccuracy(threshold={threshold})],",
        ")",
    ]
    return "\n".join(lines) + "\n"
