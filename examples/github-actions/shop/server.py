#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A shop with a slow checkout: GET / and GET /slow, on port 8080. With HEALTH_PORT in its environment it says there that
all is well.

It has a handler for SIGTERM, and so looks as if it stopped gracefully: it ends at once, with 0, and takes the
answers with it that its threads are still working on."""
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/slow":
            time.sleep(1)  # the payment
        body = b"thank you\n" * 1000
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def leave(number, frame):
    sys.exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, leave)
    if "HEALTH_PORT" in os.environ:
        health = Server(("", int(os.environ["HEALTH_PORT"])), Handler)
        threading.Thread(target=health.serve_forever, daemon=True).start()
    Server(("", 8080), Handler).serve_forever()
