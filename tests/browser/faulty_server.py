"""A web server that does to the site's files what servers, networks and their filters do to them at their worst."""

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from scripts.local_server import Handler
from tests.browser.lab import instead, over_line

SIGN_IN = "/sign-in.html"
PORTAL = b"<!DOCTYPE html><title>Sign in to the guest network</title>"

PATIENCE = "patience = 30_000"
"""Where `python.js` says how many milliseconds of a start may pass without any progress."""


@dataclass
class Faults:
    """What is to happen to which file, by the file's name; tests change it while the server runs."""

    of: dict[str, str] = field(default_factory=dict)
    """A key of `FAULTS` for each file; all others arrive as they are."""
    fast: bool = False
    """Whether the page's script shall take the line for a fast one."""
    patience: int | None = None
    """Milliseconds of patience that the page's script shall have instead of its own, so that tests need not wait."""
    closing: Event = field(default_factory=Event)
    """Set when the server goes, for those that wait."""


class FaultyHandler(Handler):
    """Serve a site, but for the files that `faults` names."""

    faults: Faults
    keep = "no-store"  # what the server does next is to be seen

    def do_GET(self) -> None:  # noqa: N802 -- the name is the base class's
        """Answer with the file or with its fault."""
        name = PurePosixPath(urlsplit(self.path).path).name
        if fault := self.faults.of.get(name):
            FAULTS[fault](self)
        elif self.path == SIGN_IN:
            self.answer(PORTAL)
        elif self.path.endswith("/labs/python.js"):
            text = over_line(self.contents().decode(), self.faults.fast)
            if self.faults.patience is not None:
                text = instead(text, PATIENCE, f"patience = {self.faults.patience}")
            self.answer(text.encode())
        else:
            super().do_GET()

    def contents(self) -> bytes:
        """Return what is asked for, as it should be."""
        return Path(self.translate_path(self.path)).read_bytes()

    def answer(self, body: bytes, kind: str | None = None, promised: int | None = None) -> None:
        """Send an answer, which may promise more bytes than it holds or be of another kind than it should."""
        self.send_response(200)
        self.send_header("Content-Type", kind or self.guess_type(self.path))
        self.send_header("Content-Length", str(len(body) if promised is None else promised))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def end_headers(self) -> None:
        """Say how long the answer may be kept."""
        self.send_header("Cache-Control", self.keep)
        super().end_headers()

    def handle(self) -> None:
        """Answer whoever may have hung up meanwhile."""
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True


def altered(handler: FaultyHandler) -> None:
    """Change one bit in the middle."""
    data = bytearray(handler.contents())
    data[len(data) // 2] ^= 1
    handler.answer(bytes(data))


def altered_once(handler: FaultyHandler) -> None:
    """Change one bit in an answer that the browser may keep for an hour; the next answer is as it should be."""
    del handler.faults.of[PurePosixPath(urlsplit(handler.path).path).name]
    handler.keep = "max-age=3600"
    altered(handler)


def half(handler: FaultyHandler) -> bytes:
    """Send the first half of what was promised."""
    data = handler.contents()
    handler.answer(data[: len(data) // 2], promised=len(data))
    return data


def stalled(handler: FaultyHandler) -> None:
    """Send half, and then nothing more."""
    half(handler)
    handler.faults.closing.wait()


def reset(handler: FaultyHandler) -> None:
    """Send half, and break the connection off."""
    half(handler)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def slow(handler: FaultyHandler) -> None:
    """Send the file in fifty parts over five seconds."""
    data = handler.contents()
    handler.answer(b"", promised=len(data))
    size = len(data) // 50 + 1
    for start in range(0, len(data), size):
        handler.wfile.write(data[start : start + size])
        handler.wfile.flush()
        handler.faults.closing.wait(0.1)


def late(handler: FaultyHandler) -> None:
    """Send the file whole, but only after three seconds."""
    handler.faults.closing.wait(3)
    handler.answer(handler.contents())


def redirected(address: str) -> Callable[[FaultyHandler], Any]:
    """Make a fault that sends everybody to another address."""

    def redirect(handler: FaultyHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", address)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return redirect


FAULTS: dict[str, Callable[[FaultyHandler], Any]] = {
    "missing": lambda handler: handler.send_error(404),
    "empty": lambda handler: handler.answer(b""),
    "truncated": lambda handler: handler.answer(handler.contents()[: len(handler.contents()) // 2]),
    "altered": altered,
    "altered once": altered_once,
    "of the wrong type": lambda handler: handler.answer(handler.contents(), kind="text/html"),
    "stalled": stalled,
    "reset": reset,
    "slow": slow,
    "late": late,
    "a sign-in page": lambda handler: handler.answer(PORTAL, kind="text/html"),
    "redirected to a sign-in page": redirected(SIGN_IN),
    "redirected to another host": redirected("http://portal.invalid/sign-in"),
}
"""What may become of a file."""
