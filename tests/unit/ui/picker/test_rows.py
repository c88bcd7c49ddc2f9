"""What the picker shows of each role, and in which order."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from tests.support.builders import MINUTE, NOW
from tests.unit.ui.menu.menu_entries import UTC, off, snapshot, view
from traycreds.core.errors import FailureKind
from traycreds.core.model import RoleName
from traycreds.core.snapshot import Status
from traycreds.ui.picker import rows
from traycreds.ui.picker.rows import Picked, PickerAction, RoleRow

MFA = {"error": "It waits.", "needs_user": True, "kind": FailureKind.MFA}


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (view(), "fresh until 12:43"),
        (view(kept=False), "fresh until 12:43, not kept"),
        (view(expires_at=datetime(2026, 12, 2, 9, 53, tzinfo=UTC)), "fresh until 2026-12-02 09:53"),
        (view(error="No network."), "fresh until 12:43, refresh failing"),
        (view(status=Status.EXPIRING), "expires soon, until 12:43"),
        (view(status=Status.REFRESHING), "refreshing, until 12:43"),
        (view(status=Status.REFRESHING, expires_at=None), "refreshing"),
        (view(status=Status.EXPIRED, expires_at=NOW - 5 * MINUTE), "expired 5 min ago"),
        (off("dev"), "not kept"),
        (view(status=Status.OFF, expires_at=None), "no session yet"),
        (view(status=Status.FAILED, expires_at=None, mfa_device="x", **MFA), "needs a code"),
        (view(mfa_device="x", **MFA), "needs a code, until 12:43"),
        (view(status=Status.FAILED, expires_at=None, sign_in="corp", **MFA), "needs a sign-in"),
        (view(status=Status.FAILED, expires_at=None, **MFA), f"needs you: {FailureKind.MFA.in_words}"),
    ],
)
def test_the_state_in_a_few_words(role, words):
    assert rows.state(role, NOW, UTC) == words


def test_name_account_and_badge():
    role = view("prod-admin", account_id="444455556666", color="red", label="PROD", group="shop", is_default=True)
    (row,) = rows.of(snapshot(role), UTC)
    assert row == RoleRow(
        "prod-admin", "4444-5555-6666", "fresh until 12:43", "PROD", "red", "P", group="shop", is_default=True
    )
    assert row.title == "prod-admin (PROD)"
    assert rows.of(snapshot(off("dev")))[0] == RoleRow("dev", state="not kept")


def test_those_used_last_come_first_and_the_one_before_the_default_at_the_top():
    roles = (
        off("a"),
        off("b", favourite=True),
        off("older", recent=2),
        view("now", recent=0, is_default=True),
        off("before", recent=1),
    )
    assert [row.name for row in rows.of(snapshot(*roles))] == ["before", "now", "older", "b", "a"]


def test_a_default_that_was_not_chosen_here_stays_in_its_place():
    assert [row.name for row in rows.of(snapshot(off("a"), view("b", is_default=True), off("c")))] == ["a", "b", "c"]


@pytest.mark.parametrize("typed", ["prod", "PROD", "4444-5555", "444455556666", "shop", "prod*", "4444* shop"])
def test_a_role_is_found_by_name_label_account_and_group(typed):
    role = view("admin-p", account_id="444455556666", label="PROD", group="shop")
    assert rows.finder(rows.of(snapshot(off("dev"), role))).find(typed) == [1]


def test_question_and_answer_pass_through_json():
    shown = rows.of(snapshot(view("dev", account_id="123456789012"), off("prod")), UTC)
    assert rows.decode(rows.encode("Find", shown)) == ("Find", shown)
    picked = Picked(PickerAction.KEEP, RoleName("dev"))
    assert rows.decode_picked(rows.encode_picked(picked).decode(), shown) == picked


@pytest.mark.parametrize(
    "answer", ["", "dev", "[]", '{"do": "use"}', '{"do": "drop", "role": "dev"}', '{"do": "use", "role": "other"}']
)
def test_an_invalid_answer_is_no_answer(answer):
    assert rows.decode_picked(answer, [RoleRow("dev")]) is None


def test_no_secret_can_be_in_a_question():
    assert set(json.loads(rows.encode("t", [RoleRow("dev")]))) == {"title", "rows"}
    assert RoleRow._fields == ("name", "account", "state", "label", "color", "letter", "group", "is_default")
