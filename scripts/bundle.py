"""The bundle: the folder of files with which a page starts Python, NumPy and `gd_core` in the reader's browser.

It is made of the runtime's pinned files and of this tree's own `gd_core`, built by the standard tools, and named after
its contents. `manifest.json` in it lists every file with size and SHA-256; `docs/assets/labs/python.js` starts from it,
in the browser as under Node. This module knows nothing of pages.

    python -m scripts.bundle        build the bundle, if anything has changed, and print its folder
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeAlias

import zstandard

from scripts.runtime import (
    NUMPY_WHEEL,
    PYODIDE_VERSION,
    PYTHON_VERSION,
    FetchError,
    Pin,
    cache_folder,
    digest,
    exclusive,
    fetch,
    fetch_npm,
    npm_package,
    program,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "scripts"
TOOLS = ROOT / "requirements-bundle.txt"

UNPACKER = "zstddec-stream.mjs"
UNPACKER_PACKAGE = npm_package(
    "zstddec@0.3.4",
    size=133_220,
    pins=(
        Pin(f"dist/{UNPACKER}", "43e472ea4faae0f3c28b28ed3fb0da9771e526f9d9be70d2c93d906c16718d16", 84_751),
        Pin("LICENSE", "8d078b49fc02bd63c1beaf4ddc629a8b48e4ba6a435415408c8209e2a5c3aacf", 2_617),
    ),
)
"""What unpacks, in a page, the files that Zstandard has packed: its own decoder in WebAssembly.

Browsers can unpack deflate by themselves, four times as fast as this, but what a start downloads is then a quarter
more. So both are served, and a page takes what suits its line (`docs/assets/labs/python.js`)."""

TERSER = npm_package(
    "terser@5.51.4",
    size=469_587,
    pins=(Pin("dist/bundle.min.js", "f116f65dccf5ced7e36011b92caedc54b0c905294dd8e9b73aca1c8bb8f11a21", 1_104_579),),
)
"""What takes functions that nobody names out of a script (`trim_pyodide.mjs`)."""

LEVEL = 18
"""How hard Zstandard tries: 19 takes twice as long for half a percent."""


def by_zstandard(contents: bytes) -> bytes:
    """Compress with a window that is small enough for a phone to unpack it by the way."""
    parameters = zstandard.ZstdCompressionParameters.from_level(LEVEL, window_log=23, threads=os.cpu_count() or 1)
    return zstandard.ZstdCompressor(compression_params=parameters).compress(contents)


def by_deflate(contents: bytes) -> bytes:
    """Compress as browsers unpack by themselves: without a header, so that no server takes the file for encoded."""
    deflate = zlib.compressobj(level=9, wbits=-zlib.MAX_WBITS)
    return deflate.compress(contents) + deflate.flush()


PACKINGS = {".zst": by_zstandard, ".deflate": by_deflate}
"""How what the snapshot consists of is packed, by the ending of the file's name."""

PACKED = ("memory", "libraries", "pyodide.asm.wasm.trimmed")
"""What the snapshot consists of, by the name without that ending."""

ROLES = {
    "pyodide.mjs": "module",
    "pyodide-lock.json": "lock",
    "pyodide.asm.trimmed.mjs": "snapshot",
    UNPACKER: "snapshot",
    **{f"{name}{ending}": "snapshot" for name in PACKED for ending in PACKINGS},
    "pyodide.asm.mjs": "core",
    "pyodide.asm.wasm": "core",
    "python_stdlib.zip": "core",
}
"""What each file is to a start, which loads modules, lock and snapshot; a plain start loads modules, lock, core and
archives, and imports of what the snapshot lacks read the standard library of its core and its archives, too.

The wheels that the lock file names are archives; all else that is served is an extra, which no start loads."""

DOCUMENTATION = ("numpy/_core/_add_newdocs.py", "numpy/_core/_add_newdocs_scalars.py")
"""Modules of NumPy that only attach docstrings; they are imported, and served empty."""

NOT_SERVED = ("tests", "f2py", "_examples", "_pyinstaller", "conftest.py")
"""Folders and files of NumPy's wheel, by the name anywhere in their path, that a page never imports."""

MAKERS = (
    *("runtime.py", "bundle.py", "compile_wheels.py", "compile_wheels.mjs"),
    *("make_snapshot.mjs", "trim_pyodide.mjs", "take_snapshot.mjs", "restored.py"),
    *("../docs/assets/labs/snapshot.js", "../docs/assets/labs/files.js"),
)
"""The scripts that decide what is in a bundle."""

BUNDLES_KEPT = 3


class BundleError(Exception):
    """The bundle cannot be built or run; the message says which step failed and what that step said."""


