"""The code editor of the pages: which published files it consists of, fetched, verified and cached as the runtime's.

It is `prism-code-editor`, unbundled and unchanged: its modules name each other by relative addresses, so that a page
loads them as they are. `docs/assets/labs/editor.js` tells why it is this editor, and loads it when a reader opens one.

    python -m scripts.editor        fetch whatever is missing and print the folder
"""

import shutil
import sys
from pathlib import Path

from scripts.runtime import FetchError, Pin, fetch_npm, npm_package

NAME = "prism-code-editor"
VERSION = "5.4.0"
FOLDER = f"{NAME}-{VERSION}"

PACKAGE = npm_package(
    f"{NAME}@{VERSION}",
    size=878_717,
    pins=(
        Pin("LICENSE", "47f16b6748d8225d2b1862878a2bff8a9baeda036b44b51593251ed0b6df0b3e", 2_313),
        Pin("dist/index.js", "230686f7157012cecac0f0f0768bcdfd17850dbe612443b03f94bdcbee799f46", 188),
        Pin("dist/core-BIWFpCIO.js", "dffe00324982f8940eba47a5632b79fa400506e4787bba9fc4e54c7b2c4b4aff", 8_645),
        Pin("dist/core-Dr0o9A-8.js", "212bd8d5c8b9d26cfe659166ecc10e348c5adefe4c2f404334d786f4e78920e0", 5_449),
        Pin(
            "dist/extensions/commands/index.js",
            "ba0ee35e922772e339b7e2d3c30d31cd9278d35ca88d3e8109c05d517649f668",
            1_120,
        ),
        Pin("dist/commands-jZ0uQlAY.js", "f282d80a56d8a7db79610750b484f68187d0a4097ee864078e2b6efb48189a6d", 35_378),
        Pin("dist/utils-CCBdbU1o.js", "08f6aa6319a2e0ecb5e7222c668d18aa56b83ac0651dcbbe8c6e08a50d706f73", 7_320),
        Pin("dist/utils--SPWoSa0.js", "4ea6bdb2294c4d78c4c122730ba3874fede360073eec57410dac841f716828a3", 10_618),
        Pin(
            "dist/prism/languages/python.js", "8c09aca9d3dac8c90a0ba3f255dd30c302f7a82a22e62ef6dd628cccc8aec2b6", 2_300
        ),
        Pin("dist/patterns-DSInPV_c.js", "bc086ee680a727f98ddc850059f00ce94ecf36d75c10a37073545efffa0b1515", 527),
        Pin("dist/layout.css", "eec617f4cccd660d53f9134681b8caa3f802c5c0fc145ea5614d3afff6efc7b4", 2_085),
    ),
)


def fetch_editor(cache: Path | None = None) -> Path:
    """Return the folder of the editor's files, fetching those that the cache lacks; raises FetchError as `fetch` does.

    The environment's `GD_CDN` replaces the CDN here as well; where it does not hold these files, npm is asked.
    """
    return fetch_npm(PACKAGE, cache)["LICENSE"].parent


def serve_editor(files: Path, site: Path) -> None:
    """Put the editor's files where the pages look for them, unless they lie there already."""
    target = site / "assets" / "editor" / FOLDER
    for pin in PACKAGE.pins:
        if pin.name != "LICENSE" and not (target / pin.name).exists():
            (target / pin.name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(files / pin.name, target / pin.name)


def main() -> int:
    """Fetch the editor's files and print their folder; 0 when they are all there."""
    try:
        print(fetch_editor())
    except FetchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
