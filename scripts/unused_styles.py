"""What no page of the site can use is taken out of the style sheets that stand in its pages.

Material's sheets know everything that Material can do: languages written from right to left, twenty colours, blogs,
menus of versions. That was a third of what they weigh, and every page carries them. A rule stays if one of its
selectors can match: if each class in it is one that some page has or that some script names, or begins to. So nothing
has to be listed here when a page comes to use something.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import partial
from pathlib import Path
from typing import Any

import tinycss2

OF_PAGES_ALONE = frozenset({"dir", "data-md-color-primary", "data-md-color-accent"})
"""Attributes that scripts only copy from elsewhere in a page: a value that no page has does not occur."""

TABS = ".tabbed-set"
"""A class with 150 rules, 13 kB that a browser tries on every element: they stand in the pages that have it."""

LAYERED = frozenset({"media", "supports"})
"""At-rules around other rules."""

STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
ATTRIBUTE = re.compile(
    rf"""\s(class|{"|".join(sorted(OF_PAGES_ALONE))})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)
WORD = re.compile(r"[\w-]+")
READ = re.compile(r"var\(\s*(--[\w-]+)")
VARIABLE = re.compile(
    r"""(?<=[{;])(--md-[\w-]+):(?:[^;{}()"']|"[^"]*"|'[^']*'|\((?:[^()"']|"[^"]*"|'[^']*'|\([^()]*\))*\))*(?:;|(?=}))"""
)
"""A variable of the theme and what it is set to."""

Node = Any
"""A node of tinycss2, which has no types."""

Selector = list[Node]


def drop_unused_styles(site: Path) -> None:
    """Take out of every page's styles what no page of a built site can use."""
    pages = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    scripts = [path.read_text(encoding="utf-8") for path in (site / "assets").rglob("*.js")]
    for path, html in without_unused_styles(pages, scripts).items():
        path.write_text(html, encoding="utf-8")


def without_unused_styles(pages: Mapping[Path, str], scripts: Iterable[str]) -> dict[Path, str]:
    """Return the pages of a site without the styles that none of them can use.

    Args:
        pages: the HTML of all of them.
        scripts: the text of all scripts that any of them loads.
    """
    outside = {path: STYLE.sub("", html) for path, html in pages.items()}
    has = {path: _in_page(html) for path, html in outside.items()}
    used = set[str]().union(*has.values(), *map(_words, scripts))
    whole = {text for html in pages.values() for text in STYLE.findall(html)}
    begun = tuple(name for name in used if name.endswith("-"))  # `tabbed-control--`: scripts put some names together

    def can_match(selector: Selector) -> bool:
        return all(one in used or one.startswith(begun) for one in _asked(selector))

    left = {text: _rules(text, can_match) for text in whole}
    left = _without_unread(left, "".join(outside.values()), used)
    common = {text: _rules(rules, lambda selector: TABS not in _asked(selector)) for text, rules in left.items()}
    of_tabs = {text: _rules(rules, lambda selector: TABS in _asked(selector)) for text, rules in left.items()}

    def written(path: Path, style: re.Match[str]) -> str:
        parts = (common[style[1]], of_tabs[style[1]] if TABS in has[path] else "")
        return "".join(f"<style>{part}</style>" for part in parts if part)

    return {path: STYLE.sub(partial(written, path), html) for path, html in pages.items()}


def _in_page(html: str) -> set[str]:
    """Return what a page has, as selectors: its classes, its attributes `OF_PAGES_ALONE`, the words of its scripts."""
    found = set[str]().union(*map(_words, SCRIPT.findall(html)))
    for name, *quoted in ATTRIBUTE.findall(SCRIPT.sub("", html)):
        value = "".join(quoted)
        found |= {f".{word}" for word in value.split()} if name.lower() == "class" else {f"[{name.lower()}={value}]"}
    return found


def _words(script: str) -> set[str]:
    """Return all words of a script as classes: any of them may be one."""
    return {f".{word}" for word in WORD.findall(script)}


def _asked(selector: Selector) -> set[str]:
    """Return what must occur for a selector to match; what stands in brackets, as in `:not(…)`, need not."""
    asked = set[str]()
    for before, node in zip([None, *selector], selector, strict=False):
        if node.type == "ident" and before == ".":
            asked.add(f".{node.value}")
        elif node.type == "[] block":
            name, *rest = (part.value for part in node.content if part.type in ("ident", "string"))
            if name in OF_PAGES_ALONE and rest:
                asked.add(f"[{name}={rest[0]}]")
    return asked


def _rules(sheet: str | list[Node], keep: Callable[[Selector], bool]) -> str:
    """Write the rules that have a selector to keep; those without any, like `@font-face`, as one that asks nothing."""
    written = []
    for rule in tinycss2.parse_stylesheet(sheet):
        if rule.type == "qualified-rule":
            selectors = [tinycss2.serialize(part).strip() for part in _split(rule.prelude) if keep(part)]
            if selectors:
                written.append(f"{','.join(selectors)}{{{tinycss2.serialize(rule.content)}}}")
        elif rule.type == "at-rule" and rule.lower_at_keyword in LAYERED:
            if inside := _rules(rule.content, keep):
                written.append(f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inside}}}")
        elif keep([]):
            written.append(rule.serialize())
    return "".join(written)


def _split(prelude: Iterable[Node]) -> Iterator[Selector]:
    """Split a list of selectors at its commas."""
    part: Selector = []
    for node in prelude:
        if node == ",":
            yield part
            part = []
        else:
            part.append(node)
    yield part


def _without_unread(sheets: dict[str, str], outside: str, used: Set[str]) -> dict[str, str]:
    """Leave out the theme's variables that nothing reads: no rule, no attribute and no script."""
    read = set(READ.findall(outside + "".join(sheets.values()))) | {name.removeprefix(".") for name in used}
    fewer = {text: VARIABLE.sub(lambda one: one[0] if one[1] in read else "", rules) for text, rules in sheets.items()}
    return fewer if fewer == sheets else _without_unread(fewer, outside, used)  # one may be read by another
