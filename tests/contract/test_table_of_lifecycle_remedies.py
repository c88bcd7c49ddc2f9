"""What is said of a role that gets no session, or of an app that stopped, is carried out, and there is a session."""

from __future__ import annotations

import math
import os
import sys
from datetime import datetime, timedelta, timezone

import pytest

from tests.contract.doctor_remedies import BASE, KEYS, TOML, lay_out, places  # noqa: F401 - a fixture among them
from tests.support.builders import HOUR, MINUTE, NOW, a_session, a_state, credentials
from tests.support.fakes.notifier import RecordingNotifier
from tests.support.fakes.source import ScriptedSource
from tests.unit.engine.test_loop_hanging import HeldEngine
from tests.unit.engine.turned_engine import TurnedEngine
from tests.unit.usecases.test_serve_session import World, live
from traycreds.app.supervisor import Supervisor
from traycreds.awsfiles import profiles
from traycreds.awsfiles.concurrency.shared_file import BUSY
from traycreds.cli import main
from traycreds.config import loaded_files
from traycreds.core.errors import ConfigError, IssueError, TraycredsError, UsageError
from traycreds.core.events import Issued, Paused, RefreshAsked, RoleSwitched
from traycreds.core.lookup import known_roles
from traycreds.core.snapshot import Status
from traycreds.importers import add_roles, logsmith
from traycreds.importers.new_role import NewRole
from traycreds.lifecycle import apply, notices, request_result
from traycreds.state.paths import locate
from traycreds.usecases import serve, shell_variables
from traycreds.usecases.engine_run import default_profile, refresh, single_run
from traycreds.usecases.options import Options
from traycreds.usecases.session import file_session

DEV = RoleSwitched("dev", on=True)
RESUME = "Resume it in the menu, or run `traycreds refresh dev`."


def test_an_answer_with_a_date_that_cannot_be():
    turned = TurnedEngine(a_session("dev"))
    # A proxy may make up such a date.
    turned.source._lifetime = timedelta(days=200 * 365)
    turned.handle()
    assert turned.role().hint == "Check the network and proxy; traycreds retries."
    turned.source._lifetime = HOUR
    turned.later(2 * MINUTE)
    assert (turned.role().hint, turned.role().status) == (None, Status.FRESH)


def test_a_session_that_ends_and_is_not_kept():
    turned = TurnedEngine(a_session("dev", keep=False))
    turned.store.sessions["dev-session"] = ("dev", credentials(NOW + 4 * MINUTE))
    turned.handle()
    (notice,) = turned.notifier.visible.values()
    assert "Choose Keep alive in the tray menu if you still need it." in notice.body
    turned.handle(DEV)
    assert turned.on_file() == NOW + HOUR
    assert turned.notifier.visible == {}


def test_a_first_role_that_is_to_be_refreshed_always():
    session = a_session("dev", keep=False)
    notice = notices.first_role(session)
    assert notice.body.endswith("Choose Keep alive in the tray menu to refresh it always.")
    for event, fresh in ((RefreshAsked(("dev",)), False), (notice.buttons[0].command, True)):
        turned = TurnedEngine(session)
        turned.handle(event)
        # No role is the default profile, so only Keep alive refreshes this one.
        turned.later(2 * HOUR, step=MINUTE)
        assert (turned.role().status is Status.FRESH) is fresh


def test_a_role_that_waits_while_another_program_writes():
    held = HeldEngine(a_session("dev"), file_known=True)
    held.run_all("file")
    held.run("aws", "dev")
    assert held.begun("file") == 1, "the write"
    error = request_result.held_back(NOW, held.engine._state, BUSY, "dev")
    assert error.hint == "traycreds writes the profile as soon as it can: see `traycreds status`."
    held.run_all("file")
    assert request_result.held_back(NOW, held.engine._state, BUSY, "dev") is None
    assert held.engine.snapshot.roles[0].status is Status.FRESH


