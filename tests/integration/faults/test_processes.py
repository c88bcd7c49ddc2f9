"""Faults for real: the app as a process against the simulator over HTTP, killed, stopped, cut off and kept waiting."""

from __future__ import annotations

import signal
from datetime import timedelta

import pytest

from tests.integration.faults.proxy import Proxy
from tests.support.wait_until import until
from tests.windows.mark import not_on_windows
from traycreds.sim.faults import Fault

QUARTER = 'keep = true\nduration = "15m"\n'
SOME_SECONDS = timedelta(seconds=5)


SLOW_CALL = 20
"""Seconds after which traycreds itself gives up on a call; whatever ends sooner has not waited for one."""


def ends_at_once(sandbox, app):
    """Whether the app ends as the system asks for it, and waits for nothing that is in progress."""
    sandbox.end(app.process)
    return app.process.wait(SLOW_CALL - 5) == 0


def test_after_a_kill_the_sessions_on_file_are_taken_over_without_a_call(sandbox):
    for name in ("dev", "prod"):
        sandbox.add_role(name, extra=QUARTER)
    first = sandbox.run()
    for name in ("dev", "prod"):
        sandbox.wait_for_valid(name)
    until(lambda: first.says("dev=fresh prod=fresh"), "both are shown fresh")
    before, calls = sandbox.credentials_file.read_bytes(), len(sandbox.simulator.calls)
    first.process.kill()
    assert first.process.wait(20) != 0
    second = sandbox.run()
    until(lambda: second.says("dev=fresh prod=fresh"), "they are taken over")
    # The app would make its calls within this time.
    sandbox.pass_time(timedelta(minutes=2))
    assert len(sandbox.simulator.calls) == calls
    assert sandbox.credentials_file.read_bytes() == before
    assert not second.notices()


def test_the_users_choices_outlive_a_kill(sandbox):
    for name in ("dev", "prod"):
        sandbox.add_role(name)
    first = sandbox.run()
    assert sandbox.command("keep", "dev", "--for", "4h").returncode == 0
    assert sandbox.command("use", "prod").returncode == 0
    chosen = sandbox.profiles()["default"]["aws_access_key_id"]
    state = sandbox.state / "choices.json"
    until(lambda: state.exists() and '"default": "prod"' in state.read_text(), "the choices are kept")
    first.process.kill()
    first.process.wait(20)
    second = sandbox.run()
    until(lambda: second.says("dev=fresh prod=fresh"), "as it was")
    reported = sandbox.command("status", "--json").stdout
    assert '"is_default": true' in reported
    assert sandbox.profiles()["default"]["aws_access_key_id"] == chosen
    kept = [line for line in reported.splitlines() if '"kept"' in line]
    assert [line.strip(" ,").split(": ")[1] for line in kept] == ["true", "false"]


@not_on_windows
def test_after_being_stopped_beyond_the_end_of_its_sessions_it_renews_at_once(sandbox):
    sandbox.add_role("dev", extra=QUARTER)
    app = sandbox.run()
    sandbox.wait_for_valid("dev")
    app.process.send_signal(signal.SIGSTOP)
    sandbox.clock.advance(timedelta(minutes=16))
    assert not sandbox.valid("dev")
    app.process.send_signal(signal.SIGCONT)
    sandbox.wait_for_valid("dev")
    assert not app.notices()


def test_the_endpoint_is_gone_for_ten_minutes_and_comes_back(sandbox):
    sandbox.add_role("dev", extra=QUARTER)
    app = sandbox.run()
    sandbox.wait_for_valid("dev")
    sandbox.relay.cut()
    sandbox.pass_time_until(lambda: not sandbox.valid("dev"), "the session ends")
    until(app.notices, "it is reported")
    sandbox.pass_time(timedelta(minutes=10))
    sandbox.relay.reconnect()
    sandbox.pass_time_until(lambda: sandbox.valid("dev"), "it is renewed", within=timedelta(minutes=1))
    until(lambda: app.says("dev is fresh again"), "recovery is reported")
    first, *_, last = app.notices()
    assert "Could not reach" in first
    assert "fresh again" in last
    assert sum("Could not reach" in notice for notice in app.notices()) <= 2, "before the end, and at the end"


def test_once_the_network_is_back_it_is_tried_at_once(sandbox):
    """The clock stands, so that no timer has it tried."""
    sandbox.add_role("dev")
    way = sandbox.home / "way"
    sandbox.relay.cut()
    app = sandbox.run(TRAYCREDS_TEST_WAY=str(way))
    assert sandbox.command("keep", "dev", "--no-wait").returncode == 0
    until(app.notices, "it is reported")
    until(lambda: app.says("no way into the network"), "it has looked how things stand")
    sandbox.relay.reconnect()
    way.write_text("192.168.1.7")
    sandbox.wait_for_valid("dev")


def test_twelve_roles_without_a_network_are_reported_as_one_and_so_is_their_recovery(sandbox):
    """The clock stands until all are tried, so that none comes after the moment in which news is gathered."""
    for number in range(12):
        sandbox.add_role(f"role{number}", extra="keep = true")
    way = sandbox.home / "way"
    sandbox.relay.cut()
    app = sandbox.run(TRAYCREDS_TEST_WAY=str(way))
    until(lambda: app.says("12 roles: no usable response from AWS"), "all are reported")
    assert len(app.notices()) == 1, app.notices()
    until(lambda: app.says("no way into the network"), "it has looked how things stand")
    sandbox.relay.reconnect()
    way.write_text("192.168.1.7")
    until(lambda: app.says(" ".join(f"role{number}=fresh" for number in range(12))), "all are well")
    until(lambda: "have sessions" in app.notices()[-1], "it is reported")
    assert len(app.notices()) == 2, app.notices()


