"""Whose PATH lacks a program: this terminal's, the running app's, that of the app at login, or the desktop's."""

from __future__ import annotations

import sys

import pytest

from tests.unit.process.programs.test_lookup import path_of_login, tool  # noqa: F401 - fixtures
from traycreds.process.programs import app_path, login_path
from traycreds.process.programs.app_path import AppPath

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs here are those of POSIX")


@pytest.fixture(autouse=True)
def nothing_asked_of_the_desktop():
    app_path.path_of_desktop.cache_clear()
    yield
    app_path.path_of_desktop.cache_clear()


def test_a_missing_program_is_reported_as_not_on_the_path(path_of_login):
    fault = app_path.fault_of("some-tool --json", "credential_process", [])
    assert fault.sentence == "some-tool, which credential_process names, is not on the PATH of traycreds."
    assert (
        fault.hint
        == "Write its full path. To print it, run this in a terminal that finds the program: command -v some-tool"
    )
    path_of_login("/nowhere")
    fault = app_path.fault_of("some-tool --json", "credential_process", [])
    assert fault.sentence.endswith("is not on the PATH of traycreds or of your login shell.")


def test_the_whole_path_is_named_where_programs_usually_are(path_of_login, home, tool):
    (home / ".local/bin").mkdir(parents=True)
    tool.rename(home / ".local/bin/some-tool")
    fault = app_path.fault_of("some-tool --json", "credential_process", [])
    assert fault.hint == f"Write its full path: {home}/.local/bin/some-tool"
    assert app_path.fault_of(f"{home}/.local/bin/some-tool --json", "credential_process", []) is None


@pytest.mark.parametrize(
    ("command", "sentence", "hint"),
    [
        ("", "mfa_process names no program.", "Write the program"),
        ('"/bin/cat x', "mfa_process has a quote that is not closed.", "Close the quote"),
        ("/no/where x", "/no/where, which mfa_process names, cannot be run: no such file.", "Fix mfa_process"),
        ("x" * 300, "x" * 300 + ", which mfa_process names, is not on the PATH", "Write its full path"),
        ("/" + "x" * 300, "/" + "x" * 300 + ", which mfa_process names, cannot be run: no such file.", "Fix"),
        ("~/tool x", "~/tool, which mfa_process names, begins with ~, which only a shell", "Write {home}/tool."),
        ("cat x | jq .", "mfa_process uses |, which only a shell understands.", "Have a shell run it: write sh -c"),
        ("cat x|jq .", "mfa_process uses |, which only a shell understands.", "Have a shell run it: write sh -c"),
        ("cat x; true", "mfa_process uses ;, which only a shell understands.", "Have a shell run it"),
        ("cat $(pwd)/x", "mfa_process uses $(, which only a shell understands.", "Have a shell run it"),
        ("cat `pwd`/x", "mfa_process uses `, which only a shell understands.", "Have a shell run it"),
        ("A=1 cat x", "mfa_process uses A=, which only a shell understands.", "Have a shell run it"),
        ("cat $HOME/x", "mfa_process uses $HOME, which only a shell understands.", "Have a shell run it"),
        ("cat ${HOME}", "mfa_process uses ${HOME}, which only a shell understands.", "Have a shell run it"),
        ("cat a=1 pa$word '$HOME' $1,", None, ""),
        ("sh -c 'cat x | jq .'", None, ""),
        ("sh -c 'cat $(pwd)/x;' \"a|b\" c\\|d", None, ""),
        ("cat https://x/?a=1&b=2;c", None, ""),
        ("cat 'a|b'", None, ""),
    ],
)
def test_what_keeps_a_command_from_being_run(path_of_login, home, command, sentence, hint):
    fault = app_path.fault_of(command, "mfa_process", [])
    if sentence is None:
        assert fault is None
        return
    assert fault.sentence.startswith(sentence)
    assert fault.hint.startswith(hint.format(home=home))


@pytest.fixture
def in_a_terminal(monkeypatch, tool):
    """A terminal whose PATH has the tool, where some apps have other ones; gives the fault."""
    monkeypatch.setenv("PATH", f"/bin:{tool.parent}")
    monkeypatch.setattr(login_path, "in_terminal", lambda: True)

    def others(*apps):
        return app_path.fault_of("some-tool x", "credential_process", [AppPath(*app) for app in apps])

    return others


def test_a_program_that_only_this_terminal_finds(in_a_terminal, tool):
    fault = in_a_terminal(("your desktop", "/bin", "/bin:/usr/bin"))
    assert isinstance(fault, app_path.TerminalOnlyError)
    assert "is on the PATH of this terminal, but not on that of your desktop or your login shell." in fault.sentence
    assert fault.hint == f"Write its full path: {tool}"
    assert app_path.fault_of(f"{tool} x", "credential_process", [AppPath("your desktop", "/bin", None)]) is None
    assert "not on that of your desktop." in in_a_terminal(("your desktop", "/bin", None)).sentence


