"""What the running app says of what it cannot do is carried out, and it does it."""

from __future__ import annotations

import shlex
import threading

import pytest

from tests.integration.sso.conftest import own, sso_home  # noqa: F401 - a fixture
from tests.integration.sso.test_sign_ins_of_the_app import SignInsOfApp
from tests.integration.sso.visitor import Visitor
from tests.support.builders import HOUR, NOW, a_role, a_state
from tests.support.fakes.clock import FakeClock
from tests.support.wait_until import until
from tests.unit.app.actions.test_menu_actions import CONFIG, federation, of, recorded, reported  # noqa: F401 - fixtures among them
from tests.unit.app.dialogs.test_new_role import opened  # noqa: F401 - a fixture
from tests.unit.app.followers.test_config_watch import GOOD, names, watched  # noqa: F401 - a fixture
from tests.unit.app.test_application import app, fake_services, nobody  # noqa: F401 - fixtures among them
from tests.unit.app.test_control_requests import FRESH, REFRESHING, Engine
from tests.unit.usecases.test_team_review import role, team_home  # noqa: F401 - a fixture
from traycreds.app import application, control_requests
from traycreds.app.actions import session_actions
from traycreds.app.application import Application, Frontend
from traycreds.app.control_requests import ControlRequests
from traycreds.aws.sso.callback_server import CallbackServer
from traycreds.aws.sts import StsSource
from traycreds.cli import main
from traycreds.control import snapshot_json
from traycreds.control.protocol import Request
from traycreds.core.errors import TraycredsError
from traycreds.core.model import Settings
from traycreds.core.snapshot import Status
from traycreds.core.ui_commands import UiCommand
from traycreds.desktop import browser
from traycreds.engine.clock import SystemClock
from traycreds.usecases import load

STATUS = Request(id="1", do="status")
IN_A_MOMENT = "Try again in a moment."


def hint_of(call) -> str:
    with pytest.raises(TraycredsError) as caught:
        call()
    return caught.value.hint


def test_a_second_app_has_the_user_go_to_the_menu_of_the_first(app, fake_services):
    fake_services.gate.set()
    printed = []

    def start_again():
        try:
            until(lambda: fake_services.made, "the first one runs")
            frontend = Frontend(tray=False, print_line=printed.append, show=nobody, notice=nobody)
            Application(app._paths, SystemClock(), frontend).run()
            # The menu of the first app does the same.
            app.take(UiCommand.OPEN_LOG)
        finally:
            app.end()

    user = threading.Thread(target=start_again)
    user.start()
    assert app.run() == 0
    user.join(30)
    assert printed == ["traycreds is already running. Use its menu in the tray."]
    (only,) = fake_services.made
    assert UiCommand.OPEN_LOG in only.calls


def test_an_app_that_is_starting_is_asked_again(app, fake_services, monkeypatch):
    monkeypatch.setattr(application, "START_SECONDS", 0)
    assert hint_of(lambda: app._handle_request(STATUS, lambda: False)) == IN_A_MOMENT
    fake_services.gate.set()
    app._start()
    assert app._handle_request(STATUS, lambda: False).content == {"did": "status"}


@pytest.fixture
def requests(monkeypatch):
    """Requests to an engine that goes from one state to the next as someone waits."""
    for name in ("POLL", "READ_SECONDS", "TAKEN_SECONDS"):
        monkeypatch.setattr(control_requests, name, 0)
    engine = Engine(a_state(REFRESHING), a_state(FRESH))
    nothing = lambda: None  # noqa: E731
    posts = {"post": engine.post, "check_config": nothing, "end": nothing}
    handled = ControlRequests(engine, FakeClock(NOW), **posts, settings=Settings())
    return engine, handled


def test_an_engine_that_is_not_there_yet_is_asked_again(requests):
    engine, handled = requests
    engine.stuck = True
    assert hint_of(lambda: handled.handle_request(STATUS, engine.turn)) == IN_A_MOMENT
    engine.stuck = False
    assert handled.handle_request(STATUS, engine.turn).content["ok"]


