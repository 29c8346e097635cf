#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fastify's forceCloseConnections drains HTTP/2, and cuts HTTP/1.1; without it an HTTP/2 client holds the stop
#
# Guess: app.close() sends GOAWAY, finishes the streams, and ends. forceCloseConnections: true cuts all, as the manual
#   says: "all persistent connections are destroyed immediately".
# Seen: by default app.close() sends no GOAWAY, and waits until each client closes its session, or has been silent for
#   http2SessionTimeout, 72 s. With forceCloseConnections: true it sends GOAWAY at once, finishes the stream in flight,
#   and ends with it: the option that cuts a request of HTTP/1.1 is the graceful stop of HTTP/2.
# For containers: without the option, which is left out to lose nothing, each stop behind an HTTP/2 client ends in SIGKILL,
#   and until then the client sends its requests on the old session.
# Software: fastify 5.12.8 (npm); Node 20; Linux 6.18
# Source: fastify, lib/server.js (createCloseHttp2SessionsByHttp2Server); docs/Reference/Server.md, forceCloseConnections
# Output, 2026-11-29:
#   HTTP/1.1, forceCloseConnections, a request in flight: cut, ends
#   HTTP/2, an idle client: whole, still running after 5 s, GOAWAY: no
#   HTTP/2, a request in flight: whole, still running after 5 s, GOAWAY: no
#   HTTP/2, forceCloseConnections, a request in flight: whole, ends, GOAWAY: yes
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
npm_packages fastify@5.12.8
probe <<'PY'
import json
import os
from probe import Client, Http2, Server, check, finish, wait_for, write

write("app.js", """
const app = require('fastify')(JSON.parse(process.env.OPTIONS));
app.get('/slow', async () => {
    require('fs').writeFileSync('began', '');
    await new Promise((resolve) => setTimeout(resolve, 2000));
    return 'done\\n';
});
app.get('/', async () => 'done\\n');
app.listen({ port: 8080, host: '127.0.0.1' });
process.on('SIGTERM', () => app.close().then(() => process.exit(0)));
""")


def stop(kind, force, path):
    """What becomes of a client that is idle, or has a request of 2 s in flight."""
    options = {"http2": kind is Http2} | ({"forceCloseConnections": True} if force else {})
    if os.path.exists("began"):
        os.remove("began")
    server = Server("node", "app.js", port=8080, env={"OPTIONS": json.dumps(options)})
    client = kind(8080)
    client.get(path)
    wait_for(lambda: os.path.exists("began") if path == "/slow" else client.answer() == "whole", "the request")
    server.signal("TERM")
    answer = client.answer()
    ended = "ends" if server.seconds_to_end(5) is not None else "still running after 5 s"
    goaway = f", GOAWAY: {'yes' if 'GOAWAY' in client.names() else 'no'}" if kind is Http2 else ""
    return f"{answer}, {ended}{goaway}"


for kind, force, path, expected in (
        (Client, True, "/slow", "cut, ends"),
        (Http2, False, "/", "whole, still running after 5 s, GOAWAY: no"),
        (Http2, False, "/slow", "whole, still running after 5 s, GOAWAY: no"),
        (Http2, True, "/slow", "whole, ends, GOAWAY: yes")):
    name = ("HTTP/2" if kind is Http2 else "HTTP/1.1") + (", forceCloseConnections" if force else "")
    client = "a request in flight" if path == "/slow" else "an idle client"
    check(f"{name}, {client}", stop(kind, force, path), expected)
finish()
PY
