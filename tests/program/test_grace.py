# SPDX-License-Identifier: MIT
"""An application that was signalled is never killed earlier than it was promised."""

import re

import harness
from harness import APP_PORT
from http_client import Connection, Request
from test_drain import Draining


def promised_ms(program):
    """What the log says of the last moment when the application is signalled."""
    text = program.err.wait_for(r"sent SIGTERM to pid .* in at most (\S+)").group(1)
    value, unit = re.fullmatch(r"([\d.]+)(ms|s)", text).groups()
    return float(value) * (1000 if unit == "s" else 1)


class Grace(Draining):
    def test_application_that_saves_has_all_the_time(self):
        """Nothing is in flight, and it takes more than a quarter of the time there is."""
        for has_connection in (False, True):  # one that was never used
            program = self.serve(timeout="12s", steps=("exit-on=15:0:3500", "print=ready", "wait"))
            connection = Connection(program, APP_PORT) if has_connection else None
            report = self.stop_and_report(program)
            self.assertEqual(program.ending.code, 0)
            self.assertEqual(report["outcome"], "drained")
            self.assertGreaterEqual(report["phases_ms"]["term"], 3400)
            self.assertEqual(connection is not None, has_connection)

    def test_leftover_has_all_the_time_too(self):
        program = self.start_ready("--stop-timeout=12s", command=[
            "/bin/sh", "-c", f"{harness.PROBE} exit-on=15:0:3500 print=ready wait & wait"])
        report = self.stop_and_report(program)
        self.assertEqual((report["app"]["leftovers"], report["app"]["leftovers_killed"]), (1, 0))
        self.assertGreaterEqual(report["phases_ms"]["term"], 3400)

    def test_kill_comes_when_it_was_promised(self):
        for pid1 in harness.BOTH_WAYS:
            program = self.serve(timeout="3s", steps=("ignore=15", "print=ready", "hang"), pid1=pid1)
            report = self.stop_and_report(program)
            phases = report["phases_ms"]
            self.assertTrue(report["app"]["killed"])
            self.assertLess(abs(phases["drain"] + phases["term"] - promised_ms(program)), 100 + harness.LATE_MS)
            self.assertFalse(program.err.find("after a grace"))

    def test_grace_that_was_given_is_promised_and_kept(self):
        program = self.serve("--term-grace=700ms", steps=("ignore=15", "print=ready", "hang"))
        report = self.stop_and_report(program)
        self.assertTrue(program.err.find(r"drained.*\); SIGKILL after a grace of 700ms, in at most 8\.\d+s"))
        self.assertTrue(report["app"]["killed"])
        self.assertGreaterEqual(report["phases_ms"]["term"], 700)
        self.assertLess(report["phases_ms"]["term"], 3000)

    def test_grace_that_was_given_begins_when_the_last_request_is_answered(self):
        """A request comes after the application was signalled, and takes longer than the grace."""
        program = self.serve("--term-grace=1s", steps=("ignore=15", "print=ready", "hang"))
        program.stop()
        program.err.wait_for("sent SIGTERM to pid")
        request = Request(program, APP_PORT, "/d2000")
        program.wait()
        report = self.assert_in_time(program)
        self.assert_answered(request, "/d2000")
        self.assertGreaterEqual(report["phases_ms"]["term"], 2900)  # it was killed at once before
        self.assertLess(report["phases_ms"]["term"], 6000)

    def test_connection_that_was_never_used_does_not_keep_idleness_from_counting(self):
        program = self.serve("--exit-when-idle=400ms", timeout="20s",
                             steps=("exit-on=15:0:60000", "print=ready", "wait"))
        unused = Connection(program, APP_PORT)
        report = self.stop_and_report(program)
        self.assertTrue(program.err.find("SIGKILL after 400ms with nothing in flight, in at most 18"))
        self.assertLess(report["phases_ms"]["total"], 6000)
        self.assertIsNotNone(unused)

    def killed(self, *steps, connection=False, options=("--term-grace=700ms",), **arguments):
        """The report on an application that did not end, and its program."""
        program = self.serve(*options, steps=(*steps, "print=ready", "wait"), timeout="4s", **arguments)
        held = Connection(program, APP_PORT) if connection else None
        report = self.stop_and_report(program)
        self.assertTrue(report["app"]["killed"])
        self.assertEqual(held is not None, connection)
        return report, program

    def test_report_says_what_was_waited_for(self):
        report, program = self.killed("ignore=15")
        self.assertEqual(report["app"]["waited_for"], "still_listening")
        self.assertGreaterEqual(report["app"]["idle_ms"], 600)
        self.assertTrue(program.err.find(r"pid \d+ is still running after 7\d\dms: it still listens"))
        self.assertIn("idle_but_not_exiting", report["diagnosis"])
        report, program = self.killed("unlisten-on=15", connection=True)
        self.assertEqual(report["app"]["waited_for"], "never_used_connections")
        self.assertTrue(program.err.find("still open: 1 never used connection$"))
        report, _ = self.killed("unlisten-on=15")
        self.assertEqual(report["app"]["waited_for"], "no_connection")

    def test_exit_when_idle_is_advised_to_a_server_with_nothing_in_flight(self):
        advice = r"nothing was in flight for 3\.\d+s: .* --exit-when-idle=900ms saves 2\.\d+s"
        report, program = self.killed("ignore=15", options=())
        self.assertTrue(program.err.find(advice))
        self.assertGreaterEqual(report["app"]["idle_ms"], 3000)

    def test_exit_when_idle_is_not_advised_to_a_queue_worker(self):
        """It has no listener: its work cannot be seen."""
        program = self.start_ready("--stop-timeout=4s", command=harness.probe("ignore=15", "print=ready", "wait"))
        report = self.stop_and_report(program)
        self.assertEqual(report["app"]["waited_for"], "no_connection")
        self.assertNotIn("idle_but_not_exiting", report["diagnosis"])
        self.assertFalse(program.err.find("exit-when-idle"))


if __name__ == "__main__":
    harness.main()
