"""A write that fails, at whatever step: the old file stays whole, no litter stays, and the reason is named."""

from __future__ import annotations

import errno
import logging
import os
import tempfile
import time
from pathlib import Path

import pytest

from tests.integration.credentials_file.folders import (
    TEXT,
    mounted,
    names_in,
    posix,
    refused_sentence,
    without_privileges,
)
from tests.support.builders import NOW
from tests.windows.mark import not_on_windows
from traycreds.awsfiles.credentials_file import CredentialsFile
from traycreds.core.errors import CredentialsFileError
from traycreds.core.model import Batch
from traycreds.files import atomic_write, atomic_write_windows, contents, locks, replaced_file


@posix
@pytest.mark.logs_warnings
@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV])
@pytest.mark.usefixtures("without_exchange")
def test_an_in_place_write_that_fails_puts_the_old_text_back(on_disk, a_write, monkeypatch, number):
    on_disk.put(TEXT)
    real = atomic_write._overwrite
    backups = []

    def full_half_way(path, data):
        if data == TEXT.encode():
            return real(path, data)
        backups.extend(each.read_text() for each in on_disk.path.parent.glob("credentials.backup-*"))
        path.write_bytes(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "full")

    def mount(self, target):
        raise OSError(number, "mount")

    monkeypatch.setattr(Path, "replace", mount)
    monkeypatch.setattr(atomic_write, "_overwrite", full_half_way)
    with pytest.raises(CredentialsFileError, match="No space"):
        on_disk.store().write(Batch(sets=(a_write(),)))
    assert backups == [TEXT]
    assert (on_disk.text(), on_disk.siblings()) == (TEXT, ["credentials"])


@posix
def test_a_full_disk_leaves_the_old_file_whole_and_no_litter(on_disk, a_write, tmpfs):
    path = tmpfs / "credentials"
    text = "[mine]\nk = " + "v" * 20_000 + "\n"
    path.write_text(text)
    (tmpfs / "ballast").write_bytes(b"x" * 36_000)
    with pytest.raises(CredentialsFileError) as caught:
        on_disk.store(path).write(Batch(sets=(a_write(),)))
    assert "No space is left" in caught.value.sentence
    assert path.read_text() == text
    assert names_in(tmpfs) == ["ballast", "credentials"]
    (tmpfs / "ballast").unlink()
    on_disk.store(path).write(Batch(sets=(a_write(),)))
    assert path.read_text().startswith(text + "\n[dev]\n")


@posix
def test_a_read_only_file_system_is_named(on_disk, a_write, tmpfs):
    path = tmpfs / "credentials"
    path.write_text(TEXT)
    mounted("-o", "remount,ro", tmpfs)
    with pytest.raises(CredentialsFileError, match="read-only file system"):
        on_disk.store(path).write(Batch(sets=(a_write(),)))
    assert path.read_text() == TEXT


@posix
@pytest.mark.parametrize("folder_mode", [0o555, 0o000], ids=["read-only folder", "closed folder"])
def test_a_denied_write_says_so_and_changes_nothing(a_write, folder_mode):
    with tempfile.TemporaryDirectory() as name:
        top, folder = Path(name), Path(name) / "aws"
        folder.mkdir()
        (folder / "credentials").write_text(TEXT)
        (folder / "credentials").chmod(0o644)
        top.chmod(0o755)
        folder.chmod(folder_mode)
        store = CredentialsFile(folder / "credentials", lock_dir=top / "no-lock", sleep=lambda seconds: None)
        answer = without_privileges(lambda: refused_sentence(store, Batch(sets=(a_write(),))))
        folder.chmod(0o755)
        assert answer.startswith(f"Access to {folder}/credentials is denied.|")
        assert (folder / "credentials").read_text() == TEXT
        assert names_in(folder) == ["credentials"]


