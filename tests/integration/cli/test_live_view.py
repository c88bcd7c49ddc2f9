"""The live view in a terminal: its keys, a code that is asked for, windows of all sizes. Waits for what is shown."""

from __future__ import annotations

import inspect
import re
import signal
import sys

import pytest

from tests.integration.cli.conftest import assume_role_calls
from tests.integration.sso.visitor import Visitor
from tests.support.sandbox_mfa import Mfa
from tests.support.wait_until import PATIENCE, until
from tests.support.window import Window
from tests.windows.mark import not_on_windows
from traycreds.sim.faults import Fault

# The Windows console cannot be read as a terminal here.
pytestmark = not_on_windows
pytest.importorskip("prompt_toolkit")

DOWN, ESCAPE = "\x1b[B", "\x1b"
KEYS = "arrows select  q quit"
WITHOUT_EXTRA = (
    sys.executable,
    "-c",
    "import sys; sys.modules['prompt_toolkit'] = None; from traycreds.__main__ import main; sys.exit(main())",
)


@pytest.fixture
def open_window(sandbox):
    """Open a window, which is closed with the test."""
    opened = []

    def window(*arguments, environment=(), **given):
        opened.append(Window(sandbox.environment(**dict(environment)), *arguments, **given))
        return opened[-1]

    yield window
    for each in opened:
        each.terminal.kill()


@pytest.fixture
def two(sandbox):
    sandbox.add_role("dev", extra="keep = true")
    sandbox.add_role("prod")
    return sandbox


@pytest.fixture
def mfa(sandbox):
    mfa = Mfa(sandbox)
    sandbox.add_role("dev")
    mfa.add_role("prod", extra="keep = true")
    return mfa


def test_keys_do_what_the_commands_do(two, open_window):
    window = open_window("run", "--no-tray")
    echoed = window.terminal.echoes()
    window.wait_for("1 role fresh", KEYS)
    calls = assume_role_calls(two)
    window.type("r")
    until(lambda: assume_role_calls(two) == calls + 1, "a refresh")
    window.type(DOWN + "k")
    assert two.wait_for_profile("prod-session")["traycreds_role"] == "prod"
    window.wait_for("2 roles fresh")
    window.type("u")
    window.wait_for("*  prod")
    assert two.profiles()["default"]["traycreds_role"] == "prod"
    window.type("q")
    assert window.end() == 0
    assert window.terminal.process.returncode == 0
    assert echoed
    assert window.scrollback.strip() == ""


def test_the_terminal_is_left_as_it_was(two, open_window):
    for end in ("q", "\x03", signal.SIGTERM):
        window = open_window("run", "--no-tray")
        window.wait_for(KEYS)
        assert not window.terminal.echoes()
        if isinstance(end, str):
            window.type(end)
        else:
            window.terminal.process.send_signal(end)
        assert window.terminal.wait(PATIENCE) == 0, end
        assert window.terminal.echoes(), end


def test_notices_are_seen_and_are_all_that_stays(two, open_window):
    two.simulator.faults.set(Fault.DENIED, role="arn:aws:iam::123456789012:role/dev")
    window = open_window("run", "--no-tray")
    window.wait_for("! dev", KEYS)
    window.type("q")
    assert window.end() == 0
    left = window.scrollback.strip().splitlines()
    assert left, "the notice"
    assert all(line.startswith("! dev") for line in left), left


def test_a_filter_narrows_down(two, open_window):
    window = open_window("run", "--no-tray")
    window.wait_for("prod-session", KEYS)
    window.type("/pr")
    window.wait_for("(1 of 2 roles)", "/pr")
    window.type("\r")
    window.wait_for('matching "pr"', "q quit")
    assert not any("dev-session" in line for line in window.lines)
    window.type("k")
    two.wait_for_profile("prod-session")
    window.type(ESCAPE)
    window.wait_for("dev-session", "prod-session")


def test_a_low_window_scrolls(sandbox, open_window):
    for number in range(1, 31):
        sandbox.add_role(f"role-{number:03}")
    window = open_window("run", "--no-tray", lines=10)
    window.wait_for("role-001", "(1-7 of 30 roles)", KEYS)
    window.type("\x1b[F")
    window.wait_for("role-030", "(24-30 of 30 roles)")


def test_after_a_resize_it_fits_the_window(sandbox, open_window):
    for number in range(1, 31):
        sandbox.add_role(f"role-{number:03}")
    window = open_window("run", "--no-tray")
    window.wait_for("(1-21 of 30 roles)", KEYS)
    for lines, columns, seen in ((9, 40, "1-6 of 30 roles"), (40, 120, "role-030"), (24, 80, "(1-21 of 30 roles)")):
        window.resize(lines, columns)
        window.wait_for(seen, "q quit")
        assert window.lines[-1].endswith("q quit"), "the footer is the last line"


