# SPDX-License-Identifier: MIT
"""Unix-domain listeners of the application: what its clients have asked for is finished, in the same network
namespace and from another one; what the application asks itself is not waited for."""

import os
import socket
import threading

import harness
from test_drain import Draining

# argv: the path, and a port of TCP on which it listens, too, or "deaf". A request is a number of milliseconds, the answer comes after them; its own connection to itself
# is never used.
SERVER = r"""
import os, socket, sys, threading, time
def serve(client):
    while request := client.recv(99):
        time.sleep(int(request) / 1000)
        client.sendall(b'answer')
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(5)
own = socket.socket(socket.AF_UNIX)
own.connect(sys.argv[1])
accepted = listener.accept()
deaf = sys.argv[2:] == ['deaf']
port = socket.create_server(('', int(sys.argv[2]))) if len(sys.argv) > 2 and not deaf else None
print('ready', flush=True)
while True:
    client, _ = listener.accept()
    if deaf:
        time.sleep(2)
    threading.Thread(target=serve, args=(client,)).start()
"""


class Client:
    def __init__(self, endpoint, path, request):
        self.socket = endpoint
        self.socket.settimeout(20)
        self.socket.connect(path)
        if request:
            self.socket.sendall(request)
        self.answer = b""
        self.thread = threading.Thread(target=self.receive)
        self.thread.start()

    def receive(self):
        try:
            self.answer = self.socket.recv(99)
        except OSError:
            pass

    def result(self):
        self.thread.join()
        self.socket.close()
        return self.answer


class Unix(Draining):
    def serve_unix(self, *options, arguments=()):
        self.path = os.path.join(self.temporary_directory(), "app.sock")
        return self.start_ready("--stop-timeout=20s", *options,
                                command=["/usr/bin/python3", "-c", SERVER, self.path, *arguments])

    def ask(self, program, request):
        return Client(program.socket(socket.AF_UNIX), self.path, request)

    def wait_asked(self, program, client):
        """The server has the request when its end of the connection has nothing unread."""
        harness.wait_until(lambda: self.unread(client) == 0, "the request is read")

    def unread(self, client):
        import array
        import fcntl
        import termios
        queued = array.array("i", [0])
        fcntl.ioctl(client.socket.fileno(), termios.TIOCOUTQ, queued)
        return queued[0]

    def test_request_is_finished(self):
        program = self.serve_unix("--longest-request=4s")
        client = self.ask(program, b"1500")
        self.wait_asked(program, client)
        report = self.stop_and_report(program)
        self.assertEqual(client.result(), b"answer")
        self.assertEqual(report["degraded"], harness.degraded_here())
        self.assertEqual(report["connections"]["cut"], 0)
        self.assertEqual(report["connections"]["open_at_stop"], 1)

    def test_request_is_finished_where_the_first_poll_fails(self):
        """Its requests to the kernel: for the listening sockets, for all connections, and for the unix-domain ones."""
        program = self.serve_unix("--longest-request=4s", arguments=[str(harness.APP_PORT)])
        program.wait_serving()  # or lastcall goes on polling; it polls once more
        client = self.ask(program, b"700")
        self.wait_asked(program, client)
        tracer, log = self.trace(program, "sendto", "-e", "inject=sendto:error=ENOBUFS:when=1..4")
        self.stop_and_report(program)
        tracer.communicate(timeout=20)
        self.assertEqual(client.result(), b"answer")
        with open(log) as calls:
            self.assertEqual(calls.read().count("(INJECTED)"), 4)

    def test_kernel_that_refuses_costs_no_budget(self):
        """A poll makes two requests for TCP, and one for unix-domain sockets."""
        program = self.serve()
        tracer, log = self.trace(program, "sendto", "-e", "inject=sendto:error=EPERM:when=3")
        report = self.stop_and_report(program)
        tracer.communicate(timeout=20)
        with open(log) as calls:
            self.assertEqual(calls.read().count("(INJECTED)"), 1)
        self.assertEqual(report["outcome"], "drained")
        self.assertEqual(report["degraded"], harness.degraded_here("unix_unseen"))

    def test_unread_request_is_no_matter_of_the_longest_one(self):
        program = self.serve_unix("--longest-request=100ms", arguments=["deaf"])
        client = self.ask(program, b"0")
        report = self.stop_and_report(program)
        self.assertEqual(client.result(), b"answer")
        self.assertEqual(report["connections"]["cut"], 0)
        self.assertGreater(report["phases_ms"]["drain"], 1000)

    def test_idle_client_holds_for_the_longest_request(self):
        program = self.serve_unix("--longest-request=1s")
        client = self.ask(program, b"0")
        harness.wait_until(lambda: client.answer, "it is answered")
        report = self.stop_and_report(program)
        client.result()
        self.assertGreaterEqual(report["phases_ms"]["drain"], 950)
        self.assertLess(report["phases_ms"]["drain"], 3000)
        self.assertEqual([report["connections"][word] for word in ("cut", "busy_at_stop")], [0, 0])
        self.assertEqual(report["outcome"], "drained")
        self.assertEqual([holder["peer"] for holder in report["connections"]["held_by"]][:1], ["unix"])

    def test_application_asks_itself(self):
        program = self.serve_unix()
        report = self.stop_and_report(program)
        self.assertLess(report["phases_ms"]["drain"], 500)
        self.assertEqual(report["degraded"], harness.degraded_here())
        self.assertEqual(report["connections"]["held_by"], [])

    def test_client_in_another_network_namespace(self):
        program = self.serve_unix("--longest-request=3s")
        elsewhere = self.start_ready("--drain=off", command=harness.probe("print=ready", "hang"))
        client = self.ask(elsewhere, b"1500")
        answered = self.ask(program, b"0")
        harness.wait_until(lambda: answered.answer, "the request after it is answered")
        answered.result()
        report = self.stop_and_report(program)
        self.assertEqual(client.result(), b"answer")
        self.assertEqual(report["degraded"], harness.degraded_here("unix_unseen"))
        self.assertEqual(report["connections"]["cut"], 0)
        self.assertEqual(report["connections"]["unknown"], 1)
        elsewhere.stop()
        elsewhere.wait()


if __name__ == "__main__":
    harness.main()
