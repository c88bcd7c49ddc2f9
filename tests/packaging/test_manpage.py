"""The manual page's own part, on the configuration; what argparse-manpage makes of the parser is tested with the `.deb`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest

from docs import manpage
from traycreds.config.schema import ROLE_KEYS, SETTING_KEYS


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
    _, roles, settings = manpage.configuration().split(".SS ")
    for text, heading, keys in ((roles, "[roles.NAME]", ROLE_KEYS), (settings, "[settings]", SETTING_KEYS)):
        assert text.startswith(f"{heading}\n")
        assert re.findall(r"^\.TP\n\\fB(\w+)\\fR\n.", text, re.MULTILINE) == list(keys)


def test_no_markdown_is_left():
    text = manpage.configuration()
    assert "`" not in text
    assert "*" not in text


@pytest.mark.skipif(shutil.which("man") is None, reason="needs man-db: sudo apt-get install -y man-db")
def test_man_shows_it_without_a_warning(tmp_path):
    page = tmp_path / "page.1"
    page.write_text(f".TH PAGE 1\n{manpage.LAYOUT}\n{manpage.configuration()}")
    environ = {"PATH": os.environ["PATH"], "MANWIDTH": "80", "LC_ALL": "C.UTF-8"}
    shown = subprocess.run(["man", "--warnings", "-l", page], check=False, capture_output=True, text=True, env=environ)
    assert (shown.returncode, shown.stderr) == (0, "")
    words = " ".join(shown.stdout.split())
    for key in (*ROLE_KEYS.values(), *SETTING_KEYS.values()):
        assert re.sub(r"[`*]", "", key.meaning) in words