def test_while_a_code_is_asked_for_all_else_is_live(sandbox, mfa, open_window):
    window = open_window("run", "--no-tray", environment=mfa.environment())
    window.wait_for("Code from MFA device phone, for prod:", "Enter send")
    assert sandbox.command("keep", "dev").returncode == 0
    window.wait_for("Fresh, ", "Code from MFA device phone, for prod:")
    code = mfa.code()
    window.type(f"{code[:3]} {code[3:]}\r")
    window.wait_for("2 roles fresh", KEYS)
    assert code not in window.output
    assert f"{code[:3]} {code[3:]}" not in window.output
    assert mfa.actions().count("GetSessionToken") == 1


def test_a_code_that_aws_refuses_is_asked_for_once_more(sandbox, mfa, open_window):
    window = open_window("run", "--no-tray", environment=mfa.environment())
    window.wait_for("Enter send")
    window.type(mfa.wrong_code() + "\r")
    window.wait_for("AWS did not accept the last code", "Enter send")
    window.type(mfa.code() + "\r")
    sandbox.wait_for_profile("prod-session")


def test_who_has_no_code_now_gives_one_later(sandbox, mfa, open_window):
    window = open_window("run", "--no-tray", environment=mfa.environment())
    window.wait_for("Enter send")
    window.type(ESCAPE)
    window.wait_for("Press m to enter it.", "m code")
    window.type("m")
    window.wait_for("Enter send")
    window.type(mfa.code() + "\r")
    sandbox.wait_for_profile("prod-session")
    window.wait_for("1 role fresh", KEYS)


def test_a_question_ends_where_the_code_is_given_elsewhere(sandbox, mfa, open_window):
    window = open_window("run", "--no-tray", environment=mfa.environment())
    window.wait_for("Enter send")
    other = open_window("watch", environment=mfa.environment())
    other.wait_for("m code")
    other.type("m")
    other.wait_for("Enter send")
    other.type(mfa.code() + "\r")
    other.wait_for("1 role fresh", KEYS)
    window.wait_for("1 role fresh", KEYS)
    window.type("q")
    assert window.end() == 0


def test_watch_shows_an_app_that_runs_elsewhere_and_leaves_it_running(two, start, open_window):
    start()
    window = open_window("watch")
    window.wait_for("1 role fresh", KEYS)
    window.type(DOWN + "u")
    window.wait_for("*  prod")
    assert two.command("keep", "prod").returncode == 0
    window.wait_for("2 roles fresh")
    window.type("q")
    assert window.end() == 0
    assert window.scrollback.strip() == ""
    assert two.command("status").returncode == 0
    assert two.listens()


def test_watch_gives_a_code_to_an_app_without_a_terminal(sandbox, mfa, start, open_window):
    start(**mfa.environment())
    window = open_window("watch")
    window.wait_for("prod needs a code", "Press m to enter it.", "m code")
    window.type("m")
    window.wait_for("Code from MFA device phone, for prod:")
    window.type(mfa.wrong_code() + "\r")
    window.wait_for("AWS did not accept the last code", "Enter send")
    code = mfa.code()
    window.type(code + "\r")
    window.wait_for("1 role fresh")
    sandbox.wait_for_profile("prod-session")
    assert code not in window.output
    assert sandbox.command("quit").returncode == 0
    assert window.end() == 5
    log = "".join(path.read_text() for path in sandbox.home.rglob("traycreds.log*"))
    assert log
    assert code not in log


def test_a_command_that_fails_is_reported_in_the_view(two, start, open_window):
    start()
    window = open_window("watch")
    window.wait_for("prod-session", KEYS)
    two.config.write_text(two.config.read_text().replace("[roles.prod]", "[roles.other]"))
    window.type(DOWN + "k")
    window.wait_for("other")
    assert two.command("quit").returncode == 0
    assert window.end() == 5


def test_watch_ends_with_the_app(two, start, open_window):
    start()
    window = open_window("watch")
    window.wait_for(KEYS)
    assert two.command("quit").returncode == 0
    assert window.end() == 5
    assert "traycreds is not running." in window.scrollback


def test_without_an_app_there_is_nothing_to_watch(two):
    done = two.command("watch")
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith("traycreds is not running.")


@pytest.mark.parametrize(("environment", "color"), [({}, "green"), ({"NO_COLOR": "1"}, "default")])
def test_states_have_colors_unless_they_are_not_wanted(two, open_window, environment, color):
    window = open_window("run", "--no-tray", environment=environment)
    # The picture arrives in pieces, so wait for all of it.
    window.wait_for("1 role fresh", "Fresh, ", KEYS)
    assert window.color("Fresh, ") == color


