"""The section of the rivals: holds the contest in the browser and natively, and says where we lose.

Everybody trains the same networks on the same points from the same first weights (scikit-learn draws its own), shuffles
before every epoch and knows the loss, as a lab does: of every batch, or of an epoch where `fit` tells no more. A rival
that is not installed, or fails, has a line that says so.
"""

import json
import os
import subprocess
from functools import partial
from pathlib import Path

from scripts.bench.browser import RIVALS, Bench, PageWorker, PythonInPage
from scripts.bench.report import Figure, Goal, compare
from scripts.bench.rivals.task import DEFAULT, LEARN, Contest, hold, tasks

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venv-keras" / "bin" / "python"

IN_THE_BROWSER = {
    **{
        f"TensorFlow.js {backend} {way}": f"/bench/rivals/tensorflow.mjs?backend={backend}&way={way}"
        for backend in ("cpu", "wasm")
        for way in ("loop", "fit")
    },
    "ConvNetJS": "/bench/rivals/convnet.mjs",
}
"""The rivals in the browser, by name: the address of the worker that trains with each."""

NATIVELY = ("Keras fit", "PyTorch eager", "scikit-learn fit")

GOALS = {
    **{name: {DEFAULT: 10.0} for name in IN_THE_BROWSER if name.startswith("TensorFlow.js")},
    "ConvNetJS": dict.fromkeys([task["name"] for task in tasks() if task["batch_size"] >= 32], 1.0),
    "Keras fit": {DEFAULT: 80.0},
    "PyTorch eager": {DEFAULT: 10.0},
    "scikit-learn fit": {DEFAULT: 4.0},
}
"""How many times as fast as each rival we shall be, by task."""

NOT_INSTALLED = "not installed: no package registry gave it"


def measure(bench: Bench) -> list[Figure]:
    """Hold both contests."""
    return [*figures("in the browser", in_the_browser(bench)), *figures("natively", natively(bench.repeats))]


def in_the_browser(bench: Bench) -> Contest:
    """Have ours and the rivals train in workers of one page."""
    if not RIVALS.exists():
        return Contest(microseconds={}, losses={}, missing=dict.fromkeys(IN_THE_BROWSER, NOT_INSTALLED))
    with bench.page() as page:
        page.goto(bench.site.address + "licences/")
        workers = {name: PageWorker(page, url, "module").ask for name, url in IN_THE_BROWSER.items()}
        return hold({"ours": partial(PythonInPage(page, bench).main, "rivals.ours"), **workers}, bench.repeats)


def natively(repeats: int) -> Contest:
    """Have ours and the rivals train in the environment of the Keras tests, each with one thread."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment = {**os.environ, **threads, "PYTHONPATH": str(ROOT), "KERAS_BACKEND": "torch"}
    command = (str(PYTHON), "-m", "scripts.bench.rivals.native", str(repeats))
    if not PYTHON.exists():
        return Contest(microseconds={}, losses={}, missing=dict.fromkeys(NATIVELY, NOT_INSTALLED))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode != 0:
        said = (done.stderr.strip() or "nothing").splitlines()[-1]
        return Contest(microseconds={}, losses={}, missing=dict.fromkeys(NATIVELY, f"failed, saying: {said}"))
    contest: Contest = json.loads(done.stdout)
    return contest


def figures(place: str, contest: Contest) -> list[Figure]:
    """Make a figure for each rival and task: updates a second, ours beside the rival's."""
    found = [Figure("rivals", f"{rival}, {place}", None, note=why) for rival, why in contest["missing"].items()]
    for rival in [name for name in contest["losses"] if name != "ours"]:
        if not learns(contest, rival):
            found.append(Figure("rivals", f"{rival}, {place}", None, note=f"does other work; {learnt(contest, rival)}"))
            continue
        for task, microseconds in contest["microseconds"].items():
            ours, other = ([1e6 / value for value in microseconds[name]] for name in ("ours", rival))
            goal = Goal("ratio", "at least", GOALS[rival][task]) if task in GOALS[rival] else None
            note = learnt(contest, rival) if task == DEFAULT else ""
            found.append(compare("rivals", f"updates/s {place}, {task}, {rival}", ours, other, goal, note))
    return found


def learns(contest: Contest, rival: str) -> bool:
    """Say whether a rival's loss falls by at least half of what ours falls by."""
    ours, other = (before - after for before, after in (contest["losses"][name] for name in ("ours", rival)))
    return other >= 0.5 * ours


def learnt(contest: Contest, rival: str) -> str:
    """Say how far the loss has fallen, ours and a rival's."""
    (_, ours), (_, other) = contest["losses"]["ours"], contest["losses"][rival]
    return f"loss after {LEARN:,} updates: ours {ours:.3f}, {rival} {other:.3f}"
