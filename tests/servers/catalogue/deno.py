# SPDX-License-Identifier: MIT
"""Deno's server, with shutdown() on TERM."""

import os

from server import HttpServer, Stop

APP = """
const server = Deno.serve({ port: 8080 }, async (request) => {
  if (request.url.includes('slow')) await new Promise((done) => setTimeout(done, 3000));
  return new Response('done\\n');
});
Deno.addSignalListener('SIGTERM', async () => { await server.shutdown(); Deno.exit(0); });
"""


class Deno(HttpServer):
    title = "Deno, server.shutdown()"
    kind = "javascript"
    signals = ("TERM", "INT")
    guess = "shutdown() finishes requests and closes idle connections"
    note = "shutdown() closes idle connections at once, also those that were never used."
    product = "`deno` {} from npm"
    version = "echo 2.9.6"
    files = {"app.js": APP}
    command = "@dir@/deno run --allow-net --no-prompt app.js"
    environment = {"DENO_DIR": "@dir@/cache", "DENO_NO_UPDATE_CHECK": "1"}
    stops = (Stop("TERM", exits=(0, 137), ends_within=24.0),)

    def missing(self):
        return None if os.path.exists("/usr/bin/npm") else "no npm here"

    def prepare(self, box):
        os.symlink(box.npm("@deno/linux-x64-glibc@2.9.6") + "/@deno/linux-x64-glibc/deno", box.path("deno"))
