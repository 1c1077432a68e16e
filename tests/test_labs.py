"""The labs of a page: made by kind, asked by name."""

import gc
import re
import weakref

import numpy as np
import pytest

from gd_core.labs import LABS, answer, make_lab
from gd_core.session import Session


def test_a_request_calls_the_method_that_it_names() -> None:
    lab = make_lab("training", {"points": 40, "batch_size": 20})
    answer(lab, "open", {"surface": 0})

    frame = answer(lab, "advance", {"amount": {"updates": 3}, "surface": 0})

    assert (frame["epoch"], frame["update"]) == (1, 1)


@pytest.mark.parametrize("request_", ["forget", "_frame", "settings", "__init__", ""])
def test_what_is_no_request_is_refused_by_name(request_: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"unknown request {request_!r} to a Session")):
        answer(make_lab("training", {}), request_, {})


def test_an_unknown_kind_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match=r"unknown kind of lab 'trainig'; choose one of .*training"):
        make_lab("trainig", {})


@pytest.mark.parametrize("kind", LABS)
def test_every_kind_refuses_a_setting_that_it_does_not_know(kind: str) -> None:
    with pytest.raises(ValueError, match="learning_rte"):
        make_lab(kind, {"learning_rte": 0.1})


@pytest.mark.parametrize("updates", [3, 16])
def test_a_run_that_is_over_is_let_go_of_at_once(updates: int) -> None:
    lab = Session({"points": 40, "batch_size": 5})
    collects = gc.isenabled()
    gc.disable()  # Python looks for circles after so many objects, however large they are
    try:
        answer(lab, "advance", {"amount": {"updates": updates}, "surface": 96})
        run = weakref.ref(lab.run)
        answer(lab, "reset", {"surface": 96})
        assert run() is None
    finally:
        if collects:
            gc.enable()


def test_a_lab_for_which_there_is_not_enough_memory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = make_lab("training", {"points": 40})
    fitting: list[weakref.ref[np.ndarray]] = []

    def allocate(*_: object) -> None:
        array = np.zeros(3)
        fitting.append(weakref.ref(array))
        raise MemoryError("Unable to allocate 4.00 EiB for an array")

    monkeypatch.setattr(Session, "reset", lambda self, surface: allocate(self, surface))
    with pytest.raises(MemoryError, match="not enough memory for this; fewer points") as of_a_request:
        answer(lab, "reset", {"surface": 0})
    monkeypatch.setitem(LABS, "training", allocate)
    with pytest.raises(MemoryError, match="not enough memory for this; fewer points") as of_a_lab:
        make_lab("training", {"points": 40})
    # Python keeps the last error; what did fit must not be kept with it.
    assert [array() for array in fitting] == [None, None], (of_a_request, of_a_lab)
    assert make_lab("sweep", {"points": 40})
