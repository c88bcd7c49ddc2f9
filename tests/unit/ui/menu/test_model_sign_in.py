from __future__ import annotations

from tests.support.builders import NOW
from traycreds.core.errors import FailureKind
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status, Surroundings
from traycreds.core.ui_commands import EVERYTHING, RoleCommand, UiCommand
from traycreds.ui.menu.model import build

NOTHING = Surroundings()


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


def offered(*views, can=EVERYTHING, around=NOTHING):
    model = build(Snapshot(as_of=NOW, roles=views), can=can, around=around)
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


def test_a_sign_in_is_offered_before_a_role_needs_it_and_once():
    idle = RoleView(name=RoleName("dev"), profile=ProfileName("dev"), status=Status.OFF)
    around = Surroundings(sign_ins=(("corp", RoleName("dev")),))
    assert offered(idle, around=around) == [("Sign in to corp…", sign_in("dev"))]
    assert offered(idle, waiting("prod"), around=around) == [("Sign in to corp…", sign_in("prod"))]
    assert offered(idle, around=around, can=EVERYTHING - {UiCommand.SIGN_IN}) == []
