"""A source profile with static keys, over real HTTP: what is sent, what comes back, what the environment may not change."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.sts.conftest import ARN, failure
from tests.support.builders import a_role
from traycreds import __version__
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind
from traycreds.core.value_class import replace


def test_issues_credentials_that_the_simulator_accepts(aws, source, dev):
    before = datetime.now(timezone.utc)

    credentials = source.issue(dev)

    key = aws.sim.world.key(credentials.access_key_id)
    assert key.secret_access_key == credentials.secret_access_key
    assert key.session_token == credentials.session_token
    assert credentials.expires_at.utcoffset() == timedelta(0)
    assert timedelta(minutes=59, seconds=58) < credentials.expires_at - before < timedelta(hours=1, seconds=2)


def test_every_field_of_the_role_is_sent(aws, source):
    aws.add_role("full", external_id="ext-1", max_session=7200)

    source.issue(
        a_role(
            "full",
            arn=f"{ARN}/full",
            external_id="ext-1",
            duration=timedelta(hours=2),
            session_name="alice@laptop",
            source_identity="alice",
            policy='{"Version":"2012-10-17","Statement":[]}',
            policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
            tags=(("team", "blue"), ("cost", "42")),
            transitive_tag_keys=("team",),
            region="eu-central-1",
        )
    )

    (call,) = aws.sim.calls
    assert call.region == "eu-central-1"
    assert f"traycreds/{__version__}" in call.user_agent
    assert dict(call.parameters) == {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": f"{ARN}/full",
        "RoleSessionName": "alice@laptop",
        "DurationSeconds": "7200",
        "ExternalId": "ext-1",
        "SourceIdentity": "alice",
        "Policy": '{"Version":"2012-10-17","Statement":[]}',
        "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "Tags.member.1.Key": "team",
        "Tags.member.1.Value": "blue",
        "Tags.member.2.Key": "cost",
        "Tags.member.2.Value": "42",
        "TransitiveTagKeys.member.1": "team",
    }


def test_session_name_defaults_to_the_user_in_the_alphabet_of_sts(aws, source, dev, monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "DOMÄNE\\jörg müller" + "x" * 80)

    source.issue(dev)

    name = aws.sim.calls[0].parameters["RoleSessionName"]
    assert name.startswith("traycreds-DOM-NE-j-rg-m-llerxxx")
    assert len(name) == 64


def test_a_machine_without_a_user_name_still_issues(aws, source, dev, monkeypatch):
    def nobody():
        raise OSError("No username set in the environment")

    monkeypatch.setattr("getpass.getuser", nobody)

    source.issue(dev)

    assert aws.sim.calls[0].parameters["RoleSessionName"] == "traycreds"


@pytest.mark.parametrize(
    "variables",
    [
        {"AWS_PROFILE": "nobody"},
        {"AWS_DEFAULT_PROFILE": "nobody"},
        {"AWS_DEFAULT_REGION": "ap-south-1", "AWS_REGION": "ap-south-1"},
        {
            "AWS_ROLE_ARN": "arn:aws:iam::999999999999:role/other",
            "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere",
            "AWS_ROLE_SESSION_NAME": "other",
        },
        {
            "AWS_ACCESS_KEY_ID": "AKIAOTHEROTHEROTHER1",
            "AWS_SECRET_ACCESS_KEY": "other",
            "AWS_SESSION_TOKEN": "other",
        },
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/"},
    ],
    ids=lambda variables: next(iter(variables)),
)
def test_environment_of_the_app_changes_nothing(aws, source, dev, monkeypatch, variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    source.issue(dev)

    (call,) = aws.sim.calls
    assert (call.outcome, call.region, call.role_arn) == ("OK", "us-east-1", aws.role.arn)
    assert call.parameters["RoleSessionName"].startswith("traycreds")


def test_endpoint_of_sts_alone_can_be_set(aws, source, dev, monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", aws.sim.url)

    source.issue(dev)

    assert aws.actions() == ["AssumeRole"]


def test_region_comes_from_role_then_profile(aws, source, dev):
    aws.config("[profile base]\nregion = eu-west-3\n")

    source.issue(dev)
    source.issue(a_role("dev", arn=aws.role.arn, region="eu-north-1"))

    assert [call.region for call in aws.sim.calls] == ["eu-west-3", "eu-north-1"]


def test_partition_decides_the_region_when_nothing_names_one(aws, source):
    arn = "arn:aws-us-gov:iam::222233334444:role/gov"
    aws.sim.world.add_role(arn, trust=["*"])

    source.issue(a_role("gov", arn=arn))

    assert aws.sim.calls[0].region == "us-gov-west-1"


def test_roles_of_one_source_share_a_client(aws, source, monkeypatch):
    created = count_clients(monkeypatch)
    roles = [a_role(n, arn=aws.add_role(n).arn) for n in ("one", "two", "three", "four")]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(source.issue, roles * 3))

    assert created == ["sts"]
    assert len(aws.sim.calls) == 12


def test_our_own_writes_to_the_file_keep_the_client(aws, source, dev, monkeypatch):
    created = count_clients(monkeypatch)
    session = source.issue(dev)
    key = aws.sim.world.key(session.access_key_id)

    aws.credentials(aws.keys("base", aws.user) + aws.keys("dev-session", key))
    source.issue(dev)

    assert created == ["sts"]


def test_rotated_keys_of_the_source_are_used_at_once(aws, source, dev, monkeypatch):
    created = count_clients(monkeypatch)
    source.issue(dev)
    new = aws.sim.world.add_key(aws.user)
    aws.sim.world.deactivate(aws.user.access_key_id)

    assert failure(source, dev).kind is FailureKind.SOURCE_EXPIRED
    aws.credentials(aws.keys("base", new))
    source.issue(dev)

    assert created == ["sts", "sts"]


def test_date_header_is_reported_also_of_refusals(aws, dev):
    dates = []
    source = StsSource(on_date=dates.append)
    aws.sim.faults.date_skew = timedelta(minutes=20)

    source.issue(dev)
    failure(source, a_role("none", arn=f"{ARN}/none"))

    now = datetime.now(timezone.utc)
    assert len(dates) == 2
    assert all(timedelta(minutes=19, seconds=57) < date - now < timedelta(minutes=20, seconds=2) for date in dates)


def test_an_invalid_date_does_not_matter(aws, dev, monkeypatch):
    dates = []
    monkeypatch.setattr(aws.sim._server, "date", lambda: "yesterday")

    assert StsSource(on_date=dates.append).issue(dev)
    assert dates == []


@pytest.mark.logs_warnings
def test_duration_above_the_role_s_limit_becomes_an_hour_and_the_session_says_so(aws, source):
    role = a_role("dev", arn=aws.role.arn, duration=timedelta(hours=8))

    first = source.issue(role)
    assert source.issue(role).note == first.note

    assert first.expires_at < datetime.now(timezone.utc) + timedelta(hours=1, seconds=2)
    assert [call.parameters["DurationSeconds"] for call in aws.sim.calls] == ["28800", "3600", "3600"]
    assert first.note == (
        "Its sessions last one hour because AWS does not allow it 8 h. Set its duration to what the role allows."
    )


def test_session_token_in_the_source_caps_the_duration_at_an_hour(aws, source):
    aws.add_role("long", max_session=43200)
    soon = datetime.now(timezone.utc) + timedelta(hours=1)
    temporary = aws.sim.world.open_session(aws.user.principal, expires_at=soon)
    aws.credentials(aws.keys("base", temporary))
    role = a_role("long", arn=f"{ARN}/long", duration=timedelta(hours=8))

    notes = {source.issue(role).note for _ in range(2)}

    assert [call.parameters["DurationSeconds"] for call in aws.sim.calls] == ["3600", "3600"]
    (note,) = notes
    assert note.startswith("Its sessions last one hour, not 8 h: that is AWS's limit for a temporary source")
    assert source.issue(replace(role, duration=None)).note is None


def test_importing_the_adapter_does_not_import_botocore():
    code = "import sys, traycreds.aws.sts; assert not [m for m in sys.modules if m.startswith('boto')]"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_making_a_source_reads_nothing(home):
    StsSource()
    assert not (home / ".aws").exists()


def test_many_threads_at_once_on_a_cold_source(aws, source, dev):
    start = threading.Barrier(8)

    def issue(_):
        start.wait()
        return source.issue(dev)

    with ThreadPoolExecutor(8) as pool:
        keys = {c.access_key_id for c in pool.map(issue, range(8))}

    assert len(keys) == 8


def count_clients(monkeypatch) -> list[str]:
    import botocore.session

    created: list[str] = []
    create = botocore.session.Session.create_client

    def counting(self, service, *args, **options):
        created.append(service)
        return create(self, service, *args, **options)

    monkeypatch.setattr(botocore.session.Session, "create_client", counting)
    return created
