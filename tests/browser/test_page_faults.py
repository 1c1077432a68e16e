"""What may befall Python's worker, the browser's storage, and the page itself while a reader works with it."""

import re

import pytest
from playwright.sync_api import Page, expect

from scripts.bench.start import WAIT_UNTIL_KEPT
from tests.browser.conftest import Enter, Watch, press_in_menu
from tests.browser.lab import (
    GUIDE,
    LESSON,
    MODULE_3,
    SLOW,
    Held,
    Lab,
    all_are_mounted,
    count_by_ticks,
    count_pythons,
    devtools,
    hurry,
    kill_python,
    python_is_kept,
    python_of,
    retype,
    scroll_to,
    wait_until_one_python_is_left,
)

# --- the worker -------------------------------------------------------------------------------------------------


@pytest.mark.fault("the worker dies while Python loads", "says so; Retry starts Python; the settings stay")
def test_a_worker_that_dies_while_python_loads_is_replaced_by_retry(page: Page, site: str) -> None:
    page.route("**/pyodide.asm.wasm*", lambda _: None)
    lab = Lab.visit(page, site)
    lab.type_rate("0.3")
    expect(lab.element).to_contain_text("Downloading Python and NumPy")
    kill_python(page)
    lab.reaches("failed")
    expect(lab.status).to_contain_text("Python's worker stopped unexpectedly.")
    page.unroute("**/pyodide.asm.wasm*")
    lab.press("Retry")
    lab.reaches("ready")
    expect(lab.rate).to_have_value("0.3")


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(
            "close.call(self)",
            marks=pytest.mark.fault(
                "the worker is gone without a word while training",
                "notices its silence after a minute; Retry starts Python; settings and curves stay",
            ),
        ),
        pytest.param(
            "for (;;);",
            marks=pytest.mark.fault(
                "the worker hangs while training",
                "notices its silence after a minute; Retry starts Python; settings and curves stay",
            ),
        ),
    ],
)
def test_a_worker_that_falls_silent_while_training_is_given_up_and_nothing_is_lost(
    page: Page, site: str, end: str
) -> None:
    fifth = f"""
      const {{ close }} = self;
      let asked = 0;
      self.addEventListener("message", ({{ data }}) => {{ if (data.type === "advance" && ++asked === 5) {end} }});
    """
    page.route(
        "**/labs/worker.js",
        lambda route: route.fulfill(body=route.fetch().text() + fifth, content_type="text/javascript"),
    )
    count_by_ticks(page)
    lab = Lab.ready(page, site)
    page.unroute("**/labs/worker.js")
    lab.type_rate("0.3")
    lab.train.click()
    lab.reaches_epoch(3)
    hurry(page, 60)
    lab.reaches("failed")
    hurry(page, 1)
    expect(lab.status).to_contain_text("Python's worker has not answered for 60 seconds.")
    lab.press("Retry")
    lab.reaches("ready")
    assert lab.runs() == ["this run: rate 0.3", "rate 0.3"]
    wait_until_one_python_is_left(page)


@pytest.mark.fault(
    "code that breaks Python itself", "says that the worker stopped; the next run starts Python afresh; the code stays"
)
def test_a_fatal_error_of_python_is_said_and_the_next_run_starts_it_afresh(
    enter: Enter, visitor: tuple[Page, Watch]
) -> None:
    page = enter(GUIDE)
    cell = page.locator("gd-cell").first
    cell.get_by_role("button", name="Edit").click()
    code = cell.get_by_role("textbox")
    code.fill("import os\nos.abort()")
    run = cell.get_by_role("button", name="Run", exact=True)
    run.click()
    status = cell.get_by_role("status")
    expect(status).to_contain_text("Python's worker stopped unexpectedly. Run starts Python afresh.", timeout=SLOW)
    expect(code).to_have_value("import os\nos.abort()")
    code.fill("6 * 7")
    run.click()
    expect(status).to_have_text("42\n", timeout=SLOW)
    visitor[1].problems.clear()  # what Pyodide says of its end in the console


