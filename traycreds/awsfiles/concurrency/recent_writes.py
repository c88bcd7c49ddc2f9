"""Our recent writes of the credentials file, to tell an undo by another program from an edit."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping

from traycreds.awsfiles import ini_edit, ownership
from traycreds.awsfiles.ini import IniText
from traycreds.core.value_class import field, value_class

_UNDO_WINDOW = 35.0
"""Seconds after a write during which undoing it counts as an accident; spans one idle turn of the engine."""
_UNDO_WINDOW_OF_OTHERS = 180.0
"""The same for a section that another program wrote and we merged: programs that write one after the other, with pauses
in their writes, may keep us from reading for a minute and more."""
_CHECK_AGAIN = 2.0
"""Seconds between two checks after something was undone, because it may happen again."""
_RESTORES = 3
"""How often to restore the same write before a notice tells the user instead."""
_RESTORES_OF_OTHERS = 30
"""The same for a section that another program wrote and we merged: the next ones that had read before it undo it."""
_VERSIONS = 20
"""Versions of one section that are known as ours to undo; refreshes come minutes apart."""

Own = Mapping[str, str] | None


@value_class
class Recent:
    """A section that we wrote (`after`, in `lines`) or removed (None), and its recent older versions."""

    earlier: tuple[Own, ...] = field(repr=False)
    after: Own = field(repr=False)
    lines: str | None = field(repr=False)
    written_at: float
    restores: int = 0

    @property
    def ours(self) -> bool:
        """Whether it is or was one of our sections."""
        own = self.earlier[-1] if self.after is None else self.after
        return ownership.is_ours(own)

    @property
    def is_over(self) -> bool:
        """Whether it was written so long ago that an undo counts as an edit."""
        return time.monotonic() - self.written_at >= (_UNDO_WINDOW if self.ours else _UNDO_WINDOW_OF_OTHERS)

    @property
    def exhausted(self) -> bool:
        """Whether it was restored so often that we stop."""
        return self.restores >= (_RESTORES if self.ours else _RESTORES_OF_OTHERS)


class RecentWrites:
    """The sections that we changed lately. Holds secrets for as long."""

    def __init__(self) -> None:
        """Nothing was written yet."""
        self._recent: dict[str, Recent] = {}

    def undone(self, text: IniText) -> dict[str, Recent]:
        """The sections of our last writes that are back to an older version."""
        self._recent = {name: each for name, each in self._recent.items() if not each.is_over}
        on_file = text.own()
        return {
            name: recent
            for name, recent in self._recent.items()
            if on_file.get(name) != recent.after and on_file.get(name) in recent.earlier
        }

    def next_check(self) -> float | None:
        """Seconds until the next check after a restore; None if there was none lately."""
        put_back = any(each.restores and not each.is_over for each in tuple(self._recent.values()))
        return _CHECK_AGAIN if put_back else None

    def forget(self, names: Collection[str]) -> None:
        """From now on these sections stay as they are."""
        for name in names:
            self._recent.pop(name, None)

    def remember(self, old: IniText, new: IniText, wanted: Collection[str]) -> None:
        """Keep what a write changed; a section that it only restored (not `wanted`) keeps its count."""
        before, after = old.own(), new.own()
        self.forget([name for name in wanted if before.get(name) == after.get(name)])
        # This union keeps the order of the file.
        for name in before | after:
            known = self._recent.get(name)
            if before.get(name) == after.get(name):
                continue
            again = known is not None and known.after == after.get(name) and name not in wanted
            earlier = dict.fromkeys(map(_frozen, (*(known.earlier if known else ()), before.get(name))))
            earlier.pop(_frozen(after.get(name)), None)
            self._recent[name] = Recent(
                tuple(None if each is None else dict(each) for each in list(earlier)[-_VERSIONS:]),
                after.get(name),
                ini_edit.block(new, name) if name in after else None,
                time.monotonic(),
                known.restores + 1 if known is not None and again else 0,
            )


def _frozen(own: Own) -> tuple[tuple[str, str], ...] | None:
    return None if own is None else tuple(own.items())
