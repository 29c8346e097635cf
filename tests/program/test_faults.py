# SPDX-License-Identifier: MIT
"""What goes wrong with the application, with the report, with what lastcall sees, and with how it runs, in pairs: the
stop ends in time, leaves nothing behind, and says what was."""

import concurrent.futures
import fcntl
import itertools
import json
import os
import struct
import sys
import termios
import threading
import time
import traceback

import fault_truth
import harness
from cgroup import Cgroup
from fault_ways import APPS, BLIND, MEMORY, SIGHTS, SINKS, left_out, lose_events
from harness import APP_PORT, NO_LEAK_CHECK, PATIENCE, probe
from http_client import Request
from test_report import full_pipe

TIMEOUT_S, MARGIN_S = 2, 1  # the margin is for a busy machine
AT_ONCE = 12  # most of them wait
REPORT_MAX = 16384  # bytes
STOPS = int(os.environ.get("LASTCALL_FAULT_STOPS", 0))  # at random, in place of pairs
SHORT_STOPS = 80  # hold most of the pairs, others each time
STATIC = os.environ.get("LASTCALL_STATIC_BIN", "")  # tested in half of these, too

def all_pairs(factors, random):
    """Cases in which each value meets each value of each other factor, chosen greedily."""
    open_pairs = {((i, a), (j, b)) for (i, one), (j, other) in itertools.combinations(enumerate(factors), 2)
                  for a in one for b in other}

    def pairs(case):
        return set(itertools.combinations(enumerate(case), 2))

    while open_pairs:
        candidates = []
        for seed in random.sample(sorted(open_pairs, key=repr), min(20, len(open_pairs))):
            case = [random.choice(values) for values in factors]
            for index, value in seed:
                case[index] = value
            candidates.append(tuple(case))
        best = max(candidates, key=lambda case: len(pairs(case) & open_pairs))
        open_pairs -= pairs(best)
        yield best


def can_be(case):
    """Without /proc, another process than PID 1 does not know what is left behind."""
    _, _, sight, pid1, _ = case
    return pid1 or sight not in BLIND


def at_random(factors, random):
    """Any of all combinations."""
    while True:
        case = tuple(random.choice(values) for values in factors)
        if can_be(case):
            yield case


class TimedRequest(Request):
    """Knows when it was answered, or cut."""

    ended_at = None

    def _receive(self):
        super()._receive()
        self.ended_at = time.monotonic()


class Sleeper:
    """Measures for how long the machine did not run what was ready to: a sleep of a few milliseconds took longer."""

    PERIOD = 0.005  # s
    USUAL = 0.002  # s more than that

    def __init__(self):
        self._lost = [(time.monotonic(), 0.0)]  # until when, and how much since the first
        self._asleep_since = time.monotonic()
        self._ended = threading.Event()
        threading.Thread(target=self._measure, daemon=True).start()

    def _measure(self):
        while not self._ended.is_set():
            began = self._asleep_since = time.monotonic()
            time.sleep(self.PERIOD)
            now = time.monotonic()
            lost = now - began - self.PERIOD
            if lost > self.USUAL:
                self._lost.append((now, self._lost[-1][1] + lost))

    def lost_ms(self, since):
        """All of it since then."""
        before = next((lost for at, lost in reversed(self._lost) if at < since), 0.0)
        now_lost = max(0.0, time.monotonic() - self._asleep_since - self.PERIOD - self.USUAL)
        return 1000 * (self._lost[-1][1] - before + now_lost)

    def end(self):
        self._ended.set()


def bytes_in(pipe):
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]