@pytest.mark.fault("code that asks for more memory than there is", "says which line; Python goes on, with its names")
def test_code_that_runs_out_of_memory_is_told_by_line(enter: Enter) -> None:
    page = enter(GUIDE)
    cell = page.locator("gd-cell").first
    cell.get_by_role("button", name="Edit").click()
    code = cell.get_by_role("textbox")
    code.fill("kept = 42\nimport numpy as np\n[np.empty(10**9, dtype=np.uint8) for _ in range(9)]")
    run = cell.get_by_role("button", name="Run", exact=True)
    run.click()
    status = cell.get_by_role("status")
    expect(status).to_contain_text("Line 3.", timeout=SLOW)
    expect(status).to_contain_text("MemoryError")
    code.fill("kept")
    run.click()
    expect(status).to_have_text("42\n", timeout=SLOW)


@pytest.mark.fault("the browser refuses to make a worker", "says what the browser says; Retry makes one")
def test_a_worker_that_cannot_be_made_is_said_and_retry_makes_one(page: Page, site: str) -> None:
    page.goto(site + LESSON)
    page.evaluate(
        """() => {
          window.usual = window.startWorker;
          window.startWorker = () => { throw new DOMException("refused on purpose", "SecurityError"); };
        }"""
    )
    lab = Lab(page)
    lab.element.scroll_into_view_if_needed()
    lab.reaches("failed")
    expect(lab.status).to_contain_text("refused on purpose")
    page.evaluate("() => { window.startWorker = window.usual; }")
    lab.press("Retry")
    lab.reaches("ready")


@pytest.mark.fault("a lab is asked for something after its page was left", "nobody asks Python, which goes on")
def test_what_a_left_page_still_wanted_is_not_asked_of_python(page: Page, site: str) -> None:
    lab = Lab.ready(page, site)
    python = python_of(page)
    held = Held(page, "**/manifest.json")
    lab.press("Copy notebook code")
    page.wait_for_function("() => performance.getEntriesByType('resource').length > 0")
    press_in_menu(page.locator(f"a[href*='{MODULE_3}']"))
    expect(page).to_have_url(re.compile(MODULE_3))
    held.let_go()

    network = page.locator("gd-lab[data-kind=network]").first
    scroll_to(network)
    expect(network).to_have_attribute("data-state", "ready", timeout=SLOW)
    assert python_of(page) == python
    refused = page.evaluate(
        """async () => {
          const entry = document.querySelector("script[src$='/labs/main.js']").src;
          const { request } = await import(entry.replace("main.js", "client.js"));
          return request({ type: "csv", lab: 999 }).catch(({ message }) => message);
        }"""
    )
    assert refused == "lab must be one that was opened, got 999"
    assert python_of(page) == python


@pytest.mark.fault("there is too little memory to start Python", "says what the browser says; Retry starts Python")
def test_too_little_memory_for_python_is_said_and_retry_starts_it(page: Page, site: str, watch: Watch) -> None:
    refuse = """
      const { instantiate } = WebAssembly;
      WebAssembly.instantiate = async (source, ...rest) => {
        if (source instanceof WebAssembly.Module && WebAssembly.Module.exports(source).length > 100)
          throw new RangeError("Out of memory: Cannot allocate Wasm memory");
        return instantiate(source, ...rest);
      };
    """
    page.route(
        "**/labs/worker.js",
        lambda route: route.fulfill(body=route.fetch().text() + refuse, content_type="text/javascript"),
    )
    lab = Lab.visit(page, site)
    lab.reaches("failed")
    expect(lab.status).to_contain_text("This browser cannot run Python: its WebAssembly refuses (Out of memory")
    page.unroute("**/labs/worker.js")
    lab.press("Retry")
    lab.reaches("ready")
    watch.forgive("Out of memory")


@pytest.mark.fault(
    "the worker runs out of memory while a lab of 10,000 points and 64-64-64 units is made",
    "says so, and what needs less; with fewer points Retry brings the lab, earlier runs stay",
)
def test_a_lab_that_is_too_large_for_the_memory_says_so_and_a_smaller_one_works(page: Page, site: str) -> None:
    refuse = """
      self.addEventListener("message", ({ data }) => {
        if (data.type !== "change" || !("points" in data.settings)) return;
        const { grow } = WebAssembly.Memory.prototype;
        let most = 0; // sixteen megabytes more than there are
        WebAssembly.Memory.prototype.grow = function (pages) {
          most ||= this.buffer.byteLength + 2 ** 24;
          if (this.buffer.byteLength + pages * 2 ** 16 > most) throw new RangeError("out of memory on purpose");
          return grow.call(this, pages);
        };
      });
    """
    page.route(
        "**/labs/worker.js",
        lambda route: route.fulfill(body=refuse + route.fetch().text(), content_type="text/javascript"),
    )
    lab = Lab.ready(page, site)
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()
    page.evaluate(FIRST_LAB_SETS, {"points": 10_000, "batch_size": 10_000, "hidden_layers": [64, 64, 64]})
    lab.reaches("failed")
    expect(lab.status).to_contain_text("There is not enough memory for this; fewer points")
    page.evaluate(FIRST_LAB_SETS, {"points": 256, "batch_size": 32, "hidden_layers": [8, 8]})
    lab.press("Retry")
    lab.reaches("ready")
    lab.trains_to_the_end()
    assert lab.runs() == ["this run: rate 0.1 converged", "rate 0.1 converged"]


