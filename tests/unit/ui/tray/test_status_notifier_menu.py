"""A menu as our own back end takes it: straight from the model, without a clean-up on the way."""

from __future__ import annotations

import itertools

import pytest

from tests.support.builders import MINUTE, NOW
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status
from traycreds.ui.menu import model
from traycreds.ui.menu.item import Entry, Separator
from traycreds.ui.tray import status_notifier


def some(count: int, **changes: object) -> Snapshot:
    roles = tuple(
        RoleView(
            name=RoleName(f"role_{number}"),
            profile=ProfileName(f"role_{number}"),
            status=list(Status)[number % len(Status)],
            expires_at=NOW + number * MINUTE,
            is_default=number == 1,
        )
        for number in range(count)
    )
    return Snapshot(as_of=NOW, roles=roles, **changes)


def levels(items):
    yield items
    for item in items:
        if isinstance(item, Entry) and item.children:
            yield from levels(item.children)


@pytest.mark.parametrize("count", [0, 1, 9, 10, 60, 300])
@pytest.mark.parametrize(
    "changes", [{}, {"trouble": "The disk is full.", "trouble_hint": "Make room."}, {"paused": True}]
)
def test_separators_stand_between_entries_alone(count, changes):
    for items in levels(model.build(some(count, **changes)).items):
        places = [place for place, item in enumerate(items) if isinstance(item, Separator)]
        assert not {0, len(items) - 1} & {*places}
        assert all(later - place > 1 for place, later in itertools.pairwise(places))


def test_a_line_has_the_style_of_its_entry():
    entry = Entry("k", "a_b", enabled=False, checked=True, radio=True)
    (line,) = status_notifier._lines((entry,))
    assert line.key == "k"
    assert line.properties == {"label": "a__b", "enabled": False, "toggle-type": "radio", "toggle-state": 1}
