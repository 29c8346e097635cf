#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Bun's server.stop() waits ten seconds for a connection that was never used, whatever idleTimeout says
#
# Guess: stop() resolves when the last request is answered, and closes idle connections; or it waits for them
#   until idleTimeout.
# Seen: it closes an answered connection at once, and waits ten seconds for one that was never used; idleTimeout,
#   60 s here, is no matter. With a request in flight it often, but not always, ends with the answer.
# For containers: one connection that a load balancer opened in advance makes Docker's 10 s end in SIGKILL.
# Software: Bun 1.4.5 (npm, @oven/bun-linux-x64); Linux 6.18
# Source: bun.sh/docs/api/http, "server.stop()"
# Output, 2026-11-28:
#   the answer: whole
#   still waits after 5 s: True
#   ends after: 10.1 s
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
npm_packages @oven/bun-linux-x64@1.4.5
export bun=$work/node_modules/@oven/bun-linux-x64/bin/bun
probe <<'PY'
import os
from probe import Client, Server, check, finish, write

write("app.js", """
const server = Bun.serve({ port: 8080, idleTimeout: 60, async fetch(request) {
  if (request.url.includes('slow')) await Bun.sleep(2000);
  return new Response('done\\n');
} });
process.on('SIGTERM', async () => { await server.stop(); process.exit(0); });
""")
server = Server(os.environ["bun"], "app.js", port=8080)
unused = Client(8080)
client = Client(8080)
client.get("/slow")
check("the answer", client.answer(), "whole")
server.signal("TERM")
unused.thread.join(5)
check("still waits after 5 s", server.is_running(), True)
check("ends after", server.seconds_to_end(30), (5.0, 20.0))
finish()
PY
