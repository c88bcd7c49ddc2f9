"""Signs out of IAM Identity Center: removes the token from the shared folder and tells the portal, as the AWS CLI does.

The token goes first, under the lock, so that nothing renews it. Sessions of roles stay valid until they expire.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traycreds.aws import connections
from traycreds.aws.errors import code_of, is_none_of_aws
from traycreds.aws.sso.session import SsoSession
from traycreds.aws.sso.token_cache import TokenFolder, key_of
from traycreds.core.errors import FailureKind, IssueError

SECONDS = 20.0
"""For the portal's answer."""


def end_sign_in(session: SsoSession, connect: Callable[[str], Any], folder: TokenFolder) -> bool:
    """End a sign-in; return whether there was one.

    Raises CredentialsFileError: the token is still there. Raises IssueError: it is gone, but the portal was not told.
    """
    key = key_of(session.cached_as)
    with folder.locked(key):
        token = folder.read(key)
        there = folder.remove(key)
    access = (token or {}).get("accessToken")
    if isinstance(access, str) and access:
        _notify_portal(session, connect, access)
    return there


def _notify_portal(session: SsoSession, connect: Callable[[str], Any], access: str) -> None:
    try:
        with connections.bounded(SECONDS):
            connect("sso").logout(accessToken=access)
    except Exception as error:
        code = code_of(error)
        # The session had already ended at AWS.
        if code == "UnauthorizedException":
            return
        network = ("HTTPClientError", "ConnectionError", "CallEndedError")
        strange = isinstance(error, IssueError) or is_none_of_aws(error)
        if not (code or strange or any(one.__name__ in network for one in type(error).__mro__)):
            raise
        why = (
            f"is not working ({code})"
            if code
            else "sent a response that is not from AWS"
            if strange
            else "cannot be reached"
        )
        raise IssueError(
            FailureKind.NETWORK,
            f"The token of {session.label} is removed, but the portal in {session.region} {why}.",
            "Nothing can use that sign-in without the token, and it expires by itself.",
        ) from None
