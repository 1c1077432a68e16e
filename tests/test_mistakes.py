"""Authors' mistakes: each is told once, in one line, at the author's own line, wherever it stands."""

import re
from collections.abc import Callable

import pytest

from scripts.pages import split_front_matter
from tests.blocks import CURVE_QUIZ, NUMBER_QUIZ, QUIZ, indent, mistakes, quote, render

PRESETS = "```lab\npresets:\n  Small: {learning_rate: 0.001}\n  Big: {learning_rate: 100}\n```"

MISTAKES = {
    "misspelt kind": ("Text.\n\n```quizz\n1. A?\n```", 3, "unknown block 'quizz'; choose one of"),
    "not closed": ("Text.\n\n```lab\nepochs: 5\n", 3, "this lab block is not closed"),
    "not closed before the next": ("```lab\nepochs: 5\n\n```keras\n```", 1, "this lab block is not closed"),
    "bad YAML": ("```lab\nepochs: 5\nnoise: [1\n```", 3, "this is not valid YAML"),
    "a tab in YAML": ("```lab\nepochs:\n\t- 5: {\n```", 3, "this is not valid YAML"),
    "no mapping": ("```lab\n- epochs\n```", 2, 'must be lines "setting: value"'),
    "unknown setting": ("```lab\nepochs: 5\nlearnin_rate: 0.1\n```", 3, "did you mean learning_rate?"),
    "misspelt title": ("```lab\ntitel: Try\n```", 2, "did you mean title?"),
    "wrong type": ("```lab\nepochs: many\n```", 2, "epochs must be a whole number from 1 to 10,000, got 'many'"),
    "out of range": ("```lab\n\nlearning_rate: 1e9\n```", 3, "learning_rate must be a number from 0.0001 to 100"),
    "unknown choice": ("```lab\ndataset: cirlce\n```", 2, "unknown dataset 'cirlce', did you mean 'circle'"),
    "set twice": ("```lab\nepochs: 5\nnoise: 0\nepochs: 6\n```", 4, "epochs is set twice, first in line 2"),
    "empty title": ("```lab\ntitle:\n```", 2, "title must be a text that is not empty, got None"),
    "no rates": ("```rates\nepochs: 5\n```", 1, "needs learning_rates, a list of two to four numbers"),
    "one rate": ("```rates\nlearning_rates: [1]\n```", 2, "must be a list of two to four numbers, got [1]"),
    "a rate beside the rates": (
        "```rates\nlearning_rate: 1\nlearning_rates: [1, 2]\n```",
        2,
        "a rates block compares learning_rates, so it takes no other; got 1",
    ),
    "a rate off the dial": ("```rates\nepochs: 5\nlearning_rates: [1, 0]\n```", 3, "learning_rate must be a number"),
    "keras setting": ("```keras\ntitle: No\n```", 2, "unknown setting 'title'"),
    "source without name": ("```source\ngd_core.training\n```", 2, 'one line "module:function"'),
    "source of two": ("```source\na:b\nc:d\n```", 2, "got 2 lines"),
    "empty source": ("```source\n```", 1, "got nothing"),
    "unknown module": ("```source\ngd_core.trainin:descend\n```", 2, "did you mean gd_core.training?"),
    "unknown function": ("```source\n\ngd_core.training:decend\n```", 3, "did you mean descend?"),
    "empty quiz": ("```quiz\n```", 1, "a quiz needs at least one question"),
    "no right answer": (QUIZ.replace("[x]", "[ ]"), 2, 'no answer is marked [x]; mark the right one(s) with "- [x]"'),
    "one answer": ("```quiz\n1. A?\n   - [x] B\n     > C\n```", 2, "a question needs at least two answers, got 1"),
    "no answers": ("```quiz\n\n1. A?\n```", 3, "a question needs at least two answers, got 0"),
    "same answer twice": (QUIZ.replace("Up the", "Down the"), 5, "this answer stands in line 3 already"),
    "no explanation": (QUIZ.replace("     > Against the gradient.\n", ""), 3, "this answer has no explanation"),
    "unknown mark": (QUIZ.replace("[ ]", "[y]"), 5, "unknown mark [y]; write [x]"),
    "answer without mark": (QUIZ.replace("- [ ] Up", "- Up"), 5, "this answer has no mark"),
    "no such date": ("```lab\nepochs: 2026-13-45\n```", 2, "this is not valid YAML"),
    "no such date further down": (
        "```lab\nepochs: 5\nseed: 2026-13-45\n```",
        3,
        "'2026-13-45' cannot be read as timestamp",
    ),
    "a tag that does not fit": ("```lab\nepochs: 5\nseed: !!int x\n```", 3, "'x' cannot be read as int"),
    "a control character": ("```lab\nepochs: 5\n\nseed: \x07\n```", 4, "this is not valid YAML: special characters"),
    "nested too deeply": (f"```lab\nepochs: 5\nseed: {'[' * 900}\n```", 3, "it is nested too deeply"),
    "an entry inside itself": (
        "```lab\nepochs: 5\npresets: &a {b: *a}\n```",
        3,
        "found unconstructable recursive node",
    ),
    "a number beyond all": (
        f"```lab\n\nepochs: 0x{'f' * 5000}\n```",
        3,
        "got something of type int that cannot be written out",
    ),
    "a number of 400 digits": (f"```lab\nepochs: {'9' * 400}\n```", 2, "epochs must be a whole number"),
    "answer without text": (QUIZ.replace("Up the slope", ""), 5, "this answer has no text"),
    "question without text": (QUIZ.replace("Which way does a step go?", "{#a}"), 2, "this question has no text"),
    "answer first": ("```quiz\n- [x] B\n```", 2, "this answer belongs to no question"),
    "explanation first": ("```quiz\n1. A?\n   > C\n```", 3, "this explanation belongs to no answer"),
    "stray line": (QUIZ.replace("1. Which", "Which"), 2, "a quiz holds"),
    "same question twice": (f"{QUIZ}\n{QUIZ}", 10, "this question stands in line 2 already"),
    "two names": (
        QUIZ.replace("go?", "go? {#a}").replace("```\n", "1. B? {#a}\n   - [=] 1\n     > C\n```"),
        7,
        "the id 'a'",
    ),
    "heading's id": (f"# A {{#a}}\n\n{QUIZ.replace('go?', 'go? {#a}')}", 4, "the id 'a' stands in line 1 already"),
    "id of a block": ("# A {#lab-1}\n\n```lab\n```", 3, "this block's id is 'lab-1', which stands in line 1 already"),
    "heading named as a block": (
        "```lab\n```\n\n## Lab 1\n",
        4,
        "this heading's id is 'lab-1', which stands in line 1",
    ),
    "block named as a heading": ("## Lab 1\n\n```lab\n```", 3, "this block's id is 'lab-1', which stands in line 1"),
    "heading named as a cell": (
        "```python {.cell #by-hand}\n1\n```\n\n## By *hand*",
        5,
        "this heading's id is 'by-hand', which stands in line 1 already; give it another, like {#by-hand-2}",
    ),
    "cell named as a heading": (
        "## By hand\n\n```python {.cell #by-hand}\n1\n```",
        3,
        "the id 'by-hand' stands in line 1 already; an id names one thing of a page",
    ),
    "question named as a block": (
        f"```lab\n```\n\n{QUIZ.replace('go?', 'go? {#lab-1}')}",
        5,
        "the id 'lab-1' stands in",
    ),
    "label twice": (
        "$$\\begin{equation} a \\label{b} \\end{equation}$$\n\n$$\n\\begin{align}\na \\label{b}\n\\end{align}\n$$",
        5,
        "the id 'b' stands in line 1 already",
    ),
    "label twice in a line": (
        "$$\\begin{align} a \\label{b} \\\\ c \\label{b} \\end{align}$$",
        1,
        "the id 'b' stands in line 1 already",
    ),
    "equation without a label": (
        "$$\\begin{equation} a \\label{update} \\end{equation}$$\n\nSee $\\eqref{updte}$.",
        3,
        '"\\eqref{updte}" needs "\\label{updte}" in a formula above it, got none; did you mean update?',
    ),
    "equation that comes later": (
        "See $\\eqref{b}$.\n\n$$\\begin{equation} a \\label{b} \\end{equation}$$",
        1,
        '"\\eqref{b}" needs "\\label{b}" in a formula above it, got none',
    ),
    "number without text": (NUMBER_QUIZ.replace(" 0.3 ± 0.01", ""), 3, "this answer has no text"),
    "no number": (NUMBER_QUIZ.replace("0.3", "a third"), 3, "a number is written like"),
    "bad tolerance": (NUMBER_QUIZ.replace("± 0.01", "± -1"), 3, "a number is written like"),
    "number without explanation": (NUMBER_QUIZ.replace("     > Right.\n", ""), 3, "this answer has no explanation"),
    "mistake within tolerance": (NUMBER_QUIZ.replace("0.7", "0.305"), 5, "this answer stands in line 3 already"),
    "two numbers": (NUMBER_QUIZ.replace("[ ]", "[=]"), 5, "a question asks for one number"),
    "number and choice": (NUMBER_QUIZ.replace("[ ]", "[x]"), 5, "this question asks for a number"),
    "fence in a quiz": (
        QUIZ.replace("   - [x]", "   ```\n   x\n   ```\n   - [x]"),
        3,
        "a quiz holds no fences but curve",
    ),
    "curve before questions": ("```quiz\n   ```curve\n   ```\n1. A?\n```", 2, "stands below a question's text"),
    "curve in a quiz": (CURVE_QUIZ.replace("epochs: 5", "epochs: 0"), 4, "epochs must be a whole number"),
    "curve in a quiz not closed": (CURVE_QUIZ.replace("   ```\n", ""), 3, "this curve block is not closed"),
    "curve setting": ("```curve\nepochs: 5\nverdict: no\n```", 3, "unknown setting 'verdict'"),
    "options": ("Text\n\n```lab {#here}\n```", 3, 'a lab block begins with "```lab" and no more'),
    "a cell without its dot": ("```python {cell}\n1\n```", 1, 'a cell begins with "```python {.cell}", got'),
    "a cell without braces": ("Text\n\n```python .cell\n1\n```", 3, 'a cell begins with "```python {.cell}", got'),
    "a cell with one brace": ("```python {.cell\n1\n```", 1, 'a cell begins with "```python {.cell}", got'),
    "a note in curly quotes": (
        "Text\n\n!!! tip “A note”\n\n    Text",
        3,
        """a note is written !!! tip "A title", in straight quotes, got '!!! tip “A note”'""",
    ),
    "a note without quotes": ("!!! tip A note\n\n    Text", 1, "a note is written"),
    "a note of one quote": ('!!! tip "A note\n\n    Text', 1, "a note is written"),
    "a note without a type": ('!!! "A note"\n\n    Text', 1, "a note is written"),
    "a note of two marks": ('!! tip "A"\n\n    Text', 1, "a note is written"),
    "a fold of four marks": ('???? question "A"\n\n    Text', 1, 'a fold is written ??? tip "A title"'),
    "a tab in curly quotes": ("=== “One”\n\n    Text", 1, 'a tab is written === "A title", in straight quotes, got'),
    "a tab without quotes": ("=== One\n\n    Text", 1, "a tab is written"),
    "a tab of two marks": ('== "One"\n\n    Text', 1, "a tab is written"),
    "a note of no kind": (
        '!!! tipp "A"\n\n    Text',
        1,
        "unknown note 'tipp'; choose one of note, abstract, info, tip, ",
    ),
    "another fence not closed": ("Text\n\n```sh\nls\n\n```lab\n```", 3, "this fence is not closed"),
    "a fence closed by more marks": ("```sh\nls\n````\n", 1, "this fence is not closed"),
    "a misspelt kind not closed": ("Text\n\n```quizz\n1. A?\n", 3, "this fence is not closed"),
    "a fence of two marks": ("``lab\nepochs: 5\n``", 1, "the fence of a lab block is a line of its own"),
    "a fence of apostrophes": ("'''lab\nepochs: 5\n'''", 1, "the fence of a lab block is a line of its own"),
    "a fence behind a hyphen": ("- ```lab\n  epochs: 5\n  ```", 1, "the fence of a lab block is a line of its own"),
    "a number with a zero before it": ("```lab\nepochs: 010\n```", 2, "epochs must be a whole number"),
    "minutes and seconds": ("```lab\nepochs: 1:30\n```", 2, "epochs must be a whole number"),
    "an answer without a space": (QUIZ.replace("- [ ] Up", "-[ ] Up"), 5, "an answer begins with a hyphen, a space"),
    "an answer behind a dash": (QUIZ.replace("- [ ] Up", "– [ ] Up"), 5, "an answer begins with a hyphen, a space"),
    "a question without a space": (
        QUIZ.removesuffix("```\n") + " 2.Why?\n```",
        7,
        "a question begins with its number, a dot and a space",
    ),
    "a name with a space": (QUIZ.replace("go?", "go? {#half life}"), 2, "a question's name is written {#name}"),
    "a name not closed": (QUIZ.replace("go?", "go? {#half"), 2, "a question's name is written {#name}"),
    "misspelt class": ("```python {.cel}\n1\n```", 1, "unknown block 'cel'; choose one of"),
    "capital letter": ("\n```Quiz\n```", 2, "did you mean quiz?"),
    "predict as a word": ("```lab\npredict: perhaps\n```", 2, "predict must be yes or no, got 'perhaps'"),
    "no variants": ("```compare\nepochs: 5\n```", 1, "a compare block needs variants"),
    "a variant of other data": (
        "```compare\nvariants:\n  Moons: {dataset: moons}\n```",
        3,
        "a variant may differ in optimizer, learning_rate, schedule, got dataset",
    ),
    "no missions": ("```missions\n```", 1, "a missions block needs at least one mission"),
    "a mission as a word": ("```missions\nlearn: soon\n```", 2, "a mission is written"),
    "a mission without a goal": ("```missions\na:\n  title: A\n  text: B\n```", 2, "needs a goal"),
    "an unknown goal": (
        "```missions\na:\n  title: A\n  text: B\n  goal: brake\n```",
        5,
        "unknown goal 'brake'; choose one of learn, crawl, break, rescue, edge; did you mean break?",
    ),
    "a goal out of range": (
        "```missions\na:\n  title: A\n  text: B\n  goal: learn\n  below: 7\n```",
        6,
        "below must be a number from 1e-6 to 1, got 7",
    ),
    "a goal that takes nothing": (
        "```missions\na:\n  title: A\n  text: B\n  goal: crawl\n  below: 0.1\n```",
        6,
        "unknown part of the mission 'a' 'below'; choose one of title, text, goal",
    ),
    "a mission with a bad formula": (
        "```missions\na:\n  title: A\n  text: $\\etta$\n  goal: crawl\n```",
        4,
        "unknown command",
    ),
    "missions that nothing accomplishes": (
        "```valley\n```\n\n```missions\na:\n  title: A\n  text: B\n  goal: break\n```",
        4,
        "a missions block needs a lab, compare or rule block on its page, got none",
    ),
    "a score of nothing": (
        "```lab\n```\n\n```score\n```",
        4,
        "a score block needs a missions or quiz block on its page",
    ),
    "a score with words": ("```score\nplease\n```", 2, "a score block is empty, got 'please'"),
    "progress of nothing": ("```progress\n```", 1, "a progress block holds one line"),
    "progress of a page that there is not": (
        "```progress\nmodules/04-practise.md\n```",
        2,
        "there is no file docs/modules/04-practise.md",
    ),
    "a mission with a space in its name": (
        "```missions\ntoo fast:\n  title: A\n  text: B\n  goal: break\n```",
        2,
        "a mission's name consists of letters, digits, hyphens and underscores, got 'too fast'",
    ),
    "progress of a page from the root": (
        "```progress\n/index.md\n```",
        2,
        "starts at the server's root; start at the folder of all pages, like index.md",
    ),
    "progress of no page": ("```progress\nmodule 4\n```", 2, "a progress block holds one line"),
    "presets as a list": ("```lab\npresets: [1]\n```", 2, "presets must be lines"),
    "no presets": ("```lab\npresets: {}\n```", 2, "presets must be lines"),
    "preset of nothing": ("```lab\npresets:\n  A: {}\n```", 3, "each of the presets must be written"),
    "preset of a number": ("```lab\npresets:\n  A: 3\n```", 3, "each of the presets must be written"),
    "preset out of range": (PRESETS.replace("100", "1000"), 4, "learning_rate must be a number from 0.0001 to 100"),
    "preset unknown setting": (PRESETS.replace("Big: {learning", "Big: {learnin"), 4, "did you mean learning_rate?"),
    "preset twice": (PRESETS.replace("Big", "Small"), 4, "Small is set twice, first in line 3"),
    "setting twice in a preset": (PRESETS.replace("100}", "100, learning_rate: 1}"), 4, "learning_rate is set twice"),
    "two presets alike": (PRESETS.replace("100", "0.001"), 4, "'Big' sets what 'Small' sets"),
    "step with another optimizer": (
        "```step\nepochs: 5\noptimizer: adam\n```",
        3,
        "optimizer must be sgd in a step block, where the arithmetic shows, got adam",
    ),
    "step with a schedule": ("```step\nschedule: cosine\n```", 2, "schedule must be constant in a step block"),
    "step with a wide network": (
        "```step\nhidden_layers: [4, 17]\n```",
        2,
        "hidden_layers must be at most 4 layers of at most 16 units, which is what a diagram can show, got [4, 17]",
    ),
    "step with a deep network": ("```step\n\nhidden_layers: [2, 2, 2, 2, 2]\n```", 3, "at most 4 layers"),
    "step setting": ("```step\nbatchsize: 8\n```", 2, "did you mean batch_size?"),
    "step out of range": ("```step\nbatch_size: 0\n```", 2, "batch_size must be a whole number from 1"),
    "step without title": ("```step\ntitle: ''\n```", 2, "title must be a text that is not empty"),
    "valley setting": ("```valley\ncurvature: [2]\n```", 2, "did you mean curvatures?"),
    "valley out of range": ("```valley\n\ncurvatures: [0]\n```", 3, "curvatures must be a list of 1 to 2 numbers"),
    "valley start": ("```valley\nsteps: 5\nstart: [9]\n```", 3, "start of w must be from -5 to 5, got 9"),
    "valley starts": ("```valley\ncurvatures: [1, 2]\nstart: [1]\n```", 3, "start must have 2 numbers, as curvatures"),
    "valley rule": ("```valley\noptimizer: adm\n```", 2, "unknown optimizer 'adm', did you mean 'adam'"),
    "valley title": ("```valley\ntitle: ''\n```", 2, "title must be a text that is not empty, got ''"),
    "cell that does not compile": ("```python {.cell}\na = 1\nif a\n    a\n```", 3, "this cell does not compile"),
    "cell not indented": ("```python {.cell}\nif True:\na\n```", 3, "this cell does not compile: expected an indented"),
    "cell that fails": ("Text\n\n```python {.cell}\na = 1\n\na / 0\n```", 6, "ZeroDivisionError: division by zero"),
    "cell that fails in a call": (
        "```python {.cell}\ndef f():\n    return [][0]\n```\n\n```python {.cell}\na = 1\nf()\n```",
        8,
        "IndexError: list index out of range",
    ),
    "cell of another language": ("```js {.cell}\n1\n```", 1, 'a code cell begins with "```python {.cell}"'),
    "cell as a word": ("\n```cell\n1\n```", 2, 'a code cell begins with "```python {.cell}"'),
    "cell option": ("```python {.cell run=yes}\n1\n```", 1, "unknown option of a cell 'run=yes'"),
    "cell option twice": ("```python {.cell #a #b}\n1\n```", 1, "the cell's name is set twice"),
    "empty cell": ("```python {.cell}\n\n```", 1, "this cell is empty"),
    "cell not closed": ("Text\n\n```python {.cell}\n1\n", 3, "this cell block is not closed"),
    "two cells of one name": (
        "```python {.cell #a}\n1\n```\n\n```python {.cell #a}\n2\n```",
        5,
        "the id 'a' stands in line 1 already",
    ),
    "rule with an optimizer": ("```rule\nepochs: 5\noptimizer: adam\n```", 3, "optimizer cannot be set here: readers"),
    "rule misspelt": ("```rule\nepohcs: 5\n```", 2, "choose one of dataset, points"),
    "table of what": ("```settings\nlabb\n```", 2, "unknown kind 'labb'; choose one of lab, "),
    "broken link": ("One\n[two](gone.md) three", 2, 'the link "gone.md" leads nowhere: there is no file docs/gone.md'),
    "misspelt link": ("One\n\n[x](indx.md)", 3, "did you mean index.md?"),
    "link to the root": ("\n[x](/index.md)", 2, "start at this page, like ../index.md"),
    "link out of the site": ("\n[x](../README.md)", 2, "leads nowhere"),
    "link by reference": ("[x][y]\n\n[y]: gone.md", 3, "leads nowhere"),
    "link in HTML": ('One\n<a href="gone.md">x</a>', 2, "leads nowhere"),
    "link in HTML to a file": (
        'One\n<a href="index.md#one-neuron">x</a>',
        2,
        'in HTML leads nowhere, since HTML is left as it is; write [text](index.md#one-neuron) or "../#one-neuron"',
    ),
    "picture in HTML": (
        '<img src="assets/favicon.svg" alt="">',
        1,
        'since HTML is left as it is; write ![text](assets/favicon.svg) or "../assets/favicon.svg"',
    ),
    "broken anchor in HTML": ('<a href="../#one-nuron">x</a>', 1, "docs/index.md has no #one-nuron"),
    "link to a disk": (
        "One\n[x](file:///home/me/notes.md)",
        2,
        "leads to the disk of one computer; put the file below",
    ),
    "picture on a disk": ("![a](C:\\Users\\me\\pic.png)", 1, "leads to the disk of one computer"),
    "picture on a disk, with other strokes": ("![a](C:/Users/me/pic.png)", 1, "leads to the disk of one computer"),
    "picture of another site": (
        "One\n![a](https://example.com/a.png)",
        2,
        'the picture "https://example.com/a.png" lies on another site, and pages show their own site\'s only; put the',
    ),
    "picture of another site in a link": ("[![a](//example.com/a.png)](index.md)", 1, "lies on another site"),
    "picture of another site in HTML": ('<img alt="a" src="https://example.com/a.png">', 1, "lies on another site"),
    "picture": ("One\n\n![a](a.png)", 3, 'the link "a.png" leads nowhere'),
    "broken anchor": ("[x](index.md#one-nuron)", 1, "docs/index.md has no #one-nuron; did you mean one-neuron?"),
    "link that is no address": ("One\n[x](http://[y)", 2, "is no address"),
    "link to a very long name": (f"One\n[x]({'a' * 300})", 2, "leads nowhere"),
    "link in an answer": (QUIZ.replace("Up the", "[Up](gone.md) the"), 5, "leads nowhere"),
    "link in an explanation": (QUIZ.replace("would raise", "would\n     [raise](gone.md)"), 7, "leads nowhere"),
    "formula": (
        "One\ntwo $a + \\frc{1}{2}$ three",
        2,
        'character 5 of this formula, at "\\frc{1}{2}": unknown command',
    ),
    "formula of many open brackets": (
        f"One\n${'(' * 40}$",
        2,
        "at most 2,000 characters and 10 open brackets, got 40 and 40",
    ),
    "formula without an end": (f"One\n\n${'a' * 2001}$", 3, "at most 2,000 characters and 10 open brackets, got 2,001"),
    "formula in a folded text": (
        "```missions\na:\n  title: A\n  text: >\n    One\n    two $\\frc$\n  goal: crawl\n```",
        6,
        "unknown command",
    ),
    "formula in a wrapped text": (
        "```missions\na:\n  title: A\n  text: One\n    two $\\frc$\n  goal: crawl\n```",
        5,
        "unknown command",
    ),
    "formula after an empty line of a question": (
        QUIZ.replace("a step go?", "a\n\n   $\\frc$ go?"),
        4,
        "unknown command",
    ),
    "formula with a no-break space": ("$\\frc\u00a0x$", 1, 'character 1 of this formula, at "\\frc\u00a0x"'),
    "formula beyond ASCII": ("Two $é + 𝒘 \\frc$", 1, 'character 7 of this formula, at "\\frc"'),
    "formula that ends too early": (
        "\n\n$\\frac{1}{2$",
        3,
        'character 11 of this formula, at its end, after "\\frac{1}{2"',
    ),
    "formula over lines": ("One\n\n$$\na\n+ \\frc\n$$", 5, "unknown command"),
    "aligned formula": (
        "$$\n\\begin{aligned}\na &= b \\\\\n&= \\frc{c}\n\\end{aligned}\n$$",
        4,
        'at "\\frc{c} \\end{aligned}": unknown command',
    ),
    "formula in LaTeX's brackets": ("One\ntwo \\(x^2\\) three", 2, 'a formula is written $…$, got "\\(x^2\\)"'),
    "formula in LaTeX's square brackets": ("One\n\n\\[\nx\n\\]", 3, 'a formula is written $$…$$, got "\\[ x \\]"'),
    "formula not closed": ("One\n\n$$a\n\nTwo", 3, "this formula is not closed"),
    "formula in a heading": ("Text\n\n## The $\\frc$", 3, "unknown command"),
    "formula in a table": ("| a |\n| - |\n| $x$ |\n| $\\frc$ |", 4, "unknown command"),
    "formula in an answer": (QUIZ.replace("Up the", "Up $\\frc$ the"), 5, "unknown command"),
    "formula in an explanation": (QUIZ.replace("would raise", "would\n     $\\frc$ raise"), 7, "unknown command"),
}


