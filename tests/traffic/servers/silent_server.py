#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A server that never answers: silent_server.py PORT [deferred]. It reads what its clients tell it, as a receiver
of logs does; or it has them wait in the kernel until they speak (TCP_DEFER_ACCEPT)."""

import socket
import socketserver
import sys


class Reader(socketserver.BaseRequestHandler):
    def handle(self):
        while self.request.recv(65536):
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request, client_address):
        pass  # a client that left


server = Server(("0.0.0.0", int(sys.argv[1])), Reader)
if "deferred" in sys.argv:
    server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 60)
print("ready", flush=True)
server.serve_forever()
