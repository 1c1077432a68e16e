"""What serves without a network: the list of what is kept, the archive, and the folder named after a version."""

import hashlib
import json
import os
import re
import zipfile
from pathlib import Path

import pytest

from scripts.bench.payload import RUNTIME, first_visit, labs_of
from scripts.offline import ARCHIVE, SERVED, SOURCE, kept_files, write_archive, write_worker
from scripts.versions import FOLDER, served_folder, served_scripts

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted(f"modules/{path.stem}/" for path in (ROOT / "docs" / "modules").glob("*.md"))


@pytest.fixture(scope="module")
def site() -> Path:
    folder = Path(os.environ.get("GD_SITE", ROOT / "site"))
    if not (folder / SERVED).exists():
        pytest.fail(f"no built site in {folder}; build it with `make build`")
    return folder


def listed(site: Path) -> dict[str, str]:
    """What the service worker of a site keeps."""
    found = re.search(r"const SITE = (\{.*?\n\});", (site / SERVED).read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    files: dict[str, str] = json.loads(found[1])["files"]
    return files


@pytest.mark.parametrize("lesson", LESSONS)
def test_all_that_a_lesson_loads_is_kept_except_python_which_the_page_keeps(site: Path, lesson: str) -> None:
    kept = listed(site)
    loaded = {path for path in first_visit(site, lesson) if not path.startswith(RUNTIME)}
    assert lesson in loaded
    assert loaded - kept.keys() == set()
    assert not [path for path in kept if path.startswith(RUNTIME)]


def test_what_is_kept_is_what_the_site_serves(site: Path) -> None:
    for address, sha256 in listed(site).items():
        path = site / address / "index.html" if address == "" or address.endswith("/") else site / address
        assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256, address


def test_each_language_has_a_worker_that_keeps_its_pages_and_what_they_load_alone(tmp_path: Path) -> None:
    labs = "assets/0123456789abcdef/labs/"
    search = "assets/javascripts/lunr/min/lunr.de.min.js"
    own = ["index.html", "modules/01-one/index.html", "search/search_index.json", "sitemap.xml"]
    files = [
        *own,
        *(f"de/{name}" for name in own),
        f"{labs}main.js",
        search,
        *(f"{labs}languages/{c}.json" for c in ("de", "es")),
    ]
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    english = kept_files(tmp_path, labs)
    german = kept_files(tmp_path, labs, "de", [search])
    assert english["folder"] == ""
    assert set(english["files"]) == {"", "modules/01-one/", "search/search_index.json", "sitemap.xml", f"{labs}main.js"}
    assert german["folder"] == "de/"
    assert set(german["files"]) == {
        *("de/", "de/modules/01-one/", "de/search/search_index.json", "de/sitemap.xml"),
        *(f"{labs}main.js", f"{labs}languages/de.json", search),
    }
    write_worker(tmp_path, ROOT / "docs" / SOURCE, labs, keeps=True, code="de")
    assert list(listed(tmp_path / "de")) == [path for path in german["files"] if path != search]


def test_what_is_kept_is_little(site: Path) -> None:
    paths = [site / address for address in listed(site)]
    assert sum((path / "index.html" if path.is_dir() else path).stat().st_size for path in paths) < 2_500_000


def test_an_image_of_a_lesson_is_kept_and_one_of_another_host_is_not(tmp_path: Path) -> None:
    lesson = tmp_path / "modules" / "06-mistakes"
    lesson.mkdir(parents=True)
    (tmp_path / "index.html").write_text("")
    (tmp_path / "photo.png").write_bytes(b"png")
    (lesson / "index.html").write_text(
        '<p><img alt="" src="../../photo.png"><img src="https://example.org/x.png"><a href="../../other.csv">x</a></p>'
    )
    (tmp_path / "other.csv").write_text("1")
    site = kept_files(tmp_path, "assets/0123456789abcdef/labs/")
    assert list(site["files"]) == ["", "modules/06-mistakes/", "photo.png"]


def test_names_are_kept_as_they_are_however_a_page_writes_them(tmp_path: Path) -> None:
    lesson = tmp_path / "modules" / "06 größer"
    lesson.mkdir(parents=True)
    (tmp_path / "index.html").write_text("")
    (tmp_path / "loss curve ß.png").write_bytes(b"png")
    (lesson / "index.html").write_text('<img alt="" src="../../loss%20curve%20%C3%9F.png">')
    site = kept_files(tmp_path, "assets/0123456789abcdef/labs/")
    assert list(site["files"]) == ["", "modules/06 größer/", "loss curve ß.png"]


def test_a_change_of_any_file_that_is_kept_makes_another_version(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("one")
    versions = [kept_files(tmp_path, "assets/0/labs/")["version"], kept_files(tmp_path, "assets/1/labs/")["version"]]
    (tmp_path / "index.html").write_text("two")
    versions.append(kept_files(tmp_path, "assets/0/labs/")["version"])
    assert len(set(versions)) == 3


def test_a_site_that_keeps_nothing_is_served_a_worker_that_retires(tmp_path: Path) -> None:
    write_worker(tmp_path, ROOT / "docs" / SOURCE, "assets/0/labs/", keeps=False)
    assert re.search(r"const SITE = .*null", (tmp_path / SERVED).read_text())


def test_a_worker_without_a_place_for_the_list_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "worker.js"
    source.write_text("const SITE = {};")
    with pytest.raises(ValueError, match=r"must hold .* once, got it 0 times"):
        write_worker(tmp_path, source, "assets/0/labs/", keeps=True)


def test_the_archive_is_the_whole_site_in_a_folder_with_a_word_on_how_to_serve_it(site: Path) -> None:
    with zipfile.ZipFile(site / ARCHIVE) as archive:
        names = set(archive.namelist())
        read_me = archive.read("lessons/README.txt").decode()
    served = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    assert names == {f"lessons/{name}" for name in served - {ARCHIVE}} | {"lessons/README.txt"}
    assert "python -m http.server" in read_me
    assert (site / ARCHIVE).stat().st_size < 32_000_000  # Python lies in it packed for slow and for fast lines


def test_the_same_site_gives_the_same_archive_which_anybody_may_read(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("one")
    contents = []
    for _ in range(2):
        write_archive(tmp_path)
        contents.append((tmp_path / ARCHIVE).read_bytes())
    assert contents[0] == contents[1]
    with zipfile.ZipFile(tmp_path / ARCHIVE) as archive:
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o644}


def test_a_change_of_any_script_moves_all_of_them_to_another_folder(site: Path, tmp_path: Path) -> None:
    scripts = served_scripts(ROOT / "docs")
    assert served_folder(scripts) == labs_of(site)
    (tmp_path / FOLDER).mkdir(parents=True)
    folders = set()
    for text in ("let a;\n", "let b;\n", "// said\nlet b;\n"):
        (tmp_path / FOLDER / "main.js").write_text(text)
        folders.add(served_folder(served_scripts(tmp_path)))
    assert len(folders) == 2  # comments are not served
