"""One slow step: the four stages of one update with the real numbers of one network and one batch.

What is rendered here is the first round, complete without JavaScript. The page's script takes these very elements: it
shows one stage at a time and puts the words and numbers of later rounds where `data-words` and `data-cell` say.
"""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gd_core import settings, training
from gd_core.language import say
from gd_core.settings import Settings
from gd_core.slow_step import NUDGE
from gd_core.step_session import BATCH_SIZE, Frame, StepSession
from scripts import pictures
from scripts.diagrams import MOST_UNITS, layer_names, network_diagram

from .code import ROOT, cut, find_excerpts, staged, unmeasured_listing
from .fences import Block, Entry, Fence, Place, Report, read_mapping, read_settings
from .frame import lab_frame
from .runs import OPTIONS, read_title

ROWS = 8
"""Points that a table shows at once; the script leafs through the others."""

MOST_LAYERS = 4
"""Hidden layers that a diagram can show side by side on a phone."""


def stage_names() -> tuple[tuple[str, str], ...]:
    """Say the four stages by name, and what each asks or does, as the comments of `gd_core.training.descend` do."""
    return (
        (say("Forward"), say("what does the network answer for these points?")),
        (say("Loss"), say("how wrong are the answers, as one number?")),
        (say("Gradient"), say("how would the loss change with each weight?")),
        (say("Update"), say("move every weight a little, downhill.")),
    )


def given_and_loss(loss: str) -> tuple[str, str]:
    """Say the headings of the two columns that lead from an answer to its loss, a key of `gd_core.LOSSES`."""
    return {
        "binary_crossentropy": (say("Given to the truth"), say("Loss: −ln of that")),
        "mean_squared_error": (say("Given to the truth"), say("Loss: what is missing, squared")),
    }[loss]


@dataclass(frozen=True)
class Step(Block):
    """One slow step through a run."""

    settings: Settings
    title: str

    def render(self, place: Place) -> str:
        """Return the element that the page's script mounts, with the first round inside."""
        name = f"step-{place.number}"
        session = StepSession(self.settings.as_dict())
        frame = session.open()
        network = session.slow.run.model.network
        bodies = (
            self._forward(frame),
            self._loss(frame),
            self._gradient(frame, name, session),
            self._update(frame, name),
        )
        sections = "".join(
            f'<section class="gd-step-stage" data-stage="{number}" aria-labelledby="{name}-{number}">'
            f'<h4 id="{name}-{number}">{number}. {heading}: {question}</h4>{body}</section>'
            for number, ((heading, question), body) in enumerate(zip(stage_names(), bodies, strict=True), 1)
        )
        content = f'<div class="gd-step">{_said(frame, "round")}{_loop()}{sections}</div>'
        data = {
            "settings": self.settings.as_dict(),
            "rates": list(settings.LEARNING_RATES),
            "layers": [*zip(layer_names(network.layers), network.layers, strict=True)],
            "first": {"words": frame["words"], "weight": frame["weight"]},
        }
        return lab_frame(place, "step", name, self.title or say("One slow step"), content, data)

    def _forward(self, frame: Frame) -> str:
        heads = (say("Point"), "x", "y", say("Truth"), say("p (class 1)"), say("Right?"))
        return _said(frame, "forward") + _table("forward", heads, frame, _forward_cells)

    def _loss(self, frame: Frame) -> str:
        heads = (say("Point"), say("Truth"), *given_and_loss(self.settings.loss))
        mean = (
            f'<tfoot><tr><th scope="row" colspan="3">{say("Mean: the loss before")}</th>'
            f'<td class="gd-step-mean" data-words="loss_before">{html.escape(frame["words"]["loss_before"])}</td></tr>'
            "</tfoot>"
        )
        return _said(frame, "loss") + _table("loss", heads, frame, _loss_cells, mean)

    def _gradient(self, frame: Frame, name: str, session: StepSession) -> str:
        run = session.slow.run
        network = run.model.network
        diagram = network_diagram(
            network.layers,
            name,
            weights=[(weights.tolist(), biases.tolist()) for weights, biases in network.unpack(run.params)],
            title=say("The network and its weights"),
            chosen=(frame["weight"]["layer"], frame["weight"]["source"], frame["weight"]["to"]),
        )
        return (
            f'<div class="gd-step-network"><figure>{diagram}<figcaption>'
            f'<span class="gd-step-key gd-step-plus">{say("positive")}</span> '
            f'<span class="gd-step-key gd-step-minus">{say("negative")}</span> '
            f'<span class="gd-step-thick">{say("thicker: larger")}</span> <span>{say("small square: bias")}</span>'
            "</figcaption></figure><div>"
            f"<p><strong{_words(frame, 'weight')}</strong></p>"
            f'<p class="gd-step-pair"><span>{say("value")} <b{_words(frame, "value")}</b></span> '
            f"<span>{say('slope')} <b{_words(frame, 'gradient')}</b></span></p>"
            f"{_said(frame, 'meaning')}<p{_words(frame, 'rank')}</p>"
            f'<div class="gd-step-check">{_nudges(frame)}<p{_words(frame, "check")}</p></div>'
            "</div></div>"
        )

    def _update(self, frame: Frame, name: str) -> str:
        rows = (
            (say("Loss before"), "loss_before"),
            (say("Change that the slope promised"), "promised"),
            (say("Change that came"), "came"),
            (say("Loss after"), "loss_after"),
        )
        numbers = "".join(f'<tr><th scope="row">{head}</th><td{_words(frame, key)}</td></tr>' for head, key in rows)
        return (
            f'<p class="gd-step-rule">{say("new weight = old weight − learning rate × slope")}</p>'
            f'<p class="gd-step-formula"{_words(frame, "formula")}</p><p{_words(frame, "moved")}</p>'
            f'<div class="gd-step-outcome">{_said(frame, "after")}<div class="gd-step-columns">'
            f'<div class="gd-step-numbers"><table class="gd-step-table"><tbody>{numbers}</tbody></table>'
            f"<p{_words(frame, 'everywhere')}</p></div><figure>{pictures.along_the_step(frame, name)}<figcaption>"
            f'<span class="gd-step-key gd-step-came">{say("the loss after so long a step")}</span> '
            f'<span class="gd-step-key gd-step-promise">{say("what the slope promises")}</span>'
            "</figcaption></figure></div></div>"
        )


