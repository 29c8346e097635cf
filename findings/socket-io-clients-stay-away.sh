#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Socket.IO's clients do not come back after a stop with io.disconnectSockets()
#
# Guess: a client that its server disconnects at a stop reconnects by itself, as after io.close().
# Seen: io.disconnectSockets() sends a packet of its own. The client's reason is then "io server disconnect", and it never
#   tries again, with a healthy server on the same port. After io.close(), after the HTTP server alone was closed, and after
#   SIGKILL it is back within a second.
# For containers: the stop that says goodbye to each client leaves each browser without a connection until its page is
#   loaded again. io.close() alone is right.
# Software: socket.io 4.8.4, socket.io-client 4.8.4 (npm); Node 20
# Source: socket.io, dist/socket.js (disconnect), socket.io-client, build/cjs/socket.js (ondisconnect), manager.js
# Output, 2026-11-29:
#   io.disconnectSockets(): io server disconnect, not back after 5 s
#   io.close(): transport close, back
#   server.close(); server.closeAllConnections(): transport close, back
#   SIGKILL: transport close, back
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
npm_packages socket.io@4.8.4 socket.io-client@4.8.4
probe <<'PY'
from probe import Server, check, finish, subprocess, time, wait_for, write

write("server.js", """
const server = require('http').createServer();
const io = new (require('socket.io').Server)(server);
server.listen(8080, '127.0.0.1');
process.on('SIGTERM', () => {
    eval(process.env.STOP);
    setTimeout(() => process.exit(0), 300);
});
""")
write("client.js", """
const socket = require('socket.io-client').io('http://127.0.0.1:8080',
    { transports: ['websocket'], reconnectionDelay: 100, reconnectionDelayMax: 300 });
socket.on('connect', () => console.log('connected'));
socket.on('disconnect', (reason) => console.log(reason));
""")


def client_says(stop):
    """Its words, after the server has been stopped and started again."""
    server = Server("node", "server.js", port=8080, env={"STOP": stop})
    with open("client.log", "w") as log:
        client = subprocess.Popen(["node", "client.js"], stdout=log)
    wait_for(lambda: "connected" in words(), "the client")
    server.signal("TERM" if stop else "KILL")
    server.seconds_to_end()
    wait_for(lambda: len(words()) > 1, "the client's reason")
    server = Server("node", "server.js", port=8080, env={"STOP": ""})
    end = time.monotonic() + 5
    while time.monotonic() < end and len(words()) == 2:
        time.sleep(0.02)
    back = "back" if words()[2:] == ["connected"] else "not back after 5 s"
    for process in (client, server.process):
        process.kill()
        process.wait()
    return f"{words()[1]}, {back}"


def words():
    with open("client.log") as log:
        return log.read().splitlines()


for stop, expected in (("io.disconnectSockets()", "io server disconnect, not back after 5 s"),
                       ("io.close()", "transport close, back"),
                       ("server.close(); server.closeAllConnections()", "transport close, back"),
                       ("", "transport close, back")):
    check(stop or "SIGKILL", client_says(stop), expected)
finish()
PY
