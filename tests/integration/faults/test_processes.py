"""Faults for real: the app as a process against the simulator over HTTP, killed, stopped, cut off and kept waiting."""

from __future__ import annotations

import signal
import sys
import time
from datetime import timedelta

import pytest

from tests.integration.faults.proxy import Proxy
from tests.waiting import until
from tests.windows.mark import not_on_windows
from traycreds.sim.faults import Fault

QUARTER = 'keep = true\nduration = "15m"\n'


def end(place, app):
    """End the app as the system does; the real seconds that it takes."""
    begun = time.monotonic()
    place.end(app.process)
    assert app.process.wait(5) == 0
    return time.monotonic() - begun


LONG = 8 if sys.platform == "win32" else 2
"""Seconds for an end; on Windows a command of its own asks for it."""


@pytest.mark.parametrize("place", [1.0], indirect=True)
def test_after_a_kill_the_sessions_on_file_are_taken_over_without_a_call(place):
    for name in ("dev", "prod"):
        place.add_role(name, extra=QUARTER)
    first = place.run()
    for name in ("dev", "prod"):
        place.wait_for_valid(name)
    until(lambda: first.says("dev=fresh prod=fresh"), "both are shown fresh")
    before, calls = place.credentials_file.read_bytes(), len(place.simulator.calls)
    first.process.kill()
    assert first.process.wait(5) != 0
    second = place.run()
    until(lambda: second.says("dev=fresh prod=fresh"), "they are taken over")
    time.sleep(1.0)  # real time, in which it would call if it wanted to
    assert len(place.simulator.calls) == calls
    assert place.credentials_file.read_bytes() == before
    assert not second.notices()


@pytest.mark.parametrize("place", [1.0], indirect=True)
def test_the_users_choices_outlive_a_kill(place):
    for name in ("dev", "prod"):
        place.add_role(name)
    first = place.run()
    until(lambda: place.command("keep", "dev", "--for", "4h").returncode == 0, "it runs")
    assert place.command("use", "prod").returncode == 0
    chosen = place.profiles()["default"]["aws_access_key_id"]
    state = place.state / "choices.json"
    until(lambda: state.exists() and '"default": "prod"' in state.read_text(), "the choices are kept")
    first.process.kill()
    first.process.wait(5)
    second = place.run()
    until(lambda: second.says("dev=fresh prod=fresh"), "as it was")
    told = place.command("status", "--json").stdout
    assert '"is_default": true' in told
    assert place.profiles()["default"]["aws_access_key_id"] == chosen
    kept = [line for line in told.splitlines() if '"kept"' in line]
    assert [line.strip(" ,").split(": ")[1] for line in kept] == ["true", "false"]


@not_on_windows
def test_after_being_stopped_beyond_the_end_of_its_sessions_it_renews_at_once(place):
    place.add_role("dev", extra=QUARTER)
    app = place.run()
    place.wait_for_valid("dev")
    app.process.send_signal(signal.SIGSTOP)
    until(lambda: not place.valid("dev"), "the session ends", timeout=12)
    app.process.send_signal(signal.SIGCONT)
    place.wait_for_valid("dev", timeout=2)
    assert not app.notices()


def test_the_endpoint_is_gone_for_ten_minutes_and_comes_back(place):
    place.add_role("dev", extra=QUARTER)
    app = place.run()
    place.wait_for_valid("dev")
    place.line.cut()
    gone_at = place.clock.now()
    until(lambda: not place.valid("dev"), "the session ends", timeout=12)
    until(app.notices, "it is told")
    until(lambda: place.clock.now() - gone_at > timedelta(minutes=10), "it is gone for long")
    place.line.mend()
    place.wait_for_valid("dev", timeout=3)
    until(lambda: app.says("dev is fresh again"), "recovery is told")
    first, *_, last = app.notices()
    assert "could not be reached" in first
    assert "fresh again" in last
    assert sum("could not be reached" in notice for notice in app.notices()) <= 2, "before the end, and at the end"


@pytest.mark.parametrize("place", [1.0], indirect=True)
def test_once_the_network_is_back_it_is_tried_at_once(place):
    """At real speed the timer alone would try again only after four seconds."""
    place.add_role("dev")
    way = place.home / "way"
    place.line.cut()
    app = place.run(TRAYCREDS_TEST_WAY=str(way))
    until(lambda: place.command("keep", "dev", "--no-wait").returncode == 0, "it runs")
    until(app.notices, "it is told")
    time.sleep(0.3)  # real time, in which it has looked how things stand
    place.line.mend()
    begun = time.monotonic()
    way.write_text("192.168.1.7")
    place.wait_for_valid("dev")
    assert time.monotonic() - begun < 2.5


