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
from traycreds.adapters import files, fileswindows, lockfile
from traycreds.core.errors import CredentialsFileError
from traycreds.core.model import Batch

pytestmark = windows_only
TEXT = "[mine]\r\nk = v\r\n"
READ, WRITE, DELETE = 1, 2, 4
SHARES = {"nothing": 0, "reading": READ, "as Python's open": READ | WRITE, "as Rust and Node": READ | WRITE | DELETE}
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
    """Somebody else has the file open for a while."""
    begun = threading.Event()

    def hold():
        with held(path, share):
            begun.set()
            time.sleep(seconds)

    holder = threading.Thread(target=hold)
    holder.start()
    assert begun.wait(5)
    yield
    holder.join()


@pytest.mark.parametrize("share", SHARES.values(), ids=SHARES)
def test_whoever_has_the_file_open_for_a_while_is_waited_for(place, a_write, share):
    place.put(TEXT)
    store = place.store()
    began = time.monotonic()
    with held_for(0.4, place.path, share):
        store.write(Batch(sets=(a_write(),)))
    assert 0.3 < time.monotonic() - began < 2
    assert place.text().startswith(TEXT + "\r\n[dev]\r\n")
    assert place.siblings() == ["credentials"]


def test_reading_waits_as_well(place):
    place.put(TEXT)
    with held_for(0.4, place.path, 0):
        assert place.store().read().foreign == ("mine",)


def test_what_an_editor_saves_while_we_wait_for_it_is_kept(place, a_write):
    place.put(TEXT)
    begun = threading.Event()

    def edit():
        with place.path.open("ab") as file:
            begun.set()
            time.sleep(0.3)
            file.write(b"[theirs]\r\nk = v\r\n")

    editor = threading.Thread(target=edit)
    editor.start()
    assert begun.wait(5)
    place.store().write(Batch(sets=(a_write(),)))
    editor.join()
    assert place.text().startswith(TEXT + "[theirs]\r\nk = v\r\n\r\n[dev]\r\n")


@pytest.mark.parametrize("share", SHARES.values(), ids=SHARES)
@pytest.mark.parametrize("attribute", [0, READONLY], ids=["", "read-only"])
def test_whoever_never_lets_go_is_told_of_and_the_file_is_as_it_was(place, a_write, monkeypatch, share, attribute):
    monkeypatch.setattr(fileswindows, "_PATIENCE", 0.1)
    place.put(TEXT)
    set_attributes(place.path, attribute)
    store = place.store()
    with held(place.path, share), pytest.raises(CredentialsFileError) as caught:
        store.write(Batch(sets=(a_write(),)))
    assert caught.value.sentence == f"Another program keeps {place.path} open."
    assert caught.value.hint == "Close the editor or program that has it open; the file is as it was."
    assert (place.text(), place.siblings()) == (TEXT, ["credentials"])
    assert attributes(place.path) == attribute
    store.write(Batch(sets=(a_write(),)))
    assert "[dev]" in place.text()


def test_a_scanner_that_has_the_new_file_open_before_its_rename_is_waited_for(place, a_write, monkeypatch):
    """It is started by our closing the file."""
    place.put(TEXT)
    real, scans = fileswindows.move, []

    def scanned(new, old):
        if not scans:
            scans.append(held_for(0.3, new, READ))
            scans[0].__enter__()
        return real(new, old)

    monkeypatch.setattr(fileswindows, "move", scanned)
    place.store().write(Batch(sets=(a_write(),)))
    scans[0].__exit__(None, None, None)
    assert "[dev]" in place.text()
    assert place.siblings() == ["credentials"]


def set_attributes(path, value):
    assert ctypes.WinDLL("kernel32").SetFileAttributesW(str(path), value or stat.FILE_ATTRIBUTE_NORMAL)


def attributes(path):
    return path.stat().st_file_attributes & (HIDDEN | SYSTEM | READONLY)


@pytest.mark.parametrize(
    "value",
    [0, HIDDEN, READONLY, pytest.param(SYSTEM, marks=pytest.mark.skipif(on_wine, reason="Wine keeps none on disk"))],
    ids=["none", "hidden", "read-only", "system"],
)
def test_attributes_stay(place, a_write, value):
    place.put(TEXT)
    set_attributes(place.path, value)
    for n in (1, 2):
        place.store().write(Batch(sets=(a_write(n=n),)))
        assert attributes(place.path) == value
    assert "ASIAEXAMPLE000000002" in place.text()
    assert place.siblings() == ["credentials"]


def test_litter_goes_even_if_it_is_read_only(place):
    place.put(TEXT)
    stray = place.path.with_name(".credentials.traycreds-abc.tmp")
    stray.write_text("x")
    set_attributes(stray, READONLY)
    place.store().read()
    assert place.siblings() == ["credentials"]


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


def test_the_access_list_stays(place, a_write):
    """Each in turn, so that a folder's own list can be only one of them."""
    seen = []
    for readers in ("", "(A;;FR;;;WD)"):
        place.put(TEXT)
        give_access_list(place.path, f"D:P(A;;FA;;;SY)(A;;FA;;;{owner(place.path)}){readers}")
        seen.append(access_list(place.path))
        place.store().write(Batch(sets=(a_write(),)))
        assert access_list(place.path) == seen[-1]
        assert "[dev]" in place.text()
    assert seen[0] != seen[1]


@pytest.mark.skipif(on_wine, reason="GetFinalPathNameByHandle of Wine 8 has room for no more")
def test_a_path_beyond_260_characters(place, a_write, tmp_path):
    folder = str(tmp_path)
    while len(folder) < 300:
        folder += os.sep + "x" * 40
    path = Path(f"\\\\?\\{folder}\\credentials")
    store = place.store(path)
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
def test_the_root_of_a_drive(place, a_write, drive):
    path = drive / "credentials"
    store = place.store(path)
    store.write(Batch(sets=(a_write(),)))
    store.write(Batch(sets=(a_write(n=2),)))
    assert not store.changed()
    assert "ASIAEXAMPLE000000002" in path.read_text()
    assert len(list(drive.glob("*credentials*"))) == 1


@pytest.mark.skipif(on_wine, reason="Wine 8 refuses FSCTL_SET_REPARSE_POINT")
def test_a_junction_is_followed_and_kept(place, a_write, tmp_path):
    if sys.platform == "win32":
        import _winapi

        (tmp_path / "elsewhere").mkdir()
        _winapi.CreateJunction(str(tmp_path / "elsewhere"), str(place.path.parent))
    place.store().write(Batch(sets=(a_write(),)))
    assert "[dev]" in (tmp_path / "elsewhere" / "credentials").read_text()
    assert files.real_path(place.path).parent == tmp_path / "elsewhere"


def test_names_in_another_case_share_the_lock(place, a_write):
    place.put(TEXT)
    other = lockfile.locked(place.path.with_name("CREDENTIALS"), place.lock_dir, patience=0.1)
    with lockfile.locked(place.path, place.lock_dir), pytest.raises(CredentialsFileError, match="busy"), other:
        pass
