"""What a value in our TOML must look like; knows no key, file or role.

Limits: STS API reference and botocore's model of AssumeRole (docs/aws-behaviour.md#sts-limits).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from traycreds.awsfiles.settings import values as setting_values
from traycreds.core.model import DEFAULT_PROFILE
from traycreds.core.names import SAFE_NAME, unusable
from traycreds.core.text import alternatives, counted, json_value, span_of
from traycreds.process import command_line

MIN_DURATION = timedelta(minutes=15)
MAX_DURATION = timedelta(hours=12)
MAX_MFA_SESSION = timedelta(hours=36)
MAX_TAGS = 50
MAX_POLICY = 2048
MAX_POLICY_ARNS = 10
MAX_LABEL = 12

_POLICY_ARN = r"arn:aws[a-z0-9-]*:iam::(?:[0-9]{12}|aws):policy/[\x21-\x7e]+"
_SAML_PROVIDER = r"arn:aws[a-z0-9-]*:iam::[0-9]{12}:saml-provider/[\w.-]{1,128}"
PATH_EXAMPLE = r"like 'C:\tools\program.exe'."
"""How a path of Windows is written in TOML."""
_DRIVE = "[A-Za-z]:"
"""The part of a path before a tab."""


class ValueFault(Exception):  # noqa: N818 - never leaves this package: `read_table` turns it into a problem
    """An invalid value: what is wrong with it, and what to do."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


Rule = Callable[[Any], Any]
"""Takes a TOML value, gives the value to use, or raises a ValueFault whose text follows the name of the key."""


def _text(pattern: str, shortest: int, longest: int, allowed: str, flags: re.RegexFlag = re.ASCII) -> Rule:
    """A string of a limited length over a limited alphabet, in which AWS means ASCII letters except for tags."""

    def rule(value: Any) -> str:
        text = string(value)
        if not shortest <= len(text) <= longest:
            raise ValueFault(f"has {counted(len(text), 'character')}", f"AWS allows {shortest} to {longest}.")
        if not re.fullmatch(pattern, text, flags):
            raise ValueFault("has a character that AWS refuses", f"Use only {allowed}.")
        return text

    return rule


def string(value: Any) -> str:
    """A nonempty text. Raises ValueFault."""
    if not isinstance(value, str):
        raise ValueFault(f"is {_kind(value)}, not text", "Put it in quotes.")
    if not value:
        raise ValueFault("is empty", "Fill it in, or remove the line.")
    return value


def boolean(value: Any) -> bool:
    """A boolean. Raises ValueFault."""
    if not isinstance(value, bool):
        raise ValueFault(f"is {_kind(value)}, not true or false", "Write true or false, without quotes.")
    return value


def _kind(value: Any) -> str:
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "true or false"),
        (str, "a text"),
        (int, "a number"),
        (float, "a number"),
        (list, "a list"),
        (dict, "a table"),
    )
    return next((words for kind, words in kinds if isinstance(value, kind)), "a date or time")


def parse_duration(value: Any) -> timedelta:
    """A span such as "1h", "45m", "1h30m", "90s", or whole seconds. Raises ValueFault."""
    hint = 'Write it like "1h", "45m" or "1h30m", or as a whole number of seconds.'
    if isinstance(value, int) and not isinstance(value, bool):
        # A `timedelta` easily holds this range. The real limits are checked later.
        if not 0 <= value <= 10**9:
            raise ValueFault(f"is {value} seconds", hint)
        return timedelta(seconds=value)
    if not isinstance(value, str):
        raise ValueFault(f"is {_kind(value)}", hint)
    span = span_of(value)
    if span is None:
        raise ValueFault(f"is not a duration ({value!r})", hint)
    return span


def _session_span(longest: timedelta, allowed: str) -> Rule:
    def rule(value: Any) -> timedelta:
        span = parse_duration(value)
        if not MIN_DURATION <= span <= longest:
            raise ValueFault(f"is {span.total_seconds():.0f} seconds", f"AWS allows 15 minutes to {allowed}.")
        return span

    return rule


session_duration = _session_span(MAX_DURATION, '12 hours ("15m" to "12h")')
mfa_session = _session_span(MAX_MFA_SESSION, '36 hours ("15m" to "36h")')


def notify_before(value: Any) -> timedelta:
    """A span up to the longest session. Raises ValueFault."""
    span = parse_duration(value)
    if span > MAX_DURATION:
        raise ValueFault("is longer than any session", 'Use at most "12h".')
    return span


def key_age(value: Any) -> timedelta:
    """An age in whole days, such as "90d". Raises ValueFault."""
    days = re.fullmatch("([0-9]{1,4})d", value, re.ASCII) if isinstance(value, str) else None
    if days is None or not int(days[1]):
        what = f'is "{value}"' if isinstance(value, str) else f"is {_kind(value)}"
        raise ValueFault(f"{what}, not an age in days", 'Write it like "90d".')
    return timedelta(days=int(days[1]))


def command(value: Any) -> str:
    """A command line that this system can split without a shell. Raises ValueFault."""
    text = string(value)
    try:
        argv = command_line.split(text)
    except ValueError:
        argv = ()
    if not argv:
        raise ValueFault(
            "is not a command", "Write the program and its arguments, each quote closed; no shell runs it."
        )
    check_path(argv[0])
    return text


def check_path(path: str) -> None:
    r"""Refuse a path in double quotes such as "C:\tools\new", where TOML reads \t as a tab. Raises ValueFault."""
    if any(sign < " " for sign in path) or re.fullmatch(_DRIVE, path):
        what = "has a path in double quotes, where \\ starts an escape sequence"
        raise ValueFault(what, f"Write it in single quotes, {PATH_EXAMPLE}")


