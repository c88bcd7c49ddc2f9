"""Whether credentials that a source gives can be used, and why not, in words that quote nothing of them.

Gets botocore's classes and objects, so that it need not import them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from traycreds.core.errors import FailureKind
from traycreds.core.text import sensible
from traycreds.process.programs import lookup
from traycreds.process.programs.credential_process import SETTING

FIRST = datetime(2011, 1, 1, tzinfo=timezone.utc)
"""STS gave no session that ended before, whatever the clock of this machine says."""


_OPEN = ("No closing quotation", "No escaped character")
"""What `shlex` says of a command."""


class UnusableError(ValueError):
    """Credentials that cannot be used; the text says why and may be shown."""


class UnusableAnswerError(Exception):
    """An answer of STS that holds no session; the text says why and may be shown."""


def checked_process_provider(provider: Any) -> Any:
    """The class of botocore's ProcessProvider, whose errors say what is wrong with the program or with its answer."""

    class Provider(provider):  # type: ignore[misc]
        def load(self) -> Any:
            try:
                found = super().load()
            except IndexError:  # of the words of the command
                raise lookup.no_program(SETTING) from None
            except ValueError as error:
                if str(error) not in _OPEN:
                    raise
                raise lookup.open_quote(SETTING) from None
            except (AttributeError, TypeError):  # no object, or no text where one must be
                raise UnusableError("what it printed has another form than that of a credential_process") from None
            end = getattr(found, "_expiry_time", None)
            if end is not None and end.tzinfo is None:
                raise UnusableError("their Expiration names no time zone")
            return found

    return Provider


def checked_service_provider(provider: Any) -> Any:
    """A class of botocore that asks a service of the machine, but an answer of a wrong form is an UnusableError."""

    class ServiceProvider(provider):  # type: ignore[misc]
        def load(self) -> Any:
            try:
                return super().load()
            except (AttributeError, TypeError):  # no object, or no text where one must be
                raise UnusableError("the answer has another form than that of such a service") from None

    return ServiceProvider


def session_of(call: Callable[[], Any]) -> Mapping[str, Any]:
    """The Credentials of what a call to STS answers, which are whole and end on a date that can be.

    Raises:
        UnusableAnswerError: they are not, or there are none.
    """
    try:
        response = call()
    except (ValueError, RuntimeError) as error:
        if not str(error).startswith(("Invalid timestamp", "Unable to calculate correct timezone")):  # botocore's words
            raise
        raise UnusableAnswerError("its Expiration is not a date") from None
    given = response.get("Credentials") if isinstance(response, Mapping) else None
    if not isinstance(given, Mapping):
        raise UnusableAnswerError("it holds no session")
    if not all(_is_key(given.get(name)) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")):
        raise UnusableAnswerError("a key or the token is missing, empty, or has blanks or line breaks in it")
    end: Any = given.get("Expiration")
    if not sensible(end) or end < FIRST:
        raise UnusableAnswerError("its Expiration is missing or not a valid date")
    return given


def end_of(found: Any) -> datetime | None:
    """When credentials of botocore end, in UTC; None when they have no end.

    Raises:
        UnusableError: on a date that is not valid.
    """
    end = getattr(found, "_expiry_time", None)  # no public name; awscli reads it too
    if end is None:
        return None
    if not sensible(end):
        raise UnusableError("their Expiration is not a valid date")
    return end.astimezone(timezone.utc)  # type: ignore[no-any-return]


def frozen_credentials(found: Any) -> Any:
    """Credentials of botocore as they are now.

    Raises:
        UnusableError: they have expired, or cannot be signed with or written to a file.
    """
    try:
        frozen = found.get_frozen_credentials()
    except RuntimeError as error:
        if not is_still_expired(error):
            raise
        raise UnusableError("they have expired already") from None
    for value in (frozen.access_key, frozen.secret_key, frozen.token or "none"):
        if not _is_key(value):
            raise UnusableError("a key or token among them is empty, not text, or has blanks or line breaks in it")
    return frozen


def is_still_expired(error: Exception) -> bool:
    """Whether botocore refuses new credentials because they have expired already."""
    return type(error) is RuntimeError and "still expired" in str(error)  # botocore's words


def remedy(config: Mapping[str, Any], chain: Sequence[str], credential_source: str | None) -> tuple[FailureKind, str]:
    """Who can help with credentials that cannot be used, and what to do: by the setting that gives them.

    Args:
        config: botocore's merged view of both AWS files.
        chain: the profiles that the credentials come from.
        credential_source: where they come from instead.
    """
    if credential_source is not None:
        return FailureKind.NETWORK, f"Check what answers for {credential_source}; traycreds asks again."
    for profile in (config.get("profiles", {}).get(name, {}) for name in chain):
        if "credential_process" in profile:
            return FailureKind.PROGRAM, "Run its credential_process in a terminal, and correct what it prints."
        if "web_identity_token_file" in profile:
            hint = "Have a token written to its web_identity_token_file, or correct the path of that."
            return FailureKind.SOURCE_EXPIRED, hint
    return FailureKind.SOURCE_EXPIRED, "Check its keys and its sign-in with aws sts get-caller-identity."


def _is_key(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[!-~]+", value) is not None
