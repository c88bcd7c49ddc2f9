"""Each command has examples, and each example is a command line that the parser takes."""

from __future__ import annotations

import re
import shlex

import pytest

from traycreds.cli.help import examples
from traycreds.cli.parser import commands, parse, parser

COMMANDS = commands(parser())
WORDS = [" ".join(words) for words in COMMANDS]


@pytest.mark.parametrize("words", ["", *WORDS])
def test_a_command_has_examples_that_its_help_shows(words):
    shown = (COMMANDS[tuple(words.split())] if words else parser()).format_help()
    assert examples.EXAMPLES[words]
    for line, meaning in examples.EXAMPLES[words]:
        assert f"\n  {line}" in shown
        assert meaning in " ".join(shown.split())


def test_no_example_is_of_a_command_that_is_gone():
    assert set(examples.EXAMPLES) == {"", *WORDS}


def command_line(line):
    """Our part of what one types: in a substitution, and before a pipe or a redirection."""
    inner = re.search(r"\$\((traycreds [^)]*)\)", line)
    words = shlex.split(inner[1] if inner else re.split(r"[|>]", line)[0])
    assert words[0] == "traycreds"
    return words[1:]


@pytest.mark.parametrize(
    ("words", "line"), [(words, line) for words, found in examples.EXAMPLES.items() for line, _ in found]
)
def test_an_example_is_one_of_its_command(words, line):
    own = command_line(line)
    parsed = parse(own)
    if words:
        command = COMMANDS[tuple(words.split())].get_default("command")
        assert parsed.command == command or words == "import", "whose commands are examples of it too"
        assert words in " ".join(own)


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("words", ["", *WORDS])
def test_meanings_are_wrapped_to_the_window_and_lines_are_not(monkeypatch, words, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    commands = [line for line, _ in examples.EXAMPLES[words]]
    shown = examples.text(words).splitlines()[2:]
    assert all(any(line.strip().startswith(command) for line in shown) for command in commands)
    meanings = [line for line in shown if not any(line.strip() == command for command in commands)]
    assert max(map(len, meanings)) <= columns - 2
    assert " ".join(" ".join(shown).split()) == " ".join(
        " ".join(f"{a} {b}" for a, b in examples.EXAMPLES[words]).split()
    )


def test_lines_that_are_short_have_their_meanings_in_one_column(monkeypatch):
    monkeypatch.setattr(examples, "EXAMPLES", {"x": (("a", "one"), ("abc", "two"), ("y" * 45, "three"))})
    assert examples.text("x") == f"\nexamples:\n  a    one\n  abc  two\n  {'y' * 45}\n       three\n"
    assert examples.text("other") == ""
