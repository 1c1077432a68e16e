"""What MkDocs asks of us besides Markdown: hand each page to the blocks, report mistakes, add Python and the editor.

Everything that a Markdown extension can do is done by `scripts.blocks`.
"""

import logging
import re
import shutil
from functools import partial
from importlib.metadata import distribution
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from scripts.blocks import Problem
from scripts.bundle import BundleError, build_bundle, run_in_bundle
from scripts.cells import runner
from scripts.editor import fetch_editor, serve_editor
from scripts.pages import Pages
from scripts.recording import RUNS, SWEEPS, recorder
from scripts.runtime import FetchError, cache_folder
from scripts.styles import styles_inside

log = logging.getLogger("mkdocs.hooks")

BLOCKS = "scripts.blocks"
LICENCES = "licences.md"


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
    config.extra["bundle"] = bundle
    record, record_sweeps = (
        recorder(script, bundle.name, lambda script, runs: run_in_bundle(script, runs, bundle), cache_folder())
        for script in (RUNS, SWEEPS)
    )
    config.extra["editor"] = editor
    config.mdx_configs[BLOCKS] = {
        "runtime": f"assets/runtime/{bundle.name}/",
        "record": record,
        "record_sweeps": record_sweeps,
        "run": runner(cache_folder()),
    }
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the licences of everything that the site redistributes, and note what links may lead to."""
    texts = licences(config.extra["bundle"], config.extra["editor"])
    for uri, text in texts.items():
        files.append(File.generated(config, uri, content=text))
    config.extra["pages"] = Pages(Path(config.docs_dir), texts)
    return files


def licences(bundle: Path, editor: Path) -> dict[str, str]:
    """Return the licence texts of theme, icons, editor and Python runtime, by the address of each in the site."""
    theme = distribution("mkdocs-material")
    icons = Path(str(theme.locate_file("material/templates/.icons")))
    found = {
        "theme/Material for MkDocs": theme.read_text("licenses/LICENSE") or "",
        "theme/Material Design Icons": (icons / "material" / "LICENSE").read_text(encoding="utf-8"),
        "theme/Font Awesome": (icons / "fontawesome" / "LICENSE.txt").read_text(encoding="utf-8"),
        "editor/Prism code editor": (editor / "LICENSE").read_text(encoding="utf-8"),
    }
    folder = bundle / "LICENSES"
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found[f"python/{path.relative_to(folder).as_posix()}"] = path.read_text(encoding="utf-8", errors="replace")
    return {f"assets/licences/{name.replace(' ', '-').removesuffix('.txt')}.txt": text for name, text in found.items()}


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str | None:  # noqa: ARG001
    """Tell the blocks which file they are in and where its text begins, after the front matter."""
    source = page.file.content_string
    before = source.count("\n", 0, len(source) - len(markdown)) if source.endswith(markdown) else 0
    pages: Pages = config.extra["pages"]
    config.mdx_configs[BLOCKS] |= {
        "file": pages.name(page.file.src_uri),
        "first_line": before + 1,
        "root": get_relative_url("./", page.url),
        "complaint": partial(pages.complaint, page.file.src_uri),
        "problems": [],
    }
    if page.file.src_uri == LICENCES:
        texts = licences(config.extra["bundle"], config.extra["editor"])
        links = [f"- [{uri.removeprefix('assets/licences/')}]({uri})" for uri in texts]
        return "\n".join([markdown, "", *links])
    return None


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> None:  # noqa: ARG001
    """Report every mistake of the page as a warning, so that a strict build fails."""
    problems: list[Problem] = config.mdx_configs[BLOCKS]["problems"]
    for problem in problems:
        log.warning(str(problem))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Write the styles that a page needs into the page itself."""
    folders = [Path(config.docs_dir), *(Path(folder) for folder in config.theme.dirs)]
    return styles_inside(output, page.url, folders)


COMMENT_LINES = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*\n", re.DOTALL | re.MULTILINE)
"""Comments of a script that have their lines to themselves; prettier leaves them there."""


def on_post_build(config: MkDocsConfig) -> None:
    """Put bundle and editor where the pages look for them; spare readers our scripts' comments, a third of them."""
    for script in Path(config.site_dir, "assets", "labs").glob("*.js"):
        script.write_text(COMMENT_LINES.sub("", script.read_text(encoding="utf-8")), encoding="utf-8")
    bundle: Path = config.extra["bundle"]
    target = Path(config.site_dir, "assets", "runtime", bundle.name)
    if not target.exists():
        shutil.copytree(bundle, target)
    serve_editor(config.extra["editor"], Path(config.site_dir))
