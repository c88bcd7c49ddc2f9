"""Whatever is waited for may hang forever once: the wait ends by its deadline, what it held is free, the next try works.

The table of docs/failures.md has the same ports and deadlines.
"""

from __future__ import annotations

import functools
import re
import threading
import time
from pathlib import Path

import pytest

from tests.integration.cli.test_console import federation  # noqa: F401 - a fixture
from tests.integration.control.conftest import folder  # noqa: F401 - a fixture
from tests.integration.faults import hanging_programs, hanging_services
from tests.integration.faults.hanging_port import DEADLINE, SOON, Fixtures, GivenUp, HangingPort
from tests.integration.notifications.conftest import bus  # noqa: F401 - a fixture
from tests.integration.sso.conftest import sso_home  # noqa: F401 - a fixture
from tests.integration.sts.conftest import aws, dev  # noqa: F401 - fixtures
from tests.integration.team_files.conftest import certificate, server, trusted  # noqa: F401 - fixtures
from tests.support.wait_until import until
from tests.windows.mark import not_on_windows
from traycreds.control.client import SilentError
from traycreds.core.errors import ConfigError, CredentialsFileError, IssueError, TraycredsError
from traycreds.dbus import connection
from traycreds.sim import Fault

pytestmark = [not_on_windows, pytest.mark.logs_warnings]

AWS = "aws.connections.SECONDS"
SERVICES = (
    ("STS", AWS, hanging_services.sts),
    ("chained role", AWS, hanging_services.chained_role),
    ("SSO portal", AWS, hanging_services.portal),
    (
        "SSO portal, accounts",
        "aws.sso.accounts.SECONDS",
        functools.partial(hanging_services.portal_list, action="ListAccounts"),
    ),
    (
        "SSO portal, roles",
        "aws.sso.accounts.SECONDS",
        functools.partial(hanging_services.portal_list, action="ListAccountRoles"),
    ),
    ("OIDC, sign-in", AWS, hanging_services.sign_in_service),
    ("IAM", AWS, hanging_services.access_keys),
)


def row(port, how, deadline, begin, refused=IssueError, **more):
    return HangingPort(port=port, how=how, deadline=deadline, begin=functools.partial(begin, **more), refused=refused)


