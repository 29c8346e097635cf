# SPDX-License-Identifier: MIT
"""Constant load, by lastcall-drill, while something happens to the tasks behind a load balancer.

A drill stops a process when its requests are in flight, and goes on until the process has exited. Here that process
is `gate`: it ends when the deployment is completed. Each kind of load is a drill of its own, with the same gate."""

import collections
import json
import os
import pathlib
import subprocess
import time

import engine
import process


def program():
    path = os.environ.get("LASTCALL_DRILL", "")
    if not os.access(path, os.X_OK) or not os.path.isfile(path):
        raise engine.Unavailable(f"LASTCALL_DRILL is '{path}', not a program")
    return path


# Each kind: the path, whether over HTTP/2, options. The paths are those of apps/server.py. Cohort C has the constant
# rate; cohort A is in flight when the deployment begins.
KINDS = {
    "new": ("/quick", "--rate=30/s"),
    "kept": ("/quick", "--rate=1/s", "--keep-alive=16"),
    "slow": ("/slow", "--rate=10/s"),
    "upload": ("/upload", "--rate=5/s", "--upload=/upload", "--upload-size=128k", "--upload-rate=128k/s"),
    "stream": ("/stream", "--rate=1/s"),
    "long": ("/long", "--rate=1/s"),
    "rare": ("/rare", "--rate=4/s"),
    "h2": ("/quick", "--rate=10/s", "--http2"),
}
ORDINARY = ("new", "kept", "slow", "upload", "h2")


class Load:
    """Drills of some kinds, whose requests are in flight when __enter__ returns; __exit__ lets them end."""

    def __init__(self, balancer, folder, kinds=ORDINARY, seconds=20):
        self.folder = pathlib.Path(folder)
        self.kinds = kinds
        self._gate = process.start(["sleep", "100000"])
        upload = self.folder / "upload.bin"
        upload.write_bytes(b"x" * 65536)
        offsets = ",".join(f"{round(seconds * 1000 * n / 16)}ms" for n in range(16))
        self._drills = {}
        for kind in kinds:
            path, *options = KINDS[kind]
            port = balancer.http2 if kind == "h2" else balancer.http1
            options += [f"--data=@{upload}"] if kind == "upload" else []
            options += [f"--keep-alive-offsets={offsets}"] if kind == "kept" else ["--keep-alive=0"]
            options += ["--slow=/slow"] if kind != "upload" else []
            self._drills[kind] = process.start(
                [program(), f"--url=http://{balancer.host}:{port}{path}", *options,
                 "--in-flight=2", "--body=same", "--burst=0", "--runs=1", "--quiet", "--allow-remote", "--stop-timeout=30m",
                 "--timeout=30s", "--stall-timeout=20s", "--health-timeout=30s", f"--pid={self._gate.pid}",
                 f"--stop-cmd=touch {self._path(kind, 'go')}",
                 f"--ndjson={self._path(kind, 'ndjson')}", f"--json={self._path(kind, 'json')}"],
                stdout=subprocess.DEVNULL, stderr=(self.folder / f"{kind}.log").open("w"))

    def _path(self, kind, suffix):
        return self.folder / f"{kind}.{suffix}"

    def __enter__(self):
        try:
            engine.wait_until(self._all_ready, "all drills have their requests in flight", 60)
        except BaseException:
            self._end()
            raise
        self.began = time.monotonic()
        return self

    def _all_ready(self):
        for kind, drill in self._drills.items():
            if drill.poll() is not None:
                said = self._path(kind, "log").read_text()
                raise AssertionError(f"the drill of '{kind}' ended with {drill.returncode}: {said}")
        return all(self._path(kind, "go").exists() for kind in self.kinds)

    def __exit__(self, kind, *_):
        if kind is not None:
            return self._end()
        time.sleep(0.5)  # requests of the last moment, on the new tasks
        process.end(self._gate)
        for drill in self._drills.values():
            drill.wait(60)
        self.outcomes = {kind: self._read(kind) for kind in self.kinds}

    def _end(self):
        for each in (*self._drills.values(), self._gate):
            process.end(each)

    def _read(self, kind):
        with self._path(kind, "ndjson").open() as lines:
            attempts = [json.loads(line) for line in lines]
        return [a for a in attempts if a["end_s"] is None or a["end_s"] > 0]

    def sent(self):
        return sum(len(attempts) for attempts in self.outcomes.values())

    def lost(self):
        """How many requests failed, by kind and outcome. (A refused connection is a loss, too: the load balancer
        has retried it.)"""
        counts = collections.Counter()
        for kind, attempts in self.outcomes.items():
            for attempt in attempts:
                if attempt["outcome"] != "ok":
                    counts[f"{kind}: {attempt['outcome']}"] += 1
        return counts
