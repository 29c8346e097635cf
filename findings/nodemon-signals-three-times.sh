#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# nodemon answers one TERM with three signals to the application, which cuts its stop
#
# Guess: nodemon passes TERM on, once, and waits for the application.
# Seen: the application gets SIGTERM, and SIGINT twice, within milliseconds. One that exits at its second signal, as
#   many do so that Ctrl-C twice ends them, is cut. nodemon exits with 143, whatever the application's status is.
# For containers: a stop in a container that nodemon runs, as in many compose files for development and test, loses
#   requests that the same application finishes without it.
# Software: nodemon 3.1.14 (npm); Node 20; Linux 6.18
# Source: nodemon, lib/monitor/run.js (on SIGTERM: child.kill('SIGTERM'), then "quit"; and at quit SIGINT)
# Output, 2026-11-29:
#   node: signals: SIGTERM
#   node: the request in flight: whole
#   node: exit status: 7
#   nodemon: signals: SIGTERM SIGINT SIGINT
#   nodemon: exit status: 143
#   nodemon, the second signal ends the application: the request in flight: cut
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
npm_packages nodemon@3.1.14
probe <<'PY'
import os
from probe import Client, Server, check, finish, wait_for, write

write("app.js", """
const fs = require('fs');
const server = require('http').createServer((request, response) => {
    fs.writeFileSync('began', '');
    setTimeout(() => response.end('done\\n'), 3000);
}).listen(8080);
let signals = 0;
for (const name of ['SIGTERM', 'SIGINT'])
    process.on(name, () => {
        fs.appendFileSync('signals', name + ' ');
        if (++signals > 1 && process.env.HURRY) process.exit(1);
        server.close(() => process.exit(7));
    });
""")
nodemon = os.environ["NODE_PATH"] + "/nodemon/bin/nodemon.js"


def stop(name, *command, env=None):
    """What the application's signals were, the answer to a request in flight, the exit status."""
    for file in ("began", "signals"):
        if os.path.exists(file):
            os.remove(file)
    server = Server(*command, port=8080, env={"HOME": os.getcwd(), **(env or {})})
    client = Client(8080)
    client.socket.sendall(b"GET / HTTP/1.0\r\n\r\n")
    wait_for(lambda: os.path.exists("began"), "the request")
    server.signal("TERM")
    answer = client.answer()
    server.seconds_to_end()
    with open("signals") as file:
        return file.read().strip(), answer, server.status()


signals, answer, status = stop("node", "node", "app.js")
check("node: signals", signals, "SIGTERM")
check("node: the request in flight", answer, "whole")
check("node: exit status", status, 7)
signals, answer, status = stop("nodemon", "node", nodemon, "app.js")
check("nodemon: signals", signals, "SIGTERM SIGINT SIGINT")
check("nodemon: exit status", status, 143)
signals, answer, status = stop("nodemon", "node", nodemon, "app.js", env={"HURRY": "1"})
check("nodemon, the second signal ends the application: the request in flight", answer, "cut")
finish()
PY
