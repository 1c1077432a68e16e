"""The authors' pages as files: where their text begins, which anchors they have, and what links may lead to.

This is what a link's target is looked up in, while the site is built and while an author proofreads. It knows the
folder of the pages and nothing of what turns them into a site.
"""

import difflib
import posixpath
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

import markdown

from scripts.blocks import KINDS, BlocksExtension, Problem
from scripts.blocks.fences import Code, Fence, Prose, did_you_mean, read_mapping, split_fences, unknown
from scripts.blocks.inline import LinkKind, find_labels
from scripts.blocks.page import id_of
from scripts.languages import language_of, original_of

FRONT_MATTER = re.compile(r"-{3}[ \t]*\n(?P<body>.*?)\n?(?:-{3}|\.{3})[ \t]*(?:\n|\Z)", re.DOTALL)
BEGUN_FRONT_MATTER = re.compile(r"-{3}[ \t]*\n[\w-]+:")
IN_FRONT_MATTER = ("title", "description", "hide", "template", "icon", "status", "search")
"""What MkDocs and the theme look for. Other names are the author's own, unless they are nearly one of these."""
TEMPLATES = ("main.html", "embed.html")
"""The theme's templates for pages."""
ALMOST_FRONT_MATTER = re.compile(rf"\s*(?P<rule>-{{3,}})[ \t]*\n\s*(?:{'|'.join(IN_FRONT_MATTER)})[ \t]*:")
"""What is read as a rule and a heading, but is meant to be read by MkDocs."""
ID = re.compile(r"""\{[^}\n]*\#(?P<list>[\w:.-]+)[^}\n]*\} | \b(?:id|name)=["'](?P<attribute>[^"']+)["']""", re.VERBOSE)
HEADING = re.compile(r"[> ]*(?P<heading>#{1,6}[^#].*)")
UNDERLINE = re.compile(r"[> ]*(?:=+|-+) *$")


def split_front_matter(text: str) -> tuple[int, list[str]]:
    """Return the line of a file where its Markdown begins, counted from 1, and the lines from there on."""
    text = text.removeprefix("\ufeff")
    match = FRONT_MATTER.match(text)
    after = match.end() if match else 0
    return text.count("\n", 0, after) + 1, text[after:].split("\n")


def front_matter_problems(text: str, file: str) -> list[Problem]:
    """Return the mistakes in a page's name and front matter. MkDocs takes what it cannot read for text.

    Args:
        text: the whole page.
        file: its name, as messages say it.
    """
    problems: list[Problem] = []

    def report(line: int, sentence: str) -> None:
        problems.append(Problem(file, line, sentence))

    if not file.endswith(".md"):
        report(1, f"the file of a page must end in .md, got {posixpath.splitext(file)[1]}")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    match = FRONT_MATTER.match(text)
    if match:
        body = tuple(match["body"].split("\n"))
        entries = read_mapping(Fence("front matter", "", 1, body, closed=True), report) or {}
        for name, entry in entries.items():
            if name not in IN_FRONT_MATTER and difflib.get_close_matches(name.lower(), IN_FRONT_MATTER, 1, 0.75):
                report(entry.line, unknown("part of the front matter", name, IN_FRONT_MATTER))
        for name in ("title", "description"):
            given = entries.get(name)
            if given and not (isinstance(given.value, str) and given.value.strip()):
                report(given.line, f"{name} must be a text that is not empty, got {given.value!r}")
        template = entries.get("template")
        if template and template.value not in TEMPLATES:
            report(template.line, unknown("template", str(template.value), TEMPLATES))
        hide = entries.get("hide")
        if hide and not isinstance(hide.value, list):
            report(hide.line, f"hide must be a list, like [navigation, toc], got {hide.value!r}")
    elif BEGUN_FRONT_MATTER.match(text):
        report(1, "this front matter is not closed; end it with a line of three hyphens")
    if (match or not problems) and (almost := ALMOST_FRONT_MATTER.match(text, match.end() if match else 0)):
        line = text.count("\n", 0, almost.start("rule")) + 1
        came = "a second" if match else repr(text.split("\n")[line - 1])
        report(line, f"a page has one front matter, which begins in line 1 with three hyphens and no more, got {came}")
    return problems


