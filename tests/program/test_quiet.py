# SPDX-License-Identifier: MIT
"""What a drain waits for besides work in flight, and what it passes over."""

import threading
import time

import harness
from harness import APP_PORT
from http_client import Connection, Request
from test_drain import SOON_SURE, Draining, well_used_connection

ROUND_TRIP = 100  # ms between two requests of a client that goes on


class Client:
    """One that asks again and again until it is signalled, or is refused."""

    def __init__(self, ask, pause=ROUND_TRIP / 1000):
        self._pause = pause
        self.answered = 0
        self.last_at = None  # when its last request was sent
        self._ask = ask
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            while not self._stop.wait(self._pause):
                self.last_at = time.monotonic()
                self._ask()
                self.answered += 1
        except (EOFError, OSError):
            pass

    def stop(self):
        self._stop.set()
        self._thread.join()


class QuietPeriod(Draining):
    def check_held_by_requests(self, ask, program):
        """Requests go on until a second after the stop: the application is signalled once they ended."""
        client = Client(ask)
        harness.wait_until(lambda: client.answered, "the first answer")
        program.stop()
        program.err.wait_for("draining for")
        self.assertIsNone(program.err.find("sent SIGTERM"))
        client.stop()
        program.wait()
        report = self.assert_in_time(program)
        asked_ms = (client.last_at - program.stop_sent_at) * 1000
        self.assertGreaterEqual(report["phases_ms"]["drain"], asked_ms + 800 - 50)
        self.assertLess(report["phases_ms"]["drain"], asked_ms + 800 + 3000)
        self.assertEqual(report["outcome"], "drained")
        self.assertEqual(report["connections"]["cut"], 0)
        return report

    def test_new_connections_hold(self):
        program = self.serve("--quiet-period=800ms")
        report = self.check_held_by_requests(lambda: Connection(program, APP_PORT).ask("/c"), program)
        self.assertGreater(report["connections"]["arrived_after_stop"], 1)

    def test_new_requests_on_a_kept_connection_hold(self):
        program = self.serve("--quiet-period=800ms", "--settle=10ms")
        connection = well_used_connection(program)
        report = self.check_held_by_requests(lambda: connection.ask("/"), program)
        self.assertEqual(report["connections"]["arrived_after_stop"], 0)

    def test_it_is_bounded_by_the_budget(self):
        program = self.serve("--quiet-period=800ms", "--drain-budget=1200ms")
        client = Client(lambda: Connection(program, APP_PORT).ask("/c"))
        harness.wait_until(lambda: client.answered, "the first answer")
        report = self.stop_and_report(program)
        client.stop()
        self.assertGreaterEqual(report["phases_ms"]["drain"], 1200)
        self.assertLess(report["phases_ms"]["drain"], 4000)

    def test_idle_it_is_all_that_is_waited_for(self):
        program = self.serve("--quiet-period=900ms")
        report = self.stop_and_report(program)
        self.assertGreaterEqual(report["phases_ms"]["drain"], 900)
        self.assertLess(report["phases_ms"]["total"], 3500)
        self.assertEqual(report["outcome"], "drained")

    def test_work_that_takes_longer_is_waited_for(self):
        program = self.serve("--quiet-period=300ms")
        request = Request(program, APP_PORT, "/d900")
        self.busy(program, 1)
        self.stop_and_report(program)
        self.assert_answered(request, "/d900")

    def test_without_one_new_requests_do_not_hold(self):
        """Each is answered in one piece before the next: between two of them, nothing is in flight."""
        program = self.serve("--settle=50ms", timeout="20s")
        connection = well_used_connection(program)
        client = Client(lambda: connection.ask("/d20"))  # not in one tick of the kernel's clock
        harness.wait_until(lambda: client.answered, "the first answer")
        report = self.stop_and_report(program)
        client.stop()
        self.assertLess(report["phases_ms"]["drain"], 5000)


