# SPDX-License-Identifier: MIT
"""Environments that forbid single system calls, set limits at the floor or move the clocks, and storms: what we
cannot do without is missed before the application starts; after that nothing ends us but its end."""

import errno
import os
import signal
import socket
import threading

import harness
from harness import BOTH_WAYS, probe
from test_hardship import without_sanitizer

# Of each the application itself can do without.
CALLS = ("accept4", "bind", "chdir", "epoll_create1", "epoll_ctl", "epoll_pwait", "getdents64", "getpgid",
         "ioctl", "kill", "listen", "pipe2", "prctl", "prlimit64", "readlinkat", "recvfrom", "rt_sigaction",
         "rt_sigqueueinfo", "sendto", "setpgid", "setsockopt", "signalfd4", "socket", "timerfd_create",
         "timerfd_settime", "waitid")
CALLS_OF_SOME = ("epoll_wait", "getpgrp", "vfork")  # that arm64 never had
REFUSED = ("epoll_create1", "epoll_ctl", "pipe2", "rt_sigaction", "signalfd4", "setpgid")
NEEDLESS = ("accept4", "chdir", "getdents64", "ioctl", "prctl", "prlimit64", "recvfrom", "rt_sigqueueinfo", "sendto",
            "timerfd_create", "timerfd_settime", "vfork", "waitid")


class Forbidden(harness.ProgramTest):
    def run_without(self, call, number):
        program = self.start("--stop-timeout=3s", settings=[f"call={call}:{number}"], command=["/bin/sleep", "1000"])
        program.wait_started()
        if not program.err.ended:
            program.stop()
            self.assertIn(program.wait().code, (128 + signal.SIGTERM, 128 + signal.SIGKILL))
            self.assert_in_time(program)
            return True
        self.assertIn(program.wait().code, (2, 125))
        self.assertEqual(len(program.said()), 1, "one line says it all")
        self.assertTrue(program.said()[0].startswith("lastcall: error: "))
        return False

    @without_sanitizer
    def test_each_call_in_turn(self):
        calls = CALLS + CALLS_OF_SOME * (os.uname().machine == "x86_64")
        for call in calls:
            for number in (errno.EPERM, errno.ENOSYS):
                with self.subTest(call=call, errno=errno.errorcode[number]):
                    has_started = self.run_without(call, number)
                    if call in NEEDLESS:
                        self.assertTrue(has_started)
                    if call in REFUSED and (call, number) != ("epoll_create1", errno.ENOSYS):  # libc tries epoll_create
                        self.assertFalse(has_started)


class Limits(harness.ProgramTest):
    def check_runs(self, *settings, options=(), command=None, **arguments):
        program = self.start_ready("--stop-timeout=3s", *options, settings=settings, **arguments,
                                   command=command or probe("exit-on=15:9", "print=ready", "wait"))
        program.stop()
        self.assertEqual(program.wait().code, 9)
        return self.assert_in_time(program)

    def test_queue_of_signals_at_the_floor(self):
        """The kernel reports them all the same, but not their senders."""
        for limit in (0, 1):
            self.check_runs(f"sigpending={limit}")

    @without_sanitizer
    def test_small_stack(self):
        for limit in (96 << 10, 128 << 10):
            self.check_runs(f"stack={limit}")

    def test_environment_of_a_megabyte(self):
        report = self.check_runs(env={f"VARIABLE_{i}": "x" * 100000 for i in range(10)})
        self.assertEqual(report["outcome"], "drained")

    def test_thousands_of_arguments(self):
        self.check_runs(command=probe("print=" + "y" * 100000, *["sleep=0"] * 20000, "exit-on=15:9", "print=ready", "wait"))

    def test_clocks_of_a_time_namespace(self):
        """CLOCK_MONOTONIC may be anything, three years on or next to nothing: only what passes counts."""
        with open("/proc/uptime") as file:
            almost_zero = -int(float(file.read().split()[0])) + 2
        for offset in (100000000, almost_zero):
            report = self.check_runs(f"uptime={offset}", options=["--min-drain=300ms"])
            self.assertGreaterEqual(report["phases_ms"]["drain"], 300)
            self.assertLess(report["phases_ms"]["total"], 1500)


