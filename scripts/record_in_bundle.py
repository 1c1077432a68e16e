"""Runs inside the bundle, under Node: records whole runs."""

from typing import Any

from gd_core import session


def main(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Record each run, given by its settings."""
    return [session.record(run) for run in runs]
