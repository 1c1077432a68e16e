"""A walk back through a computation graph, as a page drives it: what is asked at each step, what is right, and why.

A `GraphSession` is what the browser's worker holds for a lab of the kind `graph`. All sentences are made here, once,
for the page built beforehand and for the lab alike. It knows nothing of how a graph is drawn.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from .checks import is_number, mapping, shown
from .graph import GRAPHS, Node, Step, backward, forward
from .language import say
from .numerals import show

Frame = dict[str, Any]

LIMIT = 10.0
"""Inputs and weights lie between minus this and this."""

TOLERANCE = 0.02
"""A typed gradient is right within this share of it, since a reader multiplies numbers of three digits …"""
SMALLEST_TOLERANCE = 0.0006
"""… and within this much of a gradient close to zero, where people round to three places."""


class GraphSession:
    """A graph, the numbers in it, and its backward walk.

    Args:
        settings: `graph`, a key of `GRAPHS`, and `values`, numbers by name; what is left out stands as in the table.

    Raises:
        ValueError: a setting is wrong.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        found = problems(settings)
        if found:
            raise ValueError("\n".join(sentence for _, sentence in found))
        self.graph = GRAPHS[settings.get("graph", "chain")]
        self.values = {**self.graph.data, **self.graph.weights} | dict(settings.get("values", {}))

    def open(self) -> Frame:
        """Return the walk: `nodes` and `steps` as texts and numbers, described in `docs/assets/labs/messages.d.ts`."""
        nodes = forward(self.graph, self.values)
        steps = list(backward(nodes))
        return {
            "nodes": [_tell_node(node) for node in nodes.values()],
            "steps": [_tell_step(step, nodes, steps[:index]) for index, step in enumerate(steps)],
            "outcome": _outcome(nodes, steps),
            "description": _describe(nodes.values()),
        }

    def change(self, values: Mapping[str, Any]) -> Frame:
        """Put other numbers in; what is not named stays. The walk begins anew.

        Raises:
            ValueError: a name or a number is wrong; nothing has changed then.
        """
        found = _problems_of_values(self.values, values)
        if found:
            raise ValueError("\n".join(sentence for _, sentence in found))
        self.values |= {name: float(value) for name, value in values.items()}
        return self.open()


