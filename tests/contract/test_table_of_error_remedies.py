"""What the hints of `aws.error_table` say is carried out after a real failure, and the same refresh succeeds.

Each row of that table is here, in the table of sources, or among those that a test elsewhere carries out.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.chaos.answers import Answers, without
from tests.contract.error_remedies import OF_DEV, Table, Trial, aws, carry_out, certificate, device, name_of, trial  # noqa: F401
from tests.contract.proxies import Tunnel, unused_address
from tests.contract.test_table_of_federation_remedies import federation_remedy
from tests.contract.test_table_of_source_remedies import source_remedy
from tests.integration.faults import proxy
from tests.integration.faults.proxy import Proxy
from tests.integration.sso.conftest import sso_home  # noqa: F401 - a fixture
from tests.integration.sts.conftest import ARN, code, failure, temporary
from tests.integration.sts.test_codes import ANSWER
from tests.support.builders import a_role
from traycreds.aws import error_table
from traycreds.aws.error_table import CODES, EXCEPTIONS, PROVIDERS, ErrorText
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.aws.sts import StsSource
from traycreds.doctor.checks import examine
from traycreds.sim import Fault, simulator
from traycreds.state.paths import locate

TESTS = Path(__file__).parents[1]
SIGNS_IN = "contract/test_table_of_error_remedies.py::test_the_command_that_signs_in_lets_the_refresh_succeed"
CITED = {
    "NOT_SIGNED_IN": SIGNS_IN,
    "SIGN_IN": SIGNS_IN,
    "WAITS_FOR_MFA": "integration/sts/test_mfa_once.py::test_a_second_role_waits_for_the_program_s_next_code",
    "InvalidRegionError": "integration/cli/test_remedies.py::test_the_remedy_of_a_refresh_helps",
}
"""Rows whose hints tests outside the tables carry out."""
NEVER_SEEN = {
    "UNUSABLE_SETTING": "each setting that is known to raise it is found and told by `awsfiles.settings.blame`",
    "CredentialRetrievalError": "each provider of botocore that is known to raise it has a row of its own",
}
"""Rows for what nothing is known to cause, and why."""

remedy = Table()


TRUST = "Check the role's trust policy (principal, external ID, MFA condition) and the permissions of profile base."


@remedy(error_table.DENIED, "AWS refused to let profile base assume", TRUST)
def principal(trial):
    trial.aws.add_role("dev", trust=["arn:aws:iam::999999999999:root"])
    yield
    trial.aws.add_role("dev")


@remedy(error_table.DENIED, "AWS refused to let profile base assume", TRUST)
def external_id(trial):
    trial.aws.add_role("dev", external_id="handshake")
    trial.config(OF_DEV)
    yield
    trial.config(f"{OF_DEV}external_id = handshake\n")


@remedy(error_table.DENIED, "AWS refused to let profile base assume", TRUST)
def mfa_condition(trial):
    trial.aws.add_role("dev", requires_mfa=True)
    trial.config(OF_DEV)
    yield
    trial.config(f"{OF_DEV}mfa_serial = {trial.device.serial}\n")
    trial.mfa.offer(trial.device.serial, code(trial.device))


@remedy(error_table.DENIED, "AWS refused to let profile base assume", TRUST)
def permissions(trial):
    trial.faults.set(Fault.DENIED)
    yield
    trial.faults.clear()


@remedy(error_table.CLOCK, "this machine's clock is off by more than 15 minutes", "Set the clock, or turn on automatic")
def clock(trial):
    late = datetime.now(timezone.utc) + timedelta(minutes=20)
    with trial.patch.context() as wrong:
        wrong.setattr(simulator, "real_now", lambda: late)
        yield


def while_it_lasts(fault: Fault) -> Callable[[Trial], Iterator[None]]:
    """A fault that passes by itself."""

    def lasts(trial: Trial) -> Iterator[None]:
        trial.faults.set(fault)
        yield
        trial.faults.clear()

    lasts.__name__ = fault.name
    return lasts


RETRIES, CHECK = "Nothing to do: traycreds retries.", "Check the network, VPN and proxy; traycreds retries."
remedy(error_table.THROTTLED, "AWS is throttling requests", RETRIES)(while_it_lasts(Fault.THROTTLE))
remedy(error_table.AWS_DOWN, "AWS had an internal error for role dev (InternalFailure)", RETRIES)(
    while_it_lasts(Fault.ERROR_500)
)


@remedy(error_table.UNREACHABLE, "Could not reach AWS", CHECK)
def no_network(trial):
    trial.restarts = True
    with trial.patch.context() as away:
        for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"):
            away.setenv(name, "http://127.0.0.1:9")
        yield


remedy(error_table.UNANSWERED, "Could not reach AWS", CHECK)(while_it_lasts(Fault.DROP))
remedy(error_table.PAGE, "A web page (502)", CHECK)(while_it_lasts(Fault.PROXY_502))


@remedy(error_table.UNUSABLE, "The response for role dev is unusable", CHECK)
def answer_without_a_token(trial):
    answers = Answers(trial.aws.sim, lambda: datetime.now(timezone.utc))
    answers.changes[None] = without("SessionToken")
    yield
    answers.changes.clear()


@remedy(EXCEPTIONS["SSLError"], "The TLS certificate of 127.0.0.1", "Behind a company proxy, set AWS_CA_BUNDLE to its")
def certificate_of_a_company(trial):
    bundle = trial.speak_tls()
    yield
    trial.environment(AWS_CA_BUNDLE=str(bundle))


@remedy(
    error_table.NO_PASSAGE, "The proxy blocked the request for role dev (407)", "Check HTTPS_PROXY, including the user"
)
def proxy_that_asks_for_a_password(trial):
    tunnel = trial.stack.enter_context(Tunnel("me", "s3cr3t"))
    trial.environment(AWS_CA_BUNDLE=str(trial.speak_tls()), HTTPS_PROXY=tunnel.url)
    yield
    trial.environment(HTTPS_PROXY=tunnel.url.replace("http://", "http://me:s3cr3t@"))


@remedy(EXCEPTIONS["ProxyConnectionError"], "Could not reach the proxy", "Check HTTPS_PROXY and the network.")
def proxy_that_is_not_there(trial):
    trial.environment(AWS_CA_BUNDLE=str(trial.speak_tls()), HTTPS_PROXY=trial.stack.enter_context(unused_address()))
    yield
    trial.environment(HTTPS_PROXY=trial.stack.enter_context(Tunnel()).url)


@remedy(EXCEPTIONS["ProxyConnectionError"], "Could not reach the proxy", "Check http_proxy and the network.")
def proxy_of_addresses_without_tls_that_is_not_there(trial):
    trial.environment(http_proxy=trial.stack.enter_context(unused_address()))
    yield
    trial.patch.delenv("http_proxy")


CORRECT = "Fix the role in the configuration, or its profile in ~/.aws/config"


@remedy(error_table.INVALID, "AWS does not accept the settings of role dev: Duplicate tag keys", f"{CORRECT}.")
def tag_keys(trial):
    trial.role = a_role("dev", arn=trial.aws.role.arn, tags=(("team", "a"), ("Team", "b")))
    yield
    trial.role = a_role("dev", arn=trial.aws.role.arn, tags=(("team", "a"),))


@remedy(
    CODES["MalformedPolicyDocument"],
    "AWS cannot read the policy of role dev: Syntax errors in policy",
    "Fix its policy: the policy editor of the IAM console shows where it is wrong.",
)
def policy(trial):
    trial.role = a_role("dev", arn=trial.aws.role.arn, policy="{}")
    yield
    trial.role = a_role("dev", arn=trial.aws.role.arn, policy='{"Statement": []}')


@remedy(
    EXCEPTIONS["ParamValidationError"],
    "AWS cannot use the settings of role dev: RoleSessionName",
    f"{CORRECT}: traycreds doctor names the line.",
)
def session_name(trial):
    trial.config(f"{OF_DEV}role_session_name = a\n")
    yield
    places = locate(os.environ)
    places.config_file.parent.mkdir(parents=True)
    places.config_file.write_text('[roles.dev]\nfrom_profile = "dev"\n')
    lines = [finding.line for finding in examine(places) if finding.what.startswith("role_session_name of profile dev")]
    assert lines == [4]
    trial.config(f"{OF_DEV}role_session_name = ab\n")


@remedy(
    CODES["RegionDisabledException"], "STS is not active in region eu-south-2", "Choose another region for the role"
)
def region(trial):
    trial.refuse(403, "RegionDisabledException", "/eu-south-2/")
    trial.config(f"{OF_DEV}region = eu-south-2\n")
    yield
    trial.config(f"{OF_DEV}region = eu-south-1\n")


@remedy(CODES["RegionDisabledException"], "STS is not active in region eu-south-2", "or activate STS there in")
def region_that_is_activated(trial):
    trial.config(f"{OF_DEV}region = eu-south-2\n")
    with trial.patch.context() as inactive:
        trial.patch = inactive
        trial.refuse(403, "RegionDisabledException", "/eu-south-2/")
        yield


@remedy(
    CODES["InvalidAction"],
    "The server that responded for role dev is not STS: Words of AWS",
    "Check endpoint_url and AWS_ENDPOINT",
)
def endpoint_of_something_else(trial):
    trial.patch.setattr(proxy, "PAGE", ANSWER.format(code="InvalidAction", message="Words of AWS"))
    other = trial.stack.enter_context(Proxy(400))
    trial.patch.delenv("AWS_ENDPOINT_URL")
    trial.config(f"{OF_DEV}endpoint_url = {other.url}\n")
    yield
    trial.config(f"{OF_DEV}endpoint_url = {trial.aws.sim.url}\n")


def of_mfa(trial: Trial, name: str = "dev") -> None:
    """Let the role be one that wants a code, and lasts as long as is asked for."""
    trial.aws.add_role(name, requires_mfa=True, max_session=43200)
    trial.role = a_role(name, arn=f"{ARN}/{name}", mfa_serial=trial.device.serial)


def offer(trial: Trial, periods: int = 0) -> str:
    """Type the current code, or the next one."""
    typed = code(trial.device, periods)
    trial.mfa.offer(trial.device.serial, typed)
    return typed


def lose(trial: Trial) -> str:
    """Type a code to which no answer comes."""
    of_mfa(trial)
    typed = offer(trial)
    trial.faults.set(Fault.DROP)
    return typed


GIVE = "Choose Enter MFA code in the menu, or run traycreds once dev."


@remedy(error_table.NEEDS_MFA, "Role dev needs a code from MFA device phone.", GIVE)
def code_that_is_typed(trial):
    of_mfa(trial)
    yield
    offer(trial)


@remedy(
    error_table.WRONG_MFA, "AWS did not accept the MFA code for role dev", "Wait for the next code and try again; each"
)
def code_that_was_used(trial):
    of_mfa(trial)
    first = MfaSessions()
    typed = code(trial.device)
    for mfa in (first, trial.mfa):
        mfa.offer(trial.device.serial, typed)
    assert StsSource(mfa=first).issue(trial.role)
    yield
    offer(trial, 1)


@remedy(
    error_table.LOST_MFA,
    "The MFA code for role dev was sent, but AWS did not respond properly",
    f"Wait for the next code. {GIVE}",
)
def code_without_an_answer(trial):
    lose(trial)
    yield
    trial.faults.clear()
    offer(trial, 1)


@remedy(
    error_table.USED_MFA,
    "The MFA code for role dev was already used",
    f"Wait for the next code; each works once. {GIVE}",
)
def code_that_was_lost_and_is_typed_again(trial):
    typed = lose(trial)
    failure(StsSource(mfa=trial.mfa), trial.role)
    trial.faults.clear()
    trial.mfa.offer(trial.device.serial, typed)
    yield
    offer(trial, 1)


@remedy(error_table.NEXT_MFA, "Role dev needs the next code from MFA device phone", f"Wait for the next code. {GIVE}")
def code_that_another_role_used(trial):
    temporary(trial.aws)
    of_mfa(trial, "other")
    offer(trial)
    assert StsSource(mfa=trial.mfa).issue(trial.role)
    of_mfa(trial)
    yield
    offer(trial, 1)


@remedy(error_table.NO_MFA_SESSION, "cannot share an MFA session of device", f"Wait for the next code. {GIVE}")
def code_for_each_role(trial):
    of_mfa(trial)
    trial.faults.set(Fault.DENIED, times=1)
    offer(trial)
    yield
    offer(trial, 1)


@remedy(
    error_table.NO_OWN_SESSION,
    "AWS refuses the MFA session me of device phone",
    "Ask for a policy that does not deny sts:GetSessionToken to your user.",
)
def mfa_session_of_the_user(trial):
    trial.role = a_role("me", arn=None, mfa_serial=trial.device.serial)
    trial.faults.set(Fault.DENIED)
    offer(trial)
    yield
    trial.faults.clear()
    offer(trial, 1)


@pytest.mark.parametrize("row", remedy.rows, ids=name_of)
def test_a_hint_that_is_carried_out_lets_the_same_refresh_succeed(trial, row):
    carry_out(trial, row)


@pytest.mark.parametrize("ended", [False, True])
def test_the_command_that_signs_in_lets_the_refresh_succeed(sso_home, ended):
    sso_home.sandbox.config.parent.mkdir(parents=True, exist_ok=True)
    sso_home.sandbox.config.write_text('[roles.sso]\nfrom_profile = "sso"\n')
    if ended:
        sso_home.login()
        sso_home.sim.portal.sign_out_all()
    wrong = sso_home.sandbox.command("once", "sso", **sso_home.endpoints)
    row = error_table.SIGN_IN if ended else error_table.NOT_SIGNED_IN
    assert row.sentence.format(role="sso", login="corp") in wrong.stderr
    program, *words = wrong.stderr.strip().rpartition("Run: ")[2].split()
    assert program == "traycreds"
    done = sso_home.sandbox.command(*words, **sso_home.browser("allow"), **sso_home.endpoints)
    assert done.returncode == 0, done.stderr
    right = sso_home.sandbox.command("once", "sso", **sso_home.endpoints)
    assert (right.returncode, right.stderr) == (0, "")


def rows_of_table() -> dict[str, ErrorText]:
    """All rows, each with one of its names."""
    tables = (vars(error_table), CODES, EXCEPTIONS, PROVIDERS)
    named = [(row, name) for table in tables for name, row in table.items() if isinstance(row, ErrorText)]
    return {name: row for row, name in dict(reversed(named)).items()}


def test_each_row_of_the_error_table_has_its_remedy_carried_out():
    carried_out = {remedy.row for remedy in [*remedy.rows, *source_remedy.rows, *federation_remedy.rows]}
    rows = rows_of_table()
    left = {name for name, row in rows.items() if row not in carried_out}
    assert left == CITED.keys() | NEVER_SEEN.keys()
    for test in CITED.values():
        file, _, name = test.partition("::")
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, test
