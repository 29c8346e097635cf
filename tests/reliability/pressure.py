#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stops of a stubborn application while lastcall lacks the processor, memory, or does not run at all: each container is
gone before its stop timeout. Exit status: 0 all are, 1 one is not, 77 nothing could be run."""

import argparse
import atexit
import concurrent.futures
import contextlib
import ctypes
import dataclasses
import json
import os
import random
import resource
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time

import built  # noqa: F401 - the variables of the tests
import record
from cgroup import Cgroup, memory_share
from picture import margins_picture
import harness

TIMEOUT_S, MARGIN_S = 4, 1  # the margin that a stop timeout of 10 s has
QUOTA = 0.05  # of one processor
COMPETITORS = 200
TRIES = 3
COMPETITOR_S = 3  # of processor time, at most
MEMORY = 6 << 20  # lastcall, two shells and cat; the rest is the cache of what cat reads
FILE_SIZE = 64 << 20
FREEZE_S = 0.3
BURST = 25  # stops while the competitors run
REST_S = 15  # without them: the machine is not this test's alone

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # linux/prctl.h

DEAF = "trap '' TERM; echo ready; sleep 600"
SPINNING = "trap '' TERM; echo ready; while :; do :; done"


@dataclasses.dataclass
class Stop:
    condition: str
    margin_ms: float  # before the stop timeout; time in which lastcall was frozen does not count
    left: int
    reported: bool
    code: int

    def is_wrong(self):
        return self.margin_ms < 0 or self.left or not self.reported or self.code != 128 + signal.SIGKILL


class Condition:
    """What is the matter during a stop."""

    name = ""
    at_once = 12

    def command(self):
        return ["/bin/sh", "-c", DEAF]

    @contextlib.contextmanager
    def around_all(self):
        yield

    @contextlib.contextmanager
    def around_one(self):
        yield ()  # settings of the jail

    def meanwhile(self, program, rng):
        """Returns how long lastcall was frozen, s."""
        return 0.0


class Quota(Condition):
    name = "5 % of a processor, which the application spends"
    at_once = 12

    def command(self):
        return ["/bin/sh", "-c", SPINNING]

    @contextlib.contextmanager
    def around_one(self):
        group = Cgroup("cpu")
        try:
            group.limit_processor(QUOTA)
            yield (f"cgroup={group.path}",)
            if group.throttled() == 0:
                raise AssertionError("the quota was never spent")
        finally:
            group.close()


class Competitors(Condition):
    """In a group of their own, as each container is: the kernel shares the processors among groups."""

    name = f"{COMPETITORS} runnable competitors in another control group"
    at_once = 4

    @contextlib.contextmanager
    def around_all(self):
        group = Cgroup("cpu")
        start_read, start_write = os.pipe()  # all begin when it is closed
        crowd = [subprocess.Popen(["/bin/sh", "-c", "read line; while :; do :; done"], stdin=start_read,
                                  preexec_fn=lambda: compete(group)) for _ in range(COMPETITORS)]
        os.close(start_read)
        os.close(start_write)
        try:
            yield
        finally:
            for one in crowd:
                one.kill()
            for one in crowd:
                one.wait()
            group.close()

    @contextlib.contextmanager
    def around_one(self):
        group = Cgroup("cpu")
        try:
            yield (f"cgroup={group.path}",)
        finally:
            group.close()


class Memory(Condition):
    name = "memory at its limit"
    at_once = 4  # each burns a processor, too

    def __init__(self):
        self.shares = []  # of the limit, at the signals

    @contextlib.contextmanager
    def around_all(self):
        with tempfile.NamedTemporaryFile(dir="/var/tmp") as file:
            file.truncate(FILE_SIZE)
            self.path = file.name
            yield

    def command(self):
        return ["/bin/sh", "-c", f"trap '' TERM; echo ready; while :; do cat {self.path} >/dev/null; done"]

    @contextlib.contextmanager
    def around_one(self):
        group = Cgroup("memory")
        try:
            group.limit_memory(MEMORY)
            yield (f"cgroup={group.path}",)
        finally:
            group.close()

    def meanwhile(self, program, rng):
        path = next(setting for setting in program.settings if setting.startswith("cgroup=")).partition("=")[2]
        self.shares.append(max(memory_share(path) for _ in range(20)))
        return 0.0


class Frozen(Condition):
    name = "lastcall is stopped for 300 ms"

    def meanwhile(self, program, rng):
        time.sleep(rng.uniform(0, TIMEOUT_S - MARGIN_S - 0.1))
        began = time.monotonic()
        os.kill(program.pid, signal.SIGSTOP)
        time.sleep(FREEZE_S)
        os.kill(program.pid, signal.SIGCONT)
        return time.monotonic() - began


CONDITIONS = (Quota, Competitors, Memory, Frozen)


# ---- one stop ----

def compete(group):
    """One that is forgotten ends all the same."""
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    group.set("cgroup.procs", 0)
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CPU, (COMPETITOR_S, COMPETITOR_S))


NORMAL = ("chrt", "--other", "0")  # what is tested, and its competitors


def be_first():
    """This process and its threads, so that its clock is not late; what it starts is normal again."""
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    harness.JAIL = wrapper()


def wrapper():
    """A jail that is started as a shell would."""
    fd, path = tempfile.mkstemp(prefix="lastcall-jail.", dir="/var/tmp")
    atexit.register(os.unlink, path)
    with os.fdopen(fd, "w") as file:
        file.write(f"#!/bin/sh\nexec {' '.join(NORMAL)} {harness.JAIL} \"$@\"\n")
    os.chmod(path, 0o755)
    return path


def end_of(program, deadline):
    """When its PID 1 is gone, and with it the container; as the kernel says."""
    fd = os.pidfd_open(program.pid)
    try:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        if not poll.poll(1000 * max(0, deadline - time.monotonic())):
            raise AssertionError("lastcall does not end")
        return time.monotonic()
    finally:
        os.close(fd)


def stop_again(condition, rng):
    """A shell that does not get ready is no stop."""
    for _ in range(TRIES):
        try:
            return stop_one(condition, rng)
        except AssertionError as error:
            print(f"a stop could not be made: {error}", flush=True)
    raise AssertionError(f"no stop could be made in {TRIES} tries")


def stop_one(condition, rng):
    with condition.around_one() as settings:
        program = harness.Program([f"--stop-timeout={TIMEOUT_S}s", f"--margin={MARGIN_S}s", "--report=stderr"], condition.command(),
                                  settings=settings)
        try:
            try:
                program.wait_app("^ready", 60)
            except AssertionError as error:
                raise AssertionError(f"{error}\n{program.describe()}") from None
            program.wait_started()
            frozen = [0.0]
            incident = threading.Thread(target=lambda: frozen.append(condition.meanwhile(program, rng)), daemon=True)
            began = time.monotonic()
            program.stop()
            incident.start()
            ended = end_of(program, began + TIMEOUT_S + 60)
            incident.join()
            program.wait(60)
            reports = [json.loads(line) for line in program.err.all if line.startswith('{"schema"')]
            return Stop(condition.name, 1000 * (TIMEOUT_S - (ended - began) + frozen[-1]), program.ending.left,
                        len(reports) == 1, program.ending.code)
        finally:
            program.kill()


def stops_of(condition, count, seed):
    """In bursts, where the condition is a burden to others."""
    burst = BURST if isinstance(condition, Competitors) else count
    done = []
    with concurrent.futures.ThreadPoolExecutor(condition.at_once) as pool:
        while len(done) < count:
            with condition.around_all():
                jobs = [pool.submit(stop_again, condition, random.Random(f"{seed} {condition.name} {len(done) + number}"))
                        for number in range(min(burst, count - len(done)))]
                done += [job.result() for job in jobs]
            if len(done) < count:
                time.sleep(REST_S)
    return done


# ---- all of them ----

def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def figures(stops):
    yield "stops", f"{len(stops):,d}"
    yield "past the stop timeout", sum(stop.margin_ms < 0 for stop in stops)
    yield "least time left before it", f"{min(stop.margin_ms for stop in stops):.0f} ms"
    for name in dict.fromkeys(stop.condition for stop in stops):
        margins = [stop.margin_ms for stop in stops if stop.condition == name]
        yield (f"{name}: {len(margins)} stops; time left, least / 1 % / median",
               f"{min(margins):.0f} / {quantile(margins, 0.01):.0f} / {quantile(margins, 0.5):.0f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--stops", type=int, default=1000, help="in all [1000]")
    parser.add_argument("--seed", default="1", help="[1]")
    parser.add_argument("--condition", type=int, choices=range(len(CONDITIONS)), help="this one alone")
    parser.add_argument("--record", action="store_true", help="write results/pressure.json and the picture")
    options = parser.parse_args()
    if reason := harness.cannot_run():
        print(f"cannot run: {reason}")
        return 1 if harness.MUST_RUN else harness.SKIPPED
    be_first()
    began = time.monotonic()
    chosen = CONDITIONS if options.condition is None else (CONDITIONS[options.condition],)
    stops = []
    for kind in chosen:
        stops += stops_of(kind(), -(-options.stops // len(chosen)), options.seed)
        print(*(f"{what}: {value}\n" for what, value in figures(stops)), sep="", flush=True)
    wrong = [stop for stop in stops if stop.is_wrong()]
    for stop in wrong:
        print(f"WRONG: {stop}")
    if options.record:
        picture = "reliability-pressure.svg"
        (record.SOURCE / "docs" / picture).write_text(margins_picture(
            {kind.name: [stop.margin_ms for stop in stops if stop.condition == kind.name] for kind in chosen}))
        record.record(
            "pressure", title="Deadlines under pressure", violations=len(wrong), seconds=time.monotonic() - began,
            promise=f"An application ignores SIGTERM, and the stop timeout is {TIMEOUT_S} s. The container is gone before "
                    "it, nothing is left, and there is a report. The time in which `lastcall` is frozen does not count.",
            figures=list(figures(stops)), command=f"tests/reliability/pressure.py --stops={options.stops}", picture=picture,
            notes=["The time is measured by the kernel's end of PID 1, from a thread that goes before the competitors.",
                   f"`lastcall` plans to leave {MARGIN_S} s before the stop timeout (`--margin`, what a timeout of 10 s has by "
                   "default): that is what it has for being late.",
                   "Competitors in the container's own control group are another matter: the kernel then lets each of "
                   f"{COMPETITORS + 1} processes run in turn, a wake-up takes half a second, and with a timeout of 3 s "
                   "eight of eight stops ended 0.8 to 2.7 s late."])
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