def program(value: Any) -> tuple[str, ...]:
    """A program and its arguments. Raises ValueFault."""
    if not isinstance(value, list) or not value:
        what = "is an empty list" if isinstance(value, list) else f"is {_kind(value)}, not a list"
        raise ValueFault(
            what, 'Write the program and its arguments, like ["notify-send", "refreshed"]; no shell runs it.'
        )
    if not all(isinstance(word, str) for word in value):
        raise ValueFault("has an entry that is not text", "Put each entry in quotes.")
    if not value[0]:
        raise ValueFault("names no program", "Put the program first in the list.")
    check_path(value[0])
    return tuple(value)


def one_of(*words: str) -> Rule:
    """A rule that takes one of a few words."""

    def rule(value: Any) -> str:
        text = string(value)
        if text not in words:
            quoted = [f'"{word}"' for word in words]
            raise ValueFault(f'is "{text}"', f"Write {alternatives(quoted)}.")
        return text

    return rule


def label(value: Any) -> str:
    """A few printable characters. Raises ValueFault."""
    text = string(value)
    if len(text) > MAX_LABEL or not text.isprintable() or not text.strip():
        raise ValueFault(
            f"is not a label of 1 to {MAX_LABEL} characters", f"Write at most {MAX_LABEL} characters, such as PROD."
        )
    return text


def role_arn(value: Any) -> str:
    """The ARN of a role. Raises ValueFault."""
    text = string(value)
    if wrong := setting_values.role_arn(text):
        raise ValueFault(wrong.what, wrong.remedy)
    return text


def saml_provider(value: Any) -> str:
    """The ARN of a SAML provider. Raises ValueFault."""
    text = string(value)
    if not re.fullmatch(_SAML_PROVIDER, text, re.ASCII):
        raise ValueFault(
            "is not the ARN of a SAML provider", "It looks like arn:aws:iam::123456789012:saml-provider/Name."
        )
    return text


def profile_name(value: Any) -> str:
    """A profile name that we may write. Raises ValueFault."""
    text = string(value)
    if not SAFE_NAME.fullmatch(text):
        raise ValueFault(f'is "{text}", a name that some SDKs cannot read', "Use letters, digits and _-/.%@:+ only.")
    if why := unusable(text):
        raise ValueFault(f'is "{text}", which {why}', "Choose another name.")
    if text == "DEFAULT":
        raise ValueFault("is DEFAULT, whose keys every profile inherits", "Choose another name.")
    if text == DEFAULT_PROFILE:
        raise ValueFault(
            "is default, which is written for the role that you switch to",
            "Choose another name, and switch to the role in the menu or with `traycreds use`.",
        )
    return text


def mfa_serial(value: Any) -> str:
    """The ARN or the serial number of an MFA device that generates codes. Raises ValueFault."""
    text: str = _serial_text(value)
    if wrong := setting_values.mfa_serial(text):
        raise ValueFault(wrong.what, wrong.remedy)
    return text


def _list_of(each: Rule, most: int) -> Rule:
    def rule(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueFault(f"is {_kind(value)}, not a list", 'Write it like ["one", "two"].')
        if len(value) > most:
            raise ValueFault(f"has {len(value)} entries", f"AWS allows {most}.")
        return tuple(each(entry) for entry in value)

    return rule


def _policy_arn(value: Any) -> str:
    text = string(value)
    if not re.fullmatch(_POLICY_ARN, text):
        raise ValueFault(
            f'has "{text}", which is not the ARN of a policy', "It looks like arn:aws:iam::aws:policy/ReadOnlyAccess."
        )
    return text


def policy(value: Any) -> str:
    """An IAM policy as JSON text. Raises ValueFault."""
    text = string(value)
    if len(text) > MAX_POLICY:
        raise ValueFault(f"has {counted(len(text), 'character')}", f"AWS allows {MAX_POLICY}.")
    try:
        document = json_value(text)
    except ValueError as error:
        at = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "its start"
        raise ValueFault(f"is invalid JSON (at {at} of the policy)", "Write an IAM policy as JSON text.") from error
    if not isinstance(document, dict):
        raise ValueFault(
            "is not a JSON object", 'Write an IAM policy: { "Version": "2012-10-17", "Statement": [...] }.'
        )
    return text


tag_key = _text(r"[\w\s+=,.@:/-]+", 1, 128, "letters, digits, spaces and _.:/=+-@,", re.UNICODE)


def tags(value: Any) -> tuple[tuple[str, str], ...]:
    """Session tags. Raises ValueFault."""
    if not isinstance(value, dict):
        raise ValueFault(f"is {_kind(value)}, not a table", 'Write it like { team = "core" }.')
    if len(value) > MAX_TAGS:
        raise ValueFault(f"has {len(value)} tags", f"AWS allows {MAX_TAGS}.")
    for key, content in value.items():
        tag_key(key)
        # A tag may have an empty value.
        if content != "":
            _text(r"[\w\s+=,.@:/-]*", 0, 256, "letters, digits, spaces and _.:/=+-@,", re.UNICODE)(content)
    return tuple(value.items())


session_text = _text(r"[\w+=,.@-]+", 2, 64, "letters, digits and _+=,.@-")

region = _text(r"[A-Za-z0-9-]+", 1, 63, "letters, digits and -")
external_id = _text(r"[\w+=,.@:/\-]+", 2, 1224, "letters, digits and _+=,.@:/-")
_serial_text = _text(r"[\w+=/:,.@-]+", 9, 256, "letters, digits and _+=/:,.@-")
transitive_tag_keys = _list_of(tag_key, MAX_TAGS)
policy_arns = _list_of(_policy_arn, MAX_POLICY_ARNS)
