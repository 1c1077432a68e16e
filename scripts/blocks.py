"""The blocks that authors write in Markdown: labs, curves, quizzes, source excerpts, Keras listings, formulas.

`read_page` finds and checks every block of a page and knows the author's line numbers; each block renders itself to
HTML; `BlocksExtension` puts the two into Python-Markdown, before any other extension sees the text. Nothing here knows
MkDocs: the file's name, the way to the site's root and the recorder of runs are handed in.
"""

import ast
import difflib
import hashlib
import html
import json
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol
from xml.etree.ElementTree import Element, SubElement

import yaml
from markdown import Extension, Markdown
from markdown.blockparser import BlockParser
from markdown.blockprocessors import BlockProcessor
from markdown.preprocessors import Preprocessor
from markdown.util import ETX, STX
from math_core import LatexError, LatexToMathML
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer, find_lexer_class_by_name
from pygments.util import ClassNotFound

from gd_core import keras_twin, settings
from gd_core.activations import ACTIVATIONS
from gd_core.datasets import DATASETS
from gd_core.settings import Settings
from scripts import pictures
from scripts.recording import Recording, record_natively

ROOT = Path(__file__).resolve().parent.parent


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

Inline = Callable[[str], str]
"""Takes inline Markdown; returns it with its formulas replaced."""


@dataclass(frozen=True)
class Place:
    """Where a block is rendered, and what it needs there.

    Attributes:
        file: the author's file.
        root: the way from the page to the site's root, like "../../".
        runtime: the folder of the Python runtime below that.
        number: counts the blocks of one kind on a page, from 1.
        recordings: the recorded runs that the block asked for.
        inline: what to send inline Markdown through.
    """

    file: str
    root: str
    runtime: str
    number: int
    recordings: Sequence[Recording]
    inline: Inline


class Block(Protocol):
    """A block that was read without a mistake."""

    @property
    def runs(self) -> tuple[Settings, ...]:
        """The runs that must be recorded before the block can be rendered."""
        ...

    def render(self, place: Place) -> str | Element:
        """Return HTML, or an element whose texts are inline Markdown."""
        ...


# --- fences -------------------------------------------------------------------------------------------------

FENCE = re.compile(r"(?P<indent> *)(?P<fence>`{3,}|~{3,})[ ]*(?P<info>[^`\n]*)$")


@dataclass(frozen=True)
class Fence:
    """A fence of ours as written. `line` is the opener's in the author's file; the body is dedented."""

    kind: str
    indent: str
    line: int
    body: tuple[str, ...]
    closed: bool


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


def split_fences(lines: Sequence[str], first_line: int = 1) -> Iterator[Prose | Code | Fence]:
    """Split a page into prose, our fences and other fences, in the order in which they stand.

    A fence ends at the same run of marks with the same indentation, as superfences has it. A fence of ours that is not
    closed ends before the next fence of ours, at a line that is indented less, or at the end of the page.
    """
    prose_from = index = 0
    while index < len(lines):
        opener = FENCE.match(lines[index])
        if not opener:
            index += 1
            continue
        indent, fence, kind = opener["indent"], opener["fence"], opener["info"].strip()
        ours = kind in KINDS
        end, closed = _end_of_fence(lines, index + 1, indent, fence, ours)
        if not ours and not closed:
            index += 1
            continue
        if prose_from < index:
            yield Prose(first_line + prose_from, tuple(lines[prose_from:index]))
        after = end + 1 if closed else end
        if ours:
            body = tuple(line[len(indent) :] for line in lines[index + 1 : end])
            yield Fence(kind, indent, first_line + index, body, closed)
        else:
            yield Code(first_line + index, tuple(lines[index:after]))
        prose_from = index = after
    if prose_from < len(lines):
        yield Prose(first_line + prose_from, tuple(lines[prose_from:]))


