"""What all blocks have in common: how a page is cut into fences and prose, how a block is read, what it becomes.

A reader of a kind takes a `Fence` and reports mistakes at lines of the author's file; what it returns is a `Block`,
which renders itself for its `Place`. Nothing here knows which kinds there are: their names are handed in.
"""

import difflib
import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

import yaml

from gd_core import settings
from gd_core.checks import shown
from gd_core.settings import Settings
from scripts.recording import Recording, SweepRecording


@dataclass(frozen=True, order=True)
class Problem:
    """An author's mistake: where it stands in the author's file, and one sentence that says how to mend it."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


Report = Callable[[int, str], None]
"""Takes the line of a mistake in the author's file, and the sentence."""


@dataclass(frozen=True)
class Place:
    """Where a block is rendered, and what it needs there.

    Attributes:
        file: the author's file.
        root: the way from the page to the site's root, like "../../".
        runtime: the folder of the Python runtime below that.
        number: counts the blocks of one kind on a page, from 1.
        recordings: the recorded runs that the block asked for.
        sweeps: the recorded sweeps that it asked for.
        inline: takes inline Markdown; returns it with its formulas replaced.
        markup: takes HTML; returns a mark that stands for it in an element's text.
    """

    file: str
    root: str
    runtime: str
    number: int
    recordings: Sequence[Recording]
    sweeps: Sequence[SweepRecording]
    inline: Callable[[str], str]
    markup: Callable[[str], str]


class Block:
    """A block that was read without a mistake. A kind overrides what it has of these."""

    @property
    def runs(self) -> tuple[Settings, ...]:
        """The runs that must be recorded before the block can be rendered."""
        return ()

    @property
    def sweeps(self) -> tuple[Settings, ...]:
        """The sweeps that must be recorded, too."""
        return ()

    @property
    def texts(self) -> tuple[tuple[int, str], ...]:
        """The inline Markdown in the block, each text with its first line."""
        return ()

    @property
    def ids(self) -> tuple[tuple[int, str], ...]:
        """The ids that the author gave, each with its line."""
        return ()

    @property
    def pages(self) -> tuple[tuple[int, str], ...]:
        """The pages that it names, seen from the folder of all pages, each with its line."""
        return ()

    def render(self, place: Place) -> str | Element:
        """Return HTML, or an element whose texts are inline Markdown."""
        raise NotImplementedError


# --- fences -------------------------------------------------------------------------------------------------

FENCE = re.compile(r"(?P<indent>[> ]*)(?P<fence>`{3,}|~{3,})[ ]*(?P<info>[^`\n]*)$")
BRACES = re.compile(r"(?P<language>[^\s{]*)\s*\{(?P<options>.*)\}$")
OPTION = re.compile(r'[\w-]+="[^"]*"|\S+')


@dataclass(frozen=True)
class Fence:
    """A fence of ours as written. `line` is the opener's in the author's file; the body is dedented.

    The kind is the opener's first word, as in "lab", or a class in braces, as in "python {.cell}"; `info` is the whole
    of it and `options` is what the braces hold besides.
    """

    kind: str
    indent: str
    line: int
    body: tuple[str, ...]
    closed: bool
    info: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prose:
    """Text between fences. `line` is its first line's in the author's file."""

    line: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """Any other fence, which passes unread: what stands in it is an example."""

    line: int
    lines: tuple[str, ...]


Piece = Prose | Code | Fence


