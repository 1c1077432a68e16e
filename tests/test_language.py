"""Sentences in another language than English: a small made-up one."""

import html
import re

import markdown
import numpy as np
import pytest

from gd_core.diagnosis import judge, verdict_name
from gd_core.language import number, say, speak, speaking
from gd_core.missions import standing
from gd_core.session import Session
from gd_core.settings import parse
from scripts.blocks import makeExtension

MADE_UP = {
    "name": "Loud",
    "decimal": ",",
    "group": "'",
    "grouped_from": 4,
    "messages": {
        "epoch {epoch} of {last}": "of {last}: {epoch}!",
        "left as it is": None,
        "converged": "arrived",
        "The loss came down to {loss:.2g} and hardly changes any more: there is little left to gain.": "{loss:.2g}!",
        "{name} must be {allowed}, got {came}": "{came}? {name}: {allowed}!",
        "a number from {lowest:g} to {highest:g}": "{lowest:g} … {highest:g}",
        "Rate {rate:g} brought the loss down to {loss:.2g}.": "{rate:g}: loss {loss:.2g}!",
        "Stopped after epoch {epoch:,}, the last one asked for.": "{epoch:,} done!",
        "Training lab": "Gym",
        "Loss curve": "Down the hill",
        "guessing: {chance:.2g}": "blind: {chance:.2g}",
        "The loss stands at {loss:.2g}; a curve this short says little more.": "Loss {loss:.2g}, so far!",
        "Recorded when this page was built: {epochs} epochs at learning rate {rate:g}. Loss {loss}, accuracy"
        " {accuracy:.3g}%. Verdict: {verdict}. {reason}": "{epochs} epochs, rate {rate:g}, loss {loss}. {reason}",
    },
}


def test_a_message_is_said_in_the_language_spoken_and_in_english_where_there_is_no_translation() -> None:
    with speaking(MADE_UP):
        assert say("epoch {epoch} of {last}", epoch=1, last=2) == "of 2: 1!"
        assert say("no such message, {name}", name="reader") == "no such message, reader"
        assert say("left as it is") == "left as it is"
    assert say("epoch {epoch} of {last}", epoch=1, last=2) == "epoch 1 of 2"


@pytest.mark.parametrize(
    ("value", "spec", "said"),
    [
        (0.25, "", "0,25"),
        (1234567.8, ",.1f", "1'234'567,8"),
        (np.float64(0.5), ".2f", "0,50"),
        (np.float32(0.5), "g", "0,5"),
        (np.int64(2000), ",", "2'000"),
        (True, "", "True"),
        ("v. 1,5", "", "v. 1,5"),
        (float("inf"), "", "inf"),
    ],
)
def test_numbers_get_the_marks_of_the_language_and_texts_stand_as_they_are(value: object, spec: str, said: str) -> None:
    with speaking(MADE_UP):
        assert say(f"{{value:{spec}}}", value=value) == said


def test_a_number_that_is_written_gets_the_marks_of_the_language() -> None:
    with speaking(MADE_UP):
        assert number("−1,234.5") == "−1'234,5"
        assert number("2.1 × 10^6") == "2,1 × 10^6"
    assert number("−1,234.5") == "−1,234.5"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1,600", "1600"),
        ("−1,600.25", "−1600,25"),
        ("8 × 1,600 of 12,800", "8 × 1600 of 12'800"),
        ("1,234,567", "1'234'567"),
        ("10,000", "10'000"),
        ("0.001", "0,001"),
    ],
)
def test_where_a_language_groups_from_five_digits_four_stand_together(written: str, said: str) -> None:
    with speaking(MADE_UP | {"grouped_from": 5}):
        assert number(written) == said


@pytest.mark.parametrize(("value", "said"), [(6.8e-5, "6.8e-5"), (1e-12, "1e-12"), (2e6, "2e+6"), (1e300, "1e+300")])
def test_an_exponent_has_no_leading_zero(value: float, said: str) -> None:
    assert say("{value:.2g}", value=value) == said
    with speaking(MADE_UP):
        assert say("{value:.2g}", value=value) == said.replace(".", ",")


def test_a_language_is_spoken_until_another_one_is() -> None:
    try:
        speak(MADE_UP)
        assert number("0.5") == "0,5"
        with speaking(None):
            assert number("0.5") == "0.5"
        assert number("0.5") == "0,5"
    finally:
        speak(None)
    assert number("0.5") == "0.5"


def test_the_language_from_before_is_spoken_again_after_an_error() -> None:
    with pytest.raises(KeyError, match="epoch"), speaking(MADE_UP):
        say("epoch {epoch} of {last}", last=2)
    assert number("0.5") == "0.5"


def test_verdicts_errors_missions_and_ends_of_runs_are_said() -> None:
    curve = [0.7 * 0.5**epoch for epoch in range(50)] + [0.0125] * 50
    with speaking(MADE_UP):
        assert judge(curve, 0.69).reason == "0,013!"
        assert verdict_name(judge(curve, 0.69).name) == "arrived"
        with pytest.raises(ValueError, match=r"^-1\? learning_rate: 0,0001 … 100!$"):
            parse({"learning_rate": -1})
        assert standing("learn", {"rate": 0.5, "loss": 0.043}).sentence == "0,5: loss 0,043!"
        session = Session({"epochs": 2, "points": 20})
        assert session.advance({"epochs": 2}, 0)["stopped"] == "2 done!"


def test_a_block_is_rendered_in_the_language_of_the_page_and_what_follows_in_english() -> None:
    source = "```lab\nepochs: 3\npoints: 20\n```"
    page = html.unescape(markdown.markdown(source, extensions=[makeExtension(language=MADE_UP)]))
    english = html.unescape(markdown.markdown(source, extensions=[makeExtension(language=None)]))

    assert ">Gym</h3>" in page
    assert re.search(r"<title[^>]*>Down the hill</title>", page)
    assert ">blind: 0,69</text>" in page
    assert re.search(r"<figcaption>3 epochs, rate 0,1, loss 0,\d+\. Loss 0,\d+, so far!</figcaption>", page)
    assert '"learning_rate": 0.1' in page  # what the script reads is no text
    assert ">Training lab</h3>" in english
    assert ">guessing: 0.69</text>" in english
