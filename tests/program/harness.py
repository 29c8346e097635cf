# SPDX-License-Identifier: MIT
"""Starts the built lastcall in namespaces of its own, and reads what it and its application say as
events with a deadline. Nothing here is fake: real signals, real sockets, real processes."""

import contextlib
import ctypes
import functools
import json
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

from closed_schema import closed

SKIPPED = 77  # ctest's SKIP_RETURN_CODE
MUST_RUN = os.environ.get("LASTCALL_TESTS_MUST_RUN") == "1"
SEED = os.environ.get("LASTCALL_TEST_SEED") or str(random.SystemRandom().randrange(10**9))
PATIENCE = float(os.environ.get("LASTCALL_TEST_PATIENCE", 30))  # seconds; nothing healthy takes so long

LASTCALL = os.environ.get("LASTCALL_BIN", "")
JAIL = os.environ.get("LASTCALL_JAIL", "")
PROBE = os.environ.get("LASTCALL_PROBE", "")
SOURCE = os.environ.get("LASTCALL_SOURCE_DIR", "")

# What this machine does not have, whatever a test leaves it, in the report's words: an emulator may lack
# sock_diag. tests/package/emulated.py says so; everywhere else it is nothing.
LACKING = os.environ.get("LASTCALL_TEST_LACKING", "").split()

# How late we may be: not at all, but where the program is emulated, and slow.
LATE_MS = int(os.environ.get("LASTCALL_TEST_LATE_MS", 0))

# As PID 1, and as another process: which is nothing to test where no orphan can be adopted.
BOTH_WAYS = (True,) if "no_subreaper" in LACKING else (True, False)
DETECTOR = "procnet" if "procnet" in LACKING else "sock_diag"
# A sanitizer needs /proc, and more memory than a test that takes it away leaves.
SANITIZED = os.environ.get("LASTCALL_SANITIZED") == "1"

HEALTH_PORT = 5278
APP_PORT = 8080

_libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT, WALL = 17, 0x4206, 0x4207, 0x40000000