def _end_of_fence(lines: Sequence[str], start: int, indent: str, fence: str, ours: bool) -> tuple[int, bool]:
    """Return the index of the line that closes a fence, or of the one where it breaks off, and whether it is closed."""
    for index in range(start, len(lines)):
        line = lines[index]
        if line.rstrip() == indent + fence:
            return index, True
        if line.strip() and not line.startswith(indent):
            return index, False
        inner = FENCE.match(line)
        if ours and inner and inner["indent"] == indent and inner["info"].strip() in KINDS:
            return index, False
    return len(lines), False


def check_kind(code: Code, report: Report) -> None:
    """Report a fence whose name is no language and close to one of our kinds: it is probably misspelt."""
    opener = FENCE.match(code.lines[0])
    word = opener["info"].split()[0] if opener and opener["info"].strip() else ""
    if difflib.get_close_matches(word.lower(), KINDS, 1, 0.7):
        try:
            find_lexer_class_by_name(word)
        except ClassNotFound:
            report(code.line, unknown("block", word, KINDS))


# --- YAML bodies --------------------------------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """YAML that also reads 1e-3 as a number, which PyYAML takes for a text."""


_Loader.yaml_implicit_resolvers = {key: list(value) for key, value in yaml.SafeLoader.yaml_implicit_resolvers.items()}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


@dataclass(frozen=True)
class Entry:
    """One setting as an author wrote it. `line` is its line in the author's file."""

    line: int
    value: Any


def read_mapping(fence: Fence, report: Report) -> dict[str, Entry] | None:
    """Read a fence's YAML body, which may be empty; return None if it is no mapping."""
    try:
        loader = _Loader("\n".join(fence.body) + "\n")
        node = loader.get_single_node()
        if node is None:
            return {}
        if not isinstance(node, yaml.MappingNode):
            report(fence.line + 1, f'the body of a {fence.kind} block must be lines "setting: value"')
            return None
        entries: dict[str, Entry] = {}
        for key_node, value_node in node.value:
            key = str(loader.construct_object(key_node, deep=True))
            line = fence.line + 1 + key_node.start_mark.line
            if key in entries:
                report(line, f"{key} is set twice, first in line {entries[key].line}; keep one of the two")
                continue
            entries[key] = Entry(line, loader.construct_object(value_node, deep=True))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = min(mark.line if mark else 0, max(len(fence.body) - 1, 0))
        report(fence.line + 1 + line, f"this is not valid YAML: {error.problem}")
        return None
    except (yaml.YAMLError, ValueError) as error:  # a control character, a date that no calendar has
        report(fence.line + 1, f"this is not valid YAML: {error}")
        return None
    return entries


def read_settings(entries: dict[str, Entry], report: Report, also: Sequence[str] = ()) -> Settings | None:
    """Check settings, each at its own line. `also` names what the block takes besides."""
    given = {name: entry.value for name, entry in entries.items()}
    problems = settings.problems(given)
    for name, sentence in problems:
        known = name in settings.SETTINGS
        report(entries[name].line, sentence if known else unknown("setting", name, [*settings.SETTINGS, *also]))
    return None if problems else settings.parse(given)


# --- the kinds ----------------------------------------------------------------------------------------------


DATASET_LABELS = {
    "moons": "Two moons",
    "circle": "Circle in a ring",
    "gauss": "Two clouds",
    "xor": "Four corners (xor)",
    "spiral": "Two spirals",
}


