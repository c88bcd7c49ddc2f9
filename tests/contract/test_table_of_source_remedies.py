"""What hints of `aws.error_table` say of keys, profiles and sign-ins is carried out, and the same refresh succeeds."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest

from tests.contract.error_remedies import HOUR, OF_DEV, Table, aws, carry_out, certificate, device, name_of, trial  # noqa: F401
from tests.integration.sts.conftest import ARN
from tests.integration.sts.sessions import a_process
from tests.support.builders import a_role
from tests.support.sso_profiles import ACCOUNT, SSO_PROFILE
from traycreds.aws import error_table
from traycreds.aws.error_table import CODES, EXCEPTIONS, PROVIDERS
from traycreds.sim.errors import ErrorResponse
from traycreds.sim.server import Response

source_remedy = Table()


@source_remedy(
    error_table.EXPIRED, "The credentials of profile base, which role dev needs, have", "Renew the credentials of"
)
def expired_session(trial):
    ended = trial.world.open_session(trial.aws.user.principal, expires_at=datetime.now(timezone.utc) - HOUR)
    trial.aws.credentials(trial.aws.keys("base", ended))
    yield
    alive = trial.world.open_session(trial.aws.user.principal, expires_at=datetime.now(timezone.utc) + HOUR)
    trial.aws.credentials(trial.aws.keys("base", alive))


@source_remedy(
    error_table.WRONG_SECRET, "The secret access key of profile base", "Put the right secret access key in the cre"
)
def wrong_secret(trial):
    text = trial.aws.keys("base", trial.aws.user)
    trial.aws.credentials(re.sub("secret_access_key = .*", "secret_access_key = wrong/secret", text))
    yield
    trial.aws.credentials(text)


@source_remedy(
    CODES["ForbiddenException"],
    "The sign-in of profile sso has no access to the account and role",
    "or ask your IAM Identity Center administrator for access",
)
def assignment(trial):
    trial.of_sign_in("ReadOnly")
    yield
    trial.sign_in("ReadOnly", "Admin")


@source_remedy(
    CODES["ForbiddenException"],
    "The sign-in of profile sso has no access to the account and",
    "Check sso_account_id and sso_role_na",
)
def name_of_the_sso_role(trial):
    trial.of_sign_in("ReadOnly")
    yield
    trial.aws.config(SSO_PROFILE.replace("sso_role_name = Admin", "sso_role_name = ReadOnly"))


@source_remedy(
    CODES["ResourceNotFoundException"], "does not know the account or role that profile sso names", "Fix sso_acc"
)
def account_that_is_not_there(trial):
    trial.of_sign_in("Admin")
    trial.aws.config(SSO_PROFILE.replace(ACCOUNT, "999999999999"))
    service = trial.aws.sim.identity_center
    respond = service.respond

    def answer(request, fault):
        if "999999999999" in request.query:
            refusal = "ResourceNotFoundException"
            return Response(status=404, body="{}", content_type="application/json", error_type=refusal), refusal
        return respond(request, fault)

    trial.patch.setattr(service, "respond", answer)
    yield
    trial.aws.config(SSO_PROFILE)


@source_remedy(
    CODES["InvalidClientTokenId"], "AWS does not know the access key of profile base", "The key is deleted, inactive"
)
def inactive_key(trial):
    trial.world.deactivate(trial.aws.user.access_key_id)
    yield
    trial.renew_key()


@source_remedy(
    CODES["InvalidClientTokenId"], "AWS does not know the access key of profile base", "The key is deleted, inactive"
)
def key_next_to_an_old_token(trial):
    trial.aws.credentials(f"{trial.aws.keys('base', trial.aws.user)}aws_session_token = old\n")
    yield
    trial.aws.credentials(trial.aws.keys("base", trial.aws.user))


@source_remedy(
    CODES["UnrecognizedClientException"], "AWS does not know the access key of", "The key is deleted, inactive, or"
)
def unrecognized_key(trial):
    trial.refuse(403, "UnrecognizedClientException", trial.aws.user.access_key_id)
    yield
    trial.renew_key()


@source_remedy(
    CODES["IncompleteSignature"],
    "The access key of profile base, which role dev needs, is malformed",
    "Put the right keys",
)
def key_of_another_form(trial):
    trial.aws.credentials(f"[base]\naws_access_key_id = {'k/' * 10}\naws_secret_access_key = s\n")
    yield
    trial.aws.credentials(trial.aws.keys("base", trial.aws.user))


RENEW = "Renew the token in web_identity_token_file of profile dev"


@source_remedy(
    CODES["InvalidIdentityToken"], "AWS refused the web identity token behind role dev", RENEW + ", and check the"
)
def token_of_nobody(trial):
    file = trial.token_file("not.a.token")
    yield
    file.write_text(trial.web_token())


@source_remedy(
    CODES["IDPRejectedClaim"], "AWS refused the web identity token behind role dev: Words of AWS", RENEW + "."
)
def token_that_is_refused(trial):
    refused = trial.web_token()
    trial.aws.sim.federation.refused_tokens[refused] = ErrorResponse(403, "IDPRejectedClaim", "Words of AWS")
    file = trial.token_file(refused)
    yield
    file.write_text(trial.web_token())


@source_remedy(error_table.NO_TOKEN, "The web_identity_token_file of profile dev", "Otherwise write a token there.")
def token_that_is_empty(trial):
    file = trial.token_file("")
    yield
    file.write_text(trial.web_token())


@source_remedy(EXCEPTIONS["InfiniteLoopConfigError"], "source profiles behind role dev form a loop", "Fix source_profi")
def circle(trial):
    circle = (
        f"role_arn = {ARN}/dev\nsource_profile = other\n[profile other]\nrole_arn = {ARN}/x\nsource_profile = dev\n"
    )
    trial.config(circle)
    yield
    trial.config(circle.replace("source_profile = other", "source_profile = base"))


@source_remedy(EXCEPTIONS["InvalidConfigError"], "cannot work", "Fix them in ~/.aws/config.")
def sign_in_without_an_account(trial):
    trial.of_sign_in("Admin")
    trial.aws.config(SSO_PROFILE.replace(f"sso_account_id = {ACCOUNT}\n", ""))
    yield
    trial.aws.config(SSO_PROFILE)


@source_remedy(
    EXCEPTIONS["PartialCredentialsError"],
    "Profile base, which role dev needs, is missing",
    "Add it to the profile",
)
def half_a_pair(trial):
    text = trial.aws.keys("base", trial.aws.user)
    trial.aws.credentials(text.partition("aws_secret")[0])
    yield
    trial.aws.credentials(text)


@source_remedy(
    EXCEPTIONS["PartialCredentialsError"],
    "The Environment credentials",
    "or to the environment that traycreds starts in.",
)
def half_a_pair_of_variables(trial):
    trial.environment(AWS_ACCESS_KEY_ID=trial.aws.user.access_key_id)
    trial.config(f"role_arn = {ARN}/dev\ncredential_source = Environment\n")
    yield
    trial.environment(AWS_SECRET_ACCESS_KEY=trial.aws.user.secret_access_key)


@source_remedy(
    EXCEPTIONS["ConfigParseError"],
    "Role dev is waiting because",
    "Fix the file; traycreds reads it again when it changes.",
)
def spoilt_file(trial):
    text = trial.aws.keys("base", trial.aws.user)
    trial.aws.credentials(f"{text}no setting\n")
    yield
    trial.aws.credentials(text)


@source_remedy(
    EXCEPTIONS["MissingDependencyException"],
    "uses aws login, which needs a package that is not installed",
    "botocore[crt]",
)
def part_that_is_not_installed(trial):
    trial.aws_login()
    trial.of_aws_login(installed=False)
    yield
    trial.of_aws_login()


AWS_LOGIN = "Run: aws login --profile console"


@source_remedy(EXCEPTIONS["LoginTokenLoadError"], "has no usable sign-in", AWS_LOGIN)
def nobody_at_the_console(trial):
    trial.of_aws_login()
    yield
    trial.aws_login()


@source_remedy(EXCEPTIONS["LoginError"], "The sign-in of profile console, which role dev needs, has expired", AWS_LOGIN)
def sign_in_at_the_console_that_is_over(trial):
    trial.of_aws_login()
    trial.aws.sim.console.refuses = "TOKEN_EXPIRED"
    trial.aws_login(left=-HOUR)
    yield
    trial.aws_login()


@source_remedy(
    EXCEPTIONS["LoginInsufficientPermissions"],
    "AWS does not let traycreds renew the sign-in of profile console",
    "Ask for the perm",
)
def permission_to_renew(trial):
    trial.of_aws_login()
    trial.aws.sim.console.refuses = "INSUFFICIENT_PERMISSIONS"
    trial.aws_login(left=-HOUR)
    yield
    trial.aws.sim.console.refuses = None


@source_remedy(
    PROVIDERS["Environment"],
    "traycreds was started without them",
    "Start it with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
)
def keys_of_the_environment(trial):
    trial.config(f"role_arn = {ARN}/dev\ncredential_source = Environment\n")
    yield
    key = trial.aws.user
    trial.environment(AWS_ACCESS_KEY_ID=key.access_key_id, AWS_SECRET_ACCESS_KEY=key.secret_access_key)


@source_remedy(PROVIDERS["Environment"], "traycreds was started without them", "or change credential_source.")
def another_source(trial):
    trial.config(f"role_arn = {ARN}/dev\ncredential_source = Environment\n")
    yield
    trial.config(OF_DEV)


@source_remedy(
    PROVIDERS["Ec2InstanceMetadata"],
    "metadata service of this machine returned no",
    "unless AWS_EC2_METADATA_DISABLED is",
)
def instance(trial):
    service = trial.of_machine("Ec2InstanceMetadata")
    trial.environment(AWS_EC2_METADATA_SERVICE_ENDPOINT=service.url, AWS_EC2_METADATA_DISABLED="true")
    yield
    trial.patch.delenv("AWS_EC2_METADATA_DISABLED")


@source_remedy(
    PROVIDERS["EcsContainer"],
    "The credentials service of this container returned no credentials",
    "AWS_CONTAINER_CREDENTIALS_FULL_U",
)
def container(trial):
    service = trial.of_machine("EcsContainer")
    yield
    trial.environment(
        AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{service.url}/container",
        AWS_CONTAINER_AUTHORIZATION_TOKEN=service.authorization,
    )


FROM_KEYS = "Add keys or another source of credentials to it."


@source_remedy(EXCEPTIONS["NoCredentialsError"], "Profile base holds no credentials.", FROM_KEYS, found_earlier=True)
def profile_without_keys(trial):
    trial.aws.credentials("[base]\nregion = eu-west-1\n")
    yield
    trial.aws.credentials(trial.aws.keys("base", trial.aws.user))


@source_remedy(
    EXCEPTIONS["ProfileNotFound"],
    "Profile gone, which role dev needs, is in neither",
    "Add it there",
    found_earlier=True,
)
def profile_that_is_missing(trial):
    trial.config(OF_DEV.replace("base", "gone"))
    yield
    trial.aws.credentials(trial.aws.keys("gone", trial.aws.user))


@source_remedy(
    EXCEPTIONS["ProfileNotFound"],
    "Profile gone, which role dev",
    "or choose another profile in the",
    found_earlier=True,
)
def another_profile(trial):
    trial.role = a_role("dev", arn=trial.aws.role.arn, source_profile="gone")
    yield
    trial.role = a_role("dev", arn=trial.aws.role.arn)


@source_remedy(
    EXCEPTIONS["NoRegionError"],
    "Profile console, which role dev needs, has no region.",
    "Add a region to profile console",
)
def region_of_a_sign_in_at_the_console(trial):
    trial.of_aws_login()
    trial.aws_login(left=-HOUR)
    profile = f"[profile console]\nlogin_session = {trial.aws.user.principal.arn}\n"
    trial.aws.config(profile)
    yield
    trial.aws.config(f"{profile}region = eu-west-1\n")


@source_remedy(
    PROVIDERS["custom-process"],
    "Profile dev, which role dev needs, returned no credentials",
    "Try `aws sts get-caller-identity --profile dev --region us-east-1` in a",
)
def program_that_fails(trial):
    session = trial.world.open_session(trial.aws.user.principal, expires_at=datetime.now(timezone.utc) + HOUR)
    command = a_process(trial.aws, session, lasts=HOUR)
    program = trial.aws.folder / "process.py"
    text = program.read_text()
    program.write_text("raise SystemExit('Plug in the key.')")
    trial.config(f"credential_process = {command}\n")
    yield
    shown = trial.in_terminal("sts", "get-caller-identity", "--profile", "dev", "--region", "us-east-1")
    assert "Plug in the key." in shown, "what it wants is seen there"
    program.write_text(text)


@pytest.mark.parametrize("row", source_remedy.rows, ids=name_of)
def test_a_hint_that_is_carried_out_lets_the_same_refresh_succeed(trial, row):
    carry_out(trial, row)
