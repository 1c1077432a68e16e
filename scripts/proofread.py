"""Proofread pages without building the site: `python -m scripts.proofread [FILE…]`.

Every mistake in front matter, blocks, code cells, formulas and links is printed as `docs/page.md:21: sentence`, and so
is whatever a translation has otherwise than its original. The exit status is 1 when there is one. Without arguments all
pages are read.
"""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from mkdocs.utils import markdown_extensions

from scripts import bill, reference
from scripts.blocks import Problem, read_page
from scripts.cells import Runner, runner
from scripts.languages import LanguageError, read_languages
from scripts.offline import ARCHIVE
from scripts.pages import Pages, front_matter_problems, split_front_matter
from scripts.runtime import cache_folder
from scripts.translations import fallen_behind

DOCS = Path(__file__).resolve().parent.parent / "docs"


def proofread(files: Sequence[Path], run: Runner, site: Path = DOCS) -> list[Problem]:
    """Return every mistake in some files, in their order.

    Args:
        files: Markdown files. One that is not below `site` is read as a page of its own folder.
        run: runs the code cells of a page.
        site: the folder of the site's pages. It may hold files that are only made while the site is built;
            links to those are not looked up here.
    """
    found = []
    shelves: dict[Path, Pages] = {}
    codes = read_languages()
    for file in (file.resolve() for file in files):
        folder = site if file.is_relative_to(site) else file.parent
        made = {reference.PAGE: reference.ANCHORS}
        pages = shelves.setdefault(folder, Pages(folder, [ARCHIVE, bill.ADDRESS], made, codes))
        page = file.relative_to(folder).as_posix()
        name = pages.name(page)
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            found.append(Problem(name, 1, f"this file must be UTF-8, got byte {error.object[error.start]:#x}"))
            continue

        first_line, lines = split_front_matter(text)
        parts = read_page(lines, first_line, name, run=run, complaint=partial(pages.complaint, page))
        of_parts = (problem for part in parts for problem in part.problems)
        found += sorted([*front_matter_problems(text, name), *of_parts, *fallen_behind(page, pages)])
    return found


def pages_below(folder: Path) -> list[Path]:
    """Return all files that MkDocs makes pages of, those included whose names it should not have."""
    return sorted(path for path in folder.rglob("*") if path.suffix in markdown_extensions)


def main(arguments: Sequence[str]) -> int:
    """Print every mistake and return the exit status."""
    files = [Path(argument) for argument in arguments] or pages_below(DOCS)
    for missing in [file for file in files if not file.is_file()]:
        print(f"there is no file {missing}", file=sys.stderr)
        return 2
    try:
        problems = proofread(files, runner(cache_folder()))
    except LanguageError as error:
        print(error, file=sys.stderr)
        return 2
    for problem in problems:
        print(problem)
    pages = "1 page" if len(files) == 1 else f"{len(files)} pages"
    mistakes = {0: "no mistakes", 1: "1 mistake"}.get(len(problems), f"{len(problems)} mistakes")
    print(f"{pages}, {mistakes}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
