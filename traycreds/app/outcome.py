"""What became of roles that were asked for: the snapshot afterwards, and what a command exits with for it."""

from __future__ import annotations

from dataclasses import dataclass

from traycreds.core.errors import FailureKind
from traycreds.core.shown import RoleView, Snapshot

_EXIT_CODES = {FailureKind.BAD_CONFIG: 2, FailureKind.FILE: 4}
_AWS_REFUSED = 3


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the roles that were asked for.

    Attributes:
        views: as they stand afterwards.
        trouble: two sentences about the credentials file as a whole, or None.
    """

    views: tuple[RoleView, ...]
    trouble: tuple[str, str] | None

    @property
    def exit_code(self) -> int:
        """The worst of them: 0 ok, 2 configuration, 3 AWS, 4 credentials file."""
        if self.trouble is not None:
            return _EXIT_CODES[FailureKind.FILE]
        return max((exit_code(view) for view in self.views), default=0)


def result(snapshot: Snapshot, names: tuple[str, ...]) -> Result:
    """What a snapshot says of the named roles."""
    views = tuple(view for view in snapshot.roles if view.name in names)
    if snapshot.trouble is None or snapshot.default_refused:
        return Result(views=views, trouble=None)
    return Result(views=views, trouble=(snapshot.trouble, snapshot.trouble_hint or ""))


def exit_code(view: RoleView) -> int:
    """What a command exits with for the last failure of a role; 0 when there is none."""
    return 0 if view.kind is None else _EXIT_CODES.get(view.kind, _AWS_REFUSED)
