"""How fast `gd_core` computes, in WebAssembly (in a worker of a page) and natively: single updates and whole sweeps."""

from scripts.bench import sweep, updates
from scripts.bench.browser import Bench, PythonInPage
from scripts.bench.report import Figure, Goal

UPDATE = Goal("ratio", "at most", 1.3)
"""A lab's update beside the bare step. In batches of one what a lab keeps of each weighs more: no goal there."""


def measure(bench: Bench) -> list[Figure]:
    """Measure in a page, then natively."""
    with bench.page() as page:
        page.goto(bench.site.address + "licences/")
        python = PythonInPage(page, bench)
        in_page = [
            *single_updates("in the browser", python.main("updates", bench.repeats)),
            sweeps("in the browser", python.main("sweep", bench.repeats)),
        ]
    return [
        *in_page,
        *single_updates("natively", updates.main(bench.repeats)),
        sweeps("natively", sweep.main(bench.repeats)),
    ]


def single_updates(place: str, times: dict[str, updates.UpdateTimes]) -> list[Figure]:
    """Make figures of a lab's update beside the bare step."""
    return [
        Figure(
            "speed",
            f"µs of an update {place}, {batch}",
            measured["session"],
            measured["bare"],
            measured["session_ratio"],
            goal=None if batch == "batch 1" else UPDATE,
            note="beside the bare step",
        )
        for batch, measured in times.items()
    ]


def sweeps(place: str, times: sweep.SweepTimes) -> Figure:
    """Make the figure of a sweep beside one run of its settings."""
    name = f"ms of a sweep of 48 rates {place}"
    return Figure("speed", name, times["sweep"], times["run"], times["ratio"], note="beside one run of its settings")
