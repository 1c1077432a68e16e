"""The languages besides English: their files, whose pages are whose, and what the code says that they have to say.

A language is a file, `docs/assets/labs/languages/<code>.json`, and its pages lie in a folder `docs/<code>/`. English
has neither: the code's own sentences are the keys of those files. What is said is found by reading the code: `say("…")`
in Python and in templates, t`…` in scripts, and those words of `mkdocs.yml` that readers see.

`python -m scripts.languages [code …]` prints what a file lacks, as lines to paste into it, and tells what is wrong with
it. The exit status is 1 when there is anything.
"""

import ast
import json
import re
import string
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict, cast

import jinja2
from mkdocs.utils.yaml import yaml_load

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "assets" / "labs" / "languages"
ENGLISH = "en"


class Language(TypedDict):
    """A language's file."""

    name: str
    """What the language calls itself."""
    decimal: str
    group: str
    """The marks in its numbers, where English has "." and ","."""
    grouped_from: int
    """The number of digits from which on `group` stands in a number: 4, or 5 where 1600 has none."""
    messages: dict[str, str | None]
    """What the code says, from English; None where the English words stay on purpose."""


class LanguageError(ValueError):
    """A language's file is not as it must be, or the code says something that cannot be translated."""


# --- files and folders ----------------------------------------------------------------------------------------


def read_languages(folder: Path = FOLDER) -> dict[str, Language]:
    """Return the languages that have a file, by their codes."""
    return {path.stem: read_language(path) for path in sorted(folder.glob("*.json"))}


def read_language(path: Path) -> Language:
    """Read a language's file. Raises LanguageError when it is not as it must be."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_without_doubles)
    except ValueError as error:
        raise LanguageError(f"{path.name} must be JSON: {error}") from error
    if not isinstance(found, dict) or found.keys() != Language.__annotations__.keys():
        came = ", ".join(found) if isinstance(found, dict) else type(found).__name__
        raise LanguageError(f"{path.name} must hold {', '.join(Language.__annotations__)}, and no more, got {came}")
    for key in ("name", "decimal", "group"):
        if not isinstance(found[key], str) or not found[key] or (key != "name" and len(found[key]) > 1):
            what = "a text" if key == "name" else "one character"
            raise LanguageError(f"{key} in {path.name} must be {what}, got {found[key]!r}")
    if found["grouped_from"] not in (4, 5):
        raise LanguageError(f"grouped_from in {path.name} must be 4 or 5, got {found['grouped_from']!r}")
    if not isinstance(found["messages"], dict):
        raise LanguageError(f"messages in {path.name} must be pairs of texts, got {found['messages']!r}")
    for message, translation in found["messages"].items():
        if translation is not None and not (isinstance(translation, str) and translation.strip()):
            raise LanguageError(
                f"the translation of {message!r} in {path.name} must be a text, or null where English stays,"
                f" got {translation!r}"
            )
    return cast(Language, found)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"a name must stand once, got {name!r} {names.count(name)} times")
    return dict(pairs)


def language_of(page: str, codes: Collection[str]) -> str:
    """Return the code of the language in whose folder a page lies, "en" where it is in none of them.

    Args:
        page: its path, or its address, below the folder of all pages.
        codes: those of the languages there are.
    """
    first = page.partition("/")[0]
    return first if first in codes else ENGLISH


def original_of(page: str, codes: Collection[str]) -> str:
    """Return the path of the English page that a page translates; an English page's own."""
    return page if language_of(page, codes) == ENGLISH else page.partition("/")[2]


def translated(language: Language | None, text: str) -> str:
    """Return a text that is not the code's own, such as a word of `mkdocs.yml`, in a language; None: English."""
    return (language["messages"].get(text) if language else None) or text


def folder_of(code: str) -> str:
    """Return the folder of a language's pages, below that of all pages: "de/", and "" for English."""
    return "" if code == ENGLISH else f"{code}/"


# --- what the code says ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Message:
    """Something that readers are told, where it is said first, and the names of the values in it."""

    text: str
    file: str
    line: int
    values: frozenset[str]


