"""Quitting waits for nothing that hangs, and ends the programs that the app has started."""

from __future__ import annotations

import pytest

from tests.support.process_list import runs
from tests.support.wait_until import until
from tests.windows.mark import not_on_windows
from traycreds.control.client import END_SECONDS
from traycreds.sim.faults import Fault


@not_on_windows
@pytest.mark.parametrize("how", ["command", "signal"])
def test_quitting_waits_for_no_call_and_no_program_that_hangs(sandbox, how):
    home = sandbox.home
    for name in ("hook", "process"):
        (home / name).write_text(
            f"sleep 77777 & echo $$ $! > {home}/new.{name}; mv {home}/new.{name} {home}/pids.{name}\nwait\n"
        )
    sandbox.add_role("dev", extra="keep = true")
    arn = sandbox.add_role("hung", extra="keep = true")
    with sandbox.config.open("a", encoding="utf-8") as file:
        file.write(
            f'[roles.slow]\nfrom_profile = "slow"\nkeep = true\n[settings]\non_refreshed = ["sh", "{home}/hook"]\n'
        )
    with sandbox.aws_config.open("a", encoding="utf-8") as file:
        file.write(f"[profile slow]\ncredential_process = sh {home}/process\n")
    sandbox.simulator.faults.set(Fault.HANG, role=arn)
    app = sandbox.run()
    files = [home / f"pids.{name}" for name in ("hook", "process")]
    until(lambda: all(file.exists() for file in files), "both programs hang")

    if how == "command":
        assert sandbox.command("quit").returncode == 0
    else:
        app.process.terminate()
    assert app.process.wait(END_SECONDS) == 0

    for pid in " ".join(file.read_text() for file in files).split():
        until(lambda pid=pid: not runs(int(pid)), f"process {pid} has ended")
