"""Commands that ask for a role in a terminal where none is named, with a person who types: on a pty, by real processes."""

from __future__ import annotations

import sys

import pytest

from tests.support.terminal import END, Pty, Typed, in_terminal
from tests.windows.mark import not_on_windows

ROLES = ("prod-admin", "prod-ReadOnly", "dev")
QUESTION = "or part of the name"


@pytest.fixture
def three(sandbox):
    for name in ROLES:
        sandbox.add_role(name)
    return sandbox


def test_use_asks_line_by_line_and_makes_it_the_default(three, start):
    start()
    typed = Typed(three.environment(), "use")
    typed.wait_for(QUESTION)
    assert "1  prod-admin" in typed.output
    typed.type("prod*only*")
    typed.wait_for("Enter for prod-ReadOnly")
    typed.type("")
    assert typed.end() == 0
    assert "prod-ReadOnly is the default profile" in typed.output
    assert three.profiles()["default"]["traycreds_role"] == "prod-ReadOnly"


def test_keep_takes_several(three, start):
    start()
    shown, code = in_terminal(three, "nonsense\n", "1 3\n", command=("keep",))
    assert code == 0, shown
    assert 'Nothing matches "nonsense".' in shown
    for name in ("prod-admin", "dev"):
        assert f"{name} is kept, in profile {name}-session" in shown
        three.wait_for_profile(f"{name}-session")
    assert "prod-ReadOnly-session" not in three.profiles()


def test_exec_runs_the_program_with_the_role_that_was_picked(three):
    program = (sys.executable, "-c", "import os; print('account of', os.environ['AWS_ACCESS_KEY_ID'][:4])")
    shown, code = in_terminal(three, "dev\n", command=("exec", "--", *program))
    assert code == 0, shown
    assert "account of ASIA" in shown
    assert "dev-session" in three.profiles()


def test_who_picks_none_has_nothing_done(three, start):
    start()
    for command in (("use",), ("pick",), ("exec", "--", sys.executable, "-c", "print('it ran')")):
        shown, code = in_terminal(three, END, command=command)
        assert code == 130, shown
        assert "it ran" not in shown.replace("print('it ran')", "")
    assert "default" not in three.profiles()


@pytest.mark.parametrize(
    ("command", "usage"),
    [
        (("use",), "use {}"),
        (("keep",), "keep {}"),
        (("console", "--print"), "console {}"),
        (("exec", "--", "ls", "a b"), "exec {} -- ls 'a b'"),
        (("pick",), "use {}"),
    ],
)
def test_without_a_terminal_they_say_what_to_name(three, command, usage):
    done = three.command(*command)
    assert (done.returncode, done.stdout) == (2, "")
    usage = usage.format(three.command("list").stdout.split()[0])
    assert done.stderr == f"No role given.\nName it, as in `traycreds {usage}`. To list all roles: `traycreds list`.\n"


def test_a_mistake_of_another_kind_is_reported_before_anything_is_asked(three):
    done = three.command("exec")
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "No command to run.")
    done = three.command("keep", "--for", "soon")
    assert (done.returncode, "--for" in done.stderr) == (2, True)


def test_without_any_role_it_says_so(sandbox):
    sandbox.config.unlink(missing_ok=True)
    sandbox.aws_config.write_text("")
    shown, code = in_terminal(sandbox, command=("use",))
    assert code == 2, shown
    assert "There is no role to pick." in shown


def test_in_a_console_of_its_own_a_failure_stays_until_it_is_read(three):
    three.add_role("refused", trusted=False)
    shown, code = in_terminal(three, "refused\n", command=("pick",))
    assert code not in {0, 1}, shown
    assert "Enter closes" not in shown
    typed = Typed(three.environment(), "pick", "--own-console")
    typed.wait_for(QUESTION)
    typed.type("refused")
    typed.wait_for("Press Enter to close this window.")
    typed.type("")
    assert typed.end() == code


class DrawnTerminal(Typed):
    """`traycreds` in a terminal that can be drawn in."""

    def __init__(self, sandbox, *arguments, words=(sys.executable, "-m", "traycreds"), **environment):
        environment = sandbox.environment(**{"TERM": "xterm-256color", "LANG": "C.UTF-8", **environment})
        self.terminal = Pty([*words, *arguments], environment)
        self.output = ""


@pytest.fixture
def live(three, start):
    pytest.importorskip("prompt_toolkit")
    start()
    return three


@not_on_windows
@pytest.mark.parametrize(("keys", "profile"), [("\r", "default"), ("\x0b", "prod-ReadOnly-session")])
def test_pick_narrows_down_at_each_key_and_a_key_does_it(live, keys, profile):
    picker = DrawnTerminal(live, "pick")
    picker.wait_for("3 roles. Enter: make default, Ctrl+K: keep, Ctrl+O: console, Esc: quit")
    picker.terminal.write("*only")
    picker.wait_for("of 3 roles")
    picker.terminal.write(keys)
    assert picker.end() == 0
    assert live.wait_for_profile(profile)["traycreds_role"] == "prod-ReadOnly"
    assert ("default" in live.profiles()) == (profile == "default")


@not_on_windows
def test_several_are_marked_and_the_terminal_is_left_as_it_was(live):
    picker = DrawnTerminal(live, "keep")
    echoed = picker.terminal.echoes()
    picker.wait_for("Enter: choose it, Tab: mark, Ctrl+A: mark all")
    picker.terminal.write("prod\x01")
    picker.wait_for("the marked")
    picker.terminal.write("\r")
    picker.wait_for("prod-admin is kept")
    assert echoed == picker.terminal.echoes()
    assert picker.end() == 0
    assert {"prod-admin-session", "prod-ReadOnly-session"} <= set(live.profiles())


@not_on_windows
def test_escape_ends_it_and_nothing_is_left_on_the_screen(live):
    picker = DrawnTerminal(live, "use")
    picker.wait_for("Esc: quit")
    picker.terminal.write("\x1b")
    assert picker.end() == 130
    assert "default" not in live.profiles()
    assert picker.output.rpartition("\x1b[J")[2].replace("\x1b", "").isprintable(), "the list is erased"


@not_on_windows
def test_the_list_is_no_part_of_what_a_command_prints(live):
    """In `exec -- program | less` and `$(traycreds console --print)` stdout is a pipe."""
    printed = live.home / "printed"
    words = ["/bin/sh", "-c", f'exec "$@" > "{printed}"', "sh", *live.program, "use"]
    picker = DrawnTerminal(live, words=words, TERM="dumb")
    picker.wait_for(QUESTION)
    picker.terminal.write("dev\n")
    assert picker.end() == 0
    assert printed.read_text().startswith("dev is the default profile")
    assert "is the default profile" not in picker.output


def test_who_needs_no_list_loads_no_library_for_it(three, start):
    """The one that redraws takes a tenth of a second to load."""
    start()
    done = three.command("use", "dev", PYTHONPROFILEIMPORTTIME="1", cold=True)
    assert done.returncode == 0
    assert "traycreds.usecases.running_app" in done.stderr
    assert "prompt_toolkit" not in done.stderr
    assert "traycreds.cli.picker" not in done.stderr