def messages_in_python(source: str, file: str = "") -> list[Message]:
    """Return what Python code says: the first argument of every call of `say`, which must be a literal text."""
    calls = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "say"
    ]
    found = []
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        first = call.args[0] if call.args else None
        text = first.value if isinstance(first, ast.Constant) else None
        found.append(_said(text, file, call.lineno, ast.unparse(call)))
    return found


def messages_in_template(source: str, file: str = "") -> list[Message]:
    """Return what a Jinja template says: the first argument of every call of `say`, a literal text, too."""
    found = []
    for call in jinja2.Environment(autoescape=False).parse(source).find_all(jinja2.nodes.Call):  # noqa: S701 - only read
        if isinstance(call.node, jinja2.nodes.Name) and call.node.name == "say":
            first = call.args[0] if call.args else None
            text = first.value if isinstance(first, jinja2.nodes.Const) else None
            found.append(_said(text, file, call.lineno, "say(…)"))
    return found


def _said(text: Any, file: str, line: int, came: str) -> Message:
    if not isinstance(text, str):
        raise LanguageError(f"{file}:{line}: what is said must be one text, written out, got {came}")
    return Message(text, file, line, values_in(text))


def values_in(message: str) -> frozenset[str]:
    """Return the names of the values in a message, as `str.format` reads it. Raises ValueError where it cannot."""
    fields = [field for _, field, _, _ in string.Formatter().parse(message) if field is not None]
    return frozenset(re.split(r"[.\[]", field, maxsplit=1)[0] for field in fields)


def messages_in_script(script: str, file: str = "") -> list[Message]:
    """Return what a script says: its templates with the tag `t`, their values counted, as `language.js` has them."""
    found = sorted(_Script(script).messages)
    return [Message(text, file, 1 + script.count("\n", 0, at), _counted(text)) for at, text in found]


class _Script:
    """Read a script as far as is needed to tell its templates from its comments, texts and regular expressions."""

    TOKEN = re.compile(
        r"""
          (?P<space> \s+ | //[^\n]* | /\*.*?\*/ )
        | (?P<text> "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' )
        | (?P<word> [\w$]+ )
        | (?P<sign> . )
        """,
        re.VERBOSE | re.DOTALL,
    )
    EXPRESSION = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/")
    ESCAPE = re.compile(r"\\(?:u\{(?P<long>\w+)\}|u(?P<short>\w{4})|x(?P<byte>\w{2})|(?P<sign>.))", re.DOTALL)
    SIGNS: Mapping[str, str] = {"n": "\n", "t": "\t", "\n": ""}
    OPERATORS = ("return", "typeof", "case", "of", "in")
    """Words after which a slash begins a regular expression."""

    def __init__(self, script: str) -> None:
        self.script = script
        self.messages: list[tuple[int, str]] = []
        self._code(0, "")

    def _code(self, at: int, end: str) -> int:
        """Read code from an index to the brace that ends it, and return the index behind that."""
        open_braces, before = 0, ""
        while match := self.TOKEN.match(self.script, at):
            at = match.end()
            sign = match["sign"]
            if match["space"]:
                continue
            if sign == end and not open_braces:
                return at
            if sign == "`":
                at = self._template(at, tagged=before == "t")
            elif sign == "/" and not re.fullmatch(r"[\w$]+|[)\]}`\"']", before):
                expression = self.EXPRESSION.match(self.script, at - 1)
                at = expression.end() if expression else at
            open_braces += {"{": 1, "}": -1}.get(sign or "", 0)
            before = "" if match["word"] in self.OPERATORS else match["word"] or match[0][-1]
        return at

    def _template(self, at: int, *, tagged: bool) -> int:
        """Read a template from the index behind its opening mark, and return the one behind its closing mark."""
        start = begin = at
        text, values = "", 0
        while at < len(self.script) and self.script[at] != "`":
            if self.script.startswith("${", at):
                text += self._cooked(self.script[begin:at]) + f"{{{values}}}"
                values += 1
                begin = at = self._code(at + 2, "}")
            else:
                at += 2 if self.script[at] == "\\" else 1
        if tagged:
            self.messages.append((start, text + self._cooked(self.script[begin:at])))
        return at + 1

    def _cooked(self, text: str) -> str:
        """Return what stands in a template, its escapes read."""

        def read(match: re.Match[str]) -> str:
            code = match["long"] or match["short"] or match["byte"]
            return chr(int(code, 16)) if code else self.SIGNS.get(match["sign"], match["sign"])

        return self.ESCAPE.sub(read, text)


