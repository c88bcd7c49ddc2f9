"""Owns what a value in our TOML must look like; knows no key, no other file and no other role.

Sources of the limits: STS API reference and botocore's model of AssumeRole (aws-facts.md, "STS facts").
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from traycreds.adapters import commandline
from traycreds.core.model import DEFAULT_PROFILE

SAFE_NAME = re.compile(r"[A-Za-z0-9_\-/.%@:+]+")
"""Names that every SDK reads alike (the rule of Rust's and Java's profile parsers; aws-facts.md 2.2)."""

MIN_DURATION = timedelta(minutes=15)
MAX_DURATION = timedelta(hours=12)
MAX_MFA_SESSION = timedelta(hours=36)
MAX_TAGS = 50
MAX_POLICY = 2048
MAX_POLICY_ARNS = 10

_ROLE_ARN = re.compile(r"arn:aws[a-z0-9-]*:iam::[0-9]{12}:role/(?:[\x21-\x7e]+/)?[A-Za-z0-9_+=,.@-]{1,64}")
_ASSUMED_ROLE_ARN = re.compile(r"arn:(aws[a-z0-9-]*):sts::([0-9]{12}):assumed-role/([^/]+)/.+")
_POLICY_ARN = re.compile(r"arn:aws[a-z0-9-]*:iam::(?:[0-9]{12}|aws):policy/[\x21-\x7e]+")
PATH_EXAMPLE = r"like 'C:\tools\program.exe'."
"""How a path of Windows is written in TOML."""
_DRIVE = re.compile("[A-Za-z]:")
"""What is left of one before a tab, as a program without the arguments."""
_DURATION = re.compile(r"(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?")


class Fault(Exception):  # noqa: N818 - never leaves this package: `read_table` turns it into a problem
    """A value that cannot be; what is wrong with it, and what to do."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


Rule = Callable[[Any], Any]
"""Takes a TOML value, gives the value to use, or raises a Fault whose text follows the name of the key."""


def _text(pattern: str, shortest: int, longest: int, allowed: str, flags: re.RegexFlag = re.ASCII) -> Rule:
    """A string of a limited length over a limited alphabet, in which AWS means ASCII letters except for tags."""
    regex = re.compile(pattern, flags)

    def rule(value: Any) -> str:
        text = string(value)
        if not shortest <= len(text) <= longest:
            raise Fault(f"has {len(text)} characters", f"AWS allows {shortest} to {longest}.")
        if not regex.fullmatch(text):
            raise Fault("has a character that AWS refuses", f"Use only {allowed}.")
        return text

    return rule


def string(value: Any) -> str:
    """A text that is not empty.

    Raises:
        Fault: it is none.
    """
    if not isinstance(value, str):
        raise Fault(f"is {_kind(value)}, not a text", "Put it in quotes.")
    if not value:
        raise Fault("is empty", "Fill it in, or remove the line.")
    return value


def boolean(value: Any) -> bool:
    """Either truth value.

    Raises:
        Fault: it is none.
    """
    if not isinstance(value, bool):
        raise Fault(f"is {_kind(value)}, not true or false", "Write true or false, without quotes.")
    return value


def _kind(value: Any) -> str:
    """The TOML kind of a value, in words."""
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
    """A span such as "1h", "45m", "1h30m", "90s", or whole seconds.

    Raises:
        Fault: it is none.
    """
    hint = 'Write it like "1h", "45m" or "1h30m", or as a whole number of seconds.'
    if isinstance(value, int) and not isinstance(value, bool):
        if not 0 <= value <= 10**9:  # what a timedelta holds with ease; real limits come after
            raise Fault(f"is {value} seconds", hint)
        return timedelta(seconds=value)
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not value or match is None:
        raise Fault(f"is no span of time ({value!r})" if isinstance(value, str) else f"is {_kind(value)}", hint)
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _session_span(longest: timedelta, allowed: str) -> Rule:
    """How long AWS lets a session last, from a quarter of an hour on."""

    def rule(value: Any) -> timedelta:
        span = parse_duration(value)
        if not MIN_DURATION <= span <= longest:
            raise Fault(f"is {span.total_seconds():.0f} seconds", f"AWS allows 15 minutes to {allowed}.")
        return span

    return rule


session_duration = _session_span(MAX_DURATION, '12 hours ("15m" to "12h")')
mfa_session = _session_span(MAX_MFA_SESSION, '36 hours ("15m" to "36h")')


def notify_before(value: Any) -> timedelta:
    """A span that no session exceeds.

    Raises:
        Fault: it is none.
    """
    span = parse_duration(value)
    if span > MAX_DURATION:
        raise Fault("is longer than any session lasts", 'Give at most "12h".')
    return span


def command(value: Any) -> str:
    """A command line that this system can take apart without a shell.

    Raises:
        Fault: it is none.
    """
    text = string(value)
    try:
        words = commandline.words(text)
    except ValueError:
        words = ()
    if not words:
        raise Fault("is no command", "Write the program and its arguments, each quote closed; no shell runs it.")
    check_path(words[0])
    return text


