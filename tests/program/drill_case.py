# SPDX-License-Identifier: MIT
"""What tests of drills against real servers have in common."""

import functools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import harness

DRILL = os.environ.get("LASTCALL_DRILL", "")
LASTCALL = os.environ.get("LASTCALL_BIN", "")
PASS, FAIL, USAGE, UNREACHED, INCONCLUSIVE = range(5)


@functools.cache
def global_modules():
    """Where cmake/packages has put Node's modules."""
    if shutil.which("npm") is None:
        raise unittest.SkipTest("npm is not installed")
    return subprocess.run(("npm", "root", "-g"), check=True, capture_output=True, text=True).stdout.strip()


def need_module(name):
    if not (pathlib.Path(global_modules()) / name).is_dir():
        raise unittest.SkipTest(f"{name} is not installed; run cmake/packages test")


class DrillTestCase(harness.TimedTest):
    """Needs the drill. Each test has a directory of its own."""

    @classmethod
    def setUpClass(cls):
        if not os.access(DRILL, os.X_OK):
            raise unittest.SkipTest(f"LASTCALL_DRILL is '{DRILL}', not a program")

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="lastcall-drill.")
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.json = self.directory / "result.json"
        self.port = harness.APP_PORT


class DrillCase(DrillTestCase):
    """Of a server that speaks another protocol, or of another language."""

    load = ()

    def need(self, command):
        if shutil.which(command) is None:
            self.skipTest(f"{command} is not installed")

    def drill(self, expected, *arguments, scheme="http", path="/"):
        """Runs a drill and checks its exit status. Returns its result, or None where it has none."""
        self.json.unlink(missing_ok=True)
        command = (DRILL, "--start-timeout=60s", "--runs=1", *self.load, f"--json={self.json}",
                   f"--url={scheme}://127.0.0.1:{self.port}{path}", *arguments)
        environment = dict(os.environ)
        if shutil.which("npm"):
            environment["NODE_PATH"] = global_modules()
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
        self.assertEqual(done.returncode, expected, f"{done.args}\n{done.stdout}\n{done.stderr}")
        self.said = done.stdout + done.stderr
        return json.loads(self.json.read_text()) if self.json.exists() else None

    def node(self, script, manner, *arguments):
        self.need("node")
        return ("node", str(pathlib.Path(__file__).with_name(script)), manner, str(self.port), *map(str, arguments))

    def lastcall(self, *command):
        return (LASTCALL, "--listen=off", "--stop-timeout=10s", "--longest-request=1s", "--", *command)

    def outcomes(self, result, cohort="in_flight"):
        outcomes = result["runs"][0]["cohorts"][cohort]["outcomes"]
        return {name: count for name, count in outcomes.items() if count > 0}

    def assert_all_answered(self, result):
        for cohort in ("in_flight", "keep_alive", "preconnected", "accept_queue"):
            self.assertIn(list(self.outcomes(result, cohort)), (["ok"], []), cohort)


def main():
    if harness.cannot_run() is None:
        harness.enter_network()  # ports are free in it, and all its processes are the test's
    harness.main()
