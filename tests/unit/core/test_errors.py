"""The classes of failures, in words."""

from __future__ import annotations

from traycreds.core.errors import FailureKind, TraycredsError


def test_each_class_of_failure_has_a_few_words():
    assert FailureKind.DENIED.in_words == "refused by AWS"
    assert max(len(kind.in_words) for kind in FailureKind) <= 32


def test_an_address_that_is_used_as_a_name_is_shown_without_its_password():
    error = TraycredsError(
        "Profile http://me:s3cr3t@host does not exist.", "Run: aws login --profile http://me:s3cr3t@host"
    )
    assert str(error) == "Profile http://host does not exist. Run: aws login --profile http://host"
    assert (error.sentence, error.hint) == tuple(str(error).replace(". ", ".|").split("|"))
