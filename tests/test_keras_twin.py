"""The Keras listing says what the run beside it does."""

import ast
from itertools import product

import pytest

from gd_core import OPTIMIZERS, SCHEDULES, keras_twin
from gd_core.keras_twin import listing
from gd_core.settings import parse


def test_the_tables_cover_every_optimizer_and_schedule() -> None:
    assert keras_twin.OPTIMIZERS.keys() == OPTIMIZERS.keys()
    assert keras_twin.SCHEDULES.keys() == SCHEDULES.keys()


@pytest.mark.parametrize(("optimizer", "schedule"), list(product(OPTIMIZERS, SCHEDULES)))
def test_every_listing_is_python(optimizer: str, schedule: str) -> None:
    text = listing(parse({"optimizer": optimizer, "schedule": schedule, "batch_size": 16}))

    assert isinstance(ast.parse(text), ast.Module)
    assert "{" not in text


def test_the_default_listing_is_the_lessons_run() -> None:
    text = listing(parse({"learning_rate": 0.3}))

    assert text.count('Dense(8, activation="tanh")') == 2
    assert "keras.layers.Dense(1)," in text
    assert "SGD(learning_rate=0.3)" in text
    assert "BinaryCrossentropy(from_logits=True)" in text
    assert "model.fit(inputs, targets, epochs=200)\n" in text


def test_squared_error_stands_behind_a_sigmoid() -> None:
    text = listing(parse({"loss": "mean_squared_error", "batch_size": 64}))

    assert 'Dense(1, activation="sigmoid")' in text
    assert "MeanSquaredError()" in text
    assert "epochs=200, batch_size=64)" in text


def test_the_rate_can_be_written_in_another_way() -> None:
    assert "SGD(learning_rate=RATE)" in listing(parse({}), learning_rate_text="RATE")
