"""Other ways of reading than with a mouse at a desk: keys, forced colours, paper, large letters, no motion, fingers."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.lab import (
    GUIDE,
    LESSON,
    MODULE_3,
    MODULE_5,
    Lab,
    add_style,
    count_by_ticks,
    hurry,
    lay_out_everything,
    put_on_paper,
)

PAGES = ("", LESSON, MODULE_3, MODULE_5, GUIDE)


def opened(page: Page, address: str) -> Page:
    """A page with its labs built and laid out; Python never comes, since nothing here needs it."""
    page.route("**/labs/worker.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(address)
    lay_out_everything(page)
    return page


# --- keys ---------------------------------------------------------------------------------------------------------

TABBABLE = """() => {
  const groups = new Set();
  return [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter((e) => {
    if (e.tabIndex < 0 || e.disabled || e.readOnly && e.type === "hidden") return false;
    if (!e.checkVisibility({ visibilityProperty: true }) || e.closest("[inert]")) return false;
    if (e.type !== "radio") return true;
    const group = [...document.getElementsByName(e.name)];
    const entry = group.find((one) => one.checked) ?? group[0];
    return e === entry && !groups.has(e.name) && groups.add(e.name);
  });
}"""
"""What the Tab key must reach."""

LOOK = """(e) => [e, ...[...e.querySelectorAll("*")].slice(0, 12), e.nextElementSibling, ...(e.labels ?? []),
  e.parentElement, e.parentElement.parentElement, e.parentElement.parentElement.parentElement]
  .map((part) => {
    const s = part && getComputedStyle(part);
    const outline = s?.outlineStyle === "none" ? "" : `${s?.outlineStyle} ${s?.outlineWidth} ${s?.outlineColor}`;
    return s && [outline, s.boxShadow, s.borderColor, s.backgroundColor, s.strokeDasharray, s.color].join();
  }).join(";")"""
"""How an element and what is around it look."""

FOCUSED = f"""async ([all, looks]) => {{
  const active = document.activeElement;
  if (active === document.body) return null;
  const index = all.indexOf(active);
  const isSeen = () => {{
    const box = active.getBoundingClientRect();
    const inView = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const shown = active.labels?.length || active.checkVisibility({{ opacityProperty: true }});
    return inView && shown && ({LOOK})(active) !== looks[index];
  }};
  for (let frame = 0; frame < 30 && !isSeen(); frame++) await new Promise(requestAnimationFrame);
  const scrolls = active.scrollHeight > active.clientHeight || active.scrollWidth > active.clientWidth;
  const ownStop = index < 0 && active.tabIndex < 0 && scrolls;
  return {{ index, ownStop, seen: isSeen(), what: active.outerHTML.slice(0, 120) }};
}}"""
"""Where the focus is, and whether that is seen within half a second: in the window, and other than at rest. A browser
may stop of its own accord at what scrolls, which the page, by its `tabIndex`, does not ask for."""


@pytest.mark.parametrize(
    ("address", "height"),
    [("", 900), pytest.param("", 3000, id="without scrolling"), (GUIDE, 900)],
)
def test_tab_reaches_every_control_once_in_the_order_of_reading_and_shows_where_it_is(
    open_page: OpenPage, site: str, address: str, height: int
) -> None:
    page = open_page(reduced_motion="reduce", viewport={"width": 1280, "height": height})
    count_by_ticks(page)
    opened(page, site + address)
    hurry(page, 0)  # or a lab that gives Python up would get one more button on the way
    for editor in page.locator("gd-lab[data-kind=rule]").all():
        editor.scroll_into_view_if_needed()  # it is loaded when it comes near
        expect(editor.get_by_role("textbox", name="Your update rule, in Python")).to_be_visible()
    everything = page.evaluate_handle(TABBABLE)
    at_rest = everything.evaluate_handle(f"all => [all, all.map({LOOK})]")
    reached, unseen = [], []
    for _ in range(everything.evaluate("all => all.length") + 5):
        page.keyboard.press("Tab")
        focus = at_rest.evaluate(FOCUSED)
        if focus is None:
            break
        if not focus["ownStop"]:
            reached.append(focus["index"])
        if not focus["seen"]:
            unseen.append(focus["what"])
    assert unseen == []
    missed = everything.evaluate(
        f"(all, reached) => ({TABBABLE})().filter((e) => !reached.includes(all.indexOf(e))).map((e) => e.outerHTML)",
        reached,
    )
    assert missed == []
    assert reached == sorted(reached)


# --- forced colours -----------------------------------------------------------------------------------------------

RATIO = """
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.forcedColorAdjust = "none";
  const channels = (colour) => {
    probe.style.color = colour;
    return getComputedStyle(probe).color.match(/[\\d.]+/g).map(Number);
  };
  const luminance = (rgb) => rgb.slice(0, 3)
    .map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
"""
"""WCAG's contrast of two colours; system colours as the page has them."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_under_forced_colours_every_control_and_every_curve_is_seen(
    open_page: OpenPage, site: str, scheme: Any
) -> None:
    page = open_page(forced_colors="active", color_scheme=scheme, reduced_motion="reduce")
    lab = Lab.ready(page, site)
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()
    faint = page.evaluate(
        f"""() => {{ {RATIO}
          const canvas = channels("Canvas");
          return [...document.querySelectorAll(".gd-live :is(button, select, input:not([type=range]), summary)")]
            .filter((e) => e.checkVisibility())
            .filter((e) => {{
              const style = getComputedStyle(e);
              const back = channels(style.backgroundColor);
              const own = back[3] === 0 ? canvas : back;
              const bordered = e.matches("summary, [type=radio]") || ratio(channels(style.borderTopColor), canvas) >= 3;
              return ratio(channels(style.color), own) < 4.5 && !e.disabled || !bordered;
            }})
            .map((e) => e.outerHTML.slice(0, 120));
        }}"""
    )
    assert faint == []
    seen = page.evaluate(
        f"""() => {{ {RATIO}
          const paper = channels("Canvas");
          return [...document.querySelectorAll("gd-lab canvas")].slice(0, 2).map((canvas) => {{
            const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            let strong = 0;
            for (let i = 0; i < data.length; i += 4)
              if (data[i + 3] === 255 && ratio([...data.slice(i, i + 3)], paper) >= 3) strong++;
            return strong;
          }});
        }}"""
    )
    assert min(seen) > 1000
    curve = page.evaluate(
        f"""() => {{ {RATIO}
          const wanted = channels("LinkText").slice(0, 3).join();
          const canvas = document.querySelector("gd-lab .gd-frame-curve canvas");
          const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          let found = 0;
          for (let i = 0; i < data.length; i += 4) if ([...data.slice(i, i + 3)].join() === wanted) found++;
          return [found, ratio(channels("LinkText"), channels("Canvas"))];
        }}"""
    )
    assert curve[0] > 200
    assert curve[1] >= 3


