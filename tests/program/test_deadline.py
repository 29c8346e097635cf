# SPDX-License-Identifier: MIT
"""Whatever the application does, we are gone by the stop timeout less the margin, and so is it."""

import os
import signal

import harness
from harness import BOTH_WAYS, LATE_MS, probe

TIMEOUT = 2  # seconds; the margin is a tenth
KILLED = 128 + signal.SIGKILL
# A hundred processes that fork compete with the kill for the processors: half of the margin is theirs.
BOMB_LATE_MS = LATE_MS + TIMEOUT * 1000 // 20


class Stubborn(harness.ProgramTest):
    def stop_stubborn(self, *steps, options=(), prepare=None, expect="^ready", late_ms=LATE_MS,
                      **arguments):
        """Runs and stops an application both as PID 1 and not; yields each one's program."""
        for pid1 in BOTH_WAYS:
            program = self.start(f"--stop-timeout={TIMEOUT}s", *options, command=probe(*steps),
                                 pid1=pid1, **arguments)
            program.wait_app(expect)
            if prepare:
                prepare(program)
            program.stop()
            program.wait()
            self.assert_in_time(program, late_ms)
            yield program

    def test_deaf_application_is_killed(self):
        for program in self.stop_stubborn("ignore=15", "print=ready", "hang"):
            self.assertEqual(program.ending.code, KILLED)
            report = program.report()
            self.assertEqual(report["outcome"], "killed")
            self.assertTrue(report["app"]["killed"])
            self.assertIs(report["app"]["handles_stop_signal"], False)

    def test_handler_that_never_ends_is_killed(self):
        for program in self.stop_stubborn("exit-on=15:0:60000", "print=ready", "wait"):
            self.assertEqual(program.ending.code, KILLED)
            self.assertIs(program.report()["app"]["handles_stop_signal"], True)

    def suspend(self, program):
        app = program.app_pid()
        os.kill(app, signal.SIGSTOP)
        harness.wait_until(lambda: harness.process_state(app) == "T", "it is stopped")

    def test_stopped_application_is_continued_and_ends(self):
        for program in self.stop_stubborn("print=ready", "hang", prepare=self.suspend):
            self.assertEqual(program.ending.code, 128 + signal.SIGTERM)
            self.assertLess(program.report()["phases_ms"]["total"], 1000)

    def test_stopped_and_deaf_application_is_killed(self):
        for program in self.stop_stubborn("ignore=15", "print=ready", "hang", prepare=self.suspend):
            self.assertEqual(program.ending.code, KILLED)

    def test_application_that_stops_itself_at_each_continue_is_killed(self):
        steps = ("ignore=15", "stop-on=18", "print=ready", "wait")
        for program in self.stop_stubborn(*steps):
            self.assertEqual(program.ending.code, KILLED)

    def test_deaf_daemon_is_killed(self):
        for program in self.stop_stubborn("daemon=deaf", "print=ready", "hang", expect="^child"):
            self.assertEqual(program.ending.code, 128 + signal.SIGTERM)
            self.assertEqual(program.report()["app"]["leftovers"], 1)
            self.assertEqual(program.report()["app"]["leftovers_killed"], 1)

    def test_daemons_of_a_killed_application_are_killed_too(self):
        steps = ("daemon=deaf", "child=deaf", "ignore=15", "print=ready", "hang")
        for program in self.stop_stubborn(*steps, prepare=lambda p: p.out.wait_count("^child", 2)):
            self.assertEqual(program.ending.code, KILLED)
            self.assertEqual(program.report()["app"]["leftovers_killed"], 2)

    def test_stopped_children_are_continued_and_end(self):
        def suspend_child(program):
            child = int(program.out.wait_for(r"^child (\d+)").group(1))
            pid = next(pid for pid in harness.descendants(program.pid) if inner_pid(pid) == child)
            os.kill(pid, signal.SIGSTOP)
            harness.wait_until(lambda: harness.process_state(pid) == "T", "it is stopped")

        for program in self.stop_stubborn("child=plain", "print=ready", "hang", prepare=suspend_child):
            self.assertEqual(program.report()["app"]["leftovers_killed"], 0)
            self.assertLess(program.report()["phases_ms"]["total"], 1000)

    def test_parent_in_vfork_is_killed(self):
        """It sleeps uninterruptibly until its child, which is deaf, executes or ends."""
        for program in self.stop_stubborn("ignore=15", "print=ready", "vfork", expect="^in vfork"):
            self.assertEqual(program.ending.code, KILLED)

    def test_fork_bomb_is_ended(self):
        uid = harness.free_uid()
        for program in self.stop_stubborn("bomb", expect="^bomb", late_ms=BOMB_LATE_MS,
                                          settings=[f"user={uid}", "nproc=100"],
                                          env=harness.NO_LEAK_CHECK):
            self.assertEqual(program.ending.code, KILLED)

    def test_fork_bomb_left_behind_is_ended(self):
        """The main process has ended, its bomb goes on."""
        uid = harness.free_uid()
        command = ["/bin/sh", "-c", f"{harness.PROBE} bomb & wait"]
        for pid1 in BOTH_WAYS:
            program = self.start(f"--stop-timeout={TIMEOUT}s", command=command, pid1=pid1,
                                 settings=[f"user={uid}", "nproc=100"], env=harness.NO_LEAK_CHECK)
            program.wait_app("^bomb")
            program.stop()
            program.wait()
            self.assert_in_time(program, BOMB_LATE_MS)

    def test_signal_first_kills_after_the_same_deadline(self):
        for program in self.stop_stubborn("ignore=15", "print=ready", "hang",
                                          options=["--order=signal-first"]):
            self.assertEqual(program.ending.code, KILLED)

    def test_exec_in_the_way_of_the_signal(self):
        """Each SIGTERM is answered by a fresh image of the same program."""
        script = "trap 'exec /bin/sh -c \"trap : TERM; while :; do sleep 60; done\"' TERM; " \
                 "echo ready; while :; do sleep 60; done"
        for pid1 in BOTH_WAYS:
            program = self.start(f"--stop-timeout={TIMEOUT}s", command=["/bin/sh", "-c", script],
                                 pid1=pid1)
            program.wait_app("^ready")
            program.stop()
            program.wait()
            self.assert_in_time(program)


