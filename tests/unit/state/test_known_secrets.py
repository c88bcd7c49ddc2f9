"""No part of a secret that this process has seen gets into a text, and no such secret is kept."""

from __future__ import annotations

import base64
import gc
import hashlib
import os
import random
import subprocess
import sys
from datetime import timedelta

import pytest

from traycreds.aws import errors
from traycreds.state import known_secrets, log

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@pytest.fixture(autouse=True)
def pieces(monkeypatch):
    """Those of secrets of which is not known how long they last, with hashes that are the same in each run."""

    def same(salted):
        # The salt is different in each run.
        text = salted.removeprefix(known_secrets._salt)
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")

    monkeypatch.setattr(known_secrets, "hash", same, raising=False)
    monkeypatch.setattr(
        known_secrets, "brief", known_secrets.Pieces(known_secrets.KEEP_BRIEF, known_secrets.MOST_BRIEF)
    )
    monkeypatch.setattr(known_secrets, "lasting", known_secrets.Pieces(known_secrets.KEEP, known_secrets.MOST))
    return known_secrets.lasting


def a_secret(size, seed=1):
    chooser = random.Random(seed)
    return "".join(chooser.choices(LETTERS, k=size))


@pytest.mark.parametrize(("size", "excerpt"), [(40, 16), (40, 24), (40, 40), (1000, 64), (1000, 79), (1000, 500)])
def test_an_excerpt_of_a_secret_is_taken_out_wherever_it_begins(size, excerpt):
    secret = a_secret(size)
    known_secrets.note(secret)
    for start in range(size - excerpt + 1):
        part = secret[start : start + excerpt]
        text = known_secrets.without(f"User is not authorized: key={part} is no good")
        assert text == "User is not authorized: [redacted] is no good"


def test_other_texts_stay():
    known_secrets.note(a_secret(40), a_secret(1000))
    text = "arn:aws:iam::123456789012:role/some/long/path/SomeRole and /home/someone/.aws/credentials"
    assert known_secrets.without(text) == text


def test_what_is_no_secret_is_not_remembered(pieces):
    known_secrets.note(None, "", "test", "123456")
    assert known_secrets.without("test 123456") == "test 123456"
    assert not pieces.filters


def test_little_is_kept_for_few_and_a_bound_for_many(pieces, monkeypatch):
    assert sum(each.size for each in pieces.filters) == 0
    known_secrets.note(a_secret(40), a_secret(1000))
    assert sum(each.size for each in pieces.filters) == known_secrets.SMALLEST <= 16 * 1024
    monkeypatch.setattr(known_secrets, "LARGEST", 16 * 1024)
    monkeypatch.setattr(known_secrets, "lasting", known_secrets.Pieces(known_secrets.KEEP, 64 * 1024))

    secrets = [a_secret(1000, seed) for seed in range(1500)]
    for secret in secrets:
        known_secrets.note(secret)

    assert sum(each.size for each in known_secrets.lasting.filters) == 64 * 1024
    assert known_secrets.without(secrets[-1]) == "[redacted]"
    assert known_secrets.without(secrets[0]) == secrets[0], "the oldest is forgotten"
    assert len(known_secrets.lasting.lately) <= 1000


