"""Compile the bundle's wheels and write its lock file: runs inside Pyodide, whose Python is the bundle's own.

`/bundle` holds `wheels/`, `pyodide-lock.json` as Pyodide publishes it, and `packages.json` with what the lock file
shall say of each wheel. Every wheel is replaced by its compiled twin, and the lock file by one that names these wheels
and no others. `/bundle/stdlib.zip`, the standard library, is replaced by its compiled twin too, for the snapshot.
"""

import json
import sys
from pathlib import Path

sys.path.append("/tools")

from pyodide_build._py_compile import _py_compile_archive  # type: ignore[import-not-found]
from pyodide_lock import PackageSpec, PyodideLockSpec  # type: ignore[import-not-found]
from pyodide_lock.utils import update_package_sha256  # type: ignore[import-not-found]

WORK = Path("/bundle")

lock = PyodideLockSpec.from_json(WORK / "pyodide-lock.json")
lock.packages = {}
# In a fixed order: what Python has compiled before leaves traces in the references of the next .pyc file.
for description in json.loads((WORK / "packages.json").read_text()):
    wheel = WORK / "wheels" / description.pop("wheel")
    compiled = _py_compile_archive(wheel, keep=False, verbose=False, compression_level=9)
    if compiled is None:
        raise ValueError(f"pyodide-build must be able to compile the wheel, got {wheel.name}")
    package = PackageSpec(file_name=compiled.name, install_dir="site", **description)
    lock.packages[package.name] = update_package_sha256(package, compiled)
lock.check_wheel_filenames()
lock.to_json(WORK / "pyodide-lock.json", indent=1)
_py_compile_archive(WORK / "stdlib.zip", keep=False, verbose=False, compression_level=0)
