"""The real program with roles that demand MFA: notice, menu entry, dialog or program, and one code for all roles."""

from __future__ import annotations

import functools
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.desktop.session_bus import Notifications, needs_bus
from tests.support.process_list import command_lines
from tests.support.sandbox_mfa import Mfa, log_of
from tests.support.wait_until import until

pytestmark = [pytest.mark.desktop, needs_bus]


@pytest.fixture
def mfa(sandbox):
    return Mfa(sandbox)


@pytest.fixture
def begin(sandbox, bus, watcher):
    """Start the app with variables of its own; it is ended with the test."""
    with sandbox.apps() as start_app:
        yield functools.partial(start_app, "run", DBUS_SESSION_BUS_ADDRESS=bus.address)


def test_a_program_gives_the_code_on_a_click_and_one_code_serves_all(sandbox, bus, host, mfa, begin):
    for name in ("prod", "billing", "audit"):
        mfa.add_role(name, "keep = true")
    mfa.settings(mfa.process())
    with Notifications(bus) as service:
        begin(**mfa.environment())
        service.wait_for("printed no MFA code")
        menu = host()
        line = menu.wait_for("Enter MFA code for phone…")
        assert line.enabled
        code = mfa.code()
        mfa.print(f"AWS:me  {code}")
        menu.click("Enter MFA code")
        for name in ("prod", "billing", "audit"):
            sandbox.wait_for_profile(f"{name}-session")
        until(lambda: not any(label.startswith("Enter MFA") for label in menu.labels()), "the line is gone")
        shown = "\n".join(command_lines().values())
    assert mfa.actions() == ["GetSessionToken", "AssumeRole", "AssumeRole", "AssumeRole"]
    seen = log_of(sandbox.home) + shown + "".join(f"{n.title}{n.body}" for n in service.notices)
    assert "new session until" in seen
    assert not [secret for secret in mfa.secrets(code) if secret in seen]


def test_a_program_that_works_needs_no_click(sandbox, bus, host, mfa, begin):
    mfa.add_role("prod", "keep = true")
    mfa.settings(mfa.process())
    mfa.print(mfa.code())
    with Notifications(bus) as service:
        begin(**mfa.environment())
        sandbox.wait_for_profile("prod-session")
        assert not service.notices


def test_no_dialog_opens_by_itself_but_one_by_the_menu_entry(sandbox, bus, host, mfa, begin):
    mfa.add_role("prod", "keep = true")
    with Notifications(bus) as service:
        begin(**mfa.environment(), **mfa.with_zenity())
        notice = service.wait_for("needs a code from MFA device phone")
        assert "Enter MFA code" in notice.body
        menu = host()
        menu.wait_for("Enter MFA code for phone…")
        assert not mfa.asked()
        menu.click("Enter MFA code")
        menu.click("Enter MFA code")
        mfa.answer(mfa.code())
        sandbox.wait_for_profile("prod-session")
        assert len(mfa.asked()) == 1, "one prompt at a time"


def test_a_program_that_wants_credentials_opens_no_dialog_but_who_types_a_command_gets_it(
    sandbox, bus, host, mfa, begin
):
    mfa.add_role("prod")
    with Notifications(bus) as service:
        begin(**mfa.environment(), **mfa.with_zenity())
        menu = host()
        menu.wait_for("prod")
        done = sandbox.command("creds", "prod")
        assert done.returncode == 3
        assert "MFA" in done.stderr
        service.wait_for("needs a code from MFA device phone")
        # A dialog would open within this time.
        time.sleep(1.5)
        assert not mfa.asked()
        with ThreadPoolExecutor(1) as other:
            typed = other.submit(sandbox.command, "env", "prod")
            mfa.answer(mfa.code())
            sandbox.wait_for_profile("prod-session")
            typed.result(timeout=20)


def test_the_click_on_a_role_opens_the_dialog_and_a_wrong_code_gets_one_more_try(sandbox, bus, host, mfa, begin):
    mfa.add_role("prod")
    wrong = mfa.wrong_code()
    with Notifications(bus):
        begin(**mfa.environment(), **mfa.with_zenity())
        menu = host()
        menu.wait_for("prod")
        menu.click("prod")
        mfa.answer(wrong)
        mfa.answer(mfa.code(), times=2)
        assert sandbox.wait_for_profile("default")["traycreds_role"] == "prod"
    assert "did not accept the last code" in "\n".join(mfa.asked())
    codes = [call.parameters["TokenCode"] for call in sandbox.simulator.calls if "TokenCode" in call.parameters]
    assert len(codes) == len(set(codes)) == 2
    assert wrong not in log_of(sandbox.home)


def test_two_wrong_codes_and_it_waits_for_the_user(sandbox, bus, host, mfa, begin):
    mfa.add_role("prod")
    with Notifications(bus) as service:
        begin(**mfa.environment(), **mfa.with_zenity())
        menu = host()
        menu.wait_for("prod")
        menu.click("prod")
        mfa.answer(mfa.wrong_code())
        mfa.answer(mfa.wrong_code(1), times=2)
        service.wait_for("AWS accepted neither MFA code")
        menu.wait_for("Enter MFA code for phone…")
    assert mfa.actions() == ["GetSessionToken"] * 2


def test_a_restart_keeps_the_session_in_the_keyring(sandbox, bus, host, mfa, begin):
    mfa.add_role("prod", "keep = true")
    mfa.settings(mfa.process())
    mfa.print(mfa.code())
    first = begin(**mfa.environment())
    sandbox.wait_for_profile("prod-session")
    first.terminate()
    assert first.wait(20) == 0
    (mfa.folder / "printed").unlink()
    text = sandbox.config.read_text()
    head, _, tail = text.partition("[settings]")
    sandbox.config.write_text(head)
    mfa.add_role("ops", "keep = true")
    mfa.settings(tail)

    begin(**mfa.environment())
    sandbox.wait_for_profile("ops-session")
    assert mfa.actions().count("GetSessionToken") == 1
    assert mfa.keyring.exists()


def test_memory_only_leaves_no_trace_in_the_keyring(sandbox, bus, host, mfa, begin):
    mfa.add_role("prod", "keep = true")
    mfa.settings(f'store = "memory"\n{mfa.process()}')
    mfa.print(mfa.code())
    begin(**mfa.environment())
    sandbox.wait_for_profile("prod-session")
    assert not mfa.keyring.exists()


def test_quitting_ends_an_open_dialog(sandbox, bus, host, mfa, begin):
    mfa.add_role("prod")
    app = begin(**mfa.environment(), **mfa.with_zenity())
    menu = host()
    menu.wait_for("prod")
    menu.click("prod")
    until(mfa.asked, "the dialog opens", timeout=20)
    menu.click("Quit")
    assert app.wait(8) == 0, "no dialog is waited for, which ends by itself after ten seconds"
    until(lambda: not any(str(mfa.folder) in line for line in command_lines().values()), "the dialog is gone")