@posix
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can own files as someone else")
def test_someone_elses_file_is_not_taken_from_him(a_write):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "credentials").write_text(TEXT)
        (folder / "credentials").chmod(0o644)
        store = CredentialsFile(folder / "credentials", lock_dir=folder / "lock", sleep=lambda seconds: None)
        answer = without_privileges(lambda: refused_sentence(store, Batch(sets=(a_write(),))))
        assert answer.startswith("Access to ")
        assert (folder / "credentials").stat().st_uid == 0
        assert names_in(folder) == ["credentials", "lock"]


@pytest.mark.parametrize("step", ["fsync", pytest.param("exchange", marks=not_on_windows), "replace"])
def test_a_failure_at_any_step_leaves_the_old_file_and_no_litter(on_disk, a_write, monkeypatch, step):
    on_disk.put(TEXT)

    def fails(*_):
        raise OSError(errno.EIO, "broken disk")

    if step == "replace":
        monkeypatch.setattr(replaced_file, "exchange", lambda one, other: False)
    monkeypatch.setattr(
        *{"fsync": (os, "fsync"), "exchange": (replaced_file, "exchange"), "replace": (Path, "replace")}[step], fails
    )
    with pytest.raises(CredentialsFileError, match="broken disk"):
        on_disk.store().write(Batch(sets=(a_write(),)))
    assert (on_disk.text(), on_disk.siblings()) == (TEXT, ["credentials"])


def test_litter_of_killed_processes_goes_at_the_next_start(on_disk):
    on_disk.put(TEXT)
    for name in (
        ".credentials.traycreds-abc.tmp",
        ".credentials.other.tmp",
        ".config.traycreds-abc.tmp",
        "credentials.bak",
    ):
        (on_disk.path.parent / name).write_text("x")
    on_disk.store().read()
    assert on_disk.siblings() == [
        ".config.traycreds-abc.tmp",
        ".credentials.other.tmp",
        "credentials",
        "credentials.bak",
    ]


def test_without_a_lock_only_old_litter_goes(on_disk):
    on_disk.put(TEXT)
    young, old = (on_disk.path.parent / f".credentials.traycreds-{name}.tmp" for name in ("young", "old"))
    for stray in (young, old):
        stray.write_text("x")
    os.utime(old, (time.time() - 120,) * 2)
    atomic_write.sweep(on_disk.path, alone=False)
    assert (young.exists(), old.exists()) == (True, False)


def test_a_temporary_file_swept_away_under_us_is_written_anew(on_disk, a_write, monkeypatch):
    on_disk.put(TEXT)
    real, times = contents.read_once, []

    def sweeping(path):
        times.append(1)
        # The second read is the one just before the replacement.
        if len(times) == 2:
            atomic_write.sweep(path, alone=True)
        return real(path)

    monkeypatch.setattr(contents, "read_once", sweeping)
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert on_disk.text().startswith(TEXT + "\n[dev]\n")
    assert on_disk.siblings() == ["credentials"]


@pytest.mark.parametrize("error", [OSError(errno.ENOLCK, "no locks"), NotImplementedError("no flock"), None])
def test_a_file_system_without_locks_is_no_reason_to_stop(on_disk, a_write, monkeypatch, caplog, error):
    caplog.set_level(logging.INFO)
    # Without an error, not even the folder of the lock can be created.
    if error is None:
        on_disk.lock_dir.write_text("")
    else:
        import filelock

        monkeypatch.setattr(filelock.FileLock, "acquire", lambda *args, **kwargs: (_ for _ in ()).throw(error))
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert "[dev]" in on_disk.text()
    assert "continuing without" in caplog.text


def test_another_process_that_holds_the_lock_for_long_is_named(on_disk, a_write, monkeypatch):
    monkeypatch.setattr(locks.locked.__wrapped__, "__kwdefaults__", {"patience": 0.05})
    with locks.locked(on_disk.path, on_disk.lock_dir, patience=1):
        with pytest.raises(CredentialsFileError, match="Another traycreds is busy"):
            on_disk.store().write(Batch(sets=(a_write(),)))
        assert on_disk.store().read().owned == (), "reading needs no lock"


