"""The page: which kinds of blocks there are, and how a page is read and checked as a whole."""

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from markdown.extensions.toc import slugify
from pygments.lexers import find_lexer_class_by_name
from pygments.util import ClassNotFound

from scripts.cells import Runner

from .backpropagation import read_gradients, read_graph, read_vanishing
from .code import Cell, read_cell, read_source
from .fences import BRACES, FENCE, Block, Code, Fence, Piece, Problem, Prose, Report, split_fences, unknown
from .inline import Complaint, Formulas, check_links, find_labels
from .missions import read_missions, read_progress, read_score
from .network import read_network
from .quiz import Quiz, read_quiz
from .rule import read_rule
from .runs import read_compare, read_curve, read_keras, read_lab, read_rates, read_settings_table
from .step import read_step
from .sweep import read_sweep
from .valley import read_valley

KINDS: dict[str, Callable[[Fence, Report], Block | None]] = {
    "lab": read_lab,
    "network": read_network,
    "compare": read_compare,
    "rule": read_rule,
    "missions": read_missions,
    "score": read_score,
    "progress": read_progress,
    "rates": read_rates,
    "curve": read_curve,
    "valley": read_valley,
    "sweep": read_sweep,
    "quiz": read_quiz,
    "source": read_source,
    "keras": read_keras,
    "cell": read_cell,
    "graph": read_graph,
    "gradients": read_gradients,
    "vanishing": read_vanishing,
    "settings": read_settings_table,
    "step": read_step,
}

NEEDED = {"missions": ("lab", "compare", "rule"), "score": ("missions", "quiz")}
"""Kinds that come to nothing without a block of another on their page: whose runs accomplish, what is counted."""

WITHOUT_ID = frozenset({"progress", "rates", "source", "keras", "curve", "settings"})
"""Kinds whose blocks no link can name."""

BARE_CELL = re.compile(r"\{ *cell\b.*|(?:(?<=\s)|^)\.cell\b.*|\{[^}]*\.cell\b[^}]*$")
"""A mark of a cell that lacks its dot or one of its braces."""

NOT_CLOSED = "this fence is not closed; end it with a line of the same marks and nothing else"
"""What is told where a fence begins."""

ALMOST_FENCE = re.compile(r"[> ]*(?:`{1,2}|'{3}) *(?P<kind>\w+) *$")
"""Backticks too few, or apostrophes, before what may be a kind of ours."""

IN_AN_ITEM = re.compile(r"[> ]*(?:[-*+]|\d+[.)]) +(?:`{3,}|~{3,}) *(?P<kind>\w+) *$")
"""A fence on the line that begins an item of a list."""

NOTES = (
    *("note", "abstract", "info", "tip", "success", "question"),
    *("warning", "failure", "danger", "bug", "example", "quote"),
)
"""What the theme has an icon and a colour for."""

BOXES = {
    "!": (
        'a note is written !!! tip "A title"',
        re.compile(r'!!! ?(?P<type>[\w-]+)(?: +inline)?(?: +end)?(?: +".*")?'),
    ),
    "?": (
        'a fold is written ??? tip "A title"',
        re.compile(r'\?{3}\+? ?(?P<type>[\w-]+)?(?: +inline)?(?: +end)?(?: +".*")?'),
    ),
    "=": ('a tab is written === "A title"', re.compile(r'===[!+]* +".*"(?P<type>)')),
}
"""The theme's boxes by their sign: what is told of one mistyped, and what is none."""

BOX = re.compile(
    rf"""[> ]* (?: (?:!!!|\?{{3}}\+?|===[!+]*(?=[ ])) [ ]* [\w"'“”„‘’«]
    | (?:!{{2,}}|\?{{2,}}) [ ]? (?:{"|".join(NOTES)})\b | (?:!{{2,}}|\?{{2,}}|={{2,}}) [ ]+ ["“„] .* ["”“] [ ]*$ )""",
    re.VERBOSE | re.IGNORECASE,
)
"""The beginning of a line that is meant to be a box."""

HEADING_ID = re.compile(r"^[> ]*#{1,6} .*\{[^}\n]*#(?P<name>[\w:.-]+)[^}\n]*\} *$")
HEADING = re.compile(r"[> ]*#{1,6} *(?P<text>[^#{]*[^#{ ]) *(?:\{[^}]*\})?[ #]*$")

