# SPDX-License-Identifier: MIT
"""Processes that come into the container from outside, as docker exec and kubectl exec bring them."""

import fcntl
import os
import subprocess
import termios

import harness
from harness import probe
from test_drain import Draining

DIES = ("print=ready", "hang")


class Exec(Draining):
    def enter(self, program, *command, **arguments):
        nsenter = harness.need_command("nsenter")
        process = subprocess.Popen([nsenter, f"--target={program.pid}", "--pid", "--mount", *command], **arguments)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def exec_job(self, program, script):
        """docker exec CONTAINER sh -c SCRIPT; the script says `ready`."""
        process = self.enter(program, "sh", "-c", script, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.assertEqual(process.stdout.readline(), "ready\n")
        self.addCleanup(process.stdout.close)
        return process

    def exec_shell(self, program, *command, type_in=""):
        """docker exec -it CONTAINER COMMAND; returns it when it has read what was typed in."""
        ours, theirs = os.openpty()

        def take_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        process = self.enter(program, *command, stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=take_terminal)
        os.close(theirs)
        self.addCleanup(os.close, ours)
        os.write(ours, f"{type_in}\necho rea''dy\n".encode())
        said = b""
        while b"ready" not in said:
            said += os.read(ours, 4096)
        return process

    def app(self, *options, steps=DIES, **arguments):
        return self.start_ready(*options, command=probe(*steps), **arguments)

    def counts(self, report):
        return tuple(report["app"][field] for field in ("exec_jobs", "exec_shells", "exec_killed"))

    def test_nobody_is_outside(self):
        report = self.stop_and_report(self.app())
        self.assertEqual(self.counts(report), (0, 0, 0))
        self.assertLess(report["phases_ms"]["total"], 1500)

    def test_job_is_told_and_waited_for(self):
        for settings in ([], ["deny=pidfd"]):
            program = self.app(settings=settings)
            job = self.exec_job(program, "trap 'sleep 1.5; exit 0' TERM; echo ready; while :; do sleep .05; done")
            report = self.stop_and_report(program)
            self.assertEqual(job.wait(harness.PATIENCE), 0)
            jobs, shells, killed = self.counts(report)
            self.assertGreaterEqual(jobs, 1)  # and its sleep
            self.assertEqual((shells, killed), (0, 0))
            self.assertEqual(report["app"]["leftovers"], 0)
            self.assertGreaterEqual(report["phases_ms"]["term"], 1400)
            self.assertLess(report["phases_ms"]["total"], 6000)
            self.assertTrue(program.err.find(r"sent SIGTERM to \d+ process(es)? from outside"))

    def test_orphan_of_a_job_is_waited_for_too(self):
        """Its end makes it our child, of which no signal tells."""
        program = self.app()
        orphan = f"{harness.PROBE} exit-on=15:0:1500 print=ready wait"
        job = self.exec_job(program, f"trap 'exit 0' TERM; {orphan} & while :; do sleep .05; done")
        report = self.stop_and_report(program)
        self.assertEqual(job.wait(harness.PATIENCE), 0)
        self.assertGreaterEqual(report["phases_ms"]["term"], 1400)
        self.assertEqual(report["app"]["leftovers_killed"], 0)
        self.assertGreaterEqual(report["reaped"], 1)

    def test_job_that_does_not_end_is_killed_at_the_last_moment(self):
        for settings in ([], ["deny=pidfd"]):
            program = self.app("--stop-timeout=3s", settings=settings)
            job = self.exec_job(program, "trap '' TERM; echo ready; while :; do sleep .05; done")
            report = self.stop_and_report(program)
            self.assertNotEqual(job.wait(harness.PATIENCE), 0)
            self.assertGreaterEqual(self.counts(report)[2], 1)
            self.assertGreaterEqual(report["phases_ms"]["total"], 2500)

    def test_job_of_an_application_that_does_not_end_is_counted(self):
        program = self.app("--stop-timeout=2s", steps=("ignore=15", *DIES))
        self.exec_job(program, "echo ready; while :; do sleep .05; done")
        report = self.stop_and_report(program)
        self.assertGreaterEqual(self.counts(report)[2], 1)
        self.assertTrue(program.err.find("sent SIGKILL to all remaining processes .*, and those from outside"))

    def test_job_of_an_application_that_ends_by_itself_is_told(self):
        program = self.app(steps=("exit-on=10:7", "print=ready", "wait"))
        job = self.exec_job(program, "trap 'exit 3' TERM; echo ready; while :; do sleep .05; done")
        os.kill(program.app_pid(), 10)
        self.assertEqual(program.wait().code, 7)
        self.assertEqual(job.wait(harness.PATIENCE), 3)

    def test_shell_on_a_terminal_is_hung_up(self):
        for shell in (["sh"], ["bash", "--norc"], ["sh", "-c", "bash --norc || sh"]):
            program = self.app()
            self.exec_shell(program, *shell)
            report = self.stop_and_report(program)
            _, shells, killed = self.counts(report)
            self.assertEqual((shells, killed), (1, 0), shell)
            self.assertLess(report["phases_ms"]["total"], 1900)
            self.assertTrue(program.err.find("sent SIGHUP to 1 shell from outside"))

    def test_shell_that_does_not_hang_up_has_two_seconds(self):
        program = self.app("--stop-timeout=20s")
        self.exec_shell(program, "bash", "--norc", type_in="trap '' HUP")
        report = self.stop_and_report(program)
        self.assertEqual(self.counts(report), (0, 1, 1))
        self.assertGreaterEqual(report["phases_ms"]["total"], 2000)
        self.assertLess(report["phases_ms"]["total"], 6000)

    def test_job_on_a_terminal_is_no_shell(self):
        program = self.app("--stop-timeout=20s")
        job = self.exec_shell(program, "sh", "-c",
                              "trap 'sleep 2.5; exit 0' TERM; read a; read b; echo ready; while :; do sleep .05; done")
        report = self.stop_and_report(program)
        self.assertEqual(job.wait(harness.PATIENCE), 0)
        self.assertEqual(self.counts(report)[1:], (0, 0))
        self.assertGreaterEqual(report["phases_ms"]["term"], 2400)


if __name__ == "__main__":
    harness.main()
