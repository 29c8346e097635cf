# SPDX-License-Identifier: MIT
"""Bun's server, with stop() on TERM."""

import os

from server import Advice, HttpServer, Stop

APP = """
const server = Bun.serve({ port: 8080, idleTimeout: 60, async fetch(request) {
  if (request.url.includes('slow')) await Bun.sleep(3000);
  return new Response('done\\n');
} });
process.on('SIGTERM', async () => { await server.stop(); process.exit(0); });
"""


class Bun(HttpServer):
    title = "Bun, server.stop()"
    kind = "javascript"
    signals = ("TERM", "INT")
    guess = "stop() finishes requests; the never-used connection is held for idleTimeout"
    note = ("stop() waits 10 s for a connection that was never used, whatever idleTimeout says; with a request "
            "in flight it sometimes ends with the answer. stop(true) closes it.")
    product = "`bun` {} from npm"
    version = "echo 1.4.5"
    files = {"app.js": APP}
    command = "@dir@/bun app.js"
    advice = Advice(files={"app.js": APP.replace("server.stop()", "server.stop(true)")}, set="`server.stop(true)` in the handler of TERM",
                    why="under `lastcall` TERM comes when no request is in flight, and this closes the rest")
    stops = (Stop("TERM", exits=(0, 137), ends_within=24.0),)

    def missing(self):
        return None if os.path.exists("/usr/bin/npm") else "no npm here"

    def prepare(self, box):
        os.symlink(box.npm("@oven/bun-linux-x64@1.4.5") + "/@oven/bun-linux-x64/bin/bun", box.path("bun"))
