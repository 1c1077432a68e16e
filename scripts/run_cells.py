"""The process in which a page's code cells run: takes them as JSON, writes a line of JSON for each into a file.

A line holds what `scripts.cells.Outcome` does.
"""

import json
import sys
from pathlib import Path

from gd_core.notebook import Notebook


def main() -> None:
    """Run the cells that stand on standard input; the file for the results is the one argument."""
    sources = json.loads(sys.stdin.read())
    notebook = Notebook()
    failed = False
    with Path(sys.argv[1]).open("w", encoding="utf-8", buffering=1) as results:
        for source in sources:
            ran = notebook.run(source)
            failure = ran["error"]
            if failure and failed and failure["sentence"].startswith("NameError"):
                failure = None  # it misses what a cell that failed would have defined
            results.write(json.dumps({"output": ran["output"], "failure": failure}) + "\n")
            failed = failed or failure is not None


if __name__ == "__main__":
    main()
