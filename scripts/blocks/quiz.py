"""The quiz: numbered questions with answers to choose from, or a number to type, and an explanation for each answer.

A question is known by its name or its text and an answer by its text, never by their position, so that what a reader
answered stays with its question when a page is edited.
"""

import math
import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement

from gd_core.checks import shown
from gd_core.language import number, say
from gd_core.settings import Settings
from scripts import pictures

from .fences import Block, Fence, Place, Prose, Report, fingerprint, split_fences
from .frame import page_name
from .runs import Curve, read_curve


@dataclass(frozen=True)
class Number:
    """A number that is asked for, and how far from it an answer may lie."""

    value: float
    tolerance: float

    def meets(self, other: "Number") -> bool:
        """Whether some answer would fit both."""
        return abs(self.value - other.value) <= self.tolerance + other.tolerance


@dataclass(frozen=True)
class Answer:
    """One answer of a question: whether it is right, and why. `number` is there if it is typed, not chosen."""

    right: bool
    line: int
    text: str
    why_line: int
    why: str
    number: Number | None = None

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
    name_line: int
    answers: tuple[Answer, ...]
    curves: tuple[Curve, ...] = ()

    @property
    def key(self) -> str:
        """What the question is known by: its name, or its text."""
        return self.name or fingerprint(self.text)

    @property
    def choose(self) -> str:
        """How it is answered: by a number, by one of the answers, or by several."""
        if any(answer.number for answer in self.answers):
            return "number"
        return "several" if sum(answer.right for answer in self.answers) > 1 else "one"


@dataclass(frozen=True)
class Quiz(Block):
    """Questions with answers."""

    questions: tuple[Question, ...]

    @property
    def runs(self) -> tuple[Settings, ...]:
        """The runs whose curves the questions show."""
        return tuple(curve.settings for question in self.questions for curve in question.curves)

    @property
    def texts(self) -> tuple[tuple[int, str], ...]:
        """Questions, answers and explanations."""
        found = []
        for question in self.questions:
            found.append((question.line, question.text))
            for answer in question.answers:
                found += [(answer.line, answer.text), (answer.why_line, answer.why)]
        return tuple(found)

    @property
    def ids(self) -> tuple[tuple[int, str], ...]:
        """The names of the questions."""
        return tuple((question.name_line, question.name) for question in self.questions if question.name)

    def render(self, place: Place) -> Element:
        """Return the element that the page's script mounts; its texts are still Markdown."""
        quiz = Element("gd-quiz", {"class": "gd-quiz", "id": f"quiz-{place.number}"})
        quiz.set("data-quiz", f"{page_name(place)}#{fingerprint(' '.join(sorted(q.key for q in self.questions)))}")
        items = SubElement(quiz, "ol", {"class": "gd-quiz-questions"})
        recordings = iter(place.recordings)
        count = 0
        for question in self.questions:
            shown = []
            for curve in question.curves:
                count += 1
                shown.append(pictures.curve(next(recordings), f"quiz-{place.number}-curve-{count}", curve.title))
            _render_question(SubElement(items, "li"), question, shown, place)
        return quiz


def _hint(choose: str) -> str:
    """Say how a question is answered, where it does not show."""
    match choose:
        case "several":
            return say("More than one answer is right: choose all that are.")
        case "number":
            return say("Answer with a number.")
    return ""


def _render_question(parent: Element, question: Question, shown: list[str], place: Place) -> None:
    """Add a question that reads well as it is, and that `gd-quiz` turns into a form."""
    group = SubElement(parent, "fieldset", {"class": "gd-quiz-question"})
    if question.name:
        group.set("id", question.name)
    group.set("data-question", f"{page_name(place)}#{question.key}")
    group.set("data-choose", question.choose)
    group.set("data-score", say("Quiz"))
    SubElement(group, "legend").text = place.inline(question.text)
    for picture in shown:
        SubElement(group, "div").text = place.markup(picture)
    if hint := _hint(question.choose):
        SubElement(group, "p", {"class": "gd-quiz-hint"}).text = hint
    if question.choose != "number":
        answers = SubElement(group, "ul", {"class": "gd-quiz-answers"})
        for answer in question.answers:
            SubElement(answers, "li").text = place.inline(answer.text)
    solution = SubElement(group, "details", {"class": "gd-quiz-solution", "data-search-exclude": ""})
    SubElement(solution, "summary").text = say("Answers, explained")
    reasons = SubElement(solution, "ul")
    for answer in question.answers:
        item = SubElement(reasons, "li", {"data-answer": answer.key, "data-right": str(answer.right).lower()})
        if answer.number:
            item.set("data-number", repr(answer.number.value))
            item.set("data-tolerance", repr(answer.number.tolerance))
        verdict = SubElement(item, "strong")
        verdict.text = say("Right:") if answer.right else say("Not right:")
        verdict.tail = " "
        SubElement(item, "span").text = place.inline(number(answer.text) if answer.number else answer.text)
        SubElement(item, "p", {"class": "gd-quiz-why"}).text = place.inline(answer.why)


