# SPDX-License-Identifier: MIT
"""Answers one request with 400,000 bytes and exits at once: what the client has not read by then is
in the kernel's send buffer, and of no process any more. SIGTERM is ignored, so that the stop finds the
request in flight with any PID 1; the answer is written when the test says `go`."""

import array
import fcntl
import os
import signal
import socket
import termios

from line import Line
from pattern import pattern

SIZE = 400_000


def unsent_bytes(connection):
    count = array.array("i", [0])
    fcntl.ioctl(connection, termios.TIOCOUTQ, count)
    return count[0]


signal.signal(signal.SIGTERM, signal.SIG_IGN)
line = Line()
listener = socket.create_server(("", 8080))
line.say("ready")
connection, _ = listener.accept()
# A buffer that takes the whole answer; the kernel doubles the number, for its own overhead.
connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * SIZE)
request = b""
while not request.endswith(b"\r\n\r\n"):
    request += connection.recv(4096)
line.say("received")
line.wait_for("go")
connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE + pattern(0, SIZE))
line.say(f"unsent {unsent_bytes(connection)}")
os._exit(0)
