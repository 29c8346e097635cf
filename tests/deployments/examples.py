# SPDX-License-Identifier: MIT
"""examples/compose and examples/swarm as they are: started by docker-compose 1.29 and `docker stack deploy`, stopped and
updated under load, and nothing is lost."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import engine
import load
import process
import swarm
import task

NAME = "lastcall-example"
EXAMPLES = engine.SOURCE / "examples"
DOCKERFILE = """ARG BASE
FROM ${BASE}
COPY lastcall /usr/bin/lastcall
COPY server.py /srv/server.py
ENV SLOW=2 PYTHONDONTWRITEBYTECODE=1
ENTRYPOINT ["lastcall", "--"]
CMD ["python3", "/srv/server.py"]
"""


@contextlib.contextmanager
def shop(base):
    """The image of the examples, on the tests' own base."""
    with tempfile.TemporaryDirectory(prefix="lastcall-example.") as folder:
        pathlib.Path(folder, "Dockerfile").write_text(DOCKERFILE)
        shutil.copy(engine.binary(), pathlib.Path(folder, "lastcall"))
        shutil.copy(task.APPS / "server.py", folder)
        engine.docker("build", "--quiet", f"--tag={NAME}", f"--build-arg=BASE={base}", folder, seconds=300)
    try:
        yield NAME
    finally:
        engine.remove("rmi", NAME)


def run_command(command, environment):
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout.strip()


def drill(*arguments):
    """One drill that has to pass; returns its numbers."""
    with tempfile.TemporaryDirectory(prefix="lastcall-example.") as folder:
        path = pathlib.Path(folder, "result.json")
        command = [load.program(), "--quiet", "--in-flight=6", "--slow=/slow", "--burst=0", f"--json={path}", *arguments]
        drilling = process.start(command, stderr=subprocess.PIPE)
        try:
            _, said = drilling.communicate(timeout=600)
        finally:
            process.end(drilling)
        assert path.exists(), said
        result = json.loads(path.read_text())
    assert result["verdict"] == "pass", (result["inconclusive_because"], result["checks"])
    return result["runs"][0]["numbers"]


def compose(image):
    if shutil.which("docker-compose") is None:
        raise engine.Unavailable("no docker-compose")
    [port] = process.free_ports(1)
    words = ["docker-compose", "-p", NAME, "-f", str(EXAMPLES / "compose" / "shop.yaml")]
    environment = {"SHOP_IMAGE": image, "SHOP_PORT": str(port)}
    try:
        run_command([*words, "up", "--detach"], environment)
        identifier = run_command([*words, "ps", "--quiet", "shop"], environment)
        health = "{{.State.Health.Status}}"
        engine.wait_until(lambda: engine.docker("inspect", "--format", health, identifier) == "healthy",
                          "Docker calls the container healthy", 60)
        numbers = drill(
            "--url=http://container:8080/quick", "--health-url=http://container:5278/healthcheck",
            f"--container={identifier}", "--stop-timeout=30s",
            f"--stop-cmd=docker-compose -p {NAME} -f {EXAMPLES}/compose/shop.yaml stop")
        state = engine.docker("inspect", "--format", "{{.State.ExitCode}}", identifier)
    finally:
        run_command([*words, "down"], environment)
    print(f"compose: {numbers['in_flight_completed']} of {numbers['in_flight_at_stop']} in flight answered, stopped in "
          f"{numbers['stop_wall_s']:.1f} s, exit status {state}", flush=True)


def stack(image, base):
    [port] = process.free_ports(1)
    words = ["docker", "stack"]
    environment = {"SHOP_IMAGE": image, "HAPROXY_IMAGE": base, "SHOP_PORT": str(port)}
    with swarm.swarm():
        try:
            run_command([*words, "deploy", "--resolve-image=never", "-c", str(EXAMPLES / "swarm" / "shop.yaml"), NAME],
                        environment)
            engine.wait_until(lambda: task.get_status("127.0.0.1", port, "/quick") == 200,
                              "the tasks answer through HAProxy", 120)
            engine.wait_until(
                lambda: engine.docker("service", "ls", "--format={{.Replicas}}", f"--filter=name={NAME}_shop") == "4/4",
                "four tasks run", 120)
            numbers = drill(
                f"--url=http://127.0.0.1:{port}/slow", "--rate=20/s", "--keep-alive=0",
                f"--deploy=docker service update --quiet --force {NAME}_shop")
        finally:
            run_command([*words, "rm", NAME], {})
    print(f"swarm: updated in {numbers['stop_wall_s']:.0f} s, no request lost", flush=True)


def run(base):
    with shop(base) as image:
        compose(image)
        stack(image, base)