CLASHES = {
    "words": ("name", "block"),
    "heading": ("heading", "name", "block"),
    "name": ("words", "heading", "name", "block"),
    "block": ("words", "heading", "name", "block"),
}
"""What an id comes from (the words of a heading, a heading's braces, a name that an author gave, the count of blocks),
and from what others it must differ. Words give way to headings: Python-Markdown puts a number behind them."""


@dataclass
class Part:
    """A piece of a page, the block that it holds if it is a fence of ours, and the mistakes in it."""

    piece: Piece
    block: Block | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def texts(self) -> Sequence[tuple[int, str]]:
        """The Markdown in it, each text with its first line."""
        if isinstance(self.piece, Prose):
            return [(self.piece.line, "\n".join(self.piece.lines))]
        return self.block.texts if self.block else ()


def read_page(
    lines: Sequence[str],
    first_line: int = 1,
    file: str = "",
    *,
    run: Runner | None = None,
    complaint: Complaint | None = None,
) -> list[Part]:
    """Read a page and find every mistake in it.

    Args:
        lines: the page, without front matter.
        first_line: where they begin in the author's file.
        file: the author's file, as messages name it.
        run: runs the page's code cells; without it they are only compiled.
        complaint: says what is wrong with a link's target, or None; without it links are not looked up.

    Returns:
        The pieces of the page in their order. A piece with a mistake has no block.
    """
    formulas = Formulas()
    parts = []
    for piece in split_fences([line.expandtabs(4) for line in lines], KINDS, first_line):
        part = Part(piece)
        report = _reporter(part, file)
        parts.append(part)
        if isinstance(piece, Prose):
            _check_fences(piece, report)
            _check_boxes(piece, report)
        elif isinstance(piece, Code):
            _check_kind(piece, report)
        else:
            part.block = _read_block(piece, report)
            if part.block and complaint:
                for line, page in part.block.pages:
                    if sentence := complaint(page, "page"):
                        report(line, sentence)
        for line, text in part.texts:
            formulas.check(text, line, report)
            if complaint:
                check_links(text, line, report, complaint)
    _check_ids(parts, file)
    _check_company(parts, file)
    if run:
        _run_cells(parts, file, run)
    for part in parts:
        part.problems.sort()
        if part.problems:
            part.block = None
    return parts


def id_of(fence: Fence, number: int) -> str | None:
    """Return the id by which links reach a block that is the `number`th of its kind; None if they cannot.

    A cell's name takes the place of that.
    """
    named = any(option.startswith("#") for option in fence.options)
    return None if named or fence.kind in WITHOUT_ID else f"{fence.kind}-{number}"


def _reporter(part: Part, file: str) -> Report:
    return lambda line, sentence: part.problems.append(Problem(file, line, sentence))


def _read_block(fence: Fence, report: Report) -> Block | None:
    if not fence.closed:
        report(
            fence.line, f"this {fence.kind} block is not closed; end it with a line like its first, without the name"
        )
        return None
    if fence.kind != "cell" and fence.info != fence.kind:
        report(fence.line, f'a {fence.kind} block begins with "```{fence.kind}" and no more, got "```{fence.info}"')
        return None
    return KINDS[fence.kind](fence, report)


def _check_kind(code: Code, report: Report) -> None:
    """Report a fence that another begins in, and one whose name is no language and close to one of our kinds."""
    opener = FENCE.match(code.lines[0])
    info = opener["info"].strip() if opener else ""
    for line in code.lines[1:]:
        inner = FENCE.match(line)
        if opener and inner and inner["info"] and inner["fence"] == opener["fence"]:
            report(code.line, NOT_CLOSED)
            return
    braces = BRACES.match(info)
    for option in braces["options"].split() if braces else ():
        if option.startswith(".") and difflib.get_close_matches(option[1:].lower(), KINDS, 1, 0.75):
            report(code.line, unknown("block", option[1:], KINDS))
    if bare := BARE_CELL.search(info):
        report(code.line, f'a cell begins with "```python {{.cell}}", got {bare[0].strip()!r} behind the fence')
    word = re.split(r"[\s{]", info, maxsplit=1)[0]
    if word and difflib.get_close_matches(word.lower(), KINDS, 1, 0.7):
        try:
            find_lexer_class_by_name(word)
        except ClassNotFound:
            report(code.line, unknown("block", word, KINDS))


def _check_fences(prose: Prose, report: Report) -> None:
    """Report fences that are none: not closed, or begun in another way.

    A line of marks alone, below one that was reported, is most likely that one's end.
    """
    lost = False
    for line, text in _outside_comments(prose):
        if (almost := ALMOST_FENCE.match(text) or IN_AN_ITEM.match(text)) and almost["kind"] in KINDS:
            kind, lost = almost["kind"], True
            report(line, f'the fence of a {kind} block is a line of its own, "```{kind}", got {text.strip()!r}')
        elif fence := FENCE.match(text):
            if fence["info"] or not lost:
                report(line, NOT_CLOSED)
            lost = True