def messages_in_site(config: Mapping[str, Any]) -> list[str]:
    """Return the words of `mkdocs.yml` that stand on every page: names, sections of the menu, what switches do."""

    def sections(items: Iterable[Any]) -> Iterator[str]:
        for item in items:
            for title, below in item.items() if isinstance(item, dict) else ():
                if isinstance(below, list):
                    yield title
                    yield from sections(below)

    toggles = [palette["toggle"]["name"] for palette in config["theme"]["palette"]]
    return [config["site_name"], config["site_description"], *sections(config["nav"]), *toggles]


def said(root: Path = ROOT) -> list[Message]:
    """Return all that the code below a folder says, each once, in the order in which files and lines come."""
    kinds = (
        (("gd_core/**/*.py", "scripts/**/*.py"), messages_in_python),
        (("scripts/theme/**/*.html",), messages_in_template),
        (("docs/assets/**/*.js",), messages_in_script),
    )
    found = []
    for patterns, messages_in in kinds:
        for path in (path for pattern in patterns for path in sorted(root.glob(pattern))):
            file = path.relative_to(root).as_posix()
            found += messages_in(path.read_text(encoding="utf-8"), file)
    site = (root / "mkdocs.yml").read_text(encoding="utf-8")
    found += [Message(text, "mkdocs.yml", 1, frozenset()) for text in messages_in_site(yaml_load(site))]
    first: dict[str, Message] = {}
    for message in found:
        first.setdefault(message.text, message)
    return list(first.values())


# --- what a language lacks --------------------------------------------------------------------------------------


def missing(language: Language, messages: Iterable[Message]) -> list[str]:
    """Return the messages that a language does not have."""
    return [message.text for message in messages if message.text not in language["messages"]]


def mistakes(language: Language, messages: Iterable[Message]) -> list[str]:
    """Return a sentence for each message that nobody says any more, or that has other values than the English."""
    known = {message.text: message for message in messages}
    found = []
    for text, translation in language["messages"].items():
        if text not in known:
            found.append(f"nothing says {text!r} any more; take it out")
        elif translation is not None:
            values = known[text].values
            try:
                came = values_in(translation) if known[text].file.endswith((".py", ".html")) else _counted(translation)
            except ValueError as error:
                found.append(f"the translation of {text!r} cannot be read: {error}, got {translation!r}")
                continue
            if came != values:
                found.append(f"the translation of {text!r} must have the values {_listed(values)}, got {_listed(came)}")
    return found


def _counted(message: str) -> frozenset[str]:
    """Return the numbers of the values in a script's message."""
    return frozenset(re.findall(r"\{(\d+)\}", message))


def _listed(values: Collection[str]) -> str:
    return ", ".join(sorted(values)) or "none"


def main(arguments: Sequence[str]) -> int:
    """Print what languages lack, as lines of their files, and what is wrong with them; return the exit status."""
    try:
        languages = read_languages()
    except LanguageError as error:
        print(error, file=sys.stderr)
        return 2
    if unknown := [code for code in arguments if code not in languages]:
        print(f"unknown language {unknown[0]!r}; choose one of {', '.join(languages)}", file=sys.stderr)
        return 2
    messages = said()
    complete = True
    for code in arguments or languages:
        lacking, wrong = missing(languages[code], messages), mistakes(languages[code], messages)
        complete = complete and not lacking and not wrong
        for text in lacking:
            print(f'    {json.dumps(text, ensure_ascii=False)}: "",')
        for sentence in wrong:
            print(f"{code}: {sentence}", file=sys.stderr)
        print(
            f"{code}: {len(messages)} messages, {len(lacking)} missing, {len(wrong)} to mend",
            file=sys.stderr,
        )
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
