"""The page of hostile and unlucky cases: which test proves which row.

A row is a letter and a number: A before TLS, B at the boundary, C TLS, D signing in, E answers of an IMAP server,
F arguments of users, G SMTP, H POP3, I threads and shutdown, J content and logs. `ROWS` names what is to happen
and the tests that show it, as file and test; `LATER` says why a row, or part of one, has no test yet.
`test_hostile_rows` sees to it that no row is missing and that every test named here exists.
"""

from __future__ import annotations

from typing import Final

__all__ = ["LATER", "ROWS", "SIZES"]

SIZES: Final = {"A": 13, "B": 9, "C": 5, "D": 8, "E": 22, "F": 9, "G": 11, "H": 7, "I": 12, "J": 6}

_SECURITY: Final = "clients/test_hostile_security.py::"
_SIGN_IN: Final = "clients/test_hostile_signin.py::"
_ANSWERS: Final = "clients/test_hostile_answers.py::"
_CHANGING: Final = "clients/test_hostile_changing.py::"
_SERVER: Final = "clients/test_server_operations.py::"
_INPUT: Final = "clients/test_bad_input.py::"
_SECRETS: Final = "clients/test_secrets.py::"
_THREADS: Final = "clients/test_hostile_threads.py::"
_LIFE: Final = "clients/test_lifecycle.py::"
_LIMITS: Final = "clients/test_limits.py::"
_POOL: Final = "engine/test_pool.py::"
_TRANSPORT: Final = "engine/test_transport.py::"
_WIRE: Final = "wire/test_imap_hostile.py::"
_PARSER: Final = "wire/test_imap_parser.py::"
_SMTP_CLIENT: Final = "clients/test_smtp_client.py::"
_SMTP_WIRE: Final = "wire/test_smtp.py::"
_SMTP_SIGN_IN: Final = "clients/test_smtp_signin.py::"
_SMTP_FAULTS: Final = "clients/test_smtp_faults.py::"
_SMTP_EXTENSIONS: Final = "clients/test_smtp_extensions.py::"
_SASL: Final = "wire/test_sasl.py::"
_SCRAM: Final = "wire/test_scram.py::"
_STRINGS: Final = "wire/test_imap_strings.py::"
_MODELS: Final = "test_imap_models.py::"
_SIGNATURES: Final = "test_signatures.py::"
_MIME: Final = "mime/"
_POP3: Final = "clients/test_pop3_client.py::"
_POP3_WIRE: Final = "wire/test_pop3.py::"

_EXTENSIONS: Final = "clients/test_extensions.py::"
_COMPRESSION: Final = "engine/test_compression.py::"
_POISON: Final = _ANSWERS + "test_H_E7_E10_E19_E20_E21_a_broken_connection_is_never_used_again"

