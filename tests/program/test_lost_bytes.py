# SPDX-License-Identifier: MIT
"""Bytes that were written are delivered or counted: what came after the application's end because we
stayed, and what no client has acknowledged. Against the client's own count."""

import harness
from client_behaviour import read_bytes, reset, unread_bytes, vanish
from harness import APP_PORT
from http_client import Connection
from test_drain import Draining

BODY = 400000
HEAD = len(f"HTTP/1.1 200 OK\r\nContent-Length: {BODY}\r\n\r\n")
SENT = HEAD + BODY

# What was lost is exact. Of what was flushed the beginning is the first poll after the application's
# end, when the last segments may still be on their way into the client's buffer.
IN_FLIGHT = 4096


class LostBytes(Draining):
    def read_slowly(self, program, path):
        connection = Connection(program, APP_PORT, receive_buffer=4096)
        connection.send(path)
        return connection

    def taken_bytes(self, connection):
        """What the client's kernel has taken, once that does not change any more: its buffer is full."""
        taken = [unread_bytes(connection)]

        def is_settled():
            taken.append(unread_bytes(connection))
            return taken[-1] > 0 and len(taken) > 40 and len(set(taken[-40:])) == 1
        harness.wait_until(is_settled, "the client's buffer is full")
        return taken[-1]

    def flushing(self, program):
        program.err.wait_for("exited with 0")
        self.busy(program, 0)  # it has answered: the flush has begun

    def test_all_of_a_slow_reader_is_flushed(self):
        program = self.serve(timeout="20s")
        reader = self.read_slowly(program, f"/b{BODY}/x")
        self.flushing(program)
        taken = self.taken_bytes(reader)
        read_bytes(reader, SENT)
        self.assertTrue(reader.at_end())
        program.wait()
        connections = program.report()["connections"]
        self.assertIsNone(connections["lost_bytes"])  # what was lost in its end was not seen
        self.assertAlmostEqual(connections["flushed_bytes"], SENT - taken, delta=IN_FLIGHT)

    def check_reset(self, program, reader, read):
        """What was sent is what the client has got and what is lost, and nothing else."""
        read_bytes(reader, read)
        got = read + self.taken_bytes(reader)
        reset(reader)
        program.wait()
        connections = program.report()["connections"]
        self.assertEqual(connections["lost_bytes"] + got, SENT)
        return connections

    def test_reader_that_takes_part_and_resets_during_the_flush(self):
        program = self.serve(timeout="20s")
        reader = self.read_slowly(program, f"/b{BODY}/x")
        self.flushing(program)
        at_end = self.taken_bytes(reader)
        connections = self.check_reset(program, reader, 100000)
        self.assertAlmostEqual(connections["flushed_bytes"] + connections["lost_bytes"], SENT - at_end,
                               delta=IN_FLIGHT)

    def test_reader_that_takes_part_and_resets_during_the_drain(self):
        program = self.serve(timeout="20s")
        reader = self.read_slowly(program, f"/b{BODY}")
        self.busy(program, 1)
        program.stop()
        program.err.wait_for("SIGTERM received")
        connections = self.check_reset(program, reader, 100000)
        self.assertEqual(connections["cut"], 0)
        self.assertEqual(connections["flushed_bytes"], 0)

    def test_reader_that_takes_part_until_the_deadline(self):
        program = self.serve(timeout="2s")
        reader = self.read_slowly(program, f"/b{BODY}/x")
        self.flushing(program)
        read_bytes(reader, 50000)
        got = 50000 + self.taken_bytes(reader)
        program.wait()
        report = program.report()
        self.assertLess(report["phases_ms"]["total"], 2000)
        self.assertEqual(report["connections"]["lost_bytes"] + got, SENT)
        reader.close()

    def test_what_the_flush_had_to_leave_is_cut(self):
        """The application ended unasked, so that it was closed already at the first poll."""
        program = self.serve(timeout="1s")
        reader = self.read_slowly(program, f"/b{BODY}/x")
        program.wait()
        connections = program.report()["connections"]
        self.assertGreater(connections["lost_bytes"], 0)
        self.assertEqual(connections["cut"], 1)
        self.assertIsNone(connections["finished"])  # what came before was not seen
        reader.close()

    def test_many_readers(self):
        """Some take all of it and some reset: the sums are right."""
        program = self.serve("--drain-budget=500ms", timeout="20s")
        readers = [self.read_slowly(program, f"/b{BODY}") for _ in range(8)]
        self.busy(program, len(readers))
        program.stop()
        program.err.wait_for("killed by SIGTERM")
        taken = [self.taken_bytes(reader) for reader in readers]
        for reader in readers[4:]:
            reset(reader)
        for reader in readers[:4]:
            read_bytes(reader, SENT)
            self.assertTrue(reader.at_end())
        program.wait()
        connections = self.assert_in_time(program)["connections"]
        self.assertEqual(connections["lost_bytes"], 4 * SENT - sum(taken[4:]))
        self.assertAlmostEqual(connections["flushed_bytes"], 4 * SENT - sum(taken[:4]), delta=8 * IN_FLIGHT)
        self.assertEqual(connections["cut"], 0)  # by their own resets
        self.assertIn("gave_up", {holder["ended"] for holder in connections["held_by"]})


class GonePeers(Draining):
    """A client whose host is gone answers nothing: it is waited for as long as the kernel has hope, four
    retransmissions, and no longer."""

    PATH = "/b200000"

    def start_reader(self, program, path):
        reader = Connection(program, APP_PORT)
        vanish(reader)  # nothing of the answer is ever acknowledged
        reader.send(path)
        return reader

    def check_flush(self, make_reader, timeout="30s"):
        program = self.serve(timeout=timeout)
        reader = make_reader(program, f"{self.PATH}/x")
        self.assertEqual(program.wait().code, 0)
        report = program.report()
        self.assertGreater(report["connections"]["lost_bytes"], 100000)
        reader.close()
        return report

    def test_flush_gives_up(self):
        report = self.check_flush(self.start_reader)
        self.assertLess(report["phases_ms"]["total"], 12000)
        self.assertEqual(report["connections"]["flushed_bytes"], 0)

    def test_flush_is_bounded_by_the_deadline_too(self):
        self.assertLess(self.check_flush(self.start_reader, timeout="2s")["phases_ms"]["total"], 2000)

    def test_drain_gives_up(self):
        program = self.serve(timeout="40s")
        reader = self.start_reader(program, self.PATH)
        self.busy(program, 1)
        report = self.stop_and_report(program)
        self.assertLess(report["phases_ms"]["drain"], 12000)
        self.assertGreater(report["connections"]["lost_bytes"], 100000)
        reader.close()

    def stall_and_vanish(self, program, path):
        """First it reads nothing until its window is closed, then it is gone: what it does not answer
        any more is probes of the window."""
        reader = Connection(program, APP_PORT, receive_buffer=4096)
        reader.send(path)
        program.err.wait_for("exited with 0")
        harness.wait_until(lambda: unread_bytes(reader) > 0, "it has begun to answer")
        vanish(reader)
        return reader

    def test_flush_gives_up_a_closed_window(self):
        report = self.check_flush(self.stall_and_vanish, timeout="13s")
        self.assertLess(report["phases_ms"]["total"], 10000)


if __name__ == "__main__":
    harness.main()
