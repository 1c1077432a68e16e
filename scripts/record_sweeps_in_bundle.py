"""Runs inside the bundle, under Node: records whole sweeps."""

from typing import Any

from gd_core import sweep


def main(sweeps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Record each sweep, given by its settings."""
    return [sweep.record(settings) for settings in sweeps]
