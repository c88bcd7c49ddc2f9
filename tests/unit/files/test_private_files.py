"""What we make is its owner's alone, whatever the umask is."""

from __future__ import annotations

import os
import stat

import pytest

from tests.windows.mark import not_on_windows
from traycreds.files import private_files

pytestmark = not_on_windows


@pytest.fixture(autouse=True)
def _open_to_all():
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_each_folder_that_is_made_is_private(tmp_path):
    private_files.make_folder(tmp_path / "a" / "b" / "c")
    assert [mode(tmp_path / path) for path in ("a", "a/b", "a/b/c")] == [0o700] * 3


def test_a_folder_that_is_there_keeps_its_mode(tmp_path):
    (tmp_path / "a").mkdir(mode=0o755)
    private_files.make_folder(tmp_path / "a" / "b")
    private_files.make_folder(tmp_path / "a")
    assert (mode(tmp_path / "a"), mode(tmp_path / "a" / "b")) == (0o755, 0o700)


def test_a_file_in_the_place_of_a_folder_is_an_error(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(FileExistsError):
        private_files.make_folder(tmp_path / "a")
    with pytest.raises(NotADirectoryError):
        private_files.make_folder(tmp_path / "a" / "b")


def test_a_file_that_is_made_is_private_and_another_keeps_its_mode(tmp_path):
    private_files.write(tmp_path / "new", b"x")
    old = tmp_path / "old"
    old.write_bytes(b"long before")
    old.chmod(0o644)
    private_files.write(old, b"x")
    assert (mode(tmp_path / "new"), mode(old), old.read_bytes()) == (0o600, 0o644, b"x")


def test_a_file_for_its_owner_alone_is_narrowed(tmp_path):
    old = tmp_path / "old"
    old.touch()
    assert mode(old) == 0o666
    os.close(private_files.opener_for_owner_alone(str(old), os.O_WRONLY))
    assert mode(old) == 0o600
