"""What MkDocs asks of us besides Markdown: hand each page to the blocks, report mistakes, add Python and the editor.

Everything that a Markdown extension can do is done by `scripts.blocks`.
"""

import html
import logging
import re
import shutil
from functools import partial
from importlib.metadata import distribution
from itertools import count
from pathlib import Path

import jinja2
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url
from mkdocs.utils.templates import TemplateContext

from gd_core.language import say, speaking
from scripts import architecture, bill, reference
from scripts.blocks import Problem
from scripts.blocks.frame import told_once
from scripts.bundle import BundleError, build_bundle, run_in_bundle
from scripts.cells import runner
from scripts.editor import fetch_editor, serve_editor
from scripts.language_sites import (
    SITEMAP,
    LanguageSite,
    TranslatedFiles,
    language_sites,
    pages_of,
    scripts_of,
    split_search,
    ways,
    word_lists,
)
from scripts.languages import ENGLISH, LanguageError, folder_of, language_of, read_languages
from scripts.offline import ARCHIVE, SOURCE, write_archive, write_worker
from scripts.pages import TEMPLATES, Pages, front_matter_problems
from scripts.policy import allowing_live_reload, write_policies
from scripts.recording import RUNS, SWEEPS, recorder
from scripts.runtime import FetchError, cache_folder
from scripts.styles import styles_inside
from scripts.svg import drawn_once
from scripts.unused_styles import drop_unused_styles
from scripts.versions import FOLDER, INSIDE, served_folder, served_scripts

log = logging.getLogger("mkdocs.hooks")

BLOCKS = "scripts.blocks"
LICENCES = "licences.md"
LANGUAGES = f"{FOLDER}languages"
ADDRESS = "ADDRESS-OF-THIS-SITE/"
"""What stands in pages for the address that the site is built for."""
THEME_INCLUDES = Path(__file__).parent / "licenses-of-the-theme.txt"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Make sure that the bundle of today's `gd_core` and the editor are there; tell the blocks where Python will be."""
    try:
        bundle = build_bundle()
        editor = fetch_editor()
    except (FetchError, BundleError) as error:
        raise PluginError(
            f"{error}\nThe site needs its Python bundle, which `python -m scripts.bundle` makes, and its code editor,"
            " which `python -m scripts.editor` fetches."
        ) from error
    try:
        config.extra["languages"] = read_languages(Path(config.docs_dir, LANGUAGES))
    except LanguageError as error:
        raise PluginError(str(error)) from error
    config.extra["bundle"] = bundle
    record, record_sweeps = (
        recorder(script, bundle.name, lambda script, runs: run_in_bundle(script, runs, bundle), cache_folder())
        for script in (RUNS, SWEEPS)
    )
    config.extra["editor"] = editor
    config.extra["scripts"] = served_scripts(Path(config.docs_dir))
    config.extra["labs"] = served_folder(config.extra["scripts"])
    config.mdx_configs[BLOCKS] = {
        "runtime": f"assets/runtime/{bundle.name}/",
        "record": record,
        "record_sweeps": record_sweeps,
        "run": runner(cache_folder()),
    }
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Put our scripts where they are served, add licences of what is redistributed, and note what links may lead to."""
    languages = config.extra["languages"]
    for name, text in config.extra["scripts"].items():
        files.remove(files.src_uris[FOLDER + name])
        if name != INSIDE:
            files.append(File.generated(config, config.extra["labs"] + name, content=text))
    texts = licences(config.extra["bundle"], config.extra["editor"]) | {bill.ADDRESS: bill.bill()}
    for uri, text in texts.items():
        files.append(File.generated(config, uri, content=text))
    made = {reference.PAGE: reference.ANCHORS}
    config.extra["pages"] = Pages(Path(config.docs_dir), [*texts, ARCHIVE], made, languages)
    return TranslatedFiles(files, languages)


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> None:  # noqa: ARG001
    """Keep the menu until all pages are read, and with them their titles."""
    config.extra["nav"] = nav


def on_env(env: jinja2.Environment, config: MkDocsConfig, files: Files) -> None:
    """Make the site of each language out of the pages that have been read."""
    languages = config.extra["languages"]
    try:
        sites = language_sites(config, config.extra["nav"], files, languages)
    except LanguageError as error:
        raise PluginError(str(error)) from error
    config.extra |= {"sites": sites, "alternate": len(sites) > 1, "word_lists": word_lists(env, sites)}
    says = {code: speaking(site.language)(say) for code, site in sites.items()}
    env.globals |= {"say": say, "says": says, "ways": partial(ways, files=files, sites=sites)}
    for code in sites:
        listed = env.get_template(SITEMAP).render(pages=pages_of(code, files, languages))
        if code != ENGLISH:
            files.append(File.generated(config, folder_of(code) + SITEMAP, content=listed))


def on_template_context(context: TemplateContext, template_name: str, config: MkDocsConfig) -> TemplateContext:  # noqa: ARG001
    """Leave the pages of other languages out of the list of pages."""
    languages = config.extra["languages"]
    context["pages"] = [file for file in context["pages"] if language_of(file.src_uri, languages) == ENGLISH]
    return context


def on_page_context(context: TemplateContext, page: Page, config: MkDocsConfig, nav: Navigation) -> TemplateContext:  # noqa: ARG001
    """Have the page say everything in its own language."""
    site = language_site(page, config)
    context["config"], context["nav"] = site.config, site.nav
    return {**context, "say": speaking(site.language)(say), "folder": folder_of(site.code)}  # type: ignore[typeddict-unknown-key]


def language_site(page: Page, config: MkDocsConfig) -> LanguageSite:
    """Return the site of a page's language."""
    found: LanguageSite = config.extra["sites"][language_of(page.file.src_uri, config.extra["sites"])]
    return found


