# SPDX-License-Identifier: MIT
"""Which signal is a stop, and which one the application gets: by what its main process is and does with
signals when one arrives. docs/lastcall.1 has both tables, under SIGNALS."""

import os
import shutil
import signal
import struct

import harness
from harness import APP_PORT, BOTH_WAYS, probe
from http_client import Connection, Request
from test_drain import Draining

SIGRTMIN_3 = 37

DUMPS_ON_QUIT = """
import faulthandler, http.server, signal
faulthandler.register(signal.SIGQUIT)
server = http.server.HTTPServer(("127.0.0.1", 8080), http.server.SimpleHTTPRequestHandler)
print("ready", flush=True)
server.serve_forever()
"""

WAITS_FOR_TERM = """
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
print("ready", flush=True)
signal.sigwait([signal.SIGTERM])
sys.exit(7)
"""


NOTE_SEGMENT = 4
GO_NOTE = struct.pack("<III", 4, 12, 4) + b"Go\0\0" + b"the build id"


def write_with_go_note(program, path):
    """A copy of an ELF program of 64 bits, with the note of Go's linker in place of one that it has."""
    with open(program, "rb") as file:
        content = bytearray(file.read())
    (headers,) = struct.unpack_from("<Q", content, 32)
    size, count = struct.unpack_from("<HH", content, 54)
    for at in range(headers, headers + size * count, size):
        kind, _, offset, _, _, length = struct.unpack_from("<IIQQQQ", content, at)
        if kind == NOTE_SEGMENT and length >= len(GO_NOTE):
            content[offset:offset + len(GO_NOTE)] = GO_NOTE
            break
    else:
        raise ValueError(f"{program} has no note to replace")
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, 0o755)