def nested(opener: str, text: str) -> str:
    return f"{opener}\n\n{indent(text)}"


PLACES: dict[str, tuple[int, Callable[[str], str]]] = {
    "plain": (0, lambda text: text),
    "windows": (0, lambda text: text.replace("\n", "\r\n")),
    "list": (2, lambda text: nested("1. Item", text)),
    "nested list": (4, lambda text: "- Item\n\n" + indent(nested("- Item", text))),
    "admonition": (2, lambda text: nested('!!! note "Try"', text)),
    "details": (2, lambda text: nested('??? note "Try"', text)),
    "tab": (4, lambda text: '=== "One"\n\n    Text.\n\n' + indent(text)),
    "quotation": (2, lambda text: "> Text.\n>\n" + quote(text)),
}
"""Where an author may put something: how many lines come before it, and how it is written there."""

FRONT_MATTER = "---\ntitle: Page\ndescription: A page\n---\n"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", MISTAKES)
def test_every_mistake_is_told_with_the_authors_line(name: str, place: str) -> None:
    text, line, sentence = MISTAKES[name]
    before, write = PLACES[place]
    first_line, lines = split_front_matter(FRONT_MATTER + write(text).replace("\r\n", "\n"))
    offset = before + 4
    sentence = re.sub(r"(in line )(\d+)", lambda match: f"{match[1]}{int(match[2]) + offset}", sentence)
    ending = "\r\n" if place == "windows" else "\n"
    found = mistakes(ending.join(lines), first_line)
    told = [message for message in found if sentence in message]
    assert told, found
    assert all(message.startswith(f"docs/page.md:{line + offset}: ") for message in told)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_and_causes_no_others(name: str) -> None:
    found = mistakes(MISTAKES[name][0])
    assert len(found) == 1
    assert "\n" not in found[0]


