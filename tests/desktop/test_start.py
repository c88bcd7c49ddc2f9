"""What the icon waits for when the app starts, and what happens to those who come before the app is all there."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from tests.desktop.session_bus import needs_bus

UNTIL_THE_ICON = """
import os, sys
from traycreds.__main__ import main
from traycreds.ui.tray.tray import Tray

def set_up(tray, on_ready):
    print(*sorted(sys.modules), file=sys.stderr, flush=True)
    os._exit(0)

Tray._set_up = set_up
sys.argv = ["traycreds", "run"]
main()
"""
"""The whole start, up to where the icon is to appear; says what is imported by then, and ends."""

FOR_LATER = (
    "boto3",
    "botocore",
    "inspect",
    "keyring",
    "plyer",
    "plistlib",
    "pystray",
    "PIL",
    "filelock",
    "asyncio",
    "dataclasses",
    "concurrent",
    "email",
    "getpass",
    "hashlib",
    "http",
    "importlib.metadata",
    "sqlite3",
    "ssl",
    "urllib.request",
    "xml",
    "traycreds.aws.console",
    "traycreds.awsfiles.credentials_file",
    "traycreds.doctor.checks",
    "traycreds.aws.mfa.sessions",
    "traycreds.desktop.notifications.notifier",
    "traycreds.desktop.power.logind",
    "traycreds.aws.sso.sign_in",
    "traycreds.aws.sts",
    "traycreds.aws.botocore_session",
    "traycreds.state.keyring_store",
    "traycreds.app.services",
    "traycreds.app.followers.mfa_prompts",
    "traycreds.app.actions.menu_actions",
    "traycreds.app.followers.hooks",
    "traycreds.app.followers.choices",
    "traycreds.app.control_requests",
    "traycreds.app.followers.sign_ins",
    "traycreds.engine.loop",
    "traycreds.sim",
    "traycreds.ui.mfa_window",
    "traycreds.cli.status_table",
)
"""What the icon does not need, with all that is below it: it is imported once the icon is up."""
AT_REST = """
import gc, os, sys
from traycreds.__main__ import main
from traycreds.app.services import Services

whole = Services.start

def start(services):
    whole(services)
    print("garbage" if gc.isenabled() and gc.get_threshold()[0] <= 2_000 else "", *sorted(sys.modules), file=sys.stderr, flush=True)
    os._exit(0)

Services.start = start
sys.argv = ["traycreds", "run"]
main()
"""
"""The whole start; says what is imported once everything works, and ends."""
UNTIL_AWS = (
    "boto3",
    "botocore",
    "difflib",
    "email",
    "hashlib",
    "inspect",
    "PIL",
    "plistlib",
    "plyer",
    "pystray",
    "ssl",
    "urllib3",
    "xml",
)
"""What takes memory that an app does without until AWS is needed, or altogether."""
OURS_UNTIL_USED = (
    "traycreds.app.actions.team_actions",
    "traycreds.aws.botocore_session",
    "traycreds.aws.sso.oidc",
    "traycreds.aws.sts",
    "traycreds.cli.live.commands",
    "traycreds.desktop.power.macos",
    "traycreds.desktop.power.windows_resume",
    "traycreds.usecases.shell_variables",
    "traycreds.usecases.sign_in",
)
"""Our modules that an app does without until a role is refreshed, a click asks for them, or keys are read."""
MOST_OF_OURS = 107
"""Our modules that may be imported once the icon is up, as many as there are now; 62 before the packages were cut by concern."""
MOST_AT_REST = 198
"""The same once all works."""


def is_package(name):
    """Whether the name is a folder's: its `__init__` holds a sentence and nothing to run."""
    return importlib.util.find_spec(name).submodule_search_locations is not None


def imported(code, sandbox, bus):
    """What an app has imported that runs so far."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=sandbox.environment(DBUS_SESSION_BUS_ADDRESS=bus.address),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return done.stderr.split()


@pytest.mark.desktop
@needs_bus
def test_what_the_icon_does_not_need_comes_after_it(sandbox, bus):
    for number in range(3):
        sandbox.add_role(f"role{number}", extra="keep = true")
    there = imported(UNTIL_THE_ICON, sandbox, bus)
    assert "traycreds.ui.tray.status_notifier" in there, "it reached the icon"
    early = [name for name in there if any(name == later or name.startswith(f"{later}.") for later in FOR_LATER)]
    assert not early, "import it in app.services, or within the function that needs it"
    ours = [name for name in there if name.startswith("traycreds") and not is_package(name)]
    assert len(ours) <= MOST_OF_OURS, " ".join(ours)


@pytest.mark.desktop
@needs_bus
def test_what_takes_memory_is_imported_once_aws_is_needed(sandbox, bus):
    sandbox.add_role("dev")
    there = imported(AT_REST, sandbox, bus)
    assert {"traycreds.engine.loop", "traycreds.dbus.session"} <= {*there}, "everything works"
    assert "garbage" in there, "an app of days collects it"
    assert not {name.partition(".")[0] for name in there} & {*UNTIL_AWS}
    assert not {*there} & {*OURS_UNTIL_USED}
    ours = [name for name in there if name.startswith("traycreds") and not is_package(name)]
    assert len(ours) <= MOST_AT_REST, " ".join(ours)
