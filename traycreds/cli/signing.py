"""`login`: signs in to IAM Identity Center, and lets the running app know."""

from __future__ import annotations

import argparse
import contextlib

from traycreds.cli.options import options
from traycreds.core.errors import TraycredsError


def login(parsed: argparse.Namespace) -> int:
    """`traycreds login`."""
    from traycreds.adapters.ssologin import Manner  # noqa: PLC0415 - botocore is behind it, and --help needs none
    from traycreds.app import login as signing  # noqa: PLC0415
    from traycreds.app import setup  # noqa: PLC0415

    where = setup.find_places(options(parsed))
    session = signing.find(where, parsed.session)
    manner = Manner(device=parsed.device, browser=not parsed.no_browser, seconds=parsed.timeout)
    signed_in = signing.sign_in(session, manner, lambda text: print(text, flush=True))
    print(signing.outcome(session, signed_in))
    with contextlib.suppress(TraycredsError):  # no app runs, or it is ending: nobody waits
        _try_again()
    return 0


def _try_again() -> None:
    """Have the running app try those roles at once that wait for a sign-in."""
    from traycreds.app import login as signing  # noqa: PLC0415
    from traycreds.app import remote  # noqa: PLC0415

    names = signing.waiting(remote.status())
    if names:
        remote.steer("refresh", roles=tuple(names), wait=False)
        print(f"Being refreshed: {', '.join(names)}")
