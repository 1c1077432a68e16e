"""How long a reader waits for Python: first and second visit of the lesson, beside a bare page with the same Python.

The bare page does what Pyodide's own documentation says and nothing else. The three are loaded in turn, so that a slow
moment of the machine slows all of them.
"""

from scripts.bench.browser import Bench, in_time, slow_down, time_until_ready
from scripts.bench.report import Figure, Goal, compare

BARE_PAGE = """<!doctype html>
<title>A bare page</title>
<script type="module">
  import { loadPyodide } from "./pyodide.mjs";
  const python = await loadPyodide();
  await python.loadPackage("numpy");
  python.runPython("import numpy");
  window.readyAt = performance.now();
</script>
"""

GOALS = {"first visit": Goal("ratio", "at most", 0.35), "second visit, without network": Goal("ratio", "at most", 0.2)}
"""On a network that is not slowed: what is left then is the computer's own work."""


WAIT_UNTIL_KEPT = in_time(
    """async () => {
  const store = await caches.open("gd-python");
  const isKept = async () => (await store.keys()).some(({ url }) => url.endsWith("/manifest.json"));
  while (!(await isKept())) await new Promise((resolve) => setTimeout(resolve, 20));
}""",
    "the browser to keep Python",
)
"""Until all that a start reads has been kept for the next: the manifest is what is kept last."""


def measure(bench: Bench) -> list[Figure]:
    """Measure the starts on every network asked for."""
    return [figure for megabits in bench.networks for figure in starts(bench, megabits)]


def starts(bench: Bench, megabits: float) -> list[Figure]:
    """Measure milliseconds until ready, on one network."""
    times: dict[str, list[float]] = {"first visit": [], "second visit, without network": []}
    bare = []
    for _ in range(bench.repeats):
        with bench.page() as page:
            slow_down(page, megabits)
            times["first visit"].append(time_until_ready(page, bench.lesson))
            page.evaluate(WAIT_UNTIL_KEPT)
            page.goto("about:blank")
            page.context.set_offline(True)
            times["second visit, without network"].append(time_until_ready(page, bench.lesson))
        with bench.page() as page:
            slow_down(page, megabits)
            bare.append(time_until_ready(page, bench.bare.address))
    network = f" at {megabits:g} Mbit/s" if megabits else ""
    note = "beside a bare page with the same Python and NumPy, loaded the plain way"
    return [
        compare("start", f"ms until ready{network}, {visit}", ours, bare, None if megabits else GOALS[visit], note)
        for visit, ours in times.items()
    ]
