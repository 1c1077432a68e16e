"""Known vulnerabilities in what builds, checks and makes up the site: `make audit`.

It asks the services of the Python Packaging Authority and of npm about every pinned version. So it needs a network, is
no part of `make check`, and its answer changes while nothing here does: run it on a schedule and before a release. It
ends with 0 when nothing is known, with 1 when something is, and with 2 when a service could not be asked.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.runtime import program

ROOT = Path(__file__).resolve().parent.parent

LOCKS = [ROOT / "package-lock.json", *sorted((ROOT / "scripts" / "bench").glob("*/package-lock.json"))]
"""What npm installs: our tools, and what benchmarks and Lighthouse need."""

NOTHING_KNOWN, KNOWN, NOT_ASKED = 0, 1, 2


def audit_python(requirements: Path) -> tuple[int, str]:
    """Ask pip-audit about the pins of a file."""
    code, said, error = run(
        *(sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--require-hashes", "--disable-pip"),
        *("--progress-spinner", "off", "--format", "json"),
    )
    try:
        packages = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return NOT_ASKED, last_line(error) or f"pip-audit ended with {code}"
    found = [
        f"{package['name']} {package.get('version', '')}: {', '.join(fault['id'] for fault in package['vulns'])}"
        for package in packages
        if package.get("vulns")
    ]
    return (KNOWN, "\n".join(found)) if found else (NOTHING_KNOWN, f"{len(packages)} packages, nothing known")


def audit_node(lock: Path) -> tuple[int, str]:
    """Ask npm about the pins of a lock file."""
    command = (program("npm"), "audit", "--json", "--package-lock-only", "--prefix", str(lock.parent))
    code, said, error = run(*command)
    try:
        answer = json.loads(said)
        found = [f"{name}: {fault['severity']}" for name, fault in answer["vulnerabilities"].items()]
        count = answer["metadata"]["dependencies"]["total"]
    except (ValueError, KeyError, TypeError):
        reasons = [line.removeprefix("npm error ") for line in error.splitlines() if line.startswith("npm error ")]
        return NOT_ASKED, reasons[0] if reasons else f"npm ended with {code}"
    return (KNOWN, "\n".join(found)) if found else (NOTHING_KNOWN, f"{count} packages, nothing known")


def run(*command: str) -> tuple[int, str, str]:
    """Run a command and return how it ended and what it said, on both streams."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def last_line(text: str) -> str:
    """Return what a program said last: the reason, where it fails."""
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else ""


def report(audits: Sequence[tuple[str, tuple[int, str]]]) -> int:
    """Print what came of each audit, and return the exit status: what is known counts more than what is not."""
    words = {NOTHING_KNOWN: "nothing known", KNOWN: "VULNERABLE", NOT_ASKED: "NOT ASKED"}
    for name, (status, told) in audits:
        print(f"{name}: {words[status]}\n  " + told.replace("\n", "\n  "))
    statuses = {status for _, (status, _) in audits}
    return KNOWN if KNOWN in statuses else max(statuses)


if __name__ == "__main__":
    sys.exit(
        report(
            [(path.name, audit_python(path)) for path in sorted(ROOT.glob("requirements*.txt"))]
            + [(path.relative_to(ROOT).as_posix(), audit_node(path)) for path in LOCKS]
        )
    )
