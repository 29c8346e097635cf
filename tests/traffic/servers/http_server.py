#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An HTTP/1.1 server of Python's own library, plain or over TLS: http_server.py PORT [CERTIFICATE KEY].

GET /wait/MS answers after so long; GET /stream/WHEN/PIECES... sends a piece after each of the pauses (ms), its
head at once or with the first piece (WHEN: early, late); POST /upload/MS reads its body, then waits."""

import http.server
import ssl
import sys
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, ms):
        time.sleep(ms / 1000)
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"done")

    def stream(self, when, pauses):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        if when == "early":
            self.end_headers()
        for pause in pauses:
            time.sleep(pause / 1000)
            if when == "late":
                self.end_headers()
                when = "sent"
            self.wfile.write(b"5\r\npiece\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def do_GET(self):
        words = self.path.split("/")
        if words[1] == "stream":
            self.stream(words[2], [int(pause) for pause in words[3].split(",")])
        else:
            self.answer(int(words[2]))

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(int(self.path.split("/")[2]))

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 512

    def handle_error(self, request, client_address):
        pass  # a client that left


def main():
    server = Server(("0.0.0.0", int(sys.argv[1])), Handler)
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
