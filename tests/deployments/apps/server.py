# SPDX-License-Identifier: MIT
"""The application that is deployed: Python's http.server, without a handler for SIGTERM, as in most examples.

/quick answers at once, /slow after SLOW seconds, /long after LONG seconds, /rare at once but one time in twenty
after LONG seconds, /stream in pieces for STREAM seconds; a POST is answered when its body has arrived. BOOT seconds pass before the server listens. DEAF=1:
SIGTERM is ignored. SICK=1: /healthcheck answers 500."""

import os
import random
import signal
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECONDS = {f"/{name}": float(os.environ.get(name.upper(), "0.5")) for name in ("slow", "long")}
STREAM = float(os.environ.get("STREAM", "5"))
PIECE_SECONDS = 0.05
RARE_SHARE = 0.05
HEALTH_STATUS = 500 if os.environ.get("SICK") == "1" else 200


def lines(count, first=0):
    """So many lines of 18 bytes, as the drill's --body=numbered compares them."""
    return b"".join(b"%08d:%08d\n" % (1, 18 * n) for n in range(first, first + count))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/stream":
            return self.stream()
        is_rare = self.path == "/rare" and random.random() < RARE_SHARE
        time.sleep(SECONDS["/long"] if is_rare else SECONDS.get(self.path, 0))
        self.answer(HEALTH_STATUS if self.path == "/healthcheck" else 200, lines(20))

    def do_POST(self):
        left = int(self.headers["Content-Length"])
        while left > 0:
            left -= len(self.rfile.read(min(left, 65536)))
        self.answer(200, lines(1))

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self):
        pieces = int(STREAM / PIECE_SECONDS)
        self.send_response(200)
        self.send_header("Content-Length", str(18 * pieces))
        self.end_headers()
        for number in range(pieces):
            self.wfile.write(lines(1, number))
            time.sleep(PIECE_SECONDS)

    def log_message(self, *_):
        """Nothing: the log is for what PID 1 says."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128


if os.environ.get("DEAF") == "1":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(float(os.environ.get("BOOT", "0")))
Server(("", 8080), Handler).serve_forever()
