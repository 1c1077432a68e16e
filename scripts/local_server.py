"""A web server on this machine for a built site, at the root or below a path: for tests and for measuring."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any


class Handler(SimpleHTTPRequestHandler):
    """Serve a folder below `prefix` as any web server would."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".mjs": "text/javascript",
        ".js": "text/javascript",
        ".wasm": "application/wasm",
    }

    def __init__(self, *args: Any, prefix: str, **kwargs: Any) -> None:
        self.prefix = prefix
        super().__init__(*args, **kwargs)

    def translate_path(self, path: str) -> str:
        """Map an address to a file of the folder; what does not begin with the prefix is not there."""
        inside = path.startswith(self.prefix)
        return super().translate_path("/" + path.removeprefix(self.prefix) if inside else "/outside-of-the-site")

    def handle(self) -> None:
        """Answer a browser, which may leave at any moment."""
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Host(Handler):
    """Serve as GitHub Pages does: text and WebAssembly gzipped, kept for ten minutes, over connections that last."""

    protocol_version = "HTTP/1.1"
    packed_types = ("text/", "application/json", "application/wasm", "application/xml", "image/svg+xml")

    def send_head(self) -> Any:
        """Send the headers of a gzipped answer, and return its body; leave everything else to the plain server."""
        name = self.translate_path(self.path)
        path = Path(name, "index.html") if name.endswith("/") else Path(name)
        kind = self.guess_type(path)
        accepted = "gzip" in self.headers.get("Accept-Encoding", "")
        if not (accepted and kind.startswith(self.packed_types) and path.is_file()):
            return super().send_head()
        body = gzipped(path)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return BytesIO(body)

    def end_headers(self) -> None:
        """Let browsers keep every answer for as long as the host lets them."""
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()


class Server(ThreadingHTTPServer):
    """A server that lets a browser open all its connections at once; a refused one comes again only after a second."""

    request_queue_size = 128


@cache
def gzipped(path: Path) -> bytes:
    """Return a file's content, gzipped once for all who ask."""
    return gzip.compress(path.read_bytes(), 6)


@contextmanager
def serve(folder: Path, prefix: str, handler: type[Handler] = Handler) -> Iterator[str]:
    """Serve `folder` below `prefix`, which begins and ends with a slash, on a free port, and give its address."""
    server = Server(("127.0.0.1", 0), partial(handler, directory=str(folder), prefix=prefix))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{prefix}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
