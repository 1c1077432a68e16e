"""Running a page's code cells natively, so that no lesson ships a broken one, and for what each shows.

The cells of a page run in their order in one namespace, as in a notebook, in a process of their own with a time limit.
Results are kept by content: the cells, `gd_core` and the interpreter.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scripts.recording import write_whole

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(__file__).with_name("run_cells.py")
SECONDS = 20.0
"""How long all cells of a page may take together."""


@dataclass(frozen=True)
class Failure:
    """What went wrong in a cell: the line inside it counted from 1, or 0 for all of it, and one sentence."""

    line: int
    sentence: str


@dataclass(frozen=True)
class Outcome:
    """What became of a cell: what it showed, and what went wrong, if anything did."""

    output: str = ""
    failure: Failure | None = None


Runner = Callable[[Sequence[str]], list[Outcome]]
"""Takes the sources of a page's cells in their order; returns what became of each."""


def run_natively(sources: Sequence[str], seconds: float = SECONDS) -> list[Outcome]:
    """Run cells in a fresh process and return what became of each.

    A cell that fails does not keep the later ones from being run; that they miss what it would have defined is not
    counted against them.
    """
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder, "results")
        command = [sys.executable, str(PROGRAM), str(results)]
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
        ended = ""
        try:
            done = subprocess.run(
                command,
                input=json.dumps(list(sources)),
                text=True,
                cwd=folder,
                env=environment,
                timeout=seconds,
                capture_output=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            ended = f"it was still running after {seconds:g} seconds, which is all that the cells of a page may take"
        else:
            if done.returncode != 0:
                ended = f"it ended Python with status {done.returncode}"
        lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    outcomes = [_outcome(json.loads(line)) for line in lines]
    if ended:
        outcomes[len(sources) - 1 :] = []
        outcomes.append(Outcome(failure=Failure(0, ended)))
    return outcomes + [Outcome()] * (len(sources) - len(outcomes))


def runner(cache: Path, run: Runner = run_natively) -> Runner:
    """Make a runner that keeps its results; what depends on the machine's speed is not kept."""

    def run_or_remember(sources: Sequence[str]) -> list[Outcome]:
        file = cache / "cells" / f"{_key(sources)}.json"
        if file.exists():
            return [_outcome(outcome) for outcome in json.loads(file.read_text(encoding="utf-8"))]
        outcomes = run(sources)
        if all(outcome.failure is None or outcome.failure.line for outcome in outcomes):
            write_whole(file, json.dumps([asdict(outcome) for outcome in outcomes]))
        return outcomes

    return run_or_remember


def _outcome(read: dict[str, Any]) -> Outcome:
    return Outcome(read["output"], Failure(**read["failure"]) if read["failure"] else None)


def _key(sources: Sequence[str]) -> str:
    code = sorted([PROGRAM, *(ROOT / "gd_core").glob("*.py")])
    content = json.dumps([list(sources), sys.version, *(path.read_text(encoding="utf-8") for path in code)])
    return hashlib.sha256(content.encode()).hexdigest()[:32]
