# SPDX-License-Identifier: MIT
"""Which signal the application gets, and which of its processes: --rewrite, --stop-signal, --group."""

import signal

import harness
from harness import BOTH_WAYS, probe

TALKING = ("catch", "print=ready", "wait")


class Rewriting(harness.ProgramTest):
    def start_talking(self, *options, steps=TALKING, **arguments):
        program = self.start_ready(
            "--stop-timeout=2s", *options, command=probe(*steps), **arguments)
        program.wait_started()
        return program

    def signals_said(self, program):
        return [int(line.split()[1]) for line in program.out.all if line.startswith("signal")]

    def test_signal_becomes_another_one_and_zero_drops_it(self):
        for options in (["--rewrite=USR1:HUP,USR2:0", "--rewrite", "SIGRTMIN+3:12"],
                        ["--drain=off", "--rewrite=10:1", "--rewrite=12:0", "--rewrite=37:USR2"]):
            for pid1 in BOTH_WAYS:
                program = self.start_talking(*options, pid1=pid1)
                for sent, seen in ((signal.SIGUSR1, signal.SIGHUP), (37, signal.SIGUSR2)):
                    program.send(sent)
                    program.wait_app(f"^signal {seen.value} ")
                program.send(signal.SIGUSR2)
                program.send(signal.SIGWINCH)
                program.wait_app(f"^signal {signal.SIGWINCH.value} ")
                self.assertEqual(self.signals_said(program),
                                 [signal.SIGHUP, signal.SIGUSR2, signal.SIGWINCH])

    def test_value_goes_along(self):
        program = self.start_talking("--rewrite=40:41,USR1:42")
        program.queue(40, 1234)
        program.wait_app("^signal 41 code -1 value 1234")
        program.queue(signal.SIGUSR1, 77)
        program.wait_app("^signal 42 code -1 value 77")

    def test_rewritten_stop_signal_begins_the_stop(self):
        for pid1 in BOTH_WAYS:
            program = self.start_talking(
                "--rewrite=TERM:QUIT", steps=("exit-on=3:33", "print=ready", "wait"), pid1=pid1)
            program.stop()
            self.assertEqual(program.wait().code, 33)
            report = self.assert_in_time(program)
            self.assertEqual(report["stop"]["signal"], "SIGTERM")
            self.assertEqual(report["outcome"], "drained")

    def test_stop_signal_may_become_one_that_is_none(self):
        """As apache's graceful end, which is SIGWINCH; the stop is one all the same."""
        program = self.start_talking(
            "--rewrite=TERM:WINCH", steps=("exit-on=28:0", "print=ready", "wait"))
        program.stop()
        self.assertEqual(program.wait().code, 0)
        self.assertEqual(self.assert_in_time(program)["outcome"], "drained")

    def test_any_signal_can_be_made_a_stop_signal(self):
        """For an image whose STOPSIGNAL is SIGWINCH."""
        program = self.start_talking("--stop-on=WINCH", "--stop-signal=WINCH",
                                     steps=("exit-on=28:0", "print=ready", "wait"))
        program.stop(signal.SIGWINCH)
        self.assertEqual(program.wait().code, 0)
        report = self.assert_in_time(program)
        self.assertEqual(report["stop"]["signal"], "SIGWINCH")
        self.assertEqual(report["outcome"], "drained")

    def test_signal_that_is_rewritten_to_a_stop_signal_is_one(self):
        program = self.start_talking("--rewrite=WINCH:TERM", steps=("exit-on=15:15", "print=ready", "wait"))
        program.stop(signal.SIGWINCH)
        self.assertEqual(program.wait().code, 15)
        self.assertEqual(self.assert_in_time(program)["stop"]["signal"], "SIGWINCH")

    def test_rewriting_wins_over_the_stop_signal_option(self):
        for received, expected in ((signal.SIGTERM, 33), (signal.SIGINT, 10)):
            program = self.start_talking("--rewrite=TERM:QUIT", "--stop-signal=USR1",
                                         steps=("exit-on=3:33", "exit-on=10:10", "print=ready", "wait"))
            program.stop(received)
            self.assertEqual(program.wait().code, expected)

    def test_dropped_stop_signal_begins_nothing(self):
        for pid1 in BOTH_WAYS:
            program = self.start_talking("--rewrite=INT:0", pid1=pid1)
            program.send(signal.SIGINT)
            program.send(signal.SIGUSR1)
            program.wait_app(f"^signal {signal.SIGUSR1.value} ")
            self.assertIsNone(program.err.find("SIGINT"))
            self.assertEqual(self.signals_said(program), [signal.SIGUSR1])
            program.stop()
            program.wait_app(f"^signal {signal.SIGTERM.value} ")

    def test_application_that_is_not_ready_is_told_as_rewritten(self):
        program = self.start("--stop-timeout=2s", "--start-timeout=100ms", "--rewrite=TERM:QUIT",
                             command=probe("exit-on=3:33", "wait"))
        self.assertEqual(program.wait().code, 124)
        self.assertEqual(program.report()["app"]["exit_code"], 33)

    def test_application_can_be_stopped_for_a_signal(self):
        program = self.start_talking("--rewrite=USR1:STOP")
        program.send(signal.SIGUSR1)
        app = program.app_pid()
        harness.wait_until(lambda: harness.process_state(app) == "T", "it stops")
        program.send(signal.SIGCONT)
        program.wait_app(f"^signal {signal.SIGCONT.value} ")


    def test_check_shows_what_it_all_comes_to(self):
        program = harness.Program(["--check", "--listen=off", "--rewrite=15:QUIT", "--rewrite", "USR1:0",
                                   "--setsid", "--exit-map=143:0,1:2"], [])
        self.addCleanup(program.kill)
        self.assertEqual(program.wait().code, 0)
        program.wait_app("^  rewrite +USR1:0,TERM:QUIT,TSTP:STOP,TTIN:STOP,TTOU:STOP --rewrite$")
        program.wait_app("^  exit-map +1:2,143:0 +--exit-map$")