@dataclass(frozen=True)
class Lab:
    """A training lab, with the recorded run of its settings."""

    settings: Settings
    title: str

    @property
    def runs(self) -> tuple[Settings, ...]:
        """The one run that stands in the page before Python has started."""
        return (self.settings,)

    def render(self, place: Place) -> str:
        """Return the element that the page's script mounts, with the recorded run inside."""
        (recording,) = place.recordings
        name = f"lab-{place.number}"
        choices = {
            "dataset": [[dataset, DATASET_LABELS[dataset]] for dataset in DATASETS],
            "hidden_layers": [[list(layers), label] for label, layers in settings.NETWORKS.items()],
            "activation": [[activation, activation] for activation in ACTIVATIONS],
            "learning_rate": list(settings.LEARNING_RATES),
        }
        return (
            f'<gd-lab class="gd-lab" id="{name}" role="region" aria-labelledby="{name}-title"'
            f' data-state="recorded" data-kind="training" data-runtime="{html.escape(place.root + place.runtime)}"'
            f' data-settings="{_json_attribute(self.settings.as_dict())}" data-choices="{_json_attribute(choices)}">'
            f'<h3 class="gd-lab-title" id="{name}-title">{html.escape(self.title)}</h3>'
            f'<div class="gd-lab-static">{pictures.recorded_run(recording, name)}'
            "<noscript data-search-exclude><p>Training in this page needs JavaScript, which is switched off or blocked"
            " here. The lesson still covers everything: the pictures show recorded runs.</p></noscript>"
            "</div></gd-lab>"
        )


@dataclass(frozen=True)
class Rates:
    """Recorded runs from one start at several learning rates, side by side."""

    runs: tuple[Settings, ...]

    def render(self, place: Place) -> str:
        """Return the figure."""
        return pictures.rates(place.recordings, f"rates-{place.number}")


@dataclass(frozen=True)
class Source:
    """A function or class of `gd_core`, word for word."""

    file: str
    text: str
    runs: tuple[Settings, ...] = ()

    def render(self, place: Place) -> str:  # noqa: ARG002 - every block is asked the same way
        """Return the highlighted code under its file's name."""
        return listing(highlighted(self.text), self.file)


@dataclass(frozen=True)
class Keras:
    """The same run in Keras; labs on the page keep the learning rate in it up to date."""

    settings: Settings
    runs: tuple[Settings, ...] = ()

    def render(self, place: Place) -> str:  # noqa: ARG002 - every block is asked the same way
        """Return the highlighted listing, the learning rate marked for the labs."""
        mark = "LEARNING_RATE_OF_THE_LAB"
        code = highlighted(keras_twin.listing(self.settings, mark))
        rate = f'<span class="mf" data-gd-rate>{self.settings.learning_rate:g}</span>'
        return listing(re.sub(rf"<span[^>]*>{mark}</span>", rate, code), "Keras")


@dataclass(frozen=True)
class Answer:
    """One answer of a question: whether it is right, and why."""

    right: bool
    text: str
    why: str

    @property
    def key(self) -> str:
        """What the reader's browser remembers the answer by."""
        return fingerprint(self.text)


@dataclass(frozen=True)
class Question:
    """One question. `name` is the author's `{#name}`, or empty."""

    line: int
    text: str
    name: str
    answers: tuple[Answer, ...]

    @property
    def key(self) -> str:
        """What the question is known by: its name, or its text."""
        return self.name or fingerprint(self.text)

    @property
    def several(self) -> bool:
        """Whether more than one answer is right."""
        return sum(answer.right for answer in self.answers) > 1


@dataclass(frozen=True)
class Quiz:
    """Questions with answers to choose from."""

    questions: tuple[Question, ...]
    runs: tuple[Settings, ...] = ()

    def render(self, place: Place) -> Element:
        """Return the element that the page's script mounts; its texts are still Markdown."""
        quiz = Element("gd-quiz", {"class": "gd-quiz", "id": f"quiz-{place.number}"})
        items = SubElement(quiz, "ol", {"class": "gd-quiz-questions"})
        for question in self.questions:
            _render_question(SubElement(items, "li"), question, place)
        return quiz


