#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Bun's server.stop() waits for an unused connection only when it has nothing to do
#
# Guess: stop() resolves when the last request is answered; idle connections are closed, or are waited for in
#   any case.
# Seen: with a request in flight stop() resolves with its answer, and an unused connection is no matter. With
#   nothing in flight stop() waits for the unused connection, for ten seconds; idleTimeout, 60 s here, is no matter.
# For containers: the stop is quick under load, and slow where something else has waited for the requests: a
#   preStop hook, a load balancer, an init.
# Software: Bun 1.4.5 (npm, @oven/bun-linux-x64); Linux 6.18
# Source: bun.sh/docs/api/http, "server.stop()"
# Output, 2026-11-28:
#   in flight: answer: whole
#   in flight: ends with the answer: True
#   idle: still waits after 5 s: True
#   idle: ends after: 10.1 s
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
npm_packages @oven/bun-linux-x64@1.4.5
export bun=$work/node_modules/@oven/bun-linux-x64/bin/bun
probe <<'PY'
import os
from probe import Client, Server, check, finish, wait_for, write

write("app.js", """
const server = Bun.serve({ port: 8080, idleTimeout: 60, async fetch(request) {
  if (request.url.includes('slow')) { console.log('began'); await Bun.sleep(2000); }
  return new Response('done\\n');
} });
process.on('SIGTERM', async () => { await server.stop(); process.exit(0); });
""")
for name, in_flight in (("in flight", True), ("idle", False)):
    open("server.log", "w").close()
    server = Server(os.environ["bun"], "app.js", port=8080)
    unused = Client(8080)
    client = Client(8080)
    client.get("/slow")
    wait_for(lambda: "began" in server.log_text(), "the request")
    if not in_flight:
        client.wait_answer()
    server.signal("TERM")
    if in_flight:
        check(f"{name}: answer", client.answer(), "whole")
        check(f"{name}: ends with the answer", server.seconds_to_end(1) is not None, True)
    else:
        unused.thread.join(5)
        check(f"{name}: still waits after 5 s", server.is_running(), True)
        check(f"{name}: ends after", server.seconds_to_end(30), (5.0, 20.0))
finish()
PY
