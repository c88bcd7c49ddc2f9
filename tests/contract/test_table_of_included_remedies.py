"""What is said of included files, and of the configuration as a whole, is carried out, and the same read succeeds."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.contract.doctor_remedies import BASE, lay_out, places  # noqa: F401 - a fixture among them
from tests.windows.mark import not_on_windows
from traycreds.awsfiles import profiles
from traycreds.config import loader, review, template, toml_text
from traycreds.config.team_files import accepted_files
from traycreds.config.team_files.accepted_files import Accepted, AcceptedFiles, FileStatus
from traycreds.config.team_files.includes import IncludedFile
from traycreds.core.errors import ConfigError
from traycreds.desktop import open_file
from traycreds.files import atomic_write
from traycreds.usecases import team_review

ROLE = '[roles.{}]\nrole_arn = "arn:aws:iam::123456789012:role/X"\nsource_profile = "base"\n'
DEV, OTHER = ROLE.format("dev"), ROLE.format("other")
TEAM, MORE = IncludedFile("/team.toml"), IncludedFile("/more.toml")


@pytest.fixture
def parsed(tmp_path):
    """The names of the roles of a configuration with the given accepted texts."""

    (tmp_path / "credentials").write_text(BASE)

    def parsed(own: str, **texts: str) -> list[str]:
        aws = profiles.read(tmp_path / "config", tmp_path / "credentials")
        counting = {IncludedFile(f"/{name}.toml"): Accepted(text.encode()) for name, text in texts.items()}
        return [role.name for role in loader.parse(tmp_path / "config.toml", own, aws, counting).roles]

    return parsed


BOTH = "Remove it from one of the two, or remove one of them from include."
ACCOUNTS = '[accounts.123456789012]\nlabel = "PROD"\n'
SIGN_INS = '[sign_ins.corp]\nbrowser = ["firefox", "-P", "corp"]\n'
SETTINGS = '[settings]\nnotify_before = "9m"\n'


@pytest.mark.parametrize(
    ("wrong", "hint", "right"),
    [
        (("", {"team": DEV, "more": DEV + OTHER}), BOTH, ("", {"team": DEV, "more": OTHER})),
        (("", {"team": DEV, "more": DEV + OTHER}), BOTH, ("", {"more": DEV + OTHER})),
        (
            ("", {"team": DEV + OTHER + SETTINGS}),
            "Put settings in your own file; included files can have only roles.",
            (SETTINGS, {"team": DEV + OTHER}),
        ),
        (
            ("", {"team": DEV + OTHER + ACCOUNTS}),
            "Put accounts in your own file; included files can have only roles.",
            (ACCOUNTS, {"team": DEV + OTHER}),
        ),
        (
            ("", {"team": DEV + OTHER + SIGN_INS}),
            "Put sign_ins in your own file; included files can have only roles.",
            (SIGN_INS, {"team": DEV + OTHER}),
        ),
        (
            ("", {"team": f'include = ["more.toml"]\n{DEV}', "more": OTHER}),
            "Add that file to include in your own configuration.",
            ('include = ["team.toml", "more.toml"]\n', {"team": DEV, "more": OTHER}),
        ),
    ],
)
def test_what_included_files_may_not_hold(parsed, wrong, hint, right):
    with pytest.raises(ConfigError) as caught:
        parsed(wrong[0], **wrong[1])
    assert caught.value.hint == hint
    assert parsed(right[0], **right[1]) == ["dev", "other"]


def test_a_configuration_that_is_far_too_large(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(DEV + "# a log that someone has pasted\n" * (toml_text.BYTES // 30))
    with pytest.raises(ConfigError) as caught:
        loader.text_of(path)
    assert caught.value.hint == "A thousand roles need a fifth of that: check its contents."
    path.write_text(DEV)
    assert loader.text_of(path) == DEV


@pytest.fixture
def included(tmp_path):
    """What is known of a team file that lies somewhere; its path."""
    path = tmp_path / "team.toml"

    def included(at=path):
        return AcceptedFiles(tmp_path / "state").read_included(IncludedFile(str(at)))

    return included, path


@not_on_windows
@pytest.mark.parametrize("corrects", [True, False], ids=["include", "the file"])
@pytest.mark.parametrize(
    ("trouble", "hint"),
    [
        (lambda path: path.mkdir(), "Fix include in your configuration."),
        (lambda path: None, "Fix include in your configuration, or put the file there."),
        (lambda path: path.write_bytes(b"#" * (accepted_files.LARGEST + 1)), "Check that it is the right file."),
    ],
    ids=["a folder", "no file", "another file"],
)
def test_a_team_file_that_cannot_be_one(included, trouble, hint, corrects):
    read, path = included
    trouble(path)
    found = read()
    assert (found.file_status, found.problem[1]) == (FileStatus.UNREADABLE, hint)
    if corrects:
        path = path.with_name("right.toml")
    elif path.is_dir():
        path.rmdir()
    path.write_text(DEV)
    assert (read(path).file_status, read(path).found) == (FileStatus.WAITING, DEV.encode())


@not_on_windows
def test_a_team_file_of_another_user(included, monkeypatch):
    read, path = included
    path.write_text(DEV)
    path.chmod(0)
    opened = type(path).open

    def refusing(self, *how, **more):
        """As for a user, even where root runs the tests."""
        if self == path and self.stat().st_mode & 0o400 == 0:
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *how, **more)

    monkeypatch.setattr(type(path), "open", refusing)
    assert read().problem[1] == "Make the file readable by your user."
    path.chmod(0o600)
    assert read().found == DEV.encode()


def test_an_acceptance_that_another_program_disturbs_is_retried(tmp_path, monkeypatch):
    files = AcceptedFiles(tmp_path / "state")

    def changed(*_, **__):
        raise atomic_write.ChangedMeanwhileError

    with monkeypatch.context() as disturbed:
        disturbed.setattr(atomic_write, "replace", changed)
        with pytest.raises(ConfigError) as caught:
            files.accept(TEAM, DEV.encode(), frozenset())
    assert caught.value.hint == "Try again; nothing was changed."
    assert files.accepted(TEAM) is None
    files.accept(TEAM, DEV.encode(), frozenset())
    assert files.accepted(TEAM).data == DEV.encode()


def test_a_review_without_an_include(places):
    hint = 'Add one above the first table of your configuration: include = ["team.toml"].'
    assert hint == team_review.NO_INCLUDES
    lay_out(places, toml=SETTINGS)
    places.config_file.with_name("team.toml").write_text(DEV)
    assert review.find(places) == ()
    places.config_file.write_text(f"{hint.partition(': ')[2].rstrip('.')}\n{SETTINGS}")
    (found,) = review.find(places)
    assert (found.waiting, found.included.found) == (True, DEV.encode())


@pytest.mark.parametrize("opens", [template.open_config, lambda places: open_file.open_file(places.config_file)])
def test_a_file_that_no_program_of_the_desktop_opens_is_a_text_for_an_editor(places, monkeypatch, opens):
    def nothing(path):
        raise subprocess.CalledProcessError(3, "xdg-open")

    monkeypatch.setattr(open_file, "open_existing", nothing)
    lay_out(places)
    places.config_file.write_text(template.starter(profiles.read_at(places)))
    error = opens(places)
    assert error.hint == "Open it in your editor."
    named = error.sentence.removeprefix("No program could open ").removesuffix(".")
    # An editor adds the role to the file.
    with Path(named).open("a", encoding="utf-8") as edited:
        edited.write(DEV)
    assert [role.name for role in loader.load(places, profiles.read_at(places)).roles] == ["dev"]


def test_a_log_that_is_not_there_yet_opens_once_something_is_written(places, monkeypatch):
    opened = []
    monkeypatch.setattr(open_file, "open_existing", opened.append)
    log = places.log_dir / "traycreds.log"
    assert open_file.open_file(log).hint == "Nothing has been written to it yet."
    log.parent.mkdir(parents=True)
    log.write_text("started\n")
    assert open_file.open_file(log) is None
    assert opened == [log]
