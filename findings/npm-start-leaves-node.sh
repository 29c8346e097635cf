#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# npm start and yarn start end on TERM, and leave the server running
#
# Guess: npm passes TERM on to its script and waits for it; its shell execs node, so that there is nothing between.
# Seen: npm signals the shell that it has started, the shell ends, npm ends with 143, and node goes on serving.
#   yarn 1 ends with 1 and leaves node as well. As the container's command they take node down with SIGKILL: the
#   kernel ends a pid namespace with its PID 1.
# For containers: the request in flight is cut, although the application has a handler for TERM.
# Software: npm 11.19.1, yarn 1.22.22 (npm); Node 20; Linux 6.18
# Source: npm/promise-spawn, @npmcli/run-script (signal-manager.js); pid_namespaces(7)
# Output, 2026-11-28:
#   npm: exit status: 143
#   npm: node still answers: True
#   npm: the application saw TERM: False
#   yarn: exit status: 1
#   yarn: node still answers: True
#   yarn: the application saw TERM: False
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
npm_packages npm@11.19.1 yarn@1.22.22
probe <<'PY'
import os
from probe import Client, Server, check, finish, wait_for, write

write("package.json", '{"name": "app", "version": "1.0.0", "scripts": {"start": "node app.js"}}')
write("app.js", """
const fs = require('fs');
const server = require('http').createServer((request, response) => response.end('done\\n')).listen(8080);
fs.writeFileSync('pid', String(process.pid));
process.on('SIGTERM', () => { fs.writeFileSync('term', 'TERM'); server.close(); });
""")
modules = os.environ["NODE_PATH"]
for name, script, status in (("npm", "npm/bin/npm-cli.js", 143), ("yarn", "yarn/bin/yarn.js", 1)):
    for file in ("pid", "term"):
        if os.path.exists(file):
            os.remove(file)
    server = Server("node", f"{modules}/{script}", "start", port=8080,
                    env={"npm_config_update_notifier": "false", "HOME": os.getcwd()})
    server.signal("TERM")
    server.seconds_to_end()
    check(f"{name}: exit status", server.status(), status)
    client = Client(8080)
    client.socket.sendall(b"GET / HTTP/1.0\r\n\r\n")
    check(f"{name}: node still answers", client.answer() == "whole", True)
    check(f"{name}: the application saw TERM", os.path.exists("term"), False)
    os.kill(int(open("pid").read()), 9)
    wait_for(lambda: not os.path.exists(f"/proc/{open('pid').read()}/exe"), "the end of node")
finish()
PY