PROGRAMS = hanging_programs
INCLUDE = ("includes over https", "config.team_files.download.DEADLINE", hanging_services.include, ConfigError)
DBUS = ("D-Bus", "dbus.connection.SECONDS", PROGRAMS.bus, OSError)
TABLE = (
    *(
        row(port, fault.value, deadline, begin, fault=fault)
        for port, deadline, begin in SERVICES
        for fault in (Fault.HANG, Fault.DRIP)
    ),
    *(
        row("STS", f"{fault.value}, {setting}", AWS, hanging_services.federated_role, fault=fault, setting=setting)
        for setting in ("saml_process", "web_identity_process")
        for fault in (Fault.HANG, Fault.DRIP)
    ),
    *(
        row("console page", how, "aws.console.SECONDS", hanging_services.console_page, answer=answer)
        for how, answer in hanging_services.CONSOLE_ANSWERS.items()
    ),
    # Not DRIP: what AWS has begun to answer has used the refresh token up.
    row("aws login, renewal", "hang", AWS, hanging_services.aws_login),
    # Not DRIP: an answer without a body is whole at once.
    row("SSO portal, sign-out", "hang", "aws.sso.sign_out.SECONDS", hanging_services.sign_out, fault=Fault.HANG),
    # Not DRIP: what AWS has begun to answer has used the refresh token up.
    row("OIDC, renewal", "hang", AWS, hanging_services.renewal, fault=Fault.HANG),
    *(
        row("machine credentials", name, AWS, hanging_services.metadata, credential_source=name)
        for name in ("Ec2InstanceMetadata", "EcsContainer")
    ),
    *(
        row(INCLUDE[0], behave, INCLUDE[1], INCLUDE[2], INCLUDE[3], behave=behave)
        for behave in ("silent", "drip", "drip-headers")
    ),
    row("credential_process", "sleeps", "aws.source.PROGRAM_SECONDS", PROGRAMS.credential_process),
    row("mfa_process", "sleeps", "aws.mfa.code_program.SECONDS", PROGRAMS.mfa_process, TraycredsError),
    *(
        row(name, "sleeps", "aws.federation.tokens.SECONDS", PROGRAMS.token_process, setting=name)
        for name in ("saml_process", "web_identity_process")
    ),
    row("hook", "sleeps", "process.user_hook.SECONDS", PROGRAMS.hook, TraycredsError),
    row("login shell", "sleeps", "process.programs.login_path.SECONDS", PROGRAMS.login_shell, GivenUp),
    row("dialog", "stays open", "ui.dialog_program.SECONDS", PROGRAMS.dialog, GivenUp),
    row("clipboard", "sleeps", "desktop.clipboard.SECONDS", PROGRAMS.clipboard_program, TraycredsError),
    row("keyring", "never returns", "state.keyring_store.PATIENCE", PROGRAMS.keyring_service, GivenUp),
    row(DBUS[0], "silent", DBUS[1], DBUS[2], DBUS[3], mark=b"AUTH"),
    row(DBUS[0], "no greeting", DBUS[1], DBUS[2], DBUS[3], mark=b"BEGIN"),
    row(
        "notification service",
        "silent",
        "desktop.notifications.freedesktop.BUS_LIMIT",
        PROGRAMS.notification_service,
        GivenUp,
    ),
    row("browser", "never returns", "aws.sso.sign_in.SECONDS", PROGRAMS.browser),
    row("browser", "a program that never ends", "aws.sso.sign_in.SECONDS", PROGRAMS.browser_program),
    row("file lock", "held", "files.locks.PATIENCE", PROGRAMS.file_lock, CredentialsFileError),
    row("running app", "silent", "control.client.ANSWER_SECONDS", PROGRAMS.app, SilentError),
    row("command", "silent", "control.server.READ_SECONDS", PROGRAMS.command, GivenUp),
)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.port}, {row.how}")
def test_a_port_that_hangs_once_is_given_up_freed_and_works_again(row, request, monkeypatch):
    port = row.begin(Fixtures(request, monkeypatch))
    before = set(threading.enumerate())
    began = time.monotonic()
    with pytest.raises(row.refused):
        port.call()
    assert time.monotonic() - began < DEADLINE + SOON / 2, "the deadline ended it"
    port.freed()
    port.heal()
    until(lambda: len(set(threading.enumerate()) - before) <= port.left, "what waited for it has ended", timeout=SOON)
    assert port.call()


def test_a_bus_that_takes_nothing_any_more_is_left(tmp_path, monkeypatch):
    """The tray sends on its main thread, which a bus that hangs must not keep from quitting."""
    monkeypatch.setattr(connection, "SEND_SECONDS", 1.0)
    with hanging_programs.deaf_bus(tmp_path / "bus") as address:
        bus = connection.BusConnection(address)
        with pytest.raises(ConnectionError, match="accepts nothing"):
            bus.emit("/a", "a.b", "C", "s", ("x" * 10_000_000,))
        with pytest.raises(OSError):
            bus.emit("/a", "a.b", "C", "s", ("x",))
        bus.close()


def test_the_table_in_the_documents_has_the_same_ports_and_deadlines():
    text = (Path(__file__).parents[3] / "docs" / "failures.md").read_text(encoding="utf-8")
    table = text.split("<!-- hangs -->\n", 1)[1].split("<!-- /hangs -->", 1)[0]
    documented = {
        (port, float(seconds)) for port, seconds in re.findall(r"^\| ([^|]+) \| ([\d.]+) s \|", table, re.MULTILINE)
    }
    assert documented == {(row.port, row.seconds) for row in TABLE}
