"""Sentences in another language than English: a small made-up one, in which every sentence ends in an exclamation."""

import numpy as np
import pytest

from gd_core.language import number, say, speak, speaking

MADE_UP = {
    "name": "Loud",
    "decimal": ",",
    "group": "'",
    "messages": {
        "epoch {epoch} of {last}": "of {last}: {epoch}!",
        "left as it is": None,
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
