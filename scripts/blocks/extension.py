"""The blocks as an extension of Python-Markdown, which replaces them before anybody else reads the page.

`read_page` finds and checks the blocks; here they are rendered, and mistakes are shown in the page and handed on.
"""

import html
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Extension, Markdown
from markdown.blockparser import BlockParser
from markdown.blockprocessors import BlockProcessor
from markdown.preprocessors import Preprocessor
from markdown.util import ETX, STX

from gd_core.language import speaking
from gd_core.settings import Settings
from scripts.cells import run_natively
from scripts.recording import record_natively, record_sweeps_natively, retold, sweep_retold

from .fences import Code, Fence, Place, Problem, Prose
from .inline import Formulas, LinkKind
from .page import read_page


class BlocksExtension(Extension):
    """Put the blocks into Python-Markdown. Mistakes are shown in the page and appended to the list `problems`."""

    def __init__(self, **kwargs: Any) -> None:
        self.config = {
            "file": ["", "The author's file, as messages name it"],
            "first_line": [1, "The line of the author's file with which the text begins, after front matter"],
            "root": ["", 'The way from the page to the site\'s root, like "../../"'],
            "runtime": ["assets/runtime/", "The folder of the Python runtime below the site's root"],
            "record": [record_natively, "Takes a list of Settings, returns their recorded runs"],
            "record_sweeps": [record_sweeps_natively, "Takes a list of Settings, returns their recorded sweeps"],
            "run": [run_natively, "Takes the sources of a page's cells, returns what became of each"],
            "language": [
                {},
                "The language in which blocks are rendered, as `gd_core.language` takes it; none: English",
            ],
            "complaint": [_no_complaint, "Takes a link's target and how it is written, returns what is wrong or None"],
            "problems": [[], "A list that receives every Problem found"],
        }
        super().__init__(**kwargs)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Register between the normalizing of white space (priority 30) and superfences (25)."""
        preprocessor = _BlocksPreprocessor(md, self.getConfigs())
        md.preprocessors.register(preprocessor, "gd-blocks", 27)
        md.parser.blockprocessors.register(_ElementProcessor(md.parser, preprocessor.elements), "gd-blocks", 95)
        md.ESCAPED_CHARS.append("$")
        md.block_level_elements += [
            *("gd-cell", "gd-keras", "gd-lab", "gd-missions", "gd-progress", "gd-quiz", "gd-score")
        ]


def _no_complaint(_target: str, _kind: LinkKind) -> str | None:
    return None


def _recorded(record: Callable[[Sequence[Settings]], list[Any]], wanted: Sequence[Settings]) -> dict[Settings, Any]:
    """Record all at once, and each only once."""
    distinct = list(dict.fromkeys(wanted))
    return dict(zip(distinct, record(distinct), strict=True)) if distinct else {}


class _BlocksPreprocessor(Preprocessor):
    """Replace every block and formula of a page by a mark that stands for its HTML."""

    def __init__(self, md: Markdown, config: dict[str, Any]) -> None:
        super().__init__(md)
        self.config = config
        self.elements: list[Element] = []

    def run(self, lines: list[str]) -> list[str]:
        config = self.config
        parts = read_page(lines, config["first_line"], config["file"], run=config["run"], complaint=config["complaint"])
        blocks = [part.block for part in parts if part.block]
        recordings = _recorded(config["record"], [run for block in blocks for run in block.runs])
        sweeps = _recorded(config["record_sweeps"], [sweep for block in blocks for sweep in block.sweeps])
        formulas = Formulas()
        numbers: Counter[str] = Counter()
        top: list[str] = []
        out: list[str] = []

        def inline(text: str) -> str:
            return formulas.replace(text, self.md.htmlStash.store)

        for part in parts:
            config["problems"] += part.problems
            if isinstance(part.piece, Prose):
                out += inline("\n".join(part.piece.lines)).split("\n")
            elif isinstance(part.piece, Code):
                out += part.piece.lines
            elif part.block:
                numbers[part.piece.kind] += 1
                with speaking(config["language"]):
                    place = Place(
                        file=config["file"],
                        root=config["root"],
                        runtime=config["runtime"],
                        number=numbers[part.piece.kind],
                        recordings=[retold(recordings[run]) for run in part.block.runs],
                        sweeps=[sweep_retold(sweeps[sweep]) for sweep in part.block.sweeps],
                        inline=inline,
                        markup=self.md.htmlStash.store,
                    )
                    rendered = part.block.render(place)
                out += self._alone(part.piece.indent, rendered)
            for problem in part.problems:
                if isinstance(part.piece, Fence):
                    out += self._alone(part.piece.indent, _problem_box(problem))
                else:
                    top += self._alone("", _problem_box(problem))
        return top + out

    def _alone(self, indent: str, rendered: str | Element) -> list[str]:
        """Return lines that hold the mark of something rendered, and nothing else."""
        if isinstance(rendered, str):
            mark = self.md.htmlStash.store(rendered)
        else:
            mark = f"{STX}gd-block:{len(self.elements)}{ETX}"
            self.elements.append(rendered)
        return [indent.rstrip(), indent + mark, indent.rstrip()]


class _ElementProcessor(BlockProcessor):
    """Put elements into the tree at their marks, so that Markdown inside them is read like the rest of the page."""

    MARK = re.compile(rf"{STX}gd-block:(\d+){ETX}$")

    def __init__(self, parser: BlockParser, elements: list[Element]) -> None:
        super().__init__(parser)
        self.elements = elements

    def test(self, parent: Element, block: str) -> bool:  # noqa: ARG002
        return bool(self.MARK.match(block.strip()))

    def run(self, parent: Element, blocks: list[str]) -> None:
        match = self.MARK.match(blocks.pop(0).strip())
        if match:
            parent.append(self.elements[int(match[1])])


def _problem_box(problem: Problem) -> str:
    return (
        '<div class="admonition failure gd-mistake"><p class="admonition-title">'
        f"{html.escape(problem.file)}, line {problem.line}</p><p>{html.escape(problem.sentence)}</p></div>"
    )
