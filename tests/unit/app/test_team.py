"""What the menu and the app say and do about included files: told once, shown, accepted by a click, programs apart."""

from __future__ import annotations

import threading

import pytest

from tests.waiting import until
from traycreds.adapters import fetched, opener, places, review
from traycreds.adapters.digest import sha256
from traycreds.adapters.shelf import Shelf
from traycreds.app import options, setup, teamwatch, waiting
from traycreds.app.team import Team
from traycreds.app.teamwatch import TeamWatch
from traycreds.app.watch import ConfigWatch
from traycreds.core.commands import UiCommand
from traycreds.core.errors import ConfigError, TraycredsError

URL = "https://git.example.com/roles.toml"


def role(name: str, extra: str = "") -> str:
    return f'[roles.{name}]\nrole_arn = "arn:aws:iam::111122223333:role/{name}"\nsource_profile = "base"\n{extra}'


class Rig:
    def __init__(self, where, monkeypatch):
        self.where = where
        self.told, self.opened, self.changed, self.posted = [], [], [], []
        monkeypatch.setattr(opener, "_open", self.opened.append)
        self.team = Team(where, tell=self.told.append, changed=lambda: self.changed.append(1))
        self.watch = TeamWatch(where, self.told.append)
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
        return {role.name: role for role in setup.read_config(self.where).roles}

    def titles(self):
        return [notice.title for notice in self.told]

    def report(self) -> str:
        return self.opened[-1].read_text()


@pytest.fixture
def rig(home, monkeypatch):
    (home / "c").mkdir()
    where = places.locate({}, home / "c" / "config.toml")
    where.credentials_file.parent.mkdir()
    where.credentials_file.write_text("[base]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n")
    return Rig(where, monkeypatch)


def test_what_waits_is_told_once_with_what_to_do(rig):
    rig.write(role("dev"))
    rig.watch.look()
    rig.watch.look()
    (notice,) = rig.told
    assert notice.title == "Team roles in team.toml wait for you: 1 added"
    assert "Review team roles" in notice.body
    assert "traycreds import --team" in notice.body
    assert [button.command for button in notice.buttons] == [UiCommand.REVIEW_TEAM]


def test_each_change_is_told_and_what_is_accepted_is_not(rig):
    rig.write(role("dev"))
    review.accept(rig.where, [(each, frozenset()) for each in review.find(rig.where)])
    rig.watch.look()
    assert rig.told == []
    rig.write(role("dev", "keep = true\n") + role("ops") + role("qa"))
    rig.watch.look()
    rig.write(role("dev"))
    rig.watch.look()
    rig.write(role("ops"))
    rig.watch.look()
    assert rig.titles() == [
        "The team's roles in team.toml changed: 2 added, 1 changed",
        "The team's roles in team.toml changed: 1 added, 1 removed",
    ]


def test_a_faulty_file_is_told_with_its_line(rig):
    rig.write(role("dev") + "[settings]\n")
    rig.watch.look()
    (notice,) = rig.told
    assert notice.title == "team.toml cannot be used, it adds no roles"
    assert "line 4: an included file holds [settings]" in notice.body


@pytest.mark.parametrize("text", ["[roles", "include = 3\n", "include = ["])
def test_a_broken_configuration_is_not_told_here(rig, text):
    rig.where.config_file.write_text(text)
    rig.watch.look()
    assert rig.told == []


def test_a_review_is_opened_and_accepted_by_a_second_click(rig):
    rig.write(role("dev"))
    rig.team.review()
    assert "  + role dev\n" in rig.report()
    (notice,) = rig.told
    assert [button.command for button in notice.buttons] == [UiCommand.ACCEPT_TEAM]
    assert rig.roles() == {}
    rig.team.accept()
    assert list(rig.roles()) == ["dev"]
    assert rig.changed
    assert rig.titles()[1:] == ["Accepted: team.toml"]
    assert rig.told[-1].buttons == ()


def test_what_came_after_the_review_is_not_accepted(rig):
    rig.write(role("dev"))
    rig.team.review()
    rig.write(role("evil"))
    rig.team.accept()
    assert list(rig.roles()) == ["dev"]


def test_a_click_on_accept_without_a_review_shows_one_first(rig):
    rig.write(role("dev"))
    rig.team.accept()
    assert rig.roles() == {}
    assert rig.opened
    rig.team.accept()
    rig.team.accept()
    assert rig.titles()[-1] == "All team roles are accepted"


def test_a_program_has_a_notice_of_its_own_that_shows_it(rig):
    rig.write(role("dev", 'mfa_process = "ykman code"\n'))
    rig.team.allow()
    assert "ykman code" in rig.report()
    rig.team.allow()
    assert rig.roles() == {}, "no program before its roles"
    rig.team.accept()
    assert rig.roles()["dev"].mfa_process is None
    notice = rig.told[-1]
    assert [button.command for button in notice.buttons] == [UiCommand.ALLOW_TEAM]
    assert notice.body.startswith("ykman code\n")
    rig.team.allow()
    assert rig.roles()["dev"].mfa_process == "ykman code"
    assert rig.titles()[-1] == "The program may run"


def test_a_program_that_was_not_allowed_can_be_later(rig):
    rig.write(role("dev", 'mfa_process = "ykman code"\n'))
    rig.team.accept()
    rig.team.accept()
    later = Team(rig.where, tell=rig.told.append, changed=lambda: None)
    later.review()
    assert [button.command for button in rig.told[-1].buttons] == [UiCommand.ALLOW_TEAM]
    later.allow()
    assert rig.roles()["dev"].mfa_process == "ykman code"


