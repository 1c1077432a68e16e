"""Gradient descent where all of it can be seen: one or two weights, and a loss that is a parabola in each.

The loss is $L(w) = λ w²/2$, the sum of that over the weights if there are two, so the slope along a weight is $λ w$
and the floor is at 0. The curvature $λ$ says how quickly the slope grows. With one curvature this is a valley, with
two that differ a ravine. The steps are those of `optimizers`; that the rules are linear in the weights here is what
lets this chapter say *why* a learning rate glides, bounces or climbs out. It knows nothing of networks, and nothing of
pages.
"""

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .checks import above_zero, is_number, numbers, one_of, shown, whole
from .language import number, say
from .optimizers import SGD, Optimizer

Array = NDArray[np.float64]

ARRIVED = 0.01
"""A walk has arrived when no weight is this far from the floor any more, nor moves this far."""
CRAWL = 20.0
"""A rate at which halving the distance takes more steps than this crawls."""
_EXACT = 1e-9
"""A factor this close to 0 or ±1 counts as that: 2/3 typed with twelve digits is meant to be 2/3."""


# --- the valley ---------------------------------------------------------------------------------------------


def loss(weights: Array, curvatures: Array) -> Array:
    """Return $L = Σ λ w²/2$ of each row.

    Args:
        weights: `(n, d)`, a place a row, `d` being 1 or 2.
        curvatures: `(d,)`, each $λ$ above 0.

    Returns:
        `(n,)`, infinite where the square is beyond all numbers.
    """
    return np.asarray(0.5 * (curvatures * weights**2).sum(axis=-1))


def slope(weights: Array, curvatures: Array) -> Array:
    """Return the gradient $λ w$ of each weight; shapes as for `loss`, and the result is like `weights`."""
    return curvatures * weights


@dataclass(frozen=True)
class Walk:
    """Where a walk led.

    Attributes:
        weights: `(n + 1, d)`, the start and the place after each of `n` steps; the last may be infinite or no number.
        slopes: `(n + 1, d)`, the gradient at each place.
        losses: `(n + 1,)`, the loss at each place.
        end: "arrived" at the floor, "beyond" all numbers, or "steps" when there were no more.
    """

    weights: Array
    slopes: Array
    losses: Array
    end: str

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return len(self.weights) - 1


@np.errstate(all="ignore")
def walk(curvatures: Sequence[float], start: Sequence[float], optimizer: Optimizer, steps: int) -> Walk:
    """Walk down from `start`, by the very update rules that train networks.

    Args:
        curvatures: λ of each weight, above 0.
        start: where each weight begins; as many.
        optimizer: an update rule of `optimizers`.
        steps: how many steps at most, from 0. The walk ends earlier when it arrives, or when a weight is no number any
            more.

    Raises:
        ValueError: an argument is outside of what is said above.
    """
    bends, place = numbers("curvatures", curvatures, finite=True), numbers("start", start, finite=True).copy()
    if bends.shape != place.shape or bends.ndim != 1 or not bends.size or not bends.min() > 0.0:
        raise ValueError(
            say(
                "curvatures must be one or more numbers above 0, and start as many numbers, got {curvatures} and"
                " {start}",
                curvatures=shown(curvatures),
                start=shown(start),
            )
        )
    whole("steps", steps, 0)
    state = optimizer.init(place)
    places, end = [place.copy()], "steps"
    forgets = isinstance(optimizer, SGD)  # other rules may be at the floor and in full swing
    if not place.any():
        steps, end = 0, "arrived"
    for step in range(steps):
        optimizer.update(place, slope(place, bends), state, step)
        now, before = place.tolist(), places[-1].tolist()
        places.append(place.copy())
        if not all(map(math.isfinite, now)):
            end = "beyond"
            break
        moved = max(abs(new - old) for new, old in zip(now, before, strict=True))
        if max(map(abs, now)) < ARRIVED and (forgets or moved < ARRIVED):
            end = "arrived"
            break
    weights = np.array(places)
    return Walk(weights, slope(weights, bends), loss(weights, bends), end)


# --- what a learning rate does ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Regime:
    """What a learning rate makes of one weight.

    Attributes:
        name: crawls, glides, lands, bounces, swings, rolls, climbs or paces.
        factor: what a step leaves of the weight: $1 − η λ$, and negative when it changes sides. With momentum, what a
            step leaves of the distance in the long run, never negative. Not a number for Adam, which has none.
        limit: the rate at which the distance neither shrinks nor grows; infinite if there is none.
        phrase: the name as it stands in a sentence, "bounces inwards".
        reason: one sentence with the numbers that decide.
    """

    name: str
    factor: float
    limit: float
    phrase: str
    reason: str


