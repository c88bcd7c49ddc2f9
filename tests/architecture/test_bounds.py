"""Each bound that docs/security.md promises has a test that goes beyond it."""

from __future__ import annotations

import re

import pytest

from tests.architecture.held_by import missing
from tests.architecture.sources import ROOT, text_of

PROGRAMS = "unit/process/test_bounded_program.py"
HANGS = "integration/faults/test_hangs_once.py::test_a_port_that_hangs_once_is_given_up_freed_and_works_again"
BOUNDS = {
    "output of `mfa_process`": (
        f"{PROGRAMS}::test_an_mfa_program_that_floods_is_reported",
        f"{PROGRAMS}::test_a_credential_process_that_floods_is_reported",
    ),
    "output of `saml_process`": (
        "unit/aws/federation/test_tokens.py::test_what_is_no_token_is_reported_without_quoting_it",
        "unit/aws/federation/test_tokens.py::test_a_program_that_floods_is_ended",
    ),
    "hooks": ("unit/app/followers/test_hooks.py::test_a_program_that_hangs_is_killed_with_its_children",),
    "processes that such a program leaves": (f"{PROGRAMS}::test_of_what_programs_leave_behind_the_oldest_is_ended",),
    "an answer of STS": (
        "unit/aws/test_bounded_http.py::test_a_body_without_end_of_sts_is_broken_off",
        "unit/aws/test_bounded_http.py::test_a_slow_body_is_given_up_and_the_next_try_is_a_new_one",
        "unit/aws/test_bounded_http.py::test_clients_for_signing_in_are_bounded_too",
        "unit/aws/test_bounded_http.py::test_answers_of_iam_are_bounded_too",
    ),
    "an answer of AWS's federation endpoint": (
        "integration/cli/test_console.py::test_an_answer_without_end_is_read_no_further_than_the_bound",
        "integration/cli/test_console.py::test_a_portal_that_redirects_does_not_get_the_session",
        HANGS,
    ),
    "a list of accounts": ("integration/sso/test_odd_answers.py::test_a_list_of_accounts_without_an_end",),
    "a D-Bus message": (
        "unit/dbus/test_connection.py::test_a_message_that_is_too_large_is_left_out_and_those_around_it_arrive",
    ),
    "calls to the system's keyring": (
        "unit/state/test_keyring_store.py::test_one_that_hangs_is_waited_for_once_and_used_when_it_wakes_up",
        "unit/state/test_keyring_store.py::test_beyond_16_that_wait_behind_one_that_hangs_it_is_not_asked",
    ),
    "a dialog": (
        "unit/ui/test_dialog_program.py::test_one_that_nobody_answers_ends",
        "unit/ui/test_dialog_program.py::test_one_that_floods_is_ended_and_the_log_says_why",
    ),
    "your login shell": (
        "unit/process/programs/test_login_path.py::test_a_shell_that_takes_too_long_is_ended",
        "unit/process/programs/test_login_path.py::test_a_shell_that_floods_is_ended",
    ),
    "a browser": (
        HANGS,
        "unit/desktop/test_open_file.py::test_an_editor_that_stays_open_is_left_alone",
    ),
    "an included file": (
        "integration/team_files/test_download.py::test_what_is_too_large_is_not_read_to_its_end",
        "integration/team_files/test_download.py::test_a_silent_server_is_given_up",
        "integration/team_files/test_download.py::test_a_server_that_never_comes_to_an_end_is_given_up",
        "integration/team_files/test_download.py::test_what_a_server_may_not_do",
    ),
    "the credentials file": (
        "integration/cli/test_problems.py::test_files_that_would_block_or_are_too_large_are_refused_at_once",
        "unit/files/test_contents.py::test_a_file_that_grows_while_it_is_read_is_read_no_further_than_the_bound",
    ),
    "logsmith's": (
        "integration/cli/test_bounded_files.py::test_a_file_that_would_block_or_has_no_end_is_refused_at_once",
    ),
    "the token of a web identity": (
        "integration/cli/test_bounded_files.py::test_a_file_that_would_block_or_has_no_end_is_refused_at_once",
    ),
    "the configuration": (
        "unit/config/test_toml_text.py::test_what_is_beyond_a_bound_is_refused_with_its_line",
        "unit/config/test_toml_text.py::test_a_file_that_is_too_large_is_not_read",
    ),
    "a command to the app": (
        "integration/control/test_control_server.py::test_a_line_without_end_is_cut_off",
        "integration/control/test_silent_app.py::test_a_silent_app_is_given_up_in_three_seconds_however_long_the_outcome_may_take",
    ),
    "requests to `exec --server`": (
        ("unit/process/test_loopback_server.py::test_a_slow_client_is_closed_and_so_are_those_beyond_the_limit"),
    ),
}
"""What a row of the table begins with, and its tests."""


def rows() -> list[str]:
    page = text_of(ROOT / "docs" / "security.md")
    table = page.partition("## What is limited")[2].partition("\n\nEach process")[0]
    return re.findall(r"^\| (?!what \||-)(.+?) \|", table, re.MULTILINE)


def test_each_row_is_known_and_no_other():
    assert [next((begin for begin in BOUNDS if row.startswith(begin)), row) for row in rows()] == list(BOUNDS)


@pytest.mark.parametrize("bound", BOUNDS)
def test_each_bound_has_tests(bound):
    assert missing(BOUNDS[bound]) == []
