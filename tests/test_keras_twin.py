"""The Keras listings say what the run beside them does; `tests/keras` has real Keras confirm it."""

import ast
import os
import runpy
import sys
from itertools import product
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
from numpy.typing import NDArray

from gd_core import ACTIVATIONS, DATASETS, LOSSES, OPTIMIZERS, SCHEDULES, Run, keras_twin
from gd_core.keras_twin import listing, script
from gd_core.settings import SETTINGS, parse

Array = NDArray[np.float64]

ANOTHER: dict[str, object] = {
    "dataset": "circle",
    "points": 100,
    "noise": 0.25,
    "data_seed": 12345,
    "hidden_layers": [4],
    "activation": "relu",
    "loss": "mean_squared_error",
    "optimizer": "adam",
    "learning_rate": 0.03,
    "schedule": "cosine",
    "batch_size": 16,
    "epochs": 77,
    "seed": 54321,
}
"""A value of every setting that is not its default."""


class Layer:
    """As much of a Keras layer as the script handles."""

    def __init__(self, units: int, activation: str = "linear") -> None:
        self.units = units
        self.activation = activation

    def set_weights(self, weights: list[Array]) -> None:
        self.weights = weights


class Model:
    """As much of a Keras model as the script handles; it does not learn, but notes what it was fed."""

    def __init__(self, parts: list[Any]) -> None:
        shape, *self.layers = parts
        self.fed: list[dict[str, Any]] = []
        fan_in = shape[0]
        for layer in self.layers:
            layer.kernel = np.empty((fan_in, layer.units))
            fan_in = layer.units

    def compile(self, **_: Any) -> None:
        pass

    def fit(self, inputs: Array, targets: Array, **options: Any) -> SimpleNamespace:
        self.fed.append({"inputs": inputs, "targets": targets, **options})
        return SimpleNamespace(history={"loss": [0.5 / len(self.fed)], "binary_accuracy": [0.75]})


