"""Profiles of `aws login`, with the part of botocore that they need: each ends in a written profile that works."""

from __future__ import annotations

import json
import sys
from datetime import timedelta

import pytest

from tests.integration.refresh.working_roles import configure, refused, trusting, written
from tests.support.sandbox import ACCOUNT, has_mode
from tests.support.sandbox_mfa import log_of
from traycreds.aws.sso.token_cache import login_key_of
from traycreds.sim import Fault


class Console:
    """Profile `console` of `aws login`, and `behind` with a role behind it, in a sandbox."""

    def __init__(self, sandbox) -> None:
        self.sandbox = sandbox
        self.sim = sandbox.simulator.console
        self.arn = sandbox.owner.principal.arn
        self.folder = sandbox.home / "logins"
        self.file = self.folder / f"{login_key_of(self.arn)}.json"
        behind = trusting(sandbox, "behind", self.arn)
        configure(
            sandbox,
            f"[profile console]\nlogin_session = {self.arn}\nregion = eu-west-1\n"
            f"[profile behind]\nrole_arn = {behind}\nsource_profile = console\nregion = eu-west-1\n",
            "console",
            "behind",
        )

    @property
    def environment(self) -> dict[str, str]:
        return {
            "BOTO_DISABLE_CRT": "false",
            "AWS_ENDPOINT_URL_SIGNIN": self.sandbox.simulator.url,
            "AWS_LOGIN_CACHE_DIRECTORY": str(self.folder),
        }

    def sign_in(self, left: timedelta | None = None) -> None:
        """As `aws login` does; with `left`, as if that were a while ago."""
        login = self.sim.sign_in(self.sandbox.owner, left=left)
        assert login.session == self.arn
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.file.write_text(json.dumps(login.token))
        self.file.chmod(0o600)

    def token(self) -> dict:
        return json.loads(self.file.read_text())

    def renewals(self) -> list[str]:
        return [call.outcome for call in self.sandbox.simulator.calls if call.action == "CreateOAuth2Token"]


@pytest.fixture
def console(sandbox):
    return Console(sandbox)


def test_a_profile_and_a_role_behind_it(sandbox, console):
    console.sign_in()

    assert written(sandbox, "console", **console.environment) == sandbox.owner.principal.arn
    assert written(sandbox, "behind", **console.environment).startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/behind/")
    assert console.renewals() == []


@pytest.mark.parametrize(
    ("name", "left"),
    [("console", timedelta(minutes=4)), ("behind", timedelta(minutes=-30))],
    ids=["ends soon", "expired, with a role behind it"],
)
def test_it_is_renewed_and_kept_for_other_tools(sandbox, console, name, left):
    console.sign_in(left)
    before = console.token()

    assert written(sandbox, name, **console.environment)
    assert console.renewals() == ["OK"]
    after = console.token()
    assert after["refreshToken"] != before["refreshToken"]
    assert after["accessToken"]["expiresAt"] > before["accessToken"]["expiresAt"]
    assert (after["dpopKey"], after["accessToken"]["accountId"]) == (before["dpopKey"], "111122223333")
    assert has_mode(console.file, 0o600)

    # The session of a sign-in is the same until it is renewed; a role behind it gets another each time.
    assert sandbox.command("once", name, **console.environment).returncode == (3 if name == "console" else 0)
    assert console.renewals() == ["OK"], "a second run finds it renewed"


def test_the_app_keeps_it_and_logs_no_secret(sandbox, console):
    console.sign_in(timedelta(minutes=-1))
    before = console.token()
    sandbox.config.write_text('[roles.console]\nfrom_profile = "console"\nkeep = true\n')
    app = sandbox.start("run", "--no-tray", **console.environment)
    try:
        written_now = sandbox.wait_for_profile("console-session")
    finally:
        app.terminate()
        shown, _ = app.communicate(timeout=20)

    after = console.token()
    assert written_now["aws_access_key_id"] == after["accessToken"]["accessKeyId"]
    seen = log_of(sandbox.home) + shown
    assert "new session until" in seen
    keys = [token["accessToken"][part] for token in (before, after) for part in ("secretAccessKey", "sessionToken")]
    secrets = (*keys, before["refreshToken"], after["refreshToken"], *before["dpopKey"].splitlines()[1:-1])
    assert not [secret for secret in secrets if secret in seen]


