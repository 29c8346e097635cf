# SPDX-License-Identifier: MIT
"""lastcall as an init beside Debian's tini, tini-static, dumb-init and catatonit, each as PID 1 of a pid
namespace, in turn within each round. What is compared are medians, and differences within a round.

    run.py [size] [memory] [start] [signalled] [storm] [idle]

$LASTCALL_BIN is measured, with what it does by default: its health endpoint is on. Of the same file, called
tini, the row `as tini` is made. Exit status: 0 all requirements met, 1 one is not, 2 could not be
measured, 77 something is missing."""

import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from comparison import compare, finish, require  # noqa: E402

LASTCALL = os.environ.get("LASTCALL_BIN", "")
HELPERS = os.environ.get("LASTCALL_BENCH_DIR", "")
ROUNDS = int(os.environ.get("LASTCALL_BENCH_ROUNDS", 300))
IDLE_SECONDS = int(os.environ.get("LASTCALL_BENCH_IDLE_SECONDS", 60))
STORM_SIGNALS, STORM_ORPHANS, APPLICATION_STATUS = 100000, 10000, 42

PEERS = ("tini", "tini-static", "dumb-init", "catatonit")
PRIVATE_MAX_KIB = 150

def helper(name):
    return os.path.join(HELPERS, name)


def enter_namespaces():
    if os.environ.get("LASTCALL_BENCH_INSIDE"):
        return
    os.environ["LASTCALL_BENCH_INSIDE"] = "1"
    os.execvp("unshare", ["unshare", "--net", "--pid", "--fork", "--mount-proc", "--kill-child",
                          sys.executable, "-B", *sys.argv])


class Inits:
    """The command line of each, up to the application's own."""

    def __init__(self, directory):
        self.program = os.path.join(directory, "lastcall")
        shutil.copy(LASTCALL, self.program)
        as_tini = os.path.join(directory, "tini")
        os.link(self.program, as_tini)
        self.peers = {name: [shutil.which(name), "--"] for name in PEERS}
        self.ours = {"lastcall": [self.program, "--"], "as tini": [as_tini, "--"]}
        self.all = {**self.peers, **self.ours}


def run_in_turn(program, arguments, commands):
    """The helper's rows of numbers, a column a command."""
    words = []
    for command in commands:
        words += [*command, ","]
    done = subprocess.run([helper(program), *map(str, arguments), *words[:-1]], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True)
    if done.returncode != 0:
        print(f"{program} failed")
        sys.exit(2)
    return [[float(word) for word in line.split()] for line in done.stdout.splitlines()]


def compare_columns(part, names, rows, base):
    columns = dict(zip(names, zip(*rows)))
    for name, column in columns.items():
        if name != base:
            compare(part, name, "µs", base, list(zip(column, columns[base])))


def difference(names, rows, name, peer):
    return statistics.median(row[names.index(name)] - row[names.index(peer)] for row in rows)


def size(inits):
    for name, command in inits.all.items():
        print(f"  {name:12} {os.path.getsize(os.path.realpath(command[0])):9,d} bytes", flush=True)
    bytes_, most = os.path.getsize(inits.program), os.path.getsize(inits.peers["tini-static"][0]) // 3
    require(bytes_ <= most, f"a third of tini-static at most, {most:,d} bytes: {bytes_:,d}")


def rollup(pid):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        found = {name: int(kib) for name, kib in re.findall(r"^(\w+): +(\d+) kB", file.read(), re.M)}
    return {"rss": found["Rss"], "pss": found["Pss"],
            "private": found["Private_Clean"] + found["Private_Dirty"]}


