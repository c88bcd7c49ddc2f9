"""What the menu and the app say and do about included files: told once, shown, accepted by a click, programs apart."""

from __future__ import annotations

import threading

import pytest

from tests.support.wait_until import until
from traycreds.app.actions.team_actions import Team
from traycreds.app.followers import team_watch
from traycreds.app.followers.config_watch import ConfigWatch
from traycreds.app.followers.team_watch import TeamWatch
from traycreds.cli import output
from traycreds.config import review
from traycreds.config.team_files import download
from traycreds.config.team_files.accepted_files import AcceptedFiles
from traycreds.core.errors import ConfigError, TraycredsError
from traycreds.core.ui_commands import UiCommand
from traycreds.desktop import open_file
from traycreds.files.digest import sha256
from traycreds.state import paths
from traycreds.usecases import load, options

URL = "https://git.example.com/roles.toml"


def role(name: str, extra: str = "") -> str:
    return f'[roles.{name}]\nrole_arn = "arn:aws:iam::111122223333:role/{name}"\nsource_profile = "base"\n{extra}'


class TeamHome:
    def __init__(self, where, monkeypatch):
        self.where = where
        self.notices, self.opened, self.changed, self.posted = [], [], [], []
        monkeypatch.setattr(open_file, "open_existing", self.opened.append)
        self.team = Team(where, notify=self.notices.append, changed=lambda: self.changed.append(1))
        self.watch = TeamWatch(where, self.notices.append)
        self.config("team.toml")

    def config(self, *names: str, own: str = "") -> None:
        entries = ", ".join(f'"{name}"' for name in names)
        self.where.config_file.write_text(f"include = [{entries}]\n{own}")

    def address(self, data: bytes) -> None:
        entry = f'{{ url = "{URL}", sha256 = "{sha256(data)}" }}'
        self.where.config_file.write_text(f"include = [{entry}]\n")

    def write(self, text: str, name: str = "team") -> None:
        new = self.where.config_file.with_name("new")
        new.write_text(text)
        new.replace(self.where.config_file.with_name(f"{name}.toml"))

    def roles(self):
        return {role.name: role for role in load.read_config(self.where).roles}

    def titles(self):
        return [notice.title for notice in self.notices]

    def report(self) -> str:
        return self.opened[-1].read_text()


@pytest.fixture
def team_home(home, monkeypatch):
    (home / "c").mkdir()
    where = paths.locate({}, home / "c" / "config.toml")
    where.credentials_file.parent.mkdir()
    where.credentials_file.write_text("[base]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n")
    return TeamHome(where, monkeypatch)


def test_what_waits_is_reported_once_with_what_to_do(team_home):
    team_home.write(role("dev"))
    team_home.watch.check()
    team_home.watch.check()
    (notice,) = team_home.notices
    assert notice.title == "Team roles wait for your review"
    assert notice.body.startswith("team.toml: 1 added.")
    assert "Review team roles" in notice.body
    assert "traycreds import team" in notice.body
    assert [button.command for button in notice.buttons] == [UiCommand.REVIEW_TEAM]


def test_each_change_is_reported_and_what_is_accepted_is_not(team_home):
    team_home.write(role("dev"))
    review.accept(team_home.where, [(each, frozenset()) for each in review.find(team_home.where)])
    team_home.watch.check()
    assert team_home.notices == []
    team_home.write(role("dev", "keep = true\n") + role("ops") + role("qa"))
    team_home.watch.check()
    team_home.write(role("dev"))
    team_home.watch.check()
    team_home.write(role("ops"))
    team_home.watch.check()
    assert team_home.titles() == ["The team's roles have changed"] * 2
    assert [notice.body.partition(".toml: ")[2].partition(".")[0] for notice in team_home.notices] == [
        "2 added, 1 changed",
        "1 added, 1 removed",
    ]


def test_a_faulty_file_is_reported_with_its_line(team_home):
    team_home.write(role("dev") + "[settings]\n")
    team_home.watch.check()
    (notice,) = team_home.notices
    assert notice.title == "team.toml cannot be used"
    assert "It adds no roles." in notice.body
    assert "line 4" in notice.body


