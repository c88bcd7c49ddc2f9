"""The topics of `traycreds help`: each fits a terminal, and what it names exists."""

from __future__ import annotations

import os
import re

import pytest

from traycreds import cli
from traycreds.cli.help import topics
from traycreds.cli.parser import commands, parser
from traycreds.config.schema import ROLE_KEYS, SETTING_KEYS
from traycreds.core.snapshot import Status
from traycreds.state.paths import locate

COMMANDS = {" ".join(words) for words in commands(parser())}
TEXTS = {name: topic.text for name, topic in topics.TOPICS.items()}


def test_a_topic_is_no_command():
    assert not set(TEXTS) & COMMANDS


@pytest.mark.parametrize("name", TEXTS)
def test_a_topic_fits_a_terminal_and_names_commands_that_exist(name):
    lines = TEXTS[name].splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 22
    for line in re.findall(r"`traycreds( [^`]+)?`", TEXTS[name]):
        words = [word for word in line.split() if word.isalpha() and word.islower()]
        assert not words or " ".join(words[:2]) in COMMANDS or words[0] in COMMANDS


def test_keys_of_the_configuration_exist():
    assert set(re.findall(r"\b(?:mfa|notify)_\w+", "".join(TEXTS.values()))) <= {*ROLE_KEYS, *SETTING_KEYS}


def test_every_state_is_reported():
    assert len(TEXTS["states"].splitlines()) == len(Status) + 1, "and one that needs the user"


def test_help_without_a_topic_lists_all(capsys):
    assert cli.main(["help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(parser().format_help())
    assert all(f"\n  {name} " in shown for name in TEXTS)


def test_help_of_a_command_is_its_own(capsys):
    assert cli.main(["help", "import", "sso"]) == 0
    assert capsys.readouterr().out == commands(parser())["import", "sso"].format_help()


def test_help_of_files_says_where_they_are(capsys, home):
    assert cli.main(["help", "FILES"]) == 0
    shown = capsys.readouterr().out
    paths = locate(os.environ)
    assert all(str(path) in shown for path in (paths.config_file, paths.credentials_file, paths.log_dir))


def test_help_of_nothing_known_is_usage(capsys):
    assert cli.main(["help", "mfs"]) == 2
    assert capsys.readouterr() == ("", "There is no command or topic mfs.\nDid you mean mfa?\n")
