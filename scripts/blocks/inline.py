"""What stands in lines of Markdown: formulas, which become MathML, and links, which are looked up.

Both leave code, comments and escaped signs alone. Where a link may lead is for the caller to know.
"""

import re
from collections.abc import Callable, Iterator
from typing import Literal

from math_core import LatexError, LatexToMathML

from .fences import Report, did_you_mean

UNREAD = r"""
      (?<![`\\]) (?P<ticks>`+) (?!`) (?:(?!\n[> ]*\n).)+? (?<!`) (?P=ticks) (?!`)    # code
    | <!-- .*? -->                                                                # comments
    | \\ [\\`$\[]                                                                 # what is escaped
"""
FORMULAS = r"""
      \$\$ (?P<display> (?: \\. | (?!\n[> ]*\n)[^$\\] )+ ) \$\$
    | (?P<open> \$\$ )
    | \$ (?=\S) (?P<inline> (?: \\. | (?!\n[> ]*\n)[^$\\] )+ ) (?<=\S) \$ (?!\d)
"""
LATEX = r"""
      \\ \( (?P<round> (?: (?!\n[> ]*\n)[^$`] )+? ) \\ \)
    | \\ \[ (?P<square> (?: (?!\n[> ]*\n)[^$`] )+? ) \\ \] (?![(\[])
"""
FORMULA = re.compile(f"{LATEX} | {UNREAD} | {FORMULAS}", re.VERBOSE | re.DOTALL)
MEANT = re.compile(r"\s*[A-Za-z]\s*|.*[\\^_=+<>].*", re.DOTALL)
"""What between LaTeX's own brackets is meant as a formula, and not as text in brackets that are written out."""
LINK = re.compile(
    rf"""
      {UNREAD} | {FORMULAS}
    | (?P<picture> !\[ [^\[\]\n]* )?
      \] \( \s* <? (?P<target> [^\s<>()]* (?: \([^\s<>()]*\) [^\s<>()]* )* ) >? (?: \s+ (?:"[^"]*"|'[^']*') )? \s* \)
    | ^ [> ]* \[ [^\]\n]+ \]: [ ]* <? (?P<defined> [^\s<>]+ )
    | < (?P<tag> a|img ) \s [^>]*? \b (?:href|src) \s* = \s* ["'] (?P<attribute> [^"'\n]* ) ["']
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)

LinkKind = Literal["link", "picture", "href", "src", "page"]
"""How an address is written: as Markdown's link or picture, in an attribute of HTML, from the folder of all pages."""

Complaint = Callable[[str, LinkKind], str | None]
"""Takes a link's target and how it is written; returns what is wrong with it, or None."""

REFERENCE = re.compile(r"<math><mtext>(<a .*?</a>)</mtext></math>")
"""A formula that is a link to an equation and no more: screen readers take what is in mathematics for mathematics."""

SHOWN = 24
"""How much of a formula a message quotes from the place where it breaks."""


class Formulas:
    """The formulas of one page, in their order: numbered equations count on, and know the labels above."""

    def __init__(self) -> None:
        self._converter = LatexToMathML(fancy_error=False)
        self._labels: set[str] = set()

    def check(self, text: str, line: int, report: Report) -> None:
        """Report every formula of a text that does not parse. `line` is the text's first in the author's file."""
        for match in FORMULA.finditer(text):
            at = line + text.count("\n", 0, match.start())
            if match["open"]:
                report(at, "this formula is not closed; end it with $$ before the next empty line")
            brackets = str(match.lastgroup)
            if brackets in ("round", "square") and MEANT.fullmatch(match[brackets]):
                dollars = "$…$" if brackets == "round" else "$$…$$"
                came = _quote(re.sub(r"\n[> ]+", " ", match[0]), 0).removeprefix("at ")
                report(at, f"a formula is written {dollars}, got {came}")
            latex = _latex(match)
            for mark in LABEL.finditer(latex):
                name = mark["name"]
                if mark["command"] == "label":
                    self._labels.add(name)
                elif name not in self._labels:
                    near = did_you_mean(name, sorted(self._labels))
                    wanted = f'"\\eqref{{{name}}}" needs "\\label{{{name}}}" in a formula above it, got none{near}'
                    report(at + latex.count("\n", 0, mark.start()), wanted)
            if sentence := _too_much(latex):
                report(at, sentence)
                continue
            try:
                if latex:
                    self._mathml(latex, match)
            except LatexError as error:
                position, _, sentence = str(error).partition(": ")
                before = latex[: int(position)]
                sentence = sentence[:1].lower() + sentence[1:].rstrip(".")
                where = f"character {len(before) + 1} of this formula, {_quote(latex, len(before))}"
                report(at + before.count("\n"), f"{where}: {sentence}")

    def replace(self, text: str, stash: Callable[[str], str]) -> str:
        """Replace `$…$` and `$$…$$` by what `stash` returns for their MathML; leave what does not parse."""

        def mathml_of(match: re.Match[str]) -> str:
            latex = _latex(match)
            if not latex or _too_much(latex):
                return match[0]
            try:
                mathml = self._mathml(latex, match)
            except LatexError:
                return match[0]
            return stash(f'<span class="gd-formula">{mathml}</span>' if match["display"] else mathml)

        return FORMULA.sub(mathml_of, text)

    def _mathml(self, latex: str, match: re.Match[str]) -> str:
        mathml = self._converter.convert_with_global_state(latex, displaystyle=bool(match["display"]))
        return REFERENCE.sub(r"\1", mathml)


def _latex(match: re.Match[str]) -> str:
    """Return the formula, the marks of a quotation around it blanked so that every character keeps its place."""
    latex: str = match["display"] or match["inline"] or ""
    start_of_line = match.string.rfind("\n", 0, match.start()) + 1
    if "\n" in latex and match.string[start_of_line : match.start()].lstrip().startswith(">"):
        latex = re.sub(r"(?<=\n)[> ]+", lambda marks: " " * len(marks[0]), latex)
    return latex


LABEL = re.compile(r"\\(?P<command>label|eqref)\s*\{(?P<name>[^{}]*)\}")

BRACKET = re.compile(
    r"(?P<open>[(\[]|\\\{|\\l(?:paren|brac[ek]|angle|floor|ceil|group|vert|Vert)\b)"
    r"|[)\]]|\\\}|\\r(?:paren|brac[ek]|angle|floor|ceil|group|vert|Vert)\b"
)
LONGEST, DEEPEST = 2000, 10
"""A formula's characters, and its open brackets. The converter takes twice as long for each that is never closed, and
falls over what is nested a few thousand deep."""


def _too_much(latex: str) -> str | None:
    """Say that a formula is too long or too deep to be converted, or return None."""
    depth = deepest = 0
    for bracket in BRACKET.finditer(latex):
        depth = depth + 1 if bracket["open"] else max(0, depth - 1)
        deepest = max(deepest, depth)
    if len(latex) <= LONGEST and deepest <= DEEPEST:
        return None
    return (
        f"a formula must have at most {LONGEST:,} characters and {DEEPEST} open brackets, got {len(latex):,} and"
        f" {deepest}"
    )


def _quote(latex: str, at: int) -> str:
    before, rest = (re.sub(r"[ \t\n]+", " ", part).strip(" ") for part in (latex[:at], latex[at:]))
    if rest:
        return f'at "{rest[:SHOWN]}{"…" if len(rest) > SHOWN else ""}"'
    return f'at its end, after "{before[-SHOWN:]}"'


def find_labels(text: str, line: int = 1) -> Iterator[tuple[int, str]]:
    """Yield the labels of a text's equations, which are their ids, each with its line."""
    for formula in FORMULA.finditer(text):
        for mark in LABEL.finditer(_latex(formula)):
            if mark["command"] == "label":
                at = formula.start(formula.lastgroup or 0) + mark.start()
                yield line + text.count("\n", 0, at), mark["name"]


def check_links(text: str, line: int, report: Report, complaint: Complaint) -> None:
    """Report every link and picture of a text that leads nowhere.

    Args:
        text: Markdown.
        line: the text's first in the author's file.
        report: takes the mistakes.
        complaint: says what is wrong with a target.
    """
    for match in LINK.finditer(text):
        target = match["target"] or match["defined"] or match["attribute"]
        kind: LinkKind = "picture" if match["picture"] else "link"
        if match["tag"]:
            kind = "href" if match["tag"] == "a" else "src"
        sentence = complaint(target, kind) if target else None
        if sentence:
            report(line + text.count("\n", 0, match.start(match.lastgroup or 0)), sentence)
