"""`status` of some roles, in a pipe and in a terminal."""

from __future__ import annotations

import json

import pytest

from tests.integration.refresh.test_refresh import complaint
from tests.support.terminal import in_terminal
from tests.windows.mark import not_on_windows

LONG = "a-role-whose-name-is-as-long-as-iam-allows-it-to-be-anywhere-yet"


@pytest.fixture
def three(sandbox):
    for name in ("dev", "prod", LONG):
        sandbox.add_role(name)
    assert sandbox.command("once", "dev", LONG).returncode == 0
    return sandbox


@pytest.mark.parametrize("running", [True, False])
def test_only_the_named_roles_are_shown(three, start, running):
    if running:
        start()
    shown = three.command("status", "dev", "prod").stdout
    assert "dev-session" in shown
    assert "prod-session" in shown
    assert LONG not in shown
    roles = json.loads(three.command("status", "--json", "prod").stdout)["roles"]
    assert [role["name"] for role in roles] == ["prod"]


def test_one_role_is_shown_in_detail(three):
    lines = three.command("status", "dev").stdout.splitlines()
    assert lines[0] == "dev"
    assert [line.split()[0] for line in lines[1:-1]] == ["state", "profile", "account", "kept"]
    assert "Fresh, " in lines[1]
    assert lines[-1] == "traycreds is not running: start it with `traycreds`."


@pytest.mark.parametrize("running", [True, False])
def test_an_unknown_role_names_the_nearest(three, start, running):
    if running:
        start()
    done = three.command("status", "dve")
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint(done) == "There is no role dve.\nDid you mean dev?\n"


def test_a_pipe_gets_whole_names_and_no_colours(three):
    shown = three.command("status", COLUMNS="40", TERM="xterm-256color").stdout
    assert f"{LONG}-session" in shown
    assert "\x1b" not in shown
    assert "…" not in shown


@not_on_windows
@pytest.mark.parametrize(("variables", "painted"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_gets_colors_unless_they_are_turned_off(three, variables, painted):
    shown, code = in_terminal(three, command=("status",), **{"TERM": "xterm", "COLUMNS": "80", **variables})
    assert code == 0
    assert ("\x1b[32mFresh" in shown) is painted
    assert "\x1b[32mFresh" in shown or "\x1b" not in shown
