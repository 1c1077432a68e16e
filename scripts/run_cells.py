"""The process in which a page's code cells run: takes them as JSON, writes a line of JSON for each into a file.

A line is null for a cell that works, else what `scripts.cells.Failure` holds.
"""

import json
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any


def main() -> None:
    """Run the cells that stand on standard input; the file for the results is the one argument."""
    sources = json.loads(sys.stdin.read())
    warnings.simplefilter("ignore")
    namespace: dict[str, Any] = {"__name__": "__main__"}
    failed = False
    with Path(sys.argv[1]).open("w", encoding="utf-8", buffering=1) as results:
        for cell, source in enumerate(sources):
            failure = run(cell, source, namespace)
            missed = failed and failure is not None and failure["sentence"].startswith("NameError")
            results.write(json.dumps(None if missed else failure) + "\n")
            failed = failed or failure is not None


def run(cell: int, source: str, namespace: dict[str, Any]) -> dict[str, Any] | None:
    """Run one cell; return what went wrong, with the line of the cell that led there."""
    name = f"<cell {cell}>"
    try:
        exec(compile(source, name, "exec"), namespace)  # noqa: S102 - running the author's code is the point
    except (Exception, SystemExit) as error:
        lines = [frame.lineno or 1 for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name]
        sentence = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
        return {"cell": cell, "line": lines[-1] if lines else 1, "sentence": sentence}
    return None


if __name__ == "__main__":
    main()
