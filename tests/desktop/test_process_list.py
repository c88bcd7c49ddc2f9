"""What others see of us in the list of processes: from the first click to a program that has a session, no secret.

Keys in the keyring, an MFA code by dialog and one by a program, a role, `exec`: with each process that this makes, its
command line and the variables that it was started with are looked at for as long as it lives.
"""

from __future__ import annotations

import json

import pytest

from tests.desktop.session_bus import Notifications, needs_bus
from tests.support.process_list import ProcessList, hold_until_seen
from tests.support.sandbox_mfa import Mfa
from tests.support.wait_until import PATIENCE, until

pytestmark = [pytest.mark.desktop, needs_bus]

SHORT = ("traycreds keys base", "ask-code", "process.py")
"""Parts of the command lines of Python programs that may be over before anybody has looked."""


def test_no_secret_is_ever_in_the_list_of_processes(sandbox, bus, watcher, host):
    mfa = Mfa(sandbox)
    mfa.add_role("prod")
    mfa.add_role("ops", mfa.process())
    gates = hold_until_seen(mfa.folder, SHORT)
    by_dialog, by_program = mfa.code(), mfa.code(1)
    environment = {**mfa.environment(), **mfa.with_zenity()}
    with ProcessList(sandbox.home, gates=gates) as seen:
        moved = sandbox.command("import", "--keyring", "base", cold=True, **mfa.environment())
        assert moved.returncode == 0, moved.stderr
        with Notifications(bus):
            app = sandbox.start("run", cold=True, DBUS_SESSION_BUS_ADDRESS=bus.address, **environment)
            try:
                menu = host()
                menu.wait_for("prod")
                menu.click("prod")
                until(lambda: any("zenity" in line for line in seen.lines), "the dialog is seen", timeout=20)
                mfa.answer(by_dialog)
                sandbox.wait_for_profile("prod-session")
            finally:
                app.terminate()
                app.communicate(timeout=PATIENCE)
        mfa.keyring.write_text(_without_sessions(mfa.keyring.read_text()))
        mfa.print(by_program)
        assert sandbox.command("once", "ops", cold=True, **mfa.environment()).returncode == 0
        program = sandbox.start("exec", "ops", "--", "/bin/sleep", "1.5", cold=True, **mfa.environment())
        until(lambda: "/bin/sleep 1.5" in seen.lines, "the program runs")
        assert program.wait(PATIENCE) == 0
        program.communicate()

    started = "\n".join(seen.lines)
    for part in ("traycreds keys base", "ask-code", "zenity", "process.py", "/bin/sleep 1.5"):
        assert part in started, f"{part} was seen\n{started}"
    secrets = mfa.secrets(by_dialog, by_program)
    assert len(secrets) > 5
    assert not [secret for secret in secrets if secret in started]
    session = sandbox.profiles()["ops-session"]
    given = {session["aws_secret_access_key"], session["aws_session_token"]}
    for line, variables in seen.variables.items():
        there = {secret for secret in secrets if secret in variables}
        assert there == (given if line == "/bin/sleep 1.5" else set()), line


def _without_sessions(entries: str) -> str:
    """The keyring's entries but for MFA sessions, so that a code is asked for again."""
    return json.dumps({name: text for name, text in json.loads(entries).items() if "keys of profile" in name})