def phrase(name: str) -> str:
    """Say the name of a regime as it stands in a sentence, after "it"."""
    return {
        "crawls": say("crawls"),
        "glides": say("glides down"),
        "lands": say("lands in one step"),
        "bounces": say("bounces inwards"),
        "swings": say("swings for ever"),
        "rolls": say("rolls past the floor and back"),
        "climbs": say("climbs out"),
        "paces": say("goes at a pace of its own"),
    }[name]


RULES = ("sgd", "momentum", "nesterov", "adam")
"""The update rules that a valley knows how to judge."""
FORMULAS = {"sgd": "2/λ", "momentum": "2(1 + μ)/λ", "nesterov": "2(1 + μ)/((1 + 2μ)λ)"}
"""How each rule's limit is written; Adam has none."""


def limit_of(optimizer: str, curvature: float, momentum: float) -> float:
    """Return the learning rate above which a walk along a weight runs away.

    Written as a recurrence, each rule but Adam is $wₜ = b wₜ₋₁ − c wₜ₋₂$ on a parabola, and such a recurrence dies
    out if and only if $|c| < 1$ and $|b| < 1 + c$ (both roots of $r² − b r + c$ lie inside the unit circle). With
    $h = η λ$:

    - plain: $b = 1 − h$, $c = 0$, hence $h < 2$;
    - momentum: $b = 1 + μ − h$, $c = μ$, hence $h < 2 (1 + μ)$;
    - Nesterov: $b = (1 + μ)(1 − h)$, $c = μ (1 − h)$, hence $h < 2 (1 + μ) / (1 + 2 μ)$.

    Source: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964, for the first two. Adam's
    steps do not grow with the slope: infinity.

    >>> limit_of("sgd", 2.0, 0.0), limit_of("momentum", 2.0, 0.5)
    (1.0, 1.5)
    """
    match optimizer:
        case "sgd":
            return 2.0 / curvature
        case "momentum":
            return 2.0 * (1.0 + momentum) / curvature
        case "nesterov":
            return 2.0 * (1.0 + momentum) / ((1.0 + 2.0 * momentum) * curvature)
    return math.inf


def judge(optimizer: str, learning_rate: float, curvature: float, momentum: float = 0.0, weight: str = "w") -> Regime:
    """Say what a learning rate makes of a weight, and why.

    Args:
        optimizer: a name of `RULES`.
        learning_rate: $η$, above 0.
        curvature: $λ$, above 0.
        momentum: $μ$, at least 0 and below 1; plain gradient descent and Adam have none.
        weight: the weight's name in sentences.

    Raises:
        ValueError: an argument is outside of what is said above.
    """
    one_of("optimizer", optimizer, RULES)
    above_zero("learning_rate", learning_rate)
    above_zero("curvature", curvature)
    if not (is_number(momentum) and 0.0 <= momentum < 1.0):
        raise ValueError(
            say("{name} must be at least 0 and below 1, got {came}", name="momentum", came=shown(momentum))
        )
    if optimizer == "sgd":
        return _judge_plain(learning_rate, curvature, weight)
    if optimizer == "adam":
        reason = say(
            "Adam divides every slope by its recent size, so its first step is {rate} long, steep or flat. The learning"
            " rate is a length here, and there is no limit like 2/λ",
            rate=_rate(learning_rate),
        )
        return Regime("paces", math.nan, math.inf, phrase("paces"), reason)
    return _judge_with_memory(optimizer, learning_rate, curvature, momentum, weight)


def _judge_plain(learning_rate: float, curvature: float, weight: str) -> Regime:
    factor = 1.0 - learning_rate * curvature
    given = {
        "rate": _rate(learning_rate),
        "one": f"1/λ = {_show(1.0 / curvature)}",
        "two": f"2/λ = {_show(2.0 / curvature)}",
        "left": f"1 − ηλ = {_show(factor)}",
        "weight": weight,
    }
    if abs(factor) < _EXACT:
        name, factor = "lands", 0.0
        reason = say(
            "the learning rate is exactly {one}, so a step takes the whole of {weight} away: 1 − ηλ = 0", **given
        )
    elif abs(factor + 1.0) < _EXACT:
        name, factor = "swings", -1.0
        reason = say(
            "the learning rate is exactly {two}, so each step turns {weight} into its opposite, 1 − ηλ = −1: just as"
            " high up on the other side, where the slope is as steep as before",
            **given,
        )
    elif factor > 0.5 ** (1.0 / CRAWL):
        name = "crawls"
        reason = say(
            "{rate} is far below {one}, so each step leaves {left} of {weight}; to halve it takes {steps}",
            steps=_steps(factor),
            **given,
        )
    elif factor > 0.0:
        name = "glides"
        reason = say(
            "{rate} is below {one}, so each step leaves {left} of {weight} and stays on this side; the steps shrink"
            " because the valley flattens",
            **given,
        )
    elif factor > -1.0:
        name = "bounces"
        reason = say(
            "{rate} lies between {one} and {two}, so each step multiplies {weight} by {left}: it overshoots the floor,"
            " and lands less high up on the other side",
            **given,
        )
    else:
        name = "climbs"
        reason = say(
            "{rate} is above {two}, so each step multiplies {weight} by {left}: it lands on the other side and higher"
            " up, where the valley is steeper, so the next step is longer still",
            **given,
        )
    return Regime(name, factor, 2.0 / curvature, phrase(name), reason)


