# SPDX-License-Identifier: MIT
"""The drill of examples/github-actions, word for word, fails each server that loses requests, and passes one that does
not. The servers run as commands; those in containers are of examples/github-actions/test."""

import os
import pathlib
import subprocess
import sys

import drill_case
import harness
from drill_case import DRILL, FAIL, INCONCLUSIVE, PASS

SERVER = pathlib.Path(__file__).with_name("losing_server.py")
EXAMPLE = pathlib.Path(__file__).parents[2] / "examples/github-actions"
LOSING = ("deaf_ears", "closing", "429", "404", "302", "503", "empty", "crash", "killed", "one_of_20", "late_refusing",
          "blinking")


def step(name):
    """The commands of a step of the workflow."""
    said = subprocess.run((EXAMPLE / "run", "--steps"), capture_output=True, text=True, check=True).stdout
    lines = said[said.index(f"{name}\n") + len(name) + 1:].splitlines()
    return "\n".join(line for line in lines[:next((i for i, x in enumerate(lines) if x[:1] != " "), len(lines))])


class Example(drill_case.DrillTestCase):
    def setUp(self):
        super().setUp()
        (self.directory / "lastcall-drill").symlink_to(DRILL)
        self.line = step("Stop it under load")
        for wanted, here in (('--docker-run -- "$IMAGE"', '-- "$@"'), ("--runs 3", "--runs 1"),
                             ("//container:8080/", f"//127.0.0.1:{harness.APP_PORT}/"),
                             ("//container:5278/", f"//127.0.0.1:{harness.APP_PORT + 1}/")):
            self.assertEqual(self.line.count(wanted), 1, wanted)
            self.line = self.line.replace(wanted, here)

    def status_with(self, manner):
        server = (sys.executable, "-B", str(SERVER), manner, str(harness.APP_PORT), str(harness.APP_PORT + 1))
        done = subprocess.run(("bash", "-e", "-c", self.line, "drill", *server), cwd=self.directory, text=True,
                              env={**os.environ, "PATH": f"{self.directory}:{os.environ['PATH']}"},
                              capture_output=True, timeout=90)
        self.said = done.stdout + done.stderr
        return done.returncode

    def test_a_server_that_loses_nothing_passes(self):
        self.assertEqual(self.status_with("graceful"), PASS, self.said)

    def test_each_losing_server_fails(self):
        for manner in LOSING:
            with self.subTest(manner):
                self.assertEqual(self.status_with(manner), FAIL, self.said)

    def test_what_proves_nothing_is_no_pass(self):
        for manner in ("half", "flaky"):
            with self.subTest(manner):
                self.assertIn(self.status_with(manner), (FAIL, INCONCLUSIVE), self.said)


if __name__ == "__main__":
    drill_case.main()
