"""What only Windows does to a file that is replaced: others who have it open, attributes, access lists, drives."""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.windows.mark import on_wine, windows_only
from traycreds.core.errors import CredentialsFileError
from traycreds.core.model import Batch
from traycreds.files import atomic_write_windows, contents, locks

pytestmark = windows_only
TEXT = "[mine]\r\nk = v\r\n"
READ, WRITE, DELETE = 1, 2, 4
SHARES = {"nothing": 0, "reading": READ, "as Python's open": READ | WRITE, "as Rust and Node": READ | WRITE | DELETE}
LET_IT_BE_REPLACED = set() if on_wine else {"as Rust and Node"}
"""Whom a rename as of POSIX need not wait for; Wine 8 has none."""
HOLDING = {name: share for name, share in SHARES.items() if name not in LET_IT_BE_REPLACED}
HIDDEN, SYSTEM, READONLY = stat.FILE_ATTRIBUTE_HIDDEN, stat.FILE_ATTRIBUTE_SYSTEM, stat.FILE_ATTRIBUTE_READONLY
"""Attributes that people set."""


@contextlib.contextmanager
def held(path, share):
    """Have the file open for reading, with others allowed no more than `share`."""
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateFileW.restype = ctypes.c_void_p
    handle = kernel.CreateFileW(str(path), 0x80000000, share, None, 3, 0, None)
    assert handle != ctypes.c_void_p(-1).value, ctypes.get_last_error()
    try:
        yield
    finally:
        kernel.CloseHandle(ctypes.c_void_p(handle))


@contextlib.contextmanager
def held_for(seconds, path, share):
    """Someone else has the file open for a while."""
    begun = threading.Event()

    def hold():
        with held(path, share):
            begun.set()
            time.sleep(seconds)

    holder = threading.Thread(target=hold)
    holder.start()
    assert begun.wait(20)
    yield
    holder.join()


@pytest.mark.parametrize("share", HOLDING.values(), ids=HOLDING)
def test_anyone_who_has_the_file_open_for_a_while_is_waited_for(on_disk, a_write, share):
    on_disk.put(TEXT)
    store = on_disk.store()
    began = time.monotonic()
    with held_for(0.4, on_disk.path, share):
        store.write(Batch(sets=(a_write(),)))
    assert time.monotonic() - began > 0.3
    assert on_disk.text().startswith(TEXT + "\r\n[dev]\r\n")
    assert on_disk.siblings() == ["credentials"]


def test_reading_waits_as_well(on_disk):
    on_disk.put(TEXT)
    with held_for(0.4, on_disk.path, 0):
        assert on_disk.store().read().foreign == ("mine",)


def test_what_an_editor_saves_while_we_wait_for_it_is_kept(on_disk, a_write):
    on_disk.put(TEXT)
    begun = threading.Event()

    def edit():
        with on_disk.path.open("ab") as file:
            begun.set()
            time.sleep(0.3)
            file.write(b"[theirs]\r\nk = v\r\n")

    editor = threading.Thread(target=edit)
    editor.start()
    assert begun.wait(20)
    on_disk.store().write(Batch(sets=(a_write(),)))
    editor.join()
    assert on_disk.text().startswith(TEXT + "[theirs]\r\nk = v\r\n\r\n[dev]\r\n")


def test_nobody_who_may_write_has_it_open_when_it_is_renamed(on_disk, monkeypatch):
    """Who writes and closes it right after our look would else lose what was written."""
    on_disk.put(TEXT)
    new = on_disk.path.with_name("new")
    new.write_bytes(b"new")
    renames = []
    monkeypatch.setattr(atomic_write_windows, "renamed_as_posix", lambda *files: renames.append(files))
    with on_disk.path.open("ab"), pytest.raises(PermissionError):
        atomic_write_windows.exchange(new, on_disk.path, TEXT.encode())
    assert renames == []
    assert atomic_write_windows.exchange(new, on_disk.path, TEXT.encode())
    assert (len(renames), on_disk.text()) == (1, "new")


