"""The classes of failures, in words."""

from __future__ import annotations

from traycreds.core.errors import FailureKind


def test_each_class_of_failure_has_a_few_words():
    assert FailureKind.DENIED.in_words == "refused by AWS"
    assert max(len(kind.in_words) for kind in FailureKind) <= 32
