# SPDX-License-Identifier: MIT
"""An application that runs as another user, where CAP_KILL was taken away: nothing reaches it."""

import errno
import os
import signal

import harness
from harness import APP_PORT
from http_client import Request
from test_drain import Draining

NO_CAP_KILL = ["nokill"]
LEFT = 128 + signal.SIGKILL


class MayNotSignal(Draining):
    def setUp(self):
        super().setUp()
        self.user = f"user={harness.free_uid()}"

    def serve_as_other(self, *options, timeout="10s", **arguments):
        program = self.serve(*options, timeout=timeout, settings=NO_CAP_KILL,
                             listen=self.user, steps=(f"serve={APP_PORT}", "print=ready", "hang"), **arguments)
        program.err.wait_for("warning: lastcall may not signal the application .*: add KILL to the container's cap")
        return program

    def check_log(self, program, reason="Operation not permitted"):
        self.assertTrue(program.err.find(f"cannot send SIGTERM to pid .*: {reason}"))
        self.assertFalse(program.err.find("sent SIG[A-Z]+ to"))
        self.assertFalse(program.err.find("had to kill"))

    def test_nothing_in_flight(self):
        program = self.serve_as_other()
        report = self.stop_and_report(program)
        self.assertEqual(program.ending.code, LEFT)
        self.assertLess(report["phases_ms"]["total"], 2000)
        self.assertEqual(report["diagnosis"], ["may_not_signal"])
        self.assertEqual(report["outcome"], "killed")
        self.assertFalse(report["app"]["killed"])
        self.assertIsNone(report["app"]["handles_stop_signal"])
        self.check_log(program)

    def test_security_module_that_forbids_it(self):
        """It lets kill(2) fail with EACCES."""
        program = self.serve(settings=[f"call=kill:{errno.EACCES}"])
        program.err.wait_for("warning: lastcall may not signal the application")
        report = self.stop_and_report(program)
        self.assertEqual(program.ending.code, LEFT)
        self.assertLess(report["phases_ms"]["total"], 2000)
        self.assertEqual(report["diagnosis"], ["may_not_signal"])
        self.check_log(program, "Permission denied")

    def test_request_in_flight_is_answered(self):
        for options in ((), ("--order=signal-first",)):
            program = self.serve_as_other(*options)
            request = Request(program, APP_PORT, "/d1500/b3000")
            self.busy(program, 1)
            report = self.stop_and_report(program)
            self.assert_answered(request, "/d1500/b3000")
            self.assertEqual(report["connections"]["cut"], 0)
            self.assertLess(report["phases_ms"]["total"], 5000)
            self.check_log(program)

    def test_application_that_never_listened_is_waited_for(self):
        command = harness.probe(self.user, "exit-on=10:0", "print=ready", "wait")
        program = self.start_ready("--stop-timeout=20s", "--port=8080", command=command, settings=NO_CAP_KILL)
        app = program.app_pid()
        program.stop()
        program.err.wait_for("cannot send SIGTERM .*; it must exit by itself before the deadline")
        program.err.wait_for("terminating for 1")
        os.kill(app, signal.SIGUSR1)  # it ends by itself
        program.wait()
        report = self.assert_in_time(program)
        self.assertEqual(program.ending.code, 0)
        self.assertGreaterEqual(report["phases_ms"]["total"], 1000)
        self.check_log(program)

    def test_application_that_never_ends_is_left_at_the_deadline(self):
        """One that never listened; and one that did, where our exit would not end it."""
        silent = harness.probe(self.user, "print=ready", "hang")
        for program in (self.start_ready("--stop-timeout=3s", "--port=8080", settings=NO_CAP_KILL, command=silent),
                        self.serve_as_other(timeout="3s", pid1=False)):
            program.stop()
            program.wait()
            report = program.report()
            self.assertGreaterEqual(report["headroom_ms"], -harness.LATE_MS)
            self.assertGreaterEqual(report["phases_ms"]["total"], 2000)
            self.assertEqual(report["diagnosis"], ["may_not_signal"])
            self.assertTrue(program.err.find("cannot send SIGKILL to pid"))
            self.check_log(program)

    def test_leftovers_are_counted_that_no_signal_reaches(self):
        command = harness.probe(self.user, "child=plain", "exit-on=10:0", "print=ready", "wait")
        program = self.start_ready("--stop-timeout=3s", command=command, settings=NO_CAP_KILL)
        os.kill(program.app_pid(), signal.SIGUSR1)
        program.wait()
        self.assertTrue(program.err.find("cannot send SIGTERM to 1 of the leftover processes"))
        self.assertFalse(program.err.find("SIGTERM sent to what"))
        self.assertEqual(program.report()["app"]["leftovers"], 0)

    def test_who_may_be_signalled_is_not_warned_of(self):
        program = self.serve(steps=(self.user, "print=ready", "hang"))
        report = self.stop_and_report(program)
        self.assertFalse(program.err.find("may not signal"))
        self.assertNotIn("may_not_signal", report["diagnosis"])


if __name__ == "__main__":
    harness.main()
