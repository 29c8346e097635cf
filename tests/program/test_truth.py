# SPDX-License-Identifier: MIT
"""The report says what is so: what nobody saw is null, and what cannot be told is unknown."""

import os
import signal

import harness
from harness import APP_PORT
from http_client import Request
from test_drain import Draining

COUNTS = ("open_at_stop", "busy_at_stop", "peak_busy", "arrived_after_stop", "finished", "cut", "unknown",
          "lost_bytes", "longest_ms", "accept_queue_at_stop", "accept_queue_lost")


class EndedByItself(Draining):
    """No stop signal came, so that nothing was watched when the application ended."""

    REQUESTS = 20

    def end(self, how):
        program = self.serve()
        requests = [Request(program, APP_PORT, "/d20000") for _ in range(self.REQUESTS)]
        self.busy(program, self.REQUESTS)
        how(program)
        program.wait()
        self.assertTrue(all(request.result() is None for request in requests))
        return program, program.report()

    def test_what_a_crash_lost_is_not_known(self):
        for number in (signal.SIGSEGV, signal.SIGKILL):
            program, report = self.end(lambda program, number=number: os.kill(program.app_pid(), number))
            self.assertEqual(report["outcome"], "app_exited")
            self.assertEqual(report["app"]["signal"], number.name)
            self.assertEqual({name: report["connections"][name] for name in COUNTS}, dict.fromkeys(COUNTS))
            self.assertTrue(program.err.find("app ended by itself.*work in flight not seen"))

    def test_stop_signal_that_the_terminal_sends_to_both(self):
        """As Ctrl-C does: the application is gone before we look."""
        def both(program):
            os.kill(program.pid, signal.SIGSTOP)
            harness.wait_until(lambda: harness.process_state(program.pid) == "T", "it is stopped")
            app = program.children()[0]
            os.kill(app, signal.SIGINT)
            harness.wait_until(lambda: harness.process_state(app) == "Z", "the application has ended")
            program.stop(signal.SIGINT)
            os.kill(program.pid, signal.SIGCONT)
        _, report = self.end(both)
        self.assertEqual(report["outcome"], "app_exited")
        for name in COUNTS:  # some of its threads may still hold their sockets at our first look
            self.assertNotEqual(report["connections"][name], 0, name)


if __name__ == "__main__":
    harness.main()
