"""The manual page: every command, option, example and key is in it, and the one in the packages is the code's."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess

import pytest

from docs import manpage
from tests.unit.cli.test_parser import COMMANDS
from traycreds.cli.help.examples import EXAMPLES
from traycreds.config.schema import ACCOUNT_KEYS, ROLE_KEYS, SETTING_KEYS, SIGN_IN_KEYS


@pytest.mark.parametrize(
    ("markdown", "roff"),
    [
        ("default `NAME-session`", r"default \fBNAME\-session\fR"),
        ("the add-on *Open it*", r"the add\-on \fIOpen it\fR"),
        ("`a*b` and `c*d`", r"\fBa*b\fR and \fBc*d\fR"),
        ("a user's \\n", r"a user\(aqs \en"),
        (".profile", r"\&.profile"),
        ("'quoted'", r"\(aqquoted\(aq"),
        ("`.profile` and more", r"\fB.profile\fR and more"),
    ],
)
def test_markdown_becomes_roff(markdown, roff):
    assert manpage.roff(markdown) == roff


def test_every_key_has_its_entry_under_its_table():
    _, *texts = manpage.configuration().split(".SS ")
    tables = {
        "[roles.NAME]": ROLE_KEYS,
        "[accounts.ID]": ACCOUNT_KEYS,
        "[sign_ins.NAME]": SIGN_IN_KEYS,
        "[settings]": SETTING_KEYS,
    }
    for text, (heading, keys) in zip(texts, tables.items(), strict=True):
        assert text.startswith(f"{heading}\n")
        assert re.findall(r"^\.TP\n\\fB(\w+)\\fR\n.", text, re.MULTILINE) == list(keys)


def test_no_markdown_is_left():
    text = manpage.configuration()
    assert "`" not in text
    assert "*" not in text


def test_the_page_of_the_packages_is_the_codes():
    assert manpage.FILE.read_text(encoding="utf-8") == manpage.manpage(), "run: python packaging/docs/manpage.py"


@pytest.mark.skipif(shutil.which("man") is None, reason="needs man-db: sudo apt-get install -y man-db")
def test_man_shows_it_without_a_warning():
    environ = {"PATH": os.environ["PATH"], "MANWIDTH": "80", "LC_ALL": "C.UTF-8"}
    command = ["man", "--warnings", "-l", manpage.FILE]
    shown = subprocess.run(command, check=False, capture_output=True, text=True, env=environ)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "\u2010" not in shown.stdout, "a hyphen that someone would copy"
    commands, rest = shown.stdout.split("\nCONFIGURATION\n")
    for name, command in COMMANDS.items():
        part = commands.split(f"\n   traycreds {' '.join(name)}\n")[1].split("\n   traycreds ")[0]
        for action in (each for each in command._actions if each.help is not argparse.SUPPRESS):
            words = action.option_strings or [action.metavar or "|".join(action.choices)]
            missing = [word for word in words if word not in ("-h", "--help") and word not in part]
            assert not missing, name
        text = " ".join(part.split())
        assert all(" ".join(line.split()) in text for line, _ in EXAMPLES[" ".join(name)])
    assert "\nEXIT STATUS\n       0 ok, 2 configuration or usage, " in rest
    words = " ".join(rest.split())
    for key in (*ROLE_KEYS.values(), *ACCOUNT_KEYS.values(), *SETTING_KEYS.values()):
        assert re.sub(r"[`*]", "", key.meaning) in words
