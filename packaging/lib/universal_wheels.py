"""Wheels for both kinds of Mac, made of one for Apple's processors and one for Intel's. Runs anywhere.

Some projects, Pillow among them, publish a wheel for each kind. An app for both needs every library as one file that
holds the code of both, which Apple calls universal.
"""

from __future__ import annotations

import base64
import hashlib
import re
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

PLATFORMS = ("macosx_11_0_arm64", "macosx_11_0_x86_64")
"""Those whose wheels are fused, as pip calls them; each takes older ones of its kind too."""

_TAG = re.compile(r"macosx_(\d+)_(\d+)_(?:arm64|x86_64)")
_LITTLE_64 = 0xFEEDFACF
_UNIVERSAL = 0xCAFEBABE
_HEADER = struct.Struct(">II")
_SLICE = struct.Struct(">IIIII")
"""Of the header, for each processor: its kind, its model, where the code starts, how long it is, how it is aligned."""
_ALIGNMENT = 14
"""As a power of two: pages of Apple's processors have 16 KiB."""


class _Code(NamedTuple):
    """A program or library for one processor."""

    processor: int
    model: int
    data: bytes


def fuse_all(first: Path, second: Path, out: Path) -> list[Path]:
    """Fuse the wheels of two folders that are for one kind of Mac each; those for any are left alone.

    Raises:
        ValueError: a wheel is there for one kind alone, or two do not hold the same.
    """
    pairs = [
        {_project(wheel): wheel for wheel in folder.glob("*.whl") if _TAG.search(wheel.name)}
        for folder in (first, second)
    ]
    lonely = pairs[0].keys() ^ pairs[1].keys()
    if lonely:
        raise ValueError(f"there for one kind of Mac alone: {', '.join(sorted(lonely))}")
    out.mkdir(parents=True, exist_ok=True)
    return [fuse(pairs[0][name], pairs[1][name], out) for name in sorted(pairs[0])]


def fuse(first: Path, second: Path, out: Path) -> Path:
    """Make one wheel for both kinds of Mac out of one for each; the file.

    Raises:
        ValueError: they do not hold the same files, or one that is not code differs.
    """
    held = [_files(wheel) for wheel in (first, second)]
    if held[0].keys() != held[1].keys():
        raise ValueError(f"{first.name} and {second.name} do not hold the same files")
    files = {}
    for name, data in held[0].items():
        folder, _, file = name.rpartition("/")
        if folder.endswith(".dist-info") and file == "WHEEL":
            files[name] = _TAG.sub(_universal_tag(first.name, second.name), data.decode()).encode()
        elif not (folder.endswith(".dist-info") and file == "RECORD"):
            files[name] = data if data == held[1][name] else universal(data, held[1][name], name)
    target = out / _TAG.sub(_universal_tag(first.name, second.name), first.name)
    _write(target, files)
    return target


def universal(first: bytes, second: bytes, name: str) -> bytes:
    """One file with the code of both: a header, and each as it is on a page of its own.

    Raises:
        ValueError: one is not code for one processor, or both are for the same.
    """
    codes = sorted(_Code(*_processor(data, name), data) for data in (first, second))
    if codes[0].processor == codes[1].processor:
        raise ValueError(f"{name} is for the same processor twice")
    page = 1 << _ALIGNMENT
    header, body, start = _HEADER.pack(_UNIVERSAL, len(codes)), b"", page
    for code in codes:
        header += _SLICE.pack(code.processor, code.model, start + len(body), len(code.data), _ALIGNMENT)
        body += code.data + b"\0" * (-len(code.data) % page)
    return header.ljust(start, b"\0") + body


def _processor(data: bytes, name: str) -> tuple[int, int]:
    """The kind and the model of the processor that some code is for."""
    if len(data) < _HEADER.size + 4 or struct.unpack_from("<I", data)[0] != _LITTLE_64:
        raise ValueError(f"{name} differs, and is not code for one processor")
    processor, model = struct.unpack_from("<II", data, 4)
    return processor, model


def _project(wheel: Path) -> str:
    return wheel.name.partition("-")[0].lower()


def _universal_tag(*names: str) -> str:
    """The tag of both: the newer of the systems that they ask for."""
    versions = [(int(major), int(minor)) for name in names for major, minor in _TAG.findall(name)]
    return "macosx_{}_{}_universal2".format(*max(versions))


def _files(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as opened:
        return {name: opened.read(name) for name in opened.namelist() if not name.endswith("/")}


def _write(target: Path, files: Mapping[str, bytes]) -> None:
    """Pack a wheel, with the hashes of its files in its RECORD."""
    record = next(name for name in files if name.endswith(".dist-info/WHEEL")).removesuffix("WHEEL") + "RECORD"
    lines = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in files.items()]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
        packed.writestr(record, "\n".join([*lines, f"{record},,", ""]))


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
