from __future__ import annotations

import sys

import pytest

from traycreds.process.programs import login_path, lookup

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs here are those of POSIX")


@pytest.fixture
def path_of_login(monkeypatch):
    """Sets what the login shell says."""

    def say(path):
        monkeypatch.setattr(login_path.of_this_process, "get", lambda: path)

    say(None)
    return say


@pytest.fixture
def tool(tmp_path):
    folder = tmp_path / "tools"
    folder.mkdir()
    program = folder / "some-tool"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


def test_a_program_of_the_login_shell_runs_by_its_whole_path_and_with_that_path(path_of_login, tool):
    assert lookup.found(["some-tool", "x"]) == (["some-tool", "x"], {})
    path_of_login(f"/bin:{tool.parent}")
    assert lookup.found(["some-tool", "x"]) == ([str(tool), "x"], {"PATH": f"/bin:{tool.parent}"})


def test_a_program_of_ones_own_path_stays_as_it_is(path_of_login, tool):
    path_of_login("/nowhere")
    assert lookup.found(["sh", "-c", "x"]) == (["sh", "-c", "x"], {})
    assert lookup.found([str(tool)]) == ([str(tool)], {})


def test_a_missing_program_is_reported_as_not_on_the_path(path_of_login):
    fault = lookup.fault_of("some-tool --json", "credential_process")
    assert fault.sentence == "some-tool, which credential_process names, is not on the PATH of traycreds."
    assert (
        fault.hint
        == "Write its full path. To print it, run this in a terminal that finds the program: command -v some-tool"
    )
    path_of_login("/nowhere")
    fault = lookup.fault_of("some-tool --json", "credential_process")
    assert fault.sentence.endswith("is not on the PATH of traycreds or of your login shell.")


def test_the_whole_path_is_named_where_programs_usually_are(path_of_login, home, tool):
    (home / ".local/bin").mkdir(parents=True)
    tool.rename(home / ".local/bin/some-tool")
    fault = lookup.fault_of("some-tool --json", "credential_process")
    assert fault.hint == f"Write its full path: {home}/.local/bin/some-tool"
    assert lookup.fault_of(f"{home}/.local/bin/some-tool --json", "credential_process") is None


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
    fault = lookup.fault_of(command, "mfa_process")
    if sentence is None:
        assert fault is None
        return
    assert fault.sentence.startswith(sentence)
    assert fault.hint.startswith(hint.format(home=home))


@pytest.fixture
def in_a_terminal(monkeypatch, tool):
    """A terminal whose PATH has the tool; sets what the desktop and the login shell have."""
    monkeypatch.setenv("PATH", f"/bin:{tool.parent}")
    monkeypatch.setattr(login_path, "in_terminal", lambda: True)

    def others(desktop, login):
        monkeypatch.setattr(login_path, "of_desktop", lambda: desktop)
        monkeypatch.setattr(login_path.of_this_process, "of_an_app", lambda: login)
        return lookup.fault_of("some-tool x", "credential_process")

    return others


def test_a_program_that_only_this_terminal_finds(in_a_terminal, tool):
    fault = in_a_terminal("/bin", "/bin:/usr/bin")
    assert isinstance(fault, lookup.TerminalOnlyError)
    assert "is on the PATH of this terminal, but not on that of your desktop or login shell" in fault.sentence
    assert fault.hint == f"Write its full path: {tool}"
    assert lookup.fault_of(f"{tool} x", "credential_process") is None
    assert "not on that of your desktop." in in_a_terminal("/bin", None).sentence


@pytest.mark.parametrize(("of_desktop", "of_login"), [(True, False), (True, True), (None, True), (None, None)])
def test_a_program_that_the_desktop_or_the_login_shell_finds_too(in_a_terminal, tool, of_desktop, of_login):
    desktop, login = (None if has is None else str(tool.parent) if has else "/bin" for has in (of_desktop, of_login))
    assert in_a_terminal(desktop, login) is None


def test_a_program_that_the_login_shell_finds_and_the_desktop_does_not(in_a_terminal, tool):
    fault = in_a_terminal("/bin", f"/bin:{tool.parent}")
    assert isinstance(fault, lookup.LoginShellOnlyError)
    assert fault.sentence.startswith("some-tool, which credential_process names, is not on the PATH of your desktop; ")
    assert fault.hint == f"Write its full path: {tool}"
    assert lookup.fault_of(f"{tool} x", "credential_process") is None


def test_an_app_of_the_desktop_says_it_of_its_own_path(in_a_terminal, monkeypatch, tool):
    monkeypatch.setattr(login_path, "in_terminal", lambda: False)
    assert in_a_terminal("/bin", str(tool.parent)) is None, "it is on the PATH of this process"
    monkeypatch.setenv("PATH", "/bin")
    assert isinstance(in_a_terminal(None, str(tool.parent)), lookup.LoginShellOnlyError)
