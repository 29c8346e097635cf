# SPDX-License-Identifier: MIT
"""Clients of Node's http.Agent."""

from apps import NODE
from clients import Work
from server import Stop

from catalogue.node import NodeHttp

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
    files = {"app.js": NODE, "agent.js": AGENT}
    stops = (Stop("TERM", options=("--longest-request=8s",), longest_request=8, note="D=8s"),)
    moment = 2.0

    def begin(self, box):
        client = box.spawn("node", "agent.js")
        if client.stdout.readline().strip() != "answered":
            raise AssertionError("the agents were not answered")
        return [Work("agents", lambda: None)]

    def during(self, box):
        return None
