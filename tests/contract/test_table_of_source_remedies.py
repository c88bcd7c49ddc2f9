"""What hints of `aws.error_table` say of keys, profiles and sign-ins is carried out, and the same refresh succeeds."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest

from tests.contract.error_remedies import HOUR, OF_DEV, Table, aws, carry_out, certificate, device, name_of, scene  # noqa: F401
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
def expired_session(scene):
    ended = scene.world.open_session(scene.aws.user.principal, expires_at=datetime.now(timezone.utc) - HOUR)
    scene.aws.credentials(scene.aws.keys("base", ended))
    yield
    alive = scene.world.open_session(scene.aws.user.principal, expires_at=datetime.now(timezone.utc) + HOUR)
    scene.aws.credentials(scene.aws.keys("base", alive))


@source_remedy(
    error_table.WRONG_SECRET, "The secret access key of profile base", "Put the right secret access key in the cre"
)
def wrong_secret(scene):
    text = scene.aws.keys("base", scene.aws.user)
    scene.aws.credentials(re.sub("secret_access_key = .*", "secret_access_key = wrong/secret", text))
    yield
    scene.aws.credentials(text)


@source_remedy(
    CODES["ForbiddenException"],
    "The sign-in of profile sso has no access to the account and role",
    "or ask your IAM Identity Center administrator for access",
)
def assignment(scene):
    scene.of_sign_in("ReadOnly")
    yield
    scene.sign_in("ReadOnly", "Admin")


@source_remedy(
    CODES["ForbiddenException"],
    "The sign-in of profile sso has no access to the account and",
    "Check sso_account_id and sso_role_na",
)
def name_of_the_sso_role(scene):
    scene.of_sign_in("ReadOnly")
    yield
    scene.aws.config(SSO_PROFILE.replace("sso_role_name = Admin", "sso_role_name = ReadOnly"))


@source_remedy(
    CODES["ResourceNotFoundException"], "does not know the account or role that profile sso names", "Fix sso_acc"
)
def account_that_is_not_there(scene):
    scene.of_sign_in("Admin")
    scene.aws.config(SSO_PROFILE.replace(ACCOUNT, "999999999999"))
    service = scene.aws.sim.identity_center
    respond = service.respond

    def answer(request, fault):
        if "999999999999" in request.query:
            refusal = "ResourceNotFoundException"
            return Response(status=404, body="{}", content_type="application/json", error_type=refusal), refusal
        return respond(request, fault)

    scene.patch.setattr(service, "respond", answer)
    yield
    scene.aws.config(SSO_PROFILE)


@source_remedy(
    CODES["InvalidClientTokenId"], "AWS does not know the access key of profile base", "The key is deleted, inactive"
)
def inactive_key(scene):
    scene.world.deactivate(scene.aws.user.access_key_id)
    yield
    scene.renew_key()


@source_remedy(
    CODES["InvalidClientTokenId"], "AWS does not know the access key of profile base", "The key is deleted, inactive"
)
def key_next_to_an_old_token(scene):
    scene.aws.credentials(f"{scene.aws.keys('base', scene.aws.user)}aws_session_token = old\n")
    yield
    scene.aws.credentials(scene.aws.keys("base", scene.aws.user))


@source_remedy(
    CODES["UnrecognizedClientException"], "AWS does not know the access key of", "The key is deleted, inactive, or"
)
def unrecognized_key(scene):
    scene.refuse(403, "UnrecognizedClientException", scene.aws.user.access_key_id)
    yield
    scene.renew_key()


@source_remedy(
    CODES["IncompleteSignature"],
    "The access key of profile base, which role dev needs, is malformed",
    "Put the right keys",
)
def key_of_another_form(scene):
    scene.aws.credentials(f"[base]\naws_access_key_id = {'k/' * 10}\naws_secret_access_key = s\n")
    yield
    scene.aws.credentials(scene.aws.keys("base", scene.aws.user))


RENEW = "Renew the token in web_identity_token_file of profile dev"


@source_remedy(
    CODES["InvalidIdentityToken"], "AWS refused the web identity token behind role dev", RENEW + ", and check the"
)
def token_of_nobody(scene):
    file = scene.token_file("not.a.token")
    yield
    file.write_text(scene.web_token())


@source_remedy(
    CODES["IDPRejectedClaim"], "AWS refused the web identity token behind role dev: Words of AWS", RENEW + "."
)
def token_that_is_refused(scene):
    refused = scene.web_token()
    scene.aws.sim.federation.refused_tokens[refused] = ErrorResponse(403, "IDPRejectedClaim", "Words of AWS")
    file = scene.token_file(refused)
    yield
    file.write_text(scene.web_token())


@source_remedy(error_table.NO_TOKEN, "The web_identity_token_file of profile dev", "Otherwise write a token there.")
def token_that_is_empty(scene):
    file = scene.token_file("")
    yield
    file.write_text(scene.web_token())


@source_remedy(EXCEPTIONS["InfiniteLoopConfigError"], "source profiles behind role dev form a loop", "Fix source_profi")
def circle(scene):
    circle = (
        f"role_arn = {ARN}/dev\nsource_profile = other\n[profile other]\nrole_arn = {ARN}/x\nsource_profile = dev\n"
    )
    scene.config(circle)
    yield
    scene.config(circle.replace("source_profile = other", "source_profile = base"))


@source_remedy(EXCEPTIONS["InvalidConfigError"], "cannot work", "Fix them in ~/.aws/config.")
def sign_in_without_an_account(scene):
    scene.of_sign_in("Admin")
    scene.aws.config(SSO_PROFILE.replace(f"sso_account_id = {ACCOUNT}\n", ""))
    yield
    scene.aws.config(SSO_PROFILE)


@source_remedy(
    EXCEPTIONS["PartialCredentialsError"],
    "Profile base, which role dev needs, is missing",
    "Add it to the profile",
)
def half_a_pair(scene):
    text = scene.aws.keys("base", scene.aws.user)
    scene.aws.credentials(text.partition("aws_secret")[0])
    yield
    scene.aws.credentials(text)


@source_remedy(
    EXCEPTIONS["PartialCredentialsError"],
    "The Environment credentials",
    "or to the environment that traycreds starts in.",
)
def half_a_pair_of_variables(scene):
    scene.environment(AWS_ACCESS_KEY_ID=scene.aws.user.access_key_id)
    scene.config(f"role_arn = {ARN}/dev\ncredential_source = Environment\n")
    yield
    scene.environment(AWS_SECRET_ACCESS_KEY=scene.aws.user.secret_access_key)


@source_remedy(
    EXCEPTIONS["ConfigParseError"],
    "Role dev is waiting because",
    "Fix the file; traycreds reads it again when it changes.",
)
def spoilt_file(scene):
    text = scene.aws.keys("base", scene.aws.user)
    scene.aws.credentials(f"{text}no setting\n")
    yield
    scene.aws.credentials(text)


@source_remedy(
    EXCEPTIONS["MissingDependencyException"],
    "uses aws login, which needs a package that is not installed",
    "botocore[crt]",
)
def part_that_is_not_installed(scene):
    scene.aws_login()
    scene.of_aws_login(installed=False)
    yield
    scene.of_aws_login()


AWS_LOGIN = "Run: aws login --profile console"


@source_remedy(EXCEPTIONS["LoginTokenLoadError"], "has no usable sign-in", AWS_LOGIN)
def nobody_at_the_console(scene):
    scene.of_aws_login()
    yield
    scene.aws_login()


@source_remedy(EXCEPTIONS["LoginError"], "The sign-in of profile console, which role dev needs, has expired", AWS_LOGIN)
def sign_in_at_the_console_that_is_over(scene):
    scene.of_aws_login()
    scene.aws.sim.console.refuses = "TOKEN_EXPIRED"
    scene.aws_login(left=-HOUR)
    yield
    scene.aws_login()


@source_remedy(
    EXCEPTIONS["LoginInsufficientPermissions"],
    "AWS does not let traycreds renew the sign-in of profile console",
    "Ask for the perm",
)
def permission_to_renew(scene):
    scene.of_aws_login()
    scene.aws.sim.console.refuses = "INSUFFICIENT_PERMISSIONS"
    scene.aws_login(left=-HOUR)
    yield
    scene.aws.sim.console.refuses = None


@source_remedy(
    PROVIDERS["Environment"],
    "traycreds was started without them",
    "Start it with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
)
def keys_of_the_environment(scene):
    scene.config(f"role_arn = {ARN}/dev\ncredential_source = Environment\n")
    yield
    key = scene.aws.user
    scene.environment(AWS_ACCESS_KEY_ID=key.access_key_id, AWS_SECRET_ACCESS_KEY=key.secret_access_key)


@source_remedy(PROVIDERS["Environment"], "traycreds was started without them", "or change credential_source.")
def another_source(scene):
    scene.config(f"role_arn = {ARN}/dev\ncredential_source = Environment\n")
    yield
    scene.config(OF_DEV)


@source_remedy(
    PROVIDERS["Ec2InstanceMetadata"],
    "metadata service of this machine returned no",
    "unless AWS_EC2_METADATA_DISABLED is",
)
def instance(scene):
    service = scene.of_machine("Ec2InstanceMetadata")
    scene.environment(AWS_EC2_METADATA_SERVICE_ENDPOINT=service.url, AWS_EC2_METADATA_DISABLED="true")
    yield
    scene.patch.delenv("AWS_EC2_METADATA_DISABLED")


@source_remedy(
    PROVIDERS["EcsContainer"],
    "The credentials service of this container returned no credentials",
    "AWS_CONTAINER_CREDENTIALS_FULL_U",
)
def container(scene):
    service = scene.of_machine("EcsContainer")
    yield
    scene.environment(
        AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{service.url}/container",
        AWS_CONTAINER_AUTHORIZATION_TOKEN=service.authorization,
    )


FROM_KEYS = "Add keys or another source of credentials to it."


@source_remedy(EXCEPTIONS["NoCredentialsError"], "Profile base holds no credentials.", FROM_KEYS, found_earlier=True)
def profile_without_keys(scene):
    scene.aws.credentials("[base]\nregion = eu-west-1\n")
    yield
    scene.aws.credentials(scene.aws.keys("base", scene.aws.user))


@source_remedy(
    EXCEPTIONS["ProfileNotFound"],
    "Profile gone, which role dev needs, is in neither",
    "Add it there",
    found_earlier=True,
)
def profile_that_is_missing(scene):
    scene.config(OF_DEV.replace("base", "gone"))
    yield
    scene.aws.credentials(scene.aws.keys("gone", scene.aws.user))


@source_remedy(
    EXCEPTIONS["ProfileNotFound"],
    "Profile gone, which role dev",
    "or choose another profile in the",
    found_earlier=True,
)
def another_profile(scene):
    scene.role = a_role("dev", arn=scene.aws.role.arn, source_profile="gone")
    yield
    scene.role = a_role("dev", arn=scene.aws.role.arn)


@source_remedy(
    EXCEPTIONS["NoRegionError"],
    "Profile console, which role dev needs, has no region.",
    "Add a region to profile console",
)
def region_of_a_sign_in_at_the_console(scene):
    scene.of_aws_login()
    scene.aws_login(left=-HOUR)
    profile = f"[profile console]\nlogin_session = {scene.aws.user.principal.arn}\n"
    scene.aws.config(profile)
    yield
    scene.aws.config(f"{profile}region = eu-west-1\n")


@source_remedy(
    PROVIDERS["custom-process"],
    "Profile dev, which role dev needs, returned no credentials",
    "Try `aws sts get-caller-identity --profile dev --region us-east-1` in a",
)
def program_that_fails(scene):
    session = scene.world.open_session(scene.aws.user.principal, expires_at=datetime.now(timezone.utc) + HOUR)
    command = a_process(scene.aws, session, lasts=HOUR)
    program = scene.aws.folder / "process.py"
    text = program.read_text()
    program.write_text("raise SystemExit('Plug in the key.')")
    scene.config(f"credential_process = {command}\n")
    yield
    shown = scene.in_terminal("sts", "get-caller-identity", "--profile", "dev", "--region", "us-east-1")
    assert "Plug in the key." in shown, "what it wants is seen there"
    program.write_text(text)


@pytest.mark.parametrize("row", source_remedy.rows, ids=name_of)
def test_a_hint_that_is_carried_out_lets_the_same_refresh_succeed(scene, row):
    carry_out(scene, row)
