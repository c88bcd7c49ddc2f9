"""What is said of a mistake in the configuration is carried out, and nothing is left to find."""

from __future__ import annotations

import pytest

from tests.contract.doctor_remedies import TOML, Case, carry_out, found, name_of, places  # noqa: F401 - fixtures among them
from traycreds.config.schema import ROLE_KEYS

ARN = "arn:aws:iam::123456789012:role/X"
OTHER = f'[roles.two]\nrole_arn = "{ARN}"\nsource_profile = "base"\nregion = "eu-west-1"\n'
USER = (
    '[roles.two]\nsource_profile = "base"\nmfa_serial = "arn:aws:iam::123456789012:mfa/alice"\nregion = "eu-west-1"\n'
)
"""The MFA session of a user."""
FEDERATED = f'[roles.two]\nrole_arn = "{ARN}"\nregion = "eu-west-1"\n'
"""A role without a source."""
PROVIDER = "arn:aws:iam::123456789012:saml-provider/Corp"


def key(name: str, wrong: str, remedy: str, right: str | None) -> Case:
    """A mistake in the value of a key of a role; None takes the key out."""
    return Case("toml", f"{OTHER}{name} = {wrong}\n", remedy, f"{OTHER}{name} = {right}\n" if right else OTHER)


def setting(name: str, wrong: str, remedy: str, right: str | None) -> Case:
    whole = "[settings]\n{} = {}\n"
    return Case("toml", whole.format(name, wrong), remedy, whole.format(name, right) if right else "")


def table(wrong: str, remedy: str, right: str) -> Case:
    return Case("toml", wrong, remedy, right)


def included(wrong: str, remedy: str) -> Case:
    """A mistake in `include`, which is taken out."""
    return Case("toml", f"include = {wrong}\n{TOML}", remedy, TOML, toml="")


