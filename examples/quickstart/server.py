#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A small server with slow answers: GET /slow/ID/SECONDS, and GET /healthcheck.

It knows nothing of lastcall and has no signal handler: SIGTERM ends it at once, as it does with
most small servers. On standard output it says where it listens and which requests have reached it,
so that a test can stop it at a moment it knows.
"""
import os
import socketserver
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def say(line):
    os.write(1, (line + "\n").encode())  # one write: lines of several threads never mix


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/healthcheck":
            return self.answer("ok\n")
        _, name, ident, seconds = self.path.split("/")
        say(f"received {ident}")
        time.sleep(float(seconds))  # the database query, the report, the payment
        return self.answer(f"{name} {ident}\n" * 1000)

    def answer(self, text):
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128  # the default, 5, makes clients that come together wait a second

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)  # without asking DNS for our own name


if __name__ == "__main__":
    with Server(("127.0.0.1", 0), Handler) as server:
        say(f"listening {server.server_address[1]} pid {os.getpid()}")
        server.serve_forever()