# --- reading ------------------------------------------------------------------------------------------------

QUESTION = re.compile(r" {0,3}\d+[.)] +(?P<text>.*?) *$")
NAME = re.compile(r"\s*\{#(?P<name>[\w-]+)\}$")
ALMOST_QUESTION = re.compile(r" {0,3}\d+[.)][^\W\d]")
ALMOST_NAME = re.compile(r"\{[^{}]*#[^{}]*\}$|\{#[^{}]*$")
ALMOST_ANSWER = re.compile(r" *[-*+‐‑–—−•·] *\[ ?[xX=]? ?\](?!\()")
ANSWER = re.compile(r" *[-*+] +\[(?P<mark>[^\]]*)\](?!\() *(?P<text>.*?) *$")
REASON = re.compile(r" *> ?(?P<text>.*?) *$")
NUMBER = re.compile(r"(?P<value>\S+?)(?:\s*(?:±|\+-|\+/-)\s*(?P<tolerance>\S+))?$")
RIGHT = ("x", "X", "=")
MARKS = 'write [x] for a right answer, [ ] for another, [=] for a number, like "- [=] 0.3 ± 0.01"'


@dataclass
class _Draft:
    """A question, an answer or an explanation while its lines are being gathered."""

    line: int
    text: str
    mark: str = ""
    parts: "list[_Draft]" = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)

    def go_on(self, line: int, text: str) -> None:
        """Add a line, and as many line breaks as lie before it, so that a mistake in it is found at its own line."""
        self.text += "\n" * (line - self.line - self.text.count("\n")) + text


def read_quiz(fence: Fence, report: Report) -> Quiz | None:
    """Read a quiz.

    Questions are numbered, answers are `- [x]` or `- [ ]`, or `- [=]` for a number to type, and each has an
    explanation `> ` below it. A fence `curve` below a question's text shows the loss curve of a recorded run.
    """
    stray: list[int] = []

    def report_stray(line: int, sentence: str) -> None:
        stray.append(line)
        report(line, sentence)

    drafts = _gather_questions(fence, report_stray)
    if not drafts and not stray:
        report(fence.line, 'a quiz needs at least one question, a line like "1. Why?", got none')
    questions = tuple(_check_question(draft, report, complete=not stray) for draft in drafts)
    return Quiz(questions) if questions else None


def _gather_questions(fence: Fence, report: Report) -> list[_Draft]:
    """Gather the questions with their answers, and those with their explanations, across wrapped lines."""
    questions: list[_Draft] = []
    for piece in split_fences(fence.body, ("curve",), fence.line + 1):
        if isinstance(piece, Prose):
            _gather_lines(piece, questions, report)
        elif not isinstance(piece, Fence):
            report(piece.line, f"a quiz holds no fences but curve, got {piece.lines[0].strip()!r}")
        elif not piece.closed:
            report(piece.line, "this curve block is not closed; end it with a line like its first, without the name")
        elif not questions or questions[-1].parts:
            report(piece.line, "a curve in a quiz stands below a question's text, before its answers")
        elif curve := read_curve(piece, report):
            questions[-1].curves.append(curve)
    return questions


