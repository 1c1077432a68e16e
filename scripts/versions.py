"""Our scripts as they are served: without their comments and indents, in a folder that is named after what they are.

A page names that folder, and its scripts name each other from there, so that a page never gets modules of another
version than its own: neither from a browser's cache nor from a server that has been given the next one meanwhile. What
lies at such an address never changes, and may be kept for good.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

FOLDER = "assets/labs/"
"""Where their authors have them, below the folder of the pages."""

INSIDE = "early.js"
"""The script that stands inside every page, and is served in no other way."""

COMMENT_LINES = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*\n", re.DOTALL | re.MULTILINE)
"""Comments of a script that have their lines to themselves; prettier leaves them there. They are a third of it."""

INDENTS = re.compile(r"^[ \t]+", re.MULTILINE)
"""What stands before the first word of a line; no text of ours goes on over lines in a way that this matters."""


def without_comments(script: str) -> str:
    """Return a script without what only its authors read, comments and indents."""
    return INDENTS.sub("", COMMENT_LINES.sub("", script))


def served_scripts(docs: Path) -> dict[str, str]:
    """Return what is served of the scripts below `docs` and of the languages that they speak, by the name of each."""
    folder = docs / FOLDER
    scripts = {path.name: without_comments(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.js"))}
    languages = sorted(folder.glob("languages/*.json"))
    return scripts | {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in languages}


def served_folder(scripts: Mapping[str, str]) -> str:
    """Return where these scripts are served, below the site's root."""
    digest = hashlib.sha256()
    for name, text in scripts.items():
        digest.update(f"{name}\n{len(text)}\n{text}".encode())
    return f"assets/{digest.hexdigest()[:16]}/labs/"
