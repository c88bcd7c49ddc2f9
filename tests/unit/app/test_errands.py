"""What clicks ask of the program: each errand does its work, and what goes wrong is told."""

from __future__ import annotations

import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.builders import HOUR, a_role, credentials
from tests.waiting import until
from traycreds import __version__
from traycreds.adapters import browser, clipboard, opener, places
from traycreds.adapters.clock import SystemClock
from traycreds.app import abilities, errands, setup
from traycreds.app.errands import Errands
from traycreds.core.commands import RoleCommand, UiCommand
from traycreds.core.errors import TraycredsError
from traycreds.core.model import Batch, ProfileWrite

CONFIG = """\
[roles.dev]
role_arn = "arn:aws:iam::123456789012:role/Dev"
source_profile = "base"
region = "eu-central-1"
"""
KEYS = "[base]\naws_access_key_id = AKIAEXAMPLEEXAMPLE00\naws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYaa\n"


class Office:
    """A home with one role, and all that errands tell, open and copy."""

    def __init__(self, where, monkeypatch):
        self.where = where
        self.told, self.opened, self.copied, self.edits, self.signed, self.used = [], [], [], [], [], []
        monkeypatch.setattr(opener, "_open", self.opened.append)
        monkeypatch.setattr(clipboard, "put", self.copied.append)
        self.errands = Errands(
            where,
            tell=self.told.append,
            editing=lambda: self.edits.append(1),
            sign_in=self.signed.append,
            used=self.used.append,
        )

    def run(self, command):
        self.errands.run(command)

    def write_session(self):
        """A session of the role on file."""
        keys = credentials(SystemClock().now().replace(microsecond=0) + HOUR)
        role = setup.read_config(self.where).roles[0]
        store = setup.open_store(self.where, SystemClock())
        store.read()
        store.write(Batch(sets=(ProfileWrite(profile=role.profile, role=role.name, credentials=keys),)))
        return keys


@pytest.fixture
def office(home, monkeypatch):
    where = places.locate({}, home / "config.toml")
    where.config_file.write_text(CONFIG)
    where.credentials_file.parent.mkdir(mode=0o700)
    where.credentials_file.touch(mode=0o600)
    where.credentials_file.write_text(KEYS)
    where.aws_config_file.write_text("[default]\nregion = us-east-1\n")
    return Office(where, monkeypatch)


def of(command, role="dev"):
    return RoleCommand(command, role)


def told(office):
    return until(lambda: office.told, "a notice")[-1]


def test_the_configuration_is_opened_and_its_edits_expected(office):
    office.run(UiCommand.OPEN_CONFIG)
    assert until(lambda: office.opened) == [office.where.config_file]
    assert office.edits == [1]


def test_the_log_is_opened(office):
    office.run(UiCommand.OPEN_LOG)
    assert told(office).title == f"There is no {office.where.log_dir / 'traycreds.log'}."
    office.where.log_dir.mkdir(parents=True)
    (office.where.log_dir / "traycreds.log").touch()
    office.run(UiCommand.OPEN_LOG)
    assert until(lambda: office.opened) == [office.where.log_dir / "traycreds.log"]


def test_a_file_that_nothing_can_open_is_named(office, monkeypatch):
    def nothing(path):
        raise FileNotFoundError("xdg-open")

    monkeypatch.setattr(opener, "_open", nothing)
    office.run(UiCommand.OPEN_CONFIG)
    notice = told(office)
    assert (notice.title, notice.body) == (
        f"No program could open {office.where.config_file}.",
        "Open it in your editor.",
    )


def test_about_names_the_version_and_the_files(office):
    office.run(UiCommand.ABOUT)
    notice = told(office)
    assert notice.title == f"traycreds {__version__}"
    assert str(office.where.config_file) in notice.body


def test_a_second_start_is_pointed_to_the_first(office):
    office.run(UiCommand.POINT_OUT)
    assert told(office).title == "traycreds is running already"


def test_a_check_without_findings_says_so(office):
    office.run(UiCommand.CHECK_CONFIG)
    assert told(office).title == "Configuration checked: all is well"
    assert office.opened == []


def test_a_check_tells_how_many_findings_there_are_and_opens_them_all(office):
    office.where.aws_config_file.write_text(KEYS.replace("base", "profile base"))
    office.where.config_file.write_text(CONFIG.replace('"base"', '"gone"'))
    office.run(UiCommand.CHECK_CONFIG)
    (report,) = until(lambda: office.opened, "the report is opened")
    text = report.read_text()
    assert f"{office.where.credentials_file}, line 1\n  warning: the keys of [base] hide" in text
    assert "gone" in text
    notice = told(office)
    assert notice.title == f"Configuration checked: {text.count('  error: ') + text.count('  warning: ')} findings"
    assert [button.command for button in notice.buttons] == [UiCommand.OPEN_CONFIG]
    assert "wJalr" not in text


def test_names_are_copied(office):
    office.run(of(UiCommand.COPY_PROFILE))
    assert until(lambda: office.copied) == ["dev-session"]
    assert told(office).title == "dev-session is on the clipboard"
    office.run(of(UiCommand.COPY_ACCOUNT))
    until(lambda: len(office.told) == 2)
    assert office.copied == ["dev-session", "123456789012"]


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("/bin/bash", "export AWS_SESSION_TOKEN='"),
        ("/usr/bin/fish", "set -gx AWS_SESSION_TOKEN '"),
        ("/usr/bin/nu", "export AWS_SESSION_TOKEN='"),
    ],
)
def test_the_environment_of_a_session_is_copied_for_the_shell_in_use(office, monkeypatch, shell, line):
    monkeypatch.setenv("SHELL", shell)
    keys = office.write_session()
    office.run(of(UiCommand.COPY_EXPORTS))
    (text,) = until(lambda: office.copied, "it is copied")
    assert line + keys.session_token in text
    assert "eu-central-1" in text
    notice = told(office)
    assert notice.title == "The keys of dev are on the clipboard"
    assert office.used == ["dev"]
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
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("TRAYCREDS_FEDERATION_ENDPOINT", f"http://127.0.0.1:{server.server_port}/federation")
        yield forms
        server.shutdown()
        thread.join()


