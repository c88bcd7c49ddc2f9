"""A key belongs to one command forever: back ends send a late click by it, when the menu has become another."""

from __future__ import annotations

import itertools

from tests.support.builders import HOUR, MINUTE
from tests.unit.ui.menu.menu_entries import snapshot, view
from traycreds.core.events import RoleSwitched
from traycreds.core.snapshot import Status
from traycreds.core.value_class import replace
from traycreds.ui.menu.item import Separator
from traycreds.ui.menu.model import build


def commands(items, above=()):
    """The command of each line, by the keys on the way to it; the end of a span moves with the clock."""
    found = {}
    for item in items:
        if isinstance(item, Separator):
            continue
        path = (*above, item.key)
        command = item.command
        if isinstance(command, RoleSwitched) and command.until is not None:
            command = replace(command, until=None), item.label
        found[path] = command
        found.update(commands(item.children, path))
    return found


def menus():
    """Many menus of the same roles, at one time or another."""
    states = [
        {"is_default": False},
        {"is_default": True},
        {"kept": True},
        {"kept": False, "status": Status.OFF, "expires_at": None},
        {"wanted_default": True, "mfa_device": "arn:aws:iam::123456789012:mfa/me", "needs_user": True},
        {"sign_in": "work", "needs_user": True, "region": "eu-west-1"},
    ]
    for one, other, paused in itertools.product(states, states, (False, True)):
        yield snapshot(view("dev", **one), view("prod", **other), paused=paused)
        many = tuple(view(f"role-{number:02}", **(one if number % 2 else other)) for number in range(60))
        yield snapshot(*many, paused=paused)
        yield replace(snapshot(view("dev", **one)), as_of=snapshot().as_of + HOUR + MINUTE)


def test_a_key_has_one_command_whatever_the_menu_becomes():
    known, seen = {}, 0
    for shown in menus():
        for path, command in commands(build(shown).items).items():
            if path[-1].startswith(("code:", "sign-in:")):
                # One line is for all roles behind a device or sign-in, and has the name of any of them.
                continue
            assert known.setdefault(path, command) == command, path
            seen += command is not None
    assert seen > 1000
