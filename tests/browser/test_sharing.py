"""Share and keep: an address that reproduces a run, files of it, code for a notebook."""

import contextlib
import io
import json
import struct
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from packaging.utils import parse_wheel_filename
from playwright.sync_api import Page, expect

from gd_core.settings import SETTINGS
from tests.browser.conftest import OpenPage
from tests.browser.lab import LESSON, Lab, download, retype

OTHER = {
    "lab": "lab-1",
    "dataset": "xor",
    "points": "60",
    "noise": "0.2",
    "data_seed": "7",
    "hidden_layers": "4-4",
    "activation": "relu",
    "loss": "mean_squared_error",
    "optimizer": "momentum",
    "learning_rate": "0.03",
    "schedule": "cosine",
    "batch_size": "20",
    "epochs": "30",
    "seed": "5",
}


def linked(site: str, **changes: str) -> str:
    return f"{site}{LESSON}?{urlencode(OTHER | changes)}#lab-1"


def test_a_copied_link_reproduces_the_run_to_the_last_digit(open_page: OpenPage, site: str) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    lab = Lab.ready(page, site)
    lab.choose("Speed", "fastest")
    lab.choose("Data", "circle")
    lab.press("New weights")
    lab.press("New data")
    lab.type_rate("0.037")
    retype(lab.epochs, "40")
    lab.epochs.press("Enter")
    lab.trains_to_the_end()
    first = lab.csv()
    lab.press("Copy link")
    expect(lab.element.get_by_text("Whoever opens it gets this very run.")).to_be_visible()
    link = page.evaluate("() => navigator.clipboard.readText()")
    assert link == page.url
    assert set(parse_qs(urlsplit(link).query, keep_blank_values=True)) == {"lab", *SETTINGS}

    other = open_page()
    other.goto(link)
    again = Lab(other)
    again.reaches("ready")
    expect(again.rate).to_have_value("0.037")
    again.choose("Speed", "fastest")
    again.trains_to_the_end()

    assert again.csv() == first


def test_what_a_link_and_code_for_a_notebook_do_not_hold_is_said(lab: Lab) -> None:
    retype(lab.epochs, "5")
    lab.epochs.press("Enter")
    lab.trains_to_the_end()
    lab.press("Copy link")
    expect(lab.element.get_by_text("Whoever opens it gets this very run.")).to_be_visible()

    lab.trains_to_the_end()
    expect(lab.status).to_contain_text("Epoch 10 of 10")
    for button in ("Copy link", "Copy notebook code"):
        lab.press(button)
        said = lab.element.locator(".gd-handed")
        expect(said).to_contain_text("link" if button == "Copy link" else "code")
        expect(said).to_contain_text("what was done on the way is lost.")
        expect(said).not_to_contain_text("this very run")


def test_a_link_sets_every_setting_and_runs_nothing(page: Page, site: str) -> None:
    page.goto(linked(site))
    lab = Lab(page)
    lab.reaches("ready")

    expect(lab.status).to_contain_text("Epoch 0 of 30")
    expect(lab.status).to_contain_text("press Train to see its run")
    (run,) = json.loads(download(lab.button("Download JSON")))
    told = {
        name: "-".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in run["settings"].items()
    }
    assert told == {name: value for name, value in OTHER.items() if name != "lab"}


@pytest.mark.fault(
    "a shared link with a value that is not allowed",
    "says what was wrong, what is allowed and what came; the link's other settings act",
)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", "1e9"),
        ("learning_rate", "NaN"),
        ("learning_rate", ""),
        ("epochs", "2.5"),
        ("epochs", "-1"),
        ("hidden_layers", "8-x"),
        ("hidden_layers", "8-8-8-8-8-8-8-8-8-8-8-8"),
        ("dataset", "<img src=x onerror=alert(1)>"),
        ("seed", "0x10"),
    ],
)
def test_a_link_with_a_mistake_says_which_and_keeps_the_rest(page: Page, site: str, name: str, value: str) -> None:
    page.goto(linked(site, **{name: value}))
    lab = Lab(page)

    expect(lab.element.get_by_role("alert")).to_contain_text(
        f"The link's {name} must be {SETTINGS[name].allowed}, got “{value}”."
    )
    if name != "learning_rate":
        expect(lab.rate).to_have_value("0.03")
    else:
        expect(lab.rate).to_have_value("0.1")


@pytest.mark.fault("a shared link with an unknown setting", "names it and goes on")
def test_an_unknown_setting_in_a_link_is_named(page: Page, site: str) -> None:
    page.goto(linked(site, learning_rte="1"))

    expect(Lab(page).element.get_by_role("alert")).to_contain_text("The link sets “learning_rte”, which is no setting.")


@pytest.mark.fault("a shared link to a lab that the page does not have", "changes nothing")
def test_a_link_for_another_lab_changes_nothing(page: Page, site: str) -> None:
    page.goto(linked(site, lab="lab-7"))

    expect(Lab(page).rate).to_have_value("0.1")