def _render_question(parent: Element, question: Question, place: Place) -> None:
    """Add a question that reads well as it is, and that `gd-quiz` turns into a form."""
    page = Path(place.file).stem
    group = SubElement(parent, "fieldset", {"class": "gd-quiz-question"})
    group.set("data-question", f"{page}#{question.key}")
    group.set("data-choose", "several" if question.several else "one")
    SubElement(group, "legend").text = place.inline(question.text)
    if question.several:
        SubElement(group, "p", {"class": "gd-quiz-hint"}).text = "More than one answer is right: choose all that are."
    answers = SubElement(group, "ul", {"class": "gd-quiz-answers"})
    for answer in question.answers:
        item = SubElement(answers, "li", {"data-answer": answer.key, "data-right": str(answer.right).lower()})
        item.text = place.inline(answer.text)
    solution = SubElement(group, "details", {"class": "gd-quiz-solution", "data-search-exclude": ""})
    SubElement(solution, "summary").text = "Answers, explained"
    reasons = SubElement(solution, "ul")
    for answer in question.answers:
        item = SubElement(reasons, "li")
        verdict = SubElement(item, "strong")
        verdict.text = "Right:" if answer.right else "Not right:"
        verdict.tail = " "
        SubElement(item, "span").text = place.inline(answer.text)
        SubElement(item, "p", {"class": "gd-quiz-why"}).text = place.inline(answer.why)


