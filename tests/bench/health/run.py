# SPDX-License-Identifier: MIT
"""The health endpoint against nginx (`return 200`, one worker) and a bare epoll loop, server and clients
on a processor of their own; then beside applications that use both, and beside floods.

    run.py [throughput] [latency] [syscalls] [burning] [floods]

Exit status: 0 all requirements met, 1 one is not, 2 could not be measured, 77 something is missing."""

import glob
import json
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
ROUNDS = int(os.environ.get("LASTCALL_BENCH_ROUNDS", 9))

SERVER_CPU, CLIENT_CPU = "0", "1"
PERIOD_US, QUOTA_US = 100000, 25000  # a quarter of a processor, as the smallest Fargate task has
PORTS = {"lastcall": 5278, "nginx": 8081, "bare epoll": 8082}
PATH = "/livez"
FAIR_PROBER = ["chrt", "-f", "10", "taskset", "-c", CLIENT_CPU]  # another machine's would not wait

NGINX = """worker_processes 1; daemon off; master_process off; pid %(dir)s/pid; error_log /dev/null crit;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000;
  client_body_temp_path %(dir)s/a; proxy_temp_path %(dir)s/b; fastcgi_temp_path %(dir)s/c;
  uwsgi_temp_path %(dir)s/d; scgi_temp_path %(dir)s/e;
  server { listen 127.0.0.1:8081; location / { default_type application/json;
    return 200 '{"status":"serving","since_ms":60000,"busy":3,"idle":17,"deadline_ms":null}\\n'; } } }
"""

def helper(name):
    return os.path.join(HELPERS, name)


def enter_namespaces():
    if os.environ.get("LASTCALL_BENCH_INSIDE"):
        return
    os.environ["LASTCALL_BENCH_INSIDE"] = "1"
    os.execvp("unshare", ["unshare", "--net", "--pid", "--fork", "--mount-proc", "--kill-child",
                          sys.executable, "-B", *sys.argv])


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class Servers:
    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="lastcall-bench.")
        config = os.path.join(self.directory, "nginx.conf")
        with open(config, "w") as file:
            file.write(NGINX % {"dir": self.directory})
        application = [helper("bare_epoll"), "8083"]
        self.processes = {
            "lastcall": self.start(LASTCALL, "--quiet", "--report=off", "--", *application),
            "nginx": self.start("nginx", "-c", config),
            "bare epoll": self.start(helper("bare_epoll"), str(PORTS["bare epoll"])),
        }
        for name, port in PORTS.items():
            deadline = time.monotonic() + 10
            while not self.answers(port):
                if time.monotonic() > deadline:
                    print(f"{name} does not answer")
                    sys.exit(2)
                time.sleep(0.05)

    @staticmethod
    def start(*command):
        return subprocess.Popen(["taskset", "-c", SERVER_CPU, *command], stderr=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL)

    @staticmethod
    def answers(port):
        done = subprocess.run([helper("prober"), str(port), PATH, "connect", "0.01", "0"],
                              capture_output=True, text=True)
        return done.returncode == 0 and json.loads(done.stdout)["count"] > 0

    def cpu_seconds(self, name):
        with open(f"/proc/{self.processes[name].pid}/stat") as file:
            words = file.read().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        for process in self.processes.values():
            process.kill()
        shutil.rmtree(self.directory)


def to_us(text):
    number, unit = re.match(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6, "m": 6e7}[unit]


def wrk(port, close, seconds=1):
    header = ["-H", "Connection: close"] if close else []
    text = output("taskset", "-c", CLIENT_CPU, "wrk", "-t1", "-c64", f"-d{seconds}s", "--latency", *header,
                  f"http://127.0.0.1:{port}{PATH}")
    return {"rps": float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
            "p99_us": to_us(re.search(r"^ +99% +(\S+)", text, re.M)[1]),
            "count": int(re.search(r"(\d+) requests in", text)[1])}


def prober(port, mode, seconds=1, pause_us=0, path=PATH, fair=False):
    prefix = FAIR_PROBER if fair else ["taskset", "-c", CLIENT_CPU]
    return json.loads(output(*prefix, helper("prober"), str(port), path, mode, str(seconds), str(pause_us)))


def open_loop(port, mode, rate, seconds=1):
    return json.loads(output("nice", "-n", "-20", "taskset", "-c", CLIENT_CPU, helper("open_loop"), str(port), PATH,
                             mode, str(seconds), str(rate)))


def pairs(rounds, peer, key):
    return [(measured["lastcall"][key], measured[peer][key]) for measured in rounds]


