# SPDX-License-Identifier: MIT
"""What docker/ holds for users: the Dockerfile builds and its image drains, with nothing said but
its ENTRYPOINT; the compose file is valid, and what it says of the stop timeout is true."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import engine
import ring
from inflight import InFlight


def compose_command():
    """`docker compose` where the plugin is, `docker-compose` where that is."""
    for command in (["docker", "compose"], ["docker-compose"]):
        try:
            subprocess.run([*command, "version"], capture_output=True, check=True, timeout=30)
            return command
        except (OSError, subprocess.CalledProcessError):
            pass
    raise engine.Unavailable("neither `docker compose` nor `docker-compose` is here")


class OfDockerfile(ring.ContainerTest):
    """The base is the Debian image of the tests: there may be no registry to get an Alpine from."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        base = cls.image
        cls.image = f"lastcall-tests/dockerfile:{cls.events.run}"
        stage = f"lastcall-tests/dockerfile-build:{cls.events.run}"
        # Both stages get a name, so that both can be removed by name.
        cls.addClassCleanup(engine.remove, "rmi", cls.image, stage)
        cls.build(base, stage, "--target=build")
        cls.build(base, cls.image)

    @classmethod
    def build(cls, base, tag, *options):
        dockerfile = engine.SOURCE / "docker" / "Dockerfile"
        options = (f"--build-arg=BASE={base}", f"--file={dockerfile}", "--force-rm", *options)
        command = ["docker", "build", f"--tag={tag}", *options, str(engine.SOURCE)]
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300
        )
        if done.returncode != 0:
            # The layers that were finished have no name: the last of them takes the others along.
            engine.remove("rmi", *re.findall(r"^ ---> ([0-9a-f]+)$", done.stdout, re.M)[-1:])
            print(done.stdout[-4000:], file=sys.stderr)
            raise AssertionError(f"{shlex.join(command)}: status {done.returncode}")


class Dockerfile(OfDockerfile, InFlight):
    def test_image_drains(self):
        self.check_stops("http.server", times=2, at_once=2, init=ring.OF_THE_IMAGE)

    def test_entrypoint_takes_a_command(self):
        self.assertEqual(engine.docker("run", "--rm", self.image, "echo", "hello"), "hello")


class FromScratch(ring.ContainerTest):
    """docker/Dockerfile.static: the static program as it was last built, and no other file."""

    BUILT = engine.SOURCE / "build" / "static" / "bin"

    def setUp(self):
        if not (self.BUILT / "lastcall").exists():
            self.skipTest("build/static/bin/lastcall is not built: cmake --workflow --preset static")
        self.tag = f"lastcall-tests/static:{self.events.run}"
        dockerfile = engine.SOURCE / "docker" / "Dockerfile.static"
        self.addCleanup(engine.remove, "rmi", self.tag)
        engine.docker("build", f"--tag={self.tag}", f"--file={dockerfile}", "--force-rm", str(self.BUILT))

    def test_image_runs_what_it_is_given(self):
        said = engine.docker("run", "--rm", "--network=none", self.tag, "/lastcall", "--version")
        self.assertRegex(said, r"^lastcall \d")

    def test_image_is_the_program_alone(self):
        size = int(engine.docker("inspect", "--format", "{{.Size}}", self.tag))
        self.assertEqual(size, (self.BUILT / "lastcall").stat().st_size)


class Compose(OfDockerfile):
    def setUp(self):
        try:
            self.command = compose_command()
        except engine.Unavailable as reason:
            self.skipTest(str(reason))
        self.line = engine.Line()
        self.addCleanup(self.line.close)
        self.project = f"lastcall-tests-{self.events.run}"
        self.file = str(engine.SOURCE / "docker" / "compose.yaml")
        self.environment = {
            **os.environ,
            "COMPOSE_PROJECT_NAME": self.project,
            "HEALTH_PORT": "0",  # any that is free
        }

    def compose(self, *arguments, files=()):
        chosen = [word for file in (self.file, *files) for word in ("--file", file)]
        done = subprocess.run(
            [*self.command, *chosen, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        self.assertEqual(done.returncode, 0, f"compose {arguments}: {done.stderr}")
        return done.stdout

    def test_file_builds_from_the_dockerfile(self):
        build = re.search(r"context: (.*)\n +dockerfile: (.*)", self.compose("config"))
        context, dockerfile = (pathlib.Path(part) for part in build.groups())
        self.assertEqual(context, engine.SOURCE)
        self.assertTrue((context / dockerfile).is_file())

    def test_service_stops_within_its_grace_period(self):
        with tempfile.TemporaryDirectory(prefix="lastcall-compose.") as directory:
            mine = pathlib.Path(directory) / "mine.yaml"
            mine.write_text(json.dumps(self.own_settings()))
            files = (str(mine),)
            try:
                self.compose("up", "--detach", "--no-build", files=files)
                identity = self.compose("ps", "--quiet", "app", files=files).strip()
                self.check_service(identity, files)
            finally:
                self.compose("down", "--volumes", files=files)

    def own_settings(self):
        """A user's own file: the application, in place of the one of the example."""
        app = {
            "image": self.image,
            "command": list(ring.SERVERS["http.server"]),
            "environment": {"TEST_LINE": "/line/line", "PYTHONDONTWRITEBYTECODE": "1"},
            "volumes": [f"{engine.APPS}:/apps:ro", f"{self.line.directory}:/line"],
            "labels": {engine.LABEL: self.events.run, f"{engine.LABEL}.source": str(engine.SOURCE)},
        }
        return {"version": "3.9", "services": {"app": app}}

    def check_service(self, identity, files):
        self.wait_health(*self.published_address(identity), 200, "serving")
        self.compose("stop", files=files)
        timeout = int(self.inspect(identity, "{{.Config.StopTimeout}}"))
        exit_code = int(self.inspect(identity, "{{.State.ExitCode}}"))
        logs = self.compose("logs", "--no-color", files=files)
        reports = [line.partition("{")[2] for line in logs.splitlines() if engine.SCHEMA in line]
        report = json.loads("{" + reports[0])
        self.validate_report(report)
        self.assertEqual(report["stop"]["timeout_ms"], timeout * 1000)
        self.assertEqual(exit_code, 143)

    def published_address(self, identity):
        form = '{{json (index .NetworkSettings.Ports "5278/tcp")}}'
        (binding,) = json.loads(self.inspect(identity, form))
        self.assertEqual(binding["HostIp"], "127.0.0.1", "published for this machine alone")
        return binding["HostIp"], int(binding["HostPort"])

    def inspect(self, identity, form):
        return engine.docker("inspect", "--format", form, identity)


if __name__ == "__main__":
    ring.main()