@pytest.fixture
def run_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a script on a stand-in for Keras, and return its globals."""
    keras = ModuleType("keras")
    stand_in = {"Sequential": Model, "Input": lambda shape: shape, "layers": SimpleNamespace(Dense=Layer)}
    for name in ("optimizers", "losses", "metrics"):
        stand_in[name] = MagicMock()
    keras.__dict__.update(stand_in)
    monkeypatch.setitem(sys.modules, "keras", keras)
    monkeypatch.setenv("KERAS_BACKEND", "")

    def run(text: str) -> dict[str, Any]:
        file = tmp_path / "keras_twin.py"
        file.write_text(text, encoding="utf-8")
        return runpy.run_path(str(file), run_name="__main__")

    return run


def test_the_tables_cover_every_optimizer_schedule_and_dataset() -> None:
    assert keras_twin.OPTIMIZERS.keys() == OPTIMIZERS.keys()
    assert keras_twin.SCHEDULES.keys() == SCHEDULES.keys()
    assert keras_twin.DATASETS.keys() == DATASETS.keys()


@pytest.mark.parametrize("form", [listing, script])
@pytest.mark.parametrize(("optimizer", "schedule"), list(product(OPTIMIZERS, SCHEDULES)))
def test_every_listing_is_python_and_has_the_rate_in_one_place(form: Any, optimizer: str, schedule: str) -> None:
    text = form(parse({"optimizer": optimizer, "schedule": schedule, "batch_size": 16}), "THE_RATE")

    assert isinstance(ast.parse(text), ast.Module)
    assert text.count("THE_RATE") == 1
    assert text.endswith("\n")


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


def test_a_schedule_has_a_line_of_its_own() -> None:
    text = listing(parse({"schedule": "cosine", "optimizer": "momentum"}))

    assert "\nlearning_rate = keras.optimizers.schedules.CosineDecay(0.1, 1600)\n" in text
    assert "SGD(learning_rate=learning_rate, momentum=0.9)" in text


@pytest.mark.parametrize(("rate", "written"), [(10, "10.0"), (0.0001, "0.0001"), (0.123456789, "0.123456789")])
def test_the_rate_is_a_float_that_keras_accepts_with_every_digit(rate: float, written: str) -> None:
    assert f"SGD(learning_rate={written})" in listing(parse({"learning_rate": rate}))


def test_the_script_holds_the_short_listing() -> None:
    short, long = (form(parse({})) for form in (listing, script))

    model = short[short.index("model = ") : short.index("model.fit")]
    assert model in long


def test_the_script_needs_numpy_and_keras_and_nothing_else() -> None:
    for dataset in DATASETS:
        text = script(parse({"dataset": dataset}))

        nodes = list(ast.walk(ast.parse(text)))
        assert {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names} == {
            "os",
            "keras",
            "numpy",
        }
        assert not any(isinstance(node, ast.ImportFrom) for node in nodes)


def test_every_setting_is_in_the_script() -> None:
    assert ANOTHER.keys() == SETTINGS.keys()
    plain = script(parse({}))

    same = [name for name, value in ANOTHER.items() if script(parse({name: value})) == plain]

    assert same == []


@pytest.mark.parametrize(("name", "members"), [("activation", list(ACTIVATIONS)), ("loss", list(LOSSES))])
def test_every_member_of_a_table_makes_another_script(name: str, members: list[str]) -> None:
    assert len({script(parse({name: member})) for member in members}) == len(members)


@pytest.mark.parametrize("points", [2, 45])
@pytest.mark.parametrize("noise", [0.0, 0.3])
@pytest.mark.parametrize("dataset", DATASETS)
def test_the_scripts_points_are_the_labs_bit_for_bit(dataset: str, noise: float, points: int, run_script: Any) -> None:
    settings = parse({"dataset": dataset, "noise": noise, "points": points, "data_seed": 7, "epochs": 1})

    made = run_script(script(settings))

    inputs, targets = settings.draw_data()
    assert made["inputs"].tolist() == inputs.tolist()
    assert made["targets"].tolist() == targets.tolist()


@pytest.mark.parametrize("hidden_layers", [(), (4,), (16, 3, 8)])
def test_the_scripts_first_weights_are_the_labs_bit_for_bit(hidden_layers: tuple[int, ...], run_script: Any) -> None:
    settings = parse({"hidden_layers": hidden_layers, "seed": 5, "epochs": 1})

    layers = run_script(script(settings))["model"].layers

    network = settings.network()
    expected = network.unpack(network.init(np.random.default_rng(5)))
    made = [[array.tolist() for array in layer.weights] for layer in layers]
    assert made == [[weights.tolist(), biases.tolist()] for weights, biases in expected]


@pytest.mark.parametrize("batch_size", [1, 20, 45, 10_000])
def test_the_scripts_batches_are_the_labs_in_the_same_order(batch_size: int, run_script: Any) -> None:
    settings = parse({"points": 45, "batch_size": batch_size, "epochs": 3, "seed": 9})
    run = Run(
        *settings.draw_data(), settings.network(), settings.make_optimizer(), batch_size=batch_size, seed=settings.seed
    )

    fed = run_script(script(settings))["model"].fed

    assert len(fed) == 3
    for epoch in fed:
        run.finish_epoch()
        assert not epoch["shuffle"]
        assert epoch["batch_size"] == batch_size
        for number, batch in enumerate(run.batches):
            taken = slice(number * batch_size, (number + 1) * batch_size)
            assert epoch["inputs"][taken].T.tolist() == batch.inputs[:-1].tolist()
            assert (1.0 - 2.0 * epoch["targets"][taken]).tolist() == batch.signs.tolist()


def test_the_script_prints_its_curve_as_the_lab_does(run_script: Any, capsys: pytest.CaptureFixture[str]) -> None:
    run_script(script(parse({"epochs": 2})))

    assert capsys.readouterr().out == "epoch,loss,accuracy\n1,0.5,0.75\n2,0.25,0.75\n"


@pytest.mark.parametrize(("chosen", "then"), [("", "torch"), ("jax", "jax")])
def test_the_script_asks_for_pytorch_unless_the_reader_has_chosen(
    chosen: str, then: str, run_script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if chosen:
        monkeypatch.setenv("KERAS_BACKEND", chosen)
    else:
        monkeypatch.delenv("KERAS_BACKEND")

    run_script(script(parse({"epochs": 1})))

    assert os.environ["KERAS_BACKEND"] == then
