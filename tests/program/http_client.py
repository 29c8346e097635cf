# SPDX-License-Identifier: MIT
"""A client made of plain sockets, in the network namespace of the program under test."""

import re
import socket
import threading


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body


class Connection:
    """One connection to a server in a program's network."""

    def __init__(self, program, port, host="127.0.0.1", receive_buffer=None, seconds=20):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = program.socket(family)
        self.socket.settimeout(seconds)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect((host, port))
        self.buffer = b""

    def send(self, path, method="GET", extra=""):
        self.socket.sendall(f"{method} {path} HTTP/1.1\r\nHost: test\r\n{extra}\r\n".encode())

    def _receive(self, size=65536):
        data = self.socket.recv(size)
        if not data:
            raise EOFError(f"closed after {len(self.buffer)} bytes")
        self.buffer += data

    def receive_head(self):
        while b"\r\n\r\n" not in self.buffer:
            self._receive()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        return int(lines[0].split()[1]), headers

    def receive(self, method="GET"):
        """The whole answer; raises EOFError or OSError when it is cut."""
        status, headers = self.receive_head()
        length = 0 if method == "HEAD" else int(headers.get("content-length", 0))
        while len(self.buffer) < length:
            self._receive()
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Answer(status, headers, body)

    def ask(self, path, method="GET"):
        self.send(path, method)
        return self.receive(method)

    def at_end(self):
        """Whether the server closes next, with nothing more to say."""
        try:
            return self.buffer == b"" and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def close(self):
        self.socket.close()


def ask(program, port, path, host="127.0.0.1", method="GET", **arguments):
    connection = Connection(program, port, host, **arguments)
    try:
        return connection.ask(path, method)
    finally:
        connection.close()


class Request:
    """A request in flight, on a connection of its own or a given one: answered in the background."""

    def __init__(self, program, port, path, host="127.0.0.1", connection=None):
        self.answer = self.error = None
        self.connection = connection or Connection(program, port, host)
        self.connection.send(path)
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def _receive(self):
        try:
            self.answer = self.connection.receive()
        except (EOFError, OSError) as error:
            self.error = error

    def result(self, seconds=20):
        """The answer, or None when it was cut."""
        self._thread.join(seconds)
        assert not self._thread.is_alive(), "neither answered nor cut"
        return self.answer


def expected_body(path):
    """What the probe answers to this path."""
    size = re.search(r"/b(\d+)", path)
    return b"x" * (int(size.group(1)) if size else 2)
