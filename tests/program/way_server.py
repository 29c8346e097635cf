# SPDX-License-Identifier: MIT
"""An HTTP server that is reached on another way than by an IPv4 address. It serves on for half a second after SIGTERM.

way_server.py unix PATH            a unix socket
way_server.py tcp HOST PORT        one address, IPv6 too
way_server.py tls PORT CERT [CA]   TLS on 127.0.0.1; CERT has the key, CA: clients need a certificate of it

A body says which host was asked for; /wrong has another body after SIGTERM."""

import http.server
import os
import signal
import socket
import ssl
import sys
import threading
import time

stopping = threading.Event()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/slow":
            time.sleep(0.4)
        body = b"other\n" if self.path == "/wrong" and stopping.is_set() else b"host " + self.headers["Host"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

    def address_string(self):
        return "client"


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 100

    def handle_error(self, *_):
        pass


def listen():
    kind, *arguments = sys.argv[1:]
    if kind == "unix":
        if os.path.exists(arguments[0]):
            os.unlink(arguments[0])
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(arguments[0])
    elif kind == "tcp":
        family = socket.AF_INET6 if ":" in arguments[0] else socket.AF_INET
        listener = socket.create_server((arguments[0], int(arguments[1])), family=family)
    else:
        listener = socket.create_server(("127.0.0.1", int(arguments[0])))
    listener.listen(100)
    if kind != "tls":
        return listener
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments[1])
    if len(arguments) > 2:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(arguments[2])
    return context.wrap_socket(listener, server_side=True, do_handshake_on_connect=False)


signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
server = Server(("", 0), Handler, bind_and_activate=False)
server.socket.close()
server.socket = listen()
threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
signal.sigwait({signal.SIGTERM})
stopping.set()
time.sleep(0.8)
os._exit(0)
