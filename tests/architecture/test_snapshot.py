"""A Snapshot is for screens: an action or an event carries what no screen shows."""

from __future__ import annotations

import re

import pytest

from tests.architecture.sources import MODULES, PRODUCT, text_of
from traycreds.core.snapshot import RoleView, Snapshot, Surroundings

SCREENS = ("ui", "cli")
SHOWN = "\n".join(text_of(path) for path in MODULES if path.relative_to(PRODUCT).parts[0] in SCREENS)
FIELDS = [(kind, name) for kind in (Snapshot, RoleView, Surroundings) for name in kind.__annotations__]


def is_read(name: str, source: str) -> bool:
    return re.search(rf"\.{name}\b", source) is not None


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_every_field_is_read_by_a_screen(kind: type, name: str) -> None:
    assert is_read(name, SHOWN), f"no screen shows {kind.__name__}.{name}: send an event, or return an action"


def test_a_field_for_no_screen_is_found() -> None:
    assert is_read("as_of", "print(snapshot.as_of)")
    assert not is_read("kept", "view.kept_by = kept = 1")
    assert len(FIELDS) > 40
