"""The built site: complete, linked, from one origin, and in agreement with the code it shows."""

import html
import inspect
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from gd_core.training import descend
from scripts.bench.payload import imported, labs_of
from scripts.blocks.frame import LARGE as LARGE_DATA
from scripts.pages import TEMPLATES
from scripts.policy import DIRECTIVES, hashes
from scripts.styles import NEEDED_BY, minified
from scripts.svg import LARGE as LARGE_DRAWING
from scripts.svg import REPEATED
from scripts.versions import INSIDE, without_comments

ROOT = Path(__file__).resolve().parent.parent
LESSON = "modules/04-gradient-descent-in-practice/index.html"
ADDRESS = "http://127.0.0.1:8000/some/where/"

LOADS = {"src", "srcset", "poster", "data", "action", "formaction"}
"""Attributes whose address a browser loads, wherever they stand; `href` only loads in a `link` or in SVG."""


class Page(HTMLParser):
    """The elements of a page, in order, and its ids."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)
        self.ids = [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    @property
    def links(self) -> list[str]:
        """Where the page's anchors lead."""
        return [attributes["href"] for tag, attributes in self.elements if tag == "a" and "href" in attributes]

    @property
    def loads(self) -> list[str]:
        """What the page loads by itself."""
        found = []
        for tag, attributes in self.elements:
            found += [value for name, value in attributes.items() if name in LOADS]
            if tag in ("use", "image") or (tag == "link" and attributes.get("rel", "").strip() not in NOT_LOADED):
                found.append(attributes.get("href") or attributes.get("xlink:href", ""))
        return found


