"""The bundle: what it holds, that it comes out the same every time, and that it starts or says why not."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import shutil
import socket
import subprocess
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import zstandard

import gd_core
from scripts import bundle as bundling
from scripts.bundle import ROOT, BundleError, build_bundle, run_in_bundle
from scripts.runtime import NUMPY_PACKAGE, PYODIDE_PACKAGE, PYTHON_VERSION, fetch, program

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMPY = "numpy-2.4.3-cp314-cp314-pyemscripten_2026_0_wasm32.whl"
COMPILED = "gd_core-0.1.0-cp314-none-any.whl"
PURE = "gd_core-0.1.0-py3-none-any.whl"
TRIMMED = "pyodide.asm.trimmed.mjs"
MAGIC_OF_3_14 = (3627).to_bytes(2, "little") + b"\r\n"
HASHED_SOURCE = (3).to_bytes(4, "little")
"""The second word of a `.pyc` file that carries its source's hash, where others carry the time of compiling."""


@pytest.fixture(scope="module")
def bundle() -> Path:
    return build_bundle()


@pytest.fixture(scope="module")
def manifest(bundle: Path) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads((bundle / "manifest.json").read_text())
    return parsed


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_manifest_lists_exactly_what_is_served(bundle: Path, manifest: dict[str, Any]) -> None:
    served = {path.relative_to(bundle).as_posix(): path for path in bundle.rglob("*") if path.is_file()}
    del served["manifest.json"]
    listed = {name: (file["sha256"], file["bytes"]) for name, file in manifest["files"].items()}
    assert listed == {name: (sha256(path), path.stat().st_size) for name, path in served.items()}
    assert sha256(bundle / "manifest.json").startswith(bundle.name)
    assert {file["role"] for file in manifest["files"].values()} == {
        *("module", "lock", "snapshot", "core", "archive", "extra")
    }


def test_a_start_loads_a_snapshot_and_a_plain_one_pyodide_and_two_wheels(manifest: dict[str, Any]) -> None:
    roles = {name: file["role"] for name, file in manifest["files"].items()}
    assert {name for name, role in roles.items() if role == "archive"} == {NUMPY, COMPILED}
    plainly = {name for name, role in roles.items() if role in ("module", "lock", "core")}
    assert plainly == {pin.name for pin in PYODIDE_PACKAGE.pins}
    packed = {f"{name}{ending}" for name in bundling.PACKED for ending in bundling.PACKINGS}
    assert {name for name, role in roles.items() if role == "snapshot"} == {*packed, TRIMMED, bundling.UNPACKER}
    assert roles[PURE] == "extra"


OF_WASM = """
import { readFileSync } from "node:fs";
const read = (path) => new WebAssembly.Module(readFileSync(path));
const [whole, trimmed, ...libraries] = process.argv.slice(1).map(read);
const exportsOf = (module) => WebAssembly.Module.exports(module).map(({ name }) => name);
const asked = new Set(libraries.flatMap((module) => WebAssembly.Module.imports(module).map(({ name }) => name)));
console.log(JSON.stringify([exportsOf(whole), exportsOf(trimmed), exportsOf(whole).filter((name) => asked.has(name))]));
"""
"""What two modules export, and what libraries ask of the first."""


def test_pyodides_webassembly_exports_less_but_all_that_numpys_libraries_ask_for(bundle: Path, tmp_path: Path) -> None:
    trimmed = tmp_path / "trimmed.wasm"
    trimmed.write_bytes(zstandard.decompress((bundle / "pyodide.asm.wasm.trimmed.zst").read_bytes()))
    with zipfile.ZipFile(bundle / NUMPY) as wheel:
        libraries = [wheel.extract(name, tmp_path) for name in wheel.namelist() if name.endswith(".so")]
    command = (program("node"), "--input-type=module", "--eval", OF_WASM, str(bundle / "pyodide.asm.wasm"))
    done = subprocess.run((*command, str(trimmed), *libraries), capture_output=True, text=True, check=True)
    before, after, asked = map(set, json.loads(done.stdout))

    assert len(libraries) > len(json.loads((bundle / "manifest.json").read_text())["snapshot"]["libraries"])
    assert asked
    assert asked <= after
    assert after < before


def test_another_pyodide_than_the_known_one_is_not_trimmed() -> None:
    script = f"""
      import {{ trim }} from {json.dumps((ROOT / "scripts" / "trim_pyodide.mjs").as_uri())};
      const parts = {{ script: "export default 1;", wasm: new Uint8Array(8), callers: [], libraries: [] }};
      parts.wasm.set([0, 97, 115, 109, 1]);
      await trim(parts, async (code) => ({{ code }})).catch((error) => console.log(error.message));
    """
    command = (program("node"), "--input-type=module", "--eval", script)
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.startswith("Pyodide's script must hold /")
    assert said.endswith(", got none\n")


