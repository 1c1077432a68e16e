"""What a reader does with the training lab, told in a real browser with the real Python."""

import csv
import io
import json
import math
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from gd_core import keras_twin
from gd_core.settings import parse
from scripts.bench.start import WAIT_UNTIL_KEPT
from scripts.bundle import run_in_bundle
from tests.browser.conftest import OpenPage, Watch
from tests.browser.lab import (
    LESSON,
    Lab,
    count_by_ticks,
    count_pythons,
    download,
    hurry,
    kill_python,
    needs,
    over_line,
    retype,
)

VERDICTS = ("crawling", "learning", "converged", "oscillating", "stuck", "diverged", "too early to tell")
RECORD = Path(__file__).resolve().parents[2] / "scripts" / "record_in_bundle.py"


def rows(text: str) -> list[tuple[int, float, float]]:
    header, *lines = csv.reader(io.StringIO(text))
    assert header == ["epoch", "loss", "accuracy"]
    return [(int(epoch), float(loss), float(accuracy)) for epoch, loss, accuracy in lines]


def test_the_default_run_trains_to_its_end_and_is_the_run_of_the_bundle_and_of_the_command_line(lab: Lab) -> None:
    expect(lab.status).to_contain_text("Epoch 0 of 200")
    lab.page.evaluate("() => { window.startedAt = performance.now(); }")
    lab.train.click()
    expect(lab.pause).to_be_visible()
    lab.reaches("finished")
    seconds = lab.page.evaluate("() => performance.now() - window.startedAt") / 1000
    expect(lab.train).to_be_visible()
    assert seconds > 3.0, "200 epochs are to be watched"
    expect(lab.status).to_contain_text(re.compile(r"Epoch 200 of 200.*Loss 0\.\d+.*Accuracy \d+\.\d %"))
    expect(lab.status).to_contain_text("Verdict: converged.")
    expect(lab.status).to_contain_text("Stopped after epoch 200")

    downloaded = lab.csv()
    settings = json.loads(lab.element.get_attribute("data-settings") or "")
    recorded: Any = run_in_bundle(RECORD, [settings])
    assert downloaded == recorded[0]["csv"]

    native = subprocess.run([sys.executable, "-m", "gd_core"], capture_output=True, text=True, check=True).stdout
    for here, there in zip(rows(downloaded), rows(native), strict=True):
        assert here[0] == there[0]
        assert math.isclose(here[1], there[1], rel_tol=1e-9)
        assert here[2] == there[2]


@pytest.mark.fault("a learning rate at which the run blows up", "draws it, says that it diverged, why, and a way out")
def test_a_rate_of_100_breaks_the_run_and_the_page_says_so(lab: Lab) -> None:
    lab.type_rate("100")
    lab.trains_to_the_end()
    expect(lab.status).to_contain_text("Verdict: diverged.")
    expect(lab.status).to_contain_text("because the loss ran away")
    expect(lab.status).to_contain_text("Press Reset and divide the learning rate by ten.")
    expect(lab.status).to_have_attribute("aria-live", "polite")
    losses = [loss for _, loss, _ in rows(lab.csv())]
    assert len(losses) == lab.epoch() < 200
    assert losses[-1] > math.log(2)
    lab.element.get_by_text("The curve as a table").click()
    expect(lab.element.get_by_role("row")).to_have_count(1 + 1 + len(losses))  # header, before training, epochs

    lab.type_rate("0.1")
    lab.train.click()
    lab.reaches_epoch(len(losses) + 1)
    assert lab.runs()[0].startswith("this run: rate 100 → 0.1")


def test_the_dial_acts_on_the_run_under_way(lab: Lab) -> None:
    lab.train.click()
    lab.reaches_epoch(20)
    lab.dial.press("PageUp")
    expect(lab.rate).to_have_value("1")
    lab.reaches("finished")
    assert lab.runs() == ["this run: rate 0.1 → 1 converged"]
    before, after = rows(lab.csv())[10][1], rows(lab.csv())[-1][1]
    assert after < before / 10