def test_the_console_is_opened_by_a_page_of_ours_that_leads_there(office, federation, monkeypatch):
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
    keys = office.write_session()
    office.run(of(UiCommand.OPEN_CONSOLE))
    (target,) = until(lambda: landed, "the browser is led on")
    assert "SigninToken=the-token" in target
    assert "eu-central-1" in target
    assert keys.session_token in federation[0]["Session"][0]
    assert "the-token" not in opened[0], "what stands on the browser's command line is no secret"
    assert office.told == []
    assert office.used == ["dev"]


def test_a_browser_that_does_not_come_is_told(office, federation, monkeypatch):
    monkeypatch.setattr(browser, "open_page", lambda address, failed, by: None)
    monkeypatch.setattr(errands, "_BROWSER_SECONDS", 0.05)
    office.write_session()
    office.run(of(UiCommand.OPEN_CONSOLE))
    assert told(office).title == "No browser came for the page of the console."


def test_a_browser_of_the_users_choice_that_cannot_be_started_is_told_at_once(office, federation):
    office.where.config_file.write_text('[settings]\nbrowser = ["/nowhere/browser"]\n' + CONFIG)
    office.write_session()
    office.run(of(UiCommand.OPEN_CONSOLE))
    assert told(office).title == "/nowhere/browser could not be started."


def test_without_a_browser_there_is_no_console(office, monkeypatch):
    monkeypatch.setattr(browser, "can_open", lambda: False)
    assert UiCommand.OPEN_CONSOLE not in abilities.here()
    monkeypatch.setattr(browser, "can_open", lambda: True)
    assert UiCommand.OPEN_CONSOLE in abilities.here()


def test_roles_are_imported_by_a_second_click(office):
    office.where.aws_config_file.write_text(
        "".join(
            f"[profile r{n}]\nrole_arn = arn:aws:iam::123456789012:role/R{n}\nsource_profile = base\n" for n in range(8)
        )
    )
    before = office.where.config_file.read_text()
    office.run(UiCommand.IMPORT_ROLES)
    notice = told(office)
    assert notice.title == "8 roles can be imported"
    assert notice.body.startswith("r0, r1, r2, r3, r4, r5 and 2 more.")
    assert office.where.config_file.read_text() == before
    (button,) = notice.buttons
    assert button.label == "Import 8 roles"
    office.run(button.command)
    assert until(lambda: office.opened) == [office.where.config_file]
    assert office.edits == [1]
    assert office.where.config_file.read_text().startswith(before)
    assert {role.name for role in setup.read_config(office.where).roles} == {"dev", *(f"r{n}" for n in range(8))}
    office.run(UiCommand.IMPORT_ROLES)
    until(lambda: len(office.told) == 2)
    assert office.told[-1].title == "There is nothing to import"


def test_without_a_session_nothing_is_copied(office):
    office.run(of(UiCommand.COPY_EXPORTS))
    assert told(office).title == "dev has no session on file."
    assert office.copied == []


def test_a_role_that_is_gone_is_told(office):
    office.run(of(UiCommand.COPY_PROFILE, "old"))
    assert told(office).title == "Role old is configured no more."


def test_a_role_without_an_arn_has_no_account_to_copy(office, monkeypatch):
    monkeypatch.setattr(errands.Errands, "_role", lambda self, name: a_role("dev", arn=None))
    office.run(of(UiCommand.COPY_ACCOUNT))
    assert told(office).title == "The account of dev is not known."


@pytest.mark.logs_warnings
def test_an_unforeseen_fault_goes_to_the_log_and_ends_nothing(office, caplog, monkeypatch):
    def broken(_text):
        raise ValueError("x")

    monkeypatch.setattr(clipboard, "put", broken)
    office.run(of(UiCommand.COPY_PROFILE))
    until(lambda: "could not be carried out" in caplog.text, "the fault is logged")
    monkeypatch.setattr(clipboard, "put", office.copied.append)
    office.run(of(UiCommand.COPY_PROFILE))
    assert until(lambda: office.copied) == ["dev-session"]


def test_a_clipboard_that_fails_is_told(office, monkeypatch):
    def fails(_text):
        raise TraycredsError("The clipboard could not be filled.", "Try again.")

    monkeypatch.setattr(clipboard, "put", fails)
    office.run(of(UiCommand.COPY_PROFILE))
    assert told(office).title == "The clipboard could not be filled."


def test_only_with_a_clipboard_there_is_anything_to_copy(office, monkeypatch):
    monkeypatch.setattr(clipboard, "way", lambda _: None)
    assert UiCommand.COPY_PROFILE not in abilities.here()
    assert UiCommand.OPEN_LOG in abilities.here()
    monkeypatch.setattr(clipboard, "way", lambda _: ("xclip",))
    assert UiCommand.COPY_PROFILE in abilities.here()


def test_a_sign_in_is_asked_for_by_role(office):
    office.run(of(UiCommand.SIGN_IN))

    assert until(lambda: office.signed, "a sign-in")[0].name == "dev"