FIRST_LAB_SETS = """async (settings) => {
  const entry = document.querySelector("script[src$='/labs/main.js']").src;
  const { firstTrainer } = await import(entry.replace("main.js", "hub.js"));
  firstTrainer().set({ ...firstTrainer().settings(), ...settings });
}"""
"""Sets what has no control in the page, as a link would."""


WHAT_IS_SET = """() => Object.fromEntries([...document.querySelectorAll("gd-lab")].map((lab) => [lab.id,
  [...lab.querySelectorAll(".gd-live :is(input, select, textarea)")].map((control) => control.matches("[type=radio]")
    ? control.checked : control.value)]))"""

SET_ALL = """() => {
  for (const menu of document.querySelectorAll("gd-lab .gd-live select")) {
    if (menu.id.endsWith("-axis")) continue; // is the picture's, and follows the run until it is set
    menu.value = [...menu.options].filter((option) => !option.disabled).at(-1).value;
    menu.dispatchEvent(new Event("change", { bubbles: true }));
  }
  for (const dial of document.querySelectorAll("gd-lab .gd-live .gd-dial-value")) {
    dial.value = "0.03";
    dial.dispatchEvent(new Event("change", { bubbles: true }));
  }
}"""


@pytest.mark.fault(
    "the worker dies while every kind of lab is open",
    "every lab says so; Retry in each brings back all that its controls said; answers and code stay",
)
def test_when_the_worker_dies_every_kind_of_lab_comes_back_as_it_was_set(page: Page, site: str) -> None:
    page.goto(site + GUIDE)
    all_are_mounted(page)
    labs = page.locator("gd-lab")
    kinds = set(labs.evaluate_all("labs => labs.map((lab) => lab.dataset.kind)"))
    for lab in labs.all():
        lab.scroll_into_view_if_needed()
        expect(lab).to_have_attribute("data-state", "ready")
    page.evaluate(SET_ALL)
    rule = page.get_by_role("textbox", name="Your update rule, in Python")
    rule.fill("def update(params, gradient, state, learning_rate):\n    params -= 0.5 * learning_rate * gradient\n")
    answer_the_first_question(page)
    for lab in labs.all():
        expect(lab).to_have_attribute("data-state", re.compile("ready|finished|paused"))
    before = page.evaluate(WHAT_IS_SET)

    kill_python(page)
    for lab in labs.all():
        expect(lab).to_have_attribute("data-state", "failed")
        expect(lab.get_by_role("status").first).to_contain_text("Python's worker stopped unexpectedly.")
    for lab in labs.all():
        lab.scroll_into_view_if_needed()
        lab.get_by_role("button", name="Retry", exact=True).click()
        expect(lab).to_have_attribute("data-state", re.compile("ready|finished|paused"))

    assert kinds >= {"training", "rule", "sweep", "valley", "step", "network", "graph", "gradients", "vanishing"}
    assert page.evaluate(WHAT_IS_SET) == before
    assert count_pythons(page) == 1
    assert page.locator("gd-quiz").evaluate_all(
        "all => all.some((quiz) => quiz.querySelector('input:checked:disabled'))"
    )


# --- storage ----------------------------------------------------------------------------------------------------

FILL = """() => {
  for (let size = 1 << 20, index = 0; size >= 1; size >>= 1) {
    try {
      for (;;) localStorage.setItem(`filler-${index++}`, "x".repeat(size));
    } catch {}
  }
}"""


def answer_the_first_question(page: Page) -> None:
    question = page.locator("gd-quiz fieldset").filter(has=page.get_by_role("radio")).first
    question.get_by_role("radio").first.check()
    question.get_by_role("button", name="Check").click()
    expect(question.get_by_role("status")).not_to_be_empty()


