# SPDX-License-Identifier: MIT
"""Between two polls lastcall asks the kernel for the connections that hold the drain, one by one. Where it may not, as
with a seccomp profile that forbids sendmsg, it polls all of them instead, and reports the same."""

import harness
from harness import APP_PORT
from http_client import Request
from test_drain import Draining

FORBIDDEN = "call=sendmsg:1"  # EPERM
WAYS = {(): [], (FORBIDDEN,): ["no_exact"]}


class Exact(Draining):
    def check_mixed(self, settings, degraded):
        """One is answered and closed, one is answered and kept open, one is cut when the time is up."""
        program = self.serve("--drain-budget=6s", settings=list(settings), timeout="10s")
        requests = [Request(program, APP_PORT, path) for path in ("/d3500/c", "/d4000/b3000", "/d60000")]
        self.busy(program, 3)
        report = self.stop_and_report(program)
        self.assert_answered(requests[0], "/d3500/c")
        self.assert_answered(requests[1], "/d4000/b3000")
        self.assertIsNone(requests[2].result())
        self.assertEqual(report["degraded"], harness.degraded_here(*degraded))
        warnings = [line for line in program.err.all if "does not answer for single connections" in line]
        self.assertEqual(len(warnings), len(set(degraded) & {"no_exact"}))
        connections = report["connections"]
        self.assertEqual(connections["detector"], "sock_diag")
        return {field: connections[field] for field in ("busy_at_stop", "cut", "lost_bytes", "accept_queue_lost")} | {
            "answered": connections["finished"] + connections["unknown"]}

    def test_both_ways_report_the_same(self):
        for settings, degraded in WAYS.items():
            with self.subTest(settings=settings):
                self.assertEqual(self.check_mixed(settings, degraded),
                                 {"busy_at_stop": 3, "cut": 1, "lost_bytes": 0, "accept_queue_lost": 0, "answered": 2})

    def test_without_events_ends_are_found_both_ways(self):
        for settings, degraded in WAYS.items():
            with self.subTest(settings=settings):
                seen = self.check_mixed(("deny=events", *settings), ["no_events", *degraded])
                # of the third it is not known that it was not answered just before
                self.assertEqual((seen["busy_at_stop"], seen["cut"], seen["answered"]), (3, 0, 3))

    def test_request_is_finished_where_the_question_and_the_next_poll_fail(self):
        """As where the kernel has no memory for a moment. The poll of the stop has made three requests before."""
        program = self.serve(timeout="20s")
        request = Request(program, APP_PORT, "/d2000/c")
        self.busy(program, 1)
        tracer, log = self.trace(program, "sendto,sendmsg", "-e", "inject=sendmsg:error=ENOBUFS:when=1",
                                 "-e", "inject=sendto:error=ENOBUFS:when=4")
        report = self.stop_and_report(program)
        tracer.communicate(timeout=20)
        self.assert_answered(request, "/d2000/c")
        with open(log) as calls:
            self.assertEqual(calls.read().count("(INJECTED)"), 2)
        self.assertEqual(report["connections"]["cut"], 0)
        self.assertEqual(report["degraded"], harness.degraded_here("no_exact"))

    def test_request_that_comes_during_the_drain_is_waited_for_both_ways(self):
        """On a new connection, while another one holds the drain."""
        for settings, degraded in WAYS.items():
            with self.subTest(settings=settings):
                program = self.serve(settings=list(settings), timeout="20s")
                first = Request(program, APP_PORT, "/d3000/c")
                self.busy(program, 1)
                program.stop()
                program.err.wait_for("SIGTERM received")
                second = Request(program, APP_PORT, "/d4500/c")
                program.wait()
                self.assert_answered(first, "/d3000/c")
                self.assert_answered(second, "/d4500/c")
                report = self.assert_in_time(program)
                self.assertEqual(report["degraded"], harness.degraded_here(*degraded))
                self.assertEqual(report["connections"]["arrived_after_stop"], 1)
                self.assertEqual(report["connections"]["cut"], 0)


if __name__ == "__main__":
    harness.main()
