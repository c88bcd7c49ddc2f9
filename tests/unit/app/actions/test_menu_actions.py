"""What clicks ask of the program: each action does its work, and what goes wrong is reported."""

from __future__ import annotations

import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.builders import HOUR, credentials
from tests.support.wait_until import until
from traycreds import __version__
from traycreds.app import capabilities
from traycreds.app.actions import menu_actions, session_actions
from traycreds.app.actions.menu_actions import MenuActions
from traycreds.awsfiles import credentials_file
from traycreds.core.errors import TraycredsError
from traycreds.core.model import Batch, ProfileWrite
from traycreds.core.text import BODY_WIDTH
from traycreds.core.ui_commands import RoleCommand, UiCommand
from traycreds.desktop import browser, clipboard, open_file
from traycreds.engine.clock import SystemClock
from traycreds.state import paths
from traycreds.usecases import load, login_item
from traycreds.usecases.options import Options

CONFIG = """\
[roles.dev]
role_arn = "arn:aws:iam::123456789012:role/Dev"
source_profile = "base"
region = "eu-central-1"
"""
KEYS = "[base]\naws_access_key_id = AKIAEXAMPLEEXAMPLE00\naws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYaa\n"


class RecordedActions:
    """A home with one role, and all that actions tell, open and copy."""

    def __init__(self, where, monkeypatch):
        self.where = where
        self.notices, self.opened, self.copied, self.edits, self.signed, self.used = [], [], [], [], [], []
        self.changes, self.offers = [], []
        monkeypatch.setattr(open_file, "open_existing", self.opened.append)
        monkeypatch.setattr(clipboard, "put", self.copied.append)
        self.actions = MenuActions(
            where,
            notify=self.notices.append,
            editing=lambda: self.edits.append(1),
            sign_in=self.signed.append,
            used=self.used.append,
            changed=lambda: self.changes.append(1),
            offer_import=self.offers.append,
        )

    def run(self, command):
        self.actions.run(command)

    def write_session(self):
        """A session of the role on file."""
        keys = credentials(SystemClock().now().replace(microsecond=0) + HOUR)
        role = load.read_config(self.where).roles[0]
        store = credentials_file.open_at(self.where, SystemClock())
        store.read()
        store.write(Batch(sets=(ProfileWrite(profile=role.profile, role=role.name, credentials=keys),)))
        return keys


@pytest.fixture
def recorded(home, monkeypatch):
    where = paths.locate({}, home / "config.toml")
    where.config_file.write_text(CONFIG)
    where.credentials_file.parent.mkdir(mode=0o700)
    where.credentials_file.touch(mode=0o600)
    where.credentials_file.write_text(KEYS)
    where.aws_config_file.write_text("[default]\nregion = us-east-1\n")
    return RecordedActions(where, monkeypatch)


def of(command, role="dev"):
    return RoleCommand(command, role)


def reported(recorded):
    return until(lambda: recorded.notices, "a notice")[-1]


def test_the_configuration_is_opened_and_its_edits_expected(recorded):
    recorded.run(UiCommand.OPEN_CONFIG)
    assert until(lambda: recorded.opened) == [recorded.where.config_file]
    assert recorded.edits == [1]


def test_the_log_is_opened(recorded):
    recorded.run(UiCommand.OPEN_LOG)
    assert reported(recorded).title == "Log not opened"
    assert reported(recorded).body.startswith("Nothing has been written to it yet. ")
    recorded.where.log_dir.mkdir(parents=True)
    (recorded.where.log_dir / "traycreds.log").touch()
    recorded.run(UiCommand.OPEN_LOG)
    assert until(lambda: recorded.opened) == [recorded.where.log_dir / "traycreds.log"]


def test_a_file_that_nothing_can_open_is_named(recorded, monkeypatch):
    def nothing(path):
        raise FileNotFoundError("xdg-open")

    monkeypatch.setattr(open_file, "open_existing", nothing)
    recorded.run(UiCommand.OPEN_CONFIG)
    notice = reported(recorded)
    assert notice.title == "Configuration not opened"
    assert notice.body.startswith("Open it in your editor. No program could open")