class Idlers:
    """Each with an application that does nothing but listen, at rest."""

    def __init__(self, inits):
        self.processes = {}
        for name, command in inits.all.items():
            inside = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c",
                      'ip link set lo up; exec "$@"', "sh", *command, helper("signals"), "listen"]
            self.processes[name] = subprocess.Popen(inside, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for process in self.processes.values():
            process.stdout.readline()  # it listens
        time.sleep(2)  # not to wait for anything: so long is at rest
        self.pids = {name: self.child_of(process.pid) for name, process in self.processes.items()}

    @staticmethod
    def child_of(pid):
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return int(file.read().split()[0])

    def stop(self):
        for process in self.processes.values():
            process.kill()
            process.wait()


def memory(inits):
    idlers = Idlers(inits)
    found = {name: rollup(pid) for name, pid in idlers.pids.items()}
    idlers.stop()
    for name, kib in found.items():
        print(f"  {name:12} {kib['private']:5d} KiB private, {kib['pss']:5d} PSS, {kib['rss']:5d} RSS", flush=True)
    ours = found["lastcall"]
    require(ours["private"] <= PRIVATE_MAX_KIB, f"{PRIVATE_MAX_KIB} KiB private at most: {ours['private']}")
    require(ours["pss"] < found["tini-static"]["pss"],
            f"PSS below tini-static's: {ours['pss']} to {found['tini-static']['pss']} KiB")


def start(inits):
    names = ["nothing", *inits.all]
    rows = run_in_turn("start", [ROUNDS], [["/bin/true"], *([*command, "/bin/true"] for command in inits.all.values())])
    added = [[took - row[0] for took in row[1:]] for row in rows]
    print(f"  {'nothing':12} {statistics.median(row[0] for row in rows):9.1f} us")
    compare_columns("start", names[1:], added, "tini-static")
    for name in inits.ours:
        more = difference(names[1:], added, name, "tini-static")
        require(more <= 0, f"{name} adds no more than tini-static: {more:+.1f} us")


def signalled(inits):
    """With something to drain lastcall polls the connections before it signals the application, so that it knows what was
    in flight. An init and no more, it is compared with inits."""
    program = inits.ours["lastcall"][0]
    commands = {**inits.all, **{option: [program, option, "--"] for option in ("--order=signal-first", "--drain=off")}}
    rows = run_in_turn("signals", ["latency", max(ROUNDS // 3, 5), int(signal.SIGTERM)], commands.values())
    compare_columns("signalled", list(commands), rows, "tini")
    for name in ("as tini", "--drain=off"):
        more = difference(list(commands), rows, name, "tini")
        noise = 0.05 * statistics.median(row[0] for row in rows)
        require(more <= noise, f"SIGTERM arrives no later than with tini ({name}): {more:+.1f} us, {noise:.1f} are noise")


def storm(inits):
    rows = run_in_turn("signals", ["storm", STORM_SIGNALS, STORM_ORPHANS], inits.all.values())
    for name, (signals, arrived, orphans, reaped, status) in zip(inits.all, rows):
        print(f"  {name:12} {signals:9,.0f} of {STORM_SIGNALS:,d} signals in {arrived:.2f} s, {orphans:,.0f} orphans, "
              f"the last reaped after {reaped:.3f} s; exit status {status:.0f}", flush=True)
        if name in inits.ours:
            require(signals == STORM_SIGNALS, f"{name} loses no signal")
            require(orphans == STORM_ORPHANS and reaped >= 0, f"{name} leaves no zombie")
            require(status == APPLICATION_STATUS, f"{name} exits with the application's status")


def idle(inits):
    idlers = Idlers(inits)
    directory = tempfile.mkdtemp(prefix="lastcall-bench.")
    tracers = {}
    for name, pid in idlers.pids.items():
        log = os.path.join(directory, name)
        tracers[name] = subprocess.Popen(["strace", "-f", "-o", log, "-p", str(pid)], stderr=subprocess.PIPE)
        tracers[name].stderr.readline()  # attached
    time.sleep(IDLE_SECONDS)  # this is the time in which nothing happens
    for name, tracer in tracers.items():
        tracer.send_signal(signal.SIGINT)
        tracer.communicate()
        with open(os.path.join(directory, name)) as file:  # it sits in one when strace comes and when it goes
            calls = sum(1 for line in file if not re.search(r"detached|restart_syscall\(<", line))
        print(f"  {name:12} {calls:5d} system calls in {IDLE_SECONDS} s", flush=True)
        if name in idlers.pids and name in inits.ours:
            require(calls == 0, f"{name} makes no system call")
    idlers.stop()
    shutil.rmtree(directory)


def main():
    missing = [name for name in (*PEERS, "strace", "unshare", "ip") if shutil.which(name) is None]
    if missing or os.geteuid() != 0 or not os.access(LASTCALL, os.X_OK) or not os.access(helper("start"), os.X_OK):
        print(f"cannot run: needs root, LASTCALL_BIN, LASTCALL_BENCH_DIR, and {missing or 'nothing else'}")
        sys.exit(77)
    enter_namespaces()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    parts = {"size": size, "memory": memory, "start": start, "signalled": signalled, "storm": storm, "idle": idle}
    asked = sys.argv[1:] or list(parts)
    directory = tempfile.mkdtemp(prefix="lastcall-bench.")
    try:
        inits = Inits(directory)
        for name in asked:
            print(name)
            parts[name](inits)
    finally:
        shutil.rmtree(directory)
    sys.exit(finish("init"))


if __name__ == "__main__":
    main()
