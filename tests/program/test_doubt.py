# SPDX-License-Identifier: MIT
"""What doubt costs a stop, how it is said, and what ends it; and clients that never rest."""

import harness
from harness import APP_PORT, HEALTH_PORT
import http_client
from http_client import Connection, Request
from test_drain import Draining
from test_quiet import Client


class Doubt(Draining):
    def test_it_is_said_once_and_diagnosed(self):
        program = self.serve(timeout="6s")
        connection = Connection(program, APP_PORT)
        connection.ask("/")
        report = self.stop_and_report(program)
        said = [line for line in program.said() if "may still be in use" in line]
        self.assertEqual(len(said), 1)
        self.assertRegex(said[0], r"waiting up to [0-9.]+s for 1 connection that may still be in use; "
                                  r"--longest-request limits this \(default: [0-9.]+s\)$")
        self.assertEqual(report["diagnosis"], ["no_stop_signal_handler", "waited_in_doubt"])
        self.assertGreaterEqual(report["phases_ms"]["doubt"], 1000)
        self.assertLessEqual(report["phases_ms"]["doubt"], report["phases_ms"]["drain"])
        self.assertEqual(report["stop"]["longest_request_source"], "default")
        connections = report["connections"]
        self.assertEqual((connections["unknown"], connections["finished"], connections["cut"]), (1, 0, 0))
        self.assertEqual(connections["busy_at_stop"], 0)
        self.assertIn(connections["held_by"][0]["class"], ("unsure", "closing"))  # the application has ended meanwhile
        self.assertEqual(connections["held_by"][0]["ended"], "unknown")

    def test_longest_request_ends_it(self):
        program = self.serve(timeout="20s", env={"LASTCALL_LONGEST_REQUEST": "1500ms"})
        connection = Connection(program, APP_PORT)
        connection.ask("/")
        report = self.stop_and_report(program)
        self.assertLess(report["phases_ms"]["drain"], 4000)
        self.assertEqual(report["outcome"], "drained")
        self.assertEqual(report["stop"]["longest_request_ms"], 1500)
        self.assertEqual(report["stop"]["longest_request_source"], "LASTCALL_LONGEST_REQUEST")
        self.assertTrue(program.err.find(r"may still be in use \(LASTCALL_LONGEST_REQUEST=1.5s\)"))

    def test_probes_end_it(self):
        """A probe a second sees the connection rest between its requests."""
        program = self.serve(timeout="20s")
        connection = Connection(program, APP_PORT)
        probes = Client(lambda: http_client.ask(program, HEALTH_PORT, "/healthcheck"), pause=1)
        asks = Client(lambda: connection.ask("/"), pause=2.4)
        harness.wait_until(lambda: asks.answered >= 5, "it rests")
        asks.stop()
        probes.stop()
        report = self.stop_and_report(program)
        self.assertLess(report["phases_ms"]["drain"], 3500)
        self.assertNotIn("waited_in_doubt", report["diagnosis"])


class WithoutRest(Draining):
    def clients(self, program, count):
        def ask_on(connection):
            return lambda: connection.ask("/d5")
        return [Client(ask_on(Connection(program, APP_PORT)), pause=0.05) for _ in range(count)]

    def test_they_are_left_at_a_lull(self):
        program = self.serve(timeout="12s")
        clients = self.clients(program, 3)
        harness.wait_until(lambda: all(client.answered > 2 for client in clients), "they ask")
        report = self.stop_and_report(program)
        for client in clients:
            client.stop()
        self.assertTrue(program.err.find(r"sent SIGTERM to pid .*\(clients never pause"))
        self.assertGreaterEqual(report["phases_ms"]["drain"], 4900)  # two thirds of the budget
        self.assertLess(report["phases_ms"]["drain"], 7700)

    def test_who_waits_since_before_is_waited_for(self):
        program = self.serve(timeout="30s")
        clients = self.clients(program, 2)
        slow = Request(program, APP_PORT, "/d20000/b9")
        self.busy(program, 1)
        report = self.stop_and_report(program)
        self.assert_answered(slow, "/d20000/b9")
        for client in clients:
            client.stop()
        self.assertGreaterEqual(report["phases_ms"]["drain"], 19000)


if __name__ == "__main__":
    harness.main()
