"""`login` and `logout`: sign in to IAM Identity Center, and out of it; `login` lets the running app know."""

from __future__ import annotations

import argparse
import contextlib

from traycreds.aws.sso.session import OfAwsCliError
from traycreds.aws.sso.sign_in import SignInOptions
from traycreds.cli.options import options
from traycreds.core.errors import TraycredsError, UsageError
from traycreds.shell.quoting import shell_word
from traycreds.usecases import load, running_app, sign_in, sign_in_status


def login(parsed: argparse.Namespace) -> int:
    """`traycreds login`."""
    paths = load.find_paths(options(parsed))
    session = sign_in.find(paths, parsed.session)
    how = SignInOptions(device=parsed.device, browser=not parsed.no_browser, by_hand=True, seconds=parsed.timeout)
    signed_in = sign_in.sign_in(paths, session, lambda text: print(text, flush=True), how)
    print(sign_in.outcome(session, signed_in))
    # If no app runs, or it is ending, nobody waits for the sign-in.
    with contextlib.suppress(TraycredsError):
        _try_again()
    return 0


def logout(parsed: argparse.Namespace) -> int:
    """`traycreds logout`."""
    paths = load.find_paths(options(parsed))
    try:
        session = sign_in.find(paths, parsed.session)
    except OfAwsCliError as error:
        raise UsageError(error.sentence, f"Run: aws logout --profile {shell_word(error.profile)}") from error
    if sign_in.sign_out(session):
        print(f"You are signed out of {session.label}.")
    else:
        print(f"There was no sign-in to {session.label}.")
    return 0


def _try_again() -> None:
    names = sign_in_status.waiting(running_app.status())
    if names:
        running_app.send_command("refresh", roles=tuple(names), wait=False)
        print(f"Refreshing: {', '.join(names)}")