def _check_boxes(prose: Prose, report: Report) -> None:
    """Report notes, folds and tabs that would be text, and notes of a kind that the theme does not know."""
    for line, text in _outside_comments(prose):
        if not BOX.match(text):
            continue
        written = text.strip("> ")
        form, right = BOXES[written[0]]
        box = right.fullmatch(written)
        kind = (box["type"] or "").lower() if box else ""
        if not box:
            report(line, f"{form}, in straight quotes, got {written!r}")
        elif kind not in NOTES and difflib.get_close_matches(kind, NOTES, 1, 0.75):
            report(line, unknown("note", kind, NOTES))


def _outside_comments(prose: Prose) -> Iterator[tuple[int, str]]:
    """Yield the lines that no comment holds, by their numbers."""
    comment = False
    for line, text in enumerate(prose.lines, prose.line):
        comment = comment or text.lstrip("> ").startswith("<!--")
        if not comment:
            yield line, text
        comment = comment and "-->" not in text


def _check_ids(parts: Sequence[Part], file: str) -> None:
    """Report questions and ids that a page has twice."""
    questions: dict[str, int] = {}
    ids: dict[str, dict[str, int]] = {origin: {} for origin in CLASHES}
    numbers: Counter[str] = Counter()
    for part in parts:
        report = _reporter(part, file)
        for line, name, origin in sorted(_ids_in(part, numbers)):
            first = next((ids[other][name] for other in CLASHES[origin] if name in ids[other]), None)
            ids[origin].setdefault(name, line)
            if first and origin == "words":
                another = f"give it another, like {{#{name}-2}}"
                report(line, f"this heading's id is {name!r}, which stands in line {first} already; {another}")
            elif first:
                what = f"this block's id is {name!r}, which" if origin == "block" else f"the id {name!r}"
                report(line, f"{what} stands in line {first} already; an id names one thing of a page")
        for question in part.block.questions if isinstance(part.block, Quiz) else ():
            first = questions.setdefault(question.key, question.line)
            if first != question.line and not question.name:
                report(question.line, f"this question stands in line {first} already; keep one of the two")


def _ids_in(part: Part, numbers: Counter[str]) -> Iterator[tuple[int, str, str]]:
    """Yield the ids of a part, each with its line and what it comes from. `numbers` counts the blocks of each kind."""
    for line, name in part.block.ids if part.block else ():
        yield line, name, "name"
    for line, text in part.texts:
        for at, name in find_labels(text, line):
            yield at, name, "name"
    if isinstance(part.piece, Prose):
        for line, text in enumerate(part.piece.lines, part.piece.line):
            if named := HEADING_ID.match(text):
                yield line, named["name"], "heading"
            elif heading := HEADING.match(text):
                yield line, slugify(heading["text"], "-"), "words"
    elif isinstance(part.piece, Fence):
        numbers[part.piece.kind] += 1
        if own := id_of(part.piece, numbers[part.piece.kind]):
            yield part.piece.line, own, "block"


def _check_company(parts: Sequence[Part], file: str) -> None:
    """Report missions that no run can accomplish, and scores with nothing to count."""
    there = {part.piece.kind for part in parts if isinstance(part.piece, Fence)}
    for part in parts:
        if not isinstance(part.piece, Fence) or not part.block or part.problems:
            continue
        kind, needed = part.piece.kind, NEEDED.get(part.piece.kind, ())
        if needed and there.isdisjoint(needed):
            which = f"{', '.join(needed[:-1])} or {needed[-1]}"
            _reporter(part, file)(part.piece.line, f"a {kind} block needs a {which} block on its page, got none")


def _run_cells(parts: Sequence[Part], file: str, run: Runner) -> None:
    """Run the page's cells in their order, in one namespace; keep what each shows, and report those that fail."""
    cells = [(part, part.block) for part in parts if isinstance(part.block, Cell)]
    if not cells:
        return
    outcomes = run([cell.source for _, cell in cells])
    for (part, cell), outcome in zip(cells, outcomes, strict=True):
        part.block = replace(cell, output=outcome.output)
        if failure := outcome.failure:
            _reporter(part, file)(cell.line + failure.line, f"this cell fails: {failure.sentence}")
