#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# pm2-runtime turns TERM into INT, so that a handler for TERM is never run
#
# Guess: pm2-runtime is made for containers: it passes TERM on to the application.
# Seen: the application gets INT. Without a handler for INT it ends at once, its requests are cut, and
#   pm2-runtime exits with 0.
# For containers: the graceful stop that was tried with "node app.js" does not happen, and the status says nothing.
# Software: pm2 7.0.4 (npm); Node 20; Linux 6.18
# Source: pm2.keymetrics.io/docs/usage/signals-clean-restart; PM2_KILL_SIGNAL, default SIGINT
# Output, 2026-11-28:
#   TERM handler only: answer: cut
#   TERM handler only: exit status: 0
#   INT handler, too: answer: whole
#   INT handler, too: exit status: 0
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
npm_packages pm2@7.0.4
probe <<'PY'
import os
from probe import Client, Server, check, finish, wait_for, write

for name, signals, answer in (("TERM handler only", ["SIGTERM"], "cut"), ("INT handler, too", ["SIGTERM", "SIGINT"], "whole")):
    open("server.log", "w").close()
    write("app.js", f"""
const server = require('http').createServer((request, response) => {{
  console.log('began');
  setTimeout(() => response.end('done\\n'), 1000);
}}).listen(8080);
for (const signal of {signals}) process.on(signal, () => server.close(() => process.exit(0)));
""")
    server = Server("node", os.environ["NODE_PATH"] + "/pm2/bin/pm2-runtime", "app.js", port=8080,
                    env={"PM2_HOME": os.getcwd() + "/pm2", "HOME": os.getcwd()})
    client = Client(8080)
    client.socket.sendall(b"GET / HTTP/1.0\r\n\r\n")
    wait_for(lambda: "began" in server.log_text(), "the request")
    server.signal("TERM")
    check(f"{name}: answer", client.answer(), answer)
    server.seconds_to_end(20)
    check(f"{name}: exit status", server.status(), 0)
finish()
PY
