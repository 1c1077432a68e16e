"""How fast `gd_core` computes, in WebAssembly (in a worker of a page) and natively: single updates and whole sweeps."""

from scripts.bench import sweep
from scripts.bench.browser import Bench, PythonInPage
from scripts.bench.report import Figure


def measure(bench: Bench) -> list[Figure]:
    """Measure in a page, then natively."""
    with bench.page() as page:
        page.goto(bench.site.address + "licences/")
        python = PythonInPage(page, bench)
        in_page: sweep.SweepTimes = python.main("sweep", bench.repeats)
    return [sweeps("in the browser", in_page), sweeps("natively", sweep.main(bench.repeats))]


def sweeps(place: str, times: sweep.SweepTimes) -> Figure:
    """Make the figure of a sweep beside one run of its settings."""
    name = f"ms for a sweep of 48 rates {place}"
    return Figure("speed", name, times["sweep"], times["run"], times["ratio"], note="beside one run of its settings")
