# SPDX-License-Identifier: MIT
"""Engines that run inits by their names: a Docker engine with --init-path, and podman run --init-path. Both
put the program that they are given into every container, under a name of theirs."""

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import tempfile
import time
import unittest

import busybox_root
import engine
import podman
import ring

OUR_VERSION = r"^[0-9.]+ \(lastcall [0-9.]+\)$"

# A process that ends by itself after its parent: PID 1 inherits it, and has to reap it within ten seconds.
# A zombie keeps its directory in /proc.
ORPHAN = """
pid=$(sh -c 'sleep 0.1 >/dev/null & echo $!')
n=0
while [ -e /proc/$pid ]; do
    n=$((n + 1))
    [ $n -le 100 ] || exit 1
    sleep 0.1
done
echo reaped
"""


class CallerTest(unittest.TestCase):
    """What is the same for both; `self.client` is the words that each command begins with."""

    client = ()
    run_options = ()
    init_name = None

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="lastcall-compat.", dir="/var/tmp")
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        try:
            cls.prepare(busybox_root.make(cls.directory))
        except engine.Unavailable as reason:
            raise unittest.SkipTest(str(reason))

    @classmethod
    def call(cls, *arguments, check=True, seconds=60):
        done = subprocess.run([*cls.client, *arguments], capture_output=True, text=True, timeout=seconds)
        if check and done.returncode != 0:
            command = shlex.join([*cls.client, *arguments])
            raise AssertionError(f"{command}: status {done.returncode}: {done.stderr.strip()}")
        return done

    def run_it(self, *command, options=(), check=True):
        return self.call("run", "--rm", *self.run_options, *options, "test", *command, check=check)

    def start(self, *command, options=()):
        """A container that goes on; its name."""
        done = self.call("run", "--detach", *self.run_options, *options, "test", *command)
        name = done.stdout.split()[-1]
        self.addCleanup(self.call, "rm", "--force", name, check=False)
        return name

    def logs(self, name):
        done = self.call("logs", name)
        return done.stdout + done.stderr

    def test_we_are_pid_1_by_the_callers_name(self):
        done = self.run_it("sh", "-c", "cat /proc/1/comm; echo child of $PPID; exit 7", check=False)
        self.assertEqual(done.stdout.splitlines(), [self.init_name, "child of 1"])
        self.assertEqual(done.returncode, 7)
        with open(engine.binary(), "rb") as program:
            ours = hashlib.sha256(program.read()).hexdigest()
        done = self.run_it("sh", "-c", "sha256sum </proc/1/exe")
        self.assertEqual(done.stdout.split()[0], ours)

    def test_orphans_are_reaped(self):
        done = self.run_it("sh", "-c", ORPHAN, check=False)
        self.assertEqual(done.stdout, "reaped\n", done.stderr)

    def test_options_of_the_application_are_its_own(self):
        done = self.run_it("sh", "-c", "echo $0 $*", "-v", "--help")
        self.assertEqual(done.stdout, "-v --help\n")

    def test_command_that_is_not_there_is_127(self):
        self.assertEqual(self.run_it("/nonexistent", check=False).returncode, 127)

    def test_stop_ends_it_at_once(self):
        name = self.start("sleep", "1000")
        began = time.monotonic()
        self.call("stop", "--time", "20", name)
        self.assertLess(time.monotonic() - began, 10)
        state = json.loads(self.call("inspect", name).stdout)[0]["State"]
        self.assertEqual(state["ExitCode"], 143)
        self.assertEqual(self.logs(name), "")

    def test_variable_asks_for_a_drain(self):
        name = self.start("httpd", "-f", "-p", "8080", options=("--env", "LASTCALL_STOP_TIMEOUT=10s"))
        engine.wait_until(lambda: "the application listens" in self.logs(name), "it serves")
        self.call("stop", "--time", "20", name)
        reports = [line for line in self.logs(name).splitlines() if line.startswith('{"schema"')]
        self.assertEqual(len(reports), 1)
        self.assertEqual(json.loads(reports[0])["outcome"], "drained")


class Docker(CallerTest):
    # In a network of its own: an engine that is to have no bridge removes docker0, whosever it is, and the
    # containers of the engine beside it lose their link.
    ENGINE = "--bridge=none --iptables=false --ip-masq=false"
    run_options = ("--init", "--network=none")
    init_name = "docker-init"

    @classmethod
    def prepare(cls, archive):
        # the engine asks it for its version, which it has to say as docker-init
        init = os.path.join(cls.directory, "docker-init")
        os.symlink(engine.binary(), init)
        cls.settings = {
            **os.environ, "DOCKER_HOST": "unix:///nonexistent/docker.sock",
            "LASTCALL_ENGINE_DIR": os.path.join(cls.directory, "engine"),
            "LASTCALL_ENGINE_OPTIONS": f"{cls.ENGINE} --init-path={init}"}
        done = cls.engine("start")
        if done.returncode != 0:
            raise engine.Unavailable(done.stderr.strip())
        cls.addClassCleanup(cls.engine, "stop")
        host = shlex.split(done.stdout)[1].partition("=")[2]
        cls.client = ("docker", "--host", host)
        cls.call("import", archive, "test")

    @classmethod
    def engine(cls, verb):
        command = ["unshare", "--net", engine.SOURCE / "docker" / "engine", verb]
        return subprocess.run(command, env=cls.settings, capture_output=True, text=True, timeout=200)

    def test_engine_knows_our_version(self):
        components = json.loads(self.call("version", "--format", "{{json .Server.Components}}").stdout)
        versions = {component["Name"]: component["Version"] for component in components}
        self.assertRegex(versions["docker-init"], OUR_VERSION)


class Podman(CallerTest):
    init_name = "podman-init"

    @classmethod
    def prepare(cls, archive):
        cls.client = podman.client(cls.directory)
        cls.run_options = ("--init", f"--init-path={engine.binary()}", "--network=none",
                           *podman.RUN_OPTIONS)
        cls.call("import", archive, "test")
        trial = cls.call("run", "--rm", *cls.run_options[2:], "test", "sh", "-c", ":", check=False)
        if trial.returncode != 0:
            raise engine.Unavailable(f"podman cannot run a container here: {trial.stderr.strip()}")


del CallerTest  # it is no test by itself

if __name__ == "__main__":
    ring.main()
