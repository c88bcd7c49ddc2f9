"""However the app is ended, with the menu open too, it cleans up: sandbox folder, socket, prompts."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.mac.mark import as_on_a_mac
from tests.support.process_list import runs
from tests.support.sandbox_mfa import Mfa
from tests.support.wait_until import until

pytestmark = as_on_a_mac


def type_ctrl_c(mac, app):
    app.signal(signal.SIGINT)


def send_sigterm(mac, app):
    app.signal(signal.SIGTERM)


def log_out(mac, app):
    app.log_out()


def choose_quit(mac, app):
    if not app.ask("is_open"):
        app.ask("open")
    app.ask("choose", "Quit")


WAYS = (type_ctrl_c, send_sigterm, log_out, choose_quit)


def log_of(mac):
    return (mac.sandbox.home / "Library" / "Logs" / "traycreds" / "traycreds.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("menu_open", [False, True], ids=["closed", "open"])
@pytest.mark.parametrize("end", WAYS)
def test_the_demo_leaves_nothing_behind(mac, end, menu_open):
    app = mac.start("demo")
    app.wait_for("staging — 1")
    (folder,) = mac.temporary.glob("traycreds-demo-*")
    assert (folder / "aws" / "credentials").exists()
    if menu_open:
        app.ask("open")
    end(mac, app)
    assert app.wait() == 0
    assert [path for path in mac.temporary.rglob("*") if path.is_file() or path.is_socket()] == []
    assert not folder.exists()


@pytest.mark.parametrize("menu_open", [False, True], ids=["closed", "open"])
@pytest.mark.parametrize("end", WAYS)
def test_the_app_takes_its_socket_and_its_prompt_away(mac, end, menu_open):
    mfa = Mfa(mac.sandbox)
    mfa.add_role("prod", "keep = true")
    app = mac.start("run", **mfa.environment())
    app.click("Enter MFA code")
    until(lambda: any("display dialog" in call for call in app.called("osascript")), "the prompt")
    prompts = children(app.process.pid)
    assert prompts
    assert mac.socket_file() is not None
    if menu_open:
        app.ask("open")
    end(mac, app)
    assert app.wait() == 0
    assert mac.socket_file() is None
    until(lambda: not any(map(runs, prompts)), "the prompt is gone")
    assert log_of(mac).rstrip().endswith("stopped")


def children(pid):
    """The processes that a process has started."""
    return [
        int(each) for task in Path(f"/proc/{pid}/task").iterdir() for each in (task / "children").read_text().split()
    ]


def test_a_quit_from_a_terminal_closes_the_open_menu(mac):
    mac.sandbox.add_role("dev", extra="keep = true")
    app = mac.start("run")
    app.wait_for("dev — ")
    app.ask("open")
    assert mac.command("quit").returncode == 0
    assert app.wait() == 0
    assert mac.socket_file() is None