def fingerprint(text: str) -> str:
    """Name a text by its content, whatever its spacing."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


def read_lab(fence: Fence, report: Report) -> Lab | None:
    """Read a lab: any setting of `gd_core`, and `title`."""
    entries = read_mapping(fence, report)
    if entries is None:
        return None
    title = entries.pop("title", Entry(fence.line, "Training lab"))
    chosen = read_settings(entries, report, also=("title",))
    if not isinstance(title.value, str) or not title.value.strip():
        report(title.line, f"title must be a text that is not empty, got {title.value!r}")
        return None
    return Lab(chosen, title.value.strip()) if chosen else None


def read_rates(fence: Fence, report: Report) -> Rates | None:
    """Read a comparison: any setting of `gd_core`, and `learning_rates`, a list of two to four numbers."""
    entries = read_mapping(fence, report)
    if entries is None:
        return None
    rates = entries.pop("learning_rates", None)
    chosen = read_settings(entries, report, also=("learning_rates",))
    if rates is None:
        report(fence.line, "a rates block needs learning_rates, a list of two to four numbers, got none")
        return None
    if not isinstance(rates.value, list) or not 2 <= len(rates.value) <= 4:
        report(rates.line, f"learning_rates must be a list of two to four numbers, got {rates.value!r}")
        return None
    if chosen is None:
        return None
    checked = [read_settings({"learning_rate": Entry(rates.line, rate)}, report) for rate in rates.value]
    return Rates(tuple(replace(chosen, learning_rate=one.learning_rate) for one in checked if one))


def read_keras(fence: Fence, report: Report) -> Keras | None:
    """Read a Keras listing: any setting of `gd_core`."""
    entries = read_mapping(fence, report)
    chosen = None if entries is None else read_settings(entries, report)
    return Keras(chosen) if chosen else None


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
    named = dict(_definitions(ast.parse(text)))
    if name not in named:
        report(line, unknown(f"name in {module}", name, named))
        return None
    node = named[name]
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    excerpt = textwrap.dedent("\n".join(text.splitlines()[first - 1 : node.end_lineno])) + "\n"
    return Source(modules[module].relative_to(ROOT).as_posix(), excerpt)


Definition = ast.FunctionDef | ast.ClassDef


def _definitions(parent: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[str, Definition]]:
    """Yield the functions, classes and methods of a module by their names."""
    for node in parent.body:
        if isinstance(node, Definition):
            yield prefix + node.name, node
        if isinstance(node, ast.ClassDef):
            yield from _definitions(node, f"{node.name}.")


QUESTION = re.compile(r"\d+[.)] +(?P<text>.*?) *$")
NAME = re.compile(r"\s*\{#(?P<name>[\w-]+)\}$")
ANSWER = re.compile(r" *[-*+] +\[(?P<mark>[^\]]*)\] *(?P<text>.*?) *$")
REASON = re.compile(r" *> ?(?P<text>.*?) *$")
RIGHT = ("x", "X")


@dataclass
class _Part:
    """A question, an answer or an explanation while its lines are being gathered."""

    line: int
    text: str
    mark: str = ""
    parts: "list[_Part]" = field(default_factory=list)


def read_quiz(fence: Fence, report: Report) -> Quiz | None:
    """Read a quiz: numbered questions, answers `- [x]` or `- [ ]`, an explanation `> ` below each answer."""
    drafts = _gather_questions(fence, report)
    if not drafts:
        report(fence.line, 'a quiz needs at least one question, a line like "1. Why?", got none')
        return None
    return Quiz(tuple(_check_question(draft, report) for draft in drafts))


def _gather_questions(fence: Fence, report: Report) -> list[_Part]:
    """Gather the questions with their answers, and those with their explanations, across wrapped lines."""
    questions: list[_Part] = []
    current: _Part | None = None
    for line, text in enumerate(fence.body, fence.line + 1):
        if not text.strip():
            continue
        if question := QUESTION.match(text):
            current = _Part(line, question["text"])
            questions.append(current)
        elif answer := ANSWER.match(text):
            current = _Part(line, answer["text"], mark=answer["mark"])
            if questions:
                questions[-1].parts.append(current)
            else:
                report(line, 'this answer belongs to no question; begin with a line like "1. Why?"')
        elif re.match(r" *[-*+] ", text):
            report(line, 'this answer has no mark; write "- [x]" for a right answer, "- [ ]" for another')
        elif reason := REASON.match(text):
            answers = questions[-1].parts if questions else []
            if not answers:
                report(line, 'this explanation belongs to no answer; put it below a line "- [x] …" or "- [ ] …"')
            elif answers[-1].parts:
                answers[-1].parts[-1].text += f"\n{reason['text']}"
            else:
                current = _Part(line, reason["text"])
                answers[-1].parts.append(current)
        elif current and text.startswith(" "):
            current.text += f"\n{text.strip()}"
        else:
            allowed = 'a question "1. …", an answer "- [x] …" or "- [ ] …", an explanation "> …", or an indented line'
            report(line, f"a quiz holds {allowed} that continues one of these, got {text.strip()!r}")
    return questions


def _check_question(draft: _Part, report: Report) -> Question:
    """Report what a question lacks."""
    name = NAME.search(draft.text)
    text = draft.text[: name.start()] if name else draft.text
    if not text:
        report(draft.line, "this question has no text; write it behind its number")
    check_formulas(text, draft.line, report)
    if len(draft.parts) < 2:
        report(draft.line, f"a question needs at least two answers, got {len(draft.parts)}")
    if draft.parts and not any(part.mark in RIGHT for part in draft.parts):
        report(draft.line, 'no answer is marked [x]; mark the right one(s) with "- [x]"')
    seen: dict[str, int] = {}
    answers = []
    for part in draft.parts:
        why = part.parts[0] if part.parts else _Part(part.line, "")
        if part.mark not in (*RIGHT, " "):
            report(part.line, f"unknown mark [{part.mark}]; write [x] for a right answer, [ ] for another")
        if not part.text:
            report(part.line, "this answer has no text; write it behind its mark")
        first = seen.setdefault(fingerprint(part.text), part.line)
        if part.text and first != part.line:
            report(part.line, f"this answer stands in line {first} already; keep one of the two")
        if not why.text.strip():
            report(part.line, 'this answer has no explanation; add a line "> …" below it')
        check_formulas(part.text, part.line, report)
        check_formulas(why.text, why.line, report)
        answers.append(Answer(part.mark in RIGHT, part.text, why.text))
    return Question(draft.line, text, name["name"] if name else "", tuple(answers))


KINDS: dict[str, Callable[[Fence, Report], Block | None]] = {
    "lab": read_lab,
    "rates": read_rates,
    "quiz": read_quiz,
    "source": read_source,
    "keras": read_keras,
}


def unknown(what: str, came: str, known: Iterable[str]) -> str:
    """Say that a name is not known, which are, and which one is nearest."""
    known = list(known)
    nearest = difflib.get_close_matches(came, known, 1)
    hint = f"; did you mean {nearest[0]}?" if nearest else ""
    return f"unknown {what} {came!r}; choose one of {', '.join(known)}{hint}"


def highlighted(code: str) -> str:
    """Return Python code as HTML with the theme's classes."""
    return highlight(code, PythonLexer(), HtmlFormatter(nowrap=True))


