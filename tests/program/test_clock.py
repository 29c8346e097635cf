# SPDX-License-Identifier: MIT
"""The clock on the wall is set, forward and back, while lastcall serves, drains and kills. Deadlines are monotonic:
nothing changes but the time of day in the report and in the log. The machine's own clock is set where
LASTCALL_TEST_SETS_CLOCK allows it (tests/machine/run), elsewhere that of the program's C library."""

import datetime
import json
import os
import signal
import struct
import sys
import time

import harness
import http_client
from harness import APP_PORT, HEALTH_PORT, probe

HOUR = 3600
YEAR = 365 * 24 * HOUR
SETS_CLOCK = os.environ.get("LASTCALL_TEST_SETS_CLOCK") == "1"


class Clock:
    """The wall clock of the programs that are started with its environment."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "off")
        self.off = 0
        self.env = {} if SETS_CLOCK else {"LD_PRELOAD": os.environ["LASTCALL_CLOCK"], "CLOCK_OFF": self.path}
        self.write()

    def write(self):
        with open(self.path, "r+b" if os.path.exists(self.path) else "xb", buffering=0) as file:
            file.write(struct.pack("q", 0 if SETS_CLOCK else self.off * 1000))

    def jump(self, seconds):
        self.off += seconds
        if SETS_CLOCK:
            time.clock_settime(time.CLOCK_REALTIME, time.time() + seconds)
        self.write()

    def now(self):
        return time.time() + (0 if SETS_CLOCK else self.off)


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class ClockTest(harness.ProgramTest):
    def setUp(self):
        super().setUp()
        if not SETS_CLOCK and not harness.is_dynamic():
            self.skipTest("the program is static, and its clock that of this machine")
        self.clock = Clock(self.temporary_directory())
        self.addCleanup(lambda: self.clock.jump(-self.clock.off))

    def start_serving(self, *options, steps=("print=ready", "hang")):
        return self.start_ready(*options, command=probe(f"serve={APP_PORT}", *steps),
                                env={**harness.NO_LEAK_CHECK, **self.clock.env})

    def check_began(self, report, began_at):
        self.assertAlmostEqual(seconds_of(report["stop"]["at"]), began_at, delta=5)

    def health(self, program):
        return http_client.ask(program, HEALTH_PORT, "/healthcheck").status

    def test_while_it_serves(self):
        """No check is late, nothing is stuck, and the next line of the log has the new time."""
        program = self.start_serving(f"--app-check=http://127.0.0.1:{APP_PORT}/d100", "--check-failures=1",
                                     "--log-format=json", "--verbose", "--stop-timeout=6s")
        harness.wait_until(lambda: self.health(program) == 200, "it serves")
        for jump in (YEAR, -2 * YEAR, HOUR):
            self.clock.jump(jump)
            self.assertEqual(self.health(program), 200)
        program.stop()
        program.wait()
        self.check_began(self.assert_in_time(program), self.clock.now())
        lines = [json.loads(line) for line in program.err.all if '"event"' in line]
        events = [line["event"] for line in lines]
        self.assertEqual({"app_stuck", "check_failed"} & set(events[events.index("app_ready"):]), set())
        self.assertAlmostEqual(seconds_of(lines[-1]["at"]), self.clock.now(), delta=5)

    def jump_in_stop(self, program, *jumps):
        """Each jump once the log has such a line; returns when the stop began."""
        began_at = self.clock.now()
        program.stop()
        for jump, line in jumps:
            program.err.wait_for(line)
            self.clock.jump(jump)
        program.wait()
        return began_at

    def test_while_it_drains(self):
        """A request in flight has its time, neither less nor more."""
        program = self.start_serving("--stop-timeout=8s")
        program.wait_serving()
        request = http_client.Request(program, APP_PORT, "/d1300")
        began_at = self.jump_in_stop(program, (YEAR, "SIGTERM received"), (-2 * YEAR, "draining for 1"))
        self.assertIsNotNone(request.result(), f"cut: {request.error!r}")
        report = self.assert_in_time(program)
        self.check_began(report, began_at)
        self.assertEqual(report["connections"]["finished"], 1)
        self.assertGreater(report["phases_ms"]["drain"], 1000)

    def test_while_it_kills(self):
        """A request that never ends has all of the drain budget, and a deaf application all of the time. How soon a
        killed process is gone is the scheduler's affair."""
        program = self.start_serving("--stop-timeout=2s", steps=("ignore=15", "print=ready", "hang"))
        program.wait_serving()
        request = http_client.Request(program, APP_PORT, "/d60000")
        began_at = self.jump_in_stop(program, (YEAR, "SIGTERM received"), (-2 * YEAR, "sent SIGTERM"),
                                     (3 * YEAR, "sent SIGKILL"))
        self.assertEqual(program.ending.code, 128 + signal.SIGKILL)
        self.assertIsNone(request.result())
        report = program.report()
        self.check_began(report, began_at)
        self.assertGreater(program.ending.seconds, 1.7)
        for phase, least in ("drain", 1250), ("term", 440):
            self.assertGreaterEqual(report["phases_ms"][phase], least)
            self.assertLess(report["phases_ms"][phase], least + 10000)


if __name__ == "__main__":
    if harness.SANITIZED:  # a sanitizer has to be loaded first
        sys.exit(print("the same code is tested in the build without sanitizers"))
    harness.main()
