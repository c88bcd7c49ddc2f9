"""A notice has little room: what AWS says of every refusal gives way to what the user can do."""

from __future__ import annotations

import pytest

from tests.builders import NOW, a_failure, a_session
from traycreds.adapters.stsrows import DENIED
from traycreds.core import notices
from traycreds.core.errors import FailureKind

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


def test_of_a_refusal_it_tells_who_what_and_the_remedy():
    whole = body(DENIED.sentence.format_map(WORDS), DENIED.hint.format_map(WORDS))
    assert whole == (
        "AWS refused to let profile base assume role/denied for role denied. "
        "Check the role's trust policy and the permissions of profile base."
    )
    assert len(whole) < 150


def test_what_aws_says_beyond_its_stock_text_stays():
    assert body("AWS refused role dev: MFA is too old.", "Sign in.") == "AWS refused role dev: MFA is too old. Sign in."


@pytest.mark.parametrize("names", ["a", "abcd"])
def test_however_long_the_sentence_the_remedy_is_seen(names):
    told = body("word " * 60, "Check the network.", kind=FailureKind.NETWORK, names=names)
    assert told.endswith(" word… Check the network.")
    assert len(told) < 150 + len("a, b, c and d: ")


def test_each_cause_has_a_few_words():
    assert notices.cause(FailureKind.DENIED) == "refused by AWS"
    assert max(len(notices.cause(kind)) for kind in FailureKind) <= 32
