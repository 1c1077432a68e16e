"""A fuzzer for the authors' blocks: `python -m tests.fuzz [COUNT [FIRST]]` reads that many damaged pages.

A page is made of pieces of the real lessons, of the authoring page and of small blocks of every kind, put together,
nested and then damaged: lines deleted, doubled and swapped, numbers mangled, signs from all over Unicode, fences inside
fences. Every page is known by its number alone, which seeds it, so that a failure can be looked at again.

Three things are demanded of each. Nothing but problems comes out of it, never an exception. Each problem stands at a
line that shows what its sentence speaks of (`SHOWN` says how that is told). And a mistake that is planted into a sound
block is found at its very line, while everything else moves with the lines around it and stays what it was.
"""

import os
import random
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import markdown

from gd_core.settings import Settings
from scripts.blocks import KINDS, Problem, makeExtension, read_page
from scripts.blocks.fences import FENCE, Fence, split_fences
from scripts.blocks.page import Part
from scripts.cells import Outcome
from scripts.pages import Pages, split_front_matter
from scripts.recording import record_natively, record_sweeps_natively

DOCS = Path(__file__).resolve().parents[1] / "docs"
FILE = "docs/page.md"
PAGES = Pages(DOCS)

# --- pages ----------------------------------------------------------------------------------------------------

SMALL = (
    "```lab\nepochs: 5\npresets:\n  Small: {learning_rate: 0.001}\n  Big: {learning_rate: 100}\n```",
    "```compare\nvariants:\n  Momentum: {optimizer: momentum}\n```",
    "```rates\nepochs: 5\nlearning_rates: [0.001, 0.1]\n```",
    "```lab\n```\n\n```missions\nbreak-it:\n  title: Break\n  text: Raise $\\eta$.\n  goal: learn\n  below: 0.2\n```",
    "```missions\nedge:\n  title: Find it\n  text: >\n    Raise\n    $\\eta$ to [an edge](index.md)\n    and $b$."
    "\n  goal: edge\ncrawl:\n  title: Crawl\n  text: Take\n    a small\n    $\\eta$\n  goal: crawl\n```",
    "```quiz\n1. Which of\n   these, with $\\eta$,\n\n   is [right](index.md)? {#wrapped}\n   - [x] One\n     or $a$\n"
    "     > Yes,\n     > $b$.\n   - [ ] Two\n     > No.\n```",
    "```network\nhidden_layers: [2]\npoint: [1, -2]\n```",
    "```step\nhidden_layers: [3]\n```",
    "```valley\ncurvatures: [0.05, 2]\nstart: [1, 2]\n```",
    "```graph\ngraph: chain\nvalues: {x: 1, w1: 2}\n```",
    "```vanishing\ndepth: 3\nactivation: tanh\n```",
    "```source\ngd_core.training:descend\n```",
    "```settings\nlab\n```",
    "```progress\nindex.md\n```",
    "```score\n```\n\n```quiz\n1. Is it?\n   - [x] Yes\n     > It is.\n   - [ ] No\n     > It is not.\n```",
    '```python {.cell #here title="A cell"}\na = 1\nprint(a)\n```',
    "````quiz\n1. Which? {#which}\n   ```curve\n   epochs: 5\n   ```\n   - [x] A\n     > Yes.\n   - [ ] B\n     > No."
    "\n2. How much?\n   - [=] 0.3 ± 0.01\n     > So.\n   - [ ] 3\n     > No.\n````",
    "Text with $a + \\frac{1}{2}$, [a link](index.md), `code $x$` and <!-- a\ncomment -->.",
    "$$\n\\begin{aligned}\na &= b \\\\\n&= c\n\\end{aligned}\n$$",
    "## A heading {#heading}",
    "## Here\n\n$$\n\\begin{equation}\na \\label{a}\n\\end{equation}\n$$\n\nSee $\\eqref{a}$.",
)

