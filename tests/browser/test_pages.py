"""Every page by itself: it loads without an error and fits a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from scripts.bench.browser import in_time
from scripts.styles import minified
from tests.browser.conftest import OpenPage, Watch


def test_every_page_loads_without_an_error_and_fits_360_pixels(
    open_page: OpenPage, site: str, site_folder: Path
) -> None:
    pages = sorted(path.relative_to(site_folder).as_posix() for path in site_folder.rglob("*.html"))
    assert {"index.html", "404.html", "authoring/index.html"} < set(pages)
    page = open_page(viewport={"width": 360, "height": 800})
    for name in pages:
        page.goto(site + name.removesuffix("index.html"))
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") == 360, name


LESSON = "modules/04-gradient-descent-in-practice/"

NOTE_SHIFTS = """
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      window.shifts.push([entry.value, entry.sources.map(({ node }) => node?.nodeName)]);
  }).observe({ type: "layout-shift", buffered: true });
"""


def test_nothing_moves_while_a_page_loads_and_nothing_of_python_is_asked_for(
    open_page: OpenPage, site: str, watch: Watch
) -> None:
    for width in (360, 1280):
        page = open_page(viewport={"width": width, "height": 800})
        page.add_init_script(NOTE_SHIFTS)
        page.goto(site + LESSON)
        expect(page.locator("gd-lab > .gd-live")).to_have_count(page.locator("gd-lab").count())
        assert page.evaluate("window.shifts") == []
        assert watch.runtime_requests() == []
        assert not any(url.endswith("/worker.js") for url in watch.requests)


def test_nothing_moves_where_the_header_comes_in_pieces(page: Page, site: str, site_folder: Path) -> None:
    home = (site_folder / "index.html").read_text(encoding="utf-8")
    pieces = home.partition('<label class="md-header__button md-icon" for="__search">')
    assert pieces[2]
    page.route(site, lambda route: route.fulfill(content_type="text/html", body=""))
    page.goto(site)
    shifts = page.evaluate(
        in_time(
            """async ([first, cut, rest]) => {
          const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          const shifts = [];
          document.open();
          document.write(first);
          while (getComputedStyle(document.documentElement).fontSize === "16px") await drawn();
          await drawn();
          const observer = new PerformanceObserver((list) => shifts.push(...list.getEntries()));
          observer.observe({ type: "layout-shift" });
          document.write(cut + rest);
          document.close();
          for (let frame = 0; frame < 10; frame++) await drawn();
          return shifts.concat(observer.takeRecords()).map((entry) => entry.sources.map(({ node }) => node?.nodeName));
        }""",
            "the pieces of the page to be drawn",
        ),
        pieces,
    )
    expect(page.get_by_role("button", name="Select language")).to_be_visible()
    assert shifts == []


def test_the_recorded_run_is_a_picture_of_the_page_itself(open_page: OpenPage, site: str, watch: Watch) -> None:
    page = open_page()
    page.route("**/*", lambda route: route.continue_() if route.request.is_navigation_request() else route.abort())
    page.goto(site + LESSON, wait_until="commit")
    picture = page.locator("gd-lab svg.gd-picture-curve").first
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    assert box["height"] > 200
    assert picture.locator(".gd-curve").evaluate("curve => getComputedStyle(curve).strokeWidth") == "2.5px"
    watch.forgive("ERR_FAILED")


@pytest.mark.parametrize(("system", "scheme"), [("dark", "slate"), ("light", "default")])
def test_a_page_has_the_systems_colours_before_the_themes_script_has_come(
    open_page: OpenPage, site: str, watch: Watch, system: str, scheme: str
) -> None:
    page = open_page(color_scheme=system)
    page.route("**/assets/javascripts/bundle.*", lambda route: route.abort())
    page.goto(site + LESSON)
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", scheme)
    watch.forgive("ERR_FAILED")


HALVES = """
  window.halves = ["script"];
  document.addEventListener("DOMContentLoaded", ({ type }) => window.halves.push(type, window.event?.type ?? "alone"));
  document.addEventListener("click", () => window.halves.push(window.event?.type));
"""
"""Stands for the theme's script, and notes what each half of it hears and within which event it does its work."""


def test_the_second_half_of_the_themes_work_is_a_task_of_its_own(page: Page, site: str) -> None:
    page.route("**/assets/javascripts/bundle.*", lambda route: route.fulfill(body=HALVES))
    page.goto(site)
    page.wait_for_function("() => window.halves.length === 3")
    page.locator("h1").click()
    assert page.evaluate("window.halves") == ["script", "DOMContentLoaded", "alone", "click"]


LACKING = """(sheets) => {
  const selectors = (rules) =>
    [...rules].flatMap((rule) =>
      rule.selectorText ? rule.selectorText.split(/, (?![^(]*\\))/) : rule.cssRules ? selectors(rule.cssRules) : [],
    );
  const whole = sheets.flatMap((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return selectors(sheet.cssRules);
  });
  const here = new Set([...document.styleSheets].flatMap((sheet) => selectors(sheet.cssRules)));
  const ever = (selector) => selector.replace(/::?[\\w-]+(\\((?:[^()]|\\([^()]*\\))*\\))?/g, ":where(*)");
  return [whole.length, whole.filter((one) => !here.has(one) && document.querySelector(ever(one)))];
}"""
"""How many selectors the sheets have, and those that a page's own lack though an element could come to match them."""


def test_no_page_lacks_a_style_of_the_theme_that_one_of_its_elements_could_have(
    page: Page, site: str, site_folder: Path
) -> None:
    sheets = [minified(path) for path in (site_folder / "assets" / "stylesheets").glob("*.css")]
    for path in sorted(site_folder.rglob("*.html")):
        page.goto(site + path.relative_to(site_folder).as_posix().removesuffix("index.html"))
        count, lacking = page.evaluate(LACKING, sheets)
        assert count > 1000
        assert lacking == [], path
    page.goto(site + LESSON)
    page.get_by_role("textbox", name="Search").fill("learning rate")
    page.keyboard.press("End")  # the theme looks for what stands there when a key goes up
    expect(page.locator(".md-search-result__item").first).to_be_visible()
    expect(page.locator("gd-lab .gd-live")).to_have_count(page.locator("gd-lab").count())
    assert page.evaluate(LACKING, sheets)[1] == []


def test_labs_far_from_the_screen_are_not_laid_out_and_take_their_place_at_once(open_page: OpenPage, site: str) -> None:
    page = open_page(viewport={"width": 1280, "height": 800})
    page.goto(site + LESSON)
    last = page.locator("gd-lab").last
    expect(last.locator(".gd-live")).to_have_count(1)
    laid_out = "lab => lab.lastElementChild.checkVisibility({ contentVisibilityAuto: true })"
    assert not last.evaluate(laid_out)
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    assert last.evaluate(laid_out)


def test_the_search_reads_its_list_once_somebody_searches_and_finds(page: Page, site: str, watch: Watch) -> None:
    page.goto(site)
    page.wait_for_load_state("networkidle")
    assert not any("search_index" in url for url in watch.requests)
    page.get_by_role("textbox", name="Search").fill("learning rate")
    page.keyboard.press("End")  # the theme looks for what stands there when a key goes up
    expect(page.locator(".md-search-result__item").first).to_be_visible()


def test_what_a_test_awaits_in_a_page_in_vain_is_named(page: Page) -> None:
    with pytest.raises(Error, match=r"waited 0\.05 s in vain for a letter"):
        page.evaluate(in_time("() => new Promise(() => {})", "a letter", 50))
    assert page.evaluate(in_time("async ([one, other]) => one + other", "a sum"), [1, 2]) == 3
