# SPDX-License-Identifier: MIT
"""What is watched: every listening port, whichever process of the application holds it, and connections whose
listener has gone."""

import os
import socket
import threading
import unittest

import harness
from harness import APP_PORT, probe
from http_client import Request
from test_drain import Draining

PYTHON = "/usr/bin/python3"

# argv: the ports. A request is answered after a second and a half.
MANY_LISTENERS = """
import select, socket, sys, threading, time
def answer(client):
    client.recv(999)
    time.sleep(1.5)
    client.sendall(b'HTTP/1.0 200 OK\\r\\n\\r\\nok')
    client.close()
listeners = [socket.create_server(('', int(port)), backlog=5) for port in sys.argv[1:]]
print('ready', flush=True)
while True:
    for listener in select.select(listeners, [], [])[0]:
        threading.Thread(target=answer, args=(listener.accept()[0],)).start()
"""


# FTP's passive mode: a listener that lives for one connection, on which it then writes for a while.
PASSIVE = r"""
import socket, time
control_listener = socket.create_server(('', 2121))
print('ready', flush=True)
control, _ = control_listener.accept()
control.recv(99)
data_listener = socket.create_server(('', 0), backlog=1)
control.sendall(b'%d\n' % data_listener.getsockname()[1])
data, _ = data_listener.accept()
data_listener.close()
for i in range(20):
    data.sendall(b'x' * 100000)
    time.sleep(.1)
data.close()
control.sendall(b'done\n')
time.sleep(99)
"""

# A router that asks a worker of its own for each answer, both in one application; it also has a
# connection open to a database that listens beside it (argv: its port), on which nothing happens.
ROUTER = r"""
import os, socket, sys, threading, time
inner, outer = socket.create_server(('127.0.0.1', 9001)), socket.create_server(('', 8080))
if os.fork() == 0:
    def work(client):
        while request := client.recv(99):
            time.sleep(1.5)
            client.sendall(b'answer')
    while True:
        threading.Thread(target=work, args=(inner.accept()[0],)).start()
inner.close()
database = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
database.sendall(b'login')
def route(client):
    client.recv(999)
    worker = socket.create_connection(('127.0.0.1', 9001))
    worker.sendall(b'ask')
    client.sendall(b'HTTP/1.0 200 OK\r\n\r\n' + worker.recv(99))
    client.close()
    time.sleep(99)
print('ready', flush=True)
while True:
    threading.Thread(target=route, args=(outer.accept()[0],)).start()
"""


# An MPTCP server that answers with three megabytes and closes, as Go's are since 1.24.
MPTCP_SERVER = r"""
import socket
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
listener.bind(('', 8080))
listener.listen(8)
print('ready', flush=True)
while True:
    client, _ = listener.accept()
    client.recv(99)
    client.sendall(b'x' * 2000000)
    client.close()
"""


class Client:
    """Sends one request and keeps what comes until the end."""

    def __init__(self, program, port):
        self.socket = program.socket()
        self.socket.settimeout(20)
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(b"GET / HTTP/1.0\r\n\r\n")
        self.answer = b""
        self.thread = threading.Thread(target=self.receive)
        self.thread.start()

    def receive(self):
        try:
            while part := self.socket.recv(65536):
                self.answer += part
        except OSError:
            pass
        self.socket.close()

    def result(self):
        self.thread.join()
        return self.answer


class Ports(Draining):
    def serve_many(self, ports, *options):
        program = self.start_ready("--stop-timeout=20s", *options,
                                   command=[PYTHON, "-c", MANY_LISTENERS, *map(str, ports)])
        if not options:
            program.wait_serving()
        return program

    def check_all_finish(self, program, ports):
        clients = [Client(program, port) for port in ports]
        self.busy(program, len(clients))
        report = self.stop_and_report(program)
        for client in clients:
            self.assertTrue(client.result().endswith(b"ok"))
        self.assertEqual(report["degraded"], harness.degraded_here())
        self.assertEqual(report["connections"]["busy_at_stop"], len(clients))
        return report["connections"]

    def test_hundred_ports(self):
        """More ranges than the kernel is asked to filter by."""
        ports = range(8000, 8200, 2)
        found = self.check_all_finish(self.serve_many(ports), ports)
        self.assertEqual(found["ports"], list(ports)[:64])
        self.assertEqual(found["ports_more"], 36)

    def test_range_of_ports_is_given(self):
        ports = range(8000, 8100)
        program = self.serve_many(ports, "--port=8000-8099,9000")
        found = self.check_all_finish(program, [8000, 8042, 8099])
        self.assertEqual(found["ports_more"], 101 - 64)

    def test_main_thread_has_ended(self):
        program = self.serve(steps=("print=ready", "end-main-thread"))
        request = Request(program, APP_PORT, "/d1500")
        self.busy(program, 1)
        report = self.stop_and_report(program)
        self.assert_answered(request, "/d1500")
        self.assertEqual(report["connections"]["ports"], [APP_PORT])


