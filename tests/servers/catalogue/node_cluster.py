# SPDX-License-Identifier: MIT
"""Node's cluster module: a primary process, and workers that serve."""

from server import Advice, HttpServer, Stop

APP = """
const cluster = require('cluster'), http = require('http');
if (cluster.isPrimary) {
  for (let i = 0; i < 2; i++) cluster.fork();
  process.on('SIGTERM', () => cluster.disconnect(() => process.exit(0)));
} else {
  process.on('SIGTERM', () => {});
  const server = http.createServer({ keepAliveTimeout: 60000 }, (request, response) => setTimeout(() => {
    response.setHeader('Content-Length', 5);
    response.end('done\\n');
  }, request.url.includes('slow') ? 3000 : 0)).listen(8080);
  // closes all
}
"""


class NodeCluster(HttpServer):
    name = "node-cluster"
    title = "Node cluster, disconnect()"
    kind = "javascript"
    signals = ("TERM",)
    guess = "disconnect() waits for the workers, which finish requests and wait for the never-used connection"
    note = ("disconnect() closes the workers' listeners, and waits for a worker with a never-used "
            "connection as close() does.")
    packages = "nodejs"
    version = "node --version"
    files = {"app.js": APP}
    command = "node app.js"
    advice = Advice(files={"app.js": APP.replace("// closes all", "process.on('disconnect', () => server.closeAllConnections());")},
                    set="`server.closeAllConnections()` in each worker on `disconnect`",
                    why="under `lastcall` TERM comes when no request is in flight, and this closes the rest")
    stops = (Stop("TERM", exits=(0, 137), ends_within=24.0),)