def roots_of(optimizer: str, learning_rate: float, curvature: float, momentum: float) -> tuple[complex, complex]:
    """Return the two factors whose powers make up a walk with momentum: the roots of $r² − b r + c$ of `limit_of`."""
    h = learning_rate * curvature
    b, c = (1.0 + momentum - h, momentum) if optimizer == "momentum" else (1.0 + momentum, momentum)
    if optimizer == "nesterov":
        b, c = b * (1.0 - h), c * (1.0 - h)
    under = b * b - 4.0 * c
    split = cmath.sqrt(under) if abs(under) > 1e-12 else 0.0  # two equal roots, but for rounding
    return (b + split) / 2.0, (b - split) / 2.0


def _judge_with_memory(optimizer: str, learning_rate: float, curvature: float, momentum: float, weight: str) -> Regime:
    limit = limit_of(optimizer, curvature, momentum)
    larger = max(roots_of(optimizer, learning_rate, curvature, momentum), key=abs)
    factor = abs(larger)
    edge = f"{FORMULAS[optimizer]} = {_show(limit)}"
    given = {"rate": _rate(learning_rate), "limit": edge, "momentum": _show(momentum)}
    if abs(factor - 1.0) < _EXACT:
        name, factor = "swings", 1.0
        reason = say(
            "the learning rate is exactly {limit}, which is the limit with momentum {momentum}, so the swings keep"
            " their size",
            **given,
        )
    elif factor > 1.0:
        name = "climbs"
        reason = say(
            "{rate} is above {limit}, which is the limit with momentum {momentum}, so the swings grow, in the long run"
            " by {factor} a step",
            factor=_about(factor),
            **given,
        )
    elif factor > 0.5 ** (1.0 / CRAWL):
        name = "crawls"
        reason = say(
            "each step leaves {factor} of the distance in the long run; to halve it takes {steps}",
            factor=_about(factor),
            steps=_steps(factor),
        )
    elif abs(larger.imag) > _EXACT:
        name = "rolls"
        reason = say(
            "the velocity it has gathered carries {weight} past the floor; each step leaves about {factor} of the"
            " swing",
            weight=weight,
            factor=_about(factor),
        )
    else:
        name = "glides" if larger.real >= 0.0 else "bounces"
        reason = say(
            "each step leaves {factor} of the distance in the long run; the limit is {limit}",
            factor=_about(factor),
            limit=edge,
        )
    return Regime(name, factor, limit, phrase(name), reason)


def explain(
    optimizer: str, learning_rate: float, curvatures: Sequence[float], momentum: float = 0.0
) -> tuple[list[Regime], str]:
    """Say what a learning rate does in a valley or a ravine.

    Returns:
        The regime of each weight, and the sentences for people.
    """
    if len(curvatures) == 1:
        regime = judge(optimizer, learning_rate, curvatures[0], momentum)
        return [regime], say("It {does}: {reason}.", does=regime.phrase, reason=regime.reason)
    if curvatures[0] == curvatures[1] and optimizer != "adam":
        regime = judge(optimizer, learning_rate, curvatures[0], momentum, say("each weight"))
        sentence = say("It {does}, along both weights alike: {reason}.", does=regime.phrase, reason=regime.reason)
        return [regime, regime], sentence
    names = weight_names(len(curvatures))
    regimes = [
        judge(optimizer, learning_rate, curvature, momentum, name)
        for name, curvature in zip(names, curvatures, strict=True)
    ]
    if optimizer == "adam":
        return regimes, say("Both weights begin at one pace: {reason}.", reason=regimes[0].reason)
    first, second = regimes
    if optimizer != "sgd" and first.name == second.name and abs(first.factor - second.factor) < _EXACT:
        sentence = say(
            "Along both weights it {does}: each step leaves about {factor} of the distance, which halves it in about"
            " {steps}.",
            does=first.phrase,
            factor=_about(first.factor),
            steps=_steps(first.factor),
        )
        return regimes, f"{sentence} {_limit_ahead(curvatures, regimes, names)}"
    said = [
        _said_along(optimizer, name, curvature, regime)
        for name, curvature, regime in zip(names, curvatures, regimes, strict=True)
    ]
    return regimes, " ".join([*said, _verdict(optimizer, learning_rate, curvatures, regimes, names)])


