# SPDX-License-Identifier: MIT
"""Applications that say what no socket shows: in the way of sd_notify(3), and as jobs."""

import json
import os
import signal
import socket
import struct
import subprocess
import time

import harness
import http_client
from harness import APP_PORT, BOTH_WAYS, HEALTH_PORT, LASTCALL

SPEAKER = ["/usr/bin/python3", "-S", os.path.join(os.path.dirname(os.path.abspath(__file__)), "speaker.py")]
USR1, USR2, TERM = int(signal.SIGUSR1), int(signal.SIGUSR2), int(signal.SIGTERM)
SHORT = ("--stop-timeout=6s", "--settle=50ms")


def python(script):
    """A script that can import the speaker."""
    return [*SPEAKER[:2], "-c", f"import sys; sys.path.insert(0, {os.path.dirname(SPEAKER[2])!r})" + script]


def speaker(*steps):
    """It exits with 0 on SIGTERM, says `ready` on standard output, and hangs."""
    return [*SPEAKER, f"exit-on={TERM}:0", *steps, "print=ready", "hang"]


# A worker declares a job and crashes, and the next one gets its pid and declares one, too, for 2 s.
PID_AGAIN = """
import os, signal, socket, sys, time
from speaker import say

server = socket.create_server(("127.0.0.1", 8080))

def work(seconds):
    pid = os.fork()
    if pid == 0:
        say("X_LASTCALL_BUSY=1")
        print("working", flush=True)
        time.sleep(seconds)
        say("X_LASTCALL_BUSY=0")
        os._exit(0)
    return pid

signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
first = work(60)
signal.sigwait([signal.SIGUSR1])
os.kill(first, signal.SIGKILL)
os.waitpid(first, 0)
with open("/proc/sys/kernel/ns_last_pid", "w") as last:
    last.write(str(first - 1))
print("same pid" if work(2) == first else "another pid", flush=True)
signal.pause()
"""

# A process is named as the main one and crashes, and a worker gets its pid. lastcall reaps it, or its parent does.
MAIN_PID_AGAIN = """
import os, signal, time
from speaker import say

def fork(then):
    pid = os.fork()
    if pid == 0:
        then()
        os._exit(0)
    return pid

signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
signal.signal(signal.SIGTERM, lambda *_: os._exit(9))
theirs, ours = os.pipe()
start = lambda: os.write(ours, str(fork(signal.pause)).encode())
START
daemon = int(os.read(theirs, 20))
say(f"MAINPID={daemon}")
signal.sigwait([signal.SIGUSR1])
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.kill(daemon, signal.SIGKILL)
def again():
    with open("/proc/sys/kernel/ns_last_pid", "w") as last:
        last.write(str(daemon - 1))
    return fork(signal.pause)
while os.path.exists(f"/proc/{daemon}") or again() != daemon:  # the kernel frees the number a moment later
    time.sleep(0.01)
print("same pid", flush=True)
signal.pause()
"""


class NotifyTest(harness.ProgramTest):
    def health(self, program):
        return json.loads(http_client.ask(program, HEALTH_PORT, "/healthcheck").body)

    def wait_clock(self, at):
        """Until an interval that ends then is over."""
        harness.wait_until(lambda: time.monotonic() > at, "the clock goes on")

    def wait_health(self, program, **wanted):
        def is_so():
            health = self.health(program)
            return all(health[name] == value for name, value in wanted.items())
        harness.wait_until(is_so, f"the health endpoint says {wanted}")

    def finish(self, program):
        """Its report, after a stop."""
        program.stop()
        program.wait()
        return self.assert_in_time(program)

    def outer_socket(self):
        """The socket of a supervisor outside, and its name."""
        name = os.path.join(self.temporary_directory(), "notify")
        outer = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(outer.close)
        outer.bind(name)
        os.chmod(name, 0o777)
        outer.settimeout(harness.PATIENCE)
        return outer, name


