"""Run tests with pytest: this runs in the bundle, under Node, for `scripts.try_pyodide`."""

import contextlib
import io
import os
import sys
from typing import Any


def main(argument: Any) -> dict[str, Any]:
    """Run some tests of the tree; return pytest's exit `status` and its `output`.

    Args:
        argument: `tree`, the folder of the sources; `tools`, the folder that holds pytest; `wheel`, the wheel
            of `gd_core` to test; `options`, those of pytest; the wheel and the tests among these as paths below `tree`.
    """
    import pyodide_js  # type: ignore[import-not-found]

    for name in ("tree", "tools"):
        pyodide_js.mountNodeFS(f"/{name}", argument[name])
    for name in [name for name in sys.modules if name.partition(".")[0] == "gd_core"]:
        del sys.modules[name]  # the image holds the chapters without their sources, and without the command line
    sys.path.insert(0, f"/tree/{argument['wheel']}")
    sys.path.append("/tools")
    os.chdir("/tree")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # those in that folder are for another Python
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        import pytest

        status = pytest.main(argument["options"])
    return {"status": int(status), "output": output.getvalue()}
