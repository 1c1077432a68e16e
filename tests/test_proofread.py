"""What authors have beside the site: the anchors and the front matter of pages, and proofreading."""

from pathlib import Path

import pytest

from scripts import proofread
from scripts.blocks.inline import LinkKind
from scripts.languages import read_languages
from scripts.pages import Pages, find_anchors, front_matter_problems, split_front_matter
from tests.blocks import QUIZ, ROOT, RUN, render


def test_anchors_are_those_that_the_page_will_have() -> None:
    text = (
        "# The page\n\n## Twice\n\n## Twice\n\n## With `code` and *stress*\n\n## Named {#other}\n\n"
        f'Under\n=====\n\n<a id="raw"></a> [x](#y){{ #span }}\n\n{QUIZ.replace("go?", "go? {#direction}")}\n'
        "```python {.cell}\n0\n```\n\n```python {.cell #code}\n1\n```\n\n````\n## Example\n````\n\n"
        "```missions\ntitle: Two\nfirst:\n  title: A\n  text: B\n  goal: crawl\nsecond: {title: A}\n```\n\n"
        "$$\n\\begin{equation} a \\label{upd} \\end{equation}\n$$\n\nIn code: `$\\label{none}$`.\n"
    )
    assert find_anchors(text.splitlines()) == {
        "the-page",
        "twice",
        "twice_1",
        "with-code-and-stress",
        "other",
        "under",
        "raw",
        "span",
        "quiz-1",
        "direction",
        "cell-1",
        "code",
        "missions-1",
        "first",
        "second",
        "upd",
    }


@pytest.mark.parametrize(
    ("target", "kind", "sentence"),
    [
        ("two.md", "link", None),
        ("../a.png", "picture", None),
        ("https://example.org/", "link", None),
        ("https://example.org/", "href", None),
        ("data:image/png;base64,AA==", "src", None),
        ("../two/#there", "href", None),
        ("../two/index.html", "href", None),
        ("../../", "href", None),
        ("#here", "href", None),
        ("../../a.png", "src", None),
        ("../one.md", "href", "starts at modules/one/index.html, and the site has no modules/one.md"),
        ("two.md#there", "href", 'write [text](two.md#there) or "../two/#there"'),
        ("../a.png", "src", 'write ![text](../a.png) or "../../a.png"'),
        ("../../../a.png", "src", "leads nowhere"),
        ("../two/#gone", "href", "modules/two.md has no #gone"),
        ("modules/two.md", "page", None),
        ("modules/twos.md", "page", "; did you mean modules/two.md?"),
        ("two.md", "page", "leads nowhere"),
    ],
)
def test_an_address_is_judged_from_where_it_is_looked_up(
    target: str, kind: LinkKind, sentence: str | None, tmp_path: Path
) -> None:
    for name, text in {"index.md": "", "modules/one.md": "# Here", "modules/two.md": "# There", "a.png": ""}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    told = Pages(tmp_path).complaint("modules/one.md", target, kind)
    assert (told is None) if sentence is None else told and sentence in told


