#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# curl sends a POST again, without being asked to, where the server ended before its answer
#
# Guess: without --retry a request is sent once. A POST whose connection closes before an answer fails with 52; at most a
#   GET is sent again.
# Seen: on a connection that curl has used before it sends any request again, on a new connection, also a POST that the
#   server has read whole. The status is 0, and only -v mentions it. On a new connection it fails with 52.
# For containers: a server that is killed, or that cuts at its stop, may have done what a POST asked for. Its successor then
#   does it a second time, and no client reports a failure. libcurl does so, and with it what is built on it.
# Software: curl 7.88.1; Python 3.11 (http.client) to compare
# Source: curl, lib/transfer.c, Curl_retry_request; RFC 9110, section 9.2.2: a client should not repeat such a request
#   unless it knows that the server has not applied it
# Output, 2026-11-29:
#   curl, a first POST, without an answer: the server has read 1 POST, exit status 52
#   curl, a POST on a used connection, without an answer: the server has read 2 POST, exit status 0
#   curl, a GET on a used connection, without an answer: the server has read 2 GET, exit status 0
#   http.client, a POST on a used connection, without an answer: the server has read 1 POST, exit status 1
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debian curl=7.88.1-10+deb12u15 libcurl4=7.88.1-10+deb12u15
probe <<'PY'
import re
from probe import check, finish, run, socket, threading, write


class Server:
    """Reads whole requests, and answers all but number `cut_at`: it closes that connection."""

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.cut_at, self.read = 0, []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()

    def serve(self, connection):
        with connection:
            while method := self.read_request(connection):
                self.read.append(method)
                if len(self.read) == self.cut_at:
                    return
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ndone\n")

    @staticmethod
    def read_request(connection):
        request = b""
        while piece := connection.recv(65536):
            request += piece
            head, end, body = request.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            if end and len(body) >= (int(length[1]) if length else 0):
                return head.split()[0].decode()


server = Server(8080)
URL = "http://127.0.0.1:8080/"
write("post.py", """
import http.client
connection = http.client.HTTPConnection("127.0.0.1", 8080)
for method, body in (("GET", None), ("POST", "x=1")):
    connection.request(method, "/", body)
    connection.getresponse().read()
""")
GET, POST = ["-sS", URL], ["-sS", "--data", "x=1", URL]
for name, command, method, cut_at, expected in (
        ("curl, a first POST", ["curl", *POST], "POST", 1, (1, 52)),
        ("curl, a POST on a used connection", ["curl", *GET, "--next", *POST], "POST", 2, (2, 0)),
        ("curl, a GET on a used connection", ["curl", *POST, "--next", *GET], "GET", 2, (2, 0)),
        ("http.client, a POST on a used connection", ["/usr/bin/python3", "post.py"], "POST", 2, (1, 1))):
    server.read.clear()
    server.cut_at = cut_at
    status, _ = run(*command)
    words = "the server has read {} {method}, exit status {}"
    check(f"{name}, without an answer", words.format(server.read.count(method), status, method=method),
          words.format(*expected, method=method))
finish()
PY
