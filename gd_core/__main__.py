"""Train from the command line: `python -m gd_core` prints the run of a lab with these settings as CSV."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial

from .settings import SETTINGS, Setting, Settings, parse
from .takeaway import to_csv
from .training import Run


def main(arguments: Sequence[str] | None = None) -> int:
    """Train once with the settings of the command line; return the exit status.

    The CSV goes to standard output, the verdict to standard error. Status 0 for every run, however it ended, and 2 for
    settings that are wrong.
    """
    parser = _parser()
    given = {name: value for name, value in vars(parser.parse_args(arguments)).items() if value is not None}
    try:
        settings = parse(given)
    except ValueError as error:
        parser.error(str(error).replace("\n", "\n  "))
    run = _run(settings)
    sys.stdout.write(to_csv(run))
    verdict = run.verdict()
    sys.stderr.write(f"{verdict.name} (epoch {verdict.epoch}): {verdict.reason} {verdict.remedy}\n")
    return 0


def _run(settings: Settings) -> Run:
    inputs, targets = settings.draw_data()
    run = Run(
        inputs,
        targets,
        settings.network(),
        settings.make_optimizer(),
        batch_size=settings.batch_size,
        seed=settings.seed,
    )
    while run.epoch < settings.epochs and not run.diverged:
        run.finish_epoch()
    return run


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gd_core",
        description="Train a small network by gradient descent and print its loss curve as CSV "
        "(epoch,loss,accuracy). Without arguments: the run of Module 4's lab.",
    )
    for name, setting in SETTINGS.items():
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            dest=name,
            type=partial(_value, setting.kind),
            metavar={"choice": "NAME", "layers": "N-N-…"}.get(setting.kind, "N"),
            help=f"{setting.help}: {setting.allowed} (default: {_text(setting)})",
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
