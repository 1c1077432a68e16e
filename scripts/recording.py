"""Recorded runs and sweeps: what a lab shows before Python has started, and without JavaScript.

Recordings are in English; `retold` and `sweep_retold` say what they tell in the language spoken.

They are recorded by the very bundle that the site serves, under Node, so that their numbers are those that every reader
gets. Recordings are cached by content: the settings, the bundle's version, and the script that makes them.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypedDict, cast

from gd_core import session, sweep
from gd_core.diagnosis import judge
from gd_core.losses import LOSSES
from gd_core.settings import Settings

RUNS = Path(__file__).with_name("record_in_bundle.py")
SWEEPS = Path(__file__).with_name("record_sweeps_in_bundle.py")
"""What records runs and sweeps in the bundle: scripts whose `main` takes a list of settings."""


class Verdict(TypedDict):
    """What became of a run, as `gd_core.diagnosis` says it."""

    name: str
    epoch: int
    reason: str
    remedy: str


class Recording(TypedDict):
    """A whole run, as `gd_core.session.record` returns it; floats that are not finite are the texts inf, -inf, nan."""

    settings: dict[str, Any]
    initial_loss: float
    losses: list[float | str]
    accuracies: list[float | str]
    verdict: Verdict
    stopped: str
    surface: dict[str, Any]
    points: dict[str, Any]
    params: list[float]


class SweepRecording(TypedDict):
    """A whole sweep, as `gd_core.sweep.record` returns it; floats that are not finite are the texts inf and nan."""

    settings: dict[str, Any]
    rates: list[float]
    losses: list[float | str]
    verdicts: list[str]
    regions: dict[str, Any]
    epoch: int
    initial_loss: float
    chance: float


Recorder = Callable[[Sequence[Settings]], list[Recording]]
SweepRecorder = Callable[[Sequence[Settings]], list[SweepRecording]]


def record_natively(runs: Sequence[Settings]) -> list[Recording]:
    """Record runs in this process: quick, but rounded a little differently from what readers get."""
    return [cast("Recording", session.record(run.as_dict())) for run in runs]


def record_sweeps_natively(sweeps: Sequence[Settings]) -> list[SweepRecording]:
    """Record sweeps in this process, as `record_natively` records runs."""
    return [cast("SweepRecording", sweep.record(settings.as_dict())) for settings in sweeps]


def retold(recording: Recording) -> Recording:
    """Return a recorded run with its verdict said in the language spoken."""
    losses = [float(loss) for loss in recording["losses"]]
    verdict = judge(losses, LOSSES[recording["settings"]["loss"]].chance)
    return {**recording, "verdict": cast("Verdict", asdict(verdict))}


def sweep_retold(recording: SweepRecording) -> SweepRecording:
    """Return a recorded sweep with its regions told in the language spoken."""
    losses = [float(loss) for loss in recording["losses"]]
    regions = sweep.find_regions(
        recording["rates"], losses, recording["verdicts"], recording["initial_loss"], recording["chance"]
    )
    return {**recording, "regions": asdict(regions)}


def recorder(
    script: Path, version: str, run_in_bundle: Callable[[Path, Any], Any], cache: Path
) -> Callable[[Sequence[Settings]], list[Any]]:
    """Make a recorder that runs `RUNS` or `SWEEPS` in the bundle with that version, at most one start for each list."""

    def record(runs: Sequence[Settings]) -> list[Any]:
        files = [cache / "recordings" / f"{_key(script, run, version)}.json" for run in runs]
        missing = [index for index, file in enumerate(files) if not file.exists()]
        if missing:
            recorded = run_in_bundle(script, [runs[index].as_dict() for index in missing])
            for index, recording in zip(missing, recorded, strict=True):
                write_whole(files[index], json.dumps(recording))
        return [json.loads(file.read_text(encoding="utf-8")) for file in files]

    return record


def _key(script: Path, run: Settings, version: str) -> str:
    content = json.dumps([run.as_dict(), version, script.read_text(encoding="utf-8")], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def write_whole(file: Path, text: str) -> None:
    """Write a whole file or none, also when two builds do so at once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=file.parent, prefix=file.stem)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    Path(part).replace(file)
