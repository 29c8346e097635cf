#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A server that speaks first, as databases do: greeting_server.py PORT. It greets, takes a login if the client
sends one (`login`), and answers each `query MS` after so long. Messages are lines."""

import socketserver
import sys
import time


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"greeting: version 8, salt 0123456789abcdef\n")
        for line in self.rfile:
            if line.startswith(b"query"):
                time.sleep(int(line.split()[1]) / 1000)
                self.wfile.write(b"rows: 4\n")
            else:
                self.wfile.write(b"ok\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request, client_address):
        pass  # a client that left


server = Server(("0.0.0.0", int(sys.argv[1])), Conversation)
print("ready", flush=True)
server.serve_forever()
