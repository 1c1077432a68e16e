"""One reader, two languages: the switch by keyboard, what loads a whole page, the search, and what is kept."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from scripts.local_server import serve
from tests.browser.conftest import OpenPage, press_in_menu
from tests.browser.lab import LESSON, MODULE_3, MODULE_5
from tests.browser.test_accessibility import findings

GERMAN = "de/"


def stall(_: Route) -> None:
    """Never answer."""


@pytest.fixture
def reader(open_page: OpenPage) -> Page:
    """A page in which Python never starts."""
    page = open_page(reduced_motion="reduce")
    page.route("**/assets/runtime/**", stall)
    return page


def wait_for_instant_navigation(page: Page) -> None:
    """Wait until the theme has read which pages the site has: until then a link loads its page as a whole."""
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/sitemap.xml'))"
    )


def choose_language(page: Page, switch: str, name: str) -> None:
    """Choose a language with the keyboard, and wait for a page that was loaded as a whole."""
    page.evaluate("window.loadedBefore = true")
    page.get_by_role("button", name=switch).focus()
    link = page.get_by_role("link", name=name, exact=True)
    for _ in range(3):
        page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            break
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_function("() => !('loadedBefore' in window) && 'document$' in window")
    wait_for_instant_navigation(page)


def test_a_reader_goes_to_the_same_page_in_another_language_by_keyboard_and_back(reader: Page, site: str) -> None:
    reader.goto(site + LESSON)
    wait_for_instant_navigation(reader)
    reader.evaluate("window.loadedBefore = true")
    press_in_menu(reader.locator(f".md-sidebar a[href*='{MODULE_3}']"))
    expect(reader).to_have_title(re.compile("Module 3"))
    assert reader.evaluate("window.loadedBefore")  # within a language pages change without loading

    choose_language(reader, "Select language", "Deutsch")
    expect(reader).to_have_url(site + GERMAN + MODULE_3)
    expect(reader.locator("html")).to_have_attribute("lang", "de")

    reader.evaluate("window.loadedBefore = true")
    press_in_menu(reader.locator(f".md-sidebar a[href*='{LESSON}']"))
    expect(reader).to_have_url(site + GERMAN + LESSON)
    expect(reader).to_have_title(re.compile("Modul 4"))
    assert reader.evaluate("window.loadedBefore")

    choose_language(reader, "Sprache wechseln", "English")
    expect(reader).to_have_url(site + LESSON)
    expect(reader.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.also_in("firefox")
def test_escape_closes_the_list_of_languages_and_what_asks_for_it_opens_it_again(reader: Page, site: str) -> None:
    reader.goto(site + LESSON)
    reader.wait_for_function("() => 'document$' in window")
    languages = reader.locator(".md-select__inner")
    switch = reader.get_by_role("button", name="Select language")

    switch.focus()
    reader.keyboard.press("Tab")
    expect(reader.get_by_role("link", name="English", exact=True)).to_be_focused()
    expect(languages).to_have_css("opacity", "1")
    reader.keyboard.press("Escape")
    expect(languages).to_have_css("opacity", "0")
    expect(switch).to_be_focused()
    reader.keyboard.press("Tab")
    expect(languages).to_have_css("opacity", "1")
    reader.keyboard.press("Escape")
    reader.keyboard.press("Enter")
    expect(languages).to_have_css("opacity", "1")

    switch.blur()
    expect(languages).to_have_css("opacity", "0")
    for _ in range(2):
        switch.hover()
        expect(languages).to_have_css("opacity", "1")
        reader.keyboard.press("Escape")
        expect(languages).to_have_css("opacity", "0")
        reader.get_by_role("heading", level=1).hover()


def test_an_address_that_leads_nowhere_says_so_in_every_language_and_leads_on(reader: Page, site: str) -> None:
    reader.goto(site + "404.html")
    expect(reader).to_have_title(re.compile("^There is no such page - "))
    said = {
        "en": ("There is no such page", "All modules", ""),
        "de": ("Diese Seite gibt es nicht", "Alle Module", GERMAN),
        "es": ("Esta página no existe", "Todos los módulos", "es/"),
    }
    for code, (heading, home, address) in said.items():
        part = reader.locator(f"article [lang={code}]")
        expect(part.get_by_role("heading")).to_have_text(heading)
        assert part.get_by_role("link", name=home).evaluate("({ href }) => href") == site + address


def test_a_menus_link_to_a_page_that_is_not_translated_loads_the_english_one(reader: Page, site: str) -> None:
    reader.goto(site + GERMAN)
    reader.evaluate("window.loadedBefore = true")
    press_in_menu(reader.locator(".md-sidebar a", has_text="For authors"))
    expect(reader).to_have_url(f"{site}authoring/")
    expect(reader.locator("html")).to_have_attribute("lang", "en")
    assert not reader.evaluate("'loadedBefore' in window")


def test_the_search_of_a_language_finds_its_own_pages_alone(reader: Page, site: str) -> None:
    reader.goto(site + GERMAN)
    reader.wait_for_function("() => 'document$' in window")
    reader.keyboard.press("/")
    reader.keyboard.type("gradient")  # a word of both languages
    found = reader.locator(".md-search-result__link")
    expect(found.first).to_be_visible()
    places = {link.split("?")[0].removeprefix(site) for link in found.evaluate_all("links => links.map(l => l.href)")}
    assert places
    assert all(place.startswith(GERMAN) for place in places)


def test_a_reader_of_german_lessons_keeps_these_and_no_others(open_page: OpenPage, site_folder: Path) -> None:
    page = open_page(service_workers="allow", reduced_motion="reduce")
    with serve(site_folder, "/somebody/lesson/") as site:
        page.goto(site + GERMAN)
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    press_in_menu(page.locator(f".md-sidebar a[href*='{MODULE_5}']"))
    expect(page).to_have_title(re.compile("Modul 5"))
    page.reload()
    expect(page).to_have_title(re.compile("Modul 5"))
    expect(page.locator("html")).to_have_attribute("lang", "de")
    (kept,) = page.evaluate(
        """async () => {
          const names = (await caches.keys()).filter((name) => name.startsWith("gd-site "));
          const stores = await Promise.all(names.map((name) => caches.open(name)));
          return Promise.all(stores.map(async (store) => (await store.keys()).map(({ url }) => url)));
        }"""
    )
    pages = {address.removeprefix(site) for address in kept if address.endswith("/")}
    assert pages == {GERMAN, *(GERMAN + lesson for lesson in (MODULE_3, LESSON, MODULE_5))}


def test_axe_finds_nothing_in_a_translated_lesson_with_its_switch_open(open_page: OpenPage, site: str) -> None:
    page = open_page(color_scheme="dark", viewport={"width": 360, "height": 900}, reduced_motion="reduce")
    page.route("**/assets/runtime/**", stall)
    page.goto(site + GERMAN + MODULE_3)
    page.get_by_role("button", name="Sprache wechseln").focus()
    expect(page.get_by_role("link", name="Deutsch", exact=True)).to_have_attribute("aria-current", "true")
    expect(page.locator(".md-select__inner")).to_have_css("opacity", "1")
    assert findings(page) == []
