"""Cases in which words or decisions were wrong, and the tests that each has now.

The cases are those of the trials that found them: bug reports, foreign tables, and the first steps of a new user.
"""

from __future__ import annotations

import pytest

from tests.architecture.held_by import missing

DEFAULT = "integration/cli/test_default.py"
REFRESH = "integration/refresh/test_refresh.py"
OWNERSHIP = "integration/credentials_file/test_ownership.py"
REMEDIES = "integration/cli/test_remedies.py"
REMEDY = f"{REMEDIES}::test_the_remedy_of_a_refresh_helps"
OUTPUTS = "contract/test_table_of_process_outputs.py::test_output"
MISTAKES = "property/test_foreseeable_mistakes.py::test_a_failure_is_one_sentence_with_a_remedy"
FOUND_BY_DOCTOR = (
    "property/test_foreseeable_mistakes.py::test_doctor_finds_what_is_wrong_in_the_files_before_a_refresh_does"
)
DOCTOR = "unit/doctor/test_setting_checks.py"
FAULTS = "unit/config/test_loader_faults.py::test_a_fault_is_reported_with_line_and_remedy"
VARIABLES = "unit/usecases/test_shell_variables.py"
FILES = "integration/credentials_file/test_filesystem.py"
CASES = {
    "a switch that AWS refuses, or that waits for a code or a sign-in": (
        f"{DEFAULT}::test_after_a_switch_that_aws_refuses_the_default_on_file_is_the_one_that_is_named",
        (
            "desktop/test_default_waits.py"
            "::test_each_message_names_the_default_on_file_and_what_the_other_role_waits_for"
        ),
    ),
    "the note on the region of default, after a switch that waited": (
        "integration/cli/test_region.py::test_a_region_of_the_users_own_is_kept_and_the_one_in_effect_is_reported",
        "unit/lifecycle/test_status_default.py::test_the_region_of_default_is_that_of_the_role_that_it_is",
    ),
    "a default profile that AWS tools take from ~/.aws/config": (
        f"{DEFAULT}::test_a_default_that_aws_tools_would_ignore_is_refused_with_line_and_way_out",
        f"{DEFAULT}::test_when_such_settings_come_later_no_role_is_the_default",
        f"{DEFAULT}::test_a_role_that_names_default_as_its_own_profile_is_refused_by_every_command",
        f"{DEFAULT}::test_a_role_whose_own_profile_gets_such_settings_later_is_not_shown_as_fresh",
    ),
    "once, while another process holds the lock": (
        f"{REFRESH}::test_nothing_is_called_written_while_the_file_is_locked",
    ),
    "a session whose key id looks long-term": (
        f"{REFRESH}::test_a_session_whose_key_resembles_a_long_term_one_is_served_each_time",
        f"{OWNERSHIP}::test_a_session_whose_key_resembles_a_long_term_one_is_ours_if_we_wrote_it",
    ),
    "a session of another tool in our section": (
        f"{OWNERSHIP}::test_a_session_that_another_program_puts_into_our_section_is_left_and_reported",
        f"{REFRESH}::test_a_session_that_another_program_wrote_is_not_handed_out_as_the_roles",
        "unit/lifecycle/test_alerts.py::test_a_session_that_another_program_wrote_is_reported_at_once",
    ),
    "an Expiration without a zone, in the past, or that is a number": (OUTPUTS, MISTAKES),
    "a command that is empty": ("contract/test_table_of_process_outputs.py::test_command", MISTAKES),
    "settings that botocore cannot use": (REMEDY, MISTAKES, FOUND_BY_DOCTOR),
    "an invalid address of STS": (REMEDY, MISTAKES, FOUND_BY_DOCTOR),
    "an invalid region": (
        REMEDY,
        "unit/doctor/test_role_checks.py::test_an_invalid_or_unknown_region_of_the_configuration",
        f"{DOCTOR}::test_a_region_that_nobody_knows_yet_is_only_noted",
        "integration/cli/test_table_of_command_remedies.py::test_the_suggested_command_works",
    ),
    "headers that AWS tools do not take for a profile": (
        "unit/doctor/test_checks.py::test_a_header_has_one_finding_and_its_remedy_ends_it",
        "unit/doctor/test_profile_checks.py::test_the_header_that_is_named_makes_a_section_known",
    ),
    "a role whose source is its own profile": (
        "unit/doctor/test_profile_checks.py::test_a_role_whose_source_is_its_own_profile_uses_the_keys_of_that_profile",
    ),
    "what doctor did not see": (
        f"{DOCTOR}::test_the_remedy_of_a_finding_ends_it",
        "unit/process/programs/test_app_path.py::test_what_keeps_a_command_from_being_run",
        FOUND_BY_DOCTOR,
    ),
    "an invalid mfa_serial": (
        "contract/test_table_of_setting_remedies.py::test_a_remedy_that_is_carried_out_leaves_nothing_to_find",
        "contract/test_table_of_configuration_remedies.py::test_a_remedy_that_is_carried_out_leaves_nothing_to_find",
    ),
    "a bundle of certificates that is not there": (
        f"{REMEDIES}::test_a_bundle_of_certificates_that_is_not_there",
        f"{DOCTOR}::test_variables_that_no_call_can_work_with",
    ),
    "a comment behind the region of a sign-in": (f"{REMEDIES}::test_the_region_of_a_sign_in_that_cannot_exist",),
    "an empty variable of an AWS file": (
        f"{REMEDIES}::test_an_empty_variable_of_a_file_counts_as_none",
        "unit/state/test_paths.py::test_empty_variables_count_as_unset",
    ),
    "an invalid token of a program": (
        OUTPUTS,
        "unit/aws/test_usable_credentials.py::test_what_cannot_is_refused_in_words_that_quote_nothing",
    ),
    "a web identity token that is empty for a moment": (
        "integration/cli/test_token_file_remedies.py::test_a_token_file_that_is_empty_for_a_moment_is_retried",
    ),
    "a program that only a terminal finds": (
        f"{REMEDIES}::test_a_program_that_only_the_login_shell_finds",
        "unit/process/programs/test_app_path.py::test_a_program_that_only_this_terminal_finds",
    ),
    "exec without dashes": (f"{REMEDIES}::test_an_exec_without_dashes_names_the_command_that_runs",),
    "a number with a unit beside static keys": (REMEDY,),
    "AWS files that are folders, links to nothing, or in what is no folder": (
        f"{REMEDIES}::test_a_credentials_file_that_is_a_folder",
        f"{REMEDIES}::test_a_credentials_file_whose_volume_is_not_mounted",
        f"{REMEDIES}::test_a_file_in_place_of_the_folder",
        "integration/cli/test_trouble_over.py::test_a_volume_that_is_mounted_again_is_seen_at_once",
    ),
    "a credentials file that was deleted while the app runs": (
        "integration/faults/test_held_up_file.py::test_a_file_that_was_deleted_is_called_missing",
        (
            "integration/credentials_file/test_late_writes.py"
            "::test_while_sections_are_awaited_it_says_what_is_gone_and_then_keeps_its_promise"
        ),
    ),
    "a role of a sign-in that has never been": (
        "integration/sso/test_table_of_states.py::test_state_of_the_token",
        (
            "unit/lifecycle/follow_ups/test_prompts.py"
            "::test_the_user_s_own_click_opens_the_sign_in_that_the_role_needs_once"
        ),
    ),
    "503 of STS": (
        "integration/sts/test_table_of_codes.py::test_refusal_in_words",
        "unit/lifecycle/test_notices.py::test_roles_that_fail_for_one_cause_share_a_notice",
    ),
    "a role that needs its user while its session is good": (
        "unit/ui/icon/test_look.py::test_a_role_that_needs_the_user_asks_for_attention_while_its_session_is_good",
    ),
    "the account of another in a child": (
        f"{VARIABLES}::test_the_account_is_set_or_taken_away_in_each_shell",
        f"{VARIABLES}::test_nothing_of_the_callers_identity_is_left_in_a_child",
        f"{OWNERSHIP}::test_the_account_comes_and_goes_with_its_session",
        f"{REFRESH}::test_a_session_serves_where_an_endpoint_needs_its_account",
    ),
    "a volume that is not mounted": (
        f"{FILES}::test_a_link_whose_volume_is_not_mounted_is_not_written_through",
        f"{FILES}::test_a_linked_folder_that_is_empty_once_its_volume_is_gone_is_not_written",
        f"{FILES}::test_a_new_process_knows_an_empty_mount_point_by_what_was_there",
    ),
    "an aws login that another tool renews at the same moment": (
        (
            "contract/test_table_of_aws_login_tokens.py"
            "::test_a_refusal_for_a_token_that_another_tool_has_just_renewed_is_no_end_of_the_sign_in"
        ),
    ),
    "a token of a sign-in without a region": (
        "contract/test_table_of_sign_in_tokens.py::test_token_of_an_sso_session",
    ),
    "roles in the middle of a chain": (f"{REMEDIES}::test_every_role_of_a_chain_has_our_session_name",),
    "sessions of 15 minutes": (
        "unit/lifecycle/test_policy.py::test_a_session_is_due_a_margin_before_expiry_and_a_little_jitter_after_that",
    ),
    "a first role without a region": (
        "unit/config/test_loader.py::test_a_role_without_a_region_takes_that_of_its_source_profile",
        "unit/doctor/test_role_checks.py::test_a_profile_of_ours_without_a_region_is_noted",
    ),
    "names that some tool cannot use": (FAULTS,),
    "notices that outlive the app": (
        "integration/notifications/test_notice_buttons.py::test_what_is_shown_goes_with_the_program",
    ),
    "a first session that is called fresh again": (
        "unit/lifecycle/test_notices.py::test_recovery_is_reported_quietly",
    ),
    "an MFA code that dialog, notice and icon ask for at once": (
        (
            "unit/lifecycle/follow_ups/test_prompts.py"
            "::test_who_is_asked_for_a_code_by_a_dialog_gets_no_notice_that_one_is_needed"
        ),
    ),
    "times in UTC beside local ones": ("unit/cli/test_output.py::test_an_end_is_in_the_users_own_time",),
}


@pytest.mark.parametrize("case", CASES)
def test_each_case_has_tests(case):
    assert missing(CASES[case]) == []
