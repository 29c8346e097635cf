# SPDX-License-Identifier: MIT
"""A command that is no service, `docker run IMAGE app --version` or a batch job, leaves its own output alone."""

import json
import signal

import harness
import http_client
from harness import APP_PORT, BOTH_WAYS, probe


class OneOff(harness.ProgramTest):
    def run_to_its_end(self, *options, command, **arguments):
        program = self.start(*options, command=command, **arguments)
        return program, program.wait().code

    def reports(self, program):
        return [line for line in program.err.all if line.startswith('{"schema"')]

    def test_command_that_ends_by_itself_leaves_no_line(self):
        for pid1 in BOTH_WAYS:
            for status in (0, 3):
                program, code = self.run_to_its_end(command=probe("print=1.2.3", f"exit={status}"), pid1=pid1)
                self.assertEqual(code, status)
                self.assertEqual(program.out.all, ["1.2.3"])
                self.assertEqual(program.said(), [])

    def test_command_of_an_init_and_no_more_leaves_none_either(self):
        program, code = self.run_to_its_end("--drain=off", command=probe("print=1.2.3", "exit=3"))
        self.assertEqual((code, program.out.all, program.err.all), (3, ["1.2.3"], []))

    def test_json_is_silent_too(self):
        program, _ = self.run_to_its_end("--log-format=json", command=probe("exit=0"))
        self.assertEqual(program.said(), [])

    def test_death_by_a_signal_is_one_line(self):
        for options in ((), ("--drain=off",)):
            program, code = self.run_to_its_end(*options, command=probe(f"raise={int(signal.SIGSEGV)}"))
            self.assertEqual(code, 128 + signal.SIGSEGV)
            self.assertEqual(len(program.said()), 1, program.said())
            self.assertRegex(program.said()[0], r"application \(pid \d+\) killed by SIGSEGV$")

    def test_report_that_was_asked_for_is_written(self):
        path = self.temporary_directory() + "/report"
        for options, env in ((["--report=stderr"], None), ([], {"LASTCALL_REPORT": "stderr"})):
            program, code = self.run_to_its_end(*options, env=env, command=probe("exit=4"))
            self.assertEqual(code, 4)
            self.assertEqual(len(program.said()), 1, program.said())
            self.assertEqual(program.report()["app"]["exit_code"], 4)
        program, _ = self.run_to_its_end(f"--report={path}", command=probe("exit=4"))
        self.assertEqual(program.said(), [])
        with open(path) as file:
            self.assertEqual(json.load(file)["outcome"], "app_exited")

    def test_verbose_says_everything_at_once(self):
        program = self.start("-v", command=probe("print=ready", "hang"))
        program.err.wait_for("started as pid")
        program, _ = self.run_to_its_end("-v", command=probe("exit=0"))
        for pattern in ("started as pid", "exited with 0", "app exited by itself"):
            self.assertTrue(program.err.find(pattern), program.said())
        self.assertEqual(len(self.reports(program)), 1)

    def test_quiet_one_has_no_report_either(self):
        program, _ = self.run_to_its_end("-q", command=probe("exit=0"))
        self.assertEqual(program.said(), [])

    def test_who_listened_is_no_one_off(self):
        program = self.start(command=probe(f"serve={APP_PORT}", "exit-on=10:3", "print=ready", "wait"))
        program.err.wait_for("started as pid")  # in its place, before what comes of it
        program.wait_serving()
        program.send(signal.SIGUSR1)
        self.assertEqual(program.wait().code, 3)
        self.assertEqual(program.report()["app"]["exit_code"], 3)
        self.assertLess(*(next(i for i, line in enumerate(program.err.all) if word in line)
                          for word in ("started as pid", "the application listens")))

    def test_who_was_asked_to_stop_is_no_one_off(self):
        program = self.start_ready(command=probe("exit-on=15:0", "print=ready", "wait"))
        program.stop()
        self.assertEqual(program.wait().code, 0)
        self.assertRegex(program.said()[0], "started as pid")
        self.assertEqual(program.report()["outcome"], "drained")

    def test_warning_brings_the_start_line(self):
        program = self.start("--warn-on-reap", command=probe("orphans=1", "print=ready", "hang"))
        program.err.wait_for("reaped orphan pid")
        self.assertRegex(program.said()[0], "started as pid")

    def test_command_that_cannot_be_started_is_one_line(self):
        program, code = self.run_to_its_end(command=["/nowhere/at/all"])
        self.assertEqual(code, 127)
        self.assertEqual(len(program.said()), 1)

    def test_health_is_answered_meanwhile(self):
        program = self.start_ready(command=probe("exit-on=10:0", "print=ready", "wait"))
        answer = http_client.ask(program, harness.HEALTH_PORT, "/healthcheck")
        self.assertEqual(answer.status, 503)
        program.send(signal.SIGUSR1)
        self.assertEqual(program.wait().code, 0)
        self.assertEqual(program.said(), [])


if __name__ == "__main__":
    harness.main()
