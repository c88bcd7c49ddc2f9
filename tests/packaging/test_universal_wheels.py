"""Wheels for both kinds of Mac, fused of one for each."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import struct
import zipfile

import pytest
from lib import universal_wheels

APPLE, INTEL = 0x0100000C, 0x01000007
"""How Mach-O calls the processors (mach/machine.h)."""
WHEEL = "thing-1.0.dist-info/WHEEL"


def code(processor, text=b"code"):
    return struct.pack("<III", 0xFEEDFACF, processor, 3) + text


def wheel(folder, tag, **files):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"thing-1.0-cp313-cp313-{tag}.whl"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("thing/__init__.py", "x = 1\n")
        for name, data in files.items():
            packed.writestr(f"thing/{name}.so", data)
        packed.writestr(WHEEL, f"Wheel-Version: 1.0\nTag: cp313-cp313-{tag}\n")
        packed.writestr("thing-1.0.dist-info/RECORD", "of its own\n")
    return path


@pytest.fixture
def pair(tmp_path):
    return (
        wheel(tmp_path / "apple", "macosx_11_0_arm64", _c=code(APPLE, b"apple")),
        wheel(tmp_path / "intel", "macosx_10_13_x86_64", _c=code(INTEL, b"intel" * 5000)),
    )


def slices(data):
    """What a universal file holds: the code for each processor."""
    magic, number = struct.unpack_from(">II", data)
    assert magic == 0xCAFEBABE
    found = {}
    for place in range(number):
        processor, _, start, length, alignment = struct.unpack_from(">IIIII", data, 8 + 20 * place)
        assert start % (1 << alignment) == 0
        found[processor] = data[start : start + length]
    return found


def test_each_library_holds_the_code_of_both(pair, tmp_path):
    fused = universal_wheels.fuse(*pair, tmp_path)
    assert fused.name == "thing-1.0-cp313-cp313-macosx_11_0_universal2.whl"
    with zipfile.ZipFile(fused) as opened:
        assert slices(opened.read("thing/_c.so")) == {APPLE: code(APPLE, b"apple"), INTEL: code(INTEL, b"intel" * 5000)}
        assert opened.read("thing/__init__.py") == b"x = 1\n"
        assert b"Tag: cp313-cp313-macosx_11_0_universal2\n" in opened.read(WHEEL)
        rows = list(csv.reader(io.StringIO(opened.read("thing-1.0.dist-info/RECORD").decode())))
        assert {row[0] for row in rows} == set(opened.namelist())
        for name, digest, size in rows[:-1]:
            data = opened.read(name)
            expected = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            assert (digest, size) == (f"sha256={expected}", str(len(data)))


def test_what_is_for_any_mac_is_left_alone(pair, tmp_path):
    for path in pair:
        (path.parent / "other-2.0-py3-none-any.whl").touch()
        (path.parent / "both-2.0-cp313-cp313-macosx_10_13_universal2.whl").touch()
    assert [each.name for each in universal_wheels.fuse_all(pair[0].parent, pair[1].parent, tmp_path / "out")] == [
        "thing-1.0-cp313-cp313-macosx_11_0_universal2.whl"
    ]


def test_a_wheel_for_one_kind_of_mac_alone_is_named(pair, tmp_path):
    pair[1].unlink()
    with pytest.raises(ValueError, match="for one kind of Mac alone: thing"):
        universal_wheels.fuse_all(pair[0].parent, pair[1].parent, tmp_path / "out")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"_c": code(APPLE)}, "for the same processor twice"),
        ({"_c": b"text"}, "is not code for one processor"),
        ({"_c": struct.pack(">II", 0xCAFEBABE, 2) + b"more"}, "is not code for one processor"),
        ({"_d": code(INTEL)}, "do not hold the same files"),
    ],
)
def test_what_cannot_be_fused_is_named(files, message, pair, tmp_path):
    other = wheel(tmp_path / "other", "macosx_10_13_x86_64", **files)
    with pytest.raises(ValueError, match=message):
        universal_wheels.fuse(pair[0], other, tmp_path)
