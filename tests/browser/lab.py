"""A reader's hands and eyes: the training lab by the names of its controls."""

import base64
import re
import time

import pytest
from playwright.sync_api import CDPSession, Locator, Page, Route, Worker, expect

from scripts.bench.browser import in_time
from scripts.browsers import find_system

LESSON = "modules/04-gradient-descent-in-practice/"
MODULE_3 = "modules/03-a-network-that-already-works/"
MODULE_5 = "modules/05-backpropagation-intuition/"

GUIDE = "authoring/"
"""The authors' guide holds every kind of block."""

ENTRY = "script[src$='/labs/main.js']"
"""The page's entry to our scripts; their folder is named after their version."""

SLOW = 60_000
"""Milliseconds that Python may take to start on a busy machine."""

STYLE = """css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets.push(sheet);
}"""


def add_style(page: Page, css: str) -> None:
    """Give the page one more style sheet, by a script: its policy refuses any that is written into it."""
    page.evaluate(STYLE, css)


def lay_out_everything(page: Page) -> None:
    """Have labs and quizzes mounted and laid out however far from the screen they are."""
    add_style(page, "* { content-visibility: visible !important }")
    all_are_mounted(page)
    page.wait_for_function(
        "() => [...document.querySelectorAll('gd-cell, gd-missions, gd-score')].every((one) => one.mounted)"
    )


def scroll_to(element: Locator) -> None:
    """Scroll until it stays on the screen: in Firefox what comes near may be laid out anew and push it off again."""
    element.evaluate(
        """(element) => new Promise((done, fail) => {
          let [place, still, frames] = [NaN, 0, 0];
          const look = () => {
            element.scrollIntoView({ behavior: "instant", block: "nearest" });
            const { top } = element.getBoundingClientRect();
            still = Math.abs(top - place) < 1 ? still + 1 : 0;
            place = top;
            frames += 1;
            if (still === 15) done();
            else if (frames === 600) fail(new Error(`not still after ${frames} frames: ${element.id}`));
            else requestAnimationFrame(look);
          };
          look();
        })"""
    )


def all_are_mounted(page: Page) -> None:
    """Wait until every lab and cell is there: each that comes may move what is below it."""
    labs = page.locator("gd-lab, gd-cell")
    expect(page.locator(":is(gd-lab, gd-cell) > .gd-live")).to_have_count(labs.count())


def driven_in_part(page: Page) -> bool:
    """Whether Playwright drives the page's browser by what all browsers have in common, which is not all it can."""
    context = page.context.browser
    name = context.browser_type.name if context else "chromium"
    return name != "chromium" and find_system(name) is not None


def needs(page: Page, ability: str) -> None:
    """Skip the rest of a story for want of something that Playwright can do in Chromium, or in browsers of its own."""
    if driven_in_part(page):
        pytest.skip(f"Playwright has no {ability} in a system's own browser other than Chromium")


def put_on_paper(page: Page) -> None:
    needs(page, "print medium")
    page.emulate_media(media="print")


def devtools(page: Page) -> CDPSession:
    needs(page, "developer tools")
    return page.context.new_cdp_session(page)


def pythons(page: Page) -> list[Worker]:
    """The workers that run Python; the theme's search has one of its own."""
    needs(page, "hold on workers")
    return [worker for worker in page.workers if worker.url.endswith("/labs/worker.js")]


def python_of(page: Page) -> Worker:
    """The one worker that runs Python."""
    (worker,) = pythons(page)
    return worker


NOTE_PYTHONS = """
  window.pythons = new Set();
  window.Worker = new Proxy(Worker, {
    construct(Plain, given) {
      const worker = new Plain(...given);
      if (String(given[0]).endsWith("/labs/worker.js")) window.pythons.add(worker);
      return worker;
    },
  });
  const { terminate } = Worker.prototype;
  Worker.prototype.terminate = function () {
    window.pythons.delete(this);
    terminate.call(this);
  };
"""
"""For pages of browsers in which Playwright has no hold on workers: the page notes those that run Python."""