class Words(NotifyTest):
    def test_ready_and_status_of_an_application_that_never_listens(self):
        for pid1 in BOTH_WAYS:
            program = self.start_ready(*SHORT, pid1=pid1, command=speaker(
                f"on={USR1}:READY=1\\nSTATUS=all \"well\"", "say=STATUS=waking up"))
            self.wait_health(program, status="starting", app_status="waking up")
            program.send(USR1)
            self.wait_health(program, status="serving", app_status='all "well"')
            program.err.wait_for("the application says that it is ready; /healthcheck answers 200")
            notify = self.finish(program)["notify"]
            self.assertGreater(notify["ready_ms"], 0)
            self.assertEqual({**notify, "ready_ms": 0}, {"ready_ms": 0, "stopping": False, "status": 'all "well"',
                                                         "received": 2, "ignored": 0})
            self.assertEqual(program.ending.code, 0)

    def test_application_that_listens_is_ready_only_when_it_says_so_if_asked_for(self):
        program = self.start_ready(*SHORT, "--notify=ready", command=speaker(
            f"listen={APP_PORT}", f"on={USR1}:READY=1", f"on={USR2}:STOPPING=1"))
        for _ in range(3):
            self.assertEqual(self.health(program)["status"], "starting")
        program.send(USR1)
        self.wait_health(program, status="serving")
        program.send(USR2)
        self.wait_health(program, status="stopping")
        program.err.wait_for("the application says that it stops; /healthcheck answers 503")
        self.assertTrue(self.finish(program)["notify"]["stopping"])

    def test_application_that_listens_is_ready_without_a_word(self):
        program = self.start_ready(*SHORT, command=speaker(f"listen={APP_PORT}", "say=STATUS=not yet"))
        self.wait_health(program, status="serving", app_status="not yet")

    def test_time_to_start_is_extended_and_ends(self):
        program = self.start("--notify=ready", "--start-timeout=1500ms", "--stop-timeout=5s", command=speaker(
            f"listen={APP_PORT}", "say=EXTEND_TIMEOUT_USEC=2200000"))
        self.assertEqual(program.wait().code, 124)
        program.err.wait_for(r"not ready within 1.5s \(it has not sent READY=1\)")
        self.assertGreater(program.ending.seconds, 2.2)

    def test_watchdog_that_falls_silent_is_stuck(self):
        program = self.start_ready(*SHORT, "--watchdog=300ms", command=speaker(
            "print=usec %WATCHDOG_USEC% pid %WATCHDOG_PID% %pid%", f"on={USR1}:WATCHDOG=1",
            f"on={USR2}:WATCHDOG=trigger", f"listen={APP_PORT}"))
        self.wait_health(program, status="serving")
        self.wait_clock(time.monotonic() + 0.3)
        self.assertEqual(self.health(program)["status"], "serving", "it has never spoken")
        usec, pid, own_pid = program.wait_app(r"^usec (\d+) pid (\d+) (\d+)$").groups()
        self.assertEqual((usec, pid), ("300000", own_pid))
        program.send(USR1)
        self.wait_health(program, status="stuck")
        program.err.wait_for("the application is stuck: its watchdog is silent, .* late")

        def serves_again():
            program.send(USR1)
            return self.health(program)["status"] == "serving"
        harness.wait_until(serves_again, "the watchdog's messages are heard")
        program.err.wait_for("the application serves again")
        program.send(USR2)
        self.wait_health(program, status="stuck")

    def test_message_counts_that_lastcall_had_no_time_to_read(self):
        """It learns of a watchdog's message and of a probe at once."""
        program = self.start_ready(*SHORT, "--watchdog=1s", command=speaker(
            f"on={USR1}:WATCHDOG=1", f"listen={APP_PORT}", "say=WATCHDOG=1"))
        self.wait_health(program, status="serving")
        heard_at = time.monotonic()
        app = program.app_pid()
        connection = http_client.Connection(program, HEALTH_PORT)
        self.addCleanup(connection.close)
        harness.wait_asleep(program.pid)
        with harness.held(program.pid):
            self.wait_clock(heard_at + 1)
            asleep = harness.wakeups(app)
            os.kill(app, USR1)
            harness.wait_until(lambda: harness.wakeups(app) != asleep and harness.process_state(app) == "S",
                               "the application has sent its message")
            connection.send("/healthcheck")
        self.assertIn(b'"serving"', connection.receive().body)

    def test_systemd_notify_does_not_wait_for_its_descriptors(self):
        command = harness.need_command("systemd-notify")
        began = time.monotonic()
        program = self.start_ready(*SHORT, command=["sh", "-c", f"""
            {command} --ready --status='from a shell' --pid && echo ready
            trap 'exit 0' TERM; while :; do sleep 0.05; done"""])
        self.assertLess(time.monotonic() - began, 4, "it has given up waiting after 5 s")
        self.wait_health(program, status="serving", app_status="from a shell")
        self.assertEqual(self.finish(program)["notify"]["ignored"], 0)


