#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Libraries for a graceful stop of Node cut requests after one second, or five, or ten
#
# Guess: they wait for the requests in flight, as Node's server.close() does, and leave the limit to the stop timeout.
# Seen: terminus and http-terminator cut after 1 s, throng after 5 s, close-with-grace after 10 s. http-terminator and
#   throng exit with 0. stoppable and http-graceful-shutdown wait.
# For containers: a service loses its longer requests because of the library that was added to lose none. The
#   options are timeout (terminus), gracefulTerminationTimeout (http-terminator), grace (throng), delay
#   (close-with-grace); the stop timeout of the container changes none of them.
# Software: @godaddy/terminus 4.12.1, http-terminator 3.2.0, throng 5.0.0, close-with-grace 2.5.0, stoppable 1.1.0,
#   http-graceful-shutdown 4.0.0 (npm); Node 20
# Source: the README of each
# Output, 2026-11-29:
#   server.close(): a request of 15 s: whole
#   server.close(): ends after: 15.0 s
#   server.close(): exit status: 0
#   terminus: a request of 15 s: cut
#   terminus: ends after: 1.9 s
#   terminus: exit status: 143
#   http-terminator: a request of 15 s: cut
#   http-terminator: ends after: 1.5 s
#   http-terminator: exit status: 0
#   throng: a request of 15 s: cut
#   throng: ends after: 5.0 s
#   throng: exit status: 0
#   close-with-grace: a request of 15 s: cut
#   close-with-grace: ends after: 10.0 s
#   close-with-grace: exit status: 1
#   stoppable: a request of 15 s: whole
#   stoppable: ends after: 15.0 s
#   stoppable: exit status: 0
#   http-graceful-shutdown: a request of 15 s: whole
#   http-graceful-shutdown: ends after: 15.1 s
#   http-graceful-shutdown: exit status: 0
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
npm_packages @godaddy/terminus@4.12.1 http-terminator@3.2.0 throng@5.0.0 close-with-grace@2.5.0 stoppable@1.1.0 \
	http-graceful-shutdown@4.0.0
probe <<'PY'
import os
from probe import Client, Server, check, finish, wait_for, write

LISTEN = "server.listen(port, '127.0.0.1');"
CASES = {  # name: (its use, the end of a request of 15 s, the seconds until then, the exit status)
    "server.close()": (LISTEN + "process.on('SIGTERM', () => server.close(() => process.exit(0)));", "whole", (10.0, 25.0), 0),
    "terminus": ("require('@godaddy/terminus').createTerminus(server, { signal: 'SIGTERM' });" + LISTEN, "cut", (0.5, 5.0), 143),
    "http-terminator": ("const it = require('http-terminator').createHttpTerminator({ server });" + LISTEN
                        + "process.on('SIGTERM', () => it.terminate().then(() => process.exit(0)));", "cut", (0.5, 5.0), 0),
    "throng": ("require('throng')({ count: 1, worker: (id, disconnect) => {" + LISTEN
               + "process.on('SIGTERM', () => server.close(disconnect)); } });", "cut", (4.5, 9.0), 0),
    "close-with-grace": ("require('close-with-grace')(() => new Promise((done) => server.close(done)));" + LISTEN,
                         "cut", (9.5, 15.0), 1),
    "stoppable": ("require('stoppable')(server);" + LISTEN + "process.on('SIGTERM', () => server.stop(() => process.exit(0)));",
                  "whole", (10.0, 25.0), 0),
    "http-graceful-shutdown": ("require('http-graceful-shutdown')(server);" + LISTEN, "whole", (10.0, 25.0), 0),
}
running = {}
for port, (name, (use, *_)) in enumerate(CASES.items(), 8080):
    write(f"app{port}.js", f"""
const port = {port};
const server = require('http').createServer((request, response) => {{
    require('fs').writeFileSync('began' + port, '');
    setTimeout(() => response.end('done\\n'), 15000);
}});
{use}
""")
    server = Server("node", f"app{port}.js", port=port)
    client = Client(port, b"GET / HTTP/1.0\r\n\r\n")
    wait_for(lambda: os.path.exists(f"began{port}"), "the request")
    server.signal("TERM")
    running[name] = server, client
ended = {}
wait_for(lambda: ended.update({name: server.seconds_to_end(0.01) for name, (server, _) in running.items()
                               if name not in ended and not server.is_running()}) or len(ended) == len(running), "the ends")
for name, (_, answer, seconds, status) in CASES.items():
    server, client = running[name]
    check(f"{name}: a request of 15 s", client.answer(), answer)
    check(f"{name}: ends after", ended[name], seconds)
    check(f"{name}: exit status", server.status(), status)
finish()
PY