@pytest.mark.fault("the browser's storage is full", "starts, trains and scores all the same, without remembering")
def test_full_storage_is_no_obstacle(page: Page, site: str) -> None:
    page.goto(site)
    devtools(page).send("Storage.overrideQuotaForOrigin", {"origin": site.removesuffix("/"), "quotaSize": 1_000_000})
    page.evaluate(FILL)
    lab = Lab.ready(page, site)
    refused = "async () => (await caches.open('x')).put('/x', new Response('x'.repeat(2e6))).catch(({ name }) => name)"
    assert page.evaluate(refused) == "QuotaExceededError"
    answer_the_first_question(page)
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()


@pytest.mark.fault(
    "storage of every kind is forbidden, as in a private window", "starts, trains and scores, without remembering"
)
def test_forbidden_storage_is_no_obstacle(page: Page, site: str, watch: Watch) -> None:
    page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage', 'caches', 'indexedDB'])"
        " Object.defineProperty(window, name,"
        " { get() { throw new DOMException('forbidden on purpose', 'SecurityError'); } });"
    )
    worker = "Object.defineProperty(self, 'caches', { get() { throw new DOMException('forbidden on purpose'); } });\n"
    page.route(
        "**/labs/files.js",
        lambda route: route.fulfill(body=worker + route.fetch().text(), content_type="text/javascript"),
    )
    lab = Lab.ready(page, site)
    answer_the_first_question(page)
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()
    watch.forgive("uncaught: forbidden on purpose")  # the theme's own scripts, which remember colours


@pytest.mark.fault("the browser's cache of files is broken", "starts Python from the network all the same")
def test_a_cache_that_is_broken_is_no_obstacle(page: Page, site: str) -> None:
    broken = """
      for (const name of ["match", "keys", "put", "delete"])
        Cache.prototype[name] = () => Promise.reject(new DOMException("broken on purpose", "UnknownError"));
    """
    page.route(
        "**/labs/files.js",
        lambda route: route.fulfill(body=broken + route.fetch().text(), content_type="text/javascript"),
    )
    Lab.ready(page, site)


@pytest.mark.fault(
    "the browser has kept files of another version, and a list of files that is none",
    "fetches what is wrong again, and lets go of what is old",
)
def test_files_kept_by_another_version_are_replaced(page: Page, site: str) -> None:
    page.goto(site + LESSON)
    runtime = page.locator("gd-lab").first.get_attribute("data-runtime")
    keep = """async (runtime) => {
      const manifest = new URL(`${runtime}manifest.json`, location).href;
      const store = await caches.open("gd-python");
      await store.put(manifest, new Response('{"files": null}'));
      for (const key of ["/gd-python/0123456789abcdef", "/assets/runtime/fedcba9876543210/manifest.json"])
        await store.put(key, new Response("old"));
      return manifest;
    }"""
    manifest = page.evaluate(keep, runtime)
    Lab(page).element.scroll_into_view_if_needed()
    Lab(page).reaches("ready")
    kept = python_is_kept(page)
    assert manifest in kept
    assert not [url for url in kept if "0123456789abcdef" in url or "fedcba9876543210" in url]


# --- the page ---------------------------------------------------------------------------------------------------


@pytest.mark.fault("a reader leaves while Python loads, and comes back", "goes on with the very start, not another one")
def test_leaving_and_coming_back_while_python_loads_starts_it_once(page: Page, site: str, watch: Watch) -> None:
    held = Held(page, "**/memory.*")
    lab = Lab.visit(page, site)
    expect(lab.element).to_contain_text("Downloading Python and NumPy")
    page.get_by_role("link", name="All modules").first.click()
    expect(page.locator("gd-lab")).to_have_count(0)
    page.go_back()
    expect(page.locator("gd-lab").first).to_be_attached()
    lab.element.scroll_into_view_if_needed()
    lab.reaches("loading")
    expect(lab.element).to_contain_text("Downloading Python and NumPy")
    held.let_go()
    lab.reaches("ready")
    assert len([url for url in watch.requests if "/memory." in url]) == 1
    assert count_pythons(page) == 1


