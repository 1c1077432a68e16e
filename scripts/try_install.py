"""Install `gd_core` where nothing else is, and run it: `python -m scripts.try_install [PYTHON…]`.

The wheel and the source archive are built, and each is installed into a new environment with NumPy alone: once for
every Python named, or found from 3.11 to 3.14; then with the oldest NumPy that the package claims; then with
what draws pictures. In each of them `python -m gd_core` must train to the losses of this environment, whose NumPy is
another, to a relative 1e-9. The exit status is 1 if one of them fails.
"""

import json
import math
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gd_core.settings import parse
from gd_core.training import train

ROOT = Path(__file__).resolve().parent.parent
SUPPORTED = ("3.11", "3.12", "3.13", "3.14")
OLDEST_NUMPY, LAST_PYTHON_WITH_IT = "2.0.0", "3.12"
"""The oldest NumPy that `pyproject.toml` allows, and the last Python that it has wheels for."""

OPTIONS = ("--points", "64", "--epochs", "20", "--hidden-layers", "4", "--learning-rate", "0.3")
SETTINGS = {"points": 64, "epochs": 20, "hidden_layers": [4], "learning_rate": 0.3}
BARE = {"gd-core", "numpy", "pip", "setuptools"}
"""What a bare environment holds afterwards; setuptools comes with the environments of Python 3.11."""


class InstallError(Exception):
    """An installation failed, or what was installed does not do what it should; the message is one sentence."""


def find_pythons() -> dict[str, str]:
    """Return the interpreters on the search path that are supported and start, by their version."""
    found = {}
    for version in SUPPORTED:
        program = shutil.which(f"python{version}")
        if program and subprocess.run([program, "--version"], capture_output=True, check=False).returncode == 0:
            found[version] = program
    return found


def version_of(python: str) -> str:
    """Return the version of an interpreter, as in `3.11`."""
    return run(python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()


def try_install(python: str, target: str, folder: Path, *also: str) -> str:
    """Install `gd_core` into a new environment and run it there; return what was found, in a few words.

    Args:
        python: the interpreter.
        target: what pip is asked for: a file, with an extra if wanted.
        folder: an empty folder for the environment.
        also: what else pip is asked for.

    Raises:
        InstallError: it is not as it should be.
    """
    run(python, "-m", "venv", str(folder))
    inside = str(folder / "bin" / "python")
    run(inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", target, *also)
    run(inside, "-I", "-c", "import gd_core, pathlib; (pathlib.Path(gd_core.__file__).parent / 'py.typed').stat()")
    picture = folder / "run.png"
    wants_picture = "[plot]" in target
    csv = run(inside, "-I", "-m", "gd_core", *OPTIONS, *(("--png", str(picture)) if wants_picture else ()))
    losses = [float(line.split(",")[1]) for line in csv.splitlines()[1:]]
    expected = expected_losses()
    if len(losses) != len(expected) or not all(map(is_close, losses, expected)):
        raise InstallError(f"it must train to the losses of this environment, {expected}, got {losses}")
    packages = json.loads(run(inside, "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"))
    versions = {package["name"].replace("_", "-"): package["version"] for package in packages}
    if wants_picture and not picture.read_bytes().startswith(b"\x89PNG"):
        raise InstallError("--png must write a PNG, and has written something else")
    if not wants_picture and not versions.keys() <= BARE:
        raise InstallError(f"it must bring NumPy alone, and came with {', '.join(sorted(versions.keys() - BARE))}")
    return f"NumPy {versions['numpy']}" + (", a picture" if wants_picture else "")


def expected_losses() -> list[float]:
    """Return the losses of the same run here."""
    settings = parse(SETTINGS)
    inputs, targets = settings.draw_data()
    epochs = train(
        *(inputs, targets, settings.network(), settings.make_optimizer()),
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        seed=settings.seed,
    )
    return [epoch.loss for epoch in epochs]


def is_close(one: float, other: float) -> bool:
    """Whether two losses are equal but for rounding."""
    return math.isclose(one, other, rel_tol=1e-9)


def run(*command: str) -> str:
    """Run a command, away from this tree, and return its output; raises InstallError with what it said last."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tempfile.gettempdir())
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
        raise InstallError(f"{' '.join(command)} ended with status {done.returncode}, saying:\n{said}")
    return done.stdout


def main(arguments: Sequence[str]) -> int:
    """Try all installations, print a line for each, and return the exit status."""
    pythons = {version_of(python): python for python in arguments} or find_pythons()
    failed = False
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(work / "dist"), str(ROOT))
        (wheel,), (source,) = work.glob("dist/*.whl"), work.glob("dist/*.tar.gz")
        for version, python in pythons.items():
            ways: dict[str, tuple[str, ...]] = {
                "wheel": (str(wheel),),
                "source archive": (str(source),),
                "wheel with pictures": (f"{wheel}[plot]",),
            }
            if tuple(map(int, version.split("."))) <= tuple(map(int, LAST_PYTHON_WITH_IT.split("."))):
                ways["wheel, oldest NumPy"] = (str(wheel), f"numpy=={OLDEST_NUMPY}")
            for way, targets in ways.items():
                try:
                    outcome = try_install(python, targets[0], work / version / way.replace(" ", "-"), *targets[1:])
                except InstallError as error:
                    outcome, failed = f"FAILED: {error}", True
                print(f"Python {version}, {way}: {outcome}", flush=True)
    if missing := [version for version in SUPPORTED if version not in pythons] if not arguments else []:
        print(f"not found here, so not tried: Python {', '.join(missing)}")
    return 1 if failed or not pythons else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