def licences(bundle: Path, editor: Path) -> dict[str, str]:
    """Return the licence texts of theme, icons, editor and Python runtime, by the address of each in the site."""
    theme = distribution("mkdocs-material")
    icons = Path(str(theme.locate_file("material/templates/.icons")))
    found = {
        "theme/Material for MkDocs": theme.read_text("licenses/LICENSE") or "",
        "theme/What its scripts include": THEME_INCLUDES.read_text(encoding="utf-8"),
        "theme/Material Design Icons": (icons / "material" / "LICENSE").read_text(encoding="utf-8"),
        "theme/Font Awesome": (icons / "fontawesome" / "LICENSE.txt").read_text(encoding="utf-8"),
        "editor/Prism code editor": (editor / "LICENSE").read_text(encoding="utf-8"),
    }
    folder = bundle / "LICENSES"
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found[f"python/{path.relative_to(folder).as_posix()}"] = path.read_text(encoding="utf-8", errors="replace")
    return {f"assets/licences/{name.replace(' ', '-').removesuffix('.txt')}.txt": text for name, text in found.items()}


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Tell the blocks which file they are in and where its text begins; put in what only the build knows."""
    source = page.file.content_string
    before = source.count("\n", 0, len(source) - len(markdown)) if source.endswith(markdown) else 0
    pages: Pages = config.extra["pages"]
    languages = config.extra["languages"]
    if page.meta.get("template", TEMPLATES[0]) not in TEMPLATES:
        del page.meta["template"]  # that is told; looking for it would end the build
    config.mdx_configs[BLOCKS] |= {
        "file": pages.name(page.file.src_uri),
        "first_line": before + 1,
        "root": get_relative_url("./", page.url),
        "complaint": partial(pages.complaint, page.file.src_uri),
        "problems": front_matter_problems(source, pages.name(page.file.src_uri)),
        "language": languages.get(language_of(page.file.src_uri, languages)),
    }
    if page.file.src_uri == LICENCES:
        texts = licences(config.extra["bundle"], config.extra["editor"])
        links = [f"- [{uri.removeprefix('assets/licences/')}]({uri})" for uri in (bill.ADDRESS, *texts)]
        return "\n".join([markdown, "", *links])
    if page.file.src_uri == architecture.PAGE:
        return architecture.filled(markdown)
    if page.file.src_uri == reference.PAGE:
        return f"{markdown}\n\n{reference.reference()}"
    return markdown.replace(ADDRESS, config.site_url or "")


ID = re.compile(r'<[^>]* id="([^"]+)"')
"""MkDocs checks links against the ids that it has seen, and what blocks became as HTML is put in behind its back."""


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> None:  # noqa: ARG001
    """Report every mistake of the page as a warning, so that a strict build fails; tell MkDocs the ids of blocks."""
    problems: list[Problem] = config.mdx_configs[BLOCKS]["problems"]
    for problem in problems:
        log.warning(str(problem))
    page.present_anchor_ids = (page.present_anchor_ids or set()) | set(ID.findall(html))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Write its styles into a page, and once what it repeats at length; mend what the theme tells screen readers."""
    folders = [Path(config.docs_dir), *(Path(folder) for folder in config.theme.dirs)]
    with speaking(language_site(page, config).language):
        output = with_copy_buttons(output)
    return styles_inside(told_once(drawn_once(output.replace(PERMALINK, SILENT))), page.url, folders)


PERMALINK = '<a class="headerlink"'
SILENT = f'{PERMALINK} aria-hidden="true" tabindex="-1"'
"""A heading's link to itself is no part of its name; by keyboard the table of contents has the same links."""


LISTING = re.compile(r'(?<! no-copy highlight">)<pre>(?=(?:<span></span>)?(?:<span class="gd-unmeasured">)?<code\b)')
COPY = (
    '<pre id="{0}"><span class="md-code__nav"><button class="md-code__button" title="{1}"'
    ' data-clipboard-target="[id$={0}] code" data-md-type="copy"></button></span>'
)
"""A listing's beginning. Material's script puts `__code_` before the ids of those that it measures, and copies what a
button's target holds."""


def with_copy_buttons(page: str) -> str:
    """Return a page whose listings can be copied, like Material's own but for the landmark that each would be.

    Those of the class `no-copy` are left as they are.
    """
    numbers = count(1)
    return LISTING.sub(lambda _: COPY.format(f"listing-{next(numbers)}", html.escape(say("Copy to clipboard"))), page)


def on_serve(server: LiveReloadServer, config: MkDocsConfig, builder: object) -> None:  # noqa: ARG001
    """Let the pages of `mkdocs serve` notice that they have changed."""
    server.set_app(allowing_live_reload(server.serve_request))


def on_post_build(config: MkDocsConfig) -> None:
    """Give pages editor, styles, policy and Python, each language its search; write what serves without a network."""
    serve_editor(config.extra["editor"], Path(config.site_dir))
    drop_unused_styles(Path(config.site_dir))
    write_policies(Path(config.site_dir))
    split_search(Path(config.site_dir), config.extra["word_lists"])
    bundle: Path = config.extra["bundle"]
    target = Path(config.site_dir, "assets", "runtime", bundle.name)
    if not target.exists():
        shutil.copytree(bundle, target)
    worker = Path(config.docs_dir, SOURCE)
    if worker.exists():
        keeps = config.extra.get("offline", False)
        for code, words in config.extra["word_lists"].items():
            search = scripts_of(words)
            write_worker(Path(config.site_dir), worker, config.extra["labs"], keeps=keeps, code=code, search=search)
        write_archive(Path(config.site_dir))