NOT_LOADED = {"canonical", "prev", "next", "alternate"}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the whole site, strictly, for an address with a subpath."""
    folder = tmp_path_factory.mktemp("site")
    done = build(ROOT / "mkdocs.yml", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def build(config: Path, folder: Path, *, strict: bool = True) -> "subprocess.CompletedProcess[str]":
    arguments = ["--config-file", str(config), "--site-dir", str(folder), *(["--strict"] if strict else [])]
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", *arguments],
        cwd=ROOT,
        env={**os.environ, "SITE_URL": ADDRESS, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_make_build_refuses_a_site_with_a_mistake(tmp_path: Path) -> None:
    (command,) = re.findall(r"^build: .*\n\tpython -m (mkdocs build.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text("site_name: One page\n")
    (tmp_path / "docs" / "index.md").write_text("# One page\n\n[Another](another.md)\n")
    done = subprocess.run(
        [sys.executable, "-m", *command.split()], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "another.md" in done.stderr


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[str, Page]:
    """Every page of the site by its path."""
    found = {path.relative_to(site).as_posix(): Page(path) for path in sorted(site.rglob("*.html"))}
    assert {"index.html", "404.html", "licences/index.html", LESSON} <= found.keys()
    return found


def words(fragment: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", fragment))


def inside(site: Path, page: str, link: str) -> tuple[Path, str] | None:
    """Return the file and the anchor to which a link leads, or None when it leaves the site."""
    parts = urlsplit(urljoin(ADDRESS + page, link))
    if not parts.geturl().startswith(ADDRESS):
        return None
    path = site / unquote(parts.path.removeprefix(urlsplit(ADDRESS).path))
    return (path / "index.html" if parts.path.endswith("/") else path), unquote(parts.fragment)


# --- links ----------------------------------------------------------------------------------------------------


def test_every_link_leads_to_a_page_and_an_anchor_that_exist(site: Path, pages: dict[str, Page]) -> None:
    dead = []
    for name, page in pages.items():
        for link in page.links + page.loads:
            target = inside(site, name, link)
            if target is None or link.startswith("data:"):
                continue
            path, anchor = target
            linked = pages.get(path.relative_to(site).as_posix())
            if not path.is_file() or (anchor and (linked is None or anchor not in linked.ids)):
                dead.append((name, link))
    assert not dead


def test_no_page_has_an_id_twice(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), name


@pytest.mark.parametrize("pattern", REPEATED)
def test_a_large_still_picture_and_points_stand_in_a_page_once_and_are_shown_again(
    pages: dict[str, Page], pattern: str
) -> None:
    for name, page in pages.items():
        large = [
            found["drawing"]
            for found in re.finditer(pattern, page.text, re.DOTALL)
            if len(found["drawing"]) >= LARGE_DRAWING
        ]
        assert len(large) == len(set(large)), name
    found = [*re.finditer(pattern, pages[LESSON].text, re.DOTALL)]
    again = [(part["words"], part["drawing"]) for part in found if part["drawing"].startswith("<use")]
    assert again
    assert {bool(words) for words, _ in again} == {"<title" in pattern}
    assert {re.findall('#(.*)"', use)[0] for _, use in again} <= set(pages[LESSON].ids)


def test_no_page_tells_its_labs_the_same_at_length_twice(pages: dict[str, Page]) -> None:
    shared = 0
    for name, page in pages.items():
        told = [(key, value) for tag, a in page.elements if tag == "gd-lab" for key, value in a.items()]
        long = [value for _, value in told if len(html.escape(value)) > LARGE_DATA]
        assert len(long) == len(set(long)), name
        named = {value.removeprefix("#") for _, value in told if value.startswith("#gd-told-")}
        assert named == {one for one in page.ids if one.startswith("gd-told-")}, name
        shared += len(named)
    assert shared >= 2


def test_the_theme_measures_no_listing_that_is_laid_out_later(pages: dict[str, Page]) -> None:
    far = {
        place: re.findall(r"<gd-lab\b.*?</gd-lab>|<details>.*?</details>", page.text, re.DOTALL)
        for place, page in pages.items()
    }
    listings = [
        listing for parts in far.values() for part in parts for listing in re.findall(r"<pre\b.*?<code\b", part)
    ]
    assert len(listings) >= 3
    assert [listing for listing in listings if '<span class="gd-unmeasured"><code' not in listing] == []


def test_links_are_relative_so_that_any_subpath_serves(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        if name == "404.html":
            continue
        for link in page.links + page.loads:
            assert not link.startswith(("/", ADDRESS)), (name, link)


def test_the_home_page_links_what_is_written_and_says_what_is_not(pages: dict[str, Page]) -> None:
    home = pages["index.html"].text
    course = home[home.index('<div class="gd-course">') :]
    modules = re.findall(r"<li>\s*<p><strong>(.*?)</strong>(.*?)</p>\s*<p>(.*?)</p>", course, re.DOTALL)
    assert [int(number) for number in re.findall(r"Module (\d+):", " ".join(title for title, _, _ in modules))] == [
        *range(1, len(modules) + 1)
    ]
    assert len(modules) >= 5
    for title, mark, teaches in modules:
        assert ("<a href=" in title) != ("not written yet" in mark), title
        assert len(words(teaches)) > 40
    written = {path.stem[:2] for path in (ROOT / "docs" / "modules").glob("*.md")}
    linked = {f"{int(words(title).split()[1][:-1]):02}" for title, _, _ in modules if "<a href=" in title}
    assert linked == written


# --- one origin -----------------------------------------------------------------------------------------------


def test_nothing_is_loaded_from_another_host(site: Path, pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        for load in page.loads:
            assert load.startswith("data:") or inside(site, name, load), (name, load)
        assert not re.search(r'rel="?(preconnect|dns-prefetch|preload)', page.text), name
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        loads = re.findall(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)", text)
        for load in ("".join(pair) for pair in loads):
            assert not re.match(r"(https?:)?//", load), (sheet, load)


def test_every_page_carries_the_policy_before_anything_is_loaded(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        policies = [
            index
            for index, (tag, attributes) in enumerate(page.elements)
            if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
        ]
        assert len(policies) == 1, name
        assert all(tag not in ("script", "link", "style") for tag, _ in page.elements[: policies[0]]), name
        assert '<meta charset="utf-8">' in page.text[:1024]
        assert page.text.count("<meta charset") == 1


def policies_of(pages: dict[str, Page]) -> set[str]:
    return {
        attributes["content"]
        for page in pages.values()
        for _, attributes in page.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    }


def test_one_policy_for_all_pages_allows_what_stands_in_them_and_no_other_code(pages: dict[str, Page]) -> None:
    (policy,) = policies_of(pages)
    sources = {name: allowed for name, *allowed in (part.split() for part in policy.split("; "))}
    assert sources.keys() == DIRECTIVES.keys()
    assert sources["default-src"] == ["'self'"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "data:", "*"} & {*sources["script-src"]}
    for page in pages.values():
        assert hashes(page.text, "script") <= {*sources["script-src"]}
        assert hashes(page.text, "style") <= {*sources["style-src-elem"]}
    given = {source for names in ("script-src", "style-src-elem") for source in sources[names] if "sha256" in source}
    used = {source for page in pages.values() for tag in ("script", "style") for source in hashes(page.text, tag)}
    assert given == used


def test_no_page_has_an_event_handler_or_a_script_in_an_attribute(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        for tag, attributes in page.elements:
            handlers = [attribute for attribute in attributes if attribute.startswith("on")]
            scripts = [value for value in attributes.values() if value.strip().lower().startswith("javascript:")]
            assert not handlers + scripts, (name, tag)


def test_our_own_scripts_name_no_host(site: Path) -> None:
    scripts = sorted((site / labs_of(site)).glob("*.js"))
    assert scripts
    for script in scripts:
        named = re.findall(r"https?://[^\s\"'`]*", script.read_text(encoding="utf-8"))
        assert all(name.startswith("http://www.w3.org/") for name in named), script.name


SHEETS = {path.name: path for path in sorted((ROOT / "docs" / "assets").rglob("*.css"))}
SPECIAL = {name.rsplit("/", 1)[-1]: mark for name, mark in NEEDED_BY.items()}


def classes(text: str) -> set[str]:
    """Our classes that a sheet or a script names."""
    return set(re.findall(r"[\"'`\s.](gd-[\w-]+)", text))


def only_in(name: str) -> set[str]:
    """The classes that no other sheet names."""
    others = (path.read_text(encoding="utf-8") for other, path in SHEETS.items() if other != name)
    return classes(SHEETS[name].read_text(encoding="utf-8")).difference(*map(classes, others))


def sheets_of(page: Page) -> set[str]:
    """The sheets whose styles stand in the page."""
    head = page.text[: page.text.index("<body")]
    return {name for name, path in SHEETS.items() if minified(path)[-60:] in head}


def test_the_site_has_every_style_sheet_and_every_sheet_for_some_pages_is_one(pages: dict[str, Page]) -> None:
    linked = {a.get("href", "").rsplit("/", 1)[-1] for tag, a in pages["404.html"].elements if tag == "link"}
    assert SHEETS.keys() <= linked
    assert SPECIAL.keys() < SHEETS.keys()


def test_a_page_holds_the_styles_that_it_needs_and_waits_for_no_sheet(pages: dict[str, Page]) -> None:
    everywhere = SHEETS.keys() - SPECIAL.keys()
    for name, page in pages.items():
        if name != "404.html":
            assert not [a for tag, a in page.elements if tag == "link" and a.get("rel") == "stylesheet"], name
            used = {word for _, a in page.elements for word in a.get("class", "").split()}
            assert everywhere | {sheet for sheet in SPECIAL if only_in(sheet) & used} <= sheets_of(page), name
    assert sheets_of(pages["index.html"]) == everywhere
    assert sheets_of(pages[LESSON]) == SHEETS.keys() - {"network.css", "graph.css", "embed.css", "architecture.css"}
    first, last = (next(page for name, page in pages.items() if name.startswith(f"modules/{n}-")) for n in ("03", "05"))
    assert sheets_of(first) == everywhere | {"network.css", "diagram.css"}
    assert sheets_of(last) == everywhere | {"graph.css", "diagram.css"}


def test_a_kind_of_lab_asks_for_the_styles_of_what_its_script_builds(site: Path) -> None:
    labs = labs_of(site)
    entry = (site / labs / "main.js").read_text(encoding="utf-8")
    found = re.findall(r'(\w+): async \(\) => \(await import\("\./([\w.-]+)"\)', entry)
    assert len(found) > 10
    for kind, script in found:
        texts = ((site / name).read_text(encoding="utf-8") for name in imported(site, {labs + script}))
        built = classes(" ".join(texts))
        element = f'<gd-{kind} data-kind="{kind}">'
        for sheet, mark in SPECIAL.items():
            assert re.search(mark, element) or not only_in(sheet) & built, (kind, sheet, only_in(sheet) & built)


def test_addresses_in_styles_lead_to_files_from_every_page(site: Path, pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        for load in re.findall(r'url\("(?!data:)([^")]+)"\)', page.text[: page.text.index("<body")]):
            assert (site / name).parent.joinpath(load).is_file(), (name, load)


def test_a_served_script_is_the_authors_without_its_comments_and_indents(site: Path) -> None:
    for script in sorted((ROOT / "docs" / "assets" / "labs").glob("*.js")):
        if script.name == INSIDE:
            pages = {path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
            (text,) = {re.search(r"<script data-labs=[^>]*>(.*?)</script>", page, re.DOTALL)[1] for page in pages}  # type: ignore[index]
        else:
            text = (site / labs_of(site) / script.name).read_text(encoding="utf-8")
        served = text.splitlines()
        written = [line.lstrip() for line in script.read_text(encoding="utf-8").splitlines()]
        left = iter(written)
        assert all(line in left for line in served), script.name
        assert all(re.match(r"/\*\*?|\*|//", line) for line in set(written) - set(served)), script.name


def test_no_text_in_a_script_has_indents_of_its_own() -> None:
    """Each would lose them. The list in `confine.js` is taken apart at any white space."""
    for script in sorted((ROOT / "docs" / "assets").rglob("*.js")):
        code = without_comments(script.read_text(encoding="utf-8"))
        assert script.name == "confine.js" or all(line.count("`") % 2 == 0 for line in code.splitlines()), script.name


def test_what_only_authors_need_is_not_published(site: Path) -> None:
    ours = [path.relative_to(site) for path in site.rglob("*") if "runtime" not in path.relative_to(site).parts]
    assert not [path for path in ours if path.name.endswith((".d.ts", ".md", ".py"))]


def test_every_page_describes_itself(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        descriptions = [a["content"] for tag, a in page.elements if tag == "meta" and a.get("name") == "description"]
        assert len(descriptions) == 1, name
        assert len(descriptions[0]) > 30


# --- the lesson -----------------------------------------------------------------------------------------------


def test_the_lesson_comes_in_its_order(pages: dict[str, Page]) -> None:
    text = pages[LESSON].text
    article = text[text.index("<article") : text.index("</article>")]
    marks = [
        "All modules</a>",
        "Module 4: Gradient Descent in Practice",
        "Putting neurons together",
        "about 30 minutes",
        "Module 3</a>",
        "Course 2",
        'id="the-training-loop"',
        "<math",
        "learning rate",
        "descend",
        'id="the-training-lab"',
        'data-kind="training"',
        "<noscript",
        "<gd-missions",
        'class="gd-rates"',
        'data-kind="valley"',
        'data-kind="sweep"',
        'data-kind="step"',
        'id="the-same-loop-in-keras"',
        "data-gd-rate",
        "is the loop above",
        'id="beyond-plain-descent"',
        "data-baseline",
        'id="your-own-update-rule"',
        'data-kind="rule"',
        'id="one-algorithm-trains-them-all"',
        "hundreds of billions",
        'id="check-your-understanding"',
        "<gd-quiz",
        "<gd-score",
        'id="why-this-matters-next"',
        "backpropagation",
        "In one sentence",
        "Module 5: Backpropagation Intuition</a>",
        "All modules</a>",
    ]
    at = 0
    for mark in marks:
        found = article.find(mark, at)
        assert found >= 0, f"{mark!r} is missing, or stands too early"
        at = found + len(mark)


def test_the_loop_on_the_page_is_the_loop_that_runs(pages: dict[str, Page]) -> None:
    code = [words(code) for code in re.findall(r"<code>(.*?)</code></pre>", pages[LESSON].text, re.DOTALL)]
    assert inspect.getsource(descend) in code


def test_the_lessons_formulas_are_mathml_and_need_no_script(pages: dict[str, Page]) -> None:
    text = pages[LESSON].text
    assert '<math display="block"><mi>w</mi>' in text
    assert text.count("<math") >= 6
    article = text[text.index("<article") : text.index("</article>")]
    assert "$" not in words(article)
    assert "<script" not in article


def test_the_labs_runtime_lies_where_the_page_says(site: Path, pages: dict[str, Page]) -> None:
    (runtime,) = {attributes["data-runtime"] for tag, attributes in pages[LESSON].elements if tag == "gd-lab"}
    folder = (site / LESSON).parent / runtime
    assert (folder / "manifest.json").is_file()


def test_the_lesson_without_javascript_shows_what_each_rate_does(pages: dict[str, Page]) -> None:
    text = pages[LESSON].text
    figure = words(text[text.index('<figure class="gd-rates"') :])
    for verdict in ("Learning rate 0.0001: crawling", "Learning rate 0.1: converged", "Learning rate 100: diverged"):
        assert verdict in figure


def test_the_quiz_has_six_questions_that_explain_every_answer(pages: dict[str, Page]) -> None:
    elements = pages[LESSON].elements
    classes = [attributes.get("class", "") for _, attributes in elements]
    assert classes.count("gd-quiz-question") == 6
    answers = [attributes for _, attributes in elements if "data-answer" in attributes]
    assert classes.count("gd-quiz-why") == len(answers)
    solutions = [index for index, name in enumerate(classes) if name == "gd-quiz-solution"]
    first_is_right = [
        next(attributes["data-right"] for _, attributes in elements[index:] if "data-right" in attributes)
        for index in solutions
    ]
    assert set(first_is_right) == {"true", "false"}
    assert classes.count("gd-judge") == 2


# --- mistakes -------------------------------------------------------------------------------------------------


def config_for(folder: Path) -> str:
    """Return the site's configuration for other pages, below another folder."""
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    config = config[: config.index("nav:")] + config[config.index("theme:") :]
    for path in ("scripts/theme", "scripts/hooks.py"):
        config = config.replace(f" {path}", f" {ROOT / path}")
    return config.replace("  - gd_core\n  - scripts\n", f"  - {folder / 'docs'}\n")


