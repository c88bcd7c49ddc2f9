"""Which browser opens the page of a sign-in: its own, else that for all, and every mistake is reported with its place."""

from __future__ import annotations

import pytest

from tests.unit.config.configuration import role
from traycreds.core.model import BrowserChoice

ALL = '[settings]\nsign_in_browser = ["firefox", "-P", "work"]\n'
CORP = '[sign_ins.corp]\nbrowser = ["chrome", "--profile-directory={session}"]\n'
OF_ALL = "sign_in_browser or sign_in_container in [settings]"
OF_CORP = "browser or container in [sign_ins.corp]"
WORK, CHROME = ("firefox", "-P", "work"), ("chrome", "--profile-directory={session}")


@pytest.mark.parametrize(
    ("text", "program", "container", "keys"),
    [
        ("", (), False, OF_ALL),
        ('[settings]\nbrowser = ["firefox"]\ncontainer = true\n', (), False, OF_ALL),
        (ALL, WORK, False, OF_ALL),
        (ALL + "sign_in_container = true\n", WORK, True, OF_ALL),
        (CORP, CHROME, False, OF_CORP),
        (ALL + CORP, CHROME, False, OF_CORP),
        (ALL + "sign_in_container = true\n" + CORP, CHROME, True, OF_CORP),
        (ALL + "sign_in_container = true\n" + CORP + "container = false\n", CHROME, False, OF_CORP),
        (ALL + "[sign_ins.corp]\ncontainer = true\n", WORK, True, OF_ALL),
        ("[sign_ins.corp]\ncontainer = true\n", (), True, OF_CORP),
        (ALL + CORP.replace("corp", "other"), WORK, False, OF_ALL),
    ],
)
def test_a_sign_in_has_its_own_browser_or_that_of_all(load, text, program, container, keys):
    chosen = load(text + role()).sign_in_browser("corp")
    assert chosen == BrowserChoice(program=program, container=container, keys=keys)


def test_a_name_with_dots_is_that_of_a_session(load):
    assert load(CORP.replace("corp", '"my.corp"') + role()).sign_in_browser("my.corp").program == CHROME


@pytest.mark.parametrize(
    ("text", "where", "what", "hint"),
    [
        (
            '[sign_ins.corp]\nbrowser = "firefox"\n',
            "line 2",
            "browser of sign-in corp is a text, not a list",
            "no shell",
        ),
        ("[sign_ins.corp]\nbrowser = []\n", "line 2", "browser of sign-in corp is an empty list", "no shell"),
        ('[sign_ins.corp]\ncontainer = "work"\n', "line 2", "container of sign-in corp is", "true or false"),
        (
            '[sign_ins.corp]\nbrowsr = ["x"]\n',
            "line 2",
            "browsr of sign-in corp is an unknown",
            "Did you mean browser?",
        ),
        ('[settings]\nsign_in_browser = "x"\n', "line 2", "sign_in_browser in [settings] is a text", "no shell"),
        ('sign_ins = "corp"\n', "line 1", "sign_ins is not a table", "[sign_ins]"),
        ('[sign_ins]\nbrowser = ["x"]\n', "line 2", "sign_ins.browser is not a table", "[sign_ins.browser]"),
        ("[sign_in.corp]\n", "line 1", "sign_in is an unknown key", "Did you mean sign_ins?"),
    ],
)
def test_a_mistake_is_reported_with_line_and_remedy(problems, text, where, what, hint):
    (reported,) = problems(text + role())
    assert reported.location == where
    assert what in reported.what
    assert hint in reported.hint
