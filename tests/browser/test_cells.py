"""What readers do with the code cells of a page, told in a real browser with the real Python."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Enter, OpenPage, press_in_menu
from tests.browser.lab import GUIDE, LESSON, Held, Lab, scroll_to

SLOW = 60_000


class Cells:
    """The two cells of the authors' page: one update by hand, and another that needs the first."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.first, self.second = (Cell(page.locator("gd-cell").nth(index)) for index in (0, 1))


class Cell:
    """A code cell by the names of its buttons."""

    def __init__(self, element: Locator) -> None:
        self.element = element
        self.status = element.get_by_role("status")
        self.run, self.stop, self.edit, self.back = (
            element.get_by_role("button", name=name, exact=True)
            for name in ("Run", "Stop", "Edit", "Back to the original")
        )
        self.code = element.get_by_role("textbox")

    def write(self, text: str) -> None:
        self.code.focus()
        self.code.page.keyboard.press("Control+a")
        self.code.page.keyboard.insert_text(text)

    def reaches(self, state: str) -> None:
        expect(self.element).to_have_attribute("data-state", state, timeout=SLOW)


@pytest.fixture
def cells(enter: Enter) -> Cells:
    """The cells as the page brings them."""
    cells = Cells(enter(GUIDE))
    cells.second.element.scroll_into_view_if_needed()
    expect(cells.second.run).to_be_attached()
    return cells


@pytest.mark.also_in("firefox", "webkit")
def test_a_cell_shows_what_was_recorded_and_then_what_the_reader_ran_with_those_above_it_first(cells: Cells) -> None:
    expect(cells.second.status).to_have_text(re.compile(r"2\.56\s+As it was when the page was built\."))
    expect(cells.second.stop).to_be_hidden()
    expect(cells.second.back).to_be_hidden()

    cells.second.run.click()
    cells.second.reaches("finished")
    cells.first.reaches("finished")
    expect(cells.first.status).to_have_text("Done; it prints nothing.")
    expect(cells.second.status).to_have_text("2.56\n")
    cells.second.run.click()  # its names are still there, and those above do not run again
    expect(cells.second.status).to_have_text("2.05\n")


@pytest.mark.fault("a mistake in an edited cell", "says line and reason")
def test_an_edited_cell_runs_as_written_and_its_mistake_is_told_by_line(cells: Cells) -> None:
    cells.second.edit.click()
    expect(cells.second.code).to_be_focused()
    expect(cells.second.code).to_have_value('weight -= learning_rate * 2 * weight\nprint(f"{weight:.2f}")')
    cells.second.write("print('so far')\nwieght + 1")
    cells.page.keyboard.press("Control+Enter")
    cells.second.reaches("failed")
    expect(cells.second.status).to_contain_text("so far")
    expect(cells.second.status).to_contain_text(
        "Line 2. NameError: name 'wieght' is not defined. Did you mean: 'weight'?"
    )
    expect(cells.second.element.locator(".gd-bad-line")).to_have_text("wieght + 1")

    cells.second.write("[weight, learning_rate]")
    cells.second.run.click()
    expect(cells.second.status).to_have_text("[3.2, 0.1]\n")
    cells.second.back.click()
    expect(cells.second.code).to_have_count(0)
    expect(cells.second.edit).to_be_focused()
    expect(cells.second.element.locator(".highlight")).to_be_visible()


@pytest.mark.fault("a cell below one that fails", "is not run, and says which cell failed")
def test_a_cell_below_one_that_fails_does_not_run(cells: Cells) -> None:
    cells.first.edit.click()
    cells.first.write("1 / 0")
    cells.second.run.click()
    cells.second.reaches("failed")
    expect(cells.first.status).to_have_text("Line 1. ZeroDivisionError: division by zero")
    expect(cells.second.status).to_contain_text("Not run, because “One update by hand” above it fails.")


@pytest.mark.fault(
    "a cell that prints for ever", "is stopped by its button; Python starts afresh and the cells above run again"
)
def test_stop_ends_a_loop_that_prints_for_ever_and_the_cells_above_run_again(cells: Cells) -> None:
    cells.second.edit.click()
    cells.second.write("n = 0\nwhile True:\n    n += 1\n    print('on and on')")
    cells.second.run.click()
    cells.second.reaches("running")
    cells.second.stop.click()
    expect(cells.second.status).to_contain_text("Stopped. Python starts afresh; your code is kept.", timeout=1000)
    expect(cells.second.run).to_be_focused()
    expect(cells.second.stop).to_be_hidden()

    cells.second.write("weight")
    cells.second.run.click()
    cells.second.reaches("finished")
    expect(cells.second.status).to_have_text("3.2\n")


@pytest.mark.fault(
    "a cell that prints a hundred thousand lines", "shows the first 10,000 characters and says that there were more"
)
def test_long_output_is_cut_and_says_so(cells: Cells) -> None:
    cells.second.edit.click()
    cells.second.write("for number in range(100_000):\n    print(number)")
    cells.second.run.click()
    cells.second.reaches("finished")
    expect(cells.second.status).to_contain_text("only the first 10,000 characters are kept")
    assert len(cells.second.status.text_content() or "") < 10_200


def test_what_is_written_in_a_cell_is_kept_and_shown_on_the_next_visit(cells: Cells) -> None:
    cells.second.edit.click()
    cells.second.write("print('mine')")
    page = cells.page
    page.get_by_role("link", name="All modules").first.click()
    expect(page.locator("gd-cell")).to_have_count(0)
    press_in_menu(page.get_by_role("link", name="For authors", include_hidden=True))
    cells.second.element.scroll_into_view_if_needed()
    expect(cells.second.code).to_have_value("print('mine')")
    cells.second.back.click()
    assert page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('gd-code:'))") == []


def test_without_javascript_code_and_output_stand_in_the_page(open_page: OpenPage, site: str) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(site + GUIDE)
    second = page.locator("gd-cell").nth(1)
    expect(second).to_contain_text("weight -= learning_rate * 2 * weight")
    expect(second.locator(".gd-cell-output")).to_have_text("2.56\n")


@pytest.mark.fault("a page is left before Python is there to run its cell", "the cell never runs")
def test_a_cell_of_a_page_that_was_left_before_python_came_never_runs(page: Page, site: str) -> None:
    held = Held(page, "**/manifest.json")
    page.goto(site + GUIDE)
    cells = Cells(page)
    cells.first.element.scroll_into_view_if_needed()
    cells.first.edit.click()
    cells.first.write("while True:\n    pass")
    cells.first.run.click()
    expect(cells.first.stop).to_be_visible()
    press_in_menu(page.locator(f"a[href*='{LESSON}']"))
    expect(page).to_have_title(re.compile("Module 4"))
    held.let_go()

    lab = Lab(page)
    scroll_to(lab.element)
    lab.reaches("ready")
    lab.press("Step")
    lab.reaches("paused")
