"""What a command line means: which function of which command, with what."""

from __future__ import annotations

import importlib

import pytest

from traycreds.cli.parser import parse, parser


def meaning(line):
    """The command's function and what it is given, but for what is not given at all."""
    given = vars(parse(line.split()))
    return given["command"], {name: value for name, value in given.items() if name != "command" and value}


def parsers(of, name=()):
    """All commands and their commands, by their words."""
    for action in of._actions:
        if isinstance(action.choices, dict):
            for word, command in action.choices.items():
                yield (*name, word), command
                yield from parsers(command, (*name, word))


COMMANDS = dict(parsers(parser()))


@pytest.mark.parametrize("command", [words[0] for words in COMMANDS if len(words) == 1])
def test_a_first_word_that_is_a_command_decides_which_parser_is_made(command):
    alone = dict(parsers(parser(command)))
    assert {words[0] for words in alone} == {command}
    for words, of in alone.items():
        assert of.format_help() == COMMANDS[words].format_help()
    assert parser(command).format_usage() == parser().format_usage()


@pytest.mark.parametrize("first", ["--config", "--verbose", "-h", "--help", "no-command", None])
def test_another_first_word_leaves_all_commands_possible(first):
    assert dict(parsers(parser(first))).keys() == COMMANDS.keys()


@pytest.mark.parametrize(
    ("line", "command", "given"),
    [
        ("import", "profiles", {}),
        ("import profiles", "profiles", {}),
        ("import profiles dev --yes prod", "profiles", {"roles": ["dev", "prod"], "yes": True}),
        ("import profiles --json team", "profiles", {"roles": ["team"], "json": True}),
        ("import sso corp", "sso", {"session": "corp"}),
        ("import sso corp --anew dev", "sso", {"session": "corp", "anew": True, "roles": ["dev"]}),
        ("import team --dry-run", "team", {"dry_run": True}),
        ("import keyring base", "keyring", {"profile": "base"}),
        ("import keyring base --undo", "keyring", {"profile": "base", "undo": True}),
        ("import live dev --as x", "live", {"role": "dev", "new_name": "x"}),
        ("import take-over default --as base", "take_over", {"profile": "default", "new_name": "base"}),
        (
            "--config c import take-over a --as b --fix-references",
            "take_over",
            {"config": "c", "profile": "a", "new_name": "b", "fix_references": True},
        ),
    ],
)
def test_the_commands_of_import(line, command, given):
    assert meaning(line) == (f"imports.{command}.run", given)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import --yes dev", "import profiles --yes dev"),
        ("import --sso corp --dry-run --json dev", "import sso corp --dry-run --json dev"),
        ("import --team --yes", "import team --yes"),
        ("import --keyring base", "import keyring base"),
        ("import --from-keyring base", "import keyring base --undo"),
        ("--verbose import --live dev --as x", "--verbose import live dev --as x"),
        ("--config import import --take-over a --as b", "--config import import take-over a --as b"),
    ],
)
def test_an_old_form_means_the_same(old, new):
    assert meaning(old) == meaning(new)


@pytest.mark.parametrize("line", ["refresh dev --json prod", "refresh --json dev prod", "refresh dev prod --json"])
def test_names_stand_on_either_side_of_an_option(line):
    assert meaning(line) == ("control.refresh", {"roles": ["dev", "prod"], "json": True})


@pytest.mark.parametrize(
    "line",
    [
        "import take-over default",
        "import take-over --as x",
        "import keyring",
        "import keyring a b",
        "import live",
        "import sso",
        "import team dev",
        "import team --sso corp",
        "import live dev --yes",
        "import profiles --anew",
        "import sso corp --unknown dev",
        "refresh --unknown dev",
    ],
)
def test_what_a_command_does_not_take_is_refused(capsys, line):
    with pytest.raises(SystemExit) as caught:
        parse(line.split())
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: traycreds ")


def test_an_old_form_that_is_refused_prints_a_sentence_and_what_to_do(capsys):
    with pytest.raises(SystemExit) as caught:
        parse(["import", "--take-over", "default"])
    assert caught.value.code == 2
    assert capsys.readouterr() == (
        "",
        "--take-over needs a new name.\nWrite: traycreds import take-over default --as base\n",
    )


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_has_help_and_names_a_function_that_exists(words):
    command = COMMANDS[words]
    text = " ".join(command.format_help().split())
    assert text.startswith(f"usage: traycreds {' '.join(words)} ")
    assert " ".join((command.description or "").split()) in text
    assert all(action.help for action in command._actions if not isinstance(action.choices, dict)), (
        "each says what it is"
    )
    module, _, function = command.get_default("command").rpartition(".")
    assert callable(getattr(importlib.import_module(f"traycreds.cli.commands.{module}"), function))


def test_the_old_options_of_import_are_hidden_and_its_help_says_that_a_command_comes_first():
    text = " ".join(COMMANDS["import",].format_help().split())
    assert "--sso" not in text
    assert "--yes" not in text
    assert (
        "Without a command, it is `import profiles`. A first word that is a command is never read as the name" in text
    )
