"""The walk through a graph as a page drives it: what is asked, what is right, what is said."""

from typing import Any

import pytest

from gd_core.graph import GRAPHS
from gd_core.graph_session import GraphSession, formula, label, rule, value_range
from gd_core.numerals import show


def walk(graph: str = "chain", **values: float) -> dict[str, Any]:
    return GraphSession({"graph": graph, "values": values}).open()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.6208, "−0.621"),
        (1.0, "1"),
        (2.5, "2.5"),
        (0.1, "0.1"),
        (12.345, "12.3"),
        (100.4, "100"),
        (999.9, "1000"),
        (0.0123456, "0.0123"),
        (-0.0004567, "−4.57e−4"),
        (1234.5, "1.23e3"),
        (8.2e-9, "8.2e−9"),
        (1e-5, "1e−5"),
        (2.5e-13, "2.5e−13"),
    ],
)
def test_numbers_are_written_with_three_digits_and_never_as_0_unless_they_are(value: float, text: str) -> None:
    assert show(value) == text


def test_names_are_written_as_in_formulas() -> None:
    assert [label(name) for name in ("w1", "b2", "target")] == ["w₁", "b₂", "target"]


@pytest.mark.parametrize("graph", GRAPHS)
def test_every_step_has_a_question_a_rule_and_a_reason_with_its_numbers(graph: str) -> None:
    for step in walk(graph)["steps"]:
        texts = step["texts"]
        assert step["question"].endswith("rise, fall or stay?")
        assert f"{texts['incoming']} × {texts['local']} = {texts['outgoing']}" in step["reason"]
        assert step["derivative"] == f"∂{label(step['node'])}/∂{label(step['parent'])}"
        assert step["rule"] in step["reason"]


def test_a_question_tells_the_incoming_gradient_and_not_the_answer() -> None:
    step = walk()["steps"][2]
    assert step["question"] == (
        "The gradient at o is −0.621, and o = w₂·h + b₂. If h grows a little, does the loss rise, fall or stay?"
    )
    assert step["reason"] == "∂o/∂h = w₂ = −1.5, and −0.621 × −1.5 = 0.931: if h grows, the loss rises."
    assert step["sign"] == "+"


def test_where_paths_meet_the_sum_is_told() -> None:
    second = [step for step in walk("fork")["steps"] if step["parent"] == "h"][1]
    assert second["adds"]
    assert "by this second path, through s," in second["question"]
    assert "0.449 + (−0.22) = 0.229" in second["reason"]


def test_an_input_of_zero_gives_its_weight_a_gradient_of_zero() -> None:
    step = next(step for step in walk(x=0.0)["steps"] if step["parent"] == "w1")
    assert step["sign"] == "0"
    assert "the loss stays the same" in step["reason"]


def test_a_saturated_unit_lets_hardly_anything_through() -> None:
    step = next(step for step in walk(b1=5.0)["steps"] if step["parent"] == "z")
    assert "tanh is nearly flat" in step["reason"]


def test_what_a_reader_gets_by_multiplying_the_numbers_shown_counts_as_right() -> None:
    for graph in GRAPHS:
        for step in walk(graph)["steps"]:
            shown = [float(step["texts"][name].replace("−", "-")) for name in ("incoming", "local", "outgoing")]
            assert abs(shown[0] * shown[1] - step["outgoing"]) <= step["tolerance"]
            assert abs(shown[2] - step["outgoing"]) <= step["tolerance"]


def test_a_wrong_sign_is_never_within_the_tolerance() -> None:
    for graph in GRAPHS:
        for step in walk(graph)["steps"]:
            assert abs(-step["outgoing"] - step["outgoing"]) > step["tolerance"]


def test_changed_values_begin_the_walk_anew_and_the_others_stay() -> None:
    lab = GraphSession({"graph": "chain"})
    first = lab.open()
    second = lab.change({"x": -1})
    assert second["nodes"][0]["value"] == -1.0
    assert second["nodes"][2:6] == first["nodes"][2:6]
    assert second["steps"] != first["steps"]


def test_the_outcome_names_every_weight() -> None:
    assert walk()["outcome"] == (
        "The walk is done: 4 gradients are known from one trip back, 7 multiplications in all."
        " w₁: 1.46, b₁: 0.732, w₂: −0.287, b₂: −0.621. An update would move each weight a little against the sign of"
        " its gradient."
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"grpah": "chain"}, "unknown setting 'grpah'; choose from graph, values"),
        ({"graph": "cain"}, "unknown graph 'cain'; choose one of chain, fork, shared"),
        ({"graph": ["chain"]}, r"unknown graph \['chain'\]; choose one of"),
        ({"values": 3}, "values must be numbers by name, of x, target, w1, b1, w2, b2, got 3"),
        ({"values": {"w3": 1.0}}, "unknown value 'w3'; choose from x, target, w1, b1, w2, b2"),
        ({"values": {"x": 11}}, "x must be a number from -10 to 10, got 11"),
        ({"values": {"target": 2}}, "target must be a number from 0 to 1, got 2"),
        ({"values": {"x": "1"}}, "x must be a number from -10 to 10, got '1'"),
        ({"values": {"x": float("nan")}}, "x must be a number from -10 to 10, got nan"),
        ({"values": {"x": True}}, "x must be a number from -10 to 10, got True"),
    ],
)
def test_impossible_settings_are_refused_with_a_reason(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GraphSession(settings)


def test_a_refused_change_changes_nothing() -> None:
    lab = GraphSession({})
    before = lab.open()
    with pytest.raises(ValueError, match="w1 must be a number from -10 to 10, got 99"):
        lab.change({"x": 1.0, "w1": 99})
    assert lab.open() == before


def test_ranges_hold_every_value_that_a_graph_begins_with() -> None:
    for graph in GRAPHS.values():
        for name, value in {**graph.data, **graph.weights}.items():
            lowest, highest = value_range(name)
            assert lowest <= value <= highest


def test_formulas_and_rules_are_written_for_every_operation() -> None:
    from gd_core.graph import forward

    found = set()
    for graph in GRAPHS.values():
        for node in forward(graph, {**graph.data, **graph.weights}).values():
            if node.parents:
                found.add((formula(node), tuple(rule(node, parent) for parent in node.parents)))
    assert ("z = w₁·x + b₁", ("x", "w₁", "1")) in found
    assert ("o = r + h", ("1", "1")) in found
    assert ("s = w₂·h", ("h", "w₂")) in found
    assert ("h = tanh z", ("1 − h²",)) in found
