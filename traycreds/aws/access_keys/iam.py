"""Asks IAM about the access keys of the user whose long-term keys a profile has, and makes and deactivates them.

Each call goes out once, because a repeated CreateAccessKey makes another key. Never puts a secret into an error.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any, NamedTuple, TypeVar

from traycreds.aws import connections, errors
from traycreds.aws.assume_role import has_keys
from traycreds.aws.botocore_session import BotoSessions, ProfileSession
from traycreds.aws.errors import Attempt
from traycreds.aws.keys import Keys
from traycreds.awsfiles.aws_file import read_sections
from traycreds.awsfiles.profiles import AwsProfiles
from traycreds.core.errors import FailureKind, IssueError, UsageError
from traycreds.core.text import end_cut
from traycreds.shell.quoting import shell_word
from traycreds.state import known_secrets

T = TypeVar("T")

_DEFAULT_REGION = "us-east-1"
_NO_KEY = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "NoSuchEntity"})
_METHOD = "access-key"
_ID = "aws_access_key_id"


class UserKey(NamedTuple):
    """A key of the user, as IAM lists it."""

    access_key_id: str
    active: bool
    created_at: datetime


def how_to_rotate(aws: AwsProfiles, profile: str) -> str:
    """What to do to rotate the key of a profile: only keys in the credentials file can be. Raises ConfigError."""
    command = f"traycreds rotate {shell_word(profile)}"
    if any(section.name == profile and _ID in section.values for section in read_sections(aws.credentials_file)):
        return f"Run: {command}"
    lines = f"{_ID} and aws_secret_access_key from {aws.config_file}"
    return f"Move {lines} to [{profile}] in {aws.credentials_file}, then run: {command}"


class AccessKeys:
    """The access keys of one user."""

    def __init__(self, profile: str, *, connect_timeout: float = 5, read_timeout: float = 10) -> None:
        """Read the profile. Raises IssueError: the files cannot be read. Raises UsageError: it has no such key."""
        sessions = BotoSessions(
            connect_timeout=connect_timeout, read_timeout=read_timeout, attempts=1, on_response=lambda **_: None
        )
        found = sessions.config().get("profiles", {}).get(profile, {})
        if not has_keys(found) or not {_ID, "aws_secret_access_key"} <= found.keys():
            hint = "Choose a profile that has an access key in the credentials file."
            raise UsageError(f"Profile {profile} has no access key.", hint)
        if not {"aws_session_token", "aws_security_token"}.isdisjoint(found):
            raise UsageError(f"Profile {profile} has a session, not a long-term key.", "Choose another profile.")
        self.profile = profile
        self.keys = Keys(found[_ID], found["aws_secret_access_key"], None, None, _METHOD)
        known_secrets.note(self.keys.secret_key)
        self._region = found.get("region") or _DEFAULT_REGION
        self._session: ProfileSession = sessions.open(profile)

    def list(self) -> tuple[UserKey, ...]:
        """All keys of the user. Raises IssueError."""
        found = self._call("iam", "list the access keys", lambda client: client.list_access_keys())
        return tuple(
            UserKey(each["AccessKeyId"], each["Status"] == "Active", each["CreateDate"].astimezone(timezone.utc))
            for each in found["AccessKeyMetadata"]
        )

    def create(self) -> Keys:
        """Make another key. Raises IssueError; one may have been made all the same, which only `list` can tell."""
        found = self._call("iam", "create an access key", lambda client: client.create_access_key())["AccessKey"]
        known_secrets.note(found["SecretAccessKey"])
        return Keys(found["AccessKeyId"], found["SecretAccessKey"], None, None, _METHOD)

    def deactivate(self, access_key_id: str) -> None:
        """Make a key of the user inactive. Raises IssueError."""
        self._call(
            "iam",
            "deactivate the old access key",
            lambda client: client.update_access_key(AccessKeyId=access_key_id, Status="Inactive"),
        )

    def delete(self, access_key_id: str) -> None:
        """Delete a key of the user. Raises IssueError."""
        self._call(
            "iam", "delete the new access key", lambda client: client.delete_access_key(AccessKeyId=access_key_id)
        )

    def works(self, keys: Keys) -> bool:
        """Whether AWS accepts a key: one that was just made, not at once everywhere. Raises IssueError."""
        try:
            self._call("sts", "try the new access key", lambda client: client.get_caller_identity(), keys)
        except IssueError as error:
            if error.kind is FailureKind.SOURCE_EXPIRED:
                return False
            raise
        return True

    def _call(self, service: str, what: str, call: Callable[[Any], T], keys: Keys | None = None) -> T:
        """Make one call; `what` says what for. Raises IssueError."""
        try:
            with connections.bounded(connections.SECONDS):
                client = self._session.signed(service, self._region, keys or self.keys, attempts=1)
                return call(client)
        except connections.CallEndedError:
            raise self._unreachable(what) from None
        except IssueError:
            raise
        except Exception as error:
            known = self._in_words(error, what)
            if known is None:
                raise
            # Botocore's text may quote what a proxy sent, so leave it out of the chain.
            raise known from None

    def _in_words(self, error: Exception, what: str) -> IssueError | None:
        code, detail = errors.code_of(error), end_cut(errors.message_of(error), errors.LINE)
        if code in _NO_KEY:
            sentence = f"AWS does not accept the access key of profile {self.profile}."
            return IssueError(FailureKind.SOURCE_EXPIRED, sentence, "Put an active key of your user in the profile.")
        known = errors.explain(error, Attempt(role="", who=f"profile {self.profile}", what=what, region="", login=""))
        if known is None:
            return None
        if known.kind is FailureKind.DENIED:
            sentence = f"AWS does not let profile {self.profile} {what}: {detail.rstrip('. ')}."
            hint = (
                "Ask for that permission on your own user. If a policy demands MFA, manage the key in the IAM console: "
                "no code is sent here."
            )
            return IssueError(known.kind, sentence, hint)
        if known.kind is FailureKind.CLOCK:
            reason = "this machine's clock is off by more than 15 minutes"
            sentence = f"Could not {what} for profile {self.profile}: {reason}."
            return IssueError(known.kind, sentence, known.hint)
        return self._unreachable(what)

    def _unreachable(self, what: str) -> IssueError:
        sentence = f"Could not {what} for profile {self.profile}: no usable response from AWS."
        return IssueError(FailureKind.NETWORK, sentence, "Check the network or proxy, then try again.")
