# SPDX-License-Identifier: MIT
"""lastcall-drill against real servers in containers: what runs, as what, and what came of it.

usage: drills.py RUNS [SERVER...]    prints the rows of docs/benchmarks.md: RUNS stops of each"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import engine
from ring import HEALTH_PORT, PORT

# What runs in the container. All answer the same (apps/drilled/answers.py); two of them are proxies,
# with http.server behind.
SERVERS = {
    "http.server": ("python3", "/apps/drilled/http_server.py"),
    "gunicorn": (
        "gunicorn", "--chdir=/apps/drilled", f"--bind=0.0.0.0:{PORT}", "--worker-class=gthread",
        "--threads=64", "--worker-tmp-dir=/dev/shm", "--log-level=error", "wsgi",
    ),
    "uvicorn": (
        "python3", "-m", "uvicorn", "--app-dir=/apps/drilled", "--host=0.0.0.0", f"--port={PORT}",
        "--log-level=error", "asgi:application",
    ),
    "Node http": ("node", "/apps/drilled/server.js"),
    "nginx": ("/apps/drilled/behind", "nginx", "-e", "stderr", "-c", "/apps/drilled/nginx.conf"),
    "HAProxy": ("/apps/drilled/behind", "haproxy", "-f", "/apps/drilled/haproxy.cfg"),
}
INITS = ("tini", "lastcall")
LONGEST_REQUEST = "3s"  # a download takes two
STOP_SECONDS = 10

SLOW = ("--slow=/slow",)
REPEATED = "--retry-safe=refused,reset_connect,reset_before_response,eof_before_response"
DOWNLOAD = ("--download=/big", "--read-rate=4M/s")
LOAD = (
    "--in-flight=10", "--body=numbered",
    "--keep-alive=10", "--burst=10", "--stall-timeout=3s", "--timeout=8s",
    # Further apart than lastcall's --settle: a proxy's connections to what is behind it are kept, and
    # would never be idle for that long. A load balancer would not come at all any more.
    "--rate=3/s",
)


def program():
    path = os.environ.get("LASTCALL_DRILL", "")
    if not os.access(path, os.X_OK) or not os.path.isfile(path):
        raise engine.Unavailable(f"LASTCALL_DRILL is '{path}', not a program")
    return path


def container(image, server, init, environment):
    """What docker run is given."""
    words = [
        f"--label={engine.LABEL}.source={engine.SOURCE}",
        f"--volume={engine.APPS}:/apps:ro",
        "--env=PYTHONDONTWRITEBYTECODE=1",
        *(f"--env={name}={value}" for name, value in environment.items()),
    ]
    if init == "tini":
        words.append("--entrypoint=/usr/bin/tini")
    else:
        words += [f"--volume={engine.binary()}:/usr/bin/lastcall:ro", "--entrypoint=lastcall"]
    return [*words, image, "--", *SERVERS[server]]


class Drill:
    """One drill, which has ended: its status, its words, its result."""

    def __init__(
        self, image, server, init, *options, in_flight=SLOW + DOWNLOAD, runs=2, stop=STOP_SECONDS,
        environment=None,
    ):
        environment = {"LASTCALL_STOP_TIMEOUT": f"{stop}s", **(environment or {})}
        with tempfile.TemporaryDirectory(prefix="lastcall-drill.") as directory:
            output = pathlib.Path(directory, "result.json")
            command = [
                program(), f"--url=http://container:{PORT}/quick", f"--json={output}",
                f"--runs={runs}", f"--stop-timeout={stop}s", *LOAD, *in_flight,
                *options, "--docker-run",
            ]
            if init == "lastcall":
                command.append(f"--health-url=http://container:{HEALTH_PORT}/healthcheck")
            command += ["--", *container(image, server, init, environment)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=600)
            text = output.read_text() if output.exists() else ""
        self.status = done.returncode
        self.said = f"{done.stdout}\n{done.stderr}"
        self.result = json.loads(text) if text else {}
        self.runs = self.result.get("runs", [])

    def failed_checks(self):
        return sorted(c["name"] for c in self.result["checks"] if not c["passed"])

    def outcomes(self, cohort="in_flight"):
        """How many attempts of a cohort ended how, in all runs."""
        counts = {}
        for run in self.runs:
            for outcome, count in run["cohorts"][cohort]["outcomes"].items():
                counts[outcome] = counts.get(outcome, 0) + count
        return {outcome: count for outcome, count in counts.items() if count}


def cut_clients(run):
    """How many requests of one run were accepted and had no answer, whatever the verdict makes of them."""
    return sum(
        count for cohort in run["cohorts"].values()
        for outcome, count in cohort["outcomes"].items() if outcome not in ("ok", "refused"))


def spread(values, scale=1):
    """"median (worst)" of what is known."""
    known = sorted(v * scale for v in values if v is not None)
    if not known:
        return "-"
    return f"{known[len(known) // 2]:.2f} ({known[-1]:.2f})"


def row(drill, server, init):
    numbers = [run["numbers"] for run in drill.runs]
    lost = sum(n["in_flight_cut"] for n in numbers)
    asked = sum(n["in_flight_at_stop"] for n in numbers)
    how = ", ".join(f"{c} {o}" for o, c in drill.outcomes().items() if o != "ok") or "-"
    margins = sorted(n["deadline_margin_s"] for n in numbers if n["deadline_margin_s"] is not None)
    if not margins:
        raise AssertionError(drill.said)
    return (
        f"| {server} | {init} | {drill.result['verdict']} | {lost} of {asked} | {how} "
        f"| {spread([n['stop_wall_s'] for n in numbers])} "
        f"| {spread([n['overshoot_s'] for n in numbers])} "
        f"| {margins[0]:.2f} |"
    )


def table(image, server, runs):
    for init in INITS:
        yield row(Drill(image, server, init, runs=runs), server, init)
    drill = Drill(image, server, "lastcall", runs=runs, environment={"LASTCALL_LONGEST_REQUEST": LONGEST_REQUEST})
    yield row(drill, server, f"lastcall, {LONGEST_REQUEST}")
    if server == "nginx":
        drill = Drill(image, server, "tini", "--stop-signal=QUIT", runs=runs)
        yield row(drill, server, "tini, SIGQUIT")
        drill = Drill(image, server, "tini", "--stop-signal=QUIT", in_flight=SLOW, runs=runs)
        yield row(drill, f"{server}, slow handlers only", "tini, SIGQUIT")
    if server == "http.server":
        for init in INITS:
            drill = Drill(image, server, init, runs=runs, environment={"DEAF": "1"})
            yield row(drill, f"{server}, ignores SIGTERM", init)


def main():
    engine.use_engine()
    image = engine.image()
    print("| server | PID 1 | verdict | lost in flight | how | stop, s | overshoot, s | least margin, s |")
    print("|---|---|---|---:|---|---:|---:|---:|")
    for server in sys.argv[2:] or SERVERS:
        for line in table(image, server, int(sys.argv[1])):
            print(line, flush=True)


if __name__ == "__main__":
    main()
