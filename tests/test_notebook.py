"""Code cells share their names, show what they print and the value of their last line, and say what went wrong."""

import pytest

from gd_core.notebook import Notebook
from gd_core.reader import OUTPUT_LIMIT

SHOWN = {
    "print('one')\nprint('two')": "one\ntwo\n",
    "1 + 1": "2\n",
    "print('first')\n'then'": "first\n'then'\n",
    "x = 3": "",
    "None": "",
    "": "",
    "# only words": "",
    "import sys; print('loud', file=sys.stderr)": "loud\n",
    "import warnings; warnings.warn('unheard')": "",
    "if True:\n    3": "",
}
"""Pieces of code, and what is seen of each."""

FAILS = {
    "x = 1\n\nx / 0": (3, "ZeroDivisionError: division by zero"),
    "for i in range(3)\n    print(i)": (1, "Python cannot read this: expected ':'."),
    "raise SystemExit(2)": (1, "SystemExit: 2"),
    "raise KeyboardInterrupt": (1, "KeyboardInterrupt"),
    "raise GeneratorExit": (1, "GeneratorExit"),
    "class Own(BaseException): pass\n\nraise Own": (3, "Own"),
    "input('name? ')": (1, "EOFError: EOF when reading a line"),
    "def f():\n    return g()\nf()": (2, "NameError: name 'g' is not defined"),
    "assert 1 == 2": (1, "AssertionError"),
    "raise ValueError('two\\nlines')": (1, "ValueError: two lines"),
}
"""Pieces of code that fail: their line, and how the sentence begins."""


@pytest.mark.parametrize("source", SHOWN)
def test_a_cell_shows_what_it_prints_and_then_its_value(source: str) -> None:
    assert Notebook().run(source) == {"output": SHOWN[source], "error": None}


@pytest.mark.parametrize("source", FAILS)
def test_a_cell_that_fails_names_its_line_and_one_sentence(source: str) -> None:
    error = Notebook().run(source)["error"]

    assert error["line"] == FAILS[source][0]
    assert error["sentence"].startswith(FAILS[source][1])
    assert "\n" not in error["sentence"]


def test_a_cell_keeps_what_it_printed_before_it_failed() -> None:
    result = Notebook().run("print('so far')\n1 / 0")

    assert (result["output"], result["error"]["line"]) == ("so far\n", 2)


def test_cells_share_their_names_and_other_notebooks_do_not() -> None:
    notebook = Notebook()
    notebook.run("import numpy as np\nweight = np.float64(4)\ndef slope():\n    return 2 * weight")

    assert notebook.run("weight -= 0.1 * slope()\nprint(weight)")["output"] == "3.2\n"
    assert Notebook().run("weight")["error"] is not None


def test_a_failure_inside_an_earlier_cell_is_told_at_the_line_that_led_there() -> None:
    notebook = Notebook()
    notebook.run("def broken():\n    return 1 / 0")

    assert notebook.run("x = 1\ny = 2\nbroken()")["error"]["line"] == 3


def test_output_has_an_end_and_says_so() -> None:
    output = Notebook().run("for i in range(100_000):\n    print(i)")["output"]

    assert output.startswith("0\n1\n2\n")
    assert len(output) < OUTPUT_LIMIT + 100
    assert output.endswith("only the first 10,000 characters are kept.")


def test_a_class_of_a_cell_can_be_a_dataclass() -> None:
    source = "from dataclasses import dataclass\n@dataclass\nclass Point:\n    x: 'float'\nPoint(1.0)"

    assert Notebook().run(source)["output"] == "Point(x=1.0)\n"


def test_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="code cells take no settings, got rate"):
        Notebook({"rate": 1})


@pytest.mark.parametrize(
    "source",
    [
        "import js",
        "from js import fetch",
        "import pyodide.http",
        "from urllib import request",
        "import urllib.request as r",
        "import socket",
        "def later():\n    import pyodide_js\nlater()",
    ],
)
@pytest.mark.fault("the reader's code imports a module for page or network", "says that code reaches neither")
def test_what_leads_out_of_python_is_refused_in_a_sentence(source: str) -> None:
    error = Notebook().run(source)["error"]
    assert "cannot be imported: code in a page reaches neither the page nor a network" in error["sentence"]
    assert error["line"] == (2 if source.startswith("def") else 1)


def test_all_other_modules_can_be_imported() -> None:
    source = "import math, urllib.parse\nfrom collections import *\nfrom os import path\nimport numpy.fft\nmath.tau"
    assert Notebook().run(source) == {"output": "6.283185307179586\n", "error": None}
