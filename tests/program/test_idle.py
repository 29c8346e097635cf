# SPDX-License-Identifier: MIT
"""While nothing happens, lastcall makes no system call at all. strace watches it."""

import os
import re
import signal
import subprocess
import time

import harness
import http_client
from harness import APP_PORT, HEALTH_PORT, probe

SECONDS = float(os.environ.get("LASTCALL_IDLE_SECONDS", 8))


class Idle(harness.ProgramTest):
    def calls_while_idle(self, programs):
        """The system calls that each of them makes while it is watched."""
        strace = harness.need_command("strace")
        logs = [os.path.join(self.temporary_directory(), "calls") for _ in programs]
        tracers = [subprocess.Popen([strace, "-f", "-o", log, "-p", str(program.pid)],
                                    stderr=subprocess.PIPE)
                   for program, log in zip(programs, logs)]
        for tracer in tracers:
            self.addCleanup(tracer.wait)
            self.addCleanup(tracer.kill)
            line = tracer.stderr.readline()
            self.assertIn(b"attached", line)
        time.sleep(SECONDS)  # not to wait for anything: this is the time in which nothing happens
        for tracer in tracers:
            tracer.send_signal(signal.SIGINT)
            tracer.communicate(timeout=20)
        calls = []
        for log in logs:
            with open(log) as file:
                # the one call that it sits in is shown when strace comes and when it goes
                calls.append([line for line in file if not re.search(r"epoll_(p?wait2?|wait)\(\d+.*(detached|unfinished)", line)])
        return calls

    def wait_settled(self, program):
        """It polls once more after the application listens: then it sleeps, in one switch to another process."""
        def switches():
            with open(f"/proc/{program.pid}/status") as status:
                return next(line for line in status if line.startswith("voluntary"))

        seen = []
        harness.wait_until(lambda: seen.append(switches()) or seen[-10:].count(seen[-1]) == 10, "it sleeps")

    def start_serving(self, *options, **arguments):
        program = self.start_ready(*options, command=probe(f"serve={APP_PORT}", "print=ready", "hang"), **arguments)
        program.wait_serving()
        self.wait_settled(program)
        return program

    def test_nothing_is_done_while_nothing_happens(self):
        untouched = self.start_serving()
        other_process = self.start_serving(pid1=False)
        no_endpoint = self.start_serving("--listen=off", "--verbose")
        probed = self.start_serving()
        for _ in range(3):
            http_client.ask(probed, HEALTH_PORT, "/healthcheck")
            http_client.ask(probed, APP_PORT, "/")
        programs = [untouched, other_process, no_endpoint, probed]
        for program, calls in zip(programs, self.calls_while_idle(programs)):
            self.assertEqual(calls, [], program.argv)

    def test_open_connections_of_the_application_are_no_reason_to_wake_up(self):
        program = self.start_serving()
        connections = [http_client.Connection(program, APP_PORT) for _ in range(5)]
        request = http_client.Request(program, APP_PORT, f"/d{int(SECONDS + 5) * 1000}")
        calls, = self.calls_while_idle([program])
        self.assertEqual(calls, [])
        self.assertEqual(len(connections), 5)
        self.assertIsNotNone(request)

    def test_application_that_never_listens_is_polled_ever_more_rarely(self):
        """Every 10 ms at first, every 250 ms later: a hundred times in the first eight seconds."""
        program = self.start_ready("--listen=off", command=probe("print=ready", "hang"))
        calls, = self.calls_while_idle([program])
        waits = [call for call in calls if "epoll_" in call]
        self.assertGreater(len(waits), 0, "it is polled")
        self.assertLess(len(waits), 80 + 5 * SECONDS)

    def test_without_timerfd_there_is_next_to_nothing(self):
        """Without timerfd, libev looks at the clock now and then; no more than once in some seconds."""
        program = self.start_serving(settings=["deny=timerfd"])
        calls, = self.calls_while_idle([program])
        self.assertLessEqual(len(calls), 4 + SECONDS / 5)


if __name__ == "__main__":
    harness.main()
