from __future__ import annotations

from tests.builders import NOW
from traycreds.core.commands import EVERYTHING, RoleCommand, UiCommand
from traycreds.core.errors import FailureKind
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.shown import RoleView, Snapshot, Status
from traycreds.ui import menu, rolemenu


def waiting(name, session="corp"):
    return RoleView(
        name=RoleName(name),
        profile=ProfileName(name),
        status=Status.FAILED,
        kind=FailureKind.SIGN_IN,
        sign_in=session,
        error="Signed out.",
        kept=True,
    )


def sign_in(name):
    return RoleCommand(UiCommand.SIGN_IN, RoleName(name))


def offered(*views, can=EVERYTHING):
    model = menu.build(Snapshot(as_of=NOW, roles=views), can=can)
    return [(entry.label, entry.command) for entry in model.items if getattr(entry, "key", "").startswith("sign-in")]


def test_one_line_for_each_sign_in_whatever_the_number_of_its_roles():
    assert offered(waiting("prod")) == [("Sign in to corp…", sign_in("prod"))]
    assert offered(waiting("prod"), waiting("lab", "lab-sso"), waiting("dev"), waiting("qa")) == [
        ("Sign in to corp…", sign_in("prod")),
        ("Sign in to lab-sso…", sign_in("lab")),
    ]


def test_a_sign_in_that_we_cannot_carry_out_is_not_offered():
    """As after `aws login`, whose hint says what to run."""
    assert offered(waiting("prod", None)) == []
    assert offered(waiting("prod"), can=EVERYTHING - {UiCommand.SIGN_IN}) == []


def test_a_roles_submenu_offers_it_too():
    entries = rolemenu.details(waiting("prod"), NOW, None, EVERYTHING).children

    (entry,) = [entry for entry in entries if getattr(entry, "command", None) == sign_in("prod")]
    assert entry.label == "Sign in to corp…"