def wait_until(condition, what, seconds=PATIENCE):
    """Returns the condition's first true value; what cannot be waited for in the kernel is asked."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)  # no more than a hundred probes a second: more of them get old numbers
    return value


class Lines:
    """The lines of a pipe, as they come."""

    def __init__(self, fd):
        self.all = []
        self.ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, args=(fd,), daemon=True)
        self._thread.start()

    def _read(self, fd):
        try:
            with os.fdopen(fd, "rb") as pipe:
                for line in pipe:
                    with self._changed:
                        self.all.append(line.decode(errors="replace").rstrip("\r\n"))
                        self._changed.notify_all()
        except OSError:
            pass  # EIO: the terminal's other end is gone
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    def find(self, pattern, start=0):
        for line in self.all[start:]:
            if match := re.search(pattern, line):
                return match
        return None

    def wait_for(self, pattern, seconds=PATIENCE, start=0):
        """The first line from `start` on that matches, as a match object."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not (match := self.find(pattern, start)):
                left = deadline - time.monotonic()
                if left <= 0 or self.ended:
                    reason = "the writer has ended" if self.ended else f"not within {seconds} s"
                    raise AssertionError(f"no line matches {pattern!r}: {reason}")
                self._changed.wait(left)
            return match

    def wait_count(self, pattern, count, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        with self._changed:
            while (seen := sum(1 for line in self.all if re.search(pattern, line))) < count:
                left = deadline - time.monotonic()
                if left <= 0 or self.ended:
                    raise AssertionError(f"{seen} lines match {pattern!r}, not {count}")
                self._changed.wait(left)

    def wait_end(self, seconds=PATIENCE):
        self._thread.join(seconds)
        if self._thread.is_alive():
            raise AssertionError(f"no end of file within {seconds} s")


class Ending:
    """How a program ended."""

    def __init__(self, wait_status, left, seconds, delay_ms):
        self.code = os.waitstatus_to_exitcode(wait_status)  # -n: by signal n
        self.left = left  # processes that were still alive when lastcall was gone
        self.seconds = seconds  # since the first stop signal, or since the start
        self.delay_ms = delay_ms  # for which lastcall could have run in its life, and had no processor

    def __repr__(self):
        return f"code {self.code}, {self.left} left, after {self.seconds:.3f} s"


class Program:
    """One lastcall. `pid1`: it is PID 1 of its namespace; otherwise an init of ours is, which says
    in the end which processes were left behind. All have a pid, mount and network namespace of their own."""

    def __init__(self, options, command, pid1=True, settings=(), env=None, stdin=None, stdout=None,
                 stderr=None, pass_fds=(), binary=None):
        self.argv = [binary or LASTCALL, *options, *(["--", *command] if command else [])]
        self.settings = [*(["pid1"] if pid1 else []), *settings]
        self.stop_sent_at = None
        self.started_at = time.monotonic()
        self.pid = None
        self.ending = None
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        self._jail = subprocess.Popen(
            [JAIL, str(theirs.fileno()), *self.settings, "--", *self.argv],
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=out_write if stdout is None else stdout,
            stderr=err_write if stderr is None else stderr,
            env=environment(env), pass_fds=(theirs.fileno(), *pass_fds), close_fds=True)
        theirs.close()
        os.close(out_write)
        os.close(err_write)
        self.out = Lines(out_read)
        self.err = Lines(err_read)
        self._receive_pid()

    def _receive(self, seconds=PATIENCE):
        """One message of the jail, and the pid of its sender as we see it."""
        self._control.settimeout(seconds)
        try:
            message, ancillary, _, _ = self._control.recvmsg(512, socket.CMSG_SPACE(12))
        except TimeoutError:
            raise AssertionError(f"lastcall is still there after {seconds} s") from None
        pid = None
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
                pid = struct.unpack("3i", data[:12])[0]
        words = message.decode().split(None, 1)
        if not words:
            raise AssertionError("the jail is gone")
        if words[0] == "failed":
            raise AssertionError(f"the conditions cannot be made: {words[1]}")
        return words, pid

    def _receive_pid(self):
        words, self.pid = self._receive()
        if words != ["program"]:
            raise AssertionError(f"unexpected: {words}")

    # ---- signals ----

    def send(self, number):
        os.kill(self.pid, number)

    def queue(self, number, value):
        if _libc.sigqueue(self.pid, number, ctypes.c_void_p(value)) != 0:
            raise OSError(ctypes.get_errno(), "sigqueue")

    def stop(self, number=signal.SIGTERM):
        if self.stop_sent_at is None:
            self.stop_sent_at = time.monotonic()
        self.send(number)

    # ---- what it says ----

    def wait_started(self):
        """The application runs, or has run: lastcall says nothing of one that may be a one-off command."""
        def has_started():
            return self.err.ended or self.err.find("started as pid") or any(
                command_line(child) not in (None, command_line(self.pid)) for child in self.children())
        wait_until(has_started, "the application is started")

    def wait_serving(self):
        """lastcall knows on which ports the application listens."""
        self.err.wait_for("the application listens")

    def wait_app(self, pattern, seconds=PATIENCE):
        return self.out.wait_for(pattern, seconds)

    def report(self):
        """The report on stderr; call it after the end."""
        lines = [line for line in self.err.all if line.startswith('{"schema"')]
        if len(lines) != 1:
            raise AssertionError(f"{len(lines)} reports on stderr")
        report = json.loads(lines[0])
        if validator := report_validator():
            validator.validate(report)
        return report

    def wait(self, seconds=PATIENCE):
        """Its end, and all that it has said until then."""
        if self.ending is None:
            words, _ = self._receive(seconds)
            if words[0] != "ended":
                raise AssertionError(f"unexpected: {words}")
            since = self.stop_sent_at or self.started_at
            status, left, delay_ms = map(int, words[1].split())
            self.ending = Ending(status, left, time.monotonic() - since, delay_ms)
            self._jail.wait(PATIENCE)
            self.err.wait_end()
            self.out.wait_end()
        return self.ending

    # ---- its processes and its network ----

    def app_pid(self):
        """The main process, as we see it."""
        self.wait_started()
        return self.children()[0]

    def children(self):
        return children_of(self.pid)

    def children_of_app(self):
        return children_of(self.app_pid())

    def parent(self):
        with open(f"/proc/{self.pid}/stat") as stat:
            return int(stat.read().rsplit(")", 1)[1].split()[1])

    def socket(self, family=socket.AF_INET, kind=socket.SOCK_STREAM, protocol=0):
        """A socket in its network namespace; it stays there."""
        ours = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        theirs = os.open(f"/proc/{self._jail.pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            if _libc.setns(theirs, CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
            try:
                return socket.socket(family, kind, protocol)
            finally:
                if _libc.setns(ours, CLONE_NEWNET) != 0:
                    os._exit(1)  # no test of ours may go on in a strange network
        finally:
            os.close(ours)
            os.close(theirs)

    def network(self):
        """A setting that puts another program into this one's network."""
        return f"join={self._jail.pid}"

    def beside(self, *command):
        """A command line that runs in this one's network, and is none of its processes."""
        return ["nsenter", f"--net=/proc/{self._jail.pid}/ns/net", "--", *command]

    def said(self):
        """Its log, but for what it says of this machine's own lacks."""
        return [line for line in self.err.all if "procnet" not in LACKING or "sock_diag is not available" not in line]

    def kill(self):
        if self._jail.poll() is None:
            self._jail.kill()
            self._jail.wait()
        self._control.close()

    def describe(self):
        lines = [f"--- argv: {self.argv}", f"    settings: {self.settings}, {self.ending}"]
        lines += [f"    err: {line[:1000]}" for line in self.err.all[-25:]]
        lines += [f"    out: {line[:300]}" for line in self.out.all[-15:]]
        return "\n".join(lines)


@functools.cache
def report_validator():
    """For docs/report.schema.json; None where it or jsonschema is not there, unless all must run."""
    path = os.path.join(SOURCE, "docs", "report.schema.json")
    try:
        import jsonschema
        with open(path) as file:
            return jsonschema.Draft202012Validator(closed(json.load(file)))
    except (ImportError, FileNotFoundError):
        if MUST_RUN:
            raise
        return None


def degraded_here(*words):
    """What a report says is degraded, in order, where a test takes away these; it is PID 1's or has no_subreaper."""
    detector = {"procnet"} if "procnet" in LACKING and "no_detector" not in words else set()
    return sorted({*words, *detector})


# The sanitizer's leak check needs /proc, ptrace(2) and processes of its own.
NO_LEAK_CHECK = {"ASAN_OPTIONS": "detect_leaks=0"}


def environment(extra=None):
    """What lastcall and the application get: nothing of ours but what sanitizers want to know."""
    kept = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LLVM_PROFILE_FILE")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    env["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    env.update(extra or {})
    return env


def probe(*steps):
    """An application that does these things; see probe.c."""
    return [PROBE, *steps]


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def command_line(pid):
    """Of a process; None when it is gone or a zombie."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read() or None
    except (FileNotFoundError, ProcessLookupError):
        return None


def process_name(pid):
    try:
        with open(f"/proc/{pid}/comm") as comm:
            return comm.read().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None


def process_state(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0]


@contextlib.contextmanager
def held(pid):
    """It gets no processor meanwhile, and no signal: as on a busy machine."""
    if _libc.ptrace(PTRACE_SEIZE, pid, None, None) != 0 or _libc.ptrace(PTRACE_INTERRUPT, pid, None, None) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    os.waitpid(pid, WALL)
    yield
    _libc.ptrace(PTRACE_DETACH, pid, None, None)


def wakeups(pid):
    with open(f"/proc/{pid}/status") as status:
        return re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status.read(), re.M)[1]


def wait_asleep(pid):
    """Until no timer has woken it for a while: then it waits for something to happen."""
    seen = []

    def is_asleep():
        seen.append((wakeups(pid), process_state(pid)))
        return len(seen) > 10 and len(set(seen[-10:])) == 1 and seen[-1][1] == "S"

    wait_until(is_asleep, "it sleeps")


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            return [int(word) for word in children.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def descendants(pid):
    return [found for child in children_of(pid) for found in (child, *descendants(child))]


def free_uid():
    """A user without other processes, so that RLIMIT_NPROC counts only one test's processes."""
    return 100000 + os.getpid() % 30000 * 10 + random.randrange(10)


class Metronome:
    """How late the machine lets a thread of ours be: what a test starts may be as late."""

    BEAT_S = 0.01

    def __enter__(self):
        self.late_s = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()
        return self

    def _beat(self):
        at = time.monotonic()
        has_ended = False
        while not has_ended:
            has_ended = self._ended.wait(self.BEAT_S)
            now = time.monotonic()
            self.late_s = max(self.late_s, now - at - self.BEAT_S)
            at = now

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()


class TimedTest(unittest.TestCase):
    """A test of what the clock judges as well. A failure counts on a machine that kept up with a metronome; on one that
    did not, what was tested may have had no processor when it needed one, and the test is repeated."""

    TRIES = 3
    KEPT_UP_S = 0.1

    def run(self, result=None):
        result = self.defaultTestResult() if result is None else result
        for left in reversed(range(self.TRIES)):
            failures, errors = len(result.failures), len(result.errors)
            with Metronome() as metronome:
                super().run(result)
            has_failed = len(result.failures) > failures or len(result.errors) > errors
            if not has_failed or left == 0 or metronome.late_s < self.KEPT_UP_S:
                return result
            print(f"=== {self.id()}: again, the machine was late by {metronome.late_s:.2f} s:\n",
                  *(trace for _, trace in (*result.failures[failures:], *result.errors[errors:])), file=sys.stderr)
            del result.failures[failures:], result.errors[errors:]
            result.testsRun -= 1


class ProgramTest(TimedTest):
    """Starts programs that are gone after each test, and describes them when it failed."""

    maxDiff = None

    def setUp(self):
        self.programs = []
        self.random = random.Random(f"{SEED} {self.id()}")

    def run(self, result=None):
        failed_before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > failed_before:
            print(f"=== {self.id()}: LASTCALL_TEST_SEED={SEED}", file=sys.stderr)
            for program in getattr(self, "programs", []):
                print(program.describe(), file=sys.stderr)
        return result

    def start(self, *options, command=None, **arguments):
        """lastcall with these options; without a command, a probe that does nothing."""
        program = Program(options, command or probe("print=ready", "hang"), **arguments)
        self.programs.append(program)
        self.addCleanup(program.kill)
        return program

    def start_ready(self, *options, command, **arguments):
        """The same, when the application has said `ready`."""
        program = self.start(*options, command=command, **arguments)
        program.wait_app("^ready")
        return program

    def temporary_directory(self):
        import tempfile
        directory = tempfile.mkdtemp(prefix="lastcall-test.")
        self.addCleanup(shutil.rmtree, directory)
        os.chmod(directory, 0o755)
        return directory

    def assert_in_time(self, program, late_ms=LATE_MS):
        """Gone before T - M, by its own report and by the clock, with nothing left behind."""
        report = program.report()
        stop = report["stop"]
        self.assertGreaterEqual(report["headroom_ms"], -late_ms)
        self.assertEqual(report["phases_ms"]["total"] + report["headroom_ms"],
                         stop["timeout_ms"] - stop["margin_ms"])
        self.assertLess(program.ending.seconds, (stop["timeout_ms"] + LATE_MS) / 1000)
        self.assertEqual(program.ending.left, 0, "processes were left behind")
        return report


def is_dynamic():
    """Whether the program names a dynamic linker."""
    with open(LASTCALL, "rb") as program:
        return b"/ld-" in program.read(4096)


def make_cgroup(test):
    """A cgroup of cgroup2 for a test, or the test is skipped."""
    for mount in open("/proc/mounts"):
        _, path, kind, *_ = mount.split()
        if kind == "cgroup2":
            directory = f"{path}/lastcall-test.{os.getpid()}.{random.randrange(10**9)}"
            try:
                os.mkdir(directory)
            except OSError:
                break
            test.addCleanup(lambda: wait_until(lambda: remove_directory(directory), "the cgroup is empty"))
            return directory
    raise unittest.SkipTest("no cgroup2 that we may write to")


def remove_directory(directory):
    try:
        os.rmdir(directory)
    except OSError:
        return False
    return True


def need_command(name):
    path = shutil.which(name)
    if path is None:
        raise unittest.SkipTest(f"no {name} here")
    return path


class Result(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def enter_network():
    """A network namespace of the test's own, with a loopback."""
    if _libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def use_small_networks():
    """Networks made from now on have a table of 256 TCP connections (Linux 6.1), so that a read of /proc/net/tcp does not
    walk this machine's, which takes 8 ms."""
    if _libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    try:
        with open("/proc/sys/net/ipv4/tcp_child_ehash_entries", "w") as entries:
            entries.write("256")
    except FileNotFoundError:
        pass


def cannot_run():
    if os.geteuid() != 0:
        return "namespaces need root"
    for name, path in (("LASTCALL_BIN", LASTCALL), ("LASTCALL_JAIL", JAIL), ("LASTCALL_PROBE", PROBE)):
        if not os.access(path, os.X_OK):
            return f"{name}={path!r} is not a program"
    return None


def main():
    """Runs the calling file's tests: 0 all passed, 1 one failed, 77 one could not run."""
    if reason := cannot_run():
        print(f"cannot run: {reason}")
        sys.exit(1 if MUST_RUN else SKIPPED)
    began = time.monotonic()
    runner = unittest.TextTestRunner(resultclass=Result, verbosity=2)
    result = unittest.main(module="__main__", exit=False, testRunner=runner).result
    print(f"took {time.monotonic() - began:.1f} s")
    for test, reason in result.skipped:  # last: tests/run shows the last line of what was skipped
        print(f"skipped: {test.id()}: {reason}")
    if not result.wasSuccessful() or (MUST_RUN and result.skipped):
        sys.exit(1)
    if result.skipped or not result.passed:
        sys.exit(SKIPPED)
