# SPDX-License-Identifier: MIT
"""Each connection is followed by its identity: what became of it, and which ones held the drain."""

import os
import signal

import harness
from client_behaviour import name, read_bytes, reset
from harness import APP_PORT
from http_client import Connection, Request
from test_drain import Draining, well_used_connection


class Followed(Draining):
    def blockers(self, report):
        return {blocker["peer"]: blocker for blocker in report["connections"]["held_by"]}

    def stop_holding(self, program):
        """Leaves it in the drain, which something must hold."""
        program.stop()
        program.err.wait_for("SIGTERM received")

    def stop_until_deadline(self, program):
        """With a reader that never reads: how near to the deadline is not the question here."""
        program.stop()
        program.wait()
        return program.report()

    def test_client_that_closes_has_given_up(self):
        """With a FIN, while its request was being worked on; the application answers into the void."""
        program = self.serve()
        waits = Request(program, APP_PORT, "/d1800")
        leaves = Connection(program, APP_PORT)
        leaves.send("/d1200/b300000")
        self.busy(program, 2)
        peer = name(leaves)
        self.stop_holding(program)
        leaves.close()
        program.wait()
        self.assert_answered(waits, "/d1800")
        report = self.assert_in_time(program)
        self.assertEqual(report["outcome"], "drained")
        self.assertEqual(self.blockers(report)[peer]["ended"], "gave_up")
        self.assertEqual(report["connections"]["finished"], 1)
        self.assertEqual(report["connections"]["cut"], 0)
        self.assertEqual(report["connections"]["arrived_after_stop"], 0)

    def test_client_that_resets_has_given_up(self):
        """The application finds out only when it answers, long after the connection is gone."""
        program = self.serve()
        waits = Request(program, APP_PORT, "/d1800")
        leaves = Connection(program, APP_PORT)
        leaves.send("/d1000")
        self.busy(program, 2)
        peer = name(leaves)
        self.stop_holding(program)
        reset(leaves)
        program.wait()
        self.assert_answered(waits, "/d1800")
        report = self.assert_in_time(program)
        self.assertEqual(report["outcome"], "drained")
        self.assertEqual(report["connections"]["open_at_stop"], 2)
        self.assertEqual(report["connections"]["arrived_after_stop"], 0)
        self.assertEqual(report["connections"]["finished"], 1)
        self.assertEqual(report["connections"]["cut"], 0)
        self.assertEqual(self.blockers(report)[peer]["ended"], "gave_up")

    def test_arrived_and_finished_are_counted(self):
        """The request on a connection that was idle takes longer than two polls are apart, in any build."""
        program = self.serve()
        first = Request(program, APP_PORT, "/d3000")
        kept = well_used_connection(program)
        self.busy(program, 1)
        self.stop_holding(program)
        program.err.wait_for("draining for")
        late = [Request(program, APP_PORT, "/d300/c") for _ in range(3)]
        again = Request(program, APP_PORT, "/d1500", connection=kept)  # no new connection
        program.wait()
        for request, path in ((first, "/d3000"), (again, "/d1500"), *((r, "/d300/c") for r in late)):
            self.assert_answered(request, path)
        connections = self.assert_in_time(program)["connections"]
        self.assertEqual(connections["open_at_stop"], 2)
        self.assertEqual(connections["busy_at_stop"], 1)
        self.assertEqual(connections["arrived_after_stop"], 3)
        self.assertEqual(connections["finished"], 5)
        self.assertEqual(connections["cut"], 0)

    def test_cut_is_counted_whoever_cuts(self):
        """Two that never end, and one whose answer the application leaves half-way."""
        program = self.serve("--drain-budget=500ms", timeout="2s")
        endless = [Connection(program, APP_PORT) for _ in range(2)]
        for connection in endless:
            connection.send("/d30000")
        reader = Connection(program, APP_PORT, receive_buffer=4096)
        reader.send("/b2000000")
        self.busy(program, 3)
        report = self.stop_until_deadline(program)
        self.assertEqual(report["connections"]["cut"], 3)
        self.assertEqual(report["connections"]["finished"], 0)
        self.assertEqual({blocker["ended"] for blocker in report["connections"]["held_by"]}, {"cut"})
        reader.close()

    def test_five_that_held_longest(self):
        program = self.serve(timeout="20s")
        requests = [Request(program, APP_PORT, f"/d{1800 + 300 * i}") for i in range(7)]
        well_used_connection(program)
        self.busy(program, len(requests))
        peers = [name(request.connection) for request in requests]
        report = self.stop_and_report(program)
        held = report["connections"]["held_by"]
        self.assertEqual({blocker["peer"] for blocker in held}, set(peers[2:]))
        self.assertEqual([blocker["ended"] for blocker in held], ["finished"] * 5)
        times = [blocker["held_ms"] for blocker in held]
        self.assertEqual(times, sorted(times, reverse=True))
        for blocker in held:
            # asked before the stop, and held on for a while after its answer
            self.assertLessEqual(blocker["held_ms"], blocker["age_ms"] + blocker["quiet_ms"])
            self.assertLessEqual(blocker["held_ms"], report["phases_ms"]["total"])
            self.assertEqual(blocker["queued_bytes"], 0)
        self.assertGreaterEqual(held[0]["age_ms"], 1500)
        self.assertGreaterEqual(report["connections"]["longest_ms"], held[0]["age_ms"])

    def test_slow_reader_is_described(self):
        """What it had not read is queued; nothing has moved since it stopped to read."""
        program = self.serve("--drain-budget=700ms", timeout="2s")
        reader = Connection(program, APP_PORT, receive_buffer=4096)
        reader.send("/b300000")
        self.busy(program, 1)
        report = self.stop_until_deadline(program)
        blocker, = report["connections"]["held_by"]
        self.assertEqual(blocker["peer"], name(reader))
        self.assertEqual(blocker["ended"], "cut")
        self.assertEqual(blocker["class"], "closing")  # the application has ended meanwhile
        self.assertEqual(blocker["queued_bytes"], report["connections"]["lost_bytes"])
        self.assertGreater(blocker["queued_bytes"], 100000)
        self.assertGreaterEqual(blocker["held_ms"], 700)
        self.assertGreaterEqual(blocker["age_ms"], blocker["held_ms"])
        reader.close()

    def test_slow_reader_while_the_application_lives_is_busy(self):
        """It resets when the drain has held for it: the bytes it had not taken are those it had left."""
        program = self.serve("--drain-budget=5s")
        reader = Connection(program, APP_PORT, receive_buffer=4096)
        reader.send("/b300000")
        self.busy(program, 1)
        peer = name(reader)
        self.stop_holding(program)
        program.err.wait_for("draining for")
        read_bytes(reader, 10000)
        reset(reader)
        program.wait()
        report = self.assert_in_time(program)
        blocker = self.blockers(report)[peer]
        self.assertEqual(blocker["class"], "busy")
        self.assertEqual(blocker["ended"], "gave_up")
        self.assertGreater(blocker["queued_bytes"], 100000)
        self.assertEqual(report["connections"]["cut"], 0)

    def test_peers_of_both_families(self):
        program = self.serve(listen=f"serve=dual:{APP_PORT}")
        requests = [Request(program, APP_PORT, "/d1000", host) for host in ("::1", "127.0.0.1")]
        self.busy(program, 2)
        peers = {name(request.connection) for request in requests}
        report = self.stop_and_report(program)
        self.assertEqual(set(self.blockers(report)), peers)
        self.assertEqual({peer.rpartition(":")[0] for peer in peers}, {"[::1]", "127.0.0.1"})

    def test_application_that_crashes_has_cut(self):
        """It was not signalled, but it was no client that gave up."""
        program = self.serve()
        requests = [Request(program, APP_PORT, "/d9000") for _ in range(3)]
        self.busy(program, 3)
        self.stop_holding(program)
        os.kill(program.app_pid(), signal.SIGKILL)
        program.wait()
        report = self.assert_in_time(program)
        self.assertTrue(all(request.result() is None for request in requests))
        self.assertEqual(report["connections"]["cut"], 3)
        self.assertEqual(report["outcome"], "app_exited")


if __name__ == "__main__":
    harness.main()
