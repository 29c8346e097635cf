# SPDX-License-Identifier: MIT
"""The report says what is so: what was not seen is null, and what cannot be known is unknown."""

import os
import signal
import subprocess
import textwrap

import harness
import report_alarm
from client_behaviour import reset
from harness import APP_PORT, probe
from http_client import Connection, Request
from test_drain import Draining

COUNTS = ("open_at_stop", "busy_at_stop", "peak_busy", "arrived_after_stop", "finished", "cut", "unknown",
          "lost_bytes", "longest_ms", "accept_queue_at_stop", "accept_queue_lost")


class EndedByItself(Draining):
    """No stop signal came, so that nothing was watched when the application ended."""

    REQUESTS = 20

    def end(self, how):
        program = self.serve()
        requests = [Request(program, APP_PORT, "/d20000") for _ in range(self.REQUESTS)]
        self.busy(program, self.REQUESTS)
        how(program)
        program.wait()
        self.assertTrue(all(request.result() is None for request in requests))
        return program, program.report()

    def test_what_a_crash_lost_is_not_known(self):
        """Some sockets' events may come only after the exit: those are cut, and nothing else is known of them."""
        for number in (signal.SIGSEGV, signal.SIGKILL):
            program, report = self.end(lambda program, number=number: os.kill(program.app_pid(), number))
            self.assertEqual(report["outcome"], "app_exited")
            self.assertEqual(report["app"]["signal"], number.name)
            counts = {name: report["connections"][name] for name in COUNTS}
            seen = counts["cut"] is not None
            if seen:
                self.assertLessEqual(counts["cut"], self.REQUESTS)
                counts.update(cut=None, longest_ms=None)
            self.assertEqual(counts, dict.fromkeys(COUNTS))
            words = "partly seen: 0 finished, [0-9]+ cut" if seen else "not seen"
            self.assertTrue(program.err.find(f"app exited by itself.*work in flight {words}"))
            self.assertTrue(report_alarm.fires(report))

    def test_client_that_had_gone_before_the_stop_is_not_counted(self):
        """The application closes what the client has reset only when it exits."""
        program = self.serve()
        connections = [Connection(program, APP_PORT) for _ in range(3)]
        for connection in connections:
            connection.send("/d20000")
        last = Connection(program, APP_PORT)  # accepted after the three, and answered when these were read
        last.ask("/d200/c")
        self.assertTrue(last.at_end())  # or the stop finds it open
        for connection in connections:
            reset(connection)
        program.stop()
        program.wait()
        report = program.report()
        self.assertEqual(report["outcome"], "drained")
        for name in ("arrived_after_stop", "finished", "cut", "unknown", "longest_ms"):
            self.assertEqual(report["connections"][name], 0, name)
        self.assertEqual(report["connections"]["held_by"], [])

    def test_stop_signal_after_its_end_has_not_begun_the_stop(self):
        """It has exited with 0, and something that it started needs its time."""
        program = self.start(command=probe("daemon=300", "exit=0"))
        program.err.wait_for("sent SIGTERM to 1 leftover process")
        program.stop()
        self.assertEqual(program.wait().code, 0)
        self.assertTrue(program.err.find("SIGTERM received; the stop continues"))
        self.assertTrue(program.err.find("app exited by itself, gone in "))
        report = program.report()
        self.assertIsNone(report["stop"]["signal"])
        self.assertFalse(report_alarm.fires(report))

    def test_stop_signal_that_the_terminal_sends_to_both(self):
        """As Ctrl-C does: the application is gone before the first poll."""
        def both(program):
            os.kill(program.pid, signal.SIGSTOP)
            harness.wait_until(lambda: harness.process_state(program.pid) == "T", "it is stopped")
            app = program.children()[0]
            os.kill(app, signal.SIGINT)
            harness.wait_until(lambda: harness.process_state(app) == "Z" and len(os.listdir(f"/proc/{app}/task")) == 1,
                               "the application has ended, all threads of it")
            program.stop(signal.SIGINT)
            os.kill(program.pid, signal.SIGCONT)
        _, report = self.end(both)
        self.assertEqual(report["outcome"], "app_exited")
        for name in COUNTS:  # some of its threads may still hold their sockets at the first poll
            self.assertNotEqual(report["connections"][name], 0, name)