def test_the_rename_of_posix_is_tried_first_and_the_old_one_after_it(on_disk, monkeypatch):
    """Wine 8 has no rename as of POSIX; Windows renames, and the call that is recorded does not."""
    on_disk.put(TEXT)
    new = on_disk.path.with_name("new")
    new.write_bytes(b"new")
    library, asked = ctypes.WinDLL, []

    class Kernel:
        def __init__(self, *about, **more):
            self._real = library(*about, **more)

        def __getattr__(self, name):
            return self._set if name == "SetFileInformationByHandle" else getattr(self._real, name)

        @staticmethod
        def _set(handle, kind, about, size):
            flags, length = about._obj.flags, about._obj.name_length
            asked.append((kind, flags, about._obj.name, length, on_disk.text()))
            return 0

    Kernel._set.argtypes = None
    monkeypatch.setattr(atomic_write_windows.ctypes, "WinDLL", Kernel)
    assert atomic_write_windows.exchange(new, on_disk.path, TEXT.encode())
    name = str(on_disk.path)
    assert asked == [(22, 1 | 2, name, 2 * len(name), TEXT)], "FileRenameInfoEx: REPLACE_IF_EXISTS, POSIX_SEMANTICS"
    assert on_disk.text() == "new"


@pytest.mark.skipif(on_wine, reason="Wine 8 has no rename as of POSIX")
def test_a_reader_that_lets_it_be_deleted_is_not_waited_for(on_disk, a_write):
    on_disk.put(TEXT)
    with held(on_disk.path, SHARES["as Rust and Node"]):
        on_disk.store().write(Batch(sets=(a_write(),)))
        assert "[dev]" in on_disk.text()


@pytest.mark.parametrize("share", HOLDING.values(), ids=HOLDING)
@pytest.mark.parametrize("attribute", [0, READONLY], ids=["", "read-only"])
def test_a_program_that_never_closes_the_file_is_reported_and_the_file_is_unchanged(
    on_disk, a_write, monkeypatch, share, attribute
):
    monkeypatch.setattr(atomic_write_windows, "PATIENCE", 0.1)
    on_disk.put(TEXT)
    set_attributes(on_disk.path, attribute)
    store = on_disk.store()
    with held(on_disk.path, share), pytest.raises(CredentialsFileError) as caught:
        store.write(Batch(sets=(a_write(),)))
    assert caught.value.sentence == f"Another program has {on_disk.path} open."
    assert caught.value.hint == "Close the editor or program that has it open; the file is unchanged."
    assert (on_disk.text(), on_disk.siblings()) == (TEXT, ["credentials"])
    assert attributes(on_disk.path) == attribute
    store.write(Batch(sets=(a_write(),)))
    assert "[dev]" in on_disk.text()


def test_a_scanner_that_has_the_new_file_open_before_its_rename_is_waited_for(on_disk, a_write, monkeypatch):
    """It is started by our closing the file."""
    on_disk.put(TEXT)
    real, scans = atomic_write_windows.exchange, []

    def scanned(new, old, expected):
        if not scans:
            scans.append(held_for(0.3, new, READ))
            scans[0].__enter__()
        return real(new, old, expected)

    monkeypatch.setattr(atomic_write_windows, "exchange", scanned)
    on_disk.store().write(Batch(sets=(a_write(),)))
    scans[0].__exit__(None, None, None)
    assert "[dev]" in on_disk.text()
    assert on_disk.siblings() == ["credentials"]


def set_attributes(path, value):
    assert ctypes.WinDLL("kernel32").SetFileAttributesW(str(path), value or stat.FILE_ATTRIBUTE_NORMAL)


def attributes(path):
    return path.stat().st_file_attributes & (HIDDEN | SYSTEM | READONLY)


@pytest.mark.parametrize(
    "value",
    [0, HIDDEN, READONLY, pytest.param(SYSTEM, marks=pytest.mark.skipif(on_wine, reason="Wine keeps none on disk"))],
    ids=["none", "hidden", "read-only", "system"],
)
def test_attributes_stay(on_disk, a_write, value):
    on_disk.put(TEXT)
    set_attributes(on_disk.path, value)
    for n in (1, 2):
        on_disk.store().write(Batch(sets=(a_write(n=n),)))
        assert attributes(on_disk.path) == value
    assert "ASIAEXAMPLE000000002" in on_disk.text()
    assert on_disk.siblings() == ["credentials"]


def test_litter_goes_even_if_it_is_read_only(on_disk):
    on_disk.put(TEXT)
    stray = on_disk.path.with_name(".credentials.traycreds-abc.tmp")
    stray.write_text("x")
    set_attributes(stray, READONLY)
    on_disk.store().read()
    assert on_disk.siblings() == ["credentials"]