def test_pause_step_and_reset_and_the_run_before_stays_as_a_ghost(lab: Lab) -> None:
    lab.train.click()
    expect(lab.status).to_have_attribute("aria-live", "off")
    lab.reaches_epoch(5)
    lab.pause.click()
    lab.reaches("paused")
    expect(lab.status).to_have_attribute("aria-live", "polite")
    done = lab.epoch()
    lab.press("Step")
    lab.reaches_epoch(done + 1)
    lab.reaches("paused")
    first = rows(lab.csv())
    assert len(first) == done + 1

    lab.press("Reset")
    lab.reaches("ready")
    assert lab.epoch() == 0
    assert lab.csv() == "epoch,loss,accuracy\n"
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()
    assert rows(lab.csv())[: len(first)] == first
    assert [run.split(" converged")[0] for run in lab.runs()] == ["this run: rate 0.1", "rate 0.1"]

    lab.train.click()
    expect(lab.status).to_contain_text("Epoch 400 of 400")
    lab.press("Clear runs")
    expect(lab.legend).to_have_count(1)


def test_pause_answers_within_a_tenth_of_a_second_at_full_speed(lab: Lab) -> None:
    lab.choose("Speed", "fastest")
    retype(lab.epochs, "10000")
    lab.epochs.press("Enter")
    lab.train.click()
    lab.reaches_epoch(50)
    milliseconds = lab.page.evaluate(
        """() => new Promise((resolve) => {
          const status = document.querySelector("gd-lab [role=status]");
          const epoch = () => /Epoch (\\d+)/.exec(status.textContent)[1];
          const pressed = performance.now();
          let last = epoch();
          let changed = pressed;
          [...document.querySelectorAll("gd-lab button")].find((b) => b.textContent === "Pause").click();
          const look = (now) => {
            if (epoch() !== last) [last, changed] = [epoch(), performance.now()];
            if (now - pressed > 600) resolve(changed - pressed);
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        })"""
    )
    lab.reaches("paused")
    assert milliseconds < 100


def test_a_dial_turned_after_the_last_epoch_is_none_of_the_runs_rates_until_it_trains_on(lab: Lab) -> None:
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()
    lab.type_rate("1")
    assert lab.runs() == ["this run: rate 0.1 converged"]

    lab.press("Step")
    expect(lab.legend.first).to_contain_text("this run: rate 0.1 → 1")


def test_nothing_blocks_the_page_while_it_trains_and_draws_at_full_speed(lab: Lab) -> None:
    lab.choose("Speed", "fastest")
    retype(lab.epochs, "10000")
    lab.epochs.press("Enter")
    lab.train.click()
    lab.reaches_epoch(100)
    seen = []
    # A core that is taken away for a moment stretches whatever task it held; a lab that blocks does so every time.
    for _ in range(10):
        seen.append(
            lab.page.evaluate(
                """() => new Promise((resolve) => {
                  const long = [];
                  const observer = new PerformanceObserver((list) => {
                    for (const task of list.getEntries()) long.push(task.duration);
                  });
                  observer.observe({ type: "longtask" });
                  let frames = 0;
                  const look = () => (++frames < 60 ? requestAnimationFrame(look) : resolve(long));
                  requestAnimationFrame(look);
                })"""
            )
        )
        if not seen[-1]:
            break
    assert seen[-1] == [], f"tasks over 50 ms in every one of ten stretches of 60 frames: {seen}"


def test_at_full_speed_the_surface_keeps_up_with_the_curve(lab: Lab) -> None:
    lab.choose("Speed", "fastest")
    retype(lab.epochs, "10000")
    lab.epochs.press("Enter")
    lab.type_rate("3")
    lab.train.click()
    lab.reaches_epoch(20)
    picture = "document.querySelector('gd-lab canvas').toDataURL()"
    for _ in range(3):
        lab.page.evaluate(f"() => {{ window.before = {picture}; }}")
        lab.page.wait_for_function(f"() => window.before !== {picture}")
        lab.reaches("training")