def problems(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return everything that is wrong with a walk's settings, as pairs of the setting's or value's name and a sentence.

    Args:
        given: `graph` and `values`, as YAML or JSON gives them.
    """
    unknown = [name for name in mapping("settings", given) if name not in ("graph", "values")]
    if unknown:
        return [(name, say("unknown setting {came}; choose from graph, values", came=shown(name))) for name in unknown]
    graph = given.get("graph", "chain")
    if not isinstance(graph, str) or graph not in GRAPHS:
        sentence = say(
            "unknown {name} {came}; choose one of {names}", name="graph", came=shown(graph), names=", ".join(GRAPHS)
        )
        return [("graph", sentence)]
    values = given.get("values", {})
    known = {**GRAPHS[graph].data, **GRAPHS[graph].weights}
    if not isinstance(values, Mapping):
        sentence = say(
            "values must be numbers by name, of {names}, got {came}", names=", ".join(known), came=shown(values)
        )
        return [("values", sentence)]
    return _problems_of_values(known, values)


def value_range(name: str) -> tuple[float, float]:
    """Return the lowest and highest number that may be put in under a name."""
    return (0.0, 1.0) if name == "target" else (-LIMIT, LIMIT)


def _problems_of_values(known: Mapping[str, float], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for name, value in mapping("values", values).items():
        lowest, highest = value_range(name)
        if name not in known:
            sentence = say("unknown value {came}; choose from {names}", came=shown(name), names=", ".join(known))
            found.append((name, sentence))
        elif not is_number(value) or not lowest <= value <= highest:
            sentence = say(
                "{name} must be a number from {lowest:g} to {highest:g}, got {came}",
                name=name,
                lowest=lowest,
                highest=highest,
                came=shown(value),
            )
            found.append((name, sentence))
    return found


# --- words ------------------------------------------------------------------------------------------------------


def label(name: str) -> str:
    """Write a name as formulas do, its digits below the line: "w1" becomes "w₁". Words are in the language spoken."""
    match name:
        case "loss":
            return say("loss")
        case "target":
            return say("target")
    return name.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def formula(node: Node) -> str:
    """Write how a node was made, like "z = w₁·x + b₁"."""
    name, names = label(node.name), [label(parent) for parent in node.parents]
    match node.operation:
        case "weighted_sum":
            return f"{name} = {names[0]}·{names[1]} + {names[2]}"
        case "product":
            return f"{name} = {names[0]}·{names[1]}"
        case "add":
            return f"{name} = {names[0]} + {names[1]}"
        case "tanh":
            return f"{name} = tanh {names[0]}"
        case "cross_entropy":
            return say("{loss} of {logit}, given the {target}", loss=name, logit=names[0], target=names[1])
    return name


def rule(node: Node, parent: str) -> str:
    """Write a local derivative as a formula, like "w₂"."""
    place = node.parents.index(parent)
    match node.operation:
        case "weighted_sum":
            return (label(node.parents[1]), label(node.parents[0]), "1")[place]
        case "product":
            return label(node.parents[1 - place])
        case "tanh":
            return f"1 − {label(node.name)}²"
        case "cross_entropy":
            return f"σ({label(parent)}) − {label(node.parents[1])}"
    return "1"


def _tell_node(node: Node) -> Frame:
    return {
        "name": node.name,
        "label": label(node.name),
        "operation": node.operation,
        "parents": list(node.parents),
        "formula": formula(node),
        "value": node.value,
        "value_text": show(node.value),
    }


def _tell_step(step: Step, nodes: Mapping[str, Node], before: list[Step]) -> Frame:
    node, earlier = nodes[step.node], [other for other in before if other.parent == step.parent]
    texts = {name: show(getattr(step, name)) for name in ("incoming", "local", "outgoing", "total")}
    return {
        "node": step.node,
        "parent": step.parent,
        "labels": f"{label(step.node)} → {label(step.parent)}",
        "incoming": step.incoming,
        "local": step.local,
        "outgoing": step.outgoing,
        "total": step.total,
        "texts": texts,
        "sign": "+" if step.outgoing > 0.0 else "-" if step.outgoing < 0.0 else "0",
        "tolerance": max(TOLERANCE * abs(step.outgoing), SMALLEST_TOLERANCE),
        "adds": bool(earlier),
        "derivative": f"∂{label(step.node)}/∂{label(step.parent)}",
        "rule": rule(node, step.parent),
        "question": _question(step, node, earlier),
        "reason": _reason(step, node, earlier),
    }


def _question(step: Step, node: Node, earlier: list[Step]) -> str:
    name, parent = label(step.node), label(step.parent)
    begin = (
        say(
            "The gradient at {name} is {gradient}, and {formula}.",
            name=name,
            gradient=show(step.incoming),
            formula=formula(node),
        )
        if before_the_loss(node)
        else say("The walk begins at the loss, with a gradient of 1: the loss changes exactly as much as it changes.")
    )
    question = (
        say(
            "If {parent} grows a little, does the loss by this second path, through {name}, rise, fall or stay?",
            parent=parent,
            name=name,
        )
        if earlier
        else say("If {parent} grows a little, does the loss rise, fall or stay?", parent=parent)
    )
    return f"{begin} {question}"


def before_the_loss(node: Node) -> bool:
    """Whether a node comes before the loss."""
    return node.operation != "cross_entropy"


def _reason(step: Step, node: Node, earlier: list[Step]) -> str:
    name, parent = label(step.node), label(step.parent)
    texts = {field: show(getattr(step, field)) for field in ("incoming", "local", "outgoing", "total")}
    formula_of_local = rule(node, step.parent)
    local = f"∂{name}/∂{parent} = {formula_of_local}"
    if formula_of_local != texts["local"]:
        local += f" = {texts['local']}"
    product = f"{texts['incoming']} × {texts['local']} = {texts['outgoing']}"
    if earlier:
        came = show(earlier[-1].total)
        return say(
            "{local}, and {product} by this path. {parent} already had {came} by the other path; where paths meet,"
            " gradients add: {sum} = {total}.",
            local=local,
            product=product,
            parent=parent,
            came=came,
            sum=_sum(came, texts["outgoing"]),
            total=texts["total"],
        )
    given = {"local": local, "product": product, "parent": parent}
    if step.outgoing > 0.0:
        sentence = say("{local}, and {product}: if {parent} grows, the loss rises.", **given)
    elif step.outgoing < 0.0:
        sentence = say("{local}, and {product}: if {parent} grows, the loss falls.", **given)
    else:
        sentence = say("{local}, and {product}: if {parent} grows, the loss stays the same.", **given)
    if node.operation == "tanh" and abs(step.local) < 0.05:
        sentence += " " + say("There tanh is nearly flat, so hardly anything comes through.")
    return sentence


def _sum(first: str, second: str) -> str:
    """Write a sum of two numbers as people do, a negative second one in brackets."""
    return f"{first} + ({second})" if second.startswith("−") else f"{first} + {second}"


def _describe(nodes: Iterable[Node]) -> str:
    """Say what the graph holds, for those who do not see it; the walk itself has a table."""
    values = ", ".join(f"{formula(node)}: {show(node.value)}" for node in nodes)
    return say("Arrows lead from what goes in, at the top, to the loss at the bottom. {values}.", values=values)


def _outcome(nodes: Mapping[str, Node], steps: list[Step]) -> str:
    """Say what the walk has found."""
    totals = {step.parent: step.total for step in steps}
    weights = [node.name for node in nodes.values() if node.operation == "weight"]
    found = ", ".join(f"{label(name)}: {show(totals[name])}" for name in weights)
    if len(weights) == 1:
        return say(
            "The walk is done: the gradient is known from one trip back, {steps} multiplications in all. {found}. An"
            " update would move each weight a little against the sign of its gradient.",
            steps=len(steps),
            found=found,
        )
    return say(
        "The walk is done: {count} gradients are known from one trip back, {steps} multiplications in all. {found}. An"
        " update would move each weight a little against the sign of its gradient.",
        count=len(weights),
        steps=len(steps),
        found=found,
    )