@pytest.mark.parametrize("command", [("run", "--no-tray"), ("watch",)], ids=" ".join)
def test_a_dumb_terminal_and_a_pipe_get_plain_lines(two, start, open_window, command):
    if command == ("watch",):
        start()
    window = open_window(*command, environment={"TERM": "dumb"})
    window.wait_for("Fresh, ")
    assert "\x1b" not in window.output
    window.terminal.kill()
    piped = two.start(*command)
    try:
        until(lambda: "Fresh, " in piped.stdout.readline(), "the table")
        assert two.command("quit").returncode == 0
        assert piped.wait(PATIENCE) == (5 if command == ("watch",) else 0)
        assert "\x1b" not in piped.stdout.read()
    finally:
        if piped.poll() is None:
            piped.kill()
        piped.stdout.close()


@pytest.mark.parametrize("command", [("run", "--no-tray"), ("watch",)], ids=" ".join)
def test_without_the_extra_there_is_a_table_without_keys(two, start, open_window, command):
    if command == ("watch",):
        start()
    window = open_window(*command, words=WITHOUT_EXTRA, environment={"COLUMNS": "0"})
    window.wait_for("1 role fresh", "Fresh, ")
    assert not any("q quit" in line for line in window.lines)
    assert "\x1b[?1049h" not in window.output
    window.resize(10, 50)
    window.wait_for("prod", "1 role fresh")
    assert not any("dev-session" in line for line in window.lines), "a narrow window has no profiles"
    assert two.command("quit").returncode == 0
    assert window.end() == (5 if command == ("watch",) else 0)


@pytest.mark.parametrize("arguments", [("--no-tray",), ()], ids=["no-tray", "none-found"])
def test_the_demo_guides_where_there_is_no_display(sandbox, open_window, arguments):
    """Its clock does not run fast, so each hint comes because the one before was followed."""
    window = open_window("demo", *arguments, "--speed", "1", lines=30)
    window.wait_for("To end the demo, press q.", "1. Select staging", KEYS)
    window.type(DOWN + "u")
    window.wait_for("*  staging", "2. Now select prod")
    window.type(DOWN + "u")
    window.wait_for("*  prod", "3. Now select admin")
    (code,) = re.findall(r"enter (\d{6}),", " ".join(line.strip() for line in window.lines))
    window.type(DOWN + "u")
    window.wait_for("Code: ")
    window.type(f"{code}\r")
    window.wait_for("*  admin", "4 roles fresh", "4. Now select audit")
    window.type(DOWN + "u")
    window.wait_for(
        "audit needs a sign-in", "s sign in", "! Sign in to corp. To sign in to corp, open http://127.0.0.1:"
    )
    text = " ".join(line.strip() for line in window.lines)
    (page,) = re.findall(r"open (http://127\.0\.0\.1:\d+/device) and confirm the code [A-Z]{4}-[A-Z]{4}", text)
    (user_code,) = re.findall(r"confirm the code (\S+)", text)
    Visitor().open(f"{page}?user_code={user_code}")
    window.wait_for("*  audit", "5 roles fresh", "Now wait.")
    window.type("q")
    assert window.end() == 0
    assert re.search("Next: `(.*) import` adds the roles of your ~/.aws/config; then `\\1` ", window.scrollback)
    assert "default" not in sandbox.profiles()


def test_the_demo_signs_in_by_its_own_page_and_leaves_the_home_alone(sandbox, open_window, tmp_path):
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nexec {sys.executable} {inspect.getfile(Visitor)} allow "$1" >{tmp_path}/page\n')
    browser.chmod(0o700)
    before = {path: path.read_bytes() for path in sandbox.home.rglob("*") if path.is_file()}
    window = open_window("demo", "--no-tray", "--speed", "1", environment={"BROWSER": str(browser)}, lines=30)
    window.wait_for("1. Select staging", KEYS)
    window.type("\x1b[F" + "u")
    window.wait_for("*  audit", "4 roles fresh")
    window.type("q")
    assert window.end() == 0
    assert {path: path.read_bytes() for path in sandbox.home.rglob("*") if path.is_file()} == before


def test_the_demo_acts_itself_where_no_keys_can_be_read(open_window):
    window = open_window("demo", "--no-tray", "--speed", "1", words=WITHOUT_EXTRA)
    window.wait_for("To end the demo, press Ctrl-C.", "1. All sessions are fresh.", "*  staging")
    window.type("\x03")
    assert window.end() == 0
    assert "Next: " in window.scrollback
