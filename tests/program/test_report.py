# SPDX-License-Identifier: MIT
"""The report gets where it was asked to go, and nothing that happens there holds PID 1."""

import fcntl
import itertools
import json
import os
import signal
import unittest

import emf
import harness
from harness import BOTH_WAYS, LASTCALL, probe

FIELDS = {"schema", "version", "outcome", "degraded", "stop", "phases_ms", "headroom_ms",
          "connections", "app", "health", "reaped", "timeline", "labels"}


class ReportTest(harness.ProgramTest):
    def run_to_end(self, *options, **arguments):
        program = self.start_ready("--stop-timeout=5s", *options,
                                   command=probe("print=ready", "hang"), **arguments)
        program.stop()
        self.assertEqual(program.wait().code, 128 + signal.SIGTERM)
        return program

    def assert_report(self, line):
        report = json.loads(line)
        self.assertGreaterEqual(set(report), FIELDS)
        self.assertEqual(report["schema"], "lastcall.drain/1")
        self.assertEqual(report["outcome"], "drained")
        return report

    def reports(self, lines):
        return [line for line in lines if line.startswith('{"schema"')]


class Targets(ReportTest):
    def test_standard_error_by_default(self):
        for options in ((), ("--report=stderr",), ("--quiet",)):
            program = self.run_to_end(*options)
            self.assert_report(self.reports(program.err.all)[0])

    def test_standard_output(self):
        program = self.run_to_end("--report=stdout")
        self.assertEqual(self.reports(program.err.all), [])
        self.assert_report(self.reports(program.out.all)[0])

    def test_off(self):
        program = self.run_to_end("--report=off")
        self.assertEqual(self.reports(program.err.all + program.out.all), [])
        self.assertIsNotNone(program.err.find("^lastcall: drained in"))

    def test_descriptor(self):
        read_end, write_end = os.pipe()
        program = self.run_to_end(f"--report=fd:{write_end}", pass_fds=[write_end])
        os.close(write_end)
        with os.fdopen(read_end) as pipe:
            self.assert_report(pipe.read())
        self.assertEqual(self.reports(program.err.all), [])

    def test_path_is_appended_to(self):
        path = os.path.join(self.temporary_directory(), "report")
        for _ in range(2):
            self.run_to_end(f"--report={path}")
        with open(path) as file:
            lines = file.read().splitlines()
        self.assertEqual(len(lines), 2)
        for line in lines:
            self.assert_report(line)

    def test_relative_path_is_where_we_were_started(self):
        directory = self.temporary_directory()
        self.run_to_end("--report=./report", settings=[f"cwd={directory}"])
        with open(os.path.join(directory, "report")) as file:
            self.assert_report(file.read())

    def test_fifo_with_a_reader(self):
        path = os.path.join(self.temporary_directory(), "fifo")
        os.mkfifo(path)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.run_to_end(f"--report={path}")
        with os.fdopen(reader) as fifo:
            self.assert_report(fifo.read())

    def test_labels_and_all_that_json_must_escape(self):
        program = self.run_to_end('--label=odd="\\\x01é', "--label=empty=", "--label=a.b-c_9=x=y")
        report = self.assert_report(self.reports(program.err.all)[0])
        self.assertEqual(report["labels"], {"odd": '"\\\x01é', "empty": "", "a.b-c_9": "x=y"})

    def test_schema_is_met(self):
        """Every report that a test of this ring reads is validated, where that can be done at all."""
        if harness.report_validator() is None:
            raise unittest.SkipTest("no docs/report.schema.json, or no python3-jsonschema")
        for pid1 in BOTH_WAYS:
            self.run_to_end(pid1=pid1).report()

    def test_json_log_is_json_line_by_line(self):
        program = self.run_to_end("--log-format=json", "--verbose")
        for line in program.err.all:
            json.loads(line)
        self.assertGreaterEqual(len(program.err.all), 4)

    def test_verbose_and_quiet_change_nothing_but_the_log(self):
        quiet, verbose = self.run_to_end("--quiet"), self.run_to_end("--verbose")
        self.assertEqual(len(quiet.said()), 1)
        self.assertEqual(quiet.report()["outcome"], verbose.report()["outcome"])


# Becomes lastcall where the kubelet has mounted the file: on a /dev that is the test's own.
IN_A_POD = """#!/bin/sh
set -e
mount -t tmpfs none /dev
mknod -m 666 /dev/null c 1 3
: >/dev/termination-log
mount --bind '{file}' /dev/termination-log
exec '{lastcall}' "$@"
"""


