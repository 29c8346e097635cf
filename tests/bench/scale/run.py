# SPDX-License-Identifier: MIT
"""What lastcall costs on a busy host, side by side with an older build of it: others' connections, others'
processes. Both builds do the same at the same time, in namespaces of their own, so that what disturbs the
machine disturbs both; what is compared are the ratios of these pairs.

    run.py [drain] [serving] [noticed] [latency] [held] [processes] [--short] [--svg=FILE]

$LASTCALL_BIN is measured, with the helpers in $LASTCALL_BENCH_DIR (build/bench/bench). $LASTCALL_BENCH_OLD is
the older build; without it the commit fb64712 is built from the repository's history, in a temporary folder.
Exit status: 0 all targets met, 1 one is not, 2 could not be measured, 77 something is missing."""

import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import picture

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from comparison import compare, finish, require  # noqa: E402

LASTCALL = os.environ.get("LASTCALL_BIN", "")
HELPERS = os.environ.get("LASTCALL_BENCH_DIR", "")
SOURCE = pathlib.Path(__file__).resolve().parents[3]
OLD_COMMIT = "fb64712"

SHORT = "--short" in sys.argv
SECONDS = 3 if SHORT else 20
ROUNDS = int(os.environ.get("LASTCALL_BENCH_ROUNDS", 1 if SHORT else 3))
STOPS = int(os.environ.get("LASTCALL_BENCH_STOPS", 3 if SHORT else 20))
DOUBTS_MS = (200, 2000)  # how long a kept connection holds a drain after its answer: settle then, more now
OTHERS = (0, 20000, 60000) if SHORT else (0, 100000, 300000)
PROCESSES, STUBBORN, HELD, MANY_HELD = 5000, 50, 200, 9900
BATCH = 10000  # sockets a process holds, of which 20,000 descriptors are allowed
MEMORY_LEFT_KIB = 4 << 20  # of what the machine has to spare when the crowd has come
PORT, HEALTH_PORT = 8080, 5278
LOOK_SECONDS = 0.25  # from one look of ss or at /proc to the next, as often as an expensive poll of lastcall
FAIR = ["chrt", "-f", "10"]  # other processes on the machine are not measured
NOISE = 1.1  # for a target of "not worse"

def helper(name):
    return os.path.join(HELPERS, name)


def processor_ms(pid):
    """Processor time of a process's main thread, to the nanosecond; also of one that nobody has reaped."""
    with open(f"/proc/{pid}/schedstat") as file:
        return int(file.read().split()[0]) / 1e6


def memory_kib():
    with open("/proc/meminfo") as file:
        return int(re.search(r"^MemAvailable: +(\d+)", file.read(), re.M)[1])