NUMBERS = (
    *("0", "-1", "1e9", "1e999", "-1e999", ".nan", ".inf", "1e-3", "0x1f", "0o17", "1_000", "1:30", "٣", "½", "--1"),
    *("9" * 400, "9" * 5000, "0x" + "f" * 5000, "2026-13-45", "2026-01-01", "0.1.2", "", "null", "yes", "~"),
)
SIGNS = (
    *("\t", "\u00a0", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x00", "\x07", "\x1b", "\x7f", "\ufeff"),
    *("\u202e", "\u200b", "é", "𝒘", "🙂", "\u0301", "\ufffd", "\uffff", "{", "}", "[", "]", "(", ")", "<", ">", "&"),
    *("&a ", "*a", "*", "!!int ", "!!bool ", "!!float ", "!!binary ", "!!set ", "!!timestamp ", "!x ", "|", ">-", "? "),
    *("'", '"', "`", "``", "```", "~~~", "$", "$$", "\\", "\\frac", "\\label{a}", "\\ref{a}", "\\eqref{a}"),
    *("#", ":", ": ", "- "),
    *("<!--", "-->", "<img src=x onerror=alert(1)>", "javascript:", "http://[", "%00", "{#a}", "{.cell}", "\r", "<<: "),
)
LINES = (
    *("", " ", ">", "> ", "```", "````", "~~~", "```lab", "```quiz", "```curve", "   ```curve", "```python {.cell}"),
    *("---", "...", "- [x] An answer", "- [ ]", "     > Why", "1. Why?", "12) ", "* [=] 3 ± x", "   - [y] Odd", "%"),
    *("title: 'It''s", "a: {b: {c: [", "? [a]\n: b", "<<: {epochs: 5}", "<<: 5", "- epochs", "epochs: &a {b: *a}"),
    *(
        "epochs: 5",
        "optimizer: adam",
        "learning_rate: 1",
        "activation: relu",
        "hidden_layers: [64]",
        "  New: {points: 9}",
    ),
    *("[x](http://[y)", "[y]: gone.md", f"[x]({'a' * 300})", "$" * 40, "`" * 60, "[" * 120, "(" * 3000, "a" * 5000),
    *(
        "-" * 400,
        "{" * 150,
        "> " * 200,
        "!!! note",
        '!!! tipp "A"',
        '=== "Tab"',
        "=== Tab",
        "??? question Why?",
        "# {#which}",
        "<a href='gone.md'>",
        "\\begin{aligned}",
        f"${'(' * 40}$",
        f"${'a' * 3000}$",
    ),
    *("$\\frc$", "\\(x^2\\)", "\\[x\\]", "0 = 1", "def f(:", "\\", "@"),
)
"""What is put into pages: nasty numbers, signs and lines."""


@cache
def pieces() -> tuple[str, ...]:
    """Return what pages are made of: small blocks, and the blocks and paragraphs of the real pages."""
    found = list(SMALL)
    for path in sorted(DOCS.rglob("*.md")):
        _, lines = split_front_matter(path.read_text(encoding="utf-8"))
        for piece in split_fences(lines, KINDS):
            if isinstance(piece, Fence):
                mark = FENCE.match(lines[piece.line - 1])
                assert mark is not None
                found.append("\n".join([f"{mark['fence']}{piece.info}", *piece.body, mark["fence"]]))
            else:
                found += re.split(r"\n(?=#)", "\n".join(piece.lines))[:8]
    return tuple(text for text in dict.fromkeys(found) if text.count("\n") < 60)


def page(number: int) -> str:
    """Return damaged page `number`."""
    chance = random.Random(number)
    parts = [
        _nested(chance.choice(SMALL if chance.random() < 0.6 else pieces()), chance)
        for _ in range(chance.randint(1, 3))
    ]
    lines = "\n\n".join(parts).split("\n")
    for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3, 5, 9))):
        chance.choice(DAMAGE)(lines, chance)
    ending = chance.choice(("\n", "\n", "\n", "\r\n"))
    return ending.join(lines)


def _nested(text: str, chance: random.Random) -> str:
    """Put a text where authors put blocks."""
    match chance.randrange(8):
        case 0:
            return "1. Item\n\n" + re.sub(r"(?m)^(?=.)", "    ", text)
        case 1:
            return '!!! note "Try"\n\n' + re.sub(r"(?m)^(?=.)", "    ", text)
        case 2:
            return "> Text.\n>\n" + re.sub(r"(?m)^", "> ", text)
    return text


def _delete(lines: list[str], chance: random.Random) -> None:
    if len(lines) > 1:
        del lines[chance.randrange(len(lines))]


def _double(lines: list[str], chance: random.Random) -> None:
    line = chance.choice(lines)
    lines.insert(chance.randrange(len(lines) + 1), line)


def _swap(lines: list[str], chance: random.Random) -> None:
    one, other = (chance.randrange(len(lines)) for _ in range(2))
    lines[one], lines[other] = lines[other], lines[one]


