"""`traycreds add`: a role by options, or by questions in a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from traycreds.cli.commands.imports import questions
from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.core.errors import UsageError
from traycreds.core.model import TOKEN_SETTINGS
from traycreds.core.text import name_list
from traycreds.importers.new_role import NewRole

_KEYS = {
    "role_arn": "role_arn",
    "source_profile": "source_profile",
    "from_profile": "from_profile",
    "target": "profile",
    "region": "region",
    "duration": "duration",
    "mfa_serial": "mfa_serial",
    "saml_process": "saml_process",
    "saml_provider": "saml_provider",
    "web_identity_process": "web_identity_process",
    "external_id": "external_id",
    "group": "group",
}
"""The options, with the keys of the configuration."""


def add(parsed: argparse.Namespace) -> int:
    """`traycreds add`."""
    new = NewRole(options(parsed))
    table: dict[str, str | bool] = {
        key: value for option, key in _KEYS.items() if (value := getattr(parsed, option)) is not None
    }
    if parsed.name is not None:
        new.check_name(parsed.name)
    missing = _missing(parsed.name, table)
    try:
        name = _ask(new, parsed.name, table, keep=parsed.keep, missing=missing) if missing else parsed.name
    except EOFError:
        print("\nNothing was changed.")
        return 0
    if parsed.keep:
        table["keep"] = True
    new.check(name, table)
    if parsed.dry_run:
        print(new.text(name, table).lstrip("\n"), end="")
    elif missing and not _agreed(new, name, table):
        print("Nothing was changed.")
    else:
        _write(new, name, table)
    return 0


def _agreed(new: NewRole, name: str, table: dict[str, str | bool]) -> bool:
    print(f"\nTo be appended to {new.file}:\n{new.text(name, table)}")
    return questions.agreed("Write it? [y/N] ")


def _write(new: NewRole, name: str, table: dict[str, str | bool]) -> None:
    new.add(name, table)
    print(f"Added to {new.file}: {name}")
    if new.offered_now:
        print("From now on, traycreds offers only the roles in the configuration, not all of ~/.aws/config.")
    if not table.get("keep"):
        print(f"traycreds does not keep it alive yet. To do that: `traycreds keep {name}`, or the menu.")


def _missing(name: str | None, table: dict[str, str | bool]) -> str:
    words = [] if name is not None else ["NAME"]
    if "from_profile" not in table:
        needed = {"role_arn": "--role-arn", "source_profile": "--source-profile"}
        # The MFA session of a user has no role ARN.
        if {"source_profile", "mfa_serial"} <= table.keys():
            del needed["role_arn"]
        if table.keys() & set(TOKEN_SETTINGS):
            del needed["source_profile"]
        options = [option for key, option in needed.items() if key not in table]
        # A profile of ~/.aws/config has all of these settings.
        words += options if len(options) <= 1 else ["--role-arn and --source-profile, or --from-profile"]
    return name_list(words, len(words)) if words else ""


def _ask(new: NewRole, name: str | None, table: dict[str, str | bool], *, keep: bool, missing: str) -> str:
    """Ask for what is missing, add it to the table, return the name. Raises EOFError: canceled. Raises UsageError."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        hint = f"Give {missing}, or run this in a terminal to be asked."
        raise UsageError("The role is incomplete.", hint)
    by_token = bool(table.keys() & set(TOKEN_SETTINGS))
    if not ({"from_profile", "role_arn"} & table.keys() or {"source_profile", "mfa_serial"} <= table.keys()):
        origin = _answer("Role ARN, or the profile in ~/.aws/config that has it: ", lambda text: _origin(new, text))
        table["role_arn" if origin.startswith("arn:") else "from_profile"] = origin
    if not (by_token or {"from_profile", "source_profile"} & table.keys()):
        only = new.sources[0] if len(new.sources) == 1 else ""
        table["source_profile"] = _answer(
            f"Profile whose credentials assume it{f' [{only}]' if only else ''}: ",
            lambda text: new.check_value("source_profile", text),
            default=only,
        )
    if name is None:
        first = next(key for key in ("role_arn", "from_profile", "source_profile") if key in table)
        suggested = new.suggest_name(str(table[first]))
        name = _answer(f"Name of the role [{suggested}] ", new.check_name, default=suggested)
    if not (by_token or "from_profile" in table):
        _ask_more(new, table)
    if not keep and questions.agreed("Keep it alive whenever traycreds runs? [y/N] "):
        table["keep"] = True
    return name


def _ask_more(new: NewRole, table: dict[str, str | bool]) -> None:
    for key, question in (
        ("region", f"Region (Enter for that of {table['source_profile']}): "),
        ("mfa_serial", "ARN of the MFA device that it requires (Enter for none): "),
    ):
        if key not in table and (value := _answer(question, _optional(new, key), default="")):
            table[key] = value


def _optional(new: NewRole, key: str) -> Callable[[str], None]:
    return lambda text: new.check_value(key, text) if text else None


def _origin(new: NewRole, text: str) -> None:
    new.check_value("role_arn" if text.startswith("arn:") else "from_profile", text)


def _answer(question: str, check: Callable[[str], object], *, default: str | None = None) -> str:
    """What the user types, asked again until it is valid. Raises EOFError: canceled."""
    while True:
        text = input(question).strip() or default or ""
        try:
            if text or default is None:
                check(text)
        except UsageError as error:
            complain(error.sentence, error.hint)
        else:
            return text
