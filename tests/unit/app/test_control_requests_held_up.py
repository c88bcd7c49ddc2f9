"""Commands while other programs hold the credentials file up: they end soon, and say what is true then."""

from __future__ import annotations

import pytest

from tests.support.builders import HOUR, a_session, a_state
from tests.unit.app.test_control_requests import Engine, requests_to
from traycreds.app import control_requests
from traycreds.awsfiles.concurrency.shared_file import BUSY, MISSING
from traycreds.control import snapshot_json
from traycreds.control.protocol import Request
from traycreds.core.errors import CredentialsFileError
from traycreds.core.value_class import replace

DEV, PROD = a_session("dev", expires_in=HOUR), a_session("prod", expires_in=HOUR)
SWITCHING = replace(a_state(DEV, PROD, chosen="dev"), chosen="prod", default_due=True, writing=True)
DONE = a_state(DEV, PROD, chosen="prod")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(control_requests, "POLL", 0)
    monkeypatch.setattr(control_requests, "HELD_SECONDS", 0)


def handle_request(do, *states, held_up=BUSY, name="prod"):
    engine = Engine(*states)
    requests = requests_to(engine, held_up=lambda: held_up)
    return requests.handle_request(Request(id="1", do=do, roles=(name,) if name else ()), engine.turn)


def test_use_says_which_role_is_the_default_until_then():
    with pytest.raises(CredentialsFileError) as error:
        handle_request("use", SWITCHING, SWITCHING, SWITCHING)
    assert error.value.sentence == (
        "Another program is writing the credentials file, so traycreds is waiting for it. "
        "prod becomes the default once its session is written; until then dev is."
    )
    assert error.value.exit_code == 4


def test_what_is_waited_for_is_named():
    with pytest.raises(CredentialsFileError, match="The credentials file is missing") as error:
        handle_request("use", SWITCHING, SWITCHING, SWITCHING, held_up=MISSING)
    assert error.value.hint == MISSING.hint


@pytest.mark.parametrize(("do", "name"), [("keep", "prod"), ("drop", "prod"), ("use_none", None)])
def test_so_do_the_others_whatever_they_wait_for(do, name):
    states = {
        "keep": a_state(replace(a_session("prod"), unwritten=a_session("other").unwritten), writing=True),
        "drop": a_state(replace(PROD, drop=True), writing=True),
        "use_none": replace(DONE, chosen=None, remove_default=True, writing=True),
    }
    with pytest.raises(CredentialsFileError, match="Another program is writing") as error:
        handle_request(do, states[do], states[do], states[do], name=name)
    assert "becomes the default" not in error.value.sentence


def test_a_refresh_says_what_is_on_file_and_what_is_not():
    waiting = a_state(replace(DEV, refreshed=True), a_session("prod"), writing=True)
    reply = handle_request("refresh", waiting, waiting, waiting).content
    outcome = snapshot_json.decode_outcome(reply)
    assert [each.value for each in outcome.roles.values()] == ["unfinished"]
    assert outcome.trouble[0].startswith("Another program is writing")


@pytest.mark.parametrize("do", ["use", "keep", "refresh"])
def test_who_waits_for_aws_goes_on_to_wait(do):
    called = replace(SWITCHING, sessions=(DEV, a_session("prod")), calls=frozenset({"prod"}))
    assert handle_request(do, called, called, called, DONE).content["ok"]


def test_use_with_a_session_on_file_waits_for_no_call_beside_it():
    with pytest.raises(CredentialsFileError):
        handle_request("use", *[replace(SWITCHING, calls=frozenset({"prod"}))] * 3)


def test_a_slow_disk_is_waited_for():
    assert handle_request("use", SWITCHING, SWITCHING, SWITCHING, DONE, held_up=None).content["ok"]


def test_it_must_be_held_up_for_a_while(monkeypatch):
    monkeypatch.setattr(control_requests, "HELD_SECONDS", 1e6)
    assert handle_request("use", SWITCHING, SWITCHING, SWITCHING, DONE).content["ok"]


def test_a_file_that_has_never_been_read_is_waited_for_no_longer():
    unread = replace(SWITCHING, writing=False, file_known=False)
    with pytest.raises(CredentialsFileError):
        handle_request("use", unread, unread, unread)
