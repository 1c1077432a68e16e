"""Languages: their files and what they lack, the site of each, and translations held against their originals."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scripts import languages
from scripts.languages import (
    Language,
    LanguageError,
    messages_in_python,
    messages_in_script,
    messages_in_site,
    messages_in_template,
    missing,
    mistakes,
    read_language,
    read_languages,
    said,
)
from scripts.pages import Pages
from scripts.translations import fallen_behind
from tests.test_site import ADDRESS, build, config_for

GERMAN: dict[str, Any] = {"name": "Deutsch", "decimal": ",", "group": ".", "grouped_from": 4, "messages": {}}


def german(**messages: str | None) -> Language:
    return Language(name="Deutsch", decimal=",", group=".", grouped_from=4, messages=messages)


# --- the files of languages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", read_languages())
def test_a_language_says_all_that_the_code_says_and_nothing_else(code: str) -> None:
    language, messages = read_languages()[code], said()
    assert missing(language, messages) == []
    assert mistakes(language, messages) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "de.json must be JSON: "),
        ('{"name": "a", "name": "b"}', "de.json must be JSON: a name must stand once, got 'name' 2 times"),
        ("[]", "de.json must hold name, decimal, group, grouped_from, messages, and no more, got list"),
        (
            '{"name": "Deutsch"}',
            "de.json must hold name, decimal, group, grouped_from, messages, and no more, got name",
        ),
        (json.dumps(GERMAN | {"name": ""}), "name in de.json must be a text, got ''"),
        (json.dumps(GERMAN | {"grouped_from": 3}), "grouped_from in de.json must be 4 or 5, got 3"),
        (json.dumps(GERMAN | {"decimal": ",,"}), "decimal in de.json must be one character, got ',,'"),
        (json.dumps(GERMAN | {"messages": []}), "messages in de.json must be pairs of texts, got []"),
        (
            json.dumps(GERMAN | {"messages": {"Train": ""}}),
            "the translation of 'Train' in de.json must be a text, or null where English stays, got ''",
        ),
    ],
)
def test_a_file_that_is_wrong_is_told_in_one_sentence(text: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "de.json"
    path.write_text(text)
    with pytest.raises(LanguageError) as error:
        read_language(path)
    assert str(error.value).startswith(sentence)


def test_what_python_says_is_its_literal_texts_in_their_order() -> None:
    source = '''
def title(name, count):
    """say("nothing")"""
    print(say("{count:,} runs of {name}", count=count, name=language.say("the lab")))
    return say("Two " 'lines', end="x")
'''
    found = messages_in_python(source, "a.py")
    assert [(message.text, message.line, sorted(message.values)) for message in found] == [
        ("{count:,} runs of {name}", 4, ["count", "name"]),
        ("the lab", 4, []),
        ("Two lines", 5, []),
    ]


@pytest.mark.parametrize("call", ["say(text)", 'say(f"{a}")', "say()", 'say("a" + b)', "say(1)"])
def test_what_is_said_without_being_written_out_is_refused(call: str) -> None:
    with pytest.raises(LanguageError, match=r"a.py:1: what is said must be one text, written out, got say\("):
        messages_in_python(call, "a.py")


def test_what_a_script_says_is_its_templates_with_the_tag() -> None:
    script = r"""
      // t`in a comment`
      /* t`in another` */
      const a = t`Train`, b = "t`in a text`", c = `t${t`inside`}`;
      const d = t`epoch ${f({ a: { b: 1 } })} of ${t`nested ${x}`}, \`${"}"}\` \u{2212}1\n`;
      const e = /[/`]t`/.test(a) ? at`not the tag` : x / 2 / t`divided`;
      const f = `${`${1}`}${"`"}`; t`${a}
${b}`;
    """
    assert [message.text for message in messages_in_script(script)] == [
        "Train",
        "inside",
        "epoch {0} of {1}, `{2}` −1\n",
        "nested {0}",
        "divided",
        "{0}\n{1}",
    ]
    found = messages_in_script(script)
    assert [message.line for message in found] == [4, 4, 5, 5, 6, 7]
    assert found[2].values == {"0", "1", "2"}


def test_what_templates_and_the_sites_configuration_say_is_found() -> None:
    template = '{# say("no") #}<p title="{{ say("Reload") }}">{{ say("of {name}", name=1) | e }}</p>'
    assert [message.text for message in messages_in_template(template)] == ["Reload", "of {name}"]
    with pytest.raises(LanguageError, match=r"x.html:1: .* got say\(…\)"):
        messages_in_template("{{ say(name) }}", "x.html")
    config = {
        "site_name": "Site",
        "site_description": "About it",
        "nav": [{"Home": "index.md"}, {"Part": [{"Lesson": "a.md"}, {"Inner": ["b.md"]}]}],
        "theme": {"palette": [{"toggle": {"name": "Dark"}}]},
    }
    assert messages_in_site(config) == ["Site", "About it", "Part", "Inner", "Dark"]


def test_a_translation_has_the_values_of_its_message_and_a_message_that_is_said() -> None:
    messages = [
        *messages_in_python('say("{loss:.3f} after {epochs} epochs"), say("Step"), say("Save")', "a.py"),
        *messages_in_script("t`${1} of ${2}`", "a.js"),
    ]
    right: dict[str, str | None] = {
        "{loss:.3f} after {epochs} epochs": "nach {epochs} Epochen {loss:.1f}",
        "Step": None,
        "{0} of {1}": "von {1} {0}",
    }
    assert mistakes(german(**right), messages) == []
    assert missing(german(**right), messages) == ["Save"]
    wrong = german(
        **{"{loss:.3f} after {epochs} epochs": "{loss} nach {epoch}", "Step": "{", "{0} of {1}": "{0}", "Old": "Alt"}
    )
    assert mistakes(wrong, messages) == [
        "the translation of '{loss:.3f} after {epochs} epochs' must have the values epochs, loss, got epoch, loss",
        "the translation of 'Step' cannot be read: Single '{' encountered in format string, got '{'",
        "the translation of '{0} of {1}' must have the values 0, 1, got 0",
        "nothing says 'Old' any more; take it out",
    ]


def test_what_is_missing_is_printed_as_lines_of_the_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    messages = messages_in_python('say("Save"), say("the \\"loss\\"")', "a.py")
    monkeypatch.setattr(languages, "said", lambda: messages)
    monkeypatch.setattr(languages, "read_languages", lambda: {"de": german(Save="Sichern", Old="Alt")})
    assert languages.main([]) == 1
    told = capsys.readouterr()
    assert told.out == '    "the \\"loss\\"": "",\n'
    assert told.err == "de: nothing says 'Old' any more; take it out\nde: 2 messages, 1 missing, 1 to mend\n"
    assert languages.main(["fr"]) == 2
    assert capsys.readouterr().err == "unknown language 'fr'; choose one of de\n"
    monkeypatch.setattr(languages, "said", lambda: messages[:1])
    monkeypatch.setattr(languages, "read_languages", lambda: {"de": german(Save="Sichern")})
    assert languages.main(["de"]) == 0


# --- the site of a language -------------------------------------------------------------------------------------

PAGES = {
    "index.md": "# Home\n\n[one](modules/one.md)\n",
    "modules/one.md": "# One\n\n## Deep {#deep}\n\n```python\n1\n```\n\nTraining\n",
    "modules/two.md": "# Two\n\n## There {#there}\n",
    "de/index.md": "# Start\n\n[eins](modules/one.md#deep) [zwei](modules/two.md#there)\n",
    "de/modules/one.md": "# Eins\n\n## Tief {#deep}\n\n```python\n1\n```\n\nTraining\n\n![](../pictures/a.png)\n",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a small site of which a part is translated, strictly."""
    folder = tmp_path_factory.mktemp("languages")
    for name, text in PAGES.items():
        path = folder / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "docs" / "pictures").mkdir()
    (folder / "docs" / "pictures" / "a.png").write_bytes(b"")
    messages = {"Modules": "Module", "Copy to clipboard": "Kopieren", "Neural Networks & Deep Learning": "Netze"}
    file = folder / "docs" / "assets" / "labs" / "languages" / "de.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(GERMAN | {"messages": messages}))
    (folder / "mkdocs.yml").write_text(config_for(folder))
    done = build(folder / "mkdocs.yml", folder / "site")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


def html(site: Path, address: str) -> str:
    return (site / address / "index.html").read_text(encoding="utf-8")


def links(text: str, mark: str) -> list[tuple[str, str]]:
    """The address and the words of each link with a class."""
    found = re.findall(rf'<a[^>]*\bclass="{mark}[^>]*>.*?</a>', text, re.DOTALL)
    return [(re.findall(r'href="([^"]*)"', link)[0], " ".join(re.sub(r"<[^>]*>", " ", link).split())) for link in found]


def test_a_page_in_a_languages_folder_says_everything_in_that_language(site: Path) -> None:
    page = html(site, "de/modules/one")
    assert '<html lang="de"' in page
    assert "<title>Eins - Netze</title>" in page
    for words in ("Zum Inhalt", 'role="dialog" aria-label="Suche"', 'title="Kopieren"'):
        assert words in page
    original = html(site, "modules/one")
    assert '<html lang="en"' in original
    for words in ("Skip to content", 'role="dialog" aria-label="Search"', 'title="Copy to clipboard"'):
        assert words in original


def test_the_menu_has_a_languages_own_pages_and_english_ones_where_it_has_none(site: Path) -> None:
    menu = re.sub(r'<nav class="md-nav md-nav--secondary.*?</nav>', "", html(site, "de/modules/one"), flags=re.DOTALL)
    assert links(menu, "md-nav__link") == [("../../", "Start"), ("./", "Eins"), ("../../../modules/two/", "Two")]
    assert '<span lang="en">Two</span>' in menu
    assert re.search(r'<input[^>]*id="__nav_2" checked>\s*<label[^>]*>\s*<span class="md-ellipsis">\s*Module\s', menu)
    assert '<link rel="prev" href="../../">' in menu
    assert '<link rel="next"' not in menu
    assert [words for _, words in links(html(site, ""), "md-nav__link")] == ["Home", "One", "Two"]


def test_the_switch_leads_to_the_same_page_or_to_the_languages_first(site: Path) -> None:
    assert links(html(site, "modules/one"), "md-select__link") == [
        ("./", "English"),
        ("../../de/modules/one/", "Deutsch"),
    ]
    assert links(html(site, "modules/two"), "md-select__link") == [("./", "English"), ("../../de/", "Deutsch")]
    german = html(site, "de/modules/one")
    assert links(german, "md-select__link") == [("../../../modules/one/", "English"), ("./", "Deutsch")]
    assert 'hreflang="en" lang="en">English' in german
    assert 'hreflang="de" lang="de" aria-current="true">Deutsch' in german


def test_search_engines_are_told_which_pages_are_the_same(site: Path) -> None:
    one, eins = (f"{ADDRESS}{folder}modules/one/" for folder in ("", "de/"))
    assert f'hreflang="de" href="{eins}"' in html(site, "modules/one")
    assert f'hreflang="en" href="{one}"' in html(site, "de/modules/one")
    assert "alternate" not in html(site, "modules/two")
    maps = {folder: (site / folder / "sitemap.xml").read_text() for folder in ("", "de")}
    named = {folder: re.findall("<loc>(.*)</loc>", text) for folder, text in maps.items()}
    assert named["de"] == [f"{ADDRESS}de/", eins]
    assert set(named[""]) == {ADDRESS, one, f"{ADDRESS}modules/two/"}
    assert f'<xhtml:link rel="alternate" hreflang="de" href="{eins}"/>' in maps[""]


def test_a_link_to_what_is_not_translated_leads_to_the_english_page(site: Path) -> None:
    start = html(site, "de")
    assert '<a href="modules/one/#deep">eins</a>' in start
    assert '<a href="../modules/two/#there">zwei</a>' in start
    assert 'src="../../../pictures/a.png"' in html(site, "de/modules/one")


def test_each_language_searches_its_own_pages_with_its_own_words(site: Path) -> None:
    base = re.compile(r'"base": "([^"]*)"')
    assert base.findall(html(site, "de/modules/one")) == ["../../"]
    assert base.findall(html(site, "modules/one")) == ["../.."]
    found = {folder: json.loads((site / folder / "search/search_index.json").read_text()) for folder in ("", "de")}
    places = {folder: {entry["location"] for entry in index["docs"]} for folder, index in found.items()}
    assert places["de"] == {"", "modules/one/", "modules/one/#deep"}
    assert places[""] == {"", "modules/one/", "modules/one/#deep", "modules/two/", "modules/two/#there"}
    assert [index["config"]["lang"] for index in found.values()] == [["en"], ["de"]]
    scripts = {path.name for path in (site / "assets/javascripts/lunr").rglob("*.js")}
    assert scripts == {"lunr.stemmer.support.min.js", "lunr.de.min.js"}


@pytest.mark.parametrize(
    ("code", "pages", "sentence"),
    [
        ("de", {"de/one.md": "# Eins\n"}, "a language must have a page de/index.md, got de/one.md alone"),
        ("xx", {"xx/index.md": "# Xx\n"}, "a language must be one that Material has words for, got 'xx'"),
    ],
)
def test_a_language_that_no_site_can_have_is_told(
    code: str, pages: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    for name, text in {"index.md": "# Home\n", **pages}.items():
        (tmp_path / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / name).write_text(text)
    file = tmp_path / "docs" / "assets" / "labs" / "languages" / f"{code}.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(GERMAN))
    (tmp_path / "mkdocs.yml").write_text(config_for(tmp_path))
    done = build(tmp_path / "mkdocs.yml", tmp_path / "site")
    assert done.returncode != 0
    assert sentence in done.stderr


# --- translations ---------------------------------------------------------------------------------------------

ORIGINAL = """\
# One

[two](two.md#there), [above](#lab), [elsewhere](https://example.org/)

## The lab {#lab}

```lab
title: Train
epochs: 50
presets:
  Small: {learning_rate: 0.1}
```

```progress
modules/two.md
```

```quiz
1. Right? {#right}
   - [x] Yes
     > It is.
   - [ ] No
     > It is not.
   - [ ] Both
     > It is one.
```

```python {.cell}
a = 1  # one
```

```source
gd_core.optimizers:SGD.update
```
"""
TRANSLATION = """\
# Eins

[drüber](#lab) und [zwei](two.md#there)

## Das Labor {#lab}

```lab
title: Trainiere
epochs: 50
presets:
  Klein: {learning_rate: 0.1}
```

```progress
modules/two.md
```

```quiz
1. Richtig? {#right}
   - [x] Ja
     > So ist es.
   - [ ] Nein
     > So nicht.
   - [ ] Beides
     > Es ist eines.
```

```python {.cell}
a = 1  # eins
```

```source
gd_core.optimizers:SGD.update
```
"""


def behind(folder: Path, translation: str) -> list[str]:
    pages = {"modules/one.md": ORIGINAL, "modules/two.md": "# Two {#there}\n", "de/modules/one.md": translation}
    for name, text in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return [
        f"{problem.line}: {problem.sentence}"
        for problem in fallen_behind("de/modules/one.md", Pages(folder, codes=["de"]))
    ]


def test_a_translation_may_have_other_words_and_nothing_else_otherwise(tmp_path: Path) -> None:
    assert behind(tmp_path, TRANSLATION) == []
    assert fallen_behind("modules/one.md", Pages(tmp_path, codes=["de"])) == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("epochs: 50", "epochs: 60", "7: epochs must be 50 as in {one}:7, got 60"),
        (
            "rate: 0.1",
            "rate: 1",
            "7: presets must be {{'learning_rate': 0.1}} as in {one}:7, got {{'learning_rate': 1.0}}",
        ),
        ("presets:\n  Klein: {learning_rate: 0.1}\n", "", "7: the number of presets must be 1 as in {one}:7, got 0"),
        ("```lab", "```rule", "7: block 1 must be lab as in {one}:7, got rule"),
        ("modules/two", "modules/one", "15: page must be 'modules/two.md' as in {one}:15, got 'modules/one.md'"),
        ("{#right}", "{#richtig}", "19: name must be 'right' as in {one}:19, got 'richtig'"),
        ("   - [ ] Nein\n     > So nicht.\n", "", "19: the number of answers must be 3 as in {one}:19, got 2"),
        ("a = 1", "a = 2", "28: source must be 'a = 1  # one\\n' as in {one}:28, got 'a = 2  # eins\\n'"),
        (
            "SGD.update",
            "Adam.update",
            "32: name must be 'gd_core.optimizers:SGD.update' as in {one}:32, got 'gd_core.optimizers:Adam.update'",
        ),
        ("[zwei](two.md#there)", "zwei", "35: a link must lead to modules/two.md#there as in {one}:3, got none"),
    ],
)
def test_whatever_else_is_otherwise_is_told_with_both_lines(old: str, new: str, sentence: str, tmp_path: Path) -> None:
    assert old in TRANSLATION
    one = f"{tmp_path.name}/modules/one.md"
    assert behind(tmp_path, TRANSLATION.replace(old, new)) == [sentence.format(one=one)]


def test_the_right_answers_of_a_translation_are_the_originals_in_their_order(tmp_path: Path) -> None:
    swapped = TRANSLATION.replace("[x] Ja", "[ ] Ja").replace("[ ] Nein", "[x] Nein")
    one = f"{tmp_path.name}/modules/one.md"
    assert behind(tmp_path, swapped) == [
        f"20: right must be True as in {one}:20, got False",
        f"22: right must be False as in {one}:22, got True",
    ]


def test_blocks_that_are_missing_or_too_many_are_told(tmp_path: Path) -> None:
    one = f"{tmp_path.name}/modules/one.md"
    less = TRANSLATION[: TRANSLATION.index("```python")]
    assert behind(tmp_path, less) == [f"28: block 4 must be cell as in {one}:28, got none"]
    more = behind(tmp_path, TRANSLATION + "\n```score\n```\n")
    assert more == [f"36: block 6 must be none as in {one}:1, got score"]


def test_a_translation_lies_where_its_original_does(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "one.md").write_text("# Eins\n")
    (problem,) = fallen_behind("de/one.md", Pages(tmp_path, codes=["de"]))
    name = tmp_path.name
    assert (
        str(problem) == f"{name}/de/one.md:1: a translation must lie where its original does, got no file {name}/one.md"
    )


def test_a_link_of_a_translation_falls_back_on_the_english_page(tmp_path: Path) -> None:
    assert behind(tmp_path, TRANSLATION) == []
    pages = Pages(tmp_path, codes=["de"])
    assert pages.complaint("de/modules/one.md", "two.md#there") is None
    assert "has no #nowhere" in (pages.complaint("de/modules/one.md", "two.md#nowhere") or "")
    assert "leads nowhere" in (pages.complaint("de/modules/one.md", "three.md") or "")
    assert "leads nowhere" in (Pages(tmp_path).complaint("de/modules/one.md", "two.md") or "")
