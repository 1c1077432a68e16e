"""The reference of `gd_core` as Markdown, from its own signatures and docstrings; Griffe reads both, and runs nothing.

Docstrings are read as Google's style has them. In them, formulas stand between dollar signs as one would write them by
hand, `$w ← w − η g / √(s + ε)$`, so that they can be read in the code as well; here they become LaTeX, like those of a
lesson. Whatever has no docstring, and what begins with an underscore, is left out.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import griffe

ROOT = Path(__file__).resolve().parent.parent

PAGE = "reference.md"
ANCHORS = frozenset(f"gd_core.{path.stem}" for path in (ROOT / "gd_core").glob("[!_]*.py"))
"""Where the reference stands, and what links in Markdown may name behind a "#" there: the chapters."""

OPTIONS: griffe.GoogleOptions = {"returns_named_value": False, "warnings": False}
"""How Griffe reads docstrings: what comes back has a description and no name."""

FORMULA = re.compile(r"\$([^$`\n]+(?:\n[^$`\n]+)?)\$")
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹ᵗ", "0123456789t")
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₜ", "0123456789t")
WORD = re.compile(r"(?<![\\{\w])[A-Za-z][A-Za-z_]+")
HATS = {"\u0302": r"\hat", "\u0304": r"\bar"}


def latex_of(formula: str) -> str:
    """Turn a formula as it stands in a docstring into LaTeX: roots, indices, powers, and names of several letters."""
    formula = " ".join(formula.split()).replace("·", r"\cdot ")
    formula = WORD.sub(lambda word: r"\operatorname{" + word[0].replace("_", r"\_") + "}", formula)
    formula = re.sub(r"(\w)([\u0302\u0304])", lambda match: f"{HATS[match[2]]}{{{match[1]}}}", formula)
    formula = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹ᵗ]+", lambda digits: f"^{{{digits[0].translate(RAISED)}}}", formula)
    formula = re.sub("[₀₁₂₃₄₅₆₇₈₉ₜ]+", lambda digits: f"_{{{digits[0].translate(LOWERED)}}}", formula)
    while "√(" in formula:
        start = formula.rindex("√(")
        end = _closing(formula, start + 1)
        formula = rf"{formula[:start]}\sqrt{{{formula[start + 2 : end]}}}{formula[end + 1 :]}"
    return re.sub(r"√(\\hat\{\w\}|\w)", r"\\sqrt{\1}", formula)


def _closing(text: str, start: int) -> int:
    """Return where the bracket that opens at `start` is closed."""
    depth = 0
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise ValueError(f"every bracket of a formula must be closed, got {text!r}")


def modules(package: str = "gd_core") -> list[griffe.Module]:
    """Return the chapters of a package of this repository as Griffe reads them, in the order of their names."""
    loaded = griffe.load(package, search_paths=[ROOT], docstring_parser="google", docstring_options=OPTIONS)
    return [module for name, module in sorted(loaded.modules.items()) if not name.startswith("_")]


def reference() -> str:
    """Return the whole reference as Markdown: a section for every chapter of `gd_core`."""
    return "\n\n".join(block for module in modules() for block in _module(module))


def _module(module: griffe.Module) -> Iterator[str]:
    yield f"## `{module.path}` {{ #{module.path} data-toc-label='{module.name}' }}"
    yield from _docstring(module)
    for member in _public(module.members.values()):
        yield from _member(member)


def _public(members: Iterable[griffe.Object | griffe.Alias]) -> list[griffe.Object]:
    """Return what has a docstring of its own and is for others, in the order of the source."""
    own = (member for member in members if not isinstance(member, griffe.Alias))
    return [member for member in own if member.has_docstring and not member.name.startswith("_")]


def _member(member: griffe.Object) -> Iterator[str]:
    if not isinstance(member.parent, griffe.Class):
        yield f"### `{member.name}` {{ #{member.path} data-toc-label='{member.name}' }}"
    if isinstance(member, griffe.Attribute):
        if line := _declaration(member):
            yield _code(line)
    elif isinstance(member, griffe.Class | griffe.Function):
        yield _code(_signature(member))
    yield from _docstring(member)
    if isinstance(member, griffe.Class):
        for inner in _public(member.members.values()):
            yield from _member(inner)


WIDEST = 40
"""Signs of a signature in one line, as many as fit on a phone; a longer one has a line for each argument."""


def _code(text: str) -> str:
    """Return a listing that nobody copies: the button for that would cover its end on a phone."""
    return f"```{{ .python .no-copy }}\n{text}\n```"


def _declaration(member: griffe.Attribute) -> str:
    """Write what the source says of a name besides its docstring: its type, and its value where that is short."""
    value = "" if member.value is None else f" = {member.value}"
    annotation = "" if member.annotation is None else f": {member.annotation}"
    line = member.name + annotation
    if len(line + value) <= WIDEST:
        line += value
    return "" if line == member.name else line


def _signature(member: griffe.Class | griffe.Function) -> str:
    """Write a signature as it stands in the source, without `self`."""
    parameters = [parameter for parameter in member.parameters if parameter.name not in ("self", "cls")]
    if isinstance(member, griffe.Class) and not parameters:
        return f"class {member.name}"
    written: list[str] = []
    for parameter in parameters:
        if parameter.kind is griffe.ParameterKind.keyword_only and "*" not in written:
            written.append("*")
        star = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}
        text = star.get(parameter.kind or griffe.ParameterKind.positional_or_keyword, "") + parameter.name
        text += f": {parameter.annotation}" if parameter.annotation is not None else ""
        if parameter.default is not None and not text.startswith("*"):
            text += f" = {parameter.default}"
        written.append(text)
    returns = getattr(member, "returns", None)
    after = f" -> {returns}" if isinstance(member, griffe.Function) and returns is not None else ""
    line = f"{member.name}({', '.join(written)}){after}"
    if len(line) <= WIDEST:
        return line
    return f"{member.name}(\n" + "".join(f"    {text},\n" for text in written) + f"){after}"


def _docstring(member: griffe.Object) -> Iterator[str]:
    if member.docstring is None:
        return
    for section in member.docstring.parsed:
        value = section.value
        match section.kind:
            case griffe.DocstringSectionKind.text:
                yield from _text(value)
            case griffe.DocstringSectionKind.examples:
                yield from (
                    f"```pycon\n{text}\n```" if kind.value == "examples" else _prose(text) for kind, text in value
                )
            case griffe.DocstringSectionKind.parameters | griffe.DocstringSectionKind.attributes:
                yield "\n".join(_item(f"`{item.name}`", item.description) for item in value)
            case griffe.DocstringSectionKind.raises:
                yield "\n".join(_item(f"raises `{item.annotation}`", item.description) for item in value)
            case griffe.DocstringSectionKind.returns | griffe.DocstringSectionKind.yields:
                yield _item(section.kind.value, " ".join(item.description for item in value))
            case other:
                raise ValueError(f"{member.path} has a section {other.value!r} in its docstring, which nothing shows")


def _item(name: str, description: str) -> str:
    return f"- {name}: " + _prose(description).replace("\n", "\n    ")


def _text(text: str) -> Sequence[str]:
    """Return a docstring's text; examples in it, which Python's doctest runs, become listings."""
    parts = re.split(r"\n\n", text)
    return [f"```pycon\n{part}\n```" if part.lstrip().startswith(">>>") else _prose(part) for part in parts]


def _prose(text: str) -> str:
    return FORMULA.sub(lambda match: f"${latex_of(match[1])}$", text)