def _gather_lines(prose: Prose, questions: list[_Draft], report: Report) -> None:
    current: _Draft | None = None
    lost = False
    for line, text in enumerate(prose.lines, prose.line):
        if not text.strip():
            continue
        if question := QUESTION.match(text):
            current = _Draft(line, question["text"])
            questions.append(current)
        elif answer := ANSWER.match(text):
            current = _Draft(line, answer["text"], mark=answer["mark"])
            if questions:
                questions[-1].parts.append(current)
            elif not lost:
                lost = True
                report(line, 'this answer belongs to no question; begin with a line like "1. Why?"')
        elif ALMOST_ANSWER.match(text):
            report(line, f'an answer begins with a hyphen, a space and its mark, like "- [ ] …", got {text.strip()!r}')
        elif re.match(r" *[-*+] ", text):
            report(line, f"this answer has no mark; {MARKS}")
        elif ALMOST_QUESTION.match(text):
            report(line, f'a question begins with its number, a dot and a space, like "1. Why?", got {text.strip()!r}')
        elif reason := REASON.match(text):
            answers = questions[-1].parts if questions else []
            if not answers and not lost:
                lost = True
                report(line, 'this explanation belongs to no answer; put it below a line "- [x] …" or "- [ ] …"')
            elif answers and answers[-1].parts:
                answers[-1].parts[-1].go_on(line, reason["text"])
            elif answers:
                current = _Draft(line, reason["text"])
                answers[-1].parts.append(current)
        elif current and text.startswith(" "):
            current.go_on(line, text.strip())
        else:
            lost = True
            allowed = 'a question "1. …", an answer "- [x] …" or "- [ ] …", an explanation "> …", or an indented line'
            report(line, f"a quiz holds {allowed} that continues one of these, got {text.strip()!r}")


def _check_question(draft: _Draft, report: Report, *, complete: bool) -> Question:
    """Report what a question lacks. What is missing altogether may stand in a line that could not be read."""
    name = NAME.search(draft.text)
    text = draft.text[: name.start()] if name else draft.text
    if almost := None if name else ALMOST_NAME.search(text):
        report(
            draft.line + text.count("\n"),
            f"a question's name is written {{#name}}, of letters, digits, hyphens and underscores, got {almost[0]}",
        )
    if not text:
        report(draft.line, "this question has no text; write it behind its number")
    marks = [part.mark for part in draft.parts]
    typed = "=" in marks
    if complete and len(marks) < 2 and not typed:
        report(draft.line, f"a question needs at least two answers, got {len(marks)}")
    if complete and marks and all(mark == " " for mark in marks):
        report(draft.line, 'no answer is marked [x]; mark the right one(s) with "- [x]"')
    answers: list[Answer] = []
    for part in draft.parts:
        answer = _check_answer(part, typed, report)
        if part.text:
            first = next((other for other in answers if _same(other, answer)), None)
            if first:
                report(part.line, f"this answer stands in line {first.line} already; keep one of the two")
        answers.append(answer)
    for line in [part.line for part in draft.parts if part.mark == "="][1:]:
        report(line, "a question asks for one number; mark one answer with [=], common mistakes with [ ]")
    name_line = draft.line + draft.text.count("\n")
    return Question(draft.line, text, name["name"] if name else "", name_line, tuple(answers), tuple(draft.curves))


def _check_answer(part: _Draft, typed: bool, report: Report) -> Answer:
    """Report what an answer lacks. `typed`: the question asks for a number."""
    if part.mark not in (*RIGHT, " "):
        report(part.line, f"unknown mark [{part.mark}]; {MARKS}")
    elif typed and part.mark not in ("=", " "):
        report(part.line, "this question asks for a number; mark common mistakes with [ ], and nothing with [x]")
    if not part.text:
        report(part.line, "this answer has no text; write it behind its mark")
    number = _read_number(part, report) if typed and part.text else None
    why = part.parts[0] if part.parts else _Draft(part.line, "")
    if not why.text.strip():
        report(part.line, 'this answer has no explanation; add a line "> …" below it')
    return Answer(part.mark in RIGHT, part.line, part.text, why.line, why.text, number)


def _read_number(part: _Draft, report: Report) -> Number | None:
    match = NUMBER.match(part.text)
    try:
        value = _number(match["value"]) if match else math.nan
        tolerance = _number(match["tolerance"] or "0") if match else math.nan
    except ValueError:
        value = tolerance = math.nan
    if not math.isfinite(value) or not (math.isfinite(tolerance) and tolerance >= 0):
        report(part.line, f'a number is written like "0.3" or "0.3 ± 0.01", got {shown(part.text)}')
        return None
    return Number(value, tolerance)


def _number(text: str) -> float:
    return float(text.replace("−", "-"))


def _same(one: Answer, other: Answer) -> bool:
    if one.number and other.number:
        return one.number.meets(other.number)
    return one.key == other.key
