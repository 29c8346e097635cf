# SPDX-License-Identifier: MIT
"""The program for another processor passes a topic of the ring program, emulated: its application is this
machine's own, so that no more than the program itself is emulated. What the emulator cannot do is probed
by emulator.py, and takes out the tests that are about it.

usage: emulated.py DIRECTORY TOPIC [AT-ONCE]"""

import json
import os
import pathlib
import sys
import unittest

SKIPPED = 77  # ctest's SKIP_RETURN_CODE
MUST_RUN = os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1"
SOURCE = pathlib.Path(os.environ["LASTCALL_SOURCE_DIR"])

# What the report says is lacking where a limit is met: the tests are run with it, and know.
LACKING = {"sock_diag": "procnet", "subreaper": "no_subreaper"}

# How late a slow emulator may be.
LATE_MS = 200

# Limit -> topic -> the tests that are about just that, without their "test_".
BEYOND = {
    "sock_diag": {
        "accept_queue": """
            queue_that_a_graceful_application_resets_is_lost
            waiting_connections_hold_although_nothing_was_sent
            waiting_connections_hold_until_they_are_served
            """,
        "diagnosis": """
            idle_but_not_exiting
            nothing_to_say
            server_that_finishes_only_with_a_setting
            server_that_wants_another_signal
            server_that_was_sent_its_signal_is_not_told_of_it
            unknown_program
            version_in_a_name_does_no_harm
            """,
        "discovery": """
            application_that_changed_its_user
            application_that_changed_its_user_after_it_listened
            given_port_helps
            listener_closed_and_opened_on_another_port
            listener_opened_after_the_stop
            neighbours_are_none_of_our_business
            """,
        "drain": """
            application_that_dies_during_the_drain
            budget_ends_and_what_is_cut_is_counted
            connections_closed_after_each_answer_finish
            connections_never_used_do_not_hold
            idle_kept_connections_do_not_hold
            requests_on_both_families_of_one_socket_finish
            requests_on_ipv4_finish
            requests_on_ipv6_finish
            signal_first_tells_at_once
            two_hundred_requests_of_all_lengths_finish
            """,
        "flush": """
            application_that_answers_and_dies_of_its_signal
            reader_that_goes_away_holds_nobody
            """,
        "followed": """
            application_that_crashes_has_cut
            arrived_and_finished_are_counted
            client_that_closes_has_given_up
            client_that_resets_has_given_up
            cut_is_counted_whoever_cuts
            five_that_held_longest
            slow_reader_while_the_application_lives_is_busy
            """,
        "grace": """
            application_that_saves_has_all_the_time
            connection_that_was_never_used_does_not_keep_idleness_from_counting
            grace_that_was_given_begins_when_the_last_request_is_answered
            report_says_what_was_waited_for
            """,
        "hardship": """
            hidden_processes_of_another_user
            no_proc_and_no_ports
            no_proc_with_ports_given
            """,
        "health": """
            body_counts_idle_and_busy_connections
            """,
        "health_clients": """
            haproxy_takes_the_server_out_of_service
            """,
        "health_pages": """
            both_run_with_nothing_configured
            sixteen_descriptors_and_a_storm
            """,
        "lost_bytes": """
            drain_gives_up
            flush_gives_up
            flush_gives_up_a_closed_window
            many_readers
            reader_that_takes_part_and_resets_during_the_drain
            reader_that_takes_part_and_resets_during_the_flush
            """,
        "stop_signals": """
            system_containers_stop_with_signals_of_their_own
            """,
        "quiet": """
            a_request_that_takes_longer_no_longer_holds
            it_is_bounded_by_the_budget
            new_connections_hold
            new_requests_on_a_kept_connection_hold
            pings_that_nobody_answers_hold_for_as_long
            range_on_a_socket_of_both_families
            range_on_an_ipv4_socket
            unread_answer_is_work_however_long_nothing_moves
            without_one_new_requests_do_not_hold
            """,
    },
    "subreaper": {
        "compat": """
            tini_warns_of_each_that_it_reaps
            tini_warns_that_it_cannot_adopt
            who_adopts_is_the_same
            """,
        "duties": """
            they_come_to_us_where_we_are_not_pid_1
            without_the_subreaper_they_go_to_pid_1
            """,
        "hostile": """
            stopped_and_continued_in_each_state
            """,
    },
    "realtime": {
        "compat": """
            status_is_the_applications
            """,
        "job_control": """
            signals_are_ours_after_it_went_on
            """,
        "rewrite": """
            signal_becomes_another_one_and_zero_drops_it
            value_goes_along
            """,
        "run": """
            end_by_signal_is_128_and_the_signal
            """,
        "signals": """
            forwarded_signal_that_ends_the_application_ends_us
            storm_of_all_signals_ends_nobody_and_loses_no_queued_one
            """,
    },
    "faults": {
        "compat": """
            all_others_are_handed_on_too
            the_same_signals_are_handed_on
            """,
        "passthrough": """
            every_signal_is_forwarded_stop_signals_too
            """,
        "signals": """
            every_signal_is_forwarded_one_at_a_time
            sent_ones_are_forwarded_and_real_ones_end_us
            """,
    },
    "thread": {
        "compat": """
            application_has_the_terminal
            catatonit_gives_the_same_but_for_the_signals_that_it_leaves_blocked
            catatonit_says_what_it_does
            dumb_init_says_what_it_does
            ids_directory_descriptors_and_variables_are_the_same
            socket_activation_is_the_applications
            tini_says_what_it_does_but_never_on_standard_output
            """,
        "hardship": """
            process_limit_at_the_floor
            """,
        "idle": """
            nothing_is_done_while_nothing_happens
            open_connections_of_the_application_are_no_reason_to_wake_up
            """,
        "run": """
            no_process_may_be_made
            """,
    },
    "ignored": {
        "compat": """
            signal_mask_and_dispositions_are_handed_on
            """,
        "run": """
            ignored_sigchld_is_reset
            signal_mask_and_dispositions_are_handed_on
            """,
    },
    "pwritev2": {
        "hardship": """
            hardly_any_descriptor
            """,
    },
    "memory": {
        "hardship": """
            little_memory
            """,
    },
    "time": {
        "adversary": """
            connections_that_come_and_go_during_the_drain
            lines_without_end_on_our_own_standard_error
            probes_without_end
            two_processes_that_flood_us
            """,
        "deadline": """
            exec_in_the_way_of_the_signal
            fork_bomb_is_ended
            fork_bomb_left_behind_is_ended
            hundred_stubborn_descendants_are_all_ended
            """,
        "compat": """
            pause_ends_with_sigterm_and_sigint_alone
            """,
        "diagnosis": """
            server_that_wants_another_signal
            server_that_was_sent_its_signal_is_not_told_of_it
            unknown_program
            version_in_a_name_does_no_harm
            """,
        "events": """
            ended_connection_wakes_us
            events_are_joined_and_one_poll_is_made_before_the_application_is_signalled
            """,
        "followed": """
            arrived_and_finished_are_counted
            five_that_held_longest
            """,
        "report": """
            full_pipe_holds_nothing
            """,
        "watched": """
            hundred_ports
            """,
    },
}