@pytest.mark.parametrize(("of_app", "of_login"), [(True, False), (True, True), (None, True), (None, None)])
def test_a_program_that_the_app_or_the_login_shell_finds_too(in_a_terminal, tool, of_app, of_login):
    app, login = (None if has is None else str(tool.parent) if has else "/bin" for has in (of_app, of_login))
    assert in_a_terminal(("your desktop", app, login)) is None


def test_a_program_that_the_login_shell_finds_and_the_app_does_not(in_a_terminal, tool):
    fault = in_a_terminal(("the running app", "/bin", f"/bin:{tool.parent}"))
    assert isinstance(fault, app_path.LoginShellOnlyError)
    assert fault.sentence.endswith(
        " is not on the PATH of the running app; traycreds finds it on that of your login shell."
    )
    assert fault.hint == f"Write its full path: {tool}"


def test_each_app_is_asked_about_and_the_first_that_lacks_it_is_named(in_a_terminal, tool):
    running, at_login = ("the running app", str(tool.parent), None), ("the app that starts at login", "/bin", None)
    fault = in_a_terminal(running, at_login)
    assert isinstance(fault, app_path.TerminalOnlyError)
    assert fault.sentence.endswith(" but not on that of the app that starts at login.")
    assert in_a_terminal(running) is None


def test_a_program_that_only_the_app_finds(in_a_terminal, monkeypatch, tool):
    monkeypatch.setenv("PATH", "/bin")
    for app in (str(tool.parent), None), ("/bin", str(tool.parent)):
        fault = in_a_terminal(("the running app", *app))
        assert isinstance(fault, app_path.AppOnlyError)
        assert fault.sentence.endswith(" is not on the PATH of this terminal, but the running app finds it.")
        assert fault.hint == f"Write its full path: {tool}"


def test_what_is_wrong_with_a_program_itself_is_no_matter_of_a_path(in_a_terminal):
    app = [AppPath("the running app", "/bin", None, runs=True)]
    fault = app_path.program_fault("~tool", "mfa_process", app)
    assert "begins with ~, which only a shell understands" in fault.sentence


def test_a_program_that_nobody_finds(in_a_terminal, monkeypatch):
    monkeypatch.setenv("PATH", "/bin")
    fault = in_a_terminal(("the running app", "/bin", "/usr/bin"))
    assert fault.sentence.endswith(
        " is not on the PATH of this terminal, nor on that of the running app or your login shell."
    )
    assert "command -v some-tool" in fault.hint


def test_an_app_of_the_desktop_says_it_of_its_own_path(in_a_terminal, monkeypatch, tool):
    monkeypatch.setattr(login_path, "in_terminal", lambda: False)
    monkeypatch.setattr(login_path.of_this_process, "of_an_app", lambda: str(tool.parent))

    def found():
        return app_path.fault_of("some-tool x", "credential_process", [app_path.of_desktop()])

    assert found() is None, "it is on the PATH of this process"
    monkeypatch.setenv("PATH", "/bin")
    monkeypatch.setattr(login_path.of_this_process, "get", lambda: str(tool.parent))
    assert isinstance(found(), app_path.LoginShellOnlyError)


@pytest.mark.parametrize(
    ("script", "path"),
    [("printf 'LANG=C\\nPATH=/a:/b\\n'", "/a:/b"), ("echo LANG=C", None), ("echo PATH=/a; exit 1", None)],
)
def test_the_path_of_the_desktop_is_what_systemd_says(tmp_path, monkeypatch, script, path):
    (tmp_path / "systemctl").write_text(f"#!/bin/sh\necho x >> {tmp_path}/asked\n{script}\n")
    (tmp_path / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(login_path, "in_terminal", lambda: True)
    assert [app_path.of_desktop().path, app_path.of_desktop().path] == [path, path]
    assert (tmp_path / "asked").read_text() == "x\n"


def test_without_systemd_nothing_is_known_of_the_desktop(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(login_path, "in_terminal", lambda: True)
    assert app_path.of_desktop().path is None


@pytest.mark.parametrize(
    ("script", "path"), [("echo /a:/b", "/a:/b"), ("", "/usr/bin:/bin:/usr/sbin:/sbin")], ids=["set", "as it comes"]
)
def test_the_path_of_a_mac_is_what_launchd_says(tmp_path, monkeypatch, script, path):
    (tmp_path / "launchctl").write_text(f'#!/bin/sh\n[ "$*" = "getenv PATH" ] || exit 1\n{script}\n')
    (tmp_path / "launchctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(login_path, "in_terminal", lambda: True)
    assert app_path.of_desktop().path == path