def read_step(fence: Fence, report: Report) -> Step | None:
    """Read a slow step: any setting of `gd_core` that leaves it plain gradient descent, and `title`."""
    entries = read_mapping(fence, report)
    if entries is None:
        return None
    title = read_title(entries, report)
    chosen = read_settings({"batch_size": Entry(fence.line, BATCH_SIZE)} | entries, report, OPTIONS["step"])
    if not chosen:
        return None
    problems = []
    for name, allowed in (("optimizer", "sgd"), ("schedule", "constant")):
        came = getattr(chosen, name)
        if came != allowed:
            problems.append((name, f"{name} must be {allowed} in a step block, where the arithmetic shows, got {came}"))
    layers = chosen.hidden_layers
    if len(layers) > MOST_LAYERS or max(layers, default=0) > MOST_UNITS:
        drawn = f"at most {MOST_LAYERS} layers of at most {MOST_UNITS} units, which is what a diagram can show"
        problems.append(("hidden_layers", f"hidden_layers must be {drawn}, got {list(layers)}"))
    for name, sentence in problems:
        report(entries[name].line, sentence)
    return None if problems else Step(chosen, title)


def _loop() -> str:
    """Return the loop of the lesson, word for word, its stages marked."""
    file = ROOT / "gd_core" / "training.py"
    text = file.read_text(encoding="utf-8")
    code = cut(text, *dict(find_excerpts(text))[training.descend.__name__])
    return unmeasured_listing(staged(code), file.relative_to(ROOT).as_posix())


TRUTHS = ("● 0", "◆ 1")
"""The two classes as a table writes them, with the marks that stand for them in pictures."""


def _forward_cells(row: Frame) -> str:
    cells = "".join(f'<td data-cell="{name}">{html.escape(row[name])}</td>' for name in ("x", "y"))
    answer = f'<td data-cell="probability">{html.escape(row["probability"])}</td>'
    right = say("✓ right") if row["right"] else say("✗ wrong")
    return f'{cells}{_truth(row)}{answer}<td data-cell="right" data-right="{int(row["right"])}">{right}</td>'


def _loss_cells(row: Frame) -> str:
    return (
        f'{_truth(row)}<td data-cell="given">{html.escape(row["given"])}</td>'
        f'<td class="gd-step-bar" style="--gd-share:{row["size"]:.3f}"><span data-cell="loss">'
        f"{html.escape(row['loss'])}</span></td>"
    )


def _truth(row: Frame) -> str:
    return f'<td data-cell="truth" data-class="{row["truth"]}">{TRUTHS[row["truth"]]}</td>'


def _nudges(frame: Frame) -> str:
    """Return the check by hand as a table: the loss with the weight pushed down, as it is, and pushed up."""
    rows = "".join(
        f'<tr><th scope="row">{head}</th><td{_words(frame, key)}</td></tr>'
        for head, key in (
            (say("pushed down by {nudge:g}", nudge=NUDGE), "nudge_down"),
            (say("as it is"), "nudge_none"),
            (say("pushed up by {nudge:g}", nudge=NUDGE), "nudge_up"),
        )
    )
    heads = f'<th scope="col">{say("Checked by hand: the weight")}</th><th scope="col">{say("loss")}</th>'
    return f'<table class="gd-step-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _words(frame: Frame, key: str) -> str:
    """Return the rest of an opening tag, and the words that the script will replace."""
    return f' data-words="{key}">{html.escape(frame["words"][key])}'


def _said(frame: Frame, key: str) -> str:
    """Return a sentence that the status says once there is one."""
    return f'<p class="gd-step-said"{_words(frame, key)}</p>'


def _table(kind: str, heads: Sequence[str], frame: Frame, cells: Callable[[Frame], str], foot: str = "") -> str:
    head = "".join(f'<th scope="col">{html.escape(text)}</th>' for text in heads)
    body = "".join(
        f'<tr><th scope="row">{number}</th>{cells(row)}</tr>' for number, row in enumerate(frame["rows"][:ROWS], 1)
    )
    more = len(frame["rows"]) - ROWS
    rest = f'<p class="gd-step-rest">{say("And {count} more.", count=more)}</p>' if more > 0 else ""
    return (
        f'<table class="gd-step-table gd-step-points" data-table="{kind}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody>{foot}</table>{rest}"
    )
