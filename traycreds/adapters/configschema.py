"""Owns which keys our TOML may hold, what each means, and which rule its value obeys.

The README's tables and the comments of the starter file are made of what stands here, so that they cannot part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from traycreds.adapters import configvalues as value
from traycreds.adapters.configvalues import Fault, Rule


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the configuration.

    Attributes:
        rule: what its value must look like.
        meaning: what it does, its units and its default, in Markdown for the README.
    """

    rule: Rule
    meaning: str


ROLE_KEYS: Mapping[str, Key] = {
    "role_arn": Key(value.role_arn, "the role to assume"),
    "source_profile": Key(value.string, "the profile whose credentials assume it: any kind that the AWS CLI knows"),
    "from_profile": Key(value.string, "instead of both: take everything from that profile of `~/.aws/config`"),
    "profile": Key(value.profile_name, "the profile written in the credentials file; default `NAME-session`"),
    "keep": Key(value.boolean, "`true`: renew from launch on; default `false`"),
    "duration": Key(
        value.session_duration,
        '`"15m"` to `"12h"`; default one hour. Chained roles get one hour at most (a rule of AWS)',
    ),
    "region": Key(
        value.region, "region for STS, for the profile in `~/.aws/config`, and `AWS_REGION` of `env` and `exec`"
    ),
    "external_id": Key(value.external_id, "the external id that the role's trust policy asks for"),
    "mfa_serial": Key(value.mfa_serial, "the MFA device whose code the role asks for: its ARN or serial number"),
    "mfa_process": Key(value.command, "a program that prints the MFA code, such as `ykman oath accounts code -s AWS`"),
    "session_name": Key(
        value.session_text, "how the session is called in CloudTrail; default from your user and the role"
    ),
    "source_identity": Key(
        value.session_text, "who stands behind the session, for CloudTrail; the trust policy must allow it"
    ),
    "tags": Key(value.tags, 'session tags, as a table: `{ team = "core" }`'),
    "transitive_tag_keys": Key(value.transitive_tag_keys, "the tags that chained roles inherit"),
    "policy": Key(value.policy, "an IAM policy as JSON text that narrows the session"),
    "policy_arns": Key(value.policy_arns, "ARNs of managed policies that narrow the session"),
    "group": Key(value.string, "heading in the menu"),
    "favourite": Key(value.boolean, "`true`: first in the menu; default `false`"),
}
"""Keys of `[roles.NAME]`; all but `role_arn` are named as the fields of `Role`."""

COMMAND_KEYS = frozenset(name for name, key in ROLE_KEYS.items() if key.rule in (value.command, value.program))
"""Those whose value is a program that is run: in an included file they need the user's leave."""

SETTING_KEYS: Mapping[str, Key] = {
    "notify_before": Key(
        value.notify_before,
        "how long before its end a session that cannot be renewed, or the end of `keep --for`, is announced; "
        'default `"5m"`',
    ),
    "mfa_session": Key(
        value.mfa_session,
        'how long one MFA code serves: `"15m"` to `"36h"`; default `"36h"`. Shorter where a policy '
        "limits the age of a code (`aws:MultiFactorAuthAge`)",
    ),
    "mfa_process": Key(value.command, "a program that prints the MFA code, for every role"),
    "store": Key(
        value.one_of("keyring", "memory"),
        '`"keyring"` (default) or `"memory"`: MFA sessions outlive a restart in the keyring of the system, or not',
    ),
    "pause_when_locked": Key(
        value.boolean,
        "`true`: nothing is renewed or told while the screen is locked (on Linux where logind tells, on macOS with the "
        "tray); default `false`",
    ),
    "on_refreshed": Key(
        value.program,
        "a program run after a refresh, with `TRAYCREDS_ROLE` and `TRAYCREDS_PROFILE` set, for 10 seconds at most: "
        '`["notify-send", "fresh"]`',
    ),
    "on_failed": Key(
        value.program,
        "the same when you are told that a refresh failed, with `TRAYCREDS_ERROR` set too; a failure that passes while "
        "the old session is good runs nothing",
    ),
    "theme": Key(
        value.one_of("auto", "light", "dark"),
        '`"light"` or `"dark"`: the panel that the icon is drawn for; default `"auto"`',
    ),
    "browser": Key(
        value.program,
        "a program with its arguments that opens the AWS console, instead of the default browser; `{url}` and `{role}` "
        "in them stand for the address and the role",
    ),
    "container": Key(
        value.boolean,
        "`true`: each role's console in a Firefox container of its own, which needs the add-on *Open external links in "
        "a container*; default `false`",
    ),
}
"""Keys of `[settings]`, named as the fields of `Settings`."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, if there is one."""
    import difflib  # noqa: PLC0415 - only a mistake needs it

    close = difflib.get_close_matches(word, tuple(known), n=1, cutoff=0.6)
    return close[0] if close else None


def read_table(table: Mapping[str, Any], keys: Mapping[str, Key]) -> tuple[dict[str, Any], list[tuple[str, Fault]]]:
    """The good values of a table, and a fault for each key that is unknown or whose value is bad."""
    good: dict[str, Any] = {}
    faults: list[tuple[str, Fault]] = []
    for name, content in table.items():
        key = keys.get(name)
        if key is None:
            faults.append((name, unknown_key(name, keys)))
            continue
        try:
            good[name] = key.rule(content)
        except Fault as fault:
            faults.append((name, fault))
    return good, faults


def unknown_key(key: str, known: Iterable[str]) -> Fault:
    """What to say of a key that does not exist."""
    meant = nearest(key, known)
    if key == "include" and "include" not in known:
        return Fault("is no known key", "Put include above the first [table] of your file; TOML has it so.")
    return Fault("is no known key", f"Did you mean {meant}?" if meant else f"Known are: {', '.join(known)}.")