def test_the_dial_by_keyboard_stops_at_round_numbers_and_reaches_both_ends(lab: Lab) -> None:
    lab.dial.focus()
    for key, text in {
        "ArrowRight": "0.12",
        "ArrowUp": "0.15",
        "ArrowLeft": "0.12",
        "PageDown": "0.012",
        "PageUp": "0.12",
        "Home": "0.0001",
        "ArrowDown": "0.0001",
        "End": "100",
    }.items():
        lab.dial.press(key)
        expect(lab.dial).to_have_attribute("aria-valuetext", text)
        expect(lab.rate).to_have_value(text)
        expect(lab.page.locator("[data-gd-rate]").first).to_have_text(str(float(text)))
    lab.type_rate("0.033")
    expect(lab.dial).to_have_attribute("aria-valuetext", "0.033")
    lab.dial.press("ArrowRight")
    expect(lab.rate).to_have_value("0.04")


def test_presets_set_the_dial(lab: Lab) -> None:
    for name, rate in {"Too small": "0.0001", "Blow it up": "100", "Just right": "0.1"}.items():
        lab.press(name)
        expect(lab.rate).to_have_value(rate)
        expect(lab.dial).to_have_attribute("aria-valuetext", rate)
    lab.press("Blow it up")
    lab.trains_to_the_end()
    expect(lab.status).to_contain_text("Verdict: diverged.")


def test_the_keras_listing_follows_the_lab_and_the_script_can_be_downloaded(lab: Lab) -> None:
    short = lab.page.locator("[data-gd-form=listing] code")
    lab.type_rate("3")
    lab.choose("Network", "2-4-1")
    expect(short).to_contain_text('keras.layers.Dense(4, activation="tanh")')
    lab.dial.press("PageUp")
    settings = parse({"learning_rate": 30.0, "hidden_layers": [4]})
    expect(lab.page.locator("[data-gd-rate]").first).to_have_text("30.0")
    assert short.text_content() == keras_twin.listing(settings)

    lab.page.get_by_text("The whole run as one script").click()
    script = download(lab.page.get_by_role("button", name="Download the script"))
    assert script.decode() == keras_twin.script(settings)


def test_the_keras_listing_follows_the_first_lab_and_no_other(lab: Lab) -> None:
    short = lab.page.locator("[data-gd-form=listing] code")
    comparison = lab.page.locator("#compare-1")
    comparison.scroll_into_view_if_needed()
    comparison.get_by_role("button", name="Adam", exact=True).click()
    expect(comparison).to_have_attribute("data-state", "finished")
    assert short.text_content() == keras_twin.listing(parse({}))

    lab.type_rate("0.5")
    expect(lab.page.locator("[data-gd-rate]").first).to_have_text("0.5")
    assert short.text_content() == keras_twin.listing(parse({"learning_rate": 0.5}))


def test_a_comparisons_run_begins_anew_when_its_button_is_pressed_again(lab: Lab) -> None:
    comparison = lab.page.locator("#compare-1")
    comparison.scroll_into_view_if_needed()
    comparison.get_by_role("combobox", name="Speed", exact=True).select_option("fastest")
    momentum = comparison.get_by_role("button", name="Momentum", exact=True)
    for count in (1, 2):
        momentum.click()
        expect(comparison.get_by_role("listitem").filter(has_text="momentum")).to_have_count(count)
        expect(comparison).to_have_attribute("data-state", "finished")

    first, again = json.loads(download(comparison.get_by_role("button", name="Download JSON")))

    assert first["settings"]["optimizer"] == "momentum"
    assert first == again


def test_the_box_takes_any_rate_of_the_dials_range(lab: Lab) -> None:
    for text, rate in {"0.3": "0.3", "1e-2": "0.01", " .5 ": "0.5", "100": "100", "0.0001": "0.0001"}.items():
        lab.type_rate(text)
        expect(lab.rate).to_have_value(rate)
        expect(lab.dial).to_have_attribute("aria-valuetext", rate)
        expect(lab.rate).not_to_have_attribute("aria-invalid", "true")