@pytest.mark.parametrize("event", [Paused(on=False), RefreshAsked(("dev",))], ids=["the menu", "the command"])
def test_a_role_without_a_session_while_refreshing_is_paused(event):
    turned = TurnedEngine(a_session("dev"), paused=True)
    turned.handle()
    with pytest.raises(TraycredsError) as caught:
        request_result.kept(NOW, turned.engine._state, "dev")
    assert caught.value.hint == RESUME
    turned.handle(event)
    assert request_result.kept(NOW, turned.engine._state, "dev")


@pytest.mark.logs_warnings
def test_an_engine_that_has_ended():
    notifier, turned = RecordingNotifier(), TurnedEngine(a_session("dev"))

    def supervised():
        engine = turned.engine
        return Supervisor(engine.stuck_for, takes_messages=lambda _: True, notifier=notifier, show=lambda _: None)

    assert turned.engine.stuck_for() == math.inf
    supervised().check(turned.engine.snapshot)
    assert [notice.body for notice in notifier.sent] == ["Quit it and start it again; the log says why."]
    assert notifier.sent[0].body == notices.RESTART
    turned = TurnedEngine(a_session("dev"))
    turned.engine.start()
    try:
        assert not supervised().stopped
    finally:
        turned.engine.stop()


OPTIONS = Options()


def test_a_role_that_is_no_longer_configured(places):
    lay_out(places)
    roles = {role.name: role for role in loaded_files.load(places).config.roles}
    with pytest.raises(TraycredsError) as caught:
        # The role was taken out of the file meanwhile.
        request_result.kept(NOW, a_state(), "dev")
    assert caught.value.hint == "Check your configuration file."
    session = a_session("dev", role=roles["dev"], expires_in=HOUR)
    assert request_result.kept(NOW, a_state(session), "dev")


@pytest.mark.parametrize("way", ["add", "import"])
def test_without_any_role(places, home, way):
    lay_out(places, config="", toml="")
    (home / ".logsmith").mkdir()
    (home / logsmith.ACCOUNTS_FILE).write_text(
        "team:\n  team: team\n  region: eu-west-1\n  auth_mode: key\n  access_key: base\n  profiles:\n"
        "    - {profile: dev, account: '123456789012', role: Dev}\n"
    )
    for path in (places.config_file, places.aws_config_file):
        # A file that has just changed may still be in the middle of a write.
        os.utime(path, ns=(10**18, 10**18))

    def known():
        return known_roles(("dev",), (role.name for role in loaded_files.load(places).config.roles))

    with pytest.raises(ConfigError) as caught:
        known()
    assert caught.value.hint == "Add one with `traycreds add`, or import the ones you have with `traycreds import`."
    if way == "add":
        table = {"role_arn": "arn:aws:iam::123456789012:role/Dev", "source_profile": "base"}
        NewRole(OPTIONS).add("dev", table)
    else:
        add_roles.add(OPTIONS, add_roles.find_offer(OPTIONS).proposals)
    assert known() == ("dev",)


class Source(ScriptedSource):
    """AWS for a command, as a script."""

    def __init__(self):
        super().__init__(now=lambda: datetime.now(timezone.utc))

    def __call__(self, **_):
        return self


@pytest.fixture
def source(places, monkeypatch):
    """For commands without a running app, on the files of a user."""
    lay_out(places)
    source = Source()
    monkeypatch.setattr(single_run, "StsSource", source)
    return source


@pytest.mark.logs_warnings
def test_an_unexpected_error_of_a_command_that_nobody_tries_again(source):
    source.fail(RuntimeError("once"))
    with pytest.raises(TraycredsError) as caught:
        default_profile.use(OPTIONS, "dev")
    assert caught.value.hint == "Try again; see the log for details."
    source.heal()
    assert default_profile.use(OPTIONS, "dev")[0].roles[0].is_default