def build_bundle(root: Path = ROOT) -> Path:
    """Build the bundle of the `gd_core` in `root`, unless it is there already, and return its folder.

    Raises FetchError when a file cannot be had, BundleError when a step fails; a folder appears whole or not at all.
    """
    bundles = root / "build" / "runtime"
    with exclusive(root / "build" / ".bundle.lock"):
        inputs = digest_of_inputs(root)
        if current := bundle_of(bundles, inputs):
            return current
        files = fetch() | fetch_unpacker()
        tools = install_tools()
        bundles.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root / "build", prefix=".bundle-") as work:
            draft = assemble(root, Path(work), files, tools)
            bundle = bundles / write_manifest(draft, json.loads((Path(work) / "snapshot.json").read_text()))
            shutil.rmtree(bundle, ignore_errors=True)
            draft.rename(bundle)
        write_atomically(bundles / "current.json", {"inputs": inputs, "version": bundle.name})
        remove_old_bundles(bundles)
        return bundle


def digest_of_inputs(root: Path) -> str:
    """Return one SHA-256 over everything of the tree that the bundle is made from."""
    sources = [path for path in (root / "gd_core").rglob("*") if "__pycache__" not in path.parts]
    sources += [root / "pyproject.toml", root / "LICENSE", TOOLS]
    sources += [SCRIPTS / name for name in MAKERS]
    sources += (SCRIPTS / "licenses").rglob("*")
    seen = hashlib.sha256()
    for path in sorted(path for path in sources if path.is_file()):
        seen.update(f"{path} {digest(path)}\n".encode())
    return seen.hexdigest()


def bundle_of(bundles: Path, inputs: str) -> Path | None:
    """Return the bundle that was built from `inputs`, if it is there and no file of it is missing or cut short."""
    try:
        current = json.loads((bundles / "current.json").read_text())
        bundle = bundles / current["version"]
        files = json.loads((bundle / "manifest.json").read_text())["files"]
        whole = all((bundle / name).stat().st_size == file["bytes"] for name, file in files.items())
    except FileNotFoundError:
        return None
    return bundle if whole and current["inputs"] == inputs else None


def fetch_unpacker() -> dict[str, Path]:
    """Return where the unpacker and its licence lie, by name, fetching them as `scripts.runtime.fetch` does."""
    found = fetch_npm(UNPACKER_PACKAGE)
    return {UNPACKER: found[f"dist/{UNPACKER}"], f"{UNPACKER}.LICENSE": found["LICENSE"]}


