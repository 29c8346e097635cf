# SPDX-License-Identifier: MIT
"""Fastify."""

import os

from server import Advice, HttpServer, Stop

APP = """
const app = require('fastify')({ keepAliveTimeout: 60000 });
app.get('/slow', async () => { await new Promise((done) => setTimeout(done, 3000)); return 'done\\n'; });
app.get('/', async () => 'done\\n');
app.listen({ port: 8080, host: '0.0.0.0' });
process.on('SIGTERM', () => app.close().then(() => process.exit(0)));
"""


class Fastify(HttpServer):
    title = "Fastify, app.close()"
    kind = "javascript"
    signals = ("TERM",)
    guess = "close() finishes requests, answers 503 on open connections, and closes idle ones"
    note = ("close() waits for a connection that was never used: the default forceCloseConnections, "
            "`idle`, spares it. With HTTP/2 it waits for every session, and `forceCloseConnections: true` "
            "[drains them](../findings/fastify-http2-force-drains.sh).")
    product = "`fastify` {} from npm"
    version = "echo 5.12.8"
    files = {"app.js": APP}
    command = "node app.js"
    advice = Advice(files={"app.js": APP.replace("keepAliveTimeout: 60000", "keepAliveTimeout: 60000, forceCloseConnections: true")},
                    set="Fastify's `forceCloseConnections: true`",
                    why="under `lastcall` TERM comes when no request is in flight, and this closes the rest")
    stops = (Stop("TERM", exits=(137,), ends_within=24.0, outcome="killed", alarm=None),)

    def prepare(self, box):
        os.symlink(box.npm("fastify@5.12.8"), box.path("node_modules"))
