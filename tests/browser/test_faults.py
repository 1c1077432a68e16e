"""What may become of the files of Python and of the page on their way: each fault ends in a sentence and a way on.

Each kind of fault befalls every file in turn, in one page: Retry leads from one failed start to the next, and in the
end to Python. Without a file of the image of Python's memory Python starts plainly; that it does so is seen by taking a
file of the plain start away as well.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from scripts.local_server import serve
from tests.browser.conftest import OpenPage, Watch
from tests.browser.faulty_server import Faults, FaultyHandler
from tests.browser.lab import GUIDE, LESSON, MODULE_3, MODULE_5, Lab, count_by_ticks, download, hurry

MANIFEST = "manifest.json"
UNPACKER = "zstddec-stream.mjs"
STANDARD_LIBRARY = "python_stdlib.zip"

LABS = {
    "training.js": LESSON,
    "sweep.js": LESSON,
    "step.js": LESSON,
    "valley.js": LESSON,
    "missions.js": LESSON,
    "score.js": LESSON,
    "network.js": MODULE_3,
    "graph.js": MODULE_5,
    "gradients.js": MODULE_5,
    "vanishing.js": MODULE_5,
    "rule.js": GUIDE,
    "cell.js": GUIDE,
}
"""The modules that pages load late, and a page that asks for each."""


@pytest.fixture(scope="module")
def runtime_files(site_folder: Path) -> dict[str, str]:
    """The files that a start may read, by role; the manifest is one of them."""
    (manifest,) = site_folder.glob("assets/runtime/*/manifest.json")
    files = json.loads(manifest.read_text())["files"]
    return {MANIFEST: "manifest"} | {name: file["role"] for name, file in files.items() if file["role"] != "extra"}


@pytest.fixture
def faults() -> Iterator[Faults]:
    faults = Faults()
    yield faults
    faults.closing.set()


@pytest.fixture
def faulty_site(site_folder: Path, faults: Faults) -> Iterator[str]:
    handler = type("OneTestsHandler", (FaultyHandler,), {"faults": faults})
    with serve(site_folder, "/", handler) as address:
        yield address


@pytest.fixture
def page(faulty_site: str, open_page: OpenPage) -> Page:  # noqa: ARG001 - the server shall outlive the page
    """A page without a service worker, which would stand between it and the server."""
    return open_page(service_workers="block")


def fault_row(what: str, outcome: str) -> pytest.MarkDecorator:
    return pytest.mark.fault(f"any file of Python {what}", outcome)


LIKE_ANOTHER = {
    "empty": "altered",
    "truncated": "altered",
    "redirected to a sign-in page": "a sign-in page",
    "redirected to another host": "a sign-in page",
}
"""Faults told by the same check as another one, which befalls every file: these befall one file of each role."""


SAYS_SO = "says which file, and what happened; Retry starts Python; the settings stay"


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        pytest.param(
            "missing",
            "The file {} is missing: the server answered 404. If the site has been renewed",
            marks=fault_row("is missing", SAYS_SO),
        ),
        pytest.param("empty", "The file {} has arrived damaged", marks=fault_row("is empty", SAYS_SO)),
        pytest.param("truncated", "The file {} has arrived damaged", marks=fault_row("is cut short", SAYS_SO)),
        pytest.param("altered", "The file {} has arrived damaged", marks=fault_row("is altered by one bit", SAYS_SO)),
        pytest.param(
            "reset",
            "The connection broke while {} was downloaded.",
            marks=fault_row("is broken off by the network half-way", SAYS_SO),
        ),
        pytest.param(
            "a sign-in page",
            "A web page came instead of the file {}",
            marks=fault_row("is replaced by a network's sign-in page", SAYS_SO),
        ),
        pytest.param(
            "redirected to a sign-in page",
            "A web page came instead of the file {}",
            marks=fault_row("is redirected to a sign-in page", SAYS_SO),
        ),
        pytest.param(
            "redirected to another host",
            "A web page came instead of the file {}",
            marks=fault_row("is redirected to another host's sign-in page", SAYS_SO),
        ),
    ],
)
def test_whatever_becomes_of_a_file_of_python_is_said_and_retry_starts_it(
    page: Page,
    faulty_site: str,
    faults: Faults,
    runtime_files: dict[str, str],
    watch: Watch,
    fault: str,
    sentence: str,
) -> None:
    warnings: list[str] = []
    page.on("console", lambda message: warnings.append(message.text) if message.type == "warning" else None)
    lab: Lab | None = None
    one_of_each_role = {role: name for name, role in runtime_files.items()}
    for name, role in runtime_files.items():
        if fault in LIKE_ANOTHER and one_of_each_role[role] != name:
            continue
        said = sentence.format(name)
        faults.fast = name.endswith(".deflate")
        del warnings[:]
        if role == "snapshot":
            faults.of = {name: fault, STANDARD_LIBRARY: "missing"}
        elif role in ("core", "archive"):
            faults.of = {name: fault, UNPACKER: "missing"}
        else:
            faults.of = {name: fault}
        if lab is None:
            lab = Lab.visit(page, faulty_site)
            lab.type_rate("0.5")
        else:
            lab.press("Retry")
        lab.reaches("failed")
        expect(lab.status).to_contain_text(f"The file {STANDARD_LIBRARY} is missing" if role == "snapshot" else said)
        if role == "snapshot":
            assert any(warning.startswith(f"Python starts plainly: {said}") for warning in warnings), warnings

    assert lab is not None
    faults.of = {}
    lab.press("Retry")
    lab.reaches("ready")
    expect(lab.rate).to_have_value("0.5")
    watch.forgive("Failed to load resource")
    watch.forgive("portal.invalid")


@pytest.mark.fault(
    "any file of Python stalls half-way", "says that nothing has moved for 30 seconds; Retry starts Python"
)
def test_a_file_that_stalls_half_way_is_given_up_by_a_watchdog(
    page: Page, faulty_site: str, faults: Faults, runtime_files: dict[str, str]
) -> None:
    faults.patience = 1000
    lab: Lab | None = None
    for name, role in runtime_files.items():
        faults.of = {name: "stalled"}
        faults.fast = name.endswith(".deflate")
        if role in ("core", "archive"):
            faults.of[UNPACKER] = "empty"
        if lab is None:
            lab = Lab.visit(page, faulty_site)
        else:
            lab.press("Retry")
        lab.reaches("failed")
        expect(lab.status).to_contain_text("Nothing has moved for 1 seconds (")

    assert lab is not None
    faults.of, faults.patience = {}, None
    lab.press("Retry")
    lab.reaches("ready")


@pytest.mark.fault("a slow line", "waits as long as bytes arrive and says how many have come, then starts Python")
def test_a_slow_line_is_no_fault_as_long_as_bytes_arrive(
    page: Page, faulty_site: str, faults: Faults, runtime_files: dict[str, str]
) -> None:
    faults.patience = 3000  # every file takes five seconds
    faults.of = dict.fromkeys(runtime_files, "slow")
    lab = Lab.visit(page, faulty_site)
    lab.reaches("ready")


@pytest.mark.fault("files of Python arrive with the wrong content type", "starts Python all the same")
def test_the_type_that_a_server_gives_to_a_file_does_not_matter(
    page: Page, faulty_site: str, faults: Faults, runtime_files: dict[str, str]
) -> None:
    faults.of = dict.fromkeys(runtime_files, "of the wrong type")
    lab = Lab.visit(page, faulty_site)
    lab.reaches("ready")


@pytest.mark.fault("a script of Python's worker cannot be had, or arrives damaged", "says so; Retry starts Python")
def test_a_script_of_the_worker_that_cannot_be_had_is_said_and_retry_starts_python(
    page: Page, faulty_site: str, faults: Faults, watch: Watch, browser_name: str
) -> None:
    count_by_ticks(page)
    lab: Lab | None = None
    for name in ("worker.js", "python.js", "files.js", "snapshot.js"):
        for fault in ("missing", "truncated", "reset", "a sign-in page", "of the wrong type"):
            faults.of = {name: fault}
            if lab is None:
                lab = Lab.visit(page, faulty_site)
            else:
                lab.press("Retry")
            if browser_name == "firefox":
                hurry(page, 20)  # it does not always tell that an import has failed; then the minute's watchdog does
            lab.reaches("failed")
            expect(lab.status).to_contain_text("Something went wrong. Python's worker")

    assert lab is not None
    faults.of = {}
    hurry(page, 1)
    lab.press("Retry")
    lab.reaches("ready")
    watch.forgive("Failed to load")


@pytest.mark.fault(
    "the script of the page, or one that it loads at once, cannot be had or arrives damaged",
    "says so and offers to reload the page, which shows its recorded runs meanwhile",
)
def test_a_page_whose_script_cannot_be_had_says_so_and_reloading_helps(
    page: Page, faulty_site: str, faults: Faults, watch: Watch
) -> None:
    alert = page.get_by_role("alert").filter(has_text="Part of this page could not be loaded")
    for name in ("main.js", "quiz.js"):
        for fault in ("missing", "empty", "truncated", "reset", "a sign-in page", "of the wrong type"):
            if (name, fault) == ("quiz.js", "empty"):
                continue  # this is no fault of the page: all else works
            faults.of = {name: fault}
            page.goto(faulty_site + LESSON)
            expect(alert).to_be_visible()
            expect(page.locator("gd-lab .gd-recorded").first).to_be_attached()

    page.get_by_role("link", name="Module 3").first.click()  # the sentence stays, since what it says still holds
    expect(page.get_by_role("heading", level=1)).to_contain_text("Module 3")
    expect(alert).to_be_visible()

    faults.of = {}
    alert.get_by_role("button", name="Reload the page").click()
    expect(page.locator("gd-lab .gd-live").first).to_be_attached()
    expect(alert).to_be_hidden()
    page.close()
    watch.forgive("Failed to load")
    watch.forgive("uncaught: ")  # what half a script leads to


@pytest.mark.fault(
    "the script of a kind of lab cannot be had, or arrives damaged",
    "says so and offers to reload the page; the other labs and the quiz work; answers stay",
)
def test_a_lab_whose_script_cannot_be_had_leaves_the_rest_of_the_page_alone(
    page: Page, faulty_site: str, faults: Faults, watch: Watch
) -> None:
    alert = page.get_by_role("alert").filter(has_text="Part of this page could not be loaded")
    kinds = ("missing", "empty", "truncated", "reset", "a sign-in page", "of the wrong type")
    for index, (name, address) in enumerate(LABS.items()):
        faults.of = {name: kinds[index % len(kinds)]}
        page.goto(faulty_site + address)
        expect(alert).to_be_visible()

    faults.of = {"training.js": "missing"}
    page.goto(faulty_site + LESSON)
    expect(alert).to_be_visible()
    question = page.locator("gd-quiz fieldset").first
    question.get_by_role("radio").first.check()
    question.get_by_role("button", name="Check").click()
    expect(question.get_by_role("status")).not_to_be_empty()
    faults.of = {}
    alert.get_by_role("button", name="Reload the page").click()
    expect(alert).to_be_hidden()
    expect(page.locator("#lab-1 .gd-live")).to_be_attached()
    expect(question.get_by_role("radio").first).to_be_checked()
    page.close()
    watch.forgive("")  # what half a script leads to


@pytest.mark.fault(
    "code imports a module from an archive that cannot be had", "says which line and file; the next run imports it"
)
def test_a_late_import_that_cannot_be_had_is_told_by_line_and_works_the_next_time(
    page: Page, faulty_site: str, faults: Faults, watch: Watch
) -> None:
    page.goto(faulty_site + GUIDE)
    cell = page.locator("gd-cell").first
    cell.get_by_role("button", name="Edit").click()
    code = cell.get_by_role("textbox")
    code.fill("import statistics\nprint(statistics.mean([1, 2, 6]))")
    faults.of = {STANDARD_LIBRARY: "missing"}
    run = cell.get_by_role("button", name="Run", exact=True)
    run.click()
    status = cell.get_by_role("status")
    expect(status).to_contain_text("Line 1. ImportError: statistics cannot be imported: the file python_stdlib.zip")
    faults.of = {STANDARD_LIBRARY: "altered"}
    run.click()
    expect(status).to_contain_text("the file python_stdlib.zip has arrived damaged")
    faults.of = {}
    run.click()
    expect(status).to_have_text("3\n")
    watch.forgive("Failed to load resource")


@pytest.mark.fault(
    "a slow line, and a rule of the reader's own that imports a module",
    "waits for the file instead of stopping the rule",
)
def test_a_late_import_over_a_slow_line_is_not_taken_for_a_loop_without_an_end(
    page: Page, faulty_site: str, faults: Faults
) -> None:
    faults.of = {STANDARD_LIBRARY: "late"}  # by more than the two seconds that a rule may take
    page.goto(faulty_site + GUIDE)
    lab = Lab(page)
    lab.element = page.locator("gd-lab[data-kind=rule]")
    lab.element.scroll_into_view_if_needed()
    lab.reaches("ready")
    lab.element.get_by_role("textbox", name="Your update rule, in Python").fill(
        "def update(params, gradient, state, learning_rate):\n"
        "    import statistics\n"
        "    params -= learning_rate * gradient * statistics.mean([1, 1])\n"
    )
    lab.press("Run my rule")
    lab.reaches("finished")
    expect(lab.element.get_by_role("status")).to_contain_text("Epoch 100 of 100")


@pytest.mark.fault("the list of files is missing when code for a notebook is wanted", "says so; the next press works")
def test_code_for_a_notebook_that_cannot_be_made_is_said(
    page: Page, faulty_site: str, faults: Faults, watch: Watch
) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    lab = Lab.ready(page, faulty_site)
    faults.of = {MANIFEST: "missing"}
    lab.press("Copy notebook code")
    expect(lab.element.get_by_text("The code cannot be had without the network")).to_be_visible()
    faults.of = {}
    assert b"gd_core" in download(lab.button("Copy notebook code"))
    watch.forgive("Failed to load resource")


@pytest.mark.fault(
    "the browser keeps a damaged copy of any file of Python", "reads the file once more, past that copy, and starts"
)
def test_a_damaged_answer_that_the_browser_keeps_is_read_once_more(
    page: Page, faulty_site: str, faults: Faults, runtime_files: dict[str, str]
) -> None:
    faults.of = dict.fromkeys(runtime_files, "altered once")
    lab = Lab.visit(page, faulty_site)
    lab.reaches("ready")
    unread = {name for name, role in runtime_files.items() if role in ("core", "archive")}
    assert set(faults.of) == unread | {name for name in runtime_files if name.endswith(".deflate")}