class IgnoredPeers(Draining):
    def request_from(self, program, source, path="/d30000", host="127.0.0.1"):
        """A request in flight from an address of ours that we choose."""
        connection = Connection.__new__(Connection)
        connection.socket = program.socket()
        connection.socket.settimeout(20)
        connection.socket.bind((source, 0))
        connection.socket.connect((host, APP_PORT))
        connection.buffer = b""
        return Request(program, APP_PORT, path, connection=connection)

    def check_passed_over(self, listen, *options):
        """One that never ends from an ignored peer, and one that does from another."""
        program = self.serve(SOON_SURE, "--ignore-peer=127.0.1.0/24", *options, listen=listen)
        ignored = self.request_from(program, "127.0.1.77")
        waited_for = self.request_from(program, "127.0.2.1", "/d1200/b300")
        self.busy(program, 1)
        report = self.stop_and_report(program)
        self.assert_answered(waited_for, "/d1200/b300")
        self.assertIsNone(ignored.result())
        self.assertLess(report["phases_ms"]["drain"], 5000)
        self.assertEqual(report["outcome"], "drained")
        self.assertEqual(report["connections"]["open_at_stop"], 1)
        self.assertEqual(report["connections"]["busy_at_stop"], 1)
        self.assertEqual(report["connections"]["cut"], 0)
        self.assertEqual(len(report["connections"]["held_by"]), 1)

    def test_range_on_an_ipv4_socket(self):
        self.check_passed_over(f"serve={APP_PORT}")

    def test_range_on_a_socket_of_both_families(self):
        """The kernel calls the client ::ffff:127.0.1.77."""
        self.check_passed_over(f"serve=dual:{APP_PORT}", "--ignore-peer=fd00::/8")

    def test_ipv6_peer(self):
        program = self.serve(SOON_SURE, "--ignore-peer=::1", listen=f"serve=dual:{APP_PORT}")
        ignored = Request(program, APP_PORT, "/d30000", "::1")
        waited_for = Request(program, APP_PORT, "/d1000", "127.0.0.1")
        self.busy(program, 1)
        report = self.stop_and_report(program)
        self.assert_answered(waited_for, "/d1000")
        self.assertIsNone(ignored.result())
        self.assertEqual(report["connections"]["open_at_stop"], 1)

    def test_ignored_requests_do_not_prolong_the_quiet_period(self):
        program = self.serve("--quiet-period=700ms", "--ignore-peer=127.0.1.77")
        client = Client(lambda: self.request_from(program, "127.0.1.77", "/c").result())
        harness.wait_until(lambda: client.answered, "the first answer")
        report = self.stop_and_report(program)
        client.stop()
        self.assertGreaterEqual(report["phases_ms"]["drain"], 700)
        self.assertLess(report["phases_ms"]["drain"], 4000)
        self.assertEqual(report["connections"]["arrived_after_stop"], 0)


class LongestRequest(Draining):
    def test_pings_that_nobody_answers_hold_for_as_long(self):
        """Like a WebSocket client's, or replication: the client talks, and the server does not answer."""
        program = self.serve("--longest-request=1500ms", timeout="30s")
        connection = well_used_connection(program)
        pings = Client(lambda: connection.socket.sendall(b"p"))
        harness.wait_until(lambda: pings.answered > 3, "pings are sent")
        program.stop()
        program.wait()
        pings.stop()
        report = self.assert_in_time(program)
        self.assertGreaterEqual(report["phases_ms"]["drain"], 1500)
        self.assertLess(report["phases_ms"]["drain"], 5000)
        self.assertEqual(report["outcome"], "drained")
        self.assertEqual(report["connections"]["cut"], 0)
        self.assertEqual(report["connections"]["unknown"], 1)

    def test_a_request_that_takes_longer_no_longer_holds(self):
        program = self.serve("--longest-request=1s", timeout="30s")
        request = Request(program, APP_PORT, "/d20000")
        self.busy(program, 1)
        report = self.stop_and_report(program)
        self.assertIsNone(request.result())
        self.assertGreaterEqual(report["phases_ms"]["drain"], 1000)
        self.assertLess(report["phases_ms"]["drain"], 5000)
        self.assertEqual(report["connections"]["unknown"], 1)
        self.assertEqual(report["connections"]["cut"], 0)

    def test_longer_than_the_drain_budget_it_is_made_as_short(self):
        program = self.serve("--longest-request=1m", "--drain-budget=2s", timeout="20s")
        self.assertTrue(program.err.find("--longest-request=1m is longer than the drain budget; using its 2s"))
        self.stop_and_report(program)

    def test_without_it_they_hold_for_the_whole_budget(self):
        program = self.serve("--drain-budget=1200ms")
        connection = Connection(program, APP_PORT)
        connection.ask("/")
        connection.socket.sendall(b"p")
        report = self.stop_and_report(program)
        self.assertGreaterEqual(report["phases_ms"]["drain"], 1200)
        self.assertEqual(report["outcome"], "budget_exhausted")

    def test_unread_answer_is_work_however_long_nothing_moves(self):
        program = self.serve("--longest-request=300ms", timeout="20s")
        reader = Connection(program, APP_PORT, receive_buffer=4096)
        reader.send("/b300000")
        self.busy(program, 1)
        program.stop()
        program.err.wait_for("draining for")
        self.assertEqual(len(reader.receive().body), 300000)
        program.wait()
        report = self.assert_in_time(program)
        self.assertEqual(report["connections"]["lost_bytes"], 0)
        self.assertEqual(report["connections"]["cut"], 0)


if __name__ == "__main__":
    harness.main()
