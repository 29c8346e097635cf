# SPDX-License-Identifier: MIT
"""What looks like an answer and is none, and what looks like a request and is none: on real sockets."""

import os
import socket
import ssl
import subprocess
import threading

import harness
from harness import APP_PORT
from http_client import Connection
from test_drain import Draining, well_used_connection
from test_quiet import Client

# Listens and says `ready`; `serve(connection)` has a thread of its own for each connection.
SERVER = """
import socket, ssl, sys, threading, time
listener = socket.create_server(('127.0.0.1', 8080), backlog=64)
def serve_all(serve, prepare=lambda connection: connection):
    print('ready', flush=True)
    def run(connection):
        try:
            serve(prepare(connection))
        except OSError:
            pass
    while True:
        threading.Thread(target=run, args=(listener.accept()[0],), daemon=True).start()
"""

TLS = SERVER + """
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1] + '/cert.pem', sys.argv[1] + '/key.pem')
def serve(connection):
    connection.recv(100)
    print('asked', flush=True)
    time.sleep(3)
    connection.sendall(b'answer')
    connection.recv(100)
serve_all(serve, lambda connection: context.wrap_socket(connection, server_side=True))
"""

GREETING = SERVER + """
def serve(connection):
    connection.sendall(b'greeting')
    connection.recv(100)
    print('asked', flush=True)
    time.sleep(3)
    connection.sendall(b'answer')
    connection.recv(100)
serve_all(serve)
"""

# Sixteen short exchanges, the last of which falls into one tick with a request that takes 3 s.
CONVERSATION = SERVER + """
def serve(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
    for _ in range(16):
        connection.recv(100)
        connection.sendall(b'short')
    connection.recv(100)
    print('asked', flush=True)
    time.sleep(6)
    connection.sendall(b'answer')
    connection.recv(100)
serve_all(serve)
"""

STREAM = SERVER + """
def serve(connection):
    while connection.recv(100):
        for _ in range(8):
            connection.sendall(b'token')
            time.sleep(0.4)
        connection.sendall(b'end')
serve_all(serve)
"""

LISTENS = SERVER + """
def serve(connection):
    while connection.recv(100):
        pass
serve_all(serve)
"""

RESETS = SERVER + """
import struct
def serve(connection):
    connection.recv(100)
    print('asked', flush=True)
    time.sleep(1)
    connection.sendall(b'answer')
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    connection.close()
serve_all(serve)
"""

DEFERS = """
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 30)
s.bind(('127.0.0.1', 8080))
s.listen()
print('ready', flush=True)
while True:
    connection, _ = s.accept()
    connection.recv(100)
    connection.close()
"""


