"""The content policy of every page: what a browser may load for it and run in it, enforced by the browser itself.

The policy is the same on all pages: instant navigation adds the next page's to the first one's if they differ, so that
only what both allow would be left. So the template leaves it empty, and once all pages are there each gets the hashes
of the scripts and styles that stand inside any of them. That no other site may frame a page cannot be said in a page; a
host may send the header `Content-Security-Policy: frame-ancestors 'self'`, but not with `embed/`, a page for frames.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

DIRECTIVES = {
    # Whatever is not named below comes from the site's own host.
    "default-src": "'self'",
    # Our scripts and the theme's; those that stand inside a page by their hashes. Nothing that is made from text.
    # 'wasm-unsafe-eval': Python is WebAssembly. blob: Pyodide's modules run from the very bytes that were checked.
    "script-src": "'self' 'wasm-unsafe-eval' blob: {scripts}",
    # For browsers that do not know the two finer directives.
    "style-src": "'self' 'unsafe-inline'",
    # The sheets that `scripts.styles` writes into a page, and the theme's own.
    "style-src-elem": "'self' {styles}",
    # Where a picture's size or a column's alignment is an attribute: too many for hashes, and no style runs a script.
    "style-src-attr": "'unsafe-inline'",
    # data: icons lie inside style sheets.
    "img-src": "'self' data:",
    # data: what unpacks Python reads its own WebAssembly so; nothing leaves the page for that.
    "connect-src": "'self' data:",
    # 'self': the search's. blob: Python's; started so it has this policy, from its address it would have none.
    "worker-src": "'self' blob:",
    # Nothing of these is in any page.
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
"""What each directive allows, and why."""

META = re.compile(r'(<meta http-equiv="Content-Security-Policy" content=")([^"]*)(">)')
INSIDE = re.compile(r"<(?P<tag>script|style)\b(?P<attributes>[^>]*)>(?P<text>.*?)</(?P=tag)>", re.DOTALL)
DATA = re.compile(r"""\ssrc=|\stype=["']?application/(?:ld\+)?json""")
"""In a script's tag: a sign that no code stands inside."""

App = Callable[..., Iterable[bytes]]


def hashes(html: str, tag: str) -> set[str]:
    """Return the sources, like `'sha256-…'`, that allow what stands inside the scripts or styles of a page."""
    texts = [
        match["text"] for match in INSIDE.finditer(html) if match["tag"] == tag and not DATA.search(match["attributes"])
    ]
    return {f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts}


def policy(pages: Iterable[str]) -> str:
    """Return the policy for a site of these pages."""
    scripts, styles = set[str](), set[str]()
    for html in pages:
        scripts |= hashes(html, "script")
        styles |= hashes(html, "style")
    sources = {"scripts": " ".join(sorted(scripts)), "styles": " ".join(sorted(styles))}
    return "; ".join(f"{name} {allowed.format(**sources)}".strip() for name, allowed in DIRECTIVES.items())


def write_policies(site: Path) -> None:
    """Give every page of a built site the policy.

    Raises ValueError when a page leaves no place for it.
    """
    pages = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    text = policy(pages.values())
    for path, html in pages.items():
        html, count = META.subn(rf"\g<1>{text}\g<3>", html)
        if count != 1:
            raise ValueError(f"{path} must have one element {META.pattern}, got {count}")
        path.write_text(html, encoding="utf-8")


def allowing_live_reload(app: App) -> App:
    """Wrap the server of `mkdocs serve`, which adds a script to each page that it sends: allow that script, too."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer: list[Any] = []
        body = b"".join(app(environ, lambda status, headers: answer.extend((status, dict(headers)))))
        status, headers = answer
        if headers.get("Content-Type", "").startswith("text/html"):
            html = body.decode()
            body = META.sub(
                lambda meta: meta[1] + with_scripts(meta[2], hashes(html, "script")) + meta[3], html
            ).encode()
            headers["Content-Length"] = str(len(body))
        start_response(status, list(headers.items()))
        return [body]

    return serve


def with_scripts(text: str, more: set[str]) -> str:
    """Return a policy that allows more scripts."""
    missing = "".join(f" {source}" for source in sorted(more) if source not in text)
    return re.sub(r"(?<=script-src )[^;]*", lambda sources: sources[0] + missing, text)
