#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An HTTP/1.1 server of Python's own library, plain or over TLS: http_server.py PORT [CERTIFICATE KEY] [graceful].

GET /wait/MS answers after so long; GET /stream/WHEN/PIECES... sends a piece after each of the pauses (ms), its
head at once or with the first piece (WHEN: early, late); POST /upload/MS reads its body, then waits. A graceful one closes its listener on SIGTERM and
exits when every connection has ended; without that word SIGTERM ends it at once."""

import http.server
import signal
import ssl
import sys
import threading
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
    words = [word for word in sys.argv[2:] if word != "graceful"]
    if words:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*words)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    if "graceful" in sys.argv:
        server.daemon_threads = False  # the interpreter waits for them
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print("ready", flush=True)
    server.serve_forever()
    server.server_close()


if __name__ == "__main__":
    main()
