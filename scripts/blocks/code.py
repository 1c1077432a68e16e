"""Blocks of Python code: excerpts of `gd_core`, and cells.

A cell is shown as highlighted code, and below it what it gave when the site was built; `docs/assets/labs/cell.js`
brings it to life. That it compiles is checked here; running it takes the page's other cells and is left to `page`.
"""

import ast
import html
import re
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from gd_core.language import say

from .fences import Block, Fence, Place, Report, unknown
from .frame import page_name

ROOT = Path(__file__).resolve().parents[2]


def highlighted(code: str) -> str:
    """Return Python code as HTML with the theme's classes."""
    return highlight(code, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True))


def listing(code: str, title: str) -> str:
    """Frame highlighted code as the theme frames a fenced block."""
    return _framed(f"<code>{code}</code>", title)


def unmeasured_listing(code: str, title: str) -> str:
    """Frame highlighted code the same way, but so that the theme's script does not measure it.

    It measures the code that stands in a `pre`, and lets those be reached by keyboard that are wider than the screen.
    What stands in a lab or is folded away is laid out when it comes near; measuring would lay out all of it while the
    page loads. So this can always be reached.
    """
    return _framed(f'<span class="gd-unmeasured"><code tabindex="0">{code}</code></span>', title)


def _framed(code: str, title: str) -> str:
    name = f'<span class="filename">{html.escape(title)}</span>' if title else ""
    return f'<div class="language-python highlight">{name}<pre><span></span>{code}</pre></div>'


@dataclass(frozen=True)
class Source(Block):
    """A function or class of `gd_core`, word for word. `name` is how the author asked for it."""

    name: str
    text: str

    def render(self, place: Place) -> str:  # noqa: ARG002 - every block is asked the same way
        """Return the highlighted code under its file's name."""
        module = self.name.partition(":")[0]
        return listing(highlighted(self.text), f"{module.replace('.', '/')}.py")


def read_source(fence: Fence, report: Report) -> Source | None:
    """Read an excerpt, named like `gd_core.training:descend` or `gd_core.network:Network.init`."""
    lines = [(fence.line + 1 + index, line.strip()) for index, line in enumerate(fence.body) if line.strip()]
    line, wanted = lines[0] if lines else (fence.line, "")
    module, colon, name = wanted.partition(":")
    if len(lines) != 1 or not colon or not re.fullmatch(r"[\w.]+", name):
        came = "nothing" if not lines else repr(wanted) if len(lines) == 1 else f"{len(lines)} lines"
        report(
            line,
            f'a source block holds one line "module:function", like gd_core.training:descend, got {came}',
        )
        return None
    modules = {f"gd_core.{path.stem}": path for path in sorted((ROOT / "gd_core").glob("[a-z]*.py"))}
    if module not in modules:
        report(line, unknown("module", module, modules))
        return None
    text = modules[module].read_text(encoding="utf-8")
    named = dict(find_excerpts(text))
    if name not in named:
        report(line, unknown(f"name in {module}", name, named))
        return None
    return Source(wanted, cut(text, *named[name]))


def cut(text: str, first: int, last: int) -> str:
    """Return the lines of a text from the first to the last, counted from 1, dedented."""
    return textwrap.dedent("\n".join(text.splitlines()[first - 1 : last])) + "\n"


REGION = re.compile(r"\s*# --- (?P<name>[\w.]+) ---$")
END = re.compile(r"\s*# ---$")


