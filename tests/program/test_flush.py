# SPDX-License-Identifier: MIT
"""The application is gone, its last bytes are not: we stay until they are delivered, or it is time."""

import time

import harness
import http_client
from harness import APP_PORT, BOTH_WAYS, HEALTH_PORT, probe

BYTES = 400000


class Flushing(harness.ProgramTest):
    def serve(self, timeout, **arguments):
        program = self.start_ready(f"--stop-timeout={timeout}", **arguments,
                                   command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        program.wait_serving()
        return program

    def ask_slowly(self, program):
        """A reader with a small buffer that has not read anything yet."""
        reader = http_client.Connection(program, APP_PORT, receive_buffer=4096)
        reader.send(f"/b{BYTES}/x")
        program.err.wait_for("exited with 0")
        answer = http_client.ask(program, HEALTH_PORT, "/healthcheck")  # so the flush has begun
        self.assertIn(b"stopping", answer.body)
        return reader

    def test_slow_reader_gets_every_byte_after_the_end(self):
        for pid1 in BOTH_WAYS:
            program = self.serve("20s", pid1=pid1)
            reader = self.ask_slowly(program)
            status, headers = reader.receive_head()
            got = len(reader.buffer)
            while data := reader.socket.recv(8192):
                got += len(data)
                time.sleep(0.002)  # this is what makes it slow
            self.assertEqual(got, BYTES)
            self.assertEqual(program.wait().code, 0)
            report = program.report()
            connections = report["connections"]
            self.assertIsNone(connections["lost_bytes"])  # its end itself was not seen
            self.assertGreater(connections["flushed_bytes"], BYTES / 4)
            self.assertLessEqual(connections["flushed_bytes"], BYTES + 1000)
            self.assertGreater(report["phases_ms"]["flush"], 0)

    def test_reader_that_never_reads_holds_no_longer_than_the_deadline(self):
        program = self.serve("2s")
        reader = self.ask_slowly(program)
        self.assertEqual(program.wait().code, 0)
        report = self.assert_in_time(program)
        connections = report["connections"]
        self.assertGreater(connections["lost_bytes"], BYTES / 4)
        self.assertLessEqual(connections["lost_bytes"] + connections["flushed_bytes"], BYTES + 1000)
        self.assertGreater(report["phases_ms"]["flush"], 1000)
        reader.close()

    def test_reader_that_goes_away_holds_nobody(self):
        """What it has not read is lost, and said to be."""
        program = self.serve("20s")
        reader = self.ask_slowly(program)
        reader.close()
        self.assertEqual(program.wait().code, 0)
        report = program.report()
        self.assertLess(report["phases_ms"]["total"], 10000)
        self.assertGreater(report["connections"]["lost_bytes"], BYTES / 4)

    def test_nothing_to_flush_takes_no_time(self):
        program = self.serve("20s")
        self.assertEqual(http_client.ask(program, APP_PORT, "/b1000").status, 200)
        program.stop()
        program.wait()
        self.assertLess(program.report()["phases_ms"]["flush"], 1000)

    def test_stop_during_the_flush_changes_nothing(self):
        program = self.serve("10s")
        reader = self.ask_slowly(program)
        program.stop()
        self.assertEqual(len(reader.receive().body), BYTES)
        self.assertTrue(reader.at_end())
        self.assertEqual(program.wait().code, 0)
        self.assertIsNone(program.report()["connections"]["lost_bytes"])

    def test_application_that_answers_and_dies_of_its_signal(self):
        """The answer was written in full when SIGTERM came; only the kernel still has it."""
        program = self.serve("20s")
        reader = http_client.Connection(program, APP_PORT, receive_buffer=4096)
        reader.send(f"/b{BYTES}")
        program.stop()
        program.err.wait_for("SIGTERM received")
        self.assertEqual(len(reader.receive().body), BYTES)
        program.wait()
        self.assertEqual(self.assert_in_time(program)["connections"]["cut"], 0)


if __name__ == "__main__":
    harness.main()