def test_all_mistakes_of_a_page_are_told_in_one_run_in_their_order() -> None:
    text = "```lab\nepochs: 0\nnoise: 9\ndatset: moons\n```\n\n$\\frc$\n\n```quizz\n```\n\n```quiz\n1. A?\n```\n"
    found = mistakes(text)
    assert [int(message.split(":")[1]) for message in found] == [2, 3, 4, 7, 9, 13]


def test_a_mistake_is_shown_in_the_page_as_text() -> None:
    page, _ = render("```lab\n<b>: 1\n```")
    assert "docs/page.md, line 2" in page
    assert "<b>:" not in page
    assert "unknown setting &#x27;&lt;b&gt;&#x27;" in page


@pytest.mark.parametrize(
    "text",
    ["## Twice\n\n## Twice", "## Named {#by-hand}\n\n## By hand", "## Progress 1\n\n```progress\nindex.md\n```"],
    ids=["headings", "a name", "a block without an id"],
)
def test_headings_that_get_another_id_by_themselves_are_no_mistake(text: str) -> None:
    assert mistakes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        '!!! note\n\n!!!tip "A"\n\n!!! Warning ""\n\n!!! info inline end "A"\n\n!!! own "A “B” C"',
        '??? tip\n\n???+ tip "A"\n\n??? "A"\n\n=== "A"\n\n===! "A"\n\n===+ "A"',
        "Heading\n===\n\n!!!\n\n??? \n\n!!! :-)\n\n==a==\n\n== a",
        '```\n!! tip "A"\n```\n\n<!--\n=== One\n-->\n\n`!!! tip A`',
    ],
    ids=["notes", "folds and tabs", "text", "examples"],
)
def test_boxes_and_what_only_looks_like_one_are_no_mistake(text: str) -> None:
    assert mistakes(text) == []
