"""Roles and a live view of them, for the tests beside it."""

from __future__ import annotations

from tests.support.builders import MINUTE, NOW
from traycreds.aws.mfa.question import Question
from traycreds.cli.live.code_entry import CodeEntry
from traycreds.cli.live.view import LiveView
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status

PHONE = "arn:aws:iam::123456789012:mfa/phone"


def role(name="dev", **more):
    facts = {
        "name": RoleName(name),
        "profile": ProfileName(f"{name}-session"),
        "status": Status.FRESH,
        "expires_at": NOW + 43 * MINUTE,
        "kept": True,
    }
    return RoleView(**{**facts, **more})


def waiting(name="prod", **more):
    """A role that waits for a code."""
    facts = {"status": Status.FAILED, "expires_at": None, "error": "A code is needed.", "hint": "Type one."}
    return role(name, **{**facts, "needs_user": True, "mfa_device": PHONE, **more})


def many(count=30):
    return [role(f"role-{number:03}") for number in range(1, count + 1)]


def snapshot(*roles, **more):
    return Snapshot(as_of=NOW, roles=tuple(roles), **more)


def view_of(*roles, **more):
    view = LiveView()
    view.show(snapshot(*roles, **more))
    return view


def ask(view, device=PHONE, roles=("prod",)):
    """Open a question; what it is answered with comes into the list."""
    answers = []
    view.ask(CodeEntry(Question(device=device, roles=roles), answers.append))
    return answers


def press(view, *keys):
    """Press keys; what they ask for."""
    wanted = [view.press(key) for key in keys]
    return [each for each in wanted if each is not None]
