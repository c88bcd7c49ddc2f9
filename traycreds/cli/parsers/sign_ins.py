"""`login` and `logout` with their arguments."""

from __future__ import annotations

from traycreds.cli.command_parser import Commands, add_session, number_to

LONGEST_WAIT = 3600
"""Seconds; no page of a sign-in waits longer."""


def login(commands: Commands) -> None:
    """Add it to a parser."""
    login = commands.add(
        "login",
        "login.login",
        "sign in to IAM Identity Center",
        "Opens the page in your browser (or that of sign_in_browser or BROWSER) and waits. The AWS CLI and the SDKs "
        "share the sign-in.",
    )
    add_session(login)
    login.add_argument(
        "--device", action="store_true", help="with a code that you confirm in a browser on any computer"
    )
    login.add_argument("--no-browser", action="store_true", help="only print the URL of the page")
    login.add_argument(
        "--timeout",
        type=number_to(LONGEST_WAIT),
        default=300.0,
        metavar="SECONDS",
        help="how long to wait (default 300)",
    )


def logout(commands: Commands) -> None:
    """Add it to a parser."""
    logout = commands.add(
        "logout",
        "login.logout",
        "end a sign-in to IAM Identity Center",
        "Removes the token, which the AWS CLI and the SDKs share, and tells IAM Identity Center to end the sign-in. "
        "Existing role sessions work until they expire; `traycreds drop ROLE` removes one.",
    )
    add_session(logout)
