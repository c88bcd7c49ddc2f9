"""The old forms of `import` become commands; what never went together is still refused."""

from __future__ import annotations

import pytest

from traycreds.cli import old_import
from traycreds.cli.parser import parser
from traycreds.core.errors import UsageError


def translated(line):
    return " ".join(old_import.translated(line.split()))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", "profiles"),
        ("--yes", "profiles --yes"),
        ("dev prod --dry-run --json", "profiles --dry-run --json dev prod"),
        ("dev --yes prod", "profiles --yes dev prod"),
        ("--team", "team"),
        ("--team --dry-run --json", "team --dry-run --json"),
        ("--yes --team", "team --yes"),
        ("--sso corp", "sso corp"),
        ("--sso=corp --anew --yes dev prod", "sso --yes --anew corp dev prod"),
        ("dev --sso corp", "sso corp dev"),
        ("--keyring base", "keyring base"),
        ("--from-keyring base", "keyring --undo base"),
        ("--live dev", "live dev"),
        ("--live dev --as other", "live --as=other dev"),
        ("--take-over default --as base", "take-over --as=base default"),
        ("--fix-references --take-over default --as base", "take-over --fix-references --as=base default"),
        ("--take default --as base", "take-over --as=base default"),
    ],
)
def test_an_old_form_becomes_a_command(old, new):
    assert translated(old) == new


@pytest.mark.parametrize("command", old_import.COMMANDS)
def test_a_first_word_that_is_a_command_is_one(command):
    line = f"{command} x --yes --as y --unknown"
    assert translated(line) == line
    assert translated(f"--yes {command}") == f"profiles --yes {command}", "behind an option it is a name, as it was"


def test_the_commands_are_those_of_the_parser():
    whole = next(action.choices for action in parser()._actions if isinstance(action.choices, dict))["import"]
    assert tuple(next(action.choices for action in whole._actions if isinstance(action.choices, dict))) == (
        old_import.COMMANDS
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("-h", "--help"),
        ("--help", "--help"),
        ("dev --help", "--help"),
        ("--team -h", "team --help"),
        ("--take-over x -h", "take-over --help"),
    ],
)
def test_help_is_that_of_the_command(old, new):
    assert translated(old) == new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("-- -x", "profiles -- -x"),
        ("--keyring=-x", "keyring -- -x"),
        ("--from-keyring=-x", "keyring --undo -- -x"),
        ("--take-over=-x --as=-y", "take-over --as=-y -- -x"),
        ("--unknown dev", "profiles --unknown dev"),
        ("--sso corp --unknown", "sso --unknown corp"),
    ],
)
def test_no_name_becomes_an_option_and_what_is_unknown_is_left_to_the_command(old, new):
    assert translated(old) == new


def test_an_empty_name_is_still_one():
    assert old_import.translated(["--from-keyring", ""]) == ["keyring", "--undo", ""]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("--team dev", "--team reviews the included files, and nothing else."),
        ("--team --sso corp", "--team reviews the included files, and nothing else."),
        ("--keyring x --yes", "--keyring moves the keys of one profile, and nothing else."),
        ("--keyring x --from-keyring y", "--keyring moves the keys of one profile, and nothing else."),
        ("--from-keyring x --json", "--from-keyring moves the keys of one profile, and nothing else."),
        ("--sso corp --live dev", "--sso adds roles, --anew goes with it."),
        ("--sso corp --as x", "--sso adds roles, --anew goes with it."),
        ("--anew", "--sso adds roles, --anew goes with it."),
        ("--live dev --take-over x", "--live writes one profile, and nothing else."),
        ("--live dev other", "--live writes one profile, and nothing else."),
        ("--take-over x --as y --dry-run", "--take-over moves one profile, and nothing else."),
        ("--take-over x", "--take-over needs a new name."),
        ("--as x", "--as and --fix-references go with --take-over."),
        ("--fix-references", "--as and --fix-references go with --take-over."),
        ("--json", "--json goes with --dry-run."),
        ("--sso corp --json", "--json goes with --dry-run."),
        ("--team --yes --json", "--json goes with --dry-run."),
    ],
)
def test_what_never_went_together_is_refused(line, sentence):
    with pytest.raises(UsageError) as caught:
        translated(line)
    assert caught.value.sentence == sentence
    assert caught.value.hint


@pytest.mark.parametrize("line", ["--sso", "--take-over default --as", "--unheard-of=x --live"])
def test_an_option_without_its_value_is_refused(capsys, line):
    with pytest.raises(SystemExit) as caught:
        translated(line)
    assert caught.value.code == 2
    assert "usage: traycreds import [-h] [COMMAND] ...\n" in capsys.readouterr().err