class Verdict(Draining):
    def serve_script(self, script, *options, timeout="20s", arguments=()):
        return self.start_ready(f"--stop-timeout={timeout}", "--port=8080", *options,
                                command=["/usr/bin/python3", "-c", script, *arguments])

    def receive_in_background(self, connection, size=100):
        got = []

        def receive():
            try:
                got.append(connection.recv(size))
            except OSError as error:
                got.append(error)
        thread = threading.Thread(target=receive, daemon=True)
        thread.start()
        return lambda: (thread.join(20), got[0])[1]

    def check_answered(self, program, client):
        """Stopped while the request is being worked on."""
        answer = self.receive_in_background(client)
        report = self.stop_and_report(program)
        self.assertEqual(answer(), b"answer")
        self.assertEqual(report["connections"]["cut"], 0)

    def test_first_request_on_a_fresh_tls_connection(self):
        """The server's session tickets leave just after the request has come, and look like its answer."""
        openssl = harness.need_command("openssl")
        directory = self.temporary_directory()
        subprocess.run([openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-keyout", os.path.join(directory, "key.pem"), "-out", os.path.join(directory, "cert.pem")],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        program = self.serve_script(TLS, "--longest-request=6s", arguments=[directory])
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        client = context.wrap_socket(Connection(program, APP_PORT).socket)
        client.sendall(b"request")
        program.wait_app("^asked")
        self.check_answered(program, client)

    def test_first_request_after_a_greeting(self):
        program = self.serve_script(GREETING, "--longest-request=6s")
        client = Connection(program, APP_PORT).socket
        client.recv(100)
        client.sendall(b"query")
        program.wait_app("^asked")
        self.check_answered(program, client)

    def converse(self):
        """A request is in flight that came in the tick of an answer."""
        program = self.serve_script(CONVERSATION, "--longest-request=10s", timeout="30s")
        client = Connection(program, APP_PORT).socket
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(16):
            client.sendall(b"short")
            client.recv(100)
        client.sendall(b"long")
        program.wait_app("^asked")
        return program, client

    def test_request_in_the_tick_of_an_answer(self):
        """The server's TCP keep-alive is answered while it waits, which is no acknowledgement of an answer."""
        self.check_answered(*self.converse())

    def test_client_that_half_closes_after_such_a_request(self):
        """Its FIN acknowledges the answer before."""
        program, client = self.converse()
        threading.Event().wait(0.05)  # another tick
        client.shutdown(socket.SHUT_WR)
        threading.Event().wait(0.3)  # settled
        self.check_answered(program, client)

    def test_server_that_resets_what_it_has_answered(self):
        """The kernel tells nothing of the answer then, unless a poll has seen it; the client has not given up."""
        program = self.serve_script(RESETS)
        client = Connection(program, APP_PORT).socket
        client.sendall(b"request")
        program.wait_app("^asked")
        report = self.stop_and_report(program)
        connections = report["connections"]
        self.assertEqual((connections["cut"], connections["finished"] + connections["unknown"]), (0, 1))
        self.assertIn(connections["held_by"][0]["ended"], ("finished", "unknown"))

    def check_stream(self, program, client):
        client.sendall(b"request")
        got = client.recv(100)
        while len(got) < 10:
            got += client.recv(100)
        program.stop()
        while not got.endswith(b"end"):
            piece = client.recv(100)
            self.assertTrue(piece, f"cut after {got}")
            got += piece
        client.close()
        program.wait()
        self.assertEqual(got, b"token" * 8 + b"end")
        self.assertEqual(self.assert_in_time(program)["connections"]["cut"], 0)

    def test_stream_on_a_fresh_connection(self):
        program = self.serve_script(STREAM)
        self.check_stream(program, Connection(program, APP_PORT).socket)

    def test_stream_on_a_well_used_connection(self):
        program = self.serve_script(STREAM)
        client = Connection(program, APP_PORT).socket
        for _ in range(2):
            client.sendall(b"request")
            got = b""
            while not got.endswith(b"end"):
                got += client.recv(100)
        self.check_stream(program, client)

    def test_client_that_only_talks_is_not_reported_as_cut(self):
        """Replication, syslog, statsd."""
        program = self.serve_script(LISTENS, timeout="8s")
        client = Connection(program, APP_PORT).socket
        lines = Client(lambda: client.sendall(b"line"), pause=0.7)
        harness.wait_until(lambda: lines.answered, "it talks")
        report = self.stop_and_report(program)
        lines.stop()
        self.assertEqual(report["connections"]["cut"], 0)
        self.assertEqual(report["connections"]["unknown"], 1)
        self.assertNotIn("died_with_work_in_flight", report["diagnosis"])

    def test_connection_that_says_nothing_to_a_listener_that_defers(self):
        program = self.serve_script(DEFERS)
        client = Connection(program, APP_PORT)
        report = self.stop_and_report(program)
        client.close()
        self.assertLess(report["phases_ms"]["drain"], 4000)
        self.assertEqual(report["connections"]["held_by"], [])
        self.assertEqual(report["outcome"], "drained")

    def test_keep_alive_of_idle_clients_holds_nothing(self):
        """Node's http.Agent switches it on, one second after the last byte."""
        program = self.serve(timeout="20s")
        connections = [well_used_connection(program) for _ in range(10)]
        for connection in connections:
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
            connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
        self.wait_for_keep_alives(program)
        report = self.stop_and_report(program)
        self.assertLess(report["phases_ms"]["drain"], 3000)
        self.assertEqual(len(connections), 10)

    def wait_for_keep_alives(self, program):
        """Three a connection: both ends count the segments without data that they have sent."""
        def segments_out():
            with open(f"/proc/{program.app_pid()}/net/snmp") as snmp:
                names, values = [line.split() for line in snmp if line.startswith("Tcp:")]
            return int(values[names.index("OutSegs")])
        before = segments_out()
        harness.wait_until(lambda: segments_out() >= before + 2 * 3 * 10, "keep-alive goes on")


if __name__ == "__main__":
    harness.main()
