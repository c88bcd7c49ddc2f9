"""`import` with its own commands and their arguments; apart, since no quick command needs them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from traycreds.cli import old_import
from traycreds.cli.command_parser import Commands, add_json, add_role, add_session
from traycreds.cli.output import complain
from traycreds.core.errors import UsageError


def add(commands: Commands) -> None:
    """Add it to a parser."""
    whole = commands.add(
        "import",
        "imports.profiles.run",
        "add roles from ~/.aws/config and other programs to the configuration",
        "Without a command, it is `import profiles`. A first word that is a command is never read as the name of a "
        "role; `import profiles NAME` adds a role with such a name.",
    )
    whole.former, whole.translated = _former_import, _translated_import
    kinds = Commands(whole)
    whole.usage = "traycreds import [-h] [COMMAND] ..."
    profiles = kinds.add(
        "profiles",
        "imports.profiles.run",
        "add roles from ~/.aws/config, aws-vault, granted and logsmith",
        "Shows what would be added to the configuration and asks. Overwrites nothing.",
    )
    sso = kinds.add(
        "sso",
        "imports.sso.run",
        "add the accounts and roles of a sign-in to IAM Identity Center",
        "Lists what the sign-in gives access to and asks which to add. `traycreds login SESSION` signs in.",
    )
    add_session(sso)
    for command in (profiles, sso):
        command.add_argument("roles", nargs="*", metavar="NAME", help="only these roles (default: all that are found)")
    team = kinds.add(
        "team",
        "imports.team.run",
        "review and accept what is new in included files",
        "Shows each change and asks. It asks about programs in the files separately, and --yes does not allow them.",
    )
    for command, does in ((profiles, "added"), (sso, "added"), (team, "accepted")):
        command.add_argument("--yes", action="store_true", help="do not ask")
        command.add_argument("--dry-run", action="store_true", help=f"print what would be {does}, and change nothing")
        add_json(command, f"print as JSON what would be {does}, and change nothing")
    sso.add_argument("--anew", action="store_true", help="fetch the accounts again, even if traycreds did so today")
    keyring = kinds.add(
        "keyring",
        "imports.keyring.run",
        "move a profile's long-term keys from the credentials file to the keyring",
        "A credential_process takes their place, so every AWS tool can still use the profile.",
    )
    keyring.add_argument("profile", metavar="PROFILE", help="which profile")
    keyring.add_argument("--undo", action="store_true", help="put the keys back into the file, byte for byte")
    live = kinds.add(
        "live",
        "imports.live.run",
        "write a profile that gives SDKs each new session of a role",
        "It goes into ~/.aws/config and has a credential_process, which SDKs ask again before a session ends.",
    )
    add_role(live)
    live.add_argument("--as", dest="new_name", metavar="NAME", help="the profile's name (default: ROLE-live)")
    take_over = kinds.add(
        "take-over",
        "imports.take_over.run",
        "rename a profile in the credentials file that traycreds did not write",
        "Makes room for a role, and keeps a backup of the file.",
    )
    take_over.add_argument("profile", metavar="PROFILE", help="which profile")
    take_over.add_argument("--as", dest="new_name", metavar="NAME", required=True, help="its new name")
    take_over.add_argument(
        "--fix-references", action="store_true", help="also change the source_profile lines that name it"
    )


def _former_import() -> argparse.ArgumentParser:
    return old_import.parser()


def _translated_import(arguments: Sequence[str]) -> list[str]:
    try:
        return old_import.translated(arguments)
    except UsageError as error:
        complain(error.sentence, error.hint)
        raise SystemExit(error.exit_code) from None
