# SPDX-License-Identifier: MIT
"""What an operator can change is found out and said, in the log and in the report."""

import os
import shutil
import signal

import harness
from harness import APP_PORT, probe
from http_client import Connection, Request
from test_drain import Draining, well_used_connection


# Kills the worker that serves, and takes its time to end.
SLOW_MASTER = """
import os, signal, socket, sys, time
listener = socket.create_server(("127.0.0.1", 8080))
worker = os.fork()
if worker == 0:
    held = []
    print("ready", flush=True)
    while True:
        held.append(listener.accept())
def end(*_):
    os.kill(worker, signal.SIGKILL)
    time.sleep(1.3)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
while True:
    signal.pause()
"""


class Diagnosis(Draining):
    def stop_at_once(self, program):
        """Signalled with two requests in flight, of which nothing is left."""
        requests = [Request(program, APP_PORT, "/d20000") for _ in range(2)]
        self.busy(program, 2)
        report = self.stop_and_report(program)
        self.assertTrue(all(request.result() is None for request in requests))
        self.assertEqual(report["connections"]["cut"], 2)
        return report

    def test_nothing_to_say(self):
        program = self.serve(steps=("graceful=15", "print=ready", "wait"))
        request = Request(program, APP_PORT, "/d1500/c")
        self.busy(program, 1)
        report = self.stop_and_report(program)
        self.assert_answered(request, "/d1500/c")
        self.assertEqual(report["diagnosis"], [])
        self.assertTrue(report["app"]["handles_stop_signal"])
        self.assertFalse(any("warning:" in line for line in program.said()))

    def test_no_handler(self):
        program = self.serve()
        report = self.stop_and_report(program)
        self.assertEqual(report["diagnosis"], ["no_stop_signal_handler"])
        self.assertIs(report["app"]["handles_stop_signal"], False)
        self.assertTrue(program.err.find("sent SIGTERM to pid .*; no SIGTERM handler"))

    def test_server_that_wants_another_signal(self):
        """A program of the name nginx, which ends at once on SIGTERM, as nginx does."""
        server = os.path.join(self.temporary_directory(), "nginx")
        shutil.copy(harness.PROBE, server)
        program = self.start_ready("--stop-timeout=10s", "--order=signal-first", "--stop-signal=TERM",
                                   command=[server, f"serve={APP_PORT}", "exit-on=15:0", "print=ready", "wait"])
        program.wait_serving()
        report = self.stop_at_once(program)
        self.assertEqual(report["diagnosis"], ["died_with_work_in_flight"])
        self.assertTrue(program.err.find("warning: 'nginx' cut 2 busy connections [0-9.]+m?s after SIGTERM; "
                                         "it finishes them on SIGQUIT: give --stop-signal=SIGQUIT"))

    def test_server_has_a_name_without_proc(self):
        program = self.start_ready("--stop-timeout=10s", "--order=signal-first", f"--port={APP_PORT}",
                                   settings=["proc=off"], env=harness.NO_LEAK_CHECK,
                                   command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        program.wait_serving()
        self.stop_at_once(program)
        self.assertTrue(program.err.find("warning: '.*/probe' cut 2 busy connections"))

    def test_server_that_was_sent_its_signal_is_not_told_of_it(self):
        program = self.serve("--order=signal-first", "--stop-signal=SIGQUIT",
                             steps=("name=nginx", "exit-on=3:0", "print=ready", "wait"))
        report = self.stop_at_once(program)
        self.assertEqual(report["diagnosis"], ["died_with_work_in_flight"])
        self.assertTrue(program.err.find("'nginx' cut 2 busy connections [0-9.]+m?s after SIGQUIT$"))

    def test_version_in_a_name_does_no_harm(self):
        program = self.serve("--order=signal-first", "--rewrite=TERM:USR1",
                             steps=("name=php-fpm8.2", "exit-on=10:0", "print=ready", "wait"))
        self.stop_at_once(program)
        self.assertTrue(program.err.find("after SIGUSR1; it finishes them on SIGQUIT: give --rewrite=TERM:QUIT$"))

    def test_server_that_finishes_only_with_a_setting(self):
        program = self.serve("--order=signal-first",
                             steps=("name=php-fpm8.2", "exit-on=3:0", "print=ready", "wait"))
        self.stop_at_once(program)
        self.assertTrue(program.err.find(
            "'php-fpm8.2' cut 2 busy .* after SIGQUIT; it finishes them only with process_control_timeout"))

    def test_master_that_takes_longer_to_end_than_to_cut(self):
        """As Apache, which needs 1.5 s: what counts is when the work was cut."""
        program = self.start_ready("--stop-timeout=10s", "--order=signal-first", "--term-grace=5s",
                                   command=["/usr/bin/python3", "-c", SLOW_MASTER])
        program.wait_serving()
        report = self.stop_at_once(program)
        self.assertIn("died_with_work_in_flight", report["diagnosis"])
        self.assertGreaterEqual(report["phases_ms"]["term"], 1300)

    def test_master_that_ends_late_without_work_is_not_told_of_any(self):
        program = self.start_ready("--stop-timeout=10s", "--order=signal-first", "--term-grace=5s",
                                   command=["/usr/bin/python3", "-c", SLOW_MASTER])
        program.wait_serving()
        report = self.stop_and_report(program)
        self.assertEqual(report["diagnosis"], [])
        self.assertFalse(any("warning:" in line for line in program.said()))

    def test_unknown_program(self):
        program = self.serve("--order=signal-first")
        report = self.stop_at_once(program)
        self.assertEqual(sorted(report["diagnosis"]), ["died_with_work_in_flight", "no_stop_signal_handler"])
        self.assertTrue(program.err.find("'probe' cut 2 busy connections [0-9.]+m?s after SIGTERM$"))

    def test_drain_first_needs_no_other_signal(self):
        program = self.serve(steps=("name=nginx", "exit-on=15:0", "print=ready", "wait"))
        request = Request(program, APP_PORT, "/d1500/c")
        self.busy(program, 1)
        report = self.stop_and_report(program)
        self.assert_answered(request, "/d1500/c")
        self.assertEqual(report["diagnosis"], [])

    def test_idle_but_not_exiting(self):
        program = self.serve("--term-grace=600ms", steps=("ignore=15", "print=ready", "hang"))
        connection = well_used_connection(program)
        report = self.stop_and_report(program)
        self.assertIn("idle_but_not_exiting", report["diagnosis"])
        self.assertEqual(report["outcome"], "killed")
        self.assertTrue(program.err.find("sent SIGKILL to pid .*nothing is in flight, and it is still running"))

    def test_busy_and_not_exiting_is_no_such_thing(self):
        program = self.serve("--term-grace=300ms", "--drain-budget=300ms", timeout="3s",
                             steps=("exit-on=15:0:20000", "print=ready", "wait"))
        request = Request(program, APP_PORT, "/d20000")
        self.busy(program, 1)
        report = self.stop_and_report(program)
        self.assertIsNone(request.result())
        self.assertEqual(report["diagnosis"], [])
        self.assertEqual(report["outcome"], "killed")


class Hints(harness.ProgramTest):
    """What goes wrong so often that it is said what it is."""

    BACKGROUND = "warning: the application has exited, .* keep it in the foreground"

    def test_main_process_that_goes_into_the_background(self):
        program = self.start(command=["/bin/sh", "-c", "sleep 50 & exit 0"])
        self.assertEqual(program.wait().code, 0)
        self.assertTrue(program.err.find(self.BACKGROUND + "$"))

    def test_server_that_does_is_told_how_it_does_not(self):
        server = os.path.join(self.temporary_directory(), "nginx")
        shutil.copy(harness.PROBE, server)
        program = self.start(command=[server, "child=plain", "exit=0"])
        self.assertEqual(program.wait().code, 0)
        self.assertTrue(program.err.find(self.BACKGROUND + ": -g 'daemon off;'$"))

    def test_other_ends_are_none(self):
        for command in ("exit 0", "sleep 50 & exit 3", "sleep 50 & kill -9 $$"):
            program = self.start(command=["/bin/sh", "-c", command])
            program.wait()
            self.assertIsNone(program.err.find("background"))
        program = self.start_ready(command=probe("child=plain", "exit-on=15:0", "print=ready", "wait"))
        program.stop()
        self.assertEqual(program.wait().code, 0)
        self.assertIsNone(program.err.find("background"))

    def test_script_with_crlf(self):
        for name, says in (("/x.sh", False), ("x.sh", True)):
            directory = self.temporary_directory()
            path = os.path.join(directory, "x.sh")
            with open(path, "w", newline="") as script:
                script.write("#!/bin/sh\r\necho hi\r\n")
            os.chmod(path, 0o755)
            program = self.start(command=[path if says else name], env={"PATH": directory})
            self.assertEqual(program.wait().code, 127)
            self.assertEqual(bool(program.err.find(
                r"cannot execute '.*x.sh': No such file or directory \(its first line ends in CRLF")), says)

    def test_failed_exec_says_why(self):
        directory = self.temporary_directory()
        for name, content, code, says in (
                ("script", b"#!/no/such/interpreter\n", 127, r"No such file or directory \(the file exists, but not its"),
                ("foreign", b"\x7fELF", 126, r"Exec format error \(a program for another processor"),
                ("bare", b"echo hi\n", 126, r"Exec format error \(a script needs a first line"),
                ("server --port=80", None, 127, r"No such file or directory \(the whole text is taken for a file name")):
            path = os.path.join(directory, name)
            if content is not None:
                with open(path, "wb") as file:
                    file.write(content)
                os.chmod(path, 0o755)
            program = self.start(command=[path])
            self.assertEqual(program.wait().code, code)
            self.assertTrue(program.err.find(f"cannot execute '{path}': {says}"), name)


class ExitWhenIdle(Draining):
    def test_idle_application_is_ended_sooner(self):
        program = self.serve("--exit-when-idle=400ms", "--term-grace=15s", timeout="20s",
                             steps=("exit-on=15:0:60000", "print=ready", "wait"))
        report = self.stop_and_report(program)
        self.assertEqual(program.ending.code, 128 + signal.SIGKILL)
        self.assertGreaterEqual(report["phases_ms"]["term"], 400)
        self.assertLess(report["phases_ms"]["total"], 6000)
        self.assertEqual(report["diagnosis"], ["idle_but_not_exiting"])

    def test_application_that_works_is_not(self):
        program = self.serve("--exit-when-idle=300ms", "--order=signal-first", timeout="20s",
                             steps=("graceful=15", "print=ready", "wait"))
        request = Request(program, APP_PORT, "/d1500/b33")
        self.busy(program, 1)
        report = self.stop_and_report(program)
        self.assert_answered(request, "/d1500/b33")
        self.assertEqual(report["outcome"], "drained")
        self.assertEqual(report["diagnosis"], [])

    def test_leftovers_have_no_longer_either(self):
        program = self.serve("--exit-when-idle=400ms", timeout="20s", steps=("child=deaf", *("print=ready", "hang")))
        program.wait_app("^child")
        report = self.stop_and_report(program)
        self.assertEqual(report["app"]["leftovers_killed"], 1)
        self.assertLess(report["phases_ms"]["total"], 6000)

    def test_it_is_off_by_default(self):
        program = self.serve("--term-grace=1500ms", steps=("ignore=15", "print=ready", "hang"))
        report = self.stop_and_report(program)
        self.assertGreaterEqual(report["phases_ms"]["term"], 1500)


if __name__ == "__main__":
    harness.main()
