"""Runs in the browser's Python: what is done where the image of its memory is taken, and where it has been put back.

The image (`scripts/make_snapshot.mjs`) holds `numpy`, `gd_core`, this module, and whatever they import, but no file of
theirs. Anything else that is imported later comes from archives, which are read when they are first needed.
"""

import gc
import hashlib
import importlib
import linecache
import os
import pkgutil
import random
import sys
import zipimport
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

import numpy as np

import gd_core


def prepare() -> None:
    """Import all of `gd_core`, and leave nothing in memory that differs from build to build or that no page has."""
    for chapter in pkgutil.iter_modules(gd_core.__path__):
        importlib.import_module(f"gd_core.{chapter.name}")
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 -- the very generator that must not stay as it is
    zipimport._zip_directory_cache.clear()  # type: ignore[attr-defined]
    sys.path_importer_cache.clear()
    linecache.clearcache()
    gc.collect()


def wake(archives: Any, read: Callable[[str], Any], unpack: Callable[[str, Any], None]) -> None:
    """Give the generators that nobody has seeded fresh seeds, and begin to satisfy imports from archives.

    All other randomness comes from the browser when it is asked for. Hashes of texts stay those of the image: that they
    differ from process to process protects servers from strangers who choose the texts, and here is only the reader.

    Args:
        archives: from JavaScript, pairs of an archive's name and its SHA-256 in hexadecimal digits.
        read: returns the archive of that name as a JavaScript `Uint8Array`, at once.
        unpack: puts an archive, given by name and contents, where Python finds its modules.
    """
    random.seed()
    entropy = np.frombuffer(os.urandom(16), np.uint32)  # what NumPy would take, at half the time
    np.random.seed(entropy)  # noqa: NPY002 -- the generator behind the old functions
    sys.meta_path.append(LateImports(archives.to_py(), read, unpack))


class LateImports:
    """A finder that unpacks the archives when a module is missing that they may hold."""

    def __init__(
        self,
        archives: Sequence[tuple[str, str]],
        read: Callable[[str], Any],
        unpack: Callable[[str, Any], None],
    ) -> None:
        self._missing = list(archives)
        self._read = read
        self._unpack = unpack

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Unpack what has not been unpacked yet, and look again; None if this is not about such a module."""
        if not self._missing or name.partition(".")[0] not in sys.stdlib_module_names | {"numpy"}:
            return None
        while self._missing:
            archive, sha256 = self._missing[0]
            try:
                contents = self._read(archive)
            except Exception as error:  # JavaScript's
                message = f"{name} cannot be imported: the file {archive} could not be downloaded ({error})"
                raise ImportError(message, name=name) from None
            if hashlib.sha256(contents.to_py()).hexdigest() != sha256:
                raise ImportError(f"{name} cannot be imported: the file {archive} has arrived damaged", name=name)
            self._unpack(archive, contents)
            del self._missing[0]
        importlib.invalidate_caches()
        return PathFinder.find_spec(name, path, target)
