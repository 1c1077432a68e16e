"""Every page of the built site, checked by the Nu checker, apart from what is known to be somebody else's: `make html`.

The checker is npm's package `vnu-jar`, and needs Java.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
JAR = ROOT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"

KNOWN = {
    r"Attribute “autocomplete” is only allowed when the input type is": (
        "the theme's: its drawer and its search are opened by checkboxes, which a browser would otherwise find ticked"
    ),
    r"CSS: (?:Unrecognized at-rule “@container”|“container-type”: Property)": (
        "the checker's: it does not know container queries, which every browser has known since 2023"
    ),
    r"CSS: “paint-order”: Property “paint-order” doesn't exist": (
        "the checker's: the property is SVG's, and since SVG 2 one of CSS"
    ),
    r"Attribute “(?:displaystyle|scriptlevel)” not allowed on element “m": (
        "the checker's: it knows MathML 3, where only some elements had what all have in MathML Core"
    ),
}
"""Errors that are not ours to mend, as patterns, and whose they are and why."""


class CheckerMissingError(Exception):
    """The pages cannot be checked; the message says what is missing."""


def check(site: Path) -> list[str]:
    """Return the errors in the pages of a built site that are not in `KNOWN`, and what of `KNOWN` occurs no more.

    Raises CheckerMissingError without Java or the checker.
    """
    java = shutil.which("java")
    if java is None or not JAR.exists():
        missing = "Java" if java is None else f"{JAR.relative_to(ROOT)}, which `npm ci` brings"
        raise CheckerMissingError(f"the Nu checker cannot run: there is no {missing}")
    pages = sorted(site.rglob("*.html"))
    options = ("-Xss8m", "-jar", str(JAR), "--format", "json", "--errors-only", "--exit-zero-always", "--stdout")
    done = subprocess.run([java, *options, *map(str, pages)], capture_output=True, text=True, check=True)
    messages = json.loads(done.stdout)["messages"]
    errors = [f"{Path(m['url'].removeprefix('file:')).relative_to(site)}: {m['message']}" for m in messages]
    return [error for error in errors if not is_known(error)] + [
        f"nothing fits this known error any more: {pattern}"
        for pattern in KNOWN
        if not any(re.search(pattern, error) for error in errors)
    ]


def is_known(error: str) -> bool:
    """Tell whether an error is in `KNOWN`."""
    return any(re.search(pattern, error) for pattern in KNOWN)


def main(arguments: Sequence[str]) -> int:
    """Check the site in the folder that is named, or in `site`; 0 when it is valid, 2 when it cannot be checked."""
    site = Path(arguments[0] if arguments else ROOT / "site").resolve()
    try:
        errors = check(site)
    except CheckerMissingError as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(errors) or f"every page is valid, apart from {len(KNOWN)} kinds of errors that are not ours")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