class Group(harness.ProgramTest):
    """A main process that is deaf, and a child of its group that is not."""

    STEPS = ("child=100", "ignore=15", "print=ready", "hang")

    def start_with_child(self, *options, **arguments):
        program = self.start_ready(*options, command=probe(*self.STEPS), **arguments)
        program.wait_app("^child")
        program.wait_started()
        return program

    def test_stop_signal_goes_to_the_group(self):
        for pid1 in BOTH_WAYS:
            program = self.start_with_child("--group", "--stop-timeout=3s", "--term-grace=800ms", pid1=pid1)
            program.stop()
            program.wait_app("^cleaned up", 2)
            self.assertEqual(program.wait().code, 128 + signal.SIGKILL)
            self.assertEqual(self.assert_in_time(program)["app"]["leftovers"], 0)

    def test_else_it_goes_to_the_main_process(self):
        program = self.start_with_child("--stop-timeout=4s", "--term-grace=500ms")
        program.stop()
        program.wait()
        app = self.assert_in_time(program)["app"]
        self.assertEqual(app["leftovers"], 1, "the child heard of it before the main process's end")

    def test_forwarded_signal_goes_to_the_group(self):
        for options in ((), ("--drain=off",), ("--setsid",)):
            program = self.start_ready(
                "--group", *options, command=probe("child=plain", "ignore=10", "print=ready", "hang"))
            program.wait_app("^child")
            program.wait_started()
            child = program.children_of_app()[0]
            program.send(signal.SIGUSR1)
            harness.wait_until(lambda: not harness.is_alive(child), "the child ends of it")
            self.assertTrue(harness.is_alive(program.app_pid()))


if __name__ == "__main__":
    harness.main()