SPAN = 'Write it like "1h", "45m" or "1h30m", or as a whole number of seconds.'
SINGLE = r"Write it in single quotes, like 'C:\tools\program.exe'."
POLICY = '{ "Version": "2012-10-17", "Statement": [] }'
ROWS = [
    key("group", "3", "Put it in quotes.", '"3"'),
    key("group", '""', "Fill it in, or remove the line.", None),
    key("keep", '"true"', "Write true or false, without quotes.", "true"),
    key("duration", '"an hour"', SPAN, '"1h"'),
    key("duration", "1979-05-27", SPAN, "3600"),
    key("duration", '"13h"', 'AWS allows 15 minutes to 12 hours ("15m" to "12h").', '"12h"'),
    key("mfa_process", '"x \'"', "Write the program and its arguments, each quote closed", "\"sh -c 'echo 1'\""),
    key("mfa_process", r'"C:\tools\new.exe"', SINGLE, None),
    key("color", '"pink"', "Write ", '"red"'),
    key("label", '"more than twelve"', "Write at most 12 characters, such as PROD.", '"PROD"'),
    key("session_name", '"a b"', "Use only letters, ", '"a_b"'),
    key("external_id", '"a"', "AWS allows 2 to 1224.", '"ab"'),
    key("profile", '"a b"', "Use letters, digits and _-/.%@:+ only.", '"a-b"'),
    key("profile", '"__proto__"', "Choose another name.", '"proto"'),
    key("profile", '"default"', "Choose another name, and switch to the role in the menu or with `traycreds use`.", None),
    key("mfa_serial", '"arn:aws:iam::123456789012:user/alice"', "Did you mean arn:aws:iam::123456789012:mfa/alice?",
        '"arn:aws:iam::123456789012:mfa/alice"'),
    key("mfa_serial", '"arn:aws:iam::123456789012:u2f/alice"', "Use a device that generates codes.",
        '"arn:aws:iam::123456789012:mfa/alice"'),
    key("mfa_serial", '"aarn:aws:x"', "It looks like arn:aws:iam::123456789012:mfa/alice.",
        '"arn:aws:iam::123456789012:mfa/alice"'),
    key("policy_arns", '"x"', 'Write it like ["one", "two"].', '["arn:aws:iam::aws:policy/ReadOnlyAccess"]'),
    key("policy_arns", '["x"]', "It looks like arn:aws:iam::aws:policy/ReadOnlyAccess.",
        '["arn:aws:iam::aws:policy/ReadOnlyAccess"]'),
    key("policy_arns", str(["arn:aws:iam::aws:policy/A"] * 11), "AWS allows 10.",
        '["arn:aws:iam::aws:policy/A"]'),
    key("policy", "'x'", "Write an IAM policy as JSON text.", f"'{POLICY}'"),
    key("policy", "'[]'", f"Write an IAM policy: {POLICY.replace('[]', '[...]')}.", f"'{POLICY}'"),
    key("policy", f"'{POLICY[:-1]}{' ' * 2048}}}'", "AWS allows 2048.", f"'{POLICY}'"),
    key("tags", '"core"', 'Write it like { team = "core" }.', '{ team = "core" }'),
    key("tags", "{ " + ", ".join(f"t{n} = 'x'" for n in range(51)) + " }", "AWS allows 50.", '{ team = "core" }'),
    key("kepe", "true", "Did you mean keep?", None),
    key("zzzzzz", "true", f"Known keys: {', '.join(ROLE_KEYS)}.", None),
    table(
        OTHER.replace(ARN, "role/X"), "It looks like arn:aws:iam::123456789012:role/Name.", OTHER),
    table(OTHER.replace(ARN, "arn:aws:sts::123456789012:assumed-role/X/me"), f'The role is probably "{ARN}"', OTHER),
    setting("notify_before", '"13h"', 'Use at most "12h".', '"12h"'),
    setting("max_key_age", "90", 'Write it like "90d".', None),
    setting("on_refreshed", '"sh"', 'Write the program and its arguments, like ["notify-send", "refreshed"]; no', '["sh"]'),
    setting("on_refreshed", '["sh", 1]', "Put each entry in quotes.", '["sh", "1"]'),
    setting("on_failed", '[""]', "Put the program first in the list.", '["sh"]'),
    setting("on_failed", '["~/x"]', "Write ", '["sh"]'),
    setting("mfa_process", '"cat x | jq ."',
        "Have a shell run it: write sh -c '...' with the whole command in the quotes.", "\"sh -c 'cat x | jq .'\""),
    table("[roles]\ntwo = 3\n", "Write [roles.two] and its keys below.", OTHER),
    table('[roles."a b"]\nfrom_profile = "dev"\nprofile = "x"\n', "Use letters, digits and _-/.%@:+ only.",
        '[roles.a-b]\nfrom_profile = "dev"\n'),
    table('[roles.-x]\nfrom_profile = "dev"\n', "Choose another name.", '[roles.x]\nfrom_profile = "dev"\n'),
    table('[roles.two]\nsource_profile = "base"\nfrom_profile = "dev"\n',
        "Keep source_profile beside role_arn, or from_profile alone.", '[roles.two]\nfrom_profile = "dev"\n'),
    table("[roles.two]\nkeep = true\n",
        "Add role_arn and source_profile, or from_profile with a profile of ~/.aws/config.", OTHER),
    table(f'{USER}external_id = "x1"\n', "Remove it, or add the role_arn.", USER),
    table(f'{USER}external_id = "x1"\n', "Remove it, or add the role_arn.", f'{USER}external_id = "x1"\nrole_arn = "{ARN}"\n'),
    table(f'{USER}duration = "12h"\n',
        "Remove it: mfa_session in [settings] says how long the session lasts. Or add the role_arn.",
        f'{USER}[settings]\nmfa_session = "12h"\n'),
    key("saml_provider", '"Corp"', "It looks like arn:aws:iam::123456789012:saml-provider/Name.", None),
    key("saml_provider", f'"{PROVIDER}"', "Add saml_process, or remove saml_provider.", None),
    key("saml_process", '"sh"', "Keep the one whose credentials or token assume the role.", None),
    table('[roles.two]\nfrom_profile = "dev"\nsaml_process = "sh"\n',
        "Keep saml_process beside role_arn, or from_profile alone.", f'{FEDERATED}saml_process = "sh"\n'),
    table('[roles.two]\nsaml_process = "sh"\nregion = "eu-west-1"\n', "Add the ARN of the role that the token is for.",
        f'{FEDERATED}saml_process = "sh"\nsaml_provider = "{PROVIDER}"\n'),
    table(f'{FEDERATED}web_identity_process = "sh"\nexternal_id = "x1"\n',
        "Remove it: AWS does not accept external_id with such a token.", f'{FEDERATED}web_identity_process = "sh"\n'),
    table(f'{FEDERATED}saml_process = "cat x | jq ."\n',
        "Have a shell run it: write sh -c '...' with the whole command in the quotes.",
        f"{FEDERATED}saml_process = \"sh -c 'cat x | jq .'\"\n"),
    table(f'[roles.two]\nrole_arn = "{ARN}"\nregion = "eu-west-1"\n',
        "Set it to the profile whose credentials may assume the role.", OTHER),
    table('[roles.two]\nfrom_profile = "base"\n',
        'Write source_profile = "base" beside a role_arn if it is the source of the role.', OTHER),
    table('[roles.two]\nfrom_profile = "zzzzzzzz"\n', "Add the profile, or name one of ",
        '[roles.two]\nfrom_profile = "dev"\n'),
    table('[roles.two]\nfrom_profile = "dev"\nprofile = "dev-session"\n',
        'Give one of them another profile, such as profile = "two-session".',
        '[roles.two]\nfrom_profile = "dev"\nprofile = "two-session"\n'),
    table(f'{OTHER}profile = "base"\n', 'Give it another profile, such as profile = "two-session".',
        f'{OTHER}profile = "two-session"\n'),
    table(f'{OTHER}profile = "dev"\n', 'Give it another profile, such as profile = "two-session".',
        f'{OTHER}profile = "two-session"\n'),
    table('[accounts.1234-5678-9012]\nlabel = "X"\n', "Write all of them, and nothing else: [accounts.123456789012].",
        '[accounts.123456789012]\nlabel = "X"\n'),
    table('include = ["t.toml"]\n', "Put include above the first [table] of your file; TOML requires that.", ""),
    table("[settings]\na = b\n", "Put strings in quotes and lists in [ ], and give each table one [header].", ""),
    table('[settings]\nmfa_process = "C:\\x"\n', r"Put a Windows path in single quotes, like 'C:\t", ""),
    table(f"[settings]\nx = {'[' * 300}{']' * 300}\n", "Remove it: no configuration needs that.", ""),
    included("3", 'Write include = ["team.toml"].'),
    included("[3]", 'Write "team.toml", or { url = "https://'),
    included('["https://x/y"]', 'Write { url = "https://'),
    included('[{ url = "x" }]', 'Write { url = "https://'),
    included('[{ rul = "x" }]', "Did you mean url?"),
    included('["t.toml", "t.toml"]', "Remove one of them."),
    included('[{ url = "https://me:pw@x/y" }]', "Remove it, or use a file."),
    included('[{ url = "https://x/y", sha256 = "1" }]', "Write what `sha256sum` prints for the file that you reviewed"),
    included('["~nobody-here/t.toml"]', "Write the full path."),
    table("# \udcff\n", "Save the file as UTF-8.", "# \u00ff\n"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_a_remedy_that_is_carried_out_leaves_nothing_to_find(found, row):
    carry_out(found, row)
