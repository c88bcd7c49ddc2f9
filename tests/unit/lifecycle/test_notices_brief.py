"""A notice has little room: what AWS says of every refusal gives way to what the user can do."""

from __future__ import annotations

import pytest

from tests.support.builders import NOW, a_failure, a_session
from traycreds.aws.error_table import DENIED
from traycreds.core.errors import FailureKind
from traycreds.lifecycle import notices

STOCK = (
    "User: arn:aws:iam::111122223333:user/base is not authorized to perform: sts:AssumeRole on resource: "
    "arn:aws:iam::123456789012:role/team/denied"
)
WORDS = {
    "who": "profile base",
    "what": "assume arn:aws:iam::123456789012:role/team/denied",
    "role": "denied",
    "detail": STOCK,
}


def body(sentence: str, hint: str, *, kind: FailureKind = FailureKind.DENIED, names: str = "a") -> str:
    failure = a_failure(kind, sentence=sentence, hint=hint)
    return notices.failing(tuple(a_session(name, failure=failure) for name in names), NOW).body


def test_a_refusal_names_who_what_and_the_remedy():
    whole = body(DENIED.sentence.format_map(WORDS), DENIED.hint.format_map(WORDS))
    assert whole == "Refused by AWS. Check the role's trust policy and the permissions of profile base."


def test_what_aws_says_beyond_its_stock_text_stays():
    assert body("AWS refused role dev: MFA is too old.", "Sign in.") == "AWS refused role dev: MFA is too old. Sign in."


def test_a_cause_that_says_more_than_its_kind_is_named():
    reasons = ("the target of a link is missing", None)
    kind = FailureKind.BAD_CONFIG
    sessions = [a_session(name, failure=a_failure(kind, reason=why)) for name, why in zip("ab", reasons, strict=True)]
    title = notices.failing(tuple(sessions), NOW).title
    assert title == "2 roles: the target of a link is missing; configuration needs fixing"


@pytest.mark.parametrize("names", ["a", "abcd"])
def test_however_long_the_sentence_the_remedy_is_seen(names):
    announced = body("word " * 60, "Check the network.", kind=FailureKind.NETWORK, names=names)
    after = {"a": "word word ", "abcd": "a, b, c and d: word "}
    assert announced.startswith(f"Check the network. {after[names]}")
    assert announced.endswith(" word…")
    assert len(announced) < 150 + len("a, b, c and d: ")