class ProcessorLimit:
    """Each server in a control group that may use a quarter of its processor."""

    def __init__(self, servers):
        mounts = [line.split() for line in open("/proc/self/mounts")]
        v1 = [m[1] for m in mounts if m[2] == "cgroup" and "cpu" in m[3].split(",")]
        v2 = [m[1] for m in mounts if m[2] == "cgroup2"]
        self.groups = []
        if not v1 and v2:
            self.write(os.path.join(v2[0], "cgroup.subtree_control"), "+cpu")
        for name, process in servers.processes.items():
            group = os.path.join((v1 or v2)[0], f"lastcall-bench-{name.replace(' ', '-')}-{os.getpid()}")
            os.mkdir(group)
            self.groups.append(group)
            if v1:
                self.write(os.path.join(group, "cpu.cfs_period_us"), PERIOD_US)
                self.write(os.path.join(group, "cpu.cfs_quota_us"), QUOTA_US)
            else:
                self.write(os.path.join(group, "cpu.max"), f"{QUOTA_US} {PERIOD_US}")
            self.write(os.path.join(group, "cgroup.procs"), process.pid)

    @staticmethod
    def write(path, value):
        with open(path, "w") as file:
            file.write(str(value))

    def lift(self):
        for group in self.groups:
            with open(os.path.join(group, "cgroup.procs")) as file:
                for pid in file.read().split():
                    self.write(os.path.join(os.path.dirname(group), "cgroup.procs"), pid)
            os.rmdir(group)


def measure_in_turn(servers, rounds, load):
    """Compared within a round, in which each has its turn: neighbours of ours come and go."""
    measured = []
    for number in range(rounds):
        names = list(PORTS)
        names = names[number % 3:] + names[:number % 3]
        measured.append({})
        for name in names:
            before = servers.cpu_seconds(name)
            measured[-1][name] = seen = load(PORTS[name])
            seen["cpu_us"] = (servers.cpu_seconds(name) - before) * 1e6 / (seen["count"] + seen.get("left_out", 0))
    return measured


def print_measured(title, rounds):
    print(title)
    for name in PORTS:
        rps, p99 = (statistics.median(r[name][key] for r in rounds) for key in ("rps", "p99_us"))
        cpu = statistics.mean(r[name]["cpu_us"] for r in rounds)
        print(f"  {name:<11} {rps:>9.0f} requests/s, p99 {p99:>6.0f} us, {cpu:5.2f} us of CPU each")


def throughput(servers):
    """With a processor to itself each of the three waits for wrk, and the numbers are wrk's. With a quarter
    of one it is wrk that waits."""
    limit = ProcessorLimit(servers)
    try:
        for title, close in (("keep-alive", False), ("a connection per request", True)):
            rounds = measure_in_turn(servers, ROUNDS, lambda port: wrk(port, close, 2))
            print_measured(f"{title}, 64 at a time, a quarter of a processor", rounds)
            for peer, least in (("nginx", 1), ("bare epoll", 0.8)):
                compare("throughput", title, "requests/s", peer, pairs(rounds, peer, "rps"), least, more_is_better=True)
    finally:
        limit.lift()


def latency(servers):
    """p99 with the whole processor, at the same number of requests a second for all: where each takes what
    it can, the fastest has the most to do. The servers run in real time, the clients too or at nice -20:
    the time of other processes does not count."""
    for process in servers.processes.values():
        os.sched_setscheduler(process.pid, os.SCHED_FIFO, os.sched_param(10))
    loads = {
        "keep-alive, 64 connections, 40,000 requests/s": lambda port: open_loop(port, "keep", 40000),
        "a connection per request, 10,000 requests/s": lambda port: open_loop(port, "connect", 10000),
        "keep-alive, one client": lambda port: prober(port, "keep", 1, fair=True),
        "a connection per request, one client": lambda port: prober(port, "connect", 1, fair=True),
    }
    for title, load in loads.items():
        rounds = measure_in_turn(servers, 2 * ROUNDS, load)
        print_measured(title, rounds)
        compare("latency", title, "µs", "nginx", pairs(rounds, "nginx", "p99_us"), 1, noise=0.05)
    for process in servers.processes.values():
        os.sched_setscheduler(process.pid, os.SCHED_OTHER, os.sched_param(0))


def syscalls(servers):
    """What strace counts while one client after the other is answered."""
    print("system calls of a keep-alive request")
    for name in PORTS:
        counted = os.path.join(servers.directory, "strace")
        tracer = subprocess.Popen(["strace", "-c", "-o", counted, "-p", str(servers.processes[name].pid)],
                                  stderr=subprocess.PIPE)
        tracer.stderr.readline()  # attached
        requests = wrk(PORTS[name], False, 2)["count"]
        tracer.send_signal(signal.SIGINT)
        tracer.communicate()
        with open(counted) as file:
            rows = [line.split() for line in file]
        calls = {row[-1]: int(row[3]) for row in rows if len(row) >= 5 and row[3].isdigit()}
        calls.pop("total", None)
        waits = calls.pop("epoll_wait", 0) + calls.pop("epoll_pwait", 0)
        each = sum(calls.values()) / requests
        print(f"  {name:<11} {each:.2f} and {waits / requests:.2f} epoll_wait")
        if name == "lastcall":
            require(each < 2.1, f"system calls a keep-alive request: {each:.2f}, two")


