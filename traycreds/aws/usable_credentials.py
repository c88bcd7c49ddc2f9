"""Whether a source's credentials can be used, and why not, without quoting them. Imports no botocore."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from traycreds.core.errors import FailureKind
from traycreds.core.text import sensible
from traycreds.process.programs import lookup
from traycreds.process.programs.credential_process import SETTING
from traycreds.shell.quoting import shell_line

FIRST = datetime(2011, 1, 1, tzinfo=timezone.utc)
"""STS gives no session that ended before, even if this machine's clock says so."""


_OPEN = ("No closing quotation", "No escaped character")
"""What `shlex` says of a command."""


class UnusableError(ValueError):
    """Credentials that cannot be used; the text says why and is safe to show."""


class UnusableAnswerError(Exception):
    """An STS answer without a session; the text says why and is safe to show."""


def checked_process_provider(provider: Any) -> Any:
    """Botocore's ProcessProvider, with errors that say what is wrong with the program or its answer."""

    class Provider(provider):  # type: ignore[misc]
        def load(self) -> Any:
            try:
                found = super().load()
            except IndexError:
                # The command is empty, so botocore finds no first word.
                raise lookup.no_program(SETTING) from None
            except ValueError as error:
                if str(error) not in _OPEN:
                    raise
                raise lookup.open_quote(SETTING) from None
            except (AttributeError, TypeError):
                # The output is not an object, or a value in it is not text.
                raise UnusableError("its output is not in the credential_process format") from None
            end = getattr(found, "_expiry_time", None)
            if end is not None and end.tzinfo is None:
                raise UnusableError("their Expiration names no time zone")
            return found

    return Provider


def checked_service_provider(provider: Any) -> Any:
    """A botocore class that asks a local service, but a malformed answer is an UnusableError."""

    class ServiceProvider(provider):  # type: ignore[misc]
        def load(self) -> Any:
            try:
                return super().load()
            except (AttributeError, TypeError):
                # The output is not an object, or a value in it is not text.
                raise UnusableError("the answer is not in the expected format") from None

    return ServiceProvider


def session_of(call: Callable[[], Any]) -> Mapping[str, Any]:
    """The Credentials of an STS answer, complete and with a possible end. Raises UnusableAnswerError."""
    try:
        response = call()
    except (ValueError, RuntimeError) as error:
        # Botocore raises plain errors here, so only their texts tell them apart.
        if not str(error).startswith(("Invalid timestamp", "Unable to calculate correct timezone")):
            raise
        raise UnusableAnswerError("its Expiration is not a date") from None
    given = response.get("Credentials") if isinstance(response, Mapping) else None
    if not isinstance(given, Mapping):
        raise UnusableAnswerError("it has no session")
    if not all(_is_key(given.get(name)) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")):
        raise UnusableAnswerError("a key or the token is missing, empty, or has spaces or line breaks in it")
    end: Any = given.get("Expiration")
    if not sensible(end) or end < FIRST:
        raise UnusableAnswerError("its Expiration is missing or not a valid date")
    return given


def end_of(found: Any) -> datetime | None:
    """When botocore credentials expire, in UTC; None: never. Raises UnusableError for an invalid date."""
    # The expiry has no public name, and the AWS CLI reads this one too.
    end = getattr(found, "_expiry_time", None)
    if end is None:
        return None
    if not sensible(end):
        raise UnusableError("their Expiration is not a valid date")
    return end.astimezone(timezone.utc)  # type: ignore[no-any-return]


def frozen_credentials(found: Any) -> Any:
    """Credentials of botocore as they are now. Raises UnusableError: expired, or not fit to sign with or write."""
    try:
        frozen = found.get_frozen_credentials()
    except RuntimeError as error:
        if not is_still_expired(error):
            raise
        raise UnusableError("they have already expired") from None
    # Keys may sign without a token, so a missing one must pass the check below.
    token = "none" if frozen.token is None or frozen.token == "" else frozen.token
    for value in (frozen.access_key, frozen.secret_key, token):
        if not _is_key(value):
            raise UnusableError("a key or token among them is empty, not text, or has spaces or line breaks in it")
    return frozen


def is_still_expired(error: Exception) -> bool:
    """Whether botocore refuses new credentials because they have already expired."""
    # Botocore raises a plain `RuntimeError`, so only its text tells it apart.
    return type(error) is RuntimeError and "still expired" in str(error)


def identity_command(profile: str, region: str) -> str:
    """The command that shows in a terminal what a profile gives, or why it gives nothing."""
    words = ("aws", "sts", "get-caller-identity", "--profile", profile, *(("--region", region) if region else ()))
    return shell_line(words)


def remedy(
    config: Mapping[str, Any], chain: Sequence[str], credential_source: str | None, region: str
) -> tuple[FailureKind, str]:
    """Who can fix credentials that cannot be used, and how, by the setting of `chain` or `credential_source`."""
    if credential_source is not None:
        return FailureKind.ANSWER, f"Check the service behind {credential_source}; traycreds retries."
    for name in chain:
        profile, whose = config.get("profiles", {}).get(name, {}), f"of profile {name}"
        if "credential_process" in profile:
            return FailureKind.PROGRAM, f"Run the credential_process {whose} in a terminal, and fix what it prints."
        if "web_identity_token_file" in profile:
            hint = f"Write a token to the web_identity_token_file {whose}, or fix its path."
            return FailureKind.SOURCE_EXPIRED, hint
    return FailureKind.SOURCE_EXPIRED, f"Check its keys and its sign-in with: {identity_command(chain[0], region)}"


def _is_key(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[!-~]+", value) is not None
