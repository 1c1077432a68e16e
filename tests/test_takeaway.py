"""What a reader takes away: code for a notebook that trains the very run again."""

import contextlib
import io

import pytest

from gd_core.session import Session
from gd_core.settings import parse
from gd_core.takeaway import to_csv, to_notebook

RUNS = [
    {"points": 60, "epochs": 8, "learning_rate": 0.3},
    {"dataset": "xor", "points": 50, "epochs": 6, "optimizer": "adam", "schedule": "cosine", "learning_rate": 0.02},
    {"dataset": "spiral", "hidden_layers": [], "points": 40, "epochs": 7, "loss": "mean_squared_error", "seed": 5},
]


@pytest.mark.parametrize("given", RUNS)
def test_a_notebooks_code_trains_the_labs_run(given: dict[str, object]) -> None:
    session = Session(given)
    session.advance({"epochs": session.settings.epochs}, 0)
    install, code = to_notebook(parse(given), "gd-core").split("\n", 1)

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "notebook", "exec"), {})  # noqa: S102 - the code is ours

    assert install == "%pip install gd-core"
    *epochs, verdict = printed.getvalue().splitlines()
    assert ["epoch,loss,accuracy", *(line.replace(" ", ",") for line in epochs)] == to_csv(session.run).splitlines()
    assert f"name='{session.run.verdict().name}'" in verdict
