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
