"""Run `gd_core`'s own tests in Pyodide, under Node: `python -m scripts.try_pyodide`.

They run in two places: in the bundle that the site serves, with this environment's pytest; and in an environment as
pyodide-build's `pyodide venv` makes one, where the package is installed by pip as anybody would. The second needs
Python 3.14 as `python3.14` and the cross-build environment, which comes from Pyodide's own hosts; where either cannot
be had, that is said and only the first counts. The exit status is 1 if a test fails.

`gd_core`'s own tests are those files of tests/ that import nothing but it, NumPy, pytest and what of the standard
library Pyodide has. Hypothesis is compiled for each machine, so tests that need it are left out.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import distribution, version
from pathlib import Path

from scripts.bundle import TOOLS, Json, build_bundle, run_in_bundle
from scripts.runtime import PYODIDE_VERSION, PYTHON_VERSION, search_path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "pyodide"
TESTED_WITH = {"gd_core", "numpy", "pytest"}
NOT_IN_PYODIDE = {"concurrent", "multiprocessing", "subprocess", "threading"}
OPTIONS = ("--quiet", "--noconftest", "-p", "no:cacheprovider", "-o", "faulthandler_timeout=0")
"""Of pytest. `tests/conftest.py` compares the installed package with the tree, which are the same files here; a limit
of time needs a thread, which Pyodide has not."""


class UnavailableError(Exception):
    """The environment cannot be had; the message says what is missing."""


def own_tests() -> list[str]:
    """Return `gd_core`'s own tests, as paths below the tree's folder."""
    allowed = TESTED_WITH | set(sys.stdlib_module_names) - NOT_IN_PYODIDE
    found = []
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        imported = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.partition(".")[0])
        if "gd_core" in imported and imported <= allowed:
            found.append(path.relative_to(ROOT).as_posix())
    return found


def try_bundle(options: list[str]) -> int:
    """Run pytest in the site's bundle, print what it says, and return its exit status."""
    bundle = build_bundle()
    (wheel,) = bundle.glob("gd_core-*-py3-none-any.whl")
    argument: Json = {
        "tree": str(ROOT),
        "tools": str(distribution("pytest").locate_file("")),
        "wheel": wheel.relative_to(ROOT).as_posix(),
        "options": [*options],
    }
    outcome = run_in_bundle(ROOT / "scripts" / "pytest_in_bundle.py", argument, bundle)
    if not isinstance(outcome, dict) or not isinstance(outcome["status"], int):
        raise TypeError(f"pytest_in_bundle.py must return a status and the output, got {outcome!r}")
    print(outcome["output"])
    return outcome["status"]


def try_environment(options: list[str]) -> int:
    """Run pytest in an environment that pyodide-build has made; return its exit status.

    Raises:
        UnavailableError: there is no such environment to be had.
    """
    python = make_environment()
    return subprocess.run([python, "-P", "-m", "pytest", *options], cwd=ROOT, check=False).returncode


def make_environment() -> str:
    """Make an environment of Pyodide's with NumPy, pytest and the wheel in it, and return its Python.

    Raises:
        UnavailableError: there is no such environment to be had.
    """
    wanted = PYTHON_VERSION.rpartition(".")[0]
    host = shutil.which(f"python{wanted}")
    if host is None:
        raise UnavailableError(
            f"pyodide-build needs the Python of Pyodide {PYODIDE_VERSION} as python{wanted}: none here"
        )
    (wheel,) = build_bundle().glob("gd_core-*-py3-none-any.whl")
    (build,) = re.findall(r"^pyodide-build==\S+", TOOLS.read_text(encoding="utf-8"), re.MULTILINE)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    run(host, "-m", "venv", "host")
    run("host/bin/python", "-m", "pip", "install", "--quiet", build)
    run("host/bin/pyodide", "xbuildenv", "install", PYODIDE_VERSION)
    run("host/bin/pyodide", "venv", "env")
    run("env/bin/pip", "install", "--quiet", "numpy", f"pytest=={version('pytest')}", str(wheel))
    return str(FOLDER / "env" / "bin" / "python")


def run(*command: str) -> None:
    """Run a command in the environment's folder; raises UnavailableError with what it said last if it fails."""
    path = os.pathsep.join([str(FOLDER / "host" / "bin"), search_path()])
    environment = {**os.environ, "PATH": path, "PYODIDE_XBUILDENV_PATH": str(FOLDER / "xbuildenv")}
    done = subprocess.run(command, cwd=FOLDER, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines()[-1:]
        raise UnavailableError(f"{' '.join(command)} ended with status {done.returncode}, saying: {''.join(said)}")


def main() -> int:
    """Run the tests in both places, say what came, and return the exit status."""
    options = [*OPTIONS, *own_tests()]
    print(f"In the site's bundle (Pyodide {PYODIDE_VERSION}, Python {PYTHON_VERSION}):", flush=True)
    statuses = [try_bundle(options)]
    print("In an environment made by `pyodide venv`:", flush=True)
    try:
        statuses.append(try_environment(options))
    except UnavailableError as error:
        print(f"cannot be had here, so nothing ran there. {error}")
    return 1 if any(statuses) else 0


if __name__ == "__main__":
    sys.exit(main())
