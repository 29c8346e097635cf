#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Node's foreman has no handler for TERM, and its INT does not reach the application
#
# Guess: a process manager passes TERM on to what it manages, and waits for it.
# Seen: TERM ends it at once, and its programs run on; as PID 1 it ignores TERM, and nothing ends until SIGKILL. INT,
#   its only signal, goes to the shell that it has put in front of each program; dash holds INT until its program ends,
#   and so the program, which has a handler, never sees it. From a terminal Ctrl-C works: it goes to all.
# For containers: no STOPSIGNAL gives the application its stop.
# Software: foreman 3.0.1 (npm), dash as /bin/sh; Node 20; Linux 6.18
# Source: foreman, nf.js (process.once('SIGINT')), lib/proc.js (shell)
# Output, 2026-11-29:
#   TERM: it has ended 8 s later: True
#   TERM: the application answers: True
#   TERM: the application saw a signal: False
#   as PID 1, TERM: it has ended 8 s later: False
#   as PID 1, TERM: the application answers: True
#   as PID 1, TERM: the application saw a signal: False
#   INT: it has ended 8 s later: False
#   INT: the application answers: True
#   INT: the application saw a signal: False
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
npm_packages foreman@3.0.1
[ "$(readlink /bin/sh)" = dash ] || cannot_run "needs dash as /bin/sh"
probe <<'PY'
import os
from probe import Client, Server, check, finish, is_listening, subprocess, wait_for, write

write("Procfile", "web: node app.js\n")
write("app.js", """
const fs = require('fs');
const server = require('http').createServer((request, response) => response.end('done\\n')).listen(8080);
fs.writeFileSync('pid', String(process.pid));
for (const name of ['SIGTERM', 'SIGINT'])
    process.on(name, () => { fs.writeFileSync('stopping', ''); server.close(() => process.exit(0)); });
""")


def is_served():
    client = Client(8080)
    client.socket.sendall(b"GET / HTTP/1.0\r\n\r\n")
    return client.answer() == "whole"


def stop(name, signal, limit, ends, as_pid1=False):
    for file in ("pid", "stopping"):
        if os.path.exists(file):
            os.remove(file)
    server = Server("node", os.environ["NODE_PATH"] + "/foreman/nf.js", "start", "--port", "8080", port=8080,
                    as_pid1=as_pid1, env={"HOME": os.getcwd()})
    wait_for(lambda: os.path.exists("pid") and open("pid").read(), "the application")
    server.signal(signal)
    try:
        server.process.wait(limit)
    except subprocess.TimeoutExpired:
        pass
    check(f"{name}: it has ended {limit} s later", not server.is_running(), ends)
    check(f"{name}: the application answers", is_served(), True)
    check(f"{name}: the application saw a signal", os.path.exists("stopping"), False)
    if server.is_running():
        os.kill(server.pid, 9)
    if not as_pid1:
        os.kill(int(open("pid").read()), 9)
    server.process.wait()
    wait_for(lambda: not is_listening(8080), "the end of node")


stop("TERM", "TERM", 8, True)
stop("as PID 1, TERM", "TERM", 8, False, as_pid1=True)
stop("INT", "INT", 8, False)
finish()
PY
