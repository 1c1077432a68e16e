"""The blocks of Module 5: each renders a picture that says all without JavaScript, and tells its mistakes by line."""

import html
import json
import re
from typing import Any

import markdown
import pytest

from gd_core.graph import GRAPHS
from gd_core.graph_session import GraphSession
from scripts.blocks import Problem, makeExtension
from scripts.graph_pictures import LAYOUTS


def render(body: str, kind: str) -> tuple[str, list[str]]:
    problems: list[Problem] = []
    blocks = makeExtension(problems=problems, file="docs/page.md", root="../", runtime="assets/runtime/")
    page = markdown.markdown(f"```{kind}\n{body}\n```", extensions=[blocks])
    return page, [f"{problem.line}: {problem.sentence}" for problem in problems]


def data(page: str, name: str) -> Any:
    (found,) = re.findall(rf' data-{name}="([^"]*)"', page[: page.index(">")])
    return json.loads(html.unescape(found))


def words(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", page))


@pytest.mark.parametrize("graph", GRAPHS)
def test_a_graph_has_every_node_every_edge_and_its_whole_walk(graph: str) -> None:
    page, problems = render(f"graph: {graph}", "graph")
    walk = GraphSession({"graph": graph}).open()

    assert not problems
    assert re.findall(r'data-node="([^"]+)"', page) == [node["name"] for node in walk["nodes"]]
    assert sorted(map(int, re.findall(r'data-edge="(\d+)"', page))) == list(range(len(walk["steps"])))
    assert page.count('class="gd-edge"') == sum(len(node["parents"]) for node in walk["nodes"])
    for step in walk["steps"]:
        assert f">× {step['texts']['local']}</text>" in page
        assert step["labels"] in page
    assert html.escape(walk["outcome"]) in page
    assert "need JavaScript" in page


@pytest.mark.parametrize("graph", GRAPHS)
def test_every_node_of_a_graph_has_one_place(graph: str) -> None:
    walk = GraphSession({"graph": graph}).open()
    placed = [name for row in LAYOUTS[graph] for name in row.split() if name != "."]
    assert sorted(placed) == sorted(node["name"] for node in walk["nodes"])
    assert all(len(row.split()) == 3 for row in LAYOUTS[graph])


def test_a_graph_begins_with_the_authors_numbers() -> None:
    page, problems = render('title: "Mine"\ngraph: chain\nvalues: {x: -1, target: 0}', "graph")
    assert not problems
    settings = data(page, "settings")
    assert settings["graph"] == "chain"
    assert settings["values"] == {"x": -1, "target": 0, "w1": 0.5, "b1": -0.5, "w2": -1.5, "b2": 0.2}
    assert data(page, "walk")["nodes"][0]["value"] == -1
    assert data(page, "ranges")["target"] == [0, 1]
    assert ">Mine</h3>" in page


def test_the_picture_of_a_graph_has_a_name_and_a_description() -> None:
    page, _ = render("", "graph")
    label = re.search(r'role="img"[^>]* aria-labelledby="([^"]+)" aria-describedby="([^"]+)"', page)
    assert label is not None
    assert f'<title id="{label[1]}">Computation graph</title>' in page
    assert f'<desc id="{label[2]}">Arrows lead from what goes in' in page


def test_a_check_shows_the_network_the_error_and_both_slopes_in_words() -> None:
    page, problems = render("hidden_layers: [4]\nseed: 3", "gradients")
    assert not problems
    assert page.count('class="gd-net-weight') == 2 * 4 + 4 + 4 + 1
    assert "data-curve" in page
    told = words(page)
    assert "the weight from x to unit 1 of hidden layer 1" in told
    assert "All 17 checked with a nudge of 1e−5, in 34 trips through the network." in told
    assert data(page, "settings")["seed"] == 3
    assert len(data(page, "check")["weight"]["checks"]) == 49
    assert data(page, "names") == ["inputs", "hidden", "output"]


def test_a_check_of_a_network_without_hidden_layers_renders() -> None:
    page, problems = render("hidden_layers: []", "gradients")
    assert not problems
    assert "to the output" in words(page)


def test_depths_show_a_bar_for_every_layer_and_say_where_the_least_arrives() -> None:
    page, problems = render("depth: 4\nactivation: sigmoid", "vanishing")
    assert not problems
    rows = re.findall(r'<g class="gd-layer" data-row="\d+" display="(\w+)">', page)
    assert rows == ["inline"] * 5 + ["none"] * 6
    assert "4 hidden layers of 8 units with sigmoid" in words(page)
    assert data(page, "measured")["hidden_layers"] == 4
    assert data(page, "choices")["activations"] == ["sigmoid", "tanh", "relu"]


def test_depths_begin_with_ten_layers_of_sigmoid() -> None:
    page, problems = render("", "vanishing")
    assert not problems
    assert (data(page, "measured")["hidden_layers"], data(page, "measured")["activation"]) == (10, "sigmoid")


@pytest.mark.parametrize(
    ("kind", "body", "told"),
    [
        (
            "graph",
            "grpah: chain",
            "2: unknown setting 'grpah'; choose one of title, graph, values; did you mean graph?",
        ),
        ("graph", "\nvalues: {1: 2}", "3: unknown value '1'; choose from x, target, w1, b1, w2, b2"),
        ("graph", "values:\n  x: 1\n  &w1: 2", "4: unknown value ''; choose from x, target, w1, b1, w2, b2"),
        ("graph", "\ngraph: cain", "3: unknown graph 'cain'; choose one of chain, fork, shared"),
        (
            "graph",
            "graph: shared\nvalues:\n  x: 1\n  w1: 2",
            "5: unknown value 'w1'; choose from x, target, w",
        ),
        ("graph", "values: {x: 1,\n  w1: 20}", "3: w1 must be a number from -10 to 10, got 20"),
        ("graph", "values: 3", "2: values must be numbers by name, of x, target, w1, b1, w2, b2, got 3"),
        ("graph", "title: ''", "2: title must be a text that is not empty, got ''"),
        (
            "gradients",
            "epochs: 5\nhidden_layers: [20]",
            "3: the check draws hidden_layers of at most 16 units, got [20]",
        ),
        ("gradients", "seed: -1", "2: seed must be a whole number from 0 to 999,999,999, got -1"),
        ("vanishing", "depth: 11", "2: depth must be a whole number from 1 to 10, got 11"),
        ("vanishing", "depth: yes", "2: depth must be a whole number from 1 to 10, got True"),
        (
            "vanishing",
            "\nhidden_layers: [4]",
            "3: readers of this lab choose its hidden_layers, so it takes none; got [4]",
        ),
        ("vanishing", "epochs: 7", "2: readers of this lab choose its epochs, so it takes none; got 7"),
        (
            "vanishing",
            "\nactivation: linear",
            "3: this lab compares the activations sigmoid, tanh, relu, got 'linear'",
        ),
    ],
)
def test_a_mistake_is_told_at_its_line(kind: str, body: str, told: str) -> None:
    page, problems = render(body, kind)
    assert problems == [told]
    assert "gd-mistake" in page


def test_an_unknown_setting_of_a_check_is_told_with_those_that_exist() -> None:
    _, (told,) = render("learning_rte: 1", "gradients")
    assert told.startswith("2: unknown setting 'learning_rte'; choose one of dataset,")
    assert told.endswith("did you mean learning_rate?")