@pytest.mark.fault("a learning rate that is not allowed", "says what is allowed beside the box; the old rate stays")
def test_a_bad_rate_is_named_beside_the_box_and_the_old_one_stays(lab: Lab) -> None:
    for text in ("abc", "", "-1", "0", "1000", "NaN", "Infinity", "0x10", "1,500", "<b>1</b>", "٣"):
        lab.type_rate(text)
        came = f"“{text}”" if text else "nothing"
        sentence = f"The learning rate must be a number from 0.0001 to 100, got {came}. It stays 0.1."
        expect(lab.rate).to_have_attribute("aria-invalid", "true")
        expect(lab.rate).to_have_accessible_description(sentence)
        expect(lab.rate).to_have_value(text)
        expect(lab.dial).to_have_attribute("aria-valuetext", "0.1")
        lab.rate.press("Escape")
        expect(lab.rate).to_have_value("0.1")
        expect(lab.element.get_by_text(sentence)).to_have_count(0)


@pytest.mark.fault("a number of epochs that is not allowed", "says what is allowed beside the box")
def test_a_bad_number_of_epochs_is_named_beside_the_box(lab: Lab) -> None:
    for text in ("0", "10001", "2.5", "-5", ""):
        retype(lab.epochs, text)
        lab.epochs.press("Enter")
        came = f"“{text}”" if text else "nothing"
        expect(lab.epochs).to_have_accessible_description(
            f"Epochs must be a whole number from 1 to 10,000, got {came}. It stays 200."
        )
        expect(lab.status).to_contain_text("Epoch 0 of 200")
        lab.epochs.press("Escape")


def test_fewer_and_more_epochs(lab: Lab) -> None:
    lab.choose("Speed", "fastest")
    retype(lab.epochs, "7")
    lab.epochs.press("Enter")
    expect(lab.status).to_contain_text("Epoch 0 of 7")
    lab.trains_to_the_end()
    expect(lab.status).to_contain_text("Epoch 7 of 7")
    retype(lab.epochs, "30")
    lab.epochs.press("Enter")
    lab.reaches("paused")
    lab.trains_to_the_end()
    expect(lab.status).to_contain_text("Epoch 30 of 30")


def test_slow_speed_follows_single_updates(lab: Lab) -> None:
    lab.choose("Speed", "slow")
    lab.train.click()
    expect(lab.status).to_contain_text(re.compile(r"Update [1-7] of 8: loss of this batch 0\.\d+"))
    lab.reaches_epoch(1)
    lab.choose("Speed", "fastest")
    lab.reaches("finished")


def test_other_data_networks_and_weights_begin_new_runs_whose_names_say_what_differs(lab: Lab) -> None:
    lab.choose("Speed", "fastest")
    retype(lab.epochs, "3")
    lab.epochs.press("Enter")
    lab.trains_to_the_end()
    changes: list[Callable[[], None]] = [
        lambda: lab.choose("Data", "circle"),
        lambda: lab.choose("Network", "[4]"),
        lambda: lab.press("New weights"),
        lambda: lab.press("New data"),
    ]
    for change in changes:
        change()
        lab.reaches("ready")
        lab.trains_to_the_end()
    names = [re.sub(r" (crawling|learning|stuck|oscillating|too early to tell)$", "", run) for run in lab.runs()]
    settings = json.loads(lab.element.get_attribute("data-settings") or "")
    data, weights = f"data {settings['data_seed']}", f"weights {settings['seed']}"
    assert names == [
        "this run: rate 0.1",
        f"rate 0.1, {data}",
        f"rate 0.1, {data}, {weights}",
        f"rate 0.1, 2-8-8-1, {data}, {weights}",
        f"rate 0.1, Two moons, 2-8-8-1, {data}, {weights}",
    ]
    lab.press("Reset")
    lab.reaches("ready")
    for _ in range(6):
        lab.trains_to_the_end()
        lab.press("Reset")
        lab.reaches("ready")
    expect(lab.legend).to_have_count(9)
    expect(lab.element).to_contain_text("The last 8 runs stay here until you clear them.")


