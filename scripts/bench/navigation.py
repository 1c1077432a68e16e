"""How long a reader waits when going on to the next lesson: Python stays, so it is a moment, and nothing is loaded."""

import statistics

from scripts.bench.browser import Bench, in_time, time_until_ready
from scripts.bench.report import Figure, Goal

NEXT = "05-backpropagation-intuition/"

GO_ON = in_time(
    """(link) => new Promise((arrived) => {
  const begun = performance.now();
  const left = new Set(document.querySelectorAll("gd-lab"));
  let lab;
  const watch = new MutationObserver(() => {
    const next = [...document.querySelectorAll("gd-lab")].find((element) => !left.has(element));
    if (next && next !== lab) next.scrollIntoView();
    lab = next;
    if (lab?.dataset.state !== "ready") return;
    watch.disconnect();
    arrived(performance.now() - begun);
  });
  watch.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-state"] });
  link.click();
})""",
    "a lab of the next lesson",
)


def measure(bench: Bench) -> list[Figure]:
    """Measure milliseconds from the click until a lab of the next lesson is ready, and what is loaded for it."""
    times, runtime, others = [], [], []
    for _ in range(bench.repeats):
        with bench.page() as page:
            time_until_ready(page, bench.lesson)
            bench.site.answers.clear()
            times.append(float(page.locator(f"a[href*='{NEXT}']").first.evaluate(GO_ON)))
            asked = [answer.path for answer in bench.site.answers]
            runtime.append(sum("assets/runtime/" in path for path in asked))
            others.append(len(asked) - runtime[-1])
    return [
        Figure("navigation", "ms until ready, next lesson", statistics.median(times)),
        Figure("navigation", "requests for Python, next lesson", max(runtime), goal=Goal("ours", "at most", 0)),
        Figure("navigation", "other requests, next lesson", max(others)),
    ]