class Scripted(Draining):
    """Servers that do one thing: each is a script, and says that it is ready."""

    def serve_script(self, *options, script, timeout="10s"):
        program = self.start_ready(f"--stop-timeout={timeout}", *options,
                                   command=["/usr/bin/python3", "-u", "-c", textwrap.dedent(script)])
        program.wait_serving()
        return program

    def connect(self, program, count=1):
        connections = []
        for _ in range(count):
            connection = program.socket()
            connection.settimeout(harness.PATIENCE)
            connection.connect(("127.0.0.1", APP_PORT))
            self.addCleanup(connection.close)
            connections.append(connection)
        return connections

    def finish(self, program):
        program.wait()
        return self.assert_in_time(program)

    def counts(self, report):
        connections = report["connections"]
        return tuple(connections[name] for name in ("finished", "cut", "unknown"))


LISTEN = """
    import os, signal, socket, threading, time
    listener = socket.create_server(("127.0.0.1", 8080), backlog=64)
    print("ready")
    def serve():
        while True:
            threading.Thread(target=talk, args=(listener.accept()[0],), daemon=True).start()
"""

GREETING = LISTEN + """
    signal.signal(signal.SIGTERM, lambda *_: None)
    def talk(c):
        c.recv(100)
        c.sendall(b"hello")
        c.recv(100)
        time.sleep(60)
    serve()
"""

STREAM = LISTEN + """
    signal.signal(signal.SIGTERM, lambda *_: listener.close())
    def talk(c):
        c.recv(1000)
        c.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 1000\\r\\n\\r\\n")
        while True:
            c.sendall(b"x")
            time.sleep(0.2)
    threading.Thread(target=serve, daemon=True).start()
    time.sleep(60)
    while True: time.sleep(60)
"""


class Killed(Scripted):
    def test_ties_that_our_kill_ends_are_not_finished(self):
        """Connect, greeting, query at once: 20 clients lose their query."""
        program = self.serve_script("--drain-budget=800ms", "--term-grace=500ms", script=GREETING, timeout="4s")
        clients = self.connect(program, 20)
        for client in clients:
            client.sendall(b"hi")
        for client in clients:
            self.assertEqual(client.recv(100), b"hello")
            client.sendall(b"query")
        program.stop()
        report = self.finish(program)
        finished, cut, unknown = self.counts(report)
        self.assertEqual((finished, cut + unknown), (0, 20))
        self.assertEqual(report["outcome"], "killed")
        self.assertTrue(report_alarm.fires(report))

    def test_stream_that_our_kill_ends_is_not_finished(self):
        program = self.serve_script("--order=signal-first", script=STREAM, timeout="3s")
        client, = self.connect(program)
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        self.assertTrue(client.recv(10))
        program.stop()
        report = self.finish(program)
        finished, cut, unknown = self.counts(report)
        self.assertEqual((finished, cut + unknown), (0, 1))
        self.assertTrue(report_alarm.fires(report))


DYING = LISTEN + """
    connections = []
    def talk(c):
        connections.append(c)
        c.recv(1000)
    def die(*_):
        listener.shutdown(socket.SHUT_RDWR)  # a thread accepts
        for c in [listener, *connections]:
            c.close()
        print("closed")
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGKILL)
    signal.signal(signal.SIGUSR1, die)
    threading.Thread(target=serve, daemon=True).start()
    while True: time.sleep(60)
"""