def find_excerpts(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the functions, classes, methods and marked regions of a module by their names, with their lines.

    A region begins after a line `# --- name ---` and ends before the next `# ---`.
    """
    yield from _definitions(ast.parse(text))
    begun: tuple[str, int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if begun and END.match(line):
            yield begun[0], (begun[1], number - 1)
            begun = None
        elif region := REGION.match(line):
            begun = region["name"], number + 1


Definition = ast.FunctionDef | ast.ClassDef


def _definitions(parent: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[str, tuple[int, int]]]:
    for node in parent.body:
        if isinstance(node, Definition):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield prefix + node.name, (first, node.end_lineno or node.lineno)
        if isinstance(node, ast.ClassDef):
            yield from _definitions(node, f"{node.name}.")


STAGE = re.compile(r"\s*# (?P<number>\d+)\. ")


def find_stages(code: str) -> dict[int, range]:
    """Return the lines of each stage of some code: a comment `# 1. …` and the statement below it, counted from 1."""
    statements = {
        node.lineno: node.end_lineno or node.lineno for node in ast.walk(ast.parse(code)) if isinstance(node, ast.stmt)
    }
    found = {}
    for line, text in enumerate(code.splitlines(), 1):
        if stage := STAGE.match(text):
            below = min(other for other in statements if other > line)
            found[int(stage["number"])] = range(line, statements[below] + 1)
    return found


def staged(code: str) -> str:
    """Return highlighted code whose stages are elements of their own, with their number in `data-stage`."""
    starts = {lines.start: (stage, lines) for stage, lines in find_stages(code).items()}
    ends = {lines.stop - 1 for _, lines in starts.values()}
    parts = []
    for number, line in enumerate(highlighted(code).splitlines(keepends=True), 1):
        opened = f'<span class="gd-code-stage" data-stage="{starts[number][0]}">' if number in starts else ""
        parts.append(f"{opened}{line}{'</span>' if number in ends else ''}")
    return "".join(parts)


@dataclass(frozen=True)
class Cell(Block):
    """Python that belongs to its page.

    `line` is the opener's; `name` is the author's `#name`, or empty; `output` is what it shows when it is run.
    """

    line: int
    source: str
    title: str
    name: str
    output: str = ""

    @property
    def ids(self) -> tuple[tuple[int, str], ...]:
        """The cell's own id."""
        return ((self.line, self.name),) if self.name else ()

    def render(self, place: Place) -> str:
        """Return the highlighted code, and what it shows."""
        name = html.escape(self.name or f"cell-{place.number}")
        label = html.escape(self.title or say("Code cell {number}", number=place.number))
        runtime = html.escape(place.root + place.runtime)
        code = listing(highlighted(self.source), self.title)
        # A line break right after <pre> is not part of it, so one more is written.
        shown = f"\n{html.escape(self.output)}"
        output_label = html.escape(say("Output"))
        output = f'<pre class="gd-cell-output" tabindex="0" role="group" aria-label="{output_label}">{shown}</pre>'
        return (
            f'<gd-cell id="{name}" role="group" aria-label="{label}" data-kind="cell" data-runtime="{runtime}"'
            f' data-state="recorded" data-page="{html.escape(page_name(place))}">'
            f"{code}{output if self.output else ''}</gd-cell>"
        )


CELL_OPTIONS = ("#name", 'title="…"')


def read_cell(fence: Fence, report: Report) -> Cell | None:
    """Read a code cell, opened by `python {.cell #name title="…"}`, and check that it compiles."""
    if not re.match(r"python\s*\{", fence.info):
        report(fence.line, f'a code cell begins with "```python {{.cell}}", got "```{fence.info}"')
        return None
    given: dict[str, str] = {}
    for option in fence.options:
        if match := re.fullmatch(r'#(?P<name>[\w-]+)|title="(?P<title>[^"]*)"', option):
            kind = str(match.lastgroup)
            if kind in given:
                report(fence.line, f"the cell's {kind} is set twice; keep one of the two")
            given[kind] = match[kind]
        else:
            report(fence.line, unknown("option of a cell", option, CELL_OPTIONS))
    if not any(line.strip() for line in fence.body):
        report(fence.line, "this cell is empty; write Python between its fences")
        return None
    source = "\n".join(fence.body) + "\n"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "cell", "exec")
    except SyntaxError as error:
        line = min(error.lineno or 1, len(fence.body))
        report(fence.line + line, f"this cell does not compile: {error.msg}")
        return None
    except (ValueError, RecursionError, MemoryError) as error:  # a null byte, or more brackets than Python can hold
        report(fence.line, f"this cell does not compile: {error or type(error).__name__}")
        return None
    return Cell(fence.line, source, given.get("title", ""), given.get("name", ""))