def access_list(path, what=4):
    """It in Windows' own notation (SDDL)."""
    security, kernel = ctypes.WinDLL("advapi32"), ctypes.WinDLL("kernel32")
    descriptor, text = ctypes.c_void_p(), ctypes.c_wchar_p()
    assert not security.GetNamedSecurityInfoW(str(path), 1, what, None, None, None, None, ctypes.byref(descriptor))
    assert security.ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor, 1, what, ctypes.byref(text), None)
    value = text.value
    kernel.LocalFree(text)
    kernel.LocalFree(descriptor)
    return value


def owner(path):
    return access_list(path, what=1).removeprefix("O:")


def give_access_list(path, sddl):
    security, kernel = ctypes.WinDLL("advapi32"), ctypes.WinDLL("kernel32")
    descriptor = ctypes.c_void_p()
    assert security.ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, 1, ctypes.byref(descriptor), None)
    assert security.SetFileSecurityW(str(path), 4, descriptor)
    kernel.LocalFree(descriptor)


def test_the_access_list_stays(on_disk, a_write):
    """Each in turn, so that a folder's own list can be only one of them."""
    seen = []
    for readers in ("", "(A;;FR;;;WD)"):
        on_disk.put(TEXT)
        give_access_list(on_disk.path, f"D:P(A;;FA;;;SY)(A;;FA;;;{owner(on_disk.path)}){readers}")
        seen.append(access_list(on_disk.path))
        on_disk.store().write(Batch(sets=(a_write(),)))
        assert access_list(on_disk.path) == seen[-1]
        assert "[dev]" in on_disk.text()
    assert seen[0] != seen[1]


@pytest.mark.skipif(on_wine, reason="GetFinalPathNameByHandle of Wine 8 has room for only that")
def test_a_path_beyond_260_characters(on_disk, a_write, tmp_path):
    folder = str(tmp_path)
    while len(folder) < 300:
        folder += os.sep + "x" * 40
    path = Path(f"\\\\?\\{folder}\\credentials")
    store = on_disk.store(path)
    store.write(Batch(sets=(a_write(),)))
    store.write(Batch(sets=(a_write(n=2),)))
    assert not store.changed()
    assert [each.name for each in path.parent.iterdir()] == ["credentials"]


@pytest.fixture
def drive(tmp_path):
    """A drive letter of its own, as `subst` makes it; its root."""
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    letter = next(f"{letter}:" for letter in "TUVWXYQR" if not Path(f"{letter}:\\").exists())
    assert kernel.DefineDosDeviceW(0, letter, str(tmp_path)), ctypes.get_last_error()
    yield Path(letter + "\\")
    assert kernel.DefineDosDeviceW(2, letter, None)


@pytest.mark.skipif(on_wine, reason="Wine has drives where its configuration says so alone")
def test_the_root_of_a_drive(on_disk, a_write, drive):
    path = drive / "credentials"
    store = on_disk.store(path)
    store.write(Batch(sets=(a_write(),)))
    store.write(Batch(sets=(a_write(n=2),)))
    assert not store.changed()
    assert "ASIAEXAMPLE000000002" in path.read_text()
    assert len(list(drive.glob("*credentials*"))) == 1


@pytest.mark.skipif(on_wine, reason="Wine 8 refuses FSCTL_SET_REPARSE_POINT")
def test_a_junction_is_followed_and_kept(on_disk, a_write, tmp_path):
    if sys.platform == "win32":
        import _winapi

        (tmp_path / "elsewhere").mkdir()
        _winapi.CreateJunction(str(tmp_path / "elsewhere"), str(on_disk.path.parent))
    on_disk.store().write(Batch(sets=(a_write(),)))
    assert "[dev]" in (tmp_path / "elsewhere" / "credentials").read_text()
    assert contents.real_path(on_disk.path).parent == tmp_path / "elsewhere"


def test_names_in_another_case_share_the_lock(on_disk, a_write):
    on_disk.put(TEXT)
    other = locks.locked(on_disk.path.with_name("CREDENTIALS"), on_disk.lock_dir, patience=0.1)
    with locks.locked(on_disk.path, on_disk.lock_dir), pytest.raises(CredentialsFileError, match="busy"), other:
        pass
