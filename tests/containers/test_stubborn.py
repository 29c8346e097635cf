# SPDX-License-Identifier: MIT
"""Applications that do not end when they are asked to: the container is gone before its stop
timeout by lastcall's doing, and has left a report; the engine never gets to send its SIGKILL."""

import signal

import engine
import ring

STOP_SECONDS = 3
ENDED_BY_TERM = 128 + signal.SIGTERM
ENDED_BY_KILL = 128 + signal.SIGKILL


class Stubborn:
    def stop(self, manner, exit_code):
        """One container, stopped when its application is known to be in its stubborn state."""
        environment = {"LASTCALL_STOP_TIMEOUT": f"{STOP_SECONDS}s"}
        command = ("python3", "/apps/stubborn.py", manner)
        with self.container(*command, environment=environment) as container:
            container.line.wait_for("ready")
            if manner.startswith("stopped"):
                engine.wait_until(lambda: "T" in container.process_states(), "it is stopped")
            container.begin_stop(STOP_SECONDS)
            ending = container.end()
            # the engine takes its time to clear ten containers away; it sent no SIGKILL
            self.assert_ended_by_itself(ending, STOP_SECONDS + 1)
            self.assertEqual(ending.exit_code, exit_code)
            self.assert_told(manner, ending.report)
            return ending

    def assert_told(self, manner, report):
        """The report says what had to be killed."""
        app = report["app"]
        if manner == "daemon":
            self.assertGreaterEqual(app["leftovers"], 1)
            self.assertEqual(app["leftovers_killed"], 1)
        if manner.endswith("deaf"):
            self.assertTrue(app["killed"])
            self.assertFalse(app["handles_stop_signal"])

    def check_stops(self, manner, exit_code):
        endings = self.repeat(lambda _: self.stop(manner, exit_code), self.times, at_once=10)
        ring.measured(f"{manner}: stop took (s)", [ending.seconds for ending in endings])

    def test_application_that_ignores_sigterm_is_killed_in_time(self):
        self.check_stops("deaf", ENDED_BY_KILL)

    def test_stopped_application_is_continued_and_ends_in_time(self):
        self.check_stops("stopped", ENDED_BY_TERM)

    def test_stopped_application_that_ignores_sigterm_is_killed_in_time(self):
        self.check_stops("stopped-deaf", ENDED_BY_KILL)

    def test_daemon_left_behind_is_killed_in_time(self):
        self.check_stops("daemon", ENDED_BY_TERM)


class Plain(Stubborn, ring.ContainerTest):
    times = 20


class Hardened(Stubborn, ring.ContainerTest):
    times = 4
    options = engine.HARDENED


if __name__ == "__main__":
    ring.main()
