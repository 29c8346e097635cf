# SPDX-License-Identifier: MIT
"""Connections that the application has yet to accept are in flight: closing the listener resets
them."""

import signal

import harness
from client_behaviour import is_reset
from harness import APP_PORT, probe
from http_client import Connection, Request
from test_drain import SOON_SURE, Draining

BACKLOG = 128  # the probe's; the kernel lets one more wait
ACCEPT_LATE = (f"accept-on={signal.SIGUSR1.value}", "print=ready", "wait")


class AcceptQueue(Draining):
    def assert_queue(self, report, at_stop, lost):
        connections = report["connections"]
        self.assertEqual(connections["accept_queue_at_stop"], at_stop)
        self.assertEqual(connections["accept_queue_lost"], lost)

    def test_waiting_connections_hold_until_they_are_served(self):
        program = self.serve(SOON_SURE, listen=f"listen={APP_PORT}", steps=ACCEPT_LATE)
        requests = [Request(program, APP_PORT, "/d200/b900") for _ in range(5)]
        self.busy(program, 5)
        program.stop()
        program.err.wait_for("draining for")  # a second later still
        program.send(signal.SIGUSR1)  # which is forwarded: now it accepts
        program.wait()
        for request in requests:
            self.assert_answered(request, "/d200/b900")
        report = self.assert_in_time(program)
        self.assert_queue(report, 5, 0)
        self.assertEqual(report["outcome"], "drained")
        self.assertEqual(report["connections"]["busy_at_stop"], 5)
        self.assertEqual(report["connections"]["finished"], 5)
        self.assertEqual(report["connections"]["cut"], 0)

    def test_waiting_connections_hold_although_nothing_was_sent(self):
        """The request may be on its way; once accepted, they are not waited for."""
        program = self.serve(listen=f"listen={APP_PORT}", steps=ACCEPT_LATE)
        connections = [Connection(program, APP_PORT) for _ in range(3)]
        program.stop()
        program.err.wait_for("draining for")
        program.send(signal.SIGUSR1)
        program.wait()
        report = self.assert_in_time(program)
        self.assert_queue(report, len(connections), 0)
        self.assertEqual(report["outcome"], "drained")
        self.assertEqual(report["connections"]["finished"], 0)
        self.assertLess(report["phases_ms"]["drain"], 5000)

    def test_slow_acceptor_empties_its_queue(self):
        program = self.serve(listen=f"serve=serial:{APP_PORT}")
        requests = [Request(program, APP_PORT, "/d700/c") for _ in range(4)]
        self.busy(program, 2)  # the first may be answered before the fourth is seen
        report = self.stop_and_report(program)
        for request in requests:
            self.assert_answered(request, "/d700/c")
        self.assertGreaterEqual(report["connections"]["accept_queue_at_stop"], 1)
        self.assertLessEqual(report["connections"]["accept_queue_at_stop"], 3)
        self.assertEqual(report["connections"]["accept_queue_lost"], 0)
        self.assertEqual(report["connections"]["cut"], 0)

    def test_full_queue_of_an_application_that_never_accepts_is_lost(self):
        program = self.serve("--drain-budget=400ms", listen=f"listen={APP_PORT}")
        connections = [Connection(program, APP_PORT) for _ in range(BACKLOG + 1)]
        for connection in connections:
            connection.send("/")
        one_too_many = program.socket()
        one_too_many.setblocking(False)
        one_too_many.connect_ex(("127.0.0.1", APP_PORT))
        report = self.stop_and_report(program)
        self.assertTrue(all(is_reset(connection) for connection in connections))
        self.assert_queue(report, BACKLOG + 1, BACKLOG + 1)
        self.assertEqual(report["outcome"], "budget_exhausted")
        self.assertEqual(report["connections"]["cut"], BACKLOG + 1)
        self.assertGreaterEqual(report["phases_ms"]["drain"], 400)
        one_too_many.close()

    def test_queue_that_a_graceful_application_resets_is_lost(self):
        """It finishes what it has accepted, closes its listener, and cuts the clients that wait there."""
        program = self.serve("--order=signal-first", listen=f"serve=serial:{APP_PORT}",
                             steps=("graceful=15", "print=ready", "wait"))
        first = Request(program, APP_PORT, "/d2500/c")
        self.busy(program, 1)
        waiting = [Connection(program, APP_PORT) for _ in range(2)]
        for connection in waiting:
            connection.send("/d100")
        self.busy(program, 3)
        report = self.stop_and_report(program)
        self.assert_answered(first, "/d2500/c")
        self.assertTrue(all(is_reset(connection) for connection in waiting))
        self.assert_queue(report, 2, 2)
        self.assertEqual(report["connections"]["cut"], 2)


if __name__ == "__main__":
    harness.main()
