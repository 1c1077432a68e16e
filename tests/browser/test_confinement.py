"""A reader's own Python computes and reaches nothing else, whatever it tries; and each of the two walls holds alone."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import Enter, OpenPage, Watch
from tests.browser.lab import GUIDE, Lab, python_of
from tests.browser.test_cells import Cells

REFUSED = "script-src"
"""What browsers, each in its own words, name of the policy when it refuses a script."""

GET_JS = "import importlib; js = importlib.import_module('js')"

TRICKS = {
    "import js": "import js; js.fetch(HOST)",
    "pyodide.http": "import pyodide.http; pyodide.http.pyfetch(HOST)",
    "run_js": "import pyodide.code; pyodide.code.run_js(f'fetch({HOST!r})')",
    "micropip": "import micropip; micropip.install(HOST + '/a.whl')",
    "urllib": "import importlib; importlib.import_module('urllib.request').urlopen(HOST)",
    "http.client": "import importlib; c = importlib.import_module('http.client').HTTPConnection('127.0.0.1', PORT, 2);"
    " c.request('GET', '/')",
    "socket": "import importlib; s = importlib.import_module('socket').create_connection(('127.0.0.1', PORT), 2);"
    " s.send(b'GET / ')",
    "js.fetch": f"{GET_JS}; js.fetch(HOST)",
    "js.XMLHttpRequest": f"{GET_JS}; r = js.XMLHttpRequest.new(); r.open('GET', HOST, False); r.send()",
    "js.WebSocket": f"{GET_JS}; js.WebSocket.new(HOST.replace('http', 'ws'))",
    "js.EventSource": f"{GET_JS}; js.EventSource.new(HOST)",
    "js.WebTransport": f"{GET_JS}; js.WebTransport.new(HOST.replace('http', 'https'))",
    "js.importScripts": f"{GET_JS}; js.importScripts(HOST)",
    "js.Worker": f"{GET_JS}; js.Worker.new(HOST)",
    "js.FontFace": f"{GET_JS}; f = js.FontFace.new('f', f'url({{HOST}})'); f.load()",
    "js.caches": f"{GET_JS}; js.caches.open('gd-python')",
    "js.indexedDB": f"{GET_JS}; js.indexedDB.open('x')",
    "js.BroadcastChannel": f"{GET_JS}; js.BroadcastChannel.new('x').postMessage('x')",
    "js.postMessage": f"{GET_JS}; js.postMessage('garbage')",
    "js.reportError": f"{GET_JS}; js.reportError('x')",
    "js.close": f"{GET_JS}; js.close()",
    "js.navigator.serviceWorker": f"{GET_JS}; js.navigator.serviceWorker.register(HOST)",
    "js.document": f"{GET_JS}; js.document.body",
    "js.window": f"{GET_JS}; js.window.parent",
    "js.localStorage": f"{GET_JS}; js.localStorage.getItem('x')",
    "js.eval": f"{GET_JS}; js.eval(f'import({{HOST!r}})')",
    "js.Function": f"{GET_JS}; js.Function(f'return import({{HOST!r}})')()",
    "a constructor": f"{GET_JS}; js.Object.constructor(f'return import({{HOST!r}})')()",
    "an async constructor": f"{GET_JS}; js.structuredClone.constructor.constructor(f'import({{HOST!r}})')()",
    "an own prototype": f"{GET_JS}; js.Reflect.getPrototypeOf(js.Object).constructor(f'import({{HOST!r}})')()",
    "a timer of text": f"{GET_JS}; js.setTimeout(f'import({{HOST!r}})', 0); 1 / 0",
    "the scope's prototype": f"{GET_JS}; js.Reflect.getPrototypeOf(js.globalThis).constructor.prototype.fetch(HOST)",
    "pyodide_js": "import importlib; importlib.import_module('pyodide_js').loadPackage(HOST + '/a.whl').catch(print);"
    " 1 / 0",
    "subclasses": "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'JsProxy'][0].fetch",
    "the archives' reader": "import sys; [f for f in sys.meta_path if hasattr(f, '_read')][0]._read(HOST)",
}
"""Ways out that are known, each of which must raise something."""

TRY_EACH = """\
HOST, PORT = {host!r}, {port}
for name, source in {tricks!r}.items():
    try:
        exec(source)
        print("OPEN", name)
    except BaseException as error:
        print("shut", name)
import numpy.fft, os
print("done", numpy.fft.fft([1.0, 1.0])[0].real, len(os.urandom(4)), os.cpu_count() > 0)
"""


class Counting(BaseHTTPRequestHandler):
    """Another host, which counts who comes."""

    visits: list[str]

    def do_GET(self) -> None:
        self.visits.append(self.path)
        self.send_response(200)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def other_host() -> Iterator[tuple[str, list[str]]]:
    visits: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Counting,), {"visits": visits}))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", visits
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.fault("the reader's own Python tries every known way out", "lets it reach neither page, host nor storage")
def test_a_readers_python_reaches_neither_page_nor_host(
    enter: Enter, visitor: tuple[Page, Watch], other_host: tuple[str, list[str]]
) -> None:
    host, visits = other_host
    cells = Cells(enter(GUIDE))
    cells.first.edit.click()
    cells.first.write(TRY_EACH.format(host=host, port=host.rpartition(":")[2], tricks=TRICKS))
    cells.first.run.click()
    cells.first.reaches("finished")

    visitor[1].forgive(REFUSED)
    lines = (cells.first.status.text_content() or "").splitlines()
    assert [line for line in lines if line != "shut " + line[5:]] == ["done 2.0 4 True"]
    assert len(lines) == len(TRICKS) + 1
    assert visits == []


REACH = """async (address) => {
  const tried = [fetch(address), import(address)];
  return (await Promise.allSettled(tried)).map(({ status }) => status);
}"""


@pytest.mark.fault("something in Python's worker asks another host", "stops it: the worker has the page's policy")
def test_the_policy_alone_keeps_the_worker_from_other_hosts(
    open_page: OpenPage, site: str, watch: Watch, other_host: tuple[str, list[str]]
) -> None:
    host, visits = other_host
    page = open_page()

    def confine_nothing(route: Route) -> None:
        route.fulfill(body="export const confine = () => {};", content_type="text/javascript")

    page.route("**/labs/confine.js", confine_nothing)
    Lab.ready(page, site)
    worker = python_of(page)
    assert worker.evaluate(REACH, f"{host}/x.js") == ["rejected", "rejected"]
    assert visits == []
    assert worker.evaluate("async () => (await fetch(new URL('/', self.origin))).status") == 200
    watch.forgive(REFUSED)


OUTWARD = [
    *("fetch", "XMLHttpRequest", "WebSocket", "WebSocketStream", "WebTransport", "EventSource", "Request", "FontFace"),
    *(
        "importScripts",
        "Worker",
        "SharedWorker",
        "BroadcastChannel",
        "postMessage",
        "onmessage",
        "reportError",
        "close",
    ),
    *("caches", "indexedDB", "cookieStore", "FileSystemHandle", "Notification", "fonts"),
]
"""Names by which a worker could reach a host, a page, a store or another worker."""


def test_a_confined_worker_has_no_name_that_leads_out(enter: Enter) -> None:
    lab = Lab(enter("modules/04-gradient-descent-in-practice/"))
    lab.element.scroll_into_view_if_needed()
    lab.reaches("ready")
    assert python_of(lab.page).evaluate("names => names.filter((name) => name in globalThis)", OUTWARD) == []
    assert python_of(lab.page).evaluate("() => 'sendBeacon' in navigator || 'serviceWorker' in navigator") is False