KILL_NOTED = """() => {
  const [worker] = window.pythons;
  worker.dispatchEvent(new ErrorEvent("error", { message: "killed on purpose", cancelable: true }));
}"""
"""What the page hears of an error that nobody catches in the worker."""


def count_pythons(page: Page) -> int:
    """How many workers run Python."""
    if not driven_in_part(page):
        return len(pythons(page))
    _needs_notes(page)
    return int(page.evaluate("() => window.pythons.size"))


def wait_until_one_python_is_left(page: Page) -> None:
    """Wait for those that were ended: one that is busy a browser ends only after two seconds."""
    latest = time.monotonic() + SLOW / 1000
    while count_pythons(page) > 1 and time.monotonic() < latest:
        page.evaluate("() => null")  # meanwhile the browser tells what has ended
    assert count_pythons(page) == 1


def kill_python(page: Page) -> None:
    """Let an error that nobody catches end the worker."""
    if not driven_in_part(page):
        python_of(page).evaluate("() => { setTimeout(() => { throw new Error('killed on purpose'); }); }")
        return
    _needs_notes(page)
    assert count_pythons(page) == 1
    page.evaluate(KILL_NOTED)


def _needs_notes(page: Page) -> None:
    if not page.evaluate("() => 'pythons' in window"):
        needs(page, "hold on workers")


FAST = "const FAST = 2500;"
"""Where `python.js` says how many bytes a millisecond make a fast line, and so which files a start reads."""


def instead(text: str, said: str, other: str) -> str:
    """Have a script, whose text this is, say something else in one place; raises ValueError unless it is one."""
    if text.count(said) != 1:
        raise ValueError(f"the script must say {said!r} once, got it {text.count(said)} times")
    return text.replace(said, other)


def over_line(text: str, fast: bool) -> str:
    """Have `python.js`, whose text this is, take any line for a fast one or for a slow one."""
    return instead(text, FAST, f"const FAST = {0 if fast else 'Infinity'};")


PYTHON_KEPT = in_time(
    """async () => {
  const store = await caches.open("gd-python");
  const { runtime } = document.querySelector("[data-runtime]").dataset;
  for (;;) {
    const manifest = await store.match(new URL(`${runtime}manifest.json`, document.baseURI));
    const { files } = (await manifest?.json()) ?? {};
    const isNeeded = ({ role, unpacked }) => unpacked || ["module", "lock"].includes(role);
    const needed = Object.values(files ?? {}).filter(isNeeded);
    const hashes = needed.map(({ sha256, unpacked }) => (unpacked ?? { sha256 }).sha256);
    const found = (await store.keys()).map(({ url }) => url);
    if (files && hashes.every((hash) => found.some((url) => url.endsWith(hash)))) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}""",
    "all that Python's next start reads to be kept",
)


def python_is_kept(page: Page) -> list[str]:
    """Wait until the page has kept all that Python's next start reads; return the addresses of what is kept."""
    kept: list[str] = page.evaluate(PYTHON_KEPT)
    return kept


def retype(box: Locator, text: str) -> None:
    """Write something else into a box of one line, key by key: Firefox takes as changed only what was typed."""
    if text:
        box.fill("")
        box.press_sequentially(text)
    else:
        box.select_text()
        box.press("Delete")


KEEP_WHAT_IS_SAVED = """() => {
  const make = URL.createObjectURL;
  URL.createObjectURL = (blob) => {
    window.saved = blob;
    URL.createObjectURL = make;
    return make.call(URL, blob);
  };
}"""

READ_WHAT_WAS_SAVED = """async () => {
  const bytes = new Uint8Array(await window.saved.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}"""


def download(button: Locator) -> bytes:
    """Press what saves a file, and return it; where Playwright sees no downloads, return what the page hands over."""
    page = button.page
    if not driven_in_part(page):
        with page.expect_download() as came:
            button.click()
        return came.value.path().read_bytes()
    page.evaluate(KEEP_WHAT_IS_SAVED)
    button.click()
    page.wait_for_function("() => window.saved !== undefined")
    saved = base64.b64decode(page.evaluate(READ_WHAT_WAS_SAVED))
    page.evaluate("() => { delete window.saved; }")
    return saved


