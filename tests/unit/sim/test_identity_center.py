"""The shipped part of the simulated Identity Center: a device is allowed on its page, and its token opens a role."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from datetime import timedelta

import pytest

from tests.unit.sim.calls import START, Clock
from traycreds.sim.device_authorization import DEVICE_GRANT, DeviceAuthorization
from traycreds.sim.faults import Fault
from traycreds.sim.identity_center import IdentityCenter
from traycreds.sim.portal import BEARER_HEADER, SsoPortal
from traycreds.sim.simulator import Simulator
from traycreds.sim.world import World

ACCOUNT = "123456789012"


class Caller:
    """A program with a device code, and the person at the browser."""

    def __init__(self, simulator: Simulator) -> None:
        self.url = simulator.url

    def fetch(self, path: str, data: bytes | None = None, **headers: str) -> tuple[int, str]:
        request = urllib.request.Request(self.url + path, data, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def call(self, path: str, **body: str) -> tuple[int, dict]:
        status, text = self.fetch(path, json.dumps(body).encode(), **{"Content-Type": "application/json"})
        return status, json.loads(text)

    def decide(self, user_code: str, answer: str) -> str:
        return self.fetch("/device", urllib.parse.urlencode({"user_code": user_code, "answer": answer}).encode())[1]

    def register(self) -> dict[str, str]:
        _, client = self.call("/client/register", clientName="test", clientType="public")
        return {name: client[name] for name in ("clientId", "clientSecret")}

    def role(self, token: str, name: str = "Audit") -> tuple[int, dict]:
        status, text = self.fetch(
            f"/federation/credentials?account_id={ACCOUNT}&role_name={name}", **{BEARER_HEADER: token}
        )
        return status, json.loads(text)


@pytest.fixture
def sign_in_clock():
    return Clock()


@pytest.fixture
def center(clock, sign_in_clock):
    world = World()
    portal = SsoPortal(world, clock, sign_in_clock)
    center = IdentityCenter(portal, DeviceAuthorization(portal, sign_in_clock))
    portal.assign(center.oidc.visitor, [(ACCOUNT, "Audit")])
    with Simulator(clock=clock, world=world, services=[center]) as simulator:
        center.world, center.faults = world, simulator.faults
        center.caller = Caller(simulator)
        yield center


@pytest.fixture
def caller(center):
    return center.caller


@pytest.fixture
def device(caller):
    """A device that waits, with what it polls with."""
    client = caller.register()
    _, device = caller.call("/device_authorization", **client, startUrl="https://example.awsapps.com/start")
    return device, {**client, "grantType": DEVICE_GRANT, "deviceCode": device["deviceCode"]}


def test_an_allowed_device_gets_a_token_that_opens_the_role(center, caller, device, clock):
    shown, poll = device
    assert caller.call("/token", **poll)[1]["error"] == "authorization_pending"
    status, page = caller.fetch(shown["verificationUriComplete"].removeprefix(caller.url))
    assert status == 200
    assert f'value="{shown["userCode"]}"' in page
    assert 'id="allow"' in page
    assert "Done" in caller.decide(shown["userCode"].lower(), "allow")
    center.oidc._clock.now += timedelta(seconds=10)
    status, token = caller.call("/token", **poll)
    assert (status, token["expiresIn"]) == (200, 8 * 3600)
    status, given = caller.role(token["accessToken"])
    assert status == 200
    credentials = given["roleCredentials"]
    assert credentials["expiration"] == (clock.now + timedelta(hours=1)).timestamp() * 1000
    key = center.world.key(credentials["accessKeyId"])
    assert key.secret_access_key == credentials["secretAccessKey"]
    assert key.principal.account == ACCOUNT
    assert caller.role(token["accessToken"], "Admin")[0] == 403, "it is not assigned"


def test_sessions_and_sign_ins_end_by_a_clock_each(center, caller, clock, sign_in_clock):
    token = center.portal.sign_in("alice", [(ACCOUNT, "Audit")]).token
    clock.now += timedelta(days=30)
    assert caller.role(token)[1]["roleCredentials"]["expiration"] > (START + timedelta(days=30)).timestamp() * 1000
    sign_in_clock.now += timedelta(hours=8)
    assert caller.role(token)[0] == 401


def test_a_device_that_is_denied_or_late_or_too_quick_gets_no_token(caller, device, sign_in_clock):
    shown, poll = device
    assert caller.call("/token", **poll)[1]["error"] == "authorization_pending"
    assert caller.call("/token", **poll)[1]["error"] == "slow_down"
    sign_in_clock.now += timedelta(seconds=20)
    assert "not allowed" in caller.decide(shown["userCode"], "deny")
    assert caller.call("/token", **poll)[1]["error"] == "access_denied"
    assert caller.call("/token", **poll)[1]["error"] == "invalid_grant"


def test_a_code_that_has_expired_is_of_no_use(caller, device, sign_in_clock):
    shown, poll = device
    sign_in_clock.now += timedelta(minutes=10)
    assert "No device shows this code." in caller.decide(shown["userCode"], "allow")
    assert caller.call("/token", **poll)[1]["error"] == "expired_token"


def test_who_is_unknown_or_asks_for_something_else_is_refused(caller, device):
    _, poll = device
    assert caller.call("/token", **{**poll, "clientSecret": "other"})[1]["error"] == "invalid_client"
    assert caller.call("/token", **{**poll, "grantType": "refresh_token"})[1]["error"] == "unsupported_grant_type"
    assert caller.call("/device_authorization", **caller.register())[1]["error"] == "invalid_request"
    assert caller.fetch("/token", b"[]")[0] == 400
    assert caller.role("none")[0] == 401
    assert caller.fetch("/authorize")[0] == 404


def test_what_is_in_the_address_is_text_on_the_page(caller):
    assert "<script>" not in caller.fetch("/device?user_code=%22%3E%3Cscript%3E")[1]


def test_a_fault_hits_its_calls_too(center, caller):
    center.faults.set(Fault.UNAVAILABLE_503, role="Audit", times=1)
    assert caller.role("none")[0] == 503
    center.faults.set(Fault.ERROR_500, role="RegisterClient", times=1)
    assert caller.call("/client/register")[0] == 500
