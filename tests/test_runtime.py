"""Fetching the runtime: every source in turn, every way it can fail, and a cache that never holds half a file."""

from __future__ import annotations

import errno
import functools
import hashlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts import runtime
from scripts.runtime import FetchError, Package, Pin, Progress, fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CORE = {"core.mjs": b"export {};\n", "core.wasm": bytes(range(256)) * 4_000}
WHEEL = {"numbers.whl": b"wheel " * 1_000}


def pins(files: dict[str, bytes]) -> tuple[Pin, ...]:
    return tuple(Pin(name, hashlib.sha256(data).hexdigest(), len(data)) for name, data in files.items())


PACKAGES = (
    Package("core@1", "npm", ("{folder}",), "*.tgz", "package/", 1_000, pins(CORE)),
    Package("numbers==1", "pip", ("{folder}",), "*.whl", "static/", 1_000, pins(WHEEL)),
)
FILES = CORE | WHEEL


@dataclass
class Cdn:
    """A server that plays the CDN: sends `files`, unless `answers` says otherwise for a name."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=lambda: dict(FILES))
    answers: dict[str, Callable[[BaseHTTPRequestHandler, bytes], None]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    asked: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)


def send(handler: BaseHTTPRequestHandler, data: bytes, promised: int | None = None) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(data) if promised is None else promised))
    handler.end_headers()
    handler.wfile.write(data)


def answer_no(handler: BaseHTTPRequestHandler, _: bytes) -> None:
    handler.send_error(404)


def answer_with_other_bytes(handler: BaseHTTPRequestHandler, data: bytes) -> None:
    send(handler, data[:-1] + b"?")


def answer_with_too_many_bytes(handler: BaseHTTPRequestHandler, data: bytes) -> None:
    send(handler, data + b"?")


def cut_the_connection(handler: BaseHTTPRequestHandler, data: bytes) -> None:
    send(handler, data[: len(data) // 2], promised=len(data))


def hang(cdn: Cdn, handler: BaseHTTPRequestHandler, data: bytes) -> None:
    send(handler, data[: len(data) // 2], promised=len(data))
    handler.wfile.flush()
    cdn.asked.set()
    cdn.closing.wait()


@pytest.fixture
def cdn() -> Iterator[Cdn]:
    playing = Cdn()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.removeprefix("/")
            playing.requests.append(name)
            playing.answers.get(name, send)(self, playing.files[name])

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 -- the name is the base class's
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        playing.address = f"http://127.0.0.1:{server.server_port}"
        yield playing
        playing.closing.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def no_cdn() -> str:
    """An address where nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


COPY = "import shutil, sys; open(sys.argv[1] + '.asked', 'a').write('.'); shutil.copy(sys.argv[1], sys.argv[2])"


