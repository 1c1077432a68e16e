"""Every page by itself: it loads without an error and fits a phone."""

from pathlib import Path

from tests.browser.conftest import OpenPage


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
