# SPDX-License-Identifier: MIT
"""docker-compose 1.29: how long a service is away when `up` recreates its container, and what is lost."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time

import engine
import process
import task

PROJECT = "lastcall-deployments"
GRACE_SECONDS = 10
FILE = """version: "2.4"
services:
  web:
    image: {image}
    entrypoint: {entrypoint}
    command: []
    stop_grace_period: {grace}s
    environment:
      SLOW: "6"
      LASTCALL_STOP_TIMEOUT: {grace}s
      REVISION: "${{REVISION}}"
    ports: ["127.0.0.1:{port}:8080"]
    volumes: ["{apps}:/apps:ro", "{lastcall}:/usr/bin/lastcall:ro"]
    labels: {{{label}.source: "{source}"}}
"""


def compose(folder, revision, *words):
    environment = {**os.environ, "REVISION": str(revision)}
    done = subprocess.run(
        ["docker-compose", "-p", PROJECT, "-f", f"{folder}/compose.yaml", *words],
        env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


class Client(threading.Thread):
    """Requests of 6 s, each on a connection of its own; the moments at which /quick was answered."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = port
        self.over = threading.Event()
        self.answered = []
        self.in_flight = []
        self.start()

    def run(self):
        while not self.over.wait(0.02):
            if task.get_status("127.0.0.1", self.port, "/quick") == 200:
                self.answered.append(time.monotonic())

    def slow(self, count):
        """So many slow requests; they are in flight when this returns."""
        def ask():
            results.append(task.get_status("127.0.0.1", self.port, "/slow", 20))
        results = []
        threads = [threading.Thread(target=ask, daemon=True) for _ in range(count)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)  # of the 6 s that each takes
        return threads, results

    def gap(self):
        moments = self.answered
        return max(b - a for a, b in zip(moments, moments[1:]))


def recreate(image, init, folder, number=10):
    """One recreate with requests in flight: how many were answered, and how long the service was away."""
    [port] = process.free_ports(1)
    words = ", ".join(f'"{word}"' for word in (*init.entrypoint, *task.SERVER))
    pathlib.Path(folder, "compose.yaml").write_text(FILE.format(
        image=image, entrypoint=f"[{words}]", grace=GRACE_SECONDS, port=port, apps=task.APPS,
        lastcall=engine.binary(), label=engine.LABEL, source=engine.SOURCE))
    try:
        compose(folder, 1, "up", "-d")
        engine.wait_until(lambda: task.get_status("127.0.0.1", port, "/quick") == 200, "the service answers")
        client = Client(port)
        threads, results = client.slow(number)
        began = time.monotonic()
        compose(folder, 2, "up", "-d")
        engine.wait_until(
            lambda: client.answered and client.answered[-1] > began + 1.5
            and task.get_status("127.0.0.1", port, "/quick") == 200, "the new one answers")
        for thread in threads:
            thread.join()
        client.over.set()
        client.join()
        return results.count(200), client.gap()
    finally:
        compose(folder, 2, "down", "-t", "0")


def run(image, times=3):
    if shutil.which("docker-compose") is None:
        raise engine.Unavailable("no docker-compose")
    lastcall = task.Init("lastcall", ("lastcall", "--"), task.HEALTH_PORT)
    print("| PID 1 | answered of those in flight | away (least, most) |\n|---|---:|---:|")
    for init in (task.NONE, task.TINI, lastcall):
        with tempfile.TemporaryDirectory(prefix="lastcall-compose.") as folder:
            results = [recreate(image, init, folder) for _ in range(times)]
        away = [gap for _, gap in results]
        answered = sum(count for count, _ in results)
        print(f"| {init.name} | {answered} of {10 * times} | {min(away):.1f}, {max(away):.1f} s |", flush=True)
        if init is lastcall:
            assert answered == 10 * times, results