def _indent(lines: list[str], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    lines[at] = chance.choice((" ", "  ", "    ", "\t", "> ", "")) + lines[at].lstrip(chance.choice((" ", "> ", "")))


def _number(lines: list[str], chance: random.Random) -> None:
    places = [at for at, line in enumerate(lines) if re.search(r"\d", line)]
    if places:
        at = chance.choice(places)
        lines[at] = re.sub(r"[-\d.]*\d", lambda _: chance.choice(NUMBERS), lines[at], count=1)


def _sign(lines: list[str], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    place = chance.randrange(len(lines[at]) + 1)
    gone = chance.choice((0, 0, 1, 3))
    lines[at] = lines[at][:place] + chance.choice(SIGNS) + lines[at][place + gone :]


def _value(lines: list[str], chance: random.Random) -> None:
    """Put something nasty behind a colon."""
    places = [at for at, line in enumerate(lines) if ": " in line]
    if places:
        at = chance.choice(places)
        lines[at] = lines[at].split(": ")[0] + ": " + chance.choice(SIGNS) + chance.choice(NUMBERS)


def _misspell(lines: list[str], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    if words := list(re.finditer(r"\w{3,}", lines[at])):
        word = chance.choice(words)
        gone = chance.randrange(word.start(), word.end())
        lines[at] = lines[at][:gone] + lines[at][gone + 1 :]


def _insert(lines: list[str], chance: random.Random) -> None:
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(LINES))


def _cut(lines: list[str], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]


def _join(lines: list[str], chance: random.Random) -> None:
    if len(lines) > 1:
        at = chance.randrange(len(lines) - 1)
        lines[at : at + 2] = [lines[at] + lines[at + 1]]


DAMAGE: tuple[Callable[[list[str], random.Random], None], ...] = (
    *(_delete, _double, _swap, _indent, _number, _number, _sign, _sign, _value, _misspell, _insert, _insert, _cut),
    _join,
)


# --- what is demanded -----------------------------------------------------------------------------------------


FENCED = r"(`{3,}|~{3,}).*"
QUESTION = r"\d+[.)] "
ANSWER = r"[-*+] +\["

SHOWN: tuple[tuple[str, str], ...] = (
    (r"this (\w+) block is not closed", FENCED + "{0}"),
    (r"this fence is not closed", r"`{3}|~{3}"),
    (r"the fence of a (\w+) block is a line of its own", r"[`~']{1,} *{0}"),
    (r"a cell begins with", "cell"),
    (r"an answer begins with", r"\["),
    (r"a question begins with its number", r"\d[.)]"),
    (r"a mission's name consists of .*, got ['\"](\w*)", "{0}"),
    (r"a question's name is written", r"\{.*#"),
    (r"an? (\w+) block begins with|a (\w+) block needs|a (source|progress) block .* got nothing", FENCED + "{0}"),
    (r"a code cell begins with|this cell is empty|the cell's|unknown option of a cell", FENCED + "cell"),
    (r"unknown block ['\"](\w*)", FENCED + "{0}"),
    (r"a quiz needs at least one", FENCED + "quiz"),
    (r"a quiz holds no fences but curve|a curve in a quiz stands", FENCED),
    (r"a quiz holds .*, got ['\"](\w*)", "{0}"),
    (r"this question has no text|a question needs at least two|no answer is marked|this question stands in", QUESTION),
    (r"this answer has no mark", r"[-*+] "),
    (r"this answer |this question asks for a number|a question asks for one number|a number is written", ANSWER),
    (r"unknown mark \[(\w*)", ANSWER + "{0}"),
    (r"this explanation belongs", ">"),
    (r"a \w+ block (?:holds one line|is empty).*, got ['\"](\w*)", "{0}"),
    (r"a source block holds one line .*, got \d+ lines", r"\S"),
    (r"unknown part of the mission (?:'[^']*'|\"[^\"]*\") ['\"](\w*)", "{0}"),
    (r"unknown (?:kind|setting|value|module|goal|note|name in \S+) (?:'None'|['\"](\w*))", "{0}"),
    (r"a (?:note|fold|tab) is written", r"!!|\?\?|=="),
    (r"unknown ([a-z_]+) ", "{0}"),
    (r"(\w+)(?: of a network block| of w.?)? must (?:be|have) ", "{0}"),
    (r".*?(\w+|[^\w\s]+)\W* is set twice, first in line", "{0}"),
    (r"each of the \w+ must be written .*”?, got ['\"](\w*).*: |a mission is written .*, got ['\"](\w*).*: ", "{0}"),
    (r"['\"](\w*).* sets what", "{0}"),
    (r"a variant may differ in .*, got (\w+) in the variant", "{0}"),
    (r"the mission '(\w*).* needs a \w+, .* got none$", "{0}"),
    (r"the mission .* needs a (\w+), ", "{0}"),
    (r"a sweep tries every (learning) rate|(optimizer) cannot be set|this lab compares the (activation)", "{0}"),
    (r"a rates block compares (learning_rate)s, so|readers of this lab choose its (\w+),", "{0}"),
    (r"the check draws (hidden_layers)", "{0}"),
    (r"the id '([^']*)' stands in", "{0}"),
    (r"this heading's id is", "#"),
    (r"this block's id is '(\w+)-", FENCED + "{0}"),
    (r'"\\eqref\{([^}]*)\}" needs', r"eqref *\{{0}"),
    (r'the (?:link|picture) ""?([^"]{1,9})', "{0}"),
    (r'character \d+ of this formula, at "([^\s"…]*)', "{0}"),
    (r"this formula is not closed", r"\$\$"),
    (r"a formula must have at most", r"\$"),
    (r"a formula is written", r"\\[(\[]"),
)
"""What sentences speak of, and what the lines hold that they stand at; `{0}` is what the sentence names."""


@dataclass(frozen=True)
class Reading:
    """A page that was read: its lines as the parser sees them, from which line on, and its parts."""

    lines: Sequence[str]
    parts: Sequence[Part]
    first_line: int

    @property
    def problems(self) -> list[tuple[int, str]]:
        """All problems: the line and the sentence of each."""
        return [(problem.line, problem.sentence) for part in self.parts for problem in part.problems]


def read(text: str, first_line: int = 1) -> Reading:
    """Read a page as the site and the proofreader do."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # whoever reads a file as text has this done
    lines = [line.expandtabs(4) for line in text.split("\n")]
    parts = read_page(lines, first_line, FILE, complaint=partial(PAGES.complaint, "page.md"))
    return Reading(lines, parts, first_line)


def misplaced(reading: Reading) -> Iterator[str]:
    """Yield every problem that stands outside of its piece, or at a line that does not show what it speaks of."""
    for part in reading.parts:
        piece = part.piece
        length = len(piece.body) + 1 + piece.closed if isinstance(piece, Fence) else len(piece.lines)
        for problem in part.problems:
            if not piece.line <= problem.line < piece.line + length:
                yield f"outside of its piece, lines {piece.line} to {piece.line + length - 1}: {problem}"
                continue
            line = reading.lines[problem.line - reading.first_line]
            if re.match(UNSHOWN, problem.sentence):
                continue
            for sentence, shown in SHOWN:
                if match := re.match(sentence, problem.sentence):
                    named = re.escape(next(filter(None, match.groups()), ""))
                    if not re.search(shown.replace("{0}", named), line):
                        yield f"not in line {line!r}: {problem}"
                    break
            else:
                yield f"a sentence that SHOWN does not know: {problem}"


UNSHOWN = (
    r"this is not valid YAML|this cell does not compile|the body of a"
    r"|character \d+ of this formula, (at its end|.*invalid parameter)"
)
"""Sentences that speak of nothing that their line must hold; what is planted and moved tells about their lines."""

PLANTED = {
    "quiz": ("planted", "- [x]", "- planted"),
    "cell": ("1 = 2", "planted planted", "$"),
    **dict.fromkeys(("source", "progress", "score", "settings"), ("planted",)),
}
"""Lines that spoil a block of a kind wherever one of its own lines may stand …"""

PLANTED_IN_YAML = (
    *("planted: 1", "planted: @", "planted: \x07", "planted: !!int x", "planted: 2026-13-45", "{{planted}}: 1", "@"),
)
"""… and those that spoil every other."""


def _first(fence: Fence) -> str:
    """Return the first line of a block that is not empty."""
    return next(filter(str.strip, fence.body), "")


def plant(reading: Reading, chance: random.Random) -> tuple[list[str], int] | None:
    """Put a mistake into a sound block: return the lines and the line where it must be found; None if none is sound."""
    sound = [
        part.piece
        for part in reading.parts
        if part.block and isinstance(part.piece, Fence) and re.match(r" *([\w\"']|$)", _first(part.piece))
    ]
    if not sound:
        return None
    fence = chance.choice(sound)
    indent = re.match(" *", _first(fence))
    assert indent is not None
    mistakes = PLANTED.get(fence.kind) or [indent[0] + mistake for mistake in PLANTED_IN_YAML]
    at_its_end = fence.kind not in ("quiz", "source", "progress", "settings") and chance.random() < 0.5
    at = fence.line - reading.first_line + 1 + (len(fence.body) if at_its_end else 0)
    lines = [*reading.lines[:at], fence.indent + chance.choice(mistakes), *reading.lines[at:]]
    return lines, at + reading.first_line


def moved(problems: Sequence[tuple[int, str]], behind: int, by: int) -> list[tuple[int, str]]:
    """Return problems as they must be once `by` lines came in before line `behind`."""

    def move(line: int) -> int:
        return line + by if line >= behind else line

    def named(match: re.Match[str]) -> str:
        return f"{match[1]}{move(int(match[2]))}"

    return [(move(line), re.sub(r"(in line )(\d+)", named, sentence)) for line, sentence in problems]


EACH_RENDERED = 50
"""Rendering takes much longer than reading, so only one page of so many is rendered, too."""


def render(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Render a page, its runs cut short and its code cells left alone, and return the problems reported on the way."""
    problems: list[Problem] = []
    blocks = makeExtension(
        file=FILE,
        problems=problems,
        complaint=partial(PAGES.complaint, "page.md"),
        record=lambda runs: record_natively([_short(run) for run in runs]),
        record_sweeps=lambda sweeps: record_sweeps_natively([_short(sweep) for sweep in sweeps]),
        run=lambda sources: [Outcome()] * len(sources),
    )
    markdown.markdown("\n".join(lines), extensions=[blocks, "admonition", "pymdownx.superfences", "attr_list", "toc"])
    return [(problem.line, problem.sentence) for problem in problems]


def _short(settings: Settings) -> Settings:
    return replace(settings, points=min(settings.points, 16), epochs=min(settings.epochs, 2))


def _alone(problems: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return those problems that have nothing to do with another block: one that is spoilt has no ids any more."""
    return [
        problem
        for problem in problems
        if not re.match("the id |this (heading|block)'s id |this question stands in", problem[1])
    ]


def failures(number: int) -> list[str]:
    """Read page `number`, and again with a mistake planted or lines before it; return all that is wrong with that."""
    chance = random.Random(~number)
    try:
        reading = read(page(number))
        found = list(misplaced(reading))
        if planted := plant(reading, chance):
            lines, line = planted
            spoilt = read("\n".join(lines), reading.first_line).problems
            before = moved(reading.problems, line, 1)
            if sorted(other for other in _alone(spoilt) if other[0] != line) != sorted(_alone(before)):
                found.append(f"a mistake planted in line {line} changed {before} into {spoilt}")
            if [other for other, _ in spoilt].count(line) != 1:
                found.append(f"a mistake planted in line {line} gave {spoilt}")
        else:
            by = chance.randint(1, 3)
            shifted = read("\n" * by + "\n".join(reading.lines), first := chance.randint(1, 9)).problems
            before = moved(reading.problems, 0, by + first - 1)
            if shifted != before:
                found.append(f"moved by {by + first - 1} lines, {before} became {shifted}")
        if number % EACH_RENDERED == 0 and render(reading.lines) != reading.problems:
            found.append("rendering it reports other problems than reading it")
    except Exception as error:  # that there is none is what is tested
        found = [f"{type(error).__name__}: {error}"]
    return [f"page {number}: {failure}" for failure in found]


def fuzz(count: int, first: int = 0, processes: int = 1) -> list[str]:
    """Read pages `first` to `first + count`; return what was wrong with them."""
    numbers = range(first, first + count)
    if processes == 1:
        return [failure for number in numbers for failure in failures(number)]
    with ProcessPoolExecutor(processes) as pool:
        return [failure for found in pool.map(failures, numbers, chunksize=500) for failure in found]


def main(arguments: Sequence[str]) -> int:
    """Fuzz, print every failure, and return the exit status."""
    count, first = (int(text) for text in (*arguments, *("200000", "0")[len(arguments) :]))
    found = fuzz(count, first, processes=os.cpu_count() or 1)
    print("\n".join([*found, f"{count:,} pages from number {first:,} on, {len(found)} failures"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
