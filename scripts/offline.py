"""What lets the site be used without a network: the service workers' lists of files, and the whole site as one archive.

The service worker is `docs/assets/sw.js`. It is served from the site's root, because a worker serves only what lies
below its own address, and from the folder of each other language: so readers keep the lessons of the languages they
read and of no others.
"""

import hashlib
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import TypedDict
from urllib.parse import unquote

from scripts.languages import ENGLISH, folder_of
from scripts.versions import without_comments

SOURCE = "assets/sw.js"
SERVED = "sw.js"
ARCHIVE = "lessons.zip"

READ_ME = """\
The whole course, for a place without a network.

To train networks, serve this folder. In it, run

    python -m http.server

(on some machines the command is python3 or py) and open http://localhost:8000/ in a browser.

Without that, open index.html: you can read everything, but browsers start no Python in pages opened as files.
"""

PACKED = {".deflate", ".gz", ".png", ".whl", ".woff2", ".zip", ".zst"}
"""Kinds of files that would not become smaller."""

PAGES = ("{folder}index.html", "{folder}modules/*/index.html")
"""The pages of a language that are kept: the course page and the lessons, without what is for authors."""

PARTS = (
    "{labs}*.js",
    "{labs}languages/{code}.json",
    "assets/editor/**/*.*",
    "assets/javascripts/bundle.*.js",
    "assets/javascripts/workers/search.*.js",
    "assets/fonts/*.woff2",
    "{folder}search/search_index.json",
    "{folder}sitemap.xml",
)
"""What the pages load besides what they name. Python is not among it: the page keeps that itself."""

NAMED = re.compile(r'<(?:img|source|script)\b[^>]* src="([^":]+)"|<link rel="icon" href="([^":]+)"')

NO_LIST = "/** @type {Site | null} */ (null)"
"""What the list takes the place of in the service worker."""


class Kept(TypedDict):
    """What the service worker keeps."""

    version: str
    """Another one for any other files."""
    labs: str
    """The folder of our scripts, below the site's root: what tells whether a page is of this version."""
    folder: str
    """That of the language whose pages are kept, like "de/"; English has none."""
    files: dict[str, str]
    """SHA-256 by address, pages first."""


def write_worker(
    site: Path, source: Path, labs: str, *, keeps: bool, code: str = ENGLISH, search: Sequence[str] = ()
) -> None:
    """Write a service worker of a built site: each language has one, which serves the pages in that language's folder.

    Args:
        site: the folder of the built site.
        source: the service worker as its authors have it.
        labs: the folder of our scripts, below the site's root; its name tells their version, and every page names it.
        keeps: whether it keeps anything. If not, it removes itself and what it has kept from readers' browsers.
        code: the language's.
        search: the scripts that the search loads for that language, below the site's root.
    """
    text = source.read_text(encoding="utf-8")
    if text.count(NO_LIST) != 1:
        raise ValueError(f"{source} must hold {NO_LIST!r} once, got it {text.count(NO_LIST)} times")
    if keeps:
        text = text.replace(NO_LIST, json.dumps(kept_files(site, labs, code, search), indent=1))
    (site / folder_of(code) / SERVED).write_text(without_comments(text), encoding="utf-8")


def kept_files(site: Path, labs: str, code: str = ENGLISH, search: Sequence[str] = ()) -> Kept:
    """Return what the service worker of a language is to keep of a built site."""
    own = {"labs": labs, "code": code, "folder": folder_of(code)}
    pages = [path for pattern in PAGES for path in sorted(site.glob(pattern.format(**own)))]
    parts = {path for pattern in PARTS for path in site.glob(pattern.format(**own)) if path.is_file()}
    parts |= {site / script for script in search}
    for page in pages:
        folder = dirname(page.relative_to(site).as_posix())
        named = (first or second for first, second in NAMED.findall(page.read_text(encoding="utf-8")))
        parts |= {path for address in named if (path := site / normpath(join(folder, unquote(address)))).is_file()}
    files = {
        path.relative_to(site).as_posix().removesuffix("index.html"): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in [*pages, *sorted(parts)]
    }
    together = hashlib.sha256(json.dumps([labs, files]).encode()).hexdigest()[:16]
    return {"version": together, "labs": labs, "folder": folder_of(code), "files": files}


def write_archive(site: Path) -> None:
    """Write the whole built site into one archive in it, which unpacks into a folder of its own.

    The same site gives the same archive, byte for byte.
    """
    archive = site / ARCHIVE
    archive.unlink(missing_ok=True)
    contents = {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*")) if path.is_file()}
    with zipfile.ZipFile(archive, "w") as packed:

        def add(name: str, data: bytes, kind: int) -> None:
            entry = zipfile.ZipInfo(f"{archive.stem}/{name}")
            entry.external_attr = 0o644 << 16  # everybody may read it
            packed.writestr(entry, data, kind, compresslevel=1)

        add("README.txt", READ_ME.encode(), zipfile.ZIP_DEFLATED)
        for name, path in contents.items():
            add(name, path.read_bytes(), zipfile.ZIP_STORED if path.suffix in PACKED else zipfile.ZIP_DEFLATED)