@pytest.mark.fault("a page is reloaded while Python loads", "starts Python")
def test_a_reload_while_python_loads_starts_it_again(page: Page, site: str) -> None:
    page.route("**/memory.*", lambda _: None)
    lab = Lab.visit(page, site)
    expect(lab.element).to_contain_text("Downloading Python and NumPy")
    page.unroute("**/memory.*")
    page.reload()
    lab.element.scroll_into_view_if_needed()
    lab.reaches("ready")


@pytest.mark.fault("two tabs start Python at once, and one deletes what the other reads", "starts in both tabs")
def test_two_tabs_start_python_at_once_while_what_is_kept_goes(page: Page, site: str, watch: Watch) -> None:
    first, second = page, page.context.new_page()
    watch.follow(second)
    tabs = [Lab.visit(tab, site) for tab in (first, second)]
    for tab in tabs:
        tab.reaches("ready")
    first.evaluate(WAIT_UNTIL_KEPT)

    second.reload()
    tabs[1].element.scroll_into_view_if_needed()
    first.evaluate(
        """async () => {
          const store = await caches.open("gd-python");
          for (const request of await store.keys()) await store.delete(request);
        }"""
    )
    tabs[1].reaches("ready")
    for tab in tabs:
        tab.choose("Speed", "fastest")
        tab.trains_to_the_end()


@pytest.mark.fault("a laptop sleeps for an hour while Python loads", "goes on where it was")
def test_an_hour_asleep_while_python_loads_is_no_stall(page: Page, site: str) -> None:
    page.clock.install()
    held = Held(page, "**/memory.*")
    lab = Lab.visit(page, site)
    expect(lab.element).to_contain_text("Downloading Python and NumPy")
    page.clock.fast_forward("01:00:00")
    held.let_go()
    lab.reaches("ready")


@pytest.mark.fault("a laptop sleeps for an hour while a lab trains", "goes on where it was")
def test_an_hour_asleep_while_training_is_no_silence(page: Page, site: str) -> None:
    page.clock.install()
    lab = Lab.ready(page, site)
    lab.train.click()
    lab.reaches_epoch(5)
    before = lab.epoch()
    page.clock.fast_forward("01:00:00")
    assert lab.epoch() <= before + 40, "an hour is not made up for at once"
    lab.reaches("finished")
    assert lab.runs() == ["this run: rate 0.1 converged"]


STOP_FRAMES = """
  const { requestAnimationFrame: ask, cancelAnimationFrame: cancel } = window;
  const waiting = new Map();
  let id = 1e6;
  let visibility = "visible";
  Object.defineProperty(document, "visibilityState", { get: () => visibility });
  Object.defineProperty(document, "hidden", { get: () => visibility === "hidden" });
  window.requestAnimationFrame = (draw) => {
    if (visibility === "visible") return ask(draw);
    waiting.set(++id, draw);
    return id;
  };
  window.cancelAnimationFrame = (frame) => waiting.delete(frame) || cancel(frame);
  window.turn = (next) => {
    visibility = next;
    document.dispatchEvent(new Event("visibilitychange"));
    if (next === "hidden") return;
    for (const draw of waiting.values()) ask(draw);
    waiting.clear();
  };
"""
"""A background tab has no animation frames; `turn("hidden")` makes the page one."""


@pytest.mark.fault(
    "a tab goes into the background while a lab trains",
    "rests or trains on, by its speed, and ends the run as any other",
)
@pytest.mark.parametrize("speed", ["normal", "fastest"])
def test_a_background_tab_ends_its_run_when_it_comes_back(page: Page, site: str, speed: str) -> None:
    page.add_init_script(STOP_FRAMES)
    lab = Lab.ready(page, site)
    lab.choose("Speed", speed)
    lab.train.click()
    lab.reaches_epoch(2)
    page.evaluate("turn('hidden')")
    page.evaluate("turn('visible')")
    page.evaluate("turn('hidden')")
    # frames that were due are drawn, and then nothing more: a timer's second is none of a frame's business
    page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 1000))")
    page.evaluate("turn('visible')")
    lab.reaches("finished")
    expect(lab.status).to_contain_text("Epoch 200 of 200")
    assert lab.runs() == ["this run: rate 0.1 converged"]


