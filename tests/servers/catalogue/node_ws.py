# SPDX-License-Identifier: MIT
"""WebSocket with the package ws."""

import os

from clients import WebSocket
from server import Advice, HttpServer, Stop

APP = """
const { WebSocketServer } = require('ws');
const server = require('http').createServer({ keepAliveTimeout: 60000 }, (request, response) => setTimeout(() => {
  response.setHeader('Content-Length', 5);
  response.end('done\\n');
}, request.url.includes('slow') ? 3000 : 0));
const sockets = new WebSocketServer({ server });
sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(String(data))));
server.listen(8080);
process.on('SIGTERM', () => {
  for (const socket of sockets.clients) socket.close(1001);
  server.close(() => process.exit(0));
});
"""


class NodeWs(HttpServer):
    """TERM closes each WebSocket with 1001, then the server."""

    name = "node-ws"
    title = "Node with ws"
    kind = "javascript"
    signals = ("TERM",)
    guess = "each WebSocket gets 1001, then the server ends"
    note = ("ws closes nothing by itself: the application has to close each WebSocket. This one does so with "
            "1001. `lastcall` cannot tell a silent WebSocket from work, and its report may count one "
            "as cut: the close frame of the client looks like a request.")
    product = "`ws` {} from npm"
    version = "echo 8.23.0"
    files = {"app.js": APP}
    command = "node app.js"
    never_used = False
    advice = Advice(options=("--order=signal-first",), why="a silent WebSocket looks like work, and the server drains by itself")
    stops = (Stop("TERM", exits=(0,), ends_within=3.0, alarm=None, options=("--order=signal-first",)),)

    def prepare(self, box):
        os.symlink(box.npm("ws@8.23.0"), box.path("node_modules"))

    def begin(self, box):
        works = super().begin(box)
        box.idle["WebSocket"] = WebSocket(box)
        return works
