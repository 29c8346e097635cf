# SPDX-License-Identifier: MIT
"""Signals: all that can be forwarded are, none of them ends us, and none is lost."""

import itertools
import os
import platform
import signal

import harness
from harness import BOTH_WAYS, probe

STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}
NEVER_FORWARDED = {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}
FORWARDED = [n for n in range(1, 65) if n not in STOP_SIGNALS | NEVER_FORWARDED]
REALTIME = range(34, 65)


class Forwarding(harness.ProgramTest):
    def start_talking(self, *options, **arguments):
        program = self.start_ready(
            "--stop-timeout=2s", *options, command=probe("catch", "print=ready", "wait"), **arguments)
        program.wait_started()
        return program

    def test_every_signal_is_forwarded_one_at_a_time(self):
        for pid1 in BOTH_WAYS:
            program = self.start_talking(pid1=pid1)
            for number in FORWARDED:
                program.send(number)
                program.wait_app(f"^signal {number} ", 5)
            self.assertTrue(harness.is_alive(program.pid))
            said = [line for line in program.out.all if line.startswith("signal")]
            self.assertEqual(len(said), len(FORWARDED), "one arrived twice, or one too many")

    def test_child_signal_of_a_stranger_is_not_an_end(self):
        program = self.start_talking()
        program.send(signal.SIGCHLD)
        program.send(signal.SIGUSR1)
        program.wait_app(f"^signal {signal.SIGUSR1.value} ")

    def test_realtime_signals_keep_their_order_and_their_values(self):
        for pid1 in BOTH_WAYS:
            program = self.start_talking(pid1=pid1)
            number = self.random.choice(REALTIME)
            values = [self.random.randrange(-2**31, 2**31) for _ in range(100)]
            for value in values:
                program.queue(number, value)
            program.out.wait_count(f"^signal {number} ", len(values))
            seen = [int(line.rsplit(None, 1)[1]) for line in program.out.all if "signal" in line]
            self.assertEqual(seen, values)

    def test_storm_of_all_signals_ends_nobody_and_loses_no_queued_one(self):
        for pid1, drain in itertools.product(BOTH_WAYS, ("on", "off")):
            program = self.start_talking(f"--drain={drain}", pid1=pid1)
            queued = 0
            for _ in range(40):
                for number in FORWARDED:
                    if number in REALTIME and number % 8 == 0:
                        program.queue(number, queued)
                        queued += 1
                    else:
                        program.send(number)
            pattern = "^signal (40|48|56|64) "
            program.out.wait_count(pattern, queued)
            self.assertTrue(harness.is_alive(program.pid))
            program.stop()
            program.wait_app(f"^signal {signal.SIGTERM.value} ")

    def test_signals_that_are_ignored_by_inheritance_are_still_forwarded(self):
        ignored = sum(1 << (n - 1) for n in FORWARDED if n != signal.SIGCHLD)
        program = self.start_talking(settings=[f"ignore={ignored:x}"])
        for number in (signal.SIGHUP, signal.SIGPIPE, signal.SIGTTOU, 50):
            program.send(number)
            program.wait_app(f"^signal {int(number)} ")

    def test_tstp_stops_the_application_and_not_us_and_cont_goes_on(self):
        for pid1 in BOTH_WAYS:
            program = self.start_ready(command=probe("print=ready", "wait"), pid1=pid1)
            app = program.app_pid()
            program.send(signal.SIGTSTP)
            harness.wait_until(lambda: harness.process_state(app) == "T", "the application stops")
            self.assertNotEqual(harness.process_state(program.pid), "T")
            program.send(signal.SIGCONT)
            harness.wait_until(lambda: harness.process_state(app) != "T", "it goes on")

    def test_forwarded_signal_that_ends_the_application_ends_us(self):
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGSEGV, signal.SIGABRT, 35):
            program = self.start_ready("--report=stderr", command=probe("print=ready", "hang"))
            program.wait_started()
            program.send(number)
            self.assertEqual(program.wait().code, 128 + number)
            self.assertEqual(program.report()["outcome"], "app_exited")

    def test_own_broken_pipe_is_not_forwarded(self):
        """The log has no reader any more: each line of it is a SIGPIPE for lastcall."""
        for pid1 in BOTH_WAYS:
            read_end, write_end = os.pipe()
            program = self.start("--verbose", command=probe("catch", "print=ready", "wait"),
                                 stderr=write_end, pid1=pid1)
            os.close(read_end)
            os.close(write_end)
            program.wait_app("^ready")
            for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP):
                program.send(number)
                program.wait_app(f"^signal {number.value} ")
            self.assertIsNone(program.out.find(f"^signal {signal.SIGPIPE.value} "))
            program.send(signal.SIGPIPE)
            program.wait_app(f"^signal {signal.SIGPIPE.value} ")