class SmallTimeouts(harness.ProgramTest):
    def test_whatever_the_timeout_nothing_is_left_and_a_report_is_there(self):
        for timeout in (1, 5, 20, 100, 500):
            for pid1 in BOTH_WAYS:
                with self.subTest(timeout=timeout, pid1=pid1):
                    program = self.start(
                        f"--stop-timeout={timeout}ms", pid1=pid1,
                        command=probe("daemon=deaf", "ignore=15", "print=ready", "hang"))
                    program.out.wait_for("^child")
                    program.wait_app("^ready")
                    program.stop()
                    self.assertEqual(program.wait().code, KILLED)
                    self.assertEqual(program.report()["outcome"], "killed")
                    self.assertEqual(program.ending.left, 0)

    def test_hundred_stubborn_descendants_are_all_ended(self):
        for pid1 in BOTH_WAYS:
            program = self.start("--stop-timeout=1s", pid1=pid1,
                                 command=probe(*["daemon=deaf"] * 50, *["child=deaf"] * 50, "print=ready", "hang"))
            program.out.wait_count("^child", 100)
            program.wait_app("^ready")
            program.stop()
            program.wait(5)
            self.assertEqual(program.ending.left, 0)
            self.assertEqual(program.report()["app"]["leftovers_killed"], 100)


def inner_pid(pid):
    with open(f"/proc/{pid}/status") as status:
        line = next(line for line in status if line.startswith("NSpid"))
    return int(line.split()[-1])


if __name__ == "__main__":
    harness.main()