def burning(servers):
    """Two busy loops for each processor, and a probe every few milliseconds."""
    print("both processors burning")
    loops = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(2 * os.cpu_count())]
    measured = {"lastcall": [], "nginx": []}
    try:
        for _ in range(ROUNDS):
            for name, runs in measured.items():
                runs.append(prober(PORTS[name], "connect", 4, 4000, fair=True))
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
    p999 = {name: statistics.median(run["p999_us"] for run in runs) for name, runs in measured.items()}
    for name, runs in measured.items():
        p50 = statistics.median(run["p50_us"] for run in runs)
        print(f"  {name:<11} p50 {p50:.0f} us, p99.9 {p999[name]:.0f} us")
    require(p999["lastcall"] < 200e3, f"p99.9: {p999['lastcall'] / 1e3:.1f} ms, below 200")
    ratio = statistics.median(ours["p999_us"] / theirs["p999_us"] for ours, theirs in
                              zip(measured["lastcall"], measured["nginx"]))
    require(ratio <= 2, f"p99.9 against nginx: {ratio:.2f}, at most 2")


def prepare_strangers():
    """A network whose hosts do not exist: no answer to a SYN from there arrives."""
    for command in ("ip tuntap add mode tun name strangers", "ip addr add 10.1.0.1/16 dev strangers",
                    "ip link set strangers up"):
        subprocess.run(command.split(), check=True, capture_output=True)
    for path in glob.glob("/proc/sys/net/ipv4/conf/*/rp_filter"):
        with open(path, "w") as file:
            file.write("0")


def dropped_handshakes():
    with open("/proc/net/netstat") as file:
        lines = [line.split() for line in file if line.startswith("TcpExt:")]
    return int(dict(zip(*lines))["ListenOverflows"])


def floods(servers):
    """A probe every 2 ms beside clients that come again as soon as they are dropped."""
    kinds = ["silent", "partial", "dribble", "idle", "storm", "half-open"]
    try:
        prepare_strangers()
    except (subprocess.CalledProcessError, OSError):
        kinds.remove("half-open")
        print("no tun device here: half-open left out")
    print("floods")
    # what they do is to be seen, not what the machine's other users do: that is burning's
    subprocess.run(["renice", "-n", "-20", "-p", str(servers.processes["lastcall"].pid)], check=True,
                   stdout=subprocess.DEVNULL)
    for kind in kinds:
        for count in (3000, 10000):
            before = dropped_handshakes()
            flood = subprocess.Popen(
                ["taskset", "-c", CLIENT_CPU, helper("flood"), str(PORTS["lastcall"]), str(count), "7", kind],
                stdout=subprocess.PIPE, text=True)
            time.sleep(1)  # no wait: so long it has flooded when probes begin
            seen = prober(PORTS["lastcall"], "connect", 5, 2000, path="/healthcheck", fair=True)
            said = json.loads(flood.communicate()[0])
            print(f"  {kind:<10}{count:>6}: {seen['count']} probes, {seen['failed']} failed, "
                  f"p50 {seen['p50_us']} us, p99 {seen['p99_us']} us, max {seen['max_us']} us; "
                  f"{said['connected']} connections, {said['dropped']} dropped, "
                  f"{dropped_handshakes() - before} handshakes lost")
            require(seen["failed"] == 0, f"{count} {kind}: no probe fails")
            if kind not in ("idle", "storm"):
                require(seen["p99_us"] < 10000, f"{count} {kind}: p99 below 10 ms")


def main():
    parts = {part.__name__: part for part in (throughput, latency, syscalls, burning, floods)}
    wanted = sys.argv[1:] or list(parts)
    if os.geteuid() != 0 or os.cpu_count() < 2:
        print("needs root, and two processors")
        sys.exit(77)
    for command in (LASTCALL, helper("prober"), "unshare", "nginx", "wrk", "taskset", "chrt", "strace", "ip"):
        if shutil.which(command) is None:
            print(f"no {command or 'LASTCALL_BIN'} here")
            sys.exit(77)
    enter_namespaces()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    servers = Servers()
    try:
        for name in wanted:
            parts[name](servers)
    finally:
        servers.stop()
    sys.exit(finish("health"))


if __name__ == "__main__":
    main()
