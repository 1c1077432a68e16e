"""The whole table of runs comes out in a page, bit for bit, as under Node."""

from concurrent.futures import Future
from pathlib import Path

from playwright.sync_api import Page

from scripts.bench.browser import in_time
from tests import parity_table
from tests.browser.conftest import Watch
from tests.browser.lab import ENTRY, LESSON
from tests.parity_table import Table

RUN = in_time(
    """async ({ entry, script, argument }) => {
  const runtime = document.querySelector("gd-lab").dataset.runtime;
  const { startPython } = await import(new URL("python.js", entry));
  const python = await startPython(new URL(runtime, location).href, {});
  python.runPython(script);
  return python.globals.get("main")(python.toPy(argument)).toJs({ dict_converter: Object.fromEntries }).sha256;
}""",
    "the whole table of runs",
    600_000,
)


def test_every_run_has_the_same_bits_in_the_page_and_under_node(
    page: Page, site: str, watch: Watch, bundled_table: Future[Table]
) -> None:
    page.goto(site + LESSON)

    sha256 = page.evaluate(
        RUN,
        {
            "entry": page.locator(ENTRY).evaluate("({ src }) => src"),
            "script": Path(parity_table.__file__).read_text(encoding="utf-8"),
            "argument": list(parity_table.datasets()),
        },
    )

    # Outside of a worker the page's policy refuses the unpacker: Python has started plainly here, while the table comes
    # from the snapshot.
    watch.forgive("data:application/wasm")
    assert sha256 == bundled_table.result()["sha256"]
