"""The lab alone, in a frame of a page that lies on another site."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, expect

from scripts.local_server import serve
from tests.browser.conftest import OpenPage, Watch
from tests.browser.lab import SLOW, driven_in_part

HOST = """<!doctype html>
<html lang="en"><link rel="icon" href="data:,"><title>A lesson elsewhere</title>
<button>Before</button>
<iframe src="{}" title="Training lab" width="360" height="1400" allow="clipboard-write"></iframe>
<button>After</button>
<script>
  window.heights = [];
  window.keys = [];
  addEventListener("keydown", ({{ key }}) => window.keys.push(key));
  addEventListener("message", ({{ data }}) => window.heights.push(data.height));
</script>
"""

ROOT = Path(__file__).resolve().parents[2]


def documented_heights() -> dict[int, int]:
    """The table for teachers: height of the frame by the width from which it suffices."""
    rows = re.findall(r"^\| (\d+) \| (\d+) \|$", (ROOT / "docs/embedding.md").read_text(encoding="utf-8"), re.MULTILINE)
    return {int(width): int(height) for width, height in rows}


def press(button: Locator) -> None:
    """Press a button in a frame of another site, into which Playwright can scroll in Chromium only."""
    if driven_in_part(button.page):
        button.dispatch_event("click")
    else:
        button.click()


FORBID = """
  if (window !== top)
    for (const name of ["localStorage", "sessionStorage", "caches", "indexedDB"])
      Object.defineProperty(window, name, { get: () => { throw new DOMException("forbidden", "SecurityError"); } });
"""
"""What browsers that keep nothing for frames of other sites do at the mere mention of storage."""


@pytest.mark.also_in("firefox", "webkit")
def test_a_page_of_another_site_holds_the_lab_as_its_address_says(
    open_page: OpenPage, site: str, tmp_path: Path, watch: Watch
) -> None:
    address = f"{site}embed/?theme=dark&lab=lab-1&dataset=circle&epochs=3"
    (tmp_path / "index.html").write_text(HOST.format(address), encoding="utf-8")
    page = open_page()
    page.add_init_script(FORBID)
    with serve(tmp_path, "/") as other:
        page.goto(other.replace("127.0.0.1", "localhost"))
        frame = page.frame_locator("iframe")
        lab = frame.get_by_role("region", name="Train it, then break it")
        page.locator("iframe").scroll_into_view_if_needed()
        expect(lab).to_have_attribute("data-state", "ready", timeout=SLOW)
        expect(frame.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
        expect(lab.get_by_role("combobox", name="Data")).to_have_value("circle")
        expect(frame.get_by_role("banner").or_(frame.get_by_role("contentinfo"))).to_have_count(0)

        before = page.evaluate("() => scrollY")
        press(lab.get_by_role("button", name="Train"))
        expect(lab).to_have_attribute("data-state", "finished")
        expect(lab.get_by_role("status")).to_contain_text("Epoch 3 of 3")
        assert page.evaluate("() => scrollY") == before
        press(lab.get_by_role("button", name="Copy link"))
        expect(lab.get_by_text(f"{site}embed/?theme=dark&lab=lab-1&dataset=circle")).to_be_visible()

        height = frame.locator("body").evaluate("body => body.offsetHeight")
        page.wait_for_function("height => window.heights.at(-1) === height", arg=height)
        assert height <= documented_heights()[320]
        assert frame.locator("html").evaluate("html => html.scrollWidth <= html.clientWidth")

    hosts = {urlsplit(url).netloc for url in watch.requests if url.startswith("http")}
    assert hosts == {urlsplit(site).netloc, urlsplit(other).netloc.replace("127.0.0.1", "localhost")}
    watch.forgive("request to another host")  # all of them are the host's page and the frame's own


@pytest.mark.also_in("firefox")
def test_the_keyboard_leads_into_the_lab_and_out_again_and_the_host_keeps_its_keys(
    open_page: OpenPage, browser_name: str, site: str, tmp_path: Path, watch: Watch
) -> None:
    if browser_name == "webkit":
        pytest.skip("WebKit's driver gives a frame of another site no focus")
    (tmp_path / "index.html").write_text(HOST.format(f"{site}embed/"), encoding="utf-8")
    page = open_page()
    page.route("**/assets/runtime/**", lambda _: None)  # never answered: keys need no Python
    with serve(tmp_path, "/") as other:
        page.goto(other.replace("127.0.0.1", "localhost"))
        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("button", name="Train")).to_be_visible()
        page.get_by_role("button", name="Before").focus()
        for key in ("f", "/", "p", "n", "ArrowDown", "End"):
            page.keyboard.press(key)
        assert page.evaluate("() => [window.keys.length, document.activeElement.textContent]") == [6, "Before"]
        page.keyboard.press("Tab")
        expect(frame.get_by_role("button", name="Train")).to_be_focused()
        last = frame.get_by_role("link", name="Gradient Descent in Practice")
        last.focus()
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="After")).to_be_focused()
        page.keyboard.press("Shift+Tab")
        expect(last).to_be_focused()
    watch.forgive("request to another host")
