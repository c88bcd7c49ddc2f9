"""Every notice fits a banner: what to do begins within its first 60 characters, and 110 are all."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import HOUR, MINUTE, NOW, a_failure, a_session
from traycreds.aws import error_table
from traycreds.aws.error_table import ErrorText
from traycreds.core.engine_state import Announced
from traycreds.core.errors import FailureKind
from traycreds.core.model import FileNote
from traycreds.core.text import BEFORE_REMEDY, BODY_WIDTH, IN_STATUS, TITLE_WIDTH, notice_body
from traycreds.lifecycle import notices

LONG = [f"{number}-payments-production-administrator-of-{'x' * 24}" for number in range(6)]
"""As long as IAM allows."""
ROWS = sorted({row for row in vars(error_table).values() if isinstance(row, ErrorText)}, key=str)
SWITCH = f"{LONG[0][:32]} becomes the default once you enter the code; until then {LONG[1][:32]} is."


class Words(dict):
    def __missing__(self, field):
        return {"device": "arn:aws:iam::123456789012:mfa/jane.doe"}.get(field, f"some-{field}-of-this-role")


def fits(notice, remedy):
    assert len(notice.title) <= (63 if " roles: " in notice.title else TITLE_WIDTH), "their number and cause come first"
    assert len(notice.body) <= BODY_WIDTH, notice.body
    assert 0 <= notice.body.find(remedy) <= BEFORE_REMEDY, notice.body


def test_the_table_of_errors_is_there():
    assert len(ROWS) > 12


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize(("count", "switch"), [(1, None), (1, SWITCH), (6, None)])
def test_what_fails(row, count, switch):
    sentence, hint = (text.format_map(Words()) for text in (row.sentence, row.hint))
    failure = a_failure(row.kind, sentence=sentence, hint=hint)
    for expires_in in (None, -HOUR, MINUTE / 2, 23 * HOUR + 59 * MINUTE):
        sessions = tuple(a_session(name, failure=failure, expires_in=expires_in) for name in LONG[:count])
        notice = notices.failing(sessions, NOW, switch)
        first = re.split(
            r"(?<=[.!?]) (?=[A-Z])", re.sub(r" \([^)]*\)", "", hint) if row.kind is FailureKind.DENIED else hint
        )[0]
        fits(notice, first if len(first) <= BODY_WIDTH else IN_STATUS)
        assert notice.title.startswith("6 roles: " if count > 1 else LONG[0][:6])


def test_what_ends_and_what_is_well_again():
    for left in (MINUTE / 2, 23 * HOUR + 59 * MINUTE):
        end = a_session(LONG[0], expires_in=left)
        fits(notices.ending(end, NOW), "Choose Keep alive")
    for left in (MINUTE / 2, 59 * MINUTE):
        fits(notices.keeping_ends(a_session(LONG[0], expires_in=HOUR, keep_until=NOW + left), NOW), "Extend it")
    fits(notices.first_role(end), "Choose Keep alive")
    for had, count in itertools.product((None, NOW), (1, 2, 6)):
        announced = Announced(kind=FailureKind.NETWORK, expires_at=had)
        fits(notices.recovered(tuple(a_session(name, announced=announced) for name in LONG[:count])), "Nothing to do")


@pytest.mark.parametrize(
    ("sentence", "hint", "shown"),
    [
        ("No.", "Do it. " * 40, "Do it."),
        ("word " * 60 + ".", "Make room on the disk.", "Make room on the disk."),
        ("No.", f"Mount it; or make it again: mkdir -p {'/folder' * 20}", None),
    ],
    ids=["many sentences", "a long cause", "a long command"],
)
def test_trouble_with_the_file_and_the_program(sentence, hint, shown):
    failure = a_failure(FailureKind.FILE, sentence=sentence, hint=hint)
    for notice in (notices.file_failure(failure), notices.default_refused(failure)):
        fits(notice, shown or IN_STATUS)
    fits(notices.file_note(FileNote(sentence=sentence, hint=hint)), shown or notices.IN_LOG)
    fits(notices.unexpected(), "If it happens often")
    fits(notices.stopped(), "Quit it")


SENTENCES = st.lists(st.text("aB .!?", max_size=90), max_size=5).map(". ".join)


@given(SENTENCES, SENTENCES)
def test_any_body_fits(what, remedy):
    assert len(notice_body(what, remedy)) <= BODY_WIDTH


@given(st.text("aB ", min_size=1, max_size=120), st.text("aB ", min_size=1, max_size=250).filter(str.strip))
def test_no_remedy_is_cut(what, remedy):
    assert (remedy if len(remedy) <= BODY_WIDTH else "Run: traycreds doctor") in notice_body(what, remedy)