def test_the_lock_file_names_only_what_is_served(bundle: Path, manifest: dict[str, Any]) -> None:
    lock = json.loads((bundle / "pyodide-lock.json").read_text())
    named = {package["name"]: (package["file_name"], package["sha256"]) for package in lock["packages"].values()}
    assert named == {
        "numpy": (NUMPY, manifest["files"][NUMPY]["sha256"]),
        "gd-core": (COMPILED, manifest["files"][COMPILED]["sha256"]),
    }
    assert lock["packages"]["gd-core"]["depends"] == ["numpy"]


def test_the_numpy_pin_is_the_wheel_that_pyodide_itself_names() -> None:
    lock = json.loads(fetch()["pyodide-lock.json"].read_text())
    (pin,) = NUMPY_PACKAGE.pins
    numpy = lock["packages"]["numpy"]
    assert (numpy["file_name"], numpy["sha256"]) == (pin.name, pin.sha256)


@pytest.mark.parametrize("archive", [NUMPY, COMPILED])
def test_python_files_are_compiled_for_3_14_and_carry_no_time(archive: str, bundle: Path) -> None:
    with zipfile.ZipFile(bundle / archive) as wheel:
        compiled = [name for name in wheel.namelist() if name.endswith(".pyc")]
        assert len(compiled) >= 10
        assert {wheel.read(name)[:8] for name in compiled} == {MAGIC_OF_3_14 + HASHED_SOURCE}
        assert {entry.date_time for entry in wheel.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_numpy_comes_without_tests_stubs_and_headers_but_with_its_licences(bundle: Path) -> None:
    with zipfile.ZipFile(bundle / NUMPY) as wheel:
        names = wheel.namelist()
    assert {Path(name).suffix for name in names if ".dist-info/" not in name} == {".pyc", ".so"}
    assert not [name for name in names if "/tests/" in name or "/f2py/" in name]
    assert "numpy-2.4.3.dist-info/licenses/LICENSE.txt" in names


def test_gd_core_comes_without_its_command_line(bundle: Path) -> None:
    with zipfile.ZipFile(bundle / COMPILED) as archive, zipfile.ZipFile(bundle / PURE) as wheel:
        served = {name.removesuffix("c") for name in archive.namelist() if ".dist-info/" not in name}
        assert {name for name in wheel.namelist() if ".dist-info/" not in name} - served == {"gd_core/__main__.py"}


def test_every_component_has_its_licence_in_the_bundle(bundle: Path) -> None:
    index = (bundle / "LICENSES" / "README.md").read_text()
    rows = [line.split("|")[1:-1] for line in index.splitlines() if line.startswith("|")][2:]
    assert {row[0].strip() for row in rows} >= {"Pyodide", "CPython", "NumPy"}
    for row in rows:
        assert (bundle / "LICENSES" / row[3].strip()).is_file(), row


def test_the_pure_wheel_is_the_package_that_the_tests_import(bundle: Path) -> None:
    tested = Path(gd_core.__file__).parent
    with zipfile.ZipFile(bundle / PURE) as wheel:
        served = {name: wheel.read(name) for name in wheel.namelist() if ".dist-info/" not in name}
    assert served == {
        path.relative_to(tested.parent).as_posix(): path.read_bytes()
        for path in tested.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_same_tree_gives_the_same_bundle(
    manifest: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "gd_core", tmp_path / "gd_core", copy_function=shutil.copyfile)
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("PYTHONHASHSEED", "17")
    rebuilt = build_bundle(tmp_path)
    assert json.loads((rebuilt / "manifest.json").read_text()) == manifest


def test_a_bundle_that_is_there_is_not_built_again(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unexpected(*command: str) -> str:
        raise AssertionError(command)

    monkeypatch.setattr(bundling, "run", unexpected)
    assert build_bundle() == bundle


def test_a_bundle_that_has_lost_a_file_does_not_count(bundle: Path, tmp_path: Path) -> None:
    bundles = tmp_path / "runtime"
    shutil.copytree(bundle, bundles / bundle.name)
    (bundles / "current.json").write_text(json.dumps({"inputs": "these", "version": bundle.name}))
    assert bundling.bundle_of(bundles, "these") == bundles / bundle.name
    assert bundling.bundle_of(bundles, "others") is None
    (bundles / bundle.name / NUMPY).unlink()
    assert bundling.bundle_of(bundles, "these") is None


def test_a_script_runs_in_the_bundle_and_answers_in_json(bundle: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import platform, sys\n"
        "import gd_core, numpy\n"
        "def main(argument):\n"
        "    print('to the standard error')\n"
        "    versions = [platform.python_version(), numpy.__version__, sys.platform]\n"
        "    return {'versions': versions, 'argument': argument, 'infinity': float('inf').hex()}\n"
    )
    argument: bundling.Json = {"numbers": [1, 0.1, -2.5e-308], "text": "η", "nothing": None}
    assert run_in_bundle(script, argument, bundle) == {
        "versions": [PYTHON_VERSION, "2.4.3", "emscripten"],
        "argument": argument,
        "infinity": "inf",
    }


def test_a_script_gets_an_argument_that_no_pipe_holds_at_once(bundle: Path, tmp_path: Path) -> None:
    script = tmp_path / "count.py"
    script.write_text("main = len\n")

    assert run_in_bundle(script, "0" * 1_000_000, bundle) == 1_000_000


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("raise ValueError('epochs must be above 0, got -1')", r"ValueError: epochs must be above 0, got -1"),
        ("return float('nan')", r"Out of range float values are not JSON compliant"),
    ],
)
def test_a_script_that_fails_in_the_bundle_is_quoted(body: str, complaint: str, bundle: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(f"def main(argument):\n    {body}\n")
    with pytest.raises(BundleError, match=complaint):
        run_in_bundle(script, None, bundle)


def start_python(*cases: dict[str, Any]) -> list[dict[str, Any]]:
    command = [program("node"), str(ROOT / "tests" / "start_python.mjs"), json.dumps(cases)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    outcomes: list[dict[str, Any]] = json.loads(done.stdout)
    return outcomes


def test_python_starts_and_reports_every_byte_and_stage(bundle: Path, manifest: dict[str, Any]) -> None:
    # The damaged read stands for a browser's cache that holds half a file: the second read goes past it.
    (outcome,) = start_python({"url": f"{bundle.as_uri()}/", "damage": ["memory.zst", 1]})
    assert outcome["name"] == "started", outcome
    named = {name: file for name, file in manifest["files"].items() if file["role"] in ("module", "lock", "snapshot")}
    files = [file for name, file in named.items() if not name.endswith(".deflate")]
    downloads = [step for step in outcome["progress"] if step["stage"] == "download"]
    assert downloads[0]["loaded"] == 0
    assert downloads[-1]["loaded"] == sum(file["bytes"] for file in files)
    assert {step["total"] for step in downloads} == {downloads[-1]["loaded"]}
    assert [step["loaded"] for step in downloads] == sorted(step["loaded"] for step in downloads)
    assert [(step["stage"], step["label"]) for step in outcome["progress"][len(downloads) :]] == [
        ("start", "Starting Python")
    ]


A_RUN = """
from gd_core.session import record
run = record({"epochs": 20, "learning_rate": 0.3})
json_safe = [loss.hex() for loss in run["losses"]] + [weight.hex() for weight in run["params"]]
" ".join(json_safe)
"""


@pytest.mark.fault(
    "a file of the image of Python's memory is damaged", "starts Python plainly, by itself, and computes the same bits"
)
@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("name", [*bundling.PACKED, TRIMMED])
def test_without_a_file_of_the_snapshot_python_starts_plainly_and_computes_the_same_bits(
    name: str, fast: bool, bundle: Path
) -> None:
    case = {"url": f"{bundle.as_uri()}/", "evaluate": A_RUN, "fast": fast}
    damage = [name if name == TRIMMED else f"{name}{'.deflate' if fast else '.zst'}", 2]
    restored, plain = start_python(case, {**case, "damage": damage})
    assert "Loading the network" not in [step["label"] for step in restored["progress"]]
    assert "Loading the network" in [step["label"] for step in plain["progress"]]
    assert restored["value"] == plain["value"]


@pytest.mark.fault(
    "the browser lays out its memory in another way than the image",
    "refuses the image and starts Python plainly, by itself",
)
def test_a_snapshot_of_another_memory_is_refused_and_python_starts_plainly(bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "bundle"
    shutil.copytree(bundle, copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["snapshot"]["checksum"] += 1
    (copy / "manifest.json").write_text(json.dumps(manifest))
    (outcome,) = start_python({"url": f"{copy.as_uri()}/", "evaluate": "import numpy; numpy.arange(3).sum()"})
    assert outcome["progress"][-1]["stage"] == "import"
    assert outcome["value"] == "3"


@pytest.mark.fault(
    "the machine is so busy that the clock moves on at every look", "starts Python from the image all the same"
)
def test_a_clock_that_moves_on_meanwhile_leaves_the_image_as_it_fits(bundle: Path) -> None:
    (outcome,) = start_python({"url": f"{bundle.as_uri()}/", "tick": 3})
    assert outcome["progress"][-1]["stage"] == "start"


def test_what_nobody_has_seeded_is_different_at_every_start(bundle: Path) -> None:
    draw = """
import random, uuid
import numpy as np
repr((random.random(), np.random.rand(), np.random.default_rng().random(), uuid.uuid4().hex))
"""
    url = f"{bundle.as_uri()}/"
    first, second = (
        ast.literal_eval(outcome["value"]) for outcome in start_python(*[{"url": url, "evaluate": draw}] * 2)
    )
    assert all(one != other for one, other in zip(first, second, strict=True))


def test_modules_that_the_snapshot_lacks_are_imported_from_the_archives(bundle: Path) -> None:
    late = """
import sys
before = {"numpy.ma", "statistics"} & set(sys.modules)
import statistics
import numpy as np
masked = np.ma.array([1, 2], mask=[0, 1])
repr([sorted(before), statistics.mean([1, 2, 6]), abs(np.fft.fft([3.0, 0.0])).tolist(), int(masked.sum())])
"""
    missing = "try:\n import numpy.nothing\nexcept ModuleNotFoundError as error:\n found = str(error)\nfound"
    url = f"{bundle.as_uri()}/"
    imported, refused = start_python({"url": url, "evaluate": late}, {"url": url, "evaluate": missing})
    assert imported["value"] == "[[], 3, [3.0, 3.0], 1]"
    assert refused["value"] == "No module named 'numpy.nothing'"


HTML = b"<!DOCTYPE html><title>Sign in to the guest network</title>"

FAULTS = {
    "missing": "The file pyodide.asm.wasm is missing: the server answered 404. If the site has been renewed since you"
    " opened this page, reloading the page helps.",
    "short": "The file pyodide.asm.wasm has arrived damaged: 9596462 bytes are expected, 4798231 came.",
    "altered": "The file pyodide.asm.wasm has arrived damaged: its contents have been altered on the way.",
    "cut": "The connection broke while pyodide.asm.wasm was downloaded.",
    "page": "A web page came instead of the file pyodide.asm.wasm: a sign-in page or a filter of your network may"
    " stand in the way.",
    "all-pages": "A web page came instead of the file manifest.json: a sign-in page or a filter of your network may"
    " stand in the way.",
    "silent": "Nothing has moved for 1 seconds (Downloading Python and NumPy).",
}
"""What a server may do to one file of a bundle, and the sentence that the reader then sees."""


@pytest.fixture
def faulty_server(bundle: Path) -> Iterator[str]:
    """A server whose first folder says what it does to the WebAssembly files; the rest it serves as it is."""
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, fault, name = self.path.split("/", 2)
            data = (bundle / name).read_bytes()
            promised = None
            if name.startswith("pyodide.asm.wasm") or fault == "all-pages":
                match fault:
                    case "missing":
                        self.send_error(404)
                        return
                    case "short":
                        data = data[: len(data) // 2]
                    case "altered":
                        data = data[:-1] + bytes([data[-1] ^ 1])
                    case "cut" | "silent":
                        data, promised = data[: len(data) // 2], len(data)
                    case "page" | "all-pages":
                        data = HTML
            self.send_response(200)
            self.send_header("Content-Length", str(promised or len(data)))
            self.end_headers()
            self.wfile.write(data)
            if promised and fault == "silent":
                closing.wait()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 -- the name is the base class's
            pass

        def handle(self) -> None:
            with contextlib.suppress(ConnectionError):  # the page hangs up on what it does not want to hear
                super().handle()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        closing.set()
        server.shutdown()
        thread.join()


@pytest.mark.fault(
    "the WebAssembly file is missing, short, altered, cut off, silent, or a web page", "ends in a sentence for each"
)
def test_every_fault_of_the_network_ends_in_a_sentence(faulty_server: str) -> None:
    cases = [
        {"url": f"{faulty_server}/{fault}/", "patience": 1_000 if fault == "silent" else 30_000} for fault in FAULTS
    ]
    outcomes = start_python(*cases)
    assert dict(zip(FAULTS, outcomes, strict=True)) == {
        fault: {"name": "StartError", "message": sentence} for fault, sentence in FAULTS.items()
    }


@pytest.mark.fault("the server does not answer at all", "says that the connection broke, and which file was asked for")
def test_a_server_that_does_not_answer_ends_in_a_sentence() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (outcome,) = start_python({"url": f"http://127.0.0.1:{port}/"})
    assert outcome == {"name": "StartError", "message": "The connection broke while manifest.json was downloaded."}
