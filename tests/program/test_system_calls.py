# SPDX-License-Identifier: MIT
"""Every system call of lastcall fails, once and always: strace makes the kernel refuse it, while lastcall starts,
serves, and drains. Before the application runs, one line says why there is no start. After that nothing ends the
container but the application's end or the deadline."""

import collections
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import unittest

import harness
import http_client
from harness import APP_PORT, HEALTH_PORT, NO_LEAK_CHECK, PATIENCE, probe

TIMEOUT_S = 6
OPTIONS = (f"--stop-timeout={TIMEOUT_S}s", "--margin=2s", "--report=stderr")
STATUS = 7  # of the application, on its stop signal
APP = probe(f"serve={APP_PORT}", f"exit-on={signal.SIGTERM.value}:{STATUS}", "print=ready", "wait")
FIRST, SECOND, ALL = "first", "second", "all"
NO_START = (2, 125)  # a bad address of the health endpoint is bad usage

FIRST_OF_OURS = "rt_sigprocmask"  # the ones before it are the dynamic linker's

# They end a process or cannot fail; strace itself needs the last one.
CANNOT_FAIL = {"exit", "exit_group", "rt_sigreturn", "restart_syscall", "execve"}
# Nothing works without these, and no kernel refuses them always: no signal is heard of any more; close() frees its
# descriptor also where it fails, which strace cannot do.
NEVER_ALL = {"read", "epoll_wait", "epoll_pwait", "close"}
# What carries the report out may take it along.
CARRY_REPORT = {"write", "writev", "sendto", "sendmsg", "fcntl", "ioctl", "poll", "ppoll", "epoll_ctl", "epoll_wait",
                "epoll_pwait", "dup", "dup2", "dup3", "openat", "open", "mmap", "fstat", "newfstatat"}
EVERYTHING = os.environ.get("LASTCALL_EVERY_CALL") == "1"


def calls_of(log):
    """The names of the calls, in order."""
    with open(log) as file:
        return [match[1] for line in file if (match := re.match(r"(?:\d+ +)?(\w+)\(", line))]


class Strace:
    """strace on a program that runs, until that ends."""

    def __init__(self, program, log, *options):
        self.process = subprocess.Popen(["strace", "-o", log, *options, "-p", str(program.pid)],
                                        stderr=subprocess.PIPE)
        line = self.process.stderr.readline()
        if b"attached" not in line:
            raise AssertionError(f"strace: {line}")

    def wait(self):
        self.process.communicate(timeout=PATIENCE)


def inject(call, which, before):
    """before: how many such calls are not lastcall's own."""
    when = {FIRST: f"{before + 1}", SECOND: f"{before + 2}", ALL: f"{before + 1}+"}[which]
    return inject_at(call, "EPERM", when)


def inject_at(call, error, when):
    return "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={when}"


