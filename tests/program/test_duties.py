# SPDX-License-Identifier: MIT
"""What else is asked of an init: sessions, orphans, its own parent, and the status that it ends with."""

import os
import signal

import harness
from harness import BOTH_WAYS, probe

IDS = r"ids pid (\d+) parent (\d+) group (\d+) session (\d+)"


class ExitMap(harness.ProgramTest):
    def test_codes_are_mapped_and_the_report_has_the_true_one(self):
        for options, env in ((["--exit-map=143:0,7:8"], None),
                             ([], {"LASTCALL_EXIT_MAP": "143:0,7:8"}),
                             (["--drain=off", "--exit-map=143:0", "--exit-map", "7:8"], None)):
            for steps, code in ((["exit=7"], 8), (["raise=15"], 0), (["exit=8"], 8), (["exit=0"], 0)):
                with self.subTest(options=options, steps=steps):
                    program = self.start(*options, command=probe(*steps), env=env)
                    self.assertEqual(program.wait().code, code)
        program = self.start("--exit-map=7:0", "--report=stderr", command=probe("exit=7"))
        self.assertEqual(program.wait().code, 0)
        self.assertEqual(program.report()["app"]["exit_code"], 7)

    def test_our_own_codes_are_not_mapped(self):
        program = self.start("--exit-map=127:0,2:0", command=["/nowhere"])
        self.assertEqual(program.wait().code, 127)
        program = self.start("--exit-map=2:0", "--nonsense")
        self.assertEqual(program.wait().code, 2)
        program = self.start("--exit-map=124:0,143:0", "--start-timeout=50ms", "--stop-timeout=2s")
        self.assertEqual(program.wait().code, 124)


class Session(harness.ProgramTest):
    def test_application_leads_a_session(self):
        for options in (("--setsid",), ("--setsid", "--drain=off")):
            for pid1 in BOTH_WAYS:
                program = self.start(*options, command=probe("describe"), pid1=pid1)
                self.assertEqual(program.wait().code, 0)
                pid, _, group, session = program.out.find(IDS).groups()
                self.assertEqual((group, session), (pid, pid))

    def test_stop_of_a_terminal_reaches_it_as_sigstop(self):
        """In a session of its own its group is an orphaned one, which SIGTSTP does not stop."""
        for number in (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
            program = self.start_ready("--setsid", command=probe("print=ready", "wait"))
            app = program.app_pid()
            program.send(number)
            harness.wait_until(lambda: harness.process_state(app) == "T", "it stops")
            program.send(signal.SIGCONT)
            harness.wait_until(lambda: harness.process_state(app) != "T", "it goes on")


class Orphans(harness.ProgramTest):
    def orphan_parent(self, *options):
        program = self.start_ready(
            *options, command=probe("daemon=plain", "print=ready", "hang"), pid1=False)
        program.wait_app("^child")
        program.wait_started()
        return program

    def test_they_come_to_us_where_we_are_not_pid_1(self):
        program = self.orphan_parent()
        harness.wait_until(lambda: len(program.children()) == 2, "it has come to us")
        self.assertIsNone(program.err.find("warning"))

    def test_without_the_subreaper_they_go_to_pid_1(self):
        for options in ((), ("--drain=off",)):
            program = self.orphan_parent("--subreaper=off", *options)
            harness.wait_until(lambda: self.brothers(program), "it has gone to PID 1")
            self.assertEqual(program.children(), [program.app_pid()])
            self.assertIsNone(program.err.find("warning"))

    def brothers(self, program):
        return [pid for pid in harness.children_of(program.parent()) if pid != program.pid]

    def test_reaping_is_told_when_it_is_asked_for(self):
        for options in (("--quiet",), ("--quiet", "--drain=off")):
            for pid1 in BOTH_WAYS:
                program = self.start_ready("--warn-on-reap", *options, pid1=pid1,
                                           command=probe("daemon=plain", "print=ready", "hang"))
                program.wait_app("^child")
                harness.wait_until(lambda: len(program.children()) == 2, "it has come to us")
                daemon = max(program.children())
                os.kill(daemon, signal.SIGKILL)
                program.err.wait_for(r"warning: reaped orphan pid \d+ \(killed by SIGKILL\)")

    def test_reaping_is_not_told_else(self):
        program = self.start_ready(command=probe("orphans=3", "print=ready", "exit=0"))
        program.wait()
        self.assertIsNone(program.err.find("reaped orphan pid"))


class ParentDeath(harness.ProgramTest):
    def start_under_shell(self, *options):
        """A shell that the jail waits for, and lastcall as its child."""
        words = " ".join([harness.LASTCALL, "--listen=off", *options, "--",
                          *probe("exit-on=10:0", "print=ready", "wait")])
        program = harness.Program(["-c", f"{words} & wait"], [], pid1=False, binary="/bin/sh")
        self.programs.append(program)
        self.addCleanup(program.kill)
        program.wait_app("^ready")
        program.wait_started()
        return program

    def test_signal_comes_when_the_parent_ends(self):
        for options in ((), ("--drain=off",)):
            program = self.start_under_shell("--parent-death-signal=USR1", *options)
            program.send(signal.SIGKILL)
            self.assertEqual(program.wait().left, 0)

    def test_else_we_stay(self):
        program = self.start_under_shell()
        program.send(signal.SIGKILL)
        self.assertEqual(program.wait().left, 2)

    def test_what_cannot_be_had_is_said_before_the_start(self):
        program = self.start("--parent-death-signal=TERM", command=probe("print=ready"),
                             settings=["deny=prctl"])
        self.assertEqual(program.wait().code, 125)
        self.assertIsNone(program.out.find("ready"))
        program.err.find("cannot request SIGTERM for the exit of the parent process") or self.fail("not said")


if __name__ == "__main__":
    harness.main()
