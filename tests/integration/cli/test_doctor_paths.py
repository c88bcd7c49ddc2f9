"""`doctor` looks programs up as the running app does, and as the app that starts at login will."""

from __future__ import annotations

import os

from tests.support.terminal import in_terminal
from tests.windows.mark import not_on_windows

pytestmark = not_on_windows

SHORT = "/usr/bin:/bin"
"""What launchd and many desktops give."""


def checked(sandbox, *, path, **more):
    shown, code = in_terminal(sandbox, command=("doctor",), SHELL="/bin/false", TERM="dumb", PATH=path, **more)
    return shown.replace("\r", ""), code


def test_what_the_running_app_lacks_is_reported_with_whose_path_lacks_it(sandbox, start, tool):
    start(PATH=SHORT, SHELL="/bin/false")
    shown, code = checked(sandbox, path=f"{tool.parent}:{os.environ['PATH']}")
    sentence = "some-tool, which credential_process names, is on the PATH of this terminal, but not on that of"
    assert f"{sentence} the running app.\n    Write its full path: {tool}" in shown
    assert code == 4
    sandbox.aws_config.write_text(f"[profile dev]\ncredential_process = {tool} x\n")
    shown, code = checked(sandbox, path=SHORT)
    assert (code, "No problems found." in shown) == (0, True), shown


def test_what_this_terminal_lacks_is_reported_too(sandbox, start, tool):
    start(PATH=f"{tool.parent}:{SHORT}", SHELL="/bin/false")
    shown, code = checked(sandbox, path=SHORT)
    sentence = "some-tool, which credential_process names, is not on the PATH of this terminal, but the running app"
    assert f"{sentence} finds it.\n    Write its full path: {tool}" in shown
    assert code == 4


def test_what_nobody_finds_is_reported_of_both(sandbox, start, tool):
    start(PATH=SHORT, SHELL="/bin/false")
    shown, code = checked(sandbox, path=SHORT)
    assert "is not on the PATH of this terminal, nor on that of the running app." in shown
    assert code == 4


def test_without_a_running_app_the_path_at_login_counts(sandbox, tool):
    assert sandbox.command("autostart", "on", PATH=SHORT).returncode == 0
    shown, code = checked(sandbox, path=f"{tool.parent}:{os.environ['PATH']}")
    assert "but not on that of the app that starts at login.\n" in shown
    assert code == 4
    assert sandbox.command("autostart", "on", PATH=f"{tool.parent}:{SHORT}").returncode == 0
    shown, code = checked(sandbox, path=f"{tool.parent}:{os.environ['PATH']}")
    assert (code, "No problems found." in shown) == (0, True), shown
