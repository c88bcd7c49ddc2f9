"""The token of `aws login`, which botocore and other tools renew without a lock. Makes no call: botocore renews it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from traycreds.aws.sso.token_cache import TokenFolder, login_key_of
from traycreds.core.errors import CredentialsFileError, FailureKind, IssueError

pause = time.sleep
_LATE = (0.1, 0.3, 0.6)
"""Seconds between looks at the file of a token that another tool renewed at the same moment."""


@contextlib.contextmanager
def locked(session: str | None) -> Iterator[None]:
    """Keep our other processes and threads from renewing the same `aws login`. Raises IssueError: still locked."""
    with contextlib.ExitStack() as stack:
        if session is not None:
            try:
                stack.enter_context(TokenFolder.of_aws_login().locked(login_key_of(session)))
            except CredentialsFileError as error:
                raise IssueError(FailureKind.NETWORK, error.sentence, error.hint) from error
        yield


def refresh_token(session: str | None) -> str | None:
    """The refresh token on file, which works once; None if there is none."""
    if session is None:
        return None
    token = TokenFolder.of_aws_login().read(login_key_of(session)) or {}
    return str(token["refreshToken"]) if "refreshToken" in token else None


def renewed_by_others(session: str | None, before: str | None, *, refused: bool) -> bool:
    """Whether the refresh token differs from `before`; if AWS `refused` ours, another tool may be about to write."""
    if before is None:
        return False
    for seconds in (0.0, *(_LATE if refused else ())):
        if seconds:
            pause(seconds)
        if refresh_token(session) not in {before, None}:
            return True
    return False