# --- paper --------------------------------------------------------------------------------------------------------


CORNERS = """() => Array.from(document.querySelector("gd-lab").querySelectorAll("canvas"), (canvas) => {
  const { data } = canvas.getContext("2d").getImageData(canvas.width - 3, 3, 1, 1);
  return [...data.slice(0, 3)];
})"""
"""The colour of a corner of each canvas of the first lab; of a loss curve it is the paper's."""


@pytest.mark.parametrize("lesson", [LESSON, MODULE_3])
def test_on_paper_what_was_drawn_in_the_dark_is_drawn_in_light_and_then_in_the_dark_again(
    open_page: OpenPage, site: str, lesson: str
) -> None:
    page = open_page(color_scheme="dark")
    page.goto(site + lesson)
    lab = page.locator("gd-lab").first
    lab.scroll_into_view_if_needed()
    expect(lab).to_have_attribute("data-state", "ready", timeout=60_000)
    if lesson == LESSON:
        Lab(page).choose("Speed", "fastest")
        Lab(page).trains_to_the_end()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    dark = page.evaluate(CORNERS)
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    paper = page.evaluate(CORNERS)
    page.evaluate("() => dispatchEvent(new Event('afterprint')) && new Promise(requestAnimationFrame)")

    assert all(sum(colour) > 1.5 * sum(before) for colour, before in zip(paper, dark, strict=True)), (paper, dark)
    assert lesson != LESSON or paper[1] == [255, 255, 255]
    assert page.evaluate(CORNERS) == dark
    put_on_paper(page)
    fits = page.locator("gd-lab canvas").evaluate_all("all => all.map((one) => getComputedStyle(one).objectFit)")
    assert set(fits) == {"contain"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_the_lesson_is_whole_and_nothing_asks_to_be_pressed(
    open_page: OpenPage, site: str, scheme: Any
) -> None:
    still = open_page(color_scheme=scheme, viewport={"width": 718, "height": 1000}, reduced_motion="reduce")
    page = opened(still, site + LESSON)  # a colour on its way would be neither the screen's nor the paper's
    put_on_paper(page)
    pressable = page.evaluate(
        """() => [...document.querySelectorAll("article :is(button, input, select, progress)")]
             .filter((e) => e.checkVisibility() && !e.closest(".gd-quiz-answers"))
             .map((e) => e.outerHTML.slice(0, 100))"""
    )
    assert pressable == []
    missing = page.evaluate(
        """() => [...document.querySelectorAll("gd-lab figure svg, .gd-rates svg, .gd-judge svg, .gd-quiz-why")]
             .filter((e) => !e.closest(".gd-quiz-result") && !e.checkVisibility({ contentVisibilityAuto: true }))
             .map((e) => e.parentElement.outerHTML.slice(0, 160))"""
    )
    assert missing == []
    wide = page.evaluate(
        """() => [...document.querySelectorAll("article *")].filter((e) => {
             const box = e.getBoundingClientRect();
             const parent = e.parentElement.getBoundingClientRect();
             if (e.ownerSVGElement || !e.checkVisibility()) return false; // pictures cut their own parts
             return box.width > 0 && box.right > innerWidth + 1 && box.right > parent.right;
           }).map((e) => e.outerHTML.slice(0, 100))"""
    )
    assert wide == []
    pale = page.evaluate(
        f"""() => {{ {RATIO}
          return [...document.querySelectorAll("article :is(p, li, td, th, h1, h2, h3, span, b, text)")]
            .filter((e) => e.checkVisibility() && e.textContent.trim())
            .filter((e) => {{
              const style = getComputedStyle(e);
              return ratio(channels(e.matches("text") ? style.fill : style.color), [255, 255, 255]) < 4;
            }})
            .map((e) => e.outerHTML.slice(0, 120));
        }}"""
    )
    assert pale == []
    assert len(page.pdf(format="A4")) > 100_000


# --- large letters ------------------------------------------------------------------------------------------------

BEYOND = """() => [...document.querySelectorAll("article *")].filter((e) => {
  if (e.closest("pre, .gd-table-frame, math, svg, [hidden], .md-code__nav") || !e.checkVisibility()) return false;
  const style = getComputedStyle(e);
  if (style.position === "absolute" || style.clipPath !== "none") return false;
  if (e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5) return true;
  if (style.overflowX === "visible" || e.tagName === "INPUT") return false;
  return e.clientWidth > 1 && e.scrollWidth > e.clientWidth + 1;
}).map((e) => `${e.scrollWidth} > ${e.clientWidth}: ${e.outerHTML.slice(0, 120)}`)"""
"""What sticks out of the page, is cut at its side, or would have to be pushed sideways."""

SPACED = """* {
  line-height: 1.5 !important;
  letter-spacing: 0.12em !important;
  word-spacing: 0.16em !important;
}
p { margin-bottom: 2em !important }"""
"""WCAG's text spacing (1.4.12)."""

CUT = """() =>
  [...document.querySelectorAll("article :is(button, label, legend, summary, select, p, li, td, th, h1, h2, h3, h4)")]
  .filter((e) => {
    if (e.closest("pre, svg, .gd-table-frame, .gd-sums") || !e.checkVisibility()) return false;
    const hidden = ["hidden", "clip"].includes(getComputedStyle(e).overflowY) || e.tagName === "BUTTON";
    return hidden && (e.scrollHeight > e.clientHeight + 2 || e.scrollWidth > e.clientWidth + 2);
  }).map((e) => e.outerHTML.slice(0, 120))"""


def test_at_four_times_the_size_nothing_is_cut_or_pushed_sideways(open_page: OpenPage, site: str) -> None:
    page = open_page(viewport={"width": 320, "height": 256}, reduced_motion="reduce")
    found = {}
    for address in PAGES:
        opened(page, site + address)
        found[address] = [page.evaluate("document.documentElement.scrollWidth"), *page.evaluate(BEYOND)]
        add_style(page, SPACED)
        found[address] += page.evaluate(CUT)
    assert found == {address: [320] for address in PAGES}


def test_text_may_be_spaced_without_being_cut(open_page: OpenPage, site: str) -> None:
    page = open_page(reduced_motion="reduce")
    found = {}
    for address in PAGES:
        opened(page, site + address)
        add_style(page, SPACED)
        found[address] = page.evaluate(CUT) + page.evaluate(BEYOND)
    assert found == {address: [] for address in PAGES}


# --- motion, fingers ----------------------------------------------------------------------------------------------


def test_where_motion_is_unwelcome_nothing_moves_by_itself(open_page: OpenPage, site: str) -> None:
    page = open_page(reduced_motion="reduce")
    opened(page, site + GUIDE)
    page.get_by_role("button", name="Just show me").first.click()
    page.locator("gd-quiz").scroll_into_view_if_needed()
    moving = page.evaluate(
        """() => [
             ...document.getAnimations().map((one) => `${one.effect?.target?.outerHTML.slice(0, 80)} moves`),
             ...[...document.querySelectorAll("*")].filter((e) => {
               const style = getComputedStyle(e);
               const slow = style.transitionProperty !== "none" && !/^0s(, 0s)*$/.test(style.transitionDuration);
               return style.animationName !== "none" || style.scrollBehavior !== "auto" || slow;
             }).map((e) => e.outerHTML.slice(0, 80)),
           ]"""
    )
    assert moving == []


SMALL = """(least) =>
  [...document.querySelectorAll("article :is(button, input, select, summary, [role=radio], [role=slider])")]
  .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest("[aria-hidden=true]"))
  .filter((e) => least < 44 || !e.matches("pre *")) // what copies a listing lies on its text
  .map((e) => [e, (["radio", "checkbox"].includes(e.type) && e.labels[0] || e).getBoundingClientRect()])
  .filter(([, box]) => box.width < least || box.height < least)
  .map(([e, box]) => `${Math.round(box.width)} × ${Math.round(box.height)}: ${e.outerHTML.slice(0, 100)}`)"""


@pytest.mark.parametrize(("touch", "width", "least"), [(False, 1280, 24), (True, 360, 44)])
def test_targets_are_large_enough(open_page: OpenPage, site: str, touch: bool, width: int, least: int) -> None:
    page = open_page(viewport={"width": width, "height": 800}, has_touch=touch, is_mobile=touch)
    for address in (LESSON, GUIDE):
        opened(page, site + address)
        assert page.evaluate(SMALL, least) == []
