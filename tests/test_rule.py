"""A reader's own update rule: the very arithmetic of the rules it copies, and a sentence for every mistake."""

import inspect
import math
from typing import Any

import numpy as np
import pytest

from gd_core import DATASETS, OPTIMIZERS, Epoch, Network, descend, train
from gd_core.optimizers import Optimizer
from gd_core.rule import EXAMPLES, ORIGINAL, OwnRule, RuleError
from gd_core.schedules import CosineDecay, WarmUp
from gd_core.session import Session

HEAD = "def update(params, gradient, state, learning_rate):\n"


def rule(*lines: str, rate: float | WarmUp | CosineDecay = 0.1) -> OwnRule:
    return OwnRule(HEAD + "".join(f"    {line}\n" for line in lines), rate)


def epochs(optimizer: Optimizer) -> list[Epoch]:
    inputs, targets = DATASETS["moons"](128, noise=0.1, rng=np.random.default_rng(0))
    return list(train(inputs, targets, Network(), optimizer, epochs=20, seed=1))


def update_once(own: OwnRule, gradient: tuple[float, ...] = (2.0, -1.0)) -> np.ndarray[Any, Any]:
    params = np.array([1.0, 1.0])
    own.update(params, np.array(gradient), own.init(params), 0)
    return params


# --- the same arithmetic ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("example", "name"), [("Plain descent", "sgd"), ("Momentum", "momentum")])
@pytest.mark.parametrize("rate", [0.1, CosineDecay(0.5, 80)], ids=["constant", "cosine"])
def test_a_whole_run_of_the_readers_rule_has_the_bits_of_the_built_in_one(
    example: str, name: str, rate: float | CosineDecay
) -> None:
    own, built_in = epochs(OwnRule(EXAMPLES[example], rate)), epochs(OPTIMIZERS[name](learning_rate=rate))

    assert [record.loss for record in own] == [record.loss for record in built_in]
    assert all(np.array_equal(a.params, b.params) for a, b in zip(own, built_in, strict=True))


def test_the_original_is_the_first_example_and_speaks_as_the_loop_does() -> None:
    assert next(iter(EXAMPLES.values())) == ORIGINAL
    comment = next(line for line in ORIGINAL.splitlines() if "#" in line).strip(" #.").lower()
    step_4 = next(line for line in inspect.getsource(descend).splitlines() if "4. Update" in line).lower()
    assert comment.split(",")[0] in step_4


# One update of two weights that start at (1, 1), with the gradient (2, −1), at a rate of 0.1.
#   plain descent: 1 − 0.2 = 0.8;  1 + 0.1 = 1.1
#   no minus:      1 + 0.2 = 1.2;  1 − 0.1 = 0.9
#   momentum:      the first step is that of plain descent
#   sign only:     1 − 0.1 = 0.9;  1 + 0.1 = 1.1
#   clipped:       the gradient is √5 long, so 1 − 0.2/√5;  1 + 0.1/√5
WORKED = {
    "Plain descent": (0.8, 1.1),
    "Forgot the minus": (1.2, 0.9),
    "Momentum": (0.8, 1.1),
    "Sign only": (0.9, 1.1),
    "Clip the gradient": (1.0 - 0.2 / math.sqrt(5.0), 1.0 + 0.1 / math.sqrt(5.0)),
}


def test_every_example_has_a_worked_example() -> None:
    assert WORKED.keys() == EXAMPLES.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_does_what_was_worked_out_by_hand(name: str) -> None:
    assert update_once(OwnRule(EXAMPLES[name], 0.1)) == pytest.approx(WORKED[name], rel=1e-12)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_fits_a_phone(name: str) -> None:
    assert max(len(line) for line in EXAMPLES[name].splitlines()) <= 60