COUNTING = """
  const { setInterval: repeat } = window;
  window.ticks = 1;
  window.setInterval = (act, wait, ...rest) => {
    const many = () => { for (let tick = 0; tick < window.ticks; tick++) act(); };
    return repeat(wait === 200 ? many : act, wait, ...rest);
  };
"""
"""The timer by whose ticks `client.js` counts how long Python's worker is silent ticks as often as is wanted."""


def count_by_ticks(page: Page) -> None:
    """Before the page is opened: let `hurry` make silence pass."""
    page.add_init_script(COUNTING)


def hurry(page: Page, ticks: int) -> None:
    """Have each tick of that timer count as so many."""
    page.evaluate("ticks => { window.ticks = ticks; }", ticks)


class Held:
    """Requests for a file that wait until they are let go."""

    def __init__(self, page: Page, pattern: str) -> None:
        self.page, self.pattern = page, pattern
        self.routes: list[Route] = []
        page.route(pattern, lambda route: self.routes.append(route))

    def let_go(self) -> None:
        for route in self.routes:
            route.continue_()
        self.page.unroute(self.pattern)


class Lab:
    """The first lab of the lesson in a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.element = page.locator("gd-lab").first
        self.status = self.element.get_by_role("status")
        self.train = self.button("Train")
        self.pause = self.button("Pause")
        self.dial = self.element.get_by_role("slider", name="Learning rate", exact=True)
        self.rate = self.element.get_by_role("textbox", name="Learning rate value", exact=True)
        self.epochs = self.element.get_by_role("spinbutton", name="Epochs", exact=True)
        self.speed = self.element.get_by_role("combobox", name="Speed", exact=True)
        self.axis = self.element.get_by_role("combobox", name="Loss axis", exact=True)
        self.reader = self.element.get_by_role("slider", name="Epoch to read from the curve", exact=True)
        self.legend = self.element.get_by_role("listitem")

    @classmethod
    def visit(cls, page: Page, site: str) -> "Lab":
        """Open the lesson and scroll to the lab."""
        page.goto(site + LESSON)
        lab = cls(page)
        lab.element.scroll_into_view_if_needed()
        return lab

    @classmethod
    def ready(cls, page: Page, site: str) -> "Lab":
        """Open the lesson and wait until Python is ready."""
        lab = cls.visit(page, site)
        lab.reaches("ready")
        return lab

    def button(self, name: str) -> Locator:
        return self.element.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        self.button(name).click()

    def choose(self, menu: str, option: str) -> None:
        self.element.get_by_role("combobox", name=menu, exact=True).select_option(option)

    def type_rate(self, text: str) -> None:
        retype(self.rate, text)
        self.rate.press("Enter")

    def reaches(self, state: str) -> None:
        """Wait for a state."""
        expect(self.element).to_have_attribute("data-state", state, timeout=SLOW)

    def trains_to_the_end(self) -> None:
        """Press Train and wait until the run has ended."""
        self.train.click()
        self.reaches("finished")

    def reaches_epoch(self, epoch: int) -> None:
        """Wait until at least so many epochs are done."""
        self.page.wait_for_function(
            "epoch => Number(/Epoch (\\d+)/.exec(document.querySelector('gd-lab [role=status]').textContent)?.[1])"
            " >= epoch",
            arg=epoch,
        )

    def epoch(self) -> int:
        found = re.search(r"Epoch (\d+) of", self.status.text_content() or "")
        assert found is not None
        return int(found[1])

    def csv(self) -> str:
        """Download the run."""
        return download(self.button("Download CSV")).decode()

    def runs(self) -> list[str]:
        """The legend, newest run first, once the frame is drawn in which the lab came to its state."""
        texts = self.element.evaluate(
            "lab => new Promise(requestAnimationFrame)"
            ".then(() => [...lab.querySelectorAll('.gd-legend li')].map((run) => run.innerText))"
        )
        return [" ".join(text.split()) for text in texts]
