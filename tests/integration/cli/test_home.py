"""What commands say about an invalid home folder, or another user's; and what they leave in a home."""

from __future__ import annotations

import os
import stat

import pytest

from tests.support import fork_server
from tests.windows.mark import not_on_windows

pytestmark = not_on_windows

COMMANDS = (
    ("status",),
    ("once",),
    ("creds", "dev"),
    ("doctor",),
    ("quit",),
    ("run", "--no-tray"),
    ("import", "--dry-run"),
    ("autostart", "on"),
    ("autostart", "off"),
    ("autostart", "status"),
)


def run(environment, *command):
    return fork_server.run_anywhere("traycreds", command, environment, timeout=30)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("named", [None, "", "home"], ids=["unset", "empty", "relative"])
def test_no_home_is_one_sentence_and_exit_2(sandbox, tmp_path, monkeypatch, command, named):
    monkeypatch.chdir(tmp_path)
    environment = {name: value for name, value in sandbox.environment().items() if name != "HOME"}
    done = run(environment if named is None else environment | {"HOME": named}, *command)
    assert done.returncode == 2
    # `run` may add that it cannot show them as a notice.
    sentence, hint = done.stderr.splitlines()[:2]
    assert (sentence[:8], hint) == ("HOME is ", "Set it to the full path of your home folder.")
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be root in another's home")
def test_root_leaves_nothing_in_the_home_of_another(sandbox, home):
    sandbox.add_role("dev", extra="keep = true")
    for path in (home, *home.rglob("*")):
        os.chown(path, 54321, 54321)
    before = sorted(home.rglob("*"))
    for command in COMMANDS:
        done = run(sandbox.environment(), *command)
        assert done.returncode == 2
        assert done.stderr.startswith(f"traycreds runs as root in {home}")
    assert sorted(home.rglob("*")) == before


def test_whatever_the_umask_all_that_commands_make_is_its_owners_alone(sandbox, home, start):
    """Files, locks, sockets and folders of a run of the app and of the commands around it."""
    sandbox.add_role("dev", extra="keep = true")
    before = {*home.rglob("*")}
    old = os.umask(0)
    try:
        start()
        assert sandbox.command("keep", "dev").returncode == 0
        assert sandbox.command("use", "dev", "--region", "eu-west-1").returncode == 0
        assert sandbox.command("autostart", "on").returncode == 0
        assert sandbox.command("drop", "dev").returncode == 0
        assert sandbox.command("quit").returncode == 0
        assert sandbox.command("once", "dev").returncode == 0
    finally:
        os.umask(old)
    made = [path for path in home.rglob("*") if path not in before and not path.is_symlink()]
    assert len(made) > 10
    modes = {path.relative_to(home): stat.S_IMODE(path.stat().st_mode) for path in made}
    assert {str(path): oct(mode) for path, mode in modes.items() if mode & 0o077} == {}