@pytest.mark.fault(
    "a reader goes from lesson to lesson twenty times", "keeps one worker, and labs leave nothing behind"
)
def test_twenty_navigations_leave_no_worker_no_listener_and_no_lab_behind(page: Page, site: str) -> None:
    lab = Lab.ready(page, site)
    session = devtools(page)

    def listeners() -> list[tuple[str, str]]:
        """What is listened to on what outlives a page."""
        found = []
        for name in ("window", "document", "document.body"):
            owner = session.send("Runtime.evaluate", {"expression": name})["result"]["objectId"]
            told = session.send("DOMDebugger.getEventListeners", {"objectId": owner})["listeners"]
            found += [(name, listener["type"]) for listener in told]
        return sorted(found)

    def held() -> dict[str, int]:
        """How many nodes and listeners the tab holds in all, those of pages that were left included."""
        for _ in range(3):
            session.send("HeapProfiler.collectGarbage")
        counters: dict[str, int] = session.send("Memory.getDOMCounters")
        return {name: counters[name] for name in ("nodes", "jsEventListeners")}

    # Links are followed by scripts: what Playwright itself gets hold of would stay, and would be counted.
    def leave() -> None:
        page.evaluate("() => document.querySelector('.gd-back').click()")
        expect(page.locator("gd-lab")).to_have_count(0)

    def come_back() -> None:
        page.evaluate("lesson => document.querySelector(`a[href*='${lesson}']`).click()", LESSON)
        page.wait_for_function("() => document.querySelector('gd-lab') !== null")
        page.evaluate("() => document.querySelectorAll('gd-lab').forEach((lab) => lab.mount())")  # not one by one
        page.wait_for_function(
            "() => [...document.querySelectorAll('gd-lab, gd-cell, gd-missions, gd-score')].every((one) => one.mounted)"
        )
        page.evaluate("() => document.querySelector('gd-lab').scrollIntoView()")
        page.evaluate(
            """() => {
              const built = [...document.querySelectorAll(".gd-live")];
              window.built = [...(window.built ?? []), ...built.map((element) => new WeakRef(element))];
            }"""
        )

    leave()
    come_back()
    before = listeners()
    leave()
    held_before = held()
    for _ in range(19):
        come_back()
        leave()
    come_back()
    lab.reaches("ready")
    assert count_pythons(page) == 1
    assert listeners() == before

    leave()
    assert held() == held_before
    built, left = page.evaluate("() => [window.built.length, window.built.filter((kept) => kept.deref()).length]")
    assert built >= 20 * 5
    assert left <= built / 20, "no more than what the last page built may still be held"

    page.emulate_media(color_scheme="dark")  # what the theme has listened to from the beginning it hears as ever
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")


SHARP = """lab => [...lab.querySelectorAll("canvas")].every(
  (c) => Math.abs(c.width - c.parentElement.clientWidth * devicePixelRatio) <= 1)"""


HEAR_OF_RATIOS = """
  const { matchMedia: ask } = window;
  const lists = [];
  window.matchMedia = (query) => {
    const list = ask.call(window, query);
    lists.push({ list, before: list.matches });
    return list;
  };
  window.tellOfRatios = () => {
    for (const entry of [...lists]) {
      const { matches, media } = entry.list;
      if (matches === entry.before) continue;
      entry.before = matches;
      entry.list.dispatchEvent(new MediaQueryListEvent("change", { matches, media }));
    }
  };
"""
"""Chromium's emulation of another screen of the same size tells nobody of it, as a real one would."""


@pytest.mark.fault(
    "the window is resized, zoomed to 400 %, or moved to another screen while a lab trains",
    "trains on, fits, and draws in the screen's own pixels",
)
def test_another_size_and_another_screen_while_training_are_followed(page: Page, site: str) -> None:
    page.add_init_script(HEAR_OF_RATIOS)
    lab = Lab.ready(page, site)
    session = devtools(page)

    def screen(width: int, height: int, ratio: float) -> None:
        session.send(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": ratio, "mobile": False},
        )
        page.evaluate("() => tellOfRatios()")
        lab.element.scroll_into_view_if_needed()
        page.wait_for_function(f"() => ({SHARP})(document.querySelector('gd-lab'))")
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width

    lab.choose("Speed", "fastest")
    retype(lab.epochs, "10000")
    lab.epochs.press("Enter")
    lab.train.click()
    for size in ((700, 900, 1), (320, 256, 4), (1280, 900, 2), (1280, 900, 1)):
        screen(*size)
        lab.reaches("training")
        lab.reaches_epoch(lab.epoch() + 5)
    lab.pause.click()
    lab.reaches("paused")
    for size in ((1280, 900, 2), (1280, 900, 3), (600, 900, 1)):
        screen(*size)
