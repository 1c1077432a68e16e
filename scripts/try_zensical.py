"""Build the site with Zensical too, to see that the lessons outlive the engine: `python -m scripts.try_zensical`.

Zensical reads `mkdocs.yml` and Python-Markdown extensions, and has no hooks. It is installed into an environment of its
own below `build/`; the site goes to `build/zensical/site`. The exit status is 1 if a kind of block is missing there.

Found with 0.0.73: every block, formula and page comes out as with MkDocs. Missing is what `scripts.hooks` does: our
templates, which ask it for their sentences and for a page's languages, so that the theme's own stand in (without the
content policy, and with the lab alone on a usual page); the Python runtime and the way to it from pages in folders (so
labs show their recorded run and cannot start), the files' names and front matter's lines in messages, the look-up of
links, what is drawn from the sources, recordings by the bundle (they are made natively instead), the licence texts. A
mistake is shown in the page, and does not fail the build.
"""

import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "zensical"
ZENSICAL = "zensical==0.0.73"
NEEDED = ("markdown", "math-core", "numpy", "pygments", "pymdown-extensions", "pyyaml")
"""What the blocks need; in the versions of this environment."""

TRACES = {
    "lab": "<gd-lab",
    "rates": 'class="gd-rates"',
    "curve": 'class="gd-judge"',
    "quiz": "<gd-quiz",
    "source": ">gd_core/optimizers.py<",
    "keras": "data-gd-rate",
    "cell": "<gd-cell",
    "settings": "<code>learning_rate</code>",
    "formula": "<math",
}
"""What each kind of block leaves in the authors' page."""


def build() -> None:
    """Build the site from a copy of its sources.

    Raises:
        subprocess.CalledProcessError: pip or Zensical failed; what it said stands above.
    """
    python = FOLDER / "env" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(FOLDER / "env")], check=True)
    pinned = [ZENSICAL, *(f"{name}=={version(name)}" for name in NEEDED)]
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", *pinned], check=True)
    for name in ("docs", "scripts", "gd_core"):
        shutil.rmtree(FOLDER / name, ignore_errors=True)
        shutil.copytree(ROOT / name, FOLDER / name, ignore=shutil.ignore_patterns("__pycache__"))
    leave_out("custom_dir:", ROOT / "mkdocs.yml", FOLDER / "mkdocs.yml")
    leave_out("template:", ROOT / "docs" / "embed.md", FOLDER / "docs" / "embed.md")
    shutil.rmtree(FOLDER / "site", ignore_errors=True)
    command = [str(FOLDER / "env" / "bin" / "zensical"), "build", "--clean"]
    subprocess.run(command, cwd=FOLDER, env={**os.environ, "PYTHONPATH": str(FOLDER)}, check=True)


def leave_out(key: str, source: Path, copy: Path) -> None:
    """Copy a file without its one line that begins with `key`."""
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    (line,) = (line for line in lines if line.strip().startswith(key))
    lines.remove(line)
    copy.write_text("".join(lines), encoding="utf-8")


def main() -> int:
    """Build, say which kinds of blocks came out, and return the exit status."""
    build()
    page = (FOLDER / "site" / "authoring" / "index.html").read_text(encoding="utf-8")
    for kind, trace in TRACES.items():
        print(f"{kind}: {page.count(trace) or 'missing'}")
    return 0 if all(trace in page for trace in TRACES.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
