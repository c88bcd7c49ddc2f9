"""Everything that can go wrong on the way to AWS, over real HTTP: the right class, words and hint, and no secret."""

from __future__ import annotations

import socket
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.sts.conftest import ARN, failure
from tests.support.builders import a_role
from tests.support.wait_until import PATIENCE
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind
from traycreds.sim import Fault
from traycreds.usecases.engine_run import single_run

QUICK = {"connect_timeout": 0.3, "read_timeout": 0.3}


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.THROTTLE, (FailureKind.THROTTLED, "AWS is throttling requests", "traycreds retries")),
        (
            Fault.ERROR_500,
            (
                FailureKind.ANSWER,
                "AWS had an internal error for role dev (InternalFailure)",
                "traycreds retries",
            ),
        ),
        (Fault.UNAVAILABLE_503, (FailureKind.ANSWER, "(ServiceUnavailable)", "traycreds retries")),
        (Fault.PROXY_502, (FailureKind.ANSWER, "A web page (502)", "proxy")),
        (Fault.DROP, (FailureKind.ANSWER, "Could not reach AWS for role dev (127.0.0.1:", "VPN and proxy")),
        (Fault.DENIED, (FailureKind.DENIED, f"AWS refused to let profile base assume {ARN}/dev", "trust policy")),
        (
            Fault.REGION_DISABLED,
            (FailureKind.BAD_CONFIG, "STS is not active in region us-east-1", "another region"),
        ),
        (Fault.EXPIRED_SOURCE, (FailureKind.SOURCE_EXPIRED, "The credentials of profile base", "Renew")),
        (
            Fault.INVALID_TOKEN,
            (FailureKind.SOURCE_EXPIRED, "AWS does not know the access key of profile base", "Replace"),
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
def test_fault_in_words(aws, source, dev, fault, expected):
    kind, sentence, hint = expected
    aws.sim.faults.set(fault)

    error = failure(source, dev)

    assert error.kind is kind
    assert sentence in error.sentence
    assert hint in error.hint
    assert "dev" in error.sentence
    assert aws.user.secret_access_key not in str(error)
    assert len(aws.sim.calls) == 1

    aws.sim.faults.clear()
    assert source.issue(dev)


def test_a_command_repeats_a_request_that_aws_answered_with_a_5xx(aws, dev):
    aws.sim.faults.set(Fault.ERROR_500, times=1)

    assert StsSource(attempts=single_run.ATTEMPTS).issue(dev)
    assert [call.outcome for call in aws.sim.calls] == ["InternalFailure", "OK"]


def test_a_silent_server_costs_no_more_than_the_timeouts(aws, dev):
    aws.sim.faults.set(Fault.HANG)
    begin = time.monotonic()

    error = failure(StsSource(**QUICK), dev)

    assert error.kind is FailureKind.ANSWER
    assert time.monotonic() - begin < PATIENCE
    assert len(aws.sim.calls) == 1


def test_a_slow_server_is_read_to_its_end(aws, dev):
    aws.sim.faults.set(Fault.DRIP)
    aws.sim.faults.drip_interval = 0.0002

    assert StsSource(**QUICK).issue(dev)


def test_nobody_listens(aws, dev, monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")

        error = failure(StsSource(**QUICK), dev)

    assert error.kind is FailureKind.NETWORK
    assert "Could not reach" in error.sentence


def test_a_proxy_that_is_not_there(aws, dev, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://sts.example.invalid")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{unused.getsockname()[1]}")

        error = failure(StsSource(**QUICK), dev)

    assert error.kind is FailureKind.NETWORK
    assert "proxy" in error.sentence
    assert "HTTPS_PROXY" in error.hint


def test_tls_that_is_not_tls(aws, dev, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.sim.url.replace("http:", "https:"))

    error = failure(StsSource(**QUICK), dev)

    assert error.kind is FailureKind.NETWORK
    assert "AWS_CA_BUNDLE" in error.hint


def test_clock_off_by_more_than_the_window(aws, source, dev, monkeypatch):
    late = datetime.now(timezone.utc) + timedelta(minutes=20)
    monkeypatch.setattr("traycreds.sim.simulator.real_now", lambda: late)

    error = failure(source, dev)

    assert error.kind is FailureKind.CLOCK
    assert "clock" in error.sentence


def test_clock_ahead_of_the_window(aws, source, dev, monkeypatch):
    early = datetime.now(timezone.utc) - timedelta(minutes=20)
    monkeypatch.setattr("traycreds.sim.simulator.real_now", lambda: early)

    assert failure(source, dev).kind is FailureKind.CLOCK


def test_wrong_secret(aws, source, dev):
    aws.credentials(f"[base]\naws_access_key_id = {aws.user.access_key_id}\naws_secret_access_key = wrong/secret\n")

    error = failure(source, dev)

    assert error.kind is FailureKind.SOURCE_EXPIRED
    assert error.sentence == "The secret access key of profile base, which role dev needs, is wrong."


def test_unknown_key(aws, source, dev):
    aws.credentials("[base]\naws_access_key_id = AKIANOBODYNOBODYNOBO\naws_secret_access_key = x\n")

    error = failure(source, dev)

    assert error.kind is FailureKind.SOURCE_EXPIRED
    assert "AKIA" not in str(error)


def test_untrusted_and_unknown_roles_are_refused_with_their_arns(aws, source):
    aws.add_role("closed", trust=["arn:aws:iam::999999999999:root"])

    for name in ("closed", "nowhere"):
        error = failure(source, a_role(name, arn=f"{ARN}/{name}"))
        assert error.kind is FailureKind.DENIED
        assert f"{ARN}/{name}" in error.sentence
        assert "arn:aws:iam::111122223333:user/base is not authorized to perform: sts:AssumeRole" in error.sentence


def test_missing_external_id_is_refused_with_the_hint_to_check_it(aws, source):
    aws.add_role("vendor", external_id="secret-handshake")

    error = failure(source, a_role("vendor", arn=f"{ARN}/vendor", external_id="other"))

    assert error.kind is FailureKind.DENIED
    assert "external ID" in error.hint


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"session_name": "with space"}, "roleSessionName"),
        ({"duration": timedelta(hours=13)}, "durationSeconds"),
        ({"duration": timedelta(seconds=60)}, "DurationSeconds"),
        ({"policy": "{}"}, "Syntax errors in policy"),
        ({"tags": (("a", "1"), ("A", "2"))}, "Duplicate tag keys"),
    ],
)
def test_settings_that_aws_refuses(aws, source, change, message):
    error = failure(source, a_role("dev", arn=aws.role.arn, **change))

    assert error.kind is FailureKind.BAD_CONFIG
    assert message in error.sentence


