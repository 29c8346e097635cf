# SPDX-License-Identifier: MIT
"""docker/engine: finds an engine or says why there is none, in one line; and ends no process but
the engine that it started."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import engine
import ring

SCRIPT = engine.SOURCE / "docker" / "engine"
NOWHERE = "unix:///nonexistent/docker.sock"
NOBODY = 65534


class Script(ring.ContainerTest):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="lastcall-engine."))
        self.addCleanup(shutil.rmtree, self.directory)
        self.directory.chmod(0o755)

    def run_script(self, verb, environment, **options):
        settings = {**os.environ, "LASTCALL_ENGINE_DIR": str(self.directory), **environment}
        return subprocess.run(
            [SCRIPT, verb], env=settings, capture_output=True, text=True, timeout=60, **options
        )

    def assert_refused(self, done, reason):
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, "", "nothing to be evaluated")
        self.assertRegex(done.stderr, f"^docker/engine: error: [^\n]*{reason}[^\n]*\n$")

    def test_engine_that_answers_is_used(self):
        done = self.run_script("start", {})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("using the engine", done.stderr)
        self.assertEqual(list(self.directory.iterdir()), [], "nothing was started")
        self.assertEqual(self.run_script("status", {}).returncode, 0)

    def test_none_answers_and_user_is_not_root(self):
        done = self.run_script("start", {"DOCKER_HOST": NOWHERE}, user=NOBODY)
        self.assert_refused(done, "only root can start one")

    def test_none_answers_and_no_dockerd_is_installed(self):
        tools = self.directory / "bin"
        tools.mkdir()
        for name in ("sh", "docker", "timeout", "id", "sed"):
            (tools / name).symlink_to(shutil.which(name))
        done = self.run_script("start", {"DOCKER_HOST": NOWHERE, "PATH": str(tools)})
        self.assert_refused(done, "no dockerd on PATH; install docker.io")

    def test_stop_leaves_the_process_alone_that_has_the_number_by_now(self):
        with subprocess.Popen(["sleep", "1000"]) as other:
            try:
                (self.directory / "docker.pid").write_text(f"{other.pid}\n")
                done = self.run_script("stop", {})
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIsNone(other.poll(), "the other process still runs")
            finally:
                other.kill()


if __name__ == "__main__":
    ring.main()