class Connections(Draining):
    def test_listener_was_closed_after_accept(self):
        program = self.start_ready("--stop-timeout=20s", command=[PYTHON, "-c", PASSIVE])
        control = program.socket()
        control.connect(("127.0.0.1", 2121))
        control.sendall(b"get\n")
        data = program.socket()
        data.settimeout(20)
        data.connect(("127.0.0.1", int(control.recv(99))))
        received = len(data.recv(100000))
        program.stop()
        while part := data.recv(65536):
            received += len(part)
        self.assertEqual(received, 2000000)
        program.wait()
        report = self.assert_in_time(program)
        self.assertEqual(report["connections"]["ports"], sorted([2121, data.getpeername()[1]]))
        self.assertEqual(report["connections"]["cut"], 0)
        self.assertEqual(report["outcome"], "drained")
        control.close()
        data.close()

    def test_connections_of_the_application_to_itself_count_once(self):
        for clients in (1, 3):
            database = self.start_ready("--drain=off",
                                       command=[PYTHON, "-c", "import socket, time; s = socket.create_server(('', 5432));"
                                                "print('ready', flush=True); c = s.accept(); time.sleep(99)"])
            router = self.start_ready("--stop-timeout=20s", command=[PYTHON, "-c", ROUTER, "5432"],
                                      settings=[database.network()])
            router.wait_serving()
            waiting = [Client(router, 8080) for _ in range(clients)]
            self.busy(router, 2 * clients)
            report = self.stop_and_report(router)
            router.err.wait_for(f"draining, {clients} of {clients} connections busy")
            for client in waiting:
                self.assertTrue(client.result().endswith(b"answer"))
            connections = report["connections"]
            self.assertEqual(connections["ports"], [8080, 9001])
            self.assertEqual(connections["busy_at_stop"], clients)
            self.assertEqual(connections["finished"], clients)
            self.assertEqual([connections["cut"], connections["unknown"]], [0, 0])
            self.assertLess(report["phases_ms"]["drain"], 3000)
            database.stop()
            database.wait()


class Mptcp(Draining):
    def setUp(self):
        super().setUp()
        try:
            socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).close()
        except OSError:
            raise unittest.SkipTest("the kernel has no MPTCP") from None

    def test_answer_that_is_not_sent_yet_is_delivered(self):
        """The row of TCP has a byte at most of it in its queue, and goes on when the server has closed."""
        self.check_delivery()

    def test_answer_is_delivered_from_a_port_that_was_given(self):
        """There lastcall does not ask /proc for the listener's protocol: the kernel names it."""
        if tuple(int(part) for part in os.uname().release.split(".")[:2]) < (6, 15):
            raise unittest.SkipTest("the kernel does not name it before Linux 6.15")
        self.check_delivery(f"--port={APP_PORT}")

    def check_delivery(self, *options):
        program = self.start_ready("--stop-timeout=20s", *options, command=[PYTHON, "-c", MPTCP_SERVER])
        program.wait_serving()
        client = program.socket(kind=socket.SOCK_STREAM, protocol=262)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.settimeout(20)
        client.connect(("127.0.0.1", APP_PORT))
        client.sendall(b"get")
        received = len(client.recv(20000))
        program.stop()
        program.err.wait_for("flushing for")
        while part := client.recv(200000):
            received += len(part)
        client.close()
        self.assertEqual(received, 2000000)
        program.wait()
        connections = self.assert_in_time(program)["connections"]
        self.assertEqual([connections["finished"], connections["cut"], connections["lost_bytes"]], [1, 0, 0])
        self.assertGreater(connections["flushed_bytes"], 1000000)


class Cgroup(Draining):
    def test_application_that_changed_its_user(self):
        """/proc does not say whose its sockets are; their cgroup does, and the user decides nothing."""
        directory = harness.make_cgroup(self)
        program = self.start_ready(
            "--stop-timeout=6s", settings=["noptrace", f"cgroup={directory}"], env=harness.NO_LEAK_CHECK,
            command=probe("user=12345", "print=ready", "sleep=100", f"serve={APP_PORT}", "hang"))
        harness.wait_until(lambda: self.is_open(program), "it listens")
        request = Request(program, APP_PORT, "/d700/b4000/c")
        report = self.stop_and_report(program)
        self.assert_answered(request, "/d700/b4000/c")
        self.assertEqual(report["connections"]["ports"], [APP_PORT])
        self.assertEqual(report["degraded"], harness.degraded_here())
        self.assertEqual(report["connections"]["finished"], 1)

    def is_open(self, program):
        try:
            program.socket().connect(("127.0.0.1", APP_PORT))
        except OSError:
            return False
        return True


if __name__ == "__main__":
    harness.main()