class Stop:
    """One stop, from its start to its end; what it needs is gone after close()."""

    def __init__(self, ways, binary):
        self.case = fault_truth.Case(ways)
        self.binary = binary
        self.fds = []  # that are ours alone
        self.group = None
        self.stdout = None  # that nobody reads
        self.file = None  # that is read-only

    def open_sink(self):
        """The descriptor of a report that cannot be written, or None."""
        sink, fd = self.case.sink, None
        if sink == "full disk":
            fd = os.open("/dev/full", os.O_WRONLY)
        elif sink == "full pipe":
            read_end, fd = full_pipe()
            self.fds.append(read_end)
        elif sink == "closed pipe":
            read_end, fd = os.pipe()
            os.close(read_end)
        elif sink == "read-only file":
            fd = os.memfd_create("report", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        return fd

    def settings(self):
        """Of the jail."""
        if not self.case.way.out_of_memory:
            return SIGHTS[self.case.sight]
        self.group = Cgroup("memory")
        self.group.limit_memory(MEMORY)
        return (*SIGHTS[self.case.sight], f"cgroup={self.group.path}")

    def own_stdout(self):
        """A pipe of one page that nobody reads, or None."""
        if self.case.app != "fills its stdout":
            return None
        self.stdout, write_end = os.pipe()
        self.fds.append(self.stdout)
        fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, os.sysconf("SC_PAGESIZE"))
        return write_end

    def start(self):
        case, fd, stdout = self.case, self.open_sink(), self.own_stdout()
        case.program = harness.Program(
            [f"--stop-timeout={TIMEOUT_S}s", f"--margin={MARGIN_S}s", "--settle=100ms", f"--order={case.order}",
             f"--report={f'fd:{fd}' if fd else case.sink}"],
            probe(*case.way.steps), pid1=case.pid1, settings=self.settings(), env=NO_LEAK_CHECK,
            pass_fds=(fd,) if fd else (), stdout=stdout, binary=self.binary)
        if stdout:
            os.close(stdout)
        if fd:
            self.fds.append(fd)

    def wait_ready(self):
        program, app = self.case.program, self.case.app
        if self.stdout:
            harness.wait_until(lambda: bytes_in(self.stdout) == os.sysconf("SC_PAGESIZE"), "its output is full")
        else:
            program.wait_app("^ready", PATIENCE)
        if app == "is stopped":
            harness.wait_until(lambda: harness.process_state(program.app_pid()) == "T", "it is stopped")

    def request(self):
        """None if the application is gone before."""
        try:
            return TimedRequest(self.case.program, APP_PORT, "/d200")
        except OSError:
            if not self.case.way.ends_by_itself:
                raise
            return None

    def seal_file(self):
        self.file = self.fds[-1]
        fcntl.fcntl(self.file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)
        self.case.was_written = os.fstat(self.file).st_size > 0

    def run(self, sleeper):
        case = self.case
        self.start()
        self.wait_ready()
        if case.sink == "read-only file":
            self.seal_file()
        if case.way.requests:
            case.client = self.request()
        try:
            case.program.stop()
        except ProcessLookupError:
            pass  # it has crashed before
        if case.sight == "lost events":
            case.events_lost = lose_events(case.program)
        case.program.wait(TIMEOUT_S + PATIENCE)
        if case.client:
            case.client.result()
        case.starved_ms = case.program.ending.delay_ms + sleeper.lost_ms(case.program.stop_sent_at)

    def reports(self):
        written = os.pread(self.file, REPORT_MAX, 0).decode().splitlines() if self.file else []
        return [json.loads(line) for line in self.case.program.err.all + self.case.program.out.all + written
                if line.startswith('{"schema"')]

    def close(self):
        if self.case.program:
            self.case.program.kill()
        for fd in self.fds:
            os.close(fd)
        if self.group:
            harness.wait_until(lambda: harness.remove_directory(self.group.path), "the control group is empty")


class Faults(harness.ProgramTest):
    def stop_and_check(self, ways, binary):
        """The case, and what is wrong, in words, or None; nothing of a good stop is kept."""
        stop = Stop(ways, binary)
        case, wrong = stop.case, None
        try:
            stop.run(self.sleeper)
            wrong = "; ".join(fault_truth.wrong(case, stop.reports()))
        except Exception:
            wrong = traceback.format_exc()
        finally:
            stop.close()
        if wrong:
            return case, "\n".join([str(ways), wrong, f"starved {case.starved_ms:.0f} ms",
                                    case.program.describe() if case.program else ""])
        return case, None

    def factors(self):
        missing = left_out()
        for name, reason in missing.items():
            print(f"left out: {name}: {reason}", file=sys.stderr)
        apps = tuple(name for name in APPS if name not in missing)
        print(f"ways: application {len(apps)}, report {len(SINKS)}, sight {len(SIGHTS)}", file=sys.stderr)
        return apps, SINKS, tuple(SIGHTS), (True, False), ("drain-first", "signal-first")

    def cases(self):
        factors = self.factors()
        if STOPS:
            return list(itertools.islice(at_random(factors, self.random), STOPS))
        pairs = (case for case in all_pairs(factors, self.random) if can_be(case))
        return list(itertools.islice(pairs, SHORT_STOPS))

    def test_pairs(self):
        if harness.SANITIZED:
            return  # a sanitizer needs /proc
        cases = self.cases()
        binaries = [self.random.choice((None, STATIC)) if STOPS and STATIC else None for _ in cases]
        harness.use_small_networks()
        self.sleeper = Sleeper()
        self.addCleanup(self.sleeper.end)
        slow = lost = chosen = 0
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for ways, (case, wrong) in zip(cases, pool.map(self.stop_and_check, cases, binaries)):
                with self.subTest(case=ways):
                    self.assertIsNone(wrong, wrong)
                slow += wrong is None and case.was_slow()
                lost += case.events_lost > 0
                chosen += wrong is None and case.was_chosen()
        print(f"{len(cases)} stops, {lost} with lost events, {slow} killed because the machine was busy, "
              f"{chosen} in which the kernel ended lastcall for lack of memory", file=sys.stderr)
        self.assertLess(chosen, 2 + len(cases) / 1000)
        self.assertTrue(lost or len(cases) < SHORT_STOPS, "no stop has lost events")

    def test_read_only_mount_is_named_at_the_start(self):
        """The report could never be written there: the container does not start, and says why."""
        directory = self.temporary_directory()
        program = self.start(f"--report={directory}/report", settings=[f"readonly={directory}"])
        self.assertEqual(program.wait().code, 2)
        self.assertTrue(program.err.find(rf"--report='{directory}/report' cannot be written: Read-only file system"))
        self.assertEqual(program.out.all, [])


if __name__ == "__main__":
    harness.main()