def test_about_names_the_version_and_the_files(recorded):
    recorded.run(UiCommand.ABOUT)
    notice = reported(recorded)
    assert notice.title == f"traycreds {__version__}"
    assert notice.body.replace("\\", "/") == "Configuration: ~/config.toml\nCredentials: ~/.aws/credentials"


def test_long_paths_of_the_files_both_fit(home):
    deep = paths.locate({}, home.joinpath(*["folder-of-many"] * 6, "config.toml"))
    notices = []
    actions = MenuActions(
        deep, notify=notices.append, editing=None, sign_in=None, used=None, changed=lambda: None, offer_import=None
    )
    actions.run(UiCommand.ABOUT)
    (notice,) = until(lambda: notices, "a notice")
    assert len(notice.body) <= BODY_WIDTH
    assert "many/config.toml\nCredentials: ~/.aws/" in notice.body.replace("\\", "/")


def test_a_second_start_is_pointed_to_the_first(recorded):
    recorded.run(UiCommand.POINT_OUT)
    assert reported(recorded).title == "traycreds is already running"


def test_a_check_without_findings_says_so(recorded):
    recorded.run(UiCommand.CHECK_CONFIG)
    assert reported(recorded).title == "Configuration checked: no problems"
    assert recorded.opened == []


def test_a_check_that_finds_only_a_note_says_that_all_is_well(recorded):
    recorded.where.config_file.write_text(f"{CONFIG}keep = true\n".replace("region", "# region"))
    recorded.run(UiCommand.CHECK_CONFIG)
    notice = reported(recorded)
    assert notice.title == "Configuration checked: no problems"
    assert "has no region" in notice.body
    assert recorded.opened == []


def test_a_check_reports_the_number_of_findings_and_opens_them_all(recorded):
    recorded.where.aws_config_file.write_text(KEYS.replace("base", "profile base"))
    recorded.where.config_file.write_text(CONFIG.replace('"base"', '"gone"'))
    recorded.run(UiCommand.CHECK_CONFIG)
    (report,) = until(lambda: recorded.opened, "the report is opened")
    text = report.read_text()
    assert f"{recorded.where.credentials_file}, line 1\n  warning: the keys of [base] hide" in text
    assert "gone" in text
    notice = reported(recorded)
    assert notice.title == f"Configuration checked: {text.count('  error: ') + text.count('  warning: ')} findings"
    assert [button.command for button in notice.buttons] == [UiCommand.OPEN_CONFIG]
    assert "wJalr" not in text


def test_names_are_copied(recorded):
    recorded.run(of(UiCommand.COPY_PROFILE))
    assert until(lambda: recorded.copied) == ["dev-session"]
    assert reported(recorded).title == "dev-session is on the clipboard"
    recorded.run(of(UiCommand.COPY_ACCOUNT))
    until(lambda: len(recorded.notices) == 2)
    assert recorded.copied == ["dev-session", "123456789012"]


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("/bin/bash", "export AWS_SESSION_TOKEN='"),
        ("/usr/bin/fish", "set -gx AWS_SESSION_TOKEN '"),
        ("/usr/bin/nu", '$env.AWS_SESSION_TOKEN = "'),
    ],
)
def test_the_environment_of_a_session_is_copied_for_the_shell_in_use(recorded, monkeypatch, shell, line):
    monkeypatch.setenv("SHELL", shell)
    keys = recorded.write_session()
    recorded.run(of(UiCommand.COPY_EXPORTS))
    (text,) = until(lambda: recorded.copied, "it is copied")
    assert line + keys.session_token in text
    assert "eu-central-1" in text
    notice = reported(recorded)
    assert notice.title == "dev: keys on the clipboard"
    assert recorded.used == ["dev"]
    assert keys.session_token not in notice.body


@pytest.fixture
def federation(monkeypatch):
    """AWS's federation endpoint, on loopback; gives the forms that were posted."""
    forms = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self):
            forms.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            body = b'{"SigninToken": "the-token"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("TRAYCREDS_FEDERATION_ENDPOINT", f"http://127.0.0.1:{server.server_port}/federation")
        yield forms
        server.shutdown()
        thread.join()


