"""A program below ours: as ever, and without a window of its own on Windows."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.builders import a_role
from tests.windows.mark import not_on_windows, windows_only
from traycreds.aws.sts import StsSource
from traycreds.core.errors import IssueError
from traycreds.process import spawn
from traycreds.process.programs import login_path


@windows_only
def test_a_program_below_an_app_without_a_console_gets_no_window():
    """DETACHED_PROCESS is how an app without a console is started."""
    code = "from traycreds.process import spawn as child; print(child._without_window())"
    detached = {"creationflags": subprocess.DETACHED_PROCESS, "stdin": subprocess.DEVNULL}
    message = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, **detached).stdout
    assert int(message) == subprocess.CREATE_NO_WINDOW


@not_on_windows
def test_elsewhere_a_program_is_started_as_ever():
    with spawn.started([sys.executable, "-c", "print(7)"], stdout=subprocess.PIPE) as process:
        assert process.communicate()[0] == b"7\n"


@pytest.mark.parametrize(
    "over", ["", "[profile over]\nrole_arn = arn:aws:iam::111122223333:role/R\nsource_profile = proc\n"]
)
def test_botocore_starts_a_credential_process_so(monkeypatch, home, over):
    """Also that of a profile which is only the source of another."""
    begun = []

    def started(program, **options):
        begun.append(program)
        raise FileNotFoundError(2, "not there", program[0])

    monkeypatch.setattr(spawn, "started", started)
    monkeypatch.setattr(login_path.of_this_process, "allowed", False)
    path = home / ".aws" / "config"
    path.parent.mkdir()
    path.write_text(f"[profile proc]\ncredential_process = no-such-program x\nregion = eu-west-1\n{over}")
    top = "over" if over else "proc"
    with pytest.raises(IssueError):
        StsSource().issue(a_role("dev", arn=None, source_profile=None, from_profile=top))
    assert begun == [["no-such-program", "x"]]