class Strangers(NotifyTest):
    def send(self, name, *messages):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            for message in messages:
                notify.sendto(message, name)

    def test_process_outside_of_the_container_is_not_heard(self):
        program = self.start_ready("-v", *SHORT, command=speaker("print=socket %NOTIFY_SOCKET%"))
        name = program.wait_app("^socket (/.*)")[1]
        self.send(name, b"READY=1", b"X_LASTCALL_BUSY=7")
        program.err.wait_for("ignored a message of pid 0, uid 0: the sender is none of the application's processes")
        self.assertEqual(self.health(program)["jobs"], 0)
        report = self.finish(program)
        self.assertEqual((report["notify"]["received"], report["notify"]["ignored"]), (0, 2))
        self.assertIsNone(report["notify"]["ready_ms"])
        self.assertFalse(os.path.exists(name), "the socket's file is still there")

    def test_bad_messages_are_ignored_and_end_nothing(self):
        program = self.start_ready(*SHORT, pid1=False, command=speaker(
            "print=socket %NOTIFY_SOCKET%", f"on={USR1}:READY=1"))
        name = program.wait_app("^socket (/.*)")[1]
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendmsg([b"FDSTORE=1"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", write))], 0, name)
        os.close(write)
        self.assertEqual(os.read(read, 1), b"", "somebody holds the descriptor")
        self.send(name, b"", b"x" * 4097, b"READY=1\0READY=1", b"\xff\xfe=1", b"X_LASTCALL_BUSY=-1",
                  b"MAINPID=4194304", b"EXTEND_TIMEOUT_USEC=99999999999999999999999")
        self.send(name, *[b"STATUS=" + b"\xf0\x9f\x94\x94" * 60] * 2000)
        program.send(USR1)
        self.wait_health(program, status="serving", app_status="\U0001f514" * 31)
        notify = self.finish(program)["notify"]
        self.assertEqual((notify["received"], notify["ignored"]), (2006, 6))
        self.assertEqual(program.ending.code, 0)


class Sockets(NotifyTest):
    def test_messages_go_on_to_the_supervisor_outside(self):
        outer, name = self.outer_socket()
        program = self.start_ready(*SHORT, env={"NOTIFY_SOCKET": name}, command=speaker(
            "print=socket %NOTIFY_SOCKET%",
            "say=MAINPID=%pid%\\nREADY=1\\nSTATUS=up\\nX_LASTCALL_BUSY=0", "say=BARRIER=1", "say=STOPPING=1"))
        self.assertNotEqual(program.wait_app("^socket (.*)")[1], name)
        self.assertEqual(outer.recv(100), b"READY=1\nSTATUS=up\n")
        self.assertEqual(outer.recv(100), b"STOPPING=1\n")
        self.finish(program)

    def test_supervisor_outside_that_does_not_read_delays_nothing(self):
        outer, name = self.outer_socket()
        program = self.start_ready(*SHORT, env={"NOTIFY_SOCKET": name}, command=speaker(
            *["say=STATUS=nobody reads"] * 600, "say=READY=1"))
        self.wait_health(program, status="serving")
        messages = []
        while not messages or messages[-1] != b"READY=1\n":
            messages.append(outer.recv(100))
        self.assertEqual(set(messages[:-1]), {b"STATUS=nobody reads\n"})
        self.finish(program)

    def test_application_gets_the_socket_that_is_asked_for(self):
        outer, name = self.outer_socket()
        for options, environment, wanted in (
                (["--notify=pass"], {"NOTIFY_SOCKET": name}, name),
                (["--notify=pass"], {}, "none"),
                (["--notify=off"], {"NOTIFY_SOCKET": name}, "none"),
                ([], {"LASTCALL_NOTIFY": "off"}, "none"),
                (["--drain=off"], {"NOTIFY_SOCKET": name}, name)):
            program = self.start(*options, env=environment, command=[*SPEAKER, "print=socket %NOTIFY_SOCKET%"])
            self.assertEqual(program.wait().code, 0)
            self.assertEqual(program.out.all, [f"socket {wanted}"])

    def test_other_inits_name_changes_nothing(self):
        directory = self.temporary_directory()
        for name in ("tini", "dumb-init", "catatonit"):
            os.symlink(LASTCALL, os.path.join(directory, name))
            for environment in ({}, {"LASTCALL_STOP_TIMEOUT": "5s"}):
                program = self.start(binary=os.path.join(directory, name), env=environment,
                                     command=[*SPEAKER, "print=socket %NOTIFY_SOCKET%"])
                self.assertEqual(program.wait().code, 0)
                self.assertEqual(program.out.all, ["socket none"])

    def test_watchdog_without_a_socket_is_refused(self):
        program = self.start("--watchdog=1s", "--notify=off")
        self.assertEqual(program.wait().code, 2)
        self.assertIn("lastcall: error: --watchdog='1s' needs --notify to be auto or ready", program.err.all)


# A daemon takes the place of its parent at SIGUSR1. Its tracer kills it at SIGUSR2, and is the only one to know until
# SIGUSR1: so late lastcall may be told on a busy machine.
TRACED_DAEMON = """
import ctypes, os, signal, socket
from speaker import say

PTRACE_SEIZE = 0x4206

def fork(then):
    pid = os.fork()
    if pid == 0:
        then()
        os._exit(0)
    return pid

def serve():
    held, listener = [], socket.create_server(("127.0.0.1", 8080))
    while True:
        held.append(listener.accept())

def trace():
    if ctypes.CDLL(None).ptrace(PTRACE_SEIZE, daemon, None, None) == 0:
        print("ready", flush=True)
    signal.sigwait([signal.SIGUSR2])
    os.kill(daemon, signal.SIGKILL)
    signal.sigwait([signal.SIGUSR1])

signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGUSR2])
daemon = fork(serve)
tracer = fork(trace)
signal.sigwait([signal.SIGUSR1])
say(f"MAINPID={daemon}")
"""


class MainProcess(NotifyTest):
    def start_script(self, child, script, start=None):
        """A shell with a handler of its own, and one child."""
        child = " ".join(["exec", *SPEAKER, f"exit-on={TERM}:0", *child, "'print=child %pid%'", "hang"])
        program = (start or self.start)(
            "-v", *SHORT, command=["sh", "-c", f"trap 'echo main' TERM; ({child}) & {script}"])
        return program, program.wait_app(r"^child (\d+)$")[1]

    def test_named_process_gets_the_stop_signal(self):
        program, pid = self.start_script([], f"{' '.join(SPEAKER)} say=MAINPID=$!; wait $!; wait $!; exit 7")
        program.err.wait_for(f"pid {pid} is the main process, by the application's MAINPID")
        report = self.finish(program)
        program.err.wait_for(f"sent SIGTERM to pid {pid} ")
        self.assertEqual(program.ending.code, 7)
        self.assertNotIn("main", program.out.all)
        self.assertEqual(report["outcome"], "drained")

    def test_process_that_names_itself_is_believed_if_it_is_the_main_one(self):
        """A server below a start script is not: the script stops it, and the others."""
        program, pid = self.start_script(["'say=MAINPID=%pid%'"], "wait $!; kill $!; wait $!; exit 7")
        program.err.wait_for(f"ignored a message of pid {pid}, .*: it is not the main process")
        self.finish(program)
        self.assertIsNone(program.err.find(f"sent SIGTERM to pid {pid} "))
        self.assertIn("main", program.out.all)
        self.assertEqual(program.ending.code, 7)

    def test_parent_that_ends_by_its_stop_signal_is_not_replaced(self):
        """What it names then was never signalled: it is a leftover."""
        speaker = " ".join(SPEAKER)
        program = self.start_ready(*SHORT, command=[
            "sh", "-c", f"trap '{speaker} exit-on={TERM}:0 hang & {speaker} say=MAINPID=$!; exit 3' TERM;"
            "sleep 100 & echo ready; wait"])
        report = self.finish(program)
        self.assertTrue(program.err.find("sent SIGTERM to 2 leftover processes"))
        self.assertEqual((report["outcome"], program.ending.code), ("drained", 3))

    def test_daemon_takes_the_place_of_its_parent(self):
        """Also one that leads no process group: with --group, too, the daemon gets the stop signal."""
        for pid1, options in zip(BOTH_WAYS, ((), ("--group",))):
            program = self.start(*SHORT, *options, pid1=pid1, command=[
                "sh", "-c", " ".join([*SPEAKER, f"exit-on={TERM}:9", "'say=STATUS=x'", f"'listen={APP_PORT}'",
                                      "'exec=true'", "'print=ready'", "hang", "&"]) +
                f" {' '.join(SPEAKER)} say=MAINPID=$!; sleep 0.2"])
            pid = program.err.wait_for(r"pid \d+ exited with 0; pid (\d+) is the main process")[1]
            self.wait_health(program, status="serving")
            report = self.finish(program)
            self.assertEqual((report["app"]["exit_code"], str(report["app"]["pid"])), (9, pid))
            self.assertEqual(report["outcome"], "drained")
            self.assertEqual(program.ending.code, 9)

    def test_parent_that_names_a_daemon_and_exits_is_heard_first(self):
        """On a busy machine lastcall learns of both at once."""
        daemon = " ".join([*SPEAKER, f"exit-on={TERM}:9", f"listen={APP_PORT}", "hang", "&"])
        program = self.start_ready(*SHORT, command=[
            "sh", "-c", f"{daemon} trap '{' '.join(SPEAKER)} say=MAINPID=$!; exit 0' USR1; echo ready; wait"])
        self.wait_health(program, status="serving")
        parent = program.app_pid()
        harness.wait_asleep(program.pid)
        program.send(signal.SIGSTOP)
        os.kill(parent, signal.SIGUSR1)
        harness.wait_until(lambda: harness.process_state(parent) == "Z", "the parent exits")
        program.send(signal.SIGCONT)
        program.err.wait_for(r"pid \d+ exited with 0; pid \d+ is the main process")
        self.finish(program)
        self.assertEqual(program.ending.code, 9)

    def test_death_of_a_daemon_is_seen_before_it_can_be_reaped(self):
        program = self.start_ready("--stop-timeout=20s", command=python(TRACED_DAEMON))
        self.wait_health(program, status="serving")
        request = http_client.Request(program, APP_PORT, "/")
        self.wait_health(program, busy=1)
        parent = program.app_pid()
        tracer = harness.children_of(parent)[1]
        program.stop()
        program.err.wait_for("SIGTERM received")
        os.kill(parent, signal.SIGUSR1)
        program.err.wait_for("is the main process, by the application's MAINPID")
        os.kill(tracer, signal.SIGUSR2)
        program.err.wait_for("sent SIGTERM to pid")
        os.kill(tracer, signal.SIGUSR1)
        program.wait()
        self.assertIsNone(request.result())
        report = program.report()
        self.assertEqual((report["outcome"], report["connections"]["cut"]), ("app_exited", 1))

    def test_process_that_is_none_of_the_application_is_not_named(self):
        program = self.start_ready("-v", *SHORT, command=speaker("say=MAINPID=1048575"))
        program.err.wait_for("ignored a message of .*: MAINPID is no process of the application")
        self.finish(program)
        self.assertEqual(program.ending.code, 0)

    def test_process_with_the_pid_of_a_main_one_that_crashed_is_not_the_main_one(self):
        for start in ("os.waitpid(fork(start), 0)", "start()"):
            program = self.start("-v", "--stop-timeout=20s", command=python(MAIN_PID_AGAIN.replace("START", start)))
            program.err.wait_for("is the main process, by the application's MAINPID")
            os.kill(program.app_pid(), signal.SIGUSR1)
            program.out.wait_for("^same pid")
            self.finish(program)
            self.assertEqual(program.ending.code, 9)

    def test_main_process_takes_its_place_back(self):
        say = f"{' '.join(SPEAKER)} say=MAINPID"
        stop = "trap 'echo main; kill $!; wait $!; exit 7' TERM"
        program, pid = self.start_script([], f"{stop}; main=$$; {say}=$!; {say}=$main; wait $!")
        program.err.wait_for(f"pid {pid} is the main process")
        program.err.wait_for(f"pid (?!{pid} )[0-9]+ is the main process")
        self.finish(program)
        self.assertIn("main", program.out.all)
        self.assertEqual(program.ending.code, 7)

    def test_no_call_is_made_for_a_process_that_is_not_named(self):
        """The one that was started names itself, then its child, and itself again."""
        strace = harness.need_command("strace")
        log = os.path.join(self.temporary_directory(), "calls")

        def start(*options, command):
            return self.start("-qq", "-D", "-o", log, "-e", "trace=pidfd_open,poll,ppoll", LASTCALL, *options,
                              command=command, binary=strace, pid1=False, env=harness.NO_LEAK_CHECK)
        say = f"{' '.join(SPEAKER)} say=MAINPID"
        program, pid = self.start_script([], f"{say}=$$; {say}=$!; {say}=$$; kill $!; wait $!; exit 7", start=start)
        self.assertEqual(program.wait().code, 7)
        with open(log) as calls:
            asked = [line for line in calls if "pidfd_open(" in line or "fd=-" in line]
        self.assertEqual(len(asked), 1, asked)
        self.assertRegex(asked[0], rf"pidfd_open\({pid}, 0\) += \d")


class Jobs(NotifyTest):
    def test_stop_waits_for_declared_jobs(self):
        for pid1 in BOTH_WAYS:
            program = self.start_ready(*SHORT, pid1=pid1, command=speaker(
                f"on={USR1}:X_LASTCALL_BUSY=1", f"on={USR2}:X_LASTCALL_BUSY=0", "say=X_LASTCALL_BUSY=3"))
            self.wait_health(program, jobs=3)
            program.stop()
            program.err.wait_for("SIGTERM received: draining, 0 of 0 connections busy, 3 jobs;")
            program.send(USR1)
            self.wait_health(program, jobs=1, status="draining")
            self.assertIsNone(program.err.find("sent SIGTERM"))
            program.send(USR2)
            program.wait()
            report = self.assert_in_time(program)
            jobs = report["jobs"]
            self.assertEqual(report["outcome"], "drained")
            self.assertEqual([jobs[name] for name in ("at_stop", "peak", "finished", "cut", "unknown")], [3, 3, 3, 0, 0])
            self.assertEqual(jobs["held_by"][0]["jobs"], 3)
            self.assertTrue(jobs["held_by"][0]["name"].startswith("python3"))
            self.assertGreaterEqual(report["phases_ms"]["drain"], jobs["held_by"][0]["held_ms"])
            program.err.wait_for("jobs: 3 finished; app exited 0")

    def test_jobs_are_gone_with_their_process(self):
        child = " ".join([*SPEAKER, "'say=X_LASTCALL_BUSY=2'", "'print=child'", "hang"])
        program = self.start_ready(*SHORT, command=speaker(f"exec=exec {child}", "say=X_LASTCALL_BUSY=0"))
        program.wait_app("^child")
        self.wait_health(program, jobs=2)
        program.stop()
        program.err.wait_for("2 jobs;")
        os.kill(program.children_of_app()[0], signal.SIGKILL)
        program.wait()
        report = self.assert_in_time(program)
        self.assertEqual(report["jobs"]["finished"], 0)
        self.assertEqual(report["jobs"]["cut"] + report["jobs"]["unknown"], 2)
        self.assertLess(report["phases_ms"]["drain"], 3000)

    def test_job_of_a_process_with_the_pid_of_one_that_crashed_is_waited_for(self):
        """Nothing looks for the end of the first one: no probe comes, and lastcall sleeps once the application listens."""
        program = self.start("--stop-timeout=20s", command=python(PID_AGAIN))
        program.out.wait_count("^working", 1)
        program.err.wait_for("the application listens")
        self.wait_health(program, jobs=1)
        os.kill(program.app_pid(), signal.SIGUSR1)
        program.out.wait_count("^working", 2)
        program.out.wait_for("^same pid")
        report = self.finish(program)
        self.assertEqual([report["jobs"][name] for name in ("at_stop", "finished", "unknown", "cut")], [1, 1, 0, 0])

    def test_jobs_that_do_not_end_are_cut_at_the_limit(self):
        program = self.start_ready("--stop-timeout=5s", "--drain-budget=300ms", command=speaker("say=X_LASTCALL_BUSY=1"))
        self.wait_health(program, jobs=1)
        report = self.finish(program)
        self.assertEqual(report["outcome"], "budget_exhausted")
        self.assertGreaterEqual(report["phases_ms"]["drain"], 300)
        self.assertEqual(report["jobs"]["finished"] + report["jobs"]["unknown"], 1)

    def test_message_of_a_process_that_is_gone_holds_nothing(self):
        program = self.start_ready(*SHORT, command=speaker(f"exec={' '.join(SPEAKER)} say=X_LASTCALL_BUSY=5; echo said"))
        program.wait_app("^said")
        self.wait_health(program, jobs=0)
        self.assertEqual(self.finish(program)["jobs"]["at_stop"], 0)


class Busy(NotifyTest):
    def job(self, command):
        return f"exec=trap : TERM; {LASTCALL} --busy -- {command}; echo status $?"

    def test_command_in_the_container_is_a_job(self):
        program = self.start_ready(*SHORT, env={"LASTCALL_EXIT_MAP": "3:0"}, command=speaker(
            self.job("sh -c 'trap \"exit 3\" USR1; echo job; while :; do sleep 0.02; done'")))
        program.wait_app("^job")
        self.wait_health(program, jobs=1)
        program.stop()
        program.err.wait_for("1 job;")
        job = [pid for pid in harness.descendants(program.pid) if harness.process_name(pid) == "sh"
               and (harness.command_line(pid) or b"").startswith(LASTCALL.encode() + b"\0--busy")]
        self.assertEqual(len(job), 1, "the job has its command's name")
        os.kill(job[0], USR1)
        program.wait_app("^status 3")
        program.wait()
        report = self.assert_in_time(program)
        self.assertEqual(report["jobs"]["finished"], 1)
        self.assertEqual(report["jobs"]["held_by"][0]["name"], "sh")
        self.assertEqual(report["outcome"], "drained")

    def test_command_from_outside_is_a_job(self):
        program = self.start_ready(*SHORT, command=speaker())
        job = subprocess.Popen(["nsenter", f"--target={program.pid}", "--pid", "--mount", "--net", "--", LASTCALL, "--busy",
                                "--", "sh", "-c", "read line; exit 4"], stdin=subprocess.PIPE,
                               env=harness.environment(harness.NO_LEAK_CHECK))
        self.addCleanup(job.kill)
        self.wait_health(program, jobs=1)
        program.stop()
        program.err.wait_for("1 job;")
        job.communicate(b"go on\n")
        self.assertEqual(job.returncode, 4)
        program.wait()
        self.assertEqual(self.assert_in_time(program)["jobs"]["finished"], 1)

    def test_lines_of_an_input_that_does_not_block_are_waited_for(self):
        program = self.start_ready(*SHORT, command=speaker())
        theirs, ours = os.pipe()
        os.set_blocking(theirs, False)
        job = subprocess.Popen(["nsenter", f"--target={program.pid}", "--pid", "--mount", "--net", "--", LASTCALL, "--busy"],
                               stdin=theirs, env=harness.environment(harness.NO_LEAK_CHECK))
        self.addCleanup(job.kill)
        os.close(theirs)
        harness.wait_asleep(harness.wait_until(lambda: harness.children_of(job.pid), "it runs")[0])
        os.write(ours, b"X_LASTCALL_BUSY=2\n")
        self.wait_health(program, jobs=2)
        os.write(ours, b"X_LASTCALL_BUSY=0\n")
        os.close(ours)
        self.assertEqual(job.wait(), 0)
        self.wait_health(program, jobs=0)

    def test_command_runs_without_a_lastcall(self):
        for environment in ({}, {"NOTIFY_SOCKET": "/run/systemd/no-such-notify"}):
            done = subprocess.run([LASTCALL, "--busy", "--", "sh", "-c", "exit 5"], capture_output=True, text=True,
                                  env=harness.environment(environment), check=False)
            self.assertEqual(done.returncode, 5)
            self.assertEqual(done.stderr, "lastcall: warning: a stop does not wait for 'sh': no lastcall listens "
                                          "for jobs here\n")


if __name__ == "__main__":
    harness.main()
