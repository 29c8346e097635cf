# SPDX-License-Identifier: MIT
"""What goes wrong with the application, with the report, with what lastcall sees, and with how it runs, in all pairs:
the stop ends in time, leaves nothing behind, and says what was."""

import concurrent.futures
import itertools
import json
import os
import signal
import sys
import traceback

import harness
from harness import APP_PORT, NO_LEAK_CHECK, PATIENCE, probe
from http_client import Request
from test_report import full_pipe

TIMEOUT_S, MARGIN_S = 2, 1  # the margin is for a busy machine
AT_ONCE = 12  # most of them wait
TERM, STOP, SEGV = signal.SIGTERM.value, signal.SIGSTOP.value, signal.SIGSEGV.value
KILLED = 128 + signal.SIGKILL
STUBBORN = 40
STOPS = int(os.environ.get("LASTCALL_FAULT_STOPS", 0))  # at random, in place of all pairs
STATIC = os.environ.get("LASTCALL_STATIC_BIN", "")  # tested in half of these, too

SERVE = f"serve={APP_PORT}"

# what the application does: its steps, and how it may end
APPS = {
    "exits": ([SERVE, f"exit-on={TERM}:3", "print=ready", "wait"], {3}),
    "ignores SIGTERM": ([SERVE, f"ignore={TERM}", "print=ready", "hang"], {KILLED}),
    "is stopped": ([SERVE, f"exit-on={TERM}:3", "print=ready", f"raise={STOP}", "wait"], {3}),
    "crashes": ([SERVE, "print=ready", "sleep=300", f"raise={SEGV}"], {128 + SEGV, 128 + TERM}),
    "leaves a daemon": ([SERVE, "daemon=plain", "print=ready", "hang"], {128 + TERM}),
    "leaves a stubborn daemon": ([SERVE, "daemon=deaf", f"exit-on={TERM}:3", "print=ready", "wait"], {3}),
    "has stubborn workers": ([SERVE, *["child=deaf"] * STUBBORN, f"exit-on={TERM}:3", "print=ready", "wait"], {3}),
    "leaves orphans": ([SERVE, "orphans=50", f"exit-on={TERM}:3", "print=ready", "wait"], {3}),
    "closes its listener": ([SERVE, f"unlisten-on={TERM}", "print=ready", "wait"], {KILLED}),
    "changes its user": ([SERVE, "user=12345", f"exit-on={TERM}:3", "print=ready", "wait"], {3}),
    "hides": (["hide", SERVE, f"exit-on={TERM}:3", "print=ready", "wait"], {3}),
    "never listens": ([f"exit-on={TERM}:3", "print=ready", "wait"], {3}),
    "hangs in vfork": ([SERVE, "print=ready", "vfork"], {128 + TERM, KILLED}),
}
SINKS = ("stderr", "full disk", "full pipe", "closed pipe", "off")
SIGHTS = {
    "all": (),
    "no sock_diag": ("deny=netlink",),
    "sock_diag is refused": ("deny=netlink-eperm",),
    "no events": ("deny=events",),
    "no pidfd": ("deny=pidfd",),
    "hidepid": ("proc=hidepid=2",),
    "nothing": ("deny=netlink", "proc=off"),
}
FACTORS = (tuple(APPS), SINKS, tuple(SIGHTS), (True, False), ("drain-first", "signal-first"))


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
    return pid1 or sight != "nothing"


def at_random(random):
    """Any of all combinations."""
    while True:
        case = tuple(random.choice(values) for values in FACTORS)
        if can_be(case):
            yield case


class Faults(harness.ProgramTest):
    def open_sink(self, sink):
        """The descriptor of a report that cannot be written, or None."""
        if sink == "full disk":
            return os.open("/dev/full", os.O_WRONLY)
        if sink == "full pipe":
            read_end, write_end = full_pipe()
            self.addCleanup(os.close, read_end)
            return write_end
        if sink == "closed pipe":
            read_end, write_end = os.pipe()
            os.close(read_end)
            return write_end
        return None

    def stop_one(self, case, binary=None):
        app, sink, sight, pid1, order = case
        fd = self.open_sink(sink)
        program = harness.Program(
            [f"--stop-timeout={TIMEOUT_S}s", f"--margin={MARGIN_S}s", "--settle=100ms", f"--order={order}",
             f"--report={f'fd:{fd}' if fd else sink}"],
            probe(*APPS[app][0]), pid1=pid1, settings=SIGHTS[sight], env=NO_LEAK_CHECK, pass_fds=(fd,) if fd else (),
            binary=binary)
        try:
            if fd:
                os.close(fd)
            program.wait_app("^ready", PATIENCE)
            if app == "is stopped":
                harness.wait_until(lambda: harness.process_state(program.app_pid()) == "T", "it is stopped")
            if app not in ("is stopped", "never listens", "hangs in vfork"):
                Request(program, APP_PORT, "/d200")
            try:
                program.stop()
            except ProcessLookupError:
                pass  # it has crashed before
            program.wait(TIMEOUT_S + PATIENCE)
            return program
        finally:
            program.kill()

    def check(self, program, case):
        app, sink, sight, pid1, order = case
        self.assertIn(program.ending.code, APPS[app][1])
        self.assertLess(program.ending.seconds, TIMEOUT_S)
        self.assertEqual(program.ending.left, 0)
        reports = [json.loads(line) for line in program.err.all if line.startswith('{"schema"')]
        self.assertEqual(len(reports), 1 if sink == "stderr" else 0)
        if sink not in ("stderr", "off"):
            self.assertIsNotNone(program.err.find("cannot write the report"))
        for report in reports:
            self.assertGreaterEqual(report["headroom_ms"], -1000 * MARGIN_S)

    def stop_and_check(self, case, binary):
        """What is wrong, in words, or None; nothing of a good stop is kept."""
        program = None
        try:
            program = self.stop_one(case, binary)
            self.check(program, case)
        except Exception:
            return "\n".join([str(case), program.describe() if program else "", traceback.format_exc()])
        return None

    def test_all_pairs(self):
        if harness.SANITIZED:
            return  # a sanitizer needs /proc
        if STOPS:
            cases = list(itertools.islice(at_random(self.random), STOPS))
        else:
            cases = [case for case in all_pairs(FACTORS, self.random) if can_be(case)]
        binaries = [self.random.choice((None, STATIC)) if STOPS and STATIC else None for _ in cases]
        print(f"{len(cases)} stops", file=sys.stderr)
        harness.use_small_networks()
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for case, wrong in zip(cases, pool.map(self.stop_and_check, cases, binaries)):
                with self.subTest(case=case):
                    self.assertIsNone(wrong, wrong)


if __name__ == "__main__":
    harness.main()