@pytest.mark.usefixtures("without_exchange")
def test_a_file_that_windows_says_is_in_use_is_retried(on_disk, a_write, monkeypatch):
    monkeypatch.setattr(atomic_write_windows, "REFUSED_FOR_NOW", (PermissionError,))
    on_disk.put(TEXT)
    real, refusals = Path.replace, [1, 1]

    def busy(self, target):
        if refusals:
            refusals.pop()
            raise PermissionError(errno.EACCES, "in use")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert "[dev]" in on_disk.text()


@pytest.mark.usefixtures("without_exchange")
def test_what_is_written_between_two_tries_is_not_lost(on_disk, a_write, monkeypatch):
    """Who had the file open, so that we had to wait, may have changed it before letting go."""
    monkeypatch.setattr(atomic_write_windows, "REFUSED_FOR_NOW", (PermissionError,))
    on_disk.put(TEXT)
    real, refusals = Path.replace, [1]

    def busy(self, target):
        if refusals:
            refusals.pop()
            on_disk.put(TEXT + "[theirs]\nk = v\n")
            raise PermissionError(errno.EACCES, "in use")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert on_disk.text().startswith(TEXT + "[theirs]\nk = v\n\n[dev]\n")


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.usefixtures("without_exchange")
def test_a_file_that_stays_in_use_is_given_up(on_disk, a_write, monkeypatch, held):
    on_disk.put(TEXT)

    def busy(self, target):
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(Path, "replace", busy)
    monkeypatch.setattr(atomic_write_windows, "REFUSED_FOR_NOW", (PermissionError,))
    monkeypatch.setattr(atomic_write_windows, "PATIENCE", 0.1)
    monkeypatch.setattr(atomic_write_windows, "is_held", lambda path: held)
    with pytest.raises(CredentialsFileError, match="has .* open" if held else "is denied"):
        on_disk.store().write(Batch(sets=(a_write(),)))
    assert (on_disk.text(), on_disk.siblings()) == (TEXT, ["credentials"])


def test_a_denied_folder_is_reported_at_once(on_disk, a_write, monkeypatch):
    """`tempfile` of Python 3.10 and 3.11 tries two thousand million names there on Windows (gh-66305)."""
    on_disk.put(TEXT)
    real, tries = os.open, []

    def denied(path, *arguments, **more):
        if str(path).endswith(".tmp"):
            tries.append(path)
            raise PermissionError(errno.EACCES, "denied")
        return real(path, *arguments, **more)

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(CredentialsFileError, match="is denied"):
        on_disk.store().write(Batch(sets=(a_write(),)))
    assert len(tries) == 1


def test_a_drive_that_is_away_is_no_link_to_itself(on_disk, monkeypatch):
    def away(self, *_, **__):
        # On Windows, this is error 1231, `ERROR_NETWORK_UNREACHABLE`.
        raise OSError(errno.EINVAL, "The network location cannot be reached")

    monkeypatch.setattr(Path, "resolve", away)
    with pytest.raises(CredentialsFileError, match="the network location cannot be reached"):
        on_disk.store().read()


def test_a_backup_that_cannot_be_written_leaves_nothing(on_disk, monkeypatch):
    on_disk.put(TEXT)

    def fails(*_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(CredentialsFileError, match="No space"):
        atomic_write.back_up(on_disk.path, b"x", NOW)
    assert on_disk.siblings() == ["credentials"]
    with pytest.raises(CredentialsFileError, match="cannot be used"):
        atomic_write.back_up(on_disk.path.parent / "none" / "credentials", b"x", NOW)


def test_a_hundred_backups_of_one_second_are_enough(on_disk):
    on_disk.put(TEXT)
    kept = {atomic_write.back_up(on_disk.path, b"x", NOW) for _ in range(99)}
    assert len(kept) == 99
    with pytest.raises(CredentialsFileError, match="Too many backups"):
        atomic_write.back_up(on_disk.path, b"x", NOW)