class AnsweredAtOnce(Draining):
    """A keep-alive client whose next request is answered in the tick of its last answer, between two polls: nothing
    tells that it was, and nothing that it was not."""

    CLIENTS = 8

    def ask_again(self, connection):
        connection.receive()
        self.assertEqual(connection.ask("/b9").status, 200)

    def test_a_spent_budget_does_not_cut_it(self):
        program = self.serve("--drain-budget=2500ms")
        connections = [Connection(program, APP_PORT) for _ in range(self.CLIENTS)]
        for connection in connections:
            connection.send("/d1200")
        self.busy(program, self.CLIENTS)
        program.stop()
        for connection in connections:
            self.ask_again(connection)
        program.wait()
        report = self.assert_in_time(program)
        counts = report["connections"]
        self.assertEqual(report["outcome"], "budget_exhausted")
        self.assertEqual(counts["busy_at_stop"], self.CLIENTS)
        self.assertEqual(counts["cut"], 0)
        self.assertEqual(counts["finished"] + counts["unknown"], self.CLIENTS)


class DeathAtTheStop(Scripted):
    def test_sockets_that_are_gone_before_their_process_were_not_idle(self):
        """As with Ctrl-C: the first poll finds no connection, and the process has not quite ended."""
        program = self.serve_script(script=DYING)
        for client in self.connect(program, 5):
            client.sendall(b"request " * 10)
        self.busy(program, 5)
        os.kill(program.app_pid(), signal.SIGUSR1)
        program.wait_app("^closed")
        program.stop()
        report = self.finish(program)
        self.assertEqual(report["outcome"], "app_exited")
        self.assertIsNone(report["app"]["stop_signal"])
        for name in COUNTS:
            self.assertNotEqual(report["connections"][name], 0, name)


class CrashInTheDrain(Draining):
    def test_it_is_no_drained_application(self):
        """Its sockets end before it is reaped: it is not signalled because nothing is in flight."""
        for number in (signal.SIGSEGV, signal.SIGKILL):
            program = self.serve()
            requests = [Request(program, APP_PORT, "/d20000") for _ in range(20)]
            self.busy(program, 20)
            program.stop()
            program.err.wait_for("draining for 1")
            os.kill(program.app_pid(), number)
            program.wait()
            report = self.assert_in_time(program)
            self.assertTrue(all(request.result() is None for request in requests))
            self.assertEqual(report["outcome"], "app_exited")
            self.assertEqual(report["connections"]["cut"], 20)
            self.assertEqual(report["connections"]["finished"], 0)
            self.assertEqual({holder["ended"] for holder in report["connections"]["held_by"]}, {"cut"})
            self.assertIsNone(program.err.find("sent SIGTERM"))
            self.assertNotIn("died_with_work_in_flight", report["diagnosis"])
            self.assertTrue(report_alarm.fires(report))


LAST_WORD = LISTEN + """
    def talk(c):
        while (words := c.recv(1000)) and words != b"X" * 24:
            c.sendall(b"answer" * 100)
        time.sleep(0.05)
        try:
            c.sendall(b"y" * 24)
        except OSError:
            pass
        c.close()
    serve()
"""


class LastWords(Scripted):
    """What a client and a server say to each other when the client leaves is no request."""

    def leave(self, client):
        client.sendall(b"X" * 24)
        client.close()  # its kernel resets what the server still says

    def check(self, leave_when):
        program = self.serve_script("--min-drain=600ms", script=LAST_WORD)
        clients = self.connect(program, 10)
        for client in clients:
            client.sendall(b"request " * 10)
            self.read(client, 600)
        if leave_when == "before":
            for client in clients:
                self.leave(client)
        program.stop()
        program.err.wait_for("SIGTERM received")
        if leave_when == "drain":
            for client in clients:
                self.leave(client)
        program.wait()
        report = self.assert_in_time(program)
        self.assertEqual(report["connections"]["lost_bytes"], 0)
        self.assertEqual(report["connections"]["cut"], 0)
        self.assertEqual(report["outcome"], "drained")
        self.assertNotIn("gave_up", {holder["ended"] for holder in report["connections"]["held_by"]})
        self.assertFalse(report_alarm.fires(report))

    def read(self, client, size):
        got = b""
        while len(got) < size:
            got += client.recv(size - len(got)) or self.fail("the server has closed it")
        return got

    def test_client_that_leaves_during_the_drain(self):
        self.check("drain")

    def test_client_that_leaves_as_the_stop_comes(self):
        self.check("before")


