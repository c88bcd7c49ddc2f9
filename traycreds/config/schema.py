"""The keys of our TOML, their meaning and rules; docs/configuration.md and the starter file are made from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from traycreds.config import values
from traycreds.config.values import Rule, ValueFault
from traycreds.core.lookup import did_you_mean
from traycreds.core.text import alternatives
from traycreds.core.value_class import value_class


@value_class
class ConfigKey:
    """A key of the configuration; `meaning`, with units and default, is Markdown for docs/configuration.md."""

    rule: Rule
    meaning: str


COLORS = ("red", "orange", "yellow", "green", "blue", "purple", "gray")
PRODUCTION = "red"

ROLE_KEYS: Mapping[str, ConfigKey] = {
    "role_arn": ConfigKey(values.role_arn, "the role to assume"),
    "source_profile": ConfigKey(
        values.string, "the profile whose credentials assume it: any kind that the AWS CLI knows"
    ),
    "from_profile": ConfigKey(values.string, "instead of both: take everything from that profile of `~/.aws/config`"),
    "profile": ConfigKey(values.profile_name, "the profile written in the credentials file; default `NAME-session`"),
    "keep": ConfigKey(values.boolean, "`true`: keep alive whenever traycreds runs; default `false`"),
    "duration": ConfigKey(
        values.session_duration,
        '`"15m"` to `"12h"`; default one hour. Chained roles get one hour at most (an AWS limit)',
    ),
    "region": ConfigKey(
        values.region,
        "region for STS, for the profile in `~/.aws/config`, and `AWS_REGION` of `env` and `exec`; "
        "default that of the profile, else of its `source_profile`",
    ),
    "external_id": ConfigKey(values.external_id, "the external ID that the role's trust policy requires"),
    "mfa_serial": ConfigKey(
        values.mfa_serial,
        "the MFA device that the role requires: its ARN or serial number. With `source_profile` and no `role_arn`, it "
        "is yours, and the profile holds your own MFA session",
    ),
    "mfa_process": ConfigKey(
        values.command, "a program that prints the MFA code, such as `ykman oath accounts code -s AWS`"
    ),
    "saml_process": ConfigKey(
        values.command,
        "instead of `source_profile`: a program that prints a SAML assertion in base64; it needs `role_arn`",
    ),
    "saml_provider": ConfigKey(
        values.saml_provider,
        "the ARN of the SAML provider in IAM; default the one that the assertion names for the role",
    ),
    "web_identity_process": ConfigKey(
        values.command,
        "instead of `source_profile`: a program that prints a web identity token (OIDC); it needs `role_arn`",
    ),
    "session_name": ConfigKey(
        values.session_text, "the session's name in CloudTrail; default from your user and the role"
    ),
    "source_identity": ConfigKey(
        values.session_text, "the source identity of the session, for CloudTrail; the trust policy must allow it"
    ),
    "tags": ConfigKey(values.tags, 'session tags, as a table: `{ team = "core" }`'),
    "transitive_tag_keys": ConfigKey(values.transitive_tag_keys, "the tags that chained roles inherit"),
    "policy": ConfigKey(values.policy, "an IAM policy as JSON text that limits the session"),
    "policy_arns": ConfigKey(values.policy_arns, "ARNs of managed policies that limit the session"),
    "group": ConfigKey(values.string, "heading in the menu"),
    "favourite": ConfigKey(values.boolean, "`true`: first in the menu; default `false`"),
    "color": ConfigKey(
        values.one_of(*COLORS),
        f"a badge on the icon while the role is the default: {alternatives([f'`{name}`' for name in COLORS])}; "
        "default none, but red for production",
    ),
    "label": ConfigKey(
        values.label, "up to 12 characters beside the role's name; the badge shows the first. Default none"
    ),
}
"""Keys of `[roles.NAME]`; all but `role_arn` are named as the fields of `Role`."""

ACCOUNT_KEYS: Mapping[str, ConfigKey] = {
    "color": ConfigKey(ROLE_KEYS["color"].rule, "the `color` of the account's roles that set none; default none"),
    "label": ConfigKey(ROLE_KEYS["label"].rule, "the `label` of the account's roles that set none; default none"),
}
"""Keys of `[accounts.ID]`."""

SIGN_IN_KEYS: Mapping[str, ConfigKey] = {
    "browser": ConfigKey(values.program, "the `sign_in_browser` of this sign-in; default that of `[settings]`"),
    "container": ConfigKey(values.boolean, "the `sign_in_container` of this sign-in; default that of `[settings]`"),
}
"""Keys of `[sign_ins.NAME]`."""

COMMAND_KEYS = frozenset(name for name, key in ROLE_KEYS.items() if key.rule in (values.command, values.program))
"""Keys that name a program to run: in an included file they need the user's consent."""