@pytest.mark.parametrize("text", ["[roles", "include = 3\n", "include = ["])
def test_a_broken_configuration_is_not_reported_here(team_home, text):
    team_home.where.config_file.write_text(text)
    team_home.watch.check()
    assert team_home.notices == []


def test_a_review_is_opened_and_accepted_by_a_second_click(team_home):
    team_home.write(role("dev"))
    team_home.team.review()
    assert "  + role dev\n" in team_home.report()
    (notice,) = team_home.notices
    assert [button.command for button in notice.buttons] == [UiCommand.ACCEPT_TEAM]
    assert team_home.roles() == {}
    team_home.team.accept()
    assert list(team_home.roles()) == ["dev"]
    assert team_home.changed
    assert team_home.titles()[1:] == ["Accepted: team.toml"]
    assert team_home.notices[-1].buttons == ()


def test_what_came_after_the_review_is_not_accepted(team_home):
    team_home.write(role("dev"))
    team_home.team.review()
    team_home.write(role("evil"))
    team_home.team.accept()
    assert list(team_home.roles()) == ["dev"]


def test_a_click_on_accept_without_a_review_shows_one_first(team_home):
    team_home.write(role("dev"))
    team_home.team.accept()
    assert team_home.roles() == {}
    assert team_home.opened
    team_home.team.accept()
    team_home.team.accept()
    assert team_home.titles()[-1] == "All team roles are accepted"


def test_a_program_has_a_notice_of_its_own_that_shows_it(team_home):
    team_home.write(role("dev", 'mfa_process = "ykman code"\n'))
    team_home.team.allow()
    assert "ykman code" in team_home.report()
    team_home.team.allow()
    assert team_home.roles() == {}, "no program before its roles"
    team_home.team.accept()
    assert team_home.roles()["dev"].mfa_process is None
    notice = team_home.notices[-1]
    assert [button.command for button in notice.buttons] == [UiCommand.ALLOW_TEAM]
    assert notice.body.startswith("ykman code\n")
    team_home.team.allow()
    assert team_home.roles()["dev"].mfa_process == "ykman code"
    assert team_home.titles()[-1] == "The program is allowed to run"


def test_a_program_that_was_not_allowed_can_be_later(team_home):
    team_home.write(role("dev", 'mfa_process = "ykman code"\n'))
    team_home.team.accept()
    team_home.team.accept()
    later = Team(team_home.where, notify=team_home.notices.append, changed=lambda: None)
    later.review()
    assert [button.command for button in team_home.notices[-1].buttons] == [UiCommand.ALLOW_TEAM]
    later.allow()
    assert team_home.roles()["dev"].mfa_process == "ykman code"


def test_what_is_faulty_is_shown_and_nothing_offered(team_home):
    team_home.write(role("dev", "keep = 3\nnope = 1\n"))
    team_home.team.review()
    assert "faulty; what you accepted before stays" in team_home.report()
    assert "line 4" in team_home.report()
    assert "line 5" in team_home.report()
    assert team_home.notices[-1].buttons == ()


def test_nothing_included(team_home):
    team_home.where.config_file.write_text("")
    team_home.team.review()
    assert team_home.notices[-1].title == "No team file is included"
    assert 'include = ["team.toml"]' in team_home.notices[-1].body


def test_a_review_that_no_program_opens(team_home, monkeypatch):
    def nothing(path):
        raise FileNotFoundError(path)

    monkeypatch.setattr(open_file, "open_existing", nothing)
    team_home.write(role("dev"))
    with pytest.raises(TraycredsError, match="No program could open"):
        team_home.team.review()
    assert team_home.notices[-1].buttons, "it can be accepted all the same, having been read in the terminal"


def test_one_line_for_commands(team_home):
    given = options.Options(config=team_home.where.config_file)
    team_home.write(role("dev"))
    assert output.unreviewed(given) == "New team roles in team.toml are waiting for your review: traycreds import team"
    team_home.config("team.toml", "more.toml")
    team_home.write(role("ops"), "more")
    assert "team.toml and 1 more" in output.unreviewed(given)
    review.accept(team_home.where, [(each, frozenset()) for each in review.find(team_home.where)])
    assert output.unreviewed(given) is None
    team_home.where.config_file.write_text("include = [")
    assert output.unreviewed(given) is None
    team_home.where.config_file.unlink()
    assert output.unreviewed(given) is None