class Pages:
    """The pages below a folder, and what lies beside them.

    Args:
        folder: where the authors' files are.
        others: what the site will hold besides them, by its path below the folder.
        made: the anchors that the build adds to pages, by their paths below the folder.
        codes: those of the languages whose pages have a folder; what such a folder lacks is the English one's.
    """

    def __init__(
        self,
        folder: Path,
        others: Iterable[str] = (),
        made: Mapping[str, frozenset[str]] | None = None,
        codes: Collection[str] = (),
    ) -> None:
        self.folder = folder
        self.codes = codes
        self.others = set(others)
        self.made = made or {}
        self._anchors: dict[str, tuple[int, frozenset[str]]] = {}

    def name(self, page: str) -> str:
        """Name a page as messages do: with its folder, like docs/index.md."""
        return f"{self.folder.name}/{page}"

    def complaint(self, page: str, target: str, kind: LinkKind = "link") -> str | None:
        """Say what is wrong with a link that stands in a page, or return None. Other sites are not asked.

        Pictures of other sites are refused, as browsers do under the pages' policy (`scripts.policy`).
        """
        try:
            parts = urlsplit(target)
        except ValueError as error:  # a bracket where only a host may stand
            return f'the link "{target}" is no address: {error}'
        if parts.scheme == "file" or len(parts.scheme) == 1:
            own = f"put the file below {self.folder.name}/ and write the way to it from this page"
            return f'the link "{target}" leads to the disk of one computer; {own}'
        if parts.scheme or parts.netloc:
            if kind not in ("picture", "src") or parts.scheme == "data":
                return None
            own = f"pages show their own site's only; put the file below {self.folder.name}/"
            return f'the picture "{target}" lies on another site, and {own}'
        if target.startswith("/"):
            start = "the folder of all pages, like index.md" if kind == "page" else "this page, like ../index.md"
            return f'the link "{target}" starts at the server\'s root; start at {start}'
        if kind in ("href", "src") and parts.path:
            wanted = self._served(posixpath.normpath(posixpath.join(_address(page), unquote(parts.path))))
            if not wanted:
                return self._complaint_of_html(page, target, kind)
        else:
            wanted = posixpath.normpath(target) if kind == "page" else self.goal(page, unquote(parts.path))
        if not self._is_there(wanted):
            near = self._nearest(page, parts.path, kind)
            return f'the link "{target}" leads nowhere: there is no file {self.name(wanted)}{near}'
        anchor = unquote(parts.fragment)
        if anchor and wanted.endswith(".md") and not anchor.startswith("__"):
            anchors = self.anchors(wanted)
            if anchor not in anchors:
                near = did_you_mean(anchor, sorted(anchors))
                return f'the link "{target}" leads nowhere: {self.name(wanted)} has no #{anchor}{near}'
        return None

    def _complaint_of_html(self, page: str, target: str, kind: LinkKind) -> str:
        """Say of an address in HTML, which leads nowhere from the built page, how it is written."""
        parts, start = urlsplit(target), _address(page)
        if self.complaint(page, target):
            wanted = posixpath.normpath(posixpath.join(start, parts.path))
            built = posixpath.join(start, "index.html")
            return f'the link "{target}" in HTML leads nowhere: it starts at {built}, and the site has no {wanted}'
        goal = self.goal(page, unquote(parts.path))
        works = posixpath.relpath(_address(goal) or ".", start or ".") + "/" * goal.endswith(".md")
        works += f"#{parts.fragment}" if parts.fragment else ""
        form = f"{'!' * (kind == 'src')}[text]({target})"
        return f'the link "{target}" in HTML leads nowhere, since HTML is left as it is; write {form} or "{works}"'

    def _served(self, address: str) -> str | None:
        """Return the page or the file that the site has at an address below its root."""
        if not address.endswith(".md") and self._is_there(address):
            return address
        folder = posixpath.normpath(posixpath.join("/", address.removesuffix("index.html"))).strip("/")
        named = [posixpath.join(folder, "index.md"), *([f"{folder}.md"] if folder else [])]
        return next((name for name in named if not address.startswith("..") and self._is_there(name)), None)

    def _nearest(self, page: str, way: str, kind: LinkKind) -> str:
        """Ask for the page that may be meant, written in the same form; first for one in the page's language."""
        files = self._files()
        if kind == "page":
            language = language_of(page, self.codes)
            own = [other for other in files if language_of(other, self.codes) == language]
            return did_you_mean(way, own) or did_you_mean(way, files)
        return did_you_mean(way, [posixpath.relpath(other, posixpath.dirname(page) or ".") for other in files])

    def goal(self, page: str, way: str) -> str:
        """Return what a way from a page leads to, by its path below the folder; the page itself where it is empty."""
        if not way:
            return page
        named = posixpath.normpath(posixpath.join(posixpath.dirname(page), way))
        original = original_of(named, self.codes)
        return original if not self._is_there(named) and self._is_there(original) else named

    def _is_there(self, wanted: str) -> bool:
        return not wanted.startswith("../") and (_is_file(self.folder / wanted) or wanted in self.others)

    def anchors(self, page: str) -> frozenset[str]:
        """Return what links may name behind a "#" in a page."""
        path = self.folder / page
        changed = path.stat().st_mtime_ns
        if self._anchors.get(page, (0,))[0] != changed:
            _, lines = split_front_matter(path.read_text(encoding="utf-8", errors="replace"))
            self._anchors[page] = changed, find_anchors(lines)
        return self._anchors[page][1] | self.made.get(page, frozenset())

    def _files(self) -> list[str]:
        return [path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*.md")]


def _address(page: str) -> str:
    """Return the folder, below the site's root, that a page is built into; a file's own path if it is no page."""
    folder, name = posixpath.split(page)
    return folder if name in ("index.md", "README.md") else page.removesuffix(".md")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than a file can have
        return False


def find_anchors(lines: Sequence[str]) -> frozenset[str]:
    """Return the ids of a page: those of its headings, those given in braces or HTML, those of its blocks."""
    found: set[str] = set()
    headings: list[str] = []
    counts: dict[str, int] = {}
    for piece in split_fences([line.expandtabs(4) for line in lines], KINDS):
        if isinstance(piece, Code):
            continue
        if isinstance(piece, Prose):
            text = "\n".join(piece.lines)
            for line, after in zip(piece.lines, [*piece.lines[1:], ""], strict=True):
                if heading := HEADING.match(line):
                    headings.append(heading["heading"])
                elif line.strip() and UNDERLINE.match(after):
                    headings.append(f"# {line.strip()}")
        else:
            counts[piece.kind] = counts.get(piece.kind, 0) + 1
            if name := id_of(piece, counts[piece.kind]):
                found.add(name)
            text = "\n".join([f"{{{' '.join(piece.options)}}}", *piece.body])
            if piece.kind == "missions":
                found |= (read_mapping(piece, _say_nothing) or {}).keys() - {"title"}
        found |= {label for _, label in find_labels(text)}
        found |= {match["list"] or match["attribute"] for match in ID.finditer(text)}
    return frozenset(found | _heading_ids(headings))


def _say_nothing(line: int, sentence: str) -> None:
    """Leave a mistake to whoever reads the page for mistakes."""


def _heading_ids(headings: Sequence[str]) -> set[str]:
    page = markdown.Markdown(extensions=[BlocksExtension(), "attr_list", "toc"])
    html = page.convert("\n\n".join(headings))
    return set(re.findall(r'<h[1-6][^>]* id="([^"]+)"', html))
