"""Assumes a role with the token that a program prints, for which AWS needs no signature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from traycreds.aws import errors
from traycreds.aws.assume_role import AssumeRoleSettings, as_text, client_options, default_region
from traycreds.aws.error_table import ErrorText
from traycreds.aws.federation import assertion, error_table
from traycreds.aws.federation.tokens import FederationTokens
from traycreds.core.errors import IssueError
from traycreds.core.model import DEFAULT_PROFILE, Role

_STALE = errors.EXPIRED_CODES | {"InvalidIdentityToken", "IDPRejectedClaim"}
"""AWS's codes for a token that may have been good before."""


def settings_of(role: Role, config: Mapping[str, Any]) -> AssumeRoleSettings:
    """How to get the role's session: of the AWS files only options of `default` count, as for the AWS CLI."""
    return AssumeRoleSettings(
        role=role,
        top=None,
        arn=role.arn,
        source_profile=None,
        chain=(),
        credential_source=None,
        token_file=None,
        region=role.region or default_region(role.arn),
        external_id=None,
        mfa_serial=None,
        session_name=role.session_name,
        duration=None if role.duration is None else int(role.duration.total_seconds()),
        login="",
        login_session=None,
        client_options=client_options(config.get("profiles", {}).get(DEFAULT_PROFILE, {})),
        fingerprint=as_text(config.get("services")),
    )


def codes_of(setting: str) -> Mapping[str, ErrorText]:
    """What AWS's refusals mean for a role whose token the program of this setting prints."""
    return error_table.CODES[setting]


class FederatedRoles:
    """Calls of AssumeRoleWithSAML and AssumeRoleWithWebIdentity; from any thread."""

    def __init__(self, tokens: FederationTokens | None = None) -> None:
        """Run no program yet."""
        self._tokens = tokens or FederationTokens()
        self._unfit: dict[str, int] = {}

    def forget_refused(self, settings: AssumeRoleSettings, error: Exception) -> bool:
        """Forget a token that AWS refuses; whether other roles have used it before, so that a new one may do."""
        setting = settings.role.token_setting or ""
        return errors.code_of(error) in _STALE and self._tokens.forget(settings.role, setting)

    def assume(self, settings: AssumeRoleSettings, client: Any, arguments: dict[str, Any]) -> Any:
        """STS's response. Raises IssueError: no token, or the assertion is not for the role."""
        role = settings.role
        token = self._tokens.token(role, role.token_setting or "", unless=self._unfit.get(role.name))
        try:
            return self._assume_with(token, settings, client, arguments)
        except Exception as error:
            if isinstance(error, IssueError) or errors.code_of(error) == "AccessDenied":
                # Other roles may use it; for this one a user who has signed in as another user gets a new one.
                self._unfit[role.name] = hash(token)
            raise

    def _assume_with(self, token: str, settings: AssumeRoleSettings, client: Any, arguments: dict[str, Any]) -> Any:
        role, setting = settings.role, settings.role.token_setting
        if setting == "web_identity_process":
            return client.assume_role_with_web_identity(WebIdentityToken=token, **arguments)
        provider = role.saml_provider or assertion.provider_for(token, settings.arn or "", role.name)
        # The assertion already contains the session name.
        del arguments["RoleSessionName"]
        return client.assume_role_with_saml(PrincipalArn=provider, SAMLAssertion=token, **arguments)
