"""WebKit as Debian ships it, driven by Playwright.

Playwright brings a WebKit of its own, changed so that it can be driven; where that cannot be downloaded there is still
GTK's. Its little browser offers the protocol of its inspector on a port, and Playwright speaks that, since it drives
Safari on telephones so. One process is one window with one page, on a screen of its own that nobody sees.
"""

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from playwright.sync_api import Page, Playwright

from scripts.local_server import serve

SIZE = "1024x768"  # of the window, which nobody enlarges where there is no window manager

PATIENCE = 60
"""Seconds that the browser may take to open its window on a busy machine."""


@contextmanager
def open_webkit(playwright: Playwright, path: str) -> Iterator[Page]:
    """Start WebKit with nothing kept, and yield its page.

    Args:
        playwright: drives it.
        path: of the program `MiniBrowser`.

    Raises:
        FileNotFoundError: there is no Xvfb for its window.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        inspector = f"127.0.0.1:{free.getsockname()[1]}"
    command = [path, "--full-screen", "about:blank"]
    with screen() as display, TemporaryDirectory(ignore_cleanup_errors=True) as home:
        # A private window would forget what is kept in Cache Storage with every page.
        folders = dict.fromkeys(("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), home)
        surroundings = {"DISPLAY": display, "WEBKIT_INSPECTOR_HTTP_SERVER": inspector} | folders
        with running(command, os.environ | surroundings) as window:
            # Playwright asks for the list of pages in the form in which a telephone gives it.
            pages = [{"webSocketDebuggerUrl": f"ws://{inspector}{wait_for_page(inspector, window)}"}]
            Path(home, "json").write_text(json.dumps(pages), encoding="utf-8")
            with serve(Path(home), "/") as list_of_pages:
                browser = playwright.webkit.connect_over_cdp(list_of_pages)
                yield browser.contexts[0].pages[0]
                browser.close()


@contextmanager
def screen() -> Iterator[str]:
    """Open a screen that nobody sees, and yield its name."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{SIZE}x24", "-nolisten", "tcp"]
    with running(command, os.environ, keep=[writing]), os.fdopen(reading) as number:
        os.close(writing)
        yield ":" + number.readline().strip()


@contextmanager
def running(
    command: list[str], surroundings: Mapping[str, str], keep: Sequence[int] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """Keep a program running, and end it."""
    process = subprocess.Popen(
        command, env=surroundings, pass_fds=keep, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def wait_for_page(inspector: str, window: subprocess.Popen[bytes]) -> str:
    """Return the path of the page's socket, once the inspector names it; a window that has ended is not waited for."""
    patience = time.monotonic() + PATIENCE
    while time.monotonic() < patience:
        with suppress(OSError), urlopen(f"http://{inspector}/") as answer:
            if found := re.search(r"/socket/\d+/\d+/WebPage", answer.read().decode()):
                return found[0]
        with suppress(subprocess.TimeoutExpired):
            raise OSError(f"WebKit must keep its window open, and has ended with status {window.wait(0.1)}")
    raise TimeoutError(f"WebKit must open its window within {PATIENCE} seconds, and has not")