class SystemCalls(harness.ProgramTest):
    def setUp(self):
        super().setUp()
        harness.need_command("strace")
        self.logs = self.temporary_directory()

    def log(self, *words):
        return os.path.join(self.logs, "-".join(words))

    # ---- one stop ----

    def begin(self, strace_options, log):
        """Traced from its first call on, so as another process than PID 1."""
        return harness.Program(["-qq", "-D", "-o", log, *strace_options, harness.LASTCALL, *OPTIONS], APP, pid1=False,
                               binary=harness.need_command("strace"), env=NO_LEAK_CHECK)

    def attach(self, strace_options, log, path):
        """PID 1, traced from when it serves on; with a request that takes longer, from when it drains on."""
        program = harness.Program(OPTIONS, APP, env=NO_LEAK_CHECK)
        program.wait_app("^ready")
        program.wait_serving()
        request = http_client.Request(program, APP_PORT, path) if path else None
        if request:
            program.stop()
            program.err.wait_for("SIGTERM received")
        return program, request, Strace(program, log, *strace_options)

    def use(self, program):
        """What needs the calls of a serving lastcall; it may not answer."""
        for port, path in ((HEALTH_PORT, "/healthcheck"), (APP_PORT, "/")):
            try:
                http_client.Connection(program, port, seconds=2).ask(path)
            except (OSError, EOFError):
                pass

    def stop_started(self, strace_options, log):
        program = self.begin(strace_options, log)
        try:
            harness.wait_until(lambda: program.out.find("^ready") or program.err.ended, "it starts, or does not")
            if program.out.find("^ready"):
                program.stop()
            program.wait(TIMEOUT_S + PATIENCE)
            return program
        finally:
            program.kill()

    def stop_attached(self, strace_options, log, path=None):
        program, request, strace = self.attach(strace_options, log, path)
        try:
            if request is None:
                self.use(program)
                program.stop()
            program.wait(TIMEOUT_S + PATIENCE)
            strace.wait()
            return program
        finally:
            program.kill()

    # ---- what is expected ----

    def check(self, program, call):
        code = program.ending.code
        if not program.out.find("^ready"):
            self.assertIn(code, NO_START)
            self.assertIsNotNone(program.err.find("^lastcall: error: "))
            return
        self.assertIn(code, (STATUS, 128 + signal.SIGKILL))
        self.assertLess(program.ending.seconds, TIMEOUT_S + harness.LATE_MS / 1000)
        reports = [json.loads(line) for line in program.err.all if line.startswith('{"schema"')]
        self.assertLessEqual(len(reports), 1)
        if call not in CARRY_REPORT:
            self.assertEqual(len(reports), 1)

    def how_it_ended(self, program):
        if not program.out.find("^ready"):
            return "refused to start, and said why"
        how = "the application stopped" if program.ending.code == STATUS else "killed at the deadline"
        return how if any(line.startswith('{"schema"') for line in program.err.all) else f"{how}, no report"

    def check_all(self, phase, run):
        """With each call that a run without faults makes."""
        if harness.SANITIZED:
            return  # a sanitizer's own calls would fail, too
        log = self.log(phase)
        program = run((), log)
        self.check(program, "none")
        self.assertEqual(program.ending.code, STATUS)
        seen = calls_of(log)
        theirs = seen[:seen.index(FIRST_OF_OURS)] if phase == "start" else []
        calls = sorted({*seen[len(theirs):]} - CANNOT_FAIL)
        self.assertGreater(len(calls), 10)
        cases = [(call, which) for call in calls for which in (FIRST, SECOND, ALL)
                 if which != ALL or call not in NEVER_ALL]
        if not EVERYTHING:
            cases = self.random.sample(cases, 16)
        print(f"{phase}: {len(calls)} calls, {len(cases)} cases", file=sys.stderr)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            runs = {(call, which): pool.submit(run, inject(call, which, theirs.count(call)),
                                               self.log(phase, call, which)) for call, which in cases}
        endings = collections.Counter()
        for (call, which), future in runs.items():
            with self.subTest(phase=phase, call=call, which=which):
                try:
                    program = future.result()
                    self.check(program, call)
                    endings[self.how_it_ended(program)] += 1
                except Exception:
                    if future.exception() is None:
                        print(future.result().describe(), file=sys.stderr)
                    raise
        for ending, count in endings.most_common():
            print(f"{phase}: {ending}: {count} cases", file=sys.stderr)

    def test_at_the_start(self):
        self.check_all("start", self.stop_started)

    def test_while_it_serves(self):
        self.check_all("serving", self.stop_attached)

    def test_while_it_drains(self):
        self.check_all("draining", lambda options, log: self.stop_attached(options, log, "/d500"))

    # ---- epoll has no room for one more descriptor (epoll_ctl(2), ENOSPC and ENOMEM); libev takes EPERM for a file's ----

    def test_descriptor_that_epoll_has_no_room_for_at_the_start(self):
        for which in range(2, 8):
            program = self.stop_started(inject_at("epoll_ctl", "ENOSPC", which), self.log("room", str(which)))
            self.assertEqual(program.ending.code, STATUS, which)

    def test_listener_that_epoll_had_no_room_for_is_served_later(self):
        program = self.begin(inject_at("epoll_ctl", "ENOSPC", "2..6"), self.log("listener"))
        self.addCleanup(program.kill)
        program.wait_serving()
        self.assertEqual(http_client.ask(program, HEALTH_PORT, "/healthcheck").status, 200)

    def test_connection_that_epoll_has_no_room_for_is_given_up(self):
        """lastcall sleeps afterwards; a loop that believes that nothing is watched any more does not."""
        program = harness.Program([*OPTIONS, "--notify=off"], APP, env=NO_LEAK_CHECK)
        self.addCleanup(program.kill)
        program.wait_app("^ready")
        program.wait_serving()
        for _ in range(3):
            strace = Strace(program, self.log("connection"), *inject_at("epoll_ctl", "ENOSPC", 1))
            silent = http_client.Connection(program, HEALTH_PORT)
            self.addCleanup(silent.close)
            with self.assertRaises((OSError, EOFError)):
                silent.receive()
            strace.process.terminate()
            strace.wait()
            harness.wait_asleep(program.pid)
        self.assertEqual(http_client.ask(program, HEALTH_PORT, "/healthcheck").status, 200)
        program.stop()
        self.assertEqual(program.wait().code, STATUS)


if __name__ == "__main__":
    harness.main()