def test_missing_profile_names_the_nearest(aws, source):
    error = failure(source, a_role("dev", arn=aws.role.arn, source_profile="bsae"))

    assert error.kind is FailureKind.BAD_CONFIG
    assert error.sentence == "Profile bsae, which role dev needs, is in neither ~/.aws/config nor ~/.aws/credentials."
    assert error.hint == "Did you mean base?"


def test_no_files_at_all(aws, source, dev):
    (aws.folder / "credentials").unlink()

    assert failure(source, dev).kind is FailureKind.BAD_CONFIG


def test_half_a_key_pair(aws, source, dev):
    aws.credentials(f"[base]\naws_access_key_id = {aws.user.access_key_id}\n")

    error = failure(source, dev)

    assert error.kind is FailureKind.BAD_CONFIG
    assert error.sentence == "Profile base, which role dev needs, is missing aws_secret_access_key."


def test_a_profile_without_credentials(aws, source, dev):
    aws.config("[profile base]\nregion = eu-west-1\n")
    aws.credentials("")

    error = failure(source, dev)

    assert error.kind is FailureKind.BAD_CONFIG
    assert error.sentence == "Profile base holds no credentials."


@pytest.mark.parametrize("damage", ["[base]\n", "s3cr3t-without-equals\n", "aws_secret_access_key = s3cr3t\n"])
def test_a_file_that_cannot_be_parsed_is_named_with_the_line_and_no_content(aws, source, dev, damage):
    aws.credentials(aws.keys("base", aws.user) + damage)

    error = failure(source, dev)

    assert error.kind is FailureKind.BAD_CONFIG
    assert f"{aws.folder / 'credentials'}, line 4, cannot be read" in error.sentence
    assert "s3cr3t" not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__

    aws.credentials(aws.keys("base", aws.user))
    assert source.issue(dev)


def test_a_file_that_may_not_be_read(aws, source, dev, monkeypatch):
    from pathlib import Path

    def refuse(self, *args, **options):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        error = failure(source, dev)

    assert error.kind is FailureKind.BAD_CONFIG
    assert "cannot be read: Permission denied" in error.sentence
    assert source.issue(dev)


def test_an_unexpected_error_goes_on_to_the_engine(aws, source, dev, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("traycreds.aws.sts.effective_settings", broken)
    with pytest.raises(ZeroDivisionError):
        source.issue(dev)


def test_one_failure_serves_all_who_waited_for_it(aws, monkeypatch):
    """A source that hangs is waited for once, not once for each of its roles."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws.sim.url)
    aws.add_role("hop")
    aws.config(f"[profile chained]\nrole_arn = {ARN}/hop\nsource_profile = base\n")
    aws.sim.faults.set(Fault.HANG)
    source = StsSource(connect_timeout=1, read_timeout=1)
    roles = [a_role(f"r{n}", arn=f"{ARN}/r{n}", source_profile="chained") for n in range(6)]
    # The time for the import is not part of the wait.
    source._sessions.config()
    kinds = []
    threads = [threading.Thread(target=lambda r=r: kinds.append(failure(source, r).kind)) for r in roles]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert kinds == [FailureKind.ANSWER] * 6
    assert len(aws.sim.calls) == 1
