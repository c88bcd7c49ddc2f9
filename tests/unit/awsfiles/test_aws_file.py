"""An AWS file is read in the encoding in which AWS tools in Python read it, and no byte of it is lost on the way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.windows.mark import not_on_windows
from traycreds.awsfiles import aws_file
from traycreds.awsfiles.credentials_file import CredentialsFile
from traycreds.awsfiles.ini import IniText, ProfileTextError
from traycreds.core.errors import ConfigError, CredentialsFileError
from traycreds.core.model import Batch
from traycreds.files import contents

OURS = b"[dev]\ntraycreds_role = dev\n"


@pytest.fixture
def code_page(monkeypatch):
    """Windows' code pages, wherever this runs; Windows' own is what the property tests meet."""

    def code_page(name):
        monkeypatch.setattr(aws_file, "of_unnamed", lambda: name)

    return code_page


@pytest.fixture
def credentials(tmp_path):
    """A credentials file with these bytes, untouched for long."""

    def credentials(data):
        path = tmp_path / "credentials"
        path.write_bytes(data)
        os.utime(path, (1, 1))
        return CredentialsFile(path, lock_dir=tmp_path / "locks"), path

    return credentials


@pytest.mark.parametrize(("named", "codec"), [("UTF-8", "utf-8"), ("cp65001", "utf-8"), ("cp1252", "cp1252")])
def test_the_encoding_goes_by_one_name(code_page, named, codec):
    code_page(named)
    assert aws_file.encoding() == codec


@pytest.mark.parametrize(
    ("page", "note"), [("cp1252", "# clé, œuvre"), ("cp1251", "# ключ"), ("cp932", "# 表鍵["), ("utf-8", "# clé 表")]
)
def test_a_file_saved_in_the_code_page_can_be_read_and_written(code_page, credentials, page, note):
    code_page(page)
    foreign = f"{note}\r\n[base]\r\nregion = x\r\n".encode(page)
    store, path = credentials(foreign + OURS)
    assert store.read().foreign == ("base",)
    assert store.write(Batch(removes=("dev",))).refused == ()
    assert path.read_bytes() == foreign


def test_letters_of_utf_8_are_kept_where_the_code_page_takes_them_for_others(code_page, credentials):
    code_page("cp1252")
    foreign = "# clé\n[ü]\nregion = x\n".encode()
    store, path = credentials(foreign + OURS)
    # This is the name by which botocore knows the profile.
    assert store.read().foreign == ("Ã¼",)
    store.write(Batch(removes=("dev",)))
    assert path.read_bytes() == foreign


def test_a_letter_of_utf_8_that_the_code_page_does_not_know(code_page, credentials):
    code_page("cp1252")
    store, path = credentials("[a]\n# Á\n".encode())
    with pytest.raises(
        CredentialsFileError, match=r"is not CP1252, which is how AWS tools .* read the file.* \(line 2\)"
    ):
        store.read()
    with pytest.raises(ConfigError, match="line 2: a byte that is not CP1252"):
        aws_file.read_sections(path)


def test_a_file_in_utf_16_is_called_so(credentials):
    store, path = credentials("[a]\r\n".encode("utf-16"))
    with pytest.raises(CredentialsFileError, match=r"UTF-16, as PowerShell writes it \(line 1\)"):
        store.read()
    with pytest.raises(ConfigError, match="line 1: the file is in UTF-16"):
        aws_file.read_sections(path)


@pytest.mark.parametrize("page", ["cp1252", "cp932", "utf-8"])
def test_a_byte_order_mark_is_called_so(code_page, page):
    code_page(page)
    with pytest.raises(ProfileTextError, match="a byte-order mark before"):
        IniText(aws_file.decoded(b"\xef\xbb\xbf[a]\n"))


def test_a_letter_that_would_not_come_back_the_same_is_not_written(code_page, credentials):
    code_page("cp932")
    # The letter has two numbers, and Python writes the other one.
    twice = b"# \x87\x90\n"
    store, path = credentials(twice + OURS)
    with pytest.raises(CredentialsFileError, match="has characters that CP932 does not preserve"):
        store.write(Batch(removes=("dev",)))
    assert path.read_bytes() == twice + OURS


def test_a_letter_that_the_code_page_has_not(code_page):
    code_page("cp1252")
    with pytest.raises(ProfileTextError, match="characters that CP1252"):
        aws_file.encoded("→")


# Windows only says that such a path does not exist.
@not_on_windows
def test_a_file_below_a_file_cannot_be(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"/config cannot exist because .*/file is not a folder"):
        aws_file.read_sections(tmp_path / "file" / "config")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ConfigError, match="is not a regular file"):
        aws_file.read_sections(tmp_path)


def test_a_backup_is_the_old_file_byte_for_byte(code_page, credentials):
    code_page("cp1252")
    old = "# clé\n[dev]\nregion = x\n".encode("cp1252")
    store, path = credentials(old)
    assert store.take_over("dev", "base").read_bytes() == old
    assert path.read_bytes() == old.replace(b"[dev]", b"[base]")
    assert contents.read(path).data is not None


def test_the_device_that_is_nothing_is_an_empty_file():
    """Who has no such file says so by AWS_CONFIG_FILE=/dev/null, on Windows NUL."""
    assert aws_file.read_sections(Path(os.devnull)) == ()