def test_the_curve_is_read_by_pointer_and_by_keyboard_and_as_a_table(lab: Lab) -> None:
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()
    losses = {epoch: loss for epoch, loss, _ in rows(lab.csv())}
    lab.reader.focus()
    lab.reader.press("Home")
    expect(lab.reader).to_have_attribute("aria-valuetext", re.compile(r"^before training: loss 0\.\d+$"))
    for key, epoch in {"ArrowRight": 1, "PageUp": 11, "ArrowLeft": 10, "End": 200}.items():
        lab.reader.press(key)
        expect(lab.reader).to_have_attribute("aria-valuenow", str(epoch))
        spoken = lab.reader.get_attribute("aria-valuetext") or ""
        assert spoken.startswith(f"epoch {epoch}: loss ")
        assert math.isclose(float(spoken.split()[-1]), losses[epoch], rel_tol=0.01)
        assert "loss" in lab.runs()[0]
    lab.reader.press("Escape")
    expect(lab.reader).to_have_attribute("aria-valuetext", "200 epochs; arrow keys read them")
    lab.reader.hover()
    expect(lab.reader).to_have_attribute("aria-valuetext", re.compile(r"^epoch \d+: loss 0\.\d+$"))

    lab.element.get_by_text("The curve as a table").click()
    epochs = [0, 1, *range(10, 201, 10)]
    expect(lab.element.get_by_role("row")).to_have_count(1 + len(epochs))
    table = [row.split() for row in lab.element.get_by_role("row").all_inner_texts()[1:]]
    assert [int(row[0]) for row in table] == epochs
    assert float(table[0][1]) > losses[1]
    for row in table[1:]:
        assert math.isclose(float(row[1]), losses[int(row[0])], rel_tol=0.01)
    expect(lab.element).to_contain_text(
        re.compile(r"In epoch 200 the network put [\d.]+ % of the 256 points on the right side of its boundary\.")
    )


def test_the_lab_by_keyboard_alone(lab: Lab) -> None:
    lab.train.focus()
    for keys in ("Shift+Tab", "Tab"):  # where a script leads after a mouse, Firefox does not show the focus
        lab.page.keyboard.press(keys)
    wanted = [
        *("Train", "Step", "Reset", "Speed", "Epochs", "Learning rate value", "Learning rate"),
        *("Too small", "Just right", "Blow it up", "fall", "Loss axis", "Epoch to read from the curve"),
        *("Data", "Network", "New data", "New weights", "Clear runs"),
        *("Copy link", "Download CSV", "Download JSON", "Download picture", "Copy notebook code"),
        "The curve as a table",
    ]
    names = []
    for _ in wanted:
        names.append(
            lab.page.evaluate(
                """() => document.activeElement.getAttribute("aria-label")
                   ?? document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent"""
            )
        )
        outline = lab.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", names[-1]
        lab.page.keyboard.press("Tab")
    assert names == wanted
    lab.train.focus()
    lab.page.keyboard.press("Enter")
    lab.reaches_epoch(1)
    lab.page.keyboard.press("Space")
    lab.reaches("paused")


def test_a_press_of_train_before_python_is_there_trains_as_soon_as_it_is(page: Page, site: str) -> None:
    lab = Lab.visit(page, site)
    lab.choose("Speed", "fastest")
    lab.train.click()
    expect(lab.status).to_contain_text("Training begins as soon as Python is ready.")
    lab.reaches("finished")


def test_python_loads_when_the_lab_comes_near_and_says_how_far_it_is(page: Page, site: str, watch: Watch) -> None:
    page.goto(site + LESSON)
    lab = Lab(page)
    expect(lab.train).to_be_attached()
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
    lab.reaches("recorded")
    assert watch.runtime_requests() == []
    page.route("**/pyodide.asm.wasm*", lambda _: None)
    lab.element.scroll_into_view_if_needed()
    lab.reaches("loading")
    expect(lab.element.get_by_role("progressbar", name="Loading Python")).to_be_visible()
    expect(lab.element).to_contain_text(re.compile(r"Downloading Python and NumPy: \d+\.\d of \d+\.\d MB"))
    expect(lab.element.locator(".gd-recorded")).to_be_visible()


