"""What Windows itself reads in a program file: version information, icon, manifest, kind (Microsoft: Resources)."""

from __future__ import annotations

import ctypes
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_AS_DATA = 0x00000002
_ICON, _GROUP_ICON, _MANIFEST = 3, 14, 24
_NAMES = ("OriginalFilename", "FileDescription", "FileVersion", "ProductVersion", "ProductName", "CompanyName")
_TERMINAL = 3
"""IMAGE_SUBSYSTEM_WINDOWS_CUI."""


def strings(program: Path) -> dict[str, str]:
    """Version information, as the file's properties show it."""
    assert sys.platform == "win32"
    version_api = ctypes.WinDLL("version")
    size = version_api.GetFileVersionInfoSizeW(str(program), None)
    block = ctypes.create_string_buffer(size)
    assert version_api.GetFileVersionInfoW(str(program), 0, size, block), program
    text, length = ctypes.c_wchar_p(), ctypes.c_uint()
    reported = {}
    for name in _NAMES:
        place = rf"\StringFileInfo\040904B0\{name}"
        assert version_api.VerQueryValueW(block, place, ctypes.byref(text), ctypes.byref(length)), name
        reported[name] = str(text.value)
    return reported


def icon_sizes(program: Path) -> set[int]:
    """The sizes of its first icon, in pixels; each picture of it is there."""
    with _opened(program) as find:
        group = find(_GROUP_ICON, 1)
        count = struct.unpack_from("<HHH", group)[2]
        found = [struct.unpack_from("<BBBBHHIH", group, 6 + 14 * at) for at in range(count)]
        for *_, size, number in found:
            assert len(find(_ICON, number)) == size
    return {width or 256 for width, *_ in found}


def manifest(program: Path) -> str:
    """The application manifest."""
    with _opened(program) as find:
        return find(_MANIFEST, 1).decode()


def is_for_terminals(program: Path) -> bool:
    """Whether Windows gives it a console (PE format: Subsystem, in the optional header)."""
    data = program.read_bytes()[:4096]
    header = struct.unpack_from("<I", data, 0x3C)[0] + 4 + 20
    kind: int = struct.unpack_from("<H", data, header + 68)[0]
    return kind == _TERMINAL


@contextmanager
def _opened(program: Path) -> Iterator[object]:
    """Gives a function that finds a resource by kind and number."""
    assert sys.platform == "win32"
    kernel = ctypes.WinDLL("kernel32")
    handle, number = ctypes.c_void_p, ctypes.c_void_p
    kernel.LoadLibraryExW.restype = handle
    kernel.FindResourceW.restype, kernel.FindResourceW.argtypes = handle, [handle, number, number]
    kernel.SizeofResource.argtypes = [handle, handle]
    kernel.LoadResource.restype, kernel.LoadResource.argtypes = handle, [handle, handle]
    kernel.LockResource.restype, kernel.LockResource.argtypes = ctypes.c_void_p, [handle]
    kernel.FreeLibrary.argtypes = [handle]
    module = kernel.LoadLibraryExW(str(program), None, _AS_DATA)
    assert module, program

    def find(kind: int, number: int) -> bytes:
        place = kernel.FindResourceW(module, number, kind)
        assert place, (program, kind, number)
        return ctypes.string_at(
            kernel.LockResource(kernel.LoadResource(module, place)), kernel.SizeofResource(module, place)
        )

    try:
        yield find
    finally:
        kernel.FreeLibrary(module)