class Faults(harness.ProgramTest):
    """A signal that a fault brings may be sent by any process, and then is the application's; a fault of our own
    must end us all the same, blocked or not, or we would be stuck in it for ever."""

    INSTRUCTIONS = {
        "x86_64": {signal.SIGILL: "0f0b", signal.SIGSEGV: "31c08b00", signal.SIGTRAP: "cc"},
        "aarch64": {signal.SIGILL: "00000000", signal.SIGTRAP: "000020d4"},
    }

    def break_code(self, pid, instructions):
        """Writes them to where a sleeping process goes on when it wakes up."""
        def resumed_at():
            with open(f"/proc/{pid}/syscall") as call:
                return call.read().split()[-1]
        at = harness.wait_until(lambda: (now := resumed_at()) != "running" and now, "it sleeps")
        with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
            memory.seek(int(at, 16))
            memory.write(bytes.fromhex(instructions))

    def test_sent_ones_are_forwarded_and_real_ones_end_us(self):
        faults = self.INSTRUCTIONS.get(platform.machine())
        if faults is None:
            self.skipTest(f"no instructions for {platform.machine()}")
        for options in ((), ("--drain=off",)):
            for pid1 in BOTH_WAYS:
                for number, instructions in faults.items():
                    program = self.start_ready(
                        *options, command=probe("catch", "print=ready", "wait"), pid1=pid1)
                    program.wait_started()
                    program.send(number)
                    program.wait_app(f"^signal {number.value} ")
                    self.break_code(program.pid, instructions)
                    program.send(signal.SIGUSR1)
                    self.assertEqual(program.wait().code, -number)


class Early(harness.ProgramTest):
    """Signals that arrive before the application is there. strace holds up one call on the way."""

    MOMENTS = ("socket", "bind", "epoll_create1", "pipe2", "setpgid")

    def start_held_up(self, moment, pid1):
        strace = harness.need_command("strace")
        log = os.path.join(self.temporary_directory(), "log")
        program = harness.Program(
            ["-qq", "-f", "-D", "-o", log, "-e", f"trace={moment}",
             "-e", f"inject={moment}:delay_enter=1500000:when=1",
             harness.LASTCALL, "--wait=main", "--report=stderr"],
            probe("hang"), pid1=pid1, binary=strace, env=harness.NO_LEAK_CHECK)
        self.programs.append(program)
        self.addCleanup(program.kill)
        harness.wait_until(lambda: has_content(log), f"{moment} is reached")
        return program

    def endings(self, number):
        programs = [(moment, pid1, self.start_held_up(moment, pid1))
                    for moment in self.MOMENTS for pid1 in BOTH_WAYS]
        for _, _, program in programs:
            program.send(number)
        for moment, pid1, program in programs:
            with self.subTest(moment=moment, pid1=pid1):
                self.assertEqual(program.wait(10).code, 128 + number)
                yield program

    def test_stop_signal_is_not_lost(self):
        for program in self.endings(signal.SIGTERM):
            self.assertEqual(program.report()["stop"]["signal"], "SIGTERM")

    def test_forwarded_signal_is_not_lost(self):
        for program in self.endings(signal.SIGUSR1):
            self.assertEqual(program.report()["app"]["signal"], "SIGUSR1")


def has_content(path):
    return os.path.exists(path) and os.path.getsize(path) > 0


if __name__ == "__main__":
    harness.main()