def test_with_data_saver_on_python_waits_for_the_reader(page: Page, site: str, watch: Watch) -> None:
    page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'connection', { value: { saveData: true }, configurable: true })"
    )
    lab = Lab.visit(page, site)
    expect(lab.element).to_be_in_viewport()
    expect(lab.status).to_contain_text("Press Train to start Python")
    assert watch.runtime_requests() == []
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()


def test_dark_colours_reach_the_canvases(open_page: OpenPage, site: str) -> None:
    page = open_page(color_scheme="dark")
    Lab.ready(page, site)
    seen = """() => {
      const [surface, curve] = document.querySelectorAll("gd-lab canvas");
      const pixels = surface.getContext("2d").getImageData(0, 0, surface.width, surface.height).data;
      const green = pixels.filter((_, i) => i % 4 === 1);
      return { mean: green.reduce((sum, value) => sum + value) / green.length, curve: curve.toDataURL() };
    }"""
    dark = page.evaluate(seen)
    assert dark["mean"] < 110
    needs(page, "other colour scheme for an open page")
    page.emulate_media(color_scheme="light")
    page.wait_for_function(
        f"([mean, curve]) => {{ const now = ({seen})(); return now.mean > mean && now.curve !== curve; }}",
        arg=[dark["mean"] + 40, dark["curve"]],
    )