class Descriptors(harness.ProgramTest):
    def test_nobody_reads_any_more(self):
        """SIGPIPE and EPIPE at every line, of the log and of the report."""
        for pid1 in BOTH_WAYS:
            read_end, write_end = os.pipe()
            os.close(read_end)
            program = self.start("--stop-timeout=3s", "--verbose", pid1=pid1, stderr=write_end,
                                 command=probe("exit-on=15:9", "print=ready", "wait"))
            os.close(write_end)
            program.wait_app("^ready")
            program.stop()
            self.assertEqual(program.wait().code, 9)
            self.assertLess(program.ending.seconds, 2)

    def test_one_socket_for_all_three(self):
        ours, theirs = socket.socketpair()
        program = self.start("--stop-timeout=3s", stdin=theirs, stdout=theirs, stderr=theirs,
                             command=probe("exit-on=15:9", "print=ready", "wait"))
        theirs.close()
        lines = harness.Lines(ours.detach())
        lines.wait_for("^ready")
        program.stop()
        self.assertEqual(program.wait().code, 9)
        lines.wait_for('^{"schema"')

    def test_standard_error_that_cannot_be_written(self):
        with open("/dev/null") as read_only:
            program = self.start("--stop-timeout=3s", stderr=read_only, command=probe("exit-on=15:9", "print=ready", "wait"))
        program.wait_app("^ready")
        program.stop()
        self.assertEqual(program.wait().code, 9)


class Storms(harness.ProgramTest):
    SIGNALS, ORPHANS, NUMBER = 20000, 2000, 40

    def test_signals_and_orphans_all_at_once(self):
        """Not one real-time signal is lost, no zombie is left, and the exit status is the application's."""
        for pid1 in BOTH_WAYS:
            program = self.start("--stop-timeout=20s", "--quiet", "--report=stderr", pid1=pid1, env=harness.NO_LEAK_CHECK,
                                 command=probe("catch", "exit-on=10:7", "print=up", f"orphans={self.ORPHANS}", "print=ready", "wait"))
            program.wait_app("^up")
            sender = threading.Thread(target=lambda: [program.queue(self.NUMBER, i) for i in range(self.SIGNALS)])
            sender.start()
            program.out.wait_count(f"^signal {self.NUMBER} ", self.SIGNALS, 60)
            sender.join()
            values = [int(line.rsplit(None, 1)[1]) for line in program.out.all if line.startswith(f"signal {self.NUMBER} ")]
            self.assertEqual(values, list(range(self.SIGNALS)), "in the order in which they were sent")
            harness.wait_until(lambda: len(program.children()) == 1, "the orphans are reaped")
            program.send(signal.SIGUSR1)
            self.assertEqual(program.wait().code, 7)
            self.assertEqual(program.report()["reaped"], self.ORPHANS)

    def test_stopped_and_continued_in_each_state(self):
        """SIGSTOP for longer than is left, as a debugger or a frozen cgroup does: once we go on we are gone."""
        for options, steps, line in (
                (["--min-drain=500ms"], ["ignore=15"], "SIGTERM received"),
                (["--order=signal-first"], ["ignore=15"], "sent SIGTERM to pid"),
                ([], ["child=deaf", "exit-on=15:0"], "sent SIGTERM to . leftover process")):
            program = self.start_ready("--stop-timeout=1s", *options, pid1=False, command=probe(*steps, "print=ready", "wait"))
            program.stop()
            program.err.wait_for(line)
            program.send(signal.SIGSTOP)
            harness.wait_until(lambda: harness.process_state(program.pid) == "T", "it is stopped")
            ended = threading.Event()
            ended.wait(1.2)  # not for anything: so much more than the stop timeout passes
            program.send(signal.SIGCONT)
            program.wait(5)
            self.assertEqual(program.ending.left, 0)
            self.assertLess(program.report()["headroom_ms"], 0)


if __name__ == "__main__":
    harness.main()
