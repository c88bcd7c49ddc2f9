"""Which credentials can be used; what programs print is in tests/contract/test_table_of_process_outputs.py."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from traycreds.aws.usable_credentials import UnusableError, frozen_credentials, remedy
from traycreds.core.errors import FailureKind

GOOD = SimpleNamespace(access_key="AKIAIOSFODNN7EXAMPLE", secret_key="wJalr/XUtn+FEMI=", token=None)


class Found:
    """Credentials of botocore that are frozen to what is given, or raise it."""

    def __init__(self, frozen):
        self.frozen = frozen

    def get_frozen_credentials(self):
        if isinstance(self.frozen, Exception):
            raise self.frozen
        return self.frozen


@pytest.mark.parametrize("token", [None, "", "FwoGZXIvYXdzEBYa//+=="])
def test_what_can_be_signed_with_and_written_is_given_as_it_is(token):
    frozen = SimpleNamespace(**{**vars(GOOD), "token": token})
    assert frozen_credentials(Found(frozen)) is frozen


@pytest.mark.parametrize("name", ["access_key", "secret_key", "token"])
@pytest.mark.parametrize("value", [7, 0, False, [], "two words", " outer", "two\nlines", "tab\t", "é"])
def test_what_cannot_is_refused_in_words_that_quote_nothing(name, value):
    with pytest.raises(UnusableError) as caught:
        frozen_credentials(Found(SimpleNamespace(**{**vars(GOOD), name: value})))
    assert str(value) not in str(caught.value)


@pytest.mark.parametrize("name", ["access_key", "secret_key"])
@pytest.mark.parametrize("value", [None, ""])
def test_keys_must_be_there(name, value):
    with pytest.raises(UnusableError):
        frozen_credentials(Found(SimpleNamespace(**{**vars(GOOD), name: value})))


def test_what_has_expired_is_reported_as_such_and_other_faults_are_left_alone():
    expired = RuntimeError("Credentials were refreshed, but the refreshed credentials are still expired.")
    with pytest.raises(UnusableError, match="have already expired"):
        frozen_credentials(Found(expired))
    with pytest.raises(RuntimeError, match="another fault"):
        frozen_credentials(Found(RuntimeError("another fault")))


@pytest.mark.parametrize(
    ("chain", "source", "kind", "words"),
    [
        (("program",), None, FailureKind.PROGRAM, "Run the credential_process of profile program in a terminal"),
        (("role", "program"), None, FailureKind.PROGRAM, "Run the credential_process of profile program in a terminal"),
        (
            ("token",),
            None,
            FailureKind.SOURCE_EXPIRED,
            "Write a token to the web_identity_token_file of profile token",
        ),
        (
            ("keys",),
            None,
            FailureKind.SOURCE_EXPIRED,
            "Check its keys and its sign-in with: aws sts get-caller-identity --profile keys --region x",
        ),
        ((), "EcsContainer", FailureKind.ANSWER, "Check the service behind EcsContainer"),
    ],
)
def test_the_remedy_names_what_gives_the_credentials_and_so_does_the_kind(chain, source, kind, words):
    profiles = {
        "program": {"credential_process": "x"},
        "role": {"role_arn": "x", "source_profile": "program"},
        "token": {"role_arn": "x", "web_identity_token_file": "x"},
        "keys": {"aws_access_key_id": "x"},
    }
    found, hint = remedy({"profiles": profiles}, chain, source, "x")
    assert found is kind
    assert hint.startswith(words)
