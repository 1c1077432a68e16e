"""Train from the command line: `python -m gd_core` prints the run of a lab with these settings as CSV.

The CSV goes to standard output, everything for people to standard error: how far a long run has come, the loss curve in
plain characters, the verdict. A picture is drawn by matplotlib, which nothing else here needs.
"""

import argparse
import math
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TextIO

from .settings import SETTINGS, Setting, Settings, parse
from .takeaway import to_csv
from .training import Run

DONE, NOT_WRITTEN, WRONG_USE, INTERRUPTED = 0, 1, 2, 130

STATUSES = """\
exit status:
  0    the run was made, however it ended: a run that diverges is a result
  1    a file or the standard output could not be written
  2    a setting or an option is wrong
  130  interrupted; the epochs that were done are printed
"""

REMEDIES = {"diverged": "Run it again with a smaller --learning-rate, a tenth of this one."}
"""What to try next, by the verdict's name, where the page's own words speak of its buttons."""

SECONDS_BEFORE_PROGRESS = 1.0
SECONDS_BETWEEN_LINES = 0.1
WIDTH, HEIGHT = 64, 16


def main(arguments: Sequence[str] | None = None) -> int:
    """Train once with the settings of the command line; return the exit status, one of those that `--help` lists."""
    parser = _parser()
    given = vars(parser.parse_args(arguments))
    plot, png = given.pop("plot"), given.pop("png")
    if png is not None and (problem := _problem_with_png(png)):
        parser.error(problem)
    try:
        settings = parse({name: value for name, value in given.items() if value is not None})
    except ValueError as error:
        parser.error(str(error).replace("\n", "\n  "))
    run = _run(settings)
    status = _train(run, settings.epochs, sys.stderr)
    try:
        sys.stdout.write(to_csv(run))
        sys.stdout.flush()
        if png is not None:
            _draw(run.losses, png)
    except OSError as error:
        sys.stderr.write(f"cannot write {error.filename or 'the CSV'}: {error.strerror}\n")
        return NOT_WRITTEN
    if plot:
        sys.stderr.write(curve(run.losses))
    if run.losses:
        verdict = run.verdict()
        remedy = REMEDIES.get(verdict.name, verdict.remedy)
        sys.stderr.write(f"{verdict.name} (epoch {verdict.epoch}): {verdict.reason} {remedy}\n")
    return status


def curve(losses: Sequence[float]) -> str:
    """Draw a loss curve in plain characters: a star for every epoch, on a logarithmic axis.

    Args:
        losses: one for each epoch. What is infinite or not a number stands as `^` at the top; 0 stands at the bottom.
    """
    heights = [math.log(loss) for loss in losses if 0 < loss < math.inf]
    if not heights:
        return "no loss of this run is a number above 0, so there is no curve to draw\n"
    lowest, highest = min(heights), max(heights)
    rows = [[" "] * WIDTH for _ in range(HEIGHT)]
    for epoch, loss in enumerate(losses):
        column = epoch * WIDTH // len(losses)
        if math.isfinite(loss):
            below = highest - (math.log(loss) if loss > 0 else lowest)
            rows[round(below / ((highest - lowest) or 1) * (HEIGHT - 1))][column] = "*"
        else:
            rows[0][column] = "^"
    labels = {0: f"{math.exp(highest):.3g}", HEIGHT - 1: f"{math.exp(lowest):.3g}"}
    lines = [f"{labels.get(row, ''):>9} |{''.join(cells).rstrip()}" for row, cells in enumerate(rows)]
    last = f"{len(losses):,}"
    return "\n".join(["     loss", *lines, f"{'+':>11}{'-' * WIDTH}", f"{'':11}1{last:>{WIDTH - 1}} epochs", ""])


def _run(settings: Settings) -> Run:
    inputs, targets = settings.draw_data()
    return Run(
        inputs,
        targets,
        settings.network(),
        settings.make_optimizer(),
        batch_size=settings.batch_size,
        seed=settings.seed,
    )


def _train(run: Run, epochs: int, terminal: TextIO) -> int:
    """Train to the end, or until interrupted; tell a terminal now and then how far it has come."""
    due = time.monotonic() + SECONDS_BEFORE_PROGRESS if terminal.isatty() else math.inf
    shown = ""
    status = DONE
    try:
        while run.epoch < epochs and not run.diverged:
            run.finish_epoch()
            if (now := time.monotonic()) >= due:
                due = now + SECONDS_BETWEEN_LINES
                line = f"epoch {run.epoch:,} of {epochs:,}, loss {run.losses[-1]:.4g}"
                terminal.write("\r" + line.ljust(len(shown)))
                terminal.flush()
                shown = line
    except KeyboardInterrupt:
        status = INTERRUPTED
    if shown:
        terminal.write("\r" + " " * len(shown) + "\r")
    return status


def _problem_with_png(path: Path) -> str | None:
    """Say why a picture could not be written, before anything is trained for it."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        return (
            "--png needs matplotlib, which is not part of gd_core; `pip install matplotlib` brings it, and --plot"
            f" draws without it; got: {error}"
        )
    if not path.parent.is_dir():
        return f"--png must name a file in a folder that exists, got {str(path)!r}"
    return None


def _draw(losses: Sequence[float], path: Path) -> None:
    """Write a loss curve as a PNG, on a logarithmic axis; losses that are no numbers are left out of the line."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.add_subplot(xlabel="epoch", ylabel="loss", yscale="log")
    axes.plot(range(1, len(losses) + 1), [loss if math.isfinite(loss) else math.nan for loss in losses])
    axes.grid(alpha=0.3)
    figure.savefig(path, format="png", dpi=150)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gd_core",
        description="Train a small network by gradient descent and print its loss curve as CSV\n"
        "(epoch,loss,accuracy). Without arguments: the run of Module 4's lab.",
        epilog=STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for name, setting in SETTINGS.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            dest=name,
            type=partial(_value, setting.kind),
            metavar={"choice": "NAME", "layers": "N-N-…"}.get(setting.kind, "N"),
            help=f"{setting.help}: {setting.allowed} (default: {_text(setting)})",
        )
    parser.add_argument("--plot", action="store_true", help="draw the loss curve in plain characters, too")
    parser.add_argument(
        "--png", type=Path, metavar="FILE", help="draw the loss curve as a picture, too; needs matplotlib"
    )
    return parser


def _value(kind: str, text: str) -> object:
    """Read what was typed for a setting of a kind; what cannot be read stays text, for `parse` to refuse."""
    try:
        match kind:
            case "layers":
                return [int(units) for units in text.split("-")] if text not in ("", "0") else []
            case "whole":
                return int(text)
            case "number":
                return float(text)
    except ValueError:
        pass
    return text


def _text(setting: Setting) -> str:
    return "-".join(str(units) for units in setting.default) if setting.kind == "layers" else f"{setting.default}"


if __name__ == "__main__":
    sys.exit(main())