ROWS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    # Every fault during STARTTLS is a SecurityError here; a RemoteProtocolError behind it is its cause.
    "A1": ("STARTTLS is not offered", (_SECURITY + "test_H_A1_starttls_not_offered",)),
    "A2": (
        "STARTTLS is refused",
        (
            _SECURITY + "test_H_A2_starttls_refused",
            _SMTP_CLIENT + "test_H_A2_without_TLS_nothing_secret_is_sent",
        ),
    ),
    "A3": ("STARTTLS is answered by something else", (_SECURITY + "test_H_A3_starttls_answered_by_something_else",)),
    "A4": (
        "no capabilities, or old ones",
        (
            _SECURITY + "test_H_A4_no_capabilities_or_old_ones",
            _SMTP_CLIENT + "test_H_A4_a_server_without_EHLO_is_no_server_for_TLS",
        ),
    ),
    "A5": (
        "PREAUTH in the clear",
        (
            _SECURITY + "test_H_A5_preauth_in_the_clear",
            _SECURITY + "test_H_A5_preauth_in_the_clear_on_loopback_is_for_those_who_allow_it",
        ),
    ),
    "A6": ("PREAUTH under TLS", (_SECURITY + "test_H_A6_preauth_under_tls_is_for_those_who_allow_it",)),
    "A7": ("a greeting that is none", (_SECURITY + "test_H_A7_greetings_that_are_none",)),
    "A8": (
        "BYE as greeting",
        (
            _SECURITY + "test_H_A8_bye_greetings",
            _SECURITY + "test_H_A8_bye_greetings_for_limits_wait_for_a_place",
        ),
    ),
    "A9": (
        "credentials and the clear",
        (
            _SECURITY + "test_H_A9_no_credentials_in_the_clear_whatever_is_offered",
            _SECURITY + "test_a_password_goes_out_in_the_clear_to_loopback_or_where_that_is_meant",
        ),
    ),
    "A10": (
        "the wrong kind of port",
        (
            _SECURITY + "test_H_A10_a_server_in_the_clear_on_a_tls_port",
            _SECURITY + "test_H_A10_a_tls_server_on_a_port_that_begins_in_the_clear",
        ),
    ),
    "A11": ("referrals", (_SECURITY + "test_H_A11_referrals_are_told_and_never_followed",)),
    "A12": ("texts in the clear", (_SECURITY + "test_H_A12_texts_in_the_clear_are_escaped_and_marked",)),
    "A13": ("a greeting byte by byte", (_SECURITY + "test_H_A13_a_greeting_that_never_ends",)),
    "B1": (
        "bytes behind the answer to STARTTLS",
        (
            _SECURITY + "test_H_B1_bytes_behind_the_answer_to_starttls",
            _SMTP_CLIENT + "test_H_B1_what_comes_between_STARTTLS_and_TLS_is_an_attack",
        ),
    ),
    "B2": (
        "data said in the clear",
        (
            _SECURITY + "test_H_B2_B3_nothing_said_in_the_clear_survives",
            _EXTENSIONS + "test_H_B2_E20_bytes_before_the_compressed_stream_are_refused",
        ),
    ),
    "B3": ("capabilities said in the clear", (_SECURITY + "test_H_B2_B3_nothing_said_in_the_clear_survives",)),
    "B4": ("EHLO in the clear", (_SMTP_CLIENT + "test_H_B4_what_was_offered_in_the_clear_is_forgotten",)),
    "B5": (
        "an early or foreign tag",
        (
            _SECURITY + "test_H_B5_a_tag_that_was_never_issued",
            _SECURITY + "test_H_B5_the_answer_to_another_command_is_none",
        ),
    ),
    "B6": ("two results of one command", (_SECURITY + "test_H_B6_two_results_of_one_command",)),
    "B7": (
        "a handshake that fails or stalls",
        (_SECURITY + "test_H_B7_a_handshake_that_fails", _SECURITY + "test_H_B7_a_handshake_that_stalls"),
    ),
    "B8": (
        "floods in the clear",
        (
            _SECURITY + "test_H_B8_the_clear_phase_has_a_small_budget",
            _PARSER + "test_clear_phase_budget",
            _PARSER + "test_clear_phase_budget_counts_announced_literals",
        ),
    ),
    "B9": (
        "nothing before TLS is up",
        (
            _SECURITY + "test_H_B9_nothing_is_sent_until_tls_is_up",
            _EXTENSIONS + "test_H_B9_all_goes_through_the_compressed_stream",
        ),
    ),
    "C1": (
        "bad certificates",
        (
            _SECURITY + "test_H_C1_certificates_that_are_not_good",
            _TRANSPORT + "test_H_C1_a_wrong_certificate_is_refused_with_its_reason",
        ),
    ),
    "C2": ("another certificate", (_SECURITY + "test_H_C2_each_connection_is_verified_on_its_own",)),
    "C3": ("old versions of TLS", (_SECURITY + "test_H_C3_old_versions_of_tls_are_refused",)),
    "C4": ("a cut inside a literal", (_SECURITY + "test_H_C4_cut_inside_a_literal",)),
    "C5": ("a context of the user's", (_SECURITY + "test_H_C5_a_context_of_the_users_own_is_used_as_it_is",)),
    "D1": (
        "no downgrade",
        (
            _SIGN_IN + "test_H_D1_a_token_is_never_replaced_by_a_password",
            _SIGN_IN + "test_H_D1_login_is_not_used_where_it_is_disabled",
        ),
    ),
    "D2": (
        "SCRAM",
        (
            _SCRAM + "test_H_D2_a_first_message_that_SCRAM_does_not_allow",
            _SCRAM + "test_H_D2_iterations_are_bounded_before_anything_is_derived",
            _SCRAM + "test_H_D2_a_server_that_does_not_know_the_password_is_found_out",
            _SCRAM + "test_H_D2_a_server_that_says_yes_too_early_is_found_out",
            _SMTP_SIGN_IN + "test_H_D2_a_server_that_does_not_know_the_password_is_not_believed",
        ),
    ),
    "D3": (
        "challenges without sense or end",
        (
            _SIGN_IN + "test_H_D3_challenges_that_make_no_sense",
            _SIGN_IN + "test_H_D3_challenges_for_ever",
            _SIGN_IN + "test_H_D3_a_success_after_the_exchange_was_cancelled_counts_for_nothing",
            _SASL + "test_H_D3_length_and_rounds_are_limited",
            _SMTP_SIGN_IN + "test_H_D3_an_exchange_that_makes_no_sense_is_cancelled",
            _SMTP_SIGN_IN + "test_H_D3_challenges_without_end_are_cancelled",
        ),
    ),
    "D4": (
        "error challenges",
        (
            _SIGN_IN + "test_H_D4_error_challenges",
            _SASL + "test_H_D4_error_challenges",
            _SMTP_SIGN_IN + "test_H_D4_the_status_of_a_refused_token_is_told_and_the_token_is_not",
        ),
    ),
    "D5": (
        "tokens with controls",
        (
            _SIGN_IN + "test_H_D5_tokens_that_would_end_their_field",
            _SASL + "test_H_D5_control_characters_are_refused",
        ),
    ),
    "D6": (
        "limits at sign-in",
        (
            _SIGN_IN + "test_H_D6_too_many_connections_are_no_wrong_password",
            _SMTP_SIGN_IN + "test_L1_an_AUTH_that_is_put_off_is_tried_again_and_is_no_wrong_password",
        ),
    ),
    "D7": (
        "one try for all",
        (
            _SIGN_IN + "test_H_D7_one_wrong_password_is_tried_once_for_all_who_wait",
            _SMTP_SIGN_IN + "test_L2_a_wrong_password_is_asked_for_once_whoever_waits",
        ),
    ),
    "D8": (
        "token providers",
        (
            _SIGN_IN + "test_H_D8_a_provider_that_raises",
            _SIGN_IN + "test_H_D8_a_provider_that_gives_no_token",
            _SIGN_IN + "test_H_D8_a_provider_that_blocks",
        ),
    ),
    "E1": (
        "nesting",
        (
            _WIRE + "test_H_E1_nesting_is_limited_without_recursion",
            _POISON,
            _SERVER + "test_H_E1_E8_namespaces_that_cannot_be_read_cost_the_connection",
        ),
    ),
    "E2": (
        "sizes of literals",
        (_WIRE + "test_H_E2_bad_literal_sizes", _WIRE + "test_H_E2_good_literal_sizes", _POISON),
    ),
    "E3": ("literals over the limit", (_ANSWERS + "test_H_E3_a_literal_over_the_limit_leaves_no_file",)),
    "E4": (
        "literals cut short",
        (
            _ANSWERS + "test_H_E4_a_literal_that_never_ends_is_cut_off_by_the_deadline",
            _ANSWERS + "test_H_E4_a_connection_that_ends_inside_a_literal",
            _WIRE + "test_H_E4_a_short_literal_is_never_complete",
        ),
    ),
    "E5": ("lines without end", (_WIRE + "test_H_E5_a_line_without_end",)),
    "E6": (
        "answers without end",
        (
            _ANSWERS + "test_H_E6_messages_without_end",
            _ANSWERS + "test_H_E6_answers_without_end",
            _ANSWERS + "test_H_E6_items_beside_those_that_were_asked_for_are_not_kept",
            _WIRE + "test_H_E6_work_grows_with_the_input_only",
            _SERVER + "test_H_E6_a_flood_of_quotas_ends",
        ),
    ),
    "E7": (
        "odd bytes in text",
        (
            _POISON,
            _ANSWERS + "test_H_E7_J5_server_text_is_printable",
            _WIRE + "test_H_E7_bare_line_ends_and_nul_in_data",
            _WIRE + "test_H_E7_odd_bytes_in_status_text",
        ),
    ),
    "E8": (
        "structures of the wrong shape",
        (
            _WIRE + "test_H_E8_an_envelope_of_any_shape_has_ten_fields",
            _WIRE + "test_H_E8_a_body_structure_of_any_shape_is_read",
            _MODELS + "test_H_E8_odd_envelopes_give_none_or_empty",
            _SERVER + "test_H_E8_quotas_that_cannot_be_read_cost_the_connection",
            _SERVER + "test_H_E8_an_ID_that_cannot_be_read_costs_the_connection",
        ),
    ),
    "E9": (
        "unasked, missing and surplus messages",
        (
            _ANSWERS + "test_H_E9_unasked_missing_and_surplus",
            _ANSWERS + "test_H_E9_a_file_gets_the_one_message_that_was_asked_for",
            _ANSWERS + "test_H_E9_a_body_need_not_be_a_literal",
            _SERVER + "test_H_E9_quotas_of_other_roots_and_folders_count_for_nobody",
        ),
    ),
    "E10": (
        "numbers out of range",
        (
            _POISON,
            _ANSWERS + "test_H_E10_E11_numbers_that_would_take_all_memory",
            _WIRE + "test_H_E10_uids_and_numbers_out_of_range",
            _EXTENSIONS + "test_H_E10_messages_vanish_while_numbers_are_on_the_wire",
        ),
    ),
    "E11": (
        "sets of millions",
        (
            _ANSWERS + "test_H_E10_E11_numbers_that_would_take_all_memory",
            _WIRE + "test_H_E11_the_widest_set_is_never_expanded",
            _EXTENSIONS + "test_H_E11_more_messages_vanish_than_there_are",
        ),
    ),
    "E12": (
        "another UIDVALIDITY",
        (
            _ANSWERS + "test_H_E12_another_uidvalidity_on_reselect",
            _ANSWERS + "test_H_E12_a_folder_that_is_gone_on_reselect",
        ),
    ),
    "E13": (
        "EXPUNGE and sequence numbers",
        ("wire/test_imap_tables.py::test_H_E13_sequence_numbers_never_meet_an_expunge",),
    ),
    "E14": (
        "BYE in the middle",
        (
            _ANSWERS + "test_H_E14_bye_in_the_middle_of_a_command",
            _ANSWERS + "test_H_E14_what_was_answered_before_bye_is_answered",
            _ANSWERS + "test_H_E14_bye_belongs_to_logout",
        ),
    ),
    "E15": ("READ-ONLY", (_ANSWERS + "test_H_E15_read_only_although_writing_was_asked_for",)),
    "E16": (
        "odd folder names",
        (
            _WIRE + "test_H_E16_odd_folder_names_keep_their_bytes",
            _WIRE + "test_H_E16_odd_delimiters",
            _INPUT + "test_H_F3_folders_with_controls_that_list_returned_work",
        ),
    ),
    "E17": (
        "odd dates and flags",
        (
            _WIRE + "test_H_E17_invalid_dates_stay_raw",
            _WIRE + "test_H_E17_flags_of_any_kind",
            _MODELS + "test_H_E17_invalid_internal_dates_are_none",
            _MODELS + "test_H_E17_ten_thousand_flags",
        ),
    ),
    "E18": (
        "floods that nobody asked for",
        (
            _ANSWERS + "test_H_E18_what_nobody_asked_for_extends_no_deadline",
            _ANSWERS + "test_H_E18_a_flood_between_commands",
        ),
    ),
    "E19": ("a continuation for nobody", (_POISON,)),
    "E20": (
        "extensions not asked for, compressed bombs",
        (
            _POISON,
            _SERVER + "test_H_E20_an_extension_that_comes_unasked_costs_the_connection",
            _EXTENSIONS + "test_H_E20_only_what_was_asked_for_may_be_enabled",
            _EXTENSIONS + "test_H_B2_E20_bytes_before_the_compressed_stream_are_refused",
            _EXTENSIONS + "test_H_E20_a_broken_stream_costs_its_connection_only",
            _EXTENSIONS + "test_H_E20_a_bomb_costs_its_connection_and_no_memory",
            _COMPRESSION + "test_H_E20_no_more_is_inflated_than_there_is_room_for",
            _COMPRESSION + "test_H_E20_a_broken_stream_is_an_error_of_the_server",
            _COMPRESSION + "test_H_E20_emptiness_without_end_is_refused",
        ),
    ),
    "E21": (
        "foreign tags",
        (
            _POISON,
            _ANSWERS + "test_H_E21_a_tag_in_lower_case",
            _ANSWERS + "test_H_E21_tasks_go_elsewhere_when_one_connection_is_poisoned",
        ),
    ),
    "E22": (
        "answers in pieces",
        (
            _ANSWERS + "test_H_E22_results_do_not_depend_on_how_answers_are_split",
            _ANSWERS + "test_H_E22_an_answer_counts_whether_or_not_the_fault_behind_it_came_in_the_same_read",
            _WIRE + "test_H_E22_split_at_every_byte",
        ),
    ),
    "F1": (
        "line ends in arguments",
        (
            _INPUT + "test_H_F1_line_ends_in_any_argument_send_nothing",
            _INPUT + "test_H_F1_line_ends_in_any_setting_send_nothing",
            _STRINGS + "test_H_F1_line_ends_nul_and_surrogates_are_refused",
        ),
    ),
    "F2": (
        "syntax as data",
        (
            _INPUT + "test_H_F2_F3_F4_folder_names_arrive_as_data",
            _INPUT + "test_H_F2_F4_names_and_passwords_arrive_as_data",
        ),
    ),
    "F3": ("controls in folder names", (_INPUT + "test_H_F3_folders_with_controls_that_list_returned_work",)),
    "F4": (
        "text beyond ASCII",
        (
            _INPUT + "test_H_F4_search_text_beyond_ascii_is_sent_as_a_literal",
            _INPUT + "test_H_F2_F4_names_and_passwords_arrive_as_data",
            _STRINGS + "test_H_F4_text_beyond_ascii",
            _EXTENSIONS + "test_H_F4_search_names_no_charset_where_all_is_utf8",
        ),
    ),
    "F5": (
        "what looks like a literal",
        (
            _INPUT + "test_H_F5_a_search_term_that_looks_like_a_literal_is_quoted",
            _EXTENSIONS + "test_H_F5_a_literal_waits_for_the_server_unless_it_takes_that_size",
        ),
    ),
    "F6": (
        "wrong types",
        (
            _INPUT + "test_H_F6_wrong_arguments_are_refused_at_once",
            _MODELS + "test_H_F6_text_that_is_no_flag_is_refused",
        ),
    ),
    "F7": (
        "a hundred thousand ids",
        (
            _INPUT + "test_H_F7_a_hundred_thousand_ids_in_commands_that_servers_take",
            _CHANGING + "test_H_F7_a_refusal_in_the_middle_says_what_is_done",
            _CHANGING + "test_H_F7_ten_thousand_messages_go_in_few_commands",
            _MODELS + "test_H_F7_a_hundred_thousand_ids",
        ),
    ),
    "F8": ("what is appended", (_INPUT + "test_H_F8_an_appended_message_is_normalised_once_and_counted_afterwards",)),
    "F9": ("refused literals", (_INPUT + "test_H_F9_a_refused_literal_leaves_the_connection_in_step",)),
    "G1": (
        "line ends in addresses",
        (
            _SMTP_WIRE + "test_H_G1_what_is_no_address_is_refused",
            _SMTP_WIRE + "test_H_G1_no_address_carries_a_second_command",
            _SMTP_WIRE + "test_H_G1_a_name_that_is_no_host_is_refused",
            _SMTP_CLIENT + "test_H_G1_bad_input_is_refused_before_any_byte",
            _SMTP_CLIENT + "test_H_G1_whatever_a_name_is_no_second_command_leaves_the_client",
            _SMTP_EXTENSIONS + "test_H_G1_a_message_id_that_no_parameter_carries_is_left_out",
        ),
    ),
    "G2": (
        "newlines in headers, Bcc",
        (
            _MIME + "test_built_messages.py::test_H_G2_header_values_with_newlines_are_refused",
            _MIME + "test_built_messages.py::test_H_G2_bcc_is_left_out_for_sending",
            _SMTP_CLIENT + "test_forward_sends_the_bytes_as_they_are_to_others",
        ),
    ),
    "G3": (
        "line ends and dots in a body",
        (
            _SMTP_WIRE + "test_H_G3_only_one_final_dot_is_sent",
            _SMTP_WIRE + "test_H_G3_whatever_is_in_a_message_it_arrives_and_nothing_else",
            _SMTP_CLIENT + "test_H_G3_no_command_is_smuggled",
            _SMTP_CLIENT + "test_H_G3_what_arrives_is_what_was_sent_whatever_it_is",
        ),
    ),
    "G4": (
        "what the server cannot carry",
        (
            _SMTP_CLIENT + "test_H_G4_what_the_server_cannot_carry_is_refused_before_anything_is_sent",
            _SMTP_EXTENSIONS + "test_H_G4_what_is_named_is_what_the_content_needs",
        ),
    ),
    "G5": (
        "refused recipients",
        (
            _SMTP_CLIENT + "test_H_G5_some_recipients_refused_are_told_with_those_who_have_the_message",
            _SMTP_CLIENT + "test_H_G5_when_all_recipients_are_refused_nothing_is_sent",
            _SMTP_CLIENT + "test_H_G5_a_server_that_lets_data_come_for_nobody_gets_a_lone_dot",
            _SMTP_FAULTS + "test_H_G5_every_refused_recipient_is_told_and_the_others_have_the_message",
        ),
    ),
    "G6": (
        "lost after the final dot",
        (
            _SMTP_CLIENT + "test_H_G6_a_connection_lost_after_the_end_is_an_unknown_outcome_and_no_second_message",
            _SMTP_FAULTS + "test_H_G6_of_several_messages_the_error_says_which_were_sent",
        ),
    ),
    "G7": (
        "421 at any point",
        (
            _SMTP_CLIENT + "test_H_G7_a_connection_that_ends_before_the_content_is_made_again",
            _SMTP_CLIENT + "test_H_G7_a_421_to_the_whole_message_is_a_refusal",
            _SMTP_CLIENT + "test_H_G7_a_refused_RSET_closes_the_session_and_keeps_the_refusal",
            _SMTP_FAULTS + "test_L1_a_421_before_any_message_is_a_matter_for_the_pool",
            _SMTP_FAULTS + "test_L1_a_421_after_messages_lowers_nothing",
        ),
    ),
    "G8": ("replies that are none", (_SMTP_WIRE + "test_H_G8_what_is_no_reply_is_an_error_from_then_on",)),
    "G9": (
        "replies too many or too few",
        (
            _SMTP_CLIENT + "test_H_G9_a_reply_too_many_ends_the_session",
            _SMTP_CLIENT + "test_H_G9_with_a_reply_too_few_nothing_is_sent",
            _SMTP_FAULTS + "test_H_G9_a_reply_that_waits_for_more_where_nothing_follows_costs_the_connection",
        ),
    ),
    "G10": (
        "SIZE",
        (
            _SMTP_WIRE + "test_H_G10_a_size_that_makes_no_sense_is_ignored",
            _SMTP_CLIENT + "test_H_G10_a_message_beyond_the_size_limit_is_not_sent",
            _SMTP_CLIENT + "test_H_G10_a_limit_that_is_none_is_ignored",
            _SMTP_EXTENSIONS + "test_H_G10_the_size_is_counted_as_it_is_sent",
        ),
    ),
    "G11": ("250 to DATA", (_SMTP_CLIENT + "test_H_G11_no_content_is_sent_without_354",)),
    "H1": (
        "POP3 texts and lines without end",
        (
            _POP3_WIRE + "test_H_H1_a_line_without_an_end_is_given_up",
            _POP3_WIRE + "test_H_H1_bytes_are_looked_at_once_however_they_come",
            _POP3 + "test_H_H1_a_message_without_an_end_runs_out_of_time",
            _POP3 + "test_H_H1_a_text_beyond_the_limit_costs_the_connection",
        ),
    ),
    "H2": ("a POP3 greeting that goes on", (_POP3 + "test_H_H2_a_greeting_that_goes_on_is_an_error",)),
    "H3": (
        "lines that begin with dots",
        (
            _POP3_WIRE + "test_H_H3_dots_are_taken_away_once_and_exactly",
            _POP3_WIRE + "test_H_H3_random_texts_come_through_in_random_pieces",
        ),
    ),
    "H4": (
        "listings that cannot be",
        (
            _POP3_WIRE + "test_H_H4_a_size_that_is_none_is_an_error_that_names_the_line",
            _POP3_WIRE + "test_H_H4_numbers_and_ids_do_not_come_twice",
            _POP3 + "test_H_H4_listings_that_cannot_be_are_errors",
        ),
    ),
    "H5": (
        "APOP",
        (
            _POP3_WIRE + "test_H_H5_timestamps_are_found_in_linear_time",
            _POP3 + "test_H_H5_APOP_is_off_until_it_is_allowed",
        ),
    ),
    "H6": (
        "a connection lost before QUIT",
        (
            _POP3 + "test_H_H6_deletions_of_a_lost_session_are_reported_as_not_made",
            _POP3 + "test_H_H6_a_deletion_whose_answer_is_lost_was_not_made",
            _POP3 + "test_H_H6_a_commit_whose_answer_is_lost_has_an_unknown_outcome",
        ),
    ),
    "H7": ("limits of POP3 servers", (_POP3 + "test_H_H7_limits_are_tried_again_until_the_time_is_over",)),
    "I1": ("fifty threads on one connection", (_THREADS + "test_H_I1_fifty_threads_share_one_connection",)),
    "I2": (
        "callbacks that raise or do not return",
        (
            _THREADS + "test_H_I2_whatever_a_callback_raises_harms_nothing",
            _THREADS + "test_H_I2_callbacks_that_do_not_return_hold_up_no_other",
        ),
    ),
    "I3": ("callbacks that call", (_THREADS + "test_H_I3_a_callback_may_call_anything",)),
    "I4": (
        "ending twice, and what is not one's own",
        (
            _THREADS + "test_H_I4_a_handle_is_ended_by_many_threads_alike",
            _INPUT + "test_ending_what_is_not_ones_own",
        ),
    ),
    "I5": (
        "cancelling",
        (
            _THREADS + "test_H_I5_cancelling_gives_one_outcome",
            _THREADS + "test_H_I5_cancelling_races_with_completion",
        ),
    ),
    "I6": (
        "disposing with work queued and servers silent",
        (
            _LIFE + "test_C9_I6_silent_server_does_not_hold_dispose_up",
            _LIFE + "test_C9_queued_end_as_cancelled_and_running_get_their_time",
            _TRANSPORT + "test_C9_dispose_ends_an_opening_that_hangs",
        ),
    ),
    "I7": (
        "never disposed",
        (
            _LIFE + "test_C9_I7_forgotten_dispose_does_not_hold_the_exit_up",
            _LIFE + "test_C9_I7_silent_server_does_not_hold_the_exit_up",
        ),
    ),
    "I8": ("connections that die apart", (_THREADS + "test_H_I8_main_and_extra_connections_die_apart",)),
    "I9": ("idle connections that are dropped", (_THREADS + "test_H_I9_a_server_that_drops_every_idle_connection",)),
    "I10": (
        "a place handed over too late",
        (
            _POOL + "test_I10_interrupted_waiter_passes_its_place_on",
            _POOL + "test_I10_acquire_that_is_interrupted_loses_nothing",
        ),
    ),
    "I11": ("fork", (_LIFE + "test_C10_I11_forked_child_writes_nothing_and_calls_raise",)),
    "I12": ("clock jumps", (_THREADS + "test_H_I12_only_monotonic_time_is_used",)),
    "J1": (
        "messages that break parsers",
        (
            _ANSWERS + "test_H_J1_J2_messages_that_break_parsers_are_fetched_all_the_same",
            _MIME + "test_parts.py::test_H_J1_any_bytes_are_a_message",
            _MIME + "test_hostile_input.py::test_H_J1_crafted_addresses_take_linear_time",
            _MIME + "test_parts.py::test_H_J1_nesting_and_number_of_parts_are_limited",
        ),
    ),
    "J2": (
        "one bad message among many",
        (
            _ANSWERS + "test_H_J2_one_message_that_cannot_be_sent_spoils_no_other",
            _MIME + "test_received_messages.py::test_H_J2_one_bad_message_among_many_is_its_own_trouble",
        ),
    ),
    "J3": (
        "names of attachments",
        (
            _MIME + "test_file_names.py::test_H_J3_names_are_made_safe",
            _MIME + "test_attachments.py::test_H_J3_saving_stays_in_the_directory_and_overwrites_nothing",
        ),
    ),
    "J4": (
        "secrets in logs",
        (
            _SECRETS + "test_H_J4_the_log_tells_what_was_sent_and_answered_without_secrets",
            _SECRETS + "test_H_J4_a_refused_sign_in_shows_no_secret",
            _SIGN_IN + "test_H_D4_J4_a_server_that_repeats_the_credentials",
            _SMTP_SIGN_IN + "test_every_mechanism_signs_in_and_tells_no_secret",
        ),
    ),
    "J5": ("server text in logs", (_ANSWERS + "test_H_E7_J5_server_text_is_printable",)),
    "J6": (
        "tracebacks with local variables",
        (
            _SECRETS + "test_H_J6_tracebacks_with_local_variables_show_no_secret",
            _SECRETS + "test_H_J6_no_object_of_ours_shows_a_secret",
            _SASL + "test_H_J6_secrets_do_not_show",
        ),
    ),
}


LATER: Final[dict[str, str]] = {}