PAGE_OF_MISTAKES = """\
---
title: Home
---

# Home

[x](gone.md)

!!! note

    ```lab
    epochs: 0
    ```

$\\frc$

```python {.cell}
a = 1
a / 0
```

```laab
```
"""


def test_a_strict_build_fails_with_every_mistake_by_file_and_line(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text(PAGE_OF_MISTAKES)
    (tmp_path / "mkdocs.yml").write_text(config_for(tmp_path))
    done = build(tmp_path / "mkdocs.yml", tmp_path / "site")
    assert done.returncode != 0
    told = [
        'docs/index.md:7: the link "gone.md" leads nowhere: there is no file docs/gone.md',
        "docs/index.md:12: epochs must be a whole number from 1 to 10,000, got 0",
        'docs/index.md:15: character 1 of this formula, at "\\frc": unknown command',
        "docs/index.md:19: this cell fails: ZeroDivisionError: division by zero",
        "docs/index.md:22: unknown block 'laab'",
    ]
    assert [sentence for sentence in told if sentence not in done.stderr] == []


def test_mistakes_are_shown_in_the_page_where_the_block_stands_or_at_the_top(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text(PAGE_OF_MISTAKES)
    (tmp_path / "mkdocs.yml").write_text(config_for(tmp_path))
    done = build(tmp_path / "mkdocs.yml", tmp_path / "site", strict=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "site" / "index.html").read_text()
    article = page[page.index("<article") :]
    lines = [int(line) for line in re.findall(r'class="admonition-title">docs/index.md, line (\d+)<', article)]
    assert lines == [7, 15, 22, 12, 19]
    assert article.index("line 22") < article.index('id="home"') < article.index("line 12") < article.index("line 19")
    assert re.search(r'<div class="admonition note">.*?line 12<.*?</div>\s*</div>', article, re.DOTALL)


PAGE_OF_IDS = """\
# Home

[a](#mine) [b](#lab-1) [c](#first) [d](#right) [e](#update) [f](#quiz-1) [g](#valley-1) [h](other.md#theirs)

```lab
epochs: 5
points: 20
```

```python {.cell #mine}
1
```

```valley
```

```missions
first:
  title: First
  text: Break it.
  goal: break
```

```quiz
1. Right? {#right}
   - [x] Yes
     > It is.
   - [ ] No
     > It is not.
```

$$
\\begin{equation} a = b \\label{update} \\end{equation}
$$
"""


def test_a_strict_build_takes_links_to_all_that_a_block_names(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text(PAGE_OF_IDS)
    (docs / "other.md").write_text("# Other\n\n```python {.cell #theirs}\n1\n```\n")
    (tmp_path / "mkdocs.yml").write_text(config_for(tmp_path))
    done = build(tmp_path / "mkdocs.yml", tmp_path / "site")
    assert done.returncode == 0, done.stderr
    page = Page(tmp_path / "site" / "index.html")
    assert {link for link in page.links if link[1:] in page.ids} >= {
        *("#mine", "#lab-1", "#first", "#right", "#update", "#quiz-1", "#valley-1")
    }


def test_a_template_that_there_is_not_is_told_and_does_not_end_the_build(tmp_path: Path) -> None:
    assert {path.name for path in (ROOT / "scripts" / "theme").glob("*.html")} >= set(TEMPLATES)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("---\ntemplate: embd.html\n---\n\n# Home\n")
    (tmp_path / "mkdocs.yml").write_text(config_for(tmp_path))
    done = build(tmp_path / "mkdocs.yml", tmp_path / "site", strict=False)
    assert done.returncode == 0, done.stderr
    assert "docs/index.md:2: unknown template 'embd.html'" in done.stderr