def listing(code: str, title: str) -> str:
    """Frame highlighted code as the theme frames a fenced block."""
    return (
        f'<div class="language-python highlight"><span class="filename">{html.escape(title)}</span>'
        f"<pre><span></span><code>{code}</code></pre></div>"
    )


def _json_attribute(value: object) -> str:
    return html.escape(json.dumps(value))


# --- formulas -----------------------------------------------------------------------------------------------

FORMULA = re.compile(
    r"""
      (?<![`\\]) (?P<ticks>`+) (?!`) (?:(?!\n[ ]*\n).)+? (?<!`) (?P=ticks) (?!`)    # code passes unread
    | <!-- .*? -->                                                                # so do comments
    | \\ [\\`$]                                                                   # and what is escaped
    | \$\$ (?P<display> (?: \\. | (?!\n[ ]*\n)[^$\\] )+ ) \$\$
    | (?P<open> \$\$ )
    | \$ (?=\S) (?P<inline> (?: \\. | (?!\n[ ]*\n)[^$\\] )+ ) (?<=\S) \$ (?!\d)
    """,
    re.VERBOSE | re.DOTALL,
)
MATHML = LatexToMathML(fancy_error=False)


def check_formulas(text: str, line: int, report: Report) -> None:
    """Report every formula of a text that does not parse. `line` is the text's first in the author's file."""
    for match in FORMULA.finditer(text):
        at = line + text.count("\n", 0, match.start())
        if match["open"]:
            report(at, "this formula is not closed; end it with $$ before the next empty line")
        latex = match["display"] or match["inline"]
        try:
            if latex:
                MATHML.convert_with_local_state(latex, displaystyle=bool(match["display"]))
        except LatexError as error:
            position, _, sentence = str(error).partition(": ")
            before = latex.encode()[: int(position)].decode(errors="ignore")
            sentence = sentence[:1].lower() + sentence[1:].rstrip(".")
            report(at + before.count("\n"), f"formula ${latex}$, character {len(before) + 1}: {sentence}")


def replace_formulas(text: str, stash: Callable[[str], str]) -> str:
    """Replace `$…$` and `$$…$$` by what `stash` returns for their MathML; leave what does not parse."""

    def mathml_of(match: re.Match[str]) -> str:
        latex = match["display"] or match["inline"]
        if not latex:
            return match[0]
        try:
            mathml = MATHML.convert_with_local_state(latex, displaystyle=bool(match["display"]))
        except LatexError:
            return match[0]
        return stash(f'<span class="gd-formula">{mathml}</span>' if match["display"] else mathml)

    return FORMULA.sub(mathml_of, text)


# --- pages --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A piece of a page, the block that it holds if it is a fence of ours, and the mistakes in it."""

    piece: Prose | Code | Fence
    block: Block | None
    problems: tuple[Problem, ...]


def read_page(lines: Sequence[str], first_line: int = 1, file: str = "") -> list[Part]:
    """Read a page and find every mistake in it. `first_line` is where the text begins in the author's file."""
    parts = []
    questions: dict[str, int] = {}
    for piece in split_fences([line.expandtabs(4) for line in lines], first_line):
        problems: list[Problem] = []

        def report(line: int, sentence: str, problems: list[Problem] = problems) -> None:
            problems.append(Problem(file, line, sentence))

        block = None
        if isinstance(piece, Prose):
            check_formulas("\n".join(piece.lines), piece.line, report)
        elif isinstance(piece, Code):
            check_kind(piece, report)
        elif not piece.closed:
            report(
                piece.line,
                f"this {piece.kind} block is not closed; end it with a line like its first, without the name",
            )
        else:
            block = KINDS[piece.kind](piece, report)
        if isinstance(block, Quiz):
            for question in block.questions:
                first = questions.setdefault(question.key, question.line)
                if first != question.line:
                    report(question.line, f"this question stands in line {first} already; keep one of the two")
        parts.append(Part(piece, None if problems else block, tuple(sorted(problems))))
    return parts


