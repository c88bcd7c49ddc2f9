"""No part of a secret that this process has seen gets into a text, and no such secret is kept."""

from __future__ import annotations

import base64
import gc
import random

import pytest

from traycreds.aws import errors
from traycreds.state import known_secrets, log

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch):
    monkeypatch.setattr(known_secrets, "MOST", 1000)
    for books in (known_secrets.pieces, known_secrets.whole):
        books.clear()
    yield
    for books in (known_secrets.pieces, known_secrets.whole):
        books.clear()


def a_secret(size, seed=1):
    chooser = random.Random(seed)
    return "".join(chooser.choices(LETTERS, k=size))


@pytest.mark.parametrize(("size", "excerpt"), [(40, 16), (40, 24), (40, 40), (1000, 32), (1000, 39), (1000, 500)])
def test_an_excerpt_of_a_secret_is_taken_out_wherever_it_begins(size, excerpt):
    secret = a_secret(size)
    known_secrets.note(secret)
    for start in range(size - excerpt + 1):
        part = secret[start : start + excerpt]
        text = known_secrets.without(f"User is not authorized: key={part} is no good")
        assert text == "User is not authorized: [redacted] is no good"


def test_other_texts_stay():
    known_secrets.note(a_secret(40), a_secret(1000))
    text = "arn:aws:iam::123456789012:role/some/long/path/SomeRole and /home/somebody/.aws/credentials"
    assert known_secrets.without(text) == text


def test_what_is_no_secret_is_not_remembered():
    known_secrets.note(None, "", "test", "123456")
    assert known_secrets.without("test 123456") == "test 123456"
    assert not known_secrets.pieces


def test_what_is_remembered_is_bounded_and_the_newest_stays():
    secrets = [a_secret(1000, seed) for seed in range(100)]
    for secret in secrets:
        known_secrets.note(secret)
    assert len(known_secrets.pieces) <= 1000
    assert known_secrets.without(secrets[-1]) == "[redacted]"


def test_a_secret_that_comes_again_stays_whatever_comes_between():
    lasting = a_secret(40, seed=1000)
    for seed in range(100):
        known_secrets.note(lasting)
        assert known_secrets.without(lasting[:16]) == "[redacted]"
        known_secrets.note(a_secret(1000, seed))


def test_only_hashes_are_kept():
    known_secrets.note(a_secret(40))
    for books in (known_secrets.pieces, known_secrets.whole):
        assert all(type(each) is int for each in gc.get_referents(books) if not isinstance(each, (type, type(None))))
        assert all(type(each) is int for each in books)


def test_the_words_of_aws_and_the_log_are_without_them():
    """Of a form that no pattern of the log knows: cut short, in capitals and digits alone."""
    secret = base64.b32encode(random.Random(7).randbytes(40)).decode()
    part = secret[8:30]
    refusal = Exception()
    refusal.response = {"Error": {"Code": "AccessDenied", "Message": f"no {part} here"}}
    assert part in errors.message_of(refusal)
    assert part in log.redact(f"no {part} here")
    known_secrets.note(secret)
    assert errors.message_of(refusal) == "no [redacted] here"
    assert log.redact(f"no {part} here") == "no [redacted] here"
