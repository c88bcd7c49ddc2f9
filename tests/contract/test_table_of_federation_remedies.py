"""What is said of a token that a program prints is carried out, and the same refresh succeeds."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from tests.contract.error_remedies import Table, Trial, aws, carry_out, certificate, device, name_of, trial  # noqa: F401
from tests.integration.sts.conftest import ARN, failure
from tests.integration.sts.test_federation import ACCOUNT, HOUR, Program
from tests.support.builders import a_role
from traycreds.aws.error_table import CODES, ErrorText
from traycreds.aws.federation import error_table, tokens
from traycreds.aws.sts import StsSource
from traycreds.sim import Fault, faults
from traycreds.sim.errors import ErrorResponse

federation_remedy = Table()


class Federation:
    """A role whose token a program prints.

    Attributes:
        provider: of SAML.
        program: prints the token.
    """

    def __init__(self, trial: Trial, setting: str) -> None:
        self.trial, self.setting = trial, setting
        self.provider = trial.aws.sim.federation.add_saml_provider("Corp", ACCOUNT)
        self.program = Program(trial.aws.folder)
        trial.patch.setattr(tokens, "FAILURE_SHARED", -1.0)
        self.trust()
        self.use()
        self.print()

    def trust(self, *, subject: str = "repo:ours", provider: str | None = None) -> None:
        self.trial.aws.add_role("fed", trust=[provider or self.provider.arn, subject])

    def use(self, **changes) -> None:
        keys = {"source_profile": None, "arn": f"{ARN}/fed", self.setting: self.program.command}
        self.trial.role = a_role("fed", **{**keys, **changes})

    def token(self, **changes) -> str:
        """A good one, issued now."""
        if self.setting == "saml_process":
            return self.provider.assertion(f"{ARN}/fed", **changes)
        return self.trial.web_token()

    def print(self, text: str | None = None) -> None:
        self.program.prints(self.token() if text is None else text)


def of(setting: str):
    """A trouble with a federation of this kind."""

    def decorated(trouble):
        def run(trial: Trial):
            yield from trouble(Federation(trial, setting))

        run.__name__ = trouble.__name__
        return run

    return decorated


SAML, WEB = of("saml_process"), of("web_identity_process")


@federation_remedy(
    error_table.SAML_EXPIRED,
    "The SAML assertion from saml_process has expired, so role fed has no new session: Token must be redeemed",
    "Have saml_process print a new one each time: AWS accepts each for five minutes. Or set the clock.",
)
@SAML
def assertion_that_is_printed_again(fed):
    fed.trial.aws.ahead = timedelta(minutes=6)
    yield
    fed.print()


@federation_remedy(
    error_table.SAML_INVALID,
    "AWS cannot verify the SAML assertion for role fed: Response signature invalid",
    "Check the SAML provider in IAM, its metadata, and that saml_process prints the assertion unchanged.",
)
@SAML
def assertion_that_is_changed(fed):
    good = fed.token()
    fed.print(base64.b64encode(base64.b64decode(good) + b"\n").decode())
    yield
    fed.print(good)


def refused(fed: Federation, code: str):
    """AWS passes on what the identity provider says, until the user signs in there."""
    fed.trial.aws.sim.federation.refusal = ErrorResponse(403, code, "Words of AWS")
    yield
    fed.trial.aws.sim.federation.refusal = None


@federation_remedy(
    error_table.SAML_REJECTED,
    "The identity provider did not authenticate you for role fed: Words of AWS",
    "Sign in to the identity provider again with the saml_process command in a terminal.",
)
@SAML
def assertion_of_somebody_who_has_to_sign_in(fed):
    yield from refused(fed, "IDPRejectedClaim")


@federation_remedy(
    error_table.SAML_DENIED,
    "AWS does not let the SAML assertion assume role fed: Not authorized to perform sts:AssumeRoleWithSAML",
    "Check that the role's trust policy names the SAML provider and allows sts:AssumeRoleWithSAML.",
)
@SAML
def role_that_does_not_trust_the_provider(fed):
    fed.trust(provider="arn:aws:iam::222233334444:root")
    yield
    fed.trust()


@federation_remedy(
    error_table.WEB_EXPIRED,
    "The web identity token from web_identity_process has expired, so role fed has no new session: Token expired",
    "Have web_identity_process print a new token each time.",
)
@WEB
def token_that_has_expired(fed):
    fed.print(fed.trial.aws.sim.federation.add_web_token("repo:ours", expires_at=fed.trial.aws.sim._clock() - HOUR))
    yield
    fed.print()


@federation_remedy(
    error_table.WEB_INVALID,
    "AWS cannot verify the web identity token for role fed: No OpenIDConnect provider found",
    "Check the OIDC provider in IAM, and that web_identity_process prints its token unchanged.",
)
@WEB
def token_of_another_provider(fed):
    fed.print("eyJhbGciOiJub25lIn0.of-another.provider")
    yield
    fed.print()


@federation_remedy(
    error_table.WEB_REJECTED,
    "The identity provider rejected the web identity token for role fed: Words of AWS",
    "Sign in to the identity provider again with the web_identity_process command in a terminal.",
)
@WEB
def token_that_was_revoked(fed):
    yield from refused(fed, "IDPRejectedClaim")


@federation_remedy(
    error_table.WEB_DENIED,
    "AWS does not let the web identity token assume role fed: Not authorized to perform",
    "Check that the role's trust policy names the OIDC provider and accepts the token's sub and aud.",
)
@WEB
def role_that_does_not_trust_the_subject(fed):
    fed.trust(subject="repo:others")
    yield
    fed.trust()


@federation_remedy(
    CODES["PackedPolicyTooLarge"],
    "The policy, policy_arns and tags of role dev are too large together: Words of AWS",
    "Shorten its policy, or remove some of its policy_arns or tags.",
)
def policies_that_are_too_large_together(trial):
    with trial.patch.context() as packed:
        packed.setitem(faults.ANSWERS, Fault.INVALID_TOKEN, (400, "PackedPolicyTooLarge", "Words of AWS"))
        trial.faults.set(Fault.INVALID_TOKEN)
        trial.role = a_role("dev", arn=trial.aws.role.arn, policy_arns=("arn:aws:iam::aws:policy/A",) * 2)
        yield
        trial.faults.clear()
        trial.role = a_role("dev", arn=trial.aws.role.arn, policy_arns=("arn:aws:iam::aws:policy/A",))


@federation_remedy(
    CODES["IDPCommunicationError"],
    "AWS could not reach the identity provider of role dev.",
    "Nothing to do: traycreds retries. If it lasts, check that the address of the OIDC provider in IAM is public.",
)
def identity_provider_that_is_away(trial):
    trial.token_file(trial.web_token())
    trial.aws.sim.federation.refusal = ErrorResponse(400, "IDPCommunicationError", "Words of AWS")
    yield
    trial.aws.sim.federation.refusal = None


@pytest.mark.parametrize("row", federation_remedy.rows, ids=name_of)
def test_a_hint_that_is_carried_out_lets_the_same_refresh_succeed(trial, row):
    carry_out(trial, row)


def test_each_row_of_the_table_has_its_remedy_carried_out():
    rows = {row for codes in error_table.CODES.values() for row in codes.values()}
    assert rows == {row for row in vars(error_table).values() if isinstance(row, ErrorText)}
    assert rows < {each.row for each in federation_remedy.rows}


@pytest.mark.parametrize(
    ("wrong", "hint", "right"),
    [
        (
            lambda fed: fed.print("PHg+PC94Pg=="),
            "Add saml_provider with the ARN of the identity provider in IAM.",
            lambda fed: (fed.print(), fed.use(saml_provider=fed.provider.arn)),
        ),
        (
            lambda fed: fed.print("bm8geG1s"),
            "Have it print the SAMLResponse of the identity provider, unchanged.",
            lambda fed: fed.print(),
        ),
        (
            lambda fed: fed.print(fed.provider.assertion("arn:aws:iam::999999999999:role/zzzzzzzzzzzzzzzzzzzzzzz")),
            "Ask the administrator of your identity provider for the role, or fix role_arn.",
            lambda fed: fed.print(),
        ),
        (lambda fed: fed.print("no token"), "Run the saml_process command in a terminal.", lambda fed: fed.print()),
    ],
)
def test_what_a_program_should_print_is_printed(trial, monkeypatch, wrong, hint, right):
    monkeypatch.setattr(tokens, "SHARED", -1.0)
    fed = Federation(trial, "saml_process")
    wrong(fed)
    source = StsSource()
    assert failure(source, trial.role).hint == hint
    right(fed)
    assert source.issue(trial.role)
