"""Links, modes, owners, mounts, full disks: what a file system can do to a write."""

from __future__ import annotations

import errno
import locale
import logging
import os
import stat
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import pytest

from tests.builders import NOW
from tests.windows.mark import on_wine
from traycreds.adapters import files, fileswindows, lockfile
from traycreds.adapters.credfile import CredentialsFile
from traycreds.core.errors import CredentialsFileError
from traycreds.core.model import Batch

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes, owners and mounts")
TEXT = "[mine]\nk = v\n"


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def names_in(folder):
    return sorted(each.name for each in folder.iterdir())


def mounted(*command):
    """Mount, or skip where this machine cannot."""
    result = subprocess.run(["mount", *map(str, command)], capture_output=True, text=True, check=False)
    if result.returncode:
        pytest.skip(f"cannot mount here: {result.stderr.strip()}")


@pytest.fixture
def tmpfs(tmp_path):
    """A file system of 64 kB."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mounted("-t", "tmpfs", "-o", "size=64k", "tmpfs", folder)
    yield folder
    subprocess.run(["umount", folder], check=True)


def linked(link, target):
    """Make a link, or skip where Windows lets only administrators and developers make any."""
    try:
        link.symlink_to(target)
    except OSError as error:
        if getattr(error, "winerror", None) != 1314:  # ERROR_PRIVILEGE_NOT_HELD
            raise
        pytest.skip("needs the right to make symbolic links")
    if on_wine and not link.is_symlink():
        pytest.skip("Wine 8 makes none, and says it did")


def without_privileges(action):
    """Run it in a child as nobody if we are root; returns what it returned, as text."""
    if os.getuid() != 0:
        return action()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            answer = action()
        except BaseException:  # noqa: BLE001 - the child must end here whatever happens, and the parent be told
            answer = traceback.format_exc()
        os.write(writing, answer.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return answer


def refused_sentence(store, batch):
    """The sentence and hint with which a write fails."""
    try:
        store.write(batch)
    except CredentialsFileError as error:
        return f"{error.sentence}|{error.hint}"
    return "written"


@posix
def test_a_missing_folder_is_made_for_us_alone(place, a_write):
    place.store().write(Batch(sets=(a_write(),)))
    assert mode(place.path.parent) == 0o700
    assert mode(place.path) == 0o600
    assert place.siblings() == ["credentials"]


@pytest.mark.parametrize("batch", [Batch(), Batch(removes=("dev",))])
def test_nothing_to_write_makes_nothing(place, batch):
    place.store().write(batch)
    assert not place.path.parent.exists()


def test_a_write_that_changes_nothing_leaves_the_file_alone(place, a_write):
    store = place.store()
    store.write(Batch(sets=(a_write(),)))
    before = files.stamp(place.path)
    store.write(Batch(sets=(a_write(),)))
    assert files.stamp(place.path) == before


@posix
@pytest.mark.parametrize(("before", "after"), [(0o644, 0o600), (0o600, 0o600), (0o400, 0o400), (0o777, 0o600)])
def test_the_mode_becomes_0600_or_stays_narrower(place, a_write, before, after):
    place.put(TEXT, mode=before)
    place.store().write(Batch(sets=(a_write(),)))
    assert mode(place.path) == after
    assert "[dev]" in place.text()


@posix
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can own files as somebody else")
@pytest.mark.parametrize("owner", [(12345, 54321), (0, 54321)])
def test_the_owner_stays(place, a_write, owner):
    place.put(TEXT)
    os.chown(place.path, *owner)
    place.store().write(Batch(sets=(a_write(),)))
    result = place.path.stat()
    assert (result.st_uid, result.st_gid) == owner


def test_a_chain_of_links_is_followed_and_kept(place, a_write, tmp_path):
    real = tmp_path / "dotfiles" / "real"
    real.parent.mkdir()
    real.write_text(TEXT)
    place.path.parent.mkdir()
    linked(tmp_path / "middle", Path("dotfiles") / "real")
    linked(place.path, tmp_path / "middle")
    store = place.store()
    store.write(Batch(sets=(a_write(),)))
    assert place.path.is_symlink()
    assert (tmp_path / "middle").is_symlink()
    assert real.read_text().startswith(TEXT + "\n[dev]\n")
    assert not store.changed()
    assert names_in(real.parent) == ["real"]


def test_a_dangling_link_gets_its_target(place, a_write, tmp_path):
    place.path.parent.mkdir()
    linked(place.path, tmp_path / "elsewhere" / "real")
    assert place.store().read().foreign == ()
    place.store().write(Batch(sets=(a_write(),)))
    assert place.path.is_symlink()
    assert "[dev]" in (tmp_path / "elsewhere" / "real").read_text()


def test_links_that_share_a_target_share_the_lock(place, tmp_path, a_write, monkeypatch):
    place.put(TEXT)
    link = tmp_path / "link"
    linked(link, place.path)
    place.store(link).read()
    assert not place.lock_dir.exists(), "who only reads what is clean needs no lock"
    monkeypatch.setattr(lockfile.locked.__wrapped__, "__kwdefaults__", {"patience": 0.05})
    with lockfile.locked(place.path, place.lock_dir, patience=1), pytest.raises(CredentialsFileError, match="busy"):
        place.store(link).write(Batch(sets=(a_write(),)))


def test_a_link_to_itself_is_refused(place, a_write):
    place.path.parent.mkdir()
    linked(place.path, place.path)
    for call in (place.store().read, lambda: place.store().write(Batch(sets=(a_write(),)))):
        with pytest.raises(CredentialsFileError, match="leads back to itself"):
            call()
    assert place.store().changed()


def test_another_name_of_a_hard_link_keeps_the_old_text_whole(place, a_write, tmp_path):
    place.put(TEXT)
    os.link(place.path, tmp_path / "other")
    place.store().write(Batch(sets=(a_write(),)))
    assert "[dev]" in place.text()
    assert (tmp_path / "other").read_text() == TEXT


@pytest.mark.parametrize("kind", ["folder", pytest.param("fifo", marks=posix)])
def test_what_is_no_regular_file_is_refused_without_hanging(place, a_write, kind):
    place.path.parent.mkdir()
    place.path.mkdir() if kind == "folder" else os.mkfifo(place.path)
    for call in (place.store().read, lambda: place.store().write(Batch(sets=(a_write(),)))):
        with pytest.raises(CredentialsFileError, match="no regular file"):
            call()


def test_a_file_in_place_of_the_folder_is_refused(place, a_write):
    place.path.parent.write_text("")
    with pytest.raises(CredentialsFileError, match="part of its path is no folder"):
        place.store().write(Batch(sets=(a_write(),)))


@posix
@pytest.mark.logs_warnings
def test_a_file_that_is_a_mount_is_written_in_place(place, a_write, tmp_path, caplog):
    outside = tmp_path / "outside"
    outside.write_text(TEXT)
    place.put("")
    mounted("--bind", outside, place.path)
    try:
        store = place.store()
        store.write(Batch(sets=(a_write("dev"), a_write("b"))))
        store.write(Batch(removes=("b",)))
        assert not store.changed()
        assert outside.read_text() == place.text()
        assert place.text().startswith(TEXT + "\n[dev]\n")
        assert "[b]" not in place.text()
        assert place.siblings() == ["credentials"]
        assert "writing in place" in caplog.text
    finally:
        subprocess.run(["umount", place.path], check=True)


@posix
@pytest.mark.logs_warnings
@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV])
def test_an_in_place_write_that_fails_puts_the_old_text_back(place, a_write, monkeypatch, number):
    place.put(TEXT)
    real = files._overwrite
    backups = []

    def full_half_way(path, data):
        if data == TEXT.encode():
            return real(path, data)
        backups.extend(each.read_text() for each in place.path.parent.glob("credentials.backup-*"))
        path.write_bytes(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "full")

    def mount(self, target):
        raise OSError(number, "mount")

    monkeypatch.setattr(Path, "replace", mount)
    monkeypatch.setattr(files, "_overwrite", full_half_way)
    with pytest.raises(CredentialsFileError, match="no space"):
        place.store().write(Batch(sets=(a_write(),)))
    assert backups == [TEXT]
    assert (place.text(), place.siblings()) == (TEXT, ["credentials"])


@posix
def test_a_full_disk_leaves_the_old_file_whole_and_no_litter(place, a_write, tmpfs):
    path = tmpfs / "credentials"
    text = "[mine]\nk = " + "v" * 20_000 + "\n"
    path.write_text(text)
    (tmpfs / "ballast").write_bytes(b"x" * 36_000)
    with pytest.raises(CredentialsFileError) as caught:
        place.store(path).write(Batch(sets=(a_write(),)))
    assert "no space left" in caught.value.sentence
    assert path.read_text() == text
    assert names_in(tmpfs) == ["ballast", "credentials"]
    (tmpfs / "ballast").unlink()
    place.store(path).write(Batch(sets=(a_write(),)))
    assert path.read_text().startswith(text + "\n[dev]\n")


@posix
def test_a_read_only_file_system_is_named(place, a_write, tmpfs):
    path = tmpfs / "credentials"
    path.write_text(TEXT)
    mounted("-o", "remount,ro", tmpfs)
    with pytest.raises(CredentialsFileError, match="read-only file system"):
        place.store(path).write(Batch(sets=(a_write(),)))
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
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can own files as somebody else")
def test_somebody_elses_file_is_not_taken_from_him(a_write):
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


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_at_any_step_leaves_the_old_file_and_no_litter(place, a_write, monkeypatch, step):
    place.put(TEXT)

    def fails(*_):
        raise OSError(errno.EIO, "broken disk")

    monkeypatch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace")}[step], fails)
    with pytest.raises(CredentialsFileError, match="broken disk"):
        place.store().write(Batch(sets=(a_write(),)))
    assert (place.text(), place.siblings()) == (TEXT, ["credentials"])


def test_litter_of_killed_processes_goes_at_the_next_start(place):
    place.put(TEXT)
    for name in (
        ".credentials.traycreds-abc.tmp",
        ".credentials.other.tmp",
        ".config.traycreds-abc.tmp",
        "credentials.bak",
    ):
        (place.path.parent / name).write_text("x")
    place.store().read()
    assert place.siblings() == [".config.traycreds-abc.tmp", ".credentials.other.tmp", "credentials", "credentials.bak"]


def test_without_a_lock_only_old_litter_goes(place):
    place.put(TEXT)
    young, old = (place.path.parent / f".credentials.traycreds-{name}.tmp" for name in ("young", "old"))
    for stray in (young, old):
        stray.write_text("x")
    os.utime(old, (time.time() - 120,) * 2)
    files.sweep(place.path, alone=False)
    assert (young.exists(), old.exists()) == (True, False)


def test_a_temporary_file_swept_away_under_us_is_written_anew(place, a_write, monkeypatch):
    place.put(TEXT)
    real, times = files._read, []

    def sweeping(path):
        times.append(1)
        if len(times) == 2:  # the compare just before the replace
            files.sweep(path, alone=True)
        return real(path)

    monkeypatch.setattr(files, "_read", sweeping)
    place.store().write(Batch(sets=(a_write(),)))
    assert place.text().startswith(TEXT + "\n[dev]\n")
    assert place.siblings() == ["credentials"]


@pytest.mark.parametrize("error", [OSError(errno.ENOLCK, "no locks"), NotImplementedError("no flock"), None])
def test_a_file_system_without_locks_is_no_reason_to_stop(place, a_write, monkeypatch, caplog, error):
    caplog.set_level(logging.INFO)
    if error is None:  # not even the folder can be made
        place.lock_dir.write_text("")
    else:
        import filelock

        monkeypatch.setattr(filelock.FileLock, "acquire", lambda *args, **kwargs: (_ for _ in ()).throw(error))
    place.store().write(Batch(sets=(a_write(),)))
    assert "[dev]" in place.text()
    assert "going on without" in caplog.text


def test_another_process_that_holds_the_lock_for_long_is_named(place, a_write, monkeypatch):
    monkeypatch.setattr(lockfile.locked.__wrapped__, "__kwdefaults__", {"patience": 0.05})
    with lockfile.locked(place.path, place.lock_dir, patience=1):
        with pytest.raises(CredentialsFileError, match="Another traycreds is busy"):
            place.store().write(Batch(sets=(a_write(),)))
        assert place.store().read().owned == (), "reading needs no lock"


def test_a_file_that_windows_says_is_in_use_is_tried_again(place, a_write, monkeypatch):
    monkeypatch.setattr(fileswindows, "_REFUSED_FOR_NOW", (PermissionError,))
    place.put(TEXT)
    real, refusals = Path.replace, [1, 1]

    def busy(self, target):
        if refusals:
            refusals.pop()
            raise PermissionError(errno.EACCES, "in use")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    place.store().write(Batch(sets=(a_write(),)))
    assert "[dev]" in place.text()


def test_what_is_written_between_two_tries_is_not_lost(place, a_write, monkeypatch):
    """Who had the file open, so that we had to wait, may have changed it before letting go."""
    monkeypatch.setattr(fileswindows, "_REFUSED_FOR_NOW", (PermissionError,))
    place.put(TEXT)
    real, refusals = Path.replace, [1]

    def busy(self, target):
        if refusals:
            refusals.pop()
            place.put(TEXT + "[theirs]\nk = v\n")
            raise PermissionError(errno.EACCES, "in use")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    place.store().write(Batch(sets=(a_write(),)))
    assert place.text().startswith(TEXT + "[theirs]\nk = v\n\n[dev]\n")


@pytest.mark.parametrize("held", [True, False])
def test_a_file_that_stays_in_use_is_given_up(place, a_write, monkeypatch, held):
    place.put(TEXT)

    def busy(self, target):
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(Path, "replace", busy)
    monkeypatch.setattr(fileswindows, "_REFUSED_FOR_NOW", (PermissionError,))
    monkeypatch.setattr(fileswindows, "_PATIENCE", 0.1)
    monkeypatch.setattr(fileswindows, "is_held", lambda path: held)
    with pytest.raises(CredentialsFileError, match="keeps .* open" if held else "is denied"):
        place.store().write(Batch(sets=(a_write(),)))
    assert (place.text(), place.siblings()) == (TEXT, ["credentials"])


def test_a_folder_that_is_denied_is_said_at_once(place, a_write, monkeypatch):
    """`tempfile` of Python 3.10 and 3.11 tries two thousand million names there on Windows (gh-66305)."""
    place.put(TEXT)
    real, tries = os.open, []

    def denied(path, *arguments, **more):
        if str(path).endswith(".tmp"):
            tries.append(path)
            raise PermissionError(errno.EACCES, "denied")
        return real(path, *arguments, **more)

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(CredentialsFileError, match="is denied"):
        place.store().write(Batch(sets=(a_write(),)))
    assert len(tries) == 1


def test_a_drive_that_is_away_is_no_link_to_itself(place, monkeypatch):
    def away(self, *_, **__):
        raise OSError(errno.EINVAL, "The network location cannot be reached")  # 1231, ERROR_NETWORK_UNREACHABLE

    monkeypatch.setattr(Path, "resolve", away)
    with pytest.raises(CredentialsFileError, match="The network location cannot be reached"):
        place.store().read()


@pytest.mark.parametrize(
    "name",
    ["jürgen müller", "用户", "😀", "a'b & (c) %d% ^e", "x" * 120],
    ids=["umlauts", "han", "emoji", "signs", "long"],
)
def test_any_name_of_a_folder_will_do(place, a_write, tmp_path, name):
    path = tmp_path / name / ".aws" / "credentials"
    store = place.store(path)
    store.write(Batch(sets=(a_write(),)))
    store.write(Batch(sets=(a_write(n=2),)))
    assert not store.changed()
    assert [each.profile for each in place.store(path).read().owned] == ["dev"]
    assert names_in(path.parent) == ["credentials"]


def test_the_encoding_of_the_locale_stays_byte_for_byte(place, a_write, monkeypatch):
    """As AWS tools in Python read and write these files: on Windows in its code page, on others in UTF-8."""
    monkeypatch.setattr(locale, "getpreferredencoding", lambda do_setlocale=True: "cp1252")
    text = "# André\r\n[mine]\r\nk = Schlüssel\r\n".encode("cp1252")
    place.put(text)
    store = place.store()
    store.write(Batch(sets=(a_write(),)))
    assert place.path.read_bytes().startswith(text)
    store.write(Batch(removes=("dev",)))
    assert place.path.read_bytes() == text


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\xef\xbb\xbf[mine]\r\nk = v\r\n", "a byte-order mark before the first"),
        ("[mine]\r\nk = v\r\n".encode("utf-16"), "UTF-16"),
    ],
    ids=["Notepad", "PowerShell"],
)
def test_what_windows_editors_make_of_it_is_named_and_left_alone(place, a_write, data, why):
    """No AWS tool in Python can read it either."""
    place.put(data)
    for call in (place.store().read, lambda: place.store().write(Batch(sets=(a_write(),)))):
        with pytest.raises(CredentialsFileError, match=why):
            call()
    assert place.path.read_bytes() == data


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_line_ends_of_others_stay_byte_for_byte(place, a_write, end):
    text = f"# mine{end}[mine]{end}k = v{end}{end}  {end}; the end{end}"
    place.put(text)
    store = place.store()
    store.write(Batch(sets=(a_write(),)))
    assert place.text().startswith(text)
    added = place.text().removeprefix(text)
    assert added.count(end) == 7
    assert not {"\r", "\n"} & set(added.replace(end, ""))
    store.write(Batch(removes=("dev",)))
    assert place.path.read_bytes() == text.encode()


@posix
@pytest.mark.logs_warnings
def test_a_file_system_that_ignores_modes_is_named(place, a_write, monkeypatch, caplog):
    """/mnt/c under WSL shows every file as 0777."""
    fchmod = os.fchmod
    monkeypatch.setattr(os, "fchmod", lambda handle, mode: fchmod(handle, 0o777))
    place.store().write(Batch(sets=(a_write(),)))
    assert "ignores file modes" in caplog.text


def test_a_reading_shows_no_bytes():
    assert repr(files.Reading(b"secret", None)) == "Reading(stamp=None)"


def test_a_backup_that_cannot_be_written_leaves_nothing(place, monkeypatch):
    place.put(TEXT)

    def fails(*_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(CredentialsFileError, match="no space"):
        files.back_up(place.path, b"x", NOW)
    assert place.siblings() == ["credentials"]
    with pytest.raises(CredentialsFileError, match="cannot be used"):
        files.back_up(place.path.parent / "none" / "credentials", b"x", NOW)


def test_a_hundred_backups_of_one_second_are_enough(place):
    place.put(TEXT)
    kept = {files.back_up(place.path, b"x", NOW) for _ in range(99)}
    assert len(kept) == 99
    with pytest.raises(CredentialsFileError, match="too many backups"):
        files.back_up(place.path, b"x", NOW)


@posix
def test_the_state_folder_that_a_lock_makes_is_the_user_s_alone(tmp_path):
    old = os.umask(0o022)
    try:
        with lockfile.locked(tmp_path / "credentials", tmp_path / "state" / "locks") as alone:
            assert alone
    finally:
        os.umask(old)
    assert (mode(tmp_path / "state"), mode(tmp_path / "state" / "locks")) == (0o700, 0o700)
