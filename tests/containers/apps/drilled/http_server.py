# SPDX-License-Identifier: MIT
"""Python's http.server, as in most examples: without a handler for SIGTERM. DEAF=1: it is ignored."""

import os
import signal
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from answers import BODIES, SLOW_SECONDS


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/slow":
            time.sleep(SLOW_SECONDS)
        body = BODIES[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing: the log is for what lastcall says."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128


if os.environ.get("DEAF") == "1":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
Server((os.environ.get("ADDRESS", ""), int(os.environ.get("PORT", "8080"))), Handler).serve_forever()
