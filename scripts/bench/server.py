"""The site as its host serves it, with every answer noted, whoever asked: a page, its worker or a worker's worker.

It can put files of the benchmark beside those of the site, which the site's own policy then lets a page load.
"""

import mimetypes
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from scripts.local_server import Host, gzipped, serve


class Answer(NamedTuple):
    """One answer: the path asked for, below the root, and the bytes of its body as they crossed."""

    path: str
    bytes: int


@dataclass
class Site:
    """A folder being served, and the answers given so far."""

    folder: Path
    address: str = ""
    answers: list[Answer] = field(default_factory=list)


@contextmanager
def published(folder: Path, mounts: Mapping[str, Path] | None = None) -> Iterator[Site]:
    """Serve `folder` at the root of a free port.

    Args:
        folder: what is served.
        mounts: files, and folders (whose addresses end with a slash), to be served beside or instead, by address.
    """
    site = Site(folder)
    mounted = mounts or {}

    class Noting(Host):
        def translate_path(self, path: str) -> str:
            asked = unquote(urlsplit(path).path)
            for place, target in mounted.items():
                if asked == place or (place.endswith("/") and asked.startswith(place)):
                    return str(target / asked.removeprefix(place)) if place.endswith("/") else str(target)
            return super().translate_path(path)

        def send_head(self) -> Any:
            body = super().send_head()
            if body:
                start, end = body.tell(), body.seek(0, 2)
                body.seek(start)
                site.answers.append(Answer(urlsplit(self.path).path.lstrip("/"), end))
            return body

    for path in folder.rglob("*.*"):
        crossing(path)  # so that no measurement waits for a file to be compressed
    with serve(folder, "/", Noting) as address:
        site.address = address
        yield site


def crossing(path: Path) -> int:
    """Return how many bytes of a file cross: gzipped, if that is of a type which the host compresses."""
    kind = Host.extensions_map.get(path.suffix) or mimetypes.guess_type(path.name)[0] or ""
    return len(gzipped(path)) if path.is_file() and kind.startswith(Host.packed_types) else path.stat().st_size
