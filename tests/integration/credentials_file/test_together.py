"""Several processes at one file at once."""

from __future__ import annotations

import json
import sys

from tests.integration.credentials_file import actors
from tests.integration.credentials_file.beside import filled, outcome, untraced
from tests.support import fork_server
from traycreds.awsfiles.credentials_file import CredentialsFile
from traycreds.awsfiles.ini import IniText

PROFILES = 200
FEW = 60
"""Beside programs that write as well, where each write costs a read of the whole file by all of them."""


def test_eight_processes_lose_no_update(on_disk, start):
    on_disk.put("# mine\n[mine]\nk = v\n")
    writers = [start("add", on_disk.path, on_disk.lock_dir, f"w{number}", 20) for number in range(8)]
    for writer in writers:
        outcome(writer)
    own = IniText(on_disk.text()).own()
    expected = {f"w{writer}-{number}": f"ASIA{number + 1:06d}" for writer in range(8) for number in range(20)}
    assert {name: values["aws_access_key_id"] for name, values in own.items() if name != "mine"} == expected
    assert on_disk.text().startswith("# mine\n[mine]\nk = v\n")
    assert on_disk.siblings() == ["credentials"]


def test_a_constant_reader_reads_only_whole_files_while_we_write(on_disk, start, tmp_path):
    filled(on_disk, count=PROFILES)
    stop, begun = tmp_path / "stop", tmp_path / "begun"
    writer = start("renew", on_disk.path, on_disk.lock_dir, PROFILES, 50, begun)
    watcher = start("watch", on_disk.path, PROFILES, stop, begun)
    outcome(writer)
    stop.touch()
    seen = json.loads(outcome(watcher))
    assert seen["faults"] == []
    if sys.platform == "win32":
        # The moment of a rename, on a machine that may have much else to do.
        assert seen["longest"] < 5
    else:
        assert seen["refused"] == 0


def test_beside_aws_configure_set_no_profile_is_lost_or_missed(on_disk, start, tmp_path):
    """awscli truncates in place and takes no lock, so raw reads may be torn; ours wait, and nothing is lost."""
    filled(on_disk, count=FEW)
    stop, begun = tmp_path / "stop", tmp_path / "begun"
    rival = start("aws_configure", on_disk.path, stop, begun)
    writer = start("renew", on_disk.path, on_disk.lock_dir, FEW, 60, begun)
    reader = CredentialsFile(on_disk.path, lock_dir=on_disk.lock_dir)
    writing = True
    while writing:
        # The last read comes after the last write, so that there is one.
        writing = writer.poll() is None
        view = reader.read()
        assert len(view.owned) == FEW, view.foreign
        assert view.foreign == ("scratch",)
    outcome(writer)
    stop.touch()
    outcome(rival)
    assert actors.fault(on_disk.text(), FEW) is None
    assert "region = eu-" in on_disk.text()


def test_beside_the_real_aws_command_no_profile_is_lost(on_disk, start, tmp_path):
    filled(on_disk, count=FEW)
    enough = tmp_path / "enough"
    writer = start("renew", on_disk.path, on_disk.lock_dir, FEW, 60, enough)
    command = ["configure", "set", "--profile", "scratch", "aws_access_key_id"]
    environment = untraced() | {"AWS_SHARED_CREDENTIALS_FILE": str(on_disk.path)}
    regions = 0
    while writer.poll() is None:
        # Keys, not the region: `aws configure set` puts only keys into the credentials file.
        done = fork_server.run_anywhere("awscli", [*command, f"eu-{regions}"], environment, timeout=50)
        if sys.platform == "win32" and "Permission denied" in done.stderr:
            # Windows refuses to open a file at the moment of its rename.
            continue
        assert done.returncode == 0, done.stderr
        regions += 1
        if regions == 3:
            enough.touch()
    outcome(writer)
    assert actors.fault(on_disk.text(), FEW) is None
    assert "[scratch]\nregion = eu-0\naws_access_key_id = eu-" in on_disk.text().replace("\r\n", "\n")