def install_tools() -> Path:
    """Unpack pyodide-build and pyodide-lock, for the bundle's own Python, into the cache and return their folder."""
    folder = cache_folder() / f"tools-{digest(TOOLS)[:16]}"
    with exclusive(cache_folder() / ".tools.lock"):
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=cache_folder(), prefix=".tools-") as work:
                draft = Path(work) / "tools"
                run(
                    *(sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"),
                    *("--target", str(draft), "--python-version", "3.14", "--only-binary=:all:"),
                    *("--no-deps", "--no-compile", "--require-hashes", "--requirement", str(TOOLS)),
                )
                draft.rename(folder)
    return folder


def assemble(root: Path, work: Path, files: Mapping[str, Path], tools: Path) -> Path:
    """Put everything that is served, but for the manifest, into a folder of `work`, and return that folder."""
    wheel = build_wheel(root, work)
    wheels = work / "wheels"
    wheels.mkdir()
    trim(wheel, wheels / wheel.name, lambda path: path.name != "__main__.py")  # a page has no command line
    trim(files[NUMPY_WHEEL], wheels / NUMPY_WHEEL, is_needed_of_numpy)
    shutil.copy(files["pyodide-lock.json"], work)
    packages = [describe("numpy", NUMPY_WHEEL), describe("gd-core", wheel.name, "numpy")]
    (work / "packages.json").write_text(json.dumps(packages))
    shutil.copy(files["python_stdlib.zip"], work / "stdlib.zip")
    announce("Compiling NumPy and gd_core for the browser's Python")
    pyodide = files["pyodide.mjs"].parent
    run(
        *(program("node"), str(SCRIPTS / "compile_wheels.mjs"), str(pyodide), str(tools), str(work)),
        environment={"TZ": "UTC"},
    )
    announce("Taking the image of Python's memory that pages start from")
    (terser,) = fetch_npm(TERSER).values()
    run(
        *(program("node"), str(SCRIPTS / "make_snapshot.mjs"), str(pyodide), str(terser), str(work)),
        environment={"TZ": "UTC"},
    )
    draft = work / "bundle"
    shutil.copytree(wheels, draft)
    shutil.copytree(SCRIPTS / "licenses", draft / "LICENSES")
    copy_numpy_licenses(files[NUMPY_WHEEL], draft / "LICENSES" / "numpy")
    shutil.copy(wheel, draft)
    shutil.copy(work / "pyodide-lock.json", draft)
    shutil.copy(files[f"{UNPACKER}.LICENSE"], draft / "LICENSES" / "zstddec.txt")
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", UNPACKER):
        shutil.copy(files[name], draft / name)
    shutil.copy(work / "trimmed" / "pyodide.asm.mjs", draft / "pyodide.asm.trimmed.mjs")
    for name, source in zip(PACKED, ("memory", "libraries", "trimmed/pyodide.asm.wasm"), strict=True):
        for ending, pack in PACKINGS.items():
            (draft / f"{name}{ending}").write_bytes(pack((work / source).read_bytes()))
    return draft


def build_wheel(root: Path, work: Path) -> Path:
    """Build the wheel of `gd_core` with the standard tool, leave it in `dist/` too, and return the one in `work`."""
    announce("Building the wheel of gd_core")
    folder = work / "dist"
    run(*(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(root)))
    (wheel,) = folder.glob("*.whl")
    (root / "dist").mkdir(exist_ok=True)
    shutil.copy(wheel, root / "dist")
    return wheel


def trim(source: Path, target: Path, is_needed: Callable[[PurePosixPath], bool]) -> None:
    """Copy a wheel without what a page never imports; its dist-info, licences included, stays whole."""
    with zipfile.ZipFile(source) as wheel, zipfile.ZipFile(target, "w") as trimmed:
        for name in wheel.namelist():
            path = PurePosixPath(name)
            if is_needed(path) or path.parts[0].endswith(".dist-info"):
                trimmed.writestr(zipfile.ZipInfo(name), b"" if name in DOCUMENTATION else wheel.read(name))


def is_needed_of_numpy(path: PurePosixPath) -> bool:
    """Tell whether a page may import this file of NumPy's wheel."""
    return path.suffix in (".py", ".so") and not set(path.parts) & set(NOT_SERVED)


def copy_numpy_licenses(source: Path, folder: Path) -> None:
    """Copy the licences that NumPy's wheel carries, its own and those of what it includes, into `folder`."""
    with zipfile.ZipFile(source) as wheel:
        for name in wheel.namelist():
            _, found, inner = name.partition(".dist-info/licenses/")
            if found:
                path = folder / inner
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(wheel.read(name))


def describe(name: str, wheel: str, *depends: str) -> Json:
    """Return what the lock file says of a package, but for the file name and hash that compiling gives its wheel."""
    version, imports = wheel.split("-")[1], name.replace("-", "_")
    return {"wheel": wheel, "name": name, "version": version, "imports": [imports], "depends": [*depends]}


def write_manifest(draft: Path, snapshot: Json) -> str:
    """Write `manifest.json` into `draft`, with what is to be known of the snapshot, and return the version it gives.

    The version is the beginning of the manifest's own SHA-256, so that a page, which knows the version, can tell
    whether the manifest has arrived as it was written.
    """
    lock = json.loads((draft / "pyodide-lock.json").read_text())
    roles = ROLES | {package["file_name"]: "archive" for package in lock["packages"].values()}
    files: dict[str, dict[str, Json]] = {}
    for path in sorted(path for path in draft.rglob("*") if path.is_file()):
        name = path.relative_to(draft).as_posix()
        files[name] = {"sha256": digest(path), "bytes": path.stat().st_size, "role": roles.get(name, "extra")}
        if path.suffix in PACKINGS:
            contents = zstandard.ZstdDecompressor().decompress(path.with_suffix(".zst").read_bytes())
            files[name]["unpacked"] = {"sha256": hashlib.sha256(contents).hexdigest(), "bytes": len(contents)}
    manifest = {
        "python": PYTHON_VERSION,
        "pyodide": PYODIDE_VERSION,
        "files": files,
        "snapshot": snapshot,
    }
    (draft / "manifest.json").write_text(json.dumps(manifest) + "\n")
    return digest(draft / "manifest.json")[:16]


def remove_old_bundles(bundles: Path) -> None:
    """Keep the newest few bundles, since a page or a test may still be using one, and remove the others."""
    found = sorted((path.parent for path in bundles.glob("*/manifest.json")), key=lambda path: path.stat().st_mtime)
    for bundle in found[:-BUNDLES_KEPT]:
        shutil.rmtree(bundle)


def run_in_bundle(script: Path, argument: Json, bundle: Path | None = None) -> Json:
    """Run the Python file `script` in the bundle under Node, call its `main(argument)`, and return what that returns.

    Both cross as JSON, which has no NaN and no infinity: a script that may meet them returns them as strings, `repr` or
    `float.hex`. Raises BundleError with what Python said when the script fails.
    """
    folder = bundle or build_bundle()
    command = (program("node"), str(SCRIPTS / "run_in_bundle.mjs"), str(folder), str(script.resolve()))
    result: Json = json.loads(run(*command, text=json.dumps(argument, allow_nan=False)))
    return result


def run(*command: str, text: str = "", environment: Mapping[str, str] | None = None) -> str:
    """Run a command with `text` as its input and return its output; raises BundleError with all it said if it fails."""
    done = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip() or "nothing"
        shown = shlex.join(command)
        raise BundleError(f"{shown} ended with status {done.returncode}, saying:\n{said}")
    return done.stdout


def write_atomically(path: Path, value: Json) -> None:
    """Write `value` as JSON to `path` in one move, so that nobody reads half of it."""
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(value) + "\n")
    draft.replace(path)


def announce(sentence: str) -> None:
    """Tell the person at the terminal what is being done."""
    print(sentence, file=sys.stderr)


def main() -> int:
    """Build the bundle and print its folder; 0 when it is there."""
    try:
        print(build_bundle())
    except (FetchError, BundleError, OSError) as error:  # of OSErrors, a full disk is the likely one
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted: the bundle was not built", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
