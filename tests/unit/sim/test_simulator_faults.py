"""Faults of the simulator, and its record of calls."""

from __future__ import annotations

import http.client
import threading
import time
from datetime import timedelta

import pytest

from tests.support.wait_until import PATIENCE
from tests.unit.sim.calls import ARN, assume
from traycreds.sim import Fault, Simulator


def raw(sim, method, path, body=b"", headers=()):
    connection = http.client.HTTPConnection("127.0.0.1", int(sim.url.rpartition(":")[2]), timeout=10)
    try:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_what_is_no_call_of_aws(sim):
    assert raw(sim, "GET", "/")[0] == 404
    assert raw(sim, "POST", "/elsewhere")[0] == 404
    assert raw(sim, "POST", "/", b"\xff\xfe=%")[0] == 400
    assert raw(sim, "POST", "/", b"x", {"Content-Length": "-1"})[0] == 413
    assert raw(sim, "POST", "/", b"x", {"Content-Length": str(1 << 30)})[0] == 413


def test_faults_hit_their_role_so_often_and_end(sim, user):
    other = "arn:aws:iam::222233334444:role/other"
    sim.world.add_role(other, trust=["*"])
    sim.faults.set(Fault.THROTTLE, role="dev", times=2)

    assert [assume(sim, user).status for _ in range(3)] == [400, 400, 200]
    sim.faults.set(Fault.DENIED, role=ARN)
    assert assume(sim, user).status == 403
    assert assume(sim, user, RoleArn=other).status == 200
    sim.faults.clear("dev")
    assert assume(sim, user).status == 403
    sim.faults.clear(ARN)
    assert assume(sim, user).status == 200


def test_date_can_be_skewed(sim, user):
    sim.faults.date_skew = timedelta(hours=-1)
    assert assume(sim, user).headers["Date"] == "Thu, 01 Jan 2026 11:00:00 GMT"
    sim.faults.clear()
    assert assume(sim, user).headers["Date"] == "Thu, 01 Jan 2026 12:00:00 GMT"


def test_calls_are_recorded_with_their_outcome(sim, user):
    assume(sim, user)
    assume(sim, user, RoleArn=ARN + "-other")
    sim.faults.set(Fault.DROP, times=1)
    with pytest.raises(http.client.RemoteDisconnected):
        assume(sim, user)

    assert [(c.action, c.role_arn, c.outcome, c.region) for c in sim.calls] == [
        ("AssumeRole", ARN, "OK", "eu-west-1"),
        ("AssumeRole", ARN + "-other", "AccessDenied", "eu-west-1"),
        ("AssumeRole", ARN, "drop", None),
    ]
    assert "alice" not in repr(sim.calls)


def test_closing_ends_hanging_and_dripping_calls_at_once(clock):
    with Simulator(clock=clock) as sim:
        user = sim.world.add_user("base")
        ended = []

        def hang():
            with pytest.raises((OSError, http.client.HTTPException)):
                assume(sim, user)
            ended.append(True)

        threads = []
        for fault in (Fault.HANG, Fault.DRIP):
            sim.faults.set(fault)
            seen = len(sim.calls)
            threads.append(threading.Thread(target=hang))
            threads[-1].start()
            deadline = time.monotonic() + 5
            while len(sim.calls) == seen and time.monotonic() < deadline:
                threading.Event().wait(0.005)
        begin = time.monotonic()
    for thread in threads:
        thread.join(5)

    assert ended == [True, True]
    assert time.monotonic() - begin < PATIENCE
    with pytest.raises(RuntimeError, match="not running"):
        _ = sim.url


def test_clearing_a_fault_lets_hanging_calls_go(sim, user):
    sim.faults.set(Fault.HANG)
    failed = threading.Event()

    def hang():
        with pytest.raises((OSError, http.client.HTTPException)):
            assume(sim, user)
        failed.set()

    thread = threading.Thread(target=hang)
    thread.start()
    while not sim.calls:
        threading.Event().wait(0.005)
    # The call may not hang yet when the first `clear` comes.
    while not failed.wait(0.05):
        sim.faults.clear()
    thread.join()

    assert assume(sim, user).status == 200
