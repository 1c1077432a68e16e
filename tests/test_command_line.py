"""`python -m gd_core`: the run of a lab as CSV, and what people are told beside it."""

import errno
import io
import sys
from pathlib import Path

import pytest

import gd_core.__main__ as command_line
from gd_core.__main__ import curve, main
from gd_core.session import Session
from gd_core.training import Run

SMALL = ["--points", "64", "--epochs", "10", "--hidden-layers", "4", "--learning-rate", "0.3"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_command_line_prints_the_run_of_a_lab_with_the_same_settings(capsys: pytest.CaptureFixture[str]) -> None:
    session = Session({"points": 64, "epochs": 10, "hidden_layers": [4], "learning_rate": 0.3})
    session.advance({"epochs": 10}, 0)

    status = main(SMALL)

    printed = capsys.readouterr()
    assert status == 0
    assert printed.out == session.csv()
    assert printed.err.startswith("learning (epoch ")
    assert printed.err.endswith("Train for more epochs, or try a slightly higher learning rate.\n")


def test_a_run_that_diverged_is_told_what_to_do_in_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--learning-rate", "100"]) == 0

    told = capsys.readouterr().err
    assert told.startswith("diverged (epoch ")
    assert told.endswith("higher up. Run it again with a smaller --learning-rate, a tenth of this one.\n")


def test_the_command_line_without_arguments_runs_the_lab_of_the_lesson(capsys: pytest.CaptureFixture[str]) -> None:
    session = Session({})
    session.advance({"epochs": 200}, 0)

    assert main([]) == 0

    assert capsys.readouterr().out == session.csv()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dataset", "cirlce"], "unknown dataset 'cirlce', did you mean 'circle'"),
        (["--learning-rate", "0"], "learning_rate must be a number from 0.0001 to 100, got 0.0"),
        (["--epochs", "many"], "epochs must be a whole number from 1 to 10,000, got 'many'"),
        (["--hidden-layers", "8x8"], "whole numbers from 1 to 64, got '8x8'"),
    ],
)
def test_the_command_line_refuses_bad_settings_with_status_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)

    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(("stream", "lines"), [(Terminal, 10), (io.StringIO, 0)])
def test_a_long_run_tells_a_terminal_and_nobody_else_how_far_it_has_come(
    stream: type[io.StringIO], lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = stream()
    monkeypatch.setattr(sys, "stderr", told)
    monkeypatch.setattr(command_line, "SECONDS_BEFORE_PROGRESS", 0.0)
    monkeypatch.setattr(command_line, "SECONDS_BETWEEN_LINES", 0.0)

    main(SMALL)

    assert told.getvalue().count(" of 10, loss ") == lines
    assert ("\repoch 10 of 10, loss " in told.getvalue()) == (lines > 0)
    assert told.getvalue().rsplit("\r", 1)[-1].startswith("learning (epoch ")


def test_a_run_that_is_interrupted_prints_what_was_done_and_ends_with_status_130(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    finish_epoch = Run.finish_epoch

    def until_the_fourth(run: Run) -> object:
        if run.epoch == 3:
            raise KeyboardInterrupt
        return finish_epoch(run)

    monkeypatch.setattr(Run, "finish_epoch", until_the_fourth)

    assert main(SMALL) == 130
    assert [line.split(",")[0] for line in capsys.readouterr().out.splitlines()] == ["epoch", "1", "2", "3"]


def test_a_curve_has_a_star_for_every_epoch_and_marks_what_is_no_number() -> None:
    top, *_, bottom, axis, _ = curve([1.0, 0.1, float("inf"), 0.01]).splitlines()[1:]

    assert top == "        1 |*" + " " * 31 + "^"
    assert bottom == "     0.01 |" + " " * 48 + "*"
    assert axis == " " * 10 + "+" + "-" * 64


@pytest.mark.parametrize("losses", [[], [0.0, 0.0], [float("nan")]])
def test_a_run_without_a_loss_above_0_has_no_curve(losses: list[float]) -> None:
    assert curve(losses).startswith("no loss of this run is a number above 0")


def test_a_curve_that_stays_where_it_is_can_be_drawn() -> None:
    assert curve([0.5] * 3).count("*") == 3


def test_the_curve_goes_to_the_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SMALL, "--plot"]) == 0

    printed = capsys.readouterr()
    assert "*" not in printed.out
    assert printed.err.count("*") == 10


def test_a_picture_without_matplotlib_is_refused_before_training(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(SystemExit) as stopped:
        main(["--png", str(tmp_path / "run.png")])

    assert stopped.value.code == 2
    printed = capsys.readouterr()
    assert "--png needs matplotlib, which is not part of gd_core; `pip install matplotlib` brings it" in printed.err
    assert printed.out == ""


def test_an_output_that_cannot_be_written_gives_status_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:  # noqa: ARG002 -- the disk is full whatever is written
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())

    assert main(SMALL) == 1
    assert "cannot write the CSV: No space left on device" in capsys.readouterr().err


def test_the_help_tells_the_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])

    assert stopped.value.code == 0
    _, statuses = capsys.readouterr().out.split("exit status:\n")
    assert [int(line.split()[0]) for line in statuses.splitlines()] == [0, 1, 2, 130]
