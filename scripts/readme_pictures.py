"""The README's picture and animation: a real run of the training lab, in a real browser.

    python -m scripts.readme_pictures

A reader's story: the dial at 0.1 learns, ten is too much. A picture is taken every few epochs, which the lab trains one
by one, so that the animation is the same on every machine; it stops after three rounds.
"""

import io
import re
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, expect, sync_playwright

from scripts.browsers import QUIET, find_chromium
from scripts.local_server import serve

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".github" / "pictures"
LESSON = "modules/04-gradient-descent-in-practice/"
RATES = ("0.1", "10")
WIDTH = 900
"""Of the window, in pixels."""
EPOCHS = 5
"""From one picture to the next."""
SHOWN = 80
"""Milliseconds that a picture is shown."""
LINGER = 2_500
"""Milliseconds that the end of a run is shown."""
ROUNDS = 3
COLOURS = 96

FROM_HEADING_TO_CURVE = """(lab) => {
  const { x, y, width } = lab.getBoundingClientRect();
  return { x, y, width, height: lab.querySelector(".gd-stage").getBoundingClientRect().bottom - y };
}"""


def main() -> int:
    """Record the runs, write both files, and return the exit status."""
    chromium = find_chromium()
    if chromium is None or not (ROOT / "site" / LESSON).exists():
        sys.stderr.write("error: the pictures need Chromium and the built site; run `make build`\n")
        return 1
    with sync_playwright() as playwright, serve(ROOT / "site", "/") as site:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        page = browser.new_page(viewport={"width": WIDTH, "height": 1400})
        page.goto(site + LESSON)
        lab = page.locator("#lab-1")
        lab.scroll_into_view_if_needed()
        page.wait_for_selector("#lab-1[data-state=ready]", timeout=120_000)
        frames = [frame for rate in RATES for frame in recorded(page, lab, rate)]
        browser.close()
    FOLDER.mkdir(exist_ok=True)
    pictures = [picture for picture, _ in frames]
    pictures[-1].save(FOLDER / "lab.png", optimize=True)
    palette = pictures[-1].quantize(COLOURS)
    flat = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    durations = [duration for _, duration in frames]
    flat[0].save(FOLDER / "run.gif", save_all=True, append_images=flat[1:], duration=durations, loop=ROUNDS - 1)
    for path in sorted(FOLDER.iterdir()):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:,.0f} kB")
    return 0


def recorded(page: Page, lab: Locator, rate: str) -> list[tuple[Image.Image, int]]:
    """Train at a rate and return pictures of the lab, each with the milliseconds that it is to be shown."""
    box = lab.get_by_role("textbox", name="Learning rate value")
    box.fill(rate)
    box.press("Enter")
    lab.get_by_role("button", name="Reset").click()
    frames = [(picture_of(page, lab), SHOWN)]
    epoch = 0
    while lab.get_attribute("data-state") != "finished":
        for _ in range(EPOCHS):
            epoch += 1
            lab.get_by_role("button", name="Step").click()
            said = re.compile(rf"(?<!\d){epoch} of |Verdict")
            expect(lab.get_by_role("status").first).to_contain_text(said)
        frames.append((picture_of(page, lab), SHOWN))
    return [*frames[:-1], (frames[-1][0], LINGER)]


def picture_of(page: Page, lab: Locator) -> Image.Image:
    """Take a picture of a lab from its heading to the end of its loss curve."""
    lab.scroll_into_view_if_needed()
    clip = page.evaluate(FROM_HEADING_TO_CURVE, lab.element_handle())
    return Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")


if __name__ == "__main__":
    sys.exit(main())
