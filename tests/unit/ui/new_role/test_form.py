"""What is typed into the window that adds a role, and what of it is wrong by itself."""

from __future__ import annotations

import pytest

from traycreds.ui.new_role.form import Form, parts

ARN = "arn:aws:iam::444455556666:role/team/Admin"
CHINA = "arn:aws-cn:iam::444455556666:role/Admin"
WHOLE = Form(account="444455556666", role="team/Admin", source_profile="base", name="admin")


@pytest.mark.parametrize(
    ("fields", "arn", "role"),
    [
        ({}, ARN, "team/Admin"),
        ({"account": "4444-5555-6666"}, ARN, "team/Admin"),
        ({"account": "4444 5555 6666", "role": "/team/Admin"}, ARN, "/team/Admin"),
        ({"account": ARN, "role": ""}, ARN, "team/Admin"),
        ({"account": "", "role": ARN}, ARN, "team/Admin"),
        ({"account": CHINA, "role": ""}, CHINA, "Admin"),
    ],
)
def test_account_and_role_make_an_arn_and_a_whole_one_counts_as_it_is(fields, arn, role):
    form = WHOLE._replace(**fields)
    assert (form.role_arn, form.role_name, form.missing()) == (arn, role, None)


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"account": ""}, "Fill in the account, or paste the ARN of the role."),
        ({"account": "44445555666"}, "An account has twelve digits."),
        ({"account": "prod"}, "An account has twelve digits."),
        ({"account": "arn:aws:iam::444455556666:user/jane"}, "An account has twelve digits."),
        ({"role": ""}, "Fill in the role."),
        ({"role": "my role"}, "A role name can have only letters, digits and _+=,.@-."),
        ({"source_profile": ""}, "Choose the profile whose credentials assume the role."),
        ({"name": ""}, "Fill in the short name."),
    ],
)
def test_what_is_missing_is_reported_from_the_top_down(fields, missing):
    assert WHOLE._replace(**fields).missing() == missing
    assert Form().missing() == "Fill in the account, or paste the ARN of the role."


def test_the_table_has_what_is_filled_in():
    assert WHOLE.table == {"role_arn": ARN, "source_profile": "base"}
    more = WHOLE._replace(mfa_serial="GAHT12345678", keep=True)
    assert list(more.table.items())[2:] == [("mfa_serial", "GAHT12345678"), ("keep", True)]


@pytest.mark.parametrize(
    ("typed", "found"),
    [(f" {ARN} ", ("444455556666", "team/Admin")), (CHINA, None), ("444455556666", None), ("", None)],
)
def test_a_whole_arn_is_taken_apart_where_both_fields_can_say_it(typed, found):
    assert parts(typed) == found
