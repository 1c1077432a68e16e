"""The software bill of materials: what the site hands on, and what builds and checks it, as CycloneDX JSON.

What is handed on stands in `HANDED_ON`, each with its licence; what builds and checks the site is read from the files
that pin it, and marked as not part of it. The bill tells no hour, so that the same inputs give the same bytes.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scripts.bundle import TERSER, UNPACKER_PACKAGE
from scripts.editor import PACKAGE as EDITOR_PACKAGE
from scripts.runtime import NUMPY_WHEEL, PYODIDE_VERSION, PYTHON_VERSION

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = "assets/licences/bill-of-materials.cdx.json"
"""Where the site serves it."""

PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)(?P<hashes>(?:[^\n]*\\\n)*[^\n]*)", re.MULTILINE)


@dataclass(frozen=True)
class Part:
    """Something that the site hands on: its licence as SPDX names it, and its package URL."""

    name: str
    version: str
    licence: str
    purl: str


def handed_on() -> list[Part]:
    """Return what the site hands on, with the versions that are pinned or installed."""
    material = version("mkdocs-material")
    numpy = NUMPY_WHEEL.split("-")[1]
    unpacker, editor = (package.name.rpartition("@") for package in (UNPACKER_PACKAGE, EDITOR_PACKAGE))
    return [
        Part("pyodide", PYODIDE_VERSION, "MPL-2.0", f"pkg:npm/pyodide@{PYODIDE_VERSION}"),
        Part("cpython", PYTHON_VERSION, "PSF-2.0", f"pkg:github/python/cpython@v{PYTHON_VERSION}"),
        Part("numpy", numpy, "BSD-3-Clause", f"pkg:pypi/numpy@{numpy}"),
        *(
            Part(name, f"in Pyodide {PYODIDE_VERSION}", licence, f"pkg:generic/{name}")
            for name, licence in WITHIN_PYODIDE.items()
        ),
        Part("zstddec", unpacker[2], "MIT AND BSD-3-Clause", f"pkg:npm/zstddec@{unpacker[2]}"),
        Part("prism-code-editor", editor[2], "MIT", f"pkg:npm/prism-code-editor@{editor[2]}"),
        Part("mkdocs-material", material, "MIT", f"pkg:pypi/mkdocs-material@{material}"),
        *(
            Part(name, number, licence, f"pkg:npm/{name}@{number}")
            for name, (number, licence) in WITHIN_MATERIAL.items()
        ),
        Part("material-design-icons", f"in Material {material}", "Apache-2.0", "pkg:npm/%40mdi/svg"),
        Part("fontawesome-free", f"in Material {material}", "CC-BY-4.0", "pkg:npm/%40fortawesome/fontawesome-free"),
        Part("noto-sans-math", "cut down", "OFL-1.1", "pkg:github/notofonts/math"),
    ]


WITHIN_PYODIDE = {
    "error-stack-parser": "MIT",
    "emscripten": "MIT",
    "musl": "MIT",
    "llvm-runtimes": "Apache-2.0 WITH LLVM-exception",
    "libffi": "MIT",
    "expat": "MIT",
    "hacl-star": "MIT",
    "zlib": "Zlib",
    "bzip2": "bzip2-1.0.6",
    "zstd": "BSD-3-Clause",
    "libmpdec": "BSD-2-Clause",
    "xz": "LicenseRef-public-domain",
    "sqlite": "blessing",
}
"""Libraries that Pyodide's files include; `scripts/licenses/README.md` says which file holds which."""

WITHIN_MATERIAL = {
    "clipboard": ("2.0.11", "MIT"),
    "escape-html": ("1.0.3", "MIT"),
    "focus-visible": ("5.2.1", "W3C-20150513"),
    "rxjs": ("7.8.2", "Apache-2.0"),
    "tslib": ("2.8.1", "0BSD"),
    "lunr": ("2.3.9", "MIT"),
    "lunr-languages": ("1.14.0", "MPL-1.1"),
}
"""Libraries that Material's scripts include, as their source maps name them, and the word lists beside them."""


def bill() -> str:
    """Return the bill as JSON."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    own = {
        "type": "application",
        "name": "gradient-descent-lesson",
        "version": project["version"],
        "licenses": [{"expression": "MIT"}],
    }
    parts = [
        {
            "type": "library",
            "bom-ref": part.purl,
            "name": part.name,
            "version": part.version,
            "scope": "required",
            "licenses": [{"expression": part.licence}],
            "purl": part.purl,
        }
        for part in handed_on()
    ]
    known = {part["bom-ref"] for part in parts}
    tools = {tool["bom-ref"]: tool for tool in [*python_tools(), *node_tools()] if tool["bom-ref"] not in known}
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": own},
        "components": [*parts, *(tools[ref] for ref in sorted(tools))],
    }
    return json.dumps(document, indent=1) + "\n"


def python_tools() -> Iterator[dict[str, Any]]:
    """Yield the Python packages that build and check the site, with the hashes that they are pinned by."""
    for path in sorted(ROOT.glob("requirements*.txt")):
        for pin in PIN.finditer(path.read_text(encoding="utf-8")):
            digests = re.findall(r"--hash=sha256:([0-9a-f]{64})", pin["hashes"])
            yield tool(pin["name"], pin["version"], f"pkg:pypi/{pin['name'].lower()}@{pin['version']}", digests)


def node_tools() -> Iterator[dict[str, Any]]:
    """Yield npm's packages that build the bundle or check the scripts."""
    name, _, number = TERSER.name.rpartition("@")
    yield tool(name, number, f"pkg:npm/{name}@{number}", [pin.sha256 for pin in TERSER.pins])
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    for path, package in lock["packages"].items():
        name = path.rpartition("node_modules/")[2]
        if name:
            yield tool(name, package["version"], f"pkg:npm/{name.replace('@', '%40')}@{package['version']}", [])


def tool(name: str, number: str, purl: str, digests: list[str]) -> dict[str, Any]:
    """Return a component that is not part of the site; of several files of a release, any one may be the one used."""
    hashes = [{"alg": "SHA-256", "content": digest} for digest in sorted(set(digests))]
    component = {"type": "library", "bom-ref": purl, "name": name, "version": number, "scope": "excluded", "purl": purl}
    return component | ({"hashes": hashes} if hashes else {})