@dataclass
class Registries:
    """Clients that hand out packages made of files at hand, and remember how often they were asked."""

    folder: Path

    def make(self, core: dict[str, bytes] = CORE, wheel: dict[str, bytes] = WHEEL) -> dict[str, list[str]]:
        with tarfile.open(self.folder / "core-1.tgz", "w:gz") as package:
            for name, data in core.items():
                member = tarfile.TarInfo(f"package/{name}")
                member.size = len(data)
                package.addfile(member, io.BytesIO(data))
        with zipfile.ZipFile(self.folder / "numbers-1.whl", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in wheel.items():
                archive.writestr(f"static/{name}", data)
        return {
            client: [sys.executable, "-c", COPY, str(self.folder / name)]
            for client, name in (("npm", "core-1.tgz"), ("pip", "numbers-1.whl"))
        }

    def asked(self) -> dict[str, int]:
        return {path.stem: len(path.read_text()) for path in self.folder.glob("*.asked")}


@pytest.fixture
def registries(tmp_path: Path) -> Registries:
    folder = tmp_path / "registries"
    folder.mkdir()
    return Registries(folder)


NO_CLIENTS = {"npm": ["/no/such/npm"], "pip": ["/no/such/pip"]}


def kept(cache: Path) -> dict[str, bytes]:
    """Everything that the cache holds but its lock, temporary files included."""
    return {path.name: path.read_bytes() for path in cache.rglob("*") if path.is_file() and path.name != ".lock"}


def test_every_file_comes_from_the_cdn_and_then_from_the_cache(cdn: Cdn, tmp_path: Path) -> None:
    for _ in range(2):
        files = fetch(tmp_path, packages=PACKAGES, cdn=cdn.address, clients=NO_CLIENTS)
        assert {name: path.read_bytes() for name, path in files.items()} == FILES
    assert sorted(cdn.requests) == sorted(FILES)
    assert kept(tmp_path) == FILES


def test_a_machine_without_the_cdn_takes_everything_from_the_registries(
    no_cdn: str, registries: Registries, tmp_path: Path
) -> None:
    files = fetch(tmp_path / "cache", packages=PACKAGES, cdn=no_cdn, clients=registries.make())
    assert {name: path.read_bytes() for name, path in files.items()} == FILES
    assert kept(tmp_path / "cache") == FILES
    assert registries.asked() == {"core-1.tgz": 1, "numbers-1.whl": 1}


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (answer_no, "404"),
        (answer_with_other_bytes, "must have SHA-256"),
        (answer_with_too_many_bytes, "and more came"),
        (cut_the_connection, "must hold 1024000 bytes, and 512000 came"),
    ],
)
def test_a_cdn_that_fails_once_is_not_asked_again_and_the_registries_take_over(
    answer: Callable[[BaseHTTPRequestHandler, bytes], None],
    complaint: str,
    cdn: Cdn,
    registries: Registries,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cdn.answers["core.wasm"] = answer
    fetch(tmp_path / "cache", packages=PACKAGES, cdn=cdn.address, clients=registries.make())
    assert kept(tmp_path / "cache") == FILES
    assert cdn.requests == ["core.mjs", "core.wasm"]
    assert complaint in capsys.readouterr().err


def test_a_cdn_that_falls_silent_is_given_up(
    cdn: Cdn, registries: Registries, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cdn.answers["core.wasm"] = functools.partial(hang, cdn)
    fetch(tmp_path / "cache", packages=PACKAGES, cdn=cdn.address, clients=registries.make(), patience=0.2)
    assert kept(tmp_path / "cache") == FILES
    assert "timed out" in capsys.readouterr().err


def test_without_any_source_one_sentence_names_all_that_were_tried(no_cdn: str, tmp_path: Path) -> None:
    with pytest.raises(FetchError) as failure:
        fetch(tmp_path, packages=PACKAGES, cdn=no_cdn, clients=NO_CLIENTS)
    sentence = str(failure.value)
    assert "\n" not in sentence
    assert sentence.startswith("no source delivers core.mjs, core.wasm; tried the CDN (http://127.0.0.1")
    assert "npm's core@1 (/no/such/npm does not start: No such file or directory)" in sentence
    assert kept(tmp_path) == {}


def test_a_client_that_fails_is_quoted(no_cdn: str, tmp_path: Path) -> None:
    script = "import sys; print('npm error code E404'); print('chatter'); sys.exit(3)"
    clients = {"npm": [sys.executable, "-c", script]}
    with pytest.raises(FetchError, match=r"it ended with status 3, saying: npm error code E404\)$"):
        fetch(tmp_path, packages=PACKAGES, cdn=no_cdn, clients=clients)
    assert kept(tmp_path) == {}


def test_a_package_with_other_bytes_than_pinned_is_refused_and_what_was_right_stays(
    no_cdn: str, registries: Registries, tmp_path: Path
) -> None:
    clients = registries.make(core=CORE | {"core.wasm": b"x" * len(CORE["core.wasm"])})
    with pytest.raises(FetchError, match=r"no source delivers core\.wasm; .* must have SHA-256"):
        fetch(tmp_path / "cache", packages=PACKAGES, cdn=no_cdn, clients=clients)
    assert kept(tmp_path / "cache") == {"core.mjs": CORE["core.mjs"]}


def test_a_package_that_lacks_the_file_is_refused(no_cdn: str, registries: Registries, tmp_path: Path) -> None:
    clients = registries.make(wheel={"other.whl": b""})
    with pytest.raises(FetchError, match=r"static/numbers\.whl cannot be taken out of numbers-1\.whl"):
        fetch(tmp_path / "cache", packages=PACKAGES, cdn=no_cdn, clients=clients)
    assert kept(tmp_path / "cache") == CORE


@pytest.mark.parametrize("name", ["core-1.tgz", "numbers-1.whl"])
def test_a_package_cut_short_is_refused(name: str, no_cdn: str, registries: Registries, tmp_path: Path) -> None:
    clients = registries.make()
    package = registries.folder / name
    package.write_bytes(package.read_bytes()[:-200])
    with pytest.raises(FetchError, match=r"cannot be taken out of|broke off after"):
        fetch(tmp_path / "cache", packages=PACKAGES, cdn=no_cdn, clients=clients)
    assert set(kept(tmp_path / "cache").items()) <= set(CORE.items())


@pytest.mark.parametrize("damaged", [b"", b"y" * len(CORE["core.wasm"])], ids=["empty", "same size"])
def test_a_damaged_file_in_the_cache_is_noticed_and_fetched_again(
    damaged: bytes, cdn: Cdn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = fetch(tmp_path, packages=PACKAGES, cdn=cdn.address)
    files["core.wasm"].write_bytes(damaged)
    cdn.requests.clear()
    fetch(tmp_path, packages=PACKAGES, cdn=cdn.address)
    assert kept(tmp_path) == FILES
    assert cdn.requests == ["core.wasm"]
    assert "core.wasm is damaged and is fetched again" in capsys.readouterr().err


def test_a_damaged_file_does_not_outlive_a_fetch_that_fails(cdn: Cdn, no_cdn: str, tmp_path: Path) -> None:
    files = fetch(tmp_path, packages=PACKAGES, cdn=cdn.address)
    files["core.wasm"].write_bytes(b"half")
    with pytest.raises(FetchError, match=r"no source delivers core\.wasm"):
        fetch(tmp_path, packages=PACKAGES, cdn=no_cdn, clients=NO_CLIENTS)
    assert "core.wasm" not in kept(tmp_path)


def test_what_a_killed_process_left_is_swept_away(cdn: Cdn, tmp_path: Path) -> None:
    folder = fetch(tmp_path, packages=PACKAGES, cdn=cdn.address)["core.mjs"].parent
    (folder / ".core.wasm.abc").write_bytes(b"half")
    (folder / ".download-abc").mkdir()
    (folder / ".download-abc" / "package.tgz").write_bytes(b"half")
    fetch(tmp_path, packages=PACKAGES, cdn=cdn.address)
    assert kept(tmp_path) == FILES


def test_a_full_disk_is_said_in_one_sentence_and_leaves_nothing(
    cdn: Cdn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        FetchError, match=r"^cannot write to .*: the disk is full: No space left on device; mend that or set GD_CACHE"
    ):
        fetch(tmp_path, packages=PACKAGES, cdn=cdn.address, clients=NO_CLIENTS)
    assert kept(tmp_path) == {}


def test_a_package_that_the_disk_cannot_hold_is_not_even_asked_for(
    no_cdn: str, registries: Registries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = registries.make()
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_999))
    with pytest.raises(FetchError, match=r"the disk is full: 0 MB are needed for a moment and 0 MB are free"):
        fetch(tmp_path / "cache", packages=PACKAGES, cdn=no_cdn, clients=clients)
    assert registries.asked() == {}
    assert kept(tmp_path / "cache") == {}


def test_an_interruption_in_the_middle_of_a_file_leaves_nothing_of_it(
    cdn: Cdn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: Progress, done: int) -> None:
        if done > len(CORE["core.mjs"]):
            raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "update", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch(tmp_path, packages=PACKAGES, cdn=cdn.address)
    assert kept(tmp_path) == {"core.mjs": CORE["core.mjs"]}


def test_ctrl_c_ends_the_command_with_a_sentence_and_a_clean_cache(cdn: Cdn, tmp_path: Path) -> None:
    cdn.files["pyodide.mjs"] = b"x" * 17_880
    cdn.answers["pyodide.mjs"] = functools.partial(hang, cdn)
    environment = os.environ | {"GD_CACHE": str(tmp_path), "GD_CDN": cdn.address}
    # A test run in the background may have SIGINT ignored, and children inherit that.
    start = "import runpy, signal as s; s.signal(s.SIGINT, s.default_int_handler); "
    start += "runpy.run_module('scripts.runtime', run_name='__main__')"
    command = [sys.executable, "-c", start]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as running:
        assert cdn.asked.wait(30)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate()
    assert running.returncode == 130
    assert said.splitlines()[-1] == "error: interrupted; what was not complete has been removed"
    assert "Traceback" not in said
    assert kept(tmp_path) == {}


def test_the_command_ends_with_one_sentence_when_nothing_can_be_had(
    no_cdn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GD_CACHE", str(tmp_path))
    monkeypatch.setenv("GD_CDN", no_cdn)
    monkeypatch.setattr(runtime, "default_clients", lambda: NO_CLIENTS)
    assert runtime.main() == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[-1].startswith("error: no source delivers pyodide.mjs, ")


def test_two_builds_at_the_same_time_fetch_each_file_once(cdn: Cdn, tmp_path: Path) -> None:
    def build(_: int) -> dict[str, Path]:
        return fetch(tmp_path, packages=PACKAGES, cdn=cdn.address)

    with ThreadPoolExecutor() as pool:
        first, second = pool.map(build, range(2))
    assert first == second
    assert sorted(cdn.requests) == sorted(FILES)
    assert kept(tmp_path) == FILES


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_moves_one_line_on_a_terminal_and_writes_few_lines_elsewhere() -> None:
    for stream, expected in (
        (
            Terminal(),
            "\r\x1b[Ka file (5.0 MB)\r\x1b[Ka file: 1.0 of 5.0 MB, 4 s\r\x1b[Ka file: 2.0 of 5.0 MB, 12 s\n",
        ),
        (io.StringIO(), "a file (5.0 MB)\na file: 2.0 of 5.0 MB, 12 s\n"),
    ):
        times = iter([0.0, 4.0, 4.05, 12.0])
        progress = Progress("a file", 5_000_000, stream, clock=times.__next__)
        progress.update(1_000_000)
        progress.update(1_500_000)
        progress.update(2_000_000)
        progress.close()
        assert stream.getvalue() == expected


def test_the_cache_lies_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GD_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert runtime.cache_folder() == tmp_path / "gradient-descent-lesson"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert runtime.cache_folder() == Path.home() / ".cache" / "gradient-descent-lesson"
    monkeypatch.setenv("GD_CACHE", str(tmp_path / "other"))
    assert runtime.cache_folder() == tmp_path / "other"
