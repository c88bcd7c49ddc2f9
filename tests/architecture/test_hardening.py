"""What once ended the app, hung it, lost something or made a storm of calls, and the tests that each case has now.

The cases are numbered as in the trial that found them. Each was seen to fail again with its fix taken out.
"""

from __future__ import annotations

import pytest

from tests.architecture.held_by import missing

CASES = {
    "H1: a Date of the year 9999 ends the engine": (
        "integration/sts/test_odd_answers.py::test_a_date_that_cannot_be_is_not_believed",
        "unit/engine/test_loop_unexpected.py::test_the_thread_outlives_whatever_a_turn_raises",
        "unit/app/test_supervisor.py::test_an_engine_that_stops_is_reported_once_and_shown",
        "unit/app/test_services.py::test_with_a_tray_a_stuck_engine_is_reported_after_a_minute",
    ),
    "H2: a first hop that drips, or a program that hangs once, holds up all roles behind it": (
        "integration/sts/test_drips.py::test_a_chained_role_with_a_slow_answer_delays_no_role_after_it",
        "integration/faults/test_hangs_once.py::test_a_port_that_hangs_once_is_given_up_freed_and_works_again",
    ),
    "H3: an empty file that a slow writer left is believed, and what it writes later is lost": (
        "integration/credentials_file/test_late_writes.py::test_a_write_is_held_back_until_the_sections_are_there_again",
        (
            "integration/credentials_file/test_late_writes.py"
            "::test_a_program_that_truncated_before_our_write_and_writes_after_it_loses_nothing"
        ),
    ),
    "H3b: a write between our read and our rename is lost": (
        (
            "integration/credentials_file/test_late_writes.py"
            "::test_a_program_that_reads_truncates_and_writes_between_our_read_and_our_rename_loses_nothing"
        ),
        (
            "integration/credentials_file/test_replacing.py"
            "::test_what_another_program_puts_there_at_the_last_moment_is_merged_at_once"
        ),
    ),
    "H4: an answer or an output without end takes gigabytes": (
        "unit/aws/test_bounded_http.py::test_a_body_without_end_of_sts_is_broken_off",
        "unit/process/test_bounded_program.py::test_an_mfa_program_that_floods_is_reported",
        "unit/process/test_bounded_program.py::test_a_credential_process_that_floods_is_reported",
    ),
    "H5: an Expiration of the year 1, or a tool that strips ours, makes a storm of calls": (
        "integration/faults/test_bad_answers.py::test_no_invalid_answer_causes_many_calls",
        "unit/lifecycle/test_plan_calls.py::test_a_tool_that_strips_the_expiry_causes_few_calls",
        "property/test_machine.py::call",
    ),
    "H6: a credential_process that fails once is never retried": (
        "integration/faults/test_programs.py::test_a_program_that_fails_once_is_retried_by_a_timer",
    ),
    "H7: a configuration of many brackets or digits ends the watch": (
        "unit/app/followers/test_config_watch.py::test_a_hostile_edit_is_reported_and_the_next_good_one_is_used",
        "unit/config/test_toml_text.py::test_what_is_beyond_a_bound_is_refused_with_its_line",
    ),
    "H8: commands fail beside a program that rewrites the file all the time": (
        "integration/cli/test_beside_a_rewriter.py::test_no_command_fails",
        "integration/cli/test_beside_a_rewriter.py::test_no_command_to_the_running_app_fails",
        "integration/faults/test_held_up_file.py::test_use_names_the_role_that_is_the_default_until_then",
    ),
    "H9: a stopped app, or a silent one, hangs commands": (
        "integration/cli/test_control.py::test_a_stopped_app_holds_no_command_up",
        (
            "integration/control/test_silent_app.py"
            "::test_a_silent_app_is_given_up_in_three_seconds_however_long_the_outcome_may_take"
        ),
    ),
    "H10: an old copy that is put back again and again is shown as fresh": (
        (
            "integration/faults/test_restored_copies.py"
            "::test_an_old_copy_that_is_put_back_six_times_in_fifteen_seconds_is_shown_as_it_is"
        ),
        "integration/credentials_file/test_settling.py::test_an_undo_is_restored_three_times_and_then_reported",
    ),
    "H11: a program whose child holds its output open is waited for": (
        "unit/process/test_bounded_program.py::test_its_end_counts_not_that_of_a_child_which_holds_its_output",
        "unit/process/test_bounded_program.py::test_of_what_programs_leave_behind_the_oldest_is_ended",
    ),
    "H12: without a HOME there is a traceback": (
        "integration/cli/test_home.py::test_no_home_is_one_sentence_and_exit_2",
    ),
    "H13: root leaves its folders in the home of a user": (
        "integration/cli/test_home.py::test_root_leaves_nothing_in_the_home_of_another",
    ),
    "H14: an invalid reply is believed": (
        "integration/control/test_silent_app.py::test_an_invalid_reply_is_reported",
        (
            "integration/control/test_silent_app.py"
            "::test_a_refusal_reaches_the_terminal_without_control_characters_and_with_a_known_exit_code"
        ),
    ),
    "H15: an answer without Credentials or with an odd Expiration is a traceback": (
        "integration/sts/test_odd_answers.py::test_a_session_that_cannot_be_used",
        "integration/sts/test_odd_answers.py::test_an_answer_without_credentials",
    ),
    "H16: a session with the id of a long-term key is written, then disowned": (
        "integration/credentials_file/test_ownership.py::test_a_session_whose_key_resembles_a_long_term_one_is_ours_if_we_wrote_it",
        "integration/refresh/test_refresh.py::test_a_session_whose_key_resembles_a_long_term_one_is_served_each_time",
    ),
    "H17: a secret of an earlier session in AWS's words is shown": (
        "unit/state/test_known_secrets.py::test_the_words_of_aws_and_the_log_are_without_them",
        ("unit/state/test_known_secrets.py::test_none_of_1000_roles_is_forgotten_before_its_session_has_expired"),
    ),
    "H18: with umask 000 others may read what we make": (
        "integration/cli/test_home.py::test_whatever_the_umask_all_that_commands_make_is_its_owners_alone",
    ),
    "H19: programs get the keys that the app was started with": (
        "unit/process/test_bounded_program.py::test_no_program_gets_credentials_from_the_environment",
        "unit/app/followers/test_hooks.py::test_the_program_gets_no_credentials_that_the_app_was_started_with",
    ),
    "H20: a menu host that asks a thousand times costs 19 ms each time": (
        "unit/ui/tray/test_dbus_menu.py::test_a_question_that_comes_again_costs_no_new_answer",
    ),
}


def test_no_case_is_left_out():
    numbers = [case.partition(":")[0] for case in CASES]
    assert numbers == ["H1", "H2", "H3", "H3b", *(f"H{number}" for number in range(4, 21))]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.partition(":")[0])
def test_each_case_has_tests(case):
    assert missing(CASES[case]) == []
