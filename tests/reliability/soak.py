#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What grows with time: soak.py serving | stops.

serving   one lastcall answers probes at a rate while connections come and go at its application, and orphans end.
          Its memory, descriptors and zombies are measured all the time.
stops     one instance after another is stopped under load, as rolling deployments do. Each loses nothing, leaves
          nothing behind, and the last one has no more memory and descriptors than the first.

Exit status: 0 nothing grows, 1 something does, 77 nothing could be run."""

import argparse
import concurrent.futures
import os
import random
import resource
import socket
import statistics
import sys
import threading
import time

import built  # noqa: F401 - the variables of the tests
import record
import harness
import kinds
import stop
from truth import any_request

SAMPLE_S = 2
LASTING_S = 20
WARM_SHARE = 0.1  # of the time, before what is measured is compared
PAGES_KIB = 64  # that are touched for the first time by something rare, and stay
ORPHANS = 10  # a second
APP = ["/usr/bin/python3", "-B", str(record.HERE / "soak_server.py"), str(stop.PORT), str(ORPHANS)]


def status_of(pid, name):
    with open(f"/proc/{pid}/status") as file:
        return int(next(line.split()[1] for line in file if line.startswith(name)))


class Sample:
    """One moment of a lastcall."""

    def __init__(self, pid):
        self.at = time.monotonic()
        self.anonymous_kib = status_of(pid, "RssAnon:")
        self.descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        self.zombies = {child for child in harness.children_of(pid) if is_zombie(child)}
        with open(f"/proc/{pid}/schedstat") as file:
            self.processor_s = int(file.read().split()[0]) / 1e9


def is_zombie(pid):
    try:
        return harness.process_state(pid) == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


# ---- one that serves ----

class Probes:
    """So many health checks a second, on a few threads, each on a connection of its own."""

    THREADS = 4

    def __init__(self, program, rate):
        self.answered = self.failed = 0
        self._program, self._period = program, self.THREADS / rate
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(self.THREADS)]
        for thread in self._threads:
            thread.start()

    def _run(self):
        due = time.monotonic()
        while not self._end.wait(max(0, due - time.monotonic())):
            due = max(due + self._period, time.monotonic() - 1)
            try:
                with self._program.socket() as probe:
                    probe.settimeout(10)
                    probe.connect(("127.0.0.1", harness.HEALTH_PORT))
                    probe.sendall(b"GET /healthcheck HTTP/1.0\r\n\r\n")
                    good = probe.recv(4096).startswith(b"HTTP/1.1 200 ")
            except OSError:
                good = False
            self.answered += good
            self.failed += not good

    def end(self):
        self._end.set()
        for thread in self._threads:
            thread.join()


class Connections:
    """So many open at a time; each asks now and then, and lives for some seconds."""

    def __init__(self, program, count, seed):
        self.opened = self.answers = 0
        self._program, self._count, self._rng = program, count, random.Random(seed)
        self._open = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _open_one(self):
        client = self._program.socket()
        client.settimeout(10)
        client.connect(("127.0.0.1", stop.PORT))
        self.opened += 1
        return client

    def _ask(self, client):
        client.sendall(b"ask\n")
        self.answers += bool(client.recv(64))

    def _run(self):
        while not self._end.wait(0.05):
            try:
                for _ in range(min(self._count // 20 + 1, self._count - len(self._open))):
                    self._open.append(self._open_one())
                for client in self._rng.sample(self._open, len(self._open) // 50):
                    self._ask(client)
                for _ in range(len(self._open) // 100):
                    self._open.pop(self._rng.randrange(len(self._open))).close()
            except OSError:
                self._open = [client for client in self._open if client.fileno() >= 0]

    def end(self):
        self._end.set()
        self._thread.join()
        for client in self._open:
            client.close()


def growth(samples, value):
    """Of the lowest of the last tenth above the highest of the first ones that count."""
    warm = samples[int(WARM_SHARE * len(samples)):]
    part = max(1, len(warm) // 10)
    return min(map(value, warm[-part:])) - max(map(value, warm[:part]))


def serve(options):
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(65536, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    program = harness.Program(["--stop-timeout=30s", "--report=stderr"], APP,
                              settings=[f"lifetime={60 * options.minutes + 600:.0f}"])
    samples = []
    try:
        program.wait_app("^ready")
        probes = Probes(program, options.rate)
        connections = Connections(program, options.connections, options.seed)
        ends = time.monotonic() + 60 * options.minutes
        while time.monotonic() < ends:
            time.sleep(SAMPLE_S)
            samples.append(Sample(program.pid))
        probes.end()
        connections.end()
        program.stop()
        program.wait(60)
        return samples, probes, connections, program.report()
    finally:
        program.kill()


def lasting_zombies(samples):
    """A busy machine reaps late; the same zombie is not met again after LASTING_S."""
    apart = round(LASTING_S / SAMPLE_S)
    return max((len(early.zombies & late.zombies) for early, late in zip(samples, samples[apart:])), default=0)


def serving(options):
    samples, probes, connections, report = serve(options)
    seconds = samples[-1].at - samples[0].at
    memory = growth(samples, lambda sample: sample.anonymous_kib)
    descriptors = growth(samples, lambda sample: sample.descriptors)
    wrong = [words for words, is_wrong in (
        (f"the memory grew by {memory} KiB", memory > PAGES_KIB), (f"{descriptors} descriptors more", descriptors > 0),
        (f"{lasting_zombies(samples)} zombies stay", lasting_zombies(samples) > 0),
        (f"{probes.failed} probes were not answered with 200", probes.failed > 0),
        ("no orphan was reaped", report["reaped"] == 0)) if is_wrong]
    processor = samples[-1].processor_s - samples[0].processor_s
    figures = [("minutes", f"{seconds / 60:.0f}"), ("probes answered", f"{probes.answered:,d}"),
               ("probes not answered with 200", f"{probes.failed:,d}"),
               ("connections opened", f"{connections.opened:,d}"), ("of these open at a time", f"{options.connections:,d}"),
               ("requests on them", f"{connections.answers:,d}"), ("orphans reaped", f"{report['reaped']:,d}"),
               ("private memory, after the first tenth and at the end",
                f"{samples[int(WARM_SHARE * len(samples))].anonymous_kib} and {samples[-1].anonymous_kib} KiB"),
               ("descriptors, the same", f"{samples[int(WARM_SHARE * len(samples))].descriptors} and {samples[-1].descriptors}"),
               ("zombies that stay", lasting_zombies(samples)),
               ("processor time", f"{100 * processor / seconds:.2f} % of a core")]
    return wrong, figures, "Serving for long", (
        "One `lastcall` answers probes at a rate while connections come and go at its application, and orphans end. Its "
        "memory and its descriptors do not grow, no zombie stays, and every probe is answered.")


# ---- one that is stopped after the other ----

class Instance:
    """A stop, and what lastcall had just before it."""

    def __init__(self, outcome, sample):
        self.lost = len(outcome.lost())
        self.requests = len(outcome.in_flight())
        self.report = outcome.report
        self.sample = sample


def stop_one(options, number):
    rng = random.Random(f"{options.seed} {number}")
    requests = []
    for _ in range(options.connections):
        request = any_request(rng)
        requests.append({**request, "at": 0.5 + rng.uniform(0, 3) + 0.05 * len(request.get("before", ()))})
    for request in requests:
        request["connect"] = max(0, request["at"] - sum(request.get("before", ())) / 1000 - 0.005 * len(request.get("before", ())))
    found = []
    plan = stop.Plan(server=[*kinds.python_http(), "graceful"], client=kinds.HTTP, requests=requests, lead=3.5, timeout=30,
                     longest=10, incidents=((-0.2, lambda program: found.append(Sample(program.pid))),))
    return Instance(stop.run(plan), found[0] if found else None)


def roll(options):
    """Four at a time, until the time is over."""
    ends, number, instances = time.monotonic() + 60 * options.minutes, 0, []
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        waiting = set()
        while waiting or time.monotonic() < ends:
            while len(waiting) < 4 and time.monotonic() < ends:
                waiting.add(pool.submit(stop_one, options, number))
                number += 1
            done, waiting = concurrent.futures.wait(waiting, return_when=concurrent.futures.FIRST_COMPLETED)
            instances += [job.result() for job in done]
    return instances


def stops(options):
    kinds.SHORTEST, kinds.LONGEST = 0.5, 6
    began = time.monotonic()
    instances = roll(options)
    samples = [instance.sample for instance in instances if instance.sample]
    memory, descriptors = (growth(samples, value) for value in
                           (lambda sample: sample.anonymous_kib, lambda sample: sample.descriptors))
    lost = sum(instance.lost for instance in instances)
    late = sum(instance.report["headroom_ms"] < 0 for instance in instances)
    wrong = [words for words, is_wrong in (
        (f"the memory grew by {memory} KiB", memory > PAGES_KIB), (f"{descriptors} descriptors more", descriptors > 0),
        (f"{lost} requests were lost", lost > 0), (f"{late} stops were late", late > 0)) if is_wrong]
    figures = [("minutes", f"{(time.monotonic() - began) / 60:.0f}"), ("stops", f"{len(instances):,d}"),
               ("requests in flight at the signals", f"{sum(instance.requests for instance in instances):,d}"),
               ("of these lost", lost), ("stops later than planned", late),
               ("median of a stop", f"{statistics.median(i.report['phases_ms']['total'] for i in instances) / 1000:.1f} s"),
               ("private memory of a lastcall, least and most",
                f"{min(s.anonymous_kib for s in samples)} and {max(s.anonymous_kib for s in samples)} KiB"),
               ("descriptors of a lastcall, least and most",
                f"{min(s.descriptors for s in samples)} and {max(s.descriptors for s in samples)}")]
    return wrong, figures, "Rolling stops", (
        "Four instances at a time serve requests, ties, uploads and streams, are stopped in the midst of them, and are "
        "replaced. No request is lost, and no instance has more memory or descriptors than those before it.")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("serving", "stops"))
    parser.add_argument("--minutes", type=float, default=45, help="[45]")
    parser.add_argument("--rate", type=float, default=1000, help="serving: probes a second [1000]")
    parser.add_argument("--connections", type=int, help="open at a time [10000]; of each stop [20]")
    parser.add_argument("--seed", default="1", help="[1]")
    parser.add_argument("--record", action="store_true", help="write results/soak_WHAT.json")
    options = parser.parse_args()
    if options.connections is None:
        options.connections = 10000 if options.what == "serving" else 20
    return options


def main():
    options = arguments()
    if reason := harness.cannot_run():
        print(f"cannot run: {reason}")
        return 1 if harness.MUST_RUN else harness.SKIPPED
    began = time.monotonic()
    wrong, figures, title, promise = (serving if options.what == "serving" else stops)(options)
    for what, value in figures:
        print(f"{what}: {value}")
    for words in wrong:
        print(f"WRONG: {words}")
    if options.record:
        rate = f" --rate={options.rate:g}" if options.what == "serving" else ""
        record.record(f"soak_{options.what}", title=title, promise=promise, figures=figures, violations=len(wrong),
                      command=f"tests/reliability/soak.py {options.what} --minutes={options.minutes:g}{rate} "
                              f"--connections={options.connections}",
                      seconds=time.monotonic() - began, notes=[f"Broken: {words}." for words in wrong])
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