class Formats(ReportTest):
    def lines_of(self, path):
        with open(path) as file:
            return file.readlines()

    def test_each_destination_gets_its_own_format(self):
        directory = self.temporary_directory()
        program = self.run_to_end(
            f"--report=text:{directory}/text", f"--report=emf:stdout,json:{directory}/json",
            "--label=service=web,cluster=shop,revision=7")
        self.assertEqual(self.reports(program.err.all), [])
        report = self.assert_report(*self.lines_of(f"{directory}/json"))
        text, = self.lines_of(f"{directory}/text")
        self.assertRegex(text, r"^\S+Z lastcall: drained in .*; service=web cluster=shop revision=7\n$")
        line, = [line for line in program.out.all if line.startswith('{"_aws"')]
        event = emf.validate(line + "\n")
        self.assertEqual({dimensions for _, dimensions, _ in emf.metrics(event)},
                         {(("ClusterName", "shop"), ("ServiceName", "web"))})
        self.assertEqual(event["StopTime"], report["phases_ms"]["total"])
        self.assertEqual(event["LostWork"], 0)

    def test_metrics_without_labels_have_no_dimension(self):
        program = self.run_to_end("--report=emf:stderr")
        line, = [line for line in program.err.all if line.startswith('{"_aws"')]
        self.assertEqual({dimensions for _, dimensions, _ in emf.metrics(emf.validate(line + "\n"))}, {()})

    def test_variable_is_a_list(self):
        program = self.run_to_end(env={"LASTCALL_REPORT": "stdout,text:stderr"})
        self.assert_report(self.reports(program.out.all)[0])
        self.assertTrue(program.err.find(r"^\d{4}-\S+Z lastcall: drained in "))

    def test_reader_that_is_gone_keeps_no_other_from_its_report(self):
        read_end, write_end = os.pipe()
        os.close(read_end)
        program = self.run_to_end(f"--report=fd:{write_end}", "--report=stdout", pass_fds=[write_end])
        os.close(write_end)
        self.assert_report(self.reports(program.out.all)[0])
        self.assertTrue(program.err.find("cannot write the report: Broken pipe"))

    def test_termination_log_has_the_summary_and_is_never_created(self):
        directory = self.temporary_directory()
        log = os.path.join(directory, "termination-log")
        script = os.path.join(directory, "in-a-pod")
        with open(script, "w") as file:
            file.write(IN_A_POD.format(file=log, lastcall=LASTCALL))
        os.chmod(script, 0o755)
        for option, pattern in (("termination-log", r"^the application's own\n\S+Z lastcall: drained in .*\n$"),
                                ("json:termination-log", r'^the application\'s own\n{"schema".*\]}\n$')):
            with open(log, "w") as file:
                file.write("the application's own\n")
            self.run_to_end(f"--report=stderr,{option}", *(f"--label=k{i}=" + "x" * 200 for i in range(4)), binary=script).report()
            with open(log) as file:
                content = file.read()
            self.assertRegex(content, pattern)
            self.assertLessEqual(len(content), 4096 + len("the application's own\n"))
        self.run_to_end("--report=stderr,termination-log").report()
        self.assertFalse(os.path.exists("/dev/termination-log"))


class Unwritable(harness.ProgramTest):
    def assert_refused(self, option, reason, **arguments):
        program = self.start(option, command=probe("print=ran"), **arguments)
        self.assertEqual(program.wait().code, 2)
        self.assertEqual(program.out.all, [])
        self.assertEqual(len(program.err.all), 1)
        self.assertIn(option, program.err.all[0].replace("'", ""))
        self.assertIn(reason, program.err.all[0])

    def test_missing_directory(self):
        self.assert_refused("--report=/nowhere/report", "No such file")

    def test_directory(self):
        self.assert_refused("--report=/tmp/", "Is a directory")

    def test_directory_without_permission(self):
        directory = self.temporary_directory()
        self.assert_refused(f"--report={directory}/report", "Permission denied",
                            settings=["user=12345"])

    def test_fifo_without_a_reader(self):
        path = os.path.join(self.temporary_directory(), "fifo")
        os.mkfifo(path)
        self.assert_refused(f"--report={path}", "No such device or address")

    def test_descriptor_that_is_not_open(self):
        for number in (3, 4, 5, 6, 7, 8, 9, 100):
            self.assert_refused(f"--report=fd:{number}", "Bad file descriptor")

    def test_descriptor_for_reading(self):
        with open("/dev/null") as null:
            self.assert_refused(f"--report=fd:{null.fileno()}", "Invalid argument",
                                pass_fds=[null.fileno()])

    def test_standard_output_that_is_closed(self):
        program = self.start("--report=stdout", command=probe("print=ran"), settings=["close=1"])
        self.assertEqual(program.wait().code, 2)
        self.assertIn("--report", program.err.all[0])

    def test_full_disk_loses_the_report_and_nothing_else(self):
        program = self.start_ready("--stop-timeout=3s", "--report=/dev/full",
                                   command=probe("print=ready", "hang"))
        program.stop()
        self.assertEqual(program.wait().code, 128 + signal.SIGTERM)
        self.assertIsNotNone(program.err.find("warning: cannot write the report: No space"))

    def test_file_size_limit_loses_the_report_and_nothing_else(self):
        path = os.path.join(self.temporary_directory(), "report")
        program = self.start_ready("--stop-timeout=3s", f"--report={path}", settings=["fsize=10"],
                                   command=probe("print=ready", "hang"))
        program.stop()
        self.assertEqual(program.wait().code, 128 + signal.SIGTERM)
        self.assertIsNotNone(program.err.find("warning: cannot write the report: File too large"))


