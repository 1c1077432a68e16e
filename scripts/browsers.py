"""The browsers of the tests: where they are, and how a machine gets them.

`python -m scripts.browsers` installs those of them that are missing. Without Chromium it fails; where another cannot be
had it says so, and the tests skip what they cannot run.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

INSTALL = "python -m scripts.browsers"
QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
"""Options for a Chromium that serves tests: it asks nobody for anything, and starts in containers too."""


@dataclass(frozen=True)
class Source:
    """Where a browser may be found, and what brings it.

    Attributes:
        programs: names on the search path, or patterns of absolute paths.
        packages: of Debian; all that it takes, a display for a browser that needs one included.
    """

    programs: tuple[str, ...]
    packages: tuple[str, ...]


BROWSERS = {
    "chromium": Source(
        ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
        ("chromium-headless-shell",),
    ),
    "firefox": Source(("firefox-esr", "firefox"), ("firefox-esr",)),
    "webkit": Source(("/usr/lib/*/webkit*/MiniBrowser",), ("webkit2gtk-driver", "xvfb")),
}
"""By the names that Playwright has for them; the first is the one that must be there."""


def find(name: str) -> str | None:
    """Return the path of a browser: one that the machine has, or the one that Playwright installed for itself.

    Args:
        name: a key of `BROWSERS`.
    """
    if found := find_system(name):
        return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return find_own(playwright, name)


def find_system(name: str) -> str | None:
    """Return the path of a browser that the machine has."""
    for program in BROWSERS[name].programs:
        if program.startswith("/"):
            if found := next(Path("/").glob(program[1:]), None):
                return str(found)
        elif on_path := shutil.which(program):
            return on_path
    return None


def find_own(playwright: "Playwright", name: str) -> str | None:
    """Return the path of the browser that Playwright installed for itself."""
    path: str = getattr(playwright, name).executable_path
    return path if Path(path).exists() else None


def find_chromium() -> str | None:
    """Return the path of a Chromium."""
    return find("chromium")


def install(name: str) -> None:
    """Install a browser: from Debian's packages where we may, else by Playwright.

    Args:
        name: a key of `BROWSERS`.

    Raises:
        subprocess.CalledProcessError: an installer failed; what it said stands above.
    """
    if shutil.which("apt-get") and os.geteuid() == 0:
        packages = BROWSERS[name].packages
        subprocess.run(["apt-get", "install", "--yes", "--no-install-recommends", *packages], check=True)
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", name], check=True)


def install_missing() -> None:
    """Install every browser that is missing. Only Chromium must be had.

    Raises:
        subprocess.CalledProcessError: Chromium could not be installed.
    """
    missing = [name for name in BROWSERS if find(name) is None]
    if missing and shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update"], check=True)
    for name in missing:
        try:
            install(name)
        except subprocess.CalledProcessError:
            if name == next(iter(BROWSERS)):
                raise
            print(f"{name} cannot be had here; its tests will be skipped")


if __name__ == "__main__":
    install_missing()
