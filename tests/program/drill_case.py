# SPDX-License-Identifier: MIT
"""What tests of drills against real servers have in common."""

import functools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

import harness

DRILL = os.environ.get("LASTCALL_DRILL", "")
LASTCALL = os.environ.get("LASTCALL_BIN", "")
PASS, FAIL, USAGE, UNREACHED, INCONCLUSIVE = range(5)


TRIES = 5
BEAT_S = 0.01
KEPT_UP_S = 0.1  # by which a thread may be late on a machine that keeps up


class Metronome:
    """How late this machine lets a thread of ours be: as late may a drill be, its target and its clients."""

    def __enter__(self):
        self.late_s = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()
        return self

    def _beat(self):
        at = time.monotonic()
        while not self._ended.wait(BEAT_S):
            now = time.monotonic()
            self.late_s = max(self.late_s, now - at - BEAT_S)
            at = now

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()


def run_drill(command, expected, seconds=300, **arguments):
    """Runs a drill. Another status than the expected one counts on a machine that kept up; on one that did not, the
    target had no processor for what the drill asked of it, and the drill is repeated."""
    for left in reversed(range(TRIES)):
        with Metronome() as metronome:
            done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, **arguments)
        if done.returncode == expected or metronome.late_s < KEPT_UP_S or left == 0:
            return done
        failed = [line.strip() for line in done.stdout.splitlines() if "✗" in line]
        print(f"status {done.returncode} on a machine that was late by {metronome.late_s:.2f} s: again; {failed}")


@functools.cache
def global_modules():
    """Where cmake/packages has put Node's modules."""
    if shutil.which("npm") is None:
        raise unittest.SkipTest("npm is not installed")
    return subprocess.run(("npm", "root", "-g"), check=True, capture_output=True, text=True).stdout.strip()


def need_module(name):
    if not (pathlib.Path(global_modules()) / name).is_dir():
        raise unittest.SkipTest(f"{name} is not installed; run cmake/packages test")


class DrillTestCase(unittest.TestCase):
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
        done = run_drill(command, expected, env=environment)
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
