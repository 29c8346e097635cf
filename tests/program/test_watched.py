# SPDX-License-Identifier: MIT
"""What is watched: every listening port, whoever of the application holds it, and connections whose
listener has gone."""

import socket
import threading

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


if __name__ == "__main__":
    harness.main()