SETTING_KEYS: Mapping[str, ConfigKey] = {
    "notify_before": ConfigKey(
        values.notify_before,
        "how long before its end a session that cannot be renewed, or the end of `keep --for`, is announced; "
        'default `"5m"`',
    ),
    "mfa_session": ConfigKey(
        values.mfa_session,
        'how long one MFA code lasts: `"15m"` to `"36h"`; default `"36h"`. Shorter where a policy '
        "limits the age of a code (`aws:MultiFactorAuthAge`)",
    ),
    "mfa_process": ConfigKey(values.command, "a program that prints the MFA code, for every role"),
    "store": ConfigKey(
        values.one_of("keyring", "memory"),
        '`"keyring"` (default) or `"memory"`: where MFA sessions are kept; in the keyring they survive a restart',
    ),
    "pause_when_locked": ConfigKey(
        values.boolean,
        "`true`: no refreshes and no notices while the screen is locked (on Linux with logind, on macOS with the "
        "tray); default `false`",
    ),
    "on_refreshed": ConfigKey(
        values.program,
        "a program to run after a refresh, with `TRAYCREDS_ROLE` and `TRAYCREDS_PROFILE` set, for 10 seconds at most: "
        '`["notify-send", "fresh"]`',
    ),
    "on_failed": ConfigKey(
        values.program,
        "the same when a notice says that a refresh failed, with `TRAYCREDS_ERROR` set too; a failure that passes "
        "while the old session is good runs nothing",
    ),
    "theme": ConfigKey(
        values.one_of("auto", "light", "dark"),
        '`"light"` or `"dark"`: the panel that the icon is drawn for; default `"auto"`',
    ),
    "mark_production": ConfigKey(
        values.boolean,
        "`false`: a role whose name has the word prod or production gets no red badge by itself; default `true`",
    ),
    "browser": ConfigKey(
        values.program,
        "a program with its arguments that opens the AWS console, instead of the default browser; `{url}` and `{role}` "
        "in them stand for the address and the role",
    ),
    "container": ConfigKey(
        values.boolean,
        "`true`: each role's console in its own Firefox container, which needs the add-on *Open external links in "
        "a container*; default `false`",
    ),
    "console_sign_out": ConfigKey(
        values.boolean,
        "`true`: sign out of the AWS console before it opens as another role, which it would refuse without "
        "multi-session support; default `false`",
    ),
    "sign_in_browser": ConfigKey(
        values.program,
        "a program with its arguments that opens the sign-in pages of IAM Identity Center, instead of the default "
        "browser; `{url}` and `{session}` in them stand for the address and the sso-session",
    ),
    "sign_in_container": ConfigKey(
        values.boolean,
        "`true`: each sign-in in its own Firefox container, as `container` does for the console; default `false`",
    ),
    "max_key_age": ConfigKey(
        values.key_age,
        'how old the long-term access keys of your source profiles may be, such as `"90d"`: `doctor` and, once a day, '
        "a notice name older ones; needs `list_access_keys`. Default: no limit",
    ),
    "list_access_keys": ConfigKey(
        values.boolean,
        "`true`: traycreds may ask IAM for the age of these keys (`iam:ListAccessKeys`, logged in CloudTrail); "
        "default `false`",
    ),
    "login_path": ConfigKey(
        values.boolean,
        "`false`: traycreds looks for programs only on its own PATH. Default `true`: started without a terminal, "
        "traycreds asks your login shell once for its PATH, within 5 seconds, and finds programs there too",
    ),
}
"""Keys of `[settings]`, named as the fields of `Settings`."""


TABLES: Mapping[str, Mapping[str, ConfigKey]] = {
    "[roles.NAME]": ROLE_KEYS,
    "[accounts.ID]": ACCOUNT_KEYS,
    "[sign_ins.NAME]": SIGN_IN_KEYS,
    "[settings]": SETTING_KEYS,
}
"""All keys by table, as the documents show them."""

PROGRAM_KEYS = tuple(name for name, key in SETTING_KEYS.items() if key.rule is values.program)
"""Keys of `[settings]` that name a program to run as a list of words."""


def read_table(
    table: Mapping[str, Any], keys: Mapping[str, ConfigKey]
) -> tuple[dict[str, Any], list[tuple[str, ValueFault]]]:
    """The good values of a table, and a fault for each key that is unknown or whose value is bad."""
    good: dict[str, Any] = {}
    faults: list[tuple[str, ValueFault]] = []
    for name, content in table.items():
        key = keys.get(name)
        if key is None:
            faults.append((name, unknown_key(name, keys)))
            continue
        try:
            good[name] = key.rule(content)
        except ValueFault as fault:
            faults.append((name, fault))
    return good, faults


def unknown_key(key: str, known: Iterable[str]) -> ValueFault:
    """What to say of a key that does not exist."""
    if key == "include" and "include" not in known:
        return ValueFault("is an unknown key", "Put include above the first [table] of your file; TOML requires that.")
    return ValueFault("is an unknown key", did_you_mean(key, known, otherwise=f"Known keys: {', '.join(known)}."))