def test_the_console_is_opened_by_a_page_of_ours_that_leads_there(recorded, federation, monkeypatch):
    opened, landed = [], []

    def browse(address, failed, by):
        opened.append(address)

        def visit():
            connection = HTTPConnection(urlsplit(address).netloc)
            connection.request("GET", urlsplit(address).path)
            landed.append(connection.getresponse().headers["Location"])
            connection.close()

        threading.Thread(target=visit).start()

    monkeypatch.setattr(browser, "open_page", browse)
    keys = recorded.write_session()
    recorded.run(of(UiCommand.OPEN_CONSOLE))
    (target,) = until(lambda: landed, "the browser is led on")
    assert "SigninToken=the-token" in target
    assert "eu-central-1" in target
    assert keys.session_token in federation[0]["Session"][0]
    assert "the-token" not in opened[0], "the browser's command line has no secret"
    assert recorded.notices == []
    assert recorded.used == ["dev"]


def test_a_browser_that_does_not_come_is_reported(recorded, federation, monkeypatch):
    monkeypatch.setattr(browser, "open_page", lambda address, failed, by: None)
    monkeypatch.setattr(session_actions, "BROWSER_SECONDS", 0.05)
    recorded.write_session()
    recorded.run(of(UiCommand.OPEN_CONSOLE))
    assert reported(recorded).title == "dev: console not opened"
    assert "No browser opened" in reported(recorded).body


def test_a_browser_of_the_users_choice_that_cannot_be_started_is_reported_at_once(recorded, federation):
    recorded.where.config_file.write_text('[settings]\nbrowser = ["/nowhere/browser"]\n' + CONFIG)
    recorded.write_session()
    recorded.run(of(UiCommand.OPEN_CONSOLE))
    assert reported(recorded).title == "dev: console not opened"
    assert "Could not start /nowhere/browser." in reported(recorded).body


def test_without_a_browser_there_is_no_console(recorded, monkeypatch):
    monkeypatch.setattr(browser, "can_open", lambda: False)
    assert UiCommand.OPEN_CONSOLE not in capabilities.here()
    monkeypatch.setattr(browser, "can_open", lambda: True)
    assert UiCommand.OPEN_CONSOLE in capabilities.here()


def test_roles_are_imported_by_a_second_click(recorded):
    recorded.where.aws_config_file.write_text(
        "".join(
            f"[profile r{n}]\nrole_arn = arn:aws:iam::123456789012:role/R{n}\nsource_profile = base\n" for n in range(8)
        )
    )
    before = recorded.where.config_file.read_text()
    recorded.run(UiCommand.IMPORT_ROLES)
    notice = reported(recorded)
    assert notice.title == "8 roles can be imported"
    assert notice.body.startswith("r0, r1, r2, r3, r4, r5 and 2 more.")
    assert recorded.where.config_file.read_text() == before
    (button,) = notice.buttons
    assert button.label == "Import 8 roles"
    assert recorded.offers == ["Import 8 roles: r0, r1 and 6 more"]
    recorded.run(button.command)
    assert until(lambda: recorded.opened) == [recorded.where.config_file]
    assert recorded.edits == [1]
    assert recorded.where.config_file.read_text().startswith(before)
    assert {role.name for role in load.read_config(recorded.where).roles} == {"dev", *(f"r{n}" for n in range(8))}
    recorded.run(UiCommand.IMPORT_ROLES)
    until(lambda: len(recorded.notices) == 2)
    assert recorded.notices[-1].title == "Nothing to import"


def test_what_is_imported_is_not_denied_where_nothing_opens_the_file(recorded, monkeypatch):
    def nothing(path):
        raise FileNotFoundError("xdg-open")

    recorded.where.aws_config_file.write_text(
        "[profile r]\nrole_arn = arn:aws:iam::123456789012:role/R\nsource_profile = base\n"
    )
    monkeypatch.setattr(open_file, "open_existing", nothing)
    recorded.run(UiCommand.ADD_ROLES)
    assert reported(recorded).title == "Configuration not opened"
    assert {role.name for role in load.read_config(recorded.where).roles} == {"dev", "r"}