def test_an_address_is_fetched_by_a_thread_of_its_own_until_it_comes(team_home, monkeypatch):
    data = role("dev").encode()
    team_home.address(data)
    tries, go = [], threading.Event()

    def fetch(source, accepted_files):
        tries.append(source)
        assert go.wait(10)
        if len(tries) < 3:
            error = ConfigError("It could not be fetched.", "Try again.")
            accepted_files.not_fetched(source, error, mismatch=False)
            raise error
        accepted_files.fetched(source, data)

    monkeypatch.setattr(download, "fetch", fetch)
    monkeypatch.setattr(team_watch, "FIRST_PAUSE", 0.01)
    team_home.watch.check()
    team_home.watch.check()
    assert team_home.notices == [], "a look waits for no network"
    go.set()
    until(lambda: len(team_home.notices) == 2, "it was fetched")
    assert team_home.titles() == [
        "roles.toml cannot be used",
        "Team roles wait for your review",
    ]
    assert len(tries) == 3
    until(lambda: not team_home.watch._fetching, "the thread ends")


def test_another_address_is_fetched_without_a_pause(team_home, monkeypatch):
    team_home.address(b"one")
    tries = []

    def fetch(source, accepted_files):
        tries.append(source.pin)
        if source.pin == sha256(b"one"):
            raise ConfigError("It could not be fetched.", "Try again.")
        accepted_files.fetched(source, b"# two\n")

    monkeypatch.setattr(download, "fetch", fetch)
    team_home.watch.check()
    until(lambda: tries, "the first try")
    until(lambda: team_home.watch._fetching and not team_home.watch._news.is_set(), "it pauses")
    team_home.address(b"# two\n")
    team_home.watch.check()
    until(lambda: not team_home.watch._fetching, "the thread ends")
    assert tries[-1] == sha256(b"# two\n")


@pytest.mark.logs_warnings
def test_what_nobody_expected_ends_no_fetching(team_home, monkeypatch, caplog):
    team_home.address(b"# one\n")
    tries = []

    def fetch(source, accepted_files):
        tries.append(source)
        if len(tries) == 1:
            raise RuntimeError("unexpected")
        accepted_files.fetched(source, b"# one\n")

    monkeypatch.setattr(download, "fetch", fetch)
    monkeypatch.setattr(team_watch, "FIRST_PAUSE", 0.01)
    team_home.watch.check()
    until(lambda: len(team_home.notices) == 1 and not team_home.watch._fetching, "it was fetched")
    assert len(tries) == 2
    assert "could not be fetched" in caplog.text


def test_included_files_are_watched_like_the_configuration(team_home):
    team_home.write(role("dev"))
    checks = []
    watch = ConfigWatch(
        team_home.where, team_home.posted.append, team_home.notices.append, included=lambda: checks.append(1)
    )
    watch.check()
    assert checks == []
    team_home.write(role("dev") + role("ops"))
    watch.check()
    assert checks == [1]
    assert [role.name for role in team_home.posted[-1].roles] == []
    review.accept(team_home.where, [(each, frozenset()) for each in review.find(team_home.where)])
    watch.check()
    assert [role.name for role in team_home.posted[-1].roles] == ["dev", "ops"]
    team_home.config("more.toml")
    watch.check()
    team_home.write(role("qa"), "more")
    watch.check()
    assert len(checks) == 4


def test_the_first_check_is_at_the_start(team_home):
    checked = threading.Event()
    watch = ConfigWatch(team_home.where, team_home.posted.append, team_home.notices.append, included=checked.set)
    watch.start()
    assert checked.wait(10)
    watch.stop()


def test_a_list_of_accepted_files_that_cannot_be_written_is_reported(team_home, monkeypatch):
    team_home.write(role("dev"))
    team_home.team.review()
    team_home.where.state_dir.joinpath("included").write_text("in the way")
    with pytest.raises(ConfigError):
        team_home.team.accept()
    assert AcceptedFiles(team_home.where.state_dir).accepted(review.find(team_home.where)[0].source) is None