def tests_of(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_of(test)
        else:
            yield test


def name_of(test):
    return test.id().rpartition(".")[2]


def run(tests):
    result = unittest.TextTestRunner(verbosity=2).run(unittest.TestSuite(tests))
    for test, reason in result.skipped:
        print(f"skipped: {test.id()}: {reason}")
    if not result.wasSuccessful() or result.testsRun == 0 or (MUST_RUN and result.skipped):
        return 1
    return SKIPPED if result.skipped else 0


def run_apart(tests):
    """In a process of its own, whose pid is returned: most tests wait, and none uses what another one does."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = run(tests)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    return pid


def main(directory, topic, at_once):
    try:
        limits = json.loads((directory / "limits.json").read_text())
    except FileNotFoundError:
        print("the emulator is not here")
        return 1 if MUST_RUN else SKIPPED
    os.environ["LASTCALL_BIN"] = str(directory / "lastcall")
    os.environ["LASTCALL_TEST_LACKING"] = " ".join(LACKING[limit] for limit in limits if limit in LACKING)
    os.environ["LASTCALL_TEST_LATE_MS"] = str(LATE_MS)
    sys.path.insert(0, str(SOURCE / "tests" / "program"))
    tests = list(tests_of(unittest.defaultTestLoader.loadTestsFromName(f"test_{topic}")))
    names = {name_of(test) for test in tests}
    beyond = set()
    for limit, topics in BEYOND.items():
        about = {f"test_{name}" for name in topics.get(topic, "").split()}
        if not about <= names:
            print(f"no such tests: {sorted(about - names)}")
            return 1
        if limit in limits:
            beyond |= about
            for name in sorted(about):
                print(f"{name} is beyond the emulator: {limits[limit]}")
    tests = [test for test in tests if name_of(test) not in beyond]
    sys.stdout.flush()
    pids = [run_apart(tests[i::at_once]) for i in range(min(at_once, max(len(tests), 1)))]
    statuses = {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids}
    return 1 if statuses - {0, SKIPPED} else max(statuses)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1))