@pytest.mark.parametrize("rate", [0.0001, 0.001, 0.01, 0.1, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_without_its_minus_descent_climbs_at_every_rate_and_the_verdict_says_where_to_look(
    rate: float, seed: int
) -> None:
    session = Session({"learning_rate": rate, "seed": seed})
    session.rule(EXAMPLES["Forgot the minus"], 0)

    frame = session.advance({"epochs": 200}, 0)

    assert frame["verdict"]["name"] in (["diverged"] if rate >= 0.01 else ["diverged", "stuck"])
    assert "your steps lead uphill" in frame["verdict"]["reason"]
    assert frame["mistake"] is None


@pytest.mark.parametrize("body", ["pass", "params -= 0 * gradient"])
def test_a_rule_that_moves_nothing_is_told_so(body: str) -> None:
    session = Session({})
    session.rule(f"def update(params, gradient, state, learning_rate):\n    {body}\n", 0)

    verdict = session.advance({"epochs": 200}, 0)["verdict"]

    assert verdict["name"] == "stuck"
    assert verdict["reason"] == "The loss has not changed at all: your rule leaves the weights as they are."


def test_a_rule_that_goes_downhill_is_judged_like_any_other() -> None:
    for rate in (0.0001, 0.1):
        session = Session({"learning_rate": rate})
        built_in = session.advance({"epochs": 200}, 0)["verdict"]
        session.rule(ORIGINAL, 0)
        assert session.advance({"epochs": 200}, 0)["verdict"] == built_in


def test_a_rule_may_remember_the_gradient_it_was_given() -> None:
    own = rule("state.setdefault('seen', []).append(gradient)", "params -= gradient")
    params, gradient = np.zeros(2), np.array([1.0, 2.0])
    state = own.init(params)

    own.update(params, gradient, state, 0)
    gradient[:] = 7.0  # as the next batch does

    assert state["seen"][0].tolist() == [1.0, 2.0]


def test_a_rule_may_change_its_gradient_return_its_weights_and_print() -> None:
    own = rule("gradient *= 2", "print('here')", "params -= gradient", "return params")

    assert update_once(own).tolist() == [-3.0, 3.0]


def test_a_rule_may_wait_before_it_moves() -> None:
    own = rule("if state.setdefault('waited', 0) < 1:", "    state['waited'] += 1", "    return params", "params -= 1")
    params = np.ones(2)
    state = own.init(params)

    own.update(params, np.ones(2), state, 0)
    assert params.tolist() == [1.0, 1.0]
    own.update(params, np.ones(2), state, 1)
    assert params.tolist() == [0.0, 0.0]


def test_weights_that_are_not_numbers_are_a_run_that_diverged() -> None:
    session = Session({"points": 64})
    session.rule(HEAD + "    params /= 0\n", 0)

    frame = session.advance({"epochs": 5}, 0)

    assert (frame["mistake"], frame["verdict"]["name"]) == (None, "diverged")


def test_another_rate_keeps_what_the_text_itself_remembers() -> None:
    own = OwnRule(f"count = 0\n{HEAD}    global count\n    count += 1\n    params -= count\n", 0.1)
    params = np.zeros(1)

    for optimizer in (own, own.at(0.5), own.at(WarmUp(1.0, 1, 1))):
        optimizer.update(params, np.ones(1), {}, 0)

    assert params.tolist() == [-6.0]


# --- mistakes ---------------------------------------------------------------------------------------------------

FAILS: dict[str, tuple[str, int, str]] = {
    "no colon": ("def update(params, gradient, state, learning_rate)\n    pass\n", 1, "Python cannot read this"),
    "bad indentation": (HEAD + "params -= gradient\n", 2, "Python cannot read this"),
    "nothing": ("\n\n", 1, f"must define {HEAD[4:-2]}, and defines nothing"),
    "not a function": ("update = 3\n", 1, "defines 3"),
    "too few arguments": ("import math\ndef update(params, gradient):\n    pass\n", 2, "got (params, gradient)"),
    "fails at once": ("x = 1\ny = x / 0\n", 2, "ZeroDivisionError: division by zero"),
    "ends Python": ("exit()\n", 1, "SystemExit"),
    "null character": ("x = '\0'\n", 1, "null"),
}
"""Texts that are no rule: the line, and a part of the sentence."""

BREAKS: dict[str, tuple[list[str], int, str]] = {
    "unknown name": (["change = learning_rate * gradient", "params -= chnge"], 3, "NameError: name 'chnge'"),
    "wrong shape": (["params -= gradient[:1] * [1, 2, 3]"], 2, "params and gradient are vectors of 2 numbers"),
    "an exception in a helper": (["def f():", "    1 / 0", "f()"], 3, "ZeroDivisionError"),
    "ends Python": (["exit()"], 2, "SystemExit"),
    "recursion": (["update(params, gradient, state, learning_rate)"], 2, "RecursionError"),
    "params replaced": (["", "params = params - learning_rate * gradient"], 3, "change params in place"),
    "params returned": (["return params - learning_rate * gradient"], 2, "change params in place"),
    "a generator": (["params -= 1", "yield params", "return 3"], 4, "change params in place"),
}
"""Bodies of rules that fail in their first update, the line of the text counted from its `def`."""


@pytest.mark.parametrize("name", FAILS)
def test_a_text_that_is_no_rule_is_refused_with_its_line_and_one_sentence(name: str) -> None:
    source, line, part = FAILS[name]

    with pytest.raises(RuleError) as refused:
        OwnRule(source, 0.1)

    assert refused.value.mistake.line == line
    assert part in refused.value.mistake.sentence
    assert "\n" not in refused.value.mistake.sentence


@pytest.mark.parametrize("name", BREAKS)
def test_a_rule_that_fails_says_so_with_its_line_and_one_sentence(name: str) -> None:
    body, line, part = BREAKS[name]
    own = rule(*body)

    with pytest.raises(RuleError) as failed:
        update_once(own)

    assert failed.value.mistake.line == line
    assert part in failed.value.mistake.sentence
    assert "\n" not in failed.value.mistake.sentence


def test_a_rule_without_a_gradient_to_follow_is_not_accused_of_replacing_weights() -> None:
    assert update_once(rule("params = params - gradient"), (0.0, 0.0)).tolist() == [1.0, 1.0]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # which newer NumPy gives for it
def test_a_rule_cannot_reshape_the_weights_of_the_network() -> None:
    params = np.zeros(4)

    rule("params.shape = (2, 2)").update(params, np.ones(4), {}, 0)

    assert params.shape == (4,)


@pytest.mark.parametrize("schedule", [WarmUp(0.5, 4, 8), CosineDecay(0.5, 4)], ids=["first", "last"])
@pytest.mark.parametrize(
    "lines",
    [("params -= learning_rate * gradient", "return learning_rate"), ("params = params[:]", "params -= learning_rate")],
)
def test_a_rule_at_a_rate_of_nothing_is_not_accused_of_replacing_weights(
    schedule: WarmUp | CosineDecay, lines: tuple[str, ...]
) -> None:
    params = np.array([1.0, 1.0])
    own = rule(*lines, rate=schedule)

    own.update(params, np.array([2.0, -1.0]), {}, 0 if isinstance(schedule, WarmUp) else 4)

    assert params.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("function", ["max", "min", "type", "dict.update"])
def test_a_function_that_python_does_not_tell_the_arguments_of_is_refused_in_three_parts(function: str) -> None:
    with pytest.raises(RuleError) as refused:
        OwnRule(f"update = {function}", 0.1).update(np.zeros(2), np.ones(2), {}, 0)

    assert refused.value.mistake.line == 1


@pytest.mark.parametrize(
    "stop", ["GeneratorExit", "KeyboardInterrupt", "SystemExit", "type('Own', (BaseException,), {})"]
)
def test_whatever_a_rule_raises_is_its_own_mistake(stop: str) -> None:
    with pytest.raises(RuleError) as refused:
        rule(f"raise {stop}").update(np.zeros(2), np.ones(2), {}, 0)

    assert refused.value.mistake.line == 2


# --- in a session -----------------------------------------------------------------------------------------------

SHORT: dict[str, Any] = {"points": 64, "epochs": 10, "hidden_layers": [4]}


def test_a_session_runs_the_readers_rule_from_the_same_weights_over_the_same_batches() -> None:
    session = Session(SHORT)
    plain = session.advance({"epochs": 10}, 0)

    begun = session.rule(ORIGINAL, 0)
    own = session.advance({"epochs": 10}, 0)

    assert (begun["epoch"], begun["mistake"], begun["finished"]) == (0, None, False)
    assert begun["initial_loss"] == plain["initial_loss"]
    assert own["losses"].tolist() == plain["losses"].tolist()


def test_the_readers_rule_stays_until_another_takes_its_place() -> None:
    momentum = Session(SHORT | {"optimizer": "momentum"}).advance({"epochs": 10}, 0)["losses"].tolist()
    session = Session(SHORT | {"optimizer": "adam"})
    session.rule(EXAMPLES["Momentum"], 0)

    assert session.advance({"epochs": 10}, 0)["losses"].tolist() == momentum
    session.reset(0)
    assert session.advance({"epochs": 10}, 0)["losses"].tolist() == momentum
    session.rule(None, 0)
    adam = session.advance({"epochs": 10}, 0)["losses"].tolist()
    assert adam == Session(SHORT | {"optimizer": "adam"}).advance({"epochs": 10}, 0)["losses"].tolist()


def test_the_dial_turns_under_the_readers_rule() -> None:
    losses = []
    for source in (ORIGINAL, None):
        session = Session(SHORT)
        session.rule(source, 0)
        session.advance({"epochs": 5}, 0)
        session.change({"learning_rate": 0.5}, 0)
        losses.append(session.advance({"epochs": 5}, 0)["losses"].tolist())

    assert losses[0] == losses[1]


def test_a_text_that_is_no_rule_leaves_the_run_as_it_is() -> None:
    session = Session(SHORT)
    session.advance({"epochs": 3}, 0)

    frame = session.rule("print('so far')\nupdate = 3\n", 0)

    assert (frame["epoch"], frame["mistake"]["line"], frame["printed"]) == (3, 1, "so far\n")
    assert session.advance({"epochs": 1}, 0)["mistake"] is None


@pytest.mark.parametrize("blank", ["", " \n\t"])
def test_a_blank_text_is_no_rule(blank: str) -> None:
    session = Session(SHORT)
    session.advance({"epochs": 3}, 0)

    frame = session.rule(blank, 0)

    assert frame["epoch"] == 3
    assert "defines nothing of that name" in frame["mistake"]["sentence"]


def test_a_rule_that_fails_midway_ends_its_run_and_keeps_its_curve() -> None:
    session = Session(SHORT)
    session.rule(
        HEAD
        + "    state['n'] = state.get('n', 0) + 1\n"
        + "    if state['n'] == 6:\n"
        + "        raise ValueError('enough')\n"
        + "    params -= learning_rate * gradient\n",
        0,
    )

    frame = session.advance({"epochs": 10}, 0)  # 2 updates an epoch: the 6th is the last of the third

    assert (frame["epoch"], frame["finished"], frame["verdict"]) == (2, True, None)
    assert frame["mistake"] == {"line": 4, "sentence": "ValueError: enough"}
    assert frame["stopped"] == "Stopped in update 6, because your rule failed in line 4."
    assert len(frame["losses"]) == 2
    assert session.advance({"epochs": 1}, 0)["mistake"] == frame["mistake"]
    assert session.reset(0)["mistake"] is None


def test_what_a_rule_prints_comes_with_the_frame_and_has_an_end() -> None:
    session = Session(SHORT)
    session.rule("print('hello')\n" + HEAD + "    print(len(params))\n    params -= gradient\n", 0)

    first = session.advance({"updates": 1}, 0)["printed"]
    session.rule(HEAD + "    print('x' * 3000)\n    params -= gradient\n", 0)
    long = session.advance({"epochs": 10}, 0)["printed"]

    assert first == "hello\n17\n"
    assert len(long) < 10_100
    assert long.endswith("only the first 10,000 characters are kept.")
