"""The site as the readers of one language have it: its menu, its search, its list of pages, and the way to the others.

To the theme the pages of a language are a site of their own, in a folder of the whole site: its search and its instant
navigation know what lies in that folder and nothing else. So a link to another language loads a whole page, with the
scripts, the menu and the search of that language.
"""

import json
from collections.abc import Mapping
from copy import copy, deepcopy
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import jinja2
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure import StructureItem
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Link, Navigation, Section
from mkdocs.structure.pages import Page

from scripts.languages import ENGLISH, Language, LanguageError, folder_of, language_of, original_of, translated

START = "index.md"
SITEMAP = "sitemap.xml"
SEARCH = "search/search_index.json"
WORD_LISTS = "assets/javascripts/lunr"


class TranslatedFiles(Files):
    """The files of the site. What a language's folder does not have is the English one's."""

    def __init__(self, files: Files, languages: Mapping[str, Language]) -> None:
        super().__init__(files)
        self.languages = languages
        for file in files:
            if file.is_documentation_page() and language_of(file.src_uri, languages) != ENGLISH:
                file.inclusion = min(file.inclusion, InclusionLevel.NOT_IN_NAV, key=lambda level: level.value)

    def get_file_from_path(self, path: str) -> File | None:
        """Return the file that a link names. MkDocs asks this for every link."""
        return super().get_file_from_path(path) or super().get_file_from_path(original_of(path, self.languages))


@dataclass(frozen=True)
class LanguageSite:
    """What the templates of a language's pages are given.

    Attributes:
        code: the language's, as in `<html lang>`.
        language: its file; None for English.
        config: the configuration with what readers see of it in that language.
        nav: the menu.
    """

    code: str
    language: Language | None
    config: MkDocsConfig
    nav: Navigation


@dataclass(frozen=True)
class Way:
    """A way to a page in a language: to the same one, or else to that language's first."""

    code: str
    name: str
    page: Page
    same: bool


def language_sites(
    config: MkDocsConfig, nav: Navigation, files: Files, languages: Mapping[str, Language]
) -> dict[str, LanguageSite]:
    """Return the site of each language that has pages, English before the others.

    Raises LanguageError for a language without a first page, and for one that the theme does not speak.
    """
    sites = {ENGLISH: LanguageSite(ENGLISH, None, config, nav)}
    for code, language in languages.items():
        pages = pages_of(code, files, languages)
        if pages and folder_of(code) + START not in files.src_uris:
            raise LanguageError(f"a language must have a page {folder_of(code)}{START}, got {pages[0].src_uri} alone")
        if pages:
            sites[code] = LanguageSite(
                code, language, config_in(config, code, language), nav_in(nav, files, code, language)
            )
    return sites


def config_in(config: MkDocsConfig, code: str, language: Language) -> MkDocsConfig:
    """Return a configuration whose theme speaks a language, and whose words are in it."""
    if not any(Path(folder, f"partials/languages/{code}.html").is_file() for folder in config.theme.dirs):
        raise LanguageError(f"a language must be one that Material has words for, got {code!r}")
    found: MkDocsConfig = copy(config)
    found.theme = deepcopy(config.theme)
    found.theme["language"] = code
    for palette in found.theme["palette"]:
        palette["toggle"]["name"] = translated(language, palette["toggle"]["name"])
    found.site_name = translated(language, config.site_name)
    found.site_description = translated(language, config.site_description or "")
    return found


def nav_in(nav: Navigation, files: Files, code: str, language: Language) -> Navigation:
    """Return the menu of a language: its own pages, and in the place of those that it lacks the English ones."""
    pages: list[Page] = []

    def item_in(item: StructureItem) -> StructureItem:
        if isinstance(item, Section):
            section = Section(translated(language, item.title), [item_in(child) for child in item.children])
            for child in section.children:
                child.parent = section
            return section
        if isinstance(item, Page):
            file = files.src_uris.get(folder_of(code) + item.file.src_uri)
            if not file or not file.page:
                return Link(f'<span lang="{ENGLISH}">{item.title}</span>', item.url)
            pages.append(file.page)
            return file.page
        return item

    found = Navigation([item_in(item) for item in nav.items], pages)
    for before, after in pairwise(pages):
        before.next_page, after.previous_page = after, before
    first = files.src_uris[folder_of(code) + START]
    found.homepage = first.page
    return found


def ways(page: Page | None, files: Files, sites: Mapping[str, LanguageSite]) -> list[Way]:
    """Return the ways from a page to each language, its own among them; None is a page of no language."""
    found = []
    for code, site in sites.items():
        folder = folder_of(code)
        file = files.src_uris.get(folder + original_of(page.file.src_uri, sites)) if page else None
        goal = (file or files.src_uris[folder + START]).page
        if goal:
            found.append(Way(code, site.language["name"] if site.language else "English", goal, file is not None))
    return found


# --- what the theme's script asks for ------------------------------------------------------------------------------


def pages_of(code: str, files: Files, languages: Mapping[str, Language]) -> list[File]:
    """Return the files of a language's pages."""
    return [file for file in files.documentation_pages() if language_of(file.src_uri, languages) == code]


def word_lists(env: jinja2.Environment, sites: Mapping[str, LanguageSite]) -> dict[str, str]:
    """Return which of the search's word lists the theme takes for each language."""
    found = {}
    for code, site in sites.items():
        words: Any = env.get_template("partials/language.html").make_module({"config": site.config})
        found[code] = str(words.t("search.config.lang")).strip()
    return found


def scripts_of(words: str) -> list[str]:
    """Return the scripts, below the site's root, that the search loads for a word list; it has that of English."""
    names = [] if words == ENGLISH else ["stemmer.support", words]
    return [f"{WORD_LISTS}/min/lunr.{name}.min.js" for name in names]


def split_search(folder: Path, words: Mapping[str, str]) -> None:
    """Give each language of a built site a search of its own pages, and take away the word lists of all others.

    Args:
        folder: that of the built site, which has one list of all that there is to find.
        words: the word list of each language, by its code.
    """
    whole: dict[str, Any] = json.loads((folder / SEARCH).read_text(encoding="utf-8"))
    for code, word_list in words.items():
        below = folder_of(code)
        docs = [
            {**entry, "location": entry["location"].removeprefix(below)}
            for entry in whole["docs"]
            if language_of(entry["location"], words) == code
        ]
        path = folder / below / SEARCH
        path.parent.mkdir(parents=True, exist_ok=True)
        found = {"config": {**whole["config"], "lang": [word_list]}, "docs": docs}
        path.write_text(json.dumps(found, separators=(",", ":")), encoding="utf-8")
    needed = {folder / script for word_list in words.values() for script in scripts_of(word_list)}
    for path in [path for path in (folder / WORD_LISTS).rglob("*") if path.is_file() and path not in needed]:
        path.unlink()