def split_fences(lines: Sequence[str], kinds: Collection[str], first_line: int = 1) -> Iterator[Piece]:
    """Split a page into prose, our fences and other fences, in the order in which they stand.

    A fence ends at the same run of marks with the same indentation, as superfences has it. A fence of ours that is not
    closed ends before the next fence of ours, at a line that is indented less, or at the end of the page. What a
    comment holds is prose.
    """
    prose_from = index = 0
    while index < len(lines):
        if lines[index].lstrip("> ").startswith("<!--"):
            index = _end_of_comment(lines, index)
            continue
        opener = FENCE.match(lines[index])
        if not opener:
            index += 1
            continue
        indent, fence, info = opener["indent"], opener["fence"], opener["info"].strip()
        kind, options = kind_of(info, kinds)
        end, closed = _end_of_fence(lines, index + 1, indent, fence, kinds if kind else ())
        if not kind and not closed:
            index += 1
            continue
        if prose_from < index:
            yield Prose(first_line + prose_from, tuple(lines[prose_from:index]))
        after = end + 1 if closed else end
        if kind:
            body = tuple(line[len(indent) :] for line in lines[index + 1 : end])
            yield Fence(kind, indent, first_line + index, body, closed, info, options)
        else:
            yield Code(first_line + index, tuple(lines[index:after]))
        prose_from = index = after
    if prose_from < len(lines):
        yield Prose(first_line + prose_from, tuple(lines[prose_from:]))


