from __future__ import annotations

import pytest

from tests.builders import NOW
from traycreds.core.commands import EVERYTHING, RoleCommand, UiCommand
from traycreds.core.errors import FailureKind
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.shown import RoleView, Snapshot, Status
from traycreds.ui import menu, rolemenu


def waiting(name, kind=FailureKind.SIGN_IN):
    return RoleView(
        name=RoleName(name), profile=ProfileName(name), status=Status.FAILED, kind=kind, error="Signed out.", kept=True
    )


def offered(*views, can=EVERYTHING):
    model = menu.build(Snapshot(as_of=NOW, roles=views), can=can)
    return [(entry.label, entry.command) for entry in model.items if getattr(entry, "key", "") == "sign-in"]


def test_one_line_for_all_roles_that_wait_for_a_sign_in():
    sign_in = RoleCommand(UiCommand.SIGN_IN, RoleName("prod"))

    assert offered(waiting("prod")) == [("Sign in for prod…", sign_in)]
    assert offered(waiting("prod"), waiting("dev"), waiting("qa")) == [("Sign in for prod and 2 more…", sign_in)]


@pytest.mark.parametrize("kind", [kind for kind in FailureKind if kind is not FailureKind.SIGN_IN])
def test_no_other_failure_offers_it(kind):
    assert offered(waiting("prod", kind)) == []


def test_not_where_the_program_cannot_sign_in():
    assert offered(waiting("prod"), can=EVERYTHING - {UiCommand.SIGN_IN}) == []


def test_a_roles_submenu_offers_it_too():
    entries = rolemenu.details(waiting("prod"), NOW, None, EVERYTHING).children

    assert RoleCommand(UiCommand.SIGN_IN, RoleName("prod")) in [getattr(entry, "command", None) for entry in entries]
