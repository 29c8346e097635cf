# SPDX-License-Identifier: MIT
"""Podman: what `podman stop`, `podman pod stop` and `podman kube down` do to requests in flight, by lastcall-drill.

It runs in a network namespace of its own, which takes podman's bridge with it."""

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

import busybox_root
import engine
import load
import podman
import task
from test_drill_podman import SERVER

INSIDE = "LASTCALL_TESTS_PODMAN_INSIDE"
TINI = "/usr/bin/tini-static"
IN_FLIGHT = 6
POD = "lastcall-pod"
SLOW = "#!/bin/sh\nsleep 4\nprintf 'Content-Type: text/plain\\r\\n\\r\\nslow\\n'\n"
FILES = (("www/quick", "quick\n", 0o644), ("www/cgi-bin/slow", SLOW, 0o755))
# Also for the pod's own container: limits that need no privilege to be set.
CONFIGURATION = '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n'
MANIFEST = """apiVersion: v1
kind: Pod
metadata: {{name: {pod}}}
spec:
  terminationGracePeriodSeconds: 10
  containers:
    - name: web
      image: localhost/test:latest
      command: [{command}]
      volumeMounts: [{{name: bin, mountPath: /init, readOnly: true}}]
  volumes: [{{name: bin, hostPath: {{path: {folder}, type: Directory}}}}]
"""


class Podman:
    """Podman with its state in a folder, and the programs that are PID 1 in another."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.client = podman.client(self.folder)
        configuration = self.folder / "containers.conf"
        configuration.write_text(CONFIGURATION)
        os.environ["CONTAINERS_CONF"] = str(configuration)
        self.engine = self.folder / "podman"  # the drill's --engine takes one word
        self.engine.write_text(f'#!/bin/sh\nexec {shlex.join(self.client)} "$@"\n')
        self.engine.chmod(0o755)
        self.inits = self.folder / "inits"
        self.inits.mkdir()
        shutil.copy(engine.binary(), self.inits / "lastcall")
        if not os.path.exists(TINI):
            raise engine.Unavailable(f"no {TINI}")
        shutil.copy(TINI, self.inits / "tini")
        self.call("import", busybox_root.make(self.folder, FILES), "test")

    def call(self, *words, check=True):
        done = subprocess.run([*self.client, *map(str, words)], capture_output=True, text=True, timeout=100)
        if check and done.returncode != 0:
            raise AssertionError(f"podman {words}: {done.stderr.strip()}")
        return done.stdout.strip()

    def container(self, init, *options):
        return self.call(
            "run", "--detach", f"--volume={self.inits}:/init:ro", *options,
            "test", f"/init/{init}", "--", *SERVER)

    def address(self, name):
        form = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}"
        return self.call("inspect", "--format", form, name).split()[0]

    def drill(self, address, name, *options):
        """One drill of a container that runs; the numbers of its run."""
        output = self.folder / "result.json"
        output.unlink(missing_ok=True)
        done = subprocess.run(
            [load.program(), f"--engine={self.engine}", f"--url=http://{address}:{task.PORT}/quick",
             "--allow-remote", f"--container={name}", "--slow=/cgi-bin/slow", f"--in-flight={IN_FLIGHT}",
             "--body=same", "--keep-alive=0", "--burst=0", "--rate=3/s", "--runs=1", "--quiet",
             "--stall-timeout=5s", "--timeout=10s", f"--json={output}", *options],
            capture_output=True, text=True, timeout=120)
        if not output.exists():
            raise AssertionError(f"the drill ended with {done.returncode}: {done.stderr}")
        [run] = json.loads(output.read_text())["runs"]
        return run


def stop(engine_, init):
    name = engine_.container(init)
    run = engine_.drill(engine_.address(name), name)
    engine_.call("rm", "--force", name)
    return run


def pod_stop(engine_, init, before=""):
    engine_.call("pod", "create", f"--name={POD}")
    name = engine_.container(init, f"--pod={POD}")
    infra = engine_.call("pod", "inspect", "--format", "{{.InfraContainerID}}", POD)
    before = before.format(engine=engine_.engine, name=name)
    run = engine_.drill(
        engine_.address(infra), name, f"--stop-cmd={before}{engine_.engine} pod stop --time=10 {POD}")
    engine_.call("pod", "rm", "--force", POD)
    return run


def stop_then_pod_stop(engine_, init):
    """What saves the requests: the container is stopped while the pod's network is still there."""
    return pod_stop(engine_, init, f"{{engine}} stop --time=10 {{name}} && ")


def kube_down(engine_, init):
    manifest = engine_.folder / "pod.yaml"
    words = ", ".join(f'"{word}"' for word in (f"/init/{init}", "--", *SERVER))
    manifest.write_text(MANIFEST.format(pod=POD, command=words, folder=engine_.inits))
    engine_.call("play", "kube", manifest)
    infra = engine_.call("pod", "inspect", "--format", "{{.InfraContainerID}}", POD)
    run = engine_.drill(
        engine_.address(infra), f"{POD}-web", f"--stop-cmd={engine_.engine} play kube --down {manifest}")
    engine_.call("pod", "rm", "--force", "--ignore", POD)
    return run


ACTS = (
    ("podman stop", stop), ("podman pod stop", pod_stop), ("podman stop, then podman pod stop", stop_then_pod_stop),
    ("podman kube down", kube_down),
)


def inside():
    with tempfile.TemporaryDirectory(prefix="lastcall-podman.", dir="/var/tmp") as folder:
        engine_ = Podman(folder)
        print("| what happens | PID 1 | answered of those in flight | stop | exit status |\n|---|---|---:|---:|---|")
        for name, act in ACTS:
            for init in ("tini", "lastcall"):
                run = act(engine_, init)
                numbers = run["numbers"]
                print(f"| {name} | {init} | {numbers['in_flight_completed']} of {numbers['in_flight_at_stop']} "
                      f"| {numbers['stop_wall_s']:.1f} s | {run['exit']['code']} |", flush=True)
                if init == "lastcall" and act in (stop, stop_then_pod_stop):
                    assert numbers["in_flight_completed"] == IN_FLIGHT, numbers
        assert not engine_.call("ps", "--all", "--quiet"), "containers left behind"


def run(image):
    """Needs no image of the engine: podman has its own."""
    if os.environ.get(INSIDE) == "1":
        return inside()
    load.program()
    command = 'ip link set lo up && exec "$0" podman'
    subprocess.run(
        ["unshare", "--net", "sh", "-c", command, sys.argv[0]],
        env={**os.environ, INSIDE: "1", "TMPDIR": "/var/tmp"}, check=True)