@pytest.mark.parametrize(
    ("refuses", "message"),
    [
        ("TOKEN_EXPIRED", ["has expired", "Run: aws login --profile console"]),
        ("USER_CREDENTIALS_CHANGED", ["has expired", "Run: aws login --profile console"]),
        ("INSUFFICIENT_PERMISSIONS", ["does not let traycreds renew the sign-in", "signin:CreateOAuth2Token"]),
        ("AUTHCODE_EXPIRED", ["has expired", "Run: aws login --profile console"]),
    ],
)
def test_a_sign_in_that_aws_renews_no_more(sandbox, console, refuses, message):
    console.sign_in(timedelta(minutes=-1))
    console.sim.refuses = refuses
    before = console.token()

    now = refused(sandbox, "behind", **console.environment)
    assert all(words in now for words in message), now
    assert "profile console, which role behind needs" in now
    assert console.token() == before, "it is left unchanged"


def test_the_end_of_the_sign_in_itself(sandbox, console):
    console.sim.sign_in_length = timedelta(0)
    console.sign_in(timedelta(minutes=-1))

    assert "Run: aws login --profile console" in refused(sandbox, "console", **console.environment)
    assert console.renewals() == ["AccessDeniedException"]
    console.sim.sign_in_length = timedelta(hours=12)
    console.sign_in()
    assert written(sandbox, "console", **console.environment)


@pytest.mark.parametrize("damage", ["none", "garbage", "empty", "no key", "spoilt key", "half a token"])
def test_a_token_that_cannot_be_used(sandbox, console, damage):
    console.sign_in(timedelta(minutes=-1))
    token = console.token()
    if damage == "none":
        console.file.unlink()
    else:
        texts = {
            "garbage": "s3cr3t",
            "empty": "{}",
            "no key": json.dumps({name: value for name, value in token.items() if name != "dpopKey"}),
            "spoilt key": json.dumps(token | {"dpopKey": "-----BEGIN EC PRIVATE KEY-----\nAAAA\n"}),
            "half a token": json.dumps(token | {"accessToken": {}}),
        }
        console.file.write_text(texts[damage])

    message = refused(sandbox, "behind", **console.environment)
    assert "Run: aws login --profile console" in message
    assert "s3cr3t" not in message
    assert console.renewals() == []


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault.THROTTLE, "AWS is throttling requests"),
        (Fault.ERROR_500, "AWS had an internal error"),
        (Fault.UNAVAILABLE_503, "AWS had an internal error"),
        (Fault.DROP, "Could not reach"),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
def test_a_fault_of_the_service_is_no_end_of_the_sign_in(sandbox, console, fault, message):
    console.sign_in(timedelta(minutes=-1))
    sandbox.simulator.faults.set(fault, role="CreateOAuth2Token")
    before = console.token()

    assert message in refused(sandbox, "console", **console.environment)
    assert console.token() == before


def test_three_processes_at_once_renew_it_once(sandbox, console):
    """A refresh token works once, and botocore renews without a lock."""
    console.sign_in(timedelta(minutes=-1))
    rivals = [sandbox.start("once", name, **console.environment) for name in ("console", "behind", "behind")]
    message = [rival.communicate(timeout=30)[0] for rival in rivals]

    assert [rival.returncode for rival in rivals] == [0, 0, 0], message
    assert console.renewals() == ["OK"]


def test_without_the_part_that_it_needs(sandbox, console):
    console.sign_in()

    message = refused(sandbox, "behind", **console.environment | {"BOTO_DISABLE_CRT": "true"})
    assert message == (
        "Profile console, which role behind needs, uses aws login, which needs a package that is not installed. "
        f'Install it with: {sys.executable} -m pip install "botocore[crt]"'
    )


@pytest.mark.parametrize("word", ["console", "behind"])
def test_our_own_login_names_the_right_one(sandbox, console, word):
    done = sandbox.command("login", word)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "The AWS CLI manages the sign-in of profile console.\nRun: aws login --profile console\n"


@pytest.mark.parametrize("word", ["console", "behind"])
def test_our_own_logout_names_the_right_one(sandbox, console, word):
    done = sandbox.command("logout", word)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "The AWS CLI manages the sign-in of profile console.\nRun: aws logout --profile console\n"


def test_doctor_finds_that_nobody_is_signed_in(sandbox, console):
    text = sandbox.config.read_text(encoding="utf-8").replace("[roles.behind]", "[roles.behind]\nkeep = true")
    sandbox.config.write_text(text, encoding="utf-8")
    done = sandbox.command("doctor", **console.environment)
    assert done.returncode == 4
    assert "the AWS CLI is not signed in to profile console, which the role behind needs" in done.stdout
    assert "Run: aws login --profile console" in done.stdout
    console.sign_in()
    assert "No problems found." in sandbox.command("doctor", **console.environment).stdout