class Hours:
    """A clock that stands until the test moves it."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


def in_memory(monkeypatch, share):
    """The clock of filters that hold the given share of what they do in the app."""
    clock = Hours()
    for name in ("SMALLEST", "LARGEST"):
        monkeypatch.setattr(known_secrets, name, getattr(known_secrets, name) // share)
    for name, keep, most in (("brief", "KEEP_BRIEF", "MOST_BRIEF"), ("lasting", "KEEP", "MOST")):
        new = known_secrets.Pieces(getattr(known_secrets, keep), getattr(known_secrets, most) // share, monotonic=clock)
        monkeypatch.setattr(known_secrets, name, new)
    return clock


SHARE = 50
"""Of the roles, and of the memory: what holds for twenty roles with a fiftieth holds for a thousand with all of it."""


@pytest.mark.parametrize(
    ("minutes", "each", "hours"),
    [(15, 10, 4), (60, 45, 10), (66, 49.5, 45), (720, 540, 100)],
    ids=["15 minutes", "1 hour", "66 minutes", "12 hours"],
)
def test_none_of_1000_roles_is_forgotten_before_its_session_has_expired(monkeypatch, minutes, each, hours):
    """Each is refreshed when it is due, and the file, which holds all that are newest, is read after each write."""
    clock, roles, lasts = in_memory(monkeypatch, SHARE), 1000 // SHARE, timedelta(minutes=minutes)
    alive, number, held = [], 0, 0
    day_and_half = timedelta(hours=36)
    longest = (a_secret(40, "key"), a_secret(1000, "token"))
    known_secrets.note(*longest, lasts=day_and_half)
    while clock.seconds < hours * 3600:
        clock.seconds += each * 60 / roles
        number += 1
        alive.append((clock.seconds + lasts.total_seconds(), a_secret(40, number), a_secret(1000, -number)))
        alive = [session for session in alive if session[0] > clock.seconds]
        known_secrets.note(*alive[-1][1:], lasts=lasts)
        for end, *both in alive[-roles:]:
            known_secrets.note(*both, lasts=timedelta(seconds=end - clock.seconds))
        if clock.seconds < day_and_half.total_seconds():
            alive.insert(0, (day_and_half.total_seconds(), *longest))
        for _, key, token in (alive[0], alive[len(alive) // 2]):
            assert known_secrets.without(f"{key[:16]} {token[-64:]}") == "[redacted] [redacted]"
        alive = alive[1:] if alive[0][1:] == longest else alive
        held = max(held, sum(each.size for each in (*known_secrets.brief.filters, *known_secrets.lasting.filters)))
    assert held <= (known_secrets.MOST_BRIEF + known_secrets.MOST) // SHARE


def test_one_that_lasts_for_hours_outlives_any_number_of_brief_ones(monkeypatch):
    clock = in_memory(monkeypatch, 1000)
    lasting = a_secret(1000)
    known_secrets.note(lasting, lasts=timedelta(hours=36))
    for number in range(1000):
        clock.seconds += 36 * 3600 / 1000
        known_secrets.note(a_secret(1000, number + 2), lasts=timedelta(minutes=15))
    assert known_secrets.without(lasting) == "[redacted]"


def test_what_has_expired_long_ago_takes_no_memory(monkeypatch):
    clock = in_memory(monkeypatch, 1)
    for day in range(20):
        clock.seconds = day * 86400.0
        known_secrets.note(a_secret(40, day), a_secret(1000, day))
    assert sum(each.size for each in known_secrets.lasting.filters) <= 2 * known_secrets.SMALLEST
    assert known_secrets.without(a_secret(40, 0)) == a_secret(40, 0)


def test_a_secret_that_comes_again_stays_whatever_comes_between(monkeypatch):
    monkeypatch.setattr(known_secrets, "SMALLEST", 128)
    monkeypatch.setattr(known_secrets, "LARGEST", 256)
    monkeypatch.setattr(known_secrets, "lasting", known_secrets.Pieces(known_secrets.KEEP, 1024))
    lasting = a_secret(40, seed=1000)
    for seed in range(100):
        known_secrets.note(lasting)
        assert known_secrets.without(lasting[:16]) == "[redacted]"
        known_secrets.note(a_secret(1000, seed))


@pytest.mark.timeout(120)
@pytest.mark.thorough
def test_those_of_200_roles_for_a_week_are_all_taken_out_and_hardly_anything_else(pieces):
    chooser = random.Random(14)

    def some(size):
        return base64.b64encode(chooser.randbytes(size * 3 // 4)).decode()

    sessions = [(some(40), some(1000)) for _ in range(200 * 24 * 7)]
    for session in sessions:
        known_secrets.note(*session)

    assert sum(each.size for each in pieces.filters) <= known_secrets.MOST == 8 * 1024**2
    for key, token in sessions[:: len(sessions) // 2000]:
        assert known_secrets.without(f"key={key[7:24]} token={token[33:97]}") == "[redacted] [redacted]"

    words = [some(40) for _ in range(5000)]
    wrong = sum(known_secrets.without(word) != word for word in words)
    assert wrong / len(words) < 1 / 1000


def test_no_text_is_kept(pieces):
    known_secrets.note(a_secret(40), a_secret(1000))
    held, seen = [pieces], set()
    while held:
        one = held.pop()
        if id(one) in seen or isinstance(one, (type, type(known_secrets), type(known_secrets.note))):
            continue
        seen.add(id(one))
        assert not isinstance(one, (str, bytes)) or len(one) < 16, one
        held += gc.get_referents(one)


def test_each_process_hashes_by_a_salt_of_its_own():
    code = "from traycreds.state import known_secrets as k; print(k._hash('a secret'))"
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    shown = {
        subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True).stdout
        for _ in range(2)
    }
    assert len(shown) == 2


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
