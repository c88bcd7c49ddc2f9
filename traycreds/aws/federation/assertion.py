"""Reads which roles a SAML assertion is for, and by which provider. Leaves the signature to AWS; quotes only ARNs."""

from __future__ import annotations

import base64
import re
from xml.parsers import expat

from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.lookup import did_you_mean
from traycreds.core.text import counted, printable

ROLE = "https://aws.amazon.com/SAML/Attributes/Role"
"""The attribute whose values are pairs of a role and a provider (IAM User Guide, "Configure SAML assertions")."""

_SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
_ARN = r"arn:aws[a-z0-9-]*:iam::[0-9]{12}:%s/[\x21-\x2b\x2d-\x7e]+"
_MOST_SHOWN = 120
"""Characters of an ARN in a suggestion."""


def provider_for(assertion: str, role_arn: str, role: str) -> str:
    """The ARN of the provider that gives a role. Raises IssueError: the assertion does not say, or is for others."""
    pairs = _pairs(assertion)
    if pairs is None:
        raise IssueError(
            FailureKind.PROGRAM,
            f"What the saml_process of role {role} printed is not a SAML assertion.",
            "Have it print the SAMLResponse of the identity provider, unchanged.",
        )
    if role_arn in pairs:
        return pairs[role_arn]
    if not pairs:
        raise IssueError(
            FailureKind.BAD_CONFIG,
            f"The SAML assertion for role {role} names no role; it may be encrypted.",
            "Add saml_provider with the ARN of the identity provider in IAM.",
        )
    others = counted(len(pairs), "other role")
    ask = "Ask the administrator of your identity provider for the role, or fix role_arn."
    raise IssueError(
        FailureKind.DENIED,
        f"The SAML assertion for role {role} does not include {role_arn}, but {others}.",
        did_you_mean(role_arn, [printable(arn)[:_MOST_SHOWN] for arn in pairs], otherwise=ask),
    )


def _pairs(assertion: str) -> dict[str, str] | None:
    """The provider of each role; None if it is not XML, or has a document type, which could make it grow."""
    reader = _Reader()
    try:
        reader.parser.Parse(base64.b64decode(assertion), True)
    except (expat.ExpatError, ValueError, _DocumentTypeError):
        return None
    return dict(pair for text in reader.texts if (pair := _pair(text)) is not None)


def _pair(text: str) -> tuple[str, str] | None:
    """Role and provider, which come in either order."""
    parts = [part.strip() for part in text.split(",")]
    roles = [part for part in parts if re.fullmatch(_ARN % "role", part)]
    providers = [part for part in parts if re.fullmatch(_ARN % "saml-provider", part)]
    whole = len(roles) + len(providers) == len(parts)
    return (roles[0], providers[0]) if whole and len(roles) == len(providers) == 1 else None


class _DocumentTypeError(Exception):
    pass


class _Reader:
    """Collects the values of the role attribute."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._of_roles = self._in_value = False
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._document_type
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _document_type(self, *_: object) -> None:
        raise _DocumentTypeError

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{_SAML} Attribute":
            self._of_roles = attributes.get("Name") == ROLE
        elif name == f"{_SAML} AttributeValue" and self._of_roles:
            self._in_value = True
            self.texts.append("")

    def _end(self, name: str) -> None:
        if name == f"{_SAML} AttributeValue":
            self._in_value = False
        elif name == f"{_SAML} Attribute":
            self._of_roles = False

    def _characters(self, text: str) -> None:
        if self._in_value:
            self.texts[-1] += text