class StopSignals(Draining):
    def run_named(self, name, *options, steps=(), **arguments):
        """A program of this name, which exits with the number of the signal that it gets."""
        server = os.path.join(self.temporary_directory(), name)
        shutil.copy(harness.PROBE, server)
        exits = [f"exit-on={int(n)}:{int(n)}" for n in
                 (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGWINCH)]
        program = self.start_ready("--stop-timeout=10s", *options,
                                   command=[server, f"serve={APP_PORT}", *exits, *steps, "print=ready", "wait"],
                                   **arguments)
        program.wait_serving()
        return program

    def assert_goes_on(self, program):
        self.assertIsNone(program.err.find("received"))
        connection = Connection(program, APP_PORT)
        self.assertIsNotNone(connection.ask("/"))

    def test_term_is_the_first_of_those_that_come_at_once(self):
        program = self.run_named("server")
        os.kill(program.pid, signal.SIGSTOP)
        harness.wait_until(lambda: harness.process_state(program.pid) == "T", "lastcall is stopped")
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            program.stop(number)
        program.send(signal.SIGCONT)
        self.assertEqual(program.wait().code, signal.SIGTERM)
        self.assertEqual(program.report()["stop"]["signal"], "SIGTERM")
        self.assertTrue(program.err.find("SIGINT received again"))

    def test_quit_for_a_thread_dump_is_forwarded(self):
        program = self.start_ready(command=["/usr/bin/python3", "-c", DUMPS_ON_QUIT])
        program.wait_serving()
        for _ in range(2):
            program.send(signal.SIGQUIT)
        program.err.wait_for("most recent call first")
        self.assert_goes_on(program)
        report = self.stop_and_report(program)
        self.assertEqual(report["stop"]["signal"], "SIGTERM")

    def test_quit_of_which_the_application_would_die_drains(self):
        for pid1 in BOTH_WAYS:
            program = self.serve(steps=("print=ready", "hang"), pid1=pid1)
            request = Request(program, APP_PORT, "/d1500/c")
            self.busy(program, 1)
            report = self.stop_and_report(program, signal.SIGQUIT)
            self.assert_answered(request, "/d1500/c")
            self.assertEqual(report["app"]["signal"], "SIGQUIT")

    def test_quit_is_asked_for_when_it_arrives(self):
        """A handler that was set after the start, and the program that a shell becomes."""
        program = self.start_ready(command=["/bin/sh", "-c",
                                            f"exec '{harness.PROBE}' serve={APP_PORT} catch print=ready wait"])
        program.wait_serving()
        program.send(signal.SIGQUIT)
        program.wait_app(f"^signal {signal.SIGQUIT.value} ")
        self.assert_goes_on(program)

    def test_quit_that_is_ignored_is_forwarded(self):
        program = self.serve(steps=("ignore=3", "print=ready", "wait"))
        program.send(signal.SIGQUIT)
        program.send(signal.SIGUSR1) # nothing has a handler for that
        self.assertEqual(program.wait().code, 128 + signal.SIGUSR1)
        self.assertIsNone(program.report()["stop"]["signal"])

    def test_go_program_ends_by_quit_though_it_catches_it(self):
        server = os.path.join(self.temporary_directory(), "shop")
        write_with_go_note(harness.PROBE, server)
        program = self.start_ready(command=[server, f"serve={APP_PORT}", "exit-on=3:2", "print=ready", "wait"])
        program.wait_serving()
        request = Request(program, APP_PORT, "/d1500/c")
        self.busy(program, 1)
        report = self.stop_and_report(program, signal.SIGQUIT)
        self.assert_answered(request, "/d1500/c")
        self.assertEqual(report["app"]["exit_code"], 2)
        self.assertIsNone(report["app"]["handles_stop_signal"], "what its handler is for is not known")
        self.assertEqual(report["diagnosis"], [])

    def test_stop_signal_of_an_image_drains(self):
        for name, number in (("apache2", signal.SIGWINCH), ("httpd", signal.SIGWINCH),
                             ("haproxy", signal.SIGUSR1), ("nginx", signal.SIGQUIT),
                             ("php-fpm8.2", signal.SIGQUIT)):
            program = self.run_named(name)
            request = Request(program, APP_PORT, "/d1500/c")
            self.busy(program, 1)
            report = self.stop_and_report(program, number)
            self.assert_answered(request, "/d1500/c")
            self.assertEqual(report["stop"]["signal"], number.name)
            self.assertEqual(report["outcome"], "drained")
            self.assertEqual(report["app"]["stop_signal"], "SIGTERM")
            self.assertEqual(report["app"]["exit_code"], signal.SIGTERM, "after a complete drain: the plain one")

    def test_with_work_left_a_server_gets_the_signal_that_finishes(self):
        for name, number in (("nginx", signal.SIGQUIT), ("apache2", signal.SIGWINCH),
                             ("haproxy", signal.SIGUSR1), ("lighttpd", signal.SIGINT)):
            program = self.run_named(name, "--drain-budget=300ms")
            Request(program, APP_PORT, "/d20000")
            self.busy(program, 1)
            self.stop_and_report(program)
            self.assertEqual(program.ending.code, number)

    def test_server_that_has_finished_and_stays_gets_the_plain_one(self):
        """It waits for a connection that was never used, as nginx does after SIGQUIT."""
        program = self.serve("--order=signal-first", timeout="20s",
                             steps=("name=nginx", "catch", "exit-on=15:15", "print=ready", "wait"))
        Connection(program, APP_PORT)
        request = Request(program, APP_PORT, "/d1500/c")
        self.busy(program, 1)
        report = self.stop_and_report(program)
        self.assert_answered(request, "/d1500/c")
        program.wait_app(f"^signal {signal.SIGQUIT.value} ")
        self.assertEqual(report["app"]["exit_code"], 15)
        self.assertEqual(report["connections"]["cut"], 0)
        self.assertLess(report["phases_ms"]["total"], 6000)
        program.err.wait_for("sent SIGTERM to pid .*its work is finished, and it is still running")

    def test_user_wins_over_the_table(self):
        program = self.run_named("nginx", "--stop-signal=USR1")
        self.stop_and_report(program)
        self.assertEqual(program.ending.code, signal.SIGUSR1)
        program = self.run_named("nginx", "--rewrite=TERM:WINCH", "--stop-signal=USR1")
        self.stop_and_report(program)
        self.assertEqual(program.ending.code, signal.SIGWINCH)

    def test_signals_of_other_servers_are_forwarded(self):
        program = self.serve(steps=("catch", "print=ready", "wait"))
        for number in (signal.SIGWINCH, signal.SIGUSR1, signal.SIGPWR, SIGRTMIN_3):
            program.send(number)
            program.wait_app(f"^signal {int(number)} ")
        self.assert_goes_on(program)

    def test_system_containers_stop_with_signals_of_their_own(self):
        for container, number in (("lxc", signal.SIGPWR), ("lxc", SIGRTMIN_3), ("systemd-nspawn", SIGRTMIN_3)):
            program = self.serve(env={"container": container})
            report = self.stop_and_report(program, number)
            self.assertEqual(report["outcome"], "drained")
            self.assertEqual(report["app"]["signal"], "SIGTERM", "it has no handler for the one received")

    def test_given_ones_are_the_only_ones(self):
        program = self.serve("--stop-on=USR2,SIGRTMIN+3", steps=("catch", "exit-on=12:12", "print=ready", "wait"))
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            program.send(number)
            program.wait_app(f"^signal {number.value} ")
        self.assert_goes_on(program)
        report = self.stop_and_report(program, signal.SIGUSR2)
        self.assertEqual(report["stop"]["signal"], "SIGUSR2")
        self.assertEqual(report["app"]["exit_code"], 12)

    def test_signal_that_is_waited_for_is_handled(self):
        program = self.start_ready(command=["/usr/bin/python3", "-c", WAITS_FOR_TERM])
        program.wait_started()
        report = self.stop_and_report(program)
        self.assertEqual(report["app"]["exit_code"], 7)
        self.assertIs(report["app"]["handles_stop_signal"], True)
        self.assertEqual(report["diagnosis"], [])
        self.assertIsNone(program.err.find("no handler"))

    def test_check_says_which_they_are(self):
        for options, command, env, lines in (
                ((), (), {}, ("^  stop-on +INT,TERM +default", "^Signals: INT,TERM start a stop, and QUIT if")),
                ((), ("nginx", "-g", "daemon off;"), {},
                 ("and QUIT for nginx", "nginx is sent SIGTERM when nothing is in flight, SIGQUIT when work is left")),
                ((), (), {"container": "lxc"}, ("^  stop-on +INT,TERM,PWR,RTMIN",)),
                (("--stop-on=USR1",), ("nginx",), {}, ("^  stop-on +USR1 +--stop-on", "^Signals: USR1 start")),
                (("--stop-signal=USR1",), ("nginx",), {}, ("The application is sent SIGUSR1",))):
            program = harness.Program(["--check", "--listen=off", *options], list(command), env=env)
            self.addCleanup(program.kill)
            self.assertEqual(program.wait().code, 0)
            for line in lines:
                program.wait_app(line)


if __name__ == "__main__":
    harness.main()