def test_without_a_session_nothing_is_copied(recorded):
    recorded.run(of(UiCommand.COPY_EXPORTS))
    assert reported(recorded).title == "dev: nothing copied"
    assert reported(recorded).body == "dev has no session. Choose Keep alive, then try again."
    assert recorded.copied == []


def test_a_role_that_is_gone_is_reported(recorded):
    recorded.run(of(UiCommand.COPY_PROFILE, "old"))
    assert reported(recorded).title == "old: nothing copied"
    assert reported(recorded).body.startswith("Role old is no longer in the configuration.")


def test_a_role_without_an_arn_has_no_account_to_copy(recorded):
    recorded.where.config_file.write_text('[roles.dev]\nfrom_profile = "tool"\n')
    recorded.where.aws_config_file.write_text("[profile tool]\ncredential_process = tool\n")
    recorded.run(of(UiCommand.COPY_ACCOUNT))
    assert reported(recorded).title == "dev: nothing copied"
    assert reported(recorded).body.startswith("traycreds does not know the account of dev.")


@pytest.mark.logs_warnings
def test_an_unexpected_fault_goes_to_the_log_and_ends_nothing(recorded, caplog, monkeypatch):
    def broken(_text):
        raise ValueError("x")

    monkeypatch.setattr(clipboard, "put", broken)
    recorded.run(of(UiCommand.COPY_PROFILE))
    until(lambda: "could not be carried out" in caplog.text, "the fault is logged")
    monkeypatch.setattr(clipboard, "put", recorded.copied.append)
    recorded.run(of(UiCommand.COPY_PROFILE))
    assert until(lambda: recorded.copied) == ["dev-session"]


def test_a_clipboard_that_fails_is_reported(recorded, monkeypatch):
    def fails(_text):
        raise TraycredsError("Could not copy to the clipboard.", "Try again.")

    monkeypatch.setattr(clipboard, "put", fails)
    recorded.run(of(UiCommand.COPY_PROFILE))
    assert reported(recorded).title == "dev: nothing copied"
    assert reported(recorded).body == "Could not copy to the clipboard. Try again."


def test_each_action_that_fails_has_a_title_of_its_own():
    never_fail = {UiCommand.ABOUT, UiCommand.POINT_OUT}
    elsewhere = {UiCommand.FIND_ROLE, UiCommand.ENTER_CODE, UiCommand.QUIT}
    assert {*menu_actions.NOT_DONE} == {*UiCommand} - never_fail - elsewhere


def test_where_no_window_can_be_shown_a_command_has_to_do(monkeypatch):
    monkeypatch.setattr(capabilities, "can_show_window", lambda _: False)
    monkeypatch.setattr(capabilities, "can_show_list", lambda _: True)
    assert capabilities.without_window() == {UiCommand.NEW_ROLE}
    monkeypatch.setattr(capabilities, "can_show_list", lambda _: False)
    assert capabilities.without_window() == {UiCommand.NEW_ROLE, UiCommand.FIND_ROLE}
    monkeypatch.setattr(capabilities, "can_show_window", lambda _: True)
    monkeypatch.setattr(capabilities, "can_show_list", lambda _: True)
    assert not capabilities.without_window()


def test_only_with_a_clipboard_there_is_anything_to_copy(recorded, monkeypatch):
    monkeypatch.setattr(clipboard, "fill_command", lambda _: None)
    assert UiCommand.COPY_PROFILE not in capabilities.here()
    assert UiCommand.OPEN_LOG in capabilities.here()
    monkeypatch.setattr(clipboard, "fill_command", lambda _: ("xclip",))
    assert UiCommand.COPY_PROFILE in capabilities.here()


def test_a_sign_in_is_asked_for_by_role(recorded):
    recorded.run(of(UiCommand.SIGN_IN))

    assert until(lambda: recorded.signed, "a sign-in")[0].name == "dev"


def test_it_starts_at_login_or_not_as_the_menu_says(recorded):
    recorded.run(UiCommand.START_AT_LOGIN)
    until(lambda: recorded.changes == [1], "the mark in the menu follows")
    assert login_item.read(Options()) is not None
    recorded.run(UiCommand.NOT_AT_LOGIN)
    until(lambda: recorded.changes == [1, 1], "the mark in the menu follows")
    assert login_item.read(Options()) is None
