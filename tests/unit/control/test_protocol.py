"""The words between a command and the app: what is a request, what is none, and that a snapshot survives the way."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import NOW, SECRET, TOKEN, a_failure, a_session, a_state, credentials
from traycreds.control import snapshot_json
from traycreds.control.protocol import COMMANDS, NAMELESS, Channel, Request, WireError, request_from
from traycreds.core.errors import FailureKind
from traycreds.core.snapshot import RefreshOutcome, RoleOutcome
from traycreds.core.value_class import replace
from traycreds.lifecycle import presentation

GOOD = {"v": 1, "id": "7", "do": "use", "roles": ["dev"], "wait": True}


@given(
    st.text(max_size=64),
    st.sampled_from(sorted(COMMANDS)),
    st.lists(st.text(max_size=256), max_size=5),
    st.one_of(st.none(), st.floats(min_value=1, max_value=1e6)),
    st.booleans(),
    st.sampled_from([None, "", "eu-west-1"]),
    st.booleans(),
)
def test_a_request_survives_the_way(identity, do, roles, seconds, wait, region, attended):
    roles = tuple(roles) if do in NAMELESS else ("dev",)
    region = region if do == "use" else None
    request = Request(
        id=identity,
        do=do,
        roles=roles,
        seconds=seconds,
        wait=wait,
        region=region,
        attended=attended,
        code="123456" if do == "code" else None,
    )
    assert request_from(json.loads(json.dumps(request.as_message()))) == request


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"v": "1"},
        {"id": 7},
        {"id": "x" * 65},
        {"do": "shout"},
        {"do": ["use"]},
        {"do": None},
        {"roles": []},
        {"roles": ["a", "b"]},
        {"roles": "dev"},
        {"roles": [1]},
        {"roles": ["x" * 257]},
        {"seconds": "4h"},
        {"seconds": 0},
        {"seconds": -1},
        {"seconds": True},
        {"seconds": float("inf")},
        {"seconds": float("nan")},
        {"wait": 1},
        {"attended": 0},
        {"region": 1},
        {"region": "eu west"},
        {"region": "x" * 64},
        {"region": "eu-west-1\n"},
        {"do": "keep", "region": "eu-west-1"},
        {"do": "code"},
        {"do": "code", "code": 123456},
        {"do": "code", "code": "12345"},
        {"do": "code", "code": "1234567"},
        {"do": "code", "code": "१२३४५६"},
        {"do": "code", "code": "123456", "roles": []},
    ],
)
def test_what_is_no_request(change):
    assert request_from(GOOD).do == "use"
    with pytest.raises(WireError):
        request_from({**GOOD, **change})


def test_a_code_is_in_no_repr_and_goes_with_one_command_alone():
    request = request_from({**GOOD, "do": "code", "code": "492081"})
    assert request.code == "492081"
    assert "492081" not in repr(request)
    assert request_from({**GOOD, "code": "492081"}).code is None


def test_a_later_version_may_say_more():
    assert request_from({**GOOD, "colour": "red"}) == request_from(GOOD)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_no_value_under_any_key_does_more_than_be_refused(value):
    for key in GOOD:
        try:
            request = request_from({**GOOD, key: value})
        except WireError:
            continue
        assert request.do in COMMANDS


class Peer:
    """The other end of a connection in memory: what it says comes piece by piece, then it is silent, or gone."""

    def __init__(self, *pieces: bytes, gone: bool = False) -> None:
        self.pieces = list(pieces)
        self.gone = gone

    def receive(self, *, seconds: float) -> bytes:
        assert seconds > 0
        if self.pieces:
            return self.pieces.pop(0)
        if self.gone:
            return b""
        raise TimeoutError


def channel_of(peer: Peer, *, limit: int = 100) -> Channel:
    return Channel(peer, limit=limit, seconds=5)


def test_lines_that_arrive_in_pieces_and_in_one():
    channel = channel_of(Peer(b'{"a":1}\n{"b"', b":2", b"}\n"))
    assert channel.receive() == {"a": 1}
    assert channel.receive() == {"b": 2}


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"use dev\n",
        b"[1]\n",
        b"1\n",
        b"\xff\xfe\n",
        b'{"a":\n',
        b"x" * 101 + b"\n",
        b"x" * 200,
        b"[" * 99 + b"\n",
    ],
)
def test_an_invalid_line_is_refused(line):
    with pytest.raises(WireError):
        channel_of(Peer(line)).receive()


def test_nesting_beyond_the_parser_is_refused():
    with pytest.raises(WireError):
        channel_of(Peer(b"[" * 60_000 + b"\n"), limit=65536).receive()


def test_a_peer_that_goes_away():
    with pytest.raises(WireError, match="went away"):
        channel_of(Peer(b'{"a"', gone=True)).receive()


def test_the_deadline_is_for_the_whole_line():
    channel = channel_of(Peer(b"{"))
    with pytest.raises(WireError, match="in time"):
        channel.receive()
    channel = channel_of(Peer(b"{", b"}\n"))
    # The next piece is there, but too late.
    channel.allow(0)
    with pytest.raises(WireError, match="in time"):
        channel.receive()


def test_a_snapshot_survives_the_way_and_holds_no_secret():
    state = a_state(
        replace(a_session("dev", expires_in=timedelta(hours=1)), keep_until=NOW + timedelta(hours=4)),
        a_session("new", unwritten=credentials()),
        a_session("bad", failure=a_failure(FailureKind.DENIED, retry_at=NOW)),
        chosen="dev",
        default_due=True,
        write_failure=a_failure(FailureKind.FILE),
    )
    snapshot = presentation.snapshot(NOW, state)
    line = json.dumps(snapshot_json.encode(snapshot))
    assert snapshot_json.decode(json.loads(line)) == snapshot
    assert SECRET not in line
    assert TOKEN not in line


def test_a_snapshot_of_a_later_version_is_read_as_far_as_it_is_known():
    snapshot = presentation.snapshot(NOW, a_state(a_session("dev", expires_in=timedelta(hours=1))))
    message = snapshot_json.encode(snapshot)
    message["mood"] = "fine"
    message["roles"][0]["colour"] = "red"
    del message["theme"]
    assert snapshot_json.decode(message) == snapshot


OUTCOME = RefreshOutcome({"dev": RoleOutcome.WRITTEN, "prod": RoleOutcome.LONGER_KEPT}, ("It is locked.", "Try again."))


@pytest.mark.parametrize("outcome", [OUTCOME, RefreshOutcome({})], ids=["all of it", "nothing"])
def test_an_outcome_comes_through(outcome):
    reply = json.loads(json.dumps({"outcome": snapshot_json.encode_outcome(outcome)}))
    assert snapshot_json.decode_outcome(reply) == outcome


def test_an_outcome_of_0_2_is_in_its_snapshot():
    soon = "2026-01-05T09:00:00+00:00"

    def view(name, status="fresh", **of_role):
        return {"name": name, "status": status, "expires_at": soon, "kind": None, "refreshed": False} | of_role

    views = [
        view("written", refreshed=True),
        view("longer"),
        view("busy", "refreshing"),
        view("gone", expires_at=None, refreshed=True),
        view("failed", kind="denied", refreshed=True),
    ]
    snapshot = {"roles": views, "trouble": "It is locked.", "trouble_hint": "Try again.", "default_refused": False}
    of_roles = {
        "written": RoleOutcome.WRITTEN,
        "longer": RoleOutcome.LONGER_KEPT,
        "busy": RoleOutcome.UNFINISHED,
        "gone": RoleOutcome.UNFINISHED,
        "failed": RoleOutcome.FAILED,
    }
    whole = snapshot_json.decode_outcome({"snapshot": snapshot})
    assert whole == RefreshOutcome(of_roles, ("It is locked.", "Try again."))
    assert snapshot_json.decode_outcome({"snapshot": {**snapshot, "default_refused": True}}).trouble is None


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"outcome": None},
        {"outcome": {"roles": {"dev": "lost"}, "trouble": None}},
        {"outcome": {"roles": {}, "trouble": ["It is locked."]}},
        {"outcome": {"roles": {}, "trouble": [1, 2]}},
        {"snapshot": {"roles": [{"name": "dev"}]}},
    ],
)
def test_what_is_no_outcome(reply):
    with pytest.raises(WireError):
        snapshot_json.decode_outcome(reply)


@pytest.mark.parametrize("message", [None, [], {}, {"roles": 1}, {"roles": [1]}, {"roles": [], "as_of": "noon"}])
def test_what_is_no_snapshot(message):
    with pytest.raises(WireError):
        snapshot_json.decode(message)


_ROLE = {"name": "dev", "profile": "dev-session", "status": "fresh"}


@pytest.mark.parametrize(
    "change",
    [
        {"paused": 1},
        {"paused": "yes"},
        {"theme": 7},
        {"default_switch": 7},
        {"trouble": ["x"]},
        {"skew": float("inf")},
        {"skew": 1e300},
        {"skew": "1"},
        {"as_of": "2026-01-01T00:00:00"},
        {"as_of": "9999-12-31T23:59:59-10:00"},
        {"as_of": 7},
        {"as_of": None},
        {"overall": "splendid"},
        {"roles": {}},
        {"roles": [_ROLE | {"name": None}]},
        {"roles": [_ROLE | {"recent": True}]},
        {"roles": [_ROLE | {"expires_at": "0001-01-01T00:00:00+00:00"}]},
    ],
    ids=str,
)
def test_a_snapshot_with_a_value_of_another_type_is_invalid(change):
    with pytest.raises(WireError):
        snapshot_json.decode({"as_of": "2026-01-01T00:00:00+00:00", "roles": [_ROLE]} | change)


def test_no_control_character_of_a_snapshot_gets_through():
    role = _ROLE | {"error": "\x1b[31mred\n", "hint": "x" * 10_000}
    (view,) = snapshot_json.decode({"as_of": "2026-01-01T00:00:00+00:00", "roles": [role]}).roles
    assert view.error == r"\x1b[31mred\n"
    assert len(view.hint) < 5000


@pytest.mark.parametrize("places", ["/home/me", [1], ["x" * 4097], {"a": "b"}])
def test_places_are_paths(places):
    with pytest.raises(WireError, match="places"):
        request_from({**GOOD, "do": "session", "places": places})


def test_places_survive_the_way():
    request = Request(id="1", do="session", roles=("dev",), places=("", "/home/me/.aws/credentials"))
    assert request_from(json.loads(json.dumps(request.as_message()))) == request