def start_helper(*words, inside=()):
    """Returns once it has said that it is ready."""
    process = subprocess.Popen([*inside, helper("crowd"), *map(str, words)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    if process.stdout.readline() != b"ready\n":
        print(f"crowd {words} failed")
        sys.exit(2)
    return process


def end(processes):
    for process in processes:
        process.stdin.close()
    for process in processes:
        process.wait()


class Others:
    """The sockets of the host's other containers, more with each step."""

    def __init__(self):
        self.processes, self.count = [], 0

    def grow(self, count):
        while self.count < count and memory_kib() > MEMORY_LEFT_KIB:
            self.processes.append(start_helper("others", BATCH))
            self.count += BATCH
        if self.count < count:
            print(f"  memory is for {self.count:,d} other sockets, not for {count:,d}")
        return self.count


class Container:
    """lastcall as PID 1, the application below it holds connections with requests that get no answer."""

    def __init__(self, program, held):
        inside = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c",
                  "ip link set lo up; sysctl -qw net.ipv4.ip_local_port_range='20000 65000'"
                  " net.core.somaxconn=16384; exec \"$@\"", "sh"]
        self.outer = subprocess.Popen(
            [*inside, *FAIR, program, "--quiet", "--report=off", f"--stop-timeout={2 * SECONDS + 60}s",
             f"--drain-budget={2 * SECONDS + 30}s", "--", helper("crowd"), "serve", str(PORT)],
            stdout=subprocess.PIPE)
        if self.outer.stdout.readline() != b"ready\n":
            print(f"{program} does not serve")
            sys.exit(2)
        with open(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children") as file:
            self.pid = int(file.read().split()[0])
        self.clients = start_helper("clients", PORT, held, inside=self.enter())
        time.sleep(1)  # not to wait for anything: so long is at rest

    def enter(self):
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net"]

    def probe(self, pause_us):
        """A prober of the health endpoint, which prints what it saw when it has ended."""
        return subprocess.Popen(
            [*self.enter(), *FAIR, helper("health/prober"), str(HEALTH_PORT), "/healthcheck", "connect", str(SECONDS),
             str(pause_us)], stdout=subprocess.PIPE, text=True)

    def stop(self):
        os.kill(self.pid, 15)

    def close(self):
        end([self.clients])
        self.outer.kill()
        self.outer.wait()


def both(programs, held=HELD):
    return [Container(program, held) for program in programs]


def close_all(containers):
    for container in containers:
        container.close()


def look_loop(container, command):
    """What people do instead: a look each quarter of a second. Prints the processor time of all looks, in ms."""
    script = ("import resource, subprocess, sys, time\n"
              f"end = time.monotonic() + {SECONDS}\n"
              "while time.monotonic() < end:\n"
              f"    subprocess.run({command!r}, stdout=subprocess.DEVNULL)\n"
              f"    time.sleep({LOOK_SECONDS})\n"
              "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
              "print((used.ru_utime + used.ru_stime) * 1000)\n")
    return subprocess.Popen([*container.enter(), sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)


LOOKS = {"ss": ["ss", "-tni", f"sport = :{PORT}"], "/proc": ["cat", "/proc/net/tcp", "/proc/net/tcp6"]}


def drain_once(programs, held, with_looks):
    """Processor time of each build's drain, and of what looks beside it."""
    containers = both(programs, held)
    looks = [look_loop(containers[-1], command) for command in LOOKS.values()] if with_looks else []
    for container in containers:
        container.stop()
    before = [processor_ms(container.pid) for container in containers]
    time.sleep(SECONDS)  # this is the time that is measured
    costs = [processor_ms(container.pid) - cost for container, cost in zip(containers, before)]
    costs += [float(look.communicate()[0]) for look in looks]
    close_all(containers)
    return costs


def compare_builds(others, what, unit, rows, target):
    """A row of the table, from pairs of the older build's value and ours; the looks come after these."""
    for at, name in enumerate(LOOKS, 2):
        if len(rows[0]) > at:
            print(f"  {name}: {statistics.median(row[at] for row in rows):.0f} {unit}", flush=True)
    compare("builds", f"{others:,d} others: {what}", unit, OLD_COMMIT, [(row[1], row[0]) for row in rows], target)


class Parts:
    """The parts of the benchmark that are run beside other sockets, and what the picture shows."""

    def __init__(self, programs):
        self.programs, self.costs = programs, {}

    def drain(self, others, step):
        rows = [drain_once(self.programs, HELD, True) for _ in range(ROUNDS)]
        compare_builds(others, f"drain of {SECONDS} s, processor time, {HELD} held", "ms", rows, (0.8, 0.2, 0.1)[step])
        self.costs[others] = [statistics.median(column) for column in zip(*rows)]

    def held(self, others, step):
        if step == 0:
            rows = [drain_once(self.programs, MANY_HELD, False) for _ in range(ROUNDS)]
            compare_builds(others, f"drain of {SECONDS} s, processor time, {MANY_HELD:,d} held", "ms", rows, NOISE)

    def noticed(self, others, step):
        if step == 1:
            return
        rows = {}
        for _ in range(ROUNDS):
            pair = [stops_noticed(program, doubt) for program, doubt in zip(self.programs, DOUBTS_MS)]
            for name in pair[0]:
                rows.setdefault(name, []).append([late[name] for late in pair])
        for name, pairs in rows.items():
            compare_builds(others, f"end noticed, {name}", "ms", pairs, (0.5, None, 0.1)[step])

    def latency(self, others, step):
        if step != 2:
            return
        rows = []
        for _ in range(ROUNDS):
            rows.append([self.latency_of(program) for program in self.programs])
        compare_builds(others, f"`/healthcheck` p99 during a drain of {SECONDS} s", "ms", rows, 0.1)

    @staticmethod
    def latency_of(program):
        """In turn: there are two processors, and a poll of the older build takes one of them."""
        container = Container(program, HELD)
        container.stop()
        seen = json.loads(container.probe(20000).communicate()[0])
        container.close()
        return seen["p99_us"] / 1000

    def serving(self, others, step):
        if step != 2:
            return
        rows = []
        for _ in range(ROUNDS):
            containers = both(self.programs)
            before = [processor_ms(container.pid) for container in containers]
            for prober in [container.probe(100000) for container in containers]:
                prober.communicate()
            rows.append([processor_ms(container.pid) - cost for container, cost in zip(containers, before)])
            close_all(containers)
        compare_builds(others, f"serving {SECONDS} s, 10 probes/s, processor time", "ms", rows, 0.1)


def stops_noticed(program, doubt_ms):
    """p50 and p95 of bench/drain_end's stops, in ms."""
    done = subprocess.run([*FAIR, helper("drain_end"), str(STOPS)], stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "LASTCALL_BIN": program, "LASTCALL_BENCH_DOUBT_MS": str(doubt_ms)})
    late = {}
    for what, start in (("connection closes", "connection closes"), ("kept, beyond doubt", "keep-alive")):
        row = re.search(rf"^\| {start}[^|]*\|(.*)\|$", done.stdout, re.M)
        if row is None:
            print("bench/drain_end failed")
            sys.exit(2)
        numbers = [float(number) for number in row[1].split("|")]
        late |= {f"{what}, p50": numbers[2], f"{what}, p95": numbers[3]}
    return late


def stop_stubborn(programs):
    """Processor time from the signal to the exit. lastcall is not PID 1 here: what it sees is the host's /proc."""
    stops = [subprocess.Popen([program, "--quiet", "--report=off", "--listen=off", "--stop-timeout=5s", "--",
                               helper("crowd"), "stubborn", str(STUBBORN)], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) for program in programs]
    for stop in stops:
        if stop.stdout.readline() != b"ready\n":
            print("lastcall does not start")
            sys.exit(2)
    time.sleep(1)  # not to wait for anything: so long is at rest
    before = [processor_ms(stop.pid) for stop in stops]
    for stop in stops:
        stop.terminate()
    for stop in stops:
        os.waitid(os.P_PID, stop.pid, os.WEXITED | os.WNOWAIT)
    costs = [processor_ms(stop.pid) - cost for stop, cost in zip(stops, before)]
    for stop in stops:
        stop.wait()
    return costs


def processes(programs):
    crowd = start_helper("processes", PROCESSES)
    rows = [stop_stubborn(programs) for _ in range(ROUNDS)]
    end([crowd])
    compare_builds(0, f"{PROCESSES:,d} processes: stop of {STUBBORN} stubborn descendants, processor time", "ms", rows, 0.05)


def build_old(directory):
    """The older build, as this one is built by the documentation: optimised, with the machine's C library."""
    source, build = os.path.join(directory, "source"), os.path.join(directory, "build")
    for command in (["git", "-C", str(SOURCE), "worktree", "add", "--quiet", "--detach", source, OLD_COMMIT],
                    ["cmake", "-S", source, "-B", build, "-DCMAKE_BUILD_TYPE=Release"],
                    ["cmake", "--build", build, "--target", "lastcall"]):
        if subprocess.run(command, stdout=subprocess.DEVNULL).returncode != 0:
            print(f"cannot run: {OLD_COMMIT} cannot be built from this repository's history")
            sys.exit(77)
    return os.path.join(build, "bin", "lastcall")


def forget(directory):
    subprocess.run(["git", "-C", str(SOURCE), "worktree", "remove", "--force", os.path.join(directory, "source")],
                   stderr=subprocess.DEVNULL)
    shutil.rmtree(directory)


def measure(programs, asked, svg):
    parts, others = Parts(programs), Others()
    try:
        for step, count in enumerate(OTHERS):
            there = others.grow(count)
            for name in ("drain", "held", "noticed", "latency", "serving"):
                if name in asked:
                    getattr(parts, name)(there, step)
    finally:
        end(others.processes)
    if "processes" in asked:
        processes(programs)
    if svg and parts.costs:
        names = [f"lastcall, {OLD_COMMIT}", "lastcall", "ss -tni", "cat /proc/net/tcp"]
        pathlib.Path(svg).write_text(picture.draw(parts.costs, names, SECONDS))


def main():
    missing = [name for name in ("chrt", "cmake", "git", "ip", "nsenter", "ss", "unshare") if shutil.which(name) is None]
    if missing or os.geteuid() != 0 or not os.access(LASTCALL, os.X_OK) or not os.access(helper("crowd"), os.X_OK):
        print(f"cannot run: needs root, LASTCALL_BIN, LASTCALL_BENCH_DIR, and {missing or 'nothing else'}")
        sys.exit(77)
    asked = [word for word in sys.argv[1:] if not word.startswith("--")]
    svg = next((word.partition("=")[2] for word in sys.argv[1:] if word.startswith("--svg=")), None)
    directory = tempfile.mkdtemp(prefix="lastcall-bench.")
    try:
        old = os.environ.get("LASTCALL_BENCH_OLD") or build_old(directory)
        measure([old, LASTCALL], asked or ["drain", "held", "noticed", "latency", "serving", "processes"], svg)
    finally:
        forget(directory)
    sys.exit(finish("scale"))


if __name__ == "__main__":
    main()