def test_what_did_not_finish_in_time_is_seen_in_the_status(requests):
    engine, handled = requests
    refresh = Request(id="1", do="refresh", roles=("dev",))
    assert hint_of(lambda: handled.handle_request(refresh, lambda: True)) == "See `traycreds status`."
    while engine.coming:
        engine.turn()
    shown = snapshot_json.decode(handled.handle_request(STATUS, engine.turn).content["snapshot"])
    assert (shown.roles[0].status, shown.roles[0].expires_at) == (Status.FRESH, NOW + HOUR)


@pytest.mark.logs_warnings
def test_an_edit_that_cannot_be_read_is_undone(watched, monkeypatch):
    read = load.read_config

    def fails(paths):
        if "strange" in paths.config_file.read_text():
            raise RecursionError
        return read(paths)

    monkeypatch.setattr(load, "read_config", fails)
    watched.save(f"{GOOD}# strange\n")
    assert "Undo the last edit." in watched.notices[0].body
    assert watched.posted == []
    watched.save(GOOD)
    assert [names(event) for event in watched.posted] == [["dev"]]
    assert len(watched.notices) == 1


def test_a_role_that_has_no_sign_in_is_refreshed(sso_home):
    arn = sso_home.sandbox.add_role("dev")
    dev = a_role("dev", arn=arn)
    assert hint_of(lambda: SignInsOfApp(sso_home).sign_ins.sign_in(dev)) == "Refresh it in the menu."
    assert StsSource().issue(dev)


@pytest.mark.parametrize("closed", [False, True])
def test_a_sign_in_that_is_open_is_finished_or_closed(sso_home, monkeypatch, closed):
    of_app, wait, over = SignInsOfApp(sso_home), CallbackServer.wait, threading.Event()

    waits = []

    def wait_until_over(server, seconds):
        waits.append(seconds)
        if len(waits) > 1:
            return wait(server, seconds)
        assert over.wait(60)
        raise TimeoutError

    if closed:
        monkeypatch.setattr(CallbackServer, "wait", wait_until_over)
    sso_home.visitor.answer = "leave"
    ended = []

    def sign_in():
        try:
            of_app.sign_ins.sign_in(own())
        except TraycredsError as error:
            ended.append(error.sentence)

    first = threading.Thread(target=sign_in)
    first.start()
    until(lambda: sso_home.actions("AuthorizePage"), "the page")
    assert hint_of(lambda: of_app.sign_ins.sign_in(own())) == (
        "Finish it there, or close the page and try again in a few minutes."
    )
    over.set()
    if not closed:
        query = next(call.parameters for call in sso_home.sim.calls if call.action == "AuthorizePage")
        sso_home.visitor.get(sso_home.sim.oidc.decide(query, allowed=True))
    first.join(30)
    assert len(ended) == closed
    sso_home.visitor = Visitor()
    of_app.sign_ins.sign_in(own())
    assert of_app.notices[-1].title == "Signed in to corp"


REVIEW = "Choose Review team roles, or run traycreds import team."
READ = "Read the list, then accept it here, in the menu, or with traycreds import team."


@pytest.mark.parametrize("by", ["menu", "command"])
def test_roles_of_a_team_that_wait_are_read_and_accepted(team_home, by):
    team_home.write(role("dev"))
    team_home.watch.check()
    assert team_home.notices.pop().body.removeprefix("team.toml: 1 added. ") == REVIEW
    team_home.team.review()
    assert team_home.notices.pop().body.removeprefix("team.toml: 1 added. ") == READ
    assert "dev" in team_home.report()
    assert team_home.roles() == {}
    if by == "menu":
        team_home.team.accept()
        team_home.notices.clear()
    else:
        assert main(["--config", str(team_home.where.config_file), "import", "team", "--yes"]) == 0
    assert list(team_home.roles()) == ["dev"]
    team_home.watch.check()
    assert team_home.notices == []


