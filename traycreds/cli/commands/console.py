"""`traycreds console`: opens the AWS console as a role."""

from __future__ import annotations

import argparse

from traycreds.aws.console import check, page
from traycreds.awsfiles.settings import region_names
from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.core.errors import TraycredsError, UsageError
from traycreds.core.value_class import replace
from traycreds.desktop import browser, browser_redirect
from traycreds.usecases import running_app
from traycreds.usecases.options import Options
from traycreds.usecases.session import file_session

SECONDS = 60.0
"""How long to wait for the browser, or for the user to open the page."""


def console(parsed: argparse.Namespace) -> int:
    """`traycreds console`."""
    if parsed.region:
        region_names.check_option(parsed.region)
    role = parsed.role
    if role is None:
        if not parsed.print:
            check_browser()
        from traycreds.cli.picker import roles

        role = roles.one(options(parsed), "console ROLE")
    return open_page(
        options(parsed),
        role,
        region=parsed.region,
        service=parsed.service,
        only_print=parsed.print,
        sign_out=parsed.sign_out,
    )


def check_browser() -> None:
    """Check that a browser can be opened. Raises UsageError: there is none."""
    if not browser.can_open():
        raise UsageError("Cannot open a browser: there is no display.", "Use --print, then open the URL elsewhere.")


def open_page(
    given: Options,
    name: str,
    *,
    region: str | None = None,
    service: str | None = None,
    only_print: bool = False,
    sign_out: bool = False,
) -> int:
    """Open the console as a role, or print its URL; signs out first if asked, or if the configuration says so."""
    configured, settings = file_session.configured_role(given, name)
    if not only_print:
        check_browser()
    sign_out = sign_out or settings.console_sign_out
    check(configured, service=service, sign_out=sign_out)
    found = file_session.for_use(given, name)
    role = replace(found.role, region=region or found.role.region)
    address = page(role, found.credentials, service=service, sign_out=sign_out)
    running_app.note_use(role.name)
    if only_print:
        print(address)
        return 0
    if not browser_redirect.open_as_role(address, role.name, settings, seconds=SECONDS, by_hand=_by_hand):
        raise UsageError(
            f"No browser opened the page within {SECONDS:.0f} seconds.",
            "Use --print, then open the URL yourself.",
        )
    return 0


def _by_hand(url: str, error: TraycredsError | None) -> None:
    # A page that leads on to the console once: the address of the console itself is a secret.
    failed = ("No browser could be started.",) if error is None else (error.sentence, error.hint)
    complain(*failed, f"Open this page in a browser on this computer within {SECONDS:.0f} seconds: {url}")
