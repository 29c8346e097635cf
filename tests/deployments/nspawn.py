# SPDX-License-Identifier: MIT
"""systemd-nspawn: a stop of the container by SIGTERM to systemd-nspawn, as its unit does it, by lastcall-drill.

It runs in a network namespace of its own: the container has the network of systemd-nspawn."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import busybox_root
import engine
import load
import task
from podman_pods import FILES, IN_FLIGHT, TINI
from test_drill_podman import SERVER

INSIDE = "LASTCALL_TESTS_NSPAWN_INSIDE"


def root(folder):
    """A root that systemd-nspawn takes for one of an operating system."""
    archive = busybox_root.make(folder, FILES)
    archive.unlink()
    top = pathlib.Path(folder, "root")
    for name in ("usr", "dev", "sys", "run"):
        (top / name).mkdir(exist_ok=True)
    (top / "etc" / "os-release").touch()
    shutil.copy(engine.binary(), top / "bin" / "lastcall")
    if not os.path.exists(TINI):
        raise engine.Unavailable(f"no {TINI}")
    shutil.copy(TINI, top / "bin" / "tini")
    return top


def drill(top, init, *options):
    output = top.parent / "result.json"
    output.unlink(missing_ok=True)
    done = subprocess.run(
        [load.program(), f"--url=http://127.0.0.1:{task.PORT}/quick", "--slow=/cgi-bin/slow",
         f"--in-flight={IN_FLIGHT}", "--body=same", "--keep-alive=0", "--burst=0", "--rate=3/s", "--runs=1", "--quiet",
         "--stop-timeout=20s", f"--json={output}", "--", "systemd-nspawn", "--quiet", "--register=no",
         "--keep-unit", f"--directory={top}", *options, f"/bin/{init}", "--", *SERVER],
        capture_output=True, text=True, timeout=120)
    runs = json.loads(output.read_text())["runs"] if output.exists() else []
    if not runs:
        raise AssertionError(f"the drill ended with {done.returncode}: {done.stdout} {done.stderr}")
    return runs[0]


def inside():
    with tempfile.TemporaryDirectory(prefix="lastcall-nspawn.", dir="/var/tmp") as folder:
        top = root(folder)
        print("| --kill-signal | PID 1 | answered of those in flight | stop | exit status |\n|---|---|---:|---:|---|")
        for signal in ((), ("--kill-signal=SIGTERM",)):
            for init in ("tini", "lastcall"):
                # A copy each: systemd-nspawn keeps a folder for busy a moment longer than its container runs.
                copy = pathlib.Path(folder, f"root-{init}-{len(signal)}")
                shutil.copytree(top, copy, symlinks=True)
                run = drill(copy, init, *signal)
                numbers = run["numbers"]
                print(f"| {signal[0][14:] if signal else 'none'} | {init} "
                      f"| {numbers['in_flight_completed']} of {numbers['in_flight_at_stop']} "
                      f"| {numbers['stop_wall_s']:.1f} s | {run['exit']['code']} |", flush=True)
                if signal and init == "lastcall":
                    assert numbers["in_flight_completed"] == IN_FLIGHT, numbers


def run(image):
    """Needs no image of the engine: systemd-nspawn runs a folder."""
    if shutil.which("systemd-nspawn") is None:
        raise engine.Unavailable("no systemd-nspawn")
    if os.environ.get(INSIDE) == "1":
        return inside()
    load.program()
    command = 'ip link set lo up && exec "$0" nspawn'
    subprocess.run(["unshare", "--net", "sh", "-c", command, sys.argv[0]],
                   env={**os.environ, INSIDE: "1"}, check=True)
