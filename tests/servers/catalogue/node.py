# SPDX-License-Identifier: MIT
"""Node's own servers and clients."""

from clients import H2, H2Tls, Http1, Https1, Work
from server import HttpServer, Stop

APP = """
const fs = require('fs');
const [kind, stop] = process.argv.slice(2);
const pem = { cert: fs.readFileSync('cert.pem'), key: fs.readFileSync('key.pem') };
const answer = (request, response) => setTimeout(() => {
  response.setHeader('Content-Length', 5);
  response.end('done\\n');
}, request.url.includes('slow') ? 3000 : 0);
const server = {
  http: () => require('http').createServer({ keepAliveTimeout: 60000 }, answer),
  https: () => require('https').createServer({ ...pem, keepAliveTimeout: 60000 }, answer),
  h2c: () => require('http2').createServer(answer),
  h2: () => require('http2').createSecureServer(pem, answer),
}[kind]();
server.keepAliveTimeout = 60000;
if (stop === 'close') process.on('SIGTERM', () => server.close(() => process.exit(0)));
server.listen(8080);
"""


class NodeHttp(HttpServer):
    """Without a handler: TERM ends it as it is."""

    name = "node-http"
    packages = "nodejs"
    version = "node --version"
    files = {"app.js": APP}
    command = "node app.js http"
    client = Http1

    def prepare(self, box):
        box.certificate()


class NodeYoung(NodeHttp):
    """One exchange tells nothing: its connection is waited for, but no longer than D."""

    name = "node-young"
    exchanges = 1
    stops = (Stop("TERM", options=("--longest-request=5s",), longest_request=5, note="D=5s"),)


class NodeHttps(NodeHttp):
    name = "node-https"
    command = "node app.js https"
    client = Https1
    in_ci = True


class NodeH2c(NodeHttp):
    name = "node-h2c"
    command = "node app.js h2c"
    client = H2


class NodeH2(NodeHttp):
    name = "node-h2"
    command = "node app.js h2"
    client = H2Tls


AGENT = """
const http = require('http');
const agent = new http.Agent({ keepAlive: true, maxSockets: 10 });
let answered = 0;
for (let i = 0; i < 10; i++)
  http.get({ host: '127.0.0.1', port: 8080, agent }, (response) => {
    response.resume();
    response.on('end', () => { if (++answered === 10) console.log('answered'); });
  }).on('error', () => {});
setInterval(() => {}, 1000);
process.on('uncaughtException', () => {});
"""


class NodeAgent(NodeHttp):
    """Ten idle clients of Node's http.Agent, whose TCP keep-alive comes each second."""

    name = "node-agent"
    files = {"app.js": APP, "agent.js": AGENT}
    stops = (Stop("TERM", options=("--longest-request=8s",), longest_request=8, note="D=8s"),)
    moment = 2.0

    def begin(self, box):
        client = box.spawn("node", "agent.js")
        if client.stdout.readline().strip() != "answered":
            raise AssertionError("the agents were not answered")
        return [Work("agents", lambda: None)]

    def during(self, box):
        return None
