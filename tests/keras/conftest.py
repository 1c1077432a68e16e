"""Keras for these tests: on PyTorch's CPU backend, with one thread, and out of reach of the user's own settings."""

import atexit
import os
import shutil
import tempfile

import pytest
import torch

HOME = tempfile.mkdtemp(prefix="keras-home-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)

os.environ["KERAS_BACKEND"] = "torch"
os.environ["KERAS_HOME"] = HOME  # Keras reads and writes its keras.json there
os.environ["KERAS_TORCH_DEVICE"] = "cpu"
torch.set_num_threads(1)  # layers of eight units: more threads only wait for each other


def pytest_configure(config: pytest.Config) -> None:
    """Let Keras, and nobody else, read its variables in a way that NumPy is giving up."""
    config.addinivalue_line("filterwarnings", "ignore:__array__ implementation doesn't accept:DeprecationWarning")
