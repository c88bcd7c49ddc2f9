"""The simulator against what real STS does: spoken to by plain HTTP and by botocore's own signer, never by our adapter."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import pytest

from tests.unit.sim.calls import ARN, assume, call, session_of
from traycreds.sim import totp
from traycreds.sim.world import World


def test_assume_role_and_who_it_is_then(sim, user):
    answer = assume(sim, user)
    session = session_of(sim, answer)

    assert answer.status == 200
    assert answer.text("SecretAccessKey") == session.secret_access_key
    assert answer.text("SessionToken") == session.session_token
    assert answer.text("Expiration") == "2026-01-01T13:00:00Z"
    assert answer.headers["Date"] == "Thu, 01 Jan 2026 12:00:00 GMT"
    who = call(sim, session, "GetCallerIdentity")
    assert who.text("Arn") == "arn:aws:sts::222233334444:assumed-role/dev/alice"
    assert who.text("Account") == "222233334444"


def test_sessions_end_by_the_given_clock(sim, user, clock):
    session = session_of(sim, assume(sim, user, DurationSeconds="900"))

    clock.now += timedelta(seconds=899)
    assert call(sim, session, "GetCallerIdentity").status == 200
    clock.now += timedelta(seconds=1)
    assert call(sim, session, "GetCallerIdentity").error == (
        403,
        "ExpiredToken",
        "The security token included in the request is expired",
    )


def changed_token(headers, body):
    headers["X-Amz-Security-Token"] = "x" + headers["X-Amz-Security-Token"][1:]


def test_a_token_of_another_session_is_refused(sim, user):
    session = session_of(sim, assume(sim, user))
    assert call(sim, session, "GetCallerIdentity", change=changed_token).status == 403


def spoil_signature(headers, body):
    head, _, signature = headers["Authorization"].rpartition("=")
    headers["Authorization"] = f"{head}={'0' if signature[0] != '0' else '1'}{signature[1:]}"


def no_authorization(headers, body):
    del headers["Authorization"]


def nonsense_authorization(headers, body):
    headers["Authorization"] = "Bearer x"


def scope_of_another_day(headers, body):
    headers["Authorization"] = headers["Authorization"].replace(headers["X-Amz-Date"][:8], "20200101")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda headers, body: body + "&ExternalId=more", "SignatureDoesNotMatch"),
        (spoil_signature, "SignatureDoesNotMatch"),
        (no_authorization, "MissingAuthenticationToken"),
        (nonsense_authorization, "IncompleteSignature"),
        (lambda headers, body: headers.update({"X-Amz-Date": "yesterday"}), "IncompleteSignature"),
        (lambda headers, body: headers.update({"X-Amz-Date": "20200101T000000Z"}), "SignatureDoesNotMatch"),
        (scope_of_another_day, "SignatureDoesNotMatch"),
    ],
)
def test_a_spoilt_request_is_refused(sim, user, change, code):
    answer = call(sim, user, "AssumeRole", change=change, RoleArn=ARN, RoleSessionName="alice")
    assert answer.error[:2] == (403, code)


def test_the_signature_is_bound_to_service_and_region(sim, user):
    assert call(sim, user, "GetCallerIdentity", service="s3").error[:2] == (403, "SignatureDoesNotMatch")
    assert call(sim, user, "GetCallerIdentity", region="ap-east-1").status == 200
    moved = call(
        sim,
        user,
        "GetCallerIdentity",
        change=lambda h, b: h.update({"Authorization": h["Authorization"].replace("eu-west-1", "eu-west-2")}),
    )
    assert moved.error[:2] == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    ("minutes", "message"), [(-16, "Signature not yet current"), (-14, None), (14, None), (16, "Signature expired")]
)
def test_the_window_of_fifteen_minutes_is_of_real_time(sim, user, monkeypatch, minutes, message):
    real = datetime.now(timezone.utc) + timedelta(minutes=minutes)
    monkeypatch.setattr("traycreds.sim.simulator.real_now", lambda: real)

    answer = call(sim, user, "GetCallerIdentity")

    if message is None:
        assert answer.status == 200
    else:
        assert answer.error[:2] == (403, "SignatureDoesNotMatch")
        assert message in answer.error[2]


def test_keys_that_are_unknown_or_inactive(sim, user):
    stranger = World().add_user("nobody")
    sim.world.deactivate(user.access_key_id)

    for key in (stranger, user):
        assert call(sim, key, "GetCallerIdentity").error[:2] == (403, "InvalidClientTokenId")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"RoleArn": "nonsense"}, (400, "ValidationError")),
        ({"RoleSessionName": "a b"}, (400, "ValidationError")),
        ({"RoleSessionName": "a"}, (400, "ValidationError")),
        ({"SourceIdentity": "?"}, (400, "ValidationError")),
        ({"ExternalId": "?!"}, (400, "ValidationError")),
        ({"DurationSeconds": "899"}, (400, "ValidationError")),
        ({"DurationSeconds": "43201"}, (400, "ValidationError")),
        ({"DurationSeconds": "3601"}, (400, "ValidationError")),
        ({"DurationSeconds": "soon"}, (400, "MalformedInput")),
        ({"Policy": "{"}, (400, "MalformedPolicyDocument")),
        ({"Policy": "x" * 2049}, (400, "ValidationError")),
        ({"RoleArn": ARN + "-other"}, (403, "AccessDenied")),
        ({"TokenCode": "123456"}, (403, "AccessDenied")),
        ({f"Tags.member.{n}.Key": f"k{n}" for n in range(51)}, (400, "ValidationError")),
    ],
)
def test_parameters_are_checked_as_aws_does(sim, user, changes, error):
    assert assume(sim, user, **changes).error[:2] == error


def test_a_name_is_required(sim, user):
    assert call(sim, user, "AssumeRole", RoleArn=ARN).error[:2] == (400, "ValidationError")


def test_trust(sim, user):
    arn = user.principal.arn
    root = "arn:aws:iam::111122223333:root"
    for trust, status in (([arn], 200), ([root], 200), (["*"], 200), ([arn + "2"], 403), ([], 403)):
        sim.world.add_role(ARN, trust=trust)
        assert assume(sim, user).status == status


def test_external_id(sim, user):
    sim.world.add_role(ARN, trust=["*"], external_id="ext")
    assert assume(sim, user).status == 403
    assert assume(sim, user, ExternalId="other").status == 403
    assert assume(sim, user, ExternalId="ext").status == 200


def test_chained_sessions_last_an_hour_at_most_and_never_less_is_given(sim, user):
    far = "arn:aws:iam::222233334444:role/far"
    sim.world.add_role(ARN, trust=["*"], max_session=43200)
    sim.world.add_role(far, trust=[ARN], max_session=43200)
    assert assume(sim, user, DurationSeconds="43200").text("Expiration") == "2026-01-02T00:00:00Z"
    session = session_of(sim, assume(sim, user))

    refused = assume(sim, session, RoleArn=far, DurationSeconds="3601")
    assert refused.error[:2] == (400, "ValidationError")
    assert "1 hour session limit for roles assumed by role chaining" in refused.error[2]
    assert assume(sim, session, RoleArn=far, DurationSeconds="3600").status == 200


def test_source_identity_sticks_to_the_chain(sim, user):
    far = "arn:aws:iam::222233334444:role/far"
    sim.world.add_role(far, trust=[ARN])
    session = session_of(sim, assume(sim, user, SourceIdentity="alice"))

    assert assume(sim, session, RoleArn=far, SourceIdentity="bob").status == 403
    assert assume(sim, session, RoleArn=far).text("SourceIdentity") == "alice"


def test_mfa_codes_work_once_and_carry_over_a_session_token(sim, user):
    sim.world.add_role(ARN, trust=["*"], requires_mfa=True)
    device = sim.world.add_mfa_device(user)
    now = time.time()
    right = {"SerialNumber": device.serial, "TokenCode": totp.code(device.secret, now)}

    assert assume(sim, user).status == 403
    day = call(sim, user, "GetSessionToken", DurationSeconds="129600", **right)
    assert day.text("Expiration") == "2026-01-03T00:00:00Z"
    again = assume(sim, user, **right)
    assert again.error[1:] == (
        "AccessDenied",
        "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
    )
    session = session_of(sim, day)
    assert assume(sim, session).status == 200
    assert assume(sim, session, DurationSeconds="7200").error[0] == 400
    assert call(sim, session, "GetSessionToken").error[:2] == (403, "AccessDenied")


def test_mfa_device_must_be_the_user_s_own(sim, user):
    device = sim.world.add_mfa_device(sim.world.add_user("other"))
    answer = assume(sim, user, SerialNumber=device.serial, TokenCode=totp.code(device.secret, time.time()))
    assert "verify your MFA serial number" in answer.error[2]
    assert assume(sim, user, SerialNumber=device.serial, TokenCode="12345").error[:2] == (400, "ValidationError")


def test_totp_is_that_of_rfc_6238():
    """Appendix B of the RFC, cut to six digits; its secret is the ASCII of 12345678901234567890."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert [totp.code(secret, at) for at in (59, 1111111109, 1234567890, 20000000000)] == [
        "287082",
        "081804",
        "005924",
        "353130",
    ]


def test_answers_are_escaped_and_unknown_actions_refused(sim, user):
    answer = call(sim, user, "<evil>&")
    assert answer.error == (400, "InvalidAction", "Could not find operation <evil>& for version 2011-06-15")


def test_no_secret_shows_in_a_repr(sim, user):
    session = session_of(sim, assume(sim, user))
    shown = repr(user) + repr(session) + repr(sim.world.add_mfa_device(user))
    assert user.secret_access_key not in shown
    assert session.session_token not in shown
    assert "secret=" not in shown