@pytest.mark.parametrize("place", [1.0], indirect=True)
def test_twelve_roles_without_a_network_are_told_as_one_and_so_is_their_recovery(place):
    """On a machine that is very busy some may come after the moment in which news is gathered."""
    for number in range(12):
        place.add_role(f"role{number}", extra="keep = true")
    way = place.home / "way"
    place.line.cut()
    app = place.run(TRAYCREDS_TEST_WAY=str(way))
    until(lambda: app.says("12 roles: no answer from AWS"), "all are told")
    assert len(app.notices()) <= 2, app.notices()
    place.line.mend()
    way.write_text("192.168.1.7")
    until(lambda: app.says(" ".join(f"role{number}=fresh" for number in range(12))), "all are well")
    until(lambda: "fresh again" in app.notices()[-1], "it is told")
    assert len(app.notices()) <= 4, app.notices()


@pytest.mark.parametrize("place", [1.0], indirect=True)
def test_a_clock_that_is_off_is_said_by_status(place):
    place.simulator.faults.date_skew = timedelta(minutes=12)
    place.add_role("dev", extra="keep = true")
    app = place.run()
    until(lambda: app.says("dev=fresh"), "it is fresh")
    assert "This machine's clock is 12 min behind AWS's. Set it" in place.command("status").stdout


@pytest.mark.parametrize("place", [240.0], indirect=True)
def test_a_role_kept_for_a_while_is_told_and_then_leaves_the_file(place):
    place.add_role("dev", extra='duration = "15m"\n')
    app = place.run()
    until(lambda: place.command("keep", "dev", "--for", "4m").returncode == 0, "it runs")
    assert place.valid("dev")
    until(lambda: app.says("dev: kept alive for"), "its end is told ahead")
    until(lambda: "dev-session" not in place.profiles(), "it is gone")
    assert app.says("Extend it if you still need it")


@pytest.mark.parametrize("status", [407, 502, 503])
def test_a_proxy_that_answers_with_a_page_of_its_own(place, status):
    place.add_role("dev", extra=QUARTER)
    with Proxy(status) as proxy:
        app = place.run(HTTP_PROXY=proxy.url)
        until(app.notices, "it is told")
        assert proxy.asked
        assert f"Instead of AWS's answer for role dev came a page ({status})" in app.notices()[0]
        assert "<" not in app.notices()[0], "no HTML"
        proxy.status = None
        place.wait_for_valid("dev")
        until(lambda: app.says("dev is fresh again"), "recovery is told")
        assert end(place, app) < LONG


def test_a_proxy_that_opens_no_tunnel_is_told_as_such(place):
    place.add_role("dev", extra=QUARTER)
    with Proxy(407) as proxy:
        app = place.run(HTTPS_PROXY=proxy.url, AWS_ENDPOINT_URL_STS="https://sts.nowhere.invalid")
        until(app.notices, "it is told")
        assert "The proxy let nothing through for role dev (407)." in app.notices()[0]
        assert end(place, app) < LONG
        assert not [line for line in place.log.read_text().splitlines() if "ERROR" in line or "Traceback" in line]


@pytest.mark.parametrize("fault", [Fault.DRIP, Fault.HANG])
def test_a_server_that_never_ends_its_answer_holds_up_no_other_role(place, fault):
    place.simulator.faults.set(fault, role=place.add_role("slow", extra=QUARTER))
    place.add_role("dev", extra=QUARTER)
    app = place.run()
    place.wait_for_valid("dev")
    first = place.profiles()["dev-session"]["aws_access_key_id"]
    until(lambda: place.profiles()["dev-session"]["aws_access_key_id"] != first, "dev is renewed", timeout=12)
    assert place.valid("dev")
    assert end(place, app) < LONG


@pytest.mark.parametrize("fault", [Fault.PROXY_502, Fault.ERROR_500, Fault.THROTTLE, Fault.DROP], ids=lambda f: f.value)
def test_what_passes_by_itself_leaves_no_trace(place, fault):
    arn = place.add_role("dev", extra=QUARTER)
    place.simulator.faults.set(fault, role=arn)
    app = place.run()
    until(lambda: any(call.outcome != "OK" for call in place.simulator.calls), "it meets the fault")
    until(app.notices, "it is told")
    assert "<" not in app.notices()[0], "no HTML"
    place.simulator.faults.clear(arn)
    place.wait_for_valid("dev")
    until(lambda: app.says("dev is fresh again"), "recovery is told")


def test_a_name_that_does_not_resolve_is_told_in_plain_words(place):
    place.add_role("dev", extra=QUARTER)
    app = place.run(AWS_ENDPOINT_URL_STS="http://sts.nowhere.invalid")
    until(app.notices, "it is told", timeout=20)
    assert "could not be reached for role dev (sts.nowhere.invalid)" in app.notices()[0]
    assert end(place, app) < LONG


def test_a_broken_edit_keeps_the_last_good_configuration(place):
    place.add_role("dev", extra=QUARTER)
    app = place.run()
    place.wait_for_valid("dev")
    good = place.config.read_text()
    place.config.write_text(good + "[roles.dev\n")
    place.command("refresh", "dev")  # a command has the configuration looked at
    until(lambda: app.says("Configuration has an error"), "it is told")
    place.config.write_text(good)
    place.add_role("ops", extra=QUARTER)
    place.command("refresh", "ops")
    place.wait_for_valid("ops")
    assert place.valid("dev")