class GoneClients(Draining):
    def test_client_that_resets_has_not_been_cut(self):
        """Its answer is written, and on its way; the application has ended."""
        program = self.serve("--drain-budget=300ms", timeout="10s")
        reader = Connection(program, APP_PORT, receive_buffer=4096)
        reader.send("/b400000")
        self.busy(program, 1)
        program.stop()
        program.err.wait_for("killed by SIGTERM")
        program.err.wait_for("flushing for")  # polls have seen what the application has left
        reset(reader)
        program.wait()
        report = self.assert_in_time(program)
        self.assertEqual(report["connections"]["cut"], 0)
        self.assertGreater(report["connections"]["lost_bytes"], 100000)
        self.assertNotEqual(report["outcome"], "app_exited")
        self.assertNotIn("died_with_work_in_flight", report["diagnosis"])


SLOW_CLIENT = """
    import socket, sys
    print("ready", flush=True)
    sys.stdin.readline()
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    client.connect(("10.9.0.1", 8080))
    client.sendall(b"GET /b2000000 HTTP/1.1\\r\\n\\r\\n")
    print("asked", flush=True)
    sys.stdin.readline()
"""


class LostLink(Draining):
    """The network of the container goes away with an answer on its way."""

    def in_network_of(self, program, *command):
        subprocess.run(["nsenter", f"--target={program.pid}", "--net", "--", *command], check=True)

    def start_client(self, program):
        """One in a network of its own, with a link to the application's."""
        client = subprocess.Popen(["unshare", "--net", "/usr/bin/python3", "-c", textwrap.dedent(SLOW_CLIENT)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(client.wait)
        self.addCleanup(client.kill)
        self.assertEqual(client.stdout.readline(), "ready\n")
        self.in_network_of(program, "ip", "link", "add", "near", "type", "veth", "peer", "name", "far",
                           "netns", str(client.pid))
        self.in_network_of(program, "ip", "address", "add", "10.9.0.1/24", "dev", "near")
        self.in_network_of(program, "ip", "link", "set", "near", "up")
        far = ["nsenter", f"--target={client.pid}", "--net", "--", "ip"]
        subprocess.run([*far, "address", "add", "10.9.0.2/24", "dev", "far"], check=True)
        subprocess.run([*far, "link", "set", "far", "up"], check=True)
        client.stdin.write("go\n")
        client.stdin.flush()
        self.assertEqual(client.stdout.readline(), "asked\n")
        return client

    def test_it_is_not_the_applications_doing(self):
        for command in ("ip", "nsenter", "unshare"):
            harness.need_command(command)
        program = self.serve(timeout="20s")
        self.start_client(program)
        self.busy(program, 1)
        program.stop()
        program.err.wait_for("SIGTERM received: .*1 of \\d+ connections busy")
        self.in_network_of(program, "ip", "link", "delete", "near")
        program.wait()
        report = self.assert_in_time(program)
        self.assertEqual(report["outcome"], "drained")
        self.assertEqual(report["connections"]["cut"], 0)
        self.assertGreater(report["connections"]["lost_bytes"], 100000)
        self.assertEqual([holder["ended"] for holder in report["connections"]["held_by"]], ["gave_up"])
        self.assertNotIn("died_with_work_in_flight", report["diagnosis"])


if __name__ == "__main__":
    harness.main()