def kind_of(info: str, kinds: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """Return the kind of ours that an opener names, or "", and the options in its braces."""
    braces = BRACES.match(info)
    options = tuple(OPTION.findall(braces["options"])) if braces else ()
    for option in options:
        if option[1:] in kinds and option[0] == ".":
            return option[1:], tuple(other for other in options if other != option)
    word = info.split(maxsplit=1)[0] if info else ""
    return (word, ()) if word in kinds else ("", ())


def _end_of_comment(lines: Sequence[str], start: int) -> int:
    """Return the index of the line after a comment; a comment that never ends is none."""
    for index in range(start, len(lines)):
        if "-->" in lines[index]:
            return index + 1
    return start + 1


def _end_of_fence(
    lines: Sequence[str], start: int, indent: str, fence: str, kinds: Collection[str]
) -> tuple[int, bool]:
    """Return the index of the line that closes a fence, or of the one where it breaks off, and whether it is closed.

    A fence breaks off before the next one of `kinds`.
    """
    for index in range(start, len(lines)):
        line = lines[index]
        if line.rstrip() == indent + fence:
            return index, True
        if line.strip() and not line.startswith(indent) and line.strip() != indent.strip():
            return index, False
        inner = FENCE.match(line)
        if inner and inner["indent"] == indent and kind_of(inner["info"].strip(), kinds)[0]:
            return index, False
    return len(lines), False


# --- YAML bodies --------------------------------------------------------------------------------------------


TOO_DEEP = "it is nested too deeply"


class _Loader(yaml.SafeLoader):
    """YAML that says where it failed, and reads numbers as authors mean them.

    PyYAML takes 1e-3 for a text, 010 for 8 and 1:30 for 90. Here the first is a number and the others are texts.
    """

    reached = 0
    """The line, counted from 0, of the value that was read last."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Return the next value, and note where it begins."""
        self.reached = self.peek_event().start_mark.line  # type: ignore[no-untyped-call]
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Return a node's value. PyYAML itself lets what cannot be read, like `!!int ""`, fail in ways of all kinds."""
        try:
            return super().construct_object(node, deep)
        except RecursionError as error:
            raise yaml.constructor.ConstructorError(None, None, TOO_DEEP, node.start_mark) from error
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            problem = f"{shown(node.value)} cannot be read as {node.tag.rpartition(':')[2]}"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from error


INTEGER, FLOAT = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in (INTEGER, FLOAT)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(INTEGER, re.compile(r"[-+]?(?:0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    FLOAT,
    re.compile(
        r"""[-+]?(?: [0-9][0-9_]*\.[0-9_]* | \.[0-9][0-9_]* ) (?:[eE][-+]?[0-9]+)? $
        | [-+]?[0-9][0-9_]*[eE][-+]?[0-9]+$ | [-+]?\.(?:inf|Inf|INF)$ | \.(?:nan|NaN|NAN)$""",
        re.VERBOSE,
    ),
    list("-+.0123456789"),
)


@dataclass(frozen=True)
class Entry:
    """One setting as an author wrote it. `line` is its line in the author's file.

    `entries` are those of a value that is itself a mapping. `written` is the first line of a text, and the text with
    the author's own line breaks, which YAML may take for spaces.
    """

    line: int
    value: Any
    entries: "dict[str, Entry]" = field(default_factory=dict)
    written: tuple[int, str] = (0, "")


NO_LINE_ENDS = re.compile("[\x85\u2028\u2029]")
"""What YAML takes for the end of a line and no author does."""


def read_mapping(fence: Fence, report: Report) -> dict[str, Entry] | None:
    """Read a fence's YAML body, which may be empty; return None if it is no mapping."""
    text = "\n".join(NO_LINE_ENDS.sub(" ", line) for line in fence.body) + "\n"
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return {}
        if not isinstance(node, yaml.MappingNode):
            report(fence.line + 1, f'the body of a {fence.kind} block must be lines "setting: value"')
            return None
        return _entries(loader, node, fence.line + 1, report)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = min(mark.line if mark else 0, max(len(fence.body) - 1, 0))
        report(fence.line + 1 + line, f"this is not valid YAML: {error.problem}")
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position)
        report(fence.line + 1 + line, f"this is not valid YAML: {error.reason}, got {shown(text[error.position])}")
    except RecursionError:
        report(fence.line + 1 + loader.reached, f"this is not valid YAML: {TOO_DEEP}")
    return None


def _entries(loader: _Loader, node: yaml.MappingNode, first_line: int, report: Report) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for key_node, value_node in node.value:
        key = _name(loader, key_node)
        line = first_line + key_node.start_mark.line
        if key in entries:
            report(line, f"{key} is set twice, first in line {entries[key].line}; keep one of the two")
            continue
        value = loader.construct_object(value_node, deep=True)
        below = _entries(loader, value_node, first_line, report) if isinstance(value_node, yaml.MappingNode) else {}
        entries[key] = Entry(line, value, below, _as_written(value_node, first_line))
    return entries


def _as_written(node: yaml.Node, first_line: int) -> tuple[int, str]:
    """Return a text as it stands in the block, and its first line; what is quoted is as YAML reads it."""
    if not isinstance(node, yaml.ScalarNode):
        return 0, ""
    line, text = first_line + node.start_mark.line, str(node.value)
    if node.style not in ("'", '"') and node.start_mark.buffer is not None:
        text = node.start_mark.buffer[node.start_mark.pointer : node.end_mark.pointer]
    if node.style in ("|", ">"):  # the sign has a line to itself
        return line + 1, text.partition("\n")[2]
    return line, text


def _name(loader: _Loader, node: yaml.Node) -> str:
    """Return a setting's name as its author wrote it, whatever YAML would take it for."""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else shown(loader.construct_object(node, deep=True))


def read_settings(entries: dict[str, Entry], report: Report, also: Iterable[str] = ()) -> Settings | None:
    """Check settings, each at its own line. `also` names what the block takes besides."""
    given = {name: entry.value for name, entry in entries.items()}
    problems = settings.problems(given)
    for name, sentence in problems:
        known = name in settings.SETTINGS
        report(entries[name].line, sentence if known else unknown("setting", name, [*settings.SETTINGS, *also]))
    return None if problems else settings.parse(given)


# --- words --------------------------------------------------------------------------------------------------


def unknown(what: str, came: str, known: Iterable[str]) -> str:
    """Say that a name is not known, which are, and which one is nearest."""
    known = list(known)
    return f"unknown {what} {came!r}; choose one of {', '.join(known)}{did_you_mean(came, known)}"


def did_you_mean(came: str, known: Iterable[str]) -> str:
    """Ask for the nearest known name, if one is near."""
    nearest = difflib.get_close_matches(came, list(known), 1)
    return f"; did you mean {nearest[0]}?" if nearest else ""


def fingerprint(text: str) -> str:
    """Name a text by its content, whatever its spacing."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]