@pytest.mark.parametrize("none", [False, True])
def test_a_default_that_is_not_written_in_time(source, monkeypatch, none):
    def use():
        return default_profile.use_none(OPTIONS) if none else default_profile.use(OPTIONS, "dev")

    with monkeypatch.context() as slow:
        slow.setattr(single_run.SingleRun, "find", lambda *_: None)
        with pytest.raises(IssueError) as caught:
            use()
    assert caught.value.hint == "Try again, or see `traycreds status`."
    use()
    default = profile_of("default")
    assert (default is None) is none


def profile_of(name):
    return profiles.read_at(locate(os.environ)).profiles.get(name)


def test_a_program_that_removes_the_session(source, places, monkeypatch):
    plain = refresh.refresh

    def removed(*arguments, **more):
        result = plain(*arguments, **more)
        places.credentials_file.write_text(BASE)
        return result

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(refresh, "refresh", removed)
        with pytest.raises(IssueError) as caught:
            file_session.session(OPTIONS, "dev")
        assert caught.value.hint == "Find out which program removes it."
    assert file_session.session(OPTIONS, "dev").credentials


def test_a_served_session_that_has_ended_and_is_refreshed():
    world = World()
    world.outcome = live("short", -1)
    with world.serve(live("first", -1)) as one:
        with pytest.raises(TraycredsError) as caught:
            one.credentials()
        assert caught.value.hint == "Refresh the role."
        # Any refresh writes the session to the file like this.
        world.file = credentials(datetime.now(timezone.utc) + HOUR)
        assert one.credentials() == world.file


def test_an_unexpected_error_behind_a_served_session(source, monkeypatch, capsys):
    world = World()
    world.outcome = KeyError("why")
    with world.serve(live("first", -1)) as one:
        with pytest.raises(TraycredsError) as caught:
            one.credentials()
        hint = caught.value.hint
        assert hint == "Run `traycreds creds dev` to see it."
        with monkeypatch.context() as broken:
            broken.setattr(file_session, "session", lambda *_, **__: world.renew().credentials)
            assert main(hint.split("`")[1].split()[1:]) != 0
        assert "KeyError" in capsys.readouterr().err
        world.outcome = live("new", 3600)
        assert one.credentials().access_key_id == "new"


def test_an_endpoint_that_does_not_start():
    """The other half, without --server, is in integration/cli/test_exec_shell."""
    with pytest.raises(TraycredsError) as caught:
        serve._start((sys.executable, "-c", "pass"))
    assert caught.value.hint == "Try again, or run it without --server."
    assert serve._start((sys.executable, "-c", "print('{}')")) == {}


@pytest.mark.parametrize(
    ("shell", "value", "hint", "other"),
    [
        ("dotenv", "a b", "Use --format json.", "json"),
        ("cmd", "a%b", "Use --shell powershell.", "powershell"),
    ],
)
def test_a_value_that_one_format_cannot_hold(shell, value, hint, other):
    with pytest.raises(UsageError) as caught:
        shell_variables.script(shell, {"AWS_REGION": value})
    assert caught.value.hint == hint
    assert hint.rpartition(" ")[2].rstrip(".") == other
    assert value in shell_variables.script(other, {"AWS_REGION": value})


@pytest.mark.logs_warnings
@pytest.mark.parametrize("lost", ["a call that cannot be begun", "an answer that cannot be taken"])
def test_what_failed_for_a_fault_of_ours_is_retried_and_in_the_log(monkeypatch, caplog, lost):
    turned, faults = TurnedEngine(a_session("dev")), [OverflowError("date value out of range")]
    place, name = (turned.engine._jobs, "issue") if lost.startswith("a call") else (apply, "apply")
    genuine = getattr(place, name)

    def fails_once(*arguments):
        if faults and (place is not apply or isinstance(arguments[1], Issued)):
            raise faults.pop()
        return genuine(*arguments)

    monkeypatch.setattr(place, name, fails_once)
    turned.handle()
    assert turned.role().hint == "traycreds retries; see the log for details."
    assert any(record.exc_info and "date value" in str(record.exc_info[1]) for record in caplog.records)
    assert turned.on_file() is None
    turned.later(3 * MINUTE)
    assert turned.on_file() is not None
    assert turned.role().hint is None
