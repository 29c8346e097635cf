# SPDX-License-Identifier: MIT
"""Applications and clients that mean harm, or are just unlucky: the promises hold all the same."""

import os
import select
import signal
import socket
import threading
import time

import harness
import http_client
from harness import APP_PORT, BOTH_WAYS, HEALTH_PORT, probe

CLOSE_AND_STAY = """
import os, sys, time
os.close(int(sys.argv[1]))
print("ready", flush=True)
time.sleep(1000)
"""


class Floods(harness.ProgramTest):
    def check_stops(self, program):
        program.stop()
        program.wait(15)
        self.assert_in_time(program)

    def test_application_that_floods_us_with_signals(self):
        """It sends faster than we forward; the stop is planned and carried out all the same."""
        for number in (signal.SIGUSR1, signal.SIGCONT, signal.SIGCHLD, 40):
            for pid1 in BOTH_WAYS:
                with self.subTest(number=number, pid1=pid1):
                    program = self.start(
                        "--stop-timeout=2s", pid1=pid1,
                        command=probe("ignore=15", "ignore=10", "ignore=40", f"flood={int(number)}"))
                    program.wait_app("^flooding")
                    self.check_stops(program)

    def test_flood_of_stop_signals(self):
        program = self.start("--stop-timeout=2s", "--quiet",
                             command=probe("ignore=15", "print=ready", "flood=15"))
        program.wait_app("^flooding")
        program.stop()
        program.wait(15)
        self.assertEqual(program.ending.left, 0)
        self.assertLess(program.report()["phases_ms"]["total"], 2000)

    def test_two_processes_that_flood_us(self):
        for pid1 in BOTH_WAYS:
            program = self.start(
                "--stop-timeout=2s", pid1=pid1,
                command=["/bin/sh", "-c", f"trap '' TERM USR1 USR2; {harness.PROBE} ignore=15 flood=10 & "
                         f"exec {harness.PROBE} flood=12"])
            program.wait_app("^flooding")
            self.check_stops(program)

    def test_orphans_without_end(self):
        """The application makes zombies for lastcall as fast as it can."""
        script = "trap '' TERM; while :; do (/bin/true & ) ; done"
        for pid1 in BOTH_WAYS:
            program = self.start("--stop-timeout=2s", pid1=pid1, command=["/bin/sh", "-c", f"echo ready; {script}"])
            program.wait_app("^ready")
            self.check_stops(program)

    def test_probes_without_end(self):
        """Clients that ask for the health as fast as they can, without waiting for answers."""
        program = self.start_ready("--stop-timeout=2s", command=probe("ignore=15", "print=ready", "hang"))
        clients = [http_client.Connection(program, HEALTH_PORT) for _ in range(8)]
        threads = [threading.Thread(target=pump, args=(client.socket,)) for client in clients]
        for thread in threads:
            thread.start()
        self.check_stops(program)
        for client in clients:
            client.close()
        for thread in threads:
            thread.join()

    def test_connections_that_come_and_go_during_the_drain(self):
        program = self.start_ready("--stop-timeout=4s", "--min-drain=1s",
                                   command=probe(f"serve={APP_PORT}", "print=ready", "hang"))
        program.wait_serving()
        ended = threading.Event()
        threads = [threading.Thread(target=come_and_go, args=(program, ended)) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            self.check_stops(program)
        finally:
            ended.set()
            for thread in threads:
                thread.join()

    def test_lines_without_end_on_our_own_standard_error(self):
        """The application fills the pipe that we log to, and has no reader."""
        for pid1 in BOTH_WAYS:
            read_end, write_end = os.pipe()
            program = self.start("--stop-timeout=2s", "--verbose", stderr=write_end, pid1=pid1,
                                 command=["/bin/sh", "-c", "trap '' TERM; echo ready; while :; do echo line >&2; done"])
            os.close(write_end)
            program.wait_app("^ready")
            program.stop()
            ending = program.wait(15)
            os.close(read_end)
            self.assertEqual(ending.code, 128 + signal.SIGKILL)
            self.assertLess(ending.seconds, 2)


class Harm(harness.ProgramTest):
    def test_application_that_kills_everybody_it_can(self):
        """kill -9 -1: as PID 1 we stay, and so does the exit status."""
        program = self.start("--stop-timeout=2s", command=["/bin/sh", "-c", "kill -9 -1; exit 5"])
        self.assertEqual(program.wait().code, 5)

    def test_application_that_asks_for_its_own_stop(self):
        program = self.start("--stop-timeout=2s", command=["/bin/sh", "-c", "kill -15 $PPID; sleep 1000"])
        self.assertEqual(program.wait().code, 128 + signal.SIGTERM)
        self.assertEqual(program.report()["stop"]["signal"], "SIGTERM")

    def test_application_that_stops_us(self):
        """Not PID 1 we can be stopped by SIGSTOP; once continued we catch up."""
        program = self.start_ready("--stop-timeout=1s", pid1=False, command=probe("ignore=15", "print=ready", "hang"))
        program.stop()
        program.send(signal.SIGSTOP)
        harness.wait_until(lambda: harness.process_state(program.pid) == "T", "we are stopped")
        time.sleep(1.5)  # the deadline passes
        program.send(signal.SIGCONT)
        self.assertEqual(program.wait(5).code, 128 + signal.SIGKILL)
        self.assertEqual(program.ending.left, 0)

    def test_deadline_that_passes_in_the_drain(self):
        """lastcall is frozen until then: the application was never signalled, and did not stay after it."""
        program = self.start_ready("--stop-timeout=5s", "--min-drain=2s", pid1=False,
                                   command=probe(f"serve={APP_PORT}", "ignore=15", "print=ready", "hang"))
        program.wait_serving()
        program.stop()
        program.err.wait_for("SIGTERM received")
        program.send(signal.SIGSTOP)
        harness.wait_until(lambda: harness.process_state(program.pid) == "T", "we are stopped")
        time.sleep(5)  # the deadline passes
        program.send(signal.SIGCONT)
        self.assertEqual(program.wait(5).code, 128 + signal.SIGKILL)
        self.assertIsNone(program.err.find("is still running after"))
        self.assertIsNone(program.report()["app"]["stop_signal"])

    def test_application_that_becomes_another_user(self):
        script = ("import os,time\nos.setgid(12345); os.setuid(12345)\nimport socket\n"
                  "s=socket.create_server(('127.0.0.1',8080))\nprint('ready',flush=True)\n"
                  "c,_=s.accept(); c.recv(9999); time.sleep(1); c.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nxx')\n"
                  "time.sleep(100)")
        program = self.start("--stop-timeout=6s", command=["/usr/bin/python3", "-c", script])
        program.wait_app("^ready")
        program.wait_serving()
        request = http_client.Request(program, APP_PORT, "/")
        program.stop()
        program.wait()
        self.assertIsNotNone(request.result())
        self.assert_in_time(program)

    def test_threads_of_the_application_outlive_its_main_one(self):
        """The main thread has ended: the process looks like a zombie, and is none."""
        script = ("import threading,time,ctypes,os\n"
                  "threading.Thread(target=lambda: (time.sleep(1.0), os._exit(9))).start()\n"
                  "print('ready',flush=True)\nctypes.CDLL(None).pthread_exit(None)")
        program = self.start("--stop-timeout=6s", command=["/usr/bin/python3", "-c", script])
        self.assertEqual(program.wait().code, 9)

    def test_traced_application_is_ended_too(self):
        strace = harness.need_command("strace")
        for pid1 in BOTH_WAYS:
            program = self.start("--stop-timeout=2s", pid1=pid1, command=[
                strace, "-f", "-o", "/dev/null", *probe("daemon=deaf", "ignore=15", "print=ready", "hang")])
            program.wait_app("^ready")
            program.stop()
            program.wait()
            self.assert_in_time(program)

    def test_nested_lastcall_reports_twice_and_leaves_nobody(self):
        inner = [harness.LASTCALL, "--stop-timeout=500ms", "--listen=off", "--", *probe("daemon=deaf", "ignore=15", "print=ready", "hang")]
        program = self.start("--stop-timeout=5s", command=inner)
        program.wait_app("^ready")
        program.stop()
        program.wait()
        self.assertEqual(sum(line.startswith('{"schema"') for line in program.err.all), 2)
        self.assertEqual(program.ending.left, 0)
        self.assertLess(program.ending.seconds, 5)

    def test_name_of_the_application_may_be_anything(self):
        """It stands in /proc/<pid>/stat, between parentheses."""
        directory = self.temporary_directory()
        path = os.path.join(directory, "a) S 1 (b\nc")
        os.symlink(harness.PROBE, path)
        for pid1 in BOTH_WAYS:
            program = self.start("--stop-timeout=2s", pid1=pid1, command=[path, "daemon=deaf", "ignore=15", "print=ready", "hang"])
            program.wait_app("^ready")
            program.stop()
            program.wait()
            self.assert_in_time(program)

    def test_closed_listener_that_we_inherited_is_really_closed(self):
        """A descriptor given to the application through us is its own: when it closes the last copy,
        the other side sees that. We must not keep one."""
        ours, theirs = socket.socketpair()
        program = self.start("--stop-timeout=2s", pass_fds=[theirs.fileno()],
                             command=["/usr/bin/python3", "-c", CLOSE_AND_STAY, str(theirs.fileno())])
        theirs.close()
        program.wait_app("^ready")
        ours.settimeout(5)
        self.assertEqual(ours.recv(1), b"")
        ours.close()


def pump(client):
    """Sends requests and throws the answers away, until the connection breaks."""
    client.setblocking(False)
    requests = b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n" * 50
    try:
        while True:
            readable, writable, _ = select.select([client], [client], [], 10)
            if writable:
                client.send(requests)
            if readable and not client.recv(1 << 20):
                return
    except (OSError, ValueError):
        return


def come_and_go(program, ended):
    while not ended.is_set():
        try:
            http_client.ask(program, APP_PORT, "/b10/c", seconds=5)
        except (OSError, EOFError):
            pass


if __name__ == "__main__":
    harness.main()
