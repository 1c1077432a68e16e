"""The same run in Keras: what a reader would type to get it there.

The listing is made from a lab's settings, so that it cannot drift from the run beside it. Losses are taken from logits
on both sides, which differs from Keras' clipped probabilities exactly where runs blow up.
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


def listing(settings: Settings, learning_rate_text: str | None = None) -> str:
    """Return the Keras listing of a run, as Python source that ends in a line break.

    `inputs`, shape `(points, 2)`, and `targets`, shape `(points,)`, are left for the reader to supply.

    Args:
        settings: the run.
        learning_rate_text: how to write the learning rate, where it should not be the number itself.
    """
    steps = settings.epochs * math.ceil(settings.points / settings.batch_size)
    warmup = max(1, steps // 10)
    rate = SCHEDULES[settings.schedule].format(
        rate=learning_rate_text or f"{settings.learning_rate:g}",
        steps=steps,
        quarter=max(1, math.ceil(steps / 4)),
        warmup=warmup,
        rest=max(1, steps - warmup),
    )
    if settings.loss == "binary_crossentropy":
        output, loss = "keras.layers.Dense(1)", "keras.losses.BinaryCrossentropy(from_logits=True)"
        accuracy = "keras.metrics.BinaryAccuracy(threshold=0.0)"
    else:
        output, loss = 'keras.layers.Dense(1, activation="sigmoid")', "keras.losses.MeanSquaredError()"
        accuracy = "keras.metrics.BinaryAccuracy(threshold=0.5)"
    batch_size = "" if settings.batch_size == 32 else f", batch_size={settings.batch_size}"
    lines = [
        "import keras",
        "",
        "model = keras.Sequential([",
        "    keras.Input(shape=(2,)),",
        *(f'    keras.layers.Dense({units}, activation="{settings.activation}"),' for units in settings.hidden_layers),
        f"    {output},",
        "])",
        "model.compile(",
        f"    optimizer=keras.optimizers.{OPTIMIZERS[settings.optimizer].format(rate=rate)},",
        f"    loss={loss},",
        f"    metrics=[{accuracy}],",
        ")",
        f"model.fit(inputs, targets, epochs={settings.epochs}{batch_size})",
    ]
    return "\n".join(lines) + "\n"