def test_the_json_holds_every_run_in_the_picture(lab: Lab) -> None:
    lab.choose("Speed", "fastest")
    lab.press("Blow it up")
    lab.trains_to_the_end()
    lab.press("Reset")
    lab.type_rate("0.1")
    lab.trains_to_the_end()

    broken, fine = json.loads(download(lab.button("Download JSON")))

    assert (broken["verdict"]["name"], fine["verdict"]["name"]) == ("diverged", "converged")
    rows = [line.split(",") for line in lab.csv().splitlines()[1:]]
    assert fine["losses"][1:] == [float(loss) for _, loss, _ in rows]
    assert fine["accuracies"][1:] == [float(accuracy) for _, _, accuracy in rows]


def test_the_json_says_what_a_run_was_set_to_before_it_began(lab: Lab) -> None:
    lab.choose("Speed", "fastest")
    lab.type_rate("0.5")
    retype(lab.epochs, "20")
    lab.epochs.press("Enter")
    lab.trains_to_the_end()

    (run,) = json.loads(download(lab.button("Download JSON")))

    assert (run["settings"]["learning_rate"], run["settings"]["epochs"]) == (0.5, 20)
    assert run["rates"] == [{"epoch": 0, "rate": 0.5}]
    assert len(run["losses"]) == 1 + 20


def test_the_picture_is_a_png_of_both_canvases(lab: Lab) -> None:
    lab.trains_to_the_end()
    data = download(lab.button("Download picture"))

    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, _ = struct.unpack(">II", data[16:24])
    drawn = lab.page.evaluate("() => [...document.querySelectorAll('gd-lab canvas')].slice(0, 2).map((c) => c.width)")
    assert width > sum(drawn)


def test_the_notebook_code_installs_the_sites_wheel_and_trains_the_same_run(open_page: OpenPage, site: str) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    lab = Lab.ready(page, site)
    lab.choose("Speed", "fastest")
    retype(lab.epochs, "5")
    lab.epochs.press("Enter")
    lab.trains_to_the_end()
    lab.press("Copy notebook code")
    expect(lab.element.get_by_text("The code is copied")).to_be_visible()
    install, code = page.evaluate("() => navigator.clipboard.readText()").split("\n", 1)

    address = install.removeprefix("%pip install ")
    assert address.startswith(site)
    assert page.request.get(address).body().startswith(b"PK")
    tags = parse_wheel_filename(address.rpartition("/")[2])[3]
    assert {str(tag) for tag in tags} == {"py3-none-any"}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "notebook", "exec"), {})  # noqa: S102 - the code is ours
    native = [[float(part) for part in line.split()] for line in printed.getvalue().splitlines()[:-1]]
    in_page = [[float(part) for part in line.split(",")] for line in lab.csv().splitlines()[1:]]
    assert [value for row in native for value in row] == pytest.approx(
        [value for row in in_page for value in row], rel=1e-9
    )


@pytest.mark.fault("the clipboard is forbidden", "downloads the code instead")
def test_where_a_page_may_not_copy_the_code_is_downloaded(open_page: OpenPage, site: str) -> None:
    page = open_page()
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    lab = Lab.ready(page, site)

    assert b"from gd_core import" in download(lab.button("Copy notebook code"))


def test_new_weights_and_data_after_the_last_seed_are_those_of_the_first(page: Page, site: str) -> None:
    last = int(SETTINGS["seed"].highest)
    page.goto(f"{site}{LESSON}?lab=lab-1&seed={last}&data_seed={last}#lab-1")
    lab = Lab(page)
    lab.reaches("ready")
    lab.press("New weights")
    lab.press("New data")
    lab.press("Step")
    lab.reaches("paused")
    lab.press("Copy link")
    given = parse_qs(urlsplit(page.url).query)
    assert (given["seed"], given["data_seed"]) == (["0"], ["0"])


def test_a_run_saved_before_python_is_there_is_the_one_that_python_makes(page: Page, site: str) -> None:
    lab = Lab.visit(page, site)
    (run,) = json.loads(download(lab.button("Download JSON")))
    assert run["settings"]["learning_rate"] == 0.1
    assert len(run["losses"]) == 1, "that of the first weights"


def test_a_network_that_the_menu_does_not_have_is_named_in_it(page: Page, site: str) -> None:
    page.goto(f"{site}{LESSON}?lab=lab-1&hidden_layers=5-3#lab-1")
    lab = Lab(page)
    lab.reaches("ready")
    network = lab.element.get_by_role("combobox", name="Network", exact=True)
    assert network.evaluate("menu => menu.selectedOptions[0].textContent") == "2-5-3-1"
    network.select_option("2-4-1")
    expect(lab.element.locator(".gd-legend")).to_contain_text("rate 0.1")
    network.select_option("2-5-3-1")
    lab.press("Copy link")
    assert parse_qs(urlsplit(page.url).query)["hidden_layers"] == ["5-3"]
