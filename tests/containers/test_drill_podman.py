# SPDX-License-Identifier: MIT
"""lastcall-drill with podman as its engine: the same words as docker's, and the same verdicts."""

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile
import unittest

import busybox_root
import engine
import podman
import ring
from drills import program

SLOW = "#!/bin/sh\nsleep 1\nprintf 'Content-Type: text/plain\\r\\n\\r\\nslow\\n'\n"
FILES = (("www/quick", "quick\n", 0o644), ("www/cgi-bin/slow", SLOW, 0o755))
SERVER = ("httpd", "-f", "-p", str(ring.PORT), "-h", "/www")
LOAD = ("--body=same", "--slow=/cgi-bin/slow", "--in-flight=6", "--keep-alive=4", "--burst=4", "--rate=3/s")

# The bridge that podman makes is in a network of the drill's own, and goes with it. The clock of the
# engine is not that of the drill: podman writes local times.
APART = ("env", "TZ=Asia/Kolkata", "unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")


class Podman(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="lastcall-drill.", dir="/var/tmp"))
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        try:
            cls.prepare()
        except engine.Unavailable as reason:
            raise unittest.SkipTest(str(reason))

    @classmethod
    def prepare(cls):
        program()
        cls.client = podman.client(cls.directory)
        cls.engine = cls.directory / "podman"  # --engine takes one word
        cls.engine.write_text(f'#!/bin/sh\nexec {shlex.join(cls.client)} "$@"\n')
        cls.engine.chmod(0o755)
        cls.call("import", busybox_root.make(cls.directory, FILES), "test")
        trial = cls.call(*APART, cls.engine, "run", "--rm", *podman.RUN_OPTIONS, "test", "sh", "-c", ":",
                         check=False, client=())
        if trial.returncode != 0:
            raise engine.Unavailable(f"podman cannot run a container here: {trial.stderr.strip()}")

    @classmethod
    def call(cls, *arguments, check=True, client=None):
        words = [*(cls.client if client is None else client), *arguments]
        done = subprocess.run(words, capture_output=True, text=True, timeout=100)
        if check and done.returncode != 0:
            raise AssertionError(f"{words}: status {done.returncode}: {done.stderr.strip()}")
        return done

    def drill(self, *options):
        """The status and the runs of a drill, which has ended."""
        path = self.directory / "result.json"
        command = (
            *APART, program(), f"--engine={self.engine}", f"--url=http://container:{ring.PORT}/quick",
            f"--json={path}", *LOAD, *options,
        )
        done = self.call(*command, check=False, client=())
        self.said = f"{done.stdout}\n{done.stderr}"
        self.assertIn(done.returncode, (0, 1), self.said)
        self.result = json.loads(path.read_text())
        return done.returncode, self.result["runs"]

    def run_words(self, *command):
        """What podman run and create are given."""
        return (*podman.RUN_OPTIONS, f"--volume={engine.binary()}:/bin/lastcall:ro", "test", *command)

    def run_drill(self, options, *command):
        return self.drill(*options, "--docker-run", "--", *self.run_words(*command))

    def assert_gone(self):
        self.assertEqual(self.call("ps", "--all", "--quiet").stdout, "", "containers left behind")

    def assert_drained(self, runs):
        for run in runs:
            self.assertEqual(run["numbers"]["in_flight_completed"], 6, self.said)
            self.assertEqual(run["server"]["outcome"], "drained", self.said)
            self.assertEqual(run["disagreements"], [], self.said)
            self.assertEqual(run["exit"]["code"], 143)
            self.assertFalse(run["exit"]["killed_at_deadline"])

    def test_a_new_container_under_lastcall_passes(self):
        health = f"--health-url=http://container:{ring.HEALTH_PORT}/healthcheck"
        status, runs = self.run_drill(("--runs=1", health), "lastcall", "--", *SERVER)
        self.assertEqual(status, 0, self.said)
        self.assert_drained(runs)
        self.assert_gone()

    def test_a_container_that_is_there_is_started_and_stopped(self):
        name = self.call("create", *self.run_words("lastcall", "--", *SERVER)).stdout.strip()
        self.addCleanup(self.call, "rm", "--force", name)
        status, runs = self.drill(f"--container={name}", "--runs=2")
        self.assertEqual(status, 0, self.said)
        self.assert_drained(runs)
        self.assertEqual(self.call("ps", "--quiet").stdout, "", "it runs still")

    def test_who_cuts_fails(self):
        status, runs = self.run_drill(
            ("--runs=1",), "sh", "-c", f"trap 'exit 0' TERM; {shlex.join(SERVER)} & wait")
        self.assertEqual(status, 1, self.said)
        self.assertEqual(runs[0]["numbers"]["in_flight_cut"], 6, self.said)
        self.assertEqual(runs[0]["exit"]["code"], 0)
        self.assert_gone()

    def test_who_ignores_a_signal_of_ours_is_killed(self):
        """`podman kill` with it, and without it at the deadline."""
        status, runs = self.run_drill(
            ("--runs=1", "--stop-signal=INT", "--stop-timeout=1500ms"), *SERVER)
        self.assertEqual(status, 1, self.said)
        self.assertTrue(runs[0]["exit"]["killed_at_deadline"], self.said)
        self.assertEqual(runs[0]["exit"]["code"], 137)
        self.assertGreaterEqual(runs[0]["marks_s"]["exit"], 1.5)
        self.assert_gone()


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("cannot run: namespaces need root")
        raise SystemExit(1 if ring.MUST_RUN else ring.SKIPPED)
    ring.main()
