"""What a SAML assertion says about roles."""

from __future__ import annotations

import base64

import pytest

from traycreds.aws.federation import assertion
from traycreds.core.errors import FailureKind, IssueError

ROLE = "arn:aws:iam::123456789012:role/team/Dev"
PROVIDER = "arn:aws:iam::123456789012:saml-provider/Corp"


def response(*values: str, name: str = assertion.ROLE, before: str = "", prefix: str = "saml:") -> str:
    texts = "".join(f"<{prefix}AttributeValue>{value}</{prefix}AttributeValue>" for value in values)
    space = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
    if not prefix:
        space = space.replace(":saml", "")
    text = f'{before}<{prefix}Assertion {space}><{prefix}Attribute Name="{name}">{texts}</{prefix}Attribute></{prefix}Assertion>'
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("prefix", ["saml:", ""])
@pytest.mark.parametrize("value", [f"{ROLE},{PROVIDER}", f" {PROVIDER} ,\n {ROLE} "])
def test_the_provider_of_the_role_is_found(value, prefix):
    other = value.replace("Dev", "Prod").replace("Corp", "Other")
    assert assertion.provider_for(response(other, value, prefix=prefix), ROLE, "dev") == PROVIDER


def refused(text: str) -> IssueError:
    with pytest.raises(IssueError) as caught:
        assertion.provider_for(text, ROLE, "dev")
    return caught.value


def test_a_role_that_it_does_not_include_is_reported_with_the_nearest():
    error = refused(response(f"{ROLE}s,{PROVIDER}", f"{PROVIDER},arn:aws:iam::123456789012:role/Other"))
    assert error.kind is FailureKind.DENIED
    assert error.sentence == f"The SAML assertion for role dev does not include {ROLE}, but 2 other roles."
    assert error.hint == f"Did you mean {ROLE}s?"


@pytest.mark.parametrize("value", [ROLE, f"{ROLE},{ROLE}", f"{ROLE},{PROVIDER},{PROVIDER}", "x,y", ""])
def test_values_that_are_no_pair_name_no_role(value):
    error = refused(response(value))
    assert (error.kind, error.sentence) == (
        FailureKind.BAD_CONFIG,
        "The SAML assertion for role dev names no role; it may be encrypted.",
    )


def test_other_attributes_are_not_read():
    assert "names no role" in refused(response(f"{ROLE},{PROVIDER}", name="Role")).sentence


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(b"no xml at all").decode(),
        response(f"{ROLE},{PROVIDER}", before='<!DOCTYPE x [<!ENTITY a "aaaa">]>'),
        base64.b64encode(b"<a><b></a>").decode(),
    ],
)
def test_what_is_no_xml_or_could_grow_is_no_assertion(text):
    error = refused(text)
    assert error.kind is FailureKind.PROGRAM
    assert "is not a SAML assertion" in error.sentence