def test_what_is_faulty_is_shown_and_nothing_offered(rig):
    rig.write(role("dev", "keep = 3\nnope = 1\n"))
    rig.team.review()
    assert "faulty; what you accepted before stays" in rig.report()
    assert "line 4" in rig.report()
    assert "line 5" in rig.report()
    assert rig.told[-1].buttons == ()


def test_nothing_included(rig):
    rig.where.config_file.write_text("")
    rig.team.review()
    assert rig.told[-1].title == "No team file is included"
    assert 'include = ["team.toml"]' in rig.told[-1].body


def test_a_review_that_no_program_opens(rig, monkeypatch):
    def nothing(path):
        raise FileNotFoundError(path)

    monkeypatch.setattr(opener, "_open", nothing)
    rig.write(role("dev"))
    with pytest.raises(TraycredsError, match="No program could open"):
        rig.team.review()
    assert rig.told[-1].buttons, "it can be accepted all the same, having been read in the terminal"


def test_one_line_for_commands(rig):
    given = options.Options(config=rig.where.config_file)
    rig.write(role("dev"))
    assert waiting.line(given) == "New team roles in team.toml wait for your review: traycreds import --team"
    rig.config("team.toml", "more.toml")
    rig.write(role("ops"), "more")
    assert "team.toml and 1 more" in waiting.line(given)
    review.accept(rig.where, [(each, frozenset()) for each in review.find(rig.where)])
    assert waiting.line(given) is None
    rig.where.config_file.write_text("include = [")
    assert waiting.line(given) is None
    rig.where.config_file.unlink()
    assert waiting.line(given) is None


def test_an_address_is_fetched_by_a_thread_of_its_own_until_it_comes(rig, monkeypatch):
    data = role("dev").encode()
    rig.address(data)
    tries, go = [], threading.Event()

    def fetch(source, shelf):
        tries.append(source)
        assert go.wait(10)
        if len(tries) < 3:
            error = ConfigError("It could not be fetched.", "Try again.")
            shelf.not_fetched(source, error, mismatch=False)
            raise error
        shelf.fetched(source, data)

    monkeypatch.setattr(fetched, "fetch", fetch)
    monkeypatch.setattr(teamwatch, "FIRST_PAUSE", 0.01)
    rig.watch.look()
    rig.watch.look()
    assert rig.told == [], "a look waits for no network"
    go.set()
    until(lambda: len(rig.told) == 2, "it was fetched")
    assert rig.titles() == [
        "roles.toml cannot be used, it adds no roles",
        "Team roles in roles.toml wait for you: 1 added",
    ]
    assert len(tries) == 3
    until(lambda: not rig.watch._fetching, "the thread ends")


def test_another_address_is_fetched_without_a_pause(rig, monkeypatch):
    rig.address(b"one")
    tries = []

    def fetch(source, shelf):
        tries.append(source.pin)
        if source.pin == sha256(b"one"):
            raise ConfigError("It could not be fetched.", "Try again.")
        shelf.fetched(source, b"# two\n")

    monkeypatch.setattr(fetched, "fetch", fetch)
    rig.watch.look()
    until(lambda: tries, "the first try")
    until(lambda: rig.watch._fetching and not rig.watch._news.is_set(), "it pauses")
    rig.address(b"# two\n")
    rig.watch.look()
    until(lambda: not rig.watch._fetching, "the thread ends")
    assert tries[-1] == sha256(b"# two\n")


@pytest.mark.logs_warnings
def test_what_nobody_foresaw_ends_no_fetching(rig, monkeypatch, caplog):
    rig.address(b"# one\n")
    tries = []

    def fetch(source, shelf):
        tries.append(source)
        if len(tries) == 1:
            raise RuntimeError("unforeseen")
        shelf.fetched(source, b"# one\n")

    monkeypatch.setattr(fetched, "fetch", fetch)
    monkeypatch.setattr(teamwatch, "FIRST_PAUSE", 0.01)
    rig.watch.look()
    until(lambda: len(rig.told) == 1 and not rig.watch._fetching, "it was fetched")
    assert len(tries) == 2
    assert "could not be fetched" in caplog.text


def test_included_files_are_watched_like_the_configuration(rig):
    rig.write(role("dev"))
    looks = []
    watch = ConfigWatch(rig.where, rig.posted.append, rig.told.append, included=lambda: looks.append(1))
    watch.look()
    assert looks == []
    rig.write(role("dev") + role("ops"))
    watch.look()
    assert looks == [1]
    assert [role.name for role in rig.posted[-1].roles] == []
    review.accept(rig.where, [(each, frozenset()) for each in review.find(rig.where)])
    watch.look()
    assert [role.name for role in rig.posted[-1].roles] == ["dev", "ops"]
    rig.config("more.toml")
    watch.look()
    rig.write(role("qa"), "more")
    watch.look()
    assert len(looks) == 4


def test_the_first_look_is_at_the_start(rig):
    looked = threading.Event()
    ConfigWatch(rig.where, rig.posted.append, rig.told.append, included=looked.set).start()
    assert looked.wait(10)


def test_a_shelf_that_cannot_be_written_is_told(rig, monkeypatch):
    rig.write(role("dev"))
    rig.team.review()
    rig.where.state_dir.joinpath("included").write_text("in the way")
    with pytest.raises(ConfigError):
        rig.team.accept()
    assert Shelf(rig.where.state_dir).accepted(review.find(rig.where)[0].source) is None
