# SPDX-License-Identifier: MIT
"""Orphans come to us, and none stays a zombie; the application's own end is not lost among them."""

import os
import signal

import harness
from harness import BOTH_WAYS, probe


def zombies(program):
    return [pid for pid in program.children() if harness.process_state(pid) == "Z"]


class Reaping(harness.ProgramTest):
    def test_thousand_orphans_are_reaped_and_counted(self):
        for pid1 in BOTH_WAYS:
            program = self.start_ready(
                command=probe("orphans=1000", "print=ready", "hang"), pid1=pid1)
            harness.wait_until(lambda: len(program.children()) == 1, "all orphans are reaped")
            program.stop()
            self.assertEqual(program.wait().code, 128 + signal.SIGTERM)
            self.assertEqual(program.report()["reaped"], 1000)

    def test_more_orphans_than_one_turn_reaps(self):
        """They end while lastcall is stopped, so that one SIGCHLD stands for all."""
        orphans = 600
        wait_for_signal = 'trap "go=1" USR1; echo ready; until [ "$go" ]; do sleep 0.02; done; exec "$@"'
        for pid1 in BOTH_WAYS:
            program = self.start_ready(pid1=pid1, command=[
                "/bin/sh", "-c", wait_for_signal, "sh", *probe(f"orphans={orphans}", "print=made", "hang")])
            program.send(signal.SIGSTOP)
            os.kill(program.app_pid(), signal.SIGUSR1)
            program.out.wait_for("^made")
            harness.wait_until(lambda: len(zombies(program)) == orphans, "all have ended")
            program.send(signal.SIGCONT)
            harness.wait_until(lambda: len(program.children()) == 1, "all orphans are reaped")
            program.stop()
            self.assertEqual(program.wait().code, 128 + signal.SIGTERM)
            self.assertEqual(program.report()["reaped"], orphans)

    def test_exit_status_is_not_lost_among_orphans(self):
        for _ in range(5):
            program = self.start("--report=stderr", command=probe("orphans=200", "exit=42"))
            self.assertEqual(program.wait().code, 42)
            self.assertEqual(program.report()["reaped"], 200)

    def test_exit_status_is_not_lost_when_all_end_in_a_group(self):
        """Main process and children are killed by one call: one SIGCHLD stands for all of them."""
        for _ in range(5):
            program = self.start_ready(
                "--stop-timeout=5s", "--report=stderr",
                command=probe(*["child=plain"] * 20, "exit-on=15:43", "print=ready", "wait"))
            program.out.wait_count("^child", 20)

            os.killpg(program.app_pid(), signal.SIGTERM)
            self.assertEqual(program.wait().code, 43)
            self.assertEqual(program.report()["reaped"], 20)

    def test_daemon_becomes_our_child_and_is_waited_for(self):
        for pid1 in BOTH_WAYS:
            program = self.start_ready(
                "--stop-timeout=10s", command=probe("daemon=300", "print=ready", "hang"), pid1=pid1)
            program.out.wait_for("^child")
            harness.wait_until(lambda: len(program.children()) == 2, "it has come to us")
            program.stop()
            self.assertEqual(program.wait().code, 128 + signal.SIGTERM)
            program.out.find("^cleaned up") or self.fail("the daemon could not clean up")
            app = self.assert_in_time(program)["app"]
            self.assertEqual(app["leftovers"], 1)
            self.assertEqual(app["leftovers_killed"], 0)

    def test_daemon_that_ends_while_serving_is_no_event(self):
        program = self.start_ready(command=probe("daemon=plain", "print=ready", "hang"))
        program.out.wait_for("^child")
        harness.wait_until(lambda: len(program.children()) == 2, "it has come to us")
        app = program.app_pid()
        daemon = next(pid for pid in program.children() if pid != app)

        os.kill(daemon, signal.SIGKILL)
        harness.wait_until(lambda: program.children() == [app], "it is reaped")
        self.assertEqual(program.said(), [])


class Leftovers(harness.ProgramTest):
    def test_with_wait_main_nobody_is_waited_for(self):
        for pid1 in BOTH_WAYS:
            program = self.start_ready(
                "--stop-timeout=10s", "--wait=main", pid1=pid1,
                command=probe("child=deaf", "daemon=5000", "print=ready", "hang"))
            program.out.wait_count("^child", 2)
            program.stop()
            ending = program.wait()
            self.assertEqual(ending.code, 128 + signal.SIGTERM)
            self.assertLess(ending.seconds, 5)
            self.assertEqual(self.assert_in_time(program)["app"]["leftovers_killed"], 2)

    def test_leftovers_of_an_application_that_ended_by_itself_are_ended_too(self):
        for pid1 in BOTH_WAYS:
            program = self.start("--stop-timeout=5s", "--report=stderr", pid1=pid1,
                                 command=probe("child=100", "child=plain", "sleep=200", "exit=3"))
            self.assertEqual(program.wait().code, 3)
            report = program.report()
            self.assertEqual(report["outcome"], "app_exited")
            self.assertEqual(report["app"]["leftovers"], 2)
            self.assertEqual(program.ending.left, 0)


if __name__ == "__main__":
    harness.main()