def check_path(path: str) -> None:
    r"""Refuse what TOML makes of a path in double quotes, as "C:\tools\new": \t is a tab, and \b, \n, \f, \r others.

    Raises:
        Fault: it looks so.
    """
    if any(sign < " " for sign in path) or _DRIVE.fullmatch(path):
        what = "has a path in double quotes, in which \\ makes other characters of what follows"
        raise Fault(what, f"Write it in single quotes, {PATH_EXAMPLE}")


def program(value: Any) -> tuple[str, ...]:
    """A program and its arguments.

    Raises:
        Fault: it is none.
    """
    if not isinstance(value, list) or not value:
        what = "is an empty list" if isinstance(value, list) else f"is {_kind(value)}, not a list"
        raise Fault(what, 'Write the program and its arguments, like ["notify-send", "refreshed"]; no shell runs it.')
    if not all(isinstance(word, str) for word in value):
        raise Fault("has an entry that is no text", "Put each entry in quotes.")
    if not value[0]:
        raise Fault("names no program", "Begin the list with the program.")
    check_path(value[0])
    return tuple(value)


def one_of(*words: str) -> Rule:
    """A rule that takes one of a few words."""

    def rule(value: Any) -> str:
        text = string(value)
        if text not in words:
            *others, last = (f'"{word}"' for word in words)
            raise Fault(f'is "{text}"', f"Write {', '.join(others)} or {last}.")
        return text

    return rule


def role_arn(value: Any) -> str:
    """The ARN of a role.

    Raises:
        Fault: it is none.
    """
    text = string(value)
    if _ROLE_ARN.fullmatch(text):
        return text
    assumed = _ASSUMED_ROLE_ARN.fullmatch(text)
    if assumed:
        role = f"arn:{assumed[1]}:iam::{assumed[2]}:role/{assumed[3]}"
        raise Fault(
            "is the ARN of a session, not of a role", f'The role is probably "{role}" (its path may be missing).'
        )
    raise Fault(f'is no ARN of a role ("{text}")', "It looks like arn:aws:iam::123456789012:role/Name.")


def profile_name(value: Any) -> str:
    """A profile name that we may write.

    Raises:
        Fault: it is none.
    """
    text = string(value)
    if not SAFE_NAME.fullmatch(text):
        raise Fault(f'is "{text}", a name that some SDKs cannot read', "Use letters, digits and _-/.%@:+ only.")
    if text == "DEFAULT":
        raise Fault("is DEFAULT, whose keys every profile inherits", "Choose another name.")
    if text == DEFAULT_PROFILE:
        raise Fault(
            "is default, which is written for the role that you switch to",
            "Choose another name, and switch to the role in the menu or with `traycreds use`.",
        )
    return text


def _list_of(each: Rule, most: int) -> Rule:
    def rule(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Fault(f"is {_kind(value)}, not a list", 'Write it like ["one", "two"].')
        if len(value) > most:
            raise Fault(f"has {len(value)} entries", f"AWS allows {most}.")
        return tuple(each(entry) for entry in value)

    return rule


def _policy_arn(value: Any) -> str:
    text = string(value)
    if not _POLICY_ARN.fullmatch(text):
        raise Fault(
            f'has "{text}", which is no ARN of a policy', "It looks like arn:aws:iam::aws:policy/ReadOnlyAccess."
        )
    return text


def policy(value: Any) -> str:
    """An IAM policy as JSON text.

    Raises:
        Fault: it is none.
    """
    text = string(value)
    if len(text) > MAX_POLICY:
        raise Fault(f"has {len(text)} characters", f"AWS allows {MAX_POLICY}.")
    try:
        document = json.loads(text)
    except ValueError as error:
        at = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "its start"
        raise Fault(f"is no valid JSON (at {at} of the policy)", "Write an IAM policy as JSON text.") from error
    if not isinstance(document, dict):
        raise Fault("is no JSON object", 'Write an IAM policy: { "Version": "2012-10-17", "Statement": [...] }.')
    return text


tag_key = _text(r"[\w\s+=,.@:/-]+", 1, 128, "letters, digits, blanks and _.:/=+-@,", re.UNICODE)


def tags(value: Any) -> tuple[tuple[str, str], ...]:
    """Session tags.

    Raises:
        Fault: it is none.
    """
    if not isinstance(value, dict):
        raise Fault(f"is {_kind(value)}, not a table", 'Write it like { team = "core" }.')
    if len(value) > MAX_TAGS:
        raise Fault(f"has {len(value)} tags", f"AWS allows {MAX_TAGS}.")
    for key, content in value.items():
        tag_key(key)
        if content != "":  # an empty value is allowed for a tag
            _text(r"[\w\s+=,.@:/-]*", 0, 256, "letters, digits, blanks and _.:/=+-@,", re.UNICODE)(content)
    return tuple(value.items())


session_text = _text(r"[\w+=,.@-]+", 2, 64, "letters, digits and _+=,.@-")

region = _text(r"[A-Za-z0-9-]+", 1, 63, "letters, digits and -")
external_id = _text(r"[\w+=,.@:/\-]+", 2, 1224, "letters, digits and _+=,.@:/-")
mfa_serial = _text(r"[\w+=/:,.@-]+", 9, 256, "letters, digits and _+=/:,.@-")
transitive_tag_keys = _list_of(tag_key, MAX_TAGS)
policy_arns = _list_of(_policy_arn, MAX_POLICY_ARNS)
