# SPDX-License-Identifier: MIT
"""A task of a service: one real container, with the application under some PID 1."""

import functools
import http.client
import secrets
import shutil
import subprocess
import time

import engine
import scale

APPS = engine.SOURCE / "tests" / "deployments" / "apps"
PORT = 8080
HEALTH_PORT = 5278
STOP_ATTEMPTS = 5  # the ECS agent's: DockerTaskEngine, "stopContainer"
SERVER = ("python3", "/apps/server.py")

# What runs as PID 1: the entry point, and where the load balancer asks for the health.
SLEEP = 'trap "sleep {seconds}; kill -TERM \\$pid" TERM; "$@" & pid=$!; wait $pid; wait $pid'


class Init:
    """A PID 1: its name in the tables, the entry point, its variables."""

    environment = {}

    def __init__(self, name, entrypoint, health_port=PORT, environment=None):
        self.name = name
        self.entrypoint = entrypoint
        self.health_port = health_port
        if environment is not None:
            self.environment = environment

    @property
    def is_lastcall(self):
        return self.health_port == HEALTH_PORT


NONE = Init("none", ())
TINI = Init("tini", ("/usr/bin/tini", "--"))
DUMB_INIT = Init("dumb-init", ("/usr/bin/dumb-init", "--"))


def dumb_init():
    """The host's; the image has none."""
    path = shutil.which("dumb-init")
    if path is None:
        raise engine.Unavailable("no dumb-init")
    return path


def tini_sleep(seconds):
    """tini, and a shell that waits before it stops the application: in ECS's seconds."""
    script = SLEEP.format(seconds=f"{scale.scaled(seconds):g}")
    return Init(f"tini + sleep {seconds:g}", ("/usr/bin/tini", "--", "sh", "-c", script, "sh"))


class Lastcall(Init):
    """lastcall with its defaults on ECS, or with options; times in ECS's seconds."""

    def __init__(self, name, stop_timeout, options):
        super().__init__(name, ("lastcall", "--"), HEALTH_PORT)
        self._stop_timeout = stop_timeout
        self._options = options

    @functools.cached_property
    def environment(self):
        times = scale.lastcall_environment(self._stop_timeout, **self._options)
        return {**times, "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE"}


def lastcall(name, stop_timeout, **options):
    return Lastcall(name, stop_timeout, options)


def get_status(address, port, path="/healthcheck", seconds=1):
    """The status of a GET, or 0 where nothing answers."""
    connection = http.client.HTTPConnection(address, port, timeout=seconds)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


class Container:
    """A container that runs until it is stopped. Its label is that of the tests' containers: what a killed test
    leaves, the next one removes."""

    def __init__(self, image, init, environment):
        volumes = [f"--volume={APPS}:/apps:ro"]
        if init.is_lastcall:
            volumes.append(f"--volume={engine.binary()}:/usr/bin/lastcall:ro")
        if init is DUMB_INIT:
            volumes.append(f"--volume={dumb_init()}:/usr/bin/dumb-init:ro")
        variables = {"PYTHONDONTWRITEBYTECODE": "1", **init.environment, **environment}
        entrypoint = (*init.entrypoint, *SERVER)
        self.init = init
        self.began = time.monotonic()
        self.stop_seconds = None
        self.reports = []
        self.exit_code = None
        self.id = engine.docker(
            "run", "--detach", f"--name=lastcall-deployment-{secrets.token_hex(4)}",
            f"--label={engine.LABEL}=deployments", f"--label={engine.LABEL}.source={engine.SOURCE}",
            *volumes, *(f"--env={name}={value}" for name, value in variables.items()),
            f"--entrypoint={entrypoint[0]}", image, *entrypoint[1:],
        )
        self.started_seconds = time.monotonic() - self.began
        form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
        self.address = engine.docker("inspect", "--format", form, self.id)

    def is_healthy(self):
        return get_status(self.address, self.init.health_port) == 200

    def runs(self):
        return engine.docker("inspect", "--format", "{{.State.Running}}", self.id) == "true"

    def stop(self, seconds):
        """The agent's stop: the stop signal, and SIGKILL after so many real seconds."""
        began = time.monotonic()
        for attempt in range(STOP_ATTEMPTS):
            try:
                engine.docker("stop", "-t", str(int(seconds)), self.id, seconds=seconds + 60)
                break
            except AssertionError:  # no engine, for the moment
                if attempt == STOP_ATTEMPTS - 1:
                    raise
                time.sleep(1)
        self.stop_seconds = time.monotonic() - began

    def remove(self):
        """Removes the container, and keeps its exit status and what lastcall reported."""
        self.exit_code = int(engine.docker("inspect", "--format", "{{.State.ExitCode}}", self.id))
        done = subprocess.run(
            ["docker", "logs", self.id], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        self.logs = done.stdout.decode(errors="replace")
        self.reports = list(engine.find_reports(self.logs))
        engine.remove("rm", self.id)
