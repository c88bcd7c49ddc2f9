"""`list` and `add` with their arguments."""

from __future__ import annotations

from traycreds.cli.command_parser import Commands, add_json


def list_roles(commands: Commands) -> None:
    """Add `list` to a parser."""
    roles = commands.add(
        "list",
        "roles.list.show",
        "list the roles, one per line",
        "In a pipe, it prints only names. Reads the configuration, and asks neither the app nor AWS.",
    )
    add_json(roles)


def add_role(commands: Commands) -> None:
    """Add `add` to a parser."""
    role = commands.add(
        "add",
        "roles.add.add",
        "add a role to the configuration",
        "In a terminal it asks for what is missing. It appends the role and leaves the rest of the file unchanged. It "
        "refuses a name that exists.",
    )
    role.add_argument("name", nargs="?", metavar="NAME", help="the name of the role")
    role.add_argument("--role-arn", metavar="ARN", help="the role to assume")
    role.add_argument("--source-profile", metavar="PROFILE", help="the profile whose credentials assume it")
    role.add_argument(
        "--from-profile",
        metavar="AWS_PROFILE",
        help="instead of both: take everything from that profile of ~/.aws/config",
    )
    role.add_argument("--profile", dest="target", metavar="NEW", help="the profile to write (default: NAME-session)")
    role.add_argument("--region", metavar="REGION", help="its region (default: that of the source profile)")
    role.add_argument("--duration", metavar="SPAN", help='how long its sessions last, "15m" to "12h" (default 1h)')
    role.add_argument(
        "--mfa-serial",
        metavar="ARN",
        help="the MFA device that the role requires; without --role-arn, your own: its MFA session becomes the profile",
    )
    role.add_argument(
        "--saml-process",
        metavar="COMMAND",
        help="instead of --source-profile: a program that prints a SAML assertion",
    )
    role.add_argument(
        "--saml-provider", metavar="ARN", help="the SAML provider in IAM (default: the one that the assertion names)"
    )
    role.add_argument(
        "--web-identity-process",
        metavar="COMMAND",
        help="instead of --source-profile: a program that prints a web identity token",
    )
    role.add_argument("--external-id", metavar="ID", help="the external ID that its trust policy requires")
    role.add_argument("--group", metavar="HEADING", help="heading in the menu")
    role.add_argument("--keep", action="store_true", help="keep its session alive whenever traycreds runs")
    role.add_argument("--dry-run", action="store_true", help="print what would be added, and change nothing")
