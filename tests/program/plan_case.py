# SPDX-License-Identifier: MIT
"""What tests of lastcall-plan have in common."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

PLAN = os.environ.get("LASTCALL_PLAN", "")
SOURCE = pathlib.Path(os.environ.get("LASTCALL_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
EXAMPLES = SOURCE / "tests/plan"
CLEAN, FOUND, USAGE = range(3)

# A report of lastcall, as short as it can be: its longest request took 25 s, the stop 28 s.
REPORT = json.dumps({
    "schema": "lastcall.drain/1", "outcome": "drained", "degraded": [],
    "stop": {"signal": "SIGTERM", "at": "2026-11-28T12:00:00.000Z"},
    "phases_ms": {"drain": 25000, "total": 28000}, "connections": {"cut": 0, "longest_ms": 25000},
})


class PlanCase(unittest.TestCase):
    """Needs lastcall-plan. Each test has a directory of its own."""

    @classmethod
    def setUpClass(cls):
        if not os.access(PLAN, os.X_OK):
            raise unittest.SkipTest(f"LASTCALL_PLAN is '{PLAN}', not a program")

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="lastcall-plan.")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def write(self, name, content):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content)
        return path

    def run_plan(self, expected, *arguments, stdin=None):
        """Runs the program and checks its exit status. Returns standard output; errors are in self.errors."""
        done = subprocess.run([PLAN, *map(str, arguments)], capture_output=True, text=True, timeout=60,
                              input=stdin, cwd=self.directory)
        self.errors = done.stderr
        if expected is not None:
            self.assertEqual(done.returncode, expected, f"{done.args}\n{done.stdout}\n{done.stderr}")
        self.assertIn(done.returncode, (CLEAN, FOUND, USAGE), done.stderr)
        return done.stdout

    def lint(self, expected, *arguments, stdin=None):
        """The findings."""
        return json.loads(self.run_plan(expected, "lint", "--format=json", *arguments, stdin=stdin))["findings"]

    def found(self, *arguments, stdin=None):
        """The ids of what is found, whatever the exit status."""
        return [finding["rule"] for finding in self.lint(None, *arguments, stdin=stdin)]
