"""`rotate` with its arguments."""

from __future__ import annotations

from traycreds.cli.command_parser import Commands


def rotate(commands: Commands) -> None:
    """Add it to a parser."""
    rotate = commands.add(
        "rotate",
        "access_keys.rotate.rotate",
        "replace the long-term access key of a profile",
        "Creates another key in IAM, checks it, writes it to the credentials file and deactivates the old key. If a "
        "step fails, it undoes the others. Your user needs iam:ListAccessKeys, iam:CreateAccessKey, "
        "iam:UpdateAccessKey and iam:DeleteAccessKey.",
    )
    rotate.add_argument("profile", metavar="PROFILE", help="which profile")
    rotate.add_argument("--yes", action="store_true", help="do not ask")
    rotate.add_argument("--dry-run", action="store_true", help="print what would be done, and change nothing")
