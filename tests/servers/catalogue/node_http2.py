# SPDX-License-Identifier: MIT
"""Node's http2 with a handler that closes its server."""

from apps import NODE
from clients import H2
from server import Advice, HttpServer, Stop


class NodeHttp2Close(HttpServer):
    name = "node-http2"
    title = "Node http2, server.close()"
    kind = "javascript"
    signals = ("TERM",)
    guess = "close() sends GOAWAY, finishes streams and ends"
    note = "close() waits for all sessions, and an idle client keeps its session open for ever."
    shown = "node app.js"
    packages = "nodejs"
    version = "node --version"
    files = {"app.js": NODE}
    command = "node app.js h2c close"
    client = H2
    advice = Advice(command="node app.js h2c close-all", set="`session.destroy()` for each session after `server.close()`",
                    why="under `lastcall` TERM comes when no request is in flight, and this closes the rest")
    stops = (Stop("TERM", exits=(0, 137), ends_within=24.0, alarm=None, outcome="killed"),)

    def prepare(self, box):
        box.certificate()
