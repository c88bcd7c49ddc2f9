"""What is said of a file that cannot be written or read is carried out, and the same write or read succeeds."""

from __future__ import annotations

import errno
import os
import sys

import pytest

from tests.contract.doctor_remedies import lay_out, places  # noqa: F401 - a fixture
from tests.contract.store_contract import a_write
from tests.support.builders import NOW, a_role
from tests.windows.mark import not_on_windows
from traycreds.aws.sts import StsSource
from traycreds.awsfiles import profiles
from traycreds.awsfiles.credentials_file import CredentialsFile
from traycreds.config import loader
from traycreds.core.errors import ConfigError, CredentialsFileError, IssueError, TraycredsError
from traycreds.core.model import Batch
from traycreds.files import atomic_write, locks, rewrite

BATCH = Batch(sets=(a_write("dev"),))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "aws" / "credentials"


@pytest.fixture
def store(path, tmp_path):
    return CredentialsFile(path, lock_dir=tmp_path / "state", now=lambda: NOW, sleep=lambda seconds: None)


@pytest.mark.parametrize(
    ("refusal", "hint"),
    [
        (errno.ENOSPC, "Free some space; the file is unchanged."),
        (
            errno.EACCES,
            "Check the permissions of the file and its folder, and the antivirus program; the file is unchanged."
            if sys.platform == "win32"
            else "Check the owner and mode of the file and its folder; the file is unchanged.",
        ),
        (errno.EROFS, "Make it writable, or set AWS_SHARED_CREDENTIALS_FILE to another place; the file is unchanged."),
    ],
)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_the_system_refuses_is_done_once_it_allows_it(
    store, path, tmp_path, monkeypatch, refusal, hint, elsewhere
):
    """The system refuses whatever is in one folder; then it does not, or the file is elsewhere."""
    opened = os.open

    def refusing(file, *how, **more):
        if os.fspath(file).startswith(str(path.parent)):
            raise OSError(refusal, os.strerror(refusal), str(file))
        return opened(file, *how, **more)

    with monkeypatch.context() as refused:
        refused.setattr(atomic_write.os, "open", refusing)
        with pytest.raises(CredentialsFileError) as caught:
            store.write(BATCH)
        assert caught.value.hint == hint
        assert not path.exists()
        if elsewhere:
            place = tmp_path / "other" / "credentials"
            CredentialsFile(place, lock_dir=tmp_path / "state", now=lambda: NOW).write(BATCH)
            assert place.exists()
            return
    store.write(BATCH)
    assert path.exists()


def loop(path):
    path.parent.mkdir()
    path.symlink_to(path)
    yield "Fix the link."
    path.unlink()


def no_file(path):
    path.mkdir(parents=True)
    yield "Move it away, or use another file."
    path.rmdir()


def no_folder(path):
    path.parent.touch()
    yield "Move that away, or use another file."
    path.parent.unlink()


@not_on_windows
@pytest.mark.parametrize("trouble", [loop, no_file, no_folder])
def test_what_stands_in_the_way_of_the_file_is_moved_away(store, path, trouble):
    steps = trouble(path)
    hint = next(steps)
    with pytest.raises(CredentialsFileError) as caught:
        store.write(BATCH)
    assert caught.value.hint == hint
    assert next(steps, None) is None
    store.write(BATCH)
    assert path.exists()


def test_a_lock_that_another_traycreds_holds_is_waited_for(path, tmp_path):
    with locks.locked(path, tmp_path):
        with pytest.raises(CredentialsFileError) as caught, locks.locked(path, tmp_path, patience=0.05):
            pass
        assert caught.value.hint == "Wait for it, or stop it if it hangs."
    with locks.locked(path, tmp_path, patience=0.05) as held:
        assert held


@pytest.mark.parametrize(
    ("wrong", "encoding", "hint", "right"),
    [
        (b"# \xff\n", "utf-8", "Save the file as UTF-8.", "# \u00ff\n".encode()),
        (b"# \x81\xe6\n# \x87\x9a\n", "cp932", "Remove them.", b"# \n"),
    ],
)
def test_a_text_that_cannot_be_kept_is_changed(tmp_path, wrong, encoding, hint, right):
    path = tmp_path / "config"
    for text, refused in ((wrong, True), (right, False)):
        path.write_bytes(text)
        # A file that has just changed may still be in the middle of a write.
        os.utime(path, ns=(10**18, 10**18))
        if refused:
            with pytest.raises(ConfigError) as caught:
                rewrite.rewrite(path, tmp_path, lambda old: f"{old}k\n", encoding=encoding)
            assert caught.value.hint == hint
        else:
            assert rewrite.rewrite(path, tmp_path, lambda old: f"{old}k\n", encoding=encoding)


@pytest.mark.parametrize("writes", [False, True])
def test_a_folder_in_the_place_of_a_text_is_moved_away(tmp_path, writes):
    path = tmp_path / "config"
    path.mkdir()
    with pytest.raises(ConfigError) as caught:
        rewrite.rewrite(path, tmp_path, lambda old: "k\n") if writes else rewrite.read(path)
    assert caught.value.hint == (
        "Check the file and its folder; nothing was changed." if writes else "Check the file and its folder."
    )
    path.rmdir()
    assert rewrite.rewrite(path, tmp_path, lambda old: "k\n")
    assert rewrite.read(path) == "k\n"


@not_on_windows
@pytest.mark.parametrize("which", ["config_file", "aws_config_file", "credentials_file"])
def test_a_file_that_its_mode_keeps_from_the_user(places, monkeypatch, which):
    """As for a user, even where root runs the tests: what may not be read is refused."""
    lay_out(places)
    path = getattr(places, which)
    path.chmod(0)
    opened = type(path).open

    def refusing(self, *how, **more):
        if self == path and self.stat().st_mode & 0o400 == 0:
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return opened(self, *how, **more)

    monkeypatch.setattr(type(path), "open", refusing)
    role = a_role("dev", arn=None, source_profile=None, from_profile="base")
    reads = [lambda: loader.load(places, profiles.read_at(places))]
    reads += [lambda: StsSource().issue(role)] if which != "config_file" else []
    for read in reads:
        with pytest.raises(TraycredsError) as caught:
            read()
        assert (caught.value.hint, str(path) in caught.value.sentence) == (
            "Give your user permission to read it.",
            True,
        )
    path.chmod(0o600)
    assert [each.name for each in loader.load(places, profiles.read_at(places)).roles] == ["dev"]
    # This error is only found by reading `base`.
    with pytest.raises(IssueError, match="Role dev has no session to renew"):
        StsSource().issue(role)


@not_on_windows
def test_a_folder_in_the_place_of_an_aws_file_is_moved_away(places):
    lay_out(places)
    role = a_role("dev", arn=None, source_profile=None, from_profile="base")
    text = places.credentials_file.read_text()
    places.credentials_file.unlink()
    places.credentials_file.mkdir()
    for read in (lambda: profiles.read_at(places), lambda: StsSource().issue(role)):
        with pytest.raises(TraycredsError, match="is not a regular file") as caught:
            read()
        assert caught.value.hint == "Move it away, or use another file."
    places.credentials_file.rename(places.credentials_file.with_name("away"))
    places.credentials_file.write_text(text)
    assert profiles.read_at(places)
    with pytest.raises(IssueError, match="Role dev has no session to renew"):
        StsSource().issue(role)
