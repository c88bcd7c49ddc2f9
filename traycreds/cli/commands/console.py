"""`traycreds console`: opens the AWS console as a role."""

from __future__ import annotations

import argparse

from traycreds.aws.console import page
from traycreds.cli.options import options
from traycreds.core.errors import TraycredsError, UsageError
from traycreds.core.value_class import replace
from traycreds.desktop import browser, browser_redirect
from traycreds.usecases import running_app
from traycreds.usecases.session import from_files

_SECONDS = 30.0
"""How long to wait for the browser."""


def console(parsed: argparse.Namespace) -> int:
    """`traycreds console`."""
    if not parsed.print and not browser.can_open():
        raise UsageError("There is no screen for a browser.", "Use --print, and open the address elsewhere.")
    if parsed.role is None:
        from traycreds.cli.picker import roles

        parsed.role = roles.one(options(parsed), "console ROLE")
    found = from_files.for_use(options(parsed), parsed.role)
    role = replace(found.role, region=parsed.region or found.role.region)
    address = page(role, found.credentials, service=parsed.service)
    running_app.note_use(role.name)
    if parsed.print:
        print(address)
        return 0
    if not browser_redirect.open_as_role(address, role.name, found.settings, seconds=_SECONDS):
        raise TraycredsError(
            f"No browser opened the page within {_SECONDS:.0f} seconds.",
            "Use --print, and open the address yourself.",
        )
    return 0