def test_progress_names_a_page_as_the_site_does_and_first_one_in_the_pages_language(tmp_path: Path) -> None:
    for name in ("modules/one.md", "de/modules/one.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("# One")
    pages = Pages(tmp_path, codes=["de"])
    for page, near in (("de/index.md", "de/modules/one.md"), ("index.md", "modules/one.md")):
        assert (pages.complaint(page, "modules/ones.md", "page") or "").endswith(f"; did you mean {near}?")
    for written in ("./index.md", "modules/../index.md"):
        assert 'data-page="index"' in render(f"```progress\n{written}\n```")[0]


@pytest.mark.parametrize(
    ("text", "first", "line"),
    [
        ("Text", 1, "Text"),
        ("---\na: 1\n---\nText", 4, "Text"),
        ("---\na: 1\n---\n\nText", 4, ""),
        ("---\na: 1\n...\nText", 4, "Text"),
        ("\ufeff---\na: 1\n---\nText", 4, "Text"),
        ("---\n---\nText", 3, "Text"),
        ("Text\n---\nText\n---\n", 1, "Text"),
    ],
)
def test_front_matter_is_not_read(text: str, first: int, line: str) -> None:
    first_line, lines = split_front_matter(text)
    assert (first_line, lines[0]) == (first, line)


def test_proofreading_tells_every_mistake_of_every_file(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text(f"---\ntitle: Good\n---\n\n# Good\n\n{QUIZ}\n[x](bad.md#bad) [y](good.md#quiz-1)")
    (tmp_path / "bad.md").write_bytes(
        b"---\r\ntitle: Bad\r\n---\r\n\r\n# Bad\r\n\r\n```lab\r\nepochs: 0\r\n```\r\n[x](else.md)"
    )
    (tmp_path / "ugly.md").write_bytes(b"# \xff")
    files = [tmp_path / name for name in ("good.md", "bad.md", "ugly.md")]
    found = [str(problem) for problem in proofread.proofread(files, RUN)]
    folder = tmp_path.name
    assert found == [
        f"{folder}/bad.md:8: epochs must be a whole number from 1 to 10,000, got 0",
        f'{folder}/bad.md:10: the link "else.md" leads nowhere: there is no file {folder}/else.md',
        f"{folder}/ugly.md:1: this file must be UTF-8, got byte 0xff",
    ]


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("---\ntitle: Module 6: Better\n---\nText", 2, "this is not valid YAML: mapping values are not allowed here"),
        ("---\r\nicon: a\r\ntitle: [x\r\n---\r\nText", 3, "this is not valid YAML"),
        ("---\n- title\n---\nText", 2, 'must be lines "setting: value"'),
        ("---\ntitle: Six\n\n# Six", 1, "this front matter is not closed"),
        ("---\ndescription: A\ntitel: Six\n---\nText", 3, "did you mean title?"),
        (
            "---\ntitle: A\n---\n\n---\ntitle: B\n---\nText",
            5,
            "a page has one front matter, which begins in line 1 with",
        ),
        ("----\ntitle: A\n----\nText", 1, "with three hyphens and no more, got '----'"),
        ("\n ---\ntitle: A\n---\nText", 2, "with three hyphens and no more, got ' ---'"),
        (
            "---\ntemplate: embd.html\n---\nText",
            2,
            "unknown template 'embd.html'; choose one of main.html, embed.html; did",
        ),
        ("---\ndescription: A\ntitle:\n---\nText", 3, "title must be a text that is not empty, got None"),
        ("---\ntitle: [A]\n---\nText", 2, "title must be a text that is not empty, got ['A']"),
        ("---\nhide: 5\n---\nText", 2, "hide must be a list, like [navigation, toc], got 5"),
    ],
)
def test_a_mistake_in_front_matter_is_told_at_its_line(text: str, line: int, sentence: str) -> None:
    (problem,) = front_matter_problems(text, "docs/page.md")
    assert (problem.file, problem.line) == ("docs/page.md", line)
    assert sentence in problem.sentence


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: A\nhide: [toc]\nown: 1\ntemplate: embed.html\n---\nText",
        "---\ntitle: A\n---\n\n---\n\nText",
        *("---\n\nA rule: above", "----\nWhat: a rule above", "Text", ""),
    ],
)
def test_other_beginnings_are_no_mistake(text: str) -> None:
    assert front_matter_problems(text, "docs/page.md") == []


def test_an_original_that_is_not_utf_8_does_not_keep_its_translation_from_being_read(tmp_path: Path) -> None:
    for code in read_languages():
        (tmp_path / code).mkdir(exist_ok=True)
    page, translation = tmp_path / "page.md", tmp_path / "de" / "page.md"
    page.write_bytes(b"# \xff\n")
    translation.write_text("# Eins\n")
    found = proofread.proofread([page, translation], RUN, tmp_path)
    assert [str(problem) for problem in found] == [f"{tmp_path.name}/page.md:1: this file must be UTF-8, got byte 0xff"]


def test_proofreading_ends_with_the_status_that_scripts_ask_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n")
    assert proofread.main([str(page)]) == 0
    page.write_text("$\\frc$\n\n$\\frc$\n")
    assert proofread.main([str(page)]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert proofread.main([str(tmp_path / "none.md")]) == 2


def test_a_page_by_another_ending_is_read_and_told(tmp_path: Path) -> None:
    (tmp_path / "page.markdown").write_text("# Page\n")
    (tmp_path / "page.css").write_text("")
    (problem,) = proofread.proofread(proofread.pages_below(tmp_path), RUN, tmp_path)
    assert str(problem) == f"{tmp_path.name}/page.markdown:1: the file of a page must end in .md, got .markdown"


def test_the_pages_of_the_site_have_no_mistakes() -> None:
    assert proofread.proofread(proofread.pages_below(ROOT / "docs"), RUN) == []
