# SPDX-License-Identifier: MIT
"""The last metre: what the application has written before it ended reaches a slow client, over a
real veth, which the engine takes away as soon as PID 1 is gone. With tini, most of it is lost."""

import engine
import ring
from client import SlowReader

SIZE = 400_000
PIECE_PAUSE = 0.05  # 16 KB each: some 1.3 s for the answer


class Flush(ring.ContainerTest):
    def answer_and_exit(self, init, is_stopped, environment=None):
        """One request, to an application that exits right after its answer: by itself, or in the
        course of a `docker stop`. Returns what the client saw, and how the container ended."""
        command = ("python3", "/apps/big_answer.py")
        with self.container(*command, init=init, environment=environment) as container:
            container.line.wait_for("ready")
            if init is ring.LASTCALL:
                self.wait_health(container.address, ring.HEALTH_PORT, 200, "serving")
            reader = SlowReader(container.address, ring.PORT)
            container.line.wait_for("received")
            if is_stopped:
                container.begin_stop(10)
            container.line.say("go")
            unsent = int(container.line.wait_for("unsent").split()[1])
            self.assertGreater(unsent, SIZE / 2, "bytes that were still to be sent at the exit")
            kind, size = reader.read_to_end(SIZE, PIECE_PAUSE, silence=3)
            ending = container.end()
            if init is ring.LASTCALL:
                self.assertEqual((kind, size), ("ok", SIZE))
                self.assert_flushed(ending, is_stopped)
            return kind, size

    def assert_flushed(self, ending, is_stopped):
        self.assertEqual(ending.exit_code, 0)
        self.validate_report(ending.report)
        if is_stopped:
            self.assert_ended_by_itself(ending, 9)
        connections = ending.report["connections"]
        self.assertGreater(connections["flushed_bytes"], 0)
        # Unknown where the application ended unasked, less than half a second after the stop or without
        # one: some of its connections may have ended before the first poll.
        is_unasked = ending.report["app"]["stop_signal"] is None
        self.assertIn(connections["lost_bytes"], (0, None) if is_unasked else (0,))


class Plain(Flush):
    def test_stop_while_answering_loses_no_byte(self):
        self.repeat(lambda _: self.answer_and_exit(ring.LASTCALL, True), times=5, at_once=5)

    def test_exit_after_answering_loses_no_byte(self):
        self.repeat(lambda _: self.answer_and_exit(ring.LASTCALL, False), times=5, at_once=5)

    def test_signal_first_loses_no_byte(self):
        order = {"LASTCALL_ORDER": "signal-first"}
        self.repeat(lambda _: self.answer_and_exit(ring.LASTCALL, True, order), times=3, at_once=3)

    def test_tini_loses_bytes(self):
        runs = self.repeat(lambda _: self.answer_and_exit(ring.TINI, True), times=3, at_once=3)
        for kind, size in runs:
            self.assertNotEqual(kind, "ok")
            self.assertLess(size, SIZE, "bytes received")
        ring.measured("tini: bytes received of 400000", [size for _, size in runs])


class Hardened(Flush):
    options = engine.HARDENED

    def test_stop_while_answering_loses_no_byte(self):
        self.repeat(lambda _: self.answer_and_exit(ring.LASTCALL, True), times=3, at_once=3)


if __name__ == "__main__":
    ring.main()
