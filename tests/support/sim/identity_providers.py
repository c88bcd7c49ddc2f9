"""Simulated identity providers, of SAML and of web identity tokens, and the STS that knows them; never shipped."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from xml.sax.saxutils import escape

from tests.support.sim import iam
from tests.support.sim.iam import Iam
from traycreds.sim.errors import ErrorResponse, denied, invalid
from traycreds.sim.sigv4 import Signer
from traycreds.sim.sts import Form, Sts, check_policies, duration, name, role_arn
from traycreds.sim.world import World

REDEEMED_WITHIN = timedelta(minutes=5)
MOST = 100_000
FEDERATED = ("AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")
_NAMESPACE = "urn:oasis:names:tc:SAML:2.0"


class SamlProvider:
    """An identity provider, registered in IAM, that issues assertions.

    Attributes:
        arn: of the provider in IAM.
        issued: how many assertions it gave.
    """

    def __init__(self, arn: str, clock: Callable[[], datetime]) -> None:
        self.arn = arn
        self.issued = 0
        self._clock = clock
        self._known: dict[str, tuple[dict[str, str], str, datetime]] = {}

    def assertion(self, *roles: str, user: str = "alice", encrypted: bool = False, provider_first: bool = False) -> str:
        """The SAMLResponse for a user who may have these roles, in base64."""
        self.issued += 1
        pairs = dict.fromkeys(roles, self.arn)
        values = "".join(
            f"<saml:AttributeValue>{escape(','.join(reversed(pair) if provider_first else pair))}</saml:AttributeValue>"
            for pair in pairs.items()
        )
        attribute = "https://aws.amazon.com/SAML/Attributes/Role"
        body = (
            f"<saml:Assertion><saml:Subject>{escape(user)}</saml:Subject><saml:AttributeStatement>"
            f'<saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName">'
            f"<saml:AttributeValue>{escape(user)}</saml:AttributeValue></saml:Attribute>"
            f'<saml:Attribute Name="{attribute}">{values}</saml:Attribute>'
            "</saml:AttributeStatement></saml:Assertion>"
        )
        if encrypted:
            body = f"<saml:EncryptedAssertion>{secrets.token_urlsafe(300)}</saml:EncryptedAssertion>"
        text = (
            f'<samlp:Response xmlns:samlp="{_NAMESPACE}:protocol" xmlns:saml="{_NAMESPACE}:assertion" '
            f'ID="_{secrets.token_hex(16)}">{body}</samlp:Response>'
        )
        encoded = base64.b64encode(text.encode()).decode()
        self._known[encoded] = (pairs, user, self._clock())
        return encoded

    def check(self, assertion: str) -> tuple[Mapping[str, str], str]:
        """The roles and the user of an assertion. Raises ErrorResponse: not issued here, or too old."""
        known = self._known.get(assertion)
        if known is None:
            raise ErrorResponse(400, "InvalidIdentityToken", "Response signature invalid")
        pairs, user, at = known
        if self._clock() - at > REDEEMED_WITHIN:
            raise ErrorResponse(
                400,
                "ExpiredTokenException",
                "Token must be redeemed within 5 minutes of issuance",
            )
        return pairs, user


class FederatedSts(Sts):
    """STS that takes assertions and web identity tokens too, and passes on to IAM what is for it.

    Attributes:
        iam: the access keys of users.
        refusal: what it answers to any token, while it is set.
        refused_tokens: what it answers to web identity tokens by their text.
    """

    services = MappingProxyType(dict.fromkeys(iam.ACTIONS, "iam"))

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        super().__init__(world, clock)
        self._world = world
        self._clock = clock
        self._providers: dict[str, SamlProvider] = {}
        self._web_tokens: dict[str, tuple[str, datetime]] = {}
        self.refusal: ErrorResponse | None = None
        self.refused_tokens: dict[str, ErrorResponse] = {}
        self.iam = Iam(world, clock)

    def add_saml_provider(self, name: str, account: str) -> SamlProvider:
        """Register a provider in IAM."""
        provider = SamlProvider(f"arn:aws:iam::{account}:saml-provider/{name}", self._clock)
        self._providers[provider.arn] = provider
        return provider

    def add_web_token(self, subject: str, *, expires_at: datetime) -> str:
        """Issue a web identity token for a subject, which a role names in its trust."""
        token = f"sim.{secrets.token_urlsafe(24)}.sig"
        self._web_tokens[token] = (subject, expires_at)
        return token

    def result(self, action: str, form: Form, authenticate: Callable[[], Signer]) -> str:
        """The XML of an action's result."""
        if action in FEDERATED and self.refusal is not None:
            raise self.refusal
        if action in iam.ACTIONS:
            return self.iam.result(action, form, authenticate().key)
        if action == "GetCallerIdentity":
            self.iam.check_known(authenticate().key)
        if action == "AssumeRoleWithSAML":
            return self._assume_role_with_saml(form)
        if action == "AssumeRoleWithWebIdentity":
            return self._assume_role_with_web_identity(form)
        return super().result(action, form, authenticate)

    def _assume_role_with_saml(self, form: Form) -> str:
        arn, seconds = role_arn(form), duration(form, default=3600, most=43200)
        check_policies(form)
        assertion = form.get("SAMLAssertion", "")
        if not 4 <= len(assertion) <= MOST or not re.fullmatch("[A-Za-z0-9+/]+=*", assertion):
            raise invalid("1 validation error detected: Value at 'sAMLAssertion' failed to satisfy constraint")
        provider = self._providers.get(form.get("PrincipalArn", ""))
        if provider is None:
            raise ErrorResponse(400, "InvalidIdentityToken", "Specified provider doesn't exist")
        pairs, user = provider.check(assertion)
        role = self._world.role(arn)
        if role is None or pairs.get(arn) != provider.arn or provider.arn not in role.trust:
            raise denied("Not authorized to perform sts:AssumeRoleWithSAML")
        return self.open(role, user, seconds)

    def _assume_role_with_web_identity(self, form: Form) -> str:
        arn, session_name = role_arn(form), name(form, "RoleSessionName", "roleSessionName", required=True)
        seconds = duration(form, default=3600, most=43200)
        check_policies(form)
        token = form.get("WebIdentityToken", "")
        if token in self.refused_tokens:
            raise self.refused_tokens[token]
        subject, expires_at = self._web_tokens.get(token, (None, None))
        if expires_at is None:
            raise ErrorResponse(
                400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for this token"
            )
        if expires_at <= self._clock():
            raise ErrorResponse(
                400, "ExpiredTokenException", "Token expired: current date/time must be before the expiration"
            )
        role = self._world.role(arn)
        if role is None or subject not in role.trust:
            raise denied("Not authorized to perform sts:AssumeRoleWithWebIdentity")
        return self.open(role, session_name or "", seconds)
