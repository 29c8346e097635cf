# SPDX-License-Identifier: MIT
"""http.server, threading, with an ordinary slow handler, and no thought of graceful shutdown.

/quick?id=N&size=BYTES answers at once. /slow?id=N&size=BYTES&seconds=S says `received N` to the
test, and starts its S seconds when the test says `go`: so that a stop can be sent while every
request is known to be in flight, however slow the machine is."""

import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from line import Line
from pattern import pattern


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        target = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(target.query).items()}
        if target.path == "/slow":
            line.say(f"received {query['id']}")
            line.wait_for("go")
            time.sleep(float(query["seconds"]))
        body = pattern(int(query.get("id", 0)), int(query.get("size", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing: the log is for what lastcall says."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128  # of 5, a burst of 50 connections would see SYNs dropped


line = Line()
address = (os.environ.get("ADDRESS", ""), int(os.environ.get("PORT", "8080")))
Server(address, Handler).serve_forever()
