"""The theme's rules that no page can use leave the pages; whatever can match anything stays."""

from pathlib import Path

import pytest

from scripts.unused_styles import without_unused_styles

PAGE = """<html dir="ltr"><head><style>{}</style></head>
<body class="here" data-md-color-primary="indigo"><script>add("said", `begun-${{place}}`)</script>{}</body></html>"""


def left(css: str, inside: str = "", *, scripts: str = "", elsewhere: str = "") -> str:
    """What is left of a style sheet in a page, of a site that has another page."""
    pages = {Path("page"): PAGE.format(css, inside), Path("other"): elsewhere}
    (_, page) = without_unused_styles(pages, [scripts])[Path("page")].split("<head>")
    return page.split("</head>")[0]


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".here{color:red}.absent{color:red}", ".here{color:red}"),
        (".here a,.absent a{color:red}", ".here a{color:red}"),
        (".here.absent{color:red}", ""),
        (".here > .absent ~ p{color:red}", ""),
        (".here:not(.absent){color:red}", ".here:not(.absent){color:red}"),
        (".here:is(.absent,p){color:red}", ".here:is(.absent,p){color:red}"),
        (".said{color:red}", ".said{color:red}"),
        (".begun-here{color:red}.begu{color:red}", ".begun-here{color:red}"),
        ("p,[class]{color:red}", "p,[class]{color:red}"),
        ("@media print{.here{color:red}.absent{color:red}}", "@media print{.here{color:red}}"),
        ("@media print{.absent{color:red}}", ""),
        ("@media screen{@supports (a:0){.absent{top:0}.here{a:0}}}", "@media screen{@supports (a:0){.here{a:0}}}"),
        ("@font-face{src:url(a.woff2)}", "@font-face{src:url(a.woff2)}"),
        ("[dir=rtl] p{left:0}[dir=ltr] p{left:0}", "[dir=ltr] p{left:0}"),
        ('[data-md-color-primary="pink"]{left:0}', ""),
        ("[data-md-color-primary=indigo]{left:0}", "[data-md-color-primary=indigo]{left:0}"),
        ("[data-md-state=blur]{left:0}", "[data-md-state=blur]{left:0}"),
        ('p:before{content:".absent{";left:.7rem}', 'p:before{content:".absent{";left:.7rem}'),
    ],
)  # fmt: skip
def test_a_rule_stays_while_one_of_its_selectors_can_match(css: str, kept: str) -> None:
    assert left(css) == (f"<style>{kept}</style>" if kept else "")


def test_a_class_of_any_page_and_any_word_of_a_script_counts() -> None:
    css = ".there{color:red}"
    assert left(css) == ""
    assert left(css, scripts="x=`there`") == f"<style>{css}</style>"
    for tag in ('<p class="a there b">', "<p id=x class='there'>", "<p class=there>", '<P CLASS = "there">'):
        assert left(css, elsewhere=tag) == f"<style>{css}</style>"
    assert left(css, elsewhere="there <p id='there'>") == ""


def test_a_variable_stays_while_something_reads_it() -> None:
    chain = 'body{--md-a:url("data:;b)");--md-b:var(--md-a);--gd-c:1px;left:0}'
    assert left(chain) == "<style>body{--gd-c:1px;left:0}</style>"
    assert left(chain + "p{top:var(--md-b)}") == f"<style>{chain}p{{top:var(--md-b)}}</style>"
    assert left(chain, '<p style="top:var( --md-a )">') == f"<style>{chain.replace('--md-b:var(--md-a);', '')}</style>"
    assert left(chain, scripts='get("--md-b")') == f"<style>{chain}</style>"


def test_rules_of_tabs_stand_in_pages_with_tabs_behind_all_others() -> None:
    css = ".tabbed-set>p{left:0}@media print{.tabbed-set{top:0}p{top:0}}p{left:0}"
    common = "@media print{p{top:0}}p{left:0}"
    tabs = ".tabbed-set>p{left:0}@media print{.tabbed-set{top:0}}"
    assert left(css, elsewhere='<p class="tabbed-set">') == f"<style>{common}</style>"
    assert left(css, '<div class="tabbed-set">') == f"<style>{common}</style><style>{tabs}</style>"