def test_a_phone_shows_everything_without_scrolling_sideways(open_page: OpenPage, site: str) -> None:
    page = open_page(viewport={"width": 360, "height": 740}, device_scale_factor=3, has_touch=True)
    lab = Lab.ready(page, site)
    lab.type_rate("100")
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360
    inside = page.evaluate(
        """() => [...document.querySelector("gd-lab").querySelectorAll("*")]
             .filter((e) => !e.closest(".gd-table-frame, .gd-lab-static") && e.getBoundingClientRect().right > 360)
             .map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert inside == []
    for control in (lab.train, lab.button("Step"), lab.button("Reset"), lab.rate, lab.dial, lab.epochs, lab.speed):
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    sharp = page.evaluate(
        """() => [...document.querySelector("gd-lab").querySelectorAll("canvas")]
             .every((c) => c.width >= 3 * c.clientWidth - 3)"""
    )
    assert sharp


@pytest.mark.fault("a browser without scripts", "shows the lesson and a recorded run, and says so")
def test_without_scripts_the_lesson_says_so_and_shows_a_recorded_run(open_page: OpenPage, site: str) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(site + LESSON)
    lab = page.locator("gd-lab").first
    expect(lab.locator(".gd-recorded svg").first).to_be_visible()
    sentence = lab.locator("noscript p")
    expect(sentence).to_be_visible()
    assert "need JavaScript" in sentence.inner_text()


def test_leaving_by_instant_navigation_stops_the_run_and_keeps_python(page: Page, site: str, watch: Watch) -> None:
    lab = Lab.ready(page, site)
    downloads = len(watch.runtime_requests())
    retype(lab.epochs, "10000")
    lab.epochs.press("Enter")
    lab.train.click()
    lab.reaches_epoch(3)
    page.evaluate("() => { window.sameDocument = true; }")
    asked = """() => {
      window.asked = [];
      const post = Worker.prototype.postMessage;
      Worker.prototype.postMessage = function (message, ...rest) {
        window.asked.push(message.type);
        return post.call(this, message, ...rest);
      };
    }"""
    page.evaluate(asked)
    page.get_by_role("link", name="All modules").first.click()
    expect(page.locator("gd-lab")).to_have_count(0)
    page.wait_for_function("() => window.asked.includes('close')")
    after_closing = page.evaluate(
        """() => new Promise((resolve) => {
          const from = window.asked.indexOf("close") + 1;
          let frames = 0;
          const look = () => (++frames < 10 ? requestAnimationFrame(look) : resolve(window.asked.slice(from)));
          requestAnimationFrame(look);
        })"""
    )
    assert after_closing == []

    page.go_back()
    again = Lab(page)
    expect(again.element).to_be_attached()
    again.element.scroll_into_view_if_needed()
    again.reaches("ready")
    assert page.evaluate("() => window.sameDocument") is True
    assert len(watch.runtime_requests()) == downloads
    assert count_pythons(page) == 1
    assert again.epoch() == 0
    again.choose("Speed", "fastest")
    again.trains_to_the_end()


@pytest.mark.fault("a part of Python cannot be had", "says which; Retry starts Python; the settings stay")
def test_a_part_of_python_that_cannot_be_had_becomes_a_sentence_and_retry_works(page: Page, site: str) -> None:
    page.route("**/pyodide.asm.wasm*", lambda route: route.abort())
    lab = Lab.visit(page, site)
    lab.type_rate("0.5")
    lab.reaches("failed")
    expect(lab.status).to_contain_text("Something went wrong.")
    expect(lab.status).to_contain_text("pyodide.asm.wasm")
    page.unroute("**/pyodide.asm.wasm*")
    lab.press("Retry")
    lab.reaches("ready")
    expect(lab.rate).to_have_value("0.5")
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()
    assert lab.runs() == ["this run: rate 0.5 converged"]


@pytest.mark.fault("a file of the memory image is missing", "starts Python plainly, by itself")
@pytest.mark.parametrize(
    ("file", "fast"), [("memory.zst", False), ("zstddec-stream.mjs", False), ("libraries.deflate", True)]
)
def test_where_the_snapshot_cannot_be_had_python_starts_plainly(
    page: Page, site: str, watch: Watch, file: str, fast: bool
) -> None:
    page.route(
        "**/labs/python.js",
        lambda route: route.fulfill(body=over_line(route.fetch().text(), fast), content_type="text/javascript"),
    )
    page.route(f"**/{file}", lambda route: route.fulfill(status=404))
    lab = Lab.ready(page, site)
    watch.forgive(file)
    assert any(url.endswith("/python_stdlib.zip") for url in watch.requests)
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()


DAMAGE_WHAT_IS_KEPT = """async ([damage, what]) => {
  const cache = await caches.open("gd-python");
  for (const request of await cache.keys()) {
    const kept = await cache.match(request);
    const bytes = new Uint8Array(await kept.arrayBuffer());
    if (damage === "altered") bytes[bytes.length - 1] ^= 1;
    const body = damage === "cut short" ? bytes.slice(0, -1) : bytes;
    const headers = what === "a file" ? kept.headers : {};
    await cache.put(request, new Response(damage === "replaced" ? "garbage" : body, { headers }));
  }
}"""


@pytest.mark.fault("every kept copy of Python's files is damaged", "notices, and fetches them again")
@pytest.mark.parametrize("what", ["a file", "a file and what is noted of it"])
@pytest.mark.parametrize("damage", ["altered", "cut short", "replaced"])
def test_a_later_visit_starts_python_without_the_network_and_a_damaged_copy_is_fetched_again(
    page: Page, site: str, watch: Watch, damage: str, what: str
) -> None:
    Lab.ready(page, site)
    page.evaluate(WAIT_UNTIL_KEPT)
    first = watch.runtime_requests()
    Lab.ready(page, site)
    assert watch.runtime_requests() == first

    page.evaluate(DAMAGE_WHAT_IS_KEPT, [damage, what])
    Lab.ready(page, site)
    assert contents(watch.runtime_requests()[len(first) :]) == contents(first)


def contents(urls: list[str]) -> set[str]:
    """What files hold, in whatever packing they came; the unpacker of one packing holds nothing of Python."""
    return {
        url.removesuffix(".zst").removesuffix(".deflate") for url in urls if not url.endswith("/zstddec-stream.mjs")
    }


def test_python_kept_from_an_earlier_visit_starts_while_the_page_arrives(page: Page, site: str, watch: Watch) -> None:
    lab = Lab.ready(page, site)
    expect(lab.status).to_contain_text("Epoch 0")
    page.evaluate(WAIT_UNTIL_KEPT)
    first = watch.runtime_requests()
    with page.expect_worker(lambda worker: worker.url.endswith("/labs/worker.js")):
        page.goto(site + LESSON)
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
    expect(lab.element).not_to_be_in_viewport()
    assert watch.runtime_requests() == first
    watch.forgive("Incorrect number of children for <")  # Firefox, of a formula whose end is still on its way


@pytest.mark.fault("Cache Storage is forbidden", "starts Python all the same")
def test_where_storage_is_forbidden_python_starts_all_the_same(page: Page, site: str) -> None:
    worker = "caches.open = () => Promise.reject(new DOMException('forbidden on purpose', 'SecurityError'));\n"

    def forbid(route: Route) -> None:
        route.fulfill(body=worker + (route.fetch().text()), content_type="text/javascript")

    page.route("**/labs/files.js", forbid)
    lab = Lab.ready(page, site)
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()


WORKERS = {
    "throws": ("throw new Error('broken on purpose')", "stopped unexpectedly"),
    "sends garbage": ("postMessage('garbage')", "sent something unreadable"),
    "imports what is not there": ("import './missing.js'", "could not be loaded"),
}


@pytest.mark.fault("the worker throws, sends garbage or cannot be loaded", "says so; Retry makes a fresh worker")
@pytest.mark.parametrize("fault", WORKERS)
def test_a_worker_that_fails_becomes_a_sentence_and_retry_makes_a_fresh_one(
    page: Page, site: str, watch: Watch, fault: str
) -> None:
    body, sentence = WORKERS[fault]
    page.route("**/labs/worker.js", lambda route: route.fulfill(body=body, content_type="text/javascript"))
    lab = Lab.visit(page, site)
    lab.reaches("failed")
    expect(lab.status).to_contain_text(sentence)
    page.unroute("**/labs/worker.js")
    lab.press("Retry")
    lab.reaches("loading")
    expect(lab.element.get_by_role("progressbar")).to_be_visible()
    watch.forgive("missing.js")


@pytest.mark.fault("the worker never answers", "gives it up after a minute of silence and offers Retry")
def test_a_worker_that_falls_silent_is_given_up(page: Page, site: str) -> None:
    count_by_ticks(page)
    page.route("**/labs/worker.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    lab = Lab.visit(page, site)
    lab.reaches("loading")
    hurry(page, 60)
    lab.reaches("failed")
    expect(lab.status).to_contain_text("has not answered for 60 seconds")
    expect(lab.button("Retry")).to_be_visible()


@pytest.mark.fault("the worker dies while training", "says so; Retry starts Python; settings and curves stay")
def test_a_worker_that_dies_while_training_loses_neither_settings_nor_curve(page: Page, site: str) -> None:
    lab = Lab.ready(page, site)
    lab.type_rate("0.3")
    lab.train.click()
    lab.reaches_epoch(3)
    kill_python(page)
    lab.reaches("failed")
    expect(lab.status).to_contain_text("stopped unexpectedly")
    expect(lab.train).to_be_visible()
    lab.press("Retry")
    lab.reaches("ready")
    expect(lab.rate).to_have_value("0.3")
    assert lab.runs() == ["this run: rate 0.3", "rate 0.3"]
    assert count_pythons(page) == 1
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()


def test_under_a_subpath_the_lab_trains_too(page: Page, site_under_a_subpath: str, watch: Watch) -> None:
    lab = Lab.ready(page, site_under_a_subpath)
    lab.choose("Speed", "fastest")
    lab.trains_to_the_end()
    expect(lab.status).to_contain_text(re.compile(f"Verdict: ({'|'.join(VERDICTS)})"))
    assert all(url.startswith((site_under_a_subpath, "blob:", "data:")) for url in watch.requests)