def full_pipe():
    """A pipe that takes nothing more, and both its ends."""
    read_end, write_end = os.pipe()
    fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(write_end, False)
    try:
        while True:
            os.write(write_end, b"x" * 4096)
    except BlockingIOError:
        pass
    try:
        while True:
            os.write(write_end, b"x")
    except BlockingIOError:
        os.set_blocking(write_end, True)
    return read_end, write_end


class NobodyReads(harness.ProgramTest):
    def test_full_pipe_holds_nothing(self):
        """The application starts, is stopped, and we are gone by the deadline."""
        for pid1 in BOTH_WAYS:
            for settings in ((), ("proc=off",), ("user=12345",), ("user=12345", "deny=pwritev2")):
                if "proc=off" in settings and (harness.SANITIZED or not pid1):
                    continue
                with self.subTest(pid1=pid1, settings=settings):
                    read_end, write_end = full_pipe()
                    program = self.start_ready("--stop-timeout=1s", stderr=write_end, pid1=pid1,
                                               settings=settings, command=probe("print=ready", "hang"))
                    os.close(write_end)
                    program.stop()
                    ending = program.wait(5)
                    os.close(read_end)
                    self.assertEqual(ending.code, 128 + signal.SIGTERM)
                    self.assertLess(ending.seconds, 1)

    def test_report_waits_for_a_late_reader(self):
        """As long as there is time."""
        read_end, write_end = full_pipe()
        program = self.start_ready("--stop-timeout=10s", stderr=write_end,
                                   command=probe("print=ready", "hang"))
        os.close(write_end)
        program.stop()
        harness.wait_until(lambda: program.children() == [], "the application has ended")
        lines = harness.Lines(read_end)
        self.assertEqual(program.wait().code, 128 + signal.SIGTERM)
        lines.wait_end()
        self.assertIsNotNone(lines.find('^x*{"schema"'))
        self.assertLess(program.ending.seconds, 8)

    def test_full_pipe_and_application_that_ends_by_itself(self):
        read_end, write_end = full_pipe()
        program = self.start("--stop-timeout=1s", stderr=write_end, command=probe("exit=5"))
        os.close(write_end)
        self.assertEqual(program.wait(5).code, 5)
        os.close(read_end)

    def test_closed_standard_descriptors_in_all_combinations(self):
        for pid1, count in itertools.product(BOTH_WAYS, range(4)):
            for closed in itertools.combinations("012", count):
                with self.subTest(pid1=pid1, closed=closed):
                    self.check_closed(pid1, "".join(closed))

    def check_closed(self, pid1, closed):
        path = os.path.join(self.temporary_directory(), "descriptors")
        script = f"ls -l /proc/self/fd > {path}.tmp; mv {path}.tmp {path}; exec sleep 100"
        settings = [f"close={closed}"] if closed else []
        program = self.start("--stop-timeout=3s", pid1=pid1, settings=settings,
                             command=["/bin/sh", "-c", script])
        harness.wait_until(lambda: os.path.exists(path), "the application runs")
        program.stop()
        self.assertEqual(program.wait().code, 128 + signal.SIGTERM)
        self.assertLess(program.ending.seconds, 3)
        if "2" not in closed:
            self.assertEqual(program.report()["outcome"], "drained")
        with open(path) as file:
            listed = file.read()
        self.assertNotIn("eventpoll", listed)
        self.assertNotIn("signalfd", listed)
        for number in closed:
            if number != "1":  # where the listing itself went
                self.assertNotRegex(listed, rf" {number} -> (socket|anon|pipe)")

    def test_check_with_closed_output_is_no_success(self):
        program = harness.Program(["--check"], [], settings=["close=1"])
        self.addCleanup(program.kill)
        self.assertNotEqual(program.wait().code, 0)


if __name__ == "__main__":
    harness.main()
