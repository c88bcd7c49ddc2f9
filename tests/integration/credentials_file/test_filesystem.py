"""Links, modes, owners, mounts, full disks: what a file system can do to a write."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.integration.credentials_file.folders import TEXT, linked, mode, mounted, names_in, posix
from traycreds.awsfiles import aws_file
from traycreds.core.errors import CredentialsFileError
from traycreds.core.model import Batch
from traycreds.files import contents, locks


@posix
def test_a_missing_folder_is_made_for_us_alone(on_disk, a_write):
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert mode(on_disk.path.parent) == 0o700
    assert mode(on_disk.path) == 0o600
    assert on_disk.siblings() == ["credentials"]


@pytest.mark.parametrize("batch", [Batch(), Batch(removes=("dev",))])
def test_nothing_to_write_makes_nothing(on_disk, batch):
    on_disk.store().write(batch)
    assert not on_disk.path.parent.exists()


def test_a_write_that_changes_nothing_leaves_the_file_alone(on_disk, a_write):
    store = on_disk.store()
    store.write(Batch(sets=(a_write(),)))
    before = contents.stamp(on_disk.path)
    store.write(Batch(sets=(a_write(),)))
    assert contents.stamp(on_disk.path) == before


@posix
@pytest.mark.parametrize(("before", "after"), [(0o644, 0o600), (0o600, 0o600), (0o400, 0o400), (0o777, 0o600)])
def test_the_mode_becomes_0600_or_stays_narrower(on_disk, a_write, before, after):
    on_disk.put(TEXT, mode=before)
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert mode(on_disk.path) == after
    assert "[dev]" in on_disk.text()


@posix
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can own files as someone else")
@pytest.mark.parametrize("owner", [(12345, 54321), (0, 54321)])
def test_the_owner_stays(on_disk, a_write, owner):
    on_disk.put(TEXT)
    os.chown(on_disk.path, *owner)
    on_disk.store().write(Batch(sets=(a_write(),)))
    result = on_disk.path.stat()
    assert (result.st_uid, result.st_gid) == owner


def test_a_chain_of_links_is_followed_and_kept(on_disk, a_write, tmp_path):
    real = tmp_path / "dotfiles" / "real"
    real.parent.mkdir()
    real.write_text(TEXT)
    on_disk.path.parent.mkdir()
    linked(tmp_path / "middle", Path("dotfiles") / "real")
    linked(on_disk.path, tmp_path / "middle")
    store = on_disk.store()
    store.write(Batch(sets=(a_write(),)))
    assert on_disk.path.is_symlink()
    assert (tmp_path / "middle").is_symlink()
    assert real.read_text().startswith(TEXT + "\n[dev]\n")
    assert not store.changed()
    assert names_in(real.parent) == ["real"]


def test_a_link_whose_volume_is_not_mounted_is_not_written_through(on_disk, a_write, tmp_path):
    volume = tmp_path / "volume"
    volume.mkdir()
    (volume / "real").write_text(TEXT)
    on_disk.path.parent.mkdir()
    linked(on_disk.path, volume / "real")
    store = on_disk.store()
    store.write(Batch(sets=(a_write(),)))
    mounted = (volume / "real").read_text()
    # A volume that is not mounted leaves an empty mount point.
    (volume / "real").unlink()
    for do in (store.read, lambda: store.write(Batch(sets=(a_write("other"),)))):
        with pytest.raises(CredentialsFileError, match=r"is a link to .*real, which is missing") as caught:
            do()
        assert caught.value.hint.startswith("Mount or unlock the drive that it is on")
    assert names_in(volume) == []
    (volume / "real").write_text(mounted)
    store.write(Batch(sets=(a_write("other"),)))
    assert "[other]" in (volume / "real").read_text()


def test_a_folder_that_is_a_link_to_nothing_is_not_made(on_disk, a_write, tmp_path):
    linked(on_disk.path.parent, tmp_path / "volume" / "aws")
    with pytest.raises(CredentialsFileError, match=r"is a link to .*aws, which is missing"):
        on_disk.store().write(Batch(sets=(a_write(),)))
    assert not (tmp_path / "volume").exists()


def test_a_linked_folder_that_is_empty_once_its_volume_is_gone_is_not_written(on_disk, a_write, tmp_path):
    volume, away = tmp_path / "volume", tmp_path / "away"
    volume.mkdir()
    linked(on_disk.path.parent, volume)
    on_disk.put(TEXT)
    store = on_disk.store()
    store.write(Batch(sets=(a_write(),)))
    volume.rename(away)
    # A volume that is not mounted leaves an empty mount point.
    volume.mkdir()
    for do in (store.read, lambda: store.write(Batch(sets=(a_write("other"),)))):
        with pytest.raises(CredentialsFileError, match=r"is a link to .*volume, which is empty now") as caught:
            do()
        assert caught.value.hint.endswith(f"touch {volume / 'credentials'}")
    assert names_in(volume) == []
    volume.rmdir()
    away.rename(volume)
    store.write(Batch(sets=(a_write("other"),)))
    assert TEXT in on_disk.text()
    assert "[other]" in on_disk.text()


def test_a_new_process_knows_an_empty_mount_point_by_what_was_there(on_disk, a_write, tmp_path):
    volume, away = tmp_path / "volume", tmp_path / "away"
    volume.mkdir()
    linked(on_disk.path.parent, volume)
    on_disk.store().write(Batch(sets=(a_write(),)))
    volume.rename(away)
    volume.mkdir()
    for do in (on_disk.store().read, lambda: on_disk.store().write(Batch(sets=(a_write("other"),)))):
        with pytest.raises(CredentialsFileError, match=r"is a link to .*volume, which is empty now") as caught:
            do()
    assert names_in(volume) == []
    subprocess.run(shlex.split(caught.value.hint.rpartition(": ")[2]), check=True)
    on_disk.store().write(Batch(sets=(a_write("other"),)))
    assert "[other]" in on_disk.text()
    shutil.rmtree(volume)
    away.rename(volume)
    on_disk.store().write(Batch(sets=(a_write("other"),)))
    assert on_disk.text().startswith("[dev]")


def test_a_link_that_leads_elsewhere_now_is_another_folder(on_disk, a_write, tmp_path):
    (tmp_path / "volume").mkdir()
    linked(on_disk.path.parent, tmp_path / "volume")
    on_disk.store().write(Batch(sets=(a_write(),)))
    on_disk.path.parent.unlink()
    (tmp_path / "other").mkdir()
    linked(on_disk.path.parent, tmp_path / "other")
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert "[dev]" in (tmp_path / "other" / "credentials").read_text()


def test_a_folder_that_is_no_link_is_not_remembered(on_disk, a_write):
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert list(on_disk.lock_dir.glob("linked-*")) == []
    on_disk.path.unlink()
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert "[dev]" in on_disk.text()


@posix
@pytest.mark.parametrize("folder", [True, False])
@pytest.mark.parametrize("there", [True, False])
def test_the_command_that_makes_what_a_link_leads_to_can_be_copied(on_disk, a_write, tmp_path, folder, there):
    volume = tmp_path / "my volume"
    if there:
        volume.mkdir()
    if folder:
        linked(on_disk.path.parent, volume / "aws")
    else:
        on_disk.path.parent.mkdir(parents=True, exist_ok=True)
        on_disk.path.symlink_to(volume / "keys")
    with pytest.raises(CredentialsFileError) as caught:
        on_disk.store().read()
    command = caught.value.hint.partition("If it should start empty, create it: ")[2]
    subprocess.run(["sh", "-c", command], check=True)
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert "[dev]" in on_disk.text()


def test_a_linked_folder_that_is_empty_from_the_start_is_filled(on_disk, a_write, tmp_path):
    (tmp_path / "volume").mkdir()
    linked(on_disk.path.parent, tmp_path / "volume")
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert "[dev]" in on_disk.text()


def test_no_copy_of_a_file_is_made_in_another_folder(on_disk, a_write, tmp_path):
    """The keys of a volume that is not mounted stay there."""
    volume = tmp_path / "volume"
    volume.mkdir()
    linked(on_disk.path.parent, volume)
    on_disk.put("[mine]\naws_access_key_id = AKIAMINE\n")
    store = on_disk.store()
    store.read()
    volume.rename(tmp_path / "away")
    volume.mkdir()
    (volume / "credentials").touch()
    store.write(Batch(sets=(a_write(),)))
    assert names_in(volume) == ["credentials"]
    assert store.read().notes == ()


def test_links_that_share_a_target_share_the_lock(on_disk, tmp_path, a_write, monkeypatch):
    on_disk.put(TEXT)
    link = tmp_path / "link"
    linked(link, on_disk.path)
    on_disk.store(link).read()
    assert not on_disk.lock_dir.exists(), "who only reads what is clean needs no lock"
    monkeypatch.setattr(locks.locked.__wrapped__, "__kwdefaults__", {"patience": 0.05})
    with locks.locked(on_disk.path, on_disk.lock_dir, patience=1), pytest.raises(CredentialsFileError, match="busy"):
        on_disk.store(link).write(Batch(sets=(a_write(),)))


def test_a_link_to_itself_is_refused(on_disk, a_write):
    on_disk.path.parent.mkdir()
    linked(on_disk.path, on_disk.path)
    for call in (on_disk.store().read, lambda: on_disk.store().write(Batch(sets=(a_write(),)))):
        with pytest.raises(CredentialsFileError, match="leads back to itself"):
            call()
    assert on_disk.store().changed()


def test_another_name_of_a_hard_link_keeps_the_old_text_whole(on_disk, a_write, tmp_path):
    on_disk.put(TEXT)
    os.link(on_disk.path, tmp_path / "other")
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert "[dev]" in on_disk.text()
    assert (tmp_path / "other").read_text() == TEXT


@pytest.mark.parametrize("kind", ["folder", pytest.param("fifo", marks=posix)])
def test_what_is_no_regular_file_is_refused_without_hanging(on_disk, a_write, kind):
    on_disk.path.parent.mkdir()
    on_disk.path.mkdir() if kind == "folder" else os.mkfifo(on_disk.path)
    for call in (on_disk.store().read, lambda: on_disk.store().write(Batch(sets=(a_write(),)))):
        with pytest.raises(CredentialsFileError, match="not a regular file"):
            call()


def test_a_file_in_place_of_the_folder_is_refused(on_disk, a_write):
    on_disk.path.parent.write_text("")
    with pytest.raises(CredentialsFileError, match=re.escape(f"because {on_disk.path.parent} is not a folder")):
        on_disk.store().write(Batch(sets=(a_write(),)))


@posix
@pytest.mark.logs_warnings
def test_a_file_that_is_a_mount_is_written_in_place(on_disk, a_write, tmp_path, caplog):
    outside = tmp_path / "outside"
    outside.write_text(TEXT)
    on_disk.put("")
    mounted("--bind", outside, on_disk.path)
    try:
        store = on_disk.store()
        store.write(Batch(sets=(a_write("dev"), a_write("b"))))
        store.write(Batch(removes=("b",)))
        assert not store.changed()
        assert outside.read_text() == on_disk.text()
        assert on_disk.text().startswith(TEXT + "\n[dev]\n")
        assert "[b]" not in on_disk.text()
        assert on_disk.siblings() == ["credentials"]
        assert "writing in place" in caplog.text
    finally:
        subprocess.run(["umount", on_disk.path], check=True)


@pytest.mark.parametrize(
    "name",
    ["jürgen müller", "用户", "😀", "a'b & (c) %d% ^e", "x" * 120],
    ids=["umlauts", "han", "emoji", "signs", "long"],
)
def test_any_name_of_a_folder_will_do(on_disk, a_write, tmp_path, name):
    path = tmp_path / name / ".aws" / "credentials"
    store = on_disk.store(path)
    store.write(Batch(sets=(a_write(),)))
    store.write(Batch(sets=(a_write(n=2),)))
    assert not store.changed()
    assert [each.profile for each in on_disk.store(path).read().owned] == ["dev"]
    assert names_in(path.parent) == ["credentials"]


def test_the_encoding_of_the_locale_stays_byte_for_byte(on_disk, a_write, monkeypatch):
    """As AWS tools in Python read and write these files: on Windows in its code page, on others in UTF-8."""
    monkeypatch.setattr(aws_file, "of_unnamed", lambda: "cp1252")
    text = "# André\r\n[mine]\r\nk = Schlüssel\r\n".encode("cp1252")
    on_disk.put(text)
    store = on_disk.store()
    store.write(Batch(sets=(a_write(),)))
    assert on_disk.path.read_bytes().startswith(text)
    store.write(Batch(removes=("dev",)))
    assert on_disk.path.read_bytes() == text


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\xef\xbb\xbf[mine]\r\nk = v\r\n", "a byte-order mark before the first"),
        ("[mine]\r\nk = v\r\n".encode("utf-16"), "UTF-16"),
    ],
    ids=["Notepad", "PowerShell"],
)
def test_what_windows_editors_make_of_it_is_named_and_left_alone(on_disk, a_write, data, why):
    """No AWS tool in Python can read it either."""
    on_disk.put(data)
    for call in (on_disk.store().read, lambda: on_disk.store().write(Batch(sets=(a_write(),)))):
        with pytest.raises(CredentialsFileError, match=why):
            call()
    assert on_disk.path.read_bytes() == data


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_line_ends_of_others_stay_byte_for_byte(on_disk, a_write, end):
    text = f"# mine{end}[mine]{end}k = v{end}{end}  {end}; the end{end}"
    on_disk.put(text)
    store = on_disk.store()
    store.write(Batch(sets=(a_write(),)))
    assert on_disk.text().startswith(text)
    added = on_disk.text().removeprefix(text)
    assert added.count(end) == 8
    assert not {"\r", "\n"} & set(added.replace(end, ""))
    store.write(Batch(removes=("dev",)))
    assert on_disk.path.read_bytes() == text.encode()


@posix
@pytest.mark.logs_warnings
def test_a_file_system_that_ignores_modes_is_named(on_disk, a_write, monkeypatch, caplog):
    """/mnt/c under WSL shows every file as 0777."""
    fchmod = os.fchmod
    monkeypatch.setattr(os, "fchmod", lambda handle, mode: fchmod(handle, 0o777))
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert "ignores file modes" in caplog.text


def test_a_reading_shows_no_bytes():
    assert repr(contents.Reading(b"secret", None)) == "Reading(stamp=None)"


@posix
def test_the_state_folder_that_a_lock_makes_is_the_user_s_alone(tmp_path):
    old = os.umask(0o022)
    try:
        with locks.locked(tmp_path / "credentials", tmp_path / "state" / "locks") as alone:
            assert alone
    finally:
        os.umask(old)
    assert (mode(tmp_path / "state"), mode(tmp_path / "state" / "locks")) == (0o700, 0o700)
