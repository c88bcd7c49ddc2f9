"""The result for the requested roles, and a command's exit code for it."""

from __future__ import annotations

from traycreds.core.errors import CredentialsFileError, FailureKind, exit_code_of
from traycreds.core.snapshot import RefreshOutcome, RoleOutcome, RoleView, Snapshot
from traycreds.core.value_class import value_class


@value_class
class Result:
    """The requested roles after a command, and the outcome of each and of the credentials file."""

    views: tuple[RoleView, ...]
    outcome: RefreshOutcome

    @property
    def exit_code(self) -> int:
        """The worst of them: 0 ok, 2 configuration, 3 AWS, 4 credentials file."""
        if self.outcome.trouble is not None:
            return CredentialsFileError.exit_code
        return max(map(self.exit_code_of, self.views), default=0)

    def outcome_of(self, view: RoleView) -> RoleOutcome:
        """What became of one of the roles."""
        return self.outcome.roles.get(view.name, RoleOutcome.UNFINISHED)

    def exit_code_of(self, view: RoleView) -> int:
        """A command's exit code for one of the roles; 0 only if a new session of it was written, or none is due."""
        if view.kind is not None:
            return exit_code_of(view.kind)
        return (
            0
            if self.outcome_of(view) in {RoleOutcome.WRITTEN, RoleOutcome.MFA_KEPT}
            else exit_code_of(FailureKind.NETWORK)
        )


def result(snapshot: Snapshot, names: tuple[str, ...], outcome: RefreshOutcome) -> Result:
    """The result for the named roles."""
    named = frozenset(names)
    return Result(views=tuple(view for view in snapshot.roles if view.name in named), outcome=outcome)