def test_a_program_too_long_for_a_notice_is_read_in_the_list_and_allowed(team_home):
    program = f"ykman oath accounts code --single {'work-' * 12}aws"
    team_home.write(role("dev", f'mfa_process = "{program}"\n'))
    team_home.team.accept()
    team_home.team.accept()
    assert team_home.notices.pop().body.endswith("Read the whole line in the list before you allow it.")
    assert program in team_home.report()
    team_home.team.allow()
    assert team_home.roles()["dev"].mfa_process == program


def hint_after(recorded, command) -> str:
    """The hint after a click, without the short sentence before it."""
    recorded.notices.clear()
    recorded.run(command)
    return reported(recorded).body.partition(". ")[2]


def test_a_role_that_is_put_back_into_the_configuration(recorded):
    recorded.where.config_file.write_text(CONFIG.replace("roles.dev", "roles.other"))
    assert hint_after(recorded, of(UiCommand.COPY_PROFILE)) == "Check your configuration file."
    recorded.where.config_file.write_text(CONFIG)
    recorded.run(of(UiCommand.COPY_PROFILE))
    assert until(lambda: recorded.copied) == ["dev-session"]


def test_a_console_that_no_browser_opens_is_printed(recorded, federation, monkeypatch, capsys):
    monkeypatch.setattr(browser, "open_page", lambda address, failed, by: None)
    monkeypatch.setattr(session_actions, "BROWSER_SECONDS", 0.05)
    recorded.write_session()
    command, what = hint_after(recorded, of(UiCommand.OPEN_CONSOLE)).removeprefix("Run ").split(", then ")
    assert f", then {what}" == ", then open the URL in a browser."
    program, *words = shlex.split(command)
    assert program == "traycreds"
    assert main(["--config", str(recorded.where.config_file), *words]) == 0
    assert "SigninToken=the-token" in capsys.readouterr().out


def test_a_role_that_is_kept_has_a_session_to_copy(recorded):
    assert hint_after(recorded, of(UiCommand.COPY_EXPORTS)) == "Choose Keep alive, then try again."
    # The app does this for a role that it keeps.
    keys = recorded.write_session()
    recorded.run(of(UiCommand.COPY_EXPORTS))
    assert keys.session_token in until(lambda: recorded.copied)[0]


def test_a_role_whose_arn_is_named_has_an_account(recorded):
    recorded.where.config_file.write_text('[roles.dev]\nfrom_profile = "tool"\n')
    recorded.where.aws_config_file.write_text("[profile tool]\ncredential_process = tool\n")
    assert hint_after(recorded, of(UiCommand.COPY_ACCOUNT)) == "Set its role_arn in the configuration."
    arn = 'role_arn = "arn:aws:iam::123456789012:role/Dev"\n'
    recorded.where.config_file.write_text(f'[roles.dev]\n{arn}source_profile = "tool"\n')
    recorded.run(of(UiCommand.COPY_ACCOUNT))
    assert until(lambda: recorded.copied) == ["123456789012"]


def test_a_window_that_is_open_behind_others_is_filled_in(opened, home):
    window = "p = pathlib.Path(config + '.open'); p.touch(); import time\n"
    roles, notices = opened(f"{window}while p.exists(): time.sleep(0.02)\nprint('new')")
    first = threading.Thread(target=roles.ask)
    first.start()
    try:
        until((home / "config.toml.open").exists, "it is open")
        assert hint_of(roles.ask) == "It may be behind your other windows."
        # The user finds the window and fills it in.
        (home / "config.toml.open").unlink()
        first.join(30)
    finally:
        roles.close()
        first.join(30)
    assert notices[0] == "added"


def test_a_role_that_no_window_can_add_is_added_by_the_command(recorded, opened):
    roles, notices = opened("sys.exit(3)")
    assert hint_of(roles.ask) == "Run traycreds add in a terminal, or install Python's tkinter."
    of_role = ("--role-arn", "arn:aws:iam::123456789012:role/New", "--source-profile", "base")
    assert main(["--config", str(recorded.where.config_file), "add", "new", *of_role]) == 0
    assert [each.name for each in load.read_config(recorded.where).roles] == ["dev", "new"]
    # With tkinter, the window opens and returns the role.
    roles, notices = opened("print('newer')")
    roles.ask()
    assert notices[0] == "added"
