#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""lastcall under valgrind's memcheck, as PID 1: it starts, answers each page, drains requests in flight, stops the
application and reports. An invalid access, a decision by uninitialised memory, a leak or a lost descriptor is a
failure: valgrind ends with its own status then."""

import os
import pathlib
import shlex
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
os.environ.setdefault("LASTCALL_TEST_PATIENCE", "200")  # seconds; valgrind takes its time
DEV = SOURCE / "build" / "dev"
for variable, path in (("LASTCALL_BIN", DEV / "bin" / "lastcall"), ("LASTCALL_SOURCE_DIR", SOURCE),
                       ("LASTCALL_JAIL", DEV / "tests" / "program" / "jail"),
                       ("LASTCALL_PROBE", DEV / "tests" / "program" / "probe")):
    os.environ.setdefault(variable, str(path))
sys.path.insert(0, str(SOURCE / "tests" / "program"))

import harness
import http_client
from harness import APP_PORT, HEALTH_PORT, probe

FAULTS = 99  # an exit status that lastcall never has here

# Only definite and indirect leaks: the one pointer to a block of libev's may point into its middle.
VALGRIND = ("valgrind", "--quiet", f"--error-exitcode={FAULTS}", "--leak-check=full",
            "--errors-for-leak-kinds=definite,indirect", "--track-origins=yes", "--child-silent-after-fork=yes")
PAGES = ("/healthcheck", "/metrics", "/status", "/nothing")


class Memcheck(harness.ProgramTest):
    def under_valgrind(self):
        """A program to start in lastcall's place, and the file with what valgrind finds."""
        folder = self.temporary_directory()
        path, log = os.path.join(folder, "lastcall"), os.path.join(folder, "faults")
        command = shlex.join([*VALGRIND, f"--log-file={log}", harness.LASTCALL])
        with open(path, "w") as script:
            script.write(f'#!/bin/sh\nexec {command} "$@"\n')
        os.chmod(path, 0o755)
        return path, log

    def check(self, *options, pages=()):
        """Requests in flight at the stop, and each page before it. Returns the report."""
        binary, log = self.under_valgrind()
        program = self.start_ready(*options, "--stop-timeout=120s", "--longest-request=60s", binary=binary,
                                   command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        program.wait_serving()
        for page in pages:
            self.assertIsNotNone(http_client.ask(program, HEALTH_PORT, page))
        requests = [http_client.Request(program, APP_PORT, "/d3000/b3000") for _ in range(3)]
        program.stop()
        ending = program.wait(harness.PATIENCE)
        for request in requests:
            request.result()
        with open(log) as file:
            self.assertEqual(file.read(), "", f"valgrind has found faults: {ending}")
        return program.report()

    def test_a_drain_after_each_page_was_asked_for(self):
        report = self.check(pages=("/healthcheck", "/metrics", "/status", "/nothing"))
        self.assertEqual(report["outcome"], "drained")

    def test_an_application_that_is_signalled_first(self):
        self.check("--order=signal-first", "--listen=off")

    def test_an_application_that_does_not_stop(self):
        self.check("--drain-budget=0s", "--term-grace=0s", pages=("/healthcheck",))


if __name__ == "__main__":
    harness.main()