def _said_along(optimizer: str, name: str, curvature: float, regime: Regime) -> str:
    """Say what happens along one of two weights."""
    given = {"weight": name, "curvature": _show(curvature), "does": regime.phrase}
    if optimizer == "sgd":
        factor = _show(regime.factor)
        return say("Along {weight} (λ = {curvature}) it {does}: 1 − ηλ = {factor}.", factor=factor, **given)
    return say(
        "Along {weight} (λ = {curvature}) it {does}: each step leaves about {factor} of the distance.",
        factor=_about(regime.factor),
        **given,
    )


def _verdict(
    optimizer: str, learning_rate: float, curvatures: Sequence[float], regimes: Sequence[Regime], names: Sequence[str]
) -> str:
    """Say which weight decides: the steeper one if it runs away, or else the slower one."""
    flat, steep = sorted(range(2), key=lambda index: curvatures[index])
    if abs(regimes[steep].factor) >= 1.0:
        given = {
            "steep": names[steep],
            "rate": _rate(learning_rate),
            "limit": f"{FORMULAS[optimizer]} = {_show(regimes[steep].limit)}",
            "flat": names[flat],
        }
        if regimes[steep].name == "swings":
            return say("{steep} decides: {rate} is at its limit {limit}, however well it suits {flat}.", **given)
        return say("{steep} decides: {rate} is above its limit {limit}, however well it suits {flat}.", **given)
    slower = max(range(2), key=lambda index: abs(regimes[index].factor))
    pace = {"weight": names[slower], "steps": _steps(abs(regimes[slower].factor))}
    plain = 1.0 - learning_rate * curvatures[flat]
    if optimizer != "sgd" and slower == flat and regimes[flat].factor < plain:
        return say(
            "{weight} sets the pace: to halve its distance takes {steps}, where the plain rule would need {plain} at"
            " this rate.",
            plain=number(f"{_halving(plain):,}"),
            **pace,
        )
    sentence = say("{weight} sets the pace: to halve its distance takes {steps}.", **pace)
    return f"{sentence} {_limit_ahead(curvatures, regimes, names)}"


def _limit_ahead(curvatures: Sequence[float], regimes: Sequence[Regime], names: Sequence[str]) -> str:
    """Say where the steeper weight will run away."""
    steep = max(range(2), key=lambda index: curvatures[index])
    limit = _show(regimes[steep].limit)
    return say("A rate above {limit} would climb out along {weight}.", limit=limit, weight=names[steep])


def weight_names(count: int) -> list[str]:
    """Return how the weights are called."""
    return ["w"] if count == 1 else ["w₁", "w₂"]


def marks(optimizer: str, curvatures: Sequence[float], momentum: float) -> list[dict[str, Any]]:
    """Return the learning rates that decide, as `rate` and `label`, for a dial: ascending, each once."""
    found: dict[float, str] = {}
    names = ["λ"] if len(set(curvatures)) == 1 else ["λ₁", "λ₂"]
    for name, weight, curvature in zip(names, weight_names(2), curvatures, strict=False):
        if optimizer == "sgd" and len(curvatures) == 1:
            found[1.0 / curvature] = f"1/{name}"
        rate = limit_of(optimizer, curvature, momentum)
        if math.isfinite(rate):
            if optimizer == "sgd":
                found[rate] = f"2/{name}"
            else:
                found[rate] = say("limit of {weight}", weight=weight) if len(names) > 1 else say("limit")
    return [{"rate": rate, "label": found[rate]} for rate in sorted(found)]


def _halving(factor: float) -> int:
    """Return how many steps halve a distance of which each step leaves `factor`, in (0, 1)."""
    return max(1, math.ceil(math.log(0.5) / math.log(factor) - _EXACT)) if factor > 0.0 else 1


def _steps(factor: float) -> str:
    """Write how many steps halve a distance, with the word."""
    count = _halving(factor)
    return say("1 step") if count == 1 else say("{count:,} steps", count=count)


def _rate(learning_rate: float) -> str:
    """Write a learning rate as it was given: 0.9999 is not 1 here."""
    return number(f"{learning_rate:.12g}")


def _about(value: float) -> str:
    """Write a number that was only worked out approximately, with three digits."""
    return number(f"{value:.3g}")


def _show(value: float) -> str:
    """Write a number for people, with four digits and a real minus."""
    return number(f"{value:.4g}".replace("-", "−"))