def test_a_clock_that_is_off_is_reported_by_status(sandbox):
    sandbox.simulator.faults.date_skew = timedelta(minutes=12)
    sandbox.add_role("dev", extra="keep = true")
    app = sandbox.run()
    until(lambda: app.says("dev=fresh"), "it is fresh")
    assert "This machine's clock is 12 min behind AWS's. Set it" in sandbox.command("status").stdout


def test_the_end_of_a_kept_role_is_announced_and_then_it_leaves_the_file(sandbox):
    sandbox.add_role("dev", extra='duration = "15m"\n')
    app = sandbox.run()
    assert sandbox.command("keep", "dev", "--for", "4m").returncode == 0
    assert sandbox.valid("dev")
    until(lambda: app.says("dev: kept alive"), "its end is announced")
    assert "dev-session" in sandbox.profiles()
    sandbox.pass_time_until(lambda: "dev-session" not in sandbox.profiles(), "it is gone")
    assert app.says("Extend it if you still need it")


@pytest.mark.parametrize("status", [407, 502, 503])
def test_a_proxy_that_answers_with_a_page_of_its_own(sandbox, status):
    sandbox.add_role("dev", extra=QUARTER)
    with Proxy(status) as proxy:
        app = sandbox.run(HTTP_PROXY=proxy.url)
        until(app.notices, "it is reported")
        assert proxy.asked
        assert f"A web page ({status})" in sandbox.shown().roles[0].error
        assert "<" not in app.notices()[0], "no HTML"
        proxy.status = None
        sandbox.pass_time_until(lambda: sandbox.valid("dev"), "it is renewed", step=SOME_SECONDS)
        until(lambda: app.says("dev has a session"), "recovery is reported")
        assert ends_at_once(sandbox, app)


def test_a_proxy_that_opens_no_tunnel_is_reported_as_such(sandbox):
    sandbox.add_role("dev", extra=QUARTER)
    with Proxy(407) as proxy:
        app = sandbox.run(HTTPS_PROXY=proxy.url, AWS_ENDPOINT_URL_STS="https://sts.nowhere.invalid")
        until(app.notices, "it is reported")
        assert "The proxy blocked the request for role dev (407)." in sandbox.shown().roles[0].error
        assert ends_at_once(sandbox, app)
        assert not [line for line in sandbox.log.read_text().splitlines() if "ERROR" in line or "Traceback" in line]


@pytest.mark.parametrize("fault", [Fault.DRIP, Fault.HANG])
def test_a_server_that_never_ends_its_answer_holds_up_no_other_role(sandbox, fault):
    sandbox.simulator.faults.set(fault, role=sandbox.add_role("slow", extra=QUARTER))
    sandbox.add_role("dev", extra=QUARTER)
    app = sandbox.run()
    sandbox.wait_for_valid("dev")
    first = sandbox.profiles()["dev-session"]["aws_access_key_id"]
    sandbox.pass_time_until(
        lambda: sandbox.profiles()["dev-session"]["aws_access_key_id"] != first, "dev is renewed", besides=["slow"]
    )
    assert sandbox.valid("dev")
    assert ends_at_once(sandbox, app)


@pytest.mark.parametrize("fault", [Fault.PROXY_502, Fault.ERROR_500, Fault.THROTTLE, Fault.DROP], ids=lambda f: f.value)
def test_what_passes_by_itself_leaves_no_trace(sandbox, fault):
    arn = sandbox.add_role("dev", extra=QUARTER)
    sandbox.simulator.faults.set(fault, role=arn)
    app = sandbox.run()
    until(lambda: any(call.outcome != "OK" for call in sandbox.simulator.calls), "it meets the fault")
    until(app.notices, "it is reported")
    assert "<" not in app.notices()[0], "no HTML"
    sandbox.simulator.faults.clear(arn)
    sandbox.pass_time_until(lambda: sandbox.valid("dev"), "it is renewed", step=SOME_SECONDS)
    until(lambda: app.says("dev has a session"), "recovery is reported")


def test_a_name_that_does_not_resolve_is_reported_in_plain_words(sandbox):
    sandbox.add_role("dev", extra=QUARTER)
    app = sandbox.run(AWS_ENDPOINT_URL_STS="http://sts.nowhere.invalid")
    until(app.notices, "it is reported")
    assert "Could not reach AWS for role dev (sts.nowhere.invalid)" in sandbox.shown().roles[0].error
    assert ends_at_once(sandbox, app)


def test_a_broken_edit_keeps_the_last_good_configuration(sandbox):
    sandbox.add_role("dev", extra=QUARTER)
    app = sandbox.run()
    sandbox.wait_for_valid("dev")
    good = sandbox.config.read_text()
    sandbox.config.write_text(good + "[roles.dev\n")
    # A command has the app check its configuration.
    sandbox.command("refresh", "dev")
    until(lambda: app.says("Configuration error: not applied"), "it is reported")
    sandbox.config.write_text(good)
    sandbox.add_role("ops", extra=QUARTER)
    sandbox.command("refresh", "ops")
    sandbox.wait_for_valid("ops")
    assert sandbox.valid("dev")