class BlocksExtension(Extension):
    """Put the blocks into Python-Markdown. Mistakes are shown in the page and appended to the list `problems`."""

    def __init__(self, **kwargs: Any) -> None:
        self.config = {
            "file": ["", "The author's file, as messages name it"],
            "first_line": [1, "The line of the author's file with which the text begins, after front matter"],
            "root": ["", 'The way from the page to the site\'s root, like "../../"'],
            "runtime": ["assets/runtime/", "The folder of the Python runtime below the site's root"],
            "record": [record_natively, "Takes a list of Settings, returns their recorded runs"],
            "problems": [[], "A list that receives every Problem found"],
        }
        super().__init__(**kwargs)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Register between the normalizing of white space (priority 30) and superfences (25)."""
        preprocessor = _BlocksPreprocessor(md, self.getConfigs())
        md.preprocessors.register(preprocessor, "gd-blocks", 27)
        md.parser.blockprocessors.register(_ElementProcessor(md.parser, preprocessor.elements), "gd-blocks", 95)
        md.ESCAPED_CHARS.append("$")
        md.block_level_elements += ["gd-lab", "gd-quiz"]


def makeExtension(**kwargs: Any) -> BlocksExtension:  # noqa: N802
    """Make the extension: the name by which Python-Markdown finds it."""
    return BlocksExtension(**kwargs)


class _BlocksPreprocessor(Preprocessor):
    """Replace every block and formula of a page by a mark that stands for its HTML."""

    def __init__(self, md: Markdown, config: dict[str, Any]) -> None:
        super().__init__(md)
        self.config = config
        self.elements: list[Element] = []

    def run(self, lines: list[str]) -> list[str]:
        parts = read_page(lines, self.config["first_line"], self.config["file"])
        runs = list(dict.fromkeys(run for part in parts if part.block for run in part.block.runs))
        recordings = dict(zip(runs, self.config["record"](runs), strict=True)) if runs else {}
        numbers: Counter[str] = Counter()
        out: list[str] = []
        for part in parts:
            indent = part.piece.indent if isinstance(part.piece, Fence) else ""
            if isinstance(part.piece, Prose):
                out += self._formulas("\n".join(part.piece.lines)).split("\n")
            elif isinstance(part.piece, Code):
                out += part.piece.lines
            elif part.block:
                numbers[part.piece.kind] += 1
                place = Place(
                    file=self.config["file"],
                    root=self.config["root"],
                    runtime=self.config["runtime"],
                    number=numbers[part.piece.kind],
                    recordings=[recordings[run] for run in part.block.runs],
                    inline=self._formulas,
                )
                out += ["", indent + self._mark(part.block.render(place)), ""]
            for problem in part.problems:
                out += ["", indent + self._mark(_problem_box(problem)), ""]
            self.config["problems"] += part.problems
        return out

    def _formulas(self, text: str) -> str:
        return replace_formulas(text, self.md.htmlStash.store)

    def _mark(self, rendered: str | Element) -> str:
        if isinstance(rendered, str):
            return self.md.htmlStash.store(rendered)
        self.elements.append(rendered)
        return f"{STX}gd-block:{len(self.elements) - 1}{ETX}"


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
        '<div class="admonition failure gd-problem"><p class="admonition-title">'
        f"{html.escape(problem.file)}, line {problem.line}</p><p>{html.escape(problem.sentence)}</p></div>"
    )
