"""What marks all roles of an account: a role's own words win, and every mistake is reported with its place."""

from __future__ import annotations

import pytest

from tests.support.builders import NOW
from tests.unit.config.configuration import ARN, role
from traycreds.config import loader
from traycreds.core.engine_state import State
from traycreds.core.events import ConfigChanged
from traycreds.importers import add_roles
from traycreds.importers.proposals import Proposal
from traycreds.lifecycle.apply import apply
from traycreds.lifecycle.presentation import snapshot
from traycreds.state import paths
from traycreds.ui.icon import badge
from traycreds.ui.menu import labels

RED = '[accounts.111122223333]\ncolor = "red"\nlabel = "P"\n'
BLUE = RED.replace("red", "blue")


def shown_of(load, text):
    (found,) = load(text).roles
    return found.color, found.label


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (RED + role(), ("red", "P")),
        (role() + RED, ("red", "P")),
        (RED + role(color='"green"'), ("green", "P")),
        (RED + role(label='"mine"'), ("red", "mine")),
        (RED.replace("111122223333", "999922223333") + role(), (None, None)),
        ('[accounts.111122223333]\nlabel = "P"\n' + role(), (None, "P")),
        (RED + '[roles.x]\nfrom_profile = "sso"\n', ("red", "P")),
        (RED + '[roles.x]\nfrom_profile = "process"\n', (None, None)),
        (BLUE + role().replace("roles.dev", "roles.prod"), ("blue", "P")),
        ('[accounts.111122223333]\nlabel = "P"\n' + role().replace("roles.dev", "roles.prod"), ("red", "P")),
        ("[settings]\nmark_production = false\n" + BLUE + role().replace("roles.dev", "roles.prod"), ("blue", "P")),
    ],
)
def test_a_role_has_what_its_account_has_unless_it_says_otherwise(load, text, shown):
    assert shown_of(load, text) == shown


def test_the_roles_that_were_found_are_marked_too(load):
    found = load(RED)
    assert found.discovered
    assert {(each.name, each.color) for each in found.roles} == {(name, "red") for name in ("dev", "sso", "web", "box")}


def test_badge_and_tooltip_show_it(load):
    found = load(RED + '[roles.x]\nfrom_profile = "sso"\n')
    state = apply(State(file_known=True), ConfigChanged(found.roles, found.settings))
    (view,) = snapshot(NOW, state).roles
    assert badge.of_role(view) == badge.Badge("red", "P")
    assert labels.named_account(view) == "x (P, 1111-2222-3333)"


@pytest.mark.parametrize(
    ("text", "where", "what", "hint"),
    [
        (RED.replace("red", "pink"), "line 2", 'color of account 111122223333 is "pink"', "Write "),
        (RED.replace('"P"', '""'), "line 3", "label of account 111122223333 is empty", "Fill it in"),
        (
            RED.replace("color", "colour"),
            "line 2",
            "colour of account 111122223333 is an unknown",
            "Did you mean color?",
        ),
        (RED + "keep = true\n", "line 4", "keep of account 111122223333 is an unknown key", "color, label"),
        ("[accounts.1111-2222-3333]\n", "line 1", "1111-2222-3333 is not twelve", "[accounts.111122223333]"),
        ("[accounts.prod]\n", "line 1", "the account prod is not twelve digits", "[accounts.444455556666]"),
        ('accounts = "red"\n', "line 1", "accounts is not a table", "[accounts]"),
        ('[accounts]\n111122223333 = "red"\n', "line 2", "accounts.111122223333 is not a table", "[accounts.1111"),
        ("[acounts.111122223333]\n", "line 1", "acounts is an unknown key", "Did you mean accounts?"),
    ],
)
def test_a_mistake_is_reported_with_line_and_remedy(problems, text, where, what, hint):
    (problem,) = problems(text + role())
    assert problem.location == where
    assert what in problem.what
    assert hint in problem.hint


def test_an_account_of_no_role_is_named(load):
    assert load(RED + role()).unused_accounts == ()
    other = RED.replace("111122223333", "444455556666")
    assert load(other + RED + role()).unused_accounts == ("444455556666",)


@pytest.mark.parametrize("text", [RED + "# mine\n" + role(), role() + "\n" + RED + "# the end", RED])
def test_an_added_role_is_marked_and_changes_no_byte_of_what_was_there(tmp_path, aws, text):
    places = paths.locate({}, tmp_path / "config.toml")
    new = Proposal(name="new", table={"role_arn": ARN, "source_profile": "base"}, origin="")
    after = add_roles.appended(places, aws, text, [new])
    assert after.startswith(text)
    added = loader.parse(places.config_file, after, aws).roles[-1]
    assert (added.name, added.color, added.label) == ("new", "red", "P")
