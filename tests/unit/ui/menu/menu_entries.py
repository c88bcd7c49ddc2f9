"""Snapshots and the entries of their menus, for tests."""

from __future__ import annotations

from datetime import timezone

from tests.support.builders import MINUTE, NOW
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status
from traycreds.core.ui_commands import UiCommand
from traycreds.core.value_class import replace
from traycreds.ui.menu.item import Entry
from traycreds.ui.menu.model import build

UTC = timezone.utc


def view(name="dev", status=Status.FRESH, **changes) -> RoleView:
    base = RoleView(
        name=RoleName(name), profile=ProfileName(name), status=status, expires_at=NOW + 43 * MINUTE, kept=True
    )
    return replace(base, **changes)


def off(name, **changes) -> RoleView:
    return view(name, Status.OFF, expires_at=None, kept=False, **changes)


def snapshot(*views, **changes) -> Snapshot:
    return replace(Snapshot(as_of=NOW, roles=views), **changes)


def entries(items) -> list[Entry]:
    return [item for item in items if isinstance(item, Entry)]


def walk(items):
    for item in items:
        yield item
        if isinstance(item, Entry):
            yield from walk(item.children)


def find(model, *path) -> Entry:
    items = model.items
    for word in path:
        found = next(item for item in entries(items) if item.label.startswith(word))
        items = found.children
    return found


def labels(*path, of, can=frozenset(UiCommand)) -> list[str]:
    return [item.label for item in entries(find(build(of, UTC, can), *path).children)]
